//! A sender who answers for some zones only: what the register has of these, and rows that are of other zones.

use super::diff::Class;
use super::finding::Finding;
use super::judge::Judged;
use super::places::{Districts, Ground};
use super::prepare::Import;
use super::schema::Schema;
use crate::core::cancel;
use crate::core::model::{Dataset, Role, Text};

/// The dataset with the rows of its register that are of these zones: located ones by their point, others by what they declare.
/// Whoever is shown what is made of it, or of a file that is judged against it, learns nothing of other zones' rows.
#[must_use]
pub fn of_zones(dataset: &Dataset, ground: &Ground, zones: &[String]) -> Dataset {
    let mut own = dataset.clone();
    let rows = Schema::of(dataset).map(|schema| rows_of(&schema, &Districts::new(ground), zones));
    let table = dataset.by_role(Role::Register).map(|(spec, _)| spec.id.clone());
    let place = dataset.manifest.collections.iter().position(|c| Some(&c.id) == table.as_ref());
    if let Some((rows, place)) = rows.zip(place) {
        own.tables[place] = own.tables[place].take(&rows);
    }
    own
}

fn rows_of(schema: &Schema, districts: &Districts, zones: &[String]) -> Vec<u32> {
    let declared = schema.register.district.as_deref().and_then(|n| schema.place(n));
    let declared = declared.and_then(|p| schema.table.columns.get(p));
    let is_own = |row: &u32| {
        cancel::check();
        let said = || declared.and_then(|c| c.text(*row as usize)).and_then(|id| districts.by_id(id));
        let zone = schema.table.geometries.point(*row as usize).map_or_else(said, |at| districts.around(at));
        zone.is_some_and(|zone| zones.iter().any(|own| own == districts.id(zone)))
    };
    (0..schema.table.ids.len() as u32).filter(is_own).collect()
}

impl Import<'_> {
    /// Refuses a row of a zone that its sender does not answer for: as the register has it, and as the row would make it.
    pub(super) fn of_own_zones(&self, row: usize, judged: &mut Judged) {
        let Some(own) = &self.options.zones else { return };
        let held = judged.existing.map(|row| {
            let at = self.schema.table.geometries.point(row);
            at.map_or_else(|| self.declared_in_register(row), |at| self.districts.around(at))
        });
        let said = judged.position.as_ref().map(|p| self.districts.around(p.at));
        // a row that has a place in the register and gives none stays there
        let located = judged.existing.is_some_and(|row| self.schema.table.geometries.point(row).is_some());
        let after = said.unwrap_or_else(|| match held {
            Some(held) if located => held,
            held => judged.district.or(held.flatten()),
        });
        let is_own = |zone: Option<usize>| zone.is_some_and(|zone| own.iter().any(|id| id == self.districts.id(zone)));
        let foreign = match held {
            Some(held) if !is_own(held) => held,
            _ if !is_own(after) => after,
            _ => return,
        };
        let n = judged.number;
        let text = match foreign.map(|zone| self.districts.name(zone)) {
            Some(zone) => Text::new(
                format!("第 {n} 行 属于“{zone}”,不在本次填报的范围"),
                format!("row {n}: is of “{zone}”, which its sender does not answer for"),
            ),
            None => Text::new(
                format!("第 {n} 行 没有填区域,坐标也不在任何区域内"),
                format!("row {n}: names no zone and lies in none"),
            ),
        };
        let column = self.column_of(self.roles.district).or(self.column_of(self.roles.name)).unwrap_or_default();
        let cell = self.sheet.cells.cell(row, column).text;
        judged.notes.push(Finding::error("other-zone", text).row(n).cell(column, cell));
    }

    /// The id that each row without errors has, and its number in the file.
    pub fn rows_by_id(&self) -> impl Iterator<Item = (String, u32)> {
        let taken = |row: usize| {
            let judged = self.judge(row);
            (judged.class != Class::Problem).then(|| (judged.id.into_owned(), judged.number))
        };
        (0..self.sheet.cells.len()).filter_map(taken)
    }
}
