//! Metrics, kinds of zones and layer groups are data of the manifest: `fourfold` has four metrics and three kinds of zones
//! that no source file names, `solo` a single metric and no declarations.

#[path = "metrics/answers.rs"]
mod answers;
#[path = "metrics/files.rs"]
mod files;
#[path = "metrics/import.rs"]
mod import;
#[path = "metrics/map.rs"]
mod map;
#[path = "metrics/places.rs"]
mod places;
#[path = "metrics/scan.rs"]
mod scan;
#[path = "metrics/source.rs"]
mod source;
