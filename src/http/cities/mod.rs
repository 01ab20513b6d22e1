//! Several cities in one service (ADR 106): each has the whole service of a dataset below `/cities/{id}/`, with its own data folder,
//! accounts and validators; here is what leads to them. A request below a city's address never reaches what is here, but where
//! the city can't answer.

mod known;
mod list;
mod monitor;
mod questions;
mod resources;
mod summary;
mod tables;
mod tiles;
mod zones;

pub use resources::openapi_of_cities;

use crate::core::query::Disclosure;
use crate::core::snapshot::{Description, Snapshot};
use crate::http::api::health;
use crate::http::front::Front;
use crate::http::middleware::connections::Peer;
use crate::http::middleware::{envelope, identity, trust};
use crate::http::problem::Problem;
use crate::http::{App, Authentication, FrontSettings, Resources, Site, router};
use crate::service::cities::questions::{Questions, RowsFolder};
use crate::service::cities::{
    Abouts, Aggregates, AggregatesError, Cities, CityFigures, FIGURES_OF, Lease, NoCity, Shard, aggregates, is_id,
    is_left,
};
use crate::service::store::{CityFolders, Current, Database, DatabaseError};
use axum::Router;
use axum::body::{Body, Bytes, HttpBody};
use axum::extract::{FromRequestParts, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use hyper::body::{Frame, SizeHint};
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Instant;
use tokio::task::AbortHandle;
use tower::ServiceExt;
use tracing::Instrument;

/// Below this each city has its address.
pub const CITIES: &str = "/cities/";

/// A loaded city: the service of its dataset.
#[derive(Debug)]
pub struct CityService {
    id: String,
    app: App,
    router: Router,
    running: Vec<AbortHandle>,
    places: Places,
    /// Version and revision of the data whose figures are kept, and whether there are any.
    kept: Mutex<Option<(Of, bool)>>,
}

/// Where a city keeps what is asked for over all cities.
#[derive(Debug)]
pub struct Places {
    /// The figures of all cities.
    pub aggregates: Arc<Aggregates>,
    /// The database, where copies share one: there it leaves them for all copies.
    pub shared: Option<Database>,
    /// The rows of all cities, where an engine reads them.
    pub rows: Option<Arc<RowsFolder>>,
}

/// A version, and the revision of its data.
type Of = (u64, String);

impl CityService {
    /// The service of a city, what goes on beside its requests until it is unloaded, and where it keeps what is asked for over all
    /// cities.
    pub fn new(id: String, app: App, running: Vec<AbortHandle>, places: Places) -> Self {
        Self { id, router: router(app.clone()), app, running, places, kept: Mutex::default() }
    }

    /// The data that it serves now. No request to the city is answered by them: they are what is said of the city.
    fn current(&self) -> Arc<Current> {
        self.app.store().current()
    }

    fn snapshot(&self) -> Arc<Snapshot> {
        self.current().snapshot.clone()
    }

    /// Keeps what it says of itself to everybody, where that is not among what is kept of all cities: for questions over them. It may
    /// take a while, and waits for the disk or the database.
    pub fn keep_figures(&self, cities: &Abouts) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let done = match &self.places.shared {
            Some(database) => self.leave(database, &mut kept).map_err(|e| e.to_string()),
            None => self.keep_beside(cities, &mut kept).map_err(|e| e.to_string()),
        };
        if let Err(e) = done {
            tracing::error!(city = self.id, error = e, "the figures of the city were not kept, and will be later");
        }
    }

    /// Keeps its rows for questions over all cities, where an engine reads them and those of these data are not there. It may take a
    /// while, and waits for the disk.
    pub fn keep_rows(&self) {
        let Some(rows) = &self.places.rows else { return };
        if let Err(e) = rows.keep(&self.id, &self.snapshot()) {
            tracing::error!(city = self.id, error = %e, "the rows of the city were not kept, and will be later");
        }
    }

    /// Leaves it for all copies, where whoever made the version has not left it.
    fn leave(&self, database: &Database, kept: &mut Option<(Of, bool)>) -> Result<(), DatabaseError> {
        let (of, current) = self.of();
        if kept.as_ref().is_some_and(|(kept, _)| *kept == of) {
            return Ok(());
        }
        let (version, revision) = &of;
        if !database.left(*version, FIGURES_OF)?.is_some_and(|tag| is_left(&tag, revision)) {
            database.leave(*version, &aggregates(&current.snapshot))?;
        }
        *kept = Some((of, true));
        Ok(())
    }

    fn keep_beside(&self, cities: &Abouts, kept: &mut Option<(Of, bool)>) -> Result<(), AggregatesError> {
        let ((of, current), known) = (self.of(), cities.get(&self.id));
        let same = known.is_some_and(|about| about.revision == of.1);
        match kept {
            Some((kept, says)) if *kept == of && same == *says => return Ok(()),
            // the same data have other figures where the noise in them is another
            None if same && known.is_some_and(|about| about.is_of(&current.snapshot).unwrap_or(false)) => {
                *kept = Some((of, true));
                return Ok(());
            }
            _ => {}
        }
        let figures = CityFigures::of(&current.snapshot).unwrap_or_else(|e| {
            tracing::error!(city = self.id, error = %e, "the city has no figures");
            None
        });
        match &figures {
            Some(figures) => self.places.aggregates.keep(&self.id, figures)?,
            None => self.places.aggregates.forget(&self.id)?,
        }
        *kept = Some((of, figures.is_some()));
        Ok(())
    }

    fn of(&self) -> (Of, Arc<Current>) {
        let current = self.current();
        let version = current.version.as_ref().map_or(0, |version| version.number);
        ((version, current.snapshot.describe().revision.clone()), current)
    }

    /// How many rows its tables have.
    fn rows(&self) -> u64 {
        let snapshot = self.snapshot();
        let about = snapshot.describe();
        about.tables.iter().map(|table| about.collections[table.collection].rows as u64).sum()
    }
}

