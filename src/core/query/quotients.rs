//! Location quotients of zones and classes side by side, with p-values adjusted over all of them.

use super::answer::{Amounts, AreaKind, ClusterCount, Note, Summary, ZoneList, ZoneRow};
use super::area_spec::AreaSpec;
use super::choropleth::Quantity;
use super::engine::Bound;
use super::query_error::QueryError;
use super::question::Question;
use super::weight::{Weight, weight_of, weights};
use crate::columns::Value;
use crate::filter::Expr;
use crate::model::{AllIndustries, MetricSpec, Period, Text, year_and_period};
use crate::snapshot::{ClassPart, Description};
use crate::stats::discoveries::adjusted;
use crate::stats::quotient::{CONFIDENCE, Counts, FALSE_DISCOVERIES, QuotientTest, Sum, Sums};
use serde::Serialize;
use std::collections::HashMap;

/// A class in the table.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct QuotientClass {
    /// Code.
    pub code: String,
    /// Name.
    pub name: Text,
    /// One character that stands for it.
    pub mark: String,
    /// Rows of it in the whole.
    pub count: u64,
}

/// A location quotient in the table.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct QuotientCell {
    /// Rows of the class in the zone.
    pub count: u64,
    /// Rows, or their sum; `null` where it is missing or withheld.
    pub value: Option<f64>,
    /// Whether a sum that the quotient takes is withheld.
    pub withheld: bool,
    /// Location quotient; `null` where it is undefined, says nothing, or a sum is withheld.
    pub lq: Option<f64>,
    /// How sure it is.
    pub lq_test: Option<QuotientTest>,
    /// The p-value adjusted over all tests of the table.
    pub q: Option<f64>,
    /// Whether it is significant at the table's rate of false discoveries.
    pub discovery: bool,
}

/// The location quotients of a zone.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct QuotientRow {
    /// Zone id.
    pub id: String,
    /// Name.
    pub name: String,
    /// English name.
    pub name_en: String,
    /// Kind of the zone, as `/dataset` lists it.
    pub zone_kind: Option<String>,
    /// Whether the outline is schematic.
    pub schematic: bool,
    /// Rows in the zone.
    pub count: u64,
    /// What the shares are of: rows or their sum, or the total of all industries; `null` where it is missing or withheld.
    pub of: Option<f64>,
    /// One for each class, in the order of [`QuotientTable::classes`].
    pub cells: Vec<QuotientCell>,
}

/// What quotients are within.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Denominator {
    /// `register`, or `all_industries`.
    pub id: String,
    /// Title.
    pub title: Text,
}

/// Location quotients of zones and classes, or of one area, by number of rows or by a metric.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct QuotientTable {
    /// Revision of the data.
    pub revision: String,
    /// Period of the figures, as `year`, where it is one, and `period`.
    #[serde(flatten, serialize_with = "year_and_period")]
    pub period: Option<Period>,
    /// What rows are weighed by.
    pub weight: Weight,
    /// What can be chosen for `weight`.
    pub weights: Vec<Weight>,
    /// What the quotients are within.
    pub denominator: Text,
    /// What can be chosen for `denominator`, the one of this answer first.
    pub denominators: Vec<Denominator>,
    /// Rows of the whole.
    pub whole: u64,
    /// How sure the intervals are.
    pub confidence: f64,
    /// The rate of false discoveries at which [`QuotientCell::discovery`] is said.
    pub false_discovery_rate: f64,
    /// How many tests the p-values are adjusted over.
    pub tests: u64,
    /// The classes in question, in the codelist's order; what has no class is none of them, and part of the whole.
    pub classes: Vec<QuotientClass>,
    /// The zones.
    pub zones: Vec<QuotientRow>,
    /// Remarks.
    pub notes: Vec<Note>,
}

