//! Location quotients: how much larger the share of a class is in an area than in the whole, and how sure that is.

use super::tails::{clopper_pearson, hypergeometric, normal};
use serde::Serialize;

/// How sure an interval is.
pub const CONFIDENCE: f64 = 0.95;
/// The share of false discoveries among many quotients that are called significant.
pub const FALSE_DISCOVERIES: f64 = 0.05;
/// With fewer rows in the area nothing is said.
pub const LEAST_ROWS: u64 = 10;
/// With fewer expected rows of the class in the area nothing is said: the rule of Cochran (1954) for tables of counts.
pub const LEAST_EXPECTED: f64 = 5.0;
/// The quantile of the normal distribution at [`CONFIDENCE`].
const QUANTILE: f64 = 1.959_963_984_540_054;

/// The four numbers of a quotient.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counts {
    /// Rows of the class in the area.
    pub both: u64,
    /// Rows in the area.
    pub area: u64,
    /// Rows of the class in the whole.
    pub class: u64,
    /// Rows in the whole.
    pub whole: u64,
}

/// What may be said of a quotient.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Too few rows to say anything (样本过少): fewer than [`LEAST_ROWS`] in the area, or fewer than [`LEAST_EXPECTED`] of the
    /// class to be expected there.
    TooFew,
    /// No significant difference from the whole: the interval holds 1.
    NoDifference,
    /// Significantly more than in the whole.
    Above,
    /// Significantly less than in the whole.
    Below,
}

impl Verdict {
    /// What an interval says.
    fn of(low: f64, high: f64) -> Self {
        match (low > 1.0, high < 1.0) {
            (true, _) => Self::Above,
            (_, true) => Self::Below,
            _ => Self::NoDifference,
        }
    }
}

/// How sure a quotient is.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct QuotientTest {
    /// What may be said.
    pub verdict: Verdict,
    /// Rows of the class that the area would have at the share of the whole.
    pub expected: f64,
    /// Lower end of the interval; `null` where there are too few rows.
    pub low: Option<f64>,
    /// Upper end.
    pub high: Option<f64>,
    /// Two-sided p-value; `null` where there are too few rows.
    pub p: Option<f64>,
}

impl Counts {
    /// Whether the four numbers are those of a part of a whole.
    pub fn is_consistent(self) -> bool {
        let Self { both, area, class, whole } = self;
        both <= area && both <= class && area <= whole && class <= whole && class - both <= whole - area
    }

    /// The quotient `(both / area) / (class / whole)`; `None` where a share is undefined or the class is nowhere.
    pub fn quotient(self) -> Option<f64> {
        let defined = self.area > 0 && self.class > 0 && self.whole > 0;
        defined.then(|| (self.both as f64 / self.area as f64) / (self.class as f64 / self.whole as f64))
    }

    /// How sure the quotient is. The interval is that of the area's share by Clopper and Pearson (1934) over the share of the
    /// whole, which is taken as known (a register is a count of all, no sample): it asks what the area's own process makes
    /// likely. The p-value is that of Fisher's exact test (1922) on the four-fold table, both tails by doubling the smaller.
    /// Either can come out significant by itself where the other just is not; what is said follows the interval.
    ///
    /// `None` where the quotient says nothing: the area is the whole, or all rows are of the class.
    pub fn test(self) -> Option<QuotientTest> {
        let Self { both, area, class, whole } = self;
        if !self.is_consistent() || area == 0 || area == whole || class == 0 || class == whole {
            return None;
        }
        let share = class as f64 / whole as f64;
        let expected = area as f64 * share;
        if area < LEAST_ROWS || expected < LEAST_EXPECTED {
            return Some(QuotientTest { verdict: Verdict::TooFew, expected, low: None, high: None, p: None });
        }
        let (low, high) = clopper_pearson(area, both, CONFIDENCE);
        let (low, high) = (low / share, high / share);
        let verdict = Verdict::of(low, high);
        let p = hypergeometric(whole, class, area, both).two_sided();
        Some(QuotientTest { verdict, expected, low: Some(low), high: Some(high), p: Some(p) })
    }
}

