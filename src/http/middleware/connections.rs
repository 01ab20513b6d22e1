//! Connections: so many at once, so many of one address, and none that only waits. A client that sends its request too
//! slowly, or does not take its answer, gives its place to others; where all places are taken, whoever has been silent
//! longest gives way at once.

use axum::Router;
use axum::body::{Body, Bytes, HttpBody};
use hyper::Request;
use hyper::body::{Frame, Incoming, SizeHint};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use std::collections::HashMap;
use std::io;
use std::net::IpAddr;
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, Sleep, sleep};
use tower::ServiceExt;

/// A client that takes nothing of its answer for so long has gone.
const TAKEN: Duration = Duration::from_secs(30);
/// Bytes of a request's head that are read before it is refused; `envelope` refuses sooner, with a document.
const HEAD_BYTES: usize = 64 << 10;
/// Bytes that have to come for a body to go on.
const GOES_ON: usize = 1 << 10;

/// How many connections there may be, and how long they may keep the service waiting.
#[derive(Clone, Debug)]
pub struct Connections {
    /// At once. Below the 1,024 files that a process may usually open.
    pub most: usize,
    /// Of one address at once; of IPv6 the first 64 bits are the address.
    pub most_of_one: usize,
    /// A request's head must be there after so long, and a connection between two requests is kept so long.
    pub head: Duration,
    /// A body of which too little came for so long is given up.
    pub body: Duration,
    /// Addresses that speak for many readers, as proxies in front of the service do: each may have all places.
    pub proxies: Vec<IpAddr>,
    /// Whether such a proxy is on this machine.
    pub local_proxy: bool,
}

impl Default for Connections {
    fn default() -> Self {
        Self {
            most: 960,
            most_of_one: 256,
            head: Duration::from_secs(20),
            body: Duration::from_secs(10),
            proxies: vec![],
            local_proxy: false,
        }
    }
}

/// Where a request comes from: the other end of the connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Peer(pub IpAddr);

/// Whether a request's body stopped coming.
#[derive(Clone, Debug, Default)]
pub(crate) struct Stalled(Arc<AtomicBool>);

