//! All areas of a collection replaced by those of a file, with source, number and date; and rows that declare a zone which goes.
//! What is left and what goes is compared with lists that are made here, of the file and of the rows themselves.

use crate::accounts::World;
use crate::edits::{Editor, codes};
use axum::body::Body;
use axum::http::Request;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

const APPROVAL: &str = "浙S(2026)18号";

fn query(pairs: &[(&str, &str)]) -> String {
    form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
}

/// Sends a file; the status with the answer.
async fn replace(editor: &mut Editor<'_>, collection: &str, more: &[(&str, &str)], bytes: &[u8]) -> (u16, Value) {
    let mut pairs = vec![
        ("collection", collection),
        ("source", "某市规划和自然资源局 / Planning Bureau"),
        ("approval", APPROVAL),
        ("dated", "2026-03-01"),
    ];
    pairs.retain(|(name, _)| !more.iter().any(|(own, _)| own == name));
    pairs.extend(more.iter().filter(|(_, value)| *value != "-"));
    if !more.iter().any(|(name, _)| *name == "file") {
        pairs.push(("file", "areas.geojson"));
    }
    let path = format!("/drafts/{}/replacements?{}", editor.name, query(&pairs));
    let request = Request::post(path)
        .header("cookie", &editor.cookie)
        .header("content-type", "application/octet-stream")
        .header("if-match", format!("\"{}\"", editor.tag))
        .body(Body::from(bytes.to_vec()))
        .unwrap();
    let answer = editor.world.service.send(request).await;
    let status = answer.status.as_u16();
    (status, if status == 200 { editor.seen(&answer) } else { answer.json() })
}

async fn items(world: &World, collection: &str) -> Vec<Value> {
    let path = format!("/collections/{collection}/items?limit=10000&f=json");
    let answer = world.get(&path, &world.administrator).await;
    assert_eq!(answer.status, 200, "{}", answer.json());
    answer.json()["features"].as_array().unwrap().clone()
}

fn collection_of(features: &[Value]) -> Vec<u8> {
    json!({"type": "FeatureCollection", "features": features}).to_string().into_bytes()
}

fn square(x: f64, y: f64) -> Value {
    let (a, b) = (x + 0.02, y + 0.02);
    json!({"type": "Polygon", "coordinates": [[[x, y], [a, y], [a, b], [x, b], [x, y]]]})
}

fn of_class(draft: &Value, class: &str) -> BTreeSet<String> {
    let all = draft["changes"].as_array().unwrap().iter().filter(|c| c["class"] == class && c["official"].is_null());
    all.map(|c| c["id"].as_str().or(c["new_id"].as_str()).unwrap_or("?").to_owned()).collect()
}

