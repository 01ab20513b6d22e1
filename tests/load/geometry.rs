//! Faults of coordinates, rings and districts.

use super::folder::{Fault, Folder};
use geo::{Area, Geometry, Winding};
use shigu::core::geometry::datum;
use shigu::data::load::{Severity, repaired};

const E: &str = "enterprises.geojson";
const W: &str = "water.geojson";
const D: &str = "districts.geojson";

fn water(geometry: &str) -> Folder {
    let file = format!(
        r#"{{"type":"FeatureCollection","features":[
{{"type":"Feature","id":"sea","properties":{{"name":"海","name_en":"Sea"}},"geometry":{geometry}}}]}}"#
    );
    Folder::tinyville().put(W, file)
}

fn polygon(rings: &str) -> Folder {
    water(&format!(r#"{{"type":"Polygon","coordinates":{rings}}}"#))
}

fn wet(geometry: &str) -> Fault {
    water(geometry).fault().of("sea").at(2, 1)
}

#[test]
fn positions() {
    let point = |to: &str| Folder::tinyville().change(E, "[120.03, 30.02]", to).fault().of("E01").at(2, 1);
    point("[30.02, 120.03]").warning("lon-lat-swapped", E).says("30.02, 120.03");
    point("[190.0, 30.0]").warning("coordinate-range", E).says("190");
    point("[120.0, -91.0]").warning("coordinate-range", E);
    let metres = Folder::tinyville().change(E, "[120.03, 30.02]", "[513000.5, 3346000.25]");
    let (_, report) = metres.load();
    let f = report.findings.iter().find(|f| f.code == "coordinate-range").unwrap();
    assert!(f.remedy.en.contains("metres"), "{f:?}");
    point("[\"120.03\", \"30.02\"]").warning("bad-position", E).says("\"120.03\"");
    point("[120.03]").warning("bad-position", E);
    point("[120.03, null]").warning("bad-position", E);
    point("[[120.03, 30.02]]").warning("bad-position", E);
    point("[]").warning("empty-geometry", E);
    // as tables write that there is none
    point("[null, null]").warning("empty-geometry", E);
    point("\"120.03,30.02\"").warning("bad-position", E);
    let (dataset, report) = Folder::tinyville().change(E, "[120.03, 30.02]", "[120.03, 30.02, 5.5]").load();
    assert!(dataset.is_some());
    assert!(report.findings.iter().any(|f| f.code == "third-dimension" && f.message.en.starts_with("1 ")));
}

#[test]
fn a_swap_within_the_globe_is_seen_by_the_districts() {
    // a city where longitude and latitude could both be either
    let move_city = |file: &str, f: Folder| {
        let text = String::from_utf8(f.files[file].clone()).unwrap();
        f.put(file, text.replace("120.", "20."))
    };
    let mut f = Folder::tinyville();
    for file in [W, D, "platform-zones.geojson", "layout.geojson", "platforms.geojson", "lead-enterprises.geojson", E] {
        f = move_city(file, f);
    }
    let city = f;
    assert!(city.faults().is_empty());
    let swapped = city.copy().change(E, "[20.03, 30.02]", "[30.02, 20.03]");
    swapped.fault().warning("lon-lat-swapped", E).of("E01");
    // also in a file that the manifest lists before the districts
    let sea = "[[20.0, 30.1], [20.3, 30.1], [20.3, 30.15], [20.0, 30.15], [20.0, 30.1]]";
    let swapped_sea = "[[30.1, 20.0], [30.1, 20.3], [30.15, 20.3], [30.15, 20.0], [30.1, 20.0]]";
    city.change(W, sea, swapped_sea).fault().error("lon-lat-swapped", W).of("sea");
    // far away, and not in the city either way: no business of ours
    let far = Folder::tinyville().change("lead-enterprises.geojson", "[120.06, 30.05]", "[2.3, 48.8]");
    assert!(far.faults().is_empty());
}

#[test]
fn rings() {
    polygon("[[[0,0],[4,0],[4,4],[0,4]]]").fault().warning("geometry-repaired", W).says("1 rings were not closed");
    polygon("[[[0,0],[4,0],[0,0]]]").fault().error("ring-too-short", W);
    polygon("[[[0,0],[4,0],[4,0],[4,0],[0,0]]]").fault().error("ring-too-short", W).says("3");
    polygon("[[[0,0],[4,4],[4,0],[0,4],[0,0]]]")
        .fault()
        .error("ring-self-intersection", W)
        .says("(2.000000, 2.000000)");
    polygon("[[[0,0],[0,4],[4,4],[4,0],[0,0]]]").fault().warning("ring-winding", W);
    polygon("[[[0,0],[4,0],[4,4],[0,4],[0,0]],[[9,9],[9,8],[8,8],[8,9],[9,9]]]")
        .fault()
        .error("hole-outside", W)
        .says("ring 2");
    polygon("[[[0,0],[4,0],[4,4],[0,4],[0,0]],[[1,1],[1,9],[2,9],[2,1],[1,1]]]").fault().error("rings-cross", W);
    polygon("[[[0,0],[4,0],[4,4],[2,0],[0,4],[0,0]]]").fault().warning("ring-touches-itself", W);
    polygon("[[[0,0],[4,0],[4,4],[0,4],[0,0]],[]]").fault().warning("geometry-repaired", W).says("1 rings");
    polygon("[[[0,0],[4,0],[4,4],[0,4],[0,0]],[[1,1],[2,2],[1,1]]]").fault().warning("geometry-repaired", W);
    let multi = |parts: &str| wet(&format!(r#"{{"type":"MultiPolygon","coordinates":{parts}}}"#));
    multi("[[[[0,0],[4,0],[4,4],[0,4],[0,0]]],[[[2,2],[6,2],[6,6],[2,6],[2,2]]]]")
        .error("parts-overlap", W)
        .says("part 2");
    multi("[[[[0,0],[4,0],[4,4],[0,4],[0,0]]],[[[4,0],[6,0],[6,4],[4,4],[4,0]]]]").warning("parts-share-border", W);
    multi("[[[[0,0],[4,0],[4,4],[0,4],[0,0]]],[[[6,6],[7,6],[7,\"7\"],[6,6]]]]")
        .error("bad-position", W)
        .says("part 2, ring 1, vertex 3");
    multi("[[[[0,0],[4,0],[4,4],[0,4],[0,0]]],[[[6,6],[7,6],[7],[6,6]]]]")
        .error("bad-position", W)
        .says("part 2, ring 1, vertex 3");
    multi("[[[[0,0],[4,0],[4,4],[0,4],[0,0]]],[[[6,6],[7,6],[7,97],[6,6]]]]")
        .error("coordinate-range", W)
        .says("part 2, ring 1, vertex 3");
}

#[test]
fn geometries_that_are_none() {
    assert!(water("null").faults().is_empty());
    wet("{}").error("bad-geometry", W).says("type");
    wet("7").error("bad-geometry", W);
    wet(r#"{"type":"Circle","coordinates":[]}"#).error("bad-geometry", W).says("Circle");
    wet(r#"{"type":"Polygon"}"#).error("bad-geometry", W).says("coordinates");
    wet(r#"{"type":"Polygon","coordinates":[]}"#).warning("empty-geometry", W);
    wet(r#"{"type":"Polygon","coordinates":[[]]}"#).warning("empty-geometry", W);
    wet(r#"{"type":"Polygon","coordinates":[0,0]}"#).error("bad-position", W);
    wet(r#"{"type":"Point","coordinates":[0,0]}"#).error("geometry-kind", W).says("Point");
    wet(r#"{"type":"GeometryCollection"}"#).error("bad-geometry", W);
}

#[test]
fn lines_and_collections() {
    let line = |c: &str| {
        Folder::tinyville().change("layout.geojson", "[[120.02, 30.05], [120.15, 30.05], [120.28, 30.05]]", c)
    };
    // and that the node of the axis refers to it
    let told = |f: Folder| f.faults().into_iter().find(|f| f.code != "refers-to-set-aside").unwrap();
    told(line("[[120.02, 30.05]]")).warning("line-too-short", "layout.geojson").of("axis");
    told(line("[[120.02, 30.05], [120.02, 30.05]]")).warning("line-too-short", "layout.geojson");
    let (d, _) = line("[[120.02, 30.05], [120.02, 30.05], [120.28, 30.05]]").load();
    let Some(Geometry::LineString(l)) = d.unwrap().tables[3].geometries.value(0) else { panic!() };
    assert_eq!(l.0.len(), 2, "repeated vertices are left out");

    let nested = r#"{"type":"GeometryCollection","geometries":[{"type":"Point","coordinates":[120,30]},{"type":"GeometryCollection","geometries":[{"type":"LineString","coordinates":[[120,30],[120,X]]}]}]}"#;
    let any = |y: &str| {
        Folder::tinyville().change(
            "layout.geojson",
            r#"{"type": "Point", "coordinates": [120.1, 30.06]}"#,
            &nested.replace('X', y),
        )
    };
    assert!(any("31").faults().is_empty());
    told(any("30")).warning("line-too-short", "layout.geojson").of("node-P01");
    told(any("\"a\"")).warning("bad-position", "layout.geojson");
}

#[test]
fn a_broken_district_is_one_finding() {
    // closed again it is what it was
    let f =
        Folder::tinyville().change(D, "[120.1, 30.1], [120.0, 30.1], [120.0, 30.0]]", "[120.1, 30.1], [120.0, 30.1]]");
    f.fault().warning("geometry-repaired", D).of("T01").says("km2");
    // without T01 there would be a gap, and enterprises in no district
    let f = Folder::tinyville().change(
        D,
        "[120.1, 30.0], [120.1, 30.1], [120.0, 30.1], [120.0, 30.0]]",
        "[120.1, 30.1], [120.1, 30.0], [120.0, 30.1], [120.0, 30.0]]",
    );
    f.fault().error("ring-self-intersection", D).of("T01").says("can't be used, more than 1 %");
}

/// Water of several features, of which some are broken.
fn waters(broken: usize, sound: usize, ring: &str) -> Folder {
    let feature = |n: usize, ring: &str| {
        format!(
            r#"{{"type":"Feature","id":"w{n}","properties":{{"name":"水","name_en":"W"}},"geometry":{{"type":"Polygon","coordinates":[{ring}]}}}}"#
        )
    };
    let good = "[[0,0],[1,0],[1,1],[0,1],[0,0]]";
    let all: Vec<String> = (0..broken + sound).map(|n| feature(n, if n < broken { ring } else { good })).collect();
    Folder::tinyville().put(W, format!(r#"{{"type":"FeatureCollection","features":[{}]}}"#, all.join(",")))
}

#[test]
fn a_broken_feature_is_set_aside_and_the_folder_serves() {
    for (ring, code) in [
        ("[[0,0],[4,4],[4,0],[0,4],[0,0]]", "ring-self-intersection"),
        ("[[0,0],[4,0],[4,95],[0,0]]", "coordinate-range"),
        (r#"[[0,0],[4,0],["4",4],[0,0]]"#, "bad-position"),
    ] {
        let folder = waters(1, 2, ring);
        folder.fault().warning(code, W).of("w0").says("搁置");
        let (dataset, report) = folder.load();
        let dataset = dataset.unwrap();
        assert_eq!(dataset.tables[0].ids.iter().collect::<Vec<_>>(), ["w1", "w2"], "{code}");
        assert_eq!(report.collections[0].features, 2);
        // more than one of fifty is a fault of the file; nothing is left of a file of one
        assert!(waters(2, 2, ring).faults().iter().all(|f| f.severity == Severity::Error));
        assert!(waters(1, 0, ring).load().0.is_none());
        assert!(waters(4, 200, ring).load().0.is_some());
        assert!(waters(5, 200, ring).load().0.is_none());
    }
    // however many have no area, nothing is lost with them; nothing is left of a file of one
    let sliver = "[[0,0],[4,0],[0,0]]";
    let folder = waters(9, 2, sliver);
    assert!(folder.faults().iter().all(|f| f.severity == Severity::Warning && f.code == "ring-too-short"));
    assert_eq!(folder.load().0.unwrap().tables[0].ids.iter().collect::<Vec<_>>(), ["w9", "w10"]);
    assert!(waters(1, 0, sliver).load().0.is_none());
    let folder = Folder::tinyville();
    let text = String::from_utf8(folder.files[E].clone()).unwrap();
    let odd = text.replacen("\n{\"type\": \"Feature\",", "\n7,\n{\"type\": \"Feature\",", 1);
    folder.put(E, odd).fault().warning("not-a-feature", E).of("#1");
}

#[test]
fn a_ring_that_crosses_itself_a_little_is_repaired() {
    // a loop of a thousandth of the square beyond its border
    let ring = "[[0,0],[1,0],[1,1],[0.52,1],[0.5,1.004],[0.5,0.999],[0.53,1.001],[0,1],[0,0]]";
    let folder = waters(3, 1, ring);
    let faults = folder.faults();
    assert_eq!(faults.len(), 3);
    for fault in faults {
        assert_eq!((fault.severity, fault.code.as_str()), (Severity::Warning, "geometry-repaired"));
        assert!(fault.en.contains("km2 became") && fault.zh.contains("奇偶"), "{fault:?}");
    }
    let dataset = folder.load().0.unwrap();
    for row in 0..3 {
        let Some(Geometry::MultiPolygon(m)) = dataset.tables[0].geometries.value(row) else { panic!() };
        assert!((m.unsigned_area() - 1.0).abs() < 0.01 && geo::Validation::is_valid(&m), "{m:?}");
    }
    // one that is a thirtieth of it is another area
    let ring = "[[0,0],[1,0],[1,1],[0.75,1],[0.5,1.4],[0.5,0.9],[0.8,1.05],[0,1],[0,0]]";
    let large = waters(1, 1, ring).faults();
    assert_eq!(large.len(), 1);
    assert_eq!((large[0].severity, large[0].code.as_str()), (Severity::Warning, "ring-self-intersection"));
    assert!(large[0].en.contains("so it was left") && large[0].zh.contains("搁置"), "{large:?}");
    // also of what divides the city: the rule by which it is repaired is that by which its zones hold points
    let square = "[[120.1, 30.0], [120.2, 30.0], [120.2, 30.1], [120.1, 30.1]";
    let crossed = square.replace(
        "[120.2, 30.1],",
        "[120.2, 30.1], [120.152, 30.1], [120.15, 30.1004], [120.15, 30.0999], [120.153, 30.1001],",
    );
    let city = Folder::tinyville().change(D, square, &crossed);
    city.fault().warning("geometry-repaired", D).of("T02").says("km2 became");
    let (mended, done) = repaired(&city.files[D], D).unwrap();
    assert_eq!(done.iter().map(|m| (m.feature.as_str(), m.repaired)).collect::<Vec<_>>(), [("T02", true)]);
    let (dataset, _) = Folder::tinyville().put(D, &mended).load();
    assert!(dataset.is_some());
    // the rest of the file is as it was
    let (before, after) = (String::from_utf8(city.files[D].clone()).unwrap(), String::from_utf8(mended).unwrap());
    assert_eq!(before.lines().next(), after.lines().next());
    assert_eq!(before.lines().last(), after.lines().last());
    assert!(repaired(&Folder::tinyville().files[D], D).is_none(), "what is sound is left alone");
    // open rings are closed, others dropped; what would be another area is left
    let (_, done) = repaired(&waters(1, 1, "[[0,0],[4,0],[4,4],[0,4]]").files[W], W).unwrap();
    assert!(done[0].repaired && done[0].text.en.contains("1 rings were closed"), "{done:?}");
    for ring in ["[[0,0],[4,4],[4,0],[0,4],[0,0]]", "[[0,0],[4,0],[0,0]]"] {
        let (bytes, done) = repaired(&waters(1, 1, ring).files[W], W).unwrap();
        assert!(!done[0].repaired, "{done:?}");
        assert_eq!(bytes, waters(1, 1, ring).files[W]);
    }
}

/// Each position of nested coordinates.
fn each(v: &mut serde_json::Value, to: fn(geo::Coord<f64>) -> geo::Coord<f64>) {
    if let (Some(x), Some(y)) = (v[0].as_f64(), v[1].as_f64()) {
        let c = to(geo::Coord { x, y });
        *v = serde_json::json!([c.x, c.y]);
    } else if let Some(list) = v.as_array_mut() {
        list.iter_mut().for_each(|v| each(v, to));
    }
}

#[test]
fn shifted_boundaries_are_suspected() {
    let shift = |file: &str, folder: Folder, to: fn(geo::Coord<f64>) -> geo::Coord<f64>| {
        let mut json: serde_json::Value = serde_json::from_slice(&folder.files[file]).unwrap();
        for f in json["features"].as_array_mut().unwrap() {
            each(&mut f["geometry"]["coordinates"], to);
        }
        folder.put(file, json.to_string())
    };
    let suspected = |folder: &Folder| -> Vec<String> {
        let (_, report) = folder.load();
        report.findings.iter().filter(|f| f.code == "datum-suspected").map(|f| f.file.clone()).collect()
    };
    // by the register: sixty enterprises within 300 m of a border, on their side of it
    let near = |folder: Folder| {
        let mut json: serde_json::Value = serde_json::from_slice(&folder.files[E]).unwrap();
        let like = json["features"][0].clone();
        for i in 0..60 {
            let (d, side) = (0.0003 + 0.00004 * f64::from(i), if i % 2 == 0 { 1.0 } else { -1.0 });
            let mut one = like.clone();
            one["id"] = format!("N{i}").into();
            one["properties"]["district"] = if side > 0.0 { "T02" } else { "T01" }.into();
            one["geometry"]["coordinates"] = serde_json::json!([120.1 + side * d, 30.01 + 0.001 * f64::from(i)]);
            json["features"].as_array_mut().unwrap().push(one);
        }
        folder.put(E, json.to_string())
    };
    let city = near(Folder::tinyville());
    assert_eq!(suspected(&city), [""; 0]);
    let shifted = shift(D, city.copy(), datum::gcj02);
    assert_eq!(suspected(&shifted), [D]);
    assert_eq!(suspected(&shift(E, city.copy(), datum::gcj02)), [E]);
    // said in the manifest, it is brought back, and there is nothing to suspect
    let declared = format!("\"crs\": \"GCJ-02\", \"file\": \"{D}\"");
    let said = shifted.change("dataset.json", &format!("\"file\": \"{D}\""), &declared);
    assert_eq!(suspected(&said), [""; 0]);
    // by its author: words of the manifest, members of DataV's files
    let file = |folder: Folder, words: &str| folder.change("dataset.json", &format!("\"file\": \"{W}\""), words);
    let datav = r#"{"type":"FeatureCollection","features":[{"type":"Feature","id":"1","properties":{"name":"余杭区","name_en":"","adcode":330110,"childrenNum":0,"acroutes":[1]},"geometry":{"type":"Polygon","coordinates":[[[120,30],[121,30],[121,31],[120,30]]]}}]}"#;
    assert_eq!(suspected(&Folder::tinyville().put(W, datav)), [W]);
    let settled = format!("\"crs\": \"EPSG:4326\", \"file\": \"{W}\"");
    assert_eq!(suspected(&file(Folder::tinyville().put(W, datav), &settled)), [""; 0]);
    // the same members elsewhere than in China mean nothing
    let abroad = datav.replace("[120,30],[121,30],[121,31],[120,30]", "[20,50],[21,50],[21,51],[20,50]");
    assert_eq!(suspected(&Folder::tinyville().put(W, abroad)), [""; 0]);
}

#[test]
fn winding_is_repaired() {
    let (d, _) = polygon("[[[0,0],[0,4],[4,4],[4,0],[0,0]],[[1,1],[2,1],[2,2],[1,2],[1,1]]]").load();
    let Some(Geometry::Polygon(p)) = d.unwrap().tables[0].geometries.value(0) else { panic!() };
    assert!(p.exterior().is_ccw() && p.interiors()[0].is_cw());
    assert!((p.signed_area() - 15.0).abs() < 1e-9);
}

#[test]
fn districts_that_overlap_or_leave_gaps() {
    // T02 reaches 0.001 degrees into T03: about 11.1 km x 96 m
    let over = Folder::tinyville().change(
        D,
        "[120.2, 30.0], [120.2, 30.1], [120.1, 30.1]",
        "[120.201, 30.0], [120.201, 30.1], [120.1, 30.1]",
    );
    let t = over.faults().remove(0).warning("districts-overlap", D).of("T03").says("中区 T02").says("1.0");
    assert_eq!(t.line, Some(4));
    // 1 m: left to the drawing of borders
    let thin = Folder::tinyville().change(
        D,
        "[120.2, 30.0], [120.2, 30.1], [120.1, 30.1]",
        "[120.2000001, 30.0], [120.2000001, 30.1], [120.1, 30.1]",
    );
    assert!(thin.faults().is_empty(), "{:?}", thin.faults());
    // the hole of T03 is larger than the enclave
    let ring = |w: &str| format!("[[{w}, 30.03], [120.27, 30.03], [120.27, 30.07], [{w}, 30.07], [{w}, 30.03]]");
    let gap = Folder::tinyville().change(D, &ring("120.23"), &ring("120.24"));
    gap.fault().warning("districts-gap", D).says("4.2").says("(120.23500, 30.05000)");
}
