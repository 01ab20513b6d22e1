//! Summary, zones, platforms and tiles hold every metric, and agree with a scan of the file.

use super::scan::{METRICS, Workshop, compare, places, sum, workshops};
use crate::common::decode;
use crate::common::service::Service;
use serde_json::{Value, json};
use shigu::core::query::{Disclosure, Embedded, Engine, Question};
use shigu::core::snapshot::Snapshot;
use shigu::data::load::{Limits, Source, load};
use std::fs;
use std::path::{Path, PathBuf};

const YEARS: [u16; 3] = [2021, 2022, 2023];

fn service() -> Service {
    Service::open("tests/data/fourfold", Disclosure::Full)
}

fn list<'a>(value: &'a Value, member: &str) -> &'a Vec<Value> {
    value[member].as_array().unwrap_or_else(|| panic!("{member}: {value}"))
}

#[tokio::test]
async fn the_dataset_describes_its_metrics_and_kinds() {
    let dataset = service().json("/dataset").await;
    let metrics: Vec<Value> = list(&dataset, "metrics")
        .iter()
        .map(|m| json!([m["id"], m["decimals"], m["kind"], m["restricted"], m["years"], m["unit"]["en"]]))
        .collect();
    let expected = [
        json!(["tax", 3, "flow", true, [2021, 2022, 2023], "thousand crowns"]),
        json!(["floor", 1, "stock", false, [2022, 2023], "m²"]),
        json!(["patents", 0, "flow", false, [2023], "patents"]),
        json!(["land", 2, "stock", false, [2021, 2023], "ha"]),
    ];
    assert_eq!(metrics, expected);
    let kinds: Vec<Value> = list(&dataset, "zone_kinds")
        .iter()
        .map(|k| json!([k["id"], k["title"]["en"], k["collections"], k["partition"]]))
        .collect();
    let expected = [
        json!(["ward", "Ward", ["wards"], true]),
        json!(["campus", "Campus", ["campuses"], false]),
        json!(["valley", "Valley", ["valleys-north", "valleys-south"], false]),
    ];
    assert_eq!(kinds, expected);
    assert_eq!(list(&dataset, "clusters").len(), 5);
}

#[tokio::test]
async fn summaries_hold_every_metric_by_trade() {
    let (s, all) = (service(), workshops());
    let mut seen = 0;
    for place in places() {
        let members = place.members(&all);
        for year in YEARS {
            let what = format!("{} {year}", place.id);
            let summary = s.json(&format!("/summary?zone={}&year={year}", place.id)).await;
            assert_eq!((&summary["zone"]["kind"], &summary["zone"]["zone_kind"]), (&json!("zone"), &json!(place.kind)));
            assert_eq!(summary["counts"]["matched"], members.len(), "{what}");
            seen += compare(&summary["totals"], &members, year, &what);
            for cluster in list(&summary, "clusters") {
                let of = |w: &&Workshop| w.trade.as_deref() == cluster["code"].as_str();
                let rows: Vec<&Workshop> = members.iter().copied().filter(of).collect();
                assert_eq!(cluster["count"], rows.len(), "{what} {cluster}");
                seen += compare(&cluster["amounts"], &rows, year, &what);
            }
        }
    }
    assert!(seen > 300, "{seen} sums were compared");
    let city = s.json("/summary").await;
    assert_eq!((&city["zone"]["kind"], &city["zone"]["zone_kind"]), (&json!("city"), &Value::Null));
}

#[tokio::test]
async fn zones_of_every_kind_hold_every_metric() {
    let (s, all) = (service(), workshops());
    for kind in ["ward", "campus", "valley"] {
        let expected: Vec<_> = places().into_iter().filter(|p| p.kind == kind).collect();
        let answer = s.json(&format!("/zones?kind={kind}&year=2023&statistics=true")).await;
        let rows = list(&answer, "zones");
        assert_eq!(rows.len(), expected.len(), "{kind}");
        for (row, place) in rows.iter().zip(&expected) {
            assert_eq!((&row["id"], &row["zone_kind"]), (&json!(place.id), &json!(kind)));
            let members = place.members(&all);
            compare(&row["amounts"], &members, 2023, &place.id);
            for cluster in list(row, "clusters") {
                let of = |w: &&Workshop| w.trade.as_deref() == cluster["code"].as_str();
                let rows: Vec<&Workshop> = members.iter().copied().filter(of).collect();
                compare(&cluster["amounts"], &rows, 2023, &place.id);
            }
        }
        compare(&answer["city"]["amounts"], &all.iter().collect::<Vec<_>>(), 2023, "city");
        assert_eq!(list(&answer, "rest").len(), if kind == "ward" { 2 } else { 0 }, "{kind}");
    }
    let plain = s.json("/zones?kind=ward&year=2023").await;
    assert!(plain["zones"][0]["clusters"][0].get("amounts").is_none(), "only with statistics=true");
    let refused = s.get("/zones?kind=planet").await;
    assert_eq!(refused.status, 400);
    let text = String::from_utf8(refused.body.to_vec()).unwrap();
    assert!(text.contains("ward | campus | valley"), "{text}");
}

