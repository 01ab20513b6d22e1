//! Faults of coordinates, rings and districts.

use super::folder::{Fault, Folder};
use geo::{Area, Geometry, Winding};

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
    point("[30.02, 120.03]").error("lon-lat-swapped", E).says("30.02, 120.03");
    point("[190.0, 30.0]").error("coordinate-range", E).says("190");
    point("[120.0, -91.0]").error("coordinate-range", E);
    let metres = Folder::tinyville().change(E, "[120.03, 30.02]", "[513000.5, 3346000.25]");
    let (_, report) = metres.load();
    let f = report.findings.iter().find(|f| f.code == "coordinate-range").unwrap();
    assert!(f.remedy.en.contains("metres"), "{f:?}");
    point("[\"120.03\", \"30.02\"]").error("bad-position", E).says("\"120.03\"");
    point("[120.03]").error("bad-position", E);
    point("[120.03, null]").error("bad-position", E);
    point("[[120.03, 30.02]]").error("bad-position", E);
    point("[]").warning("empty-geometry", E);
    point("\"120.03,30.02\"").error("bad-position", E);
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
    swapped.fault().error("lon-lat-swapped", E).of("E01");
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
    polygon("[[[0,0],[4,0],[4,4],[0,4]]]").fault().error("ring-not-closed", W).says("(0, 4)");
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
    polygon("[[[0,0],[4,0],[4,4],[0,4],[0,0]],[]]").fault().error("ring-too-short", W).says("ring 2");
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
    line("[[120.02, 30.05]]").fault().error("line-too-short", "layout.geojson").of("axis");
    line("[[120.02, 30.05], [120.02, 30.05]]").fault().error("line-too-short", "layout.geojson");
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
    any("30").fault().error("line-too-short", "layout.geojson").of("node-P01");
    any("\"a\"").fault().error("bad-position", "layout.geojson");
}

#[test]
fn a_broken_district_is_one_finding() {
    // without T01 there would be a gap, and enterprises in no district
    let f =
        Folder::tinyville().change(D, "[120.1, 30.1], [120.0, 30.1], [120.0, 30.0]]", "[120.1, 30.1], [120.0, 30.1]]");
    f.fault().error("ring-not-closed", D).of("T01");
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
