//! Tiles that other programs wrote, read by the decoder that judges ours: what it sees in them is what went in.
//! `tests/data/mvt/README.md` says how they were made; `tests/clients/run.py mvt` has others read our tiles.

use crate::common;

use common::decode;
use fast_mvt::MvtReaderRef;
use geo::{CoordsIter, Geometry, MapCoords};
use serde_json::{Value, json};
use shigu::core::geometry::mercator::{TileId, project};
use std::collections::BTreeMap;
use std::fs;

fn fixture(name: &str) -> Vec<u8> {
    fs::read(format!("tests/data/mvt/{name}")).unwrap()
}

/// The geometries of a layer in units of the tile.
fn geometries(bytes: &[u8], layer: &str) -> Vec<Geometry<i32>> {
    let tile = MvtReaderRef::new(bytes).unwrap();
    let layer = tile.layers().find(|l| l.name() == layer).unwrap();
    layer.features().map(|f| f.geometry().unwrap()).collect()
}

fn positions(geometry: &Geometry<i32>) -> Vec<(i32, i32)> {
    geometry.coords_iter().map(|c| (c.x, c.y)).collect()
}

#[test]
fn values_and_shapes_of_mapbox_vector_tile() {
    let bytes = fixture("mapbox-vector-tile.mvt");
    let tile = decode(&bytes);
    let layers: Vec<&str> = tile.keys().map(String::as_str).collect();
    assert_eq!(layers, ["values", "线", "areas", "empty"]);
    assert_eq!(tile["empty"], json!([]));
    assert_eq!(tile["values"][0]["id"], 7);
    assert_eq!(
        tile["values"][0]["properties"],
        json!({"text": "杭州", "yes": true, "no": false, "int": -5, "big": 1_u64 << 62, "double": 0.1})
    );
    let values = geometries(&bytes, "values");
    assert!(matches!(values[0], Geometry::Point(_)));
    assert!(matches!(values[1], Geometry::MultiPoint(_)));
    assert_eq!(positions(&values[1]), [(1, 2), (4095, 4095), (-8, 4200)]);
    let lines = geometries(&bytes, "线");
    assert_eq!(positions(&lines[0]), [(0, 0), (10, 0), (10, -20)]);
    assert!(matches!(&lines[1], Geometry::MultiLineString(parts) if parts.0.len() == 2));
    let [Geometry::Polygon(area)] = &geometries(&bytes, "areas")[..] else { panic!("one polygon") };
    assert_eq!(area.interiors().len(), 1);
    let outer = Geometry::from(area.clone()).map_coords(|c| geo::Coord { x: f64::from(c.x), y: f64::from(c.y) });
    assert!((geo::Area::unsigned_area(&outer) - 9_900.0).abs() < 1e-9, "the hole counts");
}

/// GDAL's tile of Tinyville: the features of the files, with their names, each point within a unit of where it lies.
#[test]
fn tinyville_by_gdal() {
    let bytes = fixture("gdal-8-213-105.mvt");
    let tile = decode(&bytes);
    let id = TileId::new(8, 213, 105).unwrap();
    for layer in ["districts", "layout", "platforms", "enterprises"] {
        let file = fs::read_to_string(format!("tests/data/tinyville/{layer}.geojson")).unwrap();
        let file: Value = serde_json::from_str(&file).unwrap();
        // an id may be a number; GDAL makes a text of it
        let known = |f: &Value| f["id"].as_str().map_or_else(|| f["id"].to_string(), str::to_owned);
        let there: BTreeMap<String, &Value> =
            file["features"].as_array().unwrap().iter().map(|f| (known(f), f)).collect();
        let features = tile[layer].as_array().unwrap();
        let drawn = there.values().filter(|f| !f["geometry"].is_null()).count();
        assert_eq!(features.len(), drawn, "{layer}");
        for (feature, geometry) in features.iter().zip(geometries(&bytes, layer)) {
            let source = there[feature["properties"]["id"].as_str().unwrap()];
            assert_eq!(feature["properties"]["name"], source["properties"]["name"]);
            if let (Geometry::Point(p), Some([x, y])) =
                (&geometry, source["geometry"]["coordinates"].as_array().map(Vec::as_slice))
            {
                let (x, y) = project(x.as_f64().unwrap(), y.as_f64().unwrap());
                let unit = |world: u32, tile: u32| (f64::from(world) - f64::from(tile) * 2f64.powi(24)) / 2f64.powi(12);
                let apart = (f64::from(p.x()) - unit(x, id.x)).abs().max((f64::from(p.y()) - unit(y, id.y)).abs());
                assert!(apart <= 1.0, "{layer} {}: {apart} units apart", feature["properties"]["id"]);
            }
        }
    }
}
