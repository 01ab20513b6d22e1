//! The rows that answer a question.

use super::Query;
use crate::core::columns::Bitmap;
use crate::core::geometry::Bounds;
use crate::core::model::{CollectionSpec, Geometries, Table};
use crate::core::snapshot::{Index, Layer, Snapshot};
use geo::Intersects;

/// Rows of one collection and the properties that may leave with them.
#[derive(Debug)]
pub struct Selection<'a> {
    /// What the manifest says about the collection.
    pub spec: &'a CollectionSpec,
    /// Its table.
    pub table: &'a Table,
    /// Row numbers, ascending.
    pub rows: Vec<u32>,
    /// The properties that may leave, by their place in the schema.
    pub columns: Vec<usize>,
    /// How many rows match, of which `rows` may be a page.
    pub matched: usize,
}

/// The set of rows that match; `None` when all do.
pub fn rows(snapshot: &Snapshot, query: &Query) -> Option<Bitmap> {
    let layer = query.of(snapshot);
    let parts = [query.area.rows(snapshot, query.layer), (!query.bbox.is_empty()).then(|| meets(layer, &query.bbox))];
    let place = parts.into_iter().flatten().reduce(|mut a, b| {
        a.and(&b);
        a
    });
    let Some(passing) = query.passing(snapshot) else { return place };
    let Some(mut set) = place else { return Some(passing.all()) };
    passing.keep(&mut set);
    Some(set)
}

/// A page of the rows that match, in the question's order, else in the table's.
pub fn select<'a>(snapshot: &'a Snapshot, query: &Query, offset: usize, limit: usize) -> Selection<'a> {
    let layer = query.of(snapshot);
    let columns = query.disclosure.columns(&layer.spec);
    let (rows, matched) = match rows(snapshot, query) {
        None if !query.sort.is_empty() => {
            (super::sort::page(snapshot, layer, &query.sort, 0..layer.len(), offset, limit), layer.len())
        }
        None => {
            let end = layer.len().min(offset.saturating_add(limit));
            ((offset.min(end) as u32..end as u32).collect(), layer.len())
        }
        Some(set) => (super::sort::page(snapshot, layer, &query.sort, set.iter(), offset, limit), set.count()),
    };
    Selection { spec: &layer.spec, table: &layer.table, rows, columns, matched }
}

/// Rows that can meet the box: all that do and perhaps more.
pub(super) fn candidates(layer: &Layer, bounds: &Bounds) -> Bitmap {
    let mut out = Bitmap::none(layer.len());
    match &layer.index {
        _ if bounds.is_empty() => {}
        Index::Points(_) => layer.near(bounds, |row, _, _| out.insert(row)),
        Index::Shapes(shapes) => shapes.search(bounds).into_iter().for_each(|row| out.insert(row as usize)),
    }
    out
}

/// The rows whose geometry meets any of the boxes, borders included; rows without geometry always do (OGC 17-069r4,
/// requirement 25).
fn meets(layer: &Layer, boxes: &[Bounds]) -> Bitmap {
    let mut out = Bitmap::none(layer.len());
    match &layer.table.geometries {
        Geometries::Points { .. } => {
            boxes.iter().for_each(|b| layer.near(b, |row, _, _| out.insert(row)));
            // rows without a point stand last
            let located = if let Index::Points(points) = &layer.index { points.located() } else { 0 };
            out.insert_range(located, layer.len());
        }
        Geometries::Any(geometries) => {
            let Index::Shapes(shapes) = &layer.index else { return out };
            for b in boxes {
                let rect = geo::Rect::new((b.west, b.south), (b.east, b.north));
                for row in shapes.search(b) {
                    if geometries[row as usize].as_ref().is_some_and(|g| g.intersects(&rect)) {
                        out.insert(row as usize);
                    }
                }
            }
            (0..layer.len()).filter(|&r| geometries[r].is_none()).for_each(|r| out.insert(r));
        }
    }
    out
}