/// The register's rows, as what quotients are within.
const REGISTER: &str = "register";
/// The totals of all industries that a table of the dataset has.
const ALL_INDUSTRIES: &str = "all_industries";

/// What quotients are of, and within.
#[derive(Clone, Default)]
pub struct QuotientSpec {
    /// `count` or a metric; the number of rows when left out.
    pub weight: Option<String>,
    /// `register` or `all_industries`; the register when left out.
    pub denominator: Option<String>,
}

/// The location quotients of the zones of a question and of all classes. Counts are exact for every reader; sums are those of `/zones`
/// for the same reader, and so are the squares that intervals are made of: what is withheld there enters none. For one who is
/// limited to districts the whole is that of [`BoundQuestion::zones`](super::BoundQuestion::zones).
pub fn quotients(bound: &Bound, spec: &QuotientSpec) -> Result<QuotientTable, QueryError> {
    let basis = Basis::of(bound, spec)?;
    let question = bound.question().clone().with_statistics(basis.quantity.metric().is_some());
    Ok(basis.table(bound, &bound.ask(&question)?.zones()?))
}

/// The location quotients of all classes in the area of a question: a table of one line.
pub fn area_quotients(bound: &Bound, spec: &QuotientSpec) -> Result<QuotientTable, QueryError> {
    let basis = Basis::of(bound, spec)?;
    let sums = basis.quantity.metric().is_some();
    let asked = of_area(bound, sums);
    let area = bound.ask(&asked)?.summarize()?;
    let whole = Everywhere::of(bound, sums)?;
    Ok(basis.of_area(bound, &area, basis.area(&area), &basis.everywhere(&whole)))
}

/// All tables of a question: of the zones of the usual kind for the whole, of any other area in one line; by number of rows and by each of some metrics;
/// within the register, and within all industries where their totals are known. Tables that say nothing are left out.
pub fn quotient_tables(bound: &Bound, weights: &[&str]) -> Result<Vec<QuotientTable>, QueryError> {
    let mut bases = Vec::new();
    for weight in [None].into_iter().chain(weights.iter().map(|id| Some((*id).to_owned()))) {
        let spec =
            |denominator: &str| QuotientSpec { weight: weight.clone(), denominator: Some(denominator.to_owned()) };
        bases.push(Basis::of(bound, &spec(REGISTER))?);
        // refused where there are no totals of all industries
        bases.extend(Basis::of(bound, &spec(ALL_INDUSTRIES)).ok());
    }
    let sums = !weights.is_empty();
    let mut tables: Vec<QuotientTable> = if bound.area().kind == AreaKind::City {
        // zones of other kinds overlap these, and what is tested together is to be of one kind
        let kind = bound.describe().usual_kind().map(|kind| kind.id.clone());
        let list = bound.ask(&bound.question().clone().of_kind(kind).with_statistics(sums))?.zones()?;
        bases.iter().map(|basis| basis.table(bound, &list)).collect()
    } else {
        let area = bound.ask(&of_area(bound, sums))?.summarize()?;
        let whole = Everywhere::of(bound, sums)?;
        let table = |basis: &Basis| basis.of_area(bound, &area, basis.area(&area), &basis.everywhere(&whole));
        bases.iter().map(table).collect()
    };
    let says =
        |table: &QuotientTable| table.zones.iter().flat_map(|zone| &zone.cells).any(|cell| cell.lq_test.is_some());
    tables.retain(says);
    Ok(tables)
}

/// The question of an area, for its quotients.
fn of_area(bound: &Bound, sums: bool) -> Question {
    bound.question().clone().with_statistics(sums).with_growth(false).with_outline(false)
}

/// Counts and sums of the whole of an area's question.
pub(super) struct Everywhere {
    pub(super) count: u64,
    pub(super) amounts: Amounts,
    pub(super) classes: Vec<ClusterCount>,
}

