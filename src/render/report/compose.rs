//! Puts the document together from the answers, the sheets of the workbook and the map.

use super::cell::Cell;
use super::charts::{self, Entry};
use super::document::{Block, Document, Picture, Section, Table};
use super::words::grouped;
use super::{
    Material, chain, change, children, clusters, dates, finding, hotspots, leads, method, overview, platforms, profile,
    quotients, scan,
};
use crate::core::model::{CollectionSpec, Draw, Lang, MapApproval, MetricSpec, Period, Role, Text};
use crate::core::query::{Amount, AreaKind, CountBeside, ZoneList};
use crate::render::drawing::Drawing;

pub(super) fn document(m: &Material<'_>, map: Option<Drawing<'static>>) -> Document {
    let mut figures = 0;
    let mut numbered = |text: &str| {
        figures += 1;
        m.say("图 {}　{}", "Figure {}  {}").replacen("{}", &figures.to_string(), 1).replacen("{}", text, 1)
    };
    let mut sections = vec![(m.say("主要情况", "Findings").to_owned(), findings(m))];
    if m.classified() {
        sections.push((m.words.class.heading().get(m.lang).to_owned(), of_clusters(m, &mut numbered)));
    } else {
        let figures = of_figures(m, &mut numbered);
        if !figures.is_empty() {
            sections.push((m.say("指标", "Figures").to_owned(), figures));
        }
    }
    if let Some(map) = map {
        let caption = m.say("{}空间布局", "Spatial layout, {}").replacen("{}", m.zone_name(), 1);
        let status = status(m);
        let status = if status.is_empty() { status } else { m.say("（{}）", " ({})").replacen("{}", &status, 1) };
        let caption = format!("{}{status}", numbered(&caption));
        let alt = m.labelled(m.say("地图", "Map"), &map.title);
        sections.push((
            m.say("空间布局", "Layout").to_owned(),
            vec![Block::Picture(Picture { caption, alt, drawing: map, map: true })],
        ));
    }
    for (kind, list) in m.children {
        sections.push((children::title(m, *kind).to_owned(), of_children(m, *kind, list)));
    }
    sections.extend(m.platforms_title().map(|title| (title.to_owned(), of_platforms(m))));
    sections.extend(m.change().map(|found| (change::title(m), change::blocks(m, found))));
    if !m.chains().is_empty() {
        sections.push((chain::title(m).to_owned(), chain::blocks(m, m.chains(), &mut numbered)));
    }
    sections.extend(m.profile().map(|found| (profile::title(m), profile::blocks(m, found))));
    sections.extend(m.hotspots().map(|found| (hotspots::title(m).to_owned(), hotspots::blocks(m, found))));
    sections.extend(beside(m));
    sections.extend(leads::blocks(m).map(|(title, blocks)| (title.to_owned(), blocks)));
    if m.about.manifest.has_plan() {
        sections.push((m.say("规划对照", "Against the plan").to_owned(), against_plan(m)));
    }
    sections.push((m.say("口径与缺失", "Method and gaps").to_owned(), vec![Block::List(method(m))]));
    let about = overview::foot_pairs(m).into_iter().map(|(what, text)| (what.to_owned(), text.to_owned())).collect();
    let mut source = vec![Block::Pairs(about)];
    source.extend(live_view(m));
    sections.push((m.say("来源与版本", "Source and version").to_owned(), source));
    number_tables(&mut sections);
    let version: String = m.summary.revision.chars().take(8).collect();
    let version = m.labelled(m.say("数据版本", "Revision"), &version);
    Document {
        lang: m.lang,
        title: overview::title(m),
        subtitle: format!("{}{}{version}", m.about.manifest.title.get(m.lang), m.say("　", " · ")),
        marks: marks(m),
        footer: format!("{} · {version}", overview::title(m)),
        sections: Section::numbered(m.lang, sections),
    }
}

/// The address of the live view for a camera, where other devices reach it.
fn live_view(m: &Material<'_>) -> Option<Block> {
    let caption = m.say(
        "扫码打开在线视图（手机须能访问本服务所在的网络）",
        "Scan to open the live view (the device must reach the network of this service)",
    );
    let drawing = scan::drawing(m.link.filter(|_| m.public)?, caption)?;
    Some(Block::Picture(Picture { caption: caption.to_owned(), alt: caption.to_owned(), drawing, map: false }))
}

