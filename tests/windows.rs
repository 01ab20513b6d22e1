//! Registers of several windows of rows: whatever the first question is, what is cached on the way never shows.

use crate::common;

use common::{CLUSTERS, Firm, city, decode, polygon};
use geo::{MultiPolygon, Polygon};
use proptest::prelude::*;
use shigu::core::filter::parse_text;
use shigu::core::geometry::Surface;
use shigu::core::geometry::mercator::TileId;
use shigu::core::query::{BaseArea, Disclosure, Embedded, Engine, Question};
use shigu::core::snapshot::Snapshot;
use shigu::render::tiles::{Grid, encode};

/// Rows in the register: five windows and a part.
const ROWS: u64 = 21_000;

/// Spread over two degrees by multiplications that share no factor; one in eleven has no point, one in seven no revenue.
fn firm(i: u64) -> Firm {
    let spread = |k: u64, n: u64| (i.wrapping_mul(k).wrapping_add(k >> 3) % n) as f64 / n as f64;
    Firm {
        at: (i % 11 != 3).then(|| (119.0 + 2.0 * spread(7_919, 10_007).powi(2), 29.0 + 2.0 * spread(104_729, 9_973))),
        declared: (!i.is_multiple_of(5)).then_some((i % 2) as usize),
        cluster: (i % 13 != 5).then_some((i.wrapping_mul(31) % 3) as usize),
        secondary: vec![],
        cents: (i % 7 != 2).then_some((i.wrapping_mul(2_654_435_761) % 1_000_003) as i64),
        staff: Some((i.wrapping_mul(40_503) % 977) as i64),
    }
}

fn ring(west: f64, south: f64, east: f64, north: f64) -> Polygon<f64> {
    polygon(&[vec![(west, south), (east, south), (east, north), (west, north), (west, south)]])
}

/// One question, and the enterprises that it is about.
#[derive(Clone, Debug)]
enum Case {
    Box([f64; 4]),
    Drawn([f64; 4]),
    District(usize),
    Districts,
    City,
    Tile(u8, f64, f64, u32),
}

fn place() -> impl Strategy<Value = [f64; 4]> {
    (118.9f64..121.0, 28.9f64..31.0, 0.01f64..1.5, 0.01f64..1.5).prop_map(|(x, y, w, h)| [x, y, x + w, y + h])
}

fn question() -> impl Strategy<Value = Case> {
    prop_oneof![
        place().prop_map(Case::Box),
        place().prop_map(Case::Drawn),
        (0usize..2).prop_map(Case::District),
        Just(Case::Districts),
        Just(Case::City),
        (6u8..13, 119.0f64..121.0, 29.0f64..31.0, proptest::sample::select(vec![0u32, 8, 64]))
            .prop_map(|(z, x, y, side)| Case::Tile(z, x, y, side)),
    ]
}

/// Rows, cents and revenues in order.
fn scan<'a>(firms: impl Iterator<Item = &'a Firm>) -> (u64, i64, Vec<i64>) {
    let all: Vec<&Firm> = firms.collect();
    let mut cents: Vec<i64> = all.iter().filter_map(|f| f.cents).collect();
    cents.sort_unstable();
    (all.len() as u64, cents.iter().sum(), cents)
}

fn median(v: &[i64]) -> f64 {
    f64::midpoint(v[(v.len() - 1) / 2] as f64, v[v.len() / 2] as f64) / 100.0
}

