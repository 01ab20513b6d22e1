//! How classes and zones changed between two periods: the change divided by shift-share (`parts`), the rows that stayed, entered and
//! left, the change of the rows that reported in both periods, and sentences by stated rules (`rules`).
//!
//! All of it is made of what `/summary` and `/zones` give of either period to the same reader, and a sum that is withheld there is
//! part of nothing but of what it is withheld with: no more can be worked out from it than from these answers.

mod flow;
mod parts;
mod rules;

use super::answer::{Amounts, ClusterCount, Note, ZoneName};
use super::choropleth::{Apart, Quantity};
use super::engine::Bound;
use super::interval::Interval;
use super::profile::Fact;
use super::query_error::QueryError;
use super::question::Question;
use super::sides::{Areas, Line, Side};
use super::weight::{Weight, weight_of, weights};
use crate::model::{MetricKind, MetricSpec, Period, Text, Wording, year_and_period};
use crate::snapshot::{ClassPart, Description};
use flow::{Flows, flows};
use parts::{Column, Values, divide};
use serde::Serialize;

/// More steps from period to period are not added up.
const MOST_STEPS: usize = 24;

/// A change divided by shift-share (Dunn 1960): the parts add up to it, in the last decimal that is given.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct ShiftParts {
    /// What it would be at the rate of the whole.
    pub whole: f64,
    /// What it would be more at the rates of its classes in the whole.
    pub mix: f64,
    /// What is left: the zone's own.
    pub regional: f64,
}

/// The zone's own part divided (Esteban-Marquillas 1972).
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct OwnParts {
    /// What it would be with the mix of the whole.
    pub competitive: f64,
    /// What comes of having more of what grows faster here, or less of what grows slower.
    pub allocation: f64,
}

/// Rows that were there at the end of both periods, and those that came and went, by the dates of the register.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct RowFlow {
    /// Rows there in both.
    pub stayed: u64,
    /// Rows there in the later only.
    pub entered: u64,
    /// Rows there in the earlier only.
    pub left: u64,
    /// Sum of those that stayed in the earlier period; `null` of numbers of rows, and where it is withheld.
    pub stayed_before: Option<f64>,
    /// Their sum in the later.
    pub stayed_now: Option<f64>,
    /// Sum of those that entered, in the later.
    pub entered_now: Option<f64>,
    /// Sum of those that left, in the earlier.
    pub left_before: Option<f64>,
}

/// The change of the rows that have a value in both periods, with how many of how many rows had one in either.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Alike {
    /// The change, 0 for none; `null` where it is withheld or has no base.
    pub rate: Option<f64>,
    /// Whether it is withheld.
    pub withheld: bool,
    /// Rows with a value in both.
    pub both: u64,
    /// Rows with a value in the earlier period.
    pub reported_before: u64,
    /// Rows there in the earlier.
    pub rows_before: u64,
    /// Rows with a value in the later.
    pub reported: u64,
    /// Rows there in the later.
    pub rows: u64,
}

/// How a figure changed.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Changed {
    /// Rows in the earlier period; `null` where the register has no dates.
    pub count_before: Option<u64>,
    /// Rows in the later.
    pub count: u64,
    /// The figure in the earlier period; `null` where it is withheld.
    pub before: Option<f64>,
    /// The figure in the later.
    pub now: Option<f64>,
    /// The change.
    pub change: Option<f64>,
    /// The change by the earlier figure, 0 for none; `null` where that is not above zero.
    pub rate: Option<f64>,
    /// Whether either figure is withheld.
    pub withheld: bool,
    /// The change divided.
    pub parts: Option<ShiftParts>,
    /// The zone's own part divided; `null` where it had nothing of the class.
    pub own: Option<OwnParts>,
    /// The change divided from period to period and added up (Barff and Knight 1988).
    pub dynamic: Option<ShiftParts>,
    /// Which rows came and went; `null` where the register has no dates.
    pub rows: Option<RowFlow>,
    /// The change of those that reported in both periods; `null` of numbers of rows, and where answers do not say it.
    pub alike: Option<Alike>,
}

