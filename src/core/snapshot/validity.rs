//! When the rows of the register were there: from a day on, and until a day on which they are there no more.

use super::layer::Layer;
use crate::columns::{Bitmap, Column, Integers, Moment};
use crate::model::{Period, ValidSpec};

/// Days since 1970-01-01, both among them. A row is there in a span where it begins by the span's last day and ends after
/// the first, or not at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Span {
    /// First day.
    pub first: i64,
    /// Last day.
    pub last: i64,
}

impl Span {
    /// One day.
    pub fn day(day: i64) -> Self {
        Self { first: day, last: day }
    }

    /// The last day of a period.
    pub fn end_of(period: Period) -> Self {
        Self::day(period.last_day().days())
    }

    /// Later than every day: rows that do not end are there.
    pub const END: Self = Self { first: i64::MAX, last: i64::MAX };
}

/// The ends of a side, where a row has one.
#[derive(Debug)]
struct Days {
    days: Integers,
    known: Bitmap,
}

/// When the register's rows were there.
#[derive(Debug)]
pub struct Validity {
    from: Option<Days>,
    to: Option<Days>,
    /// Rows that nothing says the beginning of; they are there from ever.
    pub(crate) undated: Bitmap,
    /// The latest beginning, and the earliest end.
    latest: i64,
    earliest: i64,
    /// The first day that is known, where there is one.
    first: Option<i64>,
}

impl Validity {
    /// Of a layer, where it has one of the properties that the manifest names.
    pub(super) fn new(layer: &Layer, spec: &ValidSpec) -> Option<Self> {
        let days = |name: &Option<String>, end: bool| {
            let (place, _) = layer.spec.property(name.as_deref()?)?;
            Some(Days::new(&layer.table.columns[place], end))
        };
        let (from, to) = (days(&spec.from, false), days(&spec.to, true));
        if from.is_none() && to.is_none() {
            return None;
        }
        let known = |days: &Option<Days>| -> Vec<i64> {
            days.iter().flat_map(|d| d.known.iter().map(|row| d.days.get(row))).collect()
        };
        let mut undated = Bitmap::all(layer.len());
        if let Some(from) = &from {
            undated.and_not(&from.known);
        }
        let (begun, ended) = (known(&from), known(&to));
        let latest = begun.iter().copied().max().unwrap_or(i64::MIN);
        let earliest = ended.iter().copied().min().unwrap_or(i64::MAX);
        Some(Self { first: begun.iter().chain(&ended).copied().min(), from, to, undated, latest, earliest })
    }

    /// Whether every row is there.
    pub fn holds_all(&self, span: Span) -> bool {
        self.latest <= span.last && (self.earliest == i64::MAX || self.earliest > span.first)
    }

    /// Takes those of the rows `first..` out of a set that are not there in a span.
    pub fn keep(&self, span: Span, first: usize, set: &mut Bitmap) {
        let run = first..first + set.len();
        if let Some(Days { days, known }) = self.from.as_ref().filter(|_| self.latest > span.last) {
            let mut late = days.within(run.clone(), span.last.saturating_add(1), i64::MAX);
            late.and(&known.part(run.start, run.len()));
            set.and_not(&late);
        }
        if let Some(Days { days, known }) = self.to.as_ref().filter(|_| self.earliest <= span.first) {
            let mut over = days.within(run.clone(), i64::MIN, span.first);
            over.and(&known.part(run.start, run.len()));
            set.and_not(&over);
        }
    }

    /// The first day that a row is known to have begun or ended on, and the last day where every row ends.
    pub fn extent(&self) -> (Option<i64>, Option<i64>) {
        let ends = self.to.as_ref().filter(|to| !to.known.is_empty() && to.known.count() == to.known.len());
        let last = ends.and_then(|to| (0..to.known.len()).map(|row| to.days.get(row)).max());
        (self.first, last)
    }

    /// Bytes of memory.
    pub fn bytes(&self) -> usize {
        let side = |days: &Option<Days>| days.as_ref().map_or(0, |d| d.days.bytes() + d.known.bytes());
        side(&self.from) + side(&self.to) + self.undated.bytes()
    }
}

impl Days {
    /// Of a column of dates, instants or years. A year is its first day, as an end its last.
    fn new(column: &Column, end: bool) -> Self {
        let day = |row| ValidSpec::day(column.value(row), end).map(Moment::days);
        let all: Vec<Option<i64>> = (0..column.len()).map(day).collect();
        let known = Bitmap::from_fn(all.len(), |row| all[row].is_some());
        // days of our time need two bytes
        Self { days: all.into_iter().map(Option::unwrap_or_default).collect(), known }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::columns::{ColumnBuilder, ColumnType, Value};
    use proptest::prelude::*;

    fn days(values: &[Option<i64>]) -> Days {
        let known = Bitmap::from_fn(values.len(), |row| values[row].is_some());
        Days { days: values.iter().map(|v| v.unwrap_or_default()).collect(), known }
    }

    #[test]
    fn years_that_no_date_has_are_no_days() {
        for (year, end, day) in [
            (9999, true, Some(2_932_896)),
            (0, false, Some(-719_528)),
            (10_000, false, None),
            (-1, true, None),
            (70_000, true, None),
        ] {
            assert_eq!(ValidSpec::day(Value::Integer(year), end).map(Moment::days), day, "{year}");
        }
    }

    #[test]
    fn a_year_is_its_first_day_and_as_an_end_its_last() {
        let mut years = ColumnBuilder::new(ColumnType::Integer);
        [Value::Integer(1971), Value::Null, Value::Integer(-5)].into_iter().for_each(|v| years.push(v).unwrap());
        let years = years.finish();
        let of = |end| {
            let days = Days::new(&years, end);
            (0..3).map(|row| days.known.contains(row).then(|| days.days.get(row))).collect::<Vec<_>>()
        };
        assert_eq!(of(false), [Some(365), None, None]);
        assert_eq!(of(true), [Some(729), None, None]);
    }

    proptest! {
        #[test]
        fn a_span_holds_what_a_scan_does(
            rows in proptest::collection::vec((proptest::option::of(-9i64..9), proptest::option::of(-9i64..9)), 1..200),
            a in -10i64..10,
            b in -10i64..10,
        ) {
            let span = Span { first: a.min(b), last: a.max(b) };
            let from: Vec<_> = rows.iter().map(|r| r.0).collect();
            let to: Vec<_> = rows.iter().map(|r| r.1).collect();
            let validity = Validity {
                latest: from.iter().flatten().copied().max().unwrap_or(i64::MIN),
                earliest: to.iter().flatten().copied().min().unwrap_or(i64::MAX),
                first: None,
                undated: Bitmap::none(rows.len()),
                from: Some(days(&from)),
                to: Some(days(&to)),
            };
            for span in [span, Span::END] {
                let there = |(from, to): &(Option<i64>, Option<i64>)| {
                    from.is_none_or(|from| from <= span.last) && to.is_none_or(|to| to > span.first)
                };
                let mut set = Bitmap::all(rows.len());
                validity.keep(span, 0, &mut set);
                let right: Vec<usize> = (0..rows.len()).filter(|row| there(&rows[*row])).collect();
                prop_assert_eq!(validity.holds_all(span), right.len() == rows.len());
                prop_assert_eq!(set.iter().collect::<Vec<_>>(), right);
            }
        }
    }
}
