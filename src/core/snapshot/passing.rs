//! The rows that pass a filter, found out window by window where they are requested: the first tile under a new filter
//! costs what its own rows cost.

use crate::cancel;
use crate::columns::{Bitmap, Runs};
use std::ops::Range;
use std::sync::{Arc, OnceLock};

/// Rows that are decided together.
pub const WINDOW: usize = 4096;
const WORDS: usize = WINDOW / 64;

/// What has been found out so far; kept for whoever asks next.
#[derive(Debug)]
pub struct Windows {
    len: usize,
    decided: Vec<OnceLock<Bitmap>>,
}

impl Windows {
    /// Nothing known of `len` rows.
    pub fn new(len: usize) -> Self {
        Self { len, decided: (0..len.div_ceil(WINDOW)).map(|_| OnceLock::new()).collect() }
    }

    /// Bytes when all is known.
    pub fn bytes(&self) -> usize {
        self.len / 8 + self.decided.len() * size_of::<OnceLock<Bitmap>>()
    }
}

/// A set of rows that is decided where it is looked at.
pub struct Passing<'a> {
    windows: Arc<Windows>,
    decide: Box<dyn Fn(Range<usize>) -> Bitmap + 'a>,
}

impl<'a> Passing<'a> {
    /// `decide` tells which rows of a run pass, counted from the run's start, a multiple of 64; always the same.
    pub fn new(windows: Arc<Windows>, decide: impl Fn(Range<usize>) -> Bitmap + 'a) -> Self {
        Self { windows, decide: Box::new(decide) }
    }

    fn window(&self, window: usize) -> &Bitmap {
        let first = window * WINDOW;
        let run = first..self.windows.len.min(first + WINDOW);
        // a window that is cancelled stays undecided: whoever asks next decides it
        self.windows.decided[window].get_or_init(|| {
            cancel::check();
            (self.decide)(run)
        })
    }

    /// The rows `64 * word..`, one bit a row.
    #[inline]
    pub fn word(&self, word: usize) -> u64 {
        self.window(word / WORDS).word(word % WORDS)
    }

    /// Whether a row passes.
    #[inline]
    pub fn contains(&self, row: usize) -> bool {
        self.window(row / WINDOW).contains(row % WINDOW)
    }

    /// The rows of a run that pass, ascending.
    pub fn range(&self, run: Range<usize>) -> impl Iterator<Item = usize> + '_ {
        let Range { start, end } = run;
        let windows = if start < end { start / WINDOW..end.div_ceil(WINDOW) } else { 0..0 };
        windows.flat_map(move |window| {
            let first = window * WINDOW;
            let from = start.saturating_sub(first);
            self.window(window).range(from, (end - first).min(WINDOW)).map(move |i| first + i)
        })
    }

    /// How many rows of a run pass.
    pub fn count(&self, run: &Range<usize>) -> usize {
        words(run).map(|(word, mask)| (self.word(word) & mask).count_ones() as usize).sum()
    }

    /// Those rows of a window that pass, counted from its start.
    pub fn part(&self, run: Range<usize>) -> Bitmap {
        debug_assert!(run.start.is_multiple_of(WINDOW) && run.len() <= WINDOW);
        self.window(run.start / WINDOW).clone()
    }

    /// All rows that pass.
    pub fn all(&self) -> Bitmap {
        let mut out = Bitmap::all(self.windows.len);
        self.keep(&mut out);
        out
    }

    /// Takes the rows out of a set that do not pass. Windows that the set has no row in are not looked at.
    pub fn keep(&self, set: &mut Bitmap) {
        for (window, words) in set.words_mut().chunks_mut(WORDS).enumerate() {
            if words.iter().any(|w| *w != 0) {
                words.iter_mut().zip(self.window(window).words()).for_each(|(a, b)| *a &= b);
            }
        }
    }
}

/// A set of rows, in one of its two forms.
#[derive(Clone, Copy, Debug)]
pub(crate) enum RowSet<'a> {
    /// One bit a row.
    Bits(&'a Bitmap),
    /// Runs of rows.
    Runs(&'a Runs),
}

/// The rows of a run that pass and are in a set; without either, all.
pub(crate) struct Rows<'a> {
    pub(crate) run: Range<usize>,
    pub(crate) passing: Option<&'a Passing<'a>>,
    pub(crate) set: Option<RowSet<'a>>,
}

impl Rows<'_> {
    /// Adds them to a list, ascending.
    pub(super) fn gather(&self, list: &mut Vec<u32>) {
        match self.set {
            Some(RowSet::Runs(runs)) => runs.within(self.run.clone()).for_each(|run| self.gather_run(run, None, list)),
            Some(RowSet::Bits(bits)) => self.gather_run(self.run.clone(), Some(bits), list),
            None => self.gather_run(self.run.clone(), None, list),
        }
    }

    fn gather_run(&self, run: Range<usize>, set: Option<&Bitmap>, list: &mut Vec<u32>) {
        if self.passing.is_none() && set.is_none() {
            return list.extend(run.start as u32..run.end as u32);
        }
        for (word, mask) in words(&run) {
            let mut bits = mask & set.map_or(u64::MAX, |s| s.word(word));
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

/// The words that hold a run, and which of their bits do.
fn words(run: &Range<usize>) -> impl Iterator<Item = (usize, u64)> + use<> {
    let Range { start, end } = run.clone();
    let words = if start < end { start / 64..end.div_ceil(64) } else { 0..0 };
    words.map(move |word| {
        let from = u64::MAX << start.saturating_sub(word * 64);
        let left = end - word * 64;
        (word, if left < 64 { from & ((1 << left) - 1) } else { from })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::cell::Cell;

    proptest! {
        #[test]
        fn windows_make_up_the_set(len in 0usize..3 * WINDOW, a in 0usize..3 * WINDOW, b in 0usize..3 * WINDOW, every in 1usize..90) {
            let whole = Bitmap::from_fn(len, |i| i % every == 0);
            let calls = Cell::new(0);
            let passing = Passing::new(Arc::new(Windows::new(len)), |run| {
                calls.set(calls.get() + 1);
                whole.part(run.start, run.len())
            });
            let (start, end) = (a.min(b).min(len), a.max(b).min(len));
            let right: Vec<usize> = whole.range(start, end).collect();
            prop_assert_eq!(passing.count(&(start..end)), right.len());
            prop_assert_eq!(passing.range(start..end).collect::<Vec<_>>(), right);
            let touched = if start < end { end.div_ceil(WINDOW) - start / WINDOW } else { 0 };
            prop_assert_eq!(calls.get(), touched, "no other window is decided, and none twice");
            let mut set = Bitmap::none(len);
            set.insert_range(start, end);
            let mut right = set.clone();
            right.and(&whole);
            passing.keep(&mut set);
            prop_assert_eq!(set, right);
            prop_assert_eq!(passing.all(), whole.clone());
            prop_assert!((start..end).all(|row| passing.contains(row) == whole.contains(row)));
        }
    }
}
