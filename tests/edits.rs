//! Editing on the page: judged as an import is, kept from step to step, merged with what others have made since, released by
//! another where that is asked for. `tests/edits_crash.rs` kills the program meanwhile.

use crate::accounts::World;
use crate::common::service::Answer;
use axum::body::Body;
use axum::http::Request;
use serde_json::{Value, json};

/// One who edits: the session, the name, and the draft as it was last seen.
pub(crate) struct Editor<'a> {
    pub(crate) world: &'a World,
    pub(crate) cookie: String,
    pub(crate) name: &'static str,
    pub(crate) tag: String,
}

impl<'a> Editor<'a> {
    pub(crate) async fn new(world: &'a World, name: &'static str, role: &str) -> Self {
        let cookie = world.account(name, role, Value::Null).await;
        let mut editor = Self { world, cookie, name, tag: String::new() };
        editor.look().await;
        editor
    }

    pub(crate) async fn look(&mut self) -> Value {
        let draft = self.world.get(&format!("/drafts/{}", self.name), &self.cookie).await;
        assert_eq!(draft.status, 200, "{}", draft.json());
        self.seen(&draft)
    }

    pub(crate) fn seen(&mut self, answer: &Answer) -> Value {
        let draft = answer.json();
        if let Some(tag) = draft["tag"].as_str() {
            assert_eq!(answer.header("etag"), format!("\"{tag}\""));
            tag.clone_into(&mut self.tag);
        }
        draft
    }

    pub(crate) async fn send(&mut self, method: &str, path: &str, body: &Value) -> Answer {
        let request = Request::builder().method(method).uri(path).header("cookie", &self.cookie);
        let request =
            request.header("content-type", "application/json").header("if-match", format!("\"{}\"", self.tag));
        let body = if body.is_null() { Body::empty() } else { Body::from(body.to_string()) };
        self.world.service.send(request.body(body).unwrap()).await
    }

    /// Says what becomes of a feature of a collection.
    pub(crate) async fn change(&mut self, collection: &str, id: &str, mut body: Value) -> Value {
        body["collection"] = json!(collection);
        body["id"] = json!(id);
        let answer = self.send("PUT", &format!("/drafts/{}/changes/{collection}:{id}", self.name), &body).await;
        assert_eq!(answer.status, 200, "{}", answer.json());
        self.seen(&answer)
    }

    /// Says what becomes of a row of the register.
    pub(crate) async fn edit(&mut self, id: &str, mut body: Value) -> Value {
        body["collection"] = json!("enterprises");
        body["id"] = json!(id);
        let path = format!("/drafts/{}/changes/enterprises:{id}", self.name);
        let answer = self.send("PUT", &path, &body).await;
        assert_eq!(answer.status, 200, "{}", answer.json());
        self.seen(&answer)
    }

    async fn add(&mut self, key: &str, values: Value, position: Value) -> Value {
        let body = json!({"collection": "enterprises", "values": values, "position": position});
        let answer = self.send("PUT", &format!("/drafts/{}/changes/{key}", self.name), &body).await;
        assert_eq!(answer.status, 200, "{}", answer.json());
        self.seen(&answer)
    }

    pub(crate) async fn step(&mut self, what: &str, body: &Value) -> (u16, Value) {
        let path = format!("/drafts/{}/{what}", self.name);
        let answer = self.send("POST", &path, body).await;
        let status = answer.status.as_u16();
        (status, if status == 200 { self.seen(&answer) } else { answer.json() })
    }
}

async fn row(world: &World, id: &str) -> Value {
    world.get(&format!("/collections/enterprises/items/{id}"), &world.administrator).await.json()
}

pub(crate) fn codes(change: &Value) -> Vec<&str> {
    change["findings"].as_array().unwrap().iter().map(|f| f["code"].as_str().unwrap()).collect()
}

fn texts(findings: &Value) -> Vec<(String, String)> {
    let text = |f: &Value| (f["code"].as_str().unwrap().to_owned(), f["message"].to_string());
    findings.as_array().unwrap().iter().map(text).collect()
}

