//! Chains of a class: the stages that its codelist states, which of them each zone has rows of, and what is nearest of those that an
//! area lacks (`near`).
//!
//! All of it is made of what `/zones`, `/summary` and the rows give to the same reader. Stages and rows of no stage make up the class in
//! every zone, so their sums pass the gate once more as one table: none that is withheld is what the others leave of the class. A gap
//! is a count of zero: a sum that is withheld never is one.

mod near;

use super::answer::{Amounts, Note, ZoneName};
use super::area_spec::AreaSpec;
use super::choropleth::{Apart, Quantity};
use super::disclosure::{DisclosureLine, DisclosureTable};
use super::engine::Bound;
use super::query_error::QueryError;
use super::question::Question;
use super::sides::{Areas, Line, Side};
use super::weight::{Weight, weight_of, weights};
use crate::filter::{Expr, Op};
use crate::model::{Codelist, CodelistEntry, Lang, Period, Text, year_and_period};
use crate::snapshot::{ClassFault, ClassName, ClassSpec, Description};
use serde::Serialize;

/// A stage of the class.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ChainStage {
    /// Code.
    pub code: String,
    /// Name.
    pub name: Text,
    /// What sort of stage it is, such as upstream, where the codelist says it.
    pub kind: Option<Text>,
    /// Its column in the diagram, from 0: one behind the last of the stages that feed it; one that nothing feeds stands right before
    /// the first that it feeds.
    pub column: usize,
    /// The stages that feed it.
    pub after: Vec<String>,
}

/// A stage in an area.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ChainCell {
    /// Code of the stage; `null` for rows of the class without one of its stages.
    pub stage: Option<String>,
    /// Rows. A stage without any is a gap: not seen in the register.
    pub count: u64,
    /// The figure; `null` where no row has a value or it is withheld.
    pub value: Option<f64>,
    /// Whether the sum is withheld.
    pub withheld: bool,
}

/// A row of a stage that an area lacks.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ChainCandidate {
    /// Id.
    pub id: String,
    /// Name; the id where the reader may not see it.
    pub name: Text,
    /// Metres from the border of the area to its position.
    pub metres: f64,
    /// Longitude and latitude.
    pub position: Option<[f64; 2]>,
}

/// A zone that has rows of a stage that an area lacks.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ChainNear {
    /// The zone.
    #[serde(flatten)]
    pub zone: ZoneName,
    /// Rows of the stage.
    pub count: u64,
    /// Metres between the outlines; 0 where they touch.
    pub metres: f64,
}

/// What is nearest of a stage that an area lacks.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ChainGap {
    /// Code of the stage.
    pub stage: String,
    /// Its nearest rows.
    pub nearest: Vec<ChainCandidate>,
    /// Its rows without a position, which are near to nothing.
    pub unlocated: usize,
    /// The nearest zones that have some.
    pub zones: Vec<ChainNear>,
}

/// The chain in an area.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ChainArea {
    /// The area; without an id where the reader drew it, and for the whole.
    #[serde(flatten)]
    pub zone: ZoneName,
    /// Whether its outline is schematic (示意).
    pub schematic: bool,
    /// Whether it has rows besides that the reader, who is limited to districts, does not see.
    pub partial: bool,
    /// Rows of the class.
    pub count: u64,
    /// The figure of the class.
    pub value: Option<f64>,
    /// Whether the sum is withheld.
    pub withheld: bool,
    /// The stages, in the order of [`Chain::stages`].
    pub stages: Vec<ChainCell>,
    /// Rows of the class without one of its stages: they make it up with the stages.
    pub unstaged: ChainCell,
    /// The stages of which it has no row.
    pub missing: Vec<String>,
}

