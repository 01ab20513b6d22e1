//! Every route by every role: a table compared with the OpenAPI document, which must name them all.

use super::World;
use crate::common::service::Service;
use axum::body::Body;
use axum::http::Request;
use serde_json::{Value, json};
use shigu::core::query::Disclosure;
use std::collections::BTreeSet;

/// Who asks, from the least.
const READERS: [&str; 6] = ["nobody", "anyone", "viewer", "editor", "reviewer", "administrator"];

/// From which reader on a route does not refuse. `nobody` has to log in first, `anyone` reads without an account.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum From {
    Nobody = 0,
    Anyone = 1,
    Viewer = 2,
    Editor = 3,
    Reviewer = 4,
    Administrator = 5,
    /// Of these none: only who came by the link of the round.
    Link = 6,
}

/// The routes that change something or tell who did; all others are for who may read.
fn least(method: &str, path: &str) -> From {
    match (method, path) {
        ("get", "/" | "/healthz" | "/readyz" | "/session")
        | (_, "/session/claim" | "/session/oidc" | "/session/oidc/callback")
        | ("post" | "delete", "/session") => From::Nobody,
        ("put", "/session/password") => From::Viewer,
        (_, path) if path.starts_with("/accounts") || path.starts_with("/audit") => From::Administrator,
        ("get", "/metrics") => From::Administrator,
        ("post" | "put" | "delete", path) if path.starts_with("/briefings") => From::Administrator,
        (
            "post",
            "/imports/{id}/publish"
            | "/drafts/{owner}/publish"
            | "/versions/{number}/restore"
            | "/rounds/{round}/merge"
            | "/layouts/{layout}/in-force",
        ) => From::Reviewer,
        (_, path) if path.starts_with("/rounds/{round}/own") => From::Link,
        (_, path) if path.starts_with("/rounds") => From::Editor,
        (_, path) if path.starts_with("/layouts") || path.starts_with("/consultations") => From::Editor,
        (_, path) if path.starts_with("/imports") && path != "/imports/template.xlsx" => From::Editor,
        (_, path) if path.starts_with("/drafts") => From::Editor,
        ("post", "/plan/items/{item}") => From::Editor,
        ("post" | "put" | "delete", path) if path.starts_with("/saved") => From::Viewer,
        ("get", _)
        | ("delete", "/reports/{id}")
        | (
            "post",
            "/summary"
            | "/summary/lq"
            | "/summary/periods"
            | "/trial"
            | "/points"
            | "/zones/chain"
            | "/zones/change"
            | "/site-selection"
            | "/site-selection/classes"
            | "/report"
            | "/map"
            | "/links"
            | "/reports"
            | "/collections/{collectionId}/search",
        ) => From::Anyone,
        _ => panic!("{method} {path} is not in the table: who may ask for it?"),
    }
}

#[tokio::test]
async fn every_route_by_every_role() {
    let (closed, open) = (World::new(false).await, World::new(true).await);
    let mut sessions = vec![String::new(), String::new()];
    for role in &READERS[2..5] {
        sessions.push(open.account(role, role, Value::Null).await);
    }
    sessions.push(open.administrator.clone());
    let document: Value = serde_json::from_str(&shigu::http::openapi()).unwrap();
    let mut seen = BTreeSet::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        for method in methods.as_object().unwrap().keys().filter(|m| *m != "parameters") {
            seen.insert(format!("{method} {path}"));
            let least = least(method, path) as usize;
            for (place, session) in sessions.iter().enumerate() {
                // what ends the session that is tried, or is slow for its own sake, is tried elsewhere
                if (method.as_str(), path.as_str()) == ("delete", "/session") && place > 1 {
                    continue;
                }
                let world = if place == 0 { &closed } else { &open };
                let body = if method == "get" || method == "delete" { Value::Null } else { json!({}) };
                let status = world.send(&method.to_uppercase(), &asked(path), session, &body).await.status.as_u16();
                let refused = status == 401 || status == 403;
                // an empty claim is refused as such, whoever brings it
                if path == "/session/claim" || (path == "/session" && method == "post") {
                    assert_eq!(status, 400, "{method} {path} by {}", READERS[place]);
                } else {
                    assert_eq!(refused, place < least, "{method} {path} by {}: {status}", READERS[place]);
                    let expected = if place < 2 || least == From::Link as usize { 401 } else { 403 };
                    assert!(!refused || status == expected, "{method} {path} by {}: {status}", READERS[place]);
                }
                assert_ne!(status, 500, "{method} {path} by {}", READERS[place]);
            }
        }
    }
    assert!(seen.len() > 60, "{}", seen.len());
}

