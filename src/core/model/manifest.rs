//! `dataset.json`: what a city's folder holds and what its properties mean.
//!
//! The JSON Schema of the file is `geodata/schema/dataset.schema.json`; unknown members are refused so that a misspelt
//! one is noticed.

use super::Text;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The manifest of a dataset folder.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// Where the JSON Schema stands; read by editors only.
    #[serde(rename = "$schema", default)]
    pub schema: Option<String>,
    /// Short name, also used in file names.
    pub id: String,
    /// Title.
    pub title: Text,
    /// What the dataset is for.
    #[serde(default)]
    pub description: Text,
    /// CRS of all files: `http://www.opengis.net/def/crs/OGC/1.3/CRS84`.
    pub crs: String,
    /// Approval number of the base map (审图号), if there is one.
    #[serde(default)]
    pub map_approval: Option<String>,
    /// Codelist name -> file in the folder.
    #[serde(default)]
    pub codelists: BTreeMap<String, String>,
    /// File with the plan's own terms.
    #[serde(default)]
    pub plan: Option<String>,
    /// File with indicators, actual and target.
    #[serde(default)]
    pub indicators: Option<String>,
    /// The collections, lowest layer first.
    pub collections: Vec<CollectionSpec>,
}

/// What a collection is for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// The administrative units; a partition of the city.
    Districts,
    /// Other areas that answer "which enterprises are inside?".
    Zones,
    /// Axis, belt, nodes.
    Layout,
    /// Platforms as points.
    Platforms,
    /// The statistical register of enterprises: all statistics are made of it.
    Register,
    /// Named, real, public enterprises; a labelled layer, never part of a sum.
    Lead,
    /// Background such as water.
    Base,
    /// Anything else.
    #[default]
    Features,
}

/// The geometries a collection may hold.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum GeometryKind {
    /// Point or MultiPoint.
    Point,
    /// LineString or MultiLineString.
    Line,
    /// Polygon or MultiPolygon.
    Polygon,
    /// Any of them.
    #[default]
    Any,
}

/// One collection: a GeoJSON file and what it means.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CollectionSpec {
    /// Identifier in URLs and tile layers.
    pub id: String,
    /// File in the folder.
    pub file: String,
    /// What it is for.
    #[serde(default)]
    pub role: Role,
    /// Title.
    pub title: Text,
    /// Description.
    #[serde(default)]
    pub description: Text,
    /// Geometries allowed.
    #[serde(default)]
    pub geometry: GeometryKind,
    /// Property that holds a feature's name.
    #[serde(default)]
    pub name: Option<String>,
    /// Property that holds a feature's English name.
    #[serde(default)]
    pub name_en: Option<String>,
    /// Where the data comes from.
    #[serde(default)]
    pub source: Text,
    /// Licence of the data.
    #[serde(default)]
    pub licence: Option<String>,
    /// First day of validity, `YYYY-MM-DD`.
    #[serde(default)]
    pub valid_from: Option<String>,
    /// Last day of validity, `YYYY-MM-DD`.
    #[serde(default)]
    pub valid_to: Option<String>,
    /// Whether the rows are invented (示例数据).
    #[serde(default)]
    pub sample: bool,
    /// Whether the geometry is schematic (示意).
    #[serde(default)]
    pub schematic: bool,
    /// The schema of the properties.
    #[serde(default)]
    pub properties: Vec<PropertySpec>,
    /// Present when its areas are zones.
    #[serde(default)]
    pub zone: Option<ZoneSpec>,
    /// Present on the register.
    #[serde(default)]
    pub register: Option<RegisterSpec>,
}

impl CollectionSpec {
    /// The property of this name, with its place in the schema.
    pub fn property(&self, name: &str) -> Option<(usize, &PropertySpec)> {
        self.properties.iter().enumerate().find(|(_, p)| p.name == name)
    }
}

/// Type of a property's values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum PropertyType {
    /// Text.
    String,
    /// Whole number.
    Integer,
    /// Number; exact fixed point where `decimals` is given.
    Number,
    /// True or false.
    Boolean,
    /// Calendar date `YYYY-MM-DD`.
    Date,
    /// Instant `YYYY-MM-DDTHH:MM:SSZ` (RFC 3339), kept as written and compared as an instant.
    Datetime,
    /// Array of strings.
    Strings,
}

