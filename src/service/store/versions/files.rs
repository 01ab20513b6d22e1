//! Folders of versions: `<data folder>/versions/<SHA-256 of the content>/`. Written under another name, brought to the disk, then
//! renamed; never changed again.

use sha2::{Digest, Sha256};
use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::{self, BufWriter, IntoInnerError, Read, Write};
use std::path::{Path, PathBuf};

/// What names of folders in the making begin with.
const PART: &str = ".part-";

/// The folder of all versions, held by one program at a time for whatever is written in it.
pub struct Held {
    root: PathBuf,
    _lock: File,
}

impl Held {
    /// Waits until no other program writes.
    pub fn wait(root: &Path) -> io::Result<Self> {
        let lock = lock(root)?;
        lock.lock()?;
        Ok(Self { root: root.to_owned(), _lock: lock })
    }

    /// Holds the folder where no other program does.
    pub fn at_once(root: &Path) -> Option<Self> {
        let lock = lock(root).ok()?;
        lock.try_lock().ok()?;
        Some(Self { root: root.to_owned(), _lock: lock })
    }

    /// A new folder in the making.
    pub fn part(&self) -> io::Result<Part> {
        let path = self.root.join(format!("{PART}version"));
        remove(&path)?;
        fs::create_dir_all(&path)?;
        Ok(Part { path })
    }

    /// Gives a finished folder the name of its content: from here on it can be found, and is whole on the disk.
    pub fn keep(&self, part: &Part, sha256: &str) -> io::Result<()> {
        let target = self.root.join(sha256);
        if target.exists() {
            if content(&target).is_ok_and(|(found, _)| found == sha256) {
                return Ok(());
            }
            // damaged; what comes in its place is the same as it was
            remove(&target)?;
        }
        fs::rename(&part.path, &target)?;
        sync_folder(&self.root)
    }

    /// Removes what is in the making and what no version needs.
    pub fn tidy(&self, needed: &[String]) -> io::Result<()> {
        for entry in fs::read_dir(&self.root)? {
            let entry = entry?;
            let Ok(name) = entry.file_name().into_string() else { continue };
            let ours = name.starts_with(PART) || (name.len() == 64 && name.bytes().all(|b| b.is_ascii_hexdigit()));
            if ours && !needed.contains(&name) {
                remove(&entry.path())?;
            }
        }
        Ok(())
    }
}

fn lock(root: &Path) -> io::Result<File> {
    fs::create_dir_all(root)?;
    File::options().create(true).truncate(false).write(true).open(root.join(".lock"))
}

fn remove(folder: &Path) -> io::Result<()> {
    match fs::remove_dir_all(folder) {
        Err(e) if e.kind() != io::ErrorKind::NotFound => Err(e),
        _ => Ok(()),
    }
}

fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

/// A folder in the making; gone when it is dropped before it has its name.
pub struct Part {
    /// Where it lies.
    pub path: PathBuf,
}

impl Part {
    /// Writes a file and brings it to the disk.
    pub fn write(&self, name: &str, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
        let mut out = BufWriter::with_capacity(1 << 16, File::create(self.path.join(name))?);
        write(&mut out)?;
        out.into_inner().map_err(IntoInnerError::into_error)?.sync_all()
    }

    /// Removes a file.
    pub fn remove(&self, name: &str) -> io::Result<()> {
        fs::remove_file(self.path.join(name))
    }

    /// Brings the names of its files to the disk.
    pub fn sync(&self) -> io::Result<()> {
        sync_folder(&self.path)
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        // what can't be removed now is removed at the next start
        let _ = remove(&self.path);
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
