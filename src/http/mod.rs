//! URL to `Query`, answer to bytes, and nothing else. Read in this order: `params` and `negotiate` (the request),
//! `problem` (what can go wrong), `answer` (how bytes leave), `envelope` (what all requests have in common), then one
//! small file per resource.

mod admin;
mod api;
mod cities;
mod config;
mod extract;
mod front;
mod metrics;
mod middleware;
mod ogc;
mod problem;
mod response;
mod routes;
mod routing;
mod schemas;
#[cfg(test)]
mod tests;
mod tls;

pub use api::basemap::{Basemap, BasemapSettings, SettingError};
pub use api::site::Site;
pub use cities::{
    CITIES, CitiesApp, CitiesConfig, CityService, Places, cities_monitoring, cities_router, openapi_of_cities,
};
pub use config::{Config, ConfigError};
pub use extract::credential::Authentication;
pub use front::FrontSettings;
pub use middleware::connections::{Connections, Peer};
pub use ogc::landing::CONFORMANCE;
pub use routes::openapi;
pub use tls::{Certificate, CertificateError};

use crate::core::snapshot::Snapshot;
use crate::http::extract::quota::Quotas;
use crate::render::map::Fonts;
use crate::render::renderer::Program;
use crate::service::accounts::{Accounts, AuditAction, AuditActor};
use crate::service::briefings::{Briefings, Outcome};
use crate::service::budget::Budget;
use crate::service::clock;
use crate::service::consultations::Consultations;
use crate::service::drafts::Drafts;
use crate::service::imports::Imports;
use crate::service::jobs::Jobs;
use crate::service::oidc::Provider;
use crate::service::progress::Progress;
use crate::service::rounds::Rounds;
use crate::service::saved::Saved;
use crate::service::store::{Database, REMOVED_DAYS, Store};
use crate::service::task::{RenderPermits, blocking};
use axum::Router;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::get;
use front::Front;
use moka::sync::Cache;
use problem::Problem;
use std::ops::Deref;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use tokio::sync::Semaphore;
use tokio::time::MissedTickBehavior;

/// Largest request body, in bytes: a polygon of 10,000 vertices is 0.4 MB.
const MAX_BODY: usize = 2 << 20;
/// Snapshots that are kept for readers who are limited to districts, and for how long after the last of them asked.
const LIMITED: u64 = 16;
const LIMITED_IDLE: std::time::Duration = std::time::Duration::from_hours(1);

/// What all requests share.
#[derive(Clone, Debug)]
pub struct App(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    store: Arc<Store>,
    /// Held while data is read that a reader has published elsewhere.
    reading: tokio::sync::Mutex<()>,
    front: Arc<Front>,
    /// What it has of the program's, and what outlasts it.
    resources: Resources,
    /// What was found when somebody last asked how the service is.
    health: api::health::Seen,
    /// Where its state is kept.
    folder: Option<PathBuf>,
    /// What pictures are painted with.
    fonts: Fonts,
    /// What else paints pictures.
    renderer: Option<Program>,
    /// What the service itself keeps, where it has a folder for that.
    database: Option<Arc<Database>>,
    /// Departments' files on their way in.
    imports: Option<Imports>,
    /// What accounts change on the page.
    drafts: Option<Drafts>,
    /// Figures asked of participants by a day.
    rounds: Option<Rounds>,
    consultations: Option<Consultations>,
    /// How far the items of the plan are.
    progress: Option<Progress>,
    /// Briefings that the service makes by itself.
    briefings: Option<Briefings>,
    /// Areas, views and scenarios under a name.
    saved: Option<Saved>,
    /// Whether another than who made a change publishes it.
    two_persons: bool,
    /// Who may come in, where there are accounts.
    accounts: Option<Accounts>,
    /// By whom readers can log in besides.
    oidc: Option<Arc<Provider>>,
    /// Days for which a link is kept that nobody uses.
    keep_links: u32,
    /// Snapshots for readers who are limited to districts, by revision and codes.
    limited: Cache<(String, Vec<String>), Arc<Snapshot>>,
    /// Reports made in batches, and those under way.
    jobs: Option<Jobs>,
    site: Site,
}

/// What services of one program share, and what a service counts for as long as the program runs: a city that is loaded again
/// goes on with it.
#[derive(Clone, Debug)]
pub struct Resources {
    /// Answers that are kept.
    memory: middleware::cache::Memory,
    /// Permits to draw.
    permits: RenderPermits,
    /// Places for downloads of many rows.
    downloads: Arc<Semaphore>,
    /// Numbers requests.
    requests: Arc<AtomicU64>,
    /// What is counted of requests.
    metrics: metrics::Metrics,
    /// What each address may leave here.
    quotas: Arc<Quotas>,
    /// What readers may ask in a day.
    budget: Arc<Budget>,
}

