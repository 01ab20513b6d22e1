//! Points in a tile: single rows, or cells that count them, from *all* rows that match. A cell's address is the cell of the
//! world's quadtree that holds its points.

use super::resolved::Query;
use super::sums::Summing;
use crate::cancel;
use crate::geometry::mercator::TileId;
use crate::snapshot::{Classes, Points, Register, RowSource, Snapshot};
use std::ops::Range;
use std::sync::Arc;

/// How points are brought together. Cells are given as a power of two: 3 for 8 x 8 cells a tile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Detail {
    /// Every row is itself.
    Rows,
    /// Every row is itself where there are at most so many; else in cells.
    RowsUpTo(usize, u8),
    /// Rows of one cell are counted, single ones are themselves.
    Cells(u8),
}

/// The points of a collection in a tile.
#[derive(Debug)]
pub struct TilePoints {
    of: Arc<dyn RowSource>,
    columns: Vec<usize>,
    metrics: Vec<Option<usize>>,
    marks: Vec<Mark>,
    sums: Vec<Option<f64>>,
    bits: Option<u8>,
    classes: Option<Arc<Classes>>,
}

/// How many parts a whole cell has: as many as a ring can show apart.
pub const TWELFTHS: u8 = 12;

/// A class of a cell, by its place in the reading, and its twelfths of the rows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Share {
    /// Place in the reading; the place after the last means "none".
    pub class: usize,
    /// Twelfths of the rows, rounded; 0 where there is no such class.
    pub twelfths: u8,
}

/// A row, or a cell with several.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Mark {
    /// Rows.
    pub count: u64,
    /// The row where it is one, else any of the cell.
    pub row: u32,
    /// Its place, or of a cell any place inside; 2^32 units a side of the world.
    pub at: (u32, u32),
    /// The mean place of its rows.
    pub mean: (u32, u32),
    /// Its class, or the one with most rows, by its place in the reading; the place after the last means "none".
    pub cluster: usize,
    /// Of a cell the three classes with most rows; what is left of twelve twelfths is of others.
    pub mix: [Share; 3],
}

impl TilePoints {
    /// Marks of a batch of rows, the properties that may leave with a row, and of a collection counted in cells their
    /// number a side as a power of two.
    pub fn new(of: Arc<dyn RowSource>, columns: Vec<usize>, marks: Vec<Mark>, bits: Option<u8>) -> Self {
        Self { of, columns, metrics: vec![], marks, sums: vec![], bits, classes: None }
    }

    /// The same with the reading by which its marks have their class, where it is not the dataset's own.
    #[must_use]
    pub fn with_classes(self, classes: Arc<Classes>) -> Self {
        Self { classes: Some(classes), ..self }
    }

    /// The reading by which its marks have their class, where it is not the dataset's own.
    pub fn classes(&self) -> Option<&Arc<Classes>> {
        self.classes.as_ref()
    }

    /// The same of a register: per metric the column of the question's period, where it may leave with a row and is not a sum of columns; and for
    /// each mark in turn the sums per metric, where they may leave. Without sums where no mark is a cell.
    #[must_use]
    pub fn with_sums(self, metrics: Vec<Option<usize>>, sums: Vec<Option<f64>>) -> Self {
        Self { metrics, sums, ..self }
    }

    /// The batch that holds the rows.
    pub fn source(&self) -> &Arc<dyn RowSource> {
        &self.of
    }

    /// The properties that may leave with a row, by their places in the schema.
    pub fn columns(&self) -> &[usize] {
        &self.columns
    }

    /// Of the register: per metric the column of the question's period, where it may leave with a row.
    pub fn metrics(&self) -> &[Option<usize>] {
        &self.metrics
    }

    /// Rows and cells, in Hilbert order.
    pub fn marks(&self) -> &[Mark] {
        &self.marks
    }

    /// Of the register: the sums of a mark's rows per metric, where they may leave.
    pub fn sums(&self, mark: usize) -> &[Option<f64>] {
        let n = self.metrics.len();
        self.sums.get(mark * n..(mark + 1) * n).unwrap_or_default()
    }

    /// Cells a side as a power of two, where rows are counted in cells.
    pub fn bits(&self) -> Option<u8> {
        self.bits
    }

    fn nothing(query: &Query, snapshot: &Snapshot, bits: Option<u8>) -> Self {
        let layer = query.of(snapshot);
        let columns = query.disclosure.columns(&layer.spec);
        Self::new(layer.clone(), columns, vec![], bits).with_classes(query.classes.clone())
    }