/// Tables have numbers in their order.
fn number_tables(sections: &mut [(String, Vec<Block>)]) {
    let blocks = sections.iter_mut().flat_map(|(_, blocks)| blocks);
    let tables = blocks.filter_map(|b| if let Block::Table(table) = b { Some(table) } else { None });
    for (i, table) in (1..).zip(tables) {
        table.caption = table.caption.replacen('#', &i.to_string(), 1);
    }
}

/// What must be said at a glance, of the data and of the map.
fn marks(m: &Material<'_>) -> Vec<String> {
    let mut marks: Vec<String> = m.chips();
    if m.about.manifest.map_approval.is_missing() {
        marks.push(m.say("内部资料 未经审图", "Internal use; map not reviewed").to_owned());
    }
    marks
}

/// What must be said of a map: whether it is schematic, and whether it was reviewed.
fn status(m: &Material<'_>) -> String {
    let mut parts: Vec<String> = Vec::new();
    let schematic = schematic(m);
    if !schematic.is_empty() {
        let schematic = schematic.join(m.say("、", ", "));
        parts.push(match m.lang {
            Lang::Zh => format!("{schematic}为示意"),
            Lang::En => format!("schematic: {schematic}"),
        });
    }
    match &m.about.manifest.map_approval {
        MapApproval::NotNeeded => {}
        MapApproval::Number(number) => parts.push(m.labelled(m.say("审图号", "map approval number"), number)),
        MapApproval::Missing => parts.push(
            m.say(
                "审图号未填写，未经审图，仅供内部使用",
                "no map approval number: not reviewed, for internal use only",
            )
            .to_owned(),
        ),
    }
    parts.join(m.say("；", "; "))
}

/// Titles of what is schematic: lines of a layout by their part, zones by their kind, other collections by themselves.
fn schematic<'a>(m: &Material<'a>) -> Vec<&'a str> {
    let mut layers: Vec<(usize, &CollectionSpec)> = m.about.manifest.collections.iter().enumerate().collect();
    layers.retain(|(_, c)| c.schematic && matches!(c.role, Role::Layout | Role::Zones));
    layers.sort_by_key(|(_, c)| c.role != Role::Layout);
    let mut out = Vec::new();
    for (place, collection) in layers {
        let lines = collection.parts.iter().filter(|p| matches!(p.draw, Draw::Axis | Draw::Belt));
        let kind = m.about.zone_kinds.iter().find(|k| k.collections.contains(&place));
        let title = kind.map_or(&collection.title, |k| &k.title);
        let parts: Vec<&Text> = lines.map(|p| &p.title).collect();
        out.extend(if parts.is_empty() { vec![title] } else { parts });
    }
    let mut seen = Vec::new();
    for title in out.into_iter().map(|t| t.get(m.lang)) {
        if !seen.contains(&title) {
            seen.push(title);
        }
    }
    seen
}

fn findings(m: &Material<'_>) -> Vec<Block> {
    let mut blocks = Vec::new();
    if m.summary.sample {
        blocks.push(Block::Note(m.fill(
            "名录为示例数据，{row}均为虚构，以下数字只用于演示。",
            "The register is sample data: its {rows} are invented, and the figures are for demonstration only.",
        )));
    }
    blocks.extend(finding::sentences(m).into_iter().map(Block::Text));
    blocks
}

