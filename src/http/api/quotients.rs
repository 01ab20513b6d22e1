//! `/zones/lq`: location quotients of zones and classes side by side; `/summary/lq`: those of any area.

use super::summary::SummaryParams;
use super::zones::ZonesParams;
use crate::core::query::{Bound, QuotientSpec, area_quotients, quotients};
use crate::http::extract::body;
use crate::http::extract::body::QueryBody;
use crate::http::extract::context::Context;
use crate::http::extract::filter::{Conditions, FilterParams};
use crate::http::extract::params::Params;
use crate::http::extract::shared::{ClassParams, FiguresParams, TableParams};
use crate::http::response::answer::{Answer, Reply, blocking};
use crate::http::schemas::{Note, ProfileWeight, QuotientTest, Text};
use axum::body::Bytes;
use axum::http::HeaderMap;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// What quotients are of, and within.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct QuotientParams {
    /// `count` or a metric of `/dataset`: what rows are weighed by; their number when left out
    weight: Option<String>,
    /// `register` or, where the dataset has a table of these, `all_industries`: what shares are of; the register when left out
    denominator: Option<String>,
}

impl QuotientParams {
    fn spec(self) -> QuotientSpec {
        QuotientSpec { weight: self.weight, denominator: self.denominator }
    }
}

/// What quotients are within.
#[derive(Serialize, ToSchema)]
pub(crate) struct Denominator {
    /// `register`, or `all_industries`.
    id: String,
    /// Title.
    title: Text,
}

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
    /// Rows, or their sum; `null` where it is missing or withheld.
    value: Option<f64>,
    /// Whether a sum that the quotient takes is withheld.
    withheld: bool,
    /// Location quotient; `null` where it is undefined, says nothing, or a sum is withheld.
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
    /// What the shares are of: rows or their sum, or the total of all industries; `null` where it is missing or withheld.
    of: Option<f64>,
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
    /// What rows are weighed by.
    weight: ProfileWeight,
    /// What can be chosen for `weight`.
    weights: Vec<ProfileWeight>,
    /// What the quotients are within.
    denominator: Text,
    /// What can be chosen for `denominator`, the one of this answer first.
    denominators: Vec<Denominator>,
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

/// Location quotients of every zone and every class by number of rows or by a metric, each with its interval (exact, or of a
/// bootstrap in closed form where rows are weighed), its p-value and what may be said of it, and with p-values adjusted over all of
/// them: a table to see at a glance where which class is concentrated.
#[utoipa::path(get, path = "/zones/lq", operation_id = "getLocationQuotients", tag = "numbers",
    params(ZonesParams, QuotientParams, TableParams, FiguresParams, ClassParams, ("property" = Option<String>, Query, description = "any property of the register = value"), FilterParams),
    responses((status = 200, body = QuotientTable)))]
pub(crate) async fn get(context: Context, headers: HeaderMap, mut params: Params) -> Answer {
    let (zones, table, of): (ZonesParams, TableParams, QuotientParams) = params.take()?;
    let (figures, classes): (FiguresParams, ClassParams) = params.take()?;
    let context = context.of_table(&table)?;
    let question = zones.of(classes.of(figures.question()?));
    blocking(move || {
        let bound = context.bind(&Conditions::read(params, context.describe())?.of(question))?;
        Reply { context: &context, headers: &headers }.json(|| Ok(quotients(&bound, &of.spec())?))
    })
    .await
}

/// Location quotients of all classes in a zone, as `/zones/lq` has those of many.
#[utoipa::path(get, path = "/summary/lq", operation_id = "getAreaQuotients", tag = "numbers",
    params(SummaryParams, QuotientParams, TableParams, FiguresParams, ClassParams, ("property" = Option<String>, Query, description = "any property of the register = value"), FilterParams),
    responses((status = 200, body = QuotientTable)))]
pub(crate) async fn area(context: Context, headers: HeaderMap, mut params: Params) -> Answer {
    let (asked, table, of): (SummaryParams, TableParams, QuotientParams) = params.take()?;
    let (figures, classes): (FiguresParams, ClassParams) = params.take()?;
    let context = context.of_table(&table)?;
    let question = asked.of(classes.of(figures.question()?));
    blocking(move || {
        let bound = context.bind(&Conditions::read(params, context.describe())?.of(question))?;
        of_area(&context, &headers, &bound, &of.spec())
    })
    .await
}

/// Location quotients of all classes in an area that the reader drew (or in a zone).
#[utoipa::path(post, path = "/summary/lq", operation_id = "postAreaQuotients", tag = "numbers", params(TableParams, QuotientParams),
    request_body = QueryBody, responses((status = 200, body = QuotientTable)))]
pub(crate) async fn post(context: Context, headers: HeaderMap, mut params: Params, bytes: Bytes) -> Answer {
    let of: QuotientParams = params.take()?;
    let context = context.of_table(&params.only()?)?;
    let question = body::read(&headers, &bytes)?;
    blocking(move || of_area(&context, &headers, &context.bind(&question)?, &of.spec())).await
}

fn of_area(context: &Context, headers: &HeaderMap, bound: &Bound, spec: &QuotientSpec) -> Answer {
    Reply { context, headers }.json(|| Ok(area_quotients(bound, spec)?))
}
