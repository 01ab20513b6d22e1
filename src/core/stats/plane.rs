//! A plane in metres for a dataset's points: distances of a few dozen kilometres between points of one region.

/// A point in metres east and north of the plane's origin.
pub type Metres = [f64; 2];

/// The plane that touches the ellipsoid of WGS 84 along one parallel: east and north are scaled by the radii of curvature there.
///
/// A distance is wrong by the change of the radii between the parallel and the points: at 30 degrees of latitude by less than
/// 0.1 % within 10 km of the parallel and by about 1 % at 100 km, east to west; north to south by less than 0.02 % within
/// 200 km. It is meant for neighbourhoods of a few kilometres in a region of up to some hundred; elsewhere project first.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Plane {
    origin: [f64; 2],
    /// Metres a degree, east and north.
    scale: [f64; 2],
}

impl Plane {
    /// The plane through the middle of the points, longitude and latitude in degrees; `None` of no points.
    pub fn of(points: &[[f64; 2]]) -> Option<Self> {
        let first = *points.first()?;
        let (mut low, mut high) = (first, first);
        for point in points {
            for axis in 0..2 {
                low[axis] = low[axis].min(point[axis]);
                high[axis] = high[axis].max(point[axis]);
            }
        }
        Some(Self::at([f64::midpoint(low[0], high[0]), f64::midpoint(low[1], high[1])]))
    }

    /// The plane about a position, longitude and latitude in degrees.
    pub fn at(origin: [f64; 2]) -> Self {
        const EQUATOR: f64 = 6_378_137.0;
        const FLATTENING: f64 = 1.0 / 298.257_223_563;
        let squared = FLATTENING * (2.0 - FLATTENING);
        let (sine, cosine) = origin[1].to_radians().sin_cos();
        let bend = 1.0 - squared * sine * sine;
        let prime = EQUATOR / bend.sqrt();
        let meridian = EQUATOR * (1.0 - squared) / bend.powf(1.5);
        Self { origin, scale: [(prime * cosine).to_radians(), meridian.to_radians()] }
    }

    /// A position in degrees as metres.
    pub fn metres(&self, [longitude, latitude]: [f64; 2]) -> Metres {
        [(longitude - self.origin[0]) * self.scale[0], (latitude - self.origin[1]) * self.scale[1]]
    }

    /// Metres as a position in degrees.
    pub fn degrees(&self, [east, north]: Metres) -> [f64; 2] {
        [self.origin[0] + east / self.scale[0], self.origin[1] + north / self.scale[1]]
    }
}
