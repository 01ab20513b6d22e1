//! `/cities/zones`: the zones of all cities in one table, and the sums over the cities.

use super::Asked;
use super::known::{AcrossParams, Known, TABLES, TableForm};
use super::summary::{ClassInfo, RowsAcross, SumInfo, SumsAcross, named, rows, sums};
use super::tables::{self, Zones};
use crate::core::model::{Period, Text};
use crate::http::extract::negotiate;
use crate::http::extract::params::Params;
use crate::http::extract::shared::LangParams;
use crate::http::problem::Problem;
use crate::http::response::answer::{Answer, Form, attachment, blocking, tagged, to_json};
use crate::http::schemas;
use crate::service::cities::{
    Abouts, CityAbout, CitySums, Found, LevelLines, Line, MetricOf, PartSums, Shared, ZoneOf,
};
use axum::http::HeaderMap;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use utoipa::{IntoParams, ToSchema};

/// Which zones of which cities.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct CityZonesParams {
    /// Ids of cities, separated by commas; all when left out.
    city: Option<String>,
    /// A kind of zones that divides a city (`/cities/{id}/dataset`); the usual one of each city when left out.
    level: Option<String>,
}

/// The zones of the cities, and the sums over these.
#[derive(Serialize, ToSchema)]
pub(super) struct CitiesZones {
    /// The cities that have figures of the level, period and class.
    cities: Vec<CityZones>,
    /// Ids of the cities whose figures are not known: they were not loaded yet, have no table, or were refused. They are in no sum.
    unknown: Vec<String>,
    /// Ids of the cities that have no figures of the level, period or class, or too many zones of the level. They are in no sum.
    lacking: Vec<String>,
    /// Rows of the wholes of these cities, for each name that a row has in at least two of them.
    rows: Vec<RowsAcross>,
    /// Sums of the wholes of these cities, for each metric that at least two have with the same id, unit and period.
    sums: Vec<SumsAcross>,
}

/// The zones of a city. With `rest` they add up to `whole` where nothing is withheld.
#[derive(Serialize, ToSchema)]
struct CityZones {
    /// Its id.
    city: String,
    #[schema(value_type = schemas::Text)]
    title: Text,
    /// Revision of the data.
    revision: String,
    /// What a row is called.
    #[schema(value_type = schemas::Text)]
    row: Text,
    /// The kind of the zones.
    level: LevelInfo,
    /// The class; null for all rows.
    class: Option<ClassInfo>,
    /// The metrics, in the order of `sums`.
    metrics: Vec<MetricInfo>,
    zones: Vec<ZoneFigures>,
    /// What no zone holds.
    rest: Vec<ZoneFigures>,
    whole: WholeFigures,
}

/// A kind of zones.
#[derive(Serialize, ToSchema)]
struct LevelInfo {
    id: String,
    #[schema(value_type = schemas::Text)]
    title: Text,
}

/// A metric.
#[derive(Serialize, ToSchema)]
struct MetricInfo {
    /// Its id.
    metric: String,
    unit_zh: String,
    unit_en: String,
    /// The period of the figures; null where it is not published for the period in question.
    #[schema(value_type = Option<String>)]
    period: Option<Period>,
}

/// Figures of a zone.
#[derive(Serialize, ToSchema)]
struct ZoneFigures {
    /// Its id in the city.
    id: String,
    name: String,
    name_en: String,
    /// Id of the zone above it.
    parent: Option<String>,
    rows: u64,
    sums: Vec<SumInfo>,
}

/// Figures of the whole of a city.
#[derive(Serialize, ToSchema)]
struct WholeFigures {
    rows: u64,
    sums: Vec<SumInfo>,
}

/// The zones of all cities side by side, with rows and sums, and the sums over the cities: as everybody sees them. What a city withholds
/// is withheld here, and in each sum that it would be part of.
#[utoipa::path(get, path = "/cities/zones", operation_id = "getCitiesZones", tag = "numbers",
    params(CityZonesParams, AcrossParams, LangParams),
    responses((status = 200, content((CitiesZones = "application/json"), (String = "text/csv")))))]
