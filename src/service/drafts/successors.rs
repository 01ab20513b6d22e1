//! Rows that declare a zone which goes: they are to declare its successor, in the same draft and version. Which rows these are is
//! told by the data as they are when the draft is judged, so a row that somebody adds meanwhile is not left behind.

use super::change::Made;
use super::error::DraftsError;
use super::held::HeldTable;
use crate::core::model::Role;
use crate::data::intake::{Edit, EditTable};
use std::collections::{BTreeMap, HashMap};

/// Zones that go, and the zones in their place.
pub(super) type Successors = BTreeMap<String, String>;

/// What the changes of a draft say of zones that go.
pub(super) fn of(edits: &[Made]) -> Successors {
    let gone = edits.iter().filter(|made| made.edit.remove);
    gone.filter_map(|made| Some((made.edit.id.clone()?, made.edit.successor.clone()?))).collect()
}

/// Edits of a table with those of the rows that declare a zone which goes. What a draft says of a row itself counts, but that it
/// is in a zone which goes: it may say so, or follow from its place.
pub(super) fn with_rows(
    held: &HeldTable,
    edits: Vec<(u32, Edit)>,
    successors: &Successors,
) -> Result<Vec<(u32, Edit)>, DraftsError> {
    let register = held.dataset.by_role(Role::Register);
    let declared = register.and_then(|(spec, table)| {
        let name = spec.register.as_ref()?.district.as_deref()?;
        Some((name, table, &table.columns[spec.property(name)?.0]))
    });
    let Some((name, table, column)) = declared.filter(|_| !successors.is_empty()) else { return Ok(edits) };
    let mut all = edits;
    let instead = |zone: &str| successors.get(zone).cloned();
    if !all.is_empty() {
        // where a row comes to be is told by the rules of an import
        let judged = EditTable::new(&all, &held.dataset, &held.ground, &held.index)?;
        let import = judged.import(&held.dataset, &held.ground)?;
        let comes_to: BTreeMap<u32, Option<String>> = import.texts(name).into_iter().collect();
        for (number, edit) in all.iter_mut().filter(|(_, edit)| !edit.remove) {
            if let Some(zone) = comes_to.get(number).and_then(|zone| instead(zone.as_deref()?)) {
                edit.zone = Some(zone);
            }
        }
    }
    let known = all.iter().enumerate().filter_map(|(place, (_, edit))| Some((edit.id.clone()?, place)));
    let known: HashMap<String, usize> = known.collect();
    let mut number = all.iter().map(|(number, _)| *number).max().unwrap_or(0).max(FIRST);
    for row in 0..table.ids.len() {
        let id = table.ids.value(row);
        let Some(zone) = column.text(row).and_then(instead) else { continue };
        if let Some(place) = known.get(id) {
            let edit = &mut all[*place].1;
            let says = |edit: &Edit| edit.values.get(name).is_some_and(|zone| zone.as_str() != column.text(row));
            if !(edit.remove || edit.position.is_some() || says(edit)) {
                edit.zone = Some(zone);
            }
            continue;
        }
        number += 1;
        all.push((number, Edit { id: Some(id.to_owned()), zone: Some(zone), ..Edit::default() }));
    }
    Ok(all)
}

/// Numbers above this are of no change of a draft, which has fewer steps.
const FIRST: u32 = 100_000_000;
