//! A viewer limited to a district sees its enterprises and no other, in every output; compared with a linear scan over the
//! file by another program's rule of points in polygons (the declared district of unlocated ones, geo's `contains` else).

use super::World;
use geo::{Contains, Point};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

const CODE: &str = "330108";

/// An enterprise as its file has it.
struct Enterprise {
    id: String,
    name: String,
    at: Option<(f64, f64)>,
    /// Placed too coarsely for a dot on a map.
    coarse: bool,
    inside: bool,
}

/// The enterprises, and whether they belong to the district, by the files alone.
fn scan() -> Vec<Enterprise> {
    let read = |file: &str| -> Value {
        let path = format!("{}/geodata/hangzhou/{file}.geojson", env!("CARGO_MANIFEST_DIR"));
        serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
    };
    let districts = read("districts");
    let district = districts["features"].as_array().unwrap().iter().find(|f| f["id"] == CODE).unwrap();
    let geometry: geojson::Geometry = serde_json::from_value(district["geometry"].clone()).unwrap();
    let polygon: geo::Geometry<f64> = geometry.try_into().unwrap();
    let enterprise = |f: &Value| {
        let at = f["geometry"]["coordinates"].as_array().map(|at| (at[0].as_f64().unwrap(), at[1].as_f64().unwrap()));
        Enterprise {
            id: f["id"].as_str().unwrap().to_owned(),
            name: f["properties"]["name"].as_str().unwrap().to_owned(),
            at,
            coarse: f["properties"]["precision_m"].as_i64().is_some_and(|metres| metres > 1500),
            inside: match at {
                Some(at) => polygon.contains(&Point::from(at)),
                None => f["properties"]["district"] == CODE,
            },
        }
    };
    read("enterprises")["features"].as_array().unwrap().iter().map(enterprise).collect()
}

/// The ids of those that are meant, at least so many.
fn ids<'a>(of: impl Iterator<Item = &'a Enterprise>, least: usize) -> BTreeSet<String> {
    let ids: BTreeSet<String> = of.map(|e| e.id.clone()).collect();
    assert!(ids.len() >= least, "{} enterprises test nothing", ids.len());
    ids
}

/// Ids of enterprises that a text names.
fn named(text: &str, all: &BTreeSet<String>) -> BTreeSet<String> {
    let words = text.split(|c: char| !c.is_alphanumeric() && c != '-' && c != '_');
    words.filter(|w| all.contains(*w)).map(str::to_owned).collect()
}

