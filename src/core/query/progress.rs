//! How far a plan is: its items with the figures by which they are measured, what was stated of each, and what is not known. The day is
//! given: nothing here has a clock.

use super::beside::LedgerCount;
use super::disclosure::Disclosure;
use super::engine::{Bound, Engine};
use super::question::Question;
use crate::columns::Value;
use crate::model::{ActsOn, Deadline, Indicator, Lang, Period, PlanItem, Text, TrackedList, TrackedPlan};
use crate::snapshot::Description;
use serde::{Deserialize, Serialize};

/// How far an item is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ItemStatus {
    /// Nobody has begun.
    NotStarted,
    /// It is being done.
    UnderWay,
    /// It is done.
    Done,
    /// It was given up.
    Stopped,
}

impl ItemStatus {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::NotStarted, Self::UnderWay, Self::Done, Self::Stopped];

    /// Its code.
    pub fn name(self) -> &'static str {
        match self {
            Self::NotStarted => "not_started",
            Self::UnderWay => "under_way",
            Self::Done => "done",
            Self::Stopped => "stopped",
        }
    }

    /// The status of a code.
    pub fn of(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.name() == name)
    }

    /// It in words.
    pub fn words(self) -> Text {
        let (zh, en) = match self {
            Self::NotStarted => ("未启动", "not started"),
            Self::UnderWay => ("推进中", "under way"),
            Self::Done => ("已完成", "done"),
            Self::Stopped => ("已中止", "stopped"),
        };
        Text::new(zh, en)
    }

    /// Whether nothing more is to come.
    pub fn is_settled(self) -> bool {
        matches!(self, Self::Done | Self::Stopped)
    }
}

/// What was stated of an item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProgressEntry {
    /// Its number: later ones are higher.
    pub number: u64,
    /// The item.
    pub item: String,
    /// How far it is.
    pub status: ItemStatus,
    /// The day of which that is, `YYYY-MM-DD`.
    pub as_of: String,
    /// What shows it; empty where nothing does.
    pub evidence: String,
    /// Who is responsible; empty where it stays as it was.
    pub department: String,
    /// When it is due; none where it stays as it was.
    pub deadline: Option<Deadline>,
    /// When it was written down, in seconds since 1970.
    pub made: i64,
    /// Who wrote it down.
    pub made_by: String,
}

/// A figure as it is stated.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct StatedFigure {
    /// The figure.
    pub value: f64,
    /// `eq`, `ge`, `gt` or `approx`.
    pub comparator: String,
    /// What it is of: a year or another period.
    pub period: Option<String>,
    /// Where it stands.
    pub source: Text,
    /// Remarks.
    pub note: Text,
}

/// The figures by which an item is measured.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ItemFigure {
    /// What is measured.
    pub title: Text,
    /// Its unit.
    pub unit: Text,
    /// What is aimed at.
    pub target: Option<StatedFigure>,
    /// The latest there is, no later than the target's year.
    pub actual: Option<StatedFigure>,
    /// Whether the actual figure reaches the target; not known where it is of another year, is approximate, or is invented.
    pub reached: Option<bool>,
    /// Whether the actual figure is of invented rows (示例数据): it is set against no target.
    pub sample: bool,
    /// Whether the actual figure is a sum that may not leave.
    pub withheld: bool,
}

/// What an item acts on, with its name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct NamedTarget {
    /// What it is, as the plan's file states it.
    #[serde(flatten)]
    pub what: ActsOn,
    /// Its name; its id where nothing of the data has it.
    pub name: Text,
    /// Whether the data has it.
    pub known: bool,
}

/// An item and how far it is.
#[derive(Clone, Debug)]
pub struct ItemProgress {
    /// The item.
    pub item: PlanItem,
    /// What it acts on.
    pub acts_on: Vec<NamedTarget>,
    /// Its figures.
    pub figure: Option<ItemFigure>,
    /// Who is responsible: as was stated last, else as the plan says.
    pub department: Option<Text>,
    /// When it is due: as was stated last, else as the plan says.
    pub deadline: Option<Deadline>,
    /// What was stated of it up to the day, the latest last.
    pub entries: Vec<ProgressEntry>,
    /// Whether the day is after its deadline and it is neither done nor given up.
    pub overdue: bool,
}

