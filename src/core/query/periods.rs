//! The figures of an area in every period, in one answer: what a chart over time is drawn from.

use super::answer::{Amounts, AreaInfo};
use super::engine::Bound;
use super::query_error::QueryError;
use crate::cancel;
use crate::model::{Period, year_and_period};
use serde::Serialize;

/// The figures of an area over time.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Series {
    /// Revision of the data.
    pub revision: String,
    /// The period in question, as `year`, where it is one, and `period`.
    #[serde(flatten, serialize_with = "year_and_period")]
    pub period: Option<Period>,
    /// The area.
    pub zone: AreaInfo,
    /// Whether the number of rows follows the period: whether the register has dates.
    pub counts_by_period: bool,
    /// The periods of the dataset that are as long as the one in question, ascending.
    pub periods: Vec<PeriodFigures>,
}

/// The figures of one period.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PeriodFigures {
    /// The period.
    pub period: Period,
    /// Rows that match; `null` where the number does not follow the period.
    pub count: Option<u64>,
    /// Sums by metric; one that the metric is not published for has no period.
    pub amounts: Amounts,
}

/// The figures of the area of a question, in its period and in all others of the same length. Each period is answered as if it
/// were asked by itself, so what may not leave is withheld in each.
pub fn series(bound: &Bound) -> Result<Series, QueryError> {
    let about = bound.describe();
    let period = bound.question().period().or_else(|| about.default_period());
    let question = bound.question().clone().with_growth(false).with_statistics(false);
    let mut counts_by_period = false;
    let mut periods = Vec::new();
    for period in about.periods_like(period) {
        cancel::check();
        let summary = bound.ask(&question.clone().in_period(Some(period)))?.summarize()?;
        let dated = summary.as_of.is_some();
        counts_by_period |= dated;
        let count = dated.then_some(summary.counts.matched);
        periods.push(PeriodFigures { period, count, amounts: summary.totals });
    }
    Ok(Series { revision: about.revision.clone(), period, zone: bound.area(), counts_by_period, periods })
}
