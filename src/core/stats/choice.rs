//! Alternatives by weighted criteria: values scaled to 0..1, weighted sums, and how firm the order is under other weights.

use crate::cancel;
use oorandom::Rand64;

/// Places that count as the first ones.
pub const FIRST: usize = 3;
/// Draws that one piece of work makes.
const PIECE: usize = 16;
/// Alternatives whose sums are made at once: each in the order of the criteria, so that the sums are what they are one by one.
const LANES: usize = 8;

/// How the values of a criterion become 0..1: linear from the worst to the best, cut off at both.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scale {
    /// The value that counts 0, and any beyond it.
    pub worst: f64,
    /// The value that counts 1, and any beyond it.
    pub best: f64,
}

impl Scale {
    /// The scale of some values, of which unknown ones are no number: an end that is not given is the least or the most of them; where
    /// more is no better, the other way round. `None` where no value is known.
    pub fn of(values: &[f64], more: bool, [worst, best]: [Option<f64>; 2]) -> Option<Self> {
        let known = || values.iter().copied().filter(|value| !value.is_nan());
        let (least, most) = (known().reduce(f64::min)?, known().reduce(f64::max)?);
        let (low, high) = if more { (least, most) } else { (most, least) };
        Some(Self { worst: worst.unwrap_or(low), best: best.unwrap_or(high) })
    }

    /// A value on the scale: 0 where it is not known, 1 where the scale has no length.
    pub fn scaled(self, value: f64) -> f64 {
        if value.is_nan() {
            return 0.0;
        }
        let length = self.best - self.worst;
        if length == 0.0 { 1.0 } else { ((value - self.worst) / length).clamp(0.0, 1.0) }
    }
}

/// The places of the alternatives in their order: by score, of equal ones as they stand.
pub fn order(scores: &[f64]) -> Vec<u32> {
    let mut order: Vec<u32> = (0..scores.len() as u32).collect();
    order.sort_unstable_by(|a, b| scores[*b as usize].total_cmp(&scores[*a as usize]).then(a.cmp(b)));
    order
}

/// How often an alternative was first, and among the first [`FIRST`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Firmness {
    /// First.
    pub first: u32,
    /// Among the first ones.
    pub among: u32,
}

