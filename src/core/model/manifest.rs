//! `dataset.json`: what a city's folder holds and what its properties mean.
//!
//! The JSON Schema of the file is `geodata/schema/dataset.schema.json`; unknown members are refused so that a misspelt
//! one is noticed.

use super::register::{MetricSpec, RegisterSpec};
use super::terms::within_sentence;
use super::{Lang, Term, Terms, Text, Wording};
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
    /// Reference systems in which the data is offered besides CRS84, as `EPSG:4549`; where none is named, those that are
    /// usual on its ground.
    #[serde(default)]
    pub systems: Vec<String>,
    /// What its rows, classes and whole are called.
    #[serde(default)]
    pub terms: Terms,
    /// Approval of the map (审图号), where the law of the place asks for one.
    #[serde(default)]
    pub map_approval: MapApproval,
    /// How maps of the whole are laid out.
    #[serde(default)]
    pub map: MapSpec,
    /// Codelist name -> file in the folder.
    #[serde(default)]
    pub codelists: BTreeMap<String, String>,
    /// File with the plan's own terms.
    #[serde(default)]
    pub plan: Option<String>,
    /// File with indicators, actual and target.
    #[serde(default)]
    pub indicators: Option<String>,
    /// Indicators that rows of a table count towards.
    #[serde(default)]
    pub counts: Vec<IndicatorCount>,
    /// File with the former administrative divisions, which departments' tables still name.
    #[serde(default)]
    pub divisions: Option<String>,
    /// The time zone of the dataset's days, a name of the IANA database: an instant in an imported table is of the day that it
    /// was there. `Asia/Shanghai` where it is not said.
    #[serde(default)]
    pub time_zone: Option<String>,
    /// The units in which readers see sums of a unit of the metrics.
    #[serde(default)]
    pub units: Vec<UnitSpec>,
    /// Names of the kinds of zones; a kind that is not listed has the title of its first collection.
    #[serde(default)]
    pub zone_kinds: Vec<ZoneKindSpec>,
    /// What readers can switch on and off on the map, in the order of the switches. Where none is declared, each
    /// collection but the register is a group of its own.
    #[serde(default)]
    pub layer_groups: Vec<LayerGroup>,
    /// The collections, lowest layer first.
    pub collections: Vec<CollectionSpec>,
}

/// How maps of everything that a dataset covers are laid out.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct MapSpec {
    /// What they show: west, south, east, north in degrees; all districts where it is not said.
    pub bbox: Option<[f64; 4]>,
    /// What is drawn smaller in a corner, such as islands far away.
    pub insets: Vec<InsetSpec>,
}

/// A part of the ground that maps of the whole show in a corner.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InsetSpec {
    /// What it shows.
    pub title: Text,
    /// West, south, east, north in degrees.
    pub bbox: [f64; 4],
}

/// Whether maps of the place need an approval before they are published, and its number.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(from = "Option<String>")]
pub enum MapApproval {
    /// Nobody asks for one: the manifest does not speak of it.
    #[default]
    NotNeeded,
    /// It is needed and there is none: `null` in the manifest. Maps and papers say that they are for internal use.
    Missing,
    /// Its number.
    Number(String),
}

impl MapApproval {
    /// The number, where there is one.
    pub fn number(&self) -> Option<&str> {
        if let Self::Number(number) = self { Some(number) } else { None }
    }

    /// Whether it is needed and there is none.
    pub fn is_missing(&self) -> bool {
        *self == Self::Missing
    }
}

impl From<Option<String>> for MapApproval {
    fn from(stated: Option<String>) -> Self {
        stated.map_or(Self::Missing, Self::Number)
    }
}

/// All zones of a kind: one or more collections.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ZoneKind {
    /// Identifier.
    pub id: String,
    /// Title.
    pub title: Text,
    /// What its zones are called inside a sentence.
    pub term: Term,
    /// Places of its collections in the manifest.
    pub collections: Vec<usize>,
    /// Whether its zones share no ground: with what no zone holds, they add up to the whole, and those within a zone of the
    /// parent kind to that zone. As declared; `data::load` refuses zones that overlap all the same.
    pub partition: bool,
    /// Whether it is the kind of the collection of role `districts`.
    pub districts: bool,
    /// The kind whose zones hold these, where there is one.
    pub parent: Option<String>,
    /// How many kinds are above it.
    pub level: usize,
}

