//! The numbers of an area: counts, sums, the clusters, their location quotients, concentration.

use super::disclosure::{DisclosureLine, DisclosureTable, too_small};
use super::{
    Amounts, Area, CityInfo, ClusterRow, Concentration, Counts, Note, Overlap, Query, QueryError, Summary, Summing,
    Sums, write_geometry,
};
use crate::core::columns::Bitmap;
use crate::core::model::Text;
use crate::core::snapshot::{Register, Snapshot};

/// Summarizes the register in the query's area under its filter.
pub fn summarize(snapshot: &Snapshot, query: &Query) -> Result<Summary, QueryError> {
    let (_, register) = snapshot.register().ok_or(QueryError::NoRegister)?;
    let summing = Summing::new(snapshot, register, query);
    let area = query.area.rows(snapshot, query.layer);
    let sums = summing.area(area.as_ref());
    let city = City::new(snapshot, query, &summing);
    let mut zone = query.area.info(snapshot);
    if query.outline {
        zone.outline = query.area.shape(snapshot).and_then(|shape| {
            let mut out = Vec::new();
            write_geometry(&mut out, &shape.clone().into());
            serde_json::from_slice(&out).ok()
        });
    }
    let overlap = match &query.area {
        Area::Combined(combined) => combined.overlap(snapshot, query),
        _ => None,
    };
    let overlap = overlap.map(|(count, area_km2)| Overlap { count, area_km2 });

    let mut totals = sums.totals();
    let mut clusters = cluster_rows(snapshot, register, query, &sums, &city);
    let rules = snapshot.rules();
    let parts = clusters.iter_mut().map(|row| Some(&mut row.amounts)).collect();
    let table = DisclosureTable {
        lines: vec![DisclosureLine { total: &mut totals, parts }],
        // overlapping clusters don't add up to the total, so each stands alone when secondary ones count
        parts_add_up: !query.secondary,
        lines_add_up: false,
        withheld: too_small(&rules, zone.kind, sums.matched()),
    };
    query.disclosure.withhold(&rules, table);

    let counts = counts(snapshot, query, area);
    let shares = clusters.iter().filter(|_| !query.secondary).filter_map(|c| c.share);
    let hhi = (sums.matched() > 0 && !query.secondary).then(|| shares.map(|s| s * s).sum());
    let mut notes = notes(snapshot, query, zone.schematic, &counts, &totals, &clusters);
    notes.extend(overlap.filter(|o| o.count > 0 || o.area_km2.is_some_and(|km2| km2 >= 1e-4)).map(overlapping));
    Ok(Summary {
        revision: snapshot.description.revision.clone(),
        dataset: snapshot.description.manifest.id.clone(),
        sample: snapshot.description.sample(),
        year: query.year,
        secondary: query.secondary,
        filter: query.filter.canonical(),
        scope: snapshot.scope_name(),
        zone,
        counts,
        overlap,
        totals,
        clusters,
        concentration: Concentration { hhi },
        city: CityInfo { count: city.matched },
        notes,
    })
}

/// Counts of the whole city under the question's conditions: what shares and quotients are of. For a reader who is limited
/// to districts they are those of everybody; of the others' enterprises no fewer are counted than a sum needs.
pub(super) struct City {
    pub(super) matched: u64,
    /// By cluster, those of none last.
    counts: Vec<u64>,
}

impl City {
    pub(super) fn new(snapshot: &Snapshot, query: &Query, own: &Summing) -> Self {
        let own = own.plain(None);
        let clusters = snapshot.description.clusters().map_or(0, |c| c.entries.len());
        let counts = |sums: &Sums| (0..=clusters).map(|c| sums.count(c)).collect();
        let own = Self { matched: own.matched(), counts: counts(&own) };
        let Some((whole, register)) = snapshot.whole().and_then(|w| Some((w, w.register()?.1))) else { return own };
        if snapshot.is_identifying(&query.filter) {
            return own;
        }
        // conditions and places of a question hold for the whole as they do for its part
        let summing = Summing::new(whole, register, query);
        let all = summing.plain(None);
        let all = Self { matched: all.matched(), counts: counts(&all) };
        let minimum = snapshot.rules().minimum;
        let known = |own: u64, all: u64| if all.saturating_sub(own) < minimum { own } else { all };
        let counts = own.counts.iter().zip(&all.counts).map(|(own, all)| known(*own, *all)).collect();
        Self { matched: known(own.matched, all.matched), counts }
    }

