//! What a trial zone lies near: parts of the layout, and platforms inside.

use crate::core::cancel;
use crate::core::model::{Geometries, Role, Text};
use crate::core::query::Question;
use crate::core::query::engine::Bound;
use crate::core::query::query_error::QueryError;
use crate::core::query::selection::Selection;
use crate::core::stats::plane::Plane;
use geo::{BoundingRect, Coord, Distance, Euclidean, Geometry, MapCoords, MultiPolygon, Point};
use serde::Serialize;

/// The property that says which part of a layout a feature is.
const PART: &str = "kind";

/// The feature that is nearest to an area.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct TrialNeighbour {
    /// Feature id.
    pub id: String,
    /// Name.
    pub name: Text,
    /// Metres between their nearest points; 0 where they meet.
    pub metres: f64,
}

/// How far an area is from a part of the layout.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LayoutDistance {
    /// The collection.
    pub collection: String,
    /// The part, where the manifest divides the collection: a value of its property `kind`.
    pub part: Option<String>,
    /// What it is called.
    pub title: Text,
    /// Whether the features are schematic (示意).
    pub schematic: bool,
    /// The nearest feature of the trial zone.
    pub nearest: TrialNeighbour,
    /// That of the area as it was.
    pub baseline: TrialNeighbour,
}

/// A platform whose position lies in the area.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PlatformInside {
    /// Feature id.
    pub id: String,
    /// Name.
    pub name: Text,
    /// `existing`, `planned` or `later`, where the data says so.
    pub status: Option<String>,
}

/// The platforms whose positions lie in the area of a question, by their ids.
pub(super) fn platforms(bound: &Bound) -> Result<Vec<PlatformInside>, QueryError> {
    let question = bound.question();
    let mut out = Vec::new();
    for collection in bound.describe().collections.iter().filter(|c| c.spec.role == Role::Platforms) {
        let inside = Question::of(&collection.spec.id).within(question.area().clone()).repaired(question.repair());
        let found = bound.ask(&inside)?.select(0, usize::MAX);
        let source = found.source();
        out.extend(found.rows().iter().map(|row| *row as usize).map(|row| PlatformInside {
            id: source.id(row).to_owned(),
            name: Text::new(source.name(row), source.name_en(row)),
            status: source.text("status", row).map(str::to_owned),
        }));
    }
    out.sort_by(|a, b| a.id.cmp(&b.id));
    Ok(out)
}

/// The nearest feature of each part of the layout, in the manifest's order, to the area and to what it was.
pub(super) fn distances(bound: &Bound, baseline: &Bound) -> Result<Vec<LayoutDistance>, QueryError> {
    let outlines = [bound, baseline].map(|of| of.outline().and_then(Outlined::new));
    let [Some(here), Some(before)] = outlines else { return Ok(vec![]) };
    let mut out = Vec::new();
    for collection in bound.describe().collections.iter().filter(|c| c.spec.role == Role::Layout) {
        let spec = &collection.spec;
        let all = bound.ask(&Question::of(&spec.id))?.select(0, usize::MAX);
        let parts = spec.parts.iter().map(|part| (Some(part.value.as_str()), &part.title));
        let whole = spec.parts.is_empty().then_some((None, &spec.title));
        for (part, title) in parts.chain(whole) {
            cancel::check();
            let of_part = |row: &usize| part.is_none_or(|part| all.source().text(PART, *row) == Some(part));
            let rows: Vec<usize> = all.rows().iter().map(|row| *row as usize).filter(of_part).collect();
            let (Some(nearest), Some(was)) = (here.nearest(&all, &rows), before.nearest(&all, &rows)) else { continue };
            out.push(LayoutDistance {
                collection: spec.id.clone(),
                part: part.map(str::to_owned),
                title: title.clone(),
                schematic: spec.schematic,
                nearest,
                baseline: was,
            });
        }
    }
    Ok(out)
}

/// An outline in metres about its middle.
struct Outlined {
    plane: Plane,
    shape: Geometry<f64>,
}

impl Outlined {
    fn new(outline: &MultiPolygon<f64>) -> Option<Self> {
        let middle = outline.bounding_rect()?.center();
        let plane = Plane::at([middle.x, middle.y]);
        Some(Self { plane, shape: metres(&plane, &outline.clone().into()) })
    }

    fn nearest(&self, all: &Selection, rows: &[usize]) -> Option<TrialNeighbour> {
        let source = all.source();
        let far = |row: usize| -> Option<f64> {
            let geometry = match &all.table().geometries {
                Geometries::Points { lon, lat, located } => {
                    located.contains(row).then(|| Geometry::from(Point::new(lon[row], lat[row])))?
                }
                Geometries::Any(all) => all.get(row)?.clone()?,
            };
            let metres = Euclidean.distance(&self.shape, &metres(&self.plane, &geometry));
            metres.is_finite().then_some(metres)
        };
        let found = rows.iter().filter_map(|row| Some((far(*row)?, source.id(*row), *row)));
        let (metres, id, row) = found.min_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(b.1)))?;
        let name = Text::new(source.name(row), source.name_en(row));
        Some(TrialNeighbour { id: id.to_owned(), name, metres })
    }
}

fn metres(plane: &Plane, geometry: &Geometry<f64>) -> Geometry<f64> {
    geometry.map_coords(|c| {
        let [x, y] = plane.metres([c.x, c.y]);
        Coord { x, y }
    })
}
