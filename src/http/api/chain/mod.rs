//! `/zones/chain`: the stages of a class, which zones have rows of them, and what is nearest of those that an area lacks.

mod schema;

use crate::core::query::{Bound, chain};
use crate::http::extract::body;
use crate::http::extract::body::QueryBody;
use crate::http::extract::context::Context;
use crate::http::extract::filter::{Conditions, FilterParams};
use crate::http::extract::params::Params;
use crate::http::extract::shared::{FiguresParams, KindOrZoneParams, TableParams};
use crate::http::response::answer::{Answer, Reply, blocking};
use axum::body::Bytes;
use axum::http::HeaderMap;
use schema::ChainAnswer;
use serde::Deserialize;
use utoipa::IntoParams;

/// Which chain, and what is summed.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct ChainParams {
    /// code or name of the class; that of the condition on the classification, or the first that has stages, when left out
    class: Option<String>,
    /// `count` or a metric of `/dataset`; the number of rows when left out
    weight: Option<String>,
}

/// The chain of a class in all zones of a kind, or in one zone: rows and a sum of every stage, the stages that a zone has no row of
/// (not seen in the register, which does not say that there is none), and for one zone the nearest rows of these and the nearest zones
/// that have some.
#[utoipa::path(get, path = "/zones/chain", operation_id = "getChain", tag = "numbers",
    params(KindOrZoneParams, ChainParams, TableParams, FiguresParams, ("property" = Option<String>, Query, description = "any property of the register = value"), FilterParams),
    responses((status = 200, body = ChainAnswer)))]
pub(crate) async fn get(context: Context, headers: HeaderMap, mut params: Params) -> Answer {
    let (zones, of): (KindOrZoneParams, ChainParams) = params.take()?;
    let (table, figures): (TableParams, FiguresParams) = params.take()?;
    let context = context.of_table(&table)?;
    let question = zones.of(figures.question()?)?;
    blocking(move || {
        let bound = context.bind(&Conditions::read(params, context.describe())?.of(question))?;
        answer(&context, &headers, &bound, &of)
    })
    .await
}

/// The same of an area that the reader drew, put together or saved (or of a zone).
#[utoipa::path(post, path = "/zones/chain", operation_id = "postChain", tag = "numbers", params(ChainParams, TableParams),
    request_body = QueryBody, responses((status = 200, body = ChainAnswer)))]
pub(crate) async fn post(context: Context, headers: HeaderMap, mut params: Params, bytes: Bytes) -> Answer {
    let (of, table): (ChainParams, TableParams) = params.take()?;
    params.finish()?;
    let context = context.of_table(&table)?;
    let question = body::read(&headers, &bytes)?;
    blocking(move || answer(&context, &headers, &context.bind(&question)?, &of)).await
}

fn answer(context: &Context, headers: &HeaderMap, bound: &Bound, of: &ChainParams) -> Answer {
    Reply { context, headers }.json(|| Ok(chain(bound, of.class.as_deref(), of.weight.as_deref())?))
}
