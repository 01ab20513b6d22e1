//! How a row's geometry lies to a geometry: the standard's meaning (DE-9IM), in which borders belong to both sides. This
//! is not the half-open rule by which zones count (`geometry::Region`).

use super::expr::Spatial;
use super::locate::Locator;
use super::truth::Truth;
use crate::cancel;
use crate::columns::Bitmap;
use crate::geometry::{Bounds, overlay};
use crate::model::Geometries;
use geo::coordinate_position::CoordPos;
use geo::indexed::PreparedGeometry;
use geo::orient::Direction;
use geo::{
    Coord, Geometry, Intersects, Line, LineString, MultiLineString, MultiPoint, MultiPolygon, Orient, Point, Polygon,
    Rect, Relate,
};
use std::borrow::Cow;

impl Spatial {
    /// The relation that holds when its operands change places.
    pub(super) fn swapped(self) -> Self {
        match self {
            Self::Within => Self::Contains,
            Self::Contains => Self::Within,
            other => other,
        }
    }

    /// Whether a geometry lies so to itself.
    pub(super) fn to_itself(self) -> bool {
        matches!(self, Self::Intersects | Self::Equals | Self::Within | Self::Contains)
    }
}

impl Spatial {
    /// Whether a collection of several sorts has no answer to it.
    pub(super) fn needs_one_sort(self) -> bool {
        !matches!(self, Self::Intersects | Self::Disjoint)
    }
}

/// The geometry of a box. One that goes over the antimeridian is two; one without width is a line or a point.
pub(super) fn of_box([west, south, east, north]: [f64; 4]) -> Geometry<f64> {
    let rect = |w: f64, e: f64| Rect::new((w, south), (e, north)).to_polygon();
    if west > east {
        return MultiPolygon(vec![rect(west, 180.0), rect(-180.0, east)]).into();
    }
    let (a, b) = (Coord { x: west, y: south }, Coord { x: east, y: north });
    if a == b {
        Point(a).into()
    } else if a.x < b.x && a.y < b.y {
        rect(west, east).into()
    } else {
        LineString::from(Line::new(a, b)).into()
    }
}

/// Rings in one geometry of a filter.
pub(super) const MAX_RINGS: usize = 256;

/// How many rings a geometry has.
pub(super) fn rings(geometry: &Geometry<f64>) -> usize {
    let of = |polygon: &Polygon<f64>| 1 + polygon.interiors().len();
    match geometry {
        Geometry::Polygon(polygon) => of(polygon),
        Geometry::MultiPolygon(all) => all.iter().map(of).sum(),
        Geometry::GeometryCollection(all) => all.iter().map(rings).sum(),
        _ => 0,
    }
}

/// A collection of points, of lines or of polygons as one geometry, in which no polygons overlap; `None` for a collection
/// of several sorts, for which DE-9IM has no answer (OGC 06-103r4, 6.1.15), or whose polygons cross too often to be put
/// together. Anything else is itself.
pub(super) fn of_one_sort(geometry: &Geometry<f64>) -> Option<Cow<'_, Geometry<f64>>> {
    let Geometry::GeometryCollection(_) = geometry else { return Some(Cow::Borrowed(geometry)) };
    let (mut points, mut lines, mut polygons) = (vec![], vec![], vec![]);
    let mut open = vec![geometry];
    while let Some(g) = open.pop() {
        match g {
            Geometry::GeometryCollection(c) => open.extend(c),
            Geometry::Point(p) => points.push(*p),
            Geometry::MultiPoint(m) => points.extend(m),
            Geometry::LineString(l) => lines.push(l.clone()),
            Geometry::MultiLineString(m) => lines.extend(m.iter().cloned()),
            Geometry::Polygon(p) => polygons.push(p.clone()),
            Geometry::MultiPolygon(m) => polygons.extend(m.iter().cloned()),
            Geometry::Line(l) => lines.push(LineString::from(*l)),
            Geometry::Rect(r) => polygons.push(r.to_polygon()),
            Geometry::Triangle(t) => polygons.push(t.to_polygon()),
        }
    }
    Some(Cow::Owned(match (points.is_empty(), lines.is_empty(), polygons.is_empty()) {
        (_, true, true) => MultiPoint(points).into(),
        (true, false, true) => MultiLineString(lines).into(),
        (true, true, false) => {
            // rings that run both ways would cancel each other out
            let wound = polygons.iter().map(|p| MultiPolygon(vec![p.orient(Direction::Default)]));
            overlay::union_all(&wound.collect::<Vec<_>>()).ok()?.into()
        }
        _ => return None,
    }))
}

