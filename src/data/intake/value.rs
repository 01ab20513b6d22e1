//! A cell becomes a value of its property, or says why not.

use super::sheet::rollup::is_none;
use super::sheet::unit::{self, Unit};
use super::sheet::{Cell, Kind, is_fault, moment};
use super::vocabulary::choices;
use crate::core::columns::{Column, Moment, Value};
use crate::core::model::{BooleanWords, Codelist, PropertySpec, PropertyType, TimeZone};
use crate::core::query::LIST_SEPARATORS;
use crate::data::load::CellValue;
use std::borrow::Cow;
use std::ops::AddAssign;

/// How a property's cells are read.
#[derive(Debug)]
pub struct Reading {
    /// The property.
    pub spec: PropertySpec,
    /// Its codelist.
    pub codelist: Option<Codelist>,
    choices: Vec<String>,
    factor: f64,
    unit: Option<Unit>,
    zone: TimeZone,
}

/// Why a cell gives no value.
#[derive(Clone, Debug, PartialEq)]
pub enum Trouble {
    /// A number is wanted.
    NotANumber,
    /// A whole number is wanted.
    NotWhole,
    /// Outside the bounds of the property; the number as it was taken.
    OutOfRange(f64),
    /// A date or a year is wanted.
    NotADate,
    /// 是 or 否 is wanted.
    NotABoolean,
    /// None of these words.
    NotAChoice(Vec<String>),
    /// In no codelist; the words.
    NotACode(Vec<String>),
    /// A formula's error, such as #N/A.
    Formula,
    /// A formula whose result is not in the file.
    NoResult,
    /// An amount in another currency.
    OtherCurrency,
}

/// What was done to read values, and how often.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Done {
    /// A number stood there as text.
    pub text_number: u32,
    /// A date stood there as text, or as its serial number.
    pub odd_date: u32,
    /// Decimals beyond those of the property were rounded.
    pub rounded: u32,
    /// A mark for none, such as —, was read as no value.
    pub none: u32,
    /// An instant became a day in the dataset's time zone.
    pub in_zone: u32,
    /// A number had its unit in its own cell.
    pub own_unit: u32,
    /// A word became the code of its codelist or choice.
    pub coded: u32,
}

impl AddAssign for Done {
    fn add_assign(&mut self, more: Self) {
        self.text_number += more.text_number;
        self.odd_date += more.odd_date;
        self.rounded += more.rounded;
        self.none += more.none;
        self.in_zone += more.in_zone;
        self.own_unit += more.own_unit;
        self.coded += more.coded;
    }
}

impl Done {
    /// Each once where it was done at all: what a row counts for.
    pub(super) fn once(self) -> Self {
        Self {
            text_number: self.text_number.min(1),
            odd_date: self.odd_date.min(1),
            rounded: self.rounded.min(1),
            none: self.none.min(1),
            in_zone: self.in_zone.min(1),
            own_unit: self.own_unit.min(1),
            coded: self.coded.min(1),
        }
    }
}

impl Reading {
    /// Prepares the reading of a column.
    pub fn new(spec: PropertySpec, codelist: Option<Codelist>, factor: f64, zone: TimeZone) -> Self {
        let choices = choices(&spec);
        let unit = spec.unit.as_ref().and_then(|u| Unit::of(&u.zh).or_else(|| Unit::of(&u.en)));
        Self { spec, codelist, choices, factor, unit, zone }
    }

