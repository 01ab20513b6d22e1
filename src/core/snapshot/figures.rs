//! The columns that are summed, and exact sums over lists of rows, by cluster and for one period. Sums are integers of the
//! metric's smallest unit: exact in any order.

use super::classes::Classes;
use super::layer::{Index, Layer};
use super::passing::{Passing, RowSet, Rows};
use super::points::Points;
use super::protection::keep_largest;
use super::register::{Metric, Register};
use super::steps::{Grouped, Listed, Order, Others, Steps};
use crate::cancel;
use crate::columns::{Bitmap, Column, Integers, Strings, Visit};
use crate::model::Period;
use std::borrow::Cow;
use std::ops::{AddAssign, Deref};
use std::sync::Arc;

/// One metric's figures of one period.
#[derive(Debug)]
struct Figure<'a> {
    digits: &'a Integers,
    valid: Option<Cow<'a, Bitmap>>,
}

impl<'a> Figure<'a> {
    fn new(column: &'a Column, protected: Option<&'a Integers>) -> Option<Self> {
        let (digits, valid) = match column {
            Column::Integer(digits, valid) => (digits, valid),
            Column::Decimal(d, valid) => (&d.digits, valid),
            _ => return None,
        };
        Some(Self { digits: protected.unwrap_or(digits), valid: valid.as_ref().map(Cow::Borrowed) })
    }

    /// Whether a row has a value.
    fn holds(&self, row: usize) -> bool {
        self.valid.as_ref().is_none_or(|v| v.contains(row))
    }
}

/// The group of each row.
#[derive(Debug)]
enum Groups<'a> {
    /// In the dataset's own reading.
    Usual(&'a [u8]),
    Read(Arc<Vec<u8>>),
}

impl Deref for Groups<'_> {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match self {
            Self::Usual(groups) => groups,
            Self::Read(groups) => groups,
        }
    }
}

/// A reading of the classes with the group of each row, where it is not the dataset's own.
pub(crate) struct Read<'a> {
    pub(crate) classes: &'a Classes,
    pub(crate) groups: Option<Arc<Vec<u8>>>,
}

/// The columns that are summed: clusters, and a figure per metric.
#[derive(Debug)]
pub struct Figures<'a> {
    cluster_of: Groups<'a>,
    /// Further classes of rows, and the group of each word of the column.
    secondary: Option<(&'a Strings, Vec<u8>)>,
    metrics: Vec<Option<Figure<'a>>>,
    clusters: usize,
    points: Option<&'a Points>,
}

