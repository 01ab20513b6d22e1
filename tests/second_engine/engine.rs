//! Answers by looking at every row of the GeoJSON, one after the other: nothing is indexed, nothing is kept.

use super::rows::{Rows, digits};
use crate::cql2::scan::decide;
use geo::{BooleanOps, Coord, Distance, Geodesic, Geometry, Haversine, LineString, MultiPolygon, Point};
use indexmap::IndexMap;
use serde_json::Value;
use shigu::core::columns::Moment;
use shigu::core::filter::{Filter, to_json};
use shigu::core::geometry::mercator::{self, TileId};
use shigu::core::geometry::{Bounds, buffer::buffer, measure};
use shigu::core::model::{Dataset, DisclosureRules, MetricSpec, Period, RegisterSpec, Role, Text, ValidSpec};
use shigu::core::query::{
    Amount, Amounts, AreaInfo, AreaKind, AreaSpec, BaseArea, Bound, BoundQuestion, BufferOf, CityInfo, CityRow,
    ClassMix, ClusterCount, ClusterRow, Counts, Detail, Disclosure, DisclosureLine, DisclosureTable, Engine,
    FeaturePlace, Growth, Mark, Neighbour, Note, PlacedBy, PlatformRow, QueryError, Question, SearchResult,
    SearchResults, Selection, SetOp, Share, Spread, Statistics, Summary, TilePoints, ZoneList, ZoneName, ZoneOverlap,
    ZoneRow, too_small,
};
use shigu::core::snapshot::{
    Classes, CollectionInfo, Description, Newest, RegisterInfo, RowSource, TableInfo, ZoneInfo,
};
use shigu::core::stats::quotient;
use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

/// A row and its place, 2^32 units a side of the world.
type Placed = (usize, (u32, u32));

/// An engine over the rows of a folder. Cheap to copy.
#[derive(Clone, Debug)]
pub struct PlainEngine(Arc<World>);

#[derive(Debug)]
struct World {
    about: Description,
    collections: Vec<Arc<Rows>>,
    zones: Vec<Zone>,
}

#[derive(Debug)]
struct Zone {
    collection: usize,
    row: usize,
    polygon: MultiPolygon<f64>,
    /// Whether each row of the register belongs to it.
    members: Vec<bool>,
}

/// The border rule as documented: even-odd over all rings, half-open, each edge taken upwards.
fn inside(p: &MultiPolygon<f64>, (x, y): (f64, f64)) -> bool {
    let mut odd = false;
    for line in p.iter().flat_map(|p| std::iter::once(p.exterior()).chain(p.interiors())).flat_map(LineString::lines) {
        let (a, b) = if line.start.y <= line.end.y { (line.start, line.end) } else { (line.end, line.start) };
        odd ^= (a.y > y) != (b.y > y) && x < (b.x - a.x) * (y - a.y) / (b.y - a.y) + a.x;
    }
    odd
}

fn bounds_of<'a>(geometries: impl Iterator<Item = &'a Geometry<f64>>) -> Bounds {
    let mut bounds = Bounds::EMPTY;
    geometries.for_each(|g| bounds.join(&Bounds::of(g)));
    bounds
}

impl PlainEngine {
    /// The rows of a folder; `dataset` is what the loader says about them, its tables are not looked at.
    pub fn new(folder: &Path, dataset: &Dataset, revision: &str) -> Self {
        let (own, places) = (&dataset.manifest, dataset.manifest.tables());
        let tables = places.iter().map(|place| TableInfo {
            id: own.collections[*place].id.clone(),
            collection: *place,
            row: own.clone().of_table(*place).terms.row,
            spec: own.collections[*place].clone(),
        });
        let tables = tables.collect();
        // it answers for the main table
        let manifest = places.first().map_or_else(|| own.clone(), |main| own.clone().of_table(*main));
        let collections: Vec<Arc<Rows>> =
            manifest.collections.iter().map(|spec| Arc::new(Rows::read(folder, spec, &dataset.codelists))).collect();
        let info = |rows: &Arc<Rows>| CollectionInfo {
            spec: rows.spec.clone(),
            rows: rows.len(),
            located: rows.geometries.iter().flatten().count(),
            bytes: 0,
            points: rows.geometries.iter().flatten().all(|g| matches!(g, Geometry::Point(_))),
            bounds: bounds_of(rows.geometries.iter().flatten()),
            newest: Newest::of(own.collections.iter().find(|spec| spec.id == rows.spec.id).unwrap(), rows.table()),
        };
        let register = collections.iter().position(|c| c.spec.role == Role::Register);
        let mut periods: Vec<Period> = register
            .iter()
            .flat_map(|&c| metrics(&collections[c]).iter())
            .flat_map(|m| m.columns.keys())
            .copied()
            .collect();
        periods.sort_unstable();
        periods.dedup();
        let mut about = Description {
            zone_kinds: manifest.zone_kinds(),
            classes: Arc::new(Classes::usual(&manifest, &dataset.codelists)),
            manifest,
            codelists: dataset.codelists.clone(),
            plan: dataset.plan.clone(),
            indicators: dataset.indicators.clone(),
            collections: collections.iter().map(info).collect(),
            register: register.map(|collection| RegisterInfo {
                collection,
                latest: periods.last().copied(),
                latest_common: None,
                periods,
            }),
            tables,
            zones: vec![],
            bounds: Bounds::EMPTY,
            revision: revision.to_owned(),
            scope: None,
        };
        let districts = collections.iter().filter(|c| c.spec.role == Role::Districts);
        about.bounds = bounds_of(districts.flat_map(|c| c.geometries.iter().flatten()));
        let mut zones = Vec::new();
        let mut taken = vec![false; register.map_or(0, |c| collections[c].len())];
        for (collection, rows) in collections.iter().enumerate() {
            let Some(kind) = about.zone_kinds.iter().position(|k| k.collections.contains(&collection)) else {
                continue;
            };
            for row in 0..rows.len() {
                let Some(polygon) = rows.polygon(row) else { continue };
                let partition = about.zone_kinds[kind].districts;
                let member = |firm: usize, register: &Rows| match register.point(firm) {
                    Some(at) => inside(&polygon, at) && !(partition && taken[firm]),
                    None => partition && declared(register, firm) == Some(rows.id(row)),
                };
                let members: Vec<bool> = match register {
                    Some(c) => (0..collections[c].len()).map(|firm| member(firm, &collections[c])).collect(),
                    None => vec![],
                };
                if partition {
                    members.iter().zip(&mut taken).for_each(|(m, taken)| *taken |= m);
                }
                about.zones.push(ZoneInfo {
                    id: rows.id(row).to_owned(),
                    name: rows.name(row).to_owned(),
                    name_en: rows.name_en(row).to_owned(),
                    kind,
                    collection,
                    bounds: Bounds::of(&polygon.clone().into()),
                    schematic: rows.spec.schematic,
                    members: members.iter().filter(|m| **m).count(),
                    parent: None,
                });
                zones.push(Zone { collection, row, polygon, members });
            }
        }
        Self(Arc::new(World { about, collections, zones }))
    }
}

fn metrics(register: &Rows) -> &[MetricSpec] {
    register.spec.register.as_ref().map_or(&[], |r| &r.metrics)
}

fn declared(register: &Rows, row: usize) -> Option<&str> {
    register.word(row, register.spec.register.as_ref()?.district.as_deref()?)
}

impl Engine for PlainEngine {
    fn describe(&self) -> &Description {
        &self.0.about
    }

