//! `/zones/lq`: location quotients of zones and classes side by side.

use super::zones::ZonesParams;
use crate::core::query::quotients;
use crate::http::extract::context::Context;
use crate::http::extract::filter::{Conditions, FilterParams};
use crate::http::extract::params::Params;
use crate::http::extract::shared::{ClassParams, FiguresParams, TableParams};
use crate::http::response::answer::{Answer, Reply, blocking};
use crate::http::schemas::{Note, QuotientTest, Text};
use axum::http::HeaderMap;
use serde::Serialize;
use utoipa::ToSchema;

/// A class in the table of location quotients.
#[derive(Serialize, ToSchema)]
pub(crate) struct QuotientClass {
    /// Code.
    code: String,
    /// Name.
    name: Text,
    /// One character that stands for it.
    mark: String,
    /// Rows of it in the whole.
    count: u64,
}

/// A location quotient in the table.
#[derive(Serialize, ToSchema)]
pub(crate) struct QuotientCell {
    /// Rows of the class in the zone.
    count: u64,
    /// Location quotient; `null` where it is undefined or says nothing.
    lq: Option<f64>,
    /// How sure it is.
    lq_test: Option<QuotientTest>,
    /// The p-value adjusted over all tests of the table (Benjamini and Hochberg 1995).
    q: Option<f64>,
    /// Whether it is significant at the table's rate of false discoveries.
    discovery: bool,
}

/// The location quotients of a zone.
#[derive(Serialize, ToSchema)]
pub(crate) struct QuotientRow {
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
    /// Rows in the zone.
    count: u64,
    /// One for each class, in the order of `classes`.
    cells: Vec<QuotientCell>,
}

/// Location quotients of zones and classes.
#[derive(Serialize, ToSchema)]
pub(crate) struct QuotientTable {
    /// Revision of the data.
    revision: String,
    /// Year of the figures; `null` where `period` is no year.
    year: Option<u16>,
    /// Period of the figures: a year (`2025`), a quarter (`2025Q3`) or a month (`2025-03`).
    period: Option<String>,
    /// What the quotients are within.
    denominator: Text,
    /// Rows of the whole.
    whole: u64,
    /// How sure the intervals are: 0.95.
    confidence: f64,
    /// The rate of false discoveries at which `discovery` is said: 0.05.
    false_discovery_rate: f64,
    /// How many tests the p-values are adjusted over.
    tests: u64,
    /// The classes in the codelist's order.
    classes: Vec<QuotientClass>,
    /// The zones.
    zones: Vec<QuotientRow>,
    /// Remarks.
    notes: Vec<Note>,
}

/// Location quotients of every zone and every class by number of rows, each with its exact interval, its p-value and what may be
/// said of it, and with p-values adjusted over all of them: a table to see at a glance where which class is concentrated.
#[utoipa::path(get, path = "/zones/lq", operation_id = "getLocationQuotients", tag = "numbers",
    params(ZonesParams, TableParams, FiguresParams, ClassParams, ("property" = Option<String>, Query, description = "any property of the register = value"), FilterParams),
    responses((status = 200, body = QuotientTable)))]
pub(crate) async fn get(context: Context, headers: HeaderMap, mut params: Params) -> Answer {
    let (zones, table): (ZonesParams, TableParams) = params.take()?;
    let (figures, classes): (FiguresParams, ClassParams) = params.take()?;
    let context = context.of_table(&table)?;
    let question = zones.of(classes.of(figures.question()?)).with_statistics(false);
    blocking(move || {
        let bound = context.bind(&Conditions::read(params, context.describe())?.of(question))?;
        Reply { context: &context, headers: &headers }.json(|| Ok(quotients(&bound)?))
    })
    .await
}
