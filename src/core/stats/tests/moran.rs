//! Local Moran of real values against exact probabilities, a linear scan and another program.

use crate::stats::hexagons::{Quadrant, neighbour_sums};
use crate::stats::moran::{DRAWS, local_moran, nearest};
use proptest::prelude::*;

/// The nearest others by looking at all of them.
fn scanned(points: &[[f64; 3]], k: usize) -> Vec<u32> {
    let all = points.iter().enumerate().map(|(i, own)| {
        let distance = |j: &usize| (0..3).map(|axis| (points[*j][axis] - own[axis]).powi(2)).sum::<f64>();
        let mut others: Vec<usize> = (0..points.len()).filter(|j| *j != i).collect();
        others.sort_by(|a, b| distance(a).total_cmp(&distance(b)).then(a.cmp(b)));
        let mut found: Vec<u32> = others[..k].iter().map(|j| *j as u32).collect();
        found.sort_unstable();
        found
    });
    all.flatten().collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn the_nearest_are_those_of_a_linear_scan(
        points in prop::collection::vec((0_i32..6, 0_i32..6, 0_i32..3), 2..50), k in 1_usize..9,
    ) {
        let points: Vec<[f64; 3]> = points.iter().map(|p| [f64::from(p.0), f64::from(p.1), f64::from(p.2)]).collect();
        match nearest(&points, k) {
            Some(found) => prop_assert_eq!(found, scanned(&points, k)),
            None => prop_assert!(points.len() <= k),
        }
    }

    /// Of counts the probabilities are known exactly; what is counted among draws is as near as chance lets it be.
    #[test]
    fn drawn_probabilities_are_near_the_exact_ones(
        values in prop::collection::vec(0_u32..12, 30..60), places in prop::collection::vec((0.0..1.0, 0.0..1.0), 60),
    ) {
        const K: usize = 4;
        let points: Vec<[f64; 3]> = places[..values.len()].iter().map(|(x, y)| [*x, *y, 0.0]).collect();
        let near = nearest(&points, K).unwrap();
        let around: Vec<Vec<usize>> = near.chunks(K).map(|n| n.iter().map(|j| *j as usize).collect()).collect();
        let exact = neighbour_sums(&values, &around);
        let real: Vec<f64> = values.iter().map(|v| f64::from(*v)).collect();
        let draws = 20_000;
        let found = local_moran(&real, &near, K, draws, 7);
        for (found, (lower, upper)) in found.iter().zip(exact) {
            for (ours, exact) in [(found.lower, lower), (found.upper, upper)] {
                let most = 6.0 * (exact * (1.0 - exact) / draws as f64).sqrt() + 10.0 / draws as f64;
                prop_assert!((ours - exact).abs() <= most, "{ours} {exact} {most}");
            }
        }
    }
}

#[test]
fn values_that_do_not_differ_say_nothing() {
    let points: Vec<[f64; 3]> = (0..40).map(|i| [f64::from(i % 7), f64::from(i / 7), 0.0]).collect();
    let near = nearest(&points, 8).unwrap();
    // a value whose multiples are no exact numbers
    for found in local_moran(&[0.1; 40], &near, 8, 999, 1) {
        assert_eq!((found.upper, found.lower, found.p, found.q, found.index), (1.0, 1.0, 1.0, 1.0, 0.0));
    }
    assert_eq!(nearest(&points[..8], 8), None);
    assert_eq!(local_moran(&[1.0; 8], &[], 8, 999, 1), []);
}

#[test]
fn the_same_seed_gives_the_same_and_another_about_the_same() {
    let points: Vec<[f64; 3]> = (0..900).map(|i| [f64::from(i % 30), f64::from(i / 30), 0.0]).collect();
    let values: Vec<f64> = (0..900).map(|i| f64::from(i % 30) + f64::from(i * 7919 % 101) / 20.0).collect();
    let near = nearest(&points, 8).unwrap();
    let [one, again, other] = [1, 1, 2].map(|seed| local_moran(&values, &near, 8, DRAWS, seed));
    assert_eq!(one, again);
    assert_ne!(one, other);
    let hot = |all: &[crate::stats::moran::LocalMoran]| {
        all.iter().filter(|one| one.q <= 0.05 && one.quadrant == Quadrant::HighHigh).count()
    };
    assert!(hot(&one) > 100 && hot(&one).abs_diff(hot(&other)) < 20, "{} {}", hot(&one), hot(&other));
}

#[test]
fn what_another_program_finds() {
    const FILE: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/data/stats/local-moran.csv"));
    let lines =
        FILE.lines().skip(1).map(|line| line.split(',').map(|word| word.parse().unwrap()).collect::<Vec<f64>>());
    let lines: Vec<Vec<f64>> = lines.collect();
    let points: Vec<[f64; 3]> = lines.iter().map(|line| [line[1], line[2], 0.0]).collect();
    let values: Vec<f64> = lines.iter().map(|line| line[0]).collect();
    let found = local_moran(&values, &nearest(&points, 8).unwrap(), 8, DRAWS, 1);
    assert_eq!(found.len(), 160);
    for (found, line) in found.iter().zip(&lines) {
        let (index, quadrant, tail) = (line[3], line[4], line[5]);
        assert!((found.index - index).abs() < 1e-9, "{found:?} {line:?}");
        let number = match found.quadrant {
            Quadrant::HighHigh => 1.0,
            Quadrant::LowHigh => 2.0,
            Quadrant::LowLow => 3.0,
            Quadrant::HighLow => 4.0,
        };
        assert!((number - quadrant).abs() < 0.5);
        // both are counted among as many draws
        let most = 6.0 * (2.0 * tail * (1.0 - tail) / DRAWS as f64).sqrt() + 5e-5;
        assert!((found.lower.min(found.upper) - tail).abs() <= most, "{found:?} {line:?}");
    }
    assert!(found.iter().filter(|one| one.p <= 0.05).count() >= 10);
}