    fn bind(&self, question: &Question, disclosure: Disclosure) -> Result<Bound, QueryError> {
        let about = &self.0.about;
        let collection = match question.collection() {
            None => about.register.as_ref().ok_or(QueryError::NoRegister)?.collection,
            Some(id) => about.collection(id).map(|(place, _)| place).ok_or_else(|| QueryError::UnknownCollection {
                id: id.to_owned(),
                known: about.collections.iter().map(|c| c.spec.id.as_str()).collect::<Vec<_>>().join(", "),
            })?,
        };
        let periods = about.register.as_ref().map(|r| r.periods.clone()).unwrap_or_default();
        if let Some(period) = question.period().filter(|period| !periods.contains(period)) {
            let known = periods.iter().map(Period::to_string).collect::<Vec<_>>().join(", ");
            return Err(QueryError::UnknownPeriod { period, known });
        }
        if let Some(id) = question.zone_kind().filter(|id| !about.zone_kinds.iter().any(|k| k.id == **id)) {
            let known = about.zone_kinds.iter().map(|k| k.id.as_str()).collect::<Vec<_>>().join(", ");
            return Err(QueryError::UnknownKind { id: id.to_owned(), known });
        }
        for area in std::iter::once(question.area().base()).chain(question.area().steps().iter().map(|s| &s.1)) {
            if let BaseArea::Zone(id) = area
                && about.zone(id).is_none()
                && !matches!(id.as_str(), "outside" | "undeclared")
            {
                return Err(QueryError::UnknownZone(id.clone()));
            }
        }
        // names and types are checked by the schema; what rows pass is decided here
        let spec = &about.collections[collection].spec;
        let visible = |property: usize| disclosure.shows(spec, property);
        let pairs = question.conditions().iter().map(|(n, v)| (n.as_str(), v.as_str()));
        let plain = Filter::bind(spec, &about.codelists, &visible, pairs).map_err(QueryError::Condition)?;
        let schema = shigu::core::filter::Schema { spec, codelists: &about.codelists, visible: &visible };
        let cql = question.filter().map(|expr| Filter::of(schema, expr)).transpose()?.unwrap_or_default();
        let filter = [plain.expression(true), cql.expression(true)].map(|e| e.map(|e| to_json(&e)));
        let bound = plain.and(cql);
        let register = about.register.as_ref().map(|r| &self.0.collections[r.collection]);
        let latest: BTreeSet<Period> =
            register.iter().flat_map(|r| metrics(r)).filter_map(|m| m.columns.keys().max().copied()).collect();
        // where metrics end in different periods no period says the same
        let common = latest.first().copied().filter(|_| latest.len() == 1);
        let canonical = question.clone().spelt(question.period().or(common), question.classes().clone(), &bound);
        let conditions = bound.canonical();
        let outline = outline(&self.0, question.area());
        let world = self.0.clone();
        Ok(Bound::new(PlainQuestion {
            world,
            question: canonical,
            collection,
            filter,
            conditions,
            outline,
            disclosure,
        }))
    }

    fn search(&self, text: &str, limit: usize, period: Option<Period>) -> SearchResults {
        let mut results = Vec::new();
        for rows in &self.0.collections {
            for row in (0..rows.len()).filter(|row| rows.name(*row).contains(text)) {
                if !there_in(rows, row, period.or_else(|| self.0.about.default_period())) {
                    continue;
                }
                let zone = self.0.about.zone(rows.id(row));
                let label = zone.and_then(|_| measure::label_point(&rows.polygon(row)?)).map(|c| [c.x, c.y]);
                results.push(SearchResult {
                    collection: rows.spec.id.clone(),
                    id: rows.id(row).to_owned(),
                    kind: rows.spec.role,
                    name: rows.name(row).to_owned(),
                    name_en: rows.name_en(row).to_owned(),
                    zone: zone.map(|z| z.id.clone()),
                    position: rows.point(row).map(|(x, y)| [x, y]).or(label),
                    cluster: rows
                        .spec
                        .register
                        .as_ref()
                        .and_then(|r| rows.word(row, r.cluster.as_deref()?))
                        .map(str::to_owned),
                    source: None,
                    located: None,
                });
            }
        }
        let total = results.len();
        results.truncate(limit);
        SearchResults { results, total }
    }

    fn feature(&self, collection: &str, id: &str, disclosure: Disclosure) -> Option<Selection> {
        let rows = &self.0.collections[self.0.about.collection(collection)?.0];
        let row = rows.find(id)? as u32;
        Some(Selection::new(rows.clone(), vec![row], disclosure.columns(&rows.spec), 1))
    }

    fn zones_around(&self, points: &[Coord<f64>]) -> Vec<Vec<usize>> {
        let (zones, about) = (&self.0.zones, &self.0.about);
        let of = |at: &Coord<f64>| {
            let holding = (0..zones.len()).filter(|zone| inside(&zones[*zone].polygon, (at.x, at.y)));
            // of the districts the first one counts
            let mut all: Vec<usize> = holding.collect();
            let district = |zone: usize| about.zone_kinds[about.zones[zone].kind].districts;
            let first = all.iter().copied().find(|zone| district(*zone));
            all.retain(|zone| !district(*zone) || Some(*zone) == first);
            all
        };
        points.iter().map(of).collect()
    }

    fn time_extent(&self, collection: &str, _: Disclosure) -> [Option<Moment>; 2] {
        let Some((_, info)) = self.0.about.collection(collection) else { return [None, None] };
        [&info.spec.valid_from, &info.spec.valid_to].map(|day| day.as_deref().and_then(Moment::parse))
    }
}

/// The outline of an area that is a zone, a polygon or a circle.
fn outline(world: &World, area: &AreaSpec) -> Option<MultiPolygon<f64>> {
    match area.base() {
        _ if !area.steps().is_empty() => None,
        BaseArea::Zone(id) => Some(world.zones[world.about.zones.iter().position(|z| z.id == *id)?].polygon.clone()),
        BaseArea::Polygon(polygon) => Some(MultiPolygon::clone(polygon)),
        BaseArea::Circle { center: [x, y], radius_m } => {
            Some(MultiPolygon(vec![measure::circle(Coord { x: *x, y: *y }, *radius_m)]))
        }
        BaseArea::Buffer { of, distance_m } => Some(near(world, of, *distance_m)),
        BaseArea::City | BaseArea::Nearest { .. } => None,
    }
}

/// What lies near a feature of the world, or near a geometry.
fn near(world: &World, of: &BufferOf, metres: f64) -> MultiPolygon<f64> {
    let geometry = match of {
        BufferOf::Geometry(geometry) => geo::Geometry::clone(geometry),
        BufferOf::Feature { collection, id } => {
            let rows = world.collections.iter().find(|rows| rows.spec.id == *collection).unwrap();
            rows.table().geometries.value(rows.find(id).unwrap()).unwrap()
        }
    };
    buffer(&geometry, metres, 10_000).unwrap()
}

#[derive(Clone, Debug)]
struct PlainQuestion {
    world: Arc<World>,
    question: Question,
    collection: usize,
    /// Conditions `property = value` and the filter, as CQL2 JSON.
    filter: [Option<Value>; 2],
    conditions: BTreeMap<String, String>,
    outline: Option<MultiPolygon<f64>>,
    disclosure: Disclosure,
}

impl PlainQuestion {
    fn rows(&self) -> &Arc<Rows> {
        &self.world.collections[self.collection]
    }

    fn register(&self) -> Result<(&Rows, &RegisterSpec), QueryError> {
        let info = self.world.about.register.as_ref().ok_or(QueryError::NoRegister)?;
        let rows = &self.world.collections[info.collection];
        rows.spec.register.as_ref().map(|spec| (&**rows, spec)).ok_or(QueryError::NoRegister)
    }

    /// The period of a metric's figures: that in question, or the metric's latest.
    fn period_of(&self, metric: &MetricSpec) -> Option<Period> {
        let known = metric.columns.keys().copied();
        match self.question.period() {
            Some(period) => known.into_iter().find(|known| *known == period),
            None => known.max(),
        }
    }

