//! The area of a question, by ids and coordinates only: what it means is decided when the question is bound.

use super::{QuestionError, SetOp};
use crate::geometry::{Sound, Surface};
use crate::model::Text;

/// Steps that put an area together.
const MOST_STEPS: usize = 16;
/// Characters of the title of an area.
const LONGEST_TITLE: usize = 120;
/// How ids of areas begin that a service keeps under a name. No zone has such an id; whoever keeps them puts the area in
/// its place before the question is bound.
pub const SAVED: &str = "saved:";

/// The id under which a service keeps an area, where a zone id is one of these.
pub fn saved_id(zone: &str) -> Option<&str> {
    zone.strip_prefix(SAVED)
}

/// Where a question applies, before anything is done to it. Coordinates are WGS 84 degrees, longitude first.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum BaseArea {
    /// Everywhere.
    #[default]
    City,
    /// A zone by its id; `outside` and `undeclared` are ids too.
    Zone(String),
    /// A polygon that the reader drew.
    Polygon(Surface),
    /// A circle on the ground.
    Circle {
        /// Longitude, latitude.
        center: [f64; 2],
        /// Metres.
        radius_m: f64,
    },
    /// What lies within a distance of something, on the ground.
    Buffer {
        /// What.
        of: BufferOf,
        /// Metres.
        distance_m: f64,
    },
    /// The nearest rows to a point, by the great circle.
    Nearest {
        /// Longitude, latitude.
        center: [f64; 2],
        /// How many.
        k: usize,
    },
}

/// What a buffer is around.
#[derive(Clone, Debug, PartialEq)]
pub enum BufferOf {
    /// A feature of any collection, by its ids.
    Feature {
        /// The collection.
        collection: String,
        /// The feature.
        id: String,
    },
    /// A point, a line or an area of the reader's own.
    Geometry(Sound),
}

impl BaseArea {
    /// A zone by its id; `city` is everywhere.
    pub fn zone(id: impl Into<String>) -> Self {
        match id.into() {
            id if id == "city" => Self::City,
            id => Self::Zone(id),
        }
    }
}

/// Where a question applies: an area, and what is done to it in order.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AreaSpec {
    base: BaseArea,
    steps: Vec<(SetOp, BaseArea)>,
    title: Option<String>,
}

impl From<BaseArea> for AreaSpec {
    fn from(base: BaseArea) -> Self {
        Self { base, steps: vec![], title: None }
    }
}

impl AreaSpec {
    /// Puts areas together, at most 16. The further ones are zones, polygons, circles and buffers: the others have no outline.
    pub fn combined(base: BaseArea, steps: Vec<(SetOp, BaseArea)>) -> Result<Self, QuestionError> {
        let wrong = |zh: &str, en: &str| Err(QuestionError::parameter("combine", Text::new(zh, en)));
        if steps.len() > MOST_STEPS {
            return wrong("最多 16 步", "at most 16 steps");
        }
        if steps.iter().any(|(_, area)| matches!(area, BaseArea::City | BaseArea::Nearest { .. })) {
            return wrong(
                "每一步应给 zone、polygon、circle、buffer 中的一个",
                "each step has exactly one of zone, polygon, circle and buffer",
            );
        }
        Ok(Self { base, steps, title: None })
    }

    /// The same area under a name that stands in answers and papers instead of what the data or the program call it: 1 to 120
    /// characters in one line. Everywhere keeps its own name.
    pub fn titled(self, title: &str) -> Result<Self, QuestionError> {
        let title = title.trim();
        if title.is_empty() || title.chars().count() > LONGEST_TITLE || title.chars().any(char::is_control) {
            let why = Text::new("应为 1 至 120 字,不换行", "1 to 120 characters in one line");
            return Err(QuestionError::parameter("area_title", why));
        }
        let title = (!self.is_city()).then(|| title.to_owned());
        Ok(Self { title, ..self })
    }

    /// The same area without a name of its own.
    #[must_use]
    pub fn untitled(self) -> Self {
        Self { title: None, ..self }
    }

    /// The name that a reader gave it.
    pub fn title(&self) -> Option<&str> {
        self.title.as_deref()
    }

    /// Its parts, in order.
    pub fn parts(&self) -> impl Iterator<Item = &BaseArea> {
        std::iter::once(&self.base).chain(self.steps.iter().map(|(_, area)| area))
    }

    /// The area before the steps.
    pub fn base(&self) -> &BaseArea {
        &self.base
    }

    /// What is done to it, in order.
    pub fn steps(&self) -> &[(SetOp, BaseArea)] {
        &self.steps
    }

    /// The id of the zone, where it is a zone and nothing else.
    pub fn zone(&self) -> Option<&str> {
        match &self.base {
            BaseArea::Zone(id) if self.steps.is_empty() => Some(id),
            _ => None,
        }
    }

    /// Whether it is everywhere, or a zone and nothing else.
    pub fn is_named(&self) -> bool {
        self.is_city() || self.zone().is_some()
    }

    /// Whether it is everywhere.
    pub fn is_city(&self) -> bool {
        self.base == BaseArea::City && self.steps.is_empty()
    }
}
