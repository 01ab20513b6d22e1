//! Tinyville loads as it is written.

use super::folder::{Folder, tinyville};
use geo::{Geometry, Winding};
use shigu::core::columns::{Column, Value};
use shigu::core::model::{Dataset, Geometries, Lang, Role};
use shigu::data::load::{Limits, Source, load};

fn city() -> Dataset {
    let (dataset, report) = load(&Source::Folder(tinyville()), &Limits::default());
    dataset.unwrap_or_else(|| panic!("{}", report.render(Lang::En)))
}

fn cell<'a>(d: &'a Dataset, collection: &str, id: &str, property: &str) -> Value<'a> {
    let (spec, table) = d.collections().find(|(c, _)| c.id == collection).unwrap();
    let row = table.ids.iter().position(|i| i == id).unwrap();
    table.columns[spec.property(property).unwrap().0].value(row)
}

#[test]
fn it_loads_with_six_mismatches_and_one_alias() {
    let (dataset, report) = load(&Source::Folder(tinyville()), &Limits::default());
    assert!(dataset.is_some() && !report.has_errors());
    let found: Vec<_> = report.findings.iter().map(|f| (f.code, f.feature.as_deref(), f.line)).collect();
    assert_eq!(
        found,
        [
            ("codes-mapped", None, None),
            ("outside-declared-district", Some("E05"), Some(6)),
            ("outside-declared-district", Some("E08"), Some(9)),
            ("outside-declared-district", Some("E09"), Some(10)),
            ("outside-declared-district", Some("E12"), Some(13)),
            ("outside-declared-district", Some("E16"), Some(17)),
            ("outside-declared-district", Some("E20"), Some(21)),
        ]
    );
    let e12 = &report.findings[4];
    assert!(e12.message.zh.contains("T03 东县") && e12.message.zh.contains("T01 西区"), "{}", e12.message.zh);
    assert!(report.findings[2].message.en.contains("in no district"));
    let counts: Vec<_> =
        report.collections.iter().map(|c| (c.id.as_str(), c.features, c.located, c.warnings)).collect();
    assert_eq!(
        counts,
        [
            ("water", 1, 1, 0),
            ("districts", 3, 3, 0),
            ("platform-zones", 2, 2, 0),
            ("layout", 6, 6, 0),
            ("platforms", 3, 2, 0),
            ("lead-enterprises", 3, 2, 0),
            ("enterprises", 44, 40, 6)
        ]
    );
}

#[test]
fn cells_hold_what_the_file_says() {
    let d = city();
    let e = |id, p| cell(&d, "enterprises", id, p);
    assert_eq!(e("E01", "revenue_2025"), Value::Decimal(11_025, 2));
    assert_eq!(e("E38", "revenue_2025"), Value::Decimal(999_999_999, 2));
    assert_eq!(e("E22", "revenue_2025"), Value::Null);
    assert_eq!(e("E23", "revenue_2025"), Value::Decimal(0, 2));
    assert_eq!(e("E02", "employees_2025"), Value::Integer(22));
    assert_eq!(e("E39", "cluster"), Value::Text("vision"), "an alias becomes the code");
    assert_eq!(e("E27", "cluster"), Value::Null);
    assert_eq!(e("E34", "name"), Value::Text("𠮷野小城 Grün ü 34 号"));
    assert_eq!(e("E35", "name"), Value::Text("=1+1"));
    assert_eq!(e("43", "district"), Value::Text("T02"), "a number as id becomes text");
    assert_eq!(e("E02", "above_scale"), Value::Boolean(true));
    let Value::Strings(s, row) = e("E26", "cluster_secondary") else { panic!() };
    assert_eq!(s.row(row).collect::<Vec<_>>(), ["vision", "computing"]);
    assert_eq!(e("E27", "cluster_secondary"), Value::Null);
    assert_eq!(cell(&d, "platform-zones", "P01", "valid_from"), Value::Text("2017-07-09"));
    assert_eq!(cell(&d, "platforms", "P03", "precision_m"), Value::Null);
    assert_eq!(cell(&d, "districts", "T01", "area_official_km2"), Value::Decimal(1205, 1));
    for (spec, table) in d.collections() {
        assert_eq!(table.columns.len(), spec.properties.len());
        assert!(table.columns.iter().all(|c| c.len() == table.ids.len()));
        assert_eq!(table.geometries.len(), table.ids.len());
    }
    let (_, register) = d.by_role(Role::Register).unwrap();
    assert!(matches!(register.columns[0], Column::Words(..) | Column::Text(..)));
}

