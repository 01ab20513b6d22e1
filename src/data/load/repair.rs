//! Polygons whose rings cross, put right by the even-odd rule, as long as that hardly changes their area.

use crate::core::geometry::{overlay, validity};
use geo::orient::{Direction, Orient};
use geo::{BoundingRect, Coord, CoordsIter, LineString, MapCoords, MultiPolygon, Polygon, Rect};

/// The share of its area by which a polygon may change and still be the one that was meant.
pub const MOST_CHANGE: f64 = 0.01;

/// A repair.
#[derive(Debug)]
pub struct Repaired {
    pub area: MultiPolygon<f64>,
    /// Square kilometres as the rings are given: those of outer rings less those of holes.
    before: f64,
    after: f64,
    /// Whether it was cut at the antimeridian.
    cut: bool,
}

/// What became of a repair.
#[derive(Debug)]
pub enum Outcome {
    Repaired(Repaired),
    /// It would be another area.
    Changed(Repaired),
    /// The rings cross too often, or nothing is left.
    Impossible,
}

impl Repaired {
    /// Both areas, and the share of the change.
    fn words(&self) -> (String, String, String) {
        (shown(self.before), shown(self.after), format!("{:.3}%", self.change() * 100.0))
    }

    /// What was done, zh and en.
    fn how(&self) -> (&'static str, &'static str) {
        if self.cut {
            ("已在 180° 经线处切开(RFC 7946)", "was cut at the antimeridian (RFC 7946)")
        } else {
            ("已按奇偶规则修复", "was repaired by the even-odd rule")
        }
    }

    /// A repair that was made.
    pub fn made(&self) -> (String, String) {
        let ((before, after, share), (zh, en)) = (self.words(), self.how());
        (
            format!("{zh},面积由 {before} 变为 {after} 平方公里(变化 {share})"),
            format!("it {en}: {before} km2 became {after} km2 ({share})"),
        )
    }

    /// A repair that would make another area.
    pub fn left(&self) -> (String, String) {
        let (before, after, share) = self.words();
        (
            format!("按奇偶规则修复会使面积由 {before} 变为 {after} 平方公里(变化 {share}),未修复"),
            format!("a repair by the even-odd rule would make {before} km2 {after} km2 ({share}), so it was left"),
        )
    }

    /// Square kilometres by the even-odd rule.
    pub fn after(&self) -> f64 {
        self.after
    }

    fn change(&self) -> f64 {
        (self.after - self.before).abs() / self.before.max(self.after).max(f64::MIN_POSITIVE)
    }
}

/// An area as it is written in findings.
pub fn shown(km2: f64) -> String {
    if km2 >= 100.0 { format!("{km2:.1}") } else { format!("{km2:.4}") }
}

/// Puts polygons right: those that go over the antimeridian are cut there, others by the even-odd rule, by which zones
/// hold points.
pub fn repair(polygons: &[Polygon<f64>]) -> Outcome {
    if polygons.iter().any(leaps)
        && let Some(cut) = antimeridian(polygons)
    {
        match even_odd(&cut) {
            Outcome::Repaired(repaired) => return Outcome::Repaired(Repaired { cut: true, ..repaired }),
            Outcome::Changed(_) | Outcome::Impossible => {}
        }
    }
    even_odd(polygons)
}

/// Whether an edge of the outer ring goes more than half around the earth: it is meant to go the other way.
fn leaps(polygon: &Polygon<f64>) -> bool {
    polygon.exterior().lines().any(|l| (l.end.x - l.start.x).abs() > 180.0)
}

/// The same polygons in the box of longitudes, cut where they leave it.
fn antimeridian(polygons: &[Polygon<f64>]) -> Option<Vec<Polygon<f64>>> {
    let mut all = Vec::new();
    for polygon in polygons {
        if !leaps(polygon) {
            all.push(polygon.clone());
            continue;
        }
        let outer = unrolled(polygon.exterior());
        let middle = |ring: &LineString<f64>| ring.bounding_rect().map_or(0.0, |r| r.center().x);
        let home = middle(&outer);
        let hole = |ring: &LineString<f64>| {
            let ring = unrolled(ring);
            let turns = ((home - middle(&ring)) / 360.0).round();
            ring.map_coords(|c| Coord { x: c.x + 360.0 * turns, y: c.y })
        };
        let whole = MultiPolygon(vec![Polygon::new(outer, polygon.interiors().iter().map(hole).collect())]);
        for turn in [-1.0, 0.0, 1.0] {
            let (west, east) = (360.0 * turn - 180.0, 360.0 * turn + 180.0);
            let sheet = MultiPolygon(vec![Rect::new((west, -90.0), (east, 90.0)).to_polygon()]);
            let part = overlay::intersection(&whole, &sheet).ok()?;
            let clamp =
                |c: Coord<f64>| Coord { x: (c.x - 360.0 * turn).clamp(-180.0, 180.0), y: c.y.clamp(-90.0, 90.0) };
            all.extend(part.map_coords(clamp));
        }
    }
    Some(all)
}

/// A ring whose longitudes go on beyond 180° instead of leaping; one that goes around the earth is closed over its pole.
fn unrolled(ring: &LineString<f64>) -> LineString<f64> {
    let (mut turns, mut last) = (0.0, None);
    let mut out: Vec<Coord<f64>> = Vec::with_capacity(ring.0.len() + 3);
    for c in &ring.0 {
        if let Some(last) = last.replace(c.x) {
            if c.x - last > 180.0 {
                turns -= 360.0;
            } else if last - c.x > 180.0 {
                turns += 360.0;
            }
        }
        out.push(Coord { x: c.x + turns, y: c.y });
    }
    if let (Some(&first), Some(&end)) = (out.first(), out.last())
        && (first.x - end.x).abs() > 180.0
    {
        let pole = if out.iter().map(|c| c.y).sum::<f64>() < 0.0 { -90.0 } else { 90.0 };
        out.extend([Coord { x: end.x, y: pole }, Coord { x: first.x, y: pole }, first]);
    }
    LineString(out)
}

