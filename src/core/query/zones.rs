//! All zones of a kind side by side, and what no district holds.

use super::{
    Amount, Area, AreaInfo, AreaKind, CityRow, ClusterCount, Query, QueryError, Summing, Sums, ZoneList, ZoneRow,
};
use crate::core::columns::Bitmap;
use crate::core::model::ZoneKind;
use crate::core::snapshot::{Rest, Snapshot};

/// Which zones: a kind, or all.
pub type ZonesQuery = Option<ZoneKind>;

/// Counts and sums of every zone of a kind, under the query's filter and year; its area is not looked at.
pub fn zones(snapshot: &Snapshot, query: &Query, kind: ZonesQuery) -> Result<ZoneList, QueryError> {
    let (_, register) = snapshot.register().ok_or(QueryError::NoRegister)?;
    let summing = Summing::new(snapshot, register, query);
    let wanted = |i: &usize| kind.is_none_or(|k| snapshot.zones.list[*i].kind == k);
    let partition = kind == Some(ZoneKind::District);
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
    let mut rest = list.split_off(zones);

    let (mut revenue, mut employees) = (sums.total("revenue"), sums.total("employees"));
    withhold(query, &mut revenue, &mut list, &mut rest, partition, |r| r.revenue.as_mut());
    withhold(query, &mut employees, &mut list, &mut rest, partition, |r| r.employees.as_mut());
    let mut clusters = cluster_counts(snapshot, &sums);
    for row in list.iter_mut().chain(&mut rest) {
        withhold_clusters(query, &mut row.clusters, [&mut row.revenue, &mut row.employees]);
    }
    withhold_clusters(query, &mut clusters, [&mut revenue, &mut employees]);
    let city = CityRow { count: sums.matched(), revenue, employees, clusters };
    Ok(ZoneList { revision: snapshot.revision.clone(), year: query.year, zones: list, rest, city })
}

/// Districts and rest make up the city, so they are one table; other zones overlap and stand alone.
fn withhold(
    query: &Query,
    total: &mut Option<Amount>,
    list: &mut [ZoneRow],
    rest: &mut [ZoneRow],
    partition: bool,
    amount: impl Fn(&mut ZoneRow) -> Option<&mut Amount>,
) {
    let Some(total) = total else { return };
    let mut parts: Vec<&mut Amount> = list.iter_mut().chain(rest).filter_map(amount).collect();
    if partition {
        query.disclosure.withhold(total, &mut parts, AreaKind::City, u64::MAX);
    } else {
        parts.iter_mut().for_each(|p| query.disclosure.withhold(p, &mut [], AreaKind::City, u64::MAX));
        query.disclosure.withhold(total, &mut [], AreaKind::City, u64::MAX);
    }
}

/// The clusters of a zone are parts of its totals: a withheld total takes them along.
fn withhold_clusters(query: &Query, clusters: &mut [ClusterCount], [revenue, employees]: [&mut Option<Amount>; 2]) {
    let mut one = |total: &mut Option<Amount>, part: fn(&mut ClusterCount) -> Option<&mut Amount>| {
        let Some(total) = total else { return };
        let mut parts: Vec<&mut Amount> = clusters.iter_mut().filter_map(part).collect();
        if total.withheld {
            parts.iter_mut().for_each(|p| p.withhold());
        } else if query.secondary {
            parts.iter_mut().for_each(|p| query.disclosure.withhold(p, &mut [], AreaKind::City, u64::MAX));
        } else {
            query.disclosure.withhold(total, &mut parts, AreaKind::City, u64::MAX);
        }
    };
    one(revenue, |c| c.revenue.as_mut());
    one(employees, |c| c.employees.as_mut());
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
    let AreaInfo { id, name, name_en, kind, basis, status, schematic, area_km2, bbox, .. } = area.info(snapshot);
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
        collection,
        basis,
        status,
        schematic,
        label_point,
        bbox,
        area_km2,
        count: sums.matched(),
        revenue: sums.total("revenue"),
        employees: sums.total("employees"),
        clusters: cluster_counts(snapshot, sums),
    }
}

fn cluster_counts(snapshot: &Snapshot, sums: &Sums) -> Vec<ClusterCount> {
    let entries = snapshot.clusters().map(|c| c.entries.as_slice()).unwrap_or_default();
    let code = |i: usize| entries.get(i).map(|e| e.code.clone());
    let amount = |metric: &str, i: usize| sums.cluster(metric, i).filter(|_| sums.has_statistics());
    let all = (0..=entries.len()).map(|i| ClusterCount {
        code: code(i),
        count: sums.count(i),
        revenue: amount("revenue", i),
        employees: amount("employees", i),
    });
    all.filter(|c| c.code.is_some() || c.count > 0).collect()
}
