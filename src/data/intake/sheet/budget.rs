//! What a file may cost while it is read, whatever it unpacks to: readers that look whether the work is still wanted, that
//! bound what comes between two rows, and that follow XML token by token, before a library holds any of it.

use crate::core::cancel;
use crate::core::model::Text;
use crate::data::intake::finding::Refusal;
use memchr::{memchr, memchr3};
use std::io::{self, Read, Seek, SeekFrom};
use thiserror::Error;

/// Bytes of one cell, one tag, one piece of text.
pub const CELL: usize = 1 << 20;
/// Bytes of one row.
pub const ROW: usize = 4 << 20;
/// Bytes of one feature, with its geometry.
pub const FEATURE: usize = 16 << 20;

/// More than a file may have in one place.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum Excess {
    /// A row or a feature.
    #[error("more than {} MB in one row", .0 >> 20)]
    Row(usize),
    /// A cell, a tag, a text.
    #[error("more than {} MB in one cell", .0 >> 20)]
    Cell(usize),
    /// A document type, which no table has and which can make much of little.
    #[error("a document type")]
    DocumentType,
}

impl Excess {
    /// As a refusal.
    pub fn refusal(self) -> Refusal {
        let (code, zh) = match self {
            Self::Row(n) => ("row-too-large", format!("有一行超过 {} MB,不像正常的表格", n >> 20)),
            Self::Cell(n) => ("cell-too-large", format!("有一个单元格超过 {} MB,不像正常的表格", n >> 20)),
            Self::DocumentType => ("package-broken", "文件含有文档类型声明(DOCTYPE),未读取".to_owned()),
        };
        Refusal::new(code, Text::new(zh, format!("the file has {self}, which no usual table has; it was not read")))
    }

    /// The refusal of XML that can't be read on: by its excess, or as `broken` words it. A document type is broken XML here.
    pub fn of_xml(error: &quick_xml::Error, broken: impl FnOnce(&quick_xml::Error) -> Refusal) -> Refusal {
        let excess = if let quick_xml::Error::Io(e) = error { Self::of(e) } else { None };
        match excess {
            Some(Self::DocumentType) | None => broken(error),
            Some(excess) => excess.refusal(),
        }
    }

    /// The excess that a library passed on as an error of reading.
    pub fn of(error: &io::Error) -> Option<Self> {
        error.get_ref()?.downcast_ref::<Self>().copied()
    }
}

impl From<Excess> for io::Error {
    fn from(excess: Excess) -> Self {
        Self::new(io::ErrorKind::InvalidData, excess)
    }
}

/// The refusal for more memory than one import may take.
pub fn too_large(bytes: u64) -> Refusal {
    let mb = bytes >> 20;
    Refusal::new(
        "table-too-large",
        Text::new(
            format!("表格展开后超过一次导入的内存上限({mb} MB)"),
            format!("the table takes more than the {mb} MB that one import may have"),
        ),
    )
}

/// Ends the reading where the import was cancelled.
pub struct Looking<R>(pub R);

impl<R: Read> Read for Looking<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        cancel::check();
        self.0.read(out)
    }
}

impl<R: Seek> Seek for Looking<R> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.0.seek(to)
    }
}

/// Where a follower of XML is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum At {
    Text,
    /// After `<`, as long as it is not clear what begins.
    Open,
    Tag,
    Quoted(u8),
    /// A tag that ends an element: quotes mean nothing in it.
    End,
    Instruction,
    Comment,
    Cdata,
}

/// Follows XML and refuses tokens that a reader would have to hold, and cells that are put together from too many.
pub struct Tokens {
    at: At,
    /// Bytes of the token.
    length: usize,
    /// Whether another token begins after these bytes.
    begun: bool,
    /// Its first bytes after `<`.
    start: Vec<u8>,
    /// The last three bytes of a token that ends with more than one.
    last: [u8; 3],
    /// Bytes since a cell or a shared text began.
    cell: Option<usize>,
    /// Elements that hold a shared text.
    pub texts: u64,
    /// What the list of shared texts says of its length.
    pub declared: u64,
}

/// So many bytes of a tag are kept to be looked at.
const KEPT: usize = 256;

impl Default for Tokens {
    fn default() -> Self {
        let start = Vec::with_capacity(KEPT);
        Self { at: At::Text, length: 0, begun: false, start, last: [0; 3], cell: None, texts: 0, declared: 0 }
    }
}

