//! What lies within a distance of a geometry, as polygons (OGC: buffer). Each edge gives the part within the distance of it, its
//! corners set out by geodesics from the edge itself, so that no projection stretches a long line; then the parts are put together,
//! neighbours first, so that what crosses stays little.

use super::measure::{self, METRES_PER_DEGREE};
use super::overlay::{self, OverlayError};
use crate::cancel;
use geo::orient::Direction;
use geo::{Coord, Destination, Geodesic, Geometry, MultiPolygon, Orient, Point, Polygon, Translate};

/// Corners of half a circle around the end of an edge: the part is at most 0.04 % nearer between them.
const HALF_CIRCLE: u32 = 60;
/// The longest edge that is one part, in degrees and as a share of the distance, whichever is longer: bearings change along an edge.
const LONGEST: (f64, f64) = (0.1, 0.125);
/// Vertices may be left out where the line moves by no more than this share of the distance.
const MOVED: f64 = 0.001;
/// Parts that are put together at once.
const AT_ONCE: usize = 4;
/// WGS 84: first eccentricity squared.
const SQUARE: f64 = 0.006_694_379_990_141_316_5;

/// Why there is no buffer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum BufferError {
    /// More edges than are put together, after all that may be left out was.
    Edges {
        /// Edges found.
        found: usize,
        /// Edges allowed.
        limit: usize,
    },
    /// Its parts cross too often.
    Overlay(OverlayError),
}

impl From<OverlayError> for BufferError {
    fn from(e: OverlayError) -> Self {
        Self::Overlay(e)
    }
}

/// All that lies within `metres` of a geometry in degrees, within -180..180 degrees, of at most so many edges.
pub fn buffer(geometry: &Geometry<f64>, metres: f64, limit: usize) -> Result<MultiPolygon<f64>, BufferError> {
    let mut found = Found { metres, limit, edges: 0, parts: vec![] };
    found.take(geometry)?;
    let mut parts = found.parts;
    while parts.len() > 1 {
        let together = parts.chunks(AT_ONCE).map(|some| {
            cancel::check();
            overlay::union_all(some)
        });
        parts = together.collect::<Result<_, _>>()?;
    }
    Ok(parts.pop().unwrap_or(MultiPolygon(vec![])))
}

/// The parts, as they are found.
struct Found {
    metres: f64,
    limit: usize,
    edges: usize,
    parts: Vec<MultiPolygon<f64>>,
}

impl Found {
    fn take(&mut self, geometry: &Geometry<f64>) -> Result<(), BufferError> {
        match geometry {
            Geometry::Point(p) => self.around(p.0),
            Geometry::MultiPoint(all) => all.iter().try_for_each(|p| self.around(p.0)),
            Geometry::Line(l) => self.along(&[l.start, l.end]),
            Geometry::LineString(l) => self.along(&l.0),
            Geometry::MultiLineString(all) => all.iter().try_for_each(|l| self.along(&l.0)),
            Geometry::Polygon(p) => self.over(p),
            Geometry::MultiPolygon(all) => all.iter().try_for_each(|p| self.over(p)),
            Geometry::Rect(r) => self.over(&r.to_polygon()),
            Geometry::Triangle(t) => self.over(&t.to_polygon()),
            Geometry::GeometryCollection(all) => all.iter().try_for_each(|g| self.take(g)),
        }
    }

    fn over(&mut self, polygon: &Polygon<f64>) -> Result<(), BufferError> {
        // what is left out of the border is kept by the polygon itself; a hole is one however the file winds it
        self.parts.push(MultiPolygon(vec![polygon.orient(Direction::Default)]));
        std::iter::once(polygon.exterior()).chain(polygon.interiors()).try_for_each(|ring| self.along(&ring.0))
    }

