//! URL to `Query`, answer to bytes, and nothing else. Read in this order: `params` and `negotiate` (the request),
//! `problem` (what can go wrong), `answer` (how bytes leave), `envelope` (what all requests have in common), then one
//! small file per resource.

mod admin;
mod api;
mod config;
mod extract;
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
pub use config::{Config, ConfigError};
pub use extract::credential::Authentication;
pub use middleware::connections::{Connections, Peer};
pub use ogc::landing::CONFORMANCE;
pub use routes::openapi;
pub use tls::{Certificate, CertificateError};

use crate::core::query::Disclosure;
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
use axum::http::{HeaderName, HeaderValue};
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::get;
use moka::sync::Cache;
use problem::Problem;
use std::net::IpAddr;
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
    disclosure: Disclosure,
    public_url: Option<String>,
    /// Names of the service besides those of this machine and of its public address.
    host_names: Vec<String>,
    /// Addresses of proxies on other machines, which say for whom they ask.
    proxies: Vec<IpAddr>,
    /// Origins whose pages may read what anybody may.
    allow_origins: Vec<String>,
    /// First part of request ids, different at each start.
    instance: String,
    requests: AtomicU64,
    memory: middleware::cache::Memory,
    /// What is counted of requests.
    metrics: metrics::Metrics,
    /// What was found when somebody last asked how the service is.
    health: api::health::Seen,
    /// Where its state is kept.
    folder: Option<PathBuf>,
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
    /// What each address may leave here.
    quotas: Quotas,
    /// What readers may ask in a day.
    budget: Budget,
    /// Days for which a link is kept that nobody uses.
    keep_links: u32,
    /// The header in which a trusted proxy names the account.
    proxy: Option<HeaderName>,
    /// Snapshots for readers who are limited to districts, by revision and codes.
    limited: Cache<(String, Vec<String>), Arc<Snapshot>>,
    /// Reports made in batches, and those under way.
    jobs: Option<Jobs>,
    site: Site,
    policy: HeaderValue,
    /// With what connections are encrypted, where the service does that itself.
    certificate: Option<Arc<Certificate>>,
    /// What tells browsers to come by TLS only.
    strict_transport: Option<HeaderValue>,
}

impl App {
    /// The service as it is configured.
    pub fn new(config: Config) -> Result<Self, ConfigError> {
        config.check()?;
        let database = config.database.map(Arc::new);
        let proxy = config.accounts.as_ref().and_then(|a| a.header.clone());
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
        let permits = RenderPermits::default();
        let briefings = database.clone().map(|database| {
            let (store, permits, fonts) = (config.store.clone(), permits.clone(), config.fonts.clone());
            Briefings::new(store, database, permits, fonts, |e| Problem::from(e).detail)
        });
        let jobs = config.reports.map(|r| {
            let (store, permits) = (config.store.clone(), permits.clone());
            Jobs::new(r, store, permits, config.fonts.clone(), |e| Problem::from(e).detail)
        });
        Ok(Self(Arc::new(Inner {
            store: config.store,
            reading: tokio::sync::Mutex::default(),
            disclosure: config.disclosure,
            public_url: config.public_url,
            host_names: config.host_names,
            proxies: config.proxies,
            allow_origins: config.allow_origins,
            instance: config.instance,
            requests: AtomicU64::new(0),
            memory: middleware::cache::memory(),
            metrics: metrics::Metrics::default(),
            health: api::health::seen(),
            folder: config.folder,
            fonts: config.fonts,
            renderer: config.renderer,
            permits,
            downloads: Arc::new(Semaphore::new(ogc::bulk::MOST)),
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
            quotas: Quotas::default(),
            budget: Budget::new(config.protected_questions),
            keep_links: config.keep_links,
            proxy,
            limited: Cache::builder().max_capacity(LIMITED).time_to_idle(LIMITED_IDLE).build(),
            jobs,
            policy: config.site.policy(),
            site: config.site,
            certificate: config.certificate,
            strict_transport: config.hsts.and_then(|s| HeaderValue::try_from(format!("max-age={s}")).ok()),
        })))
    }

    /// Whether whoever sits at this machine is the owner, who sees everything and publishes.
    fn has_owner(&self) -> bool {
        self.0.disclosure == Disclosure::Full
    }

    /// Whether some see more than any reader does.
    fn is_protected(&self) -> bool {
        self.has_owner() || self.has_accounts()
    }

    fn has_accounts(&self) -> bool {
        self.0.accounts.is_some()
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

    /// The scheme under which readers come, where no public address says another.
    fn scheme(&self) -> &'static str {
        if self.0.certificate.is_some() { "https" } else { "http" }
    }

    fn public_url(&self) -> Option<&str> {
        self.0.public_url.as_deref()
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

    fn policy(&self) -> HeaderValue {
        self.0.policy.clone()
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

/// What monitoring asks, for an address that nobody else reaches: `/metrics` and `/healthz` with all that was found.
pub fn monitoring(app: App) -> Router {
    Router::new()
        .route("/metrics", get(api::metrics::metrics))
        .route("/healthz", get(api::health::alive))
        .layer(from_fn_with_state(app, middleware::identity::monitor))
}

/// The whole service.
pub fn router(app: App) -> Router {
    Router::new()
        .fallback_service(routes::resources())
        .layer(from_fn(middleware::identity::guard))
        .layer(from_fn_with_state(app.clone(), middleware::identity::strip_prefix))
        .layer(from_fn_with_state(app.clone(), middleware::identity::identify))
        .layer(from_fn_with_state(app, middleware::envelope::around))
}
