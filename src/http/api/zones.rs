//! `/zones`: all zones of a kind side by side.

use crate::core::query::ZoneList;
use crate::http::api::summary::read;
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
    let kind = params.text("kind");
    let question = read(&mut params)?.of_kind(kind);
    let asked = context.bind(&Conditions::read(params)?.of(question))?;
    Reply { context: &context, headers: &headers }.json(|| Ok(asked.zones()?))
}
