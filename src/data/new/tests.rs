//! A folder from two files: what is recognised, and that nothing is taken for what it is not.

use super::{Boundaries, Draft, Entries, Key, Wishes};
use serde_json::Value as Json;
use std::io::Cursor;

const BOUNDARIES: &str = r#"{"type":"FeatureCollection","features":[
{"type":"Feature","properties":{"OBJECTID":1,"KOMKOD":"1001","NAMN":"Väster Näs"},"geometry":{"type":"Polygon","coordinates":[[[14,56],[14.5,56],[14.5,56.5],[14,56.5],[14,56]]]}},
{"type":"Feature","properties":{"OBJECTID":2,"KOMKOD":"1002","NAMN":"Öster Näs"},"geometry":{"type":"MultiPolygon","coordinates":[[[[14.5,56],[15,56],[15,56.5],[14.5,56.5],[14.5,56]]]]}}]}"#;
const TABLE: &str = "Företag,Kommun,Industry,Revenue 2023 (EUR thousand),Revenue 2024 (EUR thousand),Employees 2024,Founded,lon,lat\n\
Alfa AB,Väster Näs,Timber,10.5,12,4,1999,14.1,56.1\n\
Beta AB,Öster Näs,Timber,20,22.25,6,2004,14.6,56.1\n\
Gamma AB,öster näs,Glass,,9,2,2011,14.7,56.2\n\
Delta AB,1001,Glass,5,6,1,2015,,\n";

fn draft(table: Option<&str>, wishes: &Wishes) -> Draft {
    let boundaries = Boundaries::read("kommuner.geojson", BOUNDARIES.into(), None).unwrap();
    let entries = table.map(|t| Entries::read("foretag.csv", Cursor::new(t.as_bytes()), None, None).unwrap());
    Draft::new(&boundaries, &entries.iter().collect::<Vec<_>>(), wishes).unwrap()
}

fn json(draft: &Draft, file: &str) -> Json {
    let (_, bytes) = draft.files.iter().find(|(name, _)| name == file).unwrap();
    serde_json::from_slice(bytes).unwrap()
}

fn value(draft: &Draft, key: Key) -> &str {
    &draft.decisions.iter().find(|d| d.key == key).unwrap().value
}

#[test]
fn columns_are_recognised_in_a_language_that_nobody_taught() {
    let draft = draft(Some(TABLE), &Wishes { last_year: 2025, ..Wishes::default() });
    assert_eq!(value(&draft, Key::ZoneId), "KOMKOD");
    assert_eq!(value(&draft, Key::ZoneName), "NAMN");
    assert_eq!(value(&draft, Key::Name), "Företag");
    assert_eq!(value(&draft, Key::Zone), "Kommun");
    assert_eq!(value(&draft, Key::Class), "Industry");
    let manifest = json(&draft, "dataset.json");
    let register = &manifest["collections"][1];
    let metrics = register["register"]["metrics"].as_array().unwrap();
    let of = |m: &Json| {
        (m["id"].as_str().unwrap().to_owned(), m["unit"]["en"].as_str().unwrap().to_owned(), m["columns"].to_string())
    };
    assert_eq!(
        of(&metrics[0]),
        ("revenue".into(), "EUR thousand".into(), r#"{"2023":"revenue_2023","2024":"revenue_2024"}"#.into())
    );
    assert_eq!(of(&metrics[1]), ("employees".into(), "employees".into(), r#"{"2024":"employees_2024"}"#.into()));
    assert_eq!((&metrics[0]["decimals"], &metrics[1]["kind"]), (&Json::from(2), &Json::from("stock")));
    let founded = register["properties"].as_array().unwrap().iter().find(|p| p["name"] == "founded").unwrap();
    assert_eq!(founded["type"], "integer");
    let classes = json(&draft, "classes.json");
    assert_eq!(classes["entries"].as_array().unwrap().len(), 2);
    let districts = json(&draft, "districts.geojson");
    assert_eq!(districts["features"][1]["id"], "1002");
    assert_eq!(districts["features"][1]["properties"]["name"], "Öster Näs");
}

#[test]
fn what_is_wished_is_taken_and_what_cannot_be_is_refused() {
    let mut wishes = Wishes { last_year: 2025, ..Wishes::default() };
    wishes.values.insert((None, Key::Title), "奈斯 / Nas".to_owned());
    wishes.values.insert((None, Key::ZoneId), String::new());
    let made = draft(None, &wishes);
    let manifest = json(&made, "dataset.json");
    assert_eq!(manifest["title"]["zh"], "奈斯");
    assert_eq!(manifest["collections"].as_array().unwrap().len(), 1);
    assert_eq!(json(&made, "districts.geojson")["features"][0]["id"], "A1");
    let boundaries = Boundaries::read("kommuner.geojson", BOUNDARIES.into(), None).unwrap();
    wishes.values.insert((None, Key::ZoneName), "OBJECTID".to_owned());
    assert_eq!(Draft::new(&boundaries, &[], &wishes).unwrap_err().code, "column-not-usable");
}

#[test]
fn boundaries_need_areas_and_a_system() {
    let points = r#"{"type":"Feature","properties":{},"geometry":{"type":"Point","coordinates":[1,2]}}"#;
    assert_eq!(Boundaries::read("a.geojson", points.into(), None).unwrap_err().code, "no-areas");
    let topology = r#"{"type":"Topology","arcs":[],"objects":{}}"#;
    let refused = Boundaries::read("a.json", topology.into(), None).unwrap_err();
    assert!(refused.message.en.contains("TopoJSON"), "{refused}");
    let metres = BOUNDARIES.replace("[14", "[500014").replace("[15", "[500015");
    let boundaries = Boundaries::read("a.geojson", metres.into(), None).unwrap();
    assert_eq!(Draft::new(&boundaries, &[], &Wishes::default()).unwrap_err().code, "crs-needed");
}
