//! A version is made: written under another name, loaded from what was written, brought to stable storage, renamed; then one row makes it
//! current, and then it is served. Whatever ends this before the row leaves the version of before, and what comes after
//! can be done again at any time.

use super::super::database::DataFolder;
use super::super::{Store, read};
use super::files::{Held, Part, content, free};
use super::pack::{pack, pack_made};
use super::retained::Kept;
use super::rows::{Added, New};
use super::{Base, CommitError, Provenance, Version, VersionCounts};
use crate::core::json;
use crate::core::model::{CollectionSpec, Dataset, Manifest, Role, Table, Text};
use crate::core::query::{Disclosure, Question, Selection};
use crate::core::snapshot::Snapshot;
use crate::data::features::{self, Edited};
use crate::data::intake::{Comparison, Fate, Import, NewRegister, State};
use crate::data::load::{
    EDITED, EDITED_INDICATORS, INDICATORS, Limits, Maker, Source, VERSION, load, load_made, manifest_text,
};
use serde_json::Value as Json;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Write};
use std::sync::{Arc, PoisonError};

const MANIFEST: &str = "dataset.json";
/// The register as an import writes it, for a moment.
const WRITTEN: &str = "register.geojson";
/// The register as it is kept.
const PACKED: &str = "register.parquet";
/// The file of indicators where targets were changed.
const STATED: &str = "indicators.csv";
/// Bytes that a row may take on its way: as GeoJSON and packed.
const PER_ROW: u64 = 1_000;
/// Bytes that are left to the database and all else.
const RESERVE: u64 = 20_000_000;

/// Makes a manifest that describes a table, of the one of before and the name of the table's file.
type Describe<'a> = Box<dyn Fn(&str, &str) -> Option<String> + 'a>;
/// Writes a collection as GeoJSON.
type WriteTo<'a> = Box<dyn Fn(&mut dyn Write) -> io::Result<()> + 'a>;

/// The rows of what becomes one of the collections.
pub(super) enum ContentRows<'a> {
    /// Those that an import and others of the same table leave.
    Made(&'a Import<'a>, &'a [&'a Import<'a>]),
    /// Those that a text in GeoJSON has.
    Text(WriteTo<'a>),
}

/// What becomes one of the collections.
pub(super) struct Content<'a> {
    /// The collection's id; the main table where none is said.
    pub table: Option<&'a str>,
    /// Rows at most.
    pub most: usize,
    /// Its description.
    pub manifest: Describe<'a>,
    /// Its rows.
    pub rows: ContentRows<'a>,
    /// Of edited features: how many there are, and what became of them. They are kept as GeoJSON.
    pub features: Option<VersionCounts>,
}

/// The file of indicators with other targets.
#[derive(Clone, Debug)]
pub struct StatedTargets {
    /// Its text.
    pub text: Vec<u8>,
    /// How many targets it has.
    pub targets: usize,
    /// How many of them are others.
    pub changed: usize,
}

impl<'a> Content<'a> {
    fn of(import: &'a Import<'a>) -> Self {
        Self::of_together(import, &[])
    }

    /// What several tables of different rows make of one register.
    fn of_together(import: &'a Import<'a>, others: &'a [&'a Import<'a>]) -> Self {
        Self {
            table: Some(import.table()),
            most: import.most() + others.iter().map(|other| other.rows()).sum::<usize>(),
            manifest: Box::new(move |text, file| import.manifest_with(others, text, file)),
            rows: ContentRows::Made(import, others),
            features: None,
        }
    }

    /// The register that it becomes, where it is not given as text.
    fn register(&self) -> Option<NewRegister<'a>> {
        match self.rows {
            ContentRows::Made(import, others) => Some(NewRegister::new(import, others)),
            ContentRows::Text(_) => None,
        }
    }

    fn of_features(edited: &'a Edited) -> Self {
        Self {
            table: Some(&edited.collection),
            most: edited.text.len() * 2 / PER_ROW as usize,
            manifest: Box::new(|text, file| edited_manifest(text, edited, file)),
            rows: ContentRows::Text(Box::new(|out| out.write_all(edited.text.as_bytes()))),
            features: Some(VersionCounts {
                features: edited.features,
                new: edited.new,
                changed: edited.changed,
                moved: edited.moved,
                removed: edited.removed,
                unchanged: edited.features - edited.new - edited.changed - edited.moved,
                left_out: 0,
            }),
        }
    }
}

