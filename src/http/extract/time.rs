//! `datetime` and temporal extents (OGC API - Features Part 1, 7.15.4).
//!
//! A feature's time are its `valid_from` and `valid_to` where the collection has such dates, else its first property that
//! is a date or an instant. Features without a time, and ends that are not known, match always.

use crate::core::columns::Moment;
use crate::core::filter::{Expr, Op};
use crate::core::model::{CollectionSpec, PropertyType};
use crate::core::query::{Disclosure, Query, QueryError};
use crate::core::snapshot::{Layer, Snapshot};
use crate::http::extract::params::Params;
use crate::http::problem::Problem;
use std::cmp;

/// The properties that say when a feature was: from, to; the same twice for an instant.
fn properties(spec: &CollectionSpec, disclosure: Disclosure) -> Option<(usize, usize)> {
    let temporal = |i: &usize| matches!(spec.properties[*i].ty, PropertyType::Date | PropertyType::Datetime);
    let all: Vec<usize> = disclosure.columns(spec).into_iter().filter(temporal).collect();
    let named = |name: &str| all.iter().copied().find(|&i| spec.properties[i].name == name);
    match (named("valid_from"), named("valid_to")) {
        (Some(from), Some(to)) => Some((from, to)),
        (Some(one), None) | (None, Some(one)) => Some((one, one)),
        (None, None) => all.first().map(|&one| (one, one)),
    }
}

/// A stretch of time; an open end is `None`.
pub(crate) struct When(Option<Moment>, Option<Moment>);

impl When {
    /// Takes `datetime`: an instant, a day, or an interval of them, open with `..` or nothing.
    pub(crate) fn read(params: &mut Params) -> Result<Option<Self>, Problem> {
        let Some(text) = params.text("datetime") else { return Ok(None) };
        let end = |s: &str| if matches!(s, "" | "..") { Some(None) } else { Moment::parse(s).map(Some) };
        let read = match text.split_once('/') {
            None => Moment::parse(&text).map(|m| Self(Some(m), Some(m))),
            Some((from, to)) => end(from).zip(end(to)).map(|(from, to)| Self(from, to)),
        };
        let forward = |w: &Self| w.0.zip(w.1).is_none_or(|(from, to)| from.compare(to) != cmp::Ordering::Greater);
        read.filter(forward).map(Some).ok_or_else(|| {
            Problem::parameter(
                "datetime",
                &format!("值“{text}”不可用,应为 2025-01-01、2025-01-01T00:00:00Z 或 起/止(一端可为 ..)"),
                &format!("{text:?} is no day, instant (RFC 3339) or interval from/to, of which one end may be .."),
            )
        })
    }

    /// The question for rows that were at that time.
    pub(crate) fn narrow(self, query: Query, snapshot: &Snapshot) -> Result<Query, QueryError> {
        let spec = &snapshot.layers[query.layer].spec;
        let Some((from, to)) = properties(spec, query.disclosure) else { return Ok(query) };
        let bound = |property: usize, op: Op, moment: Moment| {
            let name = || Expr::Property(spec.properties[property].name.clone());
            let known = Expr::Call(op, vec![name(), Expr::Moment(moment)]);
            Expr::Call(Op::Or, vec![Expr::Call(Op::IsNull, vec![name()]), known])
        };
        let begun = self.1.map(|end| bound(from, Op::Le, end));
        let lasts = self.0.map(|start| bound(to, Op::Ge, start));
        [begun, lasts].into_iter().flatten().try_fold(query, |q, e| q.with_expression(snapshot, &e))
    }
}

/// The stretch of time of a collection, as RFC 3339 instants: of its features where they have times, else of the
/// collection as the manifest says.
pub(crate) fn extent(layer: &Layer, disclosure: Disclosure) -> [Option<String>; 2] {
    let spec = &layer.spec;
    let said = |day: &Option<String>| day.as_deref().and_then(Moment::parse);
    let (mut from, mut to) = (said(&spec.valid_from), said(&spec.valid_to));
    if let Some((first, last)) = properties(spec, disclosure) {
        let all = |i: usize| {
            let column = &layer.table.columns[i];
            (0..layer.len()).filter_map(move |row| column.text(row).and_then(Moment::parse))
        };
        from = all(first).min_by(|a, b| a.compare(*b)).or(from);
        // where some have no end, there is none
        let open = first != last && (0..layer.len()).any(|row| layer.table.columns[last].text(row).is_none());
        to = if open { None } else { all(last).max_by(|a, b| a.compare(*b)).or(to) };
    }
    [from, to].map(|m| m.map(|m| if m.is_day() { format!("{m}T00:00:00Z") } else { m.to_string() }))
}
