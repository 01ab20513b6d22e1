//! A reader's own points: counted as the register's rows are, named where they can't be read, drawn where they lie, kept nowhere.

use crate::common::service::{Answer, Service};
use serde_json::{Value, json};
use shigu::core::query::Disclosure;
use std::collections::{BTreeMap, BTreeSet};

const FILE: &str = "application/octet-stream";

async fn read(s: &Service, query: &str, body: impl Into<axum::body::Body>) -> Answer {
    s.post(&format!("/points{query}"), FILE, body).await
}

fn list<'a>(of: &'a Value, member: &str) -> &'a [Value] {
    of[member].as_array().unwrap()
}

/// Rows of the register with a position lie in the zones in which a reader's points at the same places do, and all of a kind and
/// outside are all points.
#[tokio::test]
async fn points_belong_to_zones_as_rows_do() {
    for folder in ["tests/data/tinyville", "tests/data/fourfold", "geodata/hangzhou"] {
        let s = Service::open(folder, Disclosure::Full);
        let about = s.json("/dataset").await;
        let register = about["register"].as_str().unwrap().to_owned();
        let rows = s.json(&format!("/collections/{register}/items?limit=300")).await;
        let rows: Vec<&Value> = list(&rows, "features").iter().filter(|f| f["geometry"]["type"] == "Point").collect();
        let lines = rows.iter().map(|f| {
            let at = &f["geometry"]["coordinates"];
            format!("{:.9},{:.9},{}\n", at[0].as_f64().unwrap(), at[1].as_f64().unwrap(), f["id"].as_str().unwrap())
        });
        let answer = read(&s, "?crs=wgs84", lines.collect::<String>()).await;
        assert_eq!(answer.status, 200, "{}", String::from_utf8_lossy(&answer.body));
        let own = answer.json();
        assert_eq!(list(&own, "points").len(), rows.len());
        let mut counts: BTreeMap<String, usize> = BTreeMap::new();
        let mut compared = 0;
        for point in list(&own, "points") {
            let zones: BTreeSet<&str> = list(point, "zones").iter().map(|z| z.as_str().unwrap()).collect();
            zones.iter().for_each(|zone| *counts.entry((*zone).to_owned()).or_default() += 1);
            let id = point["name"].as_str().unwrap();
            if compared < 60 {
                let place = s.json(&format!("/collections/{register}/items/{id}/place")).await;
                let held: BTreeSet<&str> = list(&place, "zones").iter().map(|z| z["id"].as_str().unwrap()).collect();
                assert_eq!(zones, held, "{folder} {id}");
                compared += held.len();
            }
        }
        assert!(compared > 20, "{folder}");
        let said: BTreeMap<String, usize> = list(&own, "zones")
            .iter()
            .map(|z| (z["id"].as_str().unwrap().to_owned(), z["points"].as_u64().unwrap() as usize))
            .collect();
        assert_eq!(said, counts);
        for outside in list(&own, "outside") {
            let kind = &outside["zone_kind"];
            let of: BTreeSet<&str> = list(&own, "zones")
                .iter()
                .filter(|z| z["zone_kind"] == *kind)
                .map(|z| z["id"].as_str().unwrap())
                .collect();
            let none = |p: &&Value| !list(p, "zones").iter().any(|z| of.contains(z.as_str().unwrap()));
            assert_eq!(outside["points"], list(&own, "points").iter().filter(none).count(), "{folder} {kind}");
        }
    }
}

#[tokio::test]
async fn what_is_no_point_is_named_with_its_line() {
    let s = Service::hangzhou(Disclosure::Full);
    let own = read(&s, "", "120.1004,30.2004,西站\n没有坐标\n120.2004,30.3004\n").await.json();
    assert_eq!(list(&own, "points").len(), 2);
    let finding = &own["findings"][0];
    assert_eq!((&finding["row"], &finding["severity"]), (&json!(2), &json!("error")));
    for text in [&finding["message"], &finding["remedy"]] {
        assert!(!text["zh"].as_str().unwrap().is_empty() && !text["en"].as_str().unwrap().is_empty());
    }
    for (query, body, status, code) in [
        ("", "a,b\n1,2\n", 422, "no-positions"),
        ("", "514433.6,3350053.7", 422, "crs-needed"),
        ("?crs=xian80", "120.1004,30.2004", 422, "crs-unknown"),
        ("?colour=red", "120.1004,30.2004", 400, "bad-parameter"),
        ("", "", 422, "no-rows"),
    ] {
        let answer = read(&s, query, body).await;
        assert_eq!(answer.status, status, "{query} {body}");
        let problem = answer.json();
        assert!(problem["type"].as_str().unwrap().ends_with(code) || problem["code"] == code, "{problem}");
    }
    let many = "120.1004,30.2004\n".repeat(5_001);
    assert_eq!(read(&s, "", many).await.json()["code"], "too-many-points");
    assert_eq!(read(&s, "", vec![b'1'; (2 << 20) + 1]).await.status, 413);
    assert_eq!(s.post("/points", "text/plain", "120.1004,30.2004").await.status, 415);
    // the same place in another system
    let shifted = read(&s, "?crs=gcj02", "120.1004,30.2004").await.json();
    assert!((shifted["points"][0]["at"][0].as_f64().unwrap() - 120.1004).abs() > 0.001, "{shifted}");
}

/// The dots are on the picture, their names where there is room, their line in the legend of a sheet.
#[tokio::test]
async fn points_are_drawn_over_the_map() {
    let s = Service::hangzhou(Disclosure::Full);
    let draw = async |body: Value| {
        s.post(
            "/map?f=svg&legend=true&width=1000&bbox=119.9,30.0,120.4004,30.5004",
            "application/json",
            body.to_string(),
        )
        .await
    };
    let points =
        json!({"title": "考察点", "points": [{"name": "甲甲甲", "at": [120.02, 30.1004]}, {"at": [121.9, 30.1004]}]});
    let with = draw(json!({"zone": "city", "points": points})).await;
    assert_eq!(with.status, 200, "{}", String::from_utf8_lossy(&with.body));
    let with = String::from_utf8_lossy(&with.body).into_owned();
    let without = String::from_utf8_lossy(&draw(json!({"zone": "city"})).await.body).into_owned();
    for text in ["考察点", "甲甲甲", "own-points"] {
        assert!(with.contains(text) && !without.contains(text), "{text}");
    }
    let bad = json!({"points": {"title": "", "points": [{"at": [120.0, 95.0]}]}});
    assert_eq!(draw(bad).await.status, 400);
    assert_eq!(draw(json!({"zone": "city", "dots": []})).await.status, 400, "other members are none");
}
