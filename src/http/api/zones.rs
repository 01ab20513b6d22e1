//! `/zones`: all zones of a kind side by side.

use crate::core::query::{ZoneList, zones};
use crate::http::extract::context::Context;
use crate::http::extract::filter::{Conditions, FilterParams};
use crate::http::extract::params::Params;
use crate::http::response::answer::{Answer, Reply};
use axum::http::HeaderMap;

/// Counts and sums of every zone of a kind.
#[utoipa::path(get, path = "/zones", operation_id = "getZones", tag = "numbers",
    params(("kind" = Option<String>, Query, description = "a kind of zones of `/dataset`; all kinds when left out"), ("year" = Option<u16>, Query),
        ("secondary" = Option<bool>, Query),
        ("statistics" = Option<bool>, Query, description = "sums by cluster, and mean, quartiles and shares of the largest beside each"), ("property" = Option<String>, Query, description = "any property of the register = value"), FilterParams),
    responses((status = 200, body = ZoneList)))]
pub(crate) async fn list(context: Context, headers: HeaderMap, mut params: Params) -> Answer {
    let snapshot = context.snapshot();
    let kinds: Vec<(&str, usize)> = snapshot.zones.kinds.iter().enumerate().map(|(i, k)| (k.id.as_str(), i)).collect();
    let kind = params.choice("kind", &kinds)?;
    let query = crate::http::api::summary::read(&context, snapshot, &mut params)?;
    let query = Conditions::read(params)?.narrow(query, snapshot)?;
    Reply { context: &context, headers: &headers }.json(|| Ok(zones(snapshot, &query, kind)?))
}
