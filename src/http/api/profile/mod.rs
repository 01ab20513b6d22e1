//! `/zones/profile` and `/zones/pairs`: how large, specialised and concentrated classes and zones are, and which classes stand together.

pub(in crate::http::api) mod schema;

use crate::core::query::{Bound, QueryError, class_pairs, profile};
use crate::http::extract::context::Context;
use crate::http::extract::filter::{Conditions, FilterParams};
use crate::http::extract::params::Params;
use crate::http::extract::shared::{ClassParams, FiguresParams, TableParams};
use crate::http::response::answer::{Answer, Reply, blocking};
use axum::http::HeaderMap;
use schema::{ClassPairsAnswer, ProfileAnswer};
use serde::{Deserialize, Serialize};
use utoipa::IntoParams;

/// Which zones, and what rows are weighed by.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct ProfileParams {
    /// a kind of zones of `/dataset`; the one that divides the whole when left out
    kind: Option<String>,
    /// `count` or a metric of `/dataset`: what rows are weighed by; their number when left out
    weight: Option<String>,
}

/// Profiles of all classes and of all zones of a kind: size, specialisation with stars by stated rules, focus, growth like for like,
/// how much lies with the largest rows, indices of diversity, concentration and agglomeration, and sentences that name the figures
/// they were made from.
#[utoipa::path(get, path = "/zones/profile", operation_id = "getProfile", tag = "numbers",
    params(ProfileParams, TableParams, FiguresParams, ClassParams, ("property" = Option<String>, Query, description = "any property of the register = value"), FilterParams),
    responses((status = 200, body = ProfileAnswer)))]
pub(crate) async fn get(context: Context, headers: HeaderMap, params: Params) -> Answer {
    answer(context, headers, params, profile).await
}

/// Which classes stand together: in the same zones (coagglomeration), and beside each other (colocation quotient).
#[utoipa::path(get, path = "/zones/pairs", operation_id = "getClassPairs", tag = "numbers",
    params(ProfileParams, TableParams, FiguresParams, ClassParams, ("property" = Option<String>, Query, description = "any property of the register = value"), FilterParams),
    responses((status = 200, body = ClassPairsAnswer)))]
pub(crate) async fn pairs(context: Context, headers: HeaderMap, params: Params) -> Answer {
    answer(context, headers, params, class_pairs).await
}

async fn answer<T: Serialize + 'static>(
    context: Context,
    headers: HeaderMap,
    mut params: Params,
    make: fn(&Bound, Option<&str>) -> Result<T, QueryError>,
) -> Answer {
    let (ProfileParams { kind, weight }, table): (ProfileParams, TableParams) = params.take()?;
    let (figures, classes): (FiguresParams, ClassParams) = params.take()?;
    let context = context.of_table(&table)?;
    let question = classes.of(figures.question()?).of_kind(kind);
    blocking(move || {
        let bound = context.bind(&Conditions::read(params, context.describe())?.of(question))?;
        Reply { context: &context, headers: &headers }.json(|| Ok(make(&bound, weight.as_deref())?))
    })
    .await
}
