//! What is done to a draft: changed, undone, submitted, returned, saved as a version, given up. Each asks for the draft that
//! its sender has seen. What a step needs of the disk is done off the threads that serve.

use super::change::{Held, Made, RowEdit, Said, Step, StoredEdit, changes};
use super::error::DraftsError;
use super::held::{HeldFeatures, HeldTable};
use super::judged::{ChangeClass, ChangeFinding, JudgedChange, JudgedDraft, judge, judge_features};
use super::owner::{not_layout, of_layers};
use super::{successors, targets};
use crate::core::model::Text;
use crate::data::features::{AreaFile, FeatureEdit, Features, Official};
use crate::data::intake::{EditTable, Ground, Refusal, RowIndex, of_table};
use crate::data::load::{Limits, Severity};
use crate::data::targets::TARGETS;
use crate::service::clock;
use crate::service::store::{
    Base, CommitError, Database, DraftChange, DraftChanged, DraftRow, DraftStage, OF_LAYOUT, Provenance, Store, Version,
};
use crate::service::task::blocking;
use serde_json::json;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// After so long without an edit what was loaded for edits is let go.
const IDLE: Duration = Duration::from_mins(15);

/// The drafts of a data folder. Clones share everything.
#[derive(Clone, Debug)]
pub struct Drafts(Arc<Inner>);

/// Tables as they are now, by their ids.
#[derive(Debug, Default)]
struct HeldTables {
    tables: Vec<(String, Arc<HeldTable>)>,
    /// The other collections.
    features: Option<Arc<HeldFeatures>>,
    /// When they were last looked at.
    used: Duration,
}

#[derive(Debug)]
pub(super) struct Inner {
    pub(super) store: Arc<Store>,
    pub(super) database: Arc<Database>,
    /// Whether a draft is released by another than its owner.
    pub(super) two_persons: bool,
    /// The tables that edits are of, as they are now, and when they were last looked at.
    held: Mutex<HeldTables>,
    /// Held while a draft is changed, so that none changes while it is being saved.
    changing: Mutex<()>,
}

impl Drafts {
    /// The drafts that are kept in `database` and become versions in `store`.
    pub fn new(store: Arc<Store>, database: Arc<Database>, two_persons: bool) -> Self {
        let inner = Inner { store, database, two_persons, held: Mutex::default(), changing: Mutex::default() };
        Self(Arc::new(inner))
    }

    /// The drafts that somebody may see: the own one, and, who may release them, those that are submitted.
    pub async fn list(&self, actor: String, releases: bool) -> Result<Vec<(DraftRow, usize)>, DraftsError> {
        self.on_disk(move |inner| {
            let seen = |row: &DraftRow| row.owner == actor || (releases && row.stage == DraftStage::Submitted);
            let owners: Vec<String> = inner.database.drafts()?.into_iter().filter(seen).map(|row| row.owner).collect();
            let mut rows = Vec::new();
            for owner in owners {
                if let Some(row) = inner.database.draft(&owner)? {
                    let n = changes(counting(&row)).len();
                    rows.push((row, n));
                }
            }
            Ok(rows)
        })
        .await
    }

    /// A draft, judged against the data as they are now. The own one is there before anything is changed.
    pub async fn get(&self, owner: String, actor: String, releases: bool) -> Result<JudgedDraft, DraftsError> {
        self.on_disk(move |inner| inner.judged(&owner, inner.find(&owner, &actor, releases)?)).await
    }

    /// Says what becomes of rows and features by one step, in the place of what was said of each before; none: it stays as it
    /// is. `seen` is the tag of the draft.
    pub async fn put(
        &self,
        owner: String,
        said: Vec<(String, Option<RowEdit>)>,
        seen: String,
    ) -> Result<JudgedDraft, DraftsError> {
        self.alone(move |inner| {
            let row = match inner.database.draft(&owner)? {
                None if seen == NONE => None,
                found => Some(open(found, &seen)?),
            };
            inner.put(&owner, row, said)
        })
        .await
    }

