//! What leads to the cities: the list, how the whole is, who may see what; and the program over a folder of cities.

use super::{FOREIGN, Made, World, put, text};
use crate::common::eventually;
use crate::common::service::Service;
use crate::program::{Service as Program, shigu};
use axum::body::Body;
use axum::http::Request;
use serde_json::Value;
use shigu::http::Peer;
use std::fs;
use tempfile::TempDir;

/// One that is refused beside those that are served.
const BROKEN: &str = r#"{"type":"FeatureCollection","features":["#;

fn broken(world: &World) {
    put(world.folder.path(), "broken", "tinyville");
    fs::write(world.folder.path().join("broken/water.geojson"), BROKEN).unwrap();
    world.app.cities().rescan().unwrap();
}

#[tokio::test]
async fn the_list_says_what_there_is_without_loading_it() {
    let world = World::foreign(Made::of_owner());
    let list = world.service.json("/cities").await;
    let cities = list["cities"].as_array().unwrap();
    assert_eq!(cities.iter().map(|c| text(&c["id"])).collect::<Vec<_>>(), ["lanes", "orchards", "quayside"]);
    for city in cities {
        assert_eq!(city["state"], "not loaded");
        assert!(city["rows"].is_null() && city["bytes"].is_null(), "{city}");
        assert!(!text(&city["title"]["zh"]).is_empty() && !text(&city["title"]["en"]).is_empty());
    }
    // who looks how a city is does not have it loaded
    let looked = world.get("/cities/lanes/readyz").await;
    assert_eq!((looked.status.as_u16(), text(&looked.json()["code"])), (503, "city-not-ready".into()));
    assert!(world.ready().await.is_empty());
    assert_eq!(world.get("/cities/lanes/conformance").await.status, 200);
    assert_eq!(world.get("/cities/lanes/readyz").await.status, 200);
    let list = world.service.json("/cities").await;
    assert!(list["cities"][0]["rows"].as_u64() > Some(0) && list["cities"][0]["bytes"].as_u64() > Some(0), "{list}");
    assert_eq!(list["memory"]["bytes"], list["cities"][0]["bytes"]);
    assert_eq!(list["cities"][0]["extent"].as_array().unwrap().len(), 4);
    let page = world.service.get_with("/cities?lang=en", &[("accept", "text/html")]).await;
    let html = String::from_utf8(page.body.to_vec()).unwrap();
    for city in cities {
        assert!(html.contains(&format!("href=\"cities/{}/\"", text(&city["id"]))), "{html}");
        assert!(["zh", "en"].iter().all(|lang| html.contains(&text(&city["title"][lang]))));
    }
    let empty = World::new(&[], Made::of_owner());
    assert_eq!(empty.service.json("/cities").await["cities"], serde_json::json!([]));
    assert_eq!(empty.get("/cities?f=html").await.status, 200);
    for (uri, status) in [
        ("/", 303),
        ("/cities/nope/", 404),
        ("/cities/nope", 404),
        ("/cities/No/x", 404),
        ("/x", 404),
        ("/cities?x=1", 400),
    ] {
        assert_eq!(empty.get(uri).await.status, status, "{uri}");
    }
}

#[tokio::test]
async fn a_city_that_is_refused_fails_alone() {
    let world = World::foreign(Made::of_owner());
    broken(&world);
    let refused = world.get("/cities/broken/collections").await;
    assert_eq!((refused.status.as_u16(), text(&refused.json()["code"])), (503, "city-failed".into()));
    assert!(!refused.json().to_string().contains("water.geojson"), "what is wrong is for who runs the service");
    let page = world.service.get_with("/cities/broken/", &[("accept", "text/html")]).await;
    assert!(page.status == 503 && page.header("content-type").starts_with("text/html"));
    for city in FOREIGN {
        assert_eq!(world.get(&format!("/cities/{city}/collections")).await.status, 200);
    }
    let list = world.service.json("/cities").await;
    let of = list["cities"].as_array().unwrap().iter().find(|c| c["id"] == "broken").unwrap();
    assert_eq!(of["state"], "failed");
    assert!(["zh", "en"].iter().all(|lang| text(&of["reason"][lang]).contains("water.geojson")), "{of}");
    let health = world.service.json("/healthz").await;
    assert_eq!(health["status"], "degraded");
    assert!(health.to_string().contains("water.geojson"));
    // mended, and said so
    put(world.folder.path(), "broken", "tinyville");
    assert_eq!(world.get("/cities/broken/").await.status, 503, "nobody said so");
    world.app.cities().rescan().unwrap();
    assert_eq!(world.get("/cities/broken/").await.status, 200);
}

/// What a release says of itself is what the code says.
#[test]
fn the_description_of_the_whole_is_kept() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/web/openapi-cities.json");
    let kept = fs::read_to_string(path).unwrap_or_default();
    let old = "web/openapi-cities.json is old: shigu api --cities > web/openapi-cities.json";
    assert!(kept == shigu::http::openapi_of_cities(), "{old}");
}

