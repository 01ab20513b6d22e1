//! The sheet of classes: the classes side by side, with a total that is a live sum.

use super::cell::{Cell, Form, Head, Sheet};
use super::overview::amount_cell;
use super::{Material, quotients};
use crate::core::model::MetricSpec;
use crate::core::query::{Amount, Amounts, ClusterRow, Summary};

pub(super) fn sheet<'a>(material: &Material<'a>) -> Sheet<'a> {
    let (m, summary) = (material, material.summary);
    let metrics: Vec<&MetricSpec> = m.metrics().collect();
    let heads = heads(m, &metrics);
    let rows: Vec<Vec<Cell<'a>>> = summary.clusters.iter().map(|c| cells(m, &metrics, c)).collect();
    let total = totals(m, &metrics, &rows);
    let mut foot = Vec::new();
    if rows.iter().flatten().chain(&total).any(|c| *c == Cell::Withheld) {
        foot.push(m.withheld_note());
    }
    if summary.secondary {
        foot.push(m.fill(
            "含兼属：一{counter}{row}可计入多个{class}，各{class}之和大于合计。",
            "Secondary {classes} included: one of the {rows} may count in several {classes}, so they add up to more than the total.",
        ));
    }
    foot.extend(m.compared().first().and_then(|metric| said(m, metric)));
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
    heads.extend(quotients::heads(m));
    for metric in m.compared() {
        let growth = m.summary.totals.get(&metric.id).and_then(|a| a.growth.as_ref());
        let period = growth.map_or_else(String::new, |growth| m.named(growth.period));
        let title = metric.title.get(m.lang);
        let fill = |zh: &str, en: &str| m.fill(zh, en).replacen("{}", title, 1).replacen("{}", &period, 1);
        let change = Head::new(fill("{}同口径较{}", "{} on {}, like for like"));
        let years = growth.is_none_or(|growth| growth.period.whole_year().is_some());
        let both = Head::new(if years {
            fill("{}两年均有数({counter})", "{}: {rows} with a value in both years")
        } else {
            fill("{}两期均有数({counter})", "{}: {rows} with a value in both periods")
        });
        let first = m.in_documents().first().is_some_and(|first| first.id == metric.id);
        heads.push(if first {
            change.briefly(
                m.say(if years { "较上年" } else { "同比" }, if years { "On last year" } else { "Year on year" }),
            )
        } else {
            change
        });
        heads.push(if first {
            both.briefly(m.say(if years { "两年有数" } else { "两期有数" }, "In both"))
        } else {
            both
        });
        heads.push(Head::new(fill("{}有数/在册({}、本年)", "{}: with a value, of those there ({}, now)")));
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
    cells.push(Cell::maybe(quotients::told(cluster), Form::Ratio(2)));
    cells.extend(quotients::cells(m, cluster));
    m.compared().iter().for_each(|metric| cells.extend(grown(m, cluster.amounts.get(&metric.id))));
    cells
}

/// The same cluster in another summary.
fn of<'a>(summary: &'a Summary, cluster: &ClusterRow) -> Option<&'a ClusterRow> {
    summary.clusters.iter().find(|c| (&c.code, c.part) == (&cluster.code, cluster.part))
}

/// How a sum changed like for like, over how many rows, and how many of those there have a value in either year.
fn grown<'a>(m: &Material<'a>, amount: Option<&Amount>) -> [Cell<'a>; 3] {
    let Some((amount, growth)) = amount.and_then(|a| Some((a, a.growth.as_ref()?))) else {
        return [Cell::Empty, Cell::Empty, Cell::Empty];
    };
    let rate = if growth.withheld { Cell::Withheld } else { Cell::maybe(growth.rate, Form::Change) };
    let now = amount.reported + amount.missing;
    let between = m.say("、", ", ");
    let coverage = format!("{}/{}{between}{}/{now}", growth.reported, growth.rows, amount.reported);
    [rate, Cell::count(growth.both), Cell::text(coverage)]
}

/// What stands behind the changes of a metric, in a sentence.
pub(super) fn said(m: &Material<'_>, metric: &MetricSpec) -> Option<String> {
    let amount = m.summary.totals.get(&metric.id)?;
    let (growth, now) = (amount.growth.as_ref()?, m.named(amount.period?));
    let (then, title) = (m.named(growth.period), metric.title.get(m.lang));
    let (a, b, both) = (growth.reported, amount.reported, growth.both);
    let (rows, whole) = (growth.rows, amount.reported + amount.missing);
    let (of, of_en, which, which_en) = match growth.period.whole_year() {
        Some(_) => ("较上年", "On last year", "两年", "years"),
        None => ("同比", "Year on year", "两期", "periods"),
    };
    Some(m.fill(
        &format!("{of}（{title}）：同口径，只算{which}均有数的 {both} {{counter}}；有数/在册：{then} {a}/{rows}，{now} {b}/{whole}。"),
        &format!(
            "{of_en} ({title}): like for like, over the {both} {{rows}} with a value in both {which_en}; with a value, of those there: {a} of {rows} in {then}, {b} of {whole} in {now}."
        ),
    ))
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
    total.extend([const { Cell::Empty }; 5]);
    m.compared().iter().for_each(|metric| total.extend(grown(m, summary.totals.get(&metric.id))));
    for (column, cell) in total.iter_mut().enumerate().take(sums).skip(1) {
        let shown = rows.iter().all(|r| r[column] != Cell::Withheld);
        if let (Some((value, form)), true, false) = (cell.number(), shown, summary.secondary) {
            *cell = Cell::Sum(value, form);
        }
    }
    total
}
