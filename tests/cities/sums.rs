//! Sums over cities: those of each city's own answers, to the cent, and counts of a plain scan.

use super::{Made, World, text};
use crate::common::{CLUSTERS, Firm, city, polygon};
use proptest::prelude::*;
use serde_json::Value;
use shigu::core::query::{Disclosure, Question};
use shigu::core::snapshot::Snapshot;
use shigu::service::cities::{Aggregates, CityFigures, ClassOf, Shared, Sum};
use std::collections::BTreeMap;
use std::fs;
use std::sync::Arc;

pub(super) fn firm() -> impl Strategy<Value = Firm> {
    let at = prop::option::weighted(0.9, (0.0..3.0_f64, 0.0..1.0_f64));
    let figures = (prop::option::weighted(0.9, 0..5_000_000_i64), prop::option::weighted(0.9, 0..900_i64));
    (at, prop::option::weighted(0.9, 0..CLUSTERS.len()), figures).prop_map(|(at, cluster, (cents, staff))| Firm {
        at,
        declared: None,
        cluster,
        secondary: vec![],
        cents,
        staff,
    })
}

pub(super) fn is_of(firm: &Firm, class: Option<&ClassOf>) -> bool {
    class.is_none_or(|class| firm.cluster.map(|c| CLUSTERS[c]) == Some(class.code.as_str()))
}

pub(super) fn cents(sum: Option<f64>) -> Option<i64> {
    sum.map(|sum| (sum * 100.0).round() as i64)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_sum_over_cities_is_that_of_their_own_answers(
        cities in prop::collection::vec(prop::collection::vec(firm(), 0..60), 2..5),
    ) {
        let square = |x: f64| polygon(&[vec![(x, 0.0), (x + 1.0, 0.0), (x + 1.0, 1.0), (x, 1.0), (x, 0.0)]]);
        let districts = [square(0.0), square(1.0), square(2.0)];
        let (aggregates, mut answers) = (Aggregates::open(None).unwrap(), Vec::new());
        for (i, firms) in cities.iter().enumerate() {
            let snapshot = Arc::new(Snapshot::new(city(&districts, &[], firms)));
            aggregates.keep(&format!("c{i}"), &CityFigures::of(&snapshot).unwrap().unwrap()).unwrap();
            answers.push(Question::register().bind(&snapshot, Disclosure::Aggregates).unwrap().summarize().unwrap());
        }
        let shared = Shared::of(&aggregates.sums(None, None).unwrap().of);
        // counts, by a plain scan
        prop_assert_eq!(shared.rows.len(), 1);
        for side in &shared.rows[0].parts {
            let n = cities.iter().flatten().filter(|f| is_of(f, side.class.as_ref())).count() as u64;
            prop_assert_eq!((side.all, side.cities.values().sum::<u64>()), (n, n));
        }
        prop_assert_eq!(shared.rows[0].parts.len(), 1 + CLUSTERS.len());
        for metric in &shared.sums {
            for side in &metric.parts {
                // a city without figures of the period is not among them
                let places: Vec<usize> = (0..cities.len()).filter(|i| side.cities.contains_key(&format!("c{i}"))).collect();
                let amounts = places.iter().map(|i| match &side.class {
                    None => &answers[*i].totals[&metric.of.id],
                    Some(class) => {
                        let row = answers[*i].clusters.iter().find(|c| c.code.as_ref() == Some(&class.code));
                        &row.unwrap().amounts[&metric.of.id]
                    }
                });
                let amounts: Vec<_> = amounts.collect();
                let withheld = amounts.iter().any(|a| a.withheld);
                let expected = amounts.iter().filter_map(|a| cents(a.sum)).reduce(|a, b| a + b).filter(|_| !withheld);
                prop_assert_eq!(side.all.withheld, withheld);
                prop_assert_eq!(cents(side.all.value()), expected);
                // a figure that carries no noise is that of a plain scan, or is not there
                if metric.of.id == "employees" && !withheld {
                    let firms = places.iter().flat_map(|i| &cities[*i]);
                    let staff = firms.filter(|f| is_of(f, side.class.as_ref())).filter_map(|f| f.staff).sum::<i64>();
                    prop_assert_eq!(side.all.units.unwrap_or(0), staff);
                }
            }
        }
        // figures of two cities are of one metric where they are of one period
        for id in ["revenue", "employees"] {
            let mut periods = BTreeMap::<_, usize>::new();
            answers.iter().for_each(|answer| *periods.entry(answer.totals[id].period).or_default() += 1);
            let expected: Vec<_> = periods.into_iter().filter(|(_, n)| *n > 1).map(|(period, _)| period).collect();
            let of = shared.sums.iter().filter(|s| s.of.id == id).map(|s| s.of.period);
            prop_assert_eq!(of.collect::<Vec<_>>(), expected);
        }
    }
}

