//! `dataset.json`: what a city's folder holds and what its properties mean.
//!
//! The JSON Schema of the file is `geodata/schema/dataset.schema.json`; unknown members are refused so that a misspelt
//! one is noticed.

use super::collection::{CollectionSpec, GroupSymbol, LayerGroup, PartSpec, Role};
use super::terms::within_sentence;
use super::unit::UnitSpec;
use super::{RatioSpec, Term, Terms, Text, TimeZone, Wording};
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
    /// Ratios of sums of two tables, by zone.
    #[serde(default)]
    pub ratios: Vec<RatioSpec>,
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

    /// The zone that instants are read in; the usual one where it names none.
    pub fn time_zone(&self) -> TimeZone {
        self.time_zone.as_deref().and_then(TimeZone::of).unwrap_or_default()
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
