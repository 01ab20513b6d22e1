//! A ZIP with the parts of an ESRI shapefile: its shapes, their table, its encoding and its reference system.

use super::budget::Looking;
use super::dbf::Dbf;
use super::package::{damaged, decoded, is_added, large_part};
use super::reference::of_text;
use super::table::{Place, Table, choose};
use super::{Limits, Sheet};
use crate::core::model::Text;
use crate::data::intake::finding::{Finding, Refusal, shorten};
use encoding_rs::{BIG5, EUC_KR, Encoding, GB18030, SHIFT_JIS, UTF_8};
use geo::{Area, BoundingRect, Contains, Coord, Intersects, LineString, MultiLineString, MultiPolygon, Polygon};
use std::collections::BTreeSet;
use std::io::{Read, Seek};
use zip::ZipArchive;

/// Bytes of the parts that say how the others are read.
const SMALL: u64 = 1 << 16;

/// Reads the layer that is requested, else the only one.
pub fn read<R: Read + Seek>(reader: R, wanted: Option<&str>, limits: &Limits) -> Result<Sheet, Refusal> {
    let mut archive = ZipArchive::new(reader).map_err(|e| damaged(&e))?;
    let mut parts = Vec::new();
    for place in 0..archive.len() {
        let part = archive.by_index_raw(place).map_err(|e| damaged(&e))?;
        let name = decoded(part.name_raw());
        let file = name.rsplit(['/', '\\']).next().unwrap_or_default();
        if is_added(&name) {
            continue;
        }
        if let Some((_, extension)) = file.rsplit_once('.') {
            let stem = name[..name.len() - extension.len() - 1].to_owned();
            parts.push((place, stem, extension.to_lowercase()));
        }
    }
    let shapes: BTreeSet<&String> = parts.iter().filter(|(.., e)| e == "shp").map(|(_, stem, _)| stem).collect();
    let names: Vec<String> = shapes.into_iter().cloned().collect();
    let stem = choose(&names, wanted)?;
    let mut bytes = |extension: &str, most: u64| -> Result<Option<Vec<u8>>, Refusal> {
        let same = |s: &str| s.eq_ignore_ascii_case(stem);
        let Some((place, ..)) = parts.iter().find(|(_, s, e)| e == extension && same(s)) else { return Ok(None) };
        let part = archive.by_index(*place).map_err(|e| damaged(&e))?;
        let mut out = Vec::new();
        let most = most.min(limits.held_bytes);
        Looking(part).take(most + 1).read_to_end(&mut out).map_err(|e| damaged(&e))?;
        if out.len() as u64 > most { Err(large_part(most)) } else { Ok(Some(out)) }
    };
    // shapes are held while their points are taken, the table while its rows are
    let shp = bytes("shp", limits.memory_bytes / 4)?.unwrap_or_default();
    let held = if limits.shapes { shp.len() as u64 } else { 0 };
    let mut places = places(&shp, limits.shapes)?;
    drop(shp);
    let limits = &limits.less(held + size_of_val(places.as_slice()) as u64)?;
    let Some(table) = bytes("dbf", limits.memory_bytes / 2)? else {
        let stem = shorten(stem);
        return Err(Refusal::new(
            "shapefile-part-missing",
            Text::new(
                format!("压缩包里有 {stem}.shp,但缺少属性表 {stem}.dbf"),
                format!("the ZIP holds {stem}.shp, but not its table {stem}.dbf"),
            ),
        ));
    };
    let declared = bytes("cpg", SMALL)?.and_then(|cpg| page(&String::from_utf8_lossy(&cpg)));
    let reference = bytes("prj", SMALL)?.map(|prj| decoded(&prj));
    let dbf = Dbf::open(&table, declared).ok_or_else(|| broken("dbf"))?;
    if dbf.len() != places.len() {
        let (shapes, rows) = (places.len(), dbf.len());
        return Err(Refusal::new(
            "shapefile-broken",
            Text::new(
                format!("图形有 {shapes} 个,属性表有 {rows} 行,对不上"),
                format!("there are {shapes} shapes and {rows} rows of attributes, which do not belong together"),
            ),
        ));
    }
    collect(&dbf, &mut places, (stem, &names), reference.as_deref(), &limits.less(table.len() as u64)?)
}

