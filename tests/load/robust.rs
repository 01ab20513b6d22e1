//! No input makes `load` panic or take long.

use super::folder::Folder;
use proptest::prelude::*;
use std::time::{Duration, Instant};

const FILES: [&str; 6] =
    ["dataset.json", "districts.geojson", "enterprises.geojson", "layout.geojson", "clusters.json", "indicators.csv"];
/// Tells a hang from a slow machine; it says nothing of speed.
const PATIENCE: Duration = Duration::from_mins(3);

fn survives(f: &Folder) {
    let start = Instant::now();
    let (_, report) = f.load();
    let _ = (report.render(shigu::core::model::Lang::Zh), serde_json::to_string(&report).unwrap());
    assert!(start.elapsed() < PATIENCE, "{:?}", start.elapsed());
}

fn json() -> impl Strategy<Value = serde_json::Value> {
    use serde_json::Value as V;
    let word = prop_oneof![
        "[a-zA-Z]{0,8}",
        any::<String>(),
        proptest::sample::select(vec![
            "type",
            "features",
            "FeatureCollection",
            "Feature",
            "geometry",
            "coordinates",
            "Point",
            "Polygon",
            "MultiPolygon",
            "LineString",
            "GeometryCollection",
            "geometries",
            "properties",
            "id",
            "crs",
            "name"
        ])
        .prop_map(String::from),
    ];
    let simple = prop_oneof![
        Just(V::Null),
        any::<bool>().prop_map(V::from),
        any::<i64>().prop_map(V::from),
        any::<f64>().prop_map(V::from),
        (-200.0f64..200.0).prop_map(V::from),
        word.clone().prop_map(V::from),
    ];
    simple.prop_recursive(6, 64, 6, move |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..6).prop_map(V::from),
            proptest::collection::vec((word.clone(), inner), 0..6).prop_map(|m| V::Object(m.into_iter().collect())),
        ]
    })
}

/// A ring on a lattice over Tinyville: closed or not, crossing or not.
fn ring() -> impl Strategy<Value = serde_json::Value> {
    let position = (0u8..6, 0u8..6).prop_map(|(x, y)| vec![120.0 + f64::from(x) * 0.05, 30.0 + f64::from(y) * 0.05]);
    (proptest::collection::vec(position, 0..8), prop::bool::weighted(0.9)).prop_map(|(mut ring, closed)| {
        if let (true, Some(first)) = (closed, ring.first().cloned()) {
            ring.push(first);
        }
        serde_json::to_value(ring).unwrap()
    })
}

fn geometry() -> impl Strategy<Value = serde_json::Value> {
    let rings = || proptest::collection::vec(ring(), 0..3);
    prop_oneof![
        rings().prop_map(|r| serde_json::json!({"type": "Polygon", "coordinates": r})),
        proptest::collection::vec(rings(), 0..3)
            .prop_map(|p| serde_json::json!({"type": "MultiPolygon", "coordinates": p})),
        ring().prop_map(|r| serde_json::json!({"type": "LineString", "coordinates": r})),
        (ring(), 0usize..4).prop_map(|(r, i)| serde_json::json!({"type": "Point", "coordinates": r[i]})),
        json(),
    ]
}

fn collection(geometries: Vec<serde_json::Value>, id: &str) -> String {
    let features: Vec<_> = geometries.into_iter().enumerate().map(|(i, g)| serde_json::json!({"type": "Feature", "id": format!("{id}{i}"), "properties": {"name": "x", "name_en": "x"}, "geometry": g})).collect();
    serde_json::json!({"type": "FeatureCollection", "features": features}).to_string()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn arbitrary_bytes(file in proptest::sample::select(&FILES[..]), bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        survives(&Folder::tinyville().put(file, bytes));
    }

    #[test]
    fn arbitrary_json(file in proptest::sample::select(&FILES[..]), value in json()) {
        survives(&Folder::tinyville().put(file, value.to_string()));
        survives(&Folder::of([("plain.geojson", value.to_string().as_str())]));
    }

    #[test]
    fn arbitrary_features(features in proptest::collection::vec(json(), 0..4)) {
        let file = serde_json::json!({"type": "FeatureCollection", "features": features}).to_string();
        survives(&Folder::of([("plain.geojson", file.as_str())]));
        survives(&Folder::tinyville().put("enterprises.geojson", file));
    }

    #[test]
    fn bytes_flipped_deleted_inserted(
        file in proptest::sample::select(&FILES[..]),
        edits in proptest::collection::vec((any::<prop::sample::Index>(), 0u8..3, any::<u8>()), 1..6),
    ) {
        let mut f = Folder::tinyville();
        let bytes = f.files.get_mut(file).unwrap();
        for (place, kind, byte) in edits {
            let i = place.index(bytes.len());
            match kind {
                0 => bytes[i] ^= 1 << (byte % 8),
                1 => drop(bytes.drain(i..bytes.len().min(i + usize::from(byte)))),
                _ => bytes.insert(i, byte),
            }
            if bytes.is_empty() {
                break;
            }
        }
        survives(&f);
    }

    #[test]
    fn tokens_exchanged(file in proptest::sample::select(&FILES[..4]), from in any::<prop::sample::Index>(), to in proptest::sample::select(vec!["null", "{}", "[]", "1e308", "-1", "\"\"", "true", "[[[[1,2]]]]", "\"\\u0000\"", "1e-400", "99999999999999999999"])) {
        let f = Folder::tinyville();
        let text = String::from_utf8(f.files[file].clone()).unwrap();
        let commas: Vec<usize> = text.match_indices([':', '[', ',']).map(|(i, _)| i + 1).collect();
        let start = commas[from.index(commas.len())];
        let end = text[start..].find([',', ']', '}']).map_or(text.len(), |i| start + i);
        let changed = format!("{}{to}{}", &text[..start], &text[end..]);
        survives(&f.put(file, changed));
    }

    #[test]
    fn arbitrary_shapes(districts in proptest::collection::vec(geometry(), 0..5), water in proptest::collection::vec(geometry(), 0..3)) {
        survives(&Folder::tinyville().put("districts.geojson", collection(districts, "T")).put("water.geojson", collection(water, "W")));
    }
}

/// A comb: every edge's box meets every other's, none crosses.
#[test]
fn a_ring_made_to_be_slow_is_given_up() {
    let n = 30_000;
    let mut ring = vec![[0.0, 0.0]];
    for i in 0..n {
        let y = 1e-3 * f64::from(i);
        ring.push([10.0 + y, 10.0 - y]);
        ring.push([0.0 + y + 5e-4, 0.0 - y - 5e-4]);
    }
    ring.push([0.0, -80.0]);
    ring.push([0.0, 0.0]);
    let geometry = serde_json::json!({"type": "Polygon", "coordinates": [ring]});
    let f = Folder::of([("slow.geojson", collection(vec![geometry], "s").as_str())]);
    survives(&f);
}
