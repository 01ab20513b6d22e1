//! Drawings: shapes and texts in groups, in pixels from the upper left corner. Maps and charts are drawings; `svg` and
//! `png` write them, `Fonts` finds the faces that have their characters.

mod color;
mod fonts;
mod items;
mod png;
mod svg;

pub use color::{channels, ink_on};
pub use fonts::{Fonts, Typeface, Typefaces};
pub use items::{Anchor, Group, Item, Line, Look, Point, Rect, Stroke, boxed, path};
pub use png::{Size, png, size, tree};
pub use svg::{escaped, svg};

use std::borrow::Cow;
use thiserror::Error;

/// A drawing ready to be written.
#[derive(Clone, Debug, PartialEq)]
pub struct Drawing<'a> {
    /// Width and height in pixels of the drawing.
    pub size: [f64; 2],
    /// Pixels of the picture for one of the drawing.
    pub ratio: f64,
    /// Title, for those who don't see the picture.
    pub title: Cow<'a, str>,
    /// Colour of the ground; `None` for none.
    pub ground: Option<Cow<'a, str>>,
    /// Where clipped groups are cut off.
    pub clip: Rect,
    /// What is drawn, bottom first.
    pub groups: Cow<'a, [Group]>,
}

impl Drawing<'_> {
    /// Every text of the drawing.
    pub fn lines(&self) -> impl Iterator<Item = &Line> {
        self.groups
            .iter()
            .flat_map(|g| &g.items)
            .filter_map(|i| if let Item::Text(line) = i { Some(line) } else { None })
    }
}

/// Why a drawing can't be painted.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum PaintError {
    /// No font has these characters.
    #[error("no font has the characters {0}")]
    NoFont(String),
    /// The picture could not be made; what the library says.
    #[error("the picture could not be made: {0}")]
    Picture(String),
}
