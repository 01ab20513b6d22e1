//! The platforms of an area: those whose point lies in it or that name it as their district.

use super::disclosure::{DisclosureLine, DisclosureTable};
use super::{Amounts, Area, PlatformRow, Query, Summing};
use crate::columns::{Column, Value};
use crate::model::Role;
use crate::snapshot::{Layer, RowSource, Snapshot};

/// The platforms of the query's area, with the enterprises in their schematic areas under the same filter. For the
/// whole city: all of them.
pub fn platforms(snapshot: &Snapshot, query: &Query) -> Vec<PlatformRow> {
    let Some(place) = snapshot.layers.iter().position(|l| l.spec.role == Role::Platforms) else { return vec![] };
    let layer = &snapshot.layers[place];
    let here = query.area.rows(snapshot, place);
    let own = match query.area {
        Area::Zone(z) => Some(snapshot.zones.list[z].id.as_str()),
        _ => None,
    };
    let belongs = |row: &usize| {
        here.as_ref().is_none_or(|set| set.contains(*row))
            || own.is_some_and(|id| layer.table.ids.value(*row) == id || names(layer, *row, id))
    };
    let summing = snapshot.register.as_ref().map(|register| Summing::new(snapshot, register, query));
    (0..layer.len()).filter(belongs).map(|row| platform(snapshot, query, summing.as_ref(), layer, row)).collect()
}

/// Whether the platform says that it lies in this district.
fn names(layer: &Layer, row: usize, district: &str) -> bool {
    match layer.spec.property("districts").map(|(i, _)| &layer.table.columns[i]) {
        Some(Column::Strings(lists, _)) => lists.row(row).any(|d| d == district),
        _ => false,
    }
}

fn platform(snapshot: &Snapshot, query: &Query, summing: Option<&Summing>, layer: &Layer, row: usize) -> PlatformRow {
    let text = |property| layer.text(property, row).map(str::to_owned);
    let id = layer.table.ids.value(row).to_owned();
    let precision = layer.spec.property("precision_m").map(|(i, _)| layer.table.columns[i].value(row));
    let sums = snapshot.zones.find(&id).zip(summing).map(|((_, zone), summing)| {
        let sums = summing.members(&zone.members);
        let mut amounts = sums.totals();
        let lines = vec![DisclosureLine::single(&mut amounts)];
        let table = DisclosureTable { lines, parts_add_up: false, lines_add_up: false, withheld: false };
        query.disclosure.withhold(&snapshot.rules(), table);
        (sums.matched(), amounts)
    });
    let (count, amounts) = sums.map_or((None, Amounts::new()), |(count, amounts)| (Some(count), amounts));
    PlatformRow {
        id,
        name: layer.name(row).to_owned(),
        name_en: layer.name_en(row).to_owned(),
        status: text("status"),
        status_note: text("status_note"),
        basis: text("basis"),
        precision_m: precision.and_then(|v| if let Value::Integer(m) = v { Some(m) } else { None }),
        source: text("source"),
        count,
        amounts,
    }
}
