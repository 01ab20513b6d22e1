//! The columns themselves. A null has no bit in `valid`; a column without nulls has no `valid`.

use super::{Bitmap, Integers};

/// One cell, borrowed from its column.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Value<'a> {
    /// No value.
    Null,
    /// Text.
    Text(&'a str),
    /// A whole number.
    Integer(i64),
    /// A floating point number, always finite.
    Number(f64),
    /// A fixed-point number: the digits, and how many of them are decimals.
    Decimal(i64, u8),
    /// True or false.
    Boolean(bool),
    /// A list of words: the column and the row.
    Strings(&'a Strings, usize),
}

/// A column of one type; every variant knows its length and its nulls.
#[derive(Clone, Debug, PartialEq)]
pub enum Column {
    /// Text with many distinct values.
    Text(Text, Option<Bitmap>),
    /// Text with few distinct values.
    Words(Words, Option<Bitmap>),
    /// Integers.
    Integer(Integers, Option<Bitmap>),
    /// Floating point numbers.
    Number(Vec<f64>, Option<Bitmap>),
    /// Fixed-point numbers.
    Decimal(Decimals, Option<Bitmap>),
    /// Booleans.
    Boolean(Bitmap, Option<Bitmap>),
    /// Lists of words.
    Strings(Strings, Option<Bitmap>),
}

impl Column {
    /// Rows.
    pub fn len(&self) -> usize {
        match self {
            Self::Text(t, _) => t.len(),
            Self::Words(w, _) => w.codes.len(),
            Self::Integer(v, _) => v.len(),
            Self::Number(v, _) => v.len(),
            Self::Decimal(d, _) => d.digits.len(),
            Self::Boolean(b, _) => b.len(),
            Self::Strings(s, _) => s.len(),
        }
    }

    /// Whether there are no rows.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The rows that have a value; `None` when all have.
    pub fn valid(&self) -> Option<&Bitmap> {
        match self {
            Self::Text(_, v)
            | Self::Words(_, v)
            | Self::Integer(_, v)
            | Self::Number(_, v)
            | Self::Decimal(_, v)
            | Self::Boolean(_, v)
            | Self::Strings(_, v) => v.as_ref(),
        }
    }

    /// The cell at `row`.
    pub fn value(&self, row: usize) -> Value<'_> {
        if self.valid().is_some_and(|v| !v.contains(row)) {
            return Value::Null;
        }
        match self {
            Self::Text(t, _) => Value::Text(t.value(row)),
            Self::Words(w, _) => Value::Text(w.value(row)),
            Self::Integer(v, _) => Value::Integer(v.get(row)),
            Self::Number(v, _) => Value::Number(v[row]),
            Self::Decimal(d, _) => Value::Decimal(d.digits.get(row), d.decimals),
            Self::Boolean(b, _) => Value::Boolean(b.contains(row)),
            Self::Strings(s, _) => Value::Strings(s, row),
        }
    }

    /// Bytes that the cells take.
    pub fn bytes(&self) -> usize {
        let cells = match self {
            Self::Text(t, _) => t.bytes(),
            Self::Words(w, _) => w.bytes(),
            Self::Integer(v, _) => v.bytes(),
            Self::Number(v, _) => size_of_val(v.as_slice()),
            Self::Decimal(d, _) => d.digits.bytes(),
            Self::Boolean(b, _) => b.bytes(),
            Self::Strings(s, _) => size_of_val(s.offsets.as_slice()) + s.items.bytes(),
        };
        cells + self.valid().map_or(0, Bitmap::bytes)
    }

    /// Gives back memory that is not used.
    pub(super) fn shrink(&mut self) {
        match self {
            Self::Text(t, _) => t.shrink(),
            Self::Words(w, _) => w.codes.shrink(),
            Self::Integer(v, _) => v.shrink(),
            Self::Number(v, _) => v.shrink_to_fit(),
            Self::Decimal(d, _) => d.digits.shrink(),
            Self::Boolean(..) => {}
            Self::Strings(s, _) => {
                s.offsets.shrink_to_fit();
                s.items.codes.shrink();
            }
        }
    }

    /// The text at `row`; `None` for a null and for columns that hold no text.
    pub fn text(&self, row: usize) -> Option<&str> {
        match self.value(row) {
            Value::Text(t) => Some(t),
            _ => None,
        }
    }

    /// Whether its cells from `first` on are those of another column, bit by bit.
    pub fn holds(&self, first: usize, other: &Self) -> bool {
        (0..other.len()).all(|row| match (self.value(first + row), other.value(row)) {
            (Value::Number(own), Value::Number(other)) => own.to_bits() == other.to_bits(),
            (Value::Strings(own, at), Value::Strings(other, row)) => own.row(at).eq(other.row(row)),
            (own, other) => own == other,
        })
    }

    /// The same cells in the order given.
    #[must_use]
    pub fn take(&self, order: &[u32]) -> Self {
        let valid =
            |v: &Option<Bitmap>| v.as_ref().map(|v| Bitmap::from_fn(order.len(), |i| v.contains(order[i] as usize)));
        match self {
            Self::Text(t, v) => Self::Text(t.take(order), valid(v)),
            Self::Words(w, v) => {
                let words = w.words.clone();
                Self::Words(Words { codes: w.codes.take(order), words }, valid(v))
            }
            Self::Integer(x, v) => Self::Integer(x.take(order), valid(v)),
            Self::Number(x, v) => Self::Number(pick(x, order), valid(v)),
            Self::Decimal(d, v) => {
                let digits = d.digits.take(order);
                Self::Decimal(Decimals { digits, decimals: d.decimals }, valid(v))
            }
            Self::Boolean(b, v) => {
                let bits = Bitmap::from_fn(order.len(), |i| b.contains(order[i] as usize));
                Self::Boolean(bits, valid(v))
            }
            Self::Strings(s, v) => Self::Strings(s.take(order), valid(v)),
        }
    }
}

