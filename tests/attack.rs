//! An attacker who may see sums and lists, but no enterprise's restricted figures, and asks as many questions as the service
//! answers: what comes out must be no enterprise's figure. The same questions by the owner find nearly all of them, so the
//! attacks work.
//!
//! `ATTACK_REQUESTS` says how many questions each attack may ask; `make attack` asks 10,000.

use crate::channels::of_workbook;
use crate::common::service::Service;
use crate::common::{decode, encoded};
use axum::http::Request;
use geo::{Distance, Geodesic, Point};
use serde_json::{Value, json};
use shigu::core::query::Disclosure;
use shigu::http::Peer;
use shigu::service::store::Database;
use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};
use std::net::Ipv4Addr;
use tempfile::{TempDir, tempdir};

mod quotients;
mod trials;

/// An enterprise as everybody sees it, and its figure as the file has it.
struct Firm {
    at: Option<[f64; 2]>,
    district: String,
    cluster: String,
    secondary: Vec<String>,
    founded: i64,
    size: String,
    id: String,
    figure: Option<f64>,
    figure_before: Option<f64>,
}

fn firms() -> Vec<Firm> {
    let file = std::fs::read_to_string("geodata/hangzhou/enterprises.geojson").unwrap();
    let all: Value = serde_json::from_str(&file).unwrap();
    let firm = |f: &Value| {
        let p = &f["properties"];
        let text = |name: &str| p[name].as_str().unwrap_or_default().to_owned();
        let at = f["geometry"]["coordinates"].as_array().map(|c| [c[0].as_f64().unwrap(), c[1].as_f64().unwrap()]);
        Firm {
            at,
            district: text("district"),
            cluster: text("cluster"),
            secondary: p["cluster_secondary"]
                .as_array()
                .into_iter()
                .flatten()
                .map(|c| c.as_str().unwrap().to_owned())
                .collect(),
            founded: p["founded"].as_i64().unwrap_or_default(),
            size: text("size"),
            id: f["id"].as_str().unwrap().to_owned(),
            figure: p["revenue_2025"].as_f64(),
            figure_before: p["revenue_2024"].as_f64(),
        }
    };
    all["features"].as_array().unwrap().iter().map(firm).collect()
}

/// What an attack believes: the true figure, and its own.
type Beliefs = Vec<(f64, f64)>;

/// Those that are right within 10 %.
fn hits(beliefs: &Beliefs) -> usize {
    beliefs.iter().filter(|(truth, belief)| *truth != 0.0 && (belief / truth - 1.0).abs() <= 0.1).count()
}

struct Attack<'a> {
    service: &'a Service,
    firms: &'a [Firm],
    requests: usize,
}

const TOLERANCE: f64 = 1e-6;

