//! From which zoom on each vertex of a layer is drawn. What paths share they keep sharing: between places where paths
//! part or end, a border is one arc whoever it belongs to, and which of its vertices matter is decided by areas
//! (Visvalingam and Whyatt 1993), alike from either end.

use super::mercator::EXTENT;
use rustc_hash::FxHashSet;
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// A position in the square of the world, 2^32 units a side.
pub type Position = (u32, u32);

/// From this zoom on every vertex is drawn: maps draw its tiles larger beyond.
pub const WHOLE: u8 = 18;
/// A vertex is left out when the triangle that it makes with its neighbours is smaller than a square with this side, in
/// tile units: a quarter of a pixel where a tile is 512 pixels wide.
const SIDE: u64 = 2;
/// Layers with fewer vertices a path are left as they are.
const FEW: usize = 16;

/// A line, or a ring that does not repeat its first position.
#[derive(Clone, Copy, Debug)]
pub struct Path<'a> {
    /// Its positions.
    pub positions: &'a [Position],
    /// Whether it is a ring.
    pub closed: bool,
}

impl Path<'_> {
    fn edges(&self) -> impl Iterator<Item = (Position, Position)> {
        let n = self.positions.len();
        let last = if self.closed { n } else { n.saturating_sub(1) };
        (0..last).map(move |i| (self.positions[i], self.positions[(i + 1) % n])).filter(|(a, b)| a != b)
    }
}

/// For each path the zoom from which on each of its vertices is drawn; `None` when all are drawn at every zoom.
pub fn zooms(paths: &[Path]) -> Option<Vec<Vec<u8>>> {
    if paths.iter().map(|p| p.positions.len()).sum::<usize>() < FEW * paths.len().max(1) {
        return None;
    }
    let nodes = nodes(paths);
    Some(paths.iter().map(|path| of_path(path, &nodes)).collect())
}

/// The positions where paths part or end: those without exactly two neighbours.
fn nodes(paths: &[Path]) -> FxHashSet<Position> {
    let mut pairs: Vec<(Position, Position)> =
        paths.iter().flat_map(Path::edges).flat_map(|(a, b)| [(a, b), (b, a)]).collect();
    pairs.sort_unstable();
    pairs.dedup();
    pairs.chunk_by(|a, b| a.0 == b.0).filter(|around| around.len() != 2).map(|around| around[0].0).collect()
}

fn of_path(path: &Path, nodes: &FxHashSet<Position>) -> Vec<u8> {
    let at = path.positions;
    let n = at.len();
    let mut zooms = vec![0; n];
    let mut pinned: Vec<usize> = (0..n).filter(|&i| nodes.contains(&at[i])).collect();
    if !path.closed {
        pinned.extend([0, n.saturating_sub(1)]);
    } else if pinned.len() < 2 && n > 0 {
        // a ring that touches nothing, or at one place only: two corners that anyone would choose
        let first = pinned.first().copied().or_else(|| (0..n).min_by_key(|&i| at[i])).unwrap_or(0);
        let far = |i: &usize| (squared(at[*i], at[first]), Reverse(at[*i]));
        pinned.extend([Some(first), (0..n).max_by_key(far)].into_iter().flatten());
    }
    pinned.sort_unstable();
    pinned.dedup();
    let arcs = pinned.windows(2).map(|ends| ends[0]..=ends[1]);
    let around =
        path.closed.then(|| pinned.first().zip(pinned.last())).flatten().map(|(first, last)| *last..=first + n);
    for arc in arcs.chain(around) {
        let places: Vec<usize> = arc.map(|i| i % n).collect();
        let positions: Vec<Position> = places.iter().map(|&i| at[i]).collect();
        for (place, zoom) in places.iter().zip(of_arc(&positions)) {
            zooms[*place] = zoom;
        }
    }
    zooms
}

/// The zooms of an arc between two nodes, which themselves are always drawn.
fn of_arc(at: &[Position]) -> Vec<u8> {
    let n = at.len();
    let mut zooms = vec![0; n];
    let (mut before, mut after): (Vec<usize>, Vec<usize>) = ((0..n).map(|i| i.max(1) - 1).collect(), (1..=n).collect());
    let mut area: Vec<u128> = vec![0; n];
    let mut heap = BinaryHeap::new();
    for i in 1..n.saturating_sub(1) {
        area[i] = doubled(at[i - 1], at[i], at[i + 1]);
        heap.push(Reverse((area[i], at[i], i)));
    }
    let mut most = 0;
    while let Some(Reverse((of, _, i))) = heap.pop() {
        if of != area[i] || after[i] == usize::MAX {
            continue;
        }
        // a vertex matters at least as much as those that went before it
        most = of.max(most);
        zooms[i] = zoom(most);
        let (a, b) = (before[i], after[i]);
        (after[a], before[b], after[i]) = (b, a, usize::MAX);
        for (j, inner) in [(a, a > 0), (b, b + 1 < n)] {
            if inner {
                area[j] = doubled(at[before[j]], at[j], at[after[j]]);
                heap.push(Reverse((area[j], at[j], j)));
            }
        }
    }
    zooms
}

