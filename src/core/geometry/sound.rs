//! Geometries that can be computed with: the only way by which one enters. What comes from outside, whatever its format, is
//! made a [`Sound`] or a [`Surface`] here; everything further on takes these types and meets no empty ring, no position that
//! is no number, no ring that is not closed.
//!
//! Whether rings cross is another matter ([`super::validity`]): that costs more, and may be repaired.

use super::validity::Spot;
use geo::{Coord, CoordsIter, Geometry, GeometryCollection, LineString, MultiPolygon, Polygon};
use geojson::{GeometryValue, Position};
use std::ops::Deref;
use thiserror::Error;

/// Why something is no geometry, and where.
#[derive(Clone, Copy, Debug, Error, PartialEq)]
#[error("{}", self.words().1)]
pub struct Defect {
    /// What is wrong.
    pub kind: DefectKind,
    /// Where it is.
    pub at: Spot,
}

/// What can be wrong with the positions of a geometry.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum DefectKind {
    /// There is no position at all.
    Empty,
    /// A part has no ring, or a ring or line no position.
    EmptyPart,
    /// A position has fewer than two numbers.
    ShortPosition,
    /// A number is infinite or none.
    NotFinite,
    /// A line has one position.
    ShortLine,
    /// A ring has fewer than four positions, repeated ones counted once.
    ShortRing(usize),
    /// A ring does not end where it begins.
    OpenRing,
    /// It is a point, a line or a collection where polygons are wanted.
    NoPolygon,
}

impl Defect {
    /// What is wrong and where, zh and en.
    pub fn words(&self) -> (String, String) {
        let (zh, en) = match self.kind {
            DefectKind::Empty => ("没有任何坐标(空几何)".to_owned(), "has no coordinates: it is empty".to_owned()),
            DefectKind::EmptyPart => ("没有任何坐标".to_owned(), "has no coordinates".to_owned()),
            DefectKind::ShortPosition => {
                ("位置应为 [经度, 纬度] 两个数".to_owned(), "must be a position [longitude, latitude]".to_owned())
            }
            DefectKind::NotFinite => {
                ("坐标不是有限的数".to_owned(), "has a coordinate that is no finite number".to_owned())
            }
            DefectKind::ShortLine => {
                ("线至少要有两个位置".to_owned(), "is a line of fewer than two positions".to_owned())
            }
            DefectKind::ShortRing(n) => (
                format!("环只有 {n} 个不重复的位置,闭合的环至少要有 4 个(首尾相同)"),
                format!("is a ring of {n} positions; a closed ring has at least 4, the last like the first"),
            ),
            DefectKind::OpenRing => (
                "环没有闭合,请把第一个位置重复写在最后".to_owned(),
                "is a ring that is not closed; repeat the first position at the end".to_owned(),
            ),
            DefectKind::NoPolygon => (
                "应为 Polygon 或 MultiPolygon,不能是点、线或几何集合".to_owned(),
                "must be a Polygon or MultiPolygon, no point, line or collection".to_owned(),
            ),
        };
        let (at_zh, at_en) = self.at.words();
        if at_en.is_empty() { (zh, en) } else { (format!("{at_zh}{zh}"), format!("{at_en} {en}")) }
    }
}

/// A geometry whose positions are finite numbers, whose lines have two of them and whose rings are closed and have four.
#[derive(Clone, Debug, PartialEq)]
pub struct Sound(Geometry<f64>);

impl Sound {
    /// Takes a geometry that is not empty.
    pub fn new(geometry: Geometry<f64>) -> Result<Self, Defect> {
        if geometry.coords_count() == 0 {
            return Err(Defect { kind: DefectKind::Empty, at: Spot::default() });
        }
        check(&geometry, Spot::default())?;
        Ok(Self(geometry))
    }

    /// Takes a geometry, or one without any position, such as `POLYGON EMPTY` of well-known text: nothing meets it.
    pub fn or_empty(geometry: Geometry<f64>) -> Result<Self, Defect> {
        if geometry.coords_count() == 0 { Ok(Self(nothing())) } else { Self::new(geometry) }
    }

    /// Reads a geometry of GeoJSON. A ring of four positions or more that is not closed is closed.
    pub fn from_geojson(value: &GeometryValue) -> Result<Self, Defect> {
        geometry(value, Spot::default()).and_then(Self::new)
    }

    /// The geometry.
    pub fn into_inner(self) -> Geometry<f64> {
        self.0
    }
}

impl Deref for Sound {
    type Target = Geometry<f64>;

    fn deref(&self) -> &Geometry<f64> {
        &self.0
    }
}

/// Polygons with at least one position; no vertex is repeated.
#[derive(Clone, Debug, PartialEq)]
pub struct Surface(MultiPolygon<f64>);

impl Surface {
    /// Takes polygons. Vertices that are repeated, as a double click makes them, are left out.
    pub fn new(mut polygons: MultiPolygon<f64>) -> Result<Self, Defect> {
        for polygon in &mut polygons {
            let dedup = |ring: &mut LineString<f64>| ring.0.dedup();
            polygon.exterior_mut(dedup);
            polygon.interiors_mut(|rings| rings.iter_mut().for_each(dedup));
        }
        match Sound::new(Geometry::MultiPolygon(polygons))?.0 {
            Geometry::MultiPolygon(polygons) => Ok(Self(polygons)),
            _ => Ok(Self(MultiPolygon(vec![]))),
        }
    }

