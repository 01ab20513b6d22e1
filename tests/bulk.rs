//! Files of many rows, read back by other programs and compared with the GeoJSON of the same rows, feature by feature.

use crate::common;

use axum::body::Body;
use axum::http::{Method, Request};
use common::service::{Answer, Service};
use flatgeobuf::{FallibleStreamingIterator, FeatureProperties, FgbReader};
use geo::Geometry;
use geozero::ToGeo;
use geozero::wkb::{GpkgWkb, Wkb};
use http_body_util::BodyExt;
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::record::Field;
use rusqlite::types::Value as Sql;
use serde_json::{Map, Value, json};
use shigu::core::query::Disclosure;
use std::collections::BTreeMap;
use std::path::Path;
use tempfile::TempDir;
use tower::ServiceExt;

const FORMATS: [(&str, &str); 5] = [
    ("geojsonseq", "application/geo+json-seq"),
    ("csv", "text/csv"),
    ("fgb", "application/flatgeobuf"),
    ("parquet", "application/vnd.apache.parquet"),
    ("gpkg", "application/geopackage+sqlite3"),
];

/// A feature as a file has it: geometry, and the properties that have a value, by the names of the file's columns.
type Feature = (Option<Geometry<f64>>, BTreeMap<String, Value>);
type Features = BTreeMap<String, Feature>;

fn service(folder: &str) -> Service {
    Service::open(folder, Disclosure::Full)
}

/// What a word of a cell means, whatever type the file has for it: numbers as numbers, everything else as text.
fn plain(value: Value) -> Option<Value> {
    match value {
        Value::Null => None,
        Value::Number(n) => Some(json!(n.as_f64())),
        Value::Bool(b) => Some(json!(f64::from(u8::from(b)))),
        Value::Array(_) => Some(Value::String(value.to_string())),
        other => Some(other),
    }
}

fn geometry(value: &Value) -> Option<Geometry<f64>> {
    let read: Option<geojson::Geometry> = serde_json::from_value(value.clone()).unwrap();
    read.map(|g| g.try_into().unwrap())
}

fn feature(f: &Value) -> (String, Feature) {
    let properties: Map<String, Value> = f["properties"].as_object().unwrap().clone();
    let all = properties.into_iter().filter_map(|(name, v)| Some((name, plain(v)?))).collect();
    (f["id"].as_str().unwrap().to_owned(), (geometry(&f["geometry"]), all))
}

/// The features by their GeoJSON, all pages of it.
async fn expected(s: &Service, items: &str) -> Features {
    let page = s.json(&format!("{items}{}limit=10000", if items.contains('?') { '&' } else { '?' })).await;
    page["features"].as_array().unwrap().iter().map(feature).collect()
}

async fn file(s: &Service, items: &str, f: &str) -> Answer {
    let answer = s.get(&format!("{items}{}f={f}", if items.contains('?') { '&' } else { '?' })).await;
    assert_eq!(answer.status, 200, "{items} {f}: {}", String::from_utf8_lossy(&answer.body));
    answer
}

fn sequence(body: &[u8]) -> Features {
    let text = std::str::from_utf8(body).unwrap();
    let records = text.split('\u{1e}').skip(1);
    records
        .map(|r| feature(&serde_json::from_str(r.strip_suffix('\n').expect("a record ends with LF")).unwrap()))
        .collect()
}

fn flatgeobuf(body: &[u8]) -> Features {
    let reader = FgbReader::open(body).unwrap();
    let count = reader.header().features_count();
    let columns: Vec<String> = reader.header().columns().unwrap().iter().map(|c| c.name().to_owned()).collect();
    let mut all = Features::new();
    let mut features = reader.select_all_seq().unwrap();
    while let Some(f) = features.next().unwrap() {
        let mut own = BTreeMap::new();
        f.process_properties(&mut Properties(&mut own)).unwrap();
        assert!(own.keys().all(|k| columns.contains(k)));
        let id = own.remove("id").unwrap().as_str().unwrap().to_owned();
        let place = f.fbs_feature().geometry().map(|_| f.to_geo().unwrap());
        all.insert(id, (place, own));
    }
    assert_eq!(count as usize, all.len());
    all
}

