//! What lies within a distance of a feature or of a geometry of the reader's own: the rows that a scan by great circles finds, the
//! same in every answer, and no more of a figure than a circle gives.

use crate::common::service::{Answer, Service};
use serde_json::{Value, json};
use shigu::core::query::{BaseArea, BufferOf, Disclosure, Question};
use std::collections::BTreeSet;

const SEARCH: &str = "/collections/enterprises/search?limit=10000";
const EARTH: f64 = 6_371_008.8;

async fn post(service: &Service, uri: &str, body: &Value) -> Answer {
    service.post(uri, "application/json", body.to_string()).await
}

async fn summary(service: &Service, body: &Value) -> Value {
    let answer = post(service, "/summary", body).await;
    assert_eq!(answer.status, 200, "{body}: {}", String::from_utf8_lossy(&answer.body));
    answer.json()
}

fn near(collection: &str, id: &str, metres: f64) -> Value {
    json!({"buffer": {"collection": collection, "id": id, "distance_m": metres}})
}

fn file(name: &str) -> Vec<Value> {
    let text = std::fs::read_to_string(format!("geodata/hangzhou/{name}.geojson")).unwrap();
    serde_json::from_str::<Value>(&text).unwrap()["features"].as_array().unwrap().clone()
}

type Place = [f64; 2];

fn place(value: &Value) -> Place {
    [0, 1].map(|i| value[i].as_f64().unwrap())
}

fn places(line: &Value) -> Vec<Place> {
    line.as_array().unwrap().iter().map(place).collect()
}

/// The haversine formula.
fn far(a: Place, b: Place) -> f64 {
    let (dx, dy) = ((b[0] - a[0]).to_radians() / 2.0, (b[1] - a[1]).to_radians() / 2.0);
    let h = dy.sin().powi(2) + a[1].to_radians().cos() * b[1].to_radians().cos() * dx.sin().powi(2);
    2.0 * EARTH * h.sqrt().asin()
}

/// Metres to the nearest place of a line: in the plane that touches the Earth at the point.
fn to_line(p: Place, line: &[Place]) -> f64 {
    let flat = |c: Place| [(c[0] - p[0]) * p[1].to_radians().cos(), c[1] - p[1]];
    let foot = |ends: &[Place]| {
        let (a, b) = (flat(ends[0]), flat(ends[1]));
        let (dx, dy) = (b[0] - a[0], b[1] - a[1]);
        let square = dx * dx + dy * dy;
        let t = if square > 0.0 { (-(a[0] * dx + a[1] * dy) / square).clamp(0.0, 1.0) } else { 0.0 };
        [ends[0][0] + t * (ends[1][0] - ends[0][0]), ends[0][1] + t * (ends[1][1] - ends[0][1])]
    };
    line.windows(2).map(|ends| far(p, foot(ends))).fold(f64::INFINITY, f64::min)
}

fn within(p: Place, ring: &[Place]) -> bool {
    let crosses = |ends: &[Place]| {
        let [a, b] = [ends[0], ends[1]];
        (a[1] > p[1]) != (b[1] > p[1]) && p[0] < (b[0] - a[0]) * (p[1] - a[1]) / (b[1] - a[1]) + a[0]
    };
    ring.windows(2).filter(|ends| crosses(ends)).count() % 2 == 1
}

/// Metres from a point to a geometry; nothing inside a polygon.
fn distance(p: Place, geometry: &Value) -> f64 {
    let all = |value: &Value| value.as_array().unwrap().clone();
    let polygon = |rings: &Value| {
        let rings: Vec<Vec<Place>> = all(rings).iter().map(places).collect();
        let inside = rings.iter().filter(|ring| within(p, ring)).count() % 2 == 1;
        if inside { 0.0 } else { rings.iter().map(|ring| to_line(p, ring)).fold(f64::INFINITY, f64::min) }
    };
    let coordinates = &geometry["coordinates"];
    let nearest = |each: &mut dyn Iterator<Item = f64>| each.fold(f64::INFINITY, f64::min);
    match geometry["type"].as_str().unwrap() {
        "Point" => far(p, place(coordinates)),
        "LineString" => to_line(p, &places(coordinates)),
        "MultiLineString" => nearest(&mut all(coordinates).iter().map(|line| to_line(p, &places(line)))),
        "Polygon" => polygon(coordinates),
        "MultiPolygon" => nearest(&mut all(coordinates).iter().map(polygon)),
        other => panic!("{other}"),
    }
}

