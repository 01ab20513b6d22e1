//! Departments' tables in: reference systems recognised, faults named with their row, differences counted, registers accepted.

mod command;
mod differences;
mod faults;
mod formats;
mod junk;
pub mod material;
mod own_files;
mod systems;
mod templates;