#[tokio::test]
async fn every_output_holds_the_district_and_nothing_else() {
    let enterprises = scan();
    let all = ids(enterprises.iter(), 5000);
    let inside = ids(enterprises.iter().filter(|e| e.inside), 300);
    let outsider = all.difference(&inside).next().unwrap();
    let insider = inside.iter().next().unwrap();
    let world = World::new(true).await;
    let me = world.account("滨江", "viewer", json!([CODE])).await;

    let csv = world.get("/collections/enterprises/items?f=csv", &me).await;
    assert_eq!(named(&String::from_utf8_lossy(&csv.body), &all), inside, "rows in bulk");
    let items = world.get("/collections/enterprises/items?limit=10000", &me).await.json();
    assert_eq!(items["numberMatched"], inside.len());
    assert_eq!(named(&items.to_string(), &all), inside, "items");
    assert_eq!(world.get(&format!("/collections/enterprises/items/{insider}"), &me).await.status, 200);
    assert_eq!(world.get(&format!("/collections/enterprises/items/{outsider}"), &me).await.status, 404);

    for uri in ["/summary", "/summary?zone=330108"] {
        assert_eq!(world.get(uri, &me).await.json()["counts"]["matched"], inside.len(), "{uri}");
    }
    for zone in ["330110", "outside", "undeclared"] {
        let refused = world.get(&format!("/summary?zone={zone}"), &me).await;
        assert_eq!((refused.status.as_u16(), &refused.json()["code"]), (403, &json!("out-of-scope")), "{zone}");
        assert_eq!(world.get(&format!("/report/{zone}?format=docx"), &me).await.status, 403, "{zone}");
    }
    let union = json!({"zone": CODE, "combine": [{"op": "union", "zone": "330110"}]});
    assert_eq!(world.send("POST", "/summary", &me, &union).await.status, 403);
    let summary = world.get("/summary", &me).await.json();
    assert!(summary["notes"].to_string().contains("您的权限只包含滨江区"), "{}", summary["notes"]);
    assert_eq!((&summary["scope"]["zh"], &summary["zone"]["name"]), (&json!("滨江区"), &json!("滨江区")));
    // a rectangle over a border of the district: unlocated enterprises are in no drawn area
    let (west, south, east, north) = (120.15, 30.15, 120.21, 30.30);
    let drawn = |e: &&Enterprise| e.at.is_some_and(|(x, y)| x > west && x < east && y > south && y < north);
    let ring = json!([[west, south], [east, south], [east, north], [west, north], [west, south]]);
    let square = json!({"polygon": {"type": "Polygon", "coordinates": [ring]}});
    let expected = ids(enterprises.iter().filter(|e| e.inside).filter(drawn), 20);
    assert!(expected.len() < inside.len());
    assert!(enterprises.iter().filter(drawn).count() > expected.len() + 20, "others lie there as well");
    let summary = world.send("POST", "/summary", &me, &square).await;
    assert_eq!(summary.status, 200);
    assert_eq!(summary.json()["counts"]["matched"], expected.len(), "a drawn area");
    let found = world.send("POST", "/collections/enterprises/search?limit=10000", &me, &square).await;
    assert_eq!(found.status, 200);
    assert_eq!(named(&String::from_utf8_lossy(&found.body), &all), expected, "search by body");
    let zones = world.get("/zones?kind=district", &me).await.json();
    let listed = zones["zones"].as_array().unwrap();
    assert_eq!((listed.len(), &listed[0]["id"], &listed[0]["count"]), (1, &json!(CODE), &json!(inside.len())));
    assert_eq!(zones["rest"], json!([]));
    // names of the sample are numbered, so a part of them finds enterprises all over the city
    let part = "视觉智能企业00";
    let hits = world.get(&format!("/search?q={}&limit=100", crate::common::encoded(part)), &me).await;
    assert_eq!(hits.status, 200);
    let expected = ids(enterprises.iter().filter(|e| e.inside && e.name.contains(part)), 1);
    assert!(expected.len() < 100, "all of them fit into the answer");
    assert!(enterprises.iter().filter(|e| e.name.contains(part)).count() > expected.len());
    assert_eq!(named(&String::from_utf8_lossy(&hits.body), &all), expected, "search by name");
    assert_eq!(hits.json()["total"], expected.len(), "and not even their number");

    let report = world.get("/report/330110?format=geojson", &me).await;
    assert_eq!(named(&String::from_utf8_lossy(&report.body), &all), BTreeSet::new(), "a report of another district");
    assert_eq!(report.status, 403);
    let report = world.get("/report/330108?format=geojson", &me).await;
    assert_eq!(named(&String::from_utf8_lossy(&report.body), &all), inside);
    let changes = world.get("/versions/0/changes", &me).await;
    assert_eq!(changes.status, 403, "the whole register's changes");
}

