//! Datasets for the report's tests: the real folder's manifest and base layers with a register made for the test.

use crate::columns::{Bitmap, ColumnBuilder, ColumnType, Text as Names, Value};
use crate::model::{Codelist, CollectionSpec, Dataset, Geometries, GeometryKind, Manifest, PropertyType, Role, Table};
use crate::snapshot::Snapshot;
use serde_json::{Value as Json, json};
use std::path::Path;

fn read(file: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("geodata/hangzhou").join(file)).unwrap()
}

/// Hangzhou with these enterprises.
pub(super) fn hangzhou(register: Vec<Json>, sample: bool) -> Dataset {
    let mut manifest: Manifest = serde_json::from_str(&read("dataset.json")).unwrap();
    let clusters: Codelist = serde_json::from_str(&read("clusters.json")).unwrap();
    let file = read("indicators.csv");
    let indicators = csv::Reader::from_reader(file.as_bytes()).deserialize().map(Result::unwrap).collect();
    let mut register = Some(register);
    let mut tables = Vec::new();
    for spec in &mut manifest.collections {
        let features = if spec.role == Role::Register {
            spec.sample = sample;
            register.take().unwrap_or_default()
        } else {
            features(read(&spec.file).as_bytes())
        };
        tables.push(table(spec, &features));
    }
    let codelists = [("clusters".to_owned(), clusters)].into();
    Dataset { manifest, codelists, plan: None, indicators, tables, content_hash: "0".repeat(64) }
}

pub(super) fn snapshot(register: Vec<Json>, sample: bool) -> Snapshot {
    Snapshot::new(hangzhou(register, sample))
}

pub(super) fn features(bytes: &[u8]) -> Vec<Json> {
    let Json::Array(features) = serde_json::from_slice::<Json>(bytes).unwrap()["features"].take() else { panic!() };
    features
}

/// The register that `generate` makes for Hangzhou.
pub(super) fn generated(count: u64) -> Vec<Json> {
    let mut out = Vec::new();
    let options = crate::generate::Options { count, seed: 1 };
    crate::generate::generate(&hangzhou(vec![], true), &options, &mut out).unwrap();
    features(&out)
}

/// An enterprise: id, name, position, declared district, cluster, revenue 2025.
pub(super) fn firm(
    id: &str,
    name: &str,
    at: Option<[f64; 2]>,
    district: Option<&str>,
    cluster: Option<&str>,
    revenue: Option<f64>,
) -> Json {
    json!({"type": "Feature", "id": id, "geometry": at.map(|c| json!({"type": "Point", "coordinates": c})),
        "properties": {"name": name, "cluster": cluster, "cluster_secondary": ["robot", "home"], "district": district,
            "founded": 2019, "size": "small", "above_scale": true, "location_class": "address", "precision_m": 1200,
            "revenue_2025": revenue, "employees_2025": 12, "sample": true}})
}

fn table(spec: &CollectionSpec, features: &[Json]) -> Table {
    let mut ids = Names::default();
    for f in features {
        ids.push(f["id"].as_str().unwrap());
    }
    let cells = |p: &crate::model::PropertySpec| {
        let ty = match (p.ty, p.decimals) {
            (PropertyType::String | PropertyType::Date, _) => ColumnType::Text,
            (PropertyType::Integer, _) => ColumnType::Integer,
            (PropertyType::Number, None) => ColumnType::Number,
            (PropertyType::Number, Some(d)) => ColumnType::Decimal(d),
            (PropertyType::Boolean, _) => ColumnType::Boolean,
            (PropertyType::Strings, _) => ColumnType::Strings,
        };
        let mut column = ColumnBuilder::new(ty);
        for f in features {
            match (&f["properties"][&p.name], ty) {
                (Json::Null, _) => column.push_null(),
                (Json::Bool(b), _) => column.push(Value::Boolean(*b)).unwrap(),
                (Json::String(s), _) => column.push(Value::Text(s)).unwrap(),
                (Json::Number(n), ColumnType::Integer) => column.push(Value::Integer(n.as_i64().unwrap())).unwrap(),
                (Json::Number(n), ColumnType::Decimal(d)) => {
                    let digits = (n.as_f64().unwrap() * 10f64.powi(d.into())).round() as i64;
                    column.push(Value::Decimal(digits, d)).unwrap();
                }
                (Json::Number(n), _) => column.push(Value::Number(n.as_f64().unwrap())).unwrap(),
                (Json::Array(list), _) => {
                    let words: Vec<&str> = list.iter().map(|w| w.as_str().unwrap()).collect();
                    column.push_strings(&words).unwrap();
                }
                (Json::Object(_), _) => panic!(),
            }
        }
        column.finish()
    };
    Table { ids, geometries: geometries(spec, features), columns: spec.properties.iter().map(cells).collect() }
}

fn geometries(spec: &CollectionSpec, features: &[Json]) -> Geometries {
    if spec.geometry == GeometryKind::Point {
        let at = |f: &Json, i: usize| f["geometry"]["coordinates"][i].as_f64().unwrap_or(f64::NAN);
        let (lon, lat): (Vec<f64>, Vec<f64>) = features.iter().map(|f| (at(f, 0), at(f, 1))).unzip();
        let located = Bitmap::from_fn(lon.len(), |i| lon[i].is_finite());
        return Geometries::Points { lon, lat, located };
    }
    let geometry = |f: &Json| {
        let value: Option<geojson::Geometry> = serde_json::from_value(f["geometry"].clone()).unwrap();
        value.map(|g| geo::Geometry::try_from(g).unwrap())
    };
    Geometries::Any(features.iter().map(geometry).collect())
}
