//! Writes: well-known binary, a bounding box for each geometry, row groups of rows that stand near each other,
//! Zstandard. The columns of a group are made on all cores and written one after the other.

use super::{BOX, Kind, PROPERTIES};
use crate::core::cancel;
use crate::core::columns::{Column, Moment, Text, Value};
use crate::core::geometry::Bounds;
use crate::core::geometry::wkb::{self, SORTS, sort};
use bytes::Bytes;
use geo::Geometry;
use parquet::basic::{Compression, LogicalType, Repetition, TimeUnit, Type as Physical, ZstdLevel};
use parquet::column::writer::{ColumnCloseResult, get_column_writer, get_typed_column_writer};
use parquet::data_type::{BoolType, ByteArray, ByteArrayType, DataType, DoubleType, Int32Type, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::{EnabledStatistics, WriterProperties, WriterPropertiesPtr};
use parquet::file::writer::{SerializedFileWriter, SerializedPageWriter, TrackedWrite};
use parquet::schema::types::{ColumnDescPtr, ColumnPath, Type, TypePtr};
use serde_json::{Value as Json, json};
use std::collections::BTreeSet;
use std::io::{self, Write};
use std::ops::Range;
use std::sync::{Arc, Mutex};

/// What the library writes goes here and is taken away after each row group.
#[derive(Clone, Default)]
struct Sink(Arc<Mutex<Vec<u8>>>);

impl Sink {
    fn take(&self, out: &mut Vec<u8>) {
        if let Ok(mut made) = self.0.lock() {
            out.append(&mut made);
        }
    }
}

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut made = self.0.lock().map_err(|_| io::Error::other("a writer before this one failed"))?;
        made.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A column of a file.
#[derive(Clone, Debug)]
pub struct Field {
    /// Its name, unlike all others of the file.
    pub name: String,
    /// The property that it holds.
    pub property: String,
    /// What it holds.
    pub kind: Kind,
}

/// The columns of a file.
#[derive(Clone, Debug)]
pub struct Layout {
    /// Name of the column of ids.
    pub id: String,
    /// Name of the column of geometries.
    pub geometry: String,
    /// The columns between them.
    pub fields: Vec<Field>,
    /// The reference system as PROJJSON; none for CRS84.
    pub crs: Option<Json>,
}

/// A table whose rows are to be written.
pub struct Rows<'a> {
    /// Ids of all rows.
    pub ids: &'a Text,
    /// All cells, a column for each field of the layout.
    pub columns: Vec<&'a Column>,
    /// The geometry of a row, in the layout's system.
    pub geometry: &'a (dyn Fn(usize) -> Option<Geometry<f64>> + Sync),
}

/// A file in the making. It gives out what it has made after each row group.
pub struct Writer {
    packed: SerializedFileWriter<Sink>,
    sink: Sink,
    layout: Layout,
    sorts: BTreeSet<u8>,
    bounds: Bounds,
}

impl Writer {
    /// A file of no rows yet.
    pub fn new(layout: Layout) -> Result<Self, ParquetError> {
        let sink = Sink::default();
        let geometry = ColumnPath::from(layout.geometry.as_str());
        // statistics of the binary would be of no use and long
        let properties = WriterProperties::builder()
            .set_compression(Compression::ZSTD(ZstdLevel::try_new(3)?))
            .set_created_by(format!("shigu {}", env!("CARGO_PKG_VERSION")))
            .set_column_statistics_enabled(geometry.clone(), EnabledStatistics::None)
            .set_column_dictionary_enabled(geometry, false)
            .build();
        let packed = SerializedFileWriter::new(sink.clone(), root(&layout)?, Arc::new(properties))?;
        Ok(Self { packed, sink, layout, sorts: BTreeSet::new(), bounds: Bounds::EMPTY })
    }

    /// The metadata that make a Parquet file a GeoParquet file.
    fn about(&self) -> Json {
        let sorts: Vec<&str> = self.sorts.iter().map(|&s| SORTS[usize::from(s)]).collect();
        let edge = |name: &str| json!(["bbox", name]);
        let mut column = json!({
            "encoding": "WKB",
            "geometry_types": sorts,
            "covering": {"bbox": {"xmin": edge("xmin"), "ymin": edge("ymin"), "xmax": edge("xmax"), "ymax": edge("ymax")}},
        });
        if !self.bounds.is_empty() {
            column["bbox"] = json!(self.bounds.to_array());
        }
        if let Some(system) = &self.layout.crs {
            column["crs"] = system.clone();
        }
        let geometry = self.layout.geometry.as_str();
        json!({"version": "1.1.0", "primary_column": geometry, "columns": {(geometry): column}})
    }

