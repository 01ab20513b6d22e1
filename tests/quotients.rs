//! Location quotients with intervals: the table of zones and classes agrees with the numbers of each zone, for fixed, combined and
//! drawn areas, and says nothing where there is nothing to say.

use crate::common::service::Service;
use crate::common::{copy_dataset, encoded};
use calamine::{Reader, Xlsx};
use rust_xlsxwriter::Workbook;
use serde_json::{Value, json};
use shigu::core::query::Disclosure;
use std::collections::BTreeSet;
use std::io::Cursor;

fn list<'a>(of: &'a Value, member: &str) -> &'a [Value] {
    of[member].as_array().unwrap()
}

/// The step-up procedure as it was published: which p-values are under the line of the largest rank that is.
fn discoveries(p: &[f64]) -> Vec<bool> {
    let mut sorted = p.to_vec();
    sorted.sort_by(f64::total_cmp);
    let line = (0..p.len())
        .filter(|&rank| sorted[rank] <= 0.05 * (rank + 1) as f64 / p.len() as f64)
        .map(|rank| sorted[rank])
        .next_back();
    p.iter().map(|p| line.is_some_and(|line| *p <= line)).collect()
}

#[tokio::test]
async fn the_table_is_that_of_the_zones() {
    let s = Service::hangzhou(Disclosure::Aggregates);
    let mut verdicts = BTreeSet::new();
    for condition in ["", "&secondary=true", "&year=2023&size=small"] {
        let table = s.json(&format!("/zones/lq?kind=district{condition}")).await;
        let (classes, zones) = (list(&table, "classes"), list(&table, "zones"));
        assert!(classes.len() > 5 && zones.len() > 10);
        let mut p = Vec::new();
        let mut found = Vec::new();
        for zone in zones {
            let one = s.json(&format!("/summary?zone={}{condition}", zone["id"].as_str().unwrap())).await;
            assert_eq!((&zone["count"], &table["whole"]), (&one["counts"]["matched"], &one["city"]["count"]));
            for (class, cell) in classes.iter().zip(list(zone, "cells")) {
                let row = list(&one, "clusters").iter().find(|c| c["code"] == class["code"]).unwrap();
                assert_eq!(
                    [&cell["count"], &cell["lq"], &cell["lq_test"]],
                    [&row["count"], &row["lq"], &row["lq_test"]]
                );
                verdicts.insert(cell["lq_test"]["verdict"].as_str().unwrap().to_owned());
                let test = &cell["lq_test"];
                if let Some(value) = test["p"].as_f64() {
                    let (low, high) = (test["low"].as_f64().unwrap(), test["high"].as_f64().unwrap());
                    let lq = cell["lq"].as_f64().unwrap();
                    assert!(low <= lq && lq <= high && test["expected"].as_f64().unwrap() >= 5.0);
                    assert!(cell["q"].as_f64().unwrap() >= value);
                    let said = if low > 1.0 {
                        "above"
                    } else if high < 1.0 {
                        "below"
                    } else {
                        "no_difference"
                    };
                    assert_eq!(test["verdict"], said);
                    p.push(value);
                    found.push(cell["discovery"] == true);
                } else {
                    assert_eq!(
                        (&test["verdict"], &cell["q"], &cell["discovery"]),
                        (&json!("too_few"), &Value::Null, &json!(false))
                    );
                }
            }
        }
        assert_eq!(table["tests"], p.len());
        assert_eq!(found, discoveries(&p));
        assert!(found.contains(&true) && found.contains(&false), "{condition}");
    }
    assert_eq!(verdicts.len(), 4, "{verdicts:?}");
}

