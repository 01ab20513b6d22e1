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

    proptest! {
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
