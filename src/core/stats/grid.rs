//! Points in square cells, so that the neighbours of one are found in a few of them.

use super::plane::Metres;
use crate::core::cancel;

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
        let cell = |point: &Metres| ((point[1] / side).floor() as i64, (point[0] / side).floor() as i64);
        let mut keyed: Vec<((i64, i64), u32)> = points.iter().map(cell).zip(0..).collect();
        cancel::check();
        keyed.sort_unstable();
        cancel::check();
        let (mut rows, mut cells, mut begin) = (Vec::<(i64, u32)>::new(), Vec::new(), Vec::new());
        for (at, ((row, column), _)) in (0..).zip(&keyed) {
            if rows.last().is_none_or(|(last, _)| last != row) {
                rows.push((*row, cells.len() as u32));
            }
            let cell = (rows.len() as u32 - 1, *column);
            if cells.last() != Some(&cell) {
                cells.push(cell);
                begin.push(at);
            }
        }
        begin.push(keyed.len() as u32);
        Self { side, rows, cells, begin, order: keyed.into_iter().map(|(_, point)| point).collect() }
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

    /// The cells that hold points and are at most `reach` rows and columns from a cell, itself among them; ascending.
    pub fn around(&self, cell: usize, reach: i64) -> impl Iterator<Item = usize> + '_ {
        let (row, column) = self.cells[cell];
        let row = self.rows[row as usize].0;
        (row - reach..=row + reach).flat_map(move |row| self.run(row, column - reach, column + reach))
    }

    /// The cells that hold points within `distance` metres of a position, and perhaps some beyond; ascending.
    pub fn near(&self, point: Metres, distance: f64) -> impl Iterator<Item = usize> + '_ {
        let place = |v: f64| (v / self.side).floor() as i64;
        let (from, to) = (place(point[0] - distance), place(point[0] + distance));
        (place(point[1] - distance)..=place(point[1] + distance)).flat_map(move |row| self.run(row, from, to))
    }

    /// The cells of a row from one column to another.
    fn run(&self, row: i64, from: i64, to: i64) -> std::ops::Range<usize> {
        let place = self.rows.partition_point(|(before, _)| *before < row);
        let Some((_, begin)) = self.rows.get(place).filter(|(found, _)| *found == row) else { return 0..0 };
        let end = self.rows.get(place + 1).map_or(self.cells.len(), |(_, begin)| *begin as usize);
        let first = *begin as usize;
        let first = first + self.cells[first..end].partition_point(|(_, column)| *column < from);
        // few cells lie between: no search is faster
        first..first + self.cells[first..end].iter().take_while(|(_, column)| *column <= to).count()
    }
}

/// The square of the distance of two points.
#[inline]
pub fn squared(a: Metres, b: Metres) -> f64 {
    let (x, y) = (a[0] - b[0], a[1] - b[1]);
    x * x + y * y
}
