//! Where on Earth a picture is: a box in a coordinate reference system, and the pixels it fills.

use crate::core::geometry::mercator::{self, TileId};
use crate::core::geometry::{Bounds, measure};
use geo::Coord;

/// Half the side of the square of the world in EPSG:3857, in metres.
const HALF: f64 = 20_037_508.342_789_244;
const SIDE: f64 = 4_294_967_296.0;

/// The coordinate reference system that a map is drawn in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Crs {
    /// Longitude and latitude in degrees, WGS 84.
    #[default]
    Crs84,
    /// Web Mercator (EPSG:3857), in metres.
    WebMercator,
}

impl Crs {
    /// Its coordinates of a longitude and latitude in degrees. Mercator ends at 85.05 degrees.
    pub fn project(self, lon: f64, lat: f64) -> (f64, f64) {
        match self {
            Self::Crs84 => (lon, lat),
            Self::WebMercator => {
                let lat = lat.clamp(-mercator::MAX_LATITUDE, mercator::MAX_LATITUDE).to_radians();
                (lon / 180.0 * HALF, lat.tan().asinh() / std::f64::consts::PI * HALF)
            }
        }
    }

    /// Longitude and latitude in degrees of its coordinates.
    pub fn unproject(self, x: f64, y: f64) -> (f64, f64) {
        match self {
            Self::Crs84 => (x, y),
            Self::WebMercator => mercator::unproject(x / HALF / 2.0 + 0.5, 0.5 - y / HALF / 2.0),
        }
    }

    /// Once around the Earth, in its units.
    fn around(self) -> f64 {
        match self {
            Self::Crs84 => 360.0,
            Self::WebMercator => 2.0 * HALF,
        }
    }

    /// A box whose west lies above its east goes over the antimeridian: its east is then counted on beyond it.
    pub fn over_antimeridian(self, [west, south, east, north]: [f64; 4]) -> [f64; 4] {
        [west, south, if west > east { east + self.around() } else { east }, north]
    }

    /// A box in degrees as west, south, east, north in this system.
    pub fn project_bounds(self, b: &Bounds) -> [f64; 4] {
        let ((west, south), (east, north)) = (self.project(b.west, b.south), self.project(b.east, b.north));
        [west, south, east, north]
    }
}

/// A box and the pixels it fills, exactly: pixels need not be square on the ground.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Frame {
    /// System of the box.
    pub crs: Crs,
    /// West, south, east, north in units of `crs`; east goes on beyond the antimeridian where the box is over it.
    pub bbox: [f64; 4],
    /// Pixels from west to east.
    pub width: f64,
    /// Pixels from north to south.
    pub height: f64,
}

impl Frame {
    /// The frame of this size that shows a box (in units of `crs`) with `padding` pixels to spare on each side, true to
    /// scale at its middle. The box gets a width where it has none.
    pub fn holding(crs: Crs, [west, south, east, north]: [f64; 4], [width, height]: [f64; 2], padding: f64) -> Self {
        let (x, y) = (west.midpoint(east), south.midpoint(north));
        let aspect = aspect(crs, crs.unproject(x, y).1);
        // a thousandth of a degree: some hundred metres
        let least = if crs == Crs::Crs84 { 1e-3 } else { 111.0 };
        let room = |pixels: f64| (pixels - 2.0 * padding).max(pixels / 2.0);
        let unit = ((east - west) / room(width)).max((north - south) * aspect / room(height)).max(least / width);
        let (dx, dy) = (unit * width / 2.0, unit / aspect * height / 2.0);
        Self { crs, bbox: [x - dx, y - dy, x + dx, y + dy], width, height }
    }

    /// How many pixels high a box is that is this many wide, true to scale at its middle.
    pub fn height_for(crs: Crs, bbox: [f64; 4], width: f64) -> f64 {
        let [west, south, east, north] = bbox;
        let lat = crs.unproject(west, south).1.midpoint(crs.unproject(east, north).1);
        (north - south) * aspect(crs, lat) / (east - west) * width
    }

    /// The frames in which the world stands once, and which together show what this one does: itself, and where it goes over
    /// the antimeridian the same picture as seen from the other side. A frame wider than the world shows it once.
    pub(super) fn turns(&self) -> Vec<Self> {
        let around = self.crs.around();
        let [west, south, east, north] = self.bbox;
        let from = |turn: f64| Self { bbox: [west + turn, south, east + turn, north], ..*self };
        let mut all = vec![*self];
        if east - west <= around {
            all.extend((east > around / 2.0).then(|| from(-around)));
            all.extend((west < -around / 2.0).then(|| from(around)));
        }
        all
    }

    /// The box with its corners within the world: west lies above east where it goes over the antimeridian.
    pub fn wrapped(&self) -> [f64; 4] {
        let around = self.crs.around();
        let [west, south, east, north] = self.bbox;
        let within = |x: f64| {
            if x > around / 2.0 {
                x - around
            } else if x < -around / 2.0 {
                x + around
            } else {
                x
            }
        };
        if east - west > around { self.bbox } else { [within(west), south, within(east), north] }
    }

    /// The box in degrees, grown by `margin` pixels on each side.
    pub fn bounds(&self, margin: f64) -> Bounds {
        let ((west, north), (east, south)) =
            (self.degrees(-margin, -margin), self.degrees(self.width + margin, self.height + margin));
        Bounds { west, south: south.max(-90.0), east, north: north.min(90.0) }
    }

