//! Files that copies of the program share without a folder: objects of a store that speaks S3, or of a folder as such (`remote`, feature
//! objects; ADR 105). An object is never changed; each copy has what it uses on its own disk. While the store is away, whoever asks is
//! told so at once, and one at a time tries it again.

#[cfg(test)]
mod memory;
#[cfg(feature = "objects")]
mod remote;
#[cfg(feature = "objects")]
mod transport;

#[cfg(test)]
pub(super) use memory::Memory;

use super::hex::hex;
use crate::core::model::Text;
use crate::service::clock;
use sha2::{Digest, Sha256};
use std::fmt::Debug;
use std::fs::File;
use std::io::{self, Write};
use std::path::Path;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

/// What is fetched at a time.
const PIECE: u64 = 8 << 20;
/// After a failure the store is left alone for so long.
const REST: Duration = Duration::from_millis(500);
/// A failure within this time is that of a connection that was left open: it is tried once more.
const AT_ONCE: Duration = Duration::from_secs(1);
/// What no version, file or report needs is removed after so many seconds: somebody may just be reading it, or about to name it.
pub(super) const GRACE: i64 = 24 * 3600;
/// Says whose objects these are.
const MARK: &str = "installation";

/// Which store, and how it is reached.
#[derive(Clone, Debug)]
pub struct ObjectSettings {
    /// `s3://bucket/prefix` or `file:/folder`.
    pub address: String,
    /// Settings of S3 by their usual names, as in `AWS_REGION`.
    pub s3: Vec<(String, String)>,
    /// Bytes of versions that a copy keeps on its own disk.
    pub cache: u64,
}

/// What a store does. Objects that are there stay as they are until they are removed.
pub(super) trait Backend: Debug + Send + Sync {
    /// Adds an object, where there is none of this name. Whether it did.
    fn put(&self, name: &str, file: &mut File, bytes: u64) -> Result<bool, Failure>;
    /// Bytes of an object.
    fn piece(&self, name: &str, from: u64, length: u64) -> Result<Vec<u8>, Failure>;
    /// The objects whose names begin with a folder's.
    fn list(&self, folder: &str) -> Result<Vec<Object>, Failure>;
    /// Removes an object; one that is not there is removed already.
    fn remove(&self, name: &str) -> Result<(), Failure>;
}

/// An object, by its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Object {
    pub name: String,
    pub bytes: u64,
    /// When it came, by the store's clock, in seconds since 1970.
    pub came: i64,
}

/// Why a store did not do it.
#[cfg_attr(not(feature = "objects"), allow(dead_code, reason = "the store of the tests refuses nothing"))]
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Failure {
    /// It does not answer, or is not able to at the moment.
    Away(String),
    /// There is no such object.
    Absent,
    /// It does not let us, or can't.
    Refused(String),
    /// The disk of this copy.
    Disk(io::ErrorKind, String),
}

/// Why files of the store can't be had or kept.
#[derive(Debug, thiserror::Error)]
pub enum ObjectsError {
    /// The settings name no store.
    #[error("{0}")]
    Address(String),
    /// Another installation keeps its files there.
    #[error("{0} holds the files of another installation")]
    Foreign(String),
    /// The store is away.
    #[error("{store}: {why}")]
    Away {
        /// Which.
        store: String,
        /// What happened.
        why: String,
    },
    /// The store refuses.
    #[error("{store} refuses: {why}")]
    Refused {
        /// Which.
        store: String,
        /// What it says.
        why: String,
    },
    /// An object is not there.
    #[error("{store} has no {name}")]
    Absent {
        /// Which store.
        store: String,
        /// Which object.
        name: String,
    },
    /// An object is not what it was.
    #[error("{name} of {store} is damaged")]
    Damaged {
        /// Which store.
        store: String,
        /// Which object.
        name: String,
    },
    /// The disk of this copy.
    #[error(transparent)]
    Disk(#[from] io::Error),
}

impl ObjectsError {
    /// Whether it may pass without anybody doing something here.
    pub fn is_away(&self) -> bool {
        matches!(self, Self::Away { .. })
    }

