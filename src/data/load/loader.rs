//! Reads a folder in order, from its manifest to the checks across files.

use super::collection;
use super::declared::{self, MANIFEST};
use super::folder::{BLOCK, FileError, Folder, VERSION};
use super::origin;
use super::report::{CollectionReport, Place, Report};
use super::rows::{Loaded, Numbering, Task, ids_differ};
use super::text::{decode, place_of, shorten, without_nan};
use super::{
    Limits, Source, across, codelists, document, hierarchy, infer, naming, overlay, packed, pieces, plan as tracked,
    sites, stages, stream, suspect, table, whole,
};
use crate::core::geometry::Bounds;
use crate::core::model::{Codelist, CollectionSpec, Dataset, Indicator, Manifest, Role, Table, Text};
use crate::core::snapshot::Classes;
use crate::data::system::System;
use std::borrow::Cow;
use std::collections::BTreeMap;

/// What a register is read from that is left out.
const NO_FEATURES: &str = r#"{"type":"FeatureCollection","features":[]}"#;

/// See [`super::load`] and [`super::load_made`].
pub fn walk(source: &Source, limits: &Limits, made: BTreeMap<String, Table>) -> (Option<Dataset>, Report) {
    let mut report = Report::new(limits.findings_per_file);
    let shown = name_of(source);
    let (names, folder) = match Folder::open(source, limits.file_bytes).and_then(|f| Ok((f.names()?, f))) {
        Ok(opened) => opened,
        Err(e) => {
            unreadable(&shown, &e, &mut report);
            return (None, report);
        }
    };
    let without_register = matches!(source, Source::WithoutRegister(_));
    let of_version = matches!(source, Source::Version { .. });
    let read = BTreeMap::new();
    let mut loader = Loader { folder, limits, without_register, of_version, report, read, made };
    let manifest = if names.iter().any(|n| n == MANIFEST) { loader.manifest(&names) } else { None };
    let dataset = if let Some(manifest) = manifest {
        loader.dataset(manifest, None)
    } else {
        // without a usable manifest each file can still be checked on its own
        let (manifest, numbering) = loader.infer(&shown, &names);
        loader.dataset(manifest, Some(&numbering))
    };
    let mut report = loader.report;
    let files: Vec<String> = report.collections.iter().map(|c| c.file.clone()).collect();
    let order: Vec<&str> = std::iter::once(MANIFEST).chain(files.iter().map(String::as_str)).collect();
    report.finish(&order);
    let warnings = report.warnings();
    (dataset.filter(|_| !report.has_errors()).map(|dataset| Dataset { warnings, ..dataset }), report)
}

/// A dataset but for the rows of its collections, and the folder, which has counted all files that were read: none where the
/// folder has no manifest, or one with faults.
pub fn head(source: &Source, limits: &Limits) -> Option<(Dataset, Folder)> {
    let folder = Folder::open(source, limits.file_bytes).ok()?;
    let names = folder.names().ok().filter(|names| names.iter().any(|n| n == MANIFEST))?;
    let (without_register, report) = (matches!(source, Source::WithoutRegister(_)), Report::new(1));
    let of_version = matches!(source, Source::Version { .. });
    let (read, made) = (BTreeMap::new(), BTreeMap::new());
    let mut loader = Loader { folder, limits, without_register, of_version, report, read, made };
    let head = loader.manifest(&names).map(|manifest| loader.head(manifest))?;
    (!without_register && !loader.report.has_errors()).then_some((head, loader.folder))
}

/// What a folder says of itself, without its rows: none where it has no manifest, or one that can't be read.
pub fn manifest(source: &Source, limits: &Limits) -> Option<Manifest> {
    let mut folder = Folder::open(source, limits.file_bytes).ok()?;
    let bytes = folder.read(MANIFEST).ok()?;
    let mut report = Report::new(1);
    let text = decode(&bytes, MANIFEST, &mut report)?;
    document::parse(text, MANIFEST, &mut report)
}

fn name_of(source: &Source) -> String {
    match source {
        Source::Embedded => "built-in".to_owned(),
        Source::Folder(path) => {
            path.file_name().map_or_else(|| path.to_string_lossy(), |n| n.to_string_lossy()).into_owned()
        }
        Source::WithoutRegister(other) | Source::Version { base: other, .. } => name_of(other),
    }
}

struct Loader<'a> {
    folder: Folder,
    limits: &'a Limits,
    without_register: bool,
    of_version: bool,
    report: Report,
    /// Collections without manifest that were read at one go, by file.
    read: BTreeMap<String, Loaded>,
    /// Tables that GeoParquet files were just written from, by file.
    made: BTreeMap<String, Table>,
}

