//! What drawings are made of.

/// A position in pixels.
pub type Point = (f64, f64);
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
    /// What they are together: of a map the style's layer, or the part of the sheet.
    pub id: String,
    /// Whether they are cut off at the drawing's `clip`.
    pub clipped: bool,
    /// What is drawn, bottom first.
    pub items: Vec<Item>,
}

impl Look {
    /// Filled in a colour.
    pub fn filled(color: &str, opacity: f64) -> Self {
        Self { fill: Some((color.to_owned(), opacity)), stroke: None }
    }

    /// A line in a colour.
    pub fn lined(color: &str, width: f64) -> Self {
        Self { fill: None, stroke: Some(Stroke::new(color, width)) }
    }

    /// The same with a line around it.
    #[must_use]
    pub fn and_line(mut self, color: &str, width: f64) -> Self {
        self.stroke = Some(Stroke::new(color, width));
        self
    }
}

impl Stroke {
    /// A whole line with plain corners and ends.
    pub fn new(color: &str, width: f64) -> Self {
        Self { color: color.to_owned(), width, opacity: 1.0, dash: vec![], round_join: false, round_cap: false }
    }
}

/// A polygon or line through points in pixels.
pub fn path(points: &[Point], closed: bool, look: Look) -> Item {
    let tenths = |&(x, y): &Point| ((x * 10.0).round() as i32, (y * 10.0).round() as i32);
    Item::Path { parts: vec![points.iter().map(tenths).collect()], closed, look }
}

/// A box as an item.
pub fn boxed([left, top, right, bottom]: Rect, look: Look) -> Item {
    path(&[(left, top), (right, top), (right, bottom), (left, bottom)], true, look)
}