    /// Reads a cell that is not empty. A mark for none gives null, unless it means something here.
    pub fn read<'a>(&'a self, cell: Cell<'a>) -> Result<(CellValue<'a>, Done), Trouble> {
        self.read_by(cell, self.factor)
    }

    /// Reads a cell whose unit or currency stands beside it, in the same row: where it says something, it counts more than
    /// what the head says.
    pub fn read_beside<'a>(
        &'a self,
        cell: Cell<'a>,
        beside: &str,
        currency_only: bool,
    ) -> Result<(CellValue<'a>, Done), Trouble> {
        let (Some(from), Some(to)) = (Unit::of(unit::bare(beside)), self.unit) else { return self.read(cell) };
        if from.is_other_currency(to) {
            return Err(Trouble::OtherCurrency);
        }
        if currency_only {
            return self.read(cell);
        }
        let factor = from.per(to).ok_or(Trouble::NotANumber)?;
        let (value, mut done) = self.read_by(cell, factor)?;
        done.own_unit += u32::from(factor.to_bits() != self.factor.to_bits() && done.own_unit == 0);
        Ok((value, done))
    }

    fn read_by<'a>(&'a self, cell: Cell<'a>, factor: f64) -> Result<(CellValue<'a>, Done), Trouble> {
        if cell.kind == Kind::Fault {
            return Err(if cell.text.starts_with('=') { Trouble::NoResult } else { Trouble::Formula });
        }
        let free = self.spec.ty == PropertyType::String && self.codelist.is_none() && self.choices.is_empty();
        // as a spreadsheet writes it into a CSV
        if !free && cell.kind == Kind::Text && is_fault(cell.text) {
            return Err(Trouble::Formula);
        }
        match self.value(cell, factor) {
            Err(_) if !free && is_none(cell.text) => Ok((CellValue::Null, Done { none: 1, ..Done::default() })),
            read => read,
        }
    }

    fn value<'a>(&'a self, cell: Cell<'a>, factor: f64) -> Result<(CellValue<'a>, Done), Trouble> {
        let text = cell.text;
        let mut done = Done::default();
        let value = match self.spec.ty {
            PropertyType::String => CellValue::Str(self.word(text, &mut done)?),
            PropertyType::Strings => {
                // GeoPackages, and files of ours whose words hold a separator, have lists as JSON
                let listed: Option<Vec<Cow<str>>> =
                    text.starts_with('[').then(|| serde_json::from_str(text).ok()).flatten();
                let split = || text.split(LIST_SEPARATORS).map(Cow::Borrowed).collect();
                let words: Vec<Cow<'a, str>> = listed.unwrap_or_else(split);
                let trimmed = |word: Cow<'a, str>| match word {
                    Cow::Borrowed(word) => Cow::Borrowed(word.trim()),
                    Cow::Owned(word) => Cow::Owned(word.trim().to_owned()),
                };
                let words = words.into_iter().map(trimmed).filter(|w| !w.is_empty());
                let mut codes = Vec::new();
                let mut unknown = Vec::new();
                for word in words {
                    match self.code(&word, &mut done) {
                        Ok(code) => {
                            let code = CellValue::Str(code.map_or(word, Cow::Borrowed));
                            if !codes.contains(&code) {
                                codes.push(code);
                            }
                        }
                        Err(_) => unknown.push(word.into_owned()),
                    }
                }
                if !unknown.is_empty() {
                    return Err(Trouble::NotACode(unknown));
                }
                CellValue::List(codes)
            }
            PropertyType::Integer | PropertyType::Number => self.number(cell, factor, &mut done)?,
            PropertyType::Boolean => CellValue::Bool(boolean(text, &self.spec.words).ok_or(Trouble::NotABoolean)?),
            PropertyType::Date => {
                let day = date(cell, &self.zone).ok_or(Trouble::NotADate)?;
                done.in_zone += u32::from(is_instant(cell.text));
                done.odd_date += u32::from(cell.kind != Kind::Date && day != text);
                CellValue::Str(Cow::Owned(day))
            }
            PropertyType::Datetime => {
                let moment = datetime(cell, &self.zone).ok_or(Trouble::NotADate)?;
                done.odd_date += u32::from(cell.kind != Kind::Date && moment != text);
                CellValue::Str(Cow::Owned(moment))
            }
        };
        Ok((value, done))
    }

    fn word<'a>(&'a self, text: &'a str, done: &mut Done) -> Result<Cow<'a, str>, Trouble> {
        self.code(text, done).map(|code| Cow::Borrowed(code.unwrap_or(text)))
    }

    /// The code or choice that a word stands for; none where it stands for itself.
    fn code(&self, text: &str, done: &mut Done) -> Result<Option<&str>, Trouble> {
        if let Some(list) = &self.codelist {
            let (_, entry) = list.find(text).ok_or_else(|| Trouble::NotACode(vec![text.to_owned()]))?;
            done.coded += u32::from(entry.code != text);
            return Ok(Some(&entry.code));
        }
        if self.choices.is_empty() {
            return Ok(None);
        }
        match self.choices.iter().find(|code| code.eq_ignore_ascii_case(text)) {
            Some(code) => {
                done.coded += u32::from(code != text);
                Ok(Some(code))
            }
            None => Err(Trouble::NotAChoice(self.choices.clone())),
        }
    }

    fn number(&self, cell: Cell, factor: f64, done: &mut Done) -> Result<CellValue<'static>, Trouble> {
        let whole = self.spec.ty == PropertyType::Integer;
        // a year is wanted and a day is given
        let year =
            whole && self.spec.minimum.is_some_and(|m| (1000.0..3000.0).contains(&m)) && self.spec.unit.is_none();
        if year && !cell.text.parse::<f64>().is_ok_and(|n| n < 1800.0 || (n < 3000.0 && n.fract() == 0.0)) {
            let year = year_of(cell, &self.zone).ok_or(Trouble::NotADate)?;
            done.in_zone += u32::from(is_instant(cell.text));
            done.odd_date += u32::from(cell.kind != Kind::Date);
            return self.within(f64::from(year)).map(|y| CellValue::Int(y as i64));
        }
        let number = if let Some((number, as_text)) = number(cell) {
            done.text_number += u32::from(as_text);
            number * factor
        } else {
            done.own_unit += 1;
            self.amount(cell)?
        };
        if whole {
            let nearest = number.round();
            if (number - nearest).abs() > 1e-6 {
                return Err(Trouble::NotWhole);
            }
            return self.within(nearest).map(|n| CellValue::Int(n as i64));
        }
        let Some(decimals) = self.spec.decimals else {
            return self.within(number).map(CellValue::Float);
        };
        let scale = 10f64.powi(i32::from(decimals));
        let digits = (number * scale).round();
        done.rounded += u32::from((number * scale - digits).abs() > 1e-6 * digits.abs().max(1.0));
        self.within(digits / scale).map(CellValue::Float)
    }

    /// A number with its unit in the cell, which counts more than that of the column.
    fn amount(&self, cell: Cell) -> Result<f64, Trouble> {
        let (text, from) = unit::amount(cell.text).ok_or(Trouble::NotANumber)?;
        let to = self.unit.ok_or(Trouble::NotANumber)?;
        if from.is_other_currency(to) {
            return Err(Trouble::OtherCurrency);
        }
        let (number, _) = number(Cell { kind: Kind::Text, text }).ok_or(Trouble::NotANumber)?;
        // `¥3` says the currency, not the multiple
        let sign = cell.text.trim().starts_with(['¥', '\u{FFE5}']) && cell.text.ends_with(|c: char| c.is_ascii_digit());
        if sign { Ok(number * self.factor) } else { from.per(to).map(|f| number * f).ok_or(Trouble::NotANumber) }
    }

    fn within(&self, number: f64) -> Result<f64, Trouble> {
        let low = self.spec.minimum.is_some_and(|m| number < m);
        let high = self.spec.maximum.is_some_and(|m| number > m);
        // beyond 2^53 whole numbers have gaps
        if low || high || number.abs() > 9e15 { Err(Trouble::OutOfRange(number)) } else { Ok(number) }
    }
}

