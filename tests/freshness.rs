//! How fresh data is: the last day follows from the files, the next from what the manifest states, overdue from the day asked about; what is not
//! stated is not known; `/freshness` changes with the day and not with the data; papers say what is overdue.

use crate::common;
use crate::common::service::{Answer, Service};
use serde_json::{Value, json};
use shigu::core::model::Lang;
use shigu::core::query::{DatedBy, Disclosure, DueState, Embedded, Engine, Freshness, freshness};
use shigu::core::snapshot::Snapshot;
use shigu::data::load::{Limits, Source, load};
use std::fs;
use std::io::{Cursor, Read};
use std::path::Path;

fn engine(folder: &Path) -> Embedded {
    let (dataset, report) = load(&Source::Folder(folder.to_owned()), &Limits::default());
    Snapshot::new(dataset.unwrap_or_else(|| panic!("{}", report.render(Lang::En)))).into()
}

fn fresh(folder: &str, day: &str) -> Freshness {
    let engine = engine(&Path::new(env!("CARGO_MANIFEST_DIR")).join(folder));
    freshness(engine.describe(), day)
}

/// A copy of a folder with another manifest.
fn changed(folder: &str, change: impl Fn(&mut Value)) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    common::copy_dataset(folder, dir.path());
    let path = dir.path().join("dataset.json");
    let mut manifest: Value = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
    change(&mut manifest);
    fs::write(path, manifest.to_string()).unwrap();
    dir
}

fn features(path: &str) -> Vec<Value> {
    let file: Value = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
    file["features"].as_array().unwrap().clone()
}

#[test]
fn the_last_day_is_that_of_the_files_and_the_next_a_cadence_and_a_delay_later() {
    let rows = features("tests/data/quayside/boats.geojson");
    let any = |name: &str| rows.iter().any(|row| !row["properties"][name].is_null());
    assert!(any("catch_2024_03") && any("crew_2024_03") && !any("catch_2024_04"));
    // (day, table and catch, crew): monthly figures of March are followed by those of April, which come 20 days later
    for (day, monthly, quarterly) in [
        ("2024-05-20", DueState::Current, DueState::Current),
        ("2024-05-21", DueState::Overdue, DueState::Current),
        ("2024-07-20", DueState::Overdue, DueState::Current),
        ("2024-07-21", DueState::Overdue, DueState::Overdue),
    ] {
        let found = fresh("tests/data/quayside", day);
        let boats = found.table("boats").unwrap();
        let all: Vec<_> = boats.lines().map(|(title, dates)| (title.en.as_str(), dates)).collect();
        let said: Vec<_> = all
            .iter()
            .map(|(title, d)| (*title, d.last.as_deref().unwrap(), d.next.as_deref().unwrap(), d.state))
            .collect();
        assert_eq!(
            said,
            [
                ("Register of boats", "2024-03-31", "2024-05-20", monthly),
                ("Catch", "2024-03-31", "2024-05-20", monthly),
                ("Crew", "2024-03-31", "2024-07-20", quarterly)
            ],
            "{day}"
        );
        let owners: Vec<_> = all.iter().map(|(_, d)| d.owner.as_ref().unwrap().en.as_str()).collect();
        assert_eq!(owners, ["Fisheries office", "Fisheries office", "Crew registry"]);
        assert!(!boats.mixed());
        let turned = (monthly == DueState::Overdue).then_some("2024-05-20");
        assert_eq!(found.turned(), if quarterly == DueState::Overdue { Some("2024-07-20") } else { turned });
        // outlines of which nothing is said
        let quays = &found.table("quays").unwrap().dates;
        assert_eq!((&quays.owner, &quays.last, &quays.next, quays.state), (&None, &None, &None, DueState::Unknown));
    }
}

#[test]
fn a_column_without_figures_is_no_delivery() {
    let dir = changed("tests/data/quayside", |manifest| {
        let boats = &mut manifest["collections"][1];
        boats["register"]["metrics"][0]["columns"]["2024-04"] = json!("catch_2024_04");
        let mut property = boats["properties"][3].clone();
        property["name"] = json!("catch_2024_04");
        boats["properties"].as_array_mut().unwrap().push(property);
    });
    let last = |dir: &Path| {
        let found = freshness(engine(dir).describe(), "2024-05-01");
        found.table("boats").unwrap().metrics[0].dates.last.clone().unwrap()
    };
    assert_eq!(last(dir.path()), "2024-03-31");
    // one figure is one
    let path = dir.path().join("boats.geojson");
    let mut file: Value = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
    file["features"][0]["properties"]["catch_2024_04"] = json!(1.5);
    fs::write(&path, file.to_string()).unwrap();
    assert_eq!(last(dir.path()), "2024-04-30");
    assert!(freshness(engine(dir.path()).describe(), "2024-05-01").table("boats").unwrap().mixed());
}