/// Every feature of every collection that lies anywhere, some of the register's: the rows that a scan finds within 99.3 % of the
/// distance are in, and none beyond 100.7 % is (half of that is the sphere's difference from the ellipsoid).
#[tokio::test]
async fn rows_are_those_of_a_scan_by_great_circles() {
    let s = Service::hangzhou(Disclosure::Full);
    let firms: Vec<(String, Place)> = file("enterprises")
        .iter()
        .filter(|f| !f["geometry"].is_null())
        .map(|f| (f["id"].as_str().unwrap().to_owned(), place(&f["geometry"]["coordinates"])))
        .collect();
    let (mut asked, mut inside, mut outside) = (0, 0, 0);
    for collection in ["layout", "platforms", "platform-zones", "districts", "lead-enterprises", "water", "enterprises"]
    {
        let features: Vec<Value> = file(collection).into_iter().filter(|f| !f["geometry"].is_null()).collect();
        let step = (features.len() / 8).max(1);
        for (i, feature) in features.iter().enumerate().step_by(step) {
            let metres = [300.0, 2000.0, 15_000.0][i / step % 3];
            let body = near(collection, feature["id"].as_str().unwrap(), metres);
            let answer = post(&s, SEARCH, &body).await.json();
            let found: BTreeSet<&str> =
                answer["features"].as_array().unwrap().iter().map(|f| f["id"].as_str().unwrap()).collect();
            for (id, at) in &firms {
                let far = distance(*at, &feature["geometry"]);
                if far < metres * 0.993 {
                    assert!(found.contains(id.as_str()), "{body}: {id} is {far} m away and not in");
                    inside += 1;
                } else if far > metres * 1.007 {
                    assert!(!found.contains(id.as_str()), "{body}: {id} is {far} m away and in");
                    outside += 1;
                }
            }
            asked += 1;
        }
    }
    assert!(asked > 40 && inside > 10_000 && outside > 10_000, "{asked} {inside} {outside}");
}

/// The lines of the layout, so wide: one question has one answer in numbers, rows, files, pictures and series.
#[tokio::test]
async fn a_corridor_is_one_area_everywhere() {
    let s = Service::hangzhou(Disclosure::Full);
    let axis = file("layout").into_iter().find(|f| f["geometry"]["type"] == "LineString").unwrap();
    let body = near("layout", axis["id"].as_str().unwrap(), 2000.0);
    let here = summary(&s, &body).await;
    let matched = here["counts"]["matched"].as_u64().unwrap();
    assert!(matched > 20, "{matched}");
    assert_eq!(here["zone"]["kind"], "buffer");
    let name = axis["properties"]["name"].as_str().unwrap();
    assert_eq!(here["zone"]["name"], json!(format!("距{name} 2000 米以内")));
    assert_eq!(post(&s, SEARCH, &body).await.json()["numberMatched"].as_u64(), Some(matched));
    let csv = post(&s, "/report?format=csv", &body).await;
    assert_eq!(String::from_utf8_lossy(&csv.body).lines().count() as u64, matched + 1);
    let html = String::from_utf8_lossy(&post(&s, "/report?format=html&lang=zh", &body).await.body).into_owned();
    assert!(html.contains(&format!("距{name} 2000 米以内")));
    let periods = post(&s, "/summary/periods", &body).await.json();
    assert!(periods["periods"].as_array().unwrap().len() > 1, "{periods}");
    let map = post(&s, "/map?width=400&height=300&f=svg", &body).await;
    assert_eq!(map.status, 200);
    assert_ne!(map.body, s.get("/map?width=400&height=300&f=svg").await.body, "the corridor is drawn");
    // the same line as one of the reader's own
    let mut drawn = json!({"buffer": {"geometry": axis["geometry"], "distance_m": 2000}});
    let own = summary(&s, &drawn).await;
    assert_eq!((&own["counts"], &own["totals"]), (&here["counts"], &here["totals"]));
    assert_eq!(own["zone"]["name_en"], "within 2000 m of what was drawn");
    // what is in no district is not in the corridor less the districts that it crosses
    let districts: Vec<Value> =
        file("districts").iter().map(|d| json!({"op": "difference", "zone": d["id"]})).collect();
    drawn["combine"] = json!(districts);
    let outside = post(&s, SEARCH, &drawn).await.json()["numberMatched"].as_u64().unwrap();
    assert!(outside < matched);
    // a part of another area, and an outline for the page
    let part = json!({"zone": "330106", "outline": true,
        "combine": [{"op": "intersection", "buffer": body["buffer"]}]});
    let part = summary(&s, &part).await;
    assert!(part["zone"]["outline"]["coordinates"].is_array() && part["counts"]["matched"].as_u64() <= Some(matched));
    let platforms = post(&s, "/collections/platforms/search", &body).await.json();
    assert!(platforms["numberMatched"].as_u64() > Some(0), "other collections are asked the same");
    let trial = post(&s, "/trial", &json!({"question": body})).await;
    assert_eq!(trial.status, 200, "{}", String::from_utf8_lossy(&trial.body));
}

