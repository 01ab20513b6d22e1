//! The promises about the sample register, on a small invented city.

use super::{Counts, GenerateError, Options, generate};
use crate::core::columns::{Bitmap, Column, ColumnBuilder, ColumnType, Text as Names, Value};
use crate::core::geometry::Region;
use crate::core::model::{Codelist, CollectionSpec, Dataset, Divisions, Geometries, Manifest, Table, Term};
use geo::{Geometry, MultiPolygon, polygon};
use serde_json::{Value as Json, json};

fn names(ids: &[&str]) -> Names {
    let mut names = Names::default();
    for id in ids {
        names.push(id);
    }
    names
}

fn words(cells: &[&str]) -> Column {
    let mut column = ColumnBuilder::new(ColumnType::Text);
    for cell in cells {
        column.push(Value::Text(cell)).unwrap();
    }
    column.finish()
}

/// A register with a part for everything that can be made up.
fn register() -> Json {
    let title = json!({"zh": "", "en": ""});
    let property = |name: &str, ty: &str| json!({"name": name, "title": title, "type": ty});
    let mut properties: Vec<Json> = [
        ("name", "string"),
        ("cluster", "string"),
        ("cluster_secondary", "strings"),
        ("district", "string"),
        ("founded", "integer"),
        ("size", "string"),
        ("above_scale", "boolean"),
        ("location_class", "string"),
        ("precision_m", "integer"),
    ]
    .map(|(name, ty)| property(name, ty))
    .into();
    properties[4]["minimum"] = json!(1900);
    properties[4]["maximum"] = json!(2026);
    let mut metric = |id: &str, unit: &str, decimals: u8, kind: &str| {
        let columns: serde_json::Map<String, Json> =
            (2020..=2025).map(|year| (year.to_string(), json!(format!("{id}_{year}")))).collect();
        columns.values().for_each(|name| properties.push(property(name.as_str().unwrap(), "number")));
        json!({"id": id, "title": title, "unit": {"zh": unit, "en": ""}, "decimals": decimals, "kind": kind, "columns": columns})
    };
    let metrics = [metric("revenue", "万元", 2, "flow"), metric("employees", "人", 0, "stock")];
    properties.push(property("sample", "boolean"));
    let class =
        |value: &str, hands: f64, sold: f64| json!({"value": value, "from": {"employees": hands, "revenue": sold}});
    json!({"id": "firms", "file": "f", "role": "register", "title": title, "name": "name", "properties": properties, "register": {
        "district": "district", "cluster": "cluster", "secondary": "cluster_secondary",
        "location_class": "location_class", "precision_m": "precision_m", "metrics": metrics,
        "invented": [
            {"property": "size", "values": [class("large", 300.0, 10_000.0), class("medium", 100.0, 1_000.0), class("small", 10.0, 50.0)], "otherwise": "micro"},
            {"property": "above_scale", "values": [{"value": true, "from": {"revenue": 2000.0}}], "otherwise": false},
        ],
    }})
}

