//! WebMercatorQuad (OGC 17-083r4, EPSG:3857): positions as 32 bits a side, north-west corner first.

use super::Bounds;

/// Latitude at which Web Mercator is cut off so that the world is a square.
pub const MAX_LATITUDE: f64 = 85.051_128_779_806_59;
/// Deepest zoom served: a tile of 4,096 units then still has 2^32 units a side of the world.
pub const MAX_ZOOM: u8 = 20;
/// Units a side of a tile.
pub const EXTENT: u32 = 4096;

const SIDE: f64 = 4_294_967_296.0;

/// Position in the square of the world, 2^32 units a side, x to the east and y to the south.
/// Latitudes beyond [`MAX_LATITUDE`] lie on its edge.
pub fn project(lon: f64, lat: f64) -> (u32, u32) {
    let x = (lon + 180.0) / 360.0;
    let s = lat.clamp(-MAX_LATITUDE, MAX_LATITUDE).to_radians().sin();
    let y = 0.5 - ((1.0 + s) / (1.0 - s)).ln() / (4.0 * std::f64::consts::PI);
    // `as` saturates, so the eastern and southern edge of the world belong to its last unit
    ((x * SIDE) as u32, (y * SIDE) as u32)
}

/// Longitude and latitude of a position in the square of the world, in units of 1.
pub fn unproject(x: f64, y: f64) -> (f64, f64) {
    let lat = (std::f64::consts::PI * (1.0 - 2.0 * y)).sinh().atan().to_degrees();
    (x * 360.0 - 180.0, lat)
}

/// A tile of WebMercatorQuad. `x < 2^z` and `y < 2^z`, `z <= MAX_ZOOM`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TileId {
    /// Zoom, also the tile matrix.
    pub z: u8,
    /// Column, from the west.
    pub x: u32,
    /// Row, from the north.
    pub y: u32,
}

impl TileId {
    /// The tile, if there is such a one.
    pub fn new(z: u8, x: u32, y: u32) -> Option<Self> {
        (z <= MAX_ZOOM && u64::from(x) < 1 << z && u64::from(y) < 1 << z).then_some(Self { z, x, y })
    }

    /// The tile's box in degrees, grown on each side by `margin` of its width.
    pub fn bounds(self, margin: f64) -> Bounds {
        let n = f64::from(1u32 << self.z);
        let (x, y) = (f64::from(self.x), f64::from(self.y));
        let (west, north) = unproject((x - margin) / n, (y - margin) / n);
        let (east, south) = unproject((x + 1.0 + margin) / n, (y + 1.0 + margin) / n);
        Bounds { west, south, east, north }
    }

    /// A position of the world in this tile's units; beyond `0..EXTENT` when it lies outside.
    pub fn local(self, (x, y): (u32, u32)) -> (i32, i32) {
        let shift = 32 - u32::from(self.z) - EXTENT.ilog2();
        let place = |v: u32, tile: u32| (i64::from(v >> shift) - i64::from(tile) * i64::from(EXTENT)) as i32;
        (place(x, self.x), place(y, self.y))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn known_positions() {
        assert_eq!(project(-180.0, 90.0), (0, 0));
        assert_eq!(project(180.0, -90.0), (u32::MAX, u32::MAX));
        // a tile at zoom 10, computed by the slippy map formula of the OSM wiki
        let (x, y) = project(120.15, 30.27);
        assert_eq!((x >> 22, y >> 22), (853, 421));
        assert!(TileId::new(21, 0, 0).is_none() && TileId::new(3, 8, 0).is_none());
    }

    proptest! {
        #[test]
        fn unproject_undoes_project(lon in -179.9f64..179.9, lat in -85.0f64..85.0) {
            let (x, y) = project(lon, lat);
            let (lon2, lat2) = unproject(f64::from(x) / SIDE, f64::from(y) / SIDE);
            prop_assert!((lon - lon2).abs() < 1e-6 && (lat - lat2).abs() < 1e-6);
        }
    }
}
