//! The register as it is kept: GeoParquet with every property as it is, instants as they were written.

use super::CommitError;
use super::files::Part;
use crate::core::cancel;
use crate::core::model::{CollectionSpec, PropertyType, Table};
use crate::data::geoparquet::{Field, Kind, Layout, Rows, Writer};
use crate::data::intake::NewRegister;
use crate::data::load::Maker;
use parquet::errors::ParquetError;
use std::collections::VecDeque;
use std::io::{self, Write};
use std::ops::Range;

/// Rows of a group.
const GROUP: usize = 1 << 16;
/// Rows that a thread makes at a time.
const PIECE: usize = 1 << 13;

/// Writes a table into a file.
pub fn pack(part: &Part, name: &str, spec: &CollectionSpec, table: &Table) -> Result<(), CommitError> {
    let mut writer = Writer::new(layout(spec, table)).map_err(failed)?;
    let rows = table.ids.len();
    part.write(name, |out| {
        let groups = (0..rows).step_by(GROUP).map(|at| at..(at + GROUP).min(rows));
        groups.into_iter().try_for_each(|group| write(&mut writer, &[(table, group)], out))?;
        end(writer, out)
    })?;
    Ok(())
}

/// Writes the rows of a new register into a file, group by group while those of the next one are made; how many. `None`, and no
/// file, where there is anything to say about a row.
pub fn pack_made(part: &Part, name: &str, maker: &Maker, register: &NewRegister) -> Result<Option<usize>, CommitError> {
    let Some(empty) = maker.table(std::iter::empty()) else { return Ok(None) };
    let mut writer = Writer::new(layout(maker.spec(), &empty)).map_err(failed)?;
    let made = |places: Range<usize>| -> Option<Vec<Table>> {
        let rows = |piece: Range<usize>| piece.filter_map(|place| register.row(places.start + place));
        cancel::pieces(places.len(), PIECE, |piece| maker.table(rows(piece))).into_iter().collect()
    };
    let (slots, mut silent) = (register.slots(), true);
    let written = part.write(name, |out| {
        let (mut waiting, mut at) = (Waiting::default(), 0);
        loop {
            let next = (at + GROUP).min(slots);
            let (written, tables) = cancel::both(|| waiting.write(at == slots, &mut writer, out), || made(at..next));
            written?;
            if at == slots {
                break;
            }
            silent = tables.is_some();
            let tables = tables.ok_or(io::ErrorKind::InvalidData)?;
            waiting.tables.extend(tables.into_iter().map(|table| (table, 0)));
            at = next;
        }
        end(writer, out)?;
        Ok(waiting.written)
    });
    if silent { Ok(Some(written?)) } else { Ok(None) }
}

/// Tables that are made and not written yet.
#[derive(Default)]
struct Waiting {
    /// Each with the number of its rows that are written.
    tables: VecDeque<(Table, usize)>,
    written: usize,
}

impl Waiting {
    /// Writes whole groups, and at the end what is left.
    fn write(&mut self, all: bool, writer: &mut Writer, out: &mut dyn Write) -> io::Result<()> {
        loop {
            let (mut group, mut rows) = (Vec::new(), 0);
            for (table, written) in &self.tables {
                let end = table.ids.len().min(written + GROUP - rows);
                rows += end - written;
                group.push((table, *written..end));
            }
            if rows == 0 || (rows < GROUP && !all) {
                return Ok(());
            }
            write(writer, &group, out)?;
            let ends: Vec<usize> = group.into_iter().map(|(_, rows)| rows.end).collect();
            self.tables.iter_mut().zip(ends).for_each(|((_, written), end)| *written = end);
            self.tables.retain(|(table, written)| *written < table.ids.len());
            self.written += rows;
        }
    }
}

/// Writes rows of tables as one group.
fn write(writer: &mut Writer, of: &[(&Table, Range<usize>)], out: &mut dyn Write) -> io::Result<()> {
    let geometries: Vec<_> = of.iter().map(|(table, _)| |row| table.geometries.value(row)).collect();
    let tables = of.iter().zip(&geometries);
    let tables: Vec<Rows> = tables
        .map(|((table, _), geometry)| Rows { ids: &table.ids, columns: table.columns.iter().collect(), geometry })
        .collect();
    let rows: Vec<Vec<u32>> = of.iter().map(|(_, rows)| (rows.start as u32..rows.end as u32).collect()).collect();
    let group: Vec<(&Rows, &[u32])> = tables.iter().zip(rows.iter().map(Vec::as_slice)).collect();
    let mut bytes = Vec::new();
    writer.group(&group, &mut bytes).map_err(io::Error::other)?;
    out.write_all(&bytes)
}