    /// Longitude and latitude of a pixel.
    pub fn degrees(&self, x: f64, y: f64) -> (f64, f64) {
        let [west, south, east, north] = self.bbox;
        let x = west + x / self.width * (east - west);
        self.crs.unproject(x, north - y / self.height * (north - south))
    }

    /// The pixel of a position in the square of the world (2^32 units a side).
    pub fn pixel(&self, (x, y): (u32, u32)) -> (f64, f64) {
        let (x, y) = (f64::from(x) / SIDE, f64::from(y) / SIDE);
        match self.crs {
            Crs::Crs84 => {
                let (lon, lat) = mercator::unproject(x, y);
                self.inside(lon, lat)
            }
            Crs::WebMercator => self.inside((x - 0.5) * 2.0 * HALF, (0.5 - y) * 2.0 * HALF),
        }
    }

    /// The pixel of a longitude and latitude.
    pub fn pixel_of(&self, lon: f64, lat: f64) -> (f64, f64) {
        let (x, y) = self.crs.project(lon, lat);
        self.inside(x, y)
    }

    fn inside(&self, x: f64, y: f64) -> (f64, f64) {
        let [west, south, east, north] = self.bbox;
        ((x - west) / (east - west) * self.width, (north - y) / (north - south) * self.height)
    }

    /// The zoom at which an interactive map (512 pixels a tile) shows things as large.
    pub fn zoom(&self) -> f64 {
        let bounds = self.bounds(0.0);
        (360.0 * self.width / (bounds.east - bounds.west) / 512.0).log2().clamp(0.0, f64::from(mercator::MAX_ZOOM))
    }

    /// The tiles of a zoom that share a pixel with the frame; never more than `most`.
    pub fn tiles(&self, z: u8, most: usize) -> Vec<TileId> {
        let b = self.bounds(0.0);
        let shift = 32 - u32::from(z);
        let place = |lon: f64, lat: f64| {
            let (x, y) = mercator::project(lon.clamp(-180.0, 180.0), lat);
            let down = |v: u32| u64::from(v).checked_shr(shift).unwrap_or(0) as u32;
            (down(x), down(y))
        };
        let ((left, top), (right, bottom)) = (place(b.west, b.north), place(b.east, b.south));
        (top..=bottom)
            .flat_map(|y| (left..=right).map(move |x| (x, y)))
            .take(most)
            .filter_map(|(x, y)| TileId::new(z, x, y))
            .collect()
    }

    /// Metres on the ground of a run of pixels at the frame's middle, from west to east.
    pub fn metres(&self, pixels: f64) -> f64 {
        let (x, y) = (self.width / 2.0, self.height / 2.0);
        let at = |x: f64| {
            let (x, y) = self.degrees(x, y);
            Coord { x, y }
        };
        measure::distance(at(x - pixels / 2.0), at(x + pixels / 2.0))
    }
}

/// How many pixels one unit of y is, where one unit of x is one, at a latitude: true to scale there.
fn aspect(crs: Crs, lat: f64) -> f64 {
    match crs {
        Crs::Crs84 => 1.0 / lat.to_radians().cos().max(0.01),
        Crs::WebMercator => 1.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn degrees_undo_pixels(lon in 100.0f64..130.0, lat in 5.0f64..55.0, mercator: bool, w in 1.0f64..4096.0, h in 1.0f64..4096.0) {
            let crs = if mercator { Crs::WebMercator } else { Crs::Crs84 };
            let bounds = Bounds { west: 99.0, south: 4.0, east: 131.0, north: 56.0 };
            for frame in [Frame::holding(crs, crs.project_bounds(&bounds), [w, h], 3.0), Frame { crs, bbox: crs.project_bounds(&bounds), width: w, height: h }] {
                let (x, y) = frame.pixel_of(lon, lat);
                prop_assert!((-0.001..=w + 0.001).contains(&x) && (-0.001..=h + 0.001).contains(&y), "{x} {y}");
                let (lon2, lat2) = frame.degrees(x, y);
                prop_assert!((lon - lon2).abs() < 1e-9 && (lat - lat2).abs() < 1e-9);
                let (px, py) = frame.pixel(mercator::project(lon, lat));
                prop_assert!((px - x).abs() < 0.01 && (py - y).abs() < 0.01, "{px} {x}, {py} {y}");
            }
        }
    }

    /// One degree each way at 30 degrees north is 96.5 km by 110.9 km, and drawn so in either system.
    #[test]
    fn true_to_scale_at_the_middle() {
        let bounds = Bounds { west: 119.5, south: 29.5, east: 120.5, north: 30.5 };
        for crs in [Crs::Crs84, Crs::WebMercator] {
            let frame = Frame::holding(crs, crs.project_bounds(&bounds), [800.0, 800.0], 0.0);
            let ((left, top), (right, bottom)) = (frame.pixel_of(119.5, 30.5), frame.pixel_of(120.5, 29.5));
            let ratio = (bottom - top) / (right - left);
            assert!((ratio - 110.9 / 96.5).abs() < 0.01, "{crs:?} {ratio}");
        }
    }
}
