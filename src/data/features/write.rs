//! A collection as GeoJSON in canonical form: a feature a line, its id first, its properties in the order of the manifest, all
//! digits of its numbers. The same rows give the same bytes.

use super::FeatureEdit;
use crate::core::model::{CollectionSpec, Table};
use crate::data::intake::held;
use serde_json::Value as Json;
use std::io::{self, Write};

const BEGIN: &[u8] = b"{\"type\":\"FeatureCollection\",\"features\":[";
const END: &[u8] = b"\n]}\n";

/// Writes a table.
pub fn write(out: &mut dyn Write, spec: &CollectionSpec, table: &Table) -> io::Result<()> {
    let rows = (0..table.ids.len()).map(|row| Row { id: table.ids.value(row), at: Some(row), edit: None });
    rows_of(out, spec, table, rows)
}

/// A feature of a file: a row of the table, an edit, or a row with its edit.
pub(super) struct Row<'a> {
    pub id: &'a str,
    /// Its place in the table.
    pub at: Option<usize>,
    pub edit: Option<&'a FeatureEdit>,
}

/// Writes rows of a table, some of them edited.
pub(super) fn rows_of<'a>(
    out: &mut dyn Write,
    spec: &CollectionSpec,
    table: &Table,
    rows: impl Iterator<Item = Row<'a>>,
) -> io::Result<()> {
    out.write_all(BEGIN)?;
    for (n, Row { id, at, edit }) in rows.enumerate() {
        out.write_all(if n == 0 { b"\n" } else { b",\n" })?;
        out.write_all(b"{\"type\":\"Feature\",\"id\":")?;
        serde_json::to_writer(&mut *out, id)?;
        out.write_all(b",\"geometry\":")?;
        let now = || at.map(|row| geometry(table, row)).unwrap_or_default();
        let shape = edit.and_then(|edit| edit.geometry.clone()).unwrap_or_else(now);
        serde_json::to_writer(&mut *out, &shape)?;
        out.write_all(b",\"properties\":{")?;
        for (i, property) in spec.properties.iter().enumerate() {
            if i > 0 {
                out.write_all(b",")?;
            }
            serde_json::to_writer(&mut *out, &property.name)?;
            out.write_all(b":")?;
            let now = || at.map(|row| held(table, row, i).to_json()).unwrap_or_default();
            let value = edit.and_then(|edit| edit.values.get(&property.name).cloned()).unwrap_or_else(now);
            serde_json::to_writer(&mut *out, &value)?;
        }
        out.write_all(b"}}")?;
    }
    out.write_all(END)
}

/// The geometry of a row as GeoJSON; null where it has none.
pub(super) fn geometry(table: &Table, row: usize) -> Json {
    let geometry = table.geometries.value(row);
    geometry.and_then(|g| serde_json::to_value(geojson::GeometryValue::from(&g)).ok()).unwrap_or_default()
}
