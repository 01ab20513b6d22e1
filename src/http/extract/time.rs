//! Temporal extents (OGC API - Features Part 1, 7.15.4).
//!
//! A feature's time are its `valid_from` and `valid_to` where the collection has such dates, else its first property that
//! is a date or an instant. Features without a time, and ends that are not known, match always.

use crate::core::query::Engine;
use crate::http::extract::context::Context;

/// The stretch of time of a collection, as RFC 3339 instants: of its features where they have times, else of the
/// collection as the manifest says.
pub(crate) fn extent(context: &Context, collection: &str) -> [Option<String>; 2] {
    let extent = context.engine().time_extent(collection, context.disclosure());
    extent.map(|m| m.map(|m| if m.is_day() { format!("{m}T00:00:00Z") } else { m.to_string() }))
}