/// Three districts side by side (the last is wide and half under water) and two platforms, one without position.
fn city() -> Dataset {
    let collection = |json: Json| serde_json::from_value::<CollectionSpec>(json).unwrap();
    let title = json!({"zh": "", "en": ""});
    let property = |name: &str| json!({"name": name, "title": title, "type": "string"});
    let specs = vec![
        collection(json!({"id": "districts", "file": "d", "role": "districts", "title": title})),
        collection(json!({"id": "platforms", "file": "p", "role": "platforms", "title": title,
            "properties": [property("status"), property("clusters")]})),
        collection(json!({"id": "water", "file": "w", "role": "base", "title": title})),
        collection(register()),
    ];
    let area = |w: f64, e: f64| {
        Some(polygon![(x: w, y: 30.0), (x: e, y: 30.0), (x: e, y: 30.2), (x: w, y: 30.2)]).map(Geometry::Polygon)
    };
    let platforms = Geometries::Points {
        lon: vec![120.1, f64::NAN],
        lat: vec![30.1, f64::NAN],
        located: Bitmap::from_fn(2, |i| i == 0),
    };
    let areas = Geometries::Any(vec![area(120.0, 120.1), area(120.1, 120.2), area(120.2, 121.0)]);
    let table = |ids: &[&str], geometries, columns| Table { ids: names(ids), geometries, columns };
    let entry = |code: &str, zh: &str| json!({"code": code, "name": {"zh": zh, "en": code}, "mark": "x", "color": "#000000", "color_dark": "#ffffff"});
    let codelist: Codelist = serde_json::from_value(json!({"id": "clusters", "title": title,
        "entries": [entry("vision", "视觉智能"), entry("robot", "智能机器人"), entry("finance", "智慧金融")]}))
    .unwrap();
    let manifest: Manifest =
        serde_json::from_value(json!({"id": "town", "title": title, "crs": "", "collections": []})).unwrap();
    let mut manifest = Manifest { collections: specs, ..manifest };
    manifest.terms.row = Term::new("企业", "enterprise", "enterprises", "家");
    Dataset {
        manifest,
        codelists: [("clusters".to_owned(), codelist)].into(),
        divisions: Divisions::default(),
        plan: None,
        indicators: Vec::new(),
        tables: vec![
            table(&["A", "B", "C"], areas, vec![]),
            table(&["P1", "P2"], platforms, vec![words(&["existing", "planned"]), words(&["robot;智慧金融", ""])]),
            table(&["lake"], Geometries::Any(vec![area(120.6, 121.0)]), vec![]),
            table(&[], Geometries::Any(vec![]), vec![]),
        ],
        content_hash: String::new(),
        warnings: 0,
    }
}

fn sample(dataset: &Dataset, count: u64, seed: u64) -> (Vec<u8>, Counts) {
    let mut out = Vec::new();
    let counts = generate(dataset, &Options { count, seed }, &mut out).unwrap();
    (out, counts)
}

fn features(bytes: &[u8]) -> Vec<Json> {
    let Json::Array(features) = serde_json::from_slice::<Json>(bytes).unwrap()["features"].take() else { panic!() };
    features
}

#[test]
fn the_seed_decides_every_byte() {
    let city = city();
    let (one, counts) = sample(&city, 300, 1);
    assert_eq!((one.clone(), counts), sample(&city, 300, 1));
    assert_ne!(one, sample(&city, 300, 2).0);
    // pinned: another machine, compiler or release must not make another register
    let hash = one.iter().fold(0xcbf2_9ce4_8422_2325_u64, |h, b| (h ^ u64::from(*b)).wrapping_mul(0x0100_0000_01b3));
    assert_eq!(hash, 0x2188_24d9_85cb_9e85, "{hash:#x}");
}

#[test]
fn one_feature_a_line_with_the_declared_schema() {
    let (bytes, _) = sample(&city(), 12, 1);
    let text = String::from_utf8(bytes).unwrap();
    assert_eq!(text.lines().count(), 12 + 2);
    let row: Json = serde_json::from_str(text.lines().nth(1).unwrap().trim_end_matches(',')).unwrap();
    assert_eq!(row["id"], "S00001");
    let names: Vec<&str> = row["properties"].as_object().unwrap().keys().map(String::as_str).collect();
    let head = ["name", "cluster", "cluster_secondary", "district", "founded", "size", "above_scale"];
    assert_eq!(names[..7], head);
    assert_eq!(names[7..9], ["location_class", "precision_m"]);
    assert_eq!(
        (names[9], names[14], names[15], names[20]),
        ("revenue_2020", "revenue_2025", "employees_2020", "employees_2025")
    );
    assert_eq!(names[21..], ["sample"]);
    assert_eq!(features(text.as_bytes()).len(), 12);
    assert_eq!(features(&sample(&city(), 0, 1).0).len(), 0);
}

