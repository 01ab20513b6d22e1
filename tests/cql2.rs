//! CQL2 over HTTP: what is refused, and one filter giving the same rows everywhere.

mod common;
#[path = "cql2/refused.rs"]
mod refused;
#[path = "cql2/same.rs"]
mod same;
