//! The sheet 集群: the clusters side by side, with a total that is a live sum.

use super::Material;
use super::cell::{Cell, Form, Head, Sheet};
use super::overview::{amount_cell, withheld_note};
use crate::model::MetricSpec;
use crate::query::{Amount, ClusterRow};

pub(super) fn sheet<'a>(material: &Material<'a>) -> Sheet<'a> {
    let (m, summary) = (material, material.summary);
    let metrics: Vec<&MetricSpec> = m.metrics().filter(|s| CELLS.iter().any(|(id, _)| *id == s.id)).collect();
    let mut heads = vec![m.say("集群", "Cluster").to_owned(), m.say("企业数(家)", "Enterprises").to_owned()];
    heads.push(m.say("占比", "Share").to_owned());
    for metric in &metrics {
        let title = metric.title.get(m.lang);
        heads.push(m.with_unit(title, metric.unit.get(m.lang)));
        heads.push(m.say("缺{}(家)", "{}: missing (enterprises)").replacen("{}", title, 1));
    }
    heads.push(m.say("占全市同集群比重", "Share of the city's cluster").to_owned());
    heads.push(m.say("区位熵(人工智能产业内)", "Location quotient (within AI industry)").to_owned());

    let rows: Vec<Vec<Cell<'a>>> = summary.clusters.iter().map(|c| cells(m, &metrics, c)).collect();
    let total = totals(m, &metrics, &rows);
    let mut foot = Vec::new();
    if rows.iter().flatten().chain(&total).any(|c| *c == Cell::Withheld) {
        foot.push(withheld_note(m));
    }
    if summary.secondary {
        foot.push(m.say("含兼属：一家企业可计入多个集群，各集群之和大于合计。", "Secondary clusters included: an enterprise may count in several clusters, so they add up to more than the total.").to_owned());
    }
    foot.extend(m.chips().into_iter().map(str::to_owned));
    Sheet {
        name: m.say("集群", "Clusters"),
        title: None,
        heads: heads.into_iter().map(Head::new).collect(),
        rows: Box::new(rows.into_iter()),
        total: Some(total),
        foot,
        frozen: 0,
    }
}

/// Where a cluster keeps the sum of a metric.
type Pick = fn(&ClusterRow) -> Option<&Amount>;

const CELLS: [(&str, Pick); 2] = [("revenue", |c| c.revenue.as_ref()), ("employees", |c| c.employees.as_ref())];

fn cells<'a>(m: &Material<'a>, metrics: &[&MetricSpec], cluster: &'a ClusterRow) -> Vec<Cell<'a>> {
    let mut cells = vec![Cell::text(cluster.name.get(m.lang)), Cell::count(cluster.count)];
    cells.push(Cell::maybe(cluster.share, Form::Percent));
    for metric in metrics {
        let amount = CELLS.iter().find(|(id, _)| *id == metric.id).and_then(|(_, pick)| pick(cluster));
        cells.extend(pair(metric, amount));
    }
    cells.push(Cell::maybe(cluster.share_of_city, Form::Percent));
    cells.push(Cell::maybe(cluster.lq, Form::Ratio(2)));
    cells
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
    total.push(if matched > 0 { Cell::Number(1.0, Form::Percent) } else { Cell::Empty });
    for metric in metrics {
        total.extend(pair(metric, summary.totals.get(&metric.id)));
    }
    let of_city = (summary.city.count > 0).then(|| matched as f64 / summary.city.count as f64);
    total.push(Cell::maybe(of_city, Form::Percent));
    total.push(Cell::Empty);
    let last_sum = total.len() - 2;
    for (column, cell) in total.iter_mut().enumerate().take(last_sum).skip(1) {
        let shown = rows.iter().all(|r| r[column] != Cell::Withheld);
        if let (Some((value, form)), true, false) = (cell.number(), shown, summary.secondary) {
            *cell = Cell::Sum(value, form);
        }
    }
    total
}
