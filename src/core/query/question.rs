//! The one form of a question. It names things by their ids only, so it can be kept, printed and bound to other data;
//! what it means for a dataset is decided by [`Question::bind`](super::Question::bind).

use super::{AreaSpec, BaseArea, Interval};
use crate::filter::{Expr, Filter, Op, Spatial};
use crate::model::Period;
use crate::snapshot::ClassSpec;
use crate::snapshot::Description;
use geo::{Geometry, Polygon};
use std::collections::BTreeMap;

/// A question about the rows of one collection, or about the zones of a kind or below a zone. The same question gives the same rows in
/// items, tiles, summary, search and report.
///
/// Printed and read by [`Question::to_json`], [`Question::from_json`], [`Question::to_url_query`] and
/// [`Question::from_url_query`]; equal questions print alike.
///
/// ```
/// use shigu_core::query::Question;
///
/// let question = Question::register().in_zone("T02").in_year(Some(2025)).having("cluster", "robot");
/// assert_eq!(question.to_url_query(), "zone=T02&year=2025&cluster=robot");
/// assert_eq!(Question::from_url_query("cluster=robot&year=2025&zone=T02")?, question);
/// # Ok::<(), shigu_core::query::QuestionError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
#[allow(clippy::struct_excessive_bools, reason = "each is a part of the question of its own")]
pub struct Question {
    pub(super) collection: Option<String>,
    pub(super) area: AreaSpec,
    pub(super) repair: bool,
    pub(super) bbox: Option<[f64; 4]>,
    pub(super) datetime: Option<Interval>,
    pub(super) conditions: BTreeMap<String, String>,
    pub(super) filter: Option<Expr>,
    pub(super) sort: Vec<SortBy>,
    pub(super) period: Option<Period>,
    pub(super) classes: ClassSpec,
    pub(super) secondary: bool,
    pub(super) statistics: bool,
    pub(super) growth: bool,
    pub(super) since: Option<Period>,
    pub(super) spread: bool,
    pub(super) outline: bool,
    pub(super) zone_kind: Option<String>,
    pub(super) zone_parent: Option<String>,
}

/// A property by which rows are ordered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SortBy {
    pub(super) property: String,
    pub(super) descending: bool,
}

impl SortBy {
    /// More keys than any honest question has.
    const MOST: usize = 8;

    /// The property, or `id`.
    pub fn property(&self) -> &str {
        &self.property
    }

    /// Whether the largest value comes first; rows without a value come last either way.
    pub fn descending(&self) -> bool {
        self.descending
    }

    /// Reads `name,-founded`: at most 8 keys.
    pub(super) fn list(text: &str) -> Vec<Self> {
        let key = |word: &str| {
            // in a URL a plus is a space
            let word = word.trim();
            let (property, descending) = match word.strip_prefix('-') {
                Some(name) => (name, true),
                None => (word.strip_prefix('+').unwrap_or(word), false),
            };
            Self { property: property.into(), descending }
        };
        text.split(',').take(Self::MOST).map(key).collect()
    }

    /// As [`SortBy::list`] reads it.
    pub(super) fn text(keys: &[Self]) -> String {
        let key = |k: &Self| match k.property.chars().next() {
            _ if k.descending => format!("-{}", k.property),
            Some(c) if matches!(c, '-' | '+') || c.is_whitespace() => format!("+{}", k.property),
            _ => k.property.clone(),
        };
        keys.iter().map(key).collect::<Vec<_>>().join(",")
    }
}

impl Question {
    /// Everything in the register of enterprises, of the latest period.
    pub fn register() -> Self {
        Self::default()
    }

    /// Everything in a collection.
    pub fn of(collection: impl Into<String>) -> Self {
        Self { collection: Some(collection.into()), ..Self::default() }
    }

    /// The same question of another collection.
    #[must_use]
    pub fn about(self, collection: impl Into<String>) -> Self {
        Self { collection: Some(collection.into()), ..self }
    }

    /// The same question of the register, whichever that is.
    #[must_use]
    pub fn of_register(self) -> Self {
        Self { collection: None, ..self }
    }

    /// The same question in a zone given by its id; `city`, `outside` and `undeclared` are ids too.
    #[must_use]
    pub fn in_zone(self, id: impl Into<String>) -> Self {
        self.within(BaseArea::zone(id))
    }

