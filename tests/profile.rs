//! Profiles of classes and zones agree with a plain computation from the rows, keep what may not leave, and say what they are made of.

use crate::common::service::Service;
use serde_json::Value;
use shigu::core::query::Disclosure;
use std::collections::BTreeMap;

fn list<'a>(of: &'a Value, member: &str) -> &'a [Value] {
    of[member].as_array().unwrap_or_else(|| panic!("{member} of {of}"))
}

fn near(found: &Value, expected: f64, what: &str) {
    let found = found.as_f64().unwrap_or_else(|| panic!("{what}: {found}, not {expected}"));
    assert!((found - expected).abs() <= 1e-9 * expected.abs().max(1.0), "{what}: {found}, not {expected}");
}

/// A row: its district, its class, its revenue of 2025 and of 2024.
struct Row {
    zone: String,
    class: String,
    value: Option<f64>,
    before: Option<f64>,
}

/// All rows of the register, with the district that counts them: `/zones` is checked against a scan elsewhere, so it is asked here.
async fn rows(s: &Service) -> Vec<Row> {
    let mut out = Vec::new();
    let zones = s.json("/zones?kind=district").await;
    for zone in list(&zones, "zones").iter().chain(list(&zones, "rest")) {
        let id = zone["id"].as_str().unwrap();
        let body = serde_json::json!({"zone": id}).to_string();
        let items = s.post("/collections/enterprises/search?limit=10000", "application/json", body).await;
        let items: Value = serde_json::from_slice(&items.body).unwrap();
        for f in list(&items, "features") {
            let p = &f["properties"];
            let number = |name: &str| p[name].as_f64();
            let class = p["cluster"].as_str().unwrap_or_default().to_owned();
            let (value, before) = (number("revenue_2025"), number("revenue_2024"));
            out.push(Row { zone: id.to_owned(), class, value, before });
        }
    }
    out
}

