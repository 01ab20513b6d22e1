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
        "/systems",
        "/dataset",
        "/freshness",
        "/freshness?f=csv",
        "/collections",
        "/plan",
        "/plan/items",
        "/plan/items/targets.fusion_projects",
        "/plan/progress?f=csv",
        "/indicators",
        "/style.json",
        "/tiles",
        "/qgis/shigu.qgs",
        "/conformance",
        "/zones/lq",
        "/zones/lq?kind=district&secondary=true",
        "/zones/profile",
        "/zones/pairs",
        "/zones/pairs?kind=district&secondary=true",
        "/hotspots/areas",
        "/hotspots/areas?zone=330106&f=csv",
        "/hotspots/hexagons",
        "/hotspots/hexagons?cluster=vision&f=csv",
        "/hotspots/density",
        "/hotspots/areas?method=hdbscan",
        "/hotspots/distances?zone=330106&class=vision&simulations=100",
        "/hotspots/areas/events?method=hdbscan",
        "/hotspots/distances/events?zone=330106&class=robot&simulations=100",
        "/collections/enterprises/items/S00400/place",
        "/collections/enterprises/items/S00400/partners",
        "/map?width=400&height=300&f=svg",
        "/map?zone=330106&width=400&height=300&f=svg&legend=true",
        "/map?zone=330106&year=2023&cluster=vision&width=300&height=300&f=png",
        "/",
        "/api",
        "/api?f=html",
        "/healthz",
        "/metrics",
        "/readyz",
        "/tileMatrixSets",
        "/tileMatrixSets/WebMercatorQuad",
        "/tiles/WebMercatorQuad",
        "/imports/template.xlsx",
        "/session",
        "/reports",
        "/s/00000000",
        "/basemap.pmtiles",
        "/xyz/enterprises/13/6830/3369.mvt",
        "/xyz/enterprises/15/27325/13485.mvt?year=2025",
        "/collections/enterprises/tiles/WebMercatorQuad/13/3369/6830",
        "/tiles/WebMercatorQuad/13/3369/6830",
        "/report/330106?format=csv",
        "/report/330106?format=geojson&lang=en",
    ]
    .map(str::to_owned)
    .to_vec();
    let names = ["西湖", "智能", "S00001", "1"];
    all.extend(names.map(|q| format!("/search?q={}", encoded(q))));
    let collections = dataset["collections"].as_array().unwrap();
    assert!(collections.len() > 5);
    for id in collections.iter().map(|c| c["id"].as_str().unwrap()) {
        for rest in ["", "/queryables", "/tiles", "/tiles/WebMercatorQuad", "/map?width=300&height=300&f=svg"] {
            all.push(format!("/collections/{id}{rest}"));
        }
        for format in ["json", "html", "csv", "geojsonseq", "fgb", "parquet"] {
            all.push(format!("/collections/{id}/items?limit=700&f={format}"));
        }
        all.push(format!("/xyz/{id}/tilejson.json"));
    }
    for id in ["S00001", "S00400", "S04999"] {
        for format in ["json", "html"] {
            all.push(format!("/collections/enterprises/items/{id}?f={format}"));
        }
    }
    for sort in ["name", "-founded", "cluster,-id"] {
        all.push(format!("/collections/enterprises/items?limit=500&sortby={}", encoded(sort)));
    }
    for filter in ["founded > 2015 AND size = 'small'", "S_INTERSECTS(geometry, BBOX(120.1,30.2,120.2,30.3))"] {
        all.push(format!("/collections/enterprises/items?limit=500&filter={}", encoded(filter)));
    }
    all
}

/// What is posted and holds no sum.
fn posted() -> Vec<(&'static str, Value)> {
    let circle = json!({"center": [120.2, 30.2], "radius_m": 3000});
    vec![
        ("/collections/enterprises/search?limit=500", json!({"circle": circle})),
        (
            "/collections/enterprises/search?limit=50&sortby=-founded",
            json!({"nearest": {"center": [120.2, 30.2], "k": 60}}),
        ),
        (
            "/collections/enterprises/search?limit=500",
            json!({"buffer": {"collection": "districts", "id": "330106", "distance_m": 500}}),
        ),
        ("/collections/platforms/search", json!({"zone": "city"})),
        ("/map?width=300&height=300&f=svg&legend=true", json!({"circle": circle})),
    ]
}

