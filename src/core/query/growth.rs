//! How sums changed from the year before, and of quarters and months from the period right before, like for like: over the
//! rows that are there and have a value in both periods. The change of all sums would be of reporting, too.

use super::disclosure::hides_growth;
use super::sums::{Part, Summing, Sums};
use super::{Amounts, Growth, Query};
use crate::core::model::Period;
use crate::core::snapshot::{Register, Snapshot};
use std::collections::BTreeSet;

impl Query {
    /// The periods of the figures in question, each with the same question of an earlier period that there are figures of.
    pub(super) fn before(&self, snapshot: &Snapshot, register: &Register) -> Vec<(Period, Self)> {
        if !self.growth || !self.by_period {
            return vec![];
        }
        let question = Self { growth: false, statistics: false, spread: false, outline: false, ..self.clone() };
        let shown: BTreeSet<Period> = register.metrics.iter().filter_map(|m| m.period(self.period)).collect();
        let mut out = Vec::new();
        for now in shown {
            for before in [now.year_before(), now.previous().filter(|_| now.whole_year().is_none())] {
                let known = |period: &Period| register.metrics.iter().any(|m| m.period(Some(*period)).is_some());
                let before = before.filter(known).and_then(|b| question.clone().with_period(snapshot, b).ok());
                out.extend(before.map(|before| (now, before)));
            }
        }
        out
    }
}

/// What the sums of a question are compared with.
pub(super) struct Earlier<'a> {
    now: Period,
    before: Period,
    pairs: Summing<'a>,
}

impl<'a> Earlier<'a> {
    /// Of a question whose figures are of the period `now`, and the same of an earlier one.
    pub(super) fn new(
        snapshot: &'a Snapshot,
        register: &'a Register,
        query: &'a Query,
        (now, before): (Period, &Query),
    ) -> Option<Self> {
        let before = before.period?;
        Some(Self { now, before, pairs: Summing::pairs(snapshot, register, query, [now, before]) })
    }

    /// The rows that have values in both periods.
    pub(super) fn pairs(&self) -> &Summing<'a> {
        &self.pairs
    }

    /// Says of each sum how it changed. `before` are the sums of the same rows' question of the earlier period, of `rows`
    /// rows, with what may not leave withheld; `pairs` the rows that have values in both periods.
    pub(super) fn compare(&self, now: &mut Amounts, before: &Amounts, rows: u64, pairs: &Sums, part: Part) {
        for (metric, (id, amount)) in now.iter_mut().enumerate() {
            let Some(then) = before.get(id).filter(|then| then.period == Some(self.before)) else { continue };
            if amount.period != Some(self.now) {
                continue;
            }
            let pair = pairs.pair(metric, part);
            let withheld = pair.both > 0 && hides_growth(amount, then, &pair);
            let rate = (pair.before > 0.0 && !withheld).then(|| pair.now / pair.before - 1.0);
            let (period, reported, both) = (self.before, then.reported, pair.both);
            let growth = Some(Growth { period, rate, both, reported, rows, withheld });
            if self.now.year_before() == Some(self.before) {
                amount.growth = growth;
            } else {
                amount.growth_on_previous = growth;
            }
        }
    }
}
