//! Named areas, views and scenarios: who sees and changes which, two who change the same, what is kept over a restart, and a saved
//! area wherever a zone is named, with the figures that the reader who asks may see.

use super::World;
use crate::common::encoded;
use crate::common::service::Answer;
use axum::body::Body;
use axum::http::Request;
use serde_json::{Value, json};
use shigu::http::Authentication;

const SQUARE: [[f64; 2]; 5] = [[120.15, 30.15], [120.21, 30.15], [120.21, 30.30], [120.15, 30.30], [120.15, 30.15]];

fn square() -> Value {
    json!({"polygon": {"type": "Polygon", "coordinates": [SQUARE]}})
}

fn item(kind: &str, title: &str, body: &Value, shared: bool) -> Value {
    json!({"kind": kind, "title": title, "folder": "调研/一组", "note": "备注", "body": body, "shared": shared})
}

/// The same without the kind, as a change says it.
fn changed(item: &Value, title: &str) -> Value {
    let mut body = item.clone();
    let members = body.as_object_mut().unwrap();
    members.retain(|name, _| ["folder", "note", "body", "shared"].contains(&name.as_str()));
    members.insert("title".into(), json!(title));
    body
}

impl World {
    async fn save(&self, cookie: &str, body: &Value) -> Answer {
        self.send("POST", "/saved", cookie, body).await
    }

    async fn kept(&self, cookie: &str, body: &Value) -> Value {
        let answer = self.save(cookie, body).await;
        assert_eq!(answer.status, 201, "{}", answer.json());
        assert_eq!(answer.header("etag"), format!("\"{}\"", answer.json()["tag"].as_str().unwrap()));
        answer.json()
    }

    async fn matching(&self, method: &str, uri: &str, cookie: &str, tag: &str, body: &Value) -> Answer {
        let mut request = Request::builder().method(method).uri(uri).header("cookie", cookie);
        if !tag.is_empty() {
            request = request.header("if-match", format!("\"{tag}\""));
        }
        let body = if body.is_null() {
            Body::empty()
        } else {
            request = request.header("content-type", "application/json");
            Body::from(body.to_string())
        };
        self.service.send(request.body(body).unwrap()).await
    }
}

fn uri(item: &Value) -> String {
    format!("/saved/{}", item["id"].as_str().unwrap())
}

fn tag(item: &Value) -> &str {
    item["tag"].as_str().unwrap()
}

