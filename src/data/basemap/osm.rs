//! An extract of OpenStreetMap (`.osm.pbf`) as the features of a base map. The file is read four times, so that only what
//! lies in the box is held: which nodes are inside, which ways have one of them, the other ways of their areas, the
//! positions of all their nodes.

use super::class::{Form, Tags, boundary, class_of};
use super::coast;
use super::rings::{areas, joined};
use crate::core::basemap::{BaseClass, BaseFeature, BaseLayer, BaseMap};
use crate::core::geometry::Bounds;
use crate::core::model::Text;
use geo::{Coord, Geometry, LineString, MultiLineString, MultiPolygon, Point, Polygon, Rect};
use osmpbf::{Element, ElementReader, RelMemberType};
use rustc_hash::{FxHashMap, FxHashSet};
use std::path::Path;

/// Why an extract can't be read, in both languages.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", .0.en)]
pub struct ExtractError(pub Text);

/// What was read, and what was left out.
#[derive(Debug)]
pub struct Extract {
    /// The base map.
    pub map: BaseMap,
    /// Areas whose outline is not whole in the file.
    pub broken: usize,
    /// Whether coastlines end inside the box, so that the sea could not be told from the land.
    pub coast_open: bool,
}

type Names = [Option<Box<str>>; 3];

struct Way {
    nodes: Vec<i64>,
    class: BaseClass,
    area: bool,
    names: Names,
}

struct Relation {
    members: Vec<i64>,
    class: BaseClass,
    names: Names,
}

struct Held<'a>(Vec<(&'a str, &'a str)>);

impl Tags for Held<'_> {
    fn tag(&self, key: &str) -> Option<&str> {
        self.0.iter().find(|(k, _)| *k == key).map(|(_, v)| *v)
    }
}

impl Held<'_> {
    fn names(&self) -> Names {
        let of = |key: &str| self.tag(key).map(str::trim).filter(|name| !name.is_empty()).map(Box::from);
        [of("name"), of("name:zh"), of("name:en")]
    }
}

/// Reads what a base map of a box draws. `boundaries` of administrative areas are left out unless asked for: in many
/// countries those of a published map need an approval that OpenStreetMap has not.
pub fn extract(path: &Path, bounds: &Bounds, boundaries: bool) -> Result<Extract, ExtractError> {
    let mut reading = Reading::new(*bounds, boundaries);
    each(path, |element| reading.nodes_inside(&element))?;
    reading.inside.sort_unstable();
    each(path, |element| reading.ways_inside(element))?;
    reading.relations.retain(|r| r.members.iter().any(|id| reading.touching.contains(id)));
    let members: FxHashSet<i64> = reading.relations.iter().flat_map(|r| r.members.iter().copied()).collect();
    let mut lines: FxHashMap<i64, Vec<i64>> = FxHashMap::default();
    if !members.is_empty() {
        each(path, |element| {
            if let Element::Way(way) = element
                && members.contains(&way.id())
            {
                lines.insert(way.id(), way.refs().collect());
            }
        })?;
    }
    let places = reading.positions(path, &lines)?;
    Ok(reading.finish(&lines, &places))
}

