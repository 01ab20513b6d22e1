//! Location quotients of zones and classes side by side, with p-values adjusted over all of them.

use super::answer::{Amount, Amounts, ClusterCount, Note, Summary, ZoneList, ZoneRow};
use super::area_spec::AreaSpec;
use super::choropleth::Quantity;
use super::engine::Bound;
use super::query_error::QueryError;
use super::question::Question;
use super::weight::{Weight, weight_of, weights};
use crate::filter::Expr;
use crate::model::{AllIndustries, Period, Text, year_and_period};
use crate::snapshot::Description;
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
    let about = bound.describe();
    let question: Question = bound.question().clone().with_statistics(basis.quantity.metric().is_some());
    let question = question.with_growth(false).with_outline(false);
    let area = bound.ask(&question)?.summarize()?;
    let everywhere = question.within(AreaSpec::default());
    // the whole of a reader who is limited to districts is of others, too: sums of it are protected
    let whole = if about.scope.is_some() {
        let list = bound.ask(&everywhere.of_kind(about.usual_kind().map(|kind| kind.id.clone())))?.zones()?;
        (list.city.count, list.city.amounts, list.city.clusters)
    } else {
        let all = bound.ask(&everywhere)?.summarize()?;
        let classes = counted(&all);
        (all.counts.matched, all.totals, classes)
    };
    let classes = counted(&area);
    let row = QuotientRow {
        id: area.zone.id.clone().unwrap_or_default(),
        name: area.zone.name,
        name_en: area.zone.name_en,
        zone_kind: area.zone.zone_kind,
        schematic: area.zone.schematic,
        count: area.counts.matched,
        of: None,
        cells: vec![],
    };
    let lines = vec![(row, Line { count: area.counts.matched, amounts: &area.totals, classes: &classes })];
    let whole = Line { count: whole.0, amounts: &whole.1, classes: &whole.2 };
    Ok(basis.of_lines(bound, (area.revision, area.period, true), lines, whole))
}

/// The classes of a summary, as a list of zones has them.
fn counted(summary: &Summary) -> Vec<ClusterCount> {
    let of = summary.clusters.iter();
    of.map(|c| ClusterCount { code: c.code.clone(), part: c.part, count: c.count, amounts: c.amounts.clone() })
        .collect()
}

/// Counts and sums of a zone, or of the whole.
#[derive(Clone, Copy)]
struct Line<'a> {
    count: u64,
    amounts: &'a Amounts,
    classes: &'a [ClusterCount],
}

impl<'a> Line<'a> {
    fn class(&self, code: &str) -> Option<&'a ClusterCount> {
        self.classes.iter().find(|c| c.part.is_none() && c.code.as_deref() == Some(code))
    }

    fn count_of(&self, code: &str) -> u64 {
        self.class(code).map_or(0, |c| c.count)
    }
}

/// Totals of all industries, by zone and of the whole.
struct Totals {
    title: Text,
    whole: f64,
    zones: HashMap<String, f64>,
}

impl Totals {
    /// The totals that a table has of what rows are weighed by: of the question's period, or of the latest where it has none of that.
    fn of(bound: &Bound, spec: &AllIndustries, metric: &str) -> Result<Option<Self>, QueryError> {
        let about = bound.describe();
        let Some(table) = about.tables.iter().find(|table| table.id == spec.table) else { return Ok(None) };
        let question = Question::of(&*table.id);
        let dated = question.clone().in_period(bound.question().period());
        let list = bound.ask(&dated).or_else(|_| bound.ask(&question))?.zones()?;
        let sum = |amounts: &Amounts| amounts.get(metric).and_then(|a| a.sum.filter(|sum| *sum > 0.0 && !a.withheld));
        let period = list.city.amounts.get(metric).and_then(|amount| amount.period);
        let dated = period.map_or_else(Default::default, |period| (format!("({period})"), format!(" ({period})")));
        let title = &table.spec.title;
        let title = Text::new(format!("{}{}", title.zh, dated.0), format!("{}{}", title.en, dated.1));
        let zones = list.zones.iter().filter_map(|zone| Some((zone.id.clone(), sum(&zone.amounts)?))).collect();
        Ok(sum(&list.city.amounts).map(|whole| Self { title, whole, zones }))
    }
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

