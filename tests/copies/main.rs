//! Several copies of the program, each a process of its own, over one data folder (a rolling restart) and over one PostgreSQL database:
//! none takes anything away from another, what one knows all know, and what was acknowledged survives whatever is killed.
//! Those over PostgreSQL run by `make test-postgres`; each starts a server of its own, which it may kill.

#[cfg(all(feature = "postgres", feature = "objects"))]
mod cities;
#[cfg(feature = "postgres")]
mod encrypted;
mod entry;
mod imports;
mod jobs;
#[cfg(feature = "postgres")]
mod killed;
#[cfg(all(feature = "postgres", feature = "objects"))]
mod objects;
#[cfg(feature = "postgres")]
mod postgres;
mod published;
#[cfg(all(feature = "postgres", feature = "objects"))]
mod s3;

use crate::common::eventually;
use crate::program::shigu;
#[cfg(feature = "postgres")]
use postgres::Postgres;
use serde_json::{Value, json};
use std::fs::{self, File};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tempfile::TempDir;

pub(crate) const TINYVILLE: &str = "tests/data/tinyville";

/// What copies share: a data folder, and perhaps a database.
pub(crate) struct Shared {
    data: TempDir,
    geodata: &'static str,
    /// Several cities in the place of one dataset.
    cities: Option<TempDir>,
    #[cfg(feature = "postgres")]
    postgres: Option<Postgres>,
    /// Where it is named, each copy has a data folder of its own.
    #[cfg(all(feature = "postgres", feature = "objects"))]
    s3: Option<s3::S3>,
    copies: AtomicUsize,
}

impl Shared {
    fn folder(geodata: &'static str) -> Self {
        Self {
            data: TempDir::new().unwrap(),
            geodata,
            cities: None,
            #[cfg(feature = "postgres")]
            postgres: None,
            #[cfg(all(feature = "postgres", feature = "objects"))]
            s3: None,
            copies: AtomicUsize::new(0),
        }
    }

    #[cfg(all(feature = "postgres", feature = "objects"))]
    fn objects(geodata: &'static str) -> Self {
        Self { s3: Some(s3::S3::start()), ..Self::postgres(geodata) }
    }

    #[cfg(all(feature = "postgres", feature = "objects"))]
    fn s3(&self) -> &s3::S3 {
        self.s3.as_ref().unwrap()
    }

    /// The data folder of a copy, by its number.
    fn folder_of(&self, copy: usize) -> PathBuf {
        let own = format!("data-{copy}");
        self.data.path().join(if self.is_one_folder() { "data" } else { &own })
    }

    /// Whether all copies have one data folder.
    #[cfg(all(feature = "postgres", feature = "objects"))]
    fn is_one_folder(&self) -> bool {
        self.s3.is_none()
    }

    #[cfg(not(all(feature = "postgres", feature = "objects")))]
    #[expect(clippy::unused_self, reason = "another build looks")]
    fn is_one_folder(&self) -> bool {
        true
    }

    #[cfg(feature = "postgres")]
    fn postgres(geodata: &'static str) -> Self {
        Self { postgres: Some(Postgres::start()), ..Self::folder(geodata) }
    }

    #[cfg(feature = "postgres")]
    fn server(&self) -> &Postgres {
        self.postgres.as_ref().unwrap()
    }

    /// What starts a copy.
    fn command(&self, number: usize) -> Command {
        let mut command = shigu();
        command.env("SHIGU_LOG", "info").env("NO_COLOR", "1");
        command.args(["serve", "--listen", "127.0.0.1:0"]);
        match &self.cities {
            Some(cities) => command.arg("--cities").arg(cities.path()),
            None => command.args(["--geodata", self.geodata]),
        };
        command.arg("--data-dir").arg(self.folder_of(number));
        #[cfg(all(feature = "postgres", feature = "objects"))]
        command.envs(self.s3.iter().flat_map(|s3| s3.environment()));
        command
    }

    /// What a copy over another database says that does not start.
    #[cfg(all(feature = "postgres", feature = "objects"))]
    fn refused(&self, database: &str) -> String {
        let number = self.copies.fetch_add(1, Ordering::Relaxed);
        let done = self.command(number).args(["--database", database]).output().unwrap();
        assert!(!done.status.success());
        String::from_utf8_lossy(&done.stderr).into_owned()
    }

