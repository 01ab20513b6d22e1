//! Copies that share a database and an object store and no folder: what one has any other has, a copy comes with an empty disk, and while
//! the store is away reading goes on.

use super::s3::S3;
use super::{Copy, Postgres, Shared, TINYVILLE, eventually, files, firms, served, signal};
use serde_json::{Value, json};
use std::fs;
use std::thread;
use std::time::{Duration, Instant};

/// What readers ask again and again.
const READS: [&str; 4] = ["/dataset", "/summary?zone=T02", "/collections/enterprises/items?limit=5&f=html", "/readyz"];

fn published(copy: &Copy, firms_of: u32) -> Value {
    let id = copy.checked(&firms(0..firms_of));
    let made = copy.publish(&id);
    assert_eq!(made.status, 201, "{}", made.text());
    made.json()
}

/// A copy asks a store that was away again after half a second.
fn again(copy: &Copy) {
    eventually("an upload, again", || copy.upload(&firms(0..10)).status == 201);
}

/// A report job of one zone to its end.
fn report(copy: &Copy) -> Value {
    let made = copy.post("/reports", "", &json!({"zones": ["T02"], "formats": ["csv", "html"]}));
    assert_eq!(made.status, 202, "{}", made.text());
    let path = format!("/reports/{}", made.json()["id"].as_str().unwrap());
    eventually("the report", || copy.json(&path)["state"] == "finished");
    copy.json(&path)
}

#[test]
#[ignore = "needs PostgreSQL and a server of S3: make test-postgres"]
fn a_copy_comes_with_an_empty_disk_and_has_everything() {
    let shared = Shared::objects(TINYVILLE);
    let (mut a, b) = (shared.copy(&[]), shared.copy(&[]));
    for n in 1..4 {
        published(&a, n * 10);
    }
    let waiting = a.checked(&firms(0..70));
    let job = report(&a);
    let id = job["id"].as_str().unwrap();
    let names: Vec<String> =
        job["files"].as_array().unwrap().iter().map(|f| f["name"].as_str().unwrap().to_owned()).collect();
    assert_eq!(names.len(), 2);
    // names are Chinese
    let escaped = |name: &str| name.bytes().map(|b| format!("%{b:02X}")).collect::<String>();
    let paths: Vec<String> = names
        .iter()
        .map(|name| format!("/reports/{id}/files/{}", escaped(name)))
        .chain([format!("/reports/{id}/all.zip")])
        .collect();
    let of_a: Vec<_> = paths.iter().map(|path| a.get(path, "")).collect();
    // the same at the other, with the same tag: a download that broke off goes on at any copy
    for (path, first) in paths.iter().zip(&of_a) {
        let other = b.get(path, "");
        assert_eq!((first.status, other.status), (200, 200), "{path}: {}", other.text());
        assert!(first.body == other.body, "{path}");
        assert_eq!(first.header("etag"), other.header("etag"), "{path}");
    }
    // nothing of the first is left, and nothing of its disk
    a.kill();
    fs::remove_dir_all(shared.folder_of(0)).unwrap();
    b.stop();
    let start = Instant::now();
    let c = shared.copy(&[]);
    println!("a copy with an empty disk serves after {:.2} s", start.elapsed().as_secs_f64());
    assert_eq!(served(&c, ""), 30);
    for (path, first) in paths.iter().zip(&of_a) {
        assert!(c.get(path, "").body == first.body, "{path}");
    }
    // what the first has taken and checked is published here
    eventually("what was checked", || c.json(&format!("/imports/{waiting}"))["state"] == "checked");
    let made = c.publish(&waiting);
    assert_eq!(made.status, 201, "{}", made.text());
    // back to a version whose content is on no disk
    let back = c.post("/versions/1/restore", "", &json!({"note": "back"}));
    assert_eq!(back.status, 201, "{}", back.text());
    assert_eq!(served(&c, ""), 10);
    let differ = c.json("/versions/2/changes?from=1");
    assert_eq!(differ["counts"]["new"], 10, "{differ}");
    // all that copies keep for one another is in the store
    assert!(files(&shared.folder_of(2).join("incoming")).iter().all(|name| name == ".lock"));
}

