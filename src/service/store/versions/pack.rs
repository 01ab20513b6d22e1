//! The register as it is kept: GeoParquet with every property as it is, instants as they were written.

use super::CommitError;
use super::files::Part;
use crate::core::cancel;
use crate::core::model::{CollectionSpec, PropertyType, Table};
use crate::data::geoparquet::{Field, Kind, Layout, Rows, Writer};
use crate::data::intake::{JudgedRows, NewRegister};
use crate::data::load::{Maker, Making};
use parquet::errors::ParquetError;
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

/// Writes the rows of a new register into a file, group by group while those of the next one are made; the table of them. What a
/// check has judged is not judged again. `None`, and no file, where there is anything to say about a row.
pub fn pack_made(part: &Part, name: &str, maker: &Maker, register: &NewRegister) -> Result<Option<Table>, CommitError> {
    let Some(empty) = maker.table(std::iter::empty()) else { return Ok(None) };
    let mut writer = Writer::new(layout(maker.spec(), &empty)).map_err(failed)?;
    let judged = register.judged(maker);
    let slots = if judged.is_some() { register.held() } else { register.slots() };
    let mut silent = true;
    let mut waiting = Waiting { tables: vec![empty], ..Waiting::default() };
    let written = part.write(name, |out| {
        maker.begin(|mut like| {
            let row = |place| match &judged {
                Some(judged) => register.row_with(place, judged),
                None => register.row(place),
            };
            for at in (0..slots).step_by(GROUP) {
                let made = |piece: Range<usize>| like.fresh().with(piece.filter_map(|place| row(at + place)));
                let next =
                    || cancel::pieces(GROUP.min(slots - at), PIECE, made).into_iter().collect::<Option<Vec<_>>>();
                let (written, parts) = cancel::both(|| waiting.write(false, &mut writer, out), next);
                written?;
                let mut parts = parts.into_iter().flatten().peekable();
                // columns that turned out to have many words begin without a dictionary from now on
                let next = parts.peek().map(Making::fresh);
                let tables: Option<Vec<Table>> = parts.map(Making::finish).collect();
                silent = next.is_some() && tables.is_some();
                waiting.tables.extend(tables.filter(|_| silent).ok_or(io::ErrorKind::InvalidData)?);
                like = next.unwrap_or(like);
            }
            io::Result::Ok(())
        })?;
        waiting.tables.extend(judged.map(JudgedRows::into_new));
        waiting.write(true, &mut writer, out)?;
        end(writer, out)
    });
    if !silent {
        return Ok(None);
    }
    written?;
    Ok(Table::joined(waiting.tables))
}

/// Tables that are made, and how far they are written.
#[derive(Default)]
struct Waiting {
    tables: Vec<Table>,
    /// The first of them that is not written to its end, and how many of its rows are.
    at: (usize, usize),
}

impl Waiting {
    /// Writes whole groups, and at the end what is left.
    fn write(&mut self, all: bool, writer: &mut Writer, out: &mut dyn Write) -> io::Result<()> {
        loop {
            let (mut group, mut rows) = (Vec::new(), 0);
            let (first, mut start) = self.at;
            for (place, table) in self.tables.iter().enumerate().skip(first) {
                let end = table.ids.len().min(start + GROUP - rows);
                rows += end - start;
                group.push((table, start..end));
                self.at = (place, end);
                start = 0;
                if rows == GROUP {
                    break;
                }
            }
            if rows == 0 || (rows < GROUP && !all) {
                self.at = (first, group.first().map_or(0, |(_, rows)| rows.start));
                return Ok(());
            }
            write(writer, &group, out)?;
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
                waiting.tables.push(table(at..(at + piece).min(rows)));
                waiting.tables.push(table(0..0));
                waiting.write(false, &mut writer, &mut made).unwrap();
            }
            waiting.write(true, &mut writer, &mut made).unwrap();
            end(writer, &mut made).unwrap();
            assert!(made == expected, "pieces of {piece}");
            let joined = Table::joined(waiting.tables).unwrap();
            assert!(joined.holds(0, &whole) && joined.ids.len() == rows, "pieces of {piece}");
        }
    }
}
