//! Order statistics of one figure over any set of rows, exactly and without sorting the set.
//!
//! Every row remembers in which of at most 256 steps of the whole column its value lies. A first pass counts rows by
//! group and step; it tells in which step a group's median lies, and a second pass sorts only the values in such steps.

use crate::cancel;
use crate::columns::{Bitmap, Integers, Visit};
use std::borrow::Cow;

/// Steps of a column: a number per row, growing with the value.
#[derive(Debug, Default)]
pub struct Steps(Vec<u8>);

const STEPS: usize = 256;
/// Values looked at to choose the steps; any choice gives the same answers.
const SAMPLE: usize = 1 << 16;

impl Steps {
    /// Steps of a column; what stands in rows without a value does not matter.
    pub fn new(digits: &Integers) -> Self {
        digits.visit(Choose)
    }

    /// Steps as they were kept.
    pub(super) fn of(steps: Vec<u8>) -> Self {
        Self(steps)
    }

    /// The step of each row.
    pub(super) fn numbers(&self) -> &[u8] {
        &self.0
    }

    /// Bytes that the steps take.
    pub fn bytes(&self) -> usize {
        self.0.len()
    }
}

struct Choose;

impl Visit for Choose {
    type Out = Steps;

    fn visit<T: Copy + Into<i64>>(self, values: &[T]) -> Steps {
        let every = (values.len() / SAMPLE).max(1);
        let mut sample: Vec<i64> = values.iter().step_by(every).map(|v| (*v).into()).collect();
        sample.sort_unstable();
        let limit = |i: usize| sample.get(i * sample.len() / STEPS).copied().unwrap_or(i64::MAX);
        let limits: [i64; STEPS] = std::array::from_fn(|i| limit(i + 1));
        // eight halvings without a branch: how many of the limits are not above the value
        let step = |v: i64| {
            let half = |at: usize, width: usize| at + width * usize::from(limits[at + width - 1] <= v);
            [128, 64, 32, 16, 8, 4, 2, 1].into_iter().fold(0, half) as u8
        };
        Steps(values.iter().map(|v| step((*v).into())).collect())
    }
}

/// What a group's values are like; in the metric's smallest unit.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Order {
    /// Lower quartile, median and upper quartile, interpolated between neighbours (Hyndman-Fan type 7, as spreadsheets do).
    pub quartiles: Option<[f64; 3]>,
    /// Sum of the 3 and of the 10 largest values.
    pub largest: [i128; 2],
    /// Sum of the squared values, where none is below zero.
    pub squares: Option<u128>,
}

/// How many of the largest values are summed.
pub const LARGEST: [usize; 2] = [3, 10];

/// A figure by row, and the groups of a row.
pub(super) struct Grouped<'a> {
    pub(super) digits: &'a Integers,
    pub(super) valid: Option<&'a Bitmap>,
    pub(super) group_of: &'a [u8],
    /// Adds the groups that a row counts in besides, where there are such.
    pub(super) others: Option<Others<'a>>,
    pub(super) groups: usize,
}

/// Adds groups of a row to a list.
pub(super) type Others<'a> = &'a dyn Fn(usize, &mut Vec<usize>);

/// Some rows by group and step.
pub(super) struct Counted<'r> {
    /// Those that have a value, ascending.
    rows: Cow<'r, [u32]>,
    /// The cell of each: its group and step.
    cells: Vec<u16>,
    /// How many there are in each cell, other groups and all groups together included.
    counts: Vec<u32>,
    /// The sum of the squared values by group, of all last; `None` where one is below zero. Whole numbers, so that
    /// the order of rows never shows.
    squares: Vec<Option<u128>>,
}

/// Values of the cells that have to be looked at.
type Lists = Vec<Option<Vec<i64>>>;

