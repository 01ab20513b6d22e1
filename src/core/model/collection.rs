//! A collection of `dataset.json`: what it is for, how it is drawn, what its properties mean.

use super::register::{MetricSpec, RegisterSpec};
use super::{Maintenance, Text};
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use std::collections::BTreeMap;

/// One switch of the map: layers that are shown and hidden together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LayerGroup {
    /// Identifier; `shigu:group` of the layers of the style.
    pub id: String,
    /// Title.
    pub title: Text,
    /// Picture of the switch.
    pub symbol: GroupSymbol,
    /// Whether it is shown at first.
    #[serde(default = "yes")]
    pub visible: bool,
}

pub(super) fn yes() -> bool {
    true
}

/// The picture of a layer group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum GroupSymbol {
    /// A strong line.
    Line,
    /// A wide, dashed line.
    Band,
    /// A diamond.
    Node,
    /// An area with a dotted outline.
    Area,
    /// A dashed outline.
    Outline,
    /// Water.
    Water,
    /// A square.
    Square,
    /// A disc.
    Point,
    /// A triangle.
    Triangle,
    /// A triangle on its tip.
    Wedge,
    /// A star of five points.
    Star,
    /// An upright cross.
    Cross,
}

impl GroupSymbol {
    /// What points of tables beside another are drawn as, where the manifest does not say it, by the place of the table: no disc,
    /// which is what rows of the table shown are.
    pub(super) const OF_TABLES: [Self; 4] = [Self::Triangle, Self::Cross, Self::Star, Self::Wedge];
}

/// What a collection is for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
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
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
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
    /// System of the positions in the file, as `EPSG:4549` or `GCJ-02`; they are brought to CRS84 when it is read. None
    /// where the file says it by itself, or has longitude and latitude in WGS 84.
    #[serde(default)]
    pub crs: Option<String>,
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
    /// The number under which its areas were approved (批准文号, 审图号).
    #[serde(default)]
    pub approval: Option<String>,
    /// Of a background: the box in degrees that it covers, as west, south, east, north. Maps fade it out towards the edges, so
    /// that its end does not look like a coast. None where it is whole wherever it is shown.
    #[serde(default)]
    pub covers: Option<[f64; 4]>,
    /// First day of validity, `YYYY-MM-DD`.
    #[serde(default)]
    pub valid_from: Option<String>,
    /// Last day of validity, `YYYY-MM-DD`.
    #[serde(default)]
    pub valid_to: Option<String>,
    /// Who maintains it, how often, and of when it is.
    #[serde(default)]
    pub maintenance: Maintenance,
    /// Whether the rows are invented (示例数据).
    #[serde(default)]
    pub sample: bool,
    /// Whether the geometry is schematic (示意).
    #[serde(default)]
    pub schematic: bool,
    /// Whether its features are only for reference and not edited on the page: districts, background and tables of places where
    /// nothing is said.
    #[serde(default)]
    pub reference: Option<bool>,
    /// The schema of the properties.
    #[serde(default)]
    pub properties: Vec<PropertySpec>,
    /// Values that features get, by property, where published areas take the place of all of them and their file says nothing
    /// of it, such as what an outline rests on.
    #[serde(default)]
    pub published: BTreeMap<String, Json>,
    /// Present when its areas are zones.
    #[serde(default)]
    pub zone: Option<ZoneSpec>,
    /// Present on the register.
    #[serde(default)]
    pub register: Option<RegisterSpec>,
    /// Present when its points are places with addresses, by which others are located and found.
    #[serde(default)]
    pub places: Option<PlacesSpec>,
    /// Its layer group.
    #[serde(default)]
    pub group: Option<String>,
    /// Of a layout: what the values of its property `kind` are and how they are drawn. Without parts, lines are drawn as an
    /// axis, areas as a corridor and points as nodes.
    #[serde(default)]
    pub parts: Vec<PartSpec>,
}

