//! Every resource of the whole, once: the router and the OpenAPI document are both made of this list, as those of a city are.

use super::{Asked, list, monitor, questions, summary, tiles, zones};
use crate::http::metrics;
use crate::http::ogc::openapi::ApiDescription;
#[cfg(debug_assertions)]
use crate::http::ogc::openapi30;
use crate::http::problem::{self, Problem};
use crate::http::response::answer::Answer;
use crate::http::response::html;
use crate::http::response::links::OPENAPI;
use crate::http::routing::{Routes, routes};
use axum::extract::DefaultBodyLimit;
use axum::http::{HeaderMap, Uri, header};
use axum::middleware::from_fn;
use axum::response::{IntoResponse, Redirect};
use axum::routing::get;
use axum::{Extension, Router};
use tower_http::catch_panic::CatchPanicLayer;

const CITIES_STYLE: &str = include_str!("cities.css");

/// All resources. They take who asks from the request's extensions.
pub(super) fn resources() -> Router {
    all().router().layer(Extension(description())).layer(from_fn(metrics::routed))
}

/// Those that monitoring asks.
pub(super) fn monitoring() -> Router {
    Router::new().route("/metrics", get(monitor::metrics)).route("/healthz", get(monitor::alive))
}

/// The OpenAPI document of what leads to several cities, as JSON text, indented.
pub fn openapi_of_cities() -> String {
    description().text()
}

#[cfg(debug_assertions)]
fn description() -> ApiDescription {
    ApiDescription::new(|| openapi30::collected(all().described()))
}

#[cfg(not(debug_assertions))]
fn description() -> ApiDescription {
    ApiDescription::new(|| serde_json::from_str(include_str!("../../../web/openapi-cities.json")).unwrap_or_default())
}

fn all() -> Routes {
    Routes::default()
        .routes(routes!(list::list))
        .routes(routes!(summary::summary))
        .routes(routes!(zones::zones))
        .routes(routes!(tiles::tile))
        .routes(routes!(questions::post))
        .routes(routes!(questions::get, questions::delete))
        .routes(routes!(monitor::alive))
        .routes(routes!(monitor::ready))
        .routes(routes!(monitor::metrics))
        .routes(routes!(document))
        .with(|router| {
            router
                .route("/", get(home))
                .route("/cities/", get(home))
                .route("/cities/{id}", get(list::to_city))
                .route("/pages.css", get(style))
                .fallback(missing)
                .layer(DefaultBodyLimit::max(crate::http::MAX_BODY))
                .layer(CatchPanicLayer::custom(problem::panicked))
        })
}

/// This document. Each city describes its own service at `/cities/{id}/api`.
#[utoipa::path(get, path = "/api", operation_id = "getApiOfCities", tag = "service",
    responses((status = 200, description = "this document", content((Object = "application/vnd.oai.openapi+json;version=3.0")))))]
async fn document(Extension(description): Extension<ApiDescription>, asked: Asked, headers: HeaderMap) -> Answer {
    let text = description.at(&asked.front().base_url(&headers));
    Ok(([(header::CONTENT_TYPE, OPENAPI), (header::CACHE_CONTROL, "no-cache")], text).into_response())
}

/// The list is the way in.
async fn home(asked: Asked, headers: HeaderMap, uri: Uri) -> Redirect {
    let query = uri.query().map_or_else(String::new, |query| format!("?{query}"));
    Redirect::to(&format!("{}/cities{query}", asked.front().base_url(&headers)))
}

async fn style() -> impl IntoResponse {
    let head = [(header::CONTENT_TYPE, "text/css; charset=utf-8"), (header::CACHE_CONTROL, "no-cache")];
    (head, [html::STYLE, CITIES_STYLE].concat())
}

async fn missing(uri: Uri) -> Problem {
    let path = uri.path().chars().take(80).collect::<String>();
    Problem::not_found(
        format!("没有网址 {path}。城市列表在 /cities,各城市在 /cities/城市标识/ 之下。"),
        format!("There is nothing at {path}. /cities lists the cities, each is below /cities/{{id}}/."),
    )
}
