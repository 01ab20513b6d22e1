//! What people look at: maps, vector tiles, reports.

pub mod child;
mod csv;
pub mod drawing;
pub mod hotspots;
pub mod map;
pub mod renderer;
pub mod report;
pub mod tiles;
