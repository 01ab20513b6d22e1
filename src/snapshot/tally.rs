//! Exact sums over sets of the register's rows, by cluster, under one filter and for one year.
//!
//! Within a window of [`WINDOW`] rows prefix sums stand at every [`BLOCK`], so a run of rows costs two look-ups in each of
//! its windows and its ragged ends; and every tile cell is a run. Sums are integers of the metric's smallest unit: exact in
//! any order.

use super::passing::{Passing, WINDOW, words};
use super::steps::{Grouped, Order, Steps};
use super::{Index, Layer, Points, Register};
use crate::columns::{Bitmap, Column, Integers, Visit};
use std::ops::{AddAssign, Range, Sub};
use std::sync::{Arc, OnceLock};

/// Rows between two prefix sums: a multiple of 64, so that blocks are whole words of a bitmap.
pub const BLOCK: usize = 256;

/// One metric's figures of one year.
#[derive(Debug)]
struct Figure<'a> {
    digits: &'a Integers,
    valid: Option<&'a Bitmap>,
}

/// The columns that are summed: clusters, and a figure per metric.
#[derive(Debug)]
pub struct Figures<'a> {
    cluster_of: &'a [u8],
    secondary: Option<(&'a Column, Vec<&'a str>)>,
    metrics: Vec<Option<Figure<'a>>>,
    clusters: usize,
    points: Option<&'a Points>,
}

impl<'a> Figures<'a> {
    /// The register's figures of a year; with `codes` secondary clusters count too.
    pub fn new(layer: &'a Layer, register: &'a Register, year: u16, codes: Option<Vec<&'a str>>) -> Self {
        let columns = &layer.table.columns;
        let figure = |place: &usize| match &columns[*place] {
            Column::Integer(digits, valid) => Some(Figure { digits, valid: valid.as_ref() }),
            Column::Decimal(d, valid) => Some(Figure { digits: &d.digits, valid: valid.as_ref() }),
            _ => None,
        };
        Self {
            cluster_of: &register.cluster_of,
            secondary: codes.and_then(|codes| Some((&columns[register.secondary?], codes))),
            metrics: register.metrics.iter().map(|m| m.columns.get(&year).and_then(figure)).collect(),
            clusters: register.clusters,
            points: if let Index::Points(points) = &layer.index { Some(points) } else { None },
        }
    }

    /// Groups: the clusters, "no cluster", and all rows.
    fn groups(&self) -> usize {
        self.clusters + 2
    }

    /// The steps of a metric's figures, where there are any in this year.
    pub fn steps(&self, metric: usize) -> Option<Steps> {
        self.metrics[metric].as_ref().map(|figure| Steps::new(figure.digits))
    }

    /// Order statistics of each metric over the rows of a set that pass: by cluster, of those in none, and of all. `steps`
    /// has those of each metric.
    pub fn orders(&self, steps: &[Arc<Steps>], set: Option<&Bitmap>, passing: Option<&Passing>) -> Vec<Vec<Order>> {
        let mut rows = Vec::new();
        Rows { run: 0..self.cluster_of.len(), passing, set }.gather(&mut rows);
        let others = |row: usize, groups: &mut Vec<usize>| self.other_clusters(row, |c| groups.push(c));
        let others: Option<&dyn Fn(usize, &mut Vec<usize>)> = self.secondary.as_ref().map(|_| &others as _);
        let groups = self.clusters + 1;
        let one = |(figure, steps): (&Option<Figure>, &Arc<Steps>)| match figure {
            None => vec![Order::default(); groups + 1],
            Some(Figure { digits, valid }) => {
                Grouped { digits, valid: *valid, group_of: self.cluster_of, others, groups }.order(steps, &rows)
            }
        };
        self.metrics.iter().zip(steps).map(one).collect()
    }

