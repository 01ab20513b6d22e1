//! The reference systems in which positions are given and taken: geographic ones, Web Mercator, and the transverse
//! Mercator planes of CGCS2000 (Gauss-Kruger) and WGS 84 (UTM), by their parameters. proj4rs computes the planes.
//!
//! CGCS2000 (EPSG:4490) and WGS 84 are taken for the same: their realisations differ by a few centimetres, far less than
//! any position here is sure of, and PROJ's own operation between the two (EPSG) changes nothing either. Other datums
//! (Xian 1980, Beijing 1954) are named, and refused: no transformation is published for a city's ground
//! ([ADR 51](../../docs/adr/0051-reference-systems.md)). Axes are in the order of the EPSG register: 4326 and 4490 are
//! latitude, longitude; the planes of CGCS2000 are northing, easting; those of UTM easting, northing.

mod register;
mod said;
mod wkt;

use super::mercator::MAX_LATITUDE;
use geo::{Coord, Geometry, LineString, MapCoords, Polygon};
use proj4rs::proj::Proj;
use std::cell::RefCell;

/// A reference system.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
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
    /// A transverse Mercator plane: metres.
    Plane(Plane),
}

/// The datum of a plane. Both are the same to a few centimetres.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Datum {
    /// World Geodetic System 1984.
    Wgs84,
    /// China Geodetic Coordinate System 2000.
    Cgcs2000,
}

/// A transverse Mercator plane by its parameters; degrees and metres.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Plane {
    /// The datum.
    pub datum: Datum,
    /// Longitude of the central meridian.
    pub meridian: f64,
    /// Latitude of the origin.
    pub latitude: f64,
    /// Scale on the central meridian.
    pub scale: f64,
    /// False easting.
    pub easting: f64,
    /// False northing.
    pub northing: f64,
    /// Its code in the EPSG register; none for parameters that have none there.
    pub code: Option<u16>,
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
/// Metres from the origin, along and across the meridian, within which a plane is computed.
const REACH: (f64, f64) = (20_000_000.0, 4_000_000.0);

impl Crs {
    /// The coordinates of a longitude and latitude, in the order of the axes; metres to a tenth of a millimetre. Infinite
    /// where the system does not reach: on the other side of the earth.
    pub fn project(self, at: Coord<f64>) -> Coord<f64> {
        match self {
            Self::Wgs84 | Self::Cgcs2000 => Coord { x: at.y, y: at.x },
            Self::Plane(plane) if plane.north_first() => {
                let to = plane.forward(at);
                Coord { x: to.y, y: to.x }
            }
            other => other.east_north(at),
        }
    }

    /// The same with x to the east and y to the north, as files have them whatever the order of the axes.
    pub fn east_north(self, at: Coord<f64>) -> Coord<f64> {
        match self {
            Self::Crs84 | Self::Wgs84 | Self::Cgcs2000 => at,
            Self::WebMercator => {
                let lat = at.y.clamp(-MAX_LATITUDE, MAX_LATITUDE).to_radians();
                Coord { x: fine(at.x.to_radians() * RADIUS), y: fine(lat.sin().atanh() * RADIUS) }
            }
            Self::Plane(plane) => plane.forward(at),
        }
    }

    /// The longitude and latitude of coordinates in the order of the axes; `None` beyond where the system reaches.
    pub fn unproject(self, at: Coord<f64>) -> Option<Coord<f64>> {
        self.locate(if self.north_first() { Coord { x: at.y, y: at.x } } else { at })
    }

    /// The longitude and latitude of x to the east and y to the north; `None` beyond where the system reaches.
    pub fn locate(self, at: Coord<f64>) -> Option<Coord<f64>> {
        let degrees = match self {
            Self::Crs84 | Self::Wgs84 | Self::Cgcs2000 => at,
            // a little beyond the edge is the edge: clients ask for the whole world with rounded numbers
            Self::WebMercator if at.x.abs() <= HALF + 1.0 => {
                let lon = (at.x / RADIUS).to_degrees();
                Coord { x: lon.clamp(-180.0, 180.0), y: (at.y / RADIUS).sinh().atan().to_degrees() }
            }
            Self::WebMercator => return None,
            Self::Plane(plane) => plane.inverse(at)?,
        };
        (degrees.x.abs() <= 180.0 && degrees.y.abs() <= 90.0).then_some(degrees)
    }

    /// Whether the first axis of the system goes to the north.
    pub fn north_first(self) -> bool {
        match self {
            Self::Crs84 | Self::WebMercator => false,
            Self::Wgs84 | Self::Cgcs2000 => true,
            Self::Plane(plane) => plane.north_first(),
        }
    }

