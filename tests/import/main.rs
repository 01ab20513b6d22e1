//! Departments' tables in: reference systems recognised, faults named with their row, differences counted, registers accepted.

mod addresses;
mod archives;
mod command;
mod differences;
mod dollars;
mod encodings;
mod faults;
mod formats;
mod geojson;
mod junk;
mod kml;
mod long;
pub mod material;
mod merges;
mod own_files;
mod pages;
mod parquet;
mod systems;
pub mod tables;
mod templates;
mod units;
mod variants;
