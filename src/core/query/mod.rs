//! Questions to a snapshot and their answers: rows (`select`), numbers (`summarize`, `zones`), names (`search`).
//! Pure functions. What may leave the server is decided here and nowhere else (`disclosure`).

mod answer;
mod area;
mod area_spec;
mod bind;
mod cells;
mod combine;
mod disclosure;
mod drawn;
mod feature;
mod interval;
mod platforms;
mod question;
mod question_error;
mod question_json;
mod question_url;
mod search;
mod select;
mod sort;
mod summarize;
mod sums;
mod zones;

#[cfg(test)]
mod question_tests;

pub use answer::{
    Amount, Amounts, AreaInfo, AreaKind, CityInfo, CityRow, ClusterCount, ClusterRow, Concentration, Counts, Note,
    Overlap, PlatformRow, Statistics, Summary, ZoneList, ZoneRow,
};
pub use area::Area;
pub use area_spec::{AreaSpec, BaseArea};
pub use bind::Bound;
pub use cells::{cell_place, cells};
pub use combine::{Combined, SetOp};
pub use disclosure::Disclosure;
pub use drawn::{AreaError, Drawn, Outline};
pub use feature::{write_feature, write_feature_in, write_geometry, write_value};
pub use interval::Interval;
pub use platforms::platforms;
pub use question::{Question, SortBy};
pub use question_error::QuestionError;
pub use search::{SearchResult, SearchResults, search};
pub use select::{Selection, rows, select};
pub use sort::SortKey;
pub use summarize::summarize;
pub use sums::{Summing, Sums};
pub use zones::{ZonesQuery, zones};

use crate::core::columns::Bitmap;
use crate::core::filter::{Expr, Filter, FilterError, Schema, Sieve};
use crate::core::geometry::Bounds;
use crate::core::snapshot::{Layer, Passing, Snapshot, Windows};
use std::cell::LazyCell;
use std::sync::Arc;
use thiserror::Error;

/// One question. The same question gives the same rows in items, tiles, summary, search and report.
#[derive(Clone, Debug)]
pub struct Query {
    /// Place of the layer.
    pub layer: usize,
    /// Where.
    pub area: Area,
    /// Boxes, any of which a row must meet; a row without geometry always does. Empty: everywhere.
    pub bbox: Vec<Bounds>,
    /// Conditions on properties.
    pub filter: Filter,
    /// The order of the rows; the table's own when empty.
    pub sort: Vec<SortKey>,
    /// Year of the figures.
    pub year: u16,
    /// Whether secondary clusters count too (含兼属).
    pub secondary: bool,
    /// Whether medians, quartiles and shares of the largest are wanted beside the sums.
    pub statistics: bool,
    /// Whether the outline of the area is wanted with the numbers.
    pub outline: bool,
    /// What may leave.
    pub disclosure: Disclosure,
}

