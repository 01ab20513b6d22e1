//! Zones in the order of a figure, with what it was in every period. The figure is that of maps, so a rank is of what may leave:
//! a withheld value has no rank, no share and no place in a series.

use super::{Apart, Choropleth, Measure, Measured, Quantity, Value, earlier, measured, shown};
use crate::cancel;
use crate::model::{Period, Text, year_and_period};
use crate::query::{Bound, QueryError};
use serde::Serialize;

/// The zones of a kind, or right below a zone, by a figure.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Ranking {
    /// Revision of the data.
    pub revision: String,
    /// Period of the figure, as `year`, where it is one, and `period`.
    #[serde(flatten, serialize_with = "year_and_period")]
    pub period: Option<Period>,
    /// The figure, in its one spelling.
    pub choropleth: String,
    /// What the values are.
    pub title: Text,
    /// Their unit; empty where they have none.
    pub unit: Text,
    /// Decimals that are shown.
    pub decimals: u8,
    /// The value on both sides of which zones differ in kind: 1 of location quotients, 0 of growth.
    pub pivot: Option<f64>,
    /// Code of the class of rows that is looked at, where the question is about one.
    pub of: Option<String>,
    /// Whether the figure follows the period. The number of rows does not where the register has no dates: then it is that of
    /// the register as it stands, and no series.
    pub by_period: bool,
    /// The periods of the dataset that are as long as the one in question, ascending.
    pub periods: Vec<Period>,
    /// The period that ranks are compared with: the last one before in which a zone has some of the thing.
    pub previous: Option<Period>,
    /// How many zones have a rank; none where no zone has any of the thing.
    pub ranked: u64,
    /// The zones, in the order of `/zones`.
    pub zones: Vec<RankedZone>,
}

/// A zone and its rank.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RankedZone {
    /// Zone id.
    pub id: String,
    /// Name.
    pub name: String,
    /// English name.
    pub name_en: String,
    /// Kind of the zone, as `/dataset` lists it.
    pub zone_kind: Option<String>,
    /// Whether the outline is schematic.
    pub schematic: bool,
    /// Box: west, south, east, north.
    pub bbox: Option<[f64; 4]>,
    /// The value in `unit`; `null` where there is none to show.
    pub value: Option<f64>,
    /// Why it has no value, or none of the thing: `zero`, `missing` or `withheld`.
    pub apart: Option<Apart>,
    /// 1 for the largest value; equal values have one rank. `null` without a value, and where no zone has any of the thing.
    pub rank: Option<u64>,
    /// Its rank in [`Ranking::previous`].
    pub rank_before: Option<u64>,
    /// Percent of the whole, or of the zone above, where the figure is a number or a sum.
    pub share: Option<f64>,
    /// The figure in each of [`Ranking::periods`].
    pub values: Vec<PeriodValue>,
}

/// A figure in a period.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct PeriodValue {
    /// The value; `null` where there is none to show.
    pub value: Option<f64>,
    /// Why: `zero`, `missing` or `withheld`.
    pub apart: Option<Apart>,
}

impl From<Value> for PeriodValue {
    fn from(value: Value) -> Self {
        Self { value: shown(value), apart: value.err() }
    }
}

/// One more than there are larger values, for each that there is. Where nobody has any of the thing, nobody is first.
fn ranks(values: &[Value]) -> Vec<Option<u64>> {
    if !some(values) {
        return vec![None; values.len()];
    }
    let mut known: Vec<f64> = values.iter().filter_map(|value| shown(*value)).collect();
    known.sort_unstable_by(|a, b| b.total_cmp(a));
    let rank = |value: &Value| shown(*value).map(|value| known.partition_point(|k| *k > value) as u64 + 1);
    values.iter().map(rank).collect()
}

/// Whether a zone has some of the thing.
fn some(values: &[Value]) -> bool {
    values.iter().any(Result::is_ok)
}

/// The figure in a period; `None` where growth has nothing to be counted from.
fn in_period(bound: &Bound, asked: &Choropleth, period: Period) -> Result<Option<Measured>, QueryError> {
    let bound = bound.in_period(period)?;
    if let Measure::Growth(since) = asked.measure
        && since.or_else(|| earlier(&bound)).is_none_or(|since| since >= period)
    {
        return Ok(None);
    }
    measured(&bound, asked).map(Some)
}

