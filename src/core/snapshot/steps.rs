//! Order statistics of one figure over any set of rows, exactly and without sorting the set.
//!
//! Every row remembers in which of at most 256 steps of the whole column its value lies. A first pass counts rows by
//! group and step; it tells in which step a group's median lies, and a second pass sorts only the values in such steps.

use crate::cancel;
use crate::columns::{Bitmap, Integers, Runs, Visit};
use std::ops::Range;

/// Steps of a column: a number per row, growing with the value.
#[derive(Debug, Default)]
pub struct Steps(Vec<u8>);

const STEPS: usize = 256;
/// Rows that are picked before their values are taken.
const PICKED: usize = 1024;
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
pub(super) type Others<'a> = &'a (dyn Fn(usize, &mut Vec<usize>) + Sync);

/// The rows of a set, ascending.
pub(super) enum Listed<'a> {
    Rows(Vec<u32>),
    Runs(&'a Runs),
    /// So many rows from the first on.
    All(usize),
}

impl Listed<'_> {
    pub(super) fn len(&self) -> usize {
        match self {
            Self::Rows(rows) => rows.len(),
            Self::Runs(runs) => runs.count(),
            Self::All(rows) => *rows,
        }
    }

    /// Those that are in `valid`, where there is such a set.
    #[inline]
    fn each(&self, valid: Option<&Bitmap>, mut found: impl FnMut(usize)) {
        // `found` stands in one loop, so that it is compiled into it
        let mut run = |run: Range<usize>| {
            for row in run {
                if valid.is_none_or(|valid| valid.contains(row)) {
                    found(row);
                }
            }
        };
        match self {
            Self::Rows(rows) => rows.iter().map(|row| *row as usize).for_each(|row| run(row..row + 1)),
            Self::Runs(runs) => runs.ranges().for_each(run),
            Self::All(rows) => run(0..*rows),
        }
    }
}

/// Some rows by group and step.
pub(super) struct Counted {
    /// How many there are in each cell, a group and a step, other groups and all groups together included.
    counts: Vec<u32>,
    /// The sum of the squared values by group, of all last; `None` where one is below zero. Whole numbers, so that
    /// the order of rows never shows.
    squares: Vec<Option<u128>>,
}

/// Values of the cells that have to be looked at.
type Lists = Vec<Option<Vec<i64>>>;

/// The first pass over the rows of a set.
struct Count<'c> {
    of: &'c Grouped<'c>,
    steps: &'c Steps,
    rows: &'c Listed<'c>,
}

impl Visit for Count<'_> {
    type Out = Counted;

    fn visit<T: Copy + Into<i64>>(self, values: &[T]) -> Counted {
        let Self { of: Grouped { valid, group_of, groups, .. }, steps: Steps(steps), rows } = self;
        let mut counts = vec![0u32; (groups + 1) * STEPS];
        // squares of values below 2^32 can't add up to more than there is room for; the few others are added with care
        let (mut small, mut large) = (vec![0u128; *groups], vec![0u128; *groups]);
        let mut negative = vec![false; *groups];
        rows.each(*valid, |row| {
            let group = usize::from(group_of[row]);
            counts[group * STEPS + usize::from(steps[row])] += 1;
            let value: i64 = values[row].into();
            if let Ok(value) = u32::try_from(value) {
                small[group] += u128::from(u64::from(value) * u64::from(value));
            } else if let Ok(value) = u64::try_from(value) {
                large[group] = large[group].saturating_add(u128::from(value) * u128::from(value));
            } else {
                negative[group] = true;
            }
        });
        let of_groups = small.into_iter().zip(large).zip(negative);
        let mut squares: Vec<Option<u128>> =
            of_groups.map(|((small, large), negative)| (!negative).then(|| small.saturating_add(large))).collect();
        squares.push(squares.iter().try_fold(0u128, |sum, squares| Some(sum.saturating_add((*squares)?))));
        for step in 0..STEPS {
            counts[groups * STEPS + step] = (0..*groups).map(|g| counts[g * STEPS + step]).sum();
        }
        Counted { counts, squares }
    }
}

