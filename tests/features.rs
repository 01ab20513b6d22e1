//! OGC API - Common and Features Parts 1 to 3, requirement by requirement, as a client sees them.

use crate::common;

use common::service::Service;
use serde_json::Value;
use shigu::core::query::Disclosure;

const BASE: &str = "http://shigu.test";
const EPSG: &str = "http://www.opengis.net/def/crs/EPSG/0/";
const COLLECTIONS: [&str; 9] = [
    "water",
    "districts",
    "platform-zones",
    "layout",
    "platforms",
    "lead-enterprises",
    "enterprises",
    "projects",
    "premises",
];

fn city() -> Service {
    Service::hangzhou(Disclosure::Full)
}

fn tinyville() -> Service {
    Service::open("tests/data/tinyville", Disclosure::Full)
}

/// The address of a link, and its media type.
fn link<'a>(document: &'a Value, rel: &str) -> Option<(&'a str, &'a str)> {
    let found = document["links"].as_array()?.iter().find(|l| l["rel"] == rel)?;
    Some((found["href"].as_str()?, found["type"].as_str()?))
}

fn path(href: &str) -> &str {
    href.strip_prefix(BASE).unwrap_or_else(|| panic!("{href} is not below {BASE}"))
}

fn ids(page: &Value) -> Vec<&str> {
    page["features"].as_array().unwrap().iter().map(|f| f["id"].as_str().unwrap()).collect()
}

async fn refused(s: &Service, uri: &str, parameter: &str) {
    let answer = s.get(uri).await;
    assert_eq!(answer.status, 400, "{uri}");
    assert_eq!(answer.header("content-type"), "application/problem+json", "{uri}");
    let said = answer.json()["detail"].as_str().unwrap().to_owned();
    assert!(said.contains(parameter), "{uri} does not name {parameter}: {said}");
}

/// Every link leads somewhere, and to what it says.
async fn follow(s: &Service, uri: &str, document: &Value) {
    for l in document["links"].as_array().unwrap_or_else(|| panic!("{uri} has no links")) {
        let (href, ty) = (l["href"].as_str().unwrap(), l["type"].as_str().unwrap());
        if !href.starts_with(BASE) {
            assert_eq!(l["rel"], "license", "{href}");
            continue;
        }
        let answer = s.get_with(path(href), &[("accept", ty)]).await;
        assert_eq!(answer.status, 200, "{uri} -> {href}");
        let essence = |t: &str| t.split(';').next().unwrap().to_owned();
        assert_eq!(essence(answer.header("content-type")), essence(ty), "{uri} -> {href}");
    }
}

#[tokio::test]
async fn the_landing_page_leads_everywhere() {
    let s = city();
    let landing = s.json("/").await;
    assert!(landing["title"].as_str().unwrap().contains("杭州") && landing["description"].is_string());
    for rel in ["self", "alternate", "service-desc", "service-doc", "conformance", "data"] {
        assert!(link(&landing, rel).is_some(), "{rel}");
    }
    assert_eq!(link(&landing, "service-desc").unwrap().1, "application/vnd.oai.openapi+json;version=3.0");
    follow(&s, "/", &landing).await;
    let english = s.get_with("/", &[("accept-language", "en")]).await;
    assert_eq!((english.header("content-language"), english.json()["title"] == landing["title"]), ("en", false));
    // people get the map, with the same links in its head and where there are no scripts
    let page = s.get_with("/", &[("accept", "text/html,application/xhtml+xml,*/*;q=0.8")]).await;
    assert_eq!(page.header("content-type"), "text/html; charset=utf-8");
    let html = String::from_utf8_lossy(&page.body).into_owned();
    let (head, below) = html.split_once("</head>").unwrap();
    for rel in ["service-desc", "conformance", "data"] {
        assert!(head.contains(&format!("<link rel=\"{rel}\"")), "{rel}");
        assert!(below.contains(&format!("{rel}: <a href=\"{BASE}/")), "{rel}");
    }
    assert_eq!(s.get_with("/", &[("accept", "image/png")]).await.status, 406);
    assert_eq!(s.get("/?f=html&zone=330110").await.status, 200, "the page's own state is no parameter of the service");
    refused(&s, "/?zone=330110", "zone").await;
    refused(&s, "/?f=xml", "f").await;
}

