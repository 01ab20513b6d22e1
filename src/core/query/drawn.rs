//! Areas that a reader draws: polygons, circles, what lies near a feature or a line, and the nearest enterprises to a point.

use crate::columns::Bitmap;
use crate::geometry::buffer::{BufferError, buffer, in_world, unwrapped};
use crate::geometry::overlay::{self, OverlayError};
use crate::geometry::validity::{Fault, faults};
use crate::geometry::{Bounds, Region, Surface, measure};
use crate::model::Text;
use crate::snapshot::Layer;
use geo::{Coord, CoordsIter, Geometry, MultiPolygon};
use std::sync::Arc;
use thiserror::Error;

/// Metres that a circle or a buffer may reach.
const METRES: std::ops::RangeInclusive<f64> = 1.0..=500_000.0;

/// An area that a reader drew; only located rows can be in it.
#[derive(Clone, Debug)]
pub enum Drawn {
    /// A polygon, valid and within -180..180 degrees.
    Polygon(Arc<Outline>),
    /// Everything within some metres of a point; counted as the 128-cornered polygon that is drawn for it.
    Circle(Arc<Outline>, f64),
    /// Everything within some metres of a feature, by its name, or of a geometry of the reader's own.
    Buffer(Arc<Outline>, f64, Option<Text>),
    /// The nearest rows to a point, by the great circle.
    Nearest(Coord<f64>, usize),
}

/// A polygon prepared for queries. Its area is measured once: that costs more than finding the rows inside.
#[derive(Debug)]
pub struct Outline {
    polygon: MultiPolygon<f64>,
    region: Region,
    area_km2: f64,
}

/// Why a drawn area means nothing.
#[derive(Debug, Error, PartialEq)]
pub enum AreaError {
    /// Coordinates outside the world.
    #[error("position {0}, {1} is not on Earth")]
    OffEarth(f64, f64),
    /// Too many vertices.
    #[error("{found} vertices, at most {limit}")]
    TooManyVertices {
        /// Vertices found.
        found: usize,
        /// Vertices allowed.
        limit: usize,
    },
    /// Its edges cross too often, or those of the areas that are put together.
    #[error(transparent)]
    Overlay(#[from] OverlayError),
    /// The polygon has no area.
    #[error("the polygon has no area")]
    NoArea,
    /// The polygon is not valid: what is wrong, and where.
    #[error("the polygon is not valid: {0:?}")]
    Invalid(Fault),
    /// A radius that is not a positive number of metres within bounds.
    #[error("radius {0} m; from 1 to 500000 m")]
    Radius(f64),
    /// A distance that is not a positive number of metres within bounds.
    #[error("distance {0} m; from 1 to 500000 m")]
    Distance(f64),
    /// A feature has no position, so that nothing is near it.
    #[error("the feature {0} has no position")]
    Nowhere(String),
    /// A number of neighbours out of bounds.
    #[error("the nearest {0}; from 1 to 10000")]
    Neighbours(usize),
}

impl Drawn {
    /// Vertices allowed in one drawn area.
    pub const MAX_VERTICES: usize = 10_000;
    /// Neighbours that can be requested.
    pub const MAX_NEIGHBOURS: usize = 10_000;

    /// A polygon in WGS 84 degrees. One that runs over the antimeridian may go on to 360 degrees; it is cut there. With
    /// `repair` a border that crosses itself is taken by the even-odd rule, as the eye sees it filled.
    pub fn polygon(polygon: &Surface, repair: bool) -> Result<Self, AreaError> {
        let found = polygon.coords_count();
        if found > Self::MAX_VERTICES {
            return Err(AreaError::TooManyVertices { found, limit: Self::MAX_VERTICES });
        }
        let wide = Bounds { west: -360.0, east: 360.0, ..Bounds::WORLD };
        if let Some(c) = polygon.coords_iter().find(|c| !wide.contains(c.x, c.y)) {
            return Err(AreaError::OffEarth(c.x, c.y));
        }
        let fault = faults(&polygon.0).into_iter().find(Fault::is_error);
        let polygon = match fault {
            None => MultiPolygon::clone(polygon),
            Some(_) if repair => overlay::even_odd(polygon)?,
            Some(fault) => return Err(AreaError::Invalid(fault)),
        };
        let outline = Outline::new(&in_world(polygon)?);
        if outline.area_km2 <= 0.0 {
            return Err(AreaError::NoArea);
        }
        Ok(Self::Polygon(outline))
    }

