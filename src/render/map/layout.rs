//! How a sheet is divided, and where on it the legend stands.

use super::draw::Painter;
use super::scene::Rect;
use crate::core::geometry::Region;
use crate::core::query::{AreaKind, Question};
use crate::core::snapshot::ZoneInfo;

/// The parts of a sheet, in pixels.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sheet {
    /// Whether space is short: text is smaller then.
    pub(super) compact: bool,
    pub(super) margin: f64,
    head: f64,
    foot: f64,
    /// Next to the map, for the legend.
    pub(super) aside: f64,
}

impl Sheet {
    pub(super) fn new([width, height]: [f64; 2], sheet: bool) -> Self {
        let compact = width < 640.0 || height < 440.0;
        let (margin, head, foot) = match (sheet, compact) {
            (false, _) => (0.0, 0.0, 0.0),
            (true, true) => (6.0, 36.0, 30.0),
            (true, false) => (16.0, 62.0, 48.0),
        };
        Self { compact, margin, head, foot, aside: 0.0 }
    }

    /// Between the map and what is next to it or at its edge.
    pub(super) fn gap(&self) -> f64 {
        if self.compact { 6.0 } else { 12.0 }
    }

    /// The box of the map on a sheet of a size.
    pub(super) fn map(&self, [width, height]: [f64; 2]) -> Rect {
        [self.margin, self.head, width - self.margin - self.aside, height - self.foot]
    }
}

/// The corner of the map where a card covers nothing of what the map is about, if there is one: right before left,
/// lower before upper.
pub(super) fn free_corner(painter: &Painter<'_>, map: Rect, size: [f64; 2], parts: &Sheet) -> Option<Rect> {
    let ([left, top, right, bottom], [width, height], gap) = (map, size, parts.gap());
    let at = |x: f64, y: f64| [x, y, x + width, y + height];
    // the scale bar stands in the lower right corner, the arrow in the upper right one
    let (bar, north) = if parts.compact { (24.0, 40.0) } else { (40.0, 66.0) };
    let corners = [
        at(right - gap - width, bottom - gap - bar - height),
        at(left + gap, bottom - gap - height),
        at(left + gap, top + gap),
        at(right - gap - width, top + gap + north),
    ];
    let inside = |c: &Rect| c[0] >= left && c[1] >= top && c[2] <= right && c[3] <= bottom;
    let focus = painter.ask.focus.as_ref().filter(|_| painter.ask.is_apart());
    let regions: Vec<Region> = match focus.and_then(|f| f.outline()) {
        Some(outline) => vec![Region::new(outline)],
        None if focus.is_some_and(|f| f.area().kind != AreaKind::Rest) => vec![],
        None => painter.district_regions(),
    };
    corners.into_iter().filter(inside).find(|c| painter.space.covered(*c) == 0 && !painter.holds(&regions, *c))
}

impl Painter<'_> {
    fn district_regions(&self) -> Vec<Region> {
        let Some(any) = self.ask.queries.first() else { return vec![] };
        let region = |zone: &ZoneInfo| {
            let collection = self.about.collections[zone.collection].spec.id.as_str();
            let bound = any.ask(&Question::of(collection).in_zone(zone.id.as_str())).ok()?;
            bound.outline().map(Region::new)
        };
        self.about.districts().filter_map(region).collect()
    }

    /// Whether any of 20 x 20 points of a box lies in a region.
    fn holds(&self, regions: &[Region], [left, top, right, bottom]: Rect) -> bool {
        let at = |i: u32, low: f64, high: f64| low + f64::from(i) / 19.0 * (high - low);
        (0..400).any(|i| {
            let (x, y) = (at(i % 20, left, right), at(i / 20, top, bottom));
            let (lon, lat) = self.frame.degrees(x - self.origin.0, y - self.origin.1);
            // beyond the antimeridian it is the other side's longitude
            let lon = if lon > 180.0 { lon - 360.0 } else { lon };
            regions.iter().any(|r| r.contains(lon, lat))
        })
    }
}
