//! Rows of a file column by column, some thousand at a time: several times as fast as the library's rows. Only for files all of
//! whose columns are flat, or lists of texts as we write them; others are read by the library's rows, with the same result.

use bytes::Bytes;
use parquet::basic::{ConvertedType, Repetition, Type as Physical};
use parquet::column::reader::{ColumnReader, ColumnReaderImpl};
use parquet::data_type::{ByteArray, ByteArrayType, DataType};
use parquet::errors::ParquetError;
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::record::Field;
use parquet::schema::types::{ColumnDescPtr, SchemaDescriptor, Type, TypePtr};

/// Rows that are read at a time.
pub const BATCH: usize = 1024;

/// A value of a row.
pub enum Value {
    /// As the library has it.
    Field(Field),
    /// A text, which is UTF-8.
    Text(ByteArray),
    /// A list of such texts.
    Words(Vec<ByteArray>),
}

/// The columns of a file that are read so.
pub struct Batches(Vec<Leaf>);

#[derive(Clone)]
struct Leaf {
    index: usize,
    about: ColumnDescPtr,
    is_list: bool,
}

/// The columns of a group of rows, as far as they were read.
pub struct Group(Vec<(Leaf, ColumnReader)>);

impl Batches {
    /// Of some fields of a file; `None` where one of them is something else.
    pub fn of(schema: &SchemaDescriptor, fields: &[TypePtr]) -> Option<Self> {
        let leaf = |field: &TypePtr| {
            let is_list = is_list(field);
            if !is_list && !is_flat(field) {
                return None;
            }
            let mut found = (0..schema.num_columns()).filter(|i| schema.column(*i).path().parts()[0] == field.name());
            let (index, None) = (found.next()?, found.next()) else { return None };
            Some(Leaf { index, about: schema.column(index), is_list })
        };
        fields.iter().map(leaf).collect::<Option<_>>().map(Self)
    }

    /// Opens a group of rows.
    pub fn group(&self, file: &SerializedFileReader<Bytes>, group: usize) -> Result<Group, ParquetError> {
        let rows = file.get_row_group(group)?;
        let open = |leaf: &Leaf| Ok((leaf.clone(), rows.get_column_reader(leaf.index)?));
        self.0.iter().map(open).collect::<Result<_, _>>().map(Group)
    }
}

impl Group {
    /// The values of so many more rows, a list for each column.
    pub fn next(&mut self, rows: usize) -> Result<Vec<Vec<Value>>, ParquetError> {
        self.0.iter_mut().map(|(leaf, reader)| leaf.next(reader, rows)).collect()
    }
}

/// A value for each row, or none.
fn is_flat(field: &Type) -> bool {
    field.is_primitive()
        && field.get_basic_info().repetition() != Repetition::REPEATED
        && field.get_physical_type() != Physical::FIXED_LEN_BYTE_ARRAY
}

/// A list of three levels whose elements are texts and always there.
fn is_list(field: &Type) -> bool {
    let inside = |field: &Type| match field {
        Type::GroupType { fields, .. } => {
            if let [only] = fields.as_slice() {
                Some(only.clone())
            } else {
                None
            }
        }
        Type::PrimitiveType { .. } => None,
    };
    let Some((list, word)) = inside(field).and_then(|list| inside(&list).map(|word| (list, word))) else {
        return false;
    };
    let is = |of: &Type, repetition| of.get_basic_info().repetition() == repetition;
    // lists of older writers go by these names and are read otherwise
    let older = list.name() == "array" || list.name().ends_with("_tuple");
    let is_text = word.is_primitive() && word.get_physical_type() == Physical::BYTE_ARRAY;
    let annotated = field.get_basic_info().converted_type() == ConvertedType::LIST
        && word.get_basic_info().converted_type() == ConvertedType::UTF8;
    let levels = is(field, Repetition::OPTIONAL) && is(&list, Repetition::REPEATED) && is(&word, Repetition::REQUIRED);
    annotated && levels && is_text && !older
}

