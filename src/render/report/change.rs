//! How the area changed since the first period: a chapter of documents, and a sheet of the workbook. In the report about the whole, the
//! zones beside each other; else the area by class.

use super::Material;
use super::cell::{Cell, Form, Head, Sheet};
use super::document::{Block, Table};
use crate::core::model::Period;
use crate::core::query::{AreaChange, Bound, Change, Changed, ClassChange, QueryError, change};

/// Zones of which documents have a line; the workbook has all.
const MOST_ZONES: usize = 20;

/// The change of the first metric of the register, or of the number of its rows where it has none.
pub(super) fn of(bound: &Bound) -> Result<Change, QueryError> {
    let register = bound.describe().register().and_then(|c| c.spec.register.as_ref());
    let metric = register.and_then(|r| r.metrics.iter().find(|m| m.in_documents));
    change(bound, metric.map(|m| m.id.as_str()))
}

/// The title of the chapter and of the sheet.
pub(super) fn title(m: &Material<'_>) -> String {
    m.say("变化与构成因素", "Change and its parts").to_owned()
}

fn name(m: &Material<'_>, area: &AreaChange) -> String {
    m.lang.pick(&area.zone.name, &area.zone.name_en).to_owned()
}

fn value(found: &Change, value: Option<f64>) -> Cell<'static> {
    value.map_or(Cell::Withheld, |value| Cell::Number(value, Form::Grouped(found.weight.decimals)))
}

fn part(found: &Change, value: Option<f64>) -> Cell<'static> {
    Cell::maybe(value, Form::Grouped(found.decimals))
}

/// A head of documents and of the workbook.
fn head(text: impl Into<String>) -> Head {
    let text = text.into();
    Head::new(text.clone()).briefly(text)
}

fn period(m: &Material<'_>, period: Option<Period>) -> String {
    period.map_or_else(String::new, |period| m.bare(period))
}

/// Which columns documents have room for; the workbook has all.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Shown {
    /// The whole by class: what it was, is, and how rows came and went.
    Whole,
    /// An area by class: what it was, is, and the parts of its change.
    Area,
    /// Zones beside each other: their change and its parts.
    Zones,
}

/// The figures of a change: both periods, the change, its parts, rows that came and went.
fn heads(m: &Material<'_>, found: &Change, shown: Shown) -> Vec<Head> {
    use Shown::{Area, Whole, Zones};
    let column = |text: String, of: &[Shown]| if of.contains(&shown) { head(text) } else { Head::new(text) };
    let say = |zh: &str, en: &str| m.fill(zh, en);
    vec![
        column(period(m, found.since), &[Whole, Area]),
        column(period(m, found.period), &[Whole, Area]),
        column(say("变化", "Change"), &[Whole, Area, Zones]),
        column(say("变化率", "Rate"), &[Whole, Zones]),
        column(say("按{whole}增速", "Rate of {whole}"), &[Area, Zones]),
        column(say("{class}构成", "Mix"), &[Area, Zones]),
        column(say("自身因素", "Its own"), &[Area, Zones]),
        column(say("竞争分量", "Competitive"), &[]),
        column(say("配置分量", "Allocation"), &[]),
        column(say("自身因素(逐期)", "Its own, by steps"), &[]),
        column(say("两期都在", "Stayed"), &[]),
        column(say("新进入", "Entered"), &[Whole, Zones]),
        column(say("退出", "Left"), &[Whole, Zones]),
    ]
}

fn figures(found: &Change, of: &Changed) -> Vec<Cell<'static>> {
    let count = |n: Option<u64>| n.map_or(Cell::Empty, Cell::count);
    let rows = of.rows.as_ref();
    vec![
        value(found, of.before),
        value(found, of.now),
        value(found, of.change),
        Cell::maybe(of.rate, Form::Change),
        part(found, of.parts.map(|parts| parts.whole)),
        part(found, of.parts.map(|parts| parts.mix)),
        part(found, of.parts.map(|parts| parts.regional)),
        part(found, of.own.map(|own| own.competitive)),
        part(found, of.own.map(|own| own.allocation)),
        part(found, of.dynamic.map(|parts| parts.regional)),
        count(rows.map(|r| r.stayed)),
        count(rows.map(|r| r.entered)),
        count(rows.map(|r| r.left)),
    ]
}

fn class_name(m: &Material<'_>, class: &ClassChange) -> String {
    class.name.get(m.lang).to_owned()
}

fn together(m: &Material<'_>) -> String {
    m.fill("不公开的{class}合计", "Withheld {classes} together")
}

fn caption(m: &Material<'_>, found: &Change) -> String {
    let (title, unit) = (found.weight.title.get(m.lang), found.weight.unit.get(m.lang));
    let text = m.say("表 #　{}的变化及其构成", "Table #  Change of {} and its parts");
    text.replacen("{}", &m.with_unit(title, unit), 1)
}

fn sentences(m: &Material<'_>, area: &AreaChange) -> Vec<String> {
    area.findings.iter().map(|finding| m.printed(&finding.text.zh, &finding.text.en)).collect()
}

fn line(name: String, found: &Change, of: &Changed) -> Vec<Cell<'static>> {
    std::iter::once(Cell::text(name)).chain(figures(found, of)).collect()
}

