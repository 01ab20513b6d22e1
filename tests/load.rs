//! Folders into datasets: Tinyville loads as it is written, and each planted fault gives its own finding.

#[path = "load/aside.rs"]
mod aside;
#[path = "load/faults.rs"]
mod faults;
#[path = "load/folder.rs"]
mod folder;
#[path = "load/geometry.rs"]
mod geometry;
#[path = "load/manifest.rs"]
mod manifest;
#[path = "load/packed.rs"]
mod packed;
#[path = "load/plain.rs"]
mod plain;
#[path = "load/robust.rs"]
mod robust;
#[path = "load/tinyville.rs"]
mod tinyville;
