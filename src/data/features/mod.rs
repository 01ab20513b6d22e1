//! features: what somebody edits of the collections that are no tables. An edit names a feature and says what becomes of its
//! attributes and its geometry; the collection with its edits is written as a file of a folder and checked as such a file is,
//! so a fault has the same code, words and remedy. The same writer makes the file that a version keeps. All areas of a collection
//! can be replaced by those of a file (`replace`), which then says where they come from (`official`).

mod judge;
mod official;
mod partition;
mod replace;
mod rows;
mod write;

pub use judge::{Fate, Judged};
pub use official::Official;
pub use replace::AreaFile;
pub use write::write;

use crate::core::geometry::Sound;
use crate::core::model::{CollectionSpec, Dataset, Role, Table, Text};
use crate::data::intake::{Refusal, held};
use crate::data::load::{Checker, Limits};
use geo::CoordsIter;
use geojson::GeometryValue;
use serde_json::Value as Json;
use std::cell::OnceCell;
use std::collections::{BTreeMap, HashMap, HashSet};

/// Characters of an id that somebody gives a feature.
const LONGEST_ID: usize = 80;
/// Decimals of a degree that are kept of a position: a centimetre (RFC 7946, 11.2).
const UNIT: f64 = 1e7;

/// What becomes of one feature.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FeatureEdit {
    /// The collection, by its id.
    pub collection: String,
    /// The feature, by its id; none for one that is to be added.
    pub id: Option<String>,
    /// Of one that is added: the id that it is to have; else the first that is free.
    pub new_id: Option<String>,
    /// New values by property; null takes a value away. What is not named stays.
    pub values: BTreeMap<String, Json>,
    /// Its new geometry (GeoJSON, WGS 84); none: as it is.
    pub geometry: Option<Json>,
    /// Whether it goes.
    pub remove: bool,
    /// Of a zone that goes: the zone that the rows which declare it are to declare.
    pub successor: Option<String>,
    /// Where all areas of the collection come from: then it is no edit of a feature.
    pub official: Option<Official>,
}

/// A feature as the data hold it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct HeldFeature {
    /// Its values; those that it has not are null.
    pub values: BTreeMap<String, Json>,
    /// Its geometry (GeoJSON); null where it has none.
    pub geometry: Json,
}

/// The collections of a dataset whose features can be edited, as they are now.
pub struct Features {
    checker: Checker,
    /// Rows by ids, of each collection.
    rows: Vec<HashMap<String, usize>>,
}

impl std::fmt::Debug for Features {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Features").finish_non_exhaustive()
    }
}

/// A collection as it is: id, name and geometry (GeoJSON) of each feature.
#[derive(Clone, Debug)]
pub struct Layer {
    /// The id of the collection.
    pub id: String,
    /// Its title.
    pub title: Text,
    /// Whether it is there for orientation: the zones of the first level.
    pub ground: bool,
    /// Its features.
    pub features: Vec<(String, Text, Json)>,
}

/// A collection with its edits, on its way to a version.
#[derive(Clone, Debug)]
pub struct Edited {
    /// The id of the collection.
    pub collection: String,
    /// Its features as GeoJSON.
    pub text: String,
    /// Where its areas come from, where they were replaced.
    pub official: Option<Official>,
    /// Whether outlines were drawn on the page, and are not those of a file.
    pub drawn: bool,
    /// Features in it.
    pub features: usize,
    /// Of them new.
    pub new: usize,
    /// Of them with other values.
    pub changed: usize,
    /// Of them with another geometry.
    pub moved: usize,
    /// Features that went.
    pub removed: usize,
}

impl Features {
    /// Of a dataset that was loaded without an error.
    pub fn of(dataset: Dataset, limits: &Limits) -> Self {
        let rows = |table: &Table| table.ids.iter().zip(0..).map(|(id, row)| (id.to_owned(), row)).collect();
        let rows = dataset.tables.iter().map(rows).collect();
        Self { checker: Checker::new(dataset, limits.clone()), rows }
    }

    /// The place of a collection that is no table.
    fn place(&self, collection: &str) -> Result<usize, Refusal> {
        let all = self.checker.collections();
        let place = all.iter().position(|spec| spec.id == collection && spec.role != Role::Register);
        place.ok_or_else(|| not_editable(collection, all, CollectionSpec::is_editable))
    }

