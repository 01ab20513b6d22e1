//! Two states of the register, enterprise by enterprise: what an import did, or what has happened since some version.

use super::diff::{Change, SAME_PLACE_M, alike, held, metres};
use crate::core::model::{CollectionSpec, Table};
use crate::data::load::CellValue;
use geo::{Coord, Geometry};
use serde::Serialize;
use std::collections::{BTreeMap, HashMap};

/// What has become of an enterprise.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Fate {
    /// 新增.
    New,
    /// 变更: other values, same place.
    Changed,
    /// 迁址.
    Moved,
    /// 移除.
    Removed,
    /// 无变化.
    Unchanged,
}

/// One state of a register.
#[derive(Clone, Copy, Debug)]
pub struct State<'a> {
    /// What its columns are.
    pub spec: &'a CollectionSpec,
    /// Its rows.
    pub table: &'a Table,
}

/// An enterprise in two states.
#[derive(Clone, Copy, Debug)]
pub struct Pair {
    /// What has become of it.
    pub fate: Fate,
    before: Option<usize>,
    after: Option<usize>,
}

/// Two states side by side: the rows of the later one in their order, then those that went.
#[derive(Debug)]
pub struct Comparison<'a> {
    before: State<'a>,
    after: State<'a>,
    /// Properties by their places in both.
    properties: Vec<(&'a str, Option<usize>, Option<usize>)>,
    /// The enterprises.
    pub pairs: Vec<Pair>,
}

impl<'a> Comparison<'a> {
    /// Compares by id.
    pub fn new(before: State<'a>, after: State<'a>) -> Self {
        let mut comparison = Self::of(before, after);
        let mut pairs = Vec::new();
        comparison.each(|pair| pairs.push(pair));
        comparison.pairs = pairs;
        comparison
    }

    /// How many enterprises there are of each fate, without a list of them.
    pub fn counts(before: State<'a>, after: State<'a>) -> BTreeMap<Fate, usize> {
        let mut all = BTreeMap::new();
        Self::of(before, after).each(|pair| *all.entry(pair.fate).or_default() += 1);
        all
    }

    fn of(before: State<'a>, after: State<'a>) -> Self {
        let at = |spec: &CollectionSpec, name: &str| spec.property(name).map(|(i, _)| i);
        let all = after.spec.properties.iter().chain(&before.spec.properties).map(|p| p.name.as_str());
        let mut properties: Vec<(&str, Option<usize>, Option<usize>)> = Vec::new();
        for name in all {
            if !properties.iter().any(|(known, ..)| *known == name) {
                properties.push((name, at(before.spec, name), at(after.spec, name)));
            }
        }
        Self { before, after, properties, pairs: Vec::new() }
    }

    /// The pairs in their order.
    fn each(&self, mut take: impl FnMut(Pair)) {
        let (ids, after) = (self.before.table.ids.iter(), &self.after.table.ids);
        let mut old: HashMap<&str, usize> = ids.enumerate().map(|(row, id)| (id, row)).collect();
        for row in 0..after.len() {
            let was = old.remove(after.value(row));
            let fate = was.map_or(Fate::New, |was| self.fate(was, row));
            take(Pair { fate, before: was, after: Some(row) });
        }
        let mut gone: Vec<usize> = old.into_values().collect();
        gone.sort_unstable();
        gone.into_iter().for_each(|row| take(Pair { fate: Fate::Removed, before: Some(row), after: None }));
    }

    fn fate(&self, before: usize, after: usize) -> Fate {
        let moved = match (self.before.table.geometries.point(before), self.after.table.geometries.point(after)) {
            (Some(a), Some(b)) => a != b && metres(a, b) > SAME_PLACE_M,
            // no points: what has a geometry keeps it, position by position
            (None, None) => self.before.table.geometries.value(before) != self.after.table.geometries.value(after),
            _ => true,
        };
        if moved {
            Fate::Moved
        } else if self.properties.iter().any(|p| self.differs(p, before, after).is_some()) {
            Fate::Changed
        } else {
            Fate::Unchanged
        }
    }

    fn differs(
        &self,
        (name, old, new): &(&str, Option<usize>, Option<usize>),
        before: usize,
        after: usize,
    ) -> Option<Change> {
        let value = |table: &'a Table, row, at: Option<usize>| at.map_or(CellValue::Null, |at| held(table, row, at));
        let (from, to) = (value(self.before.table, before, *old), value(self.after.table, after, *new));
        let change = || Change { property: (*name).to_owned(), from: from.to_json(), to: to.to_json() };
        (!alike(&from, &to)).then(change)
    }

    /// Whether a property leaves only inside sums, by either state.
    pub fn restricts(&self, property: &str) -> bool {
        [self.before.spec, self.after.spec].iter().any(|s| s.property(property).is_some_and(|(_, p)| p.restricted))
    }

    /// How many enterprises there are of a fate.
    pub fn count(&self, fate: Fate) -> usize {
        self.pairs.iter().filter(|p| p.fate == fate).count()
    }

    /// Whether it is the enterprise with this id.
    pub fn is(&self, pair: &Pair, id: &str) -> bool {
        let of = |state: &State, row: Option<usize>| row.is_some_and(|row| state.table.ids.value(row) == id);
        of(&self.after, pair.after) || of(&self.before, pair.before)
    }

    /// Id, name, places before and after, and what changes.
    pub fn detail(&self, pair: &Pair) -> Detail {
        let (state, row) = match (pair.after, pair.before) {
            (Some(row), _) => (self.after, row),
            (None, row) => (self.before, row.unwrap_or(0)),
        };
        let name = state.spec.name.as_deref().and_then(|n| state.spec.property(n));
        let name = name.and_then(|(i, _)| state.table.columns.get(i)?.text(row)).unwrap_or_default();
        let changes = match (pair.before, pair.after) {
            (Some(a), Some(b)) => self.properties.iter().filter_map(|p| self.differs(p, a, b)).collect(),
            _ => Vec::new(),
        };
        Detail {
            id: state.table.ids.value(row).to_owned(),
            name: name.to_owned(),
            from: pair.before.and_then(|row| self.before.table.geometries.point(row)),
            to: pair.after.and_then(|row| self.after.table.geometries.point(row)),
            old_geometry: pair.before.and_then(|row| self.before.table.geometries.value(row)),
            new_geometry: pair.after.and_then(|row| self.after.table.geometries.value(row)),
            changes,
        }
    }
}

/// An enterprise in two states, spelt out.
#[derive(Clone, Debug, PartialEq)]
pub struct Detail {
    /// Its id.
    pub id: String,
    /// Its name, the later one.
    pub name: String,
    /// Where it was.
    pub from: Option<Coord<f64>>,
    /// Where it is.
    pub to: Option<Coord<f64>>,
    /// Its geometry in the earlier state.
    pub old_geometry: Option<Geometry<f64>>,
    /// Its geometry in the later state.
    pub new_geometry: Option<Geometry<f64>>,
    /// What else is different.
    pub changes: Vec<Change>,
}
