//! Counted cells: a tile is cut into cells, each one run of rows in Hilbert order; tiles and drawn maps cut alike.

use crate::core::geometry::mercator::{EXTENT, TileId};
use crate::core::snapshot::Points;
use std::ops::Range;

/// The runs of the cells of a tile (`2^bits` a side) that hold rows, in Hilbert order; `run` is the tile's own run.
pub fn cells<'a>(
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

/// Where a counted cell stands, in tile units, given the mean of its rows and any position inside it: two fifths of the
/// way from the cell's middle to the mean. So it leans to where the rows are, and circles up to three fifths of a cell
/// wide never touch.
pub fn cell_place(mean: (i32, i32), inside: (i32, i32), bits: u8) -> (i32, i32) {
    let side = (EXTENT >> bits) as i32;
    let lean = |mean: i32, inside: i32| {
        let middle = inside.div_euclid(side) * side + side / 2;
        middle + (mean - middle) * 2 / 5
    };
    (lean(mean.0, inside.0), lean(mean.1, inside.1))
}
