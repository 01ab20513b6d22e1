//! The changes of a draft as its steps have them: each step says what becomes of one row or feature, the last word on it counts.

use crate::data::features::{FeatureEdit, HeldFeature, Official};
use crate::data::intake::{Edit, HeldRow, same};
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use std::collections::BTreeMap;

/// How the place of a row, and the geometry of a feature, is named among its properties.
pub const PLACE: &str = "geometry";

/// What somebody wants to become of a row of a table, or of a feature of another collection.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RowEdit {
    /// The id of the collection.
    pub table: String,
    /// The id of the row; none for one that is to be added.
    pub id: Option<String>,
    /// Of a feature that is added: the id that it is to have.
    pub new_id: Option<String>,
    /// New values by property; null takes a value away.
    pub values: BTreeMap<String, Json>,
    /// Its new place: longitude and latitude in WGS 84 degrees.
    pub position: Option<[f64; 2]>,
    /// Of a feature: its new geometry (GeoJSON).
    pub geometry: Option<Json>,
    /// Whether it goes.
    pub remove: bool,
    /// Of a zone that goes: the zone that the rows which declare it are to declare.
    pub successor: Option<String>,
    /// Where all areas of the collection come from: then it is of the collection, not of a feature.
    pub official: Option<Official>,
    /// Properties of which it was seen what others have made of them since, [`PLACE`] for its place: then this counts.
    pub settled: Vec<String>,
}

/// The same as a draft keeps it: with what the row was when it was changed.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct StoredEdit {
    /// The id of the table.
    pub table: String,
    /// The id of the row; none for one that is to be added.
    pub id: Option<String>,
    /// New values by property.
    pub values: BTreeMap<String, Json>,
    /// Its new place.
    pub position: Option<[f64; 2]>,
    /// Whether it goes.
    pub remove: bool,
    /// What the values were; all of them where the row goes.
    pub was: BTreeMap<String, Json>,
    /// Where it was.
    pub was_at: Option<[f64; 2]>,
    /// Of a feature: its new geometry.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub geometry: Option<Json>,
    /// Of a feature: what its geometry was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub was_geometry: Option<Json>,
    /// Of a feature that is added: the id that it is to have.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub new_id: Option<String>,
    /// Of a zone that goes: the zone that the rows which declare it are to declare.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub successor: Option<String>,
    /// Where all areas of the collection come from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub official: Option<Official>,
}

/// A row or a feature as the data hold it.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Held {
    pub values: BTreeMap<String, Json>,
    /// Longitude and latitude of a row, the geometry of a feature; null where there is none.
    pub place: Json,
}

impl From<HeldRow> for Held {
    fn from(HeldRow { values, position }: HeldRow) -> Self {
        Self { values, place: at(position) }
    }
}

impl From<HeldFeature> for Held {
    fn from(HeldFeature { values, geometry }: HeldFeature) -> Self {
        Self { values, place: geometry }
    }
}

fn at(position: Option<[f64; 2]>) -> Json {
    position.map_or(Json::Null, Json::from_iter)
}

/// A place as it is kept: of a row, or of a feature.
fn kept(place: Json) -> (Option<[f64; 2]>, Option<Json>) {
    match place {
        Json::Null => (None, None),
        Json::Object(_) => (None, Some(place)),
        place => (serde_json::from_value(place).ok(), None),
    }
}

/// What a step says of a row or feature.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Said {
    /// Which one, within the draft.
    pub key: String,
    /// What becomes of it; none: it stays as it is.
    pub edit: Option<StoredEdit>,
}

/// A step of a draft: undo takes back all that it says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub(super) enum Step {
    /// Of one row or feature.
    One(Box<Said>),
    /// Of several at once.
    Several(Vec<Said>),
}

/// What a row or feature comes to be.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Made {
    pub key: String,
    pub edit: StoredEdit,
    /// The step that gave it its place or took it away, from 1: what one step made of several belongs together.
    pub step: usize,
}

/// The changes that steps amount to, in the order in which rows were first changed.
pub(super) fn changes(steps: &[String]) -> Vec<Made> {
    let mut all: Vec<(String, Option<Made>)> = Vec::new();
    for (step, text) in (1..).zip(steps) {
        let said = match serde_json::from_str(text) {
            Ok(Step::One(one)) => vec![*one],
            Ok(Step::Several(all)) => all,
            Err(_) => continue,
        };
        for Said { key, edit } in said {
            let slot = all.iter().position(|(own, _)| *own == key).unwrap_or_else(|| {
                all.push((key.clone(), None));
                all.len() - 1
            });
            let before = all[slot].1.take();
            all[slot].1 = edit.map(|edit| {
                let same =
                    before.filter(|before| before.edit.place() == edit.place() && before.edit.remove == edit.remove);
                Made { key, edit, step: same.map_or(step, |before| before.step) }
            });
        }
    }
    all.into_iter().filter_map(|(_, made)| made).collect()
}

