//! The font faces of a document: which glyph stands for a character, and how wide it is.

use crate::render::drawing::{Typeface, Typefaces};
use krilla::text::Font;
use rustc_hash::FxHashMap;
use skrifa::instance::{LocationRef, Size};
use skrifa::{FontRef, MetadataProvider};
use std::cell::RefCell;

/// A character's glyph: its face, its number there, and its width in em.
#[derive(Clone, Copy)]
pub(super) struct Glyph {
    pub(super) face: usize,
    pub(super) id: u32,
    pub(super) advance: f32,
}

/// The font faces of a document.
pub(super) struct Faces {
    fonts: Vec<(Typeface, Font)>,
    /// Whether the second face is the bold one.
    bold: bool,
    known: RefCell<FxHashMap<(char, bool), Glyph>>,
}

impl Faces {
    /// `None` when a file turns out to be no font.
    pub(super) fn new(faces: Typefaces) -> Option<Self> {
        let bold = faces.bold.is_some();
        let all = std::iter::once(faces.regular).chain(faces.bold).chain(faces.others);
        let font = |t: Typeface| {
            let font = Font::new(t.data.clone().into(), t.index)?;
            Some((t, font))
        };
        Some(Self { fonts: all.map(font).collect::<Option<_>>()?, bold, known: RefCell::default() })
    }

    pub(super) fn font(&self, face: usize) -> Font {
        self.fonts[face].1.clone()
    }

    /// The glyph of a character; of the first face that has it.
    pub(super) fn glyph(&self, c: char, bold: bool) -> Glyph {
        *self.known.borrow_mut().entry((c, bold)).or_insert_with(|| {
            let count = self.fonts.len();
            let first = usize::from(bold && self.bold);
            let mut order = std::iter::once(first).chain(0..count);
            order.find_map(|face| self.find(face, c)).unwrap_or(Glyph { face: first, id: 0, advance: 0.5 })
        })
    }

    fn find(&self, face: usize, c: char) -> Option<Glyph> {
        let (typeface, _) = &self.fonts[face];
        let font = FontRef::from_index(&typeface.data, typeface.index).ok()?;
        let id = font.charmap().map(c).filter(|id| id.to_u32() != 0)?;
        let advance = font.glyph_metrics(Size::new(1.0), LocationRef::default()).advance_width(id)?;
        Some(Glyph { face, id: id.to_u32(), advance })
    }

    /// Width of a line in points.
    pub(super) fn width(&self, text: &str, size: f32, bold: bool) -> f32 {
        text.chars().map(|c| self.glyph(c, bold).advance).sum::<f32>() * size
    }
}