impl Everywhere {
    /// With sums and their squares, or counts alone.
    pub(super) fn of(bound: &Bound, sums: bool) -> Result<Self, QueryError> {
        let about = bound.describe();
        let everywhere = of_area(bound, sums).within(AreaSpec::default());
        // the whole of a reader who is limited to districts is of others, too: sums of it are protected
        if about.scope.is_some() {
            let list = bound.ask(&everywhere.of_kind(about.usual_kind().map(|kind| kind.id.clone())))?.zones()?;
            return Ok(Self { count: list.city.count, amounts: list.city.amounts, classes: list.city.clusters });
        }
        let all = bound.ask(&everywhere)?.summarize()?;
        let classes = counted(&all);
        Ok(Self { count: all.counts.matched, amounts: all.totals, classes })
    }
}

/// The classes of a summary, as a list of zones has them.
fn counted(summary: &Summary) -> Vec<ClusterCount> {
    let of = summary.clusters.iter();
    of.map(|c| ClusterCount { code: c.code.clone(), part: c.part, count: c.count, amounts: c.amounts.clone() })
        .collect()
}

/// The sum of some rows by a metric, and that of their squares.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Figure {
    pub(super) sum: Option<f64>,
    squares: Option<f64>,
    pub(super) withheld: bool,
}

impl Figure {
    fn of(amounts: &Amounts, metric: Option<&MetricSpec>) -> Self {
        let Some(amount) = metric.and_then(|metric| amounts.get(&metric.id)) else { return Self::default() };
        let share = amount.statistics.as_ref().and_then(|s| s.hhi);
        let squares = amount.sum.zip(share).map(|(sum, share)| share * sum * sum);
        Self { sum: amount.sum, squares, withheld: amount.withheld }
    }

    /// With the values of other rows: how much they add, and the sum of their squares.
    pub(super) fn with(self, (more, squares): (f64, f64)) -> Self {
        if self.withheld || (more == 0.0 && squares == 0.0) {
            return self;
        }
        let known = self.sum.map_or(Some(0.0), |_| self.squares);
        Self {
            sum: Some(self.sum.unwrap_or(0.0) + more),
            squares: known.map(|known| (known + squares).max(0.0)),
            ..self
        }
    }

    fn known(self) -> Option<f64> {
        self.sum.filter(|_| !self.withheld)
    }
}

/// Rows of a class, and their sum.
#[derive(Clone, Debug)]
pub(super) struct ClassLine {
    pub(super) code: Option<String>,
    pub(super) part: Option<ClassPart>,
    pub(super) count: u64,
    pub(super) figure: Figure,
}

/// Counts and sums of a zone, or of the whole.
#[derive(Clone, Debug)]
pub(super) struct Line {
    pub(super) count: u64,
    pub(super) figure: Figure,
    pub(super) classes: Vec<ClassLine>,
}

impl Line {
    pub(super) fn class(&self, code: &str) -> Option<&ClassLine> {
        self.classes.iter().find(|c| c.part.is_none() && c.code.as_deref() == Some(code))
    }
}

/// Totals of all industries, by zone and of the whole.
struct Totals {
    title: Text,
    whole: f64,
    zones: HashMap<String, f64>,
    /// Zones of the partition with more than one row.
    repeated: usize,
}