/// A value that two have changed since.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Conflict {
    /// The property; none: where the row is.
    pub property: Option<String>,
    /// What it was.
    pub was: Json,
    /// What the draft makes of it.
    pub mine: Json,
    /// What the data hold now.
    pub theirs: Json,
}

impl StoredEdit {
    /// What is kept of an edit. `now` is the row as the data hold it, `before` what the draft kept of it before: a value that
    /// is the same as before goes on standing for what was seen then.
    pub(super) fn new(edit: RowEdit, now: Option<&Held>, before: Option<&Self>) -> Self {
        let RowEdit { table, id, new_id, values, position, geometry, remove, successor, official, settled } = edit;
        let before = before.filter(|before| before.remove == remove);
        let now = now.cloned().unwrap_or_default();
        let open = |name: &str| !settled.iter().any(|own| own == name);
        let held = |name: &String| now.values.get(name).cloned().unwrap_or_default();
        let seen = |name: &String| {
            let before = before.filter(|before| open(name) && before.values.get(name) == values.get(name))?;
            before.was.get(name).cloned()
        };
        let names: Vec<&String> = if remove { now.values.keys().collect() } else { values.keys().collect() };
        let was = names.into_iter().map(|name| (name.clone(), seen(name).unwrap_or_else(|| held(name)))).collect();
        let moves = position.is_some() || geometry.is_some();
        let same = |before: &Self| before.position == position && before.geometry == geometry && (remove || moves);
        let seen = before.filter(|before| open(PLACE) && same(before));
        let (was_at, was_geometry) = kept(seen.map_or(now.place, Self::was_place));
        Self { table, id, values, position, remove, was, was_at, geometry, was_geometry, new_id, successor, official }
    }

    /// The same for the intake.
    pub(super) fn for_intake(&self) -> Edit {
        let Self { id, values, position, remove, .. } = self;
        Edit { id: id.clone(), values: values.clone(), position: *position, remove: *remove, zone: None }
    }

    /// The same as an edit of a feature.
    pub(super) fn of_feature(&self) -> FeatureEdit {
        let Self { table, id, new_id, values, geometry, remove, successor, official, .. } = self.clone();
        FeatureEdit { collection: table, id, new_id, values, geometry, remove, successor, official }
    }

    fn place(&self) -> Json {
        self.geometry.clone().unwrap_or_else(|| at(self.position))
    }

    fn was_place(&self) -> Json {
        self.was_geometry.clone().unwrap_or_else(|| at(self.was_at))
    }

