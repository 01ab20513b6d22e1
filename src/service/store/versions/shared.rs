//! Content of versions in the object store: `versions/<SHA-256 of the content>/<file>`, added before the row of the version, removed a day
//! after no row needs it. A copy keeps what it used last on its own disk, up to a number of bytes.

use super::super::disk::{Disk, Draft};
use super::super::objects::{GRACE, Objects, ObjectsError};
use super::super::{DatabaseError, random};
use super::files::content;
use super::retained::{Kept, OpenError};
use crate::service::clock;
use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError};
use std::time::{Duration, UNIX_EPOCH};

/// Folders of the store: content, and since when no row needs it.
const CONTENT: &str = "versions/";
const UNNEEDED: &str = "unneeded/";
/// What names of folders begin with that are being fetched.
const FETCHED: &str = ".fetched-";
/// One that was left behind is removed after so long.
const LEFT_BEHIND: Duration = Duration::from_hours(1);
/// The contents used last stay on the disk of a copy whatever they take: they may just be read. The current one stays, too.
const IN_USE: usize = 3;

/// The files of a content on this disk, by name, with their bytes.
fn files(folder: &Path) -> io::Result<BTreeMap<String, u64>> {
    let entry = |entry: io::Result<fs::DirEntry>| {
        let entry = entry?;
        Ok((entry.file_name().to_string_lossy().into_owned(), entry.metadata()?.len()))
    };
    fs::read_dir(folder)?.map(entry).collect()
}

/// Those in the store.
fn stored(objects: &Objects, sha256: &str) -> Result<BTreeMap<String, u64>, ObjectsError> {
    let folder = format!("{CONTENT}{sha256}/");
    let all = objects.list(&folder)?;
    Ok(all.into_iter().filter_map(|o| Some((o.name.strip_prefix(&folder)?.to_owned(), o.bytes))).collect())
}

fn is_content(name: &str) -> bool {
    name.len() == 64 && name.bytes().all(|b| b.is_ascii_hexdigit())
}

/// Adds the content of a folder to the store, whole when this returns.
fn upload(objects: &Objects, sha256: &str, folder: &Path) -> Result<(), ObjectsError> {
    // whoever waits to remove it begins anew
    objects.remove(&format!("{UNNEEDED}{sha256}"))?;
    let (own, there) = (files(folder)?, stored(objects, sha256)?);
    for (name, bytes) in &own {
        let object = format!("{CONTENT}{sha256}/{name}");
        match there.get(name) {
            Some(found) if found == bytes => continue,
            // damaged; what comes in its place is what it was
            Some(_) => objects.remove(&object)?,
            None => {}
        }
        objects.put(&object, &folder.join(name))?;
    }
    if own == there || own == stored(objects, sha256)? {
        return Ok(());
    }
    Err(ObjectsError::Damaged { store: objects.shown().to_owned(), name: format!("{CONTENT}{sha256}") })
}

/// Copies a content into a folder that is not there yet, and proves that it is what it was.
pub fn download(objects: &Objects, disk: &Arc<dyn Disk>, sha256: &str, folder: &Path) -> Result<(), ObjectsError> {
    let there = stored(objects, sha256)?;
    let name = format!("{CONTENT}{sha256}");
    if there.is_empty() {
        return Err(ObjectsError::Absent { store: objects.shown().to_owned(), name });
    }
    disk.create_folder(folder)?;
    for (file, bytes) in &there {
        // no name leads elsewhere
        if Path::new(file).file_name().is_none_or(|own| own != file.as_str()) {
            return Err(ObjectsError::Damaged { store: objects.shown().to_owned(), name: format!("{name}/{file}") });
        }
        let mut out = Draft::create(disk, folder.join(file))?;
        objects.fetch(&format!("{name}/{file}"), *bytes, &mut out)?;
        out.finish()?;
    }
    disk.sync_folder(folder)?;
    if content(folder)?.0 == sha256 {
        return Ok(());
    }
    Err(ObjectsError::Damaged { store: objects.shown().to_owned(), name })
}

impl Kept {
    /// Takes the store for this installation. While it is away nobody knows: reading goes on with what is here.
    pub(super) fn claim(&self) -> Result<(), OpenError> {
        let Some(objects) = &self.objects else { return Ok(()) };
        match objects.claim(&self.database.installation()?) {
            Err(e) if e.is_away() => {
                tracing::warn!(error = %e, "reading goes on with what is on the disk");
                Ok(())
            }
            other => Ok(other?),
        }
    }

    /// Whether content can be added at the moment, before anybody goes to any trouble.
    pub fn can_share(&self) -> Result<(), OpenError> {
        let Some(objects) = &self.objects else { return Ok(()) };
        objects.claim(&self.database.installation()?)?;
        Ok(objects.answers()?)
    }

    /// Adds the content of a version to the store, before its row says that it is there.
    pub fn share(&self, sha256: Option<&str>) -> Result<(), OpenError> {
        let (Some(objects), Some(sha256)) = (&self.objects, sha256) else { return Ok(()) };
        objects.claim(&self.database.installation()?)?;
        Ok(upload(objects, sha256, &self.root.join(sha256))?)
    }