/// Declares that the points of a collection are places with addresses: a gazetteer.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlacesSpec {
    /// Property that holds the address, where that is not the name.
    #[serde(default)]
    pub address: Option<String>,
    /// How many house numbers the nearest one of a road may be away, where the table does not have the number itself.
    #[serde(default = "usual_reach")]
    pub reach: u32,
    /// Words that are written for others, such as `St` for `Street`.
    #[serde(default)]
    pub words: BTreeMap<String, String>,
}

fn usual_reach() -> u32 {
    20
}

/// A part of a layout: the features with one value of the property `kind`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PartSpec {
    /// Value of `kind`.
    pub value: String,
    /// Title.
    pub title: Text,
    /// How it is drawn.
    pub draw: Draw,
    /// Its layer group; that of the collection where there is none.
    #[serde(default)]
    pub group: Option<String>,
}

/// How a part of a layout is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Draw {
    /// A strong line.
    Axis,
    /// A wide, dashed line.
    Belt,
    /// A point.
    Node,
    /// An area along a line.
    Corridor,
}

impl CollectionSpec {
    /// Whether its features are edited on the page, attributes and geometry; rows of tables are edited by another way.
    pub fn is_editable(&self) -> bool {
        let usual = matches!(self.role, Role::Districts | Role::Base) || self.places.is_some();
        self.role != Role::Register && !self.reference.unwrap_or(usual)
    }

    /// Whether all its areas can be replaced by those of a file: zones, also districts, and areas that are edited.
    pub fn is_replaceable(&self) -> bool {
        let areas = matches!(self.geometry, GeometryKind::Polygon | GeometryKind::Any);
        let used = self.zone.is_some() || self.is_editable();
        areas && used && self.role != Role::Register && self.places.is_none() && self.reference != Some(true)
    }

    /// Whether a version can hold other features of it.
    pub fn can_change(&self) -> bool {
        self.is_editable() || self.is_replaceable()
    }

    /// Whether its zones share no ground, as declared.
    pub fn divides(&self) -> bool {
        let usual = self.role == Role::Districts || self.zone.as_ref().is_some_and(|z| z.parent.is_some());
        let overlapping = self.zone.as_ref().and_then(|z| z.overlapping);
        overlapping.map_or(usual, |overlapping| !overlapping)
    }

    /// A collection of which nothing is known but its file.
    pub fn named(id: &str, file: &str) -> Self {
        Self {
            id: id.to_owned(),
            file: file.to_owned(),
            crs: None,
            role: Role::Features,
            title: Text::new(id, id),
            description: Text::default(),
            geometry: GeometryKind::Any,
            name: None,
            name_en: None,
            source: Text::default(),
            licence: None,
            approval: None,
            covers: None,
            valid_from: None,
            valid_to: None,
            maintenance: Maintenance::default(),
            sample: false,
            schematic: false,
            reference: None,
            properties: vec![],
            published: BTreeMap::new(),
            zone: None,
            register: None,
            places: None,
            group: None,
            parts: vec![],
        }
    }

    /// Where the texts of places stand among the properties: the name, and the address where it is another property. None
    /// where the collection is no table of places.
    pub fn place_columns(&self) -> Vec<usize> {
        let Some(places) = &self.places else { return vec![] };
        let mut columns: Vec<usize> =
            self.name.iter().chain(&places.address).filter_map(|name| Some(self.property(name)?.0)).collect();
        columns.dedup();
        columns
    }

    /// A layer group of its own.
    pub(super) fn own_group(&self) -> LayerGroup {
        LayerGroup {
            id: self.id.clone(),
            title: self.title.clone(),
            symbol: match (self.role, self.geometry) {
                (Role::Districts, _) => GroupSymbol::Outline,
                (Role::Lead, _) => GroupSymbol::Square,
                (Role::Base, GeometryKind::Polygon) => GroupSymbol::Water,
                (Role::Layout, _) | (_, GeometryKind::Line) => GroupSymbol::Line,
                (Role::Platforms, _) => GroupSymbol::Node,
                (_, GeometryKind::Point) => GroupSymbol::Point,
                _ => GroupSymbol::Area,
            },
            // reference data, and more points than a map shows
            visible: self.places.is_none(),
        }
    }

