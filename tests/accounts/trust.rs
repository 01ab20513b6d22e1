//! Who is taken for whom: no owner behind a proxy, no answer to other sites or under other names, nobody named twice.

use super::{World, cookie};
use crate::common::service::{Answer, Service};
use axum::body::Body;
use axum::http::Request;
use serde_json::{Value, json};
use shigu::core::query::Disclosure;
use shigu::http::{Authentication, Peer};

const CITY: &str = "geodata/hangzhou";
const ROWS: &str = "/collections/enterprises/items?limit=5";
const PAGE: &str = "https://page.example";

async fn rights(service: &Service, headers: &[(&str, &str)]) -> Value {
    let answer = service.get_with("/session", headers).await;
    assert_eq!(answer.status, 200, "{headers:?}");
    answer.json()["rights"].clone()
}

fn restricted(answer: &Answer) -> bool {
    assert_eq!(answer.status, 200);
    let text = String::from_utf8_lossy(&answer.body);
    assert!(text.contains("\"Feature\""), "there are rows: {text:.200}");
    text.contains("revenue_2025")
}

/// A proxy on this machine makes every reader's connection one of this machine.
#[tokio::test]
async fn behind_a_proxy_nobody_is_the_owner() {
    let data = tempfile::tempdir().unwrap();
    let service = Service::in_data_folder(CITY, Disclosure::Full, data.path());
    assert_eq!(rights(&service, &[]).await, json!(["read", "edit", "publish"]), "somebody at this machine");
    assert!(restricted(&service.get(ROWS).await));
    for header in [
        ("x-forwarded-for", "10.1.2.3"),
        ("x-forwarded-for", "127.0.0.1"),
        ("x-forwarded-proto", "https"),
        ("forwarded", "for=10.1.2.3"),
        ("x-real-ip", "10.1.2.3"),
        ("via", "1.1 gateway"),
        ("referer", "https://gis.example/shigu/"),
    ] {
        assert_eq!(rights(&service, &[header]).await, json!(["read"]), "{header:?}");
        assert!(!restricted(&service.get_with(ROWS, &[header]).await), "{header:?}");
        let restore = Request::post("/versions/0/restore").header(header.0, header.1);
        let restore = restore.header("content-type", "application/json").body(Body::from("{}")).unwrap();
        assert_eq!(service.send(restore).await.status, 403, "{header:?}");
    }
    for (address, right) in [("10.0.0.9", false), ("::1", true), ("::ffff:127.0.0.1", true), ("::ffff:10.0.0.9", false)]
    {
        let mut request = Request::get(ROWS).body(Body::empty()).unwrap();
        request.extensions_mut().insert(Peer(address.parse().unwrap()));
        assert_eq!(restricted(&service.send(request).await), right, "{address}");
    }
}

/// A name that somebody has pointed at this machine (DNS rebinding) makes another site's page one of the same origin.
#[tokio::test]
async fn only_its_own_names_reach_a_service_that_keeps_something_back() {
    let owner = Service::open(CITY, Disclosure::Full);
    let world = World::new(true).await;
    let open = Service::open(CITY, Disclosure::Aggregates);
    for (host, of_owner, of_accounts) in [
        ("localhost", 200, 200),
        ("LOCALHOST:9180", 200, 200),
        ("127.0.0.1:9180", 200, 200),
        ("[::1]:9180", 200, 200),
        ("shigu.test", 200, 200),
        ("shigu.test:80", 200, 200),
        ("10.1.2.3:8080", 421, 200),
        ("rebound.example", 421, 421),
        ("127.0.0.1.rebound.example", 421, 421),
        ("localhost.rebound.example:9180", 421, 421),
    ] {
        for uri in ["/summary", "/healthz", "/no-such-page"] {
            let expected = |status: u16| if status == 200 && uri == "/no-such-page" { 404 } else { status };
            let headers = [("host", host)];
            assert_eq!(owner.get_with(uri, &headers).await.status, expected(of_owner), "{host} {uri}");
            assert_eq!(world.service.get_with(uri, &headers).await.status, expected(of_accounts), "{host} {uri}");
            assert_eq!(open.get_with(uri, &headers).await.status, expected(200), "{host} {uri}");
        }
    }
    let refused = owner.get_with("/summary", &[("host", "rebound.example")]).await.json();
    assert_eq!(refused["code"], "unknown-host");
    assert!(refused["detail"].as_str().unwrap().contains("--host-names"));
}

#[tokio::test]
async fn pages_of_other_sites_get_nothing_where_somebody_sees_more() {
    let owner = Service::open(CITY, Disclosure::Full);
    let world = World::new(true).await;
    let foreign: [&[(&str, &str)]; 5] = [
        &[("origin", PAGE)],
        &[("origin", "null")],
        &[("origin", "http://127.0.0.1:9"), ("host", "127.0.0.1:8080")],
        &[("sec-fetch-site", "cross-site"), ("sec-fetch-mode", "no-cors")],
        &[("sec-fetch-site", "same-site"), ("sec-fetch-mode", "cors")],
    ];
    for service in [&owner, &world.service] {
        for headers in foreign {
            for uri in ["/summary", ROWS, "/favicon.svg", "/healthz"] {
                let answer = service.get_with(uri, headers).await;
                assert_eq!(
                    (answer.status.as_u16(), &answer.json()["code"]),
                    (403, &json!("foreign-origin")),
                    "{headers:?}"
                );
                assert_eq!(answer.header("access-control-allow-origin"), "", "{headers:?}");
            }
        }
        let preflight = Request::options("/summary").header("origin", PAGE);
        let preflight = preflight.header("access-control-request-method", "GET").body(Body::empty()).unwrap();
        assert_eq!(service.send(preflight).await.header("access-control-allow-origin"), "");
        // the page itself, its own requests, and a link that leads to it
        for headers in [
            vec![("origin", "http://shigu.test")],
            vec![("sec-fetch-site", "same-origin"), ("referer", "http://shigu.test/?zone=1")],
            vec![("sec-fetch-site", "cross-site"), ("sec-fetch-mode", "navigate")],
        ] {
            assert_eq!(service.get_with("/summary", &headers).await.status, 200, "{headers:?}");
        }
    }
}