    /// The clusters that a row counts in besides its own, by their place in the codelist.
    fn other_clusters(&self, row: usize, found: impl FnMut(usize)) {
        let Some((Column::Strings(lists, _), codes)) = &self.secondary else { return };
        let others = lists.row(row).filter_map(|word| codes.iter().position(|c| *c == word));
        others.filter(|&c| c != usize::from(self.cluster_of[row])).for_each(found);
    }

    /// Adds rows: what is counted first, then metric by metric, each in the width of its column.
    fn add(&self, rows: &Rows, to: &mut Totals) {
        let mut list = std::mem::take(&mut to.rows);
        list.clear();
        rows.gather(&mut list);
        self.add_list(&list, to);
        to.rows = list;
    }

    fn add_list(&self, rows: &[u32], to: &mut Totals) {
        let all = self.clusters + 1;
        rows.iter().for_each(|&row| to.counts[usize::from(self.cluster_of[row as usize])] += 1);
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
                valid: *valid,
                cluster_of: self.cluster_of,
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
            let Some(Figure { digits, valid }) = figure else { continue };
            if valid.is_none_or(|v| v.contains(row)) {
                to.digits[m * to.groups + cluster] += i128::from(digits.get(row));
                to.reported[m * to.groups + cluster] += 1;
            }
        }
    }
}

/// Counts and sums by group.
#[derive(Clone, Debug)]
pub struct Totals {
    groups: usize,
    counts: Vec<u32>,
    reported: Vec<u32>,
    digits: Vec<i128>,
    /// Sums of the positions, 2^32 units a side of the world.
    positions: (u64, u64),
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

/// Prefix sums over the rows of the register that pass one filter, made window by window where whole blocks are asked for.
#[derive(Debug)]
pub struct Tally {
    len: usize,
    windows: Vec<OnceLock<Marks>>,
    total: OnceLock<Totals>,
    /// Bytes of a mark.
    mark: usize,
}

/// The sums of the rows of a window that stand before each of its blocks, and before its end; each field of [`Totals`] in
/// an array of its own.
#[derive(Debug, Default)]
struct Marks {
    counts: Vec<u32>,
    reported: Vec<u32>,
    digits: Vec<i128>,
    positions: Vec<(u64, u64)>,
}

impl Marks {
    fn new(figures: &Figures, window: Range<usize>, passing: Option<&Passing>) -> Self {
        let mut running = Totals::new(figures);
        let mut marks = Self::default();
        for start in window.clone().step_by(BLOCK) {
            marks.mark(&running);
            let run = start..window.end.min(start + BLOCK);
            figures.add(&Rows { run, passing, set: None }, &mut running);
        }
        marks.mark(&running);
        marks
    }

    fn mark(&mut self, running: &Totals) {
        self.counts.extend_from_slice(&running.counts);
        self.reported.extend_from_slice(&running.reported);
        self.digits.extend_from_slice(&running.digits);
        self.positions.push(running.positions);
    }

    /// Adds the blocks `first..last` of the window.
    fn add(&self, blocks: Range<usize>, to: &mut Totals) {
        fn add<T: Copy + AddAssign + Sub<Output = T>>(to: &mut [T], before: &[T], first: usize, last: usize) {
            let n = to.len();
            let (a, b) = (&before[first * n..(first + 1) * n], &before[last * n..(last + 1) * n]);
            to.iter_mut().zip(a.iter().zip(b)).for_each(|(to, (a, b))| *to += *b - *a);
        }
        let Range { start, end } = blocks;
        add(&mut to.counts, &self.counts, start, end);
        add(&mut to.reported, &self.reported, start, end);
        add(&mut to.digits, &self.digits, start, end);
        let (a, b) = (self.positions[start], self.positions[end]);
        to.positions = (to.positions.0 + b.0 - a.0, to.positions.1 + b.1 - a.1);
    }
}

impl Tally {
    /// No sums yet over `len` rows.
    pub fn new(figures: &Figures, len: usize) -> Self {
        let one = Totals::new(figures);
        let mark = (one.counts.len() + one.reported.len()) * 4 + one.digits.len() * 16 + 16;
        Self {
            len,
            windows: (0..len.div_ceil(WINDOW)).map(|_| OnceLock::new()).collect(),
            total: OnceLock::new(),
            mark,
        }
    }

