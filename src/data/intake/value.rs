//! A cell becomes a value of its property, or says why not.

use super::sheet::{Cell, Kind};
use super::vocabulary::choices;
use crate::core::columns::{Column, Moment, Value};
use crate::core::model::{BooleanWords, Codelist, PropertySpec, PropertyType};
use crate::core::query::LIST_SEPARATORS;
use serde_json::Value as Json;
use std::borrow::Cow;

/// How a property's cells are read.
#[derive(Debug)]
pub struct Reading {
    /// The property.
    pub spec: PropertySpec,
    /// Its codelist.
    pub codelist: Option<Codelist>,
    choices: Vec<String>,
    factor: f64,
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
    /// A word became the code of its codelist or choice.
    pub coded: u32,
}

impl Reading {
    /// Prepares the reading of a column.
    pub fn new(spec: PropertySpec, codelist: Option<Codelist>, factor: f64) -> Self {
        let choices = choices(&spec);
        Self { spec, codelist, choices, factor }
    }

    /// Reads a cell that is not empty.
    pub fn read(&self, cell: Cell) -> Result<(Json, Done), Trouble> {
        if cell.kind == Kind::Fault {
            return Err(Trouble::Formula);
        }
        let text = cell.text;
        let mut done = Done::default();
        let value = match self.spec.ty {
            PropertyType::String => Json::String(self.word(text, &mut done)?),
            PropertyType::Strings => {
                // GeoPackages, and files of ours whose words hold a separator, have lists as JSON
                let listed: Option<Vec<Cow<str>>> =
                    text.starts_with('[').then(|| serde_json::from_str(text).ok()).flatten();
                let split = || text.split(LIST_SEPARATORS).map(Cow::Borrowed).collect();
                let words: Vec<Cow<str>> = listed.unwrap_or_else(split);
                let words = words.iter().map(|w| w.trim()).filter(|w| !w.is_empty());
                let mut codes = Vec::new();
                let mut unknown = Vec::new();
                for word in words {
                    match self.word(word, &mut done) {
                        Ok(code) if !codes.contains(&Json::String(code.clone())) => codes.push(Json::String(code)),
                        Ok(_) => {}
                        Err(_) => unknown.push(word.to_owned()),
                    }
                }
                if !unknown.is_empty() {
                    return Err(Trouble::NotACode(unknown));
                }
                Json::Array(codes)
            }
            PropertyType::Integer | PropertyType::Number => self.number(cell, &mut done)?,
            PropertyType::Boolean => Json::Bool(boolean(text, &self.spec.words).ok_or(Trouble::NotABoolean)?),
            PropertyType::Date => {
                let day = date(cell).ok_or(Trouble::NotADate)?;
                done.odd_date += u32::from(cell.kind != Kind::Date && day != text);
                Json::String(day)
            }
            PropertyType::Datetime => {
                Moment::parse(text).ok_or(Trouble::NotADate)?;
                Json::String(text.to_owned())
            }
        };
        Ok((value, done))
    }

    fn word(&self, text: &str, done: &mut Done) -> Result<String, Trouble> {
        if let Some(list) = &self.codelist {
            let (_, entry) = list.find(text).ok_or_else(|| Trouble::NotACode(vec![text.to_owned()]))?;
            done.coded += u32::from(entry.code != text);
            return Ok(entry.code.clone());
        }
        if self.choices.is_empty() {
            return Ok(text.to_owned());
        }
        match self.choices.iter().find(|code| code.eq_ignore_ascii_case(text)) {
            Some(code) => {
                done.coded += u32::from(code != text);
                Ok(code.clone())
            }
            None => Err(Trouble::NotAChoice(self.choices.clone())),
        }
    }

    fn number(&self, cell: Cell, done: &mut Done) -> Result<Json, Trouble> {
        let whole = self.spec.ty == PropertyType::Integer;
        // a year is wanted and a day is given
        let year =
            whole && self.spec.minimum.is_some_and(|m| (1000.0..3000.0).contains(&m)) && self.spec.unit.is_none();
        if year && !cell.text.parse::<f64>().is_ok_and(|n| n < 3000.0) {
            let day = date(cell).ok_or(Trouble::NotADate)?;
            done.odd_date += u32::from(cell.kind != Kind::Date);
            let year: f64 = day[..4].parse().map_err(|_| Trouble::NotADate)?;
            return self.within(year).map(|y| Json::from(y as i64));
        }
        let (number, as_text) = number(cell).ok_or(Trouble::NotANumber)?;
        done.text_number += u32::from(as_text);
        let number = number * self.factor;
        if whole {
            let nearest = number.round();
            if (number - nearest).abs() > 1e-6 {
                return Err(Trouble::NotWhole);
            }
            return self.within(nearest).map(|n| Json::from(n as i64));
        }
        let Some(decimals) = self.spec.decimals else {
            return self.within(number).map(Json::from);
        };
        let scale = 10f64.powi(i32::from(decimals));
        let digits = (number * scale).round();
        done.rounded += u32::from((number * scale - digits).abs() > 1e-6 * digits.abs().max(1.0));
        self.within(digits / scale).map(Json::from)
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
            '\u{FF0C}' => ',',
            c => c,
        })
        .filter(|c| !c.is_whitespace())
        .collect();
    let bare = bare.trim_start_matches(['¥', '\u{FFE5}']);
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

