//! The text: paragraphs, tables and pictures by style.

use super::super::document::{Block, Document, Picture, Table, wide};
use super::{is_link, parts};
use crate::render::drawing::escaped;
use std::fmt::Write as _;

/// Width of the type area, 156 mm, in twentieths of a point and in English metric units.
const WIDTH_TWIPS: f64 = 8844.0;
const WIDTH_EMU: f64 = 5_616_000.0;
/// A picture is no higher than this, 170 mm.
const HEIGHT_EMU: f64 = 6_120_000.0;

/// Height of the type area in millimetres, 22 lines of 28.95 points.
const PAGE_MM: f64 = 224.7;
const LINE_MM: f64 = 10.21;
const EMU_OF_MM: f64 = 36_000.0;
/// A picture may be made smaller to this part of its size where it then goes onto the page that is begun.
const LEAST: f64 = 0.55;
/// Millimetres below a picture: two lines of caption, and what other fonts need more.
const BELOW: f64 = 22.0;
/// What a table that is kept in one piece may leave empty of the page before it.
const EMPTY: f64 = 0.3;

/// Characters of a table's text in that width.
const CHARACTERS: f64 = 84.0;
/// Tables with a total and at most so many rows are kept on one page, as far as that leaves no large gap.
const KEPT_ROWS: usize = 14;

/// A4 with the margins of official documents and 22 lines to the page. The 28 characters to the line come from the
/// spacing of the body text: not all programs read a grid of characters alike.
const PAGE: &str = "<w:sectPr><w:headerReference w:type=\"default\" r:id=\"rId5\"/><w:headerReference w:type=\"even\" r:id=\"rId5\"/>\
    <w:footerReference w:type=\"default\" r:id=\"rId6\"/><w:footerReference w:type=\"even\" r:id=\"rId7\"/>\
    <w:pgSz w:w=\"11906\" w:h=\"16838\"/><w:pgMar w:top=\"2098\" w:right=\"1474\" w:bottom=\"1984\" w:left=\"1588\" w:header=\"1134\" w:footer=\"1474\" w:gutter=\"0\"/>\
    <w:docGrid w:type=\"lines\" w:linePitch=\"579\"/></w:sectPr>";

/// A paragraph without text, as low as can be.
const NOTHING: &str =
    "<w:p><w:pPr><w:spacing w:before=\"0\" w:after=\"0\" w:line=\"20\" w:lineRule=\"exact\"/></w:pPr></w:p>";

/// What has been used up on the way.
#[derive(Default)]
struct Body {
    out: String,
    pictures: usize,
    links: usize,
    lists: usize,
    /// Widths of the columns of the current table.
    widths: Vec<u32>,
    /// Whether a paragraph stays on the page of the next one.
    kept: bool,
    /// About how far down the page the text has come, in millimetres. Programs and fonts differ; a picture or a table then
    /// stands on the next page, as without it.
    down: f64,
}

pub(super) fn document(document: &Document) -> String {
    let mut body = Body::default();
    body.out.push_str(
        "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n<w:document \
         xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\" \
         xmlns:r=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships\" \
         xmlns:wp=\"http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing\" \
         xmlns:a=\"http://schemas.openxmlformats.org/drawingml/2006/main\" \
         xmlns:pic=\"http://schemas.openxmlformats.org/drawingml/2006/picture\"><w:body>",
    );
    body.paragraph("Title", &document.title);
    body.paragraph("Subtitle", &document.subtitle);
    if !document.marks.is_empty() {
        body.paragraph("Marks", &document.marks.join("　·　"));
    }
    for section in &document.sections {
        body.paragraph("Heading1", &section.heading);
        section.blocks.iter().for_each(|b| body.block(b));
    }
    body.out + PAGE + "</w:body></w:document>\n"
}

impl Body {
    fn paragraph(&mut self, style: &str, text: &str) {
        let keep = if self.kept { "<w:keepNext/>" } else { "" };
        self.went(height(style, text));
        let _ = write!(
            self.out,
            "<w:p><w:pPr><w:pStyle w:val=\"{style}\"/>{keep}</w:pPr><w:r><w:t xml:space=\"preserve\">{}</w:t></w:r></w:p>",
            escaped(text)
        );
    }

