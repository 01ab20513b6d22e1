//! Exact sums over sets of the register's rows, by cluster, under one filter and for one period.
//!
//! Within a window of [`WINDOW`] rows prefix sums stand at every [`BLOCK`], so a run of rows costs two look-ups in each of
//! its windows and its ragged ends; and every tile cell is a run.

use super::figures::{Figures, Totals};
use super::passing::{Passing, RowSet, Rows, WINDOW};
use crate::cancel;
use crate::columns::{Bitmap, Runs};
use std::ops::{AddAssign, Range, Sub};
use std::sync::{Arc, OnceLock};

/// Rows between two prefix sums: a multiple of 64, so that blocks are whole words of a bitmap.
pub const BLOCK: usize = 256;

/// Prefix sums over the rows of the register that pass one filter, made by window where whole blocks are requested.
#[derive(Debug)]
pub struct Tally {
    len: usize,
    windows: Vec<OnceLock<Marks>>,
    total: Arc<Total>,
    /// Bytes of a mark.
    mark: usize,
}

/// The sums of all rows that pass one filter: as long as a mark, so they are kept for many more filters than prefix sums are.
#[derive(Debug)]
pub struct Total {
    sums: OnceLock<Totals>,
    bytes: usize,
}

impl Total {
    /// Bytes that it takes when it is made.
    pub fn bytes(&self) -> usize {
        self.bytes
    }
}

/// The sums of the rows of a window that stand before each of its blocks, and before its end; each field of [`Totals`] in
/// an array of its own.
#[derive(Debug)]
struct Marks {
    counts: Vec<u32>,
    reported: Vec<u32>,
    digits: Vec<i128>,
    positions: Vec<(u64, u64)>,
}

impl Marks {
    fn new(figures: &Figures, window: Range<usize>, passing: Option<&Passing>) -> Self {
        let mut running = Totals::new(figures);
        let number = window.len().div_ceil(BLOCK) + 1;
        let mut marks = Self {
            counts: Vec::with_capacity(number * running.counts.len()),
            reported: Vec::with_capacity(number * running.reported.len()),
            digits: Vec::with_capacity(number * running.digits.len()),
            positions: Vec::with_capacity(number),
        };
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
            total: Arc::new(Total { sums: OnceLock::new(), bytes: mark }),
            mark,
        }
    }

    /// The sums of all its rows, made or not.
    pub fn shared_total(&self) -> Arc<Total> {
        self.total.clone()
    }

    /// The same with sums of all its rows that another of the same filter may have made.
    #[must_use]
    pub fn with_total(self, total: Arc<Total>) -> Self {
        Self { total, ..self }
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
    pub fn add_set(&self, figures: &Figures, passing: Option<&Passing>, set: RowSet, to: &mut Totals) {
        match set {
            RowSet::Bits(bits) => self.add_bits(figures, passing, bits, to),
            RowSet::Runs(runs) => self.add_runs(figures, passing, runs, to),
        }
    }

    fn add_runs(&self, figures: &Figures, passing: Option<&Passing>, runs: &Runs, to: &mut Totals) {
        cancel::check();
        let mut list = Vec::new();
        let mut ragged = |run| Rows { run, passing, set: None }.gather(&mut list);
        for run in runs.ranges() {
            let (first, last) = (run.start.div_ceil(BLOCK), run.end / BLOCK);
            if first >= last {
                ragged(run);
                continue;
            }
            ragged(run.start..first * BLOCK);
            self.add_blocks(figures, passing, first..last, to);
            ragged(last * BLOCK..run.end);
        }
        figures.add_list(&list, to);
    }

    fn add_bits(&self, figures: &Figures, passing: Option<&Passing>, set: &Bitmap, to: &mut Totals) {
        const WORDS: usize = BLOCK / 64;
        let blocks = self.len / BLOCK;
        let mut both = |run| figures.add(&Rows { run, passing, set: Some(RowSet::Bits(set)) }, to);
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
        self.total.sums.get_or_init(|| {
            let mut all = Totals::new(figures);
            self.add_run(figures, passing, 0..self.len, &mut all);
            all
        })
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
