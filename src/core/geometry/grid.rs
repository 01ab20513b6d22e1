//! A region over a grid: which cells are wholly inside, wholly outside, or touched by its border.
//!
//! Only points in border cells need the exact test; the answer is that of [`Region::contains`] for every point, because
//! a cell counts as border when an edge comes within a millionth of a cell's width of it.

use super::{Bounds, Region};
use crate::cancel;

/// What a cell is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cover {
    /// Every point of it is outside.
    Outside,
    /// Every point of it is inside.
    Inside,
    /// The border runs through it or close by.
    Border,
}

/// A region's box cut into square numbers of cells.
#[derive(Debug)]
pub struct Grid<'a> {
    region: &'a Region,
    bounds: Bounds,
    side: usize,
    per_x: f64,
    per_y: f64,
    cells: Vec<Cover>,
}

/// A margin in cell widths, far above rounding and far below what would cost anything.
const MARGIN: f64 = 1e-6;

impl<'a> Grid<'a> {
    /// Classifies `side` x `side` cells (at least one).
    pub fn new(region: &'a Region, side: usize) -> Self {
        let (bounds, side) = (region.bounds(), side.max(1));
        let per = |length: f64| if length > 0.0 { side as f64 / length } else { 0.0 };
        let (per_x, per_y) = (per(bounds.east - bounds.west), per(bounds.north - bounds.south));
        let mut grid = Self { region, bounds, side, per_x, per_y, cells: vec![Cover::Outside; side * side] };
        for edges in region.outline().chunks(256) {
            cancel::check();
            edges.iter().for_each(|e| grid.mark(e));
        }
        for row in 0..side {
            cancel::check();
            grid.fill(row);
        }
        grid
    }

    /// Marks the cells that an edge touches.
    fn mark(&mut self, &[ax, ay, bx, by]: &[f64; 4]) {
        let (ax, ay) = ((ax - self.bounds.west) * self.per_x, (ay - self.bounds.south) * self.per_y);
        let (bx, by) = ((bx - self.bounds.west) * self.per_x, (by - self.bounds.south) * self.per_y);
        let place = |v: f64| (v.max(0.0) as usize).min(self.side - 1);
        for row in place(ay - MARGIN)..=place(by + MARGIN) {
            let at = |y: f64| {
                let t = if by > ay { ((y - ay) / (by - ay)).clamp(0.0, 1.0) } else { 0.0 };
                ax + t * (bx - ax)
            };
            let low = row as f64;
            let (p, q) = if by - ay < MARGIN { (ax, bx) } else { (at(low - MARGIN), at(low + 1.0 + MARGIN)) };
            let (first, last) = (place(p.min(q) - 2.0 * MARGIN), place(p.max(q) + 2.0 * MARGIN));
            self.cells[row * self.side + first..=row * self.side + last].fill(Cover::Border);
        }
    }

    /// Cells without border between them are alike: one exact test for each stretch.
    fn fill(&mut self, row: usize) {
        let middle = |i: usize| (i as f64 + 0.5) / self.side as f64;
        let y = self.bounds.south + middle(row) * (self.bounds.north - self.bounds.south);
        let mut known = None;
        for column in 0..self.side {
            let cell = row * self.side + column;
            if self.cells[cell] == Cover::Border {
                known = None;
                continue;
            }
            let x = self.bounds.west + middle(column) * (self.bounds.east - self.bounds.west);
            let test = || if self.region.contains(x, y) { Cover::Inside } else { Cover::Outside };
            self.cells[cell] = *known.get_or_insert_with(test);
        }
    }

    fn cell(&self, x: f64, y: f64) -> (usize, usize) {
        let place = |v: f64| (v.max(0.0) as usize).min(self.side - 1);
        (place((x - self.bounds.west) * self.per_x), place((y - self.bounds.south) * self.per_y))
    }

    /// Whether the point is inside, by the border rule.
    #[inline]
    pub fn contains(&self, x: f64, y: f64) -> bool {
        if !self.bounds.contains(x, y) {
            return false;
        }
        let (column, row) = self.cell(x, y);
        match self.cells[row * self.side + column] {
            Cover::Border => self.region.contains(x, y),
            sure => sure == Cover::Inside,
        }
    }

    /// What a box is: `Border` unless all of its points are alike for certain.
    pub fn cover(&self, b: &Bounds) -> Cover {
        if !b.intersects(&self.bounds) {
            return Cover::Outside;
        }
        let ((west, south), (east, north)) = (self.cell(b.west, b.south), self.cell(b.east, b.north));
        let first = self.cells[south * self.side + west];
        for row in south..=north {
            let cells = &self.cells[row * self.side + west..=row * self.side + east];
            if cells.iter().any(|c| *c != first) {
                return Cover::Border;
            }
        }
        // a box that reaches beyond the region's own meets its outermost cells, and these are never wholly inside: the
        // region's box has no point inside on its sides
        first
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use geo::{LineString, MultiPolygon, Polygon};
    use proptest::prelude::*;

    proptest! {
        /// Rings on a lattice, self-crossing ones too; probes on corners, on horizontal and vertical edges and close
        /// to them.
        #[test]
        fn a_grid_never_changes_the_answer(
            rings in proptest::collection::vec(proptest::collection::vec((0i32..9, 0i32..9), 3..12), 1..4),
            side in 1usize..40,
            boxes in proptest::collection::vec((-2i32..36, -2i32..36, 0i32..20, 0i32..20), 1..20),
        ) {
            let ring = |r: &Vec<(i32, i32)>| LineString::from(r.iter().map(|&(x, y)| (f64::from(x), f64::from(y))).collect::<Vec<_>>());
            let polygons = rings.iter().map(|r| Polygon::new(ring(r), vec![])).collect();
            let region = Region::new(&MultiPolygon(polygons));
            let grid = Grid::new(&region, side);
            for i in -1..=34 {
                for j in -1..=34 {
                    for hair in [0.0, 1e-12, -1e-12] {
                        let (x, y) = (f64::from(i) / 4.0 + hair, f64::from(j) / 4.0 - hair);
                        prop_assert_eq!(grid.contains(x, y), region.contains(x, y), "{} {}", x, y);
                    }
                }
            }
            for (x, y, w, h) in boxes {
                let b = Bounds { west: f64::from(x) / 4.0, south: f64::from(y) / 4.0, east: f64::from(x + w) / 4.0, north: f64::from(y + h) / 4.0 };
                let cover = grid.cover(&b);
                for i in 0..=w {
                    for j in 0..=h {
                        let inside = region.contains(f64::from(x + i) / 4.0, f64::from(y + j) / 4.0);
                        prop_assert!(cover == Cover::Border || (cover == Cover::Inside) == inside);
                    }
                }
            }
        }
    }
}
