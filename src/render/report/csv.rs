//! The enterprises as CSV: UTF-8 with BOM so that Excel reads it right, CRLF, quoting by RFC 4180.

use super::Material;
use super::cell::Cell;
use super::enterprises::Enterprises;
use crate::core::formula;
use csv::{Terminator, WriterBuilder};
use std::borrow::Cow;

pub(super) fn render(material: &Material<'_>) -> Result<Vec<u8>, csv::Error> {
    let table = Enterprises::new(*material);
    let out = "\u{FEFF}".as_bytes().to_vec();
    let mut writer = WriterBuilder::new().terminator(Terminator::CRLF).from_writer(out);
    writer.write_record(table.heads().map(|h| h.title.as_str()))?;
    for row in material.rows() {
        for cell in table.cells(row) {
            writer.write_field(field(&cell).as_bytes())?;
        }
        writer.write_record(None::<&[u8]>)?;
    }
    Ok(writer.into_inner().map_err(|e| std::io::Error::other(e.to_string()))?)
}

/// A cell as a field. Only text can be taken for a formula.
fn field<'a>(cell: &'a Cell<'_>) -> Cow<'a, str> {
    match cell {
        Cell::Text(t) => formula::escape(t),
        other => other.plain(),
    }
}