#[tokio::test]
async fn collections_say_what_they_hold() {
    let s = city();
    let list = s.json("/collections").await;
    follow(&s, "/collections", &list).await;
    let all = list["collections"].as_array().unwrap();
    let found: Vec<&str> = all.iter().map(|c| c["id"].as_str().unwrap()).collect();
    assert_eq!(found, COLLECTIONS);
    for c in all {
        let uri = format!("/collections/{}", c["id"].as_str().unwrap());
        assert_eq!(&s.json(&uri).await, c, "the list and the collection say the same");
        follow(&s, &uri, c).await;
        assert_eq!(c["itemType"], "feature");
        assert_eq!(c["crs"][0], "http://www.opengis.net/def/crs/OGC/1.3/CRS84");
        assert_eq!(c["storageCrs"], c["crs"][0]);
        for code in ["4326", "3857", "4490", "4548", "4549"] {
            assert!(c["crs"].as_array().unwrap().contains(&format!("{EPSG}{code}").into()), "{uri} {code}");
        }
        let bbox: Vec<f64> =
            c["extent"]["spatial"]["bbox"][0].as_array().unwrap().iter().map(|n| n.as_f64().unwrap()).collect();
        assert!(bbox[0] < bbox[2] && bbox[1] < bbox[3] && bbox[0] > 117.0 && bbox[3] < 33.0, "{uri} {bbox:?}");
        assert_eq!(c["extent"]["temporal"]["interval"][0].as_array().unwrap().len(), 2);
        for rel in ["self", "alternate", "items", "http://www.opengis.net/def/rel/ogc/1.0/queryables"] {
            assert!(link(c, rel).is_some(), "{uri} {rel}");
        }
    }
    assert_eq!(all[1]["extent"]["temporal"]["interval"][0][0], "2021-04-09T00:00:00Z");
    let dated = tinyville().json("/collections/platforms").await;
    let [from, to] = [0, 1].map(|i| dated["extent"]["temporal"]["interval"][0][i].as_str().unwrap_or("").to_owned());
    assert!(from < to && from.ends_with("T00:00:00Z"), "{from} {to}");
    refused(&s, "/collections?limit=1", "limit").await;
    assert_eq!(s.get("/collections/nosuch").await.status, 404);
}

#[tokio::test]
async fn pages_of_features() {
    let s = city();
    for id in COLLECTIONS {
        let uri = format!("/collections/{id}/items?limit=7");
        let answer = s.get(&uri).await;
        assert_eq!(answer.header("content-type"), "application/geo+json");
        let page = answer.json();
        follow(&s, &uri, &page).await;
        assert_eq!(page["type"], "FeatureCollection");
        assert_eq!(page["numberReturned"].as_u64().unwrap() as usize, page["features"].as_array().unwrap().len());
        let stamp = page["timeStamp"].as_str().unwrap();
        assert!(shigu::core::columns::Moment::timestamp(stamp).is_some(), "{stamp}");
        assert!(page.get("crs").is_none(), "RFC 7946 has no crs");
        let more = page["numberMatched"].as_u64().unwrap() > 7;
        assert_eq!(link(&page, "next").is_some(), more, "{uri}");
        assert_eq!(answer.header("link").contains("rel=\"next\""), more);
        for f in page["features"].as_array().unwrap() {
            let uri = format!("/collections/{id}/items/{}", f["id"].as_str().unwrap());
            let mut one = s.get(&uri).await.json();
            follow(&s, &uri, &one).await;
            assert!(link(&one, "collection").is_some());
            one.as_object_mut().unwrap().remove("links");
            assert_eq!(&one, f);
        }
    }
    // any number of pages: each row once, in one order, and back again
    let mut uri = "/collections/platforms/items?limit=10".to_owned();
    let (mut all, mut last) = (Vec::new(), Value::Null);
    loop {
        let page = s.json(&uri).await;
        all.extend(ids(&page).into_iter().map(str::to_owned));
        let Some((next, _)) = link(&page, "next") else {
            last = page.clone();
            break;
        };
        uri = path(next).to_owned();
        assert!(last.is_null());
    }
    assert_eq!(ids(&s.json("/collections/platforms/items").await), all);
    let back = s.json(path(link(&last, "prev").unwrap().0)).await;
    assert_eq!(ids(&back), all[all.len() - ids(&last).len() - 10..all.len() - ids(&last).len()]);
    // a page beyond the end is empty, not wrong; a limit beyond the largest is the largest
    let beyond = s.json("/collections/districts/items?offset=1000").await;
    assert_eq!((beyond["numberMatched"].as_u64(), beyond["numberReturned"].as_u64()), (Some(13), Some(0)));
    assert!(link(&beyond, "next").is_none() && link(&beyond, "prev").is_some());
    for limit in ["10001", "99999999999999999999999999"] {
        assert_eq!(s.json(&format!("/collections/districts/items?limit={limit}")).await["numberReturned"], 13);
    }
    for (query, parameter) in [
        ("limit=0", "limit"),
        ("limit=x", "limit"),
        ("limit=", "limit"),
        ("offset=-1", "offset"),
        ("limit=1&limit=1", "limit"),
        ("bbox=1,2,3", "bbox"),
        ("bbox=1,2,3,x", "bbox"),
        ("datetime=yesterday", "datetime"),
        ("datetime=2025-01-02/2025-01-01", "datetime"),
        ("nosuch=1", "nosuch"),
        ("f=gml", "f"),
        ("crs=EPSG:4326", "crs"),
        ("bbox-crs=urn:x", "bbox-crs"),
        ("filter-crs=x&filter=1=1", "filter-crs"),
        ("filter-lang=sql&filter=1=1", "filter-lang"),
    ] {
        refused(&s, &format!("/collections/districts/items?{query}"), parameter).await;
    }
    refused(&s, "/collections/districts/items/330110?limit=1", "limit").await;
}

