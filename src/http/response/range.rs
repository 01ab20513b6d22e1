//! Parts of a file (RFC 9110, 14): one range of bytes, under `If-Range`, for files that are fetched again where a
//! download broke off. Several ranges at once are answered with the whole, as the standard allows.

use axum::body::Bytes;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use std::ops::Range;

/// The whole of a body, or the part that is requested. `etag` is the strong tag of the uncoded bytes.
pub(crate) fn answer(headers: &HeaderMap, etag: &str, body: Bytes) -> Response {
    let accepts = [(header::ACCEPT_RANGES, "bytes")];
    let (status, says, part) = match wanted(headers, etag, body.len()) {
        Wanted::Whole => return (accepts, body).into_response(),
        Wanted::Part(r) => {
            let says = format!("bytes {}-{}/{}", r.start, r.end - 1, body.len());
            (StatusCode::PARTIAL_CONTENT, says, body.slice(r))
        }
        Wanted::Outside => (StatusCode::RANGE_NOT_SATISFIABLE, format!("bytes */{}", body.len()), Bytes::new()),
    };
    let mut response = (status, accepts, part).into_response();
    if let Ok(says) = HeaderValue::from_str(&says) {
        response.headers_mut().insert(header::CONTENT_RANGE, says);
    }
    response
}

/// Which part of something of `len` bytes is requested.
pub(crate) fn wanted(headers: &HeaderMap, etag: &str, len: usize) -> Wanted {
    let range = headers.get(header::RANGE).and_then(|v| v.to_str().ok());
    let same = headers.get(header::IF_RANGE).is_none_or(|v| v.as_bytes() == etag.as_bytes());
    range.filter(|_| same).map_or(Wanted::Whole, |r| Wanted::parse(r, len))
}

/// A part of a file.
#[derive(Debug, PartialEq)]
pub(crate) enum Wanted {
    /// Everything, or what is to be ignored.
    Whole,
    /// These bytes.
    Part(Range<usize>),
    /// Bytes that the file doesn't have.
    Outside,
}

impl Wanted {
    fn parse(range: &str, len: usize) -> Self {
        let number = |s: &str| s.bytes().all(|b| b.is_ascii_digit()).then(|| s.parse::<usize>().unwrap_or(usize::MAX));
        let Some((first, last)) = range.strip_prefix("bytes=").and_then(|r| r.trim().split_once('-')) else {
            return Self::Whole;
        };
        let range = match (first.is_empty(), number(first), last.is_empty(), number(last)) {
            (true, _, false, Some(suffix)) => len.saturating_sub(suffix)..len,
            (false, Some(first), true, _) => first..len,
            (false, Some(first), false, Some(last)) if first <= last => first..last.saturating_add(1).min(len),
            _ => return Self::Whole,
        };
        if range.start < range.end { Self::Part(range) } else { Self::Outside }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_as_the_standard_has_them() {
        for (text, expected) in [
            ("bytes=0-4", Wanted::Part(0..5)),
            ("bytes=5-", Wanted::Part(5..10)),
            ("bytes=-3", Wanted::Part(7..10)),
            ("bytes=-30", Wanted::Part(0..10)),
            ("bytes=3-99999999999999999999999", Wanted::Part(3..10)),
            ("bytes=10-", Wanted::Outside),
            ("bytes=-0", Wanted::Outside),
            ("bytes=4-3", Wanted::Whole),
            ("bytes=0-1,3-4", Wanted::Whole),
            ("items=0-1", Wanted::Whole),
            ("bytes=-", Wanted::Whole),
            ("bytes=a-b", Wanted::Whole),
        ] {
            assert_eq!(Wanted::parse(text, 10), expected, "{text}");
        }
        assert_eq!(Wanted::parse("bytes=0-", 0), Wanted::Outside);
    }
}
