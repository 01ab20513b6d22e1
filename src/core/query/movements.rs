//! What happened to the rows of a register since a day: how many came, ceased and changed places, by zone and class, by the dates of the rows;
//! and how figures changed like for like. The days are given: nothing here has a clock.
//!
//! Numbers of rows are what any reader gets by `datetime`; sums are those of `change`, which are what answers of two periods give. So no
//! more can be worked out from it than from these answers.

use super::answer::{ClusterCount, Note, ZoneName};
use super::change::{Change, change};
use super::engine::{Bound, Engine};
use super::interval::Interval;
use super::query_error::QueryError;
use super::sides::{Areas, Line, Side};
use crate::columns::Moment;
use crate::model::{Period, Text};
use crate::snapshot::ClassPart;
use geo::Coord;
use serde::Serialize;

/// Rows of an area or a class by what became of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct RowsSince {
    /// Rows there on the first day.
    pub before: u64,
    /// Rows there later that were not there on the first day, also those that have ceased again.
    pub new: u64,
    /// Rows that are no longer there on the last day.
    pub ceased: u64,
    /// Rows there on the last day.
    pub now: u64,
}

impl RowsSince {
    /// From rows there on the first day, on any day, and on the last.
    fn of([before, any, now]: [u64; 3]) -> Self {
        Self { before, new: any.saturating_sub(before), ceased: any.saturating_sub(now), now }
    }

    /// Whether nothing came or ceased.
    pub fn is_still(&self) -> bool {
        self.new == 0 && self.ceased == 0
    }
}

/// A class of an area.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ClassSince {
    /// Code; `null` for rows without a class.
    pub code: Option<String>,
    /// What it is where it is no class of the codelist, as in a summary.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub part: Option<ClassPart>,
    /// Name.
    pub name: Text,
    /// Its rows.
    #[serde(flatten)]
    pub rows: RowsSince,
}

/// Rows that changed places between two versions of the data.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Moves {
    /// They came from elsewhere.
    pub arrived: u64,
    /// They went elsewhere.
    pub departed: u64,
}

/// An area.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct AreaSince {
    /// The area; without an id where the reader drew it, and for the whole.
    #[serde(flatten)]
    pub zone: ZoneName,
    /// Whether its outline is schematic (示意).
    pub schematic: bool,
    /// Its rows.
    #[serde(flatten)]
    pub rows: RowsSince,
    /// Rows that changed places, into it and out of it; `null` where that is not known.
    pub moves: Option<Moves>,
    /// Its classes that had or have rows.
    pub classes: Vec<ClassSince>,
}

/// How a figure changed, like for like.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct FigureSince {
    /// Whether its latest period ended after the first day: else nothing new of it is known, and the change is an older one.
    pub is_new: bool,
    /// The change.
    pub change: Change,
}

/// What happened since a day.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Movements {
    /// Revision of the data.
    pub revision: String,
    /// The first day, `YYYY-MM-DD`.
    pub since: String,
    /// The last day.
    pub until: String,
    /// Whether the rows are invented (示例数据).
    pub sample: bool,
    /// The kind of the zones; `null` for one area.
    pub zone_kind: Option<String>,
    /// Whether the zones share no row.
    pub partition: bool,
    /// Why numbers of rows are not known; `null` where they are.
    pub unavailable: Option<Note>,
    /// The whole.
    pub whole: Option<AreaSince>,
    /// The area in question, or the zones and what none of them holds.
    pub zones: Vec<AreaSince>,
    /// Rows that changed places, wherever; `null` where that is not known.
    pub moved: Option<u64>,
    /// The figures.
    pub figures: Vec<FigureSince>,
    /// Rules and cautions.
    pub notes: Vec<Note>,
}

