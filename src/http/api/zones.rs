//! `/zones`: all zones of a kind side by side.

use crate::http::api::summary::Figures;
use crate::http::extract::context::Context;
use crate::http::extract::filter::{Conditions, FilterParams};
use crate::http::extract::params::Params;
use crate::http::extract::query::Year;
use crate::http::response::answer::{Answer, Reply, blocking};
use crate::http::schemas;
use axum::http::HeaderMap;
use serde::Deserialize;
use utoipa::IntoParams;

/// What `/zones` takes.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct ZonesParams {
    /// a kind of zones of `/dataset`; all kinds when left out
    kind: Option<String>,
    #[param(value_type = Option<u16>)]
    year: Option<Year>,
    secondary: Option<bool>,
    /// sums by cluster, and mean, quartiles and shares of the largest beside each
    statistics: Option<bool>,
}

/// Counts and sums of every zone of a kind.
#[utoipa::path(get, path = "/zones", operation_id = "getZones", tag = "numbers",
    params(ZonesParams, ("property" = Option<String>, Query, description = "any property of the register = value"), FilterParams),
    responses((status = 200, body = schemas::ZoneList)))]
pub(crate) async fn list(context: Context, headers: HeaderMap, mut params: Params) -> Answer {
    let ZonesParams { kind, year, secondary, statistics } = params.take()?;
    let question = Figures { year, secondary, statistics }.question().of_kind(kind);
    blocking(move || {
        let bound = context.bind(&Conditions::read(params)?.of(question))?;
        Reply { context: &context, headers: &headers }.json(|| Ok(bound.zones()?))
    })
    .await
}
