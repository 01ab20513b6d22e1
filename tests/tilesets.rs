//! OGC API - Tiles Part 1 as a client walks it: from the landing page to a tile.

use crate::common;

use common::decode;
use common::service::Service;
use serde_json::{Value, json};
use shigu::core::query::Disclosure;
use std::collections::{BTreeMap, BTreeSet};

const REL: &str = "http://www.opengis.net/def/rel/ogc/1.0/";
const QUAD: &str = "http://www.opengis.net/def/tilematrixset/OGC/1.0/WebMercatorQuad";
const MVT: &str = "application/vnd.mapbox-vector-tile";

/// The address of a link below the service.
fn link<'a>(document: &'a Value, rel: &str) -> &'a str {
    let links = document["links"].as_array().unwrap();
    let href = links.iter().find(|l| l["rel"] == rel).unwrap_or_else(|| panic!("no {rel}"))["href"].as_str().unwrap();
    href.strip_prefix("http://shigu.test").unwrap()
}

#[tokio::test]
async fn the_tile_matrix_set_is_linked_and_whole() {
    let s = Service::hangzhou(Disclosure::Full);
    let list = s.json(link(&s.json("/").await, &format!("{REL}tiling-schemes"))).await;
    assert_eq!(list["tileMatrixSets"][0]["id"], "WebMercatorQuad");
    assert_eq!(list["tileMatrixSets"][0]["uri"], QUAD);
    let set = s.json(link(&list["tileMatrixSets"][0], "self")).await;
    assert_eq!(
        (&set["id"], &set["uri"], &set["crs"]),
        (&json!("WebMercatorQuad"), &json!(QUAD), &json!("http://www.opengis.net/def/crs/EPSG/0/3857"))
    );
    let zero = &set["tileMatrices"][0];
    assert_eq!(
        (zero["id"].as_str(), zero["scaleDenominator"].as_f64(), zero["cellSize"].as_f64()),
        (Some("0"), Some(559_082_264.028_717), Some(156_543.033_928_041))
    );
    assert_eq!(zero["pointOfOrigin"], json!([-20_037_508.342_789_2, 20_037_508.342_789_2]));
    for missing in [
        "/tileMatrixSets/WorldCRS84Quad",
        "/tiles/WorldCRS84Quad",
        "/collections/districts/tiles/x",
        "/collections/x/tiles",
    ] {
        assert_eq!(s.get(missing).await.status, 404, "{missing}");
    }
    assert_eq!(s.get("/tiles?nosuch=1").await.status, 400);
    assert_eq!(s.get_with("/tiles", &[("accept", "image/png")]).await.status, 406);
}

