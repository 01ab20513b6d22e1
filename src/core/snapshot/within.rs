//! Which rows of a layer lie where: by region and by box. Rows are found by their points, areas and lines of the register by
//! the point that stands for them; see `geometry::Region` for the
//! border rule.

use super::layer::{Index, Layer};
use crate::cancel;
use crate::columns::Bitmap;
use crate::geometry::{Bounds, Cover, Grid, Region};
use crate::model::Geometries;
use geo::{Coord, Distance, Haversine, Point};

impl Layer {
    /// The rows whose point lies in the region.
    pub fn within(&self, region: &Region) -> Bitmap {
        let mut out = Bitmap::none(self.len());
        let (Index::Points(points), Geometries::Points { lon, lat, .. }) = (&*self.index, &self.table.geometries)
        else {
            self.near(&region.bounds(), |row, x, y| {
                if region.contains(x, y) {
                    out.insert(row);
                }
            });
            return out;
        };
        let near = || points.blocks().filter(|(_, b)| b.intersects(&region.bounds()));
        let candidates: usize = near().map(|(rows, _)| rows.len()).sum();
        // about nine rows to a cell cost least: measured in the engine spike, from 8 to 256 cells a side
        let side = ((candidates as f64).sqrt() / 3.0).clamp(8.0, 256.0) as usize;
        let grid = Grid::new(region, side);
        for (rows, b) in near() {
            cancel::check();
            match grid.cover(b) {
                Cover::Inside => out.insert_range(rows.start, rows.end),
                Cover::Outside => {}
                Cover::Border => out.insert_where(rows, |row| grid.contains(lon[row], lat[row])),
            }
        }
        out
    }

    /// The rows that lie somewhere.
    pub fn located(&self) -> Bitmap {
        match &self.table.geometries {
            Geometries::Points { located, .. } => located.clone(),
            Geometries::Any(v) => Bitmap::from_fn(v.len(), |row| self.place(row).is_some()),
        }
    }

    /// The `k` rows nearest to a point by the great circle; of rows equally far the first ones.
    pub fn nearest(&self, center: Coord<f64>, k: usize) -> Bitmap {
        let mut rows: Vec<(f64, usize)> = Vec::new();
        // degrees around the point: doubled until the circle inside the box holds enough
        let mut reach = 0.01;
        loop {
            rows.clear();
            // the circle reaches farthest east and west a little nearer to the pole
            let wide = reach / (center.y.abs() + reach).min(89.9).to_radians().cos();
            let whole = center.x - wide < -180.0 || center.x + wide > 180.0;
            let (west, east) = if whole { (-180.0, 180.0) } else { (center.x - wide, center.x + wide) };
            let b = Bounds { west, south: center.y - reach, east, north: center.y + reach };
            self.near(&b, |row, x, y| rows.push((Haversine.distance(center.into(), Point::new(x, y)), row)));
            // a little less than the box's half height, for which a degree is at least 110 km
            let sure = reach * 110_000.0;
            if reach > 180.0 || rows.iter().filter(|r| r.0 <= sure).count() >= k {
                break;
            }
            reach *= 2.0;
        }
        rows.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        let mut out = Bitmap::none(self.len());
        rows.iter().take(k).for_each(|r| out.insert(r.1));
        out
    }

    /// Adds the rows whose point lies in the box to a set.
    pub fn insert_near(&self, bounds: &Bounds, out: &mut Bitmap) {
        let (Index::Points(points), Geometries::Points { lon, lat, .. }) = (&*self.index, &self.table.geometries)
        else {
            return self.near(bounds, |row, _, _| out.insert(row));
        };
        for (rows, inside) in points.near(bounds) {
            cancel::check();
            if inside {
                out.insert_range(rows.start, rows.end);
            } else {
                out.insert_where(rows, |row| bounds.contains(lon[row], lat[row]));
            }
        }
    }

    /// Calls `found` with each row whose point lies in the box, and with that point.
    fn near(&self, bounds: &Bounds, mut found: impl FnMut(usize, f64, f64)) {
        match (&*self.index, &self.table.geometries) {
            (Index::Points(points), Geometries::Points { lon, lat, .. }) => {
                for (rows, inside) in points.near(bounds) {
                    cancel::check();
                    for row in rows.filter(|&row| inside || bounds.contains(lon[row], lat[row])) {
                        found(row, lon[row], lat[row]);
                    }
                }
            }
            // the point that stands for a geometry lies in its box
            (Index::Shapes(shapes), Geometries::Any(_)) => {
                cancel::check();
                for row in shapes.search(bounds) {
                    if let Some(at) = self.place(row as usize).filter(|at| bounds.contains(at.x, at.y)) {
                        found(row as usize, at.x, at.y);
                    }
                }
            }
            _ => {}
        }
    }
}