/// How a class changed.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ClassChange {
    /// Code; `null` for rows without a class.
    pub code: Option<String>,
    /// What it is where it is no class of the codelist, as in a summary.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub part: Option<ClassPart>,
    /// Name.
    pub name: Text,
    /// One character that stands for it.
    pub mark: String,
    /// Its change.
    #[serde(flatten)]
    pub changed: Changed,
}

/// A sentence by a stated rule.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ChangeSentence {
    /// The rule, as the notes name it.
    pub rule: &'static str,
    /// The sentence.
    pub text: Text,
    /// The figures that it was made from.
    pub facts: Vec<Fact>,
}

/// How an area changed.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct AreaChange {
    /// The area; without an id where the reader drew it, and for the whole.
    #[serde(flatten)]
    pub zone: ZoneName,
    /// Whether its outline is schematic (示意).
    pub schematic: bool,
    /// Its change.
    #[serde(flatten)]
    pub changed: Changed,
    /// The change of each class, in the codelist's order.
    pub classes: Vec<ClassChange>,
    /// The classes of which a sum is withheld, taken together as one; `null` where there is none, or nothing can be said.
    pub together: Option<Changed>,
    /// What is to be said of it.
    pub findings: Vec<ChangeSentence>,
}

/// How an area, or the zones of a kind, changed between two periods.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Change {
    /// Revision of the data.
    pub revision: String,
    /// The later period, as `year`, where it is one, and `period`.
    #[serde(flatten, serialize_with = "year_and_period")]
    pub period: Option<Period>,
    /// The earlier period.
    pub since: Option<Period>,
    /// The periods that `since` can be.
    pub periods: Vec<Period>,
    /// Whether the rows are invented (示例数据).
    pub sample: bool,
    /// The kind of the zones; `null` for one area.
    pub zone_kind: Option<String>,
    /// Whether the zones share no row, so that with what none of them holds they add up to the whole.
    pub partition: bool,
    /// What is counted or summed.
    pub weight: Weight,
    /// What can be chosen for `weight`.
    pub weights: Vec<Weight>,
    /// Decimals to which the parts add up.
    pub decimals: u8,
    /// Periods from the first to the last step of the parts that are added up; empty where there is one step only.
    pub steps: Vec<Period>,
    /// Why there are no figures; `null` where there are.
    pub unavailable: Option<Note>,
    /// The whole.
    pub whole: Option<AreaChange>,
    /// The area in question, or the zones and what none of them holds.
    pub zones: Vec<AreaChange>,
    /// Rules and cautions.
    pub notes: Vec<Note>,
}

/// A class, or what is in none.
type Key = (Option<String>, Option<ClassPart>);

/// What is asked, and of what.
struct Asked<'a> {
    bound: &'a Bound,
    about: &'a Description,
    quantity: Quantity<'a>,
    areas: Areas<'a>,
}

