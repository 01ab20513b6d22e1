//! Validators (RFC 9110, 8.8 and 13). A strong tag names one representation in one content coding: the tag of the
//! uncoded bytes, and the same with `-gzip`, `-br` or `-zstd` for the coded ones.

use crate::http::extract::negotiate;
use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::Response;

/// The codings that change a tag.
const CODINGS: [&str; 4] = ["gzip", "br", "zstd", "deflate"];

/// The strong tag of bytes by their digest.
pub(crate) fn of(digest: &[u8]) -> String {
    digest.iter().take(8).fold(String::from("\""), |s, b| format!("{s}{b:02x}")) + "\""
}

/// The tag under which the reader already has the representation `etag`, uncoded or in a coding that the reader takes;
/// it goes back with the 304. Only for requests without `*`: what that would have been sent is known at the end.
pub(crate) fn known(headers: &HeaderMap, etag: &str) -> Option<String> {
    let tags = if_none_match(headers)?;
    let coded = CODINGS.iter().filter(|c| negotiate::accepts_encoding(headers, c)).map(|c| coded(etag, c));
    std::iter::once(etag.to_owned()).chain(coded).find(|tag| tags.iter().any(|t| opaque(t) == opaque(tag)))
}

/// The last word on an answer: the tag of the bytes as they are coded, and 304 where the reader has them.
pub(crate) fn settle(mut response: Response, headers: &HeaderMap) -> Response {
    let text = |name| response.headers().get(name).and_then(|v: &HeaderValue| v.to_str().ok()).map(str::to_owned);
    let Some(mut etag) = text(header::ETAG) else { return response };
    if let Some(coding) = text(header::CONTENT_ENCODING) {
        etag = coded(&etag, &coding);
        if let Ok(value) = HeaderValue::from_str(&etag) {
            response.headers_mut().insert(header::ETAG, value);
        }
    }
    let known =
        if_none_match(headers).is_some_and(|tags| tags.iter().any(|t| t.trim() == "*" || opaque(t) == opaque(&etag)));
    if known && response.status().is_success() {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
        *response.body_mut() = Body::empty();
    }
    if response.status() == StatusCode::NOT_MODIFIED {
        // what describes the bytes stays with the copy that the reader has
        let described = [
            header::CONTENT_TYPE,
            header::CONTENT_LENGTH,
            header::CONTENT_ENCODING,
            header::CONTENT_RANGE,
            header::ACCEPT_RANGES,
        ];
        described.iter().for_each(|name| drop(response.headers_mut().remove(name)));
    }
    response
}

/// The tag of a coded representation. A weak tag speaks of the meaning, which no coding changes.
fn coded(etag: &str, coding: &str) -> String {
    match etag.strip_suffix('"') {
        Some(open) if !etag.starts_with("W/") => format!("{open}-{coding}\""),
        _ => etag.to_owned(),
    }
}

/// The tags of `If-None-Match`, of all its lines.
fn if_none_match(headers: &HeaderMap) -> Option<Vec<&str>> {
    let lines: Vec<&str> = headers.get_all(header::IF_NONE_MATCH).into_iter().filter_map(|v| v.to_str().ok()).collect();
    (!lines.is_empty()).then(|| lines.into_iter().flat_map(|line| line.split(',')).collect())
}

/// What the weak comparison looks at (RFC 9110, 8.8.3.2).
fn opaque(tag: &str) -> &str {
    let tag = tag.trim();
    tag.strip_prefix("W/").unwrap_or(tag)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request_headers(pairs: &[(header::HeaderName, &str)]) -> HeaderMap {
        let mut out = HeaderMap::new();
        for (name, value) in pairs {
            out.append(name, HeaderValue::from_str(value).unwrap());
        }
        out
    }

    #[test]
    fn a_tag_of_a_coding_counts_where_the_coding_is_taken() {
        use header::{ACCEPT_ENCODING as CODING, IF_NONE_MATCH as KNOWN};
        let tag = "\"r-1\"";
        assert_eq!(known(&request_headers(&[(KNOWN, "\"x\", W/\"r-1\"")]), tag).unwrap(), tag);
        assert_eq!(known(&request_headers(&[(KNOWN, "\"x\""), (KNOWN, tag)]), tag).unwrap(), tag);
        let coded = "\"r-1-gzip\"";
        assert_eq!(known(&request_headers(&[(KNOWN, coded), (CODING, "gzip")]), tag).unwrap(), coded);
        assert!(known(&request_headers(&[(KNOWN, coded)]), tag).is_none(), "the reader takes no gzip");
        assert!(known(&request_headers(&[(KNOWN, coded), (CODING, "gzip;q=0")]), tag).is_none());
        assert!(
            known(&request_headers(&[(KNOWN, "\"r-10\"")]), tag).is_none()
                && known(&request_headers(&[]), tag).is_none()
        );
    }
}
