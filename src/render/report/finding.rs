//! Three sentences with the numbers that matter: how much, which clusters, what to mind. Always the same words for the
//! same summary; no judgement beyond what a figure says.

use super::Material;
use super::clusters::change;
use super::overview::conditions;
use super::words::{grouped, inside};
use crate::core::model::{Lang, MetricSpec};
use crate::core::query::{Amount, AreaKind, ClusterRow};

/// A quotient of fewer enterprises than these says little.
const ENOUGH: u64 = 10;
/// So many clusters are named.
const NAMED: usize = 3;

pub(super) fn sentences(m: &Material<'_>) -> Vec<String> {
    if m.summary.counts.matched == 0 {
        let none = m.say("范围内没有符合条件的企业。", "No enterprise in this area meets the conditions.");
        return vec![none.to_owned()];
    }
    let all = [how_much(m), which(m), to_mind(m)];
    all.into_iter().filter(|s| !s.is_empty()).collect()
}

fn how_much(m: &Material<'_>) -> String {
    let s = m.summary;
    let (n, city) = (grouped(s.counts.matched), grouped(s.city.count));
    let part = (s.zone.kind != AreaKind::City && s.city.count > 0)
        .then(|| format!("{:.1}", s.counts.matched as f64 * 100.0 / s.city.count as f64));
    let narrowed: Vec<String> = conditions(m).into_iter().map(|(_, said)| said).collect();
    let narrowed = narrowed.join(m.say("、", ", "));
    let (zone, year) = (m.zone_name(), s.year);
    let mut out = match (m.lang, narrowed.as_str()) {
        (Lang::Zh, "") => format!("{year} 年，{zone}有名录企业 {n} 家"),
        (Lang::Zh, c) => format!("{year} 年，{zone}符合条件（{c}）的名录企业有 {n} 家"),
        (Lang::En, "") => format!("In {year} the register has {n} enterprises in {zone}"),
        (Lang::En, c) => format!("In {year} the register has {n} enterprises in {zone} that meet {c}"),
    };
    match (m.lang, part) {
        (_, None) => {}
        (Lang::Zh, Some(p)) => out.extend(["，占全市 ", &city, " 家的 ", &p, "%"]),
        (Lang::En, Some(p)) => out.extend([", ", &p, "% of the city's ", &city]),
    }
    for metric in m.in_documents() {
        if let Some(amount) = s.totals.get(&metric.id) {
            out += &in_sum(m, metric, amount);
        }
    }
    out + m.say("。", ".")
}

/// How much of a metric there is.
fn in_sum(m: &Material<'_>, metric: &MetricSpec, amount: &Amount) -> String {
    let title = match m.lang {
        Lang::Zh => metric.title.zh.clone(),
        Lang::En => inside(&metric.title.en),
    };
    let about = |zh: &str, en: &str| m.say(zh, en).replacen("{}", &title, 1);
    if amount.withheld {
        return about(
            "；{}合计按统计保密要求不显示",
            "; the sum of their {} is withheld for statistical confidentiality",
        );
    }
    let Some(sum) = amount.sum else {
        return about("；均没有{}数", "; none reports its {}");
    };
    let (value, unit, decimals) = match m.unit_of(&amount.unit, sum) {
        Some(unit) => (sum / unit.factor, unit.name.as_str(), 2),
        None => (sum, amount.unit.get(m.lang), metric.decimals),
    };
    let value = super::cell::Form::Grouped(decimals).printed(value);
    let (reported, missing) = (grouped(amount.reported), grouped(amount.missing));
    let mut out = match m.lang {
        Lang::Zh => format!("；{title}合计 {value} {unit}（{reported} 家有数，缺 {missing} 家）"),
        Lang::En => format!("; their {title} adds up to {value} {unit} ({reported} report, {missing} do not)"),
    };
    let before = m.past.before.as_ref();
    let changed = before.and_then(|b| Some((b.year, change(Some(amount), b.totals.get(&metric.id))?)));
    if let Some((year, changed)) = changed {
        let percent = format!("{:.1}%", (changed * 100.0).abs());
        let said = match (m.lang, changed >= 0.0) {
            (Lang::Zh, true) => format!("，比 {year} 年有数企业的合计多 {percent}"),
            (Lang::Zh, false) => format!("，比 {year} 年有数企业的合计少 {percent}"),
            (Lang::En, true) => format!(", {percent} more than those that reported in {year}"),
            (Lang::En, false) => format!(", {percent} less than those that reported in {year}"),
        };
        out.push_str(&said);
    }
    out
}

/// The cluster that all enterprises are of, where there is but one.
pub(super) fn only<'a>(m: &Material<'a>) -> Option<&'a ClusterRow> {
    let mut some = m.summary.clusters.iter().filter(|c| c.count > 0);
    some.next().filter(|c| c.code.is_some() && some.next().is_none())
}

