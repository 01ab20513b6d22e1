//! Answers kept for the next reader: tiles, zones, summaries, styles. An answer depends on the data's revision, what
//! the reader may see, the URL, `Accept` and the address of the service, so these are its key (`Key`); a new revision makes
//! the old answers unreachable.
//! Bounded in bytes; requested several times at once, an answer is made once. Compressed once too, at level 1: twice
//! the time of the tile itself, where level 6 would be six times.

use crate::core::query::{Disclosure, SAVED};
use crate::http::extract::context::Context;
use crate::http::extract::negotiate;
use crate::http::problem::Problem;
use crate::http::response::etag;
use axum::body::{Body, Bytes};
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use flate2::Compression;
use flate2::write::GzEncoder;
use http_body_util::BodyExt;
use moka::future::Cache;
use std::io::Write as _;
use std::sync::{Arc, OnceLock};

/// Bytes kept.
const BYTES: u64 = 128 << 20;
/// A shorter body is not worth compressing.
const WORTH_COMPRESSING: usize = 1400;
/// A longer body is left to the compression layer, which streams.
const LARGEST: usize = 4 << 20;

/// Kept answers.
pub(crate) type Memory = Cache<Key, Arc<Kept>>;

/// One answer.
#[derive(Debug)]
pub(crate) struct Kept {
    status: StatusCode,
    headers: HeaderMap,
    body: Bytes,
    gzip: OnceLock<Option<Bytes>>,
}

pub(crate) fn memory() -> Memory {
    // the compressed copy is counted beforehand: half of the body and a little for the key
    let weight =
        |key: &Key, kept: &Arc<Kept>| u32::try_from(key.bytes() + 512 + kept.body.len() * 3 / 2).unwrap_or(u32::MAX);
    Cache::builder().max_capacity(BYTES).weigher(weight).build()
}

/// What an answer depends on. A snapshot that is cut to districts has a revision of its own; its codes are in the key
/// all the same, so that no reader's answer hangs on that alone.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(crate) struct Key {
    revision: String,
    disclosure: Disclosure,
    scope: Option<Vec<String>>,
    base: String,
    accept: String,
    uri: String,
}

impl Key {
    fn new(context: &Context, headers: &HeaderMap, uri: &Uri) -> Self {
        Self {
            revision: context.describe().revision.clone(),
            disclosure: context.disclosure(),
            scope: context.reader().scope().map(<[String]>::to_vec),
            base: negotiate::base_url(context, headers),
            accept: headers.get(header::ACCEPT).and_then(|v| v.to_str().ok()).unwrap_or("").to_owned(),
            uri: uri.to_string(),
        }
    }

    fn bytes(&self) -> usize {
        let scope = self.scope.iter().flatten().map(|code| code.len() + size_of::<String>()).sum::<usize>();
        size_of::<Self>() + self.revision.len() + scope + self.base.len() + self.accept.len() + self.uri.len()
    }
}

/// Around resources whose answers are kept. They speak no language, so `Accept-Language` is not in the key.
pub(crate) async fn remember(context: Context, mut request: Request, next: Next) -> Response {
    if request.method() != Method::GET || names_saved(request.uri()) {
        return next.run(request).await;
    }
    let key = Key::new(&context, request.headers(), request.uri());
    let headers = request.headers().clone();
    request.headers_mut().remove(header::IF_NONE_MATCH);
    let mut made = false;
    let making = async {
        made = true;
        keep(next.run(request).await).await
    };
    let kept = context.0.resources.memory.try_get_with(key, making).await;
    context.metrics.looked_up(!made);
    match kept {
        Ok(kept) => kept.answer(&headers),
        Err(problem) => Problem::clone(&problem).into_response(),
    }
}

/// Where an answer is kept that is sent in parts while it is made: of these the last one only, which says all.
pub(crate) struct Place(Option<(Memory, Key)>);

impl Place {
    pub(crate) fn of(context: &Context, headers: &HeaderMap, uri: &Uri) -> Self {
        Self((!names_saved(uri)).then(|| (context.0.resources.memory.clone(), Key::new(context, headers, uri))))
    }

    /// What was kept there.
    pub(crate) async fn answer(&self, headers: &HeaderMap) -> Option<Response> {
        let (memory, key) = self.0.as_ref()?;
        memory.get(key).await.map(|kept| kept.answer(headers))
    }

    /// Keeps it there.
    pub(crate) async fn keep(self, headers: HeaderMap, body: Bytes) {
        if let Some((memory, key)) = self.0 {
            let kept = Kept { status: StatusCode::OK, headers, body, gzip: OnceLock::new() };
            memory.insert(key, Arc::new(kept)).await;
        }
    }
}

/// Whether an address may name a saved area: that changes, and is not everybody's.
fn names_saved(uri: &Uri) -> bool {
    let text = uri.to_string();
    percent_encoding::percent_decode_str(&text).decode_utf8_lossy().contains(SAVED)
}

async fn keep(response: Response) -> Result<Arc<Kept>, Problem> {
    let (parts, body) = response.into_parts();
    if !parts.status.is_success() {
        return Err(parts.extensions.get::<Problem>().cloned().unwrap_or_else(|| Problem::of_status(parts.status)));
    }
    let body = body.collect().await.map_err(|_| Problem::of_status(StatusCode::INTERNAL_SERVER_ERROR))?.to_bytes();
    Ok(Arc::new(Kept { status: parts.status, headers: parts.headers, body, gzip: OnceLock::new() }))
}

impl Kept {
    fn answer(&self, request: &HeaderMap) -> Response {
        let mut headers = self.headers.clone();
        headers.remove(header::CONTENT_LENGTH);
        let etag = headers.get(header::ETAG).and_then(|v| v.to_str().ok()).unwrap_or("");
        if let Some(Ok(known)) = etag::known(request, etag).map(HeaderValue::try_from) {
            headers.insert(header::ETAG, known);
            return (StatusCode::NOT_MODIFIED, headers).into_response();
        }
        let gzip = negotiate::prefers_gzip(request);
        let packed = gzip.then(|| self.gzip.get_or_init(|| pack(&self.body))).and_then(Option::as_ref);
        if packed.is_some() {
            headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        }
        let body = packed.unwrap_or(&self.body).clone();
        (self.status, headers, Body::from(body)).into_response()
    }
}

fn pack(body: &Bytes) -> Option<Bytes> {
    if body.len() < WORTH_COMPRESSING || body.len() > LARGEST {
        return None;
    }
    let mut encoder = GzEncoder::new(Vec::with_capacity(body.len() / 2), Compression::fast());
    encoder.write_all(body).and_then(|()| encoder.finish()).ok().map(Bytes::from)
}
