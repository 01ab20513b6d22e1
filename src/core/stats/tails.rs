//! Tail sums of the binomial and the hypergeometric distribution, exact to the last digits of a `f64` for any size. The terms are
//! summed outwards from the largest, each from its neighbour, so that no logarithm of a factorial is needed. A binomial tail of many
//! trials is a continued fraction instead: a sum has as many terms as the distribution has widths, thousands of a large area.

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

/// Terms below this part of what was summed no longer show.
const NOTHING: f64 = 1e-19;

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

/// Trials from which a continued fraction is quicker than the sum.
const MANY: u64 = 1000;

/// The tails about `k` successes in `n` trials of probability `p`, 0 < p < 1.
pub fn binomial(n: u64, p: f64, k: u64) -> Tails {
    if n < MANY { summed(n, p, k) } else { large(n, p, k) }
}

/// The same, summed.
pub(super) fn summed(n: u64, p: f64, k: u64) -> Tails {
    let odds = p / (1.0 - p);
    let peak = ((n + 1) as f64 * p) as u64;
    Tails::of(0, n, peak, k, |x| odds * (n - x) as f64 / (x + 1) as f64)
}

/// The same of many trials: the smaller tail is an incomplete beta function, the larger what is left.
fn large(n: u64, p: f64, k: u64) -> Tails {
    let (at, q) = (probability_of(n, p, k), 1.0 - p);
    let (hits, misses) = (k as f64, (n - k) as f64);
    if p * (n + 1) as f64 <= hits + 1.0 {
        let above = if k < n { at * p * misses * beta_fraction(hits + 1.0, misses, [p, q]) } else { 0.0 };
        let below = if k > 0 { (1.0 - at - above).max(0.0) } else { 0.0 };
        Tails { below, at, above }
    } else {
        let below = if k > 0 { at * q * hits * beta_fraction(misses + 1.0, hits, [q, p]) } else { 0.0 };
        let above = if k < n { (1.0 - at - below).max(0.0) } else { 0.0 };
        Tails { below, at, above }
    }
}

/// The probability of `k` successes in `n` trials by the distance from what is expected, in which nothing cancels out (Loader 2000).
fn probability_of(n: u64, p: f64, k: u64) -> f64 {
    let (all, q) = (n as f64, 1.0 - p);
    if k == 0 {
        return (all * (-p).ln_1p()).exp();
    }
    if k == n {
        return (all * p.ln()).exp();
    }
    let (hits, misses) = (k as f64, (n - k) as f64);
    let exponent =
        stirling(all) - stirling(hits) - stirling(misses) - deviance(hits, all * p) - deviance(misses, all * q);
    (all / (std::f64::consts::TAU * hits * misses)).sqrt() * exponent.exp()
}

/// What the logarithm of `n!` has beyond Stirling's formula.
fn stirling(n: f64) -> f64 {
    /// The first ones, by Loader.
    const FIRST: [f64; 16] = [
        0.0,
        0.081_061_466_795_327_26,
        0.041_340_695_955_409_29,
        0.027_677_925_684_998_34,
        0.020_790_672_103_765_093,
        0.016_644_691_189_821_193,
        0.013_876_128_823_070_748,
        0.011_896_709_945_891_77,
        0.010_411_265_261_972_096,
        0.009_255_462_182_712_733,
        0.008_330_563_433_362_87,
        0.007_573_675_487_951_841,
        0.006_942_840_107_209_53,
        0.006_408_994_188_004_207,
        0.005_951_370_112_758_848,
        0.005_554_733_551_962_801,
    ];
    if let Some(first) = FIRST.get(n as usize) {
        return *first;
    }
    let square = n * n;
    let terms = [1188.0, -1680.0, 1260.0, -360.0, 12.0];
    terms.into_iter().fold(0.0, |sum, term: f64| sum / square + term.recip()) / n
}

/// `x ln(x / expected) + expected - x`, exact where the two are near.
fn deviance(x: f64, expected: f64) -> f64 {
    let (gap, both) = (x - expected, x + expected);
    if gap.abs() >= 0.1 * both {
        return x * (x / expected).ln() - gap;
    }
    let v = gap / both;
    let (mut sum, mut term, square) = (gap * v, 2.0 * x * v, v * v);
    for odd in (3..).step_by(2) {
        term *= square;
        let next = sum + term / f64::from(odd);
        if (next - sum).abs() <= 0.0 {
            break;
        }
        sum = next;
    }
    sum
}

