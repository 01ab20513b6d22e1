//! URL to `Query`, answer to bytes, and nothing else. Read in this order: `params` and `negotiate` (what is asked),
//! `problem` (what can go wrong), `answer` (how bytes leave), `envelope` (what all requests have in common), then one
//! small file per resource.

mod accounts;
mod answer;
mod apipage;
mod basemap;
mod body;
mod bulk;
mod collections;
mod config;
mod connections;
mod context;
mod cors;
mod dataset;
mod describe;
mod envelope;
mod etag;
mod filter;
mod health;
mod html;
mod identity;
mod imports;
mod items;
mod landing;
mod layers;
mod leaf;
mod links;
mod map;
mod matching;
mod memory;
mod negotiate;
mod openapi;
mod openapi30;
mod page;
mod params;
mod permission;
mod place;
mod plan;
mod problem;
mod qgis;
mod queryables;
mod range;
mod refusal;
mod report;
mod reports;
mod search;
mod sending;
mod shortened;
mod site;
mod sketch;
mod space;
mod summary;
mod tiles;
mod tilesets;
mod time;
mod versions;
mod zones;

pub use accounts::Entrance;
pub use basemap::Basemap;
pub use config::{Config, ConfigError};
pub use connections::{Peer, serve};
pub use landing::CONFORMANCE;
pub use openapi::openapi;
pub use site::{SettingError, Site};

use crate::core::query::Disclosure;
use crate::core::snapshot::Snapshot;
use crate::render::map::Fonts;
use crate::render::renderer::Program;
use crate::service::store::{Database, Incoming, Reports, Store};
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::HeaderValue;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::get;
use moka::sync::Cache;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;
use tokio::sync::Semaphore;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{DefaultPredicate, NotForContentType, Predicate};
use tower_http::timeout::TimeoutLayer;

/// Largest request body, in bytes: a polygon of 10,000 vertices is 0.4 MB.
const MAX_BODY: usize = 2 << 20;
/// A request that takes longer is given up.
const TIMEOUT: Duration = Duration::from_secs(30);
/// A file that is sent, or a version that is made of it, may take longer.
const SLOW: Duration = Duration::from_mins(15);
/// Snapshots that are kept for readers who are limited to districts, and for how long after the last of them asked.
const LIMITED: u64 = 16;
const LIMITED_IDLE: Duration = Duration::from_hours(1);

/// What all requests share.
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
    /// What pictures are painted with.
    fonts: Fonts,
    /// What else paints pictures.
    renderer: Option<Program>,
    easels: Arc<map::Easels>,
    /// Places for downloads of many rows.
    downloads: Arc<Semaphore>,
    /// What the service itself keeps, where it has a folder for that.
    database: Option<Arc<Database>>,
    /// Files on their way in, and where they lie open.
    incoming: Option<Incoming>,
    desks: imports::Desks,
    /// Who may come in, where there are accounts.
    gate: Option<Arc<accounts::Gate>>,
    /// Snapshots for readers who are limited to districts, by revision and codes.
    limited: Cache<(String, Vec<String>), Arc<Snapshot>>,
    /// Reports made in batches, and those under way.
    reports: Option<Reports>,
    jobs: reports::Jobs,
    site: Site,
    policy: HeaderValue,
}

impl App {
    /// The service as it is configured.
    pub fn new(config: Config) -> Result<Self, ConfigError> {
        config.check()?;
        let database = config.database.map(Arc::new);
        let gate = config.accounts.zip(database.clone()).map(|(e, d)| Arc::new(accounts::Gate::new(e, d)));
        Ok(Self(Arc::new(Inner {
            store: config.store,
            disclosure: config.disclosure,
            public_url: config.public_url,
            instance: config.instance,
            requests: AtomicU64::new(0),
            memory: memory::memory(),
            fonts: config.fonts,
            renderer: config.renderer,
            easels: Arc::new(map::Easels::new()),
            downloads: Arc::new(Semaphore::new(bulk::MOST)),
            database,
            incoming: config.incoming,
            desks: imports::Desks::default(),
            gate,
            limited: Cache::builder().max_capacity(LIMITED).time_to_idle(LIMITED_IDLE).build(),
            reports: config.reports,
            jobs: reports::Jobs::default(),
            policy: config.site.policy(),
            site: config.site,
        })))
    }

    /// Whether some see more than any reader does.
    fn has_owner(&self) -> bool {
        self.0.disclosure == Disclosure::Full || self.has_accounts()
    }

    fn has_accounts(&self) -> bool {
        self.0.gate.is_some()
    }

    fn gate(&self) -> Option<&Arc<accounts::Gate>> {
        self.0.gate.as_ref()
    }

    fn public_url(&self) -> Option<&str> {
        self.0.public_url.as_deref()
    }

    /// Ends background work, before the service stops.
    pub fn close(&self) {
        self.0.jobs.close();
    }

    fn database(&self) -> Option<Arc<Database>> {
        self.0.database.clone()
    }

    fn site(&self) -> &Site {
        &self.0.site
    }

    fn policy(&self) -> HeaderValue {
        self.0.policy.clone()
    }

    fn store(&self) -> Arc<Store> {
        self.0.store.clone()
    }

    /// A snapshot with the enterprises of some districts only: made once, kept for all who are limited alike.
    fn limited(&self, whole: &Snapshot, scope: &[String]) -> Arc<Snapshot> {
        let key = (whole.revision.clone(), scope.to_vec());
        self.0.limited.get_with(key, || Arc::new(whole.within(scope)))
    }
}