impl Tokens {
    /// Goes on.
    pub fn follow(&mut self, mut bytes: &[u8]) -> Result<(), Excess> {
        while !bytes.is_empty() {
            self.begun = false;
            let taken = self.step(bytes)?;
            self.length += taken;
            if let Some(cell) = &mut self.cell {
                *cell += taken;
            }
            if self.length > CELL || self.cell.is_some_and(|n| n > CELL) {
                return Err(Excess::Cell(CELL));
            }
            if self.begun {
                self.length = 0;
            }
            bytes = &bytes[taken..];
        }
        Ok(())
    }

    /// Takes some bytes; the token that ends with them is looked at.
    fn step(&mut self, bytes: &[u8]) -> Result<usize, Excess> {
        let all = bytes.len();
        match self.at {
            At::Text => match memchr(b'<', bytes) {
                Some(at) => {
                    self.begin(At::Open);
                    self.start.clear();
                    Ok(at + 1)
                }
                None => Ok(all),
            },
            At::Open => {
                self.start.push(bytes[0]);
                match self.start.as_slice() {
                    b"?" => self.at = At::Instruction,
                    b"/" => self.at = At::End,
                    b"!--" => self.at = At::Comment,
                    b"![CDATA[" => self.at = At::Cdata,
                    start if b"!--".starts_with(start) || b"![CDATA[".starts_with(start) => return Ok(1),
                    [b'!', ..] => return Err(Excess::DocumentType),
                    b">" => self.begin(At::Text),
                    _ => self.at = At::Tag,
                }
                self.last = [0; 3];
                Ok(1)
            }
            At::Tag | At::End => {
                let found = if self.at == At::Tag { memchr3(b'>', b'"', b'\'', bytes) } else { memchr(b'>', bytes) };
                let taken = found.map_or(all, |at| at + 1);
                self.keep(&bytes[..taken]);
                match found.map(|at| bytes[at]) {
                    Some(b'>') => {
                        self.element();
                        self.begin(At::Text);
                    }
                    Some(quote) => self.at = At::Quoted(quote),
                    None => {}
                }
                Ok(taken)
            }
            At::Quoted(quote) => {
                let found = memchr(quote, bytes);
                let taken = found.map_or(all, |at| at + 1);
                self.keep(&bytes[..taken]);
                if found.is_some() {
                    self.at = At::Tag;
                }
                Ok(taken)
            }
            At::Instruction | At::Comment | At::Cdata => {
                // tokens that end with more than one byte: few and short
                self.last = [self.last[1], self.last[2], bytes[0]];
                let ended = match self.at {
                    At::Instruction => self.last[1..] == *b"?>",
                    At::Comment => self.last == *b"-->",
                    _ => self.last == *b"]]>",
                };
                if ended {
                    self.begin(At::Text);
                }
                Ok(1)
            }
        }
    }

    fn begin(&mut self, at: At) {
        (self.at, self.begun) = (at, true);
    }

    fn keep(&mut self, bytes: &[u8]) {
        let room = KEPT.saturating_sub(self.start.len());
        self.start.extend_from_slice(&bytes[..room.min(bytes.len())]);
    }

    /// A tag has come to its end.
    fn element(&mut self) {
        let tag = self.start.as_slice();
        let (ends, tag) = tag.strip_prefix(b"/").map_or((false, tag), |tag| (true, tag));
        let name = tag.split(|b| b.is_ascii_whitespace() || matches!(b, b'>' | b'/')).next().unwrap_or_default();
        let name = name.rsplit(|b| *b == b':').next().unwrap_or_default();
        let empty = tag.ends_with(b"/>");
        match name {
            b"c" | b"si" => self.cell = (!ends && !empty).then_some(0),
            b"sst" if !ends => self.declared = attribute(tag, b"uniqueCount").unwrap_or(0),
            _ => {}
        }
        self.texts += u64::from(name == b"si" && !ends);
    }
}

/// A number in a tag; one that is too large for any is the largest.
fn attribute(tag: &[u8], name: &[u8]) -> Option<u64> {
    let at = memchr::memmem::find(tag, name)? + name.len();
    let digits: Vec<u8> = tag[at..]
        .iter()
        .copied()
        .skip_while(|b| matches!(b, b'=' | b'"' | b'\'') || b.is_ascii_whitespace())
        .take_while(u8::is_ascii_digit)
        .collect();
    Some(std::str::from_utf8(&digits).ok()?.parse().unwrap_or(u64::MAX))
}

