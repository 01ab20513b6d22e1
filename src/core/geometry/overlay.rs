//! Union, intersection and difference of polygons. Each crossing of two edges makes both of them two, so that a few
//! thousand vertices can become millions of edges: crossings are counted first, and an overlay that would cost too much
//! is refused before it is begun.

use crate::cancel;
use geo::{BooleanOps, Coord, Geometry, LineString, MultiPolygon, OpType, Polygon};
use thiserror::Error;

/// Crossings of edges in one overlay; each takes some 200 bytes and some microseconds.
pub const MAX_CROSSINGS: usize = 100_000;
/// Pairs of edges that are compared for one overlay: so many, and so many more for each edge.
const MAX_PAIRS: (usize, usize) = (10_000_000, 1000);

/// An overlay that is not begun.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum OverlayError {
    /// The edges cross too often. Counting stops beyond the limit.
    #[error("more than {found} crossings, at most {limit}")]
    Crossings {
        /// Crossings found.
        found: usize,
        /// Crossings allowed.
        limit: usize,
    },
    /// Too many edges lie side by side to be compared.
    #[error("{edges} edges lie too close together")]
    Edges {
        /// Edges in all.
        edges: usize,
    },
}

type Area = MultiPolygon<f64>;

/// What is in either.
pub fn union(a: &Area, b: &Area) -> Result<Area, OverlayError> {
    overlay(a, b, OpType::Union)
}

/// What is in both.
pub fn intersection(a: &Area, b: &Area) -> Result<Area, OverlayError> {
    overlay(a, b, OpType::Intersection)
}

/// What is in the first and not in the second.
pub fn difference(a: &Area, b: &Area) -> Result<Area, OverlayError> {
    overlay(a, b, OpType::Difference)
}

/// A polygon whose border may cross itself, by the even-odd rule.
pub fn even_odd(area: &Area) -> Result<Area, OverlayError> {
    overlay(area, &MultiPolygon(vec![]), OpType::Union)
}

/// What is in any of them, each wound as RFC 7946 says.
pub fn union_all<'a>(areas: impl IntoIterator<Item = &'a Area>) -> Result<Area, OverlayError> {
    let areas: Vec<&Area> = areas.into_iter().collect();
    affordable(&areas)?;
    Ok(geo::unary_union(areas))
}

fn overlay(a: &Area, b: &Area, op: OpType) -> Result<Area, OverlayError> {
    affordable(&[a, b])?;
    Ok(a.boolean_op(b, op))
}

/// An edge with its box.
struct Edge {
    low: [f64; 2],
    high: [f64; 2],
    ends: [Coord<f64>; 2],
}

impl Edge {
    fn new(start: Coord<f64>, end: Coord<f64>) -> Self {
        let (low, high) = ([start.x.min(end.x), start.y.min(end.y)], [start.x.max(end.x), start.y.max(end.y)]);
        Self { low, high, ends: [start, end] }
    }

    /// Whether one of the two is cut by the other. Edges that are the same, or go on from each other, are not.
    fn is_cut_by(&self, other: &Self) -> bool {
        let ([a, b], [c, d]) = (self.ends, other.ends);
        if (a == c && b == d) || (a == d && b == c) {
            return false;
        }
        let (of_c, of_d) = (side(a, b, c), side(a, b, d));
        if of_c * of_d > 0.0 {
            return false;
        }
        let (of_a, of_b) = (side(c, d, a), side(c, d, b));
        if of_a * of_b > 0.0 {
            return false;
        }
        let together = a == c || a == d || b == c || b == d;
        // an end in common is no crossing, unless they lie along each other: then boxes overlap by more than that end
        !together || (of_c == 0.0 && of_d == 0.0 && self.along(other))
    }

    fn along(&self, other: &Self) -> bool {
        (0..2).any(|axis| self.low[axis].max(other.low[axis]) < self.high[axis].min(other.high[axis]))
    }
}

/// Left or right of a line; rounding decides where it is close, which a bound can bear.
fn side(a: Coord<f64>, b: Coord<f64>, p: Coord<f64>) -> f64 {
    (b.x - a.x) * (p.y - a.y) - (b.y - a.y) * (p.x - a.x)
}

