//! What clients see: errors, validators, encodings, links, and what never leaves.

use crate::common;

use axum::body::Body;
use axum::http::{Method, Request};
use common::decode;
use common::service::{Answer, Service};
use serde_json::{Value, json};
use shigu::core::query::Disclosure;
use std::path::Path;

fn problem(answer: &Answer, status: u16, code: &str) {
    let body = String::from_utf8_lossy(&answer.body).into_owned();
    assert_eq!(answer.status, status, "{body}");
    assert_eq!(answer.header("content-type"), "application/problem+json");
    let document = answer.json();
    assert_eq!(document["code"], code, "{body}");
    assert_eq!(document["status"], status);
    assert!(!document["detail"].as_str().unwrap().is_empty() && !document["detail_en"].as_str().unwrap().is_empty());
    assert_eq!(document["request_id"], answer.header("x-request-id"));
    for leak in ["/home", "/root", ".rs:", "panicked", "src/"] {
        assert!(!body.contains(leak), "{body}");
    }
}

#[tokio::test]
async fn every_error_is_a_problem_document_that_names_what_is_wrong() {
    let s = Service::hangzhou(Disclosure::Full);
    let bad = [
        ("/summary?foo=1", "foo"),
        ("/summary?year=1999", "year"),
        ("/summary?year=x", "year"),
        ("/summary?zone=330110&zone=330111", "zone"),
        ("/summary?cluster=nonsense", "cluster"),
        ("/summary?founded=abc", "founded"),
        ("/summary?secondary=maybe", "secondary"),
        ("/zones?kind=planet", "kind"),
        ("/choropleth?choropleth=as:heat", "choropleth"),
        ("/zones/ranking?choropleth=as:heat", "choropleth"),
        ("/zones/ranking?choropleth=as:lq", "choropleth"),
        ("/choropleth?choropleth=by:nosuch", "choropleth"),
        ("/choropleth?choropleth=as:lq", "choropleth"),
        ("/choropleth?choropleth=cut:moran", "choropleth"),
        ("/map?choropleth=ramp:nosuch", "choropleth"),
        ("/map?choropleth=as:lq", "choropleth"),
        ("/collections/districts/items?limit=0", "limit"),
        ("/collections/districts/items?limit=-1", "limit"),
        ("/collections/districts/items?bbox=1,2,3", "bbox"),
        ("/collections/districts/items?bbox=1,2,3,NaN", "bbox"),
        ("/collections/districts/items?bbox=1,5,3,4", "bbox"),
        ("/collections/districts/items?nosuch=1", "nosuch"),
        ("/collections?x=1", "x"),
        ("/search", "q"),
        ("/search?q=%ff", "q"),
        ("/style.json?theme=pink", "theme"),
        ("/xyz/enterprises/1/1/0.mvt?cells=7", "cells"),
        ("/report/city?format=exe", "format"),
        ("/systems?code=4610", "Xian 1980"),
        ("/systems?code=2437", "Beijing 1954"),
        ("/systems?code=31467", "code"),
        ("/systems?code=x", "code"),
    ];
    for (uri, parameter) in bad {
        let answer = s.get(uri).await;
        problem(&answer, 400, "bad-parameter");
        assert!(answer.json()["detail"].as_str().unwrap().contains(parameter), "{uri}");
    }
    for uri in [
        "/nosuch",
        "/collections/nosuch",
        "/collections/districts/items/nosuch",
        "/summary?zone=nosuch",
        "/report/nosuch",
        "/xyz/nosuch/1/0/0.mvt",
        "/xyz/districts/3/8/0.mvt",
        "/xyz/districts/21/0/0.mvt",
        "/xyz/districts/a/0/0.mvt",
        "/xyz/districts/1/0/0.png",
        // one tile, one address
        "/xyz/districts/+8/213/105.mvt",
        "/xyz/districts/%2B8/213/105.mvt",
        "/xyz/districts/8/+213/105.mvt",
        "/xyz/districts/8/213/+105.mvt",
        "/xyz/districts/%208/213/105.mvt",
        "/xyz/districts/8%20/213/105.mvt",
        "/xyz/districts/08/213/105.mvt",
        "/xyz/districts/8/0213/105.mvt",
        "/xyz/districts/8.0/213/105.mvt",
        "/xyz/districts/8/2.13e2/105.mvt",
        "/xyz/districts/8/-0/105.mvt",
        "/xyz/districts/%EF%BC%98/213/105.mvt",
        "/xyz/districts//213/105.mvt",
        "/tiles/WebMercatorQuad/+8/105/213",
        "/tiles/WebMercatorQuad/08/105/213",
        "/collections/districts/tiles/WebMercatorQuad/8/+105/213",
        "/collections/districts/tiles/WebMercatorQuad/8/105/0213",
        "/versions/+1",
        "/versions/01",
        "/../Cargo.toml",
        "/assets/..%2f..%2fCargo.toml",
        "/%2e%2e/Cargo.toml",
    ] {
        problem(&s.get(uri).await, 404, "not-found");
    }
    problem(&s.get_with("/summary", &[("accept", "image/png")]).await, 406, "not-acceptable");
    problem(&s.get(&format!("/search?q={}", "a".repeat(9000))).await, 414, "uri-too-long");
    let body = |text: &str| Body::from(text.to_owned());
    problem(&s.post("/summary", "text/plain", body("{}")).await, 415, "unsupported-media-type");
    problem(&s.post("/summary", "application/json", body("{\"zone\":")).await, 400, "bad-body");
    problem(&s.post("/summary", "application/json", body("{\"nosuch\":1}")).await, 400, "bad-body");
    problem(&s.post("/summary", "application/json", body(&"[".repeat(100_000))).await, 400, "bad-body");
    problem(&s.post("/summary", "application/json", body(&" ".repeat(3 << 20))).await, 413, "body-too-large");
    let crossing = json!({"polygon": {"type": "Polygon", "coordinates": [[[120, 30], [121, 31], [121, 30], [120, 31], [120, 30]]]}});
    let refused = s.post("/summary", "application/json", crossing.to_string()).await;
    problem(&refused, 422, "meaningless");
    assert!(refused.json()["detail"].as_str().unwrap().contains("(120.500000, 30.500000)"), "the place is not named");
    let mut repaired = crossing.clone();
    repaired["repair"] = json!(true);
    assert_eq!(s.post("/summary", "application/json", repaired.to_string()).await.status, 200);
    let nearest = json!({"nearest": {"center": [120.0, 30.28], "k": 25}});
    assert_eq!(s.post("/summary", "application/json", nearest.to_string()).await.json()["counts"]["matched"], 25);
    let both = json!({"zone": "330110", "circle": {"center": [120, 30], "radius_m": 5}});
    problem(&s.post("/summary", "application/json", both.to_string()).await, 400, "bad-parameter");
}

