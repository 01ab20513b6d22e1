//! Columns and geometries as GeoParquet 1.1, to and from: what `bulk` sends, what versions are kept in, what `load`
//! reads. Depends on columns and geometry only, so that all of them can use it.

mod batches;
mod pages;
mod read;
mod write;

pub use read::{Batch, Budget, Cell, ReadError, Reader, Row};
pub use write::{Field, Layout, Rows, Writer};

use crate::core::columns::Column;

/// What a column of a file holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Text.
    Text,
    /// Whole numbers.
    Integer,
    /// Numbers.
    Number,
    /// Fixed point with so many decimals.
    Decimal(u8),
    /// True or false.
    Boolean,
    /// Lists of words.
    List,
    /// Days.
    Date,
    /// Instants.
    Datetime,
}

impl Kind {
    /// What a column holds as it is kept: days and instants are text.
    pub fn of(column: &Column) -> Self {
        match column {
            Column::Text(..) | Column::Words(..) => Self::Text,
            Column::Integer(..) => Self::Integer,
            Column::Number(..) => Self::Number,
            Column::Decimal(d, _) => Self::Decimal(d.decimals),
            Column::Boolean(..) => Self::Boolean,
            Column::Strings(..) => Self::List,
        }
    }
}

/// Name of the bounding box column of each geometry.
pub const BOX: &str = "bbox";
/// Key of the metadata that tell which columns are which properties.
const PROPERTIES: &str = "shigu";
