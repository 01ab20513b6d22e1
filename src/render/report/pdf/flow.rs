//! The document in strips, and these on pages: where each line, table, picture and rule stands. Points from the upper left
//! corner.

use super::super::document::{Block, Document, Picture, Table};
use super::faces::Faces;
use super::lines::{gaps, lines};
use super::pages::{Mark, NEVER, Room, Strip, pages};
use crate::core::model::Lang;
use std::borrow::Cow;

/// A4.
pub(super) const PAPER: [f32; 2] = [595.28, 841.89];
const LEFT: f32 = 79.4;
const RIGHT: f32 = PAPER[0] - 73.7;
const TOP: f32 = 82.0;
const BOTTOM: f32 = PAPER[1] - 76.0;
pub(super) const WIDTH: f32 = RIGHT - LEFT;

const INK: &str = "#1C232B";
const SOFT: &str = "#525B66";
const RED: &str = "#B4232A";
const RULE: &str = "#8A929C";
const FILL: &str = "#EEF1F5";
const LINK: &str = "#1F4E9C";

/// Pages, the headings with where they stand, and how high the map is.
pub(super) struct Flow<'a> {
    faces: &'a Faces,
    /// Whether quotation marks are straight: in a Chinese font the curled ones are as wide as an ideograph.
    straight: bool,
    pub(super) pages: Vec<Vec<Mark<'a>>>,
    pub(super) headings: Vec<(&'a str, usize, f32)>,
    pub(super) map: Option<f32>,
    /// Whether the map may be of another shape than it is.
    free: bool,
    strips: Vec<Strip<'a>>,
    /// Of the strip that is being set.
    marks: Vec<Mark<'a>>,
    y: f32,
    /// Blank above it.
    above: f32,
}

/// How a paragraph is set.
#[derive(Clone, Copy)]
struct Set {
    size: f32,
    lead: f32,
    bold: bool,
    color: &'static str,
    /// Where its lines begin and how wide they are.
    left: f32,
    width: f32,
    indent: f32,
    align: Align,
}

#[derive(Clone, Copy, PartialEq)]
enum Align {
    Left,
    Right,
    Middle,
    Both,
}

const BODY: Set =
    Set { size: 12.0, lead: 22.0, bold: false, color: INK, left: LEFT, width: WIDTH, indent: 24.0, align: Align::Both };
const SMALL: Set = Set { size: 9.0, lead: 14.5, color: SOFT, indent: 0.0, ..BODY };
const LIST: Set = Set { size: 10.5, lead: 17.5, left: LEFT + 20.0, width: WIDTH - 20.0, indent: 0.0, ..BODY };
const CAPTION: Set = Set { size: 10.0, lead: 15.0, bold: true, indent: 0.0, align: Align::Middle, ..BODY };
const CELL: Set = Set { size: 9.0, lead: 12.6, indent: 0.0, align: Align::Left, ..BODY };
const PAD: f32 = 3.2;
/// How small a cell is set at least, of its usual size.
const SMALLEST: f32 = 0.8;
/// Characters of a table's text in the width of the page.
const CHARACTERS: f64 = 84.0;
/// How high pictures are at most, and the map, which has a page for itself where it wants one.
const TALLEST: f32 = 470.0;
const MAP: f32 = 580.0;
/// The part of its size that a picture is shrunk to at most so that it fits a page.
const LEAST: f32 = 0.76;
/// A map that is drawn for its page is no lower than this part of its width.
const LOWEST: f32 = 0.62;
/// A table with a total, no higher than this, stays on one page where it can.
const KEPT: f32 = 380.0;
/// So many rows of a table stand together at its head, and at its end.
const FIRST: usize = 3;
const LAST: usize = 2;
/// What it costs to divide a table, and one that should stay on one page.
const DIVIDED: f32 = 0.5;
const TORN: f32 = 6.0;
/// Lines of a row, or of a paragraph, that stay together at most: what is longer than that is divided.
const LINES: usize = 20;

