//! Ours against values from elsewhere (`tests/data/stats`), and against plain sums.

use super::colocation::colocation;
use super::concentration::{coagglomeration, ellison_glaeser, entropy, gini, hhi, krugman, locational_gini, theil};
use super::dense::{Clusters, dbscan};
use super::density::{self, Raster};
use super::discoveries::adjusted;
use super::grid::{Grid, squared};
use super::hexagons::{Heat, Quadrant, hexagons, neighbour_sums};
use super::plane::{Metres, Plane};
use super::quotient::{Counts, Verdict};
use super::shift_share::{classic, dynamic, esteban_marquillas};
use super::tails::{Tails, binomial, clopper_pearson, drawn, hypergeometric, probability, summed};
use crate::geometry::Crs;
use proptest::prelude::*;
use serde_json::Value;

mod distances;
mod hierarchy;
mod looks;
mod moran;
mod weighed;

const ROWS: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/data/stats/small200.csv"));
const VALUES: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/data/stats/small200.json"));

/// Trials, successes, and the ends of the interval by another program.
const LARGE: [(u64, u64, f64, f64); 6] = [
    (1_000_000, 3, 6.186_725_501_906_401e-7, 8.767_247_788_067_677e-6),
    (1_000_000, 123_456, 0.122_811_841_632_629_73, 0.124_102_340_276_802_72),
    (5_000_000, 4_999_990, 0.999_996_321_931_877_7, 0.999_999_040_921_857_5),
    (50, 7, 0.058_191_700_340_372_09, 0.267_396_002_497_008_4),
    (10, 0, 0.0, 0.308_497_107_818_760_7),
    (10, 10, 0.691_502_892_181_239_2, 1.0),
];

fn values() -> Value {
    serde_json::from_str(VALUES).unwrap()
}

/// The fields of a column.
fn column(name: &str) -> Vec<&'static str> {
    let mut lines = ROWS.lines();
    let place = lines.next().unwrap().split(',').position(|head| head == name).unwrap();
    lines.map(|line| line.split(',').nth(place).unwrap()).collect()
}

/// The counts of every district and cluster.
fn counts() -> Vec<(&'static str, &'static str, Counts)> {
    let (districts, clusters) = (column("district"), column("cluster"));
    let count =
        |test: &dyn Fn(&str, &str) -> bool| districts.iter().zip(&clusters).filter(|(d, c)| test(d, c)).count() as u64;
    let mut out = Vec::new();
    for district in ["A", "B", "C", "D"] {
        for cluster in ["health", "robot", "vision"] {
            out.push((
                district,
                cluster,
                Counts {
                    both: count(&|d, c| d == district && c == cluster),
                    area: count(&|d, _| d == district),
                    class: count(&|_, c| c == cluster),
                    whole: districts.len() as u64,
                },
            ));
        }
    }
    out
}

fn near(ours: f64, theirs: &Value) {
    let theirs = theirs.as_f64().unwrap();
    assert!((ours - theirs).abs() <= 1e-9 * theirs.abs().max(1.0), "{ours} is not {theirs}");
}

#[test]
fn quotients_and_intervals_are_those_of_the_reference() {
    let values = values();
    let mut seen = 0;
    for (district, cluster, counts) in counts() {
        near(counts.quotient().unwrap(), &values["lq"]["count"][district][cluster]);
        let test = counts.test().unwrap();
        let (low, high) = clopper_pearson(counts.area, counts.both, 0.95);
        let share = counts.class as f64 / counts.whole as f64;
        near(low / share, &values["lq_exact95"]["lo"][district][cluster]);
        near(high / share, &values["lq_exact95"]["hi"][district][cluster]);
        let upper = hypergeometric(counts.whole, counts.class, counts.area, counts.both).at_least();
        let theirs = values["lq_p_over"][district][cluster].as_f64().unwrap();
        assert!((upper / theirs - 1.0).abs() < 1e-9, "{district} {cluster}: {upper} is not {theirs}");
        // 20 firms in D and a fifth of all in health: 4 are to be expected
        let few = (district, cluster) == ("D", "health");
        assert_eq!(test.verdict == Verdict::TooFew, few, "{district} {cluster}: {test:?}");
        assert_eq!(test.low.is_none(), few);
        seen += 1;
    }
    assert_eq!(seen, 12);
    let test = |district, cluster| counts().iter().find(|c| (c.0, c.1) == (district, cluster)).unwrap().2.test();
    assert_eq!(test("A", "vision").unwrap().verdict, Verdict::Above);
    assert_eq!(test("A", "robot").unwrap().verdict, Verdict::Below);
    assert_eq!(test("A", "health").unwrap().verdict, Verdict::NoDifference);
}

