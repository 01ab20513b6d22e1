//! Where pages end: of all ways to divide a document, the one that leaves the least paper empty and tears the least apart.

use crate::render::drawing::Drawing;

/// Something on a page.
#[derive(Clone)]
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

impl Mark<'_> {
    /// The same so much lower.
    pub(super) fn lowered(&self, by: f32) -> Self {
        let mut mark = self.clone();
        match &mut mark {
            Mark::Text { at, .. } | Mark::Drawing { at, .. } => at[1] += by,
            Mark::Fill { rect, .. } | Mark::Link { rect, .. } => {
                rect[1] += by;
                rect[3] += by;
            }
        }
        mark
    }
}

/// What stands across a page and is not divided: a line, a row of a table, a picture with its caption.
pub(super) struct Strip<'a> {
    /// From its upper edge; those of a picture's caption as if the picture had its own height.
    pub(super) marks: Vec<Mark<'a>>,
    pub(super) height: f32,
    /// Blank above it, but not at the head of a page.
    pub(super) above: f32,
    /// What it costs to end a page below it.
    pub(super) end: f32,
    /// The strip that stands above it again at the head of a page: the heads of its table.
    pub(super) again: Option<usize>,
    pub(super) picture: Option<Room<'a>>,
    pub(super) heading: Option<&'a str>,
}

/// A picture, and how high it may be.
#[derive(Clone, Copy)]
pub(super) struct Room<'a> {
    pub(super) drawing: &'a Drawing<'static>,
    /// Its own height, within that of the strip.
    pub(super) full: f32,
    pub(super) least: f32,
    pub(super) map: bool,
}

impl Room<'_> {
    /// How high it is on a page whose pictures are shrunk so.
    pub(super) fn high(&self, shrink: f32) -> f32 {
        self.full - shrink * (self.full - self.least)
    }
}

/// What it costs to end a page where none should end. Something is done even then: nothing is lost.
pub(super) const NEVER: f32 = 10_000.0;
/// What an empty page would cost; half empty, a quarter of it.
const EMPTY: f32 = 100.0;
/// What a picture costs that is a quarter smaller than it is.
const SMALL: f32 = 3.0;
/// What a page costs.
const PAGE: f32 = 2.0;
/// What a last page costs that holds only a few lines: this part of it.
const SCANT: f32 = 6.0;
const FEW: f32 = 0.18;

/// The strips of a page.
pub(super) struct Page {
    pub(super) strips: std::ops::Range<usize>,
    /// From 0, pictures of their own height, to 1, as low as they may be.
    pub(super) shrink: f32,
}

/// How high strips are together: with pictures of their own height, and as low as they may be.
#[derive(Clone, Copy, Default)]
struct Height {
    full: f32,
    least: f32,
}

impl Height {
    fn plain(height: f32) -> Self {
        Self { full: height, least: height }
    }

    fn with(self, other: Self) -> Self {
        Self { full: self.full + other.full, least: self.least + other.least }
    }

    fn shrink(self, space: f32) -> f32 {
        let (over, there) = (self.full - space, self.full - self.least);
        if over > 0.0 && there > 0.0 { (over / there).min(1.0) } else { 0.0 }
    }
}

impl Strip<'_> {
    fn tall(&self) -> Height {
        let less = self.picture.as_ref().map_or(0.0, |room| room.full - room.least);
        Height { full: self.height, least: self.height - less }
    }
}

