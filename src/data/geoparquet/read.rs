//! Reads, row by row: our own files exactly, and what GDAL and pyarrow write. Whatever the bytes, it ends in rows or in an
//! error: the library's panics on damaged files are caught here.

use super::batches::{BATCH, Batches, Value};
use super::pages::pages;
use super::{BOX, PROPERTIES};
use crate::core::cancel;
use crate::core::geometry::wkb;
use bytes::Bytes;
use parquet::basic::{Compression, LogicalType, TimeUnit, Type as Physical};
use parquet::data_type::{ByteArray, Decimal};
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::record::Field;
use parquet::schema::types::Type;
use serde_json::Value as Json;
use std::borrow::Cow;

/// What a file may cost.
#[derive(Clone, Copy, Debug)]
pub struct Budget {
    /// Rows.
    pub rows: u64,
    /// Columns, members of structures included.
    pub columns: usize,
    /// Bytes of all columns unpacked, none of them held.
    pub unpacked: u64,
    /// Bytes that are held while rows are read: of each column the largest page.
    pub held: u64,
    /// Values of lists in one group of rows: they may all be in one row.
    pub listed: u64,
}

impl Default for Budget {
    /// For what is read of the disk.
    fn default() -> Self {
        Self { rows: 50_000_000, columns: 4096, unpacked: 4 << 30, held: 1 << 30, listed: 1 << 26 }
    }
}

/// Why a file can't be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// It is no Parquet file, or cut off.
    #[error("is no Parquet file, or it is cut off: {0}")]
    NoParquet(String),
    /// It has no metadata of GeoParquet.
    #[error("has no `geo` metadata: it is Parquet, but not GeoParquet")]
    NoGeometry,
    /// Its geometries are kept in a way that is not read.
    #[error("keeps its geometries as {0:?}; WKB and the encodings of GeoArrow are read")]
    Encoding(String),
    /// Its pages are compressed in a way that is not read.
    #[error("is compressed with {0}, which is not read; gzip, brotli, lz4, snappy and zstd are")]
    Compression(String),
    /// Too many rows or columns, or too much in them.
    #[error("is too large: {0}")]
    TooLarge(String),
    /// It breaks off in the middle.
    #[error("is damaged: {0}")]
    Broken(String),
}

/// A value of a file; its text may be the file's own.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell<'a> {
    /// None.
    Null,
    /// True or false.
    Boolean(bool),
    /// A whole number.
    Integer(i64),
    /// A fixed-point number: its digits, and how many of them are decimals.
    Decimal(i64, u8),
    /// A number.
    Number(f64),
    /// Text.
    Text(Cow<'a, str>),
    /// Days since 1970.
    Date(i32),
    /// Microseconds since 1970 in UTC.
    Instant(i64),
    /// The same of a clock on the wall, whose zone the file does not know.
    Local(i64),
    /// A list of text.
    List(Vec<Cow<'a, str>>),
    /// Anything else, in words.
    Other(String),
}

/// A row of a file.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// Its id, where the file has a column of ids.
    pub id: Option<String>,
    /// Its cells, one for each of [`Reader::columns`].
    pub cells: Vec<Cell<'static>>,
    /// Its geometry as well-known binary.
    pub geometry: Option<Vec<u8>>,
}

/// What a column of the file is.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Use {
    Id,
    /// Well-known binary.
    Geometry,
    /// An encoding of GeoArrow: positions as they are, in lists of lists.
    Native(Native),
    Cell(Clock),
}

/// The encodings of GeoArrow that GeoParquet 1.1 knows.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Native {
    Point,
    LineString,
    Polygon,
    MultiPoint,
    MultiLineString,
    MultiPolygon,
}

impl Native {
    const ALL: [(&str, Self); 6] = [
        ("point", Self::Point),
        ("linestring", Self::LineString),
        ("polygon", Self::Polygon),
        ("multipoint", Self::MultiPoint),
        ("multilinestring", Self::MultiLineString),
        ("multipolygon", Self::MultiPolygon),
    ];

    fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|(known, _)| *known == name).map(|(_, native)| *native)
    }

    /// A value as well-known binary; none where it holds something else.
    fn binary(self, field: &Field) -> Option<Vec<u8>> {
        use geo::{Geometry, MultiLineString, MultiPoint, MultiPolygon};
        let geometry = match self {
            Self::Point => Geometry::Point(position(field)?.into()),
            Self::LineString => Geometry::LineString(line(field)?),
            Self::Polygon => Geometry::Polygon(polygon(field)?),
            Self::MultiPoint => Geometry::MultiPoint(MultiPoint(all(field, |f| position(f).map(Into::into))?)),
            Self::MultiLineString => Geometry::MultiLineString(MultiLineString(all(field, line)?)),
            Self::MultiPolygon => Geometry::MultiPolygon(MultiPolygon(all(field, polygon)?)),
        };
        let mut out = Vec::new();
        wkb::write(&mut out, &geometry);
        Some(out)
    }
}

fn all<T>(field: &Field, each: impl Fn(&Field) -> Option<T>) -> Option<Vec<T>> {
    if let Field::ListInternal(list) = field { list.elements().iter().map(each).collect() } else { None }
}

/// A structure of x and y, whose further members are not looked at; what has none is no position.
fn position(field: &Field) -> Option<geo::Coord<f64>> {
    let Field::Group(members) = field else { return None };
    let of = |wanted: &str| members.get_column_iter().find(|(name, _)| *name == wanted).map(|(_, value)| value);
    match (of("x")?, of("y")?) {
        (Field::Double(x), Field::Double(y)) => Some(geo::Coord { x: *x, y: *y }),
        (Field::Float(x), Field::Float(y)) => Some(geo::Coord { x: (*x).into(), y: (*y).into() }),
        (Field::Null, Field::Null) => Some(geo::Coord { x: f64::NAN, y: f64::NAN }),
        _ => None,
    }
}

fn line(field: &Field) -> Option<geo::LineString<f64>> {
    all(field, position).map(geo::LineString)
}

fn polygon(field: &Field) -> Option<geo::Polygon<f64>> {
    let mut rings = all(field, line)?.into_iter();
    let exterior = rings.next().unwrap_or_else(|| geo::LineString(Vec::new()));
    Some(geo::Polygon::new(exterior, rings.collect()))
}

/// What a column of instants counts.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Clock {
    /// Whether it is a clock on the wall.
    local: bool,
    /// Whether it counts nanoseconds, which the library hands on as whole numbers.
    nanos: bool,
}

impl Clock {
    fn of(field: &Type) -> Self {
        if !field.is_primitive() {
            return Self::default();
        }
        // timestamps of 96 bits are those of Spark and Impala: nobody knows their zone
        let local = field.get_physical_type() == Physical::INT96;
        match field.get_basic_info().logical_type_ref() {
            Some(LogicalType::Timestamp(stamp)) => {
                Self { local: !stamp.is_adjusted_to_u_t_c, nanos: matches!(stamp.unit, TimeUnit::NANOS) }
            }
            _ => Self { local, nanos: false },
        }
    }

    fn cell(self, field: Field) -> Cell<'static> {
        match cell(field) {
            Cell::Integer(n) if self.nanos => self.instant(n.div_euclid(1000)),
            Cell::Instant(micros) => self.instant(micros),
            other => other,
        }
    }

    fn instant(self, micros: i64) -> Cell<'static> {
        if self.local { Cell::Local(micros) } else { Cell::Instant(micros) }
    }
}

/// A file whose head has been read.
pub struct Reader {
    file: SerializedFileReader<Bytes>,
    uses: Vec<Use>,
    /// The columns that are read.
    projection: Type,
    columns: Vec<String>,
    crs: Option<Json>,
    /// How the columns are read by themselves, where they can be.
    batches: Option<Batches>,
}

/// Runs what may panic on damaged bytes.
fn guarded<T>(work: impl FnOnce() -> Result<T, ReadError>) -> Result<T, ReadError> {
    let unwound = || Err(ReadError::Broken("its inner structure contradicts itself".into()));
    cancel::guarded(work).unwrap_or_else(unwound)
}