#[test]
fn large_numbers_are_exact_too() {
    // scipy 1.x: beta.ppf, hypergeom.sf and hypergeom.cdf
    for (n, k, low, high) in LARGE {
        let (ours, theirs) = (clopper_pearson(n, k, 0.95), (low, high));
        let far = |a: f64, b: f64| (a - b).abs() > 1e-9 * b.abs();
        assert!(!far(ours.0, theirs.0) && !far(ours.1, theirs.1), "{k} of {n}: {ours:?} is not {theirs:?}");
    }
    let tails = |k| hypergeometric(1_000_000, 30_000, 100_000, k);
    for (ours, theirs) in
        [(tails(4000).at_least(), 1.918_334_242_805_873_4e-78), (tails(2700).at_most(), 1.446_371_136_776_218_8e-9)]
    {
        assert!((ours / theirs - 1.0).abs() < 1e-7, "{ours} is not {theirs}");
    }
}

#[test]
fn few_of_a_million_are_exact_too() {
    // Python's decimal with 60 digits
    let ours = binomial(1_000_000, 0.000_006, 4);
    let theirs = [0.151_203_079_659_470_23, 0.133_852_617_539_046_37, 0.714_944_302_801_483_4];
    for (ours, theirs) in [ours.below, ours.at, ours.above].into_iter().zip(theirs) {
        assert!((ours / theirs - 1.0).abs() < 1e-13, "{ours} is not {theirs}");
    }
}

#[test]
fn what_says_nothing_has_no_test() {
    let counts = |both, area, class, whole| Counts { both, area, class, whole };
    assert_eq!(counts(40, 100, 40, 100).test(), None, "the whole beside itself");
    assert_eq!(counts(20, 20, 100, 100).test(), None, "all are of the class");
    assert_eq!(counts(0, 0, 40, 100).test(), None, "an empty area");
    assert_eq!(counts(5, 4, 40, 100).test(), None, "no part of a whole");
    assert_eq!(counts(9, 9, 60, 100).test().unwrap().verdict, Verdict::TooFew);
    assert_eq!(counts(0, 10, 50, 100).test().unwrap().verdict, Verdict::Below);
    assert_eq!(counts(4, 10, 49, 100).test().unwrap().verdict, Verdict::TooFew, "4.9 are to be expected");
}

#[test]
fn discoveries_are_those_of_the_reference_procedure() {
    // statsmodels multipletests(p, method='fdr_bh')
    let p = [0.01, 0.04, 0.03, 0.005, 0.5].map(Some);
    let ours = adjusted(&[&p[..], &[None]].concat());
    for (ours, theirs) in ours.iter().zip([0.025, 0.05, 0.05, 0.025, 0.5]) {
        assert!((ours.unwrap() - theirs).abs() < 1e-12, "{ours:?} is not {theirs}");
    }
    assert_eq!(ours[5], None, "what has no p-value is no test");
}

/// Terms of the binomial distribution by products, in a plain loop.
fn plain_binomial(n: u64, p: f64) -> Vec<f64> {
    (0..=n)
        .map(|k| {
            (0..k).fold((1.0 - p).powi((n - k) as i32) * p.powi(k as i32), |c, i| c * (n - i) as f64 / (k - i) as f64)
        })
        .collect()
}

/// Terms of the hypergeometric distribution, drawn one by one.
fn plain_hypergeometric(whole: u64, marked: u64, n: u64) -> Vec<f64> {
    let mut terms = vec![1.0];
    for drawn in 0..n {
        let mut next = vec![0.0; terms.len() + 1];
        for (hits, term) in terms.iter().enumerate() {
            let p = marked.saturating_sub(hits as u64) as f64 / (whole - drawn) as f64;
            next[hits + 1] += term * p;
            next[hits] += term * (1.0 - p);
        }
        terms = next;
    }
    terms
}

const DISTRICTS: [&str; 4] = ["A", "B", "C", "D"];
const CLUSTERS: [&str; 3] = ["health", "robot", "vision"];

