//! Where a map is: `bbox` in `bbox-crs`, brought to the map's own reference system.

use crate::http::extract::values::{Corners, Reference};
use crate::http::problem::Problem;
use crate::render::map::Crs;

/// The box of a map, said in a reference system, as west, south, east, north in the map's own; east goes on beyond the
/// antimeridian where the box is over it.
pub(crate) fn bbox(corners: Corners, given: Reference, of: Reference) -> Result<[f64; 4], Problem> {
    let bad = || {
        Problem::parameter(
            "bbox",
            "应为 4 个数:西南角与东北角(按 bbox-crs 的坐标次序),有面积,在坐标系范围内;西大于东即跨 180 度经线",
            "four numbers: lower left and upper right corner in the axis order of bbox-crs, with an area, within the CRS; west above east goes over the antimeridian",
        )
    };
    let Corners([a, b, c, d]) = corners;
    let [west, south, east, north] = if given.north_first { [b, a, d, c] } else { [a, b, c, d] };
    let (x, y) = match given.crs {
        Crs::Crs84 => (180.0, 90.0),
        Crs::WebMercator => (20_037_508.35, 20_048_966.11),
    };
    let inside = [west, east].iter().all(|side| (-x..=x).contains(side)) && south >= -y && north <= y;
    let [_, _, east, _] = given.crs.over_antimeridian([west, south, east, north]);
    if !(inside && west < east && south < north) {
        return Err(bad());
    }
    if given.crs == of.crs {
        return Ok([west, south, east, north]);
    }
    let ((west, south), (east, north)) = (given.crs.unproject(west, south), given.crs.unproject(east, north));
    let ((west, south), (east, north)) = (of.crs.project(west, south), of.crs.project(east, north));
    // a box at the pole, where Mercator has nothing
    if south < north { Ok([west, south, east, north]) } else { Err(bad()) }
}
