//! Typed columns and bitmaps in Arrow's memory layout: build, read, take. Depends on no other module.
//!
//! Memory: nine properties with names and credit codes all different take 119 bytes a row (`tests/memory.rs`): names 43,
//! credit codes 22, longitude and latitude 16, id 9, position on the map 8, a figure 8 (4 where the manifest gives its
//! decimals), order by id 4, all else 9. Whole numbers and dictionary codes take 1, 2, 4 or 8 bytes ([`Integers`]).

mod bitmap;
mod builder;
mod column;
mod dictionary;
mod integers;
mod moment;
mod pieces;
mod runs;

pub use bitmap::Bitmap;
pub use builder::ColumnBuilder;
pub use column::{Column, Decimals, Strings, Text, Value, Words};
pub use integers::{Integers, Visit};
pub use moment::Moment;
pub use pieces::{Block, InPieces, Number, Pieces, Taken};
pub use runs::Runs;

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