/// A manifest with the edited features of a collection in a file of the version.
fn edited_manifest(text: &str, edited: &Edited, file: &str) -> Option<String> {
    let mut manifest: Json = serde_json::from_str(text).ok()?;
    let mut collections = manifest["collections"].as_array_mut()?.iter_mut();
    let collection = collections.find(|c| c["id"] == edited.collection)?.as_object_mut()?;
    edited.official.iter().for_each(|official| official.write(collection));
    let mut source: Text =
        collection.get("source").and_then(|s| serde_json::from_value(s.clone()).ok()).unwrap_or_default();
    for (side, said) in [(&mut source.zh, "在页面上修改"), (&mut source.en, "edited on the page")] {
        if edited.drawn && !side.contains(said) {
            side.push_str(if side.is_empty() { "" } else { ";" });
            side.push_str(said);
        }
    }
    collection.insert("source".to_owned(), serde_json::to_value(source).ok()?);
    collection.insert("file".to_owned(), file.into());
    serde_json::to_string_pretty(&manifest).ok()
}

impl Store {
    /// Makes what an import would do the current version, and serves it. `base` is what the import was prepared against.
    pub fn commit(&self, base: &Base, import: &Import, from: &Provenance) -> Result<Version, CommitError> {
        self.commit_all(base, &[import], &[], None, from)
    }

    /// The same for what imports into several tables would do, for collections of edited features, and for other targets, as one version.
    pub fn commit_all(
        &self,
        base: &Base,
        imports: &[&Import],
        edited: &[Edited],
        targets: Option<&StatedTargets>,
        from: &Provenance,
    ) -> Result<Version, CommitError> {
        let tables = imports.iter().map(|import| Content::of(import));
        let contents: Vec<Content> = tables.chain(edited.iter().map(Content::of_features)).collect();
        self.commit_content(base, &contents, targets, from)
    }

    /// The same for several tables of different rows for one register, as one version.
    pub fn commit_together(&self, base: &Base, imports: &[&Import], from: &Provenance) -> Result<Version, CommitError> {
        let (first, others) = imports.split_first().ok_or(CommitError::NoRegister)?;
        self.commit_content(base, &[Content::of_together(first, others)], None, from)
    }

    pub(super) fn commit_content(
        &self,
        base: &Base,
        contents: &[Content],
        targets: Option<&StatedTargets>,
        from: &Provenance,
    ) -> Result<Version, CommitError> {
        let kept = self.kept.as_ref().ok_or(CommitError::NoFolder)?;
        let held = Held::wait(&kept.disk, &kept.root)?;
        let before = kept.current()?;
        let served = self.current();
        if before.number != base.version || served.snapshot.describe().revision != base.revision {
            return Err(CommitError::Stale { current: before.number });
        }
        kept.can_share()?;
        let needed = contents.iter().map(|c| c.most as u64).sum::<u64>() * PER_ROW + RESERVE;
        let free = free(&kept.root)?;
        if free < needed {
            return Err(CommitError::NoSpace { free, needed });
        }
        let source = kept.source(&self.source, &before)?;
        let coming = kept.announce(contents.iter().map(|c| c.most).sum(), base.version);
        let part = held.part()?;
        let stated = targets.map(|targets| targets.text.as_slice());
        let snapshot = Arc::new(write(&part, [&self.source, &source], contents, stated, &self.limits)?);
        let (sha256, bytes) = content_of(&part)?;
        let counts = contents.iter().map(|content| {
            content.features.unwrap_or_else(|| counts(Some(&served.snapshot), &snapshot, content.table))
        });
        let of_targets = targets.map(|&StatedTargets { targets, changed, .. }| VersionCounts {
            features: targets,
            changed,
            unchanged: targets - changed,
            ..VersionCounts::default()
        });
        let counts = VersionCounts { left_out: from.left_out, ..counts.chain(of_targets).sum() };
        held.keep(&part, &sha256)?;
        kept.share(Some(&sha256))?;
        coming.wait(&sha256);
        let new = New {
            base: base.version,
            from,
            of: None,
            counts,
            revision: &snapshot.describe().revision,
            sha256: Some(&sha256),
            bytes,
            keep: kept.keep,
            aggregates: &kept.aggregates(&snapshot),
        };
        let made = add(kept, &held, &new)?;
        self.swap(snapshot, Some(made.clone()));
        Ok(made)
    }

