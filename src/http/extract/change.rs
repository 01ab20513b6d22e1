//! Requests that change something: taken from the service's own page and from programs only, without parameters, their body
//! JSON. The body is read when the handler asks for it, so that whoever may not do it learns that first.

use crate::http::extract::body;
use crate::http::extract::context::Context;
use crate::http::extract::params::Params;
use crate::http::middleware::cors;
use crate::http::problem::Problem;
use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};
use serde::de::DeserializeOwned;
use std::marker::PhantomData;

/// Codings that a tag may have been given on its way.
const CODINGS: [&str; 4] = ["-gzip", "-br", "-zstd", "-deflate"];

/// The tag of the state that the sender has seen (`If-Match`).
pub(crate) fn seen(headers: &HeaderMap) -> Result<String, Problem> {
    let given = headers.get(header::IF_MATCH).and_then(|v| v.to_str().ok()).map(|tag| tag.trim().trim_matches('"'));
    let tag = given.ok_or_else(|| {
        Problem::new(
            StatusCode::PRECONDITION_REQUIRED,
            "if-match-needed",
            "请求须带 If-Match:所见状态的 ETag。",
            "The request needs If-Match with the ETag of the state that was seen.",
        )
    })?;
    Ok(CODINGS.iter().find_map(|coding| tag.strip_suffix(coding)).unwrap_or(tag).to_owned())
}

/// A request of the service's own page or of a program.
pub(crate) struct SameOrigin;

impl<S: Sync> FromRequestParts<S> for SameOrigin {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let context = Context::from_request_parts(parts, state).await?;
        cors::may_change(&context, &parts.headers).map(|()| Self)
    }
}

/// A change, with what its body says.
pub(crate) struct Change<T = ()> {
    headers: HeaderMap,
    bytes: Bytes,
    body: PhantomData<fn() -> T>,
}

impl<S: Send + Sync, T> FromRequest<S> for Change<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let (mut parts, body) = request.into_parts();
        Params::from_request_parts(&mut parts, state).await?.finish()?;
        let SameOrigin = SameOrigin::from_request_parts(&mut parts, state).await?;
        let headers = parts.headers.clone();
        let bytes = Bytes::from_request(Request::from_parts(parts, body), state).await;
        let bytes = bytes.map_err(|e| Problem::of_status(e.status()))?;
        Ok(Self { headers, bytes, body: PhantomData })
    }
}

impl<T: DeserializeOwned> Change<T> {
    /// What the body says.
    pub(crate) fn body(&self) -> Result<T, Problem> {
        body::json(&self.headers, &self.bytes)
    }
}
