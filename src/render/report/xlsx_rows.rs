//! The sheet of a register of many rows. The library writes the sheet with its head and two rows of empty cells, which say by which
//! numbers the looks of the columns go in its file; the rows themselves are written and packed in pieces on all cores and put in their place.

use super::cell::Cell;
use super::enterprises::{Enterprises, READ};
use super::style::Style;
use super::xlsx_cell::{MAX_EXACT, fit};
use crate::core::cancel;
use crate::core::columns::Value;
use crate::core::query::write_value;
use flate2::write::DeflateEncoder;
use flate2::{Compression, Crc};
use rust_xlsxwriter::{Worksheet, XlsxError, utility::column_number_to_name};
use std::collections::VecDeque;
use std::io::{Cursor, Read, Write};
use zip::result::ZipError;
use zip::{ZipArchive, ZipWriter};

/// Rows of a piece: a megabyte or so before it is packed.
const PIECE: usize = 4096;
/// How hard rows are packed: a quarter larger than usual, in a quarter of the time.
const LEVEL: u32 = 2;
/// Rows below the head that the library writes: the second stands where the last row goes, so that it knows how long the sheet is.
const TEXTS: u32 = 1;

/// Writes two rows of empty cells: the first looks as texts do, the second as what the columns are of.
pub(super) fn write_looks(
    worksheet: &mut Worksheet,
    table: &Enterprises<'_>,
    last: u32,
    style: &mut Style,
) -> Result<(), XlsxError> {
    for (column, form) in (0..).zip(table.forms()) {
        worksheet.write_blank(TEXTS, column, &style.text)?;
        let look = if let Some(form) = form { style.number(form, false) } else { &style.text };
        worksheet.set_column_format(column, look)?;
        worksheet.write_blank(last, column, look)?;
    }
    Ok(())
}

/// The workbook with the rows in its sheet of the number given, from 1 on.
pub(super) fn fill(
    workbook: Vec<u8>,
    sheet: usize,
    table: &Enterprises<'_>,
    rows: &[u32],
) -> Result<Vec<u8>, XlsxError> {
    let part = format!("xl/worksheets/sheet{sheet}.xml");
    let mut library = ZipArchive::new(Cursor::new(workbook))?;
    let mut frame = String::new();
    library.by_name(&part)?.read_to_string(&mut frame).map_err(ZipError::Io)?;
    let (start, looks, end) = looks(&frame).ok_or(ZipError::InvalidArchive("a sheet without its rows".into()))?;
    let looks = looks.map(|numbers| columns(&numbers));
    let piece = |places: std::ops::Range<usize>| {
        let mut xml = Vec::new();
        // the head is the first row
        let mut row = places.start as u32 + 2;
        for rows in rows[places].chunks(READ) {
            let columns = table.columns(rows);
            for place in 0..rows.len() {
                write_row(&mut xml, row, columns.iter().map(|cells| &cells[place]), &looks);
                row += 1;
            }
        }
        Packed::of(&xml)
    };
    let rows = cancel::pieces(rows.len(), PIECE, piece);
    let parts = [Packed::of(start.as_bytes())].into_iter().chain(rows).chain([Packed::of(end.as_bytes())]);
    let mut entry = Entry::new(&part, parts.collect::<Result<_, _>>()?)?;
    let mut out = ZipWriter::new(Cursor::new(Vec::with_capacity(entry.len())));
    for place in 0..library.len() {
        let file = library.by_index_raw(place)?;
        if file.name_raw() == part.as_bytes() {
            let read = zip::read::read_zipfile_from_stream(&mut entry)?;
            out.raw_copy_file(read.ok_or(ZipError::FileNotFound)?)?;
        } else {
            out.raw_copy_file(file)?;
        }
    }
    Ok(out.finish()?.into_inner())
}

