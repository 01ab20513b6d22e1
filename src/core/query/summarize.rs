//! The numbers of an area: counts, sums, the clusters, their location quotients, concentration.

use super::{
    Amounts, Area, CityInfo, ClusterRow, Concentration, Counts, Disclosure, Note, Overlap, Query, QueryError, Summary,
    Summing, Sums, write_geometry,
};
use crate::core::columns::Bitmap;
use crate::core::model::Text;
use crate::core::snapshot::{Register, Snapshot};

/// Summarizes the register in the query's area under its filter.
pub fn summarize(snapshot: &Snapshot, query: &Query) -> Result<Summary, QueryError> {
    let (_, register) = snapshot.register().ok_or(QueryError::NoRegister)?;
    let summing = Summing::new(snapshot, register, query);
    let area = query.area.rows(snapshot, query.layer);
    let (sums, whole) = (summing.area(area.as_ref()), summing.plain(None));
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
    let mut clusters = cluster_rows(snapshot, register, query, &sums, &whole);
    // overlapping clusters don't add up to the total, so each stands alone when secondary ones count
    let mut parts: Vec<&mut Amounts> = clusters.iter_mut().map(|row| &mut row.amounts).collect();
    query.disclosure.withhold_all(&mut totals, &mut parts, !query.secondary, zone.kind, sums.matched());

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
        zone,
        counts,
        overlap,
        totals,
        clusters,
        concentration: Concentration { hhi },
        city: CityInfo { count: whole.matched() },
        notes,
    })
}

fn cluster_rows(snapshot: &Snapshot, register: &Register, query: &Query, here: &Sums, city: &Sums) -> Vec<ClusterRow> {
    let entries = snapshot.description.clusters().map(|c| c.entries.as_slice()).unwrap_or_default();
    let ratio = |a: u64, b: u64| (b > 0).then(|| a as f64 / b as f64);
    // under a filter on the cluster itself every quotient would be 1: it says nothing
    let quotient = !query.filter.mentions(register.cluster);
    let row = |place: usize| {
        let entry = entries.get(place);
        let (count, in_city) = (here.count(place), city.count(place));
        let (share, city_share) = (ratio(count, here.matched()), ratio(in_city, city.matched()));
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
fn limited(snapshot: &Snapshot, districts: &[String]) -> Note {
    let names = |english: bool| {
        let name = |code: &String| match snapshot.zones.find(code) {
            Some((_, zone)) if english => zone.name_en.clone(),
            Some((_, zone)) => zone.name.clone(),
            None => code.clone(),
        };
        districts.iter().map(name).collect::<Vec<_>>().join(if english { ", " } else { "、" })
    };
    let (zh, en) = (names(false), names(true));
    Note::new(
        "scope",
        format!("您的权限只包含{zh}:数字与名录都只含其企业,“全市”与占比也以此为限。"),
        format!(
            "Your right is limited to {en}: figures and lists hold its enterprises only, and so do “the city” and shares of it."
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
    let mut notes: Vec<Note> =
        snapshot.description.scope.iter().map(|districts| limited(snapshot, districts)).collect();
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
    let cells = clusters.iter().flat_map(|c| c.amounts.values());
    if query.disclosure == Disclosure::Aggregates && totals.values().chain(cells).any(|a| a.withheld) {
        note(
            "withheld",
            "部分合计涉及企业过少,按统计保密要求不显示。".into(),
            "Some sums stand on too few enterprises and are withheld for statistical confidentiality.".into(),
        );
    }
    notes
}
