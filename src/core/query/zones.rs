//! Zones of a kind, or the children of a zone, side by side, and what none of them holds.

use super::classes::{self, Parts};
use super::disclosure::{Disclosure, DisclosureLine, DisclosureTable};
use super::growth::Earlier;
use super::summarize::City;
use super::sums::Part;
use super::{Amounts, Area, AreaInfo, CityRow, ClusterCount, Query, QueryError, Summing, Sums, ZoneList, ZoneRow};
use crate::columns::Runs;
use crate::model::DisclosureRules;
use crate::snapshot::{Class, Classes, Register, Rest, RestPart, Snapshot};
use std::borrow::Cow;

/// Which zones: of a kind by its place in [`crate::snapshot::Zones::kinds`], or of all; those right below a zone by
/// its place, or everywhere.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ZonesQuery {
    /// Kind.
    pub kind: Option<usize>,
    /// The zone above.
    pub parent: Option<usize>,
}

impl ZonesQuery {
    /// The places of the zones, and their kind where it is one.
    fn zones(self, snapshot: &Snapshot) -> (Vec<usize>, Option<usize>) {
        let zones = &snapshot.zones;
        let mut list: Vec<usize> = match self.parent {
            Some(parent) => zones.children(parent).collect(),
            None => (0..zones.list.len()).collect(),
        };
        list.retain(|place| self.kind.is_none_or(|kind| zones.list[*place].kind == kind));
        // the children of a zone are mostly of one kind, which then need not be named
        let only = || {
            let first = zones.list[*list.first()?].kind;
            let alone = self.parent.is_some() && list.iter().all(|place| zones.list[*place].kind == first);
            alone.then_some(first)
        };
        let kind = self.kind.or_else(only);
        (list, kind)
    }
}

/// Counts and sums of zones side by side, under the query's filter and period; its area is not looked at.
pub fn zones(snapshot: &Snapshot, query: &Query, which: ZonesQuery) -> Result<ZoneList, QueryError> {
    let (mut list, kind) = which.zones(snapshot);
    list.retain(|place| snapshot.shows_zone(*place));
    let Some((_, register)) = snapshot.register() else { return without_register(snapshot, query, which, &list, kind) };
    let summing = Summing::new(snapshot, register, query);
    let partition = kind.is_some_and(|kind| snapshot.zones.kinds[kind].partition);
    let mut areas: Vec<Area> = list.into_iter().map(Area::Zone).collect();
    let zones = areas.len();
    let whole = snapshot.whole();
    // who is limited to districts sees neither the others nor what no district holds
    let rests = partition && (whole.is_none() || which.parent.is_some());
    if rests {
        areas.extend(RestPart::ALL.map(|part| Area::Rest(Rest { part, kind, parent: which.parent })));
    }
    let members: Vec<Cow<Runs>> = areas
        .iter()
        .map(|area| match area {
            Area::Zone(zone) => Cow::Borrowed(&snapshot.zones.list[*zone].members),
            Area::Rest(rest) => Cow::Owned(Runs::of(&snapshot.zones.rest(*rest))),
            _ => Cow::default(),
        })
        .collect();
    let covered: usize = members.iter().map(|rows| rows.count()).sum();
    // a partition and what it leaves out make up the whole: one pass gives both
    let (parts, sums) = if partition && which.parent.is_none() && covered == summing.len() {
        summing.parts(&members)
    } else {
        (members.iter().map(|rows| summing.members(rows)).collect(), summing.area(None))
    };
    let mut list: Vec<ZoneRow> =
        areas.iter().zip(&parts).map(|(area, sums)| zone_row(snapshot, query, area, sums)).collect();
    let of_parent = which.parent.map(|parent| summing.members(&snapshot.zones.list[parent].members));
    let mut parent =
        which.parent.zip(of_parent.as_ref()).map(|(zone, sums)| zone_row(snapshot, query, &Area::Zone(zone), sums));

    let mut city = match whole {
        Some(whole) => limited_city(whole, snapshot, query, &summing)?,
        None => CityRow {
            count: sums.matched(),
            amounts: sums.totals(),
            clusters: cluster_counts(snapshot, query, |c| sums.count(c), &sums),
        },
    };
    let rules = snapshot.rules();
    let mut before = None;
    // sums by class are withheld along the levels of the classes and across the zones, until neither asks for more
    loop {
        for (row, sums) in list.iter_mut().zip(&parts).chain(parent.as_mut().zip(of_parent.as_ref())) {
            along_levels(query, &rules, (&mut row.amounts, &mut row.clusters), sums);
        }
        if whole.is_none() {
            along_levels(query, &rules, (&mut city.amounts, &mut city.clusters), &sums);
        }
        let line = |(total, clusters)| DisclosureLine { total, parts: by_cluster(&query.classes, clusters) };
        // overlapping clusters don't add up to their total, nor overlapping zones to the city
        let table = |lines, lines_add_up| DisclosureTable {
            lines,
            parts_add_up: !query.secondary,
            lines_add_up,
            withheld: false,
        };
        let rows = list.iter_mut().map(|row| line((&mut row.amounts, &mut row.clusters)));
        if let Some(parent) = &mut parent {
            // a partition and its rest make up the zone above, so they are one table with it
            let parent = line((&mut parent.amounts, &mut parent.clusters));
            query.disclosure.withhold(&rules, table(rows.chain([parent]).collect(), rests));
            if whole.is_none() {
                let city = line((&mut city.amounts, &mut city.clusters));
                query.disclosure.withhold(&rules, table(vec![city], false));
            }
        } else if whole.is_some() {
            // the city's sums are those of everybody, and were withheld by themselves
            rows.for_each(|row| query.disclosure.withhold(&rules, table(vec![row], false)));
        } else {
            // a partition and its rest make up the city, so they are one table
            let city = line((&mut city.amounts, &mut city.clusters));
            query.disclosure.withhold(&rules, table(rows.chain([city]).collect(), rests));
        }
        let withheld = |amounts: &Amounts| amounts.values().filter(|a| a.withheld).count();
        let of = |total: &Amounts, clusters: &[ClusterCount]| {
            withheld(total) + clusters.iter().map(|c| withheld(&c.amounts)).sum::<usize>()
        };
        let rows: usize = list.iter().chain(&parent).map(|row| of(&row.amounts, &row.clusters)).sum();
        let now = Some(rows + of(&city.amounts, &city.clusters));
        if now == before || query.classes.nodes().len() < 2 {
            break;
        }
        before = now;
    }
    let rest = list.split_off(zones);
    let mut out = ZoneList {
        revision: snapshot.description.revision.clone(),
        period: query.shown_period(snapshot),
        as_of: query.as_of(snapshot).map(|day| day.to_string()),
        partition,
        zones: list,
        rest,
        parent,
        city,
    };
    grow(snapshot, register, (query, which), &members, &mut out)?;
    Ok(out)
}

