//! Levels of zones: counts and sums of every level equal a plain scan over the files, and the children of a zone with what
//! lies in none of them are that zone, for owners and for readers of protected figures.

use serde_json::Value;
use shigu::core::model::Lang;
use shigu::core::query::{Amounts, Disclosure, Embedded, Engine, Question, ZoneList};
use shigu::core::snapshot::Snapshot;
use shigu::data::load::{Limits, Source, load};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

const FOLDER: &str = "tests/data/twolevel";

fn open(folder: &Path) -> Embedded {
    let (dataset, report) = load(&Source::Folder(folder.into()), &Limits::default());
    Snapshot::new(dataset.unwrap_or_else(|| panic!("{}", report.render(Lang::En)))).into()
}

fn city() -> Embedded {
    open(&Path::new(env!("CARGO_MANIFEST_DIR")).join(FOLDER))
}

/// A feature as the file has it.
struct Feature {
    id: String,
    rings: Vec<Vec<[f64; 2]>>,
    at: Option<[f64; 2]>,
    properties: Value,
}

fn features(file: &str) -> Vec<Feature> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(FOLDER).join(file);
    let json: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    let position = |p: &Value| [p[0].as_f64().unwrap(), p[1].as_f64().unwrap()];
    let feature = |f: &Value| {
        let (kind, at) = (f["geometry"]["type"].as_str(), &f["geometry"]["coordinates"]);
        let ring = |r: &Value| r.as_array().unwrap().iter().map(position).collect();
        Feature {
            id: f["id"].as_str().unwrap().into(),
            rings: if kind == Some("Polygon") { at.as_array().unwrap().iter().map(ring).collect() } else { vec![] },
            at: (kind == Some("Point")).then(|| position(at)),
            properties: f["properties"].clone(),
        }
    };
    json["features"].as_array().unwrap().iter().map(feature).collect()
}

/// The rule of zones as it is documented.
fn inside(zone: &Feature, [x, y]: [f64; 2]) -> bool {
    let lines = zone.rings.iter().flat_map(|r| r.windows(2));
    let crossed = lines.filter(|line| {
        let ([ax, ay], [bx, by]) = if line[0][1] <= line[1][1] { (line[0], line[1]) } else { (line[1], line[0]) };
        (ay > y) != (by > y) && x < (bx - ax) * (y - ay) / (by - ay) + ax
    });
    crossed.count() % 2 == 1
}

/// The zones that hold each row, by a plain scan: the municipality, the parish in it, any parks.
fn held() -> (Vec<Feature>, BTreeMap<String, Vec<usize>>) {
    let [municipalities, parishes, parks] =
        ["municipalities.geojson", "parishes.geojson", "parks.geojson"].map(features);
    let above: BTreeMap<&str, &str> =
        parishes.iter().map(|p| (&*p.id, p.properties["concelho"].as_str().unwrap())).collect();
    let rows = features("workshops.geojson");
    let mut held: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (row, of) in rows.iter().enumerate() {
        let mut zones: Vec<&str> = Vec::new();
        if let Some(at) = of.at {
            let municipality = municipalities.iter().find(|z| inside(z, at));
            let parish = parishes.iter().find(|z| inside(z, at) && Some(above[&*z.id]) == municipality.map(|m| &*m.id));
            zones.extend(municipality.into_iter().chain(parish).map(|z| &*z.id));
            zones.extend(parks.iter().filter(|z| inside(z, at)).map(|z| &*z.id));
        } else if let Some(declared) = of.properties["concelho"].as_str() {
            zones.push(declared);
            zones.extend(above.get(declared));
        }
        zones.into_iter().for_each(|zone| held.entry(zone.into()).or_default().push(row));
    }
    (rows, held)
}

fn zones(engine: &Embedded, disclosure: Disclosure, kind: Option<&str>, parent: Option<&str>, year: u16) -> ZoneList {
    let question = Question::register().in_year(Some(year)).of_kind(kind.map(Into::into));
    engine.bind(&question.of_parent(parent.map(Into::into)), disclosure).unwrap().zones().unwrap()
}

