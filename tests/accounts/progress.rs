//! How far the items of a plan are: who may state it, that nothing is lost or overwritten, what the paper of a half-year says, and that the
//! figures are those of the folder's files, whatever the city.

use super::World;
use crate::common;
use crate::common::service::{Answer, Service};
use axum::http::Request;
use calamine::{Data, Reader, Xlsx};
use serde_json::{Value, json};
use shigu::core::query::Disclosure;
use shigu::http::Authentication;
use std::io::Cursor;
use std::path::Path;

const ITEM: &str = "/plan/items/measures.layout";

impl World {
    async fn state(&self, who: &str, item: &str, tag: &str, body: &Value) -> Answer {
        let request = Request::builder().method("POST").uri(format!("/plan/items/{item}")).header("cookie", who);
        let request = request.header("if-match", format!("\"{tag}\"")).header("content-type", "application/json");
        self.service.send(request.body(body.to_string().into()).unwrap()).await
    }
}

fn open() -> Authentication {
    Authentication { anonymous: true, ..Authentication::default() }
}

fn under_way(as_of: &str, evidence: &str) -> Value {
    json!({"status": "under_way", "as_of": as_of, "evidence": evidence})
}

/// The entries of the list in a file of a plan, as the folder has them.
fn listed(folder: &str) -> Vec<(String, Value)> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder).join("plan.json");
    let plan: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let lists = plan["tracked"].as_array().unwrap().iter().map(|list| list["list"].as_str().unwrap());
    let entries = lists.flat_map(|list| plan[list].as_array().unwrap().iter().map(move |entry| (list, entry)));
    entries.map(|(list, entry)| (format!("{list}.{}", entry["code"].as_str().unwrap()), entry.clone())).collect()
}

fn rows(book: &Answer, sheet: usize) -> Vec<Vec<String>> {
    assert_eq!(book.status, 200, "{}", String::from_utf8_lossy(&book.body));
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(book.body.to_vec())).unwrap();
    let sheet = book.worksheet_range_at(sheet).unwrap().unwrap();
    let text = |cell: &Data| if *cell == Data::Empty { String::new() } else { cell.to_string() };
    sheet.rows().map(|row| row.iter().map(text).collect()).collect()
}

#[tokio::test]
async fn what_is_stated_stays_and_of_two_editors_the_second_looks_again() {
    let mut world = World::new(true).await;
    let editor = world.account("bian", "editor", Value::Null).await;
    let second = world.account("yuan", "editor", Value::Null).await;
    let viewer = world.account("kan", "viewer", Value::Null).await;

    let before = world.get("/plan/items", &editor).await.json();
    let found: Vec<&str> = before["items"].as_array().unwrap().iter().map(|i| i["id"].as_str().unwrap()).collect();
    let known = listed("geodata/hangzhou");
    assert_eq!(found, known.iter().map(|(id, _)| id.as_str()).collect::<Vec<_>>());
    // nothing is stated and nothing is made up
    for item in before["items"].as_array().unwrap() {
        let nothing = [&item["latest"], &item["department"]];
        assert_eq!((nothing, &item["entries"], &item["tag"]), ([&Value::Null; 2], &json!(0), &json!("0")));
        let (_, entry) = known.iter().find(|(id, _)| json!(id) == item["id"]).unwrap();
        assert_eq!((&item["title"]["zh"], &item["title"]["en"]), (&entry["zh"], &entry["en"]));
        let due = entry["year"].as_u64().map(|year| year.to_string());
        assert_eq!(item["deadline"], json!(due));
        let over = due.is_some_and(|year| *format!("{year}-12-31") < *before["day"].as_str().unwrap());
        assert_eq!(item["overdue"], json!(over));
    }
    assert_eq!(before["counts"]["unknown"], json!(known.len()));
    assert_eq!([&before["edits"], &world.get("/plan/items", &viewer).await.json()["edits"]], [true, false]);

    let said = json!({"status": "under_way", "as_of": "2026-05-01", "evidence": "政发〔2026〕3号", "department": "甲局", "deadline": "2026-06"});
    let made = world.state(&editor, "measures.layout", "0", &said).await;
    assert_eq!(made.status, 201, "{}", made.json());
    let made = made.json();
    assert_eq!((&made["item"]["department"]["zh"], &made["item"]["deadline"]), (&json!("甲局"), &json!("2026-06")));
    assert_eq!(made["item"]["overdue"], json!(before["day"].as_str().unwrap() > "2026-06-30"));
    let tag = made["item"]["tag"].as_str().unwrap().to_owned();

    let late = world.state(&second, "measures.layout", "0", &under_way("2026-05-02", "另一份")).await;
    assert_eq!((late.status.as_u16(), &late.json()["code"]), (412, &json!("changed")));
    assert_eq!(late.json()["current"]["item"]["latest"]["evidence"], "政发〔2026〕3号");
    for bad in [
        json!({"status": "done", "as_of": "2026-05-02"}),
        under_way("2999-01-01", "future"),
        under_way("yesterday", ""),
        json!({"status": "under_way", "as_of": "2026-05-02", "deadline": "soon"}),
    ] {
        let refused = world.state(&editor, "measures.layout", &tag, &bad).await;
        assert_eq!(refused.status, 422, "{bad}: {}", refused.json());
    }
    assert_eq!(world.state(&editor, "measures.layout", "x", &said).await.status, 422);
    assert_eq!(world.state(&editor, "measures.none", "0", &said).await.status, 404);
    assert_eq!(world.state(&viewer, "measures.layout", &tag, &said).await.status, 403);

    world.restart(open());
    let done = json!({"status": "done", "as_of": "2026-05-20", "evidence": "验收"});
    let made = world.state(&second, "measures.layout", &tag, &done).await;
    assert_eq!(made.status, 201, "{}", made.json());
    let now = world.get(ITEM, &editor).await.json();
    // who is responsible and when it is due stay as they were stated
    assert_eq!(
        [&now["item"]["department"]["zh"], &now["item"]["deadline"], &now["item"]["overdue"]],
        [&json!("甲局"), &json!("2026-06"), &json!(false)]
    );
    let history: Vec<_> =
        now["history"].as_array().unwrap().iter().map(|e| (&e["status"], &e["made_by"], &e["evidence"])).collect();
    assert_eq!(
        history,
        [
            (&json!("done"), &json!("yuan"), &json!("验收")),
            (&json!("under_way"), &json!("bian"), &json!("政发〔2026〕3号"))
        ]
    );
    // who may only read sees what was stated and not by whom
    for reader in [viewer.as_str(), ""] {
        let seen = world.get(ITEM, reader).await.json();
        assert_eq!((&seen["item"]["latest"]["status"], &seen["history"][0]["made_by"]), (&json!("done"), &Value::Null));
    }
    let counts = world.get("/plan/items", "").await.json()["counts"].clone();
    assert_eq!([&counts["done"], &counts["unknown"]], [1, known.len() - 1]);
    let log = world.get("/audit?limit=1000", &world.administrator).await;
    assert!(String::from_utf8_lossy(&log.body).contains(ITEM), "changes are in the audit log");
}

