//! A set of row numbers, one bit a row, least significant bit first (Arrow's validity layout).

use std::ops::Range;

/// A set of rows `0..len`. Bits at and beyond `len` are always zero.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Bitmap {
    words: Vec<u64>,
    len: usize,
}

impl Bitmap {
    /// No row of `len`.
    pub fn none(len: usize) -> Self {
        Self { words: vec![0; len.div_ceil(64)], len }
    }

    /// Every row of `len`.
    pub fn all(len: usize) -> Self {
        let mut words = vec![u64::MAX; len.div_ceil(64)];
        if let (Some(last), false) = (words.last_mut(), len.is_multiple_of(64)) {
            *last = (1 << (len % 64)) - 1;
        }
        Self { words, len }
    }

    /// The rows for which `test` holds; 64 answers are gathered before one store.
    pub fn from_fn(len: usize, mut test: impl FnMut(usize) -> bool) -> Self {
        let words = (0..len.div_ceil(64))
            .map(|w| {
                let rows = w * 64..len.min(w * 64 + 64);
                rows.enumerate().fold(0, |word, (bit, row)| word | u64::from(test(row)) << bit)
            })
            .collect();
        Self { words, len }
    }

    /// The listed rows of `len`.
    pub fn of_rows(len: usize, rows: &[u32]) -> Self {
        let mut set = Self::none(len);
        rows.iter().for_each(|row| set.insert(*row as usize));
        set
    }

    /// The rows whose value passes. 64 answers go into bytes first, a loop that the compiler turns into wide
    /// instructions, and from there into a word.
    pub fn of<T: Copy>(values: &[T], test: impl Fn(T) -> bool) -> Self {
        let (whole, rest) = values.as_chunks::<64>();
        let word = |run: &[T; 64]| {
            let mut answers = [0; 64];
            answers.iter_mut().zip(run).for_each(|(answer, value)| *answer = u8::from(test(*value)));
            packed(&answers)
        };
        let mut words: Vec<u64> = Vec::with_capacity(values.len().div_ceil(64));
        words.extend(whole.iter().map(word));
        if !rest.is_empty() {
            words.push(rest.iter().rev().fold(0, |word, value| word << 1 | u64::from(test(*value))));
        }
        Self { words, len: values.len() }
    }

    /// The rows `start..start + len` as a set of their own; `start` is a multiple of 64.
    #[must_use]
    pub fn part(&self, start: usize, len: usize) -> Self {
        debug_assert!(start.is_multiple_of(64) && start + len <= self.len);
        let mut words = self.words[start / 64..(start + len).div_ceil(64)].to_vec();
        if let (Some(last), false) = (words.last_mut(), len.is_multiple_of(64)) {
            *last &= (1 << (len % 64)) - 1;
        }
        Self { words, len }
    }

    /// The set of these words; `None` where they are not as many as `len` rows need, or have bits beyond.
    pub(super) fn of_words(words: Vec<u64>, len: usize) -> Option<Self> {
        let beyond = if len.is_multiple_of(64) { 0 } else { u64::MAX << (len % 64) };
        let sound = words.len() == len.div_ceil(64) && words.last().is_none_or(|last| last & beyond == 0);
        sound.then_some(Self { words, len })
    }

    /// 64 rows a word, least significant bit first.
    pub fn words(&self) -> &[u64] {
        &self.words
    }

    /// 64 rows a word, to be taken out or put in.
    pub fn words_mut(&mut self) -> &mut [u64] {
        &mut self.words
    }

    /// How many rows the set is drawn from.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether the set is drawn from no rows at all.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Whether `row` is in the set.
    #[inline]
    pub fn contains(&self, row: usize) -> bool {
        self.words[row / 64] >> (row % 64) & 1 == 1
    }

    /// Puts `row` in.
    #[inline]
    pub fn insert(&mut self, row: usize) {
        debug_assert!(row < self.len);
        self.words[row / 64] |= 1 << (row % 64);
    }

    /// Puts the rows `start..end` in.
    pub fn insert_range(&mut self, start: usize, end: usize) {
        self.change_range(start, end, |word, bits| *word |= bits);
    }

    /// Takes the rows `start..end` out.
    pub fn remove_range(&mut self, start: usize, end: usize) {
        self.change_range(start, end, |word, bits| *word &= !bits);
    }

    fn change_range(&mut self, start: usize, end: usize, change: impl Fn(&mut u64, u64)) {
        if start >= end {
            return;
        }
        debug_assert!(end <= self.len);
        let (first, last) = (start / 64, (end - 1) / 64);
        let from = u64::MAX << (start % 64);
        let to = u64::MAX >> (63 - (end - 1) % 64);
        if first == last {
            return change(&mut self.words[first], from & to);
        }
        change(&mut self.words[first], from);
        self.words[first + 1..last].iter_mut().for_each(|word| change(word, u64::MAX));
        change(&mut self.words[last], to);
    }

    /// Puts the rows of a run in for which `test` holds; 64 answers are gathered before one store.
    pub fn insert_where(&mut self, run: Range<usize>, mut test: impl FnMut(usize) -> bool) {
        debug_assert!(run.end <= self.len);
        let mut row = run.start;
        while row < run.end {
            let end = run.end.min((row / 64 + 1) * 64);
            let word = (row..end).fold(0, |word, row| word | u64::from(test(row)) << (row % 64));
            self.words[row / 64] |= word;
            row = end;
        }
    }

    /// The rows `64 * word..`, one bit a row.
    #[inline]
    pub fn word(&self, word: usize) -> u64 {
        self.words[word]
    }