#[tokio::test]
#[expect(clippy::too_many_lines, reason = "one draft, step by step")]
async fn published_areas_take_the_place_of_schematic_ones() {
    let world = World::of_two_persons().await;
    let mut li = Editor::new(&world, "li", "editor").await;
    let mut wang = Editor::new(&world, "wang", "reviewer").await;
    let before = items(&world, "platform-zones").await;
    assert!(before.len() > 4);
    let (first, second) = (&before[0], &before[1]);
    let name = |feature: &Value| feature["properties"]["name"].as_str().unwrap().to_owned();
    let id = |feature: &Value| feature["id"].as_str().unwrap().to_owned();
    // one is known by its id, one by its name, and one is new, with all that its collection asks for
    let mut whole = second["properties"].clone();
    whole["name"] = json!("新批复的片区");
    whole["basis"] = Value::Null;
    whole["ignored"] = json!("甲");
    // a code is known by its name, as in a department's table
    whole["status"] = json!("规划新谋划");
    let feature = |id: &str, name: &str, at: Value, more: &Value| {
        let mut properties = more.clone();
        properties["编号"] = json!(id);
        properties["name"] = json!(name);
        json!({"type": "Feature", "geometry": at, "properties": properties})
    };
    let file = [
        feature(&id(first), "改过的名称", square(119.9, 30.2), &json!({})),
        feature("X-2", &name(second), square(120.0, 30.2), &json!({})),
        feature("X-3", "新批复的片区", square(120.1, 30.2), &whole),
    ];
    let columns = [("id_column", "编号"), ("name_column", "name")];
    let (status, draft) = replace(&mut li, "platform-zones", &columns, &collection_of(&file)).await;
    assert_eq!((status, &draft["problems"], &draft["undo"]), (200, &json!(0), &json!(1)), "{draft}");
    assert_eq!(of_class(&draft, "moved"), BTreeSet::from([id(first), id(second)]));
    assert_eq!(of_class(&draft, "new"), BTreeSet::from(["X-3".to_owned()]));
    assert_eq!(of_class(&draft, "removed"), before[2..].iter().map(id).collect());
    let about = &draft["changes"][0];
    assert_eq!((&about["key"], &about["official"]["approval"]), (&json!("platform-zones"), &json!(APPROVAL)));
    let remarks: Vec<String> =
        about["findings"].as_array().unwrap().iter().map(|f| f["message"]["zh"].to_string()).collect();
    assert!(remarks.iter().any(|r| r.contains("ignored")), "{remarks:?}");
    let moved = draft["changes"].as_array().unwrap().iter().find(|c| c["id"] == first["id"]).unwrap();
    assert_eq!(moved["new_geometry"], square(119.9, 30.2), "old and new outlines are there before it is published");
    assert_eq!(moved["old_geometry"], first["geometry"]);

    // one step: undone and done again as a whole; another file takes its place
    let (_, undone) = li.step("undo", &Value::Null).await;
    assert_eq!(undone["changes"], json!([]));
    let (_, again) = li.step("redo", &Value::Null).await;
    assert_eq!(again["changes"], draft["changes"]);
    let (_, other) = replace(&mut li, "platform-zones", &columns, &collection_of(&file[..2])).await;
    assert_eq!(of_class(&other, "new"), BTreeSet::new(), "what an earlier file added is no more said");
    assert!(other["changes"][0]["findings"].to_string().contains("保留原值"), "{}", other["changes"][0]);
    // a file without names leaves those of before, and says so
    let unnamed = [json!({"type": "Feature", "geometry": square(119.9, 30.2), "properties": {"编号": id(first)}})];
    let without = [("id_column", "编号"), ("name_column", "")];
    let (_, kept) = replace(&mut li, "platform-zones", &without, &collection_of(&unnamed)).await;
    let remarks = kept["changes"][0]["findings"].to_string();
    assert!(remarks.contains("保留原值") && remarks.contains("名称"), "{remarks}");
    li.step("undo", &Value::Null).await;
    li.step("undo", &Value::Null).await;

    let dataset = |answer: Value| {
        let all = answer["collections"].as_array().unwrap().clone();
        all.into_iter().find(|c| c["id"] == "platform-zones").unwrap()
    };
    let seen = world.get("/dataset", &world.administrator).await.json();
    assert_eq!(dataset(seen)["schematic"], json!(true), "nobody sees a draft");
    assert_eq!(li.step("submit", &json!({"note": "换为批复范围"})).await.0, 200);
    let (own, tag) = (wang.name, wang.tag.clone());
    (wang.name, wang.tag) = ("li", li.tag.clone());
    assert_eq!(wang.step("publish", &json!({})).await.0, 201);
    (wang.name, wang.tag) = (own, tag);
    let about = dataset(world.get("/dataset", &world.administrator).await.json());
    let source = "某市规划和自然资源局，批准文号 浙S(2026)18号，2026-03-01";
    assert_eq!((&about["schematic"], &about["approval"]), (&json!(false), &json!(APPROVAL)), "{about}");
    assert_eq!((&about["source"]["zh"], &about["valid_from"]), (&json!(source), &json!("2026-03-01")), "{about}");
    assert_eq!(about["source"]["en"], "Planning Bureau, approval number 浙S(2026)18号, 2026-03-01");
    let now = items(&world, "platform-zones").await;
    let ids: BTreeSet<String> = now.iter().map(id).collect();
    assert_eq!(ids, BTreeSet::from([id(first), id(second), "X-3".to_owned()]));
    let new = now.iter().find(|zone| zone["id"] == "X-3").unwrap();
    assert_eq!(new["properties"]["status"], "planned");
    for zone in &now {
        let rests = (&zone["properties"]["basis"], &zone["properties"]["source"]);
        assert_eq!(rests.0, "official_boundary", "{zone}");
        assert!(rests.1 == source || zone["id"] == "X-3", "the source of a zone is that of its outline: {zone}");
    }
    // page, papers and metadata say it, and no mark of 示意 is left
    let zones = world.get("/zones?kind=platform", &world.administrator).await.json();
    let zones = zones["zones"].as_array().unwrap().iter().filter(|z| ids.contains(z["id"].as_str().unwrap()));
    assert_eq!(zones.filter(|z| z["schematic"] == false).count(), 3);
    let said = world.get("/collections/platform-zones?f=json", &world.administrator).await.json();
    let said = json!([said["title"], said["description"]]).to_string();
    assert!(!said.contains("示意") && !said.contains("chematic"), "what described the areas of before is gone: {said}");
    let page = world.get("/collections/platform-zones?f=html", &world.administrator).await;
    assert!(String::from_utf8_lossy(&page.body).contains(APPROVAL));
    let paper = world.get(&format!("/report/{}?format=html", id(first)), &world.administrator).await;
    let paper = String::from_utf8_lossy(&paper.body).into_owned();
    assert!(paper.contains(source) && !paper.contains("示意性绘制"), "the method of the paper names the source");

    // what is changed on the page later is said beside it; going back is going back
    wang.look().await;
    wang.change("platform-zones", "X-3", json!({"geometry": square(120.12, 30.2)})).await;
    assert_eq!(wang.step("submit", &json!({"note": "勘误"})).await.0, 200);
    let zhao = world.account("zhao", "reviewer", Value::Null).await;
    let mut zhao = Editor { world: &world, cookie: zhao, name: "wang", tag: wang.tag.clone() };
    assert_eq!(zhao.step("publish", &json!({})).await.0, 201);
    let about = dataset(world.get("/dataset", &world.administrator).await.json());
    assert!(about["source"]["zh"].as_str().unwrap().contains("在页面上修改"), "{about}");
    assert_eq!(about["approval"], json!(APPROVAL));
    let back = world.send("POST", "/versions/0/restore", &world.administrator, &json!({"note": "回到原样"})).await;
    assert!(back.status.is_success(), "{}", back.json());
    let about = dataset(world.get("/dataset", &world.administrator).await.json());
    assert_eq!((&about["schematic"], &about["approval"]), (&json!(true), &Value::Null));
    assert_eq!(items(&world, "platform-zones").await, before);
}