    /// Replaces all areas of a collection by those of a file, as one step of the draft. What the draft said of the collection's
    /// features before is no more said.
    pub async fn replace(
        &self,
        owner: String,
        collection: String,
        file: AreaFile,
        official: Official,
        seen: String,
    ) -> Result<JudgedDraft, DraftsError> {
        self.alone(move |inner| {
            let row = match inner.database.draft(&owner)? {
                None if seen == NONE => None,
                found => Some(open(found, &seen)?),
            };
            let held = inner.held_features()?;
            let edits = {
                let features = held.features.lock().unwrap_or_else(PoisonError::into_inner);
                features.replacement(&collection, file, official)?
            };
            let mut said = Vec::new();
            for (number, edit) in edits.into_iter().enumerate() {
                let FeatureEdit { collection: table, id, new_id, values, geometry, remove, official, .. } = edit;
                let key = match (&id, &official) {
                    (_, Some(_)) => table.clone(),
                    (Some(id), _) => format!("{table}:{id}"),
                    (None, _) => format!("{table}+file-{number}"),
                };
                let edit = RowEdit { table, id, new_id, values, geometry, remove, official, ..RowEdit::default() };
                said.push((key, Some(edit)));
            }
            for Made { key, edit, .. } in changes(row.as_ref().map_or(&[][..], counting)) {
                if edit.table == collection && !said.iter().any(|(own, _)| *own == key) {
                    said.push((key, None));
                }
            }
            inner.put(&owner, row, said)
        })
        .await
    }

    /// Undoes the last step, or does the one that was undone last again.
    pub async fn turn(&self, owner: String, back: bool, seen: String) -> Result<JudgedDraft, DraftsError> {
        self.alone(move |inner| {
            let row = open(inner.database.draft(&owner)?, &seen)?;
            let done = if back { row.done.checked_sub(1) } else { Some(row.done + 1) };
            let done = done.filter(|done| *done <= row.steps.len()).ok_or(DraftsError::NoStep)?;
            inner.change(&row, &DraftChange::Done(done))
        })
        .await
    }

    /// Leaves a draft to somebody who may release it.
    pub async fn submit(&self, owner: String, note: String, seen: String) -> Result<JudgedDraft, DraftsError> {
        self.alone(move |inner| {
            let row = open(inner.database.draft(&owner)?, &seen)?;
            let judged = inner.judged(&owner, Some(row.clone()))?;
            sound(&judged, &note)?;
            inner.change(&row, &DraftChange::Stage(DraftStage::Submitted, note))
        })
        .await
    }

    /// Gives a submitted draft back to its owner: the owner withdraws it, or who may release it says what is to be mended.
    pub async fn give_back(
        &self,
        owner: String,
        actor: String,
        releases: bool,
        note: String,
        seen: String,
    ) -> Result<JudgedDraft, DraftsError> {
        not_layout(&owner)?;
        self.alone(move |inner| {
            let found = inner.find(&owner, &actor, releases)?;
            let row = unchanged(found, &owner, &seen)?;
            let note = if note.is_empty() { row.note.clone() } else { note };
            inner.change(&row, &DraftChange::Stage(DraftStage::Open, note))
        })
        .await
    }

    /// Gives a draft up. Nothing has changed by it.
    pub async fn remove(&self, owner: String, actor: String, seen: String) -> Result<(), DraftsError> {
        self.alone(move |inner| {
            let row = unchanged(inner.find(&owner, &actor, false)?, &owner, &seen)?;
            if inner.database.drop_draft(&row.id, row.serial)? { Ok(()) } else { Err(DraftsError::Changed) }
        })
        .await
    }

    /// Saves a draft as a version. Without a note that of its owner is kept.
    pub async fn publish(
        &self,
        owner: String,
        actor: String,
        note: String,
        seen: String,
    ) -> Result<Version, DraftsError> {
        not_layout(&owner)?;
        self.alone(move |inner| {
            let row = unchanged(inner.find(&owner, &actor, true)?, &owner, &seen)?;
            if inner.two_persons && owner == actor {
                return Err(DraftsError::SecondPerson);
            }
            let note = if note.trim().is_empty() { row.note.clone() } else { note };
            let released = (actor != row.owner).then_some(actor);
            inner.saved(&row, &Provenance { actor: row.owner.clone(), note, released, ..Provenance::default() })
        })
        .await
    }

    /// Lets go of what was loaded for edits, where there are none for a while.
    pub fn rest(&self) {
        let mut held = self.0.held.lock().unwrap_or_else(PoisonError::into_inner);
        if clock::running().saturating_sub(held.used) > IDLE {
            (held.tables, held.features) = (Vec::new(), None);
        }
    }

