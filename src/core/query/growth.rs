//! How sums changed from the year before, and of quarters and months from the period right before, like for like: over the
//! rows that are there and have a value in both periods. The change of all sums would be of reporting, too.

use super::disclosure::hides_growth;
use super::sums::{Part, Summing, Sums};
use super::{Amounts, Growth, Query, QueryError};
use crate::model::{Period, Text};
use crate::snapshot::{Register, Snapshot};
use std::collections::BTreeSet;

impl Query {
    /// The period that changes are asked to be counted from, where there are figures of it and it is of the length of the
    /// period in question and before it.
    pub(super) fn earlier(&self, snapshot: &Snapshot, since: Period) -> Result<Period, QueryError> {
        let now = self.shown_period(snapshot);
        let known: Vec<Period> = snapshot.describe().periods_like(now);
        let known: Vec<Period> = known.into_iter().filter(|period| now.is_some_and(|now| *period < now)).collect();
        if known.contains(&since) {
            return Ok(since);
        }
        let list = known.iter().map(Period::to_string).collect::<Vec<_>>().join(", ");
        let now = now.map_or_else(|| "-".to_owned(), |now| now.to_string());
        Err(QueryError::Since(if known.is_empty() {
            Text::new(
                format!("{now} 之前没有同样长短的时期,不能计算变化"),
                format!("there is no period of the same length before {now} to count changes from"),
            )
        } else {
            Text::new(
                format!("{since} 不是 {now} 之前同样长短的时期,可选 {list}"),
                format!("{since} is no period before {now} and of its length; known: {list}"),
            )
        }))
    }

    /// The periods of the figures in question, each with the same question of an earlier period that there are figures of.
    pub(super) fn before(&self, snapshot: &Snapshot, register: &Register) -> Vec<(Period, Self)> {
        if !self.growth || !self.by_period {
            return vec![];
        }
        let question =
            Self { growth: false, since: None, statistics: false, spread: false, outline: false, ..self.clone() };
        let shown: BTreeSet<Period> = register.metrics.iter().filter_map(|m| m.period(self.period)).collect();
        let mut out = Vec::new();
        for now in shown {
            let usual = [now.year_before(), now.previous().filter(|_| now.whole_year().is_none())];
            for before in self.since.map_or(usual, |since| [Some(since).filter(|since| *since < now), None]) {
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
    /// Whether that is the period asked for.
    asked: bool,
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
        let pairs = Summing::pairs(snapshot, register, query, [now, before]);
        Some(Self { now, before, asked: query.since.is_some(), pairs })
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
            if self.asked || self.now.year_before() == Some(self.before) {
                amount.growth = growth;
            } else {
                amount.growth_on_previous = growth;
            }
        }
    }
}
