//! Tiles over all cities: in each cell the rows of each class are those that the cities' own tiles count there, decoded both; and those
//! of a plain scan of positions.

use super::sums::{firm, is_of};
use super::{Made, World, text};
use crate::common::{CLUSTERS, city};
use fast_mvt::{MvtReaderRef, MvtValueRef};
use geo::CoordsIter;
use proptest::prelude::*;
use serde_json::Value;
use shigu::core::geometry::mercator::{TileId, project};
use shigu::core::query::Disclosure;
use shigu::core::snapshot::Snapshot;
use shigu::service::cities::{Aggregates, CellSums, CityFigures};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Cells of a tile by their columns and rows, and what is counted there: rows of a name, of a class or all.
type Counts = BTreeMap<((u32, u32), Option<String>), u64>;

/// The counted cells of a layer: a feature without a number is one row.
fn counts(bytes: &[u8], layer: &str, side: u32, class: impl Fn(&BTreeMap<String, String>) -> Option<String>) -> Counts {
    let mut counts = Counts::new();
    if bytes.is_empty() {
        return counts;
    }
    let tile = MvtReaderRef::new(bytes).unwrap();
    for feature in tile.layers().filter(|l| l.name() == layer).flat_map(fast_mvt::MvtLayerRef::features) {
        let at = feature.geometry().unwrap().coords_iter().next().unwrap();
        let tags: BTreeMap<String, String> = feature
            .properties()
            .map(|p| {
                let (key, value) = p.unwrap();
                let value = match value {
                    MvtValueRef::String(s) => s.to_owned(),
                    MvtValueRef::Int(x) | MvtValueRef::SInt(x) => x.to_string(),
                    MvtValueRef::UInt(x) => x.to_string(),
                    other => format!("{other:?}"),
                };
                ((*key).to_owned(), value)
            })
            .collect();
        let rows = tags.get("n").map_or(1, |n| n.parse().unwrap());
        let cell = |v: i32| v as u32 / (4096 / side);
        *counts.entry(((cell(at.x), cell(at.y)), class(&tags))).or_default() += rows;
    }
    counts
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn cells_count_the_rows_of_a_plain_scan(
        cities in prop::collection::vec(prop::collection::vec(firm(), 0..80), 2..4),
        z in 0_u8..=13,
        bits in 3_u8..=6,
    ) {
        prop_assume!(z + bits <= 16);
        let aggregates = Aggregates::open(None).unwrap();
        for (i, firms) in cities.iter().enumerate() {
            let snapshot = Arc::new(Snapshot::new(city(&[], &[], firms)));
            aggregates.keep(&format!("c{i}"), &CityFigures::of(&snapshot).unwrap().unwrap()).unwrap();
        }
        let places: Vec<_> = cities.iter().flatten().filter_map(|f| Some((f, project(f.at?.0, f.at?.1)))).collect();
        let shift = 32 - u32::from(z);
        let mut tiles: Vec<_> = places.iter().map(|(_, (x, y))| (x >> shift.min(31), y >> shift.min(31))).collect();
        if z == 0 {
            tiles = vec![(0, 0)];
        }
        tiles.sort_unstable();
        tiles.dedup();
        let mut all = 0;
        for (x, y) in tiles {
            let CellSums { counted, cells } = aggregates.cells(TileId::new(z, x, y).unwrap(), bits, |_| true).unwrap().of;
            let mut expected = BTreeMap::<((u32, u32), Option<String>), u64>::new();
            let cell = 32 - u32::from(z + bits);
            for (firm, at) in &places {
                if z > 0 && (at.0 >> shift, at.1 >> shift) != (x, y) {
                    continue;
                }
                let at = (at.0 >> cell, at.1 >> cell);
                *expected.entry((at, None)).or_default() += 1;
                if let Some(class) = firm.cluster {
                    *expected.entry((at, Some(CLUSTERS[class].to_owned()))).or_default() += 1;
                }
            }
            let found = cells.iter().map(|c| ((c.at, counted[c.counted].class.as_ref().map(|c| c.code.clone())), c.rows));
            prop_assert_eq!(found.collect::<BTreeMap<_, _>>(), expected);
            all += cells.iter().filter(|c| counted[c.counted].class.is_none()).map(|c| c.rows).sum::<u64>();
        }
        prop_assert_eq!(all, places.len() as u64);
        prop_assert!(cities.iter().flatten().all(|f| is_of(f, None)));
    }
}

