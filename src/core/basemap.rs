//! What a base map is made of: features of the ground below a dataset, in the layers of the Protomaps basemap schema
//! (version 4), so that one style draws files made here and files that were made elsewhere.

use crate::geometry::Bounds;
use geo::Geometry;

/// A layer, the lowest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum BaseLayer {
    /// Dry land.
    Earth,
    /// How land is used: woods, parks, industry.
    Landuse,
    /// Sea, lakes and rivers: areas, and lines of those that are narrow.
    Water,
    /// Buildings.
    Buildings,
    /// Roads, paths and railways.
    Roads,
    /// Boundaries of administrative areas.
    Boundaries,
    /// Names of places: points.
    Places,
}

impl BaseLayer {
    /// All, the lowest first.
    pub const ALL: [Self; 7] =
        [Self::Earth, Self::Landuse, Self::Water, Self::Buildings, Self::Roads, Self::Boundaries, Self::Places];

    /// Its name in tiles.
    pub fn name(self) -> &'static str {
        match self {
            Self::Earth => "earth",
            Self::Landuse => "landuse",
            Self::Water => "water",
            Self::Buildings => "buildings",
            Self::Roads => "roads",
            Self::Boundaries => "boundaries",
            Self::Places => "places",
        }
    }

    /// The layer of this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|layer| layer.name() == name)
    }
}

/// What a feature is: its layer, its kind within that, and how soon it is seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BaseClass {
    /// The layer.
    pub layer: BaseLayer,
    /// The kind, a word of the schema.
    pub kind: &'static str,
    /// The kind in the words of the source, such as `motorway`; empty where it adds nothing.
    pub detail: &'static str,
    /// The zoom from which on it is in tiles.
    pub zoom: u8,
}

/// A feature of the ground.
#[derive(Clone, Debug, PartialEq)]
pub struct BaseFeature {
    /// What it is.
    pub class: BaseClass,
    /// Its name on the spot, in Chinese and in English, where the source has them.
    pub names: [Option<Box<str>>; 3],
    /// In degrees, longitude first.
    pub geometry: Geometry<f64>,
}

/// The features of a base map and the ground that it covers.
#[derive(Clone, Debug)]
pub struct BaseMap {
    /// The features, by layer.
    pub features: Vec<BaseFeature>,
    /// The ground, in degrees.
    pub bounds: Bounds,
}
