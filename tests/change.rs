//! Changes agree with a plain computation from the rows, their parts add up, and what may not leave is part of none.

use crate::common::encoded;
use crate::common::service::Service;
use serde_json::{Value, json};
use shigu::core::query::Disclosure;
use std::collections::{BTreeMap, BTreeSet};

fn list<'a>(of: &'a Value, member: &str) -> &'a [Value] {
    of[member].as_array().unwrap_or_else(|| panic!("{member} of {of}"))
}

fn near(found: &Value, expected: f64, within: f64, what: &str) {
    let found = found.as_f64().unwrap_or_else(|| panic!("{what}: {found}, not {expected}"));
    assert!((found - expected).abs() <= within, "{what}: {found}, not {expected}");
}

/// A row: the zone that counts it, its class, the year of its beginning, and its figures by year.
struct Row {
    zone: String,
    class: String,
    from: i64,
    figures: BTreeMap<i64, f64>,
}

const YEARS: std::ops::RangeInclusive<i64> = 2020..=2025;

impl Row {
    fn there(&self, year: i64) -> bool {
        self.from <= year
    }

    fn figure(&self, year: i64) -> Option<f64> {
        self.figures.get(&year).copied().filter(|_| self.there(year))
    }
}

/// The rows of areas, each with the words of a question that is about it.
async fn rows(s: &Service, areas: &[(String, Value)]) -> Vec<Row> {
    let mut out = Vec::new();
    for (id, body) in areas {
        // an open time has the rows of every year
        let mut body = body.clone();
        body["datetime"] = json!("../..");
        let items = s.post("/collections/enterprises/search?limit=10000", "application/json", body.to_string()).await;
        let items: Value = serde_json::from_slice(&items.body).unwrap();
        for f in list(&items, "features") {
            let p = &f["properties"];
            out.push(Row {
                zone: id.clone(),
                class: p["cluster"].as_str().unwrap_or_default().to_owned(),
                from: p["founded"].as_i64().unwrap_or(i64::MIN),
                figures: YEARS.filter_map(|y| Some((y, p[format!("revenue_{y}")].as_f64()?))).collect(),
            });
        }
    }
    out
}

async fn districts(s: &Service) -> Vec<(String, Value)> {
    let zones = s.json("/zones?kind=district").await;
    let all = list(&zones, "zones").iter().chain(list(&zones, "rest"));
    all.map(|zone| zone["id"].as_str().unwrap().to_owned()).map(|id| (id.clone(), json!({"zone": id}))).collect()
}

fn sum(rows: &[&Row], year: i64) -> f64 {
    rows.iter().filter_map(|row| row.figure(year)).sum()
}

/// Whole, mix and own part of a cell by their definition (Dunn 1960).
fn parts(cell: [f64; 2], class: [f64; 2], whole: [f64; 2]) -> [f64; 3] {
    let rate = |[from, to]: [f64; 2]| if from > 0.0 { to / from - 1.0 } else { 0.0 };
    let (all, of_class) = (cell[0] * rate(whole), cell[0] * (rate(class) - rate(whole)));
    [all, of_class, cell[1] - cell[0] - all - of_class]
}

/// In the last decimal that is given.
fn units(of: &Value, decimals: i32) -> i64 {
    let value = of.as_f64().unwrap_or_else(|| panic!("{of} is no number"));
    let units = value * 10f64.powi(decimals);
    assert!((units - units.round()).abs() < 1e-3, "{value} has more decimals than are given");
    units.round() as i64
}

