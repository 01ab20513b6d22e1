//! URL to `Query`, answer to bytes, and nothing else. Read in this order: `params` and `negotiate` (what is asked),
//! `problem` (what can go wrong), `answer` (how bytes leave), `envelope` (what all requests have in common), then one
//! small file per resource.

mod admin;
mod api;
mod config;
mod extract;
mod middleware;
mod ogc;
mod problem;
mod refusal;
mod response;

pub use api::basemap::Basemap;
pub use api::site::{SettingError, Site};
pub use config::{Config, ConfigError};
pub use extract::credential::Authentication;
pub use middleware::connections::{Peer, serve};
pub use ogc::landing::CONFORMANCE;
pub use ogc::openapi::openapi;

use crate::core::query::Disclosure;
use crate::core::snapshot::Snapshot;
use crate::render::map::Fonts;
use crate::render::renderer::Program;
use crate::service::accounts::Accounts;
use crate::service::imports::ImportWorkers;
use crate::service::jobs::Jobs;
use crate::service::store::{Database, Incoming, Store};
use crate::service::task::RenderPermits;
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::{HeaderName, HeaderValue};
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
    memory: middleware::cache::Memory,
    /// What pictures are painted with.
    fonts: Fonts,
    /// What else paints pictures.
    renderer: Option<Program>,
    /// Permits to draw.
    permits: RenderPermits,
    /// Places for downloads of many rows.
    downloads: Arc<Semaphore>,
    /// What the service itself keeps, where it has a folder for that.
    database: Option<Arc<Database>>,
    /// Files on their way in, and the workers that check them.
    incoming: Option<Incoming>,
    workers: ImportWorkers,
    /// Who may come in, where there are accounts.
    accounts: Option<Accounts>,
    /// The header in which a trusted proxy names the account.
    proxy: Option<HeaderName>,
    /// Snapshots for readers who are limited to districts, by revision and codes.
    limited: Cache<(String, Vec<String>), Arc<Snapshot>>,
    /// Reports made in batches, and those under way.
    jobs: Option<Jobs>,
    site: Site,
    policy: HeaderValue,
}

impl App {
    /// The service as it is configured.
    pub fn new(config: Config) -> Result<Self, ConfigError> {
        config.check()?;
        let database = config.database.map(Arc::new);
        let proxy = config.accounts.as_ref().and_then(|a| a.header.clone());
        let accounts = config.accounts.zip(database.clone()).map(|(a, database)| Accounts::new(database, a.anonymous));
        let permits = RenderPermits::default();
        let jobs = config.reports.map(|r| Jobs::new(r, permits.clone(), config.fonts.clone(), api::reports::explain));
        Ok(Self(Arc::new(Inner {
            store: config.store,
            disclosure: config.disclosure,
            public_url: config.public_url,
            instance: config.instance,
            requests: AtomicU64::new(0),
            memory: middleware::cache::memory(),
            fonts: config.fonts,
            renderer: config.renderer,
            permits,
            downloads: Arc::new(Semaphore::new(ogc::bulk::MOST)),
            database,
            incoming: config.incoming,
            workers: ImportWorkers::default(),
            accounts,
            proxy,
            limited: Cache::builder().max_capacity(LIMITED).time_to_idle(LIMITED_IDLE).build(),
            jobs,
            policy: config.site.policy(),
            site: config.site,
        })))
    }

    /// Whether some see more than any reader does.
    fn has_owner(&self) -> bool {
        self.0.disclosure == Disclosure::Full || self.has_accounts()
    }

    fn has_accounts(&self) -> bool {
        self.0.accounts.is_some()
    }

    fn accounts(&self) -> Option<&Accounts> {
        self.0.accounts.as_ref()
    }

    fn public_url(&self) -> Option<&str> {
        self.0.public_url.as_deref()
    }

    /// Ends background work, before the service stops.
    pub fn close(&self) {
        self.0.jobs.iter().for_each(Jobs::close);
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
        let key = (whole.describe().revision.clone(), scope.to_vec());
        self.0.limited.get_with(key, || Arc::new(whole.within(scope)))
    }
}

/// The whole service.
pub fn router(app: App) -> Router {
    Router::new()
        .fallback_service(resources())
        .layer(from_fn(middleware::identity::guard))
        .layer(from_fn_with_state(app.clone(), middleware::identity::strip_prefix))
        .layer(from_fn_with_state(app.clone(), middleware::identity::identify))
        .layer(from_fn_with_state(app, middleware::envelope::around))
}

