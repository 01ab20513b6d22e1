//! Quotients of sums: counts against the reference, sums against rows that are drawn anew, one by one.

use super::{column, counts, near, values};
use crate::stats::quotient::{Counts, QuotientTest, Sum, Sums, Verdict};
use oorandom::Rand64;

/// Values of rows, each with whether it lies in the area and whether it is of the class.
type Rows = Vec<(f64, bool, bool)>;

fn sum(rows: &Rows, of: impl Fn(bool, bool) -> bool) -> Sum {
    let some = || rows.iter().filter(|(_, area, class)| of(*area, *class)).map(|(value, ..)| *value);
    Sum { value: some().sum(), squares: some().map(|v| v * v).sum() }
}

fn sums(rows: &Rows) -> Sums {
    let count = |of: &dyn Fn(bool, bool) -> bool| rows.iter().filter(|(_, a, c)| of(*a, *c)).count() as u64;
    Sums {
        rows: Counts {
            both: count(&|a, c| a && c),
            area: count(&|a, _| a),
            class: count(&|_, c| c),
            whole: rows.len() as u64,
        },
        both: sum(rows, |a, c| a && c),
        area: sum(rows, |a, _| a),
        class: sum(rows, |_, c| c),
        whole: sum(rows, |_, _| true),
        known: false,
    }
}

/// The rows of the reference for a district and a cluster, weighed by a function of their place and figure.
fn rows(district: &str, cluster: &str, weigh: impl Fn(usize, f64) -> f64) -> Rows {
    let figures = column("employees_2025");
    let of = column("district").into_iter().zip(column("cluster")).zip(figures).enumerate();
    let known = of.filter_map(|(place, ((d, c), figure))| Some((place, d, c, figure.parse::<f64>().ok()?)));
    known.map(|(place, d, c, figure)| (weigh(place, figure), d == district, c == cluster)).collect()
}

/// The 95 % interval of the quotient where as many rows are drawn with replacement, one by one.
fn drawn(rows: &Rows, draws: usize) -> (f64, f64) {
    let mut random = Rand64::new(19);
    let mut found: Vec<f64> = (0..draws)
        .map(|_| {
            let [mut both, mut area, mut class, mut whole] = [0.0; 4];
            for _ in 0..rows.len() {
                let (value, here, of) = rows[random.rand_range(0..rows.len() as u64) as usize];
                whole += value;
                area += if here { value } else { 0.0 };
                class += if of { value } else { 0.0 };
                both += if here && of { value } else { 0.0 };
            }
            (both / area) / (class / whole)
        })
        .collect();
    found.sort_by(f64::total_cmp);
    (found[draws / 40], found[draws - 1 - draws / 40])
}

fn ends(test: QuotientTest) -> (f64, f64) {
    (test.low.unwrap(), test.high.unwrap())
}

#[test]
fn of_equal_rows_intervals_are_those_of_the_reference_for_counts() {
    let values = values();
    let mut seen = 0;
    for (district, cluster, rows) in counts() {
        let of = |n: u64| Sum { value: n as f64, squares: n as f64 };
        let Counts { both, area, class, whole } = rows;
        let sums = Sums { rows, both: of(both), area: of(area), class: of(class), whole: of(whole), known: false };
        near(sums.quotient().unwrap_or(0.0), &values["lq"]["count"][district][cluster]);
        let Some(test) = sums.test().filter(|test| test.low.is_some()) else { continue };
        let theirs = |end: &str| values["lq_delta95"][end][district][cluster].as_f64().unwrap();
        let (low, high) = ends(test);
        // the reference has the quantile to six decimals
        assert!((low - theirs("lo")).abs() < 1e-6 && (high - theirs("hi")).abs() < 1e-6, "{district} {cluster}");
        seen += 1;
    }
    assert!(seen >= 8, "{seen}");
}