/// How often each alternative is first under other weights: each weight is multiplied by a random number of the exponential distribution,
/// so that of equal weights every mixture is as likely (Dirichlet with parameters 1). `scaled` holds the criteria of each alternative one
/// after the other. The random numbers of a draw begin at the seed and the number of the draw: threads do not show.
pub fn firmness(scaled: &[f64], weights: &[f64], draws: usize, seed: u64) -> Vec<Firmness> {
    let criteria = weights.len().max(1);
    let mut out = vec![Firmness::default(); scaled.len() / criteria];
    // criteria of alternatives beside each other; what is missing at the end is no alternative
    let mut lanes = vec![[0.0; LANES]; out.len().div_ceil(LANES) * criteria];
    for (place, alternative) in scaled.chunks_exact(criteria).enumerate() {
        for (at, value) in alternative.iter().enumerate() {
            lanes[place / LANES * criteria + at][place % LANES] = *value;
        }
    }
    let number_of_all = out.len();
    let draw = |number: usize| {
        let mut random = Rand64::new((u128::from(seed) << 64) | number as u128);
        let drawn: Vec<f64> = weights.iter().map(|weight| weight * -(1.0 - random.rand_float()).ln()).collect();
        let mut first = [(f64::NEG_INFINITY, usize::MAX); FIRST];
        for (block, columns) in lanes.chunks_exact(criteria).enumerate() {
            let mut scores = [0.0; LANES];
            for (values, weight) in columns.iter().zip(&drawn) {
                for (score, value) in scores.iter_mut().zip(values) {
                    *score += value * weight;
                }
            }
            for (place, score) in (block * LANES..number_of_all).zip(scores) {
                // of equal ones the one that stands first stays first
                if score > first[FIRST - 1].0 {
                    let at = first.partition_point(|(other, _)| *other >= score);
                    first[at..].rotate_right(1);
                    first[at] = (score, place);
                }
            }
        }
        first.map(|(_, place)| place)
    };
    let found = cancel::pieces(draws, PIECE, |numbers| numbers.map(draw).collect::<Vec<_>>());
    for first in found.into_iter().flatten() {
        for (at, place) in first.into_iter().enumerate().filter(|(_, place)| *place != usize::MAX) {
            out[place].among += 1;
            out[place].first += u32::from(at == 0);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    #[expect(clippy::float_cmp, reason = "both are worked out alike")]
    fn values_are_scaled_between_worst_and_best() {
        let values = [2.0, f64::NAN, 6.0, 4.0];
        let more = Scale::of(&values, true, [None, None]).unwrap();
        assert_eq!(values.map(|v| more.scaled(v)), [0.0, 0.0, 1.0, 0.5]);
        let less = Scale::of(&values, false, [None, None]).unwrap();
        assert_eq!(values.map(|v| less.scaled(v)), [1.0, 0.0, 0.0, 0.5]);
        let given = Scale::of(&values, false, [Some(5.0), Some(0.0)]).unwrap();
        assert_eq!(values.map(|v| given.scaled(v)), [0.6, 0.0, 0.0, 0.2]);
        assert_eq!(Scale::of(&[3.0, 3.0], true, [None, None]).unwrap().scaled(3.0), 1.0);
        assert_eq!(Scale::of(&[f64::NAN], true, [None, None]), None);
    }

    #[test]
    fn what_is_best_in_all_is_always_first_and_of_two_rivals_each_half_the_time() {
        let found = firmness(&[1.0, 1.0, 0.5, 0.5, 0.2, 0.1, 0.0, 0.4], &[1.0, 1.0], 500, 7);
        assert_eq!((found[0].first, found[0].among, found[1].among), (500, 500, 500));
        let rivals = firmness(&[1.0, 0.0, 0.0, 1.0], &[1.0, 1.0], 2000, 7);
        assert!(rivals.iter().all(|of| of.among == 2000 && (900..1100).contains(&of.first)), "{rivals:?}");
        // three times the weight: the other is larger in a quarter of the draws
        let uneven = firmness(&[1.0, 0.0, 0.0, 1.0], &[3.0, 1.0], 2000, 7);
        assert!((420..580).contains(&uneven[1].first), "{uneven:?}");
        assert_ne!(firmness(&[1.0, 0.0, 0.0, 1.0], &[1.0, 1.0], 2000, 8), rivals);
    }

    /// The same, each alternative by itself and all of them sorted.
    fn plain(scaled: &[f64], weights: &[f64], draws: usize, seed: u64) -> Vec<Firmness> {
        let mut out = vec![Firmness::default(); scaled.len() / weights.len()];
        for number in 0..draws {
            let mut random = Rand64::new((u128::from(seed) << 64) | number as u128);
            let drawn: Vec<f64> = weights.iter().map(|weight| weight * -(1.0 - random.rand_float()).ln()).collect();
            let score = |of: &[f64]| of.iter().zip(&drawn).map(|(value, weight)| value * weight).sum::<f64>();
            let scores: Vec<f64> = scaled.chunks_exact(weights.len()).map(score).collect();
            for (at, place) in order(&scores).into_iter().take(FIRST).enumerate() {
                out[place as usize].among += 1;
                out[place as usize].first += u32::from(at == 0);
            }
        }
        out
    }

    proptest! {
        #[test]
        fn each_draw_has_one_first_and_the_others_after_it(
            scaled in proptest::collection::vec(0u8..4, 3..90),
            weights in proptest::collection::vec(0.1f64..3.0, 3),
            seed: u64,
        ) {
            let scaled: Vec<f64> = scaled.into_iter().map(|v| f64::from(v) / 3.0).collect();
            let found = firmness(&scaled, &weights, 40, seed);
            let alternatives = scaled.len() / 3;
            prop_assert_eq!(found.len(), alternatives);
            prop_assert_eq!(found.iter().map(|of| of.first).sum::<u32>(), 40);
            prop_assert_eq!(found.iter().map(|of| of.among).sum::<u32>(), 40 * alternatives.min(FIRST) as u32);
            prop_assert_eq!(&firmness(&scaled, &weights, 40, seed), &found);
            prop_assert_eq!(plain(&scaled, &weights, 40, seed), found);
        }
    }
}
