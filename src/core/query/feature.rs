//! A row as a GeoJSON feature (RFC 7946): the one writer for items and exports.

use super::Selection;
use crate::columns::Value;
use crate::geometry::Crs;
use geo::{Coord, Geometry, LineString, Polygon};

/// Writes a row as a Feature in CRS84. Properties that may not leave are left out.
pub fn write_feature(out: &mut Vec<u8>, selection: &Selection, row: u32) {
    write_feature_in(out, selection, row, Crs::Crs84);
}

/// Writes a row as a Feature with its coordinates in a reference system.
pub fn write_feature_in(out: &mut Vec<u8>, selection: &Selection, row: u32, crs: Crs) {
    let row = row as usize;
    out.extend_from_slice(br#"{"type":"Feature","id":"#);
    write_text(out, selection.table().ids.value(row));
    out.extend_from_slice(br#","geometry":"#);
    match selection.table().geometries.value(row) {
        Some(g) if crs == Crs::Crs84 => write_geometry(out, &g),
        Some(g) => write_geometry(out, &crs.project_geometry(&g)),
        None => out.extend_from_slice(b"null"),
    }
    out.extend_from_slice(br#","properties":{"#);
    for (i, &column) in selection.columns().iter().enumerate() {
        if i > 0 {
            out.push(b',');
        }
        write_text(out, &selection.spec().properties[column].name);
        out.push(b':');
        write_value(out, selection.table().columns[column].value(row));
    }
    out.extend_from_slice(b"}}");
}

fn write_text(out: &mut Vec<u8>, text: &str) {
    // hardly any text has something to escape: to look at all bytes at once costs less than to stop at the first
    #[allow(clippy::needless_bitwise_bool, reason = "without a branch many are looked at at once")]
    let special = |b: u8| (b < 0x20) | (b == b'"') | (b == b'\\');
    if text.bytes().fold(false, |any, b| any | special(b)) {
        // writing a string to memory can't fail
        let _ = serde_json::to_writer(out, text);
        return;
    }
    out.push(b'"');
    out.extend_from_slice(text.as_bytes());
    out.push(b'"');
}

/// What separates the words of a list in one cell of a table.
pub const LIST_SEPARATORS: [char; 7] = ['、', ',', '\u{FF0C}', ';', '\u{FF1B}', '/', '|'];

/// A list as one cell of a table: its words with semicolons between them, or a JSON array where a word holds a separator.
///
/// ```
/// use shigu_core::query::list_text;
/// assert_eq!(list_text(["a", "b"].into_iter()), "a;b");
/// assert_eq!(list_text(["a/b", "c"].into_iter()), r#"["a/b","c"]"#);
/// ```
pub fn list_text<'a>(words: impl Iterator<Item = &'a str>) -> String {
    let words: Vec<&str> = words.collect();
    let plain = |w: &&str| !w.contains(LIST_SEPARATORS) && !w.starts_with('[') && !w.trim().is_empty();
    // words in memory are always JSON
    if words.iter().all(plain) { words.join(";") } else { serde_json::to_string(&words).unwrap_or_default() }
}

/// Writes a cell as JSON; fixed-point numbers exactly.
pub fn write_value(out: &mut Vec<u8>, value: Value<'_>) {
    match value {
        Value::Null => out.extend_from_slice(b"null"),
        Value::Text(t) => write_text(out, t),
        Value::Integer(i) => out.extend_from_slice(itoa::Buffer::new().format(i).as_bytes()),
        Value::Number(f) => {
            let _ = serde_json::to_writer(out, &f);
        }
        Value::Decimal(digits, decimals) => write_decimal(out, digits, decimals),
        Value::Boolean(b) => out.extend_from_slice(if b { b"true" } else { b"false" }),
        Value::Strings(lists, row) => list(out, lists.row(row), write_text),
    }
}

fn write_decimal(out: &mut Vec<u8>, digits: i64, decimals: u8) {
    let unit = 10u64.pow(decimals.into());
    let (whole, mut part) = (digits.unsigned_abs() / unit, digits.unsigned_abs() % unit);
    if digits < 0 {
        out.push(b'-');
    }
    out.extend_from_slice(itoa::Buffer::new().format(whole).as_bytes());
    if part > 0 {
        out.push(b'.');
        let mut place = unit / 10;
        while part > 0 {
            out.push(b'0' + (part / place) as u8);
            (part, place) = (part % place, place / 10);
        }
    }
}

type Write<'a> = &'a dyn Fn(&mut Vec<u8>);

/// An outline as GeoJSON.
pub(super) fn outline_json(shape: &geo::MultiPolygon<f64>) -> Option<serde_json::Value> {
    let mut out = Vec::new();
    write_geometry(&mut out, &shape.clone().into());
    serde_json::from_slice(&out).ok()
}

/// Writes a geometry in the CRS it is in.
pub fn write_geometry(out: &mut Vec<u8>, geometry: &Geometry<f64>) {
    let (kind, write): (&str, Write<'_>) = match geometry {
        Geometry::Point(p) => ("Point", &|o| position(o, p.0)),
        Geometry::MultiPoint(m) => ("MultiPoint", &|o| list(o, m.iter(), |o, p| position(o, p.0))),
        Geometry::LineString(l) => ("LineString", &|o| line(o, l)),
        Geometry::MultiLineString(m) => ("MultiLineString", &|o| list(o, m.iter(), line)),
        Geometry::Polygon(p) => ("Polygon", &|o| polygon(o, p)),
        Geometry::MultiPolygon(m) => ("MultiPolygon", &|o| list(o, m.iter(), polygon)),
        Geometry::Line(l) => return write_geometry(out, &LineString::from(*l).into()),
        Geometry::Rect(r) => return write_geometry(out, &r.to_polygon().into()),
        Geometry::Triangle(t) => return write_geometry(out, &t.to_polygon().into()),
        Geometry::GeometryCollection(c) => {
            out.extend_from_slice(br#"{"type":"GeometryCollection","geometries":"#);
            list(out, c.iter(), write_geometry);
            return out.push(b'}');
        }
    };
    out.extend_from_slice(br#"{"type":""#);
    out.extend_from_slice(kind.as_bytes());
    out.extend_from_slice(br#"","coordinates":"#);
    write(out);
    out.push(b'}');
}

fn list<T>(out: &mut Vec<u8>, items: impl Iterator<Item = T>, mut write: impl FnMut(&mut Vec<u8>, T)) {
    out.push(b'[');
    for (i, item) in items.enumerate() {
        if i > 0 {
            out.push(b',');
        }
        write(out, item);
    }
    out.push(b']');
}

/// Seven decimals are a centimetre: nothing that people measure is finer (RFC 7946, 11.2).
fn position(out: &mut Vec<u8>, c: Coord<f64>) {
    let round = |degrees: f64| Value::Number((degrees * 1e7).round() / 1e7);
    out.push(b'[');
    write_value(out, round(c.x));
    out.push(b',');
    write_value(out, round(c.y));
    out.push(b']');
}

fn line(out: &mut Vec<u8>, l: &LineString<f64>) {
    list(out, l.coords(), |o, c| position(o, *c));
}

fn polygon(out: &mut Vec<u8>, p: &Polygon<f64>) {
    list(out, std::iter::once(p.exterior()).chain(p.interiors()), line);
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn texts_are_json(text in "\\PC{0,9}|[a\"\\\\\n\u{1}\u{1f}\u{7f}杭]{0,9}") {
            let mut out = Vec::new();
            write_value(&mut out, Value::Text(&text));
            prop_assert_eq!(String::from_utf8(out).unwrap(), serde_json::to_string(&text).unwrap());
        }

        #[test]
        fn decimals_are_exact(digits in -10i64.pow(15)..10i64.pow(15), decimals in 0u8..6) {
            let mut out = Vec::new();
            write_value(&mut out, Value::Decimal(digits, decimals));
            let text = String::from_utf8(out).unwrap();
            let (whole, part) = text.split_once('.').unwrap_or((&text, ""));
            let padded = format!("{whole}{part:0<width$}", width = decimals.into());
            prop_assert_eq!(padded.parse::<i64>().unwrap(), digits);
        }
    }
}
