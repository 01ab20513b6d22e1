//! Tail sums of the binomial and the hypergeometric distribution, exact to the last digits of a `f64` for any size: the
//! terms are summed outwards from the largest, each from its neighbour, so that no logarithm of a factorial is needed.

use crate::cancel;

/// What a whole number's distribution has below, at and above one value; they add up to 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Tails {
    /// Probability of a smaller value.
    pub below: f64,
    /// Probability of the value.
    pub at: f64,
    /// Probability of a larger value.
    pub above: f64,
}

impl Tails {
    /// Probability of the value or a smaller one.
    pub fn at_most(self) -> f64 {
        (self.below + self.at).min(1.0)
    }

    /// Probability of the value or a larger one.
    pub fn at_least(self) -> f64 {
        (self.above + self.at).min(1.0)
    }

    /// Twice the smaller tail, at most 1: the two-sided p-value of an exact test.
    pub fn two_sided(self) -> f64 {
        (2.0 * self.at_most().min(self.at_least())).min(1.0)
    }

    /// The tails about `value` of a distribution on `low..=high` with one peak, by the ratio of each probability to the one
    /// before: `ratio(x) = P(x + 1) / P(x)`, which falls with x.
    fn of(low: u64, high: u64, peak: u64, value: u64, ratio: impl Fn(u64) -> f64) -> Self {
        /// Terms below this part of what was summed no longer show.
        const NOTHING: f64 = 1e-19;
        let mut sums = Self { below: 0.0, at: 0.0, above: 0.0 };
        let mut add = |x: u64, term: f64| {
            let sum = match x.cmp(&value) {
                std::cmp::Ordering::Less => &mut sums.below,
                std::cmp::Ordering::Equal => &mut sums.at,
                std::cmp::Ordering::Greater => &mut sums.above,
            };
            *sum += term;
            // the smaller part must be exact, too: it is the p-value
            term > NOTHING * *sum && term > 0.0
        };
        let peak = peak.clamp(low, high);
        let (mut x, mut term) = (peak, 1.0);
        while add(x, term) || (x < value && term > 0.0) {
            if x == high {
                break;
            }
            if x.is_multiple_of(1 << 12) {
                cancel::check();
            }
            term *= ratio(x);
            x += 1;
        }
        let (mut x, mut term) = (peak, 1.0);
        while x > low {
            x -= 1;
            // not a quotient of the term: each reciprocal is there before the term is
            term *= 1.0 / ratio(x);
            if x.is_multiple_of(1 << 12) {
                cancel::check();
            }
            if !add(x, term) && (x <= value || term == 0.0) {
                break;
            }
        }
        let all = sums.below + sums.at + sums.above;
        Self { below: sums.below / all, at: sums.at / all, above: sums.above / all }
    }
}

/// The tails about `k` successes in `n` trials of probability `p`, 0 < p < 1.
pub fn binomial(n: u64, p: f64, k: u64) -> Tails {
    let odds = p / (1.0 - p);
    let peak = ((n + 1) as f64 * p) as u64;
    Tails::of(0, n, peak, k, |x| odds * (n - x) as f64 / (x + 1) as f64)
}

/// The tails about `k` marked ones in `n` that are drawn without return from `whole`, of which `marked` are marked.
/// `n` and `marked` are at most `whole`.
pub fn hypergeometric(whole: u64, marked: u64, n: u64, k: u64) -> Tails {
    let (low, high) = ((n + marked).saturating_sub(whole), n.min(marked));
    let peak = ((n + 1) as f64 * (marked + 1) as f64 / (whole + 2) as f64) as u64;
    // whole - marked - n + x + 1 without an intermediate below zero
    let unmarked_left = |x: u64| (whole + x + 1 - marked - n) as f64;
    Tails::of(low, high, peak, k, |x| ((marked - x) as f64 * (n - x) as f64) / ((x + 1) as f64 * unmarked_left(x)))
}

/// The probabilities at which `k` successes in `n` trials are just not too many and just not too few, each side with half of
/// `1 - confidence`: the interval of Clopper and Pearson (1934). It covers the true probability at least that often, whatever
/// that is; with few trials it is wider than it need be.
pub fn clopper_pearson(n: u64, k: u64, confidence: f64) -> (f64, f64) {
    let half = (1.0 - confidence) / 2.0;
    let low = if k == 0 { 0.0 } else { probability(n, k, half, Tails::at_least) };
    let high = if k == n { 1.0 } else { 1.0 - probability(n, n - k, half, Tails::at_least) };
    (low, high)
}

/// The probability p at which `tail(binomial(n, p, k))`, which grows with p, is `wanted`: Newton's steps inside a bracket.
pub(super) fn probability(n: u64, k: u64, wanted: f64, mut tail: impl FnMut(Tails) -> f64) -> f64 {
    /// A step of this part of p and of 1 - p leaves an error of its square, which no `f64` shows.
    const SMALL: f64 = 1e-9;
    let (mut low, mut high) = (0.0_f64, 1.0_f64);
    let mut p = beta_quantile(k as f64, (n - k + 1) as f64, wanted);
    for _ in 0..200 {
        let tails = binomial(n, p, k);
        let over = tail(tails) - wanted;
        // the slope of the upper tail of the binomial distribution
        let next = p - over / (tails.at * k as f64 / p);
        // before the bracket is looked at: where p is the solution, no step leads into the bracket
        if (next - p).abs() <= SMALL * p.min(1.0 - p) {
            return next;
        }
        if over > 0.0 {
            high = p;
        } else {
            low = p;
        }
        p = if next > low && next < high { next } else { f64::midpoint(low, high) };
    }
    p
}

/// About where a beta distribution with `a` and `b` of at least 1 has `tail`, at most a half, below it: formulas 26.5.22 and, for
/// the normal distribution, 26.2.23 of Abramowitz and Stegun (1964). Within a thousandth, but for small `a`; a place to begin.
fn beta_quantile(a: f64, b: f64, tail: f64) -> f64 {
    let t = (-2.0 * tail.ln()).sqrt();
    let deviations = t
        - (2.515_517 + t * (0.802_853 + t * 0.010_328)) / (1.0 + t * (1.432_788 + t * (0.189_269 + t * 0.001_308)));
    let (of_a, of_b) = (1.0 / (2.0 * a - 1.0), 1.0 / (2.0 * b - 1.0));
    let (h, l) = (2.0 / (of_a + of_b), (deviations * deviations - 3.0) / 6.0);
    let w = deviations * (h + l).sqrt() / h - (of_b - of_a) * (l + 5.0 / 6.0 - 2.0 / (3.0 * h));
    (a / (a + b * (2.0 * w).exp())).clamp(f64::MIN_POSITIVE, 1.0 - 1e-12)
}

/// The two-sided p-value of a number of standard deviations.
pub fn normal(deviations: f64) -> f64 {
    libm::erfc(deviations.abs() / std::f64::consts::SQRT_2)
}