#[tokio::test]
async fn boxes_and_times() {
    let s = tinyville();
    let count = async |query: &str| s.json(&format!("/collections/{query}")).await["numberMatched"].as_u64().unwrap();
    let plain = count("enterprises/items?bbox=120.1,30,120.12,30.06").await;
    assert_eq!(plain, 8, "four of them have no position");
    assert_eq!(count("enterprises/items?bbox=120.1%2C30%2C120.12%2C30.06").await, plain);
    assert_eq!(count("enterprises/items?bbox=120.1,30,-5,120.12,30.06,5").await, plain);
    assert_eq!(count("enterprises/items?bbox=-10,-10,-9,-9").await, 4, "features without geometry always match");
    assert_eq!(
        count("enterprises/items?bbox=121,-90,119,90").await,
        count("enterprises/items?bbox=121,-90,180,90").await
    );
    // the dates of the file: valid_from of the platforms
    let all = s.json("/collections/platforms/items").await;
    let dates: Vec<Option<&str>> =
        all["features"].as_array().unwrap().iter().map(|f| f["properties"]["valid_from"].as_str()).collect();
    let (first, undated) = (dates.iter().flatten().min().unwrap(), dates.iter().filter(|d| d.is_none()).count());
    let of = |test: &dyn Fn(&str) -> bool| (dates.iter().flatten().filter(|d| test(d)).count() + undated) as u64;
    assert!(of(&|d| d > *first) > undated as u64, "the file has several dates");
    for (datetime, expected) in [
        ((*first).to_owned(), of(&|d| d == *first)),
        (format!("{first}T00:00:00Z"), of(&|d| d == *first)),
        (format!("../{first}"), of(&|d| d <= *first)),
        (format!("%2F{first}"), of(&|d| d <= *first)),
        (format!("{first}/.."), of(&|d| d >= *first)),
        (format!("{first}T00%3A00%3A00Z/"), of(&|d| d >= *first)),
        ("1900-01-01/1900-12-31".into(), undated as u64),
        ("../..".into(), dates.len() as u64),
    ] {
        assert_eq!(count(&format!("platforms/items?datetime={datetime}")).await, expected, "{datetime}");
    }
    assert_eq!(
        count("districts/items?datetime=1900-01-01").await,
        count("districts/items").await,
        "no time matches always"
    );
}

/// The first position of an answer in a reference system.
async fn first(s: &Service, uri: &str, crs: &str) -> (f64, f64) {
    let answer = s.get(&format!("{uri}{}crs={crs}", if uri.contains('?') { '&' } else { '?' })).await;
    assert_eq!(answer.header("content-crs"), format!("<{crs}>"));
    let document = answer.json();
    let feature = document.get("features").map_or(&document, |f| &f[0]);
    let at = &feature["geometry"]["coordinates"];
    (at[0].as_f64().unwrap(), at[1].as_f64().unwrap())
}