/// The chain of a class in an area, or in the zones of a kind.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Chain {
    /// Revision of the data.
    pub revision: String,
    /// The period, as `year`, where it is one, and `period`.
    #[serde(flatten, serialize_with = "year_and_period")]
    pub period: Option<Period>,
    /// Whether the rows are invented (示例数据).
    pub sample: bool,
    /// The class; `null` where there are no stages.
    pub class: Option<ClassName>,
    /// The classes that have stages.
    pub classes: Vec<ClassName>,
    /// What the list of stages is called.
    pub title: Text,
    /// Whether the stages are drawn up for illustration (示意).
    pub schematic: bool,
    /// Where they come from.
    pub source: Text,
    /// The property that holds the stage of a row.
    pub property: Option<String>,
    /// The kind of the zones; `null` for one area.
    pub zone_kind: Option<String>,
    /// Whether the zones share no row, so that with what none of them holds they add up to the whole.
    pub partition: bool,
    /// What is counted or summed.
    pub weight: Weight,
    /// What can be chosen for `weight`.
    pub weights: Vec<Weight>,
    /// The stages, in the codelist's order.
    pub stages: Vec<ChainStage>,
    /// Why there are none; `null` where there are.
    pub unavailable: Option<Note>,
    /// The whole.
    pub whole: Option<ChainArea>,
    /// The area in question, or the zones and what none of them holds.
    pub zones: Vec<ChainArea>,
    /// What is nearest of the stages that the area in question lacks; of many zones nothing.
    pub gaps: Vec<ChainGap>,
    /// Rules and cautions.
    pub notes: Vec<Note>,
}

/// The property of the register with stages, and their list.
pub(super) fn staged(about: &Description) -> Option<(&str, &Codelist)> {
    let spec = &about.register()?.spec;
    let name = spec.register.as_ref()?.stage.as_deref()?;
    let list = spec.property(name)?.1.codelist.as_deref()?;
    Some((name, about.codelists.get(list)?))
}

/// Whether the register says at which stage of their class rows stand.
pub fn has_chains(about: &Description) -> bool {
    staged(about).is_some()
}

/// The classes that have stages, in their codelist's order.
fn classes<'a>(about: &'a Description, list: &Codelist) -> Vec<&'a CodelistEntry> {
    let all = about.clusters().map(|classes| classes.entries.as_slice()).unwrap_or_default();
    all.iter().filter(|class| list.stages_of(&class.code).next().is_some()).collect()
}

fn named(class: &CodelistEntry) -> ClassName {
    ClassName { code: class.code.clone(), name: class.name.clone() }
}

/// The stages of a class with their columns.
fn stages_of(list: &Codelist, class: &str) -> Vec<ChainStage> {
    let entries: Vec<&CodelistEntry> = list.stages_of(class).collect();
    let place = |code: &String| entries.iter().position(|entry| entry.code == *code);
    let mut columns: Vec<usize> = vec![0; entries.len()];
    // a list without circles is settled after as many rounds as it has stages
    for _ in 0..entries.len() {
        for (at, entry) in entries.iter().enumerate() {
            let behind = entry.after.iter().filter_map(place).map(|before| columns[before] + 1).max();
            columns[at] = behind.unwrap_or(0);
        }
    }
    // what nothing feeds stands right before what it feeds first, so that no link passes a stage
    for (at, entry) in entries.iter().enumerate().filter(|(_, entry)| entry.after.is_empty()) {
        let fed = entries.iter().zip(&columns).filter(|(other, _)| other.after.contains(&entry.code));
        if let Some(first) = fed.map(|(_, column)| *column).min() {
            columns[at] = first.saturating_sub(1);
        }
    }
    let stage = |(entry, column): (&&CodelistEntry, usize)| ChainStage {
        code: entry.code.clone(),
        name: entry.name.clone(),
        kind: entry.kind.clone(),
        column,
        after: entry.after.clone(),
    };
    entries.iter().zip(columns).map(stage).collect()
}

/// What is asked: rows of a class, by stage.
struct Stages<'a> {
    bound: &'a Bound,
    /// The property with the classes.
    classes: &'a str,
    class: &'a str,
    property: &'a str,
    codes: Vec<String>,
}

