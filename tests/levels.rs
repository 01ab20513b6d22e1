//! Levels of zones: counts and sums of every level equal a plain scan over the files, and the children of a zone with what
//! lies in none of them are that zone, for owners and for readers of protected figures.

mod local;
pub mod nation;

use crate::common;
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

/// Three levels of a nation: each level adds up to the one above, every metric, for owners and others.
#[test]
fn a_nation_adds_up_from_county_to_nation() {
    let folder = tempfile::tempdir().unwrap();
    nation::write(folder.path(), &nation::Size { provinces: 7, cities: 4, counties: 3, rows: 6000 });
    let engine = open(folder.path());
    let levels: Vec<usize> = engine.describe().zone_kinds.iter().map(|k| k.level).collect();
    assert_eq!(levels, [0, 1, 2]);
    let list = |kind: &str, parent: Option<&str>, disclosure| {
        let question = Question::register().of_kind(Some(kind.into())).of_parent(parent.map(Into::into));
        engine.bind(&question, disclosure).unwrap().zones().unwrap()
    };
    let mut below_nothing = 0;
    for disclosure in [Disclosure::Full, Disclosure::Aggregates] {
        let nation = list("province", None, disclosure);
        let sum = |rows: &[&shigu::core::query::ZoneRow], metric: &str| -> i64 {
            assert!(rows.iter().all(|row| !row.amounts[metric].withheld));
            rows.iter().map(|row| cents(&row.amounts, metric)).sum()
        };
        for (above, below) in [("province", "city"), ("city", "county")] {
            for zone in list(above, None, disclosure).zones {
                let children = list(below, Some(&zone.id), disclosure);
                let all: Vec<_> = children.zones.iter().chain(&children.rest).collect();
                assert_eq!(all.iter().map(|z| z.count).sum::<u64>(), zone.count, "{}", zone.id);
                below_nothing += children.rest.iter().map(|z| z.count).sum::<u64>();
                for metric in ["output", "staff"] {
                    if all.iter().all(|z| !z.amounts[metric].withheld) {
                        assert_eq!(sum(&all, metric), cents(&zone.amounts, metric), "{} {metric}", zone.id);
                    }
                }
            }
        }
        let all: Vec<_> = nation.zones.iter().chain(&nation.rest).collect();
        assert_eq!(all.iter().map(|z| z.count).sum::<u64>(), 6000);
        assert_eq!(sum(&all, "output"), cents(&nation.city.amounts, "output"));
        assert!(disclosure == Disclosure::Full || nation.city.amounts["output"].protected);
    }
    assert!(below_nothing > 500, "{below_nothing}");
    // a zone and its siblings: its kind below its parent
    let siblings = list("county", Some("P03C01"), Disclosure::Full);
    assert!(siblings.zones.iter().any(|z| z.id == "P03C01K02") && siblings.zones.len() == 3);
}

/// How long a nation takes; nothing is asserted of the time. `cargo test --test it -- --ignored nation_takes --nocapture`
#[test]
#[ignore = "measures"]
fn a_nation_takes() {
    use std::time::Instant;
    for counties in [0, 12] {
        let folder = tempfile::tempdir().unwrap();
        nation::write(folder.path(), &nation::Size { provinces: 34, cities: 11, counties, rows: 200_000 });
        let begun = Instant::now();
        let (dataset, report) = load(&Source::Folder(folder.path().into()), &Limits::default());
        let dataset = dataset.unwrap_or_else(|| panic!("{}", report.render(Lang::En)));
        let read = begun.elapsed();
        let engine: Embedded = Snapshot::new(dataset).into();
        println!(
            "{} zones: read {read:?}, prepared {:?}",
            engine.describe().zones.len(),
            begun.elapsed().saturating_sub(read)
        );
        let list = |kind: &str, parent: Option<&str>, disclosure| {
            let question = Question::register().of_kind(Some(kind.into())).of_parent(parent.map(Into::into));
            let begun = Instant::now();
            let n = engine.bind(&question, disclosure).unwrap().zones().unwrap().zones.len();
            println!("  {kind} of {parent:?} as {disclosure:?}: {n} in {:?}", begun.elapsed());
        };
        for disclosure in [Disclosure::Full, Disclosure::Full, Disclosure::Aggregates, Disclosure::Aggregates] {
            list("province", None, disclosure);
            list("city", None, disclosure);
            list("city", Some("P05"), disclosure);
            if counties > 0 {
                list("county", None, disclosure);
                list("county", Some("P05C03"), disclosure);
            }
        }
    }
}

