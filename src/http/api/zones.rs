//! `/zones`: zones of a kind, or right below a zone, side by side.

use crate::core::query::Question;
use crate::http::extract::context::Context;
use crate::http::extract::filter::{Conditions, FilterParams};
use crate::http::extract::params::Params;
use crate::http::extract::shared::{ClassParams, FiguresParams, TableParams};
use crate::http::response::answer::{Answer, Reply, blocking};
use crate::http::schemas;
use axum::http::HeaderMap;
use serde::Deserialize;
use utoipa::IntoParams;

/// What `/zones` takes.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct ZonesParams {
    /// a kind of zones of `/dataset`; all kinds when left out
    kind: Option<String>,
    /// id of a zone: the zones right below it only, with what lies in it and in none of them
    parent: Option<String>,
}

impl ZonesParams {
    /// The same question about these zones.
    pub(crate) fn of(self, question: Question) -> Question {
        question.of_kind(self.kind).of_parent(self.parent)
    }
}

/// Counts and sums of every zone of a kind, or right below a zone: with `kind` and `parent` of a zone, of that zone and its
/// siblings. `statistics` adds sums by cluster, and what the values of each are like.
#[utoipa::path(get, path = "/zones", operation_id = "getZones", tag = "numbers",
    params(ZonesParams, TableParams, FiguresParams, ClassParams, ("property" = Option<String>, Query, description = "any property of the register = value"), FilterParams),
    responses((status = 200, body = schemas::ZoneList)))]
pub(crate) async fn list(context: Context, headers: HeaderMap, mut params: Params) -> Answer {
    let (zones, table): (ZonesParams, TableParams) = params.take()?;
    let (figures, classes): (FiguresParams, ClassParams) = params.take()?;
    let context = context.of_table(&table)?;
    blocking(move || {
        let about = context.describe();
        let mut question = zones.of(classes.of(figures.question()?));
        // zones are there without a register, too: the question then is one of the collection that holds them
        if about.register.is_none()
            && let Some(holding) = about.zone_kinds.iter().flat_map(|k| &k.collections).next()
        {
            question = question.about(&*about.collections[*holding].spec.id);
        }
        let bound = context.bind(&Conditions::read(params, context.describe())?.of(question))?;
        Reply { context: &context, headers: &headers }.json(|| Ok(bound.zones()?))
    })
    .await
}
