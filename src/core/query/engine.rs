//! The seam between questions and what answers them. What is above `core` sees these types only, so the data may lie in a
//! snapshot, in a database or elsewhere.

use super::answer::{AreaInfo, PlatformRow, Summary, ZoneList};
use super::disclosure::Disclosure;
use super::overlaps::ZoneOverlap;
use super::place::FeaturePlace;
use super::query_error::QueryError;
use super::question::Question;
use super::search::SearchResults;
use super::selection::Selection;
use super::tile_points::{Detail, TilePoints};
use crate::columns::Moment;
use crate::geometry::Bounds;
use crate::geometry::mercator::TileId;
use crate::model::Period;
use crate::snapshot::{Classes, Description, WorkedOut};
use geo::{Coord, MultiPolygon};
use std::collections::BTreeMap;
use std::fmt::Debug;
use std::ops::Deref;
use std::sync::Arc;

/// Answers questions about one state of a dataset: the same question always has the same answer.
pub trait Engine: Debug + Send + Sync {
    /// What there is to ask about.
    fn describe(&self) -> &Description;

    /// Checks a question: that its collection, zone, period and properties are there, that the reader may ask for them, and
    /// that a drawn area is one.
    fn bind(&self, question: &Question, disclosure: Disclosure) -> Result<Bound, QueryError>;

    /// Finds features by name, pinyin and pinyin initials: districts first, enterprises last; of the register's those that
    /// were there in a period, or in the latest.
    fn search(&self, text: &str, limit: usize, period: Option<Period>) -> SearchResults;

    /// One feature of a collection by its id.
    fn feature(&self, collection: &str, id: &str, disclosure: Disclosure) -> Option<Selection>;

    /// The zones that hold each of some points, by their places in the description: by the rule by which rows with a position belong
    /// to zones. Zones that the reader may not see hold none.
    fn zones_around(&self, points: &[Coord<f64>]) -> Vec<Vec<usize>>;

    /// The first and the last moment of a collection: of its features where they have times that may leave, else of the
    /// collection as the manifest says; `None` for an end that is open or not known.
    fn time_extent(&self, collection: &str, disclosure: Disclosure) -> [Option<Moment>; 2];
}

/// A question that was checked and can be answered, by the engine that checked it. Cheap to copy.
#[derive(Clone, Debug)]
pub struct Bound(Arc<dyn BoundQuestion>);

impl Bound {
    /// What an engine makes of a question.
    pub fn new(question: impl BoundQuestion + 'static) -> Self {
        Self(Arc::new(question))
    }
}

impl Deref for Bound {
    type Target = dyn BoundQuestion;

    fn deref(&self) -> &Self::Target {
        &*self.0
    }
}

/// The answers to one question.
pub trait BoundQuestion: Debug + Send + Sync {
    /// What there is to ask about.
    fn describe(&self) -> &Description;

    /// The question in its one spelling: with its period, and with codes for names and aliases. Asked again it has the
    /// same answer.
    fn question(&self) -> &Question;

    /// The collection, by its place in the description.
    fn collection(&self) -> usize;

    /// The period in question, or that of the latest figures; `None` where there are no figures.
    fn period(&self) -> Option<Period>;

    /// How classes are read.
    fn classes(&self) -> &Classes {
        &self.describe().classes
    }

    /// Whether secondary clusters count too.
    fn secondary(&self) -> bool;

    /// What may leave.
    fn disclosure(&self) -> Disclosure;

    /// The conditions in their one spelling: property -> value, and a CQL2 expression under `filter`.
    fn conditions(&self) -> BTreeMap<String, String>;

    /// The area.
    fn area(&self) -> AreaInfo;

    /// The outline of the area in degrees, where it has one.
    fn outline(&self) -> Option<&MultiPolygon<f64>>;

    /// Another question to the same data, by the same reader.
    fn ask(&self, question: &Question) -> Result<Bound, QueryError>;

    /// The same question for another period.
    fn in_period(&self, period: Period) -> Result<Bound, QueryError> {
        self.ask(&self.question().clone().in_period(Some(period)))
    }

    /// The numbers of its area. Sums are exact; small ones are withheld where the reader may not see them.
    fn summarize(&self) -> Result<Summary, QueryError>;

    /// The same question about zones of one kind, by its id.
    fn of_kind(&self, kind: &str) -> Result<Bound, QueryError> {
        self.ask(&self.question().clone().of_kind(Some(kind.to_owned())))
    }

    /// The numbers of the zones of its kind, or of all kinds, everywhere or right below a zone, under its filter and period; its
    /// area is not looked at.
    fn zones(&self) -> Result<ZoneList, QueryError>;

    /// The zones of every kind whose ground its area takes in, with the ground and the matching rows that both have; in the order
    /// of the description. None of an area without an outline.
    fn overlaps(&self) -> Result<Vec<ZoneOverlap>, QueryError>;

    /// The platforms of its area, with the enterprises in their schematic areas; in the engine's own order.
    fn platforms(&self) -> Vec<PlatformRow>;

    /// The zones that hold a feature of its collection, and the `k` nearest others of its sort that match; `None` without such a
    /// feature.
    fn place(&self, id: &str, k: usize) -> Option<FeaturePlace>;

    /// How many rows match.
    fn count(&self) -> usize;

    /// A page of the rows that match, in the question's order, else in the engine's own.
    fn select(&self, offset: usize, limit: usize) -> Selection;

    /// The rows that match and whose box meets a box in degrees, in the engine's own order: what tiles and maps draw of
    /// lines, polygons and mixed collections. None of a collection of points.
    fn near(&self, bounds: &Bounds) -> Selection;

    /// Rows that it selected with their classes, and with the columns of their figures where they may leave; other rows than the
    /// register's as they are.
    fn classed(&self, selection: Selection) -> Selection;

    /// What the same question was answered with before, where an engine keeps it for as long as the data are current; else what is made. It
    /// holds figures and words alone: rows or another question would keep the data.
    fn keep(&self, make: fn() -> WorkedOut) -> WorkedOut {
        make()
    }

    /// The points that match in a tile of `WebMercatorQuad`; `None` where the collection isn't one of points.
    fn points(&self, tile: TileId, detail: Detail) -> Option<TilePoints>;
}