impl Stages<'_> {
    /// The question about the rows of the class.
    fn question(&self) -> Question {
        let question = self.bound.question().clone().having(self.classes, self.class);
        let question = question.by_classes(ClassSpec::default()).with_secondary(false);
        question.with_statistics(false).with_spread(false).with_growth(false).since(None).with_outline(false)
    }

    fn everywhere(&self) -> Question {
        self.question().within(AreaSpec::default())
    }

    /// The condition of a stage.
    fn at(&self, stage: &str) -> Expr {
        Expr::Call(Op::Eq, vec![Expr::Property(self.property.to_owned()), Expr::Text(stage.to_owned())])
    }

    /// The condition of rows without one of the stages.
    fn elsewhere(&self) -> Expr {
        let property = || Expr::Property(self.property.to_owned());
        let codes = self.codes.iter().map(|code| Expr::Text(code.clone())).collect();
        let none = Expr::Call(Op::IsNull, vec![property()]);
        let other = Expr::Call(Op::Not, vec![Expr::Call(Op::In, vec![property(), Expr::List(codes)])]);
        Expr::Call(Op::Or, vec![none, other])
    }
}

/// The class in question: the one asked for, else that of the question, else the first that has stages; none where that of the
/// question has no stages.
fn class_of<'a>(
    known: &[&'a CodelistEntry],
    about: &'a Description,
    (asked, of): (Option<&str>, Option<&str>),
) -> Result<Option<&'a CodelistEntry>, QueryError> {
    let Some(word) = asked else {
        return Ok(known.iter().find(|class| of.is_none_or(|code| class.code == code)).copied());
    };
    let found = about.clusters().and_then(|list| list.find(word)).map(|(_, entry)| entry);
    found.filter(|entry| known.iter().any(|class| class.code == entry.code)).map(Some).ok_or_else(|| {
        let all = known.iter().map(|class| &*class.code).collect::<Vec<_>>().join(" | ");
        QueryError::Classes(ClassFault { parameter: "class", value: word.to_owned(), known: Text::new(&*all, &*all) })
    })
}

/// The chain of a class in the area of a question, or, where it is everywhere, in the zones of its kind. Without a class that of the
/// question, or the first that has stages.
pub fn chain(bound: &Bound, class: Option<&str>, weight: Option<&str>) -> Result<Chain, QueryError> {
    let about = bound.describe();
    let quantity = Quantity::of(about, weight)?;
    let areas = Areas::of(bound);
    let mut out = Chain {
        revision: about.revision.clone(),
        period: bound.period(),
        sample: about.sample(),
        class: None,
        classes: vec![],
        title: Text::default(),
        schematic: false,
        source: Text::default(),
        property: None,
        zone_kind: areas.kind.clone(),
        partition: false,
        weight: weight_of(about, quantity),
        weights: weights(about),
        stages: vec![],
        unavailable: None,
        whole: None,
        zones: vec![],
        gaps: vec![],
        notes: vec![],
    };
    let register = about.register().and_then(|c| c.spec.register.as_ref()).ok_or(QueryError::NoRegister)?;
    let known = staged(about).map(|(property, list)| (property, list, classes(about, list)));
    let Some(((property, list, known), column)) = known.zip(register.cluster.as_deref()) else {
        out.unavailable = Some(no_stages(about));
        return Ok(out);
    };
    out.classes = known.iter().copied().map(named).collect();
    let Some(entry) = class_of(&known, about, (class, bound.question().class(about)))? else {
        out.unavailable = Some(no_stages(about));
        return Ok(out);
    };
    let codes = list.stages_of(&entry.code).map(|stage| stage.code.clone()).collect();
    let stages = Stages { bound, classes: column, class: &entry.code, property, codes };
    let question = stages.question();
    let ask = |question: Question| areas.side(&question, false);
    let conditions = stages.codes.iter().map(|code| stages.at(code)).chain([stages.elsewhere()]);
    let mut table = Table {
        all: ask(question.clone())?,
        parts: conditions.map(|condition| ask(question.clone().filtered(condition))).collect::<Result<_, _>>()?,
    };
    table.withhold(bound, about);
    out.class = Some(named(entry));
    (out.title, out.schematic, out.source) = (list.title.clone(), list.schematic, list.source.clone());
    out.property = Some(property.to_owned());
    out.partition = table.all.partition;
    out.stages = stages_of(list, &entry.code);
    out.whole = Some(table.area(quantity, &stages.codes, 0));
    out.zones = (1..=table.all.areas.len()).map(|place| table.area(quantity, &stages.codes, place)).collect();
    // what no zone holds is no zone: without rows there is nothing to say of it
    out.zones.retain(|area| areas.kind.is_none() || !area.zone.zone_kind.is_empty() || area.count > 0);
    if let ([area], None) = (out.zones.as_slice(), &areas.kind) {
        out.gaps = near::gaps(&stages, &area.missing)?;
    }
    out.notes = notes(&out, bound);
    Ok(out)
}

