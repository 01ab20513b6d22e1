//! A viewer limited to a district sees its enterprises and no other, in every output; compared with a linear scan over the
//! file by another program's rule of points in polygons (the declared district of unlocated ones, geo's `contains` else).

use crate::World;
use geo::{Contains, Point};
use serde_json::{Value, json};
use std::collections::BTreeSet;

const CODE: &str = "330108";

/// Ids of the enterprises of a district and of all, by the files alone.
fn scan() -> (BTreeSet<String>, BTreeSet<String>) {
    let read = |file: &str| -> Value {
        let path = format!("{}/geodata/hangzhou/{file}.geojson", env!("CARGO_MANIFEST_DIR"));
        serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
    };
    let districts = read("districts");
    let district = districts["features"].as_array().unwrap().iter().find(|f| f["id"] == CODE).unwrap();
    let geometry: geojson::Geometry = serde_json::from_value(district["geometry"].clone()).unwrap();
    let polygon: geo::Geometry<f64> = geometry.try_into().unwrap();
    let (mut inside, mut all) = (BTreeSet::new(), BTreeSet::new());
    for f in read("enterprises")["features"].as_array().unwrap() {
        let id = f["id"].as_str().unwrap().to_owned();
        let here = match f["geometry"]["coordinates"].as_array() {
            Some(at) => polygon.contains(&Point::new(at[0].as_f64().unwrap(), at[1].as_f64().unwrap())),
            None => f["properties"].as_object().unwrap().values().any(|v| v == CODE),
        };
        if here {
            inside.insert(id.clone());
        }
        all.insert(id);
    }
    (inside, all)
}

/// Ids of enterprises that a text names.
fn named(text: &str, all: &BTreeSet<String>) -> BTreeSet<String> {
    let words = text.split(|c: char| !c.is_alphanumeric() && c != '-' && c != '_');
    words.filter(|w| all.contains(*w)).map(str::to_owned).collect()
}

#[tokio::test]
async fn every_output_holds_the_district_and_nothing_else() {
    let (inside, all) = scan();
    assert!(inside.len() > 300 && all.len() == 5000);
    let outsider = all.difference(&inside).next().unwrap();
    let insider = inside.iter().next().unwrap();
    let world = World::new(true).await;
    let me = world.account("滨江", "viewer", json!([CODE])).await;

    let csv = world.get("/collections/enterprises/items?f=csv", &me).await;
    assert_eq!(named(&String::from_utf8_lossy(&csv.body), &all), inside, "rows in bulk");
    let items = world.get("/collections/enterprises/items?limit=10000", &me).await.json();
    assert_eq!(items["numberMatched"], inside.len());
    assert_eq!(named(&items.to_string(), &all), inside, "items");
    assert_eq!(world.get(&format!("/collections/enterprises/items/{insider}"), &me).await.status, 200);
    assert_eq!(world.get(&format!("/collections/enterprises/items/{outsider}"), &me).await.status, 404);

    for uri in ["/summary", "/summary?zone=330108"] {
        assert_eq!(world.get(uri, &me).await.json()["counts"]["matched"], inside.len(), "{uri}");
    }
    assert_eq!(world.get("/summary?zone=330110", &me).await.json()["counts"]["matched"], 0);
    let summary = world.get("/summary", &me).await.json();
    assert!(summary["notes"].to_string().contains("您的权限只包含滨江区"), "{}", summary["notes"]);
    let square =
        json!({"polygon": {"type": "Polygon", "coordinates": [[[118,29],[121,29],[121,31],[118,31],[118,29]]]}});
    assert!(
        world.send("POST", "/summary", &me, &square).await.json()["counts"]["matched"].as_u64().unwrap()
            <= inside.len() as u64
    );
    let zones = world.get("/zones?kind=district", &me).await.json();
    for zone in zones["zones"].as_array().unwrap() {
        let expected = if zone["id"] == CODE { inside.len() } else { 0 };
        assert_eq!(zone["count"], expected, "{}", zone["id"]);
    }
    let search = json!({"limit": 1000});
    let found = world.send("POST", "/collections/enterprises/search", &me, &search).await;
    assert!(named(&String::from_utf8_lossy(&found.body), &all).is_subset(&inside), "search by body");
    let hits = world.get("/search?q=示例&limit=50", &me).await;
    assert!(named(&String::from_utf8_lossy(&hits.body), &all).is_subset(&inside), "search by name");

    let report = world.get("/report/330110?format=geojson", &me).await;
    assert_eq!(named(&String::from_utf8_lossy(&report.body), &all), BTreeSet::new(), "a report of another district");
    let report = world.get("/report/330108?format=geojson", &me).await;
    assert_eq!(named(&String::from_utf8_lossy(&report.body), &all), inside);
    let changes = world.get("/versions/0/changes", &me).await;
    assert_eq!(changes.status, 403, "the whole register's changes");
}

