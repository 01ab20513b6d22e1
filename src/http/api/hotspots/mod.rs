//! `/hotspots`: dense areas, hot and cold hexagons, densities, distances within a class.

pub(crate) mod distances;
mod schema;
mod watch;

use crate::core::model::Lang;
use crate::core::query::{
    Bound, DenseMethod, DensitySurface, HotAreas, HotHexagons, HotspotChoice, HotspotFault, QueryError,
    density as density_of, hot_areas, hot_hexagons, watched_areas,
};
use crate::http::api::summary::SummaryParams;
use crate::http::extract::context::Context;
use crate::http::extract::filter::{Conditions, FilterParams};
use crate::http::extract::params::Params;
use crate::http::extract::shared::{FiguresParams, LangParams, TableParams};
use crate::http::extract::values::{Word, Words};
use crate::http::middleware::cache::Place;
use crate::http::problem::{Problem, ProblemDocument};
use crate::http::response::answer::{Answer, Form, Reply, attachment, blocking, to_json};
use crate::render::hotspots::{areas_csv, density_csv, hexagons_csv};
use axum::http::{HeaderMap, StatusCode, Uri};
use schema::{DensityAnswer, HotAreasAnswer, HotHexagonsAnswer};
use serde::{Deserialize, Serialize};
use utoipa::IntoParams;

/// The forms of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum HotspotForm {
    Geojson,
    Csv,
}

impl Words for HotspotForm {
    fn words() -> Vec<(&'static str, Self)> {
        vec![("geojson", Self::Geojson), ("csv", Self::Csv)]
    }
}

impl Words for DenseMethod {
    fn words() -> Vec<(&'static str, Self)> {
        vec![("dbscan", Self::Dbscan), ("hdbscan", Self::Hdbscan)]
    }
}

// the description does not follow a type with parameters of its own
type HotspotFormWord = Word<HotspotForm>;
type DenseMethodWord = Word<DenseMethod>;

/// Whose rows, and in which form.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct HotspotParams {
    /// zone id, outside or undeclared; the whole city when left out
    zone: Option<String>,
    /// The form of the answer; GeoJSON when left out.
    #[param(inline)]
    f: Option<HotspotFormWord>,
}

/// With what dense areas are found.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct AreaParams {
    /// `dbscan`: by one distance; `hdbscan`: by what persists as densities grow, so that areas may differ in density.
    #[param(inline, default = "dbscan")]
    method: Option<DenseMethodWord>,
    /// Metres within which rows are neighbours, by DBSCAN; found from the data when left out.
    #[param(minimum = 10, maximum = 50_000)]
    distance: Option<f64>,
    /// How many rows must lie within the distance of one, itself counted; found from the data when left out.
    #[param(minimum = 2, maximum = 100_000)]
    least: Option<u32>,
    /// Rows of an area at least, by HDBSCAN*; found from the data when left out.
    #[param(minimum = 2, maximum = 100_000)]
    smallest: Option<u32>,
    /// Kind of the zones that dense areas are set against: one of `kinds` of the answer.
    against: Option<String>,
}

impl AreaParams {
    fn choice(self) -> HotspotChoice {
        let Self { method, distance, least, smallest, against } = self;
        let method = method.map(|Word(method)| method).unwrap_or_default();
        HotspotChoice { method, distance, least, smallest, against, ..HotspotChoice::default() }
    }
}

/// With what hexagons are found.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct HexagonParams {
    /// Resolution of H3 (7 is about 5 square kilometres, 8 about 0.7); found from the data when left out.
    #[param(minimum = 3, maximum = 10)]
    resolution: Option<u8>,
}

/// With what the density is found.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct DensityParams {
    /// Bandwidth in metres; found from the data when left out.
    #[param(minimum = 50, maximum = 100_000)]
    bandwidth: Option<f64>,
}

/// What is answered to one question, in both forms.
struct Answering<T> {
    make: fn(&Bound, &HotspotChoice) -> Result<T, QueryError>,
    csv: fn(&T, Lang) -> Result<Vec<u8>, csv::Error>,
    name: &'static str,
}

/// The parameters that all three take.
type Common = (HotspotParams, TableParams, FiguresParams, LangParams);

async fn answer<T: Serialize + 'static>(
    context: Context,
    headers: HeaderMap,
    mut params: Params,
    choice: HotspotChoice,
    how: Answering<T>,
) -> Answer {
    check(&choice)?;
    let (HotspotParams { zone, f }, table, figures, lang): Common = params.take()?;
    let context = context.of_table(&table)?;
    let question = figures.question()?.in_zone(zone.unwrap_or_else(|| "city".into()));
    let lang = lang.lang(&headers);
    blocking(move || {
        let bound = context.bind(&Conditions::read(params, context.describe())?.of(question))?;
        let reply = Reply { context: &context, headers: &headers };
        if f.is_some_and(|Word(f)| f == HotspotForm::Csv) {
            let mut response = reply.form(Form::spoken("text/csv; charset=utf-8", lang), || {
                (how.csv)(&(how.make)(&bound, &choice)?, lang)
                    .map_err(|_| Problem::of_status(StatusCode::INTERNAL_SERVER_ERROR))
            })?;
            attachment(&mut response, how.name);
            return Ok(response);
        }
        reply.bytes("application/geo+json", || to_json(&(how.make)(&bound, &choice)?))
    })
    .await
}