fn numbers(name: &str) -> Vec<f64> {
    column(name).iter().map(|field| field.parse().unwrap()).collect()
}

/// Sums of a column: districts by clusters.
fn table(name: &str) -> Vec<Vec<f64>> {
    let (districts, clusters, values) = (column("district"), column("cluster"), numbers(name));
    let sum = |d: &str, c: &str| -> f64 {
        (0..values.len()).filter(|&i| districts[i] == d && clusters[i] == c).map(|i| values[i]).sum()
    };
    DISTRICTS.iter().map(|d| CLUSTERS.iter().map(|c| sum(d, c)).collect()).collect()
}

fn degrees() -> Vec<[f64; 2]> {
    numbers("lon").into_iter().zip(numbers("lat")).map(|(lon, lat)| [lon, lat]).collect()
}

fn metres() -> Vec<Metres> {
    let points = degrees();
    let plane = Plane::of(&points).unwrap();
    points.into_iter().map(|point| plane.metres(point)).collect()
}

#[test]
fn concentration_is_that_of_the_reference() {
    let values = values();
    let (districts, clusters, staff) = (column("district"), column("cluster"), numbers("employees_2025"));
    let employees = table("employees_2025");
    let counts: Vec<Vec<f64>> = counts().chunks(3).map(|row| row.iter().map(|c| c.2.both as f64).collect()).collect();
    let specialised = krugman(&counts);
    for (i, district) in DISTRICTS.iter().enumerate() {
        near(hhi(&counts[i]).unwrap(), &values["diversity"]["hhi_clusters"][district]);
        near(entropy(&counts[i]).unwrap(), &values["diversity"]["entropy_nats"][district]);
        near(specialised[i].unwrap(), &values["krugman"]["vs_city"][district]);
    }
    let groups: Vec<usize> = districts.iter().map(|d| DISTRICTS.iter().position(|x| x == d).unwrap()).collect();
    let unequal = theil(&staff, &groups).unwrap();
    near(unequal.between, &values["theil_employees"]["between_districts"]);
    near(unequal.within, &values["theil_employees"]["within"]);
    let uneven = locational_gini(&employees);
    let zones: Vec<f64> = employees.iter().map(|row| row.iter().sum()).collect();
    for (j, cluster) in CLUSTERS.iter().enumerate() {
        near(uneven[j].unwrap(), &values["locational_gini_employees"][cluster]);
        let of =
            |of: &[f64]| -> Vec<f64> { (0..of.len()).filter(|i| clusters[*i] == *cluster).map(|i| of[i]).collect() };
        let (own, class) = (of(&staff), employees.iter().map(|row| row[j]).collect::<Vec<f64>>());
        let found = ellison_glaeser(&zones, &class, hhi(&own).unwrap()).unwrap();
        near(found.gamma, &values["ellison_glaeser"]["gamma"][cluster]);
        near(found.firms, &values["ellison_glaeser"]["plant_hhi"][cluster]);
        near(found.maurel_sedillot, &values["maurel_sedillot"][cluster]);
        let revenue = of(&numbers("revenue_2025"));
        near(gini(&revenue).unwrap(), &values["gini_firms_revenue"][cluster]);
        near(hhi(&revenue).unwrap(), &values["firm_concentration"][cluster]["hhi_firms"]);
    }
    assert_eq!((hhi(&[]), entropy(&[0.0]), theil(&[0.0], &[0]), gini(&[0.0])), (None, None, None, None));
    assert_eq!(ellison_glaeser(&[3.0], &[2.0], 0.5), None, "one zone");
    assert_eq!(ellison_glaeser(&[3.0, 1.0], &[2.0, 0.0], 1.0), None, "one firm");
}

