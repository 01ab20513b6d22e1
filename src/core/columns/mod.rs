//! Typed columns and bitmaps in Arrow's memory layout: build, read, take. Stands on nothing.

mod bitmap;
mod builder;
mod column;
mod dictionary;
mod integers;
mod moment;

pub use bitmap::Bitmap;
pub use builder::ColumnBuilder;
pub use column::{Column, Decimals, Strings, Text, Value, Words};
pub use integers::{Integers, Visit};
pub use moment::Moment;

/// What a column holds, decided once by the manifest or by inference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ColumnType {
    /// UTF-8 text; a column of few distinct words becomes a dictionary.
    Text,
    /// Whole numbers of 64 bits, kept in fewer where they fit.
    Integer,
    /// 64-bit floating point numbers.
    Number,
    /// Fixed point with this many decimals, so that sums are exact in any order.
    Decimal(u8),
    /// True or false.
    Boolean,
    /// A list of words in each row.
    Strings,
}
