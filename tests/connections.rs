//! Connections that only wait: one client does not take the places of others, and the service answers whatever is held.

use crate::common::eventually;
use crate::common::service::Service;
use shigu::core::query::Disclosure;
use shigu::http::Connections;
use std::io::{Read, Write};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpStream};
use std::thread::JoinHandle;
use std::time::Duration;
use tokio::net::{TcpListener, TcpSocket};
use tokio::runtime::Runtime;
use tokio::sync::oneshot;

/// Two clients, as far as the service can tell.
const ONE: IpAddr = IpAddr::V4(Ipv4Addr::new(127, 0, 0, 2));
const OTHER: IpAddr = IpAddr::V4(Ipv4Addr::new(127, 0, 0, 3));
/// Far beyond what any answer takes; a test that waits so long has failed.
const FOR_EVER: Duration = Duration::from_mins(2);

/// The service on a socket, until it is dropped.
struct Served {
    at: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
    clients: Runtime,
}

impl Served {
    fn new(connections: Connections) -> Self {
        let (stop, stopped) = oneshot::channel::<()>();
        let (tell, told) = std::sync::mpsc::channel();
        let thread = std::thread::spawn(move || {
            Runtime::new().unwrap().block_on(async {
                let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
                tell.send(listener.local_addr().unwrap()).unwrap();
                let router = Service::open("tests/data/tinyville", Disclosure::Full).0;
                connections.serve(listener, router, async { drop(stopped.await) }).await;
            });
        });
        let clients = Runtime::new().unwrap();
        Self { at: told.recv().unwrap(), stop: Some(stop), thread: Some(thread), clients }
    }

    /// A connection from an address, on which these bytes have been sent.
    fn open(&self, from: IpAddr, bytes: &[u8]) -> TcpStream {
        let stream = self.clients.block_on(async {
            let socket = TcpSocket::new_v4().unwrap();
            socket.bind((from, 0).into()).unwrap();
            socket.connect(self.at).await.unwrap().into_std().unwrap()
        });
        stream.set_nonblocking(false).unwrap();
        stream.set_read_timeout(Some(FOR_EVER)).unwrap();
        // whether it is taken shows when it is read from
        let _ = (&stream).write_all(bytes);
        stream
    }

    fn healthz(&self, from: IpAddr) -> String {
        answer(self.open(from, b"GET /healthz HTTP/1.1\r\nHost: shigu.test\r\nConnection: close\r\n\r\n"))
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        drop(self.stop.take());
        let ended = self.thread.take().map(JoinHandle::join);
        assert!(std::thread::panicking() || matches!(ended, Some(Ok(()))));
    }
}

/// All that comes until the end of the connection; nothing where it is reset.
fn answer(mut stream: TcpStream) -> String {
    let mut out = Vec::new();
    match stream.read_to_end(&mut out) {
        Ok(_) => {}
        Err(e) => assert!(matches!(e.kind(), std::io::ErrorKind::ConnectionReset), "no answer and no end: {e}"),
    }
    String::from_utf8(out).unwrap()
}