fn collect(
    dbf: &Dbf,
    places: &mut [Place],
    (stem, all): (&str, &[String]),
    reference: Option<&str>,
    limits: &Limits,
) -> Result<Sheet, Refusal> {
    let mut table = Table::default();
    table.layer(stem, all);
    let name = if dbf.encoding == GB18030 { "GB18030" } else { dbf.encoding.name() };
    table.encoding(name);
    if let Some(said) = dbf.refuted {
        let text = Text::new(
            format!("属性表写明是 {said} 编码,但内容不是;已按 {name} 读取"),
            format!("the table says that it is in {said}, which it is not; it was read as {name}"),
        );
        table.note(Finding::warning("encoding", text));
    } else if dbf.guessed {
        let text = Text::new(
            format!("属性表没有写明编码,最像 {name},已按此读取"),
            format!("the table does not say its encoding; it looks most like {name} and was read as such"),
        );
        table.note(Finding::warning("encoding", text));
    } else if dbf.encoding != UTF_8 {
        let text = Text::new(format!("属性表按 {name} 编码读取"), format!("the table was read as {name}"));
        table.note(Finding::info("encoding", text));
    }
    match reference.map(of_text) {
        Some(said) => table.system(said),
        None => table.no_system(),
    }
    let (mut deleted, mut unread) = (0_usize, BTreeSet::new());
    for (row, place) in places.iter_mut().enumerate() {
        let Some(bytes) = dbf.row(row) else {
            deleted += 1;
            continue;
        };
        for field in &dbf.fields {
            match dbf.value(field, bytes) {
                Some((kind, text)) => table.put(&field.name, kind, text),
                None => _ = unread.insert(shorten(&field.name)),
            }
        }
        table.place(std::mem::replace(place, Place::None));
        table.end_row(u32::try_from(row + 1).unwrap_or(u32::MAX), limits)?;
    }
    if deleted > 0 {
        let text = Text::new(
            format!("跳过 {deleted} 行已标记删除的记录"),
            format!("{deleted} rows that are marked as deleted were left out"),
        );
        table.note(Finding::info("rows-deleted", text));
    }
    if !unread.is_empty() {
        table.note(Finding::unread(unread));
    }
    table.finish()
}

/// The points in their order, or the lines and areas where they are kept; a null shape is a row without position.
fn places(bytes: &[u8], shapes: bool) -> Result<Vec<Place>, Refusal> {
    let big = |at: usize| Some(i32::from_be_bytes(bytes.get(at..at + 4)?.try_into().ok()?));
    let little = |at: usize| Some(i32::from_le_bytes(bytes.get(at..at + 4)?.try_into().ok()?));
    let float = |at: usize| Some(f64::from_le_bytes(bytes.get(at..at + 8)?.try_into().ok()?));
    if big(0) != Some(9994) {
        return Err(broken("shp"));
    }
    match little(32) {
        Some(0 | 1 | 8 | 11 | 18 | 21 | 28) => {}
        Some(3 | 5 | 13 | 15 | 23 | 25) if shapes => {}
        Some(3 | 5 | 13 | 15 | 23 | 25 | 31) => {
            return Err(Refusal::new(
                "not-points",
                Text::new("图形是线或面,名录需要点", "the shapes are lines or areas; a register needs points"),
            ));
        }
        _ => return Err(broken("shp")),
    }
    let (mut at, mut out) = (100, Vec::new());
    while at < bytes.len() {
        let record = || {
            let length = usize::try_from(big(at + 4)?).ok()?.checked_mul(2)?;
            let (start, end) = (at + 8, (at + 8).checked_add(length).filter(|end| *end <= bytes.len())?);
            let point = |from: usize| {
                let (x, y) = (float(from)?, float(from + 8)?);
                // below this the format says that there is no value
                (from + 16 <= end).then_some(if x < -1e38 || y < -1e38 { Place::None } else { Place::Point(x, y) })
            };
            let place = match little(start).filter(|_| length >= 4)? {
                0 => Place::None,
                1 | 11 | 21 => point(start + 4)?,
                8 | 18 | 28 => match little(start + 36)? {
                    0 => Place::None,
                    1 => point(start + 40)?,
                    _ => Place::Other(None),
                },
                3 | 13 | 23 if shapes => lines(bytes.get(start + 4..end)?)?,
                5 | 15 | 25 if shapes => area(bytes.get(start + 4..end)?)?,
                _ => return None,
            };
            Some((place, end))
        };
        let (place, end) = record().ok_or_else(|| broken("shp"))?;
        out.push(place);
        at = end;
    }
    Ok(out)
}

