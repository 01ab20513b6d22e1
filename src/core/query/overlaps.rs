//! The zones whose ground an area takes in.

use super::answer::ZoneName;
use super::drawn::AreaError;
use super::{Query, QueryError};
use crate::cancel;
use crate::columns::Bitmap;
use crate::geometry::{Bounds, measure, overlay};
use crate::snapshot::Snapshot;
use serde::Serialize;

/// Ground of less than a square metre, in square kilometres, comes of rounded corners: zones that only touch.
const LEAST_KM2: f64 = 1e-6;

/// What an area and a zone have in common.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ZoneOverlap {
    /// The zone.
    #[serde(flatten)]
    pub zone: ZoneName,
    /// Whether its outline is schematic (示意).
    pub schematic: bool,
    /// Common ground in square kilometres.
    pub area_km2: f64,
    /// The zone's own ground in square kilometres.
    pub zone_km2: f64,
    /// Rows that match the question and belong to both.
    pub count: u64,
}

/// The zones of every kind that share ground with the question's area, in the order of the description.
pub(super) fn overlaps(snapshot: &Snapshot, query: &Query) -> Result<Vec<ZoneOverlap>, QueryError> {
    let Some(shape) = query.area.shape(snapshot) else { return Ok(vec![]) };
    let own = Bounds::of(&shape.clone().into());
    let layer = snapshot.register.as_ref().map(|register| register.layer);
    let rows = layer.filter(|layer| *layer == query.layer).map(|layer| {
        let len = snapshot.layers[layer].len();
        let mut rows = query.area.rows(snapshot, layer).unwrap_or_else(|| Bitmap::all(len));
        if let Some(passing) = query.passing(snapshot) {
            passing.keep(&mut rows);
        }
        rows
    });
    let mut out = Vec::new();
    for (place, zone) in snapshot.zones.list.iter().enumerate() {
        if !zone.bounds.intersects(&own) || !snapshot.shows_zone(place) {
            continue;
        }
        cancel::check();
        let area_km2 = measure::area_km2(&overlay::intersection(shape, &zone.polygon).map_err(AreaError::from)?);
        if area_km2 < LEAST_KM2 {
            continue;
        }
        let count = rows.as_ref().map_or(0, |rows| zone.members.bitmap(rows.len()).count_and(rows));
        out.push(ZoneOverlap {
            zone: ZoneName::of(snapshot, place),
            schematic: zone.schematic,
            area_km2,
            zone_km2: zone.area_km2,
            count: count as u64,
        });
    }
    Ok(out)
}
