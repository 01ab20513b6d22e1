//! What edits of zones do to others: to rows of tables that declare a zone that goes, to features that refer to it, to rows whose
//! points lie in no zone any more, or outside of the zone that they declare.

use super::FeatureEdit;
use crate::core::geometry::{Region, areas};
use crate::core::model::{CollectionSpec, PropertySpec, Role, Table};
use crate::data::intake::held;
use crate::data::load::Checker;
use geo::MultiPolygon;
use serde_json::{Value as Json, json};
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

/// Edits with those of features that refer to a zone which goes: they refer to its successor, unless the edits say otherwise of
/// them. The numbers of these are above `first`.
pub(super) fn following(checker: &Checker, edits: &[(u32, FeatureEdit)], first: u32) -> Vec<(u32, FeatureEdit)> {
    let mut all = edits.to_vec();
    let mut number = first;
    for (_, gone) in edits.iter().filter(|(_, edit)| edit.remove) {
        let (Some(id), Some(successor)) = (&gone.id, &gone.successor) else { continue };
        let Some(target) = checker.collections().iter().find(|spec| spec.id == gone.collection) else { continue };
        for (place, spec) in checker.collections().iter().enumerate().filter(|(_, spec)| spec.role != Role::Register) {
            let Some(table) = checker.table(place) else { continue };
            for (column, property) in spec.properties.iter().enumerate().filter(|(_, p)| refers(spec, p, target)) {
                for row in 0..table.ids.len() {
                    let Some(value) = instead(&held(table, row, column).to_json(), id, successor) else { continue };
                    let own = |(_, edit): &&mut (u32, FeatureEdit)| {
                        edit.collection == spec.id && edit.id.as_deref() == Some(table.ids.value(row))
                    };
                    if let Some((_, edit)) = all.iter_mut().find(own) {
                        edit.values.entry(property.name.clone()).or_insert(value);
                        continue;
                    }
                    number += 1;
                    let values = [(property.name.clone(), value)].into();
                    let (collection, id) = (spec.id.clone(), Some(table.ids.value(row).to_owned()));
                    all.push((number, FeatureEdit { collection, id, values, ..FeatureEdit::default() }));
                }
            }
        }
    }
    all
}

/// Whether a property holds ids of features of a collection.
fn refers(spec: &CollectionSpec, property: &PropertySpec, target: &CollectionSpec) -> bool {
    let parent = spec.zone.as_ref().and_then(|zone| zone.parent.as_ref());
    let of_kind = |kind: &str| target.zone.as_ref().is_some_and(|zone| zone.kind == kind);
    property.references.as_ref() == Some(&target.id)
        || parent.is_some_and(|p| p.property.as_ref() == Some(&property.name) && of_kind(&p.kind))
}

/// A value with another id in the place of one; none where it does not hold that.
fn instead(value: &Json, id: &str, other: &str) -> Option<Json> {
    match value {
        Json::String(own) if own == id => Some(json!(other)),
        Json::Array(all) if all.iter().any(|own| own == id) => {
            let mut kept: Vec<Json> = all.iter().filter(|own| *own != id && *own != other).cloned().collect();
            kept.push(json!(other));
            Some(Json::Array(kept))
        }
        _ => None,
    }
}
