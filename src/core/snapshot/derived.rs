//! Figures of a period that are made of those of shorter ones: a flow's are their sum where all of them are published; a
//! stock's are those of the last of them.

use crate::columns::{Bitmap, Column, Decimals, Integers};
use crate::model::{Granularity, MetricKind, Period};
use std::collections::{BTreeMap, BTreeSet};

/// What the figures of a period are made of.
#[derive(Debug)]
pub(crate) enum Derived {
    /// The sum of all its parts, of the rows that have each of them.
    Sum(Column),
    /// Those of its last part.
    Last(Period),
}

impl Derived {
    /// The figures of all longer periods that can be made of published ones, by period -> column.
    pub(super) fn all(kind: MetricKind, columns: &BTreeMap<Period, &Column>) -> BTreeMap<Period, Self> {
        let Some(own) = columns.keys().next().map(|period| period.granularity()) else { return BTreeMap::new() };
        let years: BTreeSet<u16> = columns.keys().map(|period| period.year()).collect();
        let longer = [Granularity::Quarter, Granularity::Year].into_iter().filter(|length| *length > own);
        let periods = longer.flat_map(|length| years.iter().flat_map(move |year| Period::Year(*year).parts(length)));
        periods.filter_map(|period| Some((period, Self::of(kind, &period.parts(own), columns)?))).collect()
    }

    fn of(kind: MetricKind, parts: &[Period], columns: &BTreeMap<Period, &Column>) -> Option<Self> {
        match kind {
            MetricKind::Stock => parts.last().filter(|last| columns.contains_key(last)).map(|last| Self::Last(*last)),
            MetricKind::Flow => {
                let parts: Option<Vec<&Column>> = parts.iter().map(|part| columns.get(part).copied()).collect();
                sum(&parts?).map(Self::Sum)
            }
        }
    }
}

/// The sum of columns of numbers, row by row; of a row that lacks one of them there is none.
fn sum(parts: &[&Column]) -> Option<Column> {
    let figures: Option<Vec<(&Integers, Option<&Bitmap>)>> = parts.iter().map(|part| digits(part)).collect();
    let figures = figures?;
    let rows = parts.first()?.len();
    let has = |row: usize| figures.iter().all(|(_, valid)| valid.is_none_or(|valid| valid.contains(row)));
    // of three values at least, each within the range of a column
    let total = |row: usize| figures.iter().fold(0_i64, |sum, (digits, _)| sum.saturating_add(digits.get(row)));
    let valid = Bitmap::from_fn(rows, has);
    let digits: Integers = (0..rows).map(|row| if valid.contains(row) { total(row) } else { 0 }).collect();
    let valid = (valid.count() < rows).then_some(valid);
    Some(match parts.first()? {
        Column::Decimal(d, _) => Column::Decimal(Decimals { digits, decimals: d.decimals }, valid),
        _ => Column::Integer(digits, valid),
    })
}

fn digits(column: &Column) -> Option<(&Integers, Option<&Bitmap>)> {
    match column {
        Column::Integer(digits, valid) => Some((digits, valid.as_ref())),
        Column::Decimal(d, valid) => Some((&d.digits, valid.as_ref())),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn column(values: &[Option<i64>]) -> Column {
        let digits = values.iter().map(|v| v.unwrap_or(0)).collect();
        let valid = Bitmap::from_fn(values.len(), |row| values[row].is_some());
        Column::Integer(digits, (valid.count() < values.len()).then_some(valid))
    }

    #[test]
    fn years_and_quarters_of_months() {
        let months: Vec<(Period, Column)> = (1..=12)
            .chain(13..=17)
            .map(|n: i64| {
                let period = Period::Month(2023 + ((n - 1) / 12) as u16, ((n - 1) % 12 + 1) as u8);
                (period, column(&[Some(n), (n != 5).then_some(10 * n)]))
            })
            .collect();
        let columns: BTreeMap<Period, &Column> = months.iter().map(|(p, c)| (*p, c)).collect();
        let flow = Derived::all(MetricKind::Flow, &columns);
        let known: Vec<String> = flow.keys().map(Period::to_string).collect();
        assert_eq!(known, ["2023Q1", "2023Q2", "2023Q3", "2023Q4", "2023", "2024Q1"]);
        let value = |period: &str, row: usize| match &flow[&period.parse().unwrap()] {
            Derived::Sum(column) => {
                digits(column).filter(|(_, v)| v.is_none_or(|v| v.contains(row))).map(|(d, _)| d.get(row))
            }
            Derived::Last(_) => panic!("{period}"),
        };
        assert_eq!((value("2023Q1", 0), value("2023Q1", 1)), (Some(6), Some(60)));
        // a row without May has no sum of its quarter and of its year
        assert_eq!((value("2023Q2", 0), value("2023Q2", 1), value("2023", 1)), (Some(15), None, None));
        assert_eq!(value("2023", 0), Some(78));
        let stock = Derived::all(MetricKind::Stock, &columns);
        assert!(matches!(stock[&Period::Year(2023)], Derived::Last(Period::Month(2023, 12))));
        assert!(!stock.contains_key(&Period::Year(2024)) && stock.contains_key(&Period::Quarter(2024, 1)));
    }
}
