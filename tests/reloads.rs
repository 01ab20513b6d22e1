//! Reloads while readers are at work: two states of a dataset take turns, and every answer is whole and of one of them.

use crate::common;

use axum::body::Body;
use axum::http::Request;
use common::service::{Answer, Service};
use shigu::core::query::Disclosure;
use shigu::data::load::{Limits, Source};
use shigu::service::store::Store;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use tempfile::TempDir;

const READERS: usize = 4;
const RELOADS: usize = 16;
/// The second state: one enterprise has another name and cluster.
const EDIT: (&str, &str) = (r#""小城视觉智能 01 号", "cluster": "vision""#, r#""改名企业", "cluster": "vehicle""#);
/// An area, drawn.
const DRAWN: &str = r#"{"circle": {"center": [120.15, 30.05], "radius_m": 9000}, "outline": true}"#;

/// What is asked; `FIRST` and `SECOND` are the revisions. What begins with `{` is the body of `POST /summary`.
const QUESTIONS: [&str; 14] = [
    "/xyz/enterprises,districts/10/853/422.mvt?v=FIRST",
    "/xyz/enterprises,districts/10/853/422.mvt?v=SECOND",
    "/xyz/enterprises/10/853/422.mvt?cluster=vision",
    "/tiles/WebMercatorQuad/10/422/853",
    "/xyz/enterprises/tilejson.json",
    "/summary",
    "/summary?cluster=vision&statistics=true",
    DRAWN,
    "/zones?statistics=true",
    "/collections/enterprises/items?limit=200",
    "/collections/enterprises/items?cluster=vehicle&sortby=name",
    "/search?q=01",
    "/map?f=svg&bbox=119.9,29.9,120.3,30.3",
    "/dataset",
];

/// A folder with the data in the first state, and its register.
fn folder() -> (TempDir, [String; 2]) {
    let dir = TempDir::new().unwrap();
    common::copy_dataset("tests/data/tinyville", dir.path());
    let first = fs::read_to_string(dir.path().join("enterprises.geojson")).unwrap();
    assert!(first.contains(EDIT.0));
    let second = first.replace(EDIT.0, EDIT.1);
    (dir, [first, second])
}

fn serve(folder: &Path) -> (Arc<Store>, Service) {
    let opened = Store::open(Source::Folder(folder.to_owned()), Limits::default());
    let store = Arc::new(opened.unwrap_or_else(|report| panic!("{}", report.render(shigu::core::model::Lang::En))).0);
    (store.clone(), Service::over(store, Disclosure::Aggregates))
}

async fn ask(service: &Service, question: &str, [first, second]: &[String; 2]) -> Answer {
    let uri = question.replace("FIRST", first).replace("SECOND", second);
    if !uri.starts_with('{') {
        return service.get(&uri).await;
    }
    let request = Request::post("/summary").header("content-type", "application/json");
    service.send(request.body(Body::from(uri)).unwrap()).await
}

/// The revision that an answer says it is of.
fn revision(answer: &Answer) -> String {
    let tag = answer.header("etag").trim_start_matches("W/").trim_start_matches('"');
    tag.split('-').next().unwrap().to_owned()
}

/// A body without the moment at which a page of features was made.
fn untimed(body: &[u8]) -> Vec<u8> {
    let name = br#""timeStamp":""#;
    let Some(at) = body.windows(name.len()).position(|w| w == name) else { return body.to_vec() };
    let end = body[at + name.len()..].iter().position(|b| *b == b'"').unwrap();
    [&body[..at], &body[at + name.len() + end..]].concat()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn an_answer_during_reloads_is_of_the_revision_that_it_names() {
    // what each state answers where nothing is reloaded
    let mut still = Vec::new();
    for state in 0..2 {
        let (dir, texts) = folder();
        fs::write(dir.path().join("enterprises.geojson"), &texts[state]).unwrap();
        let (store, service) = serve(dir.path());
        still.push((store.snapshot().describe().revision.clone(), service));
    }
    let revisions = [still[0].0.clone(), still[1].0.clone()];
    assert_ne!(revisions[0], revisions[1]);
    let mut expected = BTreeMap::new();
    let mut different = 0;
    for question in QUESTIONS {
        for (of, service) in &still {
            let answer = ask(service, question, &revisions).await;
            assert_eq!(answer.status, 200, "{question}");
            assert_eq!(revision(&answer), *of, "{question}");
            expected.insert((question, of.clone()), untimed(&answer.body));
        }
        let [first, second] = [&revisions[0], &revisions[1]].map(|of| &expected[&(question, of.clone())]);
        different += usize::from(first != second);
    }
    assert!(different > 10, "the two states hardly differ: {different}");

    let (dir, texts) = folder();
    let (store, service) = serve(dir.path());
    let (service, expected, revisions) = (Arc::new(service), Arc::new(expected), Arc::new(revisions));
    let rounds: Arc<[AtomicUsize; READERS]> = Arc::default();
    let over = Arc::new(AtomicBool::new(false));
    let reader = |place: usize| {
        let (service, expected, revisions) = (service.clone(), expected.clone(), revisions.clone());
        let (rounds, over) = (rounds.clone(), over.clone());
        tokio::spawn(async move {
            let mut seen = BTreeSet::new();
            while !over.load(Ordering::Acquire) {
                // each reader begins elsewhere, so that at a reload each is at another question
                for at in 0..QUESTIONS.len() {
                    let question = QUESTIONS[(at + place * 3) % QUESTIONS.len()];
                    let answer = ask(&service, question, &revisions).await;
                    assert_eq!(answer.status, 200, "{question}: {}", String::from_utf8_lossy(&answer.body));
                    let of = revision(&answer);
                    let body = expected.get(&(question, of.clone()));
                    assert!(body == Some(&untimed(&answer.body)), "{question}: the body is not of revision {of}");
                    if let Some((_, v)) = question.split_once("v=") {
                        let asked = &revisions[usize::from(v == "SECOND")];
                        let kept = answer.header("cache-control").contains("immutable");
                        assert_eq!(kept, *asked == of, "{question}: kept for ever under another revision");
                    }
                    seen.insert((question, of));
                }
                rounds[place].fetch_add(1, Ordering::Release);
            }
            seen
        })
    };
    let readers: Vec<_> = (0..READERS).map(reader).collect();
    let counts = |rounds: &[AtomicUsize; READERS]| rounds.each_ref().map(|n| n.load(Ordering::Acquire));
    for reload in 1..=RELOADS {
        fs::write(dir.path().join("enterprises.geojson"), &texts[reload % 2]).unwrap();
        let store = store.clone();
        tokio::task::spawn_blocking(move || assert!(store.reload().is_ok())).await.unwrap();
        // now and then the next comes at once, else when each reader has asked everything of this state
        let at = counts(&rounds);
        while reload % 4 != 0 && !counts(&rounds).iter().zip(at).all(|(now, then)| *now >= then + 2) {
            assert!(!readers.iter().any(tokio::task::JoinHandle::is_finished), "a reader has given up");
            tokio::task::yield_now().await;
        }
    }
    over.store(true, Ordering::Release);
    for reader in readers {
        let seen = reader.await.unwrap();
        assert_eq!(seen.len(), QUESTIONS.len() * 2, "every question was answered from both states");
    }
}
