//! Restricted figures as readers may use them who may not see single rows: every value carries noise that belongs to its
//! record, and the sums of safe cells of the fixed zones are calibrated to the true ones.
//!
//! The method is the multiplicative noise of Evans, Zayatz and Slanta (1998) with permanent record keys, and raking. All
//! answers to such readers are made of these figures, so no number of questions, however they overlap, finds more than the
//! figure with its noise: `docs/adr/0032-disclosure.md` says what that protects against and what it does not.

use super::derived::Derived;
use super::layer::Layer;
use super::register::Register;
use crate::cancel;
use crate::columns::{Bitmap, Column, Integers};
use crate::model::{DisclosureRules, Period};
use rustc_hash::FxHashSet;
use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

/// Secret from which the noise of each record follows. Who knows it and the method can take the noise off.
pub type NoiseKey = [u8; 16];

/// Passes over all margins. Each brings every margin to its total as far as the least noise allows; a few are enough for
/// those that overlap.
pub(super) const PASSES: usize = 6;

/// The protected figures, each made when it is first requested, or before ([`super::Snapshot::warm_protected`]).
#[derive(Debug, Default)]
pub struct Protection {
    pub(super) key: OnceLock<NoiseKey>,
    /// Per metric, of those that are restricted, by period.
    pub(super) figures: Vec<BTreeMap<Period, OnceLock<Protected>>>,
    /// Per property of the register, whether its values name single enterprises.
    pub(super) near_unique: Vec<OnceLock<bool>>,
}

/// A metric's figures of a period with their noise.
#[derive(Debug, Default)]
pub(crate) struct Protected {
    pub(crate) digits: Integers,
    /// How far the sum of a zone of the partition, or of the whole, is from the true one at most, in per cent; of those
    /// that may be given as they are.
    pub(crate) error_percent: f64,
}

impl Protection {
    pub(super) fn new(layers: &[Arc<Layer>], register: Option<&Register>) -> Self {
        let metrics = register.map_or(&[][..], |r| &r.metrics);
        let periods = |m: &super::Metric| {
            let sums = m.derived.iter().filter(|(_, of)| matches!(of, Derived::Sum(_))).map(|(period, _)| period);
            let periods = m.columns.keys().chain(sums).filter(|_| m.restricted);
            periods.map(|period| (*period, OnceLock::new())).collect()
        };
        let properties = register.map_or(0, |r| layers[r.layer].spec.properties.len());
        let near_unique = (0..properties).map(|_| OnceLock::new()).collect();
        Self { figures: metrics.iter().map(periods).collect(), near_unique, ..Self::default() }
    }
}

/// Whether a text of the column stands in fewer than `minimum` rows, in the mean.
pub(super) fn is_near_unique(column: &Column, minimum: u64) -> bool {
    let (rows, distinct) = match column {
        Column::Text(..) => {
            let values = || (0..column.len()).filter_map(|row| column.text(row));
            (values().count(), values().collect::<FxHashSet<_>>().len())
        }
        Column::Words(words, valid) => (valid.as_ref().map_or(column.len(), Bitmap::count), words.words.len()),
        Column::Strings(lists, _) => ((0..column.len()).map(|row| lists.codes(row).count()).sum(), lists.words().len()),
        // of numbers and dates only ranges are of use
        _ => return false,
    };
    rows > 0 && (rows as u64) < minimum * distinct as u64
}

pub(super) fn integers(column: &Column) -> Option<(&Integers, Option<&Bitmap>)> {
    match column {
        Column::Integer(digits, valid) => Some((digits, valid.as_ref())),
        Column::Decimal(d, valid) => Some((&d.digits, valid.as_ref())),
        _ => None,
    }
}

/// Whether a sum of these contributions may be given as it is: enough of them, and none that the others could estimate
/// (p% rule) or that is most of it ((n, k) rule). The contributions are the largest, as many as the rules need.
pub(crate) fn is_sensitive(rules: &DisclosureRules, reported: u64, sum: f64, largest: &[f64]) -> bool {
    if reported == 0 {
        return false;
    }
    let [first, second] = [0, 1].map(|i| largest.get(i).copied().unwrap_or(0.0));
    let rest = sum - first - second;
    let dominant: f64 = largest.iter().take(rules.dominance_n).sum();
    let (p, k) = (rules.p_percent / 100.0, rules.dominance_percent / 100.0);
    // where all are zero there is nothing to estimate
    reported < rules.minimum || (first > 0.0 && (rest < p * first || dominant > k * sum))
}