/// The same row typed and sent as a table: the same findings in the same words.
#[tokio::test]
async fn an_edit_is_judged_as_an_import_is() {
    let world = World::new(true).await;
    let mut li = Editor::new(&world, "li", "editor").await;
    let wrong = [
        json!({"统一社会信用代码": "91330110MA2ABCDE1X"}),
        json!({"统一社会信用代码": "9133"}),
        json!({"主导集群": "没有这一类"}),
        json!({"区": "没有这个区"}),
        json!({"2025年营收(万元)": "很多"}),
        json!({"成立年份": "1066"}),
    ];
    let properties = ["credit_code", "credit_code", "cluster", "district", "revenue_2025", "founded"];
    for (place, (cells, property)) in wrong.iter().zip(properties).enumerate() {
        let (head, cell) = cells.as_object().unwrap().iter().next().unwrap();
        let name = format!("杭州第{place}试验有限公司");
        let table = format!("企业名称,{head}\n{name},{}\n", cell.as_str().unwrap());
        let sent = Request::post("/imports?file=a.csv").header("cookie", &world.administrator);
        let sent = sent.header("content-type", "application/octet-stream").body(Body::from(table)).unwrap();
        let id = world.service.send(sent).await.json()["id"].as_str().unwrap().to_owned();
        let options = json!({"columns": {head.as_str(): property}});
        world.send("POST", &format!("/imports/{id}/check"), &world.administrator, &options).await;
        let import = loop {
            let import = world.get(&format!("/imports/{id}"), &world.administrator).await.json();
            if import["state"] != "checking" {
                break import;
            }
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        };
        assert_eq!(import["state"], "checked", "{import}");
        let class = if import["outcome"]["counts"]["problem"] == 1 { "problem" } else { "new" };
        let rows = world.get(&format!("/imports/{id}/rows?class={class}"), &world.administrator).await.json();
        let draft = li.add("enterprises+a", json!({"name": name, property: cell}), Value::Null).await;
        // the number of the row is that of the list, the table's counts its head
        let expected = texts(&rows["rows"][0]["findings"])
            .into_iter()
            .map(|(code, text)| (code, text.replace("第 2 行", "第 1 行").replace("row 2:", "row 1:")));
        let change = &draft["changes"][0];
        assert_eq!(texts(&change["findings"]), expected.collect::<Vec<_>>(), "{property}");
        assert!(!codes(change).is_empty(), "{property}");
        assert_eq!(change["findings"][0]["property"], property);
        assert_eq!(change["class"] == "problem", class == "problem");
    }
    // what has errors is not saved
    let (status, problem) = li.step("submit", &json!({"note": "试"})).await;
    assert_eq!((status, problem["code"].as_str()), (422, Some("draft-problems")));
}

#[tokio::test]
async fn what_can_not_be_saved_says_so_and_changes_nothing() {
    let world = World::new(true).await;
    let mut wang = Editor::new(&world, "wang", "reviewer").await;
    let empty = wang.step("publish", &json!({"note": "x"})).await;
    assert_eq!(empty.0, 404, "nothing was begun");
    let known = row(&world, "S00001").await["properties"]["name"].as_str().unwrap().to_owned();
    let draft = wang.add("enterprises+a", json!({"name": known}), Value::Null).await;
    assert_eq!(
        (&draft["changes"][0]["class"], codes(&draft["changes"][0])),
        (&json!("problem"), vec!["already-there"])
    );
    let (status, problem) = wang.step("publish", &json!({"note": "x"})).await;
    assert_eq!((status, problem["code"].as_str()), (422, Some("draft-problems")));
    let (_, draft) = wang.step("undo", &Value::Null).await;
    assert_eq!((draft["changes"].as_array().unwrap().len(), &draft["redo"]), (0, &json!(1)));
    let draft = wang.edit("S00001", json!({"values": {"name": ""}})).await;
    assert_eq!(codes(&draft["changes"][0]), ["name-missing"]);
    assert_eq!(draft["redo"], 0, "another step takes the place of the undone one");
    let draft = wang.edit("S00001", json!({"values": {"location_class": null}})).await;
    assert_eq!(codes(&draft["changes"][0]), ["value-required"]);
    let draft = wang.edit("S00001", json!({"values": {"founded": 2019}})).await;
    assert_eq!((&draft["changes"][0]["class"], &draft["undo"]), (&json!("changed"), &json!(3)));
    let (status, problem) = wang.step("publish", &json!({"note": "  "})).await;
    assert_eq!((status, problem["code"].as_str()), (422, Some("reason-missing")));
    // not one property that there is not, not another's key, not without the tag, not with an old one
    let path = "/drafts/wang/changes/enterprises:S00001";
    let body = |values: Value| json!({"collection": "enterprises", "id": "S00001", "values": values});
    assert_eq!(wang.send("PUT", path, &body(json!({"nonsense": 1}))).await.status, 422);
    assert_eq!(wang.send("PUT", "/drafts/wang/changes/enterprises:S00002", &body(json!({}))).await.status, 422);
    assert_eq!(world.send("PUT", path, &wang.cookie, &body(json!({}))).await.status, 428);
    let tag = std::mem::replace(&mut wang.tag, "old-1".into());
    let refused = wang.send("PUT", path, &body(json!({"founded": 2001}))).await;
    assert_eq!((refused.status.as_u16(), &refused.json()["code"]), (412, &json!("draft-changed")));
    wang.tag = tag;
    assert_eq!(wang.look().await["changes"][0]["values"], json!({"founded": 2019}));
    assert_eq!(world.get("/versions", &world.administrator).await.json()["current"], 0);
    let (status, version) = wang.step("publish", &json!({"note": "更正成立年份"})).await;
    assert_eq!(status, 201, "{version}");
    let expected =
        json!({"features": 5000, "new": 0, "changed": 1, "moved": 0, "removed": 0, "unchanged": 4999, "left_out": 0});
    assert_eq!((&version["counts"], &version["kind"], &version["actor"]), (&expected, &json!("edit"), &json!("wang")));
    assert_eq!(version["note"], "更正成立年份");
    assert_eq!(row(&world, "S00001").await["properties"]["founded"], 2019);
    assert_eq!(wang.look().await["changes"], json!([]), "the draft has become the version");
    // and back
    let answer = world.send("POST", "/versions/0/restore", &world.administrator, &json!({"note": ""})).await;
    assert_eq!(answer.status, 201);
    assert_ne!(row(&world, "S00001").await["properties"]["founded"], 2019);
}

