//! The rows of a collection in the making: feature by feature, or piece by piece.

use super::Limits;
use super::aside::{self, Aside, Cause, Loss};
use super::feature;
use super::origin;
use super::properties::Cells;
use super::report::{Place, Report};
use super::shape::ShapeReader;
use super::table::GeometryBuilder;
use super::text::shorten;
use super::value::depth;
use crate::core::columns;
use crate::core::geometry::Bounds;
use crate::core::model::{Codelist, CollectionSpec, GeometryKind, Role, Table, Text};
use crate::data::system::System;
use serde_json::value::RawValue;
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
    /// The system of the positions, where it is not WGS 84.
    pub origin: Option<System>,
    /// Whether features that can't be used may be left out where little is lost by it.
    pub sets_aside: bool,
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
    /// Ids of features that were set aside.
    pub aside: HashSet<String>,
}

/// Findings of a feature that are kept.
pub const KEPT: usize = 8;

/// Rows of one table.
pub struct Rows<'s> {
    pub task: &'s Task<'s>,
    pub cells: Cells<'s>,
    pub seen: usize,
    pub ids: columns::Text,
    pub geometries: GeometryBuilder,
    /// Line and column on which each row begins.
    pub places: Vec<(u32, u32)>,
    pub shapes: ShapeReader<'s>,
    aside: Vec<Aside>,
}

impl<'s> Rows<'s> {
    pub fn new(task: &'s Task<'s>) -> Self {
        Self::with(task, Cells::new(task.spec, task.codelists, task.inferred.is_some()))
    }

    fn with(task: &'s Task<'s>, cells: Cells<'s>) -> Self {
        Self {
            task,
            cells,
            seen: 0,
            ids: columns::Text::default(),
            geometries: GeometryBuilder::default(),
            places: Vec::new(),
            shapes: ShapeReader {
                kind: task.spec.geometry,
                limits: task.limits,
                city: task.city,
                flattened: 0,
                origin: task.origin,
            },
            aside: Vec::new(),
        }
    }

    /// None yet, of the same table.
    pub fn fresh(&self) -> Self {
        Self::with(self.task, self.cells.fresh())
    }

    /// Adds the row of a feature, which begins `at` this line and column. `known` are the ids that there are.
    pub fn feature(&mut self, raw: &str, at: (usize, usize), known: Option<&mut HashSet<String>>, report: &mut Report) {
        self.seen += 1;
        let file = Place::file(&self.task.spec.file).at(at);
        let position = format!("#{}", self.seen);
        let levels = depth(raw).saturating_sub(1);
        let mut own = Report::new(KEPT);
        let Some(members) = feature::members(raw, file.feature(&position), &mut own) else {
            self.set_aside(position, Cause::Itself, None, own);
            return;
        };
        let geometry = members.geometry.map(RawValue::get);
        let id = match self.task.inferred {
            Some(Numbering::ByPosition) => Some(self.seen.to_string()),
            _ => feature::id(&members),
        };
        let label = id.as_deref().unwrap_or(&position);
        let place = file.feature(label);
        let identity = if self.keeps_all() { &mut *report } else { &mut own };
        match &id {
            None => feature::missing_id(&members, place, identity),
            Some(id) if known.is_some_and(|known| !known.insert(id.clone())) => {
                duplicate_id(id, &position, place, identity);
            }
            Some(_) => {}
        }
        if levels > self.task.limits.depth {
            self.ids.push(label);
            self.places.push((at.0 as u32, at.1 as u32));
            report.join(own);
            too_deep(levels, self.task.limits.depth, place, report);
            self.cells.skip();
            self.geometries.push(None);
            return;
        }
        let shape = geometry.and_then(|g| self.shapes.read(g, place, &mut own));
        if own.has_errors() {
            self.set_aside(label.to_owned(), Cause::Itself, geometry, own);
            return;
        }
        if self.is_zones() {
            let mut attributes = Report::new(KEPT);
            self.cells.fresh().read(members.properties, place, &mut attributes);
            if attributes.has_errors() {
                own.join(attributes);
                self.set_aside(label.to_owned(), Cause::Property, geometry, own);
                return;
            }
        }
        report.join(own);
        self.ids.push(label);
        self.places.push((at.0 as u32, at.1 as u32));
        self.cells.read(members.properties, place, report);
        self.geometries.push(shape);
    }