#[tokio::test]
async fn the_paper_of_a_half_year_has_what_was_stated_up_to_its_end() {
    let world = World::new(true).await;
    let owner = world.administrator.clone();
    let mut tag = "0".to_owned();
    for (day, status, evidence) in
        [("2024-03-01", "under_way", "第一份"), ("2024-09-01", "done", "第二份"), ("2025-02-01", "stopped", "")]
    {
        let body = json!({"status": status, "as_of": day, "evidence": evidence});
        let made = world.state(&owner, "guarantees.talent", &tag, &body).await;
        assert_eq!(made.status, 201, "{}", made.json());
        tag = made.json()["item"]["tag"].as_str().unwrap().to_owned();
    }
    let all = listed("geodata/hangzhou");
    let place = all.iter().position(|(id, _)| id == "guarantees.talent").unwrap();
    for (half, status, evidence, stated) in
        [("2023H2", "暂缺", "暂缺", 0), ("2024H1", "推进中", "第一份", 1), ("2024H2", "已完成", "第二份", 1)]
    {
        let book = world.get(&format!("/plan/progress?f=xlsx&lang=zh&half={half}"), "").await;
        let items = rows(&book, 0);
        let head = items.iter().position(|row| row[0] == "序号").unwrap();
        let items = &items[head + 1..];
        assert_eq!(items.len(), all.len());
        assert!(items.iter().zip(&all).all(|(row, (_, entry))| json!(row[2]) == entry["zh"]));
        assert_eq!((items[place][6].as_str(), items[place][8].as_str()), (status, evidence), "{half}");
        assert_eq!(rows(&book, 1).len(), 1 + stated, "{half}: a head, and what was stated in the half-year");
    }
    for (file, lang) in [("docx", "en"), ("pdf", "zh"), ("csv", "en"), ("html", "en")] {
        let answer = world.get(&format!("/plan/progress?f={file}&lang={lang}"), "").await;
        assert_eq!(answer.status, 200, "{file}");
    }
    let page = world.get("/plan/progress?f=html&lang=en&half=2025H1", "").await;
    let page = String::from_utf8(page.body.to_vec()).unwrap();
    // the unit of a column of statistics is no unit of a sentence, and none is Chinese
    assert!(page.contains("≥ 300 billion yuan (2025)") && page.contains("155.757 billion yuan (2020)"), "{page}");
    assert!(["亿元", "100 million"].iter().all(|unit| !page.contains(unit)), "{page}");
    assert!(page.contains("done → stopped") && page.contains("With a status that nothing shows"), "{page}");
    for (half, said) in [("2999H1", "not begun"), ("2025", "2026H1")] {
        let refused = world.get(&format!("/plan/progress?f=pdf&half={half}"), "").await;
        assert_eq!(refused.status, 400, "{half}");
        assert!(refused.json()["detail_en"].as_str().unwrap().contains(said), "{}", refused.json());
    }
}