/// What the library reads as text.
const TEXTS: [ConvertedType; 3] = [ConvertedType::UTF8, ConvertedType::ENUM, ConvertedType::JSON];

impl Leaf {
    fn is_text(&self) -> bool {
        TEXTS.contains(&self.about.converted_type())
    }

    fn next(&self, reader: &mut ColumnReader, rows: usize) -> Result<Vec<Value>, ParquetError> {
        let about = &self.about;
        match reader {
            ColumnReader::BoolColumnReader(r) => self.flat(r, rows, |v| field(Field::convert_bool(about, v))),
            ColumnReader::Int32ColumnReader(r) => self.flat(r, rows, |v| field(Field::convert_int32(about, v))),
            ColumnReader::Int64ColumnReader(r) => self.flat(r, rows, |v| field(Field::convert_int64(about, v))),
            ColumnReader::Int96ColumnReader(r) => self.flat(r, rows, |v| field(Field::convert_int96(about, v))),
            ColumnReader::FloatColumnReader(r) => self.flat(r, rows, |v| field(Field::convert_float(about, v))),
            ColumnReader::DoubleColumnReader(r) => self.flat(r, rows, |v| field(Field::convert_double(about, v))),
            ColumnReader::ByteArrayColumnReader(r) if self.is_list => Self::lists(r, rows),
            ColumnReader::ByteArrayColumnReader(r) if self.is_text() => {
                self.flat(r, rows, |v| v.as_utf8().map(drop).map(|()| Value::Text(v)))
            }
            ColumnReader::ByteArrayColumnReader(r) => {
                self.flat(r, rows, |v| Field::convert_byte_array(about, v).map(Value::Field))
            }
            ColumnReader::FixedLenByteArrayColumnReader(_) => Err(contradiction()),
        }
    }

    fn flat<T: DataType>(
        &self,
        reader: &mut ColumnReaderImpl<T>,
        rows: usize,
        convert: impl Fn(T::T) -> Result<Value, ParquetError>,
    ) -> Result<Vec<Value>, ParquetError> {
        let (mut values, mut levels) = (Vec::with_capacity(rows), Vec::with_capacity(rows));
        let (read, ..) = reader.read_records(rows, Some(&mut levels), None, &mut values)?;
        if read != rows {
            return Err(contradiction());
        }
        let mut values = values.into_iter();
        let mut next = || values.next().ok_or_else(contradiction).and_then(&convert);
        if self.about.max_def_level() == 0 {
            return (0..rows).map(|_| next()).collect();
        }
        let value = |level: &i16| if *level == 0 { Ok(Value::Field(Field::Null)) } else { next() };
        let all: Vec<Value> = levels.iter().map(value).collect::<Result<_, _>>()?;
        if all.len() == rows { Ok(all) } else { Err(contradiction()) }
    }

    fn lists(reader: &mut ColumnReaderImpl<ByteArrayType>, rows: usize) -> Result<Vec<Value>, ParquetError> {
        let (mut values, mut depth, mut repeated) = (Vec::new(), Vec::new(), Vec::new());
        let (read, ..) = reader.read_records(rows, Some(&mut depth), Some(&mut repeated), &mut values)?;
        let mut values = values.into_iter();
        let mut all: Vec<Value> = Vec::with_capacity(rows);
        for (depth, repeated) in depth.into_iter().zip(repeated) {
            if repeated == 0 {
                all.push(if depth == 0 { Value::Field(Field::Null) } else { Value::Words(vec![]) });
            }
            if depth == 2 {
                let word = values.next().ok_or_else(contradiction)?;
                word.as_utf8()?;
                let Some(Value::Words(words)) = all.last_mut() else { return Err(contradiction()) };
                words.push(word);
            }
        }
        if read == rows && all.len() == rows { Ok(all) } else { Err(contradiction()) }
    }
}

#[allow(clippy::unnecessary_wraps, reason = "what converts texts may fail")]
fn field(field: Field) -> Result<Value, ParquetError> {
    Ok(Value::Field(field))
}

fn contradiction() -> ParquetError {
    ParquetError::General("a column has another number of values than the file says".into())
}
