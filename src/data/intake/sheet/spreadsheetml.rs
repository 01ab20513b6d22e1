//! SpreadsheetML 2003: a workbook as one XML, which many systems write and call `.xls`.

use super::budget::{Bounded, Excess};
use super::cells::Kind;
use super::collect::is_fault;
use super::encoding::{BLOCK, Decoding, Found, by_start, sniff};
use super::html::entity;
use super::merged::Area;
use super::moment::of_iso;
use super::unreadable;
use super::written::{Format, Room, Value, Written};
use crate::core::cancel;
use crate::core::model::Text;
use crate::data::intake::finding::Refusal;
use quick_xml::Reader;
use quick_xml::escape::unescape;
use quick_xml::events::{BytesStart, Event};
use std::collections::HashMap;
use std::io::{BufReader, Read, Seek, SeekFrom};

/// Elements inside each other.
const DEEPEST: usize = 64;
/// Rows and columns of a sheet of Office.
const ROWS: u32 = 1 << 20;
const COLUMNS: u32 = 1 << 14;
/// Styles that are kept.
const STYLES: usize = 65_536;

/// Whether text is SpreadsheetML, by its start, in whatever encoding.
pub fn is_spreadsheet(start: &[u8]) -> bool {
    let encoding = by_start(start).map_or(encoding_rs::UTF_8, |found| found.encoding);
    let (text, _) = encoding.decode_with_bom_removal(start);
    let named = text.contains("urn:schemas-microsoft-com:office:spreadsheet") || text.contains("Excel.Sheet");
    text.trim_start().starts_with('<') && named && !text.to_ascii_lowercase().contains("<html")
}

/// Reads all sheets.
pub fn read<R: Read + Seek>(mut reader: R, room: &mut Room) -> Result<(Vec<Written>, Found), Refusal> {
    let found = sniff(&mut reader).map_err(|e| unreadable(&e))?.ok_or_else(|| broken(&"encoding"))?;
    reader.seek(SeekFrom::Start(0)).map_err(|e| unreadable(&e))?;
    let text = Bounded::new(Decoding::new(reader, found.encoding));
    let mut reader = Reader::from_reader(BufReader::with_capacity(BLOCK, text));
    reader.config_mut().allow_dangling_amp = true;
    let (mut book, mut event) = (Book::new(room), Vec::new());
    loop {
        cancel::check();
        event.clear();
        match reader.read_event_into(&mut event).map_err(|e| failed(&e))? {
            Event::Start(e) => {
                let name = book.begin(&e)?;
                book.open.push(name);
                if book.open.len() > DEEPEST {
                    return Err(broken(&"too deep"));
                }
            }
            Event::Empty(e) => {
                let name = book.begin(&e)?;
                book.end(&name)?;
            }
            Event::End(_) => {
                let Some(name) = book.open.pop() else { return Err(broken(&"it ends twice")) };
                book.end(&name)?;
            }
            Event::Text(t) => book.text(&t.into_inner()),
            Event::CData(t) => book.text(&t.into_inner()),
            Event::GeneralRef(r) => {
                let name = r.into_inner();
                match entity(&name) {
                    Some(text) => book.text(&text),
                    None => ["&", &*name, ";"].into_iter().for_each(|t| book.text(t)),
                }
            }
            Event::Eof if book.open.is_empty() => return Ok((book.sheets, found)),
            Event::Eof => return Err(broken(&"it is cut off")),
            _ => {}
        }
    }
}

/// The workbook while it is read.
struct Book<'r, 'l> {
    room: &'r mut Room<'l>,
    sheets: Vec<Written>,
    /// The elements that are open, without their prefixes.
    open: Vec<String>,
    /// The format of each style, and the style that is being read with the one that it is made of.
    styles: HashMap<String, Format>,
    style: (String, Option<String>),
    in_1904: bool,
    words: String,
    /// Next row and column of the sheet, from 0.
    row: u32,
    column: u32,
    /// Formats of the columns and of the row.
    columns: Vec<(u32, u32, String)>,
    next_column: u32,
    row_style: Option<String>,
    /// Cells that reach down from rows above: first column, last column, last row.
    reaching: Vec<(u32, u32, u32)>,
    cell: Option<Cell>,
}

