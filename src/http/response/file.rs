//! Files that lie on the disk, sent as they are: whole, or the range of bytes that is requested.

use crate::http::problem::Problem;
use crate::http::response::answer::Answer;
use crate::http::response::range::{Wanted, wanted};
use crate::service::task::{Blocking, blocking};
use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use hyper::body::{Frame, SizeHint};
use std::fs::File;
use std::io;
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

/// Bytes that are read at a time.
const PIECE: u64 = 256 << 10;

/// Answers with a file, or a range of its bytes. Its tag is of its size and the moment at which it was written.
pub(crate) async fn file(headers: &HeaderMap, path: PathBuf, media_type: &'static str) -> Answer {
    let opened = blocking(move || {
        let file = File::open(&path)?;
        let about = file.metadata()?;
        let tag = format!("\"{:x}-{:x}-{:x}\"", about.len(), about.mtime(), about.mtime_nsec());
        io::Result::Ok((file, about.len(), tag))
    });
    let opened = opened.await.map_err(io::Error::other).flatten();
    let (file, length, tag) = opened.map_err(|e| {
        tracing::error!(error = %e, "a file can't be read");
        Problem::of_status(StatusCode::SERVICE_UNAVAILABLE)
    })?;
    let bytes = |from, to| Body::new(FileBody { file: Arc::new(file), at: from, end: to, reading: None });
    let (status, says, body) = match wanted(headers, &tag, length as usize) {
        Wanted::Whole => (StatusCode::OK, None, bytes(0, length)),
        Wanted::Part(r) => {
            let says = format!("bytes {}-{}/{length}", r.start, r.end - 1);
            (StatusCode::PARTIAL_CONTENT, Some(says), bytes(r.start as u64, r.end as u64))
        }
        Wanted::Outside => (StatusCode::RANGE_NOT_SATISFIABLE, Some(format!("bytes */{length}")), Body::empty()),
    };
    let fixed =
        [(header::CONTENT_TYPE, media_type), (header::ACCEPT_RANGES, "bytes"), (header::CACHE_CONTROL, "no-cache")];
    let mut response: Response = (status, fixed, [(header::ETAG, tag)], body).into_response();
    if let Some(says) = says.and_then(|s| HeaderValue::try_from(s).ok()) {
        response.headers_mut().insert(header::CONTENT_RANGE, says);
    }
    Ok(response)
}

/// Bytes of a file, read piece by piece off the threads that serve.
struct FileBody {
    file: Arc<File>,
    at: u64,
    end: u64,
    reading: Option<Blocking<io::Result<Bytes>>>,
}

impl hyper::body::Body for FileBody {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        if self.at >= self.end {
            return Poll::Ready(None);
        }
        let (at, n) = (self.at, PIECE.min(self.end - self.at) as usize);
        let file = self.file.clone();
        let reading = self.reading.get_or_insert_with(|| {
            blocking(move || {
                let mut piece = vec![0; n];
                file.read_exact_at(&mut piece, at)?;
                Ok(piece.into())
            })
        });
        let read = match Pin::new(reading).poll(cx) {
            Poll::Pending => return Poll::Pending,
            Poll::Ready(done) => done.map_err(io::Error::other).flatten(),
        };
        self.reading = None;
        self.at = if read.is_ok() { at + n as u64 } else { self.end };
        Poll::Ready(Some(read.map(Frame::data)))
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.end - self.at)
    }
}
