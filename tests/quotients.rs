//! Location quotients with intervals: the table of zones and classes agrees with the numbers of each zone, for fixed, combined and
//! drawn areas, and says nothing where there is nothing to say.

use crate::common::encoded;
use crate::common::service::Service;
use serde_json::{Value, json};
use shigu::core::query::Disclosure;
use std::collections::BTreeSet;

fn list<'a>(of: &'a Value, member: &str) -> &'a [Value] {
    of[member].as_array().unwrap()
}

/// The step-up procedure as it was published: which p-values are under the line of the largest rank that is.
fn discoveries(p: &[f64]) -> Vec<bool> {
    let mut sorted = p.to_vec();
    sorted.sort_by(f64::total_cmp);
    let line = (0..p.len())
        .filter(|&rank| sorted[rank] <= 0.05 * (rank + 1) as f64 / p.len() as f64)
        .map(|rank| sorted[rank])
        .next_back();
    p.iter().map(|p| line.is_some_and(|line| *p <= line)).collect()
}

#[tokio::test]
async fn the_table_is_that_of_the_zones() {
    let s = Service::hangzhou(Disclosure::Aggregates);
    let mut verdicts = BTreeSet::new();
    for condition in ["", "&secondary=true", "&year=2023&size=small"] {
        let table = s.json(&format!("/zones/lq?kind=district{condition}")).await;
        let (classes, zones) = (list(&table, "classes"), list(&table, "zones"));
        assert!(classes.len() > 5 && zones.len() > 10);
        let mut p = Vec::new();
        let mut found = Vec::new();
        for zone in zones {
            let one = s.json(&format!("/summary?zone={}{condition}", zone["id"].as_str().unwrap())).await;
            assert_eq!((&zone["count"], &table["whole"]), (&one["counts"]["matched"], &one["city"]["count"]));
            for (class, cell) in classes.iter().zip(list(zone, "cells")) {
                let row = list(&one, "clusters").iter().find(|c| c["code"] == class["code"]).unwrap();
                assert_eq!(
                    [&cell["count"], &cell["lq"], &cell["lq_test"]],
                    [&row["count"], &row["lq"], &row["lq_test"]]
                );
                verdicts.insert(cell["lq_test"]["verdict"].as_str().unwrap().to_owned());
                let test = &cell["lq_test"];
                if let Some(value) = test["p"].as_f64() {
                    let (low, high) = (test["low"].as_f64().unwrap(), test["high"].as_f64().unwrap());
                    let lq = cell["lq"].as_f64().unwrap();
                    assert!(low <= lq && lq <= high && test["expected"].as_f64().unwrap() >= 5.0);
                    assert!(cell["q"].as_f64().unwrap() >= value);
                    let said = if low > 1.0 {
                        "above"
                    } else if high < 1.0 {
                        "below"
                    } else {
                        "no_difference"
                    };
                    assert_eq!(test["verdict"], said);
                    p.push(value);
                    found.push(cell["discovery"] == true);
                } else {
                    assert_eq!(
                        (&test["verdict"], &cell["q"], &cell["discovery"]),
                        (&json!("too_few"), &Value::Null, &json!(false))
                    );
                }
            }
        }
        assert_eq!(table["tests"], p.len());
        assert_eq!(found, discoveries(&p));
        assert!(found.contains(&true) && found.contains(&false), "{condition}");
    }
    assert_eq!(verdicts.len(), 4, "{verdicts:?}");
}

