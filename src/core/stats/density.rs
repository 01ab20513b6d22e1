//! How many rows there are to a square kilometre, as a smooth surface.

use super::grid::{Grid, squared};
use super::plane::Metres;
use crate::cancel;

/// Positions in rows from south to north, each from west to east.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Raster {
    /// Position of the first, in metres.
    pub origin: Metres,
    /// Metres between two of them.
    pub step: f64,
    /// How many there are in a row.
    pub columns: usize,
    /// How many rows.
    pub rows: usize,
}

impl Raster {
    /// A position of it.
    pub fn position(&self, column: usize, row: usize) -> Metres {
        [self.origin[0] + column as f64 * self.step, self.origin[1] + row as f64 * self.step]
    }

    /// The columns (axis 0) or rows (axis 1) within a distance of a coordinate, and perhaps one at just that distance.
    fn reached(&self, axis: usize, at: f64, distance: f64) -> std::ops::Range<usize> {
        let number = [self.columns, self.rows][axis];
        let first = ((at - distance - self.origin[axis]) / self.step).ceil().max(0.0) as usize;
        let after = ((at + distance - self.origin[axis]) / self.step).floor() + 1.0;
        first..(after.max(0.0) as usize).min(number)
    }
}

/// The density at one position: points to a square kilometre under the quartic kernel of Silverman (1986),
/// `3 / (pi h^2) (1 - d^2 / h^2)^2` for distances `d` below the bandwidth `h` in metres. A point adds 1 over the whole plane, so the
/// surface adds up to the number of points; nothing is corrected at the border of a region, where densities come out too low.
pub fn at(points: &[Metres], grid: &Grid, position: Metres, bandwidth: f64) -> f64 {
    let reach = bandwidth * bandwidth;
    let near = grid.near(position, bandwidth).flat_map(|cell| grid.points(cell));
    let sum: f64 = near.map(|point| kernel(squared(points[*point as usize], position) / reach)).sum();
    sum * height(bandwidth)
}

/// The density at every position of a raster, exact: each point is spread over the positions that it reaches. A larger bandwidth
/// shows the larger picture; 1,000 m is about what is called one place.
pub fn raster(points: &[Metres], bandwidth: f64, raster: Raster) -> Vec<f64> {
    let mut out = vec![0.0; raster.columns * raster.rows];
    let reach = bandwidth * bandwidth;
    for points in points.chunks(1 << 8) {
        cancel::check();
        for point in points {
            let columns = raster.reached(0, point[0], bandwidth);
            if columns.is_empty() {
                continue;
            }
            for row in raster.reached(1, point[1], bandwidth) {
                let y = raster.origin[1] + row as f64 * raster.step - point[1];
                let line = &mut out[row * raster.columns..][columns.clone()];
                cancel::steps(line.len());
                for (column, cell) in columns.clone().zip(line) {
                    let x = raster.origin[0] + column as f64 * raster.step - point[0];
                    *cell += kernel((x * x + y * y) / reach);
                }
            }
        }
    }
    out.iter_mut().for_each(|cell| *cell *= height(bandwidth));
    out
}

/// How many points the density at each position of a raster is made of: those nearer than the bandwidth.
pub fn behind(points: &[Metres], bandwidth: f64, raster: Raster) -> Vec<u32> {
    let mut out = vec![0; raster.columns * raster.rows];
    let reach = bandwidth * bandwidth;
    for points in points.chunks(1 << 8) {
        cancel::check();
        for point in points {
            let columns = raster.reached(0, point[0], bandwidth);
            for row in raster.reached(1, point[1], bandwidth) {
                for column in columns.clone() {
                    out[row * raster.columns + column] +=
                        u32::from(squared(raster.position(column, row), *point) < reach);
                }
            }
        }
    }
    out
}

/// The kernel by the square of the distance over that of the bandwidth, 1 in the middle.
#[inline]
fn kernel(part: f64) -> f64 {
    let rest = (1.0 - part).max(0.0);
    rest * rest
}

/// The height of the kernel in the middle, to a square kilometre.
fn height(bandwidth: f64) -> f64 {
    3e6 / (std::f64::consts::PI * bandwidth * bandwidth)
}
