//! `/summary/periods`: the figures of an area in every period.

use super::summary::SummaryParams;
use crate::core::query::series;
use crate::http::extract::body;
use crate::http::extract::body::QueryBody;
use crate::http::extract::context::Context;
use crate::http::extract::filter::{Conditions, FilterParams};
use crate::http::extract::params::Params;
use crate::http::extract::shared::{ClassParams, FiguresParams, TableParams};
use crate::http::response::answer::{Answer, Reply, blocking};
use crate::http::schemas::{Amount, AreaInfo};
use axum::body::Bytes;
use axum::http::HeaderMap;
use serde::Serialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// The figures of an area over time.
#[derive(Serialize, ToSchema)]
pub(crate) struct Series {
    /// Revision of the data.
    revision: String,
    /// Year in question; `null` where `period` is no year.
    year: Option<u16>,
    /// Period in question: a year (`2025`), a quarter (`2025Q3`) or a month (`2025-03`).
    period: Option<String>,
    /// The area.
    zone: AreaInfo,
    /// Whether the number of rows follows the period: whether the register has dates.
    counts_by_period: bool,
    /// The periods of the dataset that are as long as the one in question, ascending.
    periods: Vec<PeriodFigures>,
}

/// The figures of one period.
#[derive(Serialize, ToSchema)]
pub(crate) struct PeriodFigures {
    /// The period.
    period: String,
    /// Rows that match; `null` where the number does not follow the period.
    count: Option<u64>,
    /// Sums by metric; one that the metric is not published for has no period, and is no zero.
    amounts: BTreeMap<String, Amount>,
}

/// The figures of a zone in every period of the dataset that is as long as the one in question: what a chart over time is drawn
/// from. Each period is answered as if it were asked by itself, and has what may not leave withheld.
#[utoipa::path(get, path = "/summary/periods", operation_id = "getSeries", tag = "numbers",
    params(SummaryParams, TableParams, FiguresParams, ClassParams, ("property" = Option<String>, Query, description = "any property of the register = value"), FilterParams),
    responses((status = 200, body = Series)))]
pub(crate) async fn get(context: Context, headers: HeaderMap, mut params: Params) -> Answer {
    let (asked, table, figures, classes): (SummaryParams, TableParams, FiguresParams, ClassParams) = params.take()?;
    let context = context.of_table(&table)?;
    let question = asked.of(classes.of(figures.question()?));
    blocking(move || {
        let bound = context.bind(&Conditions::read(params, context.describe())?.of(question))?;
        Reply { context: &context, headers: &headers }.json(|| Ok(series(&bound)?))
    })
    .await
}

/// The same of an area that the reader drew (or of a zone).
#[utoipa::path(post, path = "/summary/periods", operation_id = "postSeries", tag = "numbers", params(TableParams), request_body = QueryBody,
    responses((status = 200, body = Series)))]
pub(crate) async fn post(context: Context, headers: HeaderMap, params: Params, bytes: Bytes) -> Answer {
    let context = context.of_table(&params.only()?)?;
    let question = body::read(&headers, &bytes)?;
    blocking(move || {
        let bound = context.bind(&question)?;
        Reply { context: &context, headers: &headers }.json(|| Ok(series(&bound)?))
    })
    .await
}
