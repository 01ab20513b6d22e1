//! The area of a question, by ids and coordinates only: what it means is decided when the question is bound.

use super::{QuestionError, SetOp};
use crate::core::geometry::Surface;
use crate::core::model::Text;

/// Steps that put an area together.
const MOST_STEPS: usize = 16;

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
    /// The nearest rows to a point, by the great circle.
    Nearest {
        /// Longitude, latitude.
        center: [f64; 2],
        /// How many.
        k: usize,
    },
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
}

impl From<BaseArea> for AreaSpec {
    fn from(base: BaseArea) -> Self {
        Self { base, steps: vec![] }
    }
}

impl AreaSpec {
    /// Puts areas together, at most 16. The further ones are zones, polygons and circles: the others have no outline.
    pub fn combined(base: BaseArea, steps: Vec<(SetOp, BaseArea)>) -> Result<Self, QuestionError> {
        let wrong = |zh: &str, en: &str| Err(QuestionError::parameter("combine", Text::new(zh, en)));
        if steps.len() > MOST_STEPS {
            return wrong("最多 16 步", "at most 16 steps");
        }
        if steps.iter().any(|(_, area)| matches!(area, BaseArea::City | BaseArea::Nearest { .. })) {
            return wrong(
                "每一步应给 zone、polygon、circle 中的一个",
                "each step has exactly one of zone, polygon and circle",
            );
        }
        Ok(Self { base, steps })
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