    /// What others have made of the row since, where that is neither what it was nor what the draft makes of it. A row that
    /// goes is in conflict with every change of it.
    pub(super) fn conflicts(&self, now: &Held) -> Vec<Conflict> {
        let value = |name: &String| now.values.get(name).cloned().unwrap_or_default();
        let mut found: Vec<Conflict> = self
            .was
            .iter()
            .map(|(name, was)| (name, was, if self.remove { None } else { self.values.get(name) }, value(name)))
            .filter(|(_, was, mine, theirs)| !same(was, theirs) && mine.is_none_or(|mine| !same(mine, theirs)))
            .map(|(name, was, mine, theirs)| Conflict {
                property: Some(name.clone()),
                was: was.clone(),
                mine: mine.cloned().unwrap_or_default(),
                theirs,
            })
            .collect();
        let (was, mine) = (self.was_place(), self.place());
        let moves = !mine.is_null();
        let moved = (self.remove || moves) && now.place != was;
        if moved && (self.remove || now.place != mine) {
            found.push(Conflict { property: None, was, mine, theirs: now.place.clone() });
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn row(values: &Json, position: Option<[f64; 2]>) -> Held {
        HeldRow { values: serde_json::from_value(values.clone()).unwrap(), position }.into()
    }

    fn edit(values: &Json) -> RowEdit {
        RowEdit { id: Some("a".into()), values: serde_json::from_value(values.clone()).unwrap(), ..RowEdit::default() }
    }

    #[test]
    fn the_last_word_on_a_row_counts() {
        let step = |key: &str, value: Option<i64>| {
            let values = |value| [("n".to_owned(), json!(value))].into();
            let edit = value.map(|value| StoredEdit { values: values(value), ..StoredEdit::default() });
            serde_json::to_string(&Step::One(Said { key: key.into(), edit }.into())).unwrap()
        };
        let steps = [step("a", Some(1)), step("b", Some(2)), step("a", Some(3)), step("b", None), step("c", Some(4))];
        let all = |steps: &[String]| -> Vec<(String, Json)> {
            changes(steps).into_iter().map(|made| (made.key, made.edit.values["n"].clone())).collect()
        };
        let found = all(&steps);
        assert_eq!(found, [("a".to_owned(), json!(3)), ("c".to_owned(), json!(4))]);
        assert_eq!(changes(&steps[..1]).len(), 1, "an undone step is not given");
    }

    /// Every way in which one field of a row can stand to three states of it.
    #[test]
    fn a_field_is_in_conflict_where_both_changed_it_to_different_values() {
        let all = [json!(null), json!(1), json!(2)];
        for was in &all {
            for mine in &all {
                for theirs in &all {
                    let stored = StoredEdit::new(edit(&json!({"n": mine})), Some(&row(&json!({"n": was}), None)), None);
                    let found = stored.conflicts(&row(&json!({"n": theirs}), None));
                    assert_eq!(!found.is_empty(), was != theirs && mine != theirs, "{was} {mine} {theirs}");
                }
            }
        }
    }

    #[test]
    fn other_fields_of_a_row_are_merged() {
        let stored =
            StoredEdit::new(edit(&json!({"n": 2})), Some(&row(&json!({"n": 1, "m": 1}), Some([1.0, 2.0]))), None);
        assert_eq!(stored.conflicts(&row(&json!({"n": 1, "m": 9}), Some([3.0, 4.0]))), []);
    }

    #[test]
    fn a_row_that_goes_is_in_conflict_with_every_change_of_it() {
        let gone = RowEdit { remove: true, ..edit(&json!({})) };
        let stored = StoredEdit::new(gone, Some(&row(&json!({"n": 1, "m": 1}), Some([1.0, 2.0]))), None);
        assert_eq!(stored.conflicts(&row(&json!({"n": 1, "m": 1}), Some([1.0, 2.0]))), []);
        assert_eq!(stored.conflicts(&row(&json!({"n": 1, "m": 2}), Some([1.0, 2.0]))).len(), 1);
        assert_eq!(stored.conflicts(&row(&json!({"n": 1, "m": 1}), None)).len(), 1);
    }

    /// Changing another field of the same row does not silently accept what others have made of the first.
    #[test]
    fn a_conflict_stays_until_it_is_settled() {
        let first = StoredEdit::new(edit(&json!({"n": 2})), Some(&row(&json!({"n": 1, "m": 1}), None)), None);
        let now = row(&json!({"n": 5, "m": 1}), None);
        let second = StoredEdit::new(edit(&json!({"n": 2, "m": 3})), Some(&now), Some(&first));
        assert_eq!(second.conflicts(&now).len(), 1);
        let settle = |name: &str| {
            let settled = RowEdit { settled: vec![name.into()], ..edit(&json!({"n": 2, "m": 3})) };
            StoredEdit::new(settled, Some(&now), Some(&second)).conflicts(&now).len()
        };
        assert_eq!((settle("n"), settle("m"), settle(PLACE)), (0, 1, 1), "each by itself");
    }

    /// The geometry of a feature is one field among others.
    #[test]
    fn a_geometry_is_in_conflict_as_a_field_is() {
        let line = |y: f64| json!({"type": "LineString", "coordinates": [[1.0, y], [2.0, y]]});
        let feature = |y: f64, name: &str| -> Held {
            let values = serde_json::from_value(json!({"n": name})).unwrap();
            HeldFeature { values, geometry: line(y) }.into()
        };
        let reshaped = RowEdit { geometry: Some(line(2.0)), ..edit(&json!({})) };
        let stored = StoredEdit::new(reshaped, Some(&feature(1.0, "a")), None);
        let stored: StoredEdit = serde_json::from_str(&serde_json::to_string(&stored).unwrap()).unwrap();
        for (theirs, name, conflicts) in [(1.0, "a", 0), (1.0, "b", 0), (2.0, "b", 0), (3.0, "a", 1)] {
            assert_eq!(stored.conflicts(&feature(theirs, name)).len(), conflicts, "{theirs} {name}");
        }
        let found = &stored.conflicts(&feature(3.0, "a"))[0];
        assert_eq!((&found.was, &found.mine, &found.theirs), (&line(1.0), &line(2.0), &line(3.0)));
        let renamed = StoredEdit::new(edit(&json!({"n": "c"})), Some(&feature(1.0, "a")), None);
        assert_eq!(renamed.conflicts(&feature(3.0, "a")), [], "who renames it does not mind that it was reshaped");
    }
}
