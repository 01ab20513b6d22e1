//! Any place, any subject: folders that have little, foreign words and foreign units. What they lack is left out or named,
//! and no text holds a word of another dataset.

use crate::common::service::Service;
use calamine::{Reader, Xlsx};
use serde_json::{Value, json};
use shigu::core::model::Lang;
use shigu::core::query::{Disclosure, Question};
use shigu::core::snapshot::Snapshot;
use shigu::data::load::{Limits, Source, fonts, load};
use shigu::render::drawing::Fonts;
use shigu::render::map::{Ask, Scene};
use shigu::render::report::{Format, Origin, RenderContext, Report};
use std::io::Cursor;
use std::path::PathBuf;
use std::sync::Arc;

/// No plan and one metric; no classification and metrics of different years; neither zones nor metrics.
const FOLDERS: [&str; 3] = ["tests/data/solo", "tests/data/farms", "tests/data/wells"];

/// Words of the built-in dataset, and of an engine that would know but it.
const FOREIGN: [&str; 17] = [
    "杭州",
    "Hangzhou",
    "人工智能",
    "全市",
    "市域",
    "区县",
    "企业",
    "集群",
    "平台",
    "产业",
    "万元",
    "亿元",
    "yuan",
    "示意",
    "示例数据",
    "enterprise",
    "whole city",
];

fn snapshot(folder: &str) -> Arc<Snapshot> {
    let (dataset, report) = load(&Source::Folder(PathBuf::from(folder)), &Limits::default());
    Arc::new(Snapshot::new(dataset.unwrap_or_else(|| panic!("{report:?}"))))
}

/// Everything that a report of a zone says: document, workbook, lists, map, names of files.
fn texts(snapshot: &Arc<Snapshot>, zone: &str, lang: Lang) -> Vec<String> {
    let (faces, first) = fonts(None).expect("the fonts of this computer");
    let fonts = Fonts::new(faces, first);
    let bound = Question::register().in_zone(zone).bind(snapshot, Disclosure::Full).unwrap();
    let report = Report::new(&bound, lang, Origin::default()).unwrap();
    let map = Scene::draw(snapshot.describe(), &Ask::about(&bound, lang)).unwrap().into_drawing();
    let bytes = |format| {
        report
            .render(format, RenderContext { map: Some(&map), fonts: &fonts })
            .unwrap_or_else(|e| panic!("{zone}: {e}"))
    };
    let mut all: Vec<String> = Format::ALL.iter().map(|f| report.file_name(*f)).collect();
    for format in [Format::Docx, Format::Pdf, Format::Png] {
        assert!(bytes(format).len() > 1000, "{zone} {format:?}");
    }
    // what a reader sees, without the style
    let html = String::from_utf8(bytes(Format::Html)).unwrap();
    let body = html.split_once("</style>").map_or(html.as_str(), |(_, body)| body);
    all.push(body.to_owned());
    for format in [Format::Csv, Format::Geojson, Format::Svg] {
        all.push(String::from_utf8(bytes(format)).unwrap());
    }
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes(Format::Xlsx))).unwrap();
    for name in book.sheet_names() {
        let range = book.worksheet_range(&name).unwrap();
        all.extend(range.rows().flatten().map(ToString::to_string));
        all.push(name);
    }
    all.extend(report.summary().notes.iter().flat_map(|n| [n.zh.clone(), n.en.clone()]));
    all
}

#[test]
fn no_report_has_words_of_another_dataset() {
    let mut read = 0;
    for folder in FOLDERS {
        let snapshot = snapshot(folder);
        let zones = snapshot.describe().zones.iter().map(|z| z.id.clone());
        for zone in zones.chain(["city".to_owned(), "outside".to_owned()]) {
            for lang in [Lang::Zh, Lang::En] {
                for text in texts(&snapshot, &zone, lang) {
                    for word in FOREIGN {
                        let at = text.to_lowercase().find(&word.to_lowercase());
                        let near = |at: usize| {
                            text.chars()
                                .skip(text[..at].chars().count().saturating_sub(30))
                                .take(90)
                                .collect::<String>()
                        };
                        assert!(
                            at.is_none(),
                            "{folder} {zone} {lang:?} says {word}: {}",
                            at.map(near).unwrap_or_default()
                        );
                    }
                    read += 1;
                }
            }
        }
    }
    assert!(read > 1000, "{read}");
}

