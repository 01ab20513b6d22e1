//! Location quotients: how much larger the share of a class is in an area than in the whole, and how sure that is.

use super::tails::{clopper_pearson, hypergeometric};
use serde::Serialize;

/// How sure an interval is.
pub const CONFIDENCE: f64 = 0.95;
/// The share of false discoveries among many quotients that are called significant.
pub const FALSE_DISCOVERIES: f64 = 0.05;
/// With fewer rows in the area nothing is said.
pub const LEAST_ROWS: u64 = 10;
/// With fewer expected rows of the class in the area nothing is said: the rule of Cochran (1954) for tables of counts.
pub const LEAST_EXPECTED: f64 = 5.0;

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
    fn consistent(self) -> bool {
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
        if !self.consistent() || area == 0 || area == whole || class == 0 || class == whole {
            return None;
        }
        let share = class as f64 / whole as f64;
        let expected = area as f64 * share;
        if area < LEAST_ROWS || expected < LEAST_EXPECTED {
            return Some(QuotientTest { verdict: Verdict::TooFew, expected, low: None, high: None, p: None });
        }
        let (low, high) = clopper_pearson(area, both, CONFIDENCE);
        let (low, high) = (low / share, high / share);
        let verdict = match (low > 1.0, high < 1.0) {
            (true, _) => Verdict::Above,
            (_, true) => Verdict::Below,
            _ => Verdict::NoDifference,
        };
        let p = hypergeometric(whole, class, area, both).two_sided();
        Some(QuotientTest { verdict, expected, low: Some(low), high: Some(high), p: Some(p) })
    }
}