pub(super) async fn zones(asked: Asked, headers: HeaderMap, mut params: Params) -> Answer {
    asked.may_read()?;
    let (CityZonesParams { city, level }, of, lang): (_, AcrossParams, LangParams) = params.take()?;
    params.finish()?;
    let (period, lang) = (of.period()?, lang.lang(&headers));
    let (media_type, form) = negotiate::choose(of.f, &headers, &TABLES)?;
    blocking(move || {
        let known = Known::of(&asked)?;
        let chosen = chosen(city.as_deref(), &known)?;
        let is_chosen = |id: &str| known.has(id) && chosen.as_ref().is_none_or(|chosen| chosen.contains(id));
        let class = of.class.as_deref();
        let Found { cities, of: found } = asked.app.0.aggregates.zones(level.as_deref(), period, class)?;
        let found: BTreeMap<&str, Zones> = found
            .iter()
            .filter(|(id, _)| is_chosen(id))
            .filter_map(|(id, of)| Some((id.as_str(), read(&cities[id], of, (period, class))?)))
            .collect();
        let is_csv = form == TableForm::Csv;
        let form = if is_csv { Form::spoken(media_type, lang) } else { Form::plain(media_type) };
        let etag = known.etag(&asked, &headers, &cities, form);
        let mut response = tagged(&headers, form, etag, || {
            let shared = over(&found);
            if is_csv {
                return tables::zones(&found, &shared, &known, lang);
            }
            to_json(&answer(&found, shared, &known, (&cities, &is_chosen)))
        })?;
        if is_csv {
            attachment(&mut response, "cities-zones.csv");
        }
        Ok(response)
    })
    .await
}

/// The cities that are named.
fn chosen(named: Option<&str>, known: &Known) -> Result<Option<BTreeSet<String>>, Problem> {
    let ids = |text: &str| text.split(',').map(|id| id.trim().to_owned()).collect::<BTreeSet<_>>();
    let Some(chosen) = named.map(ids) else { return Ok(None) };
    match chosen.iter().find(|id| !known.is_listed(id)) {
        None => Ok(Some(chosen)),
        Some(other) => {
            let other = other.chars().take(80).collect::<String>();
            let (zh, en) = (format!("没有城市 {other};见 /cities"), format!("there is no city {other}; see /cities"));
            Err(Problem::parameter("city", &zh, &en))
        }
    }
}

fn read<'a>(
    about: &'a CityAbout,
    of: &'a LevelLines,
    (period, class): (Option<Period>, Option<&str>),
) -> Option<Zones<'a>> {
    let level = about.level(&of.level)?;
    let class = class.and_then(|code| about.classes.iter().find(|of| of.code == code));
    let (whole, zones) = of.lines.split_last()?;
    let lines = level.zones.iter().zip(zones).collect();
    Some(Zones { about, level, class, metrics: about.metrics(period)?, lines, whole })
}

/// What the wholes have in common, and the sums over them.
fn over(found: &BTreeMap<&str, Zones>) -> Shared {
    let sums = |of: &Zones| CitySums {
        row: of.about.row.clone(),
        metrics: of.metrics.clone(),
        parts: vec![PartSums { class: of.class.cloned(), rows: of.whole.rows, sums: of.whole.sums.clone() }],
    };
    Shared::of(&found.iter().map(|(id, of)| ((*id).to_owned(), sums(of))).collect())
}

fn answer(
    found: &BTreeMap<&str, Zones>,
    shared: Shared,
    known: &Known,
    (cities, is_chosen): (&Abouts, &dyn Fn(&str) -> bool),
) -> CitiesZones {
    let unknown = known.unknown(cities);
    CitiesZones {
        cities: found.iter().map(|(id, of)| city(id, of, known.title(id).clone())).collect(),
        unknown,
        lacking: cities.keys().filter(|id| is_chosen(id) && !found.contains_key(id.as_str())).cloned().collect(),
        rows: shared.rows.into_iter().map(rows).collect(),
        sums: shared.sums.into_iter().map(sums).collect(),
    }
}

fn city(id: &str, of: &Zones, title: Text) -> CityZones {
    let figures = |line: &Line| line.sums.iter().copied().map(SumInfo::from).collect();
    let zone = |(zone, line): &(&ZoneOf, &Line)| ZoneFigures {
        id: zone.id.clone(),
        name: zone.name.clone(),
        name_en: zone.name_en.clone(),
        parent: zone.parent.clone(),
        rows: line.rows,
        sums: figures(line),
    };
    let metric = |of: &MetricOf| MetricInfo {
        metric: of.id.clone(),
        unit_zh: of.unit_zh.clone(),
        unit_en: of.unit_en.clone(),
        period: of.period,
    };
    let (rest, zones): (Vec<_>, Vec<_>) = of.lines.iter().partition(|(zone, _)| zone.rest);
    CityZones {
        city: id.to_owned(),
        title,
        revision: of.about.revision.clone(),
        row: of.about.row.clone(),
        level: LevelInfo { id: of.level.id.clone(), title: of.level.title.clone() },
        class: of.class.cloned().map(named),
        metrics: of.metrics.iter().map(metric).collect(),
        zones: zones.iter().map(zone).collect(),
        rest: rest.iter().map(zone).collect(),
        whole: WholeFigures { rows: of.whole.rows, sums: figures(of.whole) },
    }
}