#[test]
fn units_are_those_of_the_manifest() {
    let snapshot = snapshot("tests/data/farms");
    let said = |lang| texts(&snapshot, "city", lang).join("\n");
    let (zh, en) = (said(Lang::Zh), said(Lang::En));
    for text in [
        "The register has 12 farms in the shire; sales of 2021, sum: 11.11 USD million (11 reported, 1 missing)",
        "land of 2018, sum: 374.75 hectares",
        "Sales 2021 (USD thousand)",
        "Sales by year (USD million; those that report)",
        "Each figure is of the latest year for which it is published: sales 2021, land 2018.",
        "Position outside the declared hundred: 2 farms, counted by position.",
        "Without sales for 2021 and not in the sum: 1 farm.",
        "Aldmoorshire: summary",
    ] {
        assert!(en.contains(text), "{text}: {en}");
    }
    for text in [
        "全郡有名录农场 12 座；2021 年销售额合计 11.11 百万美元（11 座有数，缺 1 座）",
        "2018 年农地合计 374.75 公顷",
        "2 座农场的点位与填报百户区不一致",
        "奥德穆尔郡统计小结",
    ] {
        assert!(zh.contains(text), "{text}: {zh}");
    }
}

#[tokio::test]
async fn each_figure_says_its_year() {
    let s = Service::open("tests/data/farms", Disclosure::Full);
    let latest = s.json("/summary").await;
    assert_eq!([&latest["totals"]["sales"]["year"], &latest["totals"]["land"]["year"]], [&json!(2021), &json!(2018)]);
    assert_eq!(latest["totals"]["land"]["sum"], 374.75);
    let zones = s.json("/zones?kind=hundred").await;
    let rows = ["zones", "rest"].iter().flat_map(|part| zones[*part].as_array().unwrap());
    let land: f64 = rows.clone().filter_map(|z| z["amounts"]["land"]["sum"].as_f64()).sum();
    assert!((land - 374.75).abs() < 1e-9 && rows.count() == 5, "{land}");

    let past = s.json("/summary?year=2019").await;
    let of = &past["totals"]["land"];
    let (year, sum) = (&of["year"], &of["sum"]);
    assert!(year.is_null() && sum.is_null() && of["missing"] == 0 && of["reported"] == 0, "{of}");
    assert_eq!((&past["totals"]["sales"]["year"], &past["year"]), (&json!(2019), &json!(2019)));
    let notes = past["notes"].as_array().unwrap();
    let said: Vec<&str> =
        notes.iter().filter(|n| n["code"] == "not-published").map(|n| n["zh"].as_str().unwrap()).collect();
    assert_eq!(said, ["2019 年未公布农地。"]);
    assert_eq!(s.get("/summary?year=2020").await.status, 400, "no metric is published for it");
    let html = s.get("/report/city?format=html&year=2019&lang=en").await;
    let html = String::from_utf8_lossy(&html.body).into_owned();
    assert!(
        html.contains("land: not published for 2019") && html.contains("In 2019 the register has 12 farms"),
        "{html}"
    );
}

