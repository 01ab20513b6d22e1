//! The enterprises as CSV.

use super::Material;
use super::cell::Cell;
use super::enterprises::Enterprises;
use crate::core::formula;
use crate::render::csv::{finish, writer};
use std::borrow::Cow;

pub(super) fn render(material: &Material<'_>) -> Result<Vec<u8>, csv::Error> {
    let table = Enterprises::new(*material);
    let mut writer = writer();
    writer.write_record(table.heads().map(|h| h.title.as_str()))?;
    for row in material.rows() {
        for cell in table.cells(row) {
            writer.write_field(field(&cell).as_bytes())?;
        }
        writer.write_record(None::<&[u8]>)?;
    }
    finish(writer)
}

/// A cell as a field. Only text can be taken for a formula.
fn field<'a>(cell: &'a Cell<'_>) -> Cow<'a, str> {
    match cell {
        Cell::Text(t) => formula::escape(t),
        other => other.plain(),
    }
}
