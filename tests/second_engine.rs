//! `Engine` and `BoundQuestion` are a seam: a second implementation, which scans the plain GeoJSON and shares nothing with
//! the snapshot, answers every question as the embedded one does, and reports and tiles are made from it.

#[path = "second_engine/engine.rs"]
mod engine;
#[path = "second_engine/rows.rs"]
mod rows;

use crate::common::decode;
use engine::PlainEngine;
use serde_json::Value;
use shigu::core::geometry::mercator::{self, TileId};
use shigu::core::model::Lang;
use shigu::core::query::{
    AssumedRow, Bound, DenseMethod, Disclosure, Embedded, Engine, HotspotChoice, Question, TrialSpec, change, density,
    hot_areas, hot_hexagons, trial,
};
use shigu::core::snapshot::Snapshot;
use shigu::data::load::{Limits, Source, load};
use shigu::render::drawing::Fonts;
use shigu::render::map::{Ask, Scene};
use shigu::render::report::{Format, Origin, RenderContext, Report};
use shigu::render::tiles::{Grid, encode};
use std::path::Path;

/// Both engines over a folder.
struct Both {
    embedded: Embedded,
    plain: PlainEngine,
}

const FOLDERS: [&str; 3] = ["tests/data/fourfold", "tests/data/tinyville", "tests/data/dated"];

/// Both for readers of one disclosure. Protected figures are the embedded engine's own, so what is compared of readers who
/// see aggregates only is what is withheld: no metric is restricted then.
fn both_for(folder: &str, disclosure: Disclosure) -> Both {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let (dataset, findings) = load(&Source::Folder(path.clone()), &Limits::default());
    let mut dataset = dataset.unwrap_or_else(|| panic!("{findings:?}"));
    for collection in dataset.manifest.collections.iter_mut().filter(|_| disclosure == Disclosure::Aggregates) {
        let metrics = collection.register.iter_mut().flat_map(|r| &mut r.metrics);
        for metric in metrics {
            metric.restricted = false;
            let columns = collection.properties.iter_mut().filter(|p| metric.columns.values().any(|c| *c == p.name));
            columns.for_each(|p| p.restricted = false);
        }
    }
    let embedded = Embedded::from(Snapshot::new(dataset.clone()));
    let plain = PlainEngine::new(&path, &dataset, &embedded.describe().revision);
    Both { embedded, plain }
}

fn both(folder: &str) -> Both {
    both_for(folder, Disclosure::Full)
}

impl Both {
    /// The question bound by both; both refuse in the same words.
    fn bind(&self, question: &Question, disclosure: Disclosure) -> Option<[Bound; 2]> {
        let bound = [self.embedded.bind(question, disclosure), self.plain.bind(question, disclosure)];
        match bound {
            [Ok(a), Ok(b)] => Some([a, b]),
            [Err(a), Err(b)] => {
                assert_eq!(a.to_string(), b.to_string(), "{question:?}");
                None
            }
            [a, b] => panic!("{}: {:?} and {:?}", question.to_json(), a.map(drop), b.map(drop)),
        }
    }

