//! What zones are coloured by: a figure of each zone, cut into classes. Made of the answers of [`zones`](super::zones), hence of
//! figures that may leave; page, pictures and reports all take the classes from here.

mod breaks;
mod local;
mod ranking;
mod spec;

pub use breaks::{ClassRange, class_of, ranges, thresholds};
pub use ranking::{PeriodValue, RankedZone, Ranking, ranking};
pub use spec::{Choropleth, Cut, MOST_CLASSES, Measure};

use super::{Amounts, Bound, CityRow, Growth, Note, QueryError, ZoneList, ZoneRow};
use crate::model::{Lang, MetricSpec, Period, Text};
use crate::snapshot::Description;
use serde::Serialize;
use std::collections::HashMap;

/// Zones by class.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ClassedZones {
    /// What was asked, in its one spelling; empty for counts in at most five classes by natural breaks.
    pub choropleth: String,
    /// What the values are.
    pub title: Text,
    /// Their unit; empty where they have none.
    pub unit: Text,
    /// Decimals that are shown.
    pub decimals: u8,
    /// The classes, ascending; those of equal steps and of chosen breaks may hold no zone.
    pub classes: Vec<ClassRange>,
    /// The value on both sides of which zones differ in kind: 1 of location quotients, 0 of growth.
    pub pivot: Option<f64>,
    /// Code of the class of rows that is looked at, where the question is about one.
    pub of: Option<String>,
    /// The zones, in the order of `/zones`.
    pub zones: Vec<ZoneClass>,
    /// How classes were found and when not to believe them, where they are more than ranges.
    pub notes: Vec<Note>,
}

/// A zone and its class.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ZoneClass {
    /// Zone id.
    pub id: String,
    /// The value in `unit`; `null` where there is none to show.
    pub value: Option<f64>,
    /// Place of its class; `null` for zones that are drawn apart.
    pub class: Option<usize>,
    /// Why it is in no class: `zero`, `missing` or `withheld`.
    pub apart: Option<Apart>,
    /// What was found of it and its neighbours, where that makes the classes.
    pub moran: Option<ZoneMoran>,
}

/// A zone among its neighbours.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct ZoneMoran {
    /// Local Moran's I.
    pub index: f64,
    /// Mean of its neighbours' values.
    pub around: f64,
    /// Two-sided p-value among random draws.
    pub p: f64,
    /// The p-value adjusted over all zones.
    pub q: f64,
}

/// Why a zone is in no class.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Apart {
    /// It has none: no small number of them.
    Zero,
    /// Nobody reported a value, or there is nothing to divide by.
    Missing,
    /// The sum would tell too much of one row.
    Withheld,
}

type Value = Result<f64, Apart>;

/// What a figure is of: the number of rows, or a metric's sum.
#[derive(Clone, Copy)]
pub(super) enum Quantity<'a> {
    Count,
    Sum(&'a MetricSpec),
}

impl<'a> Quantity<'a> {
    pub(super) fn of(about: &'a Description, id: Option<&str>) -> Result<Self, QueryError> {
        let Some(id) = id.filter(|id| *id != "count") else { return Ok(Self::Count) };
        let register = about.register().and_then(|c| c.spec.register.as_ref());
        let metrics = register.map(|r| r.metrics.as_slice()).unwrap_or_default();
        let known = || metrics.iter().map(|m| &*m.id).collect::<Vec<_>>().join(", ");
        metrics.iter().find(|m| m.id == id).map(Self::Sum).ok_or_else(|| {
            QueryError::Choropleth(Text::new(
                format!("没有指标 {id},可选 count, {}", known()),
                format!("no metric {id}; known: count, {}", known()),
            ))
        })
    }

    pub(super) fn take(self, count: u64, amounts: &Amounts) -> Value {
        match self {
            Self::Count => Ok(count as f64),
            Self::Sum(metric) => match amounts.get(&metric.id) {
                Some(amount) if amount.withheld => Err(Apart::Withheld),
                Some(amount) => amount.sum.ok_or(Apart::Missing),
                None => Err(Apart::Missing),
            },
        }
    }

    /// The metric, where it is one.
    pub(super) fn metric(self) -> Option<&'a MetricSpec> {
        if let Self::Sum(metric) = self { Some(metric) } else { None }
    }

    pub(super) fn title(self, about: &Description) -> Text {
        match self {
            Self::Count => {
                let words = about.wording();
                Text::new(words.fill(Lang::Zh, "{row}数"), words.fill(Lang::En, "{Rows}"))
            }
            Self::Sum(metric) => metric.title.clone(),
        }
    }

    pub(super) fn unit(self, about: &Description) -> Text {
        match self {
            Self::Count => {
                let words = about.wording();
                Text::new(words.fill(Lang::Zh, "{counter}"), words.fill(Lang::En, "{rows}"))
            }
            Self::Sum(metric) => metric.unit.clone(),
        }
    }
}

