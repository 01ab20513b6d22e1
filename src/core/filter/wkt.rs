//! Geometries in CQL2 text: Well-Known Text with heights allowed (and dropped), and boxes.

use super::error::Syntax;
use super::expr::Expr;
use super::lex::{KINDS, Token};
use super::text::Parser;
use geo::{Coord, Geometry, GeometryCollection, LineString, MultiLineString, MultiPoint, MultiPolygon, Point, Polygon};
use std::fmt::{self, Write};

type Read<T> = Result<T, Syntax>;

impl Parser {
    /// Whether the word here begins a geometry: a property may be called `point` too.
    pub(super) fn begins_geometry(&self, word: &str) -> bool {
        let follows = match self.after() {
            Token::Sign(sign) => *sign == "(",
            Token::Word(w) => ["z", "m", "zm", "empty"].iter().any(|x| w.eq_ignore_ascii_case(x)),
            _ => false,
        };
        KINDS.contains(&word) && follows
    }

    /// A geometry whose kind is the word here.
    pub(super) fn geometry(&mut self, kind: &str) -> Read<Expr> {
        self.tagged(kind).map(Expr::Geometry)
    }

    fn tagged(&mut self, kind: &str) -> Read<Geometry<f64>> {
        self.next();
        for tag in ["zm", "z", "m"] {
            if self.take_word(tag) {
                break;
            }
        }
        if self.take_word("empty") {
            return Ok(empty(kind));
        }
        self.need("(")?;
        match kind {
            "point" => {
                let c = self.position()?;
                self.need(")")?;
                Ok(Point(c).into())
            }
            "linestring" => Ok(self.line()?.into()),
            "polygon" => Ok(self.polygon()?.into()),
            "multipoint" => {
                let one = |p: &mut Self| {
                    let bracket = p.take_sign("(");
                    let c = p.position()?;
                    if bracket {
                        p.need(")")?;
                    }
                    Ok(Point(c))
                };
                Ok(MultiPoint(self.list(1, one)?).into())
            }
            "multilinestring" => Ok(MultiLineString(self.list(1, |p| p.need("(").and_then(|()| p.line()))?).into()),
            "multipolygon" => Ok(MultiPolygon(self.list(1, |p| p.need("(").and_then(|()| p.polygon()))?).into()),
            _ => {
                let member = |p: &mut Self| match p.peek().clone() {
                    Token::Word(w) if p.begins_geometry(&w.to_ascii_lowercase()) => p.tagged(&w.to_ascii_lowercase()),
                    _ => p.expected("几何", "a geometry"),
                };
                Ok(Geometry::GeometryCollection(GeometryCollection(self.list(1, member)?)))
            }
        }
    }

    /// Two to four numbers, of which the first two count.
    fn position(&mut self) -> Read<Coord<f64>> {
        let (x, y) = (self.signed()?, self.signed()?);
        for _ in 0..2 {
            if !matches!(self.peek(), Token::Sign("," | ")")) {
                self.signed()?;
            }
        }
        Ok(Coord { x, y })
    }

    /// The positions of a line up to its bracket.
    fn line(&mut self) -> Read<LineString<f64>> {
        let line = LineString(self.list(1, Self::position)?);
        if line.0.len() < 2 { self.expected("至少两个位置", "at least two positions") } else { Ok(line) }
    }

    fn polygon(&mut self) -> Read<Polygon<f64>> {
        let ring = |p: &mut Self| {
            p.need("(")?;
            let ring = LineString(p.list(1, Self::position)?);
            if is_ring(&ring) { Ok(ring) } else { p.expected(RING.0, RING.1) }
        };
        Ok(polygon_of(self.list(1, ring)?))
    }

    /// Four numbers, or six with heights, up to the bracket.
    pub(super) fn bbox(&mut self) -> Read<Expr> {
        let numbers = self.list(4, Self::signed)?;
        match bbox_of(&numbers) {
            Some(b) => Ok(Expr::Bbox(b)),
            None => self.expected(BOX.0, BOX.1),
        }
    }
}

/// What a ring must be.
pub(super) const RING: (&str, &str) = ("闭合的环(至少四个位置,首尾相同)", "a closed ring of at least four positions");
/// What a box must be.
pub(super) const BOX: (&str, &str) =
    ("西、南、东、北四个数(南不大于北)", "four numbers: west, south, east, north, south not above north");

