//! How sure location quotients are: the columns of the workbook, and the table of documents.

use super::cell::{Cell, Form, Head};
use super::document::{Block, Table};
use super::{Material, words};
use crate::core::query::{AreaKind, ClusterRow};
use crate::core::stats::quotient::{LEAST_EXPECTED, LEAST_ROWS, QuotientTest, Verdict};

/// What may be said of a quotient.
fn verdict(m: &Material<'_>, test: &QuotientTest) -> String {
    match test.verdict {
        Verdict::TooFew => m.say("样本过少", "too few to say").to_owned(),
        Verdict::NoDifference => m.fill("与{whole}无显著差异", "no significant difference"),
        Verdict::Above => m.fill("显著高于{whole}", "significantly above"),
        Verdict::Below => m.fill("显著低于{whole}", "significantly below"),
    }
}

/// Heads of the workbook's columns.
pub(super) fn heads(m: &Material<'_>) -> Vec<Head> {
    let heads = [
        ("区位熵 95% 区间下限", "LQ: lower end (95 %)"),
        ("区位熵 95% 区间上限", "LQ: upper end (95 %)"),
        ("p 值", "p-value"),
        ("判断", "What may be said"),
    ];
    heads.map(|(zh, en)| Head::new(m.say(zh, en))).to_vec()
}

/// The workbook's cells of a class.
pub(super) fn cells<'a>(m: &Material<'_>, cluster: &ClusterRow) -> [Cell<'a>; 4] {
    let Some(test) = &cluster.lq_test else { return [Cell::Empty, Cell::Empty, Cell::Empty, Cell::Empty] };
    [
        Cell::maybe(test.low, Form::Ratio(2)),
        Cell::maybe(test.high, Form::Ratio(2)),
        Cell::maybe(test.p, Form::Ratio(4)),
        Cell::text(verdict(m, test)),
    ]
}

/// The table of documents, where there is anything to say, and how to read it.
pub(super) fn blocks(m: &Material<'_>) -> Vec<Block> {
    let known: Vec<(&ClusterRow, &QuotientTest)> =
        m.summary.clusters.iter().filter_map(|c| Some((c, c.lq_test.as_ref()?))).collect();
    if known.is_empty() || m.summary.zone.kind == AreaKind::City {
        return vec![];
    }
    let ratio = |v: Option<f64>| v.map_or_else(|| "—".to_owned(), |v| Form::Ratio(2).printed(v));
    let row = |(cluster, test): &(&ClusterRow, &QuotientTest)| {
        let interval = test.low.zip(test.high).map_or_else(
            || "—".to_owned(),
            |(low, high)| format!("{}–{}", Form::Ratio(2).printed(low), Form::Ratio(2).printed(high)),
        );
        let p = match test.p {
            None => "—".to_owned(),
            Some(p) if p < 0.001 => "<0.001".to_owned(),
            Some(p) => Form::Ratio(3).printed(p),
        };
        let expected = Form::Grouped(1).printed(test.expected);
        let name = cluster.name.get(m.lang).to_owned();
        vec![name, words::grouped(cluster.count), expected, ratio(cluster.lq), interval, p, verdict(m, test)]
    };
    let class = m.words.class.title().get(m.lang).to_owned();
    let heads = vec![
        class,
        m.fill("{row}数", "{Rows}"),
        m.say("期望数", "Expected").to_owned(),
        m.say("区位熵", "LQ").to_owned(),
        m.say("95% 区间", "95 % interval").to_owned(),
        m.say("p 值", "p-value").to_owned(),
        m.say("判断", "What may be said").to_owned(),
    ];
    let caption = m.say("表 #　{}区位熵及其区间", "Table #  Location quotients and their intervals, {}");
    let table = Table {
        caption: caption.replacen("{}", m.zone_name(), 1),
        heads,
        numeric: vec![false, true, true, true, true, true, false],
        rows: known.iter().map(row).collect(),
        total: false,
    };
    vec![Block::Table(table), Block::Note(how(m))]
}

/// How intervals are made and when nothing is said.
pub(super) fn how(m: &Material<'_>) -> String {
    let text = m.fill(
        "区间为 Clopper–Pearson（1934）95% 精确区间，以{whole}占比为已知；区间含 1 即“与{whole}无显著差异”。本区域{row}不足 ROWS {counter}，或该{class}期望数（按{whole}占比应有的{row}数）不足 EXPECTED 的，样本过少，不作判断。p 值为 Fisher 精确检验，双侧，未按多重比较校正：同时看的{class}越多，越可能有一个只是偶然显著。显著只说明不像偶然，不说明原因。",
        "Intervals are the exact ones of Clopper and Pearson (1934) at 95 %, the share in {whole} taken as known; where one holds 1 there is no significant difference. With fewer than ROWS {rows} here, or fewer than EXPECTED to be expected of the {class} at the share in {whole}, nothing is said. P-values are those of Fisher's exact test, two-sided, not adjusted: the more {classes} are looked at, the likelier one is significant by chance alone. Significant means unlike chance, and names no cause.",
    );
    text.replacen("ROWS", &LEAST_ROWS.to_string(), 1).replacen("EXPECTED", &LEAST_EXPECTED.to_string(), 1)
}