    fn along(&mut self, line: &[Coord<f64>]) -> Result<(), BufferError> {
        let line = fewer(line, self.metres * MOVED);
        let longest = LONGEST.0.max(LONGEST.1 * self.metres / METRES_PER_DEGREE);
        for ends in line.windows(2) {
            let (from, step) = (ends[0], ends[1] - ends[0]);
            let count = (step.x.abs().max(step.y.abs()) / longest).ceil().max(1.0);
            let at = |i: f64| from + step * (i / count);
            for i in 0..count as u32 {
                let i = f64::from(i);
                let part = around_edge(at(i), at(i + 1.0), step, self.metres);
                self.add(&part, at(i).x)?;
            }
        }
        // all of it lies in one place
        if let [only] = line[..] { self.around(only) } else { Ok(()) }
    }

    fn around(&mut self, center: Coord<f64>) -> Result<(), BufferError> {
        self.add(&measure::circle(center, self.metres), center.x)
    }

    fn add(&mut self, part: &Polygon<f64>, near: f64) -> Result<(), BufferError> {
        self.edges += 1;
        if self.edges > self.limit {
            return Err(BufferError::Edges { found: self.edges, limit: self.limit });
        }
        if self.edges.is_multiple_of(64) {
            cancel::check();
        }
        self.parts.push(in_world(MultiPolygon(vec![unwrapped(part, near)]))?);
        Ok(())
    }
}

/// What lies within some metres of an edge, wound as RFC 7946 says; `step` is its direction in degrees.
fn around_edge(start: Coord<f64>, end: Coord<f64>, step: Coord<f64>, metres: f64) -> Polygon<f64> {
    let half = |center: Coord<f64>, right: f64| {
        let corner = move |i: u32| {
            let bearing = right - 180.0 * f64::from(i) / f64::from(HALF_CIRCLE);
            Coord::from(Geodesic.destination(Point(center), bearing.rem_euclid(360.0), metres))
        };
        (0..=HALF_CIRCLE).map(corner)
    };
    let ahead = half(end, bearing(end, step) + 90.0);
    Polygon::new(ahead.chain(half(start, bearing(start, step) - 90.0)).collect(), vec![])
}

/// Degrees from north, clockwise, of a direction in degrees of longitude and latitude.
fn bearing(at: Coord<f64>, step: Coord<f64>) -> f64 {
    let sin = at.y.to_radians().sin();
    // the radii of curvature across and along the meridian, without what they have in common
    let (east, north) = (step.x * at.y.to_radians().cos(), step.y * (1.0 - SQUARE) / (1.0 - SQUARE * sin * sin));
    east.atan2(north).to_degrees()
}

/// A line with fewer vertices, moved by no more than some metres (Douglas and Peucker 1973); one position where it is no longer
/// than that anywhere.
fn fewer(line: &[Coord<f64>], metres: f64) -> Vec<Coord<f64>> {
    let nearest = line.iter().map(|c| c.y.abs()).fold(90.0, f64::min);
    let scale = nearest.to_radians().cos();
    let flat = |c: Coord<f64>| Coord { x: c.x * scale * METRES_PER_DEGREE, y: c.y * METRES_PER_DEGREE };
    let Some(last) = line.len().checked_sub(1) else { return vec![] };
    let mut kept = vec![false; line.len()];
    (kept[0], kept[last]) = (true, true);
    let mut open = vec![(0, last)];
    while let Some((first, last)) = open.pop() {
        cancel::check();
        let (a, b) = (flat(line[first]), flat(line[last]));
        let far = |i: usize| (from_edge(flat(line[i]), a, b), i);
        let farthest = (first + 1..last).map(far).max_by(|one, other| one.0.total_cmp(&other.0));
        if let Some((_, middle)) = farthest.filter(|(far, _)| *far > metres) {
            kept[middle] = true;
            open.extend([(first, middle), (middle, last)]);
        }
    }
    let mut rest: Vec<Coord<f64>> = line.iter().zip(kept).filter(|(_, kept)| *kept).map(|(c, _)| *c).collect();
    rest.dedup();
    rest
}