#[test]
fn proportions_and_places_are_as_declared() {
    let city = city();
    let (bytes, counts) = sample(&city, 20_000, 5);
    let rows = features(&bytes);
    let region = |i: usize| match city.tables[0].geometries.value(i) {
        Some(Geometry::Polygon(p)) => Region::new(&MultiPolygon(vec![p])),
        _ => panic!(),
    };
    let regions = [("A", region(0)), ("B", region(1)), ("C", region(2))];
    let (mut elsewhere, mut outside, mut unlocated, mut undeclared, mut secondary) = (0, 0, 0, 0, 0);
    let mut sites = std::collections::HashMap::new();
    let mut ids = std::collections::HashSet::new();
    for row in &rows {
        let p = &row["properties"];
        assert!(ids.insert(row["id"].as_str().unwrap().to_owned()));
        assert_eq!(p["sample"], true);
        assert!(p["name"].as_str().unwrap().starts_with("示例"));
        secondary += u64::from(!p["cluster_secondary"].as_array().unwrap().is_empty());
        undeclared += u64::from(p["district"].is_null());
        let Some([x, y]) = row["geometry"]["coordinates"].as_array().map(|c| [0, 1].map(|i| c[i].as_f64().unwrap()))
        else {
            unlocated += 1;
            assert_eq!((&p["location_class"], &p["precision_m"]), (&json!("none"), &Json::Null));
            continue;
        };
        *sites.entry((x.to_bits(), y.to_bits())).or_insert(0) += 1;
        assert!(p["precision_m"].as_u64().unwrap() <= 1500);
        match regions.iter().find(|(_, r)| r.contains(x, y)) {
            None => {
                outside += 1;
                assert!((119.98..121.02).contains(&x) && (29.98..30.22).contains(&y));
            }
            Some((id, _)) => {
                elsewhere += u64::from(p["district"] != *id);
                assert!(x <= 120.6, "in the water");
            }
        }
    }
    assert_eq!((rows.len() as u64, elsewhere, outside), (counts.rows, counts.misdeclared, counts.outside));
    assert_eq!((20_000 - unlocated, undeclared), (counts.located, counts.undeclared));
    let shared: i32 = sites.values().filter(|n| **n > 1).sum();
    for (what, n, low, high) in [
        ("unlocated", unlocated, 500, 700),
        ("misdeclared", elsewhere, 150, 250),
        ("outside", outside, 30, 90),
        ("undeclared", undeclared, 30, 90),
        ("without figures", counts.without_figures, 900, 1100),
        ("at platforms", counts.at_platforms, 10_500, 11_500),
        ("in buildings", counts.in_buildings, 3500, 4200),
        ("seen in buildings", shared as u64, 3300, 4500),
        ("secondary", secondary, 2400, 3200),
    ] {
        assert!((low..=high).contains(&n), "{what}: {n}");
    }
    for id in ["A", "B", "C"] {
        assert!(rows.iter().filter(|r| r["properties"]["district"] == id).count() > 1000, "{id}");
    }
}

#[test]
fn nothing_looks_like_a_credit_code() {
    let (bytes, _) = sample(&city(), 3000, 9);
    for row in features(&bytes) {
        for (name, value) in row["properties"].as_object().unwrap() {
            let text = value.as_str().unwrap_or_default();
            let run = text.split(|c: char| !c.is_ascii_alphanumeric()).map(str::len).max().unwrap_or(0);
            assert!(run < 9, "{name}: {text}");
        }
    }
}

#[test]
fn a_city_without_platforms_clusters_or_districts() {
    let mut bare = city();
    bare.codelists.clear();
    bare.manifest.collections.drain(1..3);
    bare.tables.drain(1..3);
    let (bytes, counts) = sample(&bare, 400, 1);
    assert_eq!(counts.at_platforms, 0);
    assert!(features(&bytes).iter().all(|r| r["properties"]["cluster"].is_null()));
    bare.tables[0].geometries = Geometries::Any(vec![None, None, None]);
    let result = generate(&bare, &Options { count: 1, seed: 1 }, &mut Vec::new());
    assert!(matches!(result, Err(GenerateError::NoDistricts)));
}