/// The table of an area by class, its total last.
fn of_classes(m: &Material<'_>, found: &Change, area: &AreaChange, shown: Shown) -> Table {
    let rows = area.classes.iter().map(|class| line(class_name(m, class), found, &class.changed));
    let merged = area.together.as_ref().filter(|_| shown == Shown::Area).map(|of| line(together(m), found, of));
    let rows: Vec<Vec<Cell<'static>>> = rows.chain(merged).collect();
    let total = line(m.say("合计", "Total").to_owned(), found, &area.changed);
    let mut all = vec![head(m.words.class.title().get(m.lang))];
    all.extend(heads(m, found, shown));
    Table::brief(all, rows.into_iter(), Some(total), caption(m, found))
}

/// The table of the zones.
fn of_zones(m: &Material<'_>, found: &Change) -> Table {
    let mut all = vec![head(m.words.zone.title().get(m.lang))];
    all.extend(heads(m, found, Shown::Zones));
    let zones = found.zones.iter().take(MOST_ZONES);
    let rows: Vec<Vec<Cell<'static>>> = zones.map(|zone| line(name(m, zone), found, &zone.changed)).collect();
    Table::brief(all, rows.into_iter(), None, caption(m, found))
}

/// The chapter of documents.
pub(super) fn blocks(m: &Material<'_>, found: &Change) -> Vec<Block> {
    let mut out = Vec::new();
    let by_zones = found.zone_kind.is_some();
    let area = if by_zones { found.whole.as_ref() } else { found.zones.first() };
    if let Some(area) = area {
        out.push(Block::List(sentences(m, area)));
        let shown = if by_zones { Shown::Whole } else { Shown::Area };
        out.push(Block::Table(of_classes(m, found, area, shown)));
    }
    if by_zones && !found.zones.is_empty() {
        out.push(Block::Table(of_zones(m, found)));
        let said = found.zones.iter().take(MOST_ZONES).map(|zone| (name(m, zone), sentences(m, zone)));
        let said = said.map(|(name, said)| (name, said.join(m.say("", " "))));
        out.push(Block::Pairs(said.filter(|(_, said)| !said.is_empty()).collect()));
        if found.zones.len() > MOST_ZONES {
            let text = m.fill(
                "只列前 {} 个{zone}，其余见 Excel 工作簿。",
                "The first {} {zones}; the others are in the workbook.",
            );
            out.push(Block::Note(text.replacen("{}", &MOST_ZONES.to_string(), 1)));
        }
    }
    out.extend(found.notes.iter().map(|note| Block::Note(m.note(note))));
    out
}

/// The sheet of the workbook: every area by class.
pub(super) fn sheet<'a>(m: &Material<'a>, found: &'a Change) -> Sheet<'a> {
    let mut all = vec![Head::new(m.words.zone.title().get(m.lang)), Head::new(m.words.class.title().get(m.lang))];
    all.extend(heads(m, found, Shown::Zones));
    let more = |zh: &str, en: &str| Head::new(m.fill(zh, en));
    all.extend([
        more("进入者本期", "Entered, later"),
        more("退出者前期", "Left, earlier"),
        more("同口径", "Like for like"),
        more("两期都有数据", "With both values"),
        more("前期有数据", "With a value, earlier"),
        more("本期有数据", "With a value, later"),
    ]);
    let full = |zone: String, class: String, of: &Changed| -> Vec<Cell<'a>> {
        let rows = of.rows.as_ref();
        let alike = of.alike.as_ref();
        let count = |n: Option<u64>| n.map_or(Cell::Empty, Cell::count);
        let sum = |of: Option<f64>| Cell::maybe(of, Form::Grouped(found.weight.decimals));
        let rate = match alike {
            Some(alike) if alike.withheld => Cell::Withheld,
            alike => Cell::maybe(alike.and_then(|alike| alike.rate), Form::Change),
        };
        let mut out = vec![Cell::text(zone), Cell::text(class)];
        out.extend(figures(found, of));
        out.extend([
            sum(rows.and_then(|rows| rows.entered_now)),
            sum(rows.and_then(|rows| rows.left_before)),
            rate,
            count(alike.map(|alike| alike.both)),
            count(alike.map(|alike| alike.reported_before)),
            count(alike.map(|alike| alike.reported)),
        ]);
        out
    };
    let mut rows: Vec<Vec<Cell<'a>>> = Vec::new();
    for area in found.whole.iter().chain(&found.zones) {
        let zone = name(m, area);
        rows.extend(area.classes.iter().map(|class| full(zone.clone(), class_name(m, class), &class.changed)));
        rows.extend(area.together.iter().map(|of| full(zone.clone(), together(m), of)));
        rows.push(full(zone, m.say("合计", "Total").to_owned(), &area.changed));
    }
    let areas = || found.whole.iter().chain(&found.zones);
    let mut foot: Vec<String> = areas()
        .map(|area| (name(m, area), sentences(m, area).join(m.say("", " "))))
        .filter(|(_, said)| !said.is_empty())
        .map(|(name, said)| m.labelled(&name, &said))
        .collect();
    foot.extend(found.notes.iter().map(|note| m.note(note)));
    let measured = m.with_unit(found.weight.title.get(m.lang), found.weight.unit.get(m.lang));
    Sheet {
        name: m.say("变化", "Change").to_owned(),
        title: Some((format!("{} {} · {measured}", m.zone_name(), title(m)), m.chips())),
        heads: all,
        rows: Box::new(rows.into_iter()),
        total: None,
        foot,
        frozen: 2,
    }
}