impl Attack<'_> {
    async fn sum(&self, body: &Value) -> Option<f64> {
        let answer = self.service.post("/summary", "application/json", body.to_string()).await;
        (answer.status == 200).then(|| answer.json()["totals"]["revenue"]["sum"].as_f64()).flatten()
    }

    /// Asks for two sums that differ by one enterprise, for as many enterprises as there are questions for.
    async fn difference(&self, mut two: impl FnMut(&Firm) -> Option<[Value; 2]>) -> Beliefs {
        let mut beliefs = Vec::new();
        let mut left = self.requests;
        // enterprises all over the city, not the first of the file
        for i in 0..self.firms.len() {
            let firm = &self.firms[i * 1987 % self.firms.len()];
            let (Some(truth), true) = (firm.figure, left >= 2) else { continue };
            let Some([with, without]) = two(firm) else { continue };
            left -= 2;
            if let (Some(a), Some(b)) = (self.sum(&with).await, self.sum(&without).await)
                && (a - b).abs() > TOLERANCE
            {
                beliefs.push((truth, a - b));
            }
        }
        beliefs
    }

    /// By the id of the enterprise.
    async fn identifier(&self) -> Beliefs {
        let zone = |f: &Firm| f.district.clone();
        self.difference(|f| {
            Some([json!({"zone": zone(f)}), json!({"zone": zone(f), "filter": format!("id <> '{}'", f.id)})])
        })
        .await
    }

    /// By properties that only one enterprise of a zone has together.
    async fn combination(&self) -> Beliefs {
        self.difference(|f| {
            let own = self.only(f)?;
            Some([json!({"zone": f.district}), json!({"zone": f.district, "filter": format!("NOT ({own})")})])
        })
        .await
    }

    /// The same in addition to others that are left out both times: a tracker.
    async fn tracker(&self) -> Beliefs {
        self.difference(|f| {
            let own = self.only(f)?;
            let others = format!("(founded = {} AND cluster <> '{}')", f.founded + 1, f.cluster);
            Some([
                json!({"zone": f.district, "filter": format!("NOT {others}")}),
                json!({"zone": f.district, "filter": format!("NOT ({others} OR ({own}))")}),
            ])
        })
        .await
    }

    /// The conditions that only this enterprise of its district fulfils.
    fn only(&self, f: &Firm) -> Option<String> {
        let alike =
            |o: &&Firm| (&o.district, &o.cluster, o.founded, &o.size) == (&f.district, &f.cluster, f.founded, &f.size);
        let own = format!("cluster = '{}' AND founded = {} AND size = '{}'", f.cluster, f.founded, f.size);
        (self.firms.iter().filter(alike).count() == 1).then_some(own)
    }

    /// By a box, and the same with a hole around the enterprise.
    async fn hole(&self) -> Beliefs {
        self.difference(|f| {
            let [x, y] = f.at.filter(|at| self.alone(*at))?;
            let square = |half: f64| {
                json!([
                    [x - half, y - half],
                    [x + half, y - half],
                    [x + half, y + half],
                    [x - half, y + half],
                    [x - half, y - half]
                ])
            };
            let polygon = |rings: Value| json!({"polygon": {"type": "Polygon", "coordinates": rings}});
            Some([polygon(json!([square(0.05)])), polygon(json!([square(0.05), square(SMALL)]))])
        })
        .await
    }

    /// By a zone, and the same less a circle.
    async fn combine(&self) -> Beliefs {
        self.difference(|f| {
            let at = f.at.filter(|at| self.alone(*at))?;
            let circle = json!({"op": "difference", "circle": {"center": at, "radius_m": 1}});
            Some([json!({"zone": f.district}), json!({"zone": f.district, "combine": [circle]})])
        })
        .await
    }

    /// By a zone, and the same less what lies within a metre of the enterprise, which the question names.
    async fn buffer(&self) -> Beliefs {
        self.difference(|f| {
            f.at.filter(|at| self.alone(*at))?;
            let near = json!({"collection": "enterprises", "id": f.id, "distance_m": 1});
            let less = json!({"op": "difference", "buffer": near});
            Some([json!({"zone": f.district}), json!({"zone": f.district, "combine": [less]})])
        })
        .await
    }

    /// By the nearest k enterprises, and the nearest k - 1: the farthest is the difference.
    async fn nearest(&self) -> Beliefs {
        self.difference(|f| {
            let at = f.at.filter(|at| self.alone(*at))?;
            // seen from far away the enterprise is the last of some k
            let from = [at[0] + 0.02, at[1]];
            let (stretch, far) = (at[1].to_radians().cos(), 0.02 * at[1].to_radians().cos());
            let nearer =
                |o: &&Firm| o.at.is_some_and(|p| ((p[0] - from[0]) * stretch).hypot(p[1] - from[1]) < far - 1e-9);
            let k = self.firms.iter().filter(nearer).count();
            let nearest = |k: usize| json!({"nearest": {"center": from, "k": k}});
            (12..900).contains(&k).then(|| [nearest(k + 1), nearest(k)])
        })
        .await
    }

    /// By a box in addition to a zone, whose edge is moved over the enterprise.
    async fn bounds(&self) -> Beliefs {
        self.difference(|f| {
            let [x, y] = f.at.filter(|at| self.alone(*at))?;
            let to = |east: f64| json!({"zone": "city", "bbox": [x - 0.05, y - SMALL, east, y + 0.05]});
            Some([to(x + SMALL), to(x - SMALL)])
        })
        .await
    }

    /// By a cluster's sums with and without those who are in it secondarily, where that is one of a zone.
    async fn secondary(&self) -> Beliefs {
        let mut beliefs = Vec::new();
        let mut left = self.requests;
        let mut others: BTreeMap<(&str, &str), Vec<&Firm>> = BTreeMap::new();
        for firm in self.firms {
            for cluster in firm.secondary.iter().filter(|c| **c != firm.cluster) {
                others.entry((&firm.district, cluster)).or_default().push(firm);
            }
        }
        for ((district, cluster), firms) in others {
            let ([firm], true) = (&firms[..], left >= 2) else { continue };
            left -= 2;
            let of = async |secondary: bool| {
                let body = json!({"zone": district, "secondary": secondary}).to_string();
                let answer = self.service.post("/summary", "application/json", body).await.json();
                let row = answer["clusters"].as_array()?.iter().find(|row| row["code"] == cluster)?.clone();
                row["amounts"]["revenue"]["sum"].as_f64()
            };
            if let (Some(truth), Some(a), Some(b)) = (firm.figure, of(true).await, of(false).await)
                && (a - b).abs() > TOLERANCE
            {
                beliefs.push((truth, a - b));
            }
        }
        beliefs
    }

    /// By two views of the page that are kept as links: a circle whose radius grows over the enterprise, or conditions. Who
    /// follows a link asks what the page would.
    async fn saved_links(&self) -> Beliefs {
        let mut beliefs = Vec::new();
        let mut left = self.requests;
        let kept = Cell::new(0);
        let follow = async |view: String| {
            // each link from another address, so that no quota stands in the way
            kept.set(kept.get() + 1);
            let request = Request::post("/links").header("content-type", "application/json");
            let request = request.extension(Peer(Ipv4Addr::from_bits(0x0a00_0000 + kept.get()).into()));
            let saved = self.service.send(request.body(json!({"target": view}).to_string().into()).unwrap()).await;
            assert!(saved.status.is_success(), "{view} is not kept: {}", saved.status);
            let code = saved.json()["code"].as_str().unwrap().to_owned();
            let found = self.service.get(&format!("/s/{code}")).await;
            let (_, query) = found.header("location").split_once('?').expect("a link leads to a view");
            let view: BTreeMap<String, String> = form_urlencoded::parse(query.as_bytes()).into_owned().collect();
            let mut question = json!({});
            for name in ["zone", "filter"] {
                view.get(name).into_iter().for_each(|text| question[name] = json!(text));
            }
            if let Some(circle) = view.get("circle") {
                let [x, y, radius] = [0, 1, 2].map(|i| circle.split(',').nth(i).unwrap().parse::<f64>().unwrap());
                question["circle"] = json!({"center": [x, y], "radius_m": radius});
            }
            self.sum(&question).await
        };
        for i in 0..self.firms.len() {
            let firm = &self.firms[i * 1987 % self.firms.len()];
            let (Some(truth), Some([x, y]), true) = (firm.figure, firm.at, left >= 4) else { continue };
            let circle = |radius: f64| format!("?mode=query&circle={x},{},{radius}", y + 0.02);
            let far = Geodesic.distance(Point::new(x, y + 0.02), Point::new(x, y));
            let views = match self.only(firm) {
                Some(own) if i % 2 == 0 => {
                    let zone = format!("?zone={}", firm.district);
                    let filter = encoded(&format!("NOT ({own})"));
                    [zone.clone(), format!("{zone}&filter={filter}")]
                }
                _ if self.alone([x, y]) => [circle(far + 0.5), circle(far - 0.5)],
                _ => continue,
            };
            left -= 4;
            let [with, without] = views;
            if let (Some(a), Some(b)) = (follow(with).await, follow(without).await)
                && (a - b).abs() > TOLERANCE
            {
                beliefs.push((truth, a - b));
            }
        }
        beliefs
    }

    /// By the sums that workbooks hold.
    async fn reports(&self) -> Beliefs {
        let mut beliefs = Vec::new();
        let sum = async |question: Value| {
            let answer =
                self.service.post("/report?format=xlsx&lang=en", "application/json", question.to_string()).await;
            (answer.status == 200).then(|| of_workbook(&answer.body)).flatten()
        };
        for (firm, truth, at) in self.lone(self.requests.min(MOST_REPORTS), 2) {
            let circle = json!({"op": "difference", "circle": {"center": at, "radius_m": 1}});
            let (with, without) = (json!({"zone": firm.district}), json!({"zone": firm.district, "combine": [circle]}));
            if let (Some(a), Some(b)) = (sum(with).await, sum(without).await)
                && (a - b).abs() > TOLERANCE
            {
                beliefs.push((truth, a - b));
            }
        }
        beliefs
    }

    /// Enterprises with a figure near which there is no other, all over the city; as many as requests are enough for.
    fn lone(&self, requests: usize, each: usize) -> impl Iterator<Item = (&Firm, f64, [f64; 2])> {
        let some = (0..self.firms.len()).map(|i| &self.firms[i * 1987 % self.firms.len()]);
        let found = some.filter_map(|firm| Some((firm, firm.figure?, firm.at.filter(|at| self.alone(*at))?)));
        found.take(requests / each)
    }

    fn alone(&self, [x, y]: [f64; 2]) -> bool {
        let near = |o: &&Firm| o.at.is_some_and(|p| (p[0] - x).abs() <= 2.0 * SMALL && (p[1] - y).abs() <= 2.0 * SMALL);
        self.firms.iter().filter(near).count() == 1
    }

    /// From what is left when the ten largest are taken off a sum of eleven, and from the middle of an odd number: whose
    /// figure it is shows from the enterprise whose circle takes as much off its district.
    async fn statistics(&self) -> Beliefs {
        let mut beliefs = Vec::new();
        let mut groups: BTreeMap<(&str, i64), Vec<&Firm>> = BTreeMap::new();
        for firm in self.firms.iter().filter(|f| f.figure.is_some()) {
            groups.entry((&firm.cluster, firm.founded)).or_default().push(firm);
        }
        let mut left = self.requests;
        for ((cluster, founded), firms) in groups.into_iter().filter(|(_, f)| f.len() % 2 == 1 && f.len() < 30) {
            let alone: Vec<&Firm> = firms.iter().copied().filter(|f| f.at.is_some_and(|at| self.alone(at))).collect();
            if left < 2 * alone.len() + 1 {
                break;
            }
            left -= 2 * alone.len() + 1;
            let filter = format!("cluster = '{cluster}' AND founded = {founded}");
            let body = json!({"zone": "city", "statistics": true, "filter": filter}).to_string();
            let answer = self.service.post("/summary", "application/json", body).await;
            let total = answer.json()["totals"]["revenue"].clone();
            let (Some(sum), Some(s)) = (total["sum"].as_f64(), total["statistics"].as_object()) else { continue };
            let of = |name: &str| s[name].as_f64().unwrap();
            let mut figures = vec![of("median")];
            if firms.len() == 11 {
                figures.push(sum * (1.0 - of("top10_share")));
            }
            for firm in alone {
                let circle = json!({"op": "difference", "circle": {"center": firm.at, "radius_m": 1}});
                let two = [json!({"zone": firm.district}), json!({"zone": firm.district, "combine": [circle]})];
                let (Some(a), Some(b)) = (self.sum(&two[0]).await, self.sum(&two[1]).await) else { continue };
                let own = figures.iter().find(|figure| (a - b - **figure).abs() < 0.02);
                beliefs.extend(own.map(|figure| (firm.figure.unwrap(), *figure)));
            }
        }
        beliefs
    }

    /// By the table of zones, one enterprise of each cell left out a time.
    async fn zones_table(&self) -> Beliefs {
        let mut beliefs = Vec::new();
        let table = async |filter: &str| {
            let filter = if filter.is_empty() { String::new() } else { format!("&filter={}", encoded(filter)) };
            self.service.get(&format!("/zones?kind=district&statistics=true{filter}")).await
        };
        let cell = |answer: &Value, f: &Firm| {
            let zone = answer["zones"].as_array()?.iter().find(|z| z["id"] == f.district.as_str())?.clone();
            let cluster = zone["clusters"].as_array()?.iter().find(|c| c["code"] == f.cluster.as_str())?.clone();
            cluster["amounts"]["revenue"]["sum"].as_f64()
        };
        let whole = table("").await.json();
        let mut cells: BTreeMap<(&str, &str), Vec<&Firm>> = BTreeMap::new();
        for firm in self.firms.iter().filter(|f| f.figure.is_some()) {
            cells.entry((&firm.district, &firm.cluster)).or_default().push(firm);
        }
        for round in 0..self.requests.min(40) {
            let out: Vec<&Firm> = cells.values().filter_map(|firms| firms.get(round).copied()).collect();
            let founded = |f: &Firm| format!("(district = '{}' AND {})", f.district, self.only(f).unwrap_or_default());
            let out: Vec<&Firm> = out.into_iter().filter(|f| self.only(f).is_some()).take(60).collect();
            if out.is_empty() {
                continue;
            }
            let filter = format!("NOT ({})", out.iter().map(|f| founded(f)).collect::<Vec<_>>().join(" OR "));
            let answer = table(&filter).await;
            if answer.status != 200 {
                continue;
            }
            let answer = answer.json();
            for firm in out {
                if let (Some(a), Some(b)) = (cell(&whole, firm), cell(&answer, firm))
                    && (a - b).abs() > TOLERANCE
                {
                    beliefs.push((firm.figure.unwrap(), a - b));
                }
            }
        }
        beliefs
    }

    /// By the cells of tiles: a cell less the cells in it that hold several is the one that holds one.
    async fn tiles(&self) -> Beliefs {
        let mut beliefs = Vec::new();
        let mut tiles: BTreeMap<(u32, u32), Vec<&Firm>> = BTreeMap::new();
        for firm in self.firms {
            let Some([lon, lat]) = firm.at else { continue };
            let (x, y) = shigu::core::geometry::mercator::project(lon, lat);
            tiles.entry((x >> 22, y >> 22)).or_default().push(firm);
        }
        let mut tiles: Vec<_> = tiles.into_iter().collect();
        tiles.sort_by_key(|(_, firms)| std::cmp::Reverse(firms.len()));
        for ((x, y), _) in tiles.iter().take(self.requests / 2) {
            let get = async |z: u8, x: u32, y: u32, cells: u32| {
                let uri = format!("/xyz/enterprises/{z}/{x}/{y}.mvt?year=2025&cells={cells}");
                let answer = self.service.get(&uri).await;
                let layers = if answer.status == 200 { decode(&answer.body) } else { serde_json::Map::default() };
                layers.get("enterprises").and_then(Value::as_array).cloned().unwrap_or_default()
            };
            let (coarse, fine) = (get(10, *x, *y, 16).await, get(10, *x, *y, 32).await);
            for parent in coarse.iter().filter(|f| f["properties"]["n"].as_u64().is_some_and(|n| n > 3)) {
                let Some(sum) = parent["properties"]["revenue"].as_f64() else { continue };
                let children: Vec<&Value> = fine.iter().filter(|c| inside(parent, c, 16)).collect();
                let single: Vec<&&Value> = children.iter().filter(|c| c["properties"]["n"].is_null()).collect();
                let (1, Some(id)) = (single.len(), single.first().and_then(|s| s["properties"]["fid"].as_str())) else {
                    continue;
                };
                let rest: Option<f64> = children
                    .iter()
                    .filter(|c| !c["properties"]["n"].is_null())
                    .map(|c| c["properties"]["revenue"].as_f64())
                    .sum();
                let firm = self.firms.iter().find(|f| f.id == id);
                if let (Some(rest), Some(truth)) = (rest, firm.and_then(|f| f.figure)) {
                    beliefs.push((truth, sum - rest));
                }
            }
        }
        beliefs
    }

    /// By the enterprises there at the end of two years that follow each other: one that is alone in beginning between them.
    async fn years(&self) -> Beliefs {
        self.difference(|f| {
            let like = |g: &&Firm| (&g.district, &g.cluster, g.founded) == (&f.district, &f.cluster, f.founded);
            if f.founded == 0 || self.firms.iter().filter(like).count() > 1 {
                return None;
            }
            let until = |year: i64| {
                let filter = format!("cluster = '{}'", f.cluster);
                json!({"zone": f.district, "filter": filter, "datetime": format!("../{year}-12-31")})
            };
            Some([until(f.founded), until(f.founded - 1)])
        })
        .await
    }

    /// By what `/zones/change` says of a zone and of the zone less a circle around the enterprise: of all rows, of those that
    /// stayed and of those that entered, of its class and of what classes are together; and by a class in a zone of which one
    /// enterprise alone entered.
    async fn change(&self) -> Beliefs {
        let mut beliefs = Vec::new();
        for (firm, truth, at) in self.lone(self.requests, 2) {
            let circle = json!({"op": "difference", "circle": {"center": at, "radius_m": 1}});
            let ask = async |combine: Value| {
                let body = json!({"zone": firm.district, "since": "2024", "combine": combine}).to_string();
                let answer = self.service.post("/zones/change?weight=revenue", "application/json", body).await;
                assert_eq!(answer.status, 200, "{}", String::from_utf8_lossy(&answer.body));
                answer.json()["zones"][0].clone()
            };
            let (with, without) = (ask(json!([])).await, ask(json!([circle])).await);
            let class = |area: &Value| {
                let all = area["classes"].as_array().unwrap();
                all.iter().find(|c| c["code"] == firm.cluster.as_str()).cloned().unwrap_or_default()
            };
            let [own, others] = [class(&with), class(&without)];
            let pairs = [(&with, &without), (&own, &others), (&with["together"], &without["together"])];
            for (a, b) in pairs {
                type Figure = fn(&Value) -> Option<f64>;
                let figures: [Figure; 3] = [
                    |v| v["now"].as_f64(),
                    |v| v["rows"]["stayed_now"].as_f64(),
                    |v| v["rows"]["entered_now"].as_f64(),
                ];
                for of in figures {
                    let difference = of(a).zip(of(b)).map(|(a, b)| a - b);
                    beliefs.extend(difference.filter(|d| d.abs() > TOLERANCE).map(|d| (truth, d)));
                }
            }
            let alone = |f: &&Firm| (&f.district, &f.cluster, f.founded) == (&firm.district, &firm.cluster, 2025);
            let entered: Vec<&Firm> = self.firms.iter().filter(alone).collect();
            if let ([one], 1, Some(sum)) =
                (&entered[..], own["rows"]["entered"].as_u64().unwrap_or(0), own["rows"]["entered_now"].as_f64())
            {
                beliefs.extend(one.figure.map(|truth| (truth, sum)));
            }
        }
        beliefs
    }

    /// By what `/zones/chain` says of the stages of a zone and of the zone less a circle around the enterprise: of the class, of
    /// its stages, and of what the stages that are given leave of the class.
    async fn chain(&self) -> Beliefs {
        let mut beliefs = Vec::new();
        for (firm, truth, at) in self.lone(self.requests, 2) {
            let circle = json!({"op": "difference", "circle": {"center": at, "radius_m": 1}});
            let uri = format!("/zones/chain?weight=revenue&class={}", firm.cluster);
            let ask = async |combine: Value| {
                let body = json!({"zone": firm.district, "combine": combine}).to_string();
                let answer = self.service.post(&uri, "application/json", body).await;
                assert_eq!(answer.status, 200, "{}", String::from_utf8_lossy(&answer.body));
                answer.json()["zones"][0].clone()
            };
            let (with, without) = (ask(json!([])).await, ask(json!([circle])).await);
            let cells = |area: &Value| -> Vec<Value> {
                let stages = area["stages"].as_array().unwrap().iter().cloned();
                stages.chain([area["unstaged"].clone(), json!({"value": area["value"]})]).collect()
            };
            let value = |cell: &Value| cell["value"].as_f64();
            for (a, b) in cells(&with).iter().zip(&cells(&without)) {
                let difference = value(a).zip(value(b)).map(|(a, b)| a - b);
                beliefs.extend(difference.filter(|d| d.abs() > TOLERANCE).map(|d| (truth, d)));
            }
            // one enterprise alone at a stage is what the others leave of the class
            let all = cells(&with);
            let (hidden, given): (Vec<&Value>, Vec<&Value>) =
                all[..all.len() - 1].iter().partition(|c| c["withheld"] == true);
            if let ([one], Some(total)) = (&hidden[..], value(&all[all.len() - 1]))
                && one["count"] == 1
            {
                beliefs.push((truth, total - given.into_iter().filter_map(value).sum::<f64>()));
            }
        }
        beliefs
    }

    /// In the year before, whose noise must not be another.
    async fn year_before(&self) -> Beliefs {
        let both = self
            .difference(|f| {
                let at = f.at.filter(|at| self.alone(*at) && f.figure_before.is_some())?;
                let circle = json!({"op": "difference", "circle": {"center": at, "radius_m": 1}});
                Some([
                    json!({"zone": f.district, "year": 2024}),
                    json!({"zone": f.district, "year": 2024, "combine": [circle]}),
                ])
            })
            .await;
        // the figure of this year stands in for that of the year before, which the sums are of
        let of = |truth: f64| self.firms.iter().find(|f| f.figure == Some(truth)).and_then(|f| f.figure_before);
        both.into_iter().filter_map(|(truth, belief)| Some((of(truth)?, belief))).collect()
    }

    /// By the growth that `/site-selection` says of a class in the zone that holds a site, where the zone has one enterprise of the
    /// class, by who knows its figure of the year before.
    async fn sites(&self) -> Beliefs {
        let mut beliefs = Vec::new();
        let classes: BTreeSet<&str> = self.firms.iter().map(|f| f.cluster.as_str()).collect();
        for (class, kind) in classes.iter().flat_map(|class| [(class, "district"), (class, "platform")]) {
            let wish = json!({"by": "growth", "metric": "revenue", "kind": kind});
            let body = json!({"class": class, "limit": 200, "wishes": [wish]}).to_string();
            let found = self.service.post("/site-selection", "application/json", body).await.json();
            let zones = self.service.json(&format!("/zones?kind={kind}&cluster={class}")).await;
            for zone in zones["zones"].as_array().unwrap().iter().filter(|zone| zone["count"] == 1) {
                let body = json!({"zone": zone["id"], "filter": {"cluster": class}}).to_string();
                let rows = self.service.post("/collections/enterprises/search", "application/json", body).await.json();
                let firm = self.firms.iter().find(|f| rows["features"][0]["id"] == f.id.as_str());
                let part = |site: &Value| site["parts"][0].clone();
                let parts = found["sites"].as_array().unwrap().iter().map(part);
                let rate =
                    parts.filter(|part| part["of"]["zh"] == zone["name"]).find_map(|part| part["value"].as_f64());
                let known = firm.and_then(|f| Some((f.figure?, f.figure_before?)));
                beliefs.extend(known.zip(rate).map(|((truth, before), rate)| (truth, before * (1.0 + rate))));
            }
        }
        beliefs
    }
}

