//! The engine in this process: a snapshot in memory.

use super::answer::{AreaInfo, PlatformRow, Summary, ZoneList};
use super::bind::{bind, times};
use super::disclosure::Disclosure;
use super::engine::{Bound, BoundQuestion, Engine};
use super::overlaps::{ZoneOverlap, overlaps};
use super::place::{FeaturePlace, place};
use super::platforms::platforms;
use super::query_error::QueryError;
use super::question::Question;
use super::resolved::Query;
use super::search::{SearchResults, search};
use super::select::{rows, select};
use super::selection::Selection;
use super::summarize::summarize;
use super::tile_points::{Detail, TilePoints};
use super::zones::zones;
use crate::columns::Moment;
use crate::filter::{Expr, Op, Spatial};
use crate::geometry::Bounds;
use crate::geometry::mercator::TileId;
use crate::model::Period;
use crate::snapshot::{Classes, Description, Index, Snapshot, WorkedOut};
use geo::{Coord, MultiPolygon};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Answers from a snapshot. Cheap to copy.
#[derive(Clone, Debug)]
pub struct Embedded(Arc<Snapshot>);

impl From<Arc<Snapshot>> for Embedded {
    fn from(snapshot: Arc<Snapshot>) -> Self {
        Self(snapshot)
    }
}

impl From<Snapshot> for Embedded {
    fn from(snapshot: Snapshot) -> Self {
        Self(Arc::new(snapshot))
    }
}

impl Embedded {
    /// Leaves with the snapshot what the question needs that is asked first, all zones of the usual kind with statistics: the steps of
    /// the figures, and prefix sums of all rows.
    pub fn warm(&self, disclosure: Disclosure) {
        self.0.steps();
        let kind = self.describe().usual_kind().map(|kind| kind.id.clone());
        // a dataset without a register has no such question
        drop(self.bind(&Question::register().of_kind(kind), disclosure).and_then(|first| first.zones()));
    }
}

impl Question {
    /// Checks the question against a snapshot; see [`Engine::bind`].
    pub fn bind(&self, snapshot: &Arc<Snapshot>, disclosure: Disclosure) -> Result<Bound, QueryError> {
        Embedded(snapshot.clone()).bind(self, disclosure)
    }
}

impl Engine for Embedded {
    fn describe(&self) -> &Description {
        self.0.describe()
    }

    fn bind(&self, question: &Question, disclosure: Disclosure) -> Result<Bound, QueryError> {
        let snapshot = self.0.answering(question.collection());
        let (query, question) = bind(question, &snapshot, disclosure)?;
        Ok(Bound::new(EmbeddedQuestion { snapshot, question, query }))
    }

    fn search(&self, text: &str, limit: usize, period: Option<Period>) -> SearchResults {
        search(&self.0, text, limit, period)
    }

    fn feature(&self, collection: &str, id: &str, disclosure: Disclosure) -> Option<Selection> {
        let snapshot = self.0.answering(Some(collection));
        let (place, layer) = snapshot.layer(collection)?;
        let row = layer.row(id)? as u32;
        let columns = disclosure.columns(&layer.spec);
        Some(Selection::new(snapshot.layers[place].clone(), vec![row], columns, 1))
    }

    fn zones_around(&self, points: &[Coord<f64>]) -> Vec<Vec<usize>> {
        let mut found = self.0.zones.around(points);
        found.iter_mut().for_each(|zones| zones.retain(|zone| self.0.shows_zone(*zone)));
        found
    }

    fn time_extent(&self, collection: &str, disclosure: Disclosure) -> [Option<Moment>; 2] {
        let snapshot = self.0.answering(Some(collection));
        let Some((place, layer)) = snapshot.layer(collection) else { return [None, None] };
        let spec = &layer.spec;
        let said = |day: &Option<String>| day.as_deref().and_then(Moment::parse);
        let (mut from, mut to) = (said(&spec.valid_from), said(&spec.valid_to));
        let register = self.0.register.as_ref().filter(|r| r.layer == place);
        if let Some(valid) = register.and_then(|r| r.valid.as_ref()) {
            let (first, last) = valid.extent();
            return [first, last].map(|day| day.map(Moment::of_days));
        }
        if let Some((first, last)) = times(spec, disclosure) {
            let all = |i: usize| {
                let column = &layer.table.columns[i];
                (0..layer.len()).filter_map(move |row| column.text(row).and_then(Moment::parse))
            };
            from = all(first).min_by(|a, b| a.compare(*b)).or(from);
            // where some have no end, there is none
            let open = first != last && (0..layer.len()).any(|row| layer.table.columns[last].text(row).is_none());
            to = if open { None } else { all(last).max_by(|a, b| a.compare(*b)).or(to) };
        }
        [from, to]
    }
}

/// A question with the snapshot that it was checked against: what it found out can't be used on another.
#[derive(Clone, Debug)]
struct EmbeddedQuestion {
    snapshot: Arc<Snapshot>,
    question: Question,
    query: Query,
}

