//! What an area holds besides the rows of the register: those of the dataset's other tables, and of its other layers of
//! points.

use super::answer::AreaKind;
use super::area_spec::BaseArea;
use super::engine::{Bound, BoundQuestion};
use super::query_error::QueryError;
use super::question::Question;
use crate::filter;
use crate::model::{Role, Term, Text};
use crate::snapshot::Description;
use serde::Serialize;

/// The rows of another collection in an area.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CountBeside {
    /// Its id.
    pub collection: String,
    /// Its title.
    pub title: Text,
    /// What its rows are called, where it is a table that statistics are made of: `table` of an address may name it.
    pub row: Option<Term>,
    /// Its rows in the area.
    pub count: u64,
    /// Whether the rows are invented (示例数据).
    pub sample: bool,
}

/// Counts the rows of other tables and other layers of points in the area of a question. Its conditions are on the
/// register's properties and say nothing of others. None where an area is told by rows of the register, and of other
/// layers where it is what no zone holds.
pub fn beside(bound: &dyn BoundQuestion) -> Result<Vec<CountBeside>, QueryError> {
    let (about, question) = (bound.describe(), bound.question());
    let area = question.area();
    let bases = || std::iter::once(area.base()).chain(area.steps().iter().map(|(_, base)| base));
    if bases().any(|base| matches!(base, BaseArea::Nearest { .. })) {
        return Ok(vec![]);
    }
    let is_rest = bound.area().kind == AreaKind::Rest;
    let mut out = Vec::new();
    for (place, collection) in about.collections.iter().enumerate() {
        let table = about.other_tables().find(|table| table.collection == place);
        let points = collection.points && collection.spec.role == Role::Features && !is_rest;
        // places are only there to be found
        let is_places = collection.spec.places.is_some();
        if place == bound.collection() || is_places || !(table.is_some() || points) {
            continue;
        }
        let id = collection.spec.id.as_str();
        let count = bound.ask(&Question::of(id).within(area.clone()).repaired(question.repair()))?.count() as u64;
        out.push(CountBeside {
            collection: id.to_owned(),
            title: collection.spec.title.clone(),
            row: table.map(|table| table.row.clone()),
            count,
            sample: collection.spec.sample,
        });
    }
    Ok(out)
}

/// The rows of a table that an indicator counts, in a zone or everywhere.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LedgerCount {
    /// The indicator.
    pub indicator: String,
    /// The zone of the indicator's rows; empty for the whole.
    pub zone: String,
    /// The table, by the id of its collection.
    pub table: String,
    /// Its title.
    pub title: Text,
    /// What its rows are called.
    pub row: Option<Term>,
    /// The condition on its rows, as CQL2 text.
    pub filter: Option<String>,
    /// Rows that count.
    pub count: u64,
    /// Whether the rows are invented (示例数据): then the count is set against no target.
    pub sample: bool,
}

/// Counts the rows that indicators count, in each zone that an indicator names. `ask` binds a question for the reader.
/// A zone that the reader may not see has no count.
pub fn ledgers<E>(
    about: &Description,
    mut ask: impl FnMut(&Question) -> Result<Bound, E>,
) -> Result<Vec<LedgerCount>, E> {
    let mut out: Vec<LedgerCount> = Vec::new();
    for count in &about.manifest.counts {
        let Some((_, collection)) = about.collection(&count.table) else { continue };
        let mut question = Question::of(&count.table);
        // what is no expression was said when the folder was loaded
        if let Some(filter) = count.filter.as_deref().and_then(|text| filter::parse_text(text).ok()) {
            question = question.filtered(filter);
        }
        for row in about.indicators.iter().filter(|i| i.indicator == count.indicator) {
            // the rows of some zones are not those of the whole
            let whole = row.zone.is_empty() && about.scope.is_none();
            let known = whole || about.zone(&row.zone).is_some();
            let seen = out.iter().any(|c| c.indicator == row.indicator && c.zone == row.zone && c.table == count.table);
            if !known || seen {
                continue;
            }
            let zone = if row.zone.is_empty() { "city" } else { row.zone.as_str() };
            let bound = match ask(&question.clone().in_zone(zone)) {
                Ok(bound) => bound,
                Err(_) if !row.zone.is_empty() => continue,
                Err(e) => return Err(e),
            };
            out.push(LedgerCount {
                indicator: row.indicator.clone(),
                zone: row.zone.clone(),
                table: count.table.clone(),
                title: collection.spec.title.clone(),
                row: about.tables.iter().find(|t| t.id == count.table).map(|t| t.row.clone()),
                filter: count.filter.clone(),
                count: bound.count() as u64,
                sample: collection.spec.sample,
            });
        }
    }
    Ok(out)
}