    fn block(&mut self, block: &Block) {
        match block {
            Block::Text(text) => self.paragraph("BodyText", text),
            Block::Note(text) => self.paragraph("Note", text),
            Block::List(lines) => self.list(lines),
            Block::Table(table) => self.table(table),
            Block::Picture(picture) => self.picture(picture),
            Block::Pairs(pairs) => self.pairs(pairs),
        }
    }

    /// A list is numbered from 1, whatever lists came before it.
    fn list(&mut self, lines: &[String]) {
        self.lists += 1;
        let number = parts::list(self.lists);
        for line in lines {
            self.went(height("ListParagraph", line));
            let _ = write!(
                self.out,
                "<w:p><w:pPr><w:pStyle w:val=\"ListParagraph\"/><w:numPr><w:ilvl w:val=\"0\"/><w:numId w:val=\"{number}\"/></w:numPr></w:pPr>\
                 <w:r><w:t xml:space=\"preserve\">{}</w:t></w:r></w:p>",
                escaped(line)
            );
        }
    }

    fn picture(&mut self, Picture { caption, alt, drawing, .. }: &Picture) {
        self.pictures += 1;
        let [width, height] = drawing.size;
        let scale = (WIDTH_EMU / width).min(HEIGHT_EMU / height);
        let left = (PAGE_MM - self.down - BELOW) * EMU_OF_MM / height;
        let scale = if (LEAST * scale..scale).contains(&left) { left } else { scale };
        let mm = height * scale / EMU_OF_MM;
        self.down = if self.down + mm > PAGE_MM { mm } else { self.down + mm };
        let (cx, cy, i) = ((width * scale) as u64, (height * scale) as u64, self.pictures);
        let (name, alt) = (escaped(caption), escaped(alt));
        let _ = write!(
            self.out,
            "<w:p><w:pPr><w:pStyle w:val=\"Picture\"/></w:pPr><w:r><w:drawing><wp:inline distT=\"0\" distB=\"0\" distL=\"0\" distR=\"0\">\
             <wp:extent cx=\"{cx}\" cy=\"{cy}\"/><wp:docPr id=\"{i}\" name=\"{name}\" descr=\"{alt}\"/>\
             <wp:cNvGraphicFramePr><a:graphicFrameLocks noChangeAspect=\"1\"/></wp:cNvGraphicFramePr>\
             <a:graphic><a:graphicData uri=\"http://schemas.openxmlformats.org/drawingml/2006/picture\"><pic:pic>\
             <pic:nvPicPr><pic:cNvPr id=\"{i}\" name=\"image{i}.png\"/><pic:cNvPicPr/></pic:nvPicPr>\
             <pic:blipFill><a:blip r:embed=\"picture{i}\"/><a:stretch><a:fillRect/></a:stretch></pic:blipFill>\
             <pic:spPr><a:xfrm><a:off x=\"0\" y=\"0\"/><a:ext cx=\"{cx}\" cy=\"{cy}\"/></a:xfrm>\
             <a:prstGeom prst=\"rect\"><a:avLst/></a:prstGeom></pic:spPr></pic:pic></a:graphicData></a:graphic>\
             </wp:inline></w:drawing></w:r></w:p>"
        );
        self.paragraph("Caption", caption);
    }

    fn table(&mut self, table: &Table) {
        self.paragraph("TableCaption", &table.caption);
        let widths = table.widths(CHARACTERS);
        let rows = || std::iter::once(&table.heads).chain(&table.rows).map(|row| row_height(row, &widths));
        let left = PAGE_MM - self.down;
        let whole =
            table.total && table.rows.len() <= KEPT_ROWS && (left < EMPTY * PAGE_MM || rows().sum::<f64>() < left);
        let started = self.down;
        self.open(&widths, true);
        // the heads stay with the first row
        self.kept = true;
        let heads: Vec<(&str, &str)> = table.heads.iter().map(|h| ("TableHead", h.as_str())).collect();
        self.row(
            "<w:cantSplit/><w:tblHeader/>",
            "<w:shd w:val=\"clear\" w:color=\"auto\" w:fill=\"EEF1F5\"/><w:vAlign w:val=\"center\"/>",
            &heads,
        );
        for (i, row) in table.rows.iter().enumerate() {
            let total = table.total && i + 1 == table.rows.len();
            let style = |number: bool| match (total, number) {
                (true, true) => "TableTotal",
                (true, false) => "TableHead",
                (false, true) => "TableNumber",
                (false, false) => "TableText",
            };
            let cells: Vec<(&str, &str)> =
                row.iter().zip(&table.numeric).map(|(text, number)| (style(*number), text.as_str())).collect();
            // and the total with the row before it
            let last = table.rows.len() - 1;
            self.kept = i < last && (whole || table.total && i + 1 == last);
            self.row("<w:cantSplit/>", "", &cells);
        }
        self.kept = false;
        self.down = started;
        if whole && rows().sum::<f64>() > left {
            self.down = 0.0;
        }
        rows().for_each(|row| self.went(row));
        self.out.push_str("</w:tbl>");
    }