    /// Makes the content of an earlier version, or of the seed, current again, as a version of its own.
    pub fn restore(&self, number: u64, from: &Provenance) -> Result<Version, CommitError> {
        let kept = self.kept.as_ref().ok_or(CommitError::NoFolder)?;
        let (made, snapshot) = restore(kept, &self.source, &self.limits, Some(&self.snapshot()), number, from)?;
        self.swap(snapshot, Some(made.clone()));
        Ok(made)
    }

    /// All versions, the latest first, the seed last.
    pub fn versions(&self) -> Result<Vec<Version>, CommitError> {
        let kept = self.kept.as_ref().ok_or(CommitError::NoFolder)?;
        Ok(kept.database.versions()?)
    }

    /// A version.
    pub fn version(&self, number: u64) -> Result<Version, CommitError> {
        let kept = self.kept.as_ref().ok_or(CommitError::NoFolder)?;
        kept.database.version(number)?.ok_or(CommitError::Unknown(number))
    }

    /// Compares a collection, the main table where none is said, in two versions, one after the other loaded from their files.
    pub fn compare<T>(
        &self,
        table: Option<&str>,
        from: u64,
        to: u64,
        tell: impl FnOnce(&Comparison) -> T,
    ) -> Result<T, CommitError> {
        let kept = self.kept.as_ref().ok_or(CommitError::NoFolder)?;
        let dataset = |number: u64| {
            let version = kept.database.version(number)?.ok_or(CommitError::Unknown(number))?;
            let source = source_of(kept, &self.source, &version)?;
            load(&source, &self.limits).0.ok_or(CommitError::Damaged(number))
        };
        let _alone = kept.comparing.lock().unwrap_or_else(PoisonError::into_inner);
        let (before, after) = (dataset(from)?, dataset(to)?);
        let before = rows_of(&before, table).ok_or(CommitError::NoRegister)?;
        let after = rows_of(&after, table).ok_or(CommitError::NoRegister)?;
        let state = |(spec, table)| State { spec, table };
        Ok(tell(&Comparison::new(state(before), state(after))))
    }
}

/// Goes back to a version of a data folder without serving anything: also where the current one is damaged.
pub fn restore_in(
    folder: impl Into<DataFolder>,
    keep: usize,
    base: &Source,
    limits: &Limits,
    number: u64,
    from: &Provenance,
) -> Result<Version, CommitError> {
    let kept = Kept::open(&folder.into(), keep)?;
    let current = kept.current()?;
    let before = kept.source(base, &current).ok().and_then(|source| read(&source, limits).0);
    restore(&kept, base, limits, before.map(Arc::new).as_ref(), number, from).map(|(made, _)| made)
}

fn source_of(kept: &Kept, base: &Source, version: &Version) -> Result<Source, CommitError> {
    kept.source(base, version).map_err(|e| if version.kept { e.into() } else { CommitError::NotKept(version.number) })
}

fn restore(
    kept: &Kept,
    base: &Source,
    limits: &Limits,
    before: Option<&Arc<Snapshot>>,
    number: u64,
    from: &Provenance,
) -> Result<(Version, Arc<Snapshot>), CommitError> {
    let held = Held::wait(&kept.disk, &kept.root)?;
    let old = kept.database.version(number)?.ok_or(CommitError::Unknown(number))?;
    let source = source_of(kept, base, &old)?;
    let current = kept.current()?.number;
    let coming = kept.announce(old.counts.features, current);
    let (snapshot, report) = read(&source, limits);
    let snapshot = Arc::new(snapshot.ok_or_else(|| CommitError::Refused(Box::new(report)))?);
    kept.share(old.sha256.as_deref())?;
    if let Some(sha256) = &old.sha256 {
        coming.wait(sha256);
    }
    let new = New {
        base: current,
        from,
        of: Some(number),
        counts: restored(before, &snapshot),
        revision: &snapshot.describe().revision,
        sha256: old.sha256.as_deref(),
        bytes: old.bytes,
        keep: kept.keep,
        aggregates: &kept.aggregates(&snapshot),
    };
    Ok((add(kept, &held, &new)?, snapshot))
}