fn check(choice: &HotspotChoice) -> Result<(), Problem> {
    let Some(HotspotFault { parameter, low, high }) = choice.fault() else { return Ok(()) };
    let (zh, en) = (format!("应为 {low} 至 {high}"), format!("must be {low} to {high}"));
    Err(Problem::parameter(parameter, &zh, &en))
}

/// Dense areas among the rows of an area: DBSCAN or HDBSCAN*, exact, in metres, set against planned areas. GeoJSON that says how it was made.
#[utoipa::path(get, path = "/hotspots/areas", operation_id = "getHotAreas", tag = "numbers",
    params(HotspotParams, AreaParams, TableParams, FiguresParams, LangParams, ("property" = Option<String>, Query, description = "any property of the register = value"), FilterParams),
    responses((status = 200, content((HotAreasAnswer = "application/geo+json"), (String = "text/csv")))))]
pub(crate) async fn areas(context: Context, headers: HeaderMap, mut params: Params) -> Answer {
    let of: AreaParams = params.take()?;
    let choice = of.choice();
    let how = Answering::<HotAreas> { make: hot_areas, csv: areas_csv, name: "hot-areas.csv" };
    answer(context, headers, params, choice, how).await
}

/// The same while it is worked out: at once a `stage` event, `{"stage": "waiting"}` for a free place, then `positions`, `areas` or (by
/// HDBSCAN*) `reaches`, `tree` and `hierarchy`, `outlines`, and one `end` with the answer. Who goes away ends the work.
#[utoipa::path(get, path = "/hotspots/areas/events", operation_id = "getHotAreasEvents", tag = "numbers",
    params(SummaryParams, AreaParams, TableParams, FiguresParams, ("property" = Option<String>, Query, description = "any property of the register = value"), FilterParams),
    responses((status = 200, description = "events `stage` and, last, `end`, whose data is the answer of `/hotspots/areas`", content_type = "text/event-stream"),
        (status = 503, description = "too much is being worked out", body = ProblemDocument)))]
pub(crate) async fn watch_areas(context: Context, headers: HeaderMap, uri: Uri, mut params: Params) -> Answer {
    let of: AreaParams = params.take()?;
    let choice = of.choice();
    check(&choice)?;
    let (SummaryParams { zone }, table, figures): (SummaryParams, TableParams, FiguresParams) = params.take()?;
    let place = Place::of(&context, &headers, &uri);
    let context = context.of_table(&table)?;
    let question = figures.question()?.in_zone(zone.unwrap_or_else(|| "city".into()));
    let bound = {
        let context = context.clone();
        blocking(move || context.bind(&Conditions::read(params, context.describe())?.of(question))).await?
    };
    if let Some(kept) = place.answer(&headers).await {
        return Ok(kept);
    }
    Ok(watch::watched(&context, place, move |telling| {
        Ok(watched_areas(&bound, &choice, &mut |stage| telling.stage(stage))?)
    }))
}

/// Hot and cold hexagons among the rows of an area: Gi* and local Moran with exact p-values, adjusted over all of them. GeoJSON
/// that says how it was made.
#[utoipa::path(get, path = "/hotspots/hexagons", operation_id = "getHotHexagons", tag = "numbers",
    params(HotspotParams, HexagonParams, TableParams, FiguresParams, LangParams, ("property" = Option<String>, Query, description = "any property of the register = value"), FilterParams),
    responses((status = 200, content((HotHexagonsAnswer = "application/geo+json"), (String = "text/csv")))))]
pub(crate) async fn hexagons(context: Context, headers: HeaderMap, mut params: Params) -> Answer {
    let HexagonParams { resolution } = params.take()?;
    let choice = HotspotChoice { resolution, ..HotspotChoice::default() };
    let how = Answering::<HotHexagons> { make: hot_hexagons, csv: hexagons_csv, name: "hot-hexagons.csv" };
    answer(context, headers, params, choice, how).await
}

/// The kernel density of the rows of an area, in bands of rows to a square kilometre. GeoJSON that says how it was made.
#[utoipa::path(get, path = "/hotspots/density", operation_id = "getDensity", tag = "numbers",
    params(HotspotParams, DensityParams, TableParams, FiguresParams, LangParams, ("property" = Option<String>, Query, description = "any property of the register = value"), FilterParams),
    responses((status = 200, content((DensityAnswer = "application/geo+json"), (String = "text/csv")))))]
pub(crate) async fn density(context: Context, headers: HeaderMap, mut params: Params) -> Answer {
    let DensityParams { bandwidth } = params.take()?;
    let choice = HotspotChoice { bandwidth, ..HotspotChoice::default() };
    let how = Answering::<DensitySurface> { make: density_of, csv: density_csv, name: "density.csv" };
    answer(context, headers, params, choice, how).await
}