impl Reader {
    /// Reads the head of a file, and refuses what costs more than the budget.
    pub fn open(bytes: &Bytes, budget: &Budget) -> Result<Self, ReadError> {
        guarded(|| {
            let file = SerializedFileReader::new(bytes.clone()).map_err(|e| ReadError::NoParquet(e.to_string()))?;
            measure(&file, bytes, budget)?;
            Self::of(file)
        })
    }

    fn of(file: SerializedFileReader<Bytes>) -> Result<Self, ReadError> {
        let about = file.metadata().file_metadata();
        let metadata = |key: &str| {
            let found = about.key_value_metadata()?.iter().find(|pair| pair.key == key)?;
            serde_json::from_str::<Json>(found.value.as_deref()?).ok()
        };
        let geo = metadata("geo").ok_or(ReadError::NoGeometry)?;
        let geometry = geo["primary_column"].as_str().unwrap_or("geometry").to_owned();
        let column = &geo["columns"][&geometry];
        let encoding = column["encoding"].as_str().ok_or(ReadError::NoGeometry)?;
        let native = Native::named(&encoding.to_ascii_lowercase());
        if native.is_none() && !encoding.eq_ignore_ascii_case("WKB") {
            return Err(ReadError::Encoding(encoding.chars().take(40).collect()));
        }
        let ours = metadata(PROPERTIES);
        let id = ours.as_ref().and_then(|o| o["id"].as_str()).unwrap_or("id");
        let covering = column["covering"]["bbox"]["xmin"][0].as_str().unwrap_or(BOX);
        let (mut uses, mut fields, mut columns) = (Vec::new(), Vec::new(), Vec::new());
        for field in about.schema().get_fields() {
            let name = field.name();
            let part = if name == geometry {
                native.map_or(Use::Geometry, Use::Native)
            } else if name == id && field.is_primitive() {
                Use::Id
            } else if name == covering && field.is_group() {
                continue;
            } else {
                let property = ours.as_ref().and_then(|o| o["properties"][name].as_str());
                columns.push(property.unwrap_or(name).to_owned());
                Use::Cell(Clock::of(field))
            };
            uses.push(part);
            fields.push(field.clone());
        }
        let binary = |f: &Type| f.is_primitive() && f.get_physical_type() == Physical::BYTE_ARRAY;
        let kept = |f: &Type, u: Use| match u {
            Use::Geometry => binary(f),
            Use::Native(_) => f.is_group(),
            _ => false,
        };
        if !fields.iter().zip(&uses).any(|(f, u)| kept(f, *u)) {
            return Err(ReadError::NoGeometry);
        }
        let projection = Type::group_type_builder(about.schema().name()).with_fields(fields).build();
        let projection = projection.map_err(|e| ReadError::Broken(e.to_string()))?;
        let crs = column.get("crs").filter(|c| !c.is_null()).cloned();
        let batches = Batches::of(about.schema_descr(), projection.get_fields());
        Ok(Self { file, uses, projection, columns, crs, batches })
    }

    /// The names of the columns besides id and geometry: the properties that they hold.
    pub fn columns(&self) -> &[String] {
        &self.columns
    }

    /// The reference system as PROJJSON; none where the file takes CRS84 for granted.
    pub fn crs(&self) -> Option<&Json> {
        self.crs.as_ref()
    }

    /// The reference system by authority and code, as `EPSG:4549`; none where the file takes CRS84 for granted; `?` where it
    /// says what has no code.
    pub fn system(&self) -> Option<String> {
        let crs = self.crs.as_ref()?;
        let code = match &crs["id"]["code"] {
            Json::String(code) => Some(code.clone()),
            Json::Number(code) => Some(code.to_string()),
            _ => None,
        };
        let authority = crs["id"]["authority"].as_str();
        Some(authority.zip(code).map_or_else(|| "?".to_owned(), |(a, c)| format!("{a}:{c}")))
    }