#[tokio::test]
async fn what_is_no_buffer_is_said() {
    let s = Service::hangzhou(Disclosure::Full);
    let point = json!({"type": "Point", "coordinates": [120.15, 30.25]});
    let unlocated = file("platforms").into_iter().find(|f| f["geometry"].is_null()).expect("one without a position");
    let zigzag: Vec<Place> = (0..9000).map(|i| [120.0 + f64::from(i) * 1e-4, 30.0 + f64::from(i % 2) * 0.5]).collect();
    let of = |geometry: &Value, metres: Value| json!({"buffer": {"geometry": geometry, "distance_m": metres}});
    for (body, status, said) in [
        (of(&point, json!(0)), 422, "Distance 0 m; it must be from 1 to 500000 m."),
        (of(&point, json!(-5)), 422, "Distance -5 m"),
        (of(&point, json!(1e9)), 422, "Distance 1000000000 m"),
        (of(&point, json!("far")), 400, "invalid type"),
        (of(&point, Value::Null), 400, "invalid type"),
        (json!({"buffer": {"geometry": point}}), 400, "missing field `distance_m`"),
        (json!({"buffer": {"distance_m": 5}}), 400, "give collection and id"),
        (json!({"buffer": {"collection": "layout", "distance_m": 5}}), 400, "give collection and id"),
        (
            json!({"buffer": {"collection": "layout", "id": "x", "geometry": point, "distance_m": 5}}),
            400,
            "one of the two",
        ),
        (json!({"zone": "330106", "buffer": {"geometry": point, "distance_m": 5}}), 400, "give only one of them"),
        (near("nosuch", "x", 5.0), 404, "There is no collection nosuch"),
        (near("layout", "nosuch", 5.0), 404, "There is no feature nosuch in layout"),
        (near("platforms", unlocated["id"].as_str().unwrap(), 5.0), 422, "has no position"),
        (of(&json!({"type": "Point", "coordinates": [200, 95]}), json!(5)), 422, "is not on Earth"),
        (of(&json!({"type": "LineString", "coordinates": [[120, 30]]}), json!(5)), 422, "fewer than two positions"),
        (of(&json!({"type": "Sphere"}), json!(5)), 422, "must be a GeoJSON geometry"),
        (of(&json!({"type": "LineString", "coordinates": zigzag}), json!(5)), 422, "vertices, at most 10000"),
    ] {
        let answer = post(&s, "/summary", &body).await;
        let text = answer.json()["detail_en"].as_str().unwrap().to_owned();
        assert_eq!((answer.status.as_u16(), text.contains(said)), (status, true), "{body:.200}: {text}");
    }
    // JSON has no number that is none: it is refused before
    let text = r#"{"buffer": {"geometry": {"type": "Point", "coordinates": [120, 30]}, "distance_m": NaN}}"#;
    assert_eq!(s.post("/summary", "application/json", text).await.status, 400);
}

/// Who may not see figures gets of few rows no sum, and may not subtract one.
#[tokio::test]
async fn of_few_rows_there_is_no_sum() {
    let (owner, anyone) = (Service::hangzhou(Disclosure::Full), Service::hangzhou(Disclosure::Aggregates));
    // one that shares its place with nobody, and has a figure
    let all: Vec<Value> = file("enterprises").into_iter().filter(|f| !f["geometry"].is_null()).collect();
    let at_place = |f: &Value| all.iter().filter(|other| other["geometry"] == f["geometry"]).count();
    let firm = all.iter().find(|f| f["properties"]["revenue_2025"].is_number() && at_place(f) == 1).unwrap();
    let alone = near("enterprises", firm["id"].as_str().unwrap(), 1.0);
    assert!(summary(&owner, &alone).await["totals"]["revenue"]["sum"].is_number());
    let told = summary(&anyone, &alone).await;
    assert!(
        told["totals"]["revenue"]["sum"].is_null() && told["totals"]["revenue"]["withheld"] == json!(true),
        "{told}"
    );
    // the same rows by a circle and by a buffer have the same protected sum
    let at = &firm["geometry"]["coordinates"];
    let circle = summary(&anyone, &json!({"circle": {"center": at, "radius_m": 9000}})).await;
    let buffer = summary(&anyone, &near("enterprises", firm["id"].as_str().unwrap(), 9000.0)).await;
    assert_eq!((&circle["counts"], &circle["totals"]), (&buffer["counts"], &buffer["totals"]));
    assert_ne!(
        buffer["totals"],
        summary(&owner, &near("enterprises", firm["id"].as_str().unwrap(), 9000.0)).await["totals"]
    );
}

#[test]
fn a_buffer_is_kept_as_it_was_asked() {
    for text in [
        r#"{"buffer":{"collection":"roads","id":"R1","distance_m":2000.0}}"#,
        r#"{"buffer":{"geometry":{"type":"LineString","coordinates":[[120.0,30.0],[120.5,30.5]]},"distance_m":50.0}}"#,
        r#"{"zone":"A","combine":[{"op":"difference","buffer":{"collection":"roads","id":"R1","distance_m":1.0}}]}"#,
    ] {
        let question = Question::from_json(text.as_bytes()).unwrap();
        assert_eq!(question.to_json(), text);
        assert_eq!(Question::from_url_query(&question.to_url_query()).unwrap(), question);
        assert!(question.is_ad_hoc() && !question.fits_query());
    }
    let of = BufferOf::Feature { collection: "roads".into(), id: "R1".into() };
    let built = Question::register().within(BaseArea::Buffer { of, distance_m: 2000.0 });
    assert_eq!(built.to_json(), r#"{"buffer":{"collection":"roads","id":"R1","distance_m":2000.0}}"#);
}
