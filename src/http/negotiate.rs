//! What the reader's headers ask for: language, media type, the address under which the service is seen.

use super::App;
use crate::model::Lang;
use axum::http::{HeaderMap, header};

/// The language of messages: English when `Accept-Language` prefers it, else Chinese.
pub(super) fn lang(headers: &HeaderMap) -> Lang {
    let weight = |code: &str| {
        weighted(headers, header::ACCEPT_LANGUAGE)
            .filter(|(range, _)| range.starts_with(code))
            .map(|(_, q)| q)
            .fold(0.0, f32::max)
    };
    if weight("en") > weight("zh") { Lang::En } else { Lang::Zh }
}

/// Whether `Accept` allows a media type.
pub(super) fn accepts(headers: &HeaderMap, media_type: &str) -> bool {
    if !headers.contains_key(header::ACCEPT) {
        return true;
    }
    let essence = |t: &str| t.split(';').next().unwrap_or("").trim().to_owned();
    let wanted = essence(media_type);
    let family = format!("{}/*", wanted.split('/').next().unwrap_or(""));
    // the most specific range decides
    let quality = |name: &str| {
        weighted(headers, header::ACCEPT).filter(|(range, _)| essence(range) == name).map(|(_, q)| q).reduce(f32::max)
    };
    quality(&wanted).or_else(|| quality(&family)).or_else(|| quality("*/*")).is_some_and(|q| q > 0.0)
}

/// Whether `Accept-Encoding` names a coding.
pub(super) fn accepts_encoding(headers: &HeaderMap, coding: &str) -> bool {
    weighted(headers, header::ACCEPT_ENCODING).any(|(name, q)| name == coding && q > 0.0)
}

/// Whether the reader wants a page rather than data: a browser's address bar.
pub(super) fn wants_html(headers: &HeaderMap) -> bool {
    weighted(headers, header::ACCEPT).any(|(range, _)| range.starts_with("text/html"))
}

fn weighted(headers: &HeaderMap, name: header::HeaderName) -> impl Iterator<Item = (&str, f32)> {
    let lines = headers.get_all(name).into_iter().filter_map(|v| v.to_str().ok());
    lines.flat_map(|line| line.split(',')).map(|item| {
        let (range, parameters) = item.split_once(';').unwrap_or((item, ""));
        let q =
            parameters.split(';').find_map(|p| p.trim().strip_prefix("q=")).and_then(|q| q.parse().ok()).unwrap_or(1.0);
        (range.trim(), q)
    })
}

/// The address of the service as the reader sees it, without a slash at the end: `--public-url`, else the `Host` header
/// where it is a plain host and port.
pub(super) fn base_url(app: &App, headers: &HeaderMap) -> String {
    if let Some(url) = &app.0.public_url {
        return url.clone();
    }
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | ':' | '[' | ']');
    let host = headers.get(header::HOST).and_then(|h| h.to_str().ok());
    let host = host.filter(|h| !h.is_empty() && h.len() < 256 && h.chars().all(plain));
    format!("http://{}", host.unwrap_or("localhost"))
}
