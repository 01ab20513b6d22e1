//! GeoParquet as a collection's file: what `bulk` writes is what was read; whatever the bytes, there are findings, no panics.

use super::folder::Folder;
use proptest::prelude::*;
use serde_json::{Value, json};
use shigu::core::columns::Value as Cell;
use shigu::core::geometry::Crs;
use shigu::core::model::{Dataset, Table};
use shigu::core::query::{Disclosure, Embedded, Engine, Question, Selection};
use shigu::core::snapshot::Snapshot;
use shigu::data::bulk::{Bulk, Format};
use std::collections::BTreeMap;

/// Every type of property, and names that a file takes for its own.
fn manifest(file: &str) -> String {
    let t = json!({"zh": "题", "en": "title"});
    let property = |(name, ty): (&str, &str)| json!({"name": name, "title": t, "type": ty});
    let mut properties: Vec<Value> = [
        ("名称", "string"),
        ("word", "string"),
        ("whole", "integer"),
        ("number", "number"),
        ("flag", "boolean"),
        ("day", "date"),
        ("at", "datetime"),
        ("list", "strings"),
        ("id", "string"),
        ("geometry", "string"),
        ("BBOX", "integer"),
    ]
    .map(property)
    .into();
    for decimals in [0, 2, 6] {
        let name = format!("d{decimals}");
        properties.push(json!({"name": name, "title": t, "type": "number", "decimals": decimals}));
    }
    json!({"id": "x", "title": t, "crs": "http://www.opengis.net/def/crs/OGC/1.3/CRS84", "collections": [
        {"id": "things", "file": file, "title": t, "geometry": "any", "properties": properties}]})
    .to_string()
}

fn properties() -> impl Strategy<Value = Value> {
    let maybe = |s: BoxedStrategy<Value>| prop_oneof![1 => Just(Value::Null), 4 => s];
    let text = || "\\PC{0,12}".prop_map(Value::from).boxed();
    let day =
        (0i64..20_000, 1970u32..2100).prop_map(|(d, y)| json!(format!("{y}-{:02}-{:02}", d % 12 + 1, d % 28 + 1)));
    let at = (0u32..86_400, 0u32..1_000_000).prop_map(|(s, micros)| {
        let decimals = format!(".{micros:06}");
        let decimals = if micros == 0 { "" } else { decimals.trim_end_matches('0') };
        json!(format!("2024-02-29T{:02}:{:02}:{:02}{decimals}Z", s / 3600, s / 60 % 60, s % 60))
    });
    let decimal = |power: i64, most: i64| (-most..most).prop_map(move |n| json!(n as f64 / power as f64)).boxed();
    (
        maybe(text()),
        maybe(proptest::sample::select(vec!["甲", "乙", ""]).prop_map(Value::from).boxed()),
        maybe((-1_000_000_000_000i64..=1_000_000_000_000).prop_map(Value::from).boxed()),
        maybe((-1e12f64..1e12).prop_map(Value::from).boxed()),
        maybe(any::<bool>().prop_map(Value::from).boxed()),
        (maybe(day.boxed()), maybe(at.boxed())),
        maybe(proptest::collection::vec("[a-c甲]{0,2}", 0..4).prop_map(Value::from).boxed()),
        (maybe(text()), maybe(text()), maybe(any::<i32>().prop_map(Value::from).boxed())),
        (
            maybe(decimal(1, 1_000_000_000_000)),
            maybe(decimal(100, 99_999_999_999_999)),
            maybe(decimal(1_000_000, 999_999_999_999_999_999)),
        ),
    )
        .prop_map(|(name, word, whole, number, flag, (day, at), list, (id, geometry, bbox), (d0, d2, d6))| {
            json!({"名称": name, "word": word, "whole": whole, "number": number, "flag": flag, "day": day, "at": at,
                   "list": list, "id": id, "geometry": geometry, "BBOX": bbox, "d0": d0, "d2": d2, "d6": d6})
        })
}

fn geometry() -> impl Strategy<Value = Value> {
    let at = || (-180.0f64..=180.0, -90.0f64..=90.0);
    prop_oneof![
        2 => Just(Value::Null),
        8 => at().prop_map(|(x, y)| json!({"type": "Point", "coordinates": [x, y]})),
        1 => (at(), at()).prop_map(|(a, b)| json!({"type": "LineString", "coordinates": [a, b]})),
        1 => (0.0f64..50.0, 0.0f64..50.0, 0.1f64..9.0).prop_map(|(x, y, r)| json!({"type": "Polygon",
            "coordinates": [[[x, y], [x + r, y], [x + r, y + r], [x, y]]]})),
        1 => (at(), at()).prop_map(|(a, b)| json!({"type": "MultiPoint", "coordinates": [a, b]})),
    ]
}

fn features(points: bool) -> impl Strategy<Value = Vec<Value>> {
    proptest::collection::vec((geometry(), properties()), 0..20).prop_map(move |rows| {
        let feature = |(i, (g, p)): (usize, (Value, Value))| {
            let g = if points && g["type"] != "Point" { Value::Null } else { g };
            json!({"type": "Feature", "id": format!("第 {}号", i * 7 % 1000), "geometry": g, "properties": p})
        };
        rows.into_iter().enumerate().map(feature).collect()
    })
}

fn geojson(features: &[Value]) -> Folder {
    let file = json!({"type": "FeatureCollection", "features": features}).to_string();
    Folder::of([("dataset.json", manifest("things.geojson").as_str()), ("things.geojson", &file)])
}

