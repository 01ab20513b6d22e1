//! Briefings that the service makes by itself: an administrator sets when, who may read all finds them, of many copies one makes each, a moment
//! that was missed is made up once and says so, what fails says why and is tried again.

use super::{World, now};
use crate::common::service::{Answer, Service, installed_fonts, kept};
use serde_json::{Value, json};
use shigu::core::model::TimeZone;
use shigu::http::{App, Authentication};
use shigu::render::map::Fonts;
use shigu::service::store::{BriefingSchedule, Database};
use std::io::Read;

const SET: &str = "/briefings/schedules";

/// A copy of the program over the folder of a world.
fn copy(world: &World, fonts: Fonts) -> App {
    let authentication = Authentication { anonymous: true, ..Authentication::default() };
    Service::copy("geodata/hangzhou", world.folder.path(), authentication, fonts)
}

/// On the first of the month at 8 o'clock, in both languages, about the districts.
fn monthly() -> Value {
    json!({"title": "产业动态", "day": 1, "hour": 8, "languages": ["zh", "en"]})
}

/// A schedule that was set long ago: the moments since then were met or missed.
async fn set_long_ago(world: &World, body: &Value) -> String {
    let made = world.send("POST", SET, &world.administrator, body).await;
    assert_eq!(made.status, 201, "{}", made.json());
    let database = Database::open(kept(world.folder.path())).unwrap();
    let [set] = &database.briefing_schedules().unwrap()[..] else { panic!("one was set") };
    assert!(database.change_briefing_schedule(&BriefingSchedule { changed: 0, ..set.clone() }).unwrap());
    set.id.clone()
}

/// The first of this month at 8 o'clock where the data is, or of the month before where that is still to come; and the day before.
fn due() -> (i64, String) {
    let zone = TimeZone::default();
    let mut day = zone.day(now() as f64).unwrap();
    loop {
        day.replace_range(8.., "01");
        let at = zone.instant(&day, 8 * 3_600_000_000).unwrap() / 1_000_000;
        if at < now() {
            return (at, zone.day((at - 86_400) as f64).unwrap());
        }
        day = zone.day((at - 10 * 86_400) as f64).unwrap();
    }
}

async fn briefings(world: &World) -> Vec<Value> {
    let list = world.get("/briefings", "").await;
    assert_eq!(list.status, 200, "{}", list.json());
    list.json()["briefings"].as_array().unwrap().clone()
}

fn path(of: &Value, file: &str) -> String {
    format!("/briefings/{}/{}/{file}", of["schedule"].as_str().unwrap(), of["period"].as_str().unwrap())
}

/// What a document for word processors says.
fn said(answer: &Answer) -> String {
    assert_eq!(answer.status, 200, "{}", answer.json());
    let mut zip = zip::ZipArchive::new(std::io::Cursor::new(answer.body.to_vec())).unwrap();
    let mut text = String::new();
    zip.by_name("word/document.xml").unwrap().read_to_string(&mut text).unwrap();
    text
}

/// Who made briefings, by the audit log.
async fn recorded(world: &World) -> Vec<(String, String)> {
    let log = world.get("/audit", &world.administrator).await.json();
    let all = log["events"].as_array().unwrap().iter().filter(|event| event["what"] == "briefing");
    let text = |event: &Value, name: &str| event[name].as_str().unwrap().to_owned();
    all.map(|event| (text(event, "actor"), text(event, "detail"))).collect()
}

