//! The reference systems in which positions are given and taken: geographic ones, Web Mercator, and the Gauss-Kruger
//! zone of the city's plans.
//!
//! CGCS2000 (EPSG:4490) and WGS 84 are taken for the same: their realisations differ by a few centimetres, far less than
//! any position here is sure of, and PROJ's own operation between the two (EPSG) changes nothing either. Axes are in the
//! order of the EPSG register: 4326 and 4490 are latitude, longitude; 4549 is northing, easting.

use super::mercator::MAX_LATITUDE;
use geo::{Coord, Geometry, LineString, MapCoords, Polygon};

/// A reference system.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Crs {
    /// OGC CRS84: longitude, latitude. What everything is kept in.
    #[default]
    Crs84,
    /// EPSG:4326, WGS 84: latitude, longitude.
    Wgs84,
    /// EPSG:3857, Web Mercator: x, y in metres.
    WebMercator,
    /// EPSG:4490, CGCS2000: latitude, longitude.
    Cgcs2000,
    /// EPSG:4549, CGCS2000 / 3-degree Gauss-Kruger, central meridian 120°E: northing, easting in metres.
    GaussKruger120,
}

/// Where a box of a reference system lies on the ground.
#[derive(Clone, Debug, PartialEq)]
pub enum Ground {
    /// West, south, east, north in degrees; west above east goes over the antimeridian.
    Box([f64; 4]),
    /// A box whose sides are no meridians and parallels.
    Outline(Polygon<f64>),
}

const RADIUS: f64 = 6_378_137.0;
/// Half of the world's width in Web Mercator.
const HALF: f64 = RADIUS * std::f64::consts::PI;
/// Corners by which a side of a box becomes a line on the ground: over 100 km it stays within a millimetre of its place.
const STEPS: u32 = 256;