/// How many of the largest contributions the rules look at.
pub(crate) fn contributions(rules: &DisclosureRules) -> usize {
    rules.dominance_n.max(2)
}

/// Keeps the largest of the absolute values seen, descending.
pub(crate) fn keep_largest(largest: &mut [f64], value: f64) {
    let mut value = value.abs();
    for place in largest {
        if value > *place {
            std::mem::swap(place, &mut value);
        }
    }
}

/// A factor for each value, at least so far from 1 as the rules say and always on the same side of it.
pub(super) struct Noise<'a> {
    rules: DisclosureRules,
    values: &'a [f64],
    factors: Vec<f64>,
}

impl<'a> Noise<'a> {
    pub(super) fn new(
        rules: DisclosureRules,
        values: &'a [f64],
        rows: &[u32],
        record_key: impl Fn(usize) -> u64,
    ) -> Self {
        let (least, most) = (rules.noise_least_percent / 100.0, rules.noise_most_percent / 100.0);
        let mut factors = vec![1.0; values.len()];
        for &row in rows {
            let key = record_key(row as usize);
            let size = least + (most - least) * ((key >> 11) as f64 / (1u64 << 53) as f64);
            factors[row as usize] = if key & 1 == 0 { 1.0 + size } else { 1.0 - size };
        }
        Self { rules, values, factors }
    }

    /// How far a factor may go on its side of 1: nearest to 1, farthest.
    fn range(&self, row: usize) -> (f64, f64) {
        let (least, most) = (self.rules.noise_least_percent / 100.0, self.rules.noise_most_percent / 100.0);
        if self.factors[row] > 1.0 { (1.0 + least, 1.0 + most) } else { (1.0 - least, 1.0 - most) }
    }

    /// The true sums of a margin. They stay the same, however often the noise is brought to them.
    pub(super) fn margin(&self, rows: Vec<u32>, group_of: &[u8], groups: usize) -> Margin {
        let mut cells = vec![Cell::default(); groups];
        let mut all = Cell::default();
        let contributions = contributions(&self.rules);
        for &row in &rows {
            let (row, value) = (row as usize, self.values[row as usize]);
            for cell in [&mut cells[usize::from(group_of[row])], &mut all] {
                cell.add(value, contributions);
            }
        }
        let safe = |c: &Cell| (!is_sensitive(&self.rules, c.count, c.magnitude, &c.largest)).then_some(c.sum);
        Margin { cells: cells.iter().map(safe).collect(), total: safe(&all), rows }
    }

    /// Brings the sums of the safe cells of a margin, and then its own, to the true ones.
    pub(super) fn calibrate(&mut self, margin: &Margin, group_of: &[u8]) {
        cancel::check();
        self.shift(&margin.rows, &margin.cells, |row| usize::from(group_of[row]));
        self.shift(&margin.rows, &[margin.total], |_| 0);
    }

    /// How far the sum with noise is from the true one, in per cent, where that may be given as it is.
    pub(super) fn error_percent(margin: &Margin, digits: &Integers) -> Option<f64> {
        let noisy: f64 = margin.rows.iter().map(|row| digits.get(*row as usize) as f64).sum();
        margin.total.filter(|sum| *sum != 0.0).map(|sum| ((noisy - sum) / sum).abs() * 100.0)
    }

