//! A trial zone: an area that a planner moves or resizes, beside the area as it was, with rows that are assumed.
//!
//! It is made of answers to the questions that anybody asks of areas: what may leave is decided there, and what is added here are
//! figures that the reader brought along. So it withholds what they withhold, and tells no more than they tell together.

mod assumed;
mod nearby;
mod weighed;

use super::answer::{AreaInfo, AreaKind, ClusterRow, Note, Summary};
use super::engine::Bound;
use super::feature::outline_json;
use super::overlaps::ZoneOverlap;
use super::query_error::QueryError;
use super::question::Question;
use crate::model::{Period, Text, year_and_period};
use crate::snapshot::ClassPart;
use crate::stats::quotient::{Counts, QuotientTest, Verdict};
use assumed::Assumptions;
use indexmap::IndexMap;
use nearby::{distances, platforms};
use serde::{Deserialize, Serialize};

pub use assumed::{AssumedFigure, AssumedInside, AssumedKind, AssumedRow, MOST_ASSUMED};
pub use nearby::{LayoutDistance, PlatformInside, TrialNeighbour};
pub use weighed::{TrialWeighed, TrialWeighedClass};

/// What is asked of a trial zone. Kept as it is written: a scenario is one of these with a name.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct TrialSpec {
    /// The area, the conditions, the period and the reading of the classes.
    pub question: Question,
    /// The area as it was when the trial began; the same where left out. It has no conditions of its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub baseline: Option<Question>,
    /// Rows that are assumed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub assumed: Vec<AssumedRow>,
    /// Metrics by which location quotients are weighed, besides those by number of rows.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub weights: Vec<String>,
    /// What it is called in files; by its area where left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Scenarios that files set beside it. They have none beside themselves.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub beside: Vec<TrialSpec>,
}

/// Scenarios that are set beside a trial zone at most: more columns no page has room for.
pub const MOST_BESIDE: usize = 3;
/// Characters of what a scenario is called.
const MOST_TITLE: usize = 120;

impl TrialSpec {
    /// The question of the area as it was: the same but for the area.
    pub fn baseline_question(&self) -> Option<Question> {
        let given = self.baseline.as_ref()?;
        Some(self.question.clone().within(given.area().clone()).repaired(given.repair()))
    }

    /// Refuses more scenarios beside it than there is room for, scenarios within scenarios, and titles that no page has room for: known
    /// before anything is asked of the data.
    pub fn check_beside(&self) -> Result<(), QueryError> {
        if self.beside.len() > MOST_BESIDE {
            let (zh, en) = (format!("最多 {MOST_BESIDE} 个方案"), format!("{MOST_BESIDE} scenarios at most"));
            return Err(fault("beside", &zh, &en));
        }
        let beside = (0..).zip(&self.beside).map(|(i, one)| (format!("beside[{i}]."), one));
        for (within, spec) in std::iter::once((String::new(), self)).chain(beside) {
            if spec.title.as_ref().is_some_and(|title| title.chars().count() > MOST_TITLE) {
                let (zh, en) = (format!("最多 {MOST_TITLE} 字"), format!("{MOST_TITLE} characters at most"));
                return Err(fault(&format!("{within}title"), &zh, &en));
            }
            if !within.is_empty() && !spec.beside.is_empty() {
                return Err(fault(&format!("{within}beside"), "并列的方案不能再带方案", "has scenarios of its own"));
            }
        }
        Ok(())
    }
}

/// A number of rows in the three states of a trial.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct TrialCount {
    /// In the area as it was, of rows that are there.
    pub baseline: u64,
    /// In the trial zone, of rows that are there.
    pub real: u64,
    /// In the trial zone with what is assumed; `null` where nothing is.
    pub assumed: Option<u64>,
    /// The last of them less the first.
    pub change: i64,
}

impl TrialCount {
    fn new(baseline: u64, real: u64, assumed: Option<u64>) -> Self {
        Self { baseline, real, assumed, change: assumed.unwrap_or(real) as i64 - baseline as i64 }
    }
}

/// A figure in the three states of a trial.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct TrialValue {
    /// In the area as it was; `null` where it is not known or withheld.
    pub baseline: Option<f64>,
    /// In the trial zone, of rows that are there.
    pub real: Option<f64>,
    /// In the trial zone with what is assumed; `null` where nothing is.
    pub assumed: Option<f64>,
    /// The last of them less the first; `null` where either is not known.
    pub change: Option<f64>,
}