/// A point that moves is in the district that holds it then, and where it was put, however little that is.
#[tokio::test]
async fn a_row_moves_to_where_it_is_put() {
    let world = World::new(true).await;
    let mut wang = Editor::new(&world, "wang", "reviewer").await;
    let before = row(&world, "S00002").await;
    let place = |row: &Value| {
        let at = row["geometry"]["coordinates"].as_array().unwrap();
        [at[0].as_f64().unwrap(), at[1].as_f64().unwrap()]
    };
    let [x, y] = place(&before);
    let draft = wang.edit("S00002", json!({"position": [x + 0.0001, y]})).await;
    assert_eq!(draft["changes"][0]["class"], "moved", "ten metres, with a precision of hundreds");
    assert!((draft["changes"][0]["moved_m"].as_f64().unwrap() - 9.6).abs() < 1.0);
    // 萧山, far from where it was
    let draft = wang.edit("S00002", json!({"position": [120.2700, 30.1600]})).await;
    let district = draft["changes"][0]["changes"].as_array().unwrap().iter().find(|c| c["property"] == "district");
    let district = district.unwrap()["new"].clone();
    let (status, _) = wang.step("publish", &json!({"note": "迁址"})).await;
    assert_eq!(status, 201);
    let after = row(&world, "S00002").await;
    assert_eq!((place(&after), &after["properties"]["district"]), ([120.27, 30.16], &district));
    // an oracle of its own: the outlines of the dataset's folder, by even and odd crossings
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/geodata/hangzhou/districts.geojson");
    let outlines: Value = serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
    let holding: Vec<&str> = outlines["features"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|f| holds(&f["geometry"], 120.27, 30.16))
        .map(|f| f["id"].as_str().unwrap())
        .collect();
    assert_eq!(holding, [district.as_str().unwrap()]);
    let kept = ["name", "cluster", "founded", "size", "location_class", "precision_m"];
    for property in kept {
        assert_eq!(after["properties"][property], before["properties"][property], "{property}");
    }
}

fn holds(geometry: &Value, x: f64, y: f64) -> bool {
    let polygons = if geometry["type"] == "Polygon" {
        vec![geometry["coordinates"].clone()]
    } else {
        geometry["coordinates"].as_array().unwrap().clone()
    };
    let rings = polygons.iter().flat_map(|p| p.as_array().unwrap());
    let crossings = rings.flat_map(|ring| {
        let points: Vec<(f64, f64)> =
            ring.as_array().unwrap().iter().map(|p| (p[0].as_f64().unwrap(), p[1].as_f64().unwrap())).collect();
        points.windows(2).map(|w| (w[0], w[1])).collect::<Vec<_>>()
    });
    crossings.filter(|(a, b)| (a.1 > y) != (b.1 > y) && x < (b.0 - a.0) * (y - a.1) / (b.1 - a.1) + a.0).count() % 2
        == 1
}