    /// Which columns are the id and which properties, for whoever reads the file back.
    fn properties(&self) -> Json {
        let names = self.layout.fields.iter().map(|f| (f.name.clone(), json!(f.property)));
        json!({"id": self.layout.id, "properties": names.collect::<serde_json::Map<_, _>>()})
    }

    /// Writes some of the rows of one table, or of several one after the other, as a group.
    pub fn group(&mut self, of: &[(&Rows<'_>, &[u32])], out: &mut Vec<u8>) -> Result<(), ParquetError> {
        let fields = &self.layout.fields;
        let (leaves, properties) = (self.packed.schema_descr().columns().to_vec(), self.packed.properties().clone());
        let target = |leaf: usize| Target { about: leaves[leaf].clone(), properties: properties.clone() };
        // the geometries and their boxes come last
        let make = |part: Range<usize>| match part.start.checked_sub(1).map(|place| (place, fields.get(place))) {
            None => {
                let ids = of.iter().flat_map(|(table, rows)| rows.iter().map(|&r| Some(table.ids.value(r as usize))));
                Ok((vec![target(0).write::<ByteArrayType>(&texts(ids).0, None, None)?], Shapes::default()))
            }
            Some((place, Some(field))) => {
                let cells = of.iter().filter_map(|(table, rows)| Some((*table.columns.get(place)?, *rows)));
                Ok((vec![column(target(1 + place), &cells.collect::<Vec<_>>(), field.kind)?], Shapes::default()))
            }
            Some((place, None)) => shapes(of, |part| target(1 + place + part)),
        };
        let made: Vec<Result<(Vec<Chunk>, Shapes), ParquetError>> = cancel::pieces(fields.len() + 2, 1, make);
        let mut group = self.packed.next_row_group()?;
        for made in made {
            let (chunks, shapes) = made?;
            for Chunk { bytes, about } in chunks {
                group.append_column(&bytes, about)?;
            }
            self.sorts.extend(shapes.sorts);
            self.bounds.join(&shapes.bounds);
        }
        group.close()?;
        self.sink.take(out);
        Ok(())
    }

    /// Writes what comes after the rows.
    pub fn end(&mut self, out: &mut Vec<u8>) -> Result<(), ParquetError> {
        let (about, properties) = (self.about().to_string(), self.properties().to_string());
        self.packed.append_key_value_metadata(KeyValue::new("geo".into(), about));
        self.packed.append_key_value_metadata(KeyValue::new(PROPERTIES.into(), properties));
        self.packed.finish()?;
        self.sink.take(out);
        Ok(())
    }
}

/// A column of a group, made apart from the others.
struct Chunk {
    bytes: Bytes,
    about: ColumnCloseResult,
}

/// What the geometries of a group are.
struct Shapes {
    sorts: BTreeSet<u8>,
    bounds: Bounds,
}

impl Default for Shapes {
    fn default() -> Self {
        Self { sorts: BTreeSet::new(), bounds: Bounds::EMPTY }
    }
}

/// How a column is written.
struct Target {
    about: ColumnDescPtr,
    properties: WriterPropertiesPtr,
}

impl Target {
    /// Makes the column of a group: values of the rows that have one, and which these are.
    fn write<T: DataType>(
        self,
        values: &[T::T],
        there: Option<&[i16]>,
        repeated: Option<&[i16]>,
    ) -> Result<Chunk, ParquetError> {
        let mut out = TrackedWrite::new(Vec::new());
        let pages = Box::new(SerializedPageWriter::new(&mut out));
        let mut column = get_typed_column_writer::<T>(get_column_writer(self.about, self.properties, pages));
        column.write_batch(values, there, repeated)?;
        let about = column.close()?;
        Ok(Chunk { bytes: out.into_inner()?.into(), about })
    }
}

/// Texts that share one piece of memory, and which rows have one.
fn texts<'t>(all: impl Iterator<Item = Option<&'t str>>) -> (Vec<ByteArray>, Vec<i16>) {
    let (mut arena, mut ends, mut there) = (Vec::new(), Vec::new(), Vec::new());
    for text in all {
        cancel::check();
        there.push(i16::from(text.is_some()));
        if let Some(text) = text {
            arena.extend_from_slice(text.as_bytes());
            ends.push(arena.len());
        }
    }
    let (arena, mut start) = (Bytes::from(arena), 0);
    let slice = |end| ByteArray::from(arena.slice(std::mem::replace(&mut start, end)..end));
    (ends.into_iter().map(slice).collect(), there)
}

/// The geometries of a group and the four edges of their boxes.
fn shapes(of: &[(&Rows<'_>, &[u32])], target: impl Fn(usize) -> Target) -> Result<(Vec<Chunk>, Shapes), ParquetError> {
    let number = of.iter().map(|(_, rows)| rows.len()).sum();
    let (mut all, mut found) = (Vec::with_capacity(number), Shapes::default());
    let (mut there, mut edges) = (Vec::with_capacity(number), [const { Vec::new() }; 4]);
    for (table, row) in of.iter().flat_map(|(table, rows)| rows.iter().map(move |row| (table, *row))) {
        cancel::check();
        let Some(geometry) = (table.geometry)(row as usize) else {
            there.push(0);
            continue;
        };
        there.push(1);
        found.sorts.insert(sort(&geometry));
        let b = Bounds::of(&geometry);
        found.bounds.join(&b);
        edges.iter_mut().zip(b.to_array()).for_each(|(edge, at)| edge.push(at));
        let mut binary = Vec::new();
        wkb::write(&mut binary, &geometry);
        all.push(ByteArray::from(binary));
    }
    let mut chunks = vec![target(0).write::<ByteArrayType>(&all, Some(&there), None)?];
    for (edge, part) in edges.iter().zip(1..) {
        chunks.push(target(part).write::<DoubleType>(edge, Some(&there), None)?);
    }
    Ok((chunks, found))
}

/// Cells of a column, of one table or of several.
type Cells<'c, 'a> = &'c [(&'a Column, &'a [u32])];

/// Values of one column, and which rows have one.
fn gather<'a, T>(cells: Cells<'_, 'a>, read: impl Fn(Value<'a>) -> Option<T>) -> (Vec<T>, Vec<i16>) {
    let number = cells.iter().map(|(_, rows)| rows.len()).sum();
    let (mut values, mut there) = (Vec::with_capacity(number), Vec::with_capacity(number));
    for &(column, rows) in cells {
        for &row in rows {
            cancel::check();
            let value = read(column.value(row as usize));
            there.push(i16::from(value.is_some()));
            values.extend(value);
        }
    }
    (values, there)
}

fn column(target: Target, cells: Cells<'_, '_>, kind: Kind) -> Result<Chunk, ParquetError> {
    let moment = |v: Value<'_>| if let Value::Text(t) = v { Moment::parse(t).map(Moment::micros) } else { None };
    match kind {
        Kind::Text => {
            let rows = cells.iter().flat_map(|&(column, rows)| rows.iter().map(|&row| column.text(row as usize)));
            let (values, there) = texts(rows);
            target.write::<ByteArrayType>(&values, Some(&there), None)
        }
        Kind::Integer => {
            let (values, there) = gather(cells, |v| if let Value::Integer(i) = v { Some(i) } else { None });
            target.write::<Int64Type>(&values, Some(&there), None)
        }
        Kind::Decimal(_) => {
            let (values, there) =
                gather(cells, |v| if let Value::Decimal(digits, _) = v { Some(digits) } else { None });
            target.write::<Int64Type>(&values, Some(&there), None)
        }
        Kind::Number => {
            let (values, there) = gather(cells, |v| if let Value::Number(n) = v { Some(n) } else { None });
            target.write::<DoubleType>(&values, Some(&there), None)
        }
        Kind::Boolean => {
            let (values, there) = gather(cells, |v| if let Value::Boolean(b) = v { Some(b) } else { None });
            target.write::<BoolType>(&values, Some(&there), None)
        }
        Kind::Date => {
            let days = |v| moment(v).and_then(|micros| i32::try_from(micros.div_euclid(86_400_000_000)).ok());
            let (values, there) = gather(cells, days);
            target.write::<Int32Type>(&values, Some(&there), None)
        }
        Kind::Datetime => {
            let (values, there) = gather(cells, moment);
            target.write::<Int64Type>(&values, Some(&there), None)
        }
        Kind::List => lists(target, cells),
    }
}

/// Lists of words: how deep each is defined, and where a row begins.
fn lists(target: Target, cells: Cells<'_, '_>) -> Result<Chunk, ParquetError> {
    let (mut values, mut depth, mut repeated) = (Vec::new(), Vec::new(), Vec::new());
    for (column, row) in cells.iter().flat_map(|(column, rows)| rows.iter().map(move |row| (column, *row))) {
        cancel::check();
        let Value::Strings(list, row) = column.value(row as usize) else {
            depth.push(0);
            repeated.push(0);
            continue;
        };
        let before = values.len();
        for word in list.row(row) {
            depth.push(2);
            repeated.push(i16::from(values.len() > before));
            values.push(Some(word));
        }
        if values.len() == before {
            depth.push(1);
            repeated.push(0);
        }
    }
    target.write::<ByteArrayType>(&texts(values.into_iter()).0, Some(&depth), Some(&repeated))
}

fn root(schema: &Layout) -> Result<TypePtr, ParquetError> {
    let string = Some(LogicalType::String);
    let mut fields = vec![primitive(&schema.id, Physical::BYTE_ARRAY, string.clone(), Repetition::REQUIRED)?];
    for field in &schema.fields {
        let of = |physical, logical| primitive(&field.name, physical, logical, Repetition::OPTIONAL);
        fields.push(match field.kind {
            Kind::Text => of(Physical::BYTE_ARRAY, string.clone())?,
            Kind::Integer => of(Physical::INT64, None)?,
            Kind::Number => of(Physical::DOUBLE, None)?,
            Kind::Boolean => of(Physical::BOOLEAN, None)?,
            Kind::Date => of(Physical::INT32, Some(LogicalType::Date))?,
            Kind::Datetime => of(Physical::INT64, Some(LogicalType::timestamp(true, TimeUnit::MICROS)))?,
            Kind::Decimal(decimals) => {
                let logical = LogicalType::decimal(decimals.into(), DIGITS);
                let built = Type::primitive_type_builder(&field.name, Physical::INT64)
                    .with_repetition(Repetition::OPTIONAL)
                    .with_logical_type(Some(logical))
                    .with_precision(DIGITS)
                    .with_scale(decimals.into());
                Arc::new(built.build()?)
            }
            Kind::List => {
                let word = primitive("element", Physical::BYTE_ARRAY, string.clone(), Repetition::REQUIRED)?;
                let list =
                    Type::group_type_builder("list").with_repetition(Repetition::REPEATED).with_fields(vec![word]);
                let outer = Type::group_type_builder(&field.name)
                    .with_repetition(Repetition::OPTIONAL)
                    .with_logical_type(Some(LogicalType::List))
                    .with_fields(vec![Arc::new(list.build()?)]);
                Arc::new(outer.build()?)
            }
        });
    }
    fields.push(primitive(&schema.geometry, Physical::BYTE_ARRAY, None, Repetition::OPTIONAL)?);
    let edges = ["xmin", "ymin", "xmax", "ymax"].map(|e| primitive(e, Physical::DOUBLE, None, Repetition::REQUIRED));
    let edges = edges.into_iter().collect::<Result<_, _>>()?;
    let bbox = Type::group_type_builder(BOX).with_repetition(Repetition::OPTIONAL).with_fields(edges).build()?;
    fields.push(Arc::new(bbox));
    Ok(Arc::new(Type::group_type_builder("schema").with_fields(fields).build()?))
}

/// Digits of a fixed-point number of 64 bits.
const DIGITS: i32 = 18;

fn primitive(
    name: &str,
    physical: Physical,
    logical: Option<LogicalType>,
    repetition: Repetition,
) -> Result<TypePtr, ParquetError> {
    Type::primitive_type_builder(name, physical)
        .with_repetition(repetition)
        .with_logical_type(logical)
        .build()
        .map(Arc::new)
}