impl TrialValue {
    #[expect(clippy::option_option, reason = "nothing is assumed, or the figure with what is assumed may be unknown")]
    fn new(baseline: Option<f64>, real: Option<f64>, assumed: Option<Option<f64>>) -> Self {
        let now = assumed.unwrap_or(real);
        let change = now.zip(baseline).map(|(now, before)| now - before);
        Self { baseline, real, assumed: assumed.flatten(), change }
    }
}

/// The sum of a metric.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct TrialAmount {
    /// Its unit.
    pub unit: Text,
    /// The period that it is of; `null` where the metric is not published for the period in question.
    #[serde(flatten, serialize_with = "year_and_period")]
    pub period: Option<Period>,
    /// The sums.
    pub sum: TrialValue,
    /// Herfindahl-Hirschman index of the rows by this metric: 1 / n of n equal ones, 1 of one alone.
    pub hhi: TrialValue,
    /// Whether a sum is withheld.
    pub withheld: bool,
    /// Whether sums are of protected figures.
    pub protected: bool,
}

/// A location quotient with how sure it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Quotient {
    /// The quotient; `null` where it is undefined or says nothing.
    pub lq: Option<f64>,
    /// How sure it is; `null` where it says nothing.
    pub lq_test: Option<QuotientTest>,
}

/// The location quotient of a class in the three states of a trial.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct TrialQuotients {
    /// In the area as it was.
    pub baseline: Quotient,
    /// In the trial zone.
    pub real: Quotient,
    /// With what is assumed; `null` where nothing is.
    pub assumed: Option<Quotient>,
    /// The last less the first; `null` where either has too few rows to say anything.
    pub change: Option<f64>,
}

/// A class in a trial.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct TrialClass {
    /// Code; `null` for rows without a class, and for the classes beside the one in question.
    pub code: Option<String>,
    /// What it is where it is no class of the codelist.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub part: Option<ClassPart>,
    /// Name.
    pub name: Text,
    /// One character that stands for it.
    pub mark: String,
    /// Rows.
    pub count: TrialCount,
    /// Share of the rows of the area, 0 to 1.
    pub share: TrialValue,
    /// Location quotient by number of rows.
    pub lq: TrialQuotients,
}

/// The class that most rows of an area are of.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct TrialLead {
    /// Code.
    pub code: String,
    /// Name.
    pub name: Text,
    /// Rows.
    pub count: u64,
}

/// Everything about a trial zone.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Trial {
    /// Revision of the data.
    pub revision: String,
    /// Identifier of the dataset.
    pub dataset: String,
    /// Whether the rows that are there are invented themselves (示例数据).
    pub sample: bool,
    /// Period of the figures, as `year`, where it is one, and `period`.
    #[serde(flatten, serialize_with = "year_and_period")]
    pub period: Option<Period>,
    /// The trial zone, with its outline.
    pub zone: AreaInfo,
    /// The area as it was.
    pub baseline: AreaInfo,
    /// Ground in square kilometres; nothing of it is assumed.
    pub area_km2: TrialValue,
    /// Rows.
    pub count: TrialCount,
    /// Rows of the whole that shares and quotients are of, without and with those that are assumed.
    pub whole: TrialCount,
    /// Metrics by id.
    pub totals: IndexMap<String, TrialAmount>,
    /// What the classes are called at the level that they are read at; `null` where there is one way only.
    pub class_level: Option<Text>,
    /// The classes in the codelist's order.
    pub classes: Vec<TrialClass>,
    /// The class of most rows in the area as it was; `null` where no row has a class.
    pub baseline_lead: Option<TrialLead>,
    /// The same in the trial zone, with what is assumed.
    pub lead: Option<TrialLead>,
    /// Location quotients weighed by the metrics that are asked for.
    pub weighed: Vec<TrialWeighed>,
    /// Herfindahl-Hirschman index of the mix of classes by number of rows.
    pub class_mix_hhi: TrialValue,
    /// The zones whose ground it takes in; only rows that are there are counted.
    pub overlaps: Vec<ZoneOverlap>,
    /// The platforms whose positions lie in it.
    pub platforms: Vec<PlatformInside>,
    /// How far it is from each part of the layout.
    pub distances: Vec<LayoutDistance>,
    /// The rows that are assumed, as they were understood.
    pub assumed: Vec<AssumedInside>,
    /// Remarks.
    pub notes: Vec<Note>,
}

