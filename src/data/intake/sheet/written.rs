//! Sheets of workbooks that are text: HTML and SpreadsheetML are followed once, then their sheets are read like those of any
//! other workbook.

use super::Limits;
use super::budget::too_large;
use super::cells::{Kind, Row};
use super::collect::Collector;
use super::merged::{AREA, Area};
use super::moment;
use super::shown::{Shown, is_date, number};
use crate::core::model::Text;
use crate::data::intake::finding::Refusal;
use std::collections::BTreeMap;

/// A sheet.
#[derive(Debug, Default)]
pub struct Written {
    /// Its name.
    pub name: String,
    /// Whether a person does not see it.
    pub hidden: bool,
    /// What stands before the table and is no row of it.
    pub above: Vec<String>,
    /// What stands after it.
    pub below: Vec<String>,
    /// Its merged cells.
    pub areas: Vec<Area>,
    /// Rows that are not shown, from 1.
    pub unseen: Vec<u32>,
    /// Columns with cells whose format shows another number, and how many.
    pub scaled: BTreeMap<usize, usize>,
    /// Rows that hold something, with their number from 1.
    pub rows: Vec<(u32, Row)>,
}

/// What all sheets of a file may take.
pub struct Room<'l> {
    limits: &'l Limits,
    /// Bytes that they take.
    pub held: u64,
}

impl<'l> Room<'l> {
    pub fn new(limits: &'l Limits) -> Self {
        Self { limits, held: 0 }
    }

    pub fn spend(&mut self, bytes: usize) -> Result<(), Refusal> {
        self.held = self.held.saturating_add(bytes as u64);
        if self.held > self.limits.memory_bytes { Err(too_large(self.limits.memory_bytes)) } else { Ok(()) }
    }

    /// Bytes of text that may be held as a whole.
    pub fn most_held(&self) -> u64 {
        self.limits.held_bytes.min(self.limits.memory_bytes / 2)
    }

    /// Columns that a sheet may have.
    pub fn columns(&self) -> usize {
        self.limits.columns
    }
}

/// What a cell holds.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Value {
    /// Its kind.
    pub kind: Kind,
    /// Its text.
    pub text: String,
    /// Whether it is shown as another number than it is.
    pub scaled: bool,
}

impl Value {
    pub fn new(kind: Kind, text: impl Into<String>) -> Self {
        Self { kind, text: text.into(), scaled: false }
    }

    /// A number with its format: a date, or the number as it is shown.
    pub fn number(value: f64, format: &Format, in_1904: bool) -> Self {
        match format {
            Format::Date => moment::of_serial(value, in_1904)
                .map_or_else(|| Self::new(Kind::Number, number(value)), |date| Self::new(Kind::Date, date)),
            Format::Shown(shown) => {
                let (as_shown, unit) = shown.number(value);
                match unit {
                    None if (as_shown - value).abs() <= f64::EPSILON * value.abs() => {
                        Self::new(Kind::Number, number(value))
                    }
                    None => Self { scaled: true, ..Self::new(Kind::Number, number(as_shown)) },
                    Some(unit) => Self { scaled: true, ..Self::new(Kind::Text, format!("{}{unit}", number(as_shown))) },
                }
            }
            Format::Text => Self::new(Kind::Text, number(value)),
            Format::Plain => Self::new(Kind::Number, number(value)),
        }
    }
}

/// How numbers of a cell are shown.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Format {
    /// As they are.
    #[default]
    Plain,
    /// As text.
    Text,
    /// As a day.
    Date,
    /// As another number, or with a unit.
    Shown(Shown),
}

impl Format {
    /// Of a format code, or of one of the names that Office writes instead.
    pub fn of(code: &str) -> Self {
        match code.trim() {
            "@" | "Text" => Self::Text,
            "Short Date" | "Medium Date" | "Long Date" | "General Date" => Self::Date,
            code if is_date(code) => Self::Date,
            code => Shown::of(code).map_or(Self::Plain, Self::Shown),
        }
    }
}

impl Written {
    /// Puts a value into a row, from 0, whose number is at least that of the last; cells come from the left.
    pub fn put(&mut self, row: u32, column: usize, value: &Value, room: &mut Room) -> Result<(), Refusal> {
        if value.text.is_empty() {
            return Ok(());
        }
        if column >= room.columns() {
            let limit = room.columns();
            let text = Text::new(format!("表格超过 {limit} 列"), format!("the table has more than {limit} columns"));
            return Err(Refusal::new("too-many-columns", text));
        }
        let number = row.saturating_add(1);
        if self.rows.last().is_none_or(|(last, _)| *last != number) {
            self.rows.push((number, Row::default()));
            room.spend(size_of::<(u32, Row)>())?;
        }
        let Some((_, cells)) = self.rows.last_mut() else { return Ok(()) };
        if cells.len() > column {
            // two cells in one place: the first counts
            return Ok(());
        }
        room.spend(value.text.len() + (column + 1 - cells.len()) * size_of::<(Kind, u32)>())?;
        cells.fill(column);
        cells.push(value.kind, &value.text);
        if value.scaled {
            *self.scaled.entry(column).or_default() += 1;
        }
        Ok(())
    }

    /// Says that cells are one.
    pub fn merge(&mut self, area: Area, room: &mut Room) -> Result<(), Refusal> {
        self.areas.push(area);
        room.spend(AREA as usize)
    }

    /// Whether it holds nothing.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Cells of its widest row.
    pub fn width(&self) -> usize {
        self.rows.iter().map(|(_, row)| row.len()).max().unwrap_or(0)
    }

    /// Hands its rows on; only those at the top where a glance is enough.
    pub fn each_row(&self, to: &mut Collector, glance: bool) -> Result<(), Refusal> {
        let most = if glance { super::head::LOOKED_AT } else { usize::MAX };
        for (number, row) in self.rows.iter().take(most) {
            for (column, cell) in row.iter().enumerate().filter(|(_, c)| c.kind != Kind::Empty) {
                to.cell(column, cell.kind, cell.text)?;
            }
            to.end_row(*number)?;
        }
        if !glance {
            for (column, n) in &self.scaled {
                (0..*n).for_each(|_| to.scaled_cell(*column));
            }
        }
        Ok(())
    }
}