/// The box of four numbers, or of six with heights.
pub(super) fn bbox_of(numbers: &[f64]) -> Option<[f64; 4]> {
    let b = match *numbers {
        [w, s, e, n] | [w, s, _, e, n, _] => [w, s, e, n],
        _ => return None,
    };
    (b[1] <= b[3]).then_some(b)
}

/// Whether it is closed and encloses something.
pub(super) fn is_ring(ring: &LineString<f64>) -> bool {
    ring.0.len() >= 4 && ring.0.first() == ring.0.last()
}

/// The polygon of an exterior ring and holes; the empty one of no rings.
pub(super) fn polygon_of(mut rings: Vec<LineString<f64>>) -> Polygon<f64> {
    if rings.is_empty() {
        return Polygon::empty();
    }
    let exterior = rings.remove(0);
    Polygon::new(exterior, rings)
}

fn empty(kind: &str) -> Geometry<f64> {
    match kind {
        "linestring" => LineString::empty().into(),
        "polygon" => Polygon::empty().into(),
        "multipoint" => MultiPoint(vec![]).into(),
        "multilinestring" => MultiLineString(vec![]).into(),
        "multipolygon" => MultiPolygon(vec![]).into(),
        // there is no empty point: a collection of nothing is as good
        _ => Geometry::GeometryCollection(GeometryCollection(vec![])),
    }
}

/// Writes a geometry as Well-Known Text.
pub(super) fn write(f: &mut fmt::Formatter<'_>, geometry: &Geometry<f64>) -> fmt::Result {
    let out = &mut Writer { f };
    match geometry {
        Geometry::Point(p) => out.tagged("POINT", &[p.0], |o, c| o.position(*c)),
        Geometry::LineString(l) => out.tagged("LINESTRING", &l.0, |o, c| o.position(*c)),
        Geometry::Polygon(p) => out.tagged("POLYGON", &rings(p), |o, r| o.list(&r.0, |o, c| o.position(*c))),
        Geometry::MultiPoint(m) => out.tagged("MULTIPOINT", &m.0, |o, p| o.list(&[p.0], |o, c| o.position(*c))),
        Geometry::MultiLineString(m) => out.tagged("MULTILINESTRING", &m.0, |o, l| o.list(&l.0, |o, c| o.position(*c))),
        Geometry::MultiPolygon(m) => {
            out.tagged("MULTIPOLYGON", &m.0, |o, p| o.list(&rings(p), |o, r| o.list(&r.0, |o, c| o.position(*c))))
        }
        Geometry::GeometryCollection(c) => out.tagged("GEOMETRYCOLLECTION", &c.0, |o, g| write(o.f, g)),
        Geometry::Line(l) => write(out.f, &LineString::from(*l).into()),
        Geometry::Rect(r) => write(out.f, &r.to_polygon().into()),
        Geometry::Triangle(t) => write(out.f, &t.to_polygon().into()),
    }
}

/// The rings of a polygon, the exterior first; none of an empty one.
pub(super) fn rings(p: &Polygon<f64>) -> Vec<LineString<f64>> {
    let all = std::iter::once(p.exterior()).chain(p.interiors());
    all.filter(|r| !r.0.is_empty()).cloned().collect()
}

struct Writer<'a, 'b> {
    f: &'a mut fmt::Formatter<'b>,
}

impl Writer<'_, '_> {
    fn tagged<T>(&mut self, tag: &str, items: &[T], write: impl Fn(&mut Self, &T) -> fmt::Result) -> fmt::Result {
        self.f.write_str(tag)?;
        if items.is_empty() { self.f.write_str(" EMPTY") } else { self.list(items, write) }
    }

    fn list<T>(&mut self, items: &[T], write: impl Fn(&mut Self, &T) -> fmt::Result) -> fmt::Result {
        self.f.write_char('(')?;
        for (i, item) in items.iter().enumerate() {
            if i > 0 {
                self.f.write_char(',')?;
            }
            write(self, item)?;
        }
        self.f.write_char(')')
    }

    fn position(&mut self, c: Coord<f64>) -> fmt::Result {
        write!(self.f, "{} {}", c.x, c.y)
    }
}
