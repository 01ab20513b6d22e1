//! Features of zones that can't be used: what is lost is told, and the folder serves.

use super::folder::Folder;
use serde_json::{Value as Json, json};
use shigu::core::query::{Disclosure, Embedded, Engine, Question};
use shigu::core::snapshot::Snapshot;
use shigu::data::load::{Severity, repaired};

const D: &str = "districts.geojson";
const E: &str = "enterprises.geojson";
const P: &str = "platform-zones.geojson";

/// Tinyville with one more feature in a file, like its first but for this geometry and id.
fn with(file: &str, id: &Json, geometry: &str) -> Folder {
    let folder = Folder::tinyville();
    let mut all: Json = serde_json::from_slice(&folder.files[file]).unwrap();
    let mut one = all["features"][0].clone();
    one["id"] = id.clone();
    one["geometry"] = json!("GEOMETRY");
    all["features"].as_array_mut().unwrap().push(one);
    folder.put(file, all.to_string().replace("\"GEOMETRY\"", geometry))
}

/// The faults as severity, code and feature.
fn said(folder: &Folder) -> Vec<(Severity, String, String)> {
    folder.faults().into_iter().map(|f| (f.severity, f.code, f.feature.unwrap_or_default())).collect()
}

fn rows(folder: &Folder, collection: &str) -> usize {
    let dataset = folder.load().0.unwrap_or_else(|| panic!("{:#?}", folder.faults()));
    dataset.collections().find(|(spec, _)| spec.id == collection).unwrap().1.ids.len()
}