    /// What, where, what to do.
    pub fn text(&self) -> Text {
        match self {
            Self::Address(why) => Text::new(
                format!(
                    "--objects 不可用({why})。应形如 s3://存储桶/前缀 或 file:/文件夹,程序须以 --features objects 编译。"
                ),
                format!(
                    "--objects can't be used ({why}); it is like s3://BUCKET/PREFIX or file:/FOLDER, for a program built with --features objects."
                ),
            ),
            Self::Foreign(store) => Text::new(
                format!("{store} 保存着另一个数据库的文件;请为每个数据库指定各自的前缀。没有任何改动。"),
                format!(
                    "{store} holds the files of another database; name a prefix of its own for each database. Nothing was changed."
                ),
            ),
            Self::Away { store, why } => Text::new(
                format!("对象存储 {store} 暂时无法访问({why});请检查服务器与网络。"),
                format!(
                    "the object store {store} is not reached at the moment ({why}); check the server and the network."
                ),
            ),
            Self::Refused { store, why } => Text::new(
                format!("对象存储 {store} 拒绝({why});请检查存储桶、密钥与权限。"),
                format!("the object store {store} refuses ({why}); check bucket, keys and rights."),
            ),
            Self::Absent { store, name } | Self::Damaged { store, name } => Text::new(
                format!("对象存储 {store} 中的 {name} 缺失或已损坏;请从存储桶的历史版本恢复。"),
                format!(
                    "{name} of the object store {store} is missing or damaged; restore it from the bucket's versions."
                ),
            ),
            Self::Disk(e) => {
                Text::new(format!("运行数据文件夹无法读写({e})。"), format!("the data folder can't be used ({e})."))
            }
        }
    }
}

/// The store.
#[derive(Debug)]
pub struct Objects {
    backend: Arc<dyn Backend>,
    /// What the names of all its objects begin with.
    folder: String,
    shown: String,
    cache: u64,
    /// Since when it is away, and why.
    away: Arc<Mutex<Option<(Duration, String)>>>,
    /// Set once it is known that nobody else's files are there.
    own: OnceLock<()>,
}

impl Objects {
    /// A store by its address. It is not asked yet.
    pub fn open(settings: &ObjectSettings) -> Result<Self, ObjectsError> {
        let shown = settings.address.clone();
        Ok(Self::on(backend(settings)?, shown, settings.cache))
    }

    pub(super) fn on(backend: Arc<dyn Backend>, shown: String, cache: u64) -> Self {
        Self { backend, folder: String::new(), shown, cache, away: Arc::default(), own: OnceLock::new() }
    }

    /// The part of the store below a folder, as a store of its own that is away when the whole is; of the room on this copy's disk it
    /// has one of so many parts.
    pub(super) fn below(&self, folder: &str, parts: usize) -> Self {
        Self {
            backend: self.backend.clone(),
            folder: format!("{}{folder}/", self.folder),
            shown: format!("{}/{folder}", self.shown.trim_end_matches('/')),
            cache: self.cache / parts.max(1) as u64,
            away: self.away.clone(),
            own: OnceLock::new(),
        }
    }

    /// Its address.
    pub fn shown(&self) -> &str {
        &self.shown
    }

    /// Bytes of versions that a copy keeps on its own disk.
    pub(super) fn cache(&self) -> u64 {
        self.cache
    }

    /// Takes the store for an installation, for ever; refused where it is another's.
    pub(super) fn claim(&self, installation: &str) -> Result<(), ObjectsError> {
        if self.own.get().is_some() {
            return Ok(());
        }
        let length = installation.len() as u64;
        let found = match self.ask(MARK, |store, mark| store.piece(mark, 0, length)) {
            Err(ObjectsError::Absent { .. }) => {
                let mut mark = tempfile::tempfile()?;
                mark.write_all(installation.as_bytes())?;
                self.ask(MARK, |store, name| store.put(name, &mut mark, length))?;
                // another may have been quicker
                self.ask(MARK, |store, mark| store.piece(mark, 0, length))?
            }
            found => found?,
        };
        if found != installation.as_bytes() {
            return Err(ObjectsError::Foreign(self.shown.clone()));
        }
        let _ = self.own.set(());
        Ok(())
    }

