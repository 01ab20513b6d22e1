//! The data folder's versions: which is current, where its content lies, whether that is still what it was.

use super::super::database::{AggregatesOf, DataFolder, VERSIONS};
use super::super::disk::{Disk, LocalDisk};
use super::super::objects::{Objects, ObjectsError};
use super::super::random::token;
use super::super::{Database, DatabaseError};
use super::files::{Held, content};
use super::{CommitError, Version};
use crate::core::model::{Lang, Text};
use crate::core::snapshot::{NoiseKey, Snapshot};
use crate::data::load::{Report, Source};
use std::io;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

/// Versions that keep their content where nothing else is said.
pub const KEPT: usize = 50;

/// Why what is to be served can't be.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The data has errors.
    #[error("the data has errors")]
    Refused(Box<Report>),
    /// The folder of the current version is not there.
    #[error("version {} is current, but {} is not there", .0, .1.display())]
    Absent(u64, PathBuf),
    /// Files of the current version are missing or not what they were.
    #[error("the files of version {0} are damaged")]
    Damaged(u64),
    /// The folder.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// The database.
    #[error(transparent)]
    Database(#[from] DatabaseError),
    /// The object store.
    #[error(transparent)]
    Objects(#[from] ObjectsError),
}

impl OpenError {
    /// Whether it may pass without anybody doing something here.
    pub fn is_away(&self) -> bool {
        match self {
            Self::Database(e) => e.is_of_server(),
            Self::Objects(e) => e.is_away(),
            _ => false,
        }
    }

    /// What, why, what to do.
    pub fn text(&self) -> Text {
        match self {
            Self::Refused(report) => Text::new(report.render(Lang::Zh), report.render(Lang::En)),
            Self::Absent(n, folder) => Text::new(
                format!(
                    "数据库记载当前为版本 v{n},但其文件夹 {} 不在。内容若在对象存储中,请加 --objects;否则请从备份恢复整个运行数据文件夹;或用 shigu versions --restore 退回内容仍在的版本(--restore 0 为数据文件夹中的名录)。",
                    folder.display()
                ),
                format!(
                    "The database says that version {n} is current, but its folder {} is not there. Where it is in an object store, name that with --objects; else restore the whole data folder from a backup, or go back with shigu versions --restore to a version whose content is there (0 is the register of the dataset folder).",
                    folder.display()
                ),
            ),
            Self::Damaged(n) => CommitError::Damaged(*n).text(),
            Self::Io(e) => {
                Text::new(format!("运行数据文件夹无法读写({e})。"), format!("the data folder can't be used ({e})."))
            }
            Self::Database(e) => e.text(),
            Self::Objects(e) => e.text(),
        }
    }
}

impl From<OpenError> for CommitError {
    fn from(e: OpenError) -> Self {
        match e {
            OpenError::Refused(report) => Self::Refused(report),
            OpenError::Damaged(n) | OpenError::Absent(n, _) => Self::Damaged(n),
            OpenError::Io(e) => Self::Io(e),
            OpenError::Database(e) => Self::Database(e),
            OpenError::Objects(e) => Self::Objects(e),
        }
    }
}

/// What another copy is making, as far as this one has it.
#[derive(Debug, Default)]
pub struct Ahead {
    /// The announcement that this copy has answered.
    pub(super) answered: Option<String>,
    /// Content, read.
    pub(super) read: Option<(String, Snapshot, Report)>,
}

/// A data folder's versions.
#[derive(Debug)]
pub struct Kept {
    pub disk: Arc<dyn Disk>,
    pub database: Database,
    /// The folder of their folders.
    pub root: PathBuf,
    /// How many keep their content.
    pub keep: usize,
    /// From which the noise in protected figures follows.
    pub noise_key: NoiseKey,
    /// Held while two versions are compared, which takes the memory of two registers.
    pub comparing: Mutex<()>,
    /// Where their content is for other copies, too.
    pub objects: Option<Arc<Objects>>,
    /// Held while a content is fetched.
    pub fetching: Mutex<()>,
    /// What each version leaves for answers over several cities.
    pub aggregates: Option<AggregatesOf>,
    /// What this copy of the program is called where others see it.
    pub copy: String,
    /// What another copy is making.
    pub ahead: Mutex<Ahead>,
}

impl Kept {
    pub fn open(folder: &DataFolder, keep: usize) -> Result<Self, OpenError> {
        Self::open_on(Arc::new(LocalDisk), folder, keep)
    }

    pub fn open_on(disk: Arc<dyn Disk>, folder: &DataFolder, keep: usize) -> Result<Self, OpenError> {
        disk.make_folder(folder.path())?;
        let (database, root) = (Database::open(folder)?, folder.path().join(VERSIONS));
        let noise_key = database.noise_key()?;
        let (objects, comparing, fetching) = (folder.objects().cloned(), Mutex::default(), Mutex::default());
        let aggregates = folder.aggregates();
        let (copy, ahead) = (token::<8>(), Mutex::default());
        let kept =
            Self { disk, database, root, keep, noise_key, comparing, objects, fetching, aggregates, copy, ahead };
        kept.claim()?;
        Ok(kept)
    }

    pub fn current(&self) -> Result<Version, DatabaseError> {
        self.database.current_version()
    }

    /// What a snapshot leaves for answers over several cities. Noise in it is that of the readers' answers.
    pub fn aggregates(&self, snapshot: &Arc<Snapshot>) -> Vec<(&'static str, Vec<u8>)> {
        snapshot.set_noise_key(self.noise_key);
        self.aggregates.map_or_else(Vec::new, |of| of(snapshot))
    }

    /// Where a version is loaded from; the source itself where it is the seed. Its files are proven to be what they were.
    pub fn source(&self, base: &Source, version: &Version) -> Result<Source, OpenError> {
        let Some(sha256) = &version.sha256 else { return Ok(base.clone()) };
        let folder = self.root.join(sha256);
        let of = |folder| Source::Version { base: Box::new(base.clone()), folder };
        match (content(&folder), &self.objects) {
            (Ok((found, _)), objects) if found == *sha256 => {
                if objects.is_some() {
                    self.used(sha256);
                }
                Ok(of(folder))
            }
            (_, Some(objects)) => self.fetch(objects, sha256).map(of),
            (Err(_), None) if !folder.exists() => Err(OpenError::Absent(version.number, folder)),
            _ => Err(OpenError::Damaged(version.number)),
        }
    }

    /// Removes what no version needs, unless another program is writing.
    pub fn tidy(&self) {
        if let Some(held) = Held::at_once(&self.disk, &self.root) {
            self.tidy_held(&held);
        }
    }

    pub fn tidy_held(&self, held: &Held) {
        let tidied = self.database.contents().map(|needed| held.tidy(&needed).and(self.tidy_snapshots(&needed)));
        if !matches!(tidied, Ok(Ok(()))) {
            tracing::warn!(folder = %self.root.display(), ?tidied, "what is no longer needed could not be removed");
        }
    }
}

/// Where a version of a data folder is loaded from.
pub fn version_source(folder: impl Into<DataFolder>, base: &Source, number: u64) -> Result<Source, CommitError> {
    let folder = folder.into();
    if !folder.path().is_dir() {
        return Err(CommitError::NoFolder);
    }
    let kept = Kept::open(&folder, KEPT)?;
    let version = kept.database.version(number)?.ok_or(CommitError::Unknown(number))?;
    if version.kept { Ok(kept.source(base, &version)?) } else { Err(CommitError::NotKept(number)) }
}

/// Where the current version of a data folder is loaded from; a folder that nothing was ever kept in is not made.
pub fn current_source(folder: impl Into<DataFolder>, base: &Source) -> Result<Source, OpenError> {
    let folder = folder.into();
    if !folder.has_database() {
        Database::not_lost(folder.path())?;
        return Ok(base.clone());
    }
    let kept = Kept::open(&folder, KEPT)?;
    let version = kept.current()?;
    kept.source(base, &version)
}

/// The versions of a data folder, the latest first, without loading any.
pub fn versions_in(folder: impl Into<DataFolder>) -> Result<Vec<Version>, OpenError> {
    Ok(Kept::open(&folder.into(), KEPT)?.database.versions()?)
}