impl ZoneKind {
    /// This kind and those above it, upwards, as far as they are known.
    pub fn line<'a>(&'a self, kinds: &'a [Self]) -> impl Iterator<Item = &'a Self> {
        let above = |kind: &&'a Self| kinds.iter().find(|k| Some(&k.id) == kind.parent.as_ref());
        // a circle of parents is refused when a folder is loaded: here it only has to end
        std::iter::successors(Some(self), above).take(kinds.len())
    }

    /// Whether rows can declare its zones: it is that of the districts, or a partition above or below them.
    pub fn is_declarable(&self, kinds: &[Self]) -> bool {
        let Some(districts) = kinds.iter().find(|k| k.districts) else { return false };
        let related =
            || districts.line(kinds).any(|k| k.id == self.id) || self.line(kinds).any(|k| k.id == districts.id);
        self.districts || (self.partition && related())
    }
}

impl Manifest {
    /// The kinds of zones in the order of their collections. A collection that gives its zones the kind of the districts
    /// stands under its own id, so that nothing counts twice.
    pub fn zone_kinds(&self) -> Vec<ZoneKind> {
        let of = |c: &CollectionSpec| match (&c.zone, c.role) {
            (Some(zone), _) => Some(zone.kind.clone()),
            (None, Role::Districts) => Some(c.id.clone()),
            (None, _) => None,
        };
        let districts = self.collections.iter().position(|c| c.role == Role::Districts);
        let of_districts = districts.and_then(|place| of(&self.collections[place]));
        let mut kinds: Vec<ZoneKind> = Vec::new();
        for (place, collection) in self.collections.iter().enumerate() {
            let Some(mut id) = of(collection) else { continue };
            let own = districts == Some(place);
            if !own && Some(&id) == of_districts.as_ref() {
                id.clone_from(&collection.id);
                if Some(&id) == of_districts.as_ref() {
                    id.push_str("-zones");
                }
            }
            let parent = collection.zone.as_ref().and_then(|z| z.parent.as_ref());
            let partition = collection.divides();
            if let Some(kind) = kinds.iter_mut().find(|k| k.id == id) {
                kind.collections.push(place);
                kind.partition &= partition;
                kind.parent = kind.parent.take().or_else(|| parent.map(|p| p.kind.clone()));
                continue;
            }
            let named = self.zone_kinds.iter().find(|k| k.id == id);
            let title = named.map_or(&collection.title, |k| &k.title).clone();
            let one = within_sentence(&title.en);
            // the title of a collection names all its zones, that of a kind one of them
            let plural = named.map_or_else(|| one.clone(), |k| k.plural.clone().unwrap_or_else(|| format!("{one}s")));
            let counter = named.and_then(|k| k.counter.as_deref()).unwrap_or("个");
            let term = Term::new(&title.zh, &one, &plural, counter);
            let parent = parent.map(|p| p.kind.clone());
            kinds.push(ZoneKind {
                id,
                title,
                term,
                collections: vec![place],
                partition,
                districts: own,
                parent,
                level: 0,
            });
        }
        let levels: Vec<usize> = kinds.iter().map(|k| k.line(&kinds).count() - 1).collect();
        kinds.iter_mut().zip(levels).for_each(|(kind, level)| kind.level = level);
        kinds
    }

    /// Its tables: the places of the collections that statistics are made of, the main one first.
    pub fn tables(&self) -> Vec<usize> {
        let all = self.collections.iter().enumerate().filter(|(_, c)| c.role == Role::Register);
        let mut places: Vec<usize> = all.map(|(place, _)| place).collect();
        let is_main = |place: &usize| self.collections[*place].register.as_ref().is_some_and(|r| r.main);
        if let Some(main) = places.iter().position(is_main) {
            places[..=main].rotate_right(1);
        }
        places
    }

    /// The place of the table of this id.
    pub fn table(&self, id: &str) -> Option<usize> {
        self.tables().into_iter().find(|place| self.collections[*place].id == id)
    }

