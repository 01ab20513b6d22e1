//! What a check has judged, as columns: publishing makes the new register of them and judges nothing again. Kept with the import, and
//! so with the file and the data that it was prepared against; of any other the rows are judged when they are wanted.

use super::value::current;
use crate::core::columns::{Column, Value};
use crate::core::model::Table;
use crate::data::load::{CellValue, MadeRow, Maker, Making};
use std::borrow::Cow;
use std::collections::HashMap;

/// Rows that are new, rows that the register knows, and which of its rows these are.
pub(super) type Kept = (Table, Table, Vec<u32>);

/// Rows that a check keeps while it goes on.
pub(super) struct Keeping<'m> {
    new: Making<'m>,
    known: Making<'m>,
    /// Which row of the register each of `known` is.
    rows: Vec<u32>,
}

impl<'m> Keeping<'m> {
    pub(super) fn new(making: Making<'m>) -> Self {
        Self { known: making.fresh(), new: making, rows: Vec::new() }
    }

    /// Nothing yet, for more rows of the same.
    pub(super) fn fresh(&self) -> Self {
        Self { new: self.new.fresh(), known: self.known.fresh(), rows: Vec::new() }
    }

    /// Adds a row as the new register has it, and which row it is there where it has one; `false` where it can't be kept.
    #[must_use]
    pub(super) fn add(&mut self, row: &MadeRow, existing: Option<usize>) -> bool {
        let Some(existing) = existing else { return self.new.add(row) };
        self.rows.push(existing as u32);
        self.known.add(row)
    }

    /// Adds the rows that come next; `false` where they can't be kept together.
    #[must_use]
    pub(super) fn append(&mut self, other: Self) -> bool {
        self.rows.extend(other.rows);
        self.new.append(other.new) && self.known.append(other.known)
    }

    /// The rows that are new, those that the register knows, and which of its rows these are.
    pub(super) fn finish(self) -> Option<Kept> {
        Some((self.new.finish()?, self.known.finish()?, self.rows))
    }
}

/// The rows of a file without errors as the new register has them.
#[derive(Debug)]
pub struct JudgedRows {
    maker: Maker,
    /// Those that are new, in the order of the file.
    pub(super) new: Table,
    /// Those that the register knows.
    known: Table,
    /// For each row of the register that the file names its row in `known`.
    places: HashMap<u32, u32>,
    /// How many rows name each district.
    pub(super) named: HashMap<usize, usize>,
}

impl JudgedRows {
    /// Rows that `maker` has made.
    pub(super) fn new(maker: Maker, (new, known, rows): Kept, named: HashMap<usize, usize>) -> Self {
        Self { maker, new, known, places: rows.into_iter().zip(0..).collect(), named }
    }

    /// Whether a register that is made by `maker` holds them as they are.
    pub(super) fn are_of(&self, maker: &Maker) -> bool {
        self.maker.makes_as(maker)
    }

    /// A row of the register as it is to be, where the file names it.
    pub(super) fn known(&self, existing: usize) -> Option<MadeRow<'_>> {
        let row = *self.places.get(&u32::try_from(existing).ok()?)? as usize;
        let Table { ids, geometries, columns } = &self.known;
        Some(MadeRow {
            id: Cow::Borrowed(ids.value(row)),
            geometry: geometries.value(row).map(Cow::Owned),
            values: columns.iter().map(|column| cell(column, row)).collect(),
        })
    }

    /// The rows that are new.
    pub fn into_new(self) -> Table {
        self.new
    }
}

/// A cell as it is, to the last digit.
fn cell(column: &Column, row: usize) -> CellValue<'_> {
    match column.value(row) {
        Value::Decimal(digits, decimals) => CellValue::Decimal(digits, decimals),
        _ => current(column, row),
    }
}
