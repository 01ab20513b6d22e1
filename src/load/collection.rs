//! One GeoJSON file becomes a table.

use super::Limits;
use super::document::{broken, in_chinese, plain};
use super::feature;
use super::properties::Cells;
use super::report::{Place, Report};
use super::shape::ShapeReader;
use super::stream::{self, Frame};
use super::text::{Cursor, offset_of, place_of, shorten};
use super::value::depth;
use crate::columns;
use crate::geometry::Bounds;
use crate::model::{Codelist, CollectionSpec, GeometryKind, Table, Text};
use geo::Geometry;
use std::collections::{BTreeMap, HashSet};

/// What a collection is read by.
pub struct Task<'a> {
    pub spec: &'a CollectionSpec,
    pub codelists: &'a BTreeMap<String, Codelist>,
    pub limits: &'a Limits,
    /// The box around the districts, `EMPTY` while unknown.
    pub city: Bounds,
    /// How ids and text are taken where the schema was inferred.
    pub inferred: Option<Numbering>,
}

/// How features of a file without manifest get their ids.
#[derive(Clone, Copy, PartialEq)]
pub enum Numbering {
    /// They have ids.
    Own,
    /// None has one: the position is the id.
    ByPosition,
}

/// A collection as read, with the places of its features for later findings.
pub struct Loaded {
    pub table: Table,
    /// Line and column on which each row begins.
    pub places: Vec<(u32, u32)>,
    /// Whether the file was read to its end.
    pub complete: bool,
}

/// Reads a collection. Rows with faults are kept, so that later checks know their ids.
pub fn read(text: &str, task: &Task, report: &mut Report) -> Loaded {
    let file = Place::file(&task.spec.file);
    let mut rows = Rows {
        task,
        cells: Cells::new(task.spec, task.codelists, task.inferred.is_some()),
        cursor: Cursor::new(text),
        base: text.as_ptr() as usize,
        seen: 0,
        ids: columns::Text::default(),
        known: HashSet::new(),
        geometries: Vec::new(),
        places: Vec::new(),
        shapes: ShapeReader { kind: task.spec.geometry, limits: task.limits, city: task.city, flattened: 0 },
    };
    let mut frame = Frame::default();
    let read = stream::features(text, &mut frame, &mut |raw| rows.feature(raw, report));
    let complete = read.is_ok();
    match read {
        Ok(()) => rows.check_frame(&frame, report),
        Err(e) if e.is_data() => not_a_collection(
            &in_chinese(&plain(&e)),
            &plain(&e),
            place_of(text, offset_of(text, e.line(), e.column())),
            file,
            report,
        ),
        Err(e) => {
            let after = if rows.ids.is_empty() { "" } else { rows.ids.value(rows.ids.len() - 1) };
            broken(text, &e, 0, file, &shorten(after), report);
        }
    }
    rows.finish(complete, report)
}

fn not_a_collection(zh: &str, en: &str, at: (usize, usize), place: Place, report: &mut Report) {
    report.error(place.at(at), "not-feature-collection", || {
        (
            Text::new(format!("文件不是 FeatureCollection:{zh}"), format!("the file is no FeatureCollection: {en}")),
            Text::new(
                "导出为 GeoJSON FeatureCollection(RFC 7946)",
                "export it as a GeoJSON FeatureCollection (RFC 7946)",
            ),
        )
    });
}

struct Rows<'a, 's> {
    task: &'s Task<'s>,
    cells: Cells<'s>,
    cursor: Cursor<'a>,
    base: usize,
    seen: usize,
    ids: columns::Text,
    known: HashSet<String>,
    geometries: Vec<Option<Geometry<f64>>>,
    places: Vec<(u32, u32)>,
    shapes: ShapeReader<'s>,
}

