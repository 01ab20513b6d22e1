//! The document: what a report says, once. Whoever sets it (`html`, `docx`, `pdf`) reads nothing else, so they agree.

use super::cell::{Cell, Head};
use crate::core::model::Lang;
use crate::render::drawing::Drawing;
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

impl Table {
    /// The columns of a sheet that documents have, its total as the last row.
    pub(super) fn brief<'a>(
        heads: Vec<Head>,
        rows: impl Iterator<Item = Vec<Cell<'a>>>,
        total: Option<Vec<Cell<'a>>>,
        caption: String,
    ) -> Self {
        let columns: Vec<(usize, String)> =
            heads.into_iter().enumerate().filter_map(|(i, h)| Some((i, h.brief?))).collect();
        let (is_total, mut numeric) = (total.is_some(), vec![true; columns.len()]);
        let mut row = |cells: Vec<Cell<'_>>| -> Vec<String> {
            columns
                .iter()
                .enumerate()
                .map(|(at, (i, _))| {
                    numeric[at] &= !matches!(cells[*i], Cell::Text(_));
                    cells[*i].printed()
                })
                .collect()
        };
        let rows: Vec<Vec<String>> = rows.chain(total).map(&mut row).collect();
        Self { caption, heads: columns.into_iter().map(|(_, head)| head).collect(), numeric, rows, total: is_total }
    }
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
    /// Whether it is the map, which gets the room that its page has.
    #[serde(skip)]
    pub map: bool,
}

impl Table {
    /// How wide each column is, in characters (a Chinese one is two) that together make up `all`. Figures do not break,
    /// so their columns take what they need; texts share what is left.
    pub(super) fn widths(&self, all: f64) -> Vec<f64> {
        let column = |i: usize| {
            let cells = self.rows.iter().map(|r| wide(&r[i])).fold(0.0, f64::max);
            let head = self.heads[i].as_str();
            // heads may break in two
            if self.numeric[i] {
                cells.max(longest_word(head)).max((wide(head) / 2.0).ceil()) + 2.0
            } else {
                cells.max(wide(head).min(12.0)).min(30.0) + 2.0
            }
        };
        let mut wishes: Vec<f64> = (0..self.heads.len()).map(column).collect();
        self.narrow_figures(&mut wishes, all);
        let (all_wishes, figures) = (wishes.iter().sum::<f64>(), self.of(&wishes, true));
        if all_wishes <= all || figures > all * 0.9 {
            return wishes.iter().map(|w| w / all_wishes * all).collect();
        }
        // texts that want less than their part keep it, the longer ones share the rest alike
        let (mut left, mut open) = (all - figures, self.numeric.iter().filter(|n| !**n).count());
        let mut texts: Vec<f64> = wishes.iter().zip(&self.numeric).filter(|(_, n)| !**n).map(|(w, _)| *w).collect();
        texts.sort_by(f64::total_cmp);
        let mut most = f64::INFINITY;
        for wish in texts {
            most = left / open as f64;
            if wish > most {
                break;
            }
            left -= wish;
            open -= 1;
        }
        self.lowered(wishes.iter().zip(&self.numeric).map(|(w, n)| if *n { *w } else { w.min(most) }).collect())
    }

    /// Narrows columns of figures, whose heads then break in more than two lines, where texts would else break within words.
    fn narrow_figures(&self, wishes: &mut [f64], all: f64) {
        let words = |i: usize| self.rows.iter().take(200).map(|r| longest_word(&r[i])).fold(0.0, f64::max);
        let least: Vec<f64> = (0..wishes.len())
            .map(|i| {
                let head = longest_word(&self.heads[i]);
                let cells = || self.rows.iter().map(|r| wide(&r[i])).fold(0.0, f64::max);
                2.0 + if self.numeric[i] { head.max(cells()) } else { head.max(words(i)).min(14.0) }
            })
            .collect();
        let space = all - self.of(&least, false);
        let (wished, tight) = (self.of(wishes, true), self.of(&least, true));
        if wished > space && wished > tight {
            let part = ((wished - space) / (wished - tight)).min(1.0);
            let figures = wishes.iter_mut().zip(&least).zip(&self.numeric).filter(|(_, numeric)| **numeric);
            figures.for_each(|((wish, least), _)| *wish -= (*wish - least) * part);
        }
    }

    /// Moves width between columns of text as long as the table gets lower by it: one answer for Word, PDF and HTML.
    fn lowered(&self, mut widths: Vec<f64>) -> Vec<f64> {
        // what fits in no row would be tried again and again
        let rows: Vec<Vec<f64>> = self.rows.iter().take(200).map(|row| row.iter().map(|c| wide(c)).collect()).collect();
        let height = |widths: &[f64]| -> f64 {
            let lines = |(text, width): (&f64, &f64)| (text / (width - 2.0)).ceil();
            rows.iter().map(|row| row.iter().zip(widths).map(lines).fold(1.0, f64::max)).sum()
        };
        let texts: Vec<usize> = (0..widths.len()).filter(|i| !self.numeric[*i]).collect();
        let mut lowest = height(&widths);
        loop {
            let mut best: Option<(f64, Vec<f64>)> = None;
            for (&from, &to) in texts.iter().flat_map(|from| texts.iter().map(move |to| (from, to))) {
                for step in [1.0, 2.0, 4.0, 8.0] {
                    if from == to || widths[from] - step < NARROWEST {
                        continue;
                    }
                    let mut moved = widths.clone();
                    moved[from] -= step;
                    moved[to] += step;
                    let found = height(&moved);
                    if found < best.as_ref().map_or(lowest, |(low, _)| *low) {
                        best = Some((found, moved));
                    }
                }
            }
            let Some((found, moved)) = best else { return widths };
            (lowest, widths) = (found, moved);
        }
    }

    /// The wishes of the columns of figures, or of the others.
    fn of(&self, wishes: &[f64], numeric: bool) -> f64 {
        wishes.iter().zip(&self.numeric).filter(|(_, n)| **n == numeric).map(|(w, _)| w).sum()
    }
}

/// A column of text is at least four Chinese characters wide.
const NARROWEST: f64 = 10.0;

/// Width in characters.
fn wide(text: &str) -> f64 {
    text.chars().map(|c| if c >= '\u{2E80}' { 2.0 } else { 1.0 }).sum()
}

fn longest_word(text: &str) -> f64 {
    text.split(' ').map(|word| if word.is_ascii() { wide(word) } else { 4.0 }).fold(0.0, f64::max)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(row: [&str; 4], rows: usize) -> Table {
        Table {
            caption: String::new(),
            heads: ["平台", "状态", "说明", "家数"].map(str::to_owned).to_vec(),
            numeric: vec![false, false, false, true],
            rows: vec![row.map(str::to_owned).to_vec(); rows],
            total: false,
        }
    }

    #[test]
    fn room_goes_where_it_saves_lines() {
        let long = "规划之后出现(二〇二五年见于报道),不是规划内容,范围尚未公布,面积待补";
        let widths = table(["杭州云城", "规划之后出现", long, "1,234"], 40).widths(60.0);
        assert!((widths.iter().sum::<f64>() - 60.0).abs() < 1e-9, "{widths:?}");
        assert!(widths.iter().all(|w| *w >= 7.0) && widths[2] > 2.0 * widths[0].max(widths[1]), "{widths:?}");
        // what fits anyway is stretched alike
        let short = table(["甲", "已有", "乙", "1"], 3).widths(60.0);
        assert!((short.iter().sum::<f64>() - 60.0).abs() < 1e-9, "{short:?}");
    }
}
