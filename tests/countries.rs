//! Datasets of any country: zones without a register, texts in one language, approval of maps, insets, parcels on maps.

use crate::common;
use crate::common::encoded;
use crate::levels::nation;
use common::service::Service;
use serde_json::{Value, json};
use shigu::core::model::Lang;
use shigu::core::query::{Bound, Disclosure, Embedded, Engine, Question};
use shigu::core::snapshot::Snapshot;
use shigu::data::load::{Limits, Source, load};
use shigu::render::map::{Ask, Item, Rect, Scene};
use std::path::Path;

fn folder_of(fixture: &str, change: impl FnOnce(&mut Value)) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    common::copy_dataset(fixture, folder.path());
    let path = folder.path().join("dataset.json");
    let mut manifest: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
    change(&mut manifest);
    std::fs::write(path, manifest.to_string()).unwrap();
    folder
}

fn open(folder: &Path) -> Embedded {
    let (dataset, report) = load(&Source::Folder(folder.into()), &Limits::default());
    Snapshot::new(dataset.unwrap_or_else(|| panic!("{}", report.render(Lang::En)))).into()
}

fn service(folder: &Path) -> Service {
    Service::open(folder.to_str().unwrap(), Disclosure::Full)
}

#[tokio::test]
async fn zones_are_there_without_a_register() {
    let bare = Service::open("tests/data/bare", Disclosure::Full);
    let list = bare.json("/zones").await;
    let said: Vec<_> =
        list["zones"].as_array().unwrap().iter().map(|z| (&z["id"], &z["name_en"], &z["count"])).collect();
    assert_eq!(json!(said), json!([["north", "North Vale", 0], ["south", "South Vale", 0]]));
    let first = &list["zones"][0];
    assert!(first["label_point"].is_array() && first["bbox"].is_array() && first["area_km2"].as_f64().unwrap() > 100.0);
    assert_eq!(list["rest"], json!([]));
    let kind = &bare.json("/dataset").await["zone_kinds"][0];
    assert_eq!((&kind["count"], &kind["districts"]), (&json!(2), &json!(true)));
    let of_kind = bare.json("/zones?kind=counties").await;
    assert_eq!((&of_kind["zones"], &of_kind["partition"]), (&list["zones"], &json!(true)));
    // conditions speak of rows, which there are none of
    assert_eq!(bare.get("/zones?label=x").await.status, 404);
    assert_eq!(bare.get("/zones?kind=none").await.status, 400);
    // with levels, and what lies below a zone
    let folder = folder_of("tests/data/twolevel", |manifest| {
        manifest["collections"].as_array_mut().unwrap().retain(|c| c["role"] != "register");
    });
    let levels = service(folder.path());
    let below = levels.json("/zones?parent=M2&kind=parish").await;
    assert!(below["zones"].as_array().unwrap().iter().all(|z| z["parent"] == "M2"));
    assert_eq!(below["parent"]["id"], "M2");
    assert!(below["zones"].as_array().unwrap().len() > 1);
}

/// What the page needs to find its way to a zone that came by a link.
#[tokio::test]
async fn a_summary_names_the_zones_above() {
    let folder = tempfile::tempdir().unwrap();
    nation::write(folder.path(), &nation::Size { provinces: 3, cities: 2, counties: 2, rows: 200 });
    let service = service(folder.path());
    let zone = service.json("/summary?zone=P02C01K01").await["zone"].clone();
    let above: Vec<_> = zone["parents"].as_array().unwrap().iter().map(|z| (&z["id"], &z["zone_kind"])).collect();
    assert_eq!(json!(above), json!([["P02", "province"], ["P02C01", "city"]]));
    for zone in ["P02", "city", "outside"] {
        assert_eq!(service.json(&format!("/summary?zone={zone}")).await["zone"]["parents"], json!([]));
    }
    let counts: Vec<Value> =
        service.json("/dataset").await["zone_kinds"].as_array().unwrap().iter().map(|k| k["count"].clone()).collect();
    assert_eq!(counts, [3, 6, 12]);
}

