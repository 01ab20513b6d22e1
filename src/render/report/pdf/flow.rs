//! The document on pages: where each line, table, picture and rule stands. Points from the upper left corner.

use super::super::document::{Block, Document, Picture, Table};
use super::faces::Faces;
use super::lines::{gaps, lines};
use crate::core::model::Lang;
use crate::render::drawing::Drawing;
use std::borrow::Cow;

/// A4.
pub(super) const PAPER: [f32; 2] = [595.28, 841.89];
const LEFT: f32 = 79.4;
const RIGHT: f32 = PAPER[0] - 73.7;
const TOP: f32 = 82.0;
const BOTTOM: f32 = PAPER[1] - 76.0;
const WIDTH: f32 = RIGHT - LEFT;

const INK: &str = "#1C232B";
const SOFT: &str = "#525B66";
const RED: &str = "#B4232A";
const RULE: &str = "#8A929C";
const FILL: &str = "#EEF1F5";
const LINK: &str = "#1F4E9C";

/// Something on a page.
pub(super) enum Mark<'a> {
    /// A line of text on its baseline; `gap` is what each place that can be widened gets, in em.
    Text { at: [f32; 2], size: f32, bold: bool, color: &'static str, text: String, gap: f32 },
    /// A box of one colour.
    Fill { rect: [f32; 4], color: &'static str },
    /// A map or chart.
    Drawing { at: [f32; 2], scale: f32, drawing: &'a Drawing<'static> },
    /// An address that a box leads to.
    Link { rect: [f32; 4], address: String },
}

/// Pages, and the headings with where they stand.
pub(super) struct Flow<'a> {
    faces: &'a Faces,
    /// Whether quotation marks are straight: in a Chinese font the curled ones are as wide as an ideograph.
    straight: bool,
    pub(super) pages: Vec<Vec<Mark<'a>>>,
    pub(super) headings: Vec<(String, usize, f32)>,
    y: f32,
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
/// Characters of a table's text in the width of the page.
const CHARACTERS: f64 = 84.0;
/// The part of its size that a picture is shrunk to at most so that it fits a page.
const LEAST: f32 = 0.76;
/// A table with a total, no higher than this, stays on one page.
const KEPT: f32 = 380.0;

impl<'a> Flow<'a> {
    pub(super) fn new(faces: &'a Faces, document: &'a Document) -> Self {
        let straight = document.lang == Lang::En;
        let mut flow = Self { faces, straight, pages: vec![vec![]], headings: vec![], y: TOP };
        let title = Set { size: 22.0, lead: 32.0, bold: true, indent: 0.0, align: Align::Middle, ..BODY };
        flow.paragraph(&document.title, title);
        flow.paragraph(&document.subtitle, Set { size: 10.5, lead: 18.0, align: Align::Middle, ..SMALL });
        let marks = document.marks.join("　·　");
        flow.paragraph(&marks, Set { size: 10.5, lead: 18.0, color: RED, align: Align::Middle, ..SMALL });
        for section in &document.sections {
            flow.heading(&section.heading, section.blocks.first());
            section.blocks.iter().for_each(|b| flow.block(b));
        }
        flow.every_page(document);
        flow
    }

    fn page(&mut self) -> &mut Vec<Mark<'a>> {
        let last = self.pages.len() - 1;
        &mut self.pages[last]
    }

    /// Starts a page when less height than this is left.
    fn need(&mut self, height: f32) {
        if self.y + height > BOTTOM && self.y > TOP {
            self.pages.push(vec![]);
            self.y = TOP;
        }
    }

    fn heading(&mut self, text: &str, next: Option<&Block>) {
        // a heading does not stand alone at the foot
        let below = match next {
            Some(Block::Picture(picture)) => self.picture_height(picture, LEAST),
            Some(Block::Table(table)) => self.table_height(table),
            _ => 40.0,
        };
        self.need(below + 38.0);
        self.y += if self.y > TOP { 12.0 } else { 0.0 };
        let place = (text.to_owned(), self.pages.len() - 1, self.y);
        self.headings.push(place);
        self.paragraph(text, Set { size: 14.0, lead: 24.0, bold: true, indent: 0.0, align: Align::Left, ..BODY });
        self.y += 2.0;
    }

    fn block(&mut self, block: &'a Block) {
        match block {
            Block::Text(text) => {
                let indent = if text.is_ascii() { 0.0 } else { BODY.indent };
                self.paragraph(text, Set { indent, ..BODY });
            }
            Block::Note(text) => {
                self.paragraph(text, SMALL);
                self.y += 2.0;
            }
            Block::List(all) => {
                for (i, line) in all.iter().enumerate() {
                    self.need(LIST.lead);
                    let y = self.y + LIST.size + 1.0;
                    self.text(format!("{}.", i + 1), [LEFT, y], Set { align: Align::Left, ..LIST });
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

    fn paragraph(&mut self, text: &str, set: Set) {
        if text.is_empty() {
            return;
        }
        let text = &*self.said(text);
        let broken = self.lines(text, set);
        let count = broken.len();
        for (i, line) in broken.into_iter().enumerate() {
            self.need(set.lead);
            let indent = if i == 0 { set.indent } else { 0.0 };
            let wide = self.faces.width(line, set.size, set.bold);
            let free = set.width - indent - wide;
            let x = set.left
                + indent
                + match set.align {
                    Align::Left | Align::Both => 0.0,
                    Align::Right => free,
                    Align::Middle => free / 2.0,
                };
            let places = gaps(line);
            let full = set.align == Align::Both && i + 1 < count && places > 0 && free > 0.0;
            // a line that lacks a long word is not torn apart
            let gap = if full { (free / places as f32 / set.size).min(0.5) } else { 0.0 };
            let at = [x, self.y + (set.lead - set.size) / 2.0 + set.size * 0.86];
            let Set { size, bold, color, .. } = set;
            let mark = Mark::Text { at, size, bold, color, text: line.to_owned(), gap };
            self.page().push(mark);
            self.y += set.lead;
        }
    }

    fn text(&mut self, text: String, at: [f32; 2], set: Set) {
        let Set { size, bold, color, .. } = set;
        self.page().push(Mark::Text { at, size, bold, color, text, gap: 0.0 });
    }

    /// A label and what it stands for, side by side.
    fn pair(&mut self, what: &str, text: &str) {
        let label = Set { size: 10.0, lead: 16.0, width: 84.0, color: SOFT, align: Align::Left, ..SMALL };
        let link = text.starts_with("http://") || text.starts_with("https://");
        let color = if link { LINK } else { INK };
        let value = Set { left: LEFT + 92.0, width: WIDTH - 92.0, color, ..label };
        let height = label.lead * self.lines(text, value).len().max(self.lines(what, label).len()) as f32;
        self.need(height);
        let top = self.y;
        self.paragraph(what, label);
        self.y = top;
        self.paragraph(text, value);
        if link {
            let rect = [value.left, top, value.left + value.width, self.y];
            self.page().push(Mark::Link { rect, address: text.to_owned() });
        }
        self.y = top + height + 1.0;
    }

    /// What a picture takes of the page with its caption, when it is drawn in this part of its size.
    fn picture_height(&self, Picture { caption, drawing, .. }: &Picture, part: f32) -> f32 {
        let below = CAPTION.lead * self.lines(caption, CAPTION).len() as f32;
        drawing.size[1] as f32 * scale(drawing) * part + below + 12.0
    }

    fn picture(&mut self, picture: &'a Picture) {
        let Picture { caption, drawing, .. } = picture;
        let [width, height] = drawing.size.map(|s| s as f32);
        self.need(self.picture_height(picture, LEAST));
        // a little smaller rather than on the next page
        let over = self.picture_height(picture, 1.0) - (BOTTOM - self.y);
        let full = height * scale(drawing);
        let scale = scale(drawing) * ((full - over.max(0.0)) / full).clamp(LEAST, 1.0);
        self.y += 6.0;
        let at = [LEFT + (WIDTH - width * scale) / 2.0, self.y];
        self.page().push(Mark::Drawing { at, scale, drawing });
        self.y += height * scale + 2.0;
        self.paragraph(caption, CAPTION);
        self.y += 4.0;
    }

    fn column_widths(table: &Table) -> Vec<f32> {
        table.widths(CHARACTERS).iter().map(|w| (w / CHARACTERS) as f32 * WIDTH).collect()
    }

    /// What a table takes of the page at least: its caption, its heads, and its first row or all that stay together.
    fn table_height(&self, table: &Table) -> f32 {
        let widths = Self::column_widths(table);
        let height = |row: &Vec<String>, bold| {
            let row: Vec<&str> = row.iter().map(String::as_str).collect();
            self.row_height(&row, &widths, bold)
        };
        let heights: Vec<f32> = table.rows.iter().map(|r| height(r, false)).collect();
        let (first, whole) = (heights.first().copied().unwrap_or(0.0), heights.iter().sum());
        let kept = if table.total && whole <= KEPT { whole } else { first };
        CAPTION.lead + height(&table.heads, true) + kept + 10.0
    }

    fn table(&mut self, table: &Table) {
        self.need(self.table_height(table));
        let widths = Self::column_widths(table);
        let heads: Vec<&str> = table.heads.iter().map(String::as_str).collect();
        let middle = vec![Align::Middle; heads.len()];
        let rows: Vec<Vec<&str>> = table.rows.iter().map(|r| r.iter().map(String::as_str).collect()).collect();
        self.y += 4.0;
        self.paragraph(&table.caption, CAPTION);
        self.y += 1.0;
        self.row(&heads, &widths, &middle, true);
        let side: Vec<Align> = table.numeric.iter().map(|n| if *n { Align::Right } else { Align::Left }).collect();
        for (i, row) in rows.iter().enumerate() {
            let total = table.total && i + 1 == rows.len();
            if self.y + self.row_height(row, &widths, total) > BOTTOM {
                self.pages.push(vec![]);
                self.y = TOP;
                self.row(&heads, &widths, &middle, true);
            }
            self.row(row, &widths, &side, total);
        }
        self.y += 5.0;
    }

    fn row_height(&self, row: &[&str], widths: &[f32], bold: bool) -> f32 {
        let one = |(text, width): (&&str, &f32)| {
            self.lines(text, Set { width: width - 2.0 * PAD, bold, ..CELL }).len() as f32 * CELL.lead
        };
        row.iter().zip(widths).map(one).fold(CELL.lead, f32::max) + 2.0 * PAD
    }

    fn row(&mut self, row: &[&str], widths: &[f32], align: &[Align], bold: bool) {
        let height = self.row_height(row, widths, bold);
        let (top, bottom) = (self.y, self.y + height);
        if align.iter().all(|a| *a == Align::Middle) {
            self.page().push(Mark::Fill { rect: [LEFT, top, RIGHT, bottom], color: FILL });
        }
        let mut x = LEFT;
        for ((text, width), align) in row.iter().zip(widths).zip(align) {
            let set = Set { left: x + PAD, width: width - 2.0 * PAD, bold, align: *align, ..CELL };
            let own = self.lines(text, set).len() as f32 * CELL.lead;
            // heads stand in the middle of their row
            self.y = top + if bold { (height - own) / 2.0 } else { PAD };
            self.paragraph(text, set);
            x += width;
        }
        let mut edges = vec![LEFT];
        widths.iter().for_each(|w| edges.push(edges[edges.len() - 1] + w));
        for x in edges {
            self.page().push(Mark::Fill { rect: [x - 0.2, top, x + 0.2, bottom], color: RULE });
        }
        for y in [top, bottom] {
            self.page().push(Mark::Fill { rect: [LEFT, y - 0.2, RIGHT, y + 0.2], color: RULE });
        }
        self.y = bottom;
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

/// A picture fills the width, unless it were too high.
fn scale(drawing: &Drawing<'_>) -> f32 {
    let [width, height] = drawing.size.map(|s| s as f32);
    (WIDTH / width).min(470.0 / height)
}