/// The rows that declare each district.
async fn declared(world: &World) -> BTreeMap<String, BTreeSet<String>> {
    let mut all: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for row in items(world, "enterprises").await {
        if let Some(district) = row["properties"]["district"].as_str() {
            all.entry(district.to_owned()).or_default().insert(row["id"].as_str().unwrap().to_owned());
        }
    }
    all
}

#[tokio::test]
async fn districts_are_replaced_and_rows_of_one_that_goes_declare_another() {
    let world = World::new(true).await;
    let mut wang = Editor::new(&world, "wang", "reviewer").await;
    let districts = items(&world, "districts").await;
    let platforms_before = items(&world, "platforms").await;
    let rows = declared(&world).await;
    let (gone, stays) = ("330102", "330105");
    assert!(rows[gone].len() > 10 && rows[stays].len() > 10);
    // districts are not changed one by one
    let body = json!({"collection": "districts", "id": gone, "remove": true});
    let answer = wang.send("PUT", &format!("/drafts/wang/changes/districts:{gone}"), &body).await;
    assert_eq!((answer.status.as_u16(), &answer.json()["code"]), (422, &json!("not-editable")));
    // the same outlines but for one, which is no more there
    let file: Vec<Value> = districts.iter().filter(|d| d["id"] != gone).cloned().collect();
    let columns = [("id_column", "adcode"), ("name_column", "name")];
    let (status, draft) = replace(&mut wang, "districts", &columns, &collection_of(&file)).await;
    assert_eq!((status, &draft["problems"]), (200, &json!(1)), "{draft}");
    assert!(codes(&draft["changes"][0]).contains(&"districts-gap"), "as a folder's: {}", draft["changes"][0]);
    let change = draft["changes"].as_array().unwrap().iter().find(|c| c["id"] == gone).unwrap();
    assert!(codes(change).contains(&"zone-declared"), "{change}");
    let count = |change: &Value| {
        let all = change["declared"].as_array().unwrap().iter();
        all.filter(|d| d["collection"] == "enterprises").map(|d| d["rows"].as_u64().unwrap()).sum::<u64>()
    };
    assert_eq!(count(change), rows[gone].len() as u64);
    let (status, said) = wang.step("publish", &json!({"note": "区划调整"})).await;
    assert_eq!((status, &said["code"]), (422, &json!("draft-problems")), "{said}");
    // nobody is left behind: a row that comes to declare it later, one that is edited, one that is new
    let all: Vec<&String> = rows[gone].iter().collect();
    let added = json!({"collection": "enterprises", "position": [120.17, 30.24],
        "values": {"name": "并区时新设的企业", "cluster": "vision", "district": gone}});
    let answer = wang.send("PUT", "/drafts/wang/changes/enterprises+1", &added).await;
    assert_eq!(answer.status, 200, "{}", answer.json());
    wang.seen(&answer);
    wang.edit(all[0], json!({"values": {"founded": 2019}})).await;
    wang.edit(all[1], json!({"values": {"district": "330106"}})).await;
    wang.edit(all[2], json!({"remove": true})).await;
    for (successor, code) in [("000000", Some("successor-unknown")), (gone, Some("successor-unknown")), (stays, None)] {
        let draft = wang.change("districts", gone, json!({"remove": true, "successor": successor})).await;
        let change = draft["changes"].as_array().unwrap().iter().find(|c| c["id"] == gone).unwrap();
        let found = codes(change).into_iter().find(|code| *code != "zones-left");
        assert_eq!((found, change["successor"].as_str()), (code, Some(successor)), "{change}");
    }
    let mut other = Editor::new(&world, "zhao", "reviewer").await;
    let moved = rows[stays].iter().next().unwrap().clone();
    other.edit(&moved, json!({"values": {"district": gone}})).await;
    assert_eq!(other.step("publish", &json!({"note": "更正"})).await.0, 201);
    let draft = wang.look().await;
    assert_eq!((&draft["problems"], &draft["conflicts"]), (&json!(0), &json!(0)), "{draft}");
    let (status, version) = wang.step("publish", &json!({"note": "区划调整"})).await;
    assert_eq!(status, 201, "{version}");

    let mut expected = rows.clone();
    let mut left = expected.remove(gone).unwrap();
    left.remove(all[1]);
    left.remove(all[2]);
    expected.get_mut("330106").unwrap().insert(all[1].clone());
    expected.get_mut(stays).unwrap().extend(left);
    let now = declared(&world).await;
    let names: BTreeMap<String, String> = items(&world, "enterprises")
        .await
        .iter()
        .map(|row| (row["id"].as_str().unwrap().to_owned(), row["properties"]["name"].as_str().unwrap().to_owned()))
        .collect();
    let fresh: Vec<&String> = now[stays].iter().filter(|id| !expected[stays].contains(*id)).collect();
    assert_eq!(fresh.iter().map(|id| names[*id].as_str()).collect::<Vec<_>>(), ["并区时新设的企业"]);
    for (district, ids) in &expected {
        let own: BTreeSet<String> = now[district].iter().filter(|id| !fresh.contains(id)).cloned().collect();
        assert_eq!(&own, ids, "{district}");
    }
    assert!(!now.contains_key(gone));
    let projects = items(&world, "projects").await;
    // and what refers to the district
    let platforms = items(&world, "platforms").await;
    let of =
        |f: &Value, id: &str| f["properties"]["districts"].as_array().is_some_and(|all| all.iter().any(|d| d == id));
    assert!(platforms_before.iter().any(|p| of(p, gone)));
    for (was, now) in platforms_before.iter().zip(&platforms) {
        assert!(!of(now, gone) && of(now, stays) == (of(was, gone) || of(was, stays)), "{now}");
    }
    assert!(projects.iter().all(|p| p["properties"]["district"] != gone), "every table follows");
    assert_eq!(version["counts"]["removed"], json!(2), "a district and a row: {version}");
}

