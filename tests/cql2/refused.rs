//! What filters may not say, and what they can: problems name the parameter and the place; queryables.

use crate::common::encoded;
use crate::common::service::Service;
use serde_json::json;
use shigu::core::query::Disclosure;

#[tokio::test]
async fn a_bad_filter_is_a_400_that_says_where() {
    let s = Service::hangzhou(Disclosure::Full);
    for (filter, says) in [
        ("cluster = ", "character 11"),
        ("cluster = 'robot' AND (founded > 2000", "character 38"),
        ("nosuch = 1", "nosuch: no such parameter or property; properties: name, cluster"),
        ("cluster = 'nonsense'", "cluster: \"nonsense\" is not vision | "),
        ("founded = 'old'", "'old': text where a number is expected"),
        ("founded", "founded: a number where a condition or a boolean is expected"),
        ("name > 5", "5: a number where text is expected"),
        ("geometry = 'x'", "geometry: a geometry where"),
        ("cluster_secondary = 'robot'", "cluster_secondary: an array where"),
        ("S_WITHIN(name, POINT(120 30))", "name: text where a geometry is expected"),
        ("S_WITHIN(geometry, POINT(320 30))", "not on Earth"),
        ("S_WITHIN(geometry, POLYGON((0 0, 2 2, 2 0, 0 2, 0 0)))", "a valid geometry"),
        ("S_TOUCHES(geometry, GEOMETRYCOLLECTION(POINT(0 0), LINESTRING(0 0, 1 1)))", "a collection of several sorts"),
        ("avg(founded) > 2000", "no function avg"),
        ("name LIKE district", "a text literal"),
        ("T_AFTER(founded, DATE('2020-01-01'))", "founded: a number where a date or a timestamp"),
        (&"(".repeat(500), "nesting of at most"),
        (&"NOT ".repeat(1000), "nesting of at most"),
    ] {
        for path in
            ["/collections/enterprises/items", "/summary", "/zones", "/report/city", "/xyz/enterprises/9/426/210.mvt"]
        {
            let answer = s.get(&format!("{path}?filter={}", encoded(filter))).await;
            assert_eq!(answer.status, 400, "{path} {filter}");
            let problem = answer.json();
            let detail = problem["detail_en"].as_str().unwrap();
            assert!(detail.starts_with("Parameter filter: ") && detail.contains(says), "{filter}: {detail}");
            assert!(problem["detail"].as_str().unwrap().starts_with("参数 filter:"), "{problem}");
        }
    }
    for (query, parameter) in [
        ("filter-lang=sql", "filter-lang"),
        ("filter=TRUE&filter-crs=http://www.opengis.net/def/crs/EPSG/0/2000", "filter-crs"),
        ("filter=TRUE&filter=FALSE", "filter"),
        ("filter-lang=cql2-json&filter=TRUE", "filter"),
        ("filter=%7B%22op%22%3A%22not%22%7D", "filter"),
    ] {
        let answer = s.get(&format!("/collections/enterprises/items?{query}")).await;
        assert_eq!(answer.status, 400, "{query}");
        assert!(
            answer.json()["detail_en"].as_str().unwrap().starts_with(&format!("Parameter {parameter}: ")),
            "{query}"
        );
    }
    let crs = "filter=TRUE&filter-lang=cql2-text&filter-crs=http://www.opengis.net/def/crs/OGC/1.3/CRS84";
    assert_eq!(s.get(&format!("/collections/enterprises/items?{crs}")).await.status, 200);
}

#[tokio::test]
async fn restricted_properties_are_not_filtered_by_row() {
    let s = Service::hangzhou(Disclosure::Aggregates);
    for filter in
        ["revenue_2025 > 100", "NOT (employees_2025 IS NULL)", "founded = revenue_2025", "TRUE OR revenue_2025 * 2 = 4"]
    {
        for path in
            ["/collections/enterprises/items", "/summary", "/zones", "/report/city", "/xyz/enterprises/9/426/210.mvt"]
        {
            assert_eq!(s.get(&format!("{path}?filter={}", encoded(filter))).await.status, 403, "{path} {filter}");
        }
        let body = json!({"filter": filter}).to_string();
        assert_eq!(s.post("/summary", "application/json", body).await.status, 403, "{filter}");
    }
    let queryables = s.json("/collections/enterprises/queryables").await;
    assert!(queryables["properties"]["founded"].is_object() && queryables["properties"]["revenue_2025"].is_null());
}

#[tokio::test]
async fn queryables_are_a_schema() {
    let s = Service::hangzhou(Disclosure::Full);
    let answer = s.get("/collections/enterprises/queryables").await;
    assert_eq!(answer.header("content-type"), "application/schema+json");
    let q = answer.json();
    assert_eq!(q["$schema"], "https://json-schema.org/draft/2020-12/schema");
    assert_eq!(q["$id"], "http://shigu.test/collections/enterprises/queryables");
    assert_eq!((&q["type"], &q["additionalProperties"]), (&json!("object"), &json!(false)));
    let p = &q["properties"];
    assert_eq!(p["geometry"]["format"], "geometry-point");
    assert!(p["geometry"]["type"].is_null() && p["geometry"]["$ref"].is_null());
    assert_eq!((&p["id"]["type"], &p["founded"]["type"]), (&json!("string"), &json!("integer")));
    assert_eq!(p["cluster"]["enum"][0], "vision");
    assert_eq!(
        s.json("/collections/districts/queryables").await["properties"]["geometry"]["format"],
        "geometry-polygon-or-multipolygon"
    );
    assert_eq!(s.get("/collections/nosuch/queryables").await.status, 404);
    assert_eq!(s.get("/collections/enterprises/queryables?x=1").await.status, 400);
    let links = s.json("/collections/enterprises").await["links"].clone();
    assert!(links.as_array().unwrap().iter().any(|l| l["rel"] == "http://www.opengis.net/def/rel/ogc/1.0/queryables"));
    // every name in it can be requested
    for name in p.as_object().unwrap().keys() {
        let uri =
            format!("/collections/enterprises/items?limit=1&filter={}", encoded(&format!("\"{name}\" IS NOT NULL")));
        assert_eq!(s.get(&uri).await.status, 200, "{name}");
    }
}
