//! `shigu basemap`: an extract of OpenStreetMap and files become tiles that say what the ground says. The town is invented
//! (`tests/data/basemap/make.py`); what is expected is worked out from that script's numbers.

use crate::common::decode;
use fast_mvt::MvtReaderRef;
use geo::{Area, Contains, Coord, Geometry, Point};
use pmtiles::{AsyncPmTilesReader, TileCoord};
use serde_json::Value;
use shigu::core::basemap::{BaseFeature, BaseLayer, BaseMap};
use shigu::core::geometry::Bounds;
use shigu::core::geometry::mercator::{EXTENT, TileId, project};
use shigu::data::basemap::{extract, file};
use shigu::data::intake::System;
use shigu::http::{Basemap, BasemapSettings};
use shigu::render::tiles::basemap::write;
use std::collections::{BTreeMap, BTreeSet};
use std::io::Cursor;
use std::path::Path;

const TOWN: &str = "tests/data/basemap/town.osm.pbf";
const BOX: Bounds = Bounds { west: 10.0, south: 50.0, east: 10.2, north: 50.1 };

fn town(boundaries: bool) -> shigu::data::basemap::Extract {
    extract(Path::new(TOWN), &BOX, boundaries).unwrap()
}
fn of(map: &BaseMap, layer: BaseLayer) -> Vec<&BaseFeature> {
    map.features.iter().filter(|f| f.class.layer == layer).collect()
}
fn words(features: &[&BaseFeature]) -> Vec<(&'static str, &'static str)> {
    let mut words: Vec<_> = features.iter().map(|f| (f.class.kind, f.class.detail)).collect();
    words.sort_unstable();
    words
}

#[test]
fn an_extract_gives_what_lies_in_the_box() {
    let found = town(false);
    let map = &found.map;
    assert_eq!(
        words(&of(map, BaseLayer::Roads)),
        [
            ("highway", "motorway"),
            ("major_road", "primary"),
            ("minor_road", "residential"),
            ("rail", "rail"),
            ("rail", "rail")
        ]
    );
    assert_eq!(words(&of(map, BaseLayer::Places)), [("locality", "town"), ("neighbourhood", "suburb")]);
    assert_eq!(words(&of(map, BaseLayer::Landuse)), [("park", "")]);
    assert_eq!(words(&of(map, BaseLayer::Buildings)), [("building", "")]);
    assert_eq!(words(&of(map, BaseLayer::Water)), [("lake", ""), ("ocean", ""), ("river", "")]);
    assert!(of(map, BaseLayer::Boundaries).is_empty(), "boundaries are asked for");
    assert_eq!(words(&of(&town(true).map, BaseLayer::Boundaries)), [("county", "6")]);
    assert_eq!((found.broken, found.coast_open), (1, false), "one lake lacks a way");
    let names = &of(map, BaseLayer::Places).iter().find(|f| f.class.detail == "town").unwrap().names;
    assert_eq!(names.each_ref().map(Option::as_deref), [Some("Vessin"), Some("韦辛"), Some("Vessin")]);
    let area = |kind: &str| {
        let feature = of(map, BaseLayer::Water).into_iter().find(|f| f.class.kind == kind).unwrap();
        feature.geometry.unsigned_area()
    };
    assert!((area("lake") - (0.03 * 0.02 - 0.01 * 0.01)).abs() < 1e-9, "the island is a hole");
    assert!((area("ocean") - (0.02 * 0.1 - 0.002 * 0.002)).abs() < 1e-9);
    // a motorway that comes from far keeps its nodes outside
    let motorway = of(map, BaseLayer::Roads).into_iter().find(|f| f.class.detail == "motorway").unwrap();
    let reach = Bounds::of(&motorway.geometry);
    assert!(reach.west < 9.51 && reach.east > 10.39, "{reach:?}");
}

#[test]
fn what_is_no_extract_is_refused_in_both_languages() {
    for (file, bytes) in [("none", None), ("text", Some(&b"not a pbf"[..])), ("empty", Some(&b""[..]))] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(format!("{file}.osm.pbf"));
        if let Some(bytes) = bytes {
            std::fs::write(&path, bytes).unwrap();
        }
        match extract(&path, &BOX, false) {
            Err(e) => assert!(e.0.zh.contains("重新下载") && e.0.en.contains("Download"), "{e}"),
            Ok(found) => assert!(file == "empty" && found.map.features.len() == 1, "{file}"),
        }
    }
    // cut anywhere it is refused or smaller, and nothing panics
    let whole = std::fs::read(TOWN).unwrap();
    for length in (0..whole.len()).step_by(37) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("cut.osm.pbf");
        std::fs::write(&path, &whole[..length]).unwrap();
        let _ = extract(&path, &BOX, true);
    }
}

