//! The service as whoever runs it meets it: metrics, health, logs, the file of settings, `shigu` alone, `shigu service-check`.

use crate::common::eventually;
use crate::common::service::Service;
use crate::program::{self, shigu, text};
use shigu::core::query::Disclosure;
use std::collections::BTreeSet;
use std::fs;
use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use tempfile::TempDir;

/// A child that ends with the test.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The value of a series.
fn value(metrics: &str, series: &str) -> Option<f64> {
    metrics.lines().find_map(|line| line.strip_prefix(series)?.strip_prefix(' ')?.parse().ok())
}

/// Statistics take long; asked again in the same words of the same data they are not made again.
#[tokio::test]
async fn long_answers_are_made_once_for_a_question() {
    let service = Service::hangzhou(Disclosure::Full);
    let looked = async || {
        let metrics = String::from_utf8(service.get("/metrics").await.body.to_vec()).unwrap();
        ["hits", "misses"].map(|what| value(&metrics, &format!("shigu_cache_{what}_total")).unwrap_or(0.0))
    };
    for uri in [
        "/zones/lq?kind=district&weight=revenue",
        "/summary/lq?zone=330110&weight=revenue",
        "/zones/profile?kind=district&weight=revenue",
        "/zones/pairs?kind=district",
        "/zones/change?kind=district&weight=revenue",
        "/zones/chain?kind=district&class=robot",
        "/hotspots/areas?cluster=robot",
        "/hotspots/areas?cluster=robot&method=hdbscan",
        "/hotspots/hexagons?cluster=robot",
        "/hotspots/density?cluster=robot",
        "/hotspots/distances?zone=330106&class=vision&simulations=100",
    ] {
        let before = looked().await;
        let (first, again) = (service.get(uri).await, service.get(uri).await);
        assert_eq!(first.status, 200, "{uri}: {}", String::from_utf8_lossy(&first.body));
        assert!(first.body == again.body && !first.body.is_empty(), "{uri}");
        // one look in vain, one that found the answer
        let more = looked().await.into_iter().zip(before).map(|(now, then)| now - then);
        assert!(more.into_iter().all(|looks| (looks - 1.0).abs() < 0.5), "{uri}");
    }
}

#[tokio::test]
async fn metrics_count_routes_and_never_addresses() {
    let service = Service::open("tests/data/tinyville", Disclosure::Full);
    for uri in ["/zones", "/zones", "/collections/enterprises/items/E01", "/secret/330106?q=张三", "/search?q=secret"]
    {
        service.get(uri).await;
    }
    let answer = service.get("/metrics").await;
    assert_eq!((answer.status.as_u16(), answer.header("cache-control")), (200, "no-store"));
    assert!(answer.header("content-type").starts_with("text/plain; version=0.0.4"));
    let metrics = String::from_utf8(answer.body.to_vec()).unwrap();
    let counted = |route: &str, status: u16| {
        value(&metrics, &format!("shigu_http_requests_total{{method=\"GET\",route=\"{route}\",status=\"{status}\"}}"))
    };
    assert_eq!(counted("/zones", 200), Some(2.0), "{metrics}");
    assert_eq!(counted("/collections/{collectionId}/items/{featureId}", 200), Some(1.0), "{metrics}");
    assert_eq!(counted("other", 404), Some(1.0), "{metrics}");
    assert_eq!(value(&metrics, "shigu_http_request_duration_seconds_count{route=\"/zones\"}"), Some(2.0));
    // the second was kept, and what was searched for is
    assert_eq!(
        (value(&metrics, "shigu_cache_hits_total"), value(&metrics, "shigu_cache_misses_total")),
        (Some(1.0), Some(2.0))
    );
    assert_eq!(value(&metrics, "shigu_http_requests_open"), Some(1.0), "the request for the metrics");
    assert!(value(&metrics, "shigu_snapshot_rows{collection=\"enterprises\"}").is_some_and(|n| n > 1.0), "{metrics}");
    assert!(metrics.contains("shigu_snapshot_info{revision=\""));
    assert!(value(&metrics, "process_resident_memory_bytes").is_some_and(|n| n > 1e6), "{metrics}");
    for asked in ["secret", "E01", "张三", "330106"] {
        assert!(!metrics.contains(asked), "{asked} of an address is in the metrics");
    }
}

