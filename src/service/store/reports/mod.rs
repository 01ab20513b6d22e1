//! Reports made in batches: what was requested, how far it is, and the whole files. A file is in the table only once
//! it is on the disk under its name, so whatever ends the program leaves no half file that looks whole.

mod files;
mod rows;
#[cfg(test)]
mod tests;

use super::database::{DataFolder, Database, DatabaseError};
use super::disk::{Disk, Draft, LocalDisk};
use super::hex::hex;
use super::objects::{GRACE, Objects, ObjectsError};
use super::random;
use super::versions::free;
use crate::core::model::Text;
use crate::render::report::Origin;
use files::Folder;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::{HashMap, HashSet};
use std::fs::File;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, UNIX_EPOCH};

const FOLDER: &str = "reports";
/// Files in the object store.
const OBJECTS: &str = "reports/";
/// Bytes of the files of one job; its archive takes as many again.
pub const LARGEST_JOB: u64 = 1 << 30;
/// Jobs that are kept, and their bytes in all; the oldest go first.
pub const MOST_JOBS: usize = 100;
const MOST_BYTES: u64 = 4 << 30;
/// For so many seconds a copy of the program answers for its jobs when it says so; it says so three times as often. Another takes the
/// jobs of a copy that was killed within these seconds and a third.
pub const LEASE: i64 = 9;
/// A job is kept for so many seconds after its end.
pub const KEPT_FOR: i64 = 7 * 24 * 3600;
/// Bytes of the disk that are left to the database and all else.
const RESERVE: u64 = 20_000_000;

/// Digits of an id by which its job is looked up. The others are compared, each time all of them.
const HANDLE: usize = 16;

/// An id for a job, which nobody can guess: who has no account is known by it alone. 64 bits to look it up, 128 as a secret.
pub fn new_job_id() -> String {
    random::token::<24>()
}

/// How far a job is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JobState {
    /// It waits for its turn.
    Queued,
    /// Its files are being made.
    Running,
    /// All its files are there, and the archive.
    Finished,
    /// Somebody stopped it.
    Cancelled,
    /// A file could not be made.
    Failed,
    /// The program ended before it did.
    Interrupted,
}

impl JobState {
    const ALL: [(Self, &str); 6] = [
        (Self::Queued, "queued"),
        (Self::Running, "running"),
        (Self::Finished, "finished"),
        (Self::Cancelled, "cancelled"),
        (Self::Failed, "failed"),
        (Self::Interrupted, "interrupted"),
    ];

    /// Its name.
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(state, _)| *state == self).map_or("", |(_, name)| name)
    }

    /// Whether nothing more will come of it.
    pub fn ended(self) -> bool {
        !matches!(self, Self::Queued | Self::Running)
    }
}

/// A file that is whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JobFile {
    /// Its name, without folders.
    pub name: String,
    /// Id of its zone.
    pub zone: String,
    /// Its format, by extension.
    pub format: String,
    /// The code that asks the same again.
    pub query: String,
    /// Its size.
    pub bytes: u64,
    /// Digest of its bytes, hexadecimal.
    pub sha256: String,
    /// The fencing token under which it was made ([`Job::fence`]).
    pub fence: i64,
}

/// A job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Job {
    /// Its id, of letters and digits.
    pub id: String,
    /// Who requested it.
    pub actor: String,
    /// Whether its files show what only some may see.
    pub whole: bool,
    /// Codes of the districts to which whoever requested it was limited; none for the whole city.
    pub scope: Option<Vec<String>>,
    /// When it was requested, in seconds since 1970.
    pub requested: i64,
    /// When it ended.
    pub ended: Option<i64>,
    /// How far it is.
    pub state: JobState,
    /// The request as JSON.
    pub question: String,
    /// Revision of the data that all files are made of.
    pub revision: String,
    /// What another copy of the program needs to go on with it; none where the build that kept it did not say.
    pub resumed_by: Option<Resumption>,
    /// Counts up with each copy that takes it over: what a copy does under a lower number comes too late.
    pub fence: i64,
    /// Files in all.
    pub total: u64,
    /// Bytes of the archive, once it is whole.
    pub zip: Option<u64>,
    /// Why it failed.
    pub error: Option<Text>,
    /// Files that are whole.
    pub done: u64,
    /// The same by name, where one job is requested alone.
    pub files: Vec<JobFile>,
}

/// What a request had beside the question, so that another copy of the program makes the same files.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resumption {
    /// Revision of the whole data, of which a reader may see a part.
    pub revision: String,
    /// Id of the table that it is about; the main one where none was named.
    pub table: Option<String>,
    /// The question of each zone as it was bound, by the zone's id.
    pub questions: Vec<(String, serde_json::Value)>,
    /// Where the page is that shows the same.
    pub origin: Origin,
}