impl Resources {
    /// Those of a program. Readers may ask so many different questions in a day whose sums are protected; 0 for any number.
    pub fn new(protected_questions: u32) -> Self {
        Self {
            memory: middleware::cache::memory(),
            permits: RenderPermits::default(),
            downloads: Arc::new(Semaphore::new(ogc::bulk::MOST)),
            requests: Arc::default(),
            metrics: metrics::Metrics::default(),
            quotas: Arc::default(),
            budget: Arc::new(Budget::new(protected_questions)),
        }
    }

    /// Those of another service of the program: what is shared is the same, what is counted is its own.
    #[must_use]
    pub fn beside(&self, protected_questions: u32) -> Self {
        let Self { memory, permits, downloads, requests, .. } = self.clone();
        Self { memory, permits, downloads, requests, ..Self::new(protected_questions) }
    }
}

impl App {
    /// The service as it is configured.
    pub fn new(config: Config) -> Result<Self, ConfigError> {
        config.check()?;
        let database = config.database.map(Arc::new);
        let resources = config.resources.unwrap_or_else(|| Resources::new(config.protected_questions));
        let accounts = config.accounts.as_ref();
        let front = Arc::new(Front::new(config.front, config.disclosure, accounts, &config.site, &resources));
        let accounts = config.accounts.zip(database.clone()).map(|(a, database)| Accounts::new(database, a.anonymous));
        let two_persons = config.two_persons;
        let imports = config.incoming.map(|incoming| Imports::new(config.store.clone(), incoming, two_persons));
        let drafts = database.clone().filter(|_| config.store.keeps_versions());
        let drafts = drafts.map(|database| Drafts::new(config.store.clone(), database, two_persons));
        let rounds = database.clone().filter(|_| config.store.keeps_versions());
        let rounds = rounds.map(|database| Rounds::new(config.store.clone(), database));
        let consultations = database.clone().zip(drafts.clone());
        let consultations = consultations.map(|(database, drafts)| Consultations::new(database, drafts));
        let progress = database.clone().map(Progress::new);
        let saved = database.clone().map(Saved::new);
        let briefings = database.clone().map(|database| {
            let (store, permits, fonts) = (config.store.clone(), resources.permits.clone(), config.fonts.clone());
            Briefings::new(store, database, permits, fonts, |e| Problem::from(e).detail)
        });
        let jobs = config.reports.map(|r| {
            let (store, permits) = (config.store.clone(), resources.permits.clone());
            Jobs::new(r, store, permits, config.fonts.clone(), |e| Problem::from(e).detail)
        });
        Ok(Self(Arc::new(Inner {
            store: config.store,
            reading: tokio::sync::Mutex::default(),
            front,
            resources,
            health: api::health::seen(),
            folder: config.folder,
            fonts: config.fonts,
            renderer: config.renderer,
            database,
            imports,
            drafts,
            rounds,
            consultations,
            progress,
            briefings,
            saved,
            two_persons,
            accounts,
            oidc: config.oidc.map(Arc::new),
            keep_links: config.keep_links,
            limited: Cache::builder().max_capacity(LIMITED).time_to_idle(LIMITED_IDLE).build(),
            jobs,
            site: config.site,
        })))
    }

    fn accounts(&self) -> Option<&Accounts> {
        self.0.accounts.as_ref()
    }

    fn rounds(&self) -> Option<&Rounds> {
        self.0.rounds.as_ref()
    }

    fn oidc(&self) -> Option<&Arc<Provider>> {
        self.0.oidc.as_ref()
    }

    /// Removes what is too old. To be called every few hours, so that the clock is seen to go on (ADR 46).
    pub async fn tidy(&self) {
        let app = self.clone();
        let tidied = blocking(move || {
            let now = clock::seconds();
            app.0.drafts.iter().for_each(Drafts::rest);
            app.0.rounds.iter().for_each(Rounds::rest);
            let links = app.0.database.as_ref().map_or(Ok(0), |d| d.prune_links(app.0.keep_links, now));
            let links = links.inspect_err(|e| tracing::error!(error = %e, "old links were not removed"));
            let saved = app.0.database.as_ref().map_or(Ok(0), |d| d.prune_saved(REMOVED_DAYS, now));
            let _ = saved.inspect_err(|e| tracing::error!(error = %e, "removed items were not forgotten"));
            let pruned = app.0.jobs.as_ref().map_or(Ok(()), |jobs| jobs.reports().prune(now));
            let _ = pruned.inspect_err(|e| tracing::error!(error = %e, "old reports were not removed"));
            app.sweep_objects(now);
            links.unwrap_or(0)
        });
        if let Ok(links @ 1..) = tidied.await {
            tracing::info!(links, "links that nobody used were removed");
        }
    }

