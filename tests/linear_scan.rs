//! Every answer of the indexed snapshot equals that of a scan over all rows, written apart from it.

use crate::common;

use common::{CLUSTERS, Firm, city, decode, polygon};
use geo::{MultiPolygon, Polygon};
use proptest::prelude::*;
use shigu::core::filter::parse_text;
use shigu::core::geometry::mercator::TileId;
use shigu::core::geometry::{Bounds, Surface};
use shigu::core::query::{Amount, AreaSpec, BaseArea, Bound, Disclosure, Embedded, Engine, Question, SetOp, Summary};
use shigu::core::snapshot::Snapshot;
use shigu::render::tiles::{Grid, encode};

/// Everything lies on a lattice of eighths of a degree around here, so borders and corners are met all the time.
const ORIGIN: (f64, f64) = (119.0, 29.0);
const STEP: f64 = 0.125;

fn place(x: i32, y: i32) -> (f64, f64) {
    (ORIGIN.0 + f64::from(x) * STEP, ORIGIN.1 + f64::from(y) * STEP)
}

/// The border rule as documented: even-odd over all rings, half-open, each edge taken upwards.
fn inside(p: &MultiPolygon<f64>, (x, y): (f64, f64)) -> bool {
    let rings = p.iter().flat_map(|p| std::iter::once(p.exterior()).chain(p.interiors()));
    let mut odd = false;
    for line in rings.flat_map(geo::LineString::lines) {
        let (a, b) = if line.start.y <= line.end.y { (line.start, line.end) } else { (line.end, line.start) };
        if (a.y > y) != (b.y > y) && x < (b.x - a.x) * (y - a.y) / (b.y - a.y) + a.x {
            odd = !odd;
        }
    }
    odd
}

/// A box of lattice cells.
fn cells(x0: i32, y0: i32, x1: i32, y1: i32) -> Vec<(f64, f64)> {
    vec![place(x0, y0), place(x1, y0), place(x1, y1), place(x0, y1), place(x0, y0)]
}

/// Four districts that share crooked borders; the third has a hole, which nothing fills.
fn districts() -> Vec<Polygon<f64>> {
    let ring = |points: &[(i32, i32)]| points.iter().chain(&points[..1]).map(|p| place(p.0, p.1)).collect::<Vec<_>>();
    let hole = vec![place(3, 11), place(3, 13), place(5, 13), place(5, 11), place(3, 11)];
    vec![
        polygon(&[ring(&[(0, 0), (8, 0), (7, 4), (9, 8), (0, 8)])]),
        polygon(&[ring(&[(8, 0), (16, 0), (16, 8), (9, 8), (7, 4)])]),
        polygon(&[ring(&[(0, 8), (9, 8), (8, 16), (0, 16)]), hole]),
        polygon(&[ring(&[(9, 8), (16, 8), (16, 16), (8, 16)])]),
    ]
}

fn firm() -> impl Strategy<Value = Firm> {
    let at = proptest::option::weighted(
        0.85,
        (-4i32..40, -4i32..40).prop_map(|(x, y)| {
            let p = place(0, 0);
            (p.0 + f64::from(x) * STEP / 2.0, p.1 + f64::from(y) * STEP / 2.0)
        }),
    );
    let cluster = proptest::option::weighted(0.9, 0usize..3);
    let secondary = proptest::collection::vec(0usize..3, 0..3).prop_map(|mut v| {
        v.sort_unstable();
        v.dedup();
        v
    });
    let cents = proptest::option::weighted(0.8, -5_000_000i64..900_000_000_000);
    let staff = proptest::option::weighted(0.9, 0i64..100_000);
    (at, proptest::option::weighted(0.8, 0usize..4), cluster, secondary, cents, staff).prop_map(
        |(at, declared, cluster, secondary, cents, staff)| Firm { at, declared, cluster, secondary, cents, staff },
    )
}

/// Simple polygons with and without a hole, and pairs of them side by side.
fn area() -> impl Strategy<Value = MultiPolygon<f64>> {
    let one =
        (0i32..10, 0i32..14, 1i32..6, 1i32..6, any::<bool>(), any::<bool>()).prop_map(|(x, y, w, h, hole, slanted)| {
            let outer = if slanted {
                vec![place(x, y), place(x + 2 * w, y + h), place(x, y + 2 * h), place(x, y)]
            } else {
                cells(x, y, x + 2 * w, y + 2 * h)
            };
            let mut rings = vec![outer];
            if hole && !slanted && w > 1 && h > 1 {
                let mut inner = cells(x + 1, y + 1, x + w, y + h);
                inner.reverse();
                rings.push(inner);
            }
            polygon(&rings)
        });
    (one, proptest::option::of((1i32..5, 0i32..10))).prop_map(|(first, second)| {
        let mut all = vec![first];
        if let Some((size, y)) = second {
            all.push(polygon(&[cells(22, y, 22 + size, y + size)]));
        }
        MultiPolygon(all)
    })
}

