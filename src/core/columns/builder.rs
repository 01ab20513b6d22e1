//! Fills one column cell by cell, or piece by piece.

use super::dictionary::Dictionary;
use super::{Bitmap, Column, ColumnType, Decimals, Integers, Strings, Text, Value, Words};

/// A column in the making. A cell of another type than the column's is refused, not converted.
#[derive(Debug)]
pub struct ColumnBuilder {
    data: Data,
    rows: usize,
    nulls: Vec<u32>,
}

#[derive(Debug)]
enum Data {
    Text(Text),
    Words(Integers, Dictionary),
    Integer(Integers),
    Number(Vec<f64>),
    Decimal(Integers, u8),
    Boolean(Vec<bool>),
    Strings(Strings, Dictionary),
}

impl ColumnBuilder {
    /// An empty column of this type.
    pub fn new(ty: ColumnType) -> Self {
        let data = match ty {
            ColumnType::Text => Data::Words(Integers::default(), Dictionary::default()),
            ColumnType::Integer => Data::Integer(Integers::default()),
            ColumnType::Number => Data::Number(Vec::new()),
            ColumnType::Decimal(decimals) => Data::Decimal(Integers::default(), decimals),
            ColumnType::Boolean => Data::Boolean(Vec::new()),
            ColumnType::Strings => Data::Strings(Strings::default(), Dictionary::default()),
        };
        Self { data, rows: 0, nulls: Vec::new() }
    }

    /// Another empty column, for more rows of the same: one of text that has too many words starts without a
    /// dictionary.
    #[must_use]
    pub fn fresh(&self) -> Self {
        let data = match &self.data {
            Data::Text(_) => Data::Text(Text::default()),
            Data::Words(..) => Data::Words(Integers::default(), Dictionary::default()),
            Data::Integer(_) => Data::Integer(Integers::default()),
            Data::Number(_) => Data::Number(Vec::new()),
            Data::Decimal(_, decimals) => Data::Decimal(Integers::default(), *decimals),
            Data::Boolean(_) => Data::Boolean(Vec::new()),
            Data::Strings(..) => Data::Strings(Strings::default(), Dictionary::default()),
        };
        Self { data, rows: 0, nulls: Vec::new() }
    }

    /// How many cells there are.
    pub fn len(&self) -> usize {
        self.rows
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.rows == 0
    }

    /// How many distinct words a column of lists has.
    pub fn list_words(&self) -> usize {
        if let Data::Strings(_, words) = &self.data { words.words.len() } else { 0 }
    }

    /// Adds an empty cell.
    pub fn push_null(&mut self) {
        self.nulls.push(self.rows as u32);
        self.rows += 1;
        match &mut self.data {
            Data::Text(t) => t.push(""),
            Data::Words(v, _) | Data::Integer(v) | Data::Decimal(v, _) => v.push(0),
            Data::Number(v) => v.push(0.0),
            Data::Boolean(v) => v.push(false),
            Data::Strings(s, ..) => s.push_codes([]),
        }
    }