/// A number, and whether it stood there as text that needed reading: `1,234.5`, `¥3`, `12%` is no number.
fn number(cell: Cell) -> Option<(f64, bool)> {
    if let Ok(n) = cell.text.parse::<f64>() {
        return n.is_finite().then_some((n, cell.kind == Kind::Text));
    }
    let bare: String = cell
        .text
        .chars()
        .map(|c| match c {
            '\u{FF0E}' => '.',
            '\u{FF0D}' | '−' => '-',
            '\u{FF0C}' | '’' => ',',
            '\u{FF0B}' => '+',
            '\u{FF08}' => '(',
            '\u{FF09}' => ')',
            c => c,
        })
        .filter(|c| !c.is_whitespace())
        .collect();
    // as bookkeepers write what is below nothing, and as programs do: (3), 3-
    let below = bare.strip_prefix('(').and_then(|b| b.strip_suffix(')')).or_else(|| bare.strip_suffix('-'));
    if let Some(inside) = below {
        let sign = |c: char| matches!(c, '-' | '+' | '(');
        let (n, _) = number(Cell { kind: Kind::Text, text: inside }).filter(|_| !inside.starts_with(sign))?;
        return Some((-n, true));
    }
    // an apostrophe keeps a spreadsheet from reading the number, or stands between thousands
    let bare = bare.trim_start_matches(['\'', '¥', '\u{FFE5}']).replace('\'', ",");
    let bare = bare.as_str();
    let grouped = bare.contains(',').then(|| {
        let (whole, _) = bare.split_once('.').unwrap_or((bare, ""));
        let mut groups = whole.trim_start_matches('-').split(',');
        let first = groups.next().is_some_and(|g| (1..=3).contains(&g.len()));
        first && groups.all(|g| g.len() == 3)
    });
    if grouped == Some(false) {
        return None;
    }
    let n: f64 = bare.replace(',', "").parse().ok()?;
    n.is_finite().then_some((n, true))
}

