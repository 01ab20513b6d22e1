//! A set of row numbers as runs: small where the rows of a table lie together in space, as those of a zone do.

use super::Bitmap;
use std::ops::Range;

/// A set of rows: runs that do not touch, ascending. Eight bytes a run, so never more than eight a row.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Runs {
    runs: Box<[(u32, u32)]>,
    rows: usize,
}

impl Runs {
    /// The rows of a set.
    pub fn of(set: &Bitmap) -> Self {
        let mut runs: Vec<(u32, u32)> = Vec::new();
        for (place, &word) in set.words().iter().enumerate() {
            let (mut word, mut at) = (word, place as u32 * 64);
            while word != 0 {
                let skipped = word.trailing_zeros();
                let long = (word >> skipped).trailing_ones();
                let start = at + skipped;
                match runs.last_mut() {
                    Some(last) if last.1 == start => last.1 = start + long,
                    _ => runs.push((start, start + long)),
                }
                at = start + long;
                // a run up to the end of the word leaves nothing
                word = word.checked_shr(skipped + long).unwrap_or(0);
            }
        }
        let rows = runs.iter().map(|(start, end)| (end - start) as usize).sum();
        Self { runs: runs.into(), rows }
    }

    /// These runs; `None` where they do not ascend, or touch.
    pub(super) fn of_runs(runs: Box<[(u32, u32)]>) -> Option<Self> {
        let sound = runs.iter().all(|run| run.0 < run.1) && runs.windows(2).all(|pair| pair[0].1 < pair[1].0);
        let rows = runs.iter().map(|(start, end)| end.saturating_sub(*start) as usize).sum();
        sound.then_some(Self { runs, rows })
    }

    /// Where the last run ends.
    pub fn end(&self) -> usize {
        self.runs.last().map_or(0, |run| run.1 as usize)
    }

    /// The runs, ascending.
    pub fn ranges(&self) -> impl Iterator<Item = Range<usize>> + '_ {
        self.runs.iter().map(|&(start, end)| start as usize..end as usize)
    }

    /// The parts of the runs in a range of rows, ascending.
    pub fn within(&self, range: Range<usize>) -> impl Iterator<Item = Range<usize>> + '_ {
        let first = self.runs.partition_point(|run| run.1 as usize <= range.start);
        let met = self.runs[first..].iter().map(|&(start, end)| start as usize..end as usize);
        let end = range.end;
        met.take_while(move |run| run.start < end).map(move |run| run.start.max(range.start)..run.end.min(end))
    }

    /// The rows, ascending.
    pub fn iter(&self) -> impl Iterator<Item = usize> + '_ {
        self.ranges().flatten()
    }

    /// How many rows.
    pub fn count(&self) -> usize {
        self.rows
    }

    /// Whether `row` is in the set.
    pub fn contains(&self, row: usize) -> bool {
        self.within(row..row + 1).next().is_some()
    }

    /// Adds the rows to a set that is drawn from as many.
    pub fn add_to(&self, set: &mut Bitmap) {
        self.ranges().for_each(|run| set.insert_range(run.start, run.end));
    }

    /// Takes the rows out of a set.
    pub fn take_from(&self, set: &mut Bitmap) {
        self.ranges().for_each(|run| set.remove_range(run.start, run.end));
    }

    /// The rows as a set drawn from `len`.
    pub fn bitmap(&self, len: usize) -> Bitmap {
        let mut set = Bitmap::none(len);
        self.add_to(&mut set);
        set
    }

    /// Bytes that the set takes.
    pub fn bytes(&self) -> usize {
        size_of_val(&*self.runs)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn runs_are_a_set(rows in proptest::collection::vec(proptest::bool::weighted(0.7), 0..400), a in 0usize..400, b in 0usize..400) {
            let n = rows.len();
            let set = Bitmap::from_fn(n, |i| rows[i]);
            let runs = Runs::of(&set);
            prop_assert_eq!(runs.iter().collect::<Vec<_>>(), set.iter().collect::<Vec<_>>());
            prop_assert_eq!(runs.count(), set.count());
            prop_assert_eq!(runs.bitmap(n), set.clone());
            prop_assert!((0..n).all(|row| runs.contains(row) == rows[row]));
            let all: Vec<_> = runs.ranges().collect();
            prop_assert!(all.windows(2).all(|w| w[0].end < w[1].start), "runs that touch are one");
            let (from, to) = (a.min(b).min(n), a.max(b).min(n));
            prop_assert_eq!(runs.within(from..to).flatten().collect::<Vec<_>>(), set.range(from, to).collect::<Vec<_>>());
            let mut rest = Bitmap::all(n);
            runs.take_from(&mut rest);
            prop_assert_eq!(rest.iter().collect::<Vec<_>>(), (0..n).filter(|&i| !rows[i]).collect::<Vec<_>>());
        }
    }
}
