//! Shigu 视谷: an industrial-cluster and spatial-layout GIS.
//!
//! The rooms in the order in which data flows through them; ARCHITECTURE.md has the picture. A room imports only rooms
//! above it in this list's numbering of floors (kept by `tests/architecture.rs`).

pub mod columns; // floor 0: typed columns, bitmaps
pub mod filter; // floor 2: conditions on properties
pub mod geometry; // floor 0: coordinate arithmetic
pub mod model; // floor 1: inert nouns
pub mod query;
pub mod snapshot; // floor 2: a dataset ready for questions // floor 3: questions and answers
pub mod tiles; // floor 4: rows as vector tiles
