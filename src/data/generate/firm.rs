//! The figures of one made-up row: a size, a founding year and the metrics of all periods that fit together.

use super::chance::Chance;
use crate::core::model::{InventedRule, MetricKind, MetricSpec, Period, RegisterSpec};
use crate::data::intake::sheet::unit::Unit;
use serde_json::Value as Json;

/// Persons of a row: the median.
const PERSONS: f64 = 18.0;
/// Yuan, or units of another currency, a person and year: the median.
const YUAN: f64 = 450_000.0;
const OTHER_MONEY: f64 = 60_000.0;
/// Of what is neither money nor persons.
const OTHER: f64 = 45.0;
/// Years before the last in which the youngest rows were founded, and over how many more the others.
const YOUNGEST: u16 = 1;
const OLDEST: f64 = 28.0;

/// How the figures of a metric are made.
struct Sort {
    kind: MetricKind,
    /// One for each person of the row.
    persons: bool,
    /// Of one person; unused where it counts persons.
    median: f64,
    /// Whole numbers of which the metric's unit is one.
    scale: f64,
}

/// What the figures of a register are made by.
pub(super) struct Figures {
    sorts: Vec<Sort>,
    /// All periods of all metrics, ascending.
    periods: Vec<Period>,
    rules: Vec<Rule>,
    /// Whether some rows end: where the register says when.
    ends: bool,
}

struct Rule {
    /// The value, and metric -> least figure as a whole number.
    values: Vec<(Json, Vec<(usize, f64)>)>,
    otherwise: Json,
}

/// Figures of a row.
pub(super) struct Firm {
    pub(super) founded: Option<u16>,
    /// The year from whose beginning on it is there no more.
    pub(super) closed: Option<u16>,
    /// By metric and period, as whole numbers of the last decimal that is kept.
    values: Vec<Vec<Option<i64>>>,
    /// The value of each rule.
    ruled: Vec<Json>,
}

impl Sort {
    fn of(metric: &MetricSpec) -> Self {
        let unit = Unit::of(&metric.unit.zh).or_else(|| Unit::of(&metric.unit.en));
        let (persons, median) = match unit {
            Some(Unit { base: "person", factor }) => (true, 1.0 / factor),
            Some(unit @ Unit { base: "CNY", factor }) if unit.is_money() => (false, YUAN / factor),
            Some(unit) if unit.is_money() => (false, OTHER_MONEY / unit.factor),
            _ => (false, OTHER),
        };
        // what is of a period is less in a shorter one
        let months = metric.columns.keys().next().map_or(12, |period| period.granularity().months());
        let median = if metric.kind == MetricKind::Flow { median * f64::from(months) / 12.0 } else { median };
        Self { kind: metric.kind, persons, median, scale: 10_u64.pow(metric.decimals.into()) as f64 }
    }
}

impl Figures {
    pub(super) fn new(register: &RegisterSpec) -> Self {
        let mut periods: Vec<Period> = register.metrics.iter().flat_map(|m| m.columns.keys().copied()).collect();
        periods.sort_unstable();
        periods.dedup();
        let sorts: Vec<Sort> = register.metrics.iter().map(Sort::of).collect();
        let limit = |(id, least): (&String, &f64)| {
            let place = register.metrics.iter().position(|m| m.id == *id)?;
            Some((place, least * sorts[place].scale))
        };
        let rule = |rule: &InventedRule| Rule {
            values: rule.values.iter().map(|v| (v.value.clone(), v.from.iter().filter_map(limit).collect())).collect(),
            otherwise: rule.otherwise.clone(),
        };
        let rules = register.invented.iter().map(rule).collect();
        let ends = register.valid.as_ref().is_some_and(|valid| valid.to.is_some());
        Self { sorts, periods, rules, ends }
    }

