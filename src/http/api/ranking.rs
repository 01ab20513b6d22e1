//! `/zones/ranking`: zones in the order of a figure, with what it was in every period.

use super::zones::ZonesParams;
use crate::core::query::ranking;
use crate::http::extract::choropleth::ChoroplethParams;
use crate::http::extract::context::Context;
use crate::http::extract::filter::{Conditions, FilterParams};
use crate::http::extract::params::Params;
use crate::http::extract::shared::{ClassParams, FiguresParams, TableParams};
use crate::http::response::answer::{Answer, Reply, blocking};
use crate::http::schemas::{Apart, Text};
use axum::http::HeaderMap;
use serde::Serialize;
use utoipa::ToSchema;

/// Zones by a figure.
#[derive(Serialize, ToSchema)]
pub(crate) struct Ranking {
    /// Revision of the data.
    revision: String,
    /// Year of the figure; `null` where `period` is no year.
    year: Option<u16>,
    /// Period of the figure: a year (`2025`), a quarter (`2025Q3`) or a month (`2025-03`).
    period: Option<String>,
    /// The figure, in its one spelling.
    choropleth: String,
    /// What the values are.
    title: Text,
    /// Their unit; empty where they have none.
    unit: Text,
    /// Decimals that are shown.
    decimals: u8,
    /// The value on both sides of which zones differ in kind: 1 of location quotients, 0 of growth.
    pivot: Option<f64>,
    /// Code of the class of rows that is looked at, where the question is about one.
    of: Option<String>,
    /// Whether the figure follows the period. The number of rows does not where the register has no dates: then it is that of
    /// the register as it stands, and no series.
    by_period: bool,
    /// The periods of the dataset that are as long as the one in question, ascending.
    periods: Vec<String>,
    /// The period that ranks are compared with: the last one before in which a zone has some of the thing.
    previous: Option<String>,
    /// How many zones have a rank; none where no zone has any of the thing.
    ranked: u64,
    /// The zones, in the order of `/zones`.
    zones: Vec<RankedZone>,
}

/// A zone and its rank.
#[derive(Serialize, ToSchema)]
pub(crate) struct RankedZone {
    /// Zone id.
    id: String,
    /// Name.
    name: String,
    /// English name.
    name_en: String,
    /// Kind of the zone, as `/dataset` lists it.
    zone_kind: Option<String>,
    /// Whether the outline is schematic.
    schematic: bool,
    /// Box: west, south, east, north.
    bbox: Option<[f64; 4]>,
    /// The value in `unit`; `null` where there is none to show.
    value: Option<f64>,
    /// Why it has no value, or none of the thing.
    apart: Option<Apart>,
    /// 1 for the largest value; equal values have one rank. `null` without a value, and where no zone has any of the thing.
    rank: Option<u64>,
    /// Its rank in `previous`.
    rank_before: Option<u64>,
    /// Percent of the whole, or of the zone above, where the figure is a number or a sum.
    share: Option<f64>,
    /// The figure in each of `periods`.
    values: Vec<PeriodValue>,
}

/// A figure in a period.
#[derive(Serialize, ToSchema)]
pub(crate) struct PeriodValue {
    /// The value; `null` where there is none to show: no zero.
    value: Option<f64>,
    /// Why.
    apart: Option<Apart>,
}

/// Zones of a kind, or right below a zone, by a figure of `/choropleth`: rank, rank in the period before, share, and the figure in
/// every period of the dataset that is as long. What is withheld or was not reported has no rank, no share and a gap.
#[utoipa::path(get, path = "/zones/ranking", operation_id = "getRanking", tag = "numbers",
    params(ChoroplethParams, ZonesParams, TableParams, FiguresParams, ClassParams, ("property" = Option<String>, Query, description = "any property of the register = value"), FilterParams),
    responses((status = 200, body = Ranking)))]
pub(crate) async fn get(context: Context, headers: HeaderMap, mut params: Params) -> Answer {
    let (asked, zones): (ChoroplethParams, ZonesParams) = params.take()?;
    let (table, figures, classes): (TableParams, FiguresParams, ClassParams) = params.take()?;
    let context = context.of_table(&table)?;
    let asked = asked.read()?.unwrap_or_default();
    let question = zones.of(classes.of(figures.question()?)).with_statistics(false).with_growth(false);
    blocking(move || {
        let bound = context.bind(&Conditions::read(params, context.describe())?.of(question))?;
        Reply { context: &context, headers: &headers }.json(|| Ok(ranking(&bound, &asked)?))
    })
    .await
}