/// The parts of every line, and of all lines of an area, are the change to the last decimal.
fn adds_up(area: &Value, decimals: i32) {
    let mut all = [0; 4];
    for line in list(area, "classes").iter().chain([&area["together"], area]) {
        let Some(parts) = line["parts"].as_object() else { continue };
        let [whole, mix, regional] = ["whole", "mix", "regional"].map(|name| units(&parts[name], decimals));
        assert_eq!(whole + mix + regional, units(&line["change"], decimals), "{line}");
        if let Some(own) = line["own"].as_object() {
            let [a, b] = ["competitive", "allocation"].map(|name| units(&own[name], decimals));
            assert_eq!(a + b, regional, "{line}");
        }
        if let Some(steps) = line["dynamic"].as_object() {
            let [a, b, c] = ["whole", "mix", "regional"].map(|name| units(&steps[name], decimals));
            assert_eq!(a + b + c, units(&line["change"], decimals), "{line}");
        }
        let own = [whole, mix, regional, units(&line["change"], decimals)];
        if std::ptr::eq(line, area) {
            assert_eq!(all, own, "the lines of {} are its total", area["id"]);
        } else {
            all = std::array::from_fn(|i| all[i] + own[i]);
        }
    }
}

#[tokio::test]
async fn a_change_is_that_of_the_rows() {
    let s = Service::hangzhou(Disclosure::Full);
    let rows = rows(&s, &districts(&s).await).await;
    assert_eq!(rows.len(), 5000, "districts, outside and undeclared are the whole");
    let all: Vec<&Row> = rows.iter().collect();
    let of_class = |class: &str| all.iter().copied().filter(|r| r.class == class).collect::<Vec<_>>();
    let found = s.json("/zones/change?weight=revenue&year=2025&since=2021").await;
    assert_eq!((&found["since"], &found["period"]), (&json!("2021"), &json!("2025")));
    assert_eq!(found["steps"], json!(["2021", "2022", "2023", "2024", "2025"]));
    assert_eq!(found["periods"], json!(["2020", "2021", "2022", "2023", "2024"]));
    let both = |rows: &[&Row]| [sum(rows, 2021), sum(rows, 2025)];
    let whole = both(&all);
    let mut lines = 0;
    for area in list(&found, "zones").iter().chain([&found["whole"]]) {
        let id = area["id"].as_str().unwrap();
        let here: Vec<&Row> = all.iter().copied().filter(|r| id.is_empty() || r.zone == id).collect();
        adds_up(area, 2);
        let at = both(&here);
        near(&area["before"], at[0], 1e-6, id);
        near(&area["now"], at[1], 1e-6, id);
        let mut dynamic = 0.0;
        for class in list(area, "classes") {
            let code = class["code"].as_str().unwrap();
            let own: Vec<&Row> = here.iter().copied().filter(|r| r.class == code).collect();
            let (cell, class_all) = (both(&own), both(&of_class(code)));
            let expected = parts(cell, class_all, whole);
            for (name, expected) in ["whole", "mix", "regional"].iter().zip(expected) {
                near(&class["parts"][name], expected, 0.021, &format!("{name} of {code} in {id}"));
            }
            if cell[0] > 0.0 {
                // Esteban-Marquillas (1972)
                let alike = at[0] * class_all[0] / whole[0];
                let competitive = alike * (cell[1] / cell[0] - class_all[1] / class_all[0]);
                near(&class["own"]["competitive"], competitive, 0.011, &format!("competitive part of {code} in {id}"));
            }
            let steps: f64 = (2021..2025)
                .map(|year| {
                    let step = |rows: &[&Row]| [sum(rows, year), sum(rows, year + 1)];
                    parts(step(&own), step(&of_class(code)), step(&all))[2]
                })
                .sum();
            near(&class["dynamic"]["regional"], steps, 0.05, &format!("own part by steps of {code} in {id}"));
            dynamic += steps;
            flow(class, &own);
            lines += 1;
        }
        near(&area["dynamic"]["regional"], dynamic, 0.3, id);
        flow(area, &here);
        // like for like
        let pairs: Vec<(f64, f64)> = here.iter().filter_map(|r| Some((r.figure(2021)?, r.figure(2025)?))).collect();
        assert_eq!(area["alike"]["both"], pairs.len(), "{id}");
        let (before, now) = pairs.iter().fold((0.0, 0.0), |(a, b), (x, y)| (a + x, b + y));
        if before > 0.0 {
            near(&area["alike"]["rate"], now / before - 1.0, 1e-9, id);
        }
        let reported = |year| here.iter().filter(|r| r.figure(year).is_some()).count();
        assert_eq!(area["alike"]["reported_before"], reported(2021));
        assert_eq!(area["alike"]["reported"], reported(2025));
    }
    assert!(lines > 100, "{lines}");
    // the whole has neither a mix of its own nor a part of its own
    let nothing = |of: &Value| of["mix"] == 0.0 && of["regional"] == 0.0;
    assert!(nothing(&found["whole"]["parts"]), "{}", found["whole"]["parts"]);
    assert!(list(&found["whole"], "classes").iter().all(|class| class["parts"]["regional"] == 0.0));
    // the own parts of all zones are nothing together, but for what is rounded
    let own: f64 = list(&found, "zones").iter().map(|z| z["parts"]["regional"].as_f64().unwrap()).sum();
    assert!(own.abs() < 1.5, "{own}");
}

