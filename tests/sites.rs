//! Sites for a firm: ranked as a plain scan over the files ranks them, in a city with foreign names; what may not leave does not.

use crate::common::copy_dataset;
use crate::common::service::Service;
use geo::{Distance, Geodesic, Point};
use proptest::prelude::*;
use serde_json::{Value, json};
use shigu::core::cancel::Cancel;
use shigu::core::model::Lang;
use shigu::core::query::{
    Disclosure, Embedded, Engine, QueryError, Question, SiteSelection, SiteSpec, class_fits, partners, ratios,
    site_selection,
};
use shigu::core::snapshot::Snapshot;
use shigu::data::load::{Limits, Source, load};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, LazyLock};
use tempfile::TempDir;

fn list<'a>(of: &'a Value, member: &str) -> &'a [Value] {
    of[member].as_array().unwrap_or_else(|| panic!("{member} of {of}"))
}

fn read(path: &Path) -> Value {
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

fn add(collection: &mut Value, property: Value) {
    collection["properties"].as_array_mut().unwrap().push(property);
}

fn text(name: &str) -> Value {
    json!({"zh": name, "en": name})
}

const HARBOURS: [(&str, &str, [f64; 4]); 4] = [
    ("H1", "local", [-8.72, 41.02, -8.55, 41.12]),
    ("H2", "national", [-8.62, 41.06, -8.48, 41.18]),
    ("H3", "regional", [-8.60, 41.10, -8.42, 41.25]),
    ("H4", "unranked", [-8.50, 41.03, -8.41, 41.08]),
];
const RANKS: [&str; 3] = ["national", "regional", "local"];
const RAILWAY: [[f64; 2]; 4] = [[-8.72, 41.10], [-8.60, 41.14], [-8.55, 41.05], [-8.40, 41.20]];

/// A county whose parcels are for companies: with prices, permitted branches, harbours of a rank and a railway.
#[expect(clippy::too_many_lines, reason = "one folder")]
fn county(change: impl Fn(&mut Value)) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    copy_dataset("tests/data/threetables", folder.path());
    let path = |name: &str| folder.path().join(name);
    let mut manifest = read(&path("dataset.json"));
    manifest["codelists"]["ranks"] = json!("ranks.json");
    manifest["codelists"]["steps"] = json!("steps.json");
    manifest["ratios"] = json!([{"id": "yield", "title": text("Turnover per hectare"), "unit": text("kr/ha"), "decimals": 1, "factor": 1000,
        "of": {"table": "companies", "metric": "turnover"}, "per": {"table": "parcels", "metric": "hectares"}}]);
    for c in manifest["collections"].as_array_mut().unwrap() {
        if c["id"] == "parcels" {
            add(
                c,
                json!({"name": "pris", "title": text("Price"), "type": "number", "decimals": 1, "unit": text("kr")}),
            );
            add(c, json!({"name": "tillatet", "title": text("Permitted"), "type": "strings", "codelist": "branches"}));
            add(c, json!({"name": "utrustning", "title": text("Fitted with"), "type": "strings"}));
            add(c, json!({"name": "ledig", "title": text("From"), "type": "date"}));
            add(c, json!({"name": "rang", "title": text("Rank"), "type": "string", "codelist": "ranks"}));
            add(c, json!({"name": "kontakt", "title": text("Contact"), "type": "string", "restricted": true}));
            add(
                c,
                json!({"name": "hemligt", "title": text("Secret"), "type": "number", "decimals": 1, "restricted": true}),
            );
            c["register"]["sites"] = json!({"occupants": "companies", "area": "hectares", "price": "pris", "classes": "tillatet",
                "facilities": "utrustning", "available": "ledig"});
        }
        if c["id"] == "companies" {
            add(c, json!({"name": "steg", "title": text("Step"), "type": "string", "codelist": "steps"}));
            c["register"]["stage"] = json!("steg");
        }
    }
    let named = |ty: &str, id: &str| {
        json!({"id": id, "file": format!("{id}.geojson"), "title": text(id), "geometry": ty, "name": "namn", "source": text("invented"),
            "properties": [{"name": "namn", "title": text("Name"), "type": "string"}]})
    };
    let (mut harbours, railway) = (named("polygon", "harbours"), named("line", "railway"));
    harbours["role"] = json!("zones");
    harbours["zone"] = json!({"kind": "harbour"});
    let of = json!({"name": "of", "title": text("Of"), "type": "string", "references": "authorities"});
    let rank = json!({"name": "rang", "title": text("Rank"), "type": "string", "codelist": "ranks"});
    harbours["properties"].as_array_mut().unwrap().extend([of, rank.clone()]);
    let mut authorities = named("point", "authorities");
    authorities["properties"].as_array_mut().unwrap().push(rank);
    manifest["collections"].as_array_mut().unwrap().extend([harbours, railway, authorities]);
    change(&mut manifest);
    let entry = |code: &str| json!({"code": code, "name": text(code)});
    let ranks: Vec<Value> = RANKS.iter().map(|code| entry(code)).collect();
    let step = |code: &str, class: &str, after: &[&str]| json!({"code": code, "name": text(code), "class": class, "after": after});
    let steps = [
        step("felling", "timber", &[]),
        step("sawing", "timber", &["felling"]),
        step("trade", "timber", &["sawing"]),
        step("pulp", "paper", &[]),
    ];
    let ring = |[w, s, e, n]: [f64; 4]| json!([[[w, s], [e, s], [e, n], [w, n], [w, s]]]);
    let feature = |id: &str, geometry: Value, properties: Value| json!({"type": "Feature", "id": id, "geometry": geometry, "properties": properties});
    let all = |features: Vec<Value>| json!({"type": "FeatureCollection", "features": features});
    let rank_of = |rank: &str| if rank == "unranked" { Value::Null } else { json!(rank) };
    let harbour = |(id, rank, bounds): &(&str, &str, [f64; 4])| {
        let properties = json!({"namn": id, "rang": rank_of(rank), "of": format!("A{id}")});
        feature(id, json!({"type": "Polygon", "coordinates": ring(*bounds)}), properties)
    };
    let authority = |(id, rank, _): &(&str, &str, [f64; 4])| {
        feature(
            &format!("A{id}"),
            json!({"type": "Point", "coordinates": [-8.5, 41.1]}),
            json!({"namn": id, "rang": rank_of(rank)}),
        )
    };
    let mut parcels = read(&path("parcels.geojson"));
    for (i, parcel) in parcels["features"].as_array_mut().unwrap().iter_mut().enumerate() {
        let p = &mut parcel["properties"];
        p["pris"] = if i % 9 == 4 { Value::Null } else { json!(((i * 37) % 50) as f64 + 0.5) };
        p["tillatet"] = [json!(["timber"]), json!(["paper", "steel"]), json!([]), Value::Null][i % 4].clone();
        p["utrustning"] = json!([["crane", "quay"], ["quay", "power"]][i % 2]);
        p["ledig"] = json!(format!("20{:02}-01-01", 24 + i % 5));
        p["rang"] = [json!("national"), json!("local"), Value::Null][i % 3].clone();
        p["kontakt"] = json!(format!("secret-{i}"));
        p["hemligt"] = json!(i as f64 / 2.0);
    }
    let mut companies = read(&path("companies.geojson"));
    for (i, company) in companies["features"].as_array_mut().unwrap().iter_mut().enumerate() {
        let p = &mut company["properties"];
        p["steg"] = match p["bransch"].as_str() {
            Some("timber") => [json!("felling"), json!("sawing"), json!("trade"), Value::Null][i % 4].clone(),
            Some("paper") => json!("pulp"),
            _ => Value::Null,
        };
    }
    let write = |name: &str, value: &Value| std::fs::write(path(name), value.to_string()).unwrap();
    write("dataset.json", &manifest);
    write("parcels.geojson", &parcels);
    write("companies.geojson", &companies);
    write("ranks.json", &json!({"id": "ranks", "title": text("Ranks"), "entries": ranks}));
    write("steps.json", &json!({"id": "steps", "title": text("Steps"), "entries": steps}));
    write("harbours.geojson", &all(HARBOURS.iter().map(harbour).collect()));
    write("authorities.geojson", &all(HARBOURS.iter().map(authority).collect()));
    write(
        "railway.geojson",
        &all(vec![feature("R1", json!({"type": "LineString", "coordinates": RAILWAY}), json!({"namn": "Banan"}))]),
    );
    folder
}