/// Whether the rows of the register are areas and lines: they belong by a point of theirs, wherever they are counted, and
/// those that lie somewhere are never without position.
#[test]
fn parcels_and_lines_belong_by_a_point_and_never_to_nothing() {
    use geo::{Area, BooleanOps, Contains, InteriorPoint};
    let folder = tempfile::tempdir().unwrap();
    common::copy_dataset(FOLDER, folder.path());
    let manifest = std::fs::read_to_string(folder.path().join("dataset.json")).unwrap();
    let mut manifest: Value = serde_json::from_str(&manifest).unwrap();
    let register = manifest["collections"].as_array_mut().unwrap().last_mut().unwrap();
    register["geometry"] = "any".into();
    register["register"]["assign"] = "point".into();
    std::fs::write(folder.path().join("dataset.json"), manifest.to_string()).unwrap();
    let mut rows: Value =
        serde_json::from_slice(&std::fs::read(folder.path().join("workshops.geojson")).unwrap()).unwrap();
    // what stands for each row, by the geo crate alone, and the area of parcels
    let mut places: Vec<Option<geo::Point<f64>>> = Vec::new();
    let mut parcels: Vec<Option<geo::Polygon<f64>>> = Vec::new();
    let mut numbers = nation::Numbers(7);
    for (i, f) in rows["features"].as_array_mut().unwrap().iter_mut().enumerate() {
        f["properties"]["concelho"] = Value::Null;
        let Some(at) = f["geometry"]["coordinates"].as_array() else {
            places.push(None);
            parcels.push(None);
            continue;
        };
        let (x, y) = (at[0].as_f64().unwrap(), at[1].as_f64().unwrap());
        let (w, h) = (0.001 + numbers.part() * 0.02, 0.001 + numbers.part() * 0.02);
        if i % 3 == 0 {
            let line = [[x, y], [x + w, y], [x + w, y + h]];
            // the middle by length of two legs at a right angle
            let half = f64::midpoint(w, h);
            let middle = if half <= w { (x + half, y) } else { (x + w, y + half - w) };
            f["geometry"] = serde_json::json!({"type": "LineString", "coordinates": line});
            places.push(Some(middle.into()));
            parcels.push(None);
        } else {
            // an L, whose centroid need not be inside
            let t = 0.2;
            let ring = [(0.0, 0.0), (w, 0.0), (w, h * t), (w * t, h * t), (w * t, h), (0.0, h), (0.0, 0.0)];
            let ring: Vec<(f64, f64)> = ring.iter().map(|(dx, dy)| (x + dx, y + dy)).collect();
            let polygon = geo::Polygon::new(ring.clone().into(), vec![]);
            let coordinates: Vec<[f64; 2]> = ring.iter().map(|p| [p.0, p.1]).collect();
            f["geometry"] = serde_json::json!({"type": "Polygon", "coordinates": [coordinates]});
            places.push(polygon.interior_point());
            parcels.push(Some(polygon));
        }
    }
    std::fs::write(folder.path().join("workshops.geojson"), rows.to_string()).unwrap();
    let engine = open(folder.path());
    let whole = engine.bind(&Question::register(), Disclosure::Full).unwrap().summarize().unwrap();
    let lying = places.iter().flatten().count() as u64;
    assert_eq!((whole.counts.located, whole.counts.unlocated), (lying, places.len() as u64 - lying));
    assert!(whole.notes.iter().any(|n| n.code == "assigned-by-point"), "the answer states the rule");
    let zones = features("municipalities.geojson");
    let list = zones_of(&engine, "municipality");
    let mut counted = 0;
    for (zone, row) in zones.iter().zip(&list.zones) {
        let here = |p: &&geo::Point<f64>| inside(zone, [p.x(), p.y()]);
        assert_eq!(row.count, places.iter().flatten().filter(here).count() as u64, "{}", zone.id);
        counted += row.count;
        // by shares of area: what lies wholly inside belongs, and what belongs has a share inside
        let ring: Vec<(f64, f64)> = zone.rings[0].iter().map(|p| (p[0], p[1])).collect();
        let area = geo::Polygon::new(ring.into(), vec![]);
        let items = engine.bind(&Question::register().in_zone(&*zone.id), Disclosure::Full).unwrap().select(0, 1000);
        let ids: Vec<&str> = items.rows().iter().map(|r| items.table().ids.value(*r as usize)).collect();
        assert_eq!(ids.len() as u64, row.count, "items are what is counted");
        for (i, parcel) in parcels.iter().enumerate() {
            let Some(parcel) = parcel else { continue };
            let share = area.intersection(parcel).unsigned_area() / parcel.unsigned_area();
            let belongs = ids.contains(&&*format!("E{:03}", i + 1));
            assert!(!belongs || share > 0.0, "E{:03}: {share}", i + 1);
            assert!(belongs || share < 0.999, "E{:03}: {share}", i + 1);
        }
    }
    assert!(counted > 100);
    let rest = list.rest.iter().map(|z| z.count).sum::<u64>();
    assert_eq!(counted + rest, places.len() as u64);
    // in a drawn area, too
    let drawn = [(-8.7, 41.05), (-8.5, 41.05), (-8.55, 41.2), (-8.7, 41.2)];
    let drawn = geo::Polygon::new(drawn.to_vec().into(), vec![]);
    let surface = shigu::core::geometry::Surface::new(geo::MultiPolygon(vec![drawn.clone()])).unwrap();
    let question = Question::register().within(shigu::core::query::BaseArea::Polygon(surface));
    let answer = engine.bind(&question, Disclosure::Full).unwrap().summarize().unwrap();
    let expected = places.iter().flatten().filter(|p| drawn.contains(*p)).count() as u64;
    assert_eq!(answer.counts.matched, expected);
    assert!(expected > 20, "{expected}");
    // fractions are refused, not passed over
    let area = manifest.to_string().replace("\"assign\":\"point\"", "\"assign\":\"area\"");
    std::fs::write(folder.path().join("dataset.json"), area).unwrap();
    let (refused, report) = load(&Source::Folder(folder.path().into()), &Limits::default());
    assert!(refused.is_none() && report.render(Lang::En).contains("point"));
}

