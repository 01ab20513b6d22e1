//! `/zones/change`: how zones and classes changed between two periods, divided by shift-share.

mod schema;

use crate::core::query::{Bound, change};
use crate::http::extract::body;
use crate::http::extract::body::QueryBody;
use crate::http::extract::context::Context;
use crate::http::extract::filter::{Conditions, FilterParams};
use crate::http::extract::params::Params;
use crate::http::extract::shared::{ClassParams, FiguresParams, KindOrZoneParams, TableParams};
use crate::http::response::answer::{Answer, Reply, blocking};
use axum::body::Bytes;
use axum::http::HeaderMap;
pub(crate) use schema::ChangeAnswer;
use serde::Deserialize;
use utoipa::IntoParams;

/// What changed.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct ChangeWeightParams {
    /// `count` or a metric of `/dataset`; the number of rows when left out
    weight: Option<String>,
}

/// How the whole and all zones of a kind, or one zone, changed between `since` and the period in question: by class what would be so at
/// the rate of the whole, by the mix of classes and what is the zone's own (shift-share), rows that stayed, entered and left, and the
/// change like for like. The first period there is when `since` is left out.
#[utoipa::path(get, path = "/zones/change", operation_id = "getChange", tag = "numbers",
    params(KindOrZoneParams, ChangeWeightParams, TableParams, FiguresParams, ClassParams, ("property" = Option<String>, Query, description = "any property of the register = value"), FilterParams),
    responses((status = 200, body = ChangeAnswer)))]
pub(crate) async fn get(context: Context, headers: HeaderMap, mut params: Params) -> Answer {
    let (zones, weight): (KindOrZoneParams, ChangeWeightParams) = params.take()?;
    let (table, figures, classes): (TableParams, FiguresParams, ClassParams) = params.take()?;
    let context = context.of_table(&table)?;
    let question = zones.of(classes.of(figures.question()?))?;
    blocking(move || {
        let bound = context.bind(&Conditions::read(params, context.describe())?.of(question))?;
        answer(&context, &headers, &bound, &weight)
    })
    .await
}

/// The same of an area that the reader drew, put together or saved (or of a zone).
#[utoipa::path(post, path = "/zones/change", operation_id = "postChange", tag = "numbers", params(ChangeWeightParams, TableParams),
    request_body = QueryBody, responses((status = 200, body = ChangeAnswer)))]
pub(crate) async fn post(context: Context, headers: HeaderMap, mut params: Params, bytes: Bytes) -> Answer {
    let (weight, table): (ChangeWeightParams, TableParams) = params.take()?;
    params.finish()?;
    let context = context.of_table(&table)?;
    let question = body::read(&headers, &bytes)?;
    blocking(move || answer(&context, &headers, &context.bind(&question)?, &weight)).await
}

fn answer(context: &Context, headers: &HeaderMap, bound: &Bound, weight: &ChangeWeightParams) -> Answer {
    Reply { context, headers }.json(|| Ok(change(bound, weight.weight.as_deref())?))
}
