//! Where rows lie close together: the chapter of documents and the sheet of the workbook.

use super::cell::{Cell, Form, Head, Sheet};
use super::document::{Block, Table};
use super::words::full_width;
use super::{Material, words};
use crate::core::model::{Lang, Text};
use crate::core::query::{AreaFinding, HotArea, HotspotHead, Hotspots, LEAST_LOCATED, PlannedArea, ZonePart};

/// Rows of a table in documents; the workbook has all.
const MOST_ROWS: usize = 12;

/// The title of the chapter and of the sheet.
pub(super) fn title<'a>(m: &Material<'_>) -> &'a str {
    m.lang.pick("热点区域", "Hot areas")
}

fn parts(m: &Material<'_>, all: &[ZonePart]) -> String {
    let one = |p: &ZonePart| format!("{} {}", m.lang.pick(&p.zone.name, &p.zone.name_en), words::grouped(p.count));
    all.iter().take(3).map(one).collect::<Vec<_>>().join(m.say("、", ", "))
}

fn finding(m: &Material<'_>, area: &HotArea) -> String {
    let text = match area.finding {
        AreaFinding::Planned => m.say("全在规划内", "all inside the plan"),
        AreaFinding::PartlyPlanned => m.say("部分在规划内", "partly inside"),
        AreaFinding::Missed => m.say("规划未覆盖", "missed by the plan"),
        AreaFinding::NotCompared => "—",
    };
    text.to_owned()
}

