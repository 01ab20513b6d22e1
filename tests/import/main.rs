//! Departments' tables in: systems told, faults named with their row, differences counted, the new register accepted.

mod command;
mod differences;
mod faults;
mod formats;
mod junk;
mod material;
mod systems;
mod templates;