/// Rows that stayed, entered and left.
fn flow(line: &Value, rows: &[&Row]) {
    let count =
        |before: bool, now: bool| rows.iter().filter(|r| r.there(2021) == before && r.there(2025) == now).count();
    let found = &line["rows"];
    assert_eq!(
        (&found["stayed"], &found["entered"], &found["left"]),
        (&json!(count(true, true)), &json!(count(false, true)), &json!(count(true, false))),
        "{line}"
    );
    let value = |now: bool, entered: bool| -> f64 {
        let some = rows.iter().filter(|r| r.there(2025) && r.there(2021) != entered);
        some.filter_map(|r| r.figure(if now { 2025 } else { 2021 })).sum()
    };
    near(&found["stayed_before"], value(false, false), 1e-6, "those that stayed, before");
    near(&found["stayed_now"], value(true, false), 1e-6, "those that stayed, now");
    near(&found["entered_now"], value(true, true), 1e-6, "those that entered");
}

/// Numbers of rows change where they have dates, and a drawn area has its change like any other.
#[tokio::test]
async fn counts_and_drawn_areas_change() {
    let s = Service::hangzhou(Disclosure::Full);
    let circle = json!({"circle": {"center": [120.15, 30.27], "radius_m": 6000}});
    let mut body = circle.clone();
    body["since"] = json!("2022");
    body["year"] = json!(2024);
    let answer = s.post("/zones/change", "application/json", body.to_string()).await;
    assert_eq!(answer.status, 200, "{}", String::from_utf8_lossy(&answer.body));
    let found = answer.json();
    let rows = rows(&s, &[("here".to_owned(), circle), ("there".to_owned(), json!({"zone": "city"}))]).await;
    let count = |zone: &str, class: Option<&str>, year: i64| {
        let of = |r: &&Row| r.zone == zone && class.is_none_or(|c| r.class == c) && r.there(year);
        rows.iter().filter(of).count() as f64
    };
    let [area] = list(&found, "zones") else { panic!("one area") };
    assert_eq!(found["zone_kind"], Value::Null);
    assert!(area["count"].as_u64().unwrap() > 200, "{area}");
    adds_up(area, 1);
    near(&area["before"], count("here", None, 2022), 0.0, "rows");
    near(&found["whole"]["now"], count("there", None, 2024), 0.0, "rows of the whole");
    for class in list(area, "classes") {
        let code = class["code"].as_str();
        let both = |zone, class| [count(zone, class, 2022), count(zone, class, 2024)];
        let expected = parts(both("here", code), both("there", code), both("there", None));
        for (name, expected) in ["whole", "mix", "regional"].iter().zip(expected) {
            near(&class["parts"][name], expected, 0.21, &format!("{name} of {code:?}"));
        }
        assert!(class["alike"].is_null(), "numbers are of all rows");
    }
    // a zone alone is what it is beside the others
    let zones = s.json("/zones/change?weight=revenue&since=2022").await;
    for zone in list(&zones, "zones").iter().take(3) {
        let id = zone["id"].as_str().unwrap();
        let alone = s.json(&format!("/zones/change?weight=revenue&since=2022&zone={id}")).await;
        for member in ["before", "now", "change", "parts", "dynamic", "rows", "alike"] {
            assert_eq!(alone["zones"][0][member], zone[member], "{member} of {id}");
        }
    }
}

