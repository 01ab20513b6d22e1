//! Coming in: one-time links, passwords, sessions, guesses, proxies; and that all of it is written down.

use super::{PASSWORD, World, cookie, now};
use crate::common::service::{Service, kept};
use axum::body::Body;
use axum::http::Request;
use serde_json::{Value, json};
use shigu::http::{Authentication, Peer};
use shigu::service::store::{Change, Database, Role};

#[tokio::test]
async fn a_one_time_link_leads_in_once() {
    let world = World::new(true).await;
    let made = world.send("POST", "/accounts", &world.administrator, &json!({"name": "a", "role": "viewer"})).await;
    let link = made.json()["link"].as_str().unwrap().to_owned();
    assert!(link.starts_with("http://shigu.test/?claim="), "{link}");
    let token = link.split("claim=").nth(1).unwrap();
    let claim = |password: &str| json!({"token": token, "password": password});
    assert_eq!(world.log_in("a", "").await.status, 401, "nobody comes in without a password");
    assert_eq!(world.send("POST", "/session/claim", "", &claim("too short")).await.status, 422);
    assert_eq!(world.send("POST", "/session/claim", "", &claim(PASSWORD)).await.status, 200);
    assert_eq!(world.send("POST", "/session/claim", "", &claim(PASSWORD)).await.status, 403, "used");
    // a new link ends the one before
    let reset = |_: u8| world.send("POST", "/accounts/a/reset", &world.administrator, &Value::Null);
    let (first, second) = (reset(1).await.json(), reset(2).await.json());
    let token = |v: &Value| v["link"].as_str().unwrap().split("claim=").nth(1).unwrap().to_owned();
    let body = |v: &Value| json!({"token": token(v), "password": "another password"});
    assert_eq!(world.send("POST", "/session/claim", "", &body(&first)).await.status, 403);
    assert_eq!(world.send("POST", "/session/claim", "", &body(&second)).await.status, 200);
    assert_eq!(world.log_in("a", PASSWORD).await.status, 401);
    assert_eq!(world.log_in("a", "another password").await.status, 200);
}

/// Each copy of the program, and each start, prints a link while there is no administrator.
#[test]
fn a_start_beside_another_copy_voids_no_link_and_one_that_is_used_ends_all() {
    let folder = tempfile::tempdir().unwrap();
    let database = Database::open(kept(folder.path())).unwrap();
    let [first, second, third] = [0; 3].map(|_| database.offer_claim(None, now()).unwrap());
    database.claim(&first, Some("x"), PASSWORD, now()).unwrap();
    for late in [first, second, third] {
        assert!(database.claim(&late, Some("y"), PASSWORD, now()).is_err(), "there is an administrator");
    }
}