fn which(m: &Material<'_>) -> String {
    if let Some(c) = only(m) {
        let (name, part) = (c.name.get(m.lang), c.share_of_city.map(|s| format!("{:.1}%", s * 100.0)));
        return match (m.lang, part.filter(|_| m.summary.zone.kind != AreaKind::City)) {
            (Lang::Zh, None) => format!("企业均属{name}集群。"),
            (Lang::Zh, Some(part)) => format!("企业均属{name}集群，占全市该集群企业的 {part}。"),
            (Lang::En, None) => format!("All of them belong to {name}."),
            (Lang::En, Some(part)) => format!("All of them belong to {name}, {part} of the city's enterprises in it."),
        };
    }
    let mut rows: Vec<&ClusterRow> = m.summary.clusters.iter().filter(|c| c.count > 0 && c.code.is_some()).collect();
    if rows.is_empty() {
        return m.say("企业均未分类到集群。", "None of them is assigned to a cluster.").to_owned();
    }
    // stable: clusters alike keep the order of the list
    rows.sort_by_key(|c| std::cmp::Reverse(c.count));
    let list = |parts: Vec<String>| parts.join(m.say("、", ", "));
    let size = |c: &&ClusterRow| {
        let (name, n, p) = (c.name.get(m.lang), grouped(c.count), c.share.unwrap_or(0.0) * 100.0);
        match m.lang {
            Lang::Zh => format!("{name}（{n} 家，{p:.1}%）"),
            Lang::En => format!("{name} ({n}, {p:.1}%)"),
        }
    };
    let large = list(rows.iter().take(NAMED).map(size).collect());
    let mut out = match m.lang {
        Lang::Zh => format!("按家数，{large}居前"),
        Lang::En => format!("By number of enterprises {large} come first"),
    };
    let mut strong: Vec<(&ClusterRow, f64)> = rows.iter().filter_map(|c| Some((*c, c.lq?))).collect();
    if m.summary.zone.kind == AreaKind::City || strong.is_empty() {
        return out + m.say("。", ".");
    }
    strong.retain(|(c, lq)| c.count >= ENOUGH && *lq > 1.0);
    strong.sort_by(|a, b| b.1.total_cmp(&a.1));
    let quotient = |(c, lq): &(&ClusterRow, f64)| {
        let name = c.name.get(m.lang);
        if m.lang == Lang::Zh { format!("{name}（{lq:.2}）") } else { format!("{name} ({lq:.2})") }
    };
    let named = list(strong.iter().take(NAMED).map(quotient).collect());
    let said = match (m.lang, named.as_str()) {
        (Lang::Zh, "") => format!("；企业不少于 {ENOUGH} 家的集群中，没有区位熵高于 1 的。"),
        (Lang::Zh, named) => format!("；企业不少于 {ENOUGH} 家的集群中，区位熵最高的是{named}。"),
        (Lang::En, "") => format!("; of the clusters with at least {ENOUGH} none has a location quotient above 1."),
        (Lang::En, named) => {
            format!("; of the clusters with at least {ENOUGH} the highest location quotients are those of {named}.")
        }
    };
    out.push_str(&said);
    out
}

fn to_mind(m: &Material<'_>) -> String {
    let counts = &m.summary.counts;
    let mut parts = Vec::new();
    let named = m.summary.clusters.iter().filter(|c| c.code.is_some()).count();
    if let Some(hhi) = m.summary.concentration.hhi.filter(|_| named > 1 && only(m).is_none()) {
        let even = 1.0 / named as f64;
        parts.push(match m.lang {
            Lang::Zh => format!("集群集中度（HHI）为 {hhi:.3}，{named} 个集群家数均等时为 {even:.3}"),
            Lang::En => format!(
                "The concentration over clusters (HHI) is {hhi:.3}, against {even:.3} if all {named} were alike"
            ),
        });
    }
    let n = grouped(counts.unlocated);
    match (counts.unlocated, m.lang) {
        (0, Lang::Zh) => parts.push("企业均有坐标".to_owned()),
        (0, Lang::En) => parts.push("all have a position".to_owned()),
        (_, Lang::Zh) => parts.push(format!("{n} 家没有坐标，只计入填报区县")),
        (_, Lang::En) => parts.push(format!("{n} have no position and count in their declared district only")),
    }
    let n = grouped(counts.mismatch);
    match (counts.mismatch, m.lang) {
        (0, _) => {}
        (_, Lang::Zh) => parts.push(format!("{n} 家的点位与填报区县不一致，按点位计入")),
        (_, Lang::En) => parts.push(format!("{n} lie in another district than declared and count where they lie")),
    }
    let mut out = parts.join(m.say("；", "; ")) + m.say("。", ".");
    if let Some(first) = out.get(..1).map(str::to_uppercase).filter(|_| m.lang == Lang::En) {
        out.replace_range(..1, &first);
    }
    out
}