fn zones_of(engine: &Embedded, kind: &str) -> ZoneList {
    let question = Question::register().of_kind(Some(kind.into()));
    engine.bind(&question, Disclosure::Full).unwrap().zones().unwrap()
}

/// A folder with its districts in place of those of the fixture, and rows at some points.
fn with_districts(districts: &[(&str, Value)], points: &[[f64; 2]]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    common::copy_dataset(FOLDER, folder.path());
    let path = folder.path().join("dataset.json");
    let mut manifest: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
    manifest["collections"].as_array_mut().unwrap().retain(|c| c["id"] == "municipalities" || c["id"] == "workshops");
    std::fs::write(&path, manifest.to_string()).unwrap();
    let write = |file: &str, features: Vec<Value>| {
        let json = serde_json::json!({"type": "FeatureCollection", "features": features});
        std::fs::write(folder.path().join(file), json.to_string()).unwrap();
    };
    let areas = districts.iter().map(|(id, polygons)| {
        serde_json::json!({"type": "Feature", "id": id, "properties": {"nome": id},
            "geometry": {"type": "MultiPolygon", "coordinates": polygons}})
    });
    write("municipalities.geojson", areas.collect());
    let rows = points.iter().enumerate().map(|(i, at)| {
        serde_json::json!({"type": "Feature", "id": format!("E{i}"), "geometry": {"type": "Point", "coordinates": at},
            "properties": {"nome": format!("E{i}"), "concelho": null, "ramo": "cork", "staff_2024": 3, "staff_2023": null,
                "turnover_2023": null, "turnover_2024": 1.25}})
    });
    write("workshops.geojson", rows.collect());
    folder
}

fn square(west: f64, south: f64, east: f64, north: f64) -> Value {
    serde_json::json!([[[west, south], [east, south], [east, north], [west, north], [west, south]]])
}

