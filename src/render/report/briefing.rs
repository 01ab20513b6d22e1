//! A briefing: views one after the other, each a page with its map, its note, and a line that says what it belongs to.

use super::{ReportError, pdf};
use crate::core::model::Lang;
use crate::render::drawing::{Anchor, Drawing, Fonts, Group, Item, Line};
use std::borrow::Cow;

/// A page in pixels of 0.28 mm: A4, the longer side level.
pub const BRIEFING_PAPER: [f64; 2] = [1060.0, 750.0];
/// Points of a pixel.
const POINTS: f64 = 0.28 / 25.4 * 72.0;
/// Size of a note's letters, and the height of its lines.
const LETTERS: f64 = 15.0;
const LINE: f64 = 22.0;
/// Left and right of a note.
const MARGIN: f64 = 24.0;
/// Height of the last line of a page.
const FOOT: f64 = 30.0;
/// Lines of a note that a page has room for.
const MOST_LINES: usize = 8;
const INK: &str = "#1f2933";
const SOFT: &str = "#52606d";

/// A note in lines as wide as a page; what has no room ends with an ellipsis.
pub fn note_lines(note: &str) -> Vec<String> {
    // as wide as most fonts are; a line that is a little short does no harm
    let width = |c: char| (if c < '\u{2E80}' { 0.56 } else { 1.0 }) * LETTERS as f32;
    let most = (BRIEFING_PAPER[0] - 2.0 * MARGIN) as f32;
    let paragraphs = note.lines().map(str::trim).filter(|line| !line.is_empty());
    let mut all: Vec<String> = paragraphs.flat_map(|text| pdf::broken(text, most, width)).map(str::to_owned).collect();
    if all.len() > MOST_LINES {
        all.truncate(MOST_LINES);
        all.iter_mut().last().into_iter().for_each(|last| last.push('…'));
    }
    all
}

/// Width and height of the sheet that leaves room for a note of so many lines.
pub fn briefing_sheet(lines: usize) -> [f64; 2] {
    let note = if lines == 0 { 0.0 } else { lines as f64 * LINE + 10.0 };
    [BRIEFING_PAPER[0], BRIEFING_PAPER[1] - FOOT - note]
}

/// A page: the sheet of a map, its note, what stands at the foot on the left and on the right.
pub fn briefing_page(sheet: Drawing<'_>, note: &[String], foot: [String; 2]) -> Drawing<'static> {
    let [width, height] = BRIEFING_PAPER;
    let line = |text: &str, at: (f64, f64), size: f64, anchor: Anchor, color: &str| {
        Item::Text(Line { text: text.to_owned(), at, size, anchor, color: color.to_owned(), halo: None, bold: false })
    };
    let [left, right] = foot;
    let foot_at = height - FOOT / 3.0;
    let mut items = vec![
        line(&left, (MARGIN, foot_at), 12.0, Anchor::Start, SOFT),
        line(&right, (width - MARGIN, foot_at), 12.0, Anchor::End, SOFT),
    ];
    for (i, text) in note.iter().enumerate() {
        let y = sheet.size[1] + 18.0 + i as f64 * LINE;
        items.push(line(text, (MARGIN, y), LETTERS, Anchor::Start, INK));
    }
    let mut groups = sheet.groups.into_owned();
    groups.push(Group { id: "note".into(), clipped: false, items });
    Drawing {
        size: BRIEFING_PAPER,
        ratio: sheet.ratio,
        title: Cow::Owned(sheet.title.into_owned()),
        ground: Some(Cow::Borrowed("#ffffff")),
        clip: sheet.clip,
        groups: Cow::Owned(groups),
    }
}

/// The pages as one PDF with a bookmark for each.
pub fn briefing(title: &str, pages: &[Drawing<'_>], lang: Lang, fonts: &Fonts) -> Result<Vec<u8>, ReportError> {
    let points = BRIEFING_PAPER.map(|side| (side * POINTS) as f32);
    pdf::pages(title, pages, points, lang, fonts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_note_takes_its_lines_from_the_sheet_and_ends_where_the_page_does() {
        assert_eq!(note_lines(""), Vec::<String>::new());
        assert_eq!(note_lines("一句\n\n二句"), ["一句", "二句"]);
        let long = note_lines(&"沿江产业带".repeat(400));
        assert_eq!(long.len(), MOST_LINES);
        assert!(long.last().unwrap().ends_with('…'));
        assert!(briefing_sheet(8)[1] < briefing_sheet(1)[1] && briefing_sheet(0)[1] < BRIEFING_PAPER[1]);
    }
}
