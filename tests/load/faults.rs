//! One planted fault in the files of Tinyville, one finding.

use super::folder::Folder;
use geo::{Coord, Geometry};
use shigu::core::geometry::{Crs, datum};
use shigu::core::model::Role;
use shigu::data::load::Severity;

const E: &str = "enterprises.geojson";

fn change(from: &str, to: &str) -> Folder {
    Folder::tinyville().change(E, from, to)
}

#[test]
fn broken_json_has_line_and_column_and_hides_nothing_before_it() {
    let broken = change("\"id\": \"E05\"", "\"id\": \"E05");
    let t = broken.fault().error("broken-json", E).says("E04");
    assert_eq!(t.line, Some(6));
    let (_, report) = broken.change(E, "\"robot\"", "\"robots\"").load();
    let codes: Vec<_> = report.findings.iter().filter(|f| f.severity == Severity::Error).map(|f| f.code).collect();
    assert_eq!(codes, ["unknown-code", "broken-json"]);
    assert_eq!(report.collections[6].features, 4);
    // columns count characters: 小 is one
    let t = change("{\"name\": \"小城视觉智能 01 号\",", "{\"name\": \"小城\" oops,").fault();
    t.error("broken-json", E).at(2, 62);
}

#[test]
fn a_file_cut_short() {
    let mut f = Folder::tinyville();
    f.files.get_mut(E).unwrap().truncate(3000);
    f.fault().error("broken-json", E).says("EOF");
    f.files.get_mut(E).unwrap().clear();
    f.fault().error("empty-file", E);
}

#[test]
fn numbers_that_json_does_not_know() {
    change("\"revenue_2025\": 110.25", "\"revenue_2025\": NaN")
        .fault()
        .warning("nan-literal", E)
        .says("NaN")
        .at(2, 281);
    change("\"revenue_2025\": 110.25", "\"revenue_2025\": -Infinity")
        .fault()
        .warning("nan-literal", E)
        .says("1 places");
    // nowhere else than in a collection
    let faults = change("\"name\": \"小城视觉智能 01 号\"", "\"name\": \"NaN\"").faults();
    assert!(faults.is_empty(), "{faults:?}");
    let manifest = Folder::tinyville().change("dataset.json", "\"decimals\": 2", "\"decimals\": NaN");
    assert!(manifest.faults().iter().any(|f| f.code == "nan-literal" && f.severity == Severity::Error));
}

#[test]
fn absurd_numbers() {
    let t = change("\"revenue_2025\": 110.25", "\"revenue_2025\": 1e999").fault();
    t.error("absurd-number", E).of("E01").about("revenue_2025").at(2, 1);
    change("\"employees_2025\": 11", "\"employees_2025\": 1000000000001").fault().error("absurd-number", E).of("E01");
    change("\"employees_2025\": 11", "\"employees_2025\": 99999999999999999999").fault().error("absurd-number", E);
    change("[120.03, 30.02]", "[1e999, 30.02]").fault().warning("absurd-number", E).of("E01");
    change("\"revenue_2025\": 110.25", "\"revenue_2025\": -0.01").fault().error("out-of-range", E).says("-0.01");
}

#[test]
fn other_encodings() {
    let mut f = Folder::tinyville();
    let text = String::from_utf8(f.files[E].clone()).unwrap();
    // 小城 in GBK
    let gbk: Vec<u8> = text
        .split("小城")
        .map(|s| s.bytes().filter(u8::is_ascii).collect())
        .collect::<Vec<Vec<u8>>>()
        .join(&b"\xD0\xA1\xB3\xC7"[..]);
    f = f.put(E, gbk);
    let t = f.fault().error("not-utf8", E).says("GBK");
    assert_eq!(t.line, Some(2));
    let bom = Folder::tinyville().put(E, format!("\u{FEFF}{text}"));
    assert!(bom.faults().is_empty());
    let (_, report) = bom.load();
    assert!(report.findings.iter().any(|f| f.code == "utf8-bom" && f.severity == Severity::Info));
    let csv = String::from_utf8(f.files["indicators.csv"].clone()).unwrap();
    let (d, _) = Folder::tinyville().put("indicators.csv", format!("\u{FEFF}{csv}")).load();
    assert_eq!(d.unwrap().indicators.len(), 4);
}