/// Replaces each text in two languages by its English one.
fn in_one_language(value: &mut Value) {
    let english =
        value.as_object().filter(|o| o.len() == 2 && o.contains_key("zh")).and_then(|o| o.get("en")?.as_str());
    if let Some(english) = english.map(str::to_owned) {
        *value = english.into();
        return;
    }
    match value {
        Value::Array(all) => all.iter_mut().for_each(in_one_language),
        Value::Object(members) => members.values_mut().for_each(in_one_language),
        _ => {}
    }
}

#[tokio::test]
async fn texts_may_be_one_string() {
    for fixture in ["tests/data/twolevel", "tests/data/tinyville", "tests/data/fourfold"] {
        let folder = folder_of(fixture, |manifest| {
            for unit in manifest.get_mut("units").and_then(Value::as_array_mut).into_iter().flatten() {
                unit.as_object_mut().unwrap().remove("zh");
            }
            in_one_language(manifest);
        });
        for entry in std::fs::read_dir(folder.path()).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|e| e == "json") && !path.ends_with("dataset.json") {
                let mut list: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
                in_one_language(&mut list);
                std::fs::write(&path, list.to_string()).unwrap();
            }
        }
        let text = std::fs::read_to_string(folder.path().join("dataset.json")).unwrap();
        let manifest: Value = serde_json::from_str(&text).unwrap();
        assert!(manifest["title"].is_string() && manifest["collections"][0]["title"].is_string(), "{fixture}");
        let (one, two) = (service(folder.path()), Service::open(fixture, Disclosure::Full));
        let (one, two) = (one.json("/dataset").await, two.json("/dataset").await);
        let english = |of: &Value, path: &str| of.pointer(path).unwrap()["en"].clone();
        for path in ["/title", "/metrics/0/title", "/metrics/0/unit", "/clusters/0/name", "/collections/0/title"] {
            assert_eq!(english(&one, path), english(&two, path), "{fixture} {path}");
            assert_eq!(one.pointer(path).unwrap()["zh"], english(&two, path), "{fixture} {path}: one text for both");
        }
        if let Some(unit) = one["units"].as_array().and_then(|u| u.first()) {
            assert_eq!(unit["zh"], unit["en"]);
        }
    }
}

#[tokio::test]
async fn only_a_place_that_asks_for_an_approval_lacks_one() {
    for (stated, said, needed) in [
        (None, "", false),
        (Some(Value::Null), "not reviewed", true),
        (Some(json!("SM 12")), "Map approval no. SM 12", true),
    ] {
        let folder = folder_of("tests/data/twolevel", |manifest| {
            let manifest = manifest.as_object_mut().unwrap();
            manifest.remove("map_approval");
            manifest.extend(stated.clone().map(|v| ("map_approval".to_owned(), v)));
        });
        let service = service(folder.path());
        let dataset = service.json("/dataset").await;
        assert_eq!(dataset["map_approval_needed"], needed);
        assert_eq!(dataset["map_approval"], stated.clone().unwrap_or_default());
        let map = service.get("/map?width=700&height=500&legend=true&f=svg&lang=en").await;
        let report = service.get("/report/M1?format=html&lang=en").await;
        for text in [map, report].map(|answer| String::from_utf8_lossy(&answer.body).to_lowercase()) {
            assert_eq!(text.contains("not reviewed"), stated == Some(Value::Null), "{stated:?}");
            assert_eq!(text.contains("sm 12"), said.contains("SM 12"), "{stated:?}");
        }
    }
}

/// A question for all collections of a dataset.
fn all(engine: &Embedded, zone: Option<&str>) -> Ask {
    let about = engine.describe();
    let register = about.register.as_ref().unwrap().collection;
    let one = |place: usize| {
        let question = Question::of(about.collections[place].spec.id.as_str());
        let question = if place == register { question.in_zone(zone.unwrap_or("city")) } else { question };
        engine.bind(&question, Disclosure::Full).unwrap()
    };
    let queries: Vec<Bound> = (0..about.collections.len()).map(one).collect();
    Ask { focus: Some(queries[register].clone()), ..Ask::new(queries) }
}