    /// Fetches a content that is not on this disk, or damaged there. One fetches, the others wait for it.
    pub(super) fn fetch(&self, objects: &Objects, sha256: &str) -> Result<PathBuf, OpenError> {
        let _one = self.fetching.lock().unwrap_or_else(PoisonError::into_inner);
        let target = self.root.join(sha256);
        let whole = || content(&target).is_ok_and(|(found, _)| found == sha256);
        if whole() {
            return Ok(target);
        }
        self.disk.make_folder(&self.root)?;
        let part = self.root.join(format!("{FETCHED}{}", random::token::<8>()));
        let fetched = download(objects, &self.disk, sha256, &part).map_err(OpenError::from).and_then(|()| {
            self.disk.clear(&target)?;
            match self.disk.rename(&part, &target) {
                // another program on this disk was quicker
                Err(_) if whole() => self.disk.clear(&part)?,
                other => other?,
            }
            Ok(self.disk.sync_folder(&self.root)?)
        });
        if fetched.is_err() {
            // what can't be removed now is removed later
            let _ = self.disk.clear(&part);
        }
        fetched?;
        self.used(sha256);
        self.make_room();
        Ok(target)
    }

    /// Notes that a content is used.
    pub(super) fn used(&self, sha256: &str) {
        let noted =
            File::open(self.root.join(sha256)).and_then(|folder| folder.set_modified(UNIX_EPOCH + clock::since_1970()));
        if let Err(e) = noted {
            tracing::debug!(error = %e, "which contents are used is not noted");
        }
    }

    /// Removes from this disk what was used longest ago and is in the store, until the others have room.
    pub fn make_room(&self) {
        let Some(objects) = &self.objects else { return };
        if let Err(e) = self.try_make_room(objects) {
            tracing::warn!(error = %e, "the content of versions on this disk takes more room than it should");
        }
    }

    fn try_make_room(&self, objects: &Objects) -> Result<(), OpenError> {
        let now = UNIX_EPOCH + clock::since_1970();
        let current = self.current()?.sha256;
        let mut here = Vec::new();
        for entry in fs::read_dir(&self.root)? {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().into_owned();
            let changed = entry.metadata()?.modified()?;
            let old = || now.duration_since(changed).is_ok_and(|age| age > LEFT_BEHIND);
            if name.starts_with(FETCHED) && old() {
                self.disk.clear(&entry.path())?;
            } else if is_content(&name) {
                let own = files(&entry.path())?;
                here.push((changed, name, own));
            }
        }
        here.sort();
        let bytes = |own: &BTreeMap<String, u64>| own.values().sum::<u64>();
        let mut taken: u64 = here.iter().map(|(_, _, own)| bytes(own)).sum();
        let oldest = here.len().saturating_sub(IN_USE);
        for (_, name, own) in here.iter().take(oldest).filter(|(_, name, _)| current.as_ref() != Some(name)) {
            if taken <= objects.cache() {
                break;
            }
            // what is on this disk alone stays
            if stored(objects, name)? == *own {
                self.disk.clear(&self.root.join(name))?;
                taken -= bytes(own);
            }
        }
        Ok(())
    }

    /// Makes the store and the rows agree: what no row has needed for a day goes, and what a row needs and is here alone is added.
    pub fn sweep(&self, now: i64) -> Result<(), OpenError> {
        let Some(objects) = &self.objects else { return Ok(()) };
        objects.claim(&self.database.installation()?)?;
        let needed = self.needed()?;
        let listed = objects.list(CONTENT)?;
        let mut there: BTreeMap<&str, BTreeMap<String, u64>> = BTreeMap::new();
        for object in &listed {
            let of = object.name.strip_prefix(CONTENT).and_then(|rest| rest.split_once('/'));
            if let Some((sha256, file)) = of.filter(|(sha256, _)| is_content(sha256)) {
                there.entry(sha256).or_default().insert(file.to_owned(), object.bytes);
            }
        }
        let marks = objects.list(UNNEEDED)?;
        let marks: BTreeMap<&str, i64> =
            marks.iter().filter_map(|o| Some((o.name.strip_prefix(UNNEEDED)?, o.came))).collect();
        let by = self.database.confirmed_time(now)?;
        for (sha256, found) in &there {
            match marks.get(sha256) {
                _ if needed.contains(*sha256) => {}
                None => drop(objects.put_mark(&format!("{UNNEEDED}{sha256}"))?),
                Some(since) if since + GRACE <= by => self.remove(objects, sha256, found)?,
                Some(_) => {}
            }
        }
        for sha256 in marks.keys().filter(|sha256| needed.contains(**sha256) || !there.contains_key(**sha256)) {
            objects.remove(&format!("{UNNEEDED}{sha256}"))?;
        }
        for sha256 in &needed {
            let (folder, found) = (self.root.join(sha256), there.get(sha256.as_str()));
            let own = files(&folder).ok();
            if found.is_some() && (own.is_none() || own.as_ref() == found) {
                continue;
            }
            if own.is_some() && content(&folder).is_ok_and(|(own, _)| own == *sha256) {
                upload(objects, sha256, &folder)?;
                tracing::info!(content = sha256, "was on this disk alone, and is in the object store now");
            } else if found.is_none() {
                tracing::error!(content = sha256, "a version's content is neither in the store nor on this disk");
            }
        }
        self.make_room();
        Ok(())
    }

    /// Removes a content from the store, unless somebody makes a version of it meanwhile.
    fn remove(&self, objects: &Objects, sha256: &str, found: &BTreeMap<String, u64>) -> Result<(), OpenError> {
        let mark = format!("{UNNEEDED}{sha256}");
        if objects.list(UNNEEDED)?.iter().all(|o| o.name != mark) || self.needed()?.contains(sha256) {
            return Ok(());
        }
        found.keys().try_for_each(|file| objects.remove(&format!("{CONTENT}{sha256}/{file}")))?;
        objects.remove(&mark)?;
        tracing::info!(content = sha256, "no version needs it, and it is no longer in the object store");
        Ok(())
    }

    fn needed(&self) -> Result<BTreeSet<String>, DatabaseError> {
        Ok(self.database.contents()?.into_iter().collect())
    }
}
