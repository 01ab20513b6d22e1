//! `datetime` and temporal extents (OGC API - Features Part 1, 7.15.4).
//!
//! A feature's time are its `valid_from` and `valid_to` where the collection has such dates, else its first property that
//! is a date or an instant. Features without a time, and ends that are not known, match always.

use crate::core::query::{Engine, Interval};
use crate::http::extract::context::Context;
use crate::http::extract::params::Params;
use crate::http::problem::Problem;

/// Takes `datetime`: an instant, a day, or an interval of them, open with `..` or nothing.
pub(crate) fn datetime(params: &mut Params) -> Result<Option<Interval>, Problem> {
    let Some(text) = params.text("datetime") else { return Ok(None) };
    Interval::parse(&text).map(Some).ok_or_else(|| {
        Problem::parameter(
            "datetime",
            &format!("值“{text}”不可用,应为 2025-01-01、2025-01-01T00:00:00Z 或 起/止(一端可为 ..)"),
            &format!("{text:?} is no day, instant (RFC 3339) or interval from/to, of which one end may be .."),
        )
    })
}

/// The stretch of time of a collection, as RFC 3339 instants: of its features where they have times, else of the
/// collection as the manifest says.
pub(crate) fn extent(context: &Context, collection: &str) -> [Option<String>; 2] {
    let extent = context.engine().time_extent(collection, context.disclosure());
    extent.map(|m| m.map(|m| if m.is_day() { format!("{m}T00:00:00Z") } else { m.to_string() }))
}