/// Adds the row, and removes what no row needs any more.
fn add(kept: &Kept, held: &Held, new: &New) -> Result<Version, CommitError> {
    let added = kept.database.add_version(new);
    kept.tidy_held(held);
    kept.make_room();
    match added? {
        Added::Current(version) => Ok(*version),
        Added::Stale(current) => Err(CommitError::Stale { current }),
    }
}

/// Writes the folder of a version and loads it from what was written.
fn write(
    part: &Part,
    [base, before]: [&Source; 2],
    contents: &[Content],
    stated: Option<&[u8]>,
    limits: &Limits,
) -> Result<Snapshot, CommitError> {
    let text = manifest_text(before, limits).ok_or(CommitError::NoRegister)?;
    let changed: Option<Vec<&str>> = contents.iter().map(|content| content.table).collect();
    let (text, mut others) = others(part, before, &text, changed.as_deref(), stated.is_some())?;
    let text = match stated {
        Some(stated) => {
            part.write(STATED, |out| out.write_all(stated))?;
            others.push(STATED.to_owned());
            let mut manifest = read_manifest(&text)?;
            manifest[INDICATORS] = STATED.into();
            manifest.to_string()
        }
        None => text,
    };
    let source = Source::Version { base: Box::new(base.clone()), folder: part.path.clone() };
    let folder = NewFolder { part, source, text, others, contents, limits };
    let dataset = match folder.made()? {
        Some(dataset) => dataset,
        // the careful way: what there is to say about a row is said of its text
        None => folder.written()?,
    };
    Ok(Snapshot::new(dataset))
}

/// The folder of a version that is being written.
struct NewFolder<'a> {
    part: &'a Part,
    /// What it is loaded from.
    source: Source,
    /// The manifest of the version before.
    text: String,
    /// Names of the files that it takes over.
    others: Vec<String>,
    contents: &'a [Content<'a>],
    limits: &'a Limits,
}

