//! The program is killed while it makes reports, at any moment: what has its name is whole and right, the job says that it
//! was interrupted, and nothing else is left. `SHIGU_CRASHES` says how often (`make crash`: a few hundred times).

use serde_json::Value;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use tempfile::tempdir;

const FORMATS: [&str; 5] = ["docx", "xlsx", "pdf", "csv", "html"];

struct Service {
    child: Child,
    port: u16,
}

impl Service {
    fn start(data: &Path) -> Self {
        Self::limited(data, None)
    }

    /// The service where no file may grow beyond so many bytes.
    fn limited(data: &Path, bytes: Option<u64>) -> Self {
        let program = env!("CARGO_BIN_EXE_shigu");
        let mut command = Command::new(if bytes.is_some() { "sh" } else { program });
        if let Some(bytes) = bytes {
            // in blocks of 512 bytes; the signal would end the program instead of failing the call
            let blocks = (bytes / 512).to_string();
            command.args(["-c", "trap '' XFSZ; ulimit -f \"$0\"; exec \"$@\"", &blocks, program]);
        }
        command.env("SHIGU_GEODATA", Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/tinyville"));
        command.env("SHIGU_LOG", "warn").args(["serve", "--listen", "127.0.0.1:0"]);
        command.args(["--data-dir", data.to_str().unwrap()]).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let port = line.split("127.0.0.1:").nth(1).and_then(|r| r.split_whitespace().next());
        Self { child, port: port.unwrap_or_else(|| panic!("{line:?}")).parse().unwrap() }
    }

    /// Status, head and body; HTTP/1.0, so the connection closes after the answer.
    fn ask(&self, method: &str, path: &str, body: &str) -> (u16, String, Vec<u8>) {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        let length = body.len();
        write!(
            stream,
            "{method} {path} HTTP/1.0\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}"
        )
        .unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        let end = answer.windows(4).position(|w| w == b"\r\n\r\n").expect("a head");
        let head = String::from_utf8_lossy(&answer[..end]).into_owned();
        (head.split(' ').nth(1).unwrap().parse().unwrap(), head, answer.split_off(end + 4))
    }

    fn json(&self, path: &str) -> Value {
        let (status, _, body) = self.ask("GET", path, "");
        assert_eq!(status, 200, "{path}: {}", String::from_utf8_lossy(&body));
        serde_json::from_slice(&body).unwrap()
    }

    fn begin(&self) -> String {
        let body = serde_json::json!({"zones": "districts", "formats": FORMATS}).to_string();
        let (status, _, body) = self.ask("POST", "/reports", &body);
        assert_eq!(status, 202, "{}", String::from_utf8_lossy(&body));
        let job: Value = serde_json::from_slice(&body).unwrap();
        job["id"].as_str().unwrap().to_owned()
    }

    fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().fold(String::new(), |mut s, b| {
        write!(s, "{b:02x}").unwrap();
        s
    })
}

/// Digests of the files as readers get them one at a time, by their names in percent-encoding.
fn expected(service: &Service) -> BTreeMap<String, String> {
    let zones = service.json("/zones?kind=district");
    let ids = zones["zones"].as_array().unwrap().iter().map(|z| z["id"].as_str().unwrap());
    let file = |(zone, format): (&str, &str)| {
        let (status, head, body) = service.ask("GET", &format!("/report/{zone}?format={format}"), "");
        assert_eq!(status, 200);
        let name = head.split("filename*=UTF-8''").nth(1).unwrap().split("\r\n").next().unwrap();
        (name.to_owned(), sha256(&body))
    };
    ids.flat_map(|zone| FORMATS.map(|format| (zone, format))).map(file).collect()
}

fn escaped(name: &str) -> String {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"-._~".contains(&b);
    let one = |b: u8| if plain(b) { char::from(b).to_string() } else { format!("%{b:02X}") };
    name.bytes().map(one).collect()
}

fn names(folder: &Path) -> Vec<String> {
    let Ok(all) = fs::read_dir(folder) else { return vec![] };
    all.map(|e| e.unwrap().file_name().into_string().unwrap()).collect()
}

/// Whether a file is in the making.
fn half(name: &str) -> bool {
    Path::new(name).extension().is_some_and(|e| e == "part")
}

/// Every file with a name of its own is what it says it is.
fn whole(folder: &Path, expected: &BTreeMap<String, String>) -> usize {
    let named: Vec<String> = names(folder).into_iter().filter(|n| !half(n)).collect();
    for name in named.iter().filter(|n| *n != "all.zip") {
        let bytes = fs::read(folder.join(name)).unwrap();
        assert_eq!(Some(&sha256(&bytes)), expected.get(&escaped(name)), "{name} is not the file it says it is");
    }
    if named.contains(&"all.zip".to_owned()) {
        let file = fs::File::open(folder.join("all.zip")).unwrap();
        let mut zip = zip::ZipArchive::new(file).expect("the archive opens");
        assert_eq!(zip.len(), expected.len() + 1);
        for at in 0..zip.len() {
            let mut entry = zip.by_index(at).unwrap();
            let (name, mut bytes) = (entry.name().unwrap().into_owned(), Vec::new());
            entry.read_to_end(&mut bytes).unwrap();
            assert!(name == "manifest.json" || expected[&escaped(&name)] == sha256(&bytes), "{name}");
        }
    }
    named.len()
}

fn crashes() -> u32 {
    std::env::var("SHIGU_CRASHES").ok().and_then(|n| n.parse().ok()).unwrap_or(30)
}

fn spin(limit: Duration, seen: impl Fn() -> bool) {
    let start = Instant::now();
    while !seen() && start.elapsed() < limit {
        std::hint::spin_loop();
    }
}

#[test]
fn a_kill_at_any_moment_leaves_no_half_file_that_looks_whole() {
    let data = tempdir().unwrap();
    let mut service = Service::start(data.path());
    let expected = expected(&service);
    assert!(expected.len() > FORMATS.len());
    // once to its end, to know how long it lasts
    let (start, id) = (Instant::now(), service.begin());
    while service.json(&format!("/reports/{id}"))["state"] != "finished" {
        assert!(start.elapsed() < Duration::from_mins(2), "{}", service.json(&format!("/reports/{id}")));
    }
    let lasts = start.elapsed();
    assert_eq!(whole(&data.path().join("reports").join(&id), &expected), expected.len() + 1);

    let mut chance = oorandom::Rand64::new(11);
    let (mut halves, mut parts, mut finished) = (0, 0, 0);
    for round in 0..crashes() {
        let id = service.begin();
        let folder = data.path().join("reports").join(&id);
        let has = |end: &str| names(&folder).iter().any(|n| n.ends_with(end));
        match round % 6 {
            0 => spin(lasts, || has(".part")),
            1 => spin(lasts, || has(".pdf")),
            2 => spin(lasts * 3, || has("all.zip.part") || has("all.zip")),
            3 => spin(lasts * 3, || has("all.zip")),
            _ => std::thread::sleep(lasts.mul_f64(chance.rand_float())),
        }
        service.kill();
        parts += usize::from(has(".part"));
        whole(&folder, &expected);

        service = Service::start(data.path());
        let job = service.json(&format!("/reports/{id}"));
        let files = job["files"].as_array().unwrap();
        match job["state"].as_str() {
            Some("interrupted") => halves += usize::from(!files.is_empty()),
            Some("finished") => finished += 1,
            _ => panic!("round {round}: {job}"),
        }
        for file in files {
            let name = escaped(file["name"].as_str().unwrap());
            assert_eq!(file["sha256"].as_str(), expected.get(&name).map(String::as_str), "round {round}");
            let (status, _, body) = service.ask("GET", &format!("/reports/{id}/files/{name}"), "");
            assert_eq!((status, Some(&sha256(&body))), (200, expected.get(&name)), "round {round}: {name}");
        }
        let archive = usize::from(job["state"] == "finished");
        assert_eq!(whole(&folder, &expected), files.len() + archive, "round {round}: unlisted files are gone");
        assert_eq!(names(&folder).len(), files.len() + archive, "round {round}: nothing half is left");
        let (status, ..) = service.ask("GET", &format!("/reports/{id}/all.zip"), "");
        assert_eq!(status, if archive == 1 { 200 } else { 409 }, "round {round}");
    }
    println!("{halves} with some files, {parts} in the middle of one, {finished} finished");
    assert!(halves > 0 && parts > 0, "{halves} with some files, {parts} in the middle of one: the kills miss the work");
}

/// Where no file may grow beyond so many bytes, writing fails as on a full disk: here the archive, which is larger than any
/// of its files.
#[test]
fn an_archive_that_can_not_be_written_ends_the_job_with_a_reason() {
    let data = tempdir().unwrap();
    let free = Service::start(data.path());
    let expected = expected(&free);
    let id = free.begin();
    let start = Instant::now();
    while free.json(&format!("/reports/{id}"))["state"] != "finished" {
        assert!(start.elapsed() < Duration::from_mins(2), "{}", free.json(&format!("/reports/{id}")));
    }
    let first = data.path().join("reports").join(&id);
    let size = |name: &str| fs::metadata(first.join(name)).unwrap().len();
    let archive = size("all.zip");
    let largest = names(&first).iter().filter(|n| *n != "all.zip").map(|n| size(n)).max().unwrap();
    assert!(archive > 2 * largest, "{archive} and {largest} bytes");
    drop(free);

    let service = Service::limited(data.path(), Some(archive - 1));
    let id = service.begin();
    let folder = data.path().join("reports").join(&id);
    let start = Instant::now();
    let job = loop {
        let job = service.json(&format!("/reports/{id}"));
        if job["ended"].is_number() || !["queued", "running"].contains(&job["state"].as_str().unwrap()) {
            break job;
        }
        assert!(start.elapsed() < Duration::from_mins(2), "{job}");
        std::thread::sleep(Duration::from_millis(50));
    };
    assert_eq!(job["state"], "failed", "{job}");
    let why = job["error"]["zh"].as_str().unwrap();
    assert!(why.contains("已完成的文件不受影响"), "{why}");
    assert_eq!(job["files"].as_array().unwrap().len(), expected.len(), "all files are there");
    assert_eq!(whole(&folder, &expected), expected.len(), "and whole, without an archive");
    assert!(!names(&folder).iter().any(|n| half(n)));
    let (status, ..) = service.ask("GET", &format!("/reports/{id}/all.zip"), "");
    assert_eq!(status, 409);
}

/// A disk of its own.
struct Disk(tempfile::TempDir);

impl Disk {
    fn of(megabytes: u32) -> Self {
        let folder = tempdir().unwrap();
        let size = format!("size={megabytes}m");
        let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", &size, "tmpfs"]).arg(folder.path()).output();
        let mounted = mounted.unwrap();
        assert!(mounted.status.success(), "{}", String::from_utf8_lossy(&mounted.stderr));
        Self(folder)
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(self.0.path()).output();
    }
}

/// A full disk at any file is tested without one where the store is (`store::recorder`).
#[test]
#[ignore = "mounts a disk of its own: make crash, as root"]
fn a_disk_that_is_full_ends_the_job_with_a_reason() {
    let disk = Disk::of(64);
    let (data, other) = (disk.0.path().join("data"), disk.0.path().join("other"));
    let service = Service::start(&data);
    let expected = expected(&service);
    let id = service.begin();
    let folder = data.join("reports").join(&id);
    spin(Duration::from_mins(1), || !names(&folder).is_empty());
    // there was room, but somebody else takes it meanwhile
    let mut file = fs::File::create(&other).unwrap();
    while file.write_all(&[0; 4096]).is_ok() {}
    drop(file);
    let start = Instant::now();
    let job = loop {
        let job = service.json(&format!("/reports/{id}"));
        if job["state"] != "running" {
            break job;
        }
        assert!(start.elapsed() < Duration::from_mins(1), "{job}");
        // its end can be kept as soon as there is room for a line
        if start.elapsed() > Duration::from_secs(3) {
            let _ = fs::remove_file(&other);
        }
        std::thread::sleep(Duration::from_millis(50));
    };
    assert_eq!(job["state"], "failed", "{job}");
    let why = job["error"]["zh"].as_str().unwrap();
    assert!(why.contains("磁盘已满") || why.contains("数据文件夹暂时无法读写"), "{why}");
    assert_eq!(whole(&folder, &expected), job["files"].as_array().unwrap().len());
    assert!(!names(&folder).iter().any(|n| half(n)));
    // known beforehand where it can be
    let _ = fs::remove_file(&other);
    let mut file = fs::File::create(&other).unwrap();
    file.write_all(&vec![0; 40 << 20]).unwrap();
    let body = serde_json::json!({"zones": "districts", "formats": FORMATS}).to_string();
    let (status, _, body) = service.ask("POST", "/reports", &body);
    let problem = String::from_utf8(body).unwrap();
    assert_eq!(status, 507, "{problem}");
    assert!(problem.contains("磁盘剩余"), "{problem}");
}
