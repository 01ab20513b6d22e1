//! Whole numbers in as few bytes as the widest of them needs.

// one line is compiled for each width, the widest too
#![allow(clippy::useless_conversion)]

use super::Bitmap;
use std::ops::Range;

/// Integers of one width: the first of the variants that holds all of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Integers {
    /// 0 to 255.
    U8(Vec<u8>),
    /// -128 to 127.
    I8(Vec<i8>),
    /// 0 to 65,535.
    U16(Vec<u16>),
    /// -32,768 to 32,767.
    I16(Vec<i16>),
    /// Some two thousand millions to either side.
    I32(Vec<i32>),
    /// Anything.
    I64(Vec<i64>),
}

/// What is done with the numbers, written once and compiled for each width: loops do not ask for the width in each row.
pub trait Visit {
    /// What comes of it.
    type Out;
    /// Does it.
    fn visit<T: Copy + Into<i64>>(self, values: &[T]) -> Self::Out;
}

macro_rules! each {
    ($of:expr, $v:ident => $do:expr) => {
        match $of {
            Integers::U8($v) => $do,
            Integers::I8($v) => $do,
            Integers::U16($v) => $do,
            Integers::I16($v) => $do,
            Integers::I32($v) => $do,
            Integers::I64($v) => $do,
        }
    };
}

/// Adds the number where it fits the width.
macro_rules! try_push {
    ($of:expr, $n:expr, $v:ident) => {
        match $of {
            Integers::U8($v) => u8::try_from($n).map(|n| $v.push(n)).is_ok(),
            Integers::I8($v) => i8::try_from($n).map(|n| $v.push(n)).is_ok(),
            Integers::U16($v) => u16::try_from($n).map(|n| $v.push(n)).is_ok(),
            Integers::I16($v) => i16::try_from($n).map(|n| $v.push(n)).is_ok(),
            Integers::I32($v) => i32::try_from($n).map(|n| $v.push(n)).is_ok(),
            Integers::I64($v) => {
                $v.push($n);
                true
            }
        }
    };
}

impl Default for Integers {
    fn default() -> Self {
        Self::U8(Vec::new())
    }
}

impl FromIterator<i64> for Integers {
    fn from_iter<I: IntoIterator<Item = i64>>(numbers: I) -> Self {
        let mut out = Self::default();
        numbers.into_iter().for_each(|n| out.push(n));
        out
    }
}

#[allow(clippy::useless_conversion, reason = "the widest numbers are of that type already")]
impl Integers {
    /// Rows.
    pub fn len(&self) -> usize {
        each!(self, v => v.len())
    }

    /// Whether there are no rows.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Bytes that the numbers take.
    pub fn bytes(&self) -> usize {
        each!(self, v => size_of_val(v.as_slice()))
    }

    /// The number at `row`.
    #[inline]
    pub fn get(&self, row: usize) -> i64 {
        each!(self, v => v[row].into())
    }

    /// Does something with all numbers in their own width.
    pub fn visit<V: Visit>(&self, visitor: V) -> V::Out {
        each!(self, v => visitor.visit(v))
    }

    /// The rows of a run whose number is at least `low` and at most `high`, counted from the run's start.
    pub fn within(&self, run: Range<usize>, low: i64, high: i64) -> Bitmap {
        match self {
            Self::U8(v) => between(&v[run], (u8::MIN, u8::MAX), low, high),
            Self::I8(v) => between(&v[run], (i8::MIN, i8::MAX), low, high),
            Self::U16(v) => between(&v[run], (u16::MIN, u16::MAX), low, high),
            Self::I16(v) => between(&v[run], (i16::MIN, i16::MAX), low, high),
            Self::I32(v) => between(&v[run], (i32::MIN, i32::MAX), low, high),
            Self::I64(v) => between(&v[run], (i64::MIN, i64::MAX), low, high),
        }
    }

    /// Adds a number, widening the column where it does not fit.
    #[inline]
    pub fn push(&mut self, number: i64) {
        if !try_push!(self, number, v) {
            self.widen(number, number);
            let pushed = try_push!(self, number, v);
            debug_assert!(pushed);
        }
    }

    /// Adds the numbers of another.
    pub fn append(&mut self, other: &Self) {
        let Some((low, high)) = other.span() else { return };
        self.widen(low, high);
        // what spans no more than these columns fits, so that nothing is cut off here
        match self {
            Self::U8(v) => other.copy_to(v, |n| n as u8),
            Self::I8(v) => other.copy_to(v, |n| n as i8),
            Self::U16(v) => other.copy_to(v, |n| n as u16),
            Self::I16(v) => other.copy_to(v, |n| n as i16),
            Self::I32(v) => other.copy_to(v, |n| n as i32),
            Self::I64(v) => other.copy_to(v, |n| n),
        }
    }

    fn copy_to<T>(&self, to: &mut Vec<T>, cast: impl Fn(i64) -> T) {
        each!(self, v => to.extend(v.iter().map(|&n| cast(n.into()))));
    }

    /// The smallest and the largest number.
    fn span(&self) -> Option<(i64, i64)> {
        each!(self, v => Some(((*v.iter().min()?).into(), (*v.iter().max()?).into())))
    }

