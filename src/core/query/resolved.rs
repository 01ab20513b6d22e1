//! A question whose ids have become places in one snapshot. Nothing outside of `core` sees it: its numbers mean
//! nothing to another snapshot.

use super::answer::AreaInfo;
use super::area::Area;
use super::disclosure::Disclosure;
use super::query_error::QueryError;
use super::zones::ZonesQuery;
use crate::columns::Moment;
use crate::filter::{Expr, Filter, Schema};
use crate::geometry::Bounds;
use crate::model::{CollectionSpec, Period};
use crate::snapshot::{Classes, Layer, Register, Snapshot, Span};
use std::sync::Arc;

/// What rows are ordered by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SortKey {
    /// Place of the property; `None` for the feature's id.
    pub(super) property: Option<usize>,
    pub(super) descending: bool,
}

/// One question. The same question gives the same rows in items, tiles, summary, search and report.
#[derive(Clone, Debug)]
#[allow(clippy::struct_excessive_bools, reason = "each is a choice of its own")]
pub struct Query {
    /// Place of the layer.
    pub layer: usize,
    /// Where.
    pub area: Area,
    /// The name that the reader gave the area.
    pub title: Option<String>,
    /// Boxes, any of which a row must meet; a row without geometry always does. Empty: everywhere.
    pub bbox: Vec<Bounds>,
    /// Conditions on properties.
    pub filter: Filter,
    /// The order of the rows; the table's own when empty.
    pub sort: Vec<SortKey>,
    /// Period of the figures; none for the latest of each metric, where these differ.
    pub period: Option<Period>,
    /// How classes are read.
    pub classes: Arc<Classes>,
    /// Whether rows of the register must be there at the end of that period, or of the latest where none is asked for.
    pub by_period: bool,
    /// The time in which rows of the register must be there.
    pub during: Option<Span>,
    /// Whether secondary clusters count too (含兼属).
    pub secondary: bool,
    /// Whether medians, quartiles and shares of the largest are wanted in addition to the sums.
    pub statistics: bool,
    /// Whether the change of each sum from the year before is wanted.
    pub growth: bool,
    /// The period that changes are counted from; the year before where none is asked for.
    pub since: Option<Period>,
    /// Whether it is wanted how evenly the values are spread over the rows.
    pub spread: bool,
    /// Whether the outline of the area is wanted with the numbers.
    pub outline: bool,
    /// The zones that are compared.
    pub zones: ZonesQuery,
    /// What may leave.
    pub disclosure: Disclosure,
}

impl Query {
    /// Per metric of the register the column of the question's period, where it may leave with a row and is not a sum of
    /// columns.
    pub(super) fn shown_metrics(&self, spec: &CollectionSpec, register: &Register) -> Vec<Option<usize>> {
        let shown = |column: &usize| self.disclosure.shows(spec, *column);
        register.metrics.iter().map(|m| m.column(self.period).filter(shown)).collect()
    }

    /// Everything in the register, latest period.
    pub fn register(snapshot: &Snapshot, disclosure: Disclosure) -> Result<Self, QueryError> {
        let (_, register) = snapshot.register().ok_or(QueryError::NoRegister)?;
        let (layer, period) = (register.layer, register.common_period());
        Ok(Self { period, ..Self::layer(snapshot, layer, disclosure) })
    }

    /// Everything in a layer.
    pub fn layer(snapshot: &Snapshot, layer: usize, disclosure: Disclosure) -> Self {
        let (area, bbox, filter, sort) = (Area::City, vec![], Filter::default(), vec![]);
        Self {
            layer,
            area,
            title: None,
            bbox,
            filter,
            sort,
            period: None,
            classes: snapshot.description.classes.clone(),
            by_period: true,
            during: None,
            secondary: false,
            statistics: false,
            growth: false,
            since: None,
            spread: false,
            outline: false,
            zones: ZonesQuery::default(),
            disclosure,
        }
    }

    /// The same question for another period, where there are figures for it.
    pub fn with_period(mut self, snapshot: &Snapshot, period: Period) -> Result<Self, QueryError> {
        let register = snapshot.register().map(|(_, register)| register);
        if !register.is_some_and(|register| register.knows(period)) {
            let periods = register.map(|register| register.periods.clone()).unwrap_or_default();
            let known = periods.iter().map(Period::to_string).collect::<Vec<_>>().join(", ");
            return Err(QueryError::UnknownPeriod { period, known });
        }
        (self.period, self.by_period) = (Some(period), true);
        Ok(self)
    }

