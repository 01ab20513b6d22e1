//! Lines that share their ends become rings, and rings become areas with holes.

use geo::coordinate_position::{CoordPos, coord_pos_relative_to_ring};
use geo::{Area, BoundingRect, Coord, Intersects, LineString, MultiPolygon, Polygon, Rect};
use rustc_hash::FxHashMap;

/// Lines put together: those that close, and those that do not.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Joined {
    /// Closed lines; the first node is repeated at the end.
    pub rings: Vec<Vec<i64>>,
    /// The others.
    pub open: Vec<Vec<i64>>,
}

/// Puts lines of node numbers together where they share an end. `directed` lines are never turned round: coastlines have
/// the land on their left.
pub fn joined(lines: &[Vec<i64>], directed: bool) -> Joined {
    let mut ends: FxHashMap<i64, Vec<usize>> = FxHashMap::default();
    for (i, line) in lines.iter().enumerate().filter(|(_, l)| l.len() > 1) {
        ends.entry(line[0]).or_default().push(i);
        ends.entry(line[line.len() - 1]).or_default().push(i);
    }
    let mut used = vec![false; lines.len()];
    let mut out = Joined::default();
    for start in 0..lines.len() {
        if used[start] || lines[start].len() < 2 {
            continue;
        }
        used[start] = true;
        let mut line = lines[start].clone();
        grow(&mut line, lines, &ends, &mut used, directed, false);
        if line.first() != line.last() {
            line.reverse();
            grow(&mut line, lines, &ends, &mut used, directed, true);
            line.reverse();
        }
        if line.len() > 3 && line.first() == line.last() { out.rings.push(line) } else { out.open.push(line) }
    }
    out
}

/// Adds lines at the end until it meets its beginning or nothing fits. A line that was turned round takes lines that are
/// turned round too.
fn grow(
    line: &mut Vec<i64>,
    lines: &[Vec<i64>],
    ends: &FxHashMap<i64, Vec<usize>>,
    used: &mut [bool],
    directed: bool,
    turned: bool,
) {
    while line.first() != line.last() {
        let at = line[line.len() - 1];
        let forward = |next: &[i64]| next.first() == Some(&at);
        let fits = |i: &&usize| !used[**i] && (!directed || forward(&lines[**i]) != turned);
        let Some(&next) = ends.get(&at).and_then(|list| list.iter().find(fits)) else { return };
        used[next] = true;
        if forward(&lines[next]) {
            line.extend(&lines[next][1..]);
        } else {
            line.extend(lines[next].iter().rev().skip(1));
        }
    }
}

/// The areas that rings bound: by the even-odd rule a ring inside another is a hole, and one inside that an area again.
/// Rings must not cross.
pub fn areas(rings: Vec<LineString<f64>>) -> MultiPolygon<f64> {
    let mut rings: Vec<(f64, Rect<f64>, LineString<f64>)> = rings
        .into_iter()
        .filter_map(|ring| {
            let area = Polygon::new(ring.clone(), vec![]).unsigned_area();
            Some((area, ring.bounding_rect()?, ring)).filter(|_| area > 0.0)
        })
        .collect();
    // the largest first, so that what holds a ring stands before it
    rings.sort_by(|a, b| b.0.total_cmp(&a.0));
    let mut depth: Vec<usize> = Vec::with_capacity(rings.len());
    let mut holder: Vec<Option<usize>> = Vec::with_capacity(rings.len());
    for i in 0..rings.len() {
        let around = (0..i).rev().find(|j| rings[*j].1.intersects(&rings[i].1) && holds(&rings[*j].2, &rings[i].2));
        depth.push(around.map_or(0, |j| depth[j] + 1));
        holder.push(around);
    }
    let mut place = vec![usize::MAX; rings.len()];
    let mut out: Vec<Polygon<f64>> = Vec::new();
    for (i, (.., ring)) in rings.into_iter().enumerate() {
        match holder[i] {
            Some(j) if depth[i] % 2 == 1 => out[place[j]].interiors_push(ring),
            _ => {
                place[i] = out.len();
                out.push(Polygon::new(ring, vec![]));
            }
        }
    }
    MultiPolygon(out)
}

/// Whether a ring lies in another: by its first corner that is not on the other.
fn holds(outer: &LineString<f64>, inner: &LineString<f64>) -> bool {
    let at = |c: &Coord<f64>| coord_pos_relative_to_ring(*c, outer);
    inner.coords().map(at).find(|p| *p != CoordPos::OnBoundary) == Some(CoordPos::Inside)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn square(x: f64, y: f64, side: f64) -> LineString<f64> {
        Rect::new(Coord { x, y }, Coord { x: x + side, y: y + side }).to_polygon().exterior().clone()
    }

    #[test]
    fn lines_meet_whichever_way_they_run() {
        let found = joined(&[vec![1, 2, 3], vec![5, 4, 3], vec![5, 6, 1], vec![9, 8]], false);
        assert_eq!(found.rings, [vec![1, 2, 3, 4, 5, 6, 1]]);
        assert_eq!(found.open, [vec![9, 8]]);
        let kept = joined(&[vec![1, 2, 3], vec![5, 4, 3], vec![3, 7]], true);
        assert_eq!((kept.rings.len(), kept.open), (0, vec![vec![1, 2, 3, 7], vec![5, 4, 3]]));
        // lines that come before
        let before = joined(&[vec![3, 4], vec![2, 3], vec![1, 2]], true);
        assert_eq!(before.open, [vec![1, 2, 3, 4]]);
    }

    #[test]
    fn a_ring_in_a_hole_is_an_area() {
        let all =
            areas(vec![square(2.0, 2.0, 2.0), square(0.0, 0.0, 10.0), square(1.0, 1.0, 5.0), square(20.0, 0.0, 1.0)]);
        assert_eq!(all.0.len(), 3);
        assert!((all.unsigned_area() - (100.0 - 25.0 + 4.0 + 1.0)).abs() < 1e-9);
        // a hole that touches its ring at a corner
        let touching = areas(vec![square(0.0, 0.0, 4.0), square(0.0, 0.0, 1.0)]);
        assert!((touching.unsigned_area() - 15.0).abs() < 1e-9);
    }

    proptest! {
        #[test]
        fn a_ring_cut_anywhere_is_that_ring(n in 4i64..40, cuts in proptest::collection::vec(0usize..40, 1..6), turn in any::<u8>()) {
            let ring: Vec<i64> = (0..n).chain([0]).collect();
            let mut cuts: Vec<usize> = cuts.into_iter().map(|c| c % ring.len()).chain([0, ring.len() - 1]).collect();
            cuts.sort_unstable();
            cuts.dedup();
            let mut lines: Vec<Vec<i64>> = cuts.windows(2).map(|w| ring[w[0]..=w[1]].to_vec()).collect();
            for (i, line) in lines.iter_mut().enumerate() {
                if turn >> (i % 8) & 1 == 1 {
                    line.reverse();
                }
            }
            lines.rotate_left(usize::from(turn) % cuts.len().max(2).saturating_sub(1).max(1));
            let found = joined(&lines, false);
            prop_assert!(found.open.is_empty());
            prop_assert_eq!(found.rings.len(), 1);
            let mut nodes = found.rings[0][1..].to_vec();
            nodes.sort_unstable();
            prop_assert_eq!(nodes, (0..n).collect::<Vec<_>>());
        }
    }
}