/// Refuses areas whose edges cross each other, or themselves, too often for an overlay.
fn affordable(areas: &[&Area]) -> Result<(), OverlayError> {
    let mut edges = Vec::new();
    areas.iter().flat_map(|a| &a.0).for_each(|polygon| add_rings(polygon, &mut edges));
    count(edges)
}

/// Refuses a geometry whose edges cross each other too often: relations of geometries split edges as overlays do.
pub fn relatable(geometry: &Geometry<f64>) -> Result<(), OverlayError> {
    let (mut edges, mut open) = (Vec::new(), vec![geometry]);
    while let Some(next) = open.pop() {
        match next {
            Geometry::GeometryCollection(all) => open.extend(all),
            Geometry::Polygon(polygon) => add_rings(polygon, &mut edges),
            Geometry::MultiPolygon(all) => all.iter().for_each(|polygon| add_rings(polygon, &mut edges)),
            Geometry::LineString(line) => add_line(line, &mut edges),
            Geometry::MultiLineString(all) => all.iter().for_each(|line| add_line(line, &mut edges)),
            // no edges, or too few to cross
            _ => {}
        }
    }
    count(edges)
}

fn add_rings(polygon: &Polygon<f64>, edges: &mut Vec<Edge>) {
    std::iter::once(polygon.exterior()).chain(polygon.interiors()).for_each(|ring| add_line(ring, edges));
}

fn add_line(line: &LineString<f64>, edges: &mut Vec<Edge>) {
    edges.extend(line.0.windows(2).filter(|e| e[0] != e[1]).map(|e| Edge::new(e[0], e[1])));
}