impl<'a> Flow<'a> {
    /// `free` where the map will be drawn in the shape that it gets here.
    pub(super) fn new(faces: &'a Faces, document: &'a Document, free: bool) -> Self {
        let straight = document.lang == Lang::En;
        let mut flow = Self {
            faces,
            straight,
            pages: vec![],
            headings: vec![],
            map: None,
            free,
            strips: vec![],
            marks: vec![],
            y: 0.0,
            above: 0.0,
        };
        let title = Set { size: 22.0, lead: 32.0, bold: true, indent: 0.0, align: Align::Middle, ..BODY };
        flow.paragraph(&document.title, title);
        flow.paragraph(&document.subtitle, Set { size: 10.5, lead: 18.0, align: Align::Middle, ..SMALL });
        let marks = document.marks.join("　·　");
        flow.paragraph(&marks, Set { size: 10.5, lead: 18.0, color: RED, align: Align::Middle, ..SMALL });
        for section in &document.sections {
            flow.heading(&section.heading);
            section.blocks.iter().for_each(|b| flow.block(b));
        }
        flow.place();
        flow.every_page(document);
        flow
    }

    /// Puts the strips on pages.
    fn place(&mut self) {
        let strips = std::mem::take(&mut self.strips);
        for page in pages(&strips, BOTTOM - TOP) {
            let (mut y, mut marks) = (TOP, Vec::new());
            let first = page.strips.start;
            if let Some(head) = strips[first].again.map(|at| &strips[at]) {
                marks.extend(head.marks.iter().map(|m| m.lowered(y)));
                y += head.height;
            }
            for (i, strip) in page.strips.clone().map(|i| (i, &strips[i])) {
                y += if i == first { 0.0 } else { strip.above };
                self.headings.extend(strip.heading.map(|text| (text, self.pages.len(), y)));
                let mut below = 0.0;
                if let Some(room) = strip.picture {
                    let Room { drawing, full, map, .. } = room;
                    let high = room.high(page.shrink);
                    let [width, height] = drawing.size.map(|s| s as f32);
                    let scale = full.min(high) / height;
                    marks.push(Mark::Drawing { at: [LEFT + (WIDTH - width * scale) / 2.0, y], scale, drawing });
                    self.map = if map { Some(high) } else { self.map };
                    below = high - full;
                }
                marks.extend(strip.marks.iter().map(|m| m.lowered(y + below)));
                y += strip.height + below;
            }
            self.pages.push(marks);
        }
    }

    /// Ends a strip; `end` is what it costs to end a page below it.
    fn strip(&mut self, end: f32) {
        let (marks, height) = (std::mem::take(&mut self.marks), std::mem::take(&mut self.y));
        let above = std::mem::take(&mut self.above);
        self.strips.push(Strip { marks, height, above, end, again: None, picture: None, heading: None });
    }

    fn heading(&mut self, text: &'a str) {
        self.above += 12.0;
        let from = self.strips.len();
        self.paragraph(text, Set { size: 14.0, lead: 24.0, bold: true, indent: 0.0, align: Align::Left, ..BODY });
        // a heading does not stand alone at the foot
        self.strips[from..].iter_mut().for_each(|s| s.end = NEVER);
        self.strips[from..].iter_mut().take(1).for_each(|s| s.heading = Some(text));
        self.above += 2.0;
    }

    fn block(&mut self, block: &'a Block) {
        match block {
            Block::Text(text) => {
                let indent = if text.is_ascii() { 0.0 } else { BODY.indent };
                self.paragraph(text, Set { indent, ..BODY });
            }
            Block::Note(text) => {
                self.paragraph(text, SMALL);
                self.above += 2.0;
            }
            Block::List(all) => {
                for (i, line) in all.iter().enumerate() {
                    let mark = Set { left: LEFT, align: Align::Left, ..LIST };
                    self.line(&format!("{}.", i + 1), 0.0, 0.0, mark);
                    self.paragraph(line, LIST);
                }
            }
            Block::Pairs(pairs) => pairs.iter().for_each(|(what, text)| self.pair(what, text)),
            Block::Table(table) => self.table(table),
            Block::Picture(picture) => self.picture(picture),
        }
    }