/// A link opens the routes of its own round, and of all others those that are open to whoever has to log in first.
#[tokio::test]
async fn every_route_by_a_link() {
    let world = World::new(true).await;
    let (round, token) = world.link("330106").await;
    let (_, other) = world.link("330108").await;
    let document: Value = serde_json::from_str(&shigu::http::openapi()).unwrap();
    let mut opened = 0;
    for (path, methods) in document["paths"].as_object().unwrap() {
        for method in methods.as_object().unwrap().keys().filter(|m| *m != "parameters") {
            let least = least(method, path);
            let own = asked(&path.replace("{round}", &round));
            let by = async |token: &str, session: &str| {
                let request = Request::builder().method(method.to_uppercase().as_str()).uri(&own);
                let request = request.header("authorization", format!("Bearer {token}")).header("cookie", session);
                let answer = world.service.send(request.body(Body::empty()).unwrap()).await;
                answer.status.as_u16()
            };
            let mine = by(&token, "").await;
            assert_ne!(mine, 500, "{method} {path}");
            if path != "/session/claim" && !(path == "/session" && method == "post") {
                let refused = mine == 401 || mine == 403;
                assert_eq!(refused, least != From::Link && least != From::Nobody, "{method} {path} by a link: {mine}");
                assert!(least == From::Link || !refused || mine == 403, "{method} {path} by a link: {mine}");
            }
            if least == From::Link {
                opened += 1;
                assert_eq!(by(&other, "").await, 403, "{method} {path} by another's link");
                assert_eq!(by(&"0".repeat(64), "").await, 401, "{method} {path} by no link");
            } else if least != From::Nobody {
                assert_eq!(by(&token, &world.administrator).await, mine, "{method} {path}: the link counts");
            }
        }
    }
    assert_eq!(opened, 11);
}

/// POST requests that only ask.
const QUESTIONS: [&str; 11] = [
    "/summary",
    "/summary/lq",
    "/summary/periods",
    "/trial",
    "/zones/chain",
    "/zones/change",
    "/site-selection",
    "/site-selection/classes",
    "/report",
    "/map",
    "/collections/{collectionId}/search",
];

/// What changes something is refused to pages of other origins, also to those that may read, and takes no parameter
/// that it does not know, whatever the body is.
#[tokio::test]
async fn every_change_is_taken_from_the_page_itself() {
    const PAGE: &str = "https://page.example";
    let world = World::new(true).await;
    let listed = Service::allowing("tests/data/tinyville", Disclosure::Full, PAGE);
    let document: Value = serde_json::from_str(&shigu::http::openapi()).unwrap();
    let mut seen = 0;
    for (path, methods) in document["paths"].as_object().unwrap() {
        for method in methods.as_object().unwrap().keys().filter(|m| *m != "parameters" && *m != "get") {
            if QUESTIONS.contains(&path.as_str()) {
                continue;
            }
            seen += 1;
            let ask = |uri: String, origin: &str| {
                let request = Request::builder().method(method.to_uppercase().as_str()).uri(uri);
                let request = request.header("origin", origin).header("cookie", &world.administrator);
                let service = if origin == PAGE { &listed } else { &world.service };
                service.send(request.header("content-type", "application/json").body(Body::from("{")).unwrap())
            };
            for origin in ["https://evil.example", PAGE] {
                let foreign = ask(address(path), origin).await;
                let said = (foreign.status.as_u16(), foreign.json()["code"].clone());
                assert_eq!(said, (403, json!("foreign-origin")), "{method} {path} from {origin}");
            }
            let needed = match path.as_str() {
                "/imports"
                | "/rounds/{round}/own/deliveries"
                | "/rounds/{round}/own/comments/{comment}/attachments" => "file=a.csv&",
                "/drafts/{owner}/replacements" => "collection=a&file=a&source=a&approval=a&dated=a&",
                _ => "",
            };
            let own = ask(format!("{}?{needed}nonsense=1", address(path)), "http://shigu.test").await;
            let detail = own.json()["detail_en"].as_str().unwrap().to_owned();
            assert_eq!(own.status, 400, "{method} {path}: {detail}");
            assert!(detail.contains("nonsense"), "{method} {path}: {detail}");
        }
    }
    assert!(seen > 12, "{seen}");
}

/// An address of a path with parameters; what is requested need not be there.
fn address(path: &str) -> String {
    let known = crate::common::described(path).replace("{number}", "9").replace("{name}", "no-such-account");
    let unknown = known.split('/').map(|part| if part.starts_with('{') { "00000000" } else { part });
    unknown.collect::<Vec<_>>().join("/")
}

/// The same with what must be said in the address before it is looked who asks.
fn asked(path: &str) -> String {
    let said = if path.ends_with("/own/deliveries") || path.ends_with("/attachments") { "?file=a.csv" } else { "" };
    address(path) + said
}

/// Whoever has to log in first gets the page's files and nothing of the data.
#[tokio::test]
async fn public_routes_hold_no_data() {
    let world = World::new(false).await;
    for uri in
        ["/dataset", "/site", "/api", "/collections", "/style.json", "/xyz/districts/8/213/105.mvt", "/no-such-page"]
    {
        let answer = world.get(uri, "").await;
        assert_eq!((answer.status.as_u16(), &answer.json()["code"]), (401, &json!("login-needed")), "{uri}");
    }
    let info = world.get("/session", "").await.json();
    assert_eq!((&info["accounts"], &info["rights"]), (&json!(true), &json!([])));
    assert_eq!(world.get("/dataset", &world.administrator).await.status, 200);
}