#[tokio::test]
async fn there_are_only_so_many_series() {
    let service = Service::open("tests/data/tinyville", Disclosure::Full);
    for i in 0..300 {
        service.get(&format!("/made-up-{i}")).await;
        service.get(&format!("/collections/made-up-{i}/items")).await;
    }
    let metrics = String::from_utf8(service.get("/metrics").await.body.to_vec()).unwrap();
    let routes: BTreeSet<&str> =
        metrics.lines().filter_map(|l| l.split("route=\"").nth(1)?.split('"').next()).collect();
    assert!(routes.len() <= 3, "{routes:?}");
}

#[tokio::test]
async fn metrics_are_for_the_owner_and_reasons_too() {
    let folder = TempDir::new().unwrap();
    let stranger = Service::in_data_folder("tests/data/tinyville", Disclosure::Aggregates, folder.path());
    assert_eq!(stranger.get("/metrics").await.status, 403);
    let health = stranger.json("/healthz").await;
    assert_eq!(health["status"], "ok", "{health}");
    assert!(health["checks"].as_array().unwrap().iter().all(|check| check.get("detail").is_none()), "{health}");
    let folder = TempDir::new().unwrap();
    let owner = Service::in_data_folder("tests/data/tinyville", Disclosure::Full, folder.path());
    let health = owner.json("/healthz").await;
    let names: Vec<&str> = health["checks"].as_array().unwrap().iter().filter_map(|c| c["id"].as_str()).collect();
    assert_eq!(names, ["dataset", "reload", "data-folder", "disk"], "{health}");
    assert!(health.to_string().contains(folder.path().to_str().unwrap()), "{health}");
}

#[tokio::test]
async fn what_does_not_work_is_a_503_that_says_what() {
    let folder = TempDir::new().unwrap();
    let service = Service::in_data_folder("tests/data/tinyville", Disclosure::Full, folder.path());
    folder.close().unwrap();
    let answer = service.get("/healthz").await;
    let health = answer.json();
    assert_eq!((answer.status.as_u16(), answer.header("content-type")), (503, "application/json"), "{health}");
    let failing = |check: &&serde_json::Value| check["status"] == "failing";
    let found = health["checks"].as_array().unwrap().iter().find(failing).unwrap();
    assert!(found["id"] == "data-folder" && found["detail"]["zh"].as_str().unwrap().contains("不可写"), "{health}");
    // the map is served all the same
    assert_eq!(service.get("/readyz").await.status, 200);
}

/// A port that nobody has at this moment.
fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