    fn lines<'t>(&self, text: &'t str, set: Set) -> Vec<&'t str> {
        lines(text, set.width, set.indent, |c| self.faces.glyph(c, set.bold).advance * set.size)
    }

    /// The text as it is set.
    fn said<'t>(&self, text: &'t str) -> Cow<'t, str> {
        if self.straight {
            Cow::Owned(text.replace(['‘', '’'], "'").replace(['“', '”'], "\""))
        } else {
            Cow::Borrowed(text)
        }
    }

    /// A line of text, its upper edge where the strip ends so far; `gap` is what each place that can be widened gets.
    fn line(&mut self, text: &str, indent: f32, gap: f32, set: Set) {
        let free = set.width - indent - self.faces.width(text, set.size, set.bold);
        let x = set.left
            + indent
            + match set.align {
                Align::Left | Align::Both => 0.0,
                Align::Right => free,
                Align::Middle => free / 2.0,
            };
        let Set { size, lead, bold, color, .. } = set;
        let at = [x, self.y + (lead - size) / 2.0 + size * 0.86];
        self.marks.push(Mark::Text { at, size, bold, color, text: text.to_owned(), gap });
    }

    /// Lines below each other, all in the strip that is being set; `whole` where the last of them ends its paragraph.
    fn set(&mut self, lines: &[&str], first: bool, whole: bool, set: Set) {
        for (i, line) in lines.iter().enumerate() {
            let indent = if first && i == 0 { set.indent } else { 0.0 };
            let free = set.width - indent - self.faces.width(line, set.size, set.bold);
            let places = gaps(line);
            let full = set.align == Align::Both && !(whole && i + 1 == lines.len()) && places > 0 && free > 0.0;
            // a line that lacks a long word is not torn apart
            let gap = if full { (free / places as f32 / set.size).min(0.5) } else { 0.0 };
            self.line(line, indent, gap, set);
            self.y += set.lead;
        }
    }

    /// A strip for each line; neither the first nor the last stands alone.
    fn paragraph(&mut self, text: &str, set: Set) {
        if text.is_empty() {
            return;
        }
        let text = &*self.said(text);
        let lines = self.lines(text, set);
        let count = lines.len();
        for (i, line) in lines.into_iter().enumerate() {
            self.set(&[line], i == 0, i + 1 == count, set);
            self.strip(if i + 1 < count && (i == 0 || i + 2 == count) { NEVER } else { 0.0 });
        }
    }

    /// A label and what it stands for, side by side.
    fn pair(&mut self, what: &str, text: &str) {
        let label = Set { size: 10.0, lead: 16.0, width: 84.0, color: SOFT, align: Align::Left, ..SMALL };
        let link = text.starts_with("http://") || text.starts_with("https://");
        let color = if link { LINK } else { INK };
        let value = Set { left: LEFT + 92.0, width: WIDTH - 92.0, color, ..label };
        let (said, named) = (self.said(text), self.said(what));
        let (said, named) = (self.lines(&said, value), self.lines(&named, label));
        let count = said.len().max(named.len());
        for at in (0..count).step_by(LINES) {
            let part = |lines: &[&'_ str]| lines.len().min(at)..lines.len().min(at + LINES);
            self.set(&named[part(&named)], false, true, label);
            self.y = 0.0;
            self.set(&said[part(&said)], false, true, value);
            if link {
                let rect = [value.left, 0.0, value.left + value.width, self.y];
                self.marks.push(Mark::Link { rect, address: text.to_owned() });
            }
            self.y = label.lead * (count - at).min(LINES) as f32;
            self.strip(0.0);
        }
        self.above += 1.0;
    }

    fn picture(&mut self, picture: &'a Picture) {
        let Picture { caption, drawing, map, .. } = picture;
        let [width, height] = drawing.size.map(|s| s as f32);
        // it fills the width, unless it were too high
        let tallest = if *map { MAP } else { TALLEST };
        let full = height * (WIDTH / width).min(tallest / height);
        let least = match (*map, self.free) {
            (true, true) => full.min(WIDTH * LOWEST),
            (true, false) => full,
            (false, _) => full * LEAST,
        };
        self.above += 6.0;
        self.y = full + 2.0;
        let caption = self.said(caption);
        self.set(&self.lines(&caption, CAPTION), true, true, CAPTION);
        self.strip(0.0);
        let room = Room { drawing, full, least, map: *map };
        self.strips.last_mut().into_iter().for_each(|s| s.picture = Some(room));
        self.above += 4.0;
    }

    fn column_widths(table: &Table) -> Vec<f32> {
        table.widths(CHARACTERS).iter().map(|w| (w / CHARACTERS) as f32 * WIDTH).collect()
    }

    fn table(&mut self, table: &Table) {
        let widths = Self::column_widths(table);
        self.above += 4.0;
        let from = self.strips.len();
        self.paragraph(&table.caption, CAPTION);
        self.above += 1.0;
        let heads = self.strips.len();
        self.row(&table.heads, &widths, &vec![Align::Middle; widths.len()], true);
        // a caption and heads do not stand without rows
        self.strips[from..].iter_mut().for_each(|s| s.end = NEVER);
        let side: Vec<Align> = table.numeric.iter().map(|n| if *n { Align::Right } else { Align::Left }).collect();
        let count = table.rows.len();
        let mut ends = Vec::with_capacity(count);
        for (i, row) in table.rows.iter().enumerate() {
            let from = self.strips.len();
            self.row(row, &widths, &side, table.total && i + 1 == count);
            self.strips[from..].iter_mut().for_each(|s| s.again = Some(heads));
            ends.push(self.strips.len() - 1);
        }
        let whole: f32 = self.strips[heads + 1..].iter().map(|s| s.height).sum();
        let cost = if table.total && whole <= KEPT { TORN } else { DIVIDED };
        for (i, at) in ends.into_iter().enumerate().take(count.saturating_sub(1)) {
            let alone = i + 1 < FIRST || i + 1 + LAST > count;
            self.strips[at].end = if alone { NEVER } else { cost };
        }
        self.above += 5.0;
    }

    /// A row of a table; one with more lines than stand together is set in several.
    fn row(&mut self, row: &[String], widths: &[f32], align: &[Align], bold: bool) {
        let head = align.iter().all(|a| *a == Align::Middle);
        let mut edges = vec![LEFT];
        widths.iter().for_each(|w| edges.push(edges[edges.len() - 1] + w));
        let cells: Vec<(Cow<'_, str>, Set)> = (0..row.len())
            .map(|i| {
                let (text, width) = (self.said(&row[i]), widths[i] - 2.0 * PAD);
                let words = text.split(' ').filter(|word| word.is_ascii());
                let longest = words.map(|word| self.faces.width(word, CELL.size, bold)).fold(0.0, f32::max);
                // a word that is a little too long is set smaller and not broken
                let fits = Some(width / longest * 0.999).filter(|part| (SMALLEST..1.0).contains(part));
                let size = CELL.size * fits.unwrap_or(1.0);
                (text, Set { left: edges[i] + PAD, width, bold, align: align[i], size, ..CELL })
            })
            .collect();
        let cells: Vec<(Vec<&str>, Set)> = cells.iter().map(|(text, set)| (self.lines(text, *set), *set)).collect();
        let count = cells.iter().map(|(lines, _)| lines.len()).max().unwrap_or(1).max(1);
        for at in (0..count).step_by(LINES) {
            let height = (count - at).min(LINES) as f32 * CELL.lead + 2.0 * PAD;
            if head {
                self.marks.push(Mark::Fill { rect: [LEFT, 0.0, RIGHT, height], color: FILL });
            }
            for (lines, set) in &cells {
                let part = &lines[lines.len().min(at)..lines.len().min(at + LINES)];
                // heads and totals stand in the middle of their row
                self.y = if bold { (height - part.len() as f32 * CELL.lead) / 2.0 } else { PAD };
                self.set(part, false, true, *set);
            }
            for x in &edges {
                self.marks.push(Mark::Fill { rect: [x - 0.2, 0.0, x + 0.2, height], color: RULE });
            }
            for y in [0.0, height] {
                self.marks.push(Mark::Fill { rect: [LEFT, y - 0.2, RIGHT, y + 0.2], color: RULE });
            }
            self.y = height;
            self.strip(0.0);
        }
    }

    /// Marks at the head, what it is and the page's number at the foot.
    fn every_page(&mut self, document: &Document) {
        let (count, faces) = (self.pages.len(), self.faces);
        let marks = document.marks.join(" · ");
        let set = Set { align: Align::Left, width: WIDTH - 50.0, ..SMALL };
        let fits = faces.width(&document.footer, set.size, false) <= set.width;
        let footer = self.said(if fits { &document.footer } else { &document.title }).into_owned();
        let mut put = |page: usize, text: String, x: f32, y: f32, color: &'static str| {
            let Set { size, bold, .. } = set;
            self.pages[page].push(Mark::Text { at: [x, y], size, bold, color, text, gap: 0.0 });
        };
        for page in 0..count {
            // on the first they stand under the title
            if page > 0 {
                let wide = faces.width(&marks, set.size, false);
                put(page, marks.clone(), RIGHT - wide, 52.0, RED);
            }
            put(page, footer.clone(), LEFT, PAPER[1] - 46.0, SOFT);
            let number = format!("{} / {count}", page + 1);
            let wide = faces.width(&number, set.size, false);
            put(page, number, RIGHT - wide, PAPER[1] - 46.0, SOFT);
        }
    }
}
