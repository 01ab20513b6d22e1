//! The plan as a process: three layouts, thirty participants, 120 comments of which 40 have outlines, the table of what became of them, and
//! the version that puts one layout into force; a restart and a second editor in the middle lose nothing. Nothing of one participant
//! is seen by another.

use super::World;
use crate::common::service::Answer;
use axum::http::Request;
use calamine::{Data, Reader, Xlsx};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};
use shigu::http::Authentication;
use std::collections::BTreeMap;
use std::io::{Cursor, Read};
use std::path::Path;

const DEADLINE: &str = "2999-12-31T18:00:00+08:00";

struct Sender {
    id: String,
    token: String,
}

fn open() -> Authentication {
    Authentication { anonymous: true, ..Authentication::default() }
}

fn square([x, y]: [f64; 2], side: f64) -> Value {
    // with the decimals that are kept
    let kept = |degrees: f64| (degrees * 1e7).round() / 1e7;
    let [x, y, e, n] = [x, y, x + side, y + side].map(kept);
    json!({"type": "Polygon", "coordinates": [[[x, y], [e, y], [e, n], [x, n], [x, y]]]})
}

fn node(x: f64, y: f64) -> Value {
    json!({"type": "Point", "coordinates": [x, y]})
}

impl World {
    async fn by(&self, method: &str, uri: &str, token: &str, body: &Value) -> Answer {
        self.with_tag(method, uri, token, body, "").await
    }

    /// A request with a state that was seen, by a link's token or a session's cookie.
    async fn with_tag(&self, method: &str, uri: &str, who: &str, body: &Value, tag: &str) -> Answer {
        let request = Request::builder().method(method).uri(uri);
        let request = if who.contains('=') {
            request.header("cookie", who)
        } else {
            request.header("authorization", format!("Bearer {who}"))
        };
        let request = request.header("if-match", format!("\"{tag}\"")).header("content-type", "application/json");
        let body = if body.is_null() { String::new() } else { body.to_string() };
        self.service.send(request.body(body.into()).unwrap()).await
    }

    async fn file(&self, uri: &str, token: &str, bytes: &[u8]) -> Answer {
        let request = Request::builder().method("POST").uri(uri).header("authorization", format!("Bearer {token}"));
        let request = request.header("content-type", "application/octet-stream");
        self.service.send(request.body(bytes.to_vec().into()).unwrap()).await
    }

    async fn layout(&self, session: &str, title: &str, like: Option<&str>) -> String {
        let made = self.send("POST", "/layouts", session, &json!({"title": title, "like": like})).await;
        assert_eq!(made.status, 201, "{}", made.json());
        made.json()["id"].as_str().unwrap().to_owned()
    }

    async fn tag(&self, owner: &str, session: &str) -> String {
        let draft = self.get(&format!("/drafts/{owner}"), session).await;
        assert_eq!(draft.status, 200, "{}", draft.json());
        draft.json()["tag"].as_str().unwrap().to_owned()
    }

    /// Says what becomes of a feature in a draft.
    async fn edit(&self, owner: &str, session: &str, collection: &str, id: &str, what: &Value) -> Answer {
        let mut edit = json!({"collection": collection, "id": id});
        edit.as_object_mut().unwrap().extend(what.as_object().unwrap().clone());
        let uri = format!("/drafts/{owner}/changes/{collection}:{id}");
        self.with_tag("PUT", &uri, session, &edit, &self.tag(owner, session).await).await
    }

    async fn consulted(&self, round: &str, session: &str) -> Value {
        let answer = self.get(&format!("/consultations/{round}"), session).await;
        assert_eq!(answer.status, 200, "{}", answer.json());
        answer.json()
    }

    async fn consult(&self, session: &str, layouts: &[&String], participants: &Value) -> (String, Vec<Sender>) {
        let body = json!({"title": "空间布局方案征求意见", "note": "请研提意见", "layouts": layouts, "figures": true,
            "text": "第一段。\n\n第二段,\n分两行。\n\n\n第三段。", "deadline": DEADLINE, "participants": participants});
        let made = self.send("POST", "/consultations", session, &body).await;
        assert_eq!(made.status, 201, "{}", made.json());
        let made = made.json();
        let links = made["links"].as_array().unwrap().iter().map(|link| Sender {
            id: link["participant"].as_str().unwrap().into(),
            token: link["link"].as_str().unwrap().split_once('#').unwrap().1.into(),
        });
        (made["consultation"]["id"].as_str().unwrap().to_owned(), links.collect())
    }

    async fn say(&self, round: &str, sender: &Sender, comment: &Value) -> Value {
        let made = self.by("POST", &format!("/rounds/{round}/own/comments"), &sender.token, comment).await;
        assert_eq!(made.status, 201, "{}", made.json());
        made.json()
    }

