//! Web pages with tables, which Excel and many systems write and call `.xls`: each table is a sheet, what stands around it is
//! its title and its notes. Numbers, dates and codes are taken from what Office and LibreOffice write beside the text.

use super::budget::CELL;
use super::cells::Kind;
use super::collect::is_fault;
use super::encoding::{Decoding, Found, by_start, sniff};
use super::html::{Piece, Tag, each, resolve};
use super::merged::Area;
use super::written::{Format, Room, Value, Written};
use super::{budget::Excess, foreign, unreadable};
use crate::core::cancel;
use crate::core::model::Text;
use crate::data::intake::finding::Refusal;
use std::collections::HashMap;
use std::io::{Read, Seek, SeekFrom};

/// Tables inside each other.
const DEEPEST: usize = 32;
/// Rows that what stands before a table may have, and characters of a name.
const TITLE: usize = 10;
const NAME: usize = 31;

/// Whether text is a web page, by its start, in whatever encoding.
pub fn is_page(start: &[u8]) -> bool {
    let encoding = by_start(start).map_or(encoding_rs::UTF_8, |found| found.encoding);
    let (text, _) = encoding.decode_with_bom_removal(start);
    let text = text.trim_start().to_ascii_lowercase();
    let begins = ["<!doctype html", "<html", "<table", "<meta", "<head", "<body", "<style", "<div", "<frameset"];
    text.starts_with('<')
        && (begins.iter().any(|b| text.starts_with(b)) || ["<html", "<table"].iter().any(|w| text.contains(w)))
}

/// Reads all tables.
pub fn read<R: Read + Seek>(mut reader: R, room: &mut Room) -> Result<(Vec<Written>, Found), Refusal> {
    let found = sniff(&mut reader).map_err(|e| unreadable(&e))?.ok_or_else(|| {
        let text = Text::new("网页的编码无法识别", "the encoding of the page was not recognised");
        Refusal::new("encoding-unknown", text)
    })?;
    reader.seek(SeekFrom::Start(0)).map_err(|e| unreadable(&e))?;
    let mut text = String::new();
    let most = room.most_held() + 1;
    Decoding::new(reader, found.encoding).take(most).read_to_string(&mut text).map_err(|e| unreadable(&e))?;
    if text.len() as u64 >= most {
        return Err(super::package::large_part(most - 1));
    }
    room.spend(text.len())?;
    let mut page = Page::new(&text, room);
    let mut ended = Ok(());
    each(&text, &mut |piece| {
        if ended.is_ok() {
            ended = page.take(piece);
        }
    });
    ended?;
    Ok((page.finish()?, found))
}

/// A table that is open.
#[derive(Default)]
struct Table {
    sheet: Written,
    /// Rows so far, and the next column.
    rows: u32,
    column: u32,
    in_row: bool,
    unseen: bool,
    cell: Option<Cell>,
    /// Columns that cells of rows above reach: first, last, last row.
    reaching: Vec<(u32, u32, u32)>,
    caption: Option<String>,
    /// Another table stands in it: it is there for the layout.
    frame: bool,
}

/// Whether a cell is said to be a number, and which.
#[derive(Clone, Copy, Default)]
enum Stated {
    #[default]
    Not,
    /// The number that is shown.
    AsShown,
    Number(f64),
}

/// A cell that is open.
#[derive(Default)]
struct Cell {
    across: u32,
    down: u32,
    /// Whether it only looks like several cells.
    overflow: bool,
    format: Format,
    /// What Office and LibreOffice say of its value: a number; a text; true or false; an error.
    number: Stated,
    string: Option<String>,
    boolean: Option<String>,
    fault: bool,
    text: String,
}

struct Page<'r, 'l> {
    room: &'r mut Room<'l>,
    /// Formats by the class of cells.
    classes: HashMap<String, Format>,
    /// Names of sheets, as Excel writes them.
    names: Vec<String>,
    in_1904: bool,
    done: Vec<Written>,
    open: Vec<Table>,
    /// Lines outside of tables.
    lines: Vec<String>,
    line: String,
    /// Inside an element that is not shown.
    unseen: Option<String>,
    frames: bool,
}