    /// Reads a polygon or several of GeoJSON.
    pub fn from_geojson(value: &GeometryValue) -> Result<Self, Defect> {
        let no_polygon = Defect { kind: DefectKind::NoPolygon, at: Spot::default() };
        match geometry(value, Spot::default())? {
            Geometry::Polygon(polygon) => {
                Self::new(MultiPolygon(vec![polygon])).map_err(|d| Defect { at: Spot { part: 0, ..d.at }, ..d })
            }
            Geometry::MultiPolygon(polygons) => Self::new(polygons),
            _ => Err(no_polygon),
        }
    }
}

impl Deref for Surface {
    type Target = MultiPolygon<f64>;

    fn deref(&self) -> &MultiPolygon<f64> {
        &self.0
    }
}

fn nothing() -> Geometry<f64> {
    Geometry::GeometryCollection(GeometryCollection(vec![]))
}

fn check(geometry: &Geometry<f64>, at: Spot) -> Result<(), Defect> {
    let part = |i: usize| Spot { part: i + 1, ..at };
    match geometry {
        Geometry::Point(p) => finite(&[p.0], at),
        Geometry::MultiPoint(m) => m.iter().enumerate().try_for_each(|(i, p)| finite(&[p.0], part(i))),
        Geometry::Line(l) => finite(&[l.start, l.end], at),
        Geometry::LineString(l) => line(l, at),
        Geometry::MultiLineString(m) => m.iter().enumerate().try_for_each(|(i, l)| line(l, part(i))),
        Geometry::Polygon(p) => rings(p, at),
        Geometry::MultiPolygon(m) => m.iter().enumerate().try_for_each(|(i, p)| rings(p, part(i))),
        Geometry::Rect(r) => rings(&r.to_polygon(), at),
        Geometry::Triangle(t) => rings(&t.to_polygon(), at),
        Geometry::GeometryCollection(all) => all.iter().enumerate().try_for_each(|(i, g)| check(g, part(i))),
    }
}

fn finite(positions: &[Coord<f64>], at: Spot) -> Result<(), Defect> {
    match positions.iter().position(|c| !(c.x.is_finite() && c.y.is_finite())) {
        None => Ok(()),
        Some(i) => Err(Defect { kind: DefectKind::NotFinite, at: Spot { vertex: i + 1, ..at } }),
    }
}

fn line(line: &LineString<f64>, at: Spot) -> Result<(), Defect> {
    match line.0.len() {
        0 => Err(Defect { kind: DefectKind::EmptyPart, at }),
        1 => Err(Defect { kind: DefectKind::ShortLine, at }),
        _ => finite(&line.0, at),
    }
}

fn rings(polygon: &Polygon<f64>, at: Spot) -> Result<(), Defect> {
    std::iter::once(polygon.exterior()).chain(polygon.interiors()).enumerate().try_for_each(|(i, ring)| {
        let at = Spot { ring: i + 1, ..at };
        finite(&ring.0, at)?;
        let kind = match ring.0.as_slice() {
            [] if i == 0 => return Err(Defect { kind: DefectKind::EmptyPart, at: Spot { ring: 0, ..at } }),
            [] => DefectKind::EmptyPart,
            few if few.len() < 4 => DefectKind::ShortRing(few.len()),
            [first, .., last] if first != last => DefectKind::OpenRing,
            _ => return Ok(()),
        };
        Err(Defect { kind, at })
    })
}

/// GeoJSON as it stands, with nothing checked but what a library would stumble over.
fn geometry(value: &GeometryValue, at: Spot) -> Result<Geometry<f64>, Defect> {
    use GeometryValue as V;
    let part = |i: usize| Spot { part: i + 1, ..at };
    Ok(match value {
        V::Point { coordinates } => Geometry::Point(position(coordinates, at)?.into()),
        V::MultiPoint { coordinates } => Geometry::MultiPoint(positions(coordinates, at)?.into()),
        V::LineString { coordinates } => Geometry::LineString(LineString(positions(coordinates, at)?)),
        V::MultiLineString { coordinates } => {
            let lines = coordinates.iter().enumerate().map(|(i, l)| positions(l, part(i)).map(LineString));
            Geometry::MultiLineString(geo::MultiLineString(lines.collect::<Result<_, _>>()?))
        }
        V::Polygon { coordinates } => Geometry::Polygon(polygon(coordinates, at)?),
        V::MultiPolygon { coordinates } => {
            let polygons = coordinates.iter().enumerate().map(|(i, p)| polygon(p, part(i)));
            Geometry::MultiPolygon(MultiPolygon(polygons.collect::<Result<_, _>>()?))
        }
        V::GeometryCollection { geometries } => {
            let members = geometries.iter().enumerate().map(|(i, g)| geometry(&g.value, part(i)));
            Geometry::GeometryCollection(GeometryCollection(members.collect::<Result<_, _>>()?))
        }
    })
}

