//! Hangzhou's folder with a register made for the test, read by the real loader.

use crate::common::copy_dataset;
use serde_json::{Value as Json, json};
use shigu::core::snapshot::Snapshot;
use shigu::data::load::{Limits, Source, load};
use std::fs;
use std::path::Path;
use std::sync::Arc;

fn folder() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/geodata/hangzhou"))
}

/// Hangzhou with these enterprises.
pub fn snapshot(register: &[Json], sample: bool) -> Arc<Snapshot> {
    let dir = tempfile::tempdir().unwrap();
    copy_dataset("geodata/hangzhou", dir.path());
    let manifest = dir.path().join("dataset.json");
    let mut json: Json = serde_json::from_slice(&fs::read(&manifest).unwrap()).unwrap();
    for collection in json["collections"].as_array_mut().unwrap() {
        if collection["role"] == "register" {
            collection["sample"] = json!(sample);
            // losses are allowed here: a negative number must not be taken for a formula
            for property in collection["properties"].as_array_mut().unwrap() {
                property.as_object_mut().unwrap().remove("minimum");
            }
        }
    }
    fs::write(manifest, json.to_string()).unwrap();
    let file = json!({"type": "FeatureCollection", "features": register});
    fs::write(dir.path().join("enterprises.geojson"), file.to_string()).unwrap();
    let (dataset, findings) = load(&Source::Folder(dir.path().into()), &Limits::default());
    Arc::new(Snapshot::new(dataset.unwrap_or_else(|| panic!("{:?}", findings.findings))))
}

/// The features of a GeoJSON file.
pub fn features(bytes: &[u8]) -> Vec<Json> {
    let Json::Array(features) = serde_json::from_slice::<Json>(bytes).unwrap()["features"].take() else { panic!() };
    features
}

/// The register that `generate` makes for Hangzhou.
pub fn generated(count: u64) -> Vec<Json> {
    let (dataset, _) = load(&Source::Folder(folder().into()).without_register(), &Limits::default());
    let mut out = Vec::new();
    let options = shigu::data::generate::Options { count, seed: 1 };
    shigu::data::generate::generate(&dataset.unwrap(), &options, &mut out).unwrap();
    features(&out)
}

/// An enterprise: id, name, position, declared district, cluster, revenue 2025.
pub fn firm(
    id: &str,
    name: &str,
    at: Option<[f64; 2]>,
    district: Option<&str>,
    cluster: Option<&str>,
    revenue: Option<f64>,
) -> Json {
    let (class, precision) = if at.is_some() { ("address", Some(1200)) } else { ("none", None) };
    json!({"type": "Feature", "id": id, "geometry": at.map(|c| json!({"type": "Point", "coordinates": c})),
        "properties": {"name": name, "cluster": cluster, "cluster_secondary": ["robot", "home"], "district": district,
            "founded": 2019, "size": "small", "above_scale": true, "location_class": class, "precision_m": precision,
            "revenue_2025": revenue, "employees_2025": 12, "sample": true}})
}
