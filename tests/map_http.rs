//! `/map` over HTTP: OGC API - Maps Part 1, and the limits of it.

use crate::common;

use axum::body::Bytes;
use common::service::{Answer, Service};
use serde_json::json;
use shigu::core::query::Disclosure;
use std::sync::Arc;

const MAP: &str = "http://www.opengis.net/def/rel/ogc/1.0/map";

fn service(folder: &str) -> Service {
    Service::open(folder, Disclosure::Full)
}

fn text(answer: &Answer) -> String {
    String::from_utf8_lossy(&answer.body).into_owned()
}

fn size_of_png(body: &Bytes) -> (u32, u32) {
    assert_eq!(&body[..8], b"\x89PNG\r\n\x1a\n");
    let side = |at: usize| u32::from_be_bytes(body[at..at + 4].try_into().unwrap());
    (side(16), side(20))
}

#[tokio::test]
async fn a_map_is_where_its_headers_say() {
    let s = service("geodata/hangzhou");
    let box3857 = "13360000,3530000,13380000,3545000";
    for (uri, bbox, crs) in [
        ("/map?f=svg&bbox=120,30,120.5,30.25&width=400&height=200".to_owned(), "120,30,120.5,30.25", ""),
        (
            "/map?f=svg&crs=http://www.opengis.net/def/crs/EPSG/0/4326&bbox=120,30,120.5,30.25&width=400".to_owned(),
            "30,120,30.25,120.5",
            "<http://www.opengis.net/def/crs/EPSG/0/4326>",
        ),
        ("/map?f=svg&bbox-crs=[EPSG:4326]&bbox=30,120,30.25,120.5&width=400".to_owned(), "120,30,120.5,30.25", ""),
        (
            format!(
                "/map?f=svg&crs=EPSG:3857&bbox-crs=http://www.opengis.net/def/crs/EPSG/0/3857&bbox={box3857}&width=256&height=256"
            ),
            box3857,
            "<http://www.opengis.net/def/crs/EPSG/0/3857>",
        ),
    ] {
        let answer = s.get(&uri).await;
        assert_eq!(answer.status, 200, "{uri}: {}", text(&answer));
        assert_eq!(answer.header("content-type"), "image/svg+xml");
        assert_eq!((answer.header("content-bbox"), answer.header("content-crs")), (bbox, crs), "{uri}");
        assert!(answer.header("etag").starts_with('"'), "{}", answer.header("etag"));
    }
    // a box in degrees requested in Mercator: the corners are those of the degrees
    let answer = s.get("/map?f=svg&crs=EPSG:3857&bbox=0,0,180,45&width=300").await;
    let corners: Vec<f64> = answer.header("content-bbox").split(',').map(|n| n.parse().unwrap()).collect();
    assert!(
        (corners[2] - 20_037_508.342_789_244).abs() < 1e-6 && (corners[3] - 5_621_521.486_192).abs() < 1e-3,
        "{corners:?}"
    );
}

#[tokio::test]
async fn formats_sizes_and_memory() {
    let s = service("tests/data/tinyville");
    let png = s.get_with("/map?width=300&height=200", &[("accept", "image/png")]).await;
    assert_eq!((png.status.as_u16(), png.header("content-type")), (200, "image/png"));
    assert_eq!(size_of_png(&png.body), (300, 200));
    let twice = s.get("/map?width=300&height=200&mm-per-pixel=0.14").await;
    assert_eq!(size_of_png(&twice.body), (300, 200));
    assert_ne!(twice.body, png.body, "lines and text are twice as large");
    let again = s.get_with("/map?width=300&height=200", &[("accept", "image/png")]).await;
    assert_eq!(again.body, png.body);
    let known = s
        .get_with("/map?width=300&height=200", &[("accept", "image/png"), ("if-none-match", png.header("etag"))])
        .await;
    assert_eq!((known.status.as_u16(), known.body.len()), (304, 0));
    assert_eq!(known.header("content-bbox"), png.header("content-bbox"));
    let svg = s.get_with("/map", &[("accept", "image/svg+xml")]).await;
    assert_eq!((svg.status.as_u16(), svg.header("content-type")), (200, "image/svg+xml"));
    let named = s.get_with("/map?f=svg", &[("accept", "image/png")]).await;
    assert_eq!(named.header("content-type"), "image/svg+xml", "f goes before Accept");
    assert_eq!(s.get_with("/map", &[("accept", "text/csv")]).await.status, 406);
    // nothing in it reaches out or runs
    for bad in ["<script", "<image", "href", "@import", "javascript"] {
        assert!(!text(&svg).contains(bad), "{bad}");
    }
}

