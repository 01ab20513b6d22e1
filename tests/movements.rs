//! What came, ceased and changed places between two days: counts are those of the files by a plain reading, zones and classes add up, moves are those
//! of versions, figures are those of changes; a reader of a district sees theirs; the paper says the same.

use crate::accounts::World;
use crate::common::service::Service;
use crate::edits::Editor;
use serde_json::{Value, json};
use shigu::core::columns::Moment;
use shigu::core::query::Disclosure;
use std::collections::BTreeMap;
use std::fs;

fn features(path: &str) -> Vec<Value> {
    let file: Value = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
    file["features"].as_array().unwrap().clone()
}

fn counts(of: &Value) -> [u64; 4] {
    ["before", "new", "ceased", "now"].map(|name| of[name].as_u64().unwrap())
}

/// Rows by a plain reading: there from the first date, and until the day before the second.
fn plain<'a>(rows: impl Iterator<Item = &'a Value>, [from, to]: [&str; 2], [since, until]: [&str; 2]) -> [u64; 4] {
    let mut out = [0; 4];
    for row in rows {
        let text = |name: &str| row["properties"][name].as_str().filter(|text| !text.is_empty());
        let (begun, ended) = (text(from), text(to));
        let there = |day: &str| begun.is_none_or(|begun| begun <= day) && ended.is_none_or(|ended| ended > day);
        let begins =
            begun.is_some_and(|begun| begun > since && begun <= until) && ended.is_none_or(|ended| ended > since);
        let ends =
            ended.is_some_and(|ended| ended > since && ended <= until) && begun.is_none_or(|begun| begun <= until);
        for (place, is) in [there(since), begins, ends, there(until)].into_iter().enumerate() {
            out[place] += u64::from(is);
        }
    }
    out
}

#[tokio::test]
async fn counts_are_those_of_the_files_and_add_up() {
    let rows = features("tests/data/dated/yards.geojson");
    for disclosure in [Disclosure::Full, Disclosure::Aggregates] {
        let s = Service::open("tests/data/dated", disclosure);
        for days in [["2019-12-31", "2023-12-31"], ["2022-06-30", "2022-07-31"], ["2023-06-30", "2023-07-01"]] {
            let [since, until] = days;
            let found = s.json(&format!("/zones/movements?since={since}&until={until}")).await;
            let expected = plain(rows.iter(), ["oprettet", "lukket"], days);
            assert_eq!(counts(&found["whole"]), expected, "{days:?}");
            let [before, new, ceased, now] = expected;
            assert_eq!(before + new - ceased, now, "{days:?}");
            let mut sum = [0; 4];
            for zone in found["zones"].as_array().unwrap() {
                counts(zone).iter().zip(&mut sum).for_each(|(n, sum)| *sum += n);
                let mut classes = [0; 4];
                for class in zone["classes"].as_array().unwrap() {
                    counts(class).iter().zip(&mut classes).for_each(|(n, sum)| *sum += n);
                }
                assert_eq!(classes, counts(zone), "{}", zone["id"]);
            }
            assert_eq!(sum, expected, "{days:?}");
            let mut by_class: BTreeMap<Option<&str>, [u64; 4]> = BTreeMap::new();
            for code in rows.iter().map(|row| row["properties"]["fag"].as_str()) {
                let own = rows.iter().filter(|row| row["properties"]["fag"].as_str() == code);
                by_class.insert(code, plain(own, ["oprettet", "lukket"], days));
            }
            by_class.retain(|_, rows| *rows != [0; 4]);
            let classes = found["whole"]["classes"].as_array().unwrap();
            let said: BTreeMap<Option<&str>, [u64; 4]> =
                classes.iter().map(|c| (c["code"].as_str(), counts(c))).collect();
            assert_eq!(said, by_class, "{days:?}");
            assert_eq!((&found["moved"], &found["unavailable"]), (&Value::Null, &Value::Null));
        }
    }
}

#[tokio::test]
async fn figures_are_those_of_changes_and_of_the_periods_that_ended() {
    let s = Service::open("tests/data/dated", Disclosure::Aggregates);
    for (since, until, from, to, is_new) in
        [("2022-06-30", "2023-12-31", "2021", "2023", true), ("2023-01-31", "2023-06-30", "2021", "2022", false)]
    {
        let found = s.json(&format!("/zones/movements?since={since}&until={until}")).await;
        let figures = found["figures"].as_array().unwrap();
        assert_eq!(figures.len(), 2);
        for figure in figures {
            let id = figure["change"]["weight"]["id"].as_str().unwrap();
            let same = s.json(&format!("/zones/change?weight={id}&since={from}&period={to}")).await;
            assert!(figure["change"] == same, "{id} {since}");
            assert_eq!(figure["is_new"], is_new, "{id} {since}");
        }
    }
}

