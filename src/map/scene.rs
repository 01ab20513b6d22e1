//! A map ready to be written: shapes and texts in groups, bottom first, in pixels from the upper left corner.

use super::frame::Frame;

/// A position in pixels.
pub(super) type Point = (f64, f64);
/// A box in pixels: left, top, right, bottom.
pub type Rect = [f64; 4];

/// Fill and line of a shape.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Look {
    /// Colour `#RRGGBB` and opacity.
    pub fill: Option<(String, f64)>,
    /// The line around it.
    pub stroke: Option<Stroke>,
}

/// A line.
#[derive(Clone, Debug, PartialEq)]
pub struct Stroke {
    /// Colour `#RRGGBB`.
    pub color: String,
    /// Width in pixels.
    pub width: f64,
    /// Opacity.
    pub opacity: f64,
    /// Lengths of dashes and gaps in pixels; none for a whole line.
    pub dash: Vec<f64>,
    /// Whether corners are round.
    pub round_join: bool,
    /// Whether ends are round.
    pub round_cap: bool,
}

/// Which point of a text stands at its position.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Anchor {
    /// Its left end.
    Start,
    /// Its middle.
    Middle,
    /// Its right end.
    End,
}

/// One line of text.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// The text.
    pub text: String,
    /// Where it stands, on the baseline.
    pub at: (f64, f64),
    /// Size in pixels.
    pub size: f64,
    /// Which point stands there.
    pub anchor: Anchor,
    /// Colour.
    pub color: String,
    /// Colour and width of the halo.
    pub halo: Option<(String, f64)>,
    /// Whether it's bold.
    pub bold: bool,
}

/// Something drawn.
#[derive(Clone, Debug, PartialEq)]
pub enum Item {
    /// Lines, or rings filled even-odd. Tenths of a pixel.
    Path {
        /// The parts.
        parts: Vec<Vec<(i32, i32)>>,
        /// Whether the parts are rings.
        closed: bool,
        /// How.
        look: Look,
    },
    /// A disc.
    Circle {
        /// Its middle.
        at: (f64, f64),
        /// Its radius.
        radius: f64,
        /// How.
        look: Look,
    },
    /// A text.
    Text(Line),
}

/// Things drawn together.
#[derive(Clone, Debug, PartialEq)]
pub struct Group {
    /// The style's layer, or the part of the sheet.
    pub id: String,
    /// Whether it's cut off at the edge of the map.
    pub clipped: bool,
    /// What is drawn, bottom first.
    pub items: Vec<Item>,
}

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
    /// Width and height of the picture in pixels.
    pub fn pixels(&self) -> [u32; 2] {
        self.size.map(|s| (s * self.ratio).round() as u32)
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

impl Look {
    pub(super) fn filled(color: &str, opacity: f64) -> Self {
        Self { fill: Some((color.to_owned(), opacity)), stroke: None }
    }

    pub(super) fn lined(color: &str, width: f64) -> Self {
        Self { fill: None, stroke: Some(Stroke::new(color, width)) }
    }

    pub(super) fn and_line(mut self, color: &str, width: f64) -> Self {
        self.stroke = Some(Stroke::new(color, width));
        self
    }
}

impl Stroke {
    pub(super) fn new(color: &str, width: f64) -> Self {
        Self { color: color.to_owned(), width, opacity: 1.0, dash: vec![], round_join: false, round_cap: false }
    }
}

/// A polygon or line through points in pixels.
pub(super) fn path(points: &[Point], closed: bool, look: Look) -> Item {
    let tenths = |&(x, y): &Point| ((x * 10.0).round() as i32, (y * 10.0).round() as i32);
    Item::Path { parts: vec![points.iter().map(tenths).collect()], closed, look }
}

/// A box as an item.
pub(super) fn boxed([left, top, right, bottom]: Rect, look: Look) -> Item {
    path(&[(left, top), (right, top), (right, bottom), (left, bottom)], true, look)
}
