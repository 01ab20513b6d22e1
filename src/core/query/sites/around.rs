//! How many features lie within a distance of a site, and how far the nearest is.

use crate::cancel;
use crate::geometry::measure;
use crate::query::selection::Selection;
use crate::stats::plane::Plane;
use geo::{BoundingRect, Coord, Distance, Euclidean, Geometry, Line, MapCoords, Point, Polygon};
use rstar::primitives::{GeomWithData, Rectangle};
use rstar::{AABB, RTree};

/// A radius in metres within which the first search for the nearest looks.
const FIRST_LOOK: f64 = 1000.0;
/// Half the way around the earth: what is further is nowhere.
const FURTHEST: f64 = 2.1e7;

/// A part of a feature: lines are cut into their segments, so that the boxes are small.
enum Part {
    Point(Coord<f64>),
    Segment(Line<f64>),
    Area(Box<Polygon<f64>>),
}

type Boxed = GeomWithData<Rectangle<[f64; 2]>, u32>;

/// Features by their places, in degrees.
pub(super) struct Around {
    parts: Vec<Part>,
    tree: RTree<Boxed>,
}

impl Around {
    /// The geometries of rows as they are.
    pub(super) fn shapes(rows: &Selection) -> Self {
        let mut parts = Vec::new();
        for (place, row) in rows.rows().iter().enumerate() {
            if place.is_multiple_of(1 << 12) {
                cancel::check();
            }
            if let Some(geometry) = rows.table().geometries.value(*row as usize) {
                cut(&geometry, &mut parts);
            }
        }
        Self::new(parts)
    }

    /// One point for each row.
    pub(super) fn points(rows: &Selection) -> Self {
        let points = rows.rows().iter().filter_map(|row| position(rows, *row as usize));
        Self::new(points.map(|at| Part::Point(Coord { x: at[0], y: at[1] })).collect())
    }

    fn new(parts: Vec<Part>) -> Self {
        let boxed = |(part, number): (&Part, u32)| {
            let rect = match part {
                Part::Point(at) => [[at.x, at.y]; 2],
                Part::Segment(line) => {
                    let rect = line.bounding_rect();
                    [[rect.min().x, rect.min().y], [rect.max().x, rect.max().y]]
                }
                Part::Area(polygon) => {
                    let rect = polygon.bounding_rect()?;
                    [[rect.min().x, rect.min().y], [rect.max().x, rect.max().y]]
                }
            };
            Some(Boxed::new(Rectangle::from_corners(rect[0], rect[1]), number))
        };
        let tree = RTree::bulk_load(parts.iter().zip(0..).filter_map(boxed).collect());
        Self { parts, tree }
    }

    /// Features by points within a distance of a position.
    pub(super) fn within(&self, at: [f64; 2], metres: f64) -> usize {
        let plane = Plane::at(at);
        let is_near = |part: &&Part| match part {
            Part::Point(at) => is_within(plane.metres([at.x, at.y]), metres),
            _ => far(part, &plane) <= metres,
        };
        self.near(&plane, metres).filter(is_near).count()
    }

    /// Metres to the nearest, `None` where there is none. `guess` is a radius that is likely to hold it.
    pub(super) fn nearest(&self, at: [f64; 2], guess: Option<f64>) -> Option<f64> {
        let plane = Plane::at(at);
        let nearest = |radius: f64| self.near(&plane, radius).map(|part| far(part, &plane)).reduce(f64::min);
        let mut radius = guess.unwrap_or(FIRST_LOOK).clamp(1.0, FURTHEST);
        loop {
            // a box holds what is further than its sides, too: then one more look at what lies nearer
            match nearest(radius) {
                Some(found) if found <= radius => return Some(found),
                Some(found) => return nearest(found),
                None if radius >= FURTHEST => return None,
                None => radius = (radius * 4.0).min(FURTHEST),
            }
        }
    }

    /// The parts whose boxes meet a square about the middle of a plane.
    fn near(&self, plane: &Plane, metres: f64) -> impl Iterator<Item = &Part> {
        // a little more than the distance: the corners of the square are rounded
        let side = metres * (1.0 + 1e-9) + 1e-3;
        let square = AABB::from_corners(plane.degrees([-side, -side]), plane.degrees([side, side]));
        self.tree.locate_in_envelope_intersecting(square).map(|boxed| &self.parts[boxed.data as usize])
    }
}

/// A geometry as parts.
fn cut(geometry: &Geometry<f64>, out: &mut Vec<Part>) {
    match geometry {
        Geometry::Point(point) => out.push(Part::Point(point.0)),
        Geometry::MultiPoint(points) => out.extend(points.iter().map(|point| Part::Point(point.0))),
        Geometry::Line(line) => out.push(Part::Segment(*line)),
        Geometry::LineString(line) => out.extend(line.lines().map(Part::Segment)),
        Geometry::MultiLineString(lines) => {
            out.extend(lines.iter().flat_map(geo::LineString::lines).map(Part::Segment));
        }
        Geometry::Polygon(polygon) => out.push(Part::Area(Box::new(polygon.clone()))),
        Geometry::MultiPolygon(polygons) => out.extend(polygons.iter().cloned().map(Box::new).map(Part::Area)),
        Geometry::Rect(rect) => out.push(Part::Area(Box::new(rect.to_polygon()))),
        Geometry::Triangle(triangle) => out.push(Part::Area(Box::new(triangle.to_polygon()))),
        Geometry::GeometryCollection(all) => all.iter().for_each(|geometry| cut(geometry, out)),
    }
}

/// Whether a place is within a distance of the middle of a plane, as by [`f64::hypot`]: squares say so unless both are as good as equal.
fn is_within([x, y]: [f64; 2], metres: f64) -> bool {
    let (found, wanted) = (x * x + y * y, metres * metres);
    if (found - wanted).abs() > wanted * 1e-12 { found < wanted } else { x.hypot(y) <= metres }
}

/// Metres from the middle of a plane.
fn far(part: &Part, plane: &Plane) -> f64 {
    let metres = |at: Coord<f64>| {
        let [x, y] = plane.metres([at.x, at.y]);
        Coord { x, y }
    };
    let middle = Point::new(0.0, 0.0);
    match part {
        Part::Point(at) => {
            let at = metres(*at);
            at.x.hypot(at.y)
        }
        Part::Segment(line) => Euclidean.distance(&middle, &line.map_coords(metres)),
        Part::Area(polygon) => Euclidean.distance(&middle, &polygon.map_coords(metres)),
    }
}

/// Where a row lies: its point, or the one that stands for it.
pub(super) fn position(rows: &Selection, row: usize) -> Option<[f64; 2]> {
    let geometries = &rows.table().geometries;
    let shape = || geometries.value(row).as_ref().and_then(measure::representative_point);
    geometries.point(row).or_else(shape).map(|at| [at.x, at.y])
}

#[cfg(test)]
mod tests {
    use super::is_within;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn squares_say_what_the_distance_says(metres in 1.0..1e5f64, angle in 0.0..7.0f64, part in -4i32..5, whole in 0.0..3.0f64) {
            // far from the circle, and as near to it as numbers are
            for radius in [metres * whole, metres * (1.0 + f64::from(part) * f64::EPSILON)] {
                let [x, y] = [radius * angle.cos(), radius * angle.sin()];
                prop_assert_eq!(is_within([x, y], metres), x.hypot(y) <= metres);
            }
        }
    }
}