    /// Per metric the column of the question's period, where it may leave with a row.
    fn shown_metrics(&self) -> Vec<Option<usize>> {
        let rows = self.rows();
        let shown =
            |name: &String| rows.spec.property(name).map(|p| p.0).filter(|i| self.disclosure.shows(&rows.spec, *i));
        metrics(rows).iter().map(|m| m.columns.get(&self.period_of(m)?).and_then(shown)).collect()
    }

    /// The classes with most of some rows, in twelfths of them as they add up.
    fn mix(&self, rows: &[usize]) -> [Share; 3] {
        let mut counts: Vec<(usize, usize)> = (0..=self.codes().len())
            .map(|place| (self.of_cluster(rows, place).len(), place))
            .filter(|c| c.0 > 0)
            .collect();
        counts.sort_by_key(|(count, place)| (std::cmp::Reverse(*count), *place));
        let few = (rows.len() as u64) < self.disclosure.minimum(&self.rules());
        if few || counts.len() == 1 {
            return [Share { class: counts[0].1, twelfths: 12 }, Share::default(), Share::default()];
        }
        let upto = |n: usize| {
            let sum: usize = counts.iter().take(n).map(|c| c.0).sum();
            (sum.min(rows.len()) as f64 * 12.0 / rows.len() as f64).round() as u8
        };
        let share = |n: usize| {
            counts.get(n).map(|(_, place)| Share { class: *place, twelfths: upto(n + 1) - upto(n) }).unwrap_or_default()
        };
        [share(0), share(1), share(2)]
    }

    /// The rows of a collection in an area.
    fn in_base(&self, area: &BaseArea, collection: usize) -> Vec<bool> {
        let (world, rows) = (&self.world, &self.world.collections[collection]);
        let of_register = rows.spec.role == Role::Register;
        let within =
            |p: &MultiPolygon<f64>| (0..rows.len()).map(|r| rows.point(r).is_some_and(|at| inside(p, at))).collect();
        match area {
            BaseArea::City => vec![true; rows.len()],
            BaseArea::Zone(id) if id == "outside" || id == "undeclared" => {
                let kinds = &world.about.zone_kinds;
                let districts: Vec<&Zone> = world
                    .zones
                    .iter()
                    .zip(&world.about.zones)
                    .filter(|(_, z)| kinds[z.kind].districts)
                    .map(|(z, _)| z)
                    .collect();
                let rest = |row: usize| {
                    of_register
                        && !districts.iter().any(|z| z.members[row])
                        && rows.point(row).is_some() == (id == "outside")
                };
                (0..rows.len()).map(rest).collect()
            }
            BaseArea::Zone(id) => {
                let place = world.about.zones.iter().position(|z| z.id == *id).unwrap();
                if of_register { world.zones[place].members.clone() } else { within(&world.zones[place].polygon) }
            }
            BaseArea::Polygon(polygon) => within(polygon),
            BaseArea::Circle { center: [x, y], radius_m } => {
                within(&MultiPolygon(vec![measure::circle(Coord { x: *x, y: *y }, *radius_m)]))
            }
            BaseArea::Buffer { of, distance_m } => within(&near(world, of, *distance_m)),
            BaseArea::Nearest { center: [x, y], k } => {
                let mut near: Vec<(f64, usize)> = (0..rows.len())
                    .filter_map(|row| Some((Haversine.distance(Point::new(*x, *y), rows.point(row)?.into()), row)))
                    .collect();
                near.sort_by(|a, b| a.0.total_cmp(&b.0));
                near.truncate(*k);
                (0..rows.len()).map(|row| near.iter().any(|n| n.1 == row)).collect()
            }
        }
    }

    /// The rows of a collection in the area of the question.
    fn in_area(&self, collection: usize) -> Vec<bool> {
        let area = self.question.area();
        let mut out = self.in_base(area.base(), collection);
        for (op, next) in area.steps() {
            let next = self.in_base(next, collection);
            out.iter_mut().zip(next).for_each(|(a, b)| match op {
                SetOp::Union => *a |= b,
                SetOp::Intersection => *a &= b,
                SetOp::Difference => *a &= !b,
            });
        }
        out
    }

    /// Whether a row passes the conditions of the question, wherever it is.
    fn passes(&self, row: usize) -> bool {
        let rows = self.rows();
        let mut feature = rows.features[row].clone();
        let secondary = rows.spec.register.as_ref().filter(|_| self.question.secondary());
        let holds =
            |filter: &Option<Value>, feature: &Value| filter.as_ref().is_none_or(|f| decide(f, feature) == Some(true));
        let mut passed = self.filter.iter().all(|f| holds(f, &feature));
        // a row stands for each of its clusters where secondary ones count
        if let Some(spec) = secondary.filter(|_| !passed)
            && let Some(others) = spec.secondary.as_ref().and_then(|name| rows.property(row, name).as_array())
        {
            passed = others.iter().any(|other| {
                feature["properties"][spec.cluster.as_deref().unwrap()] = other.clone();
                self.filter.iter().all(|f| holds(f, &feature))
            });
        }
        passed && self.meets_box(row) && self.was_then(row)
    }

    fn meets_box(&self, row: usize) -> bool {
        let (Some([west, south, east, north]), Some((x, y))) = (self.question.bbox(), self.rows().point(row)) else {
            return true;
        };
        let wide = if west <= east { west <= x && x <= east } else { x >= west || x <= east };
        wide && south <= y && y <= north
    }

    fn was_then(&self, row: usize) -> bool {
        // a time of these questions is the last day of a year
        let at = self.question.datetime().is_none_or(|time| {
            let day = time.to_string();
            let year = day.strip_suffix("-12-31").unwrap_or_else(|| panic!("{day} is no last day")).parse().unwrap();
            there_in(self.rows(), row, Some(Period::Year(year)))
        });
        at && there_in(self.rows(), row, self.period())
    }

    /// The day at whose end rows count, where the register has dates.
    fn as_of(&self) -> Option<String> {
        self.rows().spec.register.as_ref()?.valid.as_ref()?;
        Some(format!("{}-12-31", self.period()?))
    }

    fn passing(&self) -> Vec<bool> {
        (0..self.rows().len()).map(|row| self.passes(row)).collect()
    }

    fn matched(&self) -> Vec<usize> {
        let here = self.in_area(self.collection);
        (0..self.rows().len()).filter(|&row| here[row] && self.passes(row)).collect()
    }

    /// The place of a row's cluster in the codelist; after the last for none.
    fn cluster_of(&self, row: usize) -> usize {
        let codes = self.codes();
        let code = self.rows().spec.register.as_ref().and_then(|r| self.rows().word(row, r.cluster.as_deref()?));
        code.and_then(|c| codes.iter().position(|own| own == c)).unwrap_or(codes.len())
    }

    fn codes(&self) -> Vec<String> {
        self.world.about.clusters().map(|c| c.entries.iter().map(|e| e.code.clone()).collect()).unwrap_or_default()
    }

    /// Those of some rows that are of a cluster.
    fn of_cluster(&self, rows: &[usize], place: usize) -> Vec<usize> {
        let codes = self.codes();
        let secondary = self.rows().spec.register.as_ref().and_then(|r| r.secondary.as_ref());
        let also = |row: usize| {
            let list = secondary
                .filter(|_| self.question.secondary())
                .and_then(|name| self.rows().property(row, name).as_array());
            list.is_some_and(|list| list.iter().any(|c| codes.get(place).is_some_and(|code| c == code)))
        };
        rows.iter().copied().filter(|&row| self.cluster_of(row) == place || also(row)).collect()
    }

