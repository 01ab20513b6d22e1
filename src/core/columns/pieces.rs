//! Columns as blocks, each one piece of memory, so that a snapshot can be written as it lies there and read back without
//! parsing. What is taken back is checked: a block that contradicts another is refused, never indexed with.

use super::{Bitmap, Column, Decimals, Integers, Runs, Strings, Text, Visit, Words};
use std::borrow::Cow;

/// One piece of memory.
#[derive(Clone, Debug, PartialEq)]
pub enum Block<'a> {
    /// Bytes, and whole numbers from 0 to 255.
    U8(Cow<'a, [u8]>),
    /// Whole numbers of 8 bits.
    I8(Cow<'a, [i8]>),
    /// Whole numbers of 16 bits.
    U16(Cow<'a, [u16]>),
    /// Whole numbers of 16 bits.
    I16(Cow<'a, [i16]>),
    /// Whole numbers of 32 bits.
    U32(Cow<'a, [u32]>),
    /// Whole numbers of 32 bits.
    I32(Cow<'a, [i32]>),
    /// Whole numbers of 64 bits.
    U64(Cow<'a, [u64]>),
    /// Whole numbers of 64 bits.
    I64(Cow<'a, [i64]>),
    /// Floating point numbers.
    F64(Cow<'a, [f64]>),
    /// UTF-8 text.
    Text(Cow<'a, str>),
}

/// What numbers a block can hold.
pub trait Number: Copy + 'static {
    /// The block of these numbers.
    fn block(numbers: Cow<'_, [Self]>) -> Block<'_>;
    /// The numbers of a block, where it is one of these.
    fn numbers(block: Block<'static>) -> Option<Vec<Self>>;
}

macro_rules! numbers {
    ($($number:ty => $block:ident),*) => {$(
        impl Number for $number {
            fn block(numbers: Cow<'_, [Self]>) -> Block<'_> {
                Block::$block(numbers)
            }

            fn numbers(block: Block<'static>) -> Option<Vec<Self>> {
                if let Block::$block(numbers) = block { Some(numbers.into_owned()) } else { None }
            }
        }
    )*};
}

numbers!(u8 => U8, i8 => I8, u16 => U16, i16 => I16, u32 => U32, i32 => I32, u64 => U64, i64 => I64, f64 => F64);

/// Blocks in the order in which they are put down. Single numbers are gathered in one block, the last.
#[derive(Debug, Default)]
pub struct Pieces<'a> {
    blocks: Vec<Block<'a>>,
    counts: Vec<u64>,
}

impl<'a> Pieces<'a> {
    /// A number by itself: a length, or which of several kinds follows.
    pub fn count(&mut self, n: usize) {
        self.counts.push(n as u64);
    }

    /// Numbers that stay where they are.
    pub fn lend<T: Number>(&mut self, numbers: &'a [T]) {
        self.blocks.push(T::block(numbers.into()));
    }

    /// Numbers that were made for this.
    pub fn give<T: Number>(&mut self, numbers: Vec<T>) {
        self.blocks.push(T::block(numbers.into()));
    }

    /// Text.
    pub fn text(&mut self, text: impl Into<Cow<'a, str>>) {
        self.blocks.push(Block::Text(text.into()));
    }

    /// All blocks.
    pub fn finish(mut self) -> Vec<Block<'a>> {
        self.blocks.push(Block::U64(self.counts.into()));
        self.blocks
    }
}

/// Blocks that are taken back in the order in which they were put down; `None` where something else follows.
#[derive(Debug)]
pub struct Taken {
    blocks: std::vec::IntoIter<Block<'static>>,
    counts: std::vec::IntoIter<u64>,
}

impl Taken {
    /// Of all blocks.
    pub fn new(mut blocks: Vec<Block<'static>>) -> Option<Self> {
        let counts = u64::numbers(blocks.pop()?)?;
        Some(Self { blocks: blocks.into_iter(), counts: counts.into_iter() })
    }

    /// The next number by itself.
    pub fn count(&mut self) -> Option<usize> {
        self.counts.next().and_then(|n| usize::try_from(n).ok())
    }

    /// The next numbers.
    pub fn numbers<T: Number>(&mut self) -> Option<Vec<T>> {
        T::numbers(self.blocks.next()?)
    }

    /// So many next numbers.
    pub fn exactly<T: Number>(&mut self, count: usize) -> Option<Vec<T>> {
        self.numbers().filter(|numbers| numbers.len() == count)
    }

    /// The next text.
    pub fn text(&mut self) -> Option<String> {
        if let Block::Text(text) = self.blocks.next()? { Some(text.into_owned()) } else { None }
    }

    /// Whether nothing is left.
    pub fn is_done(&self) -> bool {
        self.blocks.len() == 0 && self.counts.len() == 0
    }
}

/// What can be put down as blocks and taken back the same.
pub trait InPieces: Sized {
    /// Puts it down.
    fn put<'a>(&'a self, to: &mut Pieces<'a>);
    /// Takes it back; `None` where the blocks are no such thing.
    fn take_back(from: &mut Taken) -> Option<Self>;
}

impl<T: InPieces> InPieces for Option<T> {
    fn put<'a>(&'a self, to: &mut Pieces<'a>) {
        to.count(usize::from(self.is_some()));
        self.iter().for_each(|value| value.put(to));
    }

    fn take_back(from: &mut Taken) -> Option<Self> {
        match from.count()? {
            0 => Some(None),
            1 => T::take_back(from).map(Some),
            _ => None,
        }
    }
}

impl InPieces for Bitmap {
    fn put<'a>(&'a self, to: &mut Pieces<'a>) {
        to.count(self.len());
        to.lend(self.words());
    }

    fn take_back(from: &mut Taken) -> Option<Self> {
        let len = from.count()?;
        Self::of_words(from.numbers()?, len)
    }
}

impl InPieces for Runs {
    fn put<'a>(&'a self, to: &mut Pieces<'a>) {
        to.give(self.ranges().flat_map(|run| [run.start as u32, run.end as u32]).collect());
    }

    fn take_back(from: &mut Taken) -> Option<Self> {
        let ends: Vec<u32> = from.numbers()?;
        let (runs, rest) = ends.as_chunks::<2>();
        if rest.is_empty() { Self::of_runs(runs.iter().map(|[start, end]| (*start, *end)).collect()) } else { None }
    }
}

impl InPieces for Text {
    fn put<'a>(&'a self, to: &mut Pieces<'a>) {
        to.lend(self.offsets());
        to.text(self.arena());
    }

    fn take_back(from: &mut Taken) -> Option<Self> {
        let offsets = from.numbers()?;
        Self::of_parts(offsets, from.text()?)
    }
}

impl InPieces for Integers {
    fn put<'a>(&'a self, to: &mut Pieces<'a>) {
        match self {
            Self::U8(v) => to.lend(v),
            Self::I8(v) => to.lend(v),
            Self::U16(v) => to.lend(v),
            Self::I16(v) => to.lend(v),
            Self::I32(v) => to.lend(v),
            Self::I64(v) => to.lend(v),
        }
    }

    fn take_back(from: &mut Taken) -> Option<Self> {
        Some(match from.blocks.next()? {
            Block::U8(v) => Self::U8(v.into_owned()),
            Block::I8(v) => Self::I8(v.into_owned()),
            Block::U16(v) => Self::U16(v.into_owned()),
            Block::I16(v) => Self::I16(v.into_owned()),
            Block::I32(v) => Self::I32(v.into_owned()),
            Block::I64(v) => Self::I64(v.into_owned()),
            Block::U32(_) | Block::U64(_) | Block::F64(_) | Block::Text(_) => return None,
        })
    }
}

/// Whether all numbers are places in a list.
struct Below(i64);

impl Visit for Below {
    type Out = bool;

    fn visit<T: Copy + Into<i64>>(self, values: &[T]) -> bool {
        #[allow(clippy::needless_bitwise_bool, reason = "without a branch many are compared at once")]
        let within = |n: i64| (n >= 0) & (n < self.0);
        values.iter().fold(true, |all, n| all & within((*n).into()))
    }
}

impl InPieces for Words {
    fn put<'a>(&'a self, to: &mut Pieces<'a>) {
        self.codes.put(to);
        to.give(self.words.iter().map(|word| word.len() as u32).collect());
        to.text(self.words.concat());
    }

    fn take_back(from: &mut Taken) -> Option<Self> {
        let codes = Integers::take_back(from)?;
        let (lengths, all): (Vec<u32>, String) = (from.numbers()?, from.text()?);
        let (mut words, mut rest) = (Vec::with_capacity(lengths.len()), all.as_str());
        for length in lengths {
            let (word, others) = rest.split_at_checked(length as usize)?;
            words.push(word.to_owned());
            rest = others;
        }
        let sound = rest.is_empty() && codes.visit(Below(words.len() as i64));
        sound.then_some(Self { codes, words })
    }
}

impl InPieces for Strings {
    fn put<'a>(&'a self, to: &mut Pieces<'a>) {
        to.lend(self.offsets());
        self.items().put(to);
    }

    fn take_back(from: &mut Taken) -> Option<Self> {
        let offsets = from.numbers()?;
        Self::of_parts(offsets, Words::take_back(from)?)
    }
}

impl InPieces for Column {
    fn put<'a>(&'a self, to: &mut Pieces<'a>) {
        let kind = match self {
            Self::Text(..) => 0,
            Self::Words(..) => 1,
            Self::Integer(..) => 2,
            Self::Number(..) => 3,
            Self::Decimal(..) => 4,
            Self::Boolean(..) => 5,
            Self::Strings(..) => 6,
        };
        to.count(kind);
        match self {
            Self::Text(text, valid) => (text.put(to), valid.put(to)),
            Self::Words(words, valid) => (words.put(to), valid.put(to)),
            Self::Integer(numbers, valid) => (numbers.put(to), valid.put(to)),
            Self::Number(numbers, valid) => (to.lend(numbers), valid.put(to)),
            Self::Decimal(numbers, valid) => {
                to.count(numbers.decimals.into());
                (numbers.digits.put(to), valid.put(to))
            }
            Self::Boolean(rows, valid) => (rows.put(to), valid.put(to)),
            Self::Strings(lists, valid) => (lists.put(to), valid.put(to)),
        };
    }

    fn take_back(from: &mut Taken) -> Option<Self> {
        let kind = from.count()?;
        let column = match kind {
            0 => Self::Text(Text::take_back(from)?, Option::take_back(from)?),
            1 => Self::Words(Words::take_back(from)?, Option::take_back(from)?),
            2 => Self::Integer(Integers::take_back(from)?, Option::take_back(from)?),
            3 => Self::Number(from.numbers()?, Option::take_back(from)?),
            4 => {
                let decimals = u8::try_from(from.count()?).ok()?;
                let digits = Integers::take_back(from)?;
                Self::Decimal(Decimals { digits, decimals }, Option::take_back(from)?)
            }
            5 => Self::Boolean(Bitmap::take_back(from)?, Option::take_back(from)?),
            6 => Self::Strings(Strings::take_back(from)?, Option::take_back(from)?),
            _ => return None,
        };
        let sound = column.valid().is_none_or(|valid| valid.len() == column.len());
        sound.then_some(column)
    }
}

#[cfg(test)]
mod tests {
    use super::super::{ColumnBuilder, ColumnType, Value};
    use super::*;
    use proptest::prelude::*;

    fn owned(pieces: Pieces) -> Vec<Block<'static>> {
        let own = |block: Block| match block {
            Block::U8(v) => Block::U8(v.into_owned().into()),
            Block::I8(v) => Block::I8(v.into_owned().into()),
            Block::U16(v) => Block::U16(v.into_owned().into()),
            Block::I16(v) => Block::I16(v.into_owned().into()),
            Block::U32(v) => Block::U32(v.into_owned().into()),
            Block::I32(v) => Block::I32(v.into_owned().into()),
            Block::U64(v) => Block::U64(v.into_owned().into()),
            Block::I64(v) => Block::I64(v.into_owned().into()),
            Block::F64(v) => Block::F64(v.into_owned().into()),
            Block::Text(v) => Block::Text(v.into_owned().into()),
        };
        pieces.finish().into_iter().map(own).collect()
    }

    /// Taken back from its blocks, with nothing left over.
    fn back<T: InPieces>(value: &T) -> Option<T> {
        let mut pieces = Pieces::default();
        value.put(&mut pieces);
        let mut taken = Taken::new(owned(pieces))?;
        T::take_back(&mut taken).filter(|_| taken.is_done())
    }

    fn columns(cells: &[Option<(i64, String)>]) -> Vec<Column> {
        let types = [
            ColumnType::Text,
            ColumnType::Integer,
            ColumnType::Number,
            ColumnType::Decimal(2),
            ColumnType::Boolean,
            ColumnType::Strings,
        ];
        let column = |ty: ColumnType| {
            let mut column = ColumnBuilder::new(ty);
            for cell in cells {
                let Some((n, text)) = cell else {
                    column.push_null();
                    continue;
                };
                let value = match ty {
                    ColumnType::Text => Value::Text(text),
                    ColumnType::Integer => Value::Integer(*n),
                    ColumnType::Number => Value::Number(*n as f64 / 7.0),
                    ColumnType::Decimal(d) => Value::Decimal(*n, d),
                    ColumnType::Boolean => Value::Boolean(n % 2 == 0),
                    ColumnType::Strings => {
                        assert!(column.push_strings(&[text, "两"]));
                        continue;
                    }
                };
                column.push(value).unwrap();
            }
            column.finish()
        };
        let mut all: Vec<Column> = types.into_iter().map(column).collect();
        let mut plain = Text::default();
        cells.iter().for_each(|c| plain.push(c.as_ref().map_or("", |c| &c.1)));
        all.push(Column::Text(plain, None));
        all
    }

    fn change<T: Copy>(numbers: &mut Cow<'static, [T]>, at: prop::sample::Index, to: T) {
        let numbers = numbers.to_mut();
        let count = numbers.len();
        if count == 0 {
            numbers.push(to);
        } else {
            numbers[at.index(count)] = to;
        }
    }

    proptest! {
        #[test]
        fn columns_come_back_as_they_were(cells in proptest::collection::vec(
            proptest::option::weighted(0.8, (prop_oneof![-9i64..9, any::<i16>().prop_map(Into::into), any::<i64>()], "[智能é𠮷a ]{0,6}")), 0..150,
        )) {
            for column in columns(&cells) {
                prop_assert_eq!(back(&column), Some(column));
            }
            let set = Bitmap::from_fn(cells.len(), |row| cells[row].is_some());
            prop_assert_eq!(back(&Runs::of(&set)), Some(Runs::of(&set)));
            prop_assert_eq!(back(&set), Some(set));
        }

        /// Whatever numbers a file has in the place of the right ones: another column, or none, but no column that breaks.
        #[test]
        fn a_block_that_was_changed_breaks_nothing(
            cells in proptest::collection::vec(proptest::option::weighted(0.8, (-300i64..300, "[智能é𠮷a ]{0,6}")), 1..40),
            (which, at, to) in (any::<prop::sample::Index>(), any::<prop::sample::Index>(), any::<u64>()),
        ) {
            for column in columns(&cells) {
                let mut pieces = Pieces::default();
                column.put(&mut pieces);
                let mut blocks = owned(pieces);
                let place = which.index(blocks.len());
                match &mut blocks[place] {
                    Block::U8(v) => change(v, at, to as u8),
                    Block::I8(v) => change(v, at, to as i8),
                    Block::U16(v) => change(v, at, to as u16),
                    Block::I16(v) => change(v, at, to as i16),
                    Block::U32(v) => change(v, at, to as u32),
                    Block::I32(v) => change(v, at, to as i32),
                    Block::U64(v) => change(v, at, to),
                    Block::I64(v) => change(v, at, to as i64),
                    Block::F64(v) => change(v, at, to as f64),
                    Block::Text(text) => _ = text.to_mut().pop(),
                }
                let Some(read) = Taken::new(blocks).and_then(|mut taken| Column::take_back(&mut taken)) else { continue };
                for row in 0..read.len() {
                    if let Value::Strings(lists, row) = read.value(row) {
                        prop_assert!(lists.row(row).count() < usize::MAX);
                    }
                }
            }
        }
    }
}
