//! Where a feature lies: the zones of all kinds that hold it, and what of its sort is nearest.

use super::answer::ZoneName;
use super::resolved::Query;
use super::select::rows;
use crate::cancel;
use crate::geometry::{Region, measure};
use crate::snapshot::{Layer, RowSource, Snapshot};
use geo::Coord;
use serde::Serialize;

/// Where a feature lies.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct FeaturePlace {
    /// Its id.
    pub id: String,
    /// How it came to its zones: by its position, or by the zone that it declares. `null` where it has neither.
    pub by: Option<PlacedBy>,
    /// The zones that hold it, the highest levels first.
    pub zones: Vec<ZoneName>,
    /// Code of its class, where it is a row of the register that has one.
    pub class: Option<String>,
    /// The nearest others of the question: of its class where it has one, else of its collection. By the geodesic, the
    /// nearest first.
    pub nearest: Vec<Neighbour>,
}

/// How a feature came to its zones.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum PlacedBy {
    /// By its position.
    Point,
    /// By the zone that it declares.
    Declared,
}

/// A feature near another.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Neighbour {
    /// Its id.
    pub id: String,
    /// Name.
    pub name: String,
    /// English name.
    pub name_en: String,
    /// Metres on the ellipsoid.
    pub distance_m: f64,
    /// Longitude and latitude.
    pub position: [f64; 2],
}

/// Where a feature of the question's collection lies, with the `k` nearest that match the question; `None` without such a feature.
pub fn place(snapshot: &Snapshot, query: &Query, id: &str, k: usize) -> Option<FeaturePlace> {
    let layer = query.of(snapshot);
    let row = layer.row(id)?;
    let register = snapshot.register.as_ref().filter(|r| r.layer == query.layer);
    let position = position(layer, row);
    let holds = |zone: usize| {
        let zone = &snapshot.zones.list[zone];
        // rows of the register are counted where this says that they lie
        if register.is_some() {
            return zone.members.contains(row);
        }
        position.is_some_and(|at| zone.bounds.contains(at.x, at.y) && Region::new(&zone.polygon).contains(at.x, at.y))
    };
    let list = &snapshot.zones.list;
    let own = |zone: usize| list[zone].layer == query.layer && list[zone].id == id;
    let mut zones: Vec<usize> =
        (0..list.len()).filter(|zone| snapshot.shows_zone(*zone) && !own(*zone) && holds(*zone)).collect();
    zones.sort_by_key(|zone| snapshot.zones.kinds[list[*zone].kind].level);
    let by = match position {
        Some(_) => Some(PlacedBy::Point),
        None => (!zones.is_empty()).then_some(PlacedBy::Declared),
    };
    let class = register.and_then(|r| r.cluster);
    let class_of = |row: usize| class.and_then(|column| layer.table.columns[column].text(row));
    let own = class_of(row);
    let alike = |other: &usize| *other != row && (own.is_none() || class_of(*other) == own);
    Some(FeaturePlace {
        id: id.to_owned(),
        by,
        zones: zones.into_iter().map(|zone| ZoneName::of(snapshot, zone)).collect(),
        class: own.map(str::to_owned),
        nearest: position.filter(|_| k > 0).map(|at| nearest(snapshot, query, at, k, alike)).unwrap_or_default(),
    })
}

/// Where a row lies: its point, or what stands for it.
fn position(layer: &Layer, row: usize) -> Option<Coord<f64>> {
    let shape = || layer.table.geometries.value(row).as_ref().and_then(measure::representative_point);
    layer.place(row).or_else(shape)
}

fn nearest(
    snapshot: &Snapshot,
    query: &Query,
    at: Coord<f64>,
    k: usize,
    alike: impl Fn(&usize) -> bool,
) -> Vec<Neighbour> {
    let layer = query.of(snapshot);
    let matching = rows(snapshot, query);
    let mut found: Vec<(f64, usize, Coord<f64>)> = Vec::new();
    for row in (0..layer.len()).filter(|row| matching.as_ref().is_none_or(|set| set.contains(*row))).filter(alike) {
        if row.is_multiple_of(1 << 14) {
            cancel::check();
        }
        let Some(there) = position(layer, row) else { continue };
        let far = measure::distance(at, there);
        // the few nearest so far, in order; of those at one distance the first row
        if found.len() < k || far < found[found.len() - 1].0 {
            let place = found.partition_point(|other| other.0 <= far);
            found.insert(place, (far, row, there));
            found.truncate(k);
        }
    }
    let neighbour = |(distance_m, row, there): (f64, usize, Coord<f64>)| Neighbour {
        id: layer.table.ids.value(row).to_owned(),
        name: layer.name(row).to_owned(),
        name_en: layer.name_en(row).to_owned(),
        distance_m,
        position: [there.x, there.y],
    };
    found.into_iter().map(neighbour).collect()
}