/// Why something can't be kept.
#[derive(Debug, thiserror::Error)]
pub enum ReportsError {
    /// The database failed.
    #[error(transparent)]
    Database(#[from] DatabaseError),
    /// The folder failed.
    #[error("the folder of reports: {0}")]
    Failed(#[from] io::Error),
    /// The object store failed.
    #[error(transparent)]
    Objects(#[from] ObjectsError),
    /// The archive failed.
    #[error("the archive of a job: {0}")]
    Archive(#[from] zip::result::ZipError),
    /// The disk has not enough space, known beforehand.
    #[error("{free} bytes are free, {needed} are needed")]
    NoSpace {
        /// Bytes that are free.
        free: u64,
        /// Bytes that are needed.
        needed: u64,
    },
    /// The files are larger than `LARGEST_JOB`.
    #[error("the files of the job are too large")]
    TooLarge,
}

impl ReportsError {
    /// Whether a server does not answer, which may pass without anybody doing something here.
    pub fn is_away(&self) -> bool {
        match self {
            Self::Database(e) => e.is_of_server(),
            Self::Objects(e) => e.is_away(),
            _ => false,
        }
    }

    /// What to tell the planner.
    pub fn text(&self) -> Text {
        let full = |e: &io::Error| matches!(e.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded);
        match self {
            Self::NoSpace { free, needed } => {
                let (free, needed) = (free / 1_000_000, needed.div_ceil(1_000_000));
                Text::new(
                    format!("磁盘剩余 {free} MB,需要约 {needed} MB,没有开始;请清理磁盘,或减少区域与格式。"),
                    format!(
                        "{free} MB are free on the disk and some {needed} MB are needed; nothing was begun. Make room, or take fewer zones and formats."
                    ),
                )
            }
            Self::TooLarge => Text::new(
                format!("文件合计超过 {} MB,已停止;请分几批导出,或去掉 CSV、GeoJSON。", LARGEST_JOB >> 20),
                format!(
                    "The files are larger than {} MB together and were stopped; export in parts, or without CSV and GeoJSON.",
                    LARGEST_JOB >> 20
                ),
            ),
            Self::Failed(e) if full(e) => Text::new(
                "磁盘已满,已停止;已完成的文件仍可下载。请清理磁盘后重新导出。",
                "The disk is full and the job was stopped; finished files can be downloaded. Make room and export again.",
            ),
            Self::Database(_) | Self::Failed(_) | Self::Objects(_) | Self::Archive(_) => Text::new(
                "数据文件夹暂时无法读写;已完成的文件不受影响。请告诉管理员。",
                "The data folder can't be read or written at the moment; finished files are not touched. Tell the administrator.",
            ),
        }
    }
}

/// The jobs of a data folder.
#[derive(Clone, Debug)]
pub struct Reports {
    disk: Arc<dyn Disk>,
    database: Arc<Database>,
    folder: PathBuf,
    /// Which copy of the program this is, another after each start.
    copy: Arc<str>,
    /// Where other copies find the files, too; else they share the folder.
    objects: Option<Arc<Objects>>,
    /// Held while a file is fetched.
    fetching: Arc<Mutex<()>>,
    /// Shared by all programs that run; whoever starts and has it alone is the only one, and tidies.
    _lock: Arc<File>,
}

impl Reports {
    /// Those of a data folder. Unless another program is at work: jobs that were not at their end when the program was say so, and
    /// what they left half is removed.
    pub fn open(data_folder: impl Into<DataFolder>, now: i64) -> Result<Self, ReportsError> {
        Self::open_on(Arc::new(LocalDisk), &data_folder.into(), now)
    }

    fn open_on(disk: Arc<dyn Disk>, data_folder: &DataFolder, now: i64) -> Result<Self, ReportsError> {
        let database = Arc::new(Database::open(data_folder)?);
        let folder = data_folder.path().join(FOLDER);
        disk.make_folder(&folder)?;
        let lock = File::options().create(true).truncate(false).write(true).open(folder.join(".lock"))?;
        let alone = lock.try_lock().is_ok();
        let lock = Arc::new(lock);
        let (objects, fetching) = (data_folder.objects().cloned(), Arc::default());
        let copy = random::token::<8>().into();
        let reports = Self { disk, database, folder, copy, objects, fetching, _lock: lock.clone() };
        if alone {
            // with an object store there may be others elsewhere: they find jobs that nobody answers for by their leases
            if reports.objects.is_none() {
                reports.interrupt(now)?;
            }
            reports.tidy()?;
            reports.prune(now)?;
        }
        lock.lock_shared()?;
        Ok(reports)
    }

    /// Answers for the jobs of this copy. Says of those for which no copy answers any longer, and which none can take over, that they
    /// are interrupted. Whether there were any.
    pub fn look_after(&self, now: i64) -> Result<bool, ReportsError> {
        let under_way = self.under_way()?;
        if under_way.iter().any(|(copy, _)| copy.as_deref() == Some(&*self.copy)) {
            self.renew(now)?;
        }
        let overdue = under_way.iter().any(|(_, lease)| lease.is_some_and(|until| until < now));
        Ok(overdue && self.interrupt_overdue(now)? > 0)
    }

    /// Gives up the jobs of this copy that are not at their end, before the program stops: another copy takes them over at once. Where
    /// there is none, the next start says that they are interrupted.
    pub fn give_up(&self, now: i64) -> Result<(), ReportsError> {
        Ok(self.release(now)?)
    }

    /// Keeps a job that waits for its turn; its files are expected to take some `needed` bytes.
    pub fn add(&self, job: &Job, needed: u64) -> Result<(), ReportsError> {
        let (free, needed) = (free(&self.folder)?, needed + RESERVE);
        if free < needed {
            return Err(ReportsError::NoSpace { free, needed });
        }
        Ok(self.insert(job)?)
    }

    /// Makes a file whole, then says so; its size and digest are taken here. `false` where nobody wants it any more: then it
    /// is not there.
    pub fn keep(&self, job: &str, file: JobFile, bytes: &[u8]) -> Result<bool, ReportsError> {
        let file = JobFile { bytes: bytes.len() as u64, sha256: hex(&Sha256::digest(bytes)), ..file };
        if self.bytes_of(job)? + file.bytes > LARGEST_JOB {
            return Err(ReportsError::TooLarge);
        }
        let (folder, kept_as) = (self.folder(job), files::kept_as(&file.name, file.fence));
        folder.write(&kept_as, |out| out.write_all(bytes))?;
        if let Some(objects) = &self.objects {
            let path = folder.path.join(&kept_as);
            dated(&path, self.head(job)?.as_ref())?;
            objects.put(&object(job, &file.sha256), &path)?;
        }
        let wanted = self.insert_file(job, &file)?;
        match (wanted, self.get(job)?) {
            (true, _) => {}
            (false, Some(_)) => folder.remove(&kept_as)?,
            // the job was dropped meanwhile, and its folder with it
            (false, None) => self.remove_files(job)?,
        }
        Ok(wanted)
    }

    /// Makes the archive of all files, and says that the job is at its end. `false` where nobody wants it any more, or another copy
    /// has taken it over.
    pub fn finish(&self, id: &str, fence: i64, now: i64) -> Result<bool, ReportsError> {
        let wanted = |job: &Job| job.state == JobState::Running && job.fence == fence;
        let Some(job) = self.get(id)?.filter(wanted) else { return Ok(false) };
        // some may have been made by another copy
        for file in &job.files {
            self.path(&job, Some(file))?;
        }
        let bytes = self.folder(id).archive(&job)?;
        if let Some(objects) = &self.objects {
            let path = self.local(&job, None);
            dated(&path, Some(&job))?;
            objects.put(&archive(&job), &path)?;
        }
        let finished = self.end_with(id, fence, now, bytes)?;
        if !finished {
            self.folder(id).remove(&files::kept_as(files::ARCHIVE, fence))?;
        }
        Ok(finished)
    }

    /// Drops a job and its files. One that isn't there is dropped already.
    pub fn remove(&self, id: &str) -> Result<(), ReportsError> {
        self.delete(id)?;
        self.remove_files(id)
    }

    fn remove_files(&self, id: &str) -> Result<(), ReportsError> {
        self.objects.iter().for_each(|objects| objects.remove_soon(&object(id, "")));
        Ok(self.folder(id).remove_all()?)
    }

    /// Where a file of a job lies on this disk; `None` is the archive. It is fetched where another copy has made it.
    pub fn path(&self, job: &Job, file: Option<&JobFile>) -> Result<PathBuf, ReportsError> {
        let path = self.local(job, file);
        let Some(objects) = &self.objects else { return Ok(path) };
        let bytes = file.map(|file| file.bytes).or(job.zip).unwrap_or_default();
        let is_there = || path.metadata().is_ok_and(|about| about.len() == bytes);
        if is_there() {
            return Ok(path);
        }
        let _one = self.fetching.lock().unwrap_or_else(PoisonError::into_inner);
        if is_there() {
            return Ok(path);
        }
        let name = file.map_or_else(|| archive(job), |file| object(&job.id, &file.sha256));
        self.disk.make_folder(&self.folder.join(&job.id))?;
        let part = path.with_added_extension(format!("{}.{}", random::token::<4>(), files::PART));
        let mut draft = Draft::create(&self.disk, part)?;
        let sha256 = objects.fetch(&name, bytes, &mut draft)?;
        // of the archive its length is known
        if file.is_some_and(|file| file.sha256 != sha256) {
            return Err(ObjectsError::Damaged { store: objects.shown().to_owned(), name }.into());
        }
        draft.keep(&path)?;
        dated(&path, Some(job))?;
        Ok(path)
    }

    fn local(&self, job: &Job, file: Option<&JobFile>) -> PathBuf {
        let kept_as = match file {
            Some(file) => files::kept_as(&file.name, file.fence),
            None => files::kept_as(files::ARCHIVE, job.fence),
        };
        self.folder.join(&job.id).join(kept_as)
    }

    /// Removes the jobs whose time is over, then the oldest until the others have room, then what no job needs.
    pub fn prune(&self, now: i64) -> Result<(), ReportsError> {
        let (all, now) = (self.all()?, self.database.confirmed_time(now)?);
        let (mut jobs, mut bytes) = (0, 0);
        for job in &all {
            jobs += 1;
            bytes += job.files.iter().map(|f| f.bytes).sum::<u64>() + job.zip.unwrap_or(0);
            let old = job.ended.is_some_and(|at| at <= now - KEPT_FOR);
            if job.state.ended() && (old || jobs > MOST_JOBS || bytes > MOST_BYTES) {
                self.remove(&job.id)?;
            }
        }
        Ok(())
    }

    /// Makes the object store and the table agree: what no job needs goes after a day, what is on this disk alone is added.
    pub fn sweep_objects(&self, now: i64) -> Result<(), ReportsError> {
        let Some(objects) = &self.objects else { return Ok(()) };
        let there = objects.list(OBJECTS)?;
        self.forget()?;
        let (all, by) = (self.all()?, self.database.confirmed_time(now)?);
        let needed: HashMap<String, PathBuf> = all
            .iter()
            .flat_map(|job| {
                let files = job.files.iter().map(|f| (object(&job.id, &f.sha256), self.local(job, Some(f))));
                files.chain(job.zip.map(|_| (archive(job), self.local(job, None))))
            })
            .collect();
        for found in there.iter().filter(|o| o.came + GRACE <= by && !needed.contains_key(&o.name)) {
            objects.remove(&found.name)?;
        }
        let there: HashSet<&str> = there.iter().map(|o| o.name.as_str()).collect();
        for (name, path) in needed.iter().filter(|(name, path)| !there.contains(name.as_str()) && path.exists()) {
            objects.put(name, path)?;
        }
        Ok(())
    }

    /// Removes from this disk what belongs to none of the jobs.
    fn forget(&self) -> Result<(), ReportsError> {
        // a job is in the table before it has a folder
        let here = std::fs::read_dir(&self.folder)?.map(|entry| Ok(entry?.file_name()));
        let (here, all) = (here.collect::<io::Result<Vec<_>>>()?, self.all()?);
        for name in here {
            if name != ".lock" && !all.iter().any(|j| name == j.id.as_str()) {
                self.disk.clear(&self.folder.join(name))?;
            }
        }
        Ok(())
    }

    /// Makes the folder and the table agree: what is not in the table is half and goes; what is not in the folder is lost.
    fn tidy(&self) -> Result<(), ReportsError> {
        self.forget()?;
        let all = self.all()?;
        for job in &all {
            let folder = self.folder(&job.id);
            folder.keep_only(job)?;
            // what is not here may be in the store
            if self.objects.is_some() {
                continue;
            }
            let lost = |f: &&JobFile| !folder.has(&files::kept_as(&f.name, f.fence), f.bytes);
            for file in job.files.iter().filter(lost) {
                self.delete_file(&job.id, &file.name)?;
            }
            let archive = files::kept_as(files::ARCHIVE, job.fence);
            if job.zip.is_some_and(|bytes| !folder.has(&archive, bytes)) || job.files.iter().any(|f| lost(&f)) {
                self.lost(&job.id)?;
                folder.remove(&archive)?;
            }
        }
        Ok(())
    }

    fn folder(&self, id: &str) -> Folder {
        Folder { disk: self.disk.clone(), path: self.folder.join(id) }
    }
}

/// The name of a file of a job in the object store, by its digest: what comes too late spoils nothing.
fn object(job: &str, sha256: &str) -> String {
    format!("{OBJECTS}{job}/{sha256}")
}

/// The name of the archive there.
fn archive(job: &Job) -> String {
    object(&job.id, &files::kept_as(files::ARCHIVE, job.fence))
}

/// Gives a file the time of its job: the tag of an answer is made of it, and is the same at all copies.
fn dated(path: &Path, job: Option<&Job>) -> io::Result<()> {
    let requested = job.map_or(0, |job| job.requested.max(0).cast_unsigned());
    File::options().write(true).open(path)?.set_modified(UNIX_EPOCH + Duration::from_secs(requested))
}
