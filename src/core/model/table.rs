//! The rows of one collection: ids, geometries, one column per property.

use crate::columns::{Bitmap, Column, ColumnBuilder, Text};
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

    /// Adds the geometries of other rows.
    pub fn append(&mut self, other: Self) {
        match (&mut *self, other) {
            (Self::Points { lon, lat, located }, Self::Points { lon: x, lat: y, located: more }) => {
                let first = lon.len();
                lon.extend(x);
                lat.extend(y);
                let both = |row: usize| if row < first { located.contains(row) } else { more.contains(row - first) };
                *located = Bitmap::from_fn(lon.len(), both);
            }
            (Self::Any(all), other) => all.extend((0..other.len()).map(|row| other.value(row))),
            (points, Self::Any(more)) => {
                let all = (0..points.len()).map(|row| points.value(row)).chain(more).collect();
                *points = Self::Any(all);
            }
        }
    }

    /// Whether those from `first` on are others, bit by bit.
    fn hold(&self, first: usize, other: &Self) -> bool {
        let same = |a: f64, b: f64| a.to_bits() == b.to_bits();
        match (self, other) {
            (Self::Points { lon, lat, located }, Self::Points { lon: x, lat: y, located: there }) => {
                (0..x.len()).all(|row| {
                    let own = first + row;
                    located.contains(own) == there.contains(row)
                        && (!there.contains(row) || (same(lon[own], x[row]) && same(lat[own], y[row])))
                })
            }
            _ => (0..other.len()).all(|row| self.value(first + row) == other.value(row)),
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

    /// The rows of several tables of the same columns, one table after the other; `None` where they can't stand in one. Of each
    /// column the parts go as they are joined, so that there is never much of both.
    pub fn joined(parts: Vec<Self>) -> Option<Self> {
        let mut parts = parts.into_iter();
        let Table { mut ids, mut geometries, columns } = parts.next()?;
        let mut columns: Vec<(Column, Vec<Column>)> = columns.into_iter().map(|column| (column, Vec::new())).collect();
        for part in parts {
            ids.append(&part.ids);
            geometries.append(part.geometries);
            if part.columns.len() != columns.len() {
                return None;
            }
            columns.iter_mut().zip(part.columns).for_each(|((_, more), column)| more.push(column));
        }
        let join = |(first, more): (Column, Vec<Column>)| {
            if more.is_empty() {
                return Some(first);
            }
            let mut all = ColumnBuilder::from(first);
            more.into_iter().all(|column| all.append(column.into())).then(|| all.finish())
        };
        let columns = columns.into_iter().map(join).collect::<Option<Vec<_>>>()?;
        ids.shrink();
        Some(Self { ids, geometries, columns })
    }

    /// Whether its rows from `first` on are those of another table, bit by bit.
    pub fn holds(&self, first: usize, other: &Self) -> bool {
        let rows = other.ids.len();
        let within = first.checked_add(rows).is_some_and(|end| end <= self.ids.len());
        within
            && self.columns.len() == other.columns.len()
            && (0..rows).all(|row| self.ids.value(first + row) == other.ids.value(row))
            && self.geometries.hold(first, &other.geometries)
            && self.columns.iter().zip(&other.columns).all(|(own, other)| own.holds(first, other))
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
