//! A city below its prefix and alone: the same bytes but for the links, for every address of the description.

use super::{FOREIGN, Made, World, alone, text};
use crate::common::service::{Answer, Service};
use serde_json::Value;
use std::collections::BTreeSet;
use tempfile::TempDir;

/// What says which request it was, and so differs.
const OWN: [&str; 2] = ["request_id", "timeStamp"];

/// Every address of the description that is read, filled with what is there in the dataset.
pub(crate) async fn addresses(alone: &Service) -> Vec<String> {
    let collections = alone.json("/collections").await;
    let ids: Vec<String> = collections["collections"].as_array().unwrap().iter().map(|c| text(&c["id"])).collect();
    let zones = alone.json("/dataset").await;
    let zone = text(&zones["zones"][0]["id"]);
    let mut out = vec!["/?f=json".to_owned(), "/api?f=html&lang=en".into(), "/nothing/here".into(), "/qgis/".into()];
    let document: Value = serde_json::from_str(&shigu::http::openapi()).unwrap();
    for (path, methods) in document["paths"].as_object().unwrap() {
        // counters, and the disk as it is at the moment
        if methods.get("get").is_none() || ["/metrics", "/healthz"].contains(&path.as_str()) {
            continue;
        }
        for collection in ids.iter().take(if path.contains("{collectionId}") { ids.len() } else { 1 }) {
            let items = alone.json(&format!("/collections/{collection}/items?limit=1")).await;
            let feature = match &items["features"][0]["id"] {
                Value::String(id) => id.clone(),
                other => other.to_string(),
            };
            let filled = path
                .replace("{collectionId}", collection)
                .replace("{featureId}", &feature)
                .replace("{zone}", &zone)
                .replace("{collections}", collection)
                .replace("{tileMatrixSetId}", "WebMercatorQuad")
                .replace("{tileMatrix}/{tileRow}/{tileCol}", "0/0/0")
                .replace("{z}/{x}/{y}", "0/0/0");
            out.push(filled.clone());
            out.push(format!("{filled}?f=html&lang=en"));
            out.push(format!("{filled}?zone={zone}"));
        }
    }
    out
}

