//! A row as a GeoJSON feature (RFC 7946): the one writer for items and exports.

use super::Selection;
use crate::columns::{Column, Value};
use crate::geometry::Crs;
use geo::{Coord, Geometry, LineString, Polygon};

/// Writes rows of one selection as Features. Properties that may not leave are left out.
#[derive(Debug)]
pub struct FeatureWriter<'a> {
    of: &'a Selection,
    crs: Crs,
    /// Columns, each with what stands before its value: it is the same in all rows.
    members: Vec<(&'a Column, Vec<u8>)>,
}

impl<'a> FeatureWriter<'a> {
    /// Coordinates are written in this reference system.
    pub fn new(of: &'a Selection, crs: Crs) -> Self {
        let member = |(i, &column): (usize, &usize)| {
            let mut before = if i > 0 { vec![b','] } else { vec![] };
            write_text(&mut before, &of.spec().properties[column].name);
            before.push(b':');
            (&of.table().columns[column], before)
        };
        Self { of, crs, members: of.columns().iter().enumerate().map(member).collect() }
    }

    /// Writes one row.
    pub fn write(&self, out: &mut Vec<u8>, row: u32) {
        let row = row as usize;
        out.extend_from_slice(br#"{"type":"Feature","id":"#);
        write_text(out, self.of.table().ids.value(row));
        out.extend_from_slice(br#","geometry":"#);
        match self.of.table().geometries.value(row) {
            Some(g) if self.crs == Crs::Crs84 => write_geometry(out, &g),
            Some(g) => write_geometry(out, &self.crs.project_geometry(&g)),
            None => out.extend_from_slice(b"null"),
        }
        out.extend_from_slice(br#","properties":{"#);
        for (column, before) in &self.members {
            out.extend_from_slice(before);
            write_value(out, column.value(row));
        }
        out.extend_from_slice(b"}}");
    }
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
    let (whole, part) = (digits.unsigned_abs() / unit, digits.unsigned_abs() % unit);
    if digits < 0 {
        out.push(b'-');
    }
    let mut text = itoa::Buffer::new();
    out.extend_from_slice(text.format(whole).as_bytes());
    if part > 0 {
        // the 1 of the unit keeps the zeros behind the point, and gives its place to it
        let start = out.len();
        out.extend_from_slice(text.format(unit + part).trim_end_matches('0').as_bytes());
        out[start] = b'.';
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

fn position(out: &mut Vec<u8>, c: Coord<f64>) {
    out.push(b'[');
    write_coordinate(out, c.x);
    out.push(b',');
    write_coordinate(out, c.y);
    out.push(b']');
}

/// Writes a coordinate. Seven decimals of a degree are a centimetre: nothing that people measure is finer (RFC 7946, 11.2).
pub fn write_coordinate(out: &mut Vec<u8>, n: f64) {
    const DECIMALS: u8 = 7;
    let digits = (n * 1e7).round();
    // what a double holds to the last digit is printed as the whole number it is
    if digits.abs() < 1e15 {
        let whole = digits % 1e7 == 0.0;
        write_decimal(out, digits as i64, DECIMALS);
        // a coordinate is a number with a point in every row: readers that guess types by the first one stay right
        out.extend_from_slice(if whole { b".0" } else { b"" });
    } else {
        write_value(out, Value::Number(n));
    }
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
        fn coordinates_are_the_number_to_seven_decimals(n in prop_oneof![-180.0..180.0, -1e-6..1e-6, -2e7..2e7, -1e12..1e12, (-180i32..180).prop_map(f64::from)]) {
            let mut out = Vec::new();
            write_coordinate(&mut out, n);
            let text = String::from_utf8(out).unwrap();
            let right = if n.abs() < 1e8 { (n * 1e7).round() / 1e7 } else { n };
            prop_assert!((text.parse::<f64>().unwrap() - right).abs() <= 0.0);
            if right.abs() >= 1e-5 {
                prop_assert_eq!(&text, &serde_json::to_string(&right).unwrap());
            }
            prop_assert!(text.len() - text.find('.').unwrap_or(text.len()) <= 8 || n.abs() >= 1e8);
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