    /// Adds a cell. `Err` gives the cell back when it is not of the column's type.
    #[inline]
    pub fn push<'a>(&mut self, value: Value<'a>) -> Result<(), Value<'a>> {
        match (&mut self.data, value) {
            (_, Value::Null) => {
                self.push_null();
                return Ok(());
            }
            (Data::Words(codes, words), Value::Text(s)) => {
                if let Some(code) = words.code(s) {
                    codes.push(code);
                } else {
                    self.spell_out().push(s);
                }
            }
            (Data::Text(t), Value::Text(s)) => t.push(s),
            (Data::Integer(v), Value::Integer(i)) => v.push(i),
            (Data::Number(v), Value::Number(f)) => v.push(f),
            (Data::Number(v), Value::Integer(i)) => v.push(i as f64),
            (Data::Decimal(v, own), Value::Decimal(digits, decimals)) if decimals == *own => v.push(digits),
            (Data::Boolean(v), Value::Boolean(b)) => v.push(b),
            (_, other) => return Err(other),
        }
        self.rows += 1;
        Ok(())
    }

    /// A dictionary that is full becomes plain text.
    fn spell_out(&mut self) -> &mut Text {
        if let Data::Words(codes, words) = &self.data {
            let mut text = Text::default();
            let mut nulls = self.nulls.iter().peekable();
            for row in 0..codes.len() {
                let null = nulls.next_if(|n| **n as usize == row).is_some();
                text.push(if null { "" } else { &words.words[codes.get(row) as usize] });
            }
            self.data = Data::Text(text);
        }
        let Data::Text(text) = &mut self.data else { unreachable!("only called for text") };
        text
    }

    /// Adds a list of words; `false`, and nothing added, when the column holds no lists or too many distinct words.
    #[must_use]
    pub fn push_strings(&mut self, list: &[&str]) -> bool {
        let Data::Strings(strings, words) = &mut self.data else { return false };
        if list.is_empty() {
            strings.push_codes([]);
        } else {
            let row: Option<Vec<i64>> = list.iter().map(|w| words.code(w)).collect();
            let Some(row) = row else { return false };
            strings.push_codes(row);
        }
        self.rows += 1;
        true
    }

    /// Adds the cells of another column of the same type; `false` when they have too many distinct words for lists.
    #[must_use]
    pub fn append(&mut self, other: Self) -> bool {
        let base = self.rows as u32;
        match (&mut self.data, other.data) {
            (Data::Integer(a), Data::Integer(b)) | (Data::Decimal(a, _), Data::Decimal(b, _)) => a.append(&b),
            (Data::Number(a), Data::Number(b)) => a.extend(b),
            (Data::Boolean(a), Data::Boolean(b)) => a.extend(b),
            (Data::Text(a), Data::Text(b)) => a.append(&b),
            (Data::Strings(a, words), Data::Strings(b, others)) => {
                let codes: Option<Vec<i64>> = others.words.iter().map(|w| words.code(w)).collect();
                let Some(codes) = codes else { return false };
                (0..b.len()).for_each(|row| a.push_codes(b.codes(row).map(|c| codes[c as usize])));
            }
            (Data::Words(codes, words), Data::Words(more, others)) => {
                // all of them are taken in the order in which they first occur, as if read in one pass
                let known: Option<Vec<i64>> = others.words.iter().map(|w| words.code(w)).collect();
                if let Some(known) = known {
                    let mut nulls = other.nulls.iter().peekable();
                    for row in 0..more.len() {
                        let null = nulls.next_if(|n| **n as usize == row).is_some();
                        codes.push(if null { 0 } else { known[more.get(row) as usize] });
                    }
                } else {
                    let mut b = Self { data: Data::Words(more, others), rows: other.rows, nulls: other.nulls };
                    b.spell_out();
                    self.spell_out();
                    return self.append(b);
                }
            }
            (Data::Text(_), b @ Data::Words(..)) => {
                let mut b = Self { data: b, rows: other.rows, nulls: other.nulls };
                b.spell_out();
                return self.append(b);
            }
            (Data::Words(..), Data::Text(b)) => {
                let mut nulls = other.nulls.iter().peekable();
                for (row, s) in b.iter().enumerate() {
                    if nulls.next_if(|n| **n as usize == row).is_some() {
                        self.push_null();
                    } else if self.push(Value::Text(s)).is_err() {
                        return false;
                    }
                }
                return true;
            }
            _ => return false,
        }
        self.rows += other.rows;
        self.nulls.extend(other.nulls.iter().map(|n| base + n));
        true
    }

    /// The finished column.
    pub fn finish(self) -> Column {
        let valid = (!self.nulls.is_empty()).then(|| {
            let mut nulls = Bitmap::none(self.rows);
            self.nulls.iter().for_each(|&i| nulls.insert(i as usize));
            let mut valid = Bitmap::all(self.rows);
            valid.and_not(&nulls);
            valid
        });
        let mut column = match self.data {
            Data::Text(t) => Column::Text(t, valid),
            Data::Words(codes, mut dictionary) => {
                if dictionary.words.is_empty() && self.rows > 0 {
                    // the code of nulls is the code of a word
                    dictionary.words.push(String::new());
                }
                Column::Words(Words { codes, words: dictionary.words }, valid)
            }
            Data::Integer(v) => Column::Integer(v, valid),
            Data::Number(v) => Column::Number(v, valid),
            Data::Decimal(digits, decimals) => Column::Decimal(Decimals { digits, decimals }, valid),
            Data::Boolean(v) => Column::Boolean(Bitmap::from_fn(v.len(), |i| v[i]), valid),
            Data::Strings(mut s, dictionary) => {
                s.set_words(dictionary.words);
                Column::Strings(s, valid)
            }
        };
        column.shrink();
        column
    }
}

impl From<Column> for ColumnBuilder {
    /// A finished column that goes on.
    fn from(column: Column) -> Self {
        let (rows, valid) = (column.len(), column.valid());
        let nulls: Vec<u32> = valid
            .map(|valid| (0..rows as u32).filter(|row| !valid.contains(*row as usize)).collect())
            .unwrap_or_default();
        let data = match column {
            Column::Text(texts, _) => Data::Text(texts),
            // the word of a column without values is none of its own
            Column::Words(words, _) if nulls.len() == rows => Data::Words(words.codes, Dictionary::default()),
            Column::Words(Words { codes, words }, _) => Data::Words(codes, Dictionary::of(words)),
            Column::Integer(numbers, _) => Data::Integer(numbers),
            Column::Number(numbers, _) => Data::Number(numbers),
            Column::Decimal(Decimals { digits, decimals }, _) => Data::Decimal(digits, decimals),
            Column::Boolean(bits, _) => Data::Boolean((0..rows).map(|row| bits.contains(row)).collect()),
            Column::Strings(mut lists, _) => {
                let words = lists.take_words();
                Data::Strings(lists, Dictionary::of(words))
            }
        };
        Self { data, rows, nulls }
    }
}

#[cfg(test)]
mod tests {
    use super::super::dictionary::MAX_WORDS;
    use super::*;