#[test]
fn classes_that_share_zones_and_neighbours_are_those_of_the_reference() {
    let values = values();
    let together = coagglomeration(&table("employees_2025"));
    let class: Vec<usize> = column("cluster").iter().map(|c| CLUSTERS.iter().position(|x| x == c).unwrap()).collect();
    // The reference's figures hang on tenths of millimetres between points of a lattice. Here they stand where the lattice has them,
    // and the neighbours are those that the reference's formula then counts.
    let plane = Crs::of_epsg(4549).unwrap();
    let (lon, lat) = (numbers("lon"), numbers("lat"));
    let placed = lon.iter().zip(&lat).map(|(x, y)| {
        let at = plane.east_north(geo::Coord { x: *x, y: *y });
        [(at.x * 1000.0).round() / 1000.0, (at.y * 1000.0).round() / 1000.0]
    });
    let beside = colocation(&placed.collect::<Vec<_>>(), &class, CLUSTERS.len());
    let third = 1.0 / 3.0;
    let of = |name: &str| CLUSTERS.iter().position(|x| *x == name).unwrap();
    let neighbours = [
        ("health", [("health", 29.5), ("robot", 6.0 + 2.0 * third), ("vision", 3.5 + third)]),
        ("robot", [("health", 6.0 + 2.0 * third), ("robot", 48.5 + third), ("vision", 4.5)]),
        ("vision", [("health", 3.0 + 2.0 * third), ("robot", 4.5), ("vision", 91.5 + third)]),
    ];
    for (a, (b, n)) in neighbours.iter().flat_map(|(a, to)| to.iter().map(move |to| (a, to))) {
        assert!((beside.neighbours[of(a)][of(b)] - n).abs() < 1e-9, "{a} beside {b}: {:?}", beside.neighbours);
    }
    let all: f64 = 199.0;
    assert!((beside.quotient(of("health"), of("health")).unwrap() - 29.5 / 40.0 / (39.0 / all)).abs() < 1e-12);
    assert!((beside.quotient(of("vision"), of("robot")).unwrap() - 4.5 / 100.0 / (60.0 / all)).abs() < 1e-12);
    for (i, a) in CLUSTERS.iter().enumerate() {
        for (j, b) in CLUSTERS.iter().enumerate() {
            if i < j {
                near(together[i][j].unwrap(), &values["coagglomeration_egk2010"][format!("{a}|{b}")]);
                assert_eq!(together[i][j], together[j][i]);
            }
        }
        assert_eq!(together[i][i], None);
    }
    assert_eq!(coagglomeration(&[vec![1.0, 0.0], vec![2.0, 0.0]])[0][1], None, "a class that is nowhere");
}

/// Neighbours by looking at every pair of points.
fn plain_neighbours(points: &[Metres], class: &[usize], classes: usize) -> Vec<Vec<f64>> {
    let mut out = vec![vec![0.0; classes]; classes];
    for i in 0..points.len() {
        let distance = |j: usize| (points[i][0] - points[j][0]).hypot(points[i][1] - points[j][1]);
        let others = || (0..points.len()).filter(|j| *j != i);
        let nearest = others().map(distance).fold(f64::INFINITY, f64::min);
        let ties: Vec<usize> = others().filter(|j| distance(*j) <= nearest * (1.0 + 1e-12) + 1e-9).collect();
        ties.iter().for_each(|j| out[class[i]][class[*j]] += 1.0 / ties.len() as f64);
    }
    out
}

#[test]
fn parts_of_a_change_are_those_of_the_reference_and_add_up() {
    let values = values();
    let years: Vec<Vec<Vec<f64>>> = (2020..=2025).map(|year| table(&format!("employees_{year}"))).collect();
    let (before, after) = (&years[0], &years[5]);
    let [parts, steps] = [classic(before, after).unwrap(), dynamic(&years).unwrap()];
    let own = esteban_marquillas(before, after).unwrap();
    for (i, district) in DISTRICTS.iter().enumerate() {
        for (j, cluster) in CLUSTERS.iter().enumerate() {
            for (ours, theirs) in [(parts[i][j], "classic"), (steps[i][j], "dynamic")] {
                let theirs = &values["shift_share"][theirs];
                near(ours.whole, &theirs["national"][district][cluster]);
                near(ours.mix, &theirs["mix"][district][cluster]);
                near(ours.regional, &theirs["regional"][district][cluster]);
                let sum = ours.whole + ours.mix + ours.regional;
                assert!((sum - (after[i][j] - before[i][j])).abs() < 5e-3, "{district} {cluster}");
            }
            let theirs = &values["shift_share"]["esteban_marquillas"];
            near(own[i][j].competitive, &theirs["competitive"][district][cluster]);
            near(own[i][j].allocation, &theirs["allocation"][district][cluster]);
        }
    }
    assert_eq!(classic(&[vec![0.0]], &[vec![1.0]]), None, "nothing before");
}