#[test]
fn geometries_are_kept_by_kind() {
    let d = city();
    let (_, register) = d.by_role(Role::Register).unwrap();
    let Geometries::Points { lon, lat, located } = &register.geometries else { panic!() };
    assert_eq!((lon[3], lat[3], located.contains(3)), (120.1, 30.05, true));
    assert!(!located.contains(16) && lon[16].is_nan() && lat[16].is_nan());
    let (_, districts) = d.by_role(Role::Districts).unwrap();
    let Some(Geometry::MultiPolygon(t01)) = districts.geometries.value(0) else { panic!() };
    assert_eq!(t01.0.len(), 2);
    let Some(Geometry::Polygon(t03)) = districts.geometries.value(2) else { panic!() };
    assert!(t03.exterior().is_ccw() && t03.interiors()[0].is_cw());
}

#[test]
fn small_files_and_clusters_are_there() {
    let d = city();
    assert_eq!(d.clusters().unwrap().entries.len(), 8);
    assert_eq!(d.indicators.len(), 4);
    assert_eq!(d.indicators[2].note, "西区,单列");
    assert_eq!(d.plan.as_ref().unwrap()["id"], "tinyville-plan");
}

#[test]
fn the_hash_is_of_the_content() {
    let hash = |f: &Folder| f.load().0.unwrap().content_hash;
    let same = Folder::tinyville();
    let one = city().content_hash;
    assert_eq!(one, hash(&same), "neither path nor time");
    assert!(one.len() == 64 && one.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b)));
    assert_ne!(one, hash(&same.change("plan.json", "一条措施", "两条措施")));
    let moved = Folder::tinyville().change("dataset.json", "\"plan.json\"", "\"plan2.json\"");
    let plan = moved.files["plan.json"].clone();
    assert_ne!(one, hash(&moved.without("plan.json").put("plan2.json", plan)), "the name counts");
}

#[test]
fn a_register_can_be_left_out() {
    let source = |f: &str| Source::Folder(tinyville().join(f));
    let (d, r) = load(&source("").without_register(), &Limits::default());
    let d = d.unwrap_or_else(|| panic!("{}", r.render(Lang::En)));
    assert_eq!(d.by_role(Role::Register).unwrap().1.ids.len(), 0);
    assert_eq!(d.by_role(Role::Platforms).unwrap().1.ids.len(), 3);
    let twice = source("").without_register().without_register();
    assert_eq!(twice, source("").without_register());
}

#[test]
fn the_city_in_the_binary_loads_as_its_folder_does() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("geodata/hangzhou");
    let without = |s: Source| load(&s.without_register(), &Limits::default());
    let (a, ra) = without(Source::Embedded);
    let (b, _) = without(Source::Folder(folder));
    let (Some(a), Some(b)) = (a, b) else { panic!("{}", ra.render(Lang::En)) };
    assert_eq!(a.content_hash, b.content_hash);
    assert_eq!(ra.warnings(), 0, "{}", ra.render(Lang::En));
}

#[test]
fn the_report_is_json_too() {
    let (_, report) = load(&Source::Folder(tinyville()), &Limits::default());
    let json = serde_json::to_value(&report).unwrap();
    assert_eq!(json["findings"][1]["severity"], "warning");
    assert_eq!(json["findings"][1]["code"], "outside-declared-district");
    assert_eq!(json["collections"][6]["warnings"], 6);
}
