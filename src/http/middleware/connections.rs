//! Connections: so many at once, so many of one address, and none that only waits. A client that sends its request too
//! slowly, or does not take its answer, gives its place to others; where all places are taken, whoever has been silent
//! longest gives way at once.

use super::proxied;
use crate::http::front;
use crate::http::tls::{Certificate, H2};
use axum::Router;
use axum::body::{Body, Bytes, HttpBody};
use axum::http::request::Parts;
use axum::http::{HeaderValue, Response, StatusCode, Uri, Version, header};
use axum::response::IntoResponse;
use http_body_util::BodyExt;
use hyper::Request;
use hyper::body::{Frame, Incoming, SizeHint};
use hyper::server::conn::{http1, http2};
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use ipnet::IpNet;
use std::collections::HashMap;
use std::convert::Infallible;
use std::io;
use std::net::IpAddr;
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, Weak};
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Handle;
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, Sleep, sleep, timeout};
use tokio_rustls::TlsAcceptor;
use tower::ServiceExt;

/// A client that takes nothing of its answer for so long has gone.
const TAKEN: Duration = Duration::from_secs(30);
/// Requests that one connection of HTTP/2 may have under way.
const STREAMS: u32 = 100;
/// What a client of TLS sends first.
const HANDSHAKE: u8 = 0x16;
/// Bytes of a request's head that are read before it is refused; `envelope` refuses sooner, with a document.
const HEAD_BYTES: usize = 64 << 10;
/// Bytes that have to come for a body to go on.
const GOES_ON: usize = 1 << 10;
/// What still comes after the answer is read for so long.
const REST: Duration = Duration::from_mins(1);

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
    /// Networks of proxies that begin each connection with a header of the PROXY protocol: it is of the address that stands there.
    pub proxy_protocol: Vec<IpNet>,
    /// With what connections are encrypted; without it they are not.
    pub tls: Option<Arc<Certificate>>,
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
            proxy_protocol: vec![],
            tls: None,
        }
    }
}

/// Where a request comes from: the other end of the connection, or what a proxy has said of it by the PROXY protocol.
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
    /// Whether an address speaks for many readers.
    fn may_have_all(&self, peer: IpAddr) -> bool {
        self.proxies.contains(&peer) || (self.local_proxy && peer.is_loopback())
    }

    /// Whether a connection from there says first whose it is.
    fn begins_with_header(&self, peer: IpAddr) -> bool {
        self.proxy_protocol.iter().any(|network| network.contains(&peer.to_canonical()))
    }

    /// Serves until stopped, then lets the requests under way end.
    pub async fn serve(self, listener: TcpListener, router: Router, stop: impl Future<Output = ()>) {
        let mut stop = pin!(stop);
        let open = Open::new(self);
        let graceful = GracefulShutdown::new();
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
            let connection = speak(stream, held.clone(), router.clone(), graceful.watcher());
            tokio::spawn(async move {
                tokio::select! {
                    ended = connection => if let Err(e) = ended {
                        tracing::debug!(error = %e, "a connection ended early");
                    },
                    () = held.close.notified() => tracing::debug!(peer = %held.peer(), "a silent connection gave way"),
                }
            });
        }
        drop(listener);
        graceful.shutdown().await;
    }
}

type Failed = Box<dyn std::error::Error + Send + Sync>;

/// Speaks with a client to the end: HTTP/1.1, or over TLS what both can. Who speaks plain HTTP where there is TLS is sent there.
async fn speak(mut stream: TcpStream, held: Arc<Held>, router: Router, watcher: Watcher) -> Result<(), Failed> {
    let (tls, head) = (held.limits.tls.clone(), held.limits.head);
    if held.limits.begins_with_header(held.peer()) {
        match timeout(head, proxied::source(&mut stream)).await? {
            // the address has its share
            Ok(Some(reader)) if !held.passes_to(reader) => return Ok(()),
            Ok(_) => {}
            // one of the two settings is wrong, and nobody is served until it is right
            Err(e) if e.kind() == io::ErrorKind::InvalidData => {
                tracing::warn!(proxy = %held.peer(), "{e}");
                return Ok(());
            }
            Err(e) => return Err(e.into()),
        }
    }
    let plain = |stream| Patient { stream, waiting: None, held: held.clone() };
    let Some(tls) = tls else { return http_1(plain(stream), &held, router, watcher).await };
    let mut first = [0];
    if timeout(head, stream.peek(&mut first)).await?? == 0 {
        return Ok(());
    }
    if first[0] != HANDSHAKE {
        let elsewhere = Router::new().fallback(encrypted);
        return http_1(plain(stream), &held, elsewhere, watcher).await;
    }
    let stream = timeout(head, TlsAcceptor::from(tls.config()).accept(plain(stream))).await??;
    if stream.get_ref().1.alpn_protocol() == Some(H2) {
        tokio::select! {
            ended = http_2(stream, &held, router, watcher) => ended,
            () = held.silent() => Ok(()),
        }
    } else {
        http_1(stream, &held, router, watcher).await
    }
}

