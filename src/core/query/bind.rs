//! A question is bound to a snapshot: ids become places in it, conditions are checked against its schema.

use super::area::Area;
use super::area_spec::{AreaSpec, BaseArea, BufferOf};
use super::combine::Combined;
use super::disclosure::Disclosure;
use super::drawn::{AreaError, Drawn};
use super::query_error::QueryError;
use super::question::Question;
use super::resolved::Query;
use crate::columns::Moment;
use crate::filter::{Expr, Op};
use crate::geometry::Bounds;
use crate::model::{CollectionSpec, PropertyType, Text};
use crate::snapshot::{RowSource, Snapshot, Span};
use geo::Coord;

/// What a question is in a snapshot, and the question in its one spelling; see [`Engine::bind`](super::Engine::bind).
pub(super) fn bind(
    question: &Question,
    snapshot: &Snapshot,
    disclosure: Disclosure,
) -> Result<(Query, Question), QueryError> {
    let mut query = match &question.collection {
        None => Query::register(snapshot, disclosure)?,
        Some(id) => {
            let (layer, _) = snapshot.layer(id).ok_or_else(|| unknown_collection(snapshot, id))?;
            let period = snapshot.register().and_then(|(_, r)| r.common_period());
            Query { period, ..Query::layer(snapshot, layer, disclosure) }
        }
    };
    // rows of a time are those of that time, whatever the latest period is
    let timed = question.datetime.is_some() && query.register_of(snapshot).is_some_and(|r| r.valid.is_some());
    if timed && question.period.is_none() {
        query.by_period = false;
    }
    if let Some(period) = question.period {
        query = query.with_period(snapshot, period)?;
    }
    query.classes = snapshot.classes(&question.classes)?;
    (query.secondary, query.statistics) = (question.secondary, question.statistics);
    (query.growth, query.spread, query.outline) = (question.growth, question.spread, question.outline);
    query.since = question.since.map(|since| query.earlier(snapshot, since)).transpose()?;
    query = query.with_filter(snapshot, question.conditions.iter().map(|(n, v)| (n.as_str(), v.as_str())))?;
    if let Some(expr) = &question.filter {
        query = query.with_expression(snapshot, expr)?;
    }
    let period = query.period.filter(|_| query.by_period);
    let mut canonical = question.clone().spelt(period, query.classes.spec().clone(), &query.filter);
    // of a table that is not the main one, the question says which
    canonical.collection = canonical.collection.or_else(|| snapshot.describe().table().map(str::to_owned));
    if let Some(bbox) = question.bbox {
        query.bbox = boxes(bbox);
    }
    if let Some(datetime) = question.datetime.as_ref().filter(|_| timed) {
        let day = |moment: Option<Moment>, open: i64| moment.map_or(open, Moment::days);
        query.during = Some(Span { first: day(datetime.from(), i64::MIN), last: day(datetime.to(), i64::MAX) });
    } else if let Some(datetime) = &question.datetime {
        let spec = &snapshot.layers[query.layer].spec;
        for expr in during(spec, disclosure, (datetime.from(), datetime.to())) {
            query = query.with_expression(snapshot, &expr)?;
        }
    }
    if let Some(kind) = &question.zone_kind {
        query = query.of_kind(snapshot, kind)?;
    }
    if let Some(parent) = &question.zone_parent {
        query = query.of_parent(snapshot, parent)?;
    }
    query.area = question.area.bind(snapshot, question.repair)?;
    query.title = question.area.title().map(str::to_owned);
    Ok((query.sorted(snapshot, &question.sort)?, canonical))
}

