//! Columns to properties: each with a confidence and a reason, a unit, and the planner's own word above all.

use super::finding::{Finding, Refusal, letters, shorten};
use super::sheet::Sheet;
use super::sheet::rollup::{is_figure, is_none};
use super::sheet::unit::{self, Unit, bare, stated};
use super::sheet::{Kind, listed};
use super::system::System;
use super::vocabulary::{Meaning, Target, Vocabulary, period_above, plain, without_brackets};
use crate::core::model::{CollectionSpec, PropertySpec, PropertyType, Text};
use crate::data::schema;
use serde::Serialize;

/// Below this a column is left alone.
const ENOUGH: f64 = 0.5;
/// Below this a column is taken, and somebody should look.
const SURE: f64 = 0.7;

/// A column of the file that is taken.
#[derive(Clone, Debug, PartialEq)]
pub struct Mapped {
    /// Its place in the file.
    pub column: usize,
    /// What it is.
    pub target: Target,
    /// By what its numbers are multiplied.
    pub factor: f64,
    /// Where the unit of each of its numbers stands.
    pub beside: Option<Beside>,
}

/// A column of units or currencies, row by row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Beside {
    /// Its place in the file.
    pub column: usize,
    /// Whether it says the currency only, and the head the multiple.
    pub currency_only: bool,
}

/// A column of the file as the report shows it.
#[derive(Clone, Debug, PartialEq, Serialize, utoipa::ToSchema)]
#[schema(as = ImportColumnReport)]
pub struct ColumnReport {
    /// Its name in a spreadsheet.
    pub column: String,
    /// Its name in the head.
    pub head: String,
    /// The property, `id`, `longitude`, `latitude`; null where it is not taken.
    pub property: Option<String>,
    /// The property's title.
    #[schema(value_type = Option<schema::Text>)]
    pub title: Option<Text>,
    /// From 0 to 1.
    pub confidence: f64,
    /// Why.
    #[schema(value_type = schema::Text)]
    pub reason: Text,
    /// The unit of the numbers in the file, where one is given.
    pub unit: Option<String>,
}

/// All columns of a file.
#[derive(Clone, Debug, Default)]
pub struct Mapping {
    /// Those that are taken.
    pub taken: Vec<Mapped>,
    /// All of them, for the report.
    pub columns: Vec<ColumnReport>,
    /// What should be looked at.
    pub findings: Vec<Finding>,
    /// The system of coordinates that the file names.
    pub stated: Option<System>,
    /// The one that it names and that is not supported.
    pub foreign: Option<String>,
}

impl Mapping {
    /// Where a target stands in the file.
    pub fn column(&self, target: Target) -> Option<usize> {
        self.taken.iter().find(|m| m.target == target).map(|m| m.column)
    }
}

/// Decides about every column. `wished` are the planner's own words, column name to property; an empty property leaves a
/// column out.
pub fn map(
    sheet: &Sheet,
    spec: &CollectionSpec,
    words: &Vocabulary,
    wished: &[(String, String)],
) -> Result<Mapping, Refusal> {
    let above = period_above(&sheet.above);
    let mut meanings: Vec<Option<Meaning>> =
        sheet.columns.iter().map(|c| words.meaning(&c.name, above).filter(|m| m.confidence >= ENOUGH)).collect();
    wish(sheet, spec, words, wished, &mut meanings)?;
    let (system, foreign) = match stated_system(sheet) {
        Some(Ok(system)) => (Some(system), None),
        Some(Err(name)) => (None, Some(name)),
        None => (None, None),
    };
    let mut mapping = Mapping { stated: system, foreign, ..Mapping::default() };
    let mut order: Vec<usize> = (0..meanings.len()).filter(|c| meanings[*c].is_some()).collect();
    order.sort_by(|a, b| {
        let sure = |c: &usize| meanings[*c].map_or(0.0, |m| m.confidence);
        // a code says more than a name
        let named = |c: &usize| meanings[*c].is_some_and(|m| words.is_beside_code(m.target, &sheet.columns[*c].name));
        named(a).cmp(&named(b)).then(sure(b).total_cmp(&sure(a)))
    });
    let mut given = Vec::new();
    for column in order {
        let Some(meaning) = meanings[column] else { continue };
        if meaning.target == Target::Nothing {
            continue;
        }
        if given.contains(&meaning.target) && words.is_beside_code(meaning.target, &sheet.columns[column].name) {
            let reason = ("旁边有它的代码", "its code stands beside it");
            meanings[column] = Some(Meaning { target: Target::Nothing, confidence: 1.0, reason });
        } else if given.contains(&meaning.target) {
            meanings[column] = None;
            let head = shorten(&sheet.columns[column].name);
            let what = property(spec, meaning.target);
            let text = Text::new(
                format!("“{head}”列与另一列都像是 {what},未采用"),
                format!("“{head}” like another column seems to be {what}; it was left out"),
            );
            mapping.findings.push(Finding::warning("column-twice", text).cell(column, ""));
        } else {
            given.push(meaning.target);
        }
    }
    let beside = units_beside(sheet, &mut meanings);
    let general: Vec<Unit> = sheet.above.iter().chain(&sheet.below).flat_map(|line| stated(line)).collect();
    for (column, meaning) in meanings.iter().enumerate() {
        mapping.take(sheet, spec, words, (column, *meaning), &general, beside);
    }
    Ok(mapping)
}

