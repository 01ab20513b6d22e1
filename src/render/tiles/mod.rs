//! Rows as Mapbox Vector Tiles 2.1 in WebMercatorQuad; TileJSON 3.0 and OGC tilesets, which describe them.

pub mod basemap;
mod cells;
mod counted;
mod encode;
mod grid;
mod mvt;
mod shapes;
mod tilejson;
mod tileset;

pub use counted::{CountedCell, counted};
pub use encode::encode;
pub use grid::Grid;
pub use tilejson::{TileJson, VectorLayer, tilejson};
pub use tileset::{
    BoundingBox, Limits, TileMatrixSet, Tileset, WEB_MERCATOR_QUAD, WEB_MERCATOR_QUAD_URI, tile_matrix_set, tileset,
    within_limits,
};