    /// How many rows are in both sets (of equal length).
    pub fn count_and(&self, other: &Self) -> usize {
        debug_assert_eq!(self.len, other.len);
        self.words.iter().zip(&other.words).map(|(a, b)| (a & b).count_ones() as usize).sum()
    }

    /// How many rows are in this and in each of several sets (of equal length), in one pass over the words that hold any.
    pub fn counts_and<const N: usize>(&self, others: [&Self; N]) -> [usize; N] {
        debug_assert!(others.iter().all(|o| o.len == self.len));
        let mut counts = [0; N];
        for (i, word) in self.words.iter().enumerate().filter(|(_, word)| **word != 0) {
            for (count, other) in counts.iter_mut().zip(others) {
                *count += (word & other.words[i]).count_ones() as usize;
            }
        }
        counts
    }

    /// Bytes that the set takes.
    pub fn bytes(&self) -> usize {
        self.words.len() * 8
    }

    /// How many rows are in the set.
    pub fn count(&self) -> usize {
        self.words.iter().map(|w| w.count_ones() as usize).sum()
    }

    /// Keeps the rows that are in both sets (of equal length).
    pub fn and(&mut self, other: &Self) {
        debug_assert_eq!(self.len, other.len);
        self.words.iter_mut().zip(&other.words).for_each(|(a, b)| *a &= b);
    }

    /// Adds the rows of the other set (of equal length).
    pub fn or(&mut self, other: &Self) {
        debug_assert_eq!(self.len, other.len);
        self.words.iter_mut().zip(&other.words).for_each(|(a, b)| *a |= b);
    }

    /// Takes out the rows of the other set (of equal length).
    pub fn and_not(&mut self, other: &Self) {
        debug_assert_eq!(self.len, other.len);
        self.words.iter_mut().zip(&other.words).for_each(|(a, b)| *a &= !b);
    }

    /// The rows in the set, ascending.
    pub fn iter(&self) -> impl Iterator<Item = usize> + '_ {
        self.range(0, self.len)
    }

    /// The rows of the set in `start..end`, ascending.
    pub fn range(&self, start: usize, end: usize) -> impl Iterator<Item = usize> + '_ {
        let end = end.min(self.len);
        let (first, last) = (start / 64, end.div_ceil(64));
        (first..last.max(first)).flat_map(move |w| {
            let mut word = self.words[w];
            if w == first {
                word &= u64::MAX << (start % 64);
            }
            if w + 1 == last && !end.is_multiple_of(64) {
                word &= (1 << (end % 64)) - 1;
            }
            std::iter::from_fn(move || {
                (word != 0).then(|| {
                    let bit = word.trailing_zeros() as usize;
                    word &= word - 1;
                    w * 64 + bit
                })
            })
        })
    }
}

/// 64 bytes that are 0 or 1 as the bits of a word: a multiplication gathers those of eight bytes in the topmost byte.
fn packed(answers: &[u8; 64]) -> u64 {
    let eight = |bytes: &[u8; 8]| u64::from_le_bytes(*bytes).wrapping_mul(0x0102_0408_1020_4080) >> 56;
    answers.as_chunks::<8>().0.iter().rev().fold(0, |word, bytes| word << 8 | eight(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_bitmap_is_a_set(rows in proptest::collection::vec(any::<bool>(), 0..300), other in proptest::collection::vec(any::<bool>(), 300), cut in 0usize..300, width in 0usize..300) {
            let n = rows.len();
            let a = Bitmap::from_fn(n, |i| rows[i]);
            let b = Bitmap::from_fn(n, |i| other[i]);
            let list = |f: &dyn Fn(usize) -> bool| (0..n).filter(|&i| f(i)).collect::<Vec<_>>();
            prop_assert_eq!(a.iter().collect::<Vec<_>>(), list(&|i| rows[i]));
            prop_assert_eq!(a.count(), rows.iter().filter(|x| **x).count());
            let start = cut.min(n);
            let end = (start + width).min(n);
            prop_assert_eq!(a.range(start, end).collect::<Vec<_>>(), list(&|i| rows[i] && i >= start && i < end));
            let (mut and, mut or, mut not) = (a.clone(), a.clone(), a.clone());
            and.and(&b);
            or.or(&b);
            not.and_not(&b);
            prop_assert_eq!(and.iter().collect::<Vec<_>>(), list(&|i| rows[i] && other[i]));
            prop_assert_eq!(or.iter().collect::<Vec<_>>(), list(&|i| rows[i] || other[i]));
            prop_assert_eq!(not.iter().collect::<Vec<_>>(), list(&|i| rows[i] && !other[i]));
            prop_assert_eq!(Bitmap::all(n).count(), n);
            prop_assert_eq!(&Bitmap::of(&rows, |x| x), &a);
            let from = start / 64 * 64;
            prop_assert_eq!(a.part(from, end - from).iter().map(|i| i + from).collect::<Vec<_>>(), a.range(from, end).collect::<Vec<_>>());
            prop_assert_eq!(a.count_and(&b), and.count());
            prop_assert_eq!(a.counts_and([&b, &a]), [and.count(), a.count()]);
            let mut more = a.clone();
            more.insert_range(start, end);
            prop_assert_eq!(more.iter().collect::<Vec<_>>(), list(&|i| rows[i] || (i >= start && i < end)));
            let mut some = a.clone();
            some.insert_where(start..end, |i| other[i]);
            prop_assert_eq!(some.iter().collect::<Vec<_>>(), list(&|i| rows[i] || (i >= start && i < end && other[i])));
        }
    }
}
