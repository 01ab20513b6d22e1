//! How a long table was folded.

use crate::core::model::{Lang, Period, Text};

/// How a long table was folded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Folded {
    /// Head of the column of periods.
    pub head: String,
    /// The periods in it, ascending.
    pub periods: Vec<Period>,
    /// Rows before and after.
    pub rows: (usize, usize),
}

impl Folded {
    /// In words.
    pub fn text(&self) -> Text {
        let (before, after) = self.rows;
        let list = |lang| {
            let words: Vec<String> = self.periods.iter().map(|p| p.words().get(lang).to_owned()).collect();
            match &words[..] {
                [first, .., last] if words.len() > 4 => format!("{first} … {last} ({})", words.len()),
                _ => words.join(", "),
            }
        };
        let (zh, en) = (list(Lang::Zh), list(Lang::En));
        let head = &self.head;
        Text::new(
            format!("这是长表,每行一个时期:“{head}”列为时期({zh});{before} 行按名称或代码归并为 {after} 行"),
            format!(
                "a long table, a row for each period: “{head}” holds the period ({en}); {before} rows were folded to {after}"
            ),
        )
    }
}
