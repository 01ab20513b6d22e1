//! Fills one column cell by cell.

use super::{Bitmap, Column, ColumnType, Decimals, Strings, Text, Value, Words};
use std::collections::HashMap;

/// A text column with at most this many distinct words is kept as a dictionary.
const MAX_WORDS: usize = 4096;

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
    Words(Words, HashMap<String, u16>),
    Integer(Vec<i64>),
    Number(Vec<f64>),
    Decimal(Decimals),
    Boolean(Vec<bool>),
    Strings(Strings, Vec<String>, HashMap<String, u16>),
}

fn code_of(word: &str, words: &mut Vec<String>, codes: &mut HashMap<String, u16>) -> Option<u16> {
    if let Some(&code) = codes.get(word) {
        return Some(code);
    }
    if words.len() >= MAX_WORDS {
        return None;
    }
    let code = words.len() as u16;
    words.push(word.to_owned());
    codes.insert(word.to_owned(), code);
    Some(code)
}

impl ColumnBuilder {
    /// An empty column of this type.
    pub fn new(ty: ColumnType) -> Self {
        let data = match ty {
            ColumnType::Text => Data::Words(Words::default(), HashMap::new()),
            ColumnType::Integer => Data::Integer(Vec::new()),
            ColumnType::Number => Data::Number(Vec::new()),
            ColumnType::Decimal(decimals) => Data::Decimal(Decimals { digits: Vec::new(), decimals }),
            ColumnType::Boolean => Data::Boolean(Vec::new()),
            ColumnType::Strings => Data::Strings(Strings::default(), Vec::new(), HashMap::new()),
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

    /// Adds an empty cell.
    pub fn push_null(&mut self) {
        self.nulls.push(self.rows as u32);
        self.rows += 1;
        match &mut self.data {
            Data::Text(t) => t.push(""),
            Data::Words(w, codes) => {
                if w.words.is_empty() {
                    code_of("", &mut w.words, codes);
                }
                w.codes.push(0);
            }
            Data::Integer(v) => v.push(0),
            Data::Number(v) => v.push(0.0),
            Data::Decimal(d) => d.digits.push(0),
            Data::Boolean(v) => v.push(false),
            Data::Strings(s, ..) => s.push_codes([]),
        }
    }

    /// Adds a cell. `Err` gives the cell back when it is not of the column's type.
    pub fn push<'a>(&mut self, value: Value<'a>) -> Result<(), Value<'a>> {
        match (&mut self.data, value) {
            (_, Value::Null) => {
                self.push_null();
                return Ok(());
            }
            (Data::Words(w, codes), Value::Text(s)) => {
                if let Some(code) = code_of(s, &mut w.words, codes) {
                    w.codes.push(code);
                } else {
                    let mut text = Text::default();
                    (0..w.codes.len()).for_each(|i| text.push(w.value(i)));
                    text.push(s);
                    self.data = Data::Text(text);
                }
            }
            (Data::Text(t), Value::Text(s)) => t.push(s),
            (Data::Integer(v), Value::Integer(i)) => v.push(i),
            (Data::Number(v), Value::Number(f)) => v.push(f),
            (Data::Number(v), Value::Integer(i)) => v.push(i as f64),
            (Data::Decimal(d), Value::Decimal(digits, decimals)) if decimals == d.decimals => {
                d.digits.push(digits);
            }
            (Data::Boolean(v), Value::Boolean(b)) => v.push(b),
            (_, other) => return Err(other),
        }
        self.rows += 1;
        Ok(())
    }

    /// Adds a list of words; `false`, and nothing added, when the column holds no lists or too many distinct words.
    #[must_use]
    pub fn push_strings(&mut self, list: &[&str]) -> bool {
        let Data::Strings(strings, words, codes) = &mut self.data else { return false };
        let row: Option<Vec<u16>> = list.iter().map(|w| code_of(w, words, codes)).collect();
        let Some(row) = row else { return false };
        strings.push_codes(row);
        self.rows += 1;
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
        match self.data {
            Data::Text(t) => Column::Text(t, valid),
            Data::Words(w, _) => Column::Words(w, valid),
            Data::Integer(v) => Column::Integer(v, valid),
            Data::Number(v) => Column::Number(v, valid),
            Data::Decimal(d) => Column::Decimal(d, valid),
            Data::Boolean(v) => Column::Boolean(Bitmap::from_fn(v.len(), |i| v[i]), valid),
            Data::Strings(mut s, words, _) => {
                s.set_words(words);
                Column::Strings(s, valid)
            }
        }
    }
}

#[cfg(test)]
mod tests {
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
}