/// A sheet of the library before its two rows of empty cells, the numbers of the looks in each of these, and the sheet after them.
fn looks(sheet: &str) -> Option<(&str, [Vec<u32>; 2], &str)> {
    let (start, rest) = sheet.split_at_checked(sheet.find(&format!("<row r=\"{}\"", TEXTS + 1))?)?;
    let (rows, end) = rest.split_at_checked(rest.find("</sheetData>")?)?;
    let mut rows = rows.split("</row>").map(|row| {
        let numbers = row.split(" s=\"").skip(1).map(|cell| cell.split('"').next()?.parse().ok());
        numbers.collect::<Option<Vec<u32>>>()
    });
    let looks = [rows.next()??, rows.next()??];
    (looks[0].len() == looks[1].len() && !looks[0].is_empty()).then_some((start, looks, end))
}

/// What stands in the cells of a column before and after the number of their row.
struct Look {
    before: String,
    after: String,
}

fn columns(numbers: &[u32]) -> Vec<Look> {
    let look = |(column, number): (u16, &u32)| Look {
        before: format!("<c r=\"{}", column_number_to_name(column)),
        after: format!("\" s=\"{number}\""),
    };
    (0..).zip(numbers).map(look).collect()
}

/// A row as the library writes it, texts in their cells.
fn write_row<'c, 'a: 'c>(
    out: &mut Vec<u8>,
    row: u32,
    cells: impl Iterator<Item = &'c Cell<'a>>,
    [texts, numbers]: &[Vec<Look>; 2],
) {
    let row = row.to_string();
    let text = |out: &mut Vec<u8>, look: &Look, text: &str| {
        [&look.before, &row, &look.after].iter().for_each(|part| out.extend_from_slice(part.as_bytes()));
        write_text(out, text);
        out.extend_from_slice(b"</t></is></c>");
    };
    out.extend_from_slice(b"<row r=\"");
    out.extend_from_slice(row.as_bytes());
    out.extend_from_slice(b"\">");
    for ((cell, as_text), as_number) in cells.zip(texts).zip(numbers) {
        match cell {
            Cell::Text(t) if t.is_empty() => {}
            Cell::Text(t) => text(out, as_text, &fit(t)),
            Cell::Integer(i, _) if (*i as f64).abs() > MAX_EXACT => text(out, as_text, &i.to_string()),
            cell => {
                let Some((value, _)) = cell.number().filter(|(value, _)| value.is_finite()) else { continue };
                for part in [&as_number.before, &row, &as_number.after] {
                    out.extend_from_slice(part.as_bytes());
                }
                out.extend_from_slice(b"><v>");
                write_number(out, cell, value);
                out.extend_from_slice(b"</v></c>");
            }
        }
    }
    out.extend_from_slice(b"</row>");
}

/// A number as it is printed shortest: fixed-point numbers of up to 15 digits are that themselves, less the zeros at their end.
fn write_number(out: &mut Vec<u8>, cell: &Cell<'_>, value: f64) {
    const EXACT: f64 = 1e15;
    /// Decimals that are tried of other numbers: those of coordinates.
    const DECIMALS: u8 = 7;
    let fixed = match *cell {
        Cell::Integer(i, _) => Some(Value::Integer(i)),
        Cell::Decimal(digits, n, _) => Some(Value::Decimal(digits, n)).filter(|_| (digits as f64).abs() < EXACT),
        _ => {
            let unit = 10f64.powi(DECIMALS.into());
            let digits = (value * unit).round();
            // zero may have a sign
            let exact = digits.abs() < EXACT && (digits / unit - value).abs() <= 0.0 && value != 0.0;
            exact.then_some(Value::Decimal(digits as i64, DECIMALS))
        }
    };
    match fixed {
        Some(fixed) => write_value(out, fixed),
        // writing to memory can't fail
        None => drop(write!(out, "{value}")),
    }
}

