//! The register as it is kept: GeoParquet with every property as it is, instants as they were written.

use super::CommitError;
use super::files::Part;
use crate::core::model::{CollectionSpec, PropertyType, Table};
use crate::data::geoparquet::{Field, Kind, Layout, Rows, Writer};
use std::io;

/// Rows of a group.
const GROUP: usize = 1 << 16;

/// Writes a table into a file.
pub fn pack(part: &Part, name: &str, spec: &CollectionSpec, table: &Table) -> Result<(), CommitError> {
    let named = |base: &str| {
        let taken = |name: &str| spec.properties.iter().any(|p| p.name.eq_ignore_ascii_case(name));
        (0..=spec.properties.len()).map(|n| "_".repeat(n) + base).find(|name| !taken(name)).unwrap_or_default()
    };
    let fields = spec.properties.iter().zip(&table.columns).map(|(p, column)| Field {
        name: p.name.clone(),
        property: p.name.clone(),
        kind: if p.ty == PropertyType::Date { Kind::Date } else { Kind::of(column) },
    });
    let layout = Layout { id: named("id"), geometry: named("geometry"), fields: fields.collect(), crs: None };
    let geometry = |row| table.geometries.value(row);
    let all = Rows { ids: &table.ids, columns: table.columns.iter().collect(), geometry: &geometry };
    let failed = |e: parquet::errors::ParquetError| CommitError::Pack(e.to_string());
    let mut writer = Writer::new(layout).map_err(failed)?;
    let rows: Vec<u32> = (0..table.ids.len() as u32).collect();
    part.write(name, |out| {
        let mut bytes = Vec::new();
        for group in rows.chunks(GROUP) {
            writer.group(&all, group, &mut bytes).map_err(io::Error::other)?;
            out.write_all(&bytes)?;
            bytes.clear();
        }
        writer.end(&mut bytes).map_err(io::Error::other)?;
        out.write_all(&bytes)
    })?;
    Ok(())
}
