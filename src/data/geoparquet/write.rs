//! Writes: well-known binary, a bounding box for each geometry, row groups of rows that stand near each other,
//! Zstandard.

use super::{BOX, Kind, PROPERTIES};
use crate::core::cancel;
use crate::core::columns::{Column, Moment, Text, Value};
use crate::core::geometry::Bounds;
use crate::core::geometry::wkb::{self, SORTS, sort};
use geo::Geometry;
use parquet::basic::{Compression, LogicalType, Repetition, TimeUnit, Type as Physical, ZstdLevel};
use parquet::data_type::{BoolType, ByteArray, ByteArrayType, DataType, DoubleType, Int32Type, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
use parquet::schema::types::{ColumnPath, Type, TypePtr};
use serde_json::{Value as Json, json};
use std::collections::BTreeSet;
use std::io::{self, Write};
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
    pub geometry: &'a dyn Fn(usize) -> Option<Geometry<f64>>,
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
        let mut group = self.packed.next_row_group()?;
        let number = of.iter().map(|(_, rows)| rows.len()).sum();
        let ids = of.iter().flat_map(|(table, rows)| rows.iter().map(|&r| text(table.ids.value(r as usize))));
        write_column::<ByteArrayType>(&mut group, &ids.collect::<Vec<ByteArray>>(), None, None)?;
        for (place, field) in self.layout.fields.iter().enumerate() {
            let cells = of.iter().filter_map(|(table, rows)| Some((*table.columns.get(place)?, *rows)));
            column(&mut group, &cells.collect::<Vec<_>>(), field.kind)?;
        }
        let mut shapes = Vec::with_capacity(number);
        let (mut there, mut edges) = (Vec::with_capacity(number), [const { Vec::new() }; 4]);
        for (table, row) in of.iter().flat_map(|(table, rows)| rows.iter().map(move |row| (table, *row))) {
            cancel::check();
            let Some(geometry) = (table.geometry)(row as usize) else {
                there.push(0);
                continue;
            };
            there.push(1);
            self.sorts.insert(sort(&geometry));
            let b = Bounds::of(&geometry);
            self.bounds.join(&b);
            edges.iter_mut().zip(b.to_array()).for_each(|(edge, at)| edge.push(at));
            let mut binary = Vec::new();
            wkb::write(&mut binary, &geometry);
            shapes.push(ByteArray::from(binary));
        }
        write_column::<ByteArrayType>(&mut group, &shapes, Some(&there), None)?;
        for edge in &edges {
            write_column::<DoubleType>(&mut group, edge, Some(&there), None)?;
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

/// Writes the next column of a row group: values of the rows that have one, and which these are.
fn write_column<T: DataType>(
    group: &mut SerializedRowGroupWriter<'_, Sink>,
    values: &[T::T],
    there: Option<&[i16]>,
    repeated: Option<&[i16]>,
) -> Result<(), ParquetError> {
    let missing = || ParquetError::General("fewer columns than the schema has".into());
    let mut column = group.next_column()?.ok_or_else(missing)?;
    column.typed::<T>().write_batch(values, there, repeated)?;
    column.close()
}

fn text(text: &str) -> ByteArray {
    ByteArray::from(text)
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

fn column(
    group: &mut SerializedRowGroupWriter<'_, Sink>,
    cells: Cells<'_, '_>,
    kind: Kind,
) -> Result<(), ParquetError> {
    let moment = |v: Value<'_>| if let Value::Text(t) = v { Moment::parse(t).map(Moment::micros) } else { None };
    match kind {
        Kind::Text => {
            let (values, there) = gather(cells, |v| if let Value::Text(t) = v { Some(text(t)) } else { None });
            write_column::<ByteArrayType>(group, &values, Some(&there), None)
        }
        Kind::Integer => {
            let (values, there) = gather(cells, |v| if let Value::Integer(i) = v { Some(i) } else { None });
            write_column::<Int64Type>(group, &values, Some(&there), None)
        }
        Kind::Decimal(_) => {
            let (values, there) =
                gather(cells, |v| if let Value::Decimal(digits, _) = v { Some(digits) } else { None });
            write_column::<Int64Type>(group, &values, Some(&there), None)
        }
        Kind::Number => {
            let (values, there) = gather(cells, |v| if let Value::Number(n) = v { Some(n) } else { None });
            write_column::<DoubleType>(group, &values, Some(&there), None)
        }
        Kind::Boolean => {
            let (values, there) = gather(cells, |v| if let Value::Boolean(b) = v { Some(b) } else { None });
            write_column::<BoolType>(group, &values, Some(&there), None)
        }
        Kind::Date => {
            let days = |v| moment(v).and_then(|micros| i32::try_from(micros.div_euclid(86_400_000_000)).ok());
            let (values, there) = gather(cells, days);
            write_column::<Int32Type>(group, &values, Some(&there), None)
        }
        Kind::Datetime => {
            let (values, there) = gather(cells, moment);
            write_column::<Int64Type>(group, &values, Some(&there), None)
        }
        Kind::List => lists(group, cells),
    }
}

/// Lists of words: how deep each is defined, and where a row begins.
fn lists(group: &mut SerializedRowGroupWriter<'_, Sink>, cells: Cells<'_, '_>) -> Result<(), ParquetError> {
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
            values.push(text(word));
        }
        if values.len() == before {
            depth.push(1);
            repeated.push(0);
        }
    }
    write_column::<ByteArrayType>(group, &values, Some(&depth), Some(&repeated))
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
