//! The files of rows of all cities in the data folder: written when the data of a city are others, believed by their digest only, removed
//! when nobody reads them any more.

use super::rows::{self, RowsAbout, RowsError};
use crate::core::snapshot::Snapshot;
use crate::service::cities::is_id;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File, TryLockError};
use std::hash::Hasher;
use std::io::{self, Read, Write};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tempfile::NamedTempFile;
use twox_hash::XxHash3_64;

/// The folder's name in the data folder; of further programs on the same data folder with a number.
const FOLDER: &str = "rows";
/// Programs on one data folder at most.
const PROGRAMS: usize = 16;
/// The form of the files. What another version of the program has written is written again: it decided what may leave.
const FORM: u32 = 1;

/// The rows of a city.
#[derive(Debug)]
pub struct KeptRows {
    /// What is known of them.
    pub about: RowsAbout,
    path: PathBuf,
    /// Length and time of the file when its digest was right.
    sound: Mutex<Option<(u64, i64, i64)>>,
    /// Whether others have taken their place.
    old: AtomicBool,
}

/// What stands beside a file.
#[derive(Deserialize, Serialize)]
struct Beside {
    form: u32,
    program: String,
    file: String,
    about: RowsAbout,
}

impl KeptRows {
    /// Where they are, if they are what was written.
    pub(super) fn sound(&self) -> io::Result<&Path> {
        let mut sound = self.sound.lock().unwrap_or_else(PoisonError::into_inner);
        let meta = fs::metadata(&self.path)?;
        let now = (meta.len(), meta.mtime(), meta.mtime_nsec());
        if *sound != Some(now) {
            if meta.len() != self.about.bytes || digest(&self.path)? != self.about.digest {
                return Err(io::ErrorKind::InvalidData.into());
            }
            *sound = Some(now);
        }
        Ok(&self.path)
    }
}

