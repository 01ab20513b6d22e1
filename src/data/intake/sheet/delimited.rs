//! CSV and TSV, in the encodings that offices save them in.

use super::budget::{self, Excess, Metered};
use super::cells::Kind;
use super::collect::Collector;
use super::encoding::{Decoding, sniff};
use super::{Limits, Sheet, unreadable};
use crate::core::formula;
use crate::core::model::Text;
use crate::data::intake::finding::{Finding, Refusal};
use std::io::{Read, Seek, SeekFrom};

/// Bytes by which the separator is detected.
const LOOKED_AT: u64 = 1 << 16;

pub fn read<R: Read + Seek>(mut reader: R, limits: &Limits, known: &dyn Fn(&str) -> bool) -> Result<Sheet, Refusal> {
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

    let (metered, between) = Metered::new(Decoding::new(reader, found.encoding), budget::ROW);
    let mut table =
        csv::ReaderBuilder::new().flexible(true).has_headers(false).delimiter(separator).from_reader(metered);
    let mut collector = Collector::new(limits, known);
    let mut record = csv::StringRecord::new();
    let (mut number, mut line) = (0, 1);
    while table.read_record(&mut record).map_err(|e| broken(&e))? {
        between.next();
        // blank lines are rows of a spreadsheet, line breaks inside a cell are not
        let inside: u64 = record.iter().map(|c| memchr::memchr_iter(b'\n', c.as_bytes()).count() as u64).sum();
        let now = table.position().line();
        number += (now - line).saturating_sub(inside).max(1);
        line = now;
        for (column, text) in record.iter().enumerate() {
            collector.cell(column, Kind::Text, &formula::unescape(text))?;
        }
        collector.end_row(u32::try_from(number).unwrap_or(u32::MAX))?;
    }
    let mut sheet = collector.finish()?;
    let name = found.name();
    sheet.encoding = Some(name);
    if name != "UTF-8" && name != "UTF-8 (BOM)" {
        let text = if name == "GB18030" {
            Text::new(
                "文件像是 GBK 编码的 CSV,已按 GB18030 读取",
                "the file looks like a CSV in GBK and was read as GB18030",
            )
        } else {
            Text::new(format!("文件是 {name} 编码,已按此读取"), format!("the file is in {name} and was read as such"))
        };
        sheet.findings.insert(0, Finding::info("encoding", text));
    }
    Ok(sheet)
}

/// The separator of which the first lines hold most, counted outside quotes.
fn separator(start: &str) -> u8 {
    let mut counts = [(b',', 0), (b'\t', 0), (b';', 0), (b'|', 0)];
    let mut quoted = false;
    for b in start.bytes() {
        quoted ^= b == b'"';
        if let Some((_, n)) = counts.iter_mut().find(|(s, _)| *s == b && !quoted) {
            *n += 1;
        }
    }
    counts.iter().rev().max_by_key(|(_, n)| *n).map_or(b',', |(s, _)| *s)
}

fn broken(e: &csv::Error) -> Refusal {
    if let csv::ErrorKind::Io(e) = e.kind()
        && let Some(excess) = Excess::of(e)
    {
        return excess.refusal();
    }
    Refusal::new("csv-broken", Text::new(format!("CSV 读不下去:{e}"), format!("the CSV can't be read on: {e}")))
}
