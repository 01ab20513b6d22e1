//! What a reader without single figures is given depends on restricted figures through protected sums only: with every
//! restricted figure changed, all that holds no sums stays the same to the byte, and every file and page that does hold
//! sums has those of `/summary` and no others.

use crate::common::service::{Answer, Service};
use crate::common::{copy_dataset, encoded};
use calamine::{Data, Reader, Xlsx};
use serde_json::{Value, json};
use shigu::core::query::Disclosure;
use std::fs;
use std::io::Cursor;
use tempfile::TempDir;

const FOLDER: &str = "geodata/hangzhou";

/// The dataset with every restricted figure changed, each by a factor of its own.
fn changed() -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    copy_dataset(FOLDER, dir.path());
    let manifest: Value = serde_json::from_str(&fs::read_to_string(dir.path().join("dataset.json")).unwrap()).unwrap();
    let register = manifest["collections"].as_array().unwrap().iter().find(|c| c["role"] == "register").unwrap();
    let restricted: Vec<&Value> =
        register["properties"].as_array().unwrap().iter().filter(|p| p["restricted"] == true).collect();
    assert!(restricted.len() >= 2);
    let file = dir.path().join(register["file"].as_str().unwrap());
    let mut rows: Value = serde_json::from_str(&fs::read_to_string(&file).unwrap()).unwrap();
    let mut n = 0;
    for (i, row) in rows["features"].as_array_mut().unwrap().iter_mut().enumerate() {
        for property in &restricted {
            let value = &mut row["properties"][property["name"].as_str().unwrap()];
            // what is missing stays missing: how many report is public
            let Some(held) = value.as_f64().filter(|v| *v != 0.0) else { continue };
            let other = held * (1.5 + (i * 7919 % 100) as f64 / 10.0);
            *value = if property["type"] == "integer" {
                json!(other.ceil() as i64)
            } else {
                json!((other * 100.0).round() / 100.0)
            };
            n += 1;
        }
    }
    assert!(n > 1000);
    fs::write(file, rows.to_string()).unwrap();
    dir
}

/// Every page of the service that holds no sum.
fn without_sums(dataset: &Value) -> Vec<String> {
    let mut all: Vec<String> = [
        "/site",
        "/dataset",
        "/collections",
        "/plan",
        "/indicators",
        "/style.json",
        "/tiles",
        "/qgis/shigu.qgs",
        "/conformance",
        "/map?width=400&height=300&f=svg",
        "/map?zone=330106&width=400&height=300&f=svg&legend=true",
    ]
    .map(str::to_owned)
    .to_vec();
    let names = ["西湖", "智能", "S00001", "1"];
    all.extend(names.map(|q| format!("/search?q={}", encoded(q))));
    let collections = dataset["collections"].as_array().unwrap();
    assert!(collections.len() > 5);
    for id in collections.iter().map(|c| c["id"].as_str().unwrap()) {
        for rest in ["", "/queryables", "/tiles", "/map?width=300&height=300&f=svg"] {
            all.push(format!("/collections/{id}{rest}"));
        }
        for format in ["json", "html", "csv", "geojsonseq", "fgb", "parquet"] {
            all.push(format!("/collections/{id}/items?limit=700&f={format}"));
        }
        all.push(format!("/xyz/{id}/tilejson.json"));
    }
    for sort in ["name", "-founded", "cluster,-id"] {
        all.push(format!("/collections/enterprises/items?limit=500&sortby={}", encoded(sort)));
    }
    for filter in ["founded > 2015 AND size = 'small'", "S_INTERSECTS(geometry, BBOX(120.1,30.2,120.2,30.3))"] {
        all.push(format!("/collections/enterprises/items?limit=500&filter={}", encoded(filter)));
    }
    all
}

/// The body without what is hashed over the whole dataset, and without the time of the answer.
fn body(answer: &Answer, revision: &str) -> Vec<u8> {
    const STAMP: &str = "\"timeStamp\":\"";
    let Ok(text) = std::str::from_utf8(&answer.body) else { return answer.body.to_vec() };
    let mut text = text.replace(revision, "REVISION");
    if let Some(at) = text.find(STAMP).map(|at| at + STAMP.len()) {
        let end = at + text[at..].find('"').unwrap();
        text.replace_range(at..end, "");
    }
    text.into_bytes()
}