/// Answers what is asked of a trial zone; `bound` is its question.
pub fn trial(bound: &Bound, spec: &TrialSpec) -> Result<Trial, QueryError> {
    let baseline = baseline(bound, spec)?;
    for (member, area) in [("question", bound), ("baseline", &baseline)] {
        if area.outline().is_none() || matches!(area.area().kind, AreaKind::City | AreaKind::Rest | AreaKind::Nearest) {
            return Err(fault(
                member,
                "推演需要有边界的范围:圈选、圆、区域,或它们的组合",
                "a trial zone needs an outline: a drawn area, a circle, a zone, or these put together",
            ));
        }
    }
    let figures = |of: &Bound| {
        let asked = of.question().clone().with_statistics(true).with_growth(false).with_outline(false);
        of.ask(&asked)?.summarize()
    };
    let now = figures(bound)?;
    let before = if spec.baseline.is_some() { figures(&baseline)? } else { now.clone() };
    let mut assumptions = Assumptions::new(bound, &spec.assumed)?;
    let effect = assumptions.effect(&now);
    let pair = Pair { now: &now, before: &before, effect: effect.as_ref() };
    let classes = pair.classes();
    let lead = |of: fn(&TrialClass) -> u64| lead(&classes, of);
    Ok(Trial {
        revision: now.revision.clone(),
        dataset: now.dataset.clone(),
        sample: now.sample,
        period: now.period,
        area_km2: TrialValue::new(before.zone.area_km2, now.zone.area_km2, None),
        count: TrialCount::new(before.counts.matched, now.counts.matched, effect.as_ref().map(|e| e.count)),
        whole: TrialCount::new(before.city.count, now.city.count, effect.as_ref().map(|e| e.whole)),
        totals: pair.totals(),
        class_level: now.classes.as_ref().and_then(|reading| reading.level_title.clone()),
        baseline_lead: lead(|class| class.count.baseline),
        lead: lead(|class| class.count.assumed.unwrap_or(class.count.real)),
        weighed: weighed::weighed(bound, spec, &pair)?,
        class_mix_hhi: pair.mix(&classes),
        overlaps: bound.overlaps()?,
        platforms: platforms(bound)?,
        distances: distances(bound, &baseline)?,
        notes: notes(bound, &now, &before, &assumptions),
        assumed: assumptions.rows,
        classes,
        baseline: AreaInfo { outline: None, ..before.zone },
        zone: AreaInfo { outline: bound.outline().and_then(outline_json), ..now.zone },
    })
}

/// Answers the scenarios that are to be set beside a trial zone, as [`trial`] answers each of them alone; `bound` is a question of the reader.
pub fn trials_beside(bound: &Bound, spec: &TrialSpec) -> Result<Vec<Trial>, QueryError> {
    spec.check_beside()?;
    let one = |(i, spec): (usize, &TrialSpec)| {
        let within = |e| match e {
            QueryError::Trial { member, why } => QueryError::Trial { member: format!("beside[{i}].{member}"), why },
            e => e,
        };
        trial(&bound.ask(&spec.question)?, spec).map_err(within)
    };
    spec.beside.iter().enumerate().map(one).collect()
}

fn fault(member: &str, zh: &str, en: &str) -> QueryError {
    QueryError::Trial { member: member.to_owned(), why: Text::new(zh, en) }
}

/// The same question in the area as it was.
fn baseline(bound: &Bound, spec: &TrialSpec) -> Result<Bound, QueryError> {
    let Some(given) = &spec.baseline else { return Ok(bound.clone()) };
    if *given != Question::register().within(given.area().clone()).repaired(given.repair()) {
        return Err(fault(
            "baseline",
            "只含范围;条件、时期和分类写在 question 中",
            "is an area only; conditions, period and classes belong to the question",
        ));
    }
    bound.ask(&bound.question().clone().within(given.area().clone()).repaired(given.repair()))
}

/// The class of most rows, the first of them when several have as many.
fn lead(classes: &[TrialClass], count: fn(&TrialClass) -> u64) -> Option<TrialLead> {
    let known = classes.iter().filter(|class| class.part.is_none() && count(class) > 0);
    let known = known.filter_map(|class| Some((class.code.clone()?, class)));
    let (code, class) = known.enumerate().max_by_key(|(i, (_, c))| (count(c), std::cmp::Reverse(*i)))?.1;
    Some(TrialLead { code, name: class.name.clone(), count: count(class) })
}

