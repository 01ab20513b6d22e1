//! No state of one city is seen by another: accounts, what readers leave, what is kept between requests.

use super::{FOREIGN, Made, World};
use crate::common::described;
use serde_json::{Value, json};

/// Who administers a city is nobody in another, for every route of the description.
#[tokio::test]
async fn who_administers_a_city_is_nobody_in_another() {
    let world = World::foreign(Made::with_accounts(false));
    let [own, other, _] = FOREIGN;
    let session = world.administrator(own).await;
    let document: Value = serde_json::from_str(&shigu::http::openapi()).unwrap();
    let mut refused = 0;
    for (path, methods) in document["paths"].as_object().unwrap() {
        for method in methods.as_object().unwrap().keys().filter(|m| *m != "parameters") {
            let uri = format!("/cities/{other}{}", described(path).replace(['{', '}'], ""));
            let body = if method == "get" || method == "delete" { Value::Null } else { json!({}) };
            let method = method.to_uppercase();
            let with = world.send(&method, &uri, &session, &body).await;
            let without = world.send(&method, &uri, "", &body).await;
            assert_eq!(with.status, without.status, "{method} {uri}");
            refused += usize::from(with.status == 401);
        }
    }
    assert!(refused > 60, "{refused}");
    let who = world.send("GET", &format!("/cities/{own}/session"), &session, &Value::Null).await.json();
    assert_eq!(who["role"], "administrator");
    let accounts = world.send("GET", &format!("/cities/{own}/accounts"), &session, &Value::Null).await;
    assert_eq!(accounts.status, 200);
    let there = world.administrator(other).await;
    let accounts = world.send("GET", &format!("/cities/{other}/accounts"), &there, &Value::Null).await;
    let text = String::from_utf8_lossy(&accounts.body).into_owned();
    assert!(text.contains(&format!("admin-of-{other}")) && !text.contains(&format!("admin-of-{own}")), "{text}");
}

/// What is left in one city is not in the others, also after it was unloaded.
#[tokio::test]
async fn what_is_left_in_a_city_is_there_and_nowhere_else() {
    let cities = [("a", "orchards"), ("b", "orchards")];
    let world = World::new(&cities, Made { budget: 1, ..Made::of_owner() });
    assert_eq!(world.get("/cities/a/").await.status, 503, "larger than all may be");
    let world = World::new(&cities, Made { budget: bytes_of("orchards").await, ..Made::of_owner() });
    let link = world.send("POST", "/cities/a/links", "", &json!({"target": "?lang=en"})).await;
    assert!(link.status.is_success(), "{}", String::from_utf8_lossy(&link.body));
    let saved = json!({"kind": "view", "title": "看这里", "body": {"target": "?lang=en"}});
    let saved = world.send("POST", "/cities/a/saved", "", &saved).await;
    assert!(saved.status.is_success(), "{}", String::from_utf8_lossy(&saved.body));
    for _ in 0..3 {
        let there = world.service.json("/cities/b/saved").await;
        assert!(!there.to_string().contains("看这里"), "{there}");
        assert_eq!(world.ready().await, ["b"], "only one has room");
        let here = world.service.json("/cities/a/saved").await;
        assert!(here.to_string().contains("看这里"), "{here}");
        assert_eq!(world.ready().await, ["a"]);
    }
}

/// Bytes of a city.
async fn bytes_of(of: &str) -> u64 {
    let world = World::new(&[("one", of)], Made::of_owner());
    assert_eq!(world.get("/cities/one/").await.status, 200);
    world.service.json("/cities").await["cities"][0]["bytes"].as_u64().unwrap()
}

/// A city that makes reports, and one whose answer is still being read, stay loaded.
#[tokio::test(flavor = "multi_thread")]
async fn a_city_at_work_stays() {
    let all = FOREIGN.map(|of| (of, of));
    let world = World::new(&all, Made { budget: bytes_of("orchards").await, ..Made::of_owner() });
    let job = json!({"zones": "districts", "formats": ["csv", "html", "geojson"]});
    let made = world.send("POST", "/cities/orchards/reports", "", &job).await;
    assert!(made.status.is_success(), "{}", String::from_utf8_lossy(&made.body));
    let id = made.json()["id"].as_str().unwrap().to_owned();
    loop {
        // another city wants the room
        assert_eq!(world.get("/cities/lanes/").await.status, 200);
        world.app.cities().trim();
        let loaded = world.ready().await.contains(&"orchards".to_owned());
        let job = world.service.json(&format!("/cities/orchards/reports/{id}")).await;
        if job["state"] == "finished" {
            break;
        }
        assert!(loaded, "{job}");
    }
    // who reads has it until the end
    let request = axum::http::Request::get("/cities/orchards/collections/orchards/items").header("host", "shigu.test");
    let response =
        tower::ServiceExt::oneshot(world.service.0.clone(), request.body(axum::body::Body::empty()).unwrap());
    let response = response.await.unwrap();
    assert_eq!(world.get("/cities/lanes/").await.status, 200);
    world.app.cities().trim();
    assert!(world.ready().await.contains(&"orchards".to_owned()));
    drop(response);
    world.app.cities().trim();
    assert_eq!(world.get("/cities/quayside/").await.status, 200);
    world.app.cities().trim();
    assert!(!world.ready().await.contains(&"orchards".to_owned()), "{:?}", world.states().await);
}
