//! How large a workbook becomes that calamine reads as a whole: OpenDocument repeats cells and rows by a number, and both it
//! and Excel 97 to 2003 become tables without gaps, however far apart two cells stand.

use super::budget::{Bounded, Excess, too_large};
use super::encoding::BLOCK;
use super::marks::Marks;
use super::merged::Area;
use super::package::{Form, damaged};
use super::{Limits, unreadable};
use crate::core::cancel;
use crate::data::intake::finding::Refusal;
use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use std::io::{BufReader, Read, Seek, SeekFrom};

/// Bytes that a cell takes in calamine, its text left out: of OpenDocument twice, while gaps are filled.
const ODS_CELL: u64 = 100;
const XLS_CELL: u64 = 32;
/// Bytes that a shared text takes besides its characters.
const TEXT: u64 = 24;

/// Bytes that the workbook takes in memory; more than the limit is refused.
pub fn measure<R: Read + Seek>(reader: &mut R, form: Form, limits: &Limits) -> Result<u64, Refusal> {
    let start = |reader: &mut R| reader.seek(SeekFrom::Start(0)).map_err(|e| unreadable(&e));
    start(reader)?;
    let bytes = match form {
        Form::Ods => open_document(&mut *reader, limits.memory_bytes)?,
        Form::Xls => excel_97(&mut *reader, limits.memory_bytes),
        _ => 0,
    };
    start(reader)?;
    if bytes > limits.memory_bytes { Err(too_large(limits.memory_bytes)) } else { Ok(bytes) }
}

/// What is known of the table that is being read.
#[derive(Default)]
struct Spread {
    /// Rows up to the last one that holds something, and beyond.
    rows: u64,
    last: u64,
    /// Cells of the widest row, up to the last one that holds something.
    width: u64,
    /// Bytes of text, repeated as often as it is.
    text: u64,
    /// Of the row: how often it stands, its cells up to the last one that holds something, and beyond, its text.
    row: (u64, u64, u64, u64),
    /// Of the cell: how often it stands, its text, whether it holds something.
    cell: (u64, u64, bool),
}

impl Spread {
    fn bytes(&self) -> u64 {
        self.last.saturating_mul(self.width).saturating_mul(ODS_CELL).saturating_add(self.text)
    }

    fn end_cell(&mut self) {
        let (times, text, holds) = self.cell;
        self.row.2 = self.row.2.saturating_add(times);
        if holds || text > 0 {
            self.row.1 = self.row.2;
            self.row.3 = self.row.3.saturating_add(times.saturating_mul(text));
        }
    }

    fn end_row(&mut self) {
        let (times, width, _, text) = self.row;
        self.rows = self.rows.saturating_add(times);
        if width > 0 {
            self.last = self.rows;
            self.width = self.width.max(width);
            self.text = self.text.saturating_add(times.saturating_mul(text));
        }
    }
}

fn open_document(reader: impl Read + Seek, most: u64) -> Result<u64, Refusal> {
    let mut archive = zip::ZipArchive::new(reader).map_err(|e| damaged(&e))?;
    let content = archive.by_name("content.xml").map_err(|e| damaged(&e))?;
    let mut reader = Reader::from_reader(BufReader::with_capacity(BLOCK, Bounded::new(content)));
    reader.config_mut().check_end_names = false;
    let (mut event, mut table, mut bytes) = (Vec::new(), Spread::default(), 0_u64);
    let failed = |e: &quick_xml::Error| {
        let excess = if let quick_xml::Error::Io(e) = e { Excess::of(e) } else { None };
        excess.map_or_else(|| damaged(e), Excess::refusal)
    };
    loop {
        event.clear();
        match reader.read_event_into(&mut event).map_err(|e| failed(&e))? {
            Event::Start(e) => begin(&e, &mut table),
            Event::Empty(e) => {
                begin(&e, &mut table);
                end(e.name().as_ref().as_ref(), &mut table, &mut bytes);
            }
            Event::End(e) => end(e.name().as_ref().as_ref(), &mut table, &mut bytes),
            Event::Text(t) => table.cell.1 += t.len() as u64,
            Event::CData(t) => table.cell.1 += t.len() as u64,
            Event::GeneralRef(_) => table.cell.1 += 1,
            Event::Eof => return Ok(bytes),
            _ => {}
        }
        let now = bytes.saturating_add(table.bytes());
        if now > most {
            return Ok(now);
        }
    }
}