impl ItemProgress {
    /// What counts: what was stated last.
    pub fn latest(&self) -> Option<&ProgressEntry> {
        self.entries.last()
    }

    /// How far it is; none where nobody has stated it.
    pub fn status(&self) -> Option<ItemStatus> {
        self.latest().map(|entry| entry.status)
    }

    /// Whether it has a status that nothing shows.
    pub fn lacks_evidence(&self) -> bool {
        self.latest().is_some_and(|entry| entry.evidence.is_empty())
    }
}

/// How many items are how far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ProgressCounts {
    /// All items.
    pub items: usize,
    /// Nobody has stated how far they are.
    pub unknown: usize,
    /// Nobody has begun.
    pub not_started: usize,
    /// They are being done.
    pub under_way: usize,
    /// They are done.
    pub done: usize,
    /// They were given up.
    pub stopped: usize,
    /// The day is after their deadline, and they are neither done nor given up.
    pub overdue: usize,
    /// They have a status that nothing shows.
    pub without_evidence: usize,
    /// Nobody is known to be responsible.
    pub without_department: usize,
    /// It is not known when they are due.
    pub without_deadline: usize,
}

impl ProgressCounts {
    fn add(&mut self, item: &ItemProgress) {
        self.items += 1;
        *match item.status() {
            None => &mut self.unknown,
            Some(ItemStatus::NotStarted) => &mut self.not_started,
            Some(ItemStatus::UnderWay) => &mut self.under_way,
            Some(ItemStatus::Done) => &mut self.done,
            Some(ItemStatus::Stopped) => &mut self.stopped,
        } += 1;
        self.overdue += usize::from(item.overdue);
        self.without_evidence += usize::from(item.lacks_evidence());
        self.without_department += usize::from(item.department.is_none());
        self.without_deadline += usize::from(item.deadline.is_none());
    }
}

/// How far a plan is on a day.
#[derive(Clone, Debug)]
pub struct PlanProgress {
    /// Title of the plan.
    pub title: Text,
    /// What its file says of itself.
    pub note: Text,
    /// The kinds of items.
    pub lists: Vec<TrackedList>,
    /// The items, list by list.
    pub items: Vec<ItemProgress>,
    /// The day, `YYYY-MM-DD`.
    pub day: String,
    /// How many entries are about items that the plan does not have.
    pub strays: usize,
}

impl PlanProgress {
    /// The items of a list.
    pub fn of_list<'a>(&'a self, list: &'a str) -> impl Iterator<Item = &'a ItemProgress> {
        self.items.iter().filter(move |one| one.item.list == list)
    }

    /// How many items of a list, or of all, are how far.
    pub fn counts(&self, list: Option<&str>) -> ProgressCounts {
        let mut counts = ProgressCounts::default();
        self.items.iter().filter(|one| list.is_none_or(|list| one.item.list == list)).for_each(|one| counts.add(one));
        counts
    }
}

/// How far a plan is on a day: of what was stated with a date up to that day, what was written down last counts. What the reader may not
/// ask has no figure.
pub fn plan_progress(
    plan: TrackedPlan,
    (engine, disclosure): (&dyn Engine, Disclosure),
    counts: &[LedgerCount],
    entries: &[ProgressEntry],
    day: &str,
) -> PlanProgress {
    let about = engine.describe();
    let item = |item: &PlanItem| {
        let mut own: Vec<ProgressEntry> =
            entries.iter().filter(|e| e.item == item.id && e.as_of.as_str() <= day).cloned().collect();
        own.sort_by_key(|entry| entry.number);
        let department = own.iter().rev().map(|e| &e.department).find(|d| !d.is_empty()).map(Text::same);
        let deadline = own.iter().rev().find_map(|e| e.deadline.clone()).or_else(|| item.deadline.clone());
        let settled = own.last().is_some_and(|entry| entry.status.is_settled());
        ItemProgress {
            acts_on: item.acts_on.iter().map(|what| named(what, &plan, engine, disclosure)).collect(),
            figure: figure(item, about, counts)
                .or_else(|| of_metric(item, about, |question| engine.bind(question, disclosure).ok())),
            department: department.or_else(|| item.department.clone()),
            overdue: !settled && deadline.as_ref().is_some_and(|deadline| deadline.last_day() < day),
            deadline,
            entries: own,
            item: item.clone(),
        }
    };
    let items: Vec<ItemProgress> = plan.items.iter().map(item).collect();
    let strays = entries.iter().filter(|entry| plan.item(&entry.item).is_none()).count();
    PlanProgress { title: plan.title, note: plan.note, lists: plan.lists, items, day: day.to_owned(), strays }
}

