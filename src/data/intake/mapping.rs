//! Columns to properties: each with a confidence and a reason, a unit, and the planner's own word above all.

use super::finding::{Finding, Refusal, letters, shorten};
use super::sheet::Sheet;
use super::sheet::unit::{Unit, bare, stated};
use super::system::System;
use super::vocabulary::{Meaning, Target, Vocabulary, in_brackets, plain, year_above};
use crate::core::model::{CollectionSpec, PropertyType, Text};
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
    let year = year_above(&sheet.above);
    let mut meanings: Vec<Option<Meaning>> =
        sheet.columns.iter().map(|c| words.meaning(&c.name, year).filter(|m| m.confidence >= ENOUGH)).collect();
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
    let general: Vec<Unit> = sheet.above.iter().flat_map(|line| stated(line)).collect();
    for (column, meaning) in meanings.iter().enumerate() {
        mapping.take(sheet, spec, words, column, *meaning, &general);
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
fn stated_system(sheet: &Sheet) -> Option<Result<System, String>> {
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
    let titles = sheet.above.iter().filter(|line| line.contains("坐标"));
    heads.map(|c| c.name.as_str()).chain(titles.map(String::as_str)).find_map(System::of_words)
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
        column: usize,
        meaning: Option<Meaning>,
        general: &[Unit],
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
                let mut factor = 1.0;
                if let Target::Property(i) = meaning.target {
                    report.title = Some(spec.properties[i].title.clone());
                    let (unit, by) = self.unit(sheet, spec, column, i, general);
                    factor = by;
                    report.unit = unit;
                }
                if meaning.confidence < SURE {
                    let what = property(spec, meaning.target);
                    let text = Text::new(
                        format!("“{shown}”列按 {what} 读取,只是猜测"),
                        format!("“{shown}” is read as {what}, which is only a guess"),
                    );
                    self.findings.push(Finding::warning("column-guessed", text).cell(column, ""));
                }
                self.taken.push(Mapped { column, target: meaning.target, factor });
            }
            None if shown.is_empty() || meaning.is_some() => {}
            None => {
                let (code, zh, en) = if words.is_metric(&head.name) {
                    (
                        "column-without-year",
                        "看不出是哪一年(或名录没有该年份),未采用",
                        "is of no year that the register has; it was left out",
                    )
                } else {
                    ("column-unknown", "没有对应的属性,未采用", "is no property of the register; it was left out")
                };
                let text = Text::new(format!("“{shown}”列{zh}"), format!("“{shown}” {en}"));
                let make = if code == "column-unknown" { Finding::info } else { Finding::warning };
                self.findings.push(make(code, text).cell(column, ""));
            }
        }
        self.columns.push(report);
    }

    /// The unit of a column's numbers and by what they are multiplied.
    fn unit(
        &mut self,
        sheet: &Sheet,
        spec: &CollectionSpec,
        column: usize,
        i: usize,
        general: &[Unit],
    ) -> (Option<String>, f64) {
        let wanted = &spec.properties[i];
        let number = matches!(wanted.ty, PropertyType::Integer | PropertyType::Number);
        let Some(to) = wanted.unit.as_ref().filter(|_| number) else { return (None, 1.0) };
        let Some(unit) = Unit::of(&to.zh).or_else(|| Unit::of(&to.en)) else { return (None, 1.0) };
        let head = &sheet.columns[column];
        // under the name of the property stand its values
        if head.name == wanted.name && head.unit.is_none() {
            return (None, 1.0);
        }
        let shown = shorten(&head.name);
        let own = head.unit.as_deref().into_iter().chain(in_brackets(&head.name)).map(bare);
        for words in own {
            let Some(from) = Unit::of(words) else { continue };
            let Some(factor) = from.per(unit) else {
                let text = Text::new(
                    format!("“{shown}”列的单位 {words} 与 {} 不能换算,按 {} 读取", to.zh, to.zh),
                    format!(
                        "the unit {words} of “{shown}” can't be converted to {}; the numbers are read as {}",
                        to.en, to.en
                    ),
                );
                self.findings.push(Finding::warning("unit-other", text).cell(column, ""));
                return (Some(words.to_owned()), 1.0);
            };
            self.converted(column, &shown, words, &to.zh, factor);
            return (Some(words.to_owned()), factor);
        }
        if let Some(factor) = general.iter().find_map(|from| from.per(unit)) {
            self.converted(column, &shown, "表头上方写明的单位", &to.zh, factor);
            return (None, factor);
        }
        if to.zh != "人" {
            let text = Text::new(
                format!("“{shown}”列没有写单位,按 {} 读取", to.zh),
                format!("“{shown}” gives no unit; the numbers are read as {}", to.en),
            );
            self.findings.push(Finding::warning("unit-assumed", text).cell(column, ""));
        }
        (None, 1.0)
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