struct Properties<'a>(&'a mut BTreeMap<String, Value>);

impl geozero::PropertyProcessor for Properties<'_> {
    fn property(&mut self, _: usize, name: &str, value: &geozero::ColumnValue) -> geozero::error::Result<bool> {
        use geozero::ColumnValue as C;
        let value = match value {
            C::String(s) | C::DateTime(s) | C::Json(s) => json!(s),
            C::Long(i) => json!(*i as f64),
            C::Double(d) => json!(d),
            C::Bool(b) => json!(f64::from(u8::from(*b))),
            other => panic!("{other:?}"),
        };
        self.0.insert(name.to_owned(), value);
        Ok(false)
    }
}

fn parquet(body: &axum::body::Bytes) -> Features {
    let reader = SerializedFileReader::new(body.clone()).unwrap();
    let pairs = reader.metadata().file_metadata().key_value_metadata().unwrap();
    let about: Value =
        serde_json::from_str(pairs.iter().find(|p| p.key == "geo").unwrap().value.as_ref().unwrap()).unwrap();
    assert_eq!((&about["version"], &about["columns"]["geometry"]["encoding"]), (&json!("1.1.0"), &json!("WKB")));
    let mut all = Features::new();
    for row in reader.get_row_iter(None).unwrap() {
        let (mut place, mut own) = (None, BTreeMap::new());
        for (name, field) in row.unwrap().get_column_iter() {
            let value = match field {
                Field::Null => continue,
                Field::Bytes(b) => {
                    place = Some(Wkb(b.data()).to_geo().unwrap());
                    continue;
                }
                Field::Group(edges) if name == "bbox" => {
                    let place = place.as_ref().unwrap();
                    let edges =
                        edges.get_column_iter().map(|(_, f)| if let Field::Double(d) = f { *d } else { f64::NAN });
                    let b = shigu::core::geometry::Bounds::of(place).to_array();
                    assert_eq!(edges.collect::<Vec<_>>(), b);
                    continue;
                }
                Field::Str(s) => json!(s),
                Field::Long(i) => json!(*i as f64),
                Field::Double(d) => json!(d),
                Field::Bool(b) => json!(f64::from(u8::from(*b))),
                Field::Date(days) => {
                    let day = shigu::core::columns::Moment::instant(i64::from(*days) * 86_400_000_000).to_string();
                    json!(day[..10])
                }
                Field::TimestampMicros(m) => json!(shigu::core::columns::Moment::instant(*m).to_string()),
                Field::Decimal(d) => {
                    let digits =
                        d.data().iter().fold(i64::from(d.data()[0].cast_signed() >> 7), |n, b| n << 8 | i64::from(*b));
                    json!(digits as f64 / 10f64.powi(d.scale()))
                }
                Field::ListInternal(list) => {
                    let words: Vec<&str> =
                        list.elements().iter().map(|e| if let Field::Str(s) = e { s.as_str() } else { "?" }).collect();
                    json!(serde_json::to_string(&words).unwrap())
                }
                other => panic!("{name}: {other:?}"),
            };
            own.insert(name.clone(), value);
        }
        let id = own.remove("id").unwrap().as_str().unwrap().to_owned();
        all.insert(id, (place, own));
    }
    all
}

