//! Panel, `/summary`, XLSX and CSV say the same, for every district and platform of Hangzhou; the parts are the whole.

use crate::common;

use calamine::{Data, Reader, Xlsx};
use common::service::Service;
use serde_json::{Value, json};
use shigu::core::query::Disclosure;
use std::io::Cursor;

/// Hundredths, so that sums can be compared exactly.
fn cents(v: &Value) -> i128 {
    (v.as_f64().unwrap_or(0.0) * 100.0).round() as i128
}

/// What a CSV of enterprises adds up to: rows, revenue in hundredths, staff.
fn csv_totals(bytes: &[u8], year: u64) -> (u64, i128, i128) {
    let text = std::str::from_utf8(bytes).unwrap().strip_prefix('\u{feff}').expect("a BOM, so that Excel reads UTF-8");
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let heads = reader.headers().unwrap().clone();
    let place = |what: &str| {
        let wanted = |h: &str| h.contains(what) && h.contains(&year.to_string());
        heads.iter().position(wanted).unwrap_or_else(|| panic!("no column {what} {year} in {heads:?}"))
    };
    let (revenue, staff) = (place("营业收入"), place("从业人"));
    let mut out = (0, 0, 0);
    for row in reader.records().map(Result::unwrap) {
        out.0 += 1;
        out.1 += (row[revenue].parse::<f64>().unwrap_or(0.0) * 100.0).round() as i128;
        out.2 += i128::from(row[staff].parse::<i64>().unwrap_or(0));
    }
    out
}

fn number(cell: Option<&Data>) -> f64 {
    match cell {
        Some(Data::Float(f)) => *f,
        Some(Data::Int(i)) => *i as f64,
        Some(Data::Empty) | None => 0.0,
        other => panic!("not a number: {other:?}"),
    }
}

/// The sheet 集群: per row count, revenue, staff; the last row is the total.
fn xlsx_clusters(bytes: &[u8]) -> Vec<(String, u64, i128, i128)> {
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes.to_vec())).unwrap();
    // what is planned is compared where something is
    let mut sheets = book.sheet_names();
    // profiles are of the whole, and quotients stand where there is something to compare with
    let sometimes = ["规划范围与热点", "画像", "邻近与同处", "区位熵"];
    sheets.retain(|name| !sometimes.contains(&name.as_str()));
    assert_eq!(sheets, ["概况", "集群", "历年", "产业平台", "变化", "产业链", "热点区域", "企业", "口径"]);
    let sheet = book.worksheet_range("集群").unwrap();
    let rows: Vec<Vec<Data>> = sheet.rows().map(<[Data]>::to_vec).collect();
    let text = |d: &Data| d.to_string();
    let head = rows.iter().position(|r| r.iter().any(|c| text(c).contains("企业数"))).expect("a head row");
    let place =
        |what: &str| rows[head].iter().position(|c| text(c).starts_with(what)).unwrap_or_else(|| panic!("no {what}"));
    let (name, count, revenue, staff) = (place("集群"), place("企业数"), place("营业收入"), place("从业人"));
    rows[head + 1..]
        .iter()
        .take_while(|r| !text(&r[name]).is_empty())
        .map(|r| {
            let revenue = (number(r.get(revenue)) * 100.0).round() as i128;
            (text(&r[name]), number(r.get(count)) as u64, revenue, number(r.get(staff)) as i128)
        })
        .collect()
}

fn check(what: &str, summary: &Value, xlsx: &[u8], csv: &[u8]) {
    let year = summary["year"].as_u64().unwrap();
    let expected = (
        summary["counts"]["matched"].as_u64().unwrap(),
        cents(&summary["totals"]["revenue"]["sum"]),
        cents(&summary["totals"]["employees"]["sum"]) / 100,
    );
    assert_eq!(csv_totals(csv, year), expected, "CSV of {what}");
    let rows = xlsx_clusters(xlsx);
    let (_, count, revenue, staff) = rows.last().unwrap();
    assert_eq!((*count, *revenue, *staff), expected, "XLSX of {what}");
    let clusters = summary["clusters"].as_array().unwrap();
    assert_eq!(rows.len(), clusters.len() + 1);
    for (row, cluster) in rows.iter().zip(clusters) {
        assert!(row.0.contains(cluster["name"]["zh"].as_str().unwrap()), "{row:?}");
        assert_eq!(row.1, cluster["count"].as_u64().unwrap());
        assert_eq!(row.2, cents(&cluster["amounts"]["revenue"]["sum"]), "{what} {row:?}");
        assert_eq!(row.3, cents(&cluster["amounts"]["employees"]["sum"]) / 100);
    }
}

