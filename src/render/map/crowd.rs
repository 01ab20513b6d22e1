//! The register's rows on a map: the same counted cells and single rows as the tiles of the interactive map.

use super::frame::Frame;
use crate::core::columns::Bitmap;
use crate::core::geometry::mercator::{EXTENT, TileId};
use crate::core::query::{Query, cell_place, cells, rows};
use crate::core::snapshot::{Points, Snapshot};

/// Cells a side of a tile, as a power of two: `/style.json` asks for the same.
const BITS: u8 = 3;
/// Deepest zoom of tiles that the interactive map asks for.
const DEEPEST: u8 = 18;
/// A picture of the largest size at its least zoom needs 9 x 9 tiles.
const MOST_TILES: usize = 400;

/// So many points of a collection are drawn each.
const MOST_ROWS: usize = 1800;

/// A circle or dot of the register.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Spot {
    /// In pixels of the frame.
    pub(super) at: (f64, f64),
    /// Rows.
    pub(super) count: u64,
    /// The row, where it is one.
    pub(super) row: Option<usize>,
}

/// The cells and single rows in a frame, in Hilbert order within each tile.
pub(super) fn crowd(
    snapshot: &Snapshot,
    query: &Query,
    points: &Points,
    coarse: Option<&Bitmap>,
    frame: &Frame,
) -> Vec<Spot> {
    let mut drawn = rows(snapshot, query);
    if let Some(coarse) = coarse {
        drawn.get_or_insert_with(|| Bitmap::all(coarse.len())).and_not(coarse);
    }
    let z = (frame.zoom().floor() as u8).min(DEEPEST);
    let mut out = Vec::new();
    for tile in frame.tiles(z, MOST_TILES) {
        let run = points.tile(tile);
        for cell in cells(points, tile, BITS, &run) {
            let inside = points.position(cell.start);
            let (mut count, mut sum, mut first) = (0u64, (0u64, 0u64), None);
            let mut add = |row: usize| {
                let (x, y) = points.position(row);
                (count, sum) = (count + 1, (sum.0 + u64::from(x), sum.1 + u64::from(y)));
                first.get_or_insert(row);
            };
            match &drawn {
                Some(set) => set.range(cell.start, cell.end).for_each(&mut add),
                None => cell.for_each(&mut add),
            }
            let Some(first) = first else { continue };
            if count == 1 {
                out.push(Spot { at: frame.pixel(points.position(first)), count, row: Some(first) });
                continue;
            }
            let mean = ((sum.0 / count) as u32, (sum.1 / count) as u32);
            let place = cell_place(tile.local(mean), tile.local(inside), BITS);
            out.push(Spot { at: frame.pixel(world(tile, place)), count, row: None });
        }
    }
    out
}

/// The points of a collection that is no register, in a frame: each, or cells where there are too many.
pub(super) fn few(snapshot: &Snapshot, query: &Query, points: &Points, frame: &Frame) -> Vec<Spot> {
    let set = rows(snapshot, query);
    let tiles = frame.tiles((frame.zoom().floor() as u8).min(DEEPEST), MOST_TILES);
    let near = tiles.into_iter().flat_map(|tile| points.tile(tile));
    let matching: Vec<usize> =
        near.filter(|&row| set.as_ref().is_none_or(|s| s.contains(row))).take(MOST_ROWS + 1).collect();
    if matching.len() > MOST_ROWS {
        return crowd(snapshot, query, points, None, frame);
    }
    matching.into_iter().map(|row| Spot { at: frame.pixel(points.position(row)), count: 1, row: Some(row) }).collect()
}

/// The position in the square of the world of a position in a tile.
fn world(tile: TileId, (x, y): (i32, i32)) -> (u32, u32) {
    let shift = 32 - u32::from(tile.z) - EXTENT.ilog2();
    let place = |tile: u32, local: i32| ((i64::from(tile) * i64::from(EXTENT) + i64::from(local)) << shift) as u32;
    (place(tile.x, x), place(tile.y, y))
}
