//! Shift-share of the figures of an answer, in whole units of their last decimal, so that the parts add up as they are printed.

use super::{OwnParts, ShiftParts};
use crate::stats::shift_share::{Parts, classic, esteban_marquillas};

/// The figures of an area in a period: of its classes, and together; `None` where one is withheld.
pub(super) struct Values {
    pub(super) total: Option<f64>,
    pub(super) cells: Vec<Option<f64>>,
}

/// The parts of the change of a class, or of all those together of which one is withheld, in units.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Column {
    /// The place of the class; none for the classes together.
    pub(super) class: Option<usize>,
    /// The figure in the earlier and in the later period.
    pub(super) values: [i64; 2],
    whole: i64,
    mix: i64,
    regional: i64,
    /// Competitive part and allocation; none where there was nothing of the class here.
    own: Option<[i64; 2]>,
}

impl Column {
    pub(super) fn parts(&self, unit: f64) -> ShiftParts {
        let [whole, mix, regional] = [self.whole, self.mix, self.regional].map(|part| part as f64 / unit);
        ShiftParts { whole, mix, regional }
    }

    pub(super) fn own(&self, unit: f64) -> Option<OwnParts> {
        let [competitive, allocation] = self.own?.map(|part| part as f64 / unit);
        Some(OwnParts { competitive, allocation })
    }

    /// All of them together. Their own part is divided where that of each is.
    pub(super) fn sum(columns: &[Self]) -> Self {
        let add = |sum: Self, column: &Self| Self {
            class: None,
            values: [0, 1].map(|at| sum.values[at] + column.values[at]),
            whole: sum.whole + column.whole,
            mix: sum.mix + column.mix,
            regional: sum.regional + column.regional,
            own: sum.own.zip(column.own).map(|(sum, own)| [sum[0] + own[0], sum[1] + own[1]]),
        };
        columns.iter().fold(Self { own: Some([0, 0]), ..Self::default() }, add)
    }
}

/// Divides the change of an area over two periods, or over the steps of several: of each period the figures of the area and of
/// the whole. Classes of which a figure is withheld in any of them are one column: what they are together is what the answers
/// leave of the total. `None` where a total is withheld, without classes, and where the whole had nothing or less to grow from.
pub(super) fn divide(periods: &[&[Values; 2]], unit: f64) -> Option<Vec<Column>> {
    let width = periods.first()?[0].cells.len();
    let lines = || periods.iter().flat_map(|period| period.iter());
    let is_hidden = |class: usize| lines().any(|line| line.cells[class].is_none());
    let shown: Vec<usize> = (0..width).filter(|class| !is_hidden(*class)).collect();
    let hides = shown.len() < width;
    // nothing is withheld alone beside its total: then it could be worked out
    let alone = lines().any(|line| line.cells.iter().filter(|cell| cell.is_none()).count() == 1);
    if width == 0 || alone {
        return None;
    }
    let row = |line: &Values| -> Option<Vec<f64>> {
        let mut cells: Vec<f64> = shown.iter().filter_map(|class| line.cells[*class]).collect();
        let together = line.total? - cells.iter().sum::<f64>();
        if hides {
            cells.push((together * unit).round() / unit);
        }
        Some(cells)
    };
    let tables = periods.iter().map(|[area, whole]| {
        let (area, whole) = (row(area)?, row(whole)?);
        let rest = area.iter().zip(&whole).map(|(area, whole)| whole - area).collect();
        whole.iter().all(|value| *value >= 0.0).then(|| vec![area, rest])
    });
    let tables: Vec<Vec<Vec<f64>>> = tables.collect::<Option<_>>()?;
    let units = |value: f64| (value * unit).round() as i64;
    let mut columns: Vec<Column> = Vec::new();
    for step in tables.windows(2) {
        let [before, after] = step else { continue };
        let (parts, own) = (classic(before, after)?, esteban_marquillas(before, after)?);
        // rounded along the running sum, so that the sums of all classes are rounded once, and the whole has no part of its own
        let along = |part: &dyn Fn(&Parts) -> f64| -> Vec<i64> {
            let (mut sum, mut last) = (0.0, 0);
            let next = |of: &Parts| {
                sum += part(of);
                let before = std::mem::replace(&mut last, units(sum));
                last - before
            };
            parts[0].iter().map(next).collect()
        };
        let (at_rate, expected) = (along(&|of| of.whole), along(&|of| of.whole + of.mix));
        let column = |place: usize| {
            let [from, to] = [before[0][place], after[0][place]];
            let whole = at_rate[place];
            let mix = expected[place] - whole;
            // the rest by difference, so that the parts add up as they are printed
            let regional = units(to) - units(from) - whole - mix;
            let competitive = units(own[0][place].competitive);
            Column {
                class: shown.get(place).copied(),
                values: [units(from), units(to)],
                whole,
                mix,
                regional,
                own: (from > 0.0).then_some([competitive, regional - competitive]),
            }
        };
        let step: Vec<Column> = (0..before[0].len()).map(column).collect();
        columns = if columns.is_empty() {
            step
        } else {
            columns.iter().zip(step).map(|(sum, next)| sum.then(&next)).collect()
        };
    }
    Some(columns)
}

