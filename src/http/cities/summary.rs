//! `/cities/summary`: counts and sums of what the cities share, by city and over all of them. No city is loaded for it: each has
//! left what it says to everybody (`service::cities::sums`, `service::store::CityFolders`).

use super::Asked;
use crate::core::model::Period;
use crate::http::extract::params::Params;
use crate::http::extract::shared::JsonParams;
use crate::http::response::answer::{Answer, json};
use crate::service::cities::{Across, CityState, CitySums, ClassOf, MetricOf, SUMS, Shared, Side, Sum};
use crate::service::store::{CityFolders, DatabaseError};
use crate::service::task::blocking;
use axum::http::StatusCode;
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
    /// Rows of the main tables, for each name that a row has in at least two cities.
    rows: Vec<RowsAcross>,
    /// Sums, for each metric that at least two cities have with the same id, unit and latest period.
    sums: Vec<SumsAcross>,
}

/// Rows of one name.
#[derive(Serialize, ToSchema)]
struct RowsAcross {
    /// What a row is called.
    zh: String,
    en: String,
    /// The whole of each city first, then classes with the same code and name.
    parts: Vec<RowsPart>,
}

/// Rows of the whole or of a class.
#[derive(Serialize, ToSchema)]
struct RowsPart {
    /// The class; null for the whole.
    class: Option<ClassInfo>,
    /// City -> rows.
    cities: BTreeMap<String, u64>,
    /// Over all of these.
    all: u64,
}

/// Sums of one metric.
#[derive(Serialize, ToSchema)]
struct SumsAcross {
    /// Its id.
    metric: String,
    /// Its unit.
    unit_zh: String,
    unit_en: String,
    /// The period of the figures.
    #[schema(value_type = Option<String>)]
    period: Option<Period>,
    /// The whole of each city first, then classes with the same code and name.
    parts: Vec<SumsPart>,
}

/// Sums of the whole or of a class.
#[derive(Serialize, ToSchema)]
struct SumsPart {
    /// The class; null for the whole.
    class: Option<ClassInfo>,
    /// City -> its sum.
    cities: BTreeMap<String, SumInfo>,
    /// Over all of these; withheld where that of a city is.
    all: SumInfo,
}

/// A class.
#[derive(Serialize, ToSchema)]
struct ClassInfo {
    code: String,
    zh: String,
    en: String,
}

/// A sum as it may leave.
#[derive(Serialize, ToSchema)]
struct SumInfo {
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

/// Counts and sums of what the cities share by id and unit, by city and over all of them, as everybody sees them.
#[utoipa::path(get, path = "/cities/summary", operation_id = "getCitiesSummary", tag = "numbers", params(JsonParams),
    responses((status = 200, body = CitiesSummary)))]
pub(super) async fn summary(asked: Asked, params: Params) -> Answer {
    asked.may_read()?;
    let _: JsonParams = params.only()?;
    let (known, unknown) = blocking(move || figures(&asked)).await??;
    let shared = Shared::of(&known);
    let cities = known.into_iter().map(|(id, of)| (id, of.revision)).collect();
    let rows = shared.rows.into_iter().map(rows).collect();
    json(StatusCode::OK, &CitiesSummary { cities, unknown, rows, sums: shared.sums.into_iter().map(sums).collect() })
}

/// Figures by city, and the cities without. Where copies share a database, they are what is left there, whatever is loaded here: so
/// every copy says the same.
fn figures(asked: &Asked) -> Result<(BTreeMap<String, CitySums>, Vec<String>), DatabaseError> {
    let (all, folders) = (asked.cities().list(), asked.app.0.folders.as_deref());
    let own: Vec<_> = all.iter().map(|one| one.shard.as_ref().map(|shard| shard.keep_sums())).collect();
    let ids = all.iter().map(|one| one.city.id.clone());
    let left = folders.map(|folders| folders.left(SUMS, ids)).transpose()?.unwrap_or_default();
    let shared = folders.is_some_and(CityFolders::is_shared);
    let (mut known, mut unknown) = (BTreeMap::new(), Vec::new());
    for (one, own) in all.iter().zip(own) {
        let id = one.city.id.clone();
        let of = match own {
            Some(own) if !shared => own,
            // what it said before its data were refused is no longer so
            None if !shared && matches!(one.state, CityState::Failed(_)) => None,
            _ => left.get(&id).and_then(|left| CitySums::read(left)),
        };
        match of {
            Some(of) => drop(known.insert(id, of)),
            None => unknown.push(id),
        }
    }
    Ok((known, unknown))
}

fn rows(Across { of: (zh, en), parts }: Across<(String, String), u64>) -> RowsAcross {
    let part = |Side { class, cities, all }: Side<u64>| RowsPart { class: class.map(named), cities, all };
    RowsAcross { zh, en, parts: parts.into_iter().map(part).collect() }
}

fn sums(Across { of, parts }: Across<MetricOf, Sum>) -> SumsAcross {
    let MetricOf { id, unit_zh, unit_en, period } = of;
    let part = |Side { class, cities, all }: Side<Sum>| SumsPart {
        class: class.map(named),
        cities: cities.into_iter().map(|(city, sum)| (city, sum.into())).collect(),
        all: all.into(),
    };
    SumsAcross { metric: id, unit_zh, unit_en, period, parts: parts.into_iter().map(part).collect() }
}

fn named(ClassOf { code, zh, en }: ClassOf) -> ClassInfo {
    ClassInfo { code, zh, en }
}