impl Totals {
    /// The totals that a table has of what rows are weighed by: of the question's period, or of the latest where it has none of that.
    fn of(bound: &Bound, spec: &AllIndustries, metric: &str) -> Result<Option<Self>, QueryError> {
        let about = bound.describe();
        let Some(table) = about.tables.iter().find(|table| table.id == spec.table) else { return Ok(None) };
        let question = Question::of(&*table.id);
        let dated = question.clone().in_period(bound.question().period());
        let (question, asked) = match bound.ask(&dated) {
            Ok(asked) => (dated, asked),
            Err(_) => (question.clone(), bound.ask(&question)?),
        };
        let list = asked.zones()?;
        let period = list.city.amounts.get(metric).and_then(|amount| amount.period);
        let open = table.spec.register.iter().flat_map(|register| &register.metrics);
        let open = open.filter(|of| of.id == metric && !table.spec.restricts(of));
        let open = open.zip(period).find_map(|(of, period)| of.columns.get(&period));
        let sum = |amounts: &Amounts, zone: Option<&str>| {
            let amount = amounts.get(metric)?;
            let sum = match open.filter(|_| amount.withheld) {
                Some(property) => listed(
                    &bound
                        .ask(&match zone {
                            Some(zone) => question.clone().in_zone(zone),
                            None => question.clone(),
                        })
                        .ok()?,
                    property,
                ),
                None => amount.sum.filter(|_| !amount.withheld),
            };
            sum.filter(|sum| *sum > 0.0)
        };
        let dated = period.map_or_else(Default::default, |period| (format!("({period})"), format!(" ({period})")));
        let title = &table.spec.title;
        let title = Text::new(format!("{}{}", title.zh, dated.0), format!("{}{}", title.en, dated.1));
        let zone = |zone: &ZoneRow| Some((zone.id.clone(), sum(&zone.amounts, Some(&zone.id))?));
        let zones = list.zones.iter().filter_map(zone).collect();
        let units = about.district_kind().map(|kind| kind.id.as_str());
        let again = |zone: &&ZoneRow| zone.count > 1 && units.is_some() && zone.zone_kind.as_deref() == units;
        let repeated = list.zones.iter().filter(again).count();
        Ok(sum(&list.city.amounts, None).map(|whole| Self { title, whole, zones, repeated }))
    }
}

/// The sum of a property over rows that the reader may list, where it may leave with them: a zone has one row of totals, and a sum of so
/// few is withheld whether or not it is of figures that may not be seen.
fn listed(rows: &Bound, property: &str) -> Option<f64> {
    let rows = rows.select(0, usize::MAX);
    let (place, _) = rows.spec().property(property)?;
    let column = rows.table().columns.get(place).filter(|_| rows.columns().contains(&place))?;
    let values = rows.rows().iter().filter_map(|row| match column.value(*row as usize) {
        Value::Integer(value) => Some(value as f64),
        Value::Number(value) => Some(value),
        Value::Decimal(digits, decimals) => Some(digits as f64 / 10f64.powi(decimals.into())),
        _ => None,
    });
    Some(values.sum())
}

/// What quotients are of, and within.
pub(super) struct Basis<'a> {
    quantity: Quantity<'a>,
    /// The metric of the table of all industries, and what it says, where quotients are within these.
    totals: Option<Totals>,
    /// Whether all industries can be chosen.
    known: bool,
}

impl<'a> Basis<'a> {
    /// Within the register.
    pub(super) fn register(quantity: Quantity<'a>) -> Self {
        Self { quantity, totals: None, known: false }
    }

    fn of(bound: &'a Bound, spec: &QuotientSpec) -> Result<Self, QueryError> {
        let about = bound.describe();
        let quantity = Quantity::of(about, spec.weight.as_deref()).map_err(|fault| match fault {
            QueryError::Choropleth(why) => refused("weight", why),
            fault => fault,
        })?;
        let register = about.register().and_then(|c| c.spec.register.as_ref());
        let declared = register.and_then(|register| register.all_industries.as_ref());
        let metric = declared.and_then(|all| match quantity.metric() {
            Some(metric) => all.metrics.get(&metric.id),
            None => all.count.as_ref(),
        });
        let wanted = match spec.denominator.as_deref() {
            None | Some(REGISTER) => false,
            Some(ALL_INDUSTRIES) => true,
            Some(other) => {
                return Err(refused(
                    "denominator",
                    Text::new(
                        format!("{other} 不可用,可选 {REGISTER}、{ALL_INDUSTRIES}"),
                        format!("{other:?} is not one of {REGISTER}, {ALL_INDUSTRIES}"),
                    ),
                ));
            }
        };
        let known = metric.is_some() && about.scope.is_none();
        let mut totals = None;
        if let Some((all, metric)) = declared.zip(metric).filter(|_| wanted && known) {
            totals = Totals::of(bound, all, metric)?;
        }
        if wanted && totals.is_none() {
            let title = quantity.title(about);
            return Err(refused(
                "denominator",
                Text::new(
                    format!(
                        "没有全行业的“{}”;可用 {REGISTER},或在 dataset.json 的 register.all_industries 中声明并导入该表",
                        title.zh
                    ),
                    format!(
                        "there are no totals of all industries for {}: use {REGISTER}, or declare a table in register.all_industries of dataset.json and import it",
                        title.en
                    ),
                ),
            ));
        }
        Ok(Self { quantity, totals, known })
    }