/// The name of what an item acts on.
fn named(what: &ActsOn, plan: &TrackedPlan, engine: &dyn Engine, disclosure: Disclosure) -> NamedTarget {
    let about = engine.describe();
    let both = |zh: &str, en: &str| Text::new(zh, if en.is_empty() { zh } else { en });
    let spec = |id: &str| {
        let table = about.tables.iter().find(|table| table.id == id).map(|table| &table.spec);
        table.or_else(|| about.collection(id).map(|(_, collection)| &collection.spec))
    };
    let class = |code: &str| {
        let list = match &what.collection {
            Some(id) => spec(id)?.class_codelist(),
            None => about.class_codelist(),
        };
        let entry = about.codelists.get(list?)?.entries.iter().find(|entry| entry.code == code)?;
        Some(entry.name.clone())
    };
    let (found, id) = match what {
        ActsOn { zone: Some(id), .. } => (about.zone(id).map(|zone| both(&zone.name, &zone.name_en)), id),
        ActsOn { item: Some(id), .. } => (plan.item(id).map(|item| item.title.clone()), id),
        ActsOn { class: Some(code), .. } => (class(code), code),
        ActsOn { collection: Some(collection), feature: Some(id), .. } => {
            (feature_name(engine, collection, id, disclosure), id)
        }
        ActsOn { collection: Some(id), .. } => (spec(id).map(|spec| spec.title.clone()), id),
        ActsOn { .. } => return NamedTarget { what: what.clone(), name: Text::default(), known: false },
    };
    NamedTarget { what: what.clone(), known: found.is_some(), name: found.unwrap_or_else(|| Text::same(id)) }
}

/// The name of a feature, where it may leave.
fn feature_name(engine: &dyn Engine, collection: &str, id: &str, disclosure: Disclosure) -> Option<Text> {
    let found = engine.feature(collection, id, disclosure)?;
    let row = *found.rows().first()? as usize;
    let text = |name: &Option<String>| {
        let (place, _) = found.spec().property(name.as_deref()?)?;
        match found.table().columns.get(place).filter(|_| found.columns().contains(&place))?.value(row) {
            Value::Text(text) => Some(text.to_owned()),
            _ => None,
        }
    };
    let zh = text(&found.spec().name)?;
    let en = text(&found.spec().name_en).unwrap_or_else(|| zh.clone());
    Some(Text { zh, en })
}

/// The figures of an item's indicator: rows of one indicator, one scope, one zone and one unit, and never of two.
fn figure(item: &PlanItem, about: &Description, counts: &[LedgerCount]) -> Option<ItemFigure> {
    let (id, zone) = (item.indicator.as_deref()?, item.zone.as_deref().unwrap_or_default());
    let rows = || about.indicators.iter().filter(move |row| row.indicator == id && row.zone == zone);
    let target = rows().filter(|row| row.kind == "target").max_by_key(|row| row.year);
    let head = target.or_else(|| rows().next())?;
    let alike = |row: &&Indicator| row.scope == head.scope && row.unit == head.unit && row.kind == "actual";
    let in_time = |row: &&Indicator| match (row.year, target.and_then(|t| t.year)) {
        (Some(year), Some(last)) => year <= last,
        _ => true,
    };
    let actual = rows().filter(alike).filter(in_time).max_by_key(|row| row.year);
    let count = counts.iter().find(|count| count.indicator == id && count.zone == zone);
    let counted = count.map(counted);
    let sample = count.is_some_and(|count| count.sample);
    let reached = target.and_then(|target| match count {
        // a ledger has all there is up to now: what it lacks may still come
        Some(count) => (!count.sample && count.count as f64 >= target.value).then_some(true),
        None => reached(target, actual?),
    });
    Some(ItemFigure {
        title: Text::new(&head.title_zh, &head.title_en),
        unit: Text::new(&head.unit, head.unit_in(Lang::En)),
        target: target.map(stated),
        actual: counted.or_else(|| actual.map(stated)),
        reached,
        sample,
        withheld: false,
    })
}