/// The pages of strips, each with this much space.
pub(super) fn pages(strips: &[Strip<'_>], space: f32) -> Vec<Page> {
    let count = strips.len();
    // the cheapest way to have set the strips before each, and where its last page begins
    let mut best = vec![(0.0, 0); count + 1];
    for end in 1..=count {
        best[end] = (f32::INFINITY, end - 1);
        // the strips from the first one on, without what stands again above it
        let mut tall = Height::default();
        for first in (0..end).rev() {
            if first + 1 < end {
                tall = tall.with(Height::plain(strips[first + 1].above));
            }
            tall = tall.with(strips[first].tall());
            if tall.least > space && first + 1 < end {
                break;
            }
            let page = tall.with(Height::plain(again(strips, first)));
            if page.least > space && first + 1 < end {
                continue;
            }
            let cost = best[first].0 + cost(page, space, strips, first..end);
            if cost < best[end].0 {
                best[end] = (cost, first);
            }
        }
    }
    let mut out = Vec::new();
    let mut end = count;
    while end > 0 {
        let first = best[end].1;
        out.push(Page { strips: first..end, shrink: height(strips, first..end).shrink(space) });
        end = first;
    }
    out.reverse();
    out
}

/// What stands above a strip again when it begins a page.
fn again(strips: &[Strip<'_>], first: usize) -> f32 {
    strips[first].again.map_or(0.0, |head| strips[head].height)
}

fn height(strips: &[Strip<'_>], page: std::ops::Range<usize>) -> Height {
    let first = page.start;
    let one = |i: usize| strips[i].tall().with(Height::plain(if i == first { 0.0 } else { strips[i].above }));
    page.map(one).fold(Height::plain(again(strips, first)), Height::with)
}

fn cost(page: Height, space: f32, strips: &[Strip<'_>], of: std::ops::Range<usize>) -> f32 {
    let shrink = page.shrink(space);
    let small = |room: &Room<'_>| (1.0 - room.high(shrink) / room.full) / 0.25;
    let pictures = strips[of.clone()].iter().filter_map(|s| s.picture.as_ref());
    let mut cost = PAGE + pictures.map(|room| SMALL * small(room) * small(room)).sum::<f32>();
    if of.end < strips.len() {
        let empty = ((space - page.full) / space).max(0.0);
        cost += EMPTY * empty * empty + strips[of.end - 1].end;
    } else if of.start > 0 && page.full < FEW * space {
        cost += SCANT;
    }
    cost
}

#[cfg(test)]
mod tests {
    use super::*;

    const SPACE: f32 = 100.0;

    fn strip(height: f32, end: f32) -> Strip<'static> {
        Strip { marks: vec![], height, above: 0.0, end, again: None, picture: None, heading: None }
    }

    fn ends(strips: &[Strip<'_>]) -> Vec<usize> {
        pages(strips, SPACE).iter().map(|p| p.strips.end).collect()
    }

    #[test]
    fn pages_are_filled_and_nothing_is_lost() {
        let lines: Vec<_> = (0..25).map(|_| strip(10.0, 0.0)).collect();
        assert_eq!(ends(&lines), [10, 20, 25]);
        assert!(pages(&[], SPACE).is_empty());
        // what is higher than a page has one for itself
        assert_eq!(ends(&[strip(20.0, 0.0), strip(150.0, 0.0), strip(20.0, 0.0)]), [1, 2, 3]);
    }

    #[test]
    fn no_page_ends_where_none_should() {
        let lines: Vec<_> = (0..20).map(|i| strip(10.0, if (7..11).contains(&i) { NEVER } else { 0.0 })).collect();
        assert_eq!(ends(&lines), [7, 17, 20]);
    }

    #[test]
    fn a_last_page_holds_more_than_a_line() {
        let lines: Vec<_> = (0..11).map(|_| strip(10.0, 0.0)).collect();
        assert_eq!(ends(&lines), [9, 11]);
    }

    #[test]
    fn heads_stand_again_and_take_their_space() {
        let row = |i| Strip { again: (i > 0).then_some(0), ..strip(10.0, 0.0) };
        let rows: Vec<_> = (0..19).map(row).collect();
        assert_eq!(ends(&rows), [10, 19]);
        assert_eq!(ends(&(0..20).map(row).collect::<Vec<_>>()).len(), 3);
    }

    #[test]
    fn pictures_give_way_before_a_page_is_left_empty() {
        let drawing = Drawing {
            size: [100.0, 50.0],
            ratio: 1.0,
            title: "".into(),
            ground: None,
            clip: [0.0; 4],
            groups: vec![].into(),
        };
        let of = |least| {
            let picture =
                Strip { picture: Some(Room { drawing: &drawing, full: 50.0, least, map: false }), ..strip(50.0, 0.0) };
            pages(&[strip(60.0, 0.0), picture, strip(90.0, 0.0)], SPACE)
        };
        let small = of(40.0);
        assert_eq!((small.len(), small[0].strips.end, small[0].shrink), (2, 2, 1.0));
        assert_eq!((of(30.0).len(), of(30.0)[0].shrink), (2, 0.5));
        assert_eq!(of(45.0).len(), 3, "no smaller than it may be");
    }
}
