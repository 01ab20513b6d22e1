//! Lines, polygons and mixed geometries: an R-tree over their boxes, and their positions in Web Mercator for tiles.

use crate::geometry::simplify::{self, Position};
use crate::geometry::{Bounds, measure, mercator};
use geo::{Coord, Geometry, LineString, MultiPolygon, Polygon};
use rstar::primitives::{GeomWithData, Rectangle};
use rstar::{AABB, RTree, RTreeParams};

/// Wide nodes: 40 % faster and a quarter smaller than the default for trees that are built once.
#[derive(Debug)]
struct Wide;
impl RTreeParams for Wide {
    const MIN_SIZE: usize = 8;
    const MAX_SIZE: usize = 16;
    const REINSERTION_COUNT: usize = 5;
    type DefaultInsertionStrategy = rstar::RStarInsertionStrategy;
}

type Boxed = GeomWithData<Rectangle<[f64; 2]>, u32>;

/// A geometry in the square of the world.
#[derive(Clone, Debug, PartialEq)]
pub enum Shape {
    /// Points.
    Points(Vec<Position>),
    /// Lines.
    Lines(Vec<Path>),
    /// Polygons: the exterior ring, then holes.
    Polygons(Vec<Vec<Path>>),
}

/// A line, or a ring that does not repeat its first position.
#[derive(Clone, Debug, PartialEq)]
pub struct Path {
    positions: Vec<Position>,
    /// From which zoom on each is drawn; empty when all are at every zoom.
    zooms: Vec<u8>,
}

impl Path {
    /// All positions.
    pub fn positions(&self) -> &[Position] {
        &self.positions
    }

    /// The positions to draw at a zoom.
    pub fn at(&self, zoom: u8) -> impl Iterator<Item = Position> + '_ {
        let drawn = move |i: &usize| zoom >= simplify::WHOLE || self.zooms.get(*i).is_none_or(|z| *z <= zoom);
        (0..self.positions.len()).filter(drawn).map(|i| self.positions[i])
    }
}

impl Shape {
    /// A geometry in the square of the world; a collection of geometries is several.
    pub fn of(g: &Geometry<f64>) -> Vec<Self> {
        let at = |c: &Coord<f64>| mercator::project(c.x, c.y);
        let line = |l: &LineString<f64>| Path { positions: l.coords().map(at).collect(), zooms: vec![] };
        let ring = |l: &LineString<f64>| {
            let mut r = line(l);
            r.positions.pop();
            r
        };
        let polygon =
            |p: &Polygon<f64>| std::iter::once(ring(p.exterior())).chain(p.interiors().iter().map(ring)).collect();
        match g {
            Geometry::Point(p) => vec![Self::Points(vec![at(&p.0)])],
            Geometry::MultiPoint(m) => vec![Self::Points(m.iter().map(|p| at(&p.0)).collect())],
            Geometry::Line(l) => vec![Self::Lines(vec![line(&LineString::from(*l))])],
            Geometry::LineString(l) => vec![Self::Lines(vec![line(l)])],
            Geometry::MultiLineString(m) => vec![Self::Lines(m.iter().map(line).collect())],
            Geometry::Polygon(p) => vec![Self::Polygons(vec![polygon(p)])],
            Geometry::MultiPolygon(m) => vec![Self::Polygons(m.iter().map(polygon).collect())],
            Geometry::Rect(r) => vec![Self::Polygons(vec![polygon(&r.to_polygon())])],
            Geometry::Triangle(t) => vec![Self::Polygons(vec![polygon(&t.to_polygon())])],
            Geometry::GeometryCollection(c) => c.iter().flat_map(Self::of).collect(),
        }
    }

    /// Geometries in the square of the world, each vertex with the zoom from which on it is drawn. What they share they keep
    /// sharing.
    pub fn simplified<'a>(geometries: impl Iterator<Item = Option<&'a Geometry<f64>>>) -> Vec<Vec<Self>> {
        let mut parts: Vec<Vec<Self>> = geometries.map(|g| g.map(Self::of).unwrap_or_default()).collect();
        let mut paths: Vec<(&mut Path, bool)> = parts.iter_mut().flatten().flat_map(Self::paths).collect();
        let whole: Vec<simplify::Path> =
            paths.iter().map(|(p, closed)| simplify::Path { positions: &p.positions, closed: *closed }).collect();
        if let Some(zooms) = simplify::zooms(&whole) {
            paths.iter_mut().zip(zooms).for_each(|((path, _), zooms)| path.zooms = zooms);
        }
        parts
    }

    /// Its paths, and whether they are rings.
    fn paths(&mut self) -> Vec<(&mut Path, bool)> {
        match self {
            Self::Points(_) => vec![],
            Self::Lines(lines) => lines.iter_mut().map(|line| (line, false)).collect(),
            Self::Polygons(polygons) => polygons.iter_mut().flatten().map(|ring| (ring, true)).collect(),
        }
    }
}

/// The index of a collection that is not one of points only.
#[derive(Debug)]
pub struct Shapes {
    tree: RTree<Boxed, Wide>,
    parts: Vec<Vec<Shape>>,
    labels: Vec<Option<Position>>,
    /// In degrees; empty where rows other than points lie nowhere.
    places: Vec<Option<Coord<f64>>>,
}

impl Shapes {
    /// The index over geometries; with `placed` each row lies where one point stands for it.
    pub(super) fn new(geometries: &[Option<Geometry<f64>>], placed: bool) -> Self {
        let boxed = |(row, g): (usize, &Option<Geometry<f64>>)| {
            let b = Bounds::of(g.as_ref()?);
            let corners = Rectangle::from_corners([b.west, b.south], [b.east, b.north]);
            (!b.is_empty()).then(|| Boxed::new(corners, row as u32))
        };
        let boxes = geometries.iter().enumerate().filter_map(boxed).collect();
        let parts = Shape::simplified(geometries.iter().map(Option::as_ref));
        let labels = geometries.iter().map(|g| label_of(g.as_ref()?)).collect();
        let place = |g: &Option<Geometry<f64>>| g.as_ref().and_then(measure::representative_point);
        let places = if placed { geometries.iter().map(place).collect() } else { vec![] };
        Self { tree: RTree::bulk_load_with_params(boxes), parts, labels, places }
    }

    /// The point in degrees that stands for a row, where rows have one.
    pub fn place(&self, row: usize) -> Option<Coord<f64>> {
        self.places.get(row).copied().flatten()
    }

    /// The rows whose boxes meet the box, ascending.
    pub fn search(&self, b: &Bounds) -> Vec<u32> {
        let envelope = AABB::from_corners([b.west, b.south], [b.east, b.north]);
        let mut rows: Vec<u32> = self.tree.locate_in_envelope_intersecting(envelope).map(|g| g.data).collect();
        rows.sort_unstable();
        rows
    }

    /// Where to write a row's name.
    pub fn label(&self, row: usize) -> Option<Position> {
        self.labels[row]
    }

    /// The geometry of a row in the square of the world; a collection of geometries has several parts.
    pub fn shape(&self, row: usize) -> &[Shape] {
        &self.parts[row]
    }
}

/// Where a name is written: inside a polygon, at the end of a line; points carry their names themselves.
fn label_of(g: &Geometry<f64>) -> Option<Position> {
    let at = match g {
        Geometry::Polygon(p) => measure::label_point(&MultiPolygon(vec![p.clone()])),
        Geometry::MultiPolygon(m) => measure::label_point(m),
        Geometry::LineString(l) => l.coords().last().copied(),
        _ => None,
    };
    at.map(|c| mercator::project(c.x, c.y))
}