#[test]
fn a_zone_without_area_is_set_aside_and_told() {
    let before = rows(&Folder::tinyville(), "districts");
    for (geometry, code) in [
        // the Vatican of Natural Earth at 1:10 million
        (r#"{"type":"Polygon","coordinates":[[[120.05,30.05],[120.051,30.05],[120.05,30.05]]]}"#, "ring-too-short"),
        // the line of ten dashes of some packages of China
        (
            r#"{"type":"MultiPolygon","coordinates":[[[[120.05,30.05],[120.06,30.05],[120.05,30.05]]],[[[120.1,30.05],[120.1,30.06],[120.1,30.05]]]]}"#,
            "ring-too-short",
        ),
        (
            r#"{"type":"Polygon","coordinates":[[[120.05,30.05],[120.06,30.05],[120.07,30.05],[120.05,30.05]]]}"#,
            "ring-self-intersection",
        ),
        (r#"{"type":"Point","coordinates":[120.05,30.05]}"#, "geometry-kind"),
        (r#"{"type":"LineString","coordinates":[[120.05,30.05],[120.06,30.05]]}"#, "geometry-kind"),
        (r#"{"type":"Polygon","coordinates":[[[]]]}"#, "bad-position"),
    ] {
        let folder = with(D, &json!("T99"), geometry);
        let (_, report) = folder.load();
        let about: Vec<_> = report.findings.iter().filter(|f| f.feature.as_deref() == Some("T99")).collect();
        assert!(!about.is_empty() && about.iter().all(|f| f.severity == Severity::Warning), "{geometry} {about:#?}");
        assert!(about.iter().any(|f| f.code == code && f.message.zh.contains("搁置")), "{geometry} {about:#?}");
        assert_eq!(rows(&folder, "districts"), before, "{geometry}");
    }
    // without any geometry it is a row, and no zone
    let folder = with(D, &json!("T99"), "null");
    assert_eq!(said(&folder), [(Severity::Warning, "zone-without-area".into(), "T99".into())]);
    assert_eq!(rows(&folder, "districts"), before + 1);
    for empty in ["[]", "[[]]"] {
        let folder = with(D, &json!("T99"), &format!(r#"{{"type":"Polygon","coordinates":{empty}}}"#));
        let codes: Vec<String> = said(&folder).into_iter().map(|(_, code, _)| code).collect();
        assert_eq!(codes, ["empty-geometry", "zone-without-area"], "{empty}");
    }
}

#[test]
fn a_zone_that_cannot_be_told_from_others_is_set_aside_where_little_is_lost() {
    let sliver = r#"{"type":"Polygon","coordinates":[[[120.05,30.05],[120.051,30.05],[120.05,30.05]]]}"#;
    // some twenty metres: a thousandth of a district, and inside another
    let small = r#"{"type":"Polygon","coordinates":[[[120.05,30.05],[120.0502,30.05],[120.0502,30.0502],[120.05,30.0502],[120.05,30.05]]]}"#;
    let large =
        r#"{"type":"Polygon","coordinates":[[[120.0,30.2],[120.1,30.2],[120.1,30.3],[120.0,30.3],[120.0,30.2]]]}"#;
    for file in [D, P] {
        for (id, code) in [(json!(""), "bad-id"), (json!(null), "missing-id"), (json!(1.5), "bad-id")] {
            for geometry in [sliver, small] {
                let all = said(&with(file, &id, geometry));
                assert!(all.iter().all(|(s, ..)| *s == Severity::Warning), "{file} {id} {all:?}");
                assert!(all.iter().any(|(_, c, _)| c == code), "{file} {id} {all:?}");
            }
        }
    }
    let twice = said(&with(D, &json!("T01"), small));
    assert_eq!(twice, [(Severity::Warning, "duplicate-id".into(), "T01".into())]);
    // a whole district that is there twice, or has no id, is no small thing
    for id in [json!("T01"), json!(null)] {
        assert!(said(&with(D, &id, large)).iter().any(|(s, ..)| *s == Severity::Error), "{id}");
    }
    // with a position that is none nobody knows how large it is: as large as others are
    let odd =
        r#"{"type":"Polygon","coordinates":[[[120.0,30.2],[120.1,null],[120.1,30.3],[120.0,30.3],[120.0,30.2]]]}"#;
    let all = with(D, &json!("T99"), odd).faults();
    assert!(all.iter().any(|f| f.severity == Severity::Error && f.code == "bad-position"), "{all:#?}");
    assert!(all.iter().any(|f| f.en.contains("of the area can't be used")), "{all:#?}");
    // an enterprise is joined by its id, year by year: it is never left out for it
    assert!(said(&with(E, &json!("E01"), "null")).iter().any(|(s, c, _)| *s == Severity::Error && c == "duplicate-id"));
}

#[test]
fn a_property_that_is_wrong_costs_a_zone_without_area_only() {
    let without_name = |geometry: &str| {
        let folder = with(D, &json!("T99"), geometry);
        let mut all: Json = serde_json::from_slice(&folder.files[D]).unwrap();
        let last = all["features"].as_array().unwrap().len() - 1;
        all["features"][last]["properties"]["name"] = json!("");
        folder.put(D, all.to_string())
    };
    let dashes = r#"{"type":"MultiPolygon","coordinates":[[[[120.05,30.05],[120.0501,30.05],[120.0501,30.0501],[120.05,30.05]]]]}"#;
    assert_eq!(said(&without_name(dashes)), [(Severity::Warning, "missing-property".into(), "T99".into())]);
    let large =
        r#"{"type":"Polygon","coordinates":[[[120.0,30.2],[120.1,30.2],[120.1,30.3],[120.0,30.3],[120.0,30.2]]]}"#;
    assert_eq!(said(&without_name(large)), [(Severity::Error, "missing-property".into(), "T99".into())]);
}

#[test]
fn a_property_that_is_wrong_is_no_slip_of_one_in_fifty() {
    let area =
        r#"{"type":"Polygon","coordinates":[[[120.0,30.0],[120.1,30.0],[120.1,30.1],[120.0,30.1],[120.0,30.0]]]}"#;
    let folder = with(P, &json!("P99"), area);
    assert!(folder.load().0.is_some(), "{:#?}", folder.faults());
    let mut all: Json = serde_json::from_slice(&folder.files[P]).unwrap();
    let last = all["features"].as_array().unwrap().len() - 1;
    all["features"][last]["properties"]["name"] = json!("");
    let folder = folder.put(P, all.to_string());
    assert_eq!(said(&folder), [(Severity::Error, "missing-property".into(), "P99".into())]);
}

#[test]
fn rows_that_declare_a_zone_set_aside_count_as_undeclared() {
    let sliver = r#"{"type":"Polygon","coordinates":[[[120.05,30.05],[120.051,30.05],[120.05,30.05]]]}"#;
    let declare = |id: &str, folder: Folder| {
        let mut all: Json = serde_json::from_slice(&folder.files[E]).unwrap();
        for (row, located) in [(0, true), (1, false)] {
            all["features"][row]["properties"]["district"] = json!(id);
            if !located {
                all["features"][row]["geometry"] = Json::Null;
            }
        }
        folder.put(E, all.to_string())
    };
    let folder = declare("T99", with(D, &json!("T99"), sliver));
    let (dataset, report) = folder.load();
    let orphans: Vec<_> = report.findings.iter().filter(|f| f.code == "refers-to-set-aside").collect();
    assert_eq!(orphans.len(), 1, "{:#?}", report.findings);
    assert!(orphans[0].message.en.contains("2 rows") && orphans[0].message.en.contains("T99 (2)"), "{orphans:?}");
    let dataset = dataset.unwrap();
    let districts: Vec<String> = dataset.tables[1].ids.iter().map(str::to_owned).collect();
    let engine = Embedded::from(Snapshot::new(dataset));
    let known = Embedded::from(Snapshot::new(Folder::tinyville().load().0.unwrap()));
    let count = |engine: &Embedded, zone: Option<&str>| {
        let question = zone.map_or_else(Question::register, |zone| Question::register().in_zone(zone));
        engine.bind(&question, Disclosure::Full).unwrap().summarize().unwrap().counts.matched
    };
    assert!(districts.len() > 2 && !districts.contains(&"T99".to_owned()));
    let zones = districts.iter().map(String::as_str).chain(["outside", "undeclared"]);
    let parts: u64 = zones.map(|zone| count(&engine, Some(zone))).sum();
    assert_eq!(parts, count(&engine, None), "districts, outside and undeclared are the whole");
    assert_eq!(count(&engine, Some("undeclared")), count(&known, Some("undeclared")) + 1);
    // what is blank declares nothing; what nobody knows is still refused
    assert!(said(&declare("", Folder::tinyville())).iter().all(|(s, ..)| *s != Severity::Error));
    assert!(said(&declare("T77", with(D, &json!("T99"), sliver))).iter().any(|(_, c, _)| c == "dangling-reference"));
}

#[test]
fn a_zone_whose_parent_is_set_aside_has_none() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/twolevel");
    let mut twolevel = Folder::of([]);
    for entry in std::fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        twolevel = twolevel.put(&entry.file_name().into_string().unwrap(), std::fs::read(entry.path()).unwrap());
    }
    let (above, below) = ("municipalities.geojson", "parishes.geojson");
    let mut all: Json = serde_json::from_slice(&twolevel.files[above]).unwrap();
    let mut one = all["features"][0].clone();
    one["id"] = json!("ZZ");
    one["geometry"] = json!({"type": "Polygon", "coordinates": [[[0.0, 1.0], [0.1, 1.0], [0.0, 1.0]]]});
    all["features"].as_array_mut().unwrap().push(one);
    let twolevel = twolevel.put(above, all.to_string());
    let mut all: Json = serde_json::from_slice(&twolevel.files[below]).unwrap();
    let child = all["features"][0]["id"].as_str().unwrap().to_owned();
    all["features"][0]["properties"]["concelho"] = json!("ZZ");
    let twolevel = twolevel.put(below, all.to_string());
    let faults = twolevel.faults();
    assert!(faults.iter().all(|f| f.severity == Severity::Warning), "{faults:#?}");
    let orphan = faults.iter().find(|f| f.code == "zone-without-parent").unwrap_or_else(|| panic!("{faults:#?}"));
    assert_eq!(orphan.feature.as_deref(), Some(&*child));
}

#[test]
fn areas_of_a_collection_are_one_zone() {
    let square =
        r#"{"type":"Polygon","coordinates":[[[120.0,30.2],[120.1,30.2],[120.1,30.3],[120.0,30.3],[120.0,30.2]]]}"#;
    let line = r#"{"type":"LineString","coordinates":[[120.0,30.2],[120.1,30.3]]}"#;
    let folder = with(D, &json!("T99"), &format!(r#"{{"type":"GeometryCollection","geometries":[{square},{line}]}}"#));
    assert_eq!(said(&folder), [(Severity::Warning, "geometry-repaired".into(), "T99".into())]);
    let dataset = folder.load().0.unwrap();
    let (_, table) = dataset.collections().find(|(spec, _)| spec.id == "districts").unwrap();
    let last = table.ids.len() - 1;
    assert!(matches!(table.geometries.value(last), Some(geo::Geometry::MultiPolygon(m)) if m.0.len() == 1));
}

#[test]
fn numbers_that_json_does_not_have_are_null() {
    let text = String::from_utf8(Folder::tinyville().files[E].clone()).unwrap();
    let folder = Folder::tinyville().put(E, text.replacen("\"revenue_2025\": 110.25", "\"revenue_2025\": NaN", 1));
    assert_eq!(said(&folder), [(Severity::Warning, "nan-literal".into(), String::new())]);
    let bare = r#"{"type":"FeatureCollection","features":[{"type":"Feature","id":1,"properties":{"a":1.5,"b":"NaN"},"geometry":{"type":"Point","coordinates":[120,30]}},
{"type":"Feature","id":2,"properties":{"a":-Infinity,"b":"x"},"geometry":{"type":"Point","coordinates":[NaN,NaN]}}]}"#;
    let folder = Folder::of([("a.geojson", bare)]);
    let (dataset, report) = folder.load();
    let table = &dataset.unwrap_or_else(|| panic!("{report:?}")).tables[0];
    assert_eq!((table.ids.len(), table.geometries.located()), (2, 1));
    assert!(report.findings.iter().any(|f| f.code == "nan-literal" && f.message.en.contains("3 places")), "{report:?}");
}

#[test]
fn a_repaired_folder_checks_without_errors() {
    // a sliver, an open ring, a small crossing, an id that is none
    let square = "[[120.1, 30.0], [120.2, 30.0], [120.2, 30.1], [120.1, 30.1]";
    let crossed = square.replace(
        "[120.2, 30.1],",
        "[120.2, 30.1], [120.152, 30.1], [120.15, 30.1004], [120.15, 30.0999], [120.153, 30.1001],",
    );
    let open = ("[120.1, 30.1], [120.0, 30.1], [120.0, 30.0]]", "[120.1, 30.1], [120.0, 30.1]]");
    let folder = Folder::tinyville().change(D, square, &crossed).change(D, open.0, open.1);
    let sliver = r#"{"type":"Feature","id":"","properties":{"name":"界","name_en":"line"},"geometry":{"type":"Polygon","coordinates":[[[120.05,30.05],[120.06,30.05],[120.05,30.05]]]}}]"#;
    let text = String::from_utf8(folder.files[D].clone()).unwrap();
    let end = text.rfind(']').unwrap();
    let folder = folder.put(D, format!("{},{sliver}{}", &text[..end], &text[end + 1..]));
    assert!(folder.load().0.is_some(), "{:#?}", folder.faults());
    let (bytes, done) = repaired(&folder.files[D], D).unwrap();
    assert_eq!(done.iter().filter(|m| m.repaired).count(), 2, "{done:?}");
    let again = folder.put(D, bytes);
    assert!(again.load().0.is_some(), "{:#?}", again.faults());
    assert!(again.faults().iter().all(|f| f.code != "geometry-repaired"), "{:#?}", again.faults());
}