fn snapshot_of(folder: &TempDir) -> Arc<Snapshot> {
    let (dataset, report) = load(&Source::Folder(folder.path().to_owned()), &Limits::default());
    Arc::new(Snapshot::new(dataset.unwrap_or_else(|| panic!("{}", report.render(Lang::En)))))
}

/// The county, and the files as they are.
struct World {
    engine: Embedded,
    parcels: Vec<Value>,
    companies: Vec<Value>,
    municipalities: Vec<Value>,
    _folder: TempDir,
}

static WORLD: LazyLock<World> = LazyLock::new(|| {
    let folder = county(|_| {});
    let features = |name: &str| list(&read(&folder.path().join(name)), "features").to_vec();
    World {
        engine: snapshot_of(&folder).into(),
        parcels: features("parcels.geojson"),
        companies: features("companies.geojson"),
        municipalities: features("municipalities.geojson"),
        _folder: folder,
    }
});

fn pair(of: &Value) -> [f64; 2] {
    [of[0].as_f64().unwrap(), of[1].as_f64().unwrap()]
}

/// The middle of a parcel, which is a rectangle; the point of a company.
fn place(feature: &Value) -> Option<[f64; 2]> {
    let at = &feature["geometry"]["coordinates"];
    match feature["geometry"]["type"].as_str() {
        Some("Point") => Some(pair(at)),
        Some("Polygon") => {
            let (a, c) = (pair(&at[0][0]), pair(&at[0][2]));
            Some([f64::midpoint(a[0], c[0]), f64::midpoint(a[1], c[1])])
        }
        _ => None,
    }
}

