//! How instants and intervals lie to each other. An instant is an interval whose ends are one.

use super::expr::Temporal;
use super::value::{At, Value};
use crate::columns::Moment;
use std::cmp::Ordering;

/// From, to; `None` is open.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Span(pub(super) Option<Value>, pub(super) Option<Value>);

/// The same in a row.
pub(super) type Ends = (Option<Moment>, Option<Moment>);

impl Span {
    /// Its ends in a row; `None` when one of them is null.
    pub(super) fn read(&self, at: At<'_>) -> Option<Ends> {
        let end = |value: &Option<Value>| match value {
            None => Some(None),
            Some(v) => v.read(at).moment().map(Some),
        };
        Some((end(&self.0)?, end(&self.1)?))
    }
}

/// A place in time, the open ends included.
#[derive(Clone, Copy)]
enum Time {
    Ever,
    At(Moment),
    Never,
}

fn order(a: Time, b: Time) -> Ordering {
    let rank = |t: Time| match t {
        Time::Ever => 0,
        Time::At(_) => 1,
        Time::Never => 2,
    };
    match (a, b) {
        (Time::At(a), Time::At(b)) => a.compare(b),
        _ => rank(a).cmp(&rank(b)),
    }
}

/// Whether the first lies to the second as `op` says (OGC 21-065r2, table 9; the names are Allen's). An interval that
/// ends before it begins lies to nothing: unknown.
pub(super) fn lies(op: Temporal, a: Ends, b: Ends) -> Option<bool> {
    let ends = |(from, to): Ends| (from.map_or(Time::Ever, Time::At), to.map_or(Time::Never, Time::At));
    let ((a1, a2), (b1, b2)) = (ends(a), ends(b));
    if order(a1, a2).is_gt() || order(b1, b2).is_gt() {
        return None;
    }
    let lt = |x, y| order(x, y).is_lt();
    let eq = |x, y| order(x, y).is_eq();
    Some(match op {
        Temporal::After => lt(b2, a1),
        Temporal::Before => lt(a2, b1),
        Temporal::Disjoint => lt(b2, a1) || lt(a2, b1),
        Temporal::Intersects => !lt(b2, a1) && !lt(a2, b1),
        Temporal::Equals => eq(a1, b1) && eq(a2, b2),
        Temporal::Contains => lt(a1, b1) && lt(b2, a2),
        Temporal::During => lt(b1, a1) && lt(a2, b2),
        Temporal::FinishedBy => lt(a1, b1) && eq(a2, b2),
        Temporal::Finishes => lt(b1, a1) && eq(a2, b2),
        Temporal::Meets => eq(a2, b1),
        Temporal::MetBy => eq(a1, b2),
        Temporal::OverlappedBy => lt(b1, a1) && lt(a1, b2) && lt(b2, a2),
        Temporal::Overlaps => lt(a1, b1) && lt(b1, a2) && lt(a2, b2),
        Temporal::StartedBy => eq(a1, b1) && lt(b2, a2),
        Temporal::Starts => eq(a1, b1) && lt(a2, b2),
    })
}