impl<'a> Figures<'a> {
    /// The register's figures of a period, or of the latest of each metric, by the groups of a reading; with `secondary`
    /// secondary clusters count too. `protected` gives the figures of a metric that stand in for its own, by its place.
    pub fn new(
        layer: &'a Layer,
        register: &'a Register,
        period: Option<Period>,
        Read { classes, groups }: Read<'_>,
        secondary: bool,
        protected: impl Fn(usize) -> Option<&'a Integers>,
    ) -> Self {
        let columns = &layer.table.columns;
        let figure =
            |(metric, m): (usize, &'a Metric)| Figure::new(m.figures(&layer.table, period)?, protected(metric));
        Self {
            cluster_of: groups.map_or(Groups::Usual(&register.cluster_of), Groups::Read),
            secondary: register.secondary.filter(|_| secondary).and_then(|place| match &columns[place] {
                Column::Strings(lists, _) => Some((lists, lists.words().iter().map(|w| classes.group(w)).collect())),
                _ => None,
            }),
            metrics: register.metrics.iter().enumerate().map(figure).collect(),
            clusters: classes.len(),
            points: if let Index::Points(points) = &*layer.index { Some(points) } else { None },
        }
    }

    /// The register's figures of two periods, those of a metric one after the other, of the rows that have a value in both.
    pub fn pairs(
        layer: &'a Layer,
        register: &'a Register,
        periods: [Period; 2],
        read: Read<'_>,
        secondary: bool,
        protected: impl Fn(usize, Period) -> Option<&'a Integers>,
    ) -> Self {
        let pair = |(metric, m): (usize, &'a Metric)| -> Option<[Figure<'a>; 2]> {
            let figure =
                |period: Period| Figure::new(m.figures(&layer.table, Some(period))?, protected(metric, period));
            let [mut now, mut before] = [figure(periods[0])?, figure(periods[1])?];
            let both = match (&now.valid, &before.valid) {
                (Some(a), Some(b)) => {
                    let mut both = a.clone().into_owned();
                    both.and(b);
                    Some(both)
                }
                (a, b) => a.as_ref().or(b.as_ref()).map(|one| one.clone().into_owned()),
            };
            now.valid = both.clone().map(Cow::Owned);
            before.valid = both.map(Cow::Owned);
            Some([now, before])
        };
        let metrics = register.metrics.iter().enumerate().flat_map(|m| match pair(m) {
            Some([now, before]) => [Some(now), Some(before)],
            None => [None, None],
        });
        let metrics = metrics.collect();
        Self { metrics, ..Self::new(layer, register, None, read, secondary, |_| None) }
    }

    /// Groups: the clusters, "no cluster", and all rows.
    fn groups(&self) -> usize {
        self.clusters + 2
    }

    /// The steps of a metric's figures, where there are any in this period.
    pub fn steps(&self, metric: usize) -> Option<Steps> {
        self.metrics[metric].as_ref().map(|figure| Steps::new(figure.digits))
    }

    /// Order statistics of each metric over the rows of each set that pass: by cluster, of those in none, and of all; last,
    /// where `together` is requested, over the rows of all sets, none of which is in two. `steps` has those of each metric.
    pub fn orders(
        &self,
        steps: &[Arc<Steps>],
        sets: &[Option<RowSet>],
        passing: Option<&Passing>,
        together: bool,
    ) -> Vec<Vec<Vec<Order>>> {
        let all = self.cluster_of.len();
        let rows: Vec<Listed> = sets
            .iter()
            .map(|set| match (set, passing) {
                (Some(RowSet::Runs(runs)), None) => Listed::Runs(runs),
                (None, None) => Listed::All(all),
                (set, passing) => {
                    let mut rows = Vec::new();
                    Rows { run: 0..all, passing, set: *set }.gather(&mut rows);
                    Listed::Rows(rows)
                }
            })
            .collect();
        let others = |row: usize, groups: &mut Vec<usize>| self.other_clusters(row, |c| groups.push(c));
        let others: Option<Others> = self.secondary.as_ref().map(|_| &others as _);
        let groups = self.clusters + 1;
        let mut out = vec![vec![]; sets.len() + usize::from(together)];
        for (figure, steps) in self.metrics.iter().zip(steps) {
            let orders = match figure {
                None => vec![vec![Order::default(); groups + 1]; out.len()],
                Some(Figure { digits, valid }) => {
                    let grouped =
                        Grouped { digits, valid: valid.as_deref(), group_of: &self.cluster_of, others, groups };
                    let (orders, whole) = grouped.orders(steps, &rows, together);
                    orders.into_iter().chain(whole).collect()
                }
            };
            out.iter_mut().zip(orders).for_each(|(out, orders)| out.push(orders));
        }
        out
    }

    /// The largest absolute values of each metric in rows, descending: by cluster, of those in none, and of all.
    pub fn largest(&self, rows: &Rows, number: usize) -> Vec<Vec<Vec<f64>>> {
        self.gathered(rows, &vec![0.0; number], |largest, value| keep_largest(largest, value as f64))
    }

    /// Of each metric in rows, what their spread is made of: by cluster, of those in none, and of all.
    pub fn powers(&self, rows: &Rows) -> Vec<Vec<Powers>> {
        self.gathered(rows, &Powers::default(), |powers, value| powers.add(Powers::of(value)))
    }

    /// What comes of the values of each metric in rows, one after the other: by cluster, of those in none, and of all.
    fn gathered<T: Clone>(&self, rows: &Rows, nothing: &T, add: impl Fn(&mut T, i64)) -> Vec<Vec<T>> {
        let mut list = Vec::new();
        rows.gather(&mut list);
        let all = self.clusters + 1;
        let cluster_of: &[u8] = &self.cluster_of;
        let of = |figure: &Option<Figure>| {
            let mut groups = vec![nothing.clone(); self.groups()];
            let Some(figure) = figure else { return groups };
            for list in list.chunks(1 << 12) {
                cancel::check();
                for row in list.iter().map(|row| *row as usize).filter(|row| figure.holds(*row)) {
                    let value = figure.digits.get(row);
                    add(&mut groups[all], value);
                    add(&mut groups[usize::from(cluster_of[row])], value);
                    self.other_clusters(row, |c| add(&mut groups[c], value));
                }
            }
            groups
        };
        self.metrics.iter().map(of).collect()
    }

    /// Rows of the register.
    pub fn len(&self) -> usize {
        self.cluster_of.len()
    }

    /// The group of a row; the place after the last class for none.
    pub fn group(&self, row: usize) -> usize {
        self.cluster_of[row].into()
    }

    /// The groups that a row counts in besides its own, each once.
    fn other_clusters(&self, row: usize, mut found: impl FnMut(usize)) {
        let Some((lists, groups)) = &self.secondary else { return };
        // one bit a group: several classes of a row may be in one
        let mut seen = [0u64; 4];
        let mut first = |group: usize| {
            let (word, bit) = (&mut seen[group / 64], 1u64 << (group % 64));
            let first = *word & bit == 0;
            *word |= bit;
            first
        };
        first(self.cluster_of[row].into());
        for word in lists.codes(row) {
            let group = usize::from(groups[word as usize]);
            if group < self.clusters && first(group) {
                found(group);
            }
        }
    }

    /// Adds rows: what is counted first, then metric by metric, each in the width of its column.
    pub(super) fn add(&self, rows: &Rows, to: &mut Totals) {
        cancel::check();
        let mut list = std::mem::take(&mut to.rows);
        list.clear();
        rows.gather(&mut list);
        self.add_list(&list, to);
        to.rows = list;
    }

    /// Adds listed rows.
    pub(super) fn add_list(&self, rows: &[u32], to: &mut Totals) {
        let all = self.clusters + 1;
        let cluster_of: &[u8] = &self.cluster_of;
        rows.iter().for_each(|&row| to.counts[usize::from(cluster_of[row as usize])] += 1);
        to.counts[all] += rows.len() as u32;
        if let Some(points) = self.points {
            let (mut x, mut y) = to.positions;
            let located = points.located() as u32;
            for &row in rows.iter().filter(|row| **row < located) {
                let at = points.position(row as usize);
                (x, y) = (x + u64::from(at.0), y + u64::from(at.1));
            }
            to.positions = (x, y);
        }
        for (m, figure) in self.metrics.iter().enumerate() {
            let Some(Figure { digits, valid }) = figure else { continue };
            let groups = m * to.groups..(m + 1) * to.groups;
            digits.visit(AddUp {
                rows,
                valid: valid.as_deref(),
                cluster_of: &self.cluster_of,
                digits: &mut to.digits[groups.clone()],
                reported: &mut to.reported[groups],
            });
        }
        if self.secondary.is_some() {
            rows.iter()
                .for_each(|&row| self.other_clusters(row as usize, |c| self.add_to_cluster(row as usize, c, to)));
        }
    }

    fn add_to_cluster(&self, row: usize, cluster: usize, to: &mut Totals) {
        to.counts[cluster] += 1;
        for (m, figure) in self.metrics.iter().enumerate() {
            if let Some(figure) = figure.as_ref().filter(|figure| figure.holds(row)) {
                to.digits[m * to.groups + cluster] += i128::from(figure.digits.get(row));
                to.reported[m * to.groups + cluster] += 1;
            }
        }
    }
}

/// What a spread is made of: sums over values in the metric's smallest unit. They are integers, so that the order of rows
/// never shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Powers {
    /// Values above zero.
    pub above: u64,
    /// Their sum.
    pub sum: u128,
    /// The sum of v ln v, in parts of [`Powers::PART`].
    logs: u128,
    /// Values below zero, which have no shares.
    pub below: u64,
}