    /// The collection as it is beside another table of the dataset: features like any others. What may not leave with a row
    /// does not.
    #[must_use]
    pub(super) fn beside(mut self) -> Self {
        let restricted = self.restricted_metrics().flat_map(|m| m.columns.values().cloned());
        let restricted: Vec<String> = restricted.collect();
        self.properties.iter_mut().filter(|p| restricted.contains(&p.name)).for_each(|p| p.restricted = true);
        if self.role == Role::Register {
            (self.role, self.register, self.reference) = (Role::Features, None, Some(true));
        }
        self
    }

    /// The codelist of the register's classification.
    pub fn class_codelist(&self) -> Option<&str> {
        let class = self.register.as_ref()?.cluster.as_deref()?;
        self.property(class)?.1.codelist.as_deref()
    }

    /// Whether single values of a metric of the register stay in the service.
    pub fn restricts(&self, metric: &MetricSpec) -> bool {
        let restricted = |name: &String| self.property(name).is_some_and(|(_, p)| p.restricted);
        metric.restricted || metric.columns.values().any(restricted)
    }

    /// Its metrics whose single values stay in the service.
    pub fn restricted_metrics(&self) -> impl Iterator<Item = &MetricSpec> {
        self.register.iter().flat_map(|r| &r.metrics).filter(|m| self.restricts(m))
    }

    /// The property of this name, with its place in the schema.
    pub fn property(&self, name: &str) -> Option<(usize, &PropertySpec)> {
        self.properties.iter().enumerate().find(|(_, p)| p.name == name)
    }
}

/// Type of a property's values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
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
#[derive(Clone, Debug, PartialEq, Deserialize)]
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
    /// Other names in departments' tables.
    #[serde(default)]
    pub aliases: Vec<String>,
    /// Of a boolean: what departments' tables write for it, besides the usual words.
    #[serde(default)]
    pub words: BooleanWords,
    /// Whether its values follow from others: no file holds them, and nobody edits them.
    #[serde(skip)]
    pub derived: bool,
}

impl PropertySpec {
    /// A property of which only name and type are known.
    pub fn named(name: &str, ty: PropertyType) -> Self {
        Self { ty, ..Self::text(name, Text::new(name, name)) }
    }

    /// A property of texts about which nothing else is said.
    pub fn text(name: &str, title: Text) -> Self {
        Self {
            name: name.to_owned(),
            title,
            ty: PropertyType::String,
            required: false,
            description: None,
            unit: None,
            codelist: None,
            restricted: false,
            decimals: None,
            minimum: None,
            maximum: None,
            pattern: None,
            references: None,
            aliases: vec![],
            words: BooleanWords::default(),
            derived: false,
        }
    }
}

/// Words for true and false.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct BooleanWords {
    /// For true.
    pub yes: Vec<String>,
    /// For false.
    pub no: Vec<String>,
}

/// Declares that the areas of a collection are zones.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ZoneSpec {
    /// Their kind: `[a-z][a-z0-9_-]*`.
    pub kind: String,
    /// The zones that hold these: the level above.
    #[serde(default)]
    pub parent: Option<ParentSpec>,
    /// Whether these zones may share ground, so that they do not add up to anything. Where it is not said, districts and
    /// zones with a parent do not overlap, and others may.
    #[serde(default)]
    pub overlapping: Option<bool>,
}

/// Which zones hold those of a collection.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ParentSpec {
    /// Their kind.
    pub kind: String,
    /// Property that holds the id of a feature's parent; where there is none, the parent is the zone that holds the
    /// feature's label point.
    #[serde(default)]
    pub property: Option<String>,
}