    async fn own(&self, round: &str, sender: &Sender) -> Value {
        let answer = self.by("GET", &format!("/rounds/{round}/own/consultation"), &sender.token, &Value::Null).await;
        assert_eq!(answer.status, 200, "{}", answer.json());
        answer.json()
    }

    async fn decide(&self, round: &str, session: &str, comment: &Value, body: &Value) -> Answer {
        let uri = format!("/consultations/{round}/comments/{}", comment["id"].as_str().unwrap());
        self.with_tag("PUT", &uri, session, body, comment["tag"].as_str().unwrap()).await
    }

    async fn node_at(&self, id: &str) -> Value {
        self.get(&format!("/collections/layout/items/{id}"), &self.administrator).await.json()["geometry"].clone()
    }
}

fn thirty() -> Value {
    (1..=30).map(|n| json!({"name": format!("单位{n:02}")})).collect()
}

/// The four comments of the participant of this place: a paragraph or the whole, a feature, an outline, a figure. The first ten propose
/// another outline for their feature.
fn four(place: usize, layouts: &[String], figure: &str) -> [Value; 4] {
    let layout = &layouts[place % 3];
    let at = [120.0 + place as f64 * 0.01, 30.2];
    let proposed = if place < 10 { square(at, 0.01) } else { Value::Null };
    let general = if place.is_multiple_of(2) {
        json!({"about": "whole", "text": format!("总体意见{place}")})
    } else {
        json!({"about": "paragraph", "target": format!("{}", place % 3 + 1), "text": format!("段落意见{place}")})
    };
    [
        general,
        json!({"about": "feature", "layout": layout, "target": "platform-zones:P10", "geometry": proposed, "text": format!("要素意见{place}")}),
        json!({"about": "outline", "layout": layout, "geometry": square(at, 0.02), "text": format!("范围意见{place}")}),
        json!({"about": "figure", "target": figure, "text": format!("数字意见{place}")}),
    ]
}

/// The outcome of the comment of this place and why.
fn outcome(place: usize) -> (&'static str, &'static str, String) {
    match place % 3 {
        0 => ("adopted", "采纳", String::new()),
        1 => ("partly", "部分采纳", format!("理由{place}")),
        _ => ("declined", "不采纳", format!("理由{place}")),
    }
}

