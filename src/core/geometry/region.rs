//! Which points lie in a polygon: the rule of zone membership and zone queries.
//!
//! **Border rule**: even-odd and half-open. A point is inside when the number of edges with `(a.y > y) != (b.y > y)`
//! and
//! `x < (b.x - a.x) * (y - a.y) / (b.y - a.y) + a.x` is odd. Lower and left borders are in, upper and right ones out,
//! so neighbours never share a point. Each edge is turned to point upwards first: a border that two polygons share is
//! then computed alike for both, to the last bit. `geo`'s `Contains` differs on borders: do not mix the two.

use super::Bounds;
use geo::{Coord, Geometry, LineString, MultiPolygon};

/// An edge that points upwards: ax, ay, bx, by with `ay < by`.
type Edge = [f64; 4];

/// A polygon prepared for many questions: its edges in horizontal bands.
#[derive(Clone, Debug)]
pub struct Region {
    bounds: Bounds,
    bands_per_degree: f64,
    starts: Vec<u32>,
    edges: Vec<Edge>,
    /// Every edge once, level ones too.
    outline: Vec<Edge>,
}

impl Region {
    /// Prepares a polygon. All rings count together: holes and islands follow from even-odd.
    pub fn new(polygon: &MultiPolygon<f64>) -> Self {
        let mut bounds = Bounds::EMPTY;
        let mut outline = Vec::new();
        let rings = polygon.iter().flat_map(|p| std::iter::once(p.exterior()).chain(p.interiors()));
        for ring in rings {
            ring.coords().for_each(|&c| bounds.extend(c));
            outline.extend(upward_edges(ring));
        }
        // level edges never count
        let edges: Vec<Edge> = outline.iter().filter(|e| e[1] < e[3]).copied().collect();
        let height = bounds.north - bounds.south;
        let bands = (edges.len() / 2).clamp(1, 1024);
        let bands_per_degree = if height > 0.0 { bands as f64 / height } else { 0.0 };
        let band = |y: f64| (((y - bounds.south) * bands_per_degree) as usize).min(bands - 1);

        let mut starts = vec![0u32; bands + 1];
        for e in &edges {
            starts[band(e[1]) + 1..=band(e[3]) + 1].iter_mut().for_each(|n| *n += 1);
        }
        for i in 0..bands {
            starts[i + 1] += starts[i];
        }
        let mut next = starts.clone();
        let mut banded = vec![[0.0; 4]; starts[bands] as usize];
        for e in &edges {
            for slot in &mut next[band(e[1])..=band(e[3])] {
                banded[*slot as usize] = *e;
                *slot += 1;
            }
        }
        Self { bounds, bands_per_degree, starts, edges: banded, outline }
    }

    /// Its edges, each from its lower to its upper end: ax, ay, bx, by.
    pub(super) fn outline(&self) -> &[Edge] {
        &self.outline
    }

    /// The box around it.
    pub fn bounds(&self) -> Bounds {
        self.bounds
    }

    /// Whether the point is inside, by the border rule.
    pub fn contains(&self, x: f64, y: f64) -> bool {
        if !self.bounds.contains(x, y) {
            return false;
        }
        let last = self.starts.len() - 2;
        let band = (((y - self.bounds.south) * self.bands_per_degree) as usize).min(last);
        let edges = &self.edges[self.starts[band] as usize..self.starts[band + 1] as usize];
        edges.iter().filter(|e| crosses(e, x, y)).count() % 2 == 1
    }
}

#[inline]
fn crosses(e: &Edge, x: f64, y: f64) -> bool {
    (e[1] > y) != (e[3] > y) && x < (e[2] - e[0]) * (y - e[1]) / (e[3] - e[1]) + e[0]
}

/// The edges of a ring, each pointing upwards.
fn upward_edges(ring: &LineString<f64>) -> impl Iterator<Item = Edge> {
    let turn = |a: Coord<f64>, b: Coord<f64>| {
        if a.y < b.y { [a.x, a.y, b.x, b.y] } else { [b.x, b.y, a.x, a.y] }
    };
    ring.lines().map(move |l| turn(l.start, l.end))
}

