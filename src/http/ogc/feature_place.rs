//! `/collections/{id}/items/{id}/place`: the zones that hold a feature, and what of its sort is nearest.

use crate::core::query::Question;
use crate::http::extract::context::Context;
use crate::http::extract::filter::{Conditions, FilterParams};
use crate::http::extract::layers::find;
use crate::http::extract::params::Params;
use crate::http::extract::shared::TableParams;
use crate::http::extract::values::{Count, PeriodText};
use crate::http::ogc::items::PeriodParams;
use crate::http::problem::Problem;
use crate::http::response::answer::{Answer, Reply, blocking};
use crate::http::schemas::ZoneName;
use axum::extract::Path;
use axum::http::HeaderMap;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// More neighbours fit no card.
const MOST: u64 = 100;
const USUAL: u64 = 5;

/// Which neighbours.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct FeaturePlaceParams {
    /// How many neighbours, at most 100.
    #[param(minimum = 0, maximum = 100, default = 5, value_type = Option<u64>)]
    k: Option<Count>,
}

/// How a feature came to its zones.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[allow(dead_code, reason = "only described")]
pub(crate) enum PlacedBy {
    /// By its position.
    Point,
    /// By the zone that it declares.
    Declared,
}

/// A feature near another.
#[derive(Serialize, ToSchema)]
pub(crate) struct Neighbour {
    /// Its id.
    id: String,
    /// Name.
    name: String,
    /// English name.
    name_en: String,
    /// Metres on the ellipsoid.
    distance_m: f64,
    /// Longitude and latitude.
    position: [f64; 2],
}

/// Where a feature lies.
#[derive(Serialize, ToSchema)]
pub(crate) struct FeaturePlace {
    /// Its id.
    id: String,
    /// How it came to its zones; `null` where it has neither a position nor a zone that it declares.
    by: Option<PlacedBy>,
    /// The zones that hold it, the highest levels first.
    zones: Vec<ZoneName>,
    /// Code of its class, where it is a row of the register that has one.
    class: Option<String>,
    /// The nearest others that match: of its class where it has one, else of its collection; the nearest first.
    nearest: Vec<Neighbour>,
}

/// The zones of all kinds that hold a feature, and the nearest others of its class, or of its collection, with their distances.
#[utoipa::path(get, path = "/collections/{collectionId}/items/{featureId}/place", operation_id = "getFeaturePlace", tag = "data",
    params(("collectionId" = String, Path, description = "id of a collection"), ("featureId" = String, Path, description = "id of a feature"),
        FeaturePlaceParams, TableParams, PeriodParams, ("property" = Option<String>, Query, description = "any queryable = value, that neighbours match"), FilterParams),
    responses((status = 200, body = FeaturePlace)))]
pub(crate) async fn get(
    context: Context,
    headers: HeaderMap,
    Path((id, fid)): Path<(String, String)>,
    mut params: Params,
) -> Answer {
    let (FeaturePlaceParams { k }, table): (_, TableParams) = params.take()?;
    let context = context.of_table(&table)?;
    let k = k.map_or(USUAL, |Count(k)| k);
    if k > MOST {
        return Err(Problem::parameter("k", "应为 0 到 100 的整数", "must be an integer from 0 to 100"));
    }
    find(&context, &id)?;
    blocking(move || {
        // another collection may have a property of that name
        let of_register = context.describe().register().is_some_and(|register| register.spec.id == id);
        let period = of_register.then(|| params.take::<PeriodParams>()).transpose()?;
        let period = period.map(|PeriodParams { year, period }| PeriodText::named(year, period)).transpose()?;
        let question = Question::of(&*id).in_period(period.flatten());
        let bound = context.bind(&Conditions::read(params, context.describe())?.of(question))?;
        let place = bound.place(&fid, k as usize).ok_or_else(|| {
            Problem::not_found(
                format!("集合 {id} 中没有编号为 {fid} 的要素。"),
                format!("Collection {id} has no feature {fid}."),
            )
        })?;
        Reply { context: &context, headers: &headers }.json(|| Ok(place))
    })
    .await
}