#[tokio::test]
#[expect(clippy::too_many_lines, reason = "one round, step by step")]
async fn a_round_from_three_layouts_to_the_one_in_force() {
    let mut world = World::new(true).await;
    let editor = world.account("bian", "editor", Value::Null).await;
    let second = world.account("yuan", "editor", Value::Null).await;
    let reviewer = world.account("shen", "reviewer", Value::Null).await;
    let before = world.node_at("node-P01").await;

    // three alternatives, two of them made further by a second editor; nothing of them is in force or in anybody's own draft
    let north = world.layout(&editor, "北向方案", None).await;
    let owner = |id: &str| format!("layout:{id}");
    let moved =
        world.edit(&owner(&north), &editor, "layout", "node-P01", &json!({"geometry": node(119.9, 30.4)})).await;
    assert_eq!(moved.status, 200, "{}", moved.json());
    let south = world.layout(&editor, "南向方案", Some(&north)).await;
    let answer =
        world.edit(&owner(&south), &second, "layout", "node-P02", &json!({"geometry": node(120.2, 30.0)})).await;
    assert_eq!((answer.status.as_u16(), answer.json()["changes"].as_array().unwrap().len()), (200, 2));
    let middle = world.layout(&second, "中部方案", None).await;
    let reshaped = json!({"geometry": square([120.05, 30.28], 0.05)});
    let answer = world.edit(&owner(&middle), &second, "platform-zones", "P10", &reshaped).await;
    assert_eq!(answer.status, 200, "{}", answer.json());
    let rows = world.edit(&owner(&middle), &second, "enterprises", "E1", &json!({"remove": true})).await;
    assert_eq!((rows.status.as_u16(), &rows.json()["code"]), (422, &json!("layers-only")));
    assert_eq!(world.node_at("node-P01").await, before);
    assert_eq!(world.get("/drafts/bian", &editor).await.json()["changes"], json!([]));
    let all = world.get("/layouts", &second).await.json();
    let counts: Vec<_> = all["layouts"].as_array().unwrap().iter().map(|l| l["changes"].clone()).collect();
    assert_eq!(counts, [1, 2, 1]);
    let layouts = [north.clone(), south.clone(), middle.clone()];
    let beside = world.get(&format!("/layouts/beside?ids={}", layouts.join(",")), &editor).await.json();
    let change = &beside["layouts"][2]["changes"][0];
    assert_eq!((&change["key"], &change["class"]), (&json!("platform-zones:P10"), &json!("moved")));
    assert_eq!((&change["new"], change["old"] == change["new"]), (&reshaped["geometry"], false));

    // thirty participants; what they see stays as it is when the layouts go on
    let (round, senders) = world.consult(&editor, &layouts.iter().collect::<Vec<_>>(), &thirty()).await;
    assert_eq!(senders.len(), 30);
    let later =
        world.edit(&owner(&north), &second, "layout", "node-P01", &json!({"geometry": node(119.95, 30.35)})).await;
    assert_eq!(later.status, 200);
    let shown = world.own(&round, &senders[0]).await;
    assert_eq!(shown["content"]["plan"]["layouts"][0]["changes"][0]["new"], node(119.9, 30.4));
    assert_eq!(shown["content"]["paragraphs"], json!(["第一段。", "第二段,\n分两行。", "第三段。"]));
    let figure = shown["content"]["figures"][0]["id"].as_str().unwrap().to_owned();
    let counts =
        |board: &Value| ["unseen", "seen", "commented", "answered", "comments"].map(|n| board["counts"][n].clone());
    assert_eq!(counts(&world.consulted(&round, &second).await), [29, 1, 0, 0, 0]);

    // 120 comments, the program ends and starts after the first half; some have files
    let mut said: BTreeMap<String, Value> = BTreeMap::new();
    for (place, sender) in senders.iter().enumerate() {
        if place == 15 {
            world.restart(open());
        }
        for comment in four(place, &layouts, &figure) {
            let made = world.say(&round, sender, &comment).await;
            said.insert(made["id"].as_str().unwrap().to_owned(), comment);
        }
        let uri = format!("/rounds/{round}/own/answered");
        let answered = world.by("PUT", &uri, &sender.token, &json!({"answered": true})).await;
        assert_eq!(answered.json()["stage"], "answered");
    }
    let own = world.own(&round, &senders[3]).await;
    let first = own["comments"][0]["id"].as_str().unwrap();
    let uri = format!("/rounds/{round}/own/comments/{first}/attachments?file=");
    let added = world.file(&format!("{uri}a.pdf"), &senders[3].token, b"%PDF-1.7 nothing").await;
    assert_eq!((added.status.as_u16(), &added.json()["comments"][0]["files"][0]["file"]), (201, &json!("a.pdf")));
    for (name, bytes) in [("a.html", &b"<script>"[..]), ("b.pdf", b"<html>"), ("c.svg", b"<svg/>")] {
        assert_eq!(world.file(&format!("{uri}{name}"), &senders[3].token, bytes).await.status, 415, "{name}");
    }

    // nothing is lost: each comment is what was said
    let board = world.consulted(&round, &editor).await;
    assert_eq!(counts(&board), [0, 0, 0, 30, 120]);
    let comments = board["comments"].as_array().unwrap().clone();
    let outlines = comments.iter().filter(|c| !c["geometry"].is_null()).count();
    assert_eq!((comments.len(), outlines), (120, 40));
    for comment in &comments {
        let sent = &said[comment["id"].as_str().unwrap()];
        for member in ["about", "layout", "target", "geometry", "text"] {
            assert_eq!(comment[member], sent.get(member).cloned().unwrap_or_default(), "{member} of {sent}");
        }
    }
    // the list, which reads no content, says the same of it
    let mut listed = board.clone();
    ["participants", "comments"].iter().for_each(|name| _ = listed.as_object_mut().unwrap().remove(*name));
    assert_eq!(world.get("/consultations", &editor).await.json()["consultations"], json!([listed]));
    let file = &comments.iter().find(|c| !c["files"].as_array().unwrap().is_empty()).unwrap()["files"][0];
    let got = world.get(&format!("/consultations/{round}/attachments/{}", file["id"].as_str().unwrap()), &second).await;
    assert_eq!((&got.body[..], got.header("content-type")), (&b"%PDF-1.7 nothing"[..], "application/octet-stream"));
    assert!(got.header("content-disposition").starts_with("attachment"));

    // two editors decide, one after the other of the same comment: the second has to look again
    for (place, comment) in comments.iter().enumerate() {
        let (outcome, _, reason) = outcome(place);
        let by = if place.is_multiple_of(2) { &editor } else { &second };
        let done = world.decide(&round, by, comment, &json!({"outcome": outcome, "reason": reason})).await;
        assert_eq!(done.status, 200, "{}", done.json());
        if place == 0 {
            let late = world.decide(&round, &second, comment, &json!({"outcome": "declined", "reason": "不同"})).await;
            assert_eq!((late.status.as_u16(), &late.json()["code"]), (412, &json!("changed")));
        }
        if place == 60 {
            world.restart(open());
        }
    }
    let no_reason = world.consulted(&round, &editor).await["comments"][1].clone();
    assert_eq!(world.decide(&round, &editor, &no_reason, &json!({"outcome": "partly"})).await.status, 422);
    let unknown = json!({"outcome": "adopted", "version": 7});
    assert_eq!(world.decide(&round, &editor, &no_reason, &unknown).await.status, 422);

    // meanwhile somebody moves the same node in what is in force: the layout is in conflict and does not overwrite it
    let other = world.edit("bian", &editor, "layout", "node-P01", &json!({"geometry": node(119.99, 30.32)})).await;
    assert_eq!(other.status, 200);
    let tag = world.tag("bian", &editor).await;
    let submit = world.with_tag("POST", "/drafts/bian/submit", &editor, &json!({"note": "校正"}), &tag).await;
    let tag = submit.json()["tag"].as_str().unwrap().to_owned();
    let made = world.with_tag("POST", "/drafts/bian/publish", &reviewer, &json!({"note": ""}), &tag).await;
    assert_eq!(made.status, 201, "{}", made.json());
    let in_force = format!("/layouts/{north}/in-force");
    let decided = json!({"document": "政发〔2026〕1号", "decided": "2026-11-29"});
    let tag = world.tag(&owner(&north), &reviewer).await;
    let conflict = world.with_tag("POST", &in_force, &reviewer, &decided, &tag).await;
    assert_eq!(conflict.status, 409, "{}", conflict.json());
    let draft = world.get(&format!("/drafts/{}", owner(&north)), &reviewer).await.json();
    let found = &draft["changes"][0]["conflicts"][0];
    assert_eq!((&found["mine"], &found["theirs"]), (&node(119.95, 30.35), &node(119.99, 30.32)));
    let beside = world.get(&format!("/layouts/beside?ids={north}"), &editor).await;
    assert_eq!(beside.status, 409, "nor is it put before others");
    let settled = json!({"geometry": node(119.95, 30.35), "settled": ["geometry"]});
    assert_eq!(world.edit(&owner(&north), &second, "layout", "node-P01", &settled).await.status, 200);
    let tag = world.tag(&owner(&north), &reviewer).await;
    for bad in [json!({"document": "", "decided": "2026-11-29"}), json!({"document": "1", "decided": "yesterday"})] {
        assert_eq!(world.with_tag("POST", &in_force, &reviewer, &bad, &tag).await.status, 422);
    }
    assert_eq!(world.with_tag("POST", &in_force, &editor, &decided, &tag).await.status, 403);
    let publish = format!("/drafts/{}/publish", owner(&north));
    assert_eq!(world.with_tag("POST", &publish, &reviewer, &json!({"note": "a"}), &tag).await.status, 404);
    let made = world.with_tag("POST", &in_force, &reviewer, &decided, &tag).await;
    assert_eq!(made.status, 201, "{}", made.json());
    let made = made.json();
    assert_eq!(
        [&made["number"], &made["document"], &made["decided"], &made["actor"], &made["released"]],
        [&json!(2), &json!("政发〔2026〕1号"), &json!("2026-11-29"), &json!("bian"), &json!("shen")]
    );

    // after another start: in force, the others as they were, adopted comments about it have its version
    world.restart(open());
    assert_eq!(world.node_at("node-P01").await, node(119.95, 30.35));
    let all = world.get("/layouts", &editor).await.json();
    let versions: Vec<_> = all["layouts"].as_array().unwrap().iter().map(|l| l["version"].clone()).collect();
    assert_eq!(versions, [json!(2), Value::Null, Value::Null]);
    let gone = world.send("DELETE", &format!("/layouts/{north}"), &editor, &Value::Null).await;
    assert_eq!(gone.status, 404, "what is in force is not given up");
    let again =
        world.edit(&owner(&north), &editor, "layout", "node-P02", &json!({"geometry": node(120.2, 30.0)})).await;
    assert_eq!(again.status, 404, "nor changed");
    let board = world.consulted(&round, &editor).await;
    for (place, comment) in board["comments"].as_array().unwrap().iter().enumerate() {
        let (word, _, reason) = outcome(place);
        assert_eq!((&comment["outcome"], &comment["reason"]), (&json!(word), &json!(reason)));
        let by = if place.is_multiple_of(2) { "bian" } else { "yuan" };
        assert_eq!(comment["decided_by"], by);
        let followed = word != "declined" && comment["layout"] == json!(north);
        assert_eq!(comment["version"], if followed { json!(2) } else { Value::Null }, "{comment}");
    }
    let mine = world.own(&round, &senders[0]).await;
    let told = &mine["comments"][0];
    assert_eq!((&told["outcome"], &told["decided_by"]), (&json!("adopted"), &Value::Null));

    // the table, read by another program
    let book = world.get(&format!("/consultations/{round}/adoption?f=xlsx&lang=zh"), &editor).await;
    assert_eq!(book.status, 200);
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(book.body.to_vec())).unwrap();
    let sheet = book.worksheet_range_at(0).unwrap().unwrap();
    let rows: Vec<Vec<String>> = sheet
        .rows()
        .map(|row| row.iter().map(|c| if *c == Data::Empty { String::new() } else { c.to_string() }).collect())
        .collect();
    let head = rows.iter().position(|row| row[0] == "序号").unwrap();
    assert_eq!(rows[head][..5], ["序号", "单位", "意见内容", "采纳情况", "理由"]);
    assert_eq!(rows.len() - head - 1, 120);
    for (place, (row, comment)) in rows[head + 1..].iter().zip(board["comments"].as_array().unwrap()).enumerate() {
        let (_, word, reason) = outcome(place);
        assert_eq!(
            (row[0].as_str(), row[1].as_str(), row[3].as_str()),
            (&*(place + 1).to_string(), comment["name"].as_str().unwrap(), word)
        );
        assert!(row[2].ends_with(comment["text"].as_str().unwrap()), "{row:?}");
        assert!(row[4].contains(&reason) && row[4].contains("v2") != comment["version"].is_null(), "{row:?}");
        let spatial = ["feature", "outline"].contains(&comment["about"].as_str().unwrap());
        assert_eq!(row[7].is_empty(), !spatial, "{row:?}");
    }
    let log = world.get("/audit?limit=1000", &world.administrator).await;
    assert!(senders.iter().all(|s| !String::from_utf8_lossy(&log.body).contains(&s.token)), "no token is written down");
}