/// Resources that hold sums, and where that is held of them: `tests/attack.rs`, `files_hold_the_protected_sums_and_no_others`.
/// Tiles hold sums where rows are counted in cells.
const SUMS: [&str; 14] = [
    "/site-selection",
    "/site-selection/classes",
    "/choropleth",
    "/summary",
    "/summary/lq",
    "/summary/periods",
    "/trial",
    "/zones",
    "/zones/chain",
    "/zones/change",
    "/zones/movements",
    "/zones/ranking",
    "/zones/ratios",
    "/report",
];
/// What begins so is about jobs, papers of `/zones/movements` that are kept, files on their way in, rounds, drafts, links, saved items and accounts, which are not there for this reader; or is held by
/// `versions_tell_nothing_of_restricted_figures`. Points are read from what is sent, and outlines.
const OTHERS: [&str; 14] = [
    "/accounts",
    "/audit",
    "/briefings",
    "/consultations",
    "/drafts",
    "/imports",
    "/layouts",
    "/links",
    "/points",
    "/reports",
    "/rounds",
    "/saved",
    "/session",
    "/versions",
];

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
    for (uri, question) in posted() {
        let post = async |service: &Service| service.post(uri, "application/json", question.to_string()).await;
        let (x, y) = (post(&one).await, post(&other).await);
        assert_eq!((x.status.as_u16(), y.status.as_u16()), (200, 200), "{uri}: {}", String::from_utf8_lossy(&x.body));
        assert!(body(&x, &revision(&a)) == body(&y, &revision(&b)), "{uri} depends on restricted figures");
        read += 1;
    }
    assert!(read > 110, "{read}");
    // the owner's rows do, so that the comparison sees what it looks for
    let (one, other) =
        (Service::open(FOLDER, Disclosure::Full), Service::open(dir.path().to_str().unwrap(), Disclosure::Full));
    let uri = "/collections/enterprises/items?limit=700&f=csv";
    assert_ne!(one.get(uri).await.body, other.get(uri).await.body);
}

/// Every resource of the service is compared, or stands in one of the lists above.
#[tokio::test]
async fn every_resource_is_compared_or_known_to_hold_sums() {
    let service = Service::open(FOLDER, Disclosure::Aggregates);
    let dataset = service.json("/dataset").await;
    let mut uris = without_sums(&dataset);
    uris.extend(posted().into_iter().map(|(uri, _)| uri.to_owned()));
    let of = |path: &str| -> Vec<String> { path.split('/').map(str::to_owned).collect() };
    let compared: Vec<Vec<String>> = uris.iter().map(|uri| of(uri.split('?').next().unwrap())).collect();
    let is_of = |path: &[String], address: &[String]| {
        let part = |(a, b): (&String, &String)| a.contains('{') || a == b;
        path.len() == address.len() && path.iter().zip(address).all(part)
    };
    let document: Value = serde_json::from_str(&shigu::http::openapi()).unwrap();
    let mut paths = 0;
    for path in document["paths"].as_object().unwrap().keys() {
        paths += 1;
        let other = OTHERS.iter().any(|begin| path.starts_with(begin));
        let known = SUMS.contains(&path.as_str()) || other || compared.iter().any(|address| is_of(&of(path), address));
        assert!(known, "{path}: does it depend on restricted figures?");
    }
    assert!(paths > 55, "{paths}");
}

/// What is said of versions, for whom sees no restricted figures: no hash of a file of few rows, whose figures could be
/// tried one after the other, and no value that changed.
#[tokio::test]
async fn versions_tell_nothing_of_restricted_figures() {
    let said = async |figures: [f64; 2]| {
        let data = tempfile::tempdir().unwrap();
        let open = |disclosure| Service::in_data_folder("tests/data/tinyville", disclosure, data.path());
        let owner = open(Disclosure::Full);
        for figure in figures {
            crate::imports::publish(&owner, &[(1, 120.01234, figure)]).await;
        }
        let mut both = Vec::new();
        for service in [owner, open(Disclosure::Aggregates)] {
            let mut all = String::new();
            for uri in ["/versions", "/versions/1", "/versions/2", "/versions/1/changes", "/versions/2/changes"] {
                let mut answer = service.json(uri).await;
                // the time, and the revision of all that is in the dataset
                let many = answer["versions"].as_array_mut();
                let versions: Vec<&mut Value> = many.map_or_else(Vec::new, |list| list.iter_mut().collect());
                for version in versions {
                    (version["revision"], version["created"]) = (Value::Null, Value::Null);
                }
                (answer["revision"], answer["created"]) = (Value::Null, Value::Null);
                all.extend([uri, " ", answer.to_string().as_str(), "\n"]);
            }
            both.push(all);
        }
        both
    };
    let (one, other) = (said([10.25, 11.5]).await, said([700.25, 950.0]).await);
    assert_ne!(one[0], other[0], "the owner sees which file it was, and what changed");
    assert_eq!(one[1], other[1]);
    assert!(one[1].contains("a.csv") && one[1].contains("changed") && one[0].contains("11.5"), "{}", one[1]);
}

/// The sum of the first metric as the overview of a workbook has it.
pub(crate) fn of_workbook(bytes: &[u8]) -> Option<f64> {
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
        json!({"buffer": {"collection": "districts", "id": "330108", "distance_m": 900}}),
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