fn wish(
    sheet: &Sheet,
    spec: &CollectionSpec,
    words: &Vocabulary,
    wished: &[(String, String)],
    meanings: &mut [Option<Meaning>],
) -> Result<(), Refusal> {
    for (head, name) in wished {
        let by_letters = |c: &usize| letters(*c).eq_ignore_ascii_case(head.trim());
        let mut all = 0..sheet.columns.len();
        let found =
            all.clone().find(|c| plain(&sheet.columns[*c].name) == plain(head)).or_else(|| all.find(by_letters));
        let Some(column) = found else {
            let heads: Vec<String> = sheet.columns.iter().map(|c| shorten(&c.name)).filter(|h| !h.is_empty()).collect();
            let (head, heads) = (shorten(head), heads.join("、"));
            return Err(Refusal::new(
                "map-column-unknown",
                Text::new(
                    format!("没有名为“{head}”的列;有:{heads}"),
                    format!("there is no column “{head}”; there are: {heads}"),
                ),
            ));
        };
        let target = match name.trim() {
            "" | "-" => Some(Target::Nothing),
            name => spec
                .property(name)
                .map(|(i, _)| Target::Property(i))
                .or_else(|| words.meaning(name, None).filter(|m| m.confidence > 0.9).map(|m| m.target)),
        };
        let Some(target) = target else {
            let names: Vec<&str> = spec.properties.iter().map(|p| p.name.as_str()).collect();
            let (name, names) = (shorten(name), names.join("、"));
            return Err(Refusal::new(
                "map-property-unknown",
                Text::new(
                    format!("名录没有属性“{name}”;有:id、longitude、latitude、{names}"),
                    format!("the register has no property “{name}”; there are: id, longitude, latitude, {names}"),
                ),
            ));
        };
        for other in meanings.iter_mut().filter(|m| m.is_some_and(|m| m.target == target)) {
            *other = None;
        }
        meanings[column] = Some(Meaning { target, confidence: 1.0, reason: ("按指定", "as asked for") });
    }
    Ok(())
}

/// The system that the file itself, a column's name or a line above the table gives.
pub(super) fn stated_system(sheet: &Sheet) -> Option<Result<System, String>> {
    if let Some(name) = &sheet.foreign {
        return Some(Err(name.clone()));
    }
    if let Some(system) = sheet.stated {
        return Some(Ok(system));
    }
    let heads = sheet.columns.iter().filter(|c| {
        let name = plain(&c.name);
        ["经", "纬", "坐标", "lon", "lng", "lat", "x", "y"].iter().any(|w| name.contains(w))
    });
    let says = |line: &&String| {
        let line = line.to_lowercase();
        ["坐标", "crs", "epsg", "srs", "datum", "coordinate"].iter().any(|w| line.contains(w))
    };
    let titles = sheet.above.iter().chain(&sheet.below).filter(says);
    let words = heads.map(|c| c.name.as_str()).chain(titles.map(String::as_str)).find_map(System::of_words);
    words.or_else(|| system_beside(sheet))
}