/// How much of a target is there.
#[derive(Clone, Debug, PartialEq)]
pub struct TargetCover {
    /// The latest figure of the same scope, zone and unit, no later than the target's year: what a ledger counts, else what is stated.
    pub actual: Option<StatedFigure>,
    /// The part of the target that this is; none for rates, and where the rows are invented.
    pub share: Option<f64>,
    /// Whether the figure is of invented rows (示例数据): it is set against no target.
    pub sample: bool,
}

/// How much of a target is there, by the figures that are stated and by what ledgers count.
pub fn target_cover(target: &Indicator, about: &Description, counts: &[LedgerCount]) -> TargetCover {
    let alike = |row: &&Indicator| {
        let same = |of: fn(&Indicator) -> &String| of(row) == of(target);
        let in_time = target.year.is_none_or(|last| row.year.is_none_or(|year| year <= last));
        row.kind == "actual"
            && in_time
            && same(|r| &r.indicator)
            && same(|r| &r.zone)
            && same(|r| &r.scope)
            && same(|r| &r.unit)
    };
    let count = counts.iter().find(|count| count.indicator == target.indicator && count.zone == target.zone);
    let counted = count.map(counted);
    let stated = || about.indicators.iter().filter(alike).max_by_key(|row| row.year).map(stated);
    let (actual, sample) = (counted.or_else(stated), count.is_some_and(|count| count.sample));
    let is_rate = target.unit.trim() == "%";
    let share = actual.as_ref().filter(|_| !sample && !is_rate && target.value > 0.0);
    TargetCover { share: share.map(|actual| actual.value / target.value), actual, sample }
}

/// What a ledger counts, as a figure.
fn counted(count: &LedgerCount) -> StatedFigure {
    StatedFigure {
        value: count.count as f64,
        comparator: "eq".to_owned(),
        period: None,
        source: count.title.clone(),
        note: Text::default(),
    }
}

fn stated(row: &Indicator) -> StatedFigure {
    StatedFigure {
        value: row.value,
        comparator: row.comparator.clone(),
        period: row.year.map(|year| year.to_string()),
        source: Text::new(&row.source, row.source_in(Lang::En)),
        note: Text::new(&row.note, row.note_in(Lang::En)),
    }
}

/// Whether a figure reaches a target of the same year.
fn reached(target: &Indicator, actual: &Indicator) -> Option<bool> {
    if actual.year.is_none() || actual.year != target.year || target.comparator == "approx" {
        return None;
    }
    let enough = actual.value > target.value || (actual.value >= target.value && target.comparator != "gt");
    match actual.comparator.as_str() {
        "eq" => Some(enough),
        // more than a figure: enough where that is, and not known where it is not
        "ge" => enough.then_some(true),
        "gt" => (actual.value >= target.value).then_some(true),
        _ => None,
    }
}

/// The sum of the metric by which an item is measured.
fn of_metric(item: &PlanItem, about: &Description, ask: impl FnOnce(&Question) -> Option<Bound>) -> Option<ItemFigure> {
    let part = item.metric.as_ref()?;
    let spec = &about.tables.iter().find(|table| table.id == part.table)?.spec;
    let metric = spec.register.as_ref()?.metrics.iter().find(|metric| metric.id == part.metric)?;
    let zone = item.zone.as_deref().unwrap_or("city");
    // the rows of some zones are not those of the whole
    let bound = (item.zone.is_some() || about.scope.is_none())
        .then(|| ask(&Question::of(&*part.table).in_zone(zone)))
        .flatten();
    let amount = bound.and_then(|bound| bound.summarize().ok()?.totals.get(&part.metric).cloned());
    let actual = amount.as_ref().and_then(|amount| {
        Some(StatedFigure {
            value: amount.sum?,
            comparator: if amount.protected { "approx" } else { "eq" }.to_owned(),
            period: amount.period.as_ref().map(Period::to_string),
            source: spec.title.clone(),
            note: Text::default(),
        })
    });
    Some(ItemFigure {
        title: metric.title.clone(),
        unit: metric.unit.clone(),
        target: None,
        actual,
        reached: None,
        sample: spec.sample,
        withheld: amount.is_some_and(|amount| amount.withheld),
    })
}
