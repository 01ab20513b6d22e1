//! One request, one revision: requests whose context was made before a reload are answered from the data of that context.

use super::extract::context::Context;
use super::response::answer::{Form, Reply};
use super::routes::resources;
use super::{App, Authentication, Config, ConfigError, FrontSettings};
use crate::core::query::Disclosure;
use crate::data::load::{Limits, Source};
use crate::service::accounts::Reader;
use crate::service::store::{Database, Incoming, Store};
use crate::service::task::RenderPermits;
use axum::body::Body;
use axum::http::{HeaderMap, Request, StatusCode, header};
use axum::response::Response;
use http_body_util::BodyExt;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::task::Poll;
use tempfile::TempDir;
use tower::ServiceExt;

/// A city with another name and another sum for the same enterprise.
const EDIT: (&str, &str) = (r#""小城视觉智能 01 号", "cluster": "vision""#, r#""改名企业", "cluster": "vehicle""#);

/// Everything that is answered from the data, by GET; the first ones are kept between requests.
const RESOURCES: [&str; 35] = [
    "/xyz/enterprises/10/853/422.mvt?v=REVISION",
    "/xyz/enterprises/tilejson.json",
    "/tiles/WebMercatorQuad/10/422/853",
    "/collections/enterprises/tiles/WebMercatorQuad/10/422/853",
    "/zones",
    "/choropleth?kind=district&choropleth=as:density",
    "/zones/lq",
    "/zones/profile",
    "/zones/pairs",
    "/zones/chain",
    "/zones/change?weight=revenue",
    "/hotspots/areas",
    "/hotspots/hexagons",
    "/hotspots/density",
    "/hotspots/distances?class=vision&simulations=100",
    "/zones/ranking?kind=district",
    "/zones/ratios",
    "/zones/movements",
    "/summary",
    "/summary/lq",
    "/summary/periods",
    "/style.json",
    "/map?f=svg&bbox=119.9,29.9,120.3,30.3",
    "/dataset",
    "/freshness",
    "/systems",
    "/collections",
    "/collections/enterprises",
    "/collections/enterprises/items",
    "/collections/enterprises/items/E01/place",
    "/collections/enterprises/items/E01/partners",
    "/collections/enterprises/queryables",
    "/tiles/WebMercatorQuad",
    "/search?q=01",
    "/report/city?format=html",
];

fn tinyville() -> (TempDir, PathBuf) {
    let dir = TempDir::new().unwrap();
    let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/tinyville");
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        fs::copy(entry.path(), dir.path().join(entry.file_name())).unwrap();
    }
    let register = dir.path().join("enterprises.geojson");
    (dir, register)
}

fn store(folder: &Path) -> Arc<Store> {
    let opened = Store::open(Source::Folder(folder.to_owned()), Limits::default());
    Arc::new(opened.unwrap_or_else(|report| panic!("{}", report.render(crate::core::model::Lang::En))).0)
}

fn app(folder: &Path) -> App {
    App::new(Config::new(store(folder), Disclosure::Full)).unwrap()
}

async fn context(app: &App) -> Context {
    Context::new(app.clone(), Reader::owner(), None).await.unwrap()
}

async fn ask(context: &Context, path: &str) -> (StatusCode, HeaderMap, Vec<u8>) {
    let path = path.replace("REVISION", &context.describe().revision);
    let request = Request::get(path).header(header::HOST, "shigu.test").extension(context.clone());
    let response: Response = resources().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
    let (mut parts, body) = response.into_parts();
    // a moment is printed without the zeros at its end, so a page of features is now and then a byte shorter
    parts.headers.remove(header::CONTENT_LENGTH);
    let body = body.collect().await.unwrap().to_bytes().to_vec();
    (parts.status, parts.headers, untimed(body))
}

/// Without the moment at which a page of features was made.
fn untimed(mut body: Vec<u8>) -> Vec<u8> {
    let name = br#""timeStamp":""#;
    if let Some(at) = body.windows(name.len()).position(|w| w == name) {
        let end = body[at + name.len()..].iter().position(|b| *b == b'"').unwrap();
        body.drain(at..at + name.len() + end);
    }
    body
}