fn pick<T: Copy>(v: &[T], order: &[u32]) -> Vec<T> {
    order.iter().map(|&i| v[i as usize]).collect()
}

/// Strings end to end in one arena.
#[derive(Clone, Debug, PartialEq)]
pub struct Text {
    offsets: Vec<u32>,
    arena: String,
}

impl Default for Text {
    fn default() -> Self {
        Self { offsets: vec![0], arena: String::new() }
    }
}

impl Text {
    /// Adds a string.
    ///
    /// # Panics
    /// When the arena would hold more than 4 GiB; `load` refuses larger files.
    pub fn push(&mut self, s: &str) {
        self.arena.push_str(s);
        self.offsets.push(u32::try_from(self.arena.len()).expect("files are bounded below 4 GiB"));
    }

    /// Strings end to end, and where each begins, the end last; `None` where that is not so.
    pub(super) fn of_parts(offsets: Vec<u32>, arena: String) -> Option<Self> {
        let ends = offsets.first() == Some(&0) && offsets.last().map(|end| *end as usize) == Some(arena.len());
        // with them all in order none lies beyond the end
        let sound = ends && offsets.is_sorted() && offsets.iter().all(|at| arena.is_char_boundary(*at as usize));
        sound.then_some(Self { offsets, arena })
    }

    /// Where each string begins, and the end.
    pub(super) fn offsets(&self) -> &[u32] {
        &self.offsets
    }

    /// All strings end to end.
    pub(super) fn arena(&self) -> &str {
        &self.arena
    }

    /// How many strings.
    pub fn len(&self) -> usize {
        self.offsets.len() - 1
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The string at `row`.
    #[inline]
    pub fn value(&self, row: usize) -> &str {
        &self.arena[self.offsets[row] as usize..self.offsets[row + 1] as usize]
    }

    /// Adds the strings of another.
    ///
    /// # Panics
    /// When the arena would hold more than 4 GiB; `load` refuses larger files.
    pub fn append(&mut self, other: &Self) {
        let base = self.arena.len() as u32;
        self.arena.push_str(&other.arena);
        assert!(u32::try_from(self.arena.len()).is_ok(), "files are bounded below 4 GiB");
        self.offsets.extend(other.offsets[1..].iter().map(|o| base + o));
    }

    /// Bytes that the strings take.
    pub fn bytes(&self) -> usize {
        self.arena.len() + size_of_val(self.offsets.as_slice())
    }

    /// Gives back memory that is not used.
    pub fn shrink(&mut self) {
        self.arena.shrink_to_fit();
        self.offsets.shrink_to_fit();
    }

    /// All strings in order.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        (0..self.len()).map(|i| self.value(i))
    }