#[tokio::test]
async fn the_table_is_of_the_classes_as_they_are_read() {
    let s = Service::open("tests/data/sectors", Disclosure::Full);
    let mut seen = BTreeSet::new();
    for reading in
        ["", "&class_level=division", "&class_level=group", "&class_parent=C39", "&class_version=fields-2021"]
    {
        let table = s.json(&format!("/zones/lq?kind=district{reading}")).await;
        let codes: Vec<&Value> = list(&table, "classes").iter().map(|c| &c["code"]).collect();
        for zone in list(&table, "zones") {
            let one = s.json(&format!("/summary?zone={}{reading}", zone["id"].as_str().unwrap())).await;
            let rows: Vec<&Value> =
                list(&one, "clusters").iter().filter(|c| c["code"].is_string() && c["part"].is_null()).collect();
            assert_eq!(codes, rows.iter().map(|c| &c["code"]).collect::<Vec<_>>(), "{reading}");
            for (row, cell) in rows.iter().zip(list(zone, "cells")) {
                assert_eq!(
                    [&cell["count"], &cell["lq"], &cell["lq_test"]],
                    [&row["count"], &row["lq"], &row["lq_test"]],
                    "{reading}"
                );
            }
        }
        seen.insert(codes.iter().map(ToString::to_string).collect::<Vec<_>>());
    }
    assert_eq!(seen.len(), 5);
    // each table of a dataset has classes of its own
    let several = Service::open("tests/data/threetables", Disclosure::Full);
    for table in ["companies", "parcels", "grants"] {
        let answer = several.json(&format!("/zones/lq?table={table}")).await;
        let about = several.json(&format!("/dataset?table={table}")).await;
        let of = |v: &Value, member: &str| list(v, member).iter().map(|c| c["code"].clone()).collect::<Vec<_>>();
        assert_eq!(of(&answer, "classes"), of(&about, "clusters"), "{table}");
    }
}

#[tokio::test]
async fn drawn_and_combined_areas_have_intervals_too() {
    let s = Service::hangzhou(Disclosure::Aggregates);
    let mut said = 0;
    for body in [
        json!({"circle": {"center": [120.02, 30.28], "radius_m": 9000}}),
        json!({"nearest": {"center": [120.2, 30.2], "k": 300}}),
        json!({"zone": "330110", "combine": [{"op": "union", "zone": "330106"}]}),
        json!({"zone": "outside"}),
    ] {
        let answer = s.post("/summary", "application/json", body.to_string()).await.json();
        for row in list(&answer, "clusters") {
            let test = &row["lq_test"];
            let expected = answer["counts"]["matched"].as_f64().unwrap() * row["count"].as_f64().unwrap()
                / row["share_of_city"].as_f64().unwrap()
                / answer["city"]["count"].as_f64().unwrap();
            if row["count"] != 0 {
                assert!((test["expected"].as_f64().unwrap() / expected - 1.0).abs() < 1e-9, "{row}");
            }
            said += usize::from(test["low"].is_number());
        }
    }
    assert!(said > 20, "{said}");
    let tiny = json!({"nearest": {"center": [120.2, 30.2], "k": 9}}).to_string();
    let tiny = s.post("/summary", "application/json", tiny).await.json();
    assert!(list(&tiny, "clusters").iter().all(|c| c["lq_test"]["verdict"] == "too_few"));
}

#[tokio::test]
async fn what_says_nothing_is_not_tested() {
    let s = Service::hangzhou(Disclosure::Full);
    let city = s.json("/summary").await;
    assert!(list(&city, "clusters").iter().all(|c| c["lq_test"].is_null() && c["lq"].is_number()));
    for condition in ["cluster=vision".to_owned(), format!("filter={}", encoded("cluster IN ('vision','robot')"))] {
        let table = s.json(&format!("/zones/lq?kind=district&{condition}")).await;
        let cells: Vec<&Value> = list(&table, "zones").iter().flat_map(|z| list(z, "cells")).collect();
        assert!(cells.len() > 50 && cells.iter().all(|c| c["lq"].is_null() && c["lq_test"].is_null()), "{condition}");
        assert_eq!(table["tests"], 0);
    }
    // a register without classes has a table without columns
    let bare = Service::open("tests/data/bare", Disclosure::Full).get("/zones/lq").await;
    assert_eq!(bare.status, 404, "no register at all");
}