fn boolean(text: &str, own: &BooleanWords) -> Option<bool> {
    let yes = ["是", "有", "√", "✓", "1", "true", "y", "yes", "对"];
    let no = ["否", "无", "×", "✗", "0", "false", "n", "no", "不是"];
    let word = text.to_lowercase();
    let among =
        |usual: &[&str], own: &[String]| usual.contains(&word.as_str()) || own.iter().any(|w| w.to_lowercase() == word);
    if among(&yes, &own.yes) { Some(true) } else { among(&no, &own.no).then_some(false) }
}

/// Years that a date may have.
const YEARS: std::ops::Range<u32> = 1800..2100;
/// Days since 1899-12-30 that are dates from 1960 to 2060.
const SERIALS: std::ops::Range<f64> = 21_916.0..58_500.0;

/// The day of a serial number. A program that counts local time of a hundred years ago writes midnight some seconds too
/// early.
pub fn serial_day(serial: f64) -> (u16, u8, u8) {
    const NEARLY: f64 = 1.0 - 90.0 / 86_400.0;
    let days = if serial.fract() >= NEARLY { serial.ceil() } else { serial.floor() };
    let at = calamine::ExcelDateTime::new(days, calamine::ExcelDateTimeType::DateTime, false);
    let (year, month, day, ..) = at.to_ymd_hms_milli();
    (year, month, day)
}

/// A date as people write it, in one kind of characters.
fn usual(text: &str) -> String {
    const DIGITS: &str = "〇一二三四五六七八九";
    let chinese = text.chars().filter(|c| DIGITS.contains(*c) || *c == '零').count() >= 4;
    let one = |c: char| match c {
        '\u{FF0E}' | '。' => '.',
        '\u{FF0F}' | '\\' => '/',
        '\u{FF0D}' | '—' | '–' | '−' => '-',
        '零' if chinese => '0',
        c if chinese => DIGITS.chars().position(|d| d == c).and_then(|n| char::from_digit(n as u32, 10)).unwrap_or(c),
        c => c,
    };
    text.trim().chars().map(one).collect()
}

/// A day as `YYYY-MM-DD`: of a date, of its serial number, or of text in the usual forms.
pub fn date(cell: Cell, zone: &TimeZone) -> Option<String> {
    if let Ok(number) = cell.text.parse::<f64>() {
        let text = cell.text;
        let digits = text.bytes().all(|b| b.is_ascii_digit());
        let part = |range: std::ops::Range<usize>| text[range].parse::<u32>().ok();
        match text.len() {
            8 if digits => return day(part(0..4)?, part(4..6)?, part(6..8)?),
            6 if digits => return day(part(0..4)?, part(4..6)?, 1),
            12 | 13 if number.fract() == 0.0 && number.abs() < 4.2e12 => {
                return zone.day(number / 1000.0).filter(|d| is_usual(d));
            }
            _ => {}
        }
        if SERIALS.contains(&number) {
            let (y, m, d) = serial_day(number);
            return day(u32::from(y), u32::from(m), u32::from(d));
        }
        // the tenth month of a number has lost its zero; only as text it differs from the first
        let (year, month) = text.split_once('.').filter(|(y, m)| y.len() == 4 && (1..=2).contains(&m.len()))?;
        if month == "1" || (month.len() == 2 && cell.kind != Kind::Text) {
            return None;
        }
        return day(year.parse().ok()?, month.parse().ok()?, 1);
    }
    if let Some(day) = zone.day_of(cell.text) {
        return Some(day).filter(|d| is_usual(d));
    }
    let text = usual(cell.text);
    match *numbers(&text)? {
        [y, m, d] if y > 31 => day(y, m, d),
        // the day or the month first, where only one of them can be
        [a, b, y] if y > 31 && (a > 12 || a == b) => day(y, b, a),
        [a, b, y] if y > 31 && b > 12 => day(y, a, b),
        [y, m] if y > 31 => day(y, m, 1),
        _ => None,
    }
}