impl Movements {
    /// Whether, as far as is known, nothing happened: no row came, ceased or changed places, and no figure has a new period.
    pub fn is_still(&self) -> bool {
        let moved = match &self.zone_kind {
            Some(_) => self.moved.unwrap_or(0),
            None => self.zones.iter().filter_map(|area| area.moves).map(|moves| moves.arrived + moves.departed).sum(),
        };
        let mut areas = self.whole.iter().chain(&self.zones);
        areas.all(|area| area.rows.is_still()) && moved == 0 && self.figures.iter().all(|figure| !figure.is_new)
    }
}

/// Where rows that changed places were and are.
#[derive(Clone, Debug, Default)]
pub struct Relocations(Vec<[Vec<usize>; 2]>);

impl Relocations {
    /// By the places before and after, as the zones hold them.
    pub fn new(engine: &dyn Engine, places: &[(Coord<f64>, Coord<f64>)]) -> Self {
        let (before, after): (Vec<_>, Vec<_>) = places.iter().copied().unzip();
        let (from, to) = (engine.zones_around(&before), engine.zones_around(&after));
        Self(from.into_iter().zip(to).map(|(from, to)| [from, to]).collect())
    }

    /// Those into and out of a zone, by its place in the description.
    fn of(&self, zone: usize) -> Moves {
        let count = |at: bool, then: bool| {
            let pairs = self.0.iter().filter(|[from, to]| from.contains(&zone) == at && to.contains(&zone) == then);
            pairs.count() as u64
        };
        Moves { arrived: count(false, true), departed: count(true, false) }
    }
}

/// What happened in the area of a question, or, where it is everywhere, in the zones of its kind, from the first of two days to the last.
/// `metrics` are the figures whose change is wanted.
pub fn movements(
    bound: &Bound,
    [since, until]: [Moment; 2],
    metrics: &[&str],
    relocations: Option<&Relocations>,
) -> Result<Movements, QueryError> {
    let about = bound.describe();
    let (question, words) = (bound.question(), about.wording());
    let register = about.register().and_then(|c| c.spec.register.as_ref());
    let note = |code: &str, zh: &str, en: &str| Note::filled(&words, code, zh, en);
    let dated = register.is_some_and(|register| register.valid.is_some());
    let unavailable = if question.datetime().is_some() {
        Some(note(
            "own-time",
            "问题自带时间条件(datetime),不能再比较两天。",
            "The question has a time of its own (datetime), so that two days can't be compared.",
        ))
    } else if !dated {
        Some(note(
            "undated",
            "名录没有起止日期,不知道哪些{row}是新增或退出的;可在 dataset.json 的 register.valid 声明日期。",
            "The register has no dates, so that it is not known which {rows} came or ceased; name them in register.valid of dataset.json.",
        ))
    } else {
        None
    };
    let areas = Areas::of(bound);
    let mut out = Movements {
        revision: about.revision.clone(),
        since: since.to_string(),
        until: until.to_string(),
        sample: about.sample(),
        zone_kind: areas.kind.clone(),
        partition: false,
        unavailable,
        whole: None,
        zones: vec![],
        moved: relocations.map(|all| all.0.len() as u64),
        figures: vec![],
        notes: vec![],
    };
    if out.unavailable.is_none() {
        let plain =
            question.clone().in_period(None).with_growth(false).since(None).with_statistics(false).with_spread(false);
        let during = |text: String| Interval::parse(&text).map(|time| areas.side(&plain.clone().during(time), false));
        let sides = [during(since.to_string()), during(format!("{since}/{until}")), during(until.to_string())];
        let [Some(before), Some(any), Some(now)] = sides else { return Ok(out) };
        let sides = [before?, any?, now?];
        out.partition = sides[1].partition;
        out.whole = Some(area(bound, &sides, 0, None));
        out.zones = (1..=sides[1].areas.len()).map(|place| area(bound, &sides, place, relocations)).collect();
    }
    out.figures = metrics
        .iter()
        .filter_map(|metric| figure(bound, metric, [since, until]).transpose())
        .collect::<Result<_, _>>()?;
    out.notes = notes(&out, note);
    Ok(out)
}

