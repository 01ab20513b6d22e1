//! Every resource, once: the router and the OpenAPI document are both made of this list, by the path and method that a
//! handler's `utoipa::path` names.

use super::MAX_BODY;
use super::admin::accounts::{audit, oidc, people, session};
use super::admin::{briefings, consultations, drafts, imports, layouts, rounds, versions};
use super::api::{
    basemap, chain, change, choropleth, dataset, freshness, health, hotspots, metrics as monitored, movements, page,
    plan, points, profile, progress, quotients, ranking, report, reports, saved, search, series, short_links, site,
    sites, summary, systems, trial, zones,
};
use super::metrics;
use super::middleware::cache;
use super::ogc::openapi::{self, ApiDescription};
#[cfg(debug_assertions)]
use super::ogc::openapi30;
use super::ogc::{
    collections, feature_place, feature_search, items, landing, map, qgis, queryables, styles, tiles, tilesets,
};
use super::problem;
use super::response::html;
use super::routing::{Routes, routes};
use crate::data::bulk::Format;
use axum::extract::DefaultBodyLimit;
use axum::http::StatusCode;
use axum::middleware::from_fn;
use axum::routing::get;
use axum::{Extension, Router};
use std::time::Duration;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{DefaultPredicate, NotForContentType, Predicate};
use tower_http::timeout::TimeoutLayer;

/// A request that takes longer is given up.
const TIMEOUT: Duration = Duration::from_secs(30);
/// A file that is sent, or a version that is made of it, may take longer.
const SLOW: Duration = Duration::from_mins(15);

/// All resources. They take the request's `Context` from its extensions, where the middleware `identify` has put it.
pub(super) fn resources() -> Router {
    all().router().layer(Extension(description())).layer(from_fn(metrics::routed))
}

/// The OpenAPI document as JSON text, indented, as it is whatever the dataset.
pub fn openapi() -> String {
    description().text()
}

#[cfg(debug_assertions)]
fn description() -> ApiDescription {
    ApiDescription::new(|| openapi30::collected(all().described()))
}

#[cfg(not(debug_assertions))]
fn description() -> ApiDescription {
    ApiDescription::new(openapi::written)
}

fn all() -> Routes {
    // GeoParquet is compressed already
    let worth = DefaultPredicate::new().and(NotForContentType::const_new(Format::GeoParquet.media_type()));
    standard()
        .with(|router| router.layer(TimeoutLayer::with_status_code(StatusCode::GATEWAY_TIMEOUT, TIMEOUT)))
        .merge(slow())
        .with(|router| {
            router
                .layer(DefaultBodyLimit::max(MAX_BODY))
                .layer(CatchPanicLayer::custom(problem::panicked))
                .layer(CompressionLayer::new().compress_when(worth))
        })
        .merge(files())
}

/// Answers that are kept between requests.
fn kept() -> Routes {
    Routes::default()
        .routes(routes!(zones::list))
        .routes(routes!(choropleth::get))
        .routes(routes!(quotients::get))
        .routes(routes!(quotients::area, quotients::post))
        .routes(routes!(profile::get))
        .routes(routes!(profile::pairs))
        .routes(routes!(chain::get, chain::post))
        .routes(routes!(change::get, change::post))
        .routes(routes!(hotspots::areas))
        .routes(routes!(hotspots::hexagons))
        .routes(routes!(hotspots::density))
        .routes(routes!(hotspots::distances::get))
        .routes(routes!(ranking::get))
        .routes(routes!(search::search))
        .routes(routes!(series::get, series::post))
        .routes(routes!(summary::get, summary::post))
        .routes(routes!(sites::by_zone))
        .routes(routes!(trial::post))
        .routes(routes!(styles::tilejson))
        .routes(routes!(tiles::tile))
        .routes(routes!(styles::style_json))
        .routes(routes!(tilesets::dataset_tile))
        .routes(routes!(tilesets::collection_tile))
        .routes(routes!(map::dataset, map::post))
        .routes(routes!(map::collection))
        .with(|router| router.route_layer(from_fn(cache::remember)))
}

