//! `/plan` and `/indicators`: the plan in its own terms, figures with their scope.

use crate::core::model::Indicator;
use crate::core::query::{LedgerCount, ledgers};
use crate::http::extract::context::Context;
use crate::http::extract::params::Params;
use crate::http::extract::values::Year;
use crate::http::problem::Problem;
use crate::http::response::answer::{Answer, Reply};
use crate::http::schemas;
use axum::http::HeaderMap;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// Indicators that match.
#[derive(Serialize, ToSchema)]
pub(crate) struct IndicatorList {
    #[schema(value_type = Vec<schemas::Indicator>)]
    rows: Vec<Indicator>,
    /// Rows of tables that count towards indicators: the actual figure of a ledger.
    #[schema(value_type = Vec<schemas::LedgerCount>)]
    counts: Vec<LedgerCount>,
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

/// Which figures.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct IndicatorParams {
    indicator: Option<String>,
    scope: Option<String>,
    zone: Option<String>,
    #[param(value_type = Option<u16>)]
    year: Option<Year>,
}

/// Figures, actual and target. Scopes are never mixed: compare rows of one scope only.
#[utoipa::path(get, path = "/indicators", operation_id = "getIndicators", tag = "plan",
    params(IndicatorParams),
    responses((status = 200, body = IndicatorList)))]
pub(crate) async fn indicators(context: Context, headers: HeaderMap, params: Params) -> Answer {
    let IndicatorParams { indicator, scope, zone, year } = params.only()?;
    let year = year.map(|Year(year)| year);
    let about = context.describe();
    let is = |wanted: &Option<String>, value: &str| wanted.as_ref().is_none_or(|w| w == value);
    let wanted = |i: &&Indicator| {
        is(&indicator, &i.indicator) && is(&scope, &i.scope) && is(&zone, &i.zone) && (year.is_none() || year == i.year)
    };
    Reply { context: &context, headers: &headers }.json(|| {
        let rows: Vec<Indicator> = about.indicators.iter().filter(wanted).cloned().collect();
        let mut counts = ledgers(about, |question| context.bind_stated(question))?;
        counts.retain(|c| rows.iter().any(|row| row.indicator == c.indicator && row.zone == c.zone));
        Ok(IndicatorList { rows, counts })
    })
}
