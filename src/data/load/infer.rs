//! A folder without manifest: what each file holds is read from the file itself.

use super::cell::ABSURD;
use super::feature::Members;
use super::folder::Found;
use super::naming::stem;
use super::report::{Place, Report};
use super::rows::Numbering;
use super::stream::{self, Frame};
use super::text::{is_date, shorten};
use super::value::{Json, Key, depth};
use super::{Limits, declared};
use crate::core::columns::Moment;
use crate::core::model::{CollectionSpec, Manifest, MapApproval, MapSpec, PropertySpec, PropertyType, Terms, Text};
use serde::de::{DeserializeSeed, Deserializer, MapAccess, Visitor};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::fmt;

/// Properties of one file at most; more are dropped with a finding when the file is read.
const MAX_PROPERTIES: usize = 1000;
/// Bytes of a file that are looked at first.
const BEGINNING: u64 = 1 << 20;
/// Distinct words of a list at most; a list with more is kept as text.
const MAX_WORDS: usize = 4000;
/// Properties that hold a feature's name, by preference.
const NAMES: [&str; 4] = ["name", "名称", "NAME", "title"];

/// A manifest that lists these collections.
pub fn manifest(id: &str, collections: Vec<CollectionSpec>) -> Manifest {
    Manifest {
        schema: None,
        id: id.to_owned(),
        title: Text::new(id, id),
        description: Text::default(),
        terms: Terms::default(),
        crs: declared::CRS84.to_owned(),
        systems: vec![],
        map_approval: MapApproval::default(),
        map: MapSpec::default(),
        codelists: BTreeMap::new(),
        counts: vec![],
        ratios: vec![],
        divisions: None,
        time_zone: None,
        units: vec![],
        plan: None,
        indicators: None,
        zone_kinds: vec![],
        layer_groups: vec![],
        collections,
    }
}

/// Reads a file once to know what it holds; what is wrong with it is said when it is read the second time.
pub fn collection(
    id: &str,
    file: &str,
    text: &str,
    limits: &Limits,
    report: &mut Report,
) -> (CollectionSpec, Numbering) {
    guess(text, limits).conclude(id, file, report)
}

/// What the first features of a file hold.
pub fn beginning(file: &Found, limits: &Limits) -> Option<Guess> {
    let mut bytes = vec![0; file.len().min(BEGINNING) as usize];
    file.open().ok()?.fill(0, &mut bytes).ok()?;
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&bytes);
    let text = bytes.utf8_chunks().next()?.valid();
    Some(guess(text, limits))
}

/// What the features of a text hold, up to where it breaks.
pub fn guess(text: &str, limits: &Limits) -> Guess {
    let mut guess = Guess::default();
    let mut frame = Frame::default();
    let _ = stream::features(text, &mut frame, &mut |raw| guess.feature(raw, limits));
    guess
}

fn spec(id: &str, file: &str, properties: Vec<PropertySpec>) -> CollectionSpec {
    let is_name = |n: &&str| properties.iter().any(|p| p.name == *n && p.ty == PropertyType::String);
    CollectionSpec {
        title: Text::new(stem(file), stem(file)),
        name: NAMES.into_iter().find(is_name).map(str::to_owned),
        name_en: ["name_en", "NAME_EN"].into_iter().find(is_name).map(str::to_owned),
        properties,
        ..CollectionSpec::named(id, file)
    }
}

/// What was seen of a file's features.
#[derive(Clone, Default)]
pub struct Guess {
    features: usize,
    with_id: usize,
    columns: Vec<Seen>,
    places: HashMap<String, usize>,
}

/// What was seen of one property.
#[derive(Clone, Default)]
struct Seen {
    name: String,
    /// A bit for each [`Kind`].
    kinds: u8,
    words: HashSet<String>,
}

#[derive(Clone, Copy)]
enum Kind {
    Date,
    Datetime,
    Text,
    Integer,
    Number,
    Boolean,
    Strings,
    /// Objects, mixed arrays, numbers too large to be figures.
    Other,
}