/// The rest of the cell's mark and the text as XML and spreadsheets want it: characters that XML has no sign for are written by their numbers, and so is
/// what looks like such a number.
fn write_text(out: &mut Vec<u8>, text: &str) {
    let blank = ['\t', '\n', ' '];
    let kept = if text.starts_with(blank) || text.ends_with(blank) { " xml:space=\"preserve\"" } else { "" };
    out.extend_from_slice(b" t=\"inlineStr\"><is><t");
    out.extend_from_slice(kept.as_bytes());
    out.push(b'>');
    let bytes = text.as_bytes();
    let plain = |b: &u8| !matches!(b, b'&' | b'<' | b'>' | b'_') && (*b >= 0x20 || matches!(b, b'\t' | b'\n'));
    let mut rest = bytes;
    while let Some(place) = rest.iter().position(|b| !plain(b)) {
        out.extend_from_slice(&rest[..place]);
        rest = &rest[place..];
        match rest[0] {
            b'&' => out.extend_from_slice(b"&amp;"),
            b'<' => out.extend_from_slice(b"&lt;"),
            b'>' => out.extend_from_slice(b"&gt;"),
            b'_' if is_number(rest) => out.extend_from_slice(b"_x005F_"),
            b'_' => out.push(b'_'),
            control => drop(write!(out, "_x{control:04X}_")),
        }
        rest = &rest[1..];
    }
    out.extend_from_slice(rest);
}

/// Whether `_xHHHH_` stands here.
fn is_number(bytes: &[u8]) -> bool {
    bytes.get(..7).is_some_and(|b| b[1] == b'x' && b[6] == b'_' && b[2..6].iter().all(u8::is_ascii_hexdigit))
}

/// A part of a file as DEFLATE packs it (RFC 1951), ending at a whole byte, so that another part may follow.
struct Packed {
    bytes: Vec<u8>,
    crc: Crc,
    length: u64,
}

impl Packed {
    fn of(data: &[u8]) -> Result<Self, ZipError> {
        let mut encoder = DeflateEncoder::new(Vec::with_capacity(data.len() / 4), Compression::new(LEVEL));
        encoder.write_all(data)?;
        encoder.flush()?;
        let mut crc = Crc::new();
        crc.update(data);
        Ok(Self { bytes: std::mem::take(encoder.get_mut()), crc, length: data.len() as u64 })
    }
}

/// An entry of a ZIP file with its local header before it (APPNOTE 4.3.7), read once: each part goes when it was read.
struct Entry {
    parts: VecDeque<Vec<u8>>,
    /// How much of the first part was read.
    read: usize,
}

impl Entry {
    fn new(name: &str, packed: Vec<Packed>) -> Result<Self, ZipError> {
        let (mut crc, mut length) = (Crc::new(), 0);
        // the last block of the packed bytes, which is empty
        let end = vec![3, 0];
        let size = packed.iter().map(|part| part.bytes.len() as u64).sum::<u64>() + end.len() as u64;
        for part in &packed {
            crc.combine(&part.crc);
            length += part.length;
        }
        let fits =
            |bytes: u64| u32::try_from(bytes).map_err(|_| ZipError::InvalidArchive("a sheet of more than 4 GB".into()));
        let mut header = Vec::new();
        // needs version 2.0, no flags, packed by DEFLATE, at 1980-01-01 00:00
        for field in [0x4b50, 0x0403, 20, 0, 8, 0, 0x21_u16] {
            header.extend_from_slice(&field.to_le_bytes());
        }
        // the length of the name, and of further fields, of which there are none
        for field in [crc.sum(), fits(size)?, fits(length)?, name.len() as u32] {
            header.extend_from_slice(&field.to_le_bytes());
        }
        header.extend_from_slice(name.as_bytes());
        let parts = [header].into_iter().chain(packed.into_iter().map(|part| part.bytes)).chain([end]);
        Ok(Self { parts: parts.collect(), read: 0 })
    }

    fn len(&self) -> usize {
        self.parts.iter().map(Vec::len).sum()
    }
}

impl Read for Entry {
    fn read(&mut self, to: &mut [u8]) -> std::io::Result<usize> {
        while let Some(part) = self.parts.front() {
            let mut rest = &part[self.read..];
            if !rest.is_empty() {
                let read = rest.read(to)?;
                self.read += read;
                return Ok(read);
            }
            self.parts.pop_front();
            self.read = 0;
        }
        Ok(0)
    }
}

#[cfg(test)]
mod tests {
    use super::super::cell::Form;
    use super::*;
    use proptest::prelude::*;
    use rust_xlsxwriter::Workbook;