/// The zones of a question about zones, by a figure, in its period and in all others of the same length.
pub fn ranking(bound: &Bound, asked: &Choropleth) -> Result<Ranking, QueryError> {
    let about = bound.describe();
    let quantity = Quantity::of(about, asked.by.as_deref())?;
    let list = bound.zones()?;
    let own = match quantity {
        Quantity::Sum(metric) => list.city.amounts.get(&metric.id).and_then(|amount| amount.period),
        Quantity::Count => None,
    };
    let period = bound.question().period().or(own).or_else(|| about.default_period());
    // of rows without dates the number is the same in every period
    let counted = matches!(quantity, Quantity::Count) && !matches!(asked.measure, Measure::Per(_));
    let by_period = !counted || list.as_of.is_some();
    let periods = about.periods_like(period);
    let mut all: Vec<Option<Measured>> = Vec::with_capacity(periods.len());
    for other in &periods {
        cancel::check();
        let wanted = by_period || Some(*other) == period;
        all.push(if wanted { in_period(bound, asked, *other)? } else { None });
    }
    let place = periods.iter().position(|p| Some(*p) == period);
    let here = place.and_then(|place| all[place].as_ref());
    // of a figure that there is in other periods only the others say what it is called; of one in none it is asked for by itself
    let other = here.or_else(|| all.iter().flatten().last());
    let alone = if other.is_none() { Some(measured(bound, asked)?) } else { None };
    let named = other.or(alone.as_ref());
    let (title, unit, decimals, pivot) =
        named.map_or_else(Default::default, |m| (m.title.clone(), m.unit.clone(), m.decimals, m.pivot));
    let of = |one: Option<&Measured>, zone: usize| -> Value {
        one.map_or(Err(Apart::Missing), |one| one.values.get(zone).copied().unwrap_or(Err(Apart::Missing)))
    };
    let current = here.or(alone.as_ref());
    let zones = 0..list.zones.len();
    let values = |one: Option<&Measured>| zones.clone().map(|zone| of(one, zone)).collect::<Vec<_>>();
    let now = ranks(&values(current));
    let before = place.and_then(|place| (0..place).rev().find(|place| some(&values(all[*place].as_ref()))));
    let then = before.map_or_else(|| vec![None; zones.len()], |place| ranks(&values(all[place].as_ref())));
    let shares = match (&asked.measure, current) {
        (Measure::Value, Some(current)) => Measured::shares(&current.list, quantity),
        _ => vec![Err(Apart::Missing); zones.len()],
    };
    let row = |zone: usize| {
        let row = &list.zones[zone];
        let PeriodValue { value, apart } = of(current, zone).into();
        RankedZone {
            id: row.id.clone(),
            name: row.name.clone(),
            name_en: row.name_en.clone(),
            zone_kind: row.zone_kind.clone(),
            schematic: row.schematic,
            bbox: row.bbox,
            value,
            apart,
            rank: now[zone],
            rank_before: then[zone],
            share: shares[zone].ok(),
            values: all.iter().map(|one| of(one.as_ref(), zone).into()).collect(),
        }
    };
    Ok(Ranking {
        revision: list.revision.clone(),
        period,
        choropleth: asked.to_string(),
        title,
        unit,
        decimals,
        pivot,
        of: bound.question().class(about).map(str::to_owned),
        by_period,
        previous: before.map(|place| periods[place]),
        ranked: now.iter().flatten().count() as u64,
        zones: zones.clone().map(row).collect(),
        periods,
    })
}

#[cfg(test)]
mod tests {
    use super::{Apart, ranks};

    #[test]
    fn equal_values_have_one_rank_and_what_is_missing_none() {
        let values = [Ok(3.0), Err(Apart::Missing), Ok(7.0), Ok(3.0), Ok(-1.0), Err(Apart::Zero)];
        assert_eq!(ranks(&values), [Some(2), None, Some(1), Some(2), Some(5), Some(4)]);
        assert_eq!(ranks(&[Err(Apart::Missing), Err(Apart::Withheld)]), [None, None]);
    }

    #[test]
    fn where_nobody_has_any_nobody_is_first() {
        assert_eq!(ranks(&[Err(Apart::Zero), Err(Apart::Missing), Err(Apart::Zero)]), [None, None, None]);
    }
}
