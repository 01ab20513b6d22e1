//! The rows of one collection: ids, geometries, one column per property.

use crate::columns::{Bitmap, Column, Text};
use geo::{Coord, Geometry};

/// Geometries of a table in WGS 84 lon/lat degrees; a row may have none.
#[derive(Clone, Debug)]
pub enum Geometries {
    /// All are points. A row without position holds NaN and has no bit in `located`.
    Points {
        /// Longitudes.
        lon: Vec<f64>,
        /// Latitudes.
        lat: Vec<f64>,
        /// Rows that have a position.
        located: Bitmap,
    },
    /// Anything.
    Any(Vec<Option<Geometry<f64>>>),
}

impl Geometries {
    /// Rows.
    pub fn len(&self) -> usize {
        match self {
            Self::Points { lon, .. } => lon.len(),
            Self::Any(v) => v.len(),
        }
    }

    /// Whether there are no rows.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The geometry of `row`.
    pub fn value(&self, row: usize) -> Option<Geometry<f64>> {
        match self {
            Self::Points { lon, lat, located } => {
                located.contains(row).then(|| geo::Point::new(lon[row], lat[row]).into())
            }
            Self::Any(v) => v[row].clone(),
        }
    }

    /// The position of `row`, where its geometry is a point.
    pub fn point(&self, row: usize) -> Option<Coord<f64>> {
        match self {
            Self::Points { lon, lat, located } => located.contains(row).then(|| Coord { x: lon[row], y: lat[row] }),
            Self::Any(v) => match &v[row] {
                Some(Geometry::Point(p)) => Some(p.0),
                _ => None,
            },
        }
    }

    /// How many rows have a geometry.
    pub fn located(&self) -> usize {
        match self {
            Self::Points { located, .. } => located.count(),
            Self::Any(v) => v.iter().flatten().count(),
        }
    }
}

/// The rows of one collection.
#[derive(Clone, Debug)]
pub struct Table {
    /// Feature ids, unique.
    pub ids: Text,
    /// One geometry a row.
    pub geometries: Geometries,
    /// One column per property, in the order of `CollectionSpec::properties`.
    pub columns: Vec<Column>,
}

impl Table {
    /// Some of the rows, in this order.
    #[must_use]
    pub fn take(&self, order: &[u32]) -> Self {
        let geometries = match &self.geometries {
            Geometries::Points { lon, lat, located } => {
                let numbers = |all: &[f64]| order.iter().map(|&row| all[row as usize]).collect();
                let located = Bitmap::from_fn(order.len(), |i| located.contains(order[i] as usize));
                Geometries::Points { lon: numbers(lon), lat: numbers(lat), located }
            }
            Geometries::Any(all) => Geometries::Any(order.iter().map(|&row| all[row as usize].clone()).collect()),
        };
        Self { ids: self.ids.take(order), geometries, columns: self.columns.iter().map(|c| c.take(order)).collect() }
    }

    /// Bytes that ids, points and columns take.
    pub fn bytes(&self) -> usize {
        let points = match &self.geometries {
            Geometries::Points { lon, lat, located } => (lon.len() + lat.len()) * size_of::<f64>() + located.bytes(),
            Geometries::Any(_) => 0,
        };
        self.ids.bytes() + points + self.columns.iter().map(Column::bytes).sum::<usize>()
    }
}