#[test]
fn what_is_not_stated_is_not_known_and_never_overdue() {
    let found = fresh("tests/data/farms", "2999-12-31");
    let farms = found.table("farms").unwrap();
    let known: Vec<_> = farms.metrics.iter().map(|m| (m.id.as_str(), m.dates.last.as_deref())).collect();
    assert_eq!(known, [("sales", Some("2021-12-31")), ("land", Some("2018-12-31"))]);
    assert!(farms.mixed(), "its metrics are of different years");
    let counts = found.counts();
    assert_eq!((counts.items, counts.unknown, counts.overdue, counts.without_owner), (4, 4, 0, 4));
    assert_eq!((counts.without_last, found.turned()), (1, None));
}

#[test]
fn rows_say_of_when_they_are_before_the_manifest_does() {
    let of = |change: &dyn Fn(&mut Value), day: &str| {
        let dir = changed("tests/data/threetables", |manifest| {
            let all = manifest["collections"].as_array_mut().unwrap();
            change(all.iter_mut().find(|c| c["id"] == "grants").unwrap());
        });
        let dates = freshness(engine(dir.path()).describe(), day).table("grants").unwrap().dates.clone();
        (dates.last.unwrap_or_default(), dates.dated_by, dates.next.unwrap_or_default(), dates.state)
    };
    let rows = features("tests/data/threetables/grants.geojson");
    let newest = rows.iter().filter_map(|row| row["properties"]["begun"].as_str()).max().unwrap().to_owned();
    let by_rows = json!({"dated_by": "begun", "last": "2001-01-01", "cadence": "irregular"});
    let said = of(&|grants| grants["maintenance"] = by_rows.clone(), "2999-01-01");
    assert_eq!(said, (newest.clone(), Some(DatedBy::Rows), String::new(), DueState::Irregular));
    let stated = json!({"last": "2025-01-31", "cadence": "P1Y"});
    let said = of(&|grants| grants["maintenance"] = stated.clone(), "2026-01-31");
    assert_eq!(said, ("2025-01-31".into(), Some(DatedBy::Stated), "2026-01-31".into(), DueState::Current));
    // a promise counts until what was promised is there
    for (promised, next, state) in
        [("2026-03-01", "2026-03-01", DueState::Current), ("2025-01-31", "2026-01-31", DueState::Overdue)]
    {
        let block = json!({"last": "2025-01-31", "cadence": "P1Y", "next": promised});
        let said = of(&|grants| grants["maintenance"] = block.clone(), "2026-02-01");
        assert_eq!((said.2.as_str(), said.3), (next, state), "{promised}");
    }
    let said = of(&|grants| grants["valid_from"] = json!("2020-02-03"), "2026-02-01");
    assert_eq!((said.0.as_str(), said.1, said.3), ("2020-02-03", Some(DatedBy::Validity), DueState::Unknown));
}

#[test]
fn what_a_manifest_can_not_mean_is_a_finding() {
    let faults = |change: &dyn Fn(&mut Value)| {
        let dir = changed("tests/data/quayside", |manifest| change(&mut manifest["collections"][1]));
        let (_, report) = load(&Source::Folder(dir.path().to_owned()), &Limits::default());
        report.render(Lang::En)
    };
    for (block, said) in [
        (json!({"cadence": "monthly"}), "no span"),
        (json!({"cadence": "P0M"}), "no span"),
        (json!({"delay": "irregular"}), "no span"),
        (json!({"keeper": "x"}), "keeper"),
        (json!({"last": "2024-13-01"}), "2024-13-01 is no date"),
        (json!({"next": "soon"}), "soon is no date"),
        (json!({"dated_by": "nowhere"}), "nowhere"),
        (json!({"dated_by": "label"}), "must be date"),
    ] {
        let text = faults(&|boats| boats["maintenance"] = block.clone());
        assert!(text.contains(said), "{block}: {text}");
    }
    let text = faults(&|boats| boats["register"]["metrics"][1]["maintenance"] = json!({"dated_by": "label"}));
    assert!(text.contains("cannot have `dated_by`"), "{text}");
    let text = faults(&|boats| boats["register"]["metrics"][1]["maintenance"] = json!({"next": "2024-02-30"}));
    assert!(text.contains("2024-02-30 is no date"), "{text}");
}

fn served(dir: &tempfile::TempDir) -> Service {
    Service::open(dir.path().to_str().unwrap(), Disclosure::Full)
}

