//! FlatGeobuf, version 3: a header, then feature after feature, each a FlatBuffer with its length before it. Without the
//! index, which would have to come before the features; points stand in Hilbert order all the same.

use super::schema::{Field, Kind, Schema, common};
use super::system::{placed, system};
use super::{BulkError, Writer};
use crate::core::cancel;
use crate::core::columns::Value;
use crate::core::geometry::wkb::sort;
use crate::core::query::{Selection, write_value};
use flatbuffers::{FlatBufferBuilder, TableFinishedWIPOffset, VOffsetT, WIPOffset};
use geo::{Coord, Geometry, LineString, Polygon};

const MAGIC: [u8; 8] = *b"fgb\x03fgb\x01";

/// The place of a table's nth field.
const fn slot(n: VOffsetT) -> VOffsetT {
    4 + 2 * n
}

type Table = WIPOffset<TableFinishedWIPOffset>;

/// Reuses one buffer for all features.
#[derive(Default)]
pub(super) struct FlatGeobuf {
    builder: FlatBufferBuilder<'static>,
    properties: Vec<u8>,
}

impl Writer for FlatGeobuf {
    fn begin(&mut self, of: &Selection, schema: &Schema, out: &mut Vec<u8>) -> Result<(), BulkError> {
        let b = &mut self.builder;
        let id = (schema.id.as_str(), "", 11);
        let fields = schema.fields.iter().map(|f| (f.name.as_str(), f.title.zh.as_str(), column_type(f)));
        let columns: Vec<Table> = std::iter::once(id)
            .chain(fields)
            .map(|(name, title, ty)| {
                let (name, title) = (b.create_string(name), b.create_string(title));
                let table = b.start_table();
                b.push_slot_always(slot(0), name);
                b.push_slot_always::<u8>(slot(1), ty);
                b.push_slot_always(slot(2), title);
                b.end_table(table)
            })
            .collect();
        let columns = b.create_vector(&columns);
        let system = system(schema.crs);
        let strings = ["EPSG", system.name.as_str(), system.wkt.as_str()].map(|s| b.create_string(s));
        let table = b.start_table();
        b.push_slot_always(slot(0), strings[0]);
        b.push_slot_always::<i32>(slot(1), system.code);
        b.push_slot_always(slot(2), strings[1]);
        b.push_slot_always(slot(4), strings[2]);
        let crs = b.end_table(table);
        let name = b.create_string(&schema.table);
        let title = b.create_string(&of.spec().title.zh);
        let about = b.create_string(&of.spec().description.zh);
        let table = b.start_table();
        b.push_slot_always(slot(0), name);
        b.push_slot_always::<u8>(slot(2), common(of));
        b.push_slot_always(slot(7), columns);
        b.push_slot_always::<u64>(slot(8), of.rows().len() as u64);
        b.push_slot_always::<u16>(slot(9), 0);
        b.push_slot_always(slot(10), crs);
        b.push_slot_always(slot(11), title);
        b.push_slot_always(slot(12), about);
        let header = b.end_table(table);
        b.finish_size_prefixed(header, None);
        out.extend_from_slice(&MAGIC);
        out.extend_from_slice(b.finished_data());
        Ok(())
    }

    fn rows(&mut self, of: &Selection, schema: &Schema, rows: &[u32], out: &mut Vec<u8>) -> Result<(), BulkError> {
        for &row in rows {
            cancel::check();
            let row = row as usize;
            self.properties.clear();
            texts(&mut self.properties, 0, of.table().ids.value(row));
            for (i, field) in schema.fields.iter().enumerate() {
                property(&mut self.properties, i as u16 + 1, of.table().columns[field.column].value(row));
            }
            let b = &mut self.builder;
            b.reset();
            let geometry = of.table().geometries.value(row).map(|g| geometry(b, &placed(schema.crs, g)));
            let properties = b.create_vector(&self.properties);
            let table = b.start_table();
            if let Some(geometry) = geometry {
                b.push_slot_always(slot(0), geometry);
            }
            b.push_slot_always(slot(1), properties);
            let feature = b.end_table(table);
            b.finish_size_prefixed(feature, None);
            out.extend_from_slice(b.finished_data());
        }
        Ok(())
    }

    fn end(&mut self, _: &mut Vec<u8>) -> Result<(), BulkError> {
        Ok(())
    }
}

