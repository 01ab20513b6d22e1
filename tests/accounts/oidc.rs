//! Logins by an identity provider (`--features oidc`): one of our own that errs in every way, and one of other people
//! (`make test-oidc`), which is a process of its own.

use crate::accounts::{PASSWORD, now};
use crate::common::service::{Answer, Service, kept};
use axum::body::Body;
use axum::extract::State;
use axum::http::{Request, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use openidconnect::core::{CoreEdDsaPrivateSigningKey, CoreJwsSigningAlgorithm};
use openidconnect::{JsonWebKeyId, PrivateSigningKey};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use shigu::service::oidc::{NAME_CLAIM, OidcSettings, Provider};
use shigu::service::store::{Account, Database, Role};
use std::collections::HashMap;
use std::sync::{Arc, Mutex};

const PUBLIC: &str = "http://shigu.test/gis";
const CLIENT: &str = "shigu";
const SECRET: &str = "a secret of the test";
/// Made for this test with `openssl genpkey -algorithm ed25519`; they open nothing.
const KEYS: [&str; 2] = [
    "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIIiv0wOO1VUklJUlghjhgTMKV8bO5AWsTpkC0eLZdlrA\n-----END PRIVATE KEY-----",
    "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIHY5mZ1YH5dX0m3xk1S4s0v7Q5r8ZtqkW0m5uGZr2c0B\n-----END PRIVATE KEY-----",
];

fn key(n: usize) -> CoreEdDsaPrivateSigningKey {
    CoreEdDsaPrivateSigningKey::from_ed25519_pem(KEYS[n], Some(JsonWebKeyId::new(format!("key-{n}")))).unwrap()
}

/// What the provider does wrong.
type Wrong = Arc<dyn Fn(&mut Value, &mut Value) + Send + Sync>;

#[derive(Default)]
struct Idp {
    issuer: String,
    /// The key that signs, and the one that is published.
    signs: usize,
    published: usize,
    /// Codes with nonce and challenge; a code that was redeemed is none any more.
    codes: HashMap<String, (String, String)>,
    /// Changes the header and the claims of the token.
    wrong: Option<Wrong>,
    unsigned: bool,
    described: usize,
}

type Shared = Arc<Mutex<Idp>>;

async fn provider() -> Shared {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let issuer = format!("http://{}", listener.local_addr().unwrap());
    let idp = Arc::new(Mutex::new(Idp { issuer, ..Idp::default() }));
    let router = Router::new()
        .route("/.well-known/openid-configuration", get(describe))
        .route(
            "/jwks",
            get(async |State(idp): State<Shared>| {
                let key = key(idp.lock().unwrap().published);
                Json(json!({"keys": [key.as_verification_key()]}))
            }),
        )
        .route("/token", post(token))
        .with_state(idp.clone());
    tokio::spawn(async { axum::serve(listener, router).await });
    idp
}

async fn describe(State(idp): State<Shared>) -> Json<Value> {
    let mut idp = idp.lock().unwrap();
    idp.described += 1;
    let at = |path: &str| format!("{}{path}", idp.issuer);
    Json(
        json!({"issuer": idp.issuer, "authorization_endpoint": at("/auth"), "token_endpoint": at("/token"), "jwks_uri": at("/jwks"),
        "end_session_endpoint": at("/end"), "response_types_supported": ["code"], "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["EdDSA"]}),
    )
}

/// Redeems a code once, for the client that has its secret and the verifier of its challenge.
async fn token(State(idp): State<Shared>, headers: axum::http::HeaderMap, body: String) -> Response {
    let form: HashMap<String, String> = form_urlencoded::parse(body.as_bytes()).into_owned().collect();
    let mut idp = idp.lock().unwrap();
    let refuse = |what: &str| {
        (StatusCode::BAD_REQUEST, Json(json!({"error": what, "error_description": "<b>no</b>"}))).into_response()
    };
    let basic = base64::engine::general_purpose::STANDARD.encode(format!("{CLIENT}:{}", SECRET.replace(' ', "+")));
    if headers.get("authorization").is_none_or(|h| *h != format!("Basic {basic}")[..]) {
        return refuse("invalid_client");
    }
    let Some((nonce, challenge)) = idp.codes.remove(&form["code"]) else { return refuse("invalid_grant") };
    let sent = BASE64.encode(Sha256::digest(form["code_verifier"].as_bytes()));
    if sent != challenge || form["redirect_uri"] != format!("{PUBLIC}/session/oidc/callback") {
        return refuse("invalid_grant");
    }
    let mut header = json!({"alg": "EdDSA", "kid": format!("key-{}", idp.signs)});
    let mut claims = json!({"iss": idp.issuer, "aud": CLIENT, "sub": "0815", "iat": now(), "exp": now() + 300, "nonce": nonce, NAME_CLAIM: "王芳"});
    if let Some(wrong) = idp.wrong.clone() {
        wrong(&mut header, &mut claims);
    }
    let signed = [header, claims].map(|part| BASE64.encode(part.to_string())).join(".");
    let signature = if idp.unsigned {
        vec![]
    } else {
        key(idp.signs).sign(&CoreJwsSigningAlgorithm::EdDsa, signed.as_bytes()).unwrap()
    };
    Json(json!({"access_token": "a", "token_type": "Bearer", "id_token": format!("{signed}.{}", BASE64.encode(signature))})).into_response()
}

/// The service, and what the browser holds.
struct World {
    service: Service,
    idp: Shared,
    folder: tempfile::TempDir,
}

/// A login that has begun: the address of the provider, and the cookie.
struct Begun {
    asked: HashMap<String, String>,
    cookie: String,
}

fn settings(issuer: &str) -> OidcSettings {
    OidcSettings {
        issuer: issuer.to_owned(),
        client_id: CLIENT.to_owned(),
        client_secret: Some(SECRET.to_owned()),
        certificates: None,
        claim: NAME_CLAIM.to_owned(),
        title: "市统一认证".to_owned(),
    }
}

fn service(issuer: &str, folder: &tempfile::TempDir) -> Service {
    let database = Database::open(kept(folder.path())).unwrap();
    if database.account("王芳").unwrap().is_none() {
        let of = |name: &str, role| Account {
            name: name.to_owned(),
            display: name.to_owned(),
            role,
            scope: None,
            created: now(),
            claimed: true,
        };
        let token = database.offer_claim(None, now()).unwrap();
        database.claim(&token, Some("管理员"), PASSWORD, now()).unwrap();
        database.make_account(&of("王芳", Role::Editor), now()).unwrap();
    }
    drop(database);
    Service::with_provider("geodata/hangzhou", folder.path(), PUBLIC, Provider::new(settings(issuer), PUBLIC).unwrap())
}

impl World {
    async fn new() -> Self {
        let (idp, folder) = (provider().await, tempfile::tempdir().unwrap());
        let issuer = idp.lock().unwrap().issuer.clone();
        Self { service: service(&issuer, &folder), idp, folder }
    }

    async fn get(&self, uri: &str, cookie: &str) -> Answer {
        let request = Request::get(uri).header("host", "shigu.test").header("cookie", cookie);
        self.service
            .send(
                request
                    .header("sec-fetch-site", "cross-site")
                    .header("sec-fetch-mode", "navigate")
                    .body(Body::empty())
                    .unwrap(),
            )
            .await
    }

    async fn begin(&self, view: &str) -> Begun {
        let query = form_urlencoded::Serializer::new(String::new()).append_pair("view", view).finish();
        let answer = self.get(&format!("/session/oidc?{query}"), "").await;
        assert_eq!(answer.status, 303, "{}", String::from_utf8_lossy(&answer.body));
        let set = answer.header("set-cookie");
        for part in ["; Path=/gis/session/oidc;", "; Max-Age=600;", "; HttpOnly", "; SameSite=Lax"] {
            assert!(set.contains(part), "{set}");
        }
        let (address, query) = answer.header("location").split_once('?').unwrap();
        assert_eq!(address, format!("{}/auth", self.idp.lock().unwrap().issuer));
        let asked = form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        Begun { asked, cookie: set.split(';').next().unwrap().to_owned() }
    }

    /// The provider knows who it is, and gives a code.
    fn code(&self, begun: &Begun) -> String {
        let mut idp = self.idp.lock().unwrap();
        let code = format!("code-{}", idp.codes.len());
        idp.codes.insert(code.clone(), (begun.asked["nonce"].clone(), begun.asked["code_challenge"].clone()));
        code
    }

    async fn back(&self, begun: &Begun, code: &str) -> Answer {
        self.get(&format!("/session/oidc/callback?code={code}&state={}", begun.asked["state"]), &begun.cookie).await
    }

    async fn log_in(&self) -> Answer {
        let begun = self.begin("").await;
        self.back(&begun, &self.code(&begun)).await
    }
}

/// The session that an answer begins.
fn session(answer: &Answer) -> Option<String> {
    let set = answer.headers.get_all("set-cookie").iter().map(|v| v.to_str().unwrap());
    let mut ours = set.filter(|s| s.starts_with("shigu_session="));
    ours.next().map(|s| s.split(';').next().unwrap().to_owned())
}

fn text(answer: &Answer) -> String {
    String::from_utf8_lossy(&answer.body).into_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_the_provider_names_is_logged_in() {
    let world = World::new().await;
    let info = world.get("/session", "").await.json();
    assert_eq!((&info["provider"], &info["name"]), (&json!("市统一认证"), &Value::Null));
    let begun = world.begin("?zone=330106&q=\"<").await;
    let asked = &begun.asked;
    assert_eq!(
        (asked["response_type"].as_str(), asked["code_challenge_method"].as_str(), asked["client_id"].as_str()),
        ("code", "S256", CLIENT)
    );
    assert!(asked["scope"].split(' ').any(|s| s == "openid"));
    let answer = world.back(&begun, &world.code(&begun)).await;
    assert_eq!(answer.status, 200, "{}", text(&answer));
    assert_eq!(answer.header("cache-control"), "no-store");
    assert!(text(&answer).contains("url=http://shigu.test/gis/?zone=330106&amp;q=&quot;&lt;\""), "{}", text(&answer));
    let cookie = session(&answer).unwrap();
    let info = world.get("/session", &cookie).await.json();
    assert_eq!((&info["name"], &info["role"]), (&json!("王芳"), &json!("editor")));
    // what the browser held for the login is taken away
    assert!(
        answer
            .headers
            .get_all("set-cookie")
            .iter()
            .any(|v| v.to_str().unwrap().starts_with("shigu_oidc=; ") && v.to_str().unwrap().contains("Max-Age=0"))
    );
    let log = Database::open(kept(world.folder.path())).unwrap().audit_events(i64::MAX, 10).unwrap();
    assert!(
        log.iter().any(|e| (e.what.as_str(), e.actor.as_str(), e.detail.as_str()) == ("login", "王芳", "oidc")),
        "{log:?}"
    );

    // out again, at the provider, too
    let by = answer
        .headers
        .get_all("set-cookie")
        .iter()
        .filter_map(|v| v.to_str().unwrap().strip_prefix("shigu_by_provider=1"))
        .count();
    assert_eq!(by, 1);
    let request = |cookies: String| {
        Request::delete("/session").header("host", "shigu.test").header("cookie", cookies).body(Body::empty()).unwrap()
    };
    let left = world.service.send(request(format!("{cookie}; shigu_by_provider=1"))).await;
    assert_eq!(left.status, 200);
    let logout = left.json()["logout"].as_str().unwrap().to_owned();
    assert!(
        logout.contains("/end?client_id=shigu&post_logout_redirect_uri=http%3A%2F%2Fshigu.test%2Fgis%2F"),
        "{logout}"
    );
    assert_eq!(world.get("/session", &cookie).await.json()["name"], Value::Null);
    // who came by a password stays logged in there
    assert_eq!(world.service.send(request(cookie)).await.status, 204);
    // one description serves all
    world.log_in().await;
    assert_eq!(world.idp.lock().unwrap().described, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_view_leads_to_the_page_only() {
    let world = World::new().await;
    for view in
        ["//evil.test", "https://evil.test/", "javascript:alert(1)", "/\\evil.test", &format!("?{}", "x".repeat(2000))]
    {
        let begun = world.begin(view).await;
        let answer = world.back(&begun, &world.code(&begun)).await;
        assert!(
            answer.status == 200 && text(&answer).contains("url=http://shigu.test/gis/\""),
            "{view}: {}",
            text(&answer)
        );
    }
    // nor by a cookie that somebody else has made
    let mut begun = world.begin("").await;
    begun.cookie = format!("{}{}", begun.cookie, "%2F%2Fevil.test");
    let answer = world.back(&begun, &world.code(&begun)).await;
    assert!(text(&answer).contains("url=http://shigu.test/gis/\""), "{}", text(&answer));
}

#[tokio::test(flavor = "multi_thread")]
async fn tokens_that_prove_nothing_log_nobody_in() {
    let set = |name: &'static str, value: Value| -> Wrong { Arc::new(move |_, claims| claims[name] = value.clone()) };
    let header =
        |name: &'static str, value: Value| -> Wrong { Arc::new(move |header, _| header[name] = value.clone()) };
    let cases: Vec<(&str, Wrong)> = vec![
        ("another nonce", set("nonce", json!("another"))),
        ("no nonce", Arc::new(|_, claims| _ = claims.as_object_mut().unwrap().remove("nonce"))),
        ("another audience", set("aud", json!("another"))),
        ("more audiences", set("aud", json!([CLIENT, "another"]))),
        ("another issuer", set("iss", json!("https://evil.test"))),
        ("expired", set("exp", json!(now() - 60))),
        ("no expiry", Arc::new(|_, claims| _ = claims.as_object_mut().unwrap().remove("exp"))),
        ("alg none", header("alg", json!("none"))),
        ("alg of a shared secret", header("alg", json!("HS256"))),
        ("an unknown key", header("kid", json!("key-9"))),
        ("no name", Arc::new(|_, claims| _ = claims.as_object_mut().unwrap().remove(NAME_CLAIM))),
        ("a name that is none", set(NAME_CLAIM, json!(["王芳"]))),
        ("an empty name", set(NAME_CLAIM, json!(""))),
        ("nobody's name", set(NAME_CLAIM, json!("赵六"))),
    ];
    let world = World::new().await;
    for (name, wrong) in cases {
        world.idp.lock().unwrap().wrong = Some(wrong);
        let answer = world.log_in().await;
        assert_eq!((answer.status.as_u16(), session(&answer)), (403, None), "{name}: {}", text(&answer));
        assert!(text(&answer).contains("<p>"), "{name}");
    }
    world.idp.lock().unwrap().wrong = None;
    world.idp.lock().unwrap().unsigned = true;
    assert_eq!(session(&world.log_in().await), None, "no signature");
    world.idp.lock().unwrap().unsigned = false;
    // signed by a key that is not the published one, under its id
    world.idp.lock().unwrap().wrong = Some(header("kid", json!("key-0")));
    world.idp.lock().unwrap().signs = 1;
    assert_eq!(session(&world.log_in().await), None, "another's key");
    world.idp.lock().unwrap().wrong = None;
    world.idp.lock().unwrap().signs = 0;
    assert!(session(&world.log_in().await).is_some(), "nothing is wrong");
    let log = Database::open(kept(world.folder.path())).unwrap().audit_events(i64::MAX, 10).unwrap();
    assert!(log.iter().any(|e| (e.what.as_str(), e.actor.as_str()) == ("login-failed", "赵六")), "{log:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_ends_once_and_where_it_began() {
    let world = World::new().await;
    let begun = world.begin("").await;
    let (code, state) = (world.code(&begun), begun.asked["state"].clone());
    let other = world.begin("").await;
    let callback = |query: &str| format!("/session/oidc/callback?{query}");
    for (name, uri, cookie) in [
        ("another state", callback(&format!("code={code}&state=another")), begun.cookie.as_str()),
        ("no state", callback(&format!("code={code}")), &begun.cookie),
        ("no cookie", callback(&format!("code={code}&state={state}")), ""),
        ("another browser", callback(&format!("code={code}&state={state}")), &other.cookie),
        (
            "two cookies",
            callback(&format!("code={code}&state={state}")),
            &format!("{}; {}", other.cookie, begun.cookie),
        ),
        ("two states", callback(&format!("code={code}&state={state}&state=x")), &begun.cookie),
        ("no code", callback(&format!("state={state}")), &begun.cookie),
        ("another issuer", callback(&format!("code={code}&state={state}&iss=https://evil.test")), &begun.cookie),
        ("a cookie in pieces", callback(&format!("code={code}&state={state}")), "shigu_oidc=a.b"),
        (
            "refused",
            callback(&format!("error=access_denied&error_description=%3Cb%3Eno%0A&state={state}")),
            &begun.cookie,
        ),
    ] {
        let answer = world.get(&uri, cookie).await;
        let refused = answer.status == 403 || answer.status == 400;
        assert!(refused && session(&answer).is_none(), "{name}: {} {}", answer.status, text(&answer));
        assert!(!text(&answer).contains("<b>"), "{name}");
    }
    // the code of one login with the verifier of another
    let swapped = Begun { asked: begun.asked.clone(), cookie: begun.cookie.clone() };
    let theirs = world.code(&other);
    assert_eq!(session(&world.back(&swapped, &theirs).await), None);
    assert!(session(&world.back(&begun, &code).await).is_some());
    let again = world.back(&begun, &code).await;
    assert_eq!((again.status.as_u16(), session(&again)), (403, None), "a code is redeemed once");
}

#[tokio::test(flavor = "multi_thread")]
async fn new_keys_are_fetched_once() {
    let world = World::new().await;
    assert!(session(&world.log_in().await).is_some());
    {
        let mut idp = world.idp.lock().unwrap();
        (idp.signs, idp.published) = (1, 1);
    }
    assert!(session(&world.log_in().await).is_some(), "the provider's new key");
    assert_eq!(world.idp.lock().unwrap().described, 2);
    world.idp.lock().unwrap().wrong = Some(Arc::new(|header, _| header["kid"] = json!("key-9")));
    for _ in 0..5 {
        assert_eq!(session(&world.log_in().await), None);
    }
    assert_eq!(world.idp.lock().unwrap().described, 2, "nobody makes the service fetch without end");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_provider_passwords_still_work() {
    let folder = tempfile::tempdir().unwrap();
    // nobody listens on port 1
    let service = service("http://127.0.0.1:1", &folder);
    let answer =
        service.send(Request::get("/session/oidc").header("host", "shigu.test").body(Body::empty()).unwrap()).await;
    assert_eq!((answer.status.as_u16(), answer.header("content-type")), (503, "text/html; charset=utf-8"));
    assert!(text(&answer).contains("口令") && !text(&answer).contains("127.0.0.1"), "{}", text(&answer));
    let body = json!({"name": "管理员", "password": PASSWORD}).to_string();
    let request = Request::post("/session").header("host", "shigu.test").header("content-type", "application/json");
    let answer = service.send(request.body(Body::from(body)).unwrap()).await;
    assert_eq!((answer.status.as_u16(), &answer.json()["provider"]), (200, &json!("市统一认证")));
    // without one, there is nothing to go to
    let plain = crate::accounts::World::new(false).await;
    for uri in ["/session/oidc", "/session/oidc/callback?code=a&state=b"] {
        let answer = plain.get(uri, "").await;
        assert_eq!((answer.status.as_u16(), &answer.json()["code"]), (404, &json!("no-identity-provider")), "{uri}");
    }
}

#[test]
fn settings_that_cannot_work_are_refused() {
    for issuer in ["http://idp.test", "idp.test", "", "ftp://idp.test/", "https://"] {
        assert!(Provider::new(settings(issuer), PUBLIC).is_err(), "{issuer}");
    }
    for issuer in ["https://idp.test/realms/city", "http://localhost:8080", "http://[::1]/"] {
        assert!(Provider::new(settings(issuer), PUBLIC).is_ok(), "{issuer}");
    }
    let file = tempfile::NamedTempFile::new().unwrap();
    let empty = OidcSettings { certificates: Some(file.path().into()), ..settings("https://idp.test") };
    let text = Provider::new(empty, PUBLIC).unwrap_err().text();
    assert!(text.zh.contains("--oidc-ca") && text.en.contains("--oidc-ca"), "{text:?}");
}

/// Another program's provider, as a browser meets it: its own pages of login and consent are filled in and sent.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs node and tests/oidc/node_modules: make test-oidc"]
async fn a_provider_of_other_people() {
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/oidc/provider.mjs");
    let mut process = std::process::Command::new("node")
        .args([script, &port.to_string(), &format!("{PUBLIC}/session/oidc/callback")])
        .stdout(std::process::Stdio::piped())
        .spawn()
        .expect("node");
    let mut line = String::new();
    std::io::BufRead::read_line(&mut std::io::BufReader::new(process.stdout.as_mut().unwrap()), &mut line).unwrap();
    let ended = tokio::spawn(visit(format!("http://127.0.0.1:{port}"))).await;
    process.kill().unwrap();
    process.wait().unwrap();
    ended.unwrap();
}

async fn visit(issuer: String) {
    let folder = tempfile::tempdir().unwrap();
    let service = service(&issuer, &folder);
    let get = |uri: &str, cookie: &str| {
        Request::get(uri).header("host", "shigu.test").header("cookie", cookie).body(Body::empty()).unwrap()
    };
    for (name, wanted) in [("王芳", 200), ("赵六", 403)] {
        let begun = service.send(get("/session/oidc", "")).await;
        assert_eq!(begun.status, 303, "{}", text(&begun));
        let cookie = begun.header("set-cookie").split(';').next().unwrap().to_owned();
        let (address, who) = (begun.header("location").to_owned(), name.to_owned());
        let back = tokio::task::spawn_blocking(move || Browser::default().log_in(&address, &who)).await.unwrap();
        let uri = back.strip_prefix(PUBLIC).unwrap_or_else(|| panic!("{back}"));
        let answer = service.send(get(uri, &cookie)).await;
        assert_eq!(answer.status.as_u16(), wanted, "{name}: {}", text(&answer));
        let Some(cookie) = session(&answer) else { continue };
        assert_eq!(service.send(get("/session", &cookie)).await.json()["name"], name);
        // the code is spent
        let again = service.send(get(uri, begun.header("set-cookie").split(';').next().unwrap())).await;
        assert_eq!((again.status.as_u16(), session(&again)), (403, None));
        let request = Request::delete("/session")
            .header("host", "shigu.test")
            .header("cookie", format!("{cookie}; shigu_by_provider=1"));
        let left = service.send(request.body(Body::empty()).unwrap()).await;
        assert!(
            left.json()["logout"].as_str().unwrap().starts_with(&format!("{issuer}/session/end?")),
            "{}",
            left.json()
        );
    }
}

/// Follows redirects, keeps cookies, and fills in the provider's forms.
#[derive(Default)]
struct Browser {
    cookies: HashMap<String, String>,
}

impl Browser {
    /// The address to which the provider sends the browser back.
    fn log_in(&mut self, address: &str, name: &str) -> String {
        let origin: String = address.split('/').take(3).collect::<Vec<_>>().join("/");
        let agent: ureq::Agent = ureq::Agent::config_builder()
            .max_redirects(0)
            .max_redirects_will_error(false)
            .http_status_as_error(false)
            .build()
            .into();
        let (mut address, mut form) = (address.to_owned(), None);
        for _ in 0..12 {
            let cookies = self.cookies.iter().map(|(n, v)| format!("{n}={v}")).collect::<Vec<_>>().join("; ");
            let answer = match form.take() {
                Some(fields) => {
                    agent.post(&address).header("cookie", cookies).send_form::<Vec<(&str, &str)>, _, _>(fields)
                }
                None => agent.get(&address).header("cookie", cookies).call(),
            };
            let mut answer = answer.unwrap();
            for set in answer.headers().get_all("set-cookie") {
                let (name, value) = set.to_str().unwrap().split(';').next().unwrap().split_once('=').unwrap();
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
            if let Some(next) = answer.headers().get("location") {
                let next = next.to_str().unwrap();
                address = if next.starts_with('/') { format!("{origin}{next}") } else { next.to_owned() };
                if !address.starts_with(&origin) {
                    return address;
                }
                continue;
            }
            let page = answer.body_mut().read_to_string().unwrap();
            let action = page.split("action=\"").nth(1).unwrap_or_else(|| panic!("{page}")).split('"').next().unwrap();
            let fields = if page.contains("value=\"login\"") {
                vec![("prompt", "login"), ("login", name), ("password", "x")]
            } else {
                vec![("prompt", "consent")]
            };
            address = if action.starts_with('/') { format!("{origin}{action}") } else { action.to_owned() };
            form = Some(fields);
        }
        panic!("the login does not end: {address}")
    }
}
