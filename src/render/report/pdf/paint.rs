//! Paints text and drawings onto a page.

use super::faces::Faces;
use super::lines::can_widen;
use crate::render::drawing::{Anchor, Drawing, Item, Line, Look, channels};
use krilla::color::rgb;
use krilla::geom::{Path, PathBuilder, Point, Rect, Transform};
use krilla::num::NormalizedF32;
use krilla::paint::{Fill, FillRule, LineCap, LineJoin, Stroke, StrokeDash};
use krilla::surface::Surface;
use krilla::text::{GlyphId, KrillaGlyph};

/// Four cubic curves come this near to a circle.
const KAPPA: f32 = 0.552_284_8;

fn color(hex: &str) -> rgb::Color {
    let [r, g, b] = channels(hex);
    rgb::Color::new(r, g, b)
}

fn part(v: f64) -> NormalizedF32 {
    NormalizedF32::new(v.clamp(0.0, 1.0) as f32).unwrap_or(NormalizedF32::ONE)
}

fn fill(hex: &str, opacity: f64) -> Fill {
    Fill { paint: color(hex).into(), opacity: part(opacity), rule: FillRule::EvenOdd }
}

/// A box of one colour.
pub(super) fn area(surface: &mut Surface<'_>, [left, top, right, bottom]: [f32; 4], hex: &str) {
    if let Some(path) = boxed([left, top, right, bottom]) {
        surface.set_stroke(None);
        surface.set_fill(Some(fill(hex, 1.0)));
        surface.draw_path(&path);
    }
}

fn boxed([left, top, right, bottom]: [f32; 4]) -> Option<Path> {
    let mut builder = PathBuilder::new();
    builder.push_rect(Rect::from_ltrb(left, top, right, bottom)?);
    builder.finish()
}

/// How a line of text is set: size in points, weight, and what each place that can be widened gets, in em.
#[derive(Clone, Copy)]
pub(super) struct Setting {
    pub(super) size: f32,
    pub(super) bold: bool,
    pub(super) gap: f32,
}

/// A line of text on its baseline. `outlined` draws it as shapes, which nobody can search or copy.
pub(super) fn text(surface: &mut Surface<'_>, faces: &Faces, said: &str, at: [f32; 2], set: Setting, outlined: bool) {
    let mut x = at[0];
    let mut rest = said;
    while let Some(first) = rest.chars().next() {
        // a run of characters of one face
        let face = faces.glyph(first, set.bold).face;
        let end = rest.char_indices().find(|(_, c)| faces.glyph(*c, set.bold).face != face).map_or(rest.len(), |f| f.0);
        let (run, after) = rest.split_at(end);
        let mut glyphs = Vec::with_capacity(run.len());
        let mut chars = run.char_indices().peekable();
        let mut wide = 0.0;
        while let Some((i, c)) = chars.next() {
            let glyph = faces.glyph(c, set.bold);
            let next = chars.peek().map(|n| n.1).or_else(|| after.chars().next());
            let gap = if next.is_some_and(|n| can_widen(c, n)) { set.gap } else { 0.0 };
            let (id, range) = (GlyphId::new(glyph.id), i..i + c.len_utf8());
            glyphs.push(KrillaGlyph::new(id, glyph.advance + gap, 0.0, 0.0, 0.0, range, None));
            wide += glyph.advance + gap;
        }
        surface.draw_glyphs(Point::from_xy(x, at[1]), &glyphs, faces.font(face), run, set.size, outlined);
        x += wide * set.size;
        rest = after;
    }
}

/// A line of text in a colour.
pub(super) fn line(surface: &mut Surface<'_>, faces: &Faces, said: &str, at: [f32; 2], set: Setting, hex: &str) {
    surface.set_stroke(None);
    surface.set_fill(Some(fill(hex, 1.0)));
    text(surface, faces, said, at, set, false);
}