/// What the threat model says is public: the list of versions without who made them and why, and all collections but the
/// register. It is the same for every reader, and names no enterprise.
#[tokio::test]
async fn versions_and_other_collections_are_the_same_for_every_reader() {
    let world = World::new(true).await;
    let limited = world.account("滨江", "viewer", json!([CODE])).await;
    let viewer = world.account("全市", "viewer", Value::Null).await;
    let all: BTreeSet<String> = scan().into_iter().map(|e| e.id).collect();
    for uri in ["/versions", "/versions/0"] {
        let (a, b) = (world.get(uri, &limited).await, world.get(uri, &viewer).await);
        assert_eq!(a.status, 200, "{uri}");
        assert_eq!(a.json(), b.json(), "{uri}");
        assert_eq!(named(&String::from_utf8_lossy(&a.body), &all), BTreeSet::new(), "{uri}");
        let version = if uri == "/versions" { a.json()["versions"][0].clone() } else { a.json() };
        assert_eq!((&version["actor"], &version["note"]), (&json!(""), &json!("")), "{uri}");
    }
    let collections = world.get("/collections", &limited).await.json()["collections"].as_array().unwrap().clone();
    let mut public = 0;
    let tables = world.get("/dataset", &limited).await.json()["tables"].clone();
    let tables: Vec<&str> = tables.as_array().unwrap().iter().map(|t| t["id"].as_str().unwrap()).collect();
    for id in collections.iter().map(|c| c["id"].as_str().unwrap()).filter(|id| !tables.contains(id)) {
        let uri = format!("/collections/{id}/items?limit=10000");
        let (a, b) = (world.get(&uri, &limited).await.json(), world.get(&uri, &viewer).await.json());
        assert!(a["features"].as_array().is_some_and(|features| !features.is_empty()), "{id}");
        assert_eq!((&a["features"], &a["numberMatched"]), (&b["features"], &b["numberMatched"]), "{id}");
        public += 1;
    }
    assert!(public >= 4, "{public}");
}

/// Shares, quotients and the city's sums are those of everybody; of the city's sums, as protected figures.
#[tokio::test]
async fn shares_and_quotients_are_of_the_whole_city() {
    let world = World::new(true).await;
    let limited = world.account("滨江", "viewer", json!([CODE])).await;
    let viewer = world.account("全市", "viewer", Value::Null).await;
    let uri = format!("/summary?zone={CODE}");
    let expected = world.get(&uri, &viewer).await.json();
    assert_eq!(expected["city"]["count"], 5000);
    let summary = world.get(&uri, &limited).await.json();
    assert_eq!(summary["city"], expected["city"]);
    let mut quotients = 0;
    for (own, all) in list(&summary, "clusters").iter().zip(list(&expected, "clusters")) {
        for member in ["code", "count", "share", "share_of_city", "lq"] {
            assert_eq!(own[member], all[member], "{member} of {}", own["code"]);
        }
        quotients += usize::from(own["lq"].as_f64().is_some_and(|lq| (lq - 1.0).abs() > 0.01));
    }
    assert!(quotients > 3, "quotients of the district itself would all be 1");
    // the same noise for both, so that the two have nothing to compare
    assert_eq!(summary["totals"], expected["totals"]);
    let zones = "/zones?kind=district";
    let (own, all) = (world.get(zones, &limited).await.json(), world.get(zones, &viewer).await.json());
    assert_eq!(own["city"], all["city"], "the whole city as any viewer sees it");
    // fewer of the others than a sum needs are not counted: a name would find out whether somebody is there
    let named = format!("/summary?zone={CODE}&filter={}", crate::common::encoded("name LIKE '示例视觉智能企业000%'"));
    let summary = world.get(&named, &limited).await.json();
    assert_eq!(summary["city"]["count"], summary["counts"]["matched"]);
}