fn near(a: f64, b: f64) -> bool {
    (a - b).abs() <= 1e-9 * b.abs().max(1.0)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_order_of_questions_does_not_show(
        cases in proptest::collection::vec((question(), 0usize..3, 0i64..977, any::<bool>()), 12),
    ) {
        let firms: Vec<Firm> = (0..ROWS).map(firm).collect();
        let districts = [ring(119.0, 29.0, 119.7, 31.0), ring(119.7, 29.0, 120.9, 31.0)];
        let engine = Embedded::from(Snapshot::new(city(&districts, &[], &firms)));
        let partition = engine.describe().district_kind().map(|k| k.id.clone());
        let bind = |question: &Question| engine.bind(question, Disclosure::Full).unwrap();
        let within = |b: &[f64; 4], p: (f64, f64)| p.0 >= b[0] && p.0 < b[2] && p.1 >= b[1] && p.1 < b[3];
        let of = |f: &Firm, d: usize| {
            let bounds = [[119.0, 29.0, 119.7, 31.0], [119.7, 29.0, 120.9, 31.0]];
            f.at.map_or(f.declared == Some(d), |p| within(&bounds[d], p))
        };
        for (question, cluster, staff, filtered) in cases {
            let passes = |f: &&Firm| !filtered || (f.cluster == Some(cluster) && f.staff.unwrap() >= staff);
            let mut base = Question::register().with_statistics(true);
            if filtered {
                let text = format!("cluster = '{}' AND staff >= {staff}", CLUSTERS[cluster]);
                base = base.filtered(parse_text(&text).unwrap());
            }
            let matching = || firms.iter().filter(passes);
            match question {
                Case::Box([west, south, east, north]) => {
                    let bound = bind(&base.meeting([west, south, east, north]));
                    let meets = |f: &&Firm| f.at.is_none_or(|p| p.0 >= west && p.0 <= east && p.1 >= south && p.1 <= north);
                    let page = bound.select(3, 50);
                    prop_assert_eq!(page.matched(), matching().filter(meets).count());
                }
                Case::Drawn(b) => {
                    let outline = MultiPolygon(vec![ring(b[0], b[1], b[2], b[3])]);
                    let bound = bind(&base.within(BaseArea::Polygon(Surface::new(outline).unwrap())));
                    let expected = scan(matching().filter(|f| f.at.is_some_and(|p| within(&b, p))));
                    let s = bound.summarize().unwrap();
                    prop_assert_eq!(s.counts.matched, expected.0);
                    prop_assert!(near(s.totals["revenue"].sum.unwrap_or(0.0), expected.1 as f64 / 100.0));
                }
                Case::District(d) => {
                    let bound = bind(&base.in_zone(format!("D{d}")));
                    let expected = scan(matching().filter(|f| of(f, d)));
                    let s = bound.summarize().unwrap();
                    prop_assert_eq!(s.counts.matched, expected.0);
                    let revenue = &s.totals["revenue"];
                    prop_assert!(near(revenue.sum.unwrap_or(0.0), expected.1 as f64 / 100.0));
                    if let Some(found) = &revenue.statistics {
                        prop_assert!(near(found.median, median(&expected.2)));
                    }
                }
                Case::Districts => {
                    let list = bind(&base.of_kind(partition.clone())).zones().unwrap();
                    let mut rows: Vec<_> = list.zones.iter().enumerate().map(|(d, z)| (z.count, &z.amounts["revenue"], scan(matching().filter(|f| of(f, d))))).collect();
                    rows.push((list.city.count, &list.city.amounts["revenue"], scan(matching())));
                    for (count, revenue, expected) in rows {
                        prop_assert_eq!(count, expected.0);
                        prop_assert!(near(revenue.sum.unwrap_or(0.0), expected.1 as f64 / 100.0));
                        prop_assert_eq!(revenue.statistics.is_some(), !expected.2.is_empty());
                        if let Some(found) = &revenue.statistics {
                            prop_assert!(near(found.median, median(&expected.2)));
                            let top: i64 = expected.2.iter().rev().take(10).sum();
                            prop_assert!(near(found.top10_share.unwrap_or(0.0) * expected.1 as f64, top as f64));
                        }
                    }
                }
                Case::City => {
                    let s = bind(&base).summarize().unwrap();
                    let expected = scan(matching());
                    prop_assert_eq!((s.counts.matched, s.city.count), (expected.0, expected.0));
                }
                Case::Tile(z, x, y, side) => {
                    let tile_of = |p: (f64, f64)| {
                        let (n, s) = (f64::from(1u32 << z), p.1.to_radians().sin());
                        let y = 0.5 - ((1.0 + s) / (1.0 - s)).ln() / (4.0 * std::f64::consts::PI);
                        (((p.0 + 180.0) / 360.0 * n) as u32, (y * n) as u32)
                    };
                    let at = tile_of((x, y));
                    let grid = Grid::new(side).unwrap_or(Grid::Auto);
                    let tile = TileId::new(z, at.0, at.1).unwrap();
                    let layers = decode(&encode(&[bind(&base)], tile, grid));
                    let features = layers.get("firms").and_then(|f| f.as_array()).cloned().unwrap_or_default();
                    let here: Vec<&Firm> = matching().filter(|f| f.at.is_some_and(|p| tile_of(p) == at)).collect();
                    let rows: u64 = features.iter().map(|f| f["properties"]["n"].as_u64().unwrap_or(1)).sum();
                    prop_assert_eq!(rows as usize, here.len());
                    let staff: f64 = features.iter().map(|f| f["properties"]["employees"].as_f64().unwrap_or(0.0)).sum();
                    // counted cells hold sums to seven digits
                    let expected = here.iter().filter_map(|f| f.staff).sum::<i64>() as f64;
                    prop_assert!((staff - expected).abs() <= 1e-6 * expected.max(1.0), "{} {}", staff, expected);
                }
            }
        }
    }
}