impl<'a> Rows<'a, '_> {
    fn feature(&mut self, raw: &'a str, report: &mut Report) {
        self.seen += 1;
        let at = self.cursor.advance((raw.as_ptr() as usize).saturating_sub(self.base));
        let file = Place::file(&self.task.spec.file).at(at);
        let position = format!("#{}", self.seen);
        let levels = depth(raw).saturating_sub(1);
        let Some(members) = feature::members(raw, file.feature(&position), report) else { return };
        let id = match self.task.inferred {
            Some(Numbering::ByPosition) => Some(self.seen.to_string()),
            _ => feature::id(&members),
        };
        let label = id.as_deref().unwrap_or(&position);
        let place = file.feature(label);
        match &id {
            None => feature::missing_id(&members, place, report),
            Some(id) if !self.known.insert(id.clone()) => duplicate_id(id, &position, place, report),
            Some(_) => {}
        }
        self.ids.push(label);
        self.places.push((at.0 as u32, at.1 as u32));
        if levels > self.task.limits.depth {
            too_deep(levels, self.task.limits.depth, place, report);
            self.cells.skip();
            self.geometries.push(None);
            return;
        }
        self.cells.read(members.properties, place, report);
        let geometry = members.geometry.and_then(|g| self.shapes.read(g.get(), place, report));
        self.geometries.push(geometry);
    }

    fn check_frame(&self, frame: &Frame, report: &mut Report) {
        let file = Place::file(&self.task.spec.file);
        let ty = frame.ty.as_deref().unwrap_or("null");
        if ty != "\"FeatureCollection\"" {
            let ty = shorten(ty);
            not_a_collection(&format!("type 是 {ty}"), &format!("its type is {ty}"), (1, 1), file, report);
        } else if !frame.has_features {
            not_a_collection("没有 features", "it has no features", (1, 1), file, report);
        }
        if let Some(crs) = frame.crs.as_deref().filter(|c| !is_wgs84(c)) {
            report.error(file, "foreign-crs", || {
                let crs = shorten(crs);
                (
                    Text::new(
                        format!("坐标系是 {crs},只接受 WGS 84 经纬度"),
                        format!("the CRS is {crs}; only WGS 84 longitude and latitude is taken"),
                    ),
                    Text::new(
                        "先转换到 WGS 84(EPSG:4326,经度在前)再导出",
                        "convert it to WGS 84 (EPSG:4326, longitude first) and export it again",
                    ),
                )
            });
        }
    }

    fn finish(self, complete: bool, report: &mut Report) -> Loaded {
        let file = Place::file(&self.task.spec.file);
        if self.shapes.flattened > 0 {
            report.info(file, "third-dimension", || {
                let n = self.shapes.flattened;
                (
                    Text::new(
                        format!("{n} 个要素带有高程等第三维坐标,已略去"),
                        format!("{n} features have a third coordinate, which was dropped"),
                    ),
                    Text::new("无需处理", "nothing to do"),
                )
            });
        }
        let columns = self.cells.finish(file, report);
        let geometries = super::table::geometries(self.geometries, self.task.spec.geometry == GeometryKind::Point);
        Loaded { table: Table { ids: self.ids, geometries, columns }, places: self.places, complete }
    }
}

fn duplicate_id(id: &str, position: &str, place: Place, report: &mut Report) {
    report.error(place, "duplicate-id", || {
        let id = shorten(id);
        (
            Text::new(
                format!("id {id} 重复(要素 {position})"),
                format!("the id {id} occurs again (feature {position})"),
            ),
            Text::new("给每个要素一个唯一、稳定的 id", "give each feature an id of its own that stays"),
        )
    });
}

fn too_deep(levels: usize, limit: usize, place: Place, report: &mut Report) {
    report.error(place, "nested-too-deep", || {
        (
            Text::new(
                format!("要素内嵌套了 {levels} 层,上限为 {limit} 层"),
                format!("the feature is nested {levels} levels deep, more than {limit}"),
            ),
            Text::new("把属性展平", "flatten its properties"),
        )
    });
}

/// WGS 84, CRS84 and CGCS2000 in degrees, by the names that programs write.
fn is_wgs84(name: &str) -> bool {
    let name = name.to_ascii_uppercase();
    let code = name.rsplit([':', '/']).next().unwrap_or_default();
    code == "CRS84" || (name.contains("EPSG") && (code == "4326" || code == "4490"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn crs_names() {
        for good in [
            "urn:ogc:def:crs:OGC:1.3:CRS84",
            "EPSG:4326",
            "urn:ogc:def:crs:EPSG::4490",
            "http://www.opengis.net/def/crs/OGC/1.3/CRS84",
            "urn:ogc:def:crs:EPSG::4326",
        ] {
            assert!(is_wgs84(good), "{good}");
        }
        for bad in ["EPSG:3857", "EPSG:4549", "urn:ogc:def:crs:EPSG::14326", "4326", "", "{\"type\":\"name\"}"] {
            assert!(!is_wgs84(bad), "{bad}");
        }
    }
}