#[tokio::test]
async fn another_city_has_its_own_words() {
    let s = Service::open("tests/data/twolevel", Disclosure::Full);
    let table = s.json("/zones/lq").await;
    assert!(list(&table, "zones").len() > 3 && !list(&table, "classes").is_empty());
    let text = table.to_string();
    for word in ["企业", "集群", "全市", "enterprise", "cluster"] {
        assert!(!text.contains(word), "{word} is a word of another city: {text}");
    }
}

/// The quotient of a class in a zone with its interval, from sums and squares that `/zones` gives.
fn again(zone: &Value, city: &Value, code: &Value, metric: &str) -> Option<(f64, Option<[f64; 2]>)> {
    let of = |line: &Value| -> Option<Value> {
        let class = list(line, "clusters").iter().find(|c| c["code"] == *code && c["part"].is_null());
        class.map(|class| class["amounts"][metric].clone())
    };
    let parts = [of(zone)?, zone["amounts"][metric].clone(), of(city)?, city["amounts"][metric].clone()];
    let [b, a, c, w] = parts.each_ref().map(|part| part["sum"].as_f64());
    let (b, a, c, w) = (b?, a?, c?, w?);
    let lq = b * w / (a * c);
    let squares =
        parts.each_ref().map(|part| Some(part["statistics"]["hhi"].as_f64()? * part["sum"].as_f64()?.powi(2)));
    let [Some(b2), Some(a2), Some(c2), Some(w2)] = squares else { return Some((lq, None)) };
    // each row adds its value times how the logarithm changes with it; rows of four sorts
    let steps =
        [(b2, 1.0 / b - 1.0 / a - 1.0 / c + 1.0 / w), (a2 - b2, 1.0 / w - 1.0 / a), (c2 - b2, 1.0 / w - 1.0 / c)];
    let rest = (w2 - a2 - c2 + b2) / (w * w);
    let deviation = (steps.iter().map(|(squares, step)| squares * step * step).sum::<f64>() + rest).sqrt();
    Some((lq, Some([-1.959_963_984_540_054, 1.959_963_984_540_054].map(|z: f64| lq * (z * deviation).exp()))))
}

/// What a reader who may not see rows learns of an interval stands in `/zones` for the same reader: no interval tells more.
#[tokio::test]
async fn an_interval_of_sums_is_made_of_what_zones_give_to_the_same_reader() {
    for disclosure in [Disclosure::Full, Disclosure::Aggregates] {
        let s = Service::hangzhou(disclosure);
        let (mut told, mut silent) = (0, 0);
        for condition in
            ["kind=district&weight=revenue", "kind=district&weight=employees&year=2023", "weight=revenue&size=large"]
        {
            let table = s.json(&format!("/zones/lq?{condition}")).await;
            let by = table["weight"]["id"].as_str().unwrap();
            let plain = condition.replace(&format!("weight={by}"), "statistics=true");
            let zones = s.json(&format!("/zones?{plain}")).await;
            let mut p = Vec::new();
            let mut found = Vec::new();
            for (row, zone) in list(&table, "zones").iter().zip(list(&zones, "zones")) {
                for (class, cell) in list(&table, "classes").iter().zip(list(row, "cells")) {
                    let again = again(zone, &zones["city"], &class["code"], by);
                    let near = |ours: &Value, theirs: f64| (ours.as_f64().unwrap() / theirs - 1.0).abs() < 1e-9;
                    let Some((lq, ends)) = again else {
                        // nothing of the class, or a sum that is withheld
                        assert!(cell["lq"].is_null() || cell["lq"] == 0.0, "{cell}");
                        assert!(cell["lq_test"]["low"].is_null());
                        continue;
                    };
                    assert!(near(&cell["lq"], lq), "{cell} {lq}");
                    let test = &cell["lq_test"];
                    if test["low"].is_null() {
                        silent += 1;
                        continue;
                    }
                    assert!(cell["count"].as_u64().unwrap() >= 5 && row["count"].as_u64().unwrap() >= 10);
                    let [low, high] = ends.expect("no interval without squares");
                    assert!(near(&test["low"], low) && near(&test["high"], high), "{cell} {low} {high}");
                    p.push(test["p"].as_f64().unwrap());
                    found.push(cell["discovery"] == true);
                    told += 1;
                }
            }
            assert_eq!(table["tests"], p.len());
            assert_eq!(discoveries(&p), found);
        }
        assert!(told > 20 && silent > 5, "{told} {silent}");
    }
}