    /// Whether it answers.
    pub fn answers(&self) -> Result<(), ObjectsError> {
        self.ask(MARK, |store, mark| match store.piece(mark, 0, 1) {
            Err(Failure::Absent) => Ok(()),
            other => other.map(drop),
        })
    }

    /// Adds a file under a name that stands for its content, or that nobody else gives. Whether it was not there.
    pub(super) fn put(&self, name: &str, path: &Path) -> Result<bool, ObjectsError> {
        let mut file = File::open(path)?;
        let bytes = file.metadata()?.len();
        self.ask(name, |store, name| store.put(name, &mut file, bytes))
    }

    /// Adds an object of no bytes. Whether it was not there.
    pub(super) fn put_mark(&self, name: &str) -> Result<bool, ObjectsError> {
        let mut empty = tempfile::tempfile()?;
        self.ask(name, |store, name| store.put(name, &mut empty, 0))
    }

    /// Copies an object of so many bytes; its digest, hexadecimal.
    pub(super) fn fetch(&self, name: &str, bytes: u64, out: &mut dyn Write) -> Result<String, ObjectsError> {
        let (mut from, mut digest) = (0, Sha256::new());
        while from < bytes {
            let length = PIECE.min(bytes - from);
            let piece = self.ask(name, |store, name| store.piece(name, from, length))?;
            if piece.len() as u64 != length {
                return Err(ObjectsError::Damaged { store: self.shown.clone(), name: name.to_owned() });
            }
            digest.update(&piece);
            out.write_all(&piece)?;
            from += length;
        }
        Ok(hex(&digest.finalize()))
    }

    /// The objects of a folder, which ends with a slash.
    pub(super) fn list(&self, folder: &str) -> Result<Vec<Object>, ObjectsError> {
        let all = self.ask(folder, |store, name| store.list(name))?;
        let own = |object: Object| Some(Object { name: object.name.strip_prefix(&self.folder)?.to_owned(), ..object });
        Ok(all.into_iter().filter_map(own).collect())
    }

    pub(super) fn remove(&self, name: &str) -> Result<(), ObjectsError> {
        self.ask(name, |store, name| store.remove(name))
    }

    /// Removes the objects of a folder. What can't be removed now goes later, when it is found that nobody needs it.
    pub(super) fn remove_soon(&self, folder: &str) {
        let removed = self.list(folder).and_then(|all| all.iter().try_for_each(|object| self.remove(&object.name)));
        if let Err(e) = removed {
            tracing::warn!(folder, error = %e, "objects that nobody needs are removed later");
        }
    }

    /// Asks the store for what has this name there, unless it was away a moment ago.
    fn ask<T>(
        &self,
        name: &str,
        mut question: impl FnMut(&dyn Backend, &str) -> Result<T, Failure>,
    ) -> Result<T, ObjectsError> {
        let name = format!("{}{name}", self.folder);
        let away = |why| ObjectsError::Away { store: self.shown.clone(), why };
        let since = clock::running();
        if let Some((last, why)) = self.away().as_mut() {
            if since < *last + REST {
                return Err(away(why.clone()));
            }
            // this one tries it; the others are told at once meanwhile
            *last = since;
        }
        let mut answer = question(&*self.backend, &name);
        if matches!(answer, Err(Failure::Away(_))) && clock::running() < since + AT_ONCE {
            answer = question(&*self.backend, &name);
        }
        *self.away() = match &answer {
            Err(Failure::Away(why)) => Some((clock::running(), why.clone())),
            _ => None,
        };
        let store = self.shown.clone();
        answer.map_err(|failure| match failure {
            Failure::Away(why) => away(why),
            Failure::Absent => ObjectsError::Absent { store, name },
            Failure::Refused(why) => ObjectsError::Refused { store, why },
            Failure::Disk(kind, why) => io::Error::new(kind, why).into(),
        })
    }