/// Why a question can't be answered.
#[derive(Debug, Error)]
pub enum QueryError {
    /// The dataset has no register of enterprises, so there is nothing to sum.
    #[error("this dataset has no register")]
    NoRegister,
    /// No such zone.
    #[error("no zone {0}")]
    UnknownZone(String),
    /// No figures for that year.
    #[error("no figures for {year}; known: {known}")]
    UnknownYear {
        /// The year asked for.
        year: u16,
        /// The years there are.
        known: String,
    },
    /// No such collection.
    #[error("no collection {id}; known: {known}")]
    UnknownCollection {
        /// The id asked for.
        id: String,
        /// The collections there are.
        known: String,
    },
    /// A condition `property=value` that can't be used.
    #[error(transparent)]
    Condition(FilterError),
    /// A CQL2 expression that can't be used.
    #[error(transparent)]
    Filter(#[from] FilterError),
    /// An order that can't be used.
    #[error(transparent)]
    Sort(FilterError),
    /// A drawn area that means nothing.
    #[error(transparent)]
    Area(#[from] AreaError),
}

impl Query {
    /// Everything in the register, latest year.
    pub fn register(snapshot: &Snapshot, disclosure: Disclosure) -> Result<Self, QueryError> {
        let (_, register) = snapshot.register().ok_or(QueryError::NoRegister)?;
        let (layer, year) = (register.layer, register.default_year());
        Ok(Self { year, ..Self::layer(layer, disclosure) })
    }

    /// Everything in a layer.
    pub fn layer(layer: usize, disclosure: Disclosure) -> Self {
        let (area, bbox, filter, sort) = (Area::City, vec![], Filter::default(), vec![]);
        Self {
            layer,
            area,
            bbox,
            filter,
            sort,
            year: 0,
            secondary: false,
            statistics: false,
            outline: false,
            disclosure,
        }
    }

    /// The same question for another year, where there are figures for it.
    pub fn with_year(mut self, snapshot: &Snapshot, year: u16) -> Result<Self, QueryError> {
        let years = snapshot.register().map(|(_, r)| r.years.clone()).unwrap_or_default();
        if !years.contains(&year) {
            let known = years.iter().map(u16::to_string).collect::<Vec<_>>().join(", ");
            return Err(QueryError::UnknownYear { year, known });
        }
        self.year = year;
        Ok(self)
    }

    /// The same question under conditions `property = value`.
    pub fn with_filter<'a>(
        mut self,
        snapshot: &Snapshot,
        conditions: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Result<Self, QueryError> {
        let layer = &snapshot.layers[self.layer];
        let visible = |property| self.disclosure.shows(&layer.spec, property);
        self.filter =
            Filter::bind(&layer.spec, &snapshot.codelists, &visible, conditions).map_err(QueryError::Condition)?;
        Ok(self)
    }

    /// The same question under a CQL2 expression besides.
    pub fn with_expression(mut self, snapshot: &Snapshot, expr: &Expr) -> Result<Self, QueryError> {
        let layer = &snapshot.layers[self.layer];
        let visible = |property| self.disclosure.shows(&layer.spec, property);
        let schema = Schema { spec: &layer.spec, codelists: &snapshot.codelists, visible: &visible };
        let filter = Filter::of(schema, expr)?;
        self.filter = std::mem::take(&mut self.filter).and(filter);
        Ok(self)
    }

    /// The same question in a zone given by its id.
    pub fn in_zone(mut self, snapshot: &Snapshot, id: &str) -> Result<Self, QueryError> {
        self.area = Area::named(snapshot, id)?;
        Ok(self)
    }

    /// The rows that pass the filter, wherever they are; `None` when all do.
    fn passing<'a>(&'a self, snapshot: &'a Snapshot) -> Option<Passing<'a>> {
        if self.filter.is_empty() {
            return None;
        }
        let register = snapshot.register.as_ref().filter(|r| r.layer == self.layer);
        let also = register.filter(|_| self.secondary).and_then(|r| Some((r.cluster, r.secondary?)));
        let layer = self.of(snapshot);
        let key = (self.layer, self.filter.key(), also.is_some());
        let windows = snapshot.kept.rows(key, || Windows::new(layer.len()));
        // neither is made when all that is asked for is known
        let sieve = LazyCell::new(move || Sieve::new(&self.filter, &layer.table, also));
        let among = LazyCell::new(|| self.filter.bounds().map(|bounds| select::candidates(layer, &bounds)));
        Some(Passing::new(windows, move |run| {
            let care = among.as_ref().map_or_else(|| Bitmap::all(run.len()), |set| set.part(run.start, run.len()));
            sieve.rows(run.start, care)
        }))
    }

    /// The rows that match, of a layer that is looked at in parts; `None` when all do.
    pub fn matching<'a>(&'a self, snapshot: &'a Snapshot) -> Option<Passing<'a>> {
        if matches!(self.area, Area::City) && self.bbox.is_empty() {
            return self.passing(snapshot);
        }
        let set = rows(snapshot, self)?;
        let windows = Arc::new(Windows::new(set.len()));
        Some(Passing::new(windows, move |run| set.part(run.start, run.len())))
    }

    fn of<'a>(&self, snapshot: &'a Snapshot) -> &'a Layer {
        &snapshot.layers[self.layer]
    }
}