impl Asked<'_> {
    /// The answers of a period: one question to the whole, one to the areas, as any reader may ask them.
    fn side(&self, question: &Question) -> Result<Side, QueryError> {
        self.areas.side(question, true)
    }

    /// The figure of some rows; `None` where it is withheld. Of rows that have no value it is zero.
    fn value(&self, count: u64, amounts: &Amounts) -> Option<f64> {
        match self.quantity.take(count, amounts) {
            Err(Apart::Withheld) => None,
            value => Some(value.unwrap_or_default()),
        }
    }

    fn values(&self, line: &Line, keys: &[Key]) -> Values {
        let cell = |key: &Key| match line.class(key) {
            Some(class) => self.value(class.count, &class.amounts),
            // answers about zones do not put the classes beside the one in question together
            None if key.1 == Some(ClassPart::Other) => None,
            None => Some(0.0),
        };
        Values { total: self.value(line.count, &line.amounts), cells: keys.iter().map(cell).collect() }
    }

    /// The periods of the length of one that the figure is of, ascending.
    fn periods(&self, like: Option<Period>) -> Vec<Period> {
        let all = self.about.periods_like(like).into_iter();
        all.filter(|period| self.quantity.metric().is_none_or(|metric| is_published(metric, *period))).collect()
    }

    /// Why there is nothing to say.
    fn refusal(&self, earlier: &[Period]) -> Option<Note> {
        let question = self.bound.question();
        let counted = self.quantity.metric().is_none();
        let register = self.about.register().and_then(|c| c.spec.register.as_ref());
        let dated = register.is_some_and(|r| r.valid.is_some());
        let words = self.about.wording();
        let note = |code: &str, zh: &str, en: &str| {
            let Text { zh, en } = words.text(zh, en);
            Some(Note::new(code, zh, en))
        };
        if question.datetime().is_some() {
            return note(
                "own-time",
                "问题自带时间条件(datetime),不能再比较两个时期。",
                "The question has a time of its own (datetime), so that two periods can't be compared.",
            );
        }
        if question.secondary() {
            return note(
                "overlapping-classes",
                "含兼属时一{counter}{row}可计入几个{class},变化不能分解。",
                "With secondary {classes} a {row} counts in several, so that a change can't be divided.",
            );
        }
        if counted && !dated {
            return note(
                "undated",
                "名录没有起止日期,各期{row}数相同,看不出变化;可改选有多期数据的指标,或在 dataset.json 的 register.valid 声明日期。",
                "The register has no dates: the number of {rows} is the same in every period. Choose a metric with several periods, or name the dates in register.valid of dataset.json.",
            );
        }
        if earlier.is_empty() {
            return note(
                "no-earlier",
                "没有更早的同类时期的数据,不能计算变化。",
                "There are no figures of an earlier period of the same length, so that no change can be worked out.",
            );
        }
        None
    }
}

/// Whether a metric has figures of a period: published, or made of shorter ones.
fn is_published(metric: &MetricSpec, period: Period) -> bool {
    let has = |period: &Period| metric.columns.contains_key(period);
    let Some(own) = metric.columns.keys().next().map(|period| period.granularity()) else { return false };
    let parts = period.parts(own);
    match metric.kind {
        MetricKind::Stock => parts.last().is_some_and(has),
        MetricKind::Flow => !parts.is_empty() && parts.iter().all(has),
    }
}

/// How the area of a question changed, or, where it is everywhere, the zones of its kind; since the period that it counts changes
/// from, or since the first that there is.
pub fn change(bound: &Bound, weight: Option<&str>) -> Result<Change, QueryError> {
    let about = bound.describe();
    let quantity = Quantity::of(about, weight)?;
    let question = bound.question();
    let asked = Asked { bound, about, quantity, areas: Areas::of(bound) };
    let now = bound.period();
    let periods = asked.periods(now);
    let earlier: Vec<Period> = periods.iter().copied().filter(|period| now.is_some_and(|now| *period < now)).collect();
    let decimals = quantity.metric().map_or(0, |metric| metric.decimals).max(1);
    let mut out = Change {
        revision: about.revision.clone(),
        period: now,
        since: question.counted_from().or_else(|| earlier.first().copied()),
        periods: earlier,
        sample: about.sample(),
        zone_kind: asked.areas.kind.clone(),
        partition: false,
        weight: weight_of(about, quantity),
        weights: weights(about),
        decimals,
        steps: vec![],
        unavailable: None,
        whole: None,
        zones: vec![],
        notes: vec![],
    };
    let known = |period: &Period| periods.contains(period);
    let span = now.filter(known).zip(out.since.filter(known));
    out.unavailable = asked.refusal(if span.is_some() { &out.periods } else { &[] });
    let Some((now, since)) = span.filter(|_| out.unavailable.is_none()) else { return Ok(out) };
    let between: Vec<Period> = periods.into_iter().filter(|period| *period > since && *period < now).collect();
    let table = Compared::ask(&asked, (since, now), &between)?;
    if !between.is_empty() && between.len() < MOST_STEPS {
        out.steps = [since].into_iter().chain(between).chain([now]).collect();
    }
    out.partition = table.after.partition;
    let words = about.wording();
    let keys = table.keys(bound, &words);
    let mut rows = flows(&asked, &table, &keys).into_iter();
    let mut area = |place: usize| table.area(&asked, &keys, (place, rows.next().unwrap_or_default()), decimals);
    let whole = area(0);
    out.zones = (1..=table.after.areas.len()).map(area).collect();
    out.zones.retain(|zone| !zone.zone.zone_kind.is_empty() || asked.areas.kind.is_none() || zone.changed.is_some());
    out.whole = Some(whole);
    rules::find(&mut out, &words);
    out.notes = rules::notes(&out, about, quantity.metric().is_some_and(|metric| metric.restricted));
    Ok(out)
}

