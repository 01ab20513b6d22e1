//! Whether polygons are valid: rings that cross or touch, holes that stray, parts that overlap, winding.

use super::Region;
pub use super::meeting::FaultKind;
use super::meeting::{Ring, meeting};
use crate::cancel;
use geo::winding_order::{Winding, WindingOrder};
use geo::{Coord, InteriorPoint, LineString, MultiPolygon, Polygon};

/// Where a vertex stands in its geometry; all from 1, 0 where there is no such level.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Spot {
    /// Part of a multi-geometry.
    pub part: usize,
    /// Ring, the exterior one first.
    pub ring: usize,
    /// Vertex.
    pub vertex: usize,
}

impl Spot {
    /// In words, zh and en.
    pub fn words(self) -> (String, String) {
        let levels = [(self.part, "部分", "part"), (self.ring, "环", "ring"), (self.vertex, "个顶点", "vertex")];
        let (mut zh, mut en) = (String::new(), String::new());
        for (n, in_zh, in_en) in levels.into_iter().filter(|(n, ..)| *n > 0) {
            zh = format!("{zh}第 {n} {in_zh}");
            en = format!("{en}{}{in_en} {n}", if en.is_empty() { "" } else { ", " });
        }
        (zh, en)
    }
}

/// Pairs of edges that are compared at most for one geometry: so many, and so many more for each edge.
const MAX_PAIRS: (usize, usize) = (10_000, 64);

/// One fault and where it is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Fault {
    /// What is wrong.
    pub kind: FaultKind,
    /// In which ring.
    pub at: Spot,
    /// At which position.
    pub near: Option<Coord<f64>>,
}

impl Fault {
    /// Whether the geometry cannot be used.
    pub fn is_error(&self) -> bool {
        !matches!(self.kind, FaultKind::SelfTouch | FaultKind::PartsShareBorder | FaultKind::Unchecked)
    }
}

/// The faults of the polygons of one geometry, at most one of each kind; touches are left out where there are errors.
pub fn faults(polygons: &[Polygon<f64>]) -> Vec<Fault> {
    let mut rings = Vec::new();
    for (part, p) in polygons.iter().enumerate() {
        for (ring, line) in std::iter::once(p.exterior()).chain(p.interiors()).enumerate() {
            rings.push(Ring { points: &line.0, part: part + 1, number: ring + 1 });
        }
    }
    let mut found = crossings(&rings);
    if !found.iter().any(Fault::is_error) {
        found.extend(misplaced(polygons));
    }
    if found.iter().any(Fault::is_error) {
        found.retain(Fault::is_error);
    }
    found
}

/// An edge's box, its ring and its place in it.
struct Edge {
    low: [f64; 2],
    high: [f64; 2],
    of: (usize, usize),
}

/// Pairs of edges that meet wrongly: a sweep over the boxes of the edges, along the axis on which they are shorter.
fn crossings(rings: &[Ring]) -> Vec<Fault> {
    let mut edges = Vec::new();
    for (r, ring) in rings.iter().enumerate() {
        for e in 0..ring.edges() {
            let (start, end) = (ring.line(e).start, ring.line(e).end);
            let (low, high) = ([start.x.min(end.x), start.y.min(end.y)], [start.x.max(end.x), start.y.max(end.y)]);
            edges.push(Edge { low, high, of: (r, e) });
        }
    }
    let overlap = |axis: usize| {
        let low = edges.iter().map(|e| e.low[axis]).fold(f64::INFINITY, f64::min);
        let high = edges.iter().map(|e| e.high[axis]).fold(f64::NEG_INFINITY, f64::max);
        edges.iter().map(|e| e.high[axis] - e.low[axis]).sum::<f64>() / (high - low).max(f64::MIN_POSITIVE)
    };
    let (along, across) = if overlap(0) <= overlap(1) { (0, 1) } else { (1, 0) };
    edges.sort_unstable_by(|a, b| a.low[along].total_cmp(&b.low[along]).then(a.of.cmp(&b.of)));
    let mut found: Vec<Fault> = Vec::new();
    let mut left = MAX_PAIRS.0 + MAX_PAIRS.1 * edges.len();
    for (i, one) in edges.iter().enumerate() {
        cancel::check();
        for other in edges[i + 1..].iter().take_while(|other| other.low[along] <= one.high[along]) {
            if other.low[across] > one.high[across] || other.high[across] < one.low[across] {
                continue;
            }
            left = left.saturating_sub(1);
            let ((r, e), (s, f)) = if one.of < other.of { (one.of, other.of) } else { (other.of, one.of) };
            let (a, b) = (&rings[r], &rings[s]);
            let Some((kind, near)) = meeting(a, e, b, f) else { continue };
            if !found.iter().any(|f| f.kind == kind) {
                let at = Spot { part: b.part, ring: b.number, vertex: 0 };
                found.push(Fault { kind, at, near: Some(near) });
            }
            if found.last().is_some_and(Fault::is_error) {
                return found;
            }
        }
        if left == 0 {
            found.push(Fault { kind: FaultKind::Unchecked, at: Spot::default(), near: None });
            return found;
        }
    }
    found
}