    fn amounts(&self, rows: &[usize], statistics: bool) -> Result<Amounts, QueryError> {
        let (register, spec) = self.register()?;
        let of = |m: &MetricSpec| {
            let value = |row: &usize| {
                Some(register.property(*row, m.columns.get(&self.period_of(m)?)?)).filter(|v| !v.is_null())
            };
            let mut all: Vec<i64> = rows.iter().filter_map(value).map(|v| digits(v, m.decimals)).collect();
            all.sort_unstable();
            let (unit, reported) = (10f64.powi(m.decimals.into()), all.len() as u64);
            let sum = all.iter().sum::<i64>() as f64 / unit;
            let amount = Amount {
                sum: (reported > 0).then_some(sum),
                unit: m.unit.clone(),
                period: self.period_of(m),
                reported,
                missing: self.period_of(m).map_or(0, |_| rows.len() as u64 - reported),
                withheld: false,
                protected: false,
                sensitive: false,
                statistics: (statistics && reported > 0).then(|| statistics_of(&all, unit)),
                spread: self.question.spread().then(|| spread(&all)),
                growth_on_previous: None,
                growth: None,
            };
            (m.id.clone(), amount)
        };
        Ok(spec.metrics.iter().map(of).collect())
    }

    /// The answers of earlier periods, where changes are wanted, and those of some rows that were there then: of each period
    /// that a metric is shown at the year before, and of quarters and months the one right before.
    fn before(&self, here: &[usize]) -> Result<Vec<Before>, QueryError> {
        let mut out = Vec::new();
        for (now, period) in self.earlier()? {
            let question = self.question.clone().with_growth(false).since(None).with_statistics(false);
            let answer = self.ask(&question.in_period(Some(period)))?.summarize()?;
            let there = here.iter().copied().filter(|row| there_in(self.rows(), *row, Some(period))).collect();
            out.push(Before { now, period, answer, there });
        }
        Ok(out)
    }

    /// The periods that are shown, each with one that changes are counted from.
    fn earlier(&self) -> Result<Vec<(Period, Period)>, QueryError> {
        let (_, spec) = self.register()?;
        let known = |period: &Period| spec.metrics.iter().any(|m| m.columns.contains_key(period));
        let shown: BTreeSet<Period> = spec.metrics.iter().filter_map(|m| self.period_of(m)).collect();
        let mut out = Vec::new();
        for now in shown.into_iter().filter(|_| self.question.growth()) {
            let previous = now.previous().filter(|previous| previous.whole_year().is_none());
            let usual = now.year_before().into_iter().chain(previous).collect();
            let asked = self.question.counted_from().map(|since| vec![since]);
            out.extend(asked.unwrap_or(usual).into_iter().filter(known).map(|period| (now, period)));
        }
        Ok(out)
    }

    /// Says of each sum how it changed over those of some rows that have a value in both years.
    fn grow(
        &self,
        now: &mut Amounts,
        (of_now, of_then): (Period, Period),
        (before, rows): (&Amounts, u64),
        there: &[usize],
    ) -> Result<(), QueryError> {
        let (register, spec) = self.register()?;
        for m in &spec.metrics {
            let (amount, then) = (now.get_mut(&m.id).unwrap(), &before[&m.id]);
            let Some((period, last)) = amount.period.zip(then.period) else { continue };
            if (period, last) != (of_now, of_then) {
                continue;
            }
            let value = |row: usize, period: Period| {
                Some(register.property(row, &m.columns[&period]))
                    .filter(|v| !v.is_null())
                    .map(|v| digits(v, m.decimals))
            };
            let pairs: Vec<(i64, i64)> =
                there.iter().filter_map(|&row| Some((value(row, period)?, value(row, last)?))).collect();
            let (sum, of_then) = (pairs.iter().map(|p| p.0).sum::<i64>(), pairs.iter().map(|p| p.1).sum::<i64>());
            let (both, minimum) = (pairs.len() as u64, self.disclosure.minimum(&self.rules()));
            let few = |n: u64| (1..minimum).contains(&n);
            let withheld = both > 0
                && (amount.withheld
                    || then.withheld
                    || few(both)
                    || few(amount.reported - both)
                    || few(then.reported - both));
            let unit = 10f64.powi(m.decimals.into());
            let rate = (of_then > 0 && !withheld).then(|| (sum as f64 / unit) / (of_then as f64 / unit) - 1.0);
            let growth = Some(Growth { period: last, rate, both, reported: then.reported, rows, withheld });
            if self.question.counted_from().is_some() || period.year_before() == Some(last) {
                amount.growth = growth;
            } else {
                amount.growth_on_previous = growth;
            }
        }
        Ok(())
    }

    fn rules(&self) -> DisclosureRules {
        self.register().map_or_else(|_| DisclosureRules::default(), |(_, spec)| spec.disclosure)
    }

    fn cluster_counts(&self, rows: &[usize]) -> Result<Vec<ClusterCount>, QueryError> {
        let codes = self.codes();
        let mut out = Vec::new();
        for place in 0..=codes.len() {
            let of = self.of_cluster(rows, place);
            let statistics = self.question.statistics();
            let amounts = if statistics { self.amounts(&of, true)? } else { IndexMap::new() };
            out.push(ClusterCount { code: codes.get(place).cloned(), part: None, count: of.len() as u64, amounts });
        }
        out.retain(|c| c.code.is_some() || c.count > 0);
        Ok(out)
    }

    /// A zone by its place, or what no district holds.
    fn zone_row(&self, area: &BaseArea, rows: &[usize]) -> Result<ZoneRow, QueryError> {
        let info = self.info_of(&area.clone().into());
        let id = info.id.clone().unwrap_or_default();
        let zone = self.world.about.zones.iter().position(|z| z.id == id);
        let label = zone.and_then(|z| measure::label_point(&self.world.zones[z].polygon)).map(|c| [c.x, c.y]);
        Ok(ZoneRow {
            id,
            name: info.name,
            name_en: info.name_en,
            kind: info.kind,
            zone_kind: info.zone_kind,
            parent: None,
            collection: zone.map(|z| self.world.collections[self.world.zones[z].collection].spec.id.clone()),
            basis: info.basis,
            status: info.status,
            schematic: info.schematic,
            label_point: label,
            bbox: info.bbox,
            area_km2: info.area_km2,
            count: rows.len() as u64,
            amounts: self.amounts(rows, self.question.statistics())?,
            clusters: self.cluster_counts(rows)?,
            partial: false,
        })
    }

    fn info_of(&self, area: &AreaSpec) -> AreaInfo {
        let info = self.own_info_of(area);
        match area.title() {
            Some(title) => AreaInfo { name: title.into(), name_en: title.into(), ..info },
            None => info,
        }
    }