impl Changed {
    /// Whether there is something in either period.
    fn is_some(&self) -> bool {
        self.count > 0 || self.count_before.is_some_and(|count| count > 0)
    }
}

/// The answers that a change is made of.
struct Compared {
    before: Side,
    between: Vec<Side>,
    after: Side,
    /// The rows that are there in both periods, with the figures of the earlier and of the later.
    stayed: Option<[Side; 2]>,
}

/// A class with its name and mark.
struct Named {
    key: Key,
    name: Text,
    mark: String,
}

impl Compared {
    fn ask(asked: &Asked, (since, now): (Period, Period), between: &[Period]) -> Result<Self, QueryError> {
        let question =
            asked.bound.question().clone().with_growth(false).since(None).with_statistics(false).with_spread(false);
        let at = |period: Period| question.clone().in_period(Some(period));
        let after = asked.side(&at(now).with_growth(true).since(Some(since)))?;
        let before = asked.side(&at(since))?;
        let steps = if between.len() < MOST_STEPS { between } else { &[] };
        let between = steps.iter().map(|period| asked.side(&at(*period))).collect::<Result<_, _>>()?;
        let day = |period: Period| Interval::parse(&period.last_day().to_string());
        let stayed = match day(since).zip(day(now)).filter(|_| before.dated && after.dated) {
            Some((first, last)) => Some([asked.side(&at(since).during(last))?, asked.side(&at(now).during(first))?]),
            None => None,
        };
        Ok(Self { before, between, after, stayed })
    }

    /// The classes that have a row in either period, in the order of the answers.
    fn keys(&self, bound: &Bound, words: &Wording) -> Vec<Named> {
        let mut out: Vec<Named> = Vec::new();
        let lines = self.after.lines().chain(self.before.lines());
        for class in lines.flat_map(|line| &line.classes) {
            let key = (class.code.clone(), class.part);
            if out.iter().any(|named| named.key == key) {
                continue;
            }
            let known = bound.classes().list().iter().find(|c| (&c.code, &c.part) == (&key.0, &key.1));
            let (name, mark) = match (known, &key.1) {
                (Some(class), _) => (class.name.clone(), class.mark.clone()),
                (None, Some(_)) => (words.text("其余{class}", "All other {classes}"), "余".to_owned()),
                (None, None) => (Text::new("未分类", "Unclassified"), "他".to_owned()),
            };
            out.push(Named { key, name, mark });
        }
        // rows of no class stand last
        out.sort_by_key(|named| named.key.0.is_none());
        out
    }