/// Follows a binary part of a workbook (MS-XLSB) record by record, each of a kind, a length and bytes, and refuses records
/// that a reader would have to hold.
#[derive(Default)]
pub struct Records {
    /// Bytes of the record's head.
    head: Vec<u8>,
    /// Its kind, and bytes of it that are still to come.
    kind: u16,
    left: usize,
    /// Its first bytes.
    start: Vec<u8>,
    /// Bytes of the longest name of a sheet or a formula.
    longest: u64,
    /// Bytes of formulas that have names, and of lists of sheets.
    named: u64,
}

impl Records {
    const SHEET: u16 = 0x009C;
    const NAME: u16 = 0x0027;
    const SHEETS: u16 = 0x016A;
    /// Bytes before the name of a formula, whose length comes first.
    const BEFORE: usize = 9;
    /// Bytes of one formula with a name: what they are put together from is moved with each of its parts.
    const FORMULA: usize = 16 << 10;
    /// Bytes of all of them.
    const FORMULAS: u64 = 1 << 20;

    /// Goes on.
    pub fn follow(&mut self, mut bytes: &[u8]) -> Result<(), Excess> {
        while let Some((first, rest)) = bytes.split_first() {
            if self.left > 0 {
                let (taken, rest) = bytes.split_at(self.left.min(bytes.len()));
                let room = (Self::BEFORE + 4).saturating_sub(self.start.len());
                self.start.extend_from_slice(&taken[..room.min(taken.len())]);
                self.left -= taken.len();
                if self.left == 0 {
                    self.end();
                }
                bytes = rest;
                continue;
            }
            bytes = rest;
            self.head.push(*first);
            let kind = 1 + usize::from(self.head[0] & 0x80 != 0);
            let length = self.head.get(kind..).unwrap_or_default();
            if length.last().is_some_and(|b| b & 0x80 == 0 || length.len() == 4) {
                self.left = length.iter().rev().fold(0, |sum, b| sum << 7 | usize::from(b & 0x7F));
                self.kind = u16::from(self.head[0] & 0x7F);
                self.kind |= self.head.get(1).filter(|_| kind == 2).map_or(0, |b| u16::from(b & 0x7F) << 7);
                self.begin()?;
            }
        }
        Ok(())
    }

    fn begin(&mut self) -> Result<(), Excess> {
        self.head.clear();
        self.start.clear();
        let length = self.left as u64;
        match self.kind {
            Self::SHEET => self.longest = self.longest.max(length),
            Self::SHEETS => self.named += length,
            Self::NAME if self.left > Self::FORMULA => self.named = u64::MAX / 2,
            Self::NAME => self.named = self.named.saturating_add(length),
            _ => {}
        }
        if self.left > CELL { Err(Excess::Cell(CELL)) } else { Ok(()) }
    }

    fn end(&mut self) {
        if let (Self::NAME, Some(length)) = (self.kind, self.start.get(Self::BEFORE..)) {
            let length = length.try_into().map_or(0, u32::from_le_bytes);
            self.longest = self.longest.max(u64::from(length) * 2);
        }
    }

    /// Bytes of what names stand for: five bytes of a formula may be the name of a sheet or of another formula.
    pub fn held(&self) -> u64 {
        if self.named > Self::FORMULAS { u64::MAX } else { (self.named / 5).saturating_mul(self.longest * 3 / 2) }
    }
}

/// A reader of XML whose tokens are bounded.
pub struct Bounded<R> {
    inner: R,
    tokens: Tokens,
}

impl<R> Bounded<R> {
    pub fn new(inner: R) -> Self {
        Self { inner, tokens: Tokens::default() }
    }
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        cancel::check();
        let read = self.inner.read(out)?;
        self.tokens.follow(&out[..read])?;
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn follow(text: &str, pieces: usize) -> Result<Tokens, Excess> {
        let mut tokens = Tokens::default();
        for piece in text.as_bytes().chunks(pieces) {
            tokens.follow(piece)?;
        }
        Ok(tokens)
    }

