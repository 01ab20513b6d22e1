//! Writes a scene for a renderer that knows nothing but opaque polygons: JSON of layers of one colour each.

use super::mixing::{Rgb, Stack};
use super::outline::{Area, Bounds, block, bounds, common, filled, stroked};
use super::scene::Scene;
use super::sheet::MapError;
use crate::render::drawing::{Fonts, size, tree};
use i_overlay::i_shape::int::shape::IntShape;
use resvg::tiny_skia::Transform;
use resvg::usvg::{Group, Node, Opacity, Paint, Path};
use std::fmt::Write as _;

/// Units of a block, on a side: those of the tile in which the renderer takes it.
const EXTENT: u32 = 4096;
/// The picture is drawn in blocks of at most so many pixels a side, so that a unit is no more than a quarter of a
/// pixel.
const BLOCK: u32 = 1024;
/// A pixel is the mean of so many times so many samples, in addition to the renderer's own four.
const SAMPLES: u32 = 2;
/// Memory and time of the renderer go with the corners that it's given.
const MOST_CORNERS: usize = 3_000_000;

/// A scene as JSON: `width`, `height`, `block` (pixels), `samples`, and `layers` of a `color` and `polygons`, bottom
/// first. A polygon is a list of rings, the outer one first; a ring is x and y by turns, in 4096ths of a block. What
/// lets through is mixed with what is below; what has no ground gets a white one.
pub fn polygons(scene: &Scene, fonts: &Fonts) -> Result<Vec<u8>, MapError> {
    let drawing = scene.drawing();
    let tree = tree(&drawing, fonts)?;
    let [width, height] = size(&drawing);
    let longer = width.max(height);
    let side = longer.div_ceil(longer.div_ceil(BLOCK));
    let unit = EXTENT as f32 / side as f32;
    let units = |pixels: u32| (pixels as f32 * unit).ceil() as i32;
    let mut sheet = Sheet { to_units: Transform::from_scale(unit, unit), stack: Stack::default() };
    let ground = block([0, 0, units(width), units(height)]);
    sheet.stack.lay(ground, Rgb::new([255; 3]), 1.0);
    sheet.group(tree.root(), None)?;
    Ok(json(&sheet.stack, [width, height, side]))
}

/// What is being put together.
struct Sheet {
    to_units: Transform,
    stack: Stack,
}

impl Sheet {
    /// `clip` is the box that nothing may leave.
    fn group(&mut self, group: &Group, clip: Option<Bounds>) -> Result<(), MapError> {
        let own = group.clip_path().map(|c| {
            let b = c.root().abs_bounding_box();
            let unit = self.to_units.sx;
            [b.left(), b.top(), b.right(), b.bottom()].map(|v| (v * unit).round() as i32)
        });
        let clip = own.or(clip);
        for node in group.children() {
            match node {
                Node::Group(g) => self.group(g, clip)?,
                Node::Path(p) => self.path(p, clip),
                Node::Text(t) => self.group(t.flattened(), clip)?,
                // the writer makes none
                Node::Image(_) => {}
            }
            if self.stack.corners > MOST_CORNERS {
                return Err(MapError::TooMuch);
            }
        }
        Ok(())
    }

    fn path(&mut self, path: &Path, clip: Option<Bounds>) {
        let to_units = path.abs_transform().post_concat(self.to_units);
        if let Some(fill) = path.fill() {
            self.lay(filled(path.data(), to_units, fill.rule()), fill.paint(), fill.opacity(), clip);
        }
        if let Some(stroke) = path.stroke() {
            self.lay(stroked(path.data(), to_units, stroke), stroke.paint(), stroke.opacity(), clip);
        }
    }

    fn lay(&mut self, area: Area, paint: &Paint, opacity: Opacity, clip: Option<Bounds>) {
        // the writer knows no gradients
        let Paint::Color(c) = paint else { return };
        let color = Rgb::new([c.red, c.green, c.blue]);
        let area = match clip {
            Some(clip) if !area.iter().all(|p| within(&bounds(p), &clip)) => common(area.iter(), &block(clip)),
            _ => area,
        };
        self.stack.lay(area, color, f64::from(opacity.get()));
    }
}

fn within(a: &Bounds, b: &Bounds) -> bool {
    a[0] >= b[0] && a[1] >= b[1] && a[2] <= b[2] && a[3] <= b[3]
}

fn json(stack: &Stack, [width, height, side]: [u32; 3]) -> Vec<u8> {
    let mut out = String::with_capacity(stack.corners * 10 + 1024);
    let _ = write!(out, r#"{{"width":{width},"height":{height},"block":{side},"samples":{SAMPLES},"layers":["#);
    for (i, layer) in stack.layers.iter().enumerate() {
        let [r, g, b] = layer.color.steps();
        let comma = if i > 0 { "," } else { "" };
        let _ = write!(out, r##"{comma}{{"color":"#{r:02x}{g:02x}{b:02x}","polygons":"##);
        list(&mut out, &layer.polygons, |out, polygon: &IntShape| {
            list(out, polygon, |out, ring| {
                list(out, ring, |out, p| {
                    let _ = write!(out, "{},{}", p.x, p.y);
                });
            });
        });
        out.push('}');
    }
    out.push_str("]}");
    out.into_bytes()
}

fn list<T>(out: &mut String, items: &[T], mut one: impl FnMut(&mut String, &T)) {
    out.push('[');
    for (i, item) in items.iter().enumerate() {
        if i > 0 {
            out.push(',');
        }
        one(out, item);
    }
    out.push(']');
}