impl AreaSpec {
    fn bind(&self, snapshot: &Snapshot, repair: bool) -> Result<Area, QueryError> {
        let at = |[x, y]: [f64; 2]| Coord { x, y };
        let area = |base: &BaseArea| -> Result<Area, QueryError> {
            Ok(match base {
                BaseArea::City => Area::City,
                BaseArea::Zone(id) => Area::named(snapshot, id)?,
                BaseArea::Polygon(polygon) => Area::Drawn(Drawn::polygon(polygon, repair)?),
                BaseArea::Circle { center, radius_m } => Area::Drawn(Drawn::circle(at(*center), *radius_m)?),
                BaseArea::Buffer { of, distance_m } => Area::Drawn(of.bind(snapshot, *distance_m)?),
                BaseArea::Nearest { center, k } => Area::Drawn(Drawn::nearest(at(*center), *k)?),
            })
        };
        let first = area(self.base())?;
        if self.steps().is_empty() {
            return Ok(first);
        }
        let steps = self.steps().iter().map(|(op, base)| Ok((*op, area(base)?)));
        let steps = steps.collect::<Result<Vec<_>, QueryError>>()?;
        Ok(Area::Combined(Combined::new(snapshot, first, steps).map_err(AreaError::from)?))
    }
}

impl BufferOf {
    fn bind(&self, snapshot: &Snapshot, metres: f64) -> Result<Drawn, QueryError> {
        let (collection, id) = match self {
            Self::Geometry(geometry) => return Ok(Drawn::buffer(geometry, metres, None)?),
            Self::Feature { collection, id } => (collection, id),
        };
        let (_, layer) = snapshot.layer(collection).ok_or_else(|| unknown_collection(snapshot, collection))?;
        let unknown = || QueryError::UnknownFeature { collection: collection.clone(), id: id.clone() };
        let row = layer.row(id).ok_or_else(unknown)?;
        let geometry = layer.table.geometries.value(row).ok_or_else(|| AreaError::Nowhere(id.clone()))?;
        let name = Text::new(layer.name(row), layer.name_en(row));
        Ok(Drawn::buffer(&geometry, metres, Some(name))?)
    }
}

fn unknown_collection(snapshot: &Snapshot, id: &str) -> QueryError {
    let known = snapshot.layers.iter().map(|l| l.spec.id.as_str()).collect::<Vec<_>>().join(", ");
    QueryError::UnknownCollection { id: id.to_owned(), known }
}

/// A box as boxes that do not cross the antimeridian.
fn boxes([west, south, east, north]: [f64; 4]) -> Vec<Bounds> {
    let whole = Bounds { west, south, east, north };
    if west <= east { vec![whole] } else { vec![Bounds { east: 180.0, ..whole }, Bounds { west: -180.0, ..whole }] }
}

/// The conditions that a feature of a collection was at a time. Features without a time, and ends that are not known,
/// match always.
fn during(spec: &CollectionSpec, disclosure: Disclosure, (start, end): (Option<Moment>, Option<Moment>)) -> Vec<Expr> {
    let Some((from, to)) = times(spec, disclosure) else { return vec![] };
    let bound = |property: usize, op: Op, moment: Moment| {
        let name = || Expr::Property(spec.properties[property].name.clone());
        let known = Expr::Call(op, vec![name(), Expr::Moment(moment)]);
        Expr::Call(Op::Or, vec![Expr::Call(Op::IsNull, vec![name()]), known])
    };
    let (begun, lasts) = (end.map(|end| bound(from, Op::Le, end)), start.map(|start| bound(to, Op::Ge, start)));
    begun.into_iter().chain(lasts).collect()
}

/// The properties that say when a feature was: from, to; the same twice for an instant. They are `valid_from` and
/// `valid_to` where the collection has such dates, else its first property that is a date or an instant.
pub(super) fn times(spec: &CollectionSpec, disclosure: Disclosure) -> Option<(usize, usize)> {
    let temporal = |i: &usize| matches!(spec.properties[*i].ty, PropertyType::Date | PropertyType::Datetime);
    let all: Vec<usize> = disclosure.columns(spec).into_iter().filter(temporal).collect();
    let named = |name: &str| all.iter().copied().find(|&i| spec.properties[i].name == name);
    match (named("valid_from"), named("valid_to")) {
        (Some(from), Some(to)) => Some((from, to)),
        (Some(one), None) | (None, Some(one)) => Some((one, one)),
        (None, None) => all.first().map(|&one| (one, one)),
    }
}
