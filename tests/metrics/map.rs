//! The style: layers have ids of their own, and say which switch they obey.

use crate::common::service::Service;
use serde_json::Value;
use shigu::core::query::Disclosure;
use std::collections::{BTreeSet, HashSet};

async fn layers(folder: &str) -> Vec<Value> {
    let s = Service::open(folder, Disclosure::Aggregates);
    s.json("/style.json").await["layers"].as_array().unwrap().clone()
}

fn of<'a>(layers: &'a [Value], collection: &str) -> Vec<&'a Value> {
    let found: Vec<&Value> = layers.iter().filter(|l| l["source-layer"] == collection).collect();
    assert!(!found.is_empty(), "nothing draws {collection}");
    found
}

#[tokio::test]
async fn layers_of_several_collections_of_a_role_have_ids_of_their_own() {
    let layers = layers("tests/data/fourfold").await;
    let ids: HashSet<&str> = layers.iter().map(|l| l["id"].as_str().unwrap()).collect();
    assert_eq!(ids.len(), layers.len(), "MapLibre refuses a style in which two layers share an id");
    for zones in ["campuses", "valleys-north", "valleys-south"] {
        assert_eq!(of(&layers, zones).len(), 2, "{zones}");
    }
    for base in ["lakes", "woods"] {
        of(&layers, base);
        of(&layers, &format!("{base}-label"));
    }
}

#[tokio::test]
async fn layers_name_the_group_that_the_manifest_gives_them() {
    let layers = layers("tests/data/fourfold").await;
    let expected = [
        ("lakes", "wild"),
        ("woods", "wild"),
        ("campuses", "grounds"),
        ("valleys-north", "grounds"),
        ("valleys-south", "grounds"),
        ("halts", "halts"),
        ("markets", "halts"),
        ("colleges", "halts"),
    ];
    for (collection, group) in expected {
        for layer in of(&layers, collection) {
            assert_eq!(layer["metadata"]["shigu:group"], group, "{layer}");
        }
    }
    // the parts of a layout are picked by the values that the manifest names
    let mut parts = BTreeSet::new();
    for layer in of(&layers, "frame") {
        let value = layer["filter"][2].as_str().unwrap();
        let group = if value == "gate" { "halts" } else { "spine" };
        assert_eq!(layer["metadata"]["shigu:group"], group, "{layer}");
        parts.insert(value);
    }
    assert_eq!(parts, BTreeSet::from(["canal", "gate", "ridge"]));
    // borders have a switch, the land under everything and the register have none
    let wards: Vec<&Value> = of(&layers, "wards").iter().map(|l| &l["metadata"]["shigu:group"]).collect();
    assert_eq!(wards, [&Value::Null, &Value::from("borders")]);
    assert!(of(&layers, "workshops").iter().all(|l| l["metadata"].is_null()));
}

#[tokio::test]
async fn every_group_of_a_style_is_one_of_the_dataset() {
    for folder in ["tests/data/fourfold", "tests/data/solo", "tests/data/tinyville", "geodata/hangzhou"] {
        let s = Service::open(folder, Disclosure::Aggregates);
        let dataset = s.json("/dataset").await;
        let known: BTreeSet<&str> =
            dataset["layer_groups"].as_array().unwrap().iter().map(|g| g["id"].as_str().unwrap()).collect();
        let style = s.json("/style.json").await;
        let layers = style["layers"].as_array().unwrap();
        let used: BTreeSet<&str> = layers.iter().filter_map(|l| l["metadata"]["shigu:group"].as_str()).collect();
        assert_eq!(used, known, "{folder}: every switch moves something, and nothing obeys an unknown one");
    }
}

#[tokio::test]
async fn without_declarations_each_collection_is_a_group() {
    let s = Service::open("tests/data/solo", Disclosure::Full);
    let dataset = s.json("/dataset").await;
    let groups: Vec<(&str, &str)> = dataset["layer_groups"]
        .as_array()
        .unwrap()
        .iter()
        .map(|g| (g["id"].as_str().unwrap(), g["title"]["en"].as_str().unwrap()))
        .collect();
    assert_eq!(groups, [("parishes", "Parishes")]);
    assert_eq!(dataset["zone_kinds"][0]["title"]["en"], "Parishes", "the title of the collection");
}

#[tokio::test]
async fn legend_and_qgis_use_the_manifests_words() {
    let s = Service::open("tests/data/fourfold", Disclosure::Full);
    let map = s.get("/map?f=svg&lang=en&width=1400&height=1000&legend=true").await;
    assert_eq!(map.status, 200);
    let svg = String::from_utf8(map.body.to_vec()).unwrap();
    for word in ["Ridge", "Canal", "Gate, ", "Campus", "Valley", "Ward border", "Lakes", "Woods", "Halts", "Markets"] {
        assert!(svg.contains(word), "{word} is not in the legend");
    }
    let project = s.get("/qgis/shigu.qgs?lang=en").await;
    let project = String::from_utf8(project.body.to_vec()).unwrap();
    for collection in ["campuses", "valleys-north", "valleys-south", "lakes", "woods", "frame", "halts", "workshops"] {
        assert!(project.contains(&format!("<style layer=\"{collection}\"")), "{collection}");
    }
    for value in ["ridge", "canal", "gate"] {
        assert!(
            project.contains(&format!("&quot;kind&quot; = '{value}'"))
                || project.contains(&format!("&quot;kind&quot; = &apos;{value}&apos;")),
            "{value}"
        );
    }
}
