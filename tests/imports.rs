//! A file's way in over HTTP: sent, checked, looked at, mended, published; and refused with a reason at every step.

use crate::common;

use axum::body::{Body, Bytes, HttpBody};
use axum::http::Request;
use common::service::{Answer, Service};
use hyper::body::Frame;
use serde_json::{Value, json};
use shigu::core::query::Disclosure;
use std::fmt::Write as _;
use std::path::Path;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;
use tempfile::{TempDir, tempdir};

const HEAD: &str = "企业名称,区县,经度,纬度,2025年营收(万元)\n";
const BYTES: &str = "application/octet-stream";

/// Firms: number, place to the east, revenue.
fn table(firms: &[(u32, f64, f64)]) -> String {
    firms.iter().fold(HEAD.to_owned(), |mut text, (n, x, revenue)| {
        writeln!(text, "杭州第{n}智能有限公司,西区,{x:.5},30.05123,{revenue}").unwrap();
        text
    })
}

const FIRST: [(u32, f64, f64); 3] = [(1, 120.01234, 10.25), (2, 120.02345, 20.0), (3, 120.03456, 30.0)];

fn service(data: &Path) -> Service {
    Service::in_data_folder("tests/data/tinyville", Disclosure::Full, data)
}

fn open() -> (TempDir, Service) {
    let data = tempdir().unwrap();
    let service = service(data.path());
    (data, service)
}

async fn send(s: &Service, name: &str, bytes: impl Into<Body>) -> Value {
    let answer = s.post(&format!("/imports?file={name}"), BYTES, bytes).await;
    assert_eq!(answer.status, 201, "{}", String::from_utf8_lossy(&answer.body));
    let import = answer.json();
    assert_eq!(answer.header("location"), format!("http://shigu.test/imports/{}", import["id"].as_str().unwrap()));
    import
}

async fn to(s: &Service, id: &Value, what: &str, body: Value) -> Answer {
    s.post(&format!("/imports/{}/{what}", id.as_str().unwrap()), "application/json", body.to_string()).await
}