/// The parts of a record of lines or of an area, in their order.
fn parts(record: &[u8]) -> Option<Vec<LineString<f64>>> {
    let number = |at: usize| usize::try_from(i32::from_le_bytes(record.get(at..at + 4)?.try_into().ok()?)).ok();
    let float = |at: usize| Some(f64::from_le_bytes(record.get(at..at + 8)?.try_into().ok()?));
    let (parts, positions) = (number(32)?, number(36)?);
    let first = parts.checked_mul(4)?.checked_add(40)?;
    (first.checked_add(positions.checked_mul(16)?)? <= record.len()).then_some(())?;
    let part = |part: usize| {
        let from = number(40 + part * 4)?;
        let to = if part + 1 < parts { number(44 + part * 4)? } else { positions };
        // parts that lay over one another would be more than the record holds
        (from <= to && to <= positions).then_some(())?;
        (from..to)
            .map(|n| Some(Coord { x: float(first + n * 16)?, y: float(first + n * 16 + 8)? }))
            .collect::<Option<LineString<f64>>>()
    };
    (0..parts).map(part).collect()
}

/// The lines of a record; a part of one position is none.
fn lines(record: &[u8]) -> Option<Place> {
    let mut lines = parts(record)?;
    lines.retain(|line| line.0.len() > 1);
    Some(if lines.is_empty() { Place::None } else { Place::shape(MultiLineString(lines)) })
}

/// The area of a record: rings that run clockwise are outer ones, the others are holes in the one that holds them.
fn area(record: &[u8]) -> Option<Place> {
    let (mut outer, mut holes): (Vec<Polygon<f64>>, Vec<LineString<f64>>) = (Vec::new(), Vec::new());
    for ring in parts(record)? {
        let polygon = Polygon::new(ring, vec![]);
        if polygon.signed_area() > 0.0 { holes.push(polygon.into_inner().0) } else { outer.push(polygon) }
    }
    for hole in holes {
        let inside = |p: &&mut Polygon<f64>| {
            hole.0
                .first()
                .is_some_and(|at| p.exterior().bounding_rect().is_some_and(|r| r.intersects(at)) && p.contains(at))
        };
        match outer.iter_mut().find(inside) {
            Some(polygon) => polygon.interiors_push(hole),
            // wound the wrong way about
            None => outer.push(Polygon::new(hole, vec![])),
        }
    }
    Some(if outer.is_empty() { Place::None } else { Place::shape(MultiPolygon(outer)) })
}

fn broken(part: &str) -> Refusal {
    Refusal::new(
        "shapefile-broken",
        Text::new(format!(".{part} 文件已损坏或不完整"), format!("the .{part} file is damaged or incomplete")),
    )
}

/// The encoding that a `.cpg` names, by number or by word.
fn page(text: &str) -> Option<&'static Encoding> {
    let word = text.trim().trim_start_matches('\u{FEFF}').to_lowercase();
    // `ANSI 936`, `CP936`, `OEM 936`, `ms936`
    let number = word.trim_start_matches(|c: char| !c.is_ascii_digit());
    let prefix = word[..word.len() - number.len()].trim_end_matches([' ', '-', '_']);
    let word = if ["", "ansi", "cp", "oem", "ms", "windows", "codepage"].contains(&prefix) { number } else { &*word };
    match word {
        "936" | "54936" | "gbk" | "gb2312" | "gb18030" => Some(GB18030),
        "65001" | "utf8" | "utf-8" => Some(UTF_8),
        "950" | "951" => Some(BIG5),
        "932" => Some(SHIFT_JIS),
        "949" => Some(EUC_KR),
        page if page.len() == 4 && page.starts_with("125") => Encoding::for_label(format!("windows-{page}").as_bytes()),
        word => Encoding::for_label(word.as_bytes()),
    }
}