#[tokio::test]
async fn what_is_behind_a_map_is_chosen() {
    let s = service("tests/data/tinyville");
    let has = |svg: &str, color: &str| svg.contains(&format!(r#"height="100%" fill="{color}""#));
    for (query, ground) in [
        ("bgcolor=0xFF8000", Some("#FF8000")),
        ("bgcolor=ff8000", Some("#FF8000")),
        ("bgcolor=MidnightBlue", Some("#191970")),
        ("bgcolor=white&transparent=false", Some("#FFFFFF")),
        ("bgcolor=white&transparent=true", None),
        ("transparent=true", None),
        ("void-color=red&void-transparent=false&bgcolor=0xFF8000", Some("#FF8000")),
    ] {
        let answer = s.get(&format!("/map?f=svg&{query}")).await;
        assert_eq!(answer.status, 200, "{query}: {}", text(&answer));
        let svg = text(&answer);
        match ground {
            Some(color) => assert!(has(&svg, color), "{query}"),
            None => assert!(!svg.contains(r#"height="100%""#), "{query}"),
        }
    }
    assert_eq!(s.get("/map?f=svg&void-color=nocolour").await.status, 400);
    assert_eq!(s.get("/map?f=svg&void-transparent=1").await.status, 400);
}

#[tokio::test]
async fn bad_parameters_are_named() {
    let s = service("tests/data/tinyville");
    for (uri, name) in [
        ("/map?width=0", "width"),
        ("/map?width=4097", "width"),
        ("/map?height=1.5", "height"),
        ("/map?height=-3", "height"),
        ("/map?width=4096&bbox=1,1,1.1,3", "width"),
        ("/map?bbox=1,2,3", "bbox"),
        ("/map?bbox=1,1,1,4", "bbox"),
        ("/map?bbox=NaN,1,2,4", "bbox"),
        ("/map?bbox=100,-91,120,4", "bbox"),
        ("/map?bbox-crs=EPSG:4549&bbox=1,1,2,2", "bbox-crs"),
        ("/map?crs=EPSG:4549", "crs"),
        ("/map?bgcolor=lightredish", "bgcolor"),
        ("/map?transparent=yes", "transparent"),
        ("/map?legend=1", "legend"),
        ("/map?layers=nonsense", "layers"),
        ("/map?mm-per-pixel=0", "mm-per-pixel"),
        ("/map?mm-per-pixel=inf", "mm-per-pixel"),
        ("/map?f=jpeg", "f"),
        ("/map?lang=fr", "lang"),
        ("/map?year=1999", "year"),
        ("/map?nonsense=1", "nonsense"),
        ("/map?collections=water&cluster=vision", "cluster"),
        ("/map?filter=cluster%20=", "filter"),
        ("/collections/districts/map?cluster=vision", "cluster"),
    ] {
        let answer = s.get(uri).await;
        assert_eq!(answer.status, 400, "{uri}: {}", text(&answer));
        let problem = answer.json();
        assert_eq!(problem["code"], "bad-parameter");
        assert!(problem["detail_en"].as_str().unwrap().starts_with(&format!("Parameter {name}")), "{uri}: {problem}");
    }
    assert_eq!(s.get("/map?zone=nowhere").await.status, 404);
    assert_eq!(s.get("/map?collections=water,nothing").await.status, 404);
    assert_eq!(s.get("/collections/nothing/map").await.status, 404);
}

#[tokio::test]
async fn without_a_font_the_operator_reads_what_to_do() {
    let s = Service::fontless("tests/data/tinyville");
    let answer = s.get("/map").await;
    assert_eq!(answer.status, 501, "{}", text(&answer));
    let problem = answer.json();
    assert_eq!(problem["code"], "no-font");
    for hint in ["fonts-noto-cjk", "--font", "f=svg"] {
        assert!(
            problem["detail"].as_str().unwrap().contains(hint) && problem["detail_en"].as_str().unwrap().contains(hint)
        );
    }
    assert_eq!(s.get("/map?f=svg").await.status, 200);
}

#[tokio::test]
async fn maps_are_linked_and_hold_what_is_requested() {
    let s = service("tests/data/tinyville");
    let all = s.json("/collections").await;
    for collection in all["collections"].as_array().unwrap() {
        let link = collection["links"].as_array().unwrap().iter().find(|l| l["rel"] == MAP).unwrap().clone();
        let path = link["href"].as_str().unwrap().strip_prefix("http://shigu.test").unwrap().to_owned();
        let drawn = s.get(&format!("{path}?f=svg&legend=true")).await;
        assert_eq!(drawn.status, 200, "{path}");
    }
    let has = |svg: &str, id: &str| svg.contains(&format!(r#"<g id="{id}">"#));
    let bare = text(&s.get("/map?f=svg").await);
    assert!(has(&bare, "districts-fill") && has(&bare, "axis") && has(&bare, "marks"));
    assert!(!has(&bare, "legend") && !has(&bare, "scale") && !has(&bare, "title") && !has(&bare, "sea"));
    assert!(!bare.contains(r#"width="100%""#), "transparent unless a colour is asked for");
    let sheet = text(&s.get("/map?f=svg&legend=true&lang=en").await);
    for part in ["legend", "scale", "north", "title", "neatline", "sea", "marks"] {
        assert!(has(&sheet, part), "{part}");
    }
    assert!(
        sheet.contains("Tinyville")
            && sheet.contains("Internal use, map not reviewed")
            && sheet.contains("44 enterprises")
    );
    let lead = text(&s.get("/collections/lead-enterprises/map?f=svg").await);
    assert!(has(&lead, "lead") && !has(&lead, "districts-fill"));
    let two = text(&s.get("/map?collections=districts,layout&f=svg&bgcolor=white").await);
    assert!(has(&two, "axis") && !has(&two, "water") && two.contains(r##"height="100%" fill="#FFFFFF""##));
    // a zone and a filter, as /summary counts them
    for query in
        ["zone=T01", "zone=T02&cluster=vision", "filter=cluster%3D%27vision%27", "secondary=true&cluster=robot"]
    {
        let n = s.json(&format!("/summary?{query}")).await["counts"]["matched"].clone();
        let said = text(&s.get(&format!("/map?f=svg&legend=true&{query}")).await);
        assert!(said.contains(&format!("企业 {n} 家")), "{query}: {n}");
        assert_eq!(said.contains("所选范围"), query.starts_with("zone"), "{query}");
    }
}

#[tokio::test]
async fn a_drawn_area_has_its_map() {
    let s = service("tests/data/tinyville");
    let district = s.json("/collections/districts/items/T02").await;
    for body in [
        json!({"polygon": district["geometry"], "filter": {"cluster": "vision"}}),
        json!({"zone": "T02", "filter": {"cluster": "vision"}}),
    ] {
        let n = s.post("/summary", "application/json", body.to_string()).await.json()["counts"]["matched"].clone();
        let answer = s.post("/map?f=svg&legend=true", "application/json", body.to_string()).await;
        assert_eq!(answer.status, 200, "{}", text(&answer));
        assert!(text(&answer).contains(&format!("企业 {n} 家")) && text(&answer).contains(r#"<g id="chosen">"#));
    }
    let crossed = json!({"polygon": {"type": "Polygon", "coordinates": [[[0, 0], [1, 1], [1, 0], [0, 1], [0, 0]]]}});
    assert_eq!(s.post("/map?f=svg", "application/json", crossed.to_string()).await.status, 422);
}

/// More readers than may wait: some are told to come again, none hangs, and the service goes on.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_crowd_of_readers_is_bounded() {
    let s = Arc::new(service("tests/data/tinyville"));
    let one = |i: u32| {
        let s = s.clone();
        tokio::spawn(async move { s.get(&format!("/map?f=svg&width={}", 300 + i)).await.status.as_u16() })
    };
    let readers: Vec<_> = (0..200).map(one).collect();
    let mut seen = std::collections::BTreeMap::new();
    for reader in readers {
        *seen.entry(reader.await.unwrap()).or_insert(0) += 1;
    }
    assert!(seen.keys().all(|status| [200, 503].contains(status)), "{seen:?}");
    assert!(seen[&200] >= 60, "{seen:?}");
    assert_eq!(s.get("/map?f=svg&width=299").await.status, 200);
}

/// A map has the layers that its reader has switched on; a report those that are on at first.
#[tokio::test]
async fn layers_are_drawn_as_they_are_switched() {
    let s = service("tests/data/fourfold");
    let has = |svg: &str| ["Lakes", "Halts", "Ridge"].map(|title| svg.contains(title));
    for (layers, wanted) in [
        ("", [true, true, true]),
        ("&layers=borders,spine,halts", [false, true, true]),
        ("&layers=wild", [true, false, false]),
        ("&layers=,", [false, false, false]),
    ] {
        let path = format!("/map?f=svg&legend=true&lang=en&width=1400&height=1000{layers}");
        assert_eq!(has(&text(&s.get(&path).await)), wanted, "{layers}");
        let posted = s.post(&path, "application/json", "{}".to_owned()).await;
        assert_eq!(has(&text(&posted)), wanted, "posted {layers}");
    }
    assert_eq!(s.post("/map?layers=nonsense", "application/json", "{}".to_owned()).await.status, 400);
    let report = s.get("/report/city?format=svg&lang=en").await;
    assert_eq!(report.status, 200);
    assert_eq!(has(&text(&report)), [false, true, true], "what the manifest hides at first");
}

#[tokio::test]
async fn a_sheet_of_paper_is_as_large_as_it_says_and_has_what_was_chosen() {
    for folder in ["geodata/hangzhou", "tests/data/fourfold", "tests/data/quayside", "tests/data/twolevel"] {
        let s = Service::open(folder, Disclosure::Full);
        let text = |answer: crate::common::service::Answer| String::from_utf8(answer.body.to_vec()).unwrap();
        let full = text(s.get("/map?paper=a4&seal=true&f=svg&title=Atlas%20One").await);
        assert!(
            full.contains("Atlas One") && full.contains("id=\"seal\"") && full.contains("id=\"legend\""),
            "{folder}"
        );
        let bare = text(s.get("/map?paper=a4&key=false&f=svg").await);
        assert!(!bare.contains("id=\"seal\"") && !bare.contains("id=\"legend\"") && bare.contains("id=\"scale\""));
        for (query, points) in [("paper=a4", [842, 595]), ("paper=a3&orientation=portrait", [842, 1191])] {
            let pdf = s.get(&format!("/map?{query}&f=pdf&seal=true")).await;
            assert_eq!((pdf.status.as_u16(), pdf.header("content-type")), (200, "application/pdf"), "{folder} {query}");
            let said = String::from_utf8_lossy(&pdf.body).into_owned();
            let at = said.find("/MediaBox").unwrap();
            let size: Vec<f64> = said[at + 9..at + 60]
                .trim_start_matches([' ', '['])
                .split([' ', ']'])
                .filter_map(|n| n.parse().ok())
                .collect();
            assert!(
                (size[2] - f64::from(points[0])).abs() < 1.5 && (size[3] - f64::from(points[1])).abs() < 1.5,
                "{size:?}"
            );
            assert_eq!(pdf.body, s.get(&format!("/map?{query}&f=pdf&seal=true")).await.body, "the same bytes");
        }
    }
    let s = Service::open("tests/data/fourfold", Disclosure::Full);
    for bad in ["paper=a4&width=100", "paper=b5", "title=", &format!("title={}", "x".repeat(81))] {
        let status = s.get(&format!("/map?f=svg&{bad}")).await.status.as_u16();
        assert_eq!(status, if bad == "title=" { 200 } else { 400 }, "{bad}");
    }
}