    /// Moves the factors of each group that has a target, all by the same part of the way that they may go, until its sum is
    /// the target.
    fn shift(&mut self, rows: &[u32], targets: &[Option<f64>], group: impl Fn(usize) -> usize) {
        let group = |row: usize| Some(group(row)).filter(|group| targets[*group].is_some());
        let mut sums = vec![0.0; targets.len()];
        let mut up = vec![0.0; targets.len()];
        let mut down = vec![0.0; targets.len()];
        let ends = |this: &Self, row: usize| {
            let (near, far) = this.range(row);
            let (low, high) = (near.min(far), near.max(far));
            // of a negative value a larger factor makes the sum smaller
            if this.values[row] < 0.0 { (high, low) } else { (low, high) }
        };
        for row in rows.iter().map(|row| *row as usize) {
            let Some(group) = group(row) else { continue };
            let (lowest, highest) = ends(self, row);
            let (value, factor) = (self.values[row], self.factors[row]);
            sums[group] += value * factor;
            up[group] += value * (highest - factor);
            down[group] += value * (factor - lowest);
        }
        let part = |group: usize| {
            let missing = targets[group].map_or(0.0, |target| target - sums[group]);
            let room = if missing > 0.0 { up[group] } else { -down[group] };
            // no room: nothing can be moved that way
            if room == 0.0 { 0.0 } else { (missing / room).clamp(0.0, 1.0) * missing.signum() }
        };
        let parts: Vec<f64> = (0..targets.len()).map(part).collect();
        for row in rows.iter().map(|row| *row as usize) {
            let Some(group) = group(row) else { continue };
            let (lowest, highest) = ends(self, row);
            let end = if parts[group] > 0.0 { highest } else { lowest };
            self.factors[row] += (end - self.factors[row]) * parts[group].abs();
        }
    }

    /// The values with their noise as whole numbers. What rounding takes from one is given to the next in the order of the
    /// table, which is that of places, so that it does not add up anywhere.
    pub(super) fn rounded(&self, rows: &[u32]) -> Integers {
        let (least, most) = (self.rules.noise_least_percent / 100.0, self.rules.noise_most_percent / 100.0);
        let mut out = vec![0i64; self.values.len()];
        let mut rest = 0.0;
        for row in rows.iter().map(|row| *row as usize) {
            let (value, factor) = (self.values[row], self.factors[row]);
            let exact = value * factor;
            let (near, far) = ((value.abs() * least).ceil(), (value.abs() * most).ceil());
            // a factor above 1 leads away from zero
            let (low, high) = if (factor > 1.0) == (value > 0.0) { (near, far) } else { (-far, -near) };
            let rounded = (exact + rest).round().clamp(value + low, value + high);
            rest += exact - rounded;
            out[row] = rounded as i64;
        }
        out.into_iter().collect()
    }
}

/// Rows whose sums are known outside: their true sum by group and in all, where that may be given as it is.
pub(super) struct Margin {
    rows: Vec<u32>,
    cells: Vec<Option<f64>>,
    total: Option<f64>,
}

/// What stands behind one sum.
#[derive(Clone, Default)]
struct Cell {
    count: u64,
    sum: f64,
    /// The sum of the absolute values.
    magnitude: f64,
    largest: Vec<f64>,
}

impl Cell {
    fn add(&mut self, value: f64, contributions: usize) {
        self.count += 1;
        self.sum += value;
        self.magnitude += value.abs();
        self.largest.resize(contributions, 0.0);
        keep_largest(&mut self.largest, value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::columns::{ColumnBuilder, ColumnType, Value};
    use proptest::prelude::*;
    use siphasher::sip::SipHasher24;
    use std::hash::Hasher;

    fn noise<'a>(values: &'a [f64], rows: &[u32], seed: u64) -> Noise<'a> {
        let key = move |row: usize| {
            let mut hash = SipHasher24::new_with_keys(seed, 0);
            hash.write_usize(row);
            hash.finish()
        };
        Noise::new(DisclosureRules::default(), values, rows, key)
    }