/// A map for each comment with a place, in a document; the same as a page and as PDF.
#[tokio::test]
async fn the_table_has_a_map_for_each_comment_with_a_place() {
    let world = World::new(true).await;
    let layout = world.layout(&world.administrator, "方案", None).await;
    let reshaped = json!({"geometry": square([120.05, 30.28], 0.05)});
    world.edit(&format!("layout:{layout}"), &world.administrator, "platform-zones", "P10", &reshaped).await;
    let participants = json!([{"name": "甲"}, {"name": "乙"}, {"name": "丙"}]);
    let (round, senders) = world.consult(&world.administrator, &[&layout], &participants).await;
    for comment in [
        json!({"about": "feature", "layout": layout, "target": "platform-zones:P10", "text": "范围宜扩大"}),
        json!({"about": "feature", "target": "layout:axis", "text": "轴线宜延伸"}),
        json!({"about": "outline", "geometry": square([120.2, 30.2], 0.03), "text": "此处宜留白"}),
        json!({"about": "whole", "text": "总体可行"}),
    ] {
        world.say(&round, &senders[0], &comment).await;
    }
    let answered = format!("/rounds/{round}/own/answered");
    world.by("PUT", &answered, &senders[1].token, &json!({"answered": true})).await;
    let table = format!("/consultations/{round}/adoption?lang=zh&f=");
    let document = world.get(&format!("{table}docx"), &world.administrator).await;
    assert_eq!(document.status, 200, "{}", String::from_utf8_lossy(&document.body));
    let mut zip = zip::ZipArchive::new(Cursor::new(document.body.to_vec())).unwrap();
    let names = (0..zip.len()).map(|at| zip.by_index(at).unwrap().name().unwrap().into_owned());
    let names: Vec<String> = names.collect();
    let pictures: Vec<&String> = names
        .iter()
        .filter(|n| n.starts_with("word/media/") && Path::new(n).extension().is_some_and(|e| e == "png"))
        .collect();
    assert_eq!(pictures.len(), 3, "{pictures:?}");
    let mut text = String::new();
    zip.by_name("word/document.xml").unwrap().read_to_string(&mut text).unwrap();
    for wanted in ["意见采纳情况表", "待处理", "此处宜留白", "回复无意见的单位", "未反馈的单位"]
    {
        assert!(text.contains(wanted), "{wanted}");
    }
    for file in ["pdf", "html", "csv"] {
        let answer = world.get(&format!("{table}{file}"), &world.administrator).await;
        assert_eq!(answer.status, 200, "{file}");
    }
    let english = world.get(&format!("/consultations/{round}/adoption?lang=en&f=html"), &world.administrator).await;
    let english = String::from_utf8_lossy(&english.body).into_owned();
    assert!(english.contains("Did not answer") && english.contains("comments and what became of them"));
}

