//! One GeoParquet file becomes a table, by the same rules as GeoJSON: each value goes into the same cells, each geometry
//! through the same checks. A row's line, in findings, is its number. Groups of rows are read on all cores; at the first thing to
//! say about a row the careful reader starts over, from one end to the other.

use super::aside::Cause;
use super::origin;
use super::report::{Place, Report};
use super::rows::{KEPT, Rows, duplicate_id};
use super::rows::{Loaded, Numbering, Task};
use super::value::Json;
use crate::core::cancel;
use crate::core::columns::Moment;
use crate::core::geometry::{Crs, Sound, wkb};
use crate::core::model::{Table, Text};
use crate::data::geoparquet::{Batch, Budget, Cell, ReadError, Reader, Row};
use crate::data::system::System;
use bytes::Bytes;
use geo::Geometry;
use std::borrow::Cow;
use std::collections::{BTreeMap, HashSet};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};

/// Threads at most.
const THREADS: usize = 8;

/// Reads a collection.
pub fn read(bytes: &Bytes, task: &Task, report: &mut Report) -> Loaded {
    read_by(bytes, task, true, report)
}

/// The same; the groups of rows at once only where that is wanted.
fn read_by(bytes: &Bytes, task: &Task, at_once: bool, report: &mut Report) -> Loaded {
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
    let plan = Plan::of(&reader, task);
    if let Some(whole) = at_once.then(|| plan.at_once(&rows)).flatten() {
        return whole.finish(true, report);
    }
    let mut known = HashSet::new();
    let read = reader.rows(|row| {
        plan.row(&mut rows, row, Some(&mut known), report);
        true
    });
    if let Err(e) = &read {
        refused(e, file, report);
    }
    rows.finish(read.is_ok(), report)
}

/// The table that a file was just written from, each of whose ids is there once, where the file holds its rows and there is nothing to
/// say about any of them: each group is read as ever, compared, and let go. `None` where it is to be read for good.
pub fn proven(bytes: &Bytes, task: &Task, made: Table) -> Option<Loaded> {
    let reader = Reader::open(bytes, &Budget::default()).ok()?;
    if task.origin.is_some() || reader.crs().is_some() || reader.len() != made.ids.len() {
        return None;
    }
    let plan = Plan::of(&reader, task);
    let after = |end: &mut usize, group| Some(std::mem::replace(end, *end + reader.group_len(group)));
    let starts: Vec<usize> = (0..reader.groups()).scan(0, after).collect();
    let compared = |group: usize, part: Rows| {
        let mut own = Report::new(1);
        let read = part.finish(true, &mut own).table;
        let whole = own.is_silent() && read.ids.len() == reader.group_len(group);
        (whole && made.holds(*starts.get(group)?, &read)).then_some(())
    };
    plan.groups(&Rows::new(task), compared).then(|| {
        let places = (1..=made.ids.len() as u32).map(|row| (row, 1)).collect();
        Loaded { table: made, places, complete: true, aside: HashSet::new() }
    })
}

/// How the rows of a file are read.
struct Plan<'r> {
    reader: &'r Reader,
    /// Where each property stands among the columns.
    places: Vec<Option<usize>>,
    /// Columns that are no properties.
    unknown: Vec<&'r String>,
}

/// Rows of several groups: those that follow each other are joined, the others wait.
struct Merge<'s> {
    rows: Rows<'s>,
    next: usize,
    waiting: BTreeMap<usize, Rows<'s>>,
}

impl<'r> Plan<'r> {
    fn of(reader: &'r Reader, task: &Task) -> Self {
        let names = reader.columns();
        let places = task.spec.properties.iter().map(|p| names.iter().position(|n| *n == p.name)).collect();
        let unknown = names.iter().filter(|n| task.spec.property(n).is_none()).collect();
        Self { reader, places, unknown }
    }