#[tokio::test]
async fn a_listed_origin_reads_as_somebody_without_an_account() {
    let listed = |disclosure| Service::allowing(CITY, disclosure, PAGE);
    for service in [listed(Disclosure::Full), listed(Disclosure::Aggregates)] {
        let answer = service.get_with(ROWS, &[("origin", PAGE)]).await;
        assert!(!restricted(&answer), "never as the owner");
        assert_eq!(answer.header("access-control-allow-origin"), PAGE);
        assert!(answer.headers.get_all("vary").iter().any(|v| v == "origin"));
        let preflight = Request::options("/summary").header("origin", PAGE);
        let preflight = preflight.header("access-control-request-method", "GET").body(Body::empty()).unwrap();
        assert_eq!(service.send(preflight).await.header("access-control-allow-origin"), PAGE);
        assert_eq!(rights(&service, &[("origin", PAGE)]).await, json!(["read"]));
    }
    let closed = listed(Disclosure::Full);
    assert_eq!(closed.get_with(ROWS, &[("origin", "https://page.example.evil")]).await.status, 403);
    assert_eq!(rights(&closed, &[]).await, json!(["read", "edit", "publish"]));
    let open = listed(Disclosure::Aggregates);
    let other = open.get_with("/summary", &[("origin", "https://other.example")]).await;
    assert_eq!((other.status.as_u16(), other.header("access-control-allow-origin")), (200, ""));
}

#[tokio::test]
async fn logging_out_does_not_widen_what_one_sees() {
    let world = World::new(false).await;
    let viewer = world.account("v", "viewer", json!(["330108"])).await;
    assert_eq!(world.get("/summary", &viewer).await.status, 200);
    assert_eq!(world.send("DELETE", "/session", &viewer, &Value::Null).await.status, 204);
    for uri in ["/summary", ROWS, "/zones", "/report/city?format=csv"] {
        assert_eq!(world.get(uri, &viewer).await.status, 401, "{uri}");
        assert_eq!(world.get(uri, "").await.status, 401, "{uri}");
    }
}

/// Which of two names counts is for no program to guess.
#[tokio::test]
async fn who_is_named_twice_is_nobody() {
    let header = Some("x-user".parse().unwrap());
    let world = World::with(Authentication { anonymous: true, header }).await;
    world.account("e", "editor", Value::Null).await;
    let session = cookie(&world.log_in("e", super::PASSWORD).await);
    let two = format!("{session}; {session}");
    let twice = |name: &str, first: &str, second: &str| {
        let request = Request::get("/session").header(name, first).header(name, second);
        world.service.send(request.body(Body::empty()).unwrap())
    };
    for (name, first, second) in [
        ("x-user", "e", "管理员"),
        ("x-user", "e", "e"),
        ("cookie", &session, &session),
        ("cookie", two.as_str(), "a=b"),
        ("authorization", "Basic YTpi", "Basic YTpi"),
        ("origin", "http://shigu.test", PAGE),
    ] {
        let answer = twice(name, first, second).await;
        assert_eq!((answer.status.as_u16(), &answer.json()["code"]), (400, &json!("identity-twice")), "{name}");
    }
    assert_eq!(twice("cookie", &session, "other=1").await.json()["name"], "e");
    assert_eq!(twice("cookie", &format!("x{session}"), &session).await.json()["name"], "e", "another cookie's name");
}

/// The audit log and the limits mean the reader, not the proxy; what says who somebody is stays as it was.
#[tokio::test]
async fn behind_a_configured_proxy_an_address_is_the_one_that_it_added() {
    let header = Some("x-user".parse().unwrap());
    let world = World::with(Authentication { anonymous: false, header }).await;
    let failed = |peer: &str, forwarded: &str| {
        let body = json!({"name": forwarded, "password": "a wrong password"}).to_string();
        let request = Request::post("/session").header("content-type", "application/json");
        let mut request = request.header("x-forwarded-for", forwarded).body(Body::from(body)).unwrap();
        request.extensions_mut().insert(Peer(peer.parse().unwrap()));
        world.service.send(request)
    };
    for (peer, forwarded, expected) in [
        ("127.0.0.1", "1.1.1.1, 10.0.0.7", "10.0.0.7"),
        ("127.0.0.1", "no address", "127.0.0.1"),
        ("10.0.0.8", "10.0.0.7", "10.0.0.8"),
    ] {
        assert_eq!(failed(peer, forwarded).await.status, 401);
        let log = world.get("/audit?limit=1", &world.administrator).await.json();
        assert_eq!((&log["events"][0]["what"], &log["events"][0]["peer"]), (&json!("login-failed"), &json!(expected)));
    }
}
