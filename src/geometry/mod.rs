//! Coordinate arithmetic in WGS 84 degrees, Web Mercator and tile units. Stands on nothing.

pub mod bounds;
pub mod clip;
mod grid;
pub mod hilbert;
pub mod measure;
pub mod mercator;
mod region;

pub use bounds::Bounds;
pub use grid::{Cover, Grid};
pub use region::Region;
