//! `/cities/summary`: counts and sums of what the cities share, by city and over all of them.

use super::Asked;
use super::known::{AcrossParams, Known, TABLES, TableForm};
use super::tables;
use crate::core::model::Period;
use crate::http::extract::negotiate;
use crate::http::extract::params::Params;
use crate::http::extract::shared::LangParams;
use crate::http::response::answer::{Answer, Form, attachment, blocking, tagged, to_json};
use crate::service::cities::{Across, ClassOf, Found, MetricOf, Shared, Side, Sum};
use axum::http::HeaderMap;
use serde::Serialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// What the cities share, by city and over all of them.
#[derive(Serialize, ToSchema)]
pub(super) struct CitiesSummary {
    /// The cities whose figures are known: id, and revision of the data.
    cities: BTreeMap<String, String>,
    /// Ids of the cities whose figures are not known: they were not loaded yet, have no table, or were refused. They are in no sum.
    unknown: Vec<String>,
    /// Ids of the cities that have no figures of the period or class. They are in no sum.
    lacking: Vec<String>,
    /// Rows of the main tables, for each name that a row has in at least two cities.
    rows: Vec<RowsAcross>,
    /// Sums, for each metric that at least two cities have with the same id, unit and period.
    sums: Vec<SumsAcross>,
}

/// Rows of one name.
#[derive(Serialize, ToSchema)]
pub(super) struct RowsAcross {
    /// What a row is called.
    zh: String,
    en: String,
    /// All rows of each city first, then classes with the same code and name; of one class, that class.
    parts: Vec<RowsPart>,
}

/// Rows of the whole or of a class.
#[derive(Serialize, ToSchema)]
pub(super) struct RowsPart {
    /// The class; null for the whole.
    class: Option<ClassInfo>,
    /// City -> rows.
    cities: BTreeMap<String, u64>,
    /// Over all of these.
    all: u64,
}

/// Sums of one metric.
#[derive(Serialize, ToSchema)]
pub(super) struct SumsAcross {
    /// Its id.
    metric: String,
    /// Its unit.
    unit_zh: String,
    unit_en: String,
    /// The period of the figures.
    #[schema(value_type = Option<String>)]
    period: Option<Period>,
    /// All rows of each city first, then classes with the same code and name; of one class, that class.
    parts: Vec<SumsPart>,
}

/// Sums of the whole or of a class.
#[derive(Serialize, ToSchema)]
pub(super) struct SumsPart {
    /// The class; null for the whole.
    class: Option<ClassInfo>,
    /// City -> its sum.
    cities: BTreeMap<String, SumInfo>,
    /// Over all of these; withheld where that of a city is.
    all: SumInfo,
}

/// A class.
#[derive(Serialize, ToSchema)]
pub(super) struct ClassInfo {
    code: String,
    zh: String,
    en: String,
}

/// A sum as it may leave.
#[derive(Serialize, ToSchema)]
pub(super) struct SumInfo {
    /// null where no row has a value, or it is withheld.
    sum: Option<f64>,
    /// Whether it is withheld because it, or a related sum, would tell too much of one row.
    withheld: bool,
}

impl From<Sum> for SumInfo {
    fn from(sum: Sum) -> Self {
        Self { sum: sum.value(), withheld: sum.withheld }
    }
}

/// Counts and sums of what the cities share by id and unit, by city and over all of them, as everybody sees them; of a period and of a
/// class where they are named.
#[utoipa::path(get, path = "/cities/summary", operation_id = "getCitiesSummary", tag = "numbers", params(AcrossParams, LangParams),
    responses((status = 200, content((CitiesSummary = "application/json"), (String = "text/csv")))))]
pub(super) async fn summary(asked: Asked, headers: HeaderMap, mut params: Params) -> Answer {
    asked.may_read()?;
    let (of, lang): (AcrossParams, LangParams) = params.take()?;
    params.finish()?;
    let (period, lang) = (of.period()?, lang.lang(&headers));
    let (media_type, form) = negotiate::choose(of.f, &headers, &TABLES)?;
    blocking(move || {
        let known = Known::of(&asked)?;
        let Found { cities, of: mut sums } = asked.app.0.aggregates.sums(period, of.class.as_deref())?;
        sums.retain(|id, _| known.has(id));
        let is_csv = form == TableForm::Csv;
        let form = if is_csv { Form::spoken(media_type, lang) } else { Form::plain(media_type) };
        let etag = known.etag(&asked, &headers, &cities, form);
        let mut response = tagged(&headers, form, etag, || {
            let shared = Shared::of(&sums);
            if is_csv {
                return tables::summary(&shared, &known, lang);
            }
            to_json(&CitiesSummary {
                cities: sums.keys().map(|id| (id.clone(), cities[id].revision.clone())).collect(),
                unknown: known.unknown(&cities),
                lacking: cities.keys().filter(|id| known.has(id) && !sums.contains_key(*id)).cloned().collect(),
                rows: shared.rows.into_iter().map(rows).collect(),
                sums: shared.sums.into_iter().map(self::sums).collect(),
            })
        })?;
        if is_csv {
            attachment(&mut response, "cities-summary.csv");
        }
        Ok(response)
    })
    .await
}

pub(super) fn rows(Across { of: (zh, en), parts }: Across<(String, String), u64>) -> RowsAcross {
    let part = |Side { class, cities, all }: Side<u64>| RowsPart { class: class.map(named), cities, all };
    RowsAcross { zh, en, parts: parts.into_iter().map(part).collect() }
}

pub(super) fn sums(Across { of, parts }: Across<MetricOf, Sum>) -> SumsAcross {
    let MetricOf { id, unit_zh, unit_en, period } = of;
    let part = |Side { class, cities, all }: Side<Sum>| SumsPart {
        class: class.map(named),
        cities: cities.into_iter().map(|(city, sum)| (city, sum.into())).collect(),
        all: all.into(),
    };
    SumsAcross { metric: id, unit_zh, unit_en, period, parts: parts.into_iter().map(part).collect() }
}

pub(super) fn named(ClassOf { code, zh, en }: ClassOf) -> ClassInfo {
    ClassInfo { code, zh, en }
}