impl Grouped<'_> {
    /// The first pass, over rows in ascending order.
    pub(super) fn count<'r>(&self, steps: &Steps, rows: &'r [u32]) -> Counted<'r> {
        cancel::check();
        let rows: Cow<[u32]> = match self.valid {
            None => rows.into(),
            Some(valid) => rows.iter().copied().filter(|row| valid.contains(*row as usize)).collect(),
        };
        let all = self.groups;
        let mut counts = vec![0u32; (all + 1) * STEPS];
        let cell =
            |row: &u32| u16::from(self.group_of[*row as usize]) * STEPS as u16 + u16::from(steps.0[*row as usize]);
        let cells: Vec<u16> = rows.iter().map(cell).collect();
        cells.iter().for_each(|&c| counts[usize::from(c)] += 1);
        for step in 0..STEPS {
            counts[all * STEPS + step] = (0..all).map(|g| counts[g * STEPS + step]).sum();
        }
        let mut squares = vec![Some(0u128); all + 1];
        let mut add = |group: usize, row: usize| {
            let square = u64::try_from(self.digits.get(row)).map(|v| u128::from(v) * u128::from(v)).ok();
            squares[group] = squares[group].zip(square).map(|(sum, square)| sum.saturating_add(square));
        };
        for (row, cell) in rows.iter().zip(&cells) {
            add(usize::from(*cell) / STEPS, *row as usize);
            add(all, *row as usize);
        }
        let mut counted = Counted { rows, cells, counts, squares: vec![] };
        let mut others = vec![];
        self.each_other(&counted, |row, c| others.push((row, c)));
        for (row, c) in others {
            counted.counts[c] += 1;
            add(c / STEPS, row);
        }
        counted.squares = squares;
        counted
    }

    /// Calls `found` with every row that counts in another group, and the cell it has there.
    fn each_other(&self, counted: &Counted, mut found: impl FnMut(usize, usize)) {
        let Some(others) = self.others else { return };
        let mut groups = Vec::with_capacity(4);
        for (row, cell) in counted.rows.iter().zip(&counted.cells) {
            groups.clear();
            others(*row as usize, &mut groups);
            groups.iter().for_each(|g| found(*row as usize, g * STEPS + usize::from(*cell) % STEPS));
        }
    }

    /// The second pass: order statistics of each group, and last of all, in each of several sets of rows, and in all of
    /// the sets together where `together` is requested. No row is in two sets.
    pub(super) fn orders(&self, sets: &[Counted], together: bool) -> (Vec<Vec<Order>>, Option<Vec<Order>>) {
        let all = self.groups * STEPS;
        let mut whole = together.then(|| {
            let cells = 0..all + STEPS;
            let counts: Vec<u32> = cells.map(|c| sets.iter().map(|s| s.counts[c]).sum()).collect();
            let add = |sum: u128, squares: Option<u128>| Some(sum.saturating_add(squares?));
            let sum = |g: usize| sets.iter().map(|s| s.squares[g]).try_fold(0, add);
            (lists(&counts), counts, (0..=self.groups).map(sum).collect::<Vec<_>>())
        });
        let each = |set: &Counted| {
            cancel::check();
            let mut own = lists(&set.counts);
            let mut targets: Vec<&mut Lists> = vec![&mut own];
            targets.extend(whole.as_mut().map(|(lists, ..)| lists));
            let requested = |c: usize| targets.iter().any(|l| l[c].is_some() || l[all + c % STEPS].is_some());
            let wanted: Vec<bool> = (0..all).map(requested).collect();
            let mut add = |c: usize, row: usize| {
                for list in targets.iter_mut().filter_map(|lists| lists[c].as_mut()) {
                    list.push(self.digits.get(row));
                }
            };
            for (row, cell) in set.rows.iter().zip(&set.cells) {
                let cell = usize::from(*cell);
                if wanted[cell] {
                    add(cell, *row as usize);
                    add(all + cell % STEPS, *row as usize);
                }
            }
            self.each_other(set, |row, cell| add(cell, row));
            ordered(&set.counts, own, &set.squares)
        };
        let orders = sets.iter().map(each).collect();
        (orders, whole.map(|(lists, counts, squares)| ordered(&counts, lists, &squares)))
    }
}

/// A list for each cell that holds a place which the answers need.
fn lists(counts: &[u32]) -> Lists {
    let mut lists: Lists = vec![None; counts.len()];
    for (group, counts) in counts.chunks(STEPS).enumerate() {
        for place in places(counts.iter().map(|n| *n as usize).sum()) {
            let (step, _) = step_of(counts, place);
            lists[group * STEPS + step].get_or_insert_default();
        }
    }
    lists
}

fn ordered(counts: &[u32], mut lists: Lists, squares: &[Option<u128>]) -> Vec<Order> {
    lists.iter_mut().flatten().for_each(|list| list.sort_unstable());
    let groups = counts.chunks(STEPS).zip(lists.chunks(STEPS)).zip(squares);
    groups.map(|((counts, lists), squares)| Order { squares: *squares, ..Order::new(counts, lists) }).collect()
}