/// Of the whole city, counts and sums under conditions on places would be those of other districts, down to single
/// enterprises: there they are of the reader's own. Other conditions hold for everybody's.
#[tokio::test]
async fn conditions_on_places_count_nobody_elses_enterprises() {
    let world = World::new(true).await;
    let limited = world.account("滨江", "viewer", json!([CODE])).await;
    let viewer = world.account("全市", "viewer", Value::Null).await;
    let (mut places, mut others) = (0, 0);
    for (filter, place) in [
        ("S_INTERSECTS(geometry, BBOX(119.9, 30.2, 120.15, 30.4))", true),
        ("founded > 2010 OR S_WITHIN(geometry, POLYGON((120.0 30.2, 120.4 30.2, 120.4 30.4, 120.0 30.2)))", true),
        ("NOT S_DISJOINT(geometry, BBOX(119.9, 30.2, 120.15, 30.4))", true),
        ("geometry IS NOT NULL", true),
        ("district = '330110'", true),
        ("district IN ('330110', '330106') AND founded > 2010", true),
        ("founded > 2010", false),
        ("cluster = 'vision'", false),
    ] {
        let filter = crate::common::encoded(filter);
        let (summary, zones) = (format!("/summary?filter={filter}"), format!("/zones?kind=district&filter={filter}"));
        let (own, all) = (world.get(&summary, &limited).await.json(), world.get(&summary, &viewer).await.json());
        let count = |answer: &Value| answer["city"]["count"].as_u64().unwrap();
        let matched = own["counts"]["matched"].as_u64().unwrap();
        assert!(count(&all) > matched + 100, "{filter}: others fulfil it, too");
        assert_eq!(count(&own), if place { matched } else { count(&all) }, "{filter}");
        let (own, all) = (world.get(&zones, &limited).await.json(), world.get(&zones, &viewer).await.json());
        assert_eq!(own["city"]["count"], if place { json!(matched) } else { all["city"]["count"].clone() }, "{filter}");
        let sum = |answer: &Value| answer["city"]["amounts"]["revenue"]["sum"].as_f64();
        assert!(sum(&all).is_some(), "{filter}");
        if place {
            let zone = own["zones"][0]["amounts"]["revenue"]["sum"].as_f64();
            assert_eq!(sum(&own), zone, "{filter}: the district's own sum, or none");
            places += 1;
        } else {
            assert_eq!(sum(&own), sum(&all), "{filter}");
            others += 1;
        }
    }
    assert!(places > 4 && others > 1);
    let body = json!({"zone": "city", "bbox": [119.9, 30.2, 120.15, 30.4]});
    let (own, all) =
        (world.send("POST", "/summary", &limited, &body).await, world.send("POST", "/summary", &viewer, &body).await);
    let (own, all) = (own.json(), all.json());
    assert_eq!(own["city"]["count"], own["counts"]["matched"]);
    assert!(all["city"]["count"].as_u64() > own["city"]["count"].as_u64());
}

/// Zones of other kinds are there where they hold enterprises of the district, and say when that is not all of them.
#[tokio::test]
async fn zones_that_reach_over_the_border_say_so() {
    let world = World::new(true).await;
    let me = world.account("滨江", "viewer", json!([CODE])).await;
    let viewer = world.account("全市", "viewer", Value::Null).await;
    let (own, all) = (world.get("/zones", &me).await.json(), world.get("/zones", &viewer).await.json());
    let (own, all) = (list(&own, "zones"), list(&all, "zones"));
    assert!(own.len() > 1 && own.len() < all.len());
    let mut partial = 0;
    for zone in own {
        let whole = all.iter().find(|z| z["id"] == zone["id"]).unwrap();
        assert_eq!(whole["partial"], false);
        assert_eq!(zone["partial"], zone["count"] != whole["count"], "{}", zone["id"]);
        partial += usize::from(zone["partial"] == true);
    }
    assert!(partial > 0, "no zone reaches over the border");
}

fn list<'a>(answer: &'a Value, member: &str) -> &'a [Value] {
    answer[member].as_array().unwrap()
}