/// Collections and `/systems` say the same, in the same order; a code is answered whether or not the data is offered in it.
#[tokio::test]
async fn reference_systems_are_those_of_collections_with_their_parameters() {
    let s = Service::open("geodata/hangzhou", Disclosure::Full);
    let all = s.json("/systems").await["systems"].as_array().unwrap().clone();
    let uris: Vec<&Value> = all.iter().map(|system| &system["uri"]).collect();
    let collection = s.json("/collections/districts").await;
    assert_eq!(uris, collection["crs"].as_array().unwrap().iter().collect::<Vec<_>>());
    let plane = all.iter().find(|system| system["code"] == 4549).unwrap();
    let expected = json!({"meridian": 120.0, "latitude": 0.0, "scale": 1.0,
        "easting": 500_000.0, "northing": 0.0, "flattening": 298.257_222_101});
    assert_eq!((&plane["projection"], &plane["plane"]), (&json!("transverse-mercator"), &expected));
    assert_eq!(plane["north_first"], true);
    assert!(plane["title"].as_str().unwrap().contains("CM 120E"), "{plane}");
    let utm = s.json("/systems?code=32756").await["systems"][0].clone();
    let (northing, scale) = (&utm["plane"]["northing"], &utm["plane"]["scale"]);
    assert_eq!((&utm["code"], northing, scale), (&json!(32756), &json!(10_000_000.0), &json!(0.9996)));
    assert_eq!(s.json("/systems?code=3857").await["systems"][0]["projection"], "pseudo-mercator");
}