    /// Adds a run of rows. `passing`, here and elsewhere, are the rows that this tally is of; `None`: all.
    pub fn add_run(&self, figures: &Figures, passing: Option<&Passing>, run: Range<usize>, to: &mut Totals) {
        let (first, last) = (run.start.div_ceil(BLOCK), run.end / BLOCK);
        if first >= last {
            return figures.add(&Rows { run, passing, set: None }, to);
        }
        figures.add(&Rows { run: run.start..first * BLOCK, passing, set: None }, to);
        self.add_blocks(figures, passing, first..last, to);
        figures.add(&Rows { run: last * BLOCK..run.end, passing, set: None }, to);
    }

    /// Adds the rows of a set: whole blocks at once, rows only where a block is cut.
    pub fn add_set(&self, figures: &Figures, passing: Option<&Passing>, set: &Bitmap, to: &mut Totals) {
        const WORDS: usize = BLOCK / 64;
        let blocks = self.len / BLOCK;
        let mut both = |run| figures.add(&Rows { run, passing, set: Some(set) }, to);
        let mut whole: Vec<Range<usize>> = Vec::new();
        for block in 0..blocks {
            let words = &set.words()[block * WORDS..(block + 1) * WORDS];
            if words.iter().all(|w| *w == u64::MAX) {
                match whole.last_mut() {
                    Some(run) if run.end == block => run.end += 1,
                    _ => whole.push(block..block + 1),
                }
            } else if words.iter().any(|w| *w != 0) {
                both(block * BLOCK..(block + 1) * BLOCK);
            }
        }
        both(blocks * BLOCK..self.len);
        whole.into_iter().for_each(|run| self.add_blocks(figures, passing, run, to));
    }

    /// Everything.
    pub fn total(&self, figures: &Figures, passing: Option<&Passing>) -> &Totals {
        self.total.get_or_init(|| {
            let mut all = Totals::new(figures);
            self.add_run(figures, passing, 0..self.len, &mut all);
            all
        })
    }

    /// Rows of the register, passing or not.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether the register has no rows.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Bytes that the sums take when all are made.
    pub fn bytes(&self) -> usize {
        (self.len / BLOCK + self.windows.len()) * self.mark + self.windows.len() * size_of::<OnceLock<Marks>>()
    }

    fn add_blocks(&self, figures: &Figures, passing: Option<&Passing>, blocks: Range<usize>, to: &mut Totals) {
        const BLOCKS: usize = WINDOW / BLOCK;
        for window in blocks.start / BLOCKS..blocks.end.div_ceil(BLOCKS) {
            let first = window * BLOCKS;
            let rows = window * WINDOW..self.len.min((window + 1) * WINDOW);
            let marks = self.windows[window].get_or_init(|| Marks::new(figures, rows, passing));
            marks.add(blocks.start.max(first) - first..blocks.end.min(first + BLOCKS) - first, to);
        }
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

/// The rows of a run that pass and are in a set; without either, all.
struct Rows<'a> {
    run: Range<usize>,
    passing: Option<&'a Passing<'a>>,
    set: Option<&'a Bitmap>,
}

impl Rows<'_> {
    fn gather(&self, list: &mut Vec<u32>) {
        let run = self.run.clone();
        if self.passing.is_none() && self.set.is_none() {
            return list.extend(run.start as u32..run.end as u32);
        }
        for (word, mask) in words(&run) {
            let mut bits = mask & self.set.map_or(u64::MAX, |s| s.word(word));
            if bits != 0 {
                bits &= self.passing.map_or(u64::MAX, |p| p.word(word));
            }
            while bits != 0 {
                list.push(word as u32 * 64 + bits.trailing_zeros());
                bits &= bits - 1;
            }
        }
    }
}
