//! The zones of all cities: each figure is that of the city's own answer to everybody, for every level, period and class, and sums over
//! cities are those of the wholes, to the cent; no combination of questions finds what a city withholds.

use super::sums::{cents, firm};
use super::{Made, World, text};
use crate::common::{CLUSTERS, Firm, city, polygon};
use proptest::prelude::*;
use serde_json::Value;
use shigu::core::model::Period;
use shigu::core::query::{Amounts, Disclosure, Question};
use shigu::core::snapshot::Snapshot;
use shigu::service::cities::{Aggregates, CityFigures, CitySums, LevelLines, PartSums, Shared, Sum};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Cities whose rows have one name and metrics, of four sorts: months, quarters and years, two levels, classes in levels.
const SORTS: [&str; 8] = ["quayside", "orchards", "twolevel", "fourfold", "sectors", "dated", "threetables", "solo"];

fn squares() -> [geo::Polygon<f64>; 3] {
    [0.0, 1.0, 2.0].map(|x| polygon(&[vec![(x, 0.0), (x + 1.0, 0.0), (x + 1.0, 1.0), (x, 1.0), (x, 0.0)]]))
}

fn snapshots(cities: &[Vec<Firm>]) -> Vec<Arc<Snapshot>> {
    cities.iter().map(|firms| Arc::new(Snapshot::new(city(&squares(), &[], firms)))).collect()
}

/// Rows and sums of zones, rest and whole as a city gives them to everybody.
fn own(snapshot: &Arc<Snapshot>, period: Option<Period>, class: Option<&str>) -> Vec<(u64, Amounts)> {
    let question = Question::register().in_period(period).of_kind(Some("district".to_owned())).with_statistics(true);
    let list = question.bind(snapshot, Disclosure::Aggregates).unwrap().zones().unwrap();
    let areas = list.zones.iter().chain(&list.rest).map(|z| (z.count, &z.amounts, &z.clusters));
    let areas = areas.chain([(list.city.count, &list.city.amounts, &list.city.clusters)]);
    let of = |(count, amounts, clusters): (u64, &Amounts, &Vec<_>)| match class {
        None => (count, amounts.clone()),
        Some(code) => {
            let mut rows =
                clusters.iter().filter(|c: &&shigu::core::query::ClusterCount| c.code.as_deref() == Some(code));
            rows.next().map_or_else(Default::default, |c| (c.count, c.amounts.clone()))
        }
    };
    areas.map(of).collect()
}

fn whole_of(found: &BTreeMap<String, LevelLines>, aggregates: &Aggregates, chosen: impl Fn(usize) -> bool) -> Shared {
    let cities = aggregates.cities().unwrap();
    let chosen = found.iter().filter(|(id, _)| chosen(id[1..].parse().unwrap()));
    let sums = chosen.map(|(id, LevelLines { lines, .. })| {
        let (about, whole) = (&cities[id], lines.last().unwrap());
        let parts = vec![PartSums { class: None, rows: whole.rows, sums: whole.sums.clone() }];
        (id.clone(), CitySums { row: about.row.clone(), metrics: about.metrics(None).unwrap(), parts })
    });
    Shared::of(&sums.collect())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_zone_is_that_of_the_city_itself_and_no_difference_finds_what_is_withheld(
        cities in prop::collection::vec(prop::collection::vec(firm(), 0..40), 2..5),
        tracker in prop::collection::vec((any::<u8>(), any::<u8>()), 12),
    ) {
        let (aggregates, snapshots) = (Aggregates::open(None).unwrap(), snapshots(&cities));
        for (i, snapshot) in snapshots.iter().enumerate() {
            aggregates.keep(&format!("c{i}"), &CityFigures::of(snapshot).unwrap().unwrap()).unwrap();
        }
        for period in [None, Some(Period::Year(2025))] {
            for class in [None, Some(CLUSTERS[0]), Some(CLUSTERS[1]), Some(CLUSTERS[2])] {
                let found = aggregates.zones(None, period, class).unwrap().of;
                for (i, snapshot) in snapshots.iter().enumerate() {
                    let has = period.is_none_or(|period| snapshot.describe().periods().contains(&period));
                    let Some(LevelLines { level, lines }) = found.get(&format!("c{i}")) else {
                        prop_assert!(!has);
                        continue;
                    };
                    prop_assert_eq!(level, "district");
                    let own = own(snapshot, period, class);
                    prop_assert_eq!(lines.len(), own.len());
                    for (line, (rows, amounts)) in lines.iter().zip(own) {
                        prop_assert_eq!(line.rows, rows);
                        for (sum, id) in line.sums.iter().zip(["revenue", "employees"]) {
                            let amount = amounts.get(id);
                            prop_assert_eq!(sum.withheld, amount.is_some_and(|a| a.withheld));
                            prop_assert_eq!(cents(sum.value()), cents(amount.and_then(|a| a.sum)));
                        }
                    }
                }
                // sets of cities that differ by one: what a city withholds is in no sum, so no difference of sums is it
                for (set, other) in &tracker {
                    let bit = 1_usize << (usize::from(*other) % cities.len());
                    let (with, without) = (usize::from(*set) | bit, usize::from(*set) & !bit);
                    let sums = |set: usize| whole_of(&found, &aggregates, |i| set & (1 << i) != 0).sums;
                    let (with, without) = (sums(with), sums(without));
                    for over in &with {
                        let members = over.parts[0].cities.values();
                        let hidden = members.clone().any(|sum| sum.withheld);
                        prop_assert_eq!(over.parts[0].all.withheld, hidden);
                        prop_assert!(!hidden || over.parts[0].all.units.is_none());
                        let expected = members.copied().reduce(Sum::and).unwrap();
                        prop_assert_eq!(over.parts[0].all, expected);
                        let Some(less) = without.iter().find(|less| less.of == over.of) else { continue };
                        let id = format!("c{}", bit.ilog2());
                        let Some(one) = over.parts[0].cities.get(&id) else { continue };
                        if let (Some(more), Some(less)) = (over.parts[0].all.units, less.parts[0].all.units) {
                            // the difference is a figure that the city gives itself
                            prop_assert!(!one.withheld);
                            prop_assert_eq!(more - less, one.units.unwrap_or(0));
                        }
                    }
                }
            }
        }
    }
}

