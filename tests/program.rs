//! The program as a planner or an administrator meets it: commands, exit codes, signals.

use crate::common::eventually;
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use tempfile::TempDir;

pub(crate) fn shigu() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_shigu"));
    // settings of this machine's service are none of the tests'
    command
        .env_remove("SHIGU_GEODATA")
        .env("SHIGU_LOG", "warn")
        .env("SHIGU_CONFIG", "")
        .current_dir(env!("CARGO_MANIFEST_DIR"));
    command
}

fn run(args: &[&str]) -> Output {
    shigu().args(args).output().unwrap()
}

pub(crate) fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// A running service; stopped when dropped.
pub(crate) struct Service {
    child: Child,
    pub(crate) port: u16,
}

impl Service {
    pub(crate) fn start(command: &mut Command) -> Self {
        let mut child = command
            .args(["serve", "--listen", "127.0.0.1:0"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let port = line
            .split("127.0.0.1:")
            .nth(1)
            .and_then(|r| r.split_whitespace().next())
            .unwrap_or_else(|| panic!("{line:?}"));
        Self { child, port: port.parse().unwrap() }
    }

    /// Status and body; HTTP/1.0, so the connection closes after the answer.
    pub(crate) fn get(&self, path: &str) -> (u16, String) {
        get_at(self.port, path)
    }

    fn revision(&self) -> String {
        self.get("/readyz").1.trim().to_owned()
    }

    pub(crate) fn signal(&self, name: &str) {
        let done = Command::new("kill").args([&format!("-{name}"), &self.child.id().to_string()]).status().unwrap();
        assert!(done.success());
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What a service of this machine answers.
pub(crate) fn get_at(port: u16, path: &str) -> (u16, String) {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    write!(stream, "GET {path} HTTP/1.0\r\nHost: localhost\r\n\r\n").unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    let answer = text(&answer);
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
    (head.split(' ').nth(1).and_then(|s| s.parse().ok()).unwrap_or(0), body.to_owned())
}

fn copy_of_hangzhou() -> (TempDir, PathBuf) {
    let dir = TempDir::new().unwrap();
    let folder = dir.path().join("city");
    fs::create_dir(&folder).unwrap();
    crate::common::copy_dataset("geodata/hangzhou", &folder);
    (dir, folder)
}

#[test]
fn check_tells_good_from_bad() {
    let good = run(&["check", "geodata/hangzhou"]);
    assert!(good.status.success(), "{}", text(&good.stdout));
    assert!(text(&good.stdout).contains("enterprises.geojson"));

    let (_dir, folder) = copy_of_hangzhou();
    fs::write(folder.join("water.geojson"), "{\"type\":\"FeatureCollection\",\n \"features\":[}").unwrap();
    let layout = fs::read_to_string(folder.join("layout.geojson")).unwrap();
    fs::write(folder.join("layout.geojson"), layout.replacen("\"id\":\"belt\"", "\"id\":\"axis\"", 1)).unwrap();
    let bad = run(&["check", folder.to_str().unwrap(), "--lang", "en"]);
    let said = text(&bad.stdout);
    assert_eq!(bad.status.code(), Some(1), "{said}");
    assert!(said.contains("water.geojson:2:"), "no line and column: {said}");
    assert!(said.contains("layout.geojson"), "one broken file hid another: {said}");
    let json = run(&["check", folder.to_str().unwrap(), "--json"]);
    let report: serde_json::Value = serde_json::from_slice(&json.stdout).unwrap();
    assert!(
        report["findings"].as_array().unwrap().iter().any(|f| f["severity"] == "error" && f["file"] == "water.geojson")
    );

    assert_eq!(run(&["check", "no/such/folder"]).status.code(), Some(1));
}

#[test]
fn check_writes_a_repaired_folder() {
    let (dir, folder) = copy_of_hangzhou();
    let districts = fs::read_to_string(folder.join("districts.geojson")).unwrap();
    // the first district's ring no longer ends where it begins
    let mut json: serde_json::Value = serde_json::from_str(&districts).unwrap();
    let mut ring = &mut json["features"][0]["geometry"]["coordinates"];
    while ring[0][0].is_array() {
        ring = &mut ring[0];
    }
    ring.as_array_mut().unwrap().pop();
    fs::write(folder.join("districts.geojson"), json.to_string()).unwrap();
    let folder = folder.to_str().unwrap();
    let broken = run(&["check", folder, "--format", "json"]);
    // it is read all the same, and said
    assert_eq!(broken.status.code(), Some(0));
    let report: serde_json::Value = serde_json::from_slice(&broken.stdout).unwrap();
    let said = |f: &serde_json::Value| f["code"] == "geometry-repaired" && f["severity"] == "warning";
    assert!(report["findings"].as_array().unwrap().iter().any(said), "{report}");
    let out = dir.path().join("repaired");
    let out = out.to_str().unwrap();
    let mended = run(&["check", folder, "--repair", out, "--format", "json"]);
    assert!(mended.status.success(), "{}", text(&mended.stdout));
    let report: serde_json::Value = serde_json::from_slice(&mended.stdout).unwrap();
    let repairs = report["repairs"].as_array().unwrap();
    assert!(
        repairs.len() == 1 && repairs[0]["file"] == "districts.geojson" && repairs[0]["repaired"] == true,
        "{report}"
    );
    assert!(run(&["check", out]).status.success());
    // what is there is never written over
    let again = run(&["check", folder, "--repair", out]);
    assert!(!again.status.success() && text(&again.stderr).contains("exists already"));
}

/// Protected figures are made while the first requests are served, where there are readers of protected sums.
#[test]
fn protected_figures_are_made_before_anybody_asks() {
    let ready = |disclose: &str| {
        let mut command = shigu();
        command.env("SHIGU_LOG", "info").env("NO_COLOR", "1");
        let mut child = command
            .args(["serve", "--listen", "127.0.0.1:0", "--geodata", "geodata/hangzhou", "--disclose", disclose])
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stderr.take().unwrap()).lines().map_while(Result::ok);
        let line = lines.into_iter().find(|line| line.contains("protected figures are ready"));
        let _ = child.kill();
        let _ = child.wait();
        let line = line.expect("the program ended before");
        let figures =
            line.split("figures=").nth(1).and_then(|rest| rest.split_whitespace().next()?.parse::<u32>().ok());
        figures.unwrap_or_else(|| panic!("{line}"))
    };
    assert!(ready("aggregates") >= 10, "two figures in five years and more");
    assert_eq!(ready("full"), 0, "the owner's sums are exact");
}

#[test]
fn the_shipped_sample_is_what_generate_writes() {
    let made = run(&["generate", "--count", "5000", "--seed", "1"]);
    let shipped = fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("geodata/hangzhou/enterprises.geojson")).unwrap();
    assert!(
        made.status.success() && made.stdout == shipped,
        "shigu generate --count 5000 --seed 1 --out geodata/hangzhou/enterprises.geojson"
    );
    assert_ne!(run(&["generate", "--count", "5000", "--seed", "2"]).stdout, shipped);
}

#[test]
fn export_does_what_the_button_does() {
    let dir = TempDir::new().unwrap();
    let service = Service::start(&mut shigu());
    let export = |name: &str, format: &str| {
        let out = dir.path().join(name);
        let done = run(&[
            "export",
            "--zone",
            "330110",
            "--format",
            format,
            "--filter",
            "cluster=vision",
            "--out",
            out.to_str().unwrap(),
        ]);
        assert!(done.status.success(), "{}", text(&done.stderr));
        fs::read(out).unwrap()
    };
    assert_eq!(export("a.xlsx", "xlsx"), export("b.xlsx", "xlsx"), "the same input gives the same bytes");
    let csv = text(&export("a.csv", "csv"));
    assert_eq!(csv, service.get("/report/330110?format=csv&lang=zh&cluster=vision").1);

    let unknown = run(&["export", "--zone", "nowhere", "--out", dir.path().join("x").to_str().unwrap()]);
    assert!(!unknown.status.success() && text(&unknown.stderr).contains("nowhere"));
    let nowhere = run(&["export", "--out", dir.path().join("no/such/dir/x.xlsx").to_str().unwrap()]);
    assert!(!nowhere.status.success());
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 3, "a failed export left something behind");
}

#[test]
fn all_districts_come_whole_even_when_the_export_is_killed() {
    let dir = TempDir::new().unwrap();
    let out = dir.path().join("小结");
    let export = |formats: &str| {
        let mut command = shigu();
        command.args(["export", "--all-districts", "--formats", formats, "--out", out.to_str().unwrap()]);
        command.stderr(Stdio::null());
        command
    };
    let files = || -> Vec<std::path::PathBuf> {
        fs::read_dir(&out).map(|d| d.map(|e| e.unwrap().path()).collect()).unwrap_or_default()
    };
    let of = |kind: &str| files().into_iter().filter(|p| p.extension().is_some_and(|e| e == kind)).collect::<Vec<_>>();
    let mut killed = export("docx").spawn().unwrap();
    let waited = std::time::Instant::now();
    while of("docx").is_empty() && waited.elapsed().as_secs() < 60 {
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    killed.kill().unwrap();
    killed.wait().unwrap();
    let whole = of("docx");
    assert!(!whole.is_empty());
    for path in whole {
        let bytes = fs::read(&path).unwrap();
        assert!(bytes[bytes.len() - 22..].starts_with(b"PK\x05\x06"), "{} is half a file", path.display());
    }
    assert!(export("docx,html").status().unwrap().success());
    let districts = (of("docx").len(), of("html").len());
    assert_eq!((districts, of("part").len()), ((13, 13), 0));
}

#[test]
fn the_copied_binary_runs_alone() {
    let dir = TempDir::new().unwrap();
    let binary = dir.path().join("shigu");
    fs::copy(env!("CARGO_BIN_EXE_shigu"), &binary).unwrap();
    let data = dir.path().join("data");
    let mut command = Command::new(&binary);
    command.current_dir(dir.path()).env_clear().env("SHIGU_DATA_DIR", &data);
    let service = Service::start(&mut command);
    assert_eq!(service.get("/healthz").0, 200);
    let (status, body) = service.get("/summary?zone=330110");
    assert_eq!(status, 200);
    assert!(body.contains("余杭区"));
    assert!(data.is_dir());
    let here = Service::start(&mut shigu());
    assert_eq!(service.revision(), here.revision(), "embedded and folder are the same data");
}

#[test]
fn reload_swaps_good_data_and_refuses_bad_without_losing_a_request() {
    let (_dir, folder) = copy_of_hangzhou();
    let service = Service::start(shigu().env("SHIGU_GEODATA", &folder));
    let first = service.revision();
    let stop = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let load = scope.spawn(|| {
            let mut requests = 0;
            while !stop.load(Ordering::Relaxed) {
                for path in ["/summary?zone=330110", "/zones?kind=district", "/xyz/enterprises/8/213/105.mvt"] {
                    assert_eq!(service.get(path).0, 200, "a request was lost during a reload");
                    requests += 1;
                }
            }
            requests
        });
        let file = folder.join("platforms.geojson");
        let good = fs::read_to_string(&file).unwrap();
        fs::write(&file, good.replacen("云城人工智能创新城", "云城人工智能创新城改", 1)).unwrap();
        service.signal("HUP");
        eventually("the reload", || service.revision() != first);
        let second = service.revision();
        let revision = second.trim_start_matches("ready ");
        assert!(service.get("/summary?zone=330110").1.contains(revision), "an answer kept from before the reload");

        fs::write(&file, &good[..good.len() / 2]).unwrap();
        service.signal("HUP");
        std::thread::sleep(Duration::from_millis(1500));
        assert_eq!(service.revision(), second, "bad data replaced good data");

        fs::write(&file, &good).unwrap();
        service.signal("HUP");
        eventually("the way back", || service.revision() == first);
        stop.store(true, Ordering::Relaxed);
        assert!(load.join().unwrap() > 10);
    });
}

