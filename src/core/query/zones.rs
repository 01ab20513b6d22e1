//! All zones of a kind side by side, and what no district holds.

use super::{
    Amounts, Area, AreaInfo, AreaKind, CityRow, ClusterCount, Query, QueryError, Summing, Sums, ZoneList, ZoneRow,
};
use crate::core::columns::Bitmap;
use crate::core::snapshot::{Rest, Snapshot};

/// Which zones: a kind by its place in [`crate::core::snapshot::Zones::kinds`], or all.
pub type ZonesQuery = Option<usize>;

/// Counts and sums of every zone of a kind, under the query's filter and year; its area is not looked at.
pub fn zones(snapshot: &Snapshot, query: &Query, kind: ZonesQuery) -> Result<ZoneList, QueryError> {
    let (_, register) = snapshot.register().ok_or(QueryError::NoRegister)?;
    let summing = Summing::new(snapshot, register, query);
    let wanted = |i: &usize| kind.is_none_or(|k| snapshot.zones.list[*i].kind == k);
    let partition = kind.is_some() && kind == snapshot.zones.partition();
    let mut areas: Vec<Area> = (0..snapshot.zones.list.len()).filter(wanted).map(Area::Zone).collect();
    let zones = areas.len();
    if partition {
        areas.extend([Rest::Outside, Rest::Undeclared].map(Area::Rest));
    }
    let members: Vec<_> = areas.iter().map(|area| area.rows(snapshot, query.layer)).collect();
    // districts and what no district holds make up the city: one pass gives both
    let (parts, sums) = if partition && disjoint(&members) {
        summing.parts(&members)
    } else {
        (members.iter().map(|set| summing.area(set.as_ref())).collect(), summing.area(None))
    };
    let mut list: Vec<ZoneRow> = areas.iter().zip(&parts).map(|(area, sums)| zone_row(snapshot, area, sums)).collect();

    // districts and rest make up the city, so they are one table; other zones overlap and stand alone
    let mut amounts = sums.totals();
    let mut cells: Vec<&mut Amounts> = list.iter_mut().map(|row| &mut row.amounts).collect();
    query.disclosure.withhold_all(&mut amounts, &mut cells, partition, AreaKind::City, u64::MAX);
    let mut clusters = cluster_counts(snapshot, &sums);
    for row in &mut list {
        withhold_clusters(query, &mut row.amounts, &mut row.clusters);
    }
    withhold_clusters(query, &mut amounts, &mut clusters);
    let rest = list.split_off(zones);
    let city = CityRow { count: sums.matched(), amounts, clusters };
    Ok(ZoneList { revision: snapshot.description.revision.clone(), year: query.year, zones: list, rest, city })
}

/// The clusters of a zone are parts of its totals, and overlap where secondary ones count.
fn withhold_clusters(query: &Query, totals: &mut Amounts, clusters: &mut [ClusterCount]) {
    let mut parts: Vec<&mut Amounts> = clusters.iter_mut().map(|c| &mut c.amounts).collect();
    query.disclosure.withhold_all(totals, &mut parts, !query.secondary, AreaKind::City, u64::MAX);
}

/// Whether no row is in two sets: districts may overlap where the data are wrong.
fn disjoint(sets: &[Option<Bitmap>]) -> bool {
    let mut seen = Bitmap::default();
    for set in sets.iter().flatten() {
        if seen.is_empty() {
            seen = Bitmap::none(set.len());
        }
        if seen.count_and(set) > 0 {
            return false;
        }
        seen.or(set);
    }
    seen.count() == seen.len()
}

fn zone_row(snapshot: &Snapshot, area: &Area, sums: &Sums) -> ZoneRow {
    let AreaInfo { id, name, name_en, kind, zone_kind, basis, status, schematic, area_km2, bbox, .. } =
        area.info(snapshot);
    let (collection, label_point) = match area {
        Area::Zone(z) => {
            let zone = &snapshot.zones.list[*z];
            (Some(snapshot.layers[zone.layer].spec.id.clone()), zone.label)
        }
        _ => (None, None),
    };
    ZoneRow {
        id: id.unwrap_or_default(),
        name,
        name_en,
        kind,
        zone_kind,
        collection,
        basis,
        status,
        schematic,
        label_point,
        bbox,
        area_km2,
        count: sums.matched(),
        amounts: sums.totals(),
        clusters: cluster_counts(snapshot, sums),
    }
}

fn cluster_counts(snapshot: &Snapshot, sums: &Sums) -> Vec<ClusterCount> {
    let entries = snapshot.description.clusters().map(|c| c.entries.as_slice()).unwrap_or_default();
    let code = |i: usize| entries.get(i).map(|e| e.code.clone());
    let all = (0..=entries.len()).map(|i| ClusterCount {
        code: code(i),
        count: sums.count(i),
        amounts: if sums.has_statistics() { sums.cluster(i) } else { Amounts::new() },
    });
    all.filter(|c| c.code.is_some() || c.count > 0).collect()
}