    /// The same question in an area.
    #[must_use]
    pub fn within(self, area: impl Into<AreaSpec>) -> Self {
        Self { area: area.into(), ..self }
    }

    /// The same question, where a border of its area that crosses itself is taken by the even-odd rule instead of being
    /// refused.
    #[must_use]
    pub fn repaired(self, repair: bool) -> Self {
        Self { repair, ..self }
    }

    /// The same question for rows whose geometry meets a box (west, south, east, north in degrees; west above east goes
    /// over the antimeridian); rows without geometry always do.
    #[must_use]
    pub fn meeting(self, bbox: [f64; 4]) -> Self {
        Self { bbox: Some(bbox), ..self }
    }

    /// The same question for rows whose geometry meets a polygon in degrees; rows without geometry always do.
    #[must_use]
    pub fn meeting_polygon(self, polygon: Polygon<f64>) -> Self {
        let geometry = || Expr::Property("geometry".into());
        let outline = Expr::Geometry(Geometry::Polygon(polygon));
        let meets = Expr::Call(Op::Spatial(Spatial::Intersects), vec![geometry(), outline]);
        let nowhere = Expr::Call(Op::IsNull, vec![geometry()]);
        self.filtered(Expr::Call(Op::Or, vec![meets, nowhere]))
    }

    /// The same question for rows that were at a time.
    #[must_use]
    pub fn during(self, datetime: Interval) -> Self {
        Self { datetime: Some(datetime), ..self }
    }

    /// The same question with the further condition `property = value`.
    #[must_use]
    pub fn having(mut self, property: impl Into<String>, value: impl Into<String>) -> Self {
        self.conditions.insert(property.into(), value.into());
        self
    }

    /// The same question with a further CQL2 expression.
    #[must_use]
    pub fn filtered(mut self, expr: Expr) -> Self {
        self.filter = Some(match self.filter.take() {
            None => expr,
            Some(Expr::Call(Op::And, mut parts)) => {
                parts.push(expr);
                Expr::Call(Op::And, parts)
            }
            Some(first) => Expr::Call(Op::And, vec![first, expr]),
        });
        self
    }

    /// The same question with its rows in an order: `name,-founded`; by codelists where a property has one.
    #[must_use]
    pub fn sorted_by(self, text: &str) -> Self {
        Self { sort: SortBy::list(text), ..self }
    }

    /// The same question for another period; `None` for the latest.
    #[must_use]
    pub fn in_period(self, period: Option<Period>) -> Self {
        Self { period, ..self }
    }

    /// The same question for another year; `None` for the latest period.
    #[must_use]
    pub fn in_year(self, year: Option<u16>) -> Self {
        self.in_period(year.map(Period::Year))
    }

    /// The same question with another reading of the classes: at a level, below a class, by a version.
    #[must_use]
    pub fn by_classes(self, classes: ClassSpec) -> Self {
        Self { classes, ..self }
    }

    /// The same question, where secondary clusters count too (含兼属).
    #[must_use]
    pub fn with_secondary(self, secondary: bool) -> Self {
        Self { secondary, ..self }
    }

    /// The same question with mean, quartiles and shares of the largest for each sum.
    #[must_use]
    pub fn with_statistics(self, statistics: bool) -> Self {
        Self { statistics, ..self }
    }

    /// The same question with the change of each sum from the year before, over the rows that have a value in both.
    #[must_use]
    pub fn with_growth(self, growth: bool) -> Self {
        Self { growth, ..self }
    }

    /// The same question, where changes are counted from this earlier period; `None` for the usual one, the year before.
    #[must_use]
    pub fn since(self, since: Option<Period>) -> Self {
        Self { since, ..self }
    }

    /// The same question with how evenly the values of each sum are spread over the rows.
    #[must_use]
    pub fn with_spread(self, spread: bool) -> Self {
        Self { spread, ..self }
    }

    /// The same question with the outline of the area in addition to the numbers.
    #[must_use]
    pub fn with_outline(self, outline: bool) -> Self {
        Self { outline, ..self }
    }

    /// The same question for zones of one kind only; `None` for all kinds.
    #[must_use]
    pub fn of_kind(self, zone_kind: Option<String>) -> Self {
        Self { zone_kind, ..self }
    }

    /// The same question for the zones right below a zone, by its id; `None` for those everywhere.
    #[must_use]
    pub fn of_parent(self, zone_parent: Option<String>) -> Self {
        Self { zone_parent, ..self }
    }