/// One property of a collection.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PropertySpec {
    /// Member name in the file.
    pub name: String,
    /// Title.
    pub title: Text,
    /// Type.
    #[serde(rename = "type")]
    pub ty: PropertyType,
    /// Whether null or absence is an error.
    #[serde(default)]
    pub required: bool,
    /// What it means.
    #[serde(default)]
    pub description: Option<Text>,
    /// Unit of measure.
    #[serde(default)]
    pub unit: Option<Text>,
    /// Codelist its values are from; a name or an alias in the file becomes the code.
    #[serde(default)]
    pub codelist: Option<String>,
    /// Whether it leaves the server only inside sums (see `query`).
    #[serde(default)]
    pub restricted: bool,
    /// Number of decimals that are kept, exactly.
    #[serde(default)]
    pub decimals: Option<u8>,
    /// Smallest value allowed.
    #[serde(default)]
    pub minimum: Option<f64>,
    /// Largest value allowed.
    #[serde(default)]
    pub maximum: Option<f64>,
    /// Regular expression: documentation for people and other programs.
    #[serde(default)]
    pub pattern: Option<String>,
    /// Collection in which the value is the id of a feature.
    #[serde(default)]
    pub references: Option<String>,
}

/// What sort of zone an area is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum ZoneKind {
    /// District, county or county-level city.
    District,
    /// Area of a platform.
    Platform,
    /// Corridor of an axis or belt.
    Corridor,
}

/// Declares that the areas of a collection are zones.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ZoneSpec {
    /// Their kind.
    pub kind: ZoneKind,
}

/// Which properties of the register mean what.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RegisterSpec {
    /// Declared district: a feature id of the districts.
    pub district: String,
    /// Primary cluster: a code of the codelist `clusters`.
    pub cluster: String,
    /// Secondary clusters.
    #[serde(default)]
    pub secondary: Option<String>,
    /// Class of location: address, building, park, area, none.
    #[serde(default)]
    pub location_class: Option<String>,
    /// Precision of the position in metres.
    #[serde(default)]
    pub precision_m: Option<String>,
    /// Figures that are summed.
    #[serde(default)]
    pub metrics: Vec<MetricSpec>,
}

/// A figure that varies by year: one column per year.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MetricSpec {
    /// Identifier, e.g. `revenue`.
    pub id: String,
    /// Title.
    pub title: Text,
    /// Unit of the column and of its sums.
    pub unit: Text,
    /// Decimals kept, exactly.
    #[serde(default)]
    pub decimals: u8,
    /// Whether a single row's value leaves the server only inside sums.
    #[serde(default)]
    pub restricted: bool,
    /// Year -> property.
    pub columns: BTreeMap<u16, String>,
}

/// A list of codes with their meaning.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Codelist {
    /// Identifier.
    pub id: String,
    /// Title.
    pub title: Text,
    /// What the codes are and where they come from.
    #[serde(default)]
    pub description: Text,
    /// First day of validity.
    #[serde(default)]
    pub valid_from: Option<String>,
    /// Last day of validity.
    #[serde(default)]
    pub valid_to: Option<String>,
    /// Source.
    #[serde(default)]
    pub source: Text,
    /// The codes, in their official order.
    pub entries: Vec<CodelistEntry>,
}

/// One code.
#[derive(Clone, Debug, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CodelistEntry {
    /// The code, ASCII.
    pub code: String,
    /// Its name.
    pub name: Text,
    /// One character that stands for it on the map.
    pub mark: String,
    /// Colour on light ground, `#RRGGBB`.
    pub color: String,
    /// Colour on dark ground.
    pub color_dark: String,
    /// Other names in departments' tables.
    #[serde(default)]
    pub aliases: Vec<String>,
}

impl Codelist {
    /// The entry whose code, name or alias this is, with its place.
    pub fn find(&self, word: &str) -> Option<(usize, &CodelistEntry)> {
        self.entries.iter().enumerate().find(|(_, e)| {
            e.code == word || e.name.zh == word || e.name.en == word || e.aliases.iter().any(|a| a == word)
        })
    }
}