impl Crs {
    /// All of them by their URIs, the one that is kept first.
    pub const ALL: [(Self, &'static str); 5] = [
        (Self::Crs84, "http://www.opengis.net/def/crs/OGC/1.3/CRS84"),
        (Self::Wgs84, "http://www.opengis.net/def/crs/EPSG/0/4326"),
        (Self::WebMercator, "http://www.opengis.net/def/crs/EPSG/0/3857"),
        (Self::Cgcs2000, "http://www.opengis.net/def/crs/EPSG/0/4490"),
        (Self::GaussKruger120, "http://www.opengis.net/def/crs/EPSG/0/4549"),
    ];

    /// The system of this URI.
    pub fn of_uri(uri: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, known)| *known == uri).map(|(crs, _)| *crs)
    }

    /// Its URI.
    pub fn uri(self) -> &'static str {
        Self::ALL.iter().find(|(crs, _)| *crs == self).map_or("", |(_, uri)| uri)
    }

    /// The coordinates of a longitude and latitude, in the order of the axes; metres to a tenth of a millimetre.
    pub fn project(self, at: Coord<f64>) -> Coord<f64> {
        let fine = |metres: f64| (metres * 1e4).round() / 1e4;
        match self {
            Self::Crs84 => at,
            Self::Wgs84 | Self::Cgcs2000 => Coord { x: at.y, y: at.x },
            Self::WebMercator => {
                let lat = at.y.clamp(-MAX_LATITUDE, MAX_LATITUDE).to_radians();
                Coord { x: fine(at.x.to_radians() * RADIUS), y: fine(lat.sin().atanh() * RADIUS) }
            }
            Self::GaussKruger120 => {
                let (north, east) = gauss_kruger::forward(at.x, at.y);
                Coord { x: fine(north), y: fine(east) }
            }
        }
    }

    /// The longitude and latitude of coordinates in the order of the axes; `None` beyond where the system reaches.
    pub fn unproject(self, at: Coord<f64>) -> Option<Coord<f64>> {
        let degrees = match self {
            Self::Crs84 => at,
            Self::Wgs84 | Self::Cgcs2000 => Coord { x: at.y, y: at.x },
            // a little beyond the edge is the edge: clients ask for the whole world with rounded numbers
            Self::WebMercator if at.x.abs() <= HALF + 1.0 => {
                let lon = (at.x / RADIUS).to_degrees();
                Coord { x: lon.clamp(-180.0, 180.0), y: (at.y / RADIUS).sinh().atan().to_degrees() }
            }
            Self::GaussKruger120 if gauss_kruger::reaches(at.x, at.y) => {
                let (x, y) = gauss_kruger::inverse(at.x, at.y);
                Coord { x, y }
            }
            Self::WebMercator | Self::GaussKruger120 => return None,
        };
        (degrees.x.abs() <= 180.0 && degrees.y.abs() <= 90.0).then_some(degrees)
    }

    /// A geometry in CRS84 as one in this system.
    pub fn project_geometry(self, geometry: &Geometry<f64>) -> Geometry<f64> {
        geometry.map_coords(|c| self.project(c))
    }

    /// A geometry in this system as one in CRS84.
    pub fn unproject_geometry(self, geometry: &Geometry<f64>) -> Option<Geometry<f64>> {
        geometry.try_map_coords(|c| self.unproject(c).ok_or(())).ok()
    }

    /// Where a box lies: the least of both axes, then the most of both, in the order of the axes.
    pub fn ground(self, [a, b, c, d]: [f64; 4]) -> Option<Ground> {
        let all = [a, b, c, d].iter().all(|n| n.is_finite());
        match self {
            Self::Crs84 => (all && b <= d && inside([a, b, c, d])).then_some(Ground::Box([a, b, c, d])),
            Self::Wgs84 | Self::Cgcs2000 => Self::Crs84.ground([b, a, d, c]),
            Self::WebMercator if all && a <= c && b <= d => {
                let at = |x: f64, y: f64| self.unproject(Coord { x: x.clamp(-HALF, HALF), y });
                let (low, high) = (at(a, b)?, at(c, d)?);
                Some(Ground::Box([low.x, low.y, high.x, high.y]))
            }
            Self::GaussKruger120 if all && a <= c && b <= d => {
                let [a, b, c, d] = gauss_kruger::within([a, b, c, d]);
                let corners = [(a, b), (a, d), (c, d), (c, b), (a, b)].map(|(x, y)| Coord { x, y });
                let ring: Option<Vec<_>> = corners
                    .windows(2)
                    .flat_map(|side| {
                        (0..STEPS).map(|i| side[0] + (side[1] - side[0]) * (f64::from(i) / f64::from(STEPS)))
                    })
                    .map(|c| self.unproject(c))
                    .collect();
                Some(Ground::Outline(Polygon::new(LineString(ring?), vec![])))
            }
            Self::WebMercator | Self::GaussKruger120 => None,
        }
    }
}

fn inside([west, south, east, north]: [f64; 4]) -> bool {
    [west, east].iter().all(|x| x.abs() <= 180.0) && [south, north].iter().all(|y| y.abs() <= 90.0)
}

/// Transverse Mercator by Krüger's series of 1912 as C. F. F. Karney gives it ("Transverse Mercator with an accuracy of a
/// few nanometers", 2011), to the fourth power of the flattening: within a micrometre up to 30° from the meridian.
mod gauss_kruger {
    use super::RADIUS;

