//! What the reader's headers ask for: language, media type, coding, the address under which the service is seen.

use crate::core::model::Lang;
use crate::http::extract::values::Word;
use crate::http::front::Front;
use crate::http::problem::Problem;
use axum::http::{HeaderMap, StatusCode, header};

/// The language of messages: English when `Accept-Language` prefers it, else Chinese.
pub(crate) fn lang(headers: &HeaderMap) -> Lang {
    let weight = |code: &str| {
        weighted(headers, header::ACCEPT_LANGUAGE)
            .filter(|(range, _)| range.to_ascii_lowercase().starts_with(code))
            .map(|(_, q)| q)
            .fold(0.0, f32::max)
    };
    if weight("en") > weight("zh") { Lang::En } else { Lang::Zh }
}

/// Of the representations `(T, media type)` the one that is named (`f`), else the one that `Accept` likes best; the first
/// where it likes several alike. 406 where it likes none.
pub(crate) fn choose<T: Copy + PartialEq>(
    named: Option<Word<T>>,
    headers: &HeaderMap,
    offered: &[(T, &'static str)],
) -> Result<(&'static str, T), Problem> {
    if let Some(Word(named)) = named
        && let Some((form, media_type)) = offered.iter().find(|(form, _)| *form == named)
    {
        return Ok((media_type, *form));
    }
    let mut best: Option<(f32, usize)> = None;
    for (i, (_, media_type)) in offered.iter().enumerate() {
        let q = quality(headers, media_type);
        if q > best.map_or(0.0, |(b, _)| b) {
            best = Some((q, i));
        }
    }
    let (_, i) = best.ok_or_else(|| Problem::of_status(StatusCode::NOT_ACCEPTABLE))?;
    Ok((offered[i].1, offered[i].0))
}

/// Whether `Accept` allows a media type.
pub(crate) fn accepts(headers: &HeaderMap, media_type: &str) -> bool {
    quality(headers, media_type) > 0.0
}

/// How much `Accept` likes a media type, 0 to 1.
fn quality(headers: &HeaderMap, media_type: &str) -> f32 {
    if !headers.contains_key(header::ACCEPT) {
        return 1.0;
    }
    let essence = |t: &str| t.split(';').next().unwrap_or("").trim().to_ascii_lowercase();
    let wanted = essence(media_type);
    let family = format!("{}/*", wanted.split('/').next().unwrap_or(""));
    // the most specific range decides
    let of = |name: &str| {
        weighted(headers, header::ACCEPT).filter(|(range, _)| essence(range) == name).map(|(_, q)| q).reduce(f32::max)
    };
    of(&wanted).or_else(|| of(&family)).or_else(|| of("*/*")).unwrap_or(0.0)
}

/// Whether `Accept-Encoding` names a coding.
pub(crate) fn accepts_encoding(headers: &HeaderMap, coding: &str) -> bool {
    weighted(headers, header::ACCEPT_ENCODING).any(|(name, q)| name.eq_ignore_ascii_case(coding) && q > 0.0)
}

/// Whether `Accept-Encoding` names gzip and likes no other coding better.
pub(crate) fn prefers_gzip(headers: &HeaderMap) -> bool {
    let of = |coding: &str| {
        let named = weighted(headers, header::ACCEPT_ENCODING).filter(|(name, _)| name.eq_ignore_ascii_case(coding));
        named.map(|(_, q)| q).fold(0.0, f32::max)
    };
    of("gzip") > 0.0 && ["br", "zstd", "identity"].iter().all(|other| of("gzip") >= of(other))
}

fn weighted(headers: &HeaderMap, name: header::HeaderName) -> impl Iterator<Item = (&str, f32)> {
    let lines = headers.get_all(name).into_iter().filter_map(|v| v.to_str().ok());
    lines.flat_map(|line| line.split(',')).map(|item| {
        let (range, parameters) = item.split_once(';').unwrap_or((item, ""));
        let q = parameters.split(';').find_map(|p| p.trim().strip_prefix("q=").or(p.trim().strip_prefix("Q=")));
        (range.trim(), q.and_then(|q| q.trim().parse().ok()).unwrap_or(1.0))
    })
}

/// The address of the service as the reader sees it, without a slash at the end.
pub(crate) fn base_url(front: &Front, headers: &HeaderMap) -> String {
    front.base_url(headers)
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    #[test]
    fn the_best_liked_representation_wins_and_zero_means_no() {
        let offered = [('j', "application/json"), ('h', "text/html")];
        let choice = |accept: &str| {
            let headers = HeaderMap::from_iter([(header::ACCEPT, HeaderValue::from_str(accept).unwrap())]);
            choose(None, &headers, &offered).map(|c| c.1).ok()
        };
        assert_eq!(choice("text/html,application/xml;q=0.9,*/*;q=0.8"), Some('h'));
        assert_eq!(choice("*/*"), Some('j'));
        assert_eq!(choice("application/json;q=0, */*"), Some('h'));
        assert_eq!(choice("text/*;q=0.5, application/*;q=0.4"), Some('h'));
        assert_eq!(choice("image/png"), None);
        assert_eq!(choice("text/html;q=0"), None);
    }
}
