//! The document: what a report says, once. Whoever sets it (`html`, `docx`, `pdf`) reads nothing else, so they agree.

use crate::drawing::Drawing;
use crate::model::Lang;
use serde::Serialize;

/// A report ready to be set.
#[derive(Clone, Debug, Serialize)]
pub struct Document {
    /// Language.
    #[serde(skip)]
    pub lang: Lang,
    /// Title.
    pub title: String,
    /// Under the title: what the data is of, and as of when.
    pub subtitle: String,
    /// What must be said at a glance: 示例数据, 示意, 内部资料.
    pub marks: Vec<String>,
    /// What every page says at its foot.
    pub footer: String,
    /// The sections.
    pub sections: Vec<Section>,
}

/// A section.
#[derive(Clone, Debug, Serialize)]
pub struct Section {
    /// Its heading, with its number.
    pub heading: String,
    /// What it holds.
    pub blocks: Vec<Block>,
}

/// A part of a section.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Block {
    /// A paragraph.
    Text(String),
    /// Small print.
    Note(String),
    /// A table.
    Table(Table),
    /// A map or chart with its caption.
    Picture(Picture),
    /// Numbered sentences.
    List(Vec<String>),
    /// Labels, each with what it stands for.
    Pairs(Vec<(String, String)>),
}

/// A table.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Table {
    /// What stands above it.
    pub caption: String,
    /// Heads of the columns.
    pub heads: Vec<String>,
    /// Which columns hold numbers, and stand to the right.
    pub numeric: Vec<bool>,
    /// The rows.
    pub rows: Vec<Vec<String>>,
    /// Whether the last row is the total.
    pub total: bool,
}

/// A map or chart.
#[derive(Clone, Debug, Serialize)]
pub struct Picture {
    /// What stands below it.
    pub caption: String,
    /// What those who don't see it should know.
    pub alt: String,
    /// The picture.
    #[serde(skip)]
    pub drawing: Drawing<'static>,
}

impl Table {
    /// How wide each column wants to be, in characters (a Chinese one is two): at least its longest word, at most 26.
    pub(super) fn widths(&self) -> Vec<f64> {
        let column = |i: usize| {
            let cells = self.rows.iter().map(|r| r[i].as_str());
            let head = self.heads[i].as_str();
            // heads may break, figures may not
            let head = if self.numeric[i] { (wide(head) / 2.0).max(longest_word(head)) } else { wide(head).min(12.0) };
            cells.map(wide).fold(head, f64::max).clamp(4.0, 26.0) + 1.5
        };
        (0..self.heads.len()).map(column).collect()
    }
}

/// Width in characters.
fn wide(text: &str) -> f64 {
    text.chars().map(|c| if c >= '\u{2E80}' { 2.0 } else { 1.0 }).sum()
}

fn longest_word(text: &str) -> f64 {
    text.split(' ').map(|word| if word.is_ascii() { wide(word) } else { 4.0 }).fold(0.0, f64::max)
}