/// Holes outside their outer ring or in each other, parts inside each other: rings that do not cross, so that one point
/// of each decides.
fn misplaced(polygons: &[Polygon<f64>]) -> Option<Fault> {
    for (part, p) in polygons.iter().enumerate().filter(|(_, p)| !p.interiors().is_empty()) {
        cancel::check();
        let region = Region::new(&MultiPolygon(vec![p.clone()]));
        for (i, hole) in p.interiors().iter().enumerate() {
            let inside = Polygon::new(hole.clone(), vec![]).interior_point();
            if let Some(c) = inside.filter(|c| region.contains(c.x(), c.y())) {
                let at = Spot { part: part + 1, ring: i + 2, vertex: 0 };
                return Some(Fault { kind: FaultKind::StrayHole, at, near: Some(c.0) });
            }
        }
    }
    if polygons.len() > 1 {
        let region = Region::new(&MultiPolygon(polygons.to_vec()));
        for (part, p) in polygons.iter().enumerate() {
            if let Some(c) = p.interior_point().filter(|c| !region.contains(c.x(), c.y())) {
                let at = Spot { part: part + 1, ..Spot::default() };
                return Some(Fault { kind: FaultKind::PartsOverlap, at, near: Some(c.0) });
            }
        }
    }
    None
}