#[tokio::test]
async fn tiles_hold_the_district_only() {
    const ZOOM: i32 = 13;
    // the formula of slippy maps
    let tile = |(x, y): (f64, f64)| {
        let n = f64::from(1 << ZOOM);
        let y = (1.0 - y.to_radians().tan().asinh() / std::f64::consts::PI) / 2.0 * n;
        (((x + 180.0) / 360.0 * n).floor() as u32, y.floor() as u32)
    };
    // enterprises of the district by tile; tiles with others only stand there with none
    let mut expected: BTreeMap<(u32, u32), u64> = BTreeMap::new();
    for e in scan().iter().filter(|e| !e.coarse) {
        if let Some(at) = e.at {
            *expected.entry(tile(at)).or_default() += u64::from(e.inside);
        }
    }
    assert!(expected.values().filter(|n| **n > 0).count() > 5 && expected.values().filter(|n| **n == 0).count() > 10);
    let world = World::new(true).await;
    let me = world.account("滨江", "viewer", json!([CODE])).await;
    for ((x, y), expected) in expected {
        let answer = world.get(&format!("/xyz/enterprises/{ZOOM}/{x}/{y}.mvt?cells=8"), &me).await;
        assert_eq!(answer.status, if expected == 0 { 204 } else { 200 }, "{x}/{y}");
        let layers = crate::common::decode(&answer.body);
        let features = layers.values().flat_map(|features| features.as_array().unwrap());
        let counted: u64 = features.map(|f| f["properties"]["n"].as_u64().unwrap_or(1)).sum();
        assert_eq!(counted, expected, "{x}/{y}");
    }
}

/// Two readers ask for the same, one after the other: neither gets the other's answer, nor a "not modified" for it.
#[tokio::test]
async fn answers_of_two_readers_are_never_mixed() {
    let world = World::new(true).await;
    let near = world.account("滨江", "viewer", json!([CODE])).await;
    let far = world.account("余杭", "viewer", json!(["330110"])).await;
    let whole = world.account("全市", "viewer", Value::Null).await;
    for uri in [
        "/summary",
        "/dataset",
        "/zones?kind=district",
        "/collections/enterprises/items?limit=5",
        "/xyz/enterprises/10/853/421.mvt?cells=8",
        "/report/city?format=csv",
        "/map?width=200&height=200&f=svg",
    ] {
        let mut tags = std::collections::HashSet::new();
        let mut bodies = std::collections::HashSet::new();
        for _ in 0..2 {
            for reader in [&near, &far, &whole] {
                let answer = world.get(uri, reader).await;
                assert!(answer.status.is_success(), "{uri}: {}", answer.status);
                assert!(super::varies(&answer), "{uri}");
                assert!(!answer.header("cache-control").contains("public"), "{uri}");
                tags.insert(answer.header("etag").to_owned());
                bodies.insert(timeless(&answer.body));
            }
        }
        assert_eq!(bodies.len(), 3, "{uri}");
        assert!(tags.len() == 3 || tags == [String::new()].into(), "{uri}: {tags:?}");
    }
}

/// Restricted values of single firms do not leave for viewers, and do for editors.
#[tokio::test]
async fn restricted_values_are_for_editors() {
    let world = World::new(true).await;
    let viewer = world.account("v", "viewer", Value::Null).await;
    let editor = world.account("e", "editor", Value::Null).await;
    for uri in [
        "/collections/enterprises/items?limit=200",
        "/collections/enterprises/items?f=csv",
        "/collections/enterprises/queryables",
    ] {
        let text = |answer: &crate::common::service::Answer| {
            assert_eq!(answer.status, 200, "{uri}");
            String::from_utf8_lossy(&answer.body).into_owned()
        };
        assert!(!text(&world.get(uri, &viewer).await).contains("revenue"), "{uri}");
        assert!(!text(&world.get(uri, "").await).contains("revenue"), "{uri}");
        assert!(text(&world.get(uri, &editor).await).contains("revenue"), "{uri}");
    }
    let uri = "/collections/enterprises/items?filter=revenue_2025%20%3E%201000";
    assert_eq!(world.get(uri, &viewer).await.status, 403, "not even by asking");
    assert_eq!(world.get(uri, "").await.status, 403);
    assert_eq!(world.get(uri, &editor).await.status, 200);
}

/// An answer without the moment at which it was given.
fn timeless(body: &[u8]) -> Vec<u8> {
    let Ok(mut value) = serde_json::from_slice::<Value>(body) else { return body.to_vec() };
    value.as_object_mut().map(|all| all.remove("timeStamp"));
    value.to_string().into_bytes()
}