    pub(super) fn count(&self, cluster: usize) -> u64 {
        self.counts[cluster]
    }
}

fn cluster_rows(snapshot: &Snapshot, register: &Register, query: &Query, here: &Sums, city: &City) -> Vec<ClusterRow> {
    let entries = snapshot.description.clusters().map(|c| c.entries.as_slice()).unwrap_or_default();
    let ratio = |a: u64, b: u64| (b > 0).then(|| a as f64 / b as f64);
    // under a filter on the cluster itself every quotient would be 1: it says nothing
    let quotient = !query.filter.mentions(register.cluster);
    let row = |place: usize| {
        let entry = entries.get(place);
        let (count, in_city) = (here.count(place), city.count(place));
        let (share, city_share) = (ratio(count, here.matched()), ratio(in_city, city.matched));
        let lq = share.zip(city_share).filter(|(_, c)| quotient && *c > 0.0).map(|(s, c)| s / c);
        ClusterRow {
            code: entry.map(|e| e.code.clone()),
            name: entry.map_or_else(|| Text::new("未分类", "Unclassified"), |e| e.name.clone()),
            mark: entry.map_or_else(|| "他".to_owned(), |e| e.mark.clone()),
            count,
            share,
            amounts: here.cluster(place),
            share_of_city: ratio(count, in_city),
            lq,
        }
    };
    let unclassified = (city.count(entries.len()) > 0).then_some(entries.len());
    (0..entries.len()).chain(unclassified).map(row).collect()
}

fn overlapping(Overlap { count, area_km2 }: Overlap) -> Note {
    let (zh, en) = area_km2.map_or_else(Default::default, |km2| {
        (format!("重叠 {km2:.2} km²,"), format!(" in an overlap of {km2:.2} km²"))
    });
    Note::new(
        "overlap",
        format!("所并范围{zh}其中 {count} 家企业同时属于两个以上范围,只计一次。"),
        format!("{count} enterprises lie in more than one of the united areas{en}; each is counted once."),
    )
}

fn counts(snapshot: &Snapshot, query: &Query, area: Option<Bitmap>) -> Counts {
    let zones = &snapshot.zones;
    let rows = match (area, query.passing(snapshot)) {
        (Some(mut area), Some(passing)) => {
            passing.keep(&mut area);
            Some(area)
        }
        (area, passing) => area.or_else(|| passing.map(|p| p.all())),
    };
    let sets = [&zones.located, &zones.by_point, &zones.by_declared, &zones.mismatch];
    let (matched, [located, by_point, by_declared, mismatch]) = match &rows {
        None => (zones.located.len(), sets.map(Bitmap::count)),
        Some(rows) => (rows.count(), rows.counts_and(sets)),
    };
    let [matched, located, by_point, by_declared, mismatch] =
        [matched, located, by_point, by_declared, mismatch].map(|n| n as u64);
    Counts { matched, by_point, by_declared, mismatch, located, unlocated: matched - located }
}

/// That the reader is limited to some districts.
fn limited(zh: &str, en: &str) -> Note {
    Note::new(
        "scope",
        format!("您的权限只包含{zh}:合计与名录只含其企业;占比与区位熵以全市企业数为分母。"),
        format!(
            "Your permission is limited to {en}: sums and lists hold its enterprises only; shares and location quotients are of the whole city's numbers of enterprises."
        ),
    )
}