#[test]
fn files_of_any_format_are_layers() {
    let roads = r#"{"type":"FeatureCollection","features":[
        {"type":"Feature","properties":{"fclass":"trunk","NAME":"B 5"},"geometry":{"type":"LineString","coordinates":[[10.1,50.01],[10.2,50.02]]}},
        {"type":"Feature","properties":{"fclass":"goat_track"},"geometry":{"type":"LineString","coordinates":[[10.1,50.01],[10.2,50.03]]}},
        {"type":"Feature","properties":{"fclass":"trunk"},"geometry":{"type":"LineString","coordinates":[[11.1,50.01],[11.2,50.02]]}},
        {"type":"Feature","properties":{"fclass":"trunk"},"geometry":null}]}"#;
    let found = file(Cursor::new(roads), BaseLayer::Roads, None, &BOX).unwrap();
    let all: Vec<&BaseFeature> = found.features.iter().collect();
    assert_eq!(words(&all), [("major_road", "trunk"), ("minor_road", "")]);
    assert_eq!((found.unusable, found.features[0].names[0].as_deref()), (1, Some("B 5")));
    let places = "name,fclass,longitude,latitude\nVessin,town,10.05,50.05\nNirgends,town,,\n";
    let found = file(Cursor::new(places), BaseLayer::Places, None, &BOX).unwrap();
    assert_eq!((found.features.len(), found.unusable), (1, 1));
    assert_eq!(found.features[0].geometry, Geometry::Point(Point::new(10.05, 50.05)));
    let areas = r#"{"type":"Feature","properties":{},"geometry":{"type":"Polygon","coordinates":[[[10,50],[10.1,50],[10.1,50.1],[10,50]]]}}"#;
    let found = file(Cursor::new(areas), BaseLayer::Boundaries, None, &BOX).unwrap();
    assert!(matches!(found.features[0].geometry, Geometry::MultiLineString(_)), "a boundary is a line");
}

/// Three roads that GDAL wrote as extracts of OpenStreetMap come: lines in a shapefile, the second in two parts, the third outside. The
/// file states its system, which counts before the one that is given for files that state none.
#[test]
fn roads_of_a_shapefile_are_lines() {
    for given in [None, System::of_epsg(4549)] {
        let zip = std::fs::File::open("tests/data/basemap/roads.zip").unwrap();
        let found = file(zip, BaseLayer::Roads, given, &BOX).unwrap();
        let names: Vec<_> = found.features.iter().map(|f| f.names[0].as_deref()).collect();
        assert_eq!((names, found.unusable), (vec![Some("B 5"), Some("Ring")], 0));
        let lines: Vec<Vec<Coord<f64>>> = found
            .features
            .iter()
            .flat_map(|f| match &f.geometry {
                Geometry::MultiLineString(lines) => lines.0.clone(),
                other => panic!("{other:?}"),
            })
            .map(|line| line.0)
            .collect();
        let at = |x: f64, y: f64| Coord { x, y };
        let ring = vec![at(10.12, 50.03), at(10.13, 50.04), at(10.14, 50.04)];
        let first = vec![at(10.1, 50.01), at(10.2, 50.02)];
        assert_eq!(lines, [first, vec![at(10.1, 50.03), at(10.11, 50.03)], ring]);
    }
}

/// All tiles of a file, decoded, by zoom.
async fn tiles(path: &Path) -> BTreeMap<u8, Vec<(TileId, Vec<u8>)>> {
    let reader = AsyncPmTilesReader::new_with_path(path).await.unwrap();
    let header = reader.get_header();
    let mut out: BTreeMap<u8, Vec<(TileId, Vec<u8>)>> = BTreeMap::new();
    for z in header.min_zoom..=header.max_zoom {
        let corner = |lon, lat| project(lon, lat);
        let ((west, north), (east, south)) = (corner(BOX.west, BOX.north), corner(BOX.east, BOX.south));
        let tile = |v: u32| if z == 0 { 0 } else { v >> (32 - u32::from(z)) };
        for x in tile(west)..=tile(east) {
            for y in tile(north)..=tile(south) {
                let at = TileCoord::new(z, x, y).unwrap();
                if let Some(bytes) = reader.get_tile_decompressed(at).await.unwrap() {
                    out.entry(z).or_default().push((TileId::new(z, x, y).unwrap(), bytes.to_vec()));
                }
            }
        }
    }
    out
}

