//! A map ready to be written.

use super::frame::Frame;
use crate::render::drawing::{self, Drawing};
pub use crate::render::drawing::{Anchor, Group, Item, Line, Look, Rect, Stroke};
pub(super) use crate::render::drawing::{Point, boxed, path};
use std::borrow::Cow;

/// A map ready to be written.
#[derive(Clone, Debug)]
pub struct Scene {
    /// Size of the sheet in pixels of the drawing.
    pub size: [f64; 2],
    /// Pixels of the picture for one of the drawing.
    pub ratio: f64,
    /// Where on the sheet the map is.
    pub map: Rect,
    /// Where on Earth it is.
    pub frame: Frame,
    /// Title, for those who don't see the picture.
    pub title: String,
    /// Colour of the ground; `None` for none.
    pub ground: Option<String>,
    /// What is drawn, bottom first.
    pub groups: Vec<Group>,
    /// The boxes that the labels on the map take, halo left out.
    pub labels: Vec<Rect>,
    /// The boxes of what stands over the map and is no part of it: legend, scale bar, north arrow, marks.
    pub cards: Vec<Rect>,
    /// The layers that the legend lists.
    pub legend: Vec<String>,
    /// The ground length of the scale bar in metres, and its pixels.
    pub scale_bar: Option<(f64, f64)>,
    /// How many rows of the register match the question, drawn or not.
    pub matched: Option<u64>,
}

impl Scene {
    /// The scene as what it is made of.
    pub fn drawing(&self) -> Drawing<'_> {
        Drawing {
            size: self.size,
            ratio: self.ratio,
            title: Cow::Borrowed(&self.title),
            ground: self.ground.as_deref().map(Cow::Borrowed),
            clip: self.map,
            groups: Cow::Borrowed(&self.groups),
        }
    }

    /// The same, for whoever outlives the scene.
    pub fn into_drawing(self) -> Drawing<'static> {
        Drawing {
            size: self.size,
            ratio: self.ratio,
            title: Cow::Owned(self.title),
            ground: self.ground.map(Cow::Owned),
            clip: self.map,
            groups: Cow::Owned(self.groups),
        }
    }

    /// Width and height of the picture in pixels.
    pub fn pixels(&self) -> drawing::Size {
        drawing::size(&self.drawing())
    }

    /// Every text of the picture.
    pub fn lines(&self) -> impl Iterator<Item = &Line> {
        self.groups
            .iter()
            .flat_map(|g| &g.items)
            .filter_map(|i| if let Item::Text(line) = i { Some(line) } else { None })
    }

    /// The group of a layer.
    pub fn group(&self, id: &str) -> Option<&Group> {
        self.groups.iter().find(|g| g.id == id)
    }
}