impl Grouped<'_> {
    /// The first pass over some rows.
    fn count(&self, steps: &Steps, rows: &Listed) -> Counted {
        cancel::check();
        let mut counted = self.digits.visit(Count { of: self, steps, rows });
        self.each_other(steps, rows, |row, cell| {
            counted.counts[cell] += 1;
            let square = u64::try_from(self.digits.get(row)).map(|v| u128::from(v) * u128::from(v)).ok();
            let squares = &mut counted.squares[cell / STEPS];
            *squares = squares.zip(square).map(|(sum, square)| sum.saturating_add(square));
        });
        counted
    }

    /// Calls `found` with every row that counts in another group, and the cell it has there.
    fn each_other(&self, steps: &Steps, rows: &Listed, mut found: impl FnMut(usize, usize)) {
        let Some(others) = self.others else { return };
        let mut groups = Vec::with_capacity(4);
        rows.each(self.valid, |row| {
            groups.clear();
            others(row, &mut groups);
            groups.iter().for_each(|g| found(row, g * STEPS + usize::from(steps.0[row])));
        });
    }

    /// Order statistics of each group, and last of all, in each of several sets of rows, and in all of the sets together where
    /// `together` is requested. No row is in two sets.
    pub(super) fn orders(
        &self,
        steps: &Steps,
        sets: &[Listed],
        together: bool,
    ) -> (Vec<Vec<Order>>, Option<Vec<Order>>) {
        let rows = sets.iter().map(Listed::len).sum();
        let counted = of_each(rows, sets.len(), |set| self.count(steps, &sets[set]));
        let all = self.groups * STEPS;
        let mut whole = together.then(|| {
            let cells = 0..all + STEPS;
            let counts: Vec<u32> = cells.map(|c| counted.iter().map(|s| s.counts[c]).sum()).collect();
            let add = |sum: u128, squares: Option<u128>| Some(sum.saturating_add(squares?));
            let sum = |g: usize| counted.iter().map(|s| s.squares[g]).try_fold(0, add);
            (lists(&counts), counts, (0..=self.groups).map(sum).collect::<Vec<_>>())
        });
        let of_whole = whole.as_ref().map(|(lists, ..)| lists);
        // the second pass
        let found = of_each(rows, sets.len(), |set| {
            cancel::check();
            let (rows, counted) = (&sets[set], &counted[set]);
            // how long each list becomes is known
            let sized = |wanted: &Lists| -> Lists {
                let list = |(list, number): (&Option<Vec<i64>>, &u32)| {
                    list.is_some().then(|| Vec::with_capacity(*number as usize))
                };
                wanted.iter().zip(&counted.counts).map(list).collect()
            };
            let mut targets = vec![sized(&lists(&counted.counts))];
            targets.extend(of_whole.map(sized));
            let requested = |c: usize| targets.iter().any(|l| l[c].is_some() || l[all + c % STEPS].is_some());
            let wanted: Vec<bool> = (0..all).map(requested).collect();
            let mut add = |cells: &[usize], row: usize| {
                let value = self.digits.get(row);
                for lists in &mut targets {
                    for cell in cells {
                        if let Some(list) = &mut lists[*cell] {
                            list.push(value);
                        }
                    }
                }
            };
            // rows are picked without a branch: which ones, no processor foresees
            let cell = |row: usize| usize::from(self.group_of[row]) * STEPS + usize::from(steps.0[row]);
            let (mut picked, mut number) = ([0u32; PICKED], 0);
            let mut take = |picked: &[u32]| {
                picked.iter().map(|row| *row as usize).for_each(|row| {
                    add(&[cell(row), all + usize::from(steps.0[row])], row);
                });
            };
            rows.each(self.valid, |row| {
                picked[number % PICKED] = row as u32;
                number += usize::from(wanted[cell(row)]);
                if number == PICKED {
                    take(&picked);
                    number = 0;
                }
            });
            take(&picked[..number]);
            self.each_other(steps, rows, |row, cell| add(&[cell], row));
            let own = targets.swap_remove(0);
            (ordered(&counted.counts, own, &counted.squares), targets.pop())
        });
        let mut orders = Vec::with_capacity(found.len());
        for (of_set, more) in found {
            orders.push(of_set);
            let to = whole.iter_mut().flat_map(|(lists, ..)| lists.iter_mut());
            for (to, more) in to.zip(more.into_iter().flatten()) {
                if let (Some(to), Some(mut more)) = (to, more) {
                    to.append(&mut more);
                }
            }
        }
        (orders, whole.map(|(lists, counts, squares)| ordered(&counts, lists, &squares)))
    }
}

/// With fewer rows in all sets another thread costs more than it does.
const WORTH_THREADS: usize = 50_000;

/// What comes of each of some sets, by their places: on all cores where they hold many rows.
fn of_each<T: Send>(rows: usize, sets: usize, work: impl Fn(usize) -> T + Sync) -> Vec<T> {
    if rows < WORTH_THREADS {
        return (0..sets).map(work).collect();
    }
    cancel::pieces(sets, 1, |places| work(places.start))
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
            let runs = Runs::of(&right.iter().fold(Bitmap::none(rows.len()), |mut set, row| { set.insert(*row as usize); set }));
            let parts = [Listed::Rows(left.to_vec()), Listed::Runs(&runs)];
            let (found, together) = grouped.orders(&steps, &parts, true);
            if !odd {
                let (all, _) = grouped.orders(&steps, &[Listed::All(rows.len())], false);
                prop_assert_eq!(Some(&all[0]), together.as_ref());
            }
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
