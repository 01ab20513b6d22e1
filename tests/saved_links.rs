//! Short links: kept across restarts, the same for the same address, leading nowhere but to the page; and a data folder
//! that can't be used says why.

use crate::common;

use axum::body::Body;
use axum::http::Request;
use common::service::{Answer, Service, kept};
use rusqlite::Connection;
use serde_json::json;
use shigu::core::query::Disclosure;
use shigu::service::store::{Database, DatabaseError};
use std::path::Path;
use tempfile::tempdir;

const PAGE: &str = "?mode=compare&zones=330110,330108&against=2023#9.50/30.2000/120.1000";

fn service(folder: &Path) -> Service {
    Service::with_database("tests/data/tinyville", Disclosure::Full, Database::open(kept(folder)).unwrap())
}

async fn save(service: &Service, target: &str) -> Answer {
    service.post("/links", "application/json", json!({"target": target}).to_string()).await
}

fn file(folder: &Path) -> std::path::PathBuf {
    folder.join("shigu.sqlite3")
}

#[tokio::test]
async fn a_link_outlives_the_program_and_leads_to_the_page() {
    let folder = tempdir().unwrap();
    let first = service(folder.path());
    let saved = save(&first, PAGE).await;
    assert_eq!(saved.status, 201, "{}", String::from_utf8_lossy(&saved.body));
    let code = saved.json()["code"].as_str().unwrap().to_owned();
    assert_eq!(saved.json()["url"], format!("http://shigu.test/s/{code}"));
    assert_eq!(save(&first, PAGE).await.status, 200);
    drop(first);

    let second = service(folder.path());
    assert_eq!(save(&second, PAGE).await.json()["code"], code.as_str());
    let followed = second.get(&format!("/s/{code}")).await;
    assert_eq!(followed.status, 302);
    assert_eq!(followed.header("location"), format!("../{PAGE}"));
    assert_eq!(second.get(&format!("/s/{}", code.to_uppercase())).await.header("location"), format!("../{PAGE}"));
    assert_eq!(second.json("/site").await["keeps_links"], true);
    for other in ["/s/nothing0", "/s/..%2F..", "/s/%3Cscript%3E", &format!("/s/{}", "a".repeat(500))] {
        assert_eq!(second.get(other).await.status, 404, "{other}");
    }
}

#[tokio::test]
async fn a_link_leads_nowhere_else() {
    let folder = tempdir().unwrap();
    let service = service(folder.path());
    let outside = [
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "javascript:alert(1)",
        "zone=330110",
        "",
        "?",
        "?a b",
        "?a\r\nSet-Cookie: x=1",
        "?\"><script>",
        "#a#b",
        "?名",
    ];
    for target in outside {
        let answer = save(&service, target).await;
        assert_eq!((answer.status.as_u16(), &answer.json()["code"]), (422, &json!("no-link")), "{target:?}");
    }
    // whatever somebody wrote into the file by other means
    let other = Connection::open(file(folder.path())).unwrap();
    other.execute("INSERT INTO link VALUES ('bad0', 'https://evil.example/', 0, 0)", []).unwrap();
    let answer = service.get("/s/bad0").await;
    assert_eq!((answer.status.as_u16(), answer.header("location")), (422, ""));
    let long = save(&service, &format!("?drawn={}", "1".repeat(8000))).await;
    assert_eq!((long.status.as_u16(), &long.json()["code"]), (422, &json!("link-too-long")));
}