/// A day, or an instant as RFC 3339 has it: a time without an offset is one of the dataset's zone.
pub fn datetime(cell: Cell, zone: &TimeZone) -> Option<String> {
    let text = cell.text;
    if Moment::parse(text).is_some() {
        return Some(text.to_owned());
    }
    let spelt = |micros: i64| Some(Moment::instant(micros).to_string());
    if let Some(micros) = TimeZone::instant_of(text) {
        return spelt(micros);
    }
    if let Ok(number) = text.parse::<f64>() {
        if matches!(text.len(), 12 | 13) && number.fract() == 0.0 && number.abs() < 4.2e12 {
            return spelt(number as i64 * 1000);
        }
        if SERIALS.contains(&number) {
            let local = moment::of_serial(number, false)?;
            return datetime(Cell { kind: Kind::Date, text: &local }, zone);
        }
    }
    let day = date(cell, zone)?;
    match time_of(text) {
        Some(micros) => spelt(zone.instant(&day, micros)?),
        None => Some(day),
    }
}

/// The time of the day in microseconds: `8:30`, `08:30:00.5`, `8时30分`, `下午3:30`, `3:30 PM`.
fn time_of(text: &str) -> Option<i64> {
    let plain = usual(text).to_lowercase().replace(['时', '点', '分', '\u{FF1A}'], ":").replace('秒', " ");
    let words = |all: &[&str]| all.iter().any(|w| plain.contains(w));
    let (after, before) = (words(&["下午", "晚上", "pm", "p.m"]), words(&["上午", "凌晨", "am", "a.m"]));
    let spaced = plain.replace(['t', '日', '号'], " ");
    let token = spaced.split_whitespace().find(|t| t.contains(':'))?;
    let token = token.trim_matches(|c: char| !c.is_ascii_digit());
    let parts: Vec<f64> = token.split(':').map(|p| p.parse().ok()).collect::<Option<_>>()?;
    let [hour, rest @ ..] = parts.as_slice() else { return None };
    let (minute, second) = (rest.first().copied().unwrap_or(0.0), rest.get(1).copied().unwrap_or(0.0));
    let hour = match *hour {
        h if after && h < 12.0 => h + 12.0,
        12.0 if before => 0.0,
        h => h,
    };
    let sound = (0.0..24.0).contains(&hour) && (0.0..60.0).contains(&minute) && (0.0..61.0).contains(&second);
    (sound && rest.len() <= 2).then(|| ((hour * 3600.0 + minute * 60.0 + second) * 1e6).round() as i64)
}

/// The numbers of a date; a month may be an English word.
fn numbers(text: &str) -> Option<Vec<u32>> {
    const MONTHS: [&str; 12] = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
    let text = text.replace(['年', '月'], "-").replace(['日', '号'], " ");
    let mut parts = text
        .split(['-', '/', '.', ',', ' ', 'T'])
        .map(str::trim)
        .filter(|p| !p.is_empty())
        // the time of the day
        .take_while(|p| !p.contains(':'));
    let mut found = Vec::new();
    let mut word_at = None;
    for part in parts.by_ref().take(3) {
        let month = MONTHS.iter().position(|m| part.len() >= 3 && part.to_lowercase().starts_with(m));
        match (part.parse::<u32>(), month) {
            (Ok(n), _) => found.push(n),
            (_, Some(m)) if word_at.is_none() => {
                word_at = Some(found.len());
                found.push(m as u32 + 1);
            }
            _ => return None,
        }
    }
    // in words the month is known wherever it stands
    match (word_at, found.as_slice()) {
        (Some(0), [m, d, y]) | (Some(1), [d, m, y]) if *y > 31 => Some(vec![*y, *m, *d]),
        (Some(0), [m, y]) if *y > 31 => Some(vec![*y, *m]),
        _ => Some(found),
    }
}