/// Two copies over one state. That it is soon is not that the other forgets by itself: that takes five seconds.
#[tokio::test]
async fn what_one_copy_revokes_another_soon_refuses() {
    let world = World::new(false).await;
    let other = Service::with_accounts("geodata/hangzhou", world.folder.path(), Authentication::default());
    let asks = async |cookie: &str| other.get_with("/accounts", &[("cookie", cookie)]).await.status.as_u16();
    let [left, demoted] =
        [cookie(&world.log_in("管理员", PASSWORD).await), world.account("b", "administrator", Value::Null).await];
    for (session, method, uri, body) in
        [(&left, "DELETE", "/session", Value::Null), (&demoted, "PATCH", "/accounts/b", json!({"role": "viewer"}))]
    {
        assert_eq!(asks(session).await, 200);
        let known = std::time::Instant::now();
        let by = if method == "DELETE" { session } else { &world.administrator };
        let answer = world.send(method, uri, by, &body).await;
        assert!(answer.status.is_success(), "{} {}", answer.status, String::from_utf8_lossy(&answer.body));
        while asks(session).await == 200 {
            assert!(known.elapsed().as_secs() < 4, "{method} {uri}");
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    }
}

#[tokio::test]
async fn links_and_sessions_end() {
    let folder = tempfile::tempdir().unwrap();
    let database = Database::open(kept(folder.path())).unwrap();
    let day = 24 * 3600;
    let old = database.offer_claim(None, now() - day - 1).unwrap();
    assert!(database.claim(&old, Some("x"), PASSWORD, now()).is_err(), "a day has gone");
    let token = database.offer_claim(None, now()).unwrap();
    assert!(database.claim(&token, None, PASSWORD, now()).is_err(), "the first administrator needs a name");
    assert!(database.claim(&token, Some("有 空格"), PASSWORD, now()).is_err());
    database.claim(&token, Some("x"), PASSWORD, now()).unwrap();
    let begun = now();
    let session = database.begin_session("x", begun).unwrap();
    assert!(database.session(&session, begun + 11 * 3600).unwrap().is_some());
    assert!(database.session(&session, begun + 22 * 3600).unwrap().is_some(), "it was used in between");
    assert!(database.session(&session, begun + 35 * 3600).unwrap().is_none(), "idle for more than 12 hours");
    let session = database.begin_session("x", begun).unwrap();
    let hours = (0..168).step_by(6).all(|h| database.session(&session, begun + h * 3600).unwrap().is_some());
    assert!(hours, "a week, when it is used");
    assert!(database.session(&session, begun + 7 * day + 1).unwrap().is_none(), "not longer");
}

#[tokio::test]
async fn tokens_and_passwords_are_nowhere_in_the_file() {
    let world = World::new(true).await;
    let session = world.administrator.split('=').nth(1).unwrap();
    let mut bytes = Vec::new();
    for entry in std::fs::read_dir(world.folder.path()).unwrap().flatten() {
        if entry.file_name().to_string_lossy().starts_with("shigu.sqlite3") {
            bytes.extend(std::fs::read(entry.path()).unwrap());
        }
    }
    let holds = |text: &str| bytes.windows(text.len()).any(|w| w == text.as_bytes());
    assert!(holds("管理员") && holds("argon2id$19456,2,1$"));
    assert!(!holds(PASSWORD) && !holds(session));
}

#[tokio::test]
async fn a_changed_role_ends_sessions_and_a_changed_password_the_others() {
    let world = World::new(true).await;
    let editor = world.account("e", "editor", Value::Null).await;
    assert_eq!(world.get("/imports", &editor).await.status, 200);
    let changed = world.send("PATCH", "/accounts/e", &world.administrator, &json!({"role": "viewer"})).await;
    assert_eq!(changed.status, 200);
    assert_eq!(world.get("/imports", &editor).await.status, 401, "the session has ended");
    let here = cookie(&world.log_in("e", PASSWORD).await);
    let there = cookie(&world.log_in("e", PASSWORD).await);
    let change = |old: &str| json!({"old": old, "new": "quite another password"});
    assert_eq!(world.send("PUT", "/session/password", &here, &change("wrong")).await.status, 401);
    assert_eq!(world.send("PUT", "/session/password", &here, &change(PASSWORD)).await.status, 204);
    let name = |answer: Value| answer["name"].clone();
    assert_eq!(name(world.get("/session", &here).await.json()), "e");
    assert_eq!(name(world.get("/session", &there).await.json()), Value::Null);
    assert_eq!(world.send("DELETE", "/session", &here, &Value::Null).await.status, 204);
    assert_eq!(name(world.get("/session", &here).await.json()), Value::Null);
    // removed, and gone at once
    let again = cookie(&world.log_in("e", "quite another password").await);
    assert_eq!(world.send("DELETE", "/accounts/e", &world.administrator, &Value::Null).await.status, 204);
    assert_eq!(name(world.get("/session", &again).await.json()), Value::Null);
    // and nobody else comes into what it left behind
    let same = json!({"name": "e", "role": "editor"});
    let refused = world.send("POST", "/accounts", &world.administrator, &same).await;
    assert_eq!((refused.status.as_u16(), &refused.json()["code"]), (409, &json!("name-taken")));
    assert!(refused.json()["detail"].as_str().unwrap().contains("曾是另一个帐户"));
}

#[tokio::test]
async fn guesses_are_slowed_down_for_the_guesser_only() {
    let world = World::new(true).await;
    world.account("v", "viewer", Value::Null).await;
    let from = |address: &str, password: &str| {
        let body = json!({"name": "v", "password": password}).to_string();
        let mut request =
            Request::post("/session").header("content-type", "application/json").body(Body::from(body)).unwrap();
        request.extensions_mut().insert(Peer(address.parse().unwrap()));
        world.service.send(request)
    };
    for _ in 0..5 {
        assert_eq!(from("10.0.0.1", "a wrong password").await.status, 401);
    }
    let refused = from("10.0.0.1", PASSWORD).await;
    assert_eq!(refused.status, 429, "even with the right one");
    assert!((1..=30).contains(&refused.header("retry-after").parse::<u64>().unwrap()));
    assert_eq!(from("10.0.0.2", PASSWORD).await.status, 200, "from elsewhere");
    let unknown = world.log_in("nobody", PASSWORD).await;
    let wrong = world.log_in("v", "a wrong password").await;
    assert_eq!(
        (unknown.status, &unknown.json()["detail"]),
        (wrong.status, &wrong.json()["detail"]),
        "no name is revealed"
    );
}

#[tokio::test]
async fn a_proxy_names_the_account_from_this_machine_only() {
    let header = Some("x-user".parse().unwrap());
    let world = World::with(Authentication { anonymous: false, header }).await;
    world.account("e", "editor", Value::Null).await;
    let session_of = |address: &str, name: &str| {
        let mut request = Request::get("/session").header("x-user", name).body(Body::empty()).unwrap();
        request.extensions_mut().insert(Peer(address.parse().unwrap()));
        world.service.send(request)
    };
    assert_eq!(session_of("127.0.0.1", "e").await.json()["role"], "editor");
    assert_eq!(session_of("::1", "e").await.json()["role"], "editor");
    assert_eq!(session_of("10.0.0.1", "e").await.json()["role"], Value::Null);
    assert_eq!(session_of("127.0.0.1", "stranger").await.status, 403);
}

#[tokio::test]
async fn a_page_of_another_origin_speaks_for_nobody() {
    let world = World::new(true).await;
    let ask = |method: &str, uri: &str, body: &str| {
        let request = Request::builder().method(method).uri(uri).header("origin", "https://evil.example");
        let request = request.header("cookie", &world.administrator).header("content-type", "application/json");
        world.service.send(request.body(Body::from(body.to_owned())).unwrap())
    };
    assert_eq!(ask("GET", "/session", "").await.status, 403);
    assert_eq!(ask("GET", "/accounts", "").await.status, 403);
    let body = json!({"name": "x", "role": "administrator"}).to_string();
    assert_eq!(ask("POST", "/accounts", &body).await.status, 403);
    let login = json!({"name": "管理员", "password": PASSWORD}).to_string();
    assert_eq!(ask("POST", "/session", &login).await.status, 403);
    let own = world.get("/summary", &world.administrator).await;
    assert_eq!(own.header("access-control-allow-origin"), "", "what an account sees is for its page only");
    assert!(super::varies(&own));
}

#[tokio::test]
async fn an_administrator_always_stays() {
    let world = World::new(true).await;
    let me = "/accounts/%E7%AE%A1%E7%90%86%E5%91%98";
    assert_eq!(world.send("DELETE", me, &world.administrator, &Value::Null).await.status, 409);
    assert_eq!(world.send("PATCH", me, &world.administrator, &json!({"role": "viewer"})).await.status, 409);
    // one that never came in is none
    let second = json!({"name": "b", "role": "administrator"});
    assert_eq!(world.send("POST", "/accounts", &world.administrator, &second).await.status, 201);
    assert_eq!(world.send("DELETE", me, &world.administrator, &Value::Null).await.status, 409);
    let database = Database::open(kept(world.folder.path())).unwrap();
    let change = Change { role: Some(Role::Viewer), scope: Some(vec!["330110".into()]), ..Change::default() };
    assert!(database.change_account("b", &change).is_ok());
    for (body, status) in [
        (json!({"name": "b", "role": "viewer"}), 409),
        (json!({"name": "has space", "role": "viewer"}), 422),
        (json!({"name": "c", "role": "king"}), 422),
        (json!({"name": "c", "role": "viewer", "scope": ["999999"]}), 422),
        (json!({"name": "c", "role": "editor", "scope": ["330110"]}), 422),
        (json!({"name": "c", "role": "viewer", "more": 1}), 400),
    ] {
        assert_eq!(world.send("POST", "/accounts", &world.administrator, &body).await.status, status, "{body}");
    }
}

#[tokio::test]
async fn what_was_done_is_written_down() {
    let world = World::new(true).await;
    let viewer = world.account("v", "viewer", json!(["330110"])).await;
    assert_eq!(world.log_in("v", "a wrong password").await.status, 401);
    assert_eq!(world.get("/report/330110?format=csv", &viewer).await.status, 200);
    assert_eq!(world.get("/report/nowhere?format=csv", &viewer).await.status, 404);
    assert_eq!(world.get("/collections/enterprises/items?f=csv", &viewer).await.status, 200);
    assert_eq!(world.get("/collections/enterprises/items?limit=2", &viewer).await.status, 200);
    assert_eq!(world.get("/collections/enterprises/items?f=fgb&limit=1", &viewer).await.status, 200);
    assert_eq!(world.send("DELETE", "/session", &viewer, &Value::Null).await.status, 204);
    let trail = world.get("/audit", &world.administrator).await.json();
    let events: Vec<String> = trail["events"]
        .as_array()
        .unwrap()
        .iter()
        .rev()
        .map(|d| {
            let text = |key: &str| d[key].as_str().unwrap().to_owned();
            format!("{} {} {}", text("actor"), text("what"), text("detail"))
        })
        .collect();
    assert_eq!(
        events,
        [
            "管理员 claim ",
            "管理员 account v: new, viewer [330110]",
            "v claim ",
            "v login-failed ",
            "v export /report/330110?format=csv",
            "v export /collections/enterprises/items?f=csv",
            "v export /collections/enterprises/items?f=fgb&limit=1",
            "v logout ",
        ]
    );
    let page = world.get("/audit?limit=2", &world.administrator).await.json();
    assert_eq!((page["events"].as_array().unwrap().len(), page["next"].as_i64()), (2, Some(7)));
    let rest = world.get("/audit?limit=1000&before=7", &world.administrator).await.json();
    assert_eq!((rest["events"].as_array().unwrap().len(), &rest["next"]), (6, &Value::Null));
    let file = world.get("/audit?f=csv", &world.administrator).await;
    assert!(file.header("content-disposition").contains("audit.csv"));
    assert_eq!(String::from_utf8_lossy(&file.body).lines().count(), 9);
}

/// Whoever sends links that lead nowhere keeps nobody from using one that leads somewhere, least of all the one that
/// `shigu accounts --reset` prints.
#[tokio::test]
async fn bad_links_close_no_way_in() {
    let world = World::new(false).await;
    let claim = |token: &str| {
        let body = json!({"token": token, "password": "quite another password"}).to_string();
        let request = Request::post("/session/claim").header("content-type", "application/json");
        world.service.send(request.body(Body::from(body)).unwrap())
    };
    for i in 0..200 {
        assert_eq!(claim(&format!("{i:064x}")).await.status, 403, "{i}");
    }
    let database = Database::open(kept(world.folder.path())).unwrap();
    let token = database.offer_claim(Some("管理员"), now()).unwrap();
    assert_eq!(claim(&token).await.status, 200);
}