fn position(position: &Position, at: Spot) -> Result<Coord<f64>, Defect> {
    match *position.as_slice() {
        [x, y, ..] => Ok(Coord { x, y }),
        _ => Err(Defect { kind: DefectKind::ShortPosition, at }),
    }
}

fn positions(all: &[Position], at: Spot) -> Result<Vec<Coord<f64>>, Defect> {
    all.iter().enumerate().map(|(i, p)| position(p, Spot { vertex: i + 1, ..at })).collect()
}

/// `Polygon::new` closes rings: those that are too short to be one are found before.
fn polygon(all: &[Vec<Position>], at: Spot) -> Result<Polygon<f64>, Defect> {
    let ring = |(i, ring): (usize, &Vec<Position>)| {
        let at = Spot { ring: i + 1, ..at };
        let ring = positions(ring, at)?;
        if (1..4).contains(&ring.len()) {
            Err(Defect { kind: DefectKind::ShortRing(ring.len()), at })
        } else {
            Ok(ring)
        }
    };
    let mut rings = all.iter().enumerate().map(ring);
    let exterior = rings.next().transpose()?.unwrap_or_default();
    Ok(Polygon::new(LineString(exterior), rings.map(|r| r.map(LineString)).collect::<Result<_, _>>()?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use DefectKind as K;

    fn read(text: &str) -> Result<Surface, K> {
        let value: geojson::Geometry = serde_json::from_str(text).unwrap_or_else(|e| panic!("{e}: {text}"));
        Surface::from_geojson(&value.value).map_err(|d| d.kind)
    }

    fn of(kind: &str, coordinates: &str) -> Result<Surface, K> {
        read(&format!(r#"{{"type":"{kind}","coordinates":{coordinates}}}"#))
    }

    #[test]
    fn nothing_that_can_not_be_computed_with_comes_in() {
        for (kind, coordinates, wrong) in [
            ("Polygon", "[]", K::Empty),
            ("Polygon", "[[]]", K::Empty),
            ("Polygon", "[[],[]]", K::Empty),
            ("MultiPolygon", "[]", K::Empty),
            ("MultiPolygon", "[[[]]]", K::Empty),
            ("MultiPolygon", "[[[[0,0],[1,0],[1,1],[0,0]]],[]]", K::EmptyPart),
            ("Polygon", "[[[0,0],[1,0],[1,1],[0,0]],[]]", K::EmptyPart),
            ("Polygon", "[[],[[0,0],[1,0],[1,1],[0,0]]]", K::EmptyPart),
            ("Polygon", "[[[0,0]]]", K::ShortRing(1)),
            ("Polygon", "[[[0,0],[1,1]]]", K::ShortRing(2)),
            ("Polygon", "[[[0,0],[1,0],[1,1]]]", K::ShortRing(3)),
            ("Polygon", "[[[0,0],[1,1],[0,0]]]", K::ShortRing(3)),
            ("Polygon", "[[[0,0],[0,0],[0,0],[0,0]]]", K::ShortRing(1)),
            ("Polygon", "[[[0,0],[1,1],[1,1],[0,0]]]", K::ShortRing(3)),
            ("Point", "[0,0]", K::NoPolygon),
            ("LineString", "[[0,0],[1,1]]", K::NoPolygon),
            ("MultiPoint", "[]", K::NoPolygon),
        ] {
            assert_eq!(of(kind, coordinates), Err(wrong), "{kind} {coordinates}");
        }
        let collection = r#"{"type":"GeometryCollection","geometries":[{"type":"Polygon","coordinates":[]}]}"#;
        assert_eq!(read(collection), Err(K::NoPolygon));
        let square = |x: f64| vec![(0.0, 0.0), (x, 0.0), (1.0, 1.0), (0.0, 0.0)];
        for x in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            let wrong = Surface::new(MultiPolygon(vec![Polygon::new(square(x).into(), vec![])])).unwrap_err();
            assert_eq!((wrong.kind, wrong.at), (K::NotFinite, Spot { part: 1, ring: 1, vertex: 2 }));
        }
    }

    #[test]
    fn what_can_be_comes_in_closed_and_without_repetition() {
        let read = of("Polygon", "[[[0,0,5],[4,0,5],[4,0],[4,4],[0,4]]]").unwrap();
        assert_eq!(read.0.0[0].exterior().0.len(), 5);
        assert!(Sound::or_empty(Geometry::Polygon(Polygon::empty())).unwrap().coords_count() == 0);
        assert_eq!(Sound::new(Geometry::Polygon(Polygon::empty())).unwrap_err().kind, K::Empty);
        for kind in [
            K::Empty,
            K::EmptyPart,
            K::ShortPosition,
            K::NotFinite,
            K::ShortLine,
            K::ShortRing(1),
            K::OpenRing,
            K::NoPolygon,
        ] {
            let words = Defect { kind, at: Spot { part: 0, ring: 2, vertex: 0 } }.words();
            assert!(words.0.starts_with("第 2 环") && words.1.starts_with("ring 2 "), "{words:?}");
        }
    }
}