#[tokio::test]
async fn a_profile_is_that_of_the_rows() {
    let s = Service::hangzhou(Disclosure::Full);
    let rows = rows(&s).await;
    assert_eq!(rows.len(), 5000, "districts, outside and undeclared are the whole");
    let found = s.json("/zones/profile?weight=revenue&year=2025").await;
    let all: f64 = rows.iter().filter_map(|r| r.value).sum();
    near(&found["value"], all, "whole");
    let zones: Vec<&str> = list(&found, "zones").iter().map(|z| z["id"].as_str().unwrap()).collect();
    let sum = |of: &dyn Fn(&Row) -> bool| rows.iter().filter(|r| of(r)).filter_map(|r| r.value).sum::<f64>();
    let of_zone: Vec<f64> = zones.iter().map(|z| sum(&|r| r.zone == *z)).collect();
    // indices over the zones are of the rows in them
    let in_zones: f64 = of_zone.iter().sum();
    assert!(in_zones < all);
    let is_in = |r: &Row| zones.contains(&&*r.zone);
    let shares: Vec<f64> = of_zone.iter().map(|v| v / in_zones).collect();
    let room = 1.0 - shares.iter().map(|x| x * x).sum::<f64>();
    assert_eq!(list(&found, "classes").len(), 8);
    for class in list(&found, "classes") {
        let code = class["code"].as_str().unwrap();
        let own: Vec<f64> = rows.iter().filter(|r| r.class == code).filter_map(|r| r.value).collect();
        let total: f64 = own.iter().sum();
        near(&class["value"], total, code);
        near(&class["share"], total / all, "share");
        let mut largest = own.clone();
        largest.sort_by(|a, b| b.total_cmp(a));
        near(&class["rows"]["top3_share"], largest[..3].iter().sum::<f64>() / total, "top 3");
        let hhi = own.iter().map(|v| (v / total) * (v / total)).sum::<f64>();
        near(&class["rows"]["hhi"], hhi, "index of the rows");
        let pairs: Vec<(f64, f64)> =
            rows.iter().filter(|r| r.class == code).filter_map(|r| Some((r.before?, r.value?))).collect();
        let (before, now) = pairs.iter().fold((0.0, 0.0), |(a, b), (x, y)| (a + x, b + y));
        near(&class["growth"]["rate"], now / before - 1.0, "growth");
        // Ellison and Glaeser (1997), Maurel and Sédillot (1999)
        let own: Vec<f64> = rows.iter().filter(|r| r.class == code && is_in(r)).filter_map(|r| r.value).collect();
        let held: f64 = own.iter().sum();
        let hhi = own.iter().map(|v| (v / held) * (v / held)).sum::<f64>();
        let here: Vec<f64> = zones.iter().map(|z| sum(&|r| r.zone == *z && r.class == code) / held).collect();
        let uneven: f64 = here.iter().zip(&shares).map(|(s, x)| (s - x) * (s - x)).sum();
        let gamma = (uneven / room - hhi) / (1.0 - hhi);
        near(&class["agglomeration"]["ellison_glaeser"], gamma, "gamma");
        let same: f64 = here.iter().map(|s| s * s).sum::<f64>();
        let spread: f64 = shares.iter().map(|x| x * x).sum();
        let other = ((same - spread) / room - hhi) / (1.0 - hhi);
        near(&class["agglomeration"]["maurel_sedillot"], other, "index of Maurel and Sédillot");
        assert_eq!(class["agglomeration"]["differ"], gamma * other < 0.0);
        for ((cell, zone), of) in list(class, "cells").iter().zip(&zones).zip(&of_zone) {
            let value = sum(&|r| r.zone == *zone && r.class == code);
            near(&cell["value"], value, zone);
            near(&cell["lq"], value / of / (total / all), "quotient");
            let test = &cell["lq_test"];
            assert!(
                test["low"].is_null()
                    || (test["low"].as_f64() <= cell["lq"].as_f64() && cell["lq"].as_f64() <= test["high"].as_f64())
            );
        }
    }
    // Theil's T over the rows with revenue, and what of it is between the districts
    let values: Vec<&Row> = rows.iter().filter(|r| r.value.is_some_and(|v| v > 0.0)).collect();
    let n = values.len() as f64;
    let theil = values.iter().map(|r| r.value.unwrap() / all * (n * r.value.unwrap() / all).ln()).sum::<f64>();
    let between: f64 = zones
        .iter()
        .chain(&["outside", "undeclared"])
        .map(|zone| {
            let own: Vec<f64> = values.iter().filter(|r| r.zone == *zone).filter_map(|r| r.value).collect();
            let share = own.iter().sum::<f64>() / all;
            if own.is_empty() { 0.0 } else { share * (share / (own.len() as f64 / n)).ln() }
        })
        .sum();
    near(&found["inequality"]["theil"], theil, "Theil");
    near(&found["inequality"]["between"], between, "between");
    near(&found["inequality"]["within"], theil - between, "within");
    for (zone, total) in list(&found, "zones").iter().zip(&of_zone) {
        let mut krugman = 0.0;
        let mut mix = 0.0;
        let id = zone["id"].as_str().unwrap();
        for class in list(&found, "classes") {
            let code = class["code"].as_str().unwrap();
            let share = sum(&|r| r.zone == id && r.class == code) / total;
            krugman += (share - sum(&|r| r.class == code && is_in(r)) / in_zones).abs();
            mix += share * share;
        }
        near(&zone["krugman"], krugman, "Krugman");
        near(&zone["class_hhi"], mix, "mix");
    }
}

/// The stars, counted again from the figures of the answer by the rules as the notes state them.
#[tokio::test]
async fn stars_are_given_by_the_stated_rules() {
    let s = Service::hangzhou(Disclosure::Full);
    let mut given = BTreeMap::from([("size", 0), ("specialised", 0), ("focus", 0), ("strong", 0)]);
    for weight in ["count", "revenue", "employees"] {
        let found = s.json(&format!("/zones/profile?weight={weight}")).await;
        let classes = list(&found, "classes");
        let enough = |cell: &&Value| cell["count"].as_u64().unwrap() >= 10;
        let tenth = |mut values: Vec<f64>, part: f64| -> f64 {
            values.sort_by(|a, b| b.total_cmp(a));
            values[((values.len() as f64 * part).ceil() as usize).max(1) - 1]
        };
        let all = classes.iter().flat_map(|c| list(c, "cells")).filter(enough);
        let focus = tenth(all.filter_map(|c| c["share_of_zone"].as_f64()).collect(), 0.1);
        for class in classes {
            let cells = list(class, "cells");
            let size = tenth(cells.iter().filter_map(|c| c["value"].as_f64()).filter(|v| *v > 0.0).collect(), 0.1);
            let strong = tenth(cells.iter().filter(enough).filter_map(|c| c["lq"].as_f64()).collect(), 0.25);
            for cell in cells {
                let (few, lq) = (!enough(&cell), cell["lq"].as_f64().unwrap_or(0.0));
                let sure = cell["lq_test"].is_null() || cell["lq_test"]["low"].as_f64().is_some_and(|low| low > 1.0);
                let expected = [
                    ("size", cell["value"].as_f64().unwrap() >= size),
                    ("specialised", lq >= 2.0 && sure),
                    ("focus", cell["share_of_zone"].as_f64().is_some_and(|share| share >= focus)),
                    ("strong", lq >= strong && lq > 1.0),
                ];
                let mut stars = 0;
                for (name, is) in expected.map(|(name, is)| (name, is && !few)) {
                    assert_eq!(cell[name], is, "{name} of {} in {}", class["code"], cell["zone"]);
                    *given.get_mut(name).unwrap() += u32::from(is);
                    stars += u64::from(is && name != "strong");
                }
                assert_eq!(cell["stars"], stars);
            }
        }
    }
    assert!(given.values().all(|n| *n > 5), "{given:?}");
}