fn from_edge(p: Coord<f64>, a: Coord<f64>, b: Coord<f64>) -> f64 {
    let (edge, to) = (b - a, p - a);
    let square = edge.x * edge.x + edge.y * edge.y;
    let along = if square > 0.0 { ((to.x * edge.x + to.y * edge.y) / square).clamp(0.0, 1.0) } else { 0.0 };
    (to - edge * along).x.hypot((to - edge * along).y)
}

/// A polygon's corners near a place in longitude: a geodesic that passes 180 degrees comes back at -180.
pub fn unwrapped(polygon: &Polygon<f64>, near: f64) -> Polygon<f64> {
    use geo::MapCoords;
    polygon.map_coords(|c| Coord { x: c.x - 360.0 * ((c.x - near) / 360.0).round(), y: c.y })
}

/// The parts of a polygon, each moved into -180..180 degrees.
pub fn in_world(polygon: MultiPolygon<f64>) -> Result<MultiPolygon<f64>, OverlayError> {
    use geo::CoordsIter;
    if polygon.coords_iter().all(|c| c.x.abs() <= 180.0) {
        return Ok(polygon);
    }
    let world = MultiPolygon(vec![geo::Rect::new((-180.0, -90.0), (180.0, 90.0)).to_polygon()]);
    let moved = |x: f64| overlay::intersection(&polygon.translate(x, 0.0), &world);
    let parts = [-360.0, 0.0, 360.0].into_iter().map(moved).collect::<Result<Vec<_>, _>>()?;
    Ok(parts.into_iter().flatten().collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geometry::Region;
    use geo::{Distance, LineString, line_string};
    use proptest::prelude::*;

    /// Metres from a point to a line of degrees: by geodesics to places along it, so close that between them nothing is missed.
    fn sampled(p: Coord<f64>, line: &[Coord<f64>]) -> f64 {
        let far = |c: Coord<f64>| Geodesic.distance(Point(p), Point(c));
        let of_edge = |ends: &[Coord<f64>]| {
            let at = |t: f64| ends[0] + (ends[1] - ends[0]) * t;
            // coarsely, then finely around the best
            let coarse =
                (0..=400).map(|i| f64::from(i) / 400.0).min_by(|a, b| far(at(*a)).total_cmp(&far(at(*b)))).unwrap();
            let fine = (-100..=100).map(|i| (coarse + f64::from(i) / 40_000.0).clamp(0.0, 1.0));
            fine.map(|t| far(at(t))).fold(f64::INFINITY, f64::min)
        };
        line.windows(2).map(of_edge).fold(f64::INFINITY, f64::min)
    }

    fn line() -> impl Strategy<Value = (Vec<Coord<f64>>, f64)> {
        let corner = (-1.0f64..1.0, -1.0f64..1.0);
        let corners = proptest::collection::vec(corner, 2..7);
        // one that passes the antimeridian is cut there before it comes here
        (-175.0f64..175.0, -75.0f64..75.0, 0.01f64..3.0, corners, 50.0f64..100_000.0).prop_map(
            |(x, y, size, all, metres)| {
                (all.into_iter().map(|(dx, dy)| Coord { x: x + dx * size, y: y + dy * size }).collect(), metres)
            },
        )
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]
        #[test]
        fn a_point_is_inside_where_its_geodesic_to_the_line_is_shorter((line, metres) in line(), at in proptest::collection::vec((0.0f64..1.0, 0.0f64..360.0, 0.0f64..2.0), 30)) {
            let inside = Region::new(&buffer(&LineString(line.clone()).into(), metres, 10_000).unwrap());
            for (along, bearing, share) in at {
                let edges = line.len() - 1;
                let edge = ((along * edges as f64) as usize).min(edges - 1);
                let on = line[edge] + (line[edge + 1] - line[edge]) * (along * edges as f64 - edge as f64);
                let p = Coord::from(Geodesic.destination(Point(on), bearing, metres * share));
                if p.x.abs() > 180.0 || p.y.abs() > 85.0 {
                    continue;
                }
                let far = sampled(p, &line);
                if far < metres * 0.995 {
                    prop_assert!(inside.contains(p.x, p.y), "{far} m of {metres} m from {line:?}: {p:?} is outside");
                }
                if far > metres * 1.005 {
                    prop_assert!(!inside.contains(p.x, p.y), "{far} m of {metres} m from {line:?}: {p:?} is inside");
                }
            }
        }
    }

    #[test]
    fn a_straight_corridor_has_its_area() {
        // along a meridian: 2 * 2 km on both sides of some 55.4 km, and two half circles
        let line = line_string![(x: 120.0, y: 30.0), (x: 120.0, y: 30.5)];
        let length = Geodesic.distance(Point::new(120.0, 30.0), Point::new(120.0, 30.5));
        let expected = (length * 4000.0 + std::f64::consts::PI * 4e6) / 1e6;
        let area = measure::area_km2(&buffer(&line.into(), 2000.0, 100).unwrap());
        assert!((area / expected - 1.0).abs() < 0.001, "{area} {expected}");
    }

    #[test]
    fn holes_smaller_than_the_distance_are_filled_and_larger_ones_are_kept() {
        let ring = |r: f64| -> LineString<f64> {
            let at = |i: u32| f64::from(i) * std::f64::consts::TAU / 100.0;
            (0..=100).map(|i| (120.0 + r * at(i).cos(), 30.0 + r * at(i).sin())).collect()
        };
        let found = |metres| buffer(&Polygon::new(ring(0.2), vec![ring(0.1)]).into(), metres, 10_000).unwrap();
        let (narrow, wide) = (found(2000.0), found(12_000.0));
        assert_eq!((narrow.0.len(), narrow.0[0].interiors().len()), (1, 1));
        assert_eq!((wide.0.len(), wide.0[0].interiors().len()), (1, 0));
        // two shores of a lake 3 km wide
        let apart = MultiPolygon(vec![
            Polygon::new(ring(0.001), vec![]),
            Polygon::new(ring(0.001), vec![]).translate(0.03, 0.0),
        ]);
        assert_eq!(buffer(&apart.clone().into(), 1000.0, 1000).unwrap().0.len(), 2);
        assert_eq!(buffer(&apart.into(), 1500.0, 1000).unwrap().0.len(), 1);
    }

    #[test]
    fn over_the_antimeridian_it_lies_on_both_sides_and_counts_once() {
        let halves = geo::MultiLineString(vec![
            line_string![(x: 179.9, y: 10.0), (x: 180.0, y: 10.0)],
            line_string![(x: -180.0, y: 10.0), (x: -179.9, y: 10.0)],
        ]);
        let found = buffer(&halves.into(), 5000.0, 100).unwrap();
        assert!(found.0.iter().flat_map(|p| p.exterior().coords()).all(|c| c.x.abs() <= 180.0));
        let line = line_string![(x: 9.9, y: 10.0), (x: 10.1, y: 10.0)];
        let alike = measure::area_km2(&buffer(&line.into(), 5000.0, 100).unwrap());
        assert!((measure::area_km2(&found) / alike - 1.0).abs() < 1e-4);
    }

    #[test]
    fn many_vertices_are_fewer_before_they_are_put_together_and_too_many_are_refused() {
        let wave = |n: u32| -> LineString<f64> {
            let x = |i: u32| f64::from(i) / f64::from(n);
            (0..=n).map(|i| (120.0 + x(i), 30.0 + 1e-6 * (x(i) * 9e3).sin())).collect()
        };
        assert!(buffer(&wave(50_000).into(), 2000.0, 20).is_ok(), "ten parts of a tenth of a degree, and no more");
        let zigzag: LineString<f64> =
            (0..2000).map(|i| (120.0 + f64::from(i) * 1e-3, 30.0 + f64::from(i % 2) * 0.01)).collect();
        assert_eq!(buffer(&zigzag.into(), 500.0, 1000), Err(BufferError::Edges { found: 1001, limit: 1000 }));
    }
}