    /// Text of this height came; what does not fit goes on at the top of the next page.
    fn went(&mut self, mm: f64) {
        self.down += mm;
        if self.down > PAGE_MM {
            self.down = mm.min(self.down - PAGE_MM);
        }
    }

    fn open(&mut self, widths: &[f64], ruled: bool) {
        // two tables with nothing between them are read as one
        if self.out.ends_with("</w:tbl>") {
            self.out.push_str(NOTHING);
        }
        let border = |side: &str| {
            let value = if ruled { "single" } else { "none" };
            format!("<w:{side} w:val=\"{value}\" w:sz=\"4\" w:space=\"0\" w:color=\"8A929C\"/>")
        };
        let borders: String = ["top", "left", "bottom", "right", "insideH", "insideV"].map(border).concat();
        let all: f64 = widths.iter().sum();
        self.widths = widths.iter().map(|w| (w / all * WIDTH_TWIPS) as u32).collect();
        let columns: Vec<String> = self.widths.iter().map(|w| format!("<w:gridCol w:w=\"{w}\"/>")).collect();
        let _ = write!(
            self.out,
            "<w:tbl><w:tblPr><w:tblW w:w=\"{WIDTH_TWIPS}\" w:type=\"dxa\"/><w:jc w:val=\"center\"/><w:tblBorders>{borders}</w:tblBorders>\
             <w:tblLayout w:type=\"fixed\"/><w:tblCellMar><w:left w:w=\"62\" w:type=\"dxa\"/><w:right w:w=\"62\" w:type=\"dxa\"/></w:tblCellMar></w:tblPr><w:tblGrid>{}</w:tblGrid>",
            columns.concat()
        );
    }

    /// A row of cells, each with its style.
    fn row(&mut self, like: &str, cell: &str, cells: &[(&str, &str)]) {
        let _ = write!(self.out, "<w:tr><w:trPr>{like}</w:trPr>");
        for (i, (style, text)) in cells.iter().enumerate() {
            let width = self.widths.get(i).copied().unwrap_or(0);
            let _ = write!(self.out, "<w:tc><w:tcPr><w:tcW w:w=\"{width}\" w:type=\"dxa\"/>{cell}</w:tcPr>");
            if is_link(text) {
                self.link(style, text);
            } else {
                self.paragraph(style, text);
            }
            self.out.push_str("</w:tc>");
        }
        self.out.push_str("</w:tr>");
    }

    fn link(&mut self, style: &str, text: &str) {
        self.links += 1;
        let _ = write!(
            self.out,
            "<w:p><w:pPr><w:pStyle w:val=\"{style}\"/></w:pPr><w:hyperlink r:id=\"link{}\"><w:r><w:rPr><w:rStyle w:val=\"Hyperlink\"/></w:rPr>\
             <w:t xml:space=\"preserve\">{}</w:t></w:r></w:hyperlink></w:p>",
            self.links,
            escaped(text)
        );
    }

    fn pairs(&mut self, pairs: &[(String, String)]) {
        self.open(&[18.0, 82.0], false);
        for (what, text) in pairs {
            self.row("<w:cantSplit/>", "", &[("TableText", what), ("TableText", text)]);
            self.went(4.8);
        }
        // a table can't be the last thing of a document: what follows is as low as can be, or it may stand on a page of its own
        self.out.push_str("</w:tbl>");
        self.out.push_str(NOTHING);
    }
}