    /// Within the register, weighed by a metric.
    pub(super) fn weighed(bound: &'a Bound, metric: &str) -> Result<Self, QueryError> {
        Self::of(bound, &QuotientSpec { weight: Some(metric.to_owned()), denominator: None })
    }

    /// Counts, and sums of what rows are weighed by.
    pub(super) fn line(&self, count: u64, amounts: &Amounts, classes: &[ClusterCount]) -> Line {
        let metric = self.quantity.metric();
        let class = |c: &ClusterCount| ClassLine {
            code: c.code.clone(),
            part: c.part,
            count: c.count,
            figure: Figure::of(&c.amounts, metric),
        };
        Line { count, figure: Figure::of(amounts, metric), classes: classes.iter().map(class).collect() }
    }

    pub(super) fn everywhere(&self, whole: &Everywhere) -> Line {
        self.line(whole.count, &whole.amounts, &whole.classes)
    }

    pub(super) fn area(&self, area: &Summary) -> Line {
        self.line(area.counts.matched, &area.totals, &counted(area))
    }

    /// The table of one line of an area.
    pub(super) fn of_area(&self, bound: &Bound, area: &Summary, line: Line, whole: &Line) -> QuotientTable {
        let row = QuotientRow {
            id: area.zone.id.clone().unwrap_or_default(),
            name: area.zone.name.clone(),
            name_en: area.zone.name_en.clone(),
            zone_kind: area.zone.zone_kind.clone(),
            schematic: area.zone.schematic,
            count: line.count,
            of: None,
            cells: vec![],
        };
        self.of_lines(bound, (area.revision.clone(), area.period, true), vec![(row, line)], whole)
    }