#[tokio::test]
async fn a_reload_between_middleware_and_handler_mixes_no_revisions() {
    let (dir, register) = tinyville();
    let served = app(dir.path());
    let before = context(&served).await;
    // the same data in a service of its own, which is never reloaded
    let (other_dir, _) = tinyville();
    let unchanged = context(&app(other_dir.path())).await;

    let text = fs::read_to_string(&register).unwrap();
    assert!(text.contains(EDIT.0));
    fs::write(&register, text.replace(EDIT.0, EDIT.1)).unwrap();
    served.store().reload().unwrap();
    let after = context(&served).await;
    assert_ne!(before.describe().revision, after.describe().revision);

    let mut changed = 0;
    for path in RESOURCES {
        // the request that came before the reload is handled after it, and may be the first that is kept
        let (status, headers, body) = ask(&before, path).await;
        let expected = ask(&unchanged, path).await;
        assert!(status.is_success(), "{path}: {status}");
        assert!((status, &headers, &body) == (expected.0, &expected.1, &expected.2), "{path}: not of its revision");
        assert!(headers[header::ETAG].to_str().unwrap().contains(&before.describe().revision), "{path}");
        let later = ask(&after, path).await;
        assert!(later.1[header::ETAG].to_str().unwrap().contains(&after.describe().revision), "{path}");
        changed += usize::from(later.2 != body);
        assert!(ask(&before, path).await.2 == body, "{path}: not of its revision the second time");
    }
    assert!(changed >= 8, "the two revisions hardly differ: {changed}");
}

#[tokio::test]
async fn the_same_data_has_another_tag_on_another_day() {
    let (dir, _) = tinyville();
    let context = context(&app(dir.path())).await;
    let headers = HeaderMap::from_iter([(header::HOST, "shigu.test".parse().unwrap())]);
    let reply = Reply { context: &context, headers: &headers };
    let tag = |day| reply.etag(Form { day, ..Form::plain("application/json") });
    assert!(tag(20_000) != tag(20_001) && tag(20_000) != tag(0) && tag(20_000) == tag(20_000));
}

#[tokio::test]
async fn a_request_that_middleware_has_not_seen_is_not_answered() {
    let request = Request::get("/dataset").header(header::HOST, "shigu.test").body(Body::empty()).unwrap();
    assert_eq!(resources().oneshot(request).await.unwrap().status(), StatusCode::INTERNAL_SERVER_ERROR);
}

#[test]
fn combinations_that_can_not_work_are_refused_in_both_languages() {
    let (dir, _) = tinyville();
    let data = TempDir::new().unwrap();
    let config = || Config::new(store(dir.path()), Disclosure::Aggregates);
    let database = || Some(Database::open(data.path()).unwrap());
    let accounts = || Some(Authentication::default());
    assert!(App::new(Config { database: database(), accounts: accounts(), ..config() }).is_ok());
    let cases = [
        (Config { accounts: accounts(), ..config() }, ConfigError::AccountsWithoutDatabase),
        (
            Config { accounts: accounts(), database: database(), disclosure: Disclosure::Full, ..config() },
            ConfigError::AccountsWithFullDisclosure,
        ),
        (
            Config {
                disclosure: Disclosure::Full,
                front: FrontSettings { public_url: Some("https://gis.example".into()), ..FrontSettings::default() },
                ..config()
            },
            ConfigError::OwnerBehindProxy,
        ),
        (
            Config {
                disclosure: Disclosure::Full,
                front: FrontSettings { allow_origins: vec!["*".into()], ..FrontSettings::default() },
                ..config()
            },
            ConfigError::EveryOriginWithOwner,
        ),
        (
            Config { incoming: Some(Incoming::open(data.path()).unwrap()), ..config() },
            ConfigError::ImportsWithoutVersions,
        ),
    ];
    for (config, error) in cases {
        assert_eq!(App::new(config).err(), Some(error));
        let text = error.text();
        assert!(text.zh.contains("--d") && text.en.contains("--d") && text.zh != text.en, "{text:?}");
    }
}

