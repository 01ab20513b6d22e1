//! Where points lie in a polygon, for many points: its edges in horizontal bands, judged by exact predicates.

use crate::geometry::Bounds;
use geo::algorithm::kernels::{Kernel, Orientation, RobustKernel};
use geo::coordinate_position::CoordPos;
use geo::{Coord, Geometry, LinesIter, Polygon};

/// A polygon prepared for many points.
pub(super) struct Locator {
    south: f64,
    bands_per_degree: f64,
    /// The edges of each band, pointing upwards.
    bands: Vec<Vec<[Coord<f64>; 2]>>,
}

impl Locator {
    /// Prepares a valid polygon or several; `None` for other geometries.
    pub(super) fn new(geometry: &Geometry<f64>) -> Option<Self> {
        let polygons: &[Polygon<f64>] = match geometry {
            Geometry::Polygon(p) => std::slice::from_ref(p),
            Geometry::MultiPolygon(m) => &m.0,
            _ => return None,
        };
        let bounds = Bounds::of(geometry);
        let edges: Vec<[Coord<f64>; 2]> = polygons
            .iter()
            .flat_map(LinesIter::lines_iter)
            .map(|l| if l.start.y <= l.end.y { [l.start, l.end] } else { [l.end, l.start] })
            .collect();
        let (height, count) = (bounds.north - bounds.south, (edges.len() / 2).clamp(1, 1024));
        let bands_per_degree = if height > 0.0 { count as f64 / height } else { 0.0 };
        let mut out = Self { south: bounds.south, bands_per_degree, bands: vec![vec![]; count] };
        for e in edges {
            let (first, last) = (out.band(e[0].y), out.band(e[1].y));
            out.bands[first..=last].iter_mut().for_each(|b| b.push(e));
        }
        Some(out)
    }

    fn band(&self, y: f64) -> usize {
        (((y - self.south) * self.bands_per_degree) as usize).min(self.bands.len() - 1)
    }

    /// Where a point within the polygon's box lies.
    pub(super) fn position(&self, c: Coord<f64>) -> CoordPos {
        let mut odd = false;
        for [a, b] in &self.bands[self.band(c.y)] {
            if c.y < a.y || c.y > b.y || c.x > a.x.max(b.x) {
                continue;
            }
            match RobustKernel::orient2d(*a, *b, c) {
                Orientation::Collinear if c.x >= a.x.min(b.x) => return CoordPos::OnBoundary,
                // upwards and to the right of the point: counted at its lower end only
                Orientation::CounterClockwise if c.y < b.y => odd = !odd,
                _ => {}
            }
        }
        if odd { CoordPos::Inside } else { CoordPos::Outside }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use geo::coordinate_position::CoordinatePosition;
    use geo::{LineString, MultiPolygon, Validation};
    use proptest::prelude::*;

    /// The rule polygon by polygon: geo's own for several takes a point where two borders meet for outside.
    fn plain(g: &Geometry<f64>, c: Coord<f64>) -> CoordPos {
        let Geometry::MultiPolygon(m) = g else { return g.coordinate_position(&c) };
        let each: Vec<CoordPos> = m.iter().map(|p| p.coordinate_position(&c)).collect();
        let first = [CoordPos::Inside, CoordPos::OnBoundary].into_iter().find(|p| each.contains(p));
        first.unwrap_or(CoordPos::Outside)
    }

    proptest! {
            #[test]
            fn as_the_plain_rule_says(rings in proptest::collection::vec(proptest::collection::vec((0i32..7, 0i32..7), 3..8), 1..3)) {
                let ring = |r: &Vec<(i32, i32)>| LineString::from(r.iter().map(|(x, y)| (f64::from(*x), f64::from(*y))).collect::<Vec<_>>());
                let polygons: Vec<Polygon<f64>> = rings.iter().map(|r| Polygon::new(ring(r), vec![])).filter(Validation::is_valid).collect();
                let hole = LineString::from(vec![(0.1, 0.1), (6.5, 0.2), (0.3, 6.0), (0.1, 0.1)]);
                let big = Polygon::new(LineString::from(vec![(0.0, 0.0), (0.0, 7.0), (7.0, 7.0), (7.0, 0.0), (0.0, 0.0)]), vec![hole]);
                let two = MultiPolygon(polygons.clone());
                let mut all: Vec<Geometry<f64>> = polygons.into_iter().map(Geometry::from).collect();
                all.push(big.into());
                all.extend((two.is_valid() && !two.0.is_empty()).then_some(Geometry::MultiPolygon(two)));
                for g in all {
                    let (locator, bounds) = (Locator::new(&g).unwrap(), Bounds::of(&g));
                    for (i, j) in (0..=28).flat_map(|i| (0..=28).map(move |j| (i, j))) {
                        let c = Coord { x: f64::from(i) / 4.0, y: f64::from(j) / 4.0 };
                        if bounds.contains(c.x, c.y) {
    prop_assert_eq!(locator.position(c), plain(&g, c), "{:?} in {:?}", c, g);
                        }
                    }
                }
            }
        }
}
