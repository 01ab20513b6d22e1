//! GeoJSON as a table: a column for each property that occurs, longitude and latitude last.

use super::budget::{self, Excess, Metered};
use super::cells::Kind;
use super::table::{Place, Table};
use super::{Limits, Sheet, unreadable};
use crate::core::model::Text;
use crate::core::query::list_text;
use crate::data::intake::finding::Refusal;
use geojson::{Feature, FeatureReader, GeometryValue, JsonValue};
use std::io::{BufRead, BufReader, Read, Seek, SeekFrom};

/// Name of the column that is made of the feature's id.
pub const ID: &str = "id";

/// Whether text is GeoJSON, by its first character that says anything.
pub fn is_geojson(start: &[u8]) -> bool {
    let start = start.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(start);
    matches!(start.iter().find(|b| !b.is_ascii_whitespace() && **b != 0x1E), Some(b'{'))
}

pub fn read<R: Read + Seek>(mut reader: R, limits: &Limits) -> Result<Sheet, Refusal> {
    let mut first = [0; 4096];
    let n = reader.read(&mut first).map_err(|e| unreadable(&e))?;
    let collection = memchr::memmem::find(&first[..n], b"FeatureCollection").is_some();
    let skip = if first[..n].starts_with(b"\xEF\xBB\xBF") { 3 } else { 0 };
    reader.seek(SeekFrom::Start(skip)).map_err(|e| unreadable(&e))?;
    let mut table = Table::default();
    let reader = BufReader::with_capacity(1 << 16, reader);
    if collection {
        let (reader, between) = Metered::new(reader, budget::FEATURE);
        for (number, feature) in (1..).zip(FeatureReader::from_reader(reader).features()) {
            let feature = feature.map_err(|e| between.excess().map_or_else(|| broken(number, &e), Excess::refusal))?;
            between.next();
            add(&mut table, number, &feature, limits)?;
        }
    } else {
        sequence(reader, &mut table, limits)?;
    }
    table.finish()
}

/// One feature a line, with or without the record separator of RFC 8142.
fn sequence(mut reader: impl BufRead, table: &mut Table, limits: &Limits) -> Result<(), Refusal> {
    let mut line = Vec::new();
    for number in 1.. {
        line.clear();
        let read =
            reader.by_ref().take(budget::FEATURE as u64).read_until(b'\n', &mut line).map_err(|e| unreadable(&e))?;
        if read == 0 {
            break;
        }
        let text = line.trim_ascii_start();
        let text = text.strip_prefix(b"\x1E").unwrap_or(text);
        if !text.trim_ascii().is_empty() {
            let feature: Feature = serde_json::from_slice(text).map_err(|e| broken(number, &e))?;
            add(table, number, &feature, limits)?;
        }
    }
    Ok(())
}

fn broken(number: u32, e: &dyn std::fmt::Display) -> Refusal {
    Refusal::new(
        "geojson-broken",
        Text::new(
            format!("第 {number} 个要素不是有效的 GeoJSON:{e}"),
            format!("feature {number} is no valid GeoJSON: {e}"),
        ),
    )
}

fn add(table: &mut Table, number: u32, feature: &Feature, limits: &Limits) -> Result<(), Refusal> {
    match &feature.id {
        Some(geojson::feature::Id::String(s)) => table.put(ID, Kind::Text, s.clone()),
        Some(geojson::feature::Id::Number(n)) => table.put(ID, Kind::Text, n.to_string()),
        None => {}
    }
    for (name, value) in feature.properties.iter().flatten() {
        let (kind, text) = match value {
            JsonValue::Null => continue,
            JsonValue::Bool(b) => (Kind::Boolean, b.to_string()),
            JsonValue::Number(n) => (Kind::Number, n.to_string()),
            JsonValue::String(s) => (Kind::Text, s.clone()),
            JsonValue::Array(list) => {
                let words: Vec<String> =
                    list.iter().map(|v| v.as_str().map_or_else(|| v.to_string(), str::to_owned)).collect();
                (Kind::Text, list_text(words.iter().map(String::as_str)))
            }
            JsonValue::Object(_) => (Kind::Text, value.to_string()),
        };
        table.put(name, kind, text);
    }
    table.place(match feature.geometry.as_ref().map(|g| &g.value) {
        None => Place::None,
        Some(GeometryValue::Point { coordinates }) => match coordinates.as_slice() {
            [x, y, ..] => Place::Point(*x, *y),
            _ => Place::Other,
        },
        Some(_) => Place::Other,
    });
    table.end_row(number, limits)
}
