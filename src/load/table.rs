//! How the geometries of a table are kept.

use crate::columns::Bitmap;
use crate::model::{Geometries, GeometryKind};
use geo::Geometry;

/// Points side by side where all are points, anything else one by one.
pub fn geometries(rows: Vec<Option<Geometry<f64>>>, declared_points: bool) -> Geometries {
    let only_points = rows.iter().flatten().all(|g| matches!(g, Geometry::Point(_)));
    let any = rows.iter().any(Option::is_some);
    if !only_points || !(any || declared_points) {
        return Geometries::Any(rows);
    }
    let located = Bitmap::from_fn(rows.len(), |i| rows[i].is_some());
    let (lon, lat) = rows
        .iter()
        .map(|g| match g {
            Some(Geometry::Point(p)) => (p.x(), p.y()),
            _ => (f64::NAN, f64::NAN),
        })
        .unzip();
    Geometries::Points { lon, lat, located }
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