#[tokio::test]
async fn the_day_is_that_of_the_dataset_and_part_of_the_tag() {
    // 25 hours apart: never the same day
    let in_zone =
        |zone: &'static str| changed("tests/data/quayside", move |manifest| manifest["time_zone"] = json!(zone));
    let (east, west) = (in_zone("Pacific/Kiritimati"), in_zone("Pacific/Pago_Pago"));
    let (east, west) = (served(&east), served(&west));
    let answer = east.get("/freshness").await;
    let (ahead, behind) = (answer.json(), west.get("/freshness").await.json());
    assert!(ahead["day"].as_str().unwrap() > behind["day"].as_str().unwrap(), "{} {}", ahead["day"], behind["day"]);
    assert!(answer.header("etag").contains(ahead["revision"].as_str().unwrap()));
    let again = east.get_with("/freshness", &[("if-none-match", answer.header("etag"))]).await;
    assert_eq!((again.status.as_u16(), again.body.len()), (304, 0));
    assert_eq!(answer.header("cache-control"), "no-cache");

    let boats = &ahead["tables"][0];
    let expected = json!({"owner": {"zh": "渔业处", "en": "Fisheries office"}, "cadence": "P1M",
        "cadence_words": {"zh": "每月", "en": "every month"}, "last": "2024-03-31", "dated_by": "period", "period": "2024-03",
        "next": "2024-05-20", "state": "overdue", "id": "catch", "title": {"zh": "捕捞量", "en": "Catch"}});
    assert_eq!((&boats["id"], &boats["metrics"][0], &boats["mixed"]), (&json!("boats"), &expected, &json!(false)));
    let quays = &ahead["tables"][1];
    for member in ["owner", "cadence", "cadence_words", "last", "dated_by", "period", "next"] {
        assert_eq!(quays[member], Value::Null, "{member}");
    }
    assert_eq!(
        ahead["counts"],
        json!({"items": 4, "overdue": 3, "current": 0, "irregular": 0, "unknown": 1, "without_owner": 1, "without_last": 1})
    );
}

fn text_of(docx: &Answer) -> String {
    assert_eq!(docx.status, 200, "{}", String::from_utf8_lossy(&docx.body));
    let mut zip = zip::ZipArchive::new(Cursor::new(docx.body.to_vec())).unwrap();
    let mut text = String::new();
    zip.by_name("word/document.xml").unwrap().read_to_string(&mut text).unwrap();
    text
}

#[tokio::test]
async fn papers_say_what_is_overdue_and_what_is_not_known() {
    let quays = Service::open("tests/data/quayside", Disclosure::Full);
    for (lang, mark, sentence) in [
        ("zh", "数据逾期未更新", "捕捞量截至 2024-03-31，新数据应于 2024-05-20 前提供，已逾期。"),
        ("en", "Figures overdue", "Catch is as of 2024-03-31; new figures were due by 2024-05-20 and are overdue."),
    ] {
        let text = text_of(&quays.get(&format!("/report/city?format=docx&lang={lang}")).await);
        assert!(text.contains(mark) && text.contains(sentence), "{lang}");
        let paper = text_of(&quays.get(&format!("/freshness?f=docx&lang={lang}")).await);
        assert!(paper.contains("2024-05-20") && paper.contains("2024-03-31"), "{lang}");
    }
    let method = quays.get("/report/city?format=xlsx&lang=en").await.sheet("Method");
    let row = method.iter().find(|row| row[0] == "Freshness: Crew").unwrap();
    assert_eq!(
        row[1],
        "as of: 2024-03-31 (Mar 2024); owner: Crew registry; cadence: every quarter; due: 2024-07-20; state: overdue"
    );
    let rows = quays.get("/freshness?f=xlsx&lang=zh").await.sheet("数据时效");
    let crew = rows.iter().find(|row| row.get(2).is_some_and(|name| name == "船员数")).unwrap();
    assert_eq!(
        crew[1..],
        ["渔船名录", "船员数", "船员登记处", "每季度", "2024-03-31", "最新一期数据", "2024-07-20", "逾期", "示例数据"]
    );
    let unknown = rows.iter().find(|row| row.get(1).is_some_and(|name| name == "码头")).unwrap();
    assert_eq!(unknown[3..9], ["暂缺", "暂缺", "暂缺", "", "暂缺", "暂缺"]);

    // the page asks only where there is something to say
    for (folder, says) in [("tests/data/quayside", true), ("tests/data/farms", true), ("tests/data/solo", false)] {
        assert_eq!(Service::open(folder, Disclosure::Full).json("/dataset").await["dates"], says, "{folder}");
    }
    // nothing is stated: nothing is overdue, and the paper says that metrics are of different years
    let farms = Service::open("tests/data/farms", Disclosure::Full);
    let text = text_of(&farms.get("/report/city?format=docx&lang=zh").await);
    assert!(!text.contains("逾期"));
    let paper = text_of(&farms.get("/freshness?f=docx&lang=zh").await);
    assert!(paper.contains("各指标的日期不同") && paper.contains("2018-12-31") && paper.contains("暂缺"));
}

#[tokio::test]
async fn a_report_stays_the_same_file_until_something_more_is_overdue() {
    let day = |days: i64| {
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs() as i64;
        shigu::core::columns::Moment::of_days(now / 86_400 + days).to_string()
    };
    let promised = |next: String| {
        changed("tests/data/solo", move |manifest| {
            let all = manifest["collections"].as_array_mut().unwrap();
            let mills = all.iter_mut().find(|c| c["id"] == "mills").unwrap();
            mills["register"]["metrics"][0]["maintenance"] = json!({"next": next});
        })
    };
    let (due, over) = (promised(day(9)), promised(day(-9)));
    let (due, over) = (served(&due), served(&over));
    let path = "/report/city?format=html&lang=en";
    let (before, after) = (due.get(path).await, over.get(path).await);
    let says = |answer: &Answer| String::from_utf8_lossy(&answer.body).contains("Figures overdue");
    assert_eq!((says(&before), says(&after)), (false, true));
    assert_eq!(due.get(path).await.body, before.body);
}