/// Calls for each element of the file, in its order.
fn each(path: &Path, mut take: impl FnMut(Element<'_>)) -> Result<(), ExtractError> {
    let fail = |e: osmpbf::Error| {
        let file = path.display();
        ExtractError(Text::new(
            format!("{file} 不是可读的 OpenStreetMap 数据(.osm.pbf):{e}。请重新下载后再试"),
            format!("{file} can't be read as an extract of OpenStreetMap (.osm.pbf): {e}. Download it again"),
        ))
    };
    ElementReader::from_path(path).and_then(|reader| reader.for_each(&mut take)).map_err(fail)
}

struct Reading {
    bounds: Bounds,
    boundaries: bool,
    inside: Vec<i64>,
    points: Vec<BaseFeature>,
    ways: Vec<Way>,
    coasts: Vec<Vec<i64>>,
    /// Ways with a node inside.
    touching: FxHashSet<i64>,
    relations: Vec<Relation>,
}

/// Positions of nodes, by ascending number.
struct Places {
    ids: Vec<i64>,
    at: Vec<[i32; 2]>,
}

impl Places {
    fn get(&self, id: i64) -> Option<Coord<f64>> {
        let [x, y] = *self.at.get(self.ids.binary_search(&id).ok()?)?;
        // a node that the file does not have
        (x != i32::MAX).then(|| Coord { x: f64::from(x) / 1e7, y: f64::from(y) / 1e7 })
    }

    /// The positions of a line; those that the file does not have are left out.
    fn line(&self, nodes: &[i64]) -> LineString<f64> {
        LineString(nodes.iter().filter_map(|id| self.get(*id)).collect())
    }
}

impl Reading {
    fn new(bounds: Bounds, boundaries: bool) -> Self {
        let (inside, points, ways, coasts, relations) = (vec![], vec![], vec![], vec![], vec![]);
        Self { bounds, boundaries, inside, points, ways, coasts, touching: FxHashSet::default(), relations }
    }

    fn nodes_inside(&mut self, element: &Element<'_>) {
        let (id, x, y, tags) = match element {
            Element::Node(n) => (n.id(), n.lon(), n.lat(), Held(n.tags().collect())),
            Element::DenseNode(n) => (n.id(), n.lon(), n.lat(), Held(n.tags().collect())),
            _ => return,
        };
        if !self.bounds.contains(x, y) {
            return;
        }
        self.inside.push(id);
        if let Some(class) = class_of(&tags, Form::Point) {
            let names = tags.names();
            // a place without a name says nothing
            if names.iter().any(Option::is_some) {
                self.points.push(BaseFeature { class, names, geometry: Geometry::Point(Point::new(x, y)) });
            }
        }
    }

    fn ways_inside(&mut self, element: Element<'_>) {
        match element {
            Element::Way(way) => {
                if !way.refs().any(|node| self.inside.binary_search(&node).is_ok()) {
                    return;
                }
                self.touching.insert(way.id());
                let tags = Held(way.tags().collect());
                let nodes: Vec<i64> = way.refs().collect();
                if tags.tag("natural") == Some("coastline") {
                    self.coasts.push(nodes);
                    return;
                }
                let closed = nodes.len() > 3 && nodes.first() == nodes.last();
                let as_area = closed.then(|| class_of(&tags, Form::Area)).flatten();
                let class = as_area.or_else(|| class_of(&tags, Form::Line));
                if let Some(class) = class {
                    self.ways.push(Way { nodes, class, area: as_area.is_some(), names: tags.names() });
                }
            }
            Element::Relation(relation) => {
                let tags = Held(relation.tags().collect());
                let class = match tags.tag("type") {
                    Some("boundary") if self.boundaries && tags.tag("boundary") == Some("administrative") => {
                        tags.tag("admin_level").and_then(boundary)
                    }
                    Some("multipolygon" | "boundary") => class_of(&tags, Form::Area),
                    _ => None,
                };
                let Some(class) = class else { return };
                let ways = relation.members().filter(|m| m.member_type == RelMemberType::Way).map(|m| m.member_id);
                self.relations.push(Relation { members: ways.collect(), class, names: tags.names() });
            }
            _ => {}
        }
    }

    /// The positions of all nodes that something is made of.
    fn positions(&self, path: &Path, lines: &FxHashMap<i64, Vec<i64>>) -> Result<Places, ExtractError> {
        let ways = self.ways.iter().map(|w| &w.nodes).chain(&self.coasts).chain(lines.values());
        let mut ids: Vec<i64> = ways.flatten().copied().collect();
        ids.sort_unstable();
        ids.dedup();
        let mut at = vec![[i32::MAX; 2]; ids.len()];
        each(path, |element| {
            let (id, x, y) = match &element {
                Element::Node(n) => (n.id(), n.decimicro_lon(), n.decimicro_lat()),
                Element::DenseNode(n) => (n.id(), n.decimicro_lon(), n.decimicro_lat()),
                _ => return,
            };
            if let Ok(place) = ids.binary_search(&id) {
                at[place] = [x, y];
            }
        })?;
        Ok(Places { ids, at })
    }

    fn finish(self, lines: &FxHashMap<i64, Vec<i64>>, places: &Places) -> Extract {
        let mut features = self.points;
        let mut broken = 0;
        for way in self.ways {
            let line = places.line(&way.nodes);
            let geometry = if way.area {
                if line.0.len() < 4 || !line.is_closed() {
                    broken += 1;
                    continue;
                }
                Geometry::Polygon(Polygon::new(line, vec![]))
            } else if line.0.len() > 1 {
                Geometry::LineString(line)
            } else {
                continue;
            };
            features.push(BaseFeature { class: way.class, names: way.names, geometry });
        }
        for relation in self.relations {
            let parts: Vec<Vec<i64>> = relation.members.iter().filter_map(|id| lines.get(id).cloned()).collect();
            let geometry = if relation.class.layer == BaseLayer::Boundaries {
                let lines = parts.iter().map(|nodes| places.line(nodes)).filter(|l| l.0.len() > 1).collect();
                Geometry::MultiLineString(MultiLineString(lines))
            } else {
                let found = joined(&parts, false);
                // an outline that is cut off at the edge of the extract can't be closed
                broken += usize::from(!found.open.is_empty());
                let rings = found.rings.iter().map(|nodes| places.line(nodes));
                let area: MultiPolygon<f64> = areas(rings.filter(|r| r.is_closed() && r.0.len() > 3).collect());
                if area.0.is_empty() {
                    continue;
                }
                Geometry::MultiPolygon(area)
            };
            features.push(BaseFeature { class: relation.class, names: relation.names, geometry });
        }
        let coasts = joined(&self.coasts, true);
        let coasts: Vec<LineString<f64>> =
            coasts.rings.iter().chain(&coasts.open).map(|nodes| places.line(nodes)).collect();
        let sea = coast::sea(&coasts, &self.bounds);
        let coast_open = sea.is_none();
        if let Some(sea) = sea {
            let mut add = |layer, kind, geometry| {
                let class = BaseClass { layer, kind, detail: "", zoom: 0 };
                features.push(BaseFeature { class, names: Names::default(), geometry });
            };
            let Bounds { west, south, east, north } = self.bounds;
            let (low, high) = (Coord { x: west, y: south }, Coord { x: east, y: north });
            // land below everything, and the sea over it
            add(BaseLayer::Earth, "earth", Geometry::Polygon(Rect::new(low, high).to_polygon()));
            if !sea.0.is_empty() {
                add(BaseLayer::Water, "ocean", Geometry::MultiPolygon(sea));
            }
        }
        Extract { map: BaseMap { features, bounds: self.bounds }, broken, coast_open }
    }
}
