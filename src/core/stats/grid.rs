//! Points in square cells, so that the neighbours of one are found in a few of them.

use super::plane::Metres;
use crate::cancel;
use std::ops::Range;

/// Points sorted by the cell that they lie in. Cells that hold points stand in tables, row by row, and are found by binary search:
/// no memory goes to empty ones, however far apart the points are.
#[derive(Debug)]
pub struct Grid {
    side: f64,
    /// Rows that hold points, ascending, and where the cells of each begin.
    rows: Vec<(i64, u32)>,
    /// The row of each cell that holds points, by its place in `rows`, and its column; ascending.
    cells: Vec<(u32, i64)>,
    /// Where the points of each cell begin in `order`; one more at the end.
    begin: Vec<u32>,
    /// Points by cell, ascending within one.
    order: Vec<u32>,
}

impl Grid {
    /// The points in cells of `side` metres.
    pub fn new(points: &[Metres], side: f64) -> Self {
        let place = |point: &Metres| [point[1], point[0]].map(|v| (v / side).floor() as i64);
        let (mut low, mut high) = ([i64::MAX; 2], [i64::MIN; 2]);
        for axis in 0..2 {
            for cell in points.iter().map(place) {
                (low[axis], high[axis]) = (low[axis].min(cell[axis]), high[axis].max(cell[axis]));
            }
        }
        cancel::check();
        let bits = |most: u64| u64::BITS - most.leading_zeros();
        let [rows, columns] = [0, 1].map(|axis| bits(high[axis].wrapping_sub(low[axis]) as u64));
        let numbers = bits(points.len() as u64);
        if rows + columns + numbers >= u64::BITS {
            // cells that are tiny for what lies between the points
            let mut keys: Vec<([i64; 2], u32)> = points.iter().map(place).zip(0..).collect();
            keys.sort_unstable_by(cancel::ordered(Ord::cmp));
            return Self::of(side, keys.into_iter());
        }
        // row, column and number in one integer, which is sorted several times faster
        let key = |(number, point): (u64, &Metres)| {
            let [row, column] = place(point);
            ((((row - low[0]) as u64) << columns | (column - low[1]) as u64) << numbers) | number
        };
        let mut keys: Vec<u64> = (0..).zip(points).map(key).collect();
        keys.sort_unstable_by(cancel::ordered(u64::cmp));
        cancel::check();
        let part = |key: u64, from: u32, bits: u32| (key >> from) & ((1 << bits) - 1);
        Self::of(
            side,
            keys.into_iter().map(|key| {
                let row = low[0] + part(key, numbers + columns, rows) as i64;
                ([row, low[1] + part(key, numbers, columns) as i64], part(key, 0, numbers) as u32)
            }),
        )
    }

    /// The tables of points in the order of their cells.
    fn of(side: f64, sorted: impl ExactSizeIterator<Item = ([i64; 2], u32)>) -> Self {
        let (mut rows, mut cells, mut begin) = (Vec::<(i64, u32)>::new(), Vec::new(), Vec::new());
        let mut order = Vec::with_capacity(sorted.len());
        for ([row, column], point) in sorted {
            if rows.last().is_none_or(|(last, _)| *last != row) {
                rows.push((row, cells.len() as u32));
            }
            let cell = (rows.len() as u32 - 1, column);
            if cells.last() != Some(&cell) {
                cells.push(cell);
                begin.push(order.len() as u32);
            }
            order.push(point);
        }
        begin.push(order.len() as u32);
        Self { side, rows, cells, begin, order }
    }

    /// The side of the cells in metres.
    pub fn side(&self) -> f64 {
        self.side
    }

    /// How many cells hold points.
    pub fn len(&self) -> usize {
        self.cells.len()
    }

    /// Whether there are no points.
    pub fn is_empty(&self) -> bool {
        self.cells.is_empty()
    }

    /// The points of a cell, by its place.
    pub fn points(&self, cell: usize) -> &[u32] {
        &self.order[self.begin[cell] as usize..self.begin[cell + 1] as usize]
    }

    /// All points, cell by cell.
    pub fn order(&self) -> &[u32] {
        &self.order
    }

    /// Where the points of a cell stand in the order.
    pub fn range(&self, cell: usize) -> Range<usize> {
        self.begin[cell] as usize..self.begin[cell + 1] as usize
    }

    /// Where the points of a run of cells stand in the order.
    pub fn span(&self, cells: &Range<usize>) -> Range<usize> {
        self.begin[cells.start] as usize..self.begin[cells.end] as usize
    }

    /// Visits cells in their order, each with the cells that hold points and are at most two rows and columns from it, itself among them: one
    /// run of cells for each row. A run is found from that of the cell before, so that nothing is searched for but where a row begins.
    pub fn sweep(&self, cells: Range<usize>, mut visit: impl FnMut(usize, &[Range<usize>; 5])) {
        let mut runs: [Range<usize>; 5] = Default::default();
        let (mut ends, mut last) = ([0; 5], None);
        for cell in cells {
            let (place, column) = self.cells[cell];
            if last != Some(place) {
                let row = self.rows[place as usize].0;
                for ((run, end), row) in runs.iter_mut().zip(&mut ends).zip(row - 2..) {
                    let found = self.row(row);
                    (*run, *end) = (found.start..found.start, found.end);
                }
                last = Some(place);
            }
            for (run, end) in runs.iter_mut().zip(&ends) {
                while run.start < *end && self.cells[run.start].1 < column - 2 {
                    run.start += 1;
                }
                run.end = run.end.max(run.start);
                while run.end < *end && self.cells[run.end].1 <= column + 2 {
                    run.end += 1;
                }
            }
            visit(cell, &runs);
        }
    }

    /// The cells that hold points within `distance` metres of a position, and perhaps some beyond; ascending.
    pub fn near(&self, point: Metres, distance: f64) -> impl Iterator<Item = usize> + '_ {
        let place = |v: f64| (v / self.side).floor() as i64;
        let (from, to) = (place(point[0] - distance), place(point[0] + distance));
        (place(point[1] - distance)..=place(point[1] + distance)).flat_map(move |row| self.run(row, from, to))
    }

    /// The cells of a row.
    fn row(&self, row: i64) -> Range<usize> {
        let place = self.rows.partition_point(|(before, _)| *before < row);
        let Some((_, begin)) = self.rows.get(place).filter(|(found, _)| *found == row) else { return 0..0 };
        *begin as usize..self.rows.get(place + 1).map_or(self.cells.len(), |(_, begin)| *begin as usize)
    }

    /// The cells of a row from one column to another.
    fn run(&self, row: i64, from: i64, to: i64) -> Range<usize> {
        let all = self.row(row);
        let first = all.start + self.cells[all.clone()].partition_point(|(_, column)| *column < from);
        // few cells lie between: no search is faster
        first..first + self.cells[first..all.end].iter().take_while(|(_, column)| *column <= to).count()
    }
}

/// The square of the distance of two points.
#[inline]
pub fn squared(a: Metres, b: Metres) -> f64 {
    cancel::steps(1);
    let (x, y) = (a[0] - b[0], a[1] - b[1]);
    x * x + y * y
}
