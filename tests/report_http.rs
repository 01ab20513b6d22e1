//! `/report` over HTTP: every format for zones and drawn areas, as the page and other programs ask for it.

use crate::common;

use axum::http::header;
use common::service::Service;
use serde_json::{Value, json};
use shigu::core::query::Disclosure;
use shigu::render::report::Format;

fn magic(format: Format) -> &'static [u8] {
    match format {
        Format::Docx | Format::Xlsx => b"PK\x03\x04",
        Format::Pdf => b"%PDF-1.7",
        Format::Html => b"<!doctype html>",
        Format::Csv => "\u{FEFF}".as_bytes(),
        Format::Geojson => b"{\"type\":\"FeatureCollection\"",
        Format::Png => b"\x89PNG",
        Format::Svg => b"<svg ",
    }
}

/// The page, the description and the command line offer what is registered.
#[tokio::test]
async fn formats_are_offered_as_they_are_registered() {
    let service = Service::hangzhou(Disclosure::Aggregates);
    let site = service.json("/site").await;
    let offered: Vec<[&str; 3]> = site["report_formats"]
        .as_array()
        .unwrap()
        .iter()
        .map(|f| [&f["id"], &f["media_type"], &f["title"]["zh"]].map(|v| v.as_str().unwrap()))
        .collect();
    let registered: Vec<[String; 3]> =
        Format::ALL.into_iter().map(|f| [f.extension().to_owned(), f.media_type().to_owned(), f.title().zh]).collect();
    assert_eq!(offered, registered);
    let document: Value = serde_json::from_str(&shigu::http::openapi()).unwrap();
    for (path, method) in [("/report", "post"), ("/report/{zone}", "get")] {
        let operation = &document["paths"][path][method];
        let format = operation["parameters"].as_array().unwrap().iter().find(|p| p["name"] == "format").unwrap();
        assert_eq!(format["schema"]["enum"], json!(Format::ALL.map(Format::extension)), "{path}");
        let described = operation["responses"]["200"]["content"].as_object().unwrap();
        for format in Format::ALL {
            assert!(described.keys().any(|ty| format.media_type().starts_with(ty.as_str())), "{path}: {format:?}");
        }
        assert_eq!(described.len(), Format::ALL.len(), "{path}");
    }
}

#[tokio::test]
async fn every_format_for_a_zone_and_a_drawn_area_twice_the_same() {
    let service = Service::hangzhou(Disclosure::Full);
    let circle = r#"{"circle":{"center":[120.2,30.2],"radius_m":3000},"year":2024}"#;
    for format in Format::ALL {
        let name = format.extension();
        let zone = service.get(&format!("/report/330127?format={name}&cluster=vision")).await;
        let drawn = service.post(&format!("/report?format={name}"), "application/json", circle).await;
        for answer in [&zone, &drawn] {
            assert_eq!(answer.status, 200, "{name}: {}", String::from_utf8_lossy(&answer.body));
            assert_eq!(answer.header("content-type"), format.media_type());
            assert!(answer.body.starts_with(magic(format)), "{name}");
            let disposition = answer.header("content-disposition");
            assert!(
                disposition.contains(&format!(".{name}")) && disposition.contains("filename*=UTF-8''"),
                "{disposition}"
            );
        }
        let again = service.get(&format!("/report/330127?format={name}&cluster=vision")).await;
        assert!(again.body == zone.body, "{name}: other bytes");
        let known = [("if-none-match", zone.header("etag"))];
        assert_eq!(service.get_with(&format!("/report/330127?format={name}&cluster=vision"), &known).await.status, 304);
    }
}

