//! A city made of numbers, for tests that compare with a linear scan, and a reader of tiles that is not ours.
#![allow(dead_code, reason = "each test file uses its part")]

pub mod service;

use fast_mvt::{MvtReaderRef, MvtValueRef};
use geo::{Geometry, LineString, MultiPolygon, Polygon};
use serde_json::{Map, Value, json};
use shigu::core::columns::{Bitmap, ColumnBuilder, ColumnType, Text, Value as Cell};
use shigu::core::model::{Dataset, Divisions, Geometries, Manifest, Table};
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

/// Waits until `test` holds: as long as a loaded machine may need.
pub fn eventually(what: &str, test: impl Fn() -> bool) {
    let start = Instant::now();
    while !test() {
        assert!(start.elapsed() < Duration::from_mins(2), "{what} did not happen");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// Copies the files of a dataset folder of this repository to another folder, to be changed there.
pub fn copy_dataset(folder: &str, to: &Path) {
    let from = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
    }
}

/// One enterprise as plain values.
#[derive(Clone, Debug)]
pub struct Firm {
    pub at: Option<(f64, f64)>,
    pub declared: Option<usize>,
    pub cluster: Option<usize>,
    pub secondary: Vec<usize>,
    pub cents: Option<i64>,
    pub staff: Option<i64>,
}

pub const CLUSTERS: [&str; 3] = ["a", "b", "c"];

/// A polygon from its rings, the first one the exterior.
pub fn polygon(rings: &[Vec<(f64, f64)>]) -> Polygon<f64> {
    Polygon::new(LineString::from(rings[0].clone()), rings[1..].iter().map(|r| LineString::from(r.clone())).collect())
}

/// A dataset with these districts, other zones and enterprises.
pub fn city(districts: &[Polygon<f64>], zones: &[MultiPolygon<f64>], firms: &[Firm]) -> Dataset {
    let t = |s: &str| json!({"zh": s, "en": s});
    let text = |name: &str| json!({"name": name, "title": t(name), "type": "string"});
    let manifest: Manifest = serde_json::from_value(json!({
        "id": "numbers", "title": t("数"), "crs": "http://www.opengis.net/def/crs/OGC/1.3/CRS84",
        "collections": [
            {"id": "districts", "file": "-", "role": "districts", "title": t("区"), "name": "name", "properties": [text("name")], "zone": {"kind": "district"}},
            {"id": "zones", "file": "-", "role": "zones", "title": t("片"), "name": "name", "properties": [text("name")], "zone": {"kind": "platform"}},
            {"id": "firms", "file": "-", "role": "register", "title": t("企业"), "name": "name",
             "properties": [text("name"), text("district"), {"name": "cluster", "title": t("cluster"), "type": "string", "codelist": "clusters"},
                {"name": "secondary", "title": t("secondary"), "type": "strings", "codelist": "clusters"},
                {"name": "revenue", "title": t("revenue"), "type": "number", "decimals": 2, "restricted": true},
                {"name": "staff", "title": t("staff"), "type": "integer"}],
             "register": {"district": "district", "cluster": "cluster", "secondary": "secondary", "metrics": [
                {"id": "revenue", "title": t("revenue"), "unit": t("万元"), "decimals": 2, "restricted": true, "columns": {"2025": "revenue"}},
                {"id": "employees", "title": t("staff"), "unit": t("人"), "columns": {"2025": "staff"}}]}}
        ]
    }))
    .unwrap();
    let entries: Vec<Value> = CLUSTERS
        .iter()
        .map(|c| json!({"code": c, "name": t(c), "mark": c, "color": "#000000", "color_dark": "#ffffff"}))
        .collect();
    let codelist = serde_json::from_value(json!({"id": "clusters", "title": t("集群"), "entries": entries})).unwrap();
    let tables = vec![
        areas("D", districts.iter().map(|p| Geometry::Polygon(p.clone()))),
        areas("Z", zones.iter().map(|m| Geometry::MultiPolygon(m.clone()))),
        register(firms),
    ];
    Dataset {
        manifest,
        codelists: [("clusters".to_owned(), codelist)].into(),
        divisions: Divisions::default(),
        plan: None,
        indicators: vec![],
        tables,
        content_hash: String::new(),
        warnings: 0,
    }
}

fn areas(prefix: &str, geometries: impl Iterator<Item = Geometry<f64>>) -> Table {
    let (mut ids, mut names) = (Text::default(), ColumnBuilder::new(ColumnType::Text));
    let geometries: Vec<_> = geometries.map(Some).collect();
    for i in 0..geometries.len() {
        ids.push(&format!("{prefix}{i}"));
        names.push(Cell::Text(&format!("{prefix}{i}"))).unwrap();
    }
    Table { ids, geometries: Geometries::Any(geometries), columns: vec![names.finish()] }
}

fn register(firms: &[Firm]) -> Table {
    let types = [
        ColumnType::Text,
        ColumnType::Text,
        ColumnType::Text,
        ColumnType::Strings,
        ColumnType::Decimal(2),
        ColumnType::Integer,
    ];
    let mut columns = types.map(ColumnBuilder::new);
    let mut ids = Text::default();
    let (mut lon, mut lat) = (vec![], vec![]);
    for (i, f) in firms.iter().enumerate() {
        ids.push(&format!("F{i}"));
        lon.push(f.at.map_or(f64::NAN, |p| p.0));
        lat.push(f.at.map_or(f64::NAN, |p| p.1));
        let district = f.declared.map(|d| format!("D{d}"));
        let secondary: Vec<&str> = f.secondary.iter().map(|&c| CLUSTERS[c]).collect();
        columns[0].push(Cell::Text(&format!("企业{i}"))).unwrap();
        columns[1].push(district.as_deref().map_or(Cell::Null, Cell::Text)).unwrap();
        columns[2].push(f.cluster.map_or(Cell::Null, |c| Cell::Text(CLUSTERS[c]))).unwrap();
        assert!(columns[3].push_strings(&secondary));
        columns[4].push(f.cents.map_or(Cell::Null, |c| Cell::Decimal(c, 2))).unwrap();
        columns[5].push(f.staff.map_or(Cell::Null, Cell::Integer)).unwrap();
    }
    let located = Bitmap::from_fn(firms.len(), |i| firms[i].at.is_some());
    let columns = columns.into_iter().map(ColumnBuilder::finish).collect();
    Table { ids, geometries: Geometries::Points { lon, lat, located }, columns }
}

/// A tile as JSON: layer -> features with `id`, `kind`, `at` (positions), `properties`; read by `fast-mvt`.
pub fn decode(bytes: &[u8]) -> Map<String, Value> {
    let mut layers = Map::new();
    if bytes.is_empty() {
        return layers;
    }
    let tile = MvtReaderRef::new(bytes).unwrap();
    for layer in tile.layers() {
        let features = layer.features().map(|f| {
            let properties: Map<String, Value> = f
                .properties()
                .map(|p| {
                    let (key, value) = p.unwrap();
                    let value = match value {
                        MvtValueRef::String(s) => json!(s),
                        MvtValueRef::Float(x) => json!(x),
                        MvtValueRef::Double(x) => json!(x),
                        MvtValueRef::Int(x) | MvtValueRef::SInt(x) => json!(x),
                        MvtValueRef::UInt(x) => json!(x),
                        MvtValueRef::Bool(x) => json!(x),
                        MvtValueRef::Null => Value::Null,
                    };
                    ((*key).to_owned(), value)
                })
                .collect();
            json!({"id": f.id(), "geometry": format!("{:?}", f.geometry().unwrap()), "properties": properties})
        });
        let features = features.collect();
        assert!(layers.insert(layer.name().to_owned(), Value::Array(features)).is_none(), "a layer appears twice");
    }
    layers
}

/// A value of a URL's query.
pub fn encoded(text: &str) -> String {
    text.bytes().fold(String::new(), |mut out, b| {
        if b.is_ascii_alphanumeric() {
            out.push(b as char);
        } else {
            let _ = write!(out, "%{b:02X}");
        }
        out
    })
}

/// An address of a described path: its parameters filled with what is there in Hangzhou; those that are kept for each
/// resource are left.
pub fn described(path: &str) -> String {
    path.replace("{collectionId}", "districts")
        .replace("{featureId}", "330110")
        .replace("{zone}", "330110")
        .replace("{item}", "measures.layout")
        .replace("{collections}", "districts")
        .replace("{tileMatrixSetId}", "WebMercatorQuad")
        .replace("{tileMatrix}/{tileRow}/{tileCol}", "8/105/213")
        .replace("{z}/{x}/{y}", "8/213/105")
}
