//! Files read in pieces and from one end to the other: equal tables, equal findings, wherever they are cut.

use super::collection;
use super::folder::Found;
use super::report::{Finding, Report};
use super::rows::{Loaded, Numbering, Task};
use super::text::decode;
use super::{Limits, infer, pieces};
use crate::core::geometry::Bounds;
use crate::core::model::{Codelist, CollectionSpec, Manifest};
use proptest::prelude::*;
use std::borrow::Cow;
use std::collections::BTreeMap;

const SIZES: [u64; 7] = [97, 256, 1000, 4099, 20_000, 300_000, 1 << 20];

const MANIFEST: &str = r#"{"id":"t","title":{"zh":"","en":""},"crs":"http://www.opengis.net/def/crs/OGC/1.3/CRS84","collections":[
{"id":"a","file":"a.geojson","title":{"zh":"","en":""},"name":"name","properties":[
{"name":"name","title":{"zh":"","en":""},"type":"string","required":true},
{"name":"杭","title":{"zh":"","en":""},"type":"integer","minimum":-5},
{"name":"money","title":{"zh":"","en":""},"type":"number","decimals":2},
{"name":"cluster","title":{"zh":"","en":""},"type":"string","codelist":"c"},
{"name":"list","title":{"zh":"","en":""},"type":"strings"},
{"name":"yes","title":{"zh":"","en":""},"type":"boolean"},
{"name":"x","title":{"zh":"","en":""},"type":"number"}]}]}"#;

fn lists() -> BTreeMap<String, Codelist> {
    let list = r##"{"id":"c","title":{"zh":"","en":""},"source":{"zh":"","en":""},"entries":[
        {"code":"robot","name":{"zh":"机器人","en":"Robots"},"mark":"机","color":"#000000","color_dark":"#000000","aliases":[]}]}"##;
    let mut report = Report::new(9);
    let list = super::codelists::codelist(list, "c.json", true, &mut report).expect("a codelist");
    BTreeMap::from([("c".to_owned(), list)])
}

fn findings_of(report: Report) -> Vec<Finding> {
    report.findings
}

fn same(a: &Loaded, b: &Loaded) -> Result<(), TestCaseError> {
    prop_assert_eq!(&a.places, &b.places);
    prop_assert_eq!(a.complete, b.complete);
    // positions that are no numbers are equal here
    prop_assert_eq!(format!("{:?}", a.table), format!("{:?}", b.table));
    Ok(())
}

/// Reads a text both ways; whether it could be read in pieces.
fn agree(text: &str, task: &Task, sizes: &[u64]) -> Result<bool, TestCaseError> {
    let file = Found::Bytes(Cow::Owned(text.as_bytes().to_vec()));
    let mut report = Report::new(100);
    let decoded = decode(text.as_bytes(), &task.spec.file, &mut report);
    let whole = decoded.map(|text| collection::read(text, task, &mut report));
    let findings = findings_of(report);
    let mut quick = Vec::new();
    for &size in sizes {
        let mut report = Report::new(100);
        let Some(read) = pieces::read(&file, task, false, size) else {
            quick.push(false);
            continue;
        };
        quick.push(true);
        let loaded = read.finish(&mut report);
        prop_assert_eq!(&findings_of(report), &findings, "pieces of {}", size);
        let Some(whole) = &whole else { return Err(TestCaseError::fail("read in pieces only")) };
        same(&loaded, whole)?;
    }
    prop_assert!(quick.iter().all(|q| *q == quick[0]), "{:?}", quick);
    Ok(quick[0])
}

fn declared(text: &str, sizes: &[u64]) -> Result<bool, TestCaseError> {
    let manifest: Manifest = serde_json::from_str(MANIFEST).expect("a manifest");
    let (lists, limits) = (lists(), Limits::default());
    let spec = &manifest.collections[0];
    agree(
        text,
        &Task {
            spec,
            codelists: &lists,
            limits: &limits,
            city: Bounds::EMPTY,
            inferred: None,
            origin: None,
            sets_aside: true,
        },
        sizes,
    )
}