/// Zones on both sides of the antimeridian, in the southern hemisphere, without rows, and of 3,000 parts.
#[tokio::test]
async fn zones_anywhere_on_earth() {
    let islands: Vec<Value> = (0..3000)
        .map(|i| {
            let (x, y) = (-170.0 + f64::from(i % 60) * 0.1, -20.0 + f64::from(i / 60) * 0.1);
            square(x, y, x + 0.05, y + 0.05)
        })
        .collect();
    let both = serde_json::json!([square(178.0, -19.0, 180.0, -16.0), square(-180.0, -19.0, -178.0, -16.0)]);
    let districts = [
        ("dateline", both),
        ("islands", Value::Array(islands)),
        ("empty", serde_json::json!([square(170.0, -45.0, 172.0, -43.0)])),
    ];
    let mut points = vec![[179.5, -17.0], [-179.5, -17.0], [-178.5, -18.5], [0.0, 0.0]];
    // in each island, and beside each
    for i in 0..3000 {
        let (x, y) = (-170.0 + f64::from(i % 60) * 0.1, -20.0 + f64::from(i / 60) * 0.1);
        points.push([x + 0.02, y + 0.02]);
        points.push([x + 0.07, y + 0.02]);
    }
    let folder = with_districts(&districts, &points);
    let list = zones_of(&open(folder.path()), "municipality");
    let counts: Vec<(&str, u64)> = list.zones.iter().map(|z| (&*z.id, z.count)).collect();
    assert_eq!(counts, [("dateline", 3), ("islands", 3000), ("empty", 0)]);
    assert_eq!(list.rest.iter().map(|z| z.count).sum::<u64>(), 3001);
    assert!(list.zones[2].amounts["staff"].sum.is_none() && list.zones[1].amounts["staff"].sum == Some(9000.0));

    let service = common::service::Service::open(folder.path().to_str().unwrap(), Disclosure::Full);
    // the tiles on both sides of the antimeridian, at zoom 5 around 17.5 degrees south
    for x in [0, 31] {
        let tile = service.get(&format!("/xyz/municipalities/5/{x}/17.mvt")).await;
        assert_eq!(tile.status, 200);
        let layers = common::decode(&tile.body);
        let there = layers["municipalities"].as_array().unwrap().iter().any(|f| f["properties"]["nome"] == "dateline");
        assert!(there, "tile {x}");
    }
    for zone in ["dateline", "islands", "empty"] {
        let map = service.get(&format!("/map?zone={zone}&width=300&height=200&f=svg")).await;
        assert_eq!(map.status, 200, "{zone}: {}", String::from_utf8_lossy(&map.body));
        assert!(String::from_utf8_lossy(&map.body).contains("<path"), "{zone}");
        let summary = service.json(&format!("/summary?zone={zone}")).await;
        assert_eq!(summary["zone"]["id"], zone);
    }
}

/// `check` refuses levels that contradict themselves, and says where and what to do.
#[test]
fn check_finds_what_is_wrong_with_levels() {
    let faults = |file: &str, change: &dyn Fn(&mut Value)| -> Vec<String> {
        let folder = tempfile::tempdir().unwrap();
        common::copy_dataset(FOLDER, folder.path());
        let path = folder.path().join(file);
        let mut json: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
        change(&mut json);
        std::fs::write(&path, json.to_string()).unwrap();
        let (_, report) = load(&Source::Folder(folder.path().into()), &Limits::default());
        report.findings.iter().map(|f| f.code.to_string()).collect()
    };
    let zone = |to: Value| move |json: &mut Value| json["collections"][1]["zone"] = to.clone();
    let has = |codes: &[String], code: &str| assert!(codes.iter().any(|c| c == code), "{code} in {codes:?}");
    let manifest = "dataset.json";
    has(
        &faults(manifest, &zone(serde_json::json!({"kind": "parish", "parent": {"kind": "county"}}))),
        "unknown-parent-kind",
    );
    has(
        &faults(manifest, &zone(serde_json::json!({"kind": "parish", "parent": {"kind": "parish"}}))),
        "parents-in-a-circle",
    );
    let nowhere = serde_json::json!({"kind": "parish", "parent": {"kind": "municipality", "property": "none"}});
    has(&faults(manifest, &zone(nowhere)), "undeclared-property");
    let parish = |to: Value| move |json: &mut Value| json["features"][0]["properties"]["concelho"] = to.clone();
    has(&faults("parishes.geojson", &parish("M9".into())), "unknown-parent");
    has(&faults("parishes.geojson", &parish("M4".into())), "outside-parent");
    has(&faults("parishes.geojson", &parish(Value::Null)), "zone-without-parent");
    // parks overlap: declared as such they are served, declared as a partition they are refused
    let divided = |json: &mut Value| json["collections"][2]["zone"]["overlapping"] = false.into();
    has(&faults(manifest, &divided), "zones-overlap");
    assert!(faults(manifest, &|_: &mut Value| {}).is_empty());
}
