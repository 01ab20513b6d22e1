//! Middleware that settles who asks: the prefix of `--public-url` is taken off where a proxy left it on, the reader is
//! found (`trust` says from where) and the request's `Context` made, once. Who has to log in first gets the public paths
//! only.

use crate::http::App;
use crate::http::api::page;
use crate::http::extract::context::Context;
use crate::http::extract::credential;
use crate::http::front::Front;
use crate::http::middleware::connections::Peer;
use crate::http::middleware::published;
use crate::http::middleware::recorded::recorded;
use crate::http::middleware::trust;
use crate::http::problem::Problem;
use crate::service::accounts::{AuditActor, Permission, Reader};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use std::sync::Arc;

/// Puts the request's `Context` into its extensions.
pub(crate) async fn identify(State(app): State<App>, mut request: Request, next: Next) -> Response {
    let (headers, peer) = (request.headers().clone(), request.extensions().get::<Peer>().copied());
    let client = peer.map(|peer| trust::client(&app, &headers, peer));
    if let Some(client) = client {
        request.extensions_mut().insert(client);
    }
    let context = match published::at_least(&app, &headers).await {
        Ok(()) => reader(&app, headers, peer).await,
        Err(problem) => Err(problem),
    };
    let context = match context {
        Ok(reader) => Context::new(app, reader, client.map(|c| c.0)).await,
        Err(problem) => Err(problem),
    };
    match context {
        Ok(context) => {
            let (method, before) = (request.method().clone(), context.version().map_or(0, |v| v.number));
            request.extensions_mut().insert(context.clone());
            let mut response = next.run(request).await;
            published::name_version(&context, &method, before, &mut response);
            response
        }
        Err(problem) => problem.into_response(),
    }
}

/// Puts the `Context` of monitoring into a request's extensions: for an address that is there for nothing else.
pub(crate) async fn monitor(State(app): State<App>, mut request: Request, next: Next) -> Response {
    match Context::new(app, Reader::monitor(), None).await {
        Ok(context) => {
            request.extensions_mut().insert(context);
            next.run(request).await
        }
        Err(problem) => problem.into_response(),
    }
}

/// Who sends a request. The headers come by value: a future that borrowed the request could not be sent.
async fn reader(app: &App, headers: HeaderMap, peer: Option<Peer>) -> Result<Reader, Problem> {
    trust::trusted(app, &headers)?;
    // a link opens what is its own whoever else its bearer is, and nothing when it leads in no more
    if let Some((rounds, token)) = app.rounds().zip(credential::link(&headers)) {
        return Ok(rounds.access(token).await?.map_or_else(Reader::unauthenticated, Reader::by_link));
    }
    match app.accounts() {
        Some(accounts) => {
            // a page of a listed origin reads as somebody who has not logged in
            let stranger = trust::listed(app, &headers).is_some() && trust::foreign(app, &headers);
            let credential = credential::credential(app.proxy.as_ref(), &headers, peer.map(|p| p.0), stranger);
            Ok(accounts.authenticate(credential).await?)
        }
        None if trust::from_owner(app, &headers, peer) => Ok(Reader::owner()),
        None => Ok(Reader::anonymous()),
    }
}

/// Takes off the prefix of `--public-url`, or redirects to it with its slash, without which relative addresses of the page
/// would miss.
pub(crate) async fn strip_prefix(State(front): State<Arc<Front>>, mut request: Request, next: Next) -> Response {
    match without_prefix(&front, request.uri()) {
        Some(Prefixed::Bare(home)) => (StatusCode::PERMANENT_REDIRECT, [(header::LOCATION, home)]).into_response(),
        Some(Prefixed::Path(uri)) => {
            *request.uri_mut() = uri;
            next.run(request).await
        }
        None => next.run(request).await,
    }
}

/// Refuses what needs a login, and records in the audit log what was done.
pub(crate) async fn guard(context: Context, request: Request, next: Next) -> Response {
    let path = request.uri().path();
    if !context.reader().may(Permission::Read) && !is_public(path) && !is_own(path) {
        return context.allow(Permission::Read).into_response();
    }
    let (method, uri) = (request.method().clone(), request.uri().clone());
    let response = next.run(request).await;
    let Some(recorded) = recorded(&context, &method, &uri, &response) else { return response };
    // an answer that can't be recorded does not leave
    let actor = AuditActor { name: context.actor(), peer: context.address() };
    match recorded.write(&context, &actor).await {
        Ok(()) => response,
        Err(e) => Problem::from(e).into_response(),
    }
}

/// What is open to who has to log in first: the page's own files, logging in, and whether the service is there.
fn is_public(path: &str) -> bool {
    matches!(
        path,
        "/" | "/session"
            | "/session/claim"
            | "/session/oidc"
            | "/session/oidc/callback"
            | "/pages.css"
            | "/healthz"
            | "/readyz"
    ) || page::is_file(path)
}

/// What a participant's link opens; each handler looks whose it is.
fn is_own(path: &str) -> bool {
    let mut parts = path.split('/').skip(1);
    parts.next() == Some("rounds") && parts.next().is_some() && parts.next() == Some("own")
}

/// An address without the path of `--public-url`, where it has that.
pub(crate) fn without_path(front: &Front, uri: &Uri) -> Option<Uri> {
    if let Prefixed::Path(uri) = without_prefix(front, uri)? { Some(uri) } else { None }
}

enum Prefixed {
    /// The address without the prefix.
    Path(Uri),
    /// The prefix without its slash, and where to go instead.
    Bare(HeaderValue),
}

fn without_prefix(front: &Front, uri: &Uri) -> Option<Prefixed> {
    let public = front.public_url()?;
    let prefix = Some(front.path()).filter(|path| !path.is_empty())?;
    let rest = uri.path_and_query()?.as_str().strip_prefix(prefix)?;
    if rest.is_empty() {
        return HeaderValue::try_from(format!("{public}/")).ok().map(Prefixed::Bare);
    }
    rest.starts_with('/').then(|| rest.parse().ok().map(Prefixed::Path))?
}
