//! The records of a delimited text. A quote that opens nothing is taken for a character, and its row is named: with a
//! reader by the letter of RFC 4180 it would swallow the rows after it.
//!
//! The `csv` crate (and `csv-core` below it) can't take its place: it is an automaton that never goes back, and quoting is on or
//! off for a whole file. Here a record is read again with one of its quotes as a character, which needs the record's text and
//! the quote's place in it. Sound records are compared with those of `csv` in the tests.

use super::budget::{CELL, Excess, ROW};
use crate::core::cancel;
use std::collections::VecDeque;
use std::io::{self, BufRead};

/// Lines that a quoted cell may have.
const LINES: usize = 200;

/// Cells of a record, more than any table may have.
const CELLS: usize = 1 << 14;

/// A row of the text.
#[derive(Debug, Default)]
pub struct Record {
    /// The cells.
    pub cells: Vec<String>,
    /// Lines of the file that it takes.
    pub lines: usize,
    /// Whether a quote was taken for a character.
    pub stray: bool,
}

/// Reads records one by one.
pub struct Records<R> {
    inner: R,
    separator: char,
    /// Lines that were read on the way and belong to later records.
    waiting: VecDeque<String>,
    /// Cells of a usual record.
    width: usize,
    /// The last line ended with a carriage return, so that a line feed belongs to it.
    after_return: bool,
}

impl<R: BufRead> Records<R> {
    pub fn new(inner: R, separator: u8) -> Self {
        Self { inner, separator: char::from(separator), waiting: VecDeque::new(), width: 0, after_return: false }
    }

    /// The next line without its end, whichever of the three it is.
    fn line(&mut self) -> io::Result<Option<String>> {
        if let Some(line) = self.waiting.pop_front() {
            return Ok(Some(line));
        }
        self.read_line()
    }

    fn read_line(&mut self) -> io::Result<Option<String>> {
        cancel::check();
        let mut bytes = Vec::new();
        loop {
            let block = self.inner.fill_buf()?;
            if block.is_empty() {
                if bytes.is_empty() {
                    return Ok(None);
                }
                break;
            }
            if std::mem::take(&mut self.after_return) && block[0] == b'\n' {
                self.inner.consume(1);
                continue;
            }
            let end = memchr::memchr2(b'\n', b'\r', block);
            bytes.extend_from_slice(&block[..end.unwrap_or(block.len())]);
            if bytes.len() > ROW {
                return Err(Excess::Row(ROW).into());
            }
            let Some(end) = end else {
                let read = block.len();
                self.inner.consume(read);
                continue;
            };
            self.after_return = block[end] == b'\r';
            self.inner.consume(end + 1);
            break;
        }
        // the text was decoded before
        Ok(Some(String::from_utf8(bytes).unwrap_or_else(|e| String::from_utf8_lossy(e.as_bytes()).into_owned())))
    }

    /// The next record; blank lines are records without cells.
    pub fn next(&mut self, record: &mut Record) -> io::Result<bool> {
        (record.lines, record.stray) = (1, false);
        let Some(mut text) = self.line()? else { return Ok(false) };
        if memchr::memchr(b'"', text.as_bytes()).is_none() {
            // the usual row; the memory of its cells is used again
            let mut n = 0;
            for cell in text.split(self.separator).take(if text.is_empty() { 0 } else { CELLS }) {
                match record.cells.get_mut(n) {
                    Some(old) => {
                        old.clear();
                        old.push_str(cell);
                    }
                    None => record.cells.push(cell.to_owned()),
                }
                n += 1;
            }
            record.cells.truncate(n);
            self.width = self.width.max(record.cells.len());
            return Ok(true);
        }
        let mut literal = Vec::new();
        loop {
            match split(&text, self.separator, &literal, &mut record.cells) {
                Ended::Open(at) => {
                    // a quoted cell may go on in the next lines
                    if literal.is_empty() && self.goes_on(&mut text, at, record)? {
                        break;
                    }
                    literal.push(at);
                    record.stray = true;
                }
                Ended::Odd(at) => {
                    // closed before the cell ends: only where the quote as a character makes the row whole, it is one
                    let mut other = Vec::new();
                    let again = [literal.as_slice(), &[at]].concat();
                    let whole = split(&text, self.separator, &again, &mut other);
                    if self.width > 0
                        && record.cells.len() < self.width
                        && !matches!(whole, Ended::Open(_))
                        && other.len() > record.cells.len()
                    {
                        record.cells = other;
                        record.stray = true;
                    }
                    break;
                }
                Ended::Whole => break,
            }
        }
        self.width = self.width.max(record.cells.len());
        Ok(true)
    }

    /// Whether the cell that a quote opened at `at` ends in a later line, as a cell with line breaks does. The lines that don't
    /// belong to it wait.
    fn goes_on(&mut self, text: &mut String, at: usize, record: &mut Record) -> io::Result<bool> {
        let mut taken: Vec<String> = Vec::new();
        let mut whole = text.clone();
        let mut cells = Vec::new();
        let many = (self.width.max(3) - 1).div_ceil(2).max(2);
        let rows = |text: &str, separator: char| text.matches(separator).count() >= many;
        // the rest of its own line, then a line that is a row of its own
        let mut like_rows = rows(&text[at..], self.separator);
        let found = loop {
            if like_rows || taken.len() >= LINES || whole.len() > CELL {
                break false;
            }
            let Some(line) = self.line()? else { break false };
            whole.push('\n');
            whole.push_str(&line);
            taken.push(line);
            match split(&whole, self.separator, &[], &mut cells) {
                Ended::Open(now) => {
                    let last = taken.last().map_or("", String::as_str);
                    like_rows = now == at && rows(last, self.separator);
                }
                Ended::Whole => break true,
                Ended::Odd(_) => break false,
            }
        };
        if found {
            record.lines += taken.len();
            record.cells = cells;
            *text = whole;
        } else {
            taken.into_iter().rev().for_each(|line| self.waiting.push_front(line));
        }
        Ok(found)
    }
}