#[test]
fn a_sum_that_one_city_withholds_is_withheld() {
    let sum = |units, decimals| Sum { units: Some(units), decimals, withheld: false };
    assert_eq!(sum(5, 0).and(sum(125, 2)), sum(625, 2));
    assert_eq!(Sum::default().and(sum(7, 1)), sum(7, 1));
    let withheld = Sum { withheld: true, ..Sum::default() };
    assert_eq!(sum(5, 0).and(withheld), withheld);
    assert_eq!(withheld.and(sum(5, 0)).and(sum(6, 0)).units, None);
}

/// The answer is made of files, for cities that are not loaded, and follows what is published.
#[tokio::test]
async fn no_city_is_loaded_for_sums_over_cities() {
    // what stands in the files of other data, or of cities alone, is in no sum
    let made = Made { disclosure: Disclosure::Aggregates, ..Made::of_owner() };
    let world = World::new(&[("a", "twolevel"), ("b", "twolevel"), ("c", "quayside"), ("d", "bare")], made.clone());
    let first = world.service.json("/cities/summary").await;
    assert_eq!(first["unknown"], serde_json::json!(["a", "b", "c", "d"]));
    assert!(world.ready().await.is_empty(), "nothing is loaded for it");
    // the second has half of the rows
    let file = world.folder.path().join("b");
    let register = fs::read_dir(&file).unwrap().map(|e| e.unwrap().path()).find(|p| {
        let manifest: Value = serde_json::from_str(&fs::read_to_string(file.join("dataset.json")).unwrap()).unwrap();
        let of = manifest["collections"].as_array().unwrap().iter().find(|c| c["role"] == "register").unwrap().clone();
        p.file_name().unwrap().to_str() == of["file"].as_str()
    });
    let register = register.unwrap();
    let mut rows: Value = serde_json::from_str(&fs::read_to_string(&register).unwrap()).unwrap();
    let half = rows["features"].as_array().unwrap().len() / 2;
    rows["features"].as_array_mut().unwrap().truncate(half);
    fs::write(&register, rows.to_string()).unwrap();
    let mut own = BTreeMap::new();
    assert_eq!(world.get("/cities/d/").await.status, 200);
    for id in ["a", "b", "c"] {
        own.insert(id, world.service.json(&format!("/cities/{id}/summary")).await);
    }
    let loaded = world.service.json("/cities/summary").await;
    world.app.cities().close();
    // the same cities, not loaded
    let mut data = made;
    data.budget = u64::MAX;
    let cold = world.again(data);
    let answer = cold.service.json("/cities/summary").await;
    assert!(cold.ready().await.is_empty());
    assert_eq!(answer, loaded);
    assert_eq!(answer["unknown"], serde_json::json!(["d"]));
    let mut compared = 0;
    for metric in answer["sums"].as_array().unwrap() {
        let id = text(&metric["metric"]);
        for part in metric["parts"].as_array().unwrap() {
            let of = |city: &str| match &part["class"] {
                Value::Null => own[city]["totals"][&id].clone(),
                class => {
                    let all = own[city]["clusters"].as_array().unwrap();
                    all.iter().find(|c| c["code"] == class["code"]).unwrap()["amounts"][&id].clone()
                }
            };
            let (a, b) = (of("a"), of("b"));
            assert_eq!(part["cities"]["a"]["sum"], a["sum"]);
            assert_eq!(part["cities"]["b"]["withheld"], b["withheld"]);
            let withheld = a["withheld"] == true || b["withheld"] == true;
            assert_eq!(part["all"]["withheld"], withheld, "{part}");
            let sum = [a["sum"].as_f64(), b["sum"].as_f64()].into_iter().flatten().reduce(|a, b| a + b);
            assert_eq!(cents(part["all"]["sum"].as_f64()), cents(sum.filter(|_| !withheld)), "{part}");
            compared += 1;
        }
    }
    assert!(compared > 4, "{answer}");
    let rows = &answer["rows"][0]["parts"][0];
    let counted = |id: &str| own[id]["counts"]["matched"].as_u64().unwrap();
    let sides = rows["cities"].as_object().unwrap();
    assert!(sides.contains_key("a") && sides.contains_key("b"), "{rows}");
    assert_eq!(rows["all"].as_u64().unwrap(), sides.keys().map(|id| counted(id)).sum::<u64>(), "{rows}");
}