    /// The register's rows in a tile; those that are placed too coarsely for a dot are left out.
    pub(super) fn of_register(
        snapshot: &Snapshot,
        query: &Query,
        (register, points): (&Register, &Points),
        tile: TileId,
        detail: Detail,
    ) -> Self {
        let layer = query.of(snapshot);
        let summing = Summing::drawn(snapshot, register, query);
        let run = points.tile(tile);
        let bits = match detail {
            Detail::Rows => None,
            Detail::RowsUpTo(most, bits) => (summing.count(&run) > most).then_some(bits),
            Detail::Cells(bits) => Some(bits),
        };
        let mut out = Self::nothing(query, snapshot, bits);
        out.metrics = query.shown_metrics(&layer.spec, register);
        let one = |out: &mut Self, row: usize| {
            let (at, cluster) = (points.position(row), summing.group(row));
            out.marks.push(Mark { count: 1, row: row as u32, at, mean: at, cluster, mix: [Share::default(); 3] });
        };
        let Some(bits) = bits else {
            summing.rows(run).for_each(|row| one(&mut out, row));
            return out;
        };
        let minimum = query.disclosure.minimum(&snapshot.rules());
        let mut sums = summing.nothing();
        for cell in cells(points, tile, bits, &run) {
            cancel::check();
            match summing.count(&cell) {
                0 => {}
                1 => summing.rows(cell).for_each(|row| one(&mut out, row)),
                count => {
                    let (row, at) = (cell.start as u32, points.position(cell.start));
                    sums.run(cell);
                    let mean = sums.mean_position().unwrap_or(at);
                    let cluster = sums.leading();
                    let mix = sums.mix(minimum);
                    out.marks.push(Mark { count: count as u64, row, at, mean, cluster, mix });
                    // sums of single rows are never requested, so these begin with the first cell
                    out.sums.resize((out.marks.len() - 1) * out.metrics.len(), None);
                    for metric in 0..out.metrics.len() {
                        out.sums.push(sums.sum(metric, minimum));
                    }
                }
            }
        }
        out
    }

    /// The rows of any other collection of points in a tile.
    pub(super) fn plain(snapshot: &Snapshot, query: &Query, points: &Points, tile: TileId, detail: Detail) -> Self {
        let set = query.matching(snapshot);
        let matching = |run: Range<usize>| run.filter(|&row| set.as_ref().is_none_or(|s| s.contains(row)));
        let run = points.tile(tile);
        let bits = match detail {
            Detail::Rows => None,
            Detail::RowsUpTo(most, bits) => (matching(run.clone()).take(most + 1).count() > most).then_some(bits),
            Detail::Cells(bits) => Some(bits),
        };
        let mut out = Self::nothing(query, snapshot, bits);
        let cluster = query.classes.len();
        let Some(bits) = bits else {
            let mark = |row: usize| {
                let at = points.position(row);
                Mark { count: 1, row: row as u32, at, mean: at, cluster, mix: [Share::default(); 3] }
            };
            out.marks.extend(matching(run).map(mark));
            return out;
        };
        for cell in cells(points, tile, bits, &run) {
            cancel::check();
            let (mut count, mut sum, mut first) = (0u64, (0u64, 0u64), None);
            for row in matching(cell) {
                let (x, y) = points.position(row);
                (count, sum) = (count + 1, (sum.0 + u64::from(x), sum.1 + u64::from(y)));
                first.get_or_insert(row);
            }
            let Some(row) = first else { continue };
            let (at, mean) = (points.position(row), ((sum.0 / count) as u32, (sum.1 / count) as u32));
            out.marks.push(Mark { count, row: row as u32, at, mean, cluster, mix: [Share::default(); 3] });
        }
        out
    }
}

/// The runs of the cells of a tile (`2^bits` a side) that hold rows, in Hilbert order; `run` is the tile's own run.
fn cells<'a>(
    points: &'a Points,
    tile: TileId,
    bits: u8,
    run: &Range<usize>,
) -> impl Iterator<Item = Range<usize>> + use<'a> {
    let (z, end) = (tile.z + bits, run.end);
    let mut next = run.start;
    std::iter::from_fn(move || {
        if next >= end {
            return None;
        }
        let start = next;
        next = points.cell_end(z, start).min(end);
        Some(start..next)
    })
}