#[tokio::test]
async fn a_participant_sees_and_changes_its_own_alone() {
    let world = World::new(true).await;
    let viewer = world.account("kan", "viewer", Value::Null).await;
    let other = world.account("ren", "viewer", Value::Null).await;
    let layout = world.layout(&world.administrator, "方案", None).await;
    world
        .edit(
            &format!("layout:{layout}"),
            &world.administrator,
            "layout",
            "node-P01",
            &json!({"geometry": node(119.9, 30.4)}),
        )
        .await;
    let participants = json!([{"name": "第一单位"}, {"name": "第二单位"}, {"name": "有帐户的单位", "account": "kan"}]);
    let (round, senders) = world.consult(&world.administrator, &[&layout], &participants).await;
    let made = world.say(&round, &senders[0], &json!({"about": "whole", "text": "只给发起人看"})).await;
    let (id, tag) = (made["id"].as_str().unwrap(), made["tag"].as_str().unwrap());
    let uri = format!("/rounds/{round}/own/comments/{id}");
    let file = world.file(&format!("{uri}/attachments?file=a.png"), &senders[0].token, b"\x89PNG\r\n\x1a\n").await;
    assert_eq!(file.status, 201);
    let file = file.json()["comments"][0]["files"][0]["id"].as_str().unwrap().to_owned();
    let attachment = format!("/rounds/{round}/own/attachments/{file}");

    // another participant, by link and by account
    let theirs = world.own(&round, &senders[1]).await.to_string();
    for hidden in ["只给发起人看", "第一单位", "有帐户的单位", &senders[0].id, id, "bian", "administrator"]
    {
        assert!(!theirs.contains(hidden), "{hidden} is seen by another");
    }
    let reworded = json!({"about": "whole", "text": "别人改的"});
    for who in [&senders[1].token, &viewer] {
        assert_eq!(world.with_tag("PUT", &uri, who, &reworded, tag).await.status, 404);
        assert_eq!(world.by("DELETE", &uri, who, &Value::Null).await.status, 404);
        assert_eq!(world.by("GET", &attachment, who, &Value::Null).await.status, 404);
    }
    assert_eq!(world.by("GET", &attachment, &senders[0].token, &Value::Null).await.status, 200);
    let own = format!("/rounds/{round}/own/consultation");
    assert_eq!(world.get(&own, &viewer).await.json()["name"], "有帐户的单位");
    assert_eq!(world.get(&own, &other).await.status, 401, "an account that is no participant");
    assert_eq!(world.get(&own, "").await.status, 401);
    assert_eq!(world.get(&own, &world.administrator).await.status, 401, "nor is the administrator");
    // a link does not lead to the board, nor to what anybody may read
    for uri in [
        format!("/consultations/{round}"),
        "/layouts".into(),
        format!("/consultations/{round}/adoption?f=csv"),
        "/dataset".into(),
    ] {
        assert_eq!(world.by("GET", &uri, &senders[0].token, &Value::Null).await.status, 403, "{uri}");
    }

    // own comments are reworded until they are decided
    let tag = world.own(&round, &senders[0]).await["comments"][0]["tag"].as_str().unwrap().to_owned();
    let changed =
        world.with_tag("PUT", &uri, &senders[0].token, &json!({"about": "whole", "text": "改过的"}), &tag).await;
    assert_eq!((changed.status.as_u16(), &changed.json()["comments"][0]["text"]), (200, &json!("改过的")));
    assert_eq!(world.with_tag("PUT", &uri, &senders[0].token, &reworded, &tag).await.status, 412, "an old state");
    let comment = world.consulted(&round, &world.administrator).await["comments"][0].clone();
    world.decide(&round, &world.administrator, &comment, &json!({"outcome": "adopted"})).await;
    let next = world.own(&round, &senders[0]).await["comments"][0]["tag"].as_str().unwrap().to_owned();
    let closed = world.with_tag("PUT", &uri, &senders[0].token, &reworded, &next).await;
    assert_eq!((closed.status.as_u16(), &closed.json()["code"]), (409, &json!("decided")));

    // what does not fit
    for bad in [
        json!({"about": "whole", "text": " "}),
        json!({"about": "feature", "target": "layout:nothing", "text": "a"}),
        json!({"about": "feature", "target": "enterprises:E1", "text": "a"}),
        json!({"about": "paragraph", "target": "4", "text": "a"}),
        json!({"about": "figure", "target": "nothing", "text": "a"}),
        json!({"about": "outline", "text": "a"}),
        json!({"about": "outline", "geometry": {"type": "Polygon", "coordinates": []}, "text": "a"}),
        json!({"about": "outline", "geometry": {"type": "Point", "coordinates": [999, 0]}, "text": "a"}),
        json!({"about": "whole", "layout": "another", "text": "a"}),
        json!({"about": "whole", "text": "长".repeat(4_001)}),
    ] {
        let answer = world.by("POST", &format!("/rounds/{round}/own/comments"), &senders[1].token, &bad).await;
        assert_eq!((answer.status.as_u16(), &answer.json()["code"]), (422, &json!("unfit")), "{bad}");
    }
    // when the time is over nothing is said or changed
    let change = json!({"deadline": "2020-01-01T00:00:00Z", "grace_days": 0});
    world.send("PATCH", &format!("/rounds/{round}"), &world.administrator, &change).await;
    let over = world.by("POST", &format!("/rounds/{round}/own/comments"), &senders[1].token, &reworded).await;
    assert_eq!(over.status, 401);
    assert_eq!(world.get(&own, &viewer).await.status, 401);
    assert_eq!(world.get("/rounds", &world.administrator).await.json()["rounds"], json!([]), "it collects no figures");
}