    /// All rows, the groups on all cores; `None` where there is anything to say about a row, or but one group: then they are to
    /// be read one after the other.
    fn at_once<'s>(&self, rows: &Rows<'s>) -> Option<Rows<'s>> {
        let groups = self.reader.groups();
        if groups < 2 || rows.task.inferred == Some(Numbering::ByPosition) {
            return None;
        }
        let merge = Mutex::new(Merge { rows: fresh(rows), next: 0, waiting: BTreeMap::new() });
        let take = |group: usize, part: Rows<'s>| {
            let mut merge = merge.lock().ok()?;
            merge.waiting.insert(group, part);
            merge.proceed()
        };
        let done = self.groups(rows, take);
        let merge = merge.into_inner().ok().filter(|merge| done && merge.next == groups)?;
        Some(merge.rows).filter(Rows::ids_differ)
    }

    /// Reads the groups on all cores and hands them on as they are read, whichever is first; `false` where there is anything to say
    /// about a row, or a group is not taken.
    fn groups<'s>(&self, rows: &Rows<'s>, take: impl Fn(usize, Rows<'s>) -> Option<()> + Sync) -> bool {
        let groups = self.reader.groups();
        let (next, given_up) = (AtomicUsize::new(0), AtomicBool::new(false));
        let work = || -> Option<()> {
            loop {
                let group = next.fetch_add(1, Relaxed);
                if group >= groups || given_up.load(Relaxed) {
                    return Some(());
                }
                let (mut part, mut own) = (fresh(rows), Report::new(1));
                let read = self.reader.batches(group, |batch| {
                    self.batch(&mut part, batch, &mut own);
                    own.is_silent()
                });
                (read.is_ok() && own.is_silent()).then_some(())?;
                take(group, part)?;
            }
        };
        let threads = std::thread::available_parallelism().map_or(1, usize::from).min(THREADS).min(groups);
        let work = || {
            if work().is_none() {
                given_up.store(true, Relaxed);
            }
        };
        std::thread::scope(|scope| {
            (1..threads).for_each(|_| drop(scope.spawn(work)));
            work();
        });
        !given_up.into_inner()
    }

    /// Adds rows column by column; where there is anything to say about one of them, what was added is worth nothing.
    fn batch(&self, rows: &mut Rows, batch: &Batch, report: &mut Report) {
        let (file, before) = (Place::file(&rows.task.spec.file), rows.seen);
        for row in 0..batch.rows() {
            cancel::check();
            rows.seen += 1;
            let id = batch.id(row).filter(|id| !id.trim().is_empty());
            let place = file.at((rows.seen, 1));
            let Some(id) = id else { return no_id(place, report) };
            let shape = geometry(batch.geometry(row), rows, place.feature(&id), report);
            rows.ids.push(&id);
            rows.places.push((rows.seen as u32, 1));
            rows.geometries.push(shape);
            self.unknown.iter().for_each(|name| rows.cells.unknown(name, &id));
        }
        for (column, at) in self.places.iter().enumerate() {
            cancel::check();
            for row in 0..batch.rows() {
                let value = at.map(|at| json(batch.cell(at, row)));
                let id = rows.ids.value(before + row);
                rows.cells.push_one(column, value.as_ref(), file.at((before + row + 1, 1)).feature(id), report);
            }
        }
    }

    /// Adds a row. `known` are the ids that there are.
    fn row(&self, rows: &mut Rows, mut row: Row, known: Option<&mut HashSet<String>>, report: &mut Report) {
        rows.seen += 1;
        let position = format!("#{}", rows.seen);
        let at = (rows.seen, 1);
        let id = match rows.task.inferred {
            Some(Numbering::ByPosition) => Some(rows.seen.to_string()),
            _ => row.id.take().filter(|id| !id.trim().is_empty()),
        };
        let label = id.as_deref().unwrap_or(&position);
        let place = Place::file(&rows.task.spec.file).at(at).feature(label);
        let mut own = Report::new(KEPT);
        let identity = if rows.keeps_all() { &mut *report } else { &mut own };
        match &id {
            None => no_id(place, identity),
            Some(id) if known.is_some_and(|known| !known.insert(id.clone())) => {
                duplicate_id(id, &position, place, identity);
            }
            Some(_) => {}
        }
        let binary = row.geometry.as_deref();
        let shape = geometry(binary, rows, place, &mut own);
        let aside = |rows: &mut Rows, cause, own| {
            let text = binary.and_then(wkb::read).map(|(read, _)| geojson::Geometry::from(&read).to_string());
            rows.set_aside(label.to_owned(), cause, text.as_deref(), own);
        };
        if own.has_errors() {
            return aside(rows, Cause::Itself, own);
        }
        let values: Vec<Option<Json>> = self
            .places
            .iter()
            .map(|at| at.and_then(|at| row.cells.get_mut(at)).map(|cell| json(std::mem::replace(cell, Cell::Null))))
            .collect();
        if rows.is_zones() {
            let mut attributes = Report::new(KEPT);
            rows.cells.fresh().push(&values, place, &mut attributes);
            if attributes.has_errors() {
                own.join(attributes);
                return aside(rows, Cause::Property, own);
            }
        }
        report.join(own);
        rows.ids.push(label);
        rows.places.push((rows.seen as u32, 1));
        rows.geometries.push(shape);
        self.unknown.iter().for_each(|name| rows.cells.unknown(name, label));
        rows.cells.push(&values, place, report);
    }
}

