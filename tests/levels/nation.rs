//! A generated nation: provinces, cities in them and counties in these, on a lattice, with a register of many rows.

use serde_json::{Value, json};
use std::fmt::Write as _;
use std::path::Path;

/// How large a nation is.
pub struct Size {
    pub provinces: usize,
    /// In each province.
    pub cities: usize,
    /// In each city; 0 for no such level.
    pub counties: usize,
    pub rows: usize,
}

/// Degrees on a side of a province.
const SIDE: f64 = 2.0;

/// Numbers that are the same on every machine (SplitMix64).
pub struct Numbers(pub u64);

impl Numbers {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub fn below(&mut self, n: u64) -> u64 {
        self.next() % n
    }

    /// From 0 to 1.
    pub fn part(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1u64 << 53) as f64
    }
}

type Cell = (f64, f64, f64, f64);

fn text(word: &str) -> Value {
    json!({"zh": word, "en": word})
}

fn ring((west, south, east, north): Cell) -> Value {
    json!([[west, south], [east, south], [east, north], [west, north], [west, south]])
}

/// Bands of a cell from west to east.
fn bands((west, south, east, north): Cell, n: usize) -> impl Iterator<Item = Cell> {
    let at = move |i: usize| if i == n { east } else { west + (east - west) * i as f64 / n as f64 };
    (0..n).map(move |i| (at(i), south, at(i + 1), north))
}

/// Bands of a cell from south to north.
fn steps((west, south, east, north): Cell, n: usize) -> impl Iterator<Item = Cell> {
    bands((south, west, north, east), n).map(|(south, west, north, east)| (west, south, east, north))
}

fn collection(folder: &Path, file: &str, features: &[Value]) {
    let lines: Vec<String> = features.iter().map(Value::to_string).collect();
    let text = format!("{{\"type\": \"FeatureCollection\", \"features\": [\n{}\n]}}\n", lines.join(",\n"));
    std::fs::write(folder.join(file), text).unwrap();
}

/// Writes the dataset folder of a nation.
pub fn write(folder: &Path, size: &Size) {
    std::fs::create_dir_all(folder).unwrap();
    let feature = |id: &str, above: &str, cell: Cell| {
        json!({"type": "Feature", "id": id, "properties": {"label": format!("Land {id}"), "of": above},
            "geometry": {"type": "Polygon", "coordinates": [ring(cell)]}})
    };
    let (mut provinces, mut cities, mut counties) = (vec![], vec![], vec![]);
    for p in 0..size.provinces {
        let (x, y) = ((p % 6) as f64 * SIDE - 70.0, (p / 6) as f64 * SIDE - 40.0);
        let cell = (x, y, x + SIDE, y + SIDE);
        let id = format!("P{p:02}");
        provinces.push(feature(&id, "", cell));
        for (c, cell) in bands(cell, size.cities).enumerate() {
            let city = format!("{id}C{c:02}");
            cities.push(feature(&city, &id, cell));
            for (k, cell) in steps(cell, size.counties).enumerate() {
                counties.push(feature(&format!("{city}K{k:02}"), &city, cell));
            }
        }
    }
    let zone = |id: &str, role: &str, parent: Option<&str>| {
        let mut zone = json!({"kind": id});
        if let Some(parent) = parent {
            zone["parent"] = json!({"kind": parent, "property": "of"});
        }
        json!({"id": format!("{id}-areas"), "file": format!("{id}.geojson"), "role": role, "title": text(id),
            "geometry": "polygon", "name": "label", "zone": zone, "properties": [
                {"name": "label", "title": text("Name"), "type": "string"}, {"name": "of", "title": text("Of"), "type": "string"}]})
    };
    let mut collections = vec![zone("province", "districts", None), zone("city", "zones", Some("province"))];
    collection(folder, "province.geojson", &provinces);
    collection(folder, "city.geojson", &cities);
    if size.counties > 0 {
        collections.push(zone("county", "zones", Some("city")));
        collection(folder, "county.geojson", &counties);
    }
    let number = |name: &str, restricted: bool| json!({"name": name, "title": text(name), "type": "integer", "restricted": restricted});
    collections.push(json!({"id": "mills", "file": "mills.geojson", "role": "register", "title": text("Mills"),
        "geometry": "point", "name": "label", "sample": true,
        "register": {"district": "of", "cluster": "trade", "metrics": [
            {"id": "output", "title": text("Output"), "unit": text("tons"), "restricted": true, "columns": {"2024": "output"}},
            {"id": "staff", "title": text("Staff"), "unit": text("persons"), "columns": {"2024": "staff"}}]},
        "properties": [{"name": "label", "title": text("Name"), "type": "string"},
            {"name": "of", "title": text("Of"), "type": "string"},
            {"name": "trade", "title": text("Trade"), "type": "string", "codelist": "clusters"},
            number("output", true), number("staff", false)]}));
    let entries = ["wool", "grain", "steel"].map(
        |code| json!({"code": code, "name": text(code), "mark": &code[..1], "color": "#102030", "color_dark": "#a0b0c0"}),
    );
    let list = json!({"id": "clusters", "title": text("Trades"), "entries": entries});
    std::fs::write(folder.join("trades.json"), list.to_string()).unwrap();
    let manifest = json!({"id": "nation", "title": text("Nation"), "crs": "http://www.opengis.net/def/crs/OGC/1.3/CRS84",
        "time_zone": "America/Santiago", "codelists": {"clusters": "trades.json"}, "collections": collections});
    std::fs::write(folder.join("dataset.json"), manifest.to_string()).unwrap();

    let mut numbers = Numbers(58);
    let mut rows = String::from("{\"type\": \"FeatureCollection\", \"features\": [");
    for row in 0..size.rows {
        let comma = if row > 0 { "," } else { "" };
        let province = numbers.below(size.provinces as u64) as usize;
        let (x, y) = ((province % 6) as f64 * SIDE - 70.0, (province / 6) as f64 * SIDE - 40.0);
        let at = (x + numbers.part() * SIDE, y + numbers.part() * SIDE);
        let city = numbers.below(size.cities as u64);
        let (geometry, of) = match numbers.below(20) {
            // without position, declared for a city or a province
            0 => ("null".to_owned(), format!("\"P{province:02}C{city:02}\"")),
            1 => ("null".to_owned(), format!("\"P{province:02}\"")),
            _ => (format!("{{\"type\":\"Point\",\"coordinates\":[{:.6},{:.6}]}}", at.0, at.1), "null".to_owned()),
        };
        let trade = ["wool", "grain", "steel"][numbers.below(3) as usize];
        let (output, staff) = (numbers.below(100_000), numbers.below(500));
        let _ = write!(
            rows,
            "{comma}\n{{\"type\":\"Feature\",\"id\":\"M{row}\",\"geometry\":{geometry},\"properties\":{{\"label\":\"Mill \
             {row}\",\"of\":{of},\"trade\":\"{trade}\",\"output\":{output},\"staff\":{staff}}}}}"
        );
    }
    rows.push_str("\n]}\n");
    std::fs::write(folder.join("mills.geojson"), rows).unwrap();
}