    /// The manifest as it is for one of its tables, by the table's place: the register of everything above `core`. Other
    /// tables are features like any others; the words are the table's own.
    #[must_use]
    pub fn of_table(mut self, table: usize) -> Self {
        let tables = self.tables();
        let others: Vec<usize> = tables.iter().copied().filter(|place| *place != table).collect();
        let explicit = !self.layer_groups.is_empty();
        for place in &others {
            self.collections[*place] = self.collections[*place].clone().beside();
        }
        // another table has a switch of its own on the map, and is not shown at first
        if !others.is_empty() {
            self.layer_groups = self.layer_groups();
        }
        for (place, collection) in self.collections.iter_mut().enumerate() {
            if !others.is_empty() && !explicit && place != table {
                collection.group = Some(collection.id.clone());
            }
            if !others.contains(&place) || (explicit && collection.group.is_some()) {
                continue;
            }
            collection.group = Some(collection.id.clone());
            let mut own = LayerGroup { visible: false, ..collection.own_group() };
            // the same whichever table is shown
            let number = tables.iter().position(|other| *other == place).unwrap_or_default();
            if own.symbol == GroupSymbol::Point {
                own.symbol = GroupSymbol::OF_TABLES[number % GroupSymbol::OF_TABLES.len()];
            }
            match self.layer_groups.iter_mut().find(|group| group.id == own.id) {
                Some(group) => *group = own,
                None => self.layer_groups.push(own),
            }
        }
        if let Some(register) = &self.collections[table].register {
            let own = register.terms.clone();
            self.terms.row = own.row.unwrap_or(self.terms.row);
            self.terms.class = own.class.unwrap_or(self.terms.class);
        }
        self
    }

    /// What readers can switch on and off on the map.
    pub fn layer_groups(&self) -> Vec<LayerGroup> {
        if !self.layer_groups.is_empty() {
            return self.layer_groups.clone();
        }
        self.collections.iter().filter(|c| c.role != Role::Register).map(CollectionSpec::own_group).collect()
    }

    /// What points of a collection without a role are drawn as: the symbol of its switch.
    pub fn symbol(&self, collection: &CollectionSpec) -> GroupSymbol {
        let id = self.group(collection, None);
        let group = self.layer_groups.iter().find(|group| Some(group.id.as_str()) == id);
        group.map_or(GroupSymbol::Point, |group| group.symbol)
    }

    /// Its words, ready to be put into texts.
    pub fn wording(&self) -> Wording {
        let kinds = self.zone_kinds();
        Wording::new(&self.terms, kinds.iter().find(|k| k.districts).map(|k| &k.term))
    }

    /// Whether it has a plan to compare with: its own terms, or indicators.
    pub fn has_plan(&self) -> bool {
        self.plan.is_some() || self.indicators.is_some()
    }

    /// The collections whose zones rows of the register can declare: the districts, and the partitions above and below them.
    pub fn declarable(&self) -> Vec<&CollectionSpec> {
        let kinds = self.zone_kinds();
        let places = kinds.iter().filter(|k| k.is_declarable(&kinds)).flat_map(|k| &k.collections);
        places.map(|place| &self.collections[*place]).collect()
    }

    /// The name of the place that the dataset covers.
    pub fn place(&self) -> &Text {
        self.terms.place.as_ref().unwrap_or(&self.title)
    }

    /// The group that a collection, or a part of it, belongs to; `None` for what is always shown.
    pub fn group<'a>(&'a self, collection: &'a CollectionSpec, part: Option<&'a PartSpec>) -> Option<&'a str> {
        if self.layer_groups.is_empty() {
            return (collection.role != Role::Register).then_some(collection.id.as_str());
        }
        part.and_then(|p| p.group.as_deref()).or(collection.group.as_deref())
    }
}

/// An indicator whose actual figure is the number of rows of a table: a ledger, such as of projects.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IndicatorCount {
    /// The indicator, by its name in the file of indicators.
    pub indicator: String,
    /// The table, by the id of its collection.
    pub table: String,
    /// The rows that count, as CQL2 text; all of them where it is not said.
    #[serde(default)]
    pub filter: Option<String>,
}