#[tokio::test]
async fn tiles_say_what_the_ground_says() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("town.pmtiles");
    let map = town(true).map;
    let written = write(&map, 0..=14, "© somebody", std::fs::File::create(&path).unwrap()).unwrap();
    assert!(written.tiles > 50, "{written:?}");
    let again = folder.path().join("again.pmtiles");
    write(&map, 0..=14, "© somebody", std::fs::File::create(&again).unwrap()).unwrap();
    assert_eq!(std::fs::read(&path).unwrap(), std::fs::read(&again).unwrap(), "the same ground, the same bytes");

    let tiles = tiles(&path).await;
    let named = |z: u8, layer: &str, name: &str| {
        let all = tiles.get(&z).into_iter().flatten().map(|(_, bytes)| decode(bytes));
        all.filter_map(|t| t.get(layer).cloned())
            .flat_map(|l| l.as_array().cloned().unwrap_or_default())
            .filter(|f| f["properties"]["name"] == *name)
            .count()
    };
    for z in 0..=14 {
        assert_eq!(named(z, "places", "Vessin"), usize::from(z >= 8), "a name stands once, z{z}");
        assert_eq!(named(z, "places", "Alte Werft"), usize::from(z >= 10), "z{z}");
        assert_eq!(named(z, "roads", "A 9") > 0, z >= 5, "z{z}");
        assert_eq!(named(z, "roads", "Hafengasse") > 0, z >= 13, "z{z}");
    }
    // at each position the water of the tiles is that of the extract
    let water = of(&map, BaseLayer::Water);
    let (mut wet, mut dry) = (0, 0);
    for i in 0..40 {
        for j in 0..20 {
            let at = Point::new(10.0025 + f64::from(i) * 0.005, 50.0026 + f64::from(j) * 0.0049);
            let expected = water.iter().any(|f| f.geometry.contains(&at));
            for z in [10, 14] {
                let found = tiles[&z].iter().any(|(tile, bytes)| in_water(*tile, bytes, at));
                assert_eq!(found, expected, "{at:?} z{z}");
            }
            if expected { wet += 1 } else { dry += 1 }
        }
    }
    assert!(wet > 50 && dry > 400, "{wet} {dry}");
    let layers: BTreeSet<String> =
        tiles[&14].iter().flat_map(|(_, b)| decode(b).keys().cloned().collect::<Vec<_>>()).collect();
    let all = ["boundaries", "buildings", "earth", "landuse", "places", "roads", "water"].map(str::to_owned);
    assert_eq!(layers, BTreeSet::from(all));

    // the service reads who made it out of the file
    let place = path.to_str().unwrap().to_owned();
    let served = Basemap::new(BasemapSettings { place, ..BasemapSettings::default() }).unwrap();
    let served = serde_json::to_value(&served).unwrap();
    assert_eq!((&served["attribution"], &served["zooms"]), (&Value::from("© somebody"), &serde_json::json!([0, 14])));
}

/// Whether a position lies in an area of water of a tile.
fn in_water(tile: TileId, bytes: &[u8], at: Point<f64>) -> bool {
    let (x, y) = tile.local(project(at.x(), at.y()));
    if !(0..EXTENT as i32).contains(&x) || !(0..EXTENT as i32).contains(&y) {
        return false;
    }
    let reader = MvtReaderRef::new(bytes).unwrap();
    let at = Coord { x: f64::from(x) + 0.25, y: f64::from(y) + 0.25 };
    reader.layers().filter(|l| l.name() == "water").any(|layer| {
        layer.features().any(|f| {
            use geo::MapCoords;
            let geometry = f.geometry().unwrap().map_coords(|c| Coord { x: f64::from(c.x), y: f64::from(c.y) });
            matches!(geometry, Geometry::Polygon(_) | Geometry::MultiPolygon(_)) && geometry.contains(&Point(at))
        })
    })
}