    /// Starts a copy.
    fn copy(&self, more: &[&str]) -> Copy {
        let number = self.copies.fetch_add(1, Ordering::Relaxed);
        let log = self.data.path().join(format!("log-{number}"));
        let mut command = self.command(number);
        command.args(more);
        #[cfg(feature = "postgres")]
        if let Some(postgres) = &self.postgres {
            command.args(["--database", &postgres.address()]);
        }
        let mut child = command.stdout(Stdio::piped()).stderr(File::create(&log).unwrap()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let port = line.split("127.0.0.1:").nth(1).and_then(|rest| rest.split_whitespace().next()?.parse().ok());
        let said = || fs::read_to_string(&log).unwrap_or_default();
        let port = port.unwrap_or_else(|| panic!("{line:?} {}", said()));
        Copy { child: Some(child), port, below: String::new(), said: said() }
    }
}

/// How long a server that others need is away: as many seconds as `SHIGU_AWAY` says.
#[cfg(feature = "postgres")]
fn away() -> Duration {
    Duration::from_secs(std::env::var("SHIGU_AWAY").ok().and_then(|n| n.parse().ok()).unwrap_or(8))
}

/// A copy of the program; killed when dropped.
pub(crate) struct Copy {
    /// None: it is another's.
    child: Option<Child>,
    port: u16,
    /// What addresses begin with.
    below: String,
    /// What it said at its start.
    said: String,
}

impl Drop for Copy {
    fn drop(&mut self) {
        if let Some(child) = &mut self.child {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// An answer.
pub(crate) struct Answer {
    status: u16,
    head: String,
    body: Vec<u8>,
}

impl Answer {
    fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|e| panic!("{e}: {}", self.text()))
    }

    fn text(&self) -> String {
        format!("{} {}", self.status, String::from_utf8_lossy(&self.body))
    }

    /// The cookies that it sets, as a browser sends them back.
    fn cookies(&self) -> String {
        let set = self.head.lines().filter_map(|line| line.split_once(": "));
        let set = set.filter(|(name, _)| name.eq_ignore_ascii_case("set-cookie"));
        set.map(|(_, value)| value.split(';').next().unwrap()).collect::<Vec<_>>().join("; ")
    }

    #[cfg(feature = "postgres")]
    fn header(&self, wanted: &str) -> Option<&str> {
        let all = self.head.lines().filter_map(|line| line.split_once(": "));
        all.into_iter().find(|(name, _)| name.eq_ignore_ascii_case(wanted)).map(|(_, value)| value)
    }
}

impl Copy {
    /// Sends a request; none where no whole answer comes. HTTP/1.0, so the connection closes after the answer.
    fn try_send(&self, method: &str, path: &str, cookie: &str, kind: &str, body: &[u8]) -> Option<Answer> {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).ok()?;
        stream.set_read_timeout(Some(Duration::from_mins(1))).unwrap();
        let cookie = if cookie.is_empty() { String::new() } else { format!("Cookie: {cookie}\r\n") };
        let (length, below) = (body.len(), &self.below);
        let head = format!(
            "{method} {below}{path} HTTP/1.0\r\nHost: localhost\r\nContent-Type: {kind}\r\n{cookie}Content-Length: {length}\r\n\r\n"
        );
        stream.write_all(head.as_bytes()).ok()?;
        stream.write_all(body).ok()?;
        read(&mut stream)
    }

    fn send(&self, method: &str, path: &str, cookie: &str, body: &Value) -> Answer {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let answer = self.try_send(method, path, cookie, "application/json", body.as_bytes());
        answer.unwrap_or_else(|| panic!("{method} {path}: no answer"))
    }

    fn get(&self, path: &str, cookie: &str) -> Answer {
        self.send("GET", path, cookie, &Value::Null)
    }

    fn post(&self, path: &str, cookie: &str, body: &Value) -> Answer {
        self.send("POST", path, cookie, body)
    }

    /// A 200 with JSON, of whoever needs no cookie.
    fn json(&self, path: &str) -> Value {
        let answer = self.get(path, "");
        assert_eq!(answer.status, 200, "{path}: {}", answer.text());
        answer.json()
    }

    /// Sends a file to be imported.
    fn upload(&self, text: &str) -> Answer {
        let answer = self.try_send("POST", "/imports?file=a.csv", "", "application/octet-stream", text.as_bytes());
        answer.expect("an answer")
    }

    /// Sends a file and has it checked; its id.
    fn checked(&self, text: &str) -> String {
        let sent = self.upload(text);
        assert_eq!(sent.status, 201, "{}", sent.text());
        let id = sent.json()["id"].as_str().unwrap().to_owned();
        let begun = self.post(&format!("/imports/{id}/check"), "", &json!({"crs": "wgs84"}));
        assert_eq!(begun.status, 202, "{}", begun.text());
        eventually("the check", || self.json(&format!("/imports/{id}"))["state"] == "checked");
        id
    }

    /// Publishes a checked file.
    fn publish(&self, id: &str) -> Answer {
        self.post(&format!("/imports/{id}/publish"), "", &json!({"note": "十月"}))
    }

    /// The id of its process.
    fn process(&self) -> u32 {
        self.child.as_ref().unwrap().id()
    }

    fn kill(&mut self) {
        let child = self.child.as_mut().unwrap();
        child.kill().unwrap();
        child.wait().unwrap();
    }

    /// Stops it as a supervisor does, and waits until it has.
    fn stop(mut self) {
        signal("TERM", self.process());
        self.child.as_mut().unwrap().wait().unwrap();
    }
}

/// Reads an answer to its end; none where it is not whole.
fn read(stream: &mut TcpStream) -> Option<Answer> {
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).ok()?;
    let end = bytes.windows(4).position(|w| w == b"\r\n\r\n")?;
    let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
    let status = head.split(' ').nth(1)?.parse().ok()?;
    Some(Answer { status, head, body: bytes.split_off(end + 4) })
}

fn signal(name: &str, process: u32) {
    let done = std::process::Command::new("kill").args([&format!("-{name}"), &process.to_string()]).status().unwrap();
    assert!(done.success(), "kill -{name} {process}");
}

/// A table of so many firms of Tinyville.
fn firms(of: std::ops::Range<u32>) -> String {
    let head = "企业名称,区县,经度,纬度,2025年营收(万元)\n".to_owned();
    of.fold(head, |text, n| text + &format!("杭州第{n}智能有限公司,西区,120.0{:04},30.05123,{n}\n", n % 5000 + 1000))
}

/// How many firms a copy serves.
fn served(copy: &Copy, cookie: &str) -> u64 {
    let answer = copy.get("/collections/enterprises/items?limit=1", cookie);
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()["numberMatched"].as_u64().unwrap()
}

/// Names of the files of a folder and below it.
fn files(folder: &Path) -> Vec<String> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten().map(Result::unwrap) {
        if entry.path().is_dir() {
            names.extend(files(&entry.path()));
        } else {
            names.push(entry.file_name().into_string().unwrap());
        }
    }
    names.sort();
    names
}
