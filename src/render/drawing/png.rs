//! Paints a drawing as PNG, with a font that has all of its characters.

use super::fonts::{Fonts, characters};
use super::svg::svg;
use super::{Drawing, PaintError};
use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg::{FontResolver, Options, Tree, fontdb};

/// Width and height in pixels.
pub type Size = [u32; 2];

/// The pixels that a drawing fills.
pub fn size(drawing: &Drawing<'_>) -> Size {
    drawing.size.map(|s| (s * drawing.ratio).round() as u32)
}

/// A drawing as shapes and glyph outlines, in the font that has all of its characters.
pub fn tree(drawing: &Drawing<'_>, fonts: &Fonts) -> Result<Tree, PaintError> {
    let family = fonts.choose(&characters(drawing.lines().flat_map(|l| l.text.chars())))?;
    let mut options = Options { fontdb: fonts.faces.clone(), ..Options::default() };
    let regular = FontResolver::default_font_selector();
    options.font_resolver.select_font = Box::new(move |font, faces| {
        let named = [fontdb::Family::Name(family)];
        let weight = fontdb::Weight(font.weight());
        let query = fontdb::Query { families: &named, weight, ..fontdb::Query::default() };
        faces.query(&query).or_else(|| regular(font, faces))
    });
    Tree::from_str(&svg(drawing), &options).map_err(|e| PaintError::Picture(e.to_string()))
}

/// A drawing as PNG.
pub fn png(drawing: &Drawing<'_>, fonts: &Fonts) -> Result<Vec<u8>, PaintError> {
    let tree = tree(drawing, fonts)?;
    let [width, height] = size(drawing);
    let mut pixels =
        Pixmap::new(width, height).ok_or_else(|| PaintError::Picture("no room for the pixels".to_owned()))?;
    resvg::render(&tree, Transform::identity(), &mut pixels.as_mut());
    pixels.encode_png().map_err(|e| PaintError::Picture(e.to_string()))
}