/// Every sentence names figures that are in the answer.
#[tokio::test]
async fn findings_are_made_of_figures_of_the_answer() {
    let s = Service::hangzhou(Disclosure::Full);
    let mut rules = BTreeMap::new();
    for weight in ["count", "revenue"] {
        let found = s.json(&format!("/zones/profile?weight={weight}")).await;
        let classes = list(&found, "classes");
        let zones = list(&found, "zones");
        for of in classes.iter().chain(zones) {
            let kinds: Vec<&Value> = list(of, "findings").iter().map(|f| &f["kind"]).collect();
            assert!(kinds.windows(2).all(|pair| pair[0] != pair[1]), "one sentence of a kind: {kinds:?}");
            for finding in list(of, "findings") {
                *rules.entry(finding["rule"].as_str().unwrap().to_owned()).or_insert(0) += 1;
                assert!(!finding["text"]["zh"].as_str().unwrap().contains(['{', '}']), "{finding}");
                assert!(!finding["text"]["en"].as_str().unwrap().contains(['{', '}']), "{finding}");
                for fact in list(finding, "facts") {
                    let class = classes.iter().find(|c| c["code"] == fact["class"]);
                    let zone = zones.iter().position(|z| z["id"] == fact["zone"]);
                    let value = match (fact["figure"].as_str().unwrap(), class, zone) {
                        ("growth_of_all", ..) => &found["growth"]["rate"],
                        ("growth", Some(class), _) => &class["growth"]["rate"],
                        ("growth", None, Some(zone)) => &zones[zone]["growth"]["rate"],
                        ("top3_share", Some(class), _) => &class["rows"]["top3_share"],
                        ("top3_share", None, Some(zone)) => &zones[zone]["rows"]["top3_share"],
                        (figure, Some(class), Some(zone)) => &class["cells"][zone][figure],
                        (figure, Some(class), None) => &class[figure],
                        (figure, ..) => panic!("{figure} of nothing: {finding}"),
                    };
                    assert_eq!(value, &fact["value"], "{finding}");
                }
            }
        }
    }
    assert!(rules.contains_key("concentrated") && rules.contains_key("stands-out"), "{rules:?}");
    assert!(rules.contains_key("growing-elsewhere") && rules.contains_key("one-class"), "{rules:?}");
}

/// What a reader without permission for rows gets is made of what `/zones` gives to the same reader.
#[tokio::test]
async fn what_is_withheld_enters_nothing() {
    let viewer = Service::hangzhou(Disclosure::Aggregates);
    let owner = Service::hangzhou(Disclosure::Full);
    let path = "/zones/profile?weight=revenue&filter=founded%20%3E%202022";
    let (found, exact) = (viewer.json(path).await, owner.json(path).await);
    let zones = viewer.json("/zones?kind=district&statistics=true&spread=true&filter=founded%20%3E%202022").await;
    let (mut withheld, mut given) = (0, 0);
    for (i, class) in list(&found, "classes").iter().enumerate() {
        for (j, cell) in list(class, "cells").iter().enumerate() {
            let row = &zones["zones"][j];
            let amount =
                list(row, "clusters").iter().find(|c| c["code"] == class["code"]).map(|c| &c["amounts"]["revenue"]);
            assert_eq!(
                cell["withheld"],
                amount.is_some_and(|a| a["withheld"] == true),
                "{} in {}",
                class["code"],
                cell["zone"]
            );
            if cell["withheld"] == true {
                assert!(cell["value"].is_null() && cell["lq"].is_null() && cell["share_of_zone"].is_null(), "{cell}");
                assert_eq!(cell["stars"], 0);
                withheld += 1;
            } else {
                given += 1;
            }
        }
        // protected figures stand in for those of single rows
        let (ours, theirs) = (&class["rows"]["hhi"], &exact["classes"][i]["rows"]["hhi"]);
        assert!(ours.is_null() || ours != theirs, "{ours} is exact");
        // an index over all zones would tell of one that is withheld
        assert!(class["agglomeration"]["ellison_glaeser"].is_null() || withheld == 0);
    }
    assert!(withheld > 5 && given > 20, "{withheld} withheld, {given} given");
    assert!(zones["city"]["amounts"]["revenue"]["spread"]["theil"].is_number());
    for row in list(&zones, "zones") {
        for amount in list(row, "clusters").iter().map(|c| &c["amounts"]["revenue"]) {
            let few = amount["reported"].as_u64().unwrap_or(0) < 10;
            assert!(!few || amount["spread"].is_null(), "of few rows each has its part in an index: {amount}");
        }
    }
}

