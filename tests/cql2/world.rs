//! The corpus of `tests/data/cql2`: every operator over an invented world, in text and in JSON. The ids that each predicate
//! selects, and those about which it is unknown, are written down; a plain scan of the GeoJSON finds the same, and so does
//! the engine over HTTP.

use super::scan::decide;
use crate::common::encoded;
use crate::common::service::Service;
use serde_json::{Value, json};
use shigu::core::filter::OPS;
use shigu::core::query::Disclosure;
use std::collections::BTreeMap;
use std::fs::read_to_string;
use std::path::Path;

const FOLDER: &str = "tests/data/cql2";
const COLLECTIONS: [&str; 4] = ["harbours", "islands", "routes", "reefs"];

/// A predicate, with the ids for which it is true and unknown.
struct Case {
    collection: String,
    text: String,
    json: Value,
    truth: [Vec<String>; 2],
}

fn corpus() -> Vec<Case> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(FOLDER).join("predicates.json");
    let all: Vec<Value> = serde_json::from_str(&read_to_string(path).unwrap()).unwrap();
    let text = |v: &Value| v.as_str().unwrap().to_owned();
    let ids = |v: &Value| v.as_str().unwrap().split_whitespace().map(str::to_owned).collect();
    let case = |c: &Value| Case {
        collection: text(&c["in"]),
        text: text(&c["text"]),
        json: c["json"].clone(),
        truth: [ids(&c["true"]), ids(&c["unknown"])],
    };
    all.iter().map(case).collect()
}

/// Features by collection.
fn world() -> BTreeMap<&'static str, Vec<Value>> {
    let read = |name: &'static str| {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(FOLDER).join(format!("{name}.geojson"));
        let mut file: Value = serde_json::from_str(&read_to_string(path).unwrap()).unwrap();
        let Value::Array(features) = file["features"].take() else { panic!("{name} holds no features") };
        (name, features)
    };
    COLLECTIONS.into_iter().map(read).collect()
}

fn ids(features: &[Value]) -> Vec<String> {
    let mut ids: Vec<String> = features.iter().map(|f| f["id"].as_str().unwrap().to_owned()).collect();
    ids.sort_unstable();
    ids
}

/// The service over the corpus's files alone: their schemas are inferred.
fn service() -> (tempfile::TempDir, Service) {
    let folder = tempfile::tempdir().unwrap();
    for name in COLLECTIONS {
        let file = format!("{name}.geojson");
        std::fs::copy(Path::new(env!("CARGO_MANIFEST_DIR")).join(FOLDER).join(&file), folder.path().join(&file))
            .unwrap();
    }
    let service = Service::open(folder.path().to_str().unwrap(), Disclosure::Full);
    (folder, service)
}

fn assert_none(wrong: &[String], all: usize) {
    assert!(wrong.is_empty(), "{} of {all} wrong:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn a_plain_scan_finds_the_ids_that_are_written_down() {
    let (world, corpus) = (world(), corpus());
    let mut wrong = Vec::new();
    for case in &corpus {
        let features = &world[case.collection.as_str()];
        let decided: Vec<_> = features.iter().map(|f| (decide(&case.json, f), &f["id"])).collect();
        let of = |truth: Option<bool>| -> Vec<String> {
            let those = decided.iter().filter(|(found, _)| *found == truth);
            those.map(|(_, id)| id.as_str().unwrap().to_owned()).collect()
        };
        let found = [of(Some(true)), of(None)];
        if found != case.truth {
            let [yes, unknown] = found.map(|ids| ids.join(" "));
            wrong.push(format!("{} {}: true \"{yes}\", unknown \"{unknown}\"", case.collection, case.text));
        }
    }
    assert_none(&wrong, corpus.len());
}

#[tokio::test]
async fn the_engine_finds_the_ids_that_are_written_down() {
    let (world, corpus) = (world(), corpus());
    let (_folder, service) = service();
    let select = async |collection: &str, language: &str, filter: &str| {
        let filter = encoded(filter);
        let uri = format!("/collections/{collection}/items?limit=1000&filter-lang={language}&filter={filter}");
        let answer = service.get(&uri).await;
        let body = String::from_utf8_lossy(&answer.body).into_owned();
        if answer.status == 200 { Ok(ids(answer.json()["features"].as_array().unwrap())) } else { Err(body) }
    };
    let mut wrong = Vec::new();
    for case in &corpus {
        let [yes, unknown] = &case.truth;
        let all = ids(&world[case.collection.as_str()]);
        let no: Vec<String> = all.into_iter().filter(|id| !yes.contains(id) && !unknown.contains(id)).collect();
        let (text, json) = (&case.text, &case.json);
        for (language, filter, expected) in [
            ("cql2-text", text.clone(), yes),
            ("cql2-json", json.to_string(), yes),
            ("cql2-text", format!("NOT ({text})"), &no),
            ("cql2-json", json!({"op": "not", "args": [json]}).to_string(), &no),
            ("cql2-text", format!("({text}) IS NULL"), unknown),
            ("cql2-json", json!({"op": "isNull", "args": [json]}).to_string(), unknown),
        ] {
            let found = select(&case.collection, language, &filter).await;
            if found.as_ref() != Ok(expected) {
                wrong.push(format!("{} {filter}: {found:?}, not {expected:?}", case.collection));
            }
        }
    }
    assert_none(&wrong, 6 * corpus.len());
}

/// A predicate that selects nothing or everything would not tell a broken operator from a good one.
#[test]
fn every_operator_is_true_false_and_unknown_somewhere() {
    fn operators(e: &Value, out: &mut Vec<String>) {
        match e {
            Value::Object(o) => {
                out.extend(o.get("op").and_then(Value::as_str).map(str::to_owned));
                o.values().for_each(|v| operators(v, out));
            }
            Value::Array(items) => items.iter().for_each(|v| operators(v, out)),
            _ => {}
        }
    }
    let (world, corpus) = (world(), corpus());
    for (_, name, _) in OPS {
        let has = |c: &&Case| {
            let mut found = Vec::new();
            operators(&c.json, &mut found);
            found.iter().any(|op| op == name)
        };
        let telling = |c: &&Case| {
            let [yes, unknown] = c.truth.each_ref().map(Vec::len);
            let no = world[c.collection.as_str()].len() - yes - unknown;
            yes > 0 && no > 0 && (unknown > 0 || name == "isNull")
        };
        let telling = corpus.iter().filter(has).filter(telling).count();
        assert!(telling >= 2, "{name}: {telling} predicates that are true, false and unknown");
    }
    let kinds: Vec<&str> = world.values().flatten().filter_map(|f| f["geometry"]["type"].as_str()).collect();
    for kind in ["Point", "MultiPoint", "LineString", "MultiLineString", "Polygon", "MultiPolygon"] {
        assert!(kinds.contains(&kind), "no {kind}");
    }
}
