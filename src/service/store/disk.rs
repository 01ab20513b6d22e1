//! The file operations of the store. Their order decides what is left after a power loss, so all of them go through one
//! trait: tests record them, stop at each of them, and run out of space (`recorder`).

use std::fmt::Debug;
use std::fs::{self, File};
use std::io::{self, BufWriter, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A file that is being written.
pub(super) trait Output: Write + Seek + Send + Sync + Debug {
    /// Returns once the content is on stable storage.
    fn sync(&mut self) -> io::Result<()>;
}

/// The operations. Nothing but `sync` promises that anything survives a power loss.
pub(super) trait Disk: Send + Sync + Debug {
    /// Creates a file, empty where it was there.
    fn create(&self, path: &Path) -> io::Result<Box<dyn Output>>;
    /// Creates a folder whose parent is there.
    fn create_folder(&self, path: &Path) -> io::Result<()>;
    /// Gives a file or folder another name.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;
    /// Returns once the names in a folder are on stable storage.
    fn sync_folder(&self, path: &Path) -> io::Result<()>;
    /// Removes a file.
    fn remove_file(&self, path: &Path) -> io::Result<()>;
    /// Removes a folder and what is in it.
    fn remove_folder(&self, path: &Path) -> io::Result<()>;
}

/// The file system of this computer.
#[derive(Debug)]
pub(super) struct LocalDisk;

impl Output for File {
    fn sync(&mut self) -> io::Result<()> {
        self.sync_all()
    }
}

impl Disk for LocalDisk {
    fn create(&self, path: &Path) -> io::Result<Box<dyn Output>> {
        Ok(Box::new(File::create(path)?))
    }

    fn create_folder(&self, path: &Path) -> io::Result<()> {
        fs::create_dir(path)
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        fs::rename(from, to)
    }

    fn sync_folder(&self, path: &Path) -> io::Result<()> {
        File::open(path)?.sync_all()
    }

    fn remove_file(&self, path: &Path) -> io::Result<()> {
        fs::remove_file(path)
    }

    fn remove_folder(&self, path: &Path) -> io::Result<()> {
        fs::remove_dir_all(path)
    }
}

impl dyn Disk {
    /// Creates a folder and those above it where they are missing, and brings their names to stable storage: a file in a
    /// folder whose name is lost is lost with it.
    pub(super) fn make_folder(&self, path: &Path) -> io::Result<()> {
        if path.is_dir() {
            return Ok(());
        }
        let above = parent(path);
        self.make_folder(above)?;
        match self.create_folder(path) {
            // another program was quicker
            Err(e) if e.kind() != io::ErrorKind::AlreadyExists => Err(e),
            _ => self.sync_folder(above),
        }
    }

    /// Removes a file; one that is not there is removed already.
    pub(super) fn unlink(&self, path: &Path) -> io::Result<()> {
        gone(self.remove_file(path))
    }

    /// Removes a folder and what is in it; one that is not there is removed already.
    pub(super) fn clear(&self, path: &Path) -> io::Result<()> {
        gone(self.remove_folder(path))
    }
}

fn gone(removed: io::Result<()>) -> io::Result<()> {
    removed.or_else(|e| if e.kind() == io::ErrorKind::NotFound { Ok(()) } else { Err(e) })
}

fn parent(path: &Path) -> &Path {
    path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// A file that is written under a temporary name, and removed when it is dropped before it is kept.
#[derive(Debug)]
pub(super) struct Draft {
    disk: Arc<dyn Disk>,
    path: PathBuf,
    out: BufWriter<Box<dyn Output>>,
    kept: bool,
}

impl Draft {
    pub(super) fn create(disk: &Arc<dyn Disk>, path: PathBuf) -> io::Result<Self> {
        let out = BufWriter::with_capacity(1 << 16, disk.create(&path)?);
        Ok(Self { disk: disk.clone(), path, out, kept: false })
    }

    /// Brings the content to stable storage; the file keeps the name that it has.
    pub(super) fn finish(mut self) -> io::Result<()> {
        self.sync()?;
        self.kept = true;
        Ok(())
    }

    /// Brings the content to stable storage, then gives the file its name, then brings that there too. In this order a
    /// power loss leaves no file under this name that is not whole.
    pub(super) fn keep(mut self, path: &Path) -> io::Result<()> {
        self.sync()?;
        self.disk.rename(&self.path, path)?;
        self.kept = true;
        self.disk.sync_folder(parent(path))
    }

    fn sync(&mut self) -> io::Result<()> {
        self.out.flush()?;
        self.out.get_mut().sync()
    }
}

impl Write for Draft {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.out.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

impl Seek for Draft {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.out.seek(to)
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        if !self.kept {
            // what can't be removed now is removed at the next start
            let _ = self.disk.remove_file(&self.path);
        }
    }
}