/// About how high a paragraph is, in millimetres, by the sizes of `styles`.
fn height(style: &str, text: &str) -> f64 {
    let lines = |characters: f64| (set(text) / characters).ceil().max(1.0);
    let [small, close, listed] = if latin(text) { [5.1, 4.3, 5.1] } else { [5.9, 4.8, 6.4] };
    match style {
        "Title" => lines(40.0) * 11.3,
        "Heading1" => LINE_MM,
        "BodyText" => lines(56.0) * LINE_MM,
        "ListParagraph" => lines(68.0) * listed + 1.4,
        "Note" | "Subtitle" | "Marks" => lines(CHARACTERS) * small + 1.4,
        "Caption" | "TableCaption" => lines(CHARACTERS) * close + 3.2,
        // of a table, counted by its rows
        _ => 0.0,
    }
}

/// Whether a text has no Chinese characters: faces of those are higher, too.
fn latin(text: &str) -> bool {
    text.chars().all(|c| c < '\u{2E80}')
}

/// About how wide a text is in the face of Latin letters that the styles name, in halves of a Chinese character: letters of it are
/// narrower than half of one, and digits as wide.
fn set(text: &str) -> f64 {
    let of = |c: char| match c {
        ' ' | '.' | ',' => 0.5,
        ';' | ':' | '\'' | '|' | '/' | 'i' | 'j' | 'l' | 't' => 0.55,
        '(' | ')' | '[' | ']' | '-' | 'f' | 'r' => 0.67,
        'm' | 'w' | '%' => 1.5,
        'a'..='z' => 0.93,
        'A'..='Z' => 1.36,
        c => wide(c.encode_utf8(&mut [0; 4])),
    };
    text.chars().map(of).sum()
}

/// In how many lines of a width a text stands, broken between words; a word that is wider is broken itself.
fn lines(text: &str, width: f64) -> f64 {
    let (mut lines, mut used) = (1.0, 0.0);
    for word in text.split(' ') {
        let wide = set(word);
        if used > 0.0 && used + wide > width {
            (lines, used) = (lines + 1.0, 0.0);
        }
        let more = (wide / width).ceil().max(1.0) - 1.0;
        (lines, used) = (lines + more, used + wide - more * width + set(" "));
    }
    lines
}

/// About how high a row of a table is.
fn row_height(row: &[String], widths: &[f64]) -> f64 {
    let most = row.iter().zip(widths).map(|(text, width)| lines(text, (width - 1.2).max(1.0)));
    let line = if row.iter().all(|text| latin(text)) { 4.35 } else { 4.8 };
    most.fold(1.0, f64::max) * line
}

#[cfg(test)]
mod tests {
    use super::{Body, Table, lines, set};

    #[test]
    fn texts_are_as_wide_as_they_are_set() {
        // measured in the metrics of Times New Roman at 10.5 points: 96.7 mm
        let text = "Each cell has the quotient and its 95 % interval; few means too few.";
        assert!((set(text) * 1.852 - 96.7).abs() < 5.0, "{}", set(text));
        assert!((set("企业数 2025") - 10.5).abs() < 1e-9);
    }

    #[test]
    fn two_tables_stay_two() {
        let mut body = Body::default();
        let one = |text: &str| vec![text.to_owned()];
        body.table(&Table {
            caption: String::new(),
            heads: one("head"),
            numeric: vec![false],
            rows: vec![one("row")],
            total: false,
        });
        body.pairs(&[("what".to_owned(), "text".to_owned())]);
        body.pairs(&[("what".to_owned(), "text".to_owned())]);
        assert_eq!(body.out.matches("<w:tbl>").count(), 3);
        assert!(!body.out.contains("</w:tbl><w:tbl>"), "{}", body.out);
    }

    #[test]
    fn lines_break_between_words_and_within_wide_ones() {
        for (text, width, most) in [
            ("", 10.0, 1),
            ("12345 12345", 10.0, 2),
            ("12345 1234", 10.0, 1),
            ("营业收入合计", 8.0, 2),
            ("1 营业收入合计 1", 8.0, 3),
        ] {
            assert_eq!(lines(text, width) as usize, most, "{text}");
        }
    }
}