    proptest! {
        /// No value comes nearer than the least noise or farther than the most, to whole numbers, whatever the margins are;
        /// zeros stay.
        #[test]
        fn no_value_is_within_the_least_noise(
            values in proptest::collection::vec(prop_oneof![Just(0i64), 1i64..20, 20i64..1_000_000_000, -5000i64..0], 1..200),
            cut in 1usize..6,
            seed: u64,
        ) {
            let rows: Vec<u32> = (0..values.len() as u32).collect();
            let exact: Vec<f64> = values.iter().map(|v| *v as f64).collect();
            let group_of: Vec<u8> = rows.iter().map(|row| (row % 3) as u8).collect();
            let mut noise = noise(&exact, &rows, seed);
            let margins = rows.chunks(values.len().div_ceil(cut)).chain([&rows[..]]);
            let margins: Vec<Margin> = margins.map(|rows| noise.margin(rows.to_vec(), &group_of, 3)).collect();
            for _ in 0..PASSES {
                margins.iter().for_each(|margin| noise.calibrate(margin, &group_of));
            }
            let noisy = noise.rounded(&rows);
            for (row, value) in values.iter().enumerate() {
                let distance = (noisy.get(row) - value).unsigned_abs();
                let size = value.unsigned_abs();
                let (least, most) = ((size * 15).div_ceil(100), (size * 60).div_ceil(100));
                // percentages are not exact in binary
                prop_assert!(distance + 1 >= least && distance <= most + 1, "{value} became {}", noisy.get(row));
                prop_assert!(*value == 0 || distance > 0);
                prop_assert!(noisy.get(row).signum() * value.signum() >= 0, "{value} became {}", noisy.get(row));
            }
        }

        /// Where nobody dominates, cells and their total are met within a thousandth.
        #[test]
        fn margins_of_many_are_met(values in proptest::collection::vec(1000i64..100_000, 200..400), seed: u64) {
            let rows: Vec<u32> = (0..values.len() as u32).collect();
            let exact: Vec<f64> = values.iter().map(|v| *v as f64).collect();
            let group_of: Vec<u8> = rows.iter().map(|row| (row % 3) as u8).collect();
            let mut noise = noise(&exact, &rows, seed);
            let margin = noise.margin(rows.clone(), &group_of, 3);
            noise.calibrate(&margin, &group_of);
            let noisy = noise.rounded(&rows);
            for group in 0..4 {
                let of = |row: &usize| group == 3 || usize::from(group_of[*row]) == group;
                let truth: i64 = (0..values.len()).filter(of).map(|row| values[row]).sum();
                let found: i64 = (0..values.len()).filter(of).map(|row| noisy.get(row)).sum();
                prop_assert!((found - truth).unsigned_abs() * 1000 <= truth.unsigned_abs(), "{group}: {truth} {found}");
            }
            prop_assert!(Noise::error_percent(&margin, &noisy).unwrap() < 0.1);
        }
    }

    #[test]
    fn the_rules_name_sensitive_sums() {
        let rules = DisclosureRules::default();
        let sensitive = |figures: &[f64]| {
            let mut largest = vec![0.0; contributions(&rules)];
            figures.iter().for_each(|f| keep_largest(&mut largest, *f));
            is_sensitive(&rules, figures.len() as u64, figures.iter().sum(), &largest)
        };
        assert!(!sensitive(&[]), "nothing is no enterprise's");
        assert!(sensitive(&[5.0, 5.0]), "two are too few");
        assert!(!sensitive(&[5.0, 5.0, 5.0]));
        assert!(!sensitive(&[0.0, 0.0, 0.0]));
        // p%: what is left besides the two largest is below a tenth of the largest
        assert!(sensitive(&[100.0, 100.0, 9.9]) && !sensitive(&[100.0, 50.0, 10.1, 10.1]));
        // (n, k): two have more than 90 %
        assert!(sensitive(&[100.0, 90.0, 7.0, 7.0, 7.0]) && !sensitive(&[100.0, 80.0, 7.0, 7.0, 7.0]));
        assert!(sensitive(&[-100.0, 1.0, 1.0, 1.0]), "losses as gains");
    }

    #[test]
    fn texts_of_few_rows_each_are_near_unique() {
        let words = |texts: &[&str]| {
            let mut column = ColumnBuilder::new(ColumnType::Text);
            texts.iter().for_each(|t| column.push(Value::Text(t)).unwrap());
            column.finish()
        };
        assert!(is_near_unique(&words(&["a", "b", "c", "d"]), 3));
        assert!(!is_near_unique(&words(&["a", "a", "a", "b", "b", "b"]), 3));
    }
}