    /// A circle around a point.
    pub fn circle(center: Coord<f64>, radius_m: f64) -> Result<Self, AreaError> {
        on_earth(center)?;
        if !METRES.contains(&radius_m) {
            return Err(AreaError::Radius(radius_m));
        }
        let polygon = in_world(MultiPolygon(vec![unwrapped(&measure::circle(center, radius_m), center.x)]))?;
        Ok(Self::Circle(Outline::new(&polygon), radius_m))
    }

    /// All that lies within some metres of a geometry: of a feature with a name, or of the reader's own.
    pub fn buffer(geometry: &Geometry<f64>, metres: f64, name: Option<Text>) -> Result<Self, AreaError> {
        if !METRES.contains(&metres) {
            return Err(AreaError::Distance(metres));
        }
        let found = geometry.coords_count();
        if name.is_none() && found > Self::MAX_VERTICES {
            return Err(AreaError::TooManyVertices { found, limit: Self::MAX_VERTICES });
        }
        geometry.coords_iter().try_for_each(on_earth)?;
        let polygon = buffer(geometry, metres, Self::MAX_VERTICES).map_err(|e| match e {
            BufferError::Edges { found, limit } => AreaError::TooManyVertices { found, limit },
            BufferError::Overlay(e) => e.into(),
        })?;
        if polygon.0.is_empty() {
            return Err(AreaError::NoArea);
        }
        Ok(Self::Buffer(Outline::new(&polygon), metres, name))
    }

    /// The `k` nearest rows to a point.
    pub fn nearest(center: Coord<f64>, k: usize) -> Result<Self, AreaError> {
        on_earth(center)?;
        if !(1..=Self::MAX_NEIGHBOURS).contains(&k) {
            return Err(AreaError::Neighbours(k));
        }
        Ok(Self::Nearest(center, k))
    }

    /// The rows of a layer that belong to it.
    pub fn rows(&self, layer: &Layer) -> Bitmap {
        match self {
            Self::Polygon(outline) | Self::Circle(outline, _) | Self::Buffer(outline, ..) => {
                layer.within(&outline.region)
            }
            Self::Nearest(center, k) => layer.nearest(*center, *k),
        }
    }

    /// Its outline and the area inside, where it has one.
    pub fn outline(&self) -> Option<(Bounds, f64)> {
        match self {
            Self::Polygon(o) | Self::Circle(o, _) | Self::Buffer(o, ..) => Some(o.extent()),
            Self::Nearest(..) => None,
        }
    }

    /// Its outline in degrees, where it has one.
    pub fn shape(&self) -> Option<&MultiPolygon<f64>> {
        match self {
            Self::Polygon(o) | Self::Circle(o, _) | Self::Buffer(o, ..) => Some(&o.polygon),
            Self::Nearest(..) => None,
        }
    }
}

impl Outline {
    /// The polygon in degrees.
    pub fn polygon(&self) -> &MultiPolygon<f64> {
        &self.polygon
    }

    /// Box and area inside, in square kilometres.
    pub fn extent(&self) -> (Bounds, f64) {
        (self.region.bounds(), self.area_km2)
    }

    pub(super) fn new(polygon: &MultiPolygon<f64>) -> Arc<Self> {
        Arc::new(Self { region: Region::new(polygon), area_km2: measure::area_km2(polygon), polygon: polygon.clone() })
    }
}

fn on_earth(c: Coord<f64>) -> Result<(), AreaError> {
    if Bounds::WORLD.contains(c.x, c.y) { Ok(()) } else { Err(AreaError::OffEarth(c.x, c.y)) }
}
