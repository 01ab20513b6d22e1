//! Folders of plain GeoJSON files without a manifest.

use super::folder::Folder;
use shigu::core::columns::Value;
use shigu::core::model::PropertyType as T;
use shigu::core::model::{GeometryKind, Role};
use shigu::core::query::{Embedded, Engine};
use shigu::core::snapshot::Snapshot;

const TOWNS: &str = r#"{"type":"FeatureCollection","features":[
{"type":"Feature","id":1,"properties":{"名称":"甲","n":1,"mix":"a","l":["x"]},"geometry":{"type":"Point","coordinates":[120,30]}},
{"type":"Feature","id":2,"properties":{"名称":"乙","n":2.5,"mix":3,"o":{"a":[1]}},"geometry":null}]}"#;
const ROADS: &str = r#"{"type":"FeatureCollection","features":[
{"type":"Feature","properties":{"NAME":"路"},"geometry":{"type":"LineString","coordinates":[[120,30],[121,31]]}},
{"type":"Feature","properties":null,"geometry":{"type":"MultiLineString","coordinates":[[[120,30],[121,31]]]}}]}"#;

#[test]
fn each_file_becomes_a_collection() {
    let f = Folder::of([
        ("城镇.geojson", TOWNS),
        ("my roads.GeoJSON", ROADS),
        ("readme.txt", "hello"),
        (".hidden.geojson", "{"),
    ]);
    let (d, report) = f.load();
    let d = d.unwrap();
    let all: Vec<_> = d
        .manifest
        .collections
        .iter()
        .map(|c| (c.id.as_str(), c.title.zh.as_str(), c.role, c.geometry, c.name.as_deref()))
        .collect();
    assert_eq!(
        all,
        [
            ("my-roads", "my roads", Role::Features, GeometryKind::Line, Some("NAME")),
            ("城镇", "城镇", Role::Features, GeometryKind::Point, Some("名称"))
        ]
    );
    let (spec, towns) = d.collections().nth(1).unwrap();
    let types: Vec<_> = spec.properties.iter().map(|p| p.ty).collect();
    assert_eq!(types, [T::String, T::Number, T::String, T::Strings, T::String]);
    let row = |i: usize| towns.columns.iter().map(|c| c.value(i)).collect::<Vec<_>>();
    assert_eq!(row(1)[..3], [Value::Text("乙"), Value::Number(2.5), Value::Text("3")]);
    assert_eq!(row(1)[3..], [Value::Null, Value::Text("{\"a\":[1]}")]);
    assert_eq!(towns.ids.iter().collect::<Vec<_>>(), ["1", "2"]);
    assert_eq!(d.tables[0].ids.iter().collect::<Vec<_>>(), ["1", "2"], "numbered in order");
    let found: Vec<_> = report.findings.iter().map(|f| (f.file.as_str(), f.code)).collect();
    assert_eq!(
        found,
        [("my roads.GeoJSON", "missing-id"), ("城镇.geojson", "mixed-types"), ("城镇.geojson", "mixed-types")]
    );
}

#[test]
fn a_missing_id_among_others_is_told() {
    let f = Folder::of([("a.geojson", TOWNS.replace("\"id\":2,", "").as_str())]);
    f.fault().warning("missing-id", "a.geojson").of("#2").at(3, 1).says("搁置");
    assert_eq!(f.load().0.unwrap().tables[0].ids.len(), 1);
}

#[test]
fn files_are_checked_all_the_same() {
    let faulty = TOWNS.replace("[120,30]", "[30,120]");
    let f = Folder::of([("a.geojson", faulty.as_str()), ("b.geojson", "{\"type\":"), ("c.geojson", TOWNS)]);
    let found: Vec<_> = f.faults().into_iter().map(|t| (t.file, t.code)).collect();
    assert_eq!(found, [("a.geojson".into(), "lon-lat-swapped".to_owned()), ("b.geojson".into(), "broken-json".into())]);
    let (_, report) = f.load();
    assert_eq!(report.collections.iter().map(|c| c.features).collect::<Vec<_>>(), [1, 0, 2]);
}

#[test]
fn long_numbers_are_kept_as_text() {
    let text = TOWNS.replace("\"n\":1,", "\"n\":330110199001011234,").replace("\"n\":2.5", "\"n\":5");
    let (d, _) = Folder::of([("a.geojson", text.as_str())]).load();
    assert_eq!(d.unwrap().tables[0].columns[1].value(0), Value::Text("330110199001011234"));
}

#[test]
fn the_hash_counts_names() {
    let hash = |name: &str| Folder::of([(name, TOWNS)]).load().0.unwrap().content_hash;
    assert_eq!(hash("a.geojson"), hash("a.geojson"));
    assert_ne!(hash("a.geojson"), hash("b.geojson"));
}

#[test]
fn the_names_of_a_large_file_are_found_beside_those_of_small_ones() {
    let one = |i: usize| {
        format!(
            r#"{{"type":"Feature","properties":{{"name":"第{i}号机器人"}},"geometry":{{"type":"Point","coordinates":[120,30]}}}}"#
        )
    };
    let large = format!(
        r#"{{"type":"FeatureCollection","features":[{}]}}"#,
        (0..10_050).map(one).collect::<Vec<_>>().join(",\n")
    );
    let small = format!(r#"{{"type":"FeatureCollection","features":[{}]}}"#, one(10_049));
    let f = Folder::of([("firms.geojson", large.as_str()), ("few.geojson", small.as_str())]);
    let engine = Embedded::from(Snapshot::new(f.load().0.unwrap()));
    let found = engine.search("10049号机", 5, None);
    let places: Vec<_> = found.results.iter().map(|r| (r.collection.as_str(), r.name.as_str())).collect();
    assert_eq!(places, [("few", "第10049号机器人"), ("firms", "第10049号机器人")]);
    let all = engine.search("机器人", 5, None);
    assert_eq!((all.total, all.results.len()), (10_051, 5));
    assert_eq!(engine.search("jqr", 5, None).total, 10_051, "initials are searched too");
}