fn reaches(item: &Item) -> Rect {
    let around = |points: &mut dyn Iterator<Item = (f64, f64)>| {
        points.fold([f64::MAX, f64::MAX, f64::MIN, f64::MIN], |[l, t, r, b], (x, y)| {
            [l.min(x), t.min(y), r.max(x), b.max(y)]
        })
    };
    match item {
        Item::Path { parts, .. } => {
            around(&mut parts.iter().flatten().map(|(x, y)| (f64::from(*x) / 10.0, f64::from(*y) / 10.0)))
        }
        Item::Circle { at: (x, y), radius, .. } => [x - radius, y - radius, x + radius, y + radius],
        Item::Text(line) => [line.at.0, line.at.1, line.at.0, line.at.1],
    }
}

/// A nation whose last province lies far from the rest: maps of the whole show it in a corner, cut at its edge.
#[tokio::test]
async fn what_lies_far_away_is_in_a_corner_of_maps_of_the_whole() {
    let folder = tempfile::tempdir().unwrap();
    nation::write(folder.path(), &nation::Size { provinces: 13, cities: 2, counties: 0, rows: 500 });
    let whole = open(folder.path());
    let path = folder.path().join("dataset.json");
    let mut manifest: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
    // the thirteenth province stands alone in a third line
    manifest["map"] = json!({"bbox": [-70.0, -40.0, -58.0, -36.0],
        "insets": [{"title": {"zh": "远方", "en": "Far lands"}, "bbox": [-70.5, -36.2, -67.5, -33.5]}]});
    std::fs::write(&path, manifest.to_string()).unwrap();
    let engine = open(folder.path());
    for (width, height) in [(1200, 900), (600, 420)] {
        let ask = Ask { width: Some(width), height: Some(height), lang: Lang::En, ..all(&engine, None) };
        let scene = Scene::draw(engine.describe(), &ask).unwrap();
        let insets: Vec<_> = scene.groups.iter().filter(|g| g.id.starts_with("inset-1-")).collect();
        assert!(insets.len() > 4, "{:?}", insets.iter().map(|g| &g.id).collect::<Vec<_>>());
        let edge = reaches(&scene.group("inset-1-edge").unwrap().items[0]);
        assert!(scene.cards.contains(&edge) || scene.cards.iter().any(|c| (c[0] - edge[0]).abs() < 0.2));
        for item in insets.iter().flat_map(|g| &g.items) {
            let [l, t, r, b] = reaches(item);
            let inside = l >= edge[0] - 0.2 && t >= edge[1] - 0.2 && r <= edge[2] + 0.2 && b <= edge[3] + 0.2;
            assert!(inside, "{item:?} beyond {edge:?}");
        }
        assert!(scene.lines().any(|l| l.text == "Far lands"));
        // the map itself shows what the manifest says
        let shown = scene.frame.bbox;
        assert!(shown[3] < -33.0 && shown[0] < -69.9 && shown[2] > -58.1, "{shown:?}");
        // shaded as on the map, and coloured alike
        let land = insets.iter().find(|g| g.id == "inset-1-districts-shade").expect("shaded");
        assert!(!land.items.is_empty());
        assert_eq!(Scene::draw(engine.describe(), &ask).unwrap().groups, scene.groups, "the same twice");
    }
    // neither without it, nor on a map of a part or of a box
    let none = |engine: &Embedded, ask: Ask| {
        let scene = Scene::draw(engine.describe(), &ask).unwrap();
        assert!(scene.groups.iter().all(|g| !g.id.starts_with("inset")));
    };
    none(&whole, all(&whole, None));
    none(&engine, all(&engine, Some("P03")));
    // what lies below the zone is named on its map, not the zone beside it
    let scene = Scene::draw(engine.describe(), &all(&engine, Some("P03"))).unwrap();
    let says = |name: &str| scene.lines().any(|l| l.text == name);
    assert!(says("Land P03C00") && says("Land P03C01") && !says("Land P02") && !says("Land P03"));
    none(&engine, Ask { bbox: Some([-70.0, -40.0, -60.0, -35.0]), ..all(&engine, None) });
    none(&engine, Ask { sheet: false, ..all(&engine, None) });
    // reports print it, the page is offered it
    let service = service(folder.path());
    let dataset = service.json("/dataset").await;
    assert_eq!(dataset["insets"][0]["title"]["en"], "Far lands");
    assert_eq!(dataset["bounds"], json!([-70.0, -40.0, -58.0, -36.0]));
    let html = service.get("/report/city?format=html&lang=en").await;
    assert!(String::from_utf8_lossy(&html.body).contains("Far lands"));
    // boxes that are none are refused
    manifest["map"]["insets"][0]["bbox"] = json!([10.0, 5.0, 0.0, 9.0]);
    std::fs::write(&path, manifest.to_string()).unwrap();
    let (refused, report) = load(&Source::Folder(folder.path().into()), &Limits::default());
    assert!(refused.is_none() && report.findings.iter().any(|f| f.code == "bad-box"));
}

