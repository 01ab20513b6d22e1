//! GCJ-02 and BD-09, the shifted coordinates of China's web maps, there and back.
//!
//! Both are smooth shifts of WGS 84 by known formulas: GCJ-02 moves a point by 100 to 700 m, BD-09 turns GCJ-02 by some
//! 700 m more. The way back has no formula; it is found by iteration to a millimetre.

use super::Bounds;
use geo::Coord;
use std::f64::consts::PI;

/// Semi-major axis and squared eccentricity of Krassovsky's ellipsoid, as the formulas use them.
const AXIS: f64 = 6_378_245.0;
const ECCENTRICITY: f64 = 0.006_693_421_622_965_943;
/// BD-09's constants: the wave number and the shift.
const WAVE: f64 = PI * 3000.0 / 180.0;
const SHIFT: Coord<f64> = Coord { x: 0.0065, y: 0.006 };
/// Each step leaves a few hundredths of the error before.
const STEPS: usize = 8;
/// Degrees; a tenth of a millimetre.
const CLOSE: f64 = 1e-9;

/// Whether the systems of China's web maps differ from WGS 84 anywhere in this box: at a corner or in the middle. Maps of other
/// countries are not in them.
pub fn is_shifted(bounds: &Bounds) -> bool {
    let (x, y) = (f64::midpoint(bounds.west, bounds.east), f64::midpoint(bounds.south, bounds.north));
    let places = [
        (x, y),
        (bounds.west, bounds.south),
        (bounds.west, bounds.north),
        (bounds.east, bounds.south),
        (bounds.east, bounds.north),
    ];
    places.into_iter().map(|(x, y)| Coord { x, y }).any(|at| gcj02(at) != at)
}

/// WGS 84 to GCJ-02. Outside China (72-138°E, 0.8-55.9°N) nothing is shifted.
pub fn gcj02(at: Coord<f64>) -> Coord<f64> {
    if !(72.004..=137.8347).contains(&at.x) || !(0.8293..=55.8271).contains(&at.y) {
        return at;
    }
    let (x, y) = (at.x - 105.0, at.y - 35.0);
    let root = 0.1 * x.abs().sqrt();
    let short = 20.0 * (6.0 * x * PI).sin() + 20.0 * (2.0 * x * PI).sin();
    let waves = |v: f64, a: f64, b: f64, c: f64| a * (v * PI).sin() + b * (v / 3.0 * PI).sin() + c;
    let north = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 2.0 * root;
    let north = north
        + (short + waves(y, 20.0, 40.0, 0.0)) * 2.0 / 3.0
        + (160.0 * (y / 12.0 * PI).sin() + 320.0 * (y * PI / 30.0).sin()) * 2.0 / 3.0;
    let east = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + root;
    let east = east
        + (short + waves(x, 20.0, 40.0, 0.0)) * 2.0 / 3.0
        + (150.0 * (x / 12.0 * PI).sin() + 300.0 * (x / 30.0 * PI).sin()) * 2.0 / 3.0;
    let sin = at.y.to_radians().sin();
    let magic = 1.0 - ECCENTRICITY * sin * sin;
    let meridian = AXIS * (1.0 - ECCENTRICITY) / (magic * magic.sqrt());
    let parallel = AXIS / magic.sqrt() * at.y.to_radians().cos();
    Coord { x: at.x + (east / parallel).to_degrees(), y: at.y + (north / meridian).to_degrees() }
}

/// GCJ-02 to WGS 84.
pub fn from_gcj02(at: Coord<f64>) -> Coord<f64> {
    back(at, gcj02)
}

/// WGS 84 to BD-09.
pub fn bd09(at: Coord<f64>) -> Coord<f64> {
    turned(gcj02(at))
}

/// BD-09 to WGS 84.
pub fn from_bd09(at: Coord<f64>) -> Coord<f64> {
    from_gcj02(back(at, turned))
}

/// GCJ-02 to BD-09.
fn turned(at: Coord<f64>) -> Coord<f64> {
    let length = at.x.hypot(at.y) + 0.000_02 * (at.y * WAVE).sin();
    let angle = at.y.atan2(at.x) + 0.000_003 * (at.x * WAVE).cos();
    Coord { x: length * angle.cos(), y: length * angle.sin() } + SHIFT
}

/// The point that `forward` moves to `at`.
fn back(at: Coord<f64>, forward: impl Fn(Coord<f64>) -> Coord<f64>) -> Coord<f64> {
    let mut guess = at;
    for _ in 0..STEPS {
        let off = forward(guess) - at;
        guess = guess - off;
        if off.x.abs() < CLOSE && off.y.abs() < CLOSE {
            break;
        }
    }
    guess
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geometry::measure::distance;

    fn metres(a: Coord<f64>, (x, y): (f64, f64)) -> f64 {
        distance(a, Coord { x, y })
    }

    /// The test points of googollee/eviltransform (`TESTS` in its Go and JavaScript suites) and the examples in the
    /// README of wandergis/coordtransform.
    #[test]
    fn published_points() {
        let wgs_gcj = [
            ((121.527_210_6, 31.177_427_6), (121.531_541_859_215, 31.175_303_983_645_97)),
            ((113.912_316, 22.543_847), (113.917_176_480_836_3, 22.540_796_131_694_766)),
            ((116.377_817, 39.911_954), (116.384_047_224_556_57, 39.913_345_455_360_69)),
            ((116.404, 39.915), (116.410_244_499_169_38, 39.916_404_281_501_64)),
        ];
        for ((x, y), known) in wgs_gcj {
            assert!(metres(gcj02(Coord { x, y }), known) < 0.5, "{x} {y}: {:?}", gcj02(Coord { x, y }));
            assert!(metres(from_gcj02(Coord { x: known.0, y: known.1 }), (x, y)) < 0.5);
        }
        let turned = turned(Coord { x: 116.404, y: 39.915 });
        assert!(metres(turned, (116.410_369_493_710_29, 39.921_336_993_510_21)) < 0.01, "{turned:?}");
    }

    #[test]
    fn there_and_back_again() {
        for i in 0..2000 {
            // a lattice over China that meets no period of the formulas
            let at =
                Coord { x: 75.0 + 60.0 * (f64::from(i) * 0.618_034).fract(), y: 5.0 + 48.0 * f64::from(i) / 2000.0 };
            for (there, again) in [(gcj02 as fn(_) -> _, from_gcj02 as fn(_) -> _), (bd09, from_bd09)] {
                let off = distance(again(there(at)), at);
                assert!(off < 0.01, "{at:?}: {off} m");
            }
        }
        let paris = Coord { x: 2.35, y: 48.86 };
        assert_eq!(gcj02(paris), paris);
    }

    #[test]
    fn hangzhou_is_half_a_kilometre_off() {
        let at = Coord { x: 120.15, y: 30.27 };
        assert!(metres(gcj02(at), (120.154_708_6, 30.267_679_7)) < 0.1);
        assert!(metres(bd09(at), (120.161_25, 30.273_596_6)) < 0.1);
        assert!((500.0..540.0).contains(&distance(at, gcj02(at))));
    }
}
