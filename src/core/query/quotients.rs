//! Location quotients of zones and classes side by side, with p-values adjusted over all of them.

use super::answer::{ClusterCount, Note, ZoneList, ZoneRow};
use super::engine::Bound;
use super::query_error::QueryError;
use crate::filter::Expr;
use crate::model::{Period, Text, year_and_period};
use crate::snapshot::Description;
use crate::stats::discoveries::adjusted;
use crate::stats::quotient::{CONFIDENCE, Counts, FALSE_DISCOVERIES, QuotientTest};
use serde::Serialize;

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
    /// Location quotient; `null` where it is undefined or says nothing.
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
    /// One for each class, in the order of [`QuotientTable::classes`].
    pub cells: Vec<QuotientCell>,
}

/// Location quotients of zones and classes, by number of rows.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct QuotientTable {
    /// Revision of the data.
    pub revision: String,
    /// Period of the figures, as `year`, where it is one, and `period`.
    #[serde(flatten, serialize_with = "year_and_period")]
    pub period: Option<Period>,
    /// What the quotients are within.
    pub denominator: Text,
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

/// The location quotients of the zones of a question and of all classes. They are of counts, which are exact for every reader;
/// for one who is limited to districts the whole is that of [`BoundQuestion::zones`](super::BoundQuestion::zones).
pub fn quotients(bound: &Bound) -> Result<QuotientTable, QueryError> {
    Ok(table(bound, &bound.zones()?))
}

/// The same of the zones' counts.
pub(super) fn table(bound: &Bound, list: &ZoneList) -> QuotientTable {
    let about = bound.describe();
    let reading = bound.classes();
    // what is not further classified or cannot be split is no class
    let shown = reading.shown().iter().filter_map(|group| reading.get(*group)).filter(|class| class.part.is_none());
    let classes = shown.filter_map(|class| {
        let code = class.code.clone()?;
        let count = of_class(&list.city.clusters, &code);
        Some(QuotientClass { code, name: class.name.clone(), mark: class.mark.clone(), count })
    });
    let classes: Vec<QuotientClass> = classes.collect();
    // under a condition on the class itself every quotient is one within the condition: it says nothing
    let says = !names_class(bound);
    let mut zones: Vec<QuotientRow> = list.zones.iter().map(|zone| row(list, &classes, zone, says)).collect();
    let p: Vec<Option<f64>> = zones.iter().flat_map(|z| z.cells.iter().map(|c| c.lq_test.and_then(|t| t.p))).collect();
    let tests = p.iter().flatten().count() as u64;
    for (cell, q) in zones.iter_mut().flat_map(|z| &mut z.cells).zip(adjusted(&p)) {
        (cell.q, cell.discovery) = (q, q.is_some_and(|q| q <= FALSE_DISCOVERIES));
    }
    QuotientTable {
        revision: list.revision.clone(),
        period: list.period,
        denominator: denominator(about),
        whole: list.city.count,
        confidence: CONFIDENCE,
        false_discovery_rate: FALSE_DISCOVERIES,
        tests,
        notes: notes(about, list.partition),
        classes,
        zones,
    }
}

fn row(list: &ZoneList, classes: &[QuotientClass], zone: &ZoneRow, says: bool) -> QuotientRow {
    let cell = |class: &QuotientClass| {
        let both = of_class(&zone.clusters, &class.code);
        let counts = Counts { both, area: zone.count, class: class.count, whole: list.city.count };
        let lq = counts.quotient().filter(|_| says);
        QuotientCell { count: both, lq, lq_test: lq.and_then(|_| counts.test()), q: None, discovery: false }
    };
    QuotientRow {
        id: zone.id.clone(),
        name: zone.name.clone(),
        name_en: zone.name_en.clone(),
        zone_kind: zone.zone_kind.clone(),
        schematic: zone.schematic,
        count: zone.count,
        cells: classes.iter().map(cell).collect(),
    }
}

/// The rows of a class.
fn of_class(counts: &[ClusterCount], code: &str) -> u64 {
    let of = |c: &&ClusterCount| c.part.is_none() && c.code.as_deref() == Some(code);
    counts.iter().find(of).map_or(0, |c| c.count)
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

/// What the quotients are within.
fn denominator(about: &Description) -> Text {
    let words = about.wording();
    let scope = about.register().and_then(|c| c.spec.register.as_ref()?.scope.as_ref());
    let within = scope.map_or_else(Default::default, |s| (format!("({})", s.zh), format!(" ({})", s.en)));
    words.text(
        &format!("本名录{}{{whole}}全部{{row}},不是全行业", within.0),
        &format!("all {{rows}} of this register{} in {{whole}}, not all industries", within.1),
    )
}

fn notes(about: &Description, partition: bool) -> Vec<Note> {
    let words = about.wording();
    let mut notes = Vec::new();
    let mut add = |code: &str, zh: &str, en: &str| notes.push(Note::filled(&words, code, zh, en));
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
    if !partition {
        add(
            "overlapping",
            "这些{zone}可能互相重叠,各{zone}的检验不独立。",
            "These {zones} may overlap, so their tests are not independent.",
        );
    }
    notes
}
