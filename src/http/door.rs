//! The way in: the prefix of `--public-url` is taken off where a proxy left it on, and whoever comes from another origin
//! goes to the resources as anyone sees them.

use super::{App, cors, envelope};
use axum::Router;
use axum::extract::Request;
use axum::http::{HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use tower::ServiceExt;

/// The resources as somebody sees them.
#[derive(Clone)]
pub(super) struct Room {
    pub(super) app: App,
    pub(super) resources: Router,
}

/// The service: `own` for its page and for programs, `anyone` for pages of other origins where these see less.
pub(super) fn door(own: Room, anyone: Option<Room>) -> Router {
    Router::new().fallback(move |request: Request| {
        let foreign = anyone.is_some() && cors::foreign(&own.app, request.headers());
        let room = anyone.clone().filter(|_| foreign).unwrap_or_else(|| own.clone());
        async move {
            let app = room.app.clone();
            envelope::around(&app, request, |request| enter(room, request)).await
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
    room.resources.oneshot(request).await.unwrap_or_else(|never| match never {})
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
