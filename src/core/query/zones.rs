//! All zones of a kind side by side, and what no district holds.

use super::disclosure::{Disclosure, DisclosureLine, DisclosureTable};
use super::summarize::City;
use super::{Amounts, Area, AreaInfo, CityRow, ClusterCount, Query, QueryError, Summing, Sums, ZoneList, ZoneRow};
use crate::core::columns::Bitmap;
use crate::core::snapshot::{Rest, Snapshot};

/// Which zones: a kind by its place in [`crate::core::snapshot::Zones::kinds`], or all.
pub type ZonesQuery = Option<usize>;

/// Counts and sums of every zone of a kind, under the query's filter and year; its area is not looked at.
pub fn zones(snapshot: &Snapshot, query: &Query, kind: ZonesQuery) -> Result<ZoneList, QueryError> {
    let (_, register) = snapshot.register().ok_or(QueryError::NoRegister)?;
    let summing = Summing::new(snapshot, register, query);
    let wanted = |i: &usize| kind.is_none_or(|k| snapshot.zones.list[*i].kind == k) && snapshot.shows_zone(*i);
    let partition = kind.is_some() && kind == snapshot.zones.partition();
    let mut areas: Vec<Area> = (0..snapshot.zones.list.len()).filter(wanted).map(Area::Zone).collect();
    let zones = areas.len();
    let whole = snapshot.whole();
    // who is limited to districts sees neither the others nor what no district holds
    let rests = partition && whole.is_none();
    if rests {
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

    let mut city = match whole {
        Some(whole) => limited_city(whole, snapshot, query, &summing)?,
        None => CityRow {
            count: sums.matched(),
            amounts: sums.totals(),
            clusters: cluster_counts(snapshot, |c| sums.count(c), &sums),
        },
    };
    let rules = snapshot.rules();
    let line = |(total, clusters)| DisclosureLine { total, parts: by_cluster(snapshot, clusters) };
    // overlapping clusters don't add up to their total, nor overlapping zones to the city
    let table =
        |lines, lines_add_up| DisclosureTable { lines, parts_add_up: !query.secondary, lines_add_up, withheld: false };
    let rows = list.iter_mut().map(|row| line((&mut row.amounts, &mut row.clusters)));
    if whole.is_some() {
        // the city's sums are those of everybody, and were withheld by themselves
        rows.for_each(|row| query.disclosure.withhold(&rules, table(vec![row], false)));
    } else {
        // districts and rest make up the city, so they are one table
        let city = line((&mut city.amounts, &mut city.clusters));
        query.disclosure.withhold(&rules, table(rows.chain([city]).collect(), rests));
    }
    let rest = list.split_off(zones);
    Ok(ZoneList {
        revision: snapshot.description.revision.clone(),
        year: query.shown_year(snapshot),
        zones: list,
        rest,
        city,
    })
}

/// The city of a reader who is limited to districts: the counts of everybody as [`City`] gives them, and sums of protected
/// figures, whatever the reader may see in these districts.
fn limited_city(whole: &Snapshot, snapshot: &Snapshot, query: &Query, own: &Summing) -> Result<CityRow, QueryError> {
    let (_, register) = whole.register().ok_or(QueryError::NoRegister)?;
    let query = Query { disclosure: Disclosure::Aggregates, ..query.clone() };
    let city = City::new(snapshot, &query, own);
    let summing = Summing::new(whole, register, &query);
    let sums = summing.area(None);
    let mut row = CityRow {
        count: city.matched,
        amounts: sums.totals(),
        clusters: cluster_counts(snapshot, |c| city.count(c), &sums),
    };
    // the reader has the sums of the part, perhaps exactly: what that leaves of the whole is a sum of the others
    let others = snapshot.others();
    let others = summing.area(others.as_ref());
    take_apart(&mut row.amounts, &others.totals());
    let of_others = cluster_counts(snapshot, |c| others.count(c), &others);
    for cluster in &mut row.clusters {
        let rest = of_others.iter().find(|rest| rest.code == cluster.code);
        rest.into_iter().for_each(|rest| take_apart(&mut cluster.amounts, &rest.amounts));
    }
    let lines = vec![DisclosureLine { total: &mut row.amounts, parts: by_cluster(snapshot, &mut row.clusters) }];
    let table = DisclosureTable { lines, parts_add_up: !query.secondary, lines_add_up: false, withheld: false };
    query.disclosure.withhold(&snapshot.rules(), table);
    Ok(row)
}

/// Marks the sums of a whole of which the rest, without a part that is known, may not be given.
fn take_apart(whole: &mut Amounts, rest: &Amounts) {
    for (metric, amount) in whole {
        amount.sensitive |= rest.get(metric).is_some_and(|rest| rest.sensitive && rest.reported > 0);
    }
}

/// The amounts of each cluster at the place that it has in the codelist, those of no cluster last.
fn by_cluster<'a>(snapshot: &Snapshot, clusters: &'a mut [ClusterCount]) -> Vec<Option<&'a mut Amounts>> {
    let entries = snapshot.description.clusters().map(|c| c.entries.as_slice()).unwrap_or_default();
    let mut parts: Vec<Option<&mut Amounts>> = (0..=entries.len()).map(|_| None).collect();
    for cluster in clusters {
        let place = entries.iter().position(|e| Some(&e.code) == cluster.code.as_ref()).unwrap_or(entries.len());
        parts[place] = Some(&mut cluster.amounts);
    }
    parts
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
        clusters: cluster_counts(snapshot, |c| sums.count(c), sums),
        partial: matches!(area, Area::Zone(z) if snapshot.shows_part(*z)),
    }
}

fn cluster_counts(snapshot: &Snapshot, count: impl Fn(usize) -> u64, sums: &Sums) -> Vec<ClusterCount> {
    let entries = snapshot.description.clusters().map(|c| c.entries.as_slice()).unwrap_or_default();
    let code = |i: usize| entries.get(i).map(|e| e.code.clone());
    let all = (0..=entries.len()).map(|i| ClusterCount {
        code: code(i),
        count: count(i),
        amounts: if sums.has_statistics() { sums.cluster(i) } else { Amounts::new() },
    });
    let classified = snapshot.register.as_ref().is_some_and(|r| r.cluster.is_some());
    all.filter(|c| classified && (c.code.is_some() || c.count > 0)).collect()
}