fn over(value: Value, divisor: Value) -> Value {
    let (value, divisor) = (value?, divisor?);
    if divisor > 0.0 { Ok(value / divisor) } else { Err(Apart::Missing) }
}

/// The period that growth is counted from where none is named: a year before, else the one before.
fn earlier(bound: &Bound) -> Option<Period> {
    let about = bound.describe();
    let shown = bound.question().period().or_else(|| about.default_period());
    let periods = about.periods();
    let year_before = shown.and_then(Period::year_before).filter(|p| periods.contains(p));
    let before = periods.iter().copied().rfind(|p| shown.is_some_and(|shown| *p < shown));
    year_before.or(before)
}

fn no_earlier() -> QueryError {
    QueryError::Choropleth(Text::new(
        "所选时期之前没有数据,不能算增长(as:growth)",
        "there are no figures before this period to count growth (as:growth) from",
    ))
}

/// The growth of a metric in each zone over the rows that have a value in both periods, in percent. A change of sums would be
/// one of who reports, too. `None` where answers say it of no zone: other earlier periods are compared by sums.
fn alike(bound: &Bound, metric: &MetricSpec, since: Period) -> Result<Option<Vec<Value>>, QueryError> {
    let list = bound.ask(&bound.question().clone().with_growth(true))?.zones()?;
    let growth = |row: &ZoneRow| {
        let amount = row.amounts.get(&metric.id)?;
        [&amount.growth, &amount.growth_on_previous].into_iter().flatten().find(|g| g.period == since).cloned()
    };
    let value = |growth: Option<Growth>| match growth {
        Some(growth) if growth.withheld => Err(Apart::Withheld),
        growth => growth.and_then(|g| g.rate).map(|rate| rate * 100.0).ok_or(Apart::Missing),
    };
    let all: Vec<Option<Growth>> = list.zones.iter().map(growth).collect();
    Ok(all.iter().any(Option::is_some).then(|| all.into_iter().map(value).collect()))
}

/// A figure of zones: what it is called and how it is written, and its values in the order of the list.
struct Measured {
    list: ZoneList,
    title: Text,
    unit: Text,
    decimals: u8,
    pivot: Option<f64>,
    values: Vec<Value>,
}

impl Measured {
    fn classed(
        self,
        bound: &Bound,
        asked: &Choropleth,
        classes: Vec<ClassRange>,
        zones: Vec<ZoneClass>,
    ) -> ClassedZones {
        let of = bound.question().class(bound.describe()).map(str::to_owned);
        let Self { title, unit, decimals, pivot, .. } = self;
        ClassedZones { choropleth: asked.to_string(), title, unit, decimals, classes, pivot, of, zones, notes: vec![] }
    }

    /// Percent of the whole, or of the zone above, that each zone has of a quantity.
    fn shares(list: &ZoneList, quantity: Quantity) -> Vec<Value> {
        let whole = match &list.parent {
            Some(parent) => quantity.take(parent.count, &parent.amounts),
            None => quantity.take(list.city.count, &list.city.amounts),
        };
        let share = |row: &ZoneRow| over(quantity.take(row.count, &row.amounts), whole).map(|part| part * 100.0);
        list.zones.iter().map(share).collect()
    }
}

