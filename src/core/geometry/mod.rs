//! Coordinate arithmetic in WGS 84 degrees, Web Mercator and tile units. Depends on `cancel` only.

pub mod bounds;
pub mod buffer;
pub mod clip;
mod crs;
pub mod datum;
mod grid;
pub mod hilbert;
pub mod measure;
mod meeting;
pub mod mercator;
pub mod overlay;
mod region;
pub mod simplify;
mod sound;
pub mod validity;
pub mod wkb;

pub use bounds::Bounds;
pub use crs::{Crs, Ground, Plane};
pub use grid::{Cover, Grid};
pub use region::{Region, areas};
pub use sound::{Defect, DefectKind, Sound, Surface};
