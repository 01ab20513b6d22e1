//! An outline in metres, and how far features are from it.

use super::selection::Selection;
use crate::stats::plane::Plane;
use geo::{BoundingRect, Coord, Distance, Euclidean, Geometry, MapCoords, MultiPolygon};

/// An outline in metres about its middle.
pub(super) struct Outlined {
    plane: Plane,
    shape: Geometry<f64>,
}

impl Outlined {
    pub(super) fn new(outline: &MultiPolygon<f64>) -> Option<Self> {
        let middle = outline.bounding_rect()?.center();
        let plane = Plane::at([middle.x, middle.y]);
        Some(Self { plane, shape: metres(&plane, &outline.clone().into()) })
    }

    /// Metres to a geometry in degrees; 0 where they meet.
    pub(super) fn far(&self, geometry: &Geometry<f64>) -> Option<f64> {
        let metres = Euclidean.distance(&self.shape, &metres(&self.plane, geometry));
        metres.is_finite().then_some(metres)
    }

    /// Metres to a row; `None` of one without a geometry.
    pub(super) fn far_row(&self, all: &Selection, row: usize) -> Option<f64> {
        self.far(&all.table().geometries.value(row)?)
    }
}

fn metres(plane: &Plane, geometry: &Geometry<f64>) -> Geometry<f64> {
    geometry.map_coords(|c| {
        let [x, y] = plane.metres([c.x, c.y]);
        Coord { x, y }
    })
}
