//! The items of the plan in answers, and what is stated of one.

use crate::core::model::Text;
use crate::core::query::{ItemProgress, ItemStatus, PlanProgress, ProgressCounts, ProgressEntry};
use crate::http::admin::versions::moment;
use crate::http::extract::context::Context;
use crate::http::schemas;
use crate::service::accounts::Permission;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// How far an item is.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum PlanItemStatus {
    NotStarted,
    UnderWay,
    Done,
    Stopped,
}

impl From<PlanItemStatus> for ItemStatus {
    fn from(status: PlanItemStatus) -> Self {
        match status {
            PlanItemStatus::NotStarted => Self::NotStarted,
            PlanItemStatus::UnderWay => Self::UnderWay,
            PlanItemStatus::Done => Self::Done,
            PlanItemStatus::Stopped => Self::Stopped,
        }
    }
}

impl From<ItemStatus> for PlanItemStatus {
    fn from(status: ItemStatus) -> Self {
        match status {
            ItemStatus::NotStarted => Self::NotStarted,
            ItemStatus::UnderWay => Self::UnderWay,
            ItemStatus::Done => Self::Done,
            ItemStatus::Stopped => Self::Stopped,
        }
    }
}

/// What is stated of an item.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ProgressBody {
    /// How far it is.
    pub(super) status: PlanItemStatus,
    /// The day of which that is, `YYYY-MM-DD`, not after today.
    pub(super) as_of: String,
    /// What shows it: at most 2,000 characters; needed of what is done.
    #[serde(default)]
    pub(super) evidence: String,
    /// Who is responsible, at most 120 characters; empty where it stays as it was.
    #[serde(default)]
    pub(super) department: String,
    /// When it is due (`2026-12-31`, `2026`, `2026Q3`, `2026-06`); empty where it stays as it was.
    #[serde(default)]
    pub(super) deadline: String,
}

/// How many items are how far.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PlanItemCounts {
    /// All items.
    items: usize,
    /// Nobody has stated how far they are.
    unknown: usize,
    not_started: usize,
    under_way: usize,
    done: usize,
    stopped: usize,
    /// Past their deadline, and neither done nor stopped.
    overdue: usize,
    /// They have a status that nothing shows.
    without_evidence: usize,
    /// Nobody is known to be responsible.
    without_department: usize,
    /// It is not known when they are due.
    without_deadline: usize,
}

impl From<ProgressCounts> for PlanItemCounts {
    fn from(counts: ProgressCounts) -> Self {
        let ProgressCounts { items, unknown, not_started, under_way, done, stopped, overdue, .. } = counts;
        Self {
            items,
            unknown,
            not_started,
            under_way,
            done,
            stopped,
            overdue,
            without_evidence: counts.without_evidence,
            without_department: counts.without_department,
            without_deadline: counts.without_deadline,
        }
    }
}

/// A kind of items.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PlanItemList {
    /// Its id: the member of the plan that holds the items.
    list: String,
    /// What one of them is called.
    #[schema(value_type = schemas::Text)]
    title: Text,
    /// How many of them are how far.
    counts: PlanItemCounts,
}

/// A figure as it is stated.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PlanFigureStated {
    value: f64,
    /// `eq`, `ge`, `gt` or `approx`.
    comparator: String,
    /// The year or period that it is of; `null` where it is as of now, or not stated.
    period: Option<String>,
    /// Where it stands.
    #[schema(value_type = schemas::Text)]
    source: Text,
    /// Remarks.
    #[schema(value_type = schemas::Text)]
    note: Text,
}

/// The figures by which an item is measured.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PlanItemFigure {
    /// What is measured.
    #[schema(value_type = schemas::Text)]
    title: Text,
    #[schema(value_type = schemas::Text)]
    unit: Text,
    /// What is aimed at.
    target: Option<PlanFigureStated>,
    /// The latest there is, no later than the target's year.
    actual: Option<PlanFigureStated>,
    /// Whether the actual figure reaches the target; `null` where that is not known.
    reached: Option<bool>,
    /// Whether the actual figure is of invented rows (示例数据): it is set against no target.
    sample: bool,
    /// Whether the actual figure is a sum that may not leave.
    withheld: bool,
}

/// What an item acts on: one of zone, collection (perhaps with feature or class), class and item.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PlanItemTarget {
    zone: Option<String>,
    collection: Option<String>,
    feature: Option<String>,
    class: Option<String>,
    item: Option<String>,
    /// Its name; its id where the data does not have it.
    #[schema(value_type = schemas::Text)]
    name: Text,
    /// Whether the data has it.
    known: bool,
}

/// What was stated of an item.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PlanItemEntry {
    status: PlanItemStatus,
    /// The day of which that is.
    as_of: String,
    /// What shows it; empty where nothing does.
    evidence: String,
    /// Who is responsible, where that was stated then.
    department: String,
    /// When it is due, where that was stated then.
    deadline: Option<String>,
    /// When it was written down (RFC 3339, UTC).
    made: String,
    /// Who wrote it down; only for who may edit.
    made_by: Option<String>,
}

