//! Most integration tests in one program: thirty that each link the whole library take minutes to build.
//!
//! A file of this folder is a module here or a `[[test]]` of its own in Cargo.toml (`tests/architecture.rs` holds that).
//! One suite alone: `cargo test --test it http::`.

#[path = "accounts/main.rs"]
mod accounts;
mod agreement;
mod attack;
mod basemap;
mod bombs;
mod borders;
mod buffers;
mod bulk;
mod cancel;
mod chain;
mod change;
mod channels;
#[path = "cities/main.rs"]
mod cities;
mod classes;
mod common;
mod conformance;
mod connections;
#[path = "copies/main.rs"]
mod copies;
mod countries;
mod cql2;
mod described;
mod disclosure;
mod edits;
mod edits_features;
mod edits_partition;
mod edits_replace;
mod feature_search;
mod features;
mod freshness;
mod fuzz;
mod guide;
mod hangzhou;
mod hollow;
mod hotspots;
mod http;
#[path = "import/main.rs"]
mod import;
mod imports;
mod letter;
mod levels;
mod linear_scan;
mod load;
mod map;
mod map_http;
mod memory;
mod metrics;
mod movements;
mod mvt;
mod new_city;
mod operating;
mod paper_pages;
mod papers;
mod periods;
mod places;
mod points;
mod polygons;
mod profile;
mod program;
mod quotients;
mod ranking;
mod reloads;
mod renderer;
mod report;
mod report_documents;
mod report_http;
mod reports;
mod saved_links;
mod second_engine;
mod site;
mod sites;
mod snapshot_file;
mod style;
mod tables;
mod tilesets;
mod tinyville;
mod tls;
mod trial;
mod upgrade;
mod validity;
mod versions;
mod windows;