    /// How many rows the file says it has.
    pub fn len(&self) -> usize {
        self.file.metadata().file_metadata().num_rows().max(0) as usize
    }

    /// Whether it has none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Hands on row by row; the rest is left when `each` gives `false`.
    pub fn rows(&self, mut each: impl FnMut(Row) -> bool) -> Result<(), ReadError> {
        if let Some(batches) = &self.batches {
            let mut more = true;
            for group in 0..self.groups() {
                self.rows_of(batches, group, &mut |row| {
                    more = each(row);
                    more
                })?;
                if !more {
                    break;
                }
            }
            return Ok(());
        }
        let broken = |e: parquet::errors::ParquetError| ReadError::Broken(e.to_string());
        let mut read = 0;
        // only the library is guarded: what `each` does wrong is ours
        let mut rows = guarded(|| self.file.get_row_iter(Some(self.projection.clone())).map_err(broken))?;
        while let Some(row) = guarded(|| rows.next().transpose().map_err(broken))? {
            read += 1;
            cancel::check();
            if !each(self.row(row.into_columns().into_iter().map(|(_, field)| Value::Field(field)))) {
                return Ok(());
            }
        }
        if read == self.len() { Ok(()) } else { Err(ReadError::Broken(format!("{read} of {} rows", self.len()))) }
    }

    /// How many groups of rows there are that can be read each by itself; one where the columns are such that all rows are read
    /// in one go.
    pub fn groups(&self) -> usize {
        if self.batches.is_some() { self.file.metadata().num_row_groups() } else { 1 }
    }

    /// How many rows a group has; all of them where there is but one.
    pub fn group_len(&self, group: usize) -> usize {
        match &self.batches {
            Some(_) => self.file.metadata().row_group(group).num_rows().max(0) as usize,
            None => self.len(),
        }
    }

    /// Hands on the rows of a group some thousand at a time, where they are read column by column: nothing of them is copied.
    pub fn batches(&self, group: usize, mut each: impl FnMut(&Batch) -> bool) -> Result<(), ReadError> {
        let Some(batches) = &self.batches else { return Ok(()) };
        let places = |wanted: fn(&Use) -> bool| (0..self.uses.len()).filter(move |place| wanted(&self.uses[*place]));
        let id = places(|part| *part == Use::Id).next_back();
        let geometry = places(|part| matches!(part, Use::Geometry)).next_back();
        let cells: Vec<usize> = places(|part| matches!(part, Use::Cell(_))).collect();
        self.columns_of(batches, group, &mut |columns, rows| {
            each(&Batch { uses: &self.uses, columns: &columns, rows, id, geometry, cells: &cells })
        })
    }

    /// The rows of a group, read column by column.
    fn rows_of(&self, batches: &Batches, group: usize, each: &mut dyn FnMut(Row) -> bool) -> Result<(), ReadError> {
        self.columns_of(batches, group, &mut |columns, rows| {
            let mut columns: Vec<_> = columns.into_iter().map(Vec::into_iter).collect();
            (0..rows).all(|_| {
                cancel::check();
                each(self.row(columns.iter_mut().filter_map(Iterator::next)))
            })
        })
    }

    /// The columns of a group, some thousand rows at a time.
    fn columns_of(
        &self,
        batches: &Batches,
        group: usize,
        each: &mut dyn FnMut(Vec<Vec<Value>>, usize) -> bool,
    ) -> Result<(), ReadError> {
        let broken = |e: parquet::errors::ParquetError| ReadError::Broken(e.to_string());
        let mut left = self.file.metadata().row_group(group).num_rows().max(0) as usize;
        let mut group = guarded(|| batches.group(&self.file, group).map_err(broken))?;
        while left > 0 {
            let rows = left.min(BATCH);
            let columns = guarded(|| group.next(rows).map_err(broken))?;
            if !each(columns, rows) {
                return Ok(());
            }
            left -= rows;
        }
        Ok(())
    }

