//! Paths as areas: curves become edges, lines and dashes the area that they cover, all in whole units.

use i_overlay::core::fill_rule::FillRule;
use i_overlay::core::overlay::{Overlay, ShapeType};
use i_overlay::core::overlay_rule::OverlayRule;
use i_overlay::i_float::int::point::IntPoint;
use i_overlay::i_shape::int::shape::{IntContour, IntShape};
use resvg::tiny_skia::{self, Path, PathSegment, Point, Transform};
use resvg::usvg;

/// Polygons that don't overlap: of each the outer ring comes first, then its holes.
pub(super) type Area = Vec<IntShape>;
/// Left, top, right, bottom.
pub(super) type Bounds = [i32; 4];

/// An edge of a curve that is as long as this, in units, squared, becomes two.
const FINENESS: f32 = 3.0;
const MOST_EDGES: f32 = 48.0;

/// The area that a path fills.
pub(super) fn filled(path: &Path, to_units: Transform, rule: usvg::FillRule) -> Area {
    let rule = match rule {
        usvg::FillRule::NonZero => FillRule::NonZero,
        usvg::FillRule::EvenOdd => FillRule::EvenOdd,
    };
    joined(&contours(path, to_units), rule)
}

/// The area that a line along a path covers.
pub(super) fn stroked(path: &Path, to_units: Transform, stroke: &usvg::Stroke) -> Area {
    let (fine, stroke) = (to_units.get_scale().0, pen(stroke));
    let dashed = stroke.dash.as_ref().and_then(|dash| path.dash(dash, fine));
    let Some(outline) = dashed.as_ref().unwrap_or(path).stroke(&stroke, fine) else { return vec![] };
    joined(&contours(&outline, to_units), FillRule::NonZero)
}

/// The part of areas that lies in another. Those may overlap each other.
pub(super) fn common<'a>(areas: impl Iterator<Item = &'a IntShape>, other: &[IntShape]) -> Area {
    overlay(areas, other, OverlayRule::Intersect)
}

/// The part of an area that lies in none of others. Those may overlap each other.
pub(super) fn without<'a>(area: &[IntShape], others: impl Iterator<Item = &'a IntShape>) -> Area {
    overlay(others, area, OverlayRule::InverseDifference)
}

fn overlay<'a>(subjects: impl Iterator<Item = &'a IntShape>, clip: &[IntShape], rule: OverlayRule) -> Area {
    let mut overlay = Overlay::new(256);
    subjects.for_each(|s| overlay.add_shape(s, ShapeType::Subject));
    overlay.add_shapes(clip, ShapeType::Clip);
    // outer rings turn one way, holes the other: where subjects overlap, the count is still no less than one
    overlay.overlay(rule, FillRule::NonZero)
}

/// The box of an area's polygon.
pub(super) fn bounds(polygon: &IntShape) -> Bounds {
    let none = [i32::MAX, i32::MAX, i32::MIN, i32::MIN];
    let grow = |b: Bounds, p: &IntPoint| [b[0].min(p.x), b[1].min(p.y), b[2].max(p.x), b[3].max(p.y)];
    polygon.first().map_or(none, |outer| outer.iter().fold(none, grow))
}

/// Whether boxes meet.
pub(super) fn meet(a: &Bounds, b: &Bounds) -> bool {
    a[0] <= b[2] && b[0] <= a[2] && a[1] <= b[3] && b[1] <= a[3]
}

/// A box as an area.
pub(super) fn block([left, top, right, bottom]: Bounds) -> Area {
    let corners = [(left, top), (right, top), (right, bottom), (left, bottom)];
    joined(&[corners.into_iter().map(|(x, y)| IntPoint::new(x, y)).collect()], FillRule::NonZero)
}

fn joined(contours: &[IntContour], rule: FillRule) -> Area {
    Overlay::with_contours(contours, &[]).overlay(OverlayRule::Subject, rule)
}

/// A line as the stroker wants it.
fn pen(stroke: &usvg::Stroke) -> tiny_skia::Stroke {
    let dash = stroke.dasharray().and_then(|d| tiny_skia::StrokeDash::new(d.to_vec(), stroke.dashoffset()));
    tiny_skia::Stroke { dash, ..stroke.to_tiny_skia() }
}

/// The rings of a path in units; open ones are closed, as filling does.
fn contours(path: &Path, to_units: Transform) -> Vec<IntContour> {
    let mut out: Vec<IntContour> = Vec::new();
    let mut ring: IntContour = Vec::new();
    let mut at = Point::zero();
    let place = |mut p: Point| {
        to_units.map_point(&mut p);
        p
    };
    let whole = |p: Point| IntPoint::new(p.x.round() as i32, p.y.round() as i32);
    for segment in path.segments() {
        let curve: Curve = match segment {
            PathSegment::MoveTo(p) => {
                out.extend(Some(std::mem::take(&mut ring)).filter(|r| r.len() > 2));
                at = place(p);
                ring.push(whole(at));
                continue;
            }
            PathSegment::Close => continue,
            PathSegment::LineTo(p) => [at, at, place(p), place(p)],
            PathSegment::QuadTo(c, p) => {
                let (c, p) = (place(c), place(p));
                let third = |end: Point| between(end, c, 2.0 / 3.0);
                [at, third(at), third(p), p]
            }
            PathSegment::CubicTo(c, d, p) => [at, place(c), place(d), place(p)],
        };
        at = curve[3];
        let edges = if curve[0] == curve[1] { 1.0 } else { edges(&curve) };
        ring.extend((1..=edges as u16).map(|i| whole(on(&curve, f32::from(i) / edges))));
    }
    out.extend(Some(ring).filter(|r| r.len() > 2));
    out
}

/// A cubic curve.
type Curve = [Point; 4];

/// How many edges a curve becomes.
fn edges(curve: &Curve) -> f32 {
    let length: f32 = curve.windows(2).map(|p| p[0].distance(p[1])).sum();
    (length / FINENESS).sqrt().ceil().clamp(1.0, MOST_EDGES)
}

/// A point on a curve.
fn on(&[a, b, c, d]: &Curve, t: f32) -> Point {
    let (ab, bc, cd) = (between(a, b, t), between(b, c, t), between(c, d, t));
    let (abc, bcd) = (between(ab, bc, t), between(bc, cd, t));
    between(abc, bcd, t)
}

fn between(a: Point, b: Point, t: f32) -> Point {
    Point::from_xy(a.x + (b.x - a.x) * t, a.y + (b.y - a.y) * t)
}