fn packed(bytes: &[u8]) -> Folder {
    Folder::of([("dataset.json", manifest("things.parquet").as_str())]).put("things.parquet", bytes)
}

fn dataset(folder: &Folder) -> Dataset {
    let (dataset, report) = folder.load();
    assert!(report.findings.is_empty(), "{:#?}", report.findings);
    dataset.unwrap()
}

/// The rows of the first collection.
fn everything(snapshot: Snapshot) -> Selection {
    let engine = Embedded::from(snapshot);
    let first = engine.describe().collections[0].spec.id.clone();
    engine.bind(&Question::of(first), Disclosure::Full).unwrap().select(0, usize::MAX)
}

fn pack(snapshot: Snapshot) -> Vec<u8> {
    let selection = everything(snapshot);
    let mut bulk = Bulk::new(Format::GeoParquet, &selection, Crs::Crs84, None, "").unwrap();
    let mut bytes = Vec::new();
    while bulk.part(&selection, &mut bytes).unwrap() {}
    bytes
}

/// All that a table holds, row by row, by id.
fn rows(table: &Table) -> BTreeMap<String, (String, Vec<String>)> {
    let cell = |cell: Cell| match cell {
        Cell::Strings(list, row) => format!("{:?}", list.row(row).collect::<Vec<_>>()),
        Cell::Number(x) => format!("{:x}", x.to_bits()),
        other => format!("{other:?}"),
    };
    let row = |row: usize| {
        let cells = table.columns.iter().map(|c| cell(c.value(row))).collect();
        (table.ids.value(row).to_owned(), (format!("{:?}", table.geometries.value(row)), cells))
    };
    (0..table.ids.len()).map(row).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn what_bulk_writes_is_what_was_read(features in any::<bool>().prop_flat_map(features)) {
        let before = everything(Snapshot::new(dataset(&geojson(&features))));
        let after = everything(Snapshot::new(dataset(&packed(&pack(Snapshot::new(dataset(&geojson(&features))))))));
        prop_assert_eq!(rows(before.table()), rows(after.table()));
        // points in order: the very columns
        if !features.is_empty() && features.iter().all(|f| f["geometry"]["type"] == "Point") {
            prop_assert!(before.table().ids.iter().eq(after.table().ids.iter()));
        }
    }
}

fn sample() -> Vec<u8> {
    let feature = |i: usize| {
        json!({"type": "Feature", "id": format!("E{i}"), "geometry": {"type": "Point", "coordinates": [120.0 + i as f64 / 100.0, 30.0]},
            "properties": {"名称": format!("企业{i}"), "word": "甲", "whole": i, "number": i as f64 / 3.0, "flag": i.is_multiple_of(2),
                "day": "2024-02-29", "at": "2024-02-29T10:00:00Z", "list": ["a", "b"], "d2": 12.34}})
    };
    let features: Vec<Value> = (0..40).map(feature).collect();
    pack(Snapshot::new(dataset(&geojson(&features))))
}

#[test]
fn a_file_that_is_cut_off_is_refused_with_words() {
    let bytes = sample();
    assert_eq!(dataset(&packed(&bytes)).tables[0].ids.len(), 40);
    for length in (0..bytes.len()).step_by(97).chain(bytes.len() - 40..bytes.len()) {
        let fault = packed(&bytes[..length]).fault();
        fault.error("not-parquet", "things.parquet");
    }
}

#[test]
fn what_is_no_geoparquet_is_named() {
    packed(b"{}").fault().error("not-parquet", "things.parquet");
    let plain = {
        use parquet::file::properties::WriterProperties;
        use parquet::file::writer::SerializedFileWriter;
        use parquet::schema::parser::parse_message_type;
        let schema = parse_message_type("message m { required binary id (UTF8); }").unwrap();
        let mut bytes = Vec::new();
        let writer = SerializedFileWriter::new(&mut bytes, schema.into(), WriterProperties::builder().build().into());
        writer.unwrap().close().unwrap();
        bytes
    };
    packed(&plain).fault().error("not-geoparquet", "things.parquet");
    let features = [json!({"type": "Feature", "id": "a", "geometry": null, "properties": {}})];
    let snapshot = Snapshot::new(dataset(&geojson(&features)));
    let selection = everything(snapshot);
    let mut bytes = Vec::new();
    let mut bulk = Bulk::new(Format::GeoParquet, &selection, Crs::of_epsg(4549).unwrap(), None, "").unwrap();
    bulk.part(&selection, &mut bytes).unwrap();
    let (dataset, report) = packed(&bytes).load();
    assert!(dataset.is_some() && report.findings.iter().any(|f| f.code == "crs-transformed"), "{report:#?}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    #[test]
    fn garbled_bytes_give_findings_or_rows(flips in proptest::collection::vec((any::<prop::sample::Index>(), 1u8..), 1..4), foot: bool) {
        let bytes = sample_once();
        let mut garbled = bytes.to_vec();
        // half of the time in the foot, where lengths and counts stand
        let from = if foot { bytes.len() - bytes.len() / 3 } else { 0 };
        for (at, with) in flips {
            let at = from + at.index(bytes.len() - from);
            garbled[at] ^= with;
        }
        packed(&garbled).load();
    }
}

fn sample_once() -> &'static [u8] {
    static SAMPLE: std::sync::OnceLock<Vec<u8>> = std::sync::OnceLock::new();
    SAMPLE.get_or_init(sample)
}