    /// The period in question; that of the latest figures where none is asked for, and none where there are no figures.
    pub(super) fn shown_period(&self, snapshot: &Snapshot) -> Option<Period> {
        self.period.or_else(|| snapshot.describe().default_period())
    }

    /// The day at whose end the register's rows are counted; `None` where the data does not say when they were there, and for
    /// other collections.
    pub(super) fn as_of(&self, snapshot: &Snapshot) -> Option<Moment> {
        self.register_of(snapshot)?.valid.as_ref()?;
        let period = self.shown_period(snapshot).filter(|_| self.by_period)?;
        Some(period.last_day())
    }

    /// What is said about the area, under the name that the reader gave it.
    pub(super) fn area_info(&self, snapshot: &Snapshot) -> AreaInfo {
        let info = self.area.info(snapshot);
        match &self.title {
            Some(title) => AreaInfo { name: title.clone(), name_en: title.clone(), ..info },
            None => info,
        }
    }

    /// The register, where the question is about it.
    pub(super) fn register_of<'a>(&self, snapshot: &'a Snapshot) -> Option<&'a Register> {
        snapshot.register.as_ref().filter(|r| r.layer == self.layer)
    }

    /// The spans in which rows must be there and some are not.
    pub(super) fn spans(&self, snapshot: &Snapshot) -> Vec<Span> {
        let Some(valid) = self.register_of(snapshot).and_then(|r| r.valid.as_ref()) else { return vec![] };
        let period = || self.shown_period(snapshot).map_or(Span::END, Span::end_of);
        let spans = self.by_period.then(period).into_iter().chain(self.during);
        spans.filter(|span| !valid.holds_all(*span)).collect()
    }

    /// One text for questions whose conditions mean the same.
    pub(super) fn key(&self, snapshot: &Snapshot) -> String {
        let spans = self.spans(snapshot).into_iter().map(|span| format!("\0{}/{}\n", span.first, span.last));
        self.filter.key() + &spans.collect::<String>()
    }

    /// The same question without its conditions.
    pub(super) fn bare(&self) -> Self {
        let (by_period, during) = (true, None);
        Self {
            filter: Filter::default(),
            bbox: vec![],
            statistics: false,
            spread: false,
            by_period,
            during,
            ..self.clone()
        }
    }

    /// The same question under conditions `property = value`.
    pub fn with_filter<'a>(
        mut self,
        snapshot: &Snapshot,
        conditions: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Result<Self, QueryError> {
        let layer = &snapshot.layers[self.layer];
        let visible = |property| self.disclosure.shows(&layer.spec, property);
        self.filter = Filter::bind(&layer.spec, &snapshot.description.codelists, &visible, conditions)
            .map_err(QueryError::Condition)?;
        Ok(self)
    }

    /// The same question under a CQL2 expression besides.
    pub fn with_expression(mut self, snapshot: &Snapshot, expr: &Expr) -> Result<Self, QueryError> {
        let layer = &snapshot.layers[self.layer];
        let visible = |property| self.disclosure.shows(&layer.spec, property);
        let schema = Schema { spec: &layer.spec, codelists: &snapshot.description.codelists, visible: &visible };
        let filter = Filter::of(schema, expr)?;
        self.filter = std::mem::take(&mut self.filter).and(filter);
        Ok(self)
    }

    /// The same question about zones of one kind, by its id.
    pub(super) fn of_kind(mut self, snapshot: &Snapshot, id: &str) -> Result<Self, QueryError> {
        let known = || snapshot.zones.kinds.iter().map(|k| k.id.as_str()).collect::<Vec<_>>().join(", ");
        let unknown = || QueryError::UnknownKind { id: id.into(), known: known() };
        self.zones.kind = Some(snapshot.zones.kind(id).ok_or_else(unknown)?);
        Ok(self)
    }

    /// The same question about the zones right below a zone, by its id.
    pub(super) fn of_parent(mut self, snapshot: &Snapshot, id: &str) -> Result<Self, QueryError> {
        self.zones.parent = match Area::named(snapshot, id)? {
            Area::Zone(zone) => Some(zone),
            // a zone above the topmost ones there is none
            _ => return Err(QueryError::UnknownZone(id.into())),
        };
        Ok(self)
    }

    /// Whether neither an area nor a box is in question.
    pub(super) fn is_everywhere(&self) -> bool {
        matches!(self.area, Area::City) && self.bbox.is_empty()
    }

    pub(super) fn of<'a>(&self, snapshot: &'a Snapshot) -> &'a Arc<Layer> {
        &snapshot.layers[self.layer]
    }
}