impl EmbeddedQuestion {
    /// The question for sums: they know areas and filters, so that a box becomes a condition. Only the register has figures,
    /// and conditions on other rows say nothing of it.
    fn summed(&self) -> Result<Cow<'_, Query>, QueryError> {
        let spec = |layer: usize| self.snapshot.layers[layer].spec.id.clone();
        if let Some(register) = self.snapshot.register.as_ref().filter(|r| r.layer != self.query.layer) {
            return Err(QueryError::UnknownCollection { id: spec(self.query.layer), known: spec(register.layer) });
        }
        let Some(bbox) = self.question.bbox() else { return Ok(Cow::Borrowed(&self.query)) };
        let geometry = || Expr::Property("geometry".into());
        let meets = Expr::Call(Op::Spatial(Spatial::Intersects), vec![geometry(), Expr::Bbox(bbox)]);
        let nowhere = Expr::Call(Op::IsNull, vec![geometry()]);
        let mut query = self.query.clone();
        query.bbox.clear();
        query.with_expression(&self.snapshot, &Expr::Call(Op::Or, vec![meets, nowhere])).map(Cow::Owned)
    }
}

impl BoundQuestion for EmbeddedQuestion {
    fn describe(&self) -> &Description {
        self.snapshot.describe()
    }

    fn question(&self) -> &Question {
        &self.question
    }

    fn collection(&self) -> usize {
        self.query.layer
    }

    fn period(&self) -> Option<Period> {
        self.query.shown_period(&self.snapshot)
    }

    fn classes(&self) -> &Classes {
        &self.query.classes
    }

    fn secondary(&self) -> bool {
        self.query.secondary
    }

    fn disclosure(&self) -> Disclosure {
        self.query.disclosure
    }

    fn conditions(&self) -> BTreeMap<String, String> {
        self.summed().map_or_else(|_| self.query.filter.canonical(), |query| query.filter.canonical())
    }

    fn area(&self) -> AreaInfo {
        self.query.area_info(&self.snapshot)
    }

    fn outline(&self) -> Option<&MultiPolygon<f64>> {
        self.query.area.shape(&self.snapshot)
    }

    fn ask(&self, question: &Question) -> Result<Bound, QueryError> {
        question.bind(&self.snapshot, self.query.disclosure)
    }

    // a drawn area is prepared once
    fn in_period(&self, period: Period) -> Result<Bound, QueryError> {
        let (query, question) = (self.query.clone(), self.question.clone().in_period(Some(period)));
        Ok(Bound::new(Self {
            snapshot: self.snapshot.clone(),
            question,
            query: query.with_period(&self.snapshot, period)?,
        }))
    }

    fn summarize(&self) -> Result<Summary, QueryError> {
        summarize(&self.snapshot, &*self.summed()?)
    }

    fn of_kind(&self, kind: &str) -> Result<Bound, QueryError> {
        let (query, question) = (self.query.clone(), self.question.clone().of_kind(Some(kind.to_owned())));
        Ok(Bound::new(Self { snapshot: self.snapshot.clone(), question, query: query.of_kind(&self.snapshot, kind)? }))
    }

    fn keep(&self, make: fn() -> WorkedOut) -> WorkedOut {
        let Query { disclosure, .. } = &self.query;
        self.snapshot.kept.worked_out(format!("{disclosure:?} {}", self.question.to_json()), make)
    }

    fn zones(&self) -> Result<ZoneList, QueryError> {
        zones(&self.snapshot, &*self.summed()?, self.query.zones)
    }

    fn overlaps(&self) -> Result<Vec<ZoneOverlap>, QueryError> {
        overlaps(&self.snapshot, &*self.summed()?)
    }

    fn platforms(&self) -> Vec<PlatformRow> {
        self.summed().map_or_else(|_| vec![], |query| platforms(&self.snapshot, &query))
    }

    fn place(&self, id: &str, k: usize) -> Option<FeaturePlace> {
        place(&self.snapshot, &self.query, id, k)
    }

    fn count(&self) -> usize {
        rows(&self.snapshot, &self.query).map_or_else(|| self.query.of(&self.snapshot).len(), |set| set.count())
    }

    fn select(&self, offset: usize, limit: usize) -> Selection {
        select(&self.snapshot, &self.query, offset, limit)
    }

    fn near(&self, bounds: &Bounds) -> Selection {
        let layer = self.query.of(&self.snapshot);
        let mut near = match &*layer.index {
            Index::Shapes(shapes) => shapes.search(bounds),
            Index::Points(_) => vec![],
        };
        if let Some(set) = rows(&self.snapshot, &self.query).filter(|_| !near.is_empty()) {
            near.retain(|row| set.contains(*row as usize));
        }
        let (columns, matched) = (self.query.disclosure.columns(&layer.spec), near.len());
        self.classed(Selection::new(layer.clone(), near, columns, matched))
    }

    fn classed(&self, selection: Selection) -> Selection {
        let Some(register) = self.snapshot.register.as_ref().filter(|r| r.layer == self.query.layer) else {
            return selection;
        };
        let read = self.snapshot.groups(&self.query.classes);
        let groups: &[u8] = read.as_ref().map_or(&register.cluster_of, |read| read.as_slice());
        let of_rows = selection.rows().iter().map(|row| usize::from(groups[*row as usize])).collect();
        let metrics = self.query.shown_metrics(selection.spec(), register);
        selection.with_classes(of_rows, metrics)
    }

    fn points(&self, tile: TileId, detail: Detail) -> Option<TilePoints> {
        let (snapshot, query) = (&*self.snapshot, &self.query);
        let Index::Points(points) = &*query.of(snapshot).index else { return None };
        let register = snapshot.register.as_ref().filter(|r| r.layer == query.layer);
        Some(match register {
            Some(register) => TilePoints::of_register(snapshot, query, (register, points), tile, detail),
            None => TilePoints::plain(snapshot, query, points, tile, detail),
        })
    }
}