/// serde takes an array for a struct, its elements for the members in order.
#[tokio::test]
async fn an_array_is_no_object_at_any_depth_of_a_body() {
    let s = Service::hangzhou(Disclosure::Full);
    for (uri, object, array) in [
        ("/summary", r#"{"circle":{"center":[120.1,30.2],"radius_m":900}}"#, r#"{"circle":[[120.1,30.2],900]}"#),
        (
            "/summary",
            r#"{"buffer":{"collection":"districts","id":"330106","distance_m":9}}"#,
            r#"{"buffer":["districts","330106",null,9]}"#,
        ),
        ("/summary", r#"{"nearest":{"center":[120.1,30.2],"k":9}}"#, r#"{"nearest":[[120.1,30.2],9]}"#),
        (
            "/summary",
            r#"{"combine":[{"op":"union","zone":"330110"}]}"#,
            r#"{"combine":[["union","330110",null,null]]}"#,
        ),
        (
            "/collections/enterprises/search",
            r#"{"combine":[{"op":"union","circle":{"center":[120.1,30.2],"radius_m":900}}]}"#,
            r#"{"combine":[{"op":"union","circle":[[120.1,30.2],900]}]}"#,
        ),
    ] {
        let read = s.post(uri, "application/json", object).await;
        assert_eq!(read.status, 200, "{object}: {}", String::from_utf8_lossy(&read.body));
        let refused = s.post(uri, "application/json", array).await;
        problem(&refused, 400, "bad-body");
        let detail = refused.json()["detail_en"].as_str().unwrap().to_owned();
        assert!(detail.contains("expected an object"), "{array}: {detail}");
    }
}

/// A file of the page is kept in Brotli and goes out so, and is the same file to whoever takes no coding, another one, or a part.
async fn coded_and_uncoded_alike(s: &Service, uri: &str) {
    let plain = s.get(uri).await;
    assert_eq!((plain.status.as_u16(), plain.header("content-encoding")), (200, ""));
    assert!(plain.body.len() > 10_000 && plain.header("content-type").starts_with("text/javascript"));
    let coded = s.get_with(uri, &[("accept-encoding", "gzip, br")]).await;
    assert_eq!((coded.status.as_u16(), coded.header("content-encoding")), (200, "br"));
    let mut content = Vec::new();
    brotli_decompressor::BrotliDecompress(&mut coded.body.as_ref(), &mut content).unwrap();
    assert!(content == plain.body && coded.body.len() * 2 < content.len());
    for answer in [&plain, &coded] {
        assert!(answer.header("vary").contains("accept-encoding"), "{:?}", answer.headers);
    }
    assert_ne!(plain.header("etag"), coded.header("etag"));
    let gzip = s.get_with(uri, &[("accept-encoding", "gzip, br;q=0")]).await;
    assert_eq!(gzip.header("content-encoding"), "gzip");
    let part = s.get_with(uri, &[("range", "bytes=5-14"), ("accept-encoding", "br")]).await;
    assert_eq!((part.status.as_u16(), part.header("content-encoding")), (206, ""));
    assert_eq!(part.body, plain.body.slice(5..15));
    for known in [&plain, &coded] {
        let again = [("if-none-match", known.header("etag")), ("accept-encoding", "br")];
        assert_eq!(s.get_with(uri, &again).await.status, 304);
    }
    problem(&s.get(&format!("{uri}.br")).await, 404, "not-found");
}

/// The page where `web/dist` was built, the notice that says how to build it where it was not: never neither.
#[tokio::test]
async fn the_page_or_a_notice_how_to_build_it() {
    let s = Service::hangzhou(Disclosure::Full);
    let built = Path::new(env!("CARGO_MANIFEST_DIR")).join("web/dist/index.html").is_file();
    let index = s.get_with("/", &[("accept", "text/html")]).await;
    assert_eq!((index.status.as_u16(), index.header("content-type")), (200, "text/html; charset=utf-8"));
    let index = String::from_utf8(index.body.to_vec()).unwrap();
    assert_eq!(
        index.contains("make web"),
        !built,
        "web/dist is not what was compiled in: `make web`, then build again"
    );
    assert_eq!(index.contains("src=\"./assets/"), built, "{index}");
    // the landing page's links are in either
    assert!(index.contains("rel=\"service-desc\"") && index.contains("<noscript>"), "{index}");
    let delete = Request::builder().method(Method::DELETE).uri("/favicon.svg").body(Body::empty()).unwrap();
    let (got, deleted) = (s.get("/favicon.svg").await, s.send(delete).await);
    if built {
        assert_eq!((got.status.as_u16(), got.header("content-type")), (200, "image/svg+xml"));
        problem(&deleted, 405, "method-not-allowed");
        assert_eq!(deleted.header("allow"), "GET, HEAD, OPTIONS");
        let script = index.split("src=\"./").nth(1).unwrap().split('"').next().unwrap();
        coded_and_uncoded_alike(&s, &format!("/{script}")).await;
    } else {
        problem(&got, 404, "not-found");
        problem(&deleted, 404, "not-found");
    }
}

#[tokio::test]
async fn methods_languages_and_head() {
    let s = Service::hangzhou(Disclosure::Full);
    for (uri, allow) in
        [("/summary", "GET, HEAD, POST, OPTIONS"), ("/collections", "GET, HEAD, OPTIONS"), ("/report", "POST, OPTIONS")]
    {
        let answer = s.send(Request::builder().method(Method::DELETE).uri(uri).body(Body::empty()).unwrap()).await;
        problem(&answer, 405, "method-not-allowed");
        assert_eq!(answer.header("allow"), allow);
    }
    let zh = s.get("/nosuch").await.json();
    let en = s.get_with("/nosuch", &[("accept-language", "en-GB,en;q=0.9,zh;q=0.2")]).await.json();
    assert!(zh["detail"].as_str().unwrap().contains("没有") && en["detail"].as_str().unwrap().contains("nothing"));
    let head = s.send(Request::head("/collections").body(Body::empty()).unwrap()).await;
    assert_eq!((head.status.as_u16(), head.body.len()), (200, 0));
    assert_eq!(head.header("etag"), s.get("/collections").await.header("etag"));
}

#[tokio::test]
async fn validators_and_encodings() {
    let s = Service::hangzhou(Disclosure::Full);
    for uri in [
        "/dataset",
        "/summary?zone=330110",
        "/zones?kind=district",
        "/collections/districts/items",
        "/xyz/districts/8/213/105.mvt",
        "/style.json",
        "/report/330110?format=csv",
    ] {
        let first = s.get(uri).await;
        let etag = first.header("etag");
        let stamped = uri.ends_with("/items");
        assert_eq!(etag.starts_with("W/"), stamped, "a weak tag only where the answer says when it was made: {uri}");
        assert!(etag.contains(s.json("/dataset").await["revision"].as_str().unwrap()), "{uri} {etag}");
        for known in
            [etag.to_owned(), format!("\"x\", {etag}"), "*".to_owned(), etag.trim_start_matches("W/").to_owned()]
        {
            let again = s.get_with(uri, &[("if-none-match", &known)]).await;
            assert_eq!((again.status.as_u16(), again.body.len()), (304, 0), "{uri}");
            assert_eq!(again.header("etag"), etag);
        }
        assert_eq!(s.get_with(uri, &[("if-none-match", "W/\"other\"")]).await.status, 200);
        for coding in ["gzip", "br", "zstd"] {
            let coded = s.get_with(uri, &[("accept-encoding", coding)]).await;
            assert_eq!(coded.header("content-encoding"), coding, "{uri}");
            let own = if stamped { etag.to_owned() } else { format!("{}-{coding}\"", etag.trim_end_matches('"')) };
            assert_eq!(coded.header("etag"), own, "the tag of other bytes: {uri}");
            let again = s.get_with(uri, &[("accept-encoding", coding), ("if-none-match", &own)]).await;
            assert_eq!((again.status.as_u16(), again.header("etag")), (304, own.as_str()), "{uri}");
            assert_eq!(again.header("content-encoding"), "", "a 304 describes no bytes");
            if !stamped {
                let uncoded = s.get_with(uri, &[("if-none-match", &own)]).await;
                assert_eq!(uncoded.status, 200, "a reader without {coding} does not have {uri}");
            }
            assert!(coded.body.len() < first.body.len());
            let vary: Vec<_> =
                coded.headers.get_all("vary").iter().map(|v| v.to_str().unwrap().to_lowercase()).collect();
            assert!(vary.join(",").contains("accept-encoding"));
        }
        assert_eq!(s.get_with(uri, &[("accept-encoding", "gzip;q=0, identity")]).await.header("content-encoding"), "");
        if !stamped {
            assert_eq!(s.get(uri).await.body, first.body, "the same question gives the same bytes");
        }
    }
}

#[tokio::test]
async fn pages_of_items_are_whole_and_linked() {
    let s = Service::hangzhou(Disclosure::Full);
    let mut next = "/collections/enterprises/items?limit=700&cluster=robot".to_owned();
    let mut ids = Vec::new();
    let matched = loop {
        let page = s.json(&next).await;
        ids.extend(page["features"].as_array().unwrap().iter().map(|f| f["id"].as_str().unwrap().to_owned()));
        let link = page["links"].as_array().unwrap().iter().find(|l| l["rel"] == "next").cloned();
        match link {
            Some(link) => next = link["href"].as_str().unwrap().strip_prefix("http://shigu.test").unwrap().to_owned(),
            None => break page["numberMatched"].as_u64().unwrap() as usize,
        }
    };
    assert_eq!(ids.len(), matched);
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), matched, "a row on two pages");
    let one = s.json(&format!("/collections/enterprises/items/{}", ids[0])).await;
    assert_eq!((one["type"].as_str(), one["properties"]["cluster"].as_str()), (Some("Feature"), Some("robot")));
    // names, aliases and codes of a codelist are the same question
    let by_name =
        s.json("/collections/enterprises/items?limit=1&cluster=%E6%99%BA%E8%83%BD%E6%9C%BA%E5%99%A8%E4%BA%BA").await;
    assert_eq!(by_name["numberMatched"].as_u64().unwrap() as usize, matched);
}

