//! Conditions whose coordinates are in another reference system (`filter-crs`), brought into the one that is kept.

use super::expr::Expr;
use crate::geometry::{Crs, Ground};
use geo::Geometry;

impl Expr {
    /// The same condition with its geometries, given in `crs`, in CRS84; `None` where one lies beyond the system's reach.
    pub fn in_crs84(mut self, crs: Crs) -> Option<Self> {
        if crs == Crs::Crs84 {
            return Some(self);
        }
        for part in self.parts_mut() {
            *part = std::mem::replace(part, Self::Open).in_crs84(crs)?;
        }
        Some(match self {
            Self::Geometry(g) => Self::Geometry(crs.unproject_geometry(&g)?),
            Self::Bbox(b) => match crs.ground(b)? {
                Ground::Box(b) => Self::Bbox(b),
                Ground::Outline(p) => Self::Geometry(Geometry::Polygon(p)),
            },
            other => other,
        })
    }
}
