//! Chains agree with a plain scan over the rows, gaps are zeros and nothing else, and what is nearest is by the border.

use crate::common::copy_dataset;
use crate::common::service::Service;
use serde_json::{Value, json};
use shigu::core::query::Disclosure;
use shigu::data::load::{Limits, Source, load};
use std::path::Path;
use tempfile::TempDir;

fn list<'a>(of: &'a Value, member: &str) -> &'a [Value] {
    of[member].as_array().unwrap_or_else(|| panic!("{member} of {of}"))
}

fn read(path: &Path) -> Value {
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

fn stage(code: &str, class: &str, after: &[&str]) -> Value {
    json!({"code": code, "name": {"zh": format!("{code}环节"), "en": format!("Stage {code}")}, "class": class, "after": after,
        "kind": {"zh": "上游", "en": "Upstream"}})
}

/// A valley of workshops with stages for two of its trades; no row is at the stage `glaze`, none of the ward W1 at `shop`.
fn valley(change: impl Fn(&mut Value, &mut Value)) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    copy_dataset("tests/data/fourfold", folder.path());
    let path = |name: &str| folder.path().join(name);
    let mut manifest = read(&path("dataset.json"));
    manifest["codelists"]["stages"] = json!("stages.json");
    let workshops =
        manifest["collections"].as_array_mut().unwrap().iter_mut().find(|c| c["id"] == "workshops").unwrap();
    workshops["register"]["stage"] = json!("step");
    let step = json!({"name": "step", "title": {"zh": "环节", "en": "Step"}, "type": "string", "codelist": "stages"});
    workshops["properties"].as_array_mut().unwrap().push(step);
    let mut stages = json!({"id": "stages", "title": {"zh": "环节", "en": "Steps"}, "schematic": true,
        "source": {"zh": "虚构", "en": "invented"}, "entries": [
        stage("clay", "kiln", &[]), stage("glaze", "kiln", &[]), stage("pot", "kiln", &["clay", "glaze"]), stage("shop", "kiln", &["pot"]),
        stage("yarn", "loom", &[]), stage("cloth", "loom", &["yarn"])]});
    change(&mut manifest, &mut stages);
    let mut rows = read(&path("workshops.geojson"));
    for (place, row) in rows["features"].as_array_mut().unwrap().iter_mut().enumerate() {
        let of = match row["properties"]["trade"].as_str() {
            Some("kiln") => ["clay", "pot", "shop", ""][place % 4],
            Some("loom") => ["yarn", "cloth", "pot"][place % 3],
            _ => "",
        };
        let of = if row["properties"]["ward"] == "W1" && of == "shop" { "pot" } else { of };
        row["properties"]["step"] = if of.is_empty() { Value::Null } else { json!(of) };
    }
    std::fs::write(path("dataset.json"), manifest.to_string()).unwrap();
    std::fs::write(path("stages.json"), stages.to_string()).unwrap();
    std::fs::write(path("workshops.geojson"), rows.to_string()).unwrap();
    folder
}

fn open(folder: &TempDir, disclosure: Disclosure) -> Service {
    Service::open(folder.path().to_str().unwrap(), disclosure)
}

/// The rows of a zone as they are listed.
async fn rows(s: &Service, zone: &str) -> Vec<Value> {
    let body = json!({"zone": zone}).to_string();
    let answer = s.post("/collections/workshops/search?limit=10000", "application/json", body).await.json();
    list(&answer, "features").to_vec()
}

#[tokio::test]
async fn a_chain_is_that_of_the_rows() {
    let folder = valley(|_, _| {});
    let s = open(&folder, Disclosure::Full);
    for (class, stages) in [("kiln", vec!["clay", "glaze", "pot", "shop"]), ("loom", vec!["yarn", "cloth"])] {
        let found = s.json(&format!("/zones/chain?class={class}&weight=floor&year=2023")).await;
        assert_eq!(found["class"]["code"], class);
        assert_eq!(list(&found, "stages").iter().map(|s| s["code"].as_str().unwrap()).collect::<Vec<_>>(), stages);
        let mut all = [0, 0];
        for area in list(&found, "zones") {
            let here = rows(&s, area["id"].as_str().unwrap()).await;
            let here: Vec<&Value> = here.iter().map(|f| &f["properties"]).filter(|p| p["trade"] == class).collect();
            assert_eq!(area["count"], here.len(), "{area}");
            all[0] += here.len() as u64;
            let of = |wanted: Option<&str>| -> Vec<&Value> {
                let step = |p: &Value| p["step"].as_str().filter(|step| stages.contains(step)).map(str::to_owned);
                here.iter().filter(|p| step(p).as_deref() == wanted).copied().collect()
            };
            let cells = list(area, "stages").iter().chain([&area["unstaged"]]);
            for (cell, wanted) in cells.zip(stages.iter().map(|s| Some(*s)).chain([None])) {
                let rows = of(wanted);
                assert_eq!((&cell["count"], &cell["stage"]), (&json!(rows.len()), &json!(wanted)));
                all[1] += rows.len() as u64;
                let floors: Vec<f64> = rows.iter().filter_map(|p| p["floor_2023"].as_f64()).collect();
                match cell["value"].as_f64() {
                    Some(value) => assert!((value - floors.iter().sum::<f64>()).abs() < 1e-6, "{cell}"),
                    None => assert!(floors.is_empty(), "{cell}"),
                }
            }
            let missing: Vec<&str> = stages.iter().copied().filter(|s| of(Some(s)).is_empty()).collect();
            assert_eq!(area["missing"], json!(missing), "{}", area["id"]);
        }
        assert_eq!(all[0], all[1], "stages and rows of none are the class");
        assert_eq!(found["whole"]["count"], all[0], "zones and rest are the whole");
        assert!(found["gaps"] == json!([]) && found["unavailable"].is_null());
    }
    let columns: Vec<u64> = list(&s.json("/zones/chain?class=kiln").await, "stages")
        .iter()
        .map(|s| s["column"].as_u64().unwrap())
        .collect();
    assert_eq!(columns, [0, 0, 1, 2]);
    // a class by its name, and that of a condition
    assert_eq!(s.json("/zones/chain?trade=loom").await["class"]["code"], "loom");
    let named = format!("/zones/chain?class={}", crate::common::encoded("织造"));
    assert_eq!(s.json(&named).await["class"]["code"], "loom");
    assert!(s.json("/zones/chain?trade=glass").await["unavailable"].is_object());
    let wrong = s.get("/zones/chain?class=glass").await;
    assert!(wrong.status == 400 && wrong.json().to_string().contains("loom | kiln"), "{}", wrong.json());
}