    /// The same strings in the order given.
    #[must_use]
    pub fn take(&self, order: &[u32]) -> Self {
        // all of them in another order take what they took; of some it is counted
        let length = |i: &u32| self.value(*i as usize).len();
        let all = order.len() >= self.len();
        let bytes = if all { self.arena.len() } else { order.iter().map(length).sum() };
        let arena = String::with_capacity(bytes);
        let mut out = Self { offsets: Vec::with_capacity(order.len() + 1), arena };
        out.offsets.push(0);
        order.iter().for_each(|&i| out.push(self.value(i as usize)));
        out
    }
}

/// Dictionary codes and the words they stand for, in order of first appearance.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Words {
    /// One code a row (0 where the row is null).
    pub codes: Integers,
    /// The distinct words.
    pub words: Vec<String>,
}

impl Words {
    /// The word at `row`.
    #[inline]
    pub fn value(&self, row: usize) -> &str {
        &self.words[self.codes.get(row) as usize]
    }

    /// Bytes that codes and words take.
    pub fn bytes(&self) -> usize {
        self.codes.bytes() + self.words.iter().map(|w| w.len() + size_of::<String>()).sum::<usize>()
    }

    /// The code of a word, if any row could hold it.
    pub fn code(&self, word: &str) -> Option<i64> {
        self.words.iter().position(|w| w == word).map(|i| i as i64)
    }
}

/// Fixed-point numbers: `digits / 10^decimals`.
#[derive(Clone, Debug, PartialEq)]
pub struct Decimals {
    /// The numbers without their decimal point.
    pub digits: Integers,
    /// How many of the digits are decimals.
    pub decimals: u8,
}

/// A list of words in each row (Arrow's list of dictionary values).
#[derive(Clone, Debug, PartialEq)]
pub struct Strings {
    offsets: Vec<u32>,
    items: Words,
}

impl Default for Strings {
    fn default() -> Self {
        Self { offsets: vec![0], items: Words::default() }
    }
}

impl Strings {
    /// The codes of all rows end to end, and where each row begins, the end last; `None` where that is not so.
    pub(super) fn of_parts(offsets: Vec<u32>, items: Words) -> Option<Self> {
        let ends = offsets.first() == Some(&0) && offsets.last().map(|end| *end as usize) == Some(items.codes.len());
        (ends && offsets.is_sorted()).then_some(Self { offsets, items })
    }

    /// Where each row begins, and the end.
    pub(super) fn offsets(&self) -> &[u32] {
        &self.offsets
    }

    /// The codes of all rows, and the words.
    pub(super) fn items(&self) -> &Words {
        &self.items
    }

    /// How many rows.
    pub fn len(&self) -> usize {
        self.offsets.len() - 1
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The words of `row`.
    pub fn row(&self, row: usize) -> impl Iterator<Item = &str> {
        (self.offsets[row] as usize..self.offsets[row + 1] as usize).map(|i| self.items.value(i))
    }

    /// Closes a row made of the codes given.
    pub(super) fn push_codes(&mut self, codes: impl IntoIterator<Item = i64>) {
        codes.into_iter().for_each(|c| self.items.codes.push(c));
        self.offsets.push(self.items.codes.len() as u32);
    }

    /// The codes of the words of `row`: their places in [`Strings::words`].
    pub fn codes(&self, row: usize) -> impl Iterator<Item = i64> {
        (self.offsets[row] as usize..self.offsets[row + 1] as usize).map(|i| self.items.codes.get(i))
    }

    /// The distinct words.
    pub fn words(&self) -> &[String] {
        &self.items.words
    }

    pub(super) fn take_words(&mut self) -> Vec<String> {
        std::mem::take(&mut self.items.words)
    }

    pub(super) fn set_words(&mut self, words: Vec<String>) {
        self.items.words = words;
    }

    /// The same rows in the order given.
    #[must_use]
    pub fn take(&self, order: &[u32]) -> Self {
        let mut out = Self::default();
        for &i in order {
            out.push_codes(self.codes(i as usize));
        }
        out.set_words(self.items.words.clone());
        out
    }
}
