//! The properties of a feature: one pass over the object, each value into the cell of its column.

use super::cell::CellReader;
use super::complaints::absurd;
use super::document::{in_chinese, plain};
use super::report::{Place, Report};
use super::text::shorten;
use super::value::{Json, Key};
use crate::core::columns::Column;
use crate::core::model::{Codelist, CollectionSpec, Text};
use serde::de::{DeserializeSeed, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

/// Unknown properties that are distinguished in one file.
const MAX_UNKNOWN: usize = 1000;

/// The columns of a collection in the making.
pub struct Cells<'s> {
    cells: Vec<CellReader<'s>>,
    /// Property -> how often, and the first feature that has it.
    unknown: BTreeMap<String, (usize, String)>,
}

impl<'s> Cells<'s> {
    pub fn new(spec: &'s CollectionSpec, codelists: &'s BTreeMap<String, Codelist>, lenient: bool) -> Self {
        let cells = spec.properties.iter().map(|p| {
            let list = p.codelist.as_ref().and_then(|name| codelists.get(name));
            CellReader::new(p, list, lenient)
        });
        Self { cells: cells.collect(), unknown: BTreeMap::new() }
    }

    /// Others for more rows of the same collection.
    pub fn fresh(&self) -> Self {
        Self { cells: self.cells.iter().map(CellReader::fresh).collect(), unknown: BTreeMap::new() }
    }

    /// Adds the rows of another; `false` when they cannot stand in one table.
    #[must_use]
    pub fn append(&mut self, other: Self) -> bool {
        for (name, (count, first)) in other.unknown {
            self.unknown.entry(name).or_insert((0, first)).0 += count;
        }
        let joined = self.cells.iter_mut().zip(other.cells).all(|(a, b)| a.append(b));
        joined && self.unknown.len() < MAX_UNKNOWN
    }

    /// How many columns there are.
    pub fn len(&self) -> usize {
        self.cells.len()
    }

    /// The name of a column.
    pub fn name(&self, column: usize) -> Option<&'s str> {
        self.cells.get(column).map(|c| c.spec().name.as_str())
    }

    /// Adds a row of values that were read already, one for each column.
    pub fn push(&mut self, values: &[Option<Json>], place: Place, report: &mut Report) {
        for (cell, value) in self.cells.iter_mut().zip(values) {
            cell.push(value.as_ref(), place, report);
        }
    }

    /// Adds a value to one column; each column is to get as many.
    pub fn push_one(&mut self, column: usize, value: Option<&Json>, place: Place, report: &mut Report) {
        if let Some(cell) = self.cells.get_mut(column) {
            cell.push(value, place, report);
        }
    }

    /// Counts a property that the schema does not have.
    pub fn unknown(&mut self, key: &str, feature: &str) {
        count_unknown(&mut self.unknown, Cow::Borrowed(key), feature);
    }

    /// Adds a row of empty cells about which there is nothing to say.
    pub fn skip(&mut self) {
        self.cells.iter_mut().for_each(CellReader::skip);
    }

    /// Adds the row of a feature.
    pub fn read(&mut self, properties: Option<&RawValue>, place: Place, report: &mut Report) {
        let mut slots: Vec<Option<Json>> = Vec::new();
        slots.resize_with(self.cells.len(), || None);
        let raw = properties.map_or("null", RawValue::get);
        if raw != "null" {
            let mut deserializer = serde_json::Deserializer::from_str(raw);
            let mut reading = String::new();
            let (cells, unknown) = (&self.cells[..], &mut self.unknown);
            let mut reader = Reader { cells, unknown, slots: &mut slots, reading: &mut reading, place, report };
            if let Err(e) = reader.deserialize(&mut deserializer) {
                bad_properties(&e, &reading, place, report);
                return self.skip();
            }
        }
        self.push(&slots, place, report);
    }

    /// The finished columns, after saying what was done to the values.
    pub fn finish(self, place: Place, report: &mut Report) -> Vec<Column> {
        for (name, (count, first)) in &self.unknown {
            report.warning(place.property(name), "unknown-property", || {
                let name = shorten(name);
                (
                    Text::new(
                        format!("清单中没有属性 {name},已略去({count} 个要素,首个为 {first})"),
                        format!(
                            "the manifest has no property {name}; it was dropped ({count} features, first {first})"
                        ),
                    ),
                    Text::new(
                        "在清单的 properties 中声明它,或从文件中删去",
                        "declare it in the manifest's properties, or remove it from the file",
                    ),
                )
            });
        }
        self.cells.into_iter().map(|c| c.finish(place, report)).collect()
    }
}

/// Reads an object's members into the slots of the schema.
struct Reader<'f, 'a, 's, 'p> {
    cells: &'f [CellReader<'s>],
    unknown: &'f mut BTreeMap<String, (usize, String)>,
    slots: &'f mut Vec<Option<Json<'a>>>,
    reading: &'f mut String,
    place: Place<'p>,
    report: &'f mut Report,
}

impl<'de> DeserializeSeed<'de> for &mut Reader<'_, 'de, '_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for &mut Reader<'_, 'de, '_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let mut next = 0;
        while let Some(Key(key)) = map.next_key()? {
            let cells = self.cells;
            // files keep the order of the schema more often than not
            let named = |i: usize| cells.get(i).is_some_and(|c| c.spec().name == key);
            let found = if named(next) { Some(next) } else { (0..cells.len()).find(|&i| named(i)) };
            self.reading.clear();
            self.reading.push_str(&key);
            let value: Json = map.next_value()?;
            if let Some(i) = found {
                next = i + 1;
                if self.slots[i].replace(value).is_some() {
                    repeated(&key, self.place, self.report);
                }
            } else {
                count_unknown(self.unknown, key, self.place.feature.unwrap_or_default());
            }
        }
        Ok(())
    }
}

fn count_unknown(unknown: &mut BTreeMap<String, (usize, String)>, key: Cow<str>, feature: &str) {
    if let Some((count, _)) = unknown.get_mut(&*key) {
        *count += 1;
    } else if unknown.len() < MAX_UNKNOWN {
        unknown.insert(key.into_owned(), (1, shorten(feature).into_owned()));
    }
}

fn bad_properties(e: &serde_json::Error, reading: &str, place: Place, report: &mut Report) {
    let said = plain(e);
    if said.starts_with("number out of range") {
        return absurd("1e308+", place.property(reading), report);
    }
    let place = if reading.is_empty() { place } else { place.property(reading) };
    report.error(place, "bad-properties", || {
        (
            Text::new(format!("properties 读不出:{}", in_chinese(&said)), format!("properties cannot be read: {said}")),
            Text::new("properties 应为对象或 null", "properties must be an object or null"),
        )
    });
}

fn repeated(key: &str, place: Place, report: &mut Report) {
    report.warning(place.property(key), "repeated-property", || {
        let key = shorten(key);
        (
            Text::new(
                format!("属性 {key} 在同一要素中出现两次,取后者"),
                format!("the property {key} occurs twice in one feature; the last one counts"),
            ),
            Text::new("删去其中一个", "remove one of them"),
        )
    });
}