/// How a record ended.
enum Ended {
    /// As it should.
    Whole,
    /// Inside a cell whose quote stands here.
    Open(usize),
    /// With something between a closing quote and the end of its cell; the opening quote stands here.
    Odd(usize),
}

/// Divides a record. A quote opens a cell at its beginning, spaces before it left out; those at `literal` open nothing and are
/// left out.
fn split(text: &str, separator: char, literal: &[usize], cells: &mut Vec<String>) -> Ended {
    cells.clear();
    let mut at = 0;
    let mut odd = None;
    loop {
        let rest = &text[at..];
        let spaces = rest.len() - rest.trim_start_matches(|c| matches!(c, ' ' | '\t') && c != separator).len();
        let quoted = rest[spaces..].starts_with('"');
        let open = at + spaces;
        if quoted && !literal.contains(&open) {
            let mut cell = String::new();
            let mut from = open + 1;
            // up to a quote that is not doubled
            let closed = loop {
                let Some(next) = text[from..].find('"') else { break None };
                cell.push_str(&text[from..from + next]);
                from += next + 1;
                if text[from..].starts_with('"') {
                    cell.push('"');
                    from += 1;
                } else {
                    break Some(from);
                }
            };
            let Some(from) = closed else {
                cells.push(cell);
                return Ended::Open(open);
            };
            let end = text[from..].find(separator).map_or(text.len(), |e| from + e);
            let after = text[from..end].trim();
            if !after.is_empty() {
                odd = odd.or(Some(open));
                cell.push_str(after);
            }
            cells.push(cell);
            at = end;
        } else {
            let from = if quoted { open + 1 } else { at };
            let end = text[from..].find(separator).map_or(text.len(), |e| from + e);
            cells.push(text[from..end].to_owned());
            at = end;
        }
        if at >= text.len() || cells.len() >= CELLS {
            return odd.map_or(Ended::Whole, Ended::Odd);
        }
        at += separator.len_utf8();
        if at == text.len() {
            cells.push(String::new());
            return odd.map_or(Ended::Whole, Ended::Odd);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(text: &str) -> Vec<(usize, bool, Vec<String>)> {
        let mut records = Records::new(text.as_bytes(), b',');
        let mut record = Record::default();
        let mut out = Vec::new();
        while records.next(&mut record).unwrap() {
            out.push((record.lines, record.stray, record.cells.clone()));
        }
        out
    }

    #[test]
    fn sound_records_are_those_of_the_csv_library() {
        for text in [
            "a,b,c\n1,2,3\n",
            "a,\"b\nb\",c\r\n\"1,1\",\"2\"\"2\",3",
            "a,b,c\r1,,3\r",
            "\"a\",\"b\",\"c\"\n\"\",\"x\",\n",
            "名称,\"收入\n(万元)\",人数\n甲,\"1,200\",3\n",
        ] {
            let mut csv = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
            let wanted: Vec<Vec<String>> =
                csv.records().map(|r| r.unwrap().iter().map(str::to_owned).collect()).collect();
            let ours = all(text);
            assert!(ours.iter().all(|(_, stray, _)| !stray), "{text}");
            assert_eq!(ours.into_iter().map(|(.., cells)| cells).collect::<Vec<_>>(), wanted, "{text}");
        }
    }

    #[test]
    fn a_stray_quote_swallows_no_rows() {
        let head = "n,d,r,e\n";
        let cells = |line: &str| line.split(',').map(str::to_owned).collect::<Vec<_>>();
        // at the start of a name, in the middle of the file and in its last row
        let read = all(&format!("{head}a,1,2,3\n\"b,1,2,3\nc,1,2,3\nd,\"x,y\",2,3\n\"e,1,2,3"));
        assert_eq!(read.iter().map(|r| r.1).collect::<Vec<_>>(), [false, false, true, false, false, true]);
        assert_eq!(read[2].2, cells("b,1,2,3"));
        assert_eq!(read[4].2, ["d", "x,y", "2", "3"]);
        assert_eq!(read[5].2, cells("e,1,2,3"));
        // it ends at a quote in its own row
        let read = all(&format!("{head}\"b,1,\"2\",3\nc,1,2,3\n"));
        assert_eq!((read[1].1, read[1].2.clone()), (true, cells("b,1,2,3")));
        // in the last cell of a row
        let read = all(&format!("{head}a,1,2,\"3\nb,1,2,3\nc,1,2,3\n"));
        assert_eq!(read.len(), 4);
        assert_eq!((read[1].1, read[1].2.clone()), (true, cells("a,1,2,3")));
        // inside a cell it is a character, as everywhere
        assert_eq!(all("a,5\"x,c\n")[0].2, ["a", "5\"x", "c"]);
        // spaces before quotes
        assert_eq!(all("\"a\", \"b, c\" , \"d\"\n")[0].2, ["a", "b, c", "d"]);
        // a cell of several lines stays one, and counts its lines
        let read = all(&format!("{head}a,\"x\ny\n\nz\",2,3\nb,1,2,3\n"));
        assert_eq!((read[1].0, read[1].2[1].as_str(), read[2].2.clone()), (4, "x\ny\n\nz", cells("b,1,2,3")));
    }
}