/// The merged cells and the hidden rows of a sheet.
pub fn marks<R: Read + Seek>(reader: R, sheet: &str, most: u64) -> Option<Marks> {
    let mut archive = zip::ZipArchive::new(reader).ok()?;
    let content = archive.by_name("content.xml").ok()?;
    let mut reader = Reader::from_reader(BufReader::with_capacity(BLOCK, Bounded::new(content)));
    reader.config_mut().check_end_names = false;
    let (mut event, mut marks) = (Vec::new(), Marks::default());
    // the place of the next cell, and how often its row stands
    let (mut inside, mut row, mut column, mut rows) = (false, 0_u32, 0_u32, 1_u32);
    loop {
        cancel::check();
        event.clear();
        let (e, empty) = match reader.read_event_into(&mut event).ok()? {
            Event::Start(e) => (e, false),
            Event::Empty(e) => (e, true),
            Event::End(e) => {
                let name = e.name();
                let name: &[u8] = name.as_ref().as_ref();
                if inside && name == b"table:table" {
                    return Some(marks);
                }
                if name == b"table:table-row" {
                    row = row.saturating_add(rows);
                }
                continue;
            }
            Event::Eof => return Some(marks),
            _ => continue,
        };
        let of = |name: &str| e.try_get_attribute(name).ok().flatten().map(|a| a.value.to_string());
        let times = |name: &str| of(name).and_then(|n| n.trim().parse::<u32>().ok()).unwrap_or(1).max(1);
        let name = e.name();
        let name: &[u8] = name.as_ref().as_ref();
        match name {
            b"table:table" => {
                let named = of("table:name").and_then(|n| Some(quick_xml::escape::unescape(&n).ok()?.into_owned()));
                inside = named.as_deref() == Some(sheet);
                (row, column) = (0, 0);
            }
            b"table:table-row" => {
                (column, rows) = (0, times("table:number-rows-repeated"));
                if inside && matches!(of("table:visibility").as_deref(), Some("collapse" | "filter")) {
                    // the empty rows below a table are hidden by the million
                    marks.hidden.extend((1..=rows.min(1000)).map(|n| row.saturating_add(n)));
                }
                if empty {
                    row = row.saturating_add(rows);
                }
            }
            b"table:table-cell" | b"table:covered-table-cell" => {
                let (down, right) = (times("table:number-rows-spanned"), times("table:number-columns-spanned"));
                if inside && (down > 1 || right > 1) {
                    let (bottom, right) = (row.saturating_add(down - 1), column.saturating_add(right - 1));
                    marks.areas.push(Area { top: row, left: column, bottom, right });
                    if marks.bytes() > most {
                        return None;
                    }
                }
                column = column.saturating_add(times("table:number-columns-repeated"));
            }
            _ => {}
        }
    }
}

fn begin(e: &BytesStart, table: &mut Spread) {
    let times = |name: &str| {
        let given = e.try_get_attribute(name).ok().flatten();
        given.and_then(|a| a.value.trim().parse::<u64>().ok()).unwrap_or(1)
    };
    let name = e.name();
    let name: &[u8] = name.as_ref().as_ref();
    match name {
        b"table:table" => *table = Spread::default(),
        b"table:table-row" => table.row = (times("table:number-rows-repeated"), 0, 0, 0),
        b"table:table-cell" | b"table:covered-table-cell" => {
            let holds = e.attributes().flatten().filter_map(|a| {
                let key: &[u8] = a.key.as_ref().as_ref();
                (key.starts_with(b"office:") || key == b"table:formula").then_some(a.value.len() as u64)
            });
            // a value stands in an attribute; a formula is kept beside it
            let text: u64 = holds.sum();
            table.cell = (times("table:number-columns-repeated"), text, text > 0);
        }
        _ => {}
    }
}

fn end(name: &[u8], table: &mut Spread, bytes: &mut u64) {
    match name {
        b"table:table" => {
            *bytes = bytes.saturating_add(table.bytes());
            *table = Spread::default();
        }
        b"table:table-row" => table.end_row(),
        b"table:table-cell" | b"table:covered-table-cell" => table.end_cell(),
        // text between cells is white space
        _ => {}
    }
}

/// The records of BIFF that make cells, and those that say what stands around them.
mod record {
    pub const EOF: u16 = 0x000A;
    pub const FORMULA: u16 = 0x0006;
    pub const NAME: u16 = 0x0018;
    pub const CONTINUE: u16 = 0x003C;
    pub const SST: u16 = 0x00FC;
    pub const LABEL_SST: u16 = 0x00FD;
    /// Several numbers in one record, and their like.
    pub const MANY: [u16; 2] = [0x00BD, 0x00BE];
    /// One cell each.
    pub const ONE: [u16; 8] = [0x0201, 0x0203, 0x0204, 0x0205, 0x027E, 0x00D6, FORMULA, LABEL_SST];
}