fn geopackage(body: &[u8], dir: &Path) -> (Features, rusqlite::Connection) {
    let path = dir.join("x.gpkg");
    std::fs::write(&path, body).unwrap();
    let db = rusqlite::Connection::open(&path).unwrap();
    let said: String = db.query_row("PRAGMA integrity_check", [], |r| r.get(0)).unwrap();
    assert_eq!(said, "ok");
    let (table, changed): (String, String) =
        db.query_row("SELECT table_name, last_change FROM gpkg_contents", [], |r| Ok((r.get(0)?, r.get(1)?))).unwrap();
    let form: String = changed.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect();
    assert_eq!(form, "0000-00-00T00:00:00.000Z", "{changed}");
    let mut all = Features::new();
    {
        let mut rows = db.prepare(&format!("SELECT * FROM \"{table}\"")).unwrap();
        let names: Vec<String> = rows.column_names().map(str::to_owned).collect();
        let mut rows = rows.query([]).unwrap();
        while let Some(row) = rows.next().unwrap() {
            let (mut place, mut own) = (None, BTreeMap::new());
            for (i, name) in names.iter().enumerate().skip(1) {
                let value = match row.get(i).unwrap() {
                    Sql::Null => continue,
                    Sql::Blob(b) => {
                        place = Some(GpkgWkb(b.as_slice()).to_geo().unwrap());
                        continue;
                    }
                    Sql::Integer(n) => json!(n as f64),
                    Sql::Real(n) => json!(n),
                    Sql::Text(t) => json!(t),
                };
                own.insert(name.clone(), value);
            }
            let id = own.remove("id").unwrap().as_str().unwrap().to_owned();
            all.insert(id, (place, own));
        }
    }
    (all, db)
}

fn alike(items: &str, f: &str, found: &Features, expected: &Features) {
    assert_eq!(found.len(), expected.len(), "{items} {f}");
    for (id, feature) in expected {
        assert_eq!(&found[id], feature, "{items} {f} {id}");
    }
}

#[tokio::test]
async fn every_form_has_the_same_features() {
    let dir = TempDir::new().unwrap();
    for (folder, items) in [
        ("tests/data/tinyville", "/collections/districts/items"),
        ("tests/data/tinyville", "/collections/layout/items"),
        ("tests/data/tinyville", "/collections/platforms/items"),
        ("tests/data/tinyville", "/collections/enterprises/items"),
        ("tests/data/tinyville", "/collections/enterprises/items?zone=T02&cluster=vision"),
        ("tests/data/tinyville", "/collections/enterprises/items?filter=geometry%20IS%20NULL"),
        ("tests/data/tinyville", "/collections/enterprises/items?filter=founded%3D1"),
        ("geodata/hangzhou", "/collections/layout/items?bbox=119,30,120,31"),
        ("geodata/hangzhou", "/collections/enterprises/items?zone=330110"),
    ] {
        let s = service(folder);
        let expected = expected(&s, items).await;
        alike(items, "geojsonseq", &sequence(&file(&s, items, "geojsonseq").await.body), &expected);
        alike(items, "fgb", &flatgeobuf(&file(&s, items, "fgb").await.body), &expected);
        alike(items, "parquet", &parquet(&file(&s, items, "parquet").await.body), &expected);
        let (found, db) = geopackage(&file(&s, items, "gpkg").await.body, dir.path());
        alike(items, "gpkg", &found, &expected);
        let table: String = db.query_row("SELECT table_name FROM gpkg_contents", [], |r| r.get(0)).unwrap();
        let indexed: u32 =
            db.query_row(&format!("SELECT count(*) FROM \"rtree_{table}_geom\""), [], |r| r.get(0)).unwrap();
        assert_eq!(indexed as usize, expected.values().filter(|f| f.0.is_some()).count(), "{items}");
        csv_alike(items, &file(&s, items, "csv").await.body, &expected);
    }
}