    fn spec(&self, place: usize) -> &CollectionSpec {
        &self.checker.collections()[place]
    }

    /// A feature as the data hold it; none where there is none of this id.
    pub fn held(&self, collection: &str, id: &str) -> Result<Option<HeldFeature>, Refusal> {
        let place = self.place(collection)?;
        Ok(self.rows[place].get(id).and_then(|row| self.at(place, *row)))
    }

    /// The layers whose features are edited, and the zones of the first level for orientation.
    pub fn layers(&self) -> Vec<Layer> {
        let all = self.checker.collections().iter().enumerate();
        let shown = all.filter(|(_, spec)| spec.is_editable() || spec.role == Role::Districts);
        let layer = |(place, spec): (usize, &CollectionSpec)| {
            let table = self.checker.table(place)?;
            let of = |name: &Option<String>| name.as_deref().and_then(|name| spec.property(name)).map(|(i, _)| i);
            let names = [&spec.name, &spec.name_en].map(of);
            let feature = |row: usize| {
                let said = |at: Option<usize>| at.and_then(|i| held(table, row, i).as_str().map(str::to_owned));
                let id = table.ids.value(row).to_owned();
                let zh = said(names[0]).unwrap_or_else(|| id.clone());
                let en = said(names[1]).unwrap_or_else(|| zh.clone());
                (id, Text { zh, en }, write::geometry(table, row))
            };
            let features = (0..table.ids.len()).map(feature).collect();
            let ground = spec.role == Role::Districts;
            Some(Layer { id: spec.id.clone(), title: spec.title.clone(), ground, features })
        };
        shown.filter_map(layer).collect()
    }

    fn at(&self, place: usize, row: usize) -> Option<HeldFeature> {
        let table = self.checker.table(place)?;
        let values = self.spec(place).properties.iter().enumerate();
        let values = values.map(|(i, p)| (p.name.clone(), held(table, row, i).to_json())).collect();
        Some(HeldFeature { values, geometry: write::geometry(table, row) })
    }

    /// An edit as it is kept: its geometry read by the constructor that all geometry passes, and rounded to what is kept.
    /// What can't be judged at all is refused. `replaced`: the areas of the collection are replaced as a whole by the same draft.
    pub fn accept(&self, mut edit: FeatureEdit, replaced: bool) -> Result<FeatureEdit, Refusal> {
        let place = self.place(&edit.collection)?;
        let spec = self.spec(place);
        if let Some(official) = edit.official.take() {
            if !spec.is_replaceable() {
                return Err(not_editable(&edit.collection, self.checker.collections(), CollectionSpec::is_replaceable));
            }
            let official = Some(official.accept()?);
            return Ok(FeatureEdit { collection: edit.collection, official, ..FeatureEdit::default() });
        }
        if !(spec.is_editable() || replaced && spec.is_replaceable()) {
            return Err(not_editable(&edit.collection, self.checker.collections(), CollectionSpec::is_editable));
        }
        if let Some(name) = edit.values.keys().find(|name| spec.property(name).is_none()) {
            let (name, id) = (shown(name), &spec.id);
            let text = Text::new(
                format!("集合 {id} 没有属性“{name}”"),
                format!("the collection {id} has no property “{name}”"),
            );
            return Err(Refusal::new("map-property-unknown", text));
        }
        if let Some(id) = &edit.new_id {
            let fits =
                edit.id.is_none() && !id.trim().is_empty() && id.trim() == id && id.chars().count() <= LONGEST_ID;
            if !fits || id.chars().any(char::is_control) {
                let text = Text::new(
                    format!("新编号应为 1 至 {LONGEST_ID} 字,首尾无空格;已有的要素保留其编号"),
                    format!(
                        "a new id has 1 to {LONGEST_ID} characters, no blanks around it; a feature that is there keeps its own"
                    ),
                );
                return Err(Refusal::new("bad-id", text));
            }
        }
        edit.geometry = edit.geometry.map(|geometry| self.rounded(place, &geometry)).transpose()?;
        Ok(edit)
    }

