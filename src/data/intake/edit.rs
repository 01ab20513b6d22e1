//! Edits of single rows as a table with those rows, so that they are judged and written exactly as an import is. What a
//! table can't say is said beside it: values that are taken away, rows that go, rows that must be new.

use super::diff::{Class, held};
use super::exact::Exact;
use super::finding::{Finding, Refusal};
use super::judge::Judged;
use super::listing::Preview;
use super::no_register;
use super::places::{Districts, Ground};
use super::prepare::{Import, Options};
use super::schema::Schema;
use super::sheet::{Cells, Column, Kind, Row, Sheet};
use super::system::System;
use crate::core::model::{Dataset, Text};
use geo::Coord;
use serde_json::Value as Json;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Names of the columns that are no property; no property has such a name.
const ID: &str = "id ";
const LONGITUDE: &str = "longitude ";
const LATITUDE: &str = "latitude ";

/// What becomes of one row.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Edit {
    /// Its id in the register; none for a row that is to be added.
    pub id: Option<String>,
    /// New values by property; null takes a value away. What is not named stays.
    pub values: BTreeMap<String, Json>,
    /// Its new place: longitude and latitude in WGS 84 degrees.
    pub position: Option<[f64; 2]>,
    /// Whether it goes.
    pub remove: bool,
    /// The zone that it is to declare, whatever the rules of a file make of it: of any level, or one that is only to come.
    pub zone: Option<String>,
}

/// A row as the register holds it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct HeldRow {
    /// Its values; those that it has not are null.
    pub values: BTreeMap<String, Json>,
    /// Longitude and latitude in WGS 84 degrees.
    pub position: Option<[f64; 2]>,
}

/// The rows of a dataset's register by their ids: made once, asked for each edit.
#[derive(Debug)]
pub struct RowIndex(HashMap<String, usize>);

impl RowIndex {
    /// Of a dataset; empty where it has no register.
    pub fn of(dataset: &Dataset) -> Self {
        let ids = |schema: &Schema| schema.table.ids.iter().zip(0..).map(|(id, row)| (id.to_owned(), row)).collect();
        Self(Schema::of(dataset).as_ref().map(ids).unwrap_or_default())
    }

    /// A row of that dataset, as the register holds it.
    pub fn held(&self, dataset: &Dataset, id: &str) -> Option<HeldRow> {
        let schema = Schema::of(dataset)?;
        let row = *self.0.get(id)?;
        let values = schema.spec.properties.iter().enumerate();
        Some(HeldRow {
            values: values.map(|(i, p)| (p.name.clone(), held(schema.table, row, i).to_json())).collect(),
            position: schema.table.geometries.point(row).map(|at| [at.x, at.y]),
        })
    }

    /// Whether there is such a row.
    pub fn has(&self, id: &str) -> bool {
        self.0.contains_key(id)
    }
}

/// Edits as a table, ready to be prepared as an import.
#[derive(Debug)]
pub struct EditTable {
    sheet: Sheet,
    options: Options,
    /// The property of each column.
    properties: Vec<Option<String>>,
}