/// The year of a cell: that of a date, or alone, with what people write after it.
fn year_of(cell: Cell, zone: &TimeZone) -> Option<u32> {
    if let Ok(number) = cell.text.parse::<f64>() {
        // a year with its month: 2021.3
        let year = number.trunc();
        if YEARS.contains(&(year as u32)) && cell.text.split_once('.').is_none_or(|(_, m)| m.len() <= 2) {
            return Some(year as u32);
        }
    }
    if let Some(day) = date(cell, zone) {
        return day[..4].parse().ok();
    }
    let text = usual(cell.text);
    let text =
        ["FY", "fy", "公元", "截至", "截止", "\'"].iter().find_map(|w| text.strip_prefix(w)).unwrap_or(&text).trim();
    match numbers(text).as_deref() {
        Some([y]) if YEARS.contains(y) => return Some(*y),
        // nobody knows which is the month, but both are of this year
        Some([a, b, y]) if YEARS.contains(y) && day(*y, *a, *b).or_else(|| day(*y, *b, *a)).is_some() => {
            return Some(*y);
        }
        _ => {}
    }
    // 2021年第一季度, 2021Q3, 2021上半年, 2021财年
    let (year, rest) = text.split_at_checked(4)?;
    let year: u32 = year.parse().ok()?;
    let after = ['年', 'Q', 'q', 'H', '上', '下', '第', '财', ' '];
    let says = rest.trim_start().starts_with(after) || rest.starts_with(after);
    let no_date = !rest.contains(['-', '/']) && !rest.contains('月');
    (says && no_date && YEARS.contains(&year)).then_some(year)
}

/// Whether a text is an instant rather than a day: with a time and an offset, or milliseconds since 1970.
fn is_instant(text: &str) -> bool {
    let time = text.len() >= 17
        && text.contains(':')
        && text.get(10..).is_some_and(|t| t.contains(['Z', '+', 'U']) || t.contains('-'));
    time || (matches!(text.len(), 12 | 13) && text.bytes().all(|b| b.is_ascii_digit()))
}

fn is_usual(day: &str) -> bool {
    day.get(..4).and_then(|y| y.parse::<u32>().ok()).is_some_and(|y| YEARS.contains(&y))
}

fn day(y: u32, m: u32, d: u32) -> Option<String> {
    let text = format!("{y:04}-{m:02}-{d:02}");
    (YEARS.contains(&y) && Moment::date(&text).is_some()).then_some(text)
}

