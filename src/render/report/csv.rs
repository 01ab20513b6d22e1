//! The enterprises as CSV.

use super::Material;
use super::cell::{Cell, Sheet};
use super::enterprises::{Enterprises, READ};
use crate::core::formula;
use crate::render::csv::{finish, writer};
use std::borrow::Cow;

pub(super) fn render(material: &Material<'_>) -> Result<Vec<u8>, csv::Error> {
    let table = Enterprises::new(*material);
    let mut writer = writer();
    writer.write_record(table.heads().map(|h| h.title.as_str()))?;
    for rows in material.rows().chunks(READ) {
        let columns = table.columns(rows);
        for place in 0..rows.len() {
            for cells in &columns {
                writer.write_field(field(&cells[place]).as_bytes())?;
            }
            writer.write_record(None::<&[u8]>)?;
        }
    }
    finish(writer)
}

/// Tables one below the other, each with its title and the lines under it.
pub(super) fn sheets(sheets: Vec<Sheet<'_>>) -> Result<Vec<u8>, csv::Error> {
    let mut writer = writer();
    for (place, sheet) in sheets.into_iter().enumerate() {
        if place > 0 {
            writer.write_record([""])?;
        }
        if let Some((title, marks)) = &sheet.title {
            let all = std::iter::once(title).chain(marks);
            writer.write_record(all.map(|text| formula::escape(text).into_owned()))?;
        }
        writer.write_record(sheet.heads.iter().map(|head| formula::escape(&head.title).into_owned()))?;
        for row in sheet.rows {
            writer.write_record(row.iter().map(|cell| field(cell).into_owned()))?;
        }
        for line in &sheet.foot {
            writer.write_record([formula::escape(line).as_ref()])?;
        }
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