#[tokio::test]
async fn any_area_has_quotients_of_sums_as_the_table_has() {
    for disclosure in [Disclosure::Full, Disclosure::Aggregates] {
        let s = Service::hangzhou(disclosure);
        let table = s.json("/zones/lq?kind=district&weight=revenue").await;
        for zone in list(&table, "zones").iter().take(4) {
            let one = s.json(&format!("/summary/lq?zone={}&weight=revenue", zone["id"].as_str().unwrap())).await;
            for (cell, own) in list(zone, "cells").iter().zip(list(&one["zones"][0], "cells")) {
                // of a table more may be withheld
                if !cell["value"].is_null() {
                    assert_eq!([&cell["count"], &cell["lq"]], [&own["count"], &own["lq"]]);
                }
            }
        }
        let by_rows = s.json("/summary/lq?zone=330110").await;
        let summary = s.json("/summary?zone=330110").await;
        for cell in by_rows["zones"][0]["cells"].as_array().unwrap() {
            assert!(
                list(&summary, "clusters").iter().any(|c| c["lq"] == cell["lq"] && c["lq_test"] == cell["lq_test"])
            );
        }
        let circle = |radius: u32| json!({"circle": {"center": [120.2, 30.25], "radius_m": radius}}).to_string();
        let drawn = s.post("/summary/lq?weight=revenue", "application/json", circle(6000)).await.json();
        let tests = list(&drawn["zones"][0], "cells").iter().filter(|c| c["lq_test"]["low"].is_number()).count();
        assert!(tests > 2, "{drawn}");
        // a small area: no interval for anybody, and for who may not see rows nothing of one or two of them
        let mut row = Value::Null;
        for radius in (150..3000).step_by(50) {
            let small = s.post("/summary/lq?weight=revenue", "application/json", circle(radius)).await.json();
            row = small["zones"][0].clone();
            if row["count"].as_u64().unwrap() >= 4 {
                break;
            }
        }
        assert!((4..10).contains(&row["count"].as_u64().unwrap()), "{row}");
        let held = list(&row, "cells").iter().filter(|cell| cell["count"] != 0);
        assert!(held.clone().count() > 0, "{row}");
        for cell in held {
            assert!(cell["lq_test"]["low"].is_null() && cell["lq_test"]["p"].is_null(), "{cell}");
            if disclosure == Disclosure::Aggregates && cell["count"].as_u64().is_none_or(|count| count < 3) {
                assert!(cell["value"].is_null() && cell["lq"].is_null(), "{cell}");
            }
        }
    }
}

const TOTALS: [(&str, u32, f64); 4] =
    [("M1", 900, 81_000.0), ("M2", 400, 20_000.0), ("M3", 300, 30_000.0), ("M4", 250, 9_000.0)];

