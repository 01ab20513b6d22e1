//! Saved areas as a layer: GeoJSON with their names.

use super::{SavedParams, chosen};
use crate::core::query::{Question, write_geometry};
use crate::http::extract::context::Context;
use crate::http::extract::params::Params;
use crate::http::problem::{Problem, ProblemDocument};
use crate::http::response::answer::{Answer, attachment, blocking, to_json};
use crate::service::saved::area_of;
use crate::service::store::{SavedItem, SavedKind};
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use geo::Geometry;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use utoipa::IntoParams;

/// The media type of the layer.
const GEOJSON: &str = "application/geo+json";

/// Which areas.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct ExportParams {
    /// Ids of areas, separated by commas; all that the reader may see when left out.
    ids: Option<String>,
}

/// A GeoJSON feature collection.
#[derive(Serialize)]
struct Layer {
    #[serde(rename = "type")]
    kind: &'static str,
    name: &'static str,
    features: Vec<Feature>,
}

#[derive(Serialize)]
struct Feature {
    #[serde(rename = "type")]
    kind: &'static str,
    id: String,
    properties: Properties,
    geometry: Option<Box<RawValue>>,
}

#[derive(Serialize)]
struct Properties {
    name: String,
    folder: String,
    note: String,
    owner: String,
    area_km2: Option<f64>,
}

/// Saved areas as a GeoJSON layer with names, notes and the area in square kilometres. An area that the reader's data do not have an
/// outline of has no geometry.
#[utoipa::path(get, path = "/saved/export", operation_id = "exportSaved", tag = "saved", params(ExportParams, SavedParams), responses(
    (status = 200, content((Object = "application/geo+json"))),
    (status = 404, description = "one of the ids is of no area of this reader", body = ProblemDocument),
    (status = 501, description = "the service keeps nothing: it runs without --data-dir", body = ProblemDocument)))]
pub(crate) async fn export(context: Context, params: Params) -> Answer {
    let (ExportParams { ids }, wanted): (ExportParams, SavedParams) = params.only()?;
    let mut items = context.saved()?.list(&context.saved_reader()).await?;
    items.retain(|item| wanted.has(item) && item.kind == SavedKind::Area);
    let items = chosen(items, ids.as_deref())?;
    blocking(move || {
        let features = items.into_iter().map(|item| feature(&context, item)).collect::<Result<_, _>>()?;
        let body = to_json(&Layer { kind: "FeatureCollection", name: "saved areas", features })?;
        let head = [(header::CONTENT_TYPE, GEOJSON), (header::CACHE_CONTROL, "no-store")];
        let mut response = (StatusCode::OK, head, body).into_response();
        attachment(&mut response, "saved-areas.geojson");
        Ok(response)
    })
    .await
}

fn feature(context: &Context, item: SavedItem) -> Result<Feature, Problem> {
    // what the reader may not see, or is no longer there, has no outline
    let bound = area_of(&item.content.body)
        .and_then(|(area, repair)| context.bind_stated(&Question::register().within(area).repaired(repair)).ok());
    let shape = bound.as_ref().and_then(|bound| bound.outline());
    let geometry = shape.map(|shape| {
        let mut out = Vec::new();
        write_geometry(&mut out, &Geometry::from(shape.clone()));
        serde_json::from_slice(&out).map_err(|_| Problem::of_status(StatusCode::INTERNAL_SERVER_ERROR))
    });
    Ok(Feature {
        kind: "Feature",
        id: item.id,
        properties: Properties {
            name: item.content.title,
            folder: item.content.folder,
            note: item.content.note,
            owner: item.owner,
            area_km2: bound.and_then(|bound| bound.area().area_km2),
        },
        geometry: geometry.transpose()?,
    })
}
