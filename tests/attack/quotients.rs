//! Attacks by location quotients of sums: by the sums beside them, by the quotients themselves, and by the squares that the ends of an interval
//! give away; within the register and within all industries.

use super::{Attack, Beliefs, TOLERANCE, firms, no_figure_is_found};
use crate::common::copy_dataset;
use crate::common::service::Service;
use serde_json::{Value, json};
use shigu::core::query::Disclosure;

/// A class in an area, its quotient, and what anybody can ask of the same area and of the whole.
struct Asked {
    /// Sums: of the class in the area, of the area, of the class, of the whole.
    sums: [Option<f64>; 4],
    /// Sums of squares, by the index of concentration.
    squares: [Option<f64>; 4],
    value: Option<f64>,
    lq: Option<f64>,
    ends: Option<[f64; 2]>,
}

impl Asked {
    /// What the quotient says of the sum of the class in the area.
    fn by_quotient(&self) -> Option<f64> {
        let [_, a, c, w] = self.sums;
        Some(self.lq? * a? * c? / w?)
    }

    /// What the interval says of the squares of the class in the area; `known` where the area and the whole are taken as known.
    fn by_interval(&self, known: bool) -> Option<f64> {
        let [low, high] = self.ends?;
        let variance = ((high / low).ln() / (2.0 * 1.959_963_984_540_054)).powi(2);
        let [_, a, c, w] = self.sums;
        let (b, c) = (1.0 / self.by_quotient()?, 1.0 / c?);
        let [_, a2, c2, w2] = self.squares;
        if known {
            return Some((variance - c2? * c * c) / ((b - c).powi(2) - c * c));
        }
        let (a, w, a2, c2, w2) = (1.0 / a?, 1.0 / w?, a2?, c2?, w2?);
        let others = a2 * (w - a).powi(2) + c2 * (w - c).powi(2) + (w2 - a2 - c2) * w * w;
        Some((variance - others) / ((b - a - c + w).powi(2) - (w - a).powi(2) - (w - c).powi(2) + w * w))
    }
}

impl Attack<'_> {
    /// By quotients of the class of an enterprise in its zone with and without it: a metre around it, or what only it is, is left out.
    pub(super) async fn quotients(&self, denominator: &str) -> Beliefs {
        let known = denominator == "all_industries";
        let mut beliefs = Vec::new();
        for (firm, truth, at) in self.lone(self.requests, 6) {
            let circle = json!({"op": "difference", "circle": {"center": at, "radius_m": 1}});
            let without = match self.only(firm) {
                // of a zone with a hole there are no totals of all industries
                Some(own) => json!({"zone": firm.district, "filter": format!("NOT ({own})")}),
                None if !known => json!({"zone": firm.district, "combine": [circle]}),
                None => continue,
            };
            let with = self.asked(&json!({"zone": firm.district}), &firm.cluster, denominator).await;
            let without = self.asked(&without, &firm.cluster, denominator).await;
            let differ = |of: fn(&Asked) -> Option<f64>| of(&with).zip(of(&without)).map(|(a, b)| a - b);
            let sums = [differ(|asked| asked.value), differ(Asked::by_quotient)];
            beliefs.extend(sums.into_iter().flatten().filter(|b| b.abs() > TOLERANCE).map(|b| (truth, b)));
            let squares = with.by_interval(known).zip(without.by_interval(known)).map(|(a, b)| a - b);
            beliefs.extend(squares.filter(|own| *own > TOLERANCE).map(|own| (truth, own.sqrt())));
        }
        beliefs
    }

    async fn asked(&self, body: &Value, class: &str, denominator: &str) -> Asked {
        let post = async |uri: &str, body: &Value| {
            let answer = self.service.post(uri, "application/json", body.to_string()).await;
            assert_eq!(answer.status, 200, "{uri} {body}: {}", String::from_utf8_lossy(&answer.body));
            answer.json()
        };
        let uri = format!("/summary/lq?weight=revenue&denominator={denominator}");
        let table = post(&uri, body).await;
        let place = table["classes"].as_array().unwrap().iter().position(|c| c["code"] == class).unwrap();
        let row = &table["zones"][0];
        let cell = &row["cells"][place];
        let mut here = body.clone();
        here["statistics"] = json!(true);
        let mut whole = json!({"statistics": true});
        body.get("filter").into_iter().for_each(|filter| whole["filter"] = filter.clone());
        let (here, whole) = (post("/summary", &here).await, post("/summary", &whole).await);
        let amount = |of: &Value| of["amounts"]["revenue"].clone();
        let line = |of: &Value| of["clusters"].as_array().unwrap().iter().find(|c| c["code"] == class).map(amount);
        let four = [
            line(&here),
            Some(here["totals"]["revenue"].clone()),
            line(&whole),
            Some(whole["totals"]["revenue"].clone()),
        ];
        let sum = |amount: &Option<Value>| amount.as_ref()?["sum"].as_f64();
        let mut sums = four.each_ref().map(sum);
        let squares =
            four.each_ref().map(|amount| Some(amount.as_ref()?["statistics"]["hhi"].as_f64()? * sum(amount)?.powi(2)));
        if denominator == "all_industries" {
            (sums[1], sums[3]) = (row["of"].as_f64(), Some(TOTALS.iter().map(|(_, total)| total).sum()));
        }
        let end = |name: &str| cell["lq_test"][name].as_f64();
        let ends = end("low").zip(end("high")).map(|(low, high)| [low, high]);
        Asked { sums, squares, value: cell["value"].as_f64(), lq: cell["lq"].as_f64(), ends }
    }
}