    fn own_info_of(&self, area: &AreaSpec) -> AreaInfo {
        let about = &self.world.about;
        let named = |name: &str, name_en: &str, kind: AreaKind| AreaInfo {
            id: None,
            name: name.into(),
            name_en: name_en.into(),
            kind,
            zone_kind: None,
            parents: vec![],
            basis: None,
            status: None,
            schematic: false,
            partial: false,
            area_km2: None,
            bbox: None,
            source: None,
            outline: None,
        };
        let outline = outline(&self.world, area);
        let box_of = |p: &MultiPolygon<f64>| Bounds::of(&p.clone().into()).to_array();
        let drawn = |name: String, name_en: String, kind: AreaKind| AreaInfo {
            area_km2: outline.as_ref().map(measure::area_km2),
            bbox: outline.as_ref().map(box_of),
            ..named(&name, &name_en, kind)
        };
        match area.base() {
            _ if !area.steps().is_empty() => named("", "", AreaKind::Combined),
            BaseArea::City => {
                let whole = &about.manifest.terms.whole;
                let name_en = format!("{}{}", whole.en[..1].to_uppercase(), &whole.en[1..]);
                AreaInfo { bbox: Some(about.bounds.to_array()), ..named(&whole.zh, &name_en, AreaKind::City) }
            }
            BaseArea::Zone(id) => match id.as_str() {
                "outside" | "undeclared" => {
                    let term = &about.district_kind().unwrap().term;
                    let (zh, en) = match id.as_str() {
                        "outside" => (format!("各{}之外", term.zh), format!("Outside all {}", term.plural)),
                        _ => (format!("未填{}且无坐标", term.zh), "Neither located nor declared".to_owned()),
                    };
                    AreaInfo { id: Some(id.clone()), ..named(&zh, &en, AreaKind::Rest) }
                }
                _ => {
                    let place = about.zones.iter().position(|z| z.id == *id).unwrap();
                    let (zone, info) = (&self.world.zones[place], &about.zones[place]);
                    let rows = &self.world.collections[zone.collection];
                    let word = |name| rows.word(zone.row, name).map(str::to_owned);
                    AreaInfo {
                        id: Some(id.clone()),
                        zone_kind: Some(about.zone_kinds[info.kind].id.clone()),
                        basis: word("basis"),
                        status: word("status"),
                        schematic: info.schematic,
                        source: Some(word("source").map_or_else(|| rows.spec.source.clone(), |s| Text::new(&s, &s))),
                        ..drawn(info.name.clone(), info.name_en.clone(), AreaKind::Zone)
                    }
                }
            },
            BaseArea::Polygon(_) => drawn("圈选范围".into(), "drawn area".into(), AreaKind::Drawn),
            BaseArea::Circle { radius_m, .. } => {
                drawn(format!("{radius_m} 米范围"), format!("within {radius_m} m"), AreaKind::Circle)
            }
            BaseArea::Buffer { of, distance_m } => {
                let name = match of {
                    BufferOf::Geometry(_) => Text::new("所绘图形", "what was drawn"),
                    BufferOf::Feature { collection, id } => {
                        let rows = self.world.collections.iter().find(|rows| rows.spec.id == *collection).unwrap();
                        let row = rows.find(id).unwrap();
                        Text::new(rows.name(row), rows.name_en(row))
                    }
                };
                let zh = format!("距{} {distance_m} 米以内", name.zh);
                drawn(zh, format!("within {distance_m} m of {}", name.en), AreaKind::Buffer)
            }
            BaseArea::Nearest { k, .. } => {
                let row = &about.manifest.terms.row;
                let en = if *k == 1 { &row.en } else { &row.plural };
                let zh = format!("最近的 {k} {}{}", row.counter, row.zh);
                drawn(zh, format!("the nearest {k} {en}"), AreaKind::Nearest)
            }
        }
    }

    /// The dates that say when rows were there, in words.
    fn ends(&self, valid: &ValidSpec) -> (String, String) {
        let title = |name: &Option<String>| self.rows().spec.property(name.as_deref()?).map(|(_, p)| p.title.clone());
        let (mut zh, mut en) = (vec![], vec![]);
        if let Some(from) = title(&valid.from) {
            zh.push(format!("{}不晚于该日", from.zh));
            en.push(format!("{} not later", from.en.to_lowercase()));
        }
        if let Some(to) = title(&valid.to) {
            zh.push(format!("{}在该日之后或为空", to.zh));
            en.push(format!("{} later or none", to.en.to_lowercase()));
        }
        (zh.join(","), en.join(", "))
    }

    #[allow(clippy::too_many_lines, reason = "one note after the other, as readers see them")]
    fn notes(
        &self,
        zone: &AreaInfo,
        counts: &Counts,
        totals: &Amounts,
        withheld: bool,
    ) -> Result<Vec<Note>, QueryError> {
        let (_, spec) = self.register()?;
        let about = &self.world.about;
        let (terms, zone_term) = (&about.manifest.terms, &about.district_kind().unwrap().term);
        let (row, rows, counter) = (&terms.row.zh, &terms.row.plural, &terms.row.counter);
        let (class, classes) = (&terms.class.zh, &terms.class.plural);
        let (of_zone, of_zone_en) = (&zone_term.zh, &zone_term.en);
        let counted =
            |n: u64| (format!("{n} {counter}{row}"), format!("{n} {}", if n == 1 { &terms.row.en } else { rows }));
        let mut notes = Vec::new();
        let mut note = |code: &str, zh: String, en: String| notes.push(Note::new(code, zh, en));
        if about.sample() {
            let plan = about.manifest.plan.is_some() || about.manifest.indicators.is_some();
            let (zh, en) =
                if plan { (";不与规划目标对比", "; never compared with the plan's targets") } else { ("", "") };
            note(
                "sample",
                format!("示例数据:{row}为虚构,仅用于演示{zh}。"),
                format!("Sample data: the {rows} are invented, for demonstration only{en}."),
            );
        }
        if zone.schematic {
            note(
                "schematic",
                "范围为示意,不是法定或公布的边界。".into(),
                "The outline is schematic, not a legal or published boundary.".into(),
            );
        }
        let upper = format!("{}{}", rows[..1].to_uppercase(), &rows[1..]);
        note(
            "edge-rule",
            "有坐标的企业按点位归区,边界左、下含,右、上不含,每家只计一次;无坐标的企业只计入其填报区县。"
                .replace("企业", row)
                .replace('家', counter)
                .replace("区县", of_zone),
            "Located enterprises belong by their point (lower and left borders in, upper and right out), each once; unlocated ones only to their declared district."
                .replace("Located enterprises", &format!("Located {}", upper.to_lowercase()))
                .replace("district", of_zone_en),
        );
        let (zh, en) = spec.scope.as_ref().map_or_else(Default::default, |s| {
            (format!("({}内),不是全行业", s.zh), format!(" ({}), not all industries", s.en))
        });
        note(
            "lq-scope",
            format!("区位熵按{row}数计算,分母为本名录{zh}。"),
            format!("Location quotients are by number of {rows} within this register{en}."),
        );
        if self.question.secondary() {
            note(
                "secondary",
                format!("含兼属:一{counter}{row}可计入多个{class},各{class}之和大于合计。"),
                format!(
                    "Secondary {classes} included: one of the {rows} may count in several {classes}, so they add up to more than the total."
                ),
            );
        }
        if counts.mismatch > 0 {
            let (zh, en) = counted(counts.mismatch);
            note(
                "mismatch",
                format!("{zh}的点位与填报{of_zone}不一致,按点位计。"),
                format!("Position outside the declared {of_zone_en}: {en}, counted by position."),
            );
        }
        if let (Some(valid), Some(day)) = (&spec.valid, self.as_of()) {
            let (zh, en) = self.ends(valid);
            note(
                "as-of",
                format!("计 {day} 在册的{row}({zh})。"),
                format!("The {rows} counted are those there on {day} ({en})."),
            );
            if let Some(undated) = counts.undated.filter(|n| *n > 0) {
                let (zh, en) = counted(undated);
                note(
                    "undated",
                    format!("{zh}没有起始日期,计入其终止前的各年。"),
                    format!("Without a date of beginning and counted in every year before their end: {en}."),
                );
            }
        } else {
            note(
                "as-it-stands",
                format!("名录现状(不随年份):名录没有起止日期,各年{row}数相同,只有指标随年份变化。"),
                format!(
                    "Register as it stands (not by year): it has no dates of beginning or end, so the {rows} are the same in every year and only the figures differ."
                ),
            );
        }
        let periods: BTreeSet<Period> = spec.metrics.iter().filter_map(|m| self.period_of(m)).collect();
        if periods.len() > 1 {
            let years = periods.iter().all(|period| period.whole_year().is_some());
            let (of, of_en) = if years { ("年份", "year") } else { ("时期", "period") };
            let each = spec.metrics.iter().filter_map(|m| Some((m, self.period_of(m)?.words())));
            let (zh, en): (Vec<String>, Vec<String>) = each
                .map(|(m, period)| {
                    let title = m.title.en.to_lowercase();
                    (format!("{} {}", m.title.zh, period.zh), format!("{title} {}", period.en))
                })
                .unzip();
            note(
                "years",
                format!("各指标为其最近公布的{of}:{}。", zh.join("、")),
                format!("Each figure is of the latest {of_en} for which it is published: {}.", en.join(", ")),
            );
        }
        for m in &spec.metrics {
            let inside = m.title.en.to_lowercase();
            let (period, missing) = (self.period_of(m), totals[&m.id].missing);
            match period {
                None => {
                    let period = self.question.period().unwrap().words();
                    let zh = format!("{}未公布{}。", period.zh, m.title.zh);
                    note("not-published", zh, format!("Not published for {}: {inside}.", period.en));
                }
                Some(period) if missing > 0 => {
                    let (zh, en) = counted(missing);
                    let period = period.words();
                    note(
                        "missing",
                        format!("{zh}缺 {}{},未计入合计。", period.zh, m.title.zh),
                        format!("Without {inside} for {} and not in the sum: {en}.", period.en),
                    );
                }
                Some(_) => {}
            }
        }
        if withheld {
            note(
                "withheld",
                format!(
                    "部分合计涉及{row}过少、由一两{counter}{row}主导,或条件可指认单{counter}{row},按统计保密要求不显示。"
                ),
                format!(
                    "Some sums stand on too few {rows}, are mostly of one or two {rows}, or are under a condition that names single {rows}: withheld for statistical confidentiality."
                ),
            );
        }
        Ok(notes)
    }
}

