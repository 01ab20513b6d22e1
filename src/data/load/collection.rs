//! One GeoJSON file becomes a table.

use super::document::{broken, in_chinese, plain};
use super::report::{Place, Report};
use super::rows::{Loaded, Rows, Task};
use super::stream::{self, Frame};
use super::text::{Cursor, offset_of, place_of, shorten};
use crate::core::model::Text;
use std::collections::HashSet;

/// Reads a collection from one end to the other. Rows with faults are kept, so that later checks know their ids.
pub fn read(text: &str, task: &Task, report: &mut Report) -> Loaded {
    let file = Place::file(&task.spec.file);
    let mut rows = Rows::new(task);
    let mut known = HashSet::new();
    let mut cursor = Cursor::new(text);
    let mut frame = Frame::default();
    let read = stream::features(text, &mut frame, &mut |raw| {
        let at = cursor.advance((raw.as_ptr() as usize).saturating_sub(text.as_ptr() as usize));
        rows.feature(raw, at, Some(&mut known), report);
    });
    let complete = read.is_ok();
    match read {
        Ok(()) => check_frame(&frame, file, report),
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

/// Says what is wrong with what stands around the features.
pub fn check_frame(frame: &Frame, file: Place, report: &mut Report) {
    let ty = frame.ty.as_deref().unwrap_or("null");
    if ty != "\"FeatureCollection\"" {
        let ty = shorten(ty);
        not_a_collection(&format!("type 是 {ty}"), &format!("its type is {ty}"), (1, 1), file, report);
    } else if !frame.has_features {
        not_a_collection("没有 features", "it has no features", (1, 1), file, report);
    }
    if let Some(crs) = frame.crs.as_deref().filter(|c| !is_wgs84(c)) {
        foreign_crs(crs, file, report);
    }
}

/// Says that the positions are in another system.
pub fn foreign_crs(crs: &str, file: Place, report: &mut Report) {
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

/// WGS 84, CRS84 and CGCS2000 in degrees, by the names that programs write.
pub fn is_wgs84(name: &str) -> bool {
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