/// Who sees what of the whole: the owner, somebody elsewhere without accounts, who has to log in first, and anybody beside accounts.
#[tokio::test]
async fn every_route_of_the_whole_by_every_reader() {
    let document: Value = serde_json::from_str(&shigu::http::openapi_of_cities()).unwrap();
    let paths: Vec<&String> = document["paths"].as_object().unwrap().keys().collect();
    let tiles = "/cities/tiles/{z}/{x}/{y}";
    assert_eq!(
        paths,
        [
            "/api",
            "/cities",
            "/cities/questions",
            "/cities/questions/{id}",
            "/cities/summary",
            tiles,
            "/cities/zones",
            "/healthz",
            "/metrics",
            "/readyz"
        ]
    );
    let elsewhere = |service: &Service, uri: &str| {
        let mut request = Request::get(uri).header("host", "shigu.test").body(Body::empty()).unwrap();
        request.extensions_mut().insert(Peer("10.1.2.3".parse().unwrap()));
        let service = Service(service.0.clone());
        async move { service.send(request).await }
    };
    for (made, local, reads) in [
        (Made::of_owner(), true, true),
        (Made::of_owner(), false, true),
        (Made::with_accounts(false), true, false),
        (Made::with_accounts(true), true, true),
    ] {
        let owner = local && made.accounts.is_none();
        let world = World::foreign(made);
        broken(&world);
        assert_eq!(world.get("/cities/broken/session").await.status, 503);
        assert_eq!(world.get("/cities/lanes/session").await.status, 200);
        for path in &paths {
            let uri = path.replace("{z}/{x}/{y}", "8/213/105.mvt").replace("{id}", "x");
            let answer = if local { world.get(&uri).await } else { elsewhere(&world.service, &uri).await };
            let refused = answer.status == 401 || answer.status == 403;
            let may = match path.as_str() {
                "/metrics" => owner,
                "/cities/summary" | "/cities/zones" | "/cities/questions/{id}" => reads,
                tile if tile == tiles => reads,
                _ => true,
            };
            assert_eq!(refused, !may, "{path}: {}", answer.status);
            let told = String::from_utf8_lossy(&answer.body).contains("water.geojson");
            assert_eq!(told, owner && ["/cities", "/healthz"].contains(&path.as_str()), "{path}");
        }
        let list = if local { world.get("/cities").await } else { elsewhere(&world.service, "/cities").await };
        let lanes = &list.json()["cities"][1];
        assert_eq!(lanes["id"], "lanes");
        assert_eq!(
            !lanes["rows"].is_null() && !lanes["bytes"].is_null() && !lanes["extent"].is_null(),
            reads,
            "{lanes}"
        );
        assert!(!text(&lanes["title"]["en"]).is_empty(), "titles are on the way in");
    }
}

#[tokio::test]
async fn metrics_name_the_city() {
    let world = World::foreign(Made::of_owner());
    for city in ["lanes", "orchards"] {
        assert_eq!(world.get(&format!("/cities/{city}/collections")).await.status, 200);
    }
    let metrics = String::from_utf8(world.get("/metrics").await.body.to_vec()).unwrap();
    for line in [
        r#"shigu_cities{state="ready"} 2"#,
        r#"shigu_cities{state="not loaded"} 1"#,
        r#"shigu_http_requests_total{method="GET",route="/collections",status="200",city="lanes"} 1"#,
        r#"shigu_http_requests_total{method="GET",route="/collections",status="200",city="orchards"} 1"#,
    ] {
        assert!(metrics.lines().any(|l| l == line), "{line} is missing:\n{metrics}");
    }
    let mut named: Vec<&str> = metrics.lines().filter_map(|l| l.strip_prefix("# TYPE ")).collect();
    let n = named.len();
    named.sort_unstable();
    named.dedup();
    assert_eq!(named.len(), n, "each metric stands in one place");
}

/// The program: cities come and go at SIGHUP, one that is broken is alone, and the log names the city.
#[test]
fn the_program_serves_a_folder_of_cities() {
    let (folder, data) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    put(folder.path(), "orchards", "orchards");
    put(folder.path(), "quayside", "quayside");
    let mut command = shigu();
    command.env("SHIGU_CITIES", folder.path()).env("SHIGU_DATA_DIR", data.path()).env("SHIGU_CITIES_MEMORY", "1GB");
    let program = Program::start(&mut command);
    let list = |program: &Program| serde_json::from_str::<Value>(&program.get("/cities").1).unwrap();
    assert_eq!(list(&program)["cities"].as_array().unwrap().len(), 2);
    assert_eq!(program.get("/cities/orchards/summary").0, 200);
    assert!(data.path().join("cities/orchards/shigu.sqlite3").is_file());
    assert!(!data.path().join("cities/quayside").exists(), "nobody asked for it");
    // the next load of the city reads this
    eventually("the snapshot file", || data.path().join("cities/orchards/snapshots/seed").is_file());
    put(folder.path(), "lanes", "lanes");
    fs::remove_dir_all(folder.path().join("quayside")).unwrap();
    assert_eq!(program.get("/cities/lanes/").0, 404);
    program.signal("HUP");
    eventually("another look at the folder", || program.get("/cities/lanes/").0 == 200);
    assert_eq!(program.get("/cities/quayside/").0, 404);
    assert_eq!(program.get("/cities/orchards/summary").0, 200);
    assert_eq!(program.get("/dataset").0, 404, "there is no dataset but those of the cities");
}