impl Column {
    /// The parts of a further step added.
    fn then(self, next: &Self) -> Self {
        Self { class: self.class, values: [self.values[0], next.values[1]], ..Self::sum(&[self, *next]) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn values(cells: &[Option<f64>], total: f64) -> Values {
        Values { total: Some(total), cells: cells.to_vec() }
    }

    /// The figures by hand of the reference: 600 x (2.0 - 1.8) = +120.
    #[test]
    fn a_change_by_hand() {
        let before = [values(&[Some(600.0), Some(400.0)], 1000.0), values(&[Some(1000.0), Some(1000.0)], 2000.0)];
        let after = [values(&[Some(1200.0), Some(400.0)], 1600.0), values(&[Some(1800.0), Some(1200.0)], 3000.0)];
        let columns = divide(&[&before, &after], 10.0).unwrap();
        let parts = columns[0].parts(10.0);
        assert_eq!(parts, ShiftParts { whole: 300.0, mix: 180.0, regional: 120.0 });
        // of the mix of the whole the area had 500: 500 x 0.2
        assert_eq!(columns[0].own(10.0), Some(OwnParts { competitive: 100.0, allocation: 20.0 }));
        let all = Column::sum(&columns).parts(10.0);
        assert!((all.whole + all.mix + all.regional - 600.0).abs() < 1e-9);
    }

    #[test]
    fn what_is_withheld_is_one_class() {
        let hidden = [values(&[None, None, Some(5.0)], 25.0), values(&[Some(30.0), Some(50.0), Some(20.0)], 100.0)];
        let seen =
            [values(&[Some(10.0), Some(15.0), Some(5.0)], 30.0), values(&[Some(40.0), Some(60.0), Some(20.0)], 120.0)];
        let columns = divide(&[&hidden, &seen], 10.0).unwrap();
        assert_eq!(
            columns.iter().map(|c| (c.class, c.values)).collect::<Vec<_>>(),
            [(Some(2), [50, 50]), (None, [200, 250])]
        );
        let alone = [values(&[None, Some(15.0), Some(5.0)], 30.0), values(&[Some(1.0), Some(1.0), Some(1.0)], 3.0)];
        assert_eq!(divide(&[&alone, &seen], 10.0), None, "one withheld alone is not given by difference");
        let none = [Values { total: None, cells: vec![None, None, None] }, values(&[Some(1.0); 3], 3.0)];
        assert_eq!(divide(&[&none, &seen], 10.0), None);
        assert_eq!(divide(&[&[values(&[], 1.0), values(&[], 1.0)], &[values(&[], 1.0), values(&[], 1.0)]], 10.0), None);
    }

    proptest! {
        /// The parts of every class, of all together and of every number of steps are the change, in units.
        #[test]
        fn parts_add_up(
            cells in proptest::collection::vec(proptest::collection::vec((0u32..100_000, 0u32..100_000), 4), 2..5),
            decimals in 0u8..3,
        ) {
            let unit = 10f64.powi(decimals.into());
            let period = |cells: &Vec<(u32, u32)>| {
                let of = |value: fn(&(u32, u32)) -> u32| {
                    let all: Vec<f64> = cells.iter().map(|c| f64::from(value(c)) / unit).collect();
                    values(&all.iter().map(|v| Some(*v)).collect::<Vec<_>>(), all.iter().sum())
                };
                [of(|c| c.0), of(|c| c.0 + c.1)]
            };
            let periods: Vec<[Values; 2]> = cells.iter().map(period).collect();
            let all: Vec<&[Values; 2]> = periods.iter().collect();
            let Some(columns) = divide(&all, unit) else { return Ok(()) };
            let last = cells.len() - 1;
            for (class, column) in columns.iter().enumerate() {
                let change = i64::from(cells[last][class].0) - i64::from(cells[0][class].0);
                prop_assert_eq!(column.whole + column.mix + column.regional, change);
                prop_assert_eq!(column.values[1] - column.values[0], change);
                if let Some(own) = column.own {
                    prop_assert_eq!(own[0] + own[1], column.regional);
                }
            }
            let sum = Column::sum(&columns);
            prop_assert_eq!(sum.whole + sum.mix + sum.regional, sum.values[1] - sum.values[0]);
        }
    }
}