/// Every sentence names figures of the answer, in both languages.
#[tokio::test]
async fn sentences_are_made_of_figures_of_the_answer() {
    let s = Service::hangzhou(Disclosure::Full);
    let mut rules = BTreeSet::new();
    for weight in ["count", "revenue", "employees"] {
        let found = s.json(&format!("/zones/change?weight={weight}")).await;
        for area in list(&found, "zones").iter().chain([&found["whole"]]) {
            assert!(!list(area, "findings").is_empty());
            for finding in list(area, "findings") {
                rules.insert(finding["rule"].as_str().unwrap().to_owned());
                for lang in ["zh", "en"] {
                    assert!(!finding["text"][lang].as_str().unwrap().contains(['{', '}']), "{finding}");
                }
                for fact in list(finding, "facts") {
                    let class =
                        list(area, "classes").iter().find(|c| !c["code"].is_null() && c["code"] == fact["class"]);
                    let of = class.unwrap_or(area);
                    let name = fact["figure"].as_str().unwrap();
                    let value = match name {
                        "whole" | "mix" | "regional" => &of["parts"][name],
                        "dynamic_regional" => &of["dynamic"]["regional"],
                        "rate_of_whole" => &found["whole"]["rate"],
                        "stayed" | "entered" | "left" | "entered_now" | "left_before" => &of["rows"][name],
                        "alike" => &of["alike"]["rate"],
                        "both" | "reported" | "reported_before" => &of["alike"][name],
                        _ => &of[name],
                    };
                    assert_eq!(value.as_f64(), fact["value"].as_f64(), "{finding}");
                }
            }
        }
    }
    for rule in ["changed", "divided", "leading", "lagging", "most", "rows", "alike"] {
        assert!(rules.contains(rule), "{rule} is never said: {rules:?}");
    }
}

/// Where there is nothing to compare, or too much, it is said.
#[tokio::test]
async fn what_cannot_be_said_is_said() {
    let s = Service::hangzhou(Disclosure::Full);
    for (query, code) in
        [("weight=revenue&year=2020", "no-earlier"), ("weight=revenue&secondary=true", "overlapping-classes")]
    {
        let found = s.json(&format!("/zones/change?{query}")).await;
        assert_eq!(found["unavailable"]["code"], code, "{query}");
        assert!(found["whole"].is_null() && list(&found, "zones").is_empty());
    }
    let timed = s.post("/zones/change", "application/json", json!({"datetime": "2021-01-01"}).to_string()).await.json();
    assert_eq!(timed["unavailable"]["code"], "own-time");
    // the number of rows of a register without dates is the same in every year
    let undated = Service::open("tests/data/twolevel", Disclosure::Full);
    let counted = undated.json("/zones/change").await;
    assert_eq!(counted["unavailable"]["code"], "undated");
    for (query, parameter) in [
        ("since=1999", "since"),
        ("since=2025&year=2024", "since"),
        ("since=2024Q1", "since"),
        ("kind=district&zone=330106", "kind"),
        ("weight=profit", "revenue"),
    ] {
        let answer = s.get(&format!("/zones/change?{query}")).await;
        assert_eq!(answer.status, 400, "{query}");
        assert!(String::from_utf8_lossy(&answer.body).contains(parameter), "{query}");
    }
}