/// The system that a column of them gives. Of several none is that of the file.
fn system_beside(sheet: &Sheet) -> Option<Result<System, String>> {
    const HEADS: [&str; 9] =
        ["坐标系", "坐标系统", "坐标系类型", "坐标类型", "坐标系名称", "crs", "srs", "datum", "coordinatesystem"];
    let column = sheet.columns.iter().position(|c| HEADS.contains(&plain(&c.name).as_str()))?;
    let mut found: Vec<Result<System, String>> = Vec::new();
    for row in 0..sheet.cells.len() {
        let text = sheet.cells.cell(row, column).text;
        let Some(system) = System::of_words(text) else { continue };
        if !found.contains(&system) {
            found.push(system);
        }
    }
    if found.len() < 2 {
        return found.pop();
    }
    let name = |one: &Result<System, String>| one.as_ref().map_or_else(Clone::clone, |s| s.name().zh);
    Some(Err(found.iter().take(4).map(name).collect::<Vec<_>>().join("、")))
}

/// A target's name.
pub fn property(spec: &CollectionSpec, target: Target) -> String {
    match target {
        Target::Id => "id".to_owned(),
        Target::X => "longitude".to_owned(),
        Target::Y => "latitude".to_owned(),
        Target::Pair => "longitude, latitude".to_owned(),
        Target::Property(i) => spec.properties[i].name.clone(),
        Target::Nothing => String::new(),
    }
}

impl Mapping {
    fn take(
        &mut self,
        sheet: &Sheet,
        spec: &CollectionSpec,
        words: &Vocabulary,
        (column, meaning): (usize, Option<Meaning>),
        general: &[Unit],
        beside: Option<Beside>,
    ) {
        let head = &sheet.columns[column];
        let shown = shorten(&head.name);
        let useful = meaning.filter(|m| m.target != Target::Nothing);
        let mut report = ColumnReport {
            column: letters(column),
            head: shown.clone(),
            property: useful.map(|m| property(spec, m.target)),
            title: None,
            confidence: meaning.map_or(0.0, |m| m.confidence),
            reason: meaning
                .map_or_else(|| Text::new("没有对应的属性", "no such property"), |m| Text::new(m.reason.0, m.reason.1)),
            unit: None,
        };
        match useful {
            Some(meaning) => {
                let (mut factor, mut own) = (1.0, None);
                if let Target::Property(i) = meaning.target {
                    own = beside.filter(|_| is_amount(&spec.properties[i]));
                    let says = head.unit.is_some() || unit::written(&head.name).is_some();
                    let stated = own.is_some_and(|b| !b.currency_only) && !says;
                    let unit = if stated { Ok((None, 1.0)) } else { self.unit(sheet, spec, column, i, general) };
                    match unit {
                        Ok((unit, by)) => {
                            report.title = Some(spec.properties[i].title.clone());
                            (report.unit, factor) = (unit, by);
                        }
                        // numbers of something else are worse than none
                        Err(unit) => {
                            report.property = None;
                            report.reason = Text::new("单位不能换算", "its unit can't be converted");
                            report.unit = Some(unit);
                            self.columns.push(report);
                            return;
                        }
                    }
                    self.shared(sheet, spec, column, i);
                }
                if meaning.confidence < SURE {
                    let what = property(spec, meaning.target);
                    let text = Text::new(
                        format!("“{shown}”列按 {what} 读取,只是猜测"),
                        format!("“{shown}” is read as {what}, which is only a guess"),
                    );
                    self.findings.push(Finding::warning("column-guessed", text).cell(column, ""));
                }
                if let Some(beside) = own {
                    let unit = shorten(&sheet.columns[beside.column].name);
                    let text = Text::new(
                        format!("“{shown}”列各行的单位或币种取自“{unit}”列"),
                        format!("the unit or currency of each number of “{shown}” is that of “{unit}”"),
                    );
                    self.findings.push(Finding::info("units-beside", text).cell(column, ""));
                }
                self.taken.push(Mapped { column, target: meaning.target, factor, beside: own });
            }
            None if meaning.is_some() => {}
            None => self.left_out(sheet, words, column, &shown),
        }
        self.columns.push(report);
    }

