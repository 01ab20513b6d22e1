//! `/plan` and `/indicators`: the plan in its own terms, figures with their scope.

use crate::core::model::Indicator;
use crate::http::extract::context::Context;
use crate::http::extract::params::Params;
use crate::http::problem::Problem;
use crate::http::response::answer::{Answer, Reply};
use axum::http::HeaderMap;
use serde::Serialize;
use utoipa::ToSchema;

/// Indicators that match.
#[derive(Serialize, ToSchema)]
pub(crate) struct IndicatorList {
    rows: Vec<Indicator>,
}

/// The plan's own terms, as the dataset states them.
#[utoipa::path(get, path = "/plan", operation_id = "getPlan", tag = "plan", responses((status = 200, body = serde_json::Value)))]
pub(crate) async fn plan(context: Context, headers: HeaderMap, params: Params) -> Answer {
    params.finish()?;
    let about = context.describe();
    Reply { context: &context, headers: &headers }.json(|| {
        about.plan.clone().ok_or_else(|| Problem::not_found("此数据集没有规划文本。", "This dataset has no plan."))
    })
}

/// Figures, actual and target. Scopes are never mixed: compare rows of one scope only.
#[utoipa::path(get, path = "/indicators", operation_id = "getIndicators", tag = "plan",
    params(("indicator" = Option<String>, Query), ("scope" = Option<String>, Query), ("zone" = Option<String>, Query), ("year" = Option<u16>, Query)),
    responses((status = 200, body = IndicatorList)))]
pub(crate) async fn indicators(context: Context, headers: HeaderMap, mut params: Params) -> Answer {
    let (indicator, scope, zone) = (params.text("indicator"), params.text("scope"), params.text("zone"));
    let year = params.value::<u16>("year", "年份", "a year")?;
    params.finish()?;
    let about = context.describe();
    let is = |wanted: &Option<String>, value: &str| wanted.as_ref().is_none_or(|w| w == value);
    let wanted = |i: &&Indicator| {
        is(&indicator, &i.indicator) && is(&scope, &i.scope) && is(&zone, &i.zone) && (year.is_none() || year == i.year)
    };
    Reply { context: &context, headers: &headers }
        .json(|| Ok(IndicatorList { rows: about.indicators.iter().filter(wanted).cloned().collect() }))
}
