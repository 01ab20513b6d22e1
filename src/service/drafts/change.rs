//! The changes of a draft as its steps have them: each step says what becomes of one row, the last word on a row counts.

use crate::data::intake::{Edit, HeldRow, same};
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use std::collections::BTreeMap;

/// How the place of a row is named among its properties.
pub const PLACE: &str = "geometry";

/// What somebody wants to become of a row.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RowEdit {
    /// The id of the table.
    pub table: String,
    /// The id of the row; none for one that is to be added.
    pub id: Option<String>,
    /// New values by property; null takes a value away.
    pub values: BTreeMap<String, Json>,
    /// Its new place: longitude and latitude in WGS 84 degrees.
    pub position: Option<[f64; 2]>,
    /// Whether it goes.
    pub remove: bool,
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
}

/// A step of a draft.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Step {
    /// Which row, within the draft.
    pub key: String,
    /// What becomes of it; none: it stays as it is.
    pub edit: Option<StoredEdit>,
}

/// The changes that steps amount to, in the order in which rows were first changed.
pub(super) fn changes(steps: &[String]) -> Vec<(String, StoredEdit)> {
    let mut all: Vec<(String, Option<StoredEdit>)> = Vec::new();
    for step in steps.iter().filter_map(|step| serde_json::from_str::<Step>(step).ok()) {
        match all.iter_mut().find(|(key, _)| *key == step.key) {
            Some((_, edit)) => *edit = step.edit,
            None => all.push((step.key, step.edit)),
        }
    }
    all.into_iter().filter_map(|(key, edit)| Some((key, edit?))).collect()
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
    pub(super) fn new(edit: RowEdit, now: Option<&HeldRow>, before: Option<&Self>) -> Self {
        let RowEdit { table, id, values, position, remove, settled } = edit;
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
        let seen = before.filter(|before| open(PLACE) && before.position == position && (remove || position.is_some()));
        let was_at = seen.map_or(now.position, |before| before.was_at);
        Self { table, id, values, position, remove, was, was_at }
    }

    /// The same for the intake.
    pub(super) fn for_intake(&self) -> Edit {
        let Self { id, values, position, remove, .. } = self;
        Edit { id: id.clone(), values: values.clone(), position: *position, remove: *remove }
    }

    /// What others have made of the row since, where that is neither what it was nor what the draft makes of it. A row that
    /// goes is in conflict with every change of it.
    pub(super) fn conflicts(&self, now: &HeldRow) -> Vec<Conflict> {
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
        let moved = (self.remove || self.position.is_some()) && now.position != self.was_at;
        if moved && (self.remove || now.position != self.position) {
            let at = |position: Option<[f64; 2]>| position.map_or(Json::Null, Json::from_iter);
            let mine = at(self.position);
            found.push(Conflict { property: None, was: at(self.was_at), mine, theirs: at(now.position) });
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn row(values: &Json, position: Option<[f64; 2]>) -> HeldRow {
        HeldRow { values: serde_json::from_value(values.clone()).unwrap(), position }
    }

    fn edit(values: &Json) -> RowEdit {
        RowEdit { id: Some("a".into()), values: serde_json::from_value(values.clone()).unwrap(), ..RowEdit::default() }
    }

    #[test]
    fn the_last_word_on_a_row_counts() {
        let step = |key: &str, value: Option<i64>| {
            let values = |value| [("n".to_owned(), json!(value))].into();
            let edit = value.map(|value| StoredEdit { values: values(value), ..StoredEdit::default() });
            serde_json::to_string(&Step { key: key.into(), edit }).unwrap()
        };
        let steps = [step("a", Some(1)), step("b", Some(2)), step("a", Some(3)), step("b", None), step("c", Some(4))];
        let found: Vec<(String, Json)> = changes(&steps).into_iter().map(|(k, e)| (k, e.values["n"].clone())).collect();
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
}