/// A target that nothing counts and the latest figure of the same, by a plain reading of the rows of the file.
fn with_figure(stated: &[Value], counted: impl Fn(&Value) -> bool) -> (&Value, &Value) {
    let same = |a: &Value, b: &Value| ["indicator", "scope", "zone", "unit"].iter().all(|name| a[*name] == b[*name]);
    stated
        .iter()
        .filter(|row| row["kind"] == "target" && row["unit"] != "%" && !counted(row))
        .find_map(|target| {
            let actual = stated.iter().filter(|row| row["kind"] == "actual" && same(row, target));
            let in_time = actual.filter(|row| row["year"].as_u64() <= target["year"].as_u64());
            Some((target, in_time.max_by_key(|row| row["year"].as_u64())?))
        })
        .unwrap()
}

/// Targets of a layout are its own until it is in force; then they cite its document, stay with what is published later, and go with what is
/// gone back to. Another layout that aims otherwise is in conflict.
#[tokio::test]
async fn targets_are_those_of_a_layout_until_a_document_puts_it_into_force() {
    let mut world = World::new(true).await;
    let editor = world.account("bian", "editor", Value::Null).await;
    let admin = world.administrator.clone();
    let indicators = async |world: &World| world.get("/indicators", &admin).await.json()["rows"].clone();
    let counts = world.get("/indicators", &admin).await.json()["counts"].clone();
    let counted = |row: &Value| counts.as_array().unwrap().iter().any(|count| count["indicator"] == row["indicator"]);
    let before = indicators(&world).await;
    let stated = before.as_array().unwrap();
    let (target, actual) = with_figure(stated, counted);
    let text = |row: &Value, name: &str| row[name].as_str().unwrap_or_default().to_owned();
    let id = format!(
        "{}|{}|target",
        ["indicator", "scope", "zone"].map(|name| text(target, name)).join("|"),
        target["year"]
    );
    let (value, there) = (target["value"].as_f64().unwrap(), actual["value"].as_f64().unwrap());
    let aim = async |world: &World, owner: &str, id: &str, values: Value| {
        let body = json!({"collection": "@targets", "id": id, "values": values});
        let uri =
            format!("/drafts/{owner}/changes/{}", utf8_percent_encode(&format!("@targets:{id}"), NON_ALPHANUMERIC));
        world.with_tag("PUT", &uri, &editor, &body, &world.tag(owner, &editor).await).await
    };
    let (north, south) = (world.layout(&editor, "北向方案", None).await, world.layout(&editor, "南向方案", None).await);
    let owner = |id: &str| format!("layout:{id}");
    let made = aim(&world, &owner(&north), &id, json!({"value": value * 2.0, "note": "调高"})).await;
    assert_eq!(made.status, 200, "{}", made.json());
    let change = &made.json()["changes"][0];
    assert_eq!((&change["class"], &change["collection"]), (&json!("changed"), &json!("@targets")));
    assert_eq!(aim(&world, &owner(&south), &id, json!({"value": value * 3.0})).await.status, 200);

    // what is refused: in one's own draft, what is no target, and what no target can be
    let own = aim(&world, "bian", &id, json!({"value": 1})).await;
    assert_eq!((own.status.as_u16(), &own.json()["code"]), (422, &json!("layouts-only")));
    for (id, values) in [
        (id.as_str(), json!({"value": "many"})),
        (&id, json!({"kind": "actual"})),
        (&id, json!({})),
        ("no|such||2025|target", json!({"value": 1})),
        (&id.replace("|target", "|actual"), json!({"value": 1})),
    ] {
        let refused = aim(&world, &owner(&north), id, values.clone()).await;
        assert_eq!(refused.status, 422, "{id} {values}: {}", refused.json());
    }

    // side by side, with how much of each is there; nothing is in force
    let uri = format!("/layouts/beside?ids={north},{south}");
    let beside = world.get(&uri, &editor).await.json();
    let of = |list: &Value| list.as_array().unwrap().iter().find(|one| one["id"] == json!(id)).cloned().unwrap();
    let near = |a: &Value, b: f64| (a.as_f64().unwrap() - b).abs() < 1e-9;
    let (force, aims) = (of(&beside["targets"]), [0, 1].map(|at: usize| of(&beside["layouts"][at]["targets"])));
    assert!(near(&force["value"], value) && near(&force["actual"], there) && near(&force["share"], there / value));
    assert!(near(&aims[0]["share"], there / (value * 2.0)) && near(&aims[1]["share"], there / (value * 3.0)));
    assert_eq!(
        (&aims[0]["note"]["zh"], beside["layouts"][0]["targets"].as_array().unwrap().len()),
        (&json!("调高"), 1)
    );
    assert_eq!(indicators(&world).await, before);
    let shown = world.consult(&editor, &[&north], &json!([{"name": "甲"}])).await;
    assert_eq!(of(&world.own(&shown.0, &shown.1[0]).await["content"]["plan"]["layouts"][0]["targets"]), aims[0]);
    for (file, wanted) in [("docx", "word/document.xml"), ("xlsx", "xl/sharedStrings.xml")] {
        let paper = world.get(&format!("/layouts/paper?ids={north},{south}&f={file}&lang=zh"), &editor).await;
        assert_eq!(paper.status, 200, "{}", String::from_utf8_lossy(&paper.body));
        let mut zip = zip::ZipArchive::new(Cursor::new(paper.body.to_vec())).unwrap();
        let mut said = String::new();
        zip.by_name(wanted).unwrap().read_to_string(&mut said).unwrap();
        assert!(said.contains("北向方案") && said.contains(&*text(target, "title_zh")), "{file}: {said}");
    }

    // in force: by its document, and another that aims otherwise is in conflict
    let force = async |world: &World, layout: &str| {
        let tag = world.tag(&owner(layout), &admin).await;
        let decided = json!({"document": "政发〔2026〕2号", "decided": "2026-11-30"});
        world.with_tag("POST", &format!("/layouts/{layout}/in-force"), &admin, &decided, &tag).await
    };
    let made = force(&world, &north).await;
    assert_eq!((made.status.as_u16(), &made.json()["counts"]["changed"]), (201, &json!(1)), "{}", made.json());
    let changed = |all: &Value| {
        let all = all.as_array().unwrap().iter().zip(before.as_array().unwrap());
        all.filter(|(now, before)| now != before).map(|(now, _)| now.clone()).collect::<Vec<_>>()
    };
    let now = changed(&indicators(&world).await);
    assert_eq!(now.len(), 1);
    assert!(near(&now[0]["value"], value * 2.0) && text(&now[0], "source").contains("政发〔2026〕2号"), "{}", now[0]);
    let late = force(&world, &south).await;
    assert_eq!(late.status, 409, "{}", late.json());
    let conflict =
        world.get(&format!("/drafts/{}", owner(&south)), &editor).await.json()["changes"][0]["conflicts"][0].clone();
    assert!(near(&conflict["theirs"], value * 2.0) && near(&conflict["mine"], value * 3.0), "{conflict}");

    // another start, another version, and going back
    world.restart(open());
    assert_eq!(changed(&indicators(&world).await), now);
    let moved = world.edit("bian", &editor, "layout", "node-P01", &json!({"geometry": node(119.99, 30.32)})).await;
    assert_eq!(moved.status, 200);
    let tag = world.tag("bian", &editor).await;
    let sent = world.with_tag("POST", "/drafts/bian/submit", &editor, &json!({"note": "校正"}), &tag).await.json();
    let tag = sent["tag"].as_str().unwrap();
    let made = world.with_tag("POST", "/drafts/bian/publish", &admin, &json!({"note": ""}), tag).await;
    assert_eq!(made.status, 201, "{}", made.json());
    assert_eq!(changed(&indicators(&world).await), now, "what is published later keeps the targets");
    let back = world.send("POST", "/versions/0/restore", &admin, &json!({"note": "退回"})).await;
    assert_eq!(back.status, 201, "{}", back.json());
    assert_eq!(indicators(&world).await, before);
}