impl Guess {
    /// Nothing seen yet of a file that is taken to have these properties.
    pub fn of(properties: &[PropertySpec]) -> Self {
        let columns = properties.iter().map(|p| Seen { name: p.name.clone(), ..Seen::default() }).collect();
        let places = properties.iter().enumerate().map(|(i, p)| (p.name.clone(), i)).collect();
        Self { columns, places, ..Self::default() }
    }

    /// Takes to what was seen what another has seen of the same properties.
    pub fn join(&mut self, other: &Self) {
        self.features += other.features;
        self.with_id += other.with_id;
        for seen in &other.columns {
            let i = self.column(&seen.name);
            let Some(own) = i.and_then(|i| self.columns.get_mut(i)) else { continue };
            own.kinds |= seen.kinds;
            if !seen.words.iter().all(|w| own.knows(w)) {
                own.note(Kind::Other);
            }
        }
    }

    /// The collection that this is.
    pub fn conclude(self, id: &str, file: &str, report: &mut Report) -> (CollectionSpec, Numbering) {
        let place = Place::file(file);
        // a few ids among many that are missing identify nothing
        let numbered = self.with_id * 2 < self.features;
        let numbering = if numbered { Numbering::ByPosition } else { Numbering::Own };
        let properties: Vec<PropertySpec> = self.columns.into_iter().map(|c| c.into_spec(place, report)).collect();
        if numbering == Numbering::ByPosition {
            report.warning(place, "missing-id", || {
                (
                    Text::new(
                        "多数要素没有 id,已按先后编号",
                        "no feature has an id, or most have none; they were numbered in order",
                    ),
                    Text::new(
                        "给每个要素一个稳定的 id,否则增删要素后链接会指向别处",
                        "give each feature an id that stays, or links will point elsewhere after rows are added",
                    ),
                )
            });
        }
        (spec(id, file, properties), numbering)
    }

    /// Counts a feature that was read already.
    pub fn count(&mut self, with_id: bool) {
        self.features += 1;
        self.with_id += usize::from(with_id);
    }

    /// Looks at a value of a property, by the property's place.
    pub fn value(&mut self, column: usize, value: &Json) {
        self.columns[column].value(value);
    }

    /// Looks at a feature.
    pub fn feature(&mut self, raw: &str, limits: &Limits) {
        let members: Members = serde_json::from_str(raw).unwrap_or_default();
        self.count(members.id.is_some_and(|id| id.get() != "null"));
        let Some(properties) = members.properties.filter(|p| depth(p.get()) <= limits.depth) else { return };
        // a feature that cannot be read is reported when it is read for good
        let _ = self.deserialize(&mut serde_json::Deserializer::from_str(properties.get()));
    }

    /// The place of a property; `None` when there are too many.
    fn column(&mut self, name: &str) -> Option<usize> {
        if let Some(&i) = self.places.get(name) {
            return Some(i);
        }
        if self.columns.len() == MAX_PROPERTIES {
            return None;
        }
        self.places.insert(name.to_owned(), self.columns.len());
        self.columns.push(Seen { name: name.to_owned(), ..Seen::default() });
        Some(self.columns.len() - 1)
    }
}

impl<'de> DeserializeSeed<'de> for &mut Guess {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for &mut Guess {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(Key(key)) = map.next_key()? {
            let value: Json = map.next_value()?;
            let Some(i) = self.column(&key) else { continue };
            self.columns[i].value(&value);
        }
        Ok(())
    }
}

impl Seen {
    fn value(&mut self, value: &Json) {
        let kind = match value {
            Json::Null => return,
            Json::Bool(_) => Kind::Boolean,
            // longer whole numbers are identifiers, which must not lose digits
            Json::Int(i) if i.unsigned_abs() as f64 > ABSURD => Kind::Other,
            Json::Int(_) => Kind::Integer,
            Json::Float(_) | Json::Decimal(..) => Kind::Number,
            // text it stays, whatever else comes
            Json::Str(_) if self.kinds & 1 << Kind::Text as u8 != 0 => return,
            Json::Str(s) if is_date(s) => Kind::Date,
            Json::Str(s) if Moment::timestamp(s).is_some() => Kind::Datetime,
            Json::Str(_) => Kind::Text,
            Json::List(items) => {
                if items.iter().all(|i| i.as_str().is_some_and(|word| self.knows(word))) {
                    Kind::Strings
                } else {
                    Kind::Other
                }
            }
            Json::Object(_) => Kind::Other,
        };
        self.note(kind);
    }