/// The incomplete beta function of x, where y = 1 - x, over `x^a y^b / B(a, b)`, for x up to a / (a + b): the continued fraction of
/// Didonato and Morris (1992, equation 9), in which nothing cancels out.
fn beta_fraction(a: f64, b: f64, [x, y]: [f64; 2]) -> f64 {
    let beyond = if a > b { (a + b) * y - b } else { a - (a + b) * x };
    let (first, step_of_a) = (1.0 + beyond, 1.0 + 1.0 / a);
    let (mut p, mut s) = (1.0, a + 1.0);
    // the last two numerators and denominators, divided by the last denominator
    let (mut numerators, mut denominators) = ([0.0, 1.0], [1.0, first / step_of_a]);
    let mut value = step_of_a / first;
    for step in 1_u32.. {
        if step.is_multiple_of(1 << 12) {
            cancel::check();
        }
        let m = f64::from(step);
        let (t, w) = (m / a, m * (b - m) * x);
        let e = a / s;
        let alpha = p * (p + b / a) * e * e * (w * x);
        let e = (t + 1.0) / (step_of_a + t + t);
        let beta = m + w / s + e * (first + m * (y + 1.0));
        (p, s) = (t + 1.0, s + 2.0);
        let numerator = alpha * numerators[0] + beta * numerators[1];
        let denominator = alpha * denominators[0] + beta * denominators[1];
        let before = std::mem::replace(&mut value, numerator / denominator);
        if (value - before).abs() <= f64::EPSILON * value {
            break;
        }
        numerators = [numerators[1] / denominator, value];
        denominators = [denominators[1] / denominator, 1.0];
    }
    value
}

/// The tails about `k` marked ones in `n` that are drawn without return from `whole`, of which `marked` are marked.
/// `n` and `marked` are at most `whole`.
pub fn hypergeometric(whole: u64, marked: u64, n: u64, k: u64) -> Tails {
    let least = n.min(marked).min(whole - n).min(whole - marked);
    if least < MANY {
        return drawn(whole, marked, n, k);
    }
    // each is drawn by itself, and as many as were drawn: the probability of drawing drops out
    let p = n as f64 / whole as f64;
    let at = probability_of(marked, p, k) * probability_of(whole - marked, p, n - k) / probability_of(whole, p, n);
    let (low, high, peak, ratio) = draws(whole, marked, n);
    if k >= peak {
        let above = beyond(at, high - k, |step| ratio(k + step));
        let below = if k > low { (1.0 - at - above).max(0.0) } else { 0.0 };
        Tails { below, at, above }
    } else {
        let below = beyond(at, k - low, |step| ratio(k - 1 - step).recip());
        let above = if k < high { (1.0 - at - below).max(0.0) } else { 0.0 };
        Tails { below, at, above }
    }
}

/// The same, summed from the largest term on.
pub(super) fn drawn(whole: u64, marked: u64, n: u64, k: u64) -> Tails {
    let (low, high, peak, ratio) = draws(whole, marked, n);
    Tails::of(low, high, peak, k, ratio)
}

/// The least and the most marked ones that can be drawn, the number that is likeliest, and the ratio of the probability of one more to
/// that of a number.
fn draws(whole: u64, marked: u64, n: u64) -> (u64, u64, u64, impl Fn(u64) -> f64) {
    let (low, high) = ((n + marked).saturating_sub(whole), n.min(marked));
    let peak = ((n + 1) as f64 * (marked + 1) as f64 / (whole + 2) as f64) as u64;
    // whole - marked - n + x + 1 without an intermediate below zero
    let unmarked_left = move |x: u64| (whole + x + 1 - marked - n) as f64;
    (low, high, peak, move |x: u64| ((marked - x) as f64 * (n - x) as f64) / ((x + 1) as f64 * unmarked_left(x)))
}

/// The sum of so many terms at most that follow one, away from the largest, each from the one before.
fn beyond(at: f64, terms: u64, ratio: impl Fn(u64) -> f64) -> f64 {
    let (mut sum, mut term) = (0.0, at);
    for step in 0..terms {
        if step.is_multiple_of(1 << 12) {
            cancel::check();
        }
        term *= ratio(step);
        sum += term;
        if term <= NOTHING * sum {
            break;
        }
    }
    sum
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
    let deviations =
        t - (2.515_517 + t * (0.802_853 + t * 0.010_328)) / (1.0 + t * (1.432_788 + t * (0.189_269 + t * 0.001_308)));
    let (of_a, of_b) = (1.0 / (2.0 * a - 1.0), 1.0 / (2.0 * b - 1.0));
    let (h, l) = (2.0 / (of_a + of_b), (deviations * deviations - 3.0) / 6.0);
    let w = deviations * (h + l).sqrt() / h - (of_b - of_a) * (l + 5.0 / 6.0 - 2.0 / (3.0 * h));
    (a / (a + b * (2.0 * w).exp())).clamp(f64::MIN_POSITIVE, 1.0 - 1e-12)
}

/// The two-sided p-value of a number of standard deviations.
pub fn normal(deviations: f64) -> f64 {
    libm::erfc(deviations.abs() / std::f64::consts::SQRT_2)
}