impl Loader<'_> {
    fn text(&mut self, file: &str) -> Option<Cow<'static, [u8]>> {
        match self.folder.read(file) {
            Ok(bytes) => Some(bytes),
            Err(e) => {
                unreadable(file, &e, &mut self.report);
                None
            }
        }
    }

    /// Reads a file and returns its text.
    fn with_text<T>(&mut self, file: &str, read: impl FnOnce(&str, &mut Report) -> T) -> Option<T> {
        let bytes = self.text(file)?;
        let text = decode(&bytes, file, &mut self.report)?;
        Some(read(text, &mut self.report))
    }

    fn manifest(&mut self, names: &[String]) -> Option<Manifest> {
        let read = self.with_text(MANIFEST, |text, report| {
            document::parse::<Manifest>(text, MANIFEST, report).map(|manifest| (manifest, text.to_owned()))
        });
        let (mut manifest, text) = read.flatten()?;
        let mut replaced = Vec::new();
        if self.of_version {
            let name = [VERSION, MANIFEST].concat();
            let merged = self.with_text(&name, |version, report| overlay::merge(&text, version, &name, report));
            let own: Vec<(String, String)> = manifest.collections.into_iter().map(|c| (c.id, c.file)).collect();
            manifest = merged.flatten().and_then(|text| document::parse(&text, &name, &mut self.report))?;
            let changed = |c: &&CollectionSpec| c.file.starts_with(VERSION);
            let ids: Vec<&String> = manifest.collections.iter().filter(changed).map(|c| &c.id).collect();
            replaced = own.into_iter().filter(|(id, _)| ids.contains(&id)).map(|(_, file)| file).collect();
        }
        declared::check(&manifest, &mut self.report);
        self.unlisted(&manifest, names, &replaced);
        Some(manifest)
    }

    /// Says which files are not read; `replaced` are those of tables in whose place a version stands.
    fn unlisted(&mut self, manifest: &Manifest, names: &[String], replaced: &[String]) {
        replaced.iter().for_each(|file| overlay::say(file, &mut self.report));
        let names = names.iter().filter(|n| !replaced.contains(n));
        for name in names.filter(|n| is_geojson(n) && !manifest.collections.iter().any(|c| c.file == **n)) {
            self.report.info(Place::file(name), "file-not-listed", || {
                (
                    Text::new("清单中没有列出该文件,未读取", "the manifest does not list this file; it was not read"),
                    Text::new("在 collections 中加上它,或移走文件", "add it to collections, or move it away"),
                )
            });
        }
    }

    /// A collection, in pieces where that is possible.
    fn collection(&mut self, task: &Task) -> Option<Loaded> {
        let file = &task.spec.file;
        if file.to_ascii_lowercase().ends_with(".parquet") {
            // before the file is in memory, too
            let made = self.made.remove(file).filter(|table| ids_differ(&table.ids));
            let bytes = self.text(file)?.into_owned().into();
            let proven = made.and_then(|table| packed::proven(&bytes, task, table));
            return Some(proven.unwrap_or_else(|| packed::read(&bytes, task, &mut self.report)));
        }
        if let Ok(found) = self.folder.find(file)
            && let Some(whole) = pieces::read(&found, task, false, BLOCK as u64)
        {
            self.folder.count(file, found.len(), &whole.digests);
            return Some(whole.finish(&mut self.report));
        }
        self.with_text(file, |text, report| {
            let (plain, missing) = without_nan(text);
            if let Some(first) = missing.first() {
                no_numbers(missing.len(), Place::file(file).at(place_of(text, *first)), report);
            }
            let text = &*plain;
            let own = task.origin.or_else(|| stream::crs(text).and_then(|crs| origin::of_text(&crs).ok()?));
            collection::read(text, &Task { origin: own, ..*task }, report)
        })
    }

    /// The system that the manifest gives for a file.
    fn origin(&mut self, spec: &CollectionSpec) -> Option<System> {
        let words = spec.crs.as_deref()?;
        origin::of_text(words).unwrap_or_else(|name| {
            let property = format!("collections.{}.crs", shorten(&spec.id));
            origin::unsupported(&name, Place::file(MANIFEST).property(&property), &mut self.report);
            None
        })
    }

    /// A collection and what it is, read at one go: what its beginning holds must hold to its end.
    fn at_one_go(&mut self, id: &str, file: &str) -> Option<(CollectionSpec, Numbering, Loaded)> {
        let found = self.folder.find(file).ok()?;
        let beginning = infer::beginning(&found, self.limits)?;
        let (spec, numbering) = beginning.conclude(id, file, &mut Report::new(1));
        let lists = BTreeMap::new();
        let task = Task {
            spec: &spec,
            codelists: &lists,
            limits: self.limits,
            city: Bounds::EMPTY,
            inferred: Some(numbering),
            origin: None,
            sets_aside: true,
        };
        let mut whole = pieces::read(&found, &task, true, BLOCK as u64)?;
        let guess = whole.guess.take()?;
        let (seen, numbered) = guess.clone().conclude(id, file, &mut Report::new(1));
        let types = |c: &CollectionSpec| c.properties.iter().map(|p| (p.name.clone(), p.ty)).collect::<Vec<_>>();
        if types(&seen) != types(&spec) || numbered != numbering {
            return None;
        }
        guess.conclude(id, file, &mut self.report);
        self.folder.count(file, found.len(), &whole.digests);
        let loaded = whole.finish(&mut self.report);
        Some((seen, numbering, loaded))
    }

    /// A manifest from the files alone.
    fn infer(&mut self, folder: &str, names: &[String]) -> (Manifest, Vec<Numbering>) {
        let files: Vec<String> = names.iter().filter(|n| is_geojson(n)).cloned().collect();
        if files.is_empty() {
            self.report.error(Place::file(folder), "empty-folder", || {
                (
                    Text::new(
                        "文件夹里既没有 dataset.json,也没有 *.geojson",
                        "the folder holds neither dataset.json nor *.geojson",
                    ),
                    Text::new("换一个文件夹,或放入 GeoJSON 文件", "choose another folder, or put GeoJSON files in"),
                )
            });
        }
        let ids = naming::identifiers(&files);
        let mut collections = Vec::new();
        let mut numbering = Vec::new();
        for (id, file) in ids.iter().zip(&files) {
            if let Some((spec, how, loaded)) = self.at_one_go(id, file) {
                self.read.insert(file.clone(), loaded);
                collections.push(spec);
                numbering.push(how);
                continue;
            }
            let limits = self.limits;
            // a file that cannot be read is reported when it is read for good
            let bytes = self.folder.read(file).unwrap_or_default();
            let text = std::str::from_utf8(bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&bytes)).unwrap_or_default();
            let (spec, how) = infer::collection(id, file, &without_nan(text).0, limits, &mut self.report);
            collections.push(spec);
            numbering.push(how);
        }
        let id = naming::identifiers(&[folder.to_owned() + "."]).remove(0);
        (infer::manifest(&id, collections), numbering)
    }

    /// All that a manifest names but the collections' rows.
    fn head(&mut self, manifest: Manifest) -> Dataset {
        let mut lists: BTreeMap<String, Codelist> = BTreeMap::new();
        let classes: Vec<&str> = manifest.collections.iter().filter_map(CollectionSpec::class_codelist).collect();
        for (name, file) in &manifest.codelists {
            let drawn = name == "clusters" || classes.contains(&name.as_str());
            let list = self.with_text(file, |text, report| codelists::codelist(text, file, drawn, report)).flatten();
            lists.extend(list.map(|l| (name.clone(), l)));
        }
        for (name, file) in &manifest.codelists {
            let Some(mut versions) = lists.get(name).map(|list| list.versions.clone()) else { continue };
            for version in &mut versions {
                let of = version.mapping.clone();
                let read = self.with_text(&of, |text, report| document::parse(text, &of, report)).flatten();
                version.pairs = read.unwrap_or_default();
            }
            lists.entry(name.clone()).and_modify(|list| list.versions = versions);
            hierarchy::versions(&lists, name, file, &mut self.report);
            let of_list = |c: &&CollectionSpec| c.class_codelist() == Some(name);
            let tables: Vec<&CollectionSpec> = manifest.collections.iter().filter(of_list).collect();
            if let Some(list) = lists.get(name).filter(|_| name == Classes::LIST || !tables.is_empty()) {
                hierarchy::usual(&tables, list, file, &mut self.report);
            }
        }
        sites::check(&manifest, &mut self.report);
        for spec in &manifest.collections {
            stages::check(spec, &manifest, &lists, &mut self.report);
        }
        let divisions = manifest
            .divisions
            .clone()
            .and_then(|file| self.with_text(&file, |text, report| codelists::divisions(text, &file, report)).flatten());
        let plan = manifest.plan.clone().and_then(|file| {
            let read = |text: &str, report: &mut Report| document::parse::<serde_json::Value>(text, &file, report);
            let mut plan = self.with_text(&file, read).flatten()?;
            // for editors only
            if let Some(members) = plan.as_object_mut() {
                members.shift_remove("$schema");
            }
            Some(plan)
        });
        let indicators: Vec<Indicator> = manifest
            .indicators
            .clone()
            .and_then(|file| self.with_text(&file, |text, report| codelists::indicators(text, &file, report)))
            .unwrap_or_default();
        let (divisions, tables, content_hash) = (divisions.unwrap_or_default(), vec![], String::new());
        Dataset { manifest, codelists: lists, divisions, plan, indicators, tables, content_hash, warnings: 0 }
    }

    fn dataset(&mut self, manifest: Manifest, numbering: Option<&[Numbering]>) -> Option<Dataset> {
        let head = self.head(manifest);
        let Dataset { mut manifest, codelists: lists, plan, indicators, .. } = head;
        let divisions = head.divisions;
        let mut read: Vec<Option<Loaded>> = manifest.collections.iter().map(|_| None).collect();
        let mut order: Vec<usize> = (0..read.len()).collect();
        // the districts first: they tell where the city is
        order.sort_by_key(|&i| manifest.collections[i].role != Role::Districts);
        let (mut city, main) = (Bounds::EMPTY, manifest.tables().first().copied());
        for i in order {
            let spec = &manifest.collections[i];
            let origin = self.origin(spec);
            let inferred = numbering.map(|n| n[i]);
            let task = Task { spec, codelists: &lists, limits: self.limits, city, inferred, origin, sets_aside: true };
            let loaded = if self.without_register && Some(i) == main {
                Some(collection::read(NO_FEATURES, &task, &mut self.report))
            } else {
                self.read.remove(&spec.file).or_else(|| self.collection(&task))
            };
            if let Some(loaded) = loaded.as_ref().filter(|_| spec.role == Role::Districts) {
                city.join(&across::bounds(&loaded.table));
            }
            if let Some(loaded) = loaded.as_ref().filter(|_| numbering.is_some()) {
                manifest.collections[i].geometry = table::kind(&loaded.table.geometries);
            }
            read[i] = loaded;
        }
        whole::check(&manifest, &read, &indicators, true, &mut self.report);
        if let Some(plan) = &plan {
            tracked::check(plan, &manifest, &lists, (&indicators, &read), &mut self.report);
        }
        for (spec, loaded) in manifest.collections.iter().zip(&read).filter_map(|(s, l)| Some((s, l.as_ref()?))) {
            stages::rows((spec, loaded), &lists, &mut self.report);
            let mut beginning = Vec::new();
            if let Ok(found) = self.folder.find(&spec.file) {
                beginning.resize(found.len().min(suspect::BEGINNING as u64) as usize, 0);
                // what can't be read was said before
                let _ = found.open().and_then(|mut opened| opened.fill(0, &mut beginning));
            }
            suspect::by_source((spec, loaded), &beginning, &mut self.report);
        }
        for (spec, loaded) in manifest.collections.iter().zip(&read) {
            let (features, located) =
                loaded.as_ref().map_or((0, 0), |l| (l.table.ids.len(), l.table.geometries.located()));
            self.report.collections.push(CollectionReport {
                id: spec.id.clone(),
                file: spec.file.clone(),
                features,
                located,
                errors: 0,
                warnings: 0,
            });
        }
        let tables: Option<Vec<_>> = read.into_iter().map(|l| l.map(|l| l.table)).collect();
        let content_hash = self.folder.content_hash();
        let tables = tables?;
        Some(Dataset { manifest, codelists: lists, divisions, plan, indicators, tables, content_hash, warnings: 0 })
    }
}

