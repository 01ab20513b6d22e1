//! How the geometries of a table are kept.

use crate::core::columns::Bitmap;
use crate::core::geometry::Sound;
use crate::core::model::{Geometries, GeometryKind};
use geo::Geometry;

/// Geometries while they are read: one array while all are points, else a list of geometries.
#[derive(Debug)]
pub enum GeometryBuilder {
    Points { lon: Vec<f64>, lat: Vec<f64>, unlocated: usize },
    Any(Vec<Option<Geometry<f64>>>),
}

impl Default for GeometryBuilder {
    fn default() -> Self {
        Self::Points { lon: Vec::new(), lat: Vec::new(), unlocated: 0 }
    }
}

impl GeometryBuilder {
    /// Adds a point.
    pub fn push_point(&mut self, x: f64, y: f64) {
        match self {
            Self::Points { lon, lat, .. } => {
                lon.push(x);
                lat.push(y);
            }
            Self::Any(rows) => rows.push(Some(geo::Point::new(x, y).into())),
        }
    }

    /// Adds the geometry of a row.
    pub fn push(&mut self, geometry: Option<Sound>) {
        match (&mut *self, geometry.map(Sound::into_inner)) {
            (_, Some(Geometry::Point(p))) => self.push_point(p.x(), p.y()),
            (Self::Points { lon, lat, unlocated }, None) => {
                lon.push(f64::NAN);
                lat.push(f64::NAN);
                *unlocated += 1;
            }
            (Self::Points { .. }, other) => self.one_by_one().push(other),
            (Self::Any(rows), other) => rows.push(other),
        }
    }

    fn one_by_one(&mut self) -> &mut Vec<Option<Geometry<f64>>> {
        if let Self::Points { lon, lat, .. } = self {
            let point = |(x, y): (&f64, &f64)| (!x.is_nan()).then(|| geo::Point::new(*x, *y).into());
            *self = Self::Any(lon.iter().zip(&*lat).map(point).collect());
        }
        let Self::Any(rows) = self else { unreachable!("made so above") };
        rows
    }

    /// Adds the geometries of another.
    pub fn append(&mut self, mut other: Self) {
        match (&mut *self, &mut other) {
            (Self::Points { lon, lat, unlocated }, Self::Points { lon: x, lat: y, unlocated: n }) => {
                lon.append(x);
                lat.append(y);
                *unlocated += *n;
            }
            _ => self.one_by_one().append(other.one_by_one()),
        }
    }

    /// The geometries; a table in which no row has one is a table of points where that is declared.
    pub fn finish(mut self, declared_points: bool) -> Geometries {
        match self {
            Self::Points { mut lon, mut lat, unlocated } if unlocated < lon.len() || declared_points => {
                lon.shrink_to_fit();
                lat.shrink_to_fit();
                let located = Bitmap::from_fn(lon.len(), |i| !lon[i].is_nan());
                Geometries::Points { lon, lat, located }
            }
            _ => Geometries::Any(std::mem::take(self.one_by_one())),
        }
    }
}

/// The narrowest kind that fits all rows.
pub fn kind(geometries: &Geometries) -> GeometryKind {
    let rows = match geometries {
        Geometries::Points { .. } => return GeometryKind::Point,
        Geometries::Any(rows) => rows,
    };
    let of = |g: &Geometry<f64>| match g {
        Geometry::Point(_) | Geometry::MultiPoint(_) => GeometryKind::Point,
        Geometry::LineString(_) | Geometry::MultiLineString(_) => GeometryKind::Line,
        Geometry::Polygon(_) | Geometry::MultiPolygon(_) => GeometryKind::Polygon,
        _ => GeometryKind::Any,
    };
    let mut kinds = rows.iter().flatten().map(of);
    let Some(first) = kinds.next() else { return GeometryKind::Any };
    if kinds.all(|k| k == first) { first } else { GeometryKind::Any }
}
