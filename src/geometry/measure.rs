//! Measures on the WGS 84 ellipsoid, and places derived from them.

use geo::{Area, Coord, Destination, Geodesic, GeodesicArea, LineString, MultiPolygon, Point, Polygon};

/// Corners of a circle drawn as a polygon: its area is 0.04 % under the circle's.
const CIRCLE_CORNERS: u32 = 128;

/// Area on the ellipsoid, in square kilometres.
pub fn area_km2(polygon: &MultiPolygon<f64>) -> f64 {
    polygon.geodesic_area_unsigned() / 1e6
}

/// A circle around `center` with a radius in metres, as a polygon with its corners on the geodesic circle.
pub fn circle(center: Coord<f64>, radius_m: f64) -> Polygon<f64> {
    let corner = |i: u32| {
        let bearing = 360.0 - 360.0 * f64::from(i) / f64::from(CIRCLE_CORNERS);
        Coord::from(Geodesic.destination(Point(center), bearing, radius_m))
    };
    Polygon::new((0..CIRCLE_CORNERS).map(corner).collect::<Vec<_>>().into(), vec![])
}

/// Where to write a polygon's name: the pole of inaccessibility of its largest part, to 1 % of that part's width.
pub fn label_point(polygon: &MultiPolygon<f64>) -> Option<Coord<f64>> {
    let largest = polygon.iter().max_by(|a, b| a.unsigned_area().total_cmp(&b.unsigned_area()))?;
    let width = super::Bounds::of(&largest.clone().into());
    let tolerance = ((width.east - width.west).max(width.north - width.south) / 100.0).max(1e-9);
    polylabel::polylabel(largest, &tolerance).ok().map(Coord::from)
}

/// The middle of a line by its length, in degrees: where to write its name.
pub fn line_middle(line: &LineString<f64>) -> Option<Coord<f64>> {
    let length = |a: Coord<f64>, b: Coord<f64>| (b.x - a.x).hypot(b.y - a.y);
    let half = line.lines().map(|l| length(l.start, l.end)).sum::<f64>() / 2.0;
    let mut walked = 0.0;
    for l in line.lines() {
        let n = length(l.start, l.end);
        if walked + n >= half && n > 0.0 {
            let t = (half - walked) / n;
            return Some(Coord { x: l.start.x + t * l.dx(), y: l.start.y + t * l.dy() });
        }
        walked += n;
    }
    line.coords().next().copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_circle_has_its_area_and_is_wound_right() {
        let c = circle(Coord { x: 120.15, y: 30.27 }, 1000.0);
        let area = area_km2(&MultiPolygon(vec![c.clone()]));
        assert!((area / std::f64::consts::PI - 1.0).abs() < 0.001, "{area}");
        assert!(c.signed_area() > 0.0);
    }
}