    /// Whether the width holds `low` and `high`.
    fn holds(&self, low: i64, high: i64) -> bool {
        let fits = |least: i64, most: i64| low >= least && high <= most;
        match self {
            Self::U8(_) => fits(0, u8::MAX.into()),
            Self::I8(_) => fits(i8::MIN.into(), i8::MAX.into()),
            Self::U16(_) => fits(0, u16::MAX.into()),
            Self::I16(_) => fits(i16::MIN.into(), i16::MAX.into()),
            Self::I32(_) => fits(i32::MIN.into(), i32::MAX.into()),
            Self::I64(_) => true,
        }
    }

    /// Takes a width that holds `low` and `high` in addition to the values present.
    fn widen(&mut self, low: i64, high: i64) {
        if self.holds(low, high) {
            return;
        }
        let (low, high) = self.span().map_or((low, high), |(l, h)| (low.min(l), high.max(h)));
        let widths = [Self::I8(vec![]), Self::U16(vec![]), Self::I16(vec![]), Self::I32(vec![])];
        let mut wider = widths.into_iter().find(|w| w.holds(low, high)).unwrap_or(Self::I64(vec![]));
        match &mut wider {
            Self::U8(v) => self.copy_to(v, |n| n as u8),
            Self::I8(v) => self.copy_to(v, |n| n as i8),
            Self::U16(v) => self.copy_to(v, |n| n as u16),
            Self::I16(v) => self.copy_to(v, |n| n as i16),
            Self::I32(v) => self.copy_to(v, |n| n as i32),
            Self::I64(v) => self.copy_to(v, |n| n),
        }
        *self = wider;
    }

    /// The same numbers in the order given.
    #[must_use]
    pub fn take(&self, order: &[u32]) -> Self {
        fn pick<T: Copy>(v: &[T], order: &[u32]) -> Vec<T> {
            order.iter().map(|&i| v[i as usize]).collect()
        }
        match self {
            Self::U8(v) => Self::U8(pick(v, order)),
            Self::I8(v) => Self::I8(pick(v, order)),
            Self::U16(v) => Self::U16(pick(v, order)),
            Self::I16(v) => Self::I16(pick(v, order)),
            Self::I32(v) => Self::I32(pick(v, order)),
            Self::I64(v) => Self::I64(pick(v, order)),
        }
    }

    /// Gives back memory that is not used.
    pub(super) fn shrink(&mut self) {
        each!(self, v => v.shrink_to_fit());
    }
}

/// The numbers from `low` to `high`, compared in their own width: the narrower, the more of them at once.
fn between<T: Copy + Ord + Into<i64> + TryFrom<i64>>(v: &[T], ends: (T, T), low: i64, high: i64) -> Bitmap {
    if low > high || low > ends.1.into() || high < ends.0.into() {
        return Bitmap::none(v.len());
    }
    let (low, high) = (T::try_from(low).unwrap_or(ends.0), T::try_from(high).unwrap_or(ends.1));
    #[allow(clippy::needless_bitwise_bool, reason = "without a branch many are compared at once")]
    Bitmap::of(v, |n| (low <= n) & (n <= high))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Numbers about the ends of each width.
    fn number() -> impl Strategy<Value = i64> {
        let ends = [0i64, 127, 128, 255, 256, 32_767, 32_768, 65_535, 65_536, i64::from(i32::MAX), i64::MAX];
        let near = (proptest::sample::select(ends.to_vec()), -1i64..=1, any::<bool>());
        near.prop_map(|(n, d, negative)| {
            let n = n.saturating_add(d);
            if negative { -n } else { n }
        })
    }

    proptest! {
        #[test]
        fn numbers_stay_what_they_are(a in proptest::collection::vec(number(), 0..9), b in proptest::collection::vec(number(), 0..9), low in number(), high in number()) {
            let read = |n: &Integers| (0..n.len()).map(|i| n.get(i)).collect::<Vec<_>>();
            let (mut joined, right): (Integers, Integers) = (a.iter().copied().collect(), b.iter().copied().collect());
            prop_assert_eq!(&read(&joined), &a);
            joined.append(&right);
            let all: Vec<i64> = a.iter().chain(&b).copied().collect();
            prop_assert_eq!(&read(&joined), &all);
            prop_assert_eq!(&joined, &all.iter().copied().collect::<Integers>(), "the width follows from the numbers");
            let order: Vec<u32> = (0..all.len() as u32).rev().collect();
            prop_assert_eq!(read(&joined.take(&order)), all.iter().rev().copied().collect::<Vec<_>>());
            let from = a.len() / 2;
            let within: Vec<usize> = (from..all.len()).filter(|&i| low <= all[i] && all[i] <= high).map(|i| i - from).collect();
            prop_assert_eq!(joined.within(from..all.len(), low, high).iter().collect::<Vec<_>>(), within);
        }
    }

    #[test]
    fn widths() {
        let width = |numbers: &[i64]| numbers.iter().copied().collect::<Integers>().bytes() / numbers.len();
        assert_eq!(width(&[0, 255]), 1);
        assert_eq!(width(&[-1, 127]), 1);
        assert_eq!(width(&[-1, 128]), 2);
        assert_eq!(width(&[0, 65_535]), 2);
        assert_eq!(width(&[-1, 65_535]), 4);
        assert_eq!(width(&[i64::from(i32::MAX) + 1]), 8);
    }
}