fn csv_alike(items: &str, body: &[u8], expected: &Features) {
    let body = body.strip_prefix("\u{FEFF}".as_bytes()).expect("a BOM");
    let mut reader = csv::Reader::from_reader(body);
    let heads = reader.headers().unwrap().clone();
    let mut seen = 0;
    for record in reader.records().map(Result::unwrap) {
        let row: BTreeMap<&str, &str> = heads.iter().zip(&record).collect();
        let (place, own) = &expected[row["id"]];
        seen += 1;
        for name in heads.iter().filter(|n| !["id", "longitude", "latitude", "WKT"].contains(n)) {
            let wanted = own.get(name).cloned().unwrap_or(json!(""));
            let said = match (&wanted, row[name]) {
                (Value::Number(_), "true") => json!(1.0),
                (Value::Number(_), "false") => json!(0.0),
                (Value::Number(_), n) => json!(n.parse::<f64>().unwrap()),
                (Value::String(list), t) if list.starts_with('[') => {
                    json!(serde_json::to_string(&t.split(';').filter(|w| !w.is_empty()).collect::<Vec<_>>()).unwrap())
                }
                (_, t) => json!(t.strip_prefix('\'').unwrap_or(t)),
            };
            assert_eq!(said, wanted, "{items} csv {} {name}", row["id"]);
        }
        match (place, row.get("longitude")) {
            (Some(Geometry::Point(p)), Some(lon)) => {
                assert_eq!((lon.parse(), row["latitude"].parse()), (Ok(p.x()), Ok(p.y())), "{items}");
            }
            (None, Some(lon)) => assert_eq!((*lon, row["latitude"]), ("", "")),
            (place, None) => assert_eq!(place.is_none(), row["WKT"].is_empty()),
            other => panic!("{items}: {other:?}"),
        }
    }
    assert_eq!(seen, expected.len(), "{items}");
}

/// Names that a file keeps for itself, texts that mean something to programs, and every sort of geometry.
#[tokio::test]
async fn odd_names_texts_and_shapes() {
    let dir = TempDir::new().unwrap();
    let shapes = [
        json!({"type": "Point", "coordinates": [120.1, 30.1]}),
        json!({"type": "MultiPoint", "coordinates": [[120.1, 30.1], [120.2, 30.2]]}),
        json!({"type": "LineString", "coordinates": [[120.1, 30.1], [120.2, 30.2], [120.3, 30.2]]}),
        json!({"type": "MultiLineString", "coordinates": [[[120.1, 30.1], [120.2, 30.2]], [[120.4, 30.1], [120.5, 30.2]]]}),
        json!({"type": "Polygon", "coordinates": [[[120.0, 30.0], [121.0, 30.0], [121.0, 31.0], [120.0, 30.0]],
            [[120.5, 30.2], [120.6, 30.3], [120.6, 30.2], [120.5, 30.2]]]}),
        json!({"type": "MultiPolygon", "coordinates": [[[[120.0, 30.0], [120.1, 30.0], [120.1, 30.1], [120.0, 30.0]]],
            [[[121.0, 30.0], [122.0, 30.0], [122.0, 31.0], [121.0, 30.0]], [[121.5, 30.2], [121.6, 30.3], [121.6, 30.2], [121.5, 30.2]]]]}),
        json!({"type": "GeometryCollection", "geometries": [{"type": "Point", "coordinates": [120.1, 30.1]},
            {"type": "LineString", "coordinates": [[120.1, 30.1], [120.2, 30.2]]}]}),
        Value::Null,
    ];
    let features: Vec<Value> = shapes
        .iter()
        .enumerate()
        .map(|(i, g)| {
            let text = ["=1+1", "a,b", "say \"x\"", "two\nlines", "杭州", "-5", "", "@x"][i];
            json!({"type": "Feature", "id": format!("f{i}"), "geometry": g,
                "properties": {"fid": i, "ID": text, "Geom": i as f64 / 8.0, "bbox": i % 2 == 0, "名称": text, "wkt": "POINT"}})
        })
        .collect();
    let folder = dir.path().join("odd");
    std::fs::create_dir(&folder).unwrap();
    std::fs::write(
        folder.join("gpkg_odd.geojson"),
        json!({"type": "FeatureCollection", "features": features}).to_string(),
    )
    .unwrap();
    let s = Service::open(folder.to_str().unwrap(), Disclosure::Full);
    let items = "/collections/gpkg_odd/items";
    let wanted = expected(&s, items).await;
    let renamed = |names: &[(&str, &str)]| -> Features {
        let name = |n: String| names.iter().find(|(from, _)| *from == n).map_or(n, |(_, to)| (*to).to_owned());
        wanted
            .iter()
            .map(|(id, (g, own))| {
                (id.clone(), (g.clone(), own.iter().map(|(n, v)| (name(n.clone()), v.clone())).collect()))
            })
            .collect()
    };
    alike(items, "geojsonseq", &sequence(&file(&s, items, "geojsonseq").await.body), &wanted);
    alike(items, "fgb", &flatgeobuf(&file(&s, items, "fgb").await.body), &renamed(&[("ID", "ID_2")]));
    let parquet_names = [("ID", "ID_2"), ("bbox", "bbox_2")];
    alike(items, "parquet", &parquet(&file(&s, items, "parquet").await.body), &renamed(&parquet_names));
    let (found, db) = geopackage(&file(&s, items, "gpkg").await.body, dir.path());
    alike(items, "gpkg", &found, &renamed(&[("ID", "ID_2"), ("fid", "fid_2"), ("Geom", "Geom_2")]));
    let table: String = db.query_row("SELECT table_name FROM gpkg_geometry_columns", [], |r| r.get(0)).unwrap();
    assert_eq!(table, "c_gpkg_odd", "gpkg_ is the standard's own");
    let csv = file(&s, items, "csv").await;
    let text = String::from_utf8_lossy(&csv.body);
    assert!(text.starts_with("\u{FEFF}id,fid,ID_2,Geom,bbox,名称,wkt_2,WKT\r\n"), "{text}");
    for guarded in ["'=1+1", "'-5", "'@x", "\"say \"\"x\"\"\"", "\"two\nlines\"", "\"a,b\""] {
        assert!(text.contains(&format!(",{guarded},")), "{guarded}: {text}");
    }
}