impl PlanItemEntry {
    fn of(context: &Context, entry: &ProgressEntry) -> Self {
        let edits = context.reader().may(Permission::Edit);
        Self {
            status: entry.status.into(),
            as_of: entry.as_of.clone(),
            evidence: entry.evidence.clone(),
            department: entry.department.clone(),
            deadline: entry.deadline.as_ref().map(ToString::to_string),
            made: moment(entry.made),
            made_by: edits.then(|| entry.made_by.clone()),
        }
    }
}

/// An item and how far it is.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PlanItemInfo {
    /// List and code, as `measures.layout`.
    id: String,
    /// Its list.
    list: String,
    /// What it says.
    #[schema(value_type = schemas::Text)]
    title: Text,
    /// Remarks of the plan's file.
    #[schema(value_type = Option<schemas::Text>)]
    note: Option<Text>,
    /// Who is responsible, as was stated last, else as the plan's file says; `null` where it is not known.
    #[schema(value_type = Option<schemas::Text>)]
    department: Option<Text>,
    /// When it is due, in the same way: a day, or a period at whose end.
    deadline: Option<String>,
    /// Whether that is over and the item neither done nor stopped.
    overdue: bool,
    figure: Option<PlanItemFigure>,
    acts_on: Vec<PlanItemTarget>,
    /// What was stated last; `null` where nobody has stated anything.
    latest: Option<PlanItemEntry>,
    /// How often something was stated.
    entries: usize,
    /// What `If-Match` names its state by.
    tag: String,
}

impl PlanItemInfo {
    fn of(context: &Context, one: &ItemProgress) -> Self {
        let stated = |figure: &crate::core::query::StatedFigure| PlanFigureStated {
            value: figure.value,
            comparator: figure.comparator.clone(),
            period: figure.period.clone(),
            source: figure.source.clone(),
            note: figure.note.clone(),
        };
        Self {
            id: one.item.id.clone(),
            list: one.item.list.clone(),
            title: one.item.title.clone(),
            note: one.item.note.clone(),
            department: one.department.clone(),
            deadline: one.deadline.as_ref().map(ToString::to_string),
            overdue: one.overdue,
            figure: one.figure.as_ref().map(|figure| PlanItemFigure {
                title: figure.title.clone(),
                unit: figure.unit.clone(),
                target: figure.target.as_ref().map(stated),
                actual: figure.actual.as_ref().map(stated),
                reached: figure.reached,
                sample: figure.sample,
                withheld: figure.withheld,
            }),
            acts_on: one
                .acts_on
                .iter()
                .map(|target| PlanItemTarget {
                    zone: target.what.zone.clone(),
                    collection: target.what.collection.clone(),
                    feature: target.what.feature.clone(),
                    class: target.what.class.clone(),
                    item: target.what.item.clone(),
                    name: target.name.clone(),
                    known: target.known,
                })
                .collect(),
            latest: one.latest().map(|entry| PlanItemEntry::of(context, entry)),
            entries: one.entries.len(),
            tag: one.latest().map_or(0, |entry| entry.number).to_string(),
        }
    }
}

/// The items of a plan.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PlanItems {
    /// Title of the plan.
    #[schema(value_type = schemas::Text)]
    title: Text,
    /// What its file says of itself: where the words are from, what is not known.
    #[schema(value_type = schemas::Text)]
    note: Text,
    /// The day, `YYYY-MM-DD`.
    day: String,
    /// Whether the service keeps what is stated.
    keeps: bool,
    /// Whether the reader may state something.
    edits: bool,
    counts: PlanItemCounts,
    /// The kinds of items.
    lists: Vec<PlanItemList>,
    /// The items, list by list.
    items: Vec<PlanItemInfo>,
    /// Entries about items that the plan does not have (any more); they are kept.
    strays: usize,
}

impl PlanItems {
    pub(super) fn of(context: &Context, progress: &PlanProgress) -> Self {
        let keeps = context.0.progress.is_some();
        Self {
            title: progress.title.clone(),
            note: progress.note.clone(),
            day: progress.day.clone(),
            keeps,
            edits: keeps && context.reader().may(Permission::Edit),
            counts: progress.counts(None).into(),
            lists: progress
                .lists
                .iter()
                .map(|list| PlanItemList {
                    list: list.list.clone(),
                    title: list.title.clone(),
                    counts: progress.counts(Some(&list.list)).into(),
                })
                .collect(),
            items: progress.items.iter().map(|one| PlanItemInfo::of(context, one)).collect(),
            strays: progress.strays,
        }
    }
}

/// An item with all that was stated of it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PlanItemHistory {
    item: PlanItemInfo,
    /// The latest first.
    history: Vec<PlanItemEntry>,
}

impl PlanItemHistory {
    pub(super) fn of(context: &Context, one: &ItemProgress) -> Self {
        Self {
            item: PlanItemInfo::of(context, one),
            history: one.entries.iter().rev().map(|entry| PlanItemEntry::of(context, entry)).collect(),
        }
    }
}