/// The figure of the zones of a question about zones.
fn measured(bound: &Bound, asked: &Choropleth) -> Result<Measured, QueryError> {
    let about = bound.describe();
    let quantity = Quantity::of(about, asked.by.as_deref())?;
    let list = bound.zones()?;
    let (title, unit) = (quantity.title(about), quantity.unit(about));
    let take = |row: &ZoneRow| quantity.take(row.count, &row.amounts);
    let (values, title, unit, decimals, pivot): (Vec<Value>, Text, Text, u8, Option<f64>) = match &asked.measure {
        Measure::Value => {
            let decimals = if let Quantity::Sum(metric) = quantity { metric.decimals } else { 0 };
            (list.zones.iter().map(take).collect(), title, unit, decimals, None)
        }
        Measure::Density => {
            let area = |row: &ZoneRow| row.area_km2.ok_or(Apart::Missing);
            let values = list.zones.iter().map(|row| over(take(row), area(row))).collect();
            let title = Text::new(format!("{}密度", title.zh), format!("{} per km²", title.en));
            (values, title, Text::new(format!("{}/km²", unit.zh), format!("{}/km²", unit.en)), 2, None)
        }
        Measure::Share => {
            let title = Text::new(format!("{}占比", title.zh), format!("Share of {}", title.en));
            (Measured::shares(&list, quantity), title, Text::new("%", "%"), 1, None)
        }
        Measure::Quotient => {
            let Some(all) = bound.question().without_class(about) else {
                return Err(QueryError::Choropleth(Text::new(
                    "区位熵(as:lq)须同时选定一类(登记集合的分类属性=代码)",
                    "a location quotient (as:lq) needs a class: the property of the classification = a code",
                )));
            };
            let all = bound.ask(&all)?.zones()?;
            let rows: HashMap<&str, Value> = all.zones.iter().map(|row| (&*row.id, take(row))).collect();
            let city = |c: &CityRow| quantity.take(c.count, &c.amounts);
            let whole = over(city(&list.city), city(&all.city));
            let quotient = |row: &ZoneRow| {
                let total = rows.get(&*row.id).copied().unwrap_or(Err(Apart::Missing));
                over(over(take(row), total), whole)
            };
            let title = Text::new(format!("{}区位熵", title.zh), format!("Location quotient of {}", title.en));
            (list.zones.iter().map(quotient).collect(), title, Text::default(), 2, Some(1.0))
        }
        Measure::Growth(since) => {
            let since = since.or_else(|| earlier(bound)).ok_or_else(no_earlier)?;
            let said = since.words();
            let alike = if let Quantity::Sum(metric) = quantity { alike(bound, metric, since)? } else { None };
            let of = if alike.is_some() { Text::new("同口径", ", like for like") } else { Text::default() };
            let title = Text::new(
                format!("{}{}较 {}增长", title.zh, of.zh, said.zh),
                format!("Growth of {} since {}{}", title.en, said.en, of.en),
            );
            let before = if alike.is_some() { vec![] } else { bound.in_period(since)?.zones()?.zones };
            let rows: HashMap<&str, Value> = before.iter().map(|row| (&*row.id, take(row))).collect();
            let growth = |row: &ZoneRow| {
                let old = rows.get(&*row.id).copied().unwrap_or(Err(Apart::Missing));
                over(take(row), old).map(|times| (times - 1.0) * 100.0)
            };
            let values = alike.unwrap_or_else(|| list.zones.iter().map(growth).collect());
            (values, title, Text::new("%", "%"), 1, Some(0.0))
        }
        Measure::Per(divisor) => {
            let divisor = Quantity::of(about, Some(divisor))?;
            let per = |row: &ZoneRow| over(take(row), divisor.take(row.count, &row.amounts));
            let (name, each) = (divisor.title(about), divisor.unit(about));
            let title = Text::new(format!("{} / {}", title.zh, name.zh), format!("{} / {}", title.en, name.en));
            let unit = Text::new(format!("{}/{}", unit.zh, each.zh), format!("{}/{}", unit.en, each.en));
            (list.zones.iter().map(per).collect(), title, unit, 2, None)
        }
    };
    // none of a thing is no small number of it; no growth is a growth
    let apart_at_zero = !matches!(asked.measure, Measure::Growth(_));
    let values: Vec<Value> =
        values.into_iter().map(|v| if apart_at_zero && v == Ok(0.0) { Err(Apart::Zero) } else { v }).collect();
    Ok(Measured { list, title, unit, decimals, pivot, values })
}

/// A value as it is shown: none of a thing is shown as 0.
fn shown(value: Value) -> Option<f64> {
    match value {
        Ok(value) => Some(value),
        Err(Apart::Zero) => Some(0.0),
        Err(_) => None,
    }
}

/// The zones of a question about zones, by class.
pub fn choropleth(bound: &Bound, asked: &Choropleth) -> Result<ClassedZones, QueryError> {
    let measured = measured(bound, asked)?;
    if asked.cut == Cut::Moran {
        return local::classed(bound, asked, measured);
    }
    let known: Vec<f64> = measured.values.iter().filter_map(|v| v.ok()).collect();
    let thresholds = thresholds(&known, &asked.cut, asked.classes);
    let zone = |(row, value): (&ZoneRow, &Value)| ZoneClass {
        id: row.id.clone(),
        value: shown(*value),
        class: value.ok().map(|value| class_of(value, &thresholds)),
        apart: value.err(),
        moran: None,
    };
    let zones = measured.list.zones.iter().zip(&measured.values).map(zone).collect();
    let classes = ranges(&known, &thresholds, &asked.cut, asked.classes);
    Ok(measured.classed(bound, asked, classes, zones))
}