impl Powers {
    const PART: f64 = (1 << 20) as f64;

    fn of(value: i64) -> Self {
        let Ok(v) = u64::try_from(value) else { return Self { below: 1, ..Self::default() } };
        if v == 0 {
            return Self::default();
        }
        let plain = v as f64;
        let logs = (plain * plain.ln() * Self::PART).round() as u128;
        Self { above: 1, sum: v.into(), logs, below: 0 }
    }

    /// Adds what another holds.
    pub fn add(&mut self, other: Self) {
        self.above += other.above;
        self.sum += other.sum;
        self.logs += other.logs;
        self.below += other.below;
    }

    /// Theil's T (1967) of the values above zero.
    pub fn theil(&self) -> Option<f64> {
        let (n, sum) = (self.above as f64, self.sum as f64);
        // rounding alone gives less than zero for equal values
        (self.above > 0).then(|| (self.logs as f64 / Self::PART / sum + n.ln() - sum.ln()).max(0.0))
    }
}

/// Counts and sums by group.
#[derive(Clone, Debug)]
pub struct Totals {
    pub(super) groups: usize,
    pub(super) counts: Vec<u32>,
    pub(super) reported: Vec<u32>,
    pub(super) digits: Vec<i128>,
    /// Sums of the positions, 2^32 units a side of the world.
    pub(super) positions: (u64, u64),
    /// The rows that are being added, kept for its memory.
    rows: Vec<u32>,
}