/// A condition that no row can be tested for: it is refused where the question is bound, which looks at every row. With the
/// only other thread busy, what is long has no answer yet, however often it is polled; what is short has one.
#[test]
fn long_questions_are_bound_off_the_threads_that_serve() {
    /// Paths, and whether they are always off the threads that serve.
    const BOUND: [(&str, bool); 10] = [
        ("GET /map?f=svg&filter=", true),
        ("GET /collections/enterprises/map?f=svg&filter=", true),
        ("GET /zones?filter=", true),
        ("GET /report/city?format=html&filter=", true),
        ("POST /map?f=svg", true),
        ("POST /summary", true),
        ("POST /report?format=html", true),
        ("GET /collections/enterprises/items?filter=", false),
        ("GET /summary?filter=", false),
        ("GET /xyz/enterprises/10/853/422.mvt?filter=", false),
    ];
    let short = "absent%20%3E%201".to_owned();
    let long = format!("{short}{}", "%20OR%20absent%20%3E%201".repeat(300));
    let app = app(&Path::new(env!("CARGO_MANIFEST_DIR")).join("geodata/hangzhou"));
    let threads = tokio::runtime::Builder::new_current_thread().max_blocking_threads(1).enable_all().build().unwrap();
    threads.block_on(async {
        let context = context(&app).await;
        for ((path, always), filter) in BOUND.into_iter().flat_map(|b| [(b, &short), (b, &long)]) {
            let (release, waits) = std::sync::mpsc::channel::<()>();
            let busy = tokio::task::spawn_blocking(move || waits.recv());
            let (method, uri) = path.split_once(' ').unwrap();
            let (uri, body) = if method == "GET" {
                (format!("{uri}{filter}"), Body::empty())
            } else {
                (uri.to_owned(), Body::from(r#"{"zone": "city", "filter": "absent > 1"}"#))
            };
            let request = Request::builder().method(method).uri(uri).header(header::HOST, "shigu.test");
            let request = request.header(header::CONTENT_TYPE, "application/json").extension(context.clone());
            let mut answer = Box::pin(resources().oneshot(request.body(body).unwrap()));
            let mut answered = None;
            for _ in 0..100 {
                let polled = std::future::poll_fn(|cx| Poll::Ready(answer.as_mut().poll(cx))).await;
                if let Poll::Ready(done) = polled {
                    answered = Some(done.unwrap());
                    break;
                }
                tokio::task::yield_now().await;
            }
            let off = always || filter.len() > short.len();
            assert_eq!(answered.is_none(), off, "{path} with {} bytes of conditions", filter.len());
            release.send(()).unwrap();
            busy.await.unwrap().unwrap();
            let answer = match answered {
                Some(answer) => answer,
                None => answer.await.unwrap(),
            };
            assert_eq!(answer.status(), StatusCode::BAD_REQUEST, "{path}");
        }
    });
}

/// Files of reports take the permits of maps: with none free they wait, and beyond the queue they are refused; what is
/// quick is answered meanwhile.
#[tokio::test(flavor = "multi_thread")]
async fn reports_wait_for_permits_and_are_refused_beyond_the_queue() {
    let (dir, _) = tinyville();
    let app = app(dir.path());
    let context = context(&app).await;
    let mut held = Vec::new();
    for _ in 0..app.0.resources.permits.free() {
        let (permits, (begun, begins)) = (app.0.resources.permits.clone(), std::sync::mpsc::channel());
        let (release, waits) = std::sync::mpsc::channel::<()>();
        let work = tokio::spawn(async move {
            permits
                .run(move || {
                    begun.send(()).unwrap();
                    let _ = waits.recv();
                })
                .await
        });
        tokio::task::spawn_blocking(move || begins.recv().unwrap()).await.unwrap();
        held.push((release, work));
    }
    let mut asked = tokio::task::JoinSet::new();
    let formats =
        ["xlsx", "csv", "geojson", "html"].into_iter().chain(std::iter::repeat_n("xlsx", RenderPermits::WAITING - 3));
    for format in formats {
        let (context, path) = (context.clone(), format!("/report/city?format={format}"));
        asked.spawn(async move { ask(&context, &path).await });
    }
    // one more than may wait: whichever comes last is refused, and no other ends
    let (status, headers, body) = asked.join_next().await.unwrap().unwrap();
    assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE, "{}", String::from_utf8_lossy(&body));
    assert_eq!(headers[header::RETRY_AFTER], "5");
    assert!(ask(&context, "/summary").await.0.is_success());
    assert!(asked.try_join_next().is_none(), "a report did not wait");
    drop(held);
    while let Some(answer) = asked.join_next().await {
        assert_eq!(answer.unwrap().0, StatusCode::OK);
    }
}
