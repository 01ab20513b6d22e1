//! Each rule of disclosure by itself, in a city where everything else may be shown.

use crate::common::service::Service;
use crate::common::{Firm, city, decode, polygon};
use geo::Polygon;
use serde_json::json;
use shigu::core::filter::parse_text;
use shigu::core::geometry::mercator::TileId;
use shigu::core::model::DisclosureRules;
use shigu::core::query::{Amount, Disclosure, Embedded, Engine, Question};
use shigu::core::snapshot::Snapshot;
use shigu::render::tiles::{Grid, encode};
use std::sync::Arc;

const CENTS: i64 = 1_000_000;

fn districts() -> [Polygon<f64>; 2] {
    let square = |x: f64| polygon(&[vec![(x, 0.0), (x + 1.0, 0.0), (x + 1.0, 1.0), (x, 1.0), (x, 0.0)]]);
    [square(0.0), square(1.0)]
}

/// Enterprises of one size, in turn of each cluster: the first in the first district, the others in the second.
fn firms(first: usize, second: usize) -> Vec<Firm> {
    let firm = |i: usize| Firm {
        at: Some((if i < first { 0.3 } else { 1.3 } + i as f64 * 1e-3, 0.5)),
        declared: None,
        cluster: Some(i % 3),
        secondary: vec![],
        cents: Some(CENTS),
        staff: Some(i as i64),
    };
    (0..first + second).map(firm).collect()
}

fn engine(firms: &[Firm], rules: &serde_json::Value) -> Embedded {
    let mut dataset = city(&districts(), &[], firms);
    let register = dataset.manifest.collections.iter_mut().find_map(|c| c.register.as_mut()).unwrap();
    register.disclosure = serde_json::from_value::<DisclosureRules>(rules.clone()).unwrap();
    assert!(register.disclosure.fault().is_none());
    Embedded::from(Snapshot::new(dataset))
}

fn revenue(engine: &Embedded, question: &Question) -> Amount {
    let bound = engine.bind(question, Disclosure::Aggregates).unwrap();
    bound.summarize().unwrap().totals["revenue"].clone()
}

fn of(text: &str) -> Question {
    Question::register().in_zone("D0").filtered(parse_text(text).unwrap())
}

#[test]
fn the_minimum_is_that_of_the_manifest() {
    let shown =
        |n: usize, rules| !revenue(&engine(&firms(n, 30), &rules), &Question::register().in_zone("D0")).withheld;
    assert!(shown(3, json!({})) && !shown(2, json!({})));
    assert!(shown(5, json!({"minimum": 5})) && !shown(4, json!({"minimum": 5})));
}

/// What a condition leaves out is nothing, or enough.
#[test]
fn few_that_are_left_out_are_as_few_that_are_summed() {
    let engine = engine(&firms(30, 30), &json!({}));
    let left_out = |n: i64| revenue(&engine, &of(&format!("staff >= {n}"))).withheld;
    assert_eq!([0, 1, 2, 3, 10].map(left_out), [false, true, true, false, false]);
    // of a cluster in the zone, too: staff 0 to 2 are one of each
    let question = of("staff > 2");
    let summary = engine.bind(&question, Disclosure::Aggregates).unwrap().summarize().unwrap();
    assert!(!summary.totals["revenue"].withheld && summary.clusters.iter().all(|c| c.amounts["revenue"].withheld));
    let zones = engine.bind(&question, Disclosure::Aggregates).unwrap().of_kind("district").unwrap().zones().unwrap();
    assert!(!zones.zones[0].amounts["revenue"].withheld);
    assert!(revenue(&engine, &of("staff > 1")).withheld && !revenue(&engine, &of("staff > 1").in_zone("D1")).withheld);
    // metrics that are not restricted, and the owner, have no such rule
    let summary = engine.bind(&of("staff > 0"), Disclosure::Aggregates).unwrap().summarize().unwrap();
    assert!(!summary.totals["employees"].withheld);
    assert!(!engine.bind(&of("staff > 0"), Disclosure::Full).unwrap().summarize().unwrap().totals["revenue"].withheld);
}

#[test]
fn conditions_that_name_enterprises_give_no_sums() {
    let engine = engine(&firms(30, 30), &json!({}));
    for text in [
        "id <> 'F1'",
        "name <> '企业1'",
        "name LIKE '企业1%'",
        "NOT (id IN ('F1', 'F2', 'F3', 'F4'))",
        "staff > 5 OR name = 'x'",
    ] {
        let amount = revenue(&engine, &of(text));
        assert!(amount.withheld && amount.sum.is_none() && amount.reported >= 3, "{text}: {amount:?}");
    }
    for text in ["cluster <> 'a'", "staff > 5", "district IS NULL"] {
        assert!(!revenue(&engine, &of(text)).withheld, "{text}");
    }
}