/// The first zoom at which a triangle of this doubled area is seen.
fn zoom(doubled: u128) -> u8 {
    let unit = |z: u8| 1u128 << (32 - EXTENT.ilog2() - u32::from(z));
    (0..WHOLE).find(|&z| doubled > 2 * u128::from(SIDE * SIDE) * unit(z) * unit(z)).unwrap_or(WHOLE)
}

fn doubled(a: Position, b: Position, c: Position) -> u128 {
    let d = |p: Position, q: Position| (i128::from(q.0) - i128::from(p.0), i128::from(q.1) - i128::from(p.1));
    let ((ux, uy), (vx, vy)) = (d(a, b), d(a, c));
    (ux * vy - uy * vx).unsigned_abs()
}

fn squared(a: Position, b: Position) -> u128 {
    let d = |p: u32, q: u32| u128::from(p.abs_diff(q));
    d(a.0, b.0) * d(a.0, b.0) + d(a.1, b.1) * d(a.1, b.1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// A ragged line from `a` to `b` in thousands of units of zoom 10, with `n` vertices between.
    fn ragged(a: (i32, i32), b: (i32, i32), shifts: &[i32]) -> Vec<Position> {
        let n = shifts.len() as i32 + 1;
        let between = (1..n).map(|i| {
            let along = |p: i32, q: i32| p * 1000 + (q - p) * 1000 * i / n;
            (along(a.0, b.0) + shifts[i as usize - 1], along(a.1, b.1) - shifts[i as usize - 1])
        });
        let ends = |p: (i32, i32)| (p.0 * 1000, p.1 * 1000);
        let unit = |p: (i32, i32)| ((p.0 + 100_000) as u32 * 1024, (p.1 + 100_000) as u32 * 1024);
        std::iter::once(ends(a)).chain(between).chain([ends(b)]).map(unit).collect()
    }

    fn ring(lines: &[&[Position]]) -> Vec<Position> {
        lines.iter().flat_map(|line| line[..line.len() - 1].to_vec()).collect()
    }

    fn back(line: &[Position]) -> Vec<Position> {
        line.iter().rev().copied().collect()
    }

    proptest! {
        #[test]
        fn what_is_shared_stays_shared(shifts in proptest::collection::vec(proptest::collection::vec(-90i32..90, 12..40), 4), turn in 0usize..60) {
            // two neighbours, an island in the one, and the island's own polygon
            let middle = ragged((0, 0), (0, 10), &shifts[0]);
            let west = ragged((0, 10), (0, 0), &shifts[1]).into_iter().map(|p| (p.0 - 9_000_000, p.1)).collect::<Vec<_>>();
            let east = ragged((0, 10), (0, 0), &shifts[2]).into_iter().map(|p| (p.0 + 9_000_000, p.1)).collect::<Vec<_>>();
            let a = ring(&[&[west[west.len() - 1], middle[0]], &middle, &[middle[middle.len() - 1], west[0]], &west]);
            let b = ring(&[&[east[east.len() - 1], middle[0]], &middle, &[middle[middle.len() - 1], east[0]], &east]);
            let island = ring(&[&ragged((3, 3), (3, 7), &shifts[3]), &ragged((3, 7), (4, 5), &shifts[3]), &ragged((4, 5), (3, 3), &shifts[3])]);
            let mut hole = back(&island);
            let turn = turn % hole.len();
            hole.rotate_left(turn);
            let paths: Vec<Vec<Position>> = vec![a, back(&b), island, hole];
            let closed: Vec<Path> = paths.iter().map(|p| Path { positions: p, closed: true }).collect();
            let zooms = zooms(&closed).unwrap();
            let mut of = std::collections::HashMap::new();
            for (path, zooms) in paths.iter().zip(&zooms) {
                for (at, zoom) in path.iter().zip(zooms) {
                    prop_assert_eq!(*of.entry(*at).or_insert(*zoom), *zoom, "{:?} is drawn by both or by none", at);
                }
                prop_assert!(zooms.iter().filter(|z| **z == 0).nth(1).is_some(), "a ring keeps two corners at least");
            }
            prop_assert!(zooms.iter().flatten().any(|z| *z > 0), "something is left out somewhere");
        }
    }

    #[test]
    fn what_cannot_be_seen_is_left_out() {
        let flat: Vec<Position> = (0..100).map(|i| (1_000_000 * i, 5)).collect();
        let path = Path { positions: &flat, closed: false };
        let straight = zooms(&[path]).unwrap();
        assert!(straight[0][1..99].iter().all(|z| *z == WHOLE) && straight[0][0] == 0 && straight[0][99] == 0);
        // a corner of some units of zoom 10 is seen from there on
        let mut bent = flat.clone();
        bent[50].1 += 1 << 20;
        let found = zooms(&[Path { positions: &bent, closed: false }]).unwrap()[0][50];
        let doubled = 2u128 * 1_000_000 * (1 << 20);
        assert!(
            doubled > 8 << (2 * (20 - u32::from(found))) && doubled <= 8 << (2 * (21 - u32::from(found))),
            "{found}"
        );
        assert!(zooms(&[Path { positions: &flat[..10], closed: false }]).is_none());
    }
}