async fn http_1<S>(stream: S, held: &Arc<Held>, router: Router, watcher: Watcher) -> Result<(), Failed>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(held.limits.head).max_buf_size(HEAD_BYTES);
    let service = service_fn(|request| answered(router.clone(), held.clone(), request));
    Ok(watcher.watch(http.serve_connection(TokioIo::new(stream), service)).await?)
}

async fn http_2<S>(stream: S, held: &Arc<Held>, router: Router, watcher: Watcher) -> Result<(), Failed>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let mut http = http2::Builder::new(TokioExecutor::new());
    http.timer(TokioTimer::new()).max_concurrent_streams(STREAMS).max_header_list_size(HEAD_BYTES as u32);
    let service = service_fn(|request| answered(router.clone(), held.clone(), request));
    Ok(watcher.watch(http.serve_connection(TokioIo::new(stream), service)).await?)
}

async fn answered(router: Router, held: Arc<Held>, request: Request<Incoming>) -> Result<Response<Body>, Infallible> {
    let working = Working::begin(held);
    router.oneshot(received(request, &working)).await
}

/// The answer to plain HTTP where there is TLS: the same address over TLS. What was sent is not taken: it may be a secret, and
/// was read by everybody on the way.
async fn encrypted(request: Request<Body>) -> axum::response::Response {
    let host = front::host(request.headers()).filter(|host| front::is_host(host));
    let path = request.uri().path_and_query().map_or("/", |p| p.as_str());
    let there = host.and_then(|host| HeaderValue::try_from(format!("https://{host}{path}")).ok());
    let head = [(header::CONTENT_TYPE, "text/plain; charset=utf-8"), (header::CONNECTION, "close")];
    let said = "此端口只接受 https。\nThis port speaks https only.\n";
    match there.filter(|_| request.method().is_safe()) {
        Some(there) => (StatusCode::PERMANENT_REDIRECT, [(header::LOCATION, there)], head, said).into_response(),
        None => (StatusCode::BAD_REQUEST, head, said).into_response(),
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
    /// The other end of the connection.
    end: IpAddr,
    /// Whose it is, where that is a proxy that says so.
    reader: OnceLock<IpAddr>,
    limits: Arc<Connections>,
    begun: Instant,
    /// When bytes last went either way, in milliseconds since the service began.
    moved: AtomicU64,
    /// Requests that the service is at work for, so that the silence is ours.
    working: AtomicUsize,
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
        if !limits.may_have_all(peer)
            && !limits.begins_with_header(peer)
            && lock(&self.shares).get(&address).is_some_and(|n| *n >= limits.most_of_one)
        {
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
            end: peer,
            reader: OnceLock::new(),
            limits: limits.clone(),
            begun: self.begun,
            moved: AtomicU64::default(),
            working: AtomicUsize::default(),
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
        let silent = all.iter().filter_map(Weak::upgrade).filter(|h| h.working.load(Ordering::Relaxed) == 0);
        if let Some(longest) = silent.min_by_key(|h| h.moved.load(Ordering::Relaxed)) {
            longest.close.notify_one();
        }
    }
}

impl Held {
    /// Whose the connection is.
    fn peer(&self) -> IpAddr {
        self.reader.get().copied().unwrap_or(self.end)
    }

    /// From here on the connection is of this address; not where the address has its share.
    fn passes_to(&self, reader: IpAddr) -> bool {
        let mut shares = lock(&self.shares);
        let taken = shares.get(&address(reader)).is_some_and(|n| *n >= self.limits.most_of_one);
        if taken && !self.limits.may_have_all(reader) {
            return false;
        }
        give_back(&mut shares, self.end);
        *shares.entry(address(reader)).or_default() += 1;
        let _ = self.reader.set(reader);
        true
    }

    /// Bytes go one way or the other.
    fn moves(&self) {
        self.moved.store(self.begun.elapsed().as_millis() as u64, Ordering::Relaxed);
    }

    /// Ends once nothing has gone either way for as long as a client may take to take something, and the service is not at work.
    /// HTTP/1.1 has limits of its own for that.
    async fn silent(&self) {
        loop {
            sleep(TAKEN).await;
            let now = self.begun.elapsed().as_millis() as u64;
            let moved = Duration::from_millis(now.saturating_sub(self.moved.load(Ordering::Relaxed)));
            if self.working.load(Ordering::Relaxed) == 0 && moved >= TAKEN {
                return;
            }
        }
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        give_back(&mut lock(&self.shares), self.peer());
    }
}

/// One connection of an address less.
fn give_back(shares: &mut HashMap<IpAddr, usize>, peer: IpAddr) {
    let address = address(peer);
    let left = shares.get_mut(&address).map_or(0, |n| {
        *n = n.saturating_sub(1);
        *n
    });
    if left == 0 {
        shares.remove(&address);
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

/// How far a request is: its body comes, the service is at work for it, it is answered.
const COMING: u8 = 0;
const AT_WORK: u8 = 1;
const ANSWERED: u8 = 2;

/// A request of a connection, which may have several at once.
struct Progress {
    held: Arc<Held>,
    stage: AtomicU8,
}

impl Progress {
    /// The body has come to its end: what is waited for now is the service's work.
    fn has_come(&self) {
        if self.stage.compare_exchange(COMING, AT_WORK, Ordering::Relaxed, Ordering::Relaxed).is_ok() {
            self.held.working.fetch_add(1, Ordering::Relaxed);
        }
    }
}

/// Until this is dropped the request is not answered.
struct Working(Arc<Progress>);

impl Working {
    fn begin(held: Arc<Held>) -> Self {
        Self(Arc::new(Progress { held, stage: AtomicU8::new(COMING) }))
    }
}

impl Drop for Working {
    fn drop(&mut self) {
        if self.0.stage.swap(ANSWERED, Ordering::Relaxed) == AT_WORK {
            self.0.held.working.fetch_sub(1, Ordering::Relaxed);
        }
    }
}

/// A request with its sender, and a body that must go on.
fn received(request: Request<Incoming>, working: &Working) -> Request<Body> {
    let (mut parts, body) = request.into_parts();
    let (progress, stalled) = (working.0.clone(), Stalled::default());
    if parts.version == Version::HTTP_2 {
        as_in_http_1(&mut parts);
    }
    parts.extensions.insert(Peer(progress.held.peer()));
    parts.extensions.insert(stalled.clone());
    if body.is_end_stream() {
        progress.has_come();
        return Request::from_parts(parts, Body::empty());
    }
    let waiting = Box::pin(sleep(progress.held.limits.body));
    // HTTP/2 ends a stream alone; who asked first has sent nothing yet
    let ends_with_it = parts.version != Version::HTTP_2 && !parts.headers.contains_key(header::EXPECT);
    Request::from_parts(parts, Body::new(Going { body: Some(body), progress, stalled, waiting, come: 0, ends_with_it }))
}

/// HTTP/2 names the host in the address. A `Host` that says the same may stand beside it; one that says something else is found as a
/// second (RFC 9113, 8.3.1).
fn as_in_http_1(parts: &mut Parts) {
    let named = parts.uri.authority().and_then(|a| HeaderValue::from_str(a.as_str()).ok());
    if let Some(named) = named.filter(|named| parts.headers.get(header::HOST) != Some(named)) {
        parts.headers.append(header::HOST, named);
    }
    if let Some(path) = parts.uri.path_and_query() {
        parts.uri = Uri::from(path.clone());
    }
}

/// A body of which something must come.
struct Going {
    /// Until this is dropped.
    body: Option<Incoming>,
    progress: Arc<Progress>,
    stalled: Stalled,
    waiting: Pin<Box<Sleep>>,
    /// Bytes since the time began.
    come: usize,
    /// Whether the connection ends where the body is not read to its end.
    ends_with_it: bool,
}

impl Drop for Going {
    /// Reads what still comes after an answer that did not need it, and leaves it. A connection that is closed while its client
    /// sends is reset: the client, or a proxy in its place, may lose the answer and report that the service failed.
    fn drop(&mut self) {
        let unread = |body: &Incoming| !body.is_end_stream() && self.ends_with_it && !self.stalled.is_set();
        let (Some(mut rest), Ok(runtime)) = (self.body.take().filter(unread), Handle::try_current()) else { return };
        runtime.spawn(timeout(REST, async move { while let Some(Ok(_)) = rest.frame().await {} }));
    }
}

impl HttpBody for Going {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let Some(body) = &mut self.body else { return Poll::Ready(None) };
        let said = Pin::new(body).poll_frame(cx);
        if let Poll::Ready(said) = said {
            let length = said.as_ref().and_then(|f| f.as_ref().ok()?.data_ref()).map_or(0, Bytes::len);
            self.come += length;
            if self.come >= GOES_ON {
                self.come = 0;
                let next = Instant::now() + self.progress.held.limits.body;
                self.waiting.as_mut().reset(next);
            }
            if said.is_none() || self.is_end_stream() {
                self.progress.has_come();
            }
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
        self.body.as_ref().is_none_or(Incoming::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.body.as_ref().map(Incoming::size_hint).unwrap_or_default()
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