/// Classes beside each other, by looking at every pair of rows.
#[tokio::test]
async fn neighbours_are_those_of_every_pair() {
    let s = Service::hangzhou(Disclosure::Full);
    let condition = "cluster%20IN%20('vision','health')%20AND%20founded%20%3E%202021";
    let items = s.json(&format!("/collections/enterprises/items?limit=10000&filter={condition}")).await;
    let rows: Vec<([f64; 2], &str)> = list(&items, "features")
        .iter()
        .filter_map(|f| {
            let at = f["geometry"]["coordinates"].as_array()?;
            Some(([at[0].as_f64()?, at[1].as_f64()?], f["properties"]["cluster"].as_str()?))
        })
        .collect();
    let found = s.json(&format!("/zones/pairs?filter={condition}")).await;
    assert_eq!(found["located"], rows.len());
    let (low, high) = rows.iter().fold((f64::MAX, f64::MIN), |(a, b), (p, _)| (a.min(p[1]), b.max(p[1])));
    let narrow = f64::midpoint(low, high).to_radians().cos();
    let distance = |a: &[f64; 2], b: &[f64; 2]| ((a[0] - b[0]) * narrow).hypot((a[1] - b[1]) * 0.9935);
    let mut beside = BTreeMap::new();
    for (i, (at, class)) in rows.iter().enumerate() {
        let others = rows.iter().enumerate().filter(|(j, _)| *j != i);
        let all: Vec<(f64, &str)> = others.map(|(_, (to, other))| (distance(at, to), *other)).collect();
        let nearest = all.iter().map(|(d, _)| *d).fold(f64::MAX, f64::min);
        let ties: Vec<&str> = all.iter().filter(|(d, _)| *d <= nearest * 1.000_001).map(|(_, other)| *other).collect();
        for other in &ties {
            *beside.entry((*class, *other)).or_insert(0.0) += 1.0 / ties.len() as f64;
        }
    }
    let number = |class: &str| rows.iter().filter(|(_, c)| *c == class).count() as f64;
    for (a, b) in [("vision", "health"), ("health", "vision"), ("vision", "vision"), ("health", "health")] {
        let others = number(b) - f64::from(u8::from(a == b));
        let expected = beside.get(&(a, b)).unwrap_or(&0.0) / number(a) / (others / (rows.len() as f64 - 1.0));
        let pair = list(&found, "pairs").iter().find(|p| p["class"] == a && p["other"] == b).unwrap();
        let ours = pair["colocation"].as_f64().unwrap();
        // scales of the two planes differ by some ten-thousandths, which may turn a near tie
        assert!((ours - expected).abs() < 0.03 * expected, "{a} beside {b}: {ours}, not {expected}");
    }
}

/// Another city: foreign kinds, metrics, classes, and zones that overlap.
#[tokio::test]
async fn any_city_has_its_profile() {
    for (folder, kind) in [("fourfold", "campus"), ("twolevel", ""), ("solo", ""), ("sectors", "")] {
        let s = Service::open(&format!("tests/data/{folder}"), Disclosure::Full);
        let of = if kind.is_empty() { String::new() } else { format!("?kind={kind}") };
        let found = s.json(&format!("/zones/profile{of}")).await;
        assert!(!list(&found, "zones").is_empty(), "{folder}");
        if found["partition"] == false {
            assert!(found["inequality"].is_null());
            assert!(list(&found, "classes").iter().all(|c| c["agglomeration"]["ellison_glaeser"].is_null()));
        }
        for weight in list(&found, "weights") {
            let id = weight["id"].as_str().unwrap();
            let by = s.json(&format!("/zones/profile?weight={id}")).await;
            assert_eq!(by["weight"]["id"], id, "{folder}");
        }
    }
    let s = Service::hangzhou(Disclosure::Full);
    let wrong = s.get("/zones/profile?weight=profit").await;
    assert_eq!(wrong.status, 400);
    assert!(String::from_utf8_lossy(&wrong.body).contains("revenue"), "the known ones are listed");
}
