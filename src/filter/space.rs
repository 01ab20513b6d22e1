//! How a row's geometry lies to a geometry: the standard's meaning (DE-9IM), in which borders belong to both sides. This
//! is not the half-open rule by which zones count (`geometry::Region`).

use super::expr::Spatial;
use super::truth::Truth;
use crate::columns::Bitmap;
use crate::geometry::Bounds;
use crate::model::Geometries;
use geo::coordinate_position::{CoordPos, CoordinatePosition};
use geo::indexed::PreparedGeometry;
use geo::{Coord, Geometry, Intersects, Line, LineString, MultiPolygon, Point, Rect, Relate};

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

/// Whether `a` lies to `b` so.
pub(super) fn lies(op: Spatial, a: &Geometry<f64>, b: &Geometry<f64>) -> bool {
    Other::new(b).related(op, a, &Bounds::of(a))
}

/// Decides the rows of `care`: a row without geometry is unknown.
pub(super) fn rows(op: Spatial, geometries: &Geometries, other: &Geometry<f64>, care: &Bitmap) -> Truth {
    let n = care.len();
    let other = Other::new(other);
    let mut out = Truth::none(n);
    match geometries {
        Geometries::Points { lon, lat, located } => {
            for row in care.iter() {
                if !located.contains(row) {
                    out.unknown.insert(row);
                } else if other.of_point(op, Coord { x: lon[row], y: lat[row] }) {
                    out.yes.insert(row);
                }
            }
        }
        Geometries::Any(all) => {
            for row in care.iter() {
                match &all[row] {
                    None => out.unknown.insert(row),
                    Some(g) if other.related(op, g, &Bounds::of(g)) => out.yes.insert(row),
                    Some(_) => {}
                }
            }
        }
    }
    out
}

/// The geometry of the filter, prepared once for all rows.
struct Other<'g> {
    geometry: &'g Geometry<f64>,
    bounds: Bounds,
    prepared: PreparedGeometry<'g, &'g Geometry<f64>, f64>,
    /// Whether the place of a point in it says all about their relation.
    plain: bool,
}

impl<'g> Other<'g> {
    fn new(geometry: &'g Geometry<f64>) -> Self {
        let plain = matches!(geometry, Geometry::Polygon(_) | Geometry::MultiPolygon(_));
        Self { geometry, bounds: Bounds::of(geometry), prepared: PreparedGeometry::from(geometry), plain }
    }

    fn of_point(&self, op: Spatial, at: Coord<f64>) -> bool {
        if !self.bounds.contains(at.x, at.y) {
            return op == Spatial::Disjoint;
        }
        if !self.plain {
            return self.related(op, &Point(at).into(), &Bounds { west: at.x, south: at.y, east: at.x, north: at.y });
        }
        let place = self.geometry.coordinate_position(&at);
        match op {
            Spatial::Intersects => place != CoordPos::Outside,
            Spatial::Disjoint => place == CoordPos::Outside,
            Spatial::Touches => place == CoordPos::OnBoundary,
            Spatial::Within => place == CoordPos::Inside,
            Spatial::Equals | Spatial::Overlaps | Spatial::Crosses | Spatial::Contains => false,
        }
    }

    fn related(&self, op: Spatial, a: &Geometry<f64>, bounds: &Bounds) -> bool {
        if bounds.is_empty() || self.bounds.is_empty() || !bounds.intersects(&self.bounds) {
            return op == Spatial::Disjoint;
        }
        match op {
            Spatial::Intersects => return a.intersects(self.geometry),
            Spatial::Disjoint => return !a.intersects(self.geometry),
            _ => {}
        }
        // the matrix is of the filter's geometry to the row's, so the relation is asked the other way round
        let matrix = self.prepared.relate(a);
        match op.swapped() {
            Spatial::Equals => matrix.is_equal_topo(),
            Spatial::Touches => matrix.is_touches(),
            Spatial::Within => matrix.is_within(),
            Spatial::Contains => matrix.is_contains(),
            Spatial::Overlaps => matrix.is_overlaps(),
            Spatial::Crosses => matrix.is_crosses(),
            Spatial::Intersects => matrix.is_intersects(),
            Spatial::Disjoint => matrix.is_disjoint(),
        }
    }
}