#[tokio::test]
async fn one_question_one_answer_everywhere() {
    let s = Service::hangzhou(Disclosure::Full);
    for zone in ["330110", "P13", "axis-corridor", "outside"] {
        let filter = "cluster=vision&size=small";
        let items = s.json(&format!("/collections/enterprises/items?zone={zone}&{filter}&limit=1")).await;
        let summary = s.json(&format!("/summary?zone={zone}&{filter}")).await;
        let geojson = s.get(&format!("/report/{zone}?format=geojson&{filter}")).await.json();
        assert_eq!(items["numberMatched"], summary["counts"]["matched"], "{zone}");
        assert_eq!(
            geojson["features"].as_array().unwrap().len() as u64,
            summary["counts"]["matched"].as_u64().unwrap()
        );
    }
    let tile = s.get("/xyz/enterprises/0/0/0.mvt?cluster=vision&size=small").await;
    let layers = decode(&tile.body);
    let rows: u64 =
        layers["enterprises"].as_array().unwrap().iter().map(|f| f["properties"]["n"].as_u64().unwrap_or(1)).sum();
    assert_eq!(rows, s.json("/summary?cluster=vision&size=small").await["counts"]["located"]);
}

#[tokio::test]
async fn search_finds_by_characters_initials_and_pinyin() {
    let s = Service::hangzhou(Disclosure::Full);
    for q in ["%E4%BD%99%E6%9D%AD%E5%8C%BA", "yhq", "YHQ", "yuhangqu", "yuhang"] {
        let found = s.json(&format!("/search?q={q}")).await;
        assert_eq!(found["results"][0]["zone"], "330110", "{q}: {found}");
        assert_eq!(found["results"][0]["name"], "余杭区");
    }
    let many = s.json("/search?q=%E7%A4%BA%E4%BE%8B&limit=5").await;
    assert_eq!((many["results"].as_array().unwrap().len(), many["total"].as_u64()), (5, Some(5108)));
    assert_eq!(s.json("/search?q=%20").await["total"], 0);
}