/// A register of parcels and lines is on tiles as such, found by name and counted once.
#[tokio::test]
async fn parcels_and_lines_are_on_tiles_found_and_counted() {
    let folder = folder_of("tests/data/twolevel", |manifest| {
        let register = manifest["collections"].as_array_mut().unwrap().last_mut().unwrap();
        register["geometry"] = "any".into();
        register["register"]["assign"] = "point".into();
    });
    let path = folder.path().join("workshops.geojson");
    let mut rows: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
    let mut numbers = nation::Numbers(11);
    let (mut lying, mut lines) = (0, 0);
    for (i, f) in rows["features"].as_array_mut().unwrap().iter_mut().enumerate() {
        let Some(at) = f["geometry"]["coordinates"].as_array() else { continue };
        let (x, y) = (at[0].as_f64().unwrap(), at[1].as_f64().unwrap());
        let (w, h) = (0.002 + numbers.part() * 0.003, 0.002 + numbers.part() * 0.003);
        lying += 1;
        f["geometry"] = if i % 4 == 0 {
            lines += 1;
            json!({"type": "LineString", "coordinates": [[x, y], [x + w, y + h]]})
        } else {
            json!({"type": "Polygon", "coordinates": [[[x, y], [x + w, y], [x + w, y + h], [x, y + h], [x, y]]]})
        };
    }
    std::fs::write(&path, rows.to_string()).unwrap();
    assert!(lying > 100 && lines > 20);
    let service = service(folder.path());
    let summary = service.json("/summary").await;
    assert_eq!(summary["counts"]["located"], lying);
    assert!(summary["notes"].as_array().unwrap().iter().any(|n| n["code"] == "assigned-by-point"));
    // drawn: every tile of a zoom together has each row, as area or line
    let (mut areas, mut drawn_lines) = (std::collections::BTreeSet::new(), std::collections::BTreeSet::new());
    let tile = |lon: f64, lat: f64, z: u32| {
        let n = f64::from(1u32 << z);
        let y = (1.0 - lat.to_radians().tan().asinh() / std::f64::consts::PI) / 2.0;
        (((lon + 180.0) / 360.0 * n) as u32, (y * n) as u32)
    };
    let bounds = service.json("/dataset").await["bounds"].clone();
    let side = |i: usize| bounds[i].as_f64().unwrap();
    let z = 12;
    let ((left, top), (right, bottom)) = (tile(side(0) - 0.1, side(3) + 0.1, z), tile(side(2) + 0.1, side(1) - 0.1, z));
    for (x, y) in (left..=right).flat_map(|x| (top..=bottom).map(move |y| (x, y))) {
        let answer = service.get(&format!("/xyz/workshops/{z}/{x}/{y}.mvt?cells=8")).await;
        if answer.status == 204 || answer.body.is_empty() {
            continue;
        }
        for feature in common::decode(&answer.body)["workshops"].as_array().into_iter().flatten() {
            let id = feature["properties"]["fid"].as_str().unwrap().to_owned();
            let geometry = feature["geometry"].as_str().unwrap();
            let of = if geometry.contains("POLYGON") { &mut areas } else { &mut drawn_lines };
            assert!(geometry.contains("POLYGON") || geometry.contains("LINESTRING"), "{geometry}");
            of.insert(id);
        }
    }
    assert_eq!((areas.len() + drawn_lines.len(), drawn_lines.len()), (lying, lines));
    let one = areas.first().unwrap().clone();
    let item = service.json(&format!("/collections/workshops/items/{one}")).await;
    assert_eq!(item["geometry"]["type"], "Polygon");
    let name = item["properties"]["nome"].as_str().unwrap().to_owned();
    let escaped = encoded(&name);
    let hits = service.json(&format!("/search?q={escaped}")).await;
    assert!(hits["results"].as_array().unwrap().iter().any(|hit| hit["id"] == one), "{hits}");
}
