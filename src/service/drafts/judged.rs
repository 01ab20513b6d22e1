//! The changes of a draft judged against the data as they are now: what each would do, what is wrong with it, and what others
//! have made of the same rows since.

use super::change::{Conflict, Held, StoredEdit};
use super::error::DraftsError;
use super::held::{HeldFeatures, HeldTable};
use super::successors::{self, Successors};
use crate::core::model::Text;
use crate::data::features::{Fate, Official};
use crate::data::intake::{Class, EditTable, Finding, Preview};
use crate::data::load::Severity;
use crate::data::schema;
use crate::service::store::DraftRow;
use serde::Serialize;
use serde_json::Value as Json;
use std::collections::BTreeMap;
use std::sync::PoisonError;
use utoipa::ToSchema;

/// What becomes of a row or a feature.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum ChangeClass {
    /// It is added.
    New,
    /// Other values, same place.
    Changed,
    /// Another place or geometry; values may differ too.
    Moved,
    /// It goes.
    Removed,
    /// Nothing: the data hold this already.
    Unchanged,
    /// An error keeps it from being saved.
    Problem,
}

/// A value that a change makes another.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ChangedField {
    /// The property.
    pub property: String,
    /// What the data hold.
    #[schema(value_type = Object)]
    pub old: Json,
    /// What the change makes of it.
    #[schema(value_type = Object)]
    pub new: Json,
}

/// What was found about a change.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ChangeFinding {
    /// An error keeps the draft from being saved; a warning wants a look; an info says what was done.
    pub severity: Severity,
    /// Stable code in kebab case.
    pub code: &'static str,
    /// The property; null: the row or its place.
    pub property: Option<String>,
    /// What is the matter.
    #[schema(value_type = schema::Text)]
    pub message: Text,
    /// What to do.
    #[schema(value_type = schema::Text)]
    pub remedy: Text,
}

/// A value that somebody else has changed since the draft changed it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct DraftConflict {
    /// The property; null: where the row is, or that it is no more.
    pub property: Option<String>,
    /// Whether the row is no more.
    pub gone: bool,
    /// What it was when the draft changed it.
    #[schema(value_type = Object)]
    pub was: Json,
    /// What the draft makes of it.
    #[schema(value_type = Object)]
    pub mine: Json,
    /// What the data hold now.
    #[schema(value_type = Object)]
    pub theirs: Json,
}

/// A change of a draft.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = DraftChangeInfo)]
pub struct JudgedChange {
    /// Which row, within the draft.
    pub key: String,
    /// Its number in the draft, from 1: that of findings.
    pub number: u32,
    /// The step of the draft that gave it its place or took it away: changes with the same one were made together, and the
    /// decision on a conflict of one is for all of them.
    pub step: usize,
    /// The id of the collection.
    pub collection: String,
    /// The id of the row or feature; null for one that is added.
    pub id: Option<String>,
    /// Of a feature that is added: the id that it is to have, where one is given.
    pub new_id: Option<String>,
    /// Its name.
    pub name: String,
    /// What becomes of it.
    pub class: ChangeClass,
    /// Whether the draft lets it go.
    pub remove: bool,
    /// The values that the draft gives, by property.
    #[schema(value_type = Object)]
    pub values: BTreeMap<String, Json>,
    /// The place that the draft gives: longitude and latitude in WGS 84 degrees.
    pub position: Option<[f64; 2]>,
    /// Where the data have it.
    pub from: Option<[f64; 2]>,
    /// Where it comes to be.
    pub to: Option<[f64; 2]>,
    /// How far it moves, in metres.
    pub moved_m: Option<f64>,
    /// Of a feature of a collection that is no table: its geometry in the data (GeoJSON); null for rows.
    #[schema(value_type = Option<Object>)]
    pub old_geometry: Option<Json>,
    /// Of such a feature: its geometry as it comes to be; null for rows, and where it goes.
    #[schema(value_type = Option<Object>)]
    pub new_geometry: Option<Json>,
    /// Of such a feature: the geometry that the draft gives.
    #[schema(value_type = Option<Object>)]
    pub geometry: Option<Json>,
    /// What becomes another, also what follows from other values.
    pub changes: Vec<ChangedField>,
    /// What was found.
    pub findings: Vec<ChangeFinding>,
    /// What others have changed since.
    pub conflicts: Vec<DraftConflict>,
    /// Of a zone that goes: the zone that the rows which declare it are to declare.
    pub successor: Option<String>,
    /// Of a zone that goes: the rows that declare it, by their table. They are changed with it where a successor is named.
    pub declared: Vec<DeclaredRows>,
    /// Where all areas of the collection come from: then the change is of the collection, not of a feature.
    pub official: Option<Official>,
}