#[tokio::test]
async fn headers_names_and_links() {
    let s = service("geodata/hangzhou");
    let collection = s.json("/collections/enterprises").await;
    for (f, media_type) in FORMATS {
        let uri = format!("/collections/enterprises/items?f={f}&limit=3");
        let named = s.get(&uri).await;
        let essence = |a: &Answer| a.header("content-type").split(';').next().unwrap().to_owned();
        assert_eq!(essence(&named), media_type);
        assert_eq!(named.header("content-crs"), "<http://www.opengis.net/def/crs/OGC/1.3/CRS84>");
        let extension = if f == "geojsonseq" { "geojsonl" } else { f };
        assert_eq!(
            named.header("content-disposition"),
            format!("attachment; filename*=UTF-8''hangzhou-enterprises.{extension}")
        );
        let accepted = s.get_with("/collections/enterprises/items?limit=3", &[("accept", media_type)]).await;
        assert_eq!(essence(&accepted), media_type);
        if f != "gpkg" {
            assert_eq!(accepted.body, named.body);
        }
        let known = s.get_with(&uri, &[("if-none-match", named.header("etag"))]).await;
        assert_eq!((known.status.as_u16(), known.body.len()), (304, 0), "{f}");
        let head = s.send(Request::builder().method(Method::HEAD).uri(&uri).body(Body::empty()).unwrap()).await;
        assert_eq!((head.status.as_u16(), head.body.len()), (200, 0));
        assert_eq!(head.headers.get("content-length"), None, "GET does not say how long it is either");
        assert_eq!(head.header("content-type"), named.header("content-type"));
        let links = collection["links"].as_array().unwrap();
        let link = links.iter().find(|l| l["href"].as_str().unwrap().ends_with(&format!("/items?f={f}"))).unwrap();
        assert_eq!(
            (&link["rel"], link["type"].as_str().unwrap().split(';').next()),
            (&json!("items"), Some(media_type))
        );
        let packed = s.get_with(&uri, &[("accept-encoding", "gzip")]).await;
        assert_eq!(packed.header("content-encoding") == "gzip", f != "parquet", "{f}");
        for bad in ["limit=0", "limit=x", "nosuch=1", "crs=EPSG:4549", "zone=nowhere&x=1"] {
            let answer = s.get(&format!("/collections/enterprises/items?f={f}&{bad}")).await;
            assert!([400, 404].contains(&answer.status.as_u16()), "{bad}");
            assert_eq!(answer.header("content-type"), "application/problem+json");
        }
    }
    assert_eq!(s.get_with("/collections/enterprises/items", &[("accept", "image/png")]).await.status, 406);
}