fn inside(ring: &[Value], [x, y]: [f64; 2]) -> bool {
    let crossed = ring.windows(2).filter(|line| {
        let (a, b) = (pair(&line[0]), pair(&line[1]));
        let ([ax, ay], [bx, by]) = if a[1] <= b[1] { (a, b) } else { (b, a) };
        (ay > y) != (by > y) && x < (bx - ax) * (y - ay) / (by - ay) + ax
    });
    crossed.count() % 2 == 1
}

fn far(a: [f64; 2], b: [f64; 2]) -> f64 {
    Geodesic.distance(Point::from(a), Point::from(b))
}

impl World {
    fn municipality(&self, feature: &Value) -> Option<&str> {
        let declared = || {
            let code = feature["properties"]["kommun"].as_str();
            self.municipalities.iter().find(|m| m["id"].as_str() == code)
        };
        let found = match place(feature) {
            Some(at) => self
                .municipalities
                .iter()
                .find(|m| inside(list(&m["geometry"], "coordinates")[0].as_array().unwrap(), at)),
            None => declared(),
        };
        found.and_then(|m| m["id"].as_str())
    }

    fn of<'a>(&'a self, class: &'a str, id: Option<&'a str>) -> impl Iterator<Item = &'a Value> {
        let here = move |c: &&Value| id.is_none_or(|id| self.municipality(c) == Some(id));
        self.companies.iter().filter(move |c| class.is_empty() || c["properties"]["bransch"] == class).filter(here)
    }

    /// The value of a wish at a parcel, and how far another value may be from it.
    fn value(&self, parcel: &Value, class: &str, stage: Option<&str>, wish: &Value) -> (Option<f64>, f64) {
        let at = place(parcel).unwrap();
        let home = self.municipality(parcel);
        match wish["by"].as_str().unwrap() {
            "partners" => {
                let metres = wish["distance_m"].as_f64().unwrap();
                let steps: Option<&[&str]> = stage.map(|stage| match stage {
                    "felling" => &["sawing"][..],
                    "sawing" => &["felling", "trade"],
                    "trade" => &["sawing"],
                    _ => &[],
                });
                let wanted = |c: &&Value| {
                    steps.is_none_or(|s| c["properties"]["steg"].as_str().is_some_and(|of| s.contains(&of)))
                };
                let near = |metres: f64| {
                    let all = self.of(class, None).filter(wanted).filter_map(place);
                    all.filter(|there| far(at, *there) <= metres).count() as f64
                };
                let (low, high) = (near(metres * 0.998), near(metres * 1.002));
                (Some(f64::midpoint(low, high)), (high - low) / 2.0)
            }
            "quotient" => {
                let count = |class, id| self.of(class, id).count() as f64;
                let lq = home
                    .map(|id| (count(class, Some(id)) / count("", Some(id))) / (count(class, None) / count("", None)));
                (lq, 1e-9)
            }
            "growth" => {
                let Some(id) = home else { return (None, 0.0) };
                let of = |c: &Value, year: &str| c["properties"][format!("turnover_{year}")].as_f64();
                let both: Vec<(f64, f64)> =
                    self.of(class, Some(id)).filter_map(|c| of(c, "2024").zip(of(c, "2023"))).collect();
                let sums = both.iter().fold((0.0, 0.0), |all, of| (all.0 + of.0, all.1 + of.1));
                ((sums.1 > 0.0).then(|| sums.0 / sums.1 - 1.0), 1e-9)
            }
            "zone" => {
                let held =
                    HARBOURS.iter().filter(|(_, _, [w, s, e, n])| at[0] > *w && at[0] < *e && at[1] > *s && at[1] < *n);
                let rank = |rank: &str| RANKS.iter().position(|of| *of == rank).map(|place| (3 - place) as f64);
                match wish["property"].as_str() {
                    None => (Some(f64::from(u8::from(held.count() > 0))), 0.0),
                    Some(_) => (held.filter_map(|(_, of, _)| rank(of)).reduce(f64::max), 0.0),
                }
            }
            "distance" => {
                let scale = [111_319.49 * at[1].to_radians().cos() * 1.00146, 111_050.0];
                let to = |p: [f64; 2]| [(p[0] - at[0]) * scale[0], (p[1] - at[1]) * scale[1]];
                let edge = |line: &[[f64; 2]]| {
                    let (a, b) = (to(line[0]), to(line[1]));
                    let (dx, dy) = (b[0] - a[0], b[1] - a[1]);
                    let t = (-(a[0] * dx + a[1] * dy) / (dx * dx + dy * dy)).clamp(0.0, 1.0);
                    (a[0] + t * dx).hypot(a[1] + t * dy)
                };
                let least = RAILWAY.windows(2).map(edge).fold(f64::INFINITY, f64::min);
                (Some(least), least * 0.002 + 1.0)
            }
            _ => {
                let name = if wish["metric"].is_null() { wish["property"].as_str().unwrap() } else { "hectares_2024" };
                let value = &parcel["properties"][name];
                let rank = value.as_str().and_then(|of| RANKS.iter().position(|r| *r == of)).map(|p| (3 - p) as f64);
                (value.as_f64().or(rank), 1e-9)
            }
        }
    }

    fn select(&self, spec: &Value) -> Result<SiteSelection, QueryError> {
        let spec: SiteSpec = serde_json::from_value(spec.clone()).unwrap();
        let bound = self.engine.bind(&spec.question.clone().about("parcels"), Disclosure::Full)?;
        site_selection(&bound, &spec)
    }
}

