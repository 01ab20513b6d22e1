//! Which rows of a layer lie where: by region and by box. Rows are found by their points; see `geometry::Region` for the
//! border rule.

use super::{Index, Layer};
use crate::columns::Bitmap;
use crate::geometry::{Bounds, Cover, Grid, Region};
use crate::model::Geometries;
use geo::Geometry;

impl Layer {
    /// The rows whose point lies in the region.
    pub fn within(&self, region: &Region) -> Bitmap {
        let mut out = Bitmap::none(self.len());
        let (Index::Points(points), Geometries::Points { lon, lat, .. }) = (&self.index, &self.table.geometries) else {
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
            match grid.cover(b) {
                Cover::Inside => out.insert_range(rows.start, rows.end),
                Cover::Outside => {}
                Cover::Border => rows.filter(|&row| grid.contains(lon[row], lat[row])).for_each(|row| out.insert(row)),
            }
        }
        out
    }

    /// The rows that have a point.
    pub fn located(&self) -> Bitmap {
        match &self.table.geometries {
            Geometries::Points { located, .. } => located.clone(),
            Geometries::Any(v) => Bitmap::from_fn(v.len(), |row| matches!(v[row], Some(Geometry::Point(_)))),
        }
    }

    /// Calls `found` with each row whose point lies in the box, and with that point.
    pub fn near(&self, bounds: &Bounds, mut found: impl FnMut(usize, f64, f64)) {
        match (&self.index, &self.table.geometries) {
            (Index::Points(points), Geometries::Points { lon, lat, .. }) => {
                points.search(bounds, &mut |rows, certain| {
                    for row in rows {
                        if certain || bounds.contains(lon[row], lat[row]) {
                            found(row, lon[row], lat[row]);
                        }
                    }
                });
            }
            (Index::Shapes(shapes), Geometries::Any(geometries)) => {
                for row in shapes.search(bounds) {
                    if let Some(Geometry::Point(p)) = &geometries[row as usize] {
                        found(row as usize, p.x(), p.y());
                    }
                }
            }
            _ => {}
        }
    }
}