#[tokio::test]
async fn reference_systems() {
    let s = tinyville();
    let epsg = |code: u32| format!("{EPSG}{code}");
    let plain = s.get("/collections/enterprises/items/E20").await;
    assert_eq!(plain.header("content-crs"), "<http://www.opengis.net/def/crs/OGC/1.3/CRS84>");
    let at = |v: &Value| {
        (v["geometry"]["coordinates"][0].as_f64().unwrap(), v["geometry"]["coordinates"][1].as_f64().unwrap())
    };
    let (lon, lat) = at(&plain.json());
    for uri in ["/collections/enterprises/items/E20", "/collections/enterprises/items?id=E20"] {
        assert_eq!(first(&s, uri, &epsg(4326)).await, (lat, lon), "latitude first");
        assert_eq!(first(&s, uri, &epsg(4490)).await, (lat, lon));
        let (x, y) = first(&s, uri, &epsg(3857)).await;
        assert!((x - lon * 111_319.490_793).abs() < 0.01 && y > 3_400_000.0, "{x} {y}");
        let (north, east) = first(&s, uri, &epsg(4549)).await;
        assert!(
            (3_300_000.0..3_400_000.0).contains(&north) && (500_000.0..530_000.0).contains(&east),
            "{north} {east}"
        );
        // a box and a filter around it, in each system, find it; a metre next to it they do not
        for (code, (a, b)) in [(4326, (lat, lon)), (4490, (lat, lon)), (3857, (x, y)), (4549, (north, east))] {
            let d = if code == 4326 || code == 4490 { 1e-5 } else { 1.0 };
            for (shift, found) in [(0.0, true), (3.0 * d, false)] {
                let (a, b) = (a + shift, b);
                let (w, s_, e, n) = (a - d, b - d, a + d, b + d);
                let crs = epsg(code);
                let boxed = format!("/collections/enterprises/items?limit=1000&bbox={w},{s_},{e},{n}&bbox-crs={crs}");
                assert_eq!(ids(&s.json(&boxed).await).contains(&"E20"), found, "{boxed}");
                let ring = format!("POLYGON(({w}%20{s_},{e}%20{s_},{e}%20{n},{w}%20{n},{w}%20{s_}))");
                for shape in [ring, format!("BBOX({w},{s_},{e},{n})")] {
                    let filtered = format!(
                        "/collections/enterprises/items?filter=S_INTERSECTS(geometry,{shape})&filter-crs={crs}"
                    );
                    assert_eq!(ids(&s.json(&filtered).await).contains(&"E20"), found, "{filtered}");
                }
            }
        }
    }
    // the planes of the data's ground are on offer, others are not, and are said to be not
    for name in ["crs", "bbox-crs&bbox=1,1,2,2", "filter-crs&filter=sample=TRUE"] {
        let (name, more) = name.split_once('&').map_or((name, String::new()), |(n, m)| (n, format!("&{m}")));
        for code in [4547, 4528, 32650, 4610, 2385] {
            refused(&s, &format!("/collections/enterprises/items?{name}={}{more}", epsg(code)), name).await;
        }
    }
    // what has no geometry is in every box
    let nowhere = format!("/collections/enterprises/items?bbox=0,0,1,1&bbox-crs={}", epsg(4549));
    assert_eq!(s.json(&nowhere).await["numberMatched"], 4);
    refused(&s, &format!("/collections/enterprises/items?bbox=120,30,121,31&bbox-crs={}", epsg(4326)), "bbox").await;
    let far =
        format!("/collections/enterprises/items?filter=S_WITHIN(geometry,POINT(9e9%201))&filter-crs={}", epsg(4549));
    refused(&s, &far, "filter").await;
    // polygons too, and the next page stays in the system
    let page = s.json(&format!("/collections/districts/items?limit=1&crs={}", epsg(4549))).await;
    let mut at = &page["features"][0]["geometry"]["coordinates"];
    while at.is_array() {
        at = &at[0];
    }
    assert!(at.as_f64().unwrap() > 3_000_000.0, "{page}");
    let next = s.get(path(link(&page, "next").unwrap().0)).await;
    assert_eq!(next.header("content-crs"), format!("<{}>", epsg(4549)));
}

