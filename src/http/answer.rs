//! How bytes leave: validators, caching, security headers, request ids, one log line a request.

use super::problem::Problem;
use super::{App, negotiate};
use crate::snapshot::Snapshot;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::atomic::Ordering;
use std::time::Instant;

/// Longest URL that is read.
const MAX_URI: usize = 8 << 10;
/// The page and everything it loads come from here; nothing is sent anywhere else.
const POLICY: &str = "default-src 'self'; img-src 'self' data: blob:; worker-src 'self' blob:; object-src 'none'; \
                      base-uri 'self'; form-action 'self'; frame-ancestors 'self'";

/// The result of a handler.
pub(super) type Answer = Result<Response, Problem>;

/// What a handler needs of a request to answer it: the data, once, and the headers.
pub(super) struct Asked<'a> {
    pub(super) app: &'a App,
    pub(super) snapshot: &'a Snapshot,
    pub(super) headers: &'a HeaderMap,
}

impl Asked<'_> {
    /// Answers with bytes that depend on the data's revision, the URL and the address of the service. `make` is not
    /// called when the reader already has them.
    pub(super) fn bytes(&self, media_type: &'static str, make: impl FnOnce() -> Result<Vec<u8>, Problem>) -> Answer {
        if !negotiate::accepts(self.headers, media_type) {
            return Err(Problem::of_status(StatusCode::NOT_ACCEPTABLE));
        }
        let etag = self.etag();
        let known = self.headers.get(header::IF_NONE_MATCH).and_then(|v| v.to_str().ok());
        let validators = [(header::ETAG, etag.clone()), (header::CACHE_CONTROL, "no-cache".into())];
        if known.is_some_and(|known| matches(known, &etag)) {
            return Ok((StatusCode::NOT_MODIFIED, validators).into_response());
        }
        let body = make()?;
        if body.is_empty() {
            return Ok((StatusCode::NO_CONTENT, validators).into_response());
        }
        Ok((validators, [(header::CONTENT_TYPE, media_type)], body).into_response())
    }

    /// Answers with JSON.
    pub(super) fn json<T: Serialize>(&self, make: impl FnOnce() -> Result<T, Problem>) -> Answer {
        self.bytes("application/json", || {
            serde_json::to_vec(&make()?).map_err(|_| Problem::of_status(StatusCode::INTERNAL_SERVER_ERROR))
        })
    }

    /// A weak validator: the compression layer changes bytes, not meaning.
    fn etag(&self) -> String {
        let mut hash = DefaultHasher::new();
        (negotiate::base_url(self.app, self.headers), self.app.0.disclosure as u8).hash(&mut hash);
        format!("W/\"{}-{:08x}\"", self.snapshot.revision, hash.finish() as u32)
    }
}

/// Weak comparison (RFC 9110, 8.8.3.2) of an `If-None-Match` list with a tag.
pub(super) fn matches(known: &str, etag: &str) -> bool {
    let opaque = |t: &str| t.trim().trim_start_matches("W/").to_owned();
    known.trim() == "*" || known.split(',').any(|t| opaque(t) == opaque(etag))
}

/// Around every request: id, limits, problem documents, security headers, log line.
pub(super) async fn envelope(State(app): State<App>, request: Request, next: Next) -> Response {
    let started = Instant::now();
    let id = request_id(&app, request.headers());
    let (method, uri, headers) = (request.method().clone(), request.uri().clone(), request.headers().clone());
    let long = uri.path_and_query().is_some_and(|p| p.as_str().len() > MAX_URI);
    let response =
        if long { Problem::of_status(StatusCode::URI_TOO_LONG).into_response() } else { next.run(request).await };
    let mut response = documented(response, &method, &headers, &id);
    let out = response.headers_mut();
    let fixed = [
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "same-origin"),
    ];
    for (name, value) in fixed {
        out.insert(name, HeaderValue::from_static(value));
    }
    for name in ["accept-encoding", "accept-language"] {
        add_vary(out, name);
    }
    if let Ok(id) = HeaderValue::from_str(&id) {
        out.insert("x-request-id", id);
    }
    let (status, ms) = (response.status().as_u16(), started.elapsed().as_secs_f64() * 1e3);
    tracing::info!(id, %method, path = uri.path(), query = uri.query().unwrap_or(""), status, ms, "request");
    response
}

/// Gives every error a problem document, whoever made it.
fn documented(mut response: Response, method: &Method, headers: &HeaderMap, id: &str) -> Response {
    let status = response.status();
    if !status.is_client_error() && !status.is_server_error() {
        return response;
    }
    let problem = response.extensions_mut().remove::<Problem>().unwrap_or_else(|| Problem::of_status(status));
    if status.is_server_error() {
        tracing::error!(id, status = status.as_u16(), code = problem.code, "server error");
    }
    let mut document = problem.document(headers, id);
    if let Some(allow) = response.headers_mut().remove(header::ALLOW) {
        document.headers_mut().insert(header::ALLOW, allow);
    }
    if method == Method::HEAD {
        *document.body_mut() = axum::body::Body::empty();
    }
    document
}

fn add_vary(headers: &mut HeaderMap, name: &str) {
    let listed = headers
        .get_all(header::VARY)
        .iter()
        .filter_map(|v| v.to_str().ok())
        .any(|v| v.to_ascii_lowercase().contains(name));
    if let (false, Ok(value)) = (listed, HeaderValue::from_str(name)) {
        headers.append(header::VARY, value);
    }
}

/// The id that a proxy gave, where it is a plain word, else our own.
fn request_id(app: &App, headers: &HeaderMap) -> String {
    let plain = |id: &&str| (1..=64).contains(&id.len()) && id.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    match headers.get("x-request-id").and_then(|v| v.to_str().ok()).filter(plain) {
        Some(id) => id.to_owned(),
        None => format!("{}-{}", app.0.instance, app.0.requests.fetch_add(1, Ordering::Relaxed)),
    }
}