    /// Whether a row without an id of its own is a fault of the file: a register is joined by its ids, year by year.
    pub fn keeps_all(&self) -> bool {
        self.task.spec.role == Role::Register
    }

    /// Whether the features are zones.
    pub fn is_zones(&self) -> bool {
        self.task.spec.role == Role::Districts || self.task.spec.zone.is_some()
    }

    /// Leaves a feature out, with what was found; `raw` is its geometry as GeoJSON.
    pub fn set_aside(&mut self, id: String, cause: Cause, raw: Option<&str>, report: Report) {
        let km2 = raw.map_or(Some(0.0), aside::km2_of);
        self.aside.push(Aside { id, cause, km2, report });
    }

    /// Whether each feature is a row.
    pub fn is_whole(&self) -> bool {
        self.aside.is_empty()
    }

    /// Adds the rows of a piece that was read by itself and begins at this line and column; `false` when they cannot
    /// stand in one table.
    #[must_use]
    pub fn append(&mut self, other: Self, (line, column): (usize, usize)) -> bool {
        if self.task.inferred == Some(Numbering::ByPosition) {
            (1..=other.seen).for_each(|n| self.ids.push(&(self.seen + n).to_string()));
        } else {
            self.ids.append(&other.ids);
        }
        self.seen += other.seen;
        self.geometries.append(other.geometries);
        self.shapes.flattened += other.shapes.flattened;
        let (line, column) = (line as u32 - 1, column as u32 - 1);
        self.places.extend(other.places.iter().map(|&(l, c)| (line + l, if l == 1 { column + c } else { c })));
        self.cells.append(other.cells)
    }

    /// Whether each row has an id of its own.
    pub fn ids_differ(&self) -> bool {
        ids_differ(&self.ids)
    }

    /// The finished table, after saying what was done to all rows.
    pub fn finish(mut self, complete: bool, report: &mut Report) -> Loaded {
        let file = Place::file(&self.task.spec.file);
        let rows = self.ids.len();
        let geometries = self.geometries.finish(self.task.spec.geometry == GeometryKind::Point);
        let loss = Loss::of(&self.aside, rows, &geometries, self.task.spec.divides());
        let why = loss.words();
        let aside = self.aside.into_iter().map(|one| {
            if self.task.sets_aside {
                let bearable = loss.is_bearable(&one);
                report.join_aside(one.report, bearable, why.as_ref());
            } else {
                report.join(one.report);
            }
            one.id
        });
        let aside: HashSet<String> = aside.collect();
        if let Some(origin) = self.task.origin {
            origin::say(origin, file, report);
        }
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
        self.ids.shrink();
        Loaded { table: Table { ids: self.ids, geometries, columns }, places: self.places, complete, aside }
    }
}

/// Whether each id is there once.
pub fn ids_differ(ids: &columns::Text) -> bool {
    let ascend = |a: &str, b: &str| (a.len(), a) < (b.len(), b);
    let mut in_order = ids.iter();
    let Some(mut last) = in_order.next() else { return true };
    if in_order.all(|id| ascend(std::mem::replace(&mut last, id), id)) {
        return true;
    }
    let mut all: Vec<&str> = ids.iter().collect();
    all.sort_unstable();
    all.windows(2).all(|pair| pair[0] != pair[1])
}

/// Says that an id occurs again.
pub fn duplicate_id(id: &str, position: &str, place: Place, report: &mut Report) {
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