    const MERIDIAN: f64 = 120.0;
    const FALSE_EASTING: f64 = 500_000.0;
    /// CGCS2000 (EPSG:1024).
    const FLATTENING: f64 = 1.0 / 298.257_222_101;
    /// Third flattening and its powers.
    const N: f64 = FLATTENING / (2.0 - FLATTENING);
    const N2: f64 = N * N;
    const N3: f64 = N2 * N;
    const N4: f64 = N3 * N;
    /// Radius of the circle as long as a meridian.
    const A: f64 = RADIUS / (1.0 + N) * (1.0 + N2 / 4.0 + N4 / 64.0);
    const FORWARD: [f64; 4] = [
        N / 2.0 - 2.0 / 3.0 * N2 + 5.0 / 16.0 * N3 + 41.0 / 180.0 * N4,
        13.0 / 48.0 * N2 - 3.0 / 5.0 * N3 + 557.0 / 1440.0 * N4,
        61.0 / 240.0 * N3 - 103.0 / 140.0 * N4,
        49_561.0 / 161_280.0 * N4,
    ];
    const INVERSE: [f64; 4] = [
        N / 2.0 - 2.0 / 3.0 * N2 + 37.0 / 96.0 * N3 - 1.0 / 360.0 * N4,
        N2 / 48.0 + N3 / 15.0 - 437.0 / 1440.0 * N4,
        17.0 / 480.0 * N3 - 37.0 / 840.0 * N4,
        4397.0 / 161_280.0 * N4,
    ];
    /// Metres from the equator and from the meridian within which the series holds.
    const REACH: (f64, f64) = (10_000_000.0, 3_000_000.0);

    fn eccentricity() -> f64 {
        (FLATTENING * (2.0 - FLATTENING)).sqrt()
    }

    /// The part of the series that is added (or taken away), along and across the meridian.
    fn series(factors: &[f64; 4], along: f64, across: f64) -> (f64, f64) {
        factors.iter().zip([2.0, 4.0, 6.0, 8.0]).fold((0.0, 0.0), |(x, y), (f, k)| {
            (x + f * (k * along).sin() * (k * across).cosh(), y + f * (k * along).cos() * (k * across).sinh())
        })
    }

    /// Northing and easting.
    pub(super) fn forward(lon: f64, lat: f64) -> (f64, f64) {
        let e = eccentricity();
        let away = ((lon - MERIDIAN + 540.0).rem_euclid(360.0) - 180.0).to_radians();
        let sin = lat.to_radians().sin();
        let t = (sin.atanh() - e * (e * sin).atanh()).sinh();
        let (along, across) = (t.atan2(away.cos()), (away.sin() / t.hypot(away.cos())).asinh());
        let (x, y) = series(&FORWARD, along, across);
        (A * (along + x), A * (across + y) + FALSE_EASTING)
    }

    /// Longitude and latitude.
    pub(super) fn inverse(north: f64, east: f64) -> (f64, f64) {
        let e = eccentricity();
        let (along, across) = (north / A, (east - FALSE_EASTING) / A);
        let (x, y) = series(&INVERSE, along, across);
        let (along, across) = (along - x, across - y);
        let conformal = along.sin() / across.sinh().hypot(along.cos());
        // Newton's method from the conformal latitude to the geographic one; the error is squared each time
        let mut tan = conformal / (1.0 - e * e);
        for _ in 0..6 {
            let root = tan.hypot(1.0);
            let s = (e * (e * tan / root).atanh()).sinh();
            let now = tan * s.hypot(1.0) - s * root;
            tan += (conformal - now) * (1.0 + (1.0 - e * e) * tan * tan) / ((1.0 - e * e) * now.hypot(1.0) * root);
        }
        let lon = across.sinh().atan2(along.cos()).to_degrees() + MERIDIAN;
        ((lon + 540.0).rem_euclid(360.0) - 180.0, tan.atan().to_degrees())
    }

    pub(super) fn reaches(north: f64, east: f64) -> bool {
        north.abs() <= REACH.0 && (east - FALSE_EASTING).abs() <= REACH.1
    }

    /// The part of a box in which the series holds: clients ask for all with numbers that mean no place.
    pub(super) fn within([south, west, north, east]: [f64; 4]) -> [f64; 4] {
        let n = |north: f64| north.clamp(-REACH.0, REACH.0);
        let e = |east: f64| east.clamp(FALSE_EASTING - REACH.1, FALSE_EASTING + REACH.1);
        [n(south), e(west), n(north), e(east)]
    }
}

#[cfg(test)]
mod tests;