/// The whole service.
pub fn router(app: App) -> Router {
    Router::new()
        .fallback_service(resources())
        .layer(from_fn(identity::guard))
        .layer(from_fn_with_state(app.clone(), identity::strip_prefix))
        .layer(from_fn_with_state(app.clone(), identity::identify))
        .layer(from_fn_with_state(app, envelope::around))
}

/// All resources. They take the request's `Context` from its extensions, where `identify` has put it.
fn resources() -> Router {
    // what is packed already is not packed again
    let worth =
        DefaultPredicate::new().and(NotForContentType::const_new(crate::data::bulk::Format::GeoParquet.media_type()));
    let kept = Router::new()
        .route("/zones", get(zones::list))
        .route("/summary", get(summary::get).post(summary::post))
        .route("/xyz/{collections}/tilejson.json", get(layers::tilejson))
        .route("/xyz/{collections}/{z}/{x}/{y}", get(tiles::tile))
        .route("/style.json", get(layers::style_json))
        .route("/tiles/{matrix_set}/{z}/{row}/{column}", get(tilesets::dataset_tile))
        .route("/collections/{id}/tiles/{matrix_set}/{z}/{row}/{column}", get(tilesets::collection_tile))
        .route("/map", get(map::dataset).post(map::post))
        .route("/collections/{id}/map", get(map::collection))
        .route_layer(from_fn(memory::remember));
    let slow = Router::new()
        .route("/imports", get(imports::list).post(imports::receive))
        .route("/imports/template.xlsx", get(imports::blank))
        .route("/imports/{id}", get(imports::one).delete(imports::delete))
        .route("/imports/{id}/check", axum::routing::post(imports::check))
        .route("/imports/{id}/rows", get(imports::rows))
        .route("/imports/{id}/faults.xlsx", get(imports::faults))
        .route("/imports/{id}/submit", axum::routing::post(imports::submit))
        .route("/imports/{id}/publish", axum::routing::post(imports::publish))
        .layer(TimeoutLayer::with_status_code(axum::http::StatusCode::GATEWAY_TIMEOUT, SLOW));
    Router::new()
        .merge(kept)
        .route("/", get(landing::landing))
        .route("/conformance", get(landing::conformance))
        .route("/pages.css", get(html::style))
        .route("/dataset", get(dataset::dataset))
        .route("/collections", get(collections::list))
        .route("/collections/{id}", get(collections::one))
        .route("/collections/{id}/queryables", get(queryables::queryables))
        .route("/collections/{id}/items", get(items::page))
        .route("/collections/{id}/items/{fid}", get(items::one))
        .route("/qgis/", get(qgis::project))
        .route("/qgis/shigu.qgs", get(qgis::project))
        .route("/tileMatrixSets", get(tilesets::matrix_sets))
        .route("/tileMatrixSets/{id}", get(tilesets::matrix_set))
        .route("/tiles", get(tilesets::of_dataset))
        .route("/tiles/{matrix_set}", get(tilesets::dataset_tileset))
        .route("/collections/{id}/tiles", get(tilesets::of_collection))
        .route("/collections/{id}/tiles/{matrix_set}", get(tilesets::collection_tileset))
        .route("/collections/{id}/search", axum::routing::post(matching::search))
        .route("/report", axum::routing::post(report::post))
        .route("/report/{zone}", get(report::get))
        .route("/reports", get(reports::list).post(reports::post))
        .route("/reports/{id}", get(reports::one).delete(reports::delete))
        .route("/reports/{id}/events", get(reports::events))
        .route("/plan", get(plan::plan))
        .route("/indicators", get(plan::indicators))
        .route("/search", get(search::search))
        .route("/site", get(site::site))
        .route("/links", axum::routing::post(shortened::save))
        .route("/s/{code}", get(shortened::follow))
        .route("/versions", get(versions::list))
        .route("/versions/{number}", get(versions::one))
        .route("/versions/{number}/changes", get(versions::changes))
        .route("/versions/{number}/restore", axum::routing::post(versions::restore))
        .route(
            "/session",
            get(accounts::session::session).post(accounts::session::log_in).delete(accounts::session::log_out),
        )
        .route("/session/claim", axum::routing::post(accounts::session::claim))
        .route("/session/password", axum::routing::put(accounts::session::password))
        .route("/accounts", get(accounts::people::list).post(accounts::people::make))
        .route("/accounts/{name}", axum::routing::patch(accounts::people::change).delete(accounts::people::remove))
        .route("/accounts/{name}/reset", axum::routing::post(accounts::people::reset))
        .route("/audit", get(accounts::audit::audit))
        .route("/api", get(openapi::document))
        .route("/healthz", get(health::alive))
        .route("/readyz", get(health::ready))
        .fallback(page::page)
        .layer(TimeoutLayer::with_status_code(axum::http::StatusCode::GATEWAY_TIMEOUT, TIMEOUT))
        .merge(slow)
        .layer(DefaultBodyLimit::max(MAX_BODY))
        .layer(CatchPanicLayer::custom(problem::panicked))
        .layer(CompressionLayer::new().compress_when(worth))
        // files on the disk, and ranges of them, as they are
        .route("/reports/{id}/files/{name}", get(reports::file))
        .route("/reports/{id}/all.zip", get(reports::archive))
        .route("/basemap.pmtiles", axum::routing::any(basemap::file))
}