/// What an answer says is what a scan over the files finds, wish by wish, and the order that of the weighted means.
fn agrees(world: &World, spec: &Value, open: impl Fn(&Value) -> bool) {
    let (class, stage) = (spec["class"].as_str().unwrap(), spec["stage"].as_str());
    let found = world.select(spec).unwrap();
    let wanted: BTreeMap<&str, &Value> =
        world.parcels.iter().filter(|p| open(p)).map(|p| (p["id"].as_str().unwrap(), p)).collect();
    assert_eq!((found.matched as usize, found.sites.len()), (wanted.len(), wanted.len()));
    let wishes = list(spec, "wishes");
    let all: f64 = wishes.iter().map(|w| w["weight"].as_f64().unwrap()).sum();
    // values first: what is on the border of a distance is as the answer has it
    let mut values: BTreeMap<&str, Vec<Option<f64>>> = BTreeMap::new();
    for site in &found.sites {
        let parcel = wanted.get(&*site.id).unwrap_or_else(|| panic!("{} is not permitted or not wanted", site.id));
        for (wish, part) in wishes.iter().zip(&site.parts) {
            let (value, off) = world.value(parcel, class, stage, wish);
            let near = value.zip(part.value).is_none_or(|(own, other)| (own - other).abs() <= off);
            assert!(value.is_some() == part.value.is_some() && near, "{} {wish}: {value:?}, {part:?}", site.id);
        }
        values.insert(&site.id, site.parts.iter().map(|part| part.value).collect());
    }
    let mut before = f64::INFINITY;
    for (rank, site) in found.sites.iter().enumerate() {
        let mut score = 0.0;
        for (at, (wish, part)) in wishes.iter().zip(&site.parts).enumerate() {
            let known: Vec<f64> = values.values().filter_map(|of| of[at]).collect();
            let (least, most) = (
                known.iter().copied().fold(f64::INFINITY, f64::min),
                known.iter().copied().fold(f64::NEG_INFINITY, f64::max),
            );
            let less = wish["prefer"] == "less" || (wish["by"] == "distance" && wish["prefer"].is_null());
            let (low, high) = if less { (most, least) } else { (least, most) };
            let (worst, best) = (wish["worst"].as_f64().unwrap_or(low), wish["best"].as_f64().unwrap_or(high));
            let scaled = match part.value {
                None => 0.0,
                Some(_) if worst.total_cmp(&best).is_eq() => 1.0,
                Some(value) => ((value - worst) / (best - worst)).clamp(0.0, 1.0),
            };
            assert!((scaled - part.scaled).abs() < 1e-9, "{} {wish}: {scaled} {part:?}", site.id);
            let adds = scaled * wish["weight"].as_f64().unwrap() / all;
            assert!((adds - part.adds).abs() < 1e-9);
            score += adds;
        }
        assert!((score - site.score).abs() < 1e-9 && site.score <= before + 1e-12, "{} of {}", site.score, site.id);
        assert_eq!(site.rank, rank as u64 + 1);
        before = site.score;
    }
    let first: f64 = found.sites.iter().filter_map(|site| site.first).sum();
    let among: f64 = found.sites.iter().filter_map(|site| site.among_three).sum();
    if !found.sites.is_empty() {
        assert!((first - 1.0).abs() < 1e-9 && (among - found.sites.len().min(3) as f64).abs() < 1e-9);
    }
}