/// Clusters by looking at every pair.
fn plain_dbscan(points: &[Metres], distance: f64, least: usize) -> Clusters {
    let near = |i: usize| (0..points.len()).filter(move |&j| squared(points[i], points[j]) <= distance * distance);
    let core: Vec<bool> = (0..points.len()).map(|i| near(i).count() >= least).collect();
    let (mut labels, mut number) = (vec![None; points.len()], 0);
    for start in 0..points.len() {
        if !core[start] || labels[start].is_some() {
            continue;
        }
        let mut open = vec![start];
        labels[start] = Some(number);
        while let Some(i) = open.pop() {
            for j in near(i).filter(|j| core[*j]) {
                if labels[j].is_none() {
                    labels[j] = Some(number);
                    open.push(j);
                }
            }
        }
        number += 1;
    }
    let cores = labels.clone();
    for i in (0..points.len()).filter(|i| !core[*i]) {
        labels[i] = near(i).filter(|j| core[*j]).filter_map(|j| cores[j]).min();
    }
    Clusters { labels, core: Some(core), number }
}

#[test]
fn dense_areas_are_those_of_the_reference() {
    let (values, ours) = (values(), dbscan(&metres(), 150.0, 4));
    let theirs: Vec<i64> = values["dbscan"]["labels"].as_array().unwrap().iter().map(|l| l.as_i64().unwrap()).collect();
    let labels: Vec<i64> = ours.labels.iter().map(|label| label.map_or(-1, i64::from)).collect();
    assert_eq!(labels, theirs);
    assert_eq!((ours.number, ours.core.iter().flatten().filter(|core| **core).count()), (2, 85));
    assert_eq!(dbscan(&[], 150.0, 4).number, 0);
}

#[test]
fn densities_are_those_of_the_reference() {
    let values = values();
    let points = degrees();
    let at = |list: &Value| -> Vec<f64> { list.as_array().unwrap().iter().map(|v| v.as_f64().unwrap()).collect() };
    let theirs: Vec<f64> = at(&values["kde"]["quartic"]);
    // the last five positions are those of the first five points, all within 500 m
    let plane = Plane::at(points[0]);
    let flat: Vec<Metres> = points.iter().map(|point| plane.metres(*point)).collect();
    let grid = Grid::new(&flat, 1000.0);
    for (position, theirs) in flat[..5].iter().zip(&theirs[theirs.len() - 5..]) {
        let ours = density::at(&flat, &grid, *position, 1000.0);
        assert!((ours / theirs - 1.0).abs() < 1e-4, "{ours} is not {theirs}");
    }
}

#[test]
fn hexagons_are_those_of_the_reference() {
    let values = values();
    let found = hexagons(&degrees(), 7).unwrap();
    assert_eq!(found.len(), values["gi_star"]["cells"].as_u64().unwrap() as usize);
    for (cell, count) in values["hex_counts"].as_object().unwrap() {
        let ours = found.iter().find(|h| format!("{:x}", h.cell) == *cell).unwrap();
        assert_eq!(u64::from(ours.count), count.as_u64().unwrap());
    }
    // exact_gi.py small200.csv 7: points in it, around it, and the upper tail
    for (cell, count, around, upper) in [
        ("87309a580ffffff", 0, 60, 0.027_955_141_368_987_2),
        ("87309a58effffff", 0, 66, 0.031_617_210_564_330_867),
        ("87309a582ffffff", 0, 58, 0.033_707_865_168_539_186),
        ("87309a59dffffff", 0, 58, 0.044_943_820_224_718_88),
    ] {
        let ours = found.iter().find(|h| format!("{:x}", h.cell) == cell).unwrap();
        assert_eq!((ours.count, ours.around), (count, around));
        assert!((ours.upper - upper).abs() < 1e-9, "{cell}: {} is not {upper}", ours.upper);
        assert!(ours.outline().len() >= 5);
    }
    for (quadrant, name) in
        [(Quadrant::HighHigh, "HH"), (Quadrant::LowHigh, "LH"), (Quadrant::LowLow, "LL"), (Quadrant::HighLow, "HL")]
    {
        let number = found.iter().filter(|h| h.quadrant == quadrant).count();
        assert_eq!(values["lisa"]["quadrants"][name], number, "{name}");
    }
    assert!(
        found.iter().all(|h| h.heat == Heat::Neither),
        "90 hexagons and two lattices: nothing is left after adjusting"
    );
    assert_eq!(hexagons(&[], 7), Some(vec![]));
    assert_eq!(hexagons(&degrees(), 16), None);
}

