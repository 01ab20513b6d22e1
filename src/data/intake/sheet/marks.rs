//! What a sheet of Office Open XML holds besides values, and calamine does not pass on: merged cells, hidden rows, errors of
//! newer formulas, formulas without their results, formats that scale.

use super::budget::Bounded;
use super::collect::is_fault;
use super::encoding::BLOCK;
use super::merged::{AREA, Area};
use super::shown::Shown;
use crate::core::cancel;
use memchr::memmem::Finder;
use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use std::cell::RefCell;
use std::collections::HashMap;
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom};
use std::rc::Rc;
use std::sync::LazyLock;
use zip::ZipArchive;

/// One file for two readers, each at its own place.
#[derive(Debug)]
pub struct Shared<R> {
    inner: Rc<RefCell<R>>,
    at: u64,
}

impl<R> Shared<R> {
    pub fn new(inner: R) -> Self {
        Self { inner: Rc::new(RefCell::new(inner)), at: 0 }
    }
}

impl<R> Clone for Shared<R> {
    fn clone(&self) -> Self {
        Self { inner: self.inner.clone(), at: 0 }
    }
}

impl<R: Read + Seek> Read for Shared<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let mut inner = self.inner.borrow_mut();
        inner.seek(SeekFrom::Start(self.at))?;
        let read = inner.read(out)?;
        self.at += read as u64;
        Ok(read)
    }
}

impl<R: Read + Seek> Seek for Shared<R> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let to = match to {
            SeekFrom::Current(by) => SeekFrom::Start(self.at.saturating_add_signed(by)),
            to => to,
        };
        self.at = self.inner.borrow_mut().seek(to)?;
        Ok(self.at)
    }
}

/// What a cell is besides its value.
#[derive(Clone, Debug, PartialEq)]
pub enum What {
    /// An error that calamine does not know; whether the cell does not say where it is.
    Fault(Box<str>, bool),
    /// A formula without a result.
    NoResult,
    /// Its number is shown by this format.
    Shown(usize),
}

/// A cell that is something besides its value.
#[derive(Clone, Debug)]
pub struct Mark {
    /// Row and column, from 0.
    pub at: (u32, u32),
    /// What it is.
    pub what: What,
}

/// What a sheet holds besides values.
#[derive(Debug, Default)]
pub struct Marks {
    /// Cells, in the order of the sheet.
    pub cells: Vec<Mark>,
    /// Merged cells.
    pub areas: Vec<Area>,
    /// Rows that are not shown, from 1.
    pub hidden: Vec<u32>,
    /// Formats that scale, by the number that cells give.
    pub formats: HashMap<usize, Shown>,
}

impl Marks {
    /// Bytes that it takes.
    pub fn bytes(&self) -> u64 {
        (self.cells.len() * (size_of::<Mark>() + 16) + self.hidden.len() * 4) as u64 + self.areas.len() as u64 * AREA
    }
}

/// What the file says of its sheets: nothing where it can't be read, as calamine will say so.
/// `notable` are the parts that hold anything that is looked for ([`Notable`]).
pub fn read<R: Read + Seek>(reader: R, sheet: &str, notable: &[String], most: u64) -> Option<Marks> {
    let mut archive = ZipArchive::new(reader).ok()?;
    let path = path(&mut archive, sheet)?;
    let formats = formats(&mut archive).unwrap_or_default();
    if formats.is_empty() && !notable.contains(&plain(&path)) {
        return Some(Marks::default());
    }
    let mut marks = Marks { formats, ..Marks::default() };
    sheet_marks(&mut archive, &path, most, &mut marks)?;
    Some(marks)
}

/// The name of a part as it is compared.
pub fn plain(name: &str) -> String {
    name.trim_start_matches('/').replace('\\', "/").to_lowercase()
}

/// A part of the package by its name, whatever its case and strokes.
fn part<'a, R: Read + Seek>(archive: &'a mut ZipArchive<R>, wanted: &str) -> Option<impl BufRead + use<'a, R>> {
    let wanted = plain(wanted);
    let at = (0..archive.len())
        .find(|i| archive.name_for_index(*i).and_then(Result::ok).is_some_and(|name| plain(&name) == wanted))?;
    let part = archive.by_index(at).ok()?;
    Some(BufReader::with_capacity(BLOCK, Bounded::new(part)))
}

fn attribute(e: &BytesStart, name: &str) -> Option<String> {
    let found = e.attributes().flatten().find(|a| {
        let key: &[u8] = a.key.local_name().into_inner().as_ref();
        key == name.as_bytes()
    })?;
    Some(found.value.to_string())
}