    /// The table of the zones of a list, which has sums by class where rows are weighed.
    pub(super) fn table(&self, bound: &Bound, list: &ZoneList) -> QuotientTable {
        let row = |zone: &'_ ZoneRow| QuotientRow {
            id: zone.id.clone(),
            name: zone.name.clone(),
            name_en: zone.name_en.clone(),
            zone_kind: zone.zone_kind.clone(),
            schematic: zone.schematic,
            count: zone.count,
            of: None,
            cells: vec![],
        };
        let lines = list.zones.iter();
        let lines = lines.map(|z| (row(z), self.line(z.count, &z.amounts, &z.clusters)));
        let whole = self.line(list.city.count, &list.city.amounts, &list.city.clusters);
        self.of_lines(bound, (list.revision.clone(), list.period, list.partition), lines.collect(), &whole)
    }

    fn of_lines(
        &self,
        bound: &Bound,
        (revision, period, partition): (String, Option<Period>, bool),
        lines: Vec<(QuotientRow, Line)>,
        whole: &Line,
    ) -> QuotientTable {
        let about = bound.describe();
        let reading = bound.classes();
        // what is not further classified or cannot be split is no class
        let shown = reading.shown().iter().filter_map(|group| reading.get(*group)).filter(|class| class.part.is_none());
        let classes = shown.filter_map(|class| {
            let code = class.code.clone()?;
            let count = whole.class(&code).map_or(0, |class| class.count);
            Some(QuotientClass { code, name: class.name.clone(), mark: class.mark.clone(), count })
        });
        let classes: Vec<QuotientClass> = classes.collect();
        // under a condition on the class itself every quotient is one within the condition: it says nothing
        let says = !names_class(bound) || self.totals.is_some();
        let row = |(row, line): (QuotientRow, Line)| {
            let cell = |class: &QuotientClass| self.cell((&row.id, &line), whole, class, says);
            let of = match &self.totals {
                Some(totals) => totals.zones.get(&row.id).copied(),
                None => self.value(line.count, line.figure),
            };
            QuotientRow { cells: classes.iter().map(cell).collect(), of, ..row }
        };
        let mut zones: Vec<QuotientRow> = lines.into_iter().map(row).collect();
        let p: Vec<Option<f64>> =
            zones.iter().flat_map(|z| z.cells.iter().map(|c| c.lq_test.and_then(|t| t.p))).collect();
        let tests = p.iter().flatten().count() as u64;
        for (cell, q) in zones.iter_mut().flat_map(|z| &mut z.cells).zip(adjusted(&p)) {
            (cell.q, cell.discovery) = (q, q.is_some_and(|q| q <= FALSE_DISCOVERIES));
        }
        QuotientTable {
            revision,
            period,
            weight: weight_of(about, self.quantity),
            weights: weights(about),
            denominator: self.denominator(about),
            denominators: self.denominators(about),
            whole: whole.count,
            confidence: CONFIDENCE,
            false_discovery_rate: FALSE_DISCOVERIES,
            tests,
            notes: self.notes(about, partition),
            classes,
            zones,
        }
    }

    fn cell(&self, (zone, here): (&str, &Line), whole: &Line, class: &QuotientClass, says: bool) -> QuotientCell {
        let both = here.class(&class.code);
        let count = both.map_or(0, |both| both.count);
        let rows = Counts { both: count, area: here.count, class: class.count, whole: whole.count };
        let totals = self.totals.as_ref().map(|all| all.zones.get(zone).map(|zone| (*zone, all.whole)));
        let of = |line: &Line| line.class(&class.code).map_or_else(Figure::default, |class| class.figure);
        let [area, everywhere] = [here.figure, whole.figure].map(|figure| totals.is_none().then_some(figure));
        let withheld =
            [Some(of(here)), area, Some(of(whole)), everywhere].iter().flatten().any(|figure| figure.withheld);
        let (lq, lq_test) = match (self.quantity.metric(), totals) {
            (None, None) => (rows.quotient(), rows.test()),
            // a total below the rows that are known is none
            (None, Some(totals)) => {
                let of = totals.map(|(area, whole)| Counts {
                    area: area.round() as u64,
                    whole: whole.round() as u64,
                    ..rows
                });
                of.filter(|of| of.is_consistent()).map_or((None, None), |of| (of.quotient(), of.test()))
            }
            (Some(_), totals) => weighed(rows, [of(here), here.figure, of(whole), whole.figure], totals),
        };
        let lq = lq.filter(|_| says);
        let value = self.value(count, both.map_or_else(Figure::default, |both| both.figure));
        QuotientCell { count, value, withheld, lq, lq_test: lq.and(lq_test), q: None, discovery: false }
    }

    /// The value of some rows: how many, or their sum; `None` where it is missing or withheld.
    fn value(&self, count: u64, figure: Figure) -> Option<f64> {
        if self.quantity.metric().is_none() {
            return Some(count as f64);
        }
        // of no row the sum is zero
        if figure.withheld { None } else { figure.sum.or((count == 0).then_some(0.0)) }
    }

    /// What the quotients are within.
    fn denominator(&self, about: &Description) -> Text {
        match &self.totals {
            Some(totals) => all_industries(&totals.title),
            None => within_register(about, self.quantity),
        }
    }

    /// What can be chosen, the one of this answer first.
    fn denominators(&self, about: &Description) -> Vec<Denominator> {
        let words = about.wording();
        let register = words.text("本名录全部{row}", "all {rows} of the register");
        let mut out = vec![Denominator { id: REGISTER.to_owned(), title: register }];
        if self.known {
            let title = Text::new("全行业", "all industries");
            out.push(Denominator { id: ALL_INDUSTRIES.to_owned(), title });
        }
        if self.totals.is_some() {
            out.reverse();
        }
        out
    }

    fn notes(&self, about: &Description, partition: bool) -> Vec<Note> {
        let words = about.wording();
        let mut notes = Vec::new();
        let mut add = |code: &str, zh: &str, en: &str| notes.push(Note::filled(&words, code, zh, en));
        if self.quantity.metric().is_some() {
            add(
                "bootstrap",
                "按指标加权:区间为{row}重抽样(bootstrap,{row}数服从多项分布)95% 区间的闭式,取对数后对称(Beyene–Moineddin 2005 的 delta 法推广到加权),没有随机数。含 1 即“与{whole}无显著差异”。{row}不足 10 {counter}、该{class}期望数不足 5,或合计主要来自少数大{row}(本处或其中该{class}相当于不足 10 {counter}等大的{row})的,样本过少,不作判断。相当于 10 至 20 {counter}的,区间两端可差四分之一。",
                "Weighed by a metric: intervals are what drawing the {rows} anew would give (bootstrap, their numbers multinomial) at 95 %, by a formula and symmetric in the logarithm (the delta method of Beyene and Moineddin 2005, for weights), without random numbers. One that holds 1 is no significant difference. Nothing is said with fewer than 10 {rows}, fewer than 5 expected of the {class}, or where a few large {rows} make up the sums: those here, or those of the {class} here, as of fewer than 10 {rows} of one size. From 10 to 20 such {rows} the ends may be a quarter off.",
            );
            add(
                "discoveries",
                "p 值为正态近似,双侧;全表一并按 Benjamini–Hochberg(1995)校正,误报率不超过 5%。",
                "P-values are those of the normal distribution, two-sided, adjusted over the whole table (Benjamini and Hochberg 1995): 5 % of false discoveries at most.",
            );
        } else {
            add(
                "interval",
                "区间为 Clopper–Pearson(1934)95% 精确区间,以{whole}占比为已知;含 1 即“与{whole}无显著差异”。{row}不足 10 {counter}或该{class}期望数不足 5 的,样本过少,不作判断。",
                "Intervals are the exact ones of Clopper and Pearson (1934) at 95 %, the share in {whole} taken as known; one that holds 1 is no significant difference. With fewer than 10 {rows}, or fewer than 5 expected of the {class}, nothing is said.",
            );
            add(
                "discoveries",
                "p 值为 Fisher 精确检验,双侧;全表一并按 Benjamini–Hochberg(1995)校正,误报率不超过 5%:表中标为显著的,平均每 20 个至多 1 个出于偶然。",
                "P-values are those of Fisher's exact test, two-sided, adjusted over the whole table (Benjamini and Hochberg 1995): of what is marked as significant, at most one in 20 is so by chance, on average.",
            );
        }
        if self.totals.is_some() {
            add(
                "all_industries",
                "分母为导入的全行业总数,视为已知,不受筛选条件影响;没有总数、或总数小于名录中{row}的{zone}没有区位熵。名录收得不全的{zone}偏低。",
                "The denominator is the imported totals of all industries, taken as known and under no condition. No quotient where there is no total, or one below the {rows} of the register; too low where the register misses {rows}.",
            );
        }
        if let Some(repeated) = self.totals.as_ref().map(|totals| totals.repeated).filter(|n| *n > 0) {
            add(
                "repeated",
                &format!("有 {repeated} 个{{zone}}的全行业总数不止一行,已相加:若是重复导入,区位熵不对,请核对该表。"),
                &format!(
                    "The totals of {repeated} {{zones}} have more than one row and are added up: where a file was imported twice, quotients are wrong; look at that table."
                ),
            );
        }
        if !partition {
            add(
                "overlapping",
                "这些{zone}可能互相重叠,各{zone}的检验不独立。",
                "These {zones} may overlap, so their tests are not independent.",
            );
        }
        notes
    }
}