/// Everything a reader without the right can get, searched for anything that is restricted.
#[tokio::test]
async fn restricted_figures_leave_only_inside_sums() {
    let s = Service::hangzhou(Disclosure::Aggregates);
    for uri in [
        "/collections/enterprises/items?limit=50",
        "/collections/enterprises/items/S00001",
        "/report/330127?format=geojson",
        "/report/330127?format=csv",
        "/collections/enterprises",
    ] {
        let text = String::from_utf8_lossy(&s.get(uri).await.body).into_owned();
        for word in ["revenue_20", "employees_20", "营业收入"] {
            assert!(!text.contains(word), "{uri} lets out {word}");
        }
        assert!(text.contains("enterprises") || text.contains("示例"), "{uri}");
    }
    problem(&s.get("/summary?revenue_2025=100").await, 403, "restricted");
    problem(&s.get("/collections/enterprises/items?revenue_2025=100").await, 403, "restricted");
    let tile = decode(&s.get("/xyz/enterprises/14/13660/6740.mvt").await.body);
    let world = decode(&s.get("/xyz/enterprises/5/26/13.mvt?cells=64").await.body);
    for f in tile
        .get("enterprises")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .chain(world["enterprises"].as_array().unwrap())
    {
        let n = f["properties"]["n"].as_u64().unwrap_or(1);
        assert!(n >= 3 || f["properties"].get("revenue").is_none(), "{f}");
    }
    // no sum over one or two enterprises, in any zone, cluster and year
    for zone in s.json("/zones").await["zones"].as_array().unwrap() {
        let summary = s.json(&format!("/summary?zone={}&year=2020", zone["id"].as_str().unwrap())).await;
        for c in summary["clusters"].as_array().unwrap() {
            let r = &c["amounts"]["revenue"];
            assert!(r["sum"].is_null() || r["reported"].as_u64().unwrap() >= 3, "{zone}: {c}");
        }
    }
    let circle = json!({"circle": {"center": [119.0, 29.6], "radius_m": 1500}}).to_string();
    let small = s.post("/summary", "application/json", circle).await.json();
    if small["counts"]["matched"].as_u64().unwrap() < 10 {
        assert!(small["totals"]["revenue"]["sum"].is_null());
    }
    assert_eq!(s.json("/dataset").await["disclosure"], "aggregates");
}

