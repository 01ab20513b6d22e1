//! Files of all rows that match, sent while they are made: part by part, only when the reader has taken the one before.
//! A reader that leaves ends the work.

use crate::core::geometry::Crs;
use crate::core::query::{Bound, Selection};
use crate::data::bulk::{Bulk, Format};
use crate::http::extract::space;
use crate::http::problem::Problem;
use crate::http::response::answer::{Answer, Form, Reply, attachment};
use crate::service::clock;
use crate::service::task::{Cancellable, cancellable};
use axum::body::{Body, Bytes, HttpBody};
use axum::http::StatusCode;
use hyper::body::Frame;
use std::fs::File;
use std::io::{self, Read};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use tempfile::NamedTempFile;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Downloads at once: each holds some 20 MB at most, and a GeoPackage a file.
pub(crate) const MOST: usize = 32;
/// Bytes of a finished file that are sent at once.
const CHUNK: usize = 256 << 10;

/// What is wanted: the form, the reference system, the first row and how many.
pub(crate) struct Wanted {
    pub(crate) format: Format,
    pub(crate) crs: Crs,
    pub(crate) offset: usize,
    pub(crate) limit: usize,
}

/// Answers with a file of the rows that match.
pub(crate) fn answer(reply: &Reply, bound: &Bound, wanted: &Wanted) -> Answer {
    let format = wanted.format;
    // a package says when it was made
    let form = Form { stamped: format == Format::GeoPackage, ..Form::plain(format.media_type()) };
    let places: &Arc<Semaphore> = &reply.context.0.resources.downloads;
    let mut response = reply.stream(form, || {
        let place = places.clone().try_acquire_owned().map_err(|_| {
            Problem::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "busy",
                "正在下载的文件太多,请稍后重试。",
                "Too many files are being downloaded; try again later.",
            )
        })?;
        let work = Work::new(bound, wanted)?;
        let rows = work.selection.rows().len();
        reply.context.took(&work.selection.spec().id, rows, Some(bound.question()));
        Ok(Body::new(Download { state: State::Idle(Box::new(work)), _place: place }))
    })?;
    let about = bound.describe();
    let id = &about.collections[bound.collection()].spec.id;
    attachment(&mut response, &format!("{}-{id}.{}", about.manifest.id, format.extension()));
    space::content_crs(&mut response, wanted.crs);
    Ok(response)
}

/// A file in the making, with the rows that go into it.
struct Work {
    selection: Selection,
    bulk: Bulk,
    more: bool,
    /// What a package is written to: in the making, then being sent.
    making: Option<NamedTempFile>,
    sending: Option<File>,
}

impl Work {
    fn new(bound: &Bound, wanted: &Wanted) -> Result<Self, Problem> {
        let selection = bound.select(wanted.offset, wanted.limit);
        let making = (wanted.format == Format::GeoPackage).then(NamedTempFile::new).transpose();
        let making = making.map_err(|e| {
            tracing::error!(error = %e, "no temporary file for a GeoPackage");
            Problem::of_status(StatusCode::INTERNAL_SERVER_ERROR)
        })?;
        let file = making.as_ref().map(NamedTempFile::path);
        let at = clock::now().to_string();
        let bulk = Bulk::new(wanted.format, &selection, wanted.crs, file, &at)?;
        Ok(Self { selection, bulk, more: true, making, sending: None })
    }

    /// The next bytes; `None` at the end.
    fn next(&mut self) -> io::Result<Option<Vec<u8>>> {
        let mut out = Vec::new();
        if self.more {
            let made = self.bulk.part(&self.selection, &mut out);
            self.more = made.map_err(io::Error::other)?;
            if let (false, Some(file)) = (self.more, self.making.as_mut()) {
                self.sending = Some(file.reopen()?);
            }
            return Ok(Some(out));
        }
        let Some(file) = &mut self.sending else { return Ok(None) };
        file.take(CHUNK as u64).read_to_end(&mut out)?;
        Ok((!out.is_empty()).then_some(out))
    }
}

type Step = (Box<Work>, io::Result<Option<Vec<u8>>>);

enum State {
    Idle(Box<Work>),
    /// A part in the making, which is cancelled when the reader leaves.
    Busy(Cancellable<Step>),
    Over,
}

/// The body of a download. Each part is made off the threads that serve, when it is requested.
struct Download {
    state: State,
    _place: OwnedSemaphorePermit,
}

impl HttpBody for Download {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        loop {
            match std::mem::replace(&mut self.state, State::Over) {
                State::Idle(mut work) => {
                    self.state = State::Busy(cancellable(move || {
                        let made = work.next();
                        (work, made)
                    }));
                }
                State::Busy(mut step) => match Pin::new(&mut step).poll(cx) {
                    Poll::Pending => {
                        self.state = State::Busy(step);
                        return Poll::Pending;
                    }
                    Poll::Ready(Ok((work, Ok(Some(bytes))))) => {
                        self.state = State::Idle(work);
                        if !bytes.is_empty() {
                            return Poll::Ready(Some(Ok(Frame::data(bytes.into()))));
                        }
                    }
                    Poll::Ready(Ok((_, Ok(None)))) => return Poll::Ready(None),
                    Poll::Ready(Ok((_, Err(e)))) => return Poll::Ready(Some(Err(broken(&e)))),
                    Poll::Ready(Err(e)) => return Poll::Ready(Some(Err(broken(&e)))),
                },
                State::Over => return Poll::Ready(None),
            }
        }
    }
}

/// The connection is cut, so that nobody takes a part for the whole.
fn broken(e: &dyn std::error::Error) -> io::Error {
    tracing::error!(error = %e, "a download broke off");
    io::Error::other("the file could not be made")
}
