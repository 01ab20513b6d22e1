//! Three sentences with the numbers that matter: how much, which classes, what to mind. Always the same words for the
//! same summary; no judgement beyond what a figure says.

use super::Material;
use super::overview::conditions;
use super::words::grouped;
use crate::core::model::{Lang, MetricSpec, Period, capital, factor, within_sentence};
use crate::core::query::{Amount, AreaKind, ClusterRow};
use crate::core::stats::quotient::Verdict;

/// So many clusters are named.
const NAMED: usize = 3;

pub(super) fn sentences(m: &Material<'_>) -> Vec<String> {
    if m.summary.counts.matched == 0 {
        return vec![m.fill("范围内没有符合条件的{row}。", "None of the {rows} in this area meets the conditions.")];
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
    let (zone, rows) = (m.zone_inside(), m.rows_of(s.counts.matched));
    let (row, counter) = (m.words.row.one(m.lang), m.words.row.counter.as_str());
    let period = m.common_period().map_or_else(String::new, |period| match m.lang {
        Lang::Zh => format!("{}，", m.named(period)),
        Lang::En => format!("In {} ", m.named(period)),
    });
    let mut out = match (m.lang, narrowed.as_str()) {
        (Lang::Zh, "") => format!("{period}{zone}有名录{row} {n} {counter}"),
        (Lang::Zh, c) => format!("{period}{zone}符合条件（{c}）的名录{row}有 {n} {counter}"),
        (Lang::En, "") => format!("{period}the register has {rows} in {zone}"),
        (Lang::En, c) => format!("{period}the register has {rows} in {zone} under the condition {c}"),
    };
    match (m.lang, part) {
        (_, None) => {}
        (Lang::Zh, Some(p)) => {
            out.extend(["，占", m.words.whole.zh.as_str(), " ", &city, " ", counter, "的 ", &p, "%"]);
        }
        (Lang::En, Some(p)) => out.extend([", ", &p, "% of the ", &city, " in ", m.words.whole.en.as_str()]),
    }
    for metric in m.in_documents() {
        if let Some(amount) = s.totals.get(&metric.id) {
            out += &in_sum(m, metric, amount);
        }
    }
    capital(&(out + m.say("。", ".")))
}

/// How much of a metric there is.
fn in_sum(m: &Material<'_>, metric: &MetricSpec, amount: &Amount) -> String {
    let title = match m.lang {
        Lang::Zh => metric.title.zh.clone(),
        Lang::En => within_sentence(&metric.title.en),
    };
    // the period stands at the beginning where all figures are of one
    let own = amount.period.filter(|_| m.common_period().is_none()).map(|period| m.named(period));
    let title = own.map_or_else(
        || title.clone(),
        |own| if m.lang == Lang::Zh { format!("{own}{title}") } else { format!("{title} of {own}") },
    );
    let about = |zh: &str, en: &str| m.say(zh, en).replacen("{}", &title, 1);
    if amount.withheld {
        return about("；{}合计按统计保密要求不显示", "; {}: the sum is withheld for statistical confidentiality");
    }
    if amount.period.is_none() {
        let period = m.summary.period;
        let period =
            period.map_or_else(String::new, |period| m.say(" {}", " for {}").replacen("{}", &m.named(period), 1));
        return match m.lang {
            Lang::Zh => format!("；{title}{period}未公布"),
            Lang::En => format!("; {title}: not published{period}"),
        };
    }
    let Some(sum) = amount.sum else {
        return about("；均没有{}数", "; {}: no value reported");
    };
    let (value, unit, decimals) = match m.unit_of(&amount.unit, sum) {
        Some(unit) => (sum / unit.factor, unit.name.clone(), 2),
        None => (sum, factor(amount.unit.get(m.lang)), metric.decimals),
    };
    let value = super::cell::Form::Grouped(decimals).printed(value);
    let counter = &m.words.row.counter;
    let (reported, missing) = (grouped(amount.reported), grouped(amount.missing));
    let mut out = match m.lang {
        Lang::Zh => format!("；{title}合计 {value} {unit}（{reported} {counter}有数，缺 {missing} {counter}）"),
        Lang::En => format!("; {title}, sum: {value} {unit} ({reported} reported, {missing} missing)"),
    };
    // for quarters and months beside the same of the year before the one right before, too
    let period = amount.period.filter(|period| period.whole_year().is_none());
    for growth in [&amount.growth, &amount.growth_on_previous].into_iter().flatten() {
        let Some(changed) = growth.rate else { continue };
        let of_period = period.is_some().then(|| compared_with(period, growth.period));
        let which = if of_period.is_some() { "两期" } else { "两年" };
        let (then, both) = (m.named(growth.period), grouped(growth.both));
        let (reported, rows) = (grouped(growth.reported), grouped(growth.rows));
        let percent = format!("{:.1}%", (changed * 100.0).abs());
        let said = match (m.lang, changed >= 0.0) {
            (Lang::Zh, up) => {
                let way = if up { "多" } else { "少" };
                format!(
                    "，同口径（{which}均有数的 {both} {counter}；{then} {reported}/{rows} {counter}有数）比{then}{way} {percent}"
                )
            }
            (Lang::En, up) => {
                let way = if up { "more" } else { "less" };
                format!(
                    ", like for like {percent} {way} than in {then} (the {both} with a value in both; {reported} of {rows} in {then})"
                )
            }
        };
        out.push_str(&said);
        if let Some((zh, en)) = of_period {
            out.push_str(m.say(zh, en));
        }
    }
    out
}

/// What a comparison with an earlier period is called.
fn compared_with(period: Option<Period>, then: Period) -> (&'static str, &'static str) {
    match period {
        Some(period) if period.year_before() == Some(then) => ("（同比）", " (year on year)"),
        Some(Period::Month(..)) => ("（环比）", " (month on month)"),
        _ => ("（环比）", " (quarter on quarter)"),
    }
}

/// The cluster that all enterprises are of, where there is but one.
pub(super) fn only<'a>(m: &Material<'a>) -> Option<&'a ClusterRow> {
    let mut some = m.summary.clusters.iter().filter(|c| c.count > 0);
    some.next().filter(|c| c.code.is_some() && some.next().is_none())
}

