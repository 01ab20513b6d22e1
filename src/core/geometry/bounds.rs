//! Axis-parallel boxes in degrees.

use geo::{BoundingRect, Coord, Geometry};

/// A closed box: west, south, east, north in degrees.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bounds {
    /// Western edge.
    pub west: f64,
    /// Southern edge.
    pub south: f64,
    /// Eastern edge.
    pub east: f64,
    /// Northern edge.
    pub north: f64,
}

impl Bounds {
    /// The box around nothing: `extend` makes it real.
    pub const EMPTY: Self =
        Self { west: f64::INFINITY, south: f64::INFINITY, east: f64::NEG_INFINITY, north: f64::NEG_INFINITY };

    /// The whole world.
    pub const WORLD: Self = Self { west: -180.0, south: -90.0, east: 180.0, north: 90.0 };

    /// The box around a geometry; `EMPTY` for an empty one.
    pub fn of(geometry: &Geometry<f64>) -> Self {
        geometry.bounding_rect().map_or(Self::EMPTY, |r| Self {
            west: r.min().x,
            south: r.min().y,
            east: r.max().x,
            north: r.max().y,
        })
    }

    /// Whether it holds no point.
    pub fn is_empty(&self) -> bool {
        self.west > self.east || self.south > self.north
    }

    /// Whether the point is inside or on the edge.
    #[inline]
    #[allow(
        clippy::needless_bitwise_bool,
        reason = "points around a border go either way: four branches would be foreseen badly"
    )]
    pub fn contains(&self, x: f64, y: f64) -> bool {
        (x >= self.west) & (x <= self.east) & (y >= self.south) & (y <= self.north)
    }

    /// Whether the two boxes share a point.
    pub fn intersects(&self, o: &Self) -> bool {
        self.west <= o.east && o.west <= self.east && self.south <= o.north && o.south <= self.north
    }

    /// Grows to hold a point.
    pub fn extend(&mut self, c: Coord<f64>) {
        self.west = self.west.min(c.x);
        self.south = self.south.min(c.y);
        self.east = self.east.max(c.x);
        self.north = self.north.max(c.y);
    }

    /// Grows to hold another box.
    pub fn join(&mut self, o: &Self) {
        if !o.is_empty() {
            self.extend(Coord { x: o.west, y: o.south });
            self.extend(Coord { x: o.east, y: o.north });
        }
    }

    /// The box of `[west, south, east, north]`, the order of RFC 7946.
    pub fn from_array([west, south, east, north]: [f64; 4]) -> Self {
        Self { west, south, east, north }
    }

    /// `[west, south, east, north]`, the order of RFC 7946.
    pub fn to_array(self) -> [f64; 4] {
        [self.west, self.south, self.east, self.north]
    }
}
