//! The sheet 集群: the clusters side by side, with a total that is a live sum.

use super::Material;
use super::cell::{Cell, Form, Head, Sheet};
use super::overview::{amount_cell, withheld_note};
use crate::core::model::MetricSpec;
use crate::core::query::{Amount, ClusterRow, Summary};

pub(super) fn sheet<'a>(material: &Material<'a>) -> Sheet<'a> {
    let (m, summary) = (material, material.summary);
    let metrics: Vec<&MetricSpec> = m.metrics().collect();
    let heads = heads(m, &metrics);
    let rows: Vec<Vec<Cell<'a>>> = summary.clusters.iter().map(|c| cells(m, &metrics, c)).collect();
    let total = totals(m, &metrics, &rows);
    let mut foot = Vec::new();
    if rows.iter().flatten().chain(&total).any(|c| *c == Cell::Withheld) {
        foot.push(withheld_note(m));
    }
    if summary.secondary {
        foot.push(m.say("含兼属：一家企业可计入多个集群，各集群之和大于合计。", "Secondary clusters included: an enterprise may count in several clusters, so they add up to more than the total.").to_owned());
    }
    if m.past.before.is_some() {
        foot.push(m.say("较上年：两年各自有数企业的营收合计相比，未按同一批企业调整。", "On last year: sums of the enterprises that report in each of the two years, not of the same enterprises.").to_owned());
    }
    foot.extend(m.chips().into_iter().map(str::to_owned));
    Sheet {
        name: m.say("集群", "Clusters"),
        title: None,
        heads,
        rows: Box::new(rows.into_iter()),
        total: Some(total),
        foot,
        frozen: 0,
    }
}

fn heads(m: &Material<'_>, metrics: &[&MetricSpec]) -> Vec<Head> {
    let mut heads = vec![
        Head::new(m.say("集群", "Cluster")).briefly(m.say("集群", "Cluster")),
        Head::new(m.say("企业数(家)", "Enterprises")).briefly(m.say("企业数", "Firms")),
    ];
    if m.past.large.is_some() {
        heads.push(Head::new(m.say("规上(家)", "Above designated size")).briefly(m.say("规上", "Above size")));
    }
    heads.push(Head::new(m.say("占比", "Share")).briefly(m.say("占比", "Share")));
    for metric in metrics {
        let title = metric.title.get(m.lang);
        let sum = Head::new(m.with_unit(title, metric.unit.get(m.lang)));
        let missing = Head::new(m.say("缺{}(家)", "{}: missing (enterprises)").replacen("{}", title, 1));
        // papers have room for one metric, the money
        let money = metric.id == "revenue";
        heads.push(if money { sum.briefly(m.say("营收(万元)", "Revenue (10k yuan)")) } else { sum });
        heads.push(if money { missing.briefly(m.say("缺数", "Missing")) } else { missing });
    }
    heads.push(Head::new(m.say("占全市同集群比重", "Share of the city's cluster")).briefly(m.say("占全市", "Of city")));
    let lq = Head::new(m.say("区位熵(人工智能产业内)", "Location quotient (within AI industry)"));
    heads.push(lq.briefly(m.say("区位熵", "LQ")));
    if let Some(year) = m.past.year() {
        let head = m.say("营业收入较 {} 年", "Revenue on {}").replacen("{}", &year.to_string(), 1);
        heads.push(Head::new(head).briefly(m.say("较上年", "On last year")));
    }
    heads
}

fn cells<'a>(m: &Material<'a>, metrics: &[&MetricSpec], cluster: &'a ClusterRow) -> Vec<Cell<'a>> {
    let mut cells = vec![Cell::text(cluster.name.get(m.lang)), Cell::count(cluster.count)];
    cells.extend(m.past.large.as_ref().map(|large| Cell::count(of(large, cluster).map_or(0, |c| c.count))));
    cells.push(Cell::maybe(cluster.share, Form::Percent));
    for metric in metrics {
        cells.extend(pair(metric, cluster.amounts.get(&metric.id)));
    }
    cells.push(Cell::maybe(cluster.share_of_city, Form::Percent));
    cells.push(Cell::maybe(cluster.lq, Form::Ratio(2)));
    cells.extend(m.past.before.as_ref().map(|before| {
        let last = of(before, cluster).and_then(|c| c.amounts.get("revenue"));
        Cell::maybe(change(cluster.amounts.get("revenue"), last), Form::Change)
    }));
    cells
}

/// The same cluster in another summary.
fn of<'a>(summary: &'a Summary, cluster: &ClusterRow) -> Option<&'a ClusterRow> {
    summary.clusters.iter().find(|c| c.code == cluster.code)
}

/// How much a sum has changed, 0 for not at all; `None` where either is unknown or may not leave.
pub(super) fn change(now: Option<&Amount>, before: Option<&Amount>) -> Option<f64> {
    let shown = |a: Option<&Amount>| a.filter(|a| !a.withheld).and_then(|a| a.sum);
    let (now, before) = (shown(now)?, shown(before)?);
    (before > 0.0).then(|| now / before - 1.0)
}

/// A sum, and how many enterprises it lacks.
fn pair<'a>(metric: &MetricSpec, amount: Option<&Amount>) -> [Cell<'a>; 2] {
    amount.map_or([Cell::Empty, Cell::Empty], |a| [amount_cell(a, metric.decimals), Cell::count(a.missing)])
}

/// The total row. A column becomes a live sum where its parts are all shown and make up the total.
fn totals<'a>(m: &Material<'a>, metrics: &[&MetricSpec], rows: &[Vec<Cell<'a>>]) -> Vec<Cell<'a>> {
    let summary = m.summary;
    let matched = summary.counts.matched;
    let mut total = vec![Cell::text(m.say("合计", "Total")), Cell::count(matched)];
    total.extend(m.past.large.as_ref().map(|large| Cell::count(large.counts.matched)));
    total.push(if matched > 0 { Cell::Number(1.0, Form::Percent) } else { Cell::Empty });
    for metric in metrics {
        total.extend(pair(metric, summary.totals.get(&metric.id)));
    }
    let sums = total.len();
    let of_city = (summary.city.count > 0).then(|| matched as f64 / summary.city.count as f64);
    total.push(Cell::maybe(of_city, Form::Percent));
    total.push(Cell::Empty);
    total.extend(m.past.before.as_ref().map(|before| {
        let change = change(summary.totals.get("revenue"), before.totals.get("revenue"));
        Cell::maybe(change, Form::Change)
    }));
    for (column, cell) in total.iter_mut().enumerate().take(sums).skip(1) {
        let shown = rows.iter().all(|r| r[column] != Cell::Withheld);
        if let (Some((value, form)), true, false) = (cell.number(), shown, summary.secondary) {
            *cell = Cell::Sum(value, form);
        }
    }
    total
}