#[tokio::test]
async fn all_rows_unless_a_limit_is_given() {
    let s = service("geodata/hangzhou");
    let all = sequence(&file(&s, "/collections/enterprises/items", "geojsonseq").await.body);
    assert_eq!(all.len(), 5000);
    assert_eq!(sequence(&file(&s, "/collections/enterprises/items?limit=4321", "geojsonseq").await.body).len(), 4321);
    let part = sequence(&file(&s, "/collections/enterprises/items?offset=4990&limit=50", "geojsonseq").await.body);
    assert_eq!(part.len(), 10);
    assert!(part.iter().all(|(id, f)| all[id] == *f));
    assert!(file(&s, "/collections/enterprises/items?offset=9999999", "geojsonseq").await.body.is_empty());
    // pages and files have the same order
    let body = file(&s, "/collections/enterprises/items", "csv").await.body;
    let first: Vec<String> =
        String::from_utf8_lossy(&body).lines().skip(1).take(300).map(|l| l[..6].to_owned()).collect();
    let mut pages = Vec::new();
    let mut next = Some("/collections/enterprises/items?limit=100".to_owned());
    while let (Some(uri), true) = (next.take(), pages.len() < 300) {
        let page = s.json(&uri).await;
        pages.extend(page["features"].as_array().unwrap().iter().map(|f| f["id"].as_str().unwrap().to_owned()));
        let link = page["links"].as_array().unwrap().iter().find(|l| l["rel"] == "next").unwrap();
        next = link["href"].as_str().unwrap().strip_prefix("http://shigu.test").map(str::to_owned);
    }
    assert_eq!(pages, first);
}

#[tokio::test]
async fn what_may_not_leave_is_in_no_file() {
    let dir = TempDir::new().unwrap();
    let s = Service::open("tests/data/tinyville", Disclosure::Aggregates);
    let items = "/collections/enterprises/items";
    let restricted = |features: &Features| {
        features.values().any(|(_, own)| own.keys().any(|n| n.starts_with("revenue") || n.starts_with("employees")))
    };
    let wanted = expected(&s, items).await;
    assert!(!restricted(&wanted) && restricted(&expected(&service("tests/data/tinyville"), items).await));
    alike(items, "geojsonseq", &sequence(&file(&s, items, "geojsonseq").await.body), &wanted);
    alike(items, "fgb", &flatgeobuf(&file(&s, items, "fgb").await.body), &wanted);
    alike(items, "parquet", &parquet(&file(&s, items, "parquet").await.body), &wanted);
    alike(items, "gpkg", &geopackage(&file(&s, items, "gpkg").await.body, dir.path()).0, &wanted);
    for (f, _) in FORMATS {
        let body = file(&s, items, f).await.body;
        for word in ["revenue_", "employees_"] {
            assert!(!body.windows(word.len()).any(|w| w == word.as_bytes()), "{word} in {f}");
        }
        let page = s.get(&format!("{items}?filter=revenue_2025%3E1")).await.status;
        assert!(page.is_client_error());
        assert_eq!(s.get(&format!("{items}?f={f}&filter=revenue_2025%3E1")).await.status, page, "{f}");
    }
}

/// A reader who leaves gives its place back, and while all places are taken others are told to come later.
#[tokio::test]
async fn readers_who_leave_are_let_go() {
    let s = service("geodata/hangzhou");
    let open = || async {
        let request = Request::get("/collections/enterprises/items?f=csv").header("host", "shigu.test");
        s.0.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap()
    };
    let mut held = Vec::new();
    for _ in 0..32 {
        let mut response = open().await;
        assert_eq!(response.status(), 200);
        assert!(response.body_mut().frame().await.unwrap().unwrap().is_data());
        held.push(response);
    }
    let busy = open().await;
    assert_eq!(busy.status(), 503);
    let said = busy.into_body().collect().await.unwrap().to_bytes();
    assert_eq!(serde_json::from_slice::<Value>(&said).unwrap()["code"], "busy");
    assert_eq!(s.get("/collections/enterprises/items?limit=1").await.status, 200, "pages go on");
    drop(held);
    for _ in 0..40 {
        let response = open().await;
        assert_eq!(response.status(), 200);
    }
}
