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
mod connections;
mod cors;
mod dataset;
mod describe;
mod door;
mod envelope;
mod etag;
mod filter;
mod health;
mod html;
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
mod place;
mod plan;
mod problem;
mod qgis;
mod queryables;
mod range;
mod refusal;
mod report;
mod reports;
mod right;
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
pub use connections::{Peer, serve};
pub use landing::CONFORMANCE;
pub use openapi::openapi;
pub use site::{SettingError, Site};

use crate::core::query::Disclosure;
use crate::core::snapshot::Snapshot;
use crate::render::map::Fonts;
use crate::render::renderer::Program;
use crate::service::store::{Database, Incoming, Reports, Store, Version};
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::HeaderValue;
use axum::middleware::from_fn_with_state;
use axum::routing::get;
use moka::sync::Cache;
use right::Reader;
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

/// What every request can reach, and who asks.
#[derive(Clone, Debug)]
pub struct App(Arc<Inner>, Arc<Reader>);

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
    /// Who comes in, where there are accounts.
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
    /// `public_url` is the address under which readers see the service, without a slash at the end; `instance` is
    /// anything that differs from start to start.
    pub fn new(store: Arc<Store>, disclosure: Disclosure, public_url: Option<String>, instance: String) -> Self {
        let inner = Inner {
            store,
            disclosure,
            public_url,
            instance,
            requests: AtomicU64::new(0),
            memory: memory::memory(),
            fonts: Fonts::default(),
            renderer: None,
            easels: Arc::new(map::Easels::new()),
            downloads: Arc::new(Semaphore::new(bulk::MOST)),
            database: None,
            incoming: None,
            desks: imports::Desks::default(),
            gate: None,
            limited: Cache::builder().max_capacity(LIMITED).time_to_idle(LIMITED_IDLE).build(),
            reports: None,
            jobs: reports::Jobs::default(),
            policy: Site::default().policy(),
            site: Site::default(),
        };
        Self(Arc::new(inner), Arc::new(Reader::settled(disclosure)))
    }

    /// The same service as this reader sees it.
    fn seen_by(&self, reader: Arc<Reader>) -> Self {
        Self(self.0.clone(), reader)
    }

    fn reader(&self) -> &Reader {
        &self.1
    }

    /// Whether some see more than any reader does.
    fn has_owner(&self) -> bool {
        self.0.disclosure == Disclosure::Full || self.has_accounts()
    }

    /// Whether anybody may see what this reader sees.
    fn is_open(&self) -> bool {
        self.1.account.is_none() && self.1.may(right::Right::Read) && self.disclosure() == Disclosure::Aggregates
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

    /// The same with fonts for PNG maps, before it is handed to anybody; without any, a PNG map is a 501.
    #[must_use]
    pub fn with_fonts(mut self, fonts: Fonts) -> Self {
        if let Some(inner) = Arc::get_mut(&mut self.0) {
            inner.fonts = fonts;
        }
        self
    }

    /// The same with a program that draws with maplibre-rs, before it is handed to anybody; without it, such a map is a 501.
    #[must_use]
    pub fn with_renderer(mut self, renderer: Option<Program>) -> Self {
        if let Some(inner) = Arc::get_mut(&mut self.0) {
            inner.renderer = renderer;
        }
        self
    }

    /// The same with a memory of its own, before it is handed to anybody.
    #[must_use]
    pub fn with_database(mut self, database: Option<Database>) -> Self {
        if let Some(inner) = Arc::get_mut(&mut self.0) {
            inner.database = database.map(Arc::new);
        }
        self
    }

    /// The same with accounts, kept in the database that was handed over before, before it is handed to anybody.
    #[must_use]
    pub fn with_accounts(mut self, entrance: Option<Entrance>) -> Self {
        if let (Some(inner), Some(entrance)) = (Arc::get_mut(&mut self.0), entrance) {
            inner.gate = inner.database.clone().map(|database| Arc::new(accounts::Gate::new(entrance, database)));
        }
        self
    }

    /// The same with a place for files on their way in, before it is handed to anybody; without it, an import is a 501.
    #[must_use]
    pub fn with_incoming(mut self, incoming: Option<Incoming>) -> Self {
        if let Some(inner) = Arc::get_mut(&mut self.0) {
            inner.incoming = incoming;
        }
        self
    }

    /// The same with a place for reports made in batches, before it is handed to anybody; without it, a batch is a 501.
    #[must_use]
    pub fn with_reports(mut self, reports: Option<Reports>) -> Self {
        if let Some(inner) = Arc::get_mut(&mut self.0) {
            inner.reports = reports;
        }
        self
    }

    /// Ends what goes on beside the requests, before the service stops.
    pub fn close(&self) {
        self.0.jobs.close();
    }

    /// The same with the settings of an installation, before it is handed to anybody.
    #[must_use]
    pub fn with_site(mut self, site: Site) -> Self {
        if let Some(inner) = Arc::get_mut(&mut self.0) {
            inner.policy = site.policy();
            inner.site = site;
        }
        self
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

    /// The data as the reader may see them.
    fn snapshot(&self) -> Arc<Snapshot> {
        self.limited(self.0.store.snapshot())
    }

    /// The same with its version, both of the same moment.
    fn current(&self) -> (Arc<Snapshot>, Option<Version>) {
        let current = self.0.store.current();
        (self.limited(current.snapshot.clone()), current.version.clone())
    }

    /// A snapshot with the enterprises only that the reader may see: made once, kept for those who are limited alike.
    fn limited(&self, whole: Arc<Snapshot>) -> Arc<Snapshot> {
        let Some(scope) = self.1.scope() else { return whole };
        let key = (whole.revision.clone(), scope.to_vec());
        self.0.limited.get_with(key, || Arc::new(whole.within(scope)))
    }

    fn disclosure(&self) -> Disclosure {
        self.1.disclosure()
    }
}

/// The whole service, for each reader as they may see it.
pub fn router(app: App) -> Router {
    door::door(app)
}

fn resources(app: App) -> Router {
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
        .route_layer(from_fn_with_state(app.clone(), memory::remember));
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
        .with_state(app)
}