#[tokio::test]
async fn an_administrator_sets_when_and_who_may_read_all_finds_the_paper_that_a_reader_would_get() {
    let world = World::new(true).await;
    let app = copy(&world, installed_fonts());
    app.make_briefings(now()).await;
    assert!(briefings(&world).await.is_empty(), "nothing is made that nobody has set");
    let reviewer = world.account("shen", "reviewer", Value::Null).await;
    let limited = world.account("xian", "viewer", json!(["330106"])).await;
    assert_eq!(world.send("POST", SET, &reviewer, &monthly()).await.status, 403);
    for bad in [
        json!({"day": 29}),
        json!({"day": 0}),
        json!({"hour": 24}),
        json!({"languages": []}),
        json!({"languages": ["fr"]}),
        json!({"title": " "}),
        json!({"kind": "no-such-kind"}),
        json!({"kind": "district", "zone": "330106"}),
        json!({"zone": "no-such-zone"}),
    ] {
        let mut body = monthly();
        body.as_object_mut().unwrap().extend(bad.as_object().unwrap().clone());
        let refused = world.send("POST", SET, &world.administrator, &body).await;
        assert!(matches!(refused.status.as_u16(), 400 | 404 | 422), "{bad}: {}", refused.status);
    }
    let id = set_long_ago(&world, &monthly()).await;
    let (at, until) = due();
    app.make_briefings(at + 5).await;
    app.make_briefings(at + 10).await;
    let all = briefings(&world).await;
    let [one] = &all[..] else { panic!("{all:?}") };
    assert_eq!((&one["state"], &one["until"], &one["late"]), (&json!("made"), &json!(until), &json!(false)), "{one}");
    let files: Vec<&str> = one["files"].as_array().unwrap().iter().map(|file| file["file"].as_str().unwrap()).collect();
    assert_eq!(files, ["zh.pdf", "zh.docx", "en.pdf", "en.docx"]);
    // what whoever has no account gets of the same days, and not a byte more
    let since = one["since"].as_str().unwrap();
    for file in files {
        let (lang, f) = file.split_once('.').unwrap();
        let asked = world.get(&format!("/zones/movements?since={since}&until={until}&f={f}&lang={lang}"), "").await;
        let kept = world.get(&path(one, file), "").await;
        assert!(kept.status == 200 && kept.body == asked.body, "{file}");
        assert_eq!(kept.header("content-type"), asked.header("content-type"));
        assert!(
            kept.header("content-disposition").starts_with("attachment;"),
            "{}",
            kept.header("content-disposition")
        );
        assert_eq!(world.get(&path(one, file), &limited).await.status, 403, "{file}");
    }
    assert_eq!(world.get("/briefings", &limited).await.json()["code"], "all-zones");
    assert_eq!(world.get(&path(one, "fr.docx"), "").await.status, 404);
    let by_whom: Vec<String> = recorded(&world).await.into_iter().map(|(who, _)| who).collect();
    assert_eq!(by_whom, ["service:briefings", "管理员"]);
    // changing it makes up for nothing, pausing it makes nothing, removing it removes what was made
    let paused = json!({"title": "产业动态", "day": null, "hour": 0, "languages": ["en"], "active": false});
    let one = format!("{SET}/{id}");
    assert_eq!(world.send("PUT", &one, &reviewer, &paused).await.status, 403);
    let now_paused = world.send("PUT", &one, &world.administrator, &paused).await.json();
    assert_eq!((&now_paused["next"], &now_paused["day"]), (&Value::Null, &Value::Null));
    app.make_briefings(at + 90 * 86_400).await;
    assert_eq!(briefings(&world).await.len(), 1);
    assert_eq!(world.send("DELETE", &one, &world.administrator, &Value::Null).await.status, 204);
    assert!(briefings(&world).await.is_empty());
    assert_eq!(world.send("DELETE", &one, &world.administrator, &Value::Null).await.status, 404);
}

#[tokio::test]
async fn many_copies_make_it_once() {
    let world = World::new(true).await;
    set_long_ago(&world, &monthly()).await;
    let copies = [0; 3].map(|_| copy(&world, installed_fonts()));
    let (at, _) = due();
    let [a, b, c] = &copies;
    tokio::join!(a.make_briefings(at + 5), b.make_briefings(at + 5), c.make_briefings(at + 6));
    let all = briefings(&world).await;
    assert_eq!((all.len(), &all[0]["state"]), (1, &json!("made")), "{all:?}");
    let made = recorded(&world).await.into_iter().filter(|(who, _)| who == "service:briefings");
    assert_eq!(made.count(), 1);
}