impl EditTable {
    /// The edits of a dataset's register, with the numbers that their rows have; numbers rise. A row that moves and names no
    /// district is in the one that holds its place.
    pub fn new(edits: &[(u32, Edit)], dataset: &Dataset, ground: &Ground, index: &RowIndex) -> Result<Self, Refusal> {
        let schema = Schema::of(dataset).ok_or_else(no_register)?;
        let districts = Districts::new(ground);
        let name = schema.spec.name.as_deref().and_then(|n| schema.place(n));
        let district = schema.register.district.as_deref().and_then(|n| schema.place(n));
        let mut used: BTreeSet<usize> = name.into_iter().collect();
        for property in edits.iter().flat_map(|(_, edit)| edit.values.keys()) {
            used.insert(schema.place(property).ok_or_else(|| unknown_property(property))?);
        }
        used.extend(district.filter(|_| edits.iter().any(|(_, edit)| edit.position.is_some() || edit.zone.is_some())));
        let used: Vec<usize> = used.into_iter().collect();
        let own = |place: &usize| schema.spec.properties[*place].name.clone();
        let properties: Vec<Option<String>> =
            [None, None, None].into_iter().chain(used.iter().map(|place| Some(own(place)))).collect();
        let heads: Vec<String> =
            [ID, LONGITUDE, LATITUDE].map(str::to_owned).into_iter().chain(used.iter().map(own)).collect();

        let (mut cells, mut row, mut exact) = (Cells::default(), Row::default(), Exact::default());
        for (number, edit) in edits {
            let existing = edit.id.as_ref().and_then(|id| index.0.get(id).copied());
            if edit.id.is_some() && existing.is_none() {
                return Err(gone(edit.id.as_deref().unwrap_or_default()));
            }
            if edit.remove {
                exact.removed.extend(existing);
                continue;
            }
            row.clear();
            row.push(Kind::Text, edit.id.as_deref().unwrap_or_default());
            let [x, y] = edit.position.map_or_else(Default::default, |at| at.map(|degrees| format!("{degrees:.7}")));
            row.push(Kind::Number, &x);
            row.push(Kind::Number, &y);
            let mut cleared = BTreeSet::new();
            let found = edit.position.and_then(|[x, y]| districts.around(Coord { x, y }));
            for place in &used {
                let said = edit.values.get(&schema.spec.properties[*place].name);
                match said {
                    _ if Some(*place) == district && edit.zone.is_some() => {
                        row.push(Kind::Text, edit.zone.as_deref().unwrap_or_default());
                    }
                    Some(value) => {
                        let (kind, text) = cell(value);
                        row.push(kind, &text);
                        if text.is_empty() {
                            cleared.insert(*place);
                        }
                    }
                    None if Some(*place) == name => {
                        let now = existing.map(|e| held(schema.table, e, *place)).unwrap_or_default();
                        row.push(Kind::Text, now.as_str().unwrap_or_default());
                    }
                    None if Some(*place) == district => {
                        row.push(Kind::Text, found.map_or("", |place| districts.id(place)));
                    }
                    None => row.push(Kind::Empty, ""),
                }
            }
            cells.push(*number, &row);
            exact.cleared.push(cleared);
            exact.added.push(edit.id.is_none());
            exact.zones.push(edit.zone.clone());
        }
        let columns = properties.iter().flatten().map(|name| (name.clone(), name.clone()));
        let special = [(ID, "id"), (LONGITUDE, "longitude"), (LATITUDE, "latitude")];
        let special = special.into_iter().enumerate().map(|(i, (_, to))| (super::finding::letters(i), to.to_owned()));
        let options = Options {
            system: Some(System::Wgs84),
            columns: columns.chain(special).collect(),
            exact: Some(exact),
            ..Options::default()
        };
        let columns = heads.into_iter().map(|name| Column { name, unit: None }).collect();
        Ok(Self { sheet: Sheet { columns, cells, ..Sheet::default() }, options, properties })
    }

    /// The edits as an import into the same dataset.
    pub fn import<'a>(&'a self, dataset: &'a Dataset, ground: &'a Ground) -> Result<Import<'a>, Refusal> {
        Import::prepare(&self.sheet, dataset, ground, self.options.clone())
    }

    /// The property that a finding is about; none where it is about the row or its place.
    pub fn property(&self, finding: &Finding) -> Option<&str> {
        self.properties.get(finding.at?)?.as_deref()
    }
}

