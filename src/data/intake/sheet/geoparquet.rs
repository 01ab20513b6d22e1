//! GeoParquet: what our own reader makes of it, cell by cell.

use super::cells::Kind;
use super::features::ID;
use super::moment::of_iso;
use super::reference::of_projjson;
use super::table::{Place, Table, whole};
use super::{Limits, Sheet, held};
use crate::core::columns::Moment;
use crate::core::geometry::wkb;
use crate::core::model::Text;
use crate::core::query::list_text;
use crate::data::geoparquet::{Budget, Cell, ReadError, Reader};
use crate::data::intake::finding::{Finding, Refusal, shorten};
use crate::data::intake::system::System;
use std::collections::BTreeSet;
use std::io::{Read, Seek};

/// Values of lists in one group of rows.
const LISTED: u64 = 4 << 20;

pub fn read<R: Read + Seek>(reader: R, limits: &Limits) -> Result<Sheet, Refusal> {
    let bytes = held(reader, limits)?;
    let limits = &limits.less(bytes.len() as u64)?;
    let budget = Budget {
        rows: limits.rows as u64,
        // a geometry has a box of four
        columns: limits.columns + 16,
        unpacked: limits.unpacked_bytes,
        held: limits.memory_bytes / 4,
        listed: LISTED,
    };
    let file = Reader::open(&bytes.into(), &budget).map_err(|e| refused(&e))?;
    let mut table = Table::default();
    table.system(match file.crs() {
        // what the standard takes for granted
        None => Ok(System::Wgs84),
        Some(system) => of_projjson(system),
    });
    let names = file.columns();
    let (mut number, mut unread, mut ended) = (0, BTreeSet::new(), Ok(()));
    let mut broken = 0_usize;
    let read = file.rows(|row| {
        number += 1;
        if let Some(id) = row.id {
            table.put(ID, Kind::Text, id);
        }
        for (name, cell) in names.iter().zip(row.cells) {
            match value(cell) {
                Some((kind, text)) => table.put(name, kind, text),
                None => _ = unread.insert(shorten(name)),
            }
        }
        table.place(match row.geometry.map(|g| wkb::read(&g)) {
            None => Place::None,
            Some(Some((geometry, _))) => Place::from(geometry),
            Some(None) => {
                broken += 1;
                Place::None
            }
        });
        ended = table.end_row(number, limits);
        ended.is_ok()
    });
    ended?;
    read.map_err(|e| refused(&e))?;
    table.broken_geometries(broken);
    if !unread.is_empty() {
        table.note(Finding::unread(unread));
    }
    table.finish()
}

/// A cell's kind and text; none where it holds neither.
fn value(cell: Cell) -> Option<(Kind, String)> {
    let day = |moment: Moment| moment.to_string().chars().take(10).collect();
    Some(match cell {
        Cell::Boolean(b) => (Kind::Boolean, b.to_string()),
        Cell::Integer(n) => whole(n.into()),
        Cell::Decimal(digits, decimals) => (Kind::Number, decimal(digits, decimals.into())),
        Cell::Number(x) if x.is_finite() => (Kind::Number, x.to_string()),
        Cell::Null | Cell::Number(_) => (Kind::Empty, String::new()),
        Cell::Text(text) => (Kind::Text, text.into_owned()),
        Cell::Date(days) => (Kind::Date, day(Moment::instant(i64::from(days).saturating_mul(86_400_000_000)))),
        // a day is one in some zone: who knows that of the dataset decides
        Cell::Instant(micros) => (Kind::Text, Moment::instant(micros).to_string()),
        Cell::Local(micros) => of_iso(Moment::instant(micros).to_string().trim_end_matches('Z')),
        Cell::List(words) => (Kind::Text, list_text(words.iter().map(|w| &**w))),
        Cell::Other(_) => return None,
    })
}

/// A fixed-point number, digit by digit.
fn decimal(digits: i64, decimals: usize) -> String {
    let sign = if digits < 0 { "-" } else { "" };
    let all = format!("{:0>width$}", digits.unsigned_abs(), width = decimals + 1);
    let (whole, part) = all.split_at(all.len() - decimals);
    if decimals == 0 { format!("{sign}{whole}") } else { format!("{sign}{whole}.{part}") }
}

fn refused(e: &ReadError) -> Refusal {
    let (code, text) = match e {
        ReadError::NoParquet(_) => {
            ("parquet-broken", Text::new("文件不是 Parquet,或不完整", "the file is no Parquet file, or it is cut off"))
        }
        ReadError::NoGeometry => (
            "not-geoparquet",
            Text::new(
                "文件是 Parquet,但不是 GeoParquet(没有 geo 元数据或几何列)",
                "the file is Parquet, but not GeoParquet: it has no `geo` metadata or no column of geometries",
            ),
        ),
        ReadError::Encoding(name) => (
            "not-geoparquet",
            Text::new(
                format!("几何列的编码“{name}”不支持,支持 WKB 与 GeoArrow"),
                format!("its geometries are kept as “{name}”; WKB and the encodings of GeoArrow are read"),
            ),
        ),
        ReadError::Compression(name) => (
            "parquet-compression",
            Text::new(
                format!("压缩方式 {name} 不支持,支持 gzip、brotli、lz4、snappy 与 zstd"),
                format!("the file is compressed with {name}; gzip, brotli, lz4, snappy and zstd are read"),
            ),
        ),
        ReadError::TooLarge(_) => {
            ("unpacks-too-large", Text::new("文件展开后过大", "the file is too large once it is unpacked"))
        }
        ReadError::Broken(_) => {
            ("parquet-broken", Text::new("文件已损坏或不完整", "the file is damaged or incomplete"))
        }
    };
    Refusal::broken(code, text, e)
}

#[cfg(test)]
mod tests {
    #[test]
    fn fixed_point_numbers_keep_their_digits() {
        let of = super::decimal;
        assert_eq!(
            (of(1234, 2), of(-5, 2), of(7, 0), of(0, 1)),
            ("12.34".into(), "-0.05".into(), "7".into(), "0.0".into())
        );
        assert_eq!(of(i64::MIN, 0), i64::MIN.to_string());
    }
}
