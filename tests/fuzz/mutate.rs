//! Bytes that are nearly right: flipped, cut, doubled, spliced, with words and numbers where programs stumble. The parts of
//! packages are changed inside, where their checksums do not save the reader.

use oorandom::Rand64;
use std::io::{Cursor, Read, Write};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

/// What readers stumble over.
const WORDS: [&str; 64] = [
    "[]",
    "{}",
    "[[]]",
    "null",
    "NaN",
    "-0",
    "0",
    "1e400",
    "-1e400",
    "1e-400",
    "18446744073709551616",
    "-9223372036854775809",
    "99999999999999999999",
    "0.1",
    "180.0000001",
    "-90.1",
    "EMPTY",
    "POLYGON",
    "POINT",
    "MULTIPOLYGON(((",
    "GEOMETRYCOLLECTION(",
    ")))",
    "((",
    "'",
    "\"",
    "\\u0000",
    "\\ud800",
    "\u{1E}",
    "\u{FEFF}",
    "\n",
    "\r\n",
    ",",
    ";",
    "&nbsp;",
    "&#0;",
    "&#xD800;",
    "&x;",
    "<![CDATA[",
    "]]>",
    "<!--",
    "<!DOCTYPE a [",
    "</Folder>",
    "<Placemark>",
    "<Folder>",
    "<table><tr><td>",
    "</td></tr>",
    "\"coordinates\":[]",
    "\"type\":\"MultiPolygon\"",
    "\"type\":\"Polygon\"",
    "\"geometry\":null",
    "\"features\":[",
    "\"properties\":[]",
    "\"crs\":{}",
    "合计",
    "单位:万元",
    "=1/0",
    "#N/A",
    "2021-02-30",
    "#",
    "%",
    "\0\0\0\0",
    "\u{7F}",
    "AND",
    "NOT",
];

const NUMBERS: [u32; 10] = [0, 1, 0x7F, 0xFF, 0x7FFF, 0xFFFF, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFE, 0xFFFF_FFFF];

/// Makes mutants of a corpus.
pub struct Mutator<'c> {
    corpus: &'c [Vec<u8>],
    chance: Rand64,
}

impl<'c> Mutator<'c> {
    pub fn new(corpus: &'c [Vec<u8>], seed: u64) -> Self {
        Self { corpus, chance: Rand64::new(seed.into()) }
    }

    fn below(&mut self, most: usize) -> usize {
        self.chance.rand_range(0..most.max(1) as u64) as usize
    }

    pub fn next(&mut self) -> Vec<u8> {
        let seed = self.corpus[self.below(self.corpus.len())].clone();
        if seed.starts_with(b"PK\x03\x04")
            && self.below(8) > 0
            && let Some(package) = self.package(&seed)
        {
            return package;
        }
        self.bytes(seed)
    }

    /// A package one of whose parts is changed.
    fn package(&mut self, seed: &[u8]) -> Option<Vec<u8>> {
        let mut from = ZipArchive::new(Cursor::new(seed)).ok()?;
        let mut to = ZipWriter::new(Cursor::new(Vec::new()));
        let changed = self.below(from.len());
        for place in 0..from.len() {
            let mut part = from.by_index(place).ok()?;
            let (name, mut inside) = (part.name().ok()?.into_owned(), Vec::new());
            part.read_to_end(&mut inside).ok()?;
            if place == changed {
                if self.below(30) == 0 {
                    continue;
                }
                inside = self.bytes(inside);
            }
            to.start_file(name, SimpleFileOptions::default().compression_method(CompressionMethod::Stored)).ok()?;
            to.write_all(&inside).ok()?;
        }
        Some(to.finish().ok()?.into_inner())
    }

    fn bytes(&mut self, mut bytes: Vec<u8>) -> Vec<u8> {
        for _ in 0..=self.below(5) {
            // heads and feet say how the rest is read
            let length = bytes.len();
            let at = match self.below(4) {
                0 => self.below(length.min(300)),
                1 => length.saturating_sub(1 + self.below(length.min(600))),
                _ => self.below(length),
            };
            let span = 1 + self.below(24);
            let end = (at + span).min(length);
            match self.below(10) {
                0 if at < length => bytes[at] ^= 1 << self.below(8),
                1 if at < length => bytes[at] = self.chance.rand_u64() as u8,
                2 => drop(bytes.drain(at..end)),
                3 => {
                    let copy = bytes[at..end].to_vec();
                    bytes.splice(at..at, copy);
                }
                4 | 5 => {
                    let word = WORDS[self.below(WORDS.len())];
                    let until = if self.below(2) == 0 { at } else { end };
                    bytes.splice(at..until, word.bytes());
                }
                6 => {
                    let number = NUMBERS[self.below(NUMBERS.len())].to_le_bytes();
                    let until = (at + 4).min(length);
                    bytes.splice(at..until, number);
                }
                7 => {
                    let other = &self.corpus[self.below(self.corpus.len())];
                    let from = self.below(other.len());
                    let piece = &other[from..(from + span * 8).min(other.len())];
                    bytes.splice(at..at, piece.iter().copied());
                }
                8 => self.number(&mut bytes, at),
                _ if self.below(6) == 0 => bytes.truncate(at),
                _ => {}
            }
        }
        bytes
    }

    /// Puts a word in the place of a number that is written there.
    fn number(&mut self, bytes: &mut Vec<u8>, from: usize) {
        let digit = |b: &u8| b.is_ascii_digit() || matches!(b, b'.' | b'-');
        let Some(start) = bytes[from.min(bytes.len())..].iter().position(digit).map(|n| from + n) else { return };
        let length = bytes[start..].iter().take_while(|b| digit(b)).count();
        let word = WORDS[self.below(16)];
        bytes.splice(start..start + length, word.bytes());
    }
}