#[tokio::test]
async fn what_can_not_be_said_is_said_to_be_so() {
    let s = Service::open("tests/data/quayside", Disclosure::Full);
    let found = s.json("/zones/movements").await;
    assert_eq!((&found["unavailable"]["code"], &found["whole"]), (&"undated".into(), &Value::Null));
    assert_eq!(found["figures"][0]["is_new"], false);
    for (query, said) in [
        ("since=2023-02-30", "since"),
        ("since=yesterday", "since"),
        ("until=2999-01-01", "until"),
        ("since=2024-01-01&until=2024-01-01", "since"),
        ("since=2999-01-01", "since"),
        ("f=odt", "f"),
    ] {
        let answer = s.get(&format!("/zones/movements?{query}")).await;
        assert_eq!(answer.status, 400, "{query}");
        assert!(answer.json()["detail"].as_str().unwrap().contains(said), "{query}: {}", answer.json());
    }
}

#[tokio::test]
async fn the_paper_says_the_same() {
    let s = Service::open("tests/data/dated", Disclosure::Aggregates);
    let path = "/zones/movements?since=2020-12-31&until=2023-12-31";
    let found = s.json(path).await;
    let rows = s.get(&format!("{path}&f=xlsx&lang=en")).await.sheet("New and ceased");
    let zones = found["zones"].as_array().unwrap();
    for area in std::iter::once(&found["whole"]).chain(zones) {
        let name = area["name_en"].as_str().unwrap();
        let line = rows.iter().find(|row| row[0] == name && row[1] == "Total").unwrap_or_else(|| panic!("{name}"));
        assert_eq!(line[2..6].iter().map(|n| n.parse::<u64>().unwrap()).collect::<Vec<_>>(), counts(area));
    }
    for f in ["docx", "pdf", "html", "csv"] {
        let answer = s.get(&format!("{path}&f={f}&lang=zh")).await;
        assert_eq!(answer.status, 200, "{f}");
        assert!(answer.header("content-disposition").contains("2020-12-31-2023-12-31"), "{f}");
        assert!(s.get(&format!("{path}&f={f}&lang=zh")).await.body == answer.body, "{f} is the same twice");
    }
}

#[tokio::test]
async fn a_row_that_moves_is_gone_here_and_come_there_and_a_reader_of_a_district_sees_none() {
    let world = World::new(true).await;
    let limited = world.account("xian", "viewer", json!(["330109"])).await;
    let mut wang = Editor::new(&world, "wang", "reviewer").await;
    let district = async |world: &World| {
        let row = world.get("/collections/enterprises/items/S00002", &world.administrator).await.json();
        row["properties"]["district"].as_str().unwrap().to_owned()
    };
    let from = district(&world).await;
    // a day before, when the data of the folder was in force
    let yesterday = Moment::of_days(crate::accounts::now() / 86_400 - 2).to_string();
    let path = format!("/zones/movements?since={yesterday}");
    let before = world.get(&path, "").await.json();
    assert_eq!(before["moved"], 0, "one version is served, so nothing has moved");
    wang.edit("S00002", json!({"position": [120.2700, 30.1600]})).await;
    wang.edit("S00003", json!({"values": {"size": "large"}})).await;
    assert_eq!(wang.step("publish", &json!({"note": "迁址"})).await.0, 201);
    let to = district(&world).await;
    assert_ne!(from, to);
    let found = world.get(&path, "").await.json();
    assert_eq!(found["moved"], 1);
    for zone in found["zones"].as_array().unwrap().iter().filter(|zone| zone["id"] != "") {
        let moves = |name: &str| zone["moves"][name].as_u64();
        let here = |id: &str| Some(u64::from(zone["id"] == id));
        let known = !zone["zone_kind"].as_str().unwrap().is_empty();
        if known {
            assert_eq!((moves("arrived"), moves("departed")), (here(&to), here(&from)), "{}", zone["id"]);
        }
    }
    // it changed places and was born as before
    assert_eq!(counts(&found["whole"]), counts(&before["whole"]));
    let own = world.get(&path, &limited).await.json();
    assert_eq!((&own["moved"], &own["zones"][0]["moves"]), (&Value::Null, &Value::Null));
    let ids: Vec<&str> = own["zones"].as_array().unwrap().iter().filter_map(|zone| zone["id"].as_str()).collect();
    assert!(ids.contains(&"330109") && !ids.contains(&"330106"), "{ids:?}");
}
