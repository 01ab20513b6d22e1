//! Figures of months and quarters: every answer about a period agrees with a plain reading of the files, whether the period
//! is published or made of shorter ones; what is lacking is named; the wire takes a period by either name.

use crate::common::service::Service;
use serde_json::{Value, json};
use shigu::core::model::Period;
use shigu::core::query::Disclosure;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;

struct Metric {
    id: String,
    decimals: i32,
    stock: bool,
    columns: BTreeMap<String, String>,
}

struct Folder {
    path: &'static str,
    district: &'static str,
    metrics: Vec<Metric>,
    rows: Vec<Value>,
}

fn json_of(path: &str) -> Value {
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

fn folder(path: &'static str, register: &str, district: &'static str) -> Folder {
    let manifest = json_of(&format!("{path}/dataset.json"));
    let spec = &manifest["collections"][1]["register"]["metrics"];
    let metrics = spec.as_array().unwrap().iter().map(|m| Metric {
        id: m["id"].as_str().unwrap().into(),
        decimals: m["decimals"].as_i64().unwrap() as i32,
        stock: m["kind"] == "stock",
        columns: m["columns"]
            .as_object()
            .unwrap()
            .iter()
            .map(|(k, v)| (k.clone(), v.as_str().unwrap().into()))
            .collect(),
    });
    let rows = json_of(&format!("{path}/{register}.geojson"))["features"].as_array().unwrap().clone();
    Folder { path, district, metrics: metrics.collect(), rows }
}

fn folders() -> [Folder; 2] {
    [folder("tests/data/quayside", "boats", "quay"), folder("tests/data/orchards", "orchards", "parish")]
}

/// The months of a period by its text, told apart by hand.
fn months(period: &str) -> (u32, u32) {
    let year: u32 = period[..4].parse().unwrap();
    let (from, to) = match (period.get(4..5), period.get(5..)) {
        (Some("Q"), Some(quarter)) => (quarter.parse::<u32>().unwrap() * 3 - 2, quarter.parse::<u32>().unwrap() * 3),
        (Some("-"), Some(month)) => (month.parse().unwrap(), month.parse().unwrap()),
        _ => (1, 12),
    };
    (year * 12 + from, year * 12 + to)
}

impl Metric {
    /// The columns of which a period's figure is made; none where it has no such figure.
    fn parts(&self, period: &str) -> Vec<&String> {
        if let Some(own) = self.columns.get(period) {
            return vec![own];
        }
        let (from, to) = months(period);
        let inside = self.columns.iter().filter(|(own, _)| {
            let (first, last) = months(own);
            from <= first && last <= to
        });
        let inside: Vec<_> = inside.collect();
        let covered: u32 = inside.iter().map(|(own, _)| months(own).1 - months(own).0 + 1).sum();
        let last = inside.iter().find(|(own, _)| months(own).1 == to);
        match (self.stock, last) {
            (true, Some((_, column))) => vec![*column],
            (false, _) if covered == to - from + 1 => inside.into_iter().map(|(_, column)| column).collect(),
            _ => vec![],
        }
    }

    /// The figure of a row in the smallest unit.
    fn digits(&self, row: &Value, period: &str) -> Option<i64> {
        let parts = self.parts(period);
        let each = parts.iter().map(|p| row["properties"][p.as_str()].as_f64());
        each.map(|v| v.map(|v| (v * 10f64.powi(self.decimals)).round() as i64)).sum()
    }

    /// Sum in the smallest unit, and rows that report.
    fn sum(&self, rows: &[&Value], period: &str) -> (i64, u64) {
        let all: Vec<i64> = rows.iter().filter_map(|row| self.digits(row, period)).collect();
        (all.iter().sum(), all.len() as u64)
    }
}

/// The period of the same length that begins so many months earlier.
fn earlier(period: &str, by: u32) -> String {
    let (from, to) = months(period);
    let (year, month) = ((from - by - 1) / 12, (from - by - 1) % 12 + 1);
    match to - from {
        11 => year.to_string(),
        2 => format!("{year}Q{}", month.div_ceil(3)),
        _ => format!("{year}-{month:02}"),
    }
}

/// All periods that a question may be about: published ones, and all that contain one.
fn askable(folder: &Folder) -> BTreeSet<String> {
    let mut all = BTreeSet::new();
    for own in folder.metrics.iter().flat_map(|m| m.columns.keys()) {
        let (year, last) = (&own[..4], months(own).1 - own[..4].parse::<u32>().unwrap() * 12);
        all.extend([own.clone(), year.to_owned()]);
        if own.contains('-') {
            all.insert(format!("{year}Q{}", last.div_ceil(3)));
        }
    }
    all
}

#[tokio::test]
async fn every_period_agrees_with_a_plain_reading() {
    let (mut given, mut refused) = (0, 0);
    for folder in folders() {
        let service = Service::open(folder.path, Disclosure::Full);
        let zones = service.json(&format!("/zones?kind={}", folder.district)).await;
        let zones: Vec<String> =
            zones["zones"].as_array().unwrap().iter().map(|z| z["id"].as_str().unwrap().into()).collect();
        assert_eq!(zones.len(), 4);
        for period in askable(&folder) {
            let list = service.json(&format!("/zones?kind={}&period={period}", folder.district)).await;
            for (place, zone) in zones.iter().enumerate() {
                // the file places every row in the zone that it declares
                let rows: Vec<&Value> =
                    folder.rows.iter().filter(|r| r["properties"][folder.district] == zone.as_str()).collect();
                let summary = service.json(&format!("/summary?zone={zone}&period={period}")).await;
                assert_eq!(
                    (&summary["period"], rows.len()),
                    (&json!(period), summary["counts"]["matched"].as_u64().unwrap() as usize)
                );
                assert_eq!(summary["year"], period.parse::<u16>().map_or(Value::Null, Value::from), "{period}");
                for metric in &folder.metrics {
                    let what = format!("{} {zone} {period} {}", folder.path, metric.id);
                    let amount = &summary["totals"][&metric.id];
                    assert_eq!(amount, &list["zones"][place]["amounts"][&metric.id], "{what}");
                    if metric.parts(&period).is_empty() {
                        assert_eq!(
                            (&amount["period"], &amount["sum"], &amount["reported"]),
                            (&Value::Null, &Value::Null, &json!(0)),
                            "{what}"
                        );
                        refused += 1;
                        continue;
                    }
                    let (digits, reported) = metric.sum(&rows, &period);
                    let sum = amount["sum"].as_f64().map(|s| (s * 10f64.powi(metric.decimals)).round() as i64);
                    assert_eq!((sum, amount["reported"].as_u64()), (Some(digits), Some(reported)), "{what}");
                    assert_eq!(amount["missing"].as_u64(), Some(rows.len() as u64 - reported), "{what}");
                    assert_eq!(amount["period"], json!(period), "{what}");
                    given += 1;
                }
            }
        }
    }
    assert!(given > 200 && refused > 50, "{given} {refused}");
}

#[tokio::test]
async fn the_latest_is_each_ones_own_and_the_latest_common_is_said() {
    for (folder, latest, common) in
        [("tests/data/quayside", "2024-03", "2024Q1"), ("tests/data/orchards", "2024Q3", "2023")]
    {
        let service = Service::open(folder, Disclosure::Full);
        let dataset = service.json("/dataset").await;
        assert_eq!((&dataset["default_period"], &dataset["latest_common_period"]), (&json!(latest), &json!(common)));
        let summary = service.json("/summary").await;
        for metric in dataset["metrics"].as_array().unwrap() {
            let own = metric["periods"].as_array().unwrap().last().unwrap();
            assert_eq!(&summary["totals"][metric["id"].as_str().unwrap()]["period"], own);
        }
        let periods: Vec<Period> = serde_json::from_value(dataset["periods"].clone()).unwrap();
        assert!(periods.is_sorted() && periods.contains(&common.parse().unwrap()), "{periods:?}");
    }
}

#[tokio::test]
async fn what_is_lacking_and_what_figures_are_made_of_is_said() {
    let service = Service::open("tests/data/orchards", Disclosure::Full);
    let notes = async |period: &str| -> BTreeMap<String, Vec<String>> {
        let summary = service.json(&format!("/summary?period={period}")).await;
        let mut out: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for note in summary["notes"].as_array().unwrap() {
            out.entry(note["code"].as_str().unwrap().into()).or_default().push(note["en"].as_str().unwrap().into());
        }
        out
    };
    let whole = notes("2023").await;
    assert_eq!(whole["period-sum"], ["For 2023, sales is the sum of 4 quarters, of the orchards that report in each."]);
    assert_eq!(whole["period-last"], ["For 2023, hands is that of Q4 2023."]);
    let part = notes("2024").await;
    assert_eq!(
        part["incomplete-period"],
        ["No sum for 2024: sales lacks Q4 2024.", "No figure for 2024: hands lacks Q4 2024."]
    );
    assert_eq!(part["not-published"], ["Not published for 2024: land."]);
    let first = notes("2022").await;
    assert_eq!(first["incomplete-period"], ["No sum for 2022: sales lacks Q1 2022, Q2 2022."]);
    assert_eq!(notes("2024Q2").await["not-published"], ["Not published for Q2 2024: land."]);
}

#[tokio::test]
async fn a_period_is_taken_by_either_name() {
    let service = Service::open("tests/data/orchards", Disclosure::Full);
    let year = service.json("/summary?year=2023").await;
    assert_eq!(year, service.json("/summary?period=2023").await);
    assert_eq!(year, service.json("/summary?period=2023&year=2023").await);
    for bad in [
        "period=2023Q5",
        "period=2023-13",
        "period=23",
        "period=2023&year=2022",
        "period=2023Q1&year=2023",
        "period=2019Q1",
        "year=2023Q1",
    ] {
        assert_eq!(service.get(&format!("/summary?{bad}")).await.status, 400, "{bad}");
        assert_eq!(service.get(&format!("/zones?kind=parish&{bad}")).await.status, 400, "{bad}");
    }
    let body = async |body: &str| service.post("/summary", "application/json", body.to_owned()).await;
    assert_eq!(body(r#"{"period":"2023Q2"}"#).await.json(), service.json("/summary?period=2023Q2").await);
    assert_eq!(body(r#"{"year":2023}"#).await.json(), year);
    assert_eq!(body(r#"{"year":2022,"period":"2023"}"#).await.status, 400);
}

#[tokio::test]
async fn who_may_not_see_rows_gets_years_that_are_sums_of_protected_quarters() {
    let service = Service::open("tests/data/orchards", Disclosure::Aggregates);
    let sum = async |period: &str| {
        let summary = service.json(&format!("/summary?period={period}")).await;
        let sales = &summary["totals"]["sales"];
        assert_eq!(sales["protected"], json!(true));
        (sales["sum"].as_f64().unwrap(), sales["reported"].as_u64().unwrap())
    };
    let exact = Service::open("tests/data/orchards", Disclosure::Full).json("/summary?period=2023").await;
    let exact = exact["totals"]["sales"]["sum"].as_f64().unwrap();
    let (year, reported) = sum("2023").await;
    let mut quarters = 0.0;
    for quarter in ["2023Q1", "2023Q2", "2023Q3", "2023Q4"] {
        let (part, rows) = sum(quarter).await;
        assert!(rows >= reported);
        quarters += part;
    }
    // the year leaves out rows that lack a quarter
    assert!(year < quarters && year > 0.0 && (year - exact).abs() > 1e-6, "{year} {quarters} {exact}");
}

#[tokio::test]
async fn growth_is_of_the_rows_that_have_both_periods() {
    let (mut years, mut before, mut drawn) = (0, 0, 0);
    for folder in folders() {
        let service = Service::open(folder.path, Disclosure::Full);
        for period in askable(&folder) {
            let (from, to) = months(&period);
            let list = service.json(&format!("/zones?kind={}&period={period}&growth=true", folder.district)).await;
            for zone in list["zones"].as_array().unwrap() {
                let id = zone["id"].as_str().unwrap();
                let rows: Vec<&Value> = folder.rows.iter().filter(|r| r["properties"][folder.district] == id).collect();
                let summary = service.json(&format!("/summary?zone={id}&period={period}&growth=true")).await;
                for metric in folder.metrics.iter().filter(|m| !m.parts(&period).is_empty()) {
                    let amount = &summary["totals"][&metric.id];
                    assert_eq!(amount, &zone["amounts"][&metric.id]);
                    let mut told = vec![("growth", 12)];
                    // of a year the one before is the year before
                    told.extend((to - from < 11).then_some(("growth_on_previous", to - from + 1)));
                    for (member, by) in told {
                        let then = earlier(&period, by);
                        let (growth, what) = (&amount[member], format!("{} {id} {period} {then}", metric.id));
                        if metric.parts(&then).is_empty() {
                            assert!(growth.is_null(), "{what}: {growth}");
                            continue;
                        }
                        let pair = |row: &&Value| metric.digits(row, &period).zip(metric.digits(row, &then));
                        let pairs: Vec<(i64, i64)> = rows.iter().filter_map(pair).collect();
                        let (now, old) = pairs.iter().fold((0, 0), |sums, pair| (sums.0 + pair.0, sums.1 + pair.1));
                        let right = (old > 0).then(|| now as f64 / old as f64 - 1.0);
                        assert_eq!(
                            (&growth["period"], growth["both"].as_u64()),
                            (&json!(then), Some(pairs.len() as u64))
                        );
                        assert_eq!(growth["reported"].as_u64(), Some(metric.sum(&rows, &then).1), "{what}");
                        assert_eq!(growth["rate"].as_f64().is_some(), right.is_some(), "{what}");
                        let near = |a: f64, b: f64| (a - b).abs() < 1e-9 * b.abs().max(1.0);
                        if let Some((rate, right)) = growth["rate"].as_f64().zip(right) {
                            assert!(near(rate, right), "{what}: {rate} {right}");
                        }
                        let map = format!(
                            "/choropleth?kind={}&period={period}&choropleth=by:{},as:growth/{then}",
                            folder.district, metric.id
                        );
                        let map = service.json(&map).await;
                        assert!(map["title"]["en"].as_str().unwrap().ends_with("like for like"), "{}", map["title"]);
                        let of = map["zones"].as_array().unwrap().iter().find(|z| z["id"] == id).unwrap();
                        match right {
                            Some(right) => assert!(near(of["value"].as_f64().unwrap(), right * 100.0), "{what}: {of}"),
                            None => assert_eq!(of["apart"], "missing", "{what}"),
                        }
                        drawn += 1;
                        *(if by == 12 { &mut years } else { &mut before }) += 1;
                    }
                }
            }
        }
    }
    assert!(years > 60 && before > 100 && drawn > 200, "{years} {before} {drawn}");
}

#[tokio::test]
async fn papers_and_pictures_name_the_period() {
    let service = Service::open("tests/data/quayside", Disclosure::Full);
    for (period, zh, en) in
        [("2024-02", "2024 年 2 月", "Feb 2024"), ("2023Q3", "2023 年第三季度", "Q3 2023"), ("2023", "2023 年", "2023")]
    {
        for (lang, words) in [("zh", zh), ("en", en)] {
            let html = service.get(&format!("/report/K1?period={period}&format=html&lang={lang}")).await;
            assert_eq!(html.status, 200);
            let text = String::from_utf8(html.body.to_vec()).unwrap();
            assert!(text.contains(words), "{period} {lang}");
            assert!(html.header("content-disposition").contains(period), "{}", html.header("content-disposition"));
            let map = service.get(&format!("/map?f=svg&width=600&legend=true&period={period}&lang={lang}")).await;
            assert_eq!(map.status, 200);
        }
    }
    let text = service.get("/report/K1?period=2024-02&format=html&lang=zh").await;
    let text = String::from_utf8(text.body.to_vec()).unwrap();
    assert!(text.contains("同比") && text.contains("环比") && text.contains("2023 年 2 月"), "{text}");
    for format in ["docx", "xlsx", "pdf", "csv", "json", "geojson", "md"] {
        let answer = service.get(&format!("/report/K1?period=2023&format={format}")).await;
        assert!(answer.status == 200 || answer.status == 400, "{format}: {}", answer.status);
    }
}

/// A dataset whose sales have another quarter that is declared before anybody has delivered it, and the figures of its default.
async fn with_a_quarter_to_come(filled: bool) -> Value {
    let dir = tempfile::tempdir().unwrap();
    let path = |file: &str| dir.path().join(file);
    crate::common::copy_dataset("tests/data/orchards", dir.path());
    let edit = |file: &str, change: &dyn Fn(&mut Value)| {
        let mut value = json_of(path(file).to_str().unwrap());
        change(&mut value);
        fs::write(path(file), value.to_string()).unwrap();
    };
    edit("dataset.json", &|manifest| {
        let collection = &mut manifest["collections"][1];
        let properties = collection["properties"].as_array_mut().unwrap();
        let mut property = properties.iter().find(|p| p["name"] == "sales_2024q3").unwrap().clone();
        property["name"] = json!("sales_2024q4");
        properties.push(property);
        collection["register"]["metrics"][0]["columns"]["2024Q4"] = json!("sales_2024q4");
    });
    if filled {
        edit("orchards.geojson", &|rows| rows["features"][0]["properties"]["sales_2024q4"] = json!(1.5));
    }
    let service = Service::open(dir.path().to_str().unwrap(), Disclosure::Full);
    let (dataset, summary) = (service.json("/dataset").await, service.json("/summary").await);
    json!([dataset["default_period"], dataset["latest_common_period"], summary["totals"]["sales"]["period"]])
}

#[tokio::test]
async fn a_period_that_nobody_has_delivered_is_not_the_default() {
    let before = with_a_quarter_to_come(false).await;
    assert_eq!(before[0], json!("2024Q3"));
    assert_eq!(before[2], json!("2024Q3"));
    let filled = with_a_quarter_to_come(true).await;
    assert_eq!((&filled[0], &filled[2]), (&json!("2024Q4"), &json!("2024Q4")));
    assert_eq!(before[1], filled[1]);
}
