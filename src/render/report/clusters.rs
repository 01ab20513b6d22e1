//! The sheet of classes: the classes side by side, with a total that is a live sum.

use super::Material;
use super::cell::{Cell, Form, Head, Sheet};
use super::overview::{amount_cell, withheld_note};
use crate::core::model::{MetricSpec, Period};
use crate::core::query::{Amount, Amounts, ClusterRow, Summary};

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
        foot.push(m.fill(
            "含兼属：一{counter}{row}可计入多个{class}，各{class}之和大于合计。",
            "Secondary {classes} included: one of the {rows} may count in several {classes}, so they add up to more than the total.",
        ));
    }
    if !m.compared().is_empty() {
        foot.push(m.fill(
            "较上年：两年各自有数{row}的合计相比，未按同一批{row}调整。",
            "On last year: sums of the {rows} that report in each of the two years, not of the same {rows}.",
        ));
    }
    foot.extend(m.chips());
    Sheet {
        name: m.sheet_names()[0].clone(),
        title: None,
        heads,
        rows: Box::new(rows.into_iter()),
        total: Some(total),
        foot,
        frozen: 0,
    }
}

/// The metrics of documents that the table of clusters has no room for, a few to a table.
pub(super) fn others<'a>(m: &Material<'a>) -> Vec<Sheet<'a>> {
    const ROOM: usize = 3;
    let all = m.in_documents();
    let sheet = |metrics: &[&'a MetricSpec]| {
        let mut heads = vec![Head::new(class(m)).briefly(class(m))];
        for metric in metrics {
            heads.push(Head::new(m.short(metric)).briefly(m.short(metric)));
            heads.push(Head::new(m.say("缺数", "Missing")).briefly(m.say("缺数", "Missing")));
        }
        let row = |name: &'a str, amounts: &Amounts| {
            let cells = metrics.iter().flat_map(|metric| pair(metric, amounts.get(&metric.id)));
            std::iter::once(Cell::text(name)).chain(cells).collect::<Vec<_>>()
        };
        let rows: Vec<_> = m.summary.clusters.iter().map(|c| row(c.name.get(m.lang), &c.amounts)).collect();
        Sheet {
            name: String::new(),
            title: None,
            heads,
            rows: Box::new(rows.into_iter()),
            total: Some(row(m.say("合计", "Total"), &m.summary.totals)),
            foot: vec![],
            frozen: 0,
        }
    };
    all.get(1..).unwrap_or_default().chunks(ROOM).map(sheet).collect()
}

fn heads(m: &Material<'_>, metrics: &[&MetricSpec]) -> Vec<Head> {
    let mut heads = vec![
        Head::new(class(m)).briefly(class(m)),
        Head::new(m.fill("{row}数({counter})", "{Rows}")).briefly(m.fill("{row}数", "{Rows}")),
    ];
    if let Some((title, short)) = m.subset().filter(|_| m.past.subset.is_some()) {
        heads.push(Head::new(m.fill("{}({counter})", "{}").replacen("{}", title, 1)).briefly(short));
    }
    heads.push(Head::new(m.say("占比", "Share")).briefly(m.say("占比", "Share")));
    for metric in metrics {
        let title = m.dated(metric);
        let sum = Head::new(m.with_unit(&title, metric.unit.get(m.lang)));
        let missing = Head::new(m.fill("缺{}({counter})", "{}: missing ({rows})").replacen("{}", &title, 1));
        // the table of a document has room for the first metric; `others` has the rest
        let first = m.in_documents().first().is_some_and(|first| first.id == metric.id);
        heads.push(if first { sum.briefly(m.short(metric)) } else { sum });
        heads.push(if first { missing.briefly(m.say("缺数", "Missing")) } else { missing });
    }
    heads.push(
        Head::new(m.fill("占{whole}同{class}比重", "Share of the {class} in {whole}"))
            .briefly(m.fill("占{whole}", "Of {whole}")),
    );
    heads.push(Head::new(m.quotient()).briefly(m.say("区位熵", "LQ")));
    for metric in m.compared() {
        let before = m.period(metric).and_then(Period::year_before).map_or_else(String::new, |before| m.named(before));
        let head = m.say("{}较 {}", "{} on {}").replacen("{}", metric.title.get(m.lang), 1).replacen("{}", &before, 1);
        let first = m.in_documents().first().is_some_and(|first| first.id == metric.id);
        let head = Head::new(head);
        heads.push(if first { head.briefly(m.say("较上年", "On last year")) } else { head });
    }
    heads
}