#[tokio::test]
async fn what_holds_no_sums_does_not_depend_on_restricted_figures() {
    let dir = changed();
    let one = Service::open(FOLDER, Disclosure::Aggregates);
    let other = Service::open(dir.path().to_str().unwrap(), Disclosure::Aggregates);
    let (a, b) = (one.json("/dataset").await, other.json("/dataset").await);
    let revision = |d: &Value| d["revision"].as_str().unwrap().to_owned();
    assert_ne!(revision(&a), revision(&b));
    let mut read = 0;
    for uri in without_sums(&a) {
        let (x, y) = (one.get(&uri).await, other.get(&uri).await);
        assert_eq!(x.status, y.status, "{uri}");
        let (p, q) = (body(&x, &revision(&a)), body(&y, &revision(&b)));
        if p != q {
            let at = p.iter().zip(&q).position(|(p, q)| p != q).unwrap_or(p.len().min(q.len()));
            let near = |b: &[u8]| String::from_utf8_lossy(&b[at.saturating_sub(80)..b.len().min(at + 80)]).into_owned();
            panic!("{uri} depends on restricted figures:\n{}\n{}", near(&p), near(&q));
        }
        read += usize::from(x.status == 200);
    }
    assert!(read > 80, "{read}");
    // the owner's rows do, so that the comparison sees what it looks for
    let (one, other) =
        (Service::open(FOLDER, Disclosure::Full), Service::open(dir.path().to_str().unwrap(), Disclosure::Full));
    let uri = "/collections/enterprises/items?limit=700&f=csv";
    assert_ne!(one.get(uri).await.body, other.get(uri).await.body);
}

/// The sum of the first metric as the overview of a workbook has it.
fn of_workbook(bytes: &[u8]) -> Option<f64> {
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes.to_vec())).unwrap();
    let sheet = book.worksheet_range("Overview").unwrap();
    let row = sheet.rows().find(|r| r[0].to_string().starts_with("Revenue, sum"))?;
    match row[1] {
        Data::Float(sum) => Some(sum),
        Data::Int(sum) => Some(sum as f64),
        _ => None,
    }
}

async fn report(service: &Service, question: &Value, format: &str) -> Answer {
    service.post(&format!("/report?format={format}&lang=en"), "application/json", question.to_string()).await
}

/// Circles, holes, conditions, zones: the workbook of each has the sum of `/summary`, and no file of rows has figures.
#[tokio::test]
async fn files_hold_the_protected_sums_and_no_others() {
    let (owner, reader) = (Service::open(FOLDER, Disclosure::Full), Service::open(FOLDER, Disclosure::Aggregates));
    let questions = [
        json!({"zone": "330106"}),
        json!({"zone": "city", "year": 2023}),
        json!({"zone": "330106", "combine": [{"op": "difference", "circle": {"center": [120.07539, 30.12929], "radius_m": 1}}]}),
        json!({"circle": {"center": [120.2, 30.2], "radius_m": 3000}}),
        json!({"zone": "330108", "filter": "founded > 2010"}),
        json!({"nearest": {"center": [120.2, 30.2], "k": 60}}),
    ];
    let mut compared = 0;
    for question in &questions {
        let summary = |s: &Answer| s.json()["totals"]["revenue"]["sum"].as_f64();
        let post = async |service: &Service| service.post("/summary", "application/json", question.to_string()).await;
        let (exact, shown) = (summary(&post(&owner).await), summary(&post(&reader).await));
        let (a, b) = (report(&owner, question, "xlsx").await, report(&reader, question, "xlsx").await);
        assert_eq!(a.status, b.status, "{question}");
        assert_eq!((of_workbook(&a.body), of_workbook(&b.body)), (exact, shown), "{question}");
        assert!(exact.is_some() && exact != shown, "{question}: {exact:?} {shown:?}");
        for format in ["csv", "geojson"] {
            let file = report(&reader, question, format).await;
            let text = String::from_utf8_lossy(&file.body).into_owned();
            assert!(file.status == 200 && text.len() > 1000, "{question} {format}");
            assert!(!text.to_lowercase().contains("revenue") && !text.contains("营业收入"), "{question} {format}");
        }
        // the exact sum stands nowhere in what is read as text, in whatever unit it is said there
        let html = report(&reader, question, "html").await;
        let html = String::from_utf8_lossy(&html.body).replace(',', "");
        let exact = exact.unwrap();
        for digits in [format!("{exact:.2}"), format!("{:.3}", exact / 100.0), format!("{:.4}", exact / 10_000.0)] {
            assert!(!html.contains(&digits), "{question}: {digits}");
        }
        compared += 1;
    }
    assert_eq!(compared, questions.len());
}