/// What the wards and the rest hold is the city, in every metric.
#[tokio::test]
async fn the_partition_adds_up() {
    let s = service();
    for year in YEARS {
        let answer = s.json(&format!("/zones?kind=ward&year={year}")).await;
        let parts: Vec<&Value> = list(&answer, "zones").iter().chain(list(&answer, "rest")).collect();
        let count: u64 = parts.iter().map(|p| p["count"].as_u64().unwrap()).sum();
        assert_eq!((count, &answer["city"]["count"]), (120, &json!(120)));
        for (metric, decimals, years) in METRICS {
            let digits = |v: &Value| (v["sum"].as_f64().unwrap_or(0.0) * 10f64.powi(decimals as i32)).round() as i64;
            let sum: i64 = parts.iter().map(|p| digits(&p["amounts"][metric])).sum();
            assert_eq!(sum, digits(&answer["city"]["amounts"][metric]), "{metric} {year}");
            assert_eq!(sum != 0, years.contains(&year), "{metric} {year}");
        }
    }
}

/// Small sums of every metric are withheld where readers see aggregates only.
#[tokio::test]
async fn every_metric_is_withheld_alike() {
    let (s, all) = (Service::open("tests/data/fourfold", Disclosure::Aggregates), workshops());
    let mut hidden = [0; 4];
    for place in places() {
        let answer = s.json(&format!("/zones?kind={}&year=2023&statistics=true", place.kind)).await;
        let row = list(&answer, "zones").iter().find(|z| z["id"] == place.id.as_str()).unwrap().clone();
        let members = place.members(&all);
        let summary = s.json(&format!("/summary?zone={}&year=2023", place.id)).await;
        for cluster in list(&row, "clusters").iter().chain(list(&summary, "clusters")) {
            let of = |w: &&Workshop| w.trade.as_deref() == cluster["code"].as_str();
            let rows: Vec<&Workshop> = members.iter().copied().filter(of).collect();
            for (i, metric) in METRICS.into_iter().enumerate() {
                let reported = sum(&rows, metric, 2023).1;
                let amount = &cluster["amounts"][metric.0];
                assert!(amount["sum"].is_null() || reported >= 3, "{} {}: {amount}", place.id, metric.0);
                hidden[i] += usize::from(amount["withheld"] == true && reported < 3);
            }
        }
    }
    assert!(hidden.iter().all(|n| *n > 0), "too few small sums to see anything: {hidden:?}");
}

fn engine(folder: &str) -> Embedded {
    let (dataset, report) = load(&Source::Folder(PathBuf::from(folder)), &Limits::default());
    Snapshot::new(dataset.unwrap_or_else(|| panic!("{report:?}"))).into()
}

#[test]
fn platforms_hold_every_metric_of_their_area() {
    let (engine, all) = (engine("tests/data/fourfold"), workshops());
    let rows = engine.bind(&Question::register(), Disclosure::Full).unwrap().platforms();
    assert_eq!(rows.len(), 2);
    let college = rows.iter().find(|r| r.id == "C1").unwrap();
    let area = places().into_iter().find(|p| p.id == "C1").unwrap();
    let members = area.members(&all);
    assert_eq!(college.count, Some(members.len() as u64));
    assert_eq!(compare(&serde_json::to_value(&college.amounts).unwrap(), &members, 2023, "C1"), 4);
    assert!(rows.iter().any(|r| r.count.is_none() && r.amounts.is_empty()), "an area that is not known has no sums");
}

