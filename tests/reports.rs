//! Reports made in batches, over HTTP: requested, watched, stopped, downloaded, dropped; by nobody else.

use crate::common;

use axum::body::Body;
use axum::http::Request;
use common::service::{Answer, Service, kept};
use http_body_util::BodyExt;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use shigu::core::query::Disclosure;
use shigu::render::report::Format;
use shigu::service::store::{Job, JobState, Reports};
use std::fmt::Write as _;
use std::io::{Cursor, Read};
use std::time::Duration;
use tempfile::{TempDir, tempdir};
use tower::ServiceExt;

const TINYVILLE: &str = "tests/data/tinyville";

fn open() -> (TempDir, Service) {
    let data = tempdir().unwrap();
    let reports = Reports::open(kept(data.path()), 0).unwrap();
    (data, Service::with_reports(TINYVILLE, Disclosure::Full, reports))
}

async fn ask(s: &Service, body: &Value) -> Answer {
    s.post("/reports", "application/json", body.to_string()).await
}

async fn begin(s: &Service, body: &Value) -> String {
    let answer = ask(s, body).await;
    assert_eq!(answer.status, 202, "{}", String::from_utf8_lossy(&answer.body));
    let id = answer.json()["id"].as_str().unwrap().to_owned();
    assert_eq!(answer.header("location"), format!("http://shigu.test/reports/{id}"));
    id
}

async fn delete(s: &Service, id: &str) -> Answer {
    s.send(Request::delete(format!("/reports/{id}")).body(Body::empty()).unwrap()).await
}

/// The events of a job from now to its end: names and data.
async fn watch(s: &Service, id: &str) -> Vec<(String, Value)> {
    let events = tokio::time::timeout(Duration::from_mins(2), s.get(&format!("/reports/{id}/events"))).await;
    let events = events.expect("the events end with the job");
    assert_eq!((events.status.as_u16(), events.header("content-type")), (200, "text/event-stream"));
    let text = String::from_utf8(events.body.to_vec()).unwrap();
    let event = |e: &str| {
        let (name, data) = e.strip_prefix("event: ")?.split_once("\ndata: ")?;
        Some((name.to_owned(), serde_json::from_str(data).unwrap()))
    };
    text.split("\n\n").filter_map(event).collect()
}

fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().fold(String::new(), |mut s, b| {
        write!(s, "{b:02x}").unwrap();
        s
    })
}

fn escaped(name: &str) -> String {
    name.bytes().fold(String::new(), |mut s, b| {
        write!(s, "%{b:02X}").unwrap();
        s
    })
}