impl Shard for CityService {
    fn bytes(&self) -> u64 {
        let of = |about: &Description| about.collections.iter().map(|c| c.bytes as u64).sum();
        of(self.snapshot().describe())
    }

    fn is_busy(&self) -> bool {
        self.app.is_busy()
    }

    fn close(&self) {
        match self.places.aggregates.cities() {
            Ok(cities) => self.keep_figures(&cities),
            Err(e) => tracing::error!(city = self.id, error = %e, "the figures of the city were not kept"),
        }
        self.keep_rows();
        self.running.iter().for_each(AbortHandle::abort);
        self.app.close();
    }
}

/// What a service of several cities is made of.
#[derive(Debug)]
pub struct CitiesConfig {
    /// The cities.
    pub cities: Cities<CityService>,
    /// How readers come.
    pub front: FrontSettings,
    /// What each city discloses to who has no account.
    pub disclosure: Disclosure,
    /// How readers log in at each city; none: there are no accounts.
    pub accounts: Option<Authentication>,
    /// Base map and embedding, as each city has it.
    pub site: Site,
    /// What the cities keep.
    pub folders: Option<Arc<CityFolders>>,
    /// Where the figures of the cities are kept that are asked for over all of them.
    pub aggregates: Arc<Aggregates>,
    /// Questions over the rows of all cities, where there is an engine.
    pub questions: Option<Arc<Questions>>,
    /// What the cities share.
    pub resources: Resources,
}

/// The service of several cities.
#[derive(Clone, Debug)]
pub struct CitiesApp(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    cities: Cities<CityService>,
    front: Arc<Front>,
    /// Whether somebody who has not logged in reads.
    anonymous: bool,
    folders: Option<Arc<CityFolders>>,
    aggregates: Arc<Aggregates>,
    questions: Option<Arc<Questions>>,
    /// When to look next what copies have left; held while it is done.
    followed: Mutex<Option<Instant>>,
    resources: Resources,
    health: health::Seen,
}

impl CitiesApp {
    /// The service as it is configured.
    pub fn new(config: CitiesConfig) -> Self {
        let (accounts, resources) = (config.accounts.as_ref(), &config.resources);
        let front = Front::new(config.front, config.disclosure, accounts, &config.site, resources);
        Self(Arc::new(Inner {
            cities: config.cities,
            front: Arc::new(front),
            anonymous: config.accounts.is_none_or(|a| a.anonymous),
            folders: config.folders,
            aggregates: config.aggregates,
            questions: config.questions,
            followed: Mutex::default(),
            resources: config.resources,
            health: health::seen(),
        }))
    }

    /// The cities.
    pub fn cities(&self) -> &Cities<CityService> {
        &self.0.cities
    }

    /// The city that an address is of, and the address below it; none where it is of the whole.
    fn below(&self, uri: &Uri) -> Option<(String, Uri)> {
        let uri = identity::without_path(&self.0.front, uri).unwrap_or_else(|| uri.clone());
        let below = uri.path_and_query()?.as_str().strip_prefix(CITIES)?;
        let (id, rest) = below.split_at(below.find('/')?);
        // `/cities/` itself, and what is no id
        is_id(id).then_some(())?;
        Some((id.to_owned(), rest.parse().ok()?))
    }

    /// The city for a request. The headers come by value: a future that borrowed the request could not be sent.
    async fn lease(&self, id: &str, rest: &Uri, headers: HeaderMap) -> Result<Lease<CityService>, Problem> {
        // nobody who is refused has a city loaded
        trust::trusted(&self.0.front, &headers)?;
        if rest.path() == "/readyz" {
            // who looks how a city is has it neither loaded nor kept
            return self.0.cities.loaded(id).ok_or_else(|| self.not_ready(id));
        }
        self.0.cities.get(id).await.map_err(|e| refused(id, &e))
    }

    fn not_ready(&self, id: &str) -> Problem {
        let Some(listed) = self.0.cities.find(id) else { return unknown(id) };
        let state = listed.state.name();
        Problem::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "city-not-ready",
            format!("城市 {id} 尚不可用({state})。"),
            format!("The city {id} is not ready: {state}."),
        )
    }
}

