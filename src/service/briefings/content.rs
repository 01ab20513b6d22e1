//! What a briefing says: what happened between two days, with the rows that changed places between the versions of these days.

use super::error::FoundError;
use crate::core::columns::Moment;
use crate::core::query::{Bound, Embedded, Movements, Relocations, movements};
use crate::core::snapshot::Snapshot;
use crate::data::intake::Fate;
use crate::service::store::{CommitError, Store, Version};
use std::sync::Arc;

/// What happened between two days, with all metrics that stand in documents. `sees_moves`: the reader may know which rows changed places,
/// wherever these are.
pub fn found(
    store: &Store,
    snapshot: &Arc<Snapshot>,
    bound: &Bound,
    days: [Moment; 2],
    sees_moves: bool,
) -> Result<Movements, FoundError> {
    let register = snapshot.describe().register().and_then(|c| c.spec.register.as_ref());
    let metrics = register.iter().flat_map(|register| &register.metrics).filter(|metric| metric.in_documents);
    let metrics: Vec<&str> = metrics.map(|metric| metric.id.as_str()).collect();
    let relocations = if sees_moves { relocations(store, snapshot, days)? } else { None };
    Ok(movements(bound, days, &metrics, relocations.as_ref())?)
}

/// The rows that changed places between the versions of two days; none where that is not known.
fn relocations(store: &Store, snapshot: &Arc<Snapshot>, days: [Moment; 2]) -> Result<Option<Relocations>, CommitError> {
    if !store.keeps_versions() {
        return Ok(None);
    }
    let about = snapshot.describe();
    let (zone, versions) = (about.manifest.time_zone(), store.versions()?);
    let made_by = |day: &str, version: &&Version| {
        version.created.and_then(|made| zone.day(made as f64)).is_none_or(|made| made.as_str() <= day)
    };
    // the latest first
    let of =
        |day: Moment| versions.iter().find(|version| made_by(&day.to_string(), version)).map(|version| version.number);
    let [Some(from), Some(to)] = days.map(of) else { return Ok(None) };
    if from == to {
        return Ok(Some(Relocations::default()));
    }
    let table = about.register().map(|c| c.spec.id.as_str());
    let moved = store.compare(table, from, to, |all| {
        let moved = all.pairs.iter().filter(|pair| pair.fate == Fate::Moved).map(|pair| all.detail(pair));
        moved.filter_map(|row| row.from.zip(row.to)).collect::<Vec<_>>()
    });
    match moved {
        Ok(places) => Ok(Some(Relocations::new(&Embedded::from(snapshot.clone()), &places))),
        Err(CommitError::NotKept(_) | CommitError::Unknown(_)) => Ok(None),
        Err(e) => Err(e),
    }
}
