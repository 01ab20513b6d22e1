//! The rows that answer a question.

use super::resolved::Query;
use super::selection::Selection;
use super::sort;
use crate::columns::Bitmap;
use crate::filter::{Filter, Sieve};
use crate::geometry::Bounds;
use crate::model::Geometries;
use crate::snapshot::{Index, Layer, Passing, Snapshot, Windows};
use geo::Intersects;
use std::cell::LazyCell;
use std::sync::Arc;

impl Query {
    /// The rows that pass the filter, wherever they are; `None` when all do.
    pub(super) fn passing<'a>(&'a self, snapshot: &'a Snapshot) -> Option<Passing<'a>> {
        if self.filter.is_empty() {
            return self.there(snapshot);
        }
        let register = self.register_of(snapshot);
        let also = register.filter(|_| self.secondary).and_then(|r| Some((r.cluster?, r.secondary?)));
        let layer = self.of(snapshot);
        let key = (self.layer, self.key(snapshot), also.is_some());
        let windows = snapshot.kept.rows(key, || Windows::new(layer.len()));
        // neither is made when all that is requested is known
        let sieve = LazyCell::new(move || Sieve::new(&self.filter, &layer.table, also));
        let among = LazyCell::new(|| self.filter.bounds().map(|bounds| candidates(layer, &bounds)));
        let (valid, spans) = (register.and_then(|r| r.valid.as_ref()), self.spans(snapshot));
        Some(Passing::new(windows, move |run| {
            let mut care = among.as_ref().map_or_else(|| Bitmap::all(run.len()), |set| set.part(run.start, run.len()));
            valid.iter().for_each(|valid| spans.iter().for_each(|span| valid.keep(*span, run.start, &mut care)));
            sieve.rows(run.start, care)
        }))
    }

    /// The rows that are there in the question's time, whatever its conditions; `None` when all are.
    pub(super) fn there<'a>(&self, snapshot: &'a Snapshot) -> Option<Passing<'a>> {
        let (valid, spans) = (self.register_of(snapshot)?.valid.as_ref()?, self.spans(snapshot));
        if spans.is_empty() {
            return None;
        }
        let key = (self.layer, Self { filter: Filter::default(), ..self.clone() }.key(snapshot), false);
        let windows = snapshot.kept.rows(key, || Windows::new(self.of(snapshot).len()));
        Some(Passing::new(windows, move |run| {
            let mut rows = Bitmap::all(run.len());
            spans.iter().for_each(|span| valid.keep(*span, run.start, &mut rows));
            rows
        }))
    }

    /// The rows that match, of a layer that is looked at in parts; `None` when all do.
    pub fn matching<'a>(&'a self, snapshot: &'a Snapshot) -> Option<Passing<'a>> {
        if self.is_everywhere() {
            return self.passing(snapshot);
        }
        let set = rows(snapshot, self)?;
        let windows = Arc::new(Windows::new(set.len()));
        Some(Passing::new(windows, move |run| set.part(run.start, run.len())))
    }
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
pub fn select(snapshot: &Snapshot, query: &Query, offset: usize, limit: usize) -> Selection {
    let layer = query.of(snapshot);
    let columns = query.disclosure.columns(&layer.spec);
    let (rows, matched) = match rows(snapshot, query) {
        None if !query.sort.is_empty() => {
            (sort::page(snapshot, layer, &query.sort, 0..layer.len(), offset, limit), layer.len())
        }
        None => {
            let end = layer.len().min(offset.saturating_add(limit));
            ((offset.min(end) as u32..end as u32).collect(), layer.len())
        }
        Some(set) => (sort::page(snapshot, layer, &query.sort, set.iter(), offset, limit), set.count()),
    };
    Selection::new(layer.clone(), rows, columns, matched)
}

/// Rows that can meet the box: all that do and perhaps more.
pub(super) fn candidates(layer: &Layer, bounds: &Bounds) -> Bitmap {
    let mut out = Bitmap::none(layer.len());
    match &*layer.index {
        _ if bounds.is_empty() => {}
        Index::Points(_) => layer.insert_near(bounds, &mut out),
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
            boxes.iter().for_each(|b| layer.insert_near(b, &mut out));
            // rows without a point stand last
            let located = if let Index::Points(points) = &*layer.index { points.located() } else { 0 };
            out.insert_range(located, layer.len());
        }
        Geometries::Any(geometries) => {
            let Index::Shapes(shapes) = &*layer.index else { return out };
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