    fn row(&self, values: impl Iterator<Item = Value>) -> Row {
        let mut row = Row { id: None, cells: Vec::with_capacity(self.columns.len()), geometry: None };
        for (part, value) in self.uses.iter().zip(values) {
            let field = match value {
                Value::Field(field) => field,
                Value::Text(text) => Field::Str(shared(&text).to_owned()),
                Value::Words(words) => {
                    // a list is no id and no geometry
                    if let Use::Cell(_) = part {
                        row.cells.push(Cell::List(words.iter().map(|w| Cow::Owned(shared(w).to_owned())).collect()));
                    }
                    continue;
                }
            };
            match part {
                Use::Cell(clock) => row.cells.push(clock.cell(field)),
                // what is null has no geometry; what is none of its sort is no geometry
                Use::Native(_) if field == Field::Null => {}
                Use::Native(native) => row.geometry = Some(native.binary(&field).unwrap_or_default()),
                Use::Id => {
                    row.id = match cell(field) {
                        Cell::Text(text) => Some(text.into_owned()),
                        Cell::Integer(n) => Some(n.to_string()),
                        _ => None,
                    }
                }
                Use::Geometry => {
                    row.geometry = match field {
                        Field::Bytes(bytes) => Some(bytes.data().to_vec()),
                        Field::Str(text) => Some(text.into_bytes()),
                        _ => None,
                    }
                }
            }
        }
        row
    }
}

/// Rows of a file, read column by column.
pub struct Batch<'a> {
    uses: &'a [Use],
    columns: &'a [Vec<Value>],
    rows: usize,
    id: Option<usize>,
    geometry: Option<usize>,
    cells: &'a [usize],
}

impl Batch<'_> {
    /// How many there are.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// The id of a row, as [`Row::id`] has it.
    pub fn id(&self, row: usize) -> Option<Cow<'_, str>> {
        match self.value(self.id?, row)? {
            Value::Text(text) => Some(Cow::Borrowed(shared(text))),
            Value::Field(field) => match cell(field.clone()) {
                Cell::Text(text) => Some(text),
                Cell::Integer(n) => Some(Cow::Owned(n.to_string())),
                _ => None,
            },
            Value::Words(_) => None,
        }
    }

    /// The geometry of a row as well-known binary.
    pub fn geometry(&self, row: usize) -> Option<&[u8]> {
        match self.value(self.geometry?, row)? {
            Value::Text(bytes) | Value::Field(Field::Bytes(bytes)) => Some(bytes.data()),
            Value::Field(Field::Str(text)) => Some(text.as_bytes()),
            Value::Field(_) | Value::Words(_) => None,
        }
    }

    /// A cell of a row, by the place of its column in [`Reader::columns`].
    pub fn cell(&self, column: usize, row: usize) -> Cell<'_> {
        let place = self.cells.get(column).copied().unwrap_or(usize::MAX);
        match (self.uses.get(place), self.value(place, row)) {
            (_, Some(Value::Text(text))) => Cell::Text(Cow::Borrowed(shared(text))),
            (_, Some(Value::Words(words))) => Cell::List(words.iter().map(|w| Cow::Borrowed(shared(w))).collect()),
            (Some(Use::Cell(clock)), Some(Value::Field(field))) => clock.cell(field.clone()),
            _ => Cell::Null,
        }
    }

    fn value(&self, column: usize, row: usize) -> Option<&Value> {
        self.columns.get(column)?.get(row)
    }
}

/// A text that was found to be one when it was read.
fn shared(text: &ByteArray) -> &str {
    text.as_utf8().unwrap_or_default()
}

/// Bytes that a value of a dictionary takes besides its own.
const ENTRY: u64 = 40;