/// One enterprise of most of a sum, two of nearly all of it; each in the zone, in its cluster, and in a cell of a tile.
#[test]
fn sums_that_one_or_two_dominate_are_withheld() {
    let with = |large: &[i64], rules| {
        let mut firms = firms(12, 30);
        firms.iter_mut().zip(large).for_each(|(firm, factor)| firm.cents = Some(CENTS * factor));
        engine(&firms, &rules)
    };
    let zone = Question::register().in_zone("D0");
    let shown = |large: &[i64], rules| !revenue(&with(large, rules), &zone).withheld;
    assert!(shown(&[4], json!({})));
    // eleven others are less than a tenth of it
    assert!(!shown(&[300], json!({})));
    // two have more than 90 %, each less
    assert!(!shown(&[200, 200], json!({})) && shown(&[20, 20], json!({})));
    assert!(!shown(&[20, 20], json!({"dominance_percent": 50})));
    let giant = with(&[300], json!({}));
    let summary = giant.bind(&zone, Disclosure::Aggregates).unwrap().summarize().unwrap();
    assert!(summary.clusters[0].amounts["revenue"].withheld);
    let (x, y) = shigu::core::geometry::mercator::project(0.3, 0.5);
    let tile = TileId::new(7, x >> 25, y >> 25).unwrap();
    let sums = |engine: &Embedded| {
        let bound = engine.bind(&Question::register(), Disclosure::Aggregates).unwrap();
        let layers = decode(&encode(&[bound], tile, Grid::new(8).unwrap()));
        let features = layers["firms"].as_array().unwrap().clone();
        let cells = features.into_iter().filter(|f| f["properties"]["n"].as_u64().is_some_and(|n| n >= 3));
        cells.map(|f| f["properties"]["revenue"].as_f64()).collect::<Vec<_>>()
    };
    let even = sums(&with(&[], json!({})));
    assert!(even.len() > 1 && even.iter().all(Option::is_some), "{even:?}");
    assert_eq!(sums(&giant).iter().filter(|sum| sum.is_none()).count(), 1, "{:?}", sums(&giant));
}

/// What a condition leaves out of a tile's cell is counted among the rows that are drawn of the question's area: neither
/// rows of the cell beyond the area nor rows too coarse for a dot make few into enough.
#[test]
fn few_that_are_left_out_of_a_cell_are_those_of_the_area() {
    // both districts meet in one cell
    let mut firms = firms(12, 12);
    for (i, firm) in firms.iter_mut().enumerate() {
        firm.at = Some((if i < 12 { 0.99 } else { 1.01 }, 0.5));
    }
    let engine = engine(&firms, &json!({}));
    let (x, y) = shigu::core::geometry::mercator::project(0.99, 0.5);
    let tile = TileId::new(5, x >> 27, y >> 27).unwrap();
    let sum = |question: &Question| {
        let bound = engine.bind(question, Disclosure::Aggregates).unwrap();
        let layers = decode(&encode(&[bound], tile, Grid::new(8).unwrap()));
        let features = layers["firms"].as_array().unwrap().clone();
        assert_eq!(features.len(), 1, "{features:?}");
        features[0]["properties"]["revenue"].as_f64()
    };
    assert!(sum(&Question::register().in_zone("D0")).is_some());
    assert!(sum(&of("staff > 2")).is_some(), "three are left out");
    assert_eq!(sum(&of("staff > 0")), None, "one is left out of the twelve of the area");
    assert_eq!(sum(&of("staff > 1")), None);
}

/// Where one sum of a table is withheld, another of its line and of its column are, too.
#[test]
fn a_table_of_two_directions_gives_nothing_away() {
    // the first district has 2 of cluster a, and enough of all others
    let mut firms = firms(30, 30);
    let mut seen = 0;
    firms[..30].iter_mut().filter(|f| f.cluster == Some(0)).for_each(|f| {
        seen += 1;
        f.cluster = Some(usize::from(seen > 2));
    });
    let engine = engine(&firms, &json!({}));
    let question = Question::register().with_statistics(true).of_kind(Some("district".into()));
    let zones = engine.bind(&question, Disclosure::Aggregates).unwrap().zones().unwrap();
    let withheld = |zone: usize| -> Vec<bool> {
        zones.zones[zone].clusters.iter().take(3).map(|c| c.amounts["revenue"].withheld).collect()
    };
    for zone in [0, 1] {
        let hidden = withheld(zone);
        assert!(hidden[0] && hidden.iter().filter(|h| **h).count() == 2, "{zone}: {hidden:?}");
    }
    assert!(!zones.zones[0].amounts["revenue"].withheld && !zones.city.clusters[0].amounts["revenue"].withheld);
}

/// The same enterprise has the same noise whatever is asked, in all years and after a reload.
#[test]
fn noise_is_of_the_enterprise_and_not_of_the_question() {
    let all = firms(30, 30);
    let engine = engine(&all, &json!({}));
    engine.describe();
    let sum = |question: &Question| revenue(&engine, question).sum.unwrap();
    let part = |text: &str| sum(&of(text));
    let cents = |x: f64| (x * 100.0).round() as i64;
    assert_eq!(cents(part("staff < 10") + part("staff >= 10")), cents(sum(&Question::register().in_zone("D0"))));
    let (left, right) = (part("staff < 9") + part("staff >= 9"), part("cluster = 'a'") + part("cluster <> 'a'"));
    assert_eq!(cents(left), cents(right));
    assert_ne!(cents(part("staff < 10")), 10 * CENTS);
    let again = self::engine(&all, &json!({}));
    assert_eq!(revenue(&again, &of("staff < 10")), revenue(&engine, &of("staff < 10")));
    let other = Snapshot::new(city(&districts(), &[], &all));
    other.set_noise_key([7; 16]);
    assert_ne!(revenue(&Embedded::from(other), &of("staff < 10")), revenue(&engine, &of("staff < 10")));
}