/// Over HTTP, for cities with months, quarters and years, one and two levels, classes and none.
#[tokio::test]
async fn every_level_period_and_class_is_that_of_the_cities_own_answers() {
    let made = Made { disclosure: Disclosure::Aggregates, ..Made::of_owner() };
    let cities: Vec<(String, &str)> =
        SORTS.iter().flat_map(|of| [(format!("{of}-1"), *of), (format!("{of}-2"), *of)]).collect();
    let named: Vec<(&str, &str)> = cities.iter().map(|(id, of)| (id.as_str(), *of)).collect();
    let world = World::new(&named, made);
    assert_eq!(world.service.json("/cities/zones").await["unknown"].as_array().unwrap().len(), cities.len());
    for (id, _) in &cities {
        assert_eq!(world.get(&format!("/cities/{id}/conformance")).await.status, 200);
    }
    let (mut figures, mut hidden, mut sums) = (0, 0, 0);
    for of in SORTS {
        let pair = format!("{of}-1,{of}-2");
        let dataset = world.service.json(&format!("/cities/{of}-1/dataset")).await;
        let listed = |list: &Value, id: &str| {
            list.as_array().into_iter().flatten().map(|one| text(&one[id])).collect::<Vec<_>>()
        };
        let mut levels = listed(&dataset["zone_kinds"], "id");
        levels.push("no-such-level".to_owned());
        let mut periods: Vec<String> =
            (2018..=2025).flat_map(|y| [y.to_string(), format!("{y}Q2"), format!("{y}-03")]).collect();
        periods.push(String::new());
        for level in &levels {
            for period in &periods {
                let period = if period.is_empty() { String::new() } else { format!("&period={period}") };
                let uri = format!("/cities/zones?city={pair}&level={level}{period}");
                let answer = world.service.json(&uri).await;
                let answers = answer["cities"].as_array().unwrap();
                if answers.is_empty() {
                    assert_eq!(answer["lacking"].as_array().unwrap().len(), 2, "{uri}");
                    continue;
                }
                let own =
                    world.service.json(&format!("/cities/{of}-1/zones?kind={level}{period}&statistics=true")).await;
                assert_eq!(own["partition"], true, "{uri}");
                let classes: Vec<Option<String>> = own["city"]["clusters"]
                    .as_array()
                    .unwrap()
                    .iter()
                    .filter(|c| !c["code"].is_null() && c["part"].is_null())
                    .map(|c| Some(text(&c["code"])))
                    .chain([None])
                    .collect();
                for class in classes {
                    let uri = class.as_ref().map_or_else(|| uri.clone(), |code| format!("{uri}&class={code}"));
                    let answer = world.service.json(&uri).await;
                    let of_city = &answer["cities"][0];
                    assert_eq!(of_city["city"], format!("{of}-1"), "{uri}: {answer}");
                    let figures_of = |area: &Value| match &class {
                        None => (area["count"].clone(), area["amounts"].clone()),
                        Some(code) => {
                            let rows = area["clusters"].as_array().unwrap();
                            let row = rows.iter().find(|c| c["code"] == code.as_str() && c["part"].is_null());
                            row.map_or((0.into(), Value::Null), |c| (c["count"].clone(), c["amounts"].clone()))
                        }
                    };
                    let mut compare = |given: &Value, own: &Value| {
                        let (rows, amounts) = figures_of(own);
                        assert_eq!(given["rows"], rows, "{uri}");
                        for (metric, sum) in
                            of_city["metrics"].as_array().unwrap().iter().zip(given["sums"].as_array().unwrap())
                        {
                            let amount = &amounts[text(&metric["metric"])];
                            assert_eq!(sum["withheld"] == true, amount["withheld"] == true, "{uri} {metric}");
                            assert_eq!(sum["sum"].as_f64(), amount["sum"].as_f64(), "{uri} {metric}");
                            hidden += usize::from(sum["withheld"] == true);
                            figures += 1;
                        }
                    };
                    for (list, given) in [("zones", &of_city["zones"]), ("rest", &of_city["rest"])] {
                        let (given, own) = (given.as_array().unwrap(), own[list].as_array().unwrap());
                        assert_eq!(given.len(), own.len());
                        for (given, own) in given.iter().zip(own) {
                            assert_eq!((&given["id"], &given["parent"]), (&own["id"], &own["parent"]));
                            compare(given, own);
                        }
                    }
                    compare(&of_city["whole"], &own["city"]);
                    // the same rows with a noise of their own in each city: the sum is that of both wholes, or withheld where one is
                    for over in answer["sums"].as_array().unwrap() {
                        let all = &over["parts"][0]["all"];
                        let wholes = [0, 1].map(|i| {
                            let of = &answer["cities"][i];
                            let at =
                                of["metrics"].as_array().unwrap().iter().position(|m| m["metric"] == over["metric"]);
                            &of["whole"]["sums"][at.unwrap()]
                        });
                        let withheld = wholes.iter().any(|sum| sum["withheld"] == true);
                        assert_eq!(all["withheld"] == true, withheld, "{uri}");
                        // finer than the last decimal of any metric
                        let fine = |sum: &Value| Some((sum["sum"].as_f64()? * 1e6).round() as i64);
                        let units = wholes.into_iter().filter_map(fine).reduce(|a, b| a + b);
                        assert_eq!(fine(all), units.filter(|_| !withheld), "{uri}");
                        sums += 1;
                    }
                }
            }
        }
    }
    assert!(figures > 2_000 && hidden > 100 && sums > 100, "{figures} figures, {hidden} withheld, {sums} sums");
}