    fn questions(&self) -> Vec<Question> {
        let about = self.embedded.describe();
        let register = about.register().unwrap();
        let spec = register.spec.register.as_ref().unwrap();
        let class = spec.cluster.as_deref().unwrap();
        let code = about.clusters().unwrap().entries[1].code.clone();
        let (b, metric) = (about.bounds, spec.metrics[0].columns.values().next_back().unwrap());
        let center = [f64::midpoint(b.west, b.east), f64::midpoint(b.south, b.north)];
        let json = |text: String| Question::from_json(text.as_bytes()).unwrap_or_else(|e| panic!("{text}: {e}"));
        let zones: Vec<&str> = about.zones.iter().map(|z| z.id.as_str()).collect();
        let all = Question::register();
        let mut out = vec![
            all.clone(),
            all.clone().with_statistics(true),
            all.clone().in_zone("outside"),
            all.clone().in_zone("undeclared"),
            all.clone().in_zone("nowhere"),
            all.clone().in_year(Some(1900)),
            all.clone().having("colour", "red"),
            all.clone().having(class, "no such"),
            all.clone().having(class, &code).with_secondary(true),
            Question::from_url_query(&format!("filter={metric}%20%3E%20100")).unwrap(),
            Question::from_url_query(&format!("filter={class}%20IS%20NULL%20OR%20NOT%20{class}%20%3D%20'{code}'"))
                .unwrap(),
            json(format!(r#"{{"circle":{{"center":{center:?},"radius_m":4000}}}}"#)),
            json(format!(
                r#"{{"buffer":{{"geometry":{{"type":"LineString","coordinates":[{center:?},[{},{}]]}},"distance_m":2500}}}}"#,
                b.west, b.north
            )),
            json(format!(r#"{{"nearest":{{"center":{center:?},"k":7}}}}"#)),
            json(format!(
                r#"{{"polygon":{{"type":"Polygon","coordinates":[[[{},{}],[{},{}],[{},{}],[{},{}]]]}}}}"#,
                b.west, b.south, center[0], b.south, center[0], b.north, b.west, b.south
            )),
            all.clone().meeting([b.west, b.south, center[0], center[1]]),
        ];
        if let Some(zone) = about.zones.first() {
            let collection = &about.collections[zone.collection].spec.id;
            out.push(json(format!(
                r#"{{"buffer":{{"collection":"{collection}","id":"{}","distance_m":700}}}}"#,
                zone.id
            )));
        }
        for zone in zones {
            out.push(all.clone().in_zone(zone));
            out.push(all.clone().in_zone(zone).having(class, &code).with_statistics(true));
        }
        let periods = about.register.as_ref().unwrap().periods.clone();
        out.extend(periods.into_iter().map(|period| all.clone().in_period(Some(period)).with_secondary(true)));
        out
    }
}

/// Equal but for the last bits of numbers.
fn same(a: &Value, b: &Value, what: &str) {
    match (a, b) {
        (Value::Number(x), Value::Number(y)) => {
            let (x, y) = (x.as_f64().unwrap(), y.as_f64().unwrap());
            assert!((x - y).abs() <= 1e-9 * x.abs().max(1.0), "{what}: {x} and {y}");
        }
        (Value::Array(x), Value::Array(y)) => {
            assert_eq!(x.len(), y.len(), "{what}: {a} and {b}");
            x.iter().zip(y).enumerate().for_each(|(i, (x, y))| same(x, y, &format!("{what}[{i}]")));
        }
        (Value::Object(x), Value::Object(y)) => {
            assert_eq!(x.keys().collect::<Vec<_>>(), y.keys().collect::<Vec<_>>(), "{what}");
            x.iter().for_each(|(key, value)| same(value, &y[key], &format!("{what}.{key}")));
        }
        _ => assert_eq!(a, b, "{what}"),
    }
}

fn json(value: &impl serde::Serialize) -> Value {
    serde_json::to_value(value).unwrap()
}

fn ids(bound: &Bound) -> Vec<String> {
    let selection = bound.select(0, usize::MAX);
    selection.rows().iter().map(|row| selection.source().id(*row as usize).to_owned()).collect()
}

/// The platforms by their ids: an engine has an order of its own.
fn platforms(bound: &Bound) -> Value {
    let mut all = bound.platforms();
    all.sort_by(|a, b| a.id.cmp(&b.id));
    json(&all)
}

fn sorted(mut ids: Vec<String>) -> Vec<String> {
    ids.sort_unstable();
    ids
}

#[test]
fn numbers_are_those_of_a_plain_scan() {
    let (mut answered, mut refused, mut withheld) = (0, 0, 0);
    for folder in FOLDERS {
        for disclosure in [Disclosure::Full, Disclosure::Aggregates] {
            let both = both_for(folder, disclosure);
            for question in both.questions() {
                let what = format!("{folder} {} {disclosure:?}", question.to_json());
                let Some([a, b]) = both.bind(&question, disclosure) else {
                    refused += 1;
                    continue;
                };
                let summaries = [a.summarize().unwrap(), b.summarize().unwrap()];
                withheld += u64::from(summaries[0].totals.values().any(|t| t.withheld));
                let [mut left, mut right] = summaries.map(|s| json(&s));
                if question.bbox().is_some() {
                    // the embedded engine prints a box as a filter
                    assert!(left["filter"]["filter"].as_str().is_some_and(|f| f.contains("S_INTERSECTS")), "{left}");
                    [&mut left, &mut right].into_iter().for_each(|s| s["filter"] = Value::Null);
                }
                same(&left, &right, &what);
                same(&platforms(&a), &platforms(&b), &format!("{what} platforms"));
                assert_eq!(a.question(), b.question(), "{what}");
                assert!(question.bbox().is_some() || a.conditions() == b.conditions(), "{what}");
                assert_eq!((a.count(), sorted(ids(&a))), (b.count(), sorted(ids(&b))), "{what}");
                answered += 1;
            }
        }
    }
    assert!(answered > 100 && refused > 10 && withheld > 2, "{answered} {refused} {withheld}");
}

/// The change of each sum from the year before, and of quarters and months from the one right before, in each published
/// period and at the latest of each metric.
#[test]
fn points_are_in_the_same_zones() {
    let mut held = 0;
    for folder in FOLDERS {
        let both = both(folder);
        let b = both.embedded.describe().bounds;
        let at = |i: usize, n: usize, from: f64, to: f64| from + (to - from) * (i as f64 + 0.37) / n as f64;
        let mut points: Vec<geo::Coord<f64>> = (0..2500)
            .map(|i| geo::Coord { x: at(i % 50, 50, b.west, b.east), y: at(i / 50, 50, b.south, b.north) })
            .collect();
        // and on corners, where borders meet
        points.extend(both.embedded.describe().zones.iter().flat_map(|zone| {
            let c = zone.bounds;
            [(c.west, c.south), (c.east, c.north), (c.west, c.north)].map(|(x, y)| geo::Coord { x, y })
        }));
        let [a, b] = [both.embedded.zones_around(&points), both.plain.zones_around(&points)];
        assert!(a == b, "{folder}: {:?}", a.iter().zip(&b).zip(&points).find(|((a, b), _)| a != b));
        held += a.iter().map(Vec::len).sum::<usize>();
    }
    assert!(held > 2000, "{held}");
}

#[test]
fn growth_is_that_of_a_plain_scan() {
    let (mut on_year, mut on_previous) = (0, 0);
    for folder in FOLDERS.into_iter().chain(["tests/data/quayside", "tests/data/orchards"]) {
        for disclosure in [Disclosure::Full, Disclosure::Aggregates] {
            let both = both_for(folder, disclosure);
            let about = both.embedded.describe();
            let metrics = &about.register().unwrap().spec.register.as_ref().unwrap().metrics;
            let zones: Vec<&str> = about.zones.iter().map(|z| z.id.as_str()).chain(["city"]).collect();
            for period in metrics[0].columns.keys().copied().map(Some).chain([None]) {
                for zone in &zones {
                    let question = Question::register().in_zone(*zone).in_period(period).with_growth(true);
                    let what = format!("{folder} {} {disclosure:?}", question.to_json());
                    let [a, b] = both.bind(&question, disclosure).unwrap().map(|bound| bound.summarize().unwrap());
                    same(&json(&a.totals), &json(&b.totals), &what);
                    same(&json(&a.clusters), &json(&b.clusters), &what);
                    let amounts = || a.totals.values().chain(a.clusters.iter().flat_map(|c| c.amounts.values()));
                    let rates =
                        |of: Option<&shigu::core::query::Growth>| u64::from(of.is_some_and(|g| g.rate.is_some()));
                    on_year += amounts().map(|amount| rates(amount.growth.as_ref())).sum::<u64>();
                    on_previous += amounts().map(|amount| rates(amount.growth_on_previous.as_ref())).sum::<u64>();
                }
            }
        }
    }
    assert!(on_year > 100 && on_previous > 100, "{on_year} {on_previous}");
}

/// What is found among points asks an engine for rows only.
#[test]
fn hotspots_are_alike() {
    let mut found = 0;
    for folder in FOLDERS {
        for disclosure in [Disclosure::Full, Disclosure::Aggregates] {
            let both = both_for(folder, disclosure);
            for question in both.questions() {
                let Some([a, b]) = both.bind(&question, disclosure) else { continue };
                let choice = HotspotChoice { least: Some(3), distance: Some(1500.0), ..HotspotChoice::default() };
                let answer = |of: &Bound| {
                    let (areas, hexagons) = (hot_areas(of, &choice).unwrap(), hot_hexagons(of, &choice).unwrap());
                    let by_densities =
                        HotspotChoice { method: DenseMethod::Hdbscan, smallest: Some(4), ..choice.clone() };
                    let by_densities = json(&hot_areas(of, &by_densities).unwrap());
                    [json(&areas), by_densities, json(&hexagons), json(&density(of, &choice).unwrap())]
                };
                let (left, right) = (answer(&a), answer(&b));
                for (left, right) in left.iter().zip(&right) {
                    same(left, right, &format!("{folder} {} {disclosure:?}", question.to_json()));
                    found += left["features"].as_array().unwrap().len();
                }
            }
        }
    }
    assert!(found > 1000, "{found}");
}

/// A change asks an engine for summaries and zones of several periods, and for the rows that were there at the end of another.
#[test]
fn changes_are_alike() {
    let mut parts = 0;
    for folder in FOLDERS.into_iter().chain(["tests/data/quayside", "tests/data/orchards", "tests/data/dated"]) {
        let both = both_for(folder, Disclosure::Full);
        let about = both.embedded.describe();
        let metrics = &about.register().unwrap().spec.register.as_ref().unwrap().metrics;
        let weights: Vec<&str> = metrics.iter().map(|m| m.id.as_str()).chain(["count"]).collect();
        for zone in about.zones.iter().take(3).map(|z| z.id.as_str()).chain(["city"]) {
            for weight in &weights {
                let question = Question::register().in_zone(zone);
                let answers = both.bind(&question, Disclosure::Full).unwrap();
                let [a, b] = answers.map(|bound| json(&change(&bound, Some(weight)).unwrap()));
                same(&a, &b, &format!("{folder} {zone} {weight}"));
                parts += a["zones"].as_array().unwrap().iter().filter(|zone| zone["parts"].is_object()).count();
            }
        }
    }
    assert!(parts > 20, "{parts}");
}

/// A trial zone asks an engine for summaries, zones that overlap and rows.
#[test]
fn trials_are_alike() {
    let (mut answered, mut refused, mut assumed) = (0, 0, 0);
    for folder in FOLDERS {
        for disclosure in [Disclosure::Full, Disclosure::Aggregates] {
            let both = both_for(folder, disclosure);
            let about = both.embedded.describe();
            let (register, b) = (about.register().unwrap(), about.bounds);
            let metric = register.spec.register.as_ref().unwrap().metrics[0].id.clone();
            let code = about.clusters().unwrap().entries[0].code.clone();
            let weights = vec![metric.clone()];
            let baseline = about.zones.first().map(|zone| Question::register().in_zone(&zone.id));
            let middle = [f64::midpoint(b.west, b.east), f64::midpoint(b.south, b.north)];
            let added = |position: [f64; 2]| AssumedRow::Added {
                name: Some("new".into()),
                class: Some(code.clone()),
                figures: [(metric.clone(), 12.5)].into(),
                position,
            };
            let first = both.embedded.bind(&Question::register(), disclosure).unwrap().select(0, 1);
            let id = first.source().id(first.rows()[0] as usize).to_owned();
            let moved = AssumedRow::Moved { id, position: middle };
            let full = disclosure == Disclosure::Full;
            let rows: Vec<AssumedRow> =
                [added(middle), added([b.west, b.south])].into_iter().chain(full.then_some(moved)).collect();
            for question in both.questions() {
                // what is put together has no outline in the plain engine
                if !question.area().steps().is_empty() {
                    continue;
                }
                let Some([a, b]) = both.bind(&question, disclosure) else { continue };
                for (baseline, assumed_rows) in [(None, vec![]), (baseline.clone(), rows.clone())] {
                    let spec = TrialSpec {
                        question: question.clone(),
                        baseline,
                        assumed: assumed_rows,
                        weights: weights.clone(),
                        title: None,
                        beside: vec![],
                    };
                    let what = format!("{folder} {} {disclosure:?}", question.to_json());
                    match (trial(&a, &spec), trial(&b, &spec)) {
                        (Ok(left), Ok(right)) => {
                            assumed += left.assumed.iter().filter(|row| row.inside != row.was_inside).count();
                            same(&json(&left), &json(&right), &what);
                            answered += 1;
                        }
                        (Err(_), Err(_)) => refused += 1,
                        (left, right) => panic!("{what}: {:?} and {:?}", left.map(drop), right.map(drop)),
                    }
                }
            }
        }
    }
    assert!(answered > 100 && refused > 10 && assumed > 30, "{answered} {refused} {assumed}");
}

#[test]
fn zones_side_by_side_are_those_of_a_plain_scan() {
    for folder in FOLDERS {
        let both = both(folder);
        let about = both.embedded.describe();
        let code = about.clusters().unwrap().entries[0].code.clone();
        let cluster = about.register().unwrap().spec.register.as_ref().unwrap().cluster.clone();
        let kinds: Vec<String> = about.zone_kinds.iter().map(|k| k.id.clone()).collect();
        assert_eq!(kinds, both.plain.describe().zone_kinds.iter().map(|k| k.id.clone()).collect::<Vec<_>>());
        for kind in kinds.into_iter().map(Some).chain([None, Some("none".to_owned())]) {
            let all = Question::register().of_kind(kind);
            for question in [
                all.clone(),
                all.clone().with_statistics(true).with_secondary(true),
                all.having(cluster.as_deref().unwrap(), &code),
            ] {
                for disclosure in [Disclosure::Full, Disclosure::Aggregates] {
                    let both = both_for(folder, disclosure);
                    let Some([a, b]) = both.bind(&question, disclosure) else { continue };
                    let what = format!("{folder} {} {disclosure:?}", question.to_json());
                    same(&json(&a.zones().unwrap()), &json(&b.zones().unwrap()), &what);
                }
            }
        }
    }
}

#[test]
fn rows_are_in_the_order_of_the_question() {
    for folder in FOLDERS {
        let both = both(folder);
        let spec = both.embedded.describe().register().unwrap().spec.clone();
        let metric = spec.register.as_ref().unwrap().metrics[0].columns.values().next_back().unwrap().clone();
        for sort in [format!("-{metric},id"), format!("{metric},-id"), "id".to_owned(), "-id".to_owned()] {
            let question = Question::register().sorted_by(&sort);
            let [a, b] = both.bind(&question, Disclosure::Full).unwrap();
            assert_eq!(ids(&a), ids(&b), "{folder} {sort}");
            let page = |bound: &Bound| {
                let page = bound.select(3, 5);
                (
                    page.rows().iter().map(|r| page.source().id(*r as usize).to_owned()).collect::<Vec<_>>(),
                    page.matched(),
                )
            };
            assert_eq!(page(&a), page(&b), "{folder} {sort}");
            assert_eq!(page(&a).0, ids(&a)[3..8]);
        }
        // combined areas are sets of rows
        let zones: Vec<String> = both.embedded.describe().zones.iter().map(|z| z.id.clone()).collect();
        for op in ["union", "intersection", "difference"] {
            for pair in zones.windows(2) {
                let body = format!(r#"{{"zone":"{}","combine":[{{"op":"{op}","zone":"{}"}}]}}"#, pair[0], pair[1]);
                let [a, b] = both.bind(&Question::from_json(body.as_bytes()).unwrap(), Disclosure::Full).unwrap();
                assert_eq!((a.count(), sorted(ids(&a))), (b.count(), sorted(ids(&b))), "{folder} {body}");
            }
        }
        let first = ids(&both.bind(&Question::register(), Disclosure::Full).unwrap()[0])[0].clone();
        let found = [&both.embedded as &dyn Engine, &both.plain].map(|engine| {
            let one = engine.feature(&spec.id, &first, Disclosure::Aggregates).unwrap();
            let name = one.source().name(one.rows()[0] as usize).to_owned();
            let hit = engine.search(&name, 5, None).results.into_iter().find(|r| r.id == first).unwrap();
            assert!(engine.feature(&spec.id, "nothing", Disclosure::Full).is_none());
            (one.columns().to_vec(), json(&hit), engine.time_extent("nothing", Disclosure::Full).map(|m| m.is_none()))
        });
        assert_eq!(found[0], found[1], "{folder}");
    }
}

#[test]
fn reports_are_made_of_either() {
    for (folder, zones) in [(FOLDERS[0], ["W2", "C1", "city"]), (FOLDERS[1], ["T02", "outside", "city"])] {
        let both = both(folder);
        for zone in zones {
            let question = Question::register().in_zone(zone);
            let files = both.bind(&question, Disclosure::Full).unwrap().map(|bound| {
                let page = Some("http://shigu.test/".to_owned());
                let report = Report::new(&bound, Lang::En, Origin { page, ..Origin::default() }).unwrap();
                let context = RenderContext { map: None, fonts: &Fonts::default() };
                [Format::Csv, Format::Geojson, Format::Xlsx, Format::Html].map(|format| {
                    (report.file_name(format), report.query_code(), report.render(format, context).unwrap())
                })
            });
            let [embedded, plain] = files;
            for (a, b) in embedded.iter().zip(&plain) {
                assert_eq!((&a.0, &a.1), (&b.0, &b.1), "{folder} {zone}");
                assert!(a.2.len() > 200 && a.2 == b.2, "{folder} {}: other bytes", a.0);
            }
        }
    }
}

/// The features of each layer of a tile without their order.
fn features(tile: &[u8]) -> Vec<(String, Vec<String>)> {
    let layers = decode(tile).into_iter();
    layers.map(|(name, all)| (name, sorted(all.as_array().unwrap().iter().map(Value::to_string).collect()))).collect()
}

#[test]
fn tiles_and_maps_are_drawn_of_either() {
    let mut cells = 0;
    for folder in FOLDERS {
        let both = both(folder);
        let about = both.embedded.describe();
        let (x, y) = mercator::project(
            f64::midpoint(about.bounds.west, about.bounds.east),
            f64::midpoint(about.bounds.south, about.bounds.north),
        );
        for z in [0u8, 7, 9, 11, 13] {
            let shift = |v: u32| if z == 0 { 0 } else { v >> (32 - z) };
            let tile = TileId::new(z, shift(x), shift(y)).unwrap();
            for grid in [Grid::Auto, Grid::Cells(8)] {
                for disclosure in [Disclosure::Full, Disclosure::Aggregates] {
                    let both = both_for(folder, disclosure);
                    let of = |engine: &dyn Engine| {
                        let bind = |c: &shigu::core::snapshot::CollectionInfo| {
                            engine.bind(&Question::of(&c.spec.id), disclosure).unwrap()
                        };
                        encode(&about.collections.iter().map(bind).collect::<Vec<_>>(), tile, grid)
                    };
                    let (a, b) = (features(&of(&both.embedded)), features(&of(&both.plain)));
                    assert!(!a.is_empty() && a == b, "{folder} {tile:?} {grid:?} {disclosure:?}\n{a:#?}\n{b:#?}");
                    cells += a.iter().flat_map(|(_, all)| all).filter(|f| f.contains("\"cz\"")).count();
                }
            }
        }
        let zone = Question::register().in_zone(about.zones[0].id.clone());
        let [a, b] = both.bind(&zone, Disclosure::Full).unwrap().map(|bound| {
            let map = Scene::draw(bound.describe(), &Ask::about(&bound, Lang::Zh)).unwrap().into_drawing();
            let svg = shigu::render::drawing::svg(&map);
            let mut text: Vec<String> =
                svg.split("<text").skip(1).map(|t| t.split("</text>").next().unwrap().to_owned()).collect();
            text.sort_unstable();
            (svg.len(), text)
        });
        assert!(a.1.len() > 5 && a.1 == b.1, "{folder}: the map says other words");
        assert!(a.0.abs_diff(b.0) * 50 < a.0, "{folder}: {} and {} characters", a.0, b.0);
    }
    assert!(cells > 10, "{cells} cells were compared");
}

#[test]
fn zones_and_neighbours_of_a_feature_are_those_of_a_plain_scan() {
    let (mut near, mut declared, mut apart) = (0, 0, 0);
    for folder in FOLDERS {
        let both = both(folder);
        let about = both.embedded.describe();
        for collection in about.collections.iter().filter(|c| c.points && c.rows > 0) {
            let question = Question::of(&*collection.spec.id);
            let Some([a, b]) = both.bind(&question, Disclosure::Full) else { continue };
            let all = a.select(0, 300);
            let ids: Vec<String> =
                all.rows().iter().map(|row| all.table().ids.value(*row as usize).to_owned()).collect();
            for id in ids {
                let (x, y) = (a.place(&id, 6).unwrap(), b.place(&id, 6).unwrap());
                assert_eq!((&x.zones, &x.by, &x.class), (&y.zones, &y.by, &y.class), "{folder} {id}");
                let far = |of: &shigu::core::query::FeaturePlace| {
                    of.nearest.iter().map(|n| (n.distance_m * 1000.0).round() as i64).collect::<Vec<_>>()
                };
                assert_eq!(far(&x), far(&y), "{folder} {id}");
                assert!(x.nearest.iter().all(|n| n.id != id));
                near += x.nearest.len();
                declared += usize::from(x.by == Some(shigu::core::query::PlacedBy::Declared));
                apart += usize::from(x.by.is_none());
            }
            assert!(a.place("no such id", 3).is_none() && b.place("no such id", 3).is_none());
        }
    }
    assert!(near > 200 && declared > 0 && apart > 0, "{near} {declared} {apart}");
}