#[tokio::test]
async fn panel_summary_and_files_agree_for_every_zone() {
    let service = Service::hangzhou(Disclosure::Full);
    let zones = service.json("/zones").await;
    let mut ids: Vec<(String, u64)> = zones["zones"]
        .as_array()
        .unwrap()
        .iter()
        .map(|z| (z["id"].as_str().unwrap().to_owned(), z["count"].as_u64().unwrap()))
        .collect();
    assert_eq!(ids.iter().filter(|(id, _)| id.starts_with("330")).count(), 13);
    assert!(ids.iter().filter(|(id, _)| id.starts_with('P')).count() >= 9);
    for rest in service.json("/zones?kind=district").await["rest"].as_array().unwrap() {
        ids.push((rest["id"].as_str().unwrap().to_owned(), rest["count"].as_u64().unwrap()));
    }
    for (id, listed) in &ids {
        let summary = service.json(&format!("/summary?zone={id}")).await;
        assert_eq!(summary["counts"]["matched"].as_u64().unwrap(), *listed, "the list and the summary of {id}");
        let xlsx = service.get(&format!("/report/{id}?format=xlsx&lang=zh")).await;
        let csv = service.get(&format!("/report/{id}?format=csv&lang=zh")).await;
        check(id, &summary, &xlsx.body, &csv.body);
    }
    let city = service.json("/summary").await;
    let (xlsx, csv) = (service.get("/report/city?lang=zh").await, service.get("/report/city?format=csv&lang=zh").await);
    check("city", &city, &xlsx.body, &csv.body);
    // another year and a filter
    let summary = service.json("/summary?zone=330108&year=2021&cluster=vision").await;
    let xlsx = service.get("/report/330108?year=2021&cluster=vision&lang=zh").await;
    let csv = service.get("/report/330108?year=2021&cluster=vision&lang=zh&format=csv").await;
    check("330108 vision 2021", &summary, &xlsx.body, &csv.body);
}

/// A platform without a published area is requested by the reader's own circle.
#[tokio::test]
async fn circles_around_platforms_agree() {
    let service = Service::hangzhou(Disclosure::Full);
    let platforms = service.json("/collections/platforms/items?limit=100").await;
    assert_eq!(platforms["numberMatched"], 47);
    let mut compared = 0;
    for p in platforms["features"].as_array().unwrap() {
        let Some(center) = p["geometry"]["coordinates"].as_array() else { continue };
        let body = json!({"circle": {"center": center, "radius_m": 1000}}).to_string();
        let summary = service.post("/summary", "application/json", body.clone()).await.json();
        let xlsx = service.post("/report?format=xlsx&lang=zh", "application/json", body.clone()).await;
        let csv = service.post("/report?format=csv&lang=zh", "application/json", body).await;
        check(p["id"].as_str().unwrap(), &summary, &xlsx.body, &csv.body);
        compared += 1;
    }
    assert!(compared > 30);
}

#[tokio::test]
async fn districts_outside_and_undeclared_are_the_city() {
    let service = Service::hangzhou(Disclosure::Full);
    for query in ["", "&year=2020", "&cluster=robot", "&year=2023&cluster=vision", "&above_scale=true"] {
        let list = service.json(&format!("/zones?kind=district{query}")).await;
        let parts: Vec<&Value> =
            list["zones"].as_array().unwrap().iter().chain(list["rest"].as_array().unwrap()).collect();
        assert_eq!(parts.len(), 15);
        let add = |f: &dyn Fn(&Value) -> i128| parts.iter().map(|p| f(p)).sum::<i128>();
        let city = &list["city"];
        for f in [
            &|v: &Value| i128::from(v["count"].as_u64().unwrap()),
            &|v: &Value| cents(&v["amounts"]["revenue"]["sum"]),
            &|v: &Value| cents(&v["amounts"]["employees"]["sum"]),
            &|v: &Value| i128::from(v["amounts"]["revenue"]["missing"].as_u64().unwrap()),
        ] as [&dyn Fn(&Value) -> i128; 4]
        {
            assert_eq!(add(f), f(city), "{query}");
        }
        assert!(cents(&city["amounts"]["revenue"]["sum"]) > 0);
        let whole = service.json(&format!("/summary?{}", query.trim_start_matches('&'))).await;
        assert_eq!(whole["counts"]["matched"], city["count"]);
        assert_eq!(whole["totals"]["revenue"], city["amounts"]["revenue"]);
    }
}

/// The sums are those of the file itself, read apart from our reader.
#[tokio::test]
async fn the_city_is_what_the_file_says() {
    let service = Service::hangzhou(Disclosure::Full);
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/geodata/hangzhou/enterprises.geojson");
    let file: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    let rows = file["features"].as_array().unwrap();
    let city = service.json("/summary?year=2024").await;
    assert_eq!(city["counts"]["matched"], rows.len());
    assert_eq!(city["counts"]["unlocated"], rows.iter().filter(|r| r["geometry"].is_null()).count());
    assert_eq!(
        cents(&city["totals"]["revenue"]["sum"]),
        rows.iter().map(|r| cents(&r["properties"]["revenue_2024"])).sum()
    );
    let missing = rows.iter().filter(|r| r["properties"]["revenue_2024"].is_null()).count();
    assert_eq!(city["totals"]["revenue"]["missing"], missing);
    for c in city["clusters"].as_array().unwrap() {
        let own = rows.iter().filter(|r| r["properties"]["cluster"] == c["code"]).count();
        assert_eq!(c["count"], own);
    }
}
