//! Location quotients of sums in the three states of a trial: more than a zone that is dragged has time for, so they are given where
//! they are asked for.

use super::{Effect, Figures, Pair, Quotient, TrialQuotients, TrialSpec, TrialValue, fault};
use crate::model::Text;
use crate::query::answer::{Note, Summary};
use crate::query::engine::Bound;
use crate::query::query_error::QueryError;
use crate::query::quotients::{Basis, Everywhere, Line, QuotientCell, QuotientTable};
use crate::query::weight::Weight;
use serde::Serialize;

/// Location quotients of a trial with rows weighed by a metric.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct TrialWeighed {
    /// What rows are weighed by.
    pub weight: Weight,
    /// What the quotients are within.
    pub denominator: Text,
    /// The classes of the codelist in its order.
    pub classes: Vec<TrialWeighedClass>,
    /// How they are made, and when nothing is said.
    pub notes: Vec<Note>,
}

/// A class with its rows weighed.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct TrialWeighedClass {
    /// Code.
    pub code: String,
    /// Name.
    pub name: Text,
    /// The sum of the class; `null` where it is missing or withheld.
    pub sum: TrialValue,
    /// Whether a sum that the quotients take is withheld.
    pub withheld: bool,
    /// Location quotient by the metric.
    pub lq: TrialQuotients,
}

/// Those of each metric that is asked for.
pub(super) fn weighed(bound: &Bound, spec: &TrialSpec, pair: &Pair) -> Result<Vec<TrialWeighed>, QueryError> {
    if spec.weights.is_empty() {
        return Ok(vec![]);
    }
    let known = bound.describe().register().and_then(|c| c.spec.register.as_ref());
    let known = known.map(|register| register.metrics.as_slice()).unwrap_or_default();
    for (place, weight) in spec.weights.iter().enumerate() {
        if !known.iter().any(|metric| metric.id == *weight) {
            let known = known.iter().map(|metric| metric.id.as_str()).collect::<Vec<_>>().join(", ");
            let (zh, en) = (format!("没有此指标,可选 {known}"), format!("there is no such metric; known: {known}"));
            return Err(fault(&format!("weights[{place}]"), &zh, &en));
        }
        if spec.weights[..place].contains(weight) {
            return Err(fault(&format!("weights[{place}]"), "同一指标只写一次", "is named twice"));
        }
    }
    let everywhere = Everywhere::of(bound, true)?;
    let one = |weight: &String| {
        let basis = Basis::weighed(bound, weight)?;
        let whole = basis.everywhere(&everywhere);
        let table = |area: &Summary| basis.of_area(bound, area, basis.area(area), &whole);
        let (before, real) = (table(pair.before), table(pair.now));
        let published = pair.now.totals.get(weight).is_some_and(|total| total.period.is_some());
        let assumed = pair.effect.filter(|_| published).map(|effect| {
            let line = effect.on_area(basis.area(pair.now), weight);
            basis.of_area(bound, pair.now, line, &effect.on_whole(whole.clone(), weight))
        });
        Ok(states(&before, real, assumed.as_ref()))
    };
    spec.weights.iter().map(one).collect()
}

/// The three states of the same classes, side by side.
fn states(before: &QuotientTable, real: QuotientTable, assumed: Option<&QuotientTable>) -> TrialWeighed {
    let cells = |table: &QuotientTable| table.zones.first().map_or_else(Vec::new, |zone| zone.cells.clone());
    let (then, now, with) = (cells(before), cells(&real), assumed.map(cells));
    let quotient = |cell: &QuotientCell| Quotient { lq: cell.lq, lq_test: cell.lq_test };
    let class = |(place, class): (usize, &crate::query::QuotientClass)| {
        let [was, is] = [&then, &now].map(|cells| &cells[place]);
        let with = with.as_ref().map(|cells| &cells[place]);
        TrialWeighedClass {
            code: class.code.clone(),
            name: class.name.clone(),
            sum: TrialValue::new(was.value, is.value, with.map(|cell| cell.value)),
            withheld: was.withheld || is.withheld,
            lq: TrialQuotients::new(quotient(was), quotient(is), with.map(quotient)),
        }
    };
    TrialWeighed {
        classes: real.classes.iter().enumerate().map(class).collect(),
        // of one area nothing is adjusted over a table
        notes: real.notes.iter().filter(|note| note.code != "discoveries").cloned().collect(),
        weight: real.weight,
        denominator: real.denominator,
    }
}

impl Effect {
    /// Counts and sums of the trial zone with what is assumed in it.
    fn on_area(&self, line: Line, metric: &str) -> Line {
        self.on(line, metric, self.count, &self.here, |(here, _)| here)
    }

    /// The same of the whole.
    fn on_whole(&self, line: Line, metric: &str) -> Line {
        self.on(line, metric, self.whole, &self.everywhere, |(_, everywhere)| everywhere)
    }

    fn on(&self, mut line: Line, metric: &str, count: u64, more: &Figures, of: fn((u64, u64)) -> u64) -> Line {
        line.count = count;
        line.figure = line.figure.with(more.all(metric));
        for class in &mut line.classes {
            let same = |(code, part): &(Option<String>, _)| *code == class.code && *part == class.part;
            if let Some(place) = self.lines.iter().position(same) {
                class.count = of(self.classes[place]);
                class.figure = class.figure.with(more.of(place, metric));
            }
        }
        line
    }
}
