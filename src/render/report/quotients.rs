//! How sure location quotients are: the columns and the sheet of the workbook, the tables of documents, and of the whole those of all
//! zones.

use super::cell::{Cell, Form, Head, Sheet};
use super::document::{Block, Table};
use super::{Material, words};
use crate::core::query::{AreaKind, ClusterRow, QuotientCell, QuotientClass, QuotientRow, QuotientTable};
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
/// Classes beside each other that have room for intervals.
const MOST_CLASSES: usize = 4;

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

/// An interval in words.
pub(super) fn interval(test: &QuotientTest) -> Option<String> {
    let (low, high) = test.low.zip(test.high)?;
    Some(format!("{}–{}", Form::Ratio(2).printed(low), Form::Ratio(2).printed(high)))
}

fn p_value(p: Option<f64>) -> String {
    match p {
        None => "—".to_owned(),
        Some(p) if p < 0.001 => "<0.001".to_owned(),
        Some(p) => Form::Ratio(3).printed(p),
    }
}

/// The tables of documents, where there is anything to say, and how to read them: of the whole those of all zones.
pub(super) fn blocks(m: &Material<'_>) -> Vec<Block> {
    let mut blocks = Vec::new();
    let tables = m.quotients();
    if m.summary.zone.kind == AreaKind::City {
        blocks.extend(tables.iter().filter(|table| table.zones.len() > 1).flat_map(|table| of_zones(m, table)));
    } else {
        // that by number of rows says as much as the summary
        blocks.extend(of_counts(m));
        blocks.extend(tables.iter().filter(|table| !by_rows(table)).flat_map(|table| of_area(m, table)));
    }
    blocks.extend(notes(m, tables).into_iter().map(Block::Note));
    blocks
}

/// Whether a table is by number of rows within the register.
fn by_rows(table: &QuotientTable) -> bool {
    table.weight.id == "count" && table.denominators.first().is_none_or(|one| one.id == "register")
}

/// What tables say of themselves, each remark once.
fn notes(m: &Material<'_>, tables: &[QuotientTable]) -> Vec<String> {
    let whole = m.summary.zone.kind == AreaKind::City;
    let mut notes: Vec<String> = Vec::new();
    for note in tables.iter().flat_map(|table| &table.notes) {
        // of one area the table by number of rows says how its intervals are made, and nothing is adjusted over a table
        let said = m.note(note);
        if (whole || !["interval", "discoveries"].contains(&&*note.code)) && !notes.contains(&said) {
            notes.push(said);
        }
    }
    notes
}

