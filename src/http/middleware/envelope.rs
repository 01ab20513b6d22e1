//! Around every request: what is refused at once, methods that every resource has (HEAD, OPTIONS), problem documents,
//! security headers, the request's id and one log line.

use crate::http::extract::{negotiate, params};
use crate::http::front::{Front, is_host};
use crate::http::metrics::Route;
use crate::http::middleware::connections::Stalled;
use crate::http::middleware::{cors, trust};
use crate::http::problem::Problem;
use crate::http::response::answer::vary;
use crate::http::response::etag;
use crate::http::response::html::ErrorPage;
use axum::body::{Body, Bytes, HttpBody};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, Version, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use hyper::body::Frame;
use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Instant;

/// Longest URL that is read.
const MAX_URI: usize = 8 << 10;
/// Most bytes of request headers.
const MAX_HEADERS: usize = 16 << 10;

/// Answers a request by `next`, with all that answers have in common.
pub(crate) async fn around(State(front): State<Arc<Front>>, mut request: Request, next: Next) -> Response {
    let (started, _open) = (Instant::now(), front.metrics.begin());
    let id = request_id(&front, request.headers());
    let (method, uri) = (request.method().clone(), request.uri().clone());
    if method == Method::HEAD {
        // HEAD is GET without the body, down to every header
        *request.method_mut() = Method::GET;
    } else if method != Method::GET {
        // these conditions are about what is read
        for name in [header::IF_NONE_MATCH, header::RANGE, header::IF_RANGE] {
            request.headers_mut().remove(name);
        }
    }
    let headers = request.headers().clone();
    let stalled = request.extensions().get::<Stalled>().cloned();
    let mut response = match refusal(&request) {
        Some(problem) => problem.into_response(),
        None if uri.path() == "*" => every_method(),
        None => next.run(request).await,
    };
    let route = response.extensions_mut().remove::<Route>();
    if stalled.is_some_and(|s| s.is_set()) {
        // whatever was made of the half of a body
        response = Problem::of_status(StatusCode::REQUEST_TIMEOUT).into_response();
    }
    let allowed = trust::listed(&front, &headers);
    if let Some(allow) = response.headers().get(header::ALLOW).and_then(|a| a.to_str().ok()) {
        let allow = format!("{}, OPTIONS", allow.replace(' ', "").replace(',', ", "));
        HeaderValue::from_str(&allow).into_iter().for_each(|a| drop(response.headers_mut().insert(header::ALLOW, a)));
    }
    if method == Method::OPTIONS {
        response = cors::options(response, &headers, allowed.clone());
    }
    let mut response = etag::settle(documented(response, &headers, &id), &headers);
    let out = response.headers_mut();
    if let Some(allowed) = allowed {
        cors::open(&method, allowed, out);
    }
    let fixed = [(header::X_CONTENT_TYPE_OPTIONS, "nosniff"), (header::REFERRER_POLICY, "same-origin")];
    for (name, value) in fixed {
        // a resource may be stricter with itself
        out.entry(name).or_insert(HeaderValue::from_static(value));
    }
    out.entry(header::CONTENT_SECURITY_POLICY).or_insert_with(|| front.policy.clone());
    if let Some(strict) = &front.strict_transport {
        out.insert(header::STRICT_TRANSPORT_SECURITY, strict.clone());
    }
    vary(out, "accept-encoding");
    if front.is_protected() || !front.allow_origins.is_empty() {
        vary(out, "origin");
    }
    if front.has_accounts() {
        // what one reader sees is for no store that others use
        vary(out, "cookie");
        if let Some(cache) =
            out.get(header::CACHE_CONTROL).and_then(|v| v.to_str().ok()).filter(|v| v.contains("public"))
        {
            let own = HeaderValue::try_from(cache.replace("public", "private"));
            own.into_iter().for_each(|v| drop(out.insert(header::CACHE_CONTROL, v)));
        }
    }
    if let Ok(id) = HeaderValue::from_str(&id) {
        out.insert("x-request-id", id);
    }
    if method == Method::HEAD {
        response = without_body(response);
    }
    let (status, took) = (response.status(), started.elapsed().as_secs_f64());
    front.metrics.answered(route.as_ref(), &method, status, took);
    let (status, ms) = (status.as_u16(), took * 1e3);
    tracing::info!(id, %method, path = uri.path(), query = uri.query().unwrap_or(""), status, ms, "request");
    response
}

