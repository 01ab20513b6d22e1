//! What was found: findings with place, message and remedy, counted and bounded.

use crate::core::model::Text;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The dataset is refused.
    Error,
    /// The dataset is taken; somebody should look.
    Warning,
    /// Good to know.
    Info,
}

/// One thing found in the files.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Finding {
    /// How bad it is.
    pub severity: Severity,
    /// Stable code in kebab case.
    pub code: &'static str,
    /// File in the folder.
    pub file: String,
    /// The feature: its id, or `#12` by position.
    pub feature: Option<String>,
    /// The property.
    pub property: Option<String>,
    /// Another feature that it is about, by its id: that which is referred to, or overlapped.
    #[serde(skip)]
    pub other: Option<String>,
    /// Line, from 1. Where a feature is meant, the line it begins on.
    pub line: Option<usize>,
    /// Column in characters, from 1.
    pub column: Option<usize>,
    /// What is wrong, and where, with the value (shortened).
    pub message: Text,
    /// What to do.
    pub remedy: Text,
}

/// One collection in figures.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CollectionReport {
    /// Identifier.
    pub id: String,
    /// File in the folder.
    pub file: String,
    /// Features read.
    pub features: usize,
    /// Features with a geometry.
    pub located: usize,
    /// Errors in the file.
    pub errors: usize,
    /// Warnings in the file.
    pub warnings: usize,
}

/// Findings that were counted and not kept.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Suppressed {
    /// File in the folder.
    pub file: String,
    /// Code of the findings.
    pub code: &'static str,
    /// Their severity.
    pub severity: Severity,
    /// How many more there are.
    pub count: usize,
}

/// Everything found, in the order of the manifest and of the lines.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Report {
    /// The collections in the order of the manifest.
    pub collections: Vec<CollectionReport>,
    /// The findings that were kept.
    pub findings: Vec<Finding>,
    /// The findings that were only counted.
    pub suppressed: Vec<Suppressed>,
    #[serde(skip)]
    limit: usize,
    #[serde(skip)]
    tallies: BTreeMap<String, Tally>,
}

#[derive(Clone, Debug, Default)]
struct Tally {
    by_severity: [usize; 3],
    codes: Vec<(&'static str, Severity, usize)>,
}

impl Finding {
    fn place(&self) -> Place<'_> {
        Place {
            file: &self.file,
            feature: self.feature.as_deref(),
            property: self.property.as_deref(),
            other: self.other.as_deref(),
            at: self.line.zip(self.column),
        }
    }
}

/// Where a finding is.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Place<'a> {
    pub file: &'a str,
    pub feature: Option<&'a str>,
    pub property: Option<&'a str>,
    pub other: Option<&'a str>,
    pub at: Option<(usize, usize)>,
}

impl<'a> Place<'a> {
    pub fn file(file: &'a str) -> Self {
        Self { file, ..Self::default() }
    }

    pub fn feature(self, feature: &'a str) -> Self {
        Self { feature: Some(feature), ..self }
    }

    pub fn property(self, property: &'a str) -> Self {
        Self { property: Some(property), ..self }
    }

    pub fn with(self, other: &'a str) -> Self {
        Self { other: Some(other), ..self }
    }

    pub fn at(self, at: (usize, usize)) -> Self {
        Self { at: Some(at), ..self }
    }
}

impl Report {
    /// A report that keeps this many findings of each severity in full for each file, and at least one of each code.
    pub(super) fn new(limit: usize) -> Self {
        Self { limit, ..Self::default() }
    }

    /// The report of a dataset that was checked before: of what was found then it knows how many warnings there were.
    pub(super) fn of_checked(warnings: usize) -> Self {
        let tally = Tally { by_severity: [0, warnings, 0], codes: vec![] };
        Self { tallies: BTreeMap::from([(String::new(), tally)]), ..Self::default() }
    }

    /// Whether nothing at all was found.
    pub(super) fn is_silent(&self) -> bool {
        self.tallies.is_empty()
    }

    /// Whether anything forbids to use the dataset.
    pub fn has_errors(&self) -> bool {
        self.errors() > 0
    }

    /// Errors, those counted only included.
    pub fn errors(&self) -> usize {
        self.count(Severity::Error)
    }

    /// Warnings, those counted only included.
    pub fn warnings(&self) -> usize {
        self.count(Severity::Warning)
    }

    fn count(&self, severity: Severity) -> usize {
        self.tallies.values().map(|t| t.by_severity[severity as usize]).sum()
    }

    pub(super) fn count_in(&self, file: &str, severity: Severity) -> usize {
        self.tallies.get(file).map_or(0, |t| t.by_severity[severity as usize])
    }

    /// Whether this was found in a file.
    pub(super) fn has(&self, file: &str, code: &str) -> bool {
        self.tallies.get(file).is_some_and(|t| t.codes.iter().any(|(c, ..)| *c == code))
    }

    pub(super) fn error(&mut self, place: Place, code: &'static str, say: impl FnOnce() -> (Text, Text)) {
        self.note(Severity::Error, place, code, say);
    }

    pub(super) fn warning(&mut self, place: Place, code: &'static str, say: impl FnOnce() -> (Text, Text)) {
        self.note(Severity::Warning, place, code, say);
    }