/// Totals of all industries that are larger than those of the register.
const TOTALS: [(&str, f64); 13] = [
    ("330102", 6e7),
    ("330105", 7e7),
    ("330106", 9e7),
    ("330108", 8e7),
    ("330109", 9e7),
    ("330110", 9e7),
    ("330111", 4e7),
    ("330112", 3e7),
    ("330113", 5e7),
    ("330114", 6e7),
    ("330122", 2e7),
    ("330127", 2e7),
    ("330182", 2e7),
];

/// The register with totals of all industries.
fn with_totals() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    copy_dataset("geodata/hangzhou", folder.path());
    let path = |name: &str| folder.path().join(name);
    let mut manifest: Value = serde_json::from_slice(&std::fs::read(path("dataset.json")).unwrap()).unwrap();
    let text = |name: &str| json!({"zh": name, "en": name});
    let collections = manifest["collections"].as_array_mut().unwrap();
    let register = collections.iter_mut().find(|c| c["id"] == "enterprises").unwrap();
    let unit =
        register["register"]["metrics"].as_array().unwrap().iter().find(|m| m["id"] == "revenue").unwrap()["unit"]
            .clone();
    register["register"]["all_industries"] = json!({"table": "economy", "metrics": {"revenue": "revenue"}});
    collections.push(json!({"id": "economy", "file": "economy.geojson", "role": "register", "title": text("Economy"), "geometry": "point",
        "name": "name", "source": text("invented, for tests only"), "licence": "MIT OR Apache-2.0",
        "register": {"terms": {"row": {"zh": "总数", "en": "total", "plural": "totals", "counter": "项"}}, "district": "district",
            "metrics": [{"id": "revenue", "title": text("Revenue"), "unit": unit, "decimals": 1, "kind": "flow", "columns": {"2025": "revenue_2025"}}]},
        "properties": [
            {"name": "name", "title": text("Name"), "type": "string"},
            {"name": "district", "title": text("District"), "type": "string"},
            {"name": "revenue_2025", "title": text("Revenue"), "type": "number", "decimals": 1}]}));
    let row = |(zone, total): &(&str, f64)| json!({"type": "Feature", "id": format!("E{zone}"), "geometry": null, "properties": {"name": *zone, "district": *zone, "revenue_2025": total}});
    let rows = json!({"type": "FeatureCollection", "features": TOTALS.iter().map(row).collect::<Vec<_>>()});
    std::fs::write(path("dataset.json"), manifest.to_string()).unwrap();
    std::fs::write(path("economy.geojson"), rows.to_string()).unwrap();
    folder
}

#[tokio::test]
async fn no_quotient_of_sums_finds_a_figure_and_the_owner_finds_them_all() {
    let folder = with_totals();
    let service = |disclosure| Service::open(folder.path().to_str().unwrap(), disclosure);
    let firms = firms();
    let attacks = async |service: &Service, requests: usize| {
        let attack = Attack { service, firms: &firms, requests };
        vec![
            ("quotients", attack.quotients("register").await),
            ("quotients within all industries", attack.quotients("all_industries").await),
        ]
    };
    no_figure_is_found(&service(Disclosure::Full), &service(Disclosure::Aggregates), firms.len(), attacks).await;
}