fn refused(parameter: &'static str, why: Text) -> QueryError {
    QueryError::Quotients { parameter, why }
}

/// A quotient of sums with how sure it is: `sums` are those of the class in the area, of the area, of the class, of the whole, and
/// `totals` those of all industries that take the place of the second and the last. Nothing where one is missing or withheld.
#[expect(clippy::option_option, reason = "no table of all industries, and a zone without a row in it, differ")]
fn weighed(
    rows: Counts,
    [both, area, class, whole]: [Figure; 4],
    totals: Option<Option<(f64, f64)>>,
) -> (Option<f64>, Option<QuotientTest>) {
    let of = || {
        let both = both.known().or((rows.both == 0).then_some(0.0))?;
        let (area, whole) = match totals {
            Some(totals) => totals?,
            None => (area.known()?, whole.known()?),
        };
        Some([both, area, class.known()?, whole].map(|value| Sum { value, squares: 0.0 }))
    };
    let Some([b, a, c, w]) = of() else { return (None, None) };
    // of no row there are no squares, and of totals none are taken
    let both = if b.value == 0.0 { Some(0.0) } else { both.squares };
    let known = totals.is_some();
    let [area, whole] = [area, whole].map(|figure| if known { Some(0.0) } else { figure.squares });
    let squares = [both, area, class.squares, whole];
    // where they are not given, of fewer values than a reader may learn them of, the rows are too few to say anything
    let unknown = squares.iter().any(Option::is_none);
    let sum = |sum: Sum, squares: Option<f64>| Sum { squares: squares.unwrap_or(f64::INFINITY), ..sum };
    let both = sum(b, both.filter(|_| !unknown));
    let sums =
        Sums { rows, both, area: sum(a, squares[1]), class: sum(c, squares[2]), whole: sum(w, squares[3]), known };
    (sums.quotient(), sums.test())
}