/// The answers for the class, for each stage, and for the rows of none.
struct Table {
    all: Side,
    parts: Vec<Side>,
}

impl Table {
    /// Withholds what the stages leave of the class, and the zones of the whole.
    fn withhold(&mut self, bound: &Bound, about: &Description) {
        let Some(register) = about.register().and_then(|c| c.spec.register.as_ref()) else { return };
        let (areas, partition) = (self.all.areas.len(), self.all.partition);
        let mut rows: Vec<(Amounts, Vec<Amounts>)> = Vec::new();
        // the total of the others stands last
        let places: Vec<usize> = (1..=areas).chain([0]).collect();
        for place in &places {
            let total = std::mem::take(&mut self.all.line_mut(*place).amounts);
            let parts = self.parts.iter_mut().map(|side| std::mem::take(&mut side.line_mut(*place).amounts));
            rows.push((total, parts.collect()));
        }
        let lines =
            rows.iter_mut().map(|(total, parts)| DisclosureLine { total, parts: parts.iter_mut().map(Some).collect() });
        let mut lines: Vec<DisclosureLine> = lines.collect();
        // the whole of a reader who is limited to districts is of others, too: it is no total of what the reader sees
        let whole = about.scope.is_some().then(|| lines.pop()).flatten();
        let mut tables = vec![(lines, partition && whole.is_none())];
        tables.extend(whole.map(|whole| (vec![whole], false)));
        for (lines, lines_add_up) in tables.into_iter().filter(|(lines, _)| !lines.is_empty()) {
            let table = DisclosureTable { lines, parts_add_up: true, lines_add_up, withheld: false };
            bound.disclosure().withhold(&register.disclosure, table);
        }
        for (place, (total, parts)) in places.into_iter().zip(rows) {
            self.all.line_mut(place).amounts = total;
            for (side, amounts) in self.parts.iter_mut().zip(parts) {
                side.line_mut(place).amounts = amounts;
            }
        }
    }

    /// The chain of the whole at 0, of the areas from 1.
    fn area(&self, quantity: Quantity, codes: &[String], place: usize) -> ChainArea {
        let cell = |line: &Line, stage: Option<&String>| {
            let value = quantity.take(line.count, &line.amounts);
            let (stage, withheld) = (stage.cloned(), value == Err(Apart::Withheld));
            ChainCell { stage, count: line.count, value: value.ok(), withheld }
        };
        let all = self.all.line(place);
        let mut cells: Vec<ChainCell> =
            (self.parts.iter().enumerate()).map(|(part, side)| cell(side.line(place), codes.get(part))).collect();
        let total = cell(all, None);
        let unstaged = cells.pop().unwrap_or_else(|| total.clone());
        let missing = cells.iter().filter(|cell| cell.count == 0).filter_map(|cell| cell.stage.clone()).collect();
        ChainArea {
            zone: all.zone.clone(),
            schematic: all.schematic,
            partial: all.partial,
            count: total.count,
            value: total.value,
            withheld: total.withheld,
            stages: cells,
            unstaged,
            missing,
        }
    }
}