fn plain(text: &str, sizes: &[u64]) -> Result<bool, TestCaseError> {
    let (lists, limits) = (BTreeMap::new(), Limits::default());
    let bare = text.strip_prefix('\u{feff}').unwrap_or(text);
    let (spec, how): (CollectionSpec, Numbering) =
        infer::collection("a", "a.geojson", bare, &limits, &mut Report::new(9));
    let task = Task {
        spec: &spec,
        codelists: &lists,
        limits: &limits,
        city: Bounds::EMPTY,
        inferred: Some(how),
        origin: None,
        sets_aside: true,
    };
    // what is seen in pieces is what is seen from one end to the other
    let file = Found::Bytes(Cow::Owned(text.as_bytes().to_vec()));
    for &size in sizes {
        let Some(read) = pieces::read(&file, &task, true, size) else { continue };
        let (seen, numbering) = read.guess.expect("a guess").conclude("a", "a.geojson", &mut Report::new(9));
        let types = |c: &CollectionSpec| c.properties.iter().map(|p| (p.name.clone(), p.ty)).collect::<Vec<_>>();
        prop_assert_eq!(types(&seen), types(&spec));
        prop_assert!(numbering == how);
    }
    agree(text, &task, sizes)
}

/// Features that break readers which split at line breaks or at `{"type":"Feature"`.
fn feature(i: usize, kind: usize, id: &str) -> String {
    let id = id.replace('#', &i.to_string());
    let lon = i % 180;
    let lat = i % 90;
    match kind {
        0 => format!(
            r#"{{"type":"Feature",{id}"geometry":{{"type":"Point","coordinates":[{lon}.5,-{lat}.25]}},"properties":{{"name":"企业{i}","杭":{i},"money":{i}.05,"cluster":"机器人","list":[],"yes":true,"x":1.5}}}}"#
        ),
        1 => format!(
            r#"{{"type":"Feature",{id}"geometry":{{"type":"Point","coordinates":[{lon},{lat}e-1,7]}},"properties":{{"name":"a\",{{\"type\":\"Feature\"}},\\","杭":null,"cluster":"robot","list":["a","b{}"]}}}}"#,
            i % 5
        ),
        2 => format!(
            r#"{{"type":"Feature",{id}"geometry":null,"properties":{{"name":"\u676d\n","\u676d":{i}.0,"money":-0.5}}}}"#
        ),
        3 => format!(
            r#"{{"type":"Feature",{id}"properties":{{"name":"n"}},"geometry":{{"type":"GeometryCollection","geometries":[{{"type":"Point","coordinates":[1,2]}},{{"type":"Point","coordinates":[3,4]}}]}}}}"#
        ),
        4 => {
            let position = |k| format!("[{}.5,{}]", 10 + k % 7, f64::from(k) / 100.0);
            let ring: Vec<String> = (0..1500).map(position).collect();
            let ring = ring.join(",");
            format!(
                r#"{{"type":"Feature",{id}"properties":{{"name":"长"}},"geometry":{{"type":"LineString","coordinates":[{ring}]}}}}"#
            )
        }
        5 => format!(
            r#"{{"type":"Feature",{id}"properties":{{"name":"nested","more":[{{"type":"Feature","k":1}},{{"type":"Feature","k":[2,{{"type":3}}]}}, {{"type":"Feature","id":1,"geometry":null,"properties":{{}}}}]}},"geometry":{{"coordinates":[{lon},{lat}],"type":"Point"}}}}"#
        ),
        6 => format!(
            r#"{{ "type" : "Feature" ,{id} "geometry" :null, "properties":{{"name":"甲","money":1.005,"extra":{{"a":[1]}}}} }}"#
        ),
        // faults
        7 => format!(
            r#"{{"type":"Feature",{id}"geometry":{{"type":"Point","coordinates":[500,1]}},"properties":{{"name":"b"}}}}"#
        ),
        8 => format!(r#"{{"type":"Feature",{id}"geometry":null,"properties":{{"name":"","杭":"x","x":1e999}}}}"#),
        9 => r#"{"type":"Feature","geometry":null,"properties":{"name":"no id"}}"#.to_owned(),
        10 => format!(r#"{{"type":"Feature",{id}"geometry":null,"properties":{{"name":"twice","name":"again"}}}}"#),
        11 => "7".to_owned(),
        _ => format!(r#"{{"type":"Feature",{id}"geometry":null,"properties":{{"name":"cut"#),
    }
}

/// A file of such features, as several programs write it.
fn file(features: &[String], layout: usize) -> String {
    let dense = format!(r#"{{"type":"FeatureCollection","features":[{}]}}"#, features.join(","));
    match layout {
        0 => dense,
        1 => format!("{{\"type\":\"FeatureCollection\",\"features\":[\n{}\n]}}\n", features.join(",\n")),
        2 => format!(
            "\u{feff}{{\"crs\":{{\"features\":[1],\"properties\":{{\"name\":\"EPSG:4326\"}}}},\"features\" : [ {} ] , \"name\":\"x\",\"type\":\"FeatureCollection\"}}",
            features.join(" \r\n\t, ")
        ),
        3 => match serde_json::from_str::<serde_json::Value>(&dense) {
            Ok(json) => serde_json::to_string_pretty(&json).expect("JSON").replace('\n', "\r\n"),
            Err(_) => dense,
        },
        4 => dense.replace("]}", "],\"features\":[]}"),
        5 => format!("{{\"type\":\"FeatureCollection\",\"features\":[{},]}}", features.join(",")),
        _ => dense.replace("FeatureCollection", "Topology"),
    }
}

const IDS: [&str; 4] = ["\"id\":#,", "\"id\":\"S#\",", "\"id\" : \"\\u0053#\" , ", ""];

#[test]
fn every_cut_gives_the_same_rows() {
    for layout in 0..4 {
        for (k, id) in IDS.iter().enumerate() {
            let kinds = |i: usize| [0, 0, 1, 0, 2, 3, 0, 5, 6, 4][if i % 10 == 9 && i > 40 { 0 } else { i % 10 }];
            let features: Vec<String> = (0..120).map(|i| feature(i, kinds(i), id)).collect();
            let text = file(&features, layout);
            assert!(plain(&text, &SIZES).unwrap(), "layout {layout}, ids {id:?}: not read in pieces");
            assert_eq!(declared(&text, &SIZES).unwrap(), k < 3, "layout {layout}, ids {id:?}");
        }
    }
    assert!(declared(&file(&[], 0), &SIZES).unwrap());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn any_file_is_read_the_same_way(
        kinds in proptest::collection::vec(prop_oneof![50 => 0usize..7, 1 => 7usize..13], 0..30),
        layout in 0usize..7,
        id in 0usize..4,
        step in prop_oneof![9 => Just(1usize), 1 => Just(0usize)],
        size in 40u64..3000,
    ) {
        // with step 0 all have one id
        let features: Vec<String> = kinds.iter().enumerate().map(|(i, &k)| feature(i * step + 1, k, IDS[id])).collect();
        let text = file(&features, layout);
        let sizes = [size, 97, 1 << 20];
        declared(&text, &sizes)?;
        plain(&text, &sizes)?;
    }

    #[test]
    fn broken_files_are_left_to_the_other_reader(at in any::<proptest::sample::Index>(), byte in any::<u8>(), cut in any::<bool>(), layout in 0usize..4) {
        let features: Vec<String> = (0..40).map(|i| feature(i, [0, 1, 2, 5, 6][i % 5], IDS[i % 2])).collect();
        let mut bytes = file(&features, layout).into_bytes();
        let at = at.index(bytes.len());
        if cut {
            bytes.truncate(at);
        } else {
            bytes[at] = byte;
        }
        if let Ok(text) = String::from_utf8(bytes) {
            let sizes = [97, 1000, 1 << 20];
            declared(&text, &sizes)?;
            plain(&text, &sizes)?;
        }
    }
}