/// All resources. They take the request's `Context` from its extensions, where `identify` has put it.
fn resources() -> Router {
    // what is packed already is not packed again
    let worth =
        DefaultPredicate::new().and(NotForContentType::const_new(crate::data::bulk::Format::GeoParquet.media_type()));
    let kept = Router::new()
        .route("/zones", get(api::zones::list))
        .route("/summary", get(api::summary::get).post(api::summary::post))
        .route("/xyz/{collections}/tilejson.json", get(ogc::styles::tilejson))
        .route("/xyz/{collections}/{z}/{x}/{y}", get(ogc::tiles::tile))
        .route("/style.json", get(ogc::styles::style_json))
        .route("/tiles/{matrix_set}/{z}/{row}/{column}", get(ogc::tilesets::dataset_tile))
        .route("/collections/{id}/tiles/{matrix_set}/{z}/{row}/{column}", get(ogc::tilesets::collection_tile))
        .route("/map", get(ogc::map::dataset).post(ogc::map::post))
        .route("/collections/{id}/map", get(ogc::map::collection))
        .route_layer(from_fn(middleware::cache::remember));
    let slow = Router::new()
        .route("/imports", get(admin::imports::list).post(admin::imports::receive))
        .route("/imports/template.xlsx", get(admin::imports::blank))
        .route("/imports/{id}", get(admin::imports::one).delete(admin::imports::delete))
        .route("/imports/{id}/check", axum::routing::post(admin::imports::check))
        .route("/imports/{id}/rows", get(admin::imports::rows))
        .route("/imports/{id}/faults.xlsx", get(admin::imports::faults))
        .route("/imports/{id}/submit", axum::routing::post(admin::imports::submit))
        .route("/imports/{id}/publish", axum::routing::post(admin::imports::publish))
        .layer(TimeoutLayer::with_status_code(axum::http::StatusCode::GATEWAY_TIMEOUT, SLOW));
    Router::new()
        .merge(kept)
        .route("/", get(ogc::landing::landing))
        .route("/conformance", get(ogc::landing::conformance))
        .route("/pages.css", get(response::html::style))
        .route("/dataset", get(api::dataset::dataset))
        .route("/collections", get(ogc::collections::list))
        .route("/collections/{id}", get(ogc::collections::one))
        .route("/collections/{id}/queryables", get(ogc::queryables::queryables))
        .route("/collections/{id}/items", get(ogc::items::page))
        .route("/collections/{id}/items/{fid}", get(ogc::items::one))
        .route("/qgis/", get(ogc::qgis::project))
        .route("/qgis/shigu.qgs", get(ogc::qgis::project))
        .route("/tileMatrixSets", get(ogc::tilesets::matrix_sets))
        .route("/tileMatrixSets/{id}", get(ogc::tilesets::matrix_set))
        .route("/tiles", get(ogc::tilesets::of_dataset))
        .route("/tiles/{matrix_set}", get(ogc::tilesets::dataset_tileset))
        .route("/collections/{id}/tiles", get(ogc::tilesets::of_collection))
        .route("/collections/{id}/tiles/{matrix_set}", get(ogc::tilesets::collection_tileset))
        .route("/collections/{id}/search", axum::routing::post(ogc::feature_search::search))
        .route("/report", axum::routing::post(api::report::post))
        .route("/report/{zone}", get(api::report::get))
        .route("/reports", get(api::reports::list).post(api::reports::post))
        .route("/reports/{id}", get(api::reports::one).delete(api::reports::delete))
        .route("/reports/{id}/events", get(api::reports::events))
        .route("/plan", get(api::plan::plan))
        .route("/indicators", get(api::plan::indicators))
        .route("/search", get(api::search::search))
        .route("/site", get(api::site::site))
        .route("/links", axum::routing::post(api::short_links::save))
        .route("/s/{code}", get(api::short_links::follow))
        .route("/versions", get(admin::versions::list))
        .route("/versions/{number}", get(admin::versions::one))
        .route("/versions/{number}/changes", get(admin::versions::changes))
        .route("/versions/{number}/restore", axum::routing::post(admin::versions::restore))
        .route(
            "/session",
            get(admin::accounts::session::session)
                .post(admin::accounts::session::log_in)
                .delete(admin::accounts::session::log_out),
        )
        .route("/session/claim", axum::routing::post(admin::accounts::session::claim))
        .route("/session/password", axum::routing::put(admin::accounts::session::password))
        .route("/accounts", get(admin::accounts::people::list).post(admin::accounts::people::make))
        .route(
            "/accounts/{name}",
            axum::routing::patch(admin::accounts::people::change).delete(admin::accounts::people::remove),
        )
        .route("/accounts/{name}/reset", axum::routing::post(admin::accounts::people::reset))
        .route("/audit", get(admin::accounts::audit::audit))
        .route("/api", get(ogc::openapi::document))
        .route("/healthz", get(api::health::alive))
        .route("/readyz", get(api::health::ready))
        .fallback(api::page::page)
        .layer(TimeoutLayer::with_status_code(axum::http::StatusCode::GATEWAY_TIMEOUT, TIMEOUT))
        .merge(slow)
        .layer(DefaultBodyLimit::max(MAX_BODY))
        .layer(CatchPanicLayer::custom(problem::panicked))
        .layer(CompressionLayer::new().compress_when(worth))
        // files on the disk, and ranges of them, as they are
        .route("/reports/{id}/files/{name}", get(api::reports::file))
        .route("/reports/{id}/all.zip", get(api::reports::archive))
        .route("/basemap.pmtiles", axum::routing::any(api::basemap::file))
}