/// The districts of tinyville, as its zones list them.
async fn districts(s: &Service) -> Vec<String> {
    let zones = s.json("/zones?kind=district").await;
    zones["zones"].as_array().unwrap().iter().map(|z| z["id"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn every_file_is_the_one_that_a_reader_gets_alone() {
    let (_data, s) = open();
    let formats = Format::ALL.map(Format::extension);
    let year = s.json("/dataset").await["years"][0].as_u64().unwrap();
    let body =
        json!({"zones": "districts", "formats": formats, "lang": "en", "year": year, "filter": {"cluster": "robot"}});
    let id = begin(&s, &body).await;
    let events = watch(&s, &id).await;
    let last = events.last().unwrap();
    assert_eq!((last.0.as_str(), &last.1["state"]), ("end", &json!("finished")), "{last:?}");
    let job = s.json(&format!("/reports/{id}")).await;
    let zones = districts(&s).await;
    assert_eq!(job["question"]["zones"], json!(zones));
    let files = job["files"].as_array().unwrap();
    assert_eq!((files.len(), &job["done"]), (zones.len() * 8, &job["total"]));
    let mut expected = std::collections::BTreeMap::new();
    for file in files {
        let text = |key: &str| file[key].as_str().unwrap().to_owned();
        let (zone, format, name) = (text("zone"), text("format"), text("name"));
        let alone = s.get(&format!("/report/{zone}?format={format}&lang=en&year={year}&cluster=robot")).await;
        assert_eq!(alone.status, 200);
        assert_eq!(text("sha256"), sha256(&alone.body), "{name}");
        assert_eq!(file["bytes"], alone.body.len());
        let one = s.get(&format!("/reports/{id}/files/{}", escaped(&name))).await;
        assert!(one.status == 200 && one.body == alone.body, "{name}");
        assert_eq!(one.header("content-type"), Format::named(&format).unwrap().media_type());
        assert!(one.header("content-disposition").starts_with("attachment;"));
        assert_eq!(one.header("content-encoding"), "");
        // the code asks the same again, where it is typed into an address
        let again = s.get(&format!("/report/{zone}?format={format}&lang=en&{}", after_zone(&text("query")))).await;
        assert!(again.body == alone.body, "{name}: {}", text("query"));
        expected.insert(name, alone.body);
    }

    let archive = s.get(&format!("/reports/{id}/all.zip")).await;
    assert_eq!((archive.status.as_u16(), archive.header("content-type")), (200, "application/zip"));
    assert_eq!(archive.header("content-length"), archive.body.len().to_string());
    assert_eq!(job["zip"], archive.body.len());
    let mut zip = zip::ZipArchive::new(Cursor::new(&archive.body)).unwrap();
    let mut names: Vec<String> = zip.file_names().map(|n| n.unwrap().into_owned()).collect();
    assert_eq!(names.pop().as_deref(), Some("manifest.json"));
    assert_eq!(names, expected.keys().cloned().collect::<Vec<_>>(), "by name");
    for (name, bytes) in &expected {
        let mut found = Vec::new();
        zip.by_name(name).unwrap().read_to_end(&mut found).unwrap();
        assert!(found == *bytes, "{name}");
    }
    let manifest: Value = serde_json::from_reader(zip.by_name("manifest.json").unwrap()).unwrap();
    assert_eq!((&manifest["revision"], &manifest["files"].as_array().unwrap().len()), (&job["revision"], &names.len()));
    assert_eq!(manifest["files"][0]["sha256"], files[0]["sha256"]);
    let part = s.get_with(&format!("/reports/{id}/all.zip"), &[("range", "bytes=0-3")]).await;
    assert!(part.status == 206 && part.body == archive.body.slice(..4));

    // the same question makes the same archive
    let again = begin(&s, &body).await;
    watch(&s, &again).await;
    assert!(s.get(&format!("/reports/{again}/all.zip")).await.body == archive.body);
    let listed = s.json("/reports").await;
    let ids: Vec<&str> = listed["jobs"].as_array().unwrap().iter().map(|j| j["id"].as_str().unwrap()).collect();
    assert_eq!(ids, [again.as_str(), id.as_str()], "the latest first");
}

/// A code without its zone, which the address of a report has in its path.
fn after_zone(code: &str) -> &str {
    code.split_once('&').map_or("", |(_, rest)| rest)
}

#[tokio::test]
async fn progress_is_reported_in_figures_and_whoever_comes_late_sees_the_end() {
    let (_data, s) = open();
    let id = begin(&s, &json!({"zones": "districts", "formats": ["pdf", "png", "csv"]})).await;
    let events = watch(&s, &id).await;
    let done: Vec<u64> = events.iter().map(|(_, e)| e["done"].as_u64().unwrap()).collect();
    assert!(done.is_sorted(), "{done:?}");
    let total = 3 * districts(&s).await.len() as u64;
    assert!(events.iter().all(|(_, e)| e["total"] == total && e["files"] == json!([])));
    assert_eq!((done.last(), events.last().unwrap().0.as_str()), (Some(&total), "end"));
    let now = |e: &Value| e["zone"]["name"]["zh"].as_str().map(str::to_owned);
    assert!(events.len() > 2 && events.iter().any(|(_, e)| now(e).is_some()), "{events:?}");
    let late = watch(&s, &id).await;
    assert_eq!(late.len(), 1);
    assert_eq!((late[0].0.as_str(), &late[0].1["state"]), ("end", &json!("finished")));
}

#[tokio::test]
async fn a_job_is_stopped_its_files_stay_and_then_it_is_dropped() {
    let (data, s) = open();
    // the second waits for the first, which is stopped in its middle
    let first = begin(&s, &json!({"zones": "districts", "formats": ["csv", "pdf", "docx", "png"]})).await;
    let second = begin(&s, &json!({"zones": ["city"], "formats": ["csv"]})).await;
    let third = begin(&s, &json!({"zones": ["city"], "formats": ["csv"]})).await;
    assert_eq!(delete(&s, &third).await.json()["state"], "cancelled");
    let mut events = s
        .0
        .clone()
        .oneshot(
            Request::get(format!("/reports/{first}/events")).header("host", "shigu.test").body(Body::empty()).unwrap(),
        )
        .await
        .unwrap()
        .into_body();
    let mut seen = String::new();
    while !seen.contains("\"done\":1,") {
        let frame = events.frame().await.expect("it goes on").unwrap();
        seen.push_str(std::str::from_utf8(frame.data_ref().unwrap()).unwrap());
    }
    let stopped = delete(&s, &first).await;
    assert_eq!((stopped.status.as_u16(), &stopped.json()["state"]), (200, &json!("cancelled")));
    assert_eq!(watch(&s, &second).await.last().unwrap().1["state"], "finished", "the next has its turn");
    let job = s.json(&format!("/reports/{first}")).await;
    let files = job["files"].as_array().unwrap();
    assert!(!files.is_empty() && job["done"].as_u64() < job["total"].as_u64(), "{job}");
    let name = files[0]["name"].as_str().unwrap();
    assert_eq!(s.get(&format!("/reports/{first}/files/{}", escaped(name))).await.status, 200);
    let archive = s.get(&format!("/reports/{first}/all.zip")).await;
    assert_eq!((archive.status.as_u16(), &archive.json()["code"]), (409, &json!("unfinished")));
    let folder = data.path().join("reports").join(&first);
    let on_disk = std::fs::read_dir(&folder).unwrap().count();
    assert_eq!(on_disk, files.len(), "nothing half is left");

    assert_eq!(delete(&s, &first).await.status, 204);
    assert!(!folder.exists());
    for what in ["", "/events", "/all.zip", "/files/x.csv"] {
        assert_eq!(s.get(&format!("/reports/{first}{what}")).await.status, 404, "{what}");
    }
    assert_eq!(delete(&s, &first).await.status, 404);
}

#[tokio::test]
async fn nobody_sees_the_jobs_of_others() {
    let data = tempdir().unwrap();
    let reports = Reports::open(kept(data.path()), 0).unwrap();
    let owner = Service::with_reports(TINYVILLE, Disclosure::Full, reports.clone());
    let anyone = Service::with_reports(TINYVILLE, Disclosure::Aggregates, reports);
    let id = begin(&owner, &json!({"zones": ["city"], "formats": ["csv"]})).await;
    watch(&owner, &id).await;
    let name = owner.json(&format!("/reports/{id}")).await["files"][0]["name"].as_str().unwrap().to_owned();
    for what in [String::new(), "/events".into(), "/all.zip".into(), format!("/files/{}", escaped(&name))] {
        assert_eq!(owner.get(&format!("/reports/{id}{what}")).await.status, 200);
        assert_eq!(anyone.get(&format!("/reports/{id}{what}")).await.status, 404, "{what}");
        // a page of another origin in the owner's browser gets nothing
        let elsewhere = [("origin", "https://elsewhere.example")];
        assert_eq!(owner.get_with(&format!("/reports/{id}{what}"), &elsewhere).await.status, 403, "{what}");
    }
    assert_eq!(anyone.json("/reports").await["jobs"], json!([]));
    assert_eq!(delete(&anyone, &id).await.status, 404);
    let foreign = Request::post("/reports")
        .header("content-type", "application/json")
        .header("origin", "https://elsewhere.example")
        .body(Body::from(json!({"zones": ["city"], "formats": ["csv"]}).to_string()))
        .unwrap();
    assert_eq!(owner.send(foreign).await.status, 403);
    // what anyone asks for shows what anyone may see
    let id = begin(&anyone, &json!({"zones": ["city"], "formats": ["csv"]})).await;
    watch(&anyone, &id).await;
    let job = anyone.json(&format!("/reports/{id}")).await;
    let alone = anyone.get("/report/city?format=csv").await.body;
    assert_eq!(job["files"][0]["sha256"], sha256(&alone));
    assert_eq!(owner.get(&format!("/reports/{id}")).await.status, 404);
}

/// Jobs of other builds in the table: those of older ones are read; what isn't understood says so, and its files are there.
#[tokio::test]
async fn jobs_of_other_builds_are_read_or_say_why_not() {
    let data = tempdir().unwrap();
    let reports = Reports::open(kept(data.path()), 0).unwrap();
    let s = Service::with_reports(TINYVILLE, Disclosure::Full, reports.clone());
    let fresh = begin(&s, &json!({"zones": ["city"], "formats": ["csv"], "filter": {"cluster": "robot"}})).await;
    watch(&s, &fresh).await;
    let made = reports.get(&fresh).unwrap().unwrap();
    let old = json!({"zones": ["city"], "formats": ["csv"], "lang": "zh", "year": 2024,
        "filter": {"op": "=", "args": [{"property": "cluster"}, "robot"]}, "secondary": true});
    let later = json!({"zones": ["city"], "formats": ["csv"], "lang": "zh", "within": {"minutes": 15}});
    for (id, question) in [("old", &old), ("later", &later)] {
        let job = Job { id: id.into(), question: question.to_string(), state: JobState::Queued, ..made.clone() };
        reports.add(&job, 0).unwrap();
        assert!(reports.begin(id).unwrap() && reports.keep(id, made.files[0].clone(), b"rows").unwrap());
        reports.finish(id, 0, made.ended.unwrap()).unwrap();
    }
    let job = s.json("/reports/old").await;
    let again = json!({"zones": ["city"], "formats": ["csv"], "lang": "zh", "year": 2024, "filter": "cluster = 'robot'", "secondary": true});
    assert_eq!((&job["question"], &job["error"]), (&again, &Value::Null));
    let id = begin(&s, &job["question"]).await;
    watch(&s, &id).await;
    let repeated = s.json(&format!("/reports/{id}")).await;
    assert_eq!((&repeated["question"], &repeated["state"]), (&again, &json!("finished")));

    let job = s.json("/reports/later").await;
    assert_eq!((&job["question"], &job["state"]), (&Value::Null, &json!("finished")));
    let why = job["error"]["en"].as_str().unwrap();
    assert!(why.contains("another version") && why.contains("within"), "{why}");
    let name = escaped(job["files"][0]["name"].as_str().unwrap());
    assert_eq!(s.get(&format!("/reports/later/files/{name}")).await.body, &b"rows"[..]);
    let archive = s.get("/reports/later/all.zip").await;
    assert_eq!(archive.status, 200);
    assert!(archive.header("content-disposition").contains(".zip"));
    assert_eq!(s.json("/reports").await["jobs"].as_array().unwrap().len(), 4);
}

#[tokio::test]
async fn what_is_wrong_shows_before_anything_is_kept() {
    let (data, s) = open();
    let many: Vec<String> = (0..201).map(|n| n.to_string()).collect();
    for (body, status, code, says) in [
        (json!({"zones": [], "formats": ["csv"]}), 400, "bad-parameter", "zones"),
        (json!({"zones": many, "formats": ["csv"]}), 400, "bad-parameter", "200"),
        (json!({"zones": ["city", "city"], "formats": ["csv"]}), 400, "bad-parameter", "zones"),
        (json!({"zones": "all", "formats": ["csv"]}), 400, "bad-parameter", "districts"),
        (json!({"zones": 7, "formats": ["csv"]}), 400, "bad-body", "districts"),
        (json!({"zones": ["nowhere"], "formats": ["csv"]}), 404, "not-found", "nowhere"),
        (json!({"zones": ["../city"], "formats": ["csv"]}), 404, "not-found", "../city"),
        (json!({"zones": ["city"], "formats": []}), 400, "bad-parameter", "formats"),
        (json!({"zones": ["city"], "formats": ["csv", "csv"]}), 400, "bad-parameter", "formats"),
        (json!({"zones": ["city"], "formats": ["exe"]}), 400, "bad-parameter", "docx"),
        (json!({"zones": ["city"], "formats": ["csv"], "lang": "fr"}), 400, "bad-parameter", "lang"),
        (json!({"zones": ["city"], "formats": ["csv"], "year": 1900}), 400, "bad-parameter", "1900"),
        (json!({"zones": ["city"], "formats": ["csv"], "filter": {"colour": "red"}}), 400, "bad-parameter", "colour"),
        (json!({"zones": ["city"], "formats": ["csv"], "filter": "a = "}), 400, "bad-parameter", "filter"),
        (json!({"zones": ["city"], "formats": ["csv"], "more": 1}), 400, "bad-body", "more"),
        (json!({"formats": ["csv"]}), 400, "bad-body", "zones"),
    ] {
        let answer = ask(&s, &body).await;
        let problem = answer.json();
        assert_eq!((answer.status.as_u16(), problem["code"].as_str()), (status, Some(code)), "{body}: {problem}");
        assert!(problem["detail"].as_str().unwrap().contains(says), "{body}: {problem}");
    }
    assert_eq!(s.json("/reports").await["jobs"], json!([]));
    assert_eq!(std::fs::read_dir(data.path().join("reports")).unwrap().count(), 1, "the lock");
    let nowhere = Service::open(TINYVILLE, Disclosure::Full);
    for answer in [
        ask(&nowhere, &json!({"zones": ["city"], "formats": ["csv"]})).await,
        nowhere.get("/reports").await,
        nowhere.get("/reports/x/all.zip").await,
    ] {
        assert_eq!((answer.status.as_u16(), &answer.json()["code"]), (501, &json!("keeps-nothing")));
    }
    assert_eq!(nowhere.json("/site").await["keeps_reports"], false);
    assert_eq!(s.json("/site").await["keeps_reports"], true);
    let post = s.send(Request::post("/reports/x/all.zip").body(Body::empty()).unwrap()).await;
    assert_eq!((post.status.as_u16(), post.header("allow")), (405, "GET, HEAD, OPTIONS"));
}

#[tokio::test]
async fn the_line_has_an_end() {
    let (_data, s) = open();
    let body = json!({"zones": "districts", "formats": ["pdf", "docx", "png", "html"]});
    let mut ids = Vec::new();
    let refused = loop {
        let answer = ask(&s, &body).await;
        match answer.status.as_u16() {
            202 => ids.push(answer.json()["id"].as_str().unwrap().to_owned()),
            _ => break answer,
        }
        assert!(ids.len() < 60, "as many as one likes");
    };
    assert_eq!((refused.status.as_u16(), &refused.json()["code"]), (503, &json!("busy")));
    assert!(ids.len() >= 16, "{}", ids.len());
    for id in ids.iter().rev() {
        assert!(matches!(delete(&s, id).await.status.as_u16(), 200 | 204));
    }
    let id = begin(&s, &json!({"zones": ["city"], "formats": ["csv"]})).await;
    assert_eq!(watch(&s, &id).await.last().unwrap().1["state"], "finished");
}

#[tokio::test]
async fn a_file_that_cannot_be_made_ends_the_job_with_a_reason() {
    let data = tempdir().unwrap();
    let reports = Reports::open(kept(data.path()), 0).unwrap();
    let s = Service::with_reports_fontless(TINYVILLE, reports);
    let id = begin(&s, &json!({"zones": ["city"], "formats": ["csv", "png"]})).await;
    let (name, job) = watch(&s, &id).await.pop().unwrap();
    assert_eq!((name.as_str(), &job["state"], &job["done"]), ("end", &json!("failed"), &json!(1)), "{job}");
    let why = job["error"]["zh"].as_str().unwrap();
    assert!(why.contains("PNG") && why.contains("--font"), "{why}");
    assert!(job["error"]["en"].as_str().unwrap().contains("--font"));
}
