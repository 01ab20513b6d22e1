//! Geometries in CQL2 JSON: GeoJSON with heights allowed (and dropped).

use super::error::{Path, Syntax};
use super::wkt::{RING, is_ring, polygon_of, rings};
use geo::{Coord, Geometry, GeometryCollection, LineString, MultiLineString, MultiPoint, MultiPolygon, Point, Polygon};
use serde_json::{Value, json};

type Read<T> = Result<T, Syntax>;

/// Collections of geometries are nested this deep at most.
const MAX_NESTED: usize = 8;

/// Reads a geometry.
pub(super) fn read(value: &Value, path: &mut Path) -> Read<Geometry<f64>> {
    nested(value, path, 0)
}

fn nested(value: &Value, path: &mut Path, depth: usize) -> Read<Geometry<f64>> {
    let coordinates = &value["coordinates"];
    match value["type"].as_str().unwrap_or("") {
        "GeometryCollection" if depth < MAX_NESTED => {
            let members = items(&value["geometries"], path)?;
            let members = path.each(members, |v, p| nested(v, p, depth + 1))?;
            Ok(Geometry::GeometryCollection(GeometryCollection(members)))
        }
        kind => path.at(".coordinates".into(), |p| match kind {
            "Point" => Ok(Point(position(coordinates, p)?).into()),
            "LineString" => Ok(line(coordinates, p)?.into()),
            "Polygon" => Ok(polygon(coordinates, p)?.into()),
            "MultiPoint" => Ok(MultiPoint(all(coordinates, p, |v, p| position(v, p).map(Point))?).into()),
            "MultiLineString" => Ok(MultiLineString(all(coordinates, p, line)?).into()),
            "MultiPolygon" => Ok(MultiPolygon(all(coordinates, p, polygon)?).into()),
            _ => p.expected(&value["type"], "GeoJSON 几何类型", "a type of GeoJSON geometry"),
        }),
    }
}

fn items<'v>(value: &'v Value, path: &Path) -> Read<&'v [Value]> {
    match value {
        Value::Array(items) => Ok(items),
        other => path.expected(other, "数组", "an array"),
    }
}

fn all<T>(value: &Value, path: &mut Path, read: impl FnMut(&Value, &mut Path) -> Read<T>) -> Read<Vec<T>> {
    let items = items(value, path)?;
    path.each(items, read)
}

fn position(value: &Value, path: &mut Path) -> Read<Coord<f64>> {
    let numbers: Option<Vec<f64>> = value.as_array().map(|a| a.iter().map(Value::as_f64).collect()).unwrap_or_default();
    match numbers.as_deref() {
        Some(&[x, y] | &[x, y, _] | &[x, y, _, _]) => Ok(Coord { x, y }),
        _ => path.expected(value, "位置 [经度, 纬度]", "a position [longitude, latitude]"),
    }
}

fn line(value: &Value, path: &mut Path) -> Read<LineString<f64>> {
    let line = LineString(all(value, path, position)?);
    if line.0.len() == 1 { path.expected(value, "至少两个位置", "at least two positions") } else { Ok(line) }
}

fn polygon(value: &Value, path: &mut Path) -> Read<Polygon<f64>> {
    let ring = |v: &Value, p: &mut Path| {
        let ring = LineString(all(v, p, position)?);
        if is_ring(&ring) { Ok(ring) } else { p.expected(v, RING.0, RING.1) }
    };
    Ok(polygon_of(all(value, path, ring)?))
}

/// Writes a geometry.
pub(super) fn write(geometry: &Geometry<f64>) -> Value {
    let position = |c: &Coord<f64>| json!([c.x, c.y]);
    let line = |l: &LineString<f64>| l.0.iter().map(position).collect::<Value>();
    let polygon = |p: &Polygon<f64>| rings(p).iter().map(line).collect::<Value>();
    let (kind, coordinates) = match geometry {
        Geometry::Point(p) => ("Point", position(&p.0)),
        Geometry::LineString(l) => ("LineString", line(l)),
        Geometry::Polygon(p) => ("Polygon", polygon(p)),
        Geometry::MultiPoint(m) => ("MultiPoint", m.iter().map(|p| position(&p.0)).collect()),
        Geometry::MultiLineString(m) => ("MultiLineString", m.iter().map(line).collect()),
        Geometry::MultiPolygon(m) => ("MultiPolygon", m.iter().map(polygon).collect()),
        Geometry::GeometryCollection(c) => {
            let members: Vec<Value> = c.iter().map(write).collect();
            return json!({"type": "GeometryCollection", "geometries": members});
        }
        Geometry::Line(l) => return write(&LineString::from(*l).into()),
        Geometry::Rect(r) => return write(&r.to_polygon().into()),
        Geometry::Triangle(t) => return write(&t.to_polygon().into()),
    };
    json!({"type": kind, "coordinates": coordinates})
}