    fn away(&self) -> std::sync::MutexGuard<'_, Option<(Duration, String)>> {
        self.away.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(feature = "objects")]
fn backend(settings: &ObjectSettings) -> Result<Arc<dyn Backend>, ObjectsError> {
    Ok(Arc::new(remote::Remote::open(settings).map_err(ObjectsError::Address)?))
}

#[cfg(not(feature = "objects"))]
fn backend(settings: &ObjectSettings) -> Result<Arc<dyn Backend>, ObjectsError> {
    let scheme = settings.address.split(':').next().unwrap_or_default();
    Err(ObjectsError::Address(format!("{scheme}: built without it")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn while_it_is_away_it_is_tried_now_and_then_and_found_again() {
        let memory = Memory::default();
        let objects = Objects::on(Arc::new(memory.clone()), "memory".to_owned(), 0);
        assert!(objects.put_mark("a").unwrap() && !objects.put_mark("a").unwrap());
        memory.state().away = true;
        assert!(objects.list("").unwrap_err().is_away());
        // it is back, and nobody asks it yet
        memory.state().away = false;
        let asked = memory.state().done.len();
        assert!(objects.list("").unwrap_err().is_away());
        assert_eq!(memory.state().done.len(), asked);
        std::thread::sleep(REST);
        assert_eq!(objects.list("").unwrap().len(), 1);
    }

    #[test]
    fn a_part_of_a_store_holds_what_is_its_own() {
        let memory = Memory::default();
        let whole = Objects::on(Arc::new(memory.clone()), "s3://bucket/province".to_owned(), 900);
        let [a, b] = ["cities/a", "cities/ab"].map(|folder| whole.below(folder, 3));
        assert_eq!((a.shown(), a.cache()), ("s3://bucket/province/cities/a", 300));
        // each is another installation's
        a.claim("one").unwrap();
        b.claim("two").unwrap();
        assert!(matches!(whole.below("cities/a", 1).claim("two"), Err(ObjectsError::Foreign(_))));
        a.put_mark("versions/x").unwrap();
        let names = |of: &Objects| of.list("").unwrap().into_iter().map(|o| o.name).collect::<Vec<_>>();
        assert_eq!((names(&a), names(&b)), (vec![MARK.to_owned(), "versions/x".to_owned()], vec![MARK.to_owned()]));
        assert!(memory.names().contains(&"cities/a/versions/x".to_owned()));
        a.remove("versions/x").unwrap();
        assert_eq!(names(&a), [MARK]);
        // one is away when the other is
        memory.state().away = true;
        assert!(a.list("").unwrap_err().is_away());
        memory.state().away = false;
        assert!(b.list("").unwrap_err().is_away());
    }

    #[test]
    fn an_object_is_fetched_in_pieces_and_one_that_is_shorter_is_damaged() {
        let memory = Memory::default();
        let objects = Objects::on(Arc::new(memory.clone()), "memory".to_owned(), 0);
        let content: Vec<u8> = (0..PIECE * 2 + 5).map(|n| (n % 251) as u8).collect();
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(&content).unwrap();
        objects.put("large", file.path()).unwrap();
        let mut found = Vec::new();
        let digest = objects.fetch("large", content.len() as u64, &mut found).unwrap();
        assert!(found == content && digest == hex(&Sha256::digest(&content)));
        assert_eq!(memory.state().done.iter().filter(|done| *done == "get large").count(), 3);
        let longer = objects.fetch("large", content.len() as u64 + 1, &mut Vec::new());
        assert!(matches!(longer, Err(ObjectsError::Damaged { .. })));
        assert!(matches!(objects.fetch("none", 1, &mut Vec::new()), Err(ObjectsError::Absent { .. })));
    }
}