#[test]
fn versions_are_made_beside_a_running_service_and_taken_up_by_it() {
    let dir = TempDir::new().unwrap();
    let path = |name: &str| dir.path().join(name).to_str().unwrap().to_owned();
    let (data, table) = (path("data"), path("名录.csv"));
    fs::write(&table, "企业名称,区县,经度,纬度\n杭州甲智能有限公司,余杭区,120.00123,30.29123\n").unwrap();
    let service = Service::start(shigu().env("SHIGU_DATA_DIR", &data));
    let first = service.revision();
    let made = run(&["import", &table, "--data-dir", &data, "--crs", "wgs84", "--note", "首批"]);
    assert!(made.status.success(), "{}", text(&made.stderr));
    assert!(text(&made.stderr).contains("v1"));
    eventually("the version", || service.revision() != first);
    assert!(service.get("/dataset").1.contains("\"number\":1"));

    let check = run(&["check", "--data-dir", &data]);
    assert!(check.status.success() && text(&check.stdout).contains("已提交的版本"), "{}", text(&check.stdout));
    let list = text(&run(&["versions", "--data-dir", &data]).stdout);
    assert!(list.starts_with("* v1") && list.contains("首批") && list.contains("移除 5000"), "{list}");
    let compared = text(&run(&["versions", "--data-dir", &data, "--compare", "0", "1", "--lang", "en"]).stdout);
    assert!(compared.starts_with("new 1  changed 0  moved 0  removed 5000"), "{compared}");
    let export = run(&["export", "--data-dir", &data, "--zone", "330110", "--formats", "geojson", "--out", "-"]);
    assert!(text(&export.stdout).contains("杭州甲智能有限公司"), "{}", text(&export.stderr));
    let back = run(&["versions", "--data-dir", &data, "--restore", "0"]);
    assert!(back.status.success(), "{}", text(&back.stderr));
    eventually("the way back", || service.revision() == first);

    // reading makes no folder, and a dry run changes nothing
    let none = path("none");
    assert!(run(&["check", "--data-dir", &none]).status.success());
    assert!(run(&["import", &table, "--data-dir", &none, "--crs", "wgs84", "--dry-run"]).status.success());
    assert!(!Path::new(&none).exists());
    assert_eq!(run(&["versions", "--data-dir", &none]).status.code(), Some(1));
    assert_eq!(run(&["backup", "--data-dir", &data, &data]).status.code(), Some(1));
}

