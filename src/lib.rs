//! Shigu 视谷: an industrial-cluster and spatial-layout GIS.
//!
//! Layers from the bottom up; a layer imports lower layers only (kept by `tests/architecture.rs`). ARCHITECTURE.md has
//! the picture. The lowest, `core`, is a crate of its own: the engine, which knows no HTTP, no files and no clock.
//!
//! ```
//! use shigu::core::query::{Disclosure, Embedded, Engine, Question};
//! use shigu::core::snapshot::Snapshot;
//! use shigu::data::load::{Limits, Source, load};
//!
//! let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/tinyville");
//! let (dataset, _) = load(&Source::Folder(folder), &Limits::default());
//! let engine = Embedded::from(Snapshot::new(dataset.ok_or("the folder has errors")?));
//! let bound = engine.bind(&Question::register().in_zone("T02"), Disclosure::Full)?;
//! let summary = bound.summarize()?;
//! assert!(summary.counts.matched > 0);
//! assert_eq!(summary.counts.matched, bound.count() as u64);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub use shigu_core as core;
pub mod data;
pub mod render;
pub mod service;

pub mod http;

pub mod cli;
