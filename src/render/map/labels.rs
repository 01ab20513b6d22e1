//! Where names go: one after another by weight, each on the first of its places that is free. No label stands on
//! another, on a symbol or on a card, and none is cut by the edge; what finds no place is left out.

use super::scene::{Anchor, Line, Point, Rect};
use super::words;
use rstar::primitives::Rectangle;
use rstar::{AABB, RTree};

/// Pixels between two labels.
const GAP: f64 = 2.0;
/// Height of a line of text, in sizes.
pub(super) const LEADING: f64 = 1.25;

/// A name that wants a place.
#[derive(Clone, Debug)]
pub(super) struct Wish {
    /// Lines with their sizes, upper first.
    pub(super) lines: Vec<(String, f64)>,
    pub(super) color: String,
    pub(super) halo: (String, f64),
    pub(super) bold: bool,
    /// Where it may stand, best first.
    pub(super) places: Vec<Spot>,
    /// Whether it would rather be left out than cover a line or a circle.
    pub(super) shy: bool,
    /// Lower ones are placed first.
    pub(super) rank: (u8, u32),
}

/// A place for a label.
#[derive(Clone, Copy, Debug)]
pub(super) enum Spot {
    /// With its middle here.
    Middle(Point),
    /// To the right of here: its left edge, half-way up.
    Right(Point),
    /// To the left of here.
    Left(Point),
}

impl Spot {
    /// The places around a point, so many pixels away: right, left, below, above, then the corners.
    pub(super) fn around((x, y): Point, away: f64, height: f64) -> Vec<Self> {
        let (up, down) = (y - height * 0.62, y + height * 0.62);
        let far = away + height / 2.0;
        vec![
            Self::Right((x + away, y)),
            Self::Left((x - away, y)),
            Self::Middle((x, y + far)),
            Self::Middle((x, y - far)),
            Self::Right((x + away * 0.7, up)),
            Self::Right((x + away * 0.7, down)),
            Self::Left((x - away * 0.7, up)),
            Self::Left((x - away * 0.7, down)),
            Self::Right((x + away * 0.5, y - height)),
            Self::Right((x + away * 0.5, y + height)),
            Self::Left((x - away * 0.5, y - height)),
            Self::Left((x - away * 0.5, y + height)),
        ]
    }
}

/// Boxes that are taken.
#[derive(Debug)]
pub(super) struct FreeSpace {
    edge: Rect,
    taken: RTree<Rectangle<[f64; 2]>>,
    /// Better kept free: lines, circles.
    dear: RTree<Rectangle<[f64; 2]>>,
}

impl FreeSpace {
    /// All of a box is free.
    pub(super) fn new(edge: Rect) -> Self {
        Self { edge, taken: RTree::new(), dear: RTree::new() }
    }

    /// Whether a box lies inside and on nothing that is taken.
    pub(super) fn is_free(&self, [l, t, r, b]: Rect) -> bool {
        let [left, top, right, bottom] = self.edge;
        l >= left
            && t >= top
            && r <= right
            && b <= bottom
            && self.taken.locate_in_envelope_intersecting(envelope([l, t, r, b])).next().is_none()
    }

    /// Takes a box.
    pub(super) fn take(&mut self, rect: Rect) {
        self.taken.insert(rectangle(rect));
    }

    /// Makes a box dear.
    pub(super) fn cherish(&mut self, rect: Rect) {
        self.dear.insert(rectangle(rect));
    }

    /// How many boxes of either sort a box covers.
    pub(super) fn covered(&self, rect: Rect) -> usize {
        let in_tree = |tree: &RTree<Rectangle<[f64; 2]>>| tree.locate_in_envelope_intersecting(envelope(rect)).count();
        in_tree(&self.dear) + in_tree(&self.taken)
    }

    /// Places a label; its lines and box, or nothing where it does not fit.
    pub(super) fn place(&mut self, wish: &Wish) -> Option<(Vec<Line>, Rect)> {
        let wide = wish.lines.iter().map(|(text, size)| words::width(text, *size)).fold(0.0, f64::max);
        let high: f64 = wish.lines.iter().map(|(_, size)| size * LEADING).sum();
        let fits = |spot: &Spot| {
            let (anchor, left, middle) = match *spot {
                Spot::Middle((x, y)) => (Anchor::Middle, x - wide / 2.0, y),
                Spot::Right((x, y)) => (Anchor::Start, x, y),
                Spot::Left((x, y)) => (Anchor::End, x - wide, y),
            };
            let rect = [left, middle - high / 2.0, left + wide, middle + high / 2.0];
            let padded = [rect[0] - GAP, rect[1] - GAP, rect[2] + GAP, rect[3] + GAP];
            self.is_free(padded)
                .then(|| (self.dear.locate_in_envelope_intersecting(envelope(padded)).count(), anchor, rect))
        };
        // the first place that covers nothing dear, else the one that covers least
        let mut best: Option<(usize, Anchor, Rect)> = None;
        for spot in &wish.places {
            if let Some(found) = fits(spot) {
                if best.is_none_or(|b| found.0 < b.0) {
                    best = Some(found);
                }
                if found.0 == 0 {
                    break;
                }
            }
        }
        let (_, anchor, rect) = best.filter(|b| b.0 == 0 || !wish.shy)?;
        self.take(rect);
        let x = match anchor {
            Anchor::Start => rect[0],
            Anchor::Middle => rect[0].midpoint(rect[2]),
            Anchor::End => rect[2],
        };
        let mut top = rect[1];
        let lines = wish.lines.iter().map(|(text, size)| {
            // the baseline of a line whose ideographs stand in its middle
            let y = top + size * (LEADING / 2.0 + 0.36);
            top += size * LEADING;
            let (color, halo) = (wish.color.clone(), Some(wish.halo.clone()));
            Line { text: text.clone(), at: (x, y), size: *size, anchor, color, halo, bold: wish.bold }
        });
        Some((lines.collect(), rect))
    }
}

fn envelope([l, t, r, b]: Rect) -> AABB<[f64; 2]> {
    AABB::from_corners([l, t], [r, b])
}

fn rectangle(rect: Rect) -> Rectangle<[f64; 2]> {
    Rectangle::from_aabb(envelope(rect))
}