#[test]
fn it_stops_on_a_signal_and_says_why_it_does_not_start() {
    let mut service = Service::start(&mut shigu());
    let port = service.port;
    let busy = shigu().args(["serve", "--listen", &format!("127.0.0.1:{port}")]).output().unwrap();
    assert!(!busy.status.success() && text(&busy.stderr).contains(&port.to_string()));
    service.signal("TERM");
    let start = Instant::now();
    let status = service.child.wait().unwrap();
    assert!(status.success() && start.elapsed() < Duration::from_secs(9), "{status}");

    let open = shigu().args(["serve", "--listen", "0.0.0.0:0"]).output().unwrap();
    assert!(!open.status.success() && text(&open.stderr).contains("--allow-anonymous"));
    for more in [
        ["--listen", "0.0.0.0:0", "--allow-anonymous"].as_slice(),
        &["--listen", "127.0.0.1:0", "--public-url", "https://gis.example"],
    ] {
        let owner = shigu().args(["serve", "--disclose", "full"]).args(more).output().unwrap();
        assert!(!owner.status.success() && text(&owner.stderr).contains("--accounts"), "{more:?}");
    }
    let folder = shigu().args(["serve", "--geodata", "no/such/folder"]).output().unwrap();
    assert!(!folder.status.success() && text(&folder.stderr).contains("folder"));
    let file = shigu().args(["serve", "--data-dir", "Cargo.toml/x"]).output().unwrap();
    assert!(!file.status.success() && text(&file.stderr).contains("--data-dir"));
}