fn cells(m: &Material<'_>, area: &HotArea) -> Vec<Cell<'static>> {
    let count = |n: Option<u64>| n.map_or(if area.withheld { Cell::Withheld } else { Cell::Empty }, Cell::count);
    let lead = area.lead.as_ref();
    let class = lead.map_or(Cell::Empty, |l| Cell::text(l.name.get(m.lang).to_owned()));
    vec![
        area.rank.map_or(Cell::Empty, |rank| Cell::Integer(rank.into(), Form::Plain)),
        Cell::text(area.name.get(m.lang).to_owned()),
        count(area.count),
        count(area.places),
        Cell::maybe(area.area_km2, Form::Grouped(2)),
        Cell::maybe(area.density, Form::Grouped(0)),
        class,
        Cell::maybe(lead.map(|l| l.share), Form::Percent),
        count(area.planned),
        count(area.missed),
        Cell::text(finding(m, area)),
        Cell::text(parts(m, &area.in_planned)),
    ]
}

fn heads(m: &Material<'_>) -> Vec<Head> {
    let both = |zh: &str, en: &str| m.fill(zh, en);
    vec![
        Head::new(both("序号", "Rank")).briefly(both("序号", "Rank")),
        Head::new(both("所在", "Where")).briefly(both("所在", "Where")),
        Head::new(both("{row}数", "{Rows}")).briefly(both("{row}数", "{Rows}")),
        Head::new(both("地址数", "Addresses")),
        Head::new(both("面积(平方公里)", "Area (km²)")).briefly(both("km²", "km²")),
        Head::new(both("密度({counter}/平方公里)", "{Rows} per km²")).briefly(both("{counter}/km²", "per km²")),
        Head::new(both("最多的{class}", "Largest {class}")).briefly(both("最多的{class}", "Largest {class}")),
        Head::new(both("其占比", "Its share")).briefly(both("占比", "Share")),
        Head::new(both("规划范围内", "Inside the plan")).briefly(both("规划内", "Planned")),
        Head::new(both("规划未覆盖", "Missed by the plan")).briefly(both("规划外", "Missed")),
        Head::new(both("判断", "Finding")),
        Head::new(both("所在规划范围", "Planned areas")),
    ]
}

/// The sheet of the workbook.
pub(super) fn sheet<'a>(m: &Material<'a>, found: &'a Hotspots) -> Sheet<'a> {
    let rows: Vec<Vec<Cell<'a>>> = found.areas.features.iter().map(|f| cells(m, &f.properties)).collect();
    let mut foot: Vec<String> = sentences(m, found);
    foot.extend(said(m, found));
    Sheet {
        name: title(m).to_owned(),
        title: Some((format!("{} {}", m.zone_name(), title(m)), m.chips())),
        heads: heads(m),
        rows: Box::new(rows.into_iter()),
        total: None,
        foot,
        frozen: 0,
    }
}

/// The sheet of the planned areas beside the dense ones.
pub(super) fn planned_sheet<'a>(m: &Material<'a>, found: &'a Hotspots) -> Option<Sheet<'a>> {
    if found.areas.planned.is_empty() {
        return None;
    }
    let rows: Vec<Vec<Cell<'a>>> = found.areas.planned.iter().map(|p| planned_cells(m, p)).collect();
    let notes = found.areas.head.notes.iter();
    Some(Sheet {
        name: m.say("规划范围与热点", "Planned and dense").to_owned(),
        title: Some((planned_title(m, found), m.chips())),
        heads: planned_heads(m),
        rows: Box::new(rows.into_iter()),
        total: None,
        foot: notes.filter(|n| matches!(&*n.code, "plan" | "schematic")).map(|n| m.note(n)).collect(),
        frozen: 0,
    })
}

fn planned_title(m: &Material<'_>, found: &Hotspots) -> String {
    let kind = found.areas.against.as_ref().and_then(|id| m.about.zone_kinds.iter().find(|k| k.id == *id));
    let kind = kind.map_or("", |k| k.title.get(m.lang));
    m.say("{}与热点片对照", "{} beside hot areas").replacen("{}", kind, 1)
}

fn planned_heads(m: &Material<'_>) -> Vec<Head> {
    let head = |zh: &str, en: &str| {
        let text = m.fill(zh, en);
        Head::new(text.clone()).briefly(text)
    };
    vec![
        head("规划范围", "Planned area"),
        head("{row}数", "{Rows}"),
        head("其中在热点片", "in hot areas"),
        head("面积(平方公里)", "Area (km²)"),
        head("其中无集聚", "without a hot area"),
        head("说明", "Remarks"),
    ]
}

fn planned_cells(m: &Material<'_>, p: &PlannedArea) -> Vec<Cell<'static>> {
    let count = |n: Option<u64>| n.map_or(Cell::Withheld, Cell::count);
    let mut remarks = Vec::new();
    if p.without_rows {
        remarks.push(m.fill("范围内未见{row}", "no {rows} inside"));
    }
    if p.schematic {
        remarks.push(m.say("示意范围", "schematic").to_owned());
    }
    vec![
        Cell::text(m.lang.pick(&p.zone.name, &p.zone.name_en).to_owned()),
        count(p.count),
        count(p.dense),
        Cell::maybe(p.area_km2, Form::Grouped(1)),
        Cell::maybe(p.empty_km2, Form::Grouped(1)),
        Cell::text(remarks.join(m.say("；", "; "))),
    ]
}

fn parameters(m: &Material<'_>, head: &HotspotHead) -> String {
    let one = |p: &crate::core::query::HotspotParameter| {
        let value = Form::Plain.printed(p.value);
        let unit = p.unit.get(m.lang);
        let derived = p.derived.as_ref().map(|d| format!(" ({})", d.get(m.lang))).unwrap_or_default();
        format!("{} {value} {unit}{derived}", p.title.get(m.lang)).replace("  ", " ")
    };
    head.parameters.iter().map(one).collect::<Vec<_>>().join(m.say("；", "; "))
}

/// How each was made, and when not to believe it.
fn said(m: &Material<'_>, found: &Hotspots) -> Vec<String> {
    let heads = [&found.areas.head, &found.hexagons.head, &found.density.head];
    let mut out = Vec::new();
    for head in heads {
        let text = Text { zh: full_width(&head.method.zh), en: head.method.en.clone() };
        let of = m.labelled(m.say("参数", "Parameters"), &parameters(m, head));
        out.push(format!("{}{}{of}", text.get(m.lang), m.say("", " ")));
    }
    for one in heads.iter().flat_map(|head| &head.notes) {
        let line = m.note(one);
        if !out.contains(&line) {
            out.push(line);
        }
    }
    out
}

/// What was found, in sentences.
fn sentences(m: &Material<'_>, found: &Hotspots) -> Vec<String> {
    let Hotspots { areas, hexagons, density } = found;
    let number = words::grouped;
    let mut out = Vec::new();
    let shown = areas.features.iter().filter(|f| !f.properties.withheld).count();
    let part = |n: u64| Form::Percent.printed(n as f64 / areas.head.located.max(1) as f64);
    out.push(m.fill(
        &format!(
            "在有坐标的 {} {{counter}}{{row}}中找到热点片 {shown} 个，含{{row}} {} {{counter}}（{}）。",
            number(areas.head.located),
            number(areas.dense),
            part(areas.dense)
        ),
        &format!(
            "Among the {} {{rows}} with a position there are {shown} hot areas, which hold {} of them ({}).",
            number(areas.head.located),
            number(areas.dense),
            part(areas.dense)
        ),
    ));
    if let Some(missed) = areas.missed.filter(|_| areas.dense > 0) {
        let bare = areas.planned.iter().filter(|p| p.without_rows).count();
        let km2: f64 = areas.planned.iter().filter_map(|p| p.empty_km2).sum();
        let km2 = Form::Grouped(0).printed(km2);
        out.push(m.fill(&format!(
                    "热点片中有{{row}} {} {{counter}}不在任何规划范围内；规划范围 {} 个中有 {bare} 个范围内未见{{row}}，落在热点片之外的面积合计约 {km2} 平方公里（范围可能重叠）。",
                    number(missed),
                    areas.planned.len()
                ), &format!(
                    "Of those in hot areas {} lie in no planned area; of {} planned areas {bare} hold no {{rows}}, and some {km2} km² of them lie outside of hot areas (outlines may overlap).",
                    number(missed),
                    areas.planned.len()
                )));
    }
    let h = hexagons.hexagons;
    out.push(match m.lang {
        Lang::Zh => format!(
            "六边形 {} 格（平均 {} 平方公里）中，热点 {} 格、冷点 {} 格（q ≤ 0.05，精确 p 值）。",
            number(h.all),
            Form::Ratio(2).printed(hexagons.hexagon_km2),
            number(h.hot),
            number(h.cold)
        ),
        Lang::En => format!(
            "Of {} hexagons ({} km² on average) {} are hot and {} cold (q of at most 0.05, exact p-values).",
            number(h.all),
            Form::Ratio(2).printed(hexagons.hexagon_km2),
            number(h.hot),
            number(h.cold)
        ),
    });
    if let (Some(highest), Some(peak)) = (density.highest, density.peaks.first()) {
        let place = peak.zone.as_ref().map_or("", |z| m.lang.pick(&z.name, &z.name_en));
        let highest = Form::Grouped(u8::from(highest < 10.0)).printed(highest);
        out.push(m.fill(
            &format!("密度最高处在{place}，约每平方公里 {highest} {{counter}}。"),
            &format!("The density is highest in {place}: about {highest} {{rows}} to a square kilometre."),
        ));
    }
    out
}

/// The chapter of documents.
pub(super) fn blocks(m: &Material<'_>, found: &Hotspots) -> Vec<Block> {
    if (found.areas.head.located as usize) < LEAST_LOCATED {
        return found.areas.head.notes.iter().filter(|n| n.code == "too-few").map(|n| Block::Text(m.note(n))).collect();
    }
    let mut out: Vec<Block> = sentences(m, found).into_iter().map(Block::Text).collect();
    let table = |caption: String, heads: Vec<Head>, rows: Vec<Vec<Cell<'static>>>| {
        Block::Table(Table::brief(heads, rows.into_iter(), None, caption))
    };
    let shown = || found.areas.features.iter().map(|f| &f.properties).filter(|a| !a.withheld);
    if shown().next().is_some() {
        let caption = m.say("表 #　{}热点片", "Table #  Hot areas, {}").replacen("{}", m.zone_name(), 1);
        out.push(table(caption, heads(m), shown().take(MOST_ROWS).map(|a| cells(m, a)).collect()));
        if shown().count() > MOST_ROWS {
            let text = m.say("只列前 {} 个，其余见 Excel 工作簿。", "The first {}; the others are in the workbook.");
            out.push(Block::Note(text.replacen("{}", &MOST_ROWS.to_string(), 1)));
        }
    }
    if !found.areas.planned.is_empty() {
        let caption = format!("{}{}", m.say("表 #　", "Table #  "), planned_title(m, found));
        let rows = found.areas.planned.iter().take(MOST_ROWS).map(|p| planned_cells(m, p)).collect();
        out.push(table(caption, planned_heads(m), rows));
    }
    out.extend(said(m, found).into_iter().map(Block::Note));
    out
}
