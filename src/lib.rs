//! Shigu 视谷: an industrial-cluster and spatial-layout GIS.
//!
//! The rooms in the order in which data flows through them; ARCHITECTURE.md has the picture. A room imports only rooms
//! above it in this list's numbering of floors (kept by `tests/architecture.rs`).

pub mod columns; // floor 0: typed columns, bitmaps
pub mod geometry; // floor 0: coordinate arithmetic
pub mod load;
pub mod model; // floor 1: inert nouns // floor 2: a folder becomes a dataset and a report