    /// A row; about one in twenty has not reported what is of a period.
    pub(super) fn firm(&self, chance: &mut Chance) -> Firm {
        let persons = chance.spread(PERSONS, 1.25).round().clamp(1.0, 30_000.0);
        let mut now: Vec<f64> = Vec::with_capacity(self.sorts.len());
        for sort in &self.sorts {
            now.push(if sort.persons {
                (persons * sort.median * sort.scale).round()
            } else {
                (persons * chance.spread(sort.median, 0.6) * sort.scale).round()
            });
        }
        let ago = (OLDEST * chance.unit() * chance.unit()) as u16;
        let founded = self.periods.last().map(|last| last.year().saturating_sub(YOUNGEST + ago));
        let closed = founded.filter(|_| self.ends).and_then(|founded| self.end(founded, chance));
        let reports = !chance.hit(0.05);
        let ruled = self.rules.iter().map(|rule| rule.value(&now).clone()).collect();
        let mut values = vec![vec![None; self.periods.len()]; self.sorts.len()];
        let is_there = |place: &usize| founded.is_some_and(|f| self.periods[*place].year() >= f);
        let is_over = |place: &usize| closed.is_some_and(|c| self.periods[*place].year() >= c);
        for place in (0..self.periods.len()).rev().skip_while(is_over).take_while(is_there) {
            let share = f64::from(self.periods[place].granularity().months()) / 12.0;
            for (sort, (now, values)) in self.sorts.iter().zip(now.iter().zip(&mut values)) {
                values[place] = (sort.kind == MetricKind::Stock || reports).then_some(*now as i64);
            }
            for (sort, now) in self.sorts.iter().zip(&mut now) {
                let growth = match sort.kind {
                    MetricKind::Flow => (0.12 + 0.12 * chance.normal()).clamp(-0.3, 0.6),
                    MetricKind::Stock => (0.06 + 0.08 * chance.normal()).clamp(-0.2, 0.4),
                };
                *now = (*now / (1.0 + growth).powf(share)).round().max(1.0);
            }
        }
        Firm { founded, closed, values, ruled }
    }

    /// The year in which a row ends: that of one in ten, after it began.
    fn end(&self, founded: u16, chance: &mut Chance) -> Option<u16> {
        let years = self.periods.last()?.year().checked_sub(founded).filter(|years| *years > 0)?;
        chance.hit(0.1).then(|| founded + 1 + chance.below(usize::from(years)) as u16)
    }

    /// The place of a period.
    pub(super) fn place(&self, period: Period) -> Option<usize> {
        self.periods.binary_search(&period).ok()
    }
}

impl Rule {
    fn value(&self, latest: &[f64]) -> &Json {
        let reached = |limits: &[(usize, f64)]| limits.iter().all(|(metric, least)| latest[*metric] >= *least);
        self.values.iter().find(|(_, limits)| reached(limits)).map_or(&self.otherwise, |(value, _)| value)
    }
}

impl Firm {
    /// The figure of a metric in a period, by their places.
    pub(super) fn figure(&self, metric: usize, period: usize) -> Option<i64> {
        self.values[metric][period]
    }

    /// The value of a rule.
    pub(super) fn ruled(&self, rule: usize) -> &Json {
        &self.ruled[rule]
    }

    /// Whether it has any figure of a metric.
    pub(super) fn reports(&self, metric: usize) -> bool {
        self.values.get(metric).is_some_and(|periods| periods.iter().any(Option::is_some))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn figures_fit_together() {
        let title = json!({"zh": "", "en": ""});
        let mut register: RegisterSpec = serde_json::from_value(json!({
            "district": "d", "cluster": "c",
            "metrics": [
                {"id": "sold", "title": title, "unit": {"zh": "万元", "en": ""}, "decimals": 2, "columns": {"2020": "a", "2021": "b", "2024": "c"}},
                {"id": "hands", "title": title, "unit": {"zh": "人", "en": ""}, "kind": "stock", "columns": {"2021": "e", "2024": "f"}},
            ],
            "invented": [{"property": "p", "values": [
                {"value": "large", "from": {"hands": 100, "sold": 1000}}, {"value": "small", "from": {"hands": 10}}], "otherwise": "tiny"}],
        }))
        .unwrap();
        let figures = Figures::new(&register);
        assert_eq!((figures.place(Period::Year(2024)), figures.place(Period::Year(2022))), (Some(2), None));
        let mut chance = Chance::new(3);
        let (mut classes, mut silent) = (std::collections::BTreeMap::new(), 0);
        for _ in 0..20_000 {
            let firm = figures.firm(&mut chance);
            let founded = firm.founded.unwrap();
            assert!((1990..=2023).contains(&founded));
            let (sold, hands) = (firm.figure(0, 2), firm.figure(1, 2).unwrap());
            for (place, year) in [2020, 2021, 2024].into_iter().enumerate() {
                assert_eq!(firm.figure(1, place).is_some(), year >= founded);
            }
            let class = firm.ruled(0).as_str().unwrap().to_owned();
            if let Some(sold) = sold {
                let wanted = match (hands, sold) {
                    (100.., 100_000..) => "large",
                    (10.., _) => "small",
                    _ => "tiny",
                };
                assert_eq!(class, wanted);
            }
            silent += usize::from(!firm.reports(0));
            *classes.entry(class).or_insert(0) += 1;
        }
        assert!((850..1150).contains(&silent), "{silent}");
        assert!(classes.values().all(|n| *n > 100) && classes.len() == 3, "{classes:?}");
        register.metrics.clear();
        register.invented.clear();
        assert_eq!(Figures::new(&register).firm(&mut chance).founded, None);
    }
}