/// The areas of a geometry; `None` of points and lines.
pub fn areas(geometry: Geometry<f64>) -> Option<MultiPolygon<f64>> {
    match geometry {
        Geometry::Polygon(p) => Some(MultiPolygon(vec![p])),
        Geometry::MultiPolygon(m) => Some(m),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use geo::polygon;
    use proptest::prelude::*;

    /// The rule as it is written, over every edge.
    fn plain(rings: &[Vec<[f64; 2]>], x: f64, y: f64) -> bool {
        let mut inside = false;
        for r in rings {
            for i in 0..r.len() {
                let (mut a, mut b) = (r[i], r[(i + 1) % r.len()]);
                if a[1] > b[1] {
                    (a, b) = (b, a);
                }
                if (a[1] > y) != (b[1] > y) && x < (b[0] - a[0]) * (y - a[1]) / (b[1] - a[1]) + a[0] {
                    inside = !inside;
                }
            }
        }
        inside
    }

    fn multi(rings: &[Vec<[f64; 2]>]) -> MultiPolygon<f64> {
        let ring = |r: &Vec<[f64; 2]>| LineString::from(r.iter().map(|p| (p[0], p[1])).collect::<Vec<_>>());
        MultiPolygon(vec![geo::Polygon::new(ring(&rings[0]), rings[1..].iter().map(ring).collect())])
    }

    /// Rings on a lattice, so that points fall on corners and level and upright edges all the time.
    fn rings() -> impl Strategy<Value = Vec<Vec<[f64; 2]>>> {
        let point = (0i32..9, 0i32..9).prop_map(|(x, y)| [f64::from(x), f64::from(y)]);
        proptest::collection::vec(proptest::collection::vec(point, 3..12), 1..4)
    }

    proptest! {
        #[test]
        fn bands_never_change_the_answer(rings in rings()) {
            let region = Region::new(&multi(&rings));
            for i in 0..=36 {
                for j in 0..=36 {
                    let (x, y) = (f64::from(i) / 4.0, f64::from(j) / 4.0);
                    prop_assert_eq!(region.contains(x, y), plain(&rings, x, y), "{} {}", x, y);
                }
            }
        }

        #[test]
        fn neighbours_share_every_point_exactly_once(xs in proptest::collection::vec(-0.45f64..0.45, 9), probe in 0.0f64..8.0) {
            // two halves of a box, divided by a crooked line; the probes lie on that line and close to it
            let line: Vec<(f64, f64)> = xs.iter().enumerate().map(|(i, x)| (4.0 + x, i as f64)).collect();
            let mut west = vec![(0.0, 8.0), (0.0, 0.0)];
            west.extend(&line);
            let mut east = vec![(8.0, 0.0), (8.0, 8.0)];
            east.extend(line.iter().rev());
            let polygon = |v: Vec<(f64, f64)>| Region::new(&MultiPolygon(vec![geo::Polygon::new(v.into(), vec![])]));
            let (west, east) = (polygon(west), polygon(east));
            let i = (probe as usize).min(7);
            let t = probe - i as f64;
            let x = line[i].0 + t * (line[i + 1].0 - line[i].0);
            for dx in [-1e-16, 0.0, 1e-16, 1e-12, -1e-12] {
                prop_assert!(west.contains(x + dx, probe) != east.contains(x + dx, probe));
            }
            for (x, y) in &line[..8] {
                prop_assert!(west.contains(*x, *y) != east.contains(*x, *y));
            }
        }
    }

    #[test]
    fn lower_and_left_in_upper_and_right_out() {
        let unit = polygon![(x: 0., y: 0.), (x: 1., y: 0.), (x: 1., y: 1.), (x: 0., y: 1.)];
        let r = Region::new(&MultiPolygon(vec![unit]));
        assert!(r.contains(0.0, 0.0) && r.contains(0.5, 0.0) && r.contains(0.0, 0.5));
        assert!(!r.contains(1.0, 0.5) && !r.contains(0.5, 1.0) && !r.contains(1.0, 1.0));
        assert!(!r.contains(f64::NAN, 0.5));
        assert!(!Region::new(&MultiPolygon(vec![])).contains(0.0, 0.0));
    }
}