impl<'r, 'l> Page<'r, 'l> {
    fn new(text: &str, room: &'r mut Room<'l>) -> Self {
        Self {
            room,
            classes: classes(text),
            names: names(text),
            in_1904: text.contains("<x:Date1904"),
            done: Vec::new(),
            open: Vec::new(),
            lines: Vec::new(),
            line: String::new(),
            unseen: None,
            frames: false,
        }
    }

    fn take(&mut self, piece: Piece) -> Result<(), Refusal> {
        cancel::check();
        match piece {
            Piece::Text(_) if self.unseen.is_some() => Ok(()),
            Piece::Text(text) => {
                let into = match self.open.last_mut() {
                    None => &mut self.line,
                    Some(Table { cell: Some(cell), .. }) => &mut cell.text,
                    Some(Table { caption: Some(caption), .. }) => caption,
                    Some(_) => return Ok(()),
                };
                self.room.spend(text.len() / 4)?;
                let from = into.len();
                resolve(text, into);
                if into.len() > CELL {
                    return Err(Excess::Cell(CELL).refusal());
                }
                // a line of the source is none of the text
                if into[from..].contains(['\r', '\n', '\t']) {
                    let plain = into[from..].replace(['\r', '\n', '\t'], " ");
                    into.replace_range(from.., &plain);
                }
                Ok(())
            }
            Piece::Tag(tag) => self.tag(&tag),
        }
    }