/// A county with a table of all industries, of which the companies are a part.
fn county(change: impl Fn(&mut Value)) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    copy_dataset("tests/data/threetables", folder.path());
    let path = |name: &str| folder.path().join(name);
    let mut manifest: Value = serde_json::from_slice(&std::fs::read(path("dataset.json")).unwrap()).unwrap();
    let text = |name: &str| json!({"zh": name, "en": name});
    let collections = manifest["collections"].as_array_mut().unwrap();
    let companies = collections.iter_mut().find(|c| c["id"] == "companies").unwrap();
    companies["register"]["all_industries"] =
        json!({"table": "naringsliv", "count": "foretag", "metrics": {"turnover": "omsattning"}});
    let metric = |id: &str, column: &str| json!({"id": id, "title": text(id), "unit": text("-"), "decimals": 1, "kind": "stock", "columns": {"2024": column}});
    collections.push(json!({"id": "naringsliv", "file": "naringsliv.geojson", "role": "register", "title": text("Näringslivet"),
        "geometry": "point", "name": "namn", "source": text("invented, for tests only"), "licence": "MIT OR Apache-2.0",
        "register": {"terms": {"row": {"zh": "总数", "en": "total", "plural": "totals", "counter": "项"}}, "district": "kommun",
            "metrics": [metric("foretag", "foretag_2024"), metric("omsattning", "omsattning_2024")]},
        "properties": [
            {"name": "namn", "title": text("Name"), "type": "string"},
            {"name": "kommun", "title": text("Kommun"), "type": "string"},
            {"name": "foretag_2024", "title": text("Företag"), "type": "number", "decimals": 1},
            {"name": "omsattning_2024", "title": text("Omsättning"), "type": "number", "decimals": 1}]}));
    change(&mut manifest);
    let rows: Vec<Value> = TOTALS
        .iter()
        .map(|(zone, firms, turnover)| {
            json!({"type": "Feature", "id": format!("N{zone}"), "geometry": null, "properties":
                {"namn": format!("Alla i {zone}"), "kommun": zone, "foretag_2024": firms, "omsattning_2024": turnover}})
        })
        .collect();
    std::fs::write(path("dataset.json"), manifest.to_string()).unwrap();
    let rows = json!({"type": "FeatureCollection", "features": rows});
    std::fs::write(path("naringsliv.geojson"), rows.to_string()).unwrap();
    folder
}

#[tokio::test]
async fn quotients_within_all_industries_are_of_an_imported_table() {
    let folder = county(|_| {});
    let s = Service::open(folder.path().to_str().unwrap(), Disclosure::Full);
    let all: u32 = TOTALS.iter().map(|(_, firms, _)| firms).sum();
    let within = s.json("/zones/lq?kind=municipality&denominator=all_industries").await;
    let own = s.json("/zones/lq?kind=municipality").await;
    assert_eq!([&within["denominators"][0]["id"], &own["denominators"][0]["id"]], ["all_industries", "register"]);
    assert_eq!(within["denominator"]["en"], "all industries: Näringslivet (2024)");
    let mut seen = 0;
    for (zone, (id, firms, _)) in list(&within, "zones").iter().zip(TOTALS) {
        assert_eq!((zone["id"].as_str().unwrap(), &zone["of"]), (id, &json!(f64::from(firms))));
        for (class, cell) in list(&within, "classes").iter().zip(list(zone, "cells")) {
            let [both, of] = [&cell["count"], &class["count"]].map(|n| n.as_f64().unwrap());
            let expected = (both / f64::from(firms)) / (of / f64::from(all));
            assert!((cell["lq"].as_f64().unwrap() - expected).abs() < 1e-12);
            assert!(
                (cell["lq_test"]["expected"].as_f64().unwrap() - f64::from(firms) * of / f64::from(all)).abs() < 1e-9
            );
            seen += 1;
        }
    }
    assert!(seen >= 8);
    let weighed = s.json("/zones/lq?kind=municipality&denominator=all_industries&weight=turnover").await;
    assert!(
        weighed["zones"].as_array().unwrap().iter().zip(TOTALS).all(|(zone, (_, _, turnover))| zone["of"] == turnover)
    );
    assert_ne!(weighed["zones"][0]["cells"], within["zones"][0]["cells"]);
    let report = s.get("/report/city?format=html&lang=en").await;
    let report = String::from_utf8_lossy(&report.body);
    assert!(report.contains("within all industries") && report.contains("Näringslivet (2024)"));
    // totals that anybody may list are totals for anybody; restricted ones are those of one row each, and withheld
    let viewer = Service::open(folder.path().to_str().unwrap(), Disclosure::Aggregates);
    let path = "/zones/lq?kind=municipality&denominator=all_industries";
    assert_eq!(viewer.json(path).await["zones"], within["zones"]);
    let restricted = county(|manifest| {
        let table =
            manifest["collections"].as_array_mut().unwrap().iter_mut().find(|c| c["id"] == "naringsliv").unwrap();
        table["register"]["metrics"][0]["restricted"] = json!(true);
        table["properties"][2]["restricted"] = json!(true);
    });
    let viewer = Service::open(restricted.path().to_str().unwrap(), Disclosure::Aggregates).get(path).await;
    let told = viewer.status == 200
        && list(&viewer.json(), "zones").iter().any(|z| list(z, "cells").iter().any(|c| c["lq"].is_number()));
    assert!(!told, "{}", String::from_utf8_lossy(&viewer.body));
    // a drawn area has no total
    let drawn = json!({"circle": {"center": [-8.6, 41.1], "radius_m": 9000}}).to_string();
    let drawn = s.post("/summary/lq?denominator=all_industries", "application/json", drawn).await.json();
    assert!(drawn["zones"][0]["of"].is_null() && list(&drawn["zones"][0], "cells").iter().all(|c| c["lq"].is_null()));
}