/// Follows the elements of a part.
fn follow(part: impl BufRead, mut each: impl FnMut(&str, Event) -> bool) -> Option<()> {
    let mut reader = Reader::from_reader(part);
    reader.config_mut().check_end_names = false;
    let mut buffer = Vec::new();
    loop {
        cancel::check();
        buffer.clear();
        let event = reader.read_event_into(&mut buffer).ok()?;
        let name = match &event {
            Event::Start(e) | Event::Empty(e) => e.local_name().as_ref().to_owned(),
            Event::End(e) => e.local_name().as_ref().to_owned(),
            Event::Eof => return Some(()),
            _ => String::new(),
        };
        if !each(&name, event) {
            return Some(());
        }
    }
}

/// Where the part of a sheet is.
fn path<R: Read + Seek>(archive: &mut ZipArchive<R>, sheet: &str) -> Option<String> {
    let mut relation = None;
    follow(part(archive, "xl/workbook.xml")?, |name, event| {
        if let ("sheet", Event::Start(e) | Event::Empty(e)) = (name, event)
            && e.attributes().flatten().any(|a| {
                let key: &[u8] = a.key.as_ref().as_ref();
                key == b"name" && quick_xml::escape::unescape(&a.value).is_ok_and(|n| n == sheet)
            })
        {
            let ids = e.attributes().flatten().filter(|a| {
                let key: &[u8] = a.key.as_ref().as_ref();
                key.ends_with(b":id")
            });
            relation = ids.map(|a| a.value.to_string()).next();
        }
        relation.is_none()
    })?;
    target(archive, "xl/_rels/workbook.xml.rels", &relation?)
}

/// The part to which a relation points.
pub fn target<R: Read + Seek>(archive: &mut ZipArchive<R>, relations: &str, relation: &str) -> Option<String> {
    let mut target = None;
    follow(part(archive, relations)?, |name, event| {
        if let ("Relationship", Event::Start(e) | Event::Empty(e)) = (name, event)
            && attribute(&e, "Id").as_deref() == Some(relation)
        {
            target = attribute(&e, "Target");
        }
        target.is_none()
    })?;
    let target = target?;
    Some(if target.starts_with('/') || target.starts_with("xl/") { target } else { format!("xl/{target}") })
}

/// The formats of cells that show another number, by their place in the list of formats.
fn formats<R: Read + Seek>(archive: &mut ZipArchive<R>) -> Option<HashMap<usize, Shown>> {
    const MOST: usize = 70_000;
    let (mut codes, mut found) = (HashMap::new(), HashMap::new());
    let (mut inside, mut place) = (false, 0);
    follow(part(archive, "xl/styles.xml")?, |name, event| {
        match (name, event) {
            ("numFmt", Event::Start(e) | Event::Empty(e)) => {
                let code =
                    attribute(&e, "formatCode").and_then(|c| Some(quick_xml::escape::unescape(&c).ok()?.into_owned()));
                if let Some((id, shown)) = attribute(&e, "numFmtId").zip(code.and_then(|c| Shown::of(&c))) {
                    codes.insert(id, shown);
                }
            }
            ("cellXfs", Event::Start(_)) => inside = true,
            ("cellXfs", Event::End(_)) => inside = false,
            ("xf", Event::Start(e) | Event::Empty(e)) if inside => {
                if let Some(shown) = attribute(&e, "numFmtId").and_then(|id| codes.get(&id)) {
                    found.insert(place, shown.clone());
                }
                place += 1;
            }
            _ => {}
        }
        place < MOST
    })?;
    Some(found)
}

/// Whether a sheet holds anything that is looked for: most hold nothing, and are not read twice.
#[derive(Default)]
pub struct Notable {
    /// It does.
    pub found: bool,
    /// The last bytes, in which a word may begin.
    kept: Vec<u8>,
}

impl Notable {
    /// Goes on.
    pub fn follow(&mut self, bytes: &[u8]) {
        const WORDS: [&[u8]; 6] = [b"t=\"e\"", b"<f", b":f>", b":f ", b"mergeCell", b"hidden="];
        const LONGEST: usize = 9;
        static FINDERS: LazyLock<[Finder; 6]> = LazyLock::new(|| WORDS.map(Finder::new));
        if self.found || bytes.is_empty() {
            return;
        }
        let head = &bytes[..bytes.len().min(LONGEST)];
        self.kept.extend_from_slice(head);
        self.found = FINDERS.iter().any(|f| f.find(bytes).is_some() || f.find(&self.kept).is_some());
        if bytes.len() >= LONGEST {
            self.kept.clear();
            self.kept.extend_from_slice(&bytes[bytes.len() - LONGEST..]);
        } else {
            let more = self.kept.len().saturating_sub(LONGEST);
            self.kept.drain(..more);
        }
    }
}