/// Square kilometres of rings as they are given: outer ones less holes. On the equal-area cylinder, where an edge from
/// -180° to 180° goes around the earth, as it does in files.
pub fn km2_of(polygons: &[Polygon<f64>]) -> f64 {
    const RADIUS_KM: f64 = 6371.007;
    let flat = |c: Coord<f64>| (c.x.to_radians() * RADIUS_KM, c.y.to_radians().sin() * RADIUS_KM);
    let ring = |ring: &LineString<f64>| {
        let twice: f64 = ring.lines().map(|l| (flat(l.start), flat(l.end))).map(|(a, b)| a.0 * b.1 - b.0 * a.1).sum();
        twice.abs() / 2.0
    };
    let of = |p: &Polygon<f64>| ring(p.exterior()) - p.interiors().iter().map(ring).sum::<f64>();
    polygons.iter().map(of).sum::<f64>().max(0.0)
}

/// Puts polygons right by the rule by which zones hold points.
pub fn even_odd(polygons: &[Polygon<f64>]) -> Outcome {
    let before = km2_of(polygons);
    let Ok(area) = overlay::even_odd(&MultiPolygon(polygons.to_vec())) else { return Outcome::Impossible };
    // the grid of the overlay may lie a hair beyond the degrees that there are
    let degrees = |c: &Coord<f64>| c.x.abs() <= 180.0 && c.y.abs() <= 90.0;
    let area = if polygons.iter().all(|p| p.coords_iter().all(|c| degrees(&c))) {
        area.map_coords(|c| Coord { x: c.x.clamp(-180.0, 180.0), y: c.y.clamp(-90.0, 90.0) })
    } else {
        area
    };
    let area = area.orient(Direction::Default);
    let after = km2_of(&area.0);
    let sound = !validity::faults(&area.0).iter().any(validity::Fault::is_error);
    if area.0.is_empty() || !sound || !after.is_finite() {
        return Outcome::Impossible;
    }
    let repaired = Repaired { area, before, after, cut: false };
    if repaired.change() <= MOST_CHANGE { Outcome::Repaired(repaired) } else { Outcome::Changed(repaired) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use geo::wkt;

    fn repaired(polygon: Polygon<f64>) -> Repaired {
        match repair(&[polygon]) {
            Outcome::Repaired(repaired) => repaired,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_small_loop_goes_and_a_bow_tie_stays() {
        let crossing = wkt!(POLYGON((0. 0.,1. 0.,1. 1.,0.52 1.,0.5 1.004,0.5 0.999,0.53 1.001,0. 1.,0. 0.)));
        let r = repaired(crossing);
        assert!((r.before - r.after).abs() / r.after < 0.01 && r.after > 12_000.0 && !r.cut, "{r:?}");
        let bow_tie = wkt!(POLYGON((0. 0.,1. 1.,1. 0.,0. 1.,0. 0.)));
        assert!(matches!(repair(&[bow_tie]), Outcome::Changed(_)));
        let line = wkt!(POLYGON((0. 0.,1. 0.,2. 0.,0. 0.)));
        assert!(matches!(repair(&[line]), Outcome::Impossible));
    }

    #[test]
    fn what_goes_over_the_antimeridian_is_cut_there() {
        // two degrees on either side of it, with a hole across it
        let over = wkt!(POLYGON((178. 10.,-178. 10.,-178. 14.,178. 14.,178. 10.),(179.5 11.,179.5 12.,-179.5 12.,-179.5 11.,179.5 11.)));
        let r = repaired(over);
        assert!(r.cut && r.area.0.len() == 2, "{r:?}");
        let km2 = |p: Polygon<f64>| {
            crate::core::geometry::measure::area_km2(&MultiPolygon(vec![p.orient(Direction::Default)]))
        };
        let same =
            km2(wkt!(POLYGON((8. 10.,12. 10.,12. 14.,8. 14.,8. 10.),(9.5 11.,9.5 12.,10.5 12.,10.5 11.,9.5 11.))));
        // one on the sphere, the other on the ellipsoid
        assert!((r.after - same).abs() < 0.01 * same, "{} {same}", r.after);
        // nothing lies beyond the degrees that there are, however the numbers fall
        for step in 0..200 {
            let (x, y) = (0.5 + f64::from(step) * 0.007_3, -18.3 + f64::from(step) * 0.413);
            let ring =
                [(180.0 - x, y), (x - 180.0, y + 0.011), (x - 179.9, y + 2.7), (179.7 - x, y + 2.3), (180.0 - x, y)];
            let r = repaired(Polygon::new(ring.to_vec().into(), vec![]));
            assert!(r.area.coords_iter().all(|c| c.x.abs() <= 180.0 && c.y.abs() <= 90.0), "{step} {:?}", r.area);
        }
        // a cap around the south pole: 2 pi r^2 (1 - sin 70)
        let cap: LineString<f64> = (0..=72).map(|i| (f64::from((i * 5 + 180) % 360 - 180), -70.0)).collect();
        let r = repaired(Polygon::new(cap, vec![]));
        let known = std::f64::consts::TAU * 6371.007 * 6371.007 * (1.0 - 70f64.to_radians().sin());
        assert!((r.after - known).abs() < 1e-3 * known, "{} {known}", r.after);
    }
}
