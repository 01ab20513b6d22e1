//! Reference systems as files name them. In files x is always to the east, whatever the order of the axes.

use crate::core::geometry::Crs;
use geo::{Coord, Geometry, MapCoords};

/// What files say of a reference system.
pub(super) struct System {
    /// Code in the EPSG register; CRS84 in the order of files is EPSG:4326.
    pub(super) code: i32,
    pub(super) name: &'static str,
    /// Well-known text, version 1.
    pub(super) wkt: &'static str,
    /// PROJJSON; none for CRS84, which GeoParquet takes for granted.
    pub(super) json: Option<&'static str>,
}

pub(super) fn system(crs: Crs) -> System {
    let of = |code, name, wkt, json| System { code, name, wkt, json };
    let (wkt, json) = (include_str!("crs/4326.wkt"), include_str!("crs/4326.json"));
    match crs {
        Crs::Crs84 => of(4326, "WGS 84", wkt, None),
        Crs::Wgs84 => of(4326, "WGS 84", wkt, Some(json)),
        Crs::WebMercator => {
            of(3857, "WGS 84 / Pseudo-Mercator", include_str!("crs/3857.wkt"), Some(include_str!("crs/3857.json")))
        }
        Crs::Cgcs2000 => of(4490, "CGCS2000", include_str!("crs/4490.wkt"), Some(include_str!("crs/4490.json"))),
        Crs::GaussKruger120 => of(
            4549,
            "CGCS2000 / 3-degree Gauss-Kruger CM 120E",
            include_str!("crs/4549.wkt"),
            Some(include_str!("crs/4549.json")),
        ),
    }
}

/// A longitude and latitude as x and y of a file.
pub(super) fn place(crs: Crs, at: Coord<f64>) -> Coord<f64> {
    match crs {
        Crs::Crs84 | Crs::Wgs84 | Crs::Cgcs2000 => at,
        Crs::WebMercator => crs.project(at),
        Crs::GaussKruger120 => {
            let north_east = crs.project(at);
            Coord { x: north_east.y, y: north_east.x }
        }
    }
}

/// A geometry in CRS84 with the coordinates of a file.
pub(super) fn placed(crs: Crs, geometry: Geometry<f64>) -> Geometry<f64> {
    match crs {
        Crs::Crs84 | Crs::Wgs84 | Crs::Cgcs2000 => geometry,
        Crs::WebMercator | Crs::GaussKruger120 => geometry.map_coords(|c| place(crs, c)),
    }
}