/// Rows of a table that declare a zone.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct DeclaredRows {
    /// The id of the table.
    pub collection: String,
    /// How many they are.
    pub rows: usize,
}

/// A draft, judged.
#[derive(Clone, Debug)]
pub struct JudgedDraft {
    /// What is kept of it; none while nothing is changed.
    pub row: Option<DraftRow>,
    /// Whose it is.
    pub owner: String,
    /// The version that is current.
    pub current: u64,
    /// Its changes.
    pub changes: Vec<JudgedChange>,
}

impl JudgedDraft {
    /// Changes with errors.
    pub fn problems(&self) -> usize {
        self.changes.iter().filter(|c| c.class == ChangeClass::Problem).count()
    }

    /// Changes that are in conflict with those of others.
    pub fn conflicts(&self) -> usize {
        self.changes.iter().filter(|c| !c.conflicts.is_empty()).count()
    }
}

/// How many rows errors keep from another zone, and what is said of the first.
pub(super) type Broken = (usize, Text);

/// Judges the changes of one table, in their order, and the rows that declare another zone because theirs goes: of these the
/// number that errors keep from it, with what is said of the first.
pub(super) fn judge(
    held: &HeldTable,
    edits: &[(u32, &String, &StoredEdit)],
    successors: &Successors,
) -> Result<(Vec<JudgedChange>, Option<Broken>), DraftsError> {
    let mut changes: Vec<JudgedChange> = edits.iter().map(|(number, key, edit)| bare(*number, key, edit)).collect();
    let mut rows = Vec::new();
    for (change, (number, _, edit)) in changes.iter_mut().zip(edits) {
        let now = edit.id.as_ref().map(|id| held.index.held(&held.dataset, id));
        change.from = now.as_ref().map_or(change.from, |now| now.as_ref().and_then(|now| now.position));
        if compared(change, edit, now.map(|now| now.map(Held::from)).as_ref()) {
            rows.push((*number, edit.for_intake()));
        }
    }
    let rows = successors::with_rows(held, rows, successors)?;
    if rows.is_empty() {
        return Ok((changes, None));
    }
    let table = EditTable::new(&rows, &held.dataset, &held.ground, &held.index)?;
    let import = table.import(&held.dataset, &held.ground)?;
    let mut broken: Option<(usize, Text)> = None;
    for (class, seen) in import.judged() {
        if let Some(change) = changes.iter_mut().find(|change| Some(change.number) == seen.row) {
            fill(change, class, seen, &table);
        } else if class == Class::Problem {
            let first = seen.findings.into_iter().find(|f| f.severity == Severity::Error).map(|f| f.message);
            broken = Some(broken.map_or((1, first.unwrap_or_default()), |(n, first)| (n + 1, first)));
        }
    }
    Ok((changes, broken))
}