/// Mean, quartiles and shares of the largest of ascending values.
/// The mix of classes, by the definitions.
fn class_mix<'c>(clusters: impl Iterator<Item = &'c ClusterRow>) -> ClassMix {
    let shares: Vec<f64> = clusters.filter_map(|c| c.share).collect();
    let of = |term: fn(f64) -> f64| (!shares.is_empty()).then(|| shares.iter().map(|s| term(*s)).sum::<f64>());
    ClassMix { hhi: of(|s| s * s), entropy: of(|s| if s > 0.0 { -s * s.ln() } else { 0.0 }) }
}

/// How evenly values are spread, by the definitions.
fn spread(values: &[i64]) -> Spread {
    let above: Vec<f64> = values.iter().filter(|v| **v > 0).map(|v| *v as f64).collect();
    let (n, sum, below) = (above.len() as f64, above.iter().sum::<f64>(), values.iter().filter(|v| **v < 0).count());
    let shares = above.iter().map(|v| v / sum);
    Spread {
        theil: (n > 0.0).then(|| shares.map(|s| s * (s * n).ln()).sum::<f64>().max(0.0)),
        above: above.len() as u64,
        below: below as u64,
    }
}

fn statistics_of(ascending: &[i64], unit: f64) -> Statistics {
    let n = ascending.len();
    let quartile = |q: usize| {
        let (low, part) = ((n - 1) * q / 4, ((n - 1) * q % 4) as f64 / 4.0);
        let high = (low + 1).min(n - 1);
        (ascending[low] as f64 * (1.0 - part) + ascending[high] as f64 * part) / unit
    };
    let sum: i64 = ascending.iter().sum();
    let largest = |k: usize| (sum != 0).then(|| ascending.iter().rev().take(k).sum::<i64>() as f64 / sum as f64);
    Statistics {
        mean: sum as f64 / unit / n as f64,
        q1: quartile(1),
        median: quartile(2),
        q3: quartile(3),
        top3_share: largest(3),
        top10_share: largest(10),
        hhi: (sum > 0 && ascending[0] >= 0)
            .then(|| ascending.iter().map(|v| (*v as f64 / sum as f64).powi(2)).sum::<f64>()),
    }
}

impl BoundQuestion for PlainQuestion {
    fn describe(&self) -> &Description {
        &self.world.about
    }

    fn question(&self) -> &Question {
        &self.question
    }

    fn collection(&self) -> usize {
        self.collection
    }

    fn period(&self) -> Option<Period> {
        self.question.period().or_else(|| self.world.about.default_period())
    }

    fn secondary(&self) -> bool {
        self.question.secondary()
    }

    fn disclosure(&self) -> Disclosure {
        self.disclosure
    }

    fn conditions(&self) -> BTreeMap<String, String> {
        self.conditions.clone()
    }

    fn area(&self) -> AreaInfo {
        self.info_of(self.question.area())
    }

    fn outline(&self) -> Option<&MultiPolygon<f64>> {
        self.outline.as_ref()
    }

    fn ask(&self, question: &Question) -> Result<Bound, QueryError> {
        PlainEngine(self.world.clone()).bind(question, self.disclosure)
    }

    fn summarize(&self) -> Result<Summary, QueryError> {
        let (register, spec) = self.register()?;
        let about = &self.world.about;
        let all: Vec<usize> = self.passing().iter().enumerate().filter(|(_, p)| **p).map(|(row, _)| row).collect();
        let (here, codes) = (self.matched(), self.codes());
        let ratio = |a: usize, b: usize| (b > 0).then(|| a as f64 / b as f64);
        let on_cluster = self
            .filter
            .iter()
            .flatten()
            .any(|f| f.to_string().contains(&format!("{{\"property\":\"{}\"}}", spec.cluster.as_deref().unwrap())));
        let mut totals = self.amounts(&here, self.question.statistics())?;
        let mut clusters = Vec::new();
        for place in 0..=codes.len() {
            let (of, city) = (self.of_cluster(&here, place), self.of_cluster(&all, place));
            if place == codes.len() && city.is_empty() {
                continue;
            }
            let entry = about.clusters().and_then(|c| c.entries.get(place));
            let (share, in_city) = (ratio(of.len(), here.len()), ratio(city.len(), all.len()));
            let lq = share.zip(in_city).filter(|(_, city)| !on_cluster && *city > 0.0).map(|(here, city)| here / city);
            let [both, area, class, whole] = [&of, &here, &city, &all].map(|rows| rows.len() as u64);
            let numbers = quotient::Counts { both, area, class, whole };
            clusters.push(ClusterRow {
                code: entry.map(|e| e.code.clone()),
                part: None,
                name: entry.map_or_else(|| Text::new("未分类", "Unclassified"), |e| e.name.clone()),
                mark: entry.map_or_else(|| "他".to_owned(), |e| e.mark.clone()),
                count: of.len() as u64,
                share,
                amounts: self.amounts(&of, self.question.statistics())?,
                share_of_city: ratio(of.len(), city.len()),
                lq,
                lq_test: lq.and_then(|_| numbers.test()),
                whole: numbers.class,
            });
        }
        let before = self.before(&here)?;
        let zone = self.area();
        let parts = clusters.iter_mut().map(|c| Some(&mut c.amounts)).collect();
        let table = DisclosureTable {
            lines: vec![DisclosureLine { total: &mut totals, parts }],
            parts_add_up: !self.question.secondary(),
            lines_add_up: false,
            withheld: too_small(&self.rules(), zone.kind, here.len() as u64),
        };
        self.disclosure.withhold(&self.rules(), table);
        for before in &before {
            let Before { now, period, answer, there } = before;
            let periods = (*now, *period);
            self.grow(&mut totals, periods, (&answer.totals, answer.counts.matched), there)?;
            for (place, cluster) in clusters.iter_mut().enumerate() {
                let rows = self.of_cluster(there, place);
                if let Some(of) = answer.clusters.iter().find(|of| of.code == cluster.code) {
                    self.grow(&mut cluster.amounts, periods, (&of.amounts, of.count), &rows)?;
                }
            }
        }
        let of_district = |row: usize| {
            let kinds = &about.zone_kinds;
            let mut zones = self.world.zones.iter().zip(&about.zones).filter(|(_, z)| kinds[z.kind].districts);
            zones.find(|(z, _)| z.members[row]).map(|(_, z)| z.id.as_str())
        };
        let count = |test: &dyn Fn(usize) -> bool| here.iter().filter(|row| test(**row)).count() as u64;
        let located = |row: usize| register.point(row).is_some();
        let counts = Counts {
            matched: here.len() as u64,
            by_point: count(&|row| located(row) && of_district(row).is_some()),
            by_declared: count(&|row| !located(row) && of_district(row).is_some()),
            mismatch: count(&|row| {
                let declared = declared(register, row).filter(|id| about.is_district(id));
                located(row) && declared.is_some() && declared != of_district(row)
            }),
            located: count(&located),
            unlocated: count(&|row| !located(row)),
            undated: register.spec.register.as_ref().and_then(|r| r.valid.as_ref()).map(|valid| {
                count(&|row| valid.from.as_ref().is_none_or(|from| register.property(row, from).is_null()))
            }),
        };
        let withheld = totals.values().chain(clusters.iter().flat_map(|c| c.amounts.values())).any(|a| a.withheld);
        let notes = self.notes(&zone, &counts, &totals, withheld)?;
        let class_mix = class_mix(clusters.iter().filter(|_| !self.question.secondary()));
        Ok(Summary {
            revision: about.revision.clone(),
            dataset: about.manifest.id.clone(),
            sample: about.sample(),
            period: self.period(),
            as_of: self.as_of(),
            secondary: self.question.secondary(),
            filter: self.conditions.clone(),
            scope: None,
            zone,
            counts,
            overlap: None,
            totals,
            classes: None,
            clusters,
            class_mix,
            city: CityInfo { count: all.len() as u64 },
            notes,
        })
    }