#[tokio::test]
async fn only_the_page_itself_may_save() {
    let folder = tempdir().unwrap();
    let service = service(folder.path());
    let from = |host: &str, origin: Option<&str>, kind: &str| {
        let mut request = Request::post("/links").header("host", host).header("content-type", kind);
        if let Some(origin) = origin {
            request = request.header("origin", origin);
        }
        request.body(Body::from(json!({"target": PAGE}).to_string())).unwrap()
    };
    let json = "application/json";
    for (host, origin, kind, status) in [
        ("shigu.test", Some("http://shigu.test"), json, 201),
        ("127.0.0.1:8080", Some("http://127.0.0.1:8080"), json, 200),
        ("shigu.test", None, json, 200),
        ("shigu.test", Some("http://evil.example"), json, 403),
        ("shigu.test", Some("null"), json, 403),
        ("evil.example", Some("http://evil.example"), json, 421),
        ("shigu.test", Some("http://shigu.test"), "text/plain", 415),
    ] {
        let answer = service.send(from(host, origin, kind)).await;
        assert_eq!(answer.status, status, "{host} {origin:?} {kind}");
    }
    assert_eq!(service.get("/links").await.status, 405);
}

#[tokio::test]
async fn without_a_folder_it_says_that_it_keeps_nothing() {
    let service = Service::open("tests/data/tinyville", Disclosure::Full);
    let answer = save(&service, PAGE).await;
    assert_eq!((answer.status.as_u16(), &answer.json()["code"]), (501, &json!("keeps-nothing")));
    assert!(answer.json()["detail_en"].as_str().unwrap().contains("--data-dir"));
    assert_eq!(service.get("/s/abcdefgh").await.status, 404);
    assert_eq!(service.json("/site").await["keeps_links"], false);
}

#[test]
fn a_file_of_another_kind_or_time_is_refused_and_left_alone() {
    let folder = tempdir().unwrap();
    let path = file(folder.path());

    std::fs::write(&path, b"this is no database, but it is long enough to be read as one").unwrap();
    let before = std::fs::read(&path).unwrap();
    let error = Database::open(folder.path()).unwrap_err();
    assert!(matches!(error, DatabaseError::Damaged { .. }), "{error}");
    assert!(error.text().zh.contains("请从备份恢复") && error.text().en.contains("backup"));
    assert_eq!(std::fs::read(&path).unwrap(), before);

    std::fs::remove_file(&path).unwrap();
    let other = Connection::open(&path).unwrap();
    other.execute_batch("CREATE TABLE theirs (x)").unwrap();
    drop(other);
    assert!(matches!(Database::open(folder.path()).unwrap_err(), DatabaseError::Foreign(_)));

    std::fs::remove_file(&path).unwrap();
    drop(Database::open(folder.path()).unwrap());
    let later = Connection::open(&path).unwrap();
    later.execute_batch("PRAGMA user_version = 999").unwrap();
    drop(later);
    let error = Database::open(folder.path()).unwrap_err();
    assert!(matches!(error, DatabaseError::Newer { found: 999, .. }), "{error}");
    assert!(error.text().zh.contains("较新版本"));
}

#[test]
fn a_damaged_page_is_found_at_the_start() {
    let folder = tempdir().unwrap();
    let database = Database::open(folder.path()).unwrap();
    for i in 0..500 {
        database.save_link(&format!("?zone={i}"), 0).unwrap();
    }
    drop(database);
    let path = file(folder.path());
    let mut bytes = std::fs::read(&path).unwrap();
    // from its head on, as what stands in the free room of a page is nobody's
    let middle = bytes.len() / 2 / 4096 * 4096;
    bytes[middle..middle + 2000].fill(0xAA);
    std::fs::write(&path, &bytes).unwrap();
    assert!(matches!(Database::open(folder.path()).unwrap_err(), DatabaseError::Damaged { .. }));
}

#[test]
fn two_programs_share_a_folder() {
    let folder = tempdir().unwrap();
    let (one, two) = (Database::open(kept(folder.path())).unwrap(), Database::open(kept(folder.path())).unwrap());
    one.save_link(PAGE, 0).unwrap();
    let code = match two.save_link(PAGE, 0).unwrap() {
        shigu::service::store::Saved::Known(code) => code,
        other => panic!("{other:?}"),
    };
    assert_eq!(one.link(&code).unwrap().as_deref(), Some(PAGE));
}
