//! A copy of the data folder that is of one moment, made while the program runs: the database as SQLite copies it, then the
//! files that it speaks of. It is gone back to by copying the folder back.

use super::super::Database;
use super::super::database::{DataFolder, DatabaseError, VERSIONS};
use super::super::disk::{Disk, LocalDisk};
use super::files::{Held, content};
use super::retained::OpenError;
use super::shared::download;
use super::snapshots::SNAPSHOTS;
use std::fs::{self, File};
use std::io;
use std::path::Path;
use std::sync::Arc;

/// What is not copied: files on their way in, what can be made again (reports, snapshot files), and what belongs to programs that
/// are running.
const LEFT_OUT: [&str; 3] = ["incoming", "reports", SNAPSHOTS];

/// Copies a data folder into a new one. Nothing can be published meanwhile; everything else goes on.
pub fn backup(folder: impl Into<DataFolder>, to: &Path) -> Result<u64, OpenError> {
    let folder = folder.into();
    let database = Database::open(&folder)?;
    let held = Held::wait(&(Arc::new(LocalDisk) as Arc<dyn Disk>), &folder.path().join(VERSIONS))?;
    let part = to.with_added_extension("part");
    if part.exists() {
        fs::remove_dir_all(&part)?;
    }
    let copied = copy_all(&database, folder.path(), &part).and_then(|bytes| {
        let bytes = bytes + fetch_all(&database, &folder, &part)?;
        // an empty folder may be there; anything else is not written over
        fs::rename(&part, to)?;
        if let Some(parent) = to.parent().filter(|p| !p.as_os_str().is_empty()) {
            File::open(parent)?.sync_all()?;
        }
        Ok(bytes)
    });
    drop(held);
    if copied.is_err() {
        // the part is worthless; that it can't be removed adds nothing to the message
        let _ = fs::remove_dir_all(&part);
    }
    copied
}

fn copy_all(database: &Database, folder: &Path, part: &Path) -> Result<u64, OpenError> {
    fs::create_dir_all(part)?;
    let name = Database::file_name();
    database.copy_to(&part.join(name)).map_err(|e: DatabaseError| e)?;
    File::open(part.join(name))?.sync_all()?;
    let mut bytes = part.join(name).metadata()?.len();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let file = entry.file_name();
        let shown = file.to_string_lossy();
        // the database and its journals have been copied as one
        if shown.starts_with(name) || shown.starts_with('.') || LEFT_OUT.contains(&&*shown) {
            continue;
        }
        // the backup may lie in the folder
        if entry.path().canonicalize()? == part.canonicalize()? {
            continue;
        }
        bytes += copy(&entry.path(), &part.join(file))?;
    }
    File::open(part)?.sync_all()?;
    Ok(bytes)
}

/// Copies the content of versions that is in the object store alone: a backup is whole without it.
fn fetch_all(database: &Database, folder: &DataFolder, part: &Path) -> Result<u64, OpenError> {
    let Some(objects) = folder.objects() else { return Ok(0) };
    let (disk, versions, mut bytes) = (Arc::new(LocalDisk) as Arc<dyn Disk>, part.join(VERSIONS), 0);
    disk.make_folder(&versions)?;
    for sha256 in database.contents()? {
        let target = versions.join(&sha256);
        if !target.exists() {
            download(objects, &disk, &sha256, &target)?;
            bytes += content(&target)?.1;
        }
    }
    disk.sync_folder(&versions)?;
    Ok(bytes)
}

fn copy(from: &Path, to: &Path) -> io::Result<u64> {
    if !from.is_dir() {
        let bytes = fs::copy(from, to)?;
        File::open(to)?.sync_all()?;
        return Ok(bytes);
    }
    fs::create_dir_all(to)?;
    let mut bytes = 0;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        if !entry.file_name().to_string_lossy().starts_with('.') {
            bytes += copy(&entry.path(), &to.join(entry.file_name()))?;
        }
    }
    File::open(to)?.sync_all()?;
    Ok(bytes)
}
