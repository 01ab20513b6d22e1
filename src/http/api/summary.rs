//! `/summary`: the numbers of a zone, of the city, or of an area that the reader drew.

use crate::core::query::{Bound, CountBeside, Question, Summary, beside};
use crate::http::extract::body;
use crate::http::extract::body::QueryBody;
use crate::http::extract::context::Context;
use crate::http::extract::filter::{Conditions, FilterParams};
use crate::http::extract::params::Params;
use crate::http::extract::shared::{ClassParams, FiguresParams, TableParams};
use crate::http::problem::Problem;
use crate::http::response::answer::{Answer, Reply, blocking, computed};
use crate::http::schemas;
use axum::body::Bytes;
use axum::http::HeaderMap;
use serde::{Deserialize, Serialize};
use utoipa::IntoParams;

/// What `/summary` takes.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct SummaryParams {
    /// zone id, outside or undeclared; the whole city when left out
    pub(super) zone: Option<String>,
}

impl SummaryParams {
    /// The same question in the zone.
    pub(crate) fn of(self, question: Question) -> Question {
        question.in_zone(self.zone.unwrap_or_else(|| "city".into()))
    }
}

/// The numbers of an area, and what it holds besides.
#[derive(Serialize)]
struct AreaSummary {
    #[serde(flatten)]
    summary: Summary,
    beside: Vec<CountBeside>,
}

impl AreaSummary {
    fn of(bound: &Bound) -> Result<Self, Problem> {
        Ok(Self { summary: bound.summarize()?, beside: beside(&**bound)? })
    }
}

/// The numbers of a zone.
#[utoipa::path(get, path = "/summary", operation_id = "getSummary", tag = "numbers",
    params(SummaryParams, TableParams, FiguresParams, ClassParams, ("property" = Option<String>, Query, description = "any property of the register = value"), FilterParams),
    responses((status = 200, body = schemas::Summary)))]
pub(crate) async fn get(context: Context, headers: HeaderMap, mut params: Params) -> Answer {
    let (asked, table, figures, classes): (SummaryParams, TableParams, FiguresParams, ClassParams) = params.take()?;
    let context = context.of_table(&table)?;
    let question = asked.of(classes.of(figures.question()?));
    let register: Vec<usize> = context.describe().register.iter().map(|r| r.collection).collect();
    computed(context.cost(&register, params.bytes()), move || {
        let bound = context.bind(&Conditions::read(params, context.describe())?.of(question))?;
        Reply { context: &context, headers: &headers }.json(|| AreaSummary::of(&bound))
    })
    .await
}

/// The numbers of an area that the reader drew (or of a zone).
#[utoipa::path(post, path = "/summary", operation_id = "postSummary", tag = "numbers", params(TableParams), request_body = QueryBody,
    responses((status = 200, body = schemas::Summary)))]
pub(crate) async fn post(context: Context, headers: HeaderMap, params: Params, bytes: Bytes) -> Answer {
    let context = context.of_table(&params.only()?)?;
    let question = body::read(&headers, &bytes)?;
    blocking(move || {
        let bound = context.bind(&question)?;
        Reply { context: &context, headers: &headers }.json(|| AreaSummary::of(&bound))
    })
    .await
}