    fn zones(&self) -> Result<ZoneList, QueryError> {
        let about = &self.world.about;
        let passing = self.passing();
        let kind = self.question.zone_kind();
        let partition = kind.is_some() && about.district_kind().map(|k| k.id.as_str()) == kind;
        let wanted = about.zones.iter().filter(|z| kind.is_none_or(|k| about.zone_kinds[z.kind].id == k));
        let mut areas: Vec<BaseArea> = wanted.map(|z| BaseArea::zone(z.id.clone())).collect();
        let zones = areas.len();
        if partition {
            areas.extend(["outside", "undeclared"].map(BaseArea::zone));
        }
        let (mut list, mut members) = (Vec::new(), Vec::new());
        for area in &areas {
            let here = self.in_base(area, self.collection);
            let rows: Vec<usize> = (0..here.len()).filter(|&row| here[row] && passing[row]).collect();
            list.push(self.zone_row(area, &rows)?);
            members.push(rows);
        }
        let all: Vec<usize> = (0..passing.len()).filter(|&row| passing[row]).collect();
        let (mut amounts, mut clusters) = (self.amounts(&all, self.question.statistics())?, self.cluster_counts(&all)?);
        // clusters by their place in the codelist, those of none last
        let codes = self.codes();
        let lines = list.iter_mut().map(|row| (&mut row.amounts, &mut row.clusters));
        let lines = lines.chain([(&mut amounts, &mut clusters)]).map(|(total, clusters)| {
            let mut parts: Vec<Option<&mut Amounts>> = (0..=codes.len()).map(|_| None).collect();
            for ClusterCount { code, amounts, .. } in clusters {
                let place = codes.iter().position(|c| Some(c) == code.as_ref()).unwrap_or(codes.len());
                parts[place] = Some(amounts);
            }
            DisclosureLine { total, parts }
        });
        let table = DisclosureTable {
            lines: lines.collect(),
            parts_add_up: !self.question.secondary(),
            lines_add_up: partition,
            withheld: false,
        };
        self.disclosure.withhold(&self.rules(), table);
        for periods in self.earlier()? {
            let question = self.question.clone().with_growth(false).since(None).with_statistics(false);
            let then = self.ask(&question.in_period(Some(periods.1)))?.zones()?;
            let there = |rows: &[usize]| -> Vec<usize> {
                rows.iter().copied().filter(|row| there_in(self.rows(), *row, Some(periods.1))).collect()
            };
            for (row, rows) in list.iter_mut().zip(&members) {
                let of = then.zones.iter().chain(&then.rest).find(|of| of.id == row.id).unwrap();
                self.grow(&mut row.amounts, periods, (&of.amounts, of.count), &there(rows))?;
            }
            self.grow(&mut amounts, periods, (&then.city.amounts, then.city.count), &there(&all))?;
        }
        let rest = list.split_off(zones);
        let city = CityRow { count: all.len() as u64, amounts, clusters };
        Ok(ZoneList {
            revision: about.revision.clone(),
            period: self.period(),
            as_of: self.as_of(),
            partition,
            zones: list,
            parent: None,
            rest,
            city,
        })
    }

    fn place(&self, id: &str, k: usize) -> Option<FeaturePlace> {
        let (world, rows) = (&self.world, self.rows());
        let row = rows.find(id)?;
        let at = rows.point(row);
        let of_register = rows.spec.register.as_ref();
        let holds = |zone: &Zone| match (of_register, at) {
            (Some(_), _) => zone.members[row],
            (None, Some(at)) => inside(&zone.polygon, at),
            (None, None) => false,
        };
        let mut zones: Vec<&ZoneInfo> =
            world.zones.iter().zip(&world.about.zones).filter(|(zone, _)| holds(zone)).map(|(_, info)| info).collect();
        zones.sort_by_key(|zone| world.about.zone_kinds[zone.kind].level);
        let class = |row: usize| of_register.and_then(|r| rows.word(row, r.cluster.as_deref()?));
        let passing = self.passing();
        let mut near: Vec<(f64, usize)> = (0..rows.len())
            .filter(|&other| other != row && passing[other] && (class(row).is_none() || class(other) == class(row)))
            .filter_map(|other| Some((Geodesic.distance(Point::from(at?), Point::from(rows.point(other)?)), other)))
            .collect();
        near.sort_by(|a, b| a.0.total_cmp(&b.0));
        near.truncate(k);
        let neighbour = |(distance_m, row): (f64, usize)| Neighbour {
            id: rows.id(row).to_owned(),
            name: rows.name(row).to_owned(),
            name_en: rows.name_en(row).to_owned(),
            distance_m,
            position: rows.point(row).map(|(x, y)| [x, y]).unwrap_or_default(),
        };
        Some(FeaturePlace {
            id: id.to_owned(),
            by: if at.is_some() { Some(PlacedBy::Point) } else { zones.first().map(|_| PlacedBy::Declared) },
            zones: zones
                .into_iter()
                .map(|zone| ZoneName {
                    id: zone.id.clone(),
                    name: zone.name.clone(),
                    name_en: zone.name_en.clone(),
                    zone_kind: world.about.zone_kinds[zone.kind].id.clone(),
                })
                .collect(),
            class: class(row).map(str::to_owned),
            nearest: near.into_iter().map(neighbour).collect(),
        })
    }

    fn overlaps(&self) -> Result<Vec<ZoneOverlap>, QueryError> {
        let (Some(shape), mine) = (&self.outline, self.matched()) else { return Ok(vec![]) };
        let about = &self.world.about;
        let common = |zone: &Zone| measure::area_km2(&shape.intersection(&zone.polygon));
        let row = |(zone, info): (&Zone, &ZoneInfo)| ZoneOverlap {
            zone: ZoneName {
                id: info.id.clone(),
                name: info.name.clone(),
                name_en: info.name_en.clone(),
                zone_kind: about.zone_kinds[info.kind].id.clone(),
            },
            schematic: info.schematic,
            area_km2: common(zone),
            zone_km2: measure::area_km2(&zone.polygon),
            count: mine.iter().filter(|row| zone.members[**row]).count() as u64,
        };
        let all = self.world.zones.iter().zip(&about.zones).map(row);
        Ok(all.filter(|overlap| overlap.area_km2 >= 1e-6).collect())
    }