/// Two who change other rows and other fields of one row are merged; the same field is shown to the second, and decided.
#[tokio::test]
async fn two_editors_are_merged_and_conflicts_shown() {
    let world = World::new(true).await;
    let mut li = Editor::new(&world, "li", "editor").await;
    let mut wang = Editor::new(&world, "wang", "reviewer").await;
    let was = row(&world, "S00003").await["properties"].clone();
    li.edit("S00003", json!({"values": {"founded": 2011, "size": "large"}})).await;
    li.edit("S00004", json!({"values": {"founded": 2012}})).await;
    li.edit("S00005", json!({"remove": true})).await;
    li.edit("S00006", json!({"remove": true})).await;
    wang.edit("S00003", json!({"values": {"founded": 2013, "employees_2025": 77}})).await;
    wang.edit("S00005", json!({"values": {"founded": 2014}})).await;
    wang.edit("S00006", json!({"remove": true})).await;
    assert_eq!(wang.step("publish", &json!({"note": "先"})).await.0, 201);

    let draft = li.look().await;
    assert_eq!((&draft["base"], &draft["current"], &draft["conflicts"]), (&json!(0), &json!(1), &json!(2)));
    let conflict = |draft: &Value, n: usize| draft["changes"][n]["conflicts"].clone();
    let expected = json!([{"property": "founded", "gone": false, "was": was["founded"], "mine": 2011, "theirs": 2013}]);
    assert_eq!(conflict(&draft, 0), expected);
    assert_eq!(conflict(&draft, 2)[0]["property"], "founded", "who changed it did not know that it goes");
    assert_eq!(draft["changes"][3]["class"], "unchanged", "both have removed it");
    let (status, problem) = li.step("submit", &json!({"note": "后"})).await;
    assert_eq!((status, problem["code"].as_str()), (409, Some("draft-conflicts")));
    // mine for the first, theirs for the other: it stays
    let draft = li.edit("S00003", json!({"values": {"founded": 2011, "size": "large"}, "settled": ["founded"]})).await;
    assert_eq!(draft["conflicts"], 1);
    let answer = li.send("DELETE", "/drafts/li/changes/enterprises:S00005", &Value::Null).await;
    assert_eq!(li.seen(&answer)["conflicts"], 0);
    let (status, draft) = li.step("submit", &json!({"note": "后"})).await;
    assert_eq!((status, &draft["state"]), (200, &json!("submitted")));
    // submitted, it is not changed; who may publish sees and publishes it, in the name of who made it
    assert_eq!(li.step("undo", &Value::Null).await.1["code"], "draft-submitted");
    let list = world.get("/drafts", &wang.cookie).await.json();
    assert_eq!((&list["drafts"][0]["owner"], &list["drafts"][0]["changes"]), (&json!("li"), &json!(3)));
    let others = world.get("/drafts/wang", &li.cookie).await;
    assert_eq!(others.status, 404, "an editor sees no draft of another");
    (wang.name, wang.tag) = ("li", li.tag.clone());
    assert_eq!(wang.step("undo", &Value::Null).await.0, 404, "nobody changes another's draft");
    let (status, version) = wang.step("publish", &json!({})).await;
    assert_eq!(status, 201, "{version}");
    assert_eq!(
        (&version["actor"], &version["released"], &version["note"]),
        (&json!("li"), &json!("wang"), &json!("后"))
    );
    let now = row(&world, "S00003").await["properties"].clone();
    assert_eq!((&now["founded"], &now["size"], &now["employees_2025"]), (&json!(2011), &json!("large"), &json!(77)));
    assert_eq!(row(&world, "S00004").await["properties"]["founded"], 2012);
    assert_eq!(row(&world, "S00005").await["properties"]["founded"], 2014);
    assert_eq!(world.get("/collections/enterprises/items/S00006", &world.administrator).await.status, 404);
    let trail = world.get("/audit", &world.administrator).await.json();
    let events: Vec<String> = trail["events"]
        .as_array()
        .unwrap()
        .iter()
        .map(|e| {
            format!(
                "{} {} {}",
                e["actor"].as_str().unwrap(),
                e["what"].as_str().unwrap(),
                e["detail"].as_str().unwrap()
            )
        })
        .collect();
    for expected in
        ["wang publish /drafts/li/publish", "li draft /drafts/li/submit", "wang publish /drafts/wang/publish"]
    {
        assert!(events.iter().any(|e| e == expected), "{expected}: {events:?}");
    }
}