#[tokio::test]
async fn nothing_asks_for_another_origin() {
    let s = Service::hangzhou(Disclosure::Full);
    for theme in ["light", "dark"] {
        let style = s.json(&format!("/style.json?theme={theme}&lang=en")).await;
        assert!(style.get("glyphs").is_none() && style.get("sprite").is_none());
        for tile in style["sources"]["shigu"]["tiles"].as_array().unwrap() {
            assert!(tile.as_str().unwrap().starts_with("http://shigu.test/xyz/"));
        }
        let ids: Vec<&str> = style["layers"].as_array().unwrap().iter().map(|l| l["id"].as_str().unwrap()).collect();
        let mut unique = ids.clone();
        unique.sort_unstable();
        unique.dedup();
        assert_eq!(unique.len(), ids.len());
    }
    assert!(s.get("/").await.header("content-security-policy").starts_with("default-src 'self'"));
}

/// `web/openapi.json`, from which the page's types are made, is what the service says of itself.
#[tokio::test]
async fn the_documented_service_is_the_service() {
    let s = Service::hangzhou(Disclosure::Full);
    let document: Value = serde_json::from_str(&shigu::http::openapi()).unwrap();
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/web/openapi.json");
    let copy: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    assert!(copy == document, "web/openapi.json is old: shigu api > web/openapi.json, then npm run api in web/");
    for part in document.to_string().split("\"$ref\":\"#").skip(1) {
        let target = part.split('"').next().unwrap();
        assert!(document.pointer(target).is_some(), "{target} is referred to and not there");
    }
    for (path, methods) in document["paths"].as_object().unwrap() {
        let uri = common::described(path);
        if methods.get("get").is_some() {
            let uri = if uri == "/search" { "/search?q=a".to_owned() } else { uri };
            // nothing is kept and no file lies under the map here: tests/saved_links.rs, tests/versions.rs, tests/imports.rs,
            // tests/reports.rs, tests/site.rs
            let expected = match path.as_str() {
                "/s/{code}" | "/basemap.pmtiles" => 404,
                "/versions"
                | "/imports"
                | "/drafts"
                | "/drafts/{owner}"
                | "/imports/{id}"
                | "/imports/{id}/faults.xlsx"
                | "/saved"
                | "/saved/{id}"
                | "/saved/briefing"
                | "/saved/export" => 501,
                // layouts, or the form of a file, are requested
                "/layouts/beside" | "/layouts/paper" | "/consultations/{round}/adoption" | "/plan/progress" => 400,
                path if path.starts_with("/rounds/{round}/own") => 401,
                path if ["/briefings", "/reports", "/rounds", "/layouts", "/consultations"]
                    .iter()
                    .any(|own| path.starts_with(own)) =>
                {
                    501
                }
                // there are no accounts: tests/accounts
                "/accounts" | "/audit" | "/audit/usage" => 404,
                // nor an identity provider
                path if path.starts_with("/session/oidc") => 404,
                // a class is requested
                "/imports/{id}/rows" | "/hotspots/distances" | "/hotspots/distances/events" => 400,
                // a number is requested
                path if path.starts_with("/versions/") => 404,
                _ => 200,
            };
            assert_eq!(s.get(&uri).await.status, expected, "{uri}");
        }
    }
}