/// Says how the sums of zones changed from earlier periods, where that is wanted; `members` are the rows of the zones and of
/// what none of them holds.
fn grow(
    snapshot: &Snapshot,
    register: &Register,
    (query, which): (&Query, ZonesQuery),
    members: &[Cow<Runs>],
    list: &mut ZoneList,
) -> Result<(), QueryError> {
    for (now, before) in query.before(snapshot, register) {
        let Some(earlier) = Earlier::new(snapshot, register, query, (now, &before)) else { continue };
        let before = zones(snapshot, &before, which)?;
        for (row, rows) in list.zones.iter_mut().chain(&mut list.rest).zip(members) {
            let Some(of) = before.zones.iter().chain(&before.rest).find(|of| of.id == row.id) else { continue };
            earlier.compare(&mut row.amounts, &of.amounts, of.count, &earlier.pairs().members(rows), Part::All);
        }
        if let (Some(row), Some(of), Some(zone)) = (&mut list.parent, &before.parent, which.parent) {
            let pairs = earlier.pairs().members(&snapshot.zones.list[zone].members);
            earlier.compare(&mut row.amounts, &of.amounts, of.count, &pairs, Part::All);
        }
        // the city of a reader who is limited to districts is of others, too
        if snapshot.whole().is_none() {
            let pairs = earlier.pairs().area(None);
            earlier.compare(&mut list.city.amounts, &before.city.amounts, before.city.count, &pairs, Part::All);
        }
    }
    Ok(())
}

/// Zones of a dataset that has nothing to count: there they are all the same. Conditions speak of a register.
fn without_register(
    snapshot: &Snapshot,
    query: &Query,
    which: ZonesQuery,
    list: &[usize],
    kind: Option<usize>,
) -> Result<ZoneList, QueryError> {
    if !query.filter.is_empty() {
        return Err(QueryError::NoRegister);
    }
    let row = |place: usize| bare_row(snapshot, &Area::Zone(place));
    Ok(ZoneList {
        revision: snapshot.description.revision.clone(),
        period: query.shown_period(snapshot),
        as_of: None,
        partition: kind.is_some_and(|kind| snapshot.zones.kinds[kind].partition),
        zones: list.iter().map(|place| row(*place)).collect(),
        rest: vec![],
        parent: which.parent.map(row),
        city: CityRow { count: 0, amounts: Amounts::new(), clusters: vec![] },
    })
}