/// Forms, validators and what is refused.
#[tokio::test]
async fn tables_are_kept_by_their_tags_and_leave_as_csv() {
    let made = Made { disclosure: Disclosure::Aggregates, ..Made::of_owner() };
    let world = World::new(&[("a", "twolevel"), ("b", "twolevel"), ("c", "quayside")], made);
    let empty = world.get("/cities/zones").await;
    for id in ["a", "b", "c"] {
        assert_eq!(world.get(&format!("/cities/{id}/conformance")).await.status, 200);
    }
    for uri in ["/cities/zones", "/cities/summary"] {
        let answer = world.get(uri).await;
        assert_eq!(answer.header("cache-control"), "no-cache");
        assert!(answer.header("vary").contains("accept"));
        let tag = answer.header("etag").to_owned();
        assert_ne!(tag, empty.header("etag"), "another state, another tag");
        let again = world.service.get_with(uri, &[("if-none-match", &tag)]).await;
        assert_eq!(again.status, 304);
        for (lang, withheld) in [("zh", "不公开"), ("en", "withheld")] {
            let csv = world.get(&format!("{uri}?f=csv&lang={lang}")).await;
            assert!(csv.header("content-type").starts_with("text/csv") && csv.header("etag") != tag);
            let content = String::from_utf8(csv.body.to_vec()).unwrap();
            let mut reader = csv::Reader::from_reader(content.trim_start_matches('\u{feff}').as_bytes());
            let lines: Vec<_> = reader.records().map(Result::unwrap).collect();
            assert!(lines.len() > 6, "{content}");
            let hidden = world.service.json(uri).await.to_string().contains("\"withheld\":true");
            assert_eq!(lines.iter().flatten().any(|field| field == withheld), hidden, "{content}");
        }
        let accepted = world.service.get_with(uri, &[("accept", "text/csv")]).await;
        assert!(accepted.header("content-type").starts_with("text/csv"));
        assert_eq!(world.service.get_with(uri, &[("accept", "image/png")]).await.status, 406);
    }
    for (uri, status) in [
        ("/cities/zones?city=nope", 400),
        ("/cities/zones?period=once", 400),
        ("/cities/zones?year=2024&period=2023", 400),
        ("/cities/zones?kind=parish", 400),
        ("/cities/summary?zone=1", 400),
        ("/cities/summary?year=2023", 200),
        ("/cities/zones?level=parish&city=a,b", 200),
    ] {
        assert_eq!(world.get(uri).await.status, status, "{uri}");
    }
    // a period of the summary is that of the city's own
    let own = world.service.json("/cities/a/summary?period=2023").await;
    let all = world.service.json("/cities/summary?period=2023").await;
    let sum = all["sums"].as_array().unwrap().iter().find(|s| s["metric"] == "turnover").unwrap();
    assert_eq!(sum["period"], "2023");
    assert_eq!(sum["parts"][0]["cities"]["a"]["sum"], own["totals"]["turnover"]["sum"]);
    let code = text(&own["clusters"][0]["code"]);
    let one = world.service.json(&format!("/cities/summary?period=2023&class={code}")).await;
    let parts = one["sums"].as_array().unwrap().iter().flat_map(|s| s["parts"].as_array().unwrap());
    assert!(parts.clone().count() > 0 && parts.clone().all(|part| part["class"]["code"] == code.as_str()), "{one}");
}