    fn platforms(&self) -> Vec<PlatformRow> {
        let world = &self.world;
        let Some(place) = world.collections.iter().position(|c| c.spec.role == Role::Platforms) else { return vec![] };
        let (platforms, here, passing) = (&world.collections[place], self.in_area(place), self.passing());
        let own = self.question.area().zone();
        let names = |row: usize, id: &str| {
            platforms.property(row, "districts").as_array().is_some_and(|list| list.iter().any(|d| d == id))
        };
        let belongs = |row: &usize| here[*row] || own.is_some_and(|id| platforms.id(*row) == id || names(*row, id));
        let line = |row: usize| {
            let word = |name: &str| platforms.word(row, name).map(str::to_owned);
            let zone = world.about.zones.iter().position(|z| z.id == platforms.id(row)).map(|z| &world.zones[z]);
            let rows = zone.map(|z| (0..passing.len()).filter(|&r| z.members[r] && passing[r]).collect::<Vec<_>>());
            let amounts = rows.as_ref().and_then(|rows| {
                let mut amounts = self.amounts(rows, self.question.statistics()).ok()?;
                let lines = vec![DisclosureLine::single(&mut amounts)];
                let table = DisclosureTable { lines, parts_add_up: false, lines_add_up: false, withheld: false };
                self.disclosure.withhold(&self.rules(), table);
                Some(amounts)
            });
            PlatformRow {
                id: platforms.id(row).to_owned(),
                name: platforms.name(row).to_owned(),
                name_en: platforms.name_en(row).to_owned(),
                status: word("status"),
                status_note: word("status_note"),
                basis: word("basis"),
                precision_m: platforms.property(row, "precision_m").as_i64(),
                source: word("source"),
                count: rows.map(|rows| rows.len() as u64),
                amounts: amounts.unwrap_or_default(),
            }
        };
        (0..platforms.len()).filter(belongs).map(line).collect()
    }

    fn count(&self) -> usize {
        self.matched().len()
    }

    fn select(&self, offset: usize, limit: usize) -> Selection {
        let rows = self.rows();
        let mut matched = self.matched();
        matched.sort_by(|a, b| {
            let key = |k: &shigu::core::query::SortBy| by(rows, k.property(), k.descending(), *a, *b);
            self.question.sort().iter().map(key).find(|o| o.is_ne()).unwrap_or(Ordering::Equal)
        });
        let page = matched.iter().skip(offset).take(limit).map(|&row| row as u32).collect();
        Selection::new(rows.clone(), page, self.disclosure.columns(&rows.spec), matched.len())
    }

    fn near(&self, bounds: &Bounds) -> Selection {
        let rows = self.rows();
        let shapes = !self.world.about.collections[self.collection].points;
        let meets = |row: &usize| rows.geometries[*row].as_ref().is_some_and(|g| Bounds::of(g).intersects(bounds));
        let near: Vec<u32> =
            self.matched().into_iter().filter(|row| shapes && meets(row)).map(|row| row as u32).collect();
        let matched = near.len();
        self.classed(Selection::new(rows.clone(), near, self.disclosure.columns(&rows.spec), matched))
    }

    fn classed(&self, selection: Selection) -> Selection {
        if self.rows().spec.register.is_none() {
            return selection;
        }
        let groups = selection.rows().iter().map(|row| self.cluster_of(*row as usize)).collect();
        selection.with_classes(groups, self.shown_metrics())
    }

    fn points(&self, tile: TileId, detail: Detail) -> Option<TilePoints> {
        let (rows, info) = (self.rows(), &self.world.about.collections[self.collection]);
        if !info.points {
            return None;
        }
        let spec = rows.spec.register.as_ref();
        let fine = |row: usize| {
            let metres = spec.and_then(|s| s.precision_m.as_ref()).and_then(|name| rows.property(row, name).as_f64());
            metres.is_none_or(|m| m <= 1500.0)
        };
        let place = |row: usize| rows.point(row).map(|(x, y)| mercator::project(x, y));
        let cell = |(x, y): (u32, u32), z: u8| (u64::from(x) >> (32 - z), u64::from(y) >> (32 - z));
        let here: Vec<(usize, (u32, u32))> = self
            .matched()
            .into_iter()
            .filter(|row| fine(*row))
            .filter_map(|row| Some((row, place(row)?)))
            .filter(|(_, at)| tile.z == 0 || cell(*at, tile.z) == (tile.x.into(), tile.y.into()))
            .collect();
        let bits = match detail {
            Detail::Rows => None,
            Detail::RowsUpTo(most, bits) => (here.len() > most).then_some(bits),
            Detail::Cells(bits) => Some(bits),
        };
        let mut cells: BTreeMap<(u64, u64), Vec<Placed>> = BTreeMap::new();
        for (n, &(row, at)) in (0u64..).zip(&here) {
            let key = bits.map_or((n, 0), |bits| cell(at, tile.z + bits));
            cells.entry(key).or_default().push((row, at));
        }
        let metrics = self.shown_metrics();
        let (mut marks, mut sums) = (Vec::new(), Vec::new());
        for in_cell in cells.values() {
            let of: Vec<usize> = in_cell.iter().map(|c| c.0).collect();
            let mean = |axis: fn(&(u32, u32)) -> u32| {
                (in_cell.iter().map(|c| u64::from(axis(&c.1))).sum::<u64>() / in_cell.len() as u64) as u32
            };
            let leading = |place: &usize| (self.of_cluster(&of, *place).len(), std::cmp::Reverse(*place));
            let cluster = match of.as_slice() {
                _ if spec.is_none() => self.codes().len(),
                [one] => self.cluster_of(*one),
                _ => (0..=self.codes().len()).max_by_key(leading).unwrap_or(0),
            };
            marks.push(Mark {
                count: of.len() as u64,
                row: of[0] as u32,
                at: in_cell[0].1,
                mean: (mean(|c| c.0), mean(|c| c.1)),
                cluster,
                mix: if spec.is_some() && of.len() > 1 { self.mix(&of) } else { [Share::default(); 3] },
            });
            for amount in self.amounts(&of, false).unwrap_or_default().values().filter(|_| spec.is_some()) {
                let may = of.len() > 1 && amount.reported >= self.disclosure.minimum(&self.rules());
                sums.push(amount.sum.filter(|_| may));
            }
        }
        let columns = self.disclosure.columns(&rows.spec);
        let points = TilePoints::new(rows.clone(), columns, marks, bits);
        Some(if spec.is_some() { points.with_sums(metrics, sums) } else { points })
    }
}

/// The answer to a question of an earlier period.
struct Before {
    /// The period that is compared with it.
    now: Period,
    period: Period,
    answer: Summary,
    /// The rows in question that were there then.
    there: Vec<usize>,
}

/// The order of two rows by a property: without a value last, either way.
fn by(rows: &Rows, property: &str, descending: bool, a: usize, b: usize) -> Ordering {
    let value = |row: usize| if property == "id" { &rows.features[row]["id"] } else { rows.property(row, property) };
    let order = match (value(a), value(b)) {
        (Value::Null, Value::Null) => return Ordering::Equal,
        (Value::Null, _) => return Ordering::Greater,
        (_, Value::Null) => return Ordering::Less,
        (Value::String(a), Value::String(b)) => a.cmp(b),
        (a, b) => a.as_f64().partial_cmp(&b.as_f64()).unwrap_or(Ordering::Equal),
    };
    if descending { order.reverse() } else { order }
}

/// Whether a row is there at the end of a year; rows of collections without dates always are.
fn there_in(rows: &Rows, row: usize, period: Option<Period>) -> bool {
    let Some((valid, period)) = rows.spec.register.as_ref().and_then(|r| r.valid.as_ref()).zip(period) else {
        return true;
    };
    // a year as an end is its last day
    let day = |name: &Option<String>, of_year: &str| match rows.property(row, name.as_deref()?) {
        Value::String(day) => Some(day[..10].to_owned()),
        Value::Number(year) => Some(format!("{year}-{of_year}")),
        _ => None,
    };
    let last = format!("{}-12-31", period.whole_year().expect("these have years"));
    day(&valid.from, "01-01").is_none_or(|from| from <= last) && day(&valid.to, "12-31").is_none_or(|to| to > last)
}
