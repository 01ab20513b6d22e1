//! What a trial zone lies near: parts of the layout, and platforms inside.

use crate::cancel;
use crate::model::{Role, Text};
use crate::query::Question;
use crate::query::engine::Bound;
use crate::query::outlined::Outlined;
use crate::query::query_error::QueryError;
use crate::query::selection::Selection;
use serde::Serialize;

/// The property that says which part of a layout a feature is.
const PART: &str = "kind";

/// The feature that is nearest to an area.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct TrialNeighbour {
    /// Feature id.
    pub id: String,
    /// Name.
    pub name: Text,
    /// Metres between their nearest points; 0 where they meet.
    pub metres: f64,
}

/// How far an area is from a part of the layout.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LayoutDistance {
    /// The collection.
    pub collection: String,
    /// The part, where the manifest divides the collection: a value of its property `kind`.
    pub part: Option<String>,
    /// What it is called.
    pub title: Text,
    /// Whether the features are schematic (示意).
    pub schematic: bool,
    /// The nearest feature of the trial zone.
    pub nearest: TrialNeighbour,
    /// That of the area as it was.
    pub baseline: TrialNeighbour,
}

/// A platform whose position lies in the area.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PlatformInside {
    /// Feature id.
    pub id: String,
    /// Name.
    pub name: Text,
    /// `existing`, `planned` or `later`, where the data says so.
    pub status: Option<String>,
}

/// The platforms whose positions lie in the area of a question, by their ids.
pub(super) fn platforms(bound: &Bound) -> Result<Vec<PlatformInside>, QueryError> {
    let question = bound.question();
    let mut out = Vec::new();
    for collection in bound.describe().collections.iter().filter(|c| c.spec.role == Role::Platforms) {
        let inside = Question::of(&collection.spec.id).within(question.area().clone()).repaired(question.repair());
        let found = bound.ask(&inside)?.select(0, usize::MAX);
        let source = found.source();
        out.extend(found.rows().iter().map(|row| *row as usize).map(|row| PlatformInside {
            id: source.id(row).to_owned(),
            name: Text::new(source.name(row), source.name_en(row)),
            status: source.text("status", row).map(str::to_owned),
        }));
    }
    out.sort_by(|a, b| a.id.cmp(&b.id));
    Ok(out)
}

/// The nearest feature of each part of the layout, in the manifest's order, to the area and to what it was.
pub(super) fn distances(bound: &Bound, baseline: &Bound) -> Result<Vec<LayoutDistance>, QueryError> {
    let outlines = [bound, baseline].map(|of| of.outline().and_then(Outlined::new));
    let [Some(here), Some(before)] = outlines else { return Ok(vec![]) };
    let mut out = Vec::new();
    for collection in bound.describe().collections.iter().filter(|c| c.spec.role == Role::Layout) {
        let spec = &collection.spec;
        let all = bound.ask(&Question::of(&spec.id))?.select(0, usize::MAX);
        let parts = spec.parts.iter().map(|part| (Some(part.value.as_str()), &part.title));
        let whole = spec.parts.is_empty().then_some((None, &spec.title));
        for (part, title) in parts.chain(whole) {
            cancel::check();
            let of_part = |row: &usize| part.is_none_or(|part| all.source().text(PART, *row) == Some(part));
            let rows: Vec<usize> = all.rows().iter().map(|row| *row as usize).filter(of_part).collect();
            let found = [&here, &before].map(|outline| nearest_of(outline, &all, &rows));
            let [Some(nearest), Some(was)] = found else { continue };
            out.push(LayoutDistance {
                collection: spec.id.clone(),
                part: part.map(str::to_owned),
                title: title.clone(),
                schematic: spec.schematic,
                nearest,
                baseline: was,
            });
        }
    }
    Ok(out)
}

/// The feature of some rows that is nearest to an outline; of those at one distance the first by id.
fn nearest_of(outline: &Outlined, all: &Selection, rows: &[usize]) -> Option<TrialNeighbour> {
    let source = all.source();
    let found = rows.iter().filter_map(|row| Some((outline.far_row(all, *row)?, source.id(*row), *row)));
    let (metres, id, row) = found.min_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(b.1)))?;
    let name = Text::new(source.name(row), source.name_en(row));
    Some(TrialNeighbour { id: id.to_owned(), name, metres })
}
