//! Which pages of other origins may read answers (Fetch standard): those of `--allow-origin`, with GET and HEAD, and as
//! somebody who has not logged in. Without the option none may (ADR 44).

use crate::http::front::Front;
use crate::http::middleware::trust;
use crate::http::problem::Problem;
use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};

/// What a script may see besides the headers that are always safe.
const EXPOSED: &str = "etag, link, content-crs, content-disposition, content-range, accept-ranges, allow, x-request-id";
/// What a script may send.
const TAKEN: &str = "accept, accept-language, content-language, if-none-match, if-range, range, x-request-id";

/// Refuses to change anything for a page of another origin, or under a name that isn't ours.
pub(crate) fn may_change(front: &Front, headers: &HeaderMap) -> Result<(), Problem> {
    if !trust::foreign(front, headers) {
        return Ok(());
    }
    Err(Problem::new(
        StatusCode::FORBIDDEN,
        "foreign-origin",
        "只接受本服务自己的网页发来的更改。若是用域名访问,请管理员用 --public-url 写明该网址。",
        "Changes are taken from the service's own page only. If it is reached under a host name, the administrator names that address with --public-url.",
    ))
}

/// Says to the browser that the page that asks may read this answer.
pub(crate) fn open(method: &Method, allowed: HeaderValue, out: &mut HeaderMap) {
    if matches!(*method, Method::GET | Method::HEAD) {
        out.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, allowed);
        out.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static(EXPOSED));
    }
}

/// The answer to OPTIONS: what the resource allows, which it says itself by refusing the method; and to a preflight
/// whether the browser may go on.
pub(crate) fn options(refusal: Response, headers: &HeaderMap, allowed: Option<HeaderValue>) -> Response {
    let Some(allow) = refusal.headers().get(header::ALLOW).cloned() else { return refusal };
    let mut response = (StatusCode::NO_CONTENT, Body::empty()).into_response();
    let out = response.headers_mut();
    let wanted = headers.get(header::ACCESS_CONTROL_REQUEST_METHOD).map(HeaderValue::as_bytes);
    let reads = allow.as_bytes().starts_with(b"GET");
    if let Some(allowed) = allowed.filter(|_| reads && matches!(wanted, Some(b"GET" | b"HEAD"))) {
        out.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, allowed);
        for (name, value) in [
            (header::ACCESS_CONTROL_ALLOW_METHODS, "GET, HEAD"),
            (header::ACCESS_CONTROL_ALLOW_HEADERS, TAKEN),
            (header::ACCESS_CONTROL_MAX_AGE, "86400"),
        ] {
            out.insert(name, HeaderValue::from_static(value));
        }
    }
    out.insert(header::ALLOW, allow);
    response
}
