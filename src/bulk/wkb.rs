//! Geometries as well-known binary (OGC 06-103r4), little-endian.

use super::schema::sort;
use geo::{Coord, Geometry, LineString, Polygon};

/// Writes a geometry.
pub(super) fn write(out: &mut Vec<u8>, geometry: &Geometry<f64>) {
    head(out, sort(geometry));
    match geometry {
        Geometry::Point(p) => position(out, p.0),
        Geometry::LineString(l) => line(out, l),
        Geometry::Line(l) => line(out, &LineString::from(*l)),
        Geometry::Polygon(p) => polygon(out, p),
        Geometry::Rect(r) => polygon(out, &r.to_polygon()),
        Geometry::Triangle(t) => polygon(out, &t.to_polygon()),
        Geometry::MultiPoint(m) => parts(out, &m.0, |out, p| {
            head(out, 1);
            position(out, p.0);
        }),
        Geometry::MultiLineString(m) => parts(out, &m.0, |out, l| {
            head(out, 2);
            line(out, l);
        }),
        Geometry::MultiPolygon(m) => parts(out, &m.0, |out, p| {
            head(out, 3);
            polygon(out, p);
        }),
        Geometry::GeometryCollection(c) => parts(out, &c.0, write),
    }
}

fn head(out: &mut Vec<u8>, sort: u8) {
    out.push(1);
    out.extend_from_slice(&u32::from(sort).to_le_bytes());
}

fn position(out: &mut Vec<u8>, c: Coord<f64>) {
    out.extend_from_slice(&c.x.to_le_bytes());
    out.extend_from_slice(&c.y.to_le_bytes());
}

fn parts<T>(out: &mut Vec<u8>, all: &[T], mut write: impl FnMut(&mut Vec<u8>, &T)) {
    out.extend_from_slice(&(all.len() as u32).to_le_bytes());
    all.iter().for_each(|part| write(out, part));
}

fn line(out: &mut Vec<u8>, l: &LineString<f64>) {
    parts(out, &l.0, |out, c| position(out, *c));
}

fn polygon(out: &mut Vec<u8>, p: &Polygon<f64>) {
    let rings: Vec<&LineString<f64>> =
        std::iter::once(p.exterior()).chain(p.interiors()).filter(|r| !r.0.is_empty()).collect();
    parts(out, &rings, |out, r| line(out, r));
}
