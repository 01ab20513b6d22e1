//! Places are found by the search, after zones and rows: all that a scan over the texts finds, by address where nothing holds
//! the text; whoever asks, a table of places says nothing of the register.

use crate::common::encoded;
use crate::common::service::Service;
use serde_json::Value;
use shigu::core::query::Disclosure;
use std::collections::BTreeSet;
use std::path::Path;

fn folder(city: &str) -> String {
    format!("tests/data/{city}")
}

fn rows(city: &str, file: &str) -> Vec<Value> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder(city)).join(file);
    let all: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    all["features"].as_array().unwrap().clone()
}

/// A text without what does not matter, by a rule of its own.
fn bare(text: &str) -> String {
    let narrow = |c: char| match c {
        '\u{FF10}'..='\u{FF19}' => char::from_u32(u32::from(c) - 0xFEE0).unwrap(),
        c => c,
    };
    text.to_lowercase().chars().map(narrow).filter(|c| c.is_alphanumeric()).collect()
}

async fn search(service: &Service, query: &str) -> Vec<Value> {
    let found = service.json(&format!("/search?limit=100&q={}", encoded(query))).await;
    let results = found["results"].as_array().unwrap().clone();
    assert_eq!(found["total"], results.len(), "{query}");
    results
}

#[tokio::test]
async fn the_search_finds_what_a_scan_finds_and_says_the_source() {
    for (city, queries) in [
        (
            "lanes",
            &["柳堤路", "柳堤路4", "柳堤路４７８号", "478号3", "人民", "临江大学", "环湖路66", "路1", "幸福里 10 号"][..],
        ),
        (
            "harbour",
            &["harbour street", "HARBOUR", "7b mill", "Mill Road", "old mill", "1 church", "Løven", "quay side"],
        ),
    ] {
        let service = Service::open(&folder(city), Disclosure::Aggregates);
        for query in queries {
            let holds = |f: &&Value| {
                ["name", "address"]
                    .iter()
                    .any(|p| f["properties"][p].as_str().is_some_and(|t| bare(t).contains(&bare(query))))
            };
            let all = rows(city, "gazetteer.geojson");
            let wanted: BTreeSet<&str> = all.iter().filter(holds).map(|f| f["id"].as_str().unwrap()).collect();
            assert!(!wanted.is_empty(), "{query}");
            let results = search(&service, query).await;
            let places: Vec<&Value> = results.iter().filter(|r| r["collection"] == "gazetteer").collect();
            let found: BTreeSet<&str> = places.iter().map(|r| r["id"].as_str().unwrap()).collect();
            assert_eq!((found, places.len()), (wanted, places.len()), "{query}");
            assert!(places.iter().all(|r| r["source"]["zh"] == "虚构,仅供测试" && r["located"].is_null()), "{query}");
        }
    }
}

#[tokio::test]
async fn an_address_is_found_by_its_house_or_the_nearest_number() {
    let service = Service::open(&folder("lanes"), Disclosure::Aggregates);
    let of = |results: &[Value]| -> Vec<String> {
        results
            .iter()
            .filter(|r| r["collection"] == "gazetteer")
            .map(|r| r["name"].as_str().unwrap().to_owned())
            .collect()
    };
    let exact = search(&service, "临江市柳堤路12号").await;
    assert_eq!(
        (of(&exact), &exact[0]["located"]["how"]),
        (vec!["云山省临江市南岸区柳堤路12号".to_owned()], &"exact".into())
    );
    let house = search(&service, "柳堤路478号9幢201室").await;
    assert_eq!((of(&house), &house[0]["located"]["how"]), (vec!["柳堤路 478 号".to_owned()], &"house".into()));
    let near = search(&service, "柳堤路43号").await;
    assert_eq!(near[0]["located"], serde_json::json!({"how": "nearest", "number": 40, "off": 3}));
    // both are listed, unless the text names a district
    assert_eq!(of(&search(&service, "临江市人民路1号5室").await).len(), 2);
    assert_eq!(of(&search(&service, "北岸区人民路1号5室").await), ["北岸区人民路1号"]);
    assert_eq!(of(&search(&service, "无名路5号").await).len(), 0);
}

/// Rows of the register come before places, and what a table of places answers does not depend on them.
#[tokio::test]
async fn places_come_last_and_say_nothing_of_the_register() {
    let service = Service::open(&folder("lanes"), Disclosure::Aggregates);
    let results = search(&service, "南岸").await;
    let kinds: Vec<&str> = results.iter().map(|r| r["collection"].as_str().unwrap()).collect();
    let first = |kind: &str| kinds.iter().position(|k| *k == kind).unwrap();
    assert!(first("districts") < first("firms") && first("firms") < first("gazetteer"), "{kinds:?}");
    // the same folder without its firms
    let dir = tempfile::tempdir().unwrap();
    for entry in std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(folder("lanes"))).unwrap() {
        let entry = entry.unwrap();
        std::fs::copy(entry.path(), dir.path().join(entry.file_name())).unwrap();
    }
    std::fs::write(dir.path().join("firms.geojson"), r#"{"type": "FeatureCollection", "features": []}"#).unwrap();
    let without = Service::open(dir.path().to_str().unwrap(), Disclosure::Aggregates);
    for query in ["柳堤路", "柳堤路43号", "北岸区人民路1号5室", "幸福里10号", "北岸纸品社地址"]
    {
        let places = |all: Vec<Value>| all.into_iter().filter(|r| r["collection"] == "gazetteer").collect::<Vec<_>>();
        assert_eq!(places(search(&service, query).await), places(search(&without, query).await), "{query}");
    }
}

#[tokio::test]
async fn the_map_does_not_show_them_unasked() {
    let service = Service::open(&folder("lanes"), Disclosure::Aggregates);
    let dataset = service.json("/dataset").await;
    let collections = dataset["collections"].as_array().unwrap();
    let places = |id: &str| collections.iter().find(|c| c["id"] == id).unwrap()["places"].clone();
    assert_eq!((places("gazetteer"), places("firms")), (true.into(), false.into()));
    let groups = dataset["layer_groups"].as_array().unwrap();
    assert_eq!(groups.iter().find(|g| g["id"] == "gazetteer").unwrap()["visible"], false);
}

#[tokio::test]
async fn places_are_not_counted_beside_rows() {
    let service = Service::open(&folder("lanes"), Disclosure::Aggregates);
    let whole = service.json("/summary?zone=city").await;
    assert_eq!(whole["beside"], serde_json::json!([]));
}