/// Cents, so that sums are compared exactly.
fn cents(amounts: &Amounts, metric: &str) -> i64 {
    (amounts[metric].sum.unwrap_or(0.0) * 100.0).round() as i64
}

const METRICS: [&str; 2] = ["turnover", "staff"];

#[test]
fn every_zone_counts_what_a_scan_counts() {
    let (engine, (rows, held)) = (city(), held());
    let mut seen = 0;
    for year in [2023, 2024] {
        for zone in zones(&engine, Disclosure::Full, None, None, year).zones {
            let own = held.get(&zone.id).cloned().unwrap_or_default();
            assert_eq!(zone.count, own.len() as u64, "{}", zone.id);
            for metric in METRICS {
                let value = |row: &usize| rows[*row].properties[format!("{metric}_{year}")].as_f64();
                let sum: i64 = own.iter().filter_map(value).map(|v| (v * 100.0).round() as i64).sum();
                assert_eq!(cents(&zone.amounts, metric), sum, "{} {metric} {year}", zone.id);
            }
            let summary = engine.bind(&Question::register().in_zone(&*zone.id).in_year(Some(year)), Disclosure::Full);
            assert_eq!(summary.unwrap().summarize().unwrap().counts.matched, zone.count);
            seen += usize::from(zone.count > 0);
        }
    }
    assert!(seen > 30, "{seen} zones with rows");
}

#[test]
fn children_and_rest_are_their_parent_for_every_reader() {
    let engine = city();
    let mut in_no_child = [0; 2];
    for disclosure in [Disclosure::Full, Disclosure::Aggregates] {
        for year in [2023, 2024] {
            let top = zones(&engine, disclosure, Some("municipality"), None, year);
            assert!(top.partition && top.parent.is_none());
            let parts = top.zones.iter().chain(&top.rest).map(|z| z.count).sum::<u64>();
            assert_eq!(parts, top.city.count);
            for zone in &top.zones {
                let list = zones(&engine, disclosure, Some("parish"), Some(&zone.id), year);
                let parent = list.parent.as_ref().unwrap();
                assert!(list.partition && list.rest.len() == 2 && !list.zones.is_empty());
                assert!(list.zones.iter().all(|z| z.parent.as_deref() == Some(&*zone.id)));
                assert_eq!((&parent.id, parent.count), (&zone.id, zone.count));
                let all = || list.zones.iter().chain(&list.rest);
                assert_eq!(all().map(|z| z.count).sum::<u64>(), parent.count, "{}", zone.id);
                for (place, rest) in list.rest.iter().enumerate() {
                    in_no_child[place] += rest.count;
                    let alone = Question::register().in_zone(&*rest.id).in_year(Some(year));
                    let alone = engine.bind(&alone, disclosure).unwrap().summarize().unwrap();
                    assert_eq!(alone.counts.matched, rest.count, "{}", rest.id);
                }
                for metric in METRICS {
                    // what is withheld is left out of no sum that is given
                    if all().all(|z| !z.amounts[metric].withheld) && !parent.amounts[metric].withheld {
                        let sum: i64 = all().map(|z| cents(&z.amounts, metric)).sum();
                        assert_eq!(sum, cents(&parent.amounts, metric), "{} {metric} {year}", zone.id);
                    }
                    for place in 0..parent.clusters.len() {
                        let of = |z: &shigu::core::query::ZoneRow| {
                            z.clusters.iter().find(|c| c.code == parent.clusters[place].code).map_or(0, |c| c.count)
                        };
                        assert_eq!(all().map(of).sum::<u64>(), parent.clusters[place].count);
                    }
                }
            }
            // every parish at once: with what none of them holds, the whole
            let parishes = zones(&engine, disclosure, Some("parish"), None, year);
            assert!(parishes.partition);
            assert_eq!(parishes.zones.iter().chain(&parishes.rest).map(|z| z.count).sum::<u64>(), parishes.city.count);
        }
    }
    assert!(in_no_child.iter().all(|n| *n > 20), "rows in no child, located and declared: {in_no_child:?}");
}

