//! Chance that falls alike on every machine: only IEEE additions, products, quotients and roots, never `libm`.

use oorandom::Rand64;

/// A stream of random draws.
pub(super) struct Chance(Rand64);

impl Chance {
    pub(super) fn new(seed: u64) -> Self {
        Self(Rand64::new(u128::from(seed)))
    }

    /// A stream of a row's own: what is drawn from it changes nothing else.
    pub(super) fn of_row(seed: u64, number: u64) -> Self {
        Self(Rand64::new(u128::from(seed) << 64 | u128::from(number)))
    }

    /// Uniform in `0..1`.
    pub(super) fn unit(&mut self) -> f64 {
        self.0.rand_float()
    }

    /// True with this probability.
    pub(super) fn hit(&mut self, probability: f64) -> bool {
        self.unit() < probability
    }

    /// Uniform in `0..n`, 0 for an empty range.
    pub(super) fn below(&mut self, n: usize) -> usize {
        if n < 2 { 0 } else { self.0.rand_range(0..n as u64) as usize }
    }

    /// Nearly normal with mean 0 and deviation 1: the sum of six uniform draws, so never beyond 4.3.
    pub(super) fn normal(&mut self) -> f64 {
        let sum: f64 = (0..6).map(|_| self.unit()).sum();
        (sum - 3.0) * std::f64::consts::SQRT_2
    }

    /// Log-normal around `median`.
    pub(super) fn spread(&mut self, median: f64, sigma: f64) -> f64 {
        median * exp(sigma * self.normal())
    }
}

/// `e^x` to about 1 % for |x| < 6, by ten squarings.
fn exp(x: f64) -> f64 {
    (0..10).fold(1.0 + x / 1024.0, |y, _| y * y)
}

/// Cosine of an angle in degrees within -90..90, by its series.
pub(super) fn cos_degrees(degrees: f64) -> f64 {
    let x2 = degrees.to_radians() * degrees.to_radians();
    1.0 - x2 / 2.0 * (1.0 - x2 / 12.0 * (1.0 - x2 / 30.0 * (1.0 - x2 / 56.0)))
}

/// A choice among things of unequal weight.
pub(super) struct Weights(Vec<f64>);

impl Weights {
    pub(super) fn new(weights: impl IntoIterator<Item = f64>) -> Self {
        let running = weights.into_iter().scan(0.0, |sum, w| {
            *sum += w;
            Some(*sum)
        });
        Self(running.collect())
    }

    /// Nothing to choose from.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The index of one of them; 0 when there are none.
    pub(super) fn pick(&self, chance: &mut Chance) -> usize {
        let at = chance.unit() * self.0.last().copied().unwrap_or(0.0);
        self.0.partition_point(|&w| w <= at).min(self.0.len().saturating_sub(1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn own_functions_are_close_to_the_real_ones() {
        for i in -50..=50 {
            let x = f64::from(i) / 10.0;
            assert!((exp(x) / x.exp() - 1.0).abs() < 0.015, "{x}");
        }
        for degrees in [-60.0, 0.0, 30.25, 89.0] {
            assert!((cos_degrees(degrees) - degrees.to_radians().cos()).abs() < 1e-3, "{degrees}");
        }
        let mut chance = Chance::new(7);
        let draws: Vec<f64> = (0..20_000).map(|_| chance.normal()).collect();
        let mean = draws.iter().sum::<f64>() / 20_000.0;
        let variance = draws.iter().map(|d| d * d).sum::<f64>() / 20_000.0;
        assert!(mean.abs() < 0.03 && (variance - 1.0).abs() < 0.05, "{mean} {variance}");
    }

    #[test]
    fn weights_are_kept() {
        let (weights, mut chance) = (Weights::new([1.0, 0.0, 3.0]), Chance::new(1));
        let mut hits = [0; 3];
        (0..10_000).for_each(|_| hits[weights.pick(&mut chance)] += 1);
        assert!(hits[1] == 0 && (2300..2700).contains(&hits[0]), "{hits:?}");
    }
}