fn every_wish() -> Vec<Value> {
    vec![
        json!({"by": "partners", "distance_m": 6000}),
        json!({"by": "partners", "distance_m": 2500, "worst": 0, "best": 4}),
        json!({"by": "quotient"}),
        json!({"by": "growth", "metric": "turnover"}),
        json!({"by": "zone", "kind": "harbour"}),
        json!({"by": "zone", "kind": "harbour", "property": "rang"}),
        json!({"by": "zone", "kind": "harbour", "property": "of.rang"}),
        json!({"by": "distance", "collection": "railway"}),
        json!({"by": "distance", "collection": "railway", "filter": "namn = 'Banan'", "worst": 5000, "best": 500}),
        json!({"by": "distance", "collection": "railway", "prefer": "more"}),
        json!({"by": "value", "property": "pris", "prefer": "less"}),
        json!({"by": "value", "metric": "hectares"}),
        json!({"by": "value", "property": "rang"}),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]
    #[test]
    fn sites_are_those_of_a_plain_scan(
        weights in proptest::collection::vec(0u8..5, 13),
        class in prop::sample::select(vec!["timber", "paper", "steel"]),
        stage in proptest::option::of(prop::sample::select(vec!["felling", "sawing", "trade"])),
        dear in 10u32..60,
    ) {
        let stage = stage.filter(|_| class == "timber");
        let mut wishes = Vec::new();
        for (mut wish, weight) in every_wish().into_iter().zip(weights).filter(|(_, weight)| *weight > 0) {
            wish["weight"] = json!(weight);
            wishes.push(wish);
        }
        prop_assume!(!wishes.is_empty());
        let mut spec = json!({"class": class, "wishes": wishes, "limit": 200, "question": {"filter": format!("pris < {dear} OR pris IS NULL")}});
        if let Some(stage) = stage {
            spec["stage"] = json!(stage);
        }
        agrees(&WORLD, &spec, |parcel| {
            let p = &parcel["properties"];
            let cheap = p["pris"].as_f64().is_none_or(|pris| pris < f64::from(dear));
            let stated = p["tillatet"].as_array().filter(|list| !list.is_empty());
            cheap && stated.is_none_or(|list| list.contains(&json!(class)))
        });
    }
}

#[test]
fn the_same_question_has_the_same_bytes_and_another_seed_other_draws() {
    let wishes: Vec<Value> = every_wish()
        .into_iter()
        .map(|mut w| {
            w["weight"] = json!(1);
            w
        })
        .collect();
    let ask = |seed: u64| {
        let found = WORLD.select(&json!({"class": "timber", "wishes": wishes, "seed": seed})).unwrap();
        serde_json::to_string(&found).unwrap()
    };
    assert_eq!(ask(1), ask(1));
    for threads in [1, 2, 3, 8] {
        assert_eq!(Cancel::on_threads(threads).run(|| ask(1)).unwrap(), ask(1), "{threads} threads");
    }
    assert_ne!(ask(1), ask(2));
    // those that are named are listed, wherever they stand
    let one = json!({"class": "timber", "wishes": wishes, "limit": 1});
    let first = WORLD.select(&one).unwrap();
    let whole = WORLD.select(&json!({"class": "timber", "wishes": wishes, "limit": 200})).unwrap();
    let last = whole.sites.last().unwrap();
    let mut named = one.clone();
    named["named"] = json!([last.id]);
    let named = WORLD.select(&named).unwrap();
    assert_eq!(
        (first.sites.len(), named.sites.len(), &named.sites[1].id, named.sites[1].rank),
        (1, 2, &last.id, last.rank)
    );
}

