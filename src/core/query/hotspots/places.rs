//! Positions of the rows of a question, and the zones that they lie in.

use super::{Gate, LEAST_LOCATED, of_register};
use crate::cancel;
use crate::geometry::Bounds;
use crate::model::ZoneKind;
use crate::query::engine::Bound;
use crate::query::query_error::QueryError;
use crate::query::selection::Selection;
use crate::snapshot::ZoneInfo;
use crate::stats::plane::{Metres, Plane};
use geo::Coord;
use std::ops::Range;

/// Zones of kinds with more are not looked through.
const MOST_ZONES: usize = 2000;
/// Rows that one thread sorts at a time.
const PIECE: usize = 1 << 16;
/// No place.
const NONE: u32 = u32::MAX;

/// The rows of a question that have a position, by position: the order says nothing of the engine.
pub(in crate::query) struct Places {
    /// All rows that match.
    pub(super) matched: u64,
    /// Their table.
    pub(super) selection: Selection,
    /// Rows with a position, by their places in the table.
    pub(super) rows: Vec<u32>,
    /// Longitude and latitude of each.
    pub(super) degrees: Vec<[f64; 2]>,
}

/// What all answers are made of: the rows of a question once found, sorted and laid on a plane.
pub(super) struct Input<'a> {
    pub(super) bound: &'a Bound,
    pub(super) gate: Gate,
    pub(super) places: Places,
    /// Their positions in metres, where they are enough to say anything.
    pub(super) metres: Option<(Plane, Vec<Metres>)>,
}

impl<'a> Input<'a> {
    /// Refuses a question about anything but the register.
    pub(super) fn of(bound: &'a Bound) -> Result<Self, QueryError> {
        of_register(bound)?;
        let places = Places::of(bound);
        let metres = if places.len() >= LEAST_LOCATED { places.metres() } else { None };
        Ok(Self { bound, gate: Gate::of(bound), places, metres })
    }

    /// Rows in question, and of them those that have a position.
    pub(super) fn counted(&self) -> (u64, u64) {
        (self.places.matched, self.places.len() as u64)
    }
}

impl Places {
    pub(in crate::query) fn of(bound: &Bound) -> Self {
        let selection = bound.select(0, usize::MAX);
        let position = |row: u32| selection.table().geometries.point(row as usize).map(|at| [at.x, at.y]);
        let order = |(a, one): &([f64; 2], u32), (b, other): &([f64; 2], u32)| {
            a[0].total_cmp(&b[0]).then(a[1].total_cmp(&b[1])).then(one.cmp(other))
        };
        // sorted piece by piece on all cores; what is left is to merge them
        let sorted = |piece: Range<usize>| {
            let rows = &selection.rows()[piece];
            let mut found: Vec<_> = rows.iter().filter_map(|row| Some((position(*row)?, *row))).collect();
            found.sort_unstable_by(cancel::ordered(order));
            found
        };
        let mut found = cancel::pieces(selection.rows().len(), PIECE, sorted).concat();
        found.sort_by(cancel::ordered(order));
        cancel::check();
        let (degrees, rows) = found.into_iter().unzip();
        Self { matched: selection.matched() as u64, rows, degrees, selection }
    }

    /// The class of each by its place in the question's reading, the place after the last for none.
    pub(in crate::query) fn groups(&self, bound: &Bound) -> Vec<usize> {
        bound.classed(self.selection.of_rows(self.rows.clone())).groups().to_vec()
    }

    /// How many have a position.
    pub(in crate::query) fn len(&self) -> usize {
        self.rows.len()
    }

    /// The positions in metres, and their plane.
    pub(in crate::query) fn metres(&self) -> Option<(Plane, Vec<Metres>)> {
        let plane = Plane::of(&self.degrees)?;
        Some((plane, self.degrees.iter().map(|p| plane.metres(*p)).collect()))
    }

    /// For each zone of a kind that holds any of the positions: the zone, and which of the positions by their places.
    pub(super) fn by_zone<'a>(
        &self,
        bound: &'a Bound,
        kind: usize,
    ) -> Result<Vec<(&'a ZoneInfo, Vec<u32>)>, QueryError> {
        let mut place_of = vec![NONE; self.rows.iter().max().map_or(0, |last| *last as usize + 1)];
        (0..).zip(&self.rows).for_each(|(place, row)| place_of[*row as usize] = place);
        let mut around = Bounds::EMPTY;
        self.degrees.iter().for_each(|&[x, y]| around.extend(Coord { x, y }));
        let mut out = Vec::new();
        for zone in bound.describe().zones.iter().filter(|zone| zone.kind == kind) {
            cancel::check();
            // a question keeps its conditions in another area
            let asked = match bound.ask(&bound.question().clone().in_zone(&zone.id)) {
                // who is limited to some zones has no rows in others
                Err(QueryError::OutOfScope(_)) => continue,
                other => other?,
            };
            // what has a position belongs by it: a zone elsewhere holds none of them, and its rows need not be found
            if !zone.bounds.intersects(&around) {
                out.push((zone, vec![]));
                continue;
            }
            let rows = asked.select(0, usize::MAX);
            let held = rows.rows().iter().filter_map(|row| place_of.get(*row as usize).copied());
            let mut held: Vec<u32> = held.filter(|place| *place != NONE).collect();
            held.sort_unstable_by(cancel::ordered(u32::cmp));
            out.push((zone, held));
        }
        Ok(out)
    }
}

/// The kinds whose zones name a place: partitions, the smallest last; those with too many zones are left out.
pub(super) fn naming_kinds(bound: &Bound) -> Vec<(usize, &ZoneKind)> {
    let about = bound.describe();
    let number = |kind: usize| about.zones.iter().filter(|z| z.kind == kind).count();
    let kinds = about.zone_kinds.iter().enumerate();
    let mut kinds: Vec<_> =
        kinds.filter(|(place, k)| k.partition && (1..=MOST_ZONES).contains(&number(*place))).collect();
    kinds.sort_by_key(|(_, k)| k.level);
    kinds
}

/// The kinds that dense areas can be set against: zones that are planned, not those that divide the whole.
pub(super) fn planned_kinds(bound: &Bound) -> Vec<(usize, &ZoneKind)> {
    let kinds = bound.describe().zone_kinds.iter().enumerate();
    kinds.filter(|(_, k)| !k.districts && !k.partition).collect()
}
