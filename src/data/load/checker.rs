//! The features of single collections checked in the place of those that a dataset has, as `load` checks a file: what somebody
//! edits is judged by the rules of a folder, without reading the folder again.

use super::across;
use super::collection;
use super::report::{Finding, Report};
use super::rows::{Loaded, Task};
use super::whole;
use super::{Limits, Severity};
use crate::core::geometry::Bounds;
use crate::core::model::{Codelist, CollectionSpec, Dataset, Indicator, Manifest, Role, Table, TimeZone, ZoneKind};
use std::collections::BTreeMap;

/// Findings of one severity in a file that are kept.
const KEPT: usize = 1_000;

/// A dataset whose collections can be checked with other features.
pub struct Checker {
    manifest: Manifest,
    codelists: BTreeMap<String, Codelist>,
    indicators: Vec<Indicator>,
    limits: Limits,
    city: Bounds,
    read: Vec<Option<Loaded>>,
    /// What is found across the files as they are.
    known: Vec<Finding>,
}

/// Collections as they would be.
pub struct Rechecked {
    /// The tables of the collections that were given, in their order.
    pub tables: Vec<Table>,
    /// What is found of them, and across all files because of them.
    pub findings: Vec<Finding>,
}

impl Checker {
    /// Of a dataset that was loaded without an error.
    pub fn new(dataset: Dataset, limits: Limits) -> Self {
        let Dataset { manifest, codelists, indicators, tables, .. } = dataset;
        let mut city = Bounds::EMPTY;
        let mut read = Vec::new();
        for (spec, table) in manifest.collections.iter().zip(tables) {
            if spec.role == Role::Districts {
                city.join(&across::bounds(&table));
            }
            let places = vec![(1, 1); table.ids.len()];
            read.push(Some(Loaded { table, places, complete: true, aside: [].into() }));
        }
        let mut checker = Self { manifest, codelists, indicators, limits, city, read, known: Vec::new() };
        checker.known = checker.across(Report::new(KEPT)).findings;
        checker
    }

    /// The collections as the manifest has them.
    pub fn collections(&self) -> &[CollectionSpec] {
        &self.manifest.collections
    }

    /// The collections whose zones rows may declare.
    pub fn declarable(&self) -> Vec<&CollectionSpec> {
        self.manifest.declarable()
    }

    /// The zone that instants of its files are read in.
    pub fn time_zone(&self) -> TimeZone {
        self.manifest.time_zone()
    }

    /// A codelist.
    pub fn codelist(&self, name: &str) -> Option<&Codelist> {
        self.codelists.get(name)
    }

    /// The kinds of its zones.
    pub fn kinds(&self) -> Vec<ZoneKind> {
        self.manifest.zone_kinds()
    }

    /// The table of a collection, by its place.
    pub fn table(&self, place: usize) -> Option<&Table> {
        self.read.get(place)?.as_ref().map(|loaded| &loaded.table)
    }

    /// Checks collections, by their places, with the features of a GeoJSON text instead of their own. Nothing stays changed.
    pub fn check(&mut self, texts: &[(usize, String)]) -> Rechecked {
        let mut report = Report::new(KEPT);
        let mut own = Vec::new();
        for (place, text) in texts {
            let task = Task {
                spec: &self.manifest.collections[*place],
                codelists: &self.codelists,
                limits: &self.limits,
                city: self.city,
                inferred: None,
                origin: None,
                sets_aside: false,
            };
            let loaded = collection::read(text, &task, &mut report);
            own.push((*place, self.read[*place].replace(loaded)));
        }
        let report = self.across(report);
        let mut tables = Vec::new();
        for (place, before) in own.into_iter().rev() {
            tables.extend(std::mem::replace(&mut self.read[place], before).map(|loaded| loaded.table));
        }
        tables.reverse();
        let known = |f: &Finding| self.known.iter().any(|k| same(k, f));
        let findings = report.findings.into_iter().filter(|f| f.severity != Severity::Info && !known(f)).collect();
        Rechecked { tables, findings }
    }

    fn across(&self, mut report: Report) -> Report {
        whole::check(&self.manifest, &self.read, &self.indicators, false, &mut report);
        report
    }
}

/// Whether two findings are of the same, wherever in the file it stands.
fn same(a: &Finding, b: &Finding) -> bool {
    (a.code, &a.file, &a.feature, &a.property, &a.message) == (b.code, &b.file, &b.feature, &b.property, &b.message)
}
