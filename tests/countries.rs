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
    manifest["map"] = json!({});
    manifest["collections"][0]["covers"] = json!([0.0, 9.0, 10.0, 5.0]);
    std::fs::write(&path, manifest.to_string()).unwrap();
    let (refused, report) = load(&Source::Folder(folder.path().into()), &Limits::default());
    let said = report.findings.iter().find(|f| f.code == "bad-box");
    assert!(refused.is_none() && said.is_some_and(|f| f.message.en.contains("covers")), "{:?}", report.findings);
}

/// A city whose register is of parcels and, one in four, of lines; how many rows lie somewhere, and how many of them are
/// lines.
fn parcels() -> (tempfile::TempDir, usize, usize) {
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
    (folder, lying, lines)
}

/// A register of parcels and lines is on tiles as such, found by name and counted once.
#[tokio::test]
async fn parcels_and_lines_are_on_tiles_found_and_counted() {
    let (folder, lying, lines) = parcels();
    let service = service(folder.path());
    let summary = service.json("/summary").await;
    assert_eq!(summary["counts"]["located"], lying);
    assert!(summary["notes"].as_array().unwrap().iter().any(|n| n["code"] == "assigned-by-point"));
    // drawn: every tile of a zoom together has each row, as area or line
    let (mut areas, mut drawn_lines) = (std::collections::BTreeSet::new(), std::collections::BTreeSet::new());
    let mut classes = std::collections::BTreeSet::new();
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
            // what is said of points elsewhere: the map colours by it, and the page shows it
            let said = &feature["properties"];
            assert!(said["name"].is_string() && said["n"].is_null(), "{said}");
            classes.extend(said["cluster"].as_str().map(str::to_owned));
            let geometry = feature["geometry"].as_str().unwrap();
            let of = if geometry.contains("POLYGON") { &mut areas } else { &mut drawn_lines };
            assert!(geometry.contains("POLYGON") || geometry.contains("LINESTRING"), "{geometry}");
            of.insert(id);
        }
    }
    assert_eq!((areas.len() + drawn_lines.len(), drawn_lines.len()), (lying, lines));
    assert!(classes.len() > 2, "{classes:?}");
    // and the style draws them by their class, counts none in cells and places what is written where their names stand
    let style = service.json("/style.json").await;
    let of_register =
        style["layers"].as_array().unwrap().iter().filter(|l| l["id"].as_str().unwrap().starts_with("register-"));
    let layers: Vec<(&str, &str)> =
        of_register.map(|l| (l["id"].as_str().unwrap(), l["source-layer"].as_str().unwrap())).collect();
    let own = "workshops";
    let expected = [("register-area", own), ("register-edge", own), ("register-line", own), ("register-dot", own)];
    assert_eq!(layers[..4], expected);
    assert_eq!(layers[4..], [("register-mark", "workshops-label"), ("register-name", "workshops-label")]);
    for layer in style["layers"].as_array().unwrap().iter().filter(|l| l["id"] == "register-area") {
        assert_eq!(
            (&layer["paint"]["fill-color"][0], &layer["paint"]["fill-color"][1][1]),
            (&json!("match"), &json!("cluster"))
        );
        assert_eq!(layer["filter"], json!(["==", ["geometry-type"], "Polygon"]));
    }
    let one = areas.first().unwrap().clone();
    let item = service.json(&format!("/collections/workshops/items/{one}")).await;
    assert_eq!(item["geometry"]["type"], "Polygon");
    let name = item["properties"]["nome"].as_str().unwrap().to_owned();
    let escaped = encoded(&name);
    let hits = service.json(&format!("/search?q={escaped}")).await;
    assert!(hits["results"].as_array().unwrap().iter().any(|hit| hit["id"] == one), "{hits}");
}