/// Why a request is not looked at any further.
fn refusal(request: &Request) -> Option<Problem> {
    let (uri, headers) = (request.uri(), request.headers());
    let length = |uri: &Uri| uri.path_and_query().map_or(0, |p| p.as_str().len());
    if length(uri) > MAX_URI {
        return Some(Problem::of_status(StatusCode::URI_TOO_LONG));
    }
    if headers.iter().map(|(n, v)| n.as_str().len() + v.len() + 4).sum::<usize>() > MAX_HEADERS {
        return Some(Problem::of_status(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE));
    }
    let announced = headers.get(header::CONTENT_LENGTH).and_then(|v| v.to_str().ok()).and_then(|v| v.parse().ok());
    // a file on its way in has a limit of its own
    let file = request.method() == Method::POST && uri.path().ends_with("/imports");
    if announced.is_some_and(|n: u64| n > crate::http::MAX_BODY as u64) && !file {
        return Some(Problem::of_status(StatusCode::PAYLOAD_TOO_LARGE));
    }
    // RFC 9112, 3.2: exactly one, and a host. Requests made inside the program carry none.
    let hosts: Vec<&HeaderValue> = headers.get_all(header::HOST).iter().collect();
    let missing = hosts.is_empty() && request.version() >= Version::HTTP_11 && uri.authority().is_none();
    let plain = |h: &HeaderValue| h.to_str().is_ok_and(is_host);
    if missing || hosts.len() > 1 || !hosts.iter().all(|h| plain(h)) {
        let (zh, en) = ("Host 头缺失或不合规范。", "The Host header is missing or malformed.");
        return Some(Problem::new(StatusCode::BAD_REQUEST, "bad-host", zh, en));
    }
    params::decode_path(uri.path()).is_none().then(|| {
        let (zh, en) = ("网址的编码不是有效的 UTF-8 文字。", "The path is not percent-encoded UTF-8 text.");
        Problem::new(StatusCode::BAD_REQUEST, "bad-path", zh, en)
    })
}

/// `OPTIONS *` asks about the server as a whole.
fn every_method() -> Response {
    let mut response = Problem::of_status(StatusCode::METHOD_NOT_ALLOWED).into_response();
    response.headers_mut().insert(header::ALLOW, HeaderValue::from_static("GET, HEAD, POST"));
    response
}

/// Gives every error a problem document, whoever made it, unless it is a page for people.
fn documented(mut response: Response, headers: &HeaderMap, id: &str) -> Response {
    let status = response.status();
    let page = response.extensions().get::<ErrorPage>().is_some();
    if page || (!status.is_client_error() && !status.is_server_error()) {
        return response;
    }
    let problem = response.extensions_mut().remove::<Problem>().unwrap_or_else(|| Problem::of_status(status));
    if status.is_server_error() {
        tracing::error!(id, status = status.as_u16(), code = problem.code, "server error");
    }
    let mut document = problem.document(negotiate::lang(headers), id);
    for name in [header::ALLOW, header::CONTENT_RANGE, header::LINK, header::RETRY_AFTER] {
        if let Some(value) = response.headers_mut().remove(&name) {
            document.headers_mut().insert(name, value);
        }
    }
    document
}

fn without_body(response: Response) -> Response {
    let (mut parts, body) = response.into_parts();
    let has_body = !matches!(parts.status, StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED);
    let body = match body.size_hint().exact() {
        Some(length) if has_body => {
            parts.headers.insert(header::CONTENT_LENGTH, length.into());
            Body::empty()
        }
        None if has_body => Body::new(Unmeasured),
        _ => Body::empty(),
    };
    Response::from_parts(parts, body)
}

/// Stands for a body whose length GET doesn't say either: an empty one would say that it's 0.
struct Unmeasured;

impl HttpBody for Unmeasured {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        Poll::Ready(None)
    }
}

/// The id that a proxy gave, where it is a plain word, else our own.
fn request_id(front: &Front, headers: &HeaderMap) -> String {
    let plain = |id: &&str| (1..=64).contains(&id.len()) && id.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    match headers.get("x-request-id").and_then(|v| v.to_str().ok()).filter(plain) {
        Some(id) => id.to_owned(),
        None => front.next_id(),
    }
}