#[test]
fn the_class_that_fits_a_site_is_the_one_with_the_best_figures_there() {
    let world = &*WORLD;
    let wishes = json!([{"by": "partners", "distance_m": 5000, "weight": 2}, {"by": "quotient"}, {"by": "distance", "collection": "railway"}]);
    let wishes: Vec<shigu::core::query::Wish> = serde_json::from_value(wishes).unwrap();
    let bound = world.engine.bind(&Question::of("parcels"), Disclosure::Full).unwrap();
    let mut best = BTreeMap::new();
    for parcel in &world.parcels {
        let found = class_fits(&bound, parcel["id"].as_str().unwrap(), &wishes, 0).unwrap();
        assert_eq!((found.classes.len(), found.wishes.len(), found.left_out), (3, 2, 1));
        for fit in &found.classes {
            let stated = parcel["properties"]["tillatet"].as_array().filter(|list| !list.is_empty());
            assert_eq!(fit.permitted, stated.is_none_or(|list| list.contains(&json!(fit.code))));
            for (wish, part) in
                [json!({"by": "partners", "distance_m": 5000}), json!({"by": "quotient"})].iter().zip(&fit.parts)
            {
                let (value, off) = world.value(parcel, &fit.code, None, wish);
                assert!(
                    value.zip(part.value).is_none_or(|(a, b)| (a - b).abs() <= off),
                    "{} {value:?} {part:?}",
                    fit.code
                );
            }
        }
        assert!(found.classes.is_sorted_by(|a, b| a.score >= b.score));
        *best.entry(found.classes[0].code.clone()).or_insert(0) += 1;
    }
    assert!(best.len() > 1, "{best:?}");
    assert!(matches!(class_fits(&bound, "nowhere", &wishes, 0), Err(QueryError::UnknownFeature { .. })));
}

#[test]
fn partners_are_those_of_the_neighbouring_stages() {
    let world = &*WORLD;
    let ask = |collection: &str, id: &str, of: (Option<&str>, Option<&str>), metres: f64| {
        let bound = world.engine.bind(&Question::of(collection), Disclosure::Full).unwrap();
        partners(&bound, id, of, metres)
    };
    let mut seen = 0;
    for (collection, all) in [("parcels", &world.parcels), ("companies", &world.companies)] {
        for feature in all.iter().filter(|f| place(f).is_some()) {
            let id = feature["id"].as_str().unwrap();
            let own = collection == "companies";
            if own && (feature["properties"]["bransch"] != "timber" || feature["properties"]["steg"] != "sawing") {
                continue;
            }
            let of = if own { (None, None) } else { (Some("timber"), Some("sawing")) };
            let found = ask(collection, id, of, 8000.0).unwrap().unwrap();
            let relations: Vec<_> =
                found.stages.iter().map(|s| (s.stage.as_ref().unwrap().code.as_str(), s.relation)).collect();
            assert_eq!(relations, [("felling", Some("before")), ("trade", Some("after"))]);
            for stage in &found.stages {
                let code = &stage.stage.as_ref().unwrap().code;
                let mut near: Vec<f64> = world
                    .of("timber", None)
                    .filter(|c| c["properties"]["steg"] == json!(code))
                    .filter_map(place)
                    .map(|there| far(place(feature).unwrap(), there))
                    .filter(|metres| *metres <= 8000.0)
                    .collect();
                near.sort_by(f64::total_cmp);
                assert_eq!(stage.count as usize, near.len());
                assert!(stage.nearest.iter().zip(&near).all(|(a, b)| (a.metres - b).abs() < 1e-6));
                seen += near.len();
            }
            assert!(found.notes[0].zh.contains("名录中的公司"), "{}", found.notes[0].zh);
        }
    }
    assert!(seen > 100, "{seen}");
    assert!(ask("companies", "nobody", (None, None), 500.0).unwrap().is_none());
    // a parcel has no class of its own: the first that has stages, all of them
    let found = ask("parcels", "P001", (None, None), 500.0).unwrap().unwrap();
    assert_eq!((found.class.code.as_str(), found.stages.len(), found.stages[0].relation), ("timber", 3, None));
}

#[test]
fn ratios_are_quotients_of_the_sums_of_two_tables() {
    let world = &*WORLD;
    let bound = world.engine.bind(&Question::register(), Disclosure::Full).unwrap();
    let found = ratios(&bound).unwrap();
    assert_eq!((found.ratios.len(), found.ratios[0].zones.len()), (1, 4));
    for zone in &found.ratios[0].zones {
        let sum = |all: &[Value], name: &str| -> f64 {
            all.iter()
                .filter(|f| world.municipality(f) == Some(&zone.zone.id))
                .filter_map(|f| f["properties"][name].as_f64())
                .sum()
        };
        let wanted = sum(&world.companies, "turnover_2024") / sum(&world.parcels, "hectares_2024") * 1000.0;
        assert!((zone.value.unwrap() - wanted).abs() < 1e-6 * wanted, "{zone:?} {wanted}");
    }
}

