//! The stages of each class: a chapter of documents, and a sheet of the workbook. In the report about the whole, which zones have rows of
//! a stage and where none is seen; else what is nearest of those that the area lacks.

use super::Material;
use super::cell::{Cell, Form, Head, Sheet};
use super::charts;
use super::document::{Block, Picture, Table};
use super::words::grouped;
use crate::core::query::{Bound, Chain, ChainArea, ChainCell, ChainGap, ChainStage, QueryError, chain};
use crate::render::drawing::Drawing;

/// Zones that documents name in a cell; the workbook has all.
const MOST_NAMED: usize = 6;

/// The chains of all classes that have stages, or that of the class in question, with the sums of the first metric.
pub(super) fn of(bound: &Bound) -> Result<Vec<Chain>, QueryError> {
    let about = bound.describe();
    let register = about.register().and_then(|c| c.spec.register.as_ref());
    let metric = register.and_then(|r| r.metrics.iter().find(|m| m.in_documents)).map(|m| m.id.as_str());
    let first = chain(bound, None, metric)?;
    let Some(own) = first.class.as_ref().filter(|_| first.unavailable.is_none()) else { return Ok(vec![]) };
    if bound.question().class(about).is_some() {
        return Ok(vec![first]);
    }
    let others = first.classes.iter().filter(|class| class.code != own.code);
    let others: Vec<Chain> = others.map(|class| chain(bound, Some(&class.code), metric)).collect::<Result<_, _>>()?;
    let order = |found: &Chain| first.classes.iter().position(|class| Some(class) == found.class.as_ref());
    let mut all: Vec<Chain> = std::iter::once(first.clone()).chain(others).collect();
    all.sort_by_key(order);
    Ok(all)
}

