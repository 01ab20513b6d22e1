//! A disk for tests: it records what the store does to its files, says what would be left after a power loss at each moment,
//! and can be full.

use super::disk::{Disk, LocalDisk, Output};
use super::{DataFolder, Database};
use std::collections::HashMap;
use std::ffi::OsString;
use std::fs;
use std::io::{self, Seek, SeekFrom, Write};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use tempfile::TempDir;

/// How file systems lose what was not synced.
#[derive(Clone, Copy, Debug)]
pub(super) enum Loss {
    /// Names and content alike.
    Everything,
    /// Content only: names are on the disk before what they stand for, so a file is there and empty.
    Content,
}

/// What is left after a power loss.
#[derive(Debug)]
pub(super) struct Left {
    /// The last operation before it.
    pub(super) after: String,
    pub(super) loss: Loss,
    pub(super) folder: TempDir,
}

impl Left {
    /// What is left as the next start opens it.
    pub(super) fn data(&self) -> DataFolder {
        DataFolder::of_files(self.folder.path())
    }
}

/// The disk of a data folder; clones are the same one.
#[derive(Clone, Debug)]
pub(super) struct Recorder(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    root: PathBuf,
    /// Counts the rows that make files valid; another one between two operations is an `INSERT`.
    rows: &'static str,
    /// Bytes that may still be written.
    space: AtomicU64,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    operations: Vec<String>,
    rows: i64,
    /// By inode: the content of files and the names in folders as they were last synced.
    contents: HashMap<u64, Vec<u8>>,
    names: HashMap<u64, Vec<(OsString, u64, bool)>>,
    left: Vec<Left>,
}

impl Recorder {
    /// The disk of a data folder that holds what it held for long. `rows` counts the rows that make files valid.
    pub(super) fn of(root: &Path, rows: &'static str) -> Self {
        drop(Database::open(DataFolder::of_files(root)).unwrap());
        let state = Mutex::new(State::default());
        let inner = Inner { root: root.to_owned(), rows, space: AtomicU64::new(u64::MAX), state };
        inner.sync_all(root);
        inner.state.lock().unwrap().rows = inner.count();
        Self(Arc::new(inner))
    }

    /// The data folder, whose database is a file of this disk.
    pub(super) fn data(&self) -> DataFolder {
        DataFolder::of_files(&self.0.root)
    }

    pub(super) fn disk(&self) -> Arc<dyn Disk> {
        Arc::new(self.clone())
    }

    /// From here on the disk takes so many bytes.
    pub(super) fn limit_space(&self, bytes: u64) {
        self.0.space.store(bytes, Ordering::Relaxed);
    }

    /// What was done until now, with `INSERT` where rows came, and all that power losses would have left.
    pub(super) fn take(&self) -> (Vec<String>, Vec<Left>) {
        self.0.insertions();
        let mut state = self.0.state.lock().unwrap();
        (std::mem::take(&mut state.operations), std::mem::take(&mut state.left))
    }
}

impl Inner {
    /// Everything that is there has been there for long.
    fn sync_all(&self, folder: &Path) {
        let mut state = self.state.lock().unwrap();
        let mut folders = vec![folder.to_owned()];
        while let Some(folder) = folders.pop() {
            state.names.insert(inode(&folder), entries(&folder));
            for entry in fs::read_dir(&folder).unwrap().map(Result::unwrap) {
                if entry.path().is_dir() {
                    folders.push(entry.path());
                } else {
                    state.contents.insert(inode(&entry.path()), fs::read(entry.path()).unwrap());
                }
            }
        }
    }

    fn count(&self) -> i64 {
        let connection = rusqlite::Connection::open(self.root.join(Database::file_name())).unwrap();
        connection.query_row(self.rows, [], |row| row.get(0)).unwrap()
    }

    /// Notes rows that came since the last operation, and what a power loss after them leaves.
    fn insertions(&self) {
        let rows = self.count();
        let before = std::mem::replace(&mut self.state.lock().unwrap().rows, rows);
        for _ in before..rows {
            self.note("INSERT".to_owned());
        }
    }

    fn done(&self, operation: &str, path: &Path) {
        self.insertions();
        let path = path.strip_prefix(&self.root).unwrap_or(path).to_string_lossy().into_owned();
        let parts = path.split('/').map(|p| if p.len() == 64 { "<sha256>" } else { p });
        self.note(format!("{operation} /{}", parts.collect::<Vec<_>>().join("/")));
    }

