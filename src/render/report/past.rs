//! What the summary is compared with: other years, and the rows that are counted apart.

use crate::core::filter::{Expr, Op};
use crate::core::model::MetricSpec;
use crate::core::query::{Amount, Bound, QueryError, Summary};

/// Summaries to compare the report with.
#[derive(Debug, Default)]
pub(super) struct Past {
    /// The answers of every year that has figures of any metric, oldest first.
    pub(super) years: Vec<(u16, Summary)>,
    /// Only the rows that the manifest wants counted apart.
    pub(super) subset: Option<Summary>,
}

impl Past {
    /// Asks the same question about other years and about those counted apart.
    pub(super) fn new(bound: &Bound) -> Result<Self, QueryError> {
        let register = bound.describe().register.as_ref().ok_or(QueryError::NoRegister)?;
        let mut past = Self { subset: subset(bound)?, ..Self::default() };
        for &year in &register.years {
            past.years.push((year, bound.in_year(year)?.summarize()?));
        }
        past.years.sort_by_key(|y| y.0);
        Ok(past)
    }

    /// The sums of a metric in the years for which it has figures.
    pub(super) fn of<'a>(&'a self, metric: &'a MetricSpec) -> impl Iterator<Item = (u16, &'a Amount)> {
        let years = self.years.iter().filter(|(year, _)| metric.columns.contains_key(year));
        years.filter_map(|(year, summary)| Some((*year, summary.totals.get(&metric.id)?)))
    }

    /// The answer of the year before another, where the metric has figures of both.
    pub(super) fn before(&self, year: Option<u16>, metric: &MetricSpec) -> Option<&Summary> {
        let before = year?.checked_sub(1).filter(|before| metric.columns.contains_key(before))?;
        self.years.iter().find(|(year, _)| *year == before).map(|(_, summary)| summary)
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