impl NewFolder<'_> {
    /// Packs the rows of tables as they are made, without a text of them; `None` where there is anything to say about a row, or
    /// where collections are given as text.
    fn made(&self) -> Result<Option<Dataset>, CommitError> {
        let before: Option<Manifest> = json::from_str(&self.text).ok();
        let registers: Option<Vec<NewRegister>> = self.contents.iter().map(Content::register).collect();
        let (Some(before), Some(registers)) = (before, registers) else { return Ok(None) };
        let names: Vec<String> = self.contents.iter().map(|c| packed_name(&before, c.table)).collect();
        self.manifest(&names)?;
        let (mut rows, mut made) = (Vec::new(), BTreeMap::new());
        for ((content, name), register) in self.contents.iter().zip(&names).zip(registers) {
            let maker = Maker::new(&self.source, self.limits, content.table, &register.properties());
            let Some(maker) = maker else { return Ok(None) };
            let Some(table) = pack_made(self.part, name, &maker, &register)? else { return Ok(None) };
            rows.push(table.ids.len());
            made.insert(maker.spec().file.clone(), table);
        }
        self.part.sync()?;
        let (dataset, _) = load_made(&self.source, self.limits, made);
        dataset.map(|dataset| self.counted(dataset, &rows)).transpose()
    }

    /// Writes all collections as GeoJSON, loads that as a folder is checked, and packs what was loaded.
    fn written(&self) -> Result<Dataset, CommitError> {
        let part = self.part;
        let written: Vec<String> = (0..self.contents.len())
            .map(|i| if i == 0 { WRITTEN.to_owned() } else { format!("{i}-{WRITTEN}") })
            .collect();
        for (content, name) in self.contents.iter().zip(&written) {
            part.write(name, |out| match &content.rows {
                ContentRows::Made(import, others) => NewRegister::new(import, others).write(out).map(drop),
                ContentRows::Text(write) => write(out),
            })?;
        }
        self.manifest(&written)?;
        let dataset = self.checked()?;
        let (mut packed, mut rows) = (Vec::new(), Vec::new());
        for content in self.contents {
            let (spec, table) = rows_of(&dataset, content.table).ok_or(CommitError::NoRegister)?;
            let name = match content.features {
                // rows that can't be used would be left out of a file
                Some(counts) if counts.features != table.ids.len() => {
                    return Err(CommitError::Pack("features were lost".into()));
                }
                Some(_) => {
                    let name = format!("layer-{}.geojson", spec.id);
                    part.write(&name, |out| features::write(out, spec, table))?;
                    name
                }
                None => {
                    let name = packed_name(&dataset.manifest, Some(&spec.id));
                    pack(part, &name, spec, table)?;
                    name
                }
            };
            packed.push(name);
            rows.push(table.ids.len());
        }
        drop(dataset);
        self.manifest(&packed)?;
        written.iter().try_for_each(|name| part.remove(name))?;
        part.sync()?;
        self.counted(self.checked()?, &rows)
    }

    /// Writes the manifest with these files of the collections.
    fn manifest(&self, names: &[String]) -> Result<(), CommitError> {
        let mut contents = self.contents.iter().zip(names);
        let described = contents.try_fold(self.text.clone(), |text, (content, file)| (content.manifest)(&text, file));
        let held: Vec<&String> = names.iter().chain(&self.others).collect();
        let text = described.and_then(|text| held_only(&text, &held)).ok_or(CommitError::NoRegister)?;
        Ok(self.part.write(MANIFEST, |out| out.write_all(text.as_bytes()))?)
    }

    fn checked(&self) -> Result<Dataset, CommitError> {
        let (dataset, report) = load(&self.source, self.limits);
        dataset.ok_or_else(|| CommitError::Refused(Box::new(report)))
    }

    /// The dataset, if each collection has as many rows as were written.
    fn counted(&self, dataset: Dataset, rows: &[usize]) -> Result<Dataset, CommitError> {
        for (content, rows) in self.contents.iter().zip(rows) {
            if rows_of(&dataset, content.table).is_none_or(|(_, table)| table.ids.len() != *rows) {
                return Err(CommitError::Pack("rows were lost".into()));
            }
        }
        Ok(dataset)
    }
}

fn content_of(part: &Part) -> Result<(String, u64), CommitError> {
    Ok(content(&part.path)?)
}

/// A collection, the main table where none is said.
fn rows_of<'a>(dataset: &'a Dataset, id: Option<&str>) -> Option<(&'a CollectionSpec, &'a Table)> {
    let Some(id) = id else { return dataset.by_role(Role::Register) };
    let place = dataset.manifest.collections.iter().position(|c| c.id == id)?;
    Some((&dataset.manifest.collections[place], &dataset.tables[place]))
}

/// The name of the file that a table, the main one where none is said, is kept in.
fn packed_name(manifest: &Manifest, id: Option<&str>) -> String {
    let main = |id: &&str| manifest.tables().first().is_some_and(|place| manifest.collections[*place].id == *id);
    id.filter(|id| !main(id)).map_or_else(|| PACKED.to_owned(), |id| format!("table-{id}.parquet"))
}

fn read_manifest(text: &str) -> Result<Json, CommitError> {
    serde_json::from_str(text).map_err(|e| CommitError::Pack(e.to_string()))
}

/// Takes over what the version of before holds of other tables, and its targets unless there are others: gives the manifest with the
/// names of their files in the new version, and these names.
fn others(
    part: &Part,
    before: &Source,
    text: &str,
    changed: Option<&[&str]>,
    other_targets: bool,
) -> Result<(String, Vec<String>), CommitError> {
    let (Source::Version { folder, .. }, Some(changed)) = (before, changed) else {
        return Ok((text.to_owned(), vec![]));
    };
    let kept = |c: &Json| !changed.iter().any(|id| c["id"] == *id);
    let mut manifest = read_manifest(text)?;
    let mut held = Vec::new();
    let copy = |name: &str| {
        let mut file = File::open(folder.join(name))?;
        part.write(name, |out| io::copy(&mut file, out).map(drop))
    };
    for collection in manifest["collections"].as_array_mut().into_iter().flatten().filter(|c| kept(c)) {
        let Some(name) = collection["file"].as_str().and_then(|file| file.strip_prefix(VERSION)) else { continue };
        let name = name.to_owned();
        copy(&name)?;
        collection["file"] = Json::String(name.clone());
        held.push(name);
    }
    let stated = manifest[INDICATORS].as_str().and_then(|file| file.strip_prefix(VERSION)).map(str::to_owned);
    if let Some(name) = stated.filter(|_| !other_targets) {
        copy(&name)?;
        manifest[INDICATORS] = Json::String(name.clone());
        held.push(name);
    }
    Ok((manifest.to_string(), held))
}