/// Who sits at the machine is the owner only where nobody comes through a proxy; with accounts nobody reads without one
/// unless that is said. The start says which of these it is.
#[test]
fn what_somebody_without_an_account_sees_is_said_at_the_start() {
    let folder = TempDir::new().unwrap();
    let data = folder.path().to_str().unwrap();
    let (all, read) = (r#"["read","edit","publish"]"#, r#"["read"]"#);
    for (args, rights, status, said) in [
        (["--keep-versions", "9"].as_slice(), all, 200, "本机使用者即所有者"),
        (&["--public-url", "https://gis.example"], read, 200, "所有人只能看合计"),
        (&["--disclose", "aggregates"], read, 200, "所有人只能看合计"),
        (&["--accounts", "--data-dir", data], "[]", 401, "须登录后查看"),
        (&["--accounts", "--allow-anonymous", "--data-dir", data], read, 200, "未登录者可看整个名录"),
    ] {
        let log = folder.path().join("said");
        let mut command = shigu();
        command.env("SHIGU_GEODATA", Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/tinyville")).arg("serve");
        let mut child = command
            .args(["--listen", "127.0.0.1:0"])
            .args(args)
            .stdout(Stdio::piped())
            .stderr(fs::File::create(&log).unwrap())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let port = line.split("127.0.0.1:").nth(1).and_then(|r| r.split_whitespace().next()).expect("an address");
        let service = Service { child, port: port.parse().unwrap() };
        let session = service.get("/session");
        assert!(session.0 == 200 && session.1.contains(&format!("\"rights\":{rights}")), "{args:?}: {}", session.1);
        assert_eq!(service.get("/summary").0, status, "{args:?}");
        let told = fs::read_to_string(&log).unwrap();
        assert!(told.contains(said), "{args:?}: {told}");
    }
}

/// Memory in which passwords are hashed is used again: it does not stay with every thread that has hashed one.
#[test]
fn logins_take_the_memory_of_one() {
    const PASSWORD: &str = "a long enough password";
    let folder = TempDir::new().unwrap();
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs() as i64;
    let database = shigu::service::store::Database::open(folder.path()).unwrap();
    let token = database.offer_claim(None, now).unwrap();
    database.claim(&token, Some("admin"), PASSWORD, now).unwrap();
    drop(database);
    let mut command = shigu();
    command.env("SHIGU_GEODATA", Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/tinyville"));
    command.env("SHIGU_ACCOUNTS", "true").env("SHIGU_DATA_DIR", folder.path());
    let service = Service::start(&mut command);
    let resident = || {
        let status = fs::read_to_string(format!("/proc/{}/status", service.child.id())).unwrap();
        let line = status.lines().find_map(|l| l.strip_prefix("VmRSS:")).unwrap().trim().to_owned();
        line.trim_end_matches(" kB").parse::<u64>().unwrap() / 1024
    };
    let body = format!(r#"{{"name":"admin","password":"{PASSWORD}"}}"#);
    let log_in = || {
        let mut stream = TcpStream::connect(("127.0.0.1", service.port)).unwrap();
        let (kind, length) = ("application/json", body.len());
        let head =
            format!("POST /session HTTP/1.0\r\nHost: localhost\r\nContent-Type: {kind}\r\nContent-Length: {length}");
        write!(stream, "{head}\r\n\r\n{body}").unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        assert!(answer.starts_with(b"HTTP/1.0 200"), "{}", text(&answer));
    };
    assert_eq!(service.get("/session").0, 200);
    // the allocator's arenas are few (ADR 50)
    let environment = fs::read(format!("/proc/{}/environ", service.child.id())).unwrap();
    assert!(environment.split(|byte| *byte == 0).any(|one| one.starts_with(b"MALLOC_ARENA_MAX=")));
    let before = resident();
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| (0..5).for_each(|_| log_in()));
        }
    });
    // 19 MiB of argon2id, stacks of threads, connections
    let more = resident() - before;
    assert!(more < 40, "{more} MiB more after 40 logins");
}