/// Metres between a position and the nearest edge of a ring, on the plane at the position.
fn far(at: [f64; 2], ring: &[Value]) -> f64 {
    let scale = [111_320.0 * at[1].to_radians().cos(), 111_250.0];
    let metres = |p: &Value| [0, 1].map(|i| (p[i].as_f64().unwrap() - at[i]) * scale[i]);
    let edge = |pair: &[Value]| {
        let [a, b] = [metres(&pair[0]), metres(&pair[1])];
        let (dx, dy) = (b[0] - a[0], b[1] - a[1]);
        let along = (-(a[0] * dx + a[1] * dy) / (dx * dx + dy * dy).max(1e-9)).clamp(0.0, 1.0);
        (a[0] + along * dx).hypot(a[1] + along * dy)
    };
    ring.windows(2).map(edge).fold(f64::INFINITY, f64::min)
}

#[tokio::test]
async fn the_nearest_rows_of_a_gap_are_those_by_the_border() {
    let folder = valley(|_, _| {});
    let s = open(&folder, Disclosure::Full);
    let mut seen = 0;
    let zones = s.json("/zones/chain?class=kiln").await;
    for area in list(&zones, "zones").iter().filter(|area| area["zone_kind"] == "ward") {
        let id = area["id"].as_str().unwrap();
        let found = s.json(&format!("/zones/chain?class=kiln&zone={id}")).await;
        assert_eq!(found["zones"][0]["stages"], area["stages"], "alone as among the others");
        assert_eq!(list(&found, "gaps").iter().map(|g| g["stage"].clone()).collect::<Value>(), area["missing"]);
        let outline = s.json(&format!("/collections/wards/items/{id}")).await;
        let polygons = match outline["geometry"]["type"].as_str() {
            Some("Polygon") => vec![outline["geometry"]["coordinates"].clone()],
            _ => list(&outline["geometry"], "coordinates").to_vec(),
        };
        for gap in list(&found, "gaps") {
            let others = rows(&s, "city").await;
            let others =
                others.iter().filter(|f| f["properties"]["trade"] == "kiln" && f["properties"]["step"] == gap["stage"]);
            let (located, unlocated): (Vec<&Value>, Vec<&Value>) = others.partition(|f| f["geometry"].is_object());
            assert_eq!(gap["unlocated"], unlocated.len());
            let mut expected: Vec<(f64, &str)> = located
                .iter()
                .map(|f| {
                    let at = [0, 1].map(|i| f["geometry"]["coordinates"][i].as_f64().unwrap());
                    let rings = polygons.iter().flat_map(|polygon| polygon.as_array().unwrap());
                    (
                        rings.map(|ring| far(at, ring.as_array().unwrap())).fold(f64::INFINITY, f64::min),
                        f["id"].as_str().unwrap(),
                    )
                })
                .collect();
            expected.sort_by(|a, b| a.0.total_cmp(&b.0));
            expected.truncate(5);
            let nearest = list(gap, "nearest");
            assert_eq!(nearest.len(), expected.len(), "{gap}");
            for (row, (metres, id)) in nearest.iter().zip(expected) {
                let said = row["metres"].as_f64().unwrap();
                assert!((said - metres).abs() <= metres * 0.01 + 1.0, "{id}: {said}, not {metres}");
                seen += 1;
            }
            for zone in list(gap, "zones") {
                let same = list(&zones, "zones").iter().find(|area| area["id"] == zone["id"]).unwrap();
                let cell = list(same, "stages").iter().find(|cell| cell["stage"] == gap["stage"]).unwrap();
                assert_eq!(cell["count"], zone["count"]);
            }
        }
    }
    assert!(seen > 0);
    // a drawn area has its gaps, too; what no zone holds has no border
    let body = json!({"circle": {"center": [10.14, 50.1], "radius_m": 300}}).to_string();
    let drawn = s.post("/zones/chain?class=kiln", "application/json", body).await.json();
    assert!(list(&drawn, "gaps").iter().any(|gap| !list(gap, "nearest").is_empty()), "{drawn}");
    assert_eq!(s.json("/zones/chain?class=kiln&zone=outside").await["gaps"], json!([]));
}

