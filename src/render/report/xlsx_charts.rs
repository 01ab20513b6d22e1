//! The workbook's charts, drawn by the spreadsheet from the cells themselves, and the sheet of periods that one of them needs.

use super::Material;
use super::cell::{Cell, Head, Sheet};
use super::overview::amount_cell;
use crate::core::model::{MetricSpec, Period};
use crate::core::query::{AreaKind, Summary};
use rust_xlsxwriter::{
    Chart, ChartFont, ChartFormat, ChartPoint, ChartSolidFill, ChartType, Color, Worksheet, XlsxError,
};

/// Where a table stands on its sheet: rows of its body, first and last, and the row from which the sheet is free.
#[derive(Clone, Copy)]
pub(super) struct Place {
    pub(super) first: u32,
    pub(super) last: u32,
    pub(super) free: u32,
}

/// Columns of a metric in the sheet of periods.
const COLUMNS: u16 = 3;

/// The metrics that have figures for several periods.
fn yearly<'a>(m: &Material<'a>) -> Vec<&'a MetricSpec> {
    m.metrics().filter(|metric| m.past.of(metric).count() > 1).collect()
}

/// What the sheet of periods is called.
fn sheet_name<'a>(m: &Material<'a>) -> &'a str {
    let (zh, en) = if m.period_head().1 == "Year" { ("历年", "Years") } else { ("各期", "Periods") };
    m.say(zh, en)
}

/// Metrics by period; `None` where none has more than one.
pub(super) fn years<'a>(m: &Material<'a>) -> Option<Sheet<'a>> {
    let metrics = yearly(m);
    if metrics.is_empty() {
        return None;
    }
    let mut heads = {
        let (zh, en) = m.period_head();
        vec![m.say(zh, en).to_owned()]
    };
    for metric in &metrics {
        let title = metric.title.get(m.lang);
        let about = |zh: &str, en: &str| m.fill(zh, en).replacen("{}", title, 1);
        heads.push(m.with_unit(title, metric.unit.get(m.lang)));
        heads.push(about("{}有数({counter})", "{}: reported ({rows})"));
        heads.push(about("缺{}({counter})", "{}: missing ({rows})"));
    }
    let row = |(period, summary): &(Period, Summary)| -> Vec<Cell<'a>> {
        let of = |metric: &&MetricSpec| {
            let amount = summary.totals.get(&metric.id).filter(|_| metric.columns.contains_key(period));
            amount.map_or([Cell::Empty, Cell::Empty, Cell::Empty], |a| {
                [amount_cell(a, metric.decimals), Cell::count(a.reported), Cell::count(a.missing)]
            })
        };
        std::iter::once(m.period_cell(*period)).chain(metrics.iter().flat_map(of)).collect()
    };
    let published = |(period, _): &&(Period, Summary)| metrics.iter().any(|m| m.columns.contains_key(period));
    let rows: Vec<Vec<Cell<'a>>> = m.past.periods.iter().filter(published).map(row).collect();
    let note =
        m.fill("各期合计只含当期有数的{row}，{row}并不相同。", "Each sum is over those that report in its period.");
    Some(Sheet {
        name: sheet_name(m).to_owned(),
        title: None,
        heads: heads.into_iter().map(Head::new).collect(),
        rows: Box::new(rows.into_iter()),
        total: None,
        foot: std::iter::once(note).chain(m.chips()).collect(),
        frozen: 0,
    })
}

/// Under the table of classes: bars of their rows and of their location quotients.
pub(super) fn of_clusters(
    m: &Material<'_>,
    heads: &[String],
    at: Place,
    sheet: &mut Worksheet,
) -> Result<(), XlsxError> {
    if m.summary.counts.matched == 0 {
        return Ok(());
    }
    let colors: Vec<ChartPoint> = m
        .summary
        .clusters
        .iter()
        .map(|row| {
            let color = row.code.as_ref().and_then(|code| m.about.class(code)).map_or("", |e| &e.color);
            let color = if color.is_empty() { "#9AA0A6" } else { color };
            ChartPoint::new().set_format(&mut filled(color))
        })
        .collect();
    let [name, ..] = m.sheet_names();
    let name = name.as_str();
    let chart = |title: &str, column: u16| {
        let mut chart = Chart::new(ChartType::Bar);
        chart
            .add_series()
            .set_categories((name, at.first, 0, at.last, 0))
            .set_values((name, at.first, column, at.last, column))
            .set_name(title)
            .set_points(&colors)
            .set_gap(60);
        chart.title().set_name(title).set_font(&heading());
        chart.legend().set_hidden();
        // the first cluster on top, as in the table
        chart.y_axis().set_reverse();
        chart.set_width(520).set_height(330);
        chart
    };
    let bars = chart(&m.fill("各{class}{row}数({counter})", "{Rows} by {class}"), 1);
    sheet.insert_chart(at.free + 1, 0, &bars)?;
    let quotient = m.quotient();
    let column = heads.iter().position(|h| *h == quotient);
    let shown = m.summary.zone.kind != AreaKind::City && m.summary.clusters.iter().any(|c| c.lq.is_some());
    if let Some(column) = column.filter(|_| shown) {
        sheet.insert_chart(at.free + 1, 5, &chart(&quotient, column as u16))?;
    }
    Ok(())
}

/// Right of the table of periods: columns of each metric, one chart under the other.
pub(super) fn of_years(m: &Material<'_>, heads: &[String], at: Place, sheet: &mut Worksheet) -> Result<(), XlsxError> {
    const HIGH: u32 = 320;
    let name = sheet_name(m);
    for place in 0..yearly(m).len() as u16 {
        let column = 1 + place * COLUMNS;
        let title = heads[usize::from(column)].as_str();
        let mut chart = Chart::new(ChartType::Column);
        chart
            .add_series()
            .set_categories((name, at.first, 0, at.last, 0))
            .set_values((name, at.first, column, at.last, column))
            .set_name(title)
            .set_format(&mut filled("#3F5F9A"))
            .set_gap(80);
        chart.title().set_name(title).set_font(&heading());
        chart.legend().set_hidden();
        chart.y_axis().set_num_format("#,##0");
        chart.set_width(560).set_height(HIGH);
        let top = u32::from(place) * (HIGH + 20);
        sheet.insert_chart_with_offset(0, heads.len() as u16 + 1, &chart, 0, top)?;
    }
    Ok(())
}

fn heading() -> ChartFont {
    ChartFont::new().set_size(12).set_bold().clone()
}

fn filled(color: &str) -> ChartFormat {
    let color = u32::from_str_radix(color.trim_start_matches('#'), 16).unwrap_or(0x009A_A0A6);
    ChartFormat::new().set_solid_fill(ChartSolidFill::new().set_color(Color::RGB(color))).clone()
}