/// Refuses what would take too much memory, by what the file's foot and the heads of its pages say: of both the library makes
/// room for what they say.
fn measure(file: &SerializedFileReader<Bytes>, bytes: &[u8], budget: &Budget) -> Result<(), ReadError> {
    let length = bytes.len() as i64;
    let about = file.metadata();
    let columns = about.file_metadata().schema_descr().num_columns();
    if columns > budget.columns {
        return Err(ReadError::TooLarge(format!("{columns} columns, more than {}", budget.columns)));
    }
    let (mut rows, mut unpacked) = (0_i64, 0_i64);
    for group in about.row_groups() {
        rows = rows.saturating_add(group.num_rows().max(0));
        let (mut held, mut listed) = (0_u64, 0_u64);
        for column in group.columns() {
            if matches!(column.compression(), Compression::LZO) {
                return Err(ReadError::Compression(format!("{:?}", column.compression())));
            }
            unpacked = unpacked.saturating_add(column.uncompressed_size().max(0));
            let (start, packed) = (column.data_page_offset(), column.compressed_size());
            if start < 0 || packed < 0 || start.saturating_add(packed) > length.saturating_mul(2) {
                return Err(ReadError::Broken("a column lies outside the file".into()));
            }
            cancel::check();
            let found = pages(bytes, column);
            let found = found.ok_or_else(|| ReadError::Broken("the pages of a column contradict it".into()))?;
            held = held.saturating_add(found.largest).saturating_add(found.entries.saturating_mul(ENTRY));
            if column.column_descr().max_rep_level() > 0 {
                listed = listed.saturating_add(found.values);
            } else if found.values > group.num_rows().max(0) as u64 {
                return Err(ReadError::Broken("a column has more values than rows".into()));
            }
        }
        if held > budget.held || listed > budget.listed {
            return Err(ReadError::TooLarge(format!("{held} bytes of pages, {listed} values of lists at once")));
        }
    }
    if rows != about.file_metadata().num_rows() {
        return Err(ReadError::Broken("its groups do not add up to its rows".into()));
    }
    if rows.max(0) as u64 > budget.rows || unpacked.max(0) as u64 > budget.unpacked {
        return Err(ReadError::TooLarge(format!("{rows} rows, {unpacked} bytes unpacked")));
    }
    Ok(())
}

fn cell(field: Field) -> Cell<'static> {
    match field {
        Field::Null => Cell::Null,
        Field::Bool(b) => Cell::Boolean(b),
        Field::Byte(n) => Cell::Integer(n.into()),
        Field::Short(n) => Cell::Integer(n.into()),
        Field::Int(n) => Cell::Integer(n.into()),
        Field::Long(n) => Cell::Integer(n),
        Field::UByte(n) => Cell::Integer(n.into()),
        Field::UShort(n) => Cell::Integer(n.into()),
        Field::UInt(n) => Cell::Integer(n.into()),
        Field::ULong(n) => i64::try_from(n).map_or(Cell::Number(n as f64), Cell::Integer),
        Field::Float(x) => Cell::Number(x.into()),
        Field::Double(x) => Cell::Number(x),
        Field::Decimal(d) => decimal(&d),
        Field::Str(text) => Cell::Text(Cow::Owned(text)),
        Field::Date(days) => Cell::Date(days),
        Field::TimestampMillis(t) => Cell::Instant(t.saturating_mul(1000)),
        Field::TimestampMicros(t) => Cell::Instant(t),
        Field::ListInternal(list) => {
            let words: Option<Vec<Cow<str>>> = list
                .elements()
                .iter()
                .map(|e| if let Field::Str(text) = e { Some(Cow::Owned(text.clone())) } else { None })
                .collect();
            words.map_or_else(|| Cell::Other("a list of something else than text".into()), Cell::List)
        }
        other => Cell::Other(other.to_string().chars().take(80).collect()),
    }
}

/// Its digits are bytes in two's complement, the highest first.
fn decimal(d: &Decimal) -> Cell<'static> {
    let bytes = d.data();
    let negative = bytes.first().is_some_and(|b| b & 0x80 != 0);
    let start = if negative { -1_i128 } else { 0 };
    let digits = (bytes.len() <= 16).then(|| bytes.iter().fold(start, |n, b| n << 8 | i128::from(*b)));
    match (digits.and_then(|d| i64::try_from(d).ok()), u8::try_from(d.scale())) {
        (Some(digits), Ok(scale)) if scale <= 18 => Cell::Decimal(digits, scale),
        _ => Cell::Other("a number of more than 18 digits".into()),
    }
}