#[tokio::test]
async fn queryables_are_parameters() {
    let s = city();
    for id in COLLECTIONS {
        let answer = s.get(&format!("/collections/{id}/queryables")).await;
        assert_eq!(answer.header("content-type"), "application/schema+json");
        let schema = answer.json();
        assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
        assert_eq!(schema["$id"], format!("{BASE}/collections/{id}/queryables"));
        assert_eq!((schema["type"].as_str(), &schema["additionalProperties"]), (Some("object"), &Value::Bool(false)));
        let first = s.json(&format!("/collections/{id}/items?limit=1")).await["features"][0].clone();
        for (name, property) in schema["properties"].as_object().unwrap() {
            if name == "geometry" {
                assert!(property["format"].as_str().unwrap().starts_with("geometry-"), "{property}");
                assert!(property.get("type").is_none() && property.get("$ref").is_none());
                continue;
            }
            assert!(property["type"].is_string(), "{id} {name}");
            // requested by a value of the first feature, that feature is there
            let value = if name == "id" { first["id"].clone() } else { first["properties"][name].clone() };
            let value = if value.is_array() { value[0].clone() } else { value };
            let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            if value.is_null() {
                continue;
            }
            let escaped = text.bytes().fold(String::new(), |s, b| s + &format!("%{b:02X}"));
            let page = s.json(&format!("/collections/{id}/items?limit=10000&{name}={escaped}")).await;
            assert!(ids(&page).contains(&first["id"].as_str().unwrap()), "{id} {name}={text}");
        }
    }
    // AND with everything else
    let both = s.json("/collections/enterprises/items?cluster=robot&size=small&filter=founded%3E2015").await;
    assert!(both["numberMatched"].as_u64().unwrap() > 0);
    for f in both["features"].as_array().unwrap() {
        let p = &f["properties"];
        assert!(p["cluster"] == "robot" && p["size"] == "small" && p["founded"].as_u64().unwrap() > 2015, "{p}");
    }
}

#[tokio::test]
async fn pages_for_people() {
    let s = city();
    let browser = [("accept", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8")];
    for uri in [
        "/conformance",
        "/api",
        "/collections",
        "/collections/districts",
        "/collections/enterprises",
        "/collections/districts/items",
        "/collections/enterprises/items?limit=20&offset=40&cluster=robot",
        "/collections/layout/items/axis",
    ] {
        for (query, lang) in [("", "zh-CN"), ("lang=en", "en")] {
            let uri = format!("{uri}{}{query}", if uri.contains('?') { "&" } else { "?" });
            let answer = s.get_with(&uri, &browser).await;
            assert_eq!((answer.status.as_u16(), answer.header("content-language")), (200, lang), "{uri}");
            let html = String::from_utf8_lossy(&answer.body).into_owned();
            assert!(html.starts_with("<!doctype html>") && html.contains(&format!("<html lang=\"{lang}\">")), "{uri}");
            assert!(
                !html.contains("<script") && !html.contains("style=\"") && !html.contains("<style"),
                "the CSP of {uri}"
            );
            check_links(&s, &uri, &html).await;
        }
    }
    let page = s.get_with("/collections/enterprises/items?limit=20&offset=40&cluster=robot", &browser).await;
    let html = String::from_utf8_lossy(&page.body).into_owned();
    assert_eq!(html.matches("<tr><td><a href=\"items/").count(), 20);
    assert_eq!(html.matches("<circle class=\"feature\"").count(), 20, "every row has its dot");
    assert!(html.contains("智能机器人"), "codes are shown by their names");
    // what the data says is text, whatever it holds
    let tricky = tinyville().get("/collections/enterprises/items?limit=1000&f=html").await;
    assert!(!String::from_utf8_lossy(&tricky.body).contains("<script"));
}

/// Relative links of a page, under the page's own address.
async fn check_links(s: &Service, uri: &str, html: &str) {
    let at = uri.split('?').next().unwrap();
    let mut checked = 0;
    for part in html.split("href=\"").skip(1).take(60) {
        let href = part.split('"').next().unwrap().replace("&amp;", "&");
        if href.starts_with('#') || (href.starts_with("http") && !href.starts_with(BASE)) {
            continue;
        }
        let target = href.strip_prefix(BASE).map_or_else(|| resolve(at, &href), str::to_owned);
        assert_eq!(s.get_with(&target, &[("accept", "*/*")]).await.status, 200, "{uri} -> {href} = {target}");
        checked += 1;
    }
    assert!(checked > 2, "{uri}: {checked} links");
}

fn resolve(at: &str, href: &str) -> String {
    if href.starts_with('?') {
        return format!("{at}{href}");
    }
    let mut base: Vec<&str> = at.split('/').collect();
    base.pop();
    let mut rest = href;
    loop {
        if let Some(r) = rest.strip_prefix("../") {
            base.pop();
            rest = r;
        } else if let Some(r) = rest.strip_prefix("./") {
            rest = r;
        } else {
            break;
        }
    }
    format!("{}/{rest}", base.join("/"))
}
