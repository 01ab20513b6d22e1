//! A server that speaks S3 (moto, from PyPI: `make test-postgres` installs it), and between it and the copies a relay that may be away,
//! and that counts conditions or leaves them out as a store does that knows none.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

const SERVER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/target/s3/bin/moto_server");
const CONDITION: &[u8] = b"if-none-match: *\r\n";

pub(super) struct S3 {
    server: Child,
    server_port: u16,
    port: u16,
    state: Arc<State>,
}

#[derive(Default)]
struct State {
    away: AtomicBool,
    /// Whether conditions are left out.
    unconditional: AtomicBool,
    conditions: AtomicUsize,
    open: Mutex<Vec<TcpStream>>,
}

impl S3 {
    pub(super) fn start() -> Self {
        assert!(Path::new(SERVER).exists(), "{SERVER} is needed: make test-postgres installs it");
        let free = TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port();
        let server = Command::new(SERVER)
            .args(["-H", "127.0.0.1", "-p", &free.to_string()])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let state = Arc::new(State::default());
        let s3 = Self { server, server_port: free, port, state: state.clone() };
        let start = Instant::now();
        while s3.ask("PUT", "/shigu", "") != Some(200) {
            assert!(start.elapsed() < Duration::from_mins(1), "the server of S3 does not start");
            thread::sleep(Duration::from_millis(100));
        }
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let state = state.clone();
                thread::spawn(move || relay(stream, free, &state));
            }
        });
        s3
    }

    /// Asks the server itself; the status of its answer.
    pub(super) fn ask(&self, method: &str, path: &str, more: &str) -> Option<u16> {
        let mut stream = TcpStream::connect(("127.0.0.1", self.server_port)).ok()?;
        let port = self.server_port;
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\nContent-Length: 0\r\n{more}\r\n"
        )
        .ok()?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).ok()?;
        answer.split(' ').nth(1)?.parse().ok()
    }

    /// What a copy is told.
    pub(super) fn environment(&self) -> [(&'static str, String); 5] {
        [
            ("SHIGU_OBJECTS", "s3://shigu/city".to_owned()),
            ("AWS_ENDPOINT_URL", format!("http://127.0.0.1:{}", self.port)),
            ("AWS_REGION", "cn-east-1".to_owned()),
            ("AWS_ACCESS_KEY_ID", "id".to_owned()),
            ("AWS_SECRET_ACCESS_KEY", "key".to_owned()),
        ]
    }

    /// No connection comes through, and those that are open end.
    pub(super) fn go(&self) {
        self.state.away.store(true, Ordering::SeqCst);
        for stream in self.state.open.lock().unwrap().drain(..) {
            let _ = stream.shutdown(Shutdown::Both);
        }
    }

    pub(super) fn come(&self) {
        self.state.away.store(false, Ordering::SeqCst);
    }

    /// From here on it is a store that knows no conditions.
    pub(super) fn forget_conditions(&self) {
        self.state.unconditional.store(true, Ordering::SeqCst);
    }

    /// How many requests came with `If-None-Match: *`.
    pub(super) fn conditions(&self) -> usize {
        self.state.conditions.load(Ordering::SeqCst)
    }

    pub(super) fn process(&self) -> u32 {
        self.server.id()
    }
}

impl Drop for S3 {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

fn relay(from: TcpStream, server: u16, state: &Arc<State>) {
    let Ok(to) = TcpStream::connect(("127.0.0.1", server)) else { return };
    if state.away.load(Ordering::SeqCst) {
        return;
    }
    let ends = [&from, &to].map(|stream| stream.try_clone().unwrap());
    state.open.lock().unwrap().extend(ends);
    let (mut back_from, mut back_to) = (to.try_clone().unwrap(), from.try_clone().unwrap());
    let back = thread::spawn(move || {
        let _ = std::io::copy(&mut back_from, &mut back_to);
        let _ = back_to.shutdown(Shutdown::Both);
    });
    let (mut from, mut to) = (from, to);
    let mut buffer = vec![0; 1 << 16];
    while let Ok(length @ 1..) = from.read(&mut buffer) {
        // a head comes in one piece
        let mut piece = buffer[..length].to_vec();
        let lower = piece.to_ascii_lowercase();
        if let Some(at) = lower.windows(CONDITION.len()).position(|bytes| bytes == CONDITION) {
            state.conditions.fetch_add(1, Ordering::SeqCst);
            if state.unconditional.load(Ordering::SeqCst) {
                piece.drain(at..at + CONDITION.len());
            }
        }
        if to.write_all(&piece).is_err() {
            break;
        }
    }
    let _ = to.shutdown(Shutdown::Both);
    let _ = back.join();
}
