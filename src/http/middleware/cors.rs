//! Which pages may read answers (Fetch standard). Reading with GET and HEAD is open to every origin; nothing else is.
//!
//! Where the owner sees restricted figures (`Disclosure::Full`), a page of another origin in the owner's browser must not
//! read them: it is answered as any reader is (`identity`).

use crate::http::App;
use crate::http::extract::negotiate;
use crate::http::problem::Problem;
use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};

/// What a script may see besides the headers that are always safe.
const EXPOSED: &str = "etag, link, content-crs, content-disposition, content-range, accept-ranges, allow, x-request-id";
/// What a script may send.
const TAKEN: &str = "accept, accept-language, content-language, if-none-match, if-range, range, x-request-id";

/// Whether the request comes from somewhere else than the service's own page or a program.
pub(crate) fn foreign(app: &App, headers: &HeaderMap) -> bool {
    let public = app.public_url().and_then(|url| url.split("://").nth(1)).and_then(|rest| rest.split('/').next());
    let host = negotiate::host(headers);
    // a name that is not ours may have been pointed at this machine (DNS rebinding)
    let ours = host.is_none_or(|host| Some(host) == public || local(host));
    let origin = headers.get(header::ORIGIN).map(|o| o.to_str().unwrap_or("null"));
    let own = |origin: &str| {
        let at = origin.split_once("://").map(|(_, at)| at);
        at.is_some() && (at == host || at == public)
    };
    !ours || origin.is_some_and(|o| !own(o))
}

/// Refuses to change anything for a page of another origin, or under a name that isn't ours.
pub(crate) fn may_change(app: &App, headers: &HeaderMap) -> Result<(), Problem> {
    if !foreign(app, headers) {
        return Ok(());
    }
    Err(Problem::new(
        StatusCode::FORBIDDEN,
        "foreign-origin",
        "只接受本服务自己的网页发来的更改。若是用域名访问,请管理员用 --public-url 写明该网址。",
        "Changes are taken from the service's own page only. If it is reached under a host name, the administrator names that address with --public-url.",
    ))
}

/// An address or `localhost`, with or without a port.
fn local(host: &str) -> bool {
    let name = match host.strip_prefix('[') {
        Some(v6) => return v6.split(']').next().is_some_and(|ip| ip.parse::<std::net::Ipv6Addr>().is_ok()),
        None => host.split(':').next().unwrap_or(""),
    };
    name == "localhost" || name.ends_with(".localhost") || name.parse::<std::net::Ipv4Addr>().is_ok()
}

/// Mark of an answer that anybody may have.
#[derive(Clone, Copy)]
pub(crate) struct Public;

/// Says to the browser that any page may read this answer. What only the owner sees goes without.
pub(crate) fn open(method: &Method, out: &mut HeaderMap) {
    if matches!(*method, Method::GET | Method::HEAD) {
        out.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
        out.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static(EXPOSED));
    }
}

/// The answer to OPTIONS: what the resource allows, which it says itself by refusing the method; and to a preflight
/// whether the browser may go on.
pub(crate) fn options(refusal: Response, headers: &HeaderMap) -> Response {
    let Some(allow) = refusal.headers().get(header::ALLOW).cloned() else { return refusal };
    let mut response = (StatusCode::NO_CONTENT, Body::empty()).into_response();
    let out = response.headers_mut();
    let wanted = headers.get(header::ACCESS_CONTROL_REQUEST_METHOD).map(HeaderValue::as_bytes);
    let reads = allow.as_bytes().starts_with(b"GET");
    if headers.contains_key(header::ORIGIN) && reads && matches!(wanted, Some(b"GET" | b"HEAD")) {
        for (name, value) in [
            (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
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

#[cfg(test)]
mod tests {
    use super::local;

    #[test]
    fn names_are_not_addresses() {
        for host in ["127.0.0.1", "127.0.0.1:8080", "localhost:1", "[::1]:80", "10.1.2.3"] {
            assert!(local(host), "{host}");
        }
        for host in ["evil.example", "127.0.0.1.evil.example:80", "localhost.evil.example", "[evil]"] {
            assert!(!local(host), "{host}");
        }
    }
}
