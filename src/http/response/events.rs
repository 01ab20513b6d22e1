//! Server-sent events: a body that is sent as it comes.

use axum::body::{Body, Bytes, HttpBody};
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use hyper::body::Frame;
use std::convert::Infallible;
use std::pin::Pin;
use std::task::{self, Poll};
use tokio::sync::mpsc;

/// What stands before events.
pub(crate) fn head() -> HeaderMap {
    // proxies that collect answers before they send them are asked not to
    let buffering = HeaderName::from_static("x-accel-buffering");
    [(header::CONTENT_TYPE, "text/event-stream"), (header::CACHE_CONTROL, "no-store"), (buffering, "no")]
        .map(|(name, value)| (name, HeaderValue::from_static(value)))
        .into_iter()
        .collect()
}

/// The answer whose body is what comes through the channel.
pub(crate) fn stream(receive: mpsc::Receiver<Bytes>) -> Response {
    (head(), Body::new(Events(receive))).into_response()
}

struct Events(mpsc::Receiver<Bytes>);

impl HttpBody for Events {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut task::Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        self.0.poll_recv(cx).map(|event| event.map(|bytes| Ok(Frame::data(bytes))))
    }
}