/// Says how many numbers JSON does not have.
fn no_numbers(count: usize, place: Place, report: &mut Report) {
    report.warning(place, "nan-literal", || {
        (
            Text::new(
                format!("文件有 {count} 处 NaN 或 Infinity,不是合法的 JSON,按空值处理"),
                format!("the file has NaN or Infinity in {count} places, which JSON does not have; they count as null"),
            ),
            Text::new("导出时把空值写成 null", "write null for missing values when the file is exported"),
        )
    });
}

fn is_geojson(name: &str) -> bool {
    name.len() > 8 && name.to_ascii_lowercase().ends_with(".geojson")
}

fn unreadable(file: &str, e: &FileError, report: &mut Report) {
    let (code, zh, remedy) = match e {
        FileError::Missing => ("file-missing", "不存在".to_owned(), ("核对文件名", "check the name")),
        FileError::Outside => (
            "file-outside-folder",
            "不在数据文件夹之内".to_owned(),
            (
                "只写文件夹内的相对路径,不用 ..、绝对路径或指向外面的链接",
                "write a relative path inside the folder: no .., no absolute path, no link that leads out",
            ),
        ),
        FileError::NotAFile => {
            ("not-a-file", "不是普通文件(或文件夹)".to_owned(), ("换成普通文件", "use a regular file"))
        }
        FileError::TooLarge(n) => (
            "file-too-large",
            format!("有 {n} 字节,超过上限"),
            ("拆分文件,或调高上限", "divide the file, or raise the limit"),
        ),
        FileError::Io(e) => {
            ("file-unreadable", format!("读不出:{e}"), ("核对权限与磁盘", "check permissions and the disk"))
        }
    };
    let shown = shorten(file);
    let place = Place::file(if file.is_empty() { MANIFEST } else { file });
    report.error(place, code, || {
        (Text::new(format!("{shown} {zh}"), format!("{shown} {e}")), Text::new(remedy.0, remedy.1))
    });
}