/// The units in which readers see sums that are kept in one unit. Where a file states those of one language only, they
/// stand in the texts of both.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(try_from = "UnitsOfLanguages")]
pub struct UnitSpec {
    /// The unit of the metrics, word by word.
    pub unit: Text,
    /// The units of Chinese texts.
    pub zh: UnitPair,
    /// The units of English texts.
    pub en: UnitPair,
}

/// A [`UnitSpec`] as a manifest states it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct UnitsOfLanguages {
    unit: Text,
    #[serde(default)]
    zh: Option<UnitPair>,
    #[serde(default)]
    en: Option<UnitPair>,
}

impl TryFrom<UnitsOfLanguages> for UnitSpec {
    type Error = &'static str;

    fn try_from(of: UnitsOfLanguages) -> Result<Self, Self::Error> {
        let (zh, en) = match (of.zh, of.en) {
            (Some(zh), Some(en)) => (zh, en),
            (Some(one), None) | (None, Some(one)) => (one.clone(), one),
            (None, None) => return Err("units need large and small units in zh, in en, or in both"),
        };
        Ok(Self { unit: of.unit, zh, en })
    }
}

/// Two units between which readers choose.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct UnitPair {
    /// For sums in general.
    pub large: ScaledUnit,
    /// For single figures.
    pub small: ScaledUnit,
}

/// A unit that is a multiple of another.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct ScaledUnit {
    /// Its name.
    pub name: String,
    /// How many of the metric's unit are one of it.
    pub factor: f64,
}

impl UnitSpec {
    /// The units of a language.
    pub fn get(&self, lang: Lang) -> &UnitPair {
        match lang {
            Lang::Zh => &self.zh,
            Lang::En => &self.en,
        }
    }
}

/// The name of a kind of zones.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ZoneKindSpec {
    /// Identifier.
    pub id: String,
    /// Title; the name of one zone.
    pub title: Text,
    /// English word for several of them inside a sentence; the title with an s where it is not said.
    #[serde(default)]
    pub plural: Option<String>,
    /// Chinese measure word; 个 where it is not said.
    #[serde(default)]
    pub counter: Option<String>,
}

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
    const OF_TABLES: [Self; 4] = [Self::Triangle, Self::Cross, Self::Star, Self::Wedge];
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
    /// Whether its features are only for reference and not edited on the page: districts and background where nothing is said.
    #[serde(default)]
    pub reference: Option<bool>,
    /// The schema of the properties.
    #[serde(default)]
    pub properties: Vec<PropertySpec>,
    /// Present when its areas are zones.
    #[serde(default)]
    pub zone: Option<ZoneSpec>,
    /// Present on the register.
    #[serde(default)]
    pub register: Option<RegisterSpec>,
    /// Its layer group.
    #[serde(default)]
    pub group: Option<String>,
    /// Of a layout: what the values of its property `kind` are and how they are drawn. Without parts, lines are drawn as an
    /// axis, areas as a corridor and points as nodes.
    #[serde(default)]
    pub parts: Vec<PartSpec>,
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
        let usual = matches!(self.role, Role::Districts | Role::Base);
        self.role != Role::Register && !self.reference.unwrap_or(usual)
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
            valid_from: None,
            valid_to: None,
            sample: false,
            schematic: false,
            reference: None,
            properties: vec![],
            zone: None,
            register: None,
            group: None,
            parts: vec![],
        }
    }

    /// A layer group of its own.
    fn own_group(&self) -> LayerGroup {
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
            visible: true,
        }
    }

    /// The collection as it is beside another table of the dataset: features like any others. What may not leave with a row
    /// does not.
    #[must_use]
    fn beside(mut self) -> Self {
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
    /// Other names in departments' tables.
    #[serde(default)]
    pub aliases: Vec<String>,
    /// Of a boolean: what departments' tables write for it, besides the usual words.
    #[serde(default)]
    pub words: BooleanWords,
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
        }
    }
}

/// Words for true and false.
#[derive(Clone, Debug, Default, Deserialize)]
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
