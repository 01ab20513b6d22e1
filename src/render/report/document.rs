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

impl Section {
    /// Sections with their headings numbered in their order.
    pub(super) fn numbered(lang: Lang, sections: Vec<(String, Vec<Block>)>) -> Vec<Self> {
        let section = |(number, (title, blocks)): (usize, (String, Vec<Block>))| {
            let heading = match lang {
                Lang::Zh => format!("{}、{title}", chinese(number)),
                Lang::En => format!("{number}. {title}"),
            };
            Self { heading, blocks }
        };
        (1..).zip(sections).map(section).collect()
    }
}

/// A number of a section up to 99, as Chinese texts write it.
fn chinese(n: usize) -> String {
    const DIGITS: [&str; 10] = ["", "一", "二", "三", "四", "五", "六", "七", "八", "九"];
    match (n / 10 % 10, n % 10) {
        (0, ones) => DIGITS[ones].to_owned(),
        (1, ones) => format!("十{}", DIGITS[ones]),
        (tens, ones) => format!("{}十{}", DIGITS[tens], DIGITS[ones]),
    }
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
        let least = self.least();
        let column = |(i, least): (usize, &f64)| {
            let cells = self.rows.iter().map(|r| wide(&r[i])).fold(0.0, f64::max);
            let head = wide(&self.heads[i]);
            // heads may break in two
            let wish =
                if self.numeric[i] { cells.max((head / 2.0).ceil()) } else { cells.max(head.min(12.0)).min(30.0) };
            (wish + 2.0).max(*least)
        };
        let wishes: Vec<f64> = least.iter().enumerate().map(column).collect();
        let sum = |widths: &[f64]| widths.iter().sum::<f64>();
        let scaled = |widths: &[f64]| widths.iter().map(|width| width / sum(widths) * all).collect::<Vec<f64>>();
        // what fits anyway is stretched alike, and what does not fit with every word in one piece is narrowed alike
        if sum(&wishes) <= all {
            return scaled(&wishes);
        }
        if sum(&least) >= all {
            return scaled(&least);
        }
        // figures have what they wish as far as the words of the texts stay whole; their heads then break in more lines
        let (wished, tight) = (self.of(&wishes, true), self.of(&least, true));
        let part = ((all - self.of(&least, false) - tight) / (wished - tight).max(1e-9)).min(1.0);
        let figures = tight + (wished - tight) * part;
        // texts that want less than their part keep it, the longer ones share the rest alike
        let share = |most: f64| -> Vec<f64> {
            let width = |i: usize| {
                let figure = || least[i] + (wishes[i] - least[i]) * part;
                if self.numeric[i] { figure() } else { most.clamp(least[i], wishes[i]) }
            };
            (0..wishes.len()).map(width).collect()
        };
        let (mut low, mut high) = (0.0, all);
        for _ in 0..40 {
            let most = f64::midpoint(low, high);
            let over = self.of(&share(most), false) > all - figures;
            (low, high) = if over { (low, most) } else { (most, high) };
        }
        self.lowered(scaled(&share(low)), &least)
    }

    /// What each column needs so that no head, no figure and hardly a word breaks: the longest words of a tenth of the rows may.
    fn least(&self) -> Vec<f64> {
        let column = |i: usize| {
            let words = || {
                let mut words: Vec<f64> = self.rows.iter().take(200).map(|r| longest_word(&r[i], SHORT_NAME)).collect();
                words.sort_by(f64::total_cmp);
                words.get(words.len().saturating_sub(1) * 9 / 10).map_or(0.0, |word| word.min(14.0))
            };
            let cells = || self.rows.iter().map(|r| figure(&r[i])).fold(0.0, f64::max);
            2.0 + longest_word(&self.heads[i], 4.0).max(if self.numeric[i] { cells() } else { words() })
        };
        (0..self.heads.len()).map(column).collect()
    }

    /// Moves width between columns of text as long as the table gets lower by it: one answer for Word, PDF and HTML.
    fn lowered(&self, mut widths: Vec<f64>, least: &[f64]) -> Vec<f64> {
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
                    if from == to || widths[from] - step < NARROWEST.max(least[from]) {
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
pub(super) fn wide(text: &str) -> f64 {
    // arrows and stars are as wide as Chinese characters where the text is Chinese
    let is_wide = |c: char| c >= '\u{2E80}' || ('\u{25A0}'..='\u{27BF}').contains(&c);
    text.chars().map(|c| if is_wide(c) { 2.0 } else { 1.0 }).sum()
}

/// Width of a figure, or of the longest of several: its points and commas are narrow.
fn figure(text: &str) -> f64 {
    let one = |text: &str| {
        wide(text) - 0.5 * text.matches(['.', ',']).count() as f64 + 0.5 * text.matches('%').count() as f64
    };
    text.split(' ').map(one).fold(0.0, f64::max)
}

/// A name of four Chinese characters stays in one line.
const SHORT_NAME: f64 = 8.0;

/// Chinese breaks between any two characters: so much of it stays in one line.
fn longest_word(text: &str, chinese: f64) -> f64 {
    let one = |word: &str| if word.is_ascii() { wide(word) } else { wide(word).min(chinese) };
    text.split(' ').map(one).fold(0.0, f64::max)
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
    fn short_names_stay_in_one_line_beside_many_figures() {
        let heads = || std::iter::once("区县".to_owned()).chain((0..5).map(|i| format!("集群{i}")));
        let row = || std::iter::once("上城区".to_owned()).chain((0..5).map(|_| "0.85 0.65–1.08".to_owned()));
        let table = Table {
            caption: String::new(),
            heads: heads().collect(),
            numeric: std::iter::once(false).chain((0..5).map(|_| true)).collect(),
            rows: vec![row().collect(); 13],
            total: false,
        };
        assert!(table.widths(84.0)[0] >= wide("上城区") + 1.2, "{:?}", table.widths(84.0));
    }

    #[test]
    fn room_goes_where_it_saves_lines() {
        let long = "规划之后出现(二〇二五年见于报道),不是规划内容,范围尚未公布,面积待补";
        let widths = table(["杭州云城", "规划之后出现", long, "1,234"], 40).widths(60.0);
        assert!((widths.iter().sum::<f64>() - 60.0).abs() < 1e-9, "{widths:?}");
        assert!(widths.iter().all(|w| *w >= 7.0) && widths[2] > 2.0 * widths[0].max(widths[1]), "{widths:?}");
        // English heads and figures stay whole, the names give way
        let heads =
            ["Cluster", "Enterprises", "Revenue (10k yuan)", "Missing", "Of the city", "On last year", "LQ", "Share"];
        let row = ["Intelligent connected vehicles", "1,105", "1,310,006.57", "5", "100.0%", "+13.3%", "0.79", "13.2%"];
        let english = Table {
            caption: String::new(),
            heads: heads.map(str::to_owned).to_vec(),
            numeric: [false].into_iter().chain([true; 7]).collect(),
            rows: vec![row.map(str::to_owned).to_vec(); 8],
            total: false,
        };
        let widths = english.widths(84.0);
        assert!((widths.iter().sum::<f64>() - 84.0).abs() < 1e-9, "{widths:?}");
        for (width, (head, cell)) in widths.iter().zip(heads.iter().zip(&row)).skip(1) {
            assert!(*width >= longest_word(head, 4.0).max(wide(cell)), "{head} {width}");
        }
        // what fits anyway is stretched alike
        let short = table(["甲", "已有", "乙", "1"], 3).widths(60.0);
        assert!((short.iter().sum::<f64>() - 60.0).abs() < 1e-9, "{short:?}");
    }
}