fn notes(
    snapshot: &Snapshot,
    query: &Query,
    schematic: bool,
    counts: &Counts,
    totals: &Amounts,
    clusters: &[ClusterRow],
) -> Vec<Note> {
    let mut notes: Vec<Note> = snapshot.scope_name().iter().map(|names| limited(&names.zh, &names.en)).collect();
    let mut note = |code, zh: String, en: String| notes.push(Note::new(code, zh, en));
    if snapshot.description.sample() {
        note(
            "sample",
            "示例数据:企业为虚构,仅用于演示;不与规划目标对比。".into(),
            "Sample data: the enterprises are invented, for demonstration only; never compared with the plan's targets.".into(),
        );
    }
    if schematic {
        note(
            "schematic",
            "范围为示意,不是法定或公布的边界。".into(),
            "The outline is schematic, not a legal or published boundary.".into(),
        );
    }
    note(
        "edge-rule",
        "有坐标的企业按点位归区,边界左、下含,右、上不含,每家只计一次;无坐标的企业只计入其填报区县。".into(),
        "Located enterprises belong by their point (lower and left borders in, upper and right out), each once; unlocated ones only to their declared district.".into(),
    );
    let scope = snapshot.register.as_ref().and_then(|r| r.scope.as_ref());
    let (zh, en) = scope.map_or_else(Default::default, |s| (format!("({}内)", s.zh), format!(" ({})", s.en)));
    note(
        "lq-scope",
        format!("区位熵按企业数计算,分母为本名录{zh},不是全行业。"),
        format!("Location quotients are by number of enterprises within this register{en}, not all industries."),
    );
    if query.secondary {
        note(
            "secondary",
            "含兼属:一家企业可计入多个集群,集群之和大于合计。".into(),
            "Secondary clusters included: an enterprise may count in several clusters, so they add up to more than the total.".into(),
        );
    }
    if counts.mismatch > 0 {
        let n = counts.mismatch;
        note(
            "mismatch",
            format!("{n} 家企业的点位与填报区县不一致,按点位计。"),
            format!("{n} enterprises lie in another district than declared; counted where they lie."),
        );
    }
    for (id, total) in totals.iter().filter(|(_, t)| t.missing > 0) {
        let Some(title) = snapshot.register.as_ref().and_then(|r| r.metrics.iter().find(|m| m.id == *id)) else {
            continue;
        };
        let (n, year) = (total.missing, query.year);
        note(
            "missing",
            format!("{} 家企业缺 {year} 年{},未计入合计。", n, title.title.zh),
            format!("{n} enterprises have no {} for {year}; they are not in the sum.", title.title.en.to_lowercase()),
        );
    }
    let amounts = || totals.values().chain(clusters.iter().flat_map(|c| c.amounts.values()));
    if amounts().any(|a| a.protected && a.sum.is_some()) {
        let rules = snapshot.rules();
        let (least, most) = (rules.noise_least_percent, rules.noise_most_percent);
        let metrics = 0..snapshot.register.as_ref().map_or(0, |r| r.metrics.len());
        let errors = metrics.filter_map(|metric| snapshot.protected(metric, query.year));
        // how near the totals come is no secret, but the last digit of it would be of use to nobody else
        let error = errors.map(|p| p.error_percent).fold(1.0, f64::max).ceil();
        note(
            "protected",
            format!(
                "已作保密处理:受限指标的合计由加噪数值求得,单家数值带 {least} %~{most} % 的偏差;各区与全域合计的误差在 {error} % 以内,其他范围企业越少误差越大。企业数不受影响。"
            ),
            format!(
                "Protected for statistical confidentiality: sums of restricted figures are of values that carry noise of {least} to {most} per cent each. Totals of the administrative units and of the whole are within {error} per cent; elsewhere the error grows as enterprises get fewer. Counts are exact."
            ),
        );
    }
    if amounts().any(|a| a.withheld) {
        note(
            "withheld",
            "部分合计涉及企业过少、由一两家企业主导,或条件可指认单家企业,按统计保密要求不显示。".into(),
            "Some sums stand on too few enterprises, are mostly one or two enterprises', or are under a condition that names single enterprises: withheld for statistical confidentiality.".into(),
        );
    }
    notes
}