    #[test]
    fn what_a_reader_would_hold_is_bounded_wherever_it_stands() {
        let long = "x".repeat(CELL + 1);
        let tags = "<b></b>".repeat(CELL / 7 + 1);
        for bomb in [
            format!("<a>{long}</a>"),
            format!("<a b=\"{long}\"/>"),
            format!("<a b='>{}<'/>", "><x>".repeat(CELL / 4)),
            format!("</{long}>"),
            format!("<!--{}-->", "<a>".repeat(CELL / 3)),
            format!("<![CDATA[{long}]]>"),
            format!("<?{long}?>"),
            format!("<c r=\"A1\"><is>{tags}</is></c>"),
            format!("<x:si>{tags}</x:si>"),
        ] {
            for pieces in [4096, 1 << 16] {
                assert_eq!(follow(&bomb, pieces).err(), Some(Excess::Cell(CELL)), "{}", &bomb[..20]);
            }
        }
        assert_eq!(follow("<?xml?><!DOCTYPE a []><a/>", 1).err(), Some(Excess::DocumentType));
        // many small ones are as many as they like
        let rows = format!("<sst uniqueCount=\"7\">{}</sst>", "<si><t>a &lt; b</t></si><si/>".repeat(CELL / 10));
        let read = follow(&rows, 4096).unwrap();
        assert_eq!((read.declared, read.texts), (7, 2 * (CELL as u64 / 10)));
    }

    /// A record of MS-XLSB.
    fn record(kind: u16, data: &[u8]) -> Vec<u8> {
        let mut all = if kind < 128 { vec![kind as u8] } else { vec![(kind & 0x7F) as u8 | 0x80, (kind >> 7) as u8] };
        let n = data.len();
        all.extend([n & 0x7F | 0x80, n >> 7 & 0x7F | 0x80, n >> 14 & 0x7F | 0x80, n >> 21].map(|b| b as u8));
        all.extend_from_slice(data);
        all
    }

    #[test]
    fn records_are_bounded_and_what_names_stand_for_is_counted() {
        let follow = |bytes: &[u8], pieces: usize| {
            let mut records = Records::default();
            bytes.chunks(pieces).try_for_each(|piece| records.follow(piece)).map(|()| records.held())
        };
        let formula = |name: u32, more: usize| {
            record(0x27, &[&[0; 9][..], &name.to_le_bytes(), &vec![7; name as usize * 2 + more]].concat())
        };
        let sheets = |n: usize| record(0x16A, &vec![0; n]);
        for pieces in [1, 7, 1 << 20] {
            let cells = [record(6, &vec![6; CELL]), record(0x92, &[])].concat();
            assert_eq!(follow(&cells.repeat(2), pieces), Ok(0));
            assert_eq!(follow(&record(6, &vec![6; CELL + 1]), pieces), Err(Excess::Cell(CELL)));
            let usual = [record(0x9C, &[1; 80]), sheets(4 + 12 * 3), formula(20, 30).repeat(500)].concat();
            assert!(matches!(follow(&usual, pieces), Ok(held @ 1..) if held < 1 << 20), "{:?}", follow(&usual, pieces));
            // a long name, and a list that names it often, in either order
            let long = [record(0x9C, &vec![1; 100_000]), sheets(900_000)].concat();
            assert_eq!(follow(&long, pieces), Ok(180_000 * 150_000));
            let often = [formula(8000, 100), formula(1, 15_000).repeat(60)].concat();
            assert!(matches!(follow(&often, pieces), Ok(held) if held > 1 << 31), "{:?}", follow(&often, pieces));
            assert_eq!(follow(&formula(1, 17_000), pieces), Ok(u64::MAX));
            assert_eq!(follow(&formula(1, 1000).repeat(1100), pieces), Ok(u64::MAX));
        }
    }

    proptest! {
        #[test]
        fn pieces_of_records_do_not_matter(bytes in proptest::collection::vec(any::<u8>(), 0..200), pieces in 1usize..9) {
            let (mut a, mut b) = (Records::default(), Records::default());
            let (one, other) = (a.follow(&bytes), bytes.chunks(pieces).try_for_each(|piece| b.follow(piece)));
            prop_assert_eq!(one, other);
            prop_assert_eq!((a.held(), a.left, a.kind), (b.held(), b.left, b.kind));
        }

        #[test]
        fn pieces_do_not_matter_and_nothing_panics(text in "[<>/!?\\[\\]CDATA\"'= csi\\-]{0,80}", pieces in 1usize..9) {
            let (a, b) = (follow(&text, pieces), follow(&text, 1000));
            prop_assert_eq!(a.as_ref().err(), b.as_ref().err());
            if let (Ok(a), Ok(b)) = (a, b) {
                prop_assert_eq!((a.at, a.texts, a.cell.is_some(), a.length), (b.at, b.texts, b.cell.is_some(), b.length));
            }
        }
    }
}