    /// The rows of a sheet that the library wrote, texts in their cells, less the looks.
    fn by_library(cells: &[Vec<Cell<'_>>]) -> String {
        let (mut workbook, style) = (Workbook::new(), Style::new());
        let sheet = workbook.add_worksheet_with_constant_memory().unwrap();
        for (row, cells) in (0..).zip(cells) {
            for (column, cell) in (0..).zip(cells) {
                match (cell, cell.number()) {
                    (Cell::Integer(i, _), _) if (*i as f64).abs() > MAX_EXACT => {
                        sheet.write_string_with_format(row, column, i.to_string(), &style.text).unwrap();
                    }
                    (Cell::Text(t), _) if t.is_empty() => {}
                    (Cell::Text(t), _) => {
                        sheet.write_string_with_format(row, column, fit(t).as_ref(), &style.text).unwrap();
                    }
                    (_, Some((value, _))) if value.is_finite() => {
                        sheet.write_number_with_format(row, column, value, &style.text).unwrap();
                    }
                    _ => {}
                }
            }
        }
        let bytes = workbook.save_to_buffer().unwrap();
        let mut archive = ZipArchive::new(Cursor::new(bytes)).unwrap();
        let mut xml = String::new();
        archive.by_name("xl/worksheets/sheet1.xml").unwrap().read_to_string(&mut xml).unwrap();
        let (_, rows) = xml.split_once("<sheetData>").unwrap();
        rows.split_once("</sheetData>").unwrap().0.to_owned()
    }

    fn cell() -> impl Strategy<Value = Cell<'static>> {
        prop_oneof![
            Just(Cell::Empty),
            "[ -~\\t\\n\\r\u{1}\u{1f}谷𠮷é\u{feff}\u{fffd}]{0,12}".prop_map(Cell::text),
            "_?x?_x[0-9A-Ga-g]{3,4}_?&?".prop_map(Cell::text),
            any::<i64>().prop_map(|i| Cell::Integer(i, Form::Plain)),
            (-100_000i64..100_000).prop_map(|i| Cell::Integer(i, Form::Grouped(0))),
            (any::<i64>(), 0u8..5).prop_map(|(d, n)| Cell::Decimal(d, n, Form::Plain)),
            (-10_000_000i64..10_000_000, 0u8..5).prop_map(|(d, n)| Cell::Decimal(d, n, Form::Plain)),
            any::<f64>().prop_map(|v| Cell::Number(v, Form::Plain)),
            (-180.0..180.0).prop_map(|v: f64| Cell::Number((v * 1e7).round() / 1e7, Form::Plain)),
            Just(Cell::Number(-0.0, Form::Plain)),
        ]
    }

    proptest! {
        #[test]
        fn rows_are_written_as_the_library_writes_them(
            rows in prop::collection::vec(prop::collection::vec(cell(), 1..30), 1..6),
        ) {
            // a row without a cell is none
            let rows: Vec<Vec<Cell<'_>>> = rows.into_iter().map(|cells| [vec![Cell::text("1")], cells].concat()).collect();
            let most = rows.iter().map(Vec::len).max().unwrap_or_default();
            let looks = [columns(&vec![1; most]), columns(&vec![1; most])];
            let mut ours = Vec::new();
            (1..).zip(&rows).for_each(|(row, cells)| write_row(&mut ours, row, cells.iter(), &looks));
            prop_assert_eq!(String::from_utf8(ours).unwrap(), by_library(&rows));
        }

        #[test]
        fn parts_packed_apart_are_one_file(parts in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..3000), 1..6)) {
            let packed = parts.iter().map(|part| Packed::of(part).unwrap()).collect();
            let mut entry = Entry::new("a", packed).unwrap();
            let mut read = Vec::new();
            // the reader compares the digest
            let mut file = zip::read::read_zipfile_from_stream(&mut entry).unwrap().unwrap();
            file.read_to_end(&mut read).unwrap();
            prop_assert_eq!(read, parts.concat());
        }
    }
}