fn of_clusters(m: &Material<'_>, numbered: &mut impl FnMut(&str) -> String) -> Vec<Block> {
    let caption = m.fill("表 #　{}各{class}", "Table #  {Classes}, {}").replacen("{}", m.zone_name(), 1);
    let sheet = clusters::sheet(m);
    let notes = sheet.foot.clone();
    let mut table = Table::brief(sheet.heads, sheet.rows, sheet.total, caption);
    let alone = finding::only(m).is_some();
    if alone {
        // under a condition on the cluster the others are none by definition
        let mut counts = m.summary.clusters.iter().map(|c| c.count);
        table.rows.retain(|_| counts.next().is_none_or(|n| n > 0));
    }
    let mut blocks = vec![Block::Table(table)];
    blocks.extend(quotients::blocks(m));
    for sheet in clusters::others(m) {
        let caption = m.fill("表 #　{}各{class}其他指标", "Table #  Other figures by {class}, {}").replacen(
            "{}",
            m.zone_name(),
            1,
        );
        let mut table = Table::brief(sheet.heads, sheet.rows, sheet.total, caption);
        if alone {
            let mut counts = m.summary.clusters.iter().map(|c| c.count);
            table.rows.retain(|_| counts.next().is_none_or(|n| n > 0));
        }
        blocks.push(Block::Table(table));
    }
    // the marks stand at the head of every page
    let said = |line: &String| !m.chips().contains(line);
    blocks.extend(notes.into_iter().filter(said).map(Block::Note));
    let summary = m.summary;
    if summary.counts.matched == 0 {
        return blocks;
    }
    if alone {
        blocks.extend(m.in_documents().into_iter().filter_map(|metric| by_period(m, metric, numbered)));
        return blocks;
    }
    let shown = summary.zone.kind != AreaKind::City && summary.clusters.iter().any(|c| c.lq.is_some());
    let rows: Vec<Entry<'_>> = summary
        .clusters
        .iter()
        .map(|row| {
            let color = row.code.as_ref().and_then(|code| m.about.class(code)).map_or("", |e| &e.color);
            let color = if color.is_empty() { "#9AA0A6" } else { color };
            let share = row.share.map(|s| m.say("（{}）", " ({})").replacen("{}", &format!("{:.1}%", s * 100.0), 1));
            let label = format!("{}{}", grouped(row.count), share.unwrap_or_default());
            Entry {
                mark: &row.mark,
                name: row.name.get(m.lang),
                color,
                count: row.count,
                label,
                quotient: quotients::told(row),
            }
        })
        .collect();
    let count = m.fill("{row}数（{counter}）及占比", "{Rows} and their share");
    let average = m.fill("{whole}平均", "average of {whole}");
    let (caption, lq) = if shown {
        let lq = (m.say("区位熵", "Location quotient"), average.as_str());
        (m.fill("各{class}{row}数与区位熵", "{Rows} and location quotients by {class}"), Some(lq))
    } else {
        (m.fill("各{class}{row}数", "{Rows} by {class}"), None)
    };
    blocks.push(picture(&caption, numbered, charts::clusters(&caption, &count, lq, &rows)));
    blocks.extend(m.in_documents().into_iter().filter_map(|metric| by_period(m, metric, numbered)));
    blocks
}

/// The sums of a register without classification, and how they changed.
fn of_figures(m: &Material<'_>, numbered: &mut impl FnMut(&str) -> String) -> Vec<Block> {
    let metrics = m.in_documents();
    if metrics.is_empty() {
        return vec![];
    }
    let row = |metric: &&MetricSpec| {
        let amount = m.summary.totals.get(&metric.id);
        let sum = amount.map_or(Cell::Empty, |a| overview::amount_cell(a, metric.decimals));
        let [_, missing] = clusters::pair(metric, amount);
        let period = amount.and_then(|a| a.period).map_or_else(|| "—".to_owned(), |period| m.bare(period));
        let (title, unit) = (metric.title.get(m.lang).to_owned(), metric.unit.get(m.lang).to_owned());
        vec![title, period, sum.printed(), unit, missing.printed()]
    };
    let heads = [("指标", "Figure"), m.period_head(), ("合计", "Total"), ("单位", "Unit"), ("缺数", "Missing")];
    let table = Table {
        caption: m.say("表 #　{}各指标合计", "Table #  Totals, {}").replacen("{}", m.zone_name(), 1),
        heads: heads.map(|(zh, en)| m.say(zh, en).to_owned()).to_vec(),
        numeric: vec![false, true, true, false, true],
        rows: metrics.iter().map(row).collect(),
        total: false,
    };
    let charts = metrics.iter().filter_map(|metric| by_period(m, metric, numbered));
    std::iter::once(Block::Table(table)).chain(charts).collect()
}

fn picture(caption: &str, numbered: &mut impl FnMut(&str) -> String, drawing: Drawing<'static>) -> Block {
    let texts: Vec<&str> = drawing.lines().map(|l| l.text.as_str()).collect();
    let alt = format!("{caption}: {}", texts.join(" "));
    Block::Picture(Picture { caption: numbered(caption), alt, drawing, map: false })
}

