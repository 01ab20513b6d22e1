//! Attacks by areas of the reader's own and by `/trial`: what differs between them, and what their files print.

use super::{Attack, Beliefs, MOST_REPORTS, SMALL, TOLERANCE};
use calamine::{Reader, Xlsx};
use serde_json::{Value, json};
use std::io::Cursor;

impl Attack<'_> {
    /// By an outline of the reader's own, one of whose corners is dragged over the enterprise: as a new zone is tried.
    pub(super) async fn trial_zone(&self) -> Beliefs {
        self.difference(|f| {
            let [x, y] = f.at.filter(|at| self.alone(*at))?;
            let dragged = |by: f64| {
                let ring = [
                    [x - 0.08, y - 0.06],
                    [x + 0.01, y - 0.07],
                    [x + by, y + by],
                    [x - 0.07, y + 0.01],
                    [x - 0.08, y - 0.06],
                ];
                json!({"polygon": {"type": "Polygon", "coordinates": [ring]}})
            };
            Some([dragged(SMALL), dragged(-SMALL)])
        })
        .await
    }

    /// By what `/trial` says of a zone and of the zone less a circle around the enterprise: the change between them.
    pub(super) async fn trial_change(&self) -> Beliefs {
        let mut beliefs = Vec::new();
        for (firm, truth, at) in self.lone(self.requests, 1) {
            let circle = json!({"op": "difference", "circle": {"center": at, "radius_m": 1}});
            let body = json!({
                "question": {"zone": firm.district, "combine": [circle]},
                "baseline": {"zone": firm.district},
                "assumed": [{"kind": "added", "figures": {"revenue": 5.0}, "position": at}],
            });
            let answer = self.service.post("/trial", "application/json", body.to_string()).await;
            assert_eq!(answer.status, 200, "{}", String::from_utf8_lossy(&answer.body));
            let found = answer.json();
            let total = &found["totals"]["revenue"];
            if let (Some(with), Some(change)) = (total["sum"]["baseline"].as_f64(), total["sum"]["change"].as_f64())
                && change.abs() > TOLERANCE
            {
                beliefs.push((truth, -change));
                // squared shares give squares, and these the figure behind them
                let squares = |state: &str| {
                    let sum = total["sum"][state].as_f64()?;
                    Some(total["hhi"][state].as_f64()? * sum * sum)
                };
                let own = squares("baseline").zip(squares("real")).map(|(a, b)| (a - b).max(0.0).sqrt());
                beliefs.extend(own.filter(|own| own.is_finite() && with > 0.0).map(|own| (truth, own)));
            }
        }
        beliefs
    }

    /// By files of `/trial` with scenarios beside one another: the zone with and without the enterprise, and two parts of the zone that have it
    /// in common and nothing else; by sums, by their differences as the files print them, and by concentration indexes.
    pub(super) async fn trial_files(&self) -> Beliefs {
        let mut beliefs = Vec::new();
        let few = self.requests.min(MOST_REPORTS / 4);
        for (firm, truth, at @ [x, y]) in self.lone(few, 1) {
            // parts of the zone, so that enterprises without a position are in none of them
            let without = json!({"op": "difference", "circle": {"center": at, "radius_m": 1}});
            let part = |west: f64, east: f64, less: &[&Value]| {
                let ring = [[west, y - 2.0], [east, y - 2.0], [east, y + 2.0], [west, y + 2.0], [west, y - 2.0]];
                let mut combine =
                    vec![json!({"op": "intersection", "polygon": {"type": "Polygon", "coordinates": [ring]}})];
                combine.extend(less.iter().copied().cloned());
                json!({"zone": firm.district, "combine": combine})
            };
            let added = json!([{"kind": "added", "figures": {"revenue": 5.0}, "position": at}]);
            let body = json!({
                "question": part(x - 3.0, x + 3.0, &[]),
                "baseline": part(x - 3.0, x + 3.0, &[&without]),
                "beside": [
                    {"question": part(x - 3.0, x + 3.0, &[&without]), "assumed": added},
                    {"question": part(x - 3.0, x + SMALL, &[])},
                    {"question": part(x - SMALL, x + 3.0, &[])},
                ],
            });
            let file = async |f: &str| {
                let uri = format!("/trial?f={f}&lang=en");
                let answer = self.service.post(&uri, "application/json", body.to_string()).await;
                assert_eq!(answer.status, 200, "{f}: {}", String::from_utf8_lossy(&answer.body));
                answer
            };
            let geojson = file("geojson").await.json();
            let zones = geojson["features"].as_array().unwrap().iter().filter(|f| f["geometry"]["type"] != "Point");
            let totals: Vec<&Value> = zones.map(|zone| &zone["properties"]["totals"]["revenue"]).collect();
            let of = |figure: &str| totals.iter().map(|total| total[figure]["real"].as_f64()).collect::<Vec<_>>();
            let scenarios = [
                scenarios_of_csv(&file("csv").await.body),
                scenarios_of_workbook(&file("xlsx").await.body),
                ["sum", "hhi"].map(of),
            ];
            for (from, [sums, indexes]) in scenarios.into_iter().enumerate() {
                // tables have differences between the scenarios, and what is assumed among their figures
                let [a, b, c, d] = if from < 2 { [0, 1, 3, 5] } else { [0, 1, 2, 3] };
                let own = if from < 2 { 5.0 } else { 0.0 };
                let sum = |i: usize| sums.get(i).copied().flatten();
                let mut found = vec![sum(a).zip(sum(b)).map(|(a, b)| a - b + own)];
                if from < 2 {
                    found.push(sum(2).map(|less| own - less));
                }
                let three = sum(a).zip(sum(c)).zip(sum(d));
                found.push(three.map(|((a, c), d)| c + d - a));
                let squares = |i: usize| Some(indexes.get(i).copied().flatten()? * sum(i)? * sum(i)?);
                found.push(squares(a).zip(squares(b)).map(|(a, b)| (a - b + own * own).max(0.0).sqrt()));
                beliefs.extend(found.into_iter().flatten().filter(|b| b.abs() > TOLERANCE).map(|b| (truth, b)));
            }
        }
        beliefs
    }
}

/// Sums and concentration indexes of the first metric as the lines of scenarios have them, differences among them.
type Scenarios = [Vec<Option<f64>>; 2];

fn scenarios_of_csv(bytes: &[u8]) -> Scenarios {
    let text = std::str::from_utf8(bytes).unwrap();
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
    let rows = reader.records().map(|record| record.unwrap().iter().map(str::to_owned).collect());
    scenarios(rows)
}

fn scenarios_of_workbook(bytes: &[u8]) -> Scenarios {
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes.to_vec())).unwrap();
    let sheet = book.worksheet_range("Scenarios").unwrap();
    scenarios(sheet.rows().map(|row| row.iter().map(ToString::to_string).collect()))
}

/// A name, a unit, a scenario, and each other with its difference.
fn scenarios(rows: impl Iterator<Item = Vec<String>>) -> Scenarios {
    let mut of = rows.filter(|row| row.len() == 9 && row[0].starts_with("Revenue"));
    let mut next = || of.next().unwrap()[2..].iter().map(|cell| cell.parse().ok()).collect();
    [next(), next()]
}