/// The first ring that is not wound as RFC 7946 says: outer rings anticlockwise, holes clockwise.
pub fn wrong_winding(polygons: &[Polygon<f64>]) -> Option<Spot> {
    let wrong = |ring: &LineString<f64>, order: WindingOrder| ring.winding_order().is_some_and(|w| w != order);
    polygons.iter().enumerate().find_map(|(part, p)| {
        let at = |ring| Spot { part: part + 1, ring, vertex: 0 };
        if wrong(p.exterior(), WindingOrder::CounterClockwise) {
            return Some(at(1));
        }
        let hole = p.interiors().iter().position(|h| wrong(h, WindingOrder::Clockwise))?;
        Some(at(hole + 2))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use geo::wkt;
    use proptest::prelude::*;

    fn kinds(m: &MultiPolygon<f64>) -> Vec<FaultKind> {
        faults(&m.0).iter().map(|f| f.kind).collect()
    }

    #[test]
    fn each_fault_has_its_own_code() {
        use FaultKind as K;
        let square = wkt!(MULTIPOLYGON(((0. 0.,4. 0.,4. 4.,0. 4.,0. 0.))));
        assert_eq!(kinds(&square), []);
        let bow_tie = wkt!(MULTIPOLYGON(((0. 0.,4. 4.,4. 0.,0. 4.,0. 0.))));
        assert_eq!(kinds(&bow_tie), [K::SelfIntersection]);
        assert_eq!(faults(&bow_tie.0)[0].near, Some(Coord { x: 2.0, y: 2.0 }));
        // the crossing falls on a vertex of one of the edges, then of both
        assert_eq!(kinds(&wkt!(MULTIPOLYGON(((0. 0.,4. 4.,4. 0.,2. 2.,0. 4.,0. 0.))))), [K::SelfIntersection]);
        assert_eq!(kinds(&wkt!(MULTIPOLYGON(((0. 0.,2. 2.,4. 4.,4. 0.,2. 2.,0. 4.,0. 0.))))), [K::SelfIntersection]);
        // a ring that comes back to a vertex without crossing (a hole drawn as a bay)
        assert_eq!(kinds(&wkt!(MULTIPOLYGON(((0. 0.,4. 0.,4. 4.,2. 0.,0. 4.,0. 0.))))), [K::SelfTouch]);
        assert_eq!(kinds(&wkt!(MULTIPOLYGON(((2. 2.,0. 0.,4. 0.,2. 2.,4. 4.,0. 4.,2. 2.))))), [K::SelfTouch]);
        let spike = wkt!(MULTIPOLYGON(((0. 0.,4. 0.,8. 0.,4. 0.,4. 4.,0. 4.,0. 0.))));
        assert_eq!(kinds(&spike), [K::SelfIntersection]);
        assert_eq!(kinds(&wkt!(MULTIPOLYGON(((0. 0.,2. 0.,4. 0.,0. 0.))))), [K::SelfIntersection]);
        let straight_on = wkt!(MULTIPOLYGON(((0. 0.,2. 0.,4. 0.,4. 4.,0. 4.,0. 0.))));
        assert_eq!(kinds(&straight_on), []);

        let hole = |ring: &str| {
            let h: Vec<(f64, f64)> = ring
                .split(',')
                .map(|p| p.split_once(' ').map(|(x, y)| (x.parse().unwrap(), y.parse().unwrap())).unwrap())
                .collect();
            LineString::from(h)
        };
        let with = |holes: &[&str]| {
            let outer = hole("0 0,8 0,8 8,0 8,0 0");
            MultiPolygon(vec![Polygon::new(outer, holes.iter().map(|h| hole(h)).collect())])
        };
        let inner = "2 2,2 6,6 6,6 2,2 2";
        assert_eq!(kinds(&with(&[inner])), []);
        assert_eq!(kinds(&with(&["0 0,2 6,6 6,6 2,0 0"])), [], "a hole may touch its outer ring at a point");
        assert_eq!(kinds(&with(&["2 2,2 9,6 9,6 2,2 2"])), [K::RingsCross]);
        assert_eq!(kinds(&with(&["0 2,0 6,6 6,6 2,0 2"])), [K::RingsCross]);
        assert_eq!(kinds(&with(&["12 2,12 6,16 6,16 2,12 2"])), [K::StrayHole]);
        assert_eq!(kinds(&with(&[inner, "3 3,3 5,5 5,5 3,3 3"])), [K::StrayHole]);
        assert_eq!(kinds(&with(&[inner, "5 5,5 7,7 7,7 5,5 5"])), [K::RingsCross]);

        let mut two = square.clone();
        two.0.extend(with(&[inner]).0);
        assert!(kinds(&two).iter().any(|k| *k == K::PartsOverlap || *k == K::PartsShareBorder));
        let island = wkt!(MULTIPOLYGON(((0. 0.,9. 0.,9. 9.,0. 9.,0. 0.),(2. 2.,2. 7.,7. 7.,7. 2.,2. 2.)),((3. 3.,5. 3.,5. 5.,3. 5.,3. 3.))));
        assert_eq!(kinds(&island), [], "an island in a lake");
        assert_eq!(
            kinds(&wkt!(MULTIPOLYGON(((0. 0.,9. 0.,9. 9.,0. 9.,0. 0.)),((3. 3.,5. 3.,5. 5.,3. 5.,3. 3.))))),
            [K::PartsOverlap]
        );
        assert_eq!(
            kinds(&wkt!(MULTIPOLYGON(((0. 0.,4. 0.,4. 4.,0. 4.,0. 0.)),((3. 3.,5. 3.,5. 5.,3. 5.,3. 3.))))),
            [K::PartsOverlap]
        );
        assert_eq!(
            kinds(&wkt!(MULTIPOLYGON(((0. 0.,4. 0.,4. 4.,0. 4.,0. 0.)),((4. 0.,8. 0.,8. 4.,4. 4.,4. 0.))))),
            [K::PartsShareBorder]
        );
        // a part of a border, and wound the wrong way, as files may be
        let clockwise = wkt!(MULTIPOLYGON(((0. 0.,0. 4.,4. 4.,4. 0.,0. 0.)),((4. 1.,4. 3.,8. 3.,8. 1.,4. 1.))));
        assert_eq!(kinds(&clockwise), [K::PartsShareBorder]);
        assert_eq!(kinds(&wkt!(MULTIPOLYGON(((0. 0.,4. 0.,4. 4.,0. 4.,0. 0.)),((4. 4.,8. 4.,8. 8.,4. 8.,4. 4.))))), []);
    }

    proptest! {
        /// On a lattice nearly every way of touching occurs; `geo` is the judge of rings without touches.
        #[test]
        fn rings_are_judged_as_geo_does(points in proptest::collection::vec((0i32..7, 0i32..7), 3..9)) {
            let mut ring: Vec<Coord<f64>> = points.iter().map(|&(x, y)| Coord { x: f64::from(x), y: f64::from(y) }).collect();
            ring.push(ring[0]);
            ring.dedup();
            prop_assume!(ring.len() > 3);
            let polygon = Polygon::new(LineString(ring), vec![]);
            let found = faults(std::slice::from_ref(&polygon));
            let valid = geo::Validation::is_valid(&polygon);
            // geo overlooks spikes; whatever it refuses must be found here
            prop_assert!(valid || !found.is_empty(), "{:?}", polygon);
        }

        #[test]
        fn a_star_is_valid_until_two_vertices_change_places(radii in proptest::collection::vec(1.0f64..9.0, 5..40), i in 1usize..3) {
            let n = radii.len();
            let mut ring: Vec<Coord<f64>> = radii.iter().enumerate().map(|(k, r)| {
                let a = std::f64::consts::TAU * k as f64 / n as f64;
                Coord { x: r * a.cos(), y: r * a.sin() }
            }).collect();
            ring.push(ring[0]);
            let star = Polygon::new(LineString(ring.clone()), vec![]);
            prop_assert!(faults(&[star]).is_empty());
            ring.swap(i, i + 1);
            let geo_says = geo::Validation::is_valid(&Polygon::new(LineString(ring.clone()), vec![]));
            let knotted = faults(&[Polygon::new(LineString(ring), vec![])]);
            prop_assert_eq!(geo_says, knotted.is_empty());
        }
    }
}