    /// Says of a column that is not taken what it holds: numbers that are left out are no small thing.
    fn left_out(&mut self, sheet: &Sheet, words: &Vocabulary, column: usize, shown: &str) {
        let cells = &sheet.cells;
        let (mut filled, mut numbers) = (0usize, 0usize);
        for row in 0..cells.len() {
            let cell = cells.cell(row, column);
            if cell.kind != Kind::Empty && !is_none(cell.text) {
                filled += 1;
                numbers += usize::from(cell.kind == Kind::Number || is_figure(cell.text));
            }
        }
        let nameless = shown.is_empty();
        if nameless && filled == 0 {
            return;
        }
        let letter = letters(column);
        let (zh_name, en_name) = if nameless {
            (format!("{letter} 列没有列名"), format!("column {letter} has no name"))
        } else {
            (format!("“{shown}”列"), format!("“{shown}”"))
        };
        let figures = numbers > 0 && numbers * 2 > filled;
        let (code, zh, en) = if words.is_metric(&sheet.columns[column].name) {
            (
                "column-without-year",
                "看不出是哪一年、季度或月(或名录没有该时期),未采用",
                "is of no period that the register has; it was left out",
            )
        } else if nameless {
            ("column-unknown", ",未采用", "; it was left out")
        } else {
            ("column-unknown", "没有对应的属性,未采用", "is no property of the register; it was left out")
        };
        let gap = if nameless { "" } else { " " };
        let (held_zh, held_en) = if figures {
            (format!(",其中有 {numbers} 个数值"), format!(", with {numbers} numbers in it"))
        } else if nameless {
            (format!(",其中有 {filled} 个单元格有内容"), format!(", with {filled} cells in it"))
        } else {
            (String::new(), String::new())
        };
        let text = Text::new(format!("{zh_name}{zh}{held_zh}"), format!("{en_name}{gap}{en}{held_en}"));
        let loud = figures || nameless || code == "column-without-year";
        let make = if loud { Finding::warning } else { Finding::info };
        self.findings.push(make(code, text).cell(column, ""));
    }

    /// Numbers in merged cells that count for several enterprises.
    fn shared(&mut self, sheet: &Sheet, spec: &CollectionSpec, column: usize, i: usize) {
        let rows: Vec<u32> = sheet.shared.iter().filter(|(c, ..)| *c == column).map(|(_, first, _)| *first).collect();
        if rows.is_empty() || spec.properties[i].unit.is_none() {
            return;
        }
        let (head, list) = (shorten(&sheet.columns[column].name), listed(&rows));
        let text = Text::new(
            format!("“{head}”列有合并单元格(自第 {list} 行起),同一数值已计入其中每一行;若是几条记录之和,请拆分填写"),
            format!(
                "“{head}” has merged cells (from row {list}): their number counts for each row; divide it if it is a sum"
            ),
        );
        self.findings.push(Finding::warning("numbers-merged", text).cell(column, ""));
    }

    /// The unit of a column's numbers and by what they are multiplied; a unit that can't be converted is the error.
    fn unit(
        &mut self,
        sheet: &Sheet,
        spec: &CollectionSpec,
        column: usize,
        i: usize,
        general: &[Unit],
    ) -> Result<(Option<String>, f64), String> {
        let wanted = &spec.properties[i];
        let number = matches!(wanted.ty, PropertyType::Integer | PropertyType::Number);
        let Some(to) = wanted.unit.as_ref().filter(|_| number) else { return Ok((None, 1.0)) };
        let Some(unit) = Unit::of(&to.zh).or_else(|| Unit::of(&to.en)) else { return Ok((None, 1.0)) };
        let head = &sheet.columns[column];
        // under the name of the property stand its values
        if head.name == wanted.name && head.unit.is_none() && general.is_empty() {
            return Ok((None, 1.0));
        }
        let shown = shorten(&head.name);
        let same = [&to.zh, &to.en].into_iter().find(|w| !w.is_empty() && unit::says(&head.name, w));
        if let Some(words) = same.filter(|_| head.unit.is_none()) {
            return Ok((Some(words.clone()), 1.0));
        }
        let own = head.unit.as_deref().map(bare).into_iter().chain(unit::written(&head.name));
        for words in own {
            let Some(from) = Unit::of(words) else { continue };
            let Some(factor) = from.per(unit) else {
                self.inconvertible(column, &shown, words, from, to, unit);
                return Err(words.to_owned());
            };
            self.converted(column, &shown, words, &to.zh, factor);
            return Ok((Some(words.to_owned()), factor));
        }
        let odd = head.unit.as_deref().or_else(|| unit::unknown(&head.name));
        if let Some(words) = odd {
            let text = Text::new(
                format!("“{shown}”列的单位“{words}”不认识,未采用;请改为如“{}”的写法", to.zh),
                format!(
                    "the unit “{words}” of “{shown}” is unknown; the column was left out. Write it like “{}”",
                    to.en
                ),
            );
            self.findings.push(Finding::error("unit-unknown", text).cell(column, ""));
            return Err(words.to_owned());
        }
        if let Some(factor) = general.iter().find_map(|from| from.per(unit)) {
            self.converted(column, &shown, "表头上方写明的单位", &to.zh, factor);
            return Ok((None, factor));
        }
        if let Some(other) = general.iter().find(|from| from.is_other_currency(unit)) {
            let words = other.base;
            self.inconvertible(column, &shown, words, *other, to, unit);
            return Err(words.to_owned());
        }
        if unit.base != "person" && unit.base != "unit" && !in_cells(sheet, column) {
            let text = Text::new(
                format!("“{shown}”列没有写单位,按 {} 读取", to.zh),
                format!("“{shown}” gives no unit; the numbers are read as {}", to.en),
            );
            self.findings.push(Finding::warning("unit-assumed", text).cell(column, ""));
        }
        Ok((None, 1.0))
    }