/// What reads the parameters of a resource describes them: an unknown one is named, beside all that are known.
#[tokio::test]
async fn the_parameters_that_are_read_are_those_that_are_described() {
    let s = Service::hangzhou(Disclosure::Full);
    let document: Value = serde_json::from_str(&shigu::http::openapi()).unwrap();
    let (mut listed, mut words) = (0, 0);
    for (path, methods) in document["paths"].as_object().unwrap() {
        let Some(get) = methods.get("get") else { continue };
        // what an identity provider sends along besides is none of ours (RFC 6749, 4.1.2)
        if path == "/session/oidc/callback" {
            continue;
        }
        let uri = common::described(path).replace("{number}", "1").replace(['{', '}'], "");
        let query = get["parameters"].as_array().map_or(&[][..], Vec::as_slice);
        let query: Vec<&Value> = query.iter().filter(|p| p["in"] == "query").collect();
        let ask = |name: &str| {
            let mut asked = format!("{uri}?{name}=nonsense");
            for p in query.iter().filter(|p| p["required"] == true && p["name"] != name) {
                let value = p["schema"]["enum"][0].as_str().unwrap_or("a");
                asked.extend(["&", p["name"].as_str().unwrap(), "=", value]);
            }
            asked
        };
        let answer = s.get(&ask("no-such-parameter")).await;
        problem(&answer, 400, "bad-parameter");
        let detail = answer.json()["detail_en"].as_str().unwrap().to_owned();
        assert!(detail.contains("no-such-parameter"), "{path}: {detail}");
        // others are conditions on properties, and are listed as such
        if !query.iter().any(|p| p["name"] == "property") {
            let known = detail.split_once("known: ").map_or("", |(_, known)| known);
            let mut known: Vec<&str> = known.split(", ").filter(|name| !name.is_empty()).collect();
            let mut described: Vec<&str> = query.iter().map(|p| p["name"].as_str().unwrap()).collect();
            known.sort_unstable();
            described.sort_unstable();
            assert_eq!(known, described, "{path}");
            listed += known.len();
        }
        for parameter in query.iter().filter(|p| p["schema"]["enum"].is_array()) {
            let name = parameter["name"].as_str().unwrap();
            let detail = s.get(&ask(name)).await.json()["detail_en"].as_str().unwrap().to_owned();
            let all: Vec<&str> =
                parameter["schema"]["enum"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
            let said = format!("Parameter {name}: \"nonsense\" is not one of {}", all.join(" | "));
            assert_eq!(detail, said, "{path}");
            words += 1;
        }
    }
    assert!(listed > 40 && words > 30, "{listed} parameters, {words} lists of words");
}

/// The tiles of every layer are valid by another program's reading, and hold only what TileJSON names.
#[tokio::test]
async fn tiles_hold_what_tilejson_names() {
    let s = Service::hangzhou(Disclosure::Full);
    let all = "water,districts,platform-zones,layout,platforms,lead-enterprises,enterprises,projects,premises";
    let tilejson = s.json(&format!("/xyz/{all}/tilejson.json")).await;
    assert_eq!(tilejson["tilejson"], "3.0.0");
    let layers = tilejson["vector_layers"].as_array().unwrap();
    let mut seen = 0;
    for (z, x, y) in [(0, 0, 0), (6, 53, 26), (8, 213, 105), (10, 853, 421), (12, 3413, 1685), (14, 13660, 6741)] {
        let tile = decode(&s.get(&format!("/xyz/{all}/{z}/{x}/{y}.mvt")).await.body);
        for (name, features) in &tile {
            let layer =
                layers.iter().find(|l| l["id"] == **name).unwrap_or_else(|| panic!("{name} is not in TileJSON"));
            for f in features.as_array().unwrap() {
                seen += 1;
                for key in f["properties"].as_object().unwrap().keys() {
                    assert!(layer["fields"].get(key).is_some(), "{name}.{key} is not in TileJSON");
                }
            }
        }
    }
    assert!(seen > 1000);
    assert_eq!(s.get("/xyz/districts/8/0/0.mvt").await.status, 204);
}