/// None yet, of the same table and in the same reference system.
fn fresh<'s>(rows: &Rows<'s>) -> Rows<'s> {
    let mut part = rows.fresh();
    part.shapes.origin = rows.shapes.origin;
    part
}

impl Merge<'_> {
    /// Joins what follows what is joined; `None` where it can't stand in one table.
    fn proceed(&mut self) -> Option<()> {
        while let Some(part) = self.waiting.remove(&self.next) {
            let start = (self.rows.seen + 1, 1);
            self.rows.append(part, start).then_some(())?;
            self.next += 1;
        }
        Some(())
    }
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
fn json(cell: Cell<'_>) -> Json<'_> {
    let day = |days: i64| Moment::instant(days.saturating_mul(86_400_000_000)).to_string();
    match cell {
        Cell::Null => Json::Null,
        Cell::Boolean(b) => Json::Bool(b),
        Cell::Integer(n) => Json::Int(n),
        Cell::Decimal(digits, decimals) => Json::Decimal(digits, decimals),
        Cell::Number(x) => Json::Float(x),
        Cell::Text(text) => Json::Str(text),
        Cell::Other(text) => Json::Str(Cow::Owned(text)),
        Cell::Date(days) => Json::Str(Cow::Owned(day(days.into()).chars().take(10).collect())),
        Cell::Instant(micros) | Cell::Local(micros) => Json::Str(Cow::Owned(Moment::instant(micros).to_string())),
        Cell::List(words) => Json::List(words.into_iter().map(Json::Str).collect()),
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

#[cfg(test)]
mod tests {
    use super::super::rows::ids_differ;
    use super::*;
    use crate::core::columns::{Column, ColumnBuilder, ColumnType, Text as Texts, Value};
    use crate::core::geometry::Bounds;
    use crate::core::model::CollectionSpec;
    use crate::data::geoparquet::{Field, Kind, Layout, Rows as Written, Writer};
    use crate::data::load::Limits;
    use proptest::prelude::*;
    use serde_json::json;

    /// A file of these ids and numbers, so many rows in a group. A number below zero is not allowed by the collection.
    fn file(rows: &[(u32, Option<i64>)], group: usize) -> Bytes {
        let (mut ids, mut texts) = (Texts::default(), ColumnBuilder::new(ColumnType::Text));
        let (mut numbers, mut lists) =
            (ColumnBuilder::new(ColumnType::Integer), ColumnBuilder::new(ColumnType::Strings));
        for (id, number) in rows {
            ids.push(&format!("F{id}"));
            texts.push(if id % 5 == 0 { Value::Null } else { Value::Text("名") }).unwrap();
            numbers.push(number.map_or(Value::Null, Value::Integer)).unwrap();
            assert!(lists.push_strings(&["a", "b"][..(*id as usize) % 3]));
        }
        let columns: Vec<Column> = [texts, numbers, lists].into_iter().map(ColumnBuilder::finish).collect();
        let kinds = [("name", Kind::Text), ("n", Kind::Integer), ("list", Kind::List)];
        let field = |(name, kind): &(&str, Kind)| Field { name: (*name).into(), property: (*name).into(), kind: *kind };
        let fields = kinds.iter().map(field).collect();
        let mut writer =
            Writer::new(Layout { id: "id".into(), geometry: "geometry".into(), fields, crs: None }).unwrap();
        let geometry = |row: usize| (!row.is_multiple_of(4)).then(|| geo::Point::new(row as f64 / 9.0, 30.0).into());
        let all = Written { ids: &ids, columns: columns.iter().collect(), geometry: &geometry };
        let mut bytes = Vec::new();
        let places: Vec<u32> = (0..rows.len() as u32).collect();
        places.chunks(group).for_each(|places| writer.group(&[(&all, places)], &mut bytes).unwrap());
        writer.end(&mut bytes).unwrap();
        bytes.into()
    }

    proptest! {
        #[test]
        fn groups_at_once_are_the_rows_one_after_the_other(
            mut rows in proptest::collection::vec((0u32..1_000_000, proptest::option::of(0i64..300)), 1..90),
            (group, fault, again) in (1usize..40, proptest::option::weighted(0.3, any::<prop::sample::Index>()), proptest::bool::weighted(0.3)),
        ) {
            rows.iter_mut().zip(0..).for_each(|(row, nth)| row.0 = row.0 * 100 + nth);
            if let Some(fault) = fault {
                let at = fault.index(rows.len());
                rows[at].1 = Some(-1);
            }
            if again {
                rows.push(rows[0]);
            }
            let property = |name: &str, ty: &str| json!({"name": name, "title": {"zh": "题", "en": "title"}, "type": ty, "minimum": if ty == "integer" { json!(0) } else { json!(null) }});
            let spec: CollectionSpec = serde_json::from_value(json!({"id": "things", "file": "things.parquet", "title": {"zh": "物", "en": "things"},
                "geometry": "point", "properties": [property("name", "string"), property("n", "integer"), property("list", "strings")]})).unwrap();
            let (lists, limits) = (BTreeMap::new(), Limits::default());
            let task = Task { spec: &spec, codelists: &lists, limits: &limits, city: Bounds::EMPTY, inferred: None, origin: None, sets_aside: true };
            let bytes = file(&rows, group);
            let read = |at_once: bool| {
                let mut report = Report::new(100);
                let loaded = read_by(&bytes, &task, at_once, &mut report);
                prop_assert_eq!(loaded.table.ids.len() + loaded.aside.len(), rows.len());
                Ok(format!("{:?} {:?} {:?} {} {:?}", loaded.table, loaded.places, loaded.aside, loaded.complete, report))
            };
            let (one, other) = (read(true)?, read(false)?);
            prop_assert_eq!(&one, &other);
            prop_assert_eq!(one.contains("duplicate-id"), again);
            prop_assert_eq!(one.contains("out-of-range"), fault.is_some());
            // a table is taken for the file's own where it is, to the bit, and there is nothing to say about the file
            let mut report = Report::new(100);
            let loaded = read_by(&bytes, &task, false, &mut report);
            let places = loaded.places.clone();
            let sound = report.is_silent();
            let table = loaded.table;
            let proof = if ids_differ(&table.ids) { proven(&bytes, &task, table.clone()) } else { None };
            prop_assert_eq!(proof.is_some(), sound);
            let as_read = |proof: Loaded| proof.places == places && format!("{:?}", proof.table) == format!("{table:?}");
            prop_assert!(proof.is_none_or(as_read));
            let order: Vec<u32> = (0..table.ids.len() as u32).collect();
            let mut turned = order.clone();
            turned.rotate_left(1);
            for other in [&order[1..], &turned] {
                prop_assert!(other == order || proven(&bytes, &task, table.take(other)).is_none());
            }
            for column in 0..table.columns.len() {
                let mut wrong = table.clone();
                wrong.columns[column] = wrong.columns[column].take(&turned);
                let same = wrong.columns[column].holds(0, &table.columns[column]);
                prop_assert!(same || proven(&bytes, &task, wrong).is_none(), "column {}", column);
            }
        }
    }
}