    /// Whether it counts in metres.
    pub fn is_metric(self) -> bool {
        matches!(self, Self::WebMercator | Self::Plane(_))
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
            Self::Plane(plane) if all && a <= c && b <= d => {
                let [a, b, c, d] = if plane.north_first() { [b, a, d, c] } else { [a, b, c, d] };
                let [a, b, c, d] = plane.within([a, b, c, d]);
                let corners = [(a, b), (c, b), (c, d), (a, d), (a, b)].map(|(x, y)| Coord { x, y });
                let ring: Option<Vec<_>> = corners
                    .windows(2)
                    .flat_map(|side| {
                        (0..STEPS).map(|i| side[0] + (side[1] - side[0]) * (f64::from(i) / f64::from(STEPS)))
                    })
                    .map(|c| self.locate(c))
                    .collect();
                Some(Ground::Outline(Polygon::new(LineString(ring?), vec![])))
            }
            Self::WebMercator | Self::Plane(_) => None,
        }
    }
}

fn fine(metres: f64) -> f64 {
    (metres * 1e4).round() / 1e4
}

fn inside([west, south, east, north]: [f64; 4]) -> bool {
    [west, east].iter().all(|x| x.abs() <= 180.0) && [south, north].iter().all(|y| y.abs() <= 90.0)
}

/// proj4rs' definitions of a plane and of the degrees below it. Making them takes some microseconds, so that those of
/// the last planes are kept.
struct Engine {
    plane: Plane,
    flat: Proj,
    degrees: Proj,
}

/// Planes whose definitions a thread keeps.
const KEPT: usize = 24;

thread_local! {
    static ENGINES: RefCell<Vec<Engine>> = const { RefCell::new(Vec::new()) };
}

impl Engine {
    fn new(plane: Plane) -> Option<Self> {
        let ellipsoid = format!("+a={RADIUS} +rf={}", plane.datum.flattening());
        let Plane { meridian, latitude, scale, easting, northing, .. } = plane;
        let flat = format!(
            "+proj=tmerc +lat_0={latitude} +lon_0={meridian} +k={scale} +x_0={easting} +y_0={northing} {ellipsoid} +units=m +no_defs"
        );
        let degrees = format!("+proj=longlat {ellipsoid} +no_defs");
        Some(Self { plane, flat: Proj::from_proj_string(&flat).ok()?, degrees: Proj::from_proj_string(&degrees).ok()? })
    }

    fn turn(plane: Plane, at: Coord<f64>, forward: bool) -> Option<Coord<f64>> {
        ENGINES.with_borrow_mut(|kept| {
            let found = kept.iter().position(|e| e.plane == plane);
            if let Some(place) = found {
                kept[..=place].rotate_right(1);
            } else {
                kept.truncate(KEPT - 1);
                kept.insert(0, Self::new(plane)?);
            }
            let engine = kept.first()?;
            let mut at = (at.x, at.y, 0.0);
            let (from, to) = if forward { (&engine.degrees, &engine.flat) } else { (&engine.flat, &engine.degrees) };
            proj4rs::transform::transform(from, to, &mut at).ok()?;
            Some(Coord { x: at.0, y: at.1 }).filter(|c| c.x.is_finite() && c.y.is_finite())
        })
    }
}

impl Datum {
    /// The reciprocal of the flattening of its ellipsoid.
    pub fn flattening(self) -> f64 {
        match self {
            Self::Wgs84 => 298.257_223_563,
            Self::Cgcs2000 => 298.257_222_101,
        }
    }
}

impl Plane {
    fn north_first(self) -> bool {
        self.datum == Datum::Cgcs2000
    }

    /// Easting and northing.
    fn forward(self, at: Coord<f64>) -> Coord<f64> {
        let radians = Coord { x: at.x.to_radians(), y: at.y.to_radians() };
        Engine::turn(self, radians, true)
            .map_or(Coord { x: f64::INFINITY, y: f64::INFINITY }, |c| Coord { x: fine(c.x), y: fine(c.y) })
    }

    /// Longitude and latitude.
    fn inverse(self, at: Coord<f64>) -> Option<Coord<f64>> {
        let reached = (at.x - self.easting).abs() <= REACH.1 && (at.y - self.northing).abs() <= REACH.0;
        let found = reached.then(|| Engine::turn(self, at, false)).flatten()?;
        let lon = (found.x.to_degrees() + 540.0).rem_euclid(360.0) - 180.0;
        Some(Coord { x: lon, y: found.y.to_degrees() })
    }

    /// The part of a box that is reached: clients ask for all with numbers that mean no place.
    fn within(self, [west, south, east, north]: [f64; 4]) -> [f64; 4] {
        let half = REACH.0 / 2.0;
        let n = |north: f64| north.clamp(self.northing - half, self.northing + half);
        let e = |east: f64| east.clamp(self.easting - REACH.1, self.easting + REACH.1);
        [e(west), n(south), e(east), n(north)]
    }
}

#[cfg(test)]
mod tests;
