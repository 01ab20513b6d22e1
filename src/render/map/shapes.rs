//! Lines and areas in pixels, cut to a frame; and where in what is seen of an area its name may stand.

use super::frame::Frame;
use super::scene::{Point, Rect};
use crate::core::geometry::{clip, measure};
use crate::core::query::{Bound, Selection};
use crate::core::snapshot::{Path, Shape};
use geo::{Contains, LineString, MultiPolygon, Polygon};

/// Pixels beyond the frame that are kept, so that outlines and wide lines are drawn whole.
const MARGIN: f64 = 40.0;

/// Parts of a shape in tenths of a pixel.
pub(super) type Parts = Vec<Vec<(i32, i32)>>;

/// The rows of a collection of lines, areas or mixed geometries that match and may show in the frame, ascending.
pub(super) fn rows(bound: &Bound, frame: &Frame) -> Selection {
    bound.near(&frame.bounds(MARGIN))
}

/// What a frame shows of a shape, and whether these are rings.
pub(super) fn parts(shape: &Shape, frame: &Frame, origin: Point) -> (Parts, bool) {
    let local = |path: &Path| {
        let pixel = |p: &(u32, u32)| {
            let (x, y) = frame.pixel(*p);
            ((x * 10.0).round() as i32, (y * 10.0).round() as i32)
        };
        let mut points: Vec<(i32, i32)> = path.positions().iter().map(pixel).collect();
        points.dedup();
        points
    };
    // one square for both axes: what lies beyond the shorter side is cut off by the edge of the map
    let (min, max) = ((-MARGIN * 10.0) as i32, ((frame.width.max(frame.height) + MARGIN) * 10.0) as i32);
    let (dx, dy) = ((origin.0 * 10.0).round() as i32, (origin.1 * 10.0).round() as i32);
    let moved = |part: Vec<(i32, i32)>| part.into_iter().map(|(x, y)| (x + dx, y + dy)).collect::<Vec<_>>();
    match shape {
        Shape::Points(_) => (vec![], false),
        Shape::Lines(lines) => (lines.iter().flat_map(|l| clip::line(&local(l), min, max)).map(moved).collect(), false),
        Shape::Polygons(polygons) => {
            let rings = polygons.iter().flatten().map(|r| clip::ring(&local(r), min, max));
            (rings.filter(|r| r.len() > 2).map(moved).collect(), true)
        }
    }
}

/// What frames that are one picture show of a shape, and whether these are rings.
pub(super) fn parts_in(shape: &Shape, frames: &[Frame], origin: Point) -> (Parts, bool) {
    let closed = matches!(shape, Shape::Polygons(_));
    (frames.iter().flat_map(|frame| parts(shape, frame, origin).0).collect(), closed)
}

/// Small boxes along lines, some pixels apart.
pub(super) fn along(parts: &Parts, mut each: impl FnMut(Rect)) {
    const STEP: f64 = 8.0;
    for pair in parts.iter().flat_map(|p| p.windows(2)) {
        let at = |p: (i32, i32)| (f64::from(p.0) / 10.0, f64::from(p.1) / 10.0);
        let (a, b) = (at(pair[0]), at(pair[1]));
        let steps = ((b.0 - a.0).hypot(b.1 - a.1) / STEP).ceil().max(1.0);
        for i in 0..=(steps as u32) {
            let t = f64::from(i) / steps;
            let (x, y) = (a.0 + t * (b.0 - a.0), a.1 + t * (b.1 - a.1));
            each([x - 3.0, y - 3.0, x + 3.0, y + 3.0]);
        }
    }
}

/// The largest ring of what a box shows of an area: it alone decides where a name stands.
fn largest(parts: &Parts, [left, top, right, bottom]: Rect) -> Option<Polygon<f64>> {
    // stretched so that the box is a square, which is what can be cut to
    let side = 20_000.0;
    let (sx, sy) = (side / (right - left) / 10.0, side / (bottom - top) / 10.0);
    let into = |&(x, y): &(i32, i32)| {
        (((f64::from(x) - left * 10.0) * sx).round() as i32, ((f64::from(y) - top * 10.0) * sy).round() as i32)
    };
    let seen = parts.iter().map(|ring| clip::ring(&ring.iter().map(into).collect::<Vec<_>>(), 0, side as i32));
    let ring = seen.filter(|r| r.len() > 2).max_by_key(|r| clip::doubled_area(r).abs())?;
    let back = |(x, y): (i32, i32)| (f64::from(x) / sx / 10.0 + left, f64::from(y) / sy / 10.0 + top);
    Some(Polygon::new(ring.into_iter().map(back).collect::<LineString<f64>>(), vec![]))
}

/// Where the name of what a box shows of an area may stand: its middle, then further and further places around that lie
/// in the area. None where hardly anything is seen.
pub(super) fn places(parts: &Parts, seen: Rect) -> Vec<Point> {
    let Some(polygon) = largest(parts, seen) else { return vec![] };
    let polygon = MultiPolygon(vec![polygon]);
    let Some(middle) = measure::label_point(&polygon) else { return vec![] };
    let mut out = vec![(middle.x, middle.y)];
    for ring in 1..=12 {
        let reach = 9.0 * f64::from(ring);
        for turn in 0..12 {
            let angle = std::f64::consts::TAU * f64::from(turn) / 12.0 + f64::from(ring) * 0.26;
            let at = (middle.x + reach * angle.cos() * 1.4, middle.y + reach * angle.sin());
            if polygon.contains(&geo::Point::new(at.0, at.1)) {
                out.push(at);
            }
        }
    }
    out
}
