//! One GeoParquet file becomes a table, by the same rules as GeoJSON: each value goes into the same cells, each geometry
//! through the same checks. A row's line, in findings, is its number.

use super::aside::Cause;
use super::origin;
use super::report::{Place, Report};
use super::rows::{KEPT, Rows, duplicate_id};
use super::rows::{Loaded, Numbering, Task};
use super::value::Json;
use crate::core::columns::Moment;
use crate::core::geometry::{Crs, Sound, wkb};
use crate::core::model::Text;
use crate::data::geoparquet::{Budget, Cell, ReadError, Reader};
use crate::data::system::System;
use bytes::Bytes;
use geo::Geometry;
use std::borrow::Cow;
use std::collections::HashSet;

/// Reads a collection.
pub fn read(bytes: &Bytes, task: &Task, report: &mut Report) -> Loaded {
    let file = Place::file(&task.spec.file);
    let mut rows = Rows::new(task);
    let reader = match Reader::open(bytes, &Budget::default()) {
        Ok(reader) => reader,
        Err(e) => {
            refused(&e, file, report);
            return rows.finish(false, report);
        }
    };
    let stated = reader.crs().map(Crs::of_projjson).transpose();
    let origin = match (task.origin, stated) {
        (Some(origin), _) => Some(origin),
        (None, Ok(stated)) => stated.map(System::from).and_then(origin::other),
        (None, Err(name)) => {
            origin::unsupported(&name, file, report);
            return rows.finish(false, report);
        }
    };
    rows.shapes.origin = origin;
    if let Some(origin) = origin.filter(|_| task.origin.is_none()) {
        origin::say(origin, file, report);
    }
    let names = reader.columns();
    let places: Vec<Option<usize>> =
        task.spec.properties.iter().map(|p| names.iter().position(|n| *n == p.name)).collect();
    let unknown: Vec<&String> = names.iter().filter(|n| task.spec.property(n).is_none()).collect();
    let mut known = HashSet::new();
    let read = reader.rows(|mut row| {
        rows.seen += 1;
        let position = format!("#{}", rows.seen);
        let at = (rows.seen, 1);
        let id = match task.inferred {
            Some(Numbering::ByPosition) => Some(rows.seen.to_string()),
            _ => row.id.take().filter(|id| !id.trim().is_empty()),
        };
        let label = id.as_deref().unwrap_or(&position);
        let place = file.at(at).feature(label);
        let mut own = Report::new(KEPT);
        let identity = if rows.keeps_all() { &mut *report } else { &mut own };
        match &id {
            None => no_id(place, identity),
            Some(id) if !known.insert(id.clone()) => duplicate_id(id, &position, place, identity),
            Some(_) => {}
        }
        let binary = row.geometry.as_deref();
        let shape = geometry(binary, &mut rows, place, &mut own);
        let aside = |rows: &mut Rows, cause, own| {
            let text = binary.and_then(wkb::read).map(|(read, _)| geojson::Geometry::from(&read).to_string());
            rows.set_aside(label.to_owned(), cause, text.as_deref(), own);
            true
        };
        if own.has_errors() {
            return aside(&mut rows, Cause::Itself, own);
        }
        let values: Vec<Option<Json>> = places
            .iter()
            .map(|at| at.and_then(|at| row.cells.get_mut(at)).map(|cell| json(std::mem::replace(cell, Cell::Null))))
            .collect();
        if rows.is_zones() {
            let mut attributes = Report::new(KEPT);
            rows.cells.fresh().push(&values, place, &mut attributes);
            if attributes.has_errors() {
                own.join(attributes);
                return aside(&mut rows, Cause::Property, own);
            }
        }
        report.join(own);
        rows.ids.push(label);
        rows.places.push((rows.seen as u32, 1));
        rows.geometries.push(shape);
        unknown.iter().for_each(|name| rows.cells.unknown(name, label));
        rows.cells.push(&values, place, report);
        true
    });
    if let Err(e) = &read {
        refused(e, file, report);
    }
    rows.finish(read.is_ok(), report)
}

fn geometry(binary: Option<&[u8]>, rows: &mut Rows, place: Place, report: &mut Report) -> Option<Sound> {
    let Some((geometry, solid)) = wkb::read(binary?) else {
        report.error(place, "bad-geometry", || {
            (
                Text::new("几何不是有效的 WKB", "the geometry is no well-known binary"),
                Text::new("重新导出该文件", "export the file again"),
            )
        });
        return None;
    };
    match geometry {
        Geometry::Point(p) if rows.shapes.takes_point(p.x(), p.y()) => {
            rows.shapes.flattened += usize::from(solid);
            Sound::new(p.into()).ok()
        }
        // what a point without coordinates is written as
        Geometry::Point(p) if p.x().is_nan() && p.y().is_nan() => None,
        other => {
            rows.shapes.flattened += usize::from(solid);
            let text = geojson::Geometry::from(&other).to_string();
            rows.shapes.read(&text, place, report)
        }
    }
}

/// The value as it would stand in GeoJSON.
fn json(cell: Cell) -> Json<'static> {
    let day = |days: i64| Moment::instant(days.saturating_mul(86_400_000_000)).to_string();
    match cell {
        Cell::Null => Json::Null,
        Cell::Boolean(b) => Json::Bool(b),
        Cell::Integer(n) => Json::Int(n),
        Cell::Decimal(digits, decimals) => Json::Decimal(digits, decimals),
        Cell::Number(x) => Json::Float(x),
        Cell::Text(text) | Cell::Other(text) => Json::Str(Cow::Owned(text)),
        Cell::Date(days) => Json::Str(Cow::Owned(day(days.into()).chars().take(10).collect())),
        Cell::Instant(micros) | Cell::Local(micros) => Json::Str(Cow::Owned(Moment::instant(micros).to_string())),
        Cell::List(words) => Json::List(words.into_iter().map(|w| Json::Str(Cow::Owned(w))).collect()),
    }
}

fn no_id(place: Place, report: &mut Report) {
    report.error(place, "missing-id", || {
        (
            Text::new("该行没有 id", "the row has no id"),
            Text::new(
                "给每行一个唯一、稳定的 id 列(文本或整数)",
                "give each row an id of its own that stays, in a column `id` (text or whole numbers)",
            ),
        )
    });
}

fn refused(e: &ReadError, file: Place, report: &mut Report) {
    let (code, zh) = match e {
        ReadError::NoParquet(_) => ("not-parquet", "文件不是 Parquet,或不完整"),
        ReadError::NoGeometry => ("not-geoparquet", "文件是 Parquet,但不是 GeoParquet(没有 geo 元数据或几何列)"),
        ReadError::Encoding(_) => ("not-geoparquet", "几何列的编码不支持"),
        ReadError::Compression(_) => ("parquet-compression", "压缩方式不支持"),
        ReadError::TooLarge(_) => ("file-too-large", "文件展开后过大"),
        ReadError::Broken(_) => ("broken-parquet", "文件已损坏"),
    };
    report.error(file, code, || {
        (
            Text::new(format!("{zh}({e})"), format!("the file {e}")),
            Text::new("重新导出或复制该文件", "export or copy the file again"),
        )
    });
}
