//! The body and the answer of `/trial` as the API's description has them.
#![allow(dead_code, reason = "only described here")]

use crate::http::extract::body::QueryBody;
use crate::http::schemas::{AreaInfo, ClassPart, Note, ProfileWeight, QuotientTest, Text};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// A trial zone: what is asked of it, the area as it was, and rows that are assumed.
#[derive(Deserialize, ToSchema)]
pub(crate) struct TrialBody {
    /// The area with its conditions, its period and its classes. It needs an outline.
    question: QueryBody,
    /// The area as it was when the trial began, as a question without conditions; the same area where left out.
    baseline: Option<QueryBody>,
    /// Rows that are assumed, at most 100.
    #[serde(default)]
    assumed: Vec<AssumedRow>,
    /// Metrics by which location quotients are weighed, besides those by number of rows; in files those of documents where left out.
    #[serde(default)]
    weights: Vec<String>,
    /// What it is called in files, at most 120 characters; by its area where left out.
    title: Option<String>,
    /// Scenarios that files set beside it, at most 3.
    #[serde(default)]
    beside: Vec<TrialBeside>,
}

/// A scenario beside a trial zone.
#[derive(Deserialize, ToSchema)]
pub(crate) struct TrialBeside {
    /// As that of the trial zone.
    question: QueryBody,
    /// The area as it was when this trial began.
    baseline: Option<QueryBody>,
    /// Rows that are assumed.
    #[serde(default)]
    assumed: Vec<AssumedRow>,
    /// As those of the trial zone.
    #[serde(default)]
    weights: Vec<String>,
    /// What it is called, at most 120 characters.
    title: Option<String>,
}

/// A row that is assumed.
#[derive(Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub(crate) enum AssumedRow {
    /// A row that is not in the register.
    Added {
        /// What it is called, at most 80 characters.
        name: Option<String>,
        /// Code of its class; none where left out.
        class: Option<String>,
        /// Figures by metric, in the metric's unit.
        #[serde(default)]
        figures: BTreeMap<String, f64>,
        /// Longitude, latitude.
        position: [f64; 2],
    },
    /// A row of the register in another place; for readers who may see rows.
    Moved {
        /// Its id.
        id: String,
        /// Longitude, latitude.
        position: [f64; 2],
    },
}

/// A number of rows in the three states of a trial.
#[derive(Serialize, ToSchema)]
pub(crate) struct TrialCount {
    /// In the area as it was, of rows that are there.
    baseline: u64,
    /// In the trial zone, of rows that are there.
    real: u64,
    /// In the trial zone with what is assumed; `null` where nothing is.
    assumed: Option<u64>,
    /// The last of them less the first.
    change: i64,
}

/// A figure in the three states of a trial.
#[derive(Serialize, ToSchema)]
pub(crate) struct TrialValue {
    /// In the area as it was; `null` where it is not known or withheld.
    baseline: Option<f64>,
    /// In the trial zone, of rows that are there.
    real: Option<f64>,
    /// In the trial zone with what is assumed; `null` where nothing is.
    assumed: Option<f64>,
    /// The last of them less the first; `null` where either is not known.
    change: Option<f64>,
}

/// The sum of a metric in a trial.
#[derive(Serialize, ToSchema)]
pub(crate) struct TrialAmount {
    /// Its unit.
    unit: Text,
    /// The year that it is of; `null` where `period` is no year.
    year: Option<u16>,
    /// The period that it is of; `null` where the metric is not published for the period in question.
    period: Option<String>,
    /// The sums.
    sum: TrialValue,
    /// Herfindahl-Hirschman index of the rows by this metric: 1 / n of n equal ones, 1 of one alone.
    hhi: TrialValue,
    /// Whether a sum is withheld.
    withheld: bool,
    /// Whether sums are of protected figures.
    protected: bool,
}

/// A location quotient with how sure it is.
#[derive(Serialize, ToSchema)]
pub(crate) struct Quotient {
    /// The quotient; `null` where it is undefined or says nothing.
    lq: Option<f64>,
    /// How sure it is; `null` where it says nothing.
    lq_test: Option<QuotientTest>,
}

/// The location quotient of a class in the three states of a trial.
#[derive(Serialize, ToSchema)]
pub(crate) struct TrialQuotients {
    /// In the area as it was.
    baseline: Quotient,
    /// In the trial zone.
    real: Quotient,
    /// With what is assumed; `null` where nothing is.
    assumed: Option<Quotient>,
    /// The last less the first; `null` where either has too few rows to say anything.
    change: Option<f64>,
}

/// A class in a trial.
#[derive(Serialize, ToSchema)]
pub(crate) struct TrialClass {
    /// Code; `null` for rows without a class, and for the classes beside the one in question.
    code: Option<String>,
    /// What it is where it is no class of the codelist.
    part: Option<ClassPart>,
    /// Name.
    name: Text,
    /// One character that stands for it.
    mark: String,
    /// Rows.
    count: TrialCount,
    /// Share of the rows of the area, 0 to 1.
    share: TrialValue,
    /// Location quotient by number of rows.
    lq: TrialQuotients,
}

/// Location quotients of a trial with rows weighed by a metric.
#[derive(Serialize, ToSchema)]
pub(crate) struct TrialWeighed {
    /// What rows are weighed by.
    weight: ProfileWeight,
    /// What the quotients are within.
    denominator: Text,
    /// The classes of the codelist in its order.
    classes: Vec<TrialWeighedClass>,
    /// How they are made, and when nothing is said.
    notes: Vec<Note>,
}