fn end(mut writer: Writer, out: &mut dyn Write) -> io::Result<()> {
    let mut bytes = Vec::new();
    writer.end(&mut bytes).map_err(io::Error::other)?;
    out.write_all(&bytes)
}

fn layout(spec: &CollectionSpec, table: &Table) -> Layout {
    let named = |base: &str| {
        let taken = |name: &str| spec.properties.iter().any(|p| p.name.eq_ignore_ascii_case(name));
        (0..=spec.properties.len()).map(|n| "_".repeat(n) + base).find(|name| !taken(name)).unwrap_or_default()
    };
    let fields = spec.properties.iter().zip(&table.columns).map(|(p, column)| Field {
        name: p.name.clone(),
        property: p.name.clone(),
        kind: if p.ty == PropertyType::Date { Kind::Date } else { Kind::of(column) },
    });
    Layout { id: named("id"), geometry: named("geometry"), fields: fields.collect(), crs: None }
}

#[allow(clippy::needless_pass_by_value, reason = "made for map_err")]
fn failed(e: ParquetError) -> CommitError {
    CommitError::Pack(e.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::columns::{Bitmap, ColumnBuilder, ColumnType, Text, Value};
    use crate::core::model::Geometries;
    use serde_json::json;

    /// Rows of a table, by their numbers.
    fn table(rows: Range<usize>) -> Table {
        let (mut ids, mut numbers) = (Text::default(), ColumnBuilder::new(ColumnType::Integer));
        for row in rows.clone() {
            ids.push(&format!("F{row}"));
            numbers
                .push(if row.is_multiple_of(9) { Value::Null } else { Value::Integer(row as i64 * 7919 % 1009) })
                .unwrap();
        }
        let lon: Vec<f64> =
            rows.map(|row| if row.is_multiple_of(5) { f64::NAN } else { 120.0 + row as f64 * 1e-6 }).collect();
        let located = Bitmap::from_fn(lon.len(), |row| !lon[row].is_nan());
        let geometries = Geometries::Points { lat: lon.iter().map(|x| x - 90.0).collect(), lon, located };
        Table { ids, geometries, columns: vec![numbers.finish()] }
    }

    #[test]
    fn groups_hold_the_same_rows_whatever_the_pieces_are() {
        let spec: CollectionSpec = serde_json::from_value(json!({"id": "firms", "file": "firms.parquet", "geometry": "point",
            "title": {"zh": "企业", "en": "firms"}, "properties": [{"name": "n", "title": {"zh": "数", "en": "n"}, "type": "integer"}]}))
        .unwrap();
        let rows = 2 * GROUP + 4321;
        let whole = table(0..rows);
        let mut expected = Vec::new();
        let mut writer = Writer::new(layout(&spec, &whole)).unwrap();
        for at in (0..rows).step_by(GROUP) {
            write(&mut writer, &[(&whole, at..(at + GROUP).min(rows))], &mut expected).unwrap();
        }
        end(writer, &mut expected).unwrap();
        for piece in [PIECE, 30_011, GROUP, GROUP + 1, rows] {
            let (mut waiting, mut made) = (Waiting::default(), Vec::new());
            let mut writer = Writer::new(layout(&spec, &whole)).unwrap();
            for at in (0..rows).step_by(piece) {
                waiting.tables.push_back((table(at..(at + piece).min(rows)), 0));
                waiting.tables.push_back((table(0..0), 0));
                waiting.write(false, &mut writer, &mut made).unwrap();
            }
            waiting.write(true, &mut writer, &mut made).unwrap();
            end(writer, &mut made).unwrap();
            assert_eq!((waiting.written, waiting.tables.len()), (rows, 0), "pieces of {piece}");
            assert!(made == expected, "pieces of {piece}");
        }
    }
}