/// Who is limited to a municipality sees its parcels, and of its companies only those.
#[test]
fn a_limited_reader_sees_own_sites_and_partners_only() {
    let folder = county(|_| {});
    let limited = Embedded::from(snapshot_of(&folder).within(&["M1".to_owned()]));
    let world = &*WORLD;
    let wishes =
        json!([{"by": "partners", "distance_m": 50_000}, {"by": "quotient"}, {"by": "zone", "kind": "harbour"}]);
    let spec: SiteSpec = serde_json::from_value(json!({"class": "timber", "limit": 200, "wishes": wishes})).unwrap();
    let bound = limited.bind(&Question::of("parcels"), Disclosure::Aggregates).unwrap();
    let found = site_selection(&bound, &spec).unwrap();
    let permitted = |p: &&Value| {
        let stated = p["properties"]["tillatet"].as_array().filter(|list| !list.is_empty());
        stated.is_none_or(|list| list.contains(&json!("timber")))
    };
    let own = world.parcels.iter().filter(|p| world.municipality(p) == Some("M1")).filter(permitted).count();
    assert!(own > 3 && found.sites.len() == own, "{own} {}", found.sites.len());
    // all of the municipality is within the distance
    let near = world.of("timber", Some("M1")).filter(|c| place(c).is_some()).count() as f64;
    assert!(found.sites.iter().all(|site| site.parts[0].value == Some(near)));
    assert!(near < world.of("timber", None).filter(|c| place(c).is_some()).count() as f64);
    assert!(found.notes.iter().any(|note| note.code == "scope"));
    let elsewhere = spec.question.clone().about("parcels").in_zone("M2");
    assert!(limited.bind(&elsewhere, Disclosure::Aggregates).is_err());
}

/// The papers hold what the answer says, in both languages.
#[tokio::test]
async fn papers_say_what_the_answer_says() {
    let folder = county(|_| {});
    let s = Service::open(folder.path().to_str().unwrap(), Disclosure::Full);
    let spec = json!({"class": "timber", "limit": 5, "wishes": every_wish()}).to_string();
    let found = s.post("/site-selection", "application/json", spec.clone()).await.json();
    for (lang, titles) in [("zh", ["方案比选", "排前三"]), ("en", ["Comparison of sites", "First three"])] {
        for (form, begins) in [("csv", "\u{feff}"), ("html", "<!"), ("docx", "PK"), ("xlsx", "PK"), ("pdf", "%PDF")] {
            let uri = format!("/site-selection?f={form}&lang={lang}");
            let answer = s.post(&uri, "application/json", spec.clone()).await;
            assert_eq!(answer.status, 200, "{uri}: {}", String::from_utf8_lossy(&answer.body));
            let text = String::from_utf8_lossy(&answer.body);
            assert!(form == "csv" || text.starts_with(begins), "{uri}");
            if form == "csv" || form == "html" {
                for site in list(&found, "sites") {
                    assert!(text.contains(site["name"][lang].as_str().unwrap()), "{uri} {site}");
                }
                for wish in list(&found, "wishes") {
                    let title = wish["title"][lang].as_str().unwrap().split(['(', '“', '"']).next().unwrap();
                    assert!(text.contains(title), "{uri} {title}");
                }
                assert!(titles.iter().all(|title| text.contains(title)), "{uri}");
            }
        }
    }
}