/// Counts crossings by a sweep along the axis on which fewer edges lie side by side, which ends at the limit.
fn count(mut edges: Vec<Edge>) -> Result<(), OverlayError> {
    let spread = |axis: usize| {
        let low = edges.iter().map(|e| e.low[axis]).fold(f64::INFINITY, f64::min);
        let high = edges.iter().map(|e| e.high[axis]).fold(f64::NEG_INFINITY, f64::max);
        edges.iter().map(|e| e.high[axis] - e.low[axis]).sum::<f64>() / (high - low).max(f64::MIN_POSITIVE)
    };
    let (along, across) = if spread(0) <= spread(1) { (0, 1) } else { (1, 0) };
    edges.sort_unstable_by(|a, b| a.low[along].total_cmp(&b.low[along]));
    let (mut found, mut left) = (0, MAX_PAIRS.0 + MAX_PAIRS.1 * edges.len());
    for (i, one) in edges.iter().enumerate() {
        cancel::check();
        let (near, mut seen) = (edges[i + 1..].iter().take_while(|other| other.low[along] <= one.high[along]), 0);
        for other in near {
            seen += 1;
            let apart = other.low[across] > one.high[across] || other.high[across] < one.low[across];
            if apart || !one.is_cut_by(other) {
                continue;
            }
            found += 1;
            if found > MAX_CROSSINGS {
                return Err(OverlayError::Crossings { found, limit: MAX_CROSSINGS });
            }
        }
        left = left.checked_sub(seen).ok_or(OverlayError::Edges { edges: edges.len() })?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use geo::LinesIter;
    use geo::line_intersection::{LineIntersection, line_intersection};
    use proptest::prelude::*;

    /// A star of `n` corners, each edge going nearly straight through the middle.
    fn star(n: usize) -> Area {
        let step = n / 2 - 1;
        let at = |i: usize| {
            let a = std::f64::consts::TAU * ((i * step) % n) as f64 / n as f64;
            Coord { x: 120.0 + 0.1 * a.cos(), y: 30.0 + 0.1 * a.sin() }
        };
        MultiPolygon(vec![Polygon::new((0..=n).map(at).collect::<LineString<f64>>(), vec![])])
    }

    /// Strips that lie over all of those of a comb turned by a quarter.
    fn comb(n: usize, upright: bool) -> Area {
        let strip = |i: usize| {
            let (a, b) = (i as f64 / n as f64, (i as f64 + 0.5) / n as f64);
            let ring = [(a, 0.0), (b, 0.0), (b, 1.0), (a, 1.0), (a, 0.0)];
            Polygon::new(ring.iter().map(|&(x, y)| if upright { (x, y) } else { (y, x) }).collect(), vec![])
        };
        MultiPolygon((0..n).map(strip).collect())
    }

    #[test]
    fn what_crosses_too_often_is_refused_and_what_does_not_is_put_together() {
        let limit = MAX_CROSSINGS;
        let refused = Err(OverlayError::Crossings { found: limit + 1, limit });
        assert_eq!(even_odd(&star(4001)), refused);
        assert!(!even_odd(&star(101)).unwrap().0.is_empty());
        let (a, b) = (comb(200, true), comb(200, false));
        assert_eq!(union(&a, &b), refused);
        assert_eq!(union_all([&a, &b]), refused);
        // many edges, no crossing: as many pieces as strips; the same twice is itself
        assert_eq!(even_odd(&comb(2000, true)).unwrap().0.len(), 2000);
        assert_eq!(intersection(&a, &a).unwrap().0.len(), 200);
        assert_eq!(difference(&a, &a).unwrap().0.len(), 0);
    }

    #[test]
    fn edges_side_by_side_are_not_compared_for_ever() {
        // a fan of slanting edges: all boxes overlap, no edge crosses another
        let n = 30_000;
        let zigzag = (0..n).map(|i| {
            let x = f64::from(i) * 1e-6;
            if i % 2 == 0 { (x, 0.0) } else { (x + 50.0, 50.0) }
        });
        let ring: LineString<f64> = zigzag.chain([(0.0, 60.0), (0.0, 0.0)]).collect();
        let fan = MultiPolygon(vec![Polygon::new(ring, vec![])]);
        assert_eq!(even_odd(&fan), Err(OverlayError::Edges { edges: n as usize + 1 }));
    }

    #[test]
    fn counting_ends_when_it_is_cancelled() {
        let whole = cancel::Cancel::default();
        whole.run(|| affordable(&[&comb(500, true)])).unwrap().unwrap();
        assert!(whole.checks() >= 2000, "once for each edge");
        let half = cancel::Cancel::at(1000);
        assert_eq!(half.run(|| affordable(&[&comb(500, true)])), Err(cancel::Cancelled));
        assert_eq!(half.checks(), 1000);
    }

    proptest! {
        /// On a lattice nearly every way of meeting occurs, and no arithmetic is rounded.
        #[test]
        fn crossings_are_those_that_geo_finds(points in proptest::collection::vec((0i32..6, 0i32..6), 3..12)) {
            let ring: LineString<f64> = points.iter().map(|&(x, y)| (f64::from(x), f64::from(y))).collect();
            let area = MultiPolygon(vec![Polygon::new(ring, vec![])]);
            let lines: Vec<_> = area.lines_iter().filter(|l| l.start != l.end).collect();
            for (i, a) in lines.iter().enumerate() {
                for b in &lines[i + 1..] {
                    let same = (a.start, a.end) == (b.start, b.end) || (a.start, a.end) == (b.end, b.start);
                    let ends = |c: Coord<f64>| [a.start, a.end].contains(&c) && [b.start, b.end].contains(&c);
                    let cut = match line_intersection(*a, *b) {
                        None => false,
                        Some(LineIntersection::SinglePoint { intersection, .. }) => !ends(intersection),
                        Some(LineIntersection::Collinear { intersection: l }) if l.start == l.end => !ends(l.start),
                        Some(LineIntersection::Collinear { .. }) => !same,
                    };
                    let (a, b) = (Edge::new(a.start, a.end), Edge::new(b.start, b.end));
                    let apart = (0..2).any(|i| a.low[i] > b.high[i] || b.low[i] > a.high[i]);
                    prop_assert_eq!(!apart && a.is_cut_by(&b), cut, "{:?} {:?}", a.ends, b.ends);
                }
            }
        }
    }
}