    /// A geometry with which everything can be computed, in the precision that is kept. A position that the collection has
    /// stays as it is to its last digit: neighbours share it.
    fn rounded(&self, place: usize, geometry: &Json) -> Result<Json, Refusal> {
        let mut json = sound(geometry)?;
        let table = self.checker.table(place);
        let known = OnceCell::new();
        let held = || -> HashSet<(u64, u64)> {
            let all = (0..table.map_or(0, |t| t.ids.len())).filter_map(|row| table?.geometries.value(row));
            let spots = all.flat_map(|g| g.coords_iter().map(|c| (c.x.to_bits(), c.y.to_bits())).collect::<Vec<_>>());
            spots.collect()
        };
        let is_known = |x: f64, y: f64| {
            let short = decimals(x).to_bits() == x.to_bits() && decimals(y).to_bits() == y.to_bits();
            short || known.get_or_init(held).contains(&(x.to_bits(), y.to_bits()))
        };
        round(&mut json["coordinates"], &is_known);
        Ok(json)
    }
}

/// A geometry that somebody drew and that is no feature yet, in the precision that is kept.
pub fn outline(geometry: &Json) -> Result<Json, Refusal> {
    let mut json = sound(geometry)?;
    if !on_earth(&json["coordinates"]) {
        return Err(refused(
            "bad-geometry",
            "几何的坐标应为 WGS84 经纬度".to_owned(),
            "the geometry: its positions are longitude and latitude in WGS 84 degrees".to_owned(),
        ));
    }
    round(&mut json["coordinates"], &|_, _| false);
    Ok(json)
}

/// Whether all positions are longitude and latitude.
fn on_earth(coordinates: &Json) -> bool {
    let Json::Array(all) = coordinates else { return false };
    if !all.first().is_some_and(Json::is_number) {
        return all.iter().all(on_earth);
    }
    let within = |at: usize, most: f64| all.get(at).and_then(Json::as_f64).is_some_and(|n| n.abs() <= most);
    within(0, 180.0) && within(1, 90.0)
}

/// A geometry with which everything can be computed.
fn sound(geometry: &Json) -> Result<Json, Refusal> {
    let refused = |zh: &str, en: &str| {
        Refusal::new("bad-geometry", Text::new(format!("几何{zh}"), format!("the geometry: {en}")))
    };
    let read: geojson::Geometry = serde_json::from_value(geometry.clone())
        .map_err(|_| refused("不是 GeoJSON 几何(RFC 7946)", "it is no GeoJSON geometry (RFC 7946)"))?;
    let checked = |value: &GeometryValue| {
        Sound::from_geojson(value).map_err(|defect| {
            let (zh, en) = defect.words();
            refused(&zh, &en)
        })
    };
    checked(&read.value)?;
    Ok(serde_json::to_value(&read.value).unwrap_or_default())
}

/// A number of degrees with the decimals that are kept.
fn decimals(degrees: f64) -> f64 {
    (degrees * UNIT).round() / UNIT
}

fn round(coordinates: &mut Json, known: &dyn Fn(f64, f64) -> bool) {
    match coordinates {
        Json::Array(all) if all.first().is_some_and(Json::is_number) => {
            // a height is not kept
            all.truncate(2);
            let at = |place: usize| all.get(place).and_then(Json::as_f64).unwrap_or_default();
            if !known(at(0), at(1)) {
                for number in all {
                    *number = Json::from(decimals(number.as_f64().unwrap_or_default()));
                }
            }
        }
        Json::Array(all) => all.iter_mut().for_each(|part| round(part, known)),
        _ => {}
    }
}

/// Refuses what is of a collection that can't be changed so; `can` says which can.
fn not_editable(collection: &str, all: &[CollectionSpec], can: fn(&CollectionSpec) -> bool) -> Refusal {
    let known: Vec<&str> = all.iter().filter(|spec| can(spec)).map(|spec| spec.id.as_str()).collect();
    let (name, known) = (shown(collection), known.join(", "));
    refused(
        "not-editable",
        format!("集合“{name}”不能这样修改;可以的是:{known}"),
        format!("the collection “{name}” is not edited like this; these are: {known}"),
    )
}

fn refused(code: &'static str, zh: String, en: String) -> Refusal {
    Refusal::new(code, Text::new(zh, en))
}

/// At most so many characters of what somebody wrote.
fn shown(text: &str) -> String {
    text.chars().take(40).collect()
}