/// By number of rows, of one area.
fn of_counts(m: &Material<'_>) -> Vec<Block> {
    let known: Vec<(&ClusterRow, &QuotientTest)> =
        m.summary.clusters.iter().filter_map(|c| Some((c, c.lq_test.as_ref()?))).collect();
    if known.is_empty() {
        return vec![];
    }
    let row = |(cluster, test): &(&ClusterRow, &QuotientTest)| {
        let expected = Form::Grouped(1).printed(test.expected);
        let name = cluster.name.get(m.lang).to_owned();
        let quotient = Cell::maybe(told(cluster), Form::Ratio(2)).printed();
        let interval = interval(test).unwrap_or_else(|| "—".to_owned());
        vec![name, words::grouped(cluster.count), expected, quotient, interval, p_value(test.p), verdict(m, test)]
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

/// What a table is by and within, where it is not by number of rows within the register.
fn qualified(m: &Material<'_>, table: &QuotientTable) -> String {
    let mut parts = Vec::new();
    if table.weight.id != "count" {
        let text = m.say("按{}加权", "weighed by {}");
        parts.push(text.replacen("{}", table.weight.title.get(m.lang), 1));
    }
    if table.denominators.first().is_some_and(|one| one.id == "all_industries") {
        parts.push(m.say("以全行业为分母", "within all industries").to_owned());
    }
    let said = parts.join(m.say("，", ", "));
    if said.is_empty() { said } else { m.say("（{}）", ", {}").replacen("{}", &said, 1) }
}

/// What the quotients of a table are within.
fn within(m: &Material<'_>, table: &QuotientTable) -> String {
    m.labelled(m.say("分母", "Within"), &m.printed(&table.denominator.zh, &table.denominator.en))
}

fn value<'a>(table: &QuotientTable, cell: &QuotientCell) -> Cell<'a> {
    match cell.value {
        None if cell.withheld => Cell::Withheld,
        value => Cell::maybe(value, Form::Grouped(table.weight.decimals)),
    }
}

/// The quotient of a cell, where there are rows enough to say something.
fn quotient<'a>(cell: &QuotientCell) -> Cell<'a> {
    match cell.lq.filter(|_| cell.lq_test.is_none_or(|test| test.verdict != Verdict::TooFew)) {
        None if cell.withheld => Cell::Withheld,
        lq => Cell::maybe(lq, Form::Ratio(2)),
    }
}

/// Weighed, or within all industries, of one area.
fn of_area(m: &Material<'_>, table: &QuotientTable) -> Vec<Block> {
    let Some(zone) = table.zones.first() else { return vec![] };
    let row = |(class, cell): (&QuotientClass, &QuotientCell)| {
        let test = cell.lq_test.as_ref();
        let name = class.name.get(m.lang).to_owned();
        let interval = test.and_then(interval).unwrap_or_else(|| "—".to_owned());
        let said = test.map_or_else(|| "—".to_owned(), |test| verdict(m, test));
        let mut row = vec![name, words::grouped(cell.count)];
        row.extend((table.weight.id != "count").then(|| value(table, cell).printed()));
        row.extend([quotient(cell).printed(), interval, p_value(test.and_then(|test| test.p)), said]);
        row
    };
    let mut heads = vec![m.words.class.title().get(m.lang).to_owned(), m.fill("{row}数", "{Rows}")];
    if table.weight.id != "count" {
        heads.push(m.with_unit(table.weight.title.get(m.lang), table.weight.unit.get(m.lang)));
    }
    let last = [("区位熵", "LQ"), ("95% 区间", "95 % interval"), ("p 值", "p-value"), ("判断", "What may be said")];
    heads.extend(last.map(|(zh, en)| m.say(zh, en).to_owned()));
    let mut numeric = vec![true; heads.len()];
    (numeric[0], numeric[heads.len() - 1]) = (false, false);
    let caption = m.say("表 #　{}区位熵及其区间", "Table #  Location quotients and their intervals, {}");
    let caption = format!("{}{}", caption.replacen("{}", m.zone_name(), 1), qualified(m, table));
    let rows = table.classes.iter().zip(&zone.cells).map(row).collect();
    let denominator = within(m, table);
    vec![Block::Table(Table { caption, heads, numeric, rows, total: false }), Block::Note(denominator)]
}

/// Of the whole: every zone with every class, those marked that are significant over all of the table; a few classes to a table, so that
/// each cell has room for its interval.
fn of_zones(m: &Material<'_>, table: &QuotientTable) -> Vec<Block> {
    let cell = |cell: &QuotientCell| {
        let Some((lq, test)) = cell.lq.zip(cell.lq_test) else { return quotient(cell).printed() };
        if test.verdict == Verdict::TooFew {
            return m.say("过少", "few").to_owned();
        }
        let mark = match (cell.discovery, lq > 1.0) {
            (false, _) => "",
            (true, true) => "▲",
            (true, false) => "▼",
        };
        let interval = interval(&test).map_or_else(String::new, |text| format!(" {text}"));
        format!("{}{mark}{interval}", Form::Ratio(2).printed(lq))
    };
    let caption = m.fill("表 #　各{zone}各{class}的区位熵", "Table #  Location quotients of all {zones} and {classes}");
    let caption = format!("{caption}{}", qualified(m, table));
    let classes = table.classes.len();
    let parts = classes.div_ceil(MOST_CLASSES).max(1);
    let each = classes.div_ceil(parts).max(1);
    let mut blocks = Vec::new();
    for (part, from) in (1..).zip((0..classes).step_by(each)) {
        let range = from..(from + each).min(classes);
        let row = |zone: &QuotientRow| {
            let name = m.lang.pick(&zone.name, &zone.name_en).to_owned();
            [name, words::grouped(zone.count)].into_iter().chain(zone.cells[range.clone()].iter().map(cell)).collect()
        };
        let mut heads = vec![m.words.zone.title().get(m.lang).to_owned(), m.fill("{row}数", "{Rows}")];
        heads.extend(table.classes[range.clone()].iter().map(|class| class.name.get(m.lang).to_owned()));
        let mut numeric = vec![true; heads.len()];
        numeric[0] = false;
        let of = if parts > 1 { format!(" ({part}/{parts})") } else { String::new() };
        let caption = m.printed(&format!("{caption}{of}"), &format!("{caption}{of}"));
        let rows = table.zones.iter().take(MOST_ZONES).map(row).collect();
        blocks.push(Block::Table(Table { caption, heads, numeric, rows, total: false }));
    }
    blocks.push(Block::Note(m.say(
        "每格为区位熵及其 95% 区间。▲▼ 为全表校正后显著高、低；没有标记的与总体无显著差异；“过少”即样本过少，不作判断；“—”为没有数。",
        "Each cell has the quotient and its 95 % interval. ▲▼ are significantly high and low, adjusted over the whole table; what has no mark is not significantly unlike the whole; few means too few to say anything; — means no figure.",
    ).to_owned()));
    if table.zones.iter().flat_map(|zone| &zone.cells).any(|cell| cell.withheld) {
        blocks.push(Block::Note(m.withheld_note()));
    }
    blocks.push(Block::Note(within(m, table)));
    if table.zones.len() > MOST_ZONES {
        let text = m.say("只列前 {} 个，其余见 Excel 工作簿。", "The first {} only; the others are in the workbook.");
        blocks.push(Block::Note(text.replacen("{}", &MOST_ZONES.to_string(), 1)));
    }
    blocks
}

/// The sheet of the workbook: every quotient with its interval, of the area or of all zones; none where they say nothing.
pub(super) fn sheet<'a>(m: &Material<'a>) -> Option<Sheet<'a>> {
    let tables = m.quotients();
    let mut rows: Vec<Vec<Cell<'a>>> = Vec::new();
    for table in tables {
        let within = table.denominators.first().map_or_else(String::new, |one| one.title.get(m.lang).to_owned());
        for zone in &table.zones {
            for (class, cell) in table.classes.iter().zip(&zone.cells) {
                let test = cell.lq_test;
                let mut row = vec![
                    Cell::text(table.weight.title.get(m.lang)),
                    Cell::text(within.clone()),
                    Cell::text(m.lang.pick(&zone.name, &zone.name_en)),
                    Cell::text(class.name.get(m.lang)),
                    Cell::count(cell.count),
                    value(table, cell),
                    Cell::text(table.weight.unit.get(m.lang)),
                    quotient(cell),
                ];
                row.extend(
                    [test.and_then(|t| t.low), test.and_then(|t| t.high)].map(|v| Cell::maybe(v, Form::Ratio(2))),
                );
                row.extend([test.and_then(|t| t.p), cell.q].map(|v| Cell::maybe(v, Form::Ratio(4))));
                row.push(if cell.discovery { Cell::text("1") } else { Cell::Empty });
                row.push(test.map_or(Cell::Empty, |test| Cell::text(verdict(m, &test))));
                rows.push(row);
            }
        }
    }
    if rows.is_empty() {
        return None;
    }
    let head = |zh: &str, en: &str| Head::new(m.fill(zh, en));
    let heads = vec![
        head("按", "By"),
        head("分母", "Within"),
        head("{zone}", "{Zone}"),
        head("{class}", "{Class}"),
        head("{row}数", "{Rows}"),
        head("合计", "Sum"),
        head("单位", "Unit"),
        head("区位熵", "LQ"),
        head("95% 区间下限", "Lower end (95 %)"),
        head("95% 区间上限", "Upper end (95 %)"),
        head("p 值", "p-value"),
        head("校正后 p 值", "Adjusted p-value"),
        head("全表显著", "Significant over the table"),
        head("判断", "What may be said"),
    ];
    let mut foot = notes(m, tables);
    foot.extend(tables.iter().any(by_rows).then(|| how(m)));
    foot.extend(tables.iter().map(|table| {
        let by = format!("{}{}", m.say("分母", "Within"), qualified(m, table));
        m.labelled(&by, &m.printed(&table.denominator.zh, &table.denominator.en))
    }));
    if tables.iter().flat_map(|table| &table.zones).flat_map(|zone| &zone.cells).any(|cell| cell.withheld) {
        foot.push(m.withheld_note());
    }
    let title = m.say("区位熵", "Quotients");
    Some(Sheet {
        name: title.to_owned(),
        title: Some((format!("{} {title}", m.zone_name()), m.chips())),
        heads,
        rows: Box::new(rows.into_iter()),
        total: None,
        foot,
        frozen: 4,
    })
}

/// How intervals are made and when nothing is said.
pub(super) fn how(m: &Material<'_>) -> String {
    let text = m.fill(
        "区间为 Clopper–Pearson（1934）95% 精确区间，以{whole}占比为已知；区间含 1 即“与{whole}无显著差异”。本区域{row}不足 ROWS {counter}，或该{class}期望数（按{whole}占比应有的{row}数）不足 EXPECTED 的，样本过少，不作判断。p 值为 Fisher 精确检验，双侧，未按多重比较校正：同时看的{class}越多，越可能有一个只是偶然显著。显著只说明不像偶然，不说明原因。",
        "Intervals are the exact ones of Clopper and Pearson (1934) at 95 %, the share in {whole} taken as known; where one holds 1 there is no significant difference. With fewer than ROWS {rows} here, or fewer than EXPECTED to be expected of the {class} at the share in {whole}, nothing is said. P-values are those of Fisher's exact test, two-sided, not adjusted: the more {classes} are looked at, the likelier one is significant by chance alone. Significant means unlike chance, and names no cause.",
    );
    text.replacen("ROWS", &LEAST_ROWS.to_string(), 1).replacen("EXPECTED", &LEAST_EXPECTED.to_string(), 1)
}