#[test]
fn the_plane_is_as_near_as_it_says() {
    // lattices of 100 m and 700 m in EPSG:4549, within 25 km of the middle
    let points = metres();
    for (i, j, distance) in [(0, 1, 100.0), (0, 6, 100.0)] {
        let ours = squared(points[i], points[j]).sqrt();
        assert!((ours - distance).abs() < 0.001 * distance, "{ours}");
    }
    let plane = Plane::at([120.0, 30.0]);
    let back = plane.degrees(plane.metres([120.3, 30.2]));
    assert!((back[0] - 120.3).abs() < 1e-12 && (back[1] - 30.2).abs() < 1e-12);
}

/// Positions of the reference in EPSG:4549 as pyproj has them, to a nanometre: its lattices hang on less than a tenth of a millimetre.
fn projected() -> Vec<Metres> {
    let lines = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/data/stats/small200-metres.csv"))
        .lines()
        .skip(1);
    let pair = |line: &str| line.split_once(',').map(|(x, y)| [x.parse().unwrap(), y.parse().unwrap()]);
    lines.map(|line| pair(line).unwrap()).collect()
}

/// What rows are weighed by.
fn staff() -> Vec<f64> {
    numbers("employees_2025")
}

/// A quantile of numbers in ascending order, between two of them in proportion.
fn quantile(sorted: &[f64], part: f64) -> f64 {
    let place = (sorted.len() - 1) as f64 * part;
    let low = sorted[place as usize];
    low + (sorted.get(place as usize + 1).unwrap_or(&low) - low) * place.fract()
}

/// Towns of unlike densities and points between them; `tests/data/stats/towns.py` makes the same.
fn towns(number: usize, seed: u64) -> Vec<Metres> {
    let mut state = seed;
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 11) as f64 / (1_u64 << 53) as f64
    };
    (0..number)
        .map(|i| {
            let (x, y) = (next(), next());
            if i % 4 == 0 {
                return [x * 40_000.0, y * 40_000.0];
            }
            let (town, radius) = ((i % 7) as f64, 300.0 * (1 + i % 7) as f64 * x.sqrt());
            let (sin, cos) = (y * std::f64::consts::TAU).sin_cos();
            [(town * 6_100.0) % 40_000.0 + radius * cos, (town * 13_300.0) % 40_000.0 + radius * sin]
        })
        .collect()
}

/// Points on a coarse lattice, so that many share a place or lie at just the distance.
fn lattice() -> impl Strategy<Value = Vec<Metres>> {
    prop::collection::vec((0_i32..14, 0_i32..14), 0..70)
        .prop_map(|points| points.into_iter().map(|(x, y)| [f64::from(x) * 50.0, f64::from(y) * 50.0]).collect())
}

