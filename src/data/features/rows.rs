//! What edits of zones do to the rows of tables: those that declare a zone that goes, those whose points lie in no zone any more,
//! or outside of the zone that they declare.

use crate::core::geometry::{Region, areas};
use crate::core::model::{CollectionSpec, Table};
use crate::data::load::Checker;
use geo::MultiPolygon;
use std::collections::HashMap;

/// A table with the place of its declared zone among its properties.
type Declaring<'a> = (&'a CollectionSpec, &'a Table, usize);

fn tables(checker: &Checker) -> impl Iterator<Item = Declaring<'_>> {
    checker.collections().iter().enumerate().filter_map(|(place, spec)| {
        let declared = spec.register.as_ref()?.district.as_deref()?;
        Some((spec, checker.table(place)?, spec.property(declared)?.0))
    })
}

/// Whether rows may declare the zones of a collection.
pub(super) fn is_declarable(checker: &Checker, spec: &CollectionSpec) -> bool {
    checker.declarable().iter().any(|own| own.id == spec.id)
}

/// How many rows of each table declare a zone, with the table's id.
pub(super) fn declaring(checker: &Checker, spec: &CollectionSpec, zone: &str) -> Vec<(String, usize)> {
    if !is_declarable(checker, spec) {
        return vec![];
    }
    let counted = tables(checker).map(|(of, table, column)| {
        let column = &table.columns[column];
        (of.id.clone(), (0..table.ids.len()).filter(|row| column.text(*row) == Some(zone)).count())
    });
    counted.filter(|(_, n)| *n > 0).collect()
}

/// Whether a finding is of a row that declares a zone that there is not.
pub(super) fn is_declaration(checker: &Checker, file: &str, property: Option<&str>) -> bool {
    checker.collections().iter().any(|spec| {
        let declared = spec.register.as_ref().and_then(|register| register.district.as_deref());
        spec.file == file && declared.is_some() && declared == property
    })
}

/// How many rows of all tables have their point in an area.
pub(super) fn within(checker: &Checker, area: &MultiPolygon<f64>) -> usize {
    let region = Region::new(area);
    let bounds = region.bounds();
    let count = |(place, _): (usize, &CollectionSpec)| {
        let Some(table) = checker.table(place) else { return 0 };
        let points = (0..table.ids.len()).filter_map(|row| table.geometries.point(row));
        points.filter(|at| bounds.contains(at.x, at.y) && region.contains(at.x, at.y)).count()
    };
    let all = checker.collections().iter().enumerate();
    all.filter(|(_, spec)| spec.register.is_some()).map(count).sum()
}

/// How many rows have their point outside of the zone that they declare, of those that declare one of a table of zones.
pub(super) fn astray(checker: &Checker, zones: &Table) -> usize {
    let region = |row: usize| {
        let area = areas(zones.geometries.value(row)?)?;
        Some((zones.ids.value(row), Region::new(&area)))
    };
    let regions: HashMap<&str, Region> = (0..zones.ids.len()).filter_map(region).collect();
    let count = |(_, table, column): Declaring| {
        let column = &table.columns[column];
        let outside = |row: &usize| {
            let declared = column.text(*row).and_then(|id| regions.get(id));
            let at = table.geometries.point(*row);
            declared.zip(at).is_some_and(|(region, at)| !region.contains(at.x, at.y))
        };
        (0..table.ids.len()).filter(outside).count()
    };
    tables(checker).map(count).sum()
}
