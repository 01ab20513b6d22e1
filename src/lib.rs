//! Shigu 视谷: an industrial-cluster and spatial-layout GIS.
//!
//! Layers from the bottom up; a layer imports lower layers only (kept by `tests/architecture.rs`). ARCHITECTURE.md has
//! the picture.

pub mod core;
pub mod data;
pub mod render;
pub mod service;

pub mod http;

pub mod cli;
