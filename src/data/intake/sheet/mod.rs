//! A department's file becomes a typed table: head, rows with their numbers in the file, and what was done to get there.

mod binary;
mod budget;
mod cells;
mod clean;
mod collect;
mod dbf;
mod delimited;
mod encoding;
mod features;
mod flatgeobuf;
mod foreign;
mod geopackage;
mod geoparquet;
mod head;
mod html;
mod kml;
mod marks;
mod merged;
pub(super) mod moment;
mod package;
mod pages;
mod pull;
mod records;
mod reference;
pub(super) mod rollup;
mod shapes;
mod shown;
mod spread;
mod spreadsheetml;
mod table;
pub(in crate::data) mod unit;
mod workbook;
mod written;

pub(super) use cells::Row;
pub use cells::{Cell, Cells, Kind};
pub use clean::{Tidied, clean};
pub(super) use collect::{is_fault, listed};

use super::finding::{self, Finding, Refusal};
use super::system::System;
use crate::core::model::Text;
use budget::Looking;
use geo::Geometry;
use package::{Form, Seen};
use std::io::{Cursor, Read, Seek, SeekFrom};

/// What is refused for its size.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Bytes of the file.
    pub file_bytes: u64,
    /// Bytes to which a package unpacks, none of them held.
    pub unpacked_bytes: u64,
    /// Bytes of a part that is held in memory as a whole.
    pub held_bytes: u64,
    /// Rows of data.
    pub rows: usize,
    /// Columns.
    pub columns: usize,
    /// Cells of data.
    pub cells: usize,
    /// Bytes of memory for what is held of the file and for the table together.
    pub memory_bytes: u64,
    /// Whether lines and areas are kept, too: of a file of boundaries.
    pub shapes: bool,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            file_bytes: 1 << 30,
            unpacked_bytes: 2 << 30,
            held_bytes: 256 << 20,
            rows: 2_000_000,
            columns: 500,
            cells: 80_000_000,
            memory_bytes: 448 << 20,
            shapes: false,
        }
    }
}

impl Limits {
    /// What is left when so many bytes are held.
    fn less(&self, held: u64) -> Result<Self, Refusal> {
        let left = self.memory_bytes.checked_sub(held).ok_or_else(|| budget::too_large(self.memory_bytes))?;
        Ok(Self { memory_bytes: left, ..self.clone() })
    }

    /// Refuses a table that takes more.
    fn bear(&self, cells: &Cells) -> Result<(), Refusal> {
        if cells.memory() as u64 > self.memory_bytes { Err(budget::too_large(self.memory_bytes)) } else { Ok(()) }
    }
}

/// What the register knows of the words in a table.
pub trait Words {
    /// How well a column's name is known, from 0 to 1.
    fn head(&self, name: &str) -> f64;
    /// Whether a column's name is that of the enterprises' names.
    fn key(&self, _name: &str) -> bool {
        false
    }
    /// Whether a column's name is that of the register's ids.
    fn id(&self, _name: &str) -> bool {
        false
    }
    /// Whether a column's name is that of the districts.
    fn district(&self, _name: &str) -> bool {
        false
    }
    /// Whether a text is the name or code of a group that the register divides by, such as a district.
    fn group(&self, _text: &str) -> bool {
        false
    }
}

impl<F: Fn(&str) -> bool> Words for F {
    fn head(&self, name: &str) -> f64 {
        f64::from(u8::from(self(name)))
    }
}

/// A column of the file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Column {
    /// Its name in the head.
    pub name: String,
    /// Its unit, where a row of units gives one.
    pub unit: Option<String>,
}

/// A table as it stands in the file.
#[derive(Clone, Debug, Default)]
pub struct Sheet {
    /// Name of the worksheet or layer.
    pub name: Option<String>,
    /// Names of all worksheets or layers of the file, where it can have several.
    pub names: Vec<String>,
    /// System of the positions, where the file itself states it.
    pub stated: Option<System>,
    /// The system that the file states and that is not supported: nothing else may take its place.
    pub foreign: Option<String>,
    /// Encoding of a text file.
    pub encoding: Option<&'static str>,
    /// The columns.
    pub columns: Vec<Column>,
    /// The rows of data.
    pub cells: Cells,
    /// What stands above the head.
    pub above: Vec<String>,
    /// What stands below the data: notes.
    pub below: Vec<String>,
    /// Numbers that count for several rows, as their cells are merged: the column, the first row and the last.
    pub shared: Vec<(usize, u32, u32)>,
    /// The line or area of each row, as it stands in the file: where they are kept, else empty.
    pub shapes: Vec<Option<Geometry<f64>>>,
    /// What was left out, tidied or assumed.
    pub findings: Vec<Finding>,
    /// How it was folded, where it was a long table.
    pub folded: Option<super::folded::Folded>,
}

/// Reads a table. `known` tells the names of columns that mean something, by which the head is found; `sheet` is the
/// worksheet requested.
pub fn read<R: Read + Seek + Send>(
    reader: R,
    sheet: Option<&str>,
    limits: &Limits,
    known: &dyn Words,
) -> Result<Sheet, Refusal> {
    let mut read = inside(&mut Looking(reader), sheet, limits, known, DEEPEST)?;
    read.findings.extend(lost(&read.cells));
    Ok(read)
}

