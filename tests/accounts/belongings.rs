//! What readers leave here: jobs belong to who requested them and to what they may see today, and nobody fills the place.

use super::{PASSWORD, World, cookie};
use crate::common::service::{Answer, Service, kept};
use axum::body::Body;
use axum::http::Request;
use serde_json::{Value, json};
use shigu::core::query::Disclosure;
use shigu::http::Peer;
use shigu::service::store::{Database, Reports};
use std::time::{Duration, Instant};

const TINYVILLE: &str = "tests/data/tinyville";

/// The job at its end.
async fn finished(world: &World, id: &str, session: &str) -> Value {
    for _ in 0..2000 {
        let job = world.get(&format!("/reports/{id}"), session).await.json();
        if job["state"] == "finished" {
            return job;
        }
        assert!(job["state"] == "queued" || job["state"] == "running", "{job}");
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    panic!("it does not end");
}

async fn log_in(world: &World, name: &str) -> String {
    cookie(&world.log_in(name, PASSWORD).await)
}

async fn limit(world: &World, name: &str, scope: Value) {
    let changed =
        world.send("PATCH", &format!("/accounts/{name}"), &world.administrator, &json!({"scope": scope})).await;
    assert_eq!(changed.status, 200);
}

#[tokio::test]
async fn a_job_of_the_city_is_not_for_an_account_that_was_limited_meanwhile() {
    let world = World::new(false).await;
    let wide = world.account("v", "viewer", Value::Null).await;
    let job = json!({"zones": ["330108"], "formats": ["csv"]});
    let begun = world.send("POST", "/reports", &wide, &job).await;
    assert_eq!(begun.status, 202);
    let of_city = begun.json()["id"].as_str().unwrap().to_owned();
    let file = finished(&world, &of_city, &wide).await["files"][0]["name"].as_str().unwrap().to_owned();
    let parts = |id: &str| {
        let file = crate::common::encoded(&file);
        [String::new(), "/events".into(), "/all.zip".into(), format!("/files/{file}")]
            .map(|p| format!("/reports/{id}{p}"))
    };
    limit(&world, "v", json!(["330108", "330110"])).await;
    let narrow = log_in(&world, "v").await;
    for uri in parts(&of_city) {
        assert_eq!(world.get(&uri, &narrow).await.status, 404, "{uri}");
    }
    assert_eq!(world.get("/reports", &narrow).await.json()["jobs"], json!([]));
    assert_eq!(world.send("DELETE", &format!("/reports/{of_city}"), &narrow, &Value::Null).await.status, 404);
    // what a limited reader requests is theirs, as long as all of it is
    let begun = world.send("POST", "/reports", &narrow, &job).await.json();
    let of_two = begun["id"].as_str().unwrap().to_owned();
    finished(&world, &of_two, &narrow).await;
    for (scope, city, two) in
        [(json!(["330108"]), 404, 404), (json!(["330110", "330108", "330106"]), 404, 200), (json!([]), 200, 200)]
    {
        limit(&world, "v", scope.clone()).await;
        let session = log_in(&world, "v").await;
        for (id, status) in [(&of_city, city), (&of_two, two)] {
            assert_eq!(world.get(&format!("/reports/{id}"), &session).await.status, status, "{scope}");
        }
    }
}

#[tokio::test]
async fn who_has_no_account_is_known_by_ids_that_nobody_can_guess() {
    let data = tempfile::tempdir().unwrap();
    let service =
        Service::with_reports(TINYVILLE, Disclosure::Aggregates, Reports::open(kept(data.path()), 0).unwrap());
    let body = json!({"zones": ["city"], "formats": ["csv"]}).to_string();
    let mut ids = Vec::new();
    for _ in 0..2 {
        let begun = service.post("/reports", "application/json", body.clone()).await;
        assert_eq!(begun.status, 202);
        ids.push(begun.json()["id"].as_str().unwrap().to_owned());
    }
    let same = ids[0].bytes().zip(ids[1].bytes()).filter(|(a, b)| a == b).count();
    assert!(ids[0].len() == 48 && same < 24, "192 random bits: {ids:?}");
    assert_eq!(service.json("/reports").await["jobs"], json!([]), "nobody is told of them");
    assert_eq!(service.json(&format!("/reports/{}", ids[0])).await["id"], ids[0].as_str());
    let other = if ids[0].ends_with('0') { '1' } else { '0' };
    for wrong in [format!("{}{other}", &ids[0][..47]), ids[0][..47].to_owned(), ids[0][..16].to_owned(), "0".into()] {
        assert_eq!(service.get(&format!("/reports/{wrong}")).await.status, 404, "{wrong}");
    }
}

#[tokio::test]
async fn an_address_leaves_so_much_and_others_as_much_again() {
    let world = World::new(true).await;
    let editor = world.account("e", "editor", Value::Null).await;
    let from = async |address: &str, uri: &str, kind: &str, body: String| -> Answer {
        let request = Request::post(uri).header("content-type", kind).header("cookie", &editor);
        let mut request = request.body(Body::from(body)).unwrap();
        request.extensions_mut().insert(Peer(address.parse().unwrap()));
        world.service.send(request).await
    };
    let job = json!({"zones": ["330108"], "formats": ["svg"]}).to_string();
    for (uri, kind, most) in [
        ("/links", "application/json", 60),
        ("/reports", "application/json", 20),
        ("/imports?file=a.csv", "application/octet-stream", 30),
    ] {
        let body = |i: usize| match uri {
            "/links" => json!({"target": format!("?zone={i}")}).to_string(),
            "/reports" => job.clone(),
            _ => "名称\n".to_owned(),
        };
        let (start, mut counted) = (Instant::now(), 0);
        let refused = loop {
            assert!(start.elapsed() < Duration::from_mins(2), "{uri}: {counted} of {most}");
            // a network of IPv6 is one
            let address = ["2001:db8::1", "2001:db8::2"][counted % 2];
            let answer = from(address, uri, kind, body(counted)).await;
            match answer.status.as_u16() {
                429 => break answer,
                // a queue is full for a moment, which does not count
                503 => tokio::time::sleep(Duration::from_millis(50)).await,
                // a folder may be full for good
                201 | 202 | 507 => counted += 1,
                other => panic!("{uri} {counted}: {other}"),
            }
        };
        assert_eq!(refused.json()["code"], "too-many-requests", "{uri}");
        // one more after half a minute, or a minute
        let paid_back = start.elapsed().as_secs() as usize / 30 + 1;
        assert!((most..=most + paid_back).contains(&counted), "{uri}: {counted} of {most}");
        assert!((1..=61).contains(&refused.header("retry-after").parse::<u64>().unwrap()));
        assert!(refused.json()["detail"].as_str().unwrap().contains("秒后再试"));
        let other = from("2001:db8:0:1::1", uri, kind, body(most)).await.status;
        assert_ne!(other, 429, "{uri}: another network");
    }
}

#[test]
fn no_account_has_the_name_of_who_has_none() {
    let folder = tempfile::tempdir().unwrap();
    let database = Database::open(kept(folder.path())).unwrap();
    for name in ["anyone", "owner", "Owner"] {
        let token = database.offer_claim(None, 0).unwrap();
        assert!(database.claim(&token, Some(name), PASSWORD, 0).is_err(), "{name}");
    }
}