fn by_period(m: &Material<'_>, metric: &MetricSpec, numbered: &mut impl FnMut(&str) -> String) -> Option<Block> {
    let periods: Vec<(Period, &Amount)> = m.past.of(metric).collect();
    if periods.len() < 2 || periods.iter().all(|(_, a)| a.sum.is_none()) {
        return None;
    }
    let largest =
        periods.iter().filter_map(|(_, a)| a.sum.filter(|_| !a.withheld)).fold(0.0, |a: f64, b| a.max(b.abs()));
    let declared = m.unit_of(&metric.unit, largest);
    let (scale, unit) = declared.map_or((1.0, metric.unit.get(m.lang)), |u| (u.factor, u.name.as_str()));
    let columns: Vec<(String, Option<f64>, String, String)> = periods
        .iter()
        .map(|(period, a)| {
            let value = a.sum.filter(|_| !a.withheld).map(|s| s / scale);
            let label = match value {
                Some(v) if scale > 1.0 => super::cell::Form::Grouped(if v < 1000.0 { 2 } else { 1 }).printed(v),
                Some(v) => super::cell::Form::Grouped(metric.decimals).printed(v),
                None if a.withheld => super::cell::WITHHELD.to_owned(),
                None => m.say("暂缺", "none").to_owned(),
            };
            let reported = m.fill("{} {counter}有数", "{} report").replacen("{}", &grouped(a.reported), 1);
            (m.bare(*period), value, label, reported)
        })
        .collect();
    let years = periods.iter().all(|(period, _)| period.whole_year().is_some());
    let caption = if years {
        m.fill("历年{}合计（{}，各年有数{row}）", "{} by year ({}; those that report)")
    } else {
        m.fill("各期{}合计（{}，各期有数{row}）", "{} by period ({}; those that report)")
    };
    let caption = caption.replacen("{}", metric.title.get(m.lang), 1).replacen("{}", unit, 1);
    Some(picture(&caption, numbered, charts::columns(&caption, &columns)))
}

fn of_children(m: &Material<'_>, kind: usize, list: &ZoneList) -> Vec<Block> {
    let sheet = children::sheet(m, kind, list);
    let said = |line: &String| !m.chips().contains(line);
    let notes: Vec<String> = sheet.foot.iter().filter(|line| said(line)).cloned().collect();
    let caption = m.say("表 #　{}", "Table #  {}").replacen("{}", children::title(m, kind), 1);
    let mut blocks = vec![Block::Table(Table::brief(sheet.heads, sheet.rows, sheet.total, caption))];
    blocks.extend(notes.into_iter().map(Block::Note));
    blocks
}

fn of_platforms(m: &Material<'_>) -> Vec<Block> {
    let sheet = platforms::sheet(m);
    let notes = sheet.foot.clone();
    let said = |line: &String| !m.chips().contains(line);
    let notes = notes.into_iter().filter(said);
    if m.platforms.is_empty() {
        return notes.map(Block::Text).collect();
    }
    let of = |status: &str| m.platforms.iter().filter(|p| p.status.as_deref() == Some(status)).count();
    let known = [
        ("existing", "已有", "existing"),
        ("planned", "规划", "planned"),
        ("later", "规划之后出现", "later than the plan"),
    ];
    let known = known.into_iter().filter(|(status, ..)| of(status) > 0).map(|(status, zh, en)| match m.lang {
        Lang::Zh => format!("{zh} {} 个", of(status)),
        Lang::En => format!("{} {en}", of(status)),
    });
    let (n, known) = (m.platforms.len(), known.collect::<Vec<_>>().join(m.say("、", ", ")));
    let title = m.platforms_title().unwrap_or_default();
    let text = match (m.lang, known.is_empty()) {
        (Lang::Zh, true) => format!("数据集收录与本区域有关的{title} {n} 个。"),
        (Lang::Zh, false) => format!("数据集收录与本区域有关的{title} {n} 个，其中{known}。"),
        (Lang::En, true) => format!("{title} of the dataset that belong to this area: {n}."),
        (Lang::En, false) => format!("{title} of the dataset that belong to this area: {n} ({known})."),
    };
    let caption = m.say("表 #　{}", "Table #  {}").replacen("{}", title, 1);
    let mut blocks = vec![Block::Text(text), Block::Table(Table::brief(sheet.heads, sheet.rows, sheet.total, caption))];
    blocks.extend(notes.map(Block::Note));
    blocks
}

