//! Shigu 视谷: an industrial-cluster and spatial-layout GIS.
//!
//! The rooms in the order in which data flows through them; ARCHITECTURE.md has the picture. A room imports only rooms
//! above it in this list's numbering of floors (kept by `tests/architecture.rs`).

// floor 0: typed columns and bitmaps; coordinate arithmetic
pub mod columns;
pub mod geometry;

// floor 1: inert nouns
pub mod model;

// floor 2: conditions on properties; a dataset ready for questions
pub mod filter;
pub mod snapshot;

// floor 3: questions and answers; the sample register
pub mod generate;
pub mod query;

// floor 4: rows as vector tiles
pub mod tiles;
