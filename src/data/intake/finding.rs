//! What an import finds: counted for each kind in full, kept in full only for the first of a kind.

use crate::core::model::Text;
use crate::data::load::Severity;
use crate::data::schema;
use serde::Serialize;
use std::collections::BTreeMap;

/// One thing found in the planner's file.
#[derive(Clone, Debug, PartialEq, Serialize, utoipa::ToSchema)]
#[schema(as = ImportFinding)]
pub struct Finding {
    /// An error keeps its row out; a warning wants a look; an info says what was done.
    pub severity: Severity,
    /// Stable code in kebab case.
    pub code: &'static str,
    /// Row in the file, from 1, as a spreadsheet shows it.
    pub row: Option<u32>,
    /// Column from 0.
    #[serde(skip)]
    pub at: Option<usize>,
    /// Column as a spreadsheet names it.
    pub column: Option<String>,
    /// The cell as it stands in the file, shortened.
    pub value: Option<String>,
    /// What is the matter, and where.
    #[schema(value_type = schema::Text)]
    pub message: Text,
    /// What to do.
    #[schema(value_type = schema::Text)]
    pub remedy: Text,
}

impl Finding {
    /// A finding about the file; the builders add the place.
    pub fn new(severity: Severity, code: &'static str, message: Text) -> Self {
        let remedy = super::remedies::remedy(code);
        Self { severity, code, row: None, at: None, column: None, value: None, message, remedy }
    }

    /// An error.
    pub fn error(code: &'static str, message: Text) -> Self {
        Self::new(Severity::Error, code, message)
    }

    /// A warning.
    pub fn warning(code: &'static str, message: Text) -> Self {
        Self::new(Severity::Warning, code, message)
    }

    /// Something that was done.
    pub fn info(code: &'static str, message: Text) -> Self {
        Self::new(Severity::Info, code, message)
    }

    /// Fields that were left out as no table can hold them.
    pub fn unread(names: impl IntoIterator<Item = String>) -> Self {
        let names = names.into_iter().collect::<Vec<_>>().join("、");
        let text = Text::new(
            format!("字段类型不支持,未读取:{names}"),
            format!("fields of a kind that is not supported were not read: {names}"),
        );
        Self::warning("fields-unread", text)
    }

    /// In this row.
    #[must_use]
    pub fn row(self, row: u32) -> Self {
        Self { row: Some(row), ..self }
    }

    /// In this column, with the cell's text.
    #[must_use]
    pub fn cell(self, column: usize, value: &str) -> Self {
        let value = Some(value).filter(|v| !v.is_empty()).map(shorten);
        Self { at: Some(column), column: Some(letters(column)), value, ..self }
    }
}

/// Why there is nothing to import at all.
#[derive(Clone, Debug, PartialEq, Serialize, thiserror::Error, utoipa::ToSchema)]
#[error("{} / {}", .message.zh, .message.en)]
#[schema(as = ImportRefusal)]
pub struct Refusal {
    /// Stable code in kebab case.
    pub code: &'static str,
    /// What is the matter.
    #[schema(value_type = schema::Text)]
    pub message: Text,
    /// What to do.
    #[schema(value_type = schema::Text)]
    pub remedy: Text,
    /// Worksheets or layers of the file, one of which may be asked for instead.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Vec<String>>)]
    sheets: Option<Box<Sheets>>,
}

/// Behind one pointer, as most refusals have none and all are returned through many functions.
#[derive(Clone, Debug, PartialEq, Serialize)]
struct Sheets(Vec<String>);

impl Refusal {
    /// A refusal with the remedy of its code.
    pub fn new(code: &'static str, message: Text) -> Self {
        Self { code, message, remedy: super::remedies::remedy(code), sheets: None }
    }

    /// The refusal of a file that a library gives up on. What the library says, in English and about its own insides, is for whoever
    /// looks after the service (`SHIGU_LOG=debug`), not for who sent the file.
    pub fn broken(code: &'static str, message: Text, why: &dyn std::fmt::Display) -> Self {
        tracing::debug!(code, why = %shorten(&why.to_string()), "a file can't be read");
        Self::new(code, message)
    }

    /// A refusal with a remedy of its own, where what to do depends on more than the code.
    #[must_use]
    pub fn with_remedy(self, remedy: Text) -> Self {
        Self { remedy, ..self }
    }

    /// A refusal of a file with these worksheets or layers.
    #[must_use]
    pub fn among(self, sheets: &[String]) -> Self {
        Self { sheets: (!sheets.is_empty()).then(|| Box::new(Sheets(sheets.to_vec()))), ..self }
    }

    /// Worksheets or layers of the file, one of which may be asked for instead.
    pub fn sheets(&self) -> &[String] {
        self.sheets.as_ref().map_or(&[], |s| s.0.as_slice())
    }
}

/// How often something was found.
#[derive(Clone, Debug, PartialEq, Serialize, utoipa::ToSchema)]
#[schema(as = ImportTally)]
pub struct Tally {
    /// Code of the findings.
    pub code: &'static str,
    /// How bad they are.
    pub severity: Severity,
    /// How many there are, those not kept included.
    pub count: usize,
}

/// Findings with their true numbers.
#[derive(Clone, Debug, Default)]
pub struct Findings {
    kept: Vec<Finding>,
    tallies: BTreeMap<(Severity, &'static str), usize>,
    limit: usize,
}

impl Findings {
    /// Keeps this many of each code.
    pub fn new(limit: usize) -> Self {
        Self { limit, ..Self::default() }
    }

    /// Counts a finding and keeps it while there are few of its kind.
    pub fn add(&mut self, finding: Finding) {
        let count = self.tallies.entry((finding.severity, finding.code)).or_insert(0);
        *count += 1;
        if *count <= self.limit {
            self.kept.push(finding);
        }
    }

    /// Adds what was found after it, of which as many of each code were kept.
    pub fn join(&mut self, other: Self) {
        let mut more = other.tallies;
        for finding in other.kept {
            if let Some(count) = more.get_mut(&(finding.severity, finding.code)) {
                *count -= 1;
            }
            self.add(finding);
        }
        for (key, count) in more {
            *self.tallies.entry(key).or_insert(0) += count;
        }
    }

    /// Those kept, in the order in which they were found.
    pub fn kept(&self) -> &[Finding] {
        &self.kept
    }

    /// How many of each kind there are, the worst first.
    pub fn tallies(&self) -> Vec<Tally> {
        self.tallies.iter().map(|(&(severity, code), &count)| Tally { code, severity, count }).collect()
    }

    /// How many of this severity there are.
    pub fn count(&self, severity: Severity) -> usize {
        self.tallies.iter().filter(|((s, _), _)| *s == severity).map(|(_, n)| n).sum()
    }
}

/// A column's name in a spreadsheet: A, B, …, Z, AA.
pub fn letters(column: usize) -> String {
    rust_xlsxwriter::utility::column_number_to_name(u16::try_from(column).unwrap_or(u16::MAX))
}

/// A value as messages show it.
pub fn shorten(value: &str) -> String {
    const SHOWN: usize = 40;
    let flat = |c: char| if c.is_control() { ' ' } else { c };
    if value.chars().nth(SHOWN).is_none() {
        return value.chars().map(flat).collect();
    }
    value.chars().take(SHOWN - 1).map(flat).chain(['…']).collect()
}