/// A dataset of several tables: edits of two of them are one version.
#[tokio::test]
async fn edits_of_two_tables_are_one_version() {
    let world = World::new(true).await;
    let mut wang = Editor::new(&world, "wang", "reviewer").await;
    let items = world.get("/collections/projects/items?limit=1", &wang.cookie).await.json();
    let id = items["features"][0]["id"].as_str().unwrap().to_owned();
    wang.edit("S00007", json!({"values": {"founded": 2010}})).await;
    let body = json!({"collection": "projects", "id": id, "values": {"name": "改名的项目"}});
    let answer = wang.send("PUT", &format!("/drafts/wang/changes/projects:{id}"), &body).await;
    assert_eq!(answer.status, 200, "{}", answer.json());
    let draft = wang.seen(&answer);
    let numbers: Vec<&Value> = draft["changes"].as_array().unwrap().iter().map(|c| &c["number"]).collect();
    assert_eq!(numbers, [1, 2]);
    let (status, version) = wang.step("publish", &json!({"note": "两张表"})).await;
    assert_eq!((status, &version["number"], &version["counts"]["changed"]), (201, &json!(1), &json!(2)), "{version}");
    assert_eq!(row(&world, "S00007").await["properties"]["founded"], 2010);
    let project = world.get(&format!("/collections/projects/items/{id}"), &wang.cookie).await.json();
    assert_eq!(project["properties"]["name"], "改名的项目");
    // a later edit of one of them keeps the other
    wang.look().await;
    wang.edit("S00007", json!({"values": {"founded": 2009}})).await;
    assert_eq!(wang.step("publish", &json!({"note": "又"})).await.0, 201);
    let project = world.get(&format!("/collections/projects/items/{id}"), &wang.cookie).await.json();
    assert_eq!(project["properties"]["name"], "改名的项目");
}

/// Where two persons are asked for, nobody publishes the own change: neither edited nor sent as a file.
#[tokio::test]
async fn two_persons_publish_where_that_is_asked_for() {
    let world = World::of_two_persons().await;
    let mut wang = Editor::new(&world, "wang", "reviewer").await;
    let mut zhao = Editor::new(&world, "zhao", "reviewer").await;
    wang.edit("S00008", json!({"values": {"founded": 2008}})).await;
    let (status, problem) = wang.step("publish", &json!({"note": "x"})).await;
    assert_eq!((status, problem["code"].as_str()), (403, Some("second-person")));
    assert_eq!(wang.step("submit", &json!({"note": "请复核"})).await.0, 200);
    assert_eq!(wang.step("publish", &json!({})).await.0, 403);
    (zhao.name, zhao.tag) = ("wang", wang.tag.clone());
    let (status, draft) = zhao.step("return", &json!({"note": "请附来源"})).await;
    assert_eq!((status, &draft["state"], &draft["note"]), (200, &json!("open"), &json!("请附来源")));
    assert_eq!(zhao.step("publish", &json!({})).await.0, 404, "it is its owner's again");
    wang.look().await;
    assert_eq!(wang.step("submit", &json!({"note": "来源:年报"})).await.0, 200);
    zhao.tag.clone_from(&wang.tag);
    assert_eq!(zhao.step("publish", &json!({})).await.0, 201);
    // a file, too
    let sent = Request::post("/imports?file=a.csv").header("cookie", &wang.cookie);
    let table = "企业名称,区县\n杭州第九智能有限公司,余杭区\n";
    let sent = sent.header("content-type", "application/octet-stream").body(Body::from(table)).unwrap();
    let id = world.service.send(sent).await.json()["id"].as_str().unwrap().to_owned();
    world.send("POST", &format!("/imports/{id}/check"), &wang.cookie, &json!({})).await;
    while world.get(&format!("/imports/{id}"), &wang.cookie).await.json()["state"] == "checking" {
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    let own = world.send("POST", &format!("/imports/{id}/publish"), &wang.cookie, &json!({})).await;
    assert_eq!((own.status.as_u16(), &own.json()["code"]), (403, &json!("second-person")));
    let other = world.send("POST", &format!("/imports/{id}/publish"), &zhao.cookie, &json!({})).await;
    assert_eq!(other.status, 201, "{}", other.json());
}

/// A draft of an account that is removed goes with it.
#[tokio::test]
async fn a_draft_goes_with_its_account() {
    let world = World::new(true).await;
    let mut li = Editor::new(&world, "li", "editor").await;
    li.edit("S00009", json!({"values": {"founded": 2007}})).await;
    assert_eq!(li.step("submit", &json!({"note": "x"})).await.0, 200);
    let drafts =
        || async { world.get("/drafts", &world.administrator).await.json()["drafts"].as_array().unwrap().len() };
    assert_eq!(drafts().await, 1);
    assert_eq!(world.send("DELETE", "/accounts/li", &world.administrator, &Value::Null).await.status, 204);
    assert_eq!(drafts().await, 0);
}