/// Why a city does not answer. What is wrong with its data is for who runs the service.
fn refused(id: &str, e: &NoCity) -> Problem {
    match e {
        NoCity::Unknown => unknown(id),
        NoCity::Busy | NoCity::Away => Problem::of_status(StatusCode::SERVICE_UNAVAILABLE),
        NoCity::Failed(_) => Problem::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "city-failed",
            format!("城市 {id} 暂不能提供:数据未通过检查,或超过内存上限。原因见服务日志,改正后请管理员重新加载。"),
            format!(
                "The city {id} can't be served: its data were refused, or take too much memory. The log of the service says why; once that is mended the administrator has the service look again."
            ),
        ),
    }
}

fn unknown(id: &str) -> Problem {
    Problem::not_found(
        format!("没有城市 {id};城市列表见 /cities。"),
        format!("There is no city {id}; /cities lists all."),
    )
}

/// The whole service.
pub fn cities_router(app: CitiesApp) -> Router {
    let front = app.0.front.clone();
    let own = Router::new()
        .fallback_service(resources::resources())
        .layer(from_fn_with_state(app.clone(), asked))
        .layer(from_fn_with_state(front.clone(), identity::strip_prefix))
        .layer(from_fn_with_state(front, envelope::around));
    Router::new().fallback_service(own).layer(from_fn_with_state(app, to_city))
}

/// What monitoring asks, for an address that nobody else reaches.
pub fn cities_monitoring(app: CitiesApp) -> Router {
    resources::monitoring().layer(from_fn_with_state(app, monitored))
}

/// Hands a request to its city.
async fn to_city(State(app): State<CitiesApp>, mut request: Request, next: Next) -> Response {
    let Some((id, rest)) = app.below(request.uri()) else { return next.run(request).await };
    match app.lease(&id, &rest, request.headers().clone()).await {
        Err(problem) => {
            request.extensions_mut().insert(problem);
            next.run(request).await
        }
        Ok(lease) => {
            *request.uri_mut() = rest;
            let span = tracing::info_span!("city", id);
            let Ok(response) = lease.shard().router.clone().oneshot(request).instrument(span).await;
            response.map(|body| Body::new(Leased { body, _lease: lease }))
        }
    }
}

/// A body, until whose end the city is not unloaded.
struct Leased {
    body: Body,
    _lease: Lease<CityService>,
}

impl HttpBody for Leased {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// A request for the whole, and who sends it.
#[derive(Clone)]
pub(super) struct Asked {
    app: CitiesApp,
    /// Whether who sits at this machine asks, where there are no accounts, or monitoring.
    told: bool,
}

impl Asked {
    fn cities(&self) -> &Cities<CityService> {
        &self.app.0.cities
    }

    fn front(&self) -> &Front {
        &self.app.0.front
    }

    /// Refuses who has to log in first. Accounts are those of the cities, so nobody has logged in here.
    fn may_read(&self) -> Result<(), Problem> {
        if self.told || self.app.0.anonymous {
            return Ok(());
        }
        Err(Problem::new(
            StatusCode::UNAUTHORIZED,
            "login-needed",
            "须登录后查看;请到各城市登录(城市列表见 /cities)。",
            "Log in first, at each city (/cities lists them).",
        ))
    }

    /// Refuses who does not run the service.
    fn may_administer(&self) -> Result<(), Problem> {
        if self.told {
            return Ok(());
        }
        Err(Problem::new(
            StatusCode::FORBIDDEN,
            "no-right",
            "只供本机所有者与监控(--metrics-listen)查看;各城市的管理员见该城市的同名网址。",
            "For the owner at this machine and for monitoring (--metrics-listen) only; administrators of a city have the same address below it.",
        ))
    }
}

impl<S: Sync> FromRequestParts<S> for Asked {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let asked = parts.extensions.get::<Self>().cloned();
        asked.ok_or_else(|| Problem::of_status(StatusCode::INTERNAL_SERVER_ERROR))
    }
}

/// Settles who asks, and answers where a city can't.
async fn asked(State(app): State<CitiesApp>, mut request: Request, next: Next) -> Response {
    if let Err(problem) = trust::trusted(&app.0.front, request.headers()) {
        return problem.into_response();
    }
    if let Some(problem) = request.extensions_mut().remove::<Problem>() {
        let page = wants_page(request.headers());
        return if page { list::refusal(&app, &problem, &request) } else { problem.into_response() };
    }
    let peer = request.extensions().get::<Peer>().copied();
    let told = trust::from_owner(&app.0.front, request.headers(), peer);
    request.extensions_mut().insert(Asked { app, told });
    next.run(request).await
}

/// A request of monitoring: it comes to an address that is there for nothing else.
async fn monitored(State(app): State<CitiesApp>, mut request: Request, next: Next) -> Response {
    request.extensions_mut().insert(Asked { app, told: true });
    next.run(request).await
}

/// Whether a person follows a link.
fn wants_page(headers: &HeaderMap) -> bool {
    headers.get(header::ACCEPT).and_then(|v| v.to_str().ok()).is_some_and(|accept| accept.contains("text/html"))
}