/// The same register is on maps that the service draws: each row that belongs to the zone, in the colour of its class, and
/// the legend shows how it is drawn.
#[tokio::test]
async fn parcels_and_lines_are_on_maps_and_in_their_legend() {
    let (folder, lying, lines) = parcels();
    let (engine, service) = (open(folder.path()), service(folder.path()));
    let mut zones = vec![None];
    let list = service.json("/zones").await;
    zones.extend(list["zones"].as_array().unwrap().iter().map(|z| z["id"].as_str().map(str::to_owned)));
    assert!(zones.len() > 4);
    for zone in zones {
        let of = zone.clone().map(|zone| format!("&zone={zone}")).unwrap_or_default();
        let items = service.json(&format!("/collections/workshops/items?limit=10000{of}")).await;
        let features = items["features"].as_array().unwrap();
        let kind = |kind: &str| features.iter().filter(|f| f["geometry"]["type"] == kind).count();
        let (areas, courses) = (kind("Polygon"), kind("LineString"));
        // the whole, too, as near as rows are drawn
        let near = engine.describe().bounds;
        let ask = Ask { lang: Lang::En, ..all(&engine, zone.as_deref()) };
        let ask = if zone.is_none() {
            assert_eq!((areas + courses, courses), (lying, lines));
            let bbox = Some([near.west - 0.01, near.south - 0.01, near.east + 0.01, near.north + 0.01]);
            Ask { bbox, width: Some(4096), height: Some(4096), ..ask }
        } else {
            ask
        };
        let scene = Scene::draw(engine.describe(), &ask).unwrap();
        let drawn = |id: &str| scene.group(id).map(|g| g.items.clone()).unwrap_or_default();
        let (fills, edges, courses_drawn) = (drawn("register-area"), drawn("register-edge"), drawn("register-line"));
        if zone.is_some() || !fills.is_empty() {
            assert_eq!((fills.len(), edges.len(), courses_drawn.len()), (areas, areas, courses), "{zone:?}");
        }
        let colours = |items: &[Item]| -> std::collections::BTreeSet<String> {
            let colour = |item: &Item| match item {
                Item::Path { look, .. } => look.fill.as_ref().map(|fill| format!("{fill:?}")),
                _ => None,
            };
            items.iter().filter_map(colour).collect()
        };
        if areas > 30 && !fills.is_empty() {
            assert!(colours(&fills).len() > 2, "{:?}", colours(&fills));
            assert!(scene.legend.contains(&"register-area".to_owned()), "{:?}", scene.legend);
        }
        assert!(scene.group("register-cell").is_none());
    }
    // without districts rows are drawn however far the map is, and papers show them
    let alone = service.get("/map?collections=workshops&f=svg&width=600&height=400&legend=true").await;
    assert_eq!(alone.status, 200);
    let svg = String::from_utf8_lossy(&alone.body).into_owned();
    assert!(svg.matches("<path").count() > lying / 2, "{}", svg.matches("<path").count());
    let report = service.get("/report/M1?format=html&lang=en").await;
    assert!(String::from_utf8_lossy(&report.body).matches("<path").count() > 20);
}