proptest! {
    #[test]
    fn dense_areas_are_those_of_a_plain_search(points in lattice(), distance in prop::sample::select(vec![50.0, 75.0, 100.0, 150.0]), least in 1_u32..9) {
        prop_assert_eq!(dbscan(&points, distance, least), plain_dbscan(&points, distance, least as usize));
        // so far apart that row, column and number of a cell don't fit in one integer
        let far: Vec<Metres> = points.iter().enumerate().map(|(i, p)| p.map(|v| if i % 3 == 0 { v + 1e16 } else { v })).collect();
        prop_assert_eq!(dbscan(&far, distance, least), plain_dbscan(&far, distance, least as usize));
    }

    /// Towers of more firms than are looked at one by one, and lines of single ones between them.
    #[test]
    fn dense_areas_of_towers_are_those_of_a_plain_search(towers in prop::collection::vec((0_i32..9, 0_i32..9, 1_usize..90), 1..7), distance in prop::sample::select(vec![50.0, 75.0, 150.0]), least in 1_u32..70) {
        let points: Vec<Metres> = towers.iter()
            .flat_map(|(x, y, firms)| (0..*firms).map(move |i| [f64::from(*x) * 50.0 + (i % 3) as f64 * 20.0, f64::from(*y) * 50.0]))
            .collect();
        prop_assert_eq!(dbscan(&points, distance, least), plain_dbscan(&points, distance, least as usize));
    }

    #[test]
    fn neighbours_are_those_of_every_pair(points in lattice(), turn in 0_usize..4) {
        let class: Vec<usize> = (0..points.len()).map(|i| (i * i + turn) % 3).collect();
        let (found, plain) = (colocation(&points, &class, 3), plain_neighbours(&points, &class, 3));
        for (found, plain) in found.neighbours.iter().flatten().zip(plain.iter().flatten()) {
            prop_assert!((found - plain).abs() < 1e-9, "{found} {plain}");
        }
    }

    #[test]
    fn the_order_of_points_changes_no_core_and_no_noise(points in lattice(), turn in 0_usize..70) {
        let mut turned = points.clone();
        turned.rotate_left(turn.min(points.len()));
        let (a, mut b) = (dbscan(&points, 75.0, 4), dbscan(&turned, 75.0, 4));
        if let Some(core) = &mut b.core {
            core.rotate_right(turn.min(points.len()));
        }
        b.labels.rotate_right(turn.min(points.len()));
        prop_assert_eq!(&a.core, &b.core);
        let core = a.core.unwrap_or_default();
        for i in 0..points.len() {
            prop_assert_eq!(a.labels[i].is_some(), b.labels[i].is_some());
            for j in 0..i {
                if core[i] && core[j] {
                    prop_assert_eq!(a.labels[i] == a.labels[j], b.labels[i] == b.labels[j]);
                }
            }
        }
    }

    #[test]
    fn a_raster_has_the_density_of_each_position(points in lattice(), bandwidth in 40.0_f64..400.0) {
        let raster = Raster { origin: [-60.0, -35.0], step: 90.0, columns: 9, rows: 7 };
        let grid = Grid::new(&points, 100.0);
        let all = density::raster(&points, bandwidth, raster);
        for (i, found) in all.iter().enumerate() {
            let position = [-60.0 + (i % 9) as f64 * 90.0, -35.0 + (i / 9) as f64 * 90.0];
            let plain: f64 = points.iter().map(|p| (1.0 - squared(*p, position) / bandwidth.powi(2)).max(0.0).powi(2)).sum::<f64>()
                * 3e6 / (std::f64::consts::PI * bandwidth.powi(2));
            prop_assert!((found - plain).abs() <= 1e-9 * plain.max(1.0));
            prop_assert!((density::at(&points, &grid, position, bandwidth) - plain).abs() <= 1e-9 * plain.max(1.0));
        }
    }

    #[test]
    fn tails_of_neighbours_are_those_of_all_draws(values in prop::collection::vec(0_u32..6, 4..9), neighbours in 1_usize..3) {
        let n = values.len();
        let around: Vec<Vec<usize>> = (0..n).map(|i| (1..=neighbours).map(|step| (i + step) % n).collect()).collect();
        for (i, (lower, upper)) in neighbour_sums(&values, &around).into_iter().enumerate() {
            let others: Vec<u32> = (0..n).filter(|j| *j != i).map(|j| values[j]).collect();
            let mut sums = Vec::new();
            for a in 0..others.len() {
                if neighbours == 1 {
                    sums.push(others[a]);
                } else {
                    sums.extend((0..a).map(|b| others[a] + others[b]));
                }
            }
            let own: u32 = around[i].iter().map(|j| values[*j]).sum();
            let part = |test: &dyn Fn(u32) -> bool| sums.iter().filter(|s| test(**s)).count() as f64 / sums.len() as f64;
            prop_assert!((lower - part(&|s| s <= own)).abs() < 1e-12);
            prop_assert!((upper - part(&|s| s >= own)).abs() < 1e-12);
        }
    }

    #[test]
    fn tails_are_plain_sums(n in 1_u64..60, p in 0.01_f64..0.99, k in 0_u64..60) {
        let k = k.min(n);
        let (ours, terms) = (binomial(n, p, k), plain_binomial(n, p));
        let sum = |from: usize, to: usize| terms[from..to].iter().sum::<f64>();
        let k = k as usize;
        for (ours, plain) in [(ours.below, sum(0, k)), (ours.at, terms[k]), (ours.above, sum(k + 1, terms.len()))] {
            prop_assert!((ours - plain).abs() <= 1e-11 * plain.max(1e-9), "{} is not {}", ours, plain);
        }
    }

    #[test]
    fn tails_of_many_trials_are_sums(n in 1000_u64..200_000, p in prop_oneof![0.001_f64..0.999, 1e-5_f64..1e-3], deviations in -8.0_f64..8.0, other: bool) {
        let p = if other { 1.0 - p } else { p };
        let k = (n as f64 * p + deviations * (n as f64 * p * (1.0 - p)).sqrt()).clamp(0.0, n as f64) as u64;
        let (ours, sums) = (binomial(n, p, k), summed(n, p, k));
        for (ours, sum) in [(ours.below, sums.below), (ours.at, sums.at), (ours.above, sums.above)] {
            prop_assert!((ours - sum).abs() <= 1e-10 * sum, "{} is not {}", ours, sum);
        }
    }

    #[test]
    fn draws_of_many_are_sums(whole in 2000_u64..1_000_000, marked in 0.001_f64..0.999, share in 0.001_f64..0.999, deviations in -8.0_f64..8.0) {
        let (marked, n) = ((whole as f64 * marked) as u64, (whole as f64 * share) as u64);
        let p = marked as f64 / whole as f64;
        let k = n as f64 * p + deviations * (n as f64 * p * (1.0 - p) * (1.0 - share)).sqrt();
        let k = (k.max(0.0) as u64).clamp((n + marked).saturating_sub(whole), n.min(marked));
        let (ours, sums) = (hypergeometric(whole, marked, n, k), drawn(whole, marked, n, k));
        for (ours, sum) in [(ours.below, sums.below), (ours.at, sums.at), (ours.above, sums.above)] {
            prop_assert!((ours - sum).abs() <= 1e-9 * sum, "{} is not {}", ours, sum);
        }
    }

    #[test]
    fn draws_without_return_are_plain_sums(whole in 2_u64..80, marked in 0_u64..80, n in 1_u64..80, k in 0_u64..80) {
        let (marked, n) = (marked.min(whole), n.min(whole));
        let k = k.clamp((n + marked).saturating_sub(whole), n.min(marked));
        let (ours, terms) = (hypergeometric(whole, marked, n, k), plain_hypergeometric(whole, marked, n));
        let plain: f64 = terms[k as usize..].iter().sum();
        prop_assert!((ours.at_least() - plain).abs() <= 1e-9 * plain, "{} is not {}", ours.at_least(), plain);
    }

    #[test]
    fn intervals_hold_the_share_and_leave_half_of_the_rest_on_each_side(n in 1_u64..3000, k in 0_u64..3000) {
        let k = k.min(n);
        let (low, high) = clopper_pearson(n, k, 0.95);
        let share = k as f64 / n as f64;
        prop_assert!(low <= share && share <= high);
        if k > 0 {
            prop_assert!((binomial(n, low, k).at_least() - 0.025).abs() < 1e-9);
        }
        if k < n {
            prop_assert!((binomial(n, high, k).at_most() - 0.025).abs() < 1e-9);
        }
    }

    // each step walks a distribution, so many of them show in the time that a summary takes
    #[test]
    fn a_limit_takes_few_steps(n in 1_u64..300_000, part in 0.0_f64..1.0, half in 0.0005_f64..0.2) {
        let k = ((n as f64 * part) as u64).clamp(1, n);
        let mut steps = 0;
        let p = probability(n, k, half, |tails| { steps += 1; Tails::at_least(tails) });
        prop_assert!(steps <= 8, "{} steps for {} of {}", steps, k, n);
        let tail = binomial(n, p, k).at_least();
        prop_assert!((tail / half - 1.0).abs() < 1e-11, "{} has {} above, not {}", p, tail, half);
    }

    #[test]
    fn adjusted_values_keep_the_order_and_never_fall(p in prop::collection::vec(0.0_f64..1.0, 1..40)) {
        let all: Vec<Option<f64>> = p.iter().copied().map(Some).collect();
        let q = adjusted(&all);
        for (i, a) in q.iter().enumerate() {
            prop_assert!(a.unwrap() >= p[i] - 1e-15 && a.unwrap() <= 1.0);
            for (j, b) in q.iter().enumerate() {
                prop_assert!(p[i] < p[j] || a.unwrap() >= b.unwrap());
            }
        }
        // the definition: the largest rank whose p-value is under the line decides
        let mut sorted = p.clone();
        sorted.sort_by(f64::total_cmp);
        let line = (0..p.len()).rev().find(|&r| sorted[r] <= 0.05 * (r + 1) as f64 / p.len() as f64).map(|r| sorted[r]);
        for (p, q) in p.iter().zip(&q) {
            prop_assert_eq!(line.is_some_and(|line| *p <= line), q.unwrap() <= 0.05 + 1e-15);
        }
    }
}