/// The cell that is being read.
struct Cell {
    column: u32,
    /// Whether it says where it stands.
    placed: bool,
    across: u32,
    down: u32,
    style: Option<String>,
    formula: bool,
    kind: Option<String>,
    text: String,
}

impl<'r, 'l> Book<'r, 'l> {
    fn new(room: &'r mut Room<'l>) -> Self {
        Self {
            room,
            sheets: Vec::new(),
            open: Vec::new(),
            styles: HashMap::new(),
            style: (String::new(), None),
            in_1904: false,
            words: String::new(),
            row: 0,
            column: 0,
            columns: Vec::new(),
            next_column: 0,
            row_style: None,
            reaching: Vec::new(),
            cell: None,
        }
    }

    fn inside(&self, name: &str) -> bool {
        self.open.iter().any(|o| o == name)
    }

    fn begin(&mut self, e: &BytesStart) -> Result<String, Refusal> {
        let name = local(e.name().as_ref().as_ref());
        let of = |key: &str| attribute(e, key);
        let number = |key: &str| of(key).and_then(|n| n.trim().parse::<u32>().ok());
        let index = |key: &str| number(key).and_then(|n| n.checked_sub(1));
        self.words.clear();
        match name.as_str() {
            "Style" => {
                self.style = (of("ID").unwrap_or_default(), of("Parent"));
                self.room.spend(self.style.0.len() + 64)?;
                let inherited = self.style.1.as_ref().and_then(|p| self.styles.get(p)).cloned();
                if self.styles.len() < STYLES {
                    self.styles.insert(self.style.0.clone(), inherited.unwrap_or_default());
                }
            }
            "NumberFormat" => {
                let format = Format::of(&of("Format").unwrap_or_default());
                if let Some(style) = self.styles.get_mut(&self.style.0) {
                    *style = format;
                }
            }
            "Worksheet" => {
                let name = of("Name").unwrap_or_default();
                self.room.spend(name.len() + size_of::<Written>())?;
                self.sheets.push(Written { name, ..Written::default() });
                (self.row, self.column, self.next_column) = (0, 0, 0);
                self.columns.clear();
                self.reaching.clear();
            }
            "Column" if !self.inside("Row") => {
                let first = index("Index").unwrap_or(self.next_column).min(COLUMNS);
                let last = first.saturating_add(number("Span").unwrap_or(0)).min(COLUMNS);
                self.next_column = last + 1;
                if let Some(style) = of("StyleID") {
                    self.room.spend(style.len() + 32)?;
                    self.columns.push((first, last, style));
                }
            }
            "Row" => {
                self.row = index("Index").unwrap_or(self.row);
                self.column = 0;
                self.row_style = of("StyleID");
                let row = self.row;
                self.reaching.retain(|(_, _, last)| *last >= row);
                let hidden = of("Hidden").is_some_and(|h| h != "0" && !h.eq_ignore_ascii_case("false"));
                if hidden && let Some(sheet) = self.sheets.last_mut() {
                    self.room.spend(4)?;
                    sheet.unseen.push(row + 1);
                }
                if row >= ROWS {
                    return Err(broken(&format!("row {}", u64::from(row) + 1)));
                }
            }
            "Cell" => {
                let given = index("Index");
                self.cell = Some(Cell {
                    column: given.unwrap_or(self.column).min(COLUMNS),
                    placed: given.is_some(),
                    across: number("MergeAcross").unwrap_or(0).min(COLUMNS),
                    down: number("MergeDown").unwrap_or(0).min(ROWS),
                    style: of("StyleID"),
                    formula: of("Formula").is_some(),
                    kind: None,
                    text: String::new(),
                });
            }
            "Data" if !self.inside("Comment") => {
                if let Some(cell) = &mut self.cell {
                    cell.kind = Some(of("Type").unwrap_or_default());
                }
            }
            _ => {}
        }
        Ok(name)
    }

    fn text(&mut self, text: &str) {
        if self.inside("Data") && !self.inside("Comment") {
            if let Some(cell) = &mut self.cell {
                cell.text.push_str(text);
            }
        } else if self.words.len() < 64 {
            self.words.push_str(text);
        }
    }