fn excel_97(reader: impl Read + Seek, most: u64) -> u64 {
    // what is no such file, calamine says in its own words
    let Ok(mut file) = cfb::CompoundFile::open(reader) else { return 0 };
    let name = ["/Workbook", "/Book"].into_iter().find(|name| file.is_stream(name));
    let Some(mut stream) = name.and_then(|name| file.open_stream(name).ok()) else { return 0 };
    // held as a whole, and once more in texts
    let mut bytes = stream.len().saturating_mul(2);
    if bytes > most {
        return bytes;
    }
    let mut all = Vec::new();
    if stream.read_to_end(&mut all).is_err() {
        return bytes;
    }
    let (mut texts, mut area, mut longest) = (Vec::new(), Extent::default(), 0);
    let mut at = 0;
    while let Some((kind, data, next)) = next(&all, at) {
        cancel::check();
        at = next;
        match kind {
            record::SST => (texts, at) = shared(&all, data, next),
            record::NAME => longest = longest.max(data.get(3).copied().map_or(0, u64::from)),
            record::EOF => {
                bytes = bytes.saturating_add(std::mem::take(&mut area).bytes());
            }
            kind if record::ONE.contains(&kind) || record::MANY.contains(&kind) => {
                let (Some(row), Some(first)) = (u16_at(data, 0), u16_at(data, 2)) else { continue };
                let many = record::MANY.contains(&kind) && data.len() >= 6;
                let last = if many { u16_at(data, data.len() - 2).unwrap_or(first) } else { first };
                area.hold(u64::from(row), u64::from(first), u64::from(last.max(first)));
                if kind == record::LABEL_SST {
                    let place = data.get(6..10).and_then(|b| b.try_into().ok()).map_or(0, u32::from_le_bytes);
                    bytes = bytes.saturating_add(texts.get(place as usize).copied().unwrap_or(0));
                }
                if kind == record::FORMULA {
                    // five bytes of a formula may stand for a name
                    bytes = bytes.saturating_add(data.len() as u64 * (4 + longest * 3 / 5));
                }
            }
            _ => {}
        }
        if bytes.saturating_add(area.bytes()) > most {
            break;
        }
    }
    bytes.saturating_add(area.bytes())
}

/// The rectangle around the cells of a sheet.
#[derive(Default)]
struct Extent(Option<[u64; 4]>);

impl Extent {
    fn hold(&mut self, row: u64, first: u64, last: u64) {
        let [top, left, bottom, right] = self.0.unwrap_or([row, first, row, last]);
        self.0 = Some([top.min(row), left.min(first), bottom.max(row), right.max(last)]);
    }

    fn bytes(&self) -> u64 {
        // one table of values and one of formulas
        self.0.map_or(0, |[top, left, bottom, right]| (bottom - top + 1) * (right - left + 1) * (XLS_CELL + TEXT))
    }
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(bytes.get(at..at + 2)?.try_into().ok()?))
}

/// The record at a place: its kind, its data, and where the next begins.
fn next(all: &[u8], at: usize) -> Option<(u16, &[u8], usize)> {
    let (kind, length) = (u16_at(all, at)?, usize::from(u16_at(all, at + 2)?));
    let data = all.get(at + 4..at + 4 + length)?;
    Some((kind, data, at + 4 + length))
}

/// What each shared text takes, and where the records after them begin. A text goes on in the next record, whose first byte
/// says anew how wide its characters are.
fn shared(all: &[u8], first: &[u8], mut at: usize) -> (Vec<u64>, usize) {
    let mut pieces = vec![first];
    while let Some((record::CONTINUE, data, after)) = next(all, at) {
        pieces.push(data);
        at = after;
    }
    let (mut texts, mut piece, mut place) = (Vec::new(), 0, 8);
    // the texts one after the other; at the first that is damaged the rest is left
    while let Some(length) = one_text(&pieces, &mut piece, &mut place) {
        texts.push(TEXT + length);
    }
    (texts, at)
}

fn one_text(pieces: &[&[u8]], piece: &mut usize, place: &mut usize) -> Option<u64> {
    while *place >= pieces.get(*piece)?.len() {
        (*piece, *place) = (*piece + 1, 0);
    }
    let data = pieces[*piece];
    let characters = u64::from(u16_at(data, *place)?);
    let flags = *data.get(*place + 2)?;
    *place += 3;
    let mut besides = 0_usize;
    if flags & 8 != 0 {
        besides += 4 * usize::from(u16_at(data, *place)?);
        *place += 2;
    }
    if flags & 4 != 0 {
        besides += u32::from_le_bytes(data.get(*place..*place + 4)?.try_into().ok()?) as usize;
        *place += 4;
    }
    let (mut left, mut wide) = (characters as usize, usize::from(flags & 1) + 1);
    loop {
        let here = (pieces.get(*piece)?.len().saturating_sub(*place) / wide).min(left);
        *place += here * wide;
        left -= here;
        if left == 0 {
            break;
        }
        *piece += 1;
        wide = usize::from(*pieces.get(*piece)?.first()? & 1) + 1;
        *place = 1;
    }
    while besides > 0 {
        let here = pieces.get(*piece)?.len().saturating_sub(*place).min(besides);
        *place += here;
        besides -= here;
        if besides > 0 {
            (*piece, *place) = (*piece + 1, 0);
        }
    }
    // three bytes of UTF-8 at most
    Some(characters * 3)
}