/// A class in a trial with its rows weighed.
#[derive(Serialize, ToSchema)]
pub(crate) struct TrialWeighedClass {
    /// Code.
    code: String,
    /// Name.
    name: Text,
    /// The sum of the class; `null` where it is missing or withheld.
    sum: TrialValue,
    /// Whether a sum that the quotients take is withheld.
    withheld: bool,
    /// Location quotient by the metric.
    lq: TrialQuotients,
}

/// The class that most rows of an area are of.
#[derive(Serialize, ToSchema)]
pub(crate) struct TrialLead {
    /// Code.
    code: String,
    /// Name.
    name: Text,
    /// Rows.
    count: u64,
}

/// What an area and a zone have in common.
#[derive(Serialize, ToSchema)]
pub(crate) struct ZoneOverlap {
    /// Zone id.
    id: String,
    /// Name.
    name: String,
    /// English name.
    name_en: String,
    /// Kind of the zone, as `/dataset` lists it.
    zone_kind: String,
    /// Whether its outline is schematic (示意).
    schematic: bool,
    /// Common ground in square kilometres.
    area_km2: f64,
    /// The zone's own ground in square kilometres.
    zone_km2: f64,
    /// Rows that match the question and belong to both.
    count: u64,
}

/// A platform whose position lies in the area.
#[derive(Serialize, ToSchema)]
pub(crate) struct PlatformInside {
    /// Feature id.
    id: String,
    /// Name.
    name: Text,
    /// `existing`, `planned` or `later`, where the data says so.
    status: Option<String>,
}

/// The feature that is nearest to an area.
#[derive(Serialize, ToSchema)]
pub(crate) struct TrialNeighbour {
    /// Feature id.
    id: String,
    /// Name.
    name: Text,
    /// Metres between their nearest points; 0 where they meet.
    metres: f64,
}

/// How far an area is from a part of the layout.
#[derive(Serialize, ToSchema)]
pub(crate) struct LayoutDistance {
    /// The collection.
    collection: String,
    /// The part, where the manifest divides the collection: a value of its property `kind`.
    part: Option<String>,
    /// What it is called.
    title: Text,
    /// Whether the features are schematic (示意).
    schematic: bool,
    /// The nearest feature of the trial zone.
    nearest: TrialNeighbour,
    /// That of the area as it was.
    baseline: TrialNeighbour,
}

/// What is assumed of a row.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum AssumedKind {
    Added,
    Moved,
}

/// A figure of a row that is assumed.
#[derive(Serialize, ToSchema)]
pub(crate) struct AssumedFigure {
    /// Id of the metric.
    metric: String,
    /// The figure.
    value: f64,
}

/// A row that is assumed, as it was understood.
#[derive(Serialize, ToSchema)]
pub(crate) struct AssumedInside {
    /// What is assumed of it.
    kind: AssumedKind,
    /// Id in the register; `null` for rows that are added.
    id: Option<String>,
    /// What it is called, where it has a name.
    name: Option<Text>,
    /// Code of its class as the classes are read; `null` where it is in none.
    class: Option<String>,
    /// Name of the class.
    class_name: Option<Text>,
    /// Its figures, in the manifest's order of metrics.
    figures: Vec<AssumedFigure>,
    /// Longitude, latitude.
    position: [f64; 2],
    /// Whether it lies in the trial zone where it is assumed to be.
    inside: bool,
    /// Whether it lies in the trial zone where it is.
    was_inside: bool,
    /// Whether it counts: a row of the register that is not there in the period, or does not meet the conditions, does not.
    counts: bool,
}

/// Everything about a trial zone.
#[derive(Serialize, ToSchema)]
pub(crate) struct TrialAnswer {
    /// Revision of the data.
    revision: String,
    /// Identifier of the dataset.
    dataset: String,
    /// Whether the rows that are there are invented themselves (示例数据).
    sample: bool,
    /// Year of the figures; `null` where `period` is no year.
    year: Option<u16>,
    /// Period of the figures: a year (`2025`), a quarter (`2025Q3`) or a month (`2025-03`).
    period: Option<String>,
    /// The trial zone, with its outline.
    zone: AreaInfo,
    /// The area as it was.
    baseline: AreaInfo,
    /// Ground in square kilometres.
    area_km2: TrialValue,
    /// Rows.
    count: TrialCount,
    /// Rows of the whole that shares and quotients are of.
    whole: TrialCount,
    /// Metrics by id.
    totals: BTreeMap<String, TrialAmount>,
    /// What the classes are called at the level that they are read at; `null` where there is one way only.
    class_level: Option<Text>,
    /// The classes in the codelist's order.
    classes: Vec<TrialClass>,
    /// The class of most rows in the area as it was; `null` where no row has a class.
    baseline_lead: Option<TrialLead>,
    /// The same in the trial zone, with what is assumed.
    lead: Option<TrialLead>,
    /// Location quotients weighed by the metrics that are asked for.
    weighed: Vec<TrialWeighed>,
    /// Herfindahl-Hirschman index of the mix of classes by number of rows.
    class_mix_hhi: TrialValue,
    /// The zones whose ground it takes in; only rows that are there are counted.
    overlaps: Vec<ZoneOverlap>,
    /// The platforms whose positions lie in it.
    platforms: Vec<PlatformInside>,
    /// How far it is from each part of the layout.
    distances: Vec<LayoutDistance>,
    /// The rows that are assumed, as they were understood.
    assumed: Vec<AssumedInside>,
    /// Remarks.
    notes: Vec<Note>,
}