/// Whether `a` lies to `b` so; `None` where a collection of several sorts has no answer.
pub(super) fn lies(op: Spatial, a: &Geometry<f64>, b: &Geometry<f64>) -> Option<bool> {
    let b = if op.needs_one_sort() { of_one_sort(b)? } else { Cow::Borrowed(b) };
    Other::new(&b).related(op, a, &Bounds::of(a))
}

/// The geometry of the filter, prepared once for all rows.
pub(super) struct Other<'g> {
    geometry: &'g Geometry<f64>,
    bounds: Bounds,
    prepared: PreparedGeometry<'g, &'g Geometry<f64>, f64>,
    /// Present when the place of a point in it says all about their relation.
    locator: Option<Locator>,
}

impl<'g> Other<'g> {
    pub(super) fn new(geometry: &'g Geometry<f64>) -> Self {
        let (bounds, locator) = (Bounds::of(geometry), Locator::new(geometry));
        Self { geometry, bounds, prepared: PreparedGeometry::from(geometry), locator }
    }

    /// Decides the rows of `care`, which follow `first`: a row without geometry is unknown.
    pub(super) fn rows(&self, op: Spatial, geometries: &Geometries, first: usize, care: &Bitmap) -> Truth {
        Truth::ask(care, |i| match geometries {
            Geometries::Points { lon, lat, located } => {
                let row = first + i;
                located.contains(row).then(|| self.of_point(op, Coord { x: lon[row], y: lat[row] }))
            }
            Geometries::Any(all) => {
                cancel::check();
                all[first + i].as_ref().and_then(|g| self.related(op, g, &Bounds::of(g)))
            }
        })
    }

    fn of_point(&self, op: Spatial, at: Coord<f64>) -> bool {
        if !self.bounds.contains(at.x, at.y) {
            return op == Spatial::Disjoint;
        }
        let Some(locator) = &self.locator else {
            let bounds = Bounds { west: at.x, south: at.y, east: at.x, north: at.y };
            return self.related(op, &Point(at).into(), &bounds) == Some(true);
        };
        let place = locator.position(at);
        match op {
            Spatial::Intersects => place != CoordPos::Outside,
            Spatial::Disjoint => place == CoordPos::Outside,
            Spatial::Touches => place == CoordPos::OnBoundary,
            Spatial::Within => place == CoordPos::Inside,
            Spatial::Equals | Spatial::Overlaps | Spatial::Crosses | Spatial::Contains => false,
        }
    }

    fn related(&self, op: Spatial, a: &Geometry<f64>, bounds: &Bounds) -> Option<bool> {
        let one = if op.needs_one_sort() { of_one_sort(a)? } else { Cow::Borrowed(a) };
        if bounds.is_empty() || self.bounds.is_empty() || !bounds.intersects(&self.bounds) {
            return Some(op == Spatial::Disjoint);
        }
        match op {
            Spatial::Intersects => return Some(a.intersects(self.geometry)),
            Spatial::Disjoint => return Some(!a.intersects(self.geometry)),
            _ => {}
        }
        // the matrix is of the filter's geometry to the row's, so the relation is inverted
        let matrix = self.prepared.relate(one.as_ref());
        Some(match op.swapped() {
            Spatial::Equals => matrix.is_equal_topo(),
            Spatial::Touches => matrix.is_touches(),
            Spatial::Within => matrix.is_within(),
            Spatial::Contains => matrix.is_contains(),
            Spatial::Overlaps => matrix.is_overlaps(),
            Spatial::Crosses => matrix.is_crosses(),
            Spatial::Intersects => matrix.is_intersects(),
            Spatial::Disjoint => matrix.is_disjoint(),
        })
    }
}