/// A workbook takes as long as a hundred sums, and holds no others (`channels::files_hold_the_protected_sums_and_no_others`).
const MOST_REPORTS: usize = 100;
/// Half the side of a hole, in degrees: about a metre.
const SMALL: f64 = 1e-5;

/// Whether a cell of half the side lies in another; `cells` of the larger a side of the tile.
fn inside(parent: &Value, child: &Value, cells: i64) -> bool {
    let cell = |f: &Value, cells: i64| {
        let text = f["geometry"].as_str().unwrap();
        let numbers = text.split(|c: char| !c.is_ascii_digit() && c != '-').filter_map(|n| n.parse::<i64>().ok());
        let at: Vec<i64> = numbers.take(2).collect();
        (at[0] * cells / 4096, at[1] * cells / 4096)
    };
    cell(parent, cells) == cell(child, cells)
}

async fn all(service: &Service, firms: &[Firm], requests: usize) -> Vec<(&'static str, Beliefs)> {
    let attack = Attack { service, firms, requests };
    vec![
        ("identifier", attack.identifier().await),
        ("combination", attack.combination().await),
        ("tracker", attack.tracker().await),
        ("hole", attack.hole().await),
        ("combine", attack.combine().await),
        ("buffer", attack.buffer().await),
        ("nearest", attack.nearest().await),
        ("trial zone", attack.trial_zone().await),
        ("trial change", attack.trial_change().await),
        ("trial files", attack.trial_files().await),
        ("bounds", attack.bounds().await),
        ("secondary", attack.secondary().await),
        ("saved links", attack.saved_links().await),
        ("reports", attack.reports().await),
        ("statistics", attack.statistics().await),
        ("zones", attack.zones_table().await),
        ("tiles", attack.tiles().await),
        ("year before", attack.year_before().await),
        ("years", attack.years().await),
        ("change", attack.change().await),
        ("chain", attack.chain().await),
        ("sites", attack.sites().await),
    ]
}