#[test]
fn intervals_of_sums_are_those_of_rows_drawn_anew() {
    let mut seen = 0;
    // the figures as they are; as unlike as those of firms are; and of all industries taken as known
    let skewed = |place: usize, figure: f64| figure * (((place * 37) % 101) as f64 / 25.0).exp();
    for district in ["A", "B", "C"] {
        for cluster in ["health", "robot", "vision"] {
            for weigh in [&|_: usize, figure: f64| figure, &skewed as &dyn Fn(usize, f64) -> f64] {
                let rows = rows(district, cluster, weigh);
                let sums = sums(&rows);
                let Some(test) = sums.test().filter(|test| test.low.is_some()) else { continue };
                let ((low, high), (their_low, their_high)) = (ends(test), drawn(&rows, 4000));
                let equal = sums.both.value * sums.both.value / sums.both.squares;
                let far = if equal < 20.0 { 0.25 } else { 0.1 };
                let close = |ours: f64, theirs: f64| (ours / theirs - 1.0).abs() < far;
                assert!(
                    close(low, their_low) && close(high, their_high),
                    "{district} {cluster}, {equal}: {low}–{high}, {their_low}–{their_high}"
                );
                assert_eq!(test.p.unwrap() < 0.05, test.verdict != Verdict::NoDifference);
                seen += 1;
            }
        }
    }
    assert!(seen >= 10, "{seen}");
}

#[test]
fn nothing_is_said_where_a_few_large_rows_make_up_a_sum() {
    let rows = rows("A", "vision", |_, figure| figure);
    assert_ne!(sums(&rows).test().unwrap().verdict, Verdict::TooFew);
    let large = |here: bool, of: bool| {
        let mut rows = rows.clone();
        rows.iter_mut().find(|(_, area, class)| *area == here && *class == of).unwrap().0 = 1e6;
        sums(&rows).test().unwrap()
    };
    for test in [large(true, true), large(true, false)] {
        assert_eq!((test.verdict, test.low, test.p), (Verdict::TooFew, None, None));
    }
    // one elsewhere leaves the interval wide
    let wide = |test: QuotientTest| test.high.unwrap() / test.low.unwrap();
    assert!(wide(large(false, false)) > 2.0 * wide(sums(&rows).test().unwrap()));
}

#[test]
fn totals_that_are_known_add_no_doubt() {
    let rows = rows("A", "vision", |_, figure| figure);
    let own = sums(&rows);
    let known = Sums {
        area: Sum { value: own.area.value * 3.0, squares: 0.0 },
        whole: Sum { value: own.whole.value * 4.0, squares: 0.0 },
        known: true,
        ..own
    };
    let expected = (own.both.value / (own.area.value * 3.0)) / (own.class.value / (own.whole.value * 4.0));
    assert!((known.quotient().unwrap() - expected).abs() < 1e-12);
    // only the class is drawn: its rows here and elsewhere
    let mut random = Rand64::new(7);
    let mut found: Vec<f64> = (0..4000)
        .map(|_| {
            let (mut both, mut class) = (0.0, 0.0);
            for _ in 0..rows.len() {
                let (value, here, of) = rows[random.rand_range(0..rows.len() as u64) as usize];
                class += if of { value } else { 0.0 };
                both += if here && of { value } else { 0.0 };
            }
            (both / known.area.value) / (class / known.whole.value)
        })
        .collect();
    found.sort_by(f64::total_cmp);
    let (low, high) = ends(known.test().unwrap());
    assert!((low / found[100] - 1.0).abs() < 0.1 && (high / found[3899] - 1.0).abs() < 0.1, "{low}–{high}");
}

#[test]
fn the_p_value_is_that_of_the_normal_distribution() {
    // scipy.stats.norm.sf(z) * 2
    for (z, p) in [
        (0.0, 1.0),
        (1.959_963_984_540_054, 0.05),
        (3.0, 0.002_699_796_063_260_189_5),
        (-6.0, 1.973_175_290_075_396e-9),
    ] {
        assert!((super::super::tails::normal(z) / p - 1.0).abs() < 1e-9, "{z}");
    }
}