/// The title of the chapter and of the sheet.
pub(super) fn title(m: &Material<'_>) -> &'static str {
    match m.lang {
        crate::core::model::Lang::Zh => "产业链环节",
        crate::core::model::Lang::En => "Stages of the chains",
    }
}

/// What stands for a stage without rows; never that there is none.
fn not_seen(m: &Material<'_>) -> Cell<'static> {
    Cell::text(m.say("名录中未见", "not seen in the register").to_owned())
}

fn class_name<'a>(m: &Material<'_>, found: &'a Chain) -> &'a str {
    found.class.as_ref().map_or("", |class| class.name.get(m.lang))
}

/// The name of a stage, with its sort.
fn stage_name(m: &Material<'_>, found: &Chain, cell: &ChainCell) -> String {
    let stage = cell.stage.as_ref().and_then(|code| found.stages.iter().find(|stage| stage.code == *code));
    let Some(stage) = stage else { return m.say("未填环节", "Without a stage").to_owned() };
    let name = stage.name.get(m.lang);
    match &stage.kind {
        Some(kind) => m.say("{}（{}）", "{} ({})").replacen("{}", name, 1).replacen("{}", kind.get(m.lang), 1),
        None => name.to_owned(),
    }
}

fn figure(found: &Chain, cell: &ChainCell) -> Cell<'static> {
    match cell.value {
        _ if cell.withheld => Cell::Withheld,
        value => Cell::maybe(value, Form::Grouped(found.weight.decimals)),
    }
}

/// All lines of an area: its stages, then the rows of none where there are some.
fn lines(area: &ChainArea) -> impl Iterator<Item = &ChainCell> {
    area.stages.iter().chain(Some(&area.unstaged).filter(|cell| cell.count > 0))
}

fn heads(m: &Material<'_>, found: &Chain) -> Vec<Head> {
    let both = |text: String| Head::new(text.clone()).briefly(text);
    let unit = m.with_unit(found.weight.title.get(m.lang), found.weight.unit.get(m.lang));
    vec![
        both(m.words.class.title().get(m.lang).to_owned()),
        both(m.say("环节", "Stage").to_owned()),
        both(m.fill("{row}数", "{Rows}")),
        both(unit),
    ]
}

/// Names, as many as there is room for.
fn listed(m: &Material<'_>, names: &[&str]) -> Cell<'static> {
    let some = names.iter().take(MOST_NAMED).copied().collect::<Vec<_>>().join(m.say("、", ", "));
    let text = match names.len() {
        0 => "—".to_owned(),
        n if n > MOST_NAMED => m.say("{}等 {} 个", "{} and others, {} in all").replacen("{}", &some, 1).replacen(
            "{}",
            &grouped(n as u64),
            1,
        ),
        _ => some,
    };
    Cell::text(text)
}

fn far(m: &Material<'_>, metres: f64) -> String {
    match metres {
        m if m < 1.0 => "0 km".to_owned(),
        m if m < 950.0 => format!("{} m", (m / 10.0).round() * 10.0),
        m => format!("{:.1} km", m / 1000.0),
    }
    .replace(" km", m.say(" 公里", " km"))
    .replace(" m", m.say(" 米", " m"))
}

/// The rows and zones that are nearest of a stage.
fn nearest(m: &Material<'_>, gap: Option<&ChainGap>) -> [Cell<'static>; 2] {
    let within = |name: &str, metres: f64| {
        m.say("{}（{}）", "{} ({})").replacen("{}", name, 1).replacen("{}", &far(m, metres), 1)
    };
    let Some(gap) = gap else { return [Cell::Empty, Cell::Empty] };
    let joined = |all: Vec<String>| {
        if all.is_empty() { Cell::text("—") } else { Cell::text(all.join(m.say("、", ", "))) }
    };
    let rows = gap.nearest.iter().take(3).map(|row| within(row.name.get(m.lang), row.metres));
    let zone = |near: &crate::core::query::ChainNear| {
        let name = m.lang.pick(&near.zone.name, &near.zone.name_en);
        let said = m.words.row.count(near.count, &grouped(near.count));
        m.say("{}（{}）", "{} ({})").replacen("{}", name, 1).replacen("{}", said.get(m.lang), 1)
    };
    [joined(rows.collect()), joined(gap.zones.iter().map(zone).collect())]
}

/// The chapter of documents.
pub(super) fn blocks(m: &Material<'_>, chains: &[Chain], numbered: &mut impl FnMut(&str) -> String) -> Vec<Block> {
    let Some(first) = chains.first() else { return vec![] };
    let by_zones = first.zone_kind.is_some();
    let mut all = heads(m, first);
    let more: [String; 2] = if by_zones {
        [m.fill("有{row}的{zone}", "{Zones} with some"), m.fill("名录中未见的{zone}", "Not seen in")]
    } else {
        [m.fill("就近{row}", "Nearest {rows}"), m.fill("邻近{zone}", "Nearest {zones}")]
    };
    all.extend(more.map(|text| Head::new(text.clone()).briefly(text)));
    let mut rows: Vec<Vec<Cell<'static>>> = Vec::new();
    for found in chains {
        let area = if by_zones { found.whole.as_ref() } else { found.zones.first() };
        let Some(area) = area else { continue };
        for (place, cell) in lines(area).enumerate() {
            let class = if place == 0 { class_name(m, found) } else { "" };
            let count = if cell.count == 0 { not_seen(m) } else { Cell::text(grouped(cell.count)) };
            let mut row = vec![Cell::text(class.to_owned()), Cell::text(stage_name(m, found, cell)), count];
            row.push(figure(found, cell));
            row.extend(if by_zones { zones_of(m, found, cell) } else { nearest(m, gap_of(found, cell)) });
            rows.push(row);
        }
    }
    let caption = if by_zones {
        ("表 #　各环节的{row}与覆盖", "Table #  {Rows} of each stage, and where")
    } else {
        ("表 #　各环节的{row}与缺口", "Table #  {Rows} of each stage, and gaps")
    };
    let caption = m.fill(caption.0, caption.1);
    // of all classes at once the pictures would take pages
    let diagram = if let [alone] = chains { diagram(m, alone) } else { None };
    let mut out: Vec<Block> = diagram
        .map(|(title, drawing)| Block::Picture(Picture { caption: numbered(&title), alt: title, drawing, map: false }))
        .into_iter()
        .collect();
    out.push(Block::Table(Table::brief(all, rows.into_iter(), None, caption)));
    // what is said of the rows of one chain stands in its table
    let notes = first.notes.iter().filter(|note| note.code != "unstaged");
    out.extend(notes.map(|note| Block::Note(m.note(note))));
    out
}

/// The chain of the area as a picture, with its title.
fn diagram(m: &Material<'_>, found: &Chain) -> Option<(String, Drawing<'static>)> {
    let area = found.whole.as_ref().filter(|_| found.zone_kind.is_some()).or(found.zones.first())?;
    let stage = |stage: &'_ ChainStage| {
        let cell = area.stages.iter().find(|cell| cell.stage.as_ref() == Some(&stage.code));
        let count = cell.map_or(0, |cell| cell.count);
        let after = stage.after.iter().filter_map(|code| found.stages.iter().position(|other| other.code == *code));
        charts::Stage {
            column: stage.column,
            name: stage.name.get(m.lang).to_owned(),
            kind: stage.kind.as_ref().map_or_else(String::new, |kind| kind.get(m.lang).to_owned()),
            label: if count == 0 { not_seen(m).printed() } else { m.rows_of(count) },
            is_gap: count == 0,
            after: after.collect(),
        }
    };
    let stages: Vec<charts::Stage> = found.stages.iter().map(stage).collect();
    let title = m.say("{}的环节（虚线：名录中未见）", "Stages of {} (dashed: not seen in the register)");
    let title = title.replacen("{}", class_name(m, found), 1);
    (!stages.is_empty()).then(|| (title.clone(), charts::stages(&title, &stages)))
}

fn gap_of<'a>(found: &'a Chain, cell: &ChainCell) -> Option<&'a ChainGap> {
    found.gaps.iter().find(|gap| Some(&gap.stage) == cell.stage.as_ref())
}