#[tokio::test]
async fn what_is_not_there_is_left_out_or_named() {
    for (folder, collection) in [
        ("tests/data/bare", "counties"),
        ("tests/data/farms", "farms"),
        ("tests/data/wells", "wells"),
        ("tests/data/solo", "mills"),
    ] {
        let s = Service::open(folder, Disclosure::Full);
        let bare = folder.ends_with("bare");
        for uri in [
            "/".to_owned(),
            "/dataset".to_owned(),
            "/collections".to_owned(),
            format!("/collections/{collection}/items"),
            format!("/collections/{collection}/queryables"),
            "/search?q=a".to_owned(),
            "/map?f=svg".to_owned(),
            format!("/collections/{collection}/map?f=png"),
            format!("/xyz/{collection}/3/4/2.mvt"),
            "/styles/light".to_owned(),
            "/plan".to_owned(),
            "/indicators".to_owned(),
        ] {
            let answer = s.get(&uri).await;
            let problem = String::from_utf8_lossy(&answer.body).into_owned();
            assert!(answer.status.is_success() || answer.status == 404, "{folder} {uri}: {} {problem}", answer.status);
            assert!(
                answer.status.is_success() || uri == "/plan" || uri.starts_with("/styles"),
                "{folder} {uri}: {problem}"
            );
        }
        let mut asked = 0;
        for uri in
            ["/summary", "/zones", "/report/city?format=html", "/report/city?format=xlsx", "/report/city?format=csv"]
        {
            let answer = s.get(uri).await;
            asked += 1;
            // zones are there without a register, too
            if bare && uri != "/zones" {
                assert_eq!(answer.status, 404, "{uri}");
                let problem = answer.json();
                let (zh, en) = (problem["detail"].as_str().unwrap(), problem["detail_en"].as_str().unwrap());
                assert!(zh.contains("没有名录") && en.contains("has no register"), "{zh} {en}");
            } else {
                assert_eq!(answer.status, 200, "{folder} {uri}");
            }
        }
        assert_eq!(asked, 5);
        if bare {
            continue;
        }
        let summary = s.json("/summary").await;
        let classified = folder.ends_with("solo");
        assert_eq!(summary["clusters"].as_array().unwrap().is_empty(), !classified, "{folder}");
        assert_eq!(summary["class_mix"]["hhi"].is_null(), !classified, "{folder}");
        assert!(summary["counts"]["matched"].as_u64().unwrap() > 0);
        assert_eq!(summary["year"].is_null(), folder.ends_with("wells"));
        let refused = s.get("/summary?cluster=x").await;
        assert!(classified || refused.status == 400, "{folder}: {}", refused.status);
    }
}

/// Of every kind that is a partition, its zones and what none holds add up to the whole: rows and every metric.
#[tokio::test]
async fn every_partition_adds_up_to_the_whole() {
    let mut compared = 0;
    for folder in
        ["tests/data/tinyville", "tests/data/fourfold", "tests/data/solo", "tests/data/farms", "geodata/hangzhou"]
    {
        let s = Service::open(folder, Disclosure::Full);
        let about = s.json("/dataset").await;
        let kinds = about["zone_kinds"].as_array().unwrap().iter().filter(|k| k["partition"] == true);
        let years = about["years"].as_array().unwrap().iter().map(|y| format!("&year={y}"));
        let years: Vec<String> = years.chain([String::new()]).collect();
        for kind in kinds {
            for year in &years {
                let list = s.json(&format!("/zones?kind={}{year}", kind["id"].as_str().unwrap())).await;
                let rows: Vec<&Value> =
                    ["zones", "rest"].iter().flat_map(|part| list[*part].as_array().unwrap()).collect();
                let count: u64 = rows.iter().map(|r| r["count"].as_u64().unwrap()).sum();
                assert_eq!(count, list["city"]["count"].as_u64().unwrap(), "{folder} {kind} {year}");
                for (metric, whole) in list["city"]["amounts"].as_object().unwrap() {
                    let all = || rows.iter().map(|r| &r["amounts"][metric]);
                    let sum: f64 = all().filter_map(|a| a["sum"].as_f64()).sum();
                    let expected = whole["sum"].as_f64().unwrap_or(0.0);
                    assert!(
                        (sum - expected).abs() <= expected.abs() * 1e-9 + 1e-6,
                        "{folder} {metric} {year}: {sum} {expected}"
                    );
                    for part in ["reported", "missing"] {
                        let sum: u64 = all().map(|a| a[part].as_u64().unwrap()).sum();
                        assert_eq!(sum, whole[part].as_u64().unwrap(), "{folder} {metric} {year} {part}");
                    }
                    compared += 1;
                }
            }
        }
    }
    assert!(compared > 30, "{compared}");
}