    /// Makes the object store, where there is one, agree with what is kept.
    fn sweep_objects(&self, now: i64) {
        let failed = |what: &str, e: &dyn std::fmt::Display| tracing::warn!(error = %e, "objects of {what} were not looked through");
        let _ = self.0.store.sweep().inspect_err(|e| failed("versions", e));
        let _ = self.0.imports.as_ref().map_or(Ok(()), |i| i.sweep_objects(now)).inspect_err(|e| failed("imports", e));
        let _ = self
            .0
            .jobs
            .as_ref()
            .map_or(Ok(()), |j| j.reports().sweep_objects(now))
            .inspect_err(|e| failed("reports", e));
    }

    /// Looks after the reports that are being made, for as long as the service runs.
    pub async fn look_after_jobs(self) {
        let Some(jobs) = &self.0.jobs else { return };
        let mut look = tokio::time::interval(Jobs::LOOK);
        look.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            look.tick().await;
            let jobs = jobs.clone();
            if let Ok(Err(e)) = blocking(move || jobs.look_after()).await {
                tracing::error!(error = %e, "jobs were not looked after");
            }
        }
    }

    /// Makes the briefings that are due, for as long as the service runs.
    pub async fn look_after_briefings(self) {
        let mut look = tokio::time::interval(Jobs::LOOK);
        look.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            look.tick().await;
            self.make_briefings(clock::seconds()).await;
        }
    }

    /// Makes the briefings that are due by a moment, in seconds since 1970, and writes down that they were made.
    pub async fn make_briefings(&self, now: i64) {
        let Some(briefings) = &self.0.briefings else { return };
        let made = match briefings.look_after(now).await {
            Ok(made) => made,
            Err(e) => return tracing::error!(error = %e, "briefings were not looked after"),
        };
        for Outcome { briefing, error } in made {
            tracing::info!(period = briefing.period, failed = error.is_some(), "a briefing was made");
            let Some(accounts) = &self.0.accounts else { continue };
            // no account has a name with a colon
            let actor = AuditActor { name: "service:briefings".to_owned(), peer: None };
            let failed = error.map_or_else(String::new, |why| format!(": {}", why.en));
            let detail = format!("/briefings/{}/{}{failed}", briefing.schedule, briefing.period);
            if let Err(e) = accounts.audit().record(&actor, AuditAction::Briefing, detail).await {
                tracing::error!(error = %e, "it was not written down that a briefing was made");
            }
        }
    }

    /// Whether it works on something that no request waits for: reports, a file that is judged.
    fn is_busy(&self) -> bool {
        self.0.jobs.as_ref().is_some_and(Jobs::is_busy) || self.0.imports.as_ref().is_some_and(Imports::is_busy)
    }

    /// Ends background work, before the service stops.
    pub fn close(&self) {
        self.0.jobs.iter().for_each(Jobs::close);
        self.0.briefings.iter().for_each(Briefings::close);
        if let Some(Err(e)) = self.0.accounts.as_ref().map(|accounts| accounts.audit().save()) {
            tracing::error!(error = %e, "what readers took was not written down");
        }
    }

    fn database(&self) -> Option<Arc<Database>> {
        self.0.database.clone()
    }

    fn site(&self) -> &Site {
        &self.0.site
    }

    fn store(&self) -> Arc<Store> {
        self.0.store.clone()
    }

    /// A snapshot with the enterprises of some districts only: made once, kept for all who are limited alike.
    fn limited(&self, whole: &Arc<Snapshot>, scope: &[String]) -> Arc<Snapshot> {
        let key = (whole.describe().revision.clone(), scope.to_vec());
        self.0.limited.get_with(key, || Arc::new(whole.within(scope)))
    }
}

/// How readers come to it.
impl Deref for App {
    type Target = Front;

    fn deref(&self) -> &Front {
        &self.0.front
    }
}

/// What monitoring asks, for an address that nobody else reaches: `/metrics` and `/healthz` with all that was found.
pub fn monitoring(app: App) -> Router {
    Router::new()
        .route("/metrics", get(api::metrics::metrics))
        .route("/healthz", get(api::health::alive))
        .layer(from_fn_with_state(app, middleware::identity::monitor))
}

/// The whole service.
pub fn router(app: App) -> Router {
    let front = app.0.front.clone();
    Router::new()
        .fallback_service(routes::resources())
        .layer(from_fn(middleware::identity::guard))
        .layer(from_fn_with_state(front.clone(), middleware::identity::strip_prefix))
        .layer(from_fn_with_state(app, middleware::identity::identify))
        .layer(from_fn_with_state(front, middleware::envelope::around))
}