    /// The same question in its one spelling, as an engine has understood it: its period, its reading of the classes, and its
    /// conditions as they were bound to the collection.
    #[must_use]
    pub fn spelt(self, period: Option<Period>, classes: ClassSpec, bound: &Filter) -> Self {
        Self { period, classes, conditions: bound.conditions(), filter: bound.expression(false), ..self }
    }

    /// Whether a border that crosses itself is taken by the even-odd rule.
    pub fn repair(&self) -> bool {
        self.repair
    }

    /// The box that rows meet: west, south, east, north; west above east goes over the antimeridian.
    pub fn bbox(&self) -> Option<[f64; 4]> {
        self.bbox
    }

    /// The time at which rows were.
    pub fn datetime(&self) -> Option<&Interval> {
        self.datetime.as_ref()
    }

    /// What rows are ordered by; the collection's own order where there is nothing.
    pub fn sort(&self) -> &[SortBy] {
        &self.sort
    }

    /// Whether mean, quartiles and shares of the largest are wanted for each sum.
    pub fn statistics(&self) -> bool {
        self.statistics
    }

    /// Whether the change of each sum from the year before is wanted.
    pub fn growth(&self) -> bool {
        self.growth
    }

    /// The earlier period that changes are counted from; `None` for the usual one.
    pub fn counted_from(&self) -> Option<Period> {
        self.since
    }

    /// Whether it is wanted how evenly the values of each sum are spread over the rows.
    pub fn spread(&self) -> bool {
        self.spread
    }

    /// Whether the outline of the area is wanted in addition to the numbers.
    pub fn outline(&self) -> bool {
        self.outline
    }

    /// The class that its rows are of, where a condition on the classification says so.
    pub fn class(&self, about: &Description) -> Option<&str> {
        self.conditions.get(classification(about)?).map(String::as_str)
    }

    /// The same question about rows of all classes; none where it is about no class.
    pub fn without_class(&self, about: &Description) -> Option<Self> {
        let mut out = self.clone();
        out.conditions.remove(classification(about)?).map(|_| out)
    }

    /// The conditions `property = value`.
    pub fn conditions(&self) -> &BTreeMap<String, String> {
        &self.conditions
    }

    /// The CQL2 expression.
    pub fn filter(&self) -> Option<&Expr> {
        self.filter.as_ref()
    }

    /// The collection; `None` for the register.
    pub fn collection(&self) -> Option<&str> {
        self.collection.as_deref()
    }

    /// The area.
    pub fn area(&self) -> &AreaSpec {
        &self.area
    }

    /// The period; `None` for the latest.
    pub fn period(&self) -> Option<Period> {
        self.period
    }

    /// How classes are read.
    pub fn classes(&self) -> &ClassSpec {
        &self.classes
    }

    /// Whether secondary clusters count too.
    pub fn secondary(&self) -> bool {
        self.secondary
    }

    /// The kind of the zones that are compared; `None` for all.
    pub fn zone_kind(&self) -> Option<&str> {
        self.zone_kind.as_deref()
    }

    /// The zone whose children are compared; `None` for zones everywhere.
    pub fn zone_parent(&self) -> Option<&str> {
        self.zone_parent.as_deref()
    }

    /// Whether its rows are the reader's own choice: a drawn or combined area, or conditions.
    pub fn is_ad_hoc(&self) -> bool {
        self.is_filtered() || !self.area.is_named()
    }

    /// The same question for its rows only, of no period: two that are alike are of the same rows in each.
    #[must_use]
    pub fn of_rows(&self) -> Self {
        let classes = ClassSpec::default();
        Self {
            area: self.area.clone().untitled(),
            sort: vec![],
            period: None,
            classes,
            zone_kind: None,
            zone_parent: None,
            secondary: false,
            statistics: false,
            growth: false,
            since: None,
            spread: false,
            outline: false,
            ..self.clone()
        }
    }

    /// Whether there is a condition on rows besides the area.
    pub fn is_filtered(&self) -> bool {
        self.filter.is_some() || !self.conditions.is_empty() || self.datetime.is_some() || self.bbox.is_some()
    }
}

/// The property of the register that holds the class of a row.
fn classification(about: &Description) -> Option<&str> {
    about.register()?.spec.register.as_ref()?.cluster.as_deref()
}