    #[test]
    fn what_goes_in_comes_out_in_any_order() {
        let mut text = ColumnBuilder::new(ColumnType::Text);
        text.push_null();
        for i in 0..MAX_WORDS + 10 {
            text.push(Value::Text(&format!("企业{i}"))).unwrap();
        }
        assert_eq!(text.push(Value::Integer(1)), Err(Value::Integer(1)));
        let text = text.finish();
        assert!(matches!(text, Column::Text(..)));
        let taken = text.take(&[5, 0, 4100]);
        assert_eq!(taken.value(0), Value::Text("企业4"));
        assert_eq!(taken.value(1), Value::Null);
        assert_eq!(taken.value(2), Value::Text("企业4099"));

        let mut lists = ColumnBuilder::new(ColumnType::Strings);
        assert!(lists.push_strings(&["a", "b"]));
        lists.push_null();
        assert!(lists.push_strings(&["b"]));
        let Column::Strings(s, v) = lists.finish().take(&[2, 1, 0]) else { panic!() };
        assert_eq!(s.row(0).collect::<Vec<_>>(), ["b"]);
        assert_eq!(s.row(2).collect::<Vec<_>>(), ["a", "b"]);
        assert!(!v.unwrap().contains(1));
    }

    /// Cells of one column by their number: nulls, few words or many.
    fn cell(n: u32, many: u32) -> Option<String> {
        (!n.is_multiple_of(7)).then(|| format!("词{}", n.wrapping_mul(2_654_435_761) % many))
    }

    #[test]
    fn pieces_make_the_column_that_cells_make() {
        for (rows, many) in [(0, 5), (40, 5), (9000, 300), (9000, 4096), (9000, 4097), (20_000, 9000)] {
            for piece in [1, 7, 5000] {
                let mut whole = [ColumnBuilder::new(ColumnType::Text), ColumnBuilder::new(ColumnType::Strings)];
                let mut joined = [ColumnBuilder::new(ColumnType::Text), ColumnBuilder::new(ColumnType::Strings)];
                let mut parts = [joined[0].fresh(), joined[1].fresh()];
                for n in 0..rows {
                    for columns in [&mut whole, &mut parts] {
                        let text = cell(n, many);
                        columns[0].push(text.as_deref().map_or(Value::Null, Value::Text)).unwrap();
                        let word = cell(n, many.min(300));
                        let list: Vec<&str> = word.iter().map(String::as_str).collect();
                        assert!(columns[1].push_strings(&list));
                    }
                    if n % piece == 0 {
                        for (to, part) in joined.iter_mut().zip(&mut parts) {
                            let next = if n % 3 == 0 { part.fresh() } else { to.fresh() };
                            assert!(to.append(std::mem::replace(part, next)));
                        }
                    }
                }
                for ((mut to, part), whole) in joined.into_iter().zip(parts).zip(whole) {
                    assert!(to.append(part));
                    assert_eq!(to.finish(), whole.finish(), "{rows} rows of {many} words in pieces of {piece}");
                }
            }
        }
    }

    /// Columns of every type, with the rows of this run.
    fn columns(rows: std::ops::Range<u32>, many: u32) -> Vec<Column> {
        let types = [
            ColumnType::Text,
            ColumnType::Integer,
            ColumnType::Number,
            ColumnType::Decimal(2),
            ColumnType::Boolean,
            ColumnType::Strings,
        ];
        let mut all = types.map(ColumnBuilder::new);
        for n in rows {
            let Some(text) = cell(n, many) else {
                all.iter_mut().for_each(ColumnBuilder::push_null);
                continue;
            };
            let [texts, integers, numbers, decimals, booleans, lists] = &mut all;
            texts.push(Value::Text(&text)).unwrap();
            integers.push(Value::Integer(i64::from(n % 300) - 9)).unwrap();
            numbers.push(Value::Number(f64::from(n) / 3.0)).unwrap();
            decimals.push(Value::Decimal(i64::from(n) * 7, 2)).unwrap();
            booleans.push(Value::Boolean(n.is_multiple_of(3))).unwrap();
            assert!(lists.push_strings(&["a", &cell(n, 40).unwrap()][..(n % 3) as usize]));
        }
        all.into_iter().map(ColumnBuilder::finish).collect()
    }

    #[test]
    fn finished_columns_go_on_as_if_they_had_not_been_finished() {
        for (ends, many) in [(&[1u32, 8, 40][..], 5), (&[0, 7, 4000, 9000], 3000), (&[9000, 9001, 20_000], 9000)] {
            let whole = columns(0..ends[ends.len() - 1], many);
            let mut joined: Vec<ColumnBuilder> = columns(0..0, many).into_iter().map(ColumnBuilder::from).collect();
            let mut start = 0;
            for end in ends {
                for (to, part) in joined.iter_mut().zip(columns(start..*end, many)) {
                    assert!(to.append(part.into()));
                }
                start = *end;
            }
            for (joined, whole) in joined.into_iter().zip(whole) {
                assert_eq!(joined.finish(), whole, "{ends:?} of {many} words");
            }
        }
    }
}
