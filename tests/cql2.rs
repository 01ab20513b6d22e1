//! CQL2 over HTTP: every operator over an invented world, what is refused, and one filter giving the same rows everywhere.

#[path = "cql2/cells.rs"]
mod cells;
#[path = "cql2/refused.rs"]
mod refused;
#[path = "cql2/same.rs"]
mod same;
#[path = "cql2/scan.rs"]
pub(crate) mod scan;
#[path = "cql2/world.rs"]
mod world;
