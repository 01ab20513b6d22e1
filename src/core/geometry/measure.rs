//! Measures on the WGS 84 ellipsoid, and places derived from them.

use geo::{
    Area, Coord, Destination, Distance, Geodesic, GeodesicArea, Geometry, InteriorPoint, LineString, MultiPolygon,
    Point, Polygon,
};

/// Metres of a degree of latitude, or of longitude on the equator, as far as boxes and small shifts need it.
pub const METRES_PER_DEGREE: f64 = 111_320.0;

/// Corners of a circle drawn as a polygon: its area is 0.005 % under the circle's.
const CIRCLE_CORNERS: u32 = 360;

/// WGS 84: semi-major axis in metres, and first eccentricity squared.
const WGS84: (f64, f64) = (6_378_137.0, 0.006_694_379_990_141_316_5);
/// Edges up to so many degrees either way (some 2 km) may be taken as great circles of the authalic sphere: areas differ
/// by less than a part in 10^9 from those between geodesics.
const SHORT_EDGE: f64 = 0.02;

/// Area on the ellipsoid, in square kilometres, however the rings are wound.
pub fn area_km2(polygon: &MultiPolygon<f64>) -> f64 {
    let part = |p: &Polygon<f64>| ring_area(p.exterior()) - p.interiors().iter().map(ring_area).sum::<f64>();
    // the sum of nothing is -0
    polygon.iter().map(part).fold(0.0, |all, part| all + part) / 1e6
}

/// Area within a ring in square metres.
fn ring_area(ring: &LineString<f64>) -> f64 {
    let short = |l: geo::Line<f64>| l.dx().abs() <= SHORT_EDGE && l.dy().abs() <= SHORT_EDGE;
    if ring.lines().all(short) { authalic_area(ring) } else { geodesic_area(ring) }
}

fn geodesic_area(ring: &LineString<f64>) -> f64 {
    Polygon::new(ring.clone(), vec![]).geodesic_area_signed().abs()
}

/// Area of a ring on the sphere that has the ellipsoid's surface, between authalic latitudes (Snyder 1987, 3-11 and
/// 3-12), in square metres: a drawn outline of thousands of vertices costs a twentieth of its geodesics.
fn authalic_area(ring: &LineString<f64>) -> f64 {
    let (a, ee) = WGS84;
    let e = ee.sqrt();
    let q = |sin: f64| (1.0 - ee) * (sin / (1.0 - ee * sin * sin) + (e * sin).atanh() / e);
    let pole = q(1.0);
    // tangent of half the authalic latitude
    let half = |c: &Coord<f64>| {
        let sin = (q(c.y.to_radians().sin()) / pole).clamp(-1.0, 1.0);
        sin / (1.0 + (1.0 - sin * sin).sqrt())
    };
    let corners: Vec<(f64, f64)> = ring.coords().map(|c| (c.x, half(c))).collect();
    // spherical excess between each edge and the equator
    let excess = |pair: &[(f64, f64)]| {
        let [(x1, t1), (x2, t2)] = [pair[0], pair[1]];
        2.0 * (((x2 - x1).to_radians() / 2.0).tan() * (t1 + t2) / (1.0 + t1 * t2)).atan()
    };
    let sum: f64 = corners.windows(2).map(excess).sum();
    sum.abs() * a * a * pole / 2.0
}

/// The length of the geodesic between two points in degrees, in metres.
pub fn distance(a: Coord<f64>, b: Coord<f64>) -> f64 {
    Geodesic.distance(Point(a), Point(b))
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

/// One point that stands for a geometry in degrees: of a point itself, of areas a point inside, of lines the middle of the
/// longest.
pub fn representative_point(geometry: &Geometry<f64>) -> Option<Coord<f64>> {
    match geometry {
        Geometry::Point(p) => Some(p.0),
        Geometry::LineString(line) => line_middle(line),
        Geometry::MultiLineString(lines) => {
            let length = |line: &&LineString<f64>| line.lines().map(|l| l.dx().hypot(l.dy())).sum::<f64>();
            line_middle(lines.iter().max_by(|a, b| length(a).total_cmp(&length(b)))?)
        }
        other => other.interior_point().map(Coord::from),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn short_edges_have_the_area_of_their_geodesics(x in -179.0f64..179.0, y in -88.0f64..88.0, r in 0.02f64..0.5, lobes in 2u32..9, hole: bool, clockwise: bool) {
            let ring = |r: f64| -> LineString<f64> {
                let n = (r * 1500.0) as u32 + 40;
                let corner = |i: u32| {
                    let angle = std::f64::consts::TAU * f64::from(i) / f64::from(n);
                    let r = r * (1.0 + 0.3 * (f64::from(lobes) * angle).sin());
                    (x + r * angle.cos(), y + r * angle.sin())
                };
                (0..n).chain([0]).map(corner).collect::<Vec<_>>().into()
            };
            let (mut outer, inner) = (ring(r), ring(r * 0.4));
            let exact = (geodesic_area(&outer) - if hole { geodesic_area(&inner) } else { 0.0 }) / 1e6;
            prop_assert!(outer.lines().all(|l| l.dx().abs() <= SHORT_EDGE && l.dy().abs() <= SHORT_EDGE));
            if clockwise {
                outer.0.reverse();
            }
            let polygon = MultiPolygon(vec![Polygon::new(outer, if hole { vec![inner] } else { vec![] })]);
            prop_assert!((area_km2(&polygon) / exact - 1.0).abs() < 2e-9, "{} {exact}", area_km2(&polygon));
        }
    }

    #[test]
    fn a_circle_has_its_area_and_is_wound_right() {
        let c = circle(Coord { x: 120.15, y: 30.27 }, 1000.0);
        let area = area_km2(&MultiPolygon(vec![c.clone()]));
        assert!((area / std::f64::consts::PI - 1.0).abs() < 0.001, "{area}");
        assert!(c.signed_area() > 0.0);
        let mut turned = c.exterior().clone();
        turned.0.reverse();
        let again = area_km2(&MultiPolygon(vec![Polygon::new(turned, vec![])]));
        assert!((again / area - 1.0).abs() < 1e-12, "a ring wound the other way has the same area: {again}");
    }
}