fn no_stages(about: &Description) -> Note {
    let Text { zh, en } = about.wording().text(
        "没有该{class}的环节:在 dataset.json 的 register.stage 写明环节属性,并在其代码表中写各{class}的环节。",
        "The {class} has no stages: name the property of stages in register.stage of dataset.json, and write the stages of {classes} in its codelist.",
    );
    Note::new("no-stages", zh, en)
}

/// The rules, and when not to believe the figures.
fn notes(found: &Chain, bound: &Bound) -> Vec<Note> {
    let words = bound.describe().wording();
    let mut out = Vec::new();
    let mut note = |code: &str, zh: &str, en: &str| out.push(Note::filled(&words, code, zh, en));
    let source = |lang| {
        let text = found.source.get(lang);
        if text.is_empty() { String::new() } else { text.to_owned() }
    };
    let (zh, en) = (source(Lang::Zh), source(Lang::En));
    match (found.schematic, zh.is_empty() && en.is_empty()) {
        (true, true) => note(
            "stages",
            "环节划分为示意,不是公布的目录。",
            "The stages are illustrative; no authority has published them.",
        ),
        (true, false) => note(
            "stages",
            &format!("环节划分为示意,不是公布的目录。依据:{zh}"),
            &format!("The stages are illustrative; no authority has published them. They rest on: {en}"),
        ),
        (false, true) => {}
        (false, false) => note("stages", &format!("环节划分来源:{zh}"), &format!("Source of the stages: {en}")),
    }
    note(
        "gap",
        "“名录中未见”指所问范围内名录没有该环节的{row},不等于当地没有:名录未收、未填环节、环节填错或被条件排除的都不算。合计不公开的环节不是缺口。",
        "“Not seen in the register” says that the register has no {row} of the stage in the area in question. It does not say that there is none: {rows} may be left out of the register, have no stage or a wrong one, or be left out by a condition. A stage whose sum is withheld is no gap.",
    );
    if let Some(whole) = found.whole.as_ref().filter(|whole| whole.unstaged.count > 0) {
        let n = whole.unstaged.count;
        note(
            "unstaged",
            &format!("{{whole}}有 {n} {{counter}}{{row}}未填或所填不是该类的环节,单列一行,与各环节合计等于总数。"),
            &format!(
                "In all, {n} have no stage or one of another class; they are a line of their own, which makes up the total with the stages."
            ),
        );
    }
    if !found.gaps.is_empty() {
        note(
            "nearest",
            "就近{row}按名录坐标到范围边界的直线距离排列,没有坐标的不列;邻近区域按边界间距离排列。距离不说明双方有无业务往来。",
            "The nearest {rows} are by the straight line from their position to the border of the area, those without a position left out; zones by the distance of outlines. Distances say nothing of business between {rows}.",
        );
    }
    if found.zones.iter().any(|area| area.partial) {
        note(
            "partial",
            "部分区域只含所辖{row},其缺口可能由未显示的{row}补上。",
            "Of some zones only part of the {rows} is shown: what is hidden may fill the gaps.",
        );
    }
    if bound.question().secondary() {
        note("secondary", "环节只按主属统计,不含兼属。", "Stages are counted by the primary class only.");
    }
    if found.zones.iter().any(|area| area.withheld || area.stages.iter().any(|cell| cell.withheld)) {
        note(
            "withheld",
            "部分合计按保密规则不公开,环节与总数之差也推不出。",
            "Some sums are withheld; they are not what the others leave of the total.",
        );
    }
    out
}
