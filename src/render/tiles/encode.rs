//! A tile of several collections.

use super::grid::Grid;
use super::{cells, shapes};
use crate::core::geometry::mercator::TileId;
use crate::core::query::Bound;

/// A tile with one layer per question, in the order given; no bytes when nothing lies in it.
pub fn encode(questions: &[Bound], tile: TileId, grid: Grid) -> Vec<u8> {
    let mut out = Vec::new();
    for bound in questions {
        if bound.describe().collections[bound.collection()].points {
            cells::write(&mut out, &**bound, tile, grid);
        } else {
            shapes::write(&mut out, &**bound, tile);
        }
    }
    out
}