    pub(super) fn info(&mut self, place: Place, code: &'static str, say: impl FnOnce() -> (Text, Text)) {
        self.note(Severity::Info, place, code, say);
    }

    /// Takes the findings of one feature.
    pub(super) fn join(&mut self, other: Self) {
        for f in other.findings {
            let place = f.place();
            let (message, remedy) = (f.message.clone(), f.remedy.clone());
            self.note(f.severity, place, f.code, || (message, remedy));
        }
    }

    /// Takes the findings of a feature that can't be used. Where it is set aside its errors are warnings, as nothing else
    /// suffers; where it is not, `why` is added to them.
    pub(super) fn join_aside(&mut self, other: Self, aside: bool, why: Option<&(String, String)>) {
        for f in other.findings {
            let place = f.place();
            let (mut message, remedy) = (f.message.clone(), f.remedy.clone());
            let mut severity = f.severity;
            if severity == Severity::Error {
                let set_aside = (";该要素已搁置,未载入", "; the feature was set aside and is not loaded");
                let (zh, en) = if aside {
                    severity = Severity::Warning;
                    set_aside
                } else {
                    why.map_or(("", ""), |(zh, en)| (zh, en))
                };
                message.zh.push_str(zh);
                message.en.push_str(en);
            }
            self.note(severity, place, f.code, || (message, remedy));
        }
    }

    /// Counts a finding, and keeps it while there are few; `say` (message, remedy) is asked only then.
    fn note(&mut self, severity: Severity, place: Place, code: &'static str, say: impl FnOnce() -> (Text, Text)) {
        if self.is_kept(severity, place.file, code) {
            self.keep(severity, place, code, say());
        }
    }

    /// Counts a finding and tells whether it is one of those that are kept. A function of its own, as `note` is compiled for
    /// each finding.
    fn is_kept(&mut self, severity: Severity, file: &str, code: &'static str) -> bool {
        if !self.tallies.contains_key(file) {
            self.tallies.insert(file.to_owned(), Tally::default());
        }
        let Some(tally) = self.tallies.get_mut(file) else { return false };
        tally.by_severity[severity as usize] += 1;
        let in_limit = tally.by_severity[severity as usize] <= self.limit;
        match tally.codes.iter_mut().find(|(c, s, _)| *c == code && *s == severity) {
            Some(_) if in_limit => true,
            Some((.., more)) => {
                *more += 1;
                false
            }
            None => {
                tally.codes.push((code, severity, 0));
                true
            }
        }
    }

    fn keep(&mut self, severity: Severity, place: Place, code: &'static str, (message, remedy): (Text, Text)) {
        self.findings.push(Finding {
            severity,
            code,
            file: place.file.to_owned(),
            feature: place.feature.map(str::to_owned),
            property: place.property.map(str::to_owned),
            other: place.other.map(str::to_owned),
            line: place.at.map(|(line, _)| line),
            column: place.at.map(|(_, column)| column),
            message,
            remedy,
        });
    }

    /// Puts the findings in the order of the files given, then of the lines, and fills in the counts.
    pub(super) fn finish(&mut self, files: &[&str]) {
        let rank = |file: &str| files.iter().position(|f| *f == file).unwrap_or(files.len());
        self.findings.sort_by_cached_key(|f| (rank(&f.file), f.line, f.column));
        for (file, tally) in &self.tallies {
            for &(code, severity, count) in tally.codes.iter().filter(|(.., more)| *more > 0) {
                self.suppressed.push(Suppressed { file: file.clone(), code, severity, count });
            }
        }
        self.suppressed.sort_by_cached_key(|s| (rank(&s.file), s.severity));
        for i in 0..self.collections.len() {
            let file = &self.collections[i].file;
            let errors = self.count_in(file, Severity::Error);
            let warnings = self.count_in(file, Severity::Warning);
            self.collections[i].errors = errors;
            self.collections[i].warnings = warnings;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flood_hides_no_other_code() {
        let mut r = Report::new(3);
        for i in 0..10 {
            r.error(Place::file("a").at((10 - i, 1)), "flood", || (Text::new("水", "water"), Text::default()));
        }
        r.error(Place::file("a").at((1, 1)), "rare", || (Text::default(), Text::default()));
        r.warning(Place::file("a"), "flood", || (Text::default(), Text::default()));
        r.error(Place::file("b"), "rare", || (Text::default(), Text::default()));
        r.error(Place::file("a"), "rare", || panic!("asked for a message that is not kept"));
        r.finish(&["b", "a"]);
        let kept: Vec<_> = r.findings.iter().map(|f| (f.file.as_str(), f.code, f.line)).collect();
        assert_eq!(
            kept,
            [
                ("b", "rare", None),
                ("a", "flood", None),
                ("a", "rare", Some(1)),
                ("a", "flood", Some(8)),
                ("a", "flood", Some(9)),
                ("a", "flood", Some(10))
            ]
        );
        let more: Vec<_> = r.suppressed.iter().map(|s| (s.code, s.count)).collect();
        assert_eq!(more, [("flood", 7), ("rare", 1)]);
        assert_eq!((r.errors(), r.warnings()), (13, 1));
    }
}