/// The cell that is being read.
#[derive(Default)]
struct Cell {
    at: (u32, u32),
    placed: bool,
    kind: String,
    format: usize,
    formula: bool,
    has_value: bool,
    value: String,
}

fn sheet_marks<R: Read + Seek>(archive: &mut ZipArchive<R>, path: &str, most: u64, marks: &mut Marks) -> Option<()> {
    const VALUE: usize = 40;
    let (mut row, mut column) = (0_u32, 0_u32);
    let mut cell: Option<Cell> = None;
    let mut in_value = false;
    follow(part(archive, path)?, |name, event| {
        match (name, event) {
            ("row", Event::Start(e)) => {
                row = attribute(&e, "r").and_then(|r| r.parse::<u32>().ok()?.checked_sub(1)).unwrap_or(row);
                column = 0;
                if attribute(&e, "hidden").is_some_and(|h| h == "1" || h == "true") {
                    marks.hidden.push(row + 1);
                }
            }
            ("row", Event::End(_)) => row += 1,
            ("c", Event::Start(e)) => {
                let given = attribute(&e, "r").and_then(|r| place(&r));
                column = given.map_or(column, |(_, c)| c);
                cell = Some(Cell {
                    at: given.unwrap_or((row, column)),
                    placed: given.is_some(),
                    kind: attribute(&e, "t").unwrap_or_default(),
                    format: attribute(&e, "s").and_then(|s| s.parse().ok()).unwrap_or(0),
                    ..Cell::default()
                });
                column += 1;
            }
            ("c", Event::Empty(e)) => {
                column = attribute(&e, "r").and_then(|r| place(&r)).map_or(column, |(_, c)| c) + 1;
            }
            ("c", Event::End(_)) => {
                if let Some(mark) = cell.take().and_then(|c| c.mark(&marks.formats)) {
                    marks.cells.push(mark);
                }
            }
            ("f", Event::Start(_) | Event::Empty(_)) => cell.iter_mut().for_each(|c| c.formula = true),
            ("v" | "is", Event::Start(_)) => {
                in_value = true;
                cell.iter_mut().for_each(|c| c.has_value = true);
            }
            ("v", Event::Empty(_)) => cell.iter_mut().for_each(|c| c.has_value = true),
            ("v" | "is", Event::End(_)) => in_value = false,
            (_, Event::Text(text)) if in_value => {
                if let Some(cell) = cell.as_mut().filter(|c| c.value.len() < VALUE) {
                    cell.value.push_str(&text);
                }
            }
            ("mergeCell", Event::Start(e) | Event::Empty(e)) => {
                let area = attribute(&e, "ref").and_then(|r| {
                    let (first, last) = r.split_once(':')?;
                    let ((top, left), (bottom, right)) = (place(first)?, place(last)?);
                    Some(Area { top, left, bottom, right })
                });
                marks.areas.extend(area);
            }
            _ => {}
        }
        marks.bytes() < most
    })
}

impl Cell {
    fn mark(self, formats: &HashMap<usize, Shown>) -> Option<Mark> {
        let known = ["#DIV/0!", "#N/A", "#NAME?", "#NULL!", "#NUM!", "#REF!", "#VALUE!"];
        let value = self.value.trim();
        let what = if self.kind == "e" && !known.contains(&value) {
            What::Fault(if is_fault(value) { value.into() } else { "#?".into() }, !self.placed)
        } else if self.formula && value.is_empty() && (self.kind != "str" || !self.has_value) {
            What::NoResult
        } else if formats.contains_key(&self.format) && !value.is_empty() && matches!(self.kind.as_str(), "" | "n") {
            What::Shown(self.format)
        } else {
            return None;
        };
        Some(Mark { at: self.at, what })
    }
}

/// Row and column of `B3`, from 0.
fn place(name: &str) -> Option<(u32, u32)> {
    let name = name.trim().replace('$', "");
    let at = name.find(|c: char| c.is_ascii_digit())?;
    let (letters, digits) = name.split_at(at);
    if letters.is_empty() || letters.len() > 3 || !letters.bytes().all(|b| b.is_ascii_alphabetic()) {
        return None;
    }
    let column = letters.bytes().fold(0_u32, |n, b| n * 26 + u32::from(b.to_ascii_uppercase() - b'A') + 1);
    Some((digits.parse::<u32>().ok()?.checked_sub(1)?, column - 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_of_cells() {
        assert_eq!(place("B3"), Some((2, 1)));
        assert_eq!(place("$AA$10"), Some((9, 26)));
        assert!(place("3").is_none() && place("ABCD1").is_none() && place("A0").is_none());
    }
}