/// An answer without what says where it was made.
pub(crate) fn plain(answer: &Answer, prefix: &str) -> (u16, String, Vec<u8>) {
    let body = String::from_utf8(answer.body.to_vec()).map_or_else(std::string::FromUtf8Error::into_bytes, |body| {
        let body = body.replace(&format!("http://shigu.test{prefix}"), "http://shigu.test");
        // the way back to the list
        let body = body.replace(r#","cities":"../../cities""#, "");
        match serde_json::from_str::<Value>(&body) {
            Ok(Value::Object(mut json)) if OWN.iter().any(|key| json.contains_key(*key)) => {
                OWN.iter().for_each(|key| drop(json.remove(*key)));
                Value::Object(json).to_string().into_bytes()
            }
            _ => body.into_bytes(),
        }
    });
    (answer.status.as_u16(), answer.header("content-type").to_owned(), body)
}

#[tokio::test]
async fn a_city_below_its_prefix_answers_as_it_does_alone() {
    let world = World::foreign(Made::of_owner());
    for city in FOREIGN {
        let (data, prefix) = (TempDir::new().unwrap(), format!("/cities/{city}"));
        let alone = alone(city, data.path(), &Made::of_owner());
        let (mut asked, mut answered) = (0, 0);
        for address in addresses(&alone).await {
            let (one, other) = (alone.get(&address).await, world.get(&format!("{prefix}{address}")).await);
            let (expected, found) = (plain(&one, ""), plain(&other, &prefix));
            assert_eq!(found.0, expected.0, "{prefix}{address}");
            assert_eq!(found.1, expected.1, "{prefix}{address}");
            assert!(
                found.2 == expected.2,
                "{prefix}{address}:\n{}\n{}",
                String::from_utf8_lossy(&found.2[..found.2.len().min(2000)]),
                String::from_utf8_lossy(&expected.2[..expected.2.len().min(2000)])
            );
            (asked, answered) = (asked + 1, answered + usize::from(one.status == 200));
        }
        assert!(asked > 200 && answered > 60, "{city}: {answered} of {asked}");
    }
}

/// Links of `Link` headers and JSON documents, at any depth.
fn links(value: &Value, out: &mut BTreeSet<String>) {
    match value {
        Value::Object(all) => {
            out.extend(all.get("href").and_then(Value::as_str).map(str::to_owned));
            all.values().for_each(|one| links(one, out));
        }
        Value::Array(all) => all.iter().for_each(|one| links(one, out)),
        _ => {}
    }
}

/// From the list of cities on, links lead through each city and to no other.
#[tokio::test]
async fn links_lead_from_the_list_through_each_city() {
    let world = World::foreign(Made::of_owner());
    let list = world.service.json("/cities").await;
    for city in list["cities"].as_array().unwrap() {
        let base = format!("http://shigu.test/cities/{}/", text(&city["id"]));
        assert_eq!(city["links"][0]["href"], base);
        let (mut seen, mut open) = (BTreeSet::new(), vec![base.clone()]);
        while let Some(address) = open.pop() {
            if seen.len() > 150 || !seen.insert(address.clone()) || address.contains('{') {
                continue;
            }
            assert!(address.starts_with(&base), "{address} leads away from {base}");
            let answer = world.get(address.strip_prefix("http://shigu.test").unwrap()).await;
            // this computer may have no fonts for pictures
            assert!(answer.status.is_success() || answer.status == 501, "{address}: {}", answer.status);
            if let Ok(body) = serde_json::from_slice::<Value>(&answer.body) {
                let mut found = BTreeSet::new();
                ["links", "collections", "tilesets", "tileMatrixSets", "features"]
                    .iter()
                    .for_each(|key| links(&body[key], &mut found));
                open.extend(found.into_iter().filter(|href| href.starts_with("http://shigu.test")));
            }
        }
        assert!(seen.len() > 30, "{base}: {seen:?}");
    }
}

/// The page's own files, and validators.
#[tokio::test]
async fn the_page_and_validators_work_below_the_prefix() {
    let world = World::new(&[("a", "orchards"), ("b", "orchards")], Made::of_owner());
    let page = world.get("/cities/a/?f=html").await;
    let html = String::from_utf8(page.body.to_vec()).unwrap();
    assert!(page.header("content-type").starts_with("text/html"));
    let absolute = |s: &&str| s.starts_with("/assets") || s.starts_with("/favicon");
    assert_eq!(html.split(['"', '\'']).find(absolute), None, "addresses of the page are relative");
    assert!(
        page.header("content-security-policy").contains("default-src 'self'")
            || page.header("content-security-policy").contains("'self'")
    );
    let moved = world.get("/cities/a?zone=x").await;
    assert_eq!((moved.status.as_u16(), moved.header("location")), (308, "http://shigu.test/cities/a/?zone=x"));
    // the same data at two addresses: tags differ as the links do
    let (a, b) = (world.get("/cities/a/collections").await, world.get("/cities/b/collections").await);
    assert_ne!(a.header("etag"), b.header("etag"));
    let again = world.service.get_with("/cities/a/collections", &[("if-none-match", a.header("etag"))]).await;
    assert_eq!(again.status, 304);
    let other = world.service.get_with("/cities/b/collections", &[("if-none-match", a.header("etag"))]).await;
    assert_eq!(other.status, 200);
    // answers that are kept are kept for each city apart
    let tiles = ["/cities/a/", "/cities/b/"].map(|base| format!("{base}xyz/orchards/tilejson.json"));
    for (uri, city) in tiles.iter().zip(["a", "b"]).chain(tiles.iter().zip(["a", "b"])) {
        let answer = world.service.json(uri).await;
        assert!(text(&answer["tiles"][0]).starts_with(&format!("http://shigu.test/cities/{city}/")), "{answer}");
    }
    let head = world.send("HEAD", "/cities/a/collections", "", &Value::Null).await;
    assert_eq!((head.status.as_u16(), head.header("content-length")), (200, a.header("content-length")));
}

/// Behind a proxy that leaves its path on, and behind one that takes it off.
#[tokio::test]
async fn below_the_path_of_a_proxy() {
    let mut made = Made::with_accounts(true);
    made.front.public_url = Some("https://gis.example/province".into());
    let world = World::new(&[("lanes", "lanes")], made);
    for path in ["/province/cities/lanes/collections", "/cities/lanes/collections"] {
        let body = world.service.get_with(path, &[("host", "gis.example")]).await;
        let mut found = BTreeSet::new();
        links(&body.json(), &mut found);
        assert!(
            !found.is_empty() && found.iter().all(|l| l.starts_with("https://gis.example/province/cities/lanes/")),
            "{found:?}"
        );
    }
    for (path, to) in [
        ("/province", "https://gis.example/province/"),
        ("/province/", "https://gis.example/province/cities"),
        ("/province/cities/lanes", "https://gis.example/province/cities/lanes/"),
        ("/cities/lanes", "https://gis.example/province/cities/lanes/"),
    ] {
        let moved = world.service.get_with(path, &[("host", "gis.example")]).await;
        assert!(
            moved.status.is_redirection() && moved.header("location") == to,
            "{path}: {} {:?}",
            moved.status,
            moved.headers
        );
    }
    let list = world.service.get_with("/province/cities", &[("host", "gis.example")]).await.json();
    assert_eq!(list["cities"][0]["links"][0]["href"], "https://gis.example/province/cities/lanes/");
    // another name is none of the service's, and has no city loaded
    let strange = World::new(&[("lanes", "lanes")], Made::with_accounts(true));
    let answer = strange.service.get_with("/cities/lanes/", &[("host", "evil.example")]).await;
    assert_eq!(answer.status, 421);
    assert!(strange.ready().await.is_empty());
}