/// A drawing with its upper left corner at a place.
pub(super) fn drawing(surface: &mut Surface<'_>, faces: &Faces, drawing: &Drawing<'_>, at: [f32; 2], scale: f32) {
    surface.push_transform(&Transform::from_row(scale, 0.0, 0.0, scale, at[0], at[1]));
    let [width, height] = drawing.size.map(|s| s as f32);
    if let Some(ground) = &drawing.ground {
        area(surface, [0.0, 0.0, width, height], ground);
    }
    let clip = boxed(drawing.clip.map(|v| v as f32));
    for run in drawing.groups.chunk_by(|a, b| a.clipped == b.clipped) {
        let cut = clip.as_ref().filter(|_| run[0].clipped);
        if let Some(path) = cut {
            surface.push_clip_path(path, &FillRule::NonZero);
        }
        run.iter().flat_map(|g| &g.items).for_each(|i| item(surface, faces, i));
        if cut.is_some() {
            surface.pop();
        }
    }
    surface.pop();
}

fn item(surface: &mut Surface<'_>, faces: &Faces, item: &Item) {
    match item {
        Item::Path { parts, closed, look } => {
            let mut builder = PathBuilder::new();
            for part in parts.iter().filter(|p| p.len() > 1) {
                for (i, (x, y)) in part.iter().enumerate() {
                    let (x, y) = (*x as f32 / 10.0, *y as f32 / 10.0);
                    if i == 0 { builder.move_to(x, y) } else { builder.line_to(x, y) }
                }
                if *closed {
                    builder.close();
                }
            }
            shape(surface, builder.finish(), look);
        }
        Item::Circle { at, radius, look } => {
            let (x, y, r) = (at.0 as f32, at.1 as f32, *radius as f32);
            let k = r * KAPPA;
            let mut b = PathBuilder::new();
            b.move_to(x + r, y);
            b.cubic_to(x + r, y + k, x + k, y + r, x, y + r);
            b.cubic_to(x - k, y + r, x - r, y + k, x - r, y);
            b.cubic_to(x - r, y - k, x - k, y - r, x, y - r);
            b.cubic_to(x + k, y - r, x + r, y - k, x + r, y);
            b.close();
            shape(surface, b.finish(), look);
        }
        Item::Text(line) => label(surface, faces, line),
    }
}

fn shape(surface: &mut Surface<'_>, path: Option<Path>, look: &Look) {
    let Some(path) = path else { return };
    if look.fill.is_none() && look.stroke.is_none() {
        return;
    }
    surface.set_fill(look.fill.as_ref().map(|(hex, opacity)| fill(hex, *opacity)));
    surface.set_stroke(look.stroke.as_ref().map(|s| Stroke {
        paint: color(&s.color).into(),
        width: s.width as f32,
        line_cap: if s.round_cap { LineCap::Round } else { LineCap::Butt },
        line_join: if s.round_join { LineJoin::Round } else { LineJoin::Miter },
        miter_limit: 4.0,
        opacity: part(s.opacity),
        dash:
            (!s.dash.is_empty()).then(|| StrokeDash { array: s.dash.iter().map(|d| *d as f32).collect(), offset: 0.0 }),
    }));
    surface.draw_path(&path);
}

/// A text of a drawing. Its halo is drawn as shapes, so that the text is found once.
fn label(surface: &mut Surface<'_>, faces: &Faces, l: &Line) {
    let set = Setting { size: l.size as f32, bold: l.bold, gap: 0.0 };
    let wide = faces.width(&l.text, set.size, l.bold);
    let shift = match l.anchor {
        Anchor::Start => 0.0,
        Anchor::Middle => wide / 2.0,
        Anchor::End => wide,
    };
    let at = [l.at.0 as f32 - shift, l.at.1 as f32];
    if let Some((hex, width)) = &l.halo {
        surface.set_fill(Some(fill(hex, 1.0)));
        surface.set_stroke(Some(Stroke {
            paint: color(hex).into(),
            width: *width as f32 * 2.0,
            line_join: LineJoin::Round,
            ..Stroke::default()
        }));
        text(surface, faces, &l.text, at, set, true);
    }
    line(surface, faces, &l.text, at, set, &l.color);
}
