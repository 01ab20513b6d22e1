//! Files on their way in: a start beside it takes nothing away, and what one copy has checked another publishes.

use super::{Copy, Shared, TINYVILLE, eventually, files, firms, read, served};
use serde_json::json;
use std::io::Write;
use std::net::TcpStream;

/// B starts, and stops, while A takes a file.
fn a_start_leaves_what_another_takes(shared: &Shared) {
    let a = shared.copy(&[]);
    let text = firms(0..2000);
    let (half, rest) = text.as_bytes().split_at(text.len() / 2);
    let mut stream = TcpStream::connect(("127.0.0.1", a.port)).unwrap();
    let length = text.len();
    write!(
        stream,
        "POST /imports?file=a.csv HTTP/1.0\r\nHost: localhost\r\nContent-Type: application/octet-stream\r\nContent-Length: {length}\r\n\r\n"
    )
    .unwrap();
    stream.write_all(half).unwrap();
    let incoming = shared.data.path().join("data/incoming");
    eventually("the first half", || files(&incoming).iter().any(|name| name.starts_with("part-")));
    let b = shared.copy(&[]);
    b.stop();
    let b = shared.copy(&[]);
    stream.write_all(rest).unwrap();
    let sent = read(&mut stream).expect("an answer");
    assert_eq!(sent.status, 201, "{}", sent.text());
    let id = sent.json()["id"].as_str().unwrap().to_owned();
    assert_eq!(b.json(&format!("/imports/{id}"))["bytes"], length);
    assert_eq!(std::fs::read(incoming.join(&id)).unwrap(), text.as_bytes());
}

#[test]
fn a_start_leaves_what_another_takes_in_a_folder() {
    a_start_leaves_what_another_takes(&Shared::folder(TINYVILLE));
}

#[cfg(feature = "postgres")]
#[test]
#[ignore = "needs PostgreSQL: make test-postgres"]
fn a_start_leaves_what_another_takes_over_postgres() {
    a_start_leaves_what_another_takes(&Shared::postgres(TINYVILLE));
}

fn outcome(copy: &Copy, id: &str) -> serde_json::Value {
    copy.json(&format!("/imports/{id}"))["outcome"].clone()
}

/// What A has checked, B shows and publishes, once; what nobody has checked is not published.
fn what_one_has_checked_another_publishes(shared: &Shared) {
    let (a, b) = (shared.copy(&[]), shared.copy(&[]));
    let unchecked = a.upload(&firms(0..5)).json()["id"].as_str().unwrap().to_owned();
    assert_eq!(b.publish(&unchecked).json()["code"], "unchecked");

    let id = a.checked(&firms(0..30));
    let listed = b.json("/imports");
    let listed = listed["imports"].as_array().unwrap().iter().find(|import| import["id"] == *id).unwrap();
    assert_eq!(listed["state"], "checked", "{listed}");
    eventually("what was found, at the other", || b.json(&format!("/imports/{id}"))["state"] == "checked");
    assert_eq!(outcome(&b, &id), outcome(&a, &id));
    // at a copy that was never asked for it: rows, then the version
    let c = shared.copy(&[]);
    let rows = c.json(&format!("/imports/{id}/rows?class=new"));
    assert_eq!(rows, a.json(&format!("/imports/{id}/rows?class=new")));
    let made = b.publish(&id);
    assert_eq!(made.status, 201, "{}", made.text());
    assert_eq!(a.publish(&id).json()["code"], "published");
    assert_eq!(a.json("/versions")["versions"].as_array().unwrap().len(), 2, "the seed and one more");
    eventually("the version, everywhere", || [&a, &b, &c].iter().all(|copy| served(copy, "") == 30));

    // checked again under other options: what was found before is nobody's any more
    let id = a.checked(&firms(0..40));
    eventually("what was found, at the other", || b.json(&format!("/imports/{id}"))["state"] == "checked");
    let begun = a.post(&format!("/imports/{id}/check"), "", &json!({"crs": "wgs84", "absent": "remove"}));
    assert_eq!(begun.status, 202, "{}", begun.text());
    eventually("the other options, at the other", || {
        let import = b.json(&format!("/imports/{id}"));
        import["state"] == "checked" && import["options"]["absent"] == "remove"
    });
    // the data is another meanwhile
    let other = a.checked(&firms(0..35));
    assert_eq!(a.publish(&other).status, 201);
    let late = c.publish(&id);
    assert_eq!((late.status, late.json()["code"].clone()), (409, json!("unchecked")), "{}", late.text());
    assert_eq!(served(&a, ""), 35);
}

#[test]
fn what_one_has_checked_another_publishes_in_a_folder() {
    what_one_has_checked_another_publishes(&Shared::folder(TINYVILLE));
}

#[cfg(feature = "postgres")]
#[test]
#[ignore = "needs PostgreSQL: make test-postgres"]
fn what_one_has_checked_another_publishes_over_postgres() {
    what_one_has_checked_another_publishes(&Shared::postgres(TINYVILLE));
}

#[cfg(all(feature = "postgres", feature = "objects"))]
#[test]
#[ignore = "needs PostgreSQL and a server of S3: make test-postgres"]
fn what_one_has_checked_another_publishes_over_objects() {
    what_one_has_checked_another_publishes(&Shared::objects(TINYVILLE));
}