fn area(bound: &Bound, sides: &[Side; 3], place: usize, relocations: Option<&Relocations>) -> AreaSince {
    let about = bound.describe();
    let lines: [&Line; 3] = [0, 1, 2].map(|side| sides[side].line(place));
    let any = lines[1];
    let class = |known: &ClusterCount| {
        let key = (known.code.clone(), known.part);
        let counts = lines.map(|line| line.class(&key).map_or(0, |class| class.count));
        let list = bound.classes().list();
        let name =
            list.iter().find(|class| (&class.code, &class.part) == (&key.0, &key.1)).map(|class| class.name.clone());
        let name = name.unwrap_or_else(|| match &key.1 {
            Some(_) => about.wording().text("其余{class}", "All other {classes}"),
            None => Text::new("未分类", "Unclassified"),
        });
        ClassSince { code: key.0, part: key.1, name, rows: RowsSince::of(counts) }
    };
    let mut classes: Vec<ClassSince> =
        any.classes.iter().map(class).filter(|class| class.rows != RowsSince::default()).collect();
    classes.sort_by_key(|class| class.code.is_none());
    let zone = about.zones.iter().position(|zone| zone.id == any.zone.id);
    AreaSince {
        moves: relocations.zip(zone).map(|(all, zone)| all.of(zone)),
        zone: any.zone.clone(),
        schematic: any.schematic,
        rows: RowsSince::of(lines.map(|line| line.count)),
        classes,
    }
}

/// The change of a metric up to its latest period that ended by the last day: from the latest that had ended by the first, else from the one
/// before it.
fn figure(bound: &Bound, metric: &str, [since, until]: [Moment; 2]) -> Result<Option<FigureSince>, QueryError> {
    let ended = |day: Moment| move |period: &Period| period.last_day().days() <= day.days();
    let about = bound.describe();
    let spec = about.register().and_then(|c| c.spec.register.as_ref()?.metrics.iter().find(|own| own.id == metric));
    let Some(spec) = spec else { return Ok(None) };
    let periods: Vec<Period> = spec.columns.keys().copied().filter(ended(until)).collect();
    let Some((now, earlier)) = periods.split_last() else { return Ok(None) };
    let is_new = !ended(since)(now);
    let Some(from) = earlier.iter().rev().find(|period| ended(since)(period)).or(earlier.last()) else {
        return Ok(None);
    };
    let question = bound.question().clone().in_period(Some(*now)).since(Some(*from));
    let change = change(&bound.ask(&question)?, Some(metric))?;
    Ok(Some(FigureSince { is_new, change }))
}

fn notes(found: &Movements, note: impl Fn(&str, &str, &str) -> Note) -> Vec<Note> {
    let mut out = Vec::new();
    if found.unavailable.is_none() {
        out.push(note(
            "rows-since",
            "按名录的起止日期:新增为起始日之后才在册的{row}(含其后又退出的),退出为截止日已不在册的。",
            "By the dates of the register: new are {rows} that were not there on the first day and later were, also those that ceased again; ceased are those that are no longer there on the last.",
        ));
    }
    out.push(match found.moved {
        Some(_) => note(
            "moved",
            "迁址由两个数据版本逐{counter}比较得出:位置相差 1 米以上。迁入、迁出按两处点位所在的区域。",
            "Moves are found by comparing two versions of the data: places more than 1 metre apart. Arrived and departed are by the zones of the two places.",
        ),
        None => note(
            "moves-unknown",
            "迁址不详:没有保存起始日的数据版本,或您的权限限于部分区域。",
            "Moves are not known: no version of the data of the first day is kept, or your right is limited to zones.",
        ),
    });
    if found.figures.iter().any(|figure| !figure.is_new) {
        out.push(note(
            "older-figures",
            "有的指标在这段时间没有新一期数据,所列为其最近两期的变化。",
            "Some figures have no new period in this time; what is shown is the change of their latest two.",
        ));
    }
    out
}