    /// The change of the whole, or of an area by its place from 1.
    fn area(&self, asked: &Asked, keys: &[Named], (place, rows): (usize, Flows), decimals: u8) -> AreaChange {
        let codes: Vec<Key> = keys.iter().map(|named| named.key.clone()).collect();
        let [before, after] = [&self.before, &self.after].map(|side| side.line(place));
        let values = |side: &Side| [side.line(place), &side.whole].map(|line| asked.values(line, &codes));
        let [first, last] = [&self.before, &self.after].map(values);
        let unit = 10f64.powi(decimals.into());
        let classic = divide(&[&first, &last], unit);
        let between: Vec<[Values; 2]> = self.between.iter().map(values).collect();
        let steps: Vec<&[Values; 2]> = [&first].into_iter().chain(&between).chain([&last]).collect();
        let dynamic = if between.is_empty() { None } else { divide(&steps, unit) };
        let of = |columns: &Option<Vec<Column>>, class: Option<usize>| {
            columns.as_ref().and_then(|columns| columns.iter().find(|column| column.class == class)).copied()
        };
        let all = |columns: &Option<Vec<Column>>| columns.as_ref().map(|columns| Column::sum(columns));
        let given = |[before, now]: [Option<f64>; 2]| {
            let change = before.zip(now).map(|(before, now)| ((now - before) * unit).round() / unit);
            let base = before.filter(|before| *before > 0.0);
            let rate = change.zip(base).map(|(change, base)| change / base);
            Changed { before, now, change, rate, withheld: change.is_none(), ..Changed::default() }
        };
        let shown = |column: Option<Column>, summed: Option<Column>, changed: Changed| Changed {
            parts: column.map(|column| column.parts(unit)),
            own: column.and_then(|column| column.own(unit)),
            dynamic: summed.map(|column| column.parts(unit)),
            ..changed
        };
        let dated = self.before.dated && self.after.dated;
        let counted = |rows: Option<u64>| rows.filter(|_| dated);
        let classes = keys.iter().enumerate().map(|(class, named)| {
            let [then, now] = [before, after].map(|line| line.class(&named.key));
            let changed = given([first[0].cells[class], last[0].cells[class]]);
            let count = |of: Option<&ClusterCount>| of.map_or(0, |of| of.count);
            let changed = Changed {
                count_before: counted(Some(count(then))),
                count: count(now),
                rows: rows.classes.get(class).copied().flatten(),
                alike: now.and_then(|now| alike(asked, &now.amounts, now.count)),
                ..changed
            };
            ClassChange {
                code: named.key.0.clone(),
                part: named.key.1,
                name: named.name.clone(),
                mark: named.mark.clone(),
                changed: shown(of(&classic, Some(class)), of(&dynamic, Some(class)), changed),
            }
        });
        let classes: Vec<ClassChange> = classes.collect();
        // a class that is in neither period says nothing
        let classes = classes.into_iter().filter(|class| class.code.is_some() || class.changed.is_some()).collect();
        let together = of(&classic, None).map(|column| {
            let [then, now] = column.values.map(|value| Some(value as f64 / unit));
            shown(Some(column), None, given([then, now]))
        });
        let total = given([first[0].total, last[0].total]);
        let total = Changed {
            count_before: counted(Some(before.count)),
            count: after.count,
            rows: rows.total,
            alike: alike(asked, &after.amounts, after.count),
            ..total
        };
        AreaChange {
            zone: after.zone.clone(),
            schematic: after.schematic,
            changed: shown(all(&classic), all(&dynamic), total),
            classes,
            together,
            findings: vec![],
        }
    }
}

/// The change of the rows with a value in both periods, as the answer of the later says it.
fn alike(asked: &Asked, amounts: &Amounts, rows: u64) -> Option<Alike> {
    let amount = amounts.get(&asked.quantity.metric()?.id)?;
    let growth = amount.growth.as_ref()?;
    Some(Alike {
        rate: growth.rate,
        withheld: growth.withheld,
        both: growth.both,
        reported_before: growth.reported,
        rows_before: growth.rows,
        reported: amount.reported,
        rows,
    })
}