/// The zones with rows of a stage, and those without.
fn zones_of(m: &Material<'_>, found: &Chain, cell: &ChainCell) -> [Cell<'static>; 2] {
    if cell.stage.is_none() {
        return [Cell::Empty, Cell::Empty];
    }
    let (mut with, mut without) = (Vec::new(), Vec::new());
    for area in found.zones.iter().filter(|area| !area.zone.zone_kind.is_empty()) {
        let name = m.lang.pick(&area.zone.name, &area.zone.name_en);
        let here = area.stages.iter().find(|here| here.stage == cell.stage);
        if here.is_some_and(|here| here.count > 0) { with.push(name) } else { without.push(name) }
    }
    let number = m.fill("{} 个{zone}", "{}").replacen("{}", &grouped(with.len() as u64), 1);
    [Cell::text(number), listed(m, &without)]
}

/// The sheet of the workbook: every stage of every class in every area.
pub(super) fn sheet<'a>(m: &Material<'a>, chains: &'a [Chain]) -> Sheet<'a> {
    let mut all = vec![Head::new(m.words.zone.title().get(m.lang))];
    all.extend(chains.first().map(|first| heads(m, first)).into_iter().flatten());
    all.extend([
        Head::new(m.say("缺口", "Gap")),
        Head::new(m.fill("就近{row}", "Nearest {rows}")),
        Head::new(m.fill("邻近{zone}", "Nearest {zones}")),
    ]);
    let mut rows: Vec<Vec<Cell<'a>>> = Vec::new();
    for found in chains {
        for area in found.whole.iter().chain(&found.zones) {
            let name = m.lang.pick(&area.zone.name, &area.zone.name_en);
            // what is nearest is of the area in question
            let of_area = found.zone_kind.is_none() && found.whole.as_ref() != Some(area);
            for cell in lines(area) {
                let gap = gap_of(found, cell).filter(|_| of_area);
                let mut row = vec![Cell::text(name), Cell::text(class_name(m, found))];
                row.extend([Cell::text(stage_name(m, found, cell)), Cell::count(cell.count), figure(found, cell)]);
                row.push(if cell.stage.is_some() && cell.count == 0 { not_seen(m) } else { Cell::Empty });
                row.extend(nearest(m, gap));
                rows.push(row);
            }
        }
    }
    let foot = chains.first().map(|first| first.notes.iter().map(|note| m.note(note)).collect()).unwrap_or_default();
    Sheet {
        name: m.say("产业链", "Chains").to_owned(),
        title: Some((format!("{} {}", m.zone_name(), title(m)), m.chips())),
        heads: all,
        rows: Box::new(rows.into_iter()),
        total: None,
        foot,
        frozen: 3,
    }
}