impl Order {
    /// From the number of values in each step, and the values of those steps that matter, in order.
    fn new(counts: &[u32], lists: &[Option<Vec<i64>>]) -> Self {
        let n: usize = counts.iter().map(|c| *c as usize).sum();
        let at = |place: usize| {
            let (step, before) = step_of(counts, place);
            lists[step].as_ref().and_then(|list| list.get(place - before)).copied().unwrap_or(0)
        };
        let quantile = |q: f64| {
            let place = q * (n - 1) as f64;
            let (low, high) = (at(place.floor() as usize) as f64, at(place.ceil() as usize) as f64);
            low + (high - low) * place.fract()
        };
        let quartiles = (n > 0).then(|| [0.25, 0.5, 0.75].map(quantile));
        let largest = LARGEST.map(|k| (n - k.min(n)..n).map(|i| i128::from(at(i))).sum());
        Self { quartiles, largest, squares: None }
    }
}

/// The places, counted from the smallest value, that the answers need.
fn places(n: usize) -> Vec<usize> {
    if n == 0 {
        return vec![];
    }
    let around = |q: f64| {
        let place = q * (n - 1) as f64;
        [place.floor() as usize, place.ceil() as usize]
    };
    let largest = LARGEST[LARGEST.len() - 1].min(n);
    [0.25, 0.5, 0.75].into_iter().flat_map(around).chain(n - largest..n).collect()
}

/// The step that holds a place, and how many values lie before that step.
fn step_of(counts: &[u32], place: usize) -> (usize, usize) {
    let mut before = 0;
    for (step, &n) in counts.iter().enumerate() {
        if place < before + n as usize {
            return (step, before);
        }
        before += n as usize;
    }
    (STEPS - 1, before)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn order_statistics_are_those_of_the_sorted_values(
            rows in proptest::collection::vec((
                proptest::option::weighted(0.9, prop_oneof![-50i64..50, any::<i32>().prop_map(i64::from)]),
                0u8..3,
                proptest::option::weighted(0.2, 0u8..3),
            ), 0..600),
            odd: bool,
            cut: proptest::sample::Index,
        ) {
            let digits: Integers = rows.iter().map(|r| r.0.unwrap_or(0)).collect();
            let valid = Bitmap::from_fn(rows.len(), |row| rows[row].0.is_some());
            let group_of: Vec<u8> = rows.iter().map(|r| r.1).collect();
            let second = |row: usize| rows[row].2.filter(|g| *g != rows[row].1).map(usize::from);
            let others = |row: usize, groups: &mut Vec<usize>| groups.extend(second(row));
            let grouped = Grouped { digits: &digits, valid: Some(&valid), group_of: &group_of, others: Some(&others), groups: 3 };
            let requested: Vec<u32> = (0..rows.len() as u32).filter(|row| !odd || row % 2 == 1).collect();
            let steps = Steps::new(&digits);
            let (left, right) = requested.split_at(cut.index(requested.len() + 1));
            let parts = [grouped.count(&steps, left), grouped.count(&steps, right)];
            let (found, together) = grouped.orders(&parts, true);
            let sets = [(left, &found[0]), (right, &found[1]), (&requested[..], together.as_ref().unwrap())];
            for (requested, g, order) in sets.into_iter().flat_map(|(a, o)| o.iter().enumerate().map(move |(g, o)| (a, g, o))) {
                let is_of = |row: usize| g == 3 || usize::from(rows[row].1) == g || second(row) == Some(g);
                let mut v: Vec<i64> = requested.iter().map(|r| *r as usize).filter(|r| is_of(*r)).filter_map(|r| rows[r].0).collect();
                v.sort_unstable();
                let expected = (!v.is_empty()).then(|| [1usize, 2, 3].map(|q| {
                    // type 7 in whole quarters: place = q (n - 1) / 4
                    let (whole, part) = (q * (v.len() - 1) / 4, q * (v.len() - 1) % 4);
                    let next = v[(whole + usize::from(part > 0)).min(v.len() - 1)];
                    v[whole] as f64 + (next - v[whole]) as f64 * part as f64 / 4.0
                }));
                prop_assert_eq!(&order.quartiles, &expected);
                let top = |k: usize| v.iter().rev().take(k).map(|x| i128::from(*x)).sum::<i128>();
                prop_assert_eq!(order.largest, [top(3), top(10)]);
                let squares = v.iter().all(|x| *x >= 0).then(|| v.iter().map(|x| (i128::from(*x) * i128::from(*x)) as u128).sum::<u128>());
                prop_assert_eq!(order.squares, squares);
            }
        }
    }
}