#[tokio::test]
async fn answers_over_http_and_what_is_refused() {
    let folder = county(|_| {});
    let open = |disclosure| Service::open(folder.path().to_str().unwrap(), disclosure);
    let (owner, viewer) = (open(Disclosure::Full), open(Disclosure::Aggregates));
    let spec = json!({"class": "timber", "stage": "sawing", "wishes": every_wish(), "question": {"zone": "M1"}});
    let post = async |s: &Service, path: &str, body: &Value| s.post(path, "application/json", body.to_string()).await;
    let found = post(&owner, "/site-selection", &spec).await;
    assert_eq!(found.status, 200, "{}", found.json());
    assert!(!list(&found.json(), "sites").is_empty() && found.json()["table"] == "parcels");
    let about = owner.json("/dataset").await;
    let sites: Vec<&Value> = list(&about, "tables").iter().map(|t| &t["sites"]["occupants"]).collect();
    assert_eq!((sites, &about["ratios"]), (vec![&Value::Null, &json!("companies"), &Value::Null], &json!(true)));
    let near = owner.json("/collections/parcels/items/P001/partners?class=timber&stage=sawing").await;
    assert_eq!(list(&near, "stages").len(), 2);
    // who may not see single figures ranks by none, and learns of sums what /zones says
    let growth = json!({"class": "timber", "limit": 200, "wishes": [{"by": "growth", "metric": "turnover"}]});
    let found = post(&viewer, "/site-selection", &growth).await.json();
    let zones = viewer.json("/zones?kind=municipality&growth=true&bransch=timber").await;
    let mut known = 0;
    for site in list(&found, "sites") {
        let part = &site["parts"][0];
        let zone = list(&zones, "zones").iter().find(|z| z["name"] == part["of"]["zh"]);
        known += usize::from(zone.is_some());
        assert_eq!(
            part["value"],
            zone.map_or(Value::Null, |zone| zone["amounts"]["turnover"]["growth"]["rate"].clone())
        );
    }
    assert!(known > 0);
    assert!(!found.to_string().contains("secret"));
    for secret in ["kontakt", "hemligt"] {
        let wish = json!({"wishes": [{"by": "value", "property": secret}]});
        assert_eq!(post(&viewer, "/site-selection", &wish).await.status, 403, "{secret}");
        let filter = json!({"question": {"filter": format!("{secret} IS NOT NULL")}, "wishes": [{"by": "value", "property": "pris"}]});
        assert_eq!(post(&viewer, "/site-selection", &filter).await.status, 403, "{secret}");
    }
    for (wrong, said) in [
        (json!({"wishes": []}), "wishes"),
        (json!({"wishes": [{"by": "quotient"}]}), "class"),
        (json!({"class": "nothing", "wishes": [{"by": "quotient"}]}), "timber | paper | steel"),
        (json!({"class": "timber", "stage": "pulp", "wishes": [{"by": "quotient"}]}), "felling | sawing | trade"),
        (json!({"class": "timber", "wishes": [{"by": "quotient", "metric": "turnover"}]}), "wishes[0]"),
        (json!({"class": "timber", "wishes": [{"by": "partners"}]}), "distance_m"),
        (json!({"wishes": [{"by": "value", "property": "pris", "weight": -1}]}), "weight"),
        (json!({"wishes": [{"by": "value", "property": "pris", "weight": 0}]}), "wishes"),
        (json!({"wishes": [{"by": "value", "property": "utrustning"}]}), "utrustning"),
        (json!({"wishes": [{"by": "distance", "collection": "railway", "filter": "namn = 'x'"}]}), "railway"),
        (json!({"wishes": [{"by": "zone", "kind": "nowhere"}]}), "nowhere"),
        (json!({"wishes": [{"by": "value", "property": "pris"}], "named": ["P999"]}), "P999"),
        (json!({"wishes": [{"by": "value", "property": "pris"}], "limit": 201}), "limit"),
    ] {
        let answer = post(&owner, "/site-selection", &wrong).await;
        assert!(answer.status == 400 && answer.json().to_string().contains(said), "{wrong}: {}", answer.json());
    }
    assert_eq!(post(&owner, "/site-selection?table=companies", &spec).await.status, 400);
    let without = Service::open("tests/data/tinyville", Disclosure::Full);
    assert_eq!(post(&without, "/site-selection", &spec).await.status, 404);
}

#[test]
fn a_folder_that_names_what_is_not_there_is_refused() {
    for (change, code) in [
        (json!({"occupants": "nobody"}), "site-occupants"),
        (json!({"occupants": "parcels"}), "site-occupants"),
        (json!({"occupants": "companies", "vacant": "rooms"}), "unknown-metric"),
        (json!({"occupants": "companies", "price": "kontakt"}), "role-property-type"),
        (json!({"occupants": "companies", "classes": "utrustning"}), "site-classes"),
    ] {
        let folder = county(|manifest| {
            let parcels = manifest["collections"].as_array_mut().unwrap().iter_mut().find(|c| c["id"] == "parcels");
            parcels.unwrap()["register"]["sites"] = change.clone();
        });
        let (_, report) = load(&Source::Folder(folder.path().to_owned()), &Limits::default());
        assert!(report.render(Lang::En).contains(code), "{change}: {}", report.render(Lang::En));
    }
    let folder = county(|manifest| manifest["ratios"][0]["per"]["metric"] = json!("rooms"));
    let (_, report) = load(&Source::Folder(folder.path().to_owned()), &Limits::default());
    assert!(report.render(Lang::En).contains("unknown-metric"));
}