/// Figures are the rows of `indicators.csv`, set against each other only where they are of one year; an invented ledger is set against none.
#[tokio::test]
async fn figures_are_those_of_the_files() {
    let service = Service::hangzhou(Disclosure::Full);
    let items = service.json("/plan/items").await;
    assert_eq!([&items["keeps"], &items["edits"]], [false, false]);
    let of = |id: &str| items["items"].as_array().unwrap().iter().find(|i| i["id"] == id).unwrap().clone();
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("geodata/hangzhou/indicators.csv");
    let csv = std::fs::read_to_string(path).unwrap();
    let value = |indicator: &str, year: &str, kind: &str| -> f64 {
        let row = |line: &&str| {
            let cells: Vec<&str> = line.split(',').collect();
            cells[0] == indicator && cells[5].is_empty() && cells[6] == year && cells[9] == kind
        };
        csv.lines().find(row).unwrap().split(',').nth(7).unwrap().parse().unwrap()
    };
    let revenue = &of("targets.revenue")["figure"];
    assert_eq!(revenue["target"]["value"], value("ai_revenue", "2025", "target"));
    assert_eq!(revenue["actual"]["value"], value("ai_revenue", "2020", "actual"));
    assert_eq!((&revenue["actual"]["period"], &revenue["reached"]), (&json!("2020"), &Value::Null));
    let projects = &of("targets.fusion_projects")["figure"];
    assert_eq!((&projects["sample"], &projects["reached"]), (&json!(true), &Value::Null));
    let ledger = service.json("/indicators?indicator=ai_fusion_projects").await;
    assert_eq!(projects["actual"]["value"].as_f64(), ledger["counts"][0]["count"].as_f64());
    assert_eq!(of("targets.tier")["figure"], Value::Null);
    let platform = &of("platforms_new.cloud_city")["acts_on"][0];
    assert_eq!((&platform["name"]["zh"], &platform["known"]), (&json!("云城人工智能创新城"), &json!(true)));
    // every name is found
    let all = items["items"].as_array().unwrap().iter().flat_map(|item| item["acts_on"].as_array().unwrap());
    assert!(all.clone().count() > 20 && all.into_iter().all(|target| target["known"] == true));
}

/// Another city follows lists of its own, by sums of its own table; what its reader may not see stays.
#[tokio::test]
async fn another_city_follows_its_own_lists() {
    let folder = tempfile::tempdir().unwrap();
    common::copy_dataset("tests/data/tinyville", folder.path());
    let plan = json!({"title": "Aims", "tracked": [{"list": "aims", "title": {"zh": "目的", "en": "aim"}}], "aims": [
        {"code": "grow", "zh": "增收", "en": "Grow", "metric": {"table": "enterprises", "metric": "revenue"}, "deadline": "2020"},
        {"code": "west", "zh": "西区", "en": "West", "indicator": "ai_revenue", "zone": "T01", "year": 2025, "acts_on": [{"zone": "T01"}, {"item": "aims.grow"}]}
    ]});
    std::fs::write(folder.path().join("plan.json"), plan.to_string()).unwrap();
    let served = |disclosure| Service::open(folder.path().to_str().unwrap(), disclosure);
    let service = served(Disclosure::Full);
    let items = service.json("/plan/items").await;
    let summary = service.json("/summary").await;
    let grow = &items["items"][0];
    assert_eq!(grow["figure"]["actual"]["value"], summary["totals"]["revenue"]["sum"]);
    assert!(grow["figure"]["actual"]["value"].as_f64().unwrap() > 0.0);
    assert_eq!((&grow["overdue"], &items["counts"]["overdue"]), (&json!(true), &items["counts"]["items"]));
    let west = &items["items"][1];
    assert_eq!(
        (&west["figure"]["target"]["comparator"], &west["figure"]["target"]["value"]),
        (&json!("gt"), &json!(1.0))
    );
    let names: Vec<_> = west["acts_on"].as_array().unwrap().iter().map(|t| t["name"]["en"].clone()).collect();
    assert_eq!(names[1], "Grow");
    // sums leave by the one rule
    let service = served(Disclosure::Aggregates);
    let (items, summary) = (service.json("/plan/items").await, service.json("/summary").await);
    let actual = &items["items"][0]["figure"]["actual"];
    assert_eq!(actual.get("value").unwrap_or(&Value::Null), &summary["totals"]["revenue"]["sum"]);
    let unfollowed = Service::open("tests/data/tinyville", Disclosure::Full);
    assert_eq!(unfollowed.get("/plan/items").await.status, 404);
    assert_eq!(unfollowed.json("/dataset").await["tracked"], false);
}