/// Rows, rows by cluster, cents, rows without revenue, staff, and the revenues in order.
type Scan = (u64, Vec<u64>, i128, u64, i64, Vec<i64>);

/// What the scan says of a set of enterprises.
fn scan<'a>(firms: impl Iterator<Item = &'a Firm> + Clone, secondary: bool) -> Scan {
    let counts = (0..=CLUSTERS.len()).map(|c| {
        let is = |f: &&Firm| f.cluster.unwrap_or(CLUSTERS.len()) == c || (secondary && f.secondary.contains(&c));
        firms.clone().filter(is).count() as u64
    });
    let cents = firms.clone().filter_map(|f| f.cents.map(i128::from)).sum();
    let missing = firms.clone().filter(|f| f.cents.is_none()).count() as u64;
    let mut ordered: Vec<i64> = firms.clone().filter_map(|f| f.cents).collect();
    ordered.sort_unstable();
    (firms.clone().count() as u64, counts.collect(), cents, missing, firms.filter_map(|f| f.staff).sum(), ordered)
}

#[allow(clippy::float_cmp, reason = "sums are exact, that is the point")]
fn same(s: &Summary, expected: &Scan) {
    assert_eq!(s.counts.matched, expected.0);
    assert_eq!(s.counts.located + s.counts.unlocated, s.counts.matched);
    for (i, c) in s.clusters.iter().enumerate() {
        assert_eq!(c.count, expected.1[i], "cluster {:?}", c.code);
    }
    let revenue = &s.totals["revenue"];
    assert_eq!(revenue.missing, expected.3);
    assert_eq!(revenue.sum.unwrap_or(0.0), expected.2 as f64 / 100.0);
    assert_eq!(s.totals["employees"].sum.unwrap_or(0.0), expected.4 as f64);
    let v = &expected.5;
    assert_eq!(revenue.statistics.is_some(), !v.is_empty());
    if let Some(found) = &revenue.statistics {
        let near = |a: f64, b: f64| assert!((a - b).abs() <= 1e-9 * b.abs().max(1.0), "{a} {b}");
        let middle = f64::midpoint(v[(v.len() - 1) / 2] as f64, v[v.len() / 2] as f64);
        near(found.median, middle / 100.0);
        near(found.mean, expected.2 as f64 / 100.0 / v.len() as f64);
        let top: i64 = v.iter().rev().take(3).sum();
        let top10: i64 = v.iter().rev().take(10).sum();
        for (share, top) in [(found.top3_share, top), (found.top10_share, top10)] {
            assert_eq!(share.is_some(), expected.2 != 0);
            if let Some(share) = share {
                near(share * expected.2 as f64, top as f64);
            }
        }
        near(found.q1, quartile(v, 1) / 100.0);
        near(found.q3, quartile(v, 3) / 100.0);
    }
}

/// The n-th quartile as spreadsheets have it: between the two values around the place `(rows - 1) * n / 4`.
fn quartile(ascending: &[i64], n: usize) -> f64 {
    let quarters = (ascending.len() - 1) * n;
    let (low, part) = (quarters / 4, (quarters % 4) as f64 / 4.0);
    let high = (low + 1).min(ascending.len() - 1);
    ascending[low] as f64 * (1.0 - part) + ascending[high] as f64 * part
}

/// Shares, location quotients and concentration, by hand from the counts here and in the city.
fn same_quotients(s: &Summary, here: &Scan, city: &Scan, secondary: bool) {
    let ratio = |a: u64, b: u64| (b > 0).then(|| a as f64 / b as f64);
    let near = |a: Option<f64>, b: Option<f64>, what: &str| {
        let equal = a.zip(b).map_or(a.is_none() && b.is_none(), |(a, b)| (a - b).abs() <= 1e-12 * b.abs().max(1.0));
        assert!(equal, "{what}: {a:?} instead of {b:?}");
    };
    let mut squares = 0.0;
    for (i, c) in s.clusters.iter().enumerate() {
        let (share, in_city) = (ratio(here.1[i], here.0), ratio(city.1[i], city.0));
        near(c.share, share, "share");
        near(c.share_of_city, ratio(here.1[i], city.1[i]), "share of the city");
        near(c.lq, share.zip(in_city).filter(|(_, city)| *city > 0.0).map(|(here, city)| here / city), "quotient");
        squares += share.unwrap_or(0.0).powi(2);
    }
    near(s.class_mix.hhi, (here.0 > 0 && !secondary).then_some(squares), "mix of classes");
}