/// Numbers of the format's column types.
fn column_type(field: &Field) -> u8 {
    match field.kind {
        Kind::Boolean => 2,
        Kind::Integer => 7,
        Kind::Number | Kind::Decimal(_) => 10,
        Kind::Text => 11,
        Kind::List => 12,
        Kind::Date | Kind::Datetime => 13,
    }
}

/// A property that has a value: the number of its column, then the value.
fn property(out: &mut Vec<u8>, column: u16, value: Value<'_>) {
    let mut put = |bytes: &[u8]| {
        out.extend_from_slice(&column.to_le_bytes());
        out.extend_from_slice(bytes);
    };
    match value {
        Value::Null => {}
        Value::Text(t) => texts(out, column, t),
        Value::Integer(i) => put(&i.to_le_bytes()),
        Value::Number(n) => put(&n.to_le_bytes()),
        Value::Decimal(digits, decimals) => put(&(digits as f64 / 10f64.powi(decimals.into())).to_le_bytes()),
        Value::Boolean(b) => put(&[u8::from(b)]),
        Value::Strings(..) => {
            let mut json = Vec::new();
            write_value(&mut json, value);
            put(&(json.len() as u32).to_le_bytes());
            out.extend_from_slice(&json);
        }
    }
}

fn texts(out: &mut Vec<u8>, column: u16, text: &str) {
    out.extend_from_slice(&column.to_le_bytes());
    out.extend_from_slice(&(text.len() as u32).to_le_bytes());
    out.extend_from_slice(text.as_bytes());
}

/// Where a run of coordinates ends, if there are several, and the coordinates.
#[derive(Default)]
struct Runs {
    xy: Vec<f64>,
    ends: Vec<u32>,
}

impl Runs {
    fn of<'a>(runs: impl Iterator<Item = &'a [Coord<f64>]>) -> Self {
        let mut out = Self::default();
        for run in runs.filter(|r| !r.is_empty()) {
            out.xy.extend(run.iter().flat_map(|c| [c.x, c.y]));
            out.ends.push(out.xy.len() as u32 / 2);
        }
        out
    }

    fn rings(p: &Polygon<f64>) -> Self {
        Self::of(std::iter::once(p.exterior()).chain(p.interiors()).map(|r| r.0.as_slice()))
    }

    fn lines(lines: &[LineString<f64>]) -> Self {
        Self::of(lines.iter().map(|l| l.0.as_slice()))
    }
}

fn geometry(b: &mut FlatBufferBuilder<'_>, geometry: &Geometry<f64>) -> Table {
    let runs = match geometry {
        Geometry::Point(p) => Runs::of([p.0].as_slice().chunks(1)),
        Geometry::MultiPoint(m) => {
            let all: Vec<Coord<f64>> = m.0.iter().map(|p| p.0).collect();
            Runs::of(std::iter::once(all.as_slice()))
        }
        Geometry::LineString(l) => Runs::of(std::iter::once(l.0.as_slice())),
        Geometry::Line(l) => Runs::lines(&[LineString::from(*l)]),
        Geometry::MultiLineString(m) => Runs::lines(&m.0),
        Geometry::Polygon(p) => Runs::rings(p),
        Geometry::Rect(r) => Runs::rings(&r.to_polygon()),
        Geometry::Triangle(t) => Runs::rings(&t.to_polygon()),
        Geometry::MultiPolygon(m) => {
            let parts: Vec<Table> = m.0.iter().map(|p| self::geometry(b, &Geometry::Polygon(p.clone()))).collect();
            return collection(b, &parts, sort(geometry));
        }
        Geometry::GeometryCollection(c) => {
            let parts: Vec<Table> = c.0.iter().map(|g| self::geometry(b, g)).collect();
            return collection(b, &parts, sort(geometry));
        }
    };
    let ends = (runs.ends.len() > 1).then(|| b.create_vector(&runs.ends));
    let xy = b.create_vector(&runs.xy);
    let table = b.start_table();
    if let Some(ends) = ends {
        b.push_slot_always(slot(0), ends);
    }
    b.push_slot_always(slot(1), xy);
    b.push_slot_always::<u8>(slot(6), sort(geometry));
    b.end_table(table)
}

fn collection(b: &mut FlatBufferBuilder<'_>, parts: &[Table], sort: u8) -> Table {
    let parts = b.create_vector(parts);
    let table = b.start_table();
    b.push_slot_always::<u8>(slot(6), sort);
    b.push_slot_always(slot(7), parts);
    b.end_table(table)
}
