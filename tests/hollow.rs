//! Geometries that nothing can be computed with, at every entry: reported in two languages, never a panic.

use crate::common::service::{Answer, Service};
use serde_json::{Value, json};
use shigu::core::filter::parse_text;
use shigu::core::query::{Disclosure, Embedded, Engine, QueryError, Question};
use shigu::core::snapshot::Snapshot;
use shigu::data::load::{Limits, Source, load};
use shigu::service::store::Reports;

/// Areas of no surface, as they stand in a body.
const HOLLOW: [&str; 24] = [
    r#"{"type":"Polygon","coordinates":[]}"#,
    r#"{"type":"Polygon","coordinates":[[]]}"#,
    r#"{"type":"Polygon","coordinates":[[],[]]}"#,
    r#"{"type":"Polygon","coordinates":[[],[[120,30],[121,30],[121,31],[120,30]]]}"#,
    r#"{"type":"Polygon","coordinates":[[[120,30]]]}"#,
    r#"{"type":"Polygon","coordinates":[[[120,30],[121,31]]]}"#,
    r#"{"type":"Polygon","coordinates":[[[120,30],[121,31],[120,30]]]}"#,
    r#"{"type":"Polygon","coordinates":[[[120,30],[121,30],[121,31]]]}"#,
    r#"{"type":"Polygon","coordinates":[[[120,30],[120,30],[120,30],[120,30]]]}"#,
    r#"{"type":"Polygon","coordinates":[[[120,30],[121,30],[120,30],[120,30]]]}"#,
    r#"{"type":"Polygon","coordinates":[[[120],[121],[121],[120]]]}"#,
    r#"{"type":"Polygon","coordinates":[[[],[],[],[]]]}"#,
    r#"{"type":"Polygon","coordinates":[[[1e400,30],[121,30],[121,31],[1e400,30]]]}"#,
    r#"{"type":"Polygon","coordinates":[[[120,30],[121,30],[121,-1e999],[120,30]]]}"#,
    r#"{"type":"Polygon","coordinates":[[[null,30],[121,30],[121,31],[null,30]]]}"#,
    r#"{"type":"Polygon"}"#,
    r#"{"type":"MultiPolygon","coordinates":[]}"#,
    r#"{"type":"MultiPolygon","coordinates":[[]]}"#,
    r#"{"type":"MultiPolygon","coordinates":[[[]]]}"#,
    r#"{"type":"MultiPolygon","coordinates":[[[[120,30],[120.1,30],[120.1,30.1],[120,30]]],[]]}"#,
    r#"{"type":"GeometryCollection","geometries":[]}"#,
    r#"{"type":"GeometryCollection","geometries":[{"type":"Polygon","coordinates":[]}]}"#,
    r#"{"type":"MultiPoint","coordinates":[]}"#,
    r#"{"type":"LineString","coordinates":[]}"#,
];

fn refused(answer: &Answer, what: &str) {
    assert_eq!(answer.status, 422, "{what}: {}", String::from_utf8_lossy(&answer.body));
    let problem = answer.json();
    let (zh, en) = (problem["detail"].as_str().unwrap(), problem["detail_en"].as_str().unwrap());
    assert!(zh.contains("polygon") && !zh.is_ascii(), "{what}: {zh}");
    assert!(en.contains("polygon") && en.is_ascii(), "{what}: {en}");
}