#[tokio::test]
async fn what_can_not_be_used_is_said_and_nothing_is_kept() {
    let world = World::new(true).await;
    let mut li = Editor::new(&world, "li", "editor").await;
    let one =
        json!({"type": "Feature", "id": "A", "geometry": square(120.0, 30.2), "properties": {"id": "A", "name": "甲"}});
    let file = collection_of(std::slice::from_ref(&one));
    let mut point = one.clone();
    point["geometry"] = json!({"type": "Point", "coordinates": [120.0, 30.2]});
    let twice = collection_of(&[one.clone(), one]);
    for (collection, more, bytes, code) in [
        ("platform-zones", vec![("approval", " ")], &file, "official-needed"),
        ("platform-zones", vec![("dated", "2026-13-01")], &file, "official-needed"),
        ("enterprises", vec![], &file, "not-editable"),
        ("water", vec![], &file, "not-editable"),
        ("nowhere", vec![], &file, "not-editable"),
        ("platform-zones", vec![("id_column", "没有这一列")], &file, "column-not-usable"),
        ("platform-zones", vec![("id_column", "id")], &twice, "column-not-usable"),
        ("platform-zones", vec![("file", "areas.zip")], &b"PK\x03\x04".to_vec(), "package-broken"),
        ("platform-zones", vec![], &collection_of(&[point]), "no-areas"),
        ("platform-zones", vec![("crs", "没有")], &file, "crs-needed"),
    ] {
        let (status, said) = replace(&mut li, collection, &more, bytes).await;
        assert_eq!((status, &said["code"]), (422, &json!(code)), "{more:?} {said}");
        assert!(!said.to_string().contains("--"), "no flag of a command: {said}");
    }
    let (status, _) = replace(&mut li, "platform-zones", &[("source", "-")], &file).await;
    assert_eq!(status, 400, "what is not said at all is a missing parameter");
    assert_eq!(li.look().await["changes"], json!([]));
    // a set that lacks what others refer to, or what a new zone needs, is kept in the draft and not saved
    let (status, draft) = replace(&mut li, "platform-zones", &[], &file).await;
    assert_eq!(status, 200);
    let new = draft["changes"].as_array().unwrap().iter().find(|c| c["new_id"] == "A").unwrap();
    assert!(codes(new).contains(&"missing-property") || draft["problems"] != 0, "{new}");
    assert_eq!(li.step("submit", &json!({"note": "试"})).await.0, 422);
}