#[test]
fn what_is_no_feature_collection() {
    let file = |text: &str| Folder::tinyville().put("water.geojson", text).fault();
    file(r#"{"type":"Topology","objects":{}}"#).error("not-feature-collection", "water.geojson").says("Topology");
    file(r#"{"type":"Feature","properties":{},"geometry":null}"#).error("not-feature-collection", "water.geojson");
    file(r#"{"type":"FeatureCollection"}"#).error("not-feature-collection", "water.geojson").says("features");
    file(r#"{"features":[]}"#).error("not-feature-collection", "water.geojson");
    file("[1,2]").error("not-feature-collection", "water.geojson").at(1, 1);
    file(r#"{"type":"FeatureCollection","features":{}}"#).error("not-feature-collection", "water.geojson");
    file(r#"{"type":"FeatureCollection","features":[7]}"#).error("not-a-feature", "water.geojson").of("#1").at(1, 41);
    file("version https://git-lfs.github.com/spec/v1").error("broken-json", "water.geojson").at(1, 1);
    file(r#"{"type":"FeatureCollection","features":[]} {}"#).error("broken-json", "water.geojson").at(1, 44);
}

#[test]
fn crs_members() {
    let with = |name: &str| {
        let crs =
            format!(r#"{{"type": "FeatureCollection", "crs": {{"type":"name","properties":{{"name":"{name}"}}}},"#);
        change("{\"type\": \"FeatureCollection\",", &crs)
    };
    assert!(with("urn:ogc:def:crs:OGC:1.3:CRS84").faults().is_empty());
    with("urn:ogc:def:crs:EPSG::2385").fault().error("foreign-crs", E).says("Xian 1980");
    with("urn:ogc:def:crs:EPSG::2154").fault().error("foreign-crs", E).says("2154");
    // degrees in a system of metres are nowhere
    let (dataset, report) = with("urn:ogc:def:crs:EPSG::3857").load();
    assert!(dataset.is_none() && report.findings.iter().any(|f| f.code == "coordinate-range"));
}

/// The register with its positions in another system, stated by the file (before or after the features) or the manifest.
#[test]
fn a_file_in_another_system_is_brought_to_wgs84() {
    let own = points(&Folder::tinyville());
    assert!(own.iter().flatten().count() > 30);
    let moved = |to: &dyn Fn(Coord<f64>) -> Coord<f64>, digits: usize| {
        let text = String::from_utf8(Folder::tinyville().files[E].clone()).unwrap();
        let mut json: serde_json::Value = serde_json::from_str(&text).unwrap();
        for feature in json["features"].as_array_mut().unwrap().iter_mut().filter(|f| f["geometry"].is_object()) {
            let c = &mut feature["geometry"]["coordinates"];
            if let (Some(x), Some(y)) = (c[0].as_f64(), c[1].as_f64()) {
                let at = to(Coord { x, y });
                let fine = |n: f64| format!("{n:.digits$}").parse::<f64>().unwrap();
                *c = serde_json::json!([fine(at.x), fine(at.y)]);
            }
        }
        json
    };
    let check = |folder: &Folder, what: &str| {
        let (_, report) = folder.load();
        assert!(report.findings.iter().any(|f| f.code == "crs-transformed"), "{what}: {report:#?}");
        for (a, b) in own.iter().zip(points(folder)) {
            let close = a.zip(b).is_none_or(|(a, b)| (a.x - b.x).abs() < 2e-8 && (a.y - b.y).abs() < 2e-8);
            assert!(close && a.is_some() == b.is_some(), "{what}: {a:?} {b:?}");
        }
    };
    for code in [4549, 4528, 4548, 32651, 3857] {
        let crs = Crs::of_epsg(code).unwrap();
        let json = moved(&|at| crs.east_north(at), 4);
        let bare = serde_json::to_string(&json).unwrap();
        let member = format!(r#""crs":{{"type":"name","properties":{{"name":"urn:ogc:def:crs:EPSG::{code}"}}}}"#);
        let first = format!("{{{member},{}", &bare[1..]);
        let last = format!("{},{member}}}", &bare[..bare.len() - 1]);
        for text in [first, last] {
            check(&Folder::tinyville().put(E, text), &format!("EPSG:{code}"));
        }
        let declared = format!("\"crs\": \"EPSG:{code}\", \"file\": \"{E}\"");
        let manifest =
            Folder::tinyville().put(E, bare).change("dataset.json", &format!("\"file\": \"{E}\""), &declared);
        check(&manifest, &format!("EPSG:{code} by the manifest"));
    }
    for (name, to) in [("GCJ-02", datum::gcj02 as fn(_) -> _), ("BD-09", datum::bd09)] {
        let bare = serde_json::to_string(&moved(&to, 9)).unwrap();
        let declared = format!("\"crs\": \"{name}\", \"file\": \"{E}\"");
        check(&Folder::tinyville().put(E, bare).change("dataset.json", &format!("\"file\": \"{E}\""), &declared), name);
    }
    let wrong = format!("\"crs\": \"EPSG:2385\", \"file\": \"{E}\"");
    let refused = Folder::tinyville().change("dataset.json", &format!("\"file\": \"{E}\""), &wrong);
    refused.fault().error("foreign-crs", "dataset.json").says("Xian 1980");
}

/// The positions of the register, row by row.
fn points(folder: &Folder) -> Vec<Option<Coord<f64>>> {
    let (dataset, report) = folder.load();
    let dataset = dataset.unwrap_or_else(|| panic!("{:#?}", report.findings));
    let (_, table) = dataset.by_role(Role::Register).unwrap();
    let point = |row| match table.geometries.value(row) {
        Some(Geometry::Point(p)) => Some(p.0),
        _ => None,
    };
    (0..table.ids.len()).map(point).collect()
}

#[test]
fn ids() {
    change("\"id\": \"E02\"", "\"id\": \"E01\"").fault().error("duplicate-id", E).of("E01").at(3, 1).says("#2");
    change("\"id\": \"E02\", ", "").fault().error("missing-id", E).of("#2").at(3, 1);
    change("\"id\": \"E02\"", "\"id\": null").fault().error("missing-id", E);
    change("\"id\": \"E02\"", "\"id\": 1.5").fault().error("bad-id", E).of("#2").says("1.5");
    change("\"id\": \"E02\"", "\"id\": \" \"").fault().error("bad-id", E);
    change("\"id\": \"E02\"", "\"id\": 43").fault().error("duplicate-id", E).of("43").says("#43");
}

#[test]
fn cells() {
    change("\"robot\"", "\"robots\"")
        .fault()
        .error("unknown-code", E)
        .of("E03")
        .about("cluster")
        .at(4, 1)
        .says("robots");
    change("[\"vision\", \"computing\"]", "[\"vision\", \"moon\"]")
        .fault()
        .error("unknown-code", E)
        .about("cluster_secondary")
        .says("moon");
    change("\"founded\": 2001", "\"founded\": \"2001\"")
        .fault()
        .error("wrong-type", E)
        .of("E01")
        .about("founded")
        .says("\"2001\"");
    change("\"founded\": 2001", "\"founded\": 2001.5").fault().error("wrong-type", E);
    assert!(change("\"founded\": 2001", "\"founded\": 2001.0").faults().is_empty());
    change("\"above_scale\": false", "\"above_scale\": 0").fault().error("wrong-type", E).about("above_scale");
    change("\"name\": \"小城视觉智能 01 号\"", "\"name\": 1").fault().error("wrong-type", E).about("name");
    change("\"cluster_secondary\": []", "\"cluster_secondary\": \"vision\"").fault().error("wrong-type", E);
    change("\"cluster_secondary\": []", "\"cluster_secondary\": [1]").fault().error("wrong-type", E);
    change("\"name\": \"小城视觉智能 01 号\", ", "")
        .fault()
        .error("missing-property", E)
        .of("E01")
        .about("name")
        .says("缺少");
    change("\"name\": \"小城视觉智能 01 号\"", "\"name\": null").fault().error("missing-property", E).says("为空");
    change("\"name\": \"小城视觉智能 01 号\"", "\"name\": \" \"").fault().error("missing-property", E);
    change("\"founded\": 2001", "\"founded\": 1899").fault().error("out-of-range", E).about("founded").says("1899");
    let t = Folder::tinyville().change("platforms.geojson", "2017-07-09", "2017-02-29").fault();
    t.error("wrong-type", "platforms.geojson").of("P01").about("valid_from").says("2017-02-29");
    change("\"district\": \"T01\"", "\"district\": \"T09\"")
        .fault()
        .error("dangling-reference", E)
        .of("E01")
        .about("district")
        .at(2, 1)
        .says("T09");
    let t = Folder::tinyville().change("platforms.geojson", "[\"T01\", \"T02\"]", "[\"T01\", \"T07\"]").fault();
    t.error("dangling-reference", "platforms.geojson").of("P01").about("districts").says("T07");
}

#[test]
fn the_declared_district_is_a_reference_even_when_the_manifest_does_not_say_so() {
    let f = change("\"district\": \"T01\"", "\"district\": \"T09\"");
    let unsaid = "{\"name\": \"district\", \"title\": {\"zh\": \"申报区县\", \"en\": \"Declared district\"}, \"type\": \"string\"";
    let f = f.change("dataset.json", &format!("{unsaid}, \"references\": \"districts\""), unsaid);
    f.fault().error("dangling-reference", E).of("E01").about("district");
}

#[test]
fn cells_that_lose_something() {
    change("110.25", "110.256").fault().warning("decimals-lost", E).about("revenue_2025").says("110.256");
    let t = change("\"founded\": 2001", "\"开办\": 1, \"founded\": 2001").fault();
    t.warning("unknown-property", E).about("开办").says("1 个要素").says("E01");
    change("\"founded\": 2001", "\"founded\": 2000, \"founded\": 2001")
        .fault()
        .warning("repeated-property", E)
        .of("E01");
    change("\"properties\": {\"name\": \"小城视觉", "\"properties\": [1], \"x\": {\"name\": \"小城视觉")
        .fault()
        .error("bad-properties", E)
        .of("E01");
    change("\"小城视觉智能 01 号\"", "\"\\ud800\"").fault().error("bad-properties", E).about("name");
}

#[test]
fn nesting_has_an_end() {
    let deep = |n: usize| format!("\"note\": {}1{}, \"x\": 1", "[".repeat(n), "]".repeat(n));
    // properties is the first level
    let t = change("\"note\": \"plain, T01\"", &deep(9)).fault();
    t.error("nested-too-deep", E).of("E01").at(2, 1).says("10");
    let codes: Vec<_> = change("\"note\": \"plain, T01\"", &deep(7)).faults().into_iter().map(|t| t.code).collect();
    assert_eq!(codes, ["unknown-property", "wrong-type"]);
    change("\"note\": \"plain, T01\"", &deep(100_000)).fault().error("nested-too-deep", E).of("E01");
}

#[test]
fn one_broken_file_hides_nothing_in_the_others() {
    let mut f = change("\"robot\"", "\"robots\"")
        .put("water.geojson", "{")
        .put("districts.geojson", "\u{0}")
        .put("plan.json", "[1,");
    f = f.put("clusters.json", "{}").without("layout.geojson");
    let found: Vec<_> = f.faults().into_iter().map(|t| (t.file, t.code)).collect();
    for expected in [
        ("water.geojson", "broken-json"),
        ("districts.geojson", "broken-json"),
        ("plan.json", "broken-json"),
        ("clusters.json", "bad-member"),
        ("layout.geojson", "file-missing"),
    ] {
        assert!(found.iter().any(|(f, c)| (f.as_str(), c.as_str()) == expected), "{expected:?} {found:#?}");
    }
    assert_eq!(found.len(), 5, "no finding follows from another: {found:#?}");
}

#[test]
fn a_broken_manifest_leaves_the_files_to_be_looked_at() {
    let f = change("\"id\": \"E02\"", "\"id\": \"E01\"").change("dataset.json", "\"crs\"", "\"src\"");
    let found: Vec<_> = f.faults().into_iter().map(|t| (t.file, t.code)).collect();
    assert!(found.contains(&("dataset.json".into(), "bad-member".into())), "{found:?}");
    assert!(found.contains(&(E.into(), "duplicate-id".into())), "{found:?}");
}

#[test]
fn floods_are_counted() {
    let mut f = Folder::tinyville();
    f.limits.findings_per_file = 5;
    let text = String::from_utf8(f.files[E].clone())
        .unwrap()
        .replace("\"sample\": true", "\"sample\": 1")
        .replace("\"founded\": 2001", "\"founded\": 1");
    let (_, report) = f.put(E, text).load();
    let errors: Vec<_> = report.findings.iter().filter(|f| f.severity == Severity::Error).map(|f| f.code).collect();
    assert_eq!(errors.iter().filter(|c| **c == "wrong-type").count() + 1, errors.len());
    assert!(errors.contains(&"out-of-range"));
    let (e, more) = (report.collections[6].errors, report.suppressed.iter().map(|s| s.count).sum::<usize>());
    assert_eq!(e, 44 + 3);
    assert!(more >= 40 && report.errors() == e, "{more}");
}

#[test]
fn indicators_csv() {
    let csv = |from: &str, to: &str| Folder::tinyville().change("indicators.csv", from, to).fault();
    csv(",2020,1.5,", ",2020,viel,").error("bad-csv-row", "indicators.csv").at(2, 1);
    csv(",T01,2025", ",T77,2025").warning("unknown-zone", "indicators.csv").of("#3").says("T77");
    csv("actual", "guess").error("bad-indicator", "indicators.csv").about("kind").says("guess");
    csv(",99.5,", ",NaN,").error("absurd-number", "indicators.csv").of("#4");
    csv(",全省,100 million yuan\n", ",全省,100 million yuan,zu\n").error("bad-csv-row", "indicators.csv").at(5, 1);
    let faults = Folder::tinyville().change("indicators.csv", "scope_en", "scope_de").faults();
    assert!(faults.iter().all(|t| t.code == "bad-csv-row") && !faults.is_empty());
}

#[test]
fn items_of_a_plan_that_are_followed() {
    let of = |entry: &str| {
        let plan = format!(
            r#"{{"id": "p", "title": "P", "tracked": [{{"list": "aims", "title": "aim"}}], "aims": [{entry}]}}"#
        );
        Folder::tinyville().put("plan.json", plan)
    };
    let fine = r#"{"code": "a", "zh": "", "indicator": "ai_revenue", "zone": "T01", "metric": {"table": "enterprises", "metric": "revenue"},
        "acts_on": [{"zone": "T01"}, {"class": "vision"}, {"collection": "enterprises", "feature": "E01"}, {"collection": "districts"}, {"item": "aims.a"}]}"#;
    assert!(of(fine).faults().is_empty());
    for (from, to, member) in [
        ("ai_revenue", "no_revenue", "indicator"),
        (r#""zone": "T01", "#, r#""zone": "T77", "#, "zone"),
        ("E01", "E77", "acts_on"),
        ("vision", "fusion", "acts_on"),
        ("aims.a", "aims.b", "acts_on"),
    ] {
        of(&fine.replacen(from, to, 1))
            .fault()
            .warning("plan-item-names-nothing", "plan.json")
            .of("aims.a")
            .about(member);
    }
    of(&fine.replace("\"revenue\"", "\"profit\"")).fault().error("unknown-metric", "plan.json");
    let late = of(&fine.replace("\"zh\"", "\"deadline\": \"soon\", \"zh\"")).fault();
    late.error("bad-plan-item", "plan.json").about("aims[0]").says("no deadline");
}