/// A day as `YYYY-MM-DD`: of a date, of its serial number, or of text in the usual forms.
pub fn date(cell: Cell) -> Option<String> {
    if let Ok(serial) = cell.text.parse::<f64>() {
        let text = cell.text;
        if text.len() == 8 && text.bytes().all(|b| b.is_ascii_digit()) {
            return day(text[..4].parse().ok()?, text[4..6].parse().ok()?, text[6..].parse().ok()?);
        }
        // days since 1899-12-30, from 1960 to 2060: what a spreadsheet shows when the format is lost
        if serial.fract() == 0.0 && (21_916.0..58_500.0).contains(&serial) {
            let (y, m, d, ..) =
                calamine::ExcelDateTime::new(serial, calamine::ExcelDateTimeType::DateTime, false).to_ymd_hms_milli();
            return day(u32::from(y), u32::from(m), u32::from(d));
        }
        // the tenth month of a number has lost its zero; only as text it differs from the first
        let month = text.split_once('.').filter(|(y, m)| y.len() == 4 && m.len() == 2 && cell.kind == Kind::Text);
        let (year, month) = month?;
        return day(year.parse().ok()?, month.parse().ok()?, 1);
    }
    let bare = cell.text.split([' ', 'T']).next()?;
    let parts: Vec<u32> = bare
        .split(['-', '/', '.', '年', '月', '日'])
        .filter(|p| !p.is_empty())
        .map(|p| p.trim().parse().ok())
        .collect::<Option<_>>()?;
    match parts[..] {
        [y, m, d] => day(y, m, d),
        [y, m] => day(y, m, 1),
        _ => None,
    }
}

fn day(y: u32, m: u32, d: u32) -> Option<String> {
    let text = format!("{y:04}-{m:02}-{d:02}");
    ((1800..2100).contains(&y) && Moment::date(&text).is_some()).then_some(text)
}

/// What the register holds now.
pub fn current(column: &Column, row: usize) -> Json {
    match column.value(row) {
        Value::Null => Json::Null,
        Value::Text(s) => Json::String(s.to_owned()),
        Value::Integer(i) => Json::from(i),
        Value::Number(n) => Json::from(n),
        Value::Decimal(digits, decimals) => Json::from(digits as f64 / 10f64.powi(i32::from(decimals))),
        Value::Boolean(b) => Json::Bool(b),
        Value::Strings(list, row) => Json::Array(list.row(row).map(|w| Json::String(w.to_owned())).collect()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> Cell<'_> {
        Cell { kind: Kind::Text, text }
    }

    #[test]
    fn numbers_dates_and_answers_are_read() {
        assert_eq!(number(text("1,234.5")), Some((1234.5, true)));
        assert_eq!(number(text("12,34")), None);
        assert_eq!(number(text("¥3")), Some((3.0, true)));
        assert_eq!(number(text("3%")), None);
        assert_eq!(number(text("约3")), None);
        for (given, wanted) in [
            ("2021-4-9", Some("2021-04-09")),
            ("2021年4月9日", Some("2021-04-09")),
            ("2021.04", Some("2021-04-01")),
            ("20210409", Some("2021-04-09")),
            ("44295", Some("2021-04-09")),
            ("2021/04/09 00:00", Some("2021-04-09")),
            ("2021-02-30", None),
            ("4", None),
            ("去年", None),
        ] {
            assert_eq!(date(text(given)).as_deref(), wanted, "{given}");
        }
        let own = BooleanWords { yes: vec!["规上".into()], no: vec!["规下".into()] };
        assert_eq!(boolean("√", &own), Some(true));
        assert_eq!((boolean("规上", &own), boolean("规下", &own)), (Some(true), Some(false)));
        assert_eq!((boolean("规下", &BooleanWords::default()), boolean("也许", &own)), (None, None));
    }
}