fn titles(list: &Value) -> Vec<&str> {
    list["items"].as_array().unwrap().iter().map(|i| i["title"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn everybody_sees_the_own_items_and_those_that_are_shared() {
    let world = World::new(true).await;
    let viewer = world.account("看", "viewer", Value::Null).await;
    let other = world.account("另", "viewer", Value::Null).await;
    let editor = world.account("编", "editor", Value::Null).await;
    let second = world.account("编二", "editor", Value::Null).await;
    let reviewer = world.account("审", "reviewer", Value::Null).await;

    let private = world.kept(&viewer, &item("area", "看的范围", &square(), false)).await;
    let shared = world.kept(&editor, &item("area", "共享范围", &square(), true)).await;
    let refused = world.save(&viewer, &item("area", "看", &square(), true)).await;
    assert_eq!((refused.status.as_u16(), &refused.json()["code"]), (403, &json!("no-right")), "viewers share nothing");
    assert_eq!(world.save("", &item("area", "无名", &square(), false)).await.status, 401);

    for (cookie, expected, saves, shares) in [
        (&viewer, vec!["看的范围", "共享范围"], true, false),
        (&other, vec!["共享范围"], true, false),
        (&editor, vec!["共享范围"], true, true),
        (&world.administrator, vec!["共享范围"], true, true),
        (&String::new(), vec!["共享范围"], false, false),
    ] {
        let list = world.get("/saved", cookie).await.json();
        assert_eq!(titles(&list), expected);
        assert_eq!((&list["saves"], &list["shares"]), (&json!(saves), &json!(shares)));
    }
    // a private item is not there for others, whatever they do
    for (method, body) in [("GET", Value::Null), ("PUT", changed(&private, "x")), ("DELETE", Value::Null)] {
        let answer = world.matching(method, &uri(&private), &other, tag(&private), &body).await;
        assert_eq!(answer.status, 404, "{method}");
    }
    // a shared one is seen by all, changed by editors, removed by its owner and by reviewers
    assert_eq!(world.get(&uri(&shared), "").await.json()["body"], square());
    for (cookie, status) in [(&viewer, 403), (&second, 200)] {
        let shared = world.get(&uri(&shared), cookie).await.json();
        let answer = world.matching("PUT", &uri(&shared), cookie, tag(&shared), &changed(&shared, "改名")).await;
        assert_eq!(answer.status, status);
        assert_eq!(shared["changes"], status == 200);
    }
    let now = world.get(&uri(&shared), &second).await.json();
    let mut hidden = changed(&now, "改名");
    hidden["shared"] = json!(false);
    assert_eq!(
        world.matching("PUT", &uri(&now), &second, tag(&now), &hidden).await.status,
        403,
        "only its owner hides it"
    );
    assert_eq!(world.matching("DELETE", &uri(&now), &second, tag(&now), &Value::Null).await.status, 403);
    assert_eq!(world.matching("DELETE", &uri(&now), &reviewer, tag(&now), &Value::Null).await.status, 204);
    assert_eq!(titles(&world.get("/saved", &editor).await.json()), [""; 0]);
    let back = world.send("POST", &format!("{}/restore", uri(&now)), &editor, &Value::Null).await;
    assert_eq!((back.status.as_u16(), &back.json()["title"]), (200, &json!("改名")));

    let log = world.get("/audit", &world.administrator).await.json().to_string();
    assert!(log.contains("\"saved\"") && log.contains(&uri(&now)), "{log}");
}

#[tokio::test]
async fn of_two_editors_the_second_learns_what_is_kept_now() {
    let mut world = World::new(true).await;
    let one = world.account("甲", "editor", Value::Null).await;
    let two = world.account("乙", "editor", Value::Null).await;
    let first = world.kept(&one, &item("view", "视图", &json!({"target": "?zone=330110"}), true)).await;
    let seen = world.get(&uri(&first), &two).await.json();
    let answer = world.matching("PUT", &uri(&first), &one, tag(&first), &changed(&first, "甲改")).await;
    assert_eq!(answer.status, 200);
    let late = world.matching("PUT", &uri(&first), &two, tag(&seen), &changed(&seen, "乙改")).await;
    assert_eq!((late.status.as_u16(), &late.json()["code"]), (412, &json!("saved-changed")));
    assert_eq!(
        (&late.json()["current"]["title"], &late.json()["current"]["tag"]),
        (&json!("甲改"), &answer.json()["tag"])
    );
    let late = world.matching("DELETE", &uri(&first), &one, tag(&first), &Value::Null).await;
    assert_eq!(late.status, 412);
    assert_eq!(world.matching("PUT", &uri(&first), &two, "", &changed(&seen, "乙改")).await.status, 428);
    world.restart(Authentication { anonymous: true, ..Authentication::default() });
    assert_eq!(world.get(&uri(&first), &one).await.json(), answer.json(), "over a restart");
    let kept = world.get(&uri(&first), &two).await.json();
    assert_eq!(world.matching("PUT", &uri(&first), &two, tag(&kept), &changed(&kept, "乙改")).await.status, 200);
}

#[tokio::test]
async fn a_saved_area_stands_wherever_a_zone_does_and_figures_are_the_readers() {
    let world = World::new(true).await;
    let editor = world.account("编", "editor", Value::Null).await;
    let limited = world.account("滨江", "viewer", json!(["330108"])).await;
    let area = world.kept(&editor, &item("area", "沿江带", &square(), true)).await;
    let hidden = world.kept(&editor, &item("area", "未共享", &square(), false)).await;
    let id = format!("saved:{}", area["id"].as_str().unwrap());
    let drawn = world.send("POST", "/summary", &editor, &square()).await.json();
    for (uri, body) in [
        (format!("/summary?zone={id}"), Value::Null),
        (format!("/summary?zone={}", encoded(&id)), Value::Null),
        ("/summary".to_owned(), json!({"zone": id})),
    ] {
        let method = if body.is_null() { "GET" } else { "POST" };
        let answer = world.send(method, &uri, &editor, &body).await.json();
        assert_eq!(
            (&answer["zone"]["name"], &answer["zone"]["name_en"]),
            (&json!("沿江带"), &json!("沿江带")),
            "{uri}"
        );
        for member in ["counts", "totals", "clusters"] {
            assert_eq!(answer[member], drawn[member], "{uri} {member}");
        }
        // the same address for another reader: figures of the own district only, no matter who asked before
        let own = world.send(method, &uri, &limited, &body).await.json();
        let square = world.send("POST", "/summary", &limited, &square()).await.json();
        assert_eq!(own["counts"], square["counts"]);
        assert!(own["counts"]["matched"].as_u64() < answer["counts"]["matched"].as_u64());
    }
    // steps: a saved area as base and as operand
    let union = json!({"zone": "330110", "combine": [{"op": "union", "zone": id}]});
    let plain = json!({"zone": "330110", "combine": [{"op": "union", "polygon": square()["polygon"]}]});
    let (a, b) = (
        world.send("POST", "/summary", &editor, &union).await.json(),
        world.send("POST", "/summary", &editor, &plain).await.json(),
    );
    assert_eq!(a["counts"], b["counts"]);
    let nested = world.kept(&editor, &item("area", "合并", &union, true)).await;
    assert!(!nested["body"].to_string().contains("saved:"), "what is kept is a copy: {}", nested["body"]);
    let minus = json!({"zone": "330108", "combine": [{"op": "difference", "zone": format!("saved:{}", nested["id"].as_str().unwrap())}]});
    assert_eq!(world.send("POST", "/summary", &editor, &minus).await.status, 200);
    // reports, maps and rows
    for uri in [
        format!("/report/{id}?format=xlsx"),
        format!("/map?zone={id}&width=200&f=svg"),
        format!("/collections/enterprises/items?zone={id}&limit=5"),
        format!("/hotspots/areas?zone={id}"),
        format!("/summary/periods?zone={id}"),
    ] {
        let answer = world.get(&uri, &editor).await;
        assert_eq!(answer.status, 200, "{uri}: {}", String::from_utf8_lossy(&answer.body));
    }
    let page = world.get(&format!("/report/{id}?format=html"), &editor).await;
    assert!(String::from_utf8_lossy(&page.body).contains("沿江带"));
    // one that is not shared, or is no area, is no area for others
    let hidden = format!("/summary?zone=saved:{}", hidden["id"].as_str().unwrap());
    assert_eq!(world.get(&hidden, &editor).await.status, 200);
    assert_eq!(world.get(&hidden, &limited).await.status, 404);
    assert_eq!(world.get("/summary?zone=saved:none", &editor).await.status, 404);
    let view = world.kept(&editor, &item("view", "视图", &json!({"target": "?zone=330110"}), true)).await;
    assert_eq!(world.get(&format!("/summary?zone=saved:{}", view["id"].as_str().unwrap()), &editor).await.status, 404);
    // another outline under the same id: no answer that was kept, no tag that is still taken
    let uri = format!("/summary?zone={id}");
    let before = world.get(&uri, &editor).await;
    let mut other = changed(&area, "沿江带");
    other["body"] = json!({"zone": "330110"});
    assert_eq!(world.matching("PUT", &super::saved::uri(&area), &editor, tag(&area), &other).await.status, 200);
    let after = world.get(&uri, &editor).await;
    assert_ne!(before.header("etag"), after.header("etag"));
    assert_eq!(after.json()["counts"], world.get("/summary?zone=330110", &editor).await.json()["counts"]);
    assert_eq!(world.get(&uri, &limited).await.status, 403, "a zone of others");
}

#[tokio::test]
async fn areas_leave_as_a_layer_as_far_as_the_reader_sees_them() {
    let world = World::new(true).await;
    let editor = world.account("编", "editor", Value::Null).await;
    let limited = world.account("滨江", "viewer", json!(["330108"])).await;
    world.kept(&editor, &item("area", "方块", &square(), true)).await;
    let zone = world.kept(&editor, &item("area", "余杭", &json!({"zone": "330110"}), true)).await;
    world.kept(&editor, &item("view", "视图", &json!({"target": "?zone=330110"}), true)).await;
    let layer = world.get("/saved/export", &editor).await;
    assert_eq!(layer.header("content-type"), "application/geo+json");
    let layer = layer.json();
    assert_eq!(layer["features"].as_array().unwrap().len(), 2);
    assert_eq!(layer["features"][0]["properties"]["name"], "方块");
    assert!(layer["features"][0]["geometry"]["coordinates"].is_array());
    let one = world.get(&format!("/saved/export?ids={}", zone["id"].as_str().unwrap()), &limited).await.json();
    assert_eq!(
        (&one["features"][0]["properties"]["name"], &one["features"][0]["geometry"]),
        (&json!("余杭"), &Value::Null)
    );
    assert_eq!(world.get("/saved/export?ids=none", &editor).await.status, 404);
    assert_eq!(world.get("/saved/export?folder=别处", &editor).await.json()["features"], json!([]));
}

#[tokio::test]
async fn items_are_moved_and_ordered_and_what_does_not_fit_says_why() {
    let world = World::new(true).await;
    let editor = world.account("编", "editor", Value::Null).await;
    let viewer = world.account("看", "viewer", Value::Null).await;
    let mut ids = vec![];
    for title in ["a", "b", "c"] {
        ids.push(world.kept(&editor, &item("view", title, &json!({"target": "?mode=plan"}), true)).await["id"].clone());
    }
    let order = json!({"folder": "新/夹", "ids": [ids[2], ids[0], ids[1]]});
    assert_eq!(world.send("POST", "/saved/order", &viewer, &order).await.status, 403);
    let moved = world.send("POST", "/saved/order", &editor, &order).await.json();
    assert_eq!(titles(&moved), ["c", "a", "b"]);
    assert_eq!(titles(&world.get(&format!("/saved?folder={}", encoded("新")), &viewer).await.json()), ["c", "a", "b"]);
    assert_eq!(titles(&world.get("/saved?kind=area", &viewer).await.json()), [""; 0]);
    let twice = json!({"folder": "", "ids": [ids[0], ids[0]]});
    assert_eq!(world.send("POST", "/saved/order", &editor, &twice).await.status, 422);

    for (kind, title, body, status) in [
        ("area", "", square(), 422),
        ("area", "x", json!({"zone": "no-such-zone"}), 404),
        ("area", "x", json!({"zone": "city"}), 422),
        ("area", "x", json!({"zone": "330110", "year": 2025}), 422),
        (
            "area",
            "x",
            json!({"polygon": {"type": "Polygon", "coordinates": [[[0, 0], [2, 2], [2, 0], [0, 2], [0, 0]]]}}),
            422,
        ),
        ("view", "x", json!({"target": "https://elsewhere.example"}), 422),
        ("view", "x", json!({"target": "?a", "annotations": [{"kind": "text", "text": "", "points": []}]}), 422),
        ("scenario", "x", json!(7), 422),
        ("scenario", "x", json!({"zones": []}), 201),
        ("scenario", "x", json!({"zones": ["x".repeat(600_000)]}), 422),
    ] {
        let answer = world.save(&editor, &item(kind, title, &body, false)).await;
        assert_eq!(answer.status, status, "{kind}: {}", answer.json());
    }
}