/// A sum that is withheld is no gap, and the stages that are given with the total of a line do not leave it.
#[tokio::test]
async fn what_is_withheld_is_no_gap_and_not_left_by_the_others() {
    let folder = valley(|_, _| {});
    for viewer in [open(&folder, Disclosure::Aggregates), Service::hangzhou(Disclosure::Aggregates)] {
        let about = viewer.json("/dataset").await;
        let metric =
            about["metrics"].as_array().unwrap().iter().find(|m| m["restricted"] == true).unwrap()["id"].clone();
        let weight = metric.as_str().unwrap();
        let classes = viewer.json("/zones/chain").await["classes"].clone();
        let mut withheld = 0;
        for class in classes.as_array().unwrap() {
            let found =
                viewer.json(&format!("/zones/chain?class={}&weight={weight}", class["code"].as_str().unwrap())).await;
            for area in list(&found, "zones").iter().chain([&found["whole"]]) {
                let cells: Vec<&Value> = list(area, "stages").iter().chain([&area["unstaged"]]).collect();
                let hidden: Vec<&&Value> = cells.iter().filter(|cell| cell["withheld"] == true).collect();
                withheld += hidden.len();
                for cell in &hidden {
                    assert!(cell["count"].as_u64().unwrap() > 0 && cell["value"].is_null());
                    assert!(!list(area, "missing").contains(&cell["stage"]), "{cell}");
                }
                if area["withheld"] == false && area["value"].is_number() {
                    assert_ne!(hidden.len(), 1, "{area}");
                }
            }
        }
        assert!(withheld > 0);
    }
}

#[test]
fn faults_of_stages_are_said() {
    let faults = |change: &dyn Fn(&mut Value, &mut Value)| {
        let folder = valley(change);
        let (_, report) = load(&Source::Folder(folder.path().to_owned()), &Limits::default());
        let of = |f: &&shigu::data::load::Finding| f.code.contains("stage") || f.code == "unknown-class";
        report
            .findings
            .iter()
            .filter(of)
            .map(|f| f.code)
            .collect::<std::collections::BTreeSet<_>>()
            .into_iter()
            .collect::<Vec<_>>()
    };
    let row = "stage-of-another-class";
    assert_eq!(faults(&|_, _| {}), [row], "a weaver at a potter's stage");
    let entry = |place: usize, member: &'static str, value: Value| {
        move |_: &mut Value, s: &mut Value| s["entries"][place][member] = value.clone()
    };
    assert_eq!(faults(&entry(0, "class", json!("smith"))), [row, "unknown-class", "unknown-stage"]);
    assert!(faults(&entry(0, "class", Value::Null)).contains(&"unknown-class"));
    assert!(faults(&entry(3, "after", json!(["potter"]))).contains(&"unknown-stage"));
    assert!(faults(&entry(3, "after", json!(["yarn"]))).contains(&"unknown-stage"));
    assert!(faults(&entry(0, "after", json!(["shop"]))).contains(&"circular-stages"));
    assert!(faults(&entry(0, "after", json!(["clay"]))).contains(&"circular-stages"));
    let unknown = |m: &mut Value, _: &mut Value| {
        let tables = m["collections"].as_array_mut().unwrap();
        tables.iter_mut().find(|c| c["id"] == "workshops").unwrap()["register"]["stage"] = json!("label");
    };
    assert_eq!(faults(&unknown), ["bad-stage"]);
}

/// A dataset without stages says so, and has no chapter of them.
#[tokio::test]
async fn a_register_without_stages_says_how_to_get_some() {
    let s = Service::open("tests/data/tinyville", Disclosure::Full);
    let found = s.json("/zones/chain").await;
    assert_eq!((&found["unavailable"]["code"], &found["zones"]), (&json!("no-stages"), &json!([])));
    assert!(s.json("/dataset").await["register_columns"]["stage"].is_null());
    let page = |report: Vec<u8>| String::from_utf8(report).unwrap();
    assert!(!page(s.get("/report/city?format=html").await.body.to_vec()).contains("名录中未见"));
    let folder = valley(|_, _| {});
    let with = open(&folder, Disclosure::Full);
    for (zone, words) in [("city", "名录中未见的"), ("W1", "就近")] {
        let html = page(with.get(&format!("/report/{zone}?format=html")).await.body.to_vec());
        assert!(html.contains("产业链环节") && html.contains(words) && html.contains("名录中未见"), "{zone}");
    }
}