/// Protected figures can be made before anybody asks; the questions after that are answered as they would have been.
#[test]
fn figures_are_protected_ahead_of_the_first_question() {
    let all = firms(30, 30);
    let prepared = || Snapshot::new(city(&districts(), &[], &all));
    let (cold, warm) = (prepared(), prepared());
    let (made, figures) = cold.protected_figures();
    assert!(made == 0 && figures > 0, "a load makes none: {made} of {figures}");
    warm.warm_protected();
    assert_eq!(warm.protected_figures(), (figures, figures));
    let (cold, warm) = (Embedded::from(cold), Embedded::from(warm));
    for text in ["staff < 10", "cluster = 'a'", "name <> '企业1'"] {
        assert_eq!(revenue(&warm, &of(text)), revenue(&cold, &of(text)), "{text}");
    }
}

/// A reader who is limited to districts knows the sums of these: the whole city's are withheld where few others are in them.
#[test]
fn the_city_less_ones_own_districts_is_a_sum_of_others() {
    let withheld = |firms: &[Firm]| {
        let whole = Arc::new(Snapshot::new(city(&districts(), &[], firms)));
        let limited = Embedded::from(whole.within(&["D0".to_owned()]));
        let question = Question::register().with_statistics(true).of_kind(Some("district".into()));
        // also where the reader would have exact sums of the own districts
        let of = |disclosure| {
            let zones = limited.bind(&question, disclosure).unwrap().zones().unwrap();
            assert!(zones.zones.len() == 1 && !zones.zones[0].amounts["revenue"].withheld);
            let clusters: Vec<bool> = zones.city.clusters[..3].iter().map(|c| c.amounts["revenue"].withheld).collect();
            (zones.city.amounts["revenue"].withheld, clusters)
        };
        assert_eq!(of(Disclosure::Aggregates), of(Disclosure::Full));
        of(Disclosure::Aggregates)
    };
    assert_eq!(withheld(&firms(30, 30)), (false, vec![false; 3]));
    assert_eq!(withheld(&firms(30, 3)), (false, vec![true; 3]), "one other in each cluster");
    assert_eq!(withheld(&firms(30, 2)), (true, vec![true; 3]));
    assert_eq!(withheld(&firms(30, 0)), (false, vec![false; 3]), "no others");
    let mut giant = firms(30, 30);
    giant[30].cents = Some(CENTS * 100);
    let (total, clusters) = withheld(&giant);
    assert!(!total && clusters[giant[30].cluster.unwrap()], "one other has most of a cluster: {clusters:?}");
}

/// Drawn areas and conditions are counted, each once; zones, lists of zones and other collections are not.
#[tokio::test]
async fn questions_whose_sums_are_protected_are_counted() {
    let service = Service::with_questions("tests/data/tinyville", 3);
    let status = async |uri: &str| service.get(uri).await.status.as_u16();
    let filtered = |n: usize| format!("/summary?filter=founded%20%3E%20{n}");
    for _ in 0..5 {
        for uri in [
            "/summary",
            "/summary?zone=T01",
            "/zones?kind=district",
            "/collections/districts/items?filter=name%20%3D%20%27x%27",
        ] {
            assert_eq!(status(uri).await, 200, "{uri}");
        }
        assert_eq!(status(&filtered(2000)).await, 200);
    }
    assert_eq!(status(&format!("{}&year=2024", filtered(2000))).await, 200, "the same rows in another year");
    let circle = |radius: u32| json!({"circle": {"center": [120.15, 30.05], "radius_m": radius}}).to_string();
    assert_eq!(service.post("/summary", "application/json", circle(900)).await.status, 200);
    assert_eq!(status("/zones?kind=district&cluster=robot").await, 200);
    let refused = service.post("/summary", "application/json", circle(901)).await;
    assert_eq!((refused.status.as_u16(), &refused.json()["code"]), (429, &json!("protected-questions")));
    let wait: u64 = refused.header("retry-after").parse().unwrap();
    assert!(wait > 0 && wait <= 24 * 3600);
    assert_eq!(status("/report/T01?format=csv&filter=founded%20%3E%201999").await, 429);
    // what was answered before is answered again, and so is what needs no counting
    assert_eq!(status(&filtered(2000)).await, 200);
    assert_eq!(status("/summary?zone=T02").await, 200);
    let owner = Service::open("tests/data/tinyville", Disclosure::Full);
    for n in 0..10 {
        assert_eq!(owner.get(&filtered(1990 + n)).await.status, 200);
    }
}