/// Judges the changes of features, in their order.
pub(super) fn judge_features(
    held: &HeldFeatures,
    edits: &[(u32, &String, &StoredEdit)],
) -> Result<Vec<JudgedChange>, DraftsError> {
    let mut features = held.features.lock().unwrap_or_else(PoisonError::into_inner);
    let mut changes: Vec<JudgedChange> = edits.iter().map(|(number, key, edit)| bare(*number, key, edit)).collect();
    let mut all = Vec::new();
    for (change, (number, _, edit)) in changes.iter_mut().zip(edits) {
        let now = edit.id.as_ref().map(|id| features.held(&edit.table, id)).transpose()?;
        if compared(change, edit, now.map(|now| now.map(Held::from)).as_ref()) {
            all.push((*number, edit.of_feature()));
        }
    }
    for judged in features.judge(&all)? {
        let Some(change) = changes.iter_mut().find(|change| change.number == judged.number) else { continue };
        change.class = match judged.fate {
            _ if judged.has_errors() => ChangeClass::Problem,
            Fate::New => ChangeClass::New,
            Fate::Changed => ChangeClass::Changed,
            Fate::Moved => ChangeClass::Moved,
            Fate::Removed => ChangeClass::Removed,
            Fate::Unchanged => ChangeClass::Unchanged,
        };
        change.name = judged.name;
        let shape = |geometry: Json| (!geometry.is_null()).then_some(geometry);
        change.from = point(&judged.from);
        change.to = point(&judged.to);
        (change.old_geometry, change.new_geometry) = (shape(judged.from), shape(judged.to));
        change.moved_m = judged.moved_m;
        let fields = judged.changes.into_iter();
        change.changes = fields.map(|c| ChangedField { property: c.property, old: c.from, new: c.to }).collect();
        let rows = |(collection, rows)| DeclaredRows { collection, rows };
        change.declared = judged.declared.into_iter().map(rows).collect();
        change.findings = judged
            .findings
            .into_iter()
            .map(|f| ChangeFinding {
                severity: f.severity,
                code: f.code,
                property: f.property,
                message: f.message,
                remedy: f.remedy,
            })
            .collect();
    }
    Ok(changes)
}

/// The place of a point.
fn point(geometry: &Json) -> Option<[f64; 2]> {
    let coordinates = geometry.get("coordinates").filter(|_| geometry["type"] == "Point")?;
    serde_json::from_value(coordinates.clone()).ok()
}

/// Says what others have made of a row since; whether it can be judged. `now` is the row where the change is of one that was
/// there, none where it is no more.
pub(super) fn compared(change: &mut JudgedChange, edit: &StoredEdit, now: Option<&Option<Held>>) -> bool {
    match now {
        None => return true,
        Some(Some(now)) => {
            let conflict = |c: Conflict| DraftConflict {
                property: c.property,
                gone: false,
                was: c.was,
                mine: c.mine,
                theirs: c.theirs,
            };
            change.conflicts = edit.conflicts(now).into_iter().map(conflict).collect();
            return true;
        }
        // both have removed it
        Some(None) if edit.remove => change.class = ChangeClass::Unchanged,
        Some(None) => change.conflicts.push(DraftConflict {
            property: None,
            gone: true,
            was: Json::Null,
            mine: Json::Null,
            theirs: Json::Null,
        }),
    }
    false
}

/// A change before it is judged.
pub(super) fn bare(number: u32, key: &str, edit: &StoredEdit) -> JudgedChange {
    JudgedChange {
        key: key.to_owned(),
        number,
        step: 0,
        collection: edit.table.clone(),
        id: edit.id.clone(),
        new_id: edit.new_id.clone(),
        name: String::new(),
        class: if edit.remove { ChangeClass::Removed } else { ChangeClass::Unchanged },
        remove: edit.remove,
        values: edit.values.clone(),
        position: edit.position,
        from: edit.was_at,
        to: None,
        moved_m: None,
        old_geometry: edit.was_geometry.clone(),
        new_geometry: None,
        geometry: edit.geometry.clone(),
        changes: Vec::new(),
        findings: Vec::new(),
        conflicts: Vec::new(),
        successor: edit.successor.clone(),
        declared: Vec::new(),
        official: edit.official.clone(),
    }
}

fn fill(change: &mut JudgedChange, class: Class, seen: Preview, table: &EditTable) {
    change.class = match class {
        Class::New => ChangeClass::New,
        Class::Changed => ChangeClass::Changed,
        Class::Moved => ChangeClass::Moved,
        Class::Problem => ChangeClass::Problem,
        Class::Unchanged => ChangeClass::Unchanged,
    };
    change.name = seen.name;
    change.from = seen.from;
    change.to = seen.to;
    change.moved_m = seen.moved_m;
    let fields = seen.changes.into_iter();
    change.changes = fields.map(|c| ChangedField { property: c.property, old: c.from, new: c.to }).collect();
    let finding = |finding: Finding| ChangeFinding {
        property: table.property(&finding).map(str::to_owned),
        severity: finding.severity,
        code: finding.code,
        message: finding.message,
        remedy: finding.remedy,
    };
    change.findings = seen.findings.into_iter().map(finding).collect();
}