#[tokio::test]
async fn what_quotients_cannot_be_within_is_said() {
    let s = Service::hangzhou(Disclosure::Full);
    for (asked, parameter) in
        [("denominator=all_industries", "denominator"), ("denominator=x", "denominator"), ("weight=x", "weight")]
    {
        let answer = s.get(&format!("/zones/lq?kind=district&{asked}")).await;
        assert_eq!(answer.status, 400, "{asked}");
        assert!(answer.json().to_string().contains(parameter), "{}", answer.json());
    }
    let folder = county(|manifest| {
        let companies =
            manifest["collections"].as_array_mut().unwrap().iter_mut().find(|c| c["id"] == "companies").unwrap();
        companies["register"]["all_industries"] = json!({"table": "nowhere", "metrics": {"unknown": "foretag"}});
    });
    let found = shigu::data::load::load(
        &shigu::data::load::Source::Folder(folder.path().to_owned()),
        &shigu::data::load::Limits::default(),
    );
    let codes: BTreeSet<&str> = found.1.findings.iter().map(|finding| finding.code).collect();
    assert!(codes.contains("unknown-table") && codes.contains("unknown-metric"), "{codes:?}");
}

/// An import of a file for the table of totals, checked.
async fn checked(s: &Service, file: Vec<u8>) -> Value {
    let sent = s.post("/imports?file=totals.xlsx", "application/octet-stream", file).await;
    assert_eq!(sent.status, 201, "{}", String::from_utf8_lossy(&sent.body));
    let path = format!("/imports/{}", sent.json()["id"].as_str().unwrap());
    let options = json!({"table": "naringsliv"}).to_string();
    let begun = s.post(&format!("{path}/check"), "application/json", options).await;
    assert_eq!(begun.status, 202, "{}", String::from_utf8_lossy(&begun.body));
    loop {
        let import = s.json(&path).await;
        if import["state"] != "checking" {
            return import;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
}

/// As a department does it: the template, filled in; a fault is marked in the file that comes back; mended, it is a version like any other,
/// and quotients are within its totals.
#[tokio::test]
async fn totals_are_filled_in_a_template_checked_mended_and_published() {
    let (folder, data) = (county(|_| {}), tempfile::tempdir().unwrap());
    let open = || Service::in_data_folder(folder.path().to_str().unwrap(), Disclosure::Full, data.path());
    let s = open();
    let template = s.get("/imports/template.xlsx?table=naringsliv").await;
    assert_eq!(template.status, 200, "{}", String::from_utf8_lossy(&template.body));
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(template.body.to_vec())).unwrap();
    let name = book.sheet_names()[0].clone();
    let range = book.worksheet_range(&name).unwrap();
    let head: Vec<String> = range.rows().next().unwrap().iter().map(ToString::to_string).collect();
    let filled = |totals: &[(&str, &str, &str, &str)]| {
        let mut filled = Workbook::new();
        let sheet = filled.add_worksheet();
        for (c, name) in (0..).zip(&head) {
            sheet.write_string(0, c, name).unwrap();
        }
        for (r, (row, zone, firms, turnover)) in (1..).zip(totals) {
            for (c, name) in (0..).zip(&head) {
                let text = match name.as_str() {
                    name if name.contains("Kommun") => *zone,
                    name if name.contains("Företag") => *firms,
                    name if name.contains("Omsättning") => *turnover,
                    name if name.contains("Name") => *row,
                    _ => continue,
                };
                match text.parse::<f64>() {
                    Ok(number) => _ = sheet.write_number(r, c, number).unwrap(),
                    Err(_) => _ = sheet.write_string(r, c, text).unwrap(),
                }
            }
        }
        filled.save_to_buffer().unwrap()
    };
    let first = filled(&[
        ("Alla i M1", "Ålund", "1000", "90000"),
        ("Alla i M2", "Brynå", "many", "21000"),
        ("Elsewhere", "Nowhere", "5", "50"),
    ]);
    let import = checked(&s, first).await;
    let path = format!("/imports/{}", import["id"].as_str().unwrap());
    let problems = s.json(&format!("{path}/rows?class=problem")).await;
    let found: Vec<(&Value, &Value)> =
        list(&problems, "rows").iter().map(|row| (&row["row"], &row["findings"][0]["code"])).collect();
    assert_eq!(found, [(&json!(3), &json!("number-unreadable"))], "{problems} {import}");
    let faults = s.get(&format!("{path}/faults.xlsx")).await;
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(faults.body.to_vec())).unwrap();
    let name = book.sheet_names()[0].clone();
    let marked: Vec<String> = book.worksheet_range(&name).unwrap().rows().flatten().map(ToString::to_string).collect();
    assert!(marked.iter().any(|cell| cell == "many"), "{marked:?}");
    // a total of no zone that there is would be part of the whole alone: it is said
    let findings = import["outcome"]["findings"].as_array().unwrap();
    assert!(findings.iter().any(|f| f["code"] == "district-unknown" && f["value"] == "Nowhere"), "{import}");
    // nothing is published yet
    let of = async |s: &Service| {
        let table = s.json("/zones/lq?kind=municipality&denominator=all_industries").await;
        list(&table, "zones").iter().map(|zone| zone["of"].clone()).collect::<Vec<_>>()
    };
    assert_eq!(of(&s).await, [900.0, 400.0, 300.0, 250.0].map(|total| json!(total)));

    let totals = [
        ("Alla i M1", "Ålund", "1000", "90000"),
        ("Alla i M2", "Brynå", "450", "21000"),
        ("Alla i M3", "Ciderö", "320", "31000"),
        ("Alla i M4", "Dalvik", "260", "9100"),
    ];
    let import = checked(&s, filled(&totals)).await;
    assert_eq!(import["state"], "checked", "{import}");
    let path = format!("/imports/{}", import["id"].as_str().unwrap());
    let options = json!({"note": "2024"}).to_string();
    let made = s.post(&format!("{path}/publish"), "application/json", options).await;
    assert_eq!(made.status, 201, "{}", String::from_utf8_lossy(&made.body));
    let version = made.json();
    assert_eq!((&version["number"], &version["file"]), (&json!(1), &json!("totals.xlsx")));
    let new = [1000.0, 450.0, 320.0, 260.0].map(|total| json!(total));
    assert_eq!(of(&s).await, new);
    let said = async |s: &Service| {
        let table = s.json("/zones/lq?kind=municipality&denominator=all_industries").await;
        list(&table, "notes").iter().any(|note| note["code"] == "repeated")
    };
    assert!(!said(&s).await);
    // and after a restart; the other tables are as they were
    drop(s);
    let s = open();
    assert_eq!(of(&s).await, new);
    assert_eq!(s.json("/summary").await["counts"]["matched"], 120);
    assert_eq!(s.json("/versions").await["current"], 1);
    // the same under another name is a second row: it is said that totals are added up
    let import = checked(&s, filled(&[("Ålund igen", "Ålund", "1000", "90000")])).await;
    let path = format!("/imports/{}/publish", import["id"].as_str().unwrap());
    assert_eq!(s.post(&path, "application/json", "{\"note\":\"\"}").await.status, 201);
    assert!(said(&s).await && of(&s).await[0] == 2000.0);
}