/// The values of some rows: their sum, and the sum of their squares.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Sum {
    /// Sum.
    pub value: f64,
    /// Sum of squares; infinite where it is not known, as of one row that is all of the sum.
    pub squares: f64,
}

impl Sum {
    /// How many equal rows would be as sure (Kish 1965).
    fn equal_rows(self) -> f64 {
        if self.squares > 0.0 { self.value * self.value / self.squares } else { 0.0 }
    }
}

/// The four sums of a quotient in which rows are weighed by a figure of theirs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sums {
    /// The same of rows, which decide whether there are enough.
    pub rows: Counts,
    /// Of the class in the area.
    pub both: Sum,
    /// Of the area.
    pub area: Sum,
    /// Of the class in the whole.
    pub class: Sum,
    /// Of the whole.
    pub whole: Sum,
    /// Whether the sums of the area and of the whole are totals from elsewhere, which are taken as known and have no squares.
    pub known: bool,
}

impl Sums {
    /// The quotient `(both / area) / (class / whole)`; `None` where a share is undefined.
    pub fn quotient(self) -> Option<f64> {
        let [both, area, class, whole] = [self.both, self.area, self.class, self.whole].map(|sum| sum.value);
        (area > 0.0 && class > 0.0 && whole > 0.0).then(|| (both / area) / (class / whole))
    }

    /// The variance of the quotient's logarithm where rows are drawn with replacement from those that there are: the counts of the
    /// rows are multinomial, and the logarithm is taken as linear in them (the delta method, as Beyene and Moineddin 2005 do it for
    /// counts). What a row of each of the four parts adds is its value times the derivative by its part, and the mean of these is 0.
    fn variance(self) -> f64 {
        let [both, area, class, whole] = [self.both, self.area, self.class, self.whole];
        let [b, a, c, w] = [both, area, class, whole].map(|sum| sum.value.recip());
        let elsewhere = class.squares - both.squares;
        if self.known {
            return both.squares * (b - c).powi(2) + elsewhere.max(0.0) * c * c;
        }
        let parts = [
            (both.squares, b - a - c + w),
            (area.squares - both.squares, w - a),
            (elsewhere, w - c),
            (whole.squares - area.squares - elsewhere, w),
        ];
        parts.into_iter().map(|(squares, slope)| squares.max(0.0) * slope * slope).sum()
    }

    /// How sure the quotient is: what drawing the rows anew would give (bootstrap), in closed form, so that there is no seed and no
    /// number of draws. The interval is symmetric in the logarithm, p that of the normal distribution.
    ///
    /// Nothing is said of fewer rows than [`Counts::test`] asks for, nor where a few large ones make up the sum of the area or that of
    /// the class in it: as of fewer than [`LEAST_ROWS`] equal rows. Of the class 20 equal rows give the ends of a bootstrap within 10 %,
    /// 10 within a quarter. `None` where the quotient says nothing.
    pub fn test(self) -> Option<QuotientTest> {
        let Counts { area, class, whole, .. } = self.rows;
        let quotient = self.quotient()?;
        if !self.rows.is_consistent() || area == 0 || area == whole || class == 0 || (class == whole && !self.known) {
            return None;
        }
        let expected = area as f64 * (class as f64 / whole as f64);
        let few = area < LEAST_ROWS || expected < LEAST_EXPECTED;
        let least = LEAST_ROWS as f64;
        let large = self.both.equal_rows() < least || (!self.known && self.area.equal_rows() < least);
        if few || large || quotient <= 0.0 {
            return Some(QuotientTest { verdict: Verdict::TooFew, expected, low: None, high: None, p: None });
        }
        let deviation = self.variance().sqrt();
        let [low, high] = [-QUANTILE, QUANTILE].map(|z| quotient * (z * deviation).exp());
        let p = (deviation > 0.0).then(|| normal(quotient.ln() / deviation));
        Some(QuotientTest { verdict: Verdict::of(low, high), expected, low: Some(low), high: Some(high), p })
    }
}
