//! An independent reading of the GeoJSON: which workshop lies where, and what it adds up to.

use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fs;

/// The metrics of `fourfold`: id, decimals, years.
pub const METRICS: [(&str, u32, &[u16]); 4] =
    [("tax", 3, &[2021, 2022, 2023]), ("floor", 1, &[2022, 2023]), ("patents", 0, &[2023]), ("land", 2, &[2021, 2023])];

/// A row of the register.
#[derive(Clone, Debug)]
pub struct Workshop {
    pub at: Option<(f64, f64)>,
    pub ward: Option<String>,
    pub trade: Option<String>,
    /// Digits by property.
    values: BTreeMap<String, f64>,
}

/// A rectangle.
#[derive(Clone, Debug)]
pub struct Place {
    pub id: String,
    pub kind: &'static str,
    west: f64,
    south: f64,
    east: f64,
    north: f64,
}

fn features(file: &str) -> Vec<Value> {
    let text = fs::read_to_string(format!("tests/data/fourfold/{file}")).unwrap();
    let all: Value = serde_json::from_str(&text).unwrap();
    all["features"].as_array().unwrap().clone()
}

pub fn workshops() -> Vec<Workshop> {
    let read = |f: Value| {
        let p = &f["properties"];
        let text = |name: &str| p[name].as_str().map(str::to_owned);
        let at = f["geometry"]["coordinates"].as_array().map(|c| (c[0].as_f64().unwrap(), c[1].as_f64().unwrap()));
        let numbers = p.as_object().unwrap().iter().filter_map(|(k, v)| Some((k.clone(), v.as_f64()?)));
        Workshop { at, ward: text("ward"), trade: text("trade"), values: numbers.collect() }
    };
    let all: Vec<Workshop> = features("workshops.geojson").into_iter().map(read).collect();
    assert_eq!(all.len(), 120);
    all
}

pub fn places() -> Vec<Place> {
    let files = [
        ("wards.geojson", "ward"),
        ("campuses.geojson", "campus"),
        ("valleys-north.geojson", "valley"),
        ("valleys-south.geojson", "valley"),
    ];
    let mut out = Vec::new();
    for (file, kind) in files {
        for f in features(file) {
            let ring = f["geometry"]["coordinates"][0].as_array().unwrap().clone();
            let of = |axis: usize| ring.iter().map(move |p| p[axis].as_f64().unwrap());
            let low = |axis| of(axis).fold(f64::MAX, f64::min);
            let high = |axis| of(axis).fold(f64::MIN, f64::max);
            let id = f["id"].as_str().unwrap().to_owned();
            out.push(Place { id, kind, west: low(0), south: low(1), east: high(0), north: high(1) });
        }
    }
    assert_eq!(out.len(), 8);
    out
}

impl Place {
    fn holds(&self, (x, y): (f64, f64)) -> bool {
        self.west <= x && x < self.east && self.south <= y && y < self.north
    }

    /// The workshops in it: by their point, and in a ward those without one that declare it.
    pub fn members<'a>(&self, all: &'a [Workshop]) -> Vec<&'a Workshop> {
        let here = |w: &&Workshop| match w.at {
            Some(at) => self.holds(at),
            None => self.kind == "ward" && w.ward.as_ref() == Some(&self.id),
        };
        all.iter().filter(here).collect()
    }
}

/// Sum in the metric's smallest unit, and how many report, of a metric in a year.
pub fn sum(rows: &[&Workshop], (metric, decimals, _): (&str, u32, &[u16]), year: u16) -> (i64, u64) {
    let values = rows.iter().filter_map(|w| w.values.get(&format!("{metric}_{year}")));
    values.fold((0, 0), |(sum, n), v| (sum + (v * 10f64.powi(decimals as i32)).round() as i64, n + 1))
}

/// Compares the amounts of an answer with the scan; returns how many sums were seen.
pub fn compare(amounts: &Value, rows: &[&Workshop], year: u16, what: &str) -> usize {
    let found: Vec<&String> = amounts.as_object().unwrap_or_else(|| panic!("{what}: {amounts}")).keys().collect();
    assert_eq!(found, METRICS.map(|m| m.0), "{what}: every metric, in the manifest's order");
    let mut seen = 0;
    for metric in METRICS {
        let (expected, reported) = sum(rows, metric, year);
        let amount = &amounts[metric.0];
        assert_eq!(amount["reported"], reported, "{what} {}", metric.0);
        let published = metric.2.contains(&year);
        assert_eq!(amount["year"], if published { json!(year) } else { Value::Null }, "{what} {}", metric.0);
        let missing = if published { rows.len() as u64 - reported } else { 0 };
        assert_eq!(amount["missing"], missing, "{what} {}", metric.0);
        if reported == 0 {
            assert!(amount["sum"].is_null(), "{what} {}", metric.0);
            continue;
        }
        let sum = amount["sum"].as_f64().unwrap_or_else(|| panic!("{what} {}: {amount}", metric.0));
        assert_eq!((sum * 10f64.powi(metric.1 as i32)).round() as i64, expected, "{what} {}", metric.0);
        seen += 1;
    }
    seen
}
