//! Where a question is asked: the city, a zone, what no district holds, or an area that the reader drew.

use super::{AreaInfo, AreaKind, QueryError};
use crate::columns::Bitmap;
use crate::geometry::{Bounds, Region, measure};
use crate::model::Text;
use crate::snapshot::{Rest, Snapshot};
use geo::{Coord, MultiPolygon, Validation};
use thiserror::Error;

/// Where.
#[derive(Clone, Debug)]
pub enum Area {
    /// Everywhere.
    City,
    /// In a zone, by its place in `snapshot.zones.list`.
    Zone(usize),
    /// In what no district holds.
    Rest(Rest),
    /// In an area that the reader drew; only located rows can be in it.
    Drawn(Box<Drawn>),
}

/// An area that the reader drew.
#[derive(Clone, Debug)]
pub struct Drawn {
    polygon: MultiPolygon<f64>,
    region: Region,
    circle: Option<(Coord<f64>, f64)>,
}

/// Why a drawn area means nothing.
#[derive(Debug, Error, PartialEq)]
pub enum AreaError {
    /// Coordinates outside the world.
    #[error("position {0}, {1} is not on Earth")]
    OffEarth(f64, f64),
    /// Too many vertices.
    #[error("{found} vertices, at most {limit}")]
    TooManyVertices {
        /// Vertices found.
        found: usize,
        /// Vertices allowed.
        limit: usize,
    },
    /// The polygon has no area.
    #[error("the polygon has no area")]
    NoArea,
    /// The polygon is not valid, e.g. its border crosses itself.
    #[error("the polygon is not valid: {0}")]
    Invalid(String),
    /// A radius that is not a positive number of metres within bounds.
    #[error("radius {0} m; from 1 to 500000 m")]
    Radius(f64),
}

impl Drawn {
    /// Vertices allowed in one drawn area.
    pub const MAX_VERTICES: usize = 10_000;

    /// A polygon in WGS 84 degrees.
    pub fn polygon(polygon: MultiPolygon<f64>) -> Result<Self, AreaError> {
        use geo::CoordsIter;
        let found = polygon.coords_count();
        if found > Self::MAX_VERTICES {
            return Err(AreaError::TooManyVertices { found, limit: Self::MAX_VERTICES });
        }
        if let Some(c) = polygon.coords_iter().find(|c| !Bounds::WORLD.contains(c.x, c.y)) {
            return Err(AreaError::OffEarth(c.x, c.y));
        }
        if let Err(e) = polygon.check_validation() {
            return Err(AreaError::Invalid(e.to_string()));
        }
        if measure::area_km2(&polygon) <= 0.0 {
            return Err(AreaError::NoArea);
        }
        Ok(Self { region: Region::new(&polygon), polygon, circle: None })
    }

    /// A circle around a point; it is counted as the polygon with 128 corners that is drawn for it.
    pub fn circle(center: Coord<f64>, radius_m: f64) -> Result<Self, AreaError> {
        if !Bounds::WORLD.contains(center.x, center.y) {
            return Err(AreaError::OffEarth(center.x, center.y));
        }
        if !(1.0..=500_000.0).contains(&radius_m) {
            return Err(AreaError::Radius(radius_m));
        }
        let polygon = MultiPolygon(vec![measure::circle(center, radius_m)]);
        Ok(Self { region: Region::new(&polygon), polygon, circle: Some((center, radius_m)) })
    }

    /// Whether the point is inside, by the border rule of `geometry::Region`.
    pub fn contains(&self, x: f64, y: f64) -> bool {
        self.region.contains(x, y)
    }

    /// The box around it.
    pub fn bounds(&self) -> Bounds {
        self.region.bounds()
    }
}

impl Area {
    /// A zone by its id; `city`, `outside` and `undeclared` are ids too.
    pub fn named(snapshot: &Snapshot, id: &str) -> Result<Self, QueryError> {
        match id {
            "city" => return Ok(Self::City),
            "outside" => return Ok(Self::Rest(Rest::Outside)),
            "undeclared" => return Ok(Self::Rest(Rest::Undeclared)),
            _ => {}
        }
        let zone = snapshot.zones.find(id).map(|(i, _)| Self::Zone(i));
        zone.ok_or_else(|| QueryError::UnknownZone(id.into()))
    }

    /// The rows of `layer` in this area; `None` for all rows. Zones know the members of the register; the rows of any
    /// other layer are found by their points.
    pub(super) fn rows(&self, snapshot: &Snapshot, layer: usize) -> Option<Bitmap> {
        let is_register = snapshot.register.as_ref().is_some_and(|r| r.layer == layer);
        let l = &snapshot.layers[layer];
        match self {
            Self::City => None,
            Self::Zone(z) if is_register => Some(snapshot.zones.list[*z].members.clone()),
            Self::Rest(rest) if is_register => Some(snapshot.zones.rest(*rest)),
            Self::Zone(z) => {
                let zone = &snapshot.zones.list[*z];
                Some(l.within(&Region::new(&zone.polygon)))
            }
            Self::Rest(_) => Some(Bitmap::none(l.len())),
            Self::Drawn(d) => Some(l.within(&d.region)),
        }
    }

    /// What a summary says about the area.
    pub fn info(&self, snapshot: &Snapshot) -> AreaInfo {
        match self {
            Self::City => AreaInfo {
                id: None,
                name: "全市".into(),
                name_en: "Whole city".into(),
                kind: AreaKind::City,
                basis: None,
                status: None,
                schematic: false,
                area_km2: None,
                bbox: (!snapshot.bounds.is_empty()).then(|| snapshot.bounds.to_array()),
                source: None,
            },
            Self::Zone(z) => {
                let z = &snapshot.zones.list[*z];
                AreaInfo {
                    id: Some(z.id.clone()),
                    name: z.name.clone(),
                    name_en: z.name_en.clone(),
                    kind: z.kind.into(),
                    basis: z.basis.clone(),
                    status: z.status.clone(),
                    schematic: z.schematic,
                    area_km2: Some(z.area_km2),
                    bbox: Some(z.bounds.to_array()),
                    source: Some(z.source.clone()),
                }
            }
            Self::Rest(rest) => {
                let Text { zh, en } = rest.name();
                AreaInfo { id: Some(rest.id().into()), ..unnamed(zh, en, AreaKind::Rest) }
            }
            Self::Drawn(d) => {
                let place = (Some(measure::area_km2(&d.polygon)), Some(d.bounds().to_array()));
                let (zh, en, kind) = match d.circle {
                    Some((_, r)) => (format!("{r} 米范围"), format!("within {r} m"), AreaKind::Circle),
                    None => ("圈选范围".into(), "drawn area".into(), AreaKind::Drawn),
                };
                AreaInfo { area_km2: place.0, bbox: place.1, ..unnamed(zh, en, kind) }
            }
        }
    }
}

fn unnamed(name: String, name_en: String, kind: AreaKind) -> AreaInfo {
    let (id, basis, status, area_km2, bbox, source) = (None, None, None, None, None, None);
    AreaInfo { id, name, name_en, kind, basis, status, schematic: false, area_km2, bbox, source }
}