/// Requests that bring a file or make a version of it.
fn slow() -> Routes {
    Routes::default()
        .routes(routes!(imports::list, imports::receive))
        .routes(routes!(imports::blank))
        .routes(routes!(imports::one, imports::delete))
        .routes(routes!(imports::check))
        .routes(routes!(imports::rows))
        .routes(routes!(imports::faults))
        .routes(routes!(imports::submit))
        .routes(routes!(imports::publish))
        .routes(routes!(rounds::list, rounds::make))
        .routes(routes!(rounds::one, rounds::change))
        .routes(routes!(rounds::renew, rounds::revoke))
        .routes(routes!(rounds::faults))
        .routes(routes!(rounds::merge))
        .routes(routes!(rounds::own::one))
        .routes(routes!(rounds::own::book))
        .routes(routes!(rounds::own::deliver))
        .routes(routes!(rounds::own::faults))
        .routes(routes!(consultations::list, consultations::make))
        .routes(routes!(consultations::one))
        .routes(routes!(consultations::decide))
        .routes(routes!(consultations::file))
        .routes(routes!(consultations::paper::adoption))
        .routes(routes!(consultations::own::one))
        .routes(routes!(consultations::own::say))
        .routes(routes!(consultations::own::reword, consultations::own::unsay))
        .routes(routes!(consultations::own::attach))
        .routes(routes!(consultations::own::file))
        .routes(routes!(consultations::own::answered))
        .routes(routes!(layouts::list, layouts::make))
        .routes(routes!(layouts::beside))
        .routes(routes!(layouts::paper::paper))
        .routes(routes!(layouts::rename, layouts::remove))
        .routes(routes!(layouts::put_in_force))
        .routes(routes!(drafts::list))
        .routes(routes!(drafts::one, drafts::delete))
        .routes(routes!(drafts::step))
        .routes(routes!(drafts::replace))
        .routes(routes!(drafts::put, drafts::withdraw))
        .routes(routes!(drafts::undo))
        .routes(routes!(drafts::redo))
        .routes(routes!(drafts::submit))
        .routes(routes!(drafts::give_back))
        .routes(routes!(drafts::publish))
        .with(|router| router.layer(TimeoutLayer::with_status_code(StatusCode::GATEWAY_TIMEOUT, SLOW)))
}

/// Files on the disk, and ranges of them, as they are.
fn files() -> Routes {
    Routes::default().routes(routes!(reports::file)).routes(routes!(reports::archive)).routes(routes!(basemap::file))
}

fn standard() -> Routes {
    Routes::default()
        .merge(kept())
        .routes(routes!(landing::landing))
        .routes(routes!(landing::conformance))
        .routes(routes!(openapi::document))
        .routes(routes!(dataset::dataset))
        .routes(routes!(freshness::get))
        .routes(routes!(movements::get))
        .routes(routes!(systems::systems))
        .routes(routes!(collections::list))
        .routes(routes!(collections::one))
        .routes(routes!(queryables::queryables))
        .routes(routes!(items::page))
        .routes(routes!(items::one))
        .routes(routes!(feature_search::search))
        .routes(routes!(feature_place::get))
        .routes(routes!(sites::near))
        .routes(routes!(sites::post))
        .routes(routes!(sites::classes))
        .routes(routes!(qgis::project))
        .routes(routes!(tilesets::matrix_sets))
        .routes(routes!(tilesets::matrix_set))
        .routes(routes!(tilesets::of_dataset))
        .routes(routes!(tilesets::dataset_tileset))
        .routes(routes!(tilesets::of_collection))
        .routes(routes!(tilesets::collection_tileset))
        .routes(routes!(report::post))
        .routes(routes!(report::get))
        .routes(routes!(reports::list, reports::post))
        .routes(routes!(reports::one, reports::delete))
        .routes(routes!(reports::events))
        .routes(routes!(hotspots::distances::watch))
        .routes(routes!(hotspots::watch_areas))
        .routes(routes!(plan::plan))
        .routes(routes!(progress::list))
        .routes(routes!(progress::one, progress::state))
        .routes(routes!(progress::paper))
        .routes(routes!(briefings::list))
        .routes(routes!(briefings::add))
        .routes(routes!(briefings::change, briefings::remove))
        .routes(routes!(briefings::file))
        .routes(routes!(points::post))
        .routes(routes!(plan::indicators))
        .routes(routes!(site::site))
        .routes(routes!(short_links::save))
        .routes(routes!(short_links::follow))
        .routes(routes!(saved::list, saved::add))
        .routes(routes!(saved::order))
        .routes(routes!(saved::briefing))
        .routes(routes!(saved::export))
        .routes(routes!(saved::one, saved::change, saved::remove))
        .routes(routes!(saved::restore))
        .routes(routes!(versions::list))
        .routes(routes!(versions::one))
        .routes(routes!(versions::changes))
        .routes(routes!(versions::restore))
        .routes(routes!(session::session, session::log_in, session::log_out))
        .routes(routes!(oidc::begin))
        .routes(routes!(oidc::callback))
        .routes(routes!(session::claim))
        .routes(routes!(session::password))
        .routes(routes!(people::list, people::make))
        .routes(routes!(people::change, people::remove))
        .routes(routes!(people::reset))
        .routes(routes!(audit::audit))
        .routes(routes!(audit::usage))
        .routes(routes!(health::alive))
        .routes(routes!(health::ready))
        .routes(routes!(monitored::metrics))
        // no resources of the API: the folder that QGIS opens, the style of pages, the page's own files
        .with(|router| {
            router.route("/qgis/", get(qgis::project)).route("/pages.css", get(html::style)).fallback(page::page)
        })
}