impl Drop for KeptRows {
    fn drop(&mut self) {
        if self.old.load(Ordering::SeqCst) {
            // one that is left is removed at the next start
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// The rows of all cities.
#[derive(Debug)]
pub struct RowsFolder {
    path: PathBuf,
    kept: Mutex<BTreeMap<String, Arc<KeptRows>>>,
    /// Held while rows are written: each takes all cores.
    writing: Mutex<()>,
    /// Locked as long as this program has the folder.
    _lock: File,
}

impl RowsFolder {
    /// Those in a data folder, which no other program has. Files that nothing is known of are removed.
    pub fn open(data: &Path) -> io::Result<Self> {
        let (path, lock) = own(data)?;
        fs::create_dir_all(&path)?;
        let mut kept = BTreeMap::new();
        for entry in fs::read_dir(&path)? {
            let file = entry?.path();
            let id = file.file_name().and_then(|name| name.to_str()).and_then(|name| name.strip_suffix(".json"));
            if let Some(id) = id.filter(|id| is_id(id))
                && let Some(rows) = read(&path, &file)
            {
                kept.insert(id.to_owned(), Arc::new(rows));
            }
        }
        let folder = Self { path, kept: Mutex::new(kept), writing: Mutex::default(), _lock: lock };
        folder.tidy()?;
        Ok(folder)
    }

    /// The rows of each city that are known.
    pub fn all(&self) -> BTreeMap<String, Arc<KeptRows>> {
        self.kept().clone()
    }

    /// Writes the rows of a city, where those of these data are not there.
    pub fn keep(&self, id: &str, snapshot: &Arc<Snapshot>) -> Result<(), RowsError> {
        let revision = &snapshot.describe().revision;
        let there = || self.kept().get(id).is_some_and(|kept| kept.about.revision == *revision);
        if there() {
            return Ok(());
        }
        let _writing = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        if there() {
            return Ok(());
        }
        // readable by its owner only, as temporary files are
        let mut file = NamedTempFile::new_in(&self.path)?;
        let Some(about) = rows::write(snapshot, &mut file)? else {
            self.forget(id);
            return Ok(());
        };
        file.as_file().sync_all()?;
        let name = format!("{id}.{}.parquet", about.revision);
        let path = self.path.join(&name);
        file.persist(&path).map_err(|e| e.error)?;
        let beside = Beside { form: FORM, program: program(), file: name, about: about.clone() };
        let mut known = NamedTempFile::new_in(&self.path)?;
        known.write_all(&serde_json::to_vec(&beside).map_err(io::Error::other)?)?;
        known.as_file().sync_all()?;
        known.persist(self.path.join(format!("{id}.json"))).map_err(|e| e.error)?;
        let rows = Arc::new(KeptRows { about, path, sound: Mutex::default(), old: AtomicBool::new(false) });
        let before = self.kept().insert(id.to_owned(), rows);
        before.iter().for_each(|rows| rows.old.store(true, Ordering::SeqCst));
        Ok(())
    }

    /// Forgets the rows of a city.
    pub fn forget(&self, id: &str) {
        if let Some(rows) = self.kept().remove(id) {
            let _ = fs::remove_file(self.path.join(format!("{id}.json")));
            rows.old.store(true, Ordering::SeqCst);
        }
    }

    /// Forgets all cities but these.
    pub fn retain(&self, ids: &BTreeSet<String>) {
        let gone: Vec<String> = self.kept().keys().filter(|id| !ids.contains(*id)).cloned().collect();
        gone.iter().for_each(|id| self.forget(id));
    }

    fn kept(&self) -> MutexGuard<'_, BTreeMap<String, Arc<KeptRows>>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Removes what is not known of.
    fn tidy(&self) -> io::Result<()> {
        let kept = self.kept();
        let known = |path: &Path| {
            kept.iter().any(|(id, rows)| rows.path == path || self.path.join(format!("{id}.json")) == path)
        };
        for entry in fs::read_dir(&self.path)? {
            let path = entry?.path();
            if path.is_file() && !known(&path) {
                fs::remove_file(path)?;
            }
        }
        Ok(())
    }
}

/// The first folder that no other program has, and the lock on it.
fn own(data: &Path) -> io::Result<(PathBuf, File)> {
    for place in 0..PROGRAMS {
        let name = if place == 0 { FOLDER.to_owned() } else { format!("{FOLDER}.{place}") };
        let lock = File::create(data.join(format!("{name}.lock")))?;
        match lock.try_lock() {
            Ok(()) => return Ok((data.join(name), lock)),
            Err(TryLockError::WouldBlock) => {}
            Err(TryLockError::Error(e)) => return Err(e),
        }
    }
    Err(io::ErrorKind::ResourceBusy.into())
}

fn program() -> String {
    env!("CARGO_PKG_VERSION").to_owned()
}

/// What is known of a file; none where this program has not written it.
fn read(folder: &Path, beside: &Path) -> Option<KeptRows> {
    let Beside { form, program: by, file, about } = serde_json::from_slice(&fs::read(beside).ok()?).ok()?;
    let path = folder.join(&file);
    let own = form == FORM && by == program() && Path::new(&file).file_name()?.to_str()? == file && path.is_file();
    own.then_some(KeptRows { about, path, sound: Mutex::default(), old: AtomicBool::new(false) })
}

fn digest(path: &Path) -> io::Result<String> {
    let (mut file, mut digest, mut piece) = (File::open(path)?, XxHash3_64::new(), vec![0; 1 << 20]);
    loop {
        match file.read(&mut piece)? {
            0 => return Ok(format!("{:016x}", digest.finish())),
            read => digest.write(&piece[..read]),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::load::{Limits, Source, load};

    #[test]
    fn programs_on_one_folder_take_nothing_from_each_other_and_old_rows_stay_while_they_are_read() {
        let data = tempfile::tempdir().unwrap();
        let snapshot = |of: &str| {
            let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(of);
            Arc::new(Snapshot::new(load(&Source::Folder(folder), &Limits::default()).0.unwrap()))
        };
        let (orchards, quayside) = (snapshot("orchards"), snapshot("quayside"));
        let first = RowsFolder::open(data.path()).unwrap();
        first.keep("a", &orchards).unwrap();
        let second = RowsFolder::open(data.path()).unwrap();
        assert!(second.all().is_empty());
        second.keep("a", &quayside).unwrap();
        let kept = |of: &RowsFolder| of.all()["a"].clone();
        assert_eq!((kept(&first).about.rows, kept(&second).about.rows), (60, 48));
        // other data: what is read stays until nobody reads it
        let read = kept(&first);
        first.keep("a", &quayside).unwrap();
        assert!(read.sound().is_ok() && kept(&first).sound().is_ok());
        let path = read.path.clone();
        drop(read);
        assert!(!path.exists());
        // the same data are not written again, and are there at the next start
        let before = fs::metadata(&kept(&first).path).unwrap().modified().unwrap();
        first.keep("a", &quayside).unwrap();
        drop(first);
        let again = RowsFolder::open(data.path()).unwrap();
        let rows = kept(&again);
        assert_eq!(fs::metadata(&rows.path).unwrap().modified().unwrap(), before);
        again.retain(&BTreeSet::new());
        drop(rows);
        assert_eq!(fs::read_dir(data.path().join(FOLDER)).unwrap().count(), 0);
    }
}