/// What sums and sums of squares grow by, by metric: of all rows, and of each line of the summary.
#[derive(Default)]
struct Figures {
    all: IndexMap<String, (f64, f64)>,
    lines: Vec<IndexMap<String, (f64, f64)>>,
}

impl Figures {
    fn of_lines(lines: usize) -> Self {
        Self { all: IndexMap::new(), lines: vec![IndexMap::new(); lines] }
    }

    fn add(&mut self, line: Option<usize>, metric: &str, value: f64, step: f64) {
        let of_line = line.and_then(|line| self.lines.get_mut(line));
        for sums in std::iter::once(&mut self.all).chain(of_line) {
            let amount = sums.entry(metric.to_owned()).or_default();
            *amount = (amount.0 + value * step, amount.1 + value * value * step);
        }
    }

    fn all(&self, metric: &str) -> (f64, f64) {
        self.all.get(metric).copied().unwrap_or_default()
    }

    fn of(&self, line: usize, metric: &str) -> (f64, f64) {
        self.lines.get(line).and_then(|sums| sums.get(metric)).copied().unwrap_or_default()
    }
}

/// What is assumed does to the trial zone and to the whole.
struct Effect {
    count: u64,
    whole: u64,
    /// The lines of the summary: codes, and what is no class.
    lines: Vec<(Option<String>, Option<ClassPart>)>,
    /// By line: rows in the zone, rows of the whole.
    classes: Vec<(u64, u64)>,
    /// What sums of the zone grow by.
    here: Figures,
    /// The same of the whole: rows that are moved were in it.
    everywhere: Figures,
}

/// The trial zone, the area as it was, and what is assumed.
struct Pair<'a> {
    now: &'a Summary,
    before: &'a Summary,
    effect: Option<&'a Effect>,
}

impl Pair<'_> {
    fn classes(&self) -> Vec<TrialClass> {
        let same = |row: &ClusterRow, other: &ClusterRow| row.code == other.code && row.part == other.part;
        let class = |(place, row): (usize, &ClusterRow)| {
            let before = self.before.clusters.iter().find(|other| same(row, other));
            let assumed = self.effect.map(|effect| effect.classes[place]);
            let (then, real) = (before.map_or(0, |b| b.count), row.count);
            let share = |both: u64, area: u64| (area > 0).then(|| both as f64 / area as f64);
            let lq = TrialQuotients::new(
                Quotient { lq: before.and_then(|b| b.lq), lq_test: before.and_then(|b| b.lq_test) },
                Quotient { lq: row.lq, lq_test: row.lq_test },
                self.effect.zip(assumed).map(|(effect, (both, class))| {
                    Quotient::of(Counts { both, area: effect.count, class, whole: effect.whole })
                }),
            );
            TrialClass {
                code: row.code.clone(),
                part: row.part,
                name: row.name.clone(),
                mark: row.mark.clone(),
                count: TrialCount::new(then, real, assumed.map(|(both, _)| both)),
                share: TrialValue::new(
                    share(then, self.before.counts.matched),
                    share(real, self.now.counts.matched),
                    self.effect.zip(assumed).map(|(effect, (both, _))| share(both, effect.count)),
                ),
                lq,
            }
        };
        self.now.clusters.iter().enumerate().map(class).collect()
    }

    fn totals(&self) -> IndexMap<String, TrialAmount> {
        let total = |(id, now): (&String, &super::Amount)| {
            let before = self.before.totals.get(id);
            let hhi = |amount: &super::Amount| amount.statistics.as_ref().and_then(|s| s.hhi);
            let (sum, share) = (now.sum, hhi(now));
            let grown = self.effect.map(|effect| effect.here.all(id));
            // a sum of nothing grows from nothing; one that is withheld stays so
            let with = grown.map(|(more, _)| {
                let known = sum.or((now.period.is_some() && !now.withheld && more != 0.0).then_some(0.0));
                known.map(|sum| sum + more)
            });
            let hhi_with = grown.map(|(more, squares)| {
                let (sum, share) = (sum?, share?);
                let (after, of_squares) = (sum + more, share * sum * sum + squares);
                (after > 0.0).then(|| (of_squares / (after * after)).clamp(0.0, 1.0))
            });
            let amount = TrialAmount {
                unit: now.unit.clone(),
                period: now.period,
                sum: TrialValue::new(before.and_then(|b| b.sum), sum, with),
                hhi: TrialValue::new(before.and_then(hhi), share, hhi_with),
                withheld: now.withheld || before.is_some_and(|b| b.withheld),
                protected: now.protected,
            };
            (id.clone(), amount)
        };
        self.now.totals.iter().map(total).collect()
    }

    /// The mix of classes; `null` where the summaries give none, as with secondary classes.
    fn mix(&self, classes: &[TrialClass]) -> TrialValue {
        let assumed = self.effect.map(|_| {
            self.now.class_mix.hhi?;
            Some(classes.iter().filter_map(|class| class.share.assumed).map(|share| share * share).sum())
        });
        TrialValue::new(self.before.class_mix.hhi, self.now.class_mix.hhi, assumed)
    }
}

