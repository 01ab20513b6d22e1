//! What the summary is compared with: the year before, all years, and the enterprises above designated size.

use crate::core::model::{MetricSpec, PropertyType};
use crate::core::query::{Amount, Amounts, Bound, QueryError, Summary};

/// The property that says whether an enterprise is above designated size (规上), where a register has it.
const LARGE: &str = "above_scale";

/// Summaries to compare the report with.
#[derive(Debug, Default)]
pub(super) struct Past {
    /// The year before, where there are figures for it.
    pub(super) before: Option<Summary>,
    /// Sums of every metric in every year that has figures, oldest first.
    pub(super) years: Vec<(u16, Amounts)>,
    /// Only enterprises above designated size.
    pub(super) large: Option<Summary>,
}

impl Past {
    /// Asks the same question about other years and about the large ones.
    pub(super) fn new(bound: &Bound) -> Result<Self, QueryError> {
        let register = bound.describe().register.as_ref().ok_or(QueryError::NoRegister)?;
        let mut past = Self { large: large(bound)?, ..Self::default() };
        for &year in &register.years {
            let summary = bound.in_year(year)?.summarize()?;
            past.years.push((year, summary.totals.clone()));
            if year + 1 == bound.year() {
                past.before = Some(summary);
            }
        }
        past.years.sort_by_key(|y| y.0);
        Ok(past)
    }

    /// The sums of a metric in the years for which it has figures.
    pub(super) fn of<'a>(&'a self, metric: &'a MetricSpec) -> impl Iterator<Item = (u16, &'a Amount)> {
        let years = self.years.iter().filter(|(year, _)| metric.columns.contains_key(year));
        years.filter_map(|(year, amounts)| Some((*year, amounts.get(&metric.id)?)))
    }

    /// The year before.
    pub(super) fn year(&self) -> Option<u16> {
        self.before.as_ref().map(|b| b.year)
    }
}

fn large(bound: &Bound) -> Result<Option<Summary>, QueryError> {
    let spec = &bound.describe().collections[bound.collection()].spec;
    let visible = |property: usize| bound.disclosure().shows(spec, property);
    if !spec.property(LARGE).is_some_and(|(place, p)| p.ty == PropertyType::Boolean && visible(place)) {
        return Ok(None);
    }
    bound.having(LARGE, "true")?.summarize().map(Some)
}
