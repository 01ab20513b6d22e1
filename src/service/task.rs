//! Work outside the threads that serve requests: what waits for the disk, and what draws.

use crate::core::cancel::{Cancel, Cancelled};
use std::num::NonZero;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::thread;
use thiserror::Error;
use tokio::sync::Semaphore;
use tokio::task::{JoinHandle, spawn_blocking};

/// A task ended without a result: it panicked, or the service stops.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[error("a background task ended without a result")]
pub struct TaskFailed;

/// Work on a thread of its own, which has begun; the future is its result.
#[derive(Debug)]
pub struct Blocking<T>(JoinHandle<T>);

impl<T> Future for Blocking<T> {
    type Output = Result<T, TaskFailed>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        Pin::new(&mut self.0).poll(cx).map_err(|_| TaskFailed)
    }
}

/// Runs work that waits for the disk or the processor on a thread of its own, to its end: when its future is dropped, too.
pub fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Blocking<T> {
    Blocking(spawn_blocking(work))
}

/// Work that is cancelled when this future is dropped.
#[derive(Debug)]
pub struct Cancellable<T> {
    work: Blocking<Result<T, Cancelled>>,
    cancel: Cancel,
}

impl<T> Future for Cancellable<T> {
    type Output = Result<T, TaskFailed>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        Pin::new(&mut self.work).poll(cx).map(|done| done?.map_err(|Cancelled| TaskFailed))
    }
}

impl<T> Drop for Cancellable<T> {
    fn drop(&mut self) {
        self.cancel.cancel();
    }
}

/// Runs work that only reads. When its future is dropped (the client has left, the request took too long), the work is
/// cancelled: it ends where it looks next (`core::cancel`), and does not begin when it waits for a thread.
pub fn cancellable<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Cancellable<T> {
    let cancel = Cancel::default();
    let token = cancel.clone();
    Cancellable { work: blocking(move || token.run(work)), cancel }
}

/// Why work got no render permit.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum PermitError {
    /// Too many wait already.
    #[error("too many pictures are being drawn")]
    Busy,
    /// The work ended without a result.
    #[error(transparent)]
    Failed(#[from] TaskFailed),
}

/// Permits to draw: as many as there are cores, for more would only take memory (the largest picture takes some 200 MB while it is
/// painted). Only so many requests wait.
#[derive(Clone, Debug)]
pub struct RenderPermits {
    drawing: Arc<Semaphore>,
    waiting: Arc<Semaphore>,
}

impl Default for RenderPermits {
    fn default() -> Self {
        let cores = thread::available_parallelism().map_or(1, NonZero::get);
        Self::new(cores.clamp(Self::LEAST, Self::MOST), Self::WAITING)
    }
}

impl RenderPermits {
    /// A short picture does not wait for one long file.
    const LEAST: usize = 2;
    /// 1.6 GB of pictures.
    const MOST: usize = 8;
    pub(crate) const WAITING: usize = 64;

    fn new(drawing: usize, waiting: usize) -> Self {
        Self { drawing: Arc::new(Semaphore::new(drawing)), waiting: Arc::new(Semaphore::new(drawing + waiting)) }
    }

    /// How many more could be drawn now.
    #[cfg(test)]
    pub(crate) fn free(&self) -> usize {
        self.drawing.available_permits()
    }

    /// Draws for a request, which is refused where too many wait.
    pub async fn run<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, PermitError> {
        let Ok(_place) = self.waiting.try_acquire() else { return Err(PermitError::Busy) };
        Ok(self.run_in_turn(work).await?)
    }

    /// Draws for a background job, which waits as long as it takes.
    pub async fn run_in_turn<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, TaskFailed> {
        let permit = self.drawing.clone().acquire_owned().await.map_err(|_| TaskFailed)?;
        // the permit goes with the work: when the request is dropped, it comes back when the work has ended
        cancellable(move || {
            let _permit = permit;
            work()
        })
        .await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc;
    use std::time::Duration;
    use tokio::time::timeout;

    #[tokio::test(flavor = "multi_thread")]
    async fn requests_beyond_the_queue_are_refused_and_jobs_wait() {
        let permits = RenderPermits::new(1, 1);
        let (release, held) = mpsc::channel::<()>();
        let spawn = |work: Box<dyn FnOnce() + Send>| {
            let permits = permits.clone();
            tokio::spawn(async move { permits.run(work).await })
        };
        let drawn = spawn(Box::new(move || held.recv().unwrap()));
        while permits.drawing.available_permits() > 0 {
            tokio::task::yield_now().await;
        }
        let queued = spawn(Box::new(|| ()));
        while permits.waiting.available_permits() > 0 {
            tokio::task::yield_now().await;
        }
        assert_eq!(permits.run(|| ()).await, Err(PermitError::Busy));
        let job = permits.run_in_turn(|| 7);
        tokio::pin!(job);
        assert!(timeout(Duration::from_millis(20), &mut job).await.is_err(), "no permit is free");
        release.send(()).unwrap();
        assert_eq!(job.await, Ok(7));
        assert_eq!((drawn.await.unwrap(), queued.await.unwrap()), (Ok(()), Ok(())));
    }

    /// Drops a future whose work has begun and looks whether it was cancelled, again and again: without cancellation it
    /// never ends.
    #[tokio::test(flavor = "multi_thread")]
    async fn dropped_work_ends_at_its_next_check_and_gives_its_permit_back() {
        let permits = RenderPermits::new(1, 1);
        let (begun, begins) = mpsc::channel::<()>();
        let dropped = permits.run(move || {
            let _ = begun.send(());
            loop {
                crate::core::cancel::check();
                std::thread::yield_now();
            }
        });
        let mut dropped = Box::pin(dropped);
        let _: Result<Result<(), _>, _> = timeout(Duration::from_millis(1), &mut dropped).await;
        tokio::task::spawn_blocking(move || begins.recv().unwrap()).await.unwrap();
        assert_eq!(permits.drawing.available_permits(), 0);
        drop(dropped);
        // the permit is free again, so that the next is drawn at all
        assert_eq!(permits.run(|| 1).await, Ok(1));
        let done = timeout(Duration::from_mins(1), cancellable(|| 2)).await;
        assert_eq!(done, Ok(Ok(2)));
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_dropped_request_keeps_its_permit_until_the_picture_is_painted() {
        let permits = RenderPermits::new(1, 1);
        let (release, held) = mpsc::channel::<()>();
        let begun = permits.run(move || held.recv().unwrap());
        assert!(timeout(Duration::from_millis(20), begun).await.is_err());
        assert_eq!(permits.drawing.available_permits(), 0);
        release.send(()).unwrap();
        assert_eq!(timeout(Duration::from_secs(5), permits.run(|| 1)).await, Ok(Ok(1)));
    }

    #[tokio::test]
    async fn work_that_panics_gives_its_permit_back() {
        let permits = RenderPermits::new(1, 1);
        let failed = permits.run(|| panic!("a picture that can't be drawn")).await;
        assert_eq!(failed, Err::<(), _>(PermitError::Failed(TaskFailed)));
        assert_eq!(permits.run(|| 1).await, Ok(1));
    }
}