impl Quotient {
    fn of(counts: Counts) -> Self {
        let lq = counts.quotient();
        Self { lq, lq_test: lq.and_then(|_| counts.test()) }
    }

    /// The quotient, where there are enough rows to say something.
    pub fn told(&self) -> Option<f64> {
        self.lq.filter(|_| self.lq_test.is_some_and(|test| test.verdict != Verdict::TooFew))
    }
}

impl TrialQuotients {
    /// Where the question's own quotients say nothing, those with what is assumed do not either.
    fn new(baseline: Quotient, real: Quotient, assumed: Option<Quotient>) -> Self {
        let now = assumed.unwrap_or(real);
        let change = now.told().zip(baseline.told()).map(|(now, before)| now - before);
        Self { baseline, real, assumed, change }
    }
}

fn notes(bound: &Bound, now: &Summary, before: &Summary, assumptions: &Assumptions) -> Vec<Note> {
    let words = bound.describe().wording();
    let mut notes = Vec::new();
    let mut add = |code: &str, zh: &str, en: &str| notes.push(Note::filled(&words, code, zh, en));
    add(
        "trial",
        "推演:范围是试画的,不是已定的{zone},也不是法定边界。变化是与推演开始时的范围相比,只说明范围不同,不说明效果。",
        "Trial: the outline is tried out; it is no {zone} that was decided on and no legal border. Changes are against the area as it was when the trial began: they come of another outline, and are no effect of a measure.",
    );
    if !assumptions.rows.is_empty() {
        add(
            "assumed",
            "假设:标有“假设”的数含假设新增或迁移的{row},不是名录中的数。假设{row}视为符合所选条件;{whole}的{row}数也相应增加。重叠和距离不含假设{row}。",
            "Assumed: figures with this mark include {rows} that are assumed to be added or moved, and are not those of the register. Assumed {rows} are taken to meet the conditions, and the {rows} of {whole} grow with them. Overlaps and distances are without them.",
        );
    }
    if assumptions.absent > 0 {
        add(
            "not-there",
            "要迁移的{row}中有不符合所选条件或时期的,不计其数。",
            "Some of the {rows} to be moved do not meet the conditions or the period; nothing of them is counted.",
        );
    }
    if assumptions.elsewhere {
        add(
            "assumed-outside",
            "有假设{row}的新位置在推演范围之外,只计入{whole}。",
            "Some assumed {rows} are placed outside of the trial zone and count in the whole only.",
        );
    }
    add(
        "interval",
        "区位熵区间为 Clopper–Pearson(1934)95% 精确区间,以{whole}占比为已知;含 1 即“与{whole}无显著差异”。{row}不足 10 {counter}或该{class}期望数不足 5 的,样本过少,不作判断。",
        "Intervals of location quotients are the exact ones of Clopper and Pearson (1934) at 95 %, the share in {whole} taken as known; one that holds 1 is no significant difference. With fewer than 10 {rows}, or fewer than 5 expected of the {class}, nothing is said.",
    );
    add(
        "concentration",
        "{row}集中度(HHI)为各{row}占合计份额的平方和(Herfindahl 1950、Hirschman 1945),有负值时不给出;{class}构成的 HHI 按{row}数计。",
        "The concentration of {rows} (HHI) is the sum of the squared shares in the sum (Herfindahl 1950, Hirschman 1945), and is not given where a figure is below zero; that of the mix of {classes} is by number of {rows}.",
    );
    // what the numbers of either area do not say is not said here either
    for note in now.notes.iter().chain(&before.notes) {
        if note.code != "lq-scope" && !notes.iter().any(|known| known.code == note.code && known.zh == note.zh) {
            notes.push(note.clone());
        }
    }
    notes
}