#[tokio::test]
async fn what_was_missed_is_made_up_once_and_says_so_and_a_still_month_says_that_nothing_changed() {
    let mut world = World::new(true).await;
    set_long_ago(&world, &monthly()).await;
    let (at, until) = due();
    // the machine was off from before the moment until three days after it
    world.restart(Authentication { anonymous: true, ..Authentication::default() });
    let app = copy(&world, installed_fonts());
    app.make_briefings(at + 3 * 86_400).await;
    let again = copy(&world, installed_fonts());
    again.make_briefings(at + 3 * 86_400 + 60).await;
    let all = briefings(&world).await;
    let [one] = &all[..] else { panic!("{all:?}") };
    assert_eq!((&one["late"], &one["until"]), (&json!(true), &json!(until)));
    let zh = said(&world.get(&path(one, "zh.docx"), "").await);
    assert!(zh.contains("事后补做") && zh.contains(&format!("{}-01 08:00", one["period"].as_str().unwrap())), "{zh}");
    assert!(said(&world.get(&path(one, "en.docx"), "").await).contains("when the service did not run"));
    // the sample has no rows that begin or end in these months: an independent look at the same answer
    let since = one["since"].as_str().unwrap();
    let found = world.get(&format!("/zones/movements?since={since}&until={until}"), "").await.json();
    let figures = found["figures"].as_array().unwrap();
    let still =
        found["whole"]["new"] == 0 && found["whole"]["ceased"] == 0 && figures.iter().all(|f| f["is_new"] == false);
    assert_eq!(one["still"], still);
    assert_eq!(zh.contains("本期无变化"), still);
    assert!(still, "{}", found["whole"]);
}

#[tokio::test]
async fn what_fails_says_why_and_is_tried_again_and_the_next_begins_where_the_last_ended() {
    let world = World::new(true).await;
    set_long_ago(&world, &json!({"title": "月报", "day": null, "hour": 20, "languages": ["zh"], "zone": "330106"}))
        .await;
    let zone = TimeZone::default();
    let at = |day: &str| zone.instant(day, 20 * 3_600_000_000).unwrap() / 1_000_000;
    let first = at("2026-02-28");
    // a computer without fonts
    let without = copy(&world, Fonts::default());
    without.make_briefings(first).await;
    let all = briefings(&world).await;
    assert_eq!((&all[0]["state"], &all[0]["files"]), (&json!("failed"), &json!([])), "{all:?}");
    assert!(all[0]["error"]["zh"].as_str().unwrap().contains("字体"), "{}", all[0]["error"]);
    assert!(all[0]["retry"].is_string());
    let with = copy(&world, installed_fonts());
    with.make_briefings(first + 60).await;
    assert_eq!(briefings(&world).await[0]["state"], "failed", "it is not yet time");
    with.make_briefings(first + 700).await;
    let made = &briefings(&world).await[0];
    assert_eq!((&made["state"], &made["late"], &made["retry"]), (&json!("made"), &json!(false), &Value::Null));
    assert_eq!((&made["since"], &made["until"]), (&json!("2026-01-31"), &json!("2026-02-28")));
    // off for two months: one briefing about all the time since
    with.make_briefings(at("2026-05-31") + 5 * 86_400).await;
    let all = briefings(&world).await;
    let spans: Vec<(&str, &str)> =
        all.iter().map(|one| (one["since"].as_str().unwrap(), one["until"].as_str().unwrap())).collect();
    assert_eq!(spans, [("2026-02-28", "2026-05-31"), ("2026-01-31", "2026-02-28")]);
    let text = said(&world.get(&path(&all[0], "zh.docx"), "").await);
    assert!(text.contains("应于 2026-05-31 20:00 制作"), "{text}");
}