#[tokio::test]
async fn an_area_of_nothing_is_refused_wherever_it_is_asked_for() {
    let data = tempfile::tempdir().unwrap();
    let s = Service::with_reports("geodata/hangzhou", Disclosure::Full, Reports::open(data.path(), 0).unwrap());
    for hollow in HOLLOW {
        let step = |op: &str| format!(r#"{{"zone":"330110","combine":[{{"op":"{op}","polygon":{hollow}}}]}}"#);
        let bodies = [
            hollow.to_owned(),
            format!(r#"{{"type":"Feature","properties":{{}},"geometry":{hollow}}}"#),
            format!(r#"{{"polygon":{hollow}}}"#),
            format!(r#"{{"polygon":{hollow},"repair":true}}"#),
            step("union"),
            step("intersection"),
            step("difference"),
        ];
        for body in &bodies {
            for uri in ["/summary", "/report?format=csv", "/map?f=svg", "/collections/enterprises/search", "/zones"] {
                let answer = s.post(uri, "application/json", body.clone()).await;
                if uri == "/zones" {
                    assert!(answer.status.is_client_error(), "{uri} {body}");
                } else {
                    refused(&answer, &format!("{uri} {body}"));
                }
            }
            let job = format!(r#"{{"zones":["city"],"formats":["csv"],"question":{body}}}"#);
            let answer = s.post("/reports", "application/json", job).await;
            assert!(answer.status.is_client_error(), "{body}: {}", answer.status);
        }
        let query: String = form_urlencoded::byte_serialize(hollow.as_bytes()).collect();
        for uri in ["/summary", "/report/city", "/collections/enterprises/items", "/map"] {
            let answer = s.get(&format!("{uri}?polygon={query}")).await;
            assert!(answer.status.is_client_error(), "{uri} {hollow}: {}", answer.status);
        }
    }
    assert_eq!(s.json("/reports").await["jobs"], json!([]));
}

/// Every route that takes a filter in its address, and report jobs: an empty geometry is answered, a broken one refused.
#[tokio::test]
async fn every_route_with_a_filter_has_an_answer_for_a_geometry_of_nothing() {
    let data = tempfile::tempdir().unwrap();
    let s = Service::with_reports("geodata/hangzhou", Disclosure::Full, Reports::open(data.path(), 0).unwrap());
    let routes = [
        "/choropleth?",
        "/hotspots/areas?",
        "/hotspots/areas/events?",
        "/hotspots/density?",
        "/hotspots/hexagons?",
        "/hotspots/distances?class=vision&simulations=100",
        "/hotspots/distances/events?class=vision&simulations=100",
        "/collections/enterprises/items?limit=1",
        "/collections/enterprises/items/S00001/place?",
        "/collections/enterprises/map?f=svg",
        "/collections/enterprises/tiles/WebMercatorQuad/10/421/853?f=mvt",
        "/map?f=svg",
        "/report/city?format=csv",
        "/summary?",
        "/tiles/WebMercatorQuad/10/421/853?f=mvt",
        "/xyz/enterprises/10/853/421.mvt?",
        "/zones?",
        "/zones/chain?",
        "/zones/change?",
        "/zones/lq?",
        "/zones/pairs?",
        "/zones/profile?",
        "/zones/ranking?",
        "/summary/lq?",
        "/summary/periods?",
    ];
    let document: Value = serde_json::from_str(&shigu::http::openapi()).unwrap();
    let paths = document["paths"].as_object().unwrap();
    let filtered = |operation: &Value| {
        operation["parameters"].as_array().is_some_and(|all| {
            all.iter().any(|p| p["name"] == "filter" || p["$ref"].as_str().is_some_and(|r| r.ends_with("/filter")))
        })
    };
    let documented = paths.values().filter(|methods| filtered(&methods["get"])).count();
    assert_eq!(documented, routes.len(), "a route that takes a filter is not tried here");
    for (geometry, broken) in [
        ("POLYGON EMPTY", false),
        ("MULTIPOLYGON EMPTY", false),
        ("GEOMETRYCOLLECTION EMPTY", false),
        ("POLYGON((120 30,121 31))", true),
        ("POLYGON(())", true),
        ("POLYGON((NaN 30,121 30,121 31,NaN 30))", true),
    ] {
        let text = format!("S_INTERSECTS(geometry, {geometry})");
        let filter: String = form_urlencoded::byte_serialize(text.as_bytes()).collect();
        for route in routes {
            let status = s.get(&format!("{route}&filter={filter}").replace("?&", "?")).await.status.as_u16();
            let wanted = if broken { status == 400 } else { (200..300).contains(&status) };
            assert!(wanted, "{route} {geometry}: {status}");
        }
        let job = json!({"zones": ["city"], "formats": ["csv"], "filter": text}).to_string();
        let status = s.post("/reports", "application/json", job).await.status.as_u16();
        assert_eq!(status, if broken { 400 } else { 202 }, "{geometry}");
    }
}

/// Well-known text and GeoJSON in filters: an empty geometry meets nothing, which is an answer; a broken one is refused.
#[tokio::test]
async fn a_geometry_of_nothing_in_a_filter_has_an_answer_or_is_refused() {
    let s = Service::hangzhou(Disclosure::Full);
    let empty = [
        "POLYGON EMPTY",
        "MULTIPOLYGON EMPTY",
        "POINT EMPTY",
        "LINESTRING EMPTY",
        "MULTIPOINT EMPTY",
        "MULTILINESTRING EMPTY",
        "GEOMETRYCOLLECTION EMPTY",
        "GEOMETRYCOLLECTION(POLYGON EMPTY)",
        "GEOMETRYCOLLECTION(POLYGON EMPTY,POINT EMPTY,LINESTRING EMPTY)",
        "MULTIPOLYGON Z EMPTY",
    ];
    let broken = [
        "POLYGON(())",
        "POLYGON((120 30))",
        "POLYGON((120 30,121 31))",
        "POLYGON((120 30,121 30,121 31))",
        "POLYGON((120 30,120 30,120 30,120 30))",
        "POLYGON((1e400 30,121 30,121 31,1e400 30))",
        "POLYGON((NaN 30,121 30,121 31,NaN 30))",
        "MULTIPOLYGON(EMPTY)",
        "LINESTRING(120 30)",
        "POINT(1e999 30)",
        "POINT()",
        "BBOX(1e400,0,1,1)",
    ];
    let operators = ["INTERSECTS", "DISJOINT", "EQUALS", "TOUCHES", "CROSSES", "WITHIN", "CONTAINS", "OVERLAPS"];
    for (collection, of) in [("enterprises", 6000), ("districts", 13), ("water", 1)] {
        for op in operators {
            for geometry in empty {
                let filter: String =
                    form_urlencoded::byte_serialize(format!("S_{op}(geometry, {geometry})").as_bytes()).collect();
                let found = s.json(&format!("/collections/{collection}/items?limit=1&filter={filter}")).await;
                let matched = found["numberMatched"].as_u64().unwrap();
                let wanted = if op == "DISJOINT" { matched >= of.min(500) } else { matched == 0 };
                assert!(wanted, "{collection} {op} {geometry}: {matched}");
                assert!(s.get(&format!("/summary?filter={filter}")).await.status.as_u16() < 500, "{op} {geometry}");
            }
            for geometry in broken {
                let filter: String =
                    form_urlencoded::byte_serialize(format!("S_{op}(geometry, {geometry})").as_bytes()).collect();
                let answer = s.get(&format!("/collections/{collection}/items?filter={filter}")).await;
                assert_eq!(answer.status, 400, "{collection} {op} {geometry}");
                assert!(!answer.json()["detail"].as_str().unwrap().is_ascii(), "{geometry}");
            }
        }
    }
    for hollow in HOLLOW {
        let geometry: Value = match serde_json::from_str(hollow) {
            Ok(geometry) => geometry,
            // a number that no JSON value of ours holds
            Err(_) => continue,
        };
        for op in ["s_intersects", "s_within", "s_equals"] {
            let filter = json!({"op": op, "args": [{"property": "geometry"}, geometry]});
            let body = json!({ "filter": filter }).to_string();
            for uri in ["/summary", "/collections/enterprises/search", "/map?f=svg"] {
                let answer = s.post(uri, "application/json", body.clone()).await;
                assert!(answer.status.as_u16() < 500, "{uri} {body}: {}", answer.status);
            }
        }
    }
}

/// Figures are the register's: a question about other rows has none, whatever its filter (found by `fuzz`).
#[test]
fn sums_of_other_collections_are_refused() {
    let (dataset, _) = load(&Source::Embedded, &Limits::default());
    let engine: Embedded = Snapshot::new(dataset.unwrap()).into();
    let filter = parse_text("S_INTERSECTS(geometry, BBOX(119,29,121,31))").unwrap();
    for question in [Question::of("districts"), Question::of("districts").filtered(filter), Question::of("water")] {
        let bound = engine.bind(&question, Disclosure::Full).unwrap();
        assert!(matches!(bound.summarize(), Err(QueryError::UnknownCollection { .. })));
        assert!(bound.zones().is_err() && bound.platforms().is_empty());
    }
}

/// What cancels out leaves an area of 0, which is not written with a minus.
#[tokio::test]
async fn an_area_of_zero_has_no_sign() {
    let s = Service::hangzhou(Disclosure::Full);
    let square = json!({"type": "Polygon", "coordinates": [[[120.1, 30.2], [120.2, 30.2], [120.2, 30.3], [120.1, 30.3], [120.1, 30.2]]]});
    let far = json!({"type": "Polygon", "coordinates": [[[119.1, 30.2], [119.2, 30.2], [119.2, 30.3], [119.1, 30.3], [119.1, 30.2]]]});
    for body in [
        json!({"polygon": square, "combine": [{"op": "difference", "polygon": square}]}),
        json!({"polygon": square, "combine": [{"op": "intersection", "polygon": far}]}),
        json!({"polygon": square, "combine": [{"op": "union", "polygon": far}, {"op": "intersection", "zone": "330127"}]}),
        json!({"zone": "330110", "combine": [{"op": "difference", "zone": "330110"}]}),
        json!({"circle": {"center": [120.1, 30.2], "radius_m": 500}, "combine": [{"op": "intersection", "polygon": far}]}),
    ] {
        for uri in [
            "/summary",
            "/report?format=csv",
            "/report?format=geojson",
            "/report?format=html",
            "/collections/enterprises/search",
        ] {
            let answer = s.post(uri, "application/json", body.to_string()).await;
            assert_eq!(answer.status, 200, "{uri} {body}");
            let text = String::from_utf8_lossy(&answer.body);
            let signed = text.match_indices("-0").any(|(at, _)| {
                let (before, after) = (&text[..at], text[at + 2..].trim_start_matches(['.', '0']));
                !before.ends_with(|c: char| c.is_alphanumeric() || c == '-')
                    && !after.starts_with(|c: char| c.is_alphanumeric() || c == '-')
            });
            assert!(!signed, "{uri} {body}: {text}");
        }
        let answer = s.post("/summary", "application/json", body.to_string()).await;
        let area = answer.json()["area"]["area_km2"].as_f64();
        assert!(area.is_none_or(f64::is_sign_positive), "{area:?}");
    }
}
