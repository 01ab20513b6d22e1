//! CSV and TSV, in the encodings that offices save them in.

use super::budget::Excess;
use super::cells::Kind;
use super::collect::{Collector, listed};
use super::encoding::{BLOCK, Decoding, sniff};
use super::records::{Record, Records};
use super::{Limits, Sheet, Words, unreadable};
use crate::core::model::Text;
use crate::core::{cancel, formula};
use crate::data::intake::finding::{Finding, Refusal};
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom};

/// Bytes by which the separator is detected.
const LOOKED_AT: u64 = 1 << 16;

pub fn read<R: Read + Seek + Send>(mut reader: R, limits: &Limits, known: &dyn Words) -> Result<Sheet, Refusal> {
    let found = sniff(&mut reader).map_err(|e| unreadable(&e))?.ok_or_else(|| {
        Refusal::new(
            "encoding-unknown",
            Text::new(
                "文件既不是 UTF-8、UTF-16,也不是 GB18030(GBK)编码的文字",
                "the file is text in neither UTF-8, UTF-16 nor GB18030 (GBK)",
            ),
        )
    })?;
    let mut start = String::new();
    let from_start = |reader: &mut R| reader.seek(SeekFrom::Start(0)).map_err(|e| unreadable(&e));
    from_start(&mut reader)?;
    // the last character may be cut
    let mut bytes = Vec::new();
    Decoding::new(&mut reader, found.encoding).take(LOOKED_AT).read_to_end(&mut bytes).map_err(|e| unreadable(&e))?;
    start.push_str(&String::from_utf8_lossy(&bytes));
    let separator = separator(&start);
    from_start(&mut reader)?;

    let reader = BufReader::with_capacity(BLOCK, Decoding::new(reader, found.encoding));
    let mut records = Records::new(reader, separator);
    let mut collector = Collector::new(limits, known);
    let (mut number, mut stray) = (0_u32, Vec::new());
    let mut collect = |block: &Block| {
        for record in &block.records[..block.filled] {
            // blank lines are rows of a spreadsheet, line breaks inside a cell are not
            number = number.saturating_add(1);
            if number == 1 && is_declaration(&record.cells, &start) {
                continue;
            }
            if record.stray {
                stray.push(number);
            }
            for (column, text) in record.cells.iter().enumerate() {
                collector.cell(column, Kind::Text, &formula::unescape(text))?;
            }
            collector.end_row(number)?;
        }
        Ok(())
    };
    let (mut block, mut spare) = (Block::default(), Block::default());
    block.fill(&mut records);
    loop {
        let more = matches!(block.ended, Ok(false));
        let next = || {
            if more {
                spare.fill(&mut records);
            }
        };
        let (collected, ()) = cancel::both(|| collect(&block), next);
        collected?;
        if !more {
            block.ended.map_err(|e| broken(&e))?;
            break;
        }
        std::mem::swap(&mut block, &mut spare);
    }
    let mut sheet = collector.finish()?;
    if !stray.is_empty() {
        let (n, list) = (stray.len(), listed(&stray));
        let text = Text::new(
            format!("{n} 行有多余的引号(第 {list} 行),已当作没有引号读取"),
            format!("{n} rows have a stray quote (row {list}), which was left out"),
        );
        sheet.findings.insert(0, Finding::warning("quote-stray", text));
    }
    sheet.encoding = Some(found.name());
    sheet.findings.splice(0..0, found.finding());
    Ok(sheet)
}

/// Records that are read while those before them are collected. Their memory is used again.
struct Block {
    records: Vec<Record>,
    filled: usize,
    /// Whether the text ends after them; why no more could be read.
    ended: io::Result<bool>,
}

impl Default for Block {
    fn default() -> Self {
        Self { records: Vec::new(), filled: 0, ended: Ok(false) }
    }
}

impl Block {
    /// Bytes of the cells of a block, but for those of its last record.
    const BYTES: usize = 1 << 18;

    fn fill<R: BufRead>(&mut self, records: &mut Records<R>) {
        (self.filled, self.ended) = (0, Ok(false));
        let mut bytes = 0;
        while bytes < Self::BYTES {
            if self.filled == self.records.len() {
                self.records.push(Record::default());
            }
            let Some(record) = self.records.get_mut(self.filled) else { return };
            match records.next(record) {
                Ok(true) => {
                    bytes += size_of::<Record>() + record.cells.iter().map(String::len).sum::<usize>();
                    self.filled += 1;
                }
                Ok(false) => {
                    self.ended = Ok(true);
                    return;
                }
                Err(e) => {
                    self.ended = Err(e);
                    return;
                }
            }
        }
    }
}

/// The separator: what a first line `sep=;` says, else that of which the first lines hold most, counted outside quotes.
fn separator(start: &str) -> u8 {
    if let Some(said) = declared(start) {
        return said;
    }
    let mut counts = [(b',', 0), (b'\t', 0), (b';', 0), (b'|', 0)];
    let mut quoted = false;
    for b in start.bytes() {
        quoted ^= b == b'"';
        // a quote that is not closed in its line opens nothing
        quoted &= b != b'\n';
        if let Some((_, n)) = counts.iter_mut().find(|(s, _)| *s == b && !quoted) {
            *n += 1;
        }
    }
    counts.iter().rev().max_by_key(|(_, n)| *n).map_or(b',', |(s, _)| *s)
}

/// What the first line says of the separator, as Excel reads it.
fn declared(start: &str) -> Option<u8> {
    let line = start.lines().next()?.trim_start_matches('\u{FEFF}').trim_matches('"');
    let said = line.strip_prefix("sep=").or_else(|| line.strip_prefix("SEP="))?;
    let said = if said == "\\t" { "\t" } else { said };
    match said.as_bytes() {
        [one] if one.is_ascii() && !one.is_ascii_alphanumeric() => Some(*one),
        // the separator itself may have been taken for one
        [one, b',' | b';', ..] if !one.is_ascii_alphanumeric() => Some(*one),
        _ => None,
    }
}

fn is_declaration(cells: &[String], start: &str) -> bool {
    declared(start).is_some() && cells.first().is_some_and(|c| c.to_lowercase().starts_with("sep="))
}

fn broken(e: &io::Error) -> Refusal {
    if let Some(excess) = Excess::of(e) {
        return excess.refusal();
    }
    unreadable(e)
}