    fn tag(&mut self, tag: &Tag) -> Result<(), Refusal> {
        let name = tag.name.as_str();
        if let Some(unseen) = &self.unseen {
            if tag.ends && unseen == name {
                self.unseen = None;
            }
            return Ok(());
        }
        match (name, tag.ends) {
            ("style" | "script" | "title" | "xml" | "noscript" | "select" | "button", false) => {
                self.unseen = Some(name.to_owned());
            }
            ("frameset" | "iframe", false) => self.frames = true,
            ("table", false) => self.begin_table(tag)?,
            ("table", true) => self.end_table()?,
            ("caption", false) => {
                if let Some(table) = self.open.last_mut() {
                    table.caption = Some(String::new());
                }
            }
            ("tr", false) => {
                self.end_row()?;
                if let Some(table) = self.open.last_mut() {
                    (table.in_row, table.unseen) = (true, tag.is_hidden());
                }
            }
            ("tr" | "thead" | "tbody" | "tfoot", _) => self.end_row()?,
            ("td" | "th", false) => {
                self.end_cell()?;
                let cell = self.cell(tag);
                if let Some(table) = self.open.last_mut() {
                    (table.in_row, table.cell) = (true, Some(cell));
                }
            }
            ("td" | "th", true) => self.end_cell()?,
            ("br" | "p" | "div" | "li" | "h1" | "h2" | "h3" | "h4" | "h5" | "h6" | "hr" | "center", _) => {
                match self.open.last_mut() {
                    None => self.end_line(),
                    Some(Table { cell: Some(cell), .. }) => cell.text.push('\n'),
                    Some(_) => {}
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn end_line(&mut self) {
        const LINES: usize = 1000;
        let line = tidy(&std::mem::take(&mut self.line));
        if !line.is_empty() && self.lines.len() < LINES {
            self.lines.push(line);
        }
    }

    fn begin_table(&mut self, tag: &Tag) -> Result<(), Refusal> {
        if self.open.len() >= DEEPEST {
            let text = Text::new("网页里的表格嵌套过深", "tables of the page stand too deep inside each other");
            return Err(Refusal::new("workbook-broken", text));
        }
        self.end_line();
        self.room.spend(size_of::<Table>())?;
        if let Some(outer) = self.open.last_mut() {
            outer.frame = true;
            let text = outer.cell.as_mut().map(|c| std::mem::take(&mut c.text)).unwrap_or_default();
            self.lines.extend(text.lines().map(tidy).filter(|l| !l.is_empty()));
            let rows = std::mem::take(&mut outer.sheet.rows);
            self.lines.extend(rows.iter().flat_map(|(_, r)| r.filled().map(|c| c.text.to_owned()).collect::<Vec<_>>()));
        }
        let mut table = Table::default();
        table.sheet.hidden = tag.is_hidden();
        self.open.push(table);
        Ok(())
    }

    fn end_table(&mut self) -> Result<(), Refusal> {
        self.end_row()?;
        let Some(table) = self.open.pop() else { return Ok(()) };
        let mut sheet = table.sheet;
        if table.frame {
            // what stands beside the tables in it
            let rows = sheet.rows.iter().flat_map(|(_, r)| r.filled().map(|c| c.text.to_owned()).collect::<Vec<_>>());
            self.lines.extend(rows);
            return Ok(());
        }
        if sheet.is_empty() {
            return Ok(());
        }
        sheet.above = std::mem::take(&mut self.lines);
        sheet.name = table.caption.as_deref().map(tidy).unwrap_or_default();
        if !sheet.name.is_empty() {
            sheet.above.push(sheet.name.clone());
        }
        self.done.push(sheet);
        Ok(())
    }

    fn end_row(&mut self) -> Result<(), Refusal> {
        self.end_cell()?;
        let Some(table) = self.open.last_mut() else { return Ok(()) };
        if std::mem::take(&mut table.in_row) {
            table.rows = table.rows.saturating_add(1);
            table.column = 0;
            if table.unseen {
                self.room.spend(4)?;
                table.sheet.unseen.push(table.rows);
            }
            let row = table.rows;
            table.reaching.retain(|(_, _, last)| *last >= row);
        }
        Ok(())
    }

    fn cell(&self, tag: &Tag) -> Cell {
        let span = |name: &str, most: u32| {
            let n = tag.attribute(name).and_then(|n| n.trim().parse::<u32>().ok()).unwrap_or(1);
            n.clamp(1, most)
        };
        let style = tag.attribute("style").unwrap_or_default();
        let class = tag.attribute("class").unwrap_or_default();
        let mut format = number_format(&style).map(|code| Format::of(&code));
        format = format.or_else(|| class.split_whitespace().find_map(|c| self.classes.get(c)).cloned());
        // LibreOffice: `sdval="44295" sdnum="2052;0;YYYY-MM-DD"`
        let own = tag.attribute("sdnum").and_then(|s| s.splitn(3, ';').nth(2).map(Format::of));
        let number = tag.attribute("x:num").or_else(|| tag.attribute("sdval"));
        Cell {
            across: span("colspan", 1000) - 1,
            down: span("rowspan", 65_534) - 1,
            overflow: style.contains("mso-ignore"),
            format: own.or(format).unwrap_or_default(),
            number: number.map_or(Stated::Not, |n| {
                let read = n.trim().parse::<f64>().ok().filter(|n| n.is_finite());
                read.map_or(Stated::AsShown, Stated::Number)
            }),
            string: tag.attribute("x:str"),
            boolean: tag.attribute("x:bool"),
            fault: tag.attribute("x:err").is_some(),
            text: String::new(),
        }
    }

    fn end_cell(&mut self) -> Result<(), Refusal> {
        let Some(table) = self.open.last_mut() else { return Ok(()) };
        let Some(cell) = table.cell.take() else { return Ok(()) };
        while let Some((_, last, _)) = table.reaching.iter().find(|(a, b, _)| (*a..=*b).contains(&table.column)) {
            table.column = last + 1;
        }
        let (row, column) = (table.rows, table.column);
        let value = cell.value(self.in_1904);
        table.sheet.put(row, column as usize, &value, self.room)?;
        let (bottom, right) = (row.saturating_add(cell.down), column.saturating_add(cell.across));
        table.column = right.saturating_add(1);
        if cell.down > 0 {
            self.room.spend(12)?;
            table.reaching.push((column, right, bottom));
        }
        if cell.across + cell.down > 0 && !cell.overflow && !value.text.is_empty() {
            table.sheet.merge(Area { top: row, left: column, bottom, right }, self.room)?;
        }
        Ok(())
    }

    fn finish(mut self) -> Result<Vec<Written>, Refusal> {
        while !self.open.is_empty() {
            self.end_table()?;
        }
        self.end_line();
        let mut sheets: Vec<Written> = Vec::new();
        let count = self.done.len();
        let mut before: Option<Written> = None;
        for (place, mut sheet) in self.done.into_iter().enumerate() {
            if let Some(mut before) = before.take() {
                let wide = before.rows.iter().any(|(_, row)| row.filled().nth(1).is_some());
                let mut above = std::mem::take(&mut before.above);
                if wide && before.rows.len() == 1 && before.width() == sheet.width() {
                    // a head that stays where it is while the rows below it are moved
                    let moved = before.rows.len() as u32;
                    sheet.rows.iter_mut().for_each(|(n, _)| *n += moved);
                    sheet.unseen.iter_mut().for_each(|n| *n += moved);
                    let areas = sheet.areas.iter().map(|a| Area { top: a.top + moved, bottom: a.bottom + moved, ..*a });
                    sheet.areas = before.areas.iter().copied().chain(areas).collect();
                    sheet.rows.splice(0..0, before.rows.into_iter().map(|(_, row)| (1, row)));
                } else {
                    above.extend(before.rows.iter().flat_map(|(_, r)| r.filled().map(|c| c.text.to_owned())));
                }
                sheet.above.splice(0..0, above);
            }
            let title = sheet.rows.len() == 1
                || (sheet.rows.len() <= TITLE && sheet.rows.iter().all(|(_, row)| row.filled().nth(1).is_none()));
            if title && place + 1 < count && !sheet.hidden {
                before = Some(sheet);
                continue;
            }
            let said = |names: &[String]| (names.len() == count).then(|| names[place].clone());
            if sheet.name.is_empty() {
                let last = sheet.above.last().filter(|l| l.chars().count() <= NAME).cloned();
                sheet.name = said(&self.names).or(last).unwrap_or_else(|| format!("{}", place + 1));
            }
            if sheets.iter().any(|s| s.name == sheet.name) {
                sheet.name = format!("{} ({})", sheet.name, place + 1);
            }
            sheets.push(sheet);
        }
        match sheets.last_mut() {
            Some(last) => last.below = self.lines,
            None => return Err(foreign::page_without_table(self.frames)),
        }
        Ok(sheets)
    }
}

impl Cell {
    fn value(&self, in_1904: bool) -> Value {
        let text = tidy(&self.text);
        if let Some(string) = &self.string {
            return Value::new(Kind::Text, if string.is_empty() { text } else { string.clone() });
        }
        if self.fault || is_fault(&text) {
            return Value::new(Kind::Fault, if is_fault(&text) { text } else { "#?".to_owned() });
        }
        if let Some(word) = &self.boolean {
            let word = if word.is_empty() { text.as_str() } else { word };
            return Value::new(Kind::Boolean, if word.eq_ignore_ascii_case("true") { "true" } else { "false" });
        }
        match self.number {
            _ if text.is_empty() => Value::default(),
            Stated::Number(n) => {
                // without a format that is known, what is shown says what the number is
                let plain = matches!(self.format, Format::Plain) && !is_number(&text);
                let day = plain && text.contains(|c: char| c.is_ascii_digit()) && text.contains(['-', '/', '年', '.']);
                match (plain, day) {
                    (true, true) if (1.0..2_958_466.0).contains(&n) => Value::number(n, &Format::Date, in_1904),
                    (true, _) => Value { scaled: true, ..Value::new(Kind::Text, text) },
                    _ => Value::number(n, &self.format, in_1904),
                }
            }
            Stated::AsShown => match bare(&text).parse::<f64>() {
                Ok(n) if n.is_finite() => Value::new(Kind::Number, bare(&text)),
                _ => Value::new(Kind::Text, text),
            },
            Stated::Not => Value::new(Kind::Text, text),
        }
    }
}

/// A number without what is written for people.
fn bare(text: &str) -> String {
    text.chars().filter(|c| !matches!(c, ',' | ' ' | '¥' | '\u{FFE5}' | '$')).collect()
}

fn is_number(text: &str) -> bool {
    bare(text).trim_end_matches('%').trim_matches(['(', ')']).parse::<f64>().is_ok()
}

/// Text as a browser shows it: one space for many, lines without what is empty.
fn tidy(text: &str) -> String {
    let line = |line: &str| line.split_whitespace().collect::<Vec<_>>().join(" ");
    text.lines().map(line).filter(|l| !l.is_empty()).collect::<Vec<_>>().join("\n")
}

/// The names of sheets that Excel writes into a comment.
fn names(text: &str) -> Vec<String> {
    const MOST: usize = 256;
    let mut found = Vec::new();
    for part in text.split("<x:Name>").skip(1).take(MOST) {
        let mut name = String::new();
        resolve(part.split('<').next().unwrap_or_default(), &mut name);
        found.push(tidy(&name).chars().take(NAME).collect());
    }
    found
}

/// The formats of cells by their class, from the styles of the page.
fn classes(text: &str) -> HashMap<String, Format> {
    const MOST: usize = 65_536;
    let mut found = HashMap::new();
    let mut from = 0;
    while let Some(at) = text[from..].find("mso-number-format").map(|at| from + at) {
        cancel::check();
        from = at + "mso-number-format".len();
        let Some(open) = text[..at].rfind('{') else { continue };
        // the style of a cell is no rule
        if text[open..at].contains('<') || found.len() >= MOST {
            continue;
        }
        let before = &text[..open];
        let selector = &before[before.rfind(['}', '>', '{', ';', '/']).map_or(0, |end| end + 1)..];
        let Some(format) = number_format(&text[at..]) else { continue };
        let format = Format::of(&format);
        for class in selector.split(',').filter_map(|s| s.trim().rsplit_once('.')).map(|(_, class)| class.trim()) {
            found.insert(class.to_owned(), format.clone());
        }
    }
    found
}

/// The format code that a style gives, without the escapes of CSS and of Office.
fn number_format(style: &str) -> Option<String> {
    const LONGEST: usize = 512;
    let rest = &style[style.find("mso-number-format")? + "mso-number-format".len()..];
    let rest = rest.trim_start().strip_prefix(':')?.trim_start();
    let quote = rest.chars().next().filter(|c| matches!(c, '"' | '\''));
    let mut out = String::new();
    let mut chars = rest[quote.map_or(0, char::len_utf8)..].chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => {
                let code: String = chars.as_str().chars().take(4).collect();
                match u32::from_str_radix(&code, 16).ok().filter(|_| code.len() == 4).and_then(char::from_u32) {
                    Some(c) => {
                        out.push(c);
                        chars.by_ref().take(4).for_each(drop);
                    }
                    None => out.extend(chars.next()),
                }
            }
            c if Some(c) == quote => break,
            ';' | '}' if quote.is_none() => break,
            c => out.push(c),
        }
        if out.len() > LONGEST {
            return None;
        }
    }
    Some(out.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_in_styles() {
        let css = r#"<style><!-- .xl65 {mso-style-parent:style0; mso-number-format:"\@";} td {mso-number-format:General;}
            .xl66,.xl67{mso-number-format:"yyyy\/m\/d";}.xl68{mso-number-format:"Short Date"} .xl69 {mso-number-format:"0\!\.0\,\0022万元\0022";} --></style>"#;
        let classes = classes(css);
        assert_eq!(
            (classes["xl65"].clone(), classes["xl66"].clone(), classes["xl67"].clone()),
            (Format::Text, Format::Date, Format::Date)
        );
        assert_eq!(classes["xl68"], Format::Date);
        assert_eq!(Value::number(12_000_002.0, &classes["xl69"], false).text, "1200.0002万元");
        assert_eq!(number_format("width:54pt;mso-number-format:0;color:red").as_deref(), Some("0"));
        assert_eq!(number_format("color:red"), None);
    }

    #[test]
    fn attributes_of_tags() {
        let of = |html: &'static str, name: &str| {
            let mut found = None;
            each(html, &mut |piece| {
                if let Piece::Tag(tag) = piece {
                    found = tag.attribute(name);
                }
            });
            found
        };
        assert_eq!(of("<td class=xl65 x:num=\"44295\" style='a:\">\"'>", "x:num").as_deref(), Some("44295"));
        assert_eq!(of("<td x:num class=a>", "x:num").as_deref(), Some(""));
        assert_eq!(of("<td COLSPAN = '3' />", "colspan").as_deref(), Some("3"));
        assert_eq!(of("<td title='a &amp; b=c' colspan=2>", "colspan").as_deref(), Some("2"));
        assert_eq!(of("<td class=a>", "colspan"), None);
    }
}