#[test]
fn monitoring_has_an_address_of_its_own_where_refused_data_shows() {
    let dir = TempDir::new().unwrap();
    crate::common::copy_dataset("tests/data/tinyville", dir.path());
    let (port, data) = (free_port(), dir.path().join("kept"));
    let mut command = shigu();
    command.env("SHIGU_GEODATA", dir.path()).env("SHIGU_DATA_DIR", &data).env("SHIGU_ACCOUNTS", "true");
    let service = program::Service::start(command.env("SHIGU_METRICS_LISTEN", format!("127.0.0.1:{port}")));
    let monitored = |path: &str| program::get_at(port, path);
    eventually("the address", || std::net::TcpStream::connect(("127.0.0.1", port)).is_ok());
    assert_eq!((service.get("/metrics").0, monitored("/metrics").0), (401, 200));
    assert_eq!((monitored("/dataset").0, monitored("/collections/enterprises/items").0), (404, 404));
    assert!(monitored("/healthz").1.contains(r#""status":"ok""#));
    fs::write(dir.path().join("enterprises.geojson"), "{").unwrap();
    service.signal("HUP");
    eventually("the refusal", || monitored("/healthz").1.contains("degraded"));
    let (status, health) = monitored("/healthz");
    assert!(status == 200 && health.contains("enterprises.geojson"), "{health}");
    // who has not logged in learns that something is, not what
    assert!(!service.get("/healthz").1.contains("enterprises.geojson"));
    assert!(monitored("/metrics").1.contains("shigu_reload_refused 1"));
    assert!(monitored("/metrics").1.contains("shigu_report_jobs{state=\"queued\"} 0"));
}

#[test]
fn a_log_of_json_has_an_object_in_every_line() {
    let mut command = shigu();
    command.env("SHIGU_LOG", "info").args(["serve", "--listen", "127.0.0.1:0", "--log-format", "json"]);
    command.args(["--geodata", "tests/data/tinyville"]).stdout(Stdio::null()).stderr(Stdio::piped());
    let mut child = Running(command.spawn().unwrap());
    let mut ready = false;
    for line in BufReader::new(child.0.stderr.take().unwrap()).lines().map_while(Result::ok) {
        let object: serde_json::Value = serde_json::from_str(&line).unwrap_or_else(|e| panic!("{e}: {line}"));
        assert!(object["level"].is_string() && object["message"].is_string(), "{line}");
        if object["message"].as_str().unwrap().contains("figures are ready") {
            ready = true;
            break;
        }
    }
    assert!(ready, "the program ended before");
}

fn settings(dir: &TempDir, content: &str) -> PathBuf {
    let file = dir.path().join("shigu.toml");
    fs::write(&file, content).unwrap();
    file
}

fn printed(file: &Path, more: &[&str], variables: &[(&str, &str)]) -> Output {
    let mut command = shigu();
    command.args(["serve", "--print-config", "--config", file.to_str().unwrap()]).args(more);
    command.envs(variables.iter().copied()).output().unwrap()
}

#[test]
fn a_flag_counts_before_a_variable_before_the_file_before_the_default() {
    let dir = TempDir::new().unwrap();
    fs::write(dir.path().join("key"), "a-secret\n").unwrap();
    let key = dir.path().join("key");
    let file = settings(
        &dir,
        &format!(
            "listen = \"127.0.0.1:1111\"\nkeep-versions = 7\nkeep_links = 9\naccounts = true\nallow-anonymous = false\n\
             data-dir = {:?}\nhost-names = [\"a.example\", \"b.example\"]\nbasemap = \"tianditu:vec\"\nbasemap-key-file = {key:?}\n",
            dir.path().join("kept")
        ),
    );
    let out = printed(
        &file,
        &["--listen", "127.0.0.1:3333"],
        &[("SHIGU_KEEP_VERSIONS", "8"), ("SHIGU_LISTEN", "127.0.0.1:2222")],
    );
    let said = text(&out.stdout);
    assert!(out.status.success(), "{}", text(&out.stderr));
    let from = file.display();
    for line in [
        "listen = \"127.0.0.1:3333\"  # --listen".to_owned(),
        "keep-versions = 8  # SHIGU_KEEP_VERSIONS".to_owned(),
        format!("keep-links = 9  # {from}"),
        format!("accounts = true  # {from}"),
        format!("host-names = \"a.example,b.example\"  # {from}"),
        "# allow-anonymous = false  # 默认 / default".to_owned(),
        "# max-file-mb = 2000  # 默认 / default".to_owned(),
        format!("# basemap-key: 已设置,不显示 / set, not shown  # {from}"),
    ] {
        assert!(said.lines().any(|l| l == line), "{line} is missing:\n{said}");
    }
    assert!(!said.contains("a-secret"), "{said}");
    // what is printed is a file of settings
    let again = settings(&dir, &said);
    let out = printed(&again, &[], &[]);
    assert!(text(&out.stdout).contains("listen = \"127.0.0.1:3333\""), "{}", text(&out.stderr));
    // the variable names the file, too, and an empty one names none
    let of = |name: &str| {
        let out = shigu().args(["serve", "--print-config"]).env("SHIGU_CONFIG", name).output().unwrap();
        text(&out.stdout)
    };
    assert!(of(again.to_str().unwrap()).contains("keep-links = 9"));
    assert!(!of("").contains("keep-links = 9"));
}

#[test]
fn settings_that_do_not_fit_are_refused_with_what_was_meant() {
    let dir = TempDir::new().unwrap();
    for (content, said) in [
        ("listne = \"127.0.0.1:1\"", "listne: 没有这个设置,是否指 listen?"),
        ("tls-certificate = \"a\"", "tls-cert perhaps?"),
        ("print-config = true", "没有这个设置"),
        ("accounts = \"yes\"", "accounts: 应为 true 或 false"),
        ("listen = true", "listen: 应为文字或整数"),
        ("[serve]\nlisten = \"a\"", "serve: 没有这个设置"),
        ("listen = ", "不是 TOML 文件"),
        ("basemap-key-file = \"/no/such/file\"", "/no/such/file 读不出"),
        ("listen = \"nowhere\"", "nowhere"),
        ("tls-cert = \"a.pem\"", "--tls-key"),
    ] {
        let out = printed(&settings(&dir, content), &[], &[]);
        let heard = text(&out.stderr);
        assert!(!out.status.success() && heard.contains(said), "{content}: {heard}");
    }
    let absent = printed(Path::new("/no/such/shigu.toml"), &[], &[]);
    assert!(text(&absent.stderr).contains("/no/such/shigu.toml 读不出"), "{}", text(&absent.stderr));
}

/// The program on a desktop: something that opens addresses writes down which.
#[test]
fn alone_it_serves_with_the_folder_of_the_platform_and_opens_the_page() {
    let dir = TempDir::new().unwrap();
    let (opened, opener) = (dir.path().join("opened"), dir.path().join("xdg-open"));
    fs::write(&opener, format!("#!/bin/sh\necho \"$1\" > {0}.part && mv {0}.part {0}\n", opened.display())).unwrap();
    fs::set_permissions(&opener, fs::Permissions::from_mode(0o755)).unwrap();
    let path = format!("{}:{}", dir.path().display(), std::env::var("PATH").unwrap_or_default());
    let mut command = Command::new(env!("CARGO_BIN_EXE_shigu"));
    command.env_clear().env("PATH", path).env("DISPLAY", ":0").env("XDG_DATA_HOME", dir.path().join("home"));
    command.env("SHIGU_GEODATA", "tests/data/tinyville").current_dir(env!("CARGO_MANIFEST_DIR"));
    let _running = Running(command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap());
    eventually("the browser", || opened.exists());
    let address = fs::read_to_string(&opened).unwrap();
    let port = address.trim().trim_end_matches('/').rsplit(':').next().unwrap().parse().unwrap();
    assert!(address.starts_with("http://127.0.0.1:"), "{address}");
    assert_eq!(program::get_at(port, "/readyz").0, 200);
    assert!(dir.path().join("home/shigu/shigu.sqlite3").is_file());
}

#[test]
fn without_a_data_folder_it_says_where_one_could_be() {
    let mut command = shigu();
    command.env("XDG_DATA_HOME", "/home/somebody/data").args(["serve", "--listen", "127.0.0.1:0"]);
    command.args(["--geodata", "tests/data/tinyville"]).stdout(Stdio::null()).stderr(Stdio::piped());
    let mut child = Running(command.spawn().unwrap());
    let lines = BufReader::new(child.0.stderr.take().unwrap()).lines().map_while(Result::ok);
    let said = lines.into_iter().find(|line| line.contains("--data-dir")).unwrap();
    assert!(said.contains("/home/somebody/data/shigu"), "{said}");
}

#[test]
fn the_check_says_what_is_missing_before_the_service_does() {
    let dir = TempDir::new().unwrap();
    let check = |more: &[&str]| {
        let data = dir.path().join("not/yet/there");
        let mut command = shigu();
        command.args(["service-check", "--config=", "--data-dir", data.to_str().unwrap()]).args(more);
        let out = command.output().unwrap();
        (out.status.code().unwrap(), text(&out.stdout))
    };
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let at = taken.local_addr().unwrap().to_string();
    let free = format!("127.0.0.1:{}", free_port());
    let (code, said) = check(&["--listen", &free]);
    let of = |said: &str, id: &str| said.lines().find(|l| l.contains(&format!("{id}: "))).unwrap_or("").to_owned();
    assert_eq!(code, 0, "{said}");
    for id in ["settings", "port", "data-folder", "disk", "fonts", "clock", "open-files", "memory"] {
        assert!(!of(&said, id).is_empty(), "{id} is not looked at:\n{said}");
    }
    assert!(!dir.path().join("not").exists(), "the check made something");
    let (code, said) = check(&["--listen", &at]);
    assert!(code == 0 && of(&said, "port").starts_with("degraded"), "{said}");
    let (code, said) = check(&["--listen", &free, "--tls-cert", "/no/cert.pem", "--tls-key", "/no/key.pem"]);
    assert!(code == 1 && of(&said, "certificate").starts_with("failing"), "{said}");
    let (code, said) = check(&["--listen", "192.0.2.1:80"]);
    assert!(code == 1 && of(&said, "port").starts_with("failing"), "{said}");
}
