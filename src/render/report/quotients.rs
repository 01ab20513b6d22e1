//! How sure location quotients are: the columns of the workbook, the table of documents, and of the whole that of all zones.

use super::cell::{Cell, Form, Head};
use super::document::{Block, Table};
use super::{Material, words};
use crate::core::query::{AreaKind, ClusterRow, QuotientCell, QuotientSpec, quotients};
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

/// Zones that documents have in the table of all.
const MOST_ZONES: usize = 40;

/// The quotient of a class, where there are rows enough to say something.
pub(super) fn told(cluster: &ClusterRow) -> Option<f64> {
    cluster.lq.filter(|_| cluster.lq_test.is_none_or(|test| test.verdict != Verdict::TooFew))
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
    if m.summary.zone.kind == AreaKind::City {
        return of_zones(m);
    }
    if known.is_empty() {
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
        vec![name, words::grouped(cluster.count), expected, ratio(told(cluster)), interval, p, verdict(m, test)]
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

/// Of the whole: every zone with every class, those marked that are significant over all of the table.
fn of_zones(m: &Material<'_>) -> Vec<Block> {
    let within = |denominator: &str| QuotientSpec { weight: None, denominator: Some(denominator.to_owned()) };
    let mut blocks = zones_within(m, &within("register"));
    // where the dataset has no totals of all industries this is refused, and adds nothing
    blocks.extend(zones_within(m, &within("all_industries")));
    blocks
}

fn zones_within(m: &Material<'_>, spec: &QuotientSpec) -> Vec<Block> {
    let Ok(table) = quotients(m.bound, spec) else { return vec![] };
    if table.tests == 0 || table.zones.len() < 2 {
        return vec![];
    }
    let cell = |cell: &QuotientCell| {
        let Some((lq, test)) = cell.lq.zip(cell.lq_test) else { return "—".to_owned() };
        if test.verdict == Verdict::TooFew {
            return m.say("过少", "few").to_owned();
        }
        let mark = match (cell.discovery, lq > 1.0) {
            (false, _) => "",
            (true, true) => "▲",
            (true, false) => "▼",
        };
        format!("{}{mark}", Form::Ratio(2).printed(lq))
    };
    let row = |zone: &crate::core::query::QuotientRow| {
        let name = m.lang.pick(&zone.name, &zone.name_en).to_owned();
        [name, words::grouped(zone.count)].into_iter().chain(zone.cells.iter().map(cell)).collect()
    };
    let mut heads = vec![m.words.zone.title().get(m.lang).to_owned(), m.fill("{row}数", "{Rows}")];
    heads.extend(table.classes.iter().map(|class| class.name.get(m.lang).to_owned()));
    let mut numeric = vec![true; heads.len()];
    numeric[0] = false;
    let caption = m.fill("表 #　各{zone}各{class}的区位熵", "Table #  Location quotients of all {zones} and {classes}");
    let caption = match spec.denominator.as_deref() {
        Some("all_industries") => format!("{caption}{}", m.say("（全行业为分母）", ", within all industries")),
        _ => caption,
    };
    let rows = table.zones.iter().take(MOST_ZONES).map(row).collect();
    let mut blocks = vec![Block::Table(Table { caption, heads, numeric, rows, total: false })];
    blocks.push(Block::Note(m.say(
        "▲▼ 为全表校正后显著高、低；没有标记的与总体无显著差异；“过少”即样本过少，不作判断。",
        "▲▼ are significantly high and low, adjusted over the whole table; what has no mark is not significantly unlike the whole; few means too few to say anything.",
    ).to_owned()));
    let denominator = m.labelled(m.say("分母", "Within"), table.denominator.get(m.lang));
    blocks.push(Block::Note(denominator));
    blocks.extend(table.notes.iter().map(|note| Block::Note(m.note(note))));
    if table.zones.len() > MOST_ZONES {
        let text = m.say("只列前 {} 个。", "The first {} only.");
        blocks.push(Block::Note(text.replacen("{}", &MOST_ZONES.to_string(), 1)));
    }
    blocks
}

/// How intervals are made and when nothing is said.
pub(super) fn how(m: &Material<'_>) -> String {
    let text = m.fill(
        "区间为 Clopper–Pearson（1934）95% 精确区间，以{whole}占比为已知；区间含 1 即“与{whole}无显著差异”。本区域{row}不足 ROWS {counter}，或该{class}期望数（按{whole}占比应有的{row}数）不足 EXPECTED 的，样本过少，不作判断。p 值为 Fisher 精确检验，双侧，未按多重比较校正：同时看的{class}越多，越可能有一个只是偶然显著。显著只说明不像偶然，不说明原因。",
        "Intervals are the exact ones of Clopper and Pearson (1934) at 95 %, the share in {whole} taken as known; where one holds 1 there is no significant difference. With fewer than ROWS {rows} here, or fewer than EXPECTED to be expected of the {class} at the share in {whole}, nothing is said. P-values are those of Fisher's exact test, two-sided, not adjusted: the more {classes} are looked at, the likelier one is significant by chance alone. Significant means unlike chance, and names no cause.",
    );
    text.replacen("ROWS", &LEAST_ROWS.to_string(), 1).replacen("EXPECTED", &LEAST_EXPECTED.to_string(), 1)
}
