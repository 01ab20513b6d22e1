//! Extracts of OpenStreetMap, and files of roads, water and names, as the features of a base map.

mod class;
mod coast;
mod files;
mod osm;
mod rings;

pub use files::{File, file};
pub use osm::{Extract, ExtractError, extract};