/// Checks a file and waits until that is done.
async fn check(s: &Service, id: &Value, options: Value) -> Value {
    let begun = to(s, id, "check", options).await;
    assert_eq!(begun.status, 202, "{}", String::from_utf8_lossy(&begun.body));
    for _ in 0..600 {
        let import = s.json(&format!("/imports/{}", id.as_str().unwrap())).await;
        if import["state"] != "checking" {
            return import;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("the check does not end");
}

fn wgs84() -> Value {
    json!({"crs": "wgs84"})
}

pub(crate) async fn publish(s: &Service, firms: &[(u32, f64, f64)]) -> Value {
    let id = send(s, "a.csv", table(firms)).await["id"].clone();
    assert_eq!(check(s, &id, wgs84()).await["state"], "checked");
    let done = to(s, &id, "publish", json!({"note": "十月"})).await;
    assert_eq!(done.status, 201, "{}", String::from_utf8_lossy(&done.body));
    done.json()
}

async fn rows(s: &Service, id: &Value, class: &str) -> Value {
    s.json(&format!("/imports/{}/rows?class={class}", id.as_str().unwrap())).await
}

async fn features(s: &Service) -> u64 {
    s.json("/collections/enterprises/items?limit=1").await["numberMatched"].as_u64().unwrap()
}

#[tokio::test]
async fn from_the_file_to_the_version() {
    let (data, s) = open();
    publish(&s, &FIRST).await;
    assert_eq!(features(&s).await, 3);

    // one changes, one moves, one comes, one has no usable revenue, one is not named
    let text = table(&[(1, 120.01234, 11.5), (2, 120.08888, 20.0), (4, 120.05555, 1.0)])
        + "杭州第5智能有限公司,西区,120.05,30.05,很多\n";
    let import = send(&s, "%E5%8D%81%E4%B8%80%E6%9C%88.csv", text.clone()).await;
    let id = &import["id"];
    assert_eq!(
        (&import["file"], &import["state"], &import["bytes"]),
        (&json!("十一月.csv"), &json!("received"), &json!(text.len()))
    );
    let import = check(&s, id, wgs84()).await;
    assert_eq!(import["state"], "checked", "{import}");
    assert_eq!(
        import["outcome"]["counts"],
        json!({"rows": 4, "new": 1, "changed": 1, "moved": 1, "problem": 1, "unchanged": 0, "absent": 1})
    );
    assert_eq!(features(&s).await, 3, "nothing has changed yet");

    let moved = rows(&s, id, "moved").await;
    assert_eq!(moved["matched"], 1);
    let row = &moved["rows"][0];
    assert_eq!((&row["row"], &row["name"]), (&json!(3), &json!("杭州第2智能有限公司")));
    assert_eq!((&row["from"], &row["to"]), (&json!([120.02345, 30.05123]), &json!([120.08888, 30.05123])));
    let problem = &rows(&s, id, "problem").await["rows"][0];
    assert_eq!((&problem["row"], &problem["findings"][0]["code"]), (&json!(5), &json!("number-unreadable")));
    assert!(problem["findings"][0]["message"]["zh"].as_str().unwrap().contains("第 5 行"));
    let changed = &rows(&s, id, "changed").await["rows"][0]["changes"];
    assert_eq!(changed, &json!([{"property": "revenue_2025", "from": 10.25, "to": 11.5}]));
    assert_eq!(rows(&s, id, "absent").await["rows"][0]["name"], "杭州第3智能有限公司");
    assert_eq!(rows(&s, id, "new").await["rows"][0]["from"], Value::Null);
    let base = format!("/imports/{}", id.as_str().unwrap());
    assert_eq!(s.json(&format!("{base}/rows?class=new&offset=1")).await["rows"], json!([]));

    let faults = s.get(&format!("{base}/faults.xlsx")).await;
    assert_eq!((faults.status.as_u16(), &faults.body[..2]), (200, &b"PK"[..]));
    assert!(faults.header("content-disposition").starts_with("attachment"));

    let done = to(&s, id, "publish", json!({"note": "十一月报表"})).await;
    assert_eq!((done.status.as_u16(), done.header("location")), (201, "http://shigu.test/versions/2"));
    let version = done.json();
    assert_eq!(
        (&version["file"], &version["note"], &version["actor"]),
        (&json!("十一月.csv"), &json!("十一月报表"), &json!("owner"))
    );
    assert_eq!((&version["counts"]["left_out"], &version["file_sha256"]), (&json!(1), &import["sha256"]));
    assert_eq!(features(&s).await, 4);
    let import = s.json(&base).await;
    assert_eq!((&import["state"], &import["version"]), (&json!("published"), &json!(2)));
    for again in ["publish", "check", "submit"] {
        let refused = to(&s, id, again, json!({})).await;
        assert_eq!((refused.status.as_u16(), &refused.json()["code"]), (409, &json!("published")), "{again}");
    }

    // all of it is there after a restart
    drop(s);
    let s = service(data.path());
    assert_eq!(features(&s).await, 4);
    assert_eq!(s.json("/versions").await["current"], 2);
}

#[tokio::test]
async fn what_was_said_of_a_file_is_said_of_the_next_with_its_columns() {
    let (_data, s) = open();
    publish(&s, &FIRST).await;
    let id = send(&s, "b.csv", table(&FIRST)).await["id"].clone();
    let import = check(&s, &id, Value::Null).await;
    assert_eq!(import["options"]["crs"], "wgs84", "{import}");
    assert_eq!(import["outcome"]["verdict"]["certainty"], "given");
    let import = check(&s, &id, json!({"crs": "gcj02"})).await;
    assert_eq!(import["options"]["crs"], "gcj02", "the planner's word counts");
}

#[tokio::test]
async fn a_register_that_has_changed_is_checked_against_anew() {
    let (_data, s) = open();
    let early = send(&s, "early.csv", table(&FIRST)).await["id"].clone();
    let import = check(&s, &early, wgs84()).await;
    publish(&s, &[(7, 120.01, 1.0)]).await;
    let refused = to(&s, &early, "publish", json!({})).await;
    assert_eq!((refused.status.as_u16(), &refused.json()["code"]), (409, &json!("stale")));
    assert!(refused.json()["detail"].as_str().unwrap().contains("v1"));
    let again = check(&s, &early, wgs84()).await;
    assert_ne!(again["revision"], import["revision"]);
    assert_eq!(to(&s, &early, "publish", json!({})).await.status, 201);
}

#[tokio::test]
async fn an_import_waits_for_whoever_may_publish_it_and_outlives_a_restart() {
    let (data, s) = open();
    let id = send(&s, "a.csv", table(&FIRST)).await["id"].clone();
    let early = to(&s, &id, "submit", json!({"note": "请审核"})).await;
    assert_eq!((early.status.as_u16(), &early.json()["code"]), (409, &json!("unchecked")));
    check(&s, &id, wgs84()).await;
    let import = to(&s, &id, "submit", json!({"note": "请审核"})).await.json();
    assert_eq!((&import["state"], &import["note"]), (&json!("submitted"), &json!("请审核")));

    drop(s);
    let s = service(data.path());
    let import = s.json("/imports").await["imports"][0].clone();
    assert_eq!((&import["state"], &import["options"]["crs"]), (&json!("submitted"), &json!("wgs84")));
    // what was found before is found again
    let path = format!("/imports/{}", id.as_str().unwrap());
    for _ in 0..600 {
        if !s.json(&path).await["outcome"].is_null() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let import = s.json(&path).await;
    assert_eq!((&import["state"], &import["outcome"]["counts"]["new"]), (&json!("submitted"), &json!(3)));
    // whoever publishes it looks at it as it was submitted, which takes nothing back
    let import = check(&s, &id, Value::Null).await;
    assert_eq!((&import["state"], &import["outcome"]["counts"]["new"]), (&json!("submitted"), &json!(3)));
    let version = to(&s, &id, "publish", json!({})).await.json();
    assert_eq!((&version["number"], &version["note"]), (&json!(1), &json!("请审核")));
}

#[tokio::test]
async fn a_file_that_says_nothing_is_refused_in_its_state_and_the_service_goes_on() {
    let (_data, s) = open();
    for (name, bytes, code) in [
        ("x.xlsx", Bytes::from_static(b"PK\x03\x04 no package"), "package-broken"),
        ("empty.csv", Bytes::new(), "no-rows"),
        ("x.bin", Bytes::from_static(&[0, 1, 2, 3, 255]), "encoding-unknown"),
        ("words.csv", Bytes::from_static("今天,天气\n很,好\n".as_bytes()), "no-head"),
    ] {
        let id = send(&s, name, bytes).await["id"].clone();
        let import = check(&s, &id, json!({})).await;
        assert_eq!(import["state"], "refused", "{name}: {import}");
        let found = import["refusal"]["code"].as_str().unwrap();
        assert!(found == code || name != "empty.csv" && !found.is_empty(), "{name}: {found}");
        assert!(!import["refusal"]["message"]["zh"].as_str().unwrap().is_empty());
        assert!(!import["refusal"]["remedy"]["zh"].as_str().unwrap().is_empty());
        assert_eq!(to(&s, &id, "publish", json!({})).await.status, 409);
    }
    let id = send(&s, "a.csv", table(&FIRST)).await["id"].clone();
    assert_eq!(check(&s, &id, json!({"crs": "月球"})).await["refusal"]["code"], "crs-unknown");
    assert_eq!(check(&s, &id, json!({"columns": {"没有这列": "name"}})).await["refusal"]["code"], "map-column-unknown");
    assert_eq!(check(&s, &id, wgs84()).await["state"], "checked");
}

#[tokio::test]
async fn requests_that_mean_nothing() {
    let (_data, s) = open();
    let status = async |answer: Answer| (answer.status.as_u16(), answer.json()["code"].as_str().unwrap().to_owned());
    let bad = |code: &str| (400, code.to_owned());
    assert_eq!(status(s.post("/imports", BYTES, "x").await).await, bad("bad-parameter"));
    for name in ["", "a%2Fb.csv", "a%5Cb.csv", "a%0Ab.csv", &"x".repeat(201)] {
        assert_eq!(
            status(s.post(&format!("/imports?file={name}"), BYTES, "x").await).await,
            bad("bad-parameter"),
            "{name}"
        );
    }
    assert_eq!(status(s.post("/imports?file=a.csv&x=1", BYTES, "x").await).await.0, 400);
    assert_eq!(status(s.post("/imports?file=a.csv", "text/csv", "x").await).await.0, 415);
    let huge = Request::post("/imports?file=a.csv").header("content-type", BYTES).header("content-length", 600 << 20);
    assert_eq!(status(s.send(huge.body(Body::empty()).unwrap()).await).await, (413, "file-too-large".to_owned()));
    let foreign =
        Request::post("/imports?file=a.csv").header("content-type", BYTES).header("origin", "http://evil.test");
    assert_eq!(s.send(foreign.body("x".into()).unwrap()).await.status, 403);
    assert_eq!(s.json("/imports").await["imports"], json!([]), "nothing was kept");

    assert_eq!(s.get("/imports/nothing").await.status, 404);
    assert_eq!(s.get("/imports/..%2F..%2Fshigu.sqlite3").await.status, 404);
    let id = send(&s, "a.csv", table(&FIRST)).await["id"].clone();
    let at = format!("/imports/{}", id.as_str().unwrap());
    assert_eq!(status(s.get(&format!("{at}/rows")).await).await, bad("bad-parameter"));
    assert_eq!(status(s.get(&format!("{at}/rows?class=all")).await).await, bad("bad-parameter"));
    assert_eq!(status(s.get(&format!("{at}/rows?class=new")).await).await, (409, "unchecked".to_owned()));
    assert_eq!(to(&s, &id, "check", json!({"crs": 4})).await.status, 400);
    assert_eq!(to(&s, &id, "check", json!({"colour": "red"})).await.status, 400);
    check(&s, &id, wgs84()).await;
    let long = "长".repeat(501);
    assert_eq!(status(to(&s, &id, "publish", json!({"note": long})).await).await, (422, "note-too-long".to_owned()));
    let gone = Request::delete(&at).body(Body::empty()).unwrap();
    assert_eq!(s.send(gone).await.status, 204);
    assert_eq!(s.get(&at).await.status, 404);
    assert_eq!(status(to(&s, &id, "publish", json!({})).await).await.0, 404);
}

/// A body that breaks off after its first bytes.
struct Torn(bool);

impl HttpBody for Torn {
    type Data = Bytes;
    type Error = std::io::Error;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        let first = !std::mem::replace(&mut self.0, true);
        let next = if first { Ok(Frame::data(HEAD.into())) } else { Err(std::io::Error::other("the cable is out")) };
        Poll::Ready(Some(next))
    }
}

#[tokio::test]
async fn half_a_file_is_none() {
    let (data, s) = open();
    let answer = s.post("/imports?file=a.csv", BYTES, Body::new(Torn(false))).await;
    assert_eq!(answer.status, 400);
    assert_eq!(s.json("/imports").await["imports"], json!([]));
    assert_eq!(std::fs::read_dir(data.path().join("incoming")).unwrap().count(), 1, "the lock");
}

#[tokio::test]
async fn who_may_not_change_data_sees_nothing_of_it() {
    let data = tempdir().unwrap();
    let s = Service::in_data_folder("tests/data/tinyville", Disclosure::Aggregates, data.path());
    assert_eq!(s.post("/imports?file=a.csv", BYTES, table(&FIRST)).await.status, 403);
    for path in ["/imports", "/imports/x", "/imports/x/rows?class=new", "/imports/x/faults.xlsx"] {
        assert_eq!(s.get(path).await.status, 403, "{path}");
    }
    for what in ["check", "submit", "publish"] {
        assert_eq!(to(&s, &json!("x"), what, json!({})).await.status, 403, "{what}");
    }
    assert_eq!(s.send(Request::delete("/imports/x").body(Body::empty()).unwrap()).await.status, 403);
    assert_eq!(s.get("/imports/template.xlsx").await.status, 200, "an empty table is no secret");
}

#[tokio::test]
async fn without_a_data_folder_nothing_can_be_imported() {
    let s = Service::open("tests/data/tinyville", Disclosure::Full);
    let answer = s.post("/imports?file=a.csv", BYTES, table(&FIRST)).await;
    assert_eq!((answer.status.as_u16(), &answer.json()["code"]), (501, &json!("keeps-nothing")));
    assert!(answer.json()["detail"].as_str().unwrap().contains("--data-dir"));
    assert_eq!(s.get("/imports/template.xlsx").await.status, 200);
}