    /// The table of the zones of a list, which has sums by class where rows are weighed.
    pub(super) fn table(&self, bound: &Bound, list: &ZoneList) -> QuotientTable {
        let line = |zone: &'_ ZoneRow| QuotientRow {
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
        let lines = lines.map(|z| (line(z), Line { count: z.count, amounts: &z.amounts, classes: &z.clusters }));
        let city = &list.city;
        let whole = Line { count: city.count, amounts: &city.amounts, classes: &city.clusters };
        self.of_lines(bound, (list.revision.clone(), list.period, list.partition), lines.collect(), whole)
    }

    fn of_lines(
        &self,
        bound: &Bound,
        (revision, period, partition): (String, Option<Period>, bool),
        lines: Vec<(QuotientRow, Line)>,
        whole: Line,
    ) -> QuotientTable {
        let about = bound.describe();
        let reading = bound.classes();
        // what is not further classified or cannot be split is no class
        let shown = reading.shown().iter().filter_map(|group| reading.get(*group)).filter(|class| class.part.is_none());
        let classes = shown.filter_map(|class| {
            let code = class.code.clone()?;
            let count = whole.count_of(&code);
            Some(QuotientClass { code, name: class.name.clone(), mark: class.mark.clone(), count })
        });
        let classes: Vec<QuotientClass> = classes.collect();
        // under a condition on the class itself every quotient is one within the condition: it says nothing
        let says = !names_class(bound) || self.totals.is_some();
        let row = |(row, line): (QuotientRow, Line)| {
            let cell = |class: &QuotientClass| self.cell((&row.id, line), whole, class, says);
            let of = match &self.totals {
                Some(totals) => totals.zones.get(&row.id).copied(),
                None => self.value(line.count, Some(line.amounts)),
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

    fn cell(&self, (zone, here): (&str, Line), whole: Line, class: &QuotientClass, says: bool) -> QuotientCell {
        let both = here.class(&class.code);
        let count = both.map_or(0, |both| both.count);
        let rows = Counts { both: count, area: here.count, class: class.count, whole: whole.count };
        let totals = self.totals.as_ref().map(|all| all.zones.get(zone).map(|zone| (*zone, all.whole)));
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
            (Some(metric), totals) => {
                let amount = |amounts: &'_ Amounts| amounts.get(&metric.id).cloned();
                let of = |line: Line| line.class(&class.code).and_then(|class| amount(&class.amounts));
                let sums = [of(here), amount(here.amounts), of(whole), amount(whole.amounts)];
                weighed(rows, sums.each_ref().map(Option::as_ref), totals)
            }
        };
        let lq = lq.filter(|_| says);
        let value = self.value(count, both.map(|both| &both.amounts));
        QuotientCell { count, value, lq, lq_test: lq.and(lq_test), q: None, discovery: false }
    }

    /// The value of some rows: how many, or their sum; `None` where it is missing or withheld.
    fn value(&self, count: u64, amounts: Option<&Amounts>) -> Option<f64> {
        let Some(metric) = self.quantity.metric() else { return Some(count as f64) };
        match amounts.and_then(|amounts| amounts.get(&metric.id)) {
            Some(amount) if amount.withheld => None,
            // of no row the sum is zero
            Some(amount) => amount.sum.or((count == 0).then_some(0.0)),
            None => (count == 0).then_some(0.0),
        }
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
    sums: [Option<&Amount>; 4],
    totals: Option<Option<(f64, f64)>>,
) -> (Option<f64>, Option<QuotientTest>) {
    let value = |amount: Option<&Amount>| match amount {
        Some(amount) if amount.withheld => None,
        Some(amount) => amount.sum,
        None => None,
    };
    let squares = |amount: Option<&Amount>, value: f64| Some(amount?.statistics.as_ref()?.hhi? * value * value);
    let sum = |amount: Option<&Amount>, value: f64| Some(Sum { value, squares: squares(amount, value)? });
    let [both, area, class, whole] = sums;
    let of = || {
        let both = value(both).or((rows.both == 0).then_some(0.0))?;
        let (area, whole) = match totals {
            Some(totals) => totals?,
            None => (value(area)?, value(whole)?),
        };
        Some([both, area, value(class)?, whole].map(|value| Sum { value, squares: 0.0 }))
    };
    let Some([b, a, c, w]) = of() else { return (None, None) };
    let bare = Sums { rows, both: b, area: a, class: c, whole: w, known: true };
    let tested = || {
        // of no row there are no squares
        let both = if b.value == 0.0 { b } else { sum(both, b.value)? };
        let class = sum(class, c.value)?;
        if totals.is_some() {
            return Sums { both, class, ..bare }.test();
        }
        Sums { both, class, area: sum(area, a.value)?, whole: sum(whole, w.value)?, known: false, rows }.test()
    };
    (bare.quotient(), tested())
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