fn cells<'a>(m: &Material<'a>, metrics: &[&MetricSpec], cluster: &'a ClusterRow) -> Vec<Cell<'a>> {
    let mut cells = vec![Cell::text(cluster.name.get(m.lang)), Cell::count(cluster.count)];
    cells.extend(m.past.subset.as_ref().map(|subset| Cell::count(of(subset, cluster).map_or(0, |c| c.count))));
    cells.push(Cell::maybe(cluster.share, Form::Percent));
    for metric in metrics {
        cells.extend(pair(metric, cluster.amounts.get(&metric.id)));
    }
    cells.push(Cell::maybe(cluster.share_of_city, Form::Percent));
    cells.push(Cell::maybe(cluster.lq, Form::Ratio(2)));
    cells.extend(m.compared().into_iter().map(|metric| {
        let before = m.past.before(m.period(metric), metric).and_then(|before| of(before, cluster));
        let last = before.and_then(|c| c.amounts.get(&metric.id));
        Cell::maybe(change(cluster.amounts.get(&metric.id), last), Form::Change)
    }));
    cells
}

/// The same cluster in another summary.
fn of<'a>(summary: &'a Summary, cluster: &ClusterRow) -> Option<&'a ClusterRow> {
    summary.clusters.iter().find(|c| (&c.code, c.part) == (&cluster.code, cluster.part))
}

/// How much a sum has changed, 0 for not at all; `None` where either is unknown or may not leave.
pub(super) fn change(now: Option<&Amount>, before: Option<&Amount>) -> Option<f64> {
    let shown = |a: Option<&Amount>| a.filter(|a| !a.withheld).and_then(|a| a.sum);
    let (now, before) = (shown(now)?, shown(before)?);
    (before > 0.0).then(|| now / before - 1.0)
}

/// What a class is called, as a head.
fn class(m: &Material<'_>) -> String {
    m.words.class.title().get(m.lang).to_owned()
}

/// A sum, and how many rows it lacks; neither where the metric is not published for the period.
pub(super) fn pair<'a>(metric: &MetricSpec, amount: Option<&Amount>) -> [Cell<'a>; 2] {
    amount
        .filter(|a| a.period.is_some())
        .map_or([Cell::Empty, Cell::Empty], |a| [amount_cell(a, metric.decimals), Cell::count(a.missing)])
}

/// The total row. A column becomes a live sum where its parts are all shown and make up the total.
fn totals<'a>(m: &Material<'a>, metrics: &[&MetricSpec], rows: &[Vec<Cell<'a>>]) -> Vec<Cell<'a>> {
    let summary = m.summary;
    let matched = summary.counts.matched;
    let mut total = vec![Cell::text(m.say("合计", "Total")), Cell::count(matched)];
    total.extend(m.past.subset.as_ref().map(|subset| Cell::count(subset.counts.matched)));
    total.push(if matched > 0 { Cell::Number(1.0, Form::Percent) } else { Cell::Empty });
    for metric in metrics {
        total.extend(pair(metric, summary.totals.get(&metric.id)));
    }
    let sums = total.len();
    let of_city = (summary.city.count > 0).then(|| matched as f64 / summary.city.count as f64);
    total.push(Cell::maybe(of_city, Form::Percent));
    total.push(Cell::Empty);
    total.extend(m.compared().into_iter().map(|metric| {
        let last = m.past.before(m.period(metric), metric).and_then(|before| before.totals.get(&metric.id));
        Cell::maybe(change(summary.totals.get(&metric.id), last), Form::Change)
    }));
    for (column, cell) in total.iter_mut().enumerate().take(sums).skip(1) {
        let shown = rows.iter().all(|r| r[column] != Cell::Withheld);
        if let (Some((value, form)), true, false) = (cell.number(), shown, summary.secondary) {
            *cell = Cell::Sum(value, form);
        }
    }
    total
}
