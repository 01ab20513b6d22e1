//! The register's rows on a map: the same counted cells and single rows as the tiles of the interactive map.

use super::frame::Frame;
use crate::core::geometry::mercator::{EXTENT, TileId};
use crate::core::query::{Bound, Detail, Mark, Share, cell_place};
use crate::core::snapshot::RowSource;
use std::sync::Arc;

/// Cells a side of a tile, as a power of two: `/style.json` asks for the same.
const BITS: u8 = 3;
/// Deepest zoom of tiles that the interactive map asks for.
const DEEPEST: u8 = 18;
/// A picture of the largest size at its least zoom needs 9 x 9 tiles.
const MOST_TILES: usize = 400;

/// So many points of a collection are drawn each.
const MOST_ROWS: usize = 1800;

/// A row that is drawn.
#[derive(Clone, Debug)]
pub(super) struct Feature {
    pub(super) source: Arc<dyn RowSource>,
    pub(super) row: usize,
    /// Its cluster by the place in the codelist; of the register only.
    pub(super) cluster: usize,
}

/// A circle or dot of a collection of points.
#[derive(Clone, Debug)]
pub(super) struct Spot {
    /// In pixels of the frame.
    pub(super) at: (f64, f64),
    /// Rows.
    pub(super) count: u64,
    /// Of several rows the classes that most of them are of.
    pub(super) mix: [Share; 3],
    /// The row, where it is one.
    pub(super) row: Option<Feature>,
}

/// The cells and single rows in a frame, in Hilbert order within each tile.
pub(super) fn crowd(bound: &Bound, frame: &Frame) -> Vec<Spot> {
    in_tiles(bound, Detail::Cells(BITS), &frame.turns()).collect()
}

/// The points of a collection that is no register, in a frame: each, or cells where there are too many.
pub(super) fn few(bound: &Bound, frame: &Frame) -> Vec<Spot> {
    let each: Vec<Spot> = in_tiles(bound, Detail::Rows, &frame.turns()).take(MOST_ROWS + 1).collect();
    if each.len() > MOST_ROWS { crowd(bound, frame) } else { each }
}

fn in_tiles(bound: &Bound, detail: Detail, frames: &[Frame]) -> impl Iterator<Item = Spot> {
    let all = frames.iter().flat_map(|frame| tiles(frame).into_iter().map(move |tile| (tile, frame)));
    all.flat_map(move |(tile, frame)| spots(bound, tile, detail, frame))
}

fn tiles(frame: &Frame) -> Vec<TileId> {
    frame.tiles((frame.zoom().floor() as u8).min(DEEPEST), MOST_TILES)
}

fn spots(bound: &Bound, tile: TileId, detail: Detail, frame: &Frame) -> Vec<Spot> {
    let Some(points) = bound.points(tile, detail) else { return vec![] };
    let spot = |mark: &Mark| {
        if mark.count == 1 {
            let (source, row) = (points.source().clone(), mark.row as usize);
            let row = Some(Feature { source, row, cluster: mark.cluster });
            return Spot { at: frame.pixel(mark.at), count: 1, mix: mark.mix, row };
        }
        let place = cell_place(tile.local(mark.mean), tile.local(mark.at), BITS, mark.count);
        Spot { at: frame.pixel(world(tile, place)), count: mark.count, mix: mark.mix, row: None }
    };
    points.marks().iter().map(spot).collect()
}

/// The position in the square of the world of a position in a tile.
fn world(tile: TileId, (x, y): (i32, i32)) -> (u32, u32) {
    let shift = 32 - u32::from(tile.z) - EXTENT.ilog2();
    let place = |tile: u32, local: i32| ((i64::from(tile) * i64::from(EXTENT) + i64::from(local)) << shift) as u32;
    (place(tile.x, x), place(tile.y, y))
}