fn requests() -> usize {
    std::env::var("ATTACK_REQUESTS").ok().and_then(|n| n.parse().ok()).unwrap_or(100)
}

#[tokio::test]
async fn no_attack_finds_a_figure_and_the_owner_finds_them_all() {
    let firms = firms();
    let folders = [tempdir().unwrap(), tempdir().unwrap()];
    let service = |folder: &TempDir, disclosure| {
        Service::with_database("geodata/hangzhou", disclosure, Database::open(folder.path()).unwrap())
    };
    let (owner, reader) = (service(&folders[0], Disclosure::Full), service(&folders[1], Disclosure::Aggregates));
    let attacks = async |service: &Service, requests: usize| all(service, &firms, requests).await;
    no_figure_is_found(&owner, &reader, firms.len(), attacks).await;
}

/// Attacks work for the owner; who may not see rows finds next to nothing by them.
async fn no_figure_is_found(
    owner: &Service,
    reader: &Service,
    firms: usize,
    attacks: impl AsyncFn(&Service, usize) -> Vec<(&'static str, Beliefs)>,
) {
    let requests = requests();
    // enterprises that two questions single out, as the exact sums show: where others are in the difference, too, that it is
    // near a figure is by chance
    let mut singled_out: BTreeMap<&str, BTreeSet<u64>> = BTreeMap::new();
    for (name, beliefs) in attacks(owner, requests.max(60)).await {
        let hits = hits(&beliefs);
        assert!(
            !beliefs.is_empty() && hits * 10 >= beliefs.len() * 9,
            "{name} does not work: {hits} of {}",
            beliefs.len()
        );
        let exact = beliefs.iter().filter(|(truth, belief)| (belief / truth - 1.0).abs() < 1e-4);
        singled_out.insert(name, exact.map(|(truth, _)| truth.to_bits()).collect());
    }
    let (mut found, mut believed) = (0, 0);
    for (name, mut beliefs) in attacks(reader, requests).await {
        beliefs.retain(|(truth, _)| singled_out[name].contains(&truth.to_bits()));
        let hits = hits(&beliefs);
        println!("{name}: {hits} of {} within 10 %", beliefs.len());
        (found, believed) = (found + hits, believed + beliefs.len());
    }
    assert!(believed > 0);
    assert!(found * 1000 <= firms, "{found} of {firms} enterprises");
}

/// What the figures are good for all the same: districts within 1 %, and everything adds up.
#[tokio::test]
async fn protected_totals_are_near_the_true_ones_and_add_up() {
    let (owner, reader) = (Service::hangzhou(Disclosure::Full), Service::hangzhou(Disclosure::Aggregates));
    for year in [2021, 2025] {
        let uri = format!("/zones?kind=district&year={year}");
        let (exact, shown) = (owner.json(&uri).await, reader.json(&uri).await);
        for metric in ["revenue", "employees"] {
            let sum = |v: &Value| v["amounts"][metric]["sum"].as_f64();
            let mut total = 0.0;
            let all = |v: &Value, key: &str| v[key].as_array().unwrap().clone();
            for (exact, shown) in all(&exact, "zones").iter().zip(&all(&shown, "zones")) {
                let (a, b) = (sum(exact).unwrap(), sum(shown).unwrap());
                assert!((b / a - 1.0).abs() < 0.01, "{} {metric} {year}: {a} {b}", exact["name"]);
                assert_eq!((&shown["count"], &shown["amounts"][metric]["protected"]), (&exact["count"], &json!(true)));
                total += b;
            }
            total += all(&shown, "rest").iter().filter_map(sum).sum::<f64>();
            let city = sum(&shown["city"]).unwrap();
            assert!((city / sum(&exact["city"]).unwrap() - 1.0).abs() < 0.01);
            let hidden = all(&shown, "rest").iter().any(|r| r["amounts"][metric]["withheld"] == true);
            assert!(hidden || (city - total).abs() < 0.01 * total.abs() / 1e4, "{metric} {year}: {city} {total}");
        }
        let summary = reader.json(&format!("/summary?year={year}")).await;
        assert!(summary["notes"].as_array().unwrap().iter().any(|n| n["code"] == "protected"));
        let summary = owner.json(&format!("/summary?year={year}")).await;
        assert!(summary["notes"].as_array().unwrap().iter().all(|n| n["code"] != "protected"));
    }
}

/// What is said in docs/disclosure.md of the error of drawn areas and of an attacker who knows the method.
#[tokio::test]
async fn errors_shrink_with_the_number_of_enterprises_and_no_divisor_takes_the_noise_off() {
    let (firms, requests) = (firms(), requests().max(200));
    let (owner, reader) = (Service::hangzhou(Disclosure::Full), Service::hangzhou(Disclosure::Aggregates));
    let sizes = [10, 20, 50, 100, 300, usize::MAX];
    let mut errors = vec![vec![]; sizes.len() - 1];
    for i in 0..requests {
        let Some(at) = firms[i * 1987 % firms.len()].at else { continue };
        let radius = [500, 1000, 2000, 5000, 10_000][i % 5];
        let body = json!({"circle": {"center": at, "radius_m": radius}}).to_string();
        let exact = owner.post("/summary", "application/json", body.clone()).await.json();
        let shown = reader.post("/summary", "application/json", body).await.json();
        assert_eq!(exact["counts"], shown["counts"]);
        let sum = |v: &Value| v["totals"]["revenue"]["sum"].as_f64();
        let count = exact["counts"]["matched"].as_u64().unwrap() as usize;
        if let (Some(bin), Some(a), Some(b)) =
            (sizes.windows(2).position(|w| (w[0]..w[1]).contains(&count)), sum(&exact), sum(&shown))
        {
            errors[bin].push((b / a - 1.0).abs());
        }
    }
    let median = |all: &mut Vec<f64>| {
        all.sort_by(f64::total_cmp);
        (all[all.len() / 2], all[all.len() * 95 / 100])
    };
    for (errors, size) in errors.iter_mut().zip(sizes) {
        assert!(errors.len() > 5, "too few areas of {size}");
        let (half, most) = median(errors);
        println!(
            "{size} enterprises or more: median error {:.1} %, 95 % of them below {:.1} %",
            half * 100.0,
            most * 100.0
        );
        assert!(half < if size >= 100 { 0.05 } else { 0.2 }, "{size}: {half}");
    }
    let attack = Attack { service: &reader, firms: &firms, requests: requests * 4 };
    let beliefs = attack.combine().await;
    assert!(beliefs.len() > 100, "{}", beliefs.len());
    let best = (40..200).map(|percent| {
        let divided: Beliefs = beliefs.iter().map(|(t, b)| (*t, b * f64::from(percent) / 100.0)).collect();
        (hits(&divided) as f64 / beliefs.len() as f64, percent)
    });
    let (share, percent) = best.max_by(|a, b| a.0.total_cmp(&b.0)).unwrap();
    println!("the best factor, {percent} %, is right within 10 % for {:.1} %", share * 100.0);
    assert!(share < 0.4, "{share}");
}
