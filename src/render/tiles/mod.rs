//! Rows as Mapbox Vector Tiles 2.1 in WebMercatorQuad; TileJSON 3.0 and OGC tilesets, which describe them.

mod cells;
mod mvt;
mod shapes;
mod tilejson;
mod tileset;

pub use tilejson::{TileJson, VectorLayer, tilejson};
pub use tileset::{
    BoundingBox, Limits, TileMatrixSet, Tileset, WEB_MERCATOR_QUAD, WEB_MERCATOR_QUAD_URI, tile_matrix_set, tileset,
    within_limits,
};

use crate::core::geometry::mercator::TileId;
use crate::core::query::Query;
use crate::core::snapshot::{Index, Snapshot};

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
        match (&snapshot.layers[query.layer].index, &snapshot.register) {
            (Index::Points(points), Some(register)) if register.layer == query.layer => {
                cells::register(&mut out, snapshot, query, (register, points), tile, grid);
            }
            (Index::Points(points), _) => cells::plain(&mut out, snapshot, query, points, tile),
            (Index::Shapes(shapes), _) => shapes::write(&mut out, snapshot, query, shapes, tile),
        }
    }
    out
}
