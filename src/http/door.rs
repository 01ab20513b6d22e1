//! The way in: the prefix of `--public-url` is taken off where a proxy left it on; who asks is settled, once, and the
//! request goes to the resources as that reader sees them. Who has to log in first gets no further than the page; whoever
//! comes from another origin is anyone.

use super::connections::Peer;
use super::problem::Problem;
use super::right::{Reader, Right};
use super::{App, accounts, cors, envelope, page};
use axum::Router;
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use moka::sync::Cache;
use std::sync::Arc;
use tower::ServiceExt;

/// Readers whose rooms are kept at hand.
const AT_HAND: u64 = 256;

/// The resources as somebody sees them.
#[derive(Clone)]
struct Room {
    app: App,
    resources: Router,
}

/// A room for each reader, made when they first come.
#[derive(Clone)]
struct Rooms {
    app: App,
    made: Cache<Arc<Reader>, Room>,
}

impl Rooms {
    fn of(&self, reader: Reader) -> Room {
        let reader = Arc::new(reader);
        self.made.get_with(reader.clone(), || {
            let app = self.app.seen_by(reader);
            Room { resources: super::resources(app.clone()), app }
        })
    }

    /// The room of whoever sends this request.
    async fn whose(&self, headers: HeaderMap, peer: Option<Peer>) -> Result<Room, Problem> {
        let app = &self.app;
        let foreign = app.has_owner() && cors::foreign(app, &headers);
        let reader = match app.gate() {
            Some(gate) => accounts::reader(gate, &headers, peer.map(|p| p.0), foreign).await?,
            None if foreign => Reader::anyone(),
            None => app.reader().clone(),
        };
        Ok(self.of(reader))
    }
}

/// The service.
pub(super) fn door(app: App) -> Router {
    let rooms = Rooms { app, made: Cache::new(AT_HAND) };
    Router::new().fallback(move |request: Request| {
        let rooms = rooms.clone();
        async move {
            let (headers, peer) = (request.headers().clone(), request.extensions().get::<Peer>().copied());
            match rooms.whose(headers, peer).await {
                Ok(room) => {
                    let app = room.app.clone();
                    envelope::around(&app, request, |request| enter(room, request)).await
                }
                Err(problem) => {
                    let app = rooms.of(Reader::nobody()).app;
                    envelope::around(&app, request, |_| async { problem.into_response() }).await
                }
            }
        }
    })
}

async fn enter(room: Room, mut request: Request) -> Response {
    match inside(&room.app, request.uri()) {
        Some(Inside::Doorstep(home)) => {
            return (StatusCode::PERMANENT_REDIRECT, [(header::LOCATION, home)]).into_response();
        }
        Some(Inside::At(uri)) => *request.uri_mut() = uri,
        None => {}
    }
    if !room.app.reader().may(Right::Read) && !is_hall(request.uri().path()) {
        return room.app.allow(Right::Read).into_response();
    }
    if room.app.reader().scope().is_some() {
        // made off the threads that serve, where it is made at all
        let app = room.app.clone();
        let _ = tokio::task::spawn_blocking(move || drop(app.snapshot())).await;
    }
    let (act, peer) = (accounts::act(request.method(), request.uri()), request.extensions().get::<Peer>().copied());
    let response = room.resources.oneshot(request).await.unwrap_or_else(|never| match never {});
    match act.filter(|act| act.is_done_by(&response)) {
        // what can't be written down does not leave
        Some(act) => match room.app.note(room.app.actor(), peer, act.what, act.detail).await {
            Ok(()) => response,
            Err(problem) => problem.into_response(),
        },
        None => response,
    }
}

/// What is open to who has to log in first: the page's own files, logging in, and whether the service is there.
fn is_hall(path: &str) -> bool {
    matches!(path, "/" | "/session" | "/session/claim" | "/healthz" | "/readyz") || page::is_file(path)
}

enum Inside {
    At(Uri),
    /// The prefix without its slash, under which the page's relative addresses would miss.
    Doorstep(HeaderValue),
}

/// Where an address that still has the prefix of `--public-url` leads.
fn inside(app: &App, uri: &Uri) -> Option<Inside> {
    let public = app.public_url()?;
    let (_, rest) = public.split_once("://")?;
    let prefix = &rest[rest.find('/')?..];
    let rest = uri.path_and_query()?.as_str().strip_prefix(prefix)?;
    if rest.is_empty() {
        return HeaderValue::try_from(format!("{public}/")).ok().map(Inside::Doorstep);
    }
    rest.starts_with('/').then(|| rest.parse().ok().map(Inside::At))?
}