    fn end(&mut self, name: &str) -> Result<(), Refusal> {
        match name {
            "Cell" => {
                if let Some(cell) = self.cell.take() {
                    self.put(&cell)?;
                }
            }
            "Row" => self.row = self.row.saturating_add(1),
            "Date1904" => self.in_1904 = true,
            // `SheetVisible` is the other
            "Visible" if matches!(self.words.trim(), "SheetHidden" | "SheetVeryHidden") => {
                if let Some(sheet) = self.sheets.last_mut() {
                    sheet.hidden = true;
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn put(&mut self, cell: &Cell) -> Result<(), Refusal> {
        let format = self.format(cell);
        let value = cell.value(&format, self.in_1904)?;
        let mut column = cell.column;
        if !cell.placed && !value.text.is_empty() {
            // a program that leaves out what is merged with a cell above, and does not say where the next one stands
            while let Some((_, last, _)) = self.reaching.iter().find(|(a, b, _)| (*a..=*b).contains(&column)) {
                column = last + 1;
            }
        }
        self.column = column.saturating_add(cell.across + 1);
        let row = self.row;
        let Some(sheet) = self.sheets.last_mut() else { return Err(broken(&"a cell outside of a sheet")) };
        sheet.put(row, column as usize, &value, self.room)?;
        if cell.across + cell.down > 0 {
            let (bottom, right) = (row.saturating_add(cell.down), column.saturating_add(cell.across));
            if cell.down > 0 {
                self.reaching.push((column, right, bottom));
            }
            if !value.text.is_empty() {
                sheet.merge(Area { top: row, left: column, bottom, right }, self.room)?;
            }
        }
        Ok(())
    }

    fn format(&self, cell: &Cell) -> Format {
        let of_column = || {
            let column = self.columns.iter().find(|(a, b, _)| (*a..=*b).contains(&cell.column));
            column.map(|(.., style)| style)
        };
        let style = cell.style.as_ref().or(self.row_style.as_ref()).or_else(of_column);
        style.and_then(|s| self.styles.get(s)).cloned().unwrap_or_default()
    }
}

impl Cell {
    fn value(&self, format: &Format, in_1904: bool) -> Result<Value, Refusal> {
        let text = self.text.as_str();
        if text.len() > super::budget::CELL {
            return Err(Excess::Cell(super::budget::CELL).refusal());
        }
        let bare = text.trim();
        Ok(match self.kind.as_deref() {
            None | Some("") if self.formula => Value::new(Kind::Fault, "="),
            Some("Number") if bare.is_empty() && self.formula => Value::new(Kind::Fault, "="),
            Some("Number") => match bare.parse::<f64>() {
                Ok(n) if n.is_finite() => Value::number(n, format, in_1904),
                _ => Value::new(Kind::Text, text),
            },
            Some("DateTime") => {
                // a time alone is of the day before all days
                let alone = ["1899-12-31T", "1899-12-30T", "1904-01-01T"].iter().find_map(|day| bare.strip_prefix(day));
                let (kind, text) = alone.map_or_else(|| of_iso(bare), |time| (Kind::Text, time.to_owned()));
                Value::new(kind, text)
            }
            Some("Boolean") => Value::new(Kind::Boolean, if matches!(bare, "1" | "true") { "true" } else { "false" }),
            Some("Error") => Value::new(Kind::Fault, if is_fault(bare) { bare } else { "#?" }),
            _ => Value::new(Kind::Text, text),
        })
    }
}

fn local(name: &[u8]) -> String {
    String::from_utf8_lossy(name.rsplit(|b| *b == b':').next().unwrap_or_default()).into_owned()
}

fn attribute(e: &BytesStart, name: &str) -> Option<String> {
    let found = e.attributes().flatten().find(|a| {
        let key: &[u8] = a.key.local_name().into_inner().as_ref();
        key == name.as_bytes()
    })?;
    Some(unescape(&found.value).map_or_else(|_| found.value.to_string(), std::borrow::Cow::into_owned))
}

fn failed(e: &quick_xml::Error) -> Refusal {
    Excess::of_xml(e, |e| broken(e))
}

fn broken(e: &dyn std::fmt::Display) -> Refusal {
    let text = Text::new(
        "XML 表格已损坏或不完整,读不下去",
        "the XML spreadsheet is damaged or incomplete and can't be read on",
    );
    Refusal::broken("workbook-broken", text, e)
}