    /// Runs work on the database and the data off the threads that serve.
    pub(super) async fn on_disk<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Inner) -> Result<T, DraftsError> + Send + 'static,
    ) -> Result<T, DraftsError> {
        let inner = self.0.clone();
        blocking(move || work(&inner)).await?
    }

    /// The same of work that changes a draft: none changes while another does, or while it is being saved.
    pub(super) async fn alone<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Inner) -> Result<T, DraftsError> + Send + 'static,
    ) -> Result<T, DraftsError> {
        self.on_disk(move |inner| {
            let _one = inner.changing.lock().unwrap_or_else(PoisonError::into_inner);
            work(inner)
        })
        .await
    }
}

/// The tag of a draft that is not there yet.
const NONE: &str = "none";

impl JudgedDraft {
    /// What names the draft as it is now: another after each change.
    pub fn tag(&self) -> String {
        self.row.as_ref().map_or_else(|| NONE.to_owned(), tag)
    }
}

fn tag(row: &DraftRow) -> String {
    format!("{}-{}", row.id, row.serial)
}

/// How many changes steps amount to.
pub(super) fn changes_of(steps: &[String]) -> usize {
    changes(steps).len()
}

/// The steps that were not undone.
pub(super) fn counting(row: &DraftRow) -> &[String] {
    &row.steps[..row.done.min(row.steps.len())]
}

/// A draft that is still what its sender has seen.
pub(super) fn unchanged(found: Option<DraftRow>, owner: &str, seen: &str) -> Result<DraftRow, DraftsError> {
    let row = found.ok_or_else(|| DraftsError::Unknown(owner.to_owned()))?;
    if tag(&row) == seen { Ok(row) } else { Err(DraftsError::Changed) }
}

/// A draft that its owner may change.
fn open(found: Option<DraftRow>, seen: &str) -> Result<DraftRow, DraftsError> {
    let row = found.ok_or(DraftsError::Changed)?;
    let owner = row.owner.clone();
    let row = unchanged(Some(row), &owner, seen)?;
    if row.stage == DraftStage::Submitted { Err(DraftsError::Submitted) } else { Ok(row) }
}

/// Refuses a draft that can't become a version.
fn sound(judged: &JudgedDraft, note: &str) -> Result<(), DraftsError> {
    let (problems, conflicts) = (judged.problems(), judged.conflicts());
    match () {
        () if judged.changes.is_empty() => Err(DraftsError::Empty),
        () if conflicts > 0 => Err(DraftsError::Conflicts(conflicts)),
        () if problems > 0 => Err(DraftsError::Problems(problems)),
        () if note.trim().is_empty() => Err(DraftsError::NoReason),
        () => Ok(()),
    }
}

impl Inner {
    /// A draft that somebody may see; that of another is there where it is submitted and they may release it.
    fn find(&self, owner: &str, actor: &str, releases: bool) -> Result<Option<DraftRow>, DraftsError> {
        let found = self.database.draft(owner)?;
        if owner == actor || self.is_layout(owner)? {
            return Ok(found);
        }
        let row = found.filter(|row| releases && row.stage == DraftStage::Submitted);
        Ok(Some(row.ok_or_else(|| DraftsError::Unknown(owner.to_owned()))?))
    }

    /// Whether a draft is that of a layout, which all may see who may edit.
    fn is_layout(&self, owner: &str) -> Result<bool, DraftsError> {
        let id = owner.strip_prefix(OF_LAYOUT);
        Ok(id.map(|id| self.database.layout(id)).transpose()?.flatten().is_some())
    }

    fn begin(&self, owner: &str) -> Result<DraftRow, DraftsError> {
        let base = self.store.base().version;
        self.database.begin_draft(owner, &clock::new_id(), base, clock::seconds())?;
        self.database.draft(owner)?.ok_or(DraftsError::Changed)
    }