#[tokio::test]
async fn tiles_hold_every_metric_and_tilejson_names_them() {
    let (s, all) = (service(), workshops());
    let tile = s.get("/xyz/workshops/0/0/0.mvt?year=2023").await;
    let layers = decode(&tile.body);
    let features = layers["workshops"].as_array().unwrap();
    let drawn: Vec<&Workshop> = all.iter().filter(|w| w.at.is_some()).collect();
    let rows: u64 = features.iter().map(|f| f["properties"]["n"].as_u64().unwrap_or(1)).sum();
    assert_eq!(rows, drawn.len() as u64);
    for metric in METRICS {
        let found: f64 = features.iter().filter_map(|f| f["properties"][metric.0].as_f64()).sum();
        let expected = sum(&drawn, metric, 2023).0 as f64 / 10f64.powi(metric.1 as i32);
        assert!(expected > 0.0 && (found - expected).abs() < expected * 1e-5, "{}: {found} {expected}", metric.0);
    }
    let described = s.json("/xyz/workshops/tilejson.json").await;
    let fields = described["vector_layers"][0]["fields"].as_object().unwrap();
    for (metric, ..) in METRICS {
        assert_eq!(fields[metric], "Number", "{described}");
    }
}

/// A copy of `fourfold` with another manifest.
fn altered(name: &str, from: &str, to: &str) -> PathBuf {
    let folder = std::env::temp_dir().join(format!("shigu-{name}-{}", std::process::id()));
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    for file in fs::read_dir("tests/data/fourfold").unwrap() {
        let file = file.unwrap().path();
        fs::copy(&file, folder.join(file.file_name().unwrap())).unwrap();
    }
    let manifest = folder.join("dataset.json");
    let text = fs::read_to_string(&manifest).unwrap();
    assert!(text.contains(from));
    fs::write(&manifest, text.replace(from, to)).unwrap();
    folder
}

async fn wards_add_up(folder: &Path, kind: &str, others: &[&str]) {
    let s = Service::open(folder.to_str().unwrap(), Disclosure::Full);
    let answer = s.json(&format!("/zones?kind={kind}&year=2023")).await;
    let parts: Vec<&Value> = list(&answer, "zones").iter().chain(list(&answer, "rest")).collect();
    let ids: Vec<&str> = parts.iter().map(|p| p["id"].as_str().unwrap()).collect();
    assert_eq!(ids, ["W1", "W2", "W3", "W4", "outside", "undeclared"], "{kind}");
    assert_eq!(parts.iter().map(|p| p["count"].as_u64().unwrap()).sum::<u64>(), 120, "no enterprise counts twice");
    let dataset = s.json("/dataset").await;
    let kinds: Vec<&str> = list(&dataset, "zone_kinds").iter().map(|k| k["id"].as_str().unwrap()).collect();
    assert_eq!(kinds, [&[kind], others].concat());
    assert_eq!(list(&dataset, "zone_kinds").iter().filter(|k| k["partition"] == true).count(), 1);
    for other in others {
        let answer = s.json(&format!("/zones?kind={other}")).await;
        assert!(!list(&answer, "zones").is_empty() && list(&answer, "rest").is_empty(), "{other}");
    }
    fs::remove_dir_all(folder).unwrap();
}

/// The role alone decides what the partition is, never the name of a kind.
#[tokio::test]
async fn a_kind_called_like_the_partitions_counts_nothing_twice() {
    let valley = r#""zone": {"kind": "valley"}"#;
    let folder = altered("shared", valley, r#""zone": {"kind": "ward"}"#);
    wards_add_up(&folder, "ward", &["campus", "valleys-north", "valleys-south"]).await;
    // zones of another role that are called `district`, and a partition without a kind
    let folder = altered("named", valley, r#""zone": {"kind": "district"}"#);
    wards_add_up(&folder, "ward", &["campus", "district"]).await;
    let folder = altered("unnamed", ",\n      \"zone\": {\"kind\": \"ward\"}", "");
    wards_add_up(&folder, "wards", &["campus", "valley"]).await;
}

/// One metric is enough, and so is none.
#[tokio::test]
async fn a_single_metric_is_alone_everywhere() {
    let s = Service::open("tests/data/solo", Disclosure::Full);
    let summary = s.json("/summary?zone=Q1").await;
    let ids = |amounts: &Value| amounts.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    assert_eq!(ids(&summary["totals"]), ["output"]);
    // odd numbers but multiples of five, times one and a half
    assert_eq!(summary["totals"]["output"]["sum"], 120.0);
    assert!(list(&summary, "clusters").iter().all(|c| ids(&c["amounts"]) == ["output"]));
    let zones = s.json("/zones?kind=parish").await;
    assert_eq!(list(&zones, "zones").len(), 2);
    assert!(list(&zones, "zones").iter().all(|z| ids(&z["amounts"]) == ["output"]));
}
