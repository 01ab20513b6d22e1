//! Rows as Mapbox Vector Tiles 2.1 in WebMercatorQuad, and TileJSON 3.0.

mod cells;
mod mvt;
mod shapes;
mod tilejson;

pub use tilejson::{TileJson, VectorLayer, tilejson};

use crate::geometry::mercator::TileId;
use crate::query::{Query, rows};
use crate::snapshot::{Index, Snapshot};

/// Into how many cells a side a tile of points is cut. A cell with one row holds the row itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Grid {
    /// 64 x 64 cells; up to [`Grid::ALL_ROWS`] matching rows all go as themselves.
    Auto,
    /// This many cells a side in the register's layer, whatever the number of rows: a map that draws a counted circle
    /// per cell asks for few.
    Cells(u32),
}

impl Grid {
    /// The sides that can be asked for.
    pub const SIDES: [u32; 4] = [8, 16, 32, 64];
    /// So many rows stay under 150 kB.
    const ALL_ROWS: usize = 1800;

    /// A grid with `side` cells a side, if that is one of [`Grid::SIDES`].
    pub fn new(side: u32) -> Option<Self> {
        Self::SIDES.contains(&side).then_some(Self::Cells(side))
    }
}

/// A tile with one layer per query, in the order given; no bytes when nothing lies in it.
pub fn encode(snapshot: &Snapshot, queries: &[Query], tile: TileId, grid: Grid) -> Vec<u8> {
    let mut out = Vec::new();
    for query in queries {
        let layer = &snapshot.layers[query.layer];
        let set = rows(snapshot, query);
        match &layer.index {
            Index::Points(points) => {
                // other points are few and named: a grid would hide them behind numbers
                let counted = snapshot.register.as_ref().is_some_and(|r| r.layer == query.layer);
                let grid = if counted { grid } else { Grid::Auto };
                cells::write(&mut out, snapshot, query, points, set, tile, grid);
            }
            Index::Shapes(shapes) => shapes::write(&mut out, layer, query, shapes, set.as_ref(), tile),
        }
    }
    out
}