/// What a reader without permission for rows gets is made of what `/zones` gives of either year to the same reader.
#[tokio::test]
async fn what_is_withheld_is_part_of_nothing() {
    let viewer = Service::hangzhou(Disclosure::Aggregates);
    let filter = encoded("founded > 2012");
    let found = viewer.json(&format!("/zones/change?weight=revenue&since=2021&filter={filter}")).await;
    let mut sides = Vec::new();
    for year in [2021, 2025] {
        let uri = format!("/zones?kind=district&statistics=true&year={year}&filter={filter}");
        sides.push(viewer.json(&uri).await);
    }
    let (mut withheld, mut given, mut merged) = (0, 0, 0);
    for area in list(&found, "zones") {
        let row = |side: &Value| {
            let all = list(side, "zones").iter().chain(list(side, "rest"));
            all.into_iter().find(|z| z["id"] == area["id"]).unwrap().clone()
        };
        let [before, after] = [row(&sides[0]), row(&sides[1])];
        let mut hidden = 0;
        for class in list(area, "classes") {
            let amount = |row: &Value| {
                let of = list(row, "clusters").iter().find(|c| c["code"] == class["code"]);
                of.map_or(Value::Null, |c| c["amounts"]["revenue"].clone())
            };
            let both = [amount(&before), amount(&after)];
            let hides = both.iter().any(|a| a["withheld"] == true);
            assert_eq!(class["withheld"], hides, "{} of {}", class["code"], area["id"]);
            for (member, amount) in ["before", "now"].iter().zip(&both) {
                let sum = amount["sum"].as_f64().unwrap_or(0.0);
                assert_eq!(class[member].as_f64(), (amount["withheld"] != true).then_some(sum), "{class}");
            }
            if hides {
                assert!(class["change"].is_null() && class["parts"].is_null() && class["dynamic"].is_null(), "{class}");
                hidden += 1;
            } else {
                given += 1;
            }
        }
        withheld += hidden;
        adds_up(area, 2);
        if let Some(together) = area["together"].as_object() {
            assert!(hidden > 1, "one alone is not given by what the others leave: {area}");
            merged += 1;
            // no more than the answers of the two years leave
            let shown = |member: &str| -> f64 {
                let some = list(area, "classes").iter().filter(|c| c["parts"].is_object());
                some.map(|c| c[member].as_f64().unwrap()).sum()
            };
            near(&together["now"], area["now"].as_f64().unwrap() - shown("now"), 0.011, "what is left");
            near(&together["before"], area["before"].as_f64().unwrap() - shown("before"), 0.011, "what is left");
        }
        for member in ["entered_now", "left_before"] {
            let alone = list(area, "classes").iter().filter(|c| c["rows"][member].is_null()).count();
            assert!(alone != 1 || area["rows"][member].is_null(), "what the others leave of the total: {area}");
        }
        for rows in [&area["rows"]].into_iter().chain(list(area, "classes").iter().map(|c| &c["rows"])) {
            let few = |n: &Value| (1..3).contains(&n.as_u64().unwrap());
            // of one or two there is no sum, if they have a value at all
            assert!(!few(&rows["entered"]) || rows["entered_now"].is_null() || rows["entered_now"] == 0.0, "{rows}");
            assert!(
                rows["entered_now"].is_number() || rows["stayed_now"].is_null(),
                "it would give the others: {rows}"
            );
            assert!(!few(&rows["left"]) || rows["left_before"].is_null() || rows["left_before"] == 0.0, "{rows}");
        }
    }
    assert!(withheld > 5 && given > 20 && merged > 1, "{withheld} withheld, {given} given, {merged} merged");
}

/// Another city: its own kinds, metrics, periods and classes; levels of classes; a reader of some districts.
#[tokio::test]
async fn any_city_has_its_changes() {
    let mut said = 0;
    for folder in ["fourfold", "twolevel", "solo", "sectors", "dated", "quayside", "orchards", "tinyville"] {
        let path = format!("tests/data/{folder}");
        if !std::path::Path::new(&path).exists() {
            continue;
        }
        let s = Service::open(&path, Disclosure::Full);
        let first = s.json("/zones/change").await;
        for weight in list(&first, "weights") {
            let id = weight["id"].as_str().unwrap();
            let found = s.json(&format!("/zones/change?weight={id}")).await;
            if !found["unavailable"].is_null() {
                assert!(found["unavailable"]["zh"].as_str().unwrap().len() > 10);
                continue;
            }
            let decimals = found["decimals"].as_i64().unwrap() as i32;
            let areas = || list(&found, "zones").iter().chain([&found["whole"]]);
            areas().for_each(|area| adds_up(area, decimals));
            said += areas().filter(|area| area["parts"].is_object()).count();
        }
    }
    assert!(said > 30, "{said}");
    let s = Service::open("tests/data/sectors", Disclosure::Full);
    let top = s.json("/zones/change?weight=count").await;
    assert!(top["unavailable"].is_object() || top["whole"].is_object());
}
