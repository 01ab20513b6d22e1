//! What the summary is compared with: other periods, and the rows that are counted apart.

use crate::core::filter::{Expr, Op};
use crate::core::model::{MetricSpec, Period};
use crate::core::query::{Amount, Bound, QueryError, Summary};
use std::collections::BTreeSet;

/// Periods of a metric that a report compares at most: more columns than that nobody reads.
const MOST: usize = 24;

/// Summaries to compare the report with.
#[derive(Debug, Default)]
pub(super) struct Past {
    /// The answers of every period that has figures of any metric, oldest first.
    pub(super) periods: Vec<(Period, Summary)>,
    /// Only the rows that the manifest wants counted apart.
    pub(super) subset: Option<Summary>,
}

impl Past {
    /// Asks the same question about other periods and about those counted apart.
    pub(super) fn new(bound: &Bound) -> Result<Self, QueryError> {
        let register = bound.describe().register.as_ref().ok_or(QueryError::NoRegister)?;
        let mut past = Self { subset: subset(bound)?, ..Self::default() };
        let spec = bound.describe().collections[register.collection].spec.register.as_ref();
        let wanted: BTreeSet<Period> =
            spec.iter().flat_map(|r| &r.metrics).flat_map(|m| m.columns.keys().rev().take(MOST)).copied().collect();
        for &period in register.periods.iter().filter(|period| wanted.contains(period)) {
            past.periods.push((period, bound.in_period(period)?.summarize()?));
        }
        Ok(past)
    }

    /// The sums of a metric in the periods for which it has figures.
    pub(super) fn of<'a>(&'a self, metric: &'a MetricSpec) -> impl Iterator<Item = (Period, &'a Amount)> {
        let last = metric.columns.keys().rev().take(MOST).min();
        let periods = self.periods.iter().filter(|(period, _)| metric.columns.contains_key(period));
        periods
            .filter(move |(period, _)| last.is_some_and(|last| period >= last))
            .filter_map(|(period, summary)| Some((*period, summary.totals.get(&metric.id)?)))
    }
}

fn subset(bound: &Bound) -> Result<Option<Summary>, QueryError> {
    let spec = &bound.describe().collections[bound.collection()].spec;
    let visible = |property: &str| spec.property(property).is_some_and(|(i, _)| bound.disclosure().shows(spec, i));
    let subset = spec.register.as_ref().and_then(|r| r.subset.as_ref()).filter(|s| visible(&s.property));
    let Some(subset) = subset else { return Ok(None) };
    let holds = Expr::Call(Op::Eq, vec![Expr::Property(subset.property.clone()), Expr::Boolean(true)]);
    bound.ask(&bound.question().clone().filtered(holds))?.summarize().map(Some)
}