/// What quotients within the register are within.
fn within_register(about: &Description, quantity: Quantity) -> Text {
    let words = about.wording();
    let scope = about.register().and_then(|c| c.spec.register.as_ref()?.scope.as_ref());
    let within = scope.map_or_else(Default::default, |s| (format!("({})", s.zh), format!(" ({})", s.en)));
    let of = quantity
        .metric()
        .map_or_else(Default::default, |metric| (format!("的{}", metric.title.zh), format!("{} of ", metric.title.en)));
    words.text(
        &format!("本名录{}{{whole}}全部{{row}}{},不是全行业", within.0, of.0),
        &format!("{}all {{rows}} of this register{} in {{whole}}, not all industries", of.1, within.1),
    )
}

/// What quotients within all industries are within.
fn all_industries(title: &Text) -> Text {
    Text::new(format!("全行业:{}", title.zh), format!("all industries: {}", title.en))
}

/// Whether a condition of the question is on the property that holds the class.
pub(super) fn names_class(bound: &Bound) -> bool {
    fn names(expr: &Expr, property: &str) -> bool {
        matches!(expr, Expr::Property(name) if name == property)
            || expr.parts().iter().any(|part| names(part, property))
    }
    let register = bound.describe().register().and_then(|c| c.spec.register.as_ref());
    let Some(class) = register.and_then(|r| r.cluster.as_deref()) else { return false };
    let question = bound.question();
    question.conditions().contains_key(class) || question.filter().is_some_and(|filter| names(filter, class))
}