    fn note(&self, operation: String) {
        let mut state = self.state.lock().unwrap();
        for loss in [Loss::Everything, Loss::Content] {
            let folder = tempfile::tempdir().unwrap();
            state.restore(inode(&self.root), &self.root, folder.path(), loss);
            // what a transaction wrote is there: `PRAGMA synchronous = FULL` is tested where the database is
            let connection = rusqlite::Connection::open(self.root.join(Database::file_name())).unwrap();
            let copy = folder.path().join(Database::file_name());
            connection.execute("VACUUM INTO ?1", [copy.to_str().unwrap()]).unwrap();
            state.left.push(Left { after: operation.clone(), loss, folder });
        }
        state.operations.push(operation);
    }
}

impl State {
    /// Puts what is left of a folder into another one.
    fn restore(&self, folder: u64, now: &Path, to: &Path, loss: Loss) {
        let names = match loss {
            Loss::Everything => self.names.get(&folder).cloned().unwrap_or_default(),
            Loss::Content => entries(now),
        };
        for (name, inode, is_folder) in names {
            let (now, to) = (now.join(&name), to.join(&name));
            if name.to_string_lossy().starts_with(Database::file_name()) {
                continue;
            }
            if is_folder {
                fs::create_dir(&to).unwrap();
                self.restore(inode, &now, &to, loss);
            } else {
                fs::write(to, self.contents.get(&inode).map_or(&[][..], Vec::as_slice)).unwrap();
            }
        }
    }
}

fn inode(path: &Path) -> u64 {
    fs::metadata(path).unwrap().ino()
}

fn entries(folder: &Path) -> Vec<(OsString, u64, bool)> {
    let all = fs::read_dir(folder).unwrap().map(Result::unwrap);
    all.map(|entry| (entry.file_name(), inode(&entry.path()), entry.path().is_dir())).collect()
}

impl Disk for Recorder {
    fn create(&self, path: &Path) -> io::Result<Box<dyn Output>> {
        let out = LocalDisk.create(path)?;
        // numbers of inodes are given again
        self.0.state.lock().unwrap().contents.remove(&inode(path));
        self.0.done("create", path);
        Ok(Box::new(Recorded { of: self.clone(), path: path.to_owned(), out }))
    }

    fn create_folder(&self, path: &Path) -> io::Result<()> {
        LocalDisk.create_folder(path)?;
        self.0.state.lock().unwrap().names.remove(&inode(path));
        self.0.done("create folder", path);
        Ok(())
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        LocalDisk.rename(from, to)?;
        self.0.done("rename to", to);
        Ok(())
    }

    fn sync_folder(&self, path: &Path) -> io::Result<()> {
        LocalDisk.sync_folder(path)?;
        self.0.state.lock().unwrap().names.insert(inode(path), entries(path));
        self.0.done("sync folder", path);
        Ok(())
    }

    fn remove_file(&self, path: &Path) -> io::Result<()> {
        LocalDisk.remove_file(path)?;
        self.0.done("remove", path);
        Ok(())
    }

    fn remove_folder(&self, path: &Path) -> io::Result<()> {
        LocalDisk.remove_folder(path)?;
        self.0.done("remove folder", path);
        Ok(())
    }
}

/// A file of a [`Recorder`].
#[derive(Debug)]
struct Recorded {
    of: Recorder,
    path: PathBuf,
    out: Box<dyn Output>,
}

impl Write for Recorded {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let space = self.of.0.space.load(Ordering::Relaxed);
        let fits = usize::try_from(space).unwrap_or(usize::MAX).min(bytes.len());
        if fits == 0 && !bytes.is_empty() {
            return Err(io::ErrorKind::StorageFull.into());
        }
        let written = self.out.write(&bytes[..fits])?;
        self.of.0.space.store(space - written as u64, Ordering::Relaxed);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

impl Seek for Recorded {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.out.seek(to)
    }
}

impl Output for Recorded {
    fn sync(&mut self) -> io::Result<()> {
        self.out.sync()?;
        let content = fs::read(&self.path)?;
        self.of.0.state.lock().unwrap().contents.insert(inode(&self.path), content);
        self.of.0.done("sync", &self.path);
        Ok(())
    }
}