fn which(m: &Material<'_>) -> String {
    if !m.classified() {
        return String::new();
    }
    let say = |zh: &str, en: &str| m.fill(zh, en);
    if let Some(c) = only(m) {
        let (name, part) = (c.name.get(m.lang), c.share_of_city.map(|s| format!("{:.1}%", s * 100.0)));
        return match (m.lang, part.filter(|_| m.summary.zone.kind != AreaKind::City)) {
            (Lang::Zh, None) => say(&format!("{{row}}均属{name}{{class}}。"), ""),
            (Lang::Zh, Some(part)) => {
                say(&format!("{{row}}均属{name}{{class}}，占{{whole}}该{{class}}{{row}}的 {part}。"), "")
            }
            (Lang::En, None) => format!("All of them belong to {name}."),
            (Lang::En, Some(part)) => {
                say("", &format!("All of them belong to {name}, {part} of its {{rows}} in {{whole}}."))
            }
        };
    }
    let mut rows: Vec<&ClusterRow> =
        m.summary.clusters.iter().filter(|c| c.count > 0 && c.code.is_some() && c.part.is_none()).collect();
    if rows.is_empty() {
        return say("{row}均未分类到{class}。", "None of them is assigned to any of the {classes}.");
    }
    // stable: clusters alike keep the order of the list
    rows.sort_by_key(|c| std::cmp::Reverse(c.count));
    let list = |parts: Vec<String>| parts.join(m.say("、", ", "));
    let size = |c: &&ClusterRow| {
        let (name, n, p) = (c.name.get(m.lang), grouped(c.count), c.share.unwrap_or(0.0) * 100.0);
        match m.lang {
            Lang::Zh => format!("{name}（{n} {}，{p:.1}%）", m.words.row.counter),
            Lang::En => format!("{name} ({n}, {p:.1}%)"),
        }
    };
    let large = list(rows.iter().take(NAMED).map(size).collect());
    let mut out = match m.lang {
        Lang::Zh => say(&format!("按{{row}}数，{large}居前"), ""),
        Lang::En => say("", &format!("By number of {{rows}}: {large}")),
    };
    if m.summary.zone.kind == AreaKind::City || rows.iter().all(|c| c.lq_test.is_none()) {
        return out + m.say("。", ".");
    }
    // a quotient above 1 whose interval holds 1 is nothing to name
    let above = |c: &&ClusterRow| c.lq_test.is_some_and(|test| test.verdict == Verdict::Above);
    let mut strong: Vec<(&ClusterRow, f64)> =
        rows.iter().copied().filter(above).filter_map(|c| Some((c, c.lq?))).collect();
    strong.sort_by(|a, b| b.1.total_cmp(&a.1));
    let quotient = |(c, lq): &(&ClusterRow, f64)| {
        let name = c.name.get(m.lang);
        if m.lang == Lang::Zh { format!("{name}（{lq:.2}）") } else { format!("{name} ({lq:.2})") }
    };
    let named = list(strong.iter().take(NAMED).map(quotient).collect());
    out.push_str(&if named.is_empty() {
        say(
            "；没有区位熵显著高于{whole}的{class}。",
            "; none of the {classes} has a location quotient significantly above {whole}.",
        )
    } else {
        let said =
            say("；区位熵显著高于{whole}的有NAMED。", "; location quotients significantly above {whole}: NAMED.");
        said.replacen("NAMED", &named, 1)
    });
    out
}

fn to_mind(m: &Material<'_>) -> String {
    let counts = &m.summary.counts;
    let mut parts = Vec::new();
    let named = m.summary.clusters.iter().filter(|c| c.code.is_some() && c.part.is_none()).count();
    if let Some(hhi) = m.summary.class_mix.hhi.filter(|_| named > 1 && only(m).is_none()) {
        let even = 1.0 / named as f64;
        parts.push(match m.lang {
            Lang::Zh => {
                let class = &m.words.class;
                m.fill(
                    &format!(
                        "{{class}}集中度（HHI）为 {hhi:.3}，{named} {}{{class}}{{row}}数均等时为 {even:.3}",
                        class.counter
                    ),
                    "",
                )
            }
            Lang::En => m.fill(
                "",
                &format!(
                    "The concentration over {{classes}} (HHI) is {hhi:.3}, against {even:.3} if all {named} were alike"
                ),
            ),
        });
    }
    let (n, declares) = (grouped(counts.unlocated), m.declares());
    parts.push(match (counts.unlocated, declares) {
        (0, _) => m.fill("{row}均有坐标", "all have a position"),
        (_, true) => m.fill(
            &format!("{n} {{counter}}没有坐标，只计入填报{{zone}}"),
            &format!("without position and counted in the declared {{zone}} only: {n}"),
        ),
        (_, false) => m.fill(
            &format!("{n} {{counter}}没有坐标，不归入任何区域"),
            &format!("without position and counted in no zone: {n}"),
        ),
    });
    let n = grouped(counts.mismatch);
    if counts.mismatch > 0 {
        parts.push(m.fill(
            &format!("{n} {{counter}}的点位与填报{{zone}}不一致，按点位计入"),
            &format!("position outside the declared {{zone}} and counted by position: {n}"),
        ));
    }
    capital(&(parts.join(m.say("；", "; ")) + m.say("。", ".")))
}