/// What the register holds now.
pub fn current(column: &Column, row: usize) -> CellValue<'_> {
    match column.value(row) {
        Value::Null => CellValue::Null,
        Value::Text(s) => CellValue::from(s),
        Value::Integer(i) => CellValue::Int(i),
        Value::Number(n) => CellValue::Float(n),
        Value::Decimal(digits, decimals) => CellValue::Float(digits as f64 / 10f64.powi(i32::from(decimals))),
        Value::Boolean(b) => CellValue::Bool(b),
        Value::Strings(list, row) => CellValue::List(list.row(row).map(CellValue::from).collect()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> Cell<'_> {
        Cell { kind: Kind::Text, text }
    }

    #[test]
    #[allow(clippy::too_many_lines, reason = "a list of spellings")]
    fn numbers_dates_and_answers_are_read() {
        assert_eq!(number(text("1,234.5")), Some((1234.5, true)));
        assert_eq!(number(text("12,34")), None);
        assert_eq!(number(text("¥3")), Some((3.0, true)));
        for (given, wanted) in [
            ("(1,234.5)", Some(-1234.5)),
            ("（3）", Some(-3.0)),
            ("3-", Some(-3.0)),
            ("'3", Some(3.0)),
            ("'-3", Some(-3.0)),
            ("1'234'567.5", Some(1_234_567.5)),
            ("1’234", Some(1234.0)),
            ("1'23", None),
            ("(-3)", None),
            ("((3))", None),
            ("-3-", None),
            ("()", None),
            ("-", None),
            ("(2家)", None),
        ] {
            assert_eq!(number(text(given)).map(|(n, _)| n), wanted, "{given}");
        }
        assert_eq!(number(text("3%")), None);
        assert_eq!(number(text("约3")), None);
        for (given, wanted) in [
            ("2021-4-9", Some("2021-04-09")),
            ("2021年4月9日", Some("2021-04-09")),
            ("2021.04", Some("2021-04-01")),
            ("20210409", Some("2021-04-09")),
            ("44295", Some("2021-04-09")),
            ("2021/04/09 00:00", Some("2021-04-09")),
            ("202104", Some("2021-04-01")),
            ("2021．4．9", Some("2021-04-09")),
            ("2021 年 4 月 9 日", Some("2021-04-09")),
            ("二〇二一年四月", Some("2021-04-01")),
            ("2021.4", Some("2021-04-01")),
            ("44295.5", Some("2021-04-09")),
            ("44294.9995", Some("2021-04-09")),
            ("1617897600000", Some("2021-04-09")),
            ("2021-04-08T16:00:00Z", Some("2021-04-09")),
            ("2021-04-09T00:00:00.000Z", Some("2021-04-09")),
            ("9 Apr 2021", Some("2021-04-09")),
            ("April 9, 2021", Some("2021-04-09")),
            ("4/29/2021", Some("2021-04-29")),
            ("29/4/2021", Some("2021-04-29")),
            // day or month first: nobody knows
            ("4/9/2021", None),
            ("2021.1", None),
            ("2021-02-30", None),
            ("4", None),
            ("去年", None),
        ] {
            assert_eq!(date(text(given), &TimeZone::default()).as_deref(), wanted, "{given}");
        }
        for (given, wanted) in [
            ("2021年", Some(2021)),
            ("2021 年", Some(2021)),
            ("202103", Some(2021)),
            ("2021．3．5", Some(2021)),
            ("2021.3", Some(2021)),
            ("2021.10", Some(2021)),
            ("44260.5", Some(2021)),
            ("2021年3月", Some(2021)),
            ("2021年度", Some(2021)),
            ("二〇二一年", Some(2021)),
            ("2021年第一季度", Some(2021)),
            ("2021Q3", Some(2021)),
            ("2021/3", Some(2021)),
            ("Mar-2021", Some(2021)),
            ("4/9/2021", Some(2021)),
            ("40/9/2021", None),
            ("FY2021", Some(2021)),
            ("2021财年", Some(2021)),
            ("公元2021年", Some(2021)),
            ("截至2021年末", Some(2021)),
            ("'2021", Some(2021)),
            ("2014-12-31T16:00:00Z", Some(2015)),
            ("1420041600000", Some(2015)),
            ("2021-02-30", None),
            ("去年", None),
            ("21", None),
        ] {
            assert_eq!(year_of(text(given), &TimeZone::default()), wanted, "{given}");
        }
        for (given, wanted) in [
            ("2022-04-16T10:13:19Z", Some("2022-04-16T10:13:19Z")),
            ("2022-04-16T18:13:19+08:00", Some("2022-04-16T18:13:19+08:00")),
            ("2022-04-16", Some("2022-04-16")),
            ("2022-04-16 18:13:19+08:00", Some("2022-04-16T10:13:19Z")),
            ("2022-04-16T18:13:19", Some("2022-04-16T10:13:19Z")),
            ("2022-04-16 18:13", Some("2022-04-16T10:13:00Z")),
            ("2022/4/16 18:13:19.5", Some("2022-04-16T10:13:19.5Z")),
            ("2022年4月16日18时13分", Some("2022-04-16T10:13:00Z")),
            ("2022年4月16日 下午6:13", Some("2022-04-16T10:13:00Z")),
            ("16 Apr 2022 6:13 PM", Some("2022-04-16T10:13:00Z")),
            ("1650103999000", Some("2022-04-16T10:13:19Z")),
            ("44667.5", Some("2022-04-16T04:00:00Z")),
            ("44667", Some("2022-04-16")),
            ("20220416", Some("2022-04-16")),
            ("2022-04-16 25:00", Some("2022-04-16")),
            ("昨天 8:30", None),
        ] {
            assert_eq!(datetime(text(given), &TimeZone::default()).as_deref(), wanted, "{given}");
        }
        let own = BooleanWords { yes: vec!["规上".into()], no: vec!["规下".into()] };
        assert_eq!(boolean("√", &own), Some(true));
        assert_eq!((boolean("规上", &own), boolean("规下", &own)), (Some(true), Some(false)));
        assert_eq!((boolean("规下", &BooleanWords::default()), boolean("也许", &own)), (None, None));
    }
}
