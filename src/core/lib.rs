//! The engine: columns, geometry, the model, filters, the immutable snapshot and its queries. Usable as a library: it
//! knows no HTTP, no files and no clock.

pub mod basemap;
pub mod cancel;
pub mod columns;
pub mod filter;
pub mod formula;
pub mod geocode;
pub mod geometry;
pub mod json;
pub mod model;
pub mod query;
pub mod snapshot;
pub mod stats;
