//! Shigu 视谷: an industrial-cluster and spatial-layout GIS.
//!
//! The rooms by floors, in the order in which data flows through them; ARCHITECTURE.md has the picture. A room imports
//! rooms of lower floors only (kept by `tests/architecture.rs`).

// floor 0: arithmetic, pictures
pub mod columns;
pub mod drawing;
pub mod geometry;

// floor 1: inert nouns, packed columns
pub mod geoparquet;
pub mod model;

// floor 2: files in, conditions, the snapshot
pub mod filter;
pub mod load;
pub mod snapshot;

// floor 3: questions and answers
pub mod generate;
pub mod intake;
pub mod query;

// floor 4: renderings, and where snapshots live
pub mod bulk;
pub mod map;
pub mod renderer;
pub mod report;
pub mod store;
pub mod tiles;

// floor 5: what several renderings make together
pub mod batch;

// floor 6: URL to question, answer to bytes
pub mod http;

// floor 7: commands
pub mod cli;