    fn note(&mut self, kind: Kind) {
        self.kinds |= 1 << kind as u8;
    }

    /// Takes a word of a list to the others; not when there are too many.
    fn knows(&mut self, word: &str) -> bool {
        self.words.contains(word) || (self.words.len() < MAX_WORDS && self.words.insert(word.to_owned()))
    }

    fn into_spec(self, place: Place, report: &mut Report) -> PropertySpec {
        const DATE: u8 = 1 << Kind::Date as u8;
        const DATETIME: u8 = 1 << Kind::Datetime as u8;
        const TEXT: u8 = 1 << Kind::Text as u8;
        const INTEGER: u8 = 1 << Kind::Integer as u8;
        const NUMBER: u8 = 1 << Kind::Number as u8;
        const BOOLEAN: u8 = 1 << Kind::Boolean as u8;
        const STRINGS: u8 = 1 << Kind::Strings as u8;
        let (ty, mixed) = match self.kinds {
            DATE => (PropertyType::Date, false),
            DATETIME => (PropertyType::Datetime, false),
            kinds if kinds & !(DATE | DATETIME | TEXT) == 0 => (PropertyType::String, false),
            INTEGER => (PropertyType::Integer, false),
            NUMBER => (PropertyType::Number, false),
            kinds if kinds == INTEGER | NUMBER => (PropertyType::Number, false),
            BOOLEAN => (PropertyType::Boolean, false),
            STRINGS => (PropertyType::Strings, false),
            _ => (PropertyType::String, true),
        };
        if mixed {
            report.info(place.property(&self.name), "mixed-types", || {
                let name = shorten(&self.name);
                (
                    Text::new(
                        format!("属性 {name} 的取值类型不一或不是简单值,全部作为文本"),
                        format!("the property {name} has values of several or nested types; all are kept as text"),
                    ),
                    Text::new("写一份清单 dataset.json 来规定类型", "write a manifest dataset.json that says the type"),
                )
            });
        }
        PropertySpec::named(&self.name, ty)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use PropertyType as T;

    #[test]
    fn types_are_inferred() {
        let rows = r#"{"type":"FeatureCollection","features":[
            {"type":"Feature","properties":{"name":"甲","n":1,"x":1,"d":"2021-04-09","b":true,"l":["a"],"t":"2021-04-09T08:00:00+08:00","mix":1,"o":{"k":1},"nil":null,"code":913301005714612345}},
            {"type":"Feature","properties":{"name":"乙","n":2,"x":1.5,"d":"2021-04-10","b":false,"l":[],"mix":"1","late":"2021-01-01"}},
            {"type":"Feature","properties":{"d":null,"late":"soon"}}]}"#;
        let mut r = Report::new(99);
        let (spec, numbering) = collection("a", "a.geojson", rows, &Limits::default(), &mut r);
        let types: Vec<_> = spec.properties.iter().map(|p| (p.name.as_str(), p.ty)).collect();
        assert_eq!(
            types,
            [
                ("name", T::String),
                ("n", T::Integer),
                ("x", T::Number),
                ("d", T::Date),
                ("b", T::Boolean),
                ("l", T::Strings),
                ("t", T::Datetime),
                ("mix", T::String),
                ("o", T::String),
                ("nil", T::String),
                ("code", T::String),
                ("late", T::String)
            ]
        );
        assert_eq!(spec.name.as_deref(), Some("name"));
        assert!(numbering == Numbering::ByPosition);
        let found: Vec<_> = r.findings.iter().map(|f| (f.code, f.property.as_deref())).collect();
        assert_eq!(
            found,
            [
                ("mixed-types", Some("mix")),
                ("mixed-types", Some("o")),
                ("mixed-types", Some("code")),
                ("missing-id", None)
            ]
        );
    }
}