    /// Keeps a step that says what becomes of rows and features; a draft begins with the first.
    fn put(
        &self,
        owner: &str,
        row: Option<DraftRow>,
        said: Vec<(String, Option<RowEdit>)>,
    ) -> Result<JudgedDraft, DraftsError> {
        of_layers(owner, said.iter().filter_map(|(_, edit)| edit.as_ref()), |id| self.is_table(id))?;
        let all = changes(row.as_ref().map_or(&[][..], counting));
        // collections whose areas are replaced: their features are part of that
        let before = all.iter().filter(|made| made.edit.official.is_some()).map(|made| &made.edit.table);
        let now = said.iter().filter_map(|(_, edit)| edit.as_ref().filter(|edit| edit.official.is_some()));
        let replaced: Vec<String> = before.chain(now.map(|edit| &edit.table)).cloned().collect();
        let mut step = Vec::new();
        for (key, edit) in said {
            let before = all.iter().find(|made| made.key == key).map(|made| &made.edit);
            let edit = match edit {
                Some(edit) => Some(self.stored(edit, before, &replaced)?),
                None if before.is_none() => return Err(DraftsError::NoChange(key)),
                None => None,
            };
            step.push(Said { key, edit });
        }
        // what can't be judged at all is not kept
        let made = step.iter().filter_map(|said| {
            let Said { key, edit } = said.clone();
            Some(Made { key, edit: edit?, step: 1 })
        });
        self.judged_edits(&made.collect::<Vec<_>>())?;
        let row = row.map_or_else(|| self.begin(owner), Ok)?;
        let step =
            if step.len() == 1 { step.pop().map(|one| Step::One(one.into())) } else { Some(Step::Several(step)) };
        let step = serde_json::to_string(&step).unwrap_or_default();
        self.change(&row, &DraftChange::Step(step))
    }

    /// An edit as a draft keeps it, beside what the data hold now.
    fn stored(
        &self,
        edit: RowEdit,
        before: Option<&StoredEdit>,
        replaced: &[String],
    ) -> Result<StoredEdit, DraftsError> {
        if edit.table == TARGETS {
            return targets::stored(edit, before, &self.store.snapshot().describe().indicators);
        }
        if self.is_table(&edit.table) {
            let held = self.held(&edit.table)?;
            let edit = at_its_place(edit)?;
            let now = edit.id.as_ref().and_then(|id| held.index.held(&held.dataset, id)).map(Held::from);
            return Ok(StoredEdit::new(edit, now.as_ref(), before));
        }
        let held = self.held_features()?;
        let features = held.features.lock().unwrap_or_else(PoisonError::into_inner);
        let whole = replaced.contains(&edit.table);
        let edit = accepted(edit, &features, whole)?;
        let now = edit.id.as_ref().map(|id| features.held(&edit.table, id)).transpose()?.flatten();
        Ok(StoredEdit::new(edit, now.map(Held::from).as_ref(), before))
    }

    fn change(&self, row: &DraftRow, change: &DraftChange) -> Result<JudgedDraft, DraftsError> {
        match self.database.change_draft(&row.id, row.serial, change, clock::seconds())? {
            DraftChanged::Kept => self.judged(&row.owner, self.database.draft(&row.owner)?),
            DraftChanged::Stale => Err(DraftsError::Changed),
            DraftChanged::Full => Err(DraftsError::Full),
        }
    }

    /// A table as it is now: kept from one edit to the next.
    fn held(&self, table: &str) -> Result<Arc<HeldTable>, DraftsError> {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        held.used = clock::running();
        let now = self.store.base();
        held.let_go(&now);
        if let Some((_, one)) = held.tables.iter().find(|(id, _)| id == table) {
            return Ok(one.clone());
        }
        let (dataset, base) = self.store.dataset()?;
        let dataset = of_table(dataset, Some(table))?;
        let ground = Ground::of(&dataset);
        let index = RowIndex::of(&dataset);
        let one = Arc::new(HeldTable { dataset, ground, index, base });
        held.tables.push((table.to_owned(), one.clone()));
        Ok(one)
    }

    pub(super) fn judged(&self, owner: &str, row: Option<DraftRow>) -> Result<JudgedDraft, DraftsError> {
        let edits = row.as_ref().map_or_else(Vec::new, |row| changes(counting(row)));
        let changes = self.judged_edits(&edits)?;
        Ok(JudgedDraft { row, owner: owner.to_owned(), current: self.store.base().version, changes })
    }

