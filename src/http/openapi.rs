//! `/api`: the OpenAPI document, made from the handlers. `web/openapi.json` is a copy of it (kept by a test), from which
//! the page's types are generated.

use super::answer::Answer;
use super::params::Params;
use super::{
    collections, dataset, health, items, layers, plan, problem, queryables, report, search, summary, tiles, zones,
};
use axum::http::header;
use axum::response::IntoResponse;
use utoipa::OpenApi;

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Shigu 视谷",
        description = "Industrial-cluster and spatial-layout GIS",
        license(name = "MIT OR Apache-2.0")
    ),
    paths(
        dataset::dataset,
        collections::list,
        collections::one,
        queryables::queryables,
        items::page,
        items::one,
        zones::list,
        summary::get,
        summary::post,
        report::get,
        report::post,
        layers::tilejson,
        tiles::tile,
        layers::style_json,
        plan::plan,
        plan::indicators,
        search::search,
        document,
        health::alive,
        health::ready,
    ),
    components(schemas(problem::ProblemDocument, crate::model::ZoneKind))
)]
struct Document;

/// The document as JSON text, indented.
pub fn openapi() -> String {
    Document::openapi().to_pretty_json().unwrap_or_default()
}

/// This document.
#[utoipa::path(get, path = "/api", tag = "health", responses((status = 200, content_type = "application/vnd.oai.openapi+json;version=3.1")))]
pub(super) async fn document(params: Params) -> Answer {
    params.finish()?;
    let kind =
        [(header::CONTENT_TYPE, "application/vnd.oai.openapi+json;version=3.1"), (header::CACHE_CONTROL, "no-cache")];
    Ok((kind, openapi()).into_response())
}
