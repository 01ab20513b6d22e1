//! At which scale points are to be looked at, where nobody says: distances and bandwidths that follow from the points themselves.

use super::grid::{Grid, squared};
use super::plane::Metres;
use crate::cancel;
use std::ops::Range;

/// Distances are looked up at so many points at most, evenly among all: the quartile of so many is that of all to about 1 %.
const MOST_POINTS: usize = 4000;

/// Of these, so many are looked up by one thread at a time.
const PIECE: usize = 250;
/// Cells are so much narrower than those that would hold as many points as are looked for, were all spread evenly: where points are
/// dense, which most are, few others have to be looked at.
const NARROWER: f64 = 4.0;

/// The distance in metres within which a `part` (0 to 1) of the points have `number` points, themselves counted: the quantile of
/// the distance to the neighbour of that rank, from which Ester and others (1996) choose the distance of DBSCAN. `None` where
/// there are fewer points than that.
pub fn neighbour_distance(points: &[Metres], number: usize, part: f64) -> Option<f64> {
    if number == 0 || points.len() < number {
        return None;
    }
    let grid = Grid::new(points, side(points, number));
    let every = points.len().div_ceil(MOST_POINTS);
    let ranked = |piece: Range<usize>| {
        let mut found = Vec::with_capacity(piece.len());
        for place in piece {
            cancel::check();
            found.push(rank(points, &grid, points[place * every], number));
        }
        found
    };
    let mut found = cancel::pieces(points.len().div_ceil(every), PIECE, ranked).concat();
    found.sort_by(f64::total_cmp);
    let place = ((found.len() - 1) as f64 * part.clamp(0.0, 1.0)).round() as usize;
    found.get(place).copied()
}

/// The side of cells: of a part of those that would hold about as many points as are looked for, were all spread evenly.
fn side(points: &[Metres], number: usize) -> f64 {
    let [width, height] = extent(points);
    let even = (width.max(1.0) * height.max(1.0) * number as f64 / points.len() as f64).sqrt();
    // never so small that the way to a far neighbour leads through millions of empty cells
    (even / NARROWER).clamp(1.0, width.max(height).max(1.0))
}

/// Width and height of the box around points, in metres.
pub fn extent(points: &[Metres]) -> [f64; 2] {
    [0, 1].map(|axis| {
        let (low, high) = points.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), point| {
            (low.min(point[axis]), high.max(point[axis]))
        });
        (high - low).max(0.0)
    })
}

/// The distance from a position within which there are `number` points; there are as many.
fn rank(points: &[Metres], grid: &Grid, position: Metres, number: usize) -> f64 {
    let mut reach = grid.side();
    loop {
        let near = grid.near(position, reach).flat_map(|cell| grid.points(cell));
        let mut all: Vec<f64> = near.map(|other| squared(points[*other as usize], position)).collect();
        let found = (all.len() >= number).then(|| *all.select_nth_unstable_by(number - 1, f64::total_cmp).1);
        match found.map(f64::sqrt) {
            // what lies beyond the reach may be nearer than what the cells hold there
            Some(distance) if distance <= reach => return distance,
            _ => reach *= 2.0,
        }
    }
}

/// The bandwidth in metres of a kernel density: `0.9 min(SD, sqrt(1 / ln 2) D) n^(-1/5)`, with the standard distance `SD` from the
/// mean centre and the median distance `D` to it: the rule of Silverman (1986, 3.31) for the plane, with the median distance in
/// the place of the quartiles, as desktop GIS have it. A few points far away do not widen it. `None` of fewer than two places.
pub fn bandwidth(points: &[Metres]) -> Option<f64> {
    let n = points.len() as f64;
    let mean = [0, 1].map(|axis| points.iter().map(|p| p[axis]).sum::<f64>() / n);
    let mut squares: Vec<f64> = points.iter().map(|p| squared(*p, mean)).collect();
    cancel::check();
    let standard = (squares.iter().sum::<f64>() / n).sqrt();
    let middle = squares.len() / 2;
    if squares.is_empty() {
        return None;
    }
    let median = squares.select_nth_unstable_by(middle, cancel::ordered(f64::total_cmp)).1.sqrt();
    let robust = (1.0 / std::f64::consts::LN_2).sqrt() * median;
    let spread = if robust > 0.0 { standard.min(robust) } else { standard };
    (spread > 0.0).then(|| 0.9 * spread * n.powf(-0.2))
}

/// A number in two digits.
pub fn rounded(value: f64) -> f64 {
    if !(value.is_finite() && value > 0.0) {
        return value;
    }
    let unit = 10f64.powf(value.log10().floor() - 1.0);
    // through text, so that 0.1 + 0.2 is no address
    format!("{:.6}", (value / unit).round() * unit).parse().unwrap_or(value)
}