    /// Edits, judged in their order.
    fn judged_edits(&self, edits: &[Made]) -> Result<Vec<JudgedChange>, DraftsError> {
        let mut all = Vec::new();
        let Sorted { tables, features, targets: aims } = self.sorted(edits);
        let successors = successors::of(edits);
        let mut broken = None;
        for (table, edits) in tables {
            let (judged, errors) = judge(&*self.held(&table)?, &edits, &successors)?;
            all.extend(judged);
            broken = broken.or(errors);
        }
        if !features.is_empty() {
            all.extend(judge_features(&*self.held_features()?, &features)?);
        }
        if !aims.is_empty() {
            all.extend(targets::judge(&self.store.snapshot().describe().indicators, &aims));
        }
        if let Some((n, first)) = broken {
            let gone = all.iter_mut().filter(|change| change.successor.is_some() && !change.declared.is_empty());
            for change in gone {
                change.class = ChangeClass::Problem;
                change.findings.push(unmoved(n, &first));
            }
        }
        all.sort_by_key(|change| change.number);
        for (change, made) in all.iter_mut().zip(edits) {
            change.step = made.step;
        }
        Ok(all)
    }

    /// Makes a version of a draft.
    pub(super) fn saved(&self, row: &DraftRow, from: &Provenance) -> Result<Version, DraftsError> {
        match self.publish(row, from) {
            // another program has made a version meanwhile: what it changed is merged with, or shown as a conflict
            Err(DraftsError::Commit(CommitError::Stale { .. })) => {
                self.forget();
                self.publish(row, from)
            }
            done => done,
        }
    }

    fn publish(&self, row: &DraftRow, from: &Provenance) -> Result<Version, DraftsError> {
        sound(&self.judged(&row.owner, Some(row.clone()))?, &from.note)?;
        let edits = changes(counting(row));
        let sorted = self.sorted(&edits);
        let successors = successors::of(&edits);
        let mut tables = Vec::new();
        for (table, edits) in sorted.tables {
            let held = self.held(&table)?;
            let there = |edit: &StoredEdit| edit.id.as_ref().is_none_or(|id| held.index.has(id));
            let rows = edits.iter().filter(|(.., e)| there(e)).map(|(n, _, e)| (*n, e.for_intake())).collect();
            let rows = successors::with_rows(&held, rows, &successors)?;
            if !rows.is_empty() {
                tables.push((held, rows));
            }
        }
        let layers = if sorted.features.is_empty() { None } else { Some(self.held_features()?) };
        let aims = targets::stated(&self.store.snapshot().describe().indicators, &edits, from)?;
        let draft = Some((row.id.clone(), row.serial));
        let from = Provenance { now: clock::seconds(), draft, ..from.clone() };
        let now = self.store.base();
        let bases = tables.iter().map(|(held, _)| &held.base).chain(layers.iter().map(|held| &held.base));
        let bases: Vec<&Base> = bases.chain(aims.iter().map(|_| &now)).collect();
        let base = (*bases.first().ok_or(DraftsError::Empty)?).clone();
        if bases.iter().any(|other| **other != base) {
            return Err(CommitError::Stale { current: self.store.base().version }.into());
        }
        // each import borrows from its table of edits, and from what that is prepared against
        let mut imports = Vec::new();
        for (held, rows) in &tables {
            imports.push(EditTable::new(rows, &held.dataset, &held.ground, &held.index)?);
        }
        let prepared = imports.iter().zip(&tables).map(|(table, (held, _))| table.import(&held.dataset, &held.ground));
        let prepared = prepared.collect::<Result<Vec<_>, _>>()?;
        let mut edited = Vec::new();
        if let Some(held) = &layers {
            let mut features = held.features.lock().unwrap_or_else(PoisonError::into_inner);
            let mut all = Vec::new();
            for (number, _, edit) in &sorted.features {
                let there = match &edit.id {
                    Some(id) => features.held(&edit.table, id)?.is_some(),
                    None => true,
                };
                all.extend(there.then(|| (*number, edit.of_feature())));
            }
            edited = features.edited(&all)?;
            for one in &mut edited {
                let of = || edits.iter().filter(|made| made.edit.table == one.collection);
                let file = of().find(|made| made.edit.official.is_some()).map(|made| made.step);
                let drawn = of().any(|made| made.edit.geometry.is_some() && Some(made.step) != file);
                one.drawn = file.is_none() || drawn;
            }
        }
        Ok(self.store.commit_all(&base, &prepared.iter().collect::<Vec<_>>(), &edited, aims.as_ref(), &from)?)
    }
}

/// A change with its number and its key.
type Numbered<'a> = (u32, &'a String, &'a StoredEdit);

/// Changes by what they are of, numbered through.
struct Sorted<'a> {
    /// Rows, by their tables: those with changes, and, where a zone goes that rows may declare, all.
    tables: Vec<(String, Vec<Numbered<'a>>)>,
    /// Features of other collections.
    features: Vec<Numbered<'a>>,
    /// Targets of the plan.
    targets: Vec<Numbered<'a>>,
}