impl Totals {
    /// Nothing yet.
    pub fn new(figures: &Figures) -> Self {
        let (groups, cells) = (figures.groups(), figures.groups() * figures.metrics.len());
        let (counts, reported, digits) = (vec![0; groups], vec![0; cells], vec![0; cells]);
        Self { groups, counts, reported, digits, positions: (0, 0), rows: vec![] }
    }

    /// Back to nothing.
    pub fn clear(&mut self) {
        self.counts.fill(0);
        self.reported.fill(0);
        self.digits.fill(0);
        self.positions = (0, 0);
    }

    /// Adds what another holds.
    pub fn add(&mut self, other: &Self) {
        fn add<T: Copy + AddAssign>(to: &mut [T], other: &[T]) {
            to.iter_mut().zip(other).for_each(|(to, n)| *to += *n);
        }
        add(&mut self.counts, &other.counts);
        add(&mut self.reported, &other.reported);
        add(&mut self.digits, &other.digits);
        self.positions = (self.positions.0 + other.positions.0, self.positions.1 + other.positions.1);
    }

    /// Rows.
    pub fn rows(&self) -> u64 {
        self.counts[self.groups - 1].into()
    }

    /// Rows of a cluster, by its place in the codelist; the place after the last means "none".
    pub fn count(&self, cluster: usize) -> u64 {
        self.counts[cluster].into()
    }

    /// The mean position, 2^32 units a side of the world; all rows must be located.
    pub fn mean_position(&self) -> Option<(u32, u32)> {
        let n = self.rows();
        Some((self.positions.0.checked_div(n)? as u32, self.positions.1.checked_div(n)? as u32))
    }

    /// Sum (in the metric's smallest unit) and number of values of a metric: over all rows, or over a cluster's.
    pub fn sum(&self, metric: usize, cluster: Option<usize>) -> (i128, u64) {
        let at = metric * self.groups + cluster.unwrap_or(self.groups - 1);
        (self.digits[at], self.reported[at].into())
    }
}

/// One metric of some rows, added up by cluster and for all.
struct AddUp<'r> {
    rows: &'r [u32],
    valid: Option<&'r Bitmap>,
    cluster_of: &'r [u8],
    digits: &'r mut [i128],
    reported: &'r mut [u32],
}

impl Visit for AddUp<'_> {
    type Out = ();

    fn visit<T: Copy + Into<i64>>(self, values: &[T]) {
        let (mut sum, mut reported) = (0, 0);
        for row in self.rows.iter().map(|row| *row as usize) {
            if self.valid.is_some_and(|v| !v.contains(row)) {
                continue;
            }
            let (cluster, digits) = (usize::from(self.cluster_of[row]), i128::from(values[row].into()));
            self.digits[cluster] += digits;
            self.reported[cluster] += 1;
            sum += digits;
            reported += 1;
        }
        let all = self.digits.len() - 1;
        self.digits[all] += sum;
        self.reported[all] += reported;
    }
}
