//! Geometries as well-known binary (OGC 06-103r4), little-endian.

use geo::{Coord, Geometry, LineString, Polygon};

/// The number of a geometry's sort in WKB and in FlatGeobuf.
pub fn sort(geometry: &Geometry<f64>) -> u8 {
    match geometry {
        Geometry::Point(_) => 1,
        Geometry::LineString(_) | Geometry::Line(_) => 2,
        Geometry::Polygon(_) | Geometry::Rect(_) | Geometry::Triangle(_) => 3,
        Geometry::MultiPoint(_) => 4,
        Geometry::MultiLineString(_) => 5,
        Geometry::MultiPolygon(_) => 6,
        Geometry::GeometryCollection(_) => 7,
    }
}

/// The names of the sorts.
pub const SORTS: [&str; 8] = [
    "Geometry",
    "Point",
    "LineString",
    "Polygon",
    "MultiPoint",
    "MultiLineString",
    "MultiPolygon",
    "GeometryCollection",
];

/// Writes a geometry.
pub fn write(out: &mut Vec<u8>, geometry: &Geometry<f64>) {
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

/// Geometries inside one another that are followed.
const DEEPEST: usize = 16;

/// Reads a geometry, and whether it had more than two coordinates a position (the others are left out); `None` where
/// the bytes are no geometry. Both byte orders, the codes of ISO and those of PostGIS.
pub fn read(bytes: &[u8]) -> Option<(Geometry<f64>, bool)> {
    let mut reader = Reader { rest: bytes, little: true, dimensions: 2, solid: false };
    let geometry = reader.geometry(DEEPEST)?;
    reader.rest.is_empty().then_some((geometry, reader.solid))
}

struct Reader<'a> {
    rest: &'a [u8],
    little: bool,
    dimensions: usize,
    solid: bool,
}

impl Reader<'_> {
    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (taken, rest) = self.rest.split_first_chunk::<N>()?;
        self.rest = rest;
        Some(*taken)
    }

    fn count(&mut self) -> Option<usize> {
        let bytes = self.take()?;
        Some(if self.little { u32::from_le_bytes(bytes) } else { u32::from_be_bytes(bytes) } as usize)
    }

    fn number(&mut self) -> Option<f64> {
        let bytes = self.take()?;
        Some(if self.little { f64::from_le_bytes(bytes) } else { f64::from_be_bytes(bytes) })
    }

    fn position(&mut self) -> Option<Coord<f64>> {
        let at = Coord { x: self.number()?, y: self.number()? };
        for _ in 2..self.dimensions {
            self.number()?;
        }
        Some(at)
    }

    /// As many as are announced; no more memory is reserved than the bytes can fill.
    fn many<T>(&mut self, least: usize, mut one: impl FnMut(&mut Self) -> Option<T>) -> Option<Vec<T>> {
        let count = self.count()?;
        if count > self.rest.len() / least {
            return None;
        }
        (0..count).map(|_| one(self)).collect()
    }

    fn line(&mut self) -> Option<LineString<f64>> {
        self.many(16, Self::position).map(LineString::new)
    }

    fn polygon(&mut self) -> Option<Polygon<f64>> {
        let mut rings = self.many(4, Self::line)?.into_iter();
        let exterior = rings.next().unwrap_or_else(|| LineString::new(Vec::new()));
        // unclosed rings are for `load` to say; `Polygon::new` would close them
        Some(Polygon::new(exterior, rings.collect()))
    }

    fn geometry(&mut self, depth: usize) -> Option<Geometry<f64>> {
        let depth = depth.checked_sub(1)?;
        self.little = match self.take::<1>()? {
            [0] => false,
            [1] => true,
            _ => return None,
        };
        let code = self.count()? as u32;
        let (postgis, srid) = (code >> 30, code & 0x2000_0000 != 0);
        let code = code & 0x1FFF_FFFF;
        let iso = code / 1000;
        if iso > 3 {
            return None;
        }
        self.dimensions =
            2 + usize::from(iso & 1 == 1 || postgis & 2 != 0) + usize::from(iso & 2 == 2 || postgis & 1 != 0);
        self.solid |= self.dimensions > 2;
        if srid {
            self.count()?;
        }
        Some(match code % 1000 {
            1 => Geometry::Point(self.position()?.into()),
            2 => Geometry::LineString(self.line()?),
            3 => Geometry::Polygon(self.polygon()?),
            4 => Geometry::MultiPoint(geo::MultiPoint(self.many(21, |r| match r.geometry(depth)? {
                Geometry::Point(p) => Some(p),
                _ => None,
            })?)),
            5 => Geometry::MultiLineString(geo::MultiLineString(self.many(9, |r| match r.geometry(depth)? {
                Geometry::LineString(l) => Some(l),
                _ => None,
            })?)),
            6 => Geometry::MultiPolygon(geo::MultiPolygon(self.many(9, |r| match r.geometry(depth)? {
                Geometry::Polygon(p) => Some(p),
                _ => None,
            })?)),
            7 => Geometry::GeometryCollection(geo::GeometryCollection(self.many(9, |r| r.geometry(depth))?)),
            _ => return None,
        })
    }
}