impl Inner {
    fn is_table(&self, collection: &str) -> bool {
        self.store.snapshot().describe().tables.iter().any(|table| table.id == collection)
    }

    fn sorted<'a>(&self, edits: &'a [Made]) -> Sorted<'a> {
        let mut sorted = Sorted { tables: Vec::new(), features: Vec::new(), targets: Vec::new() };
        for (number, Made { key, edit, .. }) in (1..).zip(edits) {
            let one = (number, key, edit);
            if edit.table == TARGETS {
                sorted.targets.push(one);
                continue;
            }
            if !self.is_table(&edit.table) {
                sorted.features.push(one);
                continue;
            }
            match sorted.tables.iter_mut().find(|(table, _)| *table == edit.table) {
                Some((_, all)) => all.push(one),
                None => sorted.tables.push((edit.table.clone(), vec![one])),
            }
        }
        if edits.iter().any(|made| made.edit.successor.is_some()) {
            for table in &self.store.snapshot().describe().tables {
                if !sorted.tables.iter().any(|(id, _)| *id == table.id) {
                    sorted.tables.push((table.id.clone(), vec![]));
                }
            }
        }
        sorted
    }

    /// The collections without rows of statistics as they are now: kept from one edit to the next.
    pub(super) fn held_features(&self) -> Result<Arc<HeldFeatures>, DraftsError> {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        held.used = clock::running();
        held.let_go(&self.store.base());
        if let Some(one) = &held.features {
            return Ok(one.clone());
        }
        let (dataset, base) = self.store.dataset()?;
        let features = Mutex::new(Features::of(dataset, &Limits::default()));
        Ok(held.features.insert(Arc::new(HeldFeatures { features, base })).clone())
    }

    fn forget(&self) {
        *self.held.lock().unwrap_or_else(PoisonError::into_inner) = HeldTables::default();
    }
}

impl HeldTables {
    /// Lets go of what is no more as the data are.
    fn let_go(&mut self, now: &Base) {
        self.tables.retain(|(_, one)| one.base == *now);
        self.features.take_if(|one| one.base != *now);
    }
}

/// An edit of a row: a point is its place, and it has no other geometry.
fn at_its_place(edit: RowEdit) -> Result<RowEdit, Refusal> {
    if edit.new_id.is_some() {
        let text = Text::new("统计表的记录由系统编号", "rows of a table are numbered by the service");
        return Err(Refusal::new("bad-id", text));
    }
    let Some(geometry) = &edit.geometry else { return Ok(edit) };
    let place = geometry.get("coordinates").filter(|_| geometry["type"] == "Point");
    let position = place.and_then(|place| serde_json::from_value(place.clone()).ok());
    let position = position.ok_or_else(|| {
        let text = Text::new("统计表的记录只有点位", "rows of a table have a point and no other geometry");
        Refusal::new("bad-geometry", text)
    })?;
    Ok(RowEdit { position: Some(position), geometry: None, ..edit })
}

/// An edit of a feature as it is kept; a position is a point. `replaced`: it is part of a collection that is replaced.
fn accepted(edit: RowEdit, features: &Features, replaced: bool) -> Result<RowEdit, Refusal> {
    let RowEdit { table, id, new_id, values, position, geometry, remove, successor, official, settled } = edit;
    let point = |at: [f64; 2]| json!({"type": "Point", "coordinates": at});
    let geometry = geometry.or_else(|| position.map(point));
    let edit = FeatureEdit { collection: table, id, new_id, values, geometry, remove, successor, official };
    let edit = features.accept(edit, replaced)?;
    let FeatureEdit { collection: table, id, new_id, values, geometry, remove, successor, official } = edit;
    Ok(RowEdit { table, id, new_id, values, position: None, geometry, remove, successor, official, settled })
}

/// Says that rows which declare a zone can't be made to declare another.
fn unmoved(n: usize, first: &Text) -> ChangeFinding {
    ChangeFinding {
        severity: Severity::Error,
        code: "rows-not-moved",
        property: None,
        message: Text::new(
            format!("{n} 条记录不能改属:{}", first.zh),
            format!("{n} rows can't be made to declare another: {}", first.en),
        ),
        remedy: Text::new("先改正这些记录", "correct these rows first"),
    }
}