/// Reports of a zone and of the whole, as a workbook and as a document, have every quotient of the API with its interval.
#[tokio::test]
async fn reports_have_the_quotients_with_their_intervals() {
    let folder = county(|_| {});
    for disclosure in [Disclosure::Full, Disclosure::Aggregates] {
        let s = Service::open(folder.path().to_str().unwrap(), disclosure);
        for (area, tables) in [("M1", "/summary/lq?zone=M1&"), ("city", "/zones/lq?")] {
            let mut expected = Vec::new();
            for weight in ["count", "turnover"] {
                for denominator in ["register", "all_industries"] {
                    let table = s.json(&format!("{tables}weight={weight}&denominator={denominator}")).await;
                    for zone in list(&table, "zones") {
                        for (class, cell) in list(&table, "classes").iter().zip(list(zone, "cells")) {
                            let names = [&table["weight"]["title"]["en"], &zone["name_en"], &class["name"]["en"]];
                            let test = &cell["lq_test"];
                            let lq = cell["lq"].as_f64().filter(|_| test["verdict"] != "too_few");
                            let numbers = [
                                lq,
                                test["low"].as_f64(),
                                test["high"].as_f64(),
                                test["p"].as_f64(),
                                cell["q"].as_f64(),
                            ];
                            expected.push((names.map(|name| name.as_str().unwrap().to_owned()), numbers));
                        }
                    }
                }
            }
            let bytes = s.get(&format!("/report/{area}?format=xlsx&lang=en")).await.body.to_vec();
            let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).unwrap();
            let sheet = book.worksheet_range("Quotients").unwrap();
            let head = sheet.rows().position(|row| row[0] == "By").unwrap();
            let rows = sheet.rows().skip(head + 1).take(expected.len());
            let found: Vec<_> = rows
                .map(|row| {
                    let numbers = [7, 8, 9, 10, 11].map(|at: usize| row[at].to_string().parse::<f64>().ok());
                    ([0, 2, 3].map(|at: usize| row[at].to_string()), numbers)
                })
                .collect();
            assert!(found.len() >= 8 && found == expected, "{area} {found:?} {expected:?}");
            assert!(expected.iter().any(|(_, numbers)| numbers[1].is_some()), "{area}: no interval");
            for lang in ["zh", "en"] {
                let page = s.get(&format!("/report/{area}?format=html&lang={lang}")).await;
                let page = String::from_utf8_lossy(&page.body).into_owned();
                for (_, [lq, low, high, ..]) in &expected {
                    let Some(((lq, low), high)) = lq.zip(*low).zip(*high) else { continue };
                    assert!(page.contains(&format!("{low:.2}–{high:.2}")), "{area} {lang}: {lq} {low} {high}");
                }
                let words = if lang == "zh" {
                    ["加权", "以全行业为分母", "95%"]
                } else {
                    ["weighed by", "within all industries", "95 %"]
                };
                assert!(words.iter().all(|word| page.contains(word)), "{area} {lang}");
            }
        }
    }
}
