//! One GeoJSON file becomes a table.

use super::document::{broken, in_chinese, plain};
use super::origin;
use super::report::{Place, Report};
use super::rows::{Loaded, Rows, Task};
use super::stream::{self, Frame};
use super::text::{Cursor, offset_of, place_of, shorten};
use crate::core::model::Text;
use crate::data::system::System;
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
        Ok(()) => check_frame(&frame, task.origin, file, report),
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
pub fn check_frame(frame: &Frame, origin: Option<System>, file: Place, report: &mut Report) {
    let ty = frame.ty.as_deref().unwrap_or("null");
    if ty != "\"FeatureCollection\"" {
        let ty = shorten(ty);
        not_a_collection(&format!("type 是 {ty}"), &format!("its type is {ty}"), (1, 1), file, report);
    } else if !frame.has_features {
        not_a_collection("没有 features", "it has no features", (1, 1), file, report);
    }
    // of a plane the careful reader knows beforehand; here it would be too late
    if let Some(crs) = frame.crs.as_deref().filter(|_| origin.is_none())
        && let Some(name) = origin::of_text(crs).map_or_else(Some, |system| system.map(|_| crs.to_owned()))
    {
        origin::unsupported(&name, file, report);
    }
}