impl Import<'_> {
    /// Every row judged, in their order: what becomes of it, and what is to be said of it.
    pub fn judged(&self) -> impl Iterator<Item = (Class, Preview)> {
        (0..self.sheet.cells.len()).map(|row| (self.judge(row).class, self.preview(row)))
    }

    /// The text of a property that each row comes to have, by the row's number; none where it has none, or keeps its own.
    pub fn texts(&self, property: &str) -> Vec<(u32, Option<String>)> {
        let place = self.schema.place(property);
        let one = |row: usize| {
            let judged = self.judge(row);
            let text = place.and_then(|place| judged.values.get(place)?.as_str().map(str::to_owned));
            (judged.number, text)
        };
        (0..self.sheet.cells.len()).map(one).collect()
    }

    /// What a row of a table made of edits must hold besides what every row must.
    pub(super) fn exactly(&self, row: usize, judged: &mut Judged) {
        let Some(exact) = &self.options.exact else { return };
        let n = judged.number;
        let properties = &self.schema.spec.properties;
        for place in exact.cleared.get(row).into_iter().flatten() {
            if !properties[*place].required || Some(*place) == self.roles.name {
                continue;
            }
            let title = &properties[*place].title;
            let text =
                Text::new(format!("第 {n} 行 {} 不能为空", title.zh), format!("row {n}: {} can't be empty", title.en));
            let column = self.column_of(Some(*place)).unwrap_or_default();
            judged.notes.push(Finding::error("value-required", text).row(n).cell(column, ""));
        }
        if exact.added.get(row) == Some(&true) && judged.existing.is_some() {
            let text = Text::new(
                format!("第 {n} 行 名录里已有这一条:{}", judged.name),
                format!("row {n}: the register has it already: {}", judged.name),
            );
            let column = self.column_of(self.roles.name).unwrap_or_default();
            judged.notes.push(Finding::error("already-there", text).row(n).cell(column, &judged.name));
        } else if let Some((place, other)) = self.other_with_code(judged) {
            let (_, name) = self.in_register(other);
            let text = Text::new(
                format!("第 {n} 行 信用代码已属于“{name}”"),
                format!("row {n}: the credit code is that of “{name}”"),
            );
            let column = self.column_of(Some(place)).unwrap_or_default();
            judged.notes.push(Finding::error("credit-taken", text).row(n).cell(column, ""));
        }
    }

    /// The other row of the register that has the credit code which this one is to have.
    fn other_with_code(&self, judged: &Judged) -> Option<(usize, usize)> {
        let place = self.roles.added[0]?;
        let code = judged.values[place].as_str()?;
        let column = self.schema.table.columns.get(place)?;
        let other = (0..column.len()).find(|row| column.text(*row) == Some(code) && Some(*row) != judged.existing)?;
        Some((place, other))
    }
}

/// A value as a cell holds it; an empty text for none.
fn cell(value: &Json) -> (Kind, String) {
    match value {
        Json::Null => (Kind::Empty, String::new()),
        Json::Bool(yes) => (Kind::Boolean, yes.to_string()),
        Json::Number(number) => (Kind::Number, number.to_string()),
        Json::String(text) => (Kind::Text, text.trim().to_owned()),
        Json::Array(list) if list.is_empty() => (Kind::Empty, String::new()),
        Json::Array(_) | Json::Object(_) => (Kind::Text, value.to_string()),
    }
}

fn unknown_property(name: &str) -> Refusal {
    let name = super::finding::shorten(name);
    Refusal::new(
        "map-property-unknown",
        Text::new(format!("名录没有属性“{name}”"), format!("the register has no property “{name}”")),
    )
}

fn gone(id: &str) -> Refusal {
    let id = super::finding::shorten(id);
    Refusal::new(
        "row-gone",
        Text::new(format!("名录里没有编号 {id}"), format!("the register has no row with the id {id}")),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn values_become_cells() {
        for (value, expected) in [
            (json!(null), (Kind::Empty, "")),
            (json!("  甲 "), (Kind::Text, "甲")),
            (json!(1.5), (Kind::Number, "1.5")),
            (json!(true), (Kind::Boolean, "true")),
            (json!([]), (Kind::Empty, "")),
            (json!(["a", "b"]), (Kind::Text, "[\"a\",\"b\"]")),
        ] {
            let (kind, text) = cell(&value);
            assert_eq!((kind, text.as_str()), expected);
        }
    }
}