/// From the dataset and from every collection: list, tileset, template, tiles within the limits and none outside.
#[tokio::test]
async fn tilesets_lead_to_their_tiles() {
    let s = Service::hangzhou(Disclosure::Full);
    let mut owners = vec![s.json("/").await];
    owners.extend(s.json("/collections").await["collections"].as_array().unwrap().iter().cloned());
    for owner in &owners {
        let list = s.json(link(owner, &format!("{REL}tilesets-vector"))).await;
        let [item] = &list["tilesets"].as_array().unwrap()[..] else { panic!("{list}") };
        assert_eq!((&item["dataType"], &item["tileMatrixSetURI"]), (&json!("vector"), &json!(QUAD)));
        let set = s.json(link(item, &format!("{REL}tiling-scheme"))).await;
        assert_eq!(set["uri"], QUAD);
        let tileset = s.json(link(item, &format!("{REL}tileset"))).await;
        for (member, value) in [("dataType", "vector"), ("tileMatrixSetURI", QUAD)] {
            assert_eq!(tileset[member], value);
        }
        let id = owner["id"].as_str();
        let layers: Vec<&str> =
            tileset["layers"].as_array().unwrap().iter().map(|l| l["id"].as_str().unwrap()).collect();
        assert!(id.map_or(layers.len() > 6, |id| layers.contains(&id)), "{layers:?}");
        let bbox = &tileset["boundingBox"];
        assert!(bbox["lowerLeft"][0].as_f64().unwrap() > 117.0 && bbox["upperRight"][1].as_f64().unwrap() < 33.0);
        let template = tileset["links"].as_array().unwrap().iter().find(|l| l["rel"] == "item").unwrap();
        assert_eq!((&template["templated"], template["type"].as_str()), (&json!(true), Some(MVT)));
        let template = template["href"].as_str().unwrap().strip_prefix("http://shigu.test").unwrap().to_owned();
        let at = |z: &str, row: u64, column: u64| {
            template
                .replace("{tileMatrix}", z)
                .replace("{tileRow}", &row.to_string())
                .replace("{tileCol}", &column.to_string())
        };
        let mut features = 0;
        for limits in tileset["tileMatrixSetLimits"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|l| l["tileMatrix"] == "8" || l["tileMatrix"] == "10")
        {
            let z = limits["tileMatrix"].as_str().unwrap();
            let n = |name: &str| limits[name].as_u64().unwrap();
            let (rows, columns) = (n("minTileRow")..=n("maxTileRow"), n("minTileCol")..=n("maxTileCol"));
            for row in rows.clone() {
                for column in columns.clone() {
                    let tile = s.get(&at(z, row, column)).await;
                    assert!([200, 204].contains(&tile.status.as_u16()), "{}", at(z, row, column));
                    assert_eq!(tile.status == 204, tile.body.is_empty());
                    assert!(tile.status == 204 || tile.header("content-type") == MVT);
                    // the same tile by x and y
                    let ids = id.map_or_else(
                        || {
                            layers
                                .iter()
                                .filter(|l| owners.iter().any(|o| o["id"] == **l))
                                .copied()
                                .collect::<Vec<_>>()
                                .join(",")
                        },
                        str::to_owned,
                    );
                    let plain = s.get(&format!("/xyz/{ids}/{z}/{column}/{row}.mvt")).await;
                    assert_eq!(plain.body, tile.body, "{}", at(z, row, column));
                    for (layer, of) in decode(&tile.body) {
                        assert!(layers.contains(&layer.as_str()), "{layer} is in no layer of the tileset");
                        features += of.as_array().map_or(1, Vec::len);
                    }
                }
            }
            for (row, column) in [
                (*rows.end() + 1, *columns.start()),
                (*rows.start(), *columns.start() - 1),
                (*rows.start() - 1, *columns.end()),
            ] {
                assert_eq!(s.get(&at(z, row, column)).await.status, 404, "{}", at(z, row, column));
            }
        }
        assert!(features > 0, "{id:?}");
    }
    for bad in [
        "/tiles/WebMercatorQuad/21/0/0",
        "/tiles/WebMercatorQuad/8/x/0",
        "/tiles/WebMercatorQuad/8/-1/0",
        "/tiles/WebMercatorQuad/8/256/0",
    ] {
        assert_eq!(s.get(bad).await.status, 404, "{bad}");
    }
}

#[tokio::test]
async fn collections_and_conditions_are_chosen() {
    let s = Service::hangzhou(Disclosure::Full);
    let names = |body: &[u8]| decode(body).keys().cloned().collect::<Vec<_>>();
    let two = s.get("/tiles/WebMercatorQuad/8/105/213?collections=districts,water").await;
    let found = names(&two.body);
    assert!(found.contains(&"districts".to_owned()) && !found.contains(&"enterprises".to_owned()), "{found:?}");
    assert_eq!(s.get("/tiles/WebMercatorQuad/8/105/213?collections=districts,x").await.status, 404);
    assert_eq!(s.get("/tiles/WebMercatorQuad/8/105/213?nosuch=1").await.status, 400);
    let one = "/collections/enterprises/tiles/WebMercatorQuad/8/105/213";
    let (all, some) = (s.get(one).await, s.get(&format!("{one}?filter=cluster%3D%27robot%27")).await);
    assert!(all.status == 200 && some.status == 200 && all.body != some.body);
    let known = s.get_with(one, &[("if-none-match", all.header("etag"))]).await;
    assert_eq!((known.status.as_u16(), known.body.len()), (304, 0));
    assert_eq!(s.get_with(one, &[("accept", "text/html")]).await.status, 406);
    assert_eq!(
        s.get_with(&format!("{one}?f=mvt"), &[("accept", "text/html")]).await.status,
        200,
        "f goes before Accept"
    );
    assert_eq!(s.get(&format!("{one}?f=png")).await.status, 400);
}