fn is_ok(answer: &str) -> bool {
    answer.starts_with("HTTP/1.1 200") && answer.contains(r#"{"status":"ok""#)
}

/// Whether the connection is still held, some time after something else has been answered.
fn is_held(stream: &TcpStream) -> bool {
    stream.set_nonblocking(true).unwrap();
    let mut byte = [0];
    match stream.peek(&mut byte) {
        Err(e) => e.kind() == std::io::ErrorKind::WouldBlock,
        Ok(n) => n > 0,
    }
}

/// What a client can send and then leave at that: nothing, a part of a head, a part of a body.
const HALVES: [&[u8]; 3] = [
    b"",
    b"GET /summary HTTP/1.1\r\nHost: shigu.test\r\nX-Slow: ",
    b"POST /summary HTTP/1.1\r\nHost: shigu.test\r\nContent-Type: application/json\r\nContent-Length: 5000\r\n\r\n{\"zone\"",
];

#[test]
fn one_address_has_its_share_and_no_more() {
    let served = Served::new(Connections { most: 20, most_of_one: 8, ..Connections::default() });
    let held: Vec<TcpStream> = (0..8).map(|i| served.open(ONE, HALVES[i % 3])).collect();
    // each was taken before the next was: the ninth is closed, and only that
    assert_eq!(served.healthz(ONE), "");
    assert!(is_ok(&served.healthz(OTHER)));
    assert!(held.iter().all(is_held));
    drop(held);
    // what was given back can be had again
    eventually("giving back what is closed", || is_ok(&served.healthz(ONE)));
}

#[test]
fn a_proxy_has_as_many_as_there_are() {
    for connections in [
        Connections { most_of_one: 3, proxies: vec![ONE], ..Connections::default() },
        Connections { most_of_one: 3, local_proxy: true, ..Connections::default() },
    ] {
        let served = Served::new(connections);
        let held: Vec<TcpStream> = (0..9).map(|i| served.open(ONE, HALVES[i % 3])).collect();
        assert!(is_ok(&served.healthz(ONE)));
        assert!(held.iter().all(is_held));
    }
}

/// Connections that a proxy passes on count for the address that it names, and every one from it has to name one.
#[test]
fn a_proxy_that_says_whose_a_connection_is_is_believed_and_nobody_else() {
    const ASKED: &[u8] = b"GET /healthz HTTP/1.1\r\nHost: shigu.test\r\nConnection: close\r\n\r\n";
    let limits = Connections { most_of_one: 3, ..Connections::default() };
    let served = Served::new(Connections { proxy_protocol: vec!["127.0.0.2/32".parse().unwrap()], ..limits });
    let of = |reader: u8, rest: &[u8]| {
        let text = format!("PROXY TCP4 10.1.2.{reader} 10.0.0.1 40000 80\r\n");
        let binary = [b"\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c\x0a\x01\x02", &[reader][..], b"\x0a\0\0\x01\x9c\x40\0\x50"];
        [if reader.is_multiple_of(2) { binary.concat() } else { text.into_bytes() }.as_slice(), rest].concat()
    };
    let asks = |from, bytes: &[u8]| answer(served.open(from, bytes));
    for reader in 1..=6 {
        assert!(is_ok(&asks(ONE, &of(reader, ASKED))), "{reader}");
    }
    // what a proxy asks for itself
    assert!(is_ok(&asks(ONE, &[b"PROXY UNKNOWN\r\n", ASKED].concat())));
    assert!(is_ok(&asks(ONE, &[b"\r\n\r\n\0\r\nQUIT\n\x20\0\0\0", ASKED].concat())));
    // each reader has a share, and the proxy all of them: of four one is closed, whichever header is read last
    // (readers that have asked nothing before: an answered connection may still count for a moment)
    let held: Vec<TcpStream> = (0..12).map(|i| served.open(ONE, &of(11 + i / 4, HALVES[usize::from(i % 3)]))).collect();
    let closed = || held.chunks(4).map(|of_one| of_one.iter().filter(|stream| !is_held(stream)).count());
    eventually("closing what is beyond the share", || closed().all(|n| n > 0));
    assert!(is_ok(&asks(ONE, &of(4, ASKED))));
    assert_eq!(closed().collect::<Vec<_>>(), [1, 1, 1]);
    drop(held);
    for reader in 11..=13 {
        eventually("giving back what is closed", || is_ok(&asks(ONE, &of(reader, ASKED))));
    }
    // without a header from the proxy, or with one from somebody else
    assert_eq!(asks(ONE, ASKED), "");
    let refused = asks(OTHER, &of(1, ASKED));
    assert!(refused.starts_with("HTTP/1.1 400 "), "{refused}");
    assert!(is_ok(&asks(OTHER, ASKED)));
}

#[test]
fn where_all_places_are_taken_the_one_that_is_silent_longest_gives_way() {
    /// Which of six is closed for another, where each comes so long after the one before.
    fn closed(half: &[u8], apart: Duration) -> Vec<usize> {
        let served = Served::new(Connections { most: 6, ..Connections::default() });
        let mut held: Vec<TcpStream> = Vec::new();
        for _ in 0..6 {
            held.push(served.open(ONE, half));
            std::thread::sleep(apart);
        }
        assert!(is_ok(&served.healthz(OTHER)), "nobody gave way");
        (0..6).filter(|i| !is_held(&held[*i])).collect()
    }
    for half in HALVES {
        // a service that stood still meanwhile has heard of several in one millisecond, in whatever order
        let apart = [5, 100, 1000].map(Duration::from_millis);
        let mut all = apart.into_iter().map(|apart| closed(half, apart));
        assert!(all.any(|closed| closed == [0]), "others were silent for less time");
    }
}

#[test]
fn a_body_that_stops_coming_is_given_up_with_a_document() {
    let served = Served::new(Connections { body: Duration::from_millis(100), ..Connections::default() });
    let said = answer(served.open(ONE, HALVES[2]));
    assert!(said.starts_with("HTTP/1.1 408") && said.contains(r#""code":"stalled""#), "{said}");
    // a head that stops is ended without one
    let served = Served::new(Connections { head: Duration::from_millis(100), ..Connections::default() });
    assert!(!answer(served.open(ONE, HALVES[1])).contains("200"));
    // what is refused before its end is still read, so that the answer comes and the connection is good for the next
    let served = Served::new(Connections::default());
    let much = vec![b' '; 32 << 20];
    let head = "POST /summary HTTP/1.1\r\nHost: shigu.test\r\nContent-Type: application/json\r\n";
    let stream = served.open(ONE, format!("{head}Content-Length: {}\r\n\r\n", much.len()).as_bytes());
    std::thread::sleep(Duration::from_millis(50));
    (&stream).write_all(&much).unwrap();
    (&stream).write_all(b"GET /healthz HTTP/1.1\r\nHost: shigu.test\r\nConnection: close\r\n\r\n").unwrap();
    let said = answer(stream);
    assert!(said.starts_with("HTTP/1.1 413") && said.contains("HTTP/1.1 200"), "{said}");
    // who asks first whether to send is answered at once
    let asked = format!("{head}Content-Length: {}\r\nExpect: 100-continue\r\n\r\n", much.len());
    let said = answer(served.open(ONE, asked.as_bytes()));
    assert!(said.starts_with("HTTP/1.1 413"), "{said}");
    // a body that goes on is read to its end however long it takes
    let whole = br#"{"zone": "city"}"#;
    let head = "POST /summary HTTP/1.1\r\nHost: shigu.test\r\nContent-Type: application/json\r\nConnection: close\r\n";
    let request = [format!("{head}Content-Length: {}\r\n\r\n", whole.len()).as_bytes(), whole].concat();
    assert!(answer(served.open(ONE, &request)).starts_with("HTTP/1.1 200"));
}