fn engine(dataset: shigu::core::model::Dataset) -> Embedded {
    Snapshot::new(dataset).into()
}

fn bind(engine: &Embedded, question: &Question) -> Bound {
    engine.bind(question, Disclosure::Full).unwrap()
}

/// The zones that make up the city.
fn partition(engine: &Embedded, question: Question) -> shigu::core::query::ZoneList {
    let kind = engine.describe().district_kind().map(|k| k.id.clone());
    bind(engine, &question.of_kind(kind)).zones().unwrap()
}

fn district_of(p: (f64, f64)) -> Option<usize> {
    districts().into_iter().position(|d| inside(&MultiPolygon(vec![d]), p))
}

/// Without a value last, whichever way the others go
fn by<T: Ord>(a: Option<T>, b: Option<T>, down: bool) -> std::cmp::Ordering {
    match (a, b) {
        (Some(a), Some(b)) if down => b.cmp(&a),
        (Some(a), Some(b)) => a.cmp(&b),
        (a, b) => a.is_none().cmp(&b.is_none()),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn zones_and_drawn_areas(firms in proptest::collection::vec(firm(), 0..400), zone in area(), drawn in area(), secondary: bool) {
        let engine = engine(city(&districts(), std::slice::from_ref(&zone), &firms));
        let base = Question::register().with_secondary(secondary).with_statistics(true);
        let ask = |area: BaseArea| bind(&engine, &base.clone().within(area)).summarize().unwrap();

        same(&ask(BaseArea::City), &scan(firms.iter(), secondary));
        for d in 0..4 {
            let here = firms.iter().filter(|f| match f.at {
                Some(p) => district_of(p) == Some(d),
                None => f.declared == Some(d),
            });
            let area = BaseArea::zone(format!("D{d}"));
            let (answer, expected) = (ask(area), scan(here, secondary));
            same(&answer, &expected);
            same_quotients(&answer, &expected, &scan(firms.iter(), secondary), secondary);
        }
        same(&ask(BaseArea::zone("Z0")), &scan(firms.iter().filter(|f| f.at.is_some_and(|p| inside(&zone, p))), secondary));
        let outside = firms.iter().filter(|f| f.at.is_some_and(|p| district_of(p).is_none()));
        same(&ask(BaseArea::zone("outside")), &scan(outside, secondary));
        let undeclared = firms.iter().filter(|f| f.at.is_none() && f.declared.is_none());
        same(&ask(BaseArea::zone("undeclared")), &scan(undeclared, secondary));
        let area = BaseArea::Polygon(Surface::new(drawn.clone()).unwrap());
        if engine.bind(&base.clone().within(area.clone()), Disclosure::Full).is_ok() {
            same(&ask(area), &scan(firms.iter().filter(|f| f.at.is_some_and(|p| inside(&drawn, p))), secondary));
        }
        let mismatch = firms.iter().filter(|f| f.at.is_some_and(|p| f.declared.is_some() && f.declared != district_of(p))).count() as u64;
        prop_assert_eq!(ask(BaseArea::City).counts.mismatch, mismatch);
    }

    /// Areas put together: rows as the scan puts them together one at a time, districts with the unlocated that declare
    /// them, what two united areas share counted once; outlines measured by counting squares of the lattice.
    #[test]
    fn areas_put_together(firms in proptest::collection::vec(firm(), 0..300), zone in area(), drawn in area(), steps in proptest::collection::vec((0usize..3, 0usize..7), 1..5), first in 0usize..7) {
        let engine = engine(city(&districts(), std::slice::from_ref(&zone), &firms));
        let free = BaseArea::Polygon(Surface::new(drawn.clone()).unwrap());
        if engine.bind(&Question::register().within(free.clone()), Disclosure::Full).is_err() {
            return Ok(());
        }
        let area = |i: usize| match i {
            0..=3 => BaseArea::zone(format!("D{i}")),
            4 => BaseArea::zone("Z0"),
            5 => free.clone(),
            // everywhere as a step has a name like any zone
            _ => BaseArea::Zone("city".into()),
        };
        let holds = |i: usize, f: &Firm| match (i, f.at) {
            (0..=3, Some(p)) => district_of(p) == Some(i),
            (0..=3, None) => f.declared == Some(i),
            (4, at) => at.is_some_and(|p| inside(&zone, p)),
            (5, at) => at.is_some_and(|p| inside(&drawn, p)),
            _ => true,
        };
        let ops = [SetOp::Union, SetOp::Intersection, SetOp::Difference];
        let combined = AreaSpec::combined(area(first), steps.iter().map(|&(op, i)| (ops[op], area(i))).collect()).unwrap();
        let answer = bind(&engine, &Question::register().within(combined).with_statistics(true)).summarize().unwrap();
        // whether the area holds it, and whether more than one of the united ones does
        let put = |hold: &dyn Fn(usize) -> bool| steps.iter().fold((hold(first), false), |(whole, twice), &(op, i)| match op {
            0 => (whole || hold(i), twice || (whole && hold(i))),
            1 => (whole && hold(i), twice && hold(i)),
            _ => (whole && !hold(i), twice && !hold(i)),
        });
        same(&answer, &scan(firms.iter().filter(|f| put(&|i| holds(i, f)).0), false));
        let twice = firms.iter().filter(|f| put(&|i| holds(i, f)).1).count() as u64;
        let united = steps.iter().any(|(op, _)| *op == 0);
        prop_assert_eq!(answer.overlap.map(|o| o.count), united.then_some(twice));
        let known = first < 6 && steps.iter().all(|(_, i)| *i < 6);
        prop_assert_eq!(answer.zone.area_km2.is_some(), known);
        if let Some(km2) = answer.zone.area_km2 {
            // a point in each of 40 x 40 squares a degree: upright and level borders, at eighths, pass between them
            let (across, down) = (240, 160);
            let mut counted = 0.0;
            for row in 0..down {
                let y = ORIGIN.1 - 0.5 + (f64::from(row) + 0.503) * 4.0 / f64::from(down);
                let square = (6.0 / f64::from(across)) * (4.0 / f64::from(down)) * 111.32 * y.to_radians().cos() * 110.87;
                for column in 0..across {
                    let x = ORIGIN.0 - 0.5 + (f64::from(column) + 0.497) * 6.0 / f64::from(across);
                    let hold = |i: usize| match i {
                        0..=3 => inside(&MultiPolygon(vec![districts()[i].clone()]), (x, y)),
                        4 => inside(&zone, (x, y)),
                        _ => inside(&drawn, (x, y)),
                    };
                    if put(&hold).0 {
                        counted += square;
                    }
                }
            }
            prop_assert!((km2 - counted).abs() <= 0.03 * counted + 60.0, "{} km² measured, {} counted", km2, counted);
        }
    }

    /// Pages in an order: as a stable sort of all rows has them, whatever the page.
    #[test]
    fn rows_in_an_order(firms in proptest::collection::vec(firm(), 0..200), keys in proptest::collection::vec((0usize..5, any::<bool>()), 1..4), cluster in proptest::option::of(0usize..3), limit in 1usize..60) {
        let engine = engine(city(&districts(), &[], &firms));
        let base = match cluster {
            Some(c) => Question::register().having("cluster", CLUSTERS[c]),
            None => Question::register(),
        };
        let names = ["revenue", "staff", "cluster", "district", "name"];
        let text: Vec<String> = keys.iter().map(|&(k, down)| format!("{}{}", if down { "-" } else { "" }, names[k])).collect();
        let bound = bind(&engine, &base.clone().sorted_by(&text.join(",")));
        let number = |id: &str| id[1..].parse::<usize>().unwrap();
        let plain = bind(&engine, &base).select(0, usize::MAX);
        let mut expected: Vec<usize> = plain.rows().iter().map(|&r| number(plain.table().ids.value(r as usize))).collect();
        expected.sort_by(|&a, &b| {
            let (x, y) = (&firms[a], &firms[b]);
            let one = |&(key, down): &(usize, bool)| match key {
                0 => by(x.cents, y.cents, down),
                1 => by(x.staff, y.staff, down),
                2 => by(x.cluster, y.cluster, down),
                3 => by(x.declared, y.declared, down),
                _ => by(Some(format!("企业{a}")), Some(format!("企业{b}")), down),
            };
            keys.iter().map(one).find(|o| o.is_ne()).unwrap_or(std::cmp::Ordering::Equal)
        });
        let mut found = Vec::new();
        loop {
            let page = bound.select(found.len(), limit);
            prop_assert_eq!(page.matched(), expected.len());
            if page.rows().is_empty() {
                break;
            }
            found.extend(page.rows().iter().map(|&r| number(page.table().ids.value(r as usize))));
        }
        prop_assert_eq!(found, expected);
    }

    #[test]
    fn districts_and_rest_are_the_city(firms in proptest::collection::vec(firm(), 0..400)) {
        let engine = engine(city(&districts(), &[], &firms));
        let list = partition(&engine, Question::register());
        let all = || list.zones.iter().chain(&list.rest);
        prop_assert_eq!(all().map(|z| z.count).sum::<u64>(), list.city.count);
        let cents = |sum: Option<f64>| (sum.unwrap_or(0.0) * 100.0).round() as i128;
        let parts: i128 = all().map(|z| cents(z.amounts["revenue"].sum)).sum();
        prop_assert_eq!(parts, cents(list.city.amounts["revenue"].sum));
        for (i, c) in list.city.clusters.iter().enumerate() {
            let code = &c.code;
            let of = |z: &shigu::core::query::ZoneRow| z.clusters.iter().find(|k| k.code == *code).map_or(0, |k| k.count);
            prop_assert_eq!(all().map(of).sum::<u64>(), c.count, "cluster {}", i);
        }
    }

    /// What is withheld of a table of districts and their clusters can't be worked out, and nothing else is withheld.
    #[test]
    fn districts_and_clusters_withhold_small_sums(firms in proptest::collection::vec(firm(), 0..60), secondary: bool, kind: bool) {
        let zone = MultiPolygon(vec![districts()[0].clone()]);
        let engine = engine(city(&districts(), &[zone], &firms));
        let kind = kind.then(|| engine.describe().district_kind().unwrap().id.clone());
        let question = Question::register().with_secondary(secondary).with_statistics(true).of_kind(kind.clone());
        let ask = |disclosure| engine.bind(&question, disclosure).unwrap().zones().unwrap();
        let (full, shown) = (ask(Disclosure::Full), ask(Disclosure::Aggregates));
        for metric in ["revenue", "employees"] {
            let mut rows = Vec::new();
            let mut cells_of_all = Vec::new();
            for (full, shown) in full.zones.iter().chain(&full.rest).zip(shown.zones.iter().chain(&shown.rest)) {
                prop_assert_eq!(full.count, shown.count);
                rows.push((&full.amounts[metric], &shown.amounts[metric]));
                let cells = full.clusters.iter().zip(&shown.clusters);
                let cells: Vec<_> = cells.map(|(f, s)| (&f.amounts[metric], &s.amounts[metric])).collect();
                withheld_rightly(rows[rows.len() - 1], &cells, !secondary, metric == "employees");
                cells_of_all.extend(cells);
            }
            let city = (&full.city.amounts[metric], &shown.city.amounts[metric]);
            withheld_rightly(city, &rows, kind.is_some(), metric == "employees");
            prop_assert!(city.1.withheld || !(1..3).contains(&city.0.reported), "the city of {}", city.0.reported);
            let cells = full.city.clusters.iter().zip(&shown.city.clusters);
            let cells: Vec<_> = cells.map(|(f, s)| (&f.amounts[metric], &s.amounts[metric])).collect();
            withheld_rightly(city, &cells, !secondary, metric == "employees");
            // what is hidden besides small sums is hidden for their sake
            let all = || cells_of_all.iter().chain(&cells).chain(&rows).chain([&city]);
            if metric == "employees" && !all().any(|(full, _)| (1..3).contains(&full.reported)) {
                prop_assert!(all().all(|(_, shown)| !shown.withheld));
            }
        }
    }

    #[test]
    fn filters_boxes_and_pages(firms in proptest::collection::vec(firm(), 0..300), x in 0i32..30, y in 0i32..30, w in 0i32..12, h in 0i32..12, cluster in 0usize..3, secondary: bool, limit in 1usize..50) {
        let engine = engine(city(&districts(), &[], &firms));
        let (west, south) = place(x / 2, y / 2);
        let bounds = Bounds { west, south, east: west + f64::from(w) * STEP, north: south + f64::from(h) * STEP };
        let question = Question::register().meeting(bounds.to_array()).with_secondary(secondary);
        let bound = bind(&engine, &question.having("cluster", CLUSTERS[cluster]));
        let expected: std::collections::BTreeSet<String> = firms
            .iter()
            .enumerate()
            .filter(|(_, f)| f.cluster == Some(cluster) || (secondary && f.secondary.contains(&cluster)))
            .filter(|(_, f)| f.at.is_none_or(|p| p.0 >= bounds.west && p.0 <= bounds.east && p.1 >= bounds.south && p.1 <= bounds.north))
            .map(|(i, _)| format!("F{i}"))
            .collect();
        let mut found = Vec::new();
        loop {
            let page = bound.select(found.len(), limit);
            prop_assert_eq!(page.matched(), expected.len());
            if page.rows().is_empty() {
                break;
            }
            found.extend(page.rows().iter().map(|&r| page.table().ids.value(r as usize).to_owned()));
        }
        prop_assert_eq!(found.len(), expected.len(), "a row on two pages or on none");
        prop_assert_eq!(found.into_iter().collect::<std::collections::BTreeSet<_>>(), expected);
    }

    #[test]
    fn tiles_hold_exactly_their_rows(firms in proptest::collection::vec(firm(), 1..400), z in 5u8..15, pick in any::<proptest::sample::Index>(), side in prop::sample::select(vec![8u32, 16, 32, 64]), cluster in proptest::option::of(0usize..3)) {
        let engine = engine(city(&districts(), &[], &firms));
        // the slippy map formula, apart from ours
        let tile_of = |p: (f64, f64)| {
            let n = f64::from(1u32 << z);
            let y = (1.0 - p.1.to_radians().tan().asinh() / std::f64::consts::PI) / 2.0 * n;
            (((p.0 + 180.0) / 360.0 * n).floor() as u32, y.floor() as u32)
        };
        let located: Vec<&Firm> = firms.iter().filter(|f| f.at.is_some()).collect();
        prop_assume!(!located.is_empty());
        let (x, y) = tile_of(pick.get(&located).at.unwrap());
        let question = match cluster {
            Some(c) => Question::register().having("cluster", CLUSTERS[c]),
            None => Question::register(),
        };
        let bound = bind(&engine, &question);
        let here: Vec<&&Firm> = located.iter().filter(|f| tile_of(f.at.unwrap()) == (x, y) && (cluster.is_none() || f.cluster == cluster)).collect();
        for grid in [Grid::Auto, Grid::new(side).unwrap()] {
            let layers = decode(&encode(std::slice::from_ref(&bound), TileId::new(z, x, y).unwrap(), grid));
            let features = layers.get("firms").and_then(|f| f.as_array()).cloned().unwrap_or_default();
            let rows: u64 = features.iter().map(|f| f["properties"]["n"].as_u64().unwrap_or(1)).sum();
            prop_assert_eq!(rows as usize, here.len());
            let staff: f64 = features.iter().map(|f| f["properties"]["employees"].as_f64().unwrap_or(0.0)).sum();
            prop_assert_eq!(staff as i64, here.iter().filter_map(|f| f.staff).sum::<i64>());
        }
    }
}

/// Whether a total and its parts, each as it is and as it is shown, keep small sums back: none of fewer than three
/// enterprises is shown, and what is hidden can't be worked out where the parts add up.
/// Sums of a restricted metric, which are not `exact`, may be withheld for other reasons as well.
fn withheld_rightly(total: (&Amount, &Amount), parts: &[(&Amount, &Amount)], additive: bool, exact: bool) {
    for (full, shown) in parts.iter().chain([&total]) {
        assert_eq!(full.reported, shown.reported);
        assert!(full.reported > 0 || (shown.sum.is_none() && !shown.withheld));
        assert!(!full.protected && (exact || shown.protected));
        if full.reported > 0 && exact {
            assert_eq!(shown.sum, full.sum.filter(|_| !shown.withheld), "shown as it is, or not at all");
        }
        assert!(shown.withheld || full.reported == 0 || full.reported >= 3, "a sum of {}", full.reported);
        let ordered = full.reported >= 10 && !shown.withheld;
        assert_eq!(shown.statistics.is_some(), ordered, "quartiles of {}", full.reported);
    }
    let small = |(full, _): &(&Amount, &Amount)| full.reported > 0 && full.reported < 3;
    assert!(total.1.withheld || !small(&total), "a total of {}", total.0.reported);
    let filled = || parts.iter().filter(|(full, _)| full.reported > 0);
    let hidden: Vec<u64> = filled().filter(|(_, shown)| shown.withheld).map(|(full, _)| full.reported).collect();
    if total.1.withheld && additive {
        assert_eq!(hidden.len(), filled().count(), "parts of a hidden total");
    } else if additive && !total.1.withheld && !hidden.is_empty() {
        assert!(hidden.len() > 1 && hidden.iter().sum::<u64>() >= 3, "{hidden:?} can be worked out");
    }
}

/// Under a condition on the cluster every location quotient would be 1, so none is given; under another one they are.
#[test]
fn no_location_quotient_under_a_condition_on_the_cluster() {
    let firm = |i: usize| Firm {
        at: Some(place(1 + (i as i32 % 14), 4)),
        declared: None,
        cluster: Some(i % 3),
        secondary: vec![],
        cents: Some(100),
        staff: Some(i as i64),
    };
    let firms: Vec<Firm> = (0..60).map(firm).collect();
    let engine = engine(city(&districts(), &[], &firms));
    let base = Question::register();
    let quotients = |question: Question| {
        let s = bind(&engine, &question.in_zone("D0")).summarize().unwrap();
        assert!(s.counts.matched > 5 && s.city.count > s.counts.matched);
        assert!(s.clusters.iter().all(|c| c.share.is_some()), "shares are there in any case");
        s.clusters.iter().map(|c| c.lq).collect::<Vec<_>>()
    };
    let cql2 = |text: &str| base.clone().filtered(parse_text(text).unwrap());
    for query in [
        base.clone().having("cluster", "a"),
        cql2("cluster = 'a'"),
        cql2("staff > 1 AND (cluster IN ('a', 'b') OR staff > 1000)"),
        cql2("NOT cluster LIKE 'c%'"),
    ] {
        assert_eq!(quotients(query), [None; 3]);
    }
    for query in [base.clone(), cql2("staff > 1"), cql2("district IS NULL")] {
        assert!(quotients(query).iter().all(Option::is_some));
    }
}

/// Enterprises over the whole world, for what happens at 180 degrees and near the poles.
fn world() -> impl Strategy<Value = Vec<Firm>> {
    let at = (-1800i32..1800, -899i32..900).prop_map(|(x, y)| (f64::from(x) / 10.0, f64::from(y) / 10.0));
    let firm = at.prop_map(|p| Firm {
        at: Some(p),
        declared: None,
        cluster: Some(0),
        secondary: vec![],
        cents: Some(1),
        staff: Some(1),
    });
    proptest::collection::vec(firm, 1..300)
}

fn found(bound: &Bound) -> std::collections::BTreeSet<String> {
    let page = bound.select(0, usize::MAX);
    page.rows().iter().map(|&r| page.table().ids.value(r as usize).to_owned()).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn the_nearest_are_the_nearest(firms in world(), x in -180.0f64..180.0, y in -89.0f64..89.0, k in 1usize..30) {
        let engine = engine(city(&[], &[], &firms));
        let nearest = BaseArea::Nearest { center: [x, y], k };
        let got = found(&bind(&engine, &Question::register().within(nearest)));
        prop_assert_eq!(got.len(), k.min(firms.len()));
        // the haversine formula, apart from geo's
        let far = |p: (f64, f64)| {
            let (dx, dy) = ((p.0 - x).to_radians() / 2.0, (p.1 - y).to_radians() / 2.0);
            (dy.sin().powi(2) + p.1.to_radians().cos() * y.to_radians().cos() * dx.sin().powi(2)).sqrt()
        };
        let of = |inside: bool| {
            let is = |i: usize| got.contains(&format!("F{i}")) == inside;
            firms.iter().enumerate().filter(|(i, _)| is(*i)).map(|(_, f)| far(f.at.unwrap())).collect::<Vec<_>>()
        };
        let worst = of(true).into_iter().fold(0.0, f64::max);
        prop_assert!(of(false).into_iter().all(|d| d >= worst - 1e-9));
    }

    #[test]
    fn a_polygon_over_the_antimeridian_is_both_its_sides(firms in world(), west in 100i32..179, width in 2i32..120, south in -80i32..0, height in 1i32..80) {
        let engine = engine(city(&[], &[], &firms));
        let (w, s) = (f64::from(west) + 0.05, f64::from(south) + 0.05);
        let (e, n) = (w + f64::from(width), s + f64::from(height));
        let ring = vec![(w, s), (e, s), (e, n), (w, n), (w, s)];
        let drawn = BaseArea::Polygon(Surface::new(MultiPolygon(vec![polygon(&[ring])])).unwrap());
        let got = found(&bind(&engine, &Question::register().within(drawn)));
        let inside = |p: (f64, f64)| p.1 >= s && p.1 < n && [p.0, p.0 + 360.0].iter().any(|x| *x >= w && *x < e);
        let expected = firms.iter().enumerate().filter(|(_, f)| inside(f.at.unwrap())).map(|(i, _)| format!("F{i}")).collect();
        prop_assert_eq!(got, expected);
    }

    /// What the even-odd rule says of a crossing border is what its repair says.
    #[test]
    fn a_repaired_polygon_is_the_polygon_by_the_even_odd_rule(points in proptest::collection::vec((0i32..12, 0i32..12), 4..8), firms in proptest::collection::vec(firm(), 0..200)) {
        let mut ring: Vec<(f64, f64)> = points.iter().map(|&(x, y)| place(x, y)).collect();
        ring.push(ring[0]);
        let crossing = MultiPolygon(vec![polygon(&[ring])]);
        let engine = engine(city(&[], &[], &firms));
        let Ok(drawn) = Surface::new(crossing.clone()) else { return Ok(()) };
        let question = Question::register().within(BaseArea::Polygon(drawn)).repaired(true);
        if let Ok(bound) = engine.bind(&question, Disclosure::Full) {
            let got = found(&bound);
            // new corners are rounded, so rows on the border may fall either way
            let border = |p: (f64, f64)| [(1e-7, 0.0), (-1e-7, 0.0), (0.0, 1e-7), (0.0, -1e-7)].iter().any(|d| inside(&crossing, (p.0 + d.0, p.1 + d.1)) != inside(&crossing, p));
            for (i, f) in firms.iter().enumerate() {
                if let Some(p) = f.at.filter(|p| !border(*p)) {
                    prop_assert_eq!(got.contains(&format!("F{i}")), inside(&crossing, p), "{:?}", p);
                }
            }
        }
    }
}

/// However long the names and however scattered the rows, a tile stays small and its counts exact.
#[test]
fn no_tile_is_large() {
    let at = |i: i32| (119.0 + f64::from(i % 90) * 0.0041, 29.0 + f64::from(i / 90) * 0.0037);
    let firm = |i| Firm {
        at: Some(at(i)),
        declared: None,
        cluster: Some(0),
        secondary: vec![],
        cents: Some(i64::from(i) * 7919),
        staff: Some(1),
    };
    let firms: Vec<Firm> = (0..8100).map(firm).collect();
    let mut dataset = city(&[], &[], &firms);
    let mut names = shigu::core::columns::ColumnBuilder::new(shigu::core::columns::ColumnType::Text);
    for i in 0..firms.len() {
        names.push(shigu::core::columns::Value::Text(&format!("{i}{}", "很长的企业名称".repeat(6)))).unwrap();
    }
    dataset.tables[2].columns[0] = names.finish();
    let engine = engine(dataset);
    let bound = bind(&engine, &Question::register());
    let (x, y) = shigu::core::geometry::mercator::project(119.18, 29.16);
    for z in 0..15u8 {
        for grid in [Grid::Auto, Grid::new(64).unwrap(), Grid::new(8).unwrap()] {
            let shift = 32 - u32::from(z);
            let tile = if z == 0 { TileId::new(0, 0, 0) } else { TileId::new(z, x >> shift, y >> shift) };
            let bytes = encode(std::slice::from_ref(&bound), tile.unwrap(), grid);
            assert!(bytes.len() <= 200_000, "z{z}: {} bytes", bytes.len());
            if z <= 5 {
                let rows = decode(&bytes)["firms"]
                    .as_array()
                    .unwrap()
                    .iter()
                    .map(|f| f["properties"]["n"].as_u64().unwrap_or(1))
                    .sum::<u64>();
                assert_eq!(rows, 8100);
            }
        }
    }
}

/// Where districts overlap, the first one has the enterprise, and only it: they stay a partition.
#[test]
fn overlapping_districts_count_an_enterprise_once() {
    let square = |x: i32| polygon(&[cells(x, 0, x + 8, 8)]);
    let firm = |x: i32| Firm {
        at: Some(place(x, 4)),
        declared: None,
        cluster: Some(0),
        secondary: vec![],
        cents: Some(100),
        staff: Some(1),
    };
    let firms: Vec<Firm> = [1, 5, 6, 7, 10].map(firm).to_vec();
    let engine = engine(city(&[square(0), square(4)], &[], &firms));
    let list = partition(&engine, Question::register());
    assert_eq!(list.zones.iter().map(|z| z.count).collect::<Vec<_>>(), [4, 1]);
    assert_eq!(list.rest.iter().map(|z| z.count).sum::<u64>(), 0);
}
