//! Many rows as a file to take away: GeoJSON text sequences, CSV, FlatGeobuf, GeoParquet, GeoPackage. A file is made part
//! by part, so that it takes the same memory however many rows it has.

mod csv;
mod flatgeobuf;
mod geopackage;
mod geoparquet;
mod schema;
mod sequence;
mod system;

use crate::core::cancel;
use crate::core::geometry::Crs;
use crate::core::query::Selection;
use schema::Schema;
use std::path::Path;
use thiserror::Error;

/// A sort of file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// One GeoJSON feature a line (RFC 8142).
    Sequence,
    /// Comma-separated values.
    Csv,
    /// FlatGeobuf.
    FlatGeobuf,
    /// GeoParquet 1.1.
    GeoParquet,
    /// OGC GeoPackage 1.3.
    GeoPackage,
}

impl Format {
    /// All of them by the names that they go by in addresses.
    pub const ALL: [(&'static str, Self); 5] = [
        ("geojsonseq", Self::Sequence),
        ("csv", Self::Csv),
        ("fgb", Self::FlatGeobuf),
        ("parquet", Self::GeoParquet),
        ("gpkg", Self::GeoPackage),
    ];

    /// Media type.
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Sequence => "application/geo+json-seq",
            Self::Csv => "text/csv; charset=utf-8; header=present",
            Self::FlatGeobuf => "application/flatgeobuf",
            Self::GeoParquet => "application/vnd.apache.parquet",
            Self::GeoPackage => "application/geopackage+sqlite3",
        }
    }

    /// End of the file's name.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Sequence => "geojsonl",
            Self::Csv => "csv",
            Self::FlatGeobuf => "fgb",
            Self::GeoParquet => "parquet",
            Self::GeoPackage => "gpkg",
        }
    }

    /// What people call it.
    pub fn title(self) -> &'static str {
        match self {
            Self::Sequence => "GeoJSON-seq",
            Self::Csv => "CSV",
            Self::FlatGeobuf => "FlatGeobuf",
            Self::GeoParquet => "GeoParquet",
            Self::GeoPackage => "GeoPackage",
        }
    }

    /// Rows that are made at once.
    fn rows(self) -> usize {
        match self {
            Self::Sequence | Self::Csv | Self::FlatGeobuf => 2048,
            // a row group: columns are packed together
            Self::GeoParquet => 1 << 16,
            Self::GeoPackage => 8192,
        }
    }
}

/// Why a file could not be made.
#[derive(Debug, Error)]
pub enum BulkError {
    /// Rows can't be packed.
    #[error(transparent)]
    Parquet(#[from] parquet::errors::ParquetError),
    /// The package can't be written.
    #[error(transparent)]
    Sqlite(#[from] rusqlite::Error),
    /// A GeoPackage is not a stream: it needs a place on disk.
    #[error("a GeoPackage is written to a file")]
    NoFile,
}

/// How a sort of file is written. Always for the same selection.
trait Writer: Send {
    /// What comes before the rows.
    fn begin(&mut self, selection: &Selection, schema: &Schema, out: &mut Vec<u8>) -> Result<(), BulkError>;
    /// Some rows.
    fn rows(
        &mut self,
        selection: &Selection,
        schema: &Schema,
        rows: &[u32],
        out: &mut Vec<u8>,
    ) -> Result<(), BulkError>;
    /// What comes after them.
    fn end(&mut self, out: &mut Vec<u8>) -> Result<(), BulkError>;
}

/// A file in the making.
pub struct Bulk {
    format: Format,
    schema: Schema,
    writer: Box<dyn Writer>,
    /// Rows written.
    done: usize,
    begun: bool,
}

impl Bulk {
    /// A file of a selection's rows in a reference system. `file` is an empty file for a GeoPackage, which can't be
    /// written in a stream; `at` is when that is made (RFC 3339).
    pub fn new(
        format: Format,
        selection: &Selection,
        crs: Crs,
        file: Option<&Path>,
        at: &str,
    ) -> Result<Self, BulkError> {
        let schema = Schema::new(selection, crs, format);
        let writer: Box<dyn Writer> = match format {
            Format::Sequence => Box::new(sequence::Sequence),
            Format::Csv => Box::new(csv::Csv),
            Format::FlatGeobuf => Box::new(flatgeobuf::FlatGeobuf::default()),
            Format::GeoParquet => Box::new(geoparquet::GeoParquet::new(&schema, selection)?),
            Format::GeoPackage => Box::new(geopackage::GeoPackage::new(file.ok_or(BulkError::NoFile)?, at)?),
        };
        Ok(Self { format, schema, writer, done: 0, begun: false })
    }

    /// Makes the next part; false when there is no more. Always of the same selection.
    pub fn part(&mut self, selection: &Selection, out: &mut Vec<u8>) -> Result<bool, BulkError> {
        cancel::check();
        if !self.begun {
            self.begun = true;
            self.writer.begin(selection, &self.schema, out)?;
        }
        let rest = &selection.rows()[self.done.min(selection.rows().len())..];
        let rows = &rest[..rest.len().min(self.format.rows())];
        self.done += rows.len();
        if !rows.is_empty() {
            self.writer.rows(selection, &self.schema, rows, out)?;
        }
        let more = rows.len() < rest.len();
        if !more {
            self.writer.end(out)?;
        }
        Ok(more)
    }
}
