//! The new register row by row: what the file changes, and all that it leaves alone.

use super::diff::{Class, held};
use super::judge::Judged;
use super::kept::JudgedRows;
use super::prepare::{Absent, Import};
use crate::core::cancel;
use crate::core::model::Geometries;
use crate::data::load::{CellValue, MadeRow, Maker};
use geo::Geometry;
use std::borrow::Cow;
use std::collections::HashMap;

/// Rows that are judged by one thread at a time.
const PIECE: usize = 1 << 12;

/// What stands in a place of the new register.
#[derive(Debug)]
pub(super) enum Slot<'a> {
    /// A row that is new.
    New(MadeRow<'a>),
    /// A row that the file changes.
    Changed(MadeRow<'a>),
    /// A row as it was.
    Untouched(MadeRow<'a>),
    /// No row any more.
    Removed,
    /// No row: one of the file that has another place, or an error.
    Nothing,
}

/// The register as it is after imports of different rows, all prepared against the same one: the rows that there were in their
/// order, then the new ones in the order of the files. Rows with errors change nothing.
pub struct NewRegister<'a> {
    all: Vec<&'a Import<'a>>,
    used: Vec<bool>,
    goes: Vec<Box<dyn Fn(usize) -> bool + Send + Sync + 'a>>,
}

impl<'a> NewRegister<'a> {
    /// After an import and others.
    pub fn new(first: &'a Import<'a>, others: &[&'a Import<'a>]) -> Self {
        let all: Vec<&Import> = std::iter::once(first).chain(others.iter().copied()).collect();
        let goes = all.iter().map(|import| import.removed()).collect();
        Self { used: first.used_with(others), goes, all }
    }

    /// The properties that its rows have values for.
    pub fn properties(&self) -> Vec<&'a str> {
        let all = self.all.first().into_iter().flat_map(|first| &first.schema.spec.properties);
        all.zip(&self.used).filter(|(_, used)| **used).map(|(p, _)| p.name.as_str()).collect()
    }

    /// How many places there are, each of which has a row or none.
    pub fn slots(&self) -> usize {
        self.held() + self.all.iter().map(|import| import.rows()).sum::<usize>()
    }

    /// The row in a place, where there is one.
    pub fn row(&self, place: usize) -> Option<MadeRow<'a>> {
        match self.slot(place) {
            Slot::New(row) | Slot::Changed(row) | Slot::Untouched(row) => Some(row),
            Slot::Removed | Slot::Nothing => None,
        }
    }

    /// What a check of the only import has judged, where `maker` makes the rows as they were kept. It is given away: whoever asks again
    /// has the rows judged again.
    pub fn judged(&self, maker: &Maker) -> Option<JudgedRows> {
        if let [only] = self.all.as_slice() { only.take_judged(maker) } else { None }
    }

    /// The row in a place of those that there were, where it has one, when all that the file says is judged.
    pub fn row_with<'b>(&'b self, place: usize, judged: &'b JudgedRows) -> Option<MadeRow<'b>> {
        if let Some(known) = judged.known(place) {
            return Some(known);
        }
        let first = self.all.first().filter(|_| !self.goes.iter().any(|goes| goes(place)))?;
        Some(first.after(place, None, &self.used))
    }

    /// Rows of a sample that is replaced.
    pub(super) fn replaced(&self) -> usize {
        let first = self.all.first().filter(|first| first.replaces_sample);
        first.map_or(0, |first| first.schema.table.ids.len())
    }

    /// Rows that there were.
    pub fn held(&self) -> usize {
        self.all.first().filter(|first| !first.replaces_sample).map_or(0, |first| first.schema.table.ids.len())
    }

    pub(super) fn slot(&self, place: usize) -> Slot<'a> {
        let Some(mut row) = place.checked_sub(self.held()) else { return self.existing(place) };
        for import in &self.all {
            match row.checked_sub(import.rows()) {
                Some(after) => row = after,
                None => return self.new_row(import, row),
            }
        }
        Slot::Nothing
    }

    fn existing(&self, row: usize) -> Slot<'a> {
        let found = |import: &&'a Import<'a>| -> Option<Judged<'a>> {
            let judged = import.keys.found(row).map(|found| import.judge(found));
            judged.filter(|judged| judged.class != Class::Problem)
        };
        let judged = self.all.iter().find_map(found);
        if judged.is_none() && self.goes.iter().any(|goes| goes(row)) {
            return Slot::Removed;
        }
        let Some(first) = self.all.first() else { return Slot::Nothing };
        let made = first.after(row, judged.as_ref(), &self.used);
        if judged.is_none_or(|judged| judged.class == Class::Unchanged) {
            Slot::Untouched(made)
        } else {
            Slot::Changed(made)
        }
    }

    fn new_row(&self, import: &'a Import<'a>, row: usize) -> Slot<'a> {
        if import.keys.existing(row).is_some() {
            return Slot::Nothing;
        }
        let judged = import.judge(row);
        if judged.class == Class::New { Slot::New(import.as_new(row, judged, &self.used)) } else { Slot::Nothing }
    }
}