#[tokio::test]
async fn the_table_is_of_the_classes_as_they_are_read() {
    let s = Service::open("tests/data/sectors", Disclosure::Full);
    let mut seen = BTreeSet::new();
    for reading in
        ["", "&class_level=division", "&class_level=group", "&class_parent=C39", "&class_version=fields-2021"]
    {
        let table = s.json(&format!("/zones/lq?kind=district{reading}")).await;
        let codes: Vec<&Value> = list(&table, "classes").iter().map(|c| &c["code"]).collect();
        for zone in list(&table, "zones") {
            let one = s.json(&format!("/summary?zone={}{reading}", zone["id"].as_str().unwrap())).await;
            let rows: Vec<&Value> =
                list(&one, "clusters").iter().filter(|c| c["code"].is_string() && c["part"].is_null()).collect();
            assert_eq!(codes, rows.iter().map(|c| &c["code"]).collect::<Vec<_>>(), "{reading}");
            for (row, cell) in rows.iter().zip(list(zone, "cells")) {
                assert_eq!(
                    [&cell["count"], &cell["lq"], &cell["lq_test"]],
                    [&row["count"], &row["lq"], &row["lq_test"]],
                    "{reading}"
                );
            }
        }
        seen.insert(codes.iter().map(ToString::to_string).collect::<Vec<_>>());
    }
    assert_eq!(seen.len(), 5);
    // each table of a dataset has classes of its own
    let several = Service::open("tests/data/threetables", Disclosure::Full);
    for table in ["companies", "parcels", "grants"] {
        let answer = several.json(&format!("/zones/lq?table={table}")).await;
        let about = several.json(&format!("/dataset?table={table}")).await;
        let of = |v: &Value, member: &str| list(v, member).iter().map(|c| c["code"].clone()).collect::<Vec<_>>();
        assert_eq!(of(&answer, "classes"), of(&about, "clusters"), "{table}");
    }
}

#[tokio::test]
async fn drawn_and_combined_areas_have_intervals_too() {
    let s = Service::hangzhou(Disclosure::Aggregates);
    let mut said = 0;
    for body in [
        json!({"circle": {"center": [120.02, 30.28], "radius_m": 9000}}),
        json!({"nearest": {"center": [120.2, 30.2], "k": 300}}),
        json!({"zone": "330110", "combine": [{"op": "union", "zone": "330106"}]}),
        json!({"zone": "outside"}),
    ] {
        let answer = s.post("/summary", "application/json", body.to_string()).await.json();
        for row in list(&answer, "clusters") {
            let test = &row["lq_test"];
            let expected = answer["counts"]["matched"].as_f64().unwrap() * row["count"].as_f64().unwrap()
                / row["share_of_city"].as_f64().unwrap()
                / answer["city"]["count"].as_f64().unwrap();
            if row["count"] != 0 {
                assert!((test["expected"].as_f64().unwrap() / expected - 1.0).abs() < 1e-9, "{row}");
            }
            said += usize::from(test["low"].is_number());
        }
    }
    assert!(said > 20, "{said}");
    let tiny = json!({"nearest": {"center": [120.2, 30.2], "k": 9}}).to_string();
    let tiny = s.post("/summary", "application/json", tiny).await.json();
    assert!(list(&tiny, "clusters").iter().all(|c| c["lq_test"]["verdict"] == "too_few"));
}

#[tokio::test]
async fn what_says_nothing_is_not_tested() {
    let s = Service::hangzhou(Disclosure::Full);
    let city = s.json("/summary").await;
    assert!(list(&city, "clusters").iter().all(|c| c["lq_test"].is_null() && c["lq"].is_number()));
    for condition in ["cluster=vision".to_owned(), format!("filter={}", encoded("cluster IN ('vision','robot')"))] {
        let table = s.json(&format!("/zones/lq?kind=district&{condition}")).await;
        let cells: Vec<&Value> = list(&table, "zones").iter().flat_map(|z| list(z, "cells")).collect();
        assert!(cells.len() > 50 && cells.iter().all(|c| c["lq"].is_null() && c["lq_test"].is_null()), "{condition}");
        assert_eq!(table["tests"], 0);
    }
    // a register without classes has a table without columns
    let bare = Service::open("tests/data/bare", Disclosure::Full).get("/zones/lq").await;
    assert_eq!(bare.status, 404, "no register at all");
}

#[tokio::test]
async fn another_city_has_its_own_words() {
    let s = Service::open("tests/data/twolevel", Disclosure::Full);
    let table = s.json("/zones/lq").await;
    assert!(list(&table, "zones").len() > 3 && !list(&table, "classes").is_empty());
    let text = table.to_string();
    for word in ["企业", "集群", "全市", "enterprise", "cluster"] {
        assert!(!text.contains(word), "{word} is a word of another city: {text}");
    }
}