/// What TileJSON and the tileset say of a layer's attributes is what its tiles carry, at every zoom.
#[tokio::test]
async fn the_attributes_of_tiles_are_those_that_are_described() {
    for disclosure in [Disclosure::Full, Disclosure::Aggregates] {
        let s = Service::hangzhou(disclosure);
        let mut seen: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        let mut described: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for collection in s.json("/collections").await["collections"].as_array().unwrap() {
            let id = collection["id"].as_str().unwrap();
            let tilejson = s.json(&format!("/xyz/{id}/tilejson.json")).await;
            let tileset = s.json(&format!("/collections/{id}/tiles/WebMercatorQuad")).await;
            let names = |of: &Value| of.as_object().unwrap().keys().cloned().collect::<BTreeSet<_>>();
            for layer in tilejson["vector_layers"].as_array().unwrap() {
                let layer_id = layer["id"].as_str().unwrap();
                let same = tileset["layers"].as_array().unwrap().iter().find(|l| l["id"] == layer_id).unwrap();
                assert_eq!(names(&layer["fields"]), names(&same["propertiesSchema"]["properties"]), "{layer_id}");
                described.insert(layer_id.to_owned(), names(&layer["fields"]));
            }
            let items = s.json(&format!("/collections/{id}/items?limit=200")).await;
            let features = items["features"].as_array().unwrap();
            let places: Vec<(f64, f64)> = features.iter().filter_map(|f| first(&f["geometry"])).collect();
            for z in 0..=18 {
                let wanted: BTreeSet<(u64, u64)> = places.iter().map(|p| tile_at(*p, z)).collect();
                for (x, y) in wanted.iter().take(60) {
                    let tile = s.get(&format!("/xyz/{id}/{z}/{x}/{y}.mvt")).await;
                    if tile.status == 204 {
                        continue;
                    }
                    for (layer, features) in decode(&tile.body) {
                        let names = seen.entry(layer.clone()).or_default();
                        for f in features.as_array().unwrap() {
                            names.extend(f["properties"].as_object().unwrap().keys().cloned());
                        }
                        // the names that stand in the tile, used or not
                        let read = fast_mvt::MvtReaderRef::new(&tile.body).unwrap();
                        let of = read.layers().find(|l| l.name() == layer).unwrap();
                        let keys: BTreeSet<String> = of.keys().iter().map(ToString::to_string).collect();
                        assert!(keys.is_subset(&described[&layer]), "{layer} at {z}: {keys:?}");
                    }
                }
            }
        }
        assert!(seen.len() > 8, "{:?}", seen.keys());
        for (layer, names) in &seen {
            assert!(names.is_subset(&described[layer]), "{layer}: {names:?} of {:?}", described[layer]);
            assert!(names.contains("fid") || names.contains("n"), "{layer}");
        }
        // nothing is promised that no tile carries, but what no row has
        let fields = |l: &str| described[l].difference(&seen[l]).cloned().collect::<Vec<_>>();
        assert_eq!(fields("districts"), Vec::<String>::new());
        assert_eq!(fields("districts-label"), Vec::<String>::new());
    }
}

/// The first position of a geometry.
fn first(geometry: &Value) -> Option<(f64, f64)> {
    let mut at = &geometry["coordinates"];
    while at[0].is_array() {
        at = &at[0];
    }
    Some((at[0].as_f64()?, at[1].as_f64()?))
}

fn tile_at((lon, lat): (f64, f64), z: u32) -> (u64, u64) {
    let n = f64::from(1u32 << z);
    let phi = lat.to_radians();
    let y = (1.0 - (phi.tan() + 1.0 / phi.cos()).ln() / std::f64::consts::PI) / 2.0;
    (((lon + 180.0) / 360.0 * n) as u64, (y * n) as u64)
}