impl<'a> Import<'a> {
    /// Which properties the new register has values for, of this table or of others.
    pub(super) fn used_with(&self, others: &[&Self]) -> Vec<bool> {
        others.iter().fold(self.used(), |used, other| used.iter().zip(other.used()).map(|(a, b)| *a || b).collect())
    }

    /// Which enterprises go because the file doesn't name them.
    fn removed(&'a self) -> Box<dyn Fn(usize) -> bool + Send + Sync + 'a> {
        let count = || {
            let mut named: HashMap<usize, usize> = HashMap::new();
            let districts = |rows: std::ops::Range<usize>| rows.filter_map(|row| self.judge(row).district).collect();
            let districts: Vec<Vec<usize>> = cancel::pieces(self.rows(), PIECE, districts);
            districts.into_iter().flatten().for_each(|d| *named.entry(d).or_default() += 1);
            named
        };
        let removes = self.options.absent == Absent::Remove;
        let named = if removes { self.named().unwrap_or_else(count) } else { HashMap::new() };
        let covered = self.covered(&named);
        Box::new(move |existing| {
            if let Some(exact) = &self.options.exact {
                return exact.removes(existing);
            }
            self.keys.found(existing).is_none()
                && self.declared_in_register(existing).is_some_and(|d| covered.contains(&d))
        })
    }

    /// A row of the file that is new, as the register is to have it.
    pub(super) fn as_new<'b>(&'b self, row: usize, judged: Judged<'b>, used: &[bool]) -> MadeRow<'b> {
        let Judged { id, position, mut values, .. } = judged;
        let shape = self.sheet.shapes.get(row).and_then(Option::as_ref).map(Cow::Borrowed);
        let geometry = shape.or_else(|| position.map(|p| Cow::Owned(Geometry::Point(p.at.into()))));
        MadeRow { id, geometry, values: self.made(used, |i| std::mem::take(&mut values[i])) }
    }

    /// A row of the register after the import.
    pub(super) fn after<'b>(&'b self, row: usize, judged: Option<&Judged<'b>>, used: &[bool]) -> MadeRow<'b> {
        let table = self.schema.table;
        let moved = || judged.and_then(|j| j.position.as_ref()).map(|p| Cow::Owned(Geometry::Point(p.at.into())));
        // a position in a table says nothing of the outline of an area
        let geometry = match &table.geometries {
            Geometries::Points { .. } => {
                moved().or_else(|| table.geometries.point(row).map(|at| Cow::Owned(Geometry::Point(at.into()))))
            }
            Geometries::Any(all) => match all[row].as_ref() {
                None | Some(Geometry::Point(_)) => moved().or_else(|| all[row].as_ref().map(Cow::Borrowed)),
                Some(shape) => Some(Cow::Borrowed(shape)),
            },
        };
        let values = self.made(used, |i| match judged.map(|j| &j.values[i]) {
            Some(value) if !value.is_null() => value.clone(),
            _ if judged.is_some_and(|j| j.cleared.contains(&i)) => CellValue::Null,
            _ => held(table, row, i),
        });
        MadeRow { id: Cow::Borrowed(table.ids.value(row)), geometry, values }
    }

    /// The values of a row, in the order of the properties that are used. A list is never missing.
    fn made<'b>(&self, used: &[bool], mut value: impl FnMut(usize) -> CellValue<'b>) -> Vec<CellValue<'b>> {
        let properties = self.schema.spec.properties.len();
        let mut values = Vec::with_capacity(properties);
        for place in (0..properties).filter(|place| used[*place]) {
            values.push(match value(place) {
                CellValue::Null if self.is_list(place) => CellValue::List(Vec::new()),
                value => value,
            });
        }
        values
    }
}