#[tokio::test]
async fn cells_of_all_cities_are_those_of_their_own_tiles() {
    let made = Made { disclosure: Disclosure::Aggregates, ..Made::of_owner() };
    // two alike, one with other rows on other ground, one whose rows are areas, one with levels of classes
    let cities = [
        ("a", "twolevel", "ramo"),
        ("b", "twolevel", "ramo"),
        ("c", "quayside", "trade"),
        ("d", "sectors", "industry"),
    ];
    let world = World::new(&cities.map(|(id, of, _)| (id, of)), made);
    assert_eq!(world.get("/cities/tiles/8/1/1.mvt").await.status, 204);
    let mut compared = 0;
    for (id, _, property) in cities {
        let dataset = world.service.json(&format!("/cities/{id}/dataset")).await;
        let list = world.service.json("/cities").await;
        let of = list["cities"].as_array().unwrap().iter().find(|c| c["id"] == id).unwrap();
        let [w, s, e, n] = [0, 1, 2, 3].map(|i| of["extent"][i].as_f64().unwrap());
        let table = text(&dataset["tables"][0]["id"]);
        let own_row = text(&dataset["tables"][0]["row"]["en"]);
        let codes: Vec<String> = {
            let zones = world.service.json(&format!("/cities/zones?city={id}")).await;
            assert_eq!(zones["cities"][0]["city"], id, "{zones}");
            let summary = world.service.json(&format!("/cities/{id}/summary")).await;
            let of = |c: &Value| text(&c["code"]);
            summary["clusters"]
                .as_array()
                .unwrap()
                .iter()
                .filter(|c| c["part"].is_null() && !c["code"].is_null())
                .map(of)
                .collect()
        };
        for z in [0, 4, 6, 9, 11, 13] {
            for side in [8, 16] {
                if z == 13 && side == 16 {
                    continue;
                }
                let shift = 32 - u32::from(z as u8);
                let tile_of = |lon: f64, lat: f64| {
                    let (x, y) = project(lon, lat);
                    if z == 0 { (0, 0) } else { (x >> shift, y >> shift) }
                };
                let ((x0, y0), (x1, y1)) = (tile_of(w, n), tile_of(e, s));
                let tiles = (x0..=x1).flat_map(|x| (y0..=y1).map(move |y| (x, y)));
                for (x, y) in tiles.take(12) {
                    let uri = format!("/cities/tiles/{z}/{x}/{y}.mvt?cells={side}");
                    let all = world.get(&uri).await;
                    // cities that are loaded so far, with rows of the same name
                    let mut expected = Counts::new();
                    for (other, _, other_property) in cities {
                        if !world.ready().await.contains(&other.to_owned()) {
                            continue;
                        }
                        let about = world.service.json(&format!("/cities/{other}/dataset")).await;
                        if text(&about["tables"][0]["row"]["en"]) != own_row {
                            continue;
                        }
                        let layer = text(&about["tables"][0]["id"]);
                        let own = format!("/cities/{other}/xyz/{layer}/{z}/{x}/{y}.mvt?cells={side}");
                        let mut add =
                            |of: Counts| of.into_iter().for_each(|(cell, n)| *expected.entry(cell).or_default() += n);
                        add(counts(&world.get(&own).await.body, &layer, side, |_| None));
                        for code in &codes {
                            let of_class = world.get(&format!("{own}&{other_property}={code}")).await;
                            assert!(of_class.status.is_success());
                            add(counts(&of_class.body, &layer, side, |_| Some(code.clone())));
                        }
                    }
                    let row = |tags: &BTreeMap<String, String>| tags["row_en"] == own_row;
                    let mut found = counts(&all.body, "cells", side, |tags| {
                        if row(tags) { tags.get("class").cloned() } else { Some("of others".to_owned()) }
                    });
                    found.retain(|(_, class), _| class.as_deref() != Some("of others"));
                    assert_eq!(found, expected, "{uri}");
                    compared += found.len();
                }
            }
        }
        assert!(!table.is_empty() && !property.is_empty());
    }
    assert!(compared > 200, "{compared} cells");
    // from the next zoom on rows are in the city's own tiles
    let list = world.service.json("/cities").await;
    let extent = &list["cities"][0]["extent"];
    let (x, y) = project(extent[0].as_f64().unwrap(), extent[3].as_f64().unwrap());
    let deeper = world.get(&format!("/cities/tiles/14/{}/{}.mvt", x >> 18, y >> 18)).await;
    assert_eq!((deeper.status.as_u16(), text(&deeper.json()["code"])), (404, "rows-in-city-tiles".into()));
    assert!(deeper.header("link").contains("/cities/a/xyz/workshops/14/"), "{}", deeper.header("link"));
    for (uri, status) in [
        ("/cities/tiles/13/0/0.mvt?cells=16", 400),
        ("/cities/tiles/3/8/0.mvt", 404),
        ("/cities/tiles/3/1/0", 404),
        ("/cities/tiles/3/1/0.mvt?year=2024", 400),
        ("/cities/tiles/3/1/0.mvt?cells=7", 400),
    ] {
        assert_eq!(world.get(uri).await.status, status, "{uri}");
    }
    let tile = world.get("/cities/tiles/0/0/0.mvt").await;
    assert_eq!(tile.header("content-type"), "application/vnd.mapbox-vector-tile");
    let tag = tile.header("etag").to_owned();
    assert_eq!(world.service.get_with("/cities/tiles/0/0/0.mvt", &[("if-none-match", &tag)]).await.status, 304);
}
