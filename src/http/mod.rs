//! URL to `Query`, answer to bytes, and nothing else. Read in this order: `params` and `negotiate` (what is asked),
//! `problem` (what can go wrong), `answer` (how bytes leave), then one small file per resource.

mod answer;
mod body;
mod collections;
mod dataset;
mod filter;
mod health;
mod items;
mod layers;
mod memory;
mod negotiate;
mod openapi;
mod page;
mod params;
mod plan;
mod problem;
mod queryables;
mod report;
mod search;
mod summary;
mod tiles;
mod zones;

pub use openapi::openapi;

use crate::query::Disclosure;
use crate::snapshot::Snapshot;
use crate::store::Store;
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::from_fn_with_state;
use axum::routing::get;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::timeout::TimeoutLayer;

/// Largest request body, in bytes: a polygon of 10,000 vertices is 0.4 MB.
const MAX_BODY: usize = 2 << 20;
/// A request that takes longer is given up.
const TIMEOUT: Duration = Duration::from_secs(30);

/// What every request can reach.
#[derive(Clone, Debug)]
pub struct App(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    store: Arc<Store>,
    disclosure: Disclosure,
    public_url: Option<String>,
    /// First part of request ids, different at each start.
    instance: String,
    requests: AtomicU64,
    memory: memory::Memory,
}

impl App {
    /// `public_url` is the address under which readers see the service, without a slash at the end; `instance` is
    /// anything that differs from start to start.
    pub fn new(store: Arc<Store>, disclosure: Disclosure, public_url: Option<String>, instance: String) -> Self {
        Self(Arc::new(Inner {
            store,
            disclosure,
            public_url,
            instance,
            requests: AtomicU64::new(0),
            memory: memory::memory(),
        }))
    }

    fn snapshot(&self) -> Arc<Snapshot> {
        self.0.store.snapshot()
    }

    fn disclosure(&self) -> Disclosure {
        self.0.disclosure
    }
}

/// The whole service.
pub fn router(app: App) -> Router {
    let kept = Router::new()
        .route("/zones", get(zones::list))
        .route("/summary", get(summary::get).post(summary::post))
        .route("/xyz/{collections}/tilejson.json", get(layers::tilejson))
        .route("/xyz/{collections}/{z}/{x}/{y}", get(tiles::tile))
        .route("/style.json", get(layers::style_json))
        .route_layer(from_fn_with_state(app.clone(), memory::remember));
    Router::new()
        .merge(kept)
        .route("/dataset", get(dataset::dataset))
        .route("/collections", get(collections::list))
        .route("/collections/{id}", get(collections::one))
        .route("/collections/{id}/queryables", get(queryables::queryables))
        .route("/collections/{id}/items", get(items::page))
        .route("/collections/{id}/items/{fid}", get(items::one))
        .route("/report", axum::routing::post(report::post))
        .route("/report/{zone}", get(report::get))
        .route("/plan", get(plan::plan))
        .route("/indicators", get(plan::indicators))
        .route("/search", get(search::search))
        .route("/api", get(openapi::document))
        .route("/healthz", get(health::alive))
        .route("/readyz", get(health::ready))
        .fallback(page::page)
        .layer(DefaultBodyLimit::max(MAX_BODY))
        .layer(TimeoutLayer::with_status_code(axum::http::StatusCode::GATEWAY_TIMEOUT, TIMEOUT))
        .layer(CatchPanicLayer::custom(problem::panicked))
        .layer(CompressionLayer::new())
        .layer(from_fn_with_state(app.clone(), answer::envelope))
        .with_state(app)
}