/// A box whose west lies above its east goes over the antimeridian: both sides are drawn side by side, in either system, as
/// the same box is drawn elsewhere on the globe.
#[tokio::test]
async fn a_map_goes_over_the_antimeridian() {
    let city = |shift: f64| {
        let folder = folder_of("tests/data/bare", |manifest| {
            // rows and names are drawn from zooms on that follow the box of the whole: alike for both
            manifest["map"] = json!({"bbox": [-180.0, -60.0, 180.0, 60.0]});
            let collections = manifest["collections"].as_array_mut().unwrap();
            collections[0]["properties"] = json!([{"name": "label", "title": "Name", "type": "string"}]);
            collections[0]["name"] = json!("label");
            collections[0].as_object_mut().unwrap().remove("name_en");
            collections.push(json!({"id": "boats", "file": "boats.geojson", "role": "register", "title": "Boats",
                "geometry": "point", "name": "label", "source": "invented", "licence": "MIT", "register": {},
                "properties": [{"name": "label", "title": "Name", "type": "string"}]}));
        });
        let turned = |x: f64| if x + shift > 180.0 { x + shift - 360.0 } else { x + shift };
        let island = |id: &str, x: f64| {
            let ring = [[0.0, 0.0], [1.2, 0.0], [1.2, 1.0], [0.0, 1.0], [0.0, 0.0]]
                .map(|[dx, dy]| [turned(x + dx), dy - 17.0]);
            json!({"type": "Feature", "id": id, "properties": {"label": id}, "geometry": {"type": "Polygon", "coordinates": [ring]}})
        };
        let mut numbers = nation::Numbers(5);
        let boats: Vec<Value> = (0..60)
            .map(|i| {
                let at = [turned(-1.9 + 3.8 * numbers.part()), -17.4 + 0.8 * numbers.part()];
                json!({"type": "Feature", "id": format!("b{i}"), "properties": {"label": format!("Boat {i}")},
                    "geometry": {"type": "Point", "coordinates": at}})
            })
            .collect();
        let collection = |features: Vec<Value>| json!({"type": "FeatureCollection", "features": features}).to_string();
        let islands = vec![island("West", -1.5), island("East", 0.4)];
        std::fs::write(folder.path().join("counties.geojson"), collection(islands)).unwrap();
        std::fs::write(folder.path().join("boats.geojson"), collection(boats)).unwrap();
        folder
    };
    let (over, elsewhere) = (city(180.0), city(0.0));
    let (here, there) = (service(over.path()), service(elsewhere.path()));
    let mut drawn = [0, 0];
    for (path, bboxes) in [
        ("/map?f=svg&width=800&height=400&bbox=", ["178,-18,-178,-15", "-2,-18,2,-15"]),
        ("/map?f=svg&width=800&height=400&legend=true&lang=en&bbox=", ["178,-18,-178,-15", "-2,-18,2,-15"]),
        (
            "/collections/counties/map?f=svg&width=800&height=400&crs=EPSG:3857&bbox=",
            ["178,-18,-178,-15", "-2,-18,2,-15"],
        ),
        ("/collections/boats/map?f=svg&width=800&height=400&bbox=", ["178,-18,-178,-15", "-2,-18,2,-15"]),
        ("/collections/boats/map?f=svg&width=400&bbox-crs=EPSG:4326&bbox=", ["-18,178,-15,-178", "-18,-2,-15,2"]),
    ] {
        let [mut a, mut b] = [vec![], vec![]];
        for (service, over, bbox, out) in [(&here, true, bboxes[0], &mut a), (&there, false, bboxes[1], &mut b)] {
            let answer = service.get(&format!("{path}{bbox}")).await;
            let svg = String::from_utf8_lossy(&answer.body).into_owned();
            assert_eq!(answer.status, 200, "{path}{bbox}: {svg}");
            let corners: Vec<f64> = answer.header("content-bbox").split(',').map(|n| n.parse().unwrap()).collect();
            assert_eq!(corners[0] > corners[2], over, "{corners:?}");
            out.extend([">West<", ">East<", "<path", "<circle"].map(|what| svg.matches(what).count()));
        }
        // cells of tiles are cut elsewhere on the globe, so that one mark may be two
        assert!(a[3].abs_diff(b[3]) <= 6 && a[2].abs_diff(b[2]) <= 2 && a[..2] == b[..2], "{path}: {a:?} {b:?}");
        drawn = [drawn[0] + a[0] + a[1], drawn[1] + a[3]];
    }
    assert!(drawn[0] >= 4 && drawn[1] > 40, "{drawn:?}");
    for bad in ["bbox=178,-15,-178,-18", "bbox=200,-18,-178,-15", "bbox=178,-18,178,-15"] {
        assert_eq!(here.get(&format!("/map?f=svg&{bad}")).await.status, 400, "{bad}");
    }
}
