//! Folders of versions: `<data folder>/versions/<SHA-256 of the content>/`. Written under another name, brought to stable storage, then
//! renamed; never changed again.

use super::super::disk::{Disk, Draft};
use sha2::{Digest, Sha256};
use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What names of folders in the making begin with.
const PART: &str = ".part-";

/// The folder of all versions, held by one program at a time for whatever is written in it.
pub struct Held {
    disk: Arc<dyn Disk>,
    root: PathBuf,
    _lock: File,
}

impl Held {
    /// Waits until no other program writes.
    pub fn wait(disk: &Arc<dyn Disk>, root: &Path) -> io::Result<Self> {
        let lock = lock(disk, root)?;
        lock.lock()?;
        Ok(Self { disk: disk.clone(), root: root.to_owned(), _lock: lock })
    }

    /// Holds the folder where no other program does.
    pub fn at_once(disk: &Arc<dyn Disk>, root: &Path) -> Option<Self> {
        let lock = lock(disk, root).ok()?;
        lock.try_lock().ok()?;
        Some(Self { disk: disk.clone(), root: root.to_owned(), _lock: lock })
    }

    /// A new folder in the making.
    pub fn part(&self) -> io::Result<Part> {
        let path = self.root.join(format!("{PART}version"));
        self.disk.clear(&path)?;
        self.disk.create_folder(&path)?;
        Ok(Part { disk: self.disk.clone(), path })
    }

    /// Gives a finished folder the name of its content: from here on it can be found, and is whole on stable storage.
    pub fn keep(&self, part: &Part, sha256: &str) -> io::Result<()> {
        let target = self.root.join(sha256);
        if target.exists() {
            if content(&target).is_ok_and(|(found, _)| found == sha256) {
                // whoever renamed it may have been stopped before its name was on stable storage
                return self.disk.sync_folder(&self.root);
            }
            // damaged; what comes in its place is the same as it was
            self.disk.clear(&target)?;
        }
        self.disk.rename(&part.path, &target)?;
        self.disk.sync_folder(&self.root)
    }

    /// Removes what is in the making and what no version needs.
    pub fn tidy(&self, needed: &[String]) -> io::Result<()> {
        for entry in fs::read_dir(&self.root)? {
            let entry = entry?;
            let Ok(name) = entry.file_name().into_string() else { continue };
            let ours = name.starts_with(PART) || (name.len() == 64 && name.bytes().all(|b| b.is_ascii_hexdigit()));
            if ours && !needed.contains(&name) {
                self.disk.clear(&entry.path())?;
            }
        }
        Ok(())
    }
}

fn lock(disk: &Arc<dyn Disk>, root: &Path) -> io::Result<File> {
    disk.make_folder(root)?;
    File::options().create(true).truncate(false).write(true).open(root.join(".lock"))
}

/// A folder in the making; gone when it is dropped before it has its name.
pub struct Part {
    disk: Arc<dyn Disk>,
    /// Where it lies.
    pub path: PathBuf,
}

impl Part {
    /// Writes a file and brings its content to stable storage.
    pub fn write<T>(&self, name: &str, write: impl FnOnce(&mut dyn Write) -> io::Result<T>) -> io::Result<T> {
        let mut out = Draft::create(&self.disk, self.path.join(name))?;
        let written = write(&mut out)?;
        out.finish()?;
        Ok(written)
    }

    /// Removes a file.
    pub fn remove(&self, name: &str) -> io::Result<()> {
        self.disk.remove_file(&self.path.join(name))
    }

    /// Brings the names of its files to stable storage.
    pub fn sync(&self) -> io::Result<()> {
        self.disk.sync_folder(&self.path)
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        // what can't be removed now is removed at the next start
        let _ = self.disk.clear(&self.path);
    }
}

/// The digest of a folder's files by name, and how many bytes they have.
pub fn content(folder: &Path) -> io::Result<(String, u64)> {
    let mut files: Vec<PathBuf> =
        fs::read_dir(folder)?.map(|e| e.map(|e| e.path())).collect::<io::Result<Vec<PathBuf>>>()?;
    files.sort();
    let (mut all, mut bytes) = (Sha256::new(), 0);
    for path in files {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let mut digest = Sha256::new();
        let (mut file, mut buffer, mut length) = (File::open(&path)?, vec![0; 1 << 16], 0);
        loop {
            let n = file.read(&mut buffer)?;
            if n == 0 {
                break;
            }
            digest.update(buffer.get(..n).unwrap_or_default());
            length += n as u64;
        }
        all.update((name.len() as u64).to_le_bytes());
        all.update(name.as_bytes());
        all.update(length.to_le_bytes());
        all.update(digest.finalize());
        bytes += length;
    }
    let name = all.finalize().iter().fold(String::new(), |mut s, b| {
        let _ = write!(s, "{b:02x}");
        s
    });
    Ok((name, bytes))
}

/// Bytes that may still be written to the disk of a folder.
pub fn free(folder: &Path) -> io::Result<u64> {
    let disk = rustix::fs::statvfs(folder)?;
    Ok(disk.f_bavail.saturating_mul(disk.f_frsize))
}