    fn inconvertible(&mut self, column: usize, shown: &str, words: &str, from: Unit, to: &Text, unit: Unit) {
        let (code, why_zh, why_en) = if from.is_other_currency(unit) {
            ("unit-currency", "是另一种货币", "is another currency")
        } else {
            ("unit-other", "不能换算", "can't be converted")
        };
        let text = Text::new(
            format!("“{shown}”列的单位 {words} 与 {} {why_zh},该列未采用", to.zh),
            format!("the unit {words} of “{shown}” {why_en}: {} is wanted; the column was left out", to.en),
        );
        self.findings.push(Finding::error(code, text).cell(column, ""));
    }

    fn converted(&mut self, column: usize, head: &str, from: &str, to: &str, factor: f64) {
        if factor.to_bits() == 1f64.to_bits() {
            return;
        }
        let text = Text::new(
            format!("“{head}”列由 {from} 换算为 {to}(×{factor})"),
            format!("“{head}” was converted from {from} to {to} (×{factor})"),
        );
        self.findings.push(Finding::info("unit-converted", text).cell(column, ""));
    }
}

/// A column that is called a unit or a currency and whose cells are all one. It may be called as names of enterprises are.
fn units_beside(sheet: &Sheet, meanings: &mut [Option<Meaning>]) -> Option<Beside> {
    const LOOKED_AT: usize = 500;
    const HEADS: [&str; 10] =
        ["单位", "计量单位", "金额单位", "货币单位", "数据单位", "币种", "货币", "currency", "unit", "units"];
    let of_money = |text: &str| Unit::of(unit::bare(text)).is_some_and(|u| u.is_money() || u.base == "*");
    let column = (0..sheet.columns.len()).find(|&column| {
        let head = plain(&without_brackets(&sheet.columns[column].name));
        let filled = (0..sheet.cells.len()).map(|row| sheet.cells.cell(row, column));
        let mut filled = filled.filter(|c| c.kind != Kind::Empty && !is_none(c.text)).take(LOOKED_AT).peekable();
        HEADS.contains(&head.as_str())
            && filled.peek().is_some()
            && filled.all(|c| c.kind == Kind::Text && of_money(c.text))
    })?;
    let reason = ("各行的单位或币种", "the unit or currency of each row");
    meanings[column] = Some(Meaning { target: Target::Nothing, confidence: 1.0, reason });
    let head = plain(&sheet.columns[column].name);
    let currency_only = ["币", "currency"].iter().any(|w| head.contains(w)) && !head.contains("单位");
    Some(Beside { column, currency_only })
}

/// Whether a property is an amount, of which a column of units speaks.
fn is_amount(property: &PropertySpec) -> bool {
    property.unit.as_ref().and_then(|u| Unit::of(&u.zh).or_else(|| Unit::of(&u.en))).is_some_and(Unit::is_money)
}

/// Whether the cells of a column give their units themselves.
fn in_cells(sheet: &Sheet, column: usize) -> bool {
    const LOOKED_AT: usize = 200;
    let (mut with, mut without) = (0, 0);
    for row in 0..sheet.cells.len().min(LOOKED_AT) {
        let text = sheet.cells.cell(row, column).text;
        if unit::amount(text).is_some() {
            with += 1;
        } else if is_figure(text) {
            without += 1;
        }
    }
    with > without
}
