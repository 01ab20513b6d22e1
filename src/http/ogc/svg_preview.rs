//! A small map for a plain page: the districts as ground, the features on top, as an inline SVG. No tiles, no script.

use crate::core::geometry::Bounds;
use crate::core::model::{Geometries, Role};
use crate::core::query::Question;
use crate::http::extract::context::Context;
use geo::{Coord, Geometry, LineString};
use std::fmt::Write as _;

const WIDTH: f64 = 640.0;
/// More positions than these are not drawn: a page is read, not printed.
const MOST: usize = 60_000;

/// Draws features, or the box of all of them, on the districts.
pub(crate) struct SvgPreview {
    frame: Bounds,
    scale: f64,
    /// A degree of longitude over a degree of latitude, at the middle.
    squeeze: f64,
    svg: String,
    left: usize,
}

impl SvgPreview {
    /// The ground on which features within `bounds` are drawn.
    pub(crate) fn new(context: &Context, bounds: &Bounds, title: &str) -> Self {
        let about = context.describe();
        let mut frame = about.view();
        frame.join(bounds);
        if frame.is_empty() {
            frame = Bounds::WORLD;
        }
        let margin = ((frame.east - frame.west).max(frame.north - frame.south) * 0.02).max(1e-4);
        let frame = Bounds {
            west: frame.west - margin,
            south: frame.south - margin,
            east: frame.east + margin,
            north: frame.north + margin,
        };
        let squeeze = f64::midpoint(frame.south, frame.north).to_radians().cos().max(0.05);
        let scale = WIDTH / ((frame.east - frame.west) * squeeze);
        let height = (frame.north - frame.south) * scale;
        let title = crate::http::response::html::text(title);
        let svg = format!(
            "<svg class=\"map\" viewBox=\"0 0 {WIDTH} {height:.0}\" role=\"img\" aria-label=\"{title}\">\n<title>{title}</title>\n"
        );
        let mut preview = Self { frame, scale, squeeze, svg, left: MOST };
        for collection in about.collections.iter().filter(|c| c.spec.role == Role::Districts) {
            // all of a described collection can always be requested
            let Ok(all) = context.bind(&Question::of(collection.spec.id.as_str())) else { continue };
            if let Geometries::Any(rows) = &all.select(0, usize::MAX).table().geometries {
                rows.iter().flatten().for_each(|g| preview.draw(g, "context"));
            }
        }
        preview.left = MOST;
        preview
    }

    /// Draws a feature.
    pub(crate) fn feature(&mut self, geometry: &Geometry<f64>) {
        self.draw(geometry, "feature");
    }

    /// Draws a box.
    pub(crate) fn extent(&mut self, b: &Bounds) {
        if !b.is_empty() {
            let corners = geo::Rect::new((b.west, b.south), (b.east, b.north)).to_polygon();
            self.draw(&corners.into(), "extent");
        }
    }

    /// The finished drawing.
    pub(crate) fn finish(mut self) -> String {
        self.svg.push_str("</svg>\n");
        self.svg
    }

    fn at(&self, c: Coord<f64>) -> (f64, f64) {
        ((c.x - self.frame.west) * self.squeeze * self.scale, (self.frame.north - c.y) * self.scale)
    }

    fn draw(&mut self, geometry: &Geometry<f64>, class: &str) {
        match geometry {
            Geometry::Point(p) => self.point(p.0, class),
            Geometry::MultiPoint(m) => m.iter().for_each(|p| self.point(p.0, class)),
            Geometry::LineString(l) => self.path(&[l], class, false),
            Geometry::MultiLineString(m) => self.path(&m.iter().collect::<Vec<_>>(), class, false),
            Geometry::Polygon(p) => self.path(&rings(p), class, true),
            Geometry::MultiPolygon(m) => self.path(&m.iter().flat_map(rings).collect::<Vec<_>>(), class, true),
            Geometry::GeometryCollection(c) => c.iter().for_each(|g| self.draw(g, class)),
            Geometry::Line(_) | Geometry::Rect(_) | Geometry::Triangle(_) => {}
        }
    }

    fn point(&mut self, c: Coord<f64>, class: &str) {
        if self.left > 0 {
            self.left -= 1;
            let (x, y) = self.at(c);
            // writing to memory can't fail
            let _ = writeln!(self.svg, "<circle class=\"{class}\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"4\"/>");
        }
    }

    fn path(&mut self, lines: &[&LineString<f64>], class: &str, closed: bool) {
        let mut d = String::new();
        for line in lines {
            let mut last: Option<(f64, f64)> = None;
            for c in line.coords() {
                let (x, y) = self.at(*c);
                // what is nearer than a pixel is not seen
                if self.left == 0 || last.is_some_and(|(a, b)| (x - a).hypot(y - b) < 0.8) {
                    continue;
                }
                self.left -= 1;
                let _ = write!(d, "{}{x:.1} {y:.1}", if last.is_none() { 'M' } else { 'L' });
                last = Some((x, y));
            }
            if closed && last.is_some() {
                d.push('Z');
            }
        }
        let line = if closed { "" } else { " line" };
        let _ = writeln!(self.svg, "<path class=\"{class}{line}\" fill-rule=\"evenodd\" d=\"{d}\"/>");
    }
}

fn rings(p: &geo::Polygon<f64>) -> Vec<&LineString<f64>> {
    std::iter::once(p.exterior()).chain(p.interiors()).collect()
}