/// What a program has lost before: characters that it could not write, and what becomes of them where they are read as GBK.
fn lost(cells: &Cells) -> Option<Finding> {
    let rows = cells.rows_with(&["\u{FFFD}", "锟斤拷"]);
    let (n, list) = (rows.len(), listed(&rows));
    let text = Text::new(
        format!("{n} 行有已丢失的字符(“\u{FFFD}”或“锟斤拷”,第 {list} 行),是此前转换编码时损坏的"),
        format!("{n} rows have lost characters (“\u{FFFD}”, row {list}), damaged by an earlier change of encoding"),
    );
    (n > 0).then(|| Finding::warning("characters-lost", text))
}

/// What tables are read from. Below this the readers of all forms are compiled once, and not for each kind of file and memory.
trait Input: Read + Seek + Send {}

impl<R: Read + Seek + Send> Input for R {}

/// Packages inside each other.
const DEEPEST: u8 = 3;

fn inside(
    mut reader: &mut dyn Input,
    sheet: Option<&str>,
    limits: &Limits,
    known: &dyn Words,
    deep: u8,
) -> Result<Sheet, Refusal> {
    let length = reader.seek(SeekFrom::End(0)).map_err(|e| unreadable(&e))?;
    if length > limits.file_bytes {
        let (mb, limit) = (length >> 20, limits.file_bytes >> 20);
        return Err(Refusal::new(
            "file-too-large",
            Text::new(
                format!("文件有 {mb} MB,超过上限 {limit} MB"),
                format!("the file has {mb} MB, over the limit of {limit} MB"),
            ),
        ));
    }
    if length == 0 {
        return Err(Refusal::new("no-rows", Text::new("文件是空的", "the file is empty")));
    }
    let Seen { form, held, notable } = package::form(&mut reader, sheet, limits)?;
    let limits = &limits.less(held)?;
    match form {
        Form::Other => {
            let mut start = [0; 1024];
            let n = package::read_up_to(&mut reader, &mut start).map_err(|e| unreadable(&e))?;
            reader.seek(SeekFrom::Start(0)).map_err(|e| unreadable(&e))?;
            if let Some(refusal) = foreign::by_start(&start[..n]) {
                return Err(refusal);
            }
            if start[..n].starts_with(b"PK") {
                return Err(Refusal::new(
                    "format-unknown",
                    Text::new("压缩包是空的,或已损坏", "the package is empty or damaged"),
                ));
            }
            if kml::is_kml(&start[..n]) {
                kml::read(reader, limits, known)
            } else if features::is_geojson(&start[..n]) {
                features::read(reader, limits)
            } else if spreadsheetml::is_spreadsheet(&start[..n]) {
                workbook::read(reader, Form::SpreadsheetMl, &notable, sheet, limits, known)
            } else if pages::is_page(&start[..n]) {
                workbook::read(reader, Form::Page, &notable, sheet, limits, known)
            } else if start[..n].strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&start[..n]).starts_with(b"<?xml") {
                Err(foreign::other_xml())
            } else {
                delimited::read(reader, limits, known)
            }
        }
        Form::Shapes => shapes::read(reader, sheet, limits),
        Form::GeoPackage => geopackage::read(reader, sheet, limits),
        Form::FlatGeobuf => flatgeobuf::read(reader, limits),
        Form::Parquet => geoparquet::read(reader, limits),
        Form::Kmz => kml::read_packed(reader, limits, known),
        Form::Packed(place) => {
            let (name, bytes) = package::unpacked(reader, place, limits)?;
            let limits = limits.less(bytes.len() as u64)?;
            let deep = deep.checked_sub(1).ok_or_else(|| package::damaged(&"packages inside packages"))?;
            // the name of the file itself is no name of a sheet in it
            let sheet = sheet.filter(|wanted| *wanted != name);
            let mut read = inside(&mut Looking(Cursor::new(bytes)), sheet, &limits, known, deep)?;
            let shown = finding::shorten(&name);
            let text = Text::new(
                format!("读取了压缩包里的文件“{shown}”"),
                format!("the file “{shown}” of the package was read"),
            );
            read.findings.insert(0, Finding::info("file-unpacked", text));
            Ok(read)
        }
        form => workbook::read(reader, form, &notable, sheet, limits, known),
    }
}

/// The whole of a file that is held in memory.
fn held<R: Read + Seek>(reader: R, limits: &Limits) -> Result<Vec<u8>, Refusal> {
    let mut bytes = Vec::new();
    reader.take(limits.held_bytes + 1).read_to_end(&mut bytes).map_err(|e| unreadable(&e))?;
    if bytes.len() as u64 > limits.held_bytes { Err(package::large_part(limits.held_bytes)) } else { Ok(bytes) }
}

fn unreadable(e: &std::io::Error) -> Refusal {
    Refusal::broken("file-unreadable", Text::new("文件读不出", "the file can't be read"), e)
}

#[cfg(test)]
mod tests;