/// The rows of other tables and layers of points in the area.
fn beside(m: &Material<'_>) -> Option<(String, Vec<Block>)> {
    if m.beside.is_empty() {
        return None;
    }
    let heads = [("名称", "Name"), ("数量", "Number"), ("说明", "Remarks")];
    let row = |of: &CountBeside| {
        let written = grouped(of.count);
        let count = of.row.as_ref().map_or(written.clone(), |row| row.count(of.count, &written).get(m.lang).to_owned());
        vec![of.title.get(m.lang).to_owned(), count, overview::beside_remark(m, of)]
    };
    let table = Table {
        caption: m
            .say("表 #　本区域内其他统计表与点图层的数量", "Table #  Other tables and layers of points in the area")
            .to_owned(),
        heads: heads.map(|(zh, en)| m.say(zh, en).to_owned()).to_vec(),
        numeric: vec![false, true, false],
        rows: m.beside.iter().map(row).collect(),
        total: false,
    };
    let mut blocks = vec![Block::Table(table)];
    if !m.summary.filter.is_empty() {
        let note = m.fill("筛选条件只用于{row},不用于此表。", "The conditions are on {rows} and not on this table.");
        blocks.push(Block::Note(note));
    }
    if dates::beside_differ(m) {
        let note =
            m.say("本表各行的数据日期不同,见说明。", "The rows of this table are of different days; see the remarks.");
        blocks.push(Block::Note(m.printed(note, note)));
    }
    Some((m.say("其他统计表", "Other tables").to_owned(), blocks))
}

fn against_plan(m: &Material<'_>) -> Vec<Block> {
    let text = |zh, en| vec![Block::Text(m.say(zh, en).to_owned())];
    if m.summary.sample {
        return text(
            "名录为示例数据，其合计不与规划目标对比，因此本小结不列规划目标与完成情况。换成真实名录后自动列出。",
            "The register is sample data, so its sums are not set against the plan's targets and none are listed here. They appear once a real register is loaded.",
        );
    }
    if !m.summary.filter.is_empty() {
        return text(
            "本小结设有筛选条件，不与规划目标对比。",
            "This summary is under conditions and is not set against the plan's targets.",
        );
    }
    let rows = method::indicators(m);
    if rows.is_empty() {
        return text(
            "规划目标没有本区域的口径，不能按区拆分；未自行推算。",
            "The plan has no targets for this area; they can't be divided, and none were estimated.",
        );
    }
    let heads = [("指标", "Figure"), ("数值", "Value"), ("单位", "Unit"), ("说明", "Remarks")];
    let table = Table {
        caption: m
            .say("表 #　规划目标与已公布的实际数", "Table #  Targets of the plan, and published figures")
            .to_owned(),
        heads: heads.map(|(zh, en)| m.say(zh, en).to_owned()).to_vec(),
        numeric: vec![false, true, false, false],
        rows: rows.iter().map(|r| r.iter().map(Cell::printed).collect()).collect(),
        total: false,
    };
    let note = m.say(
        "口径不同的数字不可相比；名录合计见表 1。",
        "Figures of different scopes can't be compared; the register's sums are in table 1.",
    );
    vec![Block::Table(table), Block::Note(note.to_owned())]
}

fn method(m: &Material<'_>) -> Vec<String> {
    let mut lines = dates::overdue(m);
    lines.extend(m.summary.notes.iter().map(|note| m.note(note)));
    let (zh, en) = (
        "缺值不按 0 计：合计只含有数的{row}，并列出缺数；“—”表示没有数，“…”表示按统计保密要求不显示。",
        "Missing values are not zero: sums cover those that report and say how many do not; “—” is no value, “…” is withheld.",
    );
    if m.metrics().next().is_some() {
        lines.push(m.fill(zh, en));
    }
    // no metric is left out silently
    let titles: Vec<&str> = m.metrics().filter(|metric| !metric.in_documents).map(|x| x.title.get(m.lang)).collect();
    if !titles.is_empty() {
        let text = m.say(
            "名录另有指标：{}。本文不列，见同一查询的 Excel 工作簿。",
            "The register has further metrics: {}. They are in the Excel workbook of the same question.",
        );
        lines.push(text.replacen("{}", &titles.join(m.say("、", ", ")), 1));
    }
    lines
}