#[tokio::test]
async fn the_query_code_of_a_drawn_area_is_the_body_that_restores_it() {
    let service = Service::hangzhou(Disclosure::Full);
    let body = r#"{ "circle": {"center": [120.2, 30.2], "radius_m": 3000}, "filter": {"cluster": "robot"} }"#;
    let first = service.post("/report?format=html", "application/json", body).await;
    let page = String::from_utf8(first.body.to_vec()).unwrap();
    let code = page.split("<dt>查询码</dt><dd>").nth(1).unwrap().split("</dd>").next().unwrap();
    let code = code.replace("&quot;", "\"");
    let again = service.post("/report?format=html", "application/json", code).await;
    assert_eq!(again.body, first.body);
    // areas put together, and conditions that no query has
    for body in [
        json!({"zone": "330110", "combine": [{"op": "union", "zone": "330127"}], "year": 2024}),
        json!({"zone": "330110", "bbox": [119.5, 30.0, 120.1, 30.4]}),
        json!({"zone": "330110", "datetime": "2020-01-01/..", "filter": "cluster IN ('robot','vision')"}),
    ] {
        let first = service.post("/report?format=csv", "application/json", body.to_string()).await;
        let page = service.post("/report?format=html", "application/json", body.to_string()).await;
        let page = String::from_utf8(page.body.to_vec()).unwrap();
        let code = page.split("<dt>查询码</dt><dd>").nth(1).unwrap().split("</dd>").next().unwrap();
        let code = code.replace("&quot;", "\"").replace("&#39;", "'").replace("&gt;", ">");
        assert!(code.starts_with('{'), "{code}");
        let again = service.post("/report?format=csv", "application/json", code.clone()).await;
        assert!(first.status == 200 && again.body == first.body, "{body}: {code}");
    }
    let edge: Vec<String> = (0..60).map(|i| format!("[{},30.0]", 120.0 + f64::from(i) * 0.01)).collect();
    let edge = edge.join(",");
    let body = format!(r#"{{"polygon":{{"type":"Polygon","coordinates":[[{edge},[120.6,30.4],[120.0,30.0]]]}}}}"#);
    let long = service.post("/report?format=html", "application/json", body).await;
    assert_eq!(long.status, 200, "{}", String::from_utf8_lossy(&long.body));
    assert!(String::from_utf8_lossy(&long.body).contains("<dd>sha256:"));
}

#[tokio::test]
async fn a_page_has_nothing_but_its_style() {
    let service = Service::hangzhou(Disclosure::Full);
    let answer = service.get("/report/city?format=html&lang=en").await;
    let policy = answer.header(header::CONTENT_SECURITY_POLICY.as_str());
    assert!(policy.starts_with("default-src 'none'; style-src 'unsafe-inline'"), "{policy}");
    let page = String::from_utf8(answer.body.to_vec()).unwrap();
    for never in ["<script", " src=", "@import", "url(http", "javascript:", " onload", "<link", "<iframe"] {
        assert!(!page.contains(never), "{never}");
    }
    assert!(page.contains("lang=\"en\"") && answer.header("content-language") == "en");
    assert!(answer.header("content-disposition").starts_with("inline"));
}

#[tokio::test]
async fn without_a_font_documents_say_what_is_missing() {
    let service = Service::fontless("geodata/hangzhou");
    for format in ["docx", "pdf", "png"] {
        let answer = service.get(&format!("/report/330110?format={format}")).await;
        assert_eq!((answer.status.as_u16(), &answer.json()["code"]), (501, &"no-font".into()), "{format}");
        assert!(answer.json()["detail"].as_str().unwrap().contains("--font"));
    }
    for format in ["html", "svg", "xlsx", "csv", "geojson"] {
        assert_eq!(service.get(&format!("/report/330110?format={format}")).await.status, 200, "{format}");
    }
}

#[tokio::test]
async fn what_may_not_leave_is_in_no_file() {
    let service = Service::hangzhou(Disclosure::Aggregates);
    let html = service.get("/report/330127?format=html&filter=revenue_2025%3E100").await;
    assert_eq!(html.status, 403, "a condition on a restricted property");
    let lone = r#"{"circle":{"center":[120.2,30.2],"radius_m":40}}"#;
    let numbers = service.post("/summary", "application/json", lone).await.json();
    let html = service.post("/report?format=html", "application/json", lone).await;
    let page = String::from_utf8(html.body.to_vec()).unwrap();
    let revenue = &numbers["totals"]["revenue"];
    // the definition of “…” stands in every page, the finding only where a sum is withheld
    assert_eq!(revenue["withheld"] == true, page.contains("营业收入合计按统计保密要求不显示"), "{numbers}");
    assert!(revenue["sum"].as_f64().is_none_or(|s| s == 0.0) || numbers["counts"]["matched"].as_u64() >= Some(3));
}

/// What a camera reads in the last picture of a page, painted by resvg.
fn scanned(page: &str) -> Option<String> {
    use resvg::{tiny_skia, usvg};
    let svg = page.rsplit("<svg ").next().map(|s| format!("<svg {}", s.split("</figure>").next().unwrap()))?;
    let svg = svg.split("<figcaption>").next()?;
    let tree = usvg::Tree::from_str(svg, &usvg::Options::default()).ok()?;
    let (width, height) = (tree.size().width() * 3.0, tree.size().height() * 3.0);
    let mut picture = tiny_skia::Pixmap::new(width as u32, height as u32)?;
    picture.fill(tiny_skia::Color::WHITE);
    resvg::render(&tree, tiny_skia::Transform::from_scale(3.0, 3.0), &mut picture.as_mut());
    let grey = |x: usize, y: usize| picture.pixel(x as u32, y as u32).map_or(255, tiny_skia::PremultipliedColorU8::red);
    let mut seen = rqrr::PreparedImage::prepare_from_greyscale(width as usize, height as usize, grey);
    seen.detect_grids().first()?.decode().ok().map(|(_, text)| text)
}

#[tokio::test]
async fn a_camera_finds_the_live_view_where_other_devices_reach_it() {
    let public = Service::behind("geodata/hangzhou", "http://shigu.test");
    let page = public.get("/report/330110?format=html&cluster=vision&year=2024").await;
    let page = String::from_utf8(page.body.to_vec()).unwrap();
    let expected = "http://shigu.test/?zone=330110&year=2024&cluster=vision";
    assert_eq!(scanned(&page).as_deref(), Some(expected));
    assert!(page.contains("扫码打开在线视图"));
    let here = Service::hangzhou(Disclosure::Full);
    let page = here.get("/report/330110?format=html&cluster=vision&year=2024").await;
    let page = String::from_utf8(page.body.to_vec()).unwrap();
    assert!(!page.contains("扫码") && scanned(&page).is_none(), "its address means nothing elsewhere");
}

#[tokio::test]
async fn a_drawn_area_of_many_corners_leads_back_to_its_view() {
    let service = Service::behind("geodata/hangzhou", "http://shigu.test");
    let edge: Vec<String> = (0..60).map(|i| format!("[{},30.0]", 120.0 + f64::from(i) * 0.01)).collect();
    let edge = edge.join(",");
    let body = format!(r#"{{"polygon":{{"type":"Polygon","coordinates":[[{edge},[120.6,30.4],[120.0,30.0]]]}}}}"#);
    let ask = |view: &str| format!("/report?format=html&view={view}");
    let page = service.post(&ask("s/0abc1234"), "application/json", body.clone()).await;
    let page = String::from_utf8(page.body.to_vec()).unwrap();
    assert!(page.contains("<dt>查询码</dt><dd>s/0abc1234</dd>"), "short enough to be typed in");
    assert!(page.contains("http://shigu.test/s/0abc1234"));
    assert_eq!(scanned(&page).as_deref(), Some("http://shigu.test/s/0abc1234"));
    for bad in
        ["https://elsewhere.example", "s/../x", "s/", "//elsewhere.example", "%3F%22%3E%3Cscript%3E", "javascript:x"]
    {
        let answer = service.post(&ask(bad), "application/json", body.clone()).await;
        assert_eq!((answer.status.as_u16(), &answer.json()["code"]), (422, &"no-link".into()), "{bad}");
    }
}