#[test]
#[ignore = "needs PostgreSQL and a server of S3: make test-postgres"]
fn reading_goes_on_while_the_store_is_away() {
    let shared = Shared::objects(TINYVILLE);
    let copies = [shared.copy(&[]), shared.copy(&[])];
    published(&copies[0], 5);
    let s3 = shared.s3();
    let away: [(&str, fn(&S3), fn(&S3)); 2] = [
        ("away", S3::go, S3::come),
        ("standing still", |s| signal("STOP", s.process()), |s| signal("CONT", s.process())),
    ];
    for (n, (how, go, come)) in away.into_iter().enumerate() {
        eventually("the version, at both", || copies.iter().all(|copy| served(copy, "") == [5, 10][n]));
        let checked = copies[0].checked(&firms(0..50));
        go(s3);
        let publishing = thread::scope(|scope| {
            let publishing = scope.spawn(|| copies[0].publish(&checked));
            let (start, mut asked, mut slowest) = (Instant::now(), 0, Duration::ZERO);
            while start.elapsed() < super::away() {
                for copy in &copies {
                    for path in READS {
                        let one = Instant::now();
                        let answer = copy.get(path, "");
                        assert_eq!(answer.status, 200, "{how}: {path}: {}", answer.text());
                        (asked, slowest) = (asked + 1, slowest.max(one.elapsed()));
                    }
                }
                thread::sleep(Duration::from_millis(50));
            }
            if how == "away" {
                let sent = copies[1].upload(&firms(0..9));
                assert_eq!(sent.status, 503, "{}", sent.text());
                let health = copies[1].json("/healthz");
                let check = health["checks"].as_array().unwrap().iter().find(|check| check["id"] == "objects").unwrap();
                assert_eq!(check["status"], "degraded", "{health}");
            }
            println!("{how} for {:?}: {asked} reads, the slowest {slowest:.1?}", super::away());
            // where it stands still, whoever publishes waits for it
            if how == "away" {
                return publishing.join().unwrap();
            }
            come(s3);
            let made = publishing.join().unwrap();
            assert!([201, 503].contains(&made.status), "{}", made.text());
            made
        });
        let back = Instant::now();
        if how == "away" {
            assert_eq!((publishing.status, publishing.json()["code"].clone()), (503, json!("object-store")));
            assert!(publishing.header("retry-after").is_some(), "{}", publishing.head);
            assert_eq!(copies[0].json("/versions")["versions"].as_array().unwrap().len(), 2);
            come(s3);
            again(&copies[1]);
            published(&copies[1], 10);
        }
        println!("{how}: published {:.1} s after it was back", back.elapsed().as_secs_f64());
    }
    // nobody had to start anything again
    again(&copies[1]);
    published(&copies[1], 70);
    eventually("the version, at both", || copies.iter().all(|copy| served(copy, "") == 70));
}

/// `If-None-Match: *`, as the server answers it; and a store that knows none of it.
#[test]
#[ignore = "needs PostgreSQL and a server of S3: make test-postgres"]
fn objects_are_put_where_there_are_none() {
    let shared = Shared::objects(TINYVILLE);
    let s3 = shared.s3();
    // the server is one that takes conditions
    let condition = "If-None-Match: *\r\nAuthorization: AWS4-HMAC-SHA256 Credential=id/20261130/cn-east-1/s3/aws4_request, SignedHeaders=host, Signature=0\r\n";
    assert_eq!((s3.ask("PUT", "/shigu/x", condition), s3.ask("PUT", "/shigu/x", condition)), (Some(200), Some(412)));
    let a = shared.copy(&[]);
    published(&a, 5);
    let conditions = s3.conditions();
    assert!(conditions >= 4, "the mark, a file that came, two of the version: {conditions}");
    // the same content again: what is there is not sent
    let before = s3.conditions();
    let made = a.post("/versions/1/restore", "", &json!({"note": "same"}));
    assert_eq!(made.status, 201, "{}", made.text());
    assert_eq!(s3.conditions(), before);
    // another installation finds whose it is
    let other = Postgres::start();
    let refused = shared.refused(&other.address());
    assert!(refused.contains("another database"), "{refused}");
    s3.forget_conditions();
    assert!(shared.refused(&other.address()).contains("another database"));
    published(&a, 10);
    let b = shared.copy(&[]);
    assert_eq!((served(&a, ""), served(&b, "")), (10, 10));
    assert!(s3.conditions() > before, "they were asked for");
}

/// Content of more than a piece goes in pieces.
#[test]
#[ignore = "needs PostgreSQL and a server of S3: make test-postgres"]
fn a_large_file_goes_and_comes_in_pieces() {
    let shared = Shared::objects(TINYVILLE);
    let (a, b) = (shared.copy(&[]), shared.copy(&[]));
    let text = firms(0..300_000);
    assert!(text.len() > 17_000_000, "{}", text.len());
    let sent = a.upload(&text);
    assert_eq!(sent.status, 201, "{}", sent.text());
    let id = sent.json()["id"].as_str().unwrap().to_owned();
    assert_eq!(b.post(&format!("/imports/{id}/check"), "", &json!({"crs": "wgs84"})).status, 202);
    eventually("the file, at the other", || shared.folder_of(1).join("incoming").join(&id).exists());
    assert!(fs::read(shared.folder_of(1).join("incoming").join(&id)).unwrap() == text.as_bytes());
}