/// The protected figure of a zone is one figure, however it is arrived at: sums of parts never leave what the whole leaves.
#[test]
fn protected_figures_are_the_same_at_every_level() {
    let engine = city();
    let (mut given, mut differing) = (0, 0);
    for parent in zones(&engine, Disclosure::Aggregates, Some("municipality"), None, 2024).zones {
        let list = zones(&engine, Disclosure::Aggregates, None, Some(&parent.id), 2024);
        let whole = list.parent.unwrap().amounts["turnover"].clone();
        assert!(whole.protected);
        if !whole.withheld && !parent.amounts["turnover"].withheld {
            assert_eq!(whole.sum, parent.amounts["turnover"].sum, "{}", parent.id);
            given += 1;
        }
        for zone in list.zones {
            let amount = &zone.amounts["turnover"];
            let alone = engine.bind(&Question::register().in_zone(&*zone.id), Disclosure::Aggregates).unwrap();
            let alone = alone.summarize().unwrap().totals["turnover"].clone();
            if !amount.withheld && !alone.withheld && amount.reported > 0 {
                assert_eq!(amount.sum, alone.sum, "{}", zone.id);
                given += 1;
            }
            let exact = engine.bind(&Question::register().in_zone(&*zone.id), Disclosure::Full).unwrap();
            differing += usize::from(exact.summarize().unwrap().totals["turnover"].sum != alone.sum);
        }
    }
    assert!(given > 5 && differing > 0, "{given} {differing}");
}

#[test]
fn zones_that_overlap_add_up_to_nothing_and_say_so() {
    let engine = city();
    let parks = zones(&engine, Disclosure::Full, Some("park"), None, 2024);
    assert!(!parks.partition && parks.rest.is_empty());
    let kinds = &engine.describe().zone_kinds;
    let of =
        |id: &str| kinds.iter().find(|k| k.id == id).map(|k| (k.partition, k.districts, k.parent.as_deref(), k.level));
    assert_eq!(of("municipality"), Some((true, true, None, 0)));
    assert_eq!(of("parish"), Some((true, false, Some("municipality"), 1)));
    assert_eq!(of("park"), Some((false, false, Some("municipality"), 1)));
    // children of every kind together are no partition; the empty one is listed, too
    let below = zones(&engine, Disclosure::Full, None, Some("M2"), 2024);
    assert!(!below.partition && below.rest.is_empty());
    assert_eq!(below.zones.iter().find(|z| z.id == "Q4").map(|z| z.count), Some(0));
}

/// A reader limited to one municipality: its parishes add up to it, and nothing of the others is there.
#[test]
fn a_reader_limited_to_a_district_sees_its_levels_only() {
    let whole = open(&Path::new(env!("CARGO_MANIFEST_DIR")).join(FOLDER));
    let all = zones(&whole, Disclosure::Full, Some("municipality"), None, 2024);
    let (dataset, _) = load(&Source::Folder(Path::new(env!("CARGO_MANIFEST_DIR")).join(FOLDER)), &Limits::default());
    let limited: Embedded = Arc::new(Snapshot::new(dataset.unwrap())).within(&["M4".into()]).into();
    let own = zones(&limited, Disclosure::Full, Some("parish"), Some("M4"), 2024);
    let expected = all.zones.iter().find(|z| z.id == "M4").unwrap();
    assert_eq!(own.zones.iter().chain(&own.rest).map(|z| z.count).sum::<u64>(), expected.count);
    assert_eq!(own.parent.unwrap().amounts, expected.amounts);
    assert!(own.zones.iter().all(|z| !z.partial && z.parent.as_deref() == Some("M4")));
    let parishes = zones(&limited, Disclosure::Full, Some("parish"), None, 2024);
    assert_eq!(parishes.zones.len(), own.zones.len());
    for id in ["M1", "F11", "outside:parish", "outside:parish:M1"] {
        assert!(limited.bind(&Question::register().in_zone(id), Disclosure::Full).is_err(), "{id}");
    }
    assert!(limited.bind(&Question::register().in_zone("outside:parish:M4"), Disclosure::Full).is_ok());
    let other = Question::register().of_parent(Some("M1".into()));
    assert!(limited.bind(&other, Disclosure::Full).is_err());
}