#[tokio::test]
async fn tiles_count_the_district_only() {
    let (inside, _) = scan();
    let world = World::new(true).await;
    let me = world.account("滨江", "viewer", json!([CODE])).await;
    let mut counted = 0;
    for (x, y) in [(1706, 842), (1706, 843), (1707, 842), (1707, 843)] {
        let answer = world.get(&format!("/xyz/enterprises/11/{x}/{y}.mvt?cells=8"), &me).await;
        if answer.status == 204 {
            continue;
        }
        for (_, features) in &crate::common::decode(&answer.body) {
            for f in features.as_array().unwrap() {
                counted += f["properties"]["n"].as_u64().unwrap_or(1);
            }
        }
    }
    assert!(counted > 0 && counted <= inside.len() as u64, "{counted} of {}", inside.len());
}

/// Two readers ask for the same, one after the other: neither gets the other's answer, nor a "not modified" for it.
#[tokio::test]
async fn answers_of_two_readers_are_never_mixed() {
    let world = World::new(true).await;
    let near = world.account("滨江", "viewer", json!([CODE])).await;
    let far = world.account("余杭", "viewer", json!(["330110"])).await;
    let whole = world.account("全市", "viewer", Value::Null).await;
    for uri in [
        "/summary",
        "/dataset",
        "/zones?kind=district",
        "/collections/enterprises/items?limit=5",
        "/xyz/enterprises/10/853/421.mvt?cells=8",
        "/report/city?format=csv",
        "/map?width=200&height=200&f=svg",
    ] {
        let mut tags = std::collections::HashSet::new();
        let mut bodies = std::collections::HashSet::new();
        for _ in 0..2 {
            for reader in [&near, &far, &whole] {
                let answer = world.get(uri, reader).await;
                assert!(answer.status.is_success(), "{uri}: {}", answer.status);
                assert!(crate::varies(&answer), "{uri}");
                assert!(!answer.header("cache-control").contains("public"), "{uri}");
                tags.insert(answer.header("etag").to_owned());
                bodies.insert(timeless(&answer.body));
            }
        }
        assert_eq!(bodies.len(), 3, "{uri}");
        assert!(tags.len() == 3 || tags == [String::new()].into(), "{uri}: {tags:?}");
    }
}

/// Restricted values of single firms do not leave for viewers, and do for editors.
#[tokio::test]
async fn restricted_values_are_for_editors() {
    let world = World::new(true).await;
    let viewer = world.account("v", "viewer", Value::Null).await;
    let editor = world.account("e", "editor", Value::Null).await;
    for uri in [
        "/collections/enterprises/items?limit=200",
        "/collections/enterprises/items?f=csv",
        "/collections/enterprises/queryables",
    ] {
        let text = |answer: &crate::common::service::Answer| String::from_utf8_lossy(&answer.body).into_owned();
        assert!(!text(&world.get(uri, &viewer).await).contains("revenue"), "{uri}");
        assert!(!text(&world.get(uri, "").await).contains("revenue"), "{uri}");
        assert!(text(&world.get(uri, &editor).await).contains("revenue"), "{uri}");
    }
    let asked = "/collections/enterprises/items?filter=revenue_2025%20%3E%201000";
    assert_eq!(world.get(asked, &viewer).await.status, 403, "not even by asking");
    assert_eq!(world.get(asked, "").await.status, 403);
    assert_eq!(world.get(asked, &editor).await.status, 200);
}

/// An answer without the moment at which it was given.
fn timeless(body: &[u8]) -> Vec<u8> {
    let Ok(mut value) = serde_json::from_slice::<Value>(body) else { return body.to_vec() };
    value.as_object_mut().map(|all| all.remove("timeStamp"));
    value.to_string().into_bytes()
}