impl Stalled {
    pub(crate) fn is_set(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

impl Connections {
    /// Serves until stopped, then lets the requests under way end.
    pub async fn serve(self, listener: TcpListener, router: Router, stop: impl Future<Output = ()>) {
        let mut stop = pin!(stop);
        let open = Open::new(self);
        let graceful = GracefulShutdown::new();
        let mut http = http1::Builder::new();
        http.timer(TokioTimer::new()).header_read_timeout(open.limits.head).max_buf_size(HEAD_BYTES);
        loop {
            let next = async {
                let (stream, address) = listener.accept().await?;
                Ok::<_, io::Error>(open.place(address.ip()).await.map(|held| (stream, held)))
            };
            let next = tokio::select! {
                next = next => next,
                () = &mut stop => break,
            };
            let (stream, held) = match next {
                Ok(Some(both)) => both,
                // the address has its share: closed without an answer, which costs nothing
                Ok(None) => continue,
                Err(e) => {
                    // out of files, or a client that left at once: the next may do better
                    tracing::warn!(error = %e, "a connection was not accepted");
                    sleep(Duration::from_millis(50)).await;
                    continue;
                }
            };
            // answers are written whole: waiting for more to send would only delay the last of them
            let _ = stream.set_nodelay(true);
            let io = TokioIo::new(Patient { stream, waiting: None, held: held.clone() });
            let (router, of) = (router.clone(), held.clone());
            let service = service_fn(move |request: Request<Incoming>| {
                let (router, held) = (router.clone(), of.clone());
                async move {
                    let _working = Working::begin(&held, request.body().is_end_stream());
                    router.oneshot(received(request, &held)).await
                }
            });
            let connection = graceful.watch(http.serve_connection(io, service));
            tokio::spawn(async move {
                tokio::select! {
                    ended = connection => if let Err(e) = ended {
                        tracing::debug!(error = %e, "a connection ended early");
                    },
                    () = held.close.notified() => tracing::debug!(peer = %held.peer, "a silent connection gave way"),
                }
            });
        }
        drop(listener);
        graceful.shutdown().await;
    }
}

/// The connections that are open.
#[derive(Debug)]
struct Open {
    limits: Arc<Connections>,
    places: Arc<Semaphore>,
    begun: Instant,
    /// How many each address has.
    shares: Arc<Mutex<HashMap<IpAddr, usize>>>,
    held: Mutex<Vec<Weak<Held>>>,
}

/// One of them, with its place.
#[derive(Debug)]
struct Held {
    peer: IpAddr,
    limits: Arc<Connections>,
    begun: Instant,
    /// When bytes last went either way, in milliseconds since the service began.
    moved: AtomicU64,
    /// Whether the service is at work for it, so that the silence is ours.
    working: AtomicBool,
    close: Notify,
    shares: Arc<Mutex<HashMap<IpAddr, usize>>>,
    _place: OwnedSemaphorePermit,
}

impl Open {
    fn new(limits: Connections) -> Self {
        Self {
            places: Arc::new(Semaphore::new(limits.most)),
            limits: Arc::new(limits),
            begun: Instant::now(),
            shares: Arc::default(),
            held: Mutex::default(),
        }
    }

    /// A place for a connection; none where its address has its share. Where all are taken, the one that was silent longest
    /// gives way; where the service is at work for all, the next that ends does.
    async fn place(&self, peer: IpAddr) -> Option<Arc<Held>> {
        let (address, limits) = (address(peer), &self.limits);
        let exempt = limits.proxies.contains(&peer) || (limits.local_proxy && peer.is_loopback());
        if !exempt && lock(&self.shares).get(&address).is_some_and(|n| *n >= limits.most_of_one) {
            return None;
        }
        let place = if let Ok(place) = self.places.clone().try_acquire_owned() {
            place
        } else {
            self.close_one();
            self.places.clone().acquire_owned().await.ok()?
        };
        *lock(&self.shares).entry(address).or_default() += 1;
        let held = Arc::new(Held {
            peer,
            limits: limits.clone(),
            begun: self.begun,
            moved: AtomicU64::default(),
            working: AtomicBool::default(),
            close: Notify::new(),
            shares: self.shares.clone(),
            _place: place,
        });
        held.moves();
        let mut all = lock(&self.held);
        if all.len() >= 2 * limits.most {
            all.retain(|h| h.strong_count() > 0);
        }
        all.push(Arc::downgrade(&held));
        Some(held)
    }

    fn close_one(&self) {
        let mut all = lock(&self.held);
        all.retain(|h| h.strong_count() > 0);
        let silent = all.iter().filter_map(Weak::upgrade).filter(|h| !h.working.load(Ordering::Relaxed));
        if let Some(longest) = silent.min_by_key(|h| h.moved.load(Ordering::Relaxed)) {
            longest.close.notify_one();
        }
    }
}

impl Held {
    /// Bytes go one way or the other.
    fn moves(&self) {
        self.moved.store(self.begun.elapsed().as_millis() as u64, Ordering::Relaxed);
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        let mut shares = lock(&self.shares);
        let address = address(self.peer);
        let left = shares.get_mut(&address).map_or(0, |n| {
            *n = n.saturating_sub(1);
            *n
        });
        if left == 0 {
            shares.remove(&address);
        }
    }
}

/// What a share is of: one client has 2^64 addresses of IPv6.
fn address(ip: IpAddr) -> IpAddr {
    match ip.to_canonical() {
        IpAddr::V6(v6) => IpAddr::V6((v6.to_bits() >> 64 << 64).into()),
        v4 @ IpAddr::V4(_) => v4,
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // counts and lists: no panic leaves them half changed
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// While the service is at work for a connection.
struct Working(Arc<Held>);

impl Working {
    /// `whole`: the request has come to its end.
    fn begin(held: &Arc<Held>, whole: bool) -> Self {
        held.working.store(whole, Ordering::Relaxed);
        Self(held.clone())
    }
}

impl Drop for Working {
    fn drop(&mut self) {
        self.0.working.store(false, Ordering::Relaxed);
    }
}

/// A request with its sender, and a body that must go on.
fn received(request: Request<Incoming>, held: &Arc<Held>) -> Request<Body> {
    let (mut parts, body) = request.into_parts();
    let stalled = Stalled::default();
    parts.extensions.insert(Peer(held.peer));
    parts.extensions.insert(stalled.clone());
    if body.is_end_stream() {
        return Request::from_parts(parts, Body::empty());
    }
    let waiting = Box::pin(sleep(held.limits.body));
    Request::from_parts(parts, Body::new(Going { body, held: held.clone(), stalled, waiting, come: 0 }))
}

/// A body of which something must come.
struct Going {
    body: Incoming,
    held: Arc<Held>,
    stalled: Stalled,
    waiting: Pin<Box<Sleep>>,
    /// Bytes since the time began.
    come: usize,
}

impl HttpBody for Going {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let said = Pin::new(&mut self.body).poll_frame(cx);
        if let Poll::Ready(said) = said {
            let length = said.as_ref().and_then(|f| f.as_ref().ok()?.data_ref()).map_or(0, Bytes::len);
            self.come += length;
            if self.come >= GOES_ON {
                self.come = 0;
                let next = Instant::now() + self.held.limits.body;
                self.waiting.as_mut().reset(next);
            }
            // what comes now is the service's work
            let ended = said.is_none() || self.body.is_end_stream();
            self.held.working.store(ended, Ordering::Relaxed);
            return Poll::Ready(said.map(|frame| frame.map_err(axum::Error::new)));
        }
        match self.waiting.as_mut().poll(cx) {
            Poll::Ready(()) => {
                self.stalled.0.store(true, Ordering::Relaxed);
                let late = io::Error::from(io::ErrorKind::TimedOut);
                Poll::Ready(Some(Err(axum::Error::new(late))))
            }
            Poll::Pending => Poll::Pending,
        }
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// A stream whose other end must take what is written.
struct Patient {
    stream: TcpStream,
    waiting: Option<Pin<Box<Sleep>>>,
    held: Arc<Held>,
}

impl Patient {
    /// Passes on what writing said; fails when it has said "later" for too long.
    fn watch<T>(&mut self, cx: &mut Context<'_>, said: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        if said.is_ready() {
            self.waiting = None;
            self.held.moves();
            return said;
        }
        let waiting = self.waiting.get_or_insert_with(|| Box::pin(sleep(TAKEN)));
        match waiting.as_mut().poll(cx) {
            Poll::Ready(()) => Poll::Ready(Err(io::ErrorKind::TimedOut.into())),
            Poll::Pending => Poll::Pending,
        }
    }
}

impl AsyncRead for Patient {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, to: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let said = Pin::new(&mut self.stream).poll_read(cx, to);
        if said.is_ready() {
            self.held.moves();
        }
        said
    }
}

impl AsyncWrite for Patient {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, from: &[u8]) -> Poll<io::Result<usize>> {
        let said = Pin::new(&mut self.stream).poll_write(cx, from);
        self.watch(cx, said)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        from: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let said = Pin::new(&mut self.stream).poll_write_vectored(cx, from);
        self.watch(cx, said)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