/// The manifest of a version: of tables it has those whose rows the version holds, and it lists the other collections whose
/// features it holds.
fn held_only(text: &str, files: &[&String]) -> Option<String> {
    let mut manifest: Json = serde_json::from_str(text).ok()?;
    let held = |c: &Json| c["file"].as_str().is_some_and(|name| files.iter().any(|own| *own == name));
    let collections = manifest["collections"].as_array_mut()?;
    collections.retain(|c| c["role"] != "register" || held(c));
    let edited: Vec<Json> =
        collections.iter().filter(|c| c["role"] != "register" && held(c)).map(|c| c["id"].clone()).collect();
    let stated = manifest[INDICATORS].as_str().is_some_and(|name| files.iter().any(|own| *own == name));
    let members = manifest.as_object_mut()?;
    if !edited.is_empty() {
        members.insert(EDITED.to_owned(), edited.into());
    }
    if stated {
        members.insert(EDITED_INDICATORS.to_owned(), true.into());
    }
    serde_json::to_string_pretty(&manifest).ok().map(|text| text + "\n")
}

impl std::iter::Sum for VersionCounts {
    fn sum<I: Iterator<Item = Self>>(all: I) -> Self {
        all.fold(Self::default(), |a, b| Self {
            features: a.features + b.features,
            new: a.new + b.new,
            changed: a.changed + b.changed,
            moved: a.moved + b.moved,
            removed: a.removed + b.removed,
            unchanged: a.unchanged + b.unchanged,
            left_out: a.left_out + b.left_out,
        })
    }
}

/// All rows of a table.
fn register(snapshot: &Arc<Snapshot>, table: Option<&str>) -> Option<Selection> {
    let question = table.map_or_else(Question::register, Question::of);
    Some(question.bind(snapshot, Disclosure::Full).ok()?.select(0, usize::MAX))
}

/// What going back changed in the tables and layers that a version can hold: of those that differ, and of the main table where
/// none does.
fn restored(before: Option<&Arc<Snapshot>>, after: &Arc<Snapshot>) -> VersionCounts {
    let about = after.describe();
    let held = about.collections.iter().filter(|c| c.spec.role == Role::Register || c.spec.can_change());
    let all = held.map(|c| counts(before, after, Some(&c.spec.id)));
    let differ: Vec<VersionCounts> = all.filter(|c| c.new + c.changed + c.moved + c.removed > 0).collect();
    if differ.is_empty() { counts(before, after, None) } else { differ.into_iter().sum() }
}

fn counts(before: Option<&Arc<Snapshot>>, after: &Arc<Snapshot>, table: Option<&str>) -> VersionCounts {
    let about = after.describe();
    let features = match table {
        Some(id) => about.collection(id).map_or(0, |(_, c)| c.rows),
        None => about.register().map_or(0, |c| c.rows),
    };
    let register = |snapshot| register(snapshot, table);
    let (Some(old), Some(new)) = (before.and_then(register), register(after)) else {
        return VersionCounts { features, ..VersionCounts::default() };
    };
    let (old, new) = (State { spec: old.spec(), table: old.table() }, State { spec: new.spec(), table: new.table() });
    let all = Comparison::counts(old, new);
    let of = |fate| all.get(&fate).copied().unwrap_or_default();
    VersionCounts {
        features,
        new: of(Fate::New),
        changed: of(Fate::Changed),
        moved: of(Fate::Moved),
        removed: of(Fate::Removed),
        unchanged: of(Fate::Unchanged),
        left_out: 0,
    }
}