/// The city of a reader who is limited to districts: the counts of everybody as [`City`] gives them, and sums of protected
/// figures, whatever the reader may see in these districts. Under conditions on places it is the part itself.
fn limited_city(whole: &Snapshot, snapshot: &Snapshot, query: &Query, own: &Summing) -> Result<CityRow, QueryError> {
    let query = Query { disclosure: Disclosure::Aggregates, ..query.clone() };
    let city = City::new(snapshot, &query, own);
    let others = City::is_of_everybody(snapshot, &query).then(|| snapshot.others()).flatten();
    let of = if others.is_some() { whole } else { snapshot };
    let (_, register) = of.register().ok_or(QueryError::NoRegister)?;
    let summing = Summing::new(of, register, &query);
    let sums = summing.area(None);
    let mut row = CityRow {
        count: city.matched,
        amounts: sums.totals(),
        clusters: cluster_counts(snapshot, &query, |c| city.count(c), &sums),
    };
    // the reader has the sums of the part, perhaps exactly: what that leaves of the whole is a sum of the others
    if let Some(others) = others {
        let others = summing.area(Some(&others));
        take_apart(&mut row.amounts, &others.totals());
        let of_others = cluster_counts(snapshot, &query, |c| others.count(c), &others);
        for cluster in &mut row.clusters {
            let rest = of_others.iter().find(|rest| (&rest.code, rest.part) == (&cluster.code, cluster.part));
            rest.into_iter().for_each(|rest| take_apart(&mut cluster.amounts, &rest.amounts));
        }
    }
    along_levels(&query, &snapshot.rules(), (&mut row.amounts, &mut row.clusters), &sums);
    let lines = vec![DisclosureLine { total: &mut row.amounts, parts: by_cluster(&query.classes, &mut row.clusters) }];
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

/// Withholds sums by class along the levels of the classes, where they are given and have levels.
fn along_levels(
    query: &Query,
    rules: &DisclosureRules,
    (total, clusters): (&mut Amounts, &mut [ClusterCount]),
    sums: &Sums,
) {
    let classes = &*query.classes;
    if classes.nodes().len() < 2 || query.secondary || !sums.has_statistics() {
        return;
    }
    let mut groups = vec![Amounts::new(); classes.len() + 1];
    for (from, to) in by_cluster(classes, clusters).into_iter().zip(&mut groups) {
        *to = from.map(std::mem::take).unwrap_or_default();
    }
    let mut nodes = classes::of_nodes(classes, sums);
    let parts = Parts { groups: &mut groups, nodes: &mut nodes };
    classes::withhold(query.disclosure, rules, classes, total, parts, false);
    for (to, from) in by_cluster(classes, clusters).into_iter().zip(groups) {
        if let Some(to) = to {
            *to = from;
        }
    }
}

/// The amounts of each class at the place that it has in the reading, those of none last.
fn by_cluster<'a>(classes: &Classes, clusters: &'a mut [ClusterCount]) -> Vec<Option<&'a mut Amounts>> {
    let mut parts: Vec<Option<&mut Amounts>> = (0..=classes.len()).map(|_| None).collect();
    for cluster in clusters {
        let is = |class: &Class| (&class.code, class.part) == (&cluster.code, cluster.part);
        let place = classes.list().iter().position(is).unwrap_or(classes.len());
        parts[place] = Some(&mut cluster.amounts);
    }
    parts
}

fn zone_row(snapshot: &Snapshot, query: &Query, area: &Area, sums: &Sums) -> ZoneRow {
    ZoneRow {
        count: sums.matched(),
        amounts: sums.totals(),
        clusters: cluster_counts(snapshot, query, |c| sums.count(c), sums),
        ..bare_row(snapshot, area)
    }
}

/// A zone without its numbers.
fn bare_row(snapshot: &Snapshot, area: &Area) -> ZoneRow {
    let AreaInfo { id, name, name_en, kind, zone_kind, basis, status, schematic, area_km2, bbox, .. } =
        area.info(snapshot);
    let (collection, label_point, parent) = match area {
        Area::Zone(z) => {
            let zone = &snapshot.zones.list[*z];
            (Some(snapshot.layers[zone.layer].spec.id.clone()), zone.label, zone.parent)
        }
        Area::Rest(rest) => (None, None, rest.parent),
        _ => (None, None, None),
    };
    ZoneRow {
        id: id.unwrap_or_default(),
        name,
        name_en,
        kind,
        zone_kind,
        parent: parent.map(|parent| snapshot.zones.list[parent].id.clone()),
        collection,
        basis,
        status,
        schematic,
        label_point,
        bbox,
        area_km2,
        count: 0,
        amounts: Amounts::new(),
        clusters: vec![],
        partial: matches!(area, Area::Zone(z) if snapshot.shows_part(*z)),
    }
}

fn cluster_counts(snapshot: &Snapshot, query: &Query, count: impl Fn(usize) -> u64, sums: &Sums) -> Vec<ClusterCount> {
    let classes = &query.classes;
    let classified = snapshot.register.as_ref().is_some_and(|r| r.cluster.is_some());
    let all = (0..=classes.len()).map(|i| ClusterCount {
        code: classes.get(i).and_then(|class| class.code.clone()),
        part: classes.get(i).and_then(|class| class.part),
        count: count(i),
        amounts: if sums.has_statistics() { sums.cluster(i) } else { Amounts::new() },
    });
    let listed = |c: &ClusterCount| (c.code.is_some() && c.part.is_none()) || c.count > 0;
    all.filter(|c| classified && listed(c)).collect()
}
