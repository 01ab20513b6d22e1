//! `/summary`: the numbers of a zone, of the city, or of an area that the reader drew.

use crate::core::query::{Question, Summary};
use crate::http::extract::body;
use crate::http::extract::body::QueryBody;
use crate::http::extract::context::Context;
use crate::http::extract::filter::{Conditions, FilterParams};
use crate::http::extract::params::Params;
use crate::http::problem::Problem;
use crate::http::response::answer::{Answer, Reply};
use axum::body::Bytes;
use axum::http::{HeaderMap, StatusCode};

/// The numbers of a zone.
#[utoipa::path(get, path = "/summary", operation_id = "getSummary", tag = "numbers",
    params(("zone" = Option<String>, Query, description = "zone id, outside or undeclared; the whole city when left out"),
        ("year" = Option<u16>, Query), ("secondary" = Option<bool>, Query),
        ("statistics" = Option<bool>, Query, description = "mean, quartiles and shares of the largest beside each sum"),
        ("property" = Option<String>, Query, description = "any property of the register = value"), FilterParams),
    responses((status = 200, body = Summary)))]
pub(crate) async fn get(context: Context, headers: HeaderMap, mut params: Params) -> Answer {
    let zone = params.text("zone").unwrap_or_else(|| "city".into());
    let question = read(&mut params)?.in_zone(zone);
    let asked = context.bind(&Conditions::read(params)?.of(question))?;
    Reply { context: &context, headers: &headers }.json(|| Ok(asked.summarize()?))
}

/// The numbers of an area that the reader drew (or of a zone).
#[utoipa::path(post, path = "/summary", operation_id = "postSummary", tag = "numbers", request_body = QueryBody,
    responses((status = 200, body = Summary)))]
pub(crate) async fn post(context: Context, headers: HeaderMap, params: Params, bytes: Bytes) -> Answer {
    params.finish()?;
    let question = body::read(&headers, &bytes)?;
    blocking(move || {
        let asked = context.bind(&question)?;
        Reply { context: &context, headers: &headers }.json(|| Ok(asked.summarize()?))
    })
    .await
}

/// The register under `year`, `secondary` and `statistics`: what every resource that sums reads alike.
pub(crate) fn read(params: &mut Params) -> Result<Question, Problem> {
    let question = Question::register().in_year(params.value("year", "年份", "a year")?);
    let mut flag = |name| params.value(name, " true 或 false", "true or false").map(|v| v.unwrap_or(false));
    Ok(question.with_secondary(flag("secondary")?).with_statistics(flag("statistics")?))
}

/// Runs work that may take milliseconds off the threads that serve connections.
pub(crate) async fn blocking(work: impl FnOnce() -> Answer + Send + 'static) -> Answer {
    let done = tokio::task::spawn_blocking(work).await;
    done.unwrap_or_else(|_| Err(Problem::of_status(StatusCode::INTERNAL_SERVER_ERROR)))
}
