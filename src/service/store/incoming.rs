//! Files on their way in: what planners sent, kept until it is published, dropped or forgotten.

use super::database::{DataFolder, Database, DatabaseError, Row, StatementError, Transaction, params};
use super::disk::{Disk, Draft, LocalDisk};
use super::hex::hex;
use super::objects::{GRACE, Objects, ObjectsError};
use super::random;
use crate::core::model::Text;
use sha2::{Digest, Sha256};
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::PathBuf;
use std::sync::Arc;

const FOLDER: &str = "incoming";
const LOCK: &str = ".lock";
/// Files in the object store.
const OBJECTS: &str = "incoming/";
/// Largest file that is taken, in bytes.
pub const LARGEST_FILE: u64 = 512 << 20;
/// Most files that are kept at once, and their bytes in all.
const MOST_FILES: usize = 40;
const MOST_BYTES: u64 = 4 << 30;
/// A file that nobody submitted is forgotten after so many seconds.
const FORGOTTEN: i64 = 24 * 3600;
/// Remembered heads.
const MOST_MAPPINGS: i64 = 500;

/// How far a file has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// It is there.
    Received,
    /// It waits for somebody who may publish it.
    Submitted,
    /// It became a version.
    Published,
}

impl Stage {
    const ALL: [(Self, &str); 3] =
        [(Self::Received, "received"), (Self::Submitted, "submitted"), (Self::Published, "published")];

    /// Its name.
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(stage, _)| *stage == self).map_or("", |(_, name)| name)
    }
}

/// A file that came in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Arrival {
    /// Its id here.
    pub id: String,
    /// Its name where it came from.
    pub file: String,
    /// Its size.
    pub bytes: u64,
    /// Digest of its bytes, hexadecimal.
    pub sha256: String,
    /// When it came, in seconds since 1970.
    pub received: i64,
    /// Who sent it.
    pub actor: String,
    /// How far it has come.
    pub stage: Stage,
    /// What was said about it, as JSON.
    pub options: Option<String>,
    /// Revision of the data against which it was last checked.
    pub revision: Option<String>,
    /// What its sender says to whoever publishes it.
    pub note: String,
    /// The version that it became.
    pub version: Option<u64>,
    /// The check that was asked for last.
    pub check: Check,
}

/// A check of a file, whichever copy of the program makes it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Check {
    /// Counts up with each that is asked for.
    pub number: i64,
    /// Whether what it finds is still wanted: nobody has asked, or the data is another since.
    pub wanted: bool,
    /// Revision of the data and options (JSON) under which a copy has judged the file; none before.
    pub found: Option<(String, String)>,
}

/// Why a file is not taken or kept.
#[derive(Debug, thiserror::Error)]
pub enum IncomingError {
    /// The database failed.
    #[error(transparent)]
    Database(#[from] DatabaseError),
    /// The folder failed.
    #[error("the folder of incoming files: {0}")]
    Failed(#[from] io::Error),
    /// The object store failed.
    #[error(transparent)]
    Objects(#[from] ObjectsError),
    /// The file is larger than [`LARGEST_FILE`].
    #[error("the file is too large")]
    TooLarge,
    /// Too many files wait, or too many bytes.
    #[error("too many files wait")]
    Full,
}

impl IncomingError {
    /// What to tell the planner.
    pub fn text(&self) -> Text {
        match self {
            Self::Database(_) | Self::Failed(_) | Self::Objects(_) => Text::new(
                "数据文件夹暂时无法读写,文件没有收下,数据没有任何变化;请告诉管理员。",
                "The data folder can't be read or written at the moment; the file was not taken and no data has changed. Tell the administrator.",
            ),
            Self::TooLarge => Text::new(
                format!("文件超过 {} MB,没有收下;请分成几个文件导入。", LARGEST_FILE >> 20),
                format!("The file is larger than {} MB and was not taken; import it in parts.", LARGEST_FILE >> 20),
            ),
            Self::Full => Text::new(
                "等待处理的导入文件太多,没有收下;请先完成或删除已有的导入。",
                "Too many imports wait and the file was not taken; finish or delete some first.",
            ),
        }
    }
}

/// The files on their way in.
#[derive(Clone, Debug)]
pub struct Incoming {
    disk: Arc<dyn Disk>,
    database: Arc<Database>,
    folder: PathBuf,
    /// Where other copies find the files, too; else they share the folder.
    objects: Option<Arc<Objects>>,
}

impl Incoming {
    /// Those of a data folder. What a crash left half there is removed, unless a file is being taken by another program.
    pub fn open(data_folder: impl Into<DataFolder>) -> Result<Self, IncomingError> {
        Self::open_on(Arc::new(LocalDisk), &data_folder.into())
    }

    fn open_on(disk: Arc<dyn Disk>, data_folder: &DataFolder) -> Result<Self, IncomingError> {
        let database = Arc::new(Database::open(data_folder)?);
        let folder = data_folder.path().join(FOLDER);
        disk.make_folder(&folder)?;
        let objects = data_folder.objects().cloned();
        let incoming = Self { disk, database, folder, objects };
        incoming.sweep()?;
        Ok(incoming)
    }

    /// The lock that whoever takes a file shares, and whoever sweeps has alone.
    fn lock(&self) -> io::Result<File> {
        File::options().create(true).truncate(false).write(true).open(self.folder.join(LOCK))
    }

    /// Makes the folder and the table agree, unless a file is being taken: it is in the table only once it is whole.
    fn sweep(&self) -> Result<(), IncomingError> {
        let lock = self.lock()?;
        if lock.try_lock().is_err() {
            return Ok(());
        }
        let known = self.list()?;
        for entry in fs::read_dir(&self.folder)? {
            let entry = entry?;
            // what another copy has published is here only where this one has read it
            let wanted = |a: &&Arrival| self.objects.is_none() || a.stage != Stage::Published;
            if entry.file_name() != LOCK && !known.iter().filter(wanted).any(|a| entry.file_name() == a.id.as_str()) {
                self.disk.unlink(&entry.path())?;
            }
        }
        // a file that is not here may be in the store
        if self.objects.is_some() {
            return Ok(());
        }
        for lost in known.iter().filter(|a| a.stage != Stage::Published && !self.path(&a.id).exists()) {
            // another program may have published it meanwhile
            let unless = "DELETE FROM incoming WHERE id = ?1 AND stage <> 'published'";
            self.database.write(|t| t.execute(unless, params![lost.id]))?;
        }
        Ok(())
    }

    /// Begins to take a file. `id` is anything that no other file has, of letters and digits.
    pub fn receive(&self, id: &str, file: &str, actor: &str, now: i64) -> Result<Receiving, IncomingError> {
        // nothing is taken that can't be kept
        self.objects.iter().try_for_each(|objects| objects.answers())?;
        self.forget(now)?;
        self.sweep()?;
        let lock = self.lock()?;
        lock.lock_shared()?;
        let waiting: Vec<Arrival> = self.list()?.into_iter().filter(|a| a.stage != Stage::Published).collect();
        if waiting.len() >= MOST_FILES || waiting.iter().map(|a| a.bytes).sum::<u64>() >= MOST_BYTES {
            return Err(IncomingError::Full);
        }
        let part = Draft::create(&self.disk, self.folder.join(format!("part-{id}")))?;
        let arrival = Arrival {
            id: id.to_owned(),
            file: file.to_owned(),
            bytes: 0,
            sha256: String::new(),
            received: now,
            actor: actor.to_owned(),
            stage: Stage::Received,
            options: None,
            revision: None,
            note: String::new(),
            version: None,
            check: Check::default(),
        };
        Ok(Receiving { incoming: self.clone(), part, digest: Sha256::new(), arrival, _lock: lock })
    }

    /// All files, the latest first.
    pub fn list(&self) -> Result<Vec<Arrival>, IncomingError> {
        let all = "SELECT * FROM incoming ORDER BY received DESC, id DESC";
        Ok(self.database.read(|t| t.all(all, &[], arrival))?)
    }

    /// A file.
    pub fn get(&self, id: &str) -> Result<Option<Arrival>, IncomingError> {
        let one = "SELECT * FROM incoming WHERE id = ?1";
        Ok(self.database.read(|t| t.first(one, params![id], arrival))?)
    }

    /// The bytes of a file; they are fetched where another copy has taken it. None where they are nowhere.
    pub fn bytes(&self, a: &Arrival) -> Result<Option<File>, IncomingError> {
        let _lock = match &self.objects {
            Some(objects) => {
                let lock = self.lock()?;
                lock.lock_shared()?;
                if !self.path(&a.id).exists() {
                    match self.fetch(objects, a) {
                        Err(IncomingError::Objects(ObjectsError::Absent { .. })) => return Ok(None),
                        fetched => fetched?,
                    }
                }
                Some(lock)
            }
            None => None,
        };
        match File::open(self.path(&a.id)) {
            Ok(file) => Ok(Some(file)),
            Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(e) => Err(e.into()),
        }
    }

    fn fetch(&self, objects: &Objects, a: &Arrival) -> Result<(), IncomingError> {
        let part = self.folder.join(format!("part-{}-{}", a.id, random::token::<4>()));
        let mut draft = Draft::create(&self.disk, part)?;
        if objects.fetch(&object(&a.id), a.bytes, &mut draft)? != a.sha256 {
            return Err(ObjectsError::Damaged { store: objects.shown().to_owned(), name: object(&a.id) }.into());
        }
        Ok(draft.keep(&self.path(&a.id))?)
    }

    /// Where the bytes of a file lie on this disk.
    fn path(&self, id: &str) -> PathBuf {
        self.folder.join(id)
    }

    /// Makes the object store and the table agree: what no file needs goes after a day, what is on this disk alone is added.
    pub fn sweep_objects(&self, now: i64) -> Result<(), IncomingError> {
        let Some(objects) = &self.objects else { return Ok(()) };
        self.forget(now)?;
        self.sweep()?;
        let there = objects.list(OBJECTS)?;
        let known = self.list()?;
        let waiting = || known.iter().filter(|a| a.stage != Stage::Published);
        let by = self.database.confirmed_time(now)?;
        for found in there.iter().filter(|o| o.came + GRACE <= by) {
            if !waiting().any(|a| object(&a.id) == found.name) {
                objects.remove(&found.name)?;
            }
        }
        for a in waiting().filter(|a| !there.iter().any(|o| o.name == object(&a.id))) {
            let path = self.path(&a.id);
            if path.metadata().is_ok_and(|about| about.len() == a.bytes) {
                objects.put(&object(&a.id), &path)?;
            }
        }
        Ok(())
    }

    /// Keeps what is known of a file: stage, options, revision, note, version.
    pub fn update(&self, a: &Arrival) -> Result<(), IncomingError> {
        self.database.write(|t| {
            t.execute(
                "UPDATE incoming SET stage = ?2, options = ?3, revision = ?4, note = ?5, version = ?6 WHERE id = ?1",
                params![a.id, a.stage.name(), a.options, a.revision, a.note, a.version.map(u64::cast_signed)],
            )
        })?;
        if a.stage == Stage::Published {
            self.unlink(&a.id)?;
        }
        Ok(())
    }

    /// Asks for a check of a file, in the place of the one before.
    pub fn ask_for_check(&self, id: &str) -> Result<Check, IncomingError> {
        let next = "UPDATE incoming SET check_number = check_number + 1, check_wanted = 1, check_revision = NULL,
            check_options = NULL WHERE id = ?1";
        let number = "SELECT check_number FROM incoming WHERE id = ?1";
        let number = self.database.write(|t| {
            t.execute(next, params![id])?;
            t.first(number, params![id], |row| row.get(0))
        })?;
        Ok(Check { number: number.unwrap_or(0), wanted: true, found: None })
    }

    /// Keeps against what a check was made, and says whether that counts: the first copy that has judged the file says it for all. Where
    /// the data is another since, the file is to be checked again.
    pub fn found(&self, id: &str, number: i64, revision: &str, options: &str) -> Result<bool, IncomingError> {
        let first = "UPDATE incoming SET check_revision = ?3, check_options = ?4
            WHERE id = ?1 AND check_number = ?2 AND check_wanted = 1 AND check_revision IS NULL";
        let same = "SELECT count(*) FROM incoming
            WHERE id = ?1 AND check_number = ?2 AND check_wanted = 1 AND check_revision = ?3 AND check_options = ?4";
        let other = "UPDATE incoming SET check_wanted = 0, check_revision = NULL, check_options = NULL
            WHERE id = ?1 AND check_number = ?2";
        Ok(self.database.write(|t| {
            let given = params![id, number, revision, options];
            t.execute(first, given)?;
            let counts = t.one(same, given, |row| row.get::<_, i64>(0))? > 0;
            if !counts {
                t.execute(other, params![id, number])?;
            }
            Ok(counts)
        })?)
    }

    /// Removes the bytes of a file that has become a version.
    pub fn published(&self, id: &str) -> Result<(), IncomingError> {
        self.unlink(id)
    }

    /// Drops a file. One that isn't there is dropped already.
    pub fn remove(&self, id: &str) -> Result<(), IncomingError> {
        self.database.write(|t| t.execute("DELETE FROM incoming WHERE id = ?1", params![id]))?;
        self.unlink(id)
    }

    fn unlink(&self, id: &str) -> Result<(), IncomingError> {
        if let Some(Err(e)) = self.objects.as_ref().map(|objects| objects.remove(&object(id))) {
            tracing::warn!(id, error = %e, "a file that nobody needs is removed from the object store later");
        }
        Ok(self.disk.unlink(&self.path(id))?)
    }

    /// Drops the files that nobody has cared about for a day.
    fn forget(&self, now: i64) -> Result<(), IncomingError> {
        let by = self.database.confirmed_time(now)?;
        let old = self.list()?.into_iter().filter(|a| a.received < by - FORGOTTEN && a.stage != Stage::Submitted);
        old.map(|a| a.id).try_for_each(|id| self.remove(&id))
    }

    /// What was last said about a file with these columns, as JSON.
    pub fn remembered(&self, columns: &[String]) -> Result<Option<String>, IncomingError> {
        let key = head(columns);
        let one = "SELECT options FROM mapping WHERE columns = ?1";
        Ok(self.database.read(|t| t.first(one, params![key], |row| row.get(0)))?)
    }

    /// Remembers what was said about a file with these columns.
    pub fn remember(&self, columns: &[String], options: &str, now: i64) -> Result<(), IncomingError> {
        self.database.write(|t| {
            let kept = "INSERT INTO mapping (columns, options, used) VALUES (?1, ?2, ?3)
                ON CONFLICT (columns) DO UPDATE SET options = excluded.options, used = excluded.used";
            t.execute(kept, params![head(columns), options, now])?;
            let oldest =
                "DELETE FROM mapping WHERE columns NOT IN (SELECT columns FROM mapping ORDER BY used DESC LIMIT ?1)";
            t.execute(oldest, params![MOST_MAPPINGS])
        })?;
        Ok(())
    }
}

/// Says of a file that it became a version. `false` where it did before, or is gone.
pub(super) fn published(t: &dyn Transaction, id: &str, note: &str, version: u64) -> Result<bool, StatementError> {
    let once =
        "UPDATE incoming SET stage = 'published', note = ?2, version = ?3 WHERE id = ?1 AND stage <> 'published'";
    Ok(t.execute(once, params![id, note, version.cast_signed()])? > 0)
}

/// The name of a file in the object store.
fn object(id: &str) -> String {
    format!("{OBJECTS}{id}")
}

/// The same names in another order are the same sender's.
fn head(columns: &[String]) -> String {
    let mut names: Vec<&str> = columns.iter().map(String::as_str).collect();
    names.sort_unstable();
    hex(&Sha256::digest(names.join("\u{1f}").as_bytes()))
}

fn arrival(row: &dyn Row) -> Result<Arrival, StatementError> {
    let stage: String = row.get("stage")?;
    let stage = Stage::ALL.iter().find(|(_, name)| *name == stage).map_or(Stage::Received, |(stage, _)| *stage);
    Ok(Arrival {
        id: row.get("id")?,
        file: row.get("file")?,
        bytes: row.get::<_, i64>("bytes")?.cast_unsigned(),
        sha256: row.get("sha256")?,
        received: row.get("received")?,
        actor: row.get("actor")?,
        stage,
        options: row.get("options")?,
        revision: row.get("revision")?,
        note: row.get("note")?,
        version: row.get::<_, Option<i64>>("version")?.map(i64::cast_unsigned),
        check: Check {
            number: row.get("check_number")?,
            wanted: row.get("check_wanted")?,
            found: row.get::<_, Option<String>>("check_revision")?.zip(row.get("check_options")?),
        },
    })
}

/// A file that is being taken; dropped before the end, it was never there.
#[derive(Debug)]
pub struct Receiving {
    incoming: Incoming,
    part: Draft,
    digest: Sha256,
    arrival: Arrival,
    /// Held until the file is in the table.
    _lock: File,
}

impl Receiving {
    /// Takes the next bytes.
    pub fn write(&mut self, bytes: &[u8]) -> Result<(), IncomingError> {
        self.arrival.bytes += bytes.len() as u64;
        if self.arrival.bytes > LARGEST_FILE {
            return Err(IncomingError::TooLarge);
        }
        self.digest.update(bytes);
        Ok(self.part.write_all(bytes)?)
    }

    /// The file is whole.
    pub fn finish(mut self) -> Result<Arrival, IncomingError> {
        self.arrival.sha256 = hex(&self.digest.finalize());
        let (a, path) = (&self.arrival, self.incoming.path(&self.arrival.id));
        self.part.keep(&path)?;
        if let Some(Err(e)) = self.incoming.objects.as_ref().map(|objects| objects.put(&object(&a.id), &path)) {
            // what can't be removed now is removed with what else is in no table
            let _ = self.incoming.disk.unlink(&path);
            return Err(e.into());
        }
        self.incoming.database.write(|t| {
            t.execute(
                "INSERT INTO incoming (id, file, bytes, sha256, received, actor) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                params![a.id, a.file, a.bytes.cast_signed(), a.sha256, a.received, a.actor],
            )
        })?;
        Ok(self.arrival)
    }
}

#[cfg(test)]
mod tests {
    use super::super::recorder::Recorder;
    use super::*;
    use std::path::Path;

    fn open(folder: &Path) -> Incoming {
        Incoming::open(folder).unwrap()
    }

    fn take(incoming: &Incoming, id: &str, now: i64) -> Arrival {
        let mut receiving = incoming.receive(id, "企业.csv", "owner", now).unwrap();
        receiving.write(b"a,").unwrap();
        receiving.write(b"b\n").unwrap();
        receiving.finish().unwrap()
    }

    fn files(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder.join(FOLDER)).unwrap();
        let mut names: Vec<String> = entries.map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
        names.retain(|name| name != LOCK);
        names.sort();
        names
    }

    /// What another copy has taken is fetched; while the store is away nothing is taken.
    #[test]
    fn with_an_object_store_a_disk_may_be_lost() {
        use super::super::objects::Memory;
        use std::io::Read as _;
        let (folder, memory) = (tempfile::tempdir().unwrap(), Memory::default());
        let objects = Arc::new(Objects::on(Arc::new(memory.clone()), "memory".to_owned(), 0));
        let incoming = Incoming::open(DataFolder::from(folder.path()).with_objects(Some(objects))).unwrap();
        let a = take(&incoming, "one", 5);
        let read = |a: &Arrival| {
            let mut text = String::new();
            incoming.bytes(a).map(|file| file.map(|mut file| file.read_to_string(&mut text)).map(|_| text))
        };
        for _ in 0..2 {
            assert_eq!(read(&a).unwrap().unwrap(), "a,b\n");
            fs::remove_file(incoming.path("one")).unwrap();
        }
        incoming.sweep().unwrap();
        assert!(incoming.get("one").unwrap().is_some(), "it is not lost");
        memory.state().objects.get_mut("incoming/one").unwrap().0[0] = b'x';
        assert!(matches!(read(&a), Err(IncomingError::Objects(ObjectsError::Damaged { .. }))));
        assert_eq!(files(folder.path()), Vec::<String>::new());
        memory.state().objects.get_mut("incoming/one").unwrap().0[0] = b'a';
        memory.state().away = true;
        assert!(matches!(incoming.receive("two", "x.csv", "owner", 6), Err(IncomingError::Objects(_))));
        memory.state().away = false;
        std::thread::sleep(std::time::Duration::from_millis(550));
        // it goes away in the middle
        let mut half = incoming.receive("two", "x.csv", "owner", 6).unwrap();
        half.write(b"a").unwrap();
        memory.state().away = true;
        assert!(half.finish().is_err());
        memory.state().away = false;
        std::thread::sleep(std::time::Duration::from_millis(550));
        assert_eq!((incoming.list().unwrap().len(), files(folder.path())), (1, vec![]));
        // what is on this disk alone is added; what no file needs goes a day later
        read(&a).unwrap();
        memory.state().objects.clear();
        memory.state().objects.insert("incoming/late".to_owned(), (vec![1], 7));
        incoming.sweep_objects(7).unwrap();
        assert_eq!(memory.names(), ["incoming/late", "incoming/one"]);
        incoming.update(&Arrival { stage: Stage::Submitted, ..a.clone() }).unwrap();
        incoming.sweep_objects(7 + GRACE).unwrap();
        assert_eq!(memory.names(), ["incoming/one"]);
        incoming.remove("one").unwrap();
        assert_eq!((memory.names(), read(&a).unwrap()), (vec![], None));
    }

    #[test]
    fn a_file_is_whole_or_not_there() {
        let folder = tempfile::tempdir().unwrap();
        let incoming = open(folder.path());
        let mut half = incoming.receive("half", "x.csv", "owner", 0).unwrap();
        half.write(b"a,b").unwrap();
        drop(half);
        assert_eq!(files(folder.path()), Vec::<String>::new());
        let whole = take(&incoming, "one", 5);
        assert_eq!((whole.bytes, whole.received), (4, 5));
        // sha256 of "a,b\n", from coreutils
        assert_eq!(
            whole.sha256, "5be08c9684a1d25efcee09318204824278b08bbfb4aef973ffefd0b9d7478313",
            "as sha256sum has it"
        );
        assert_eq!(fs::read(incoming.path("one")).unwrap(), b"a,b\n");
        assert_eq!(incoming.get("one").unwrap(), Some(whole));
        assert_eq!(incoming.get("half").unwrap(), None);
    }

    #[test]
    fn what_a_crash_left_is_swept_away_and_the_rest_stays() {
        let folder = tempfile::tempdir().unwrap();
        let incoming = open(folder.path());
        take(&incoming, "whole", 0);
        take(&incoming, "lost", 0);
        fs::remove_file(incoming.path("lost")).unwrap();
        fs::write(folder.path().join(FOLDER).join("part-xyz"), "half").unwrap();
        let again = open(folder.path());
        assert_eq!(files(folder.path()), ["whole"]);
        assert_eq!(again.list().unwrap().iter().map(|a| a.id.as_str()).collect::<Vec<_>>(), ["whole"]);
    }

    /// Another program starts, as in a rolling restart: what is being sent goes on, at each of its moments.
    #[test]
    fn a_start_beside_it_leaves_a_file_that_is_being_taken() {
        let folder = tempfile::tempdir().unwrap();
        let incoming = open(folder.path());
        fs::write(folder.path().join(FOLDER).join("part-dead"), "of a program that was killed").unwrap();
        let mut sent = incoming.receive("sent", "企业.csv", "owner", 0).unwrap();
        assert_eq!(files(folder.path()), ["part-sent"], "what was left is swept away before");
        sent.write(b"a,").unwrap();
        let beside = open(folder.path());
        sent.write(b"b\n").unwrap();
        let second = beside.receive("second", "x.csv", "owner", 0).unwrap();
        assert_eq!(files(folder.path()), ["part-second", "part-sent"]);
        sent.finish().unwrap();
        drop(second);
        assert_eq!(files(folder.path()), ["sent"]);
        assert_eq!(fs::read(beside.path("sent")).unwrap(), b"a,b\n");
        assert!(open(folder.path()).get("sent").unwrap().is_some());
    }

    #[test]
    fn a_day_later_only_what_was_submitted_is_left() {
        let folder = tempfile::tempdir().unwrap();
        let incoming = open(folder.path());
        take(&incoming, "old", 0);
        let mut submitted = take(&incoming, "submitted", 0);
        submitted.stage = Stage::Submitted;
        submitted.note = "请审核".to_owned();
        incoming.update(&submitted).unwrap();
        take(&incoming, "new", FORGOTTEN + 1);
        assert_eq!(files(folder.path()), ["new", "submitted"]);
        assert_eq!(incoming.get("submitted").unwrap(), Some(submitted));
    }

    #[test]
    fn there_is_an_end_to_waiting_files_and_published_ones_take_no_place() {
        let folder = tempfile::tempdir().unwrap();
        let incoming = open(folder.path());
        for i in 0..MOST_FILES {
            take(&incoming, &format!("f{i}"), 0);
        }
        assert!(matches!(incoming.receive("more", "x", "owner", 0), Err(IncomingError::Full)));
        let mut done = incoming.get("f0").unwrap().unwrap();
        done.stage = Stage::Published;
        incoming.update(&done).unwrap();
        assert!(!incoming.path("f0").exists());
        take(&incoming, "more", 0);
    }

    #[test]
    fn a_file_is_on_stable_storage_before_its_row() {
        let folder = tempfile::tempdir().unwrap();
        let recorder = Recorder::of(folder.path(), "SELECT count(*) FROM incoming");
        let incoming = Incoming::open_on(recorder.disk(), &recorder.data()).unwrap();
        assert_eq!(recorder.take().0, ["create folder /incoming", "sync folder /"]);
        let taken = take(&incoming, "one", 0);
        let (operations, all) = recorder.take();
        let expected = ["create /incoming/part-one", "sync /incoming/part-one", "rename to /incoming/one"];
        assert_eq!(operations, [&expected[..], &["sync folder /incoming", "INSERT"]].concat());
        let mut whole = 0;
        for left in all {
            let place = format!("{:?} after {:?}", left.loss, left.after);
            let next = Incoming::open(left.data()).unwrap();
            assert_eq!(next.get("one").unwrap(), (left.after == "INSERT").then(|| taken.clone()), "{place}");
            if left.after == "INSERT" {
                assert_eq!(fs::read(next.path("one")).unwrap(), b"a,b\n", "{place}");
                whole += 1;
            } else {
                assert_eq!(files(left.folder.path()), Vec::<String>::new(), "{place}");
            }
        }
        assert_eq!(whole, 2);
    }

    #[test]
    fn a_full_disk_takes_no_file() {
        let folder = tempfile::tempdir().unwrap();
        let recorder = Recorder::of(folder.path(), "SELECT count(*) FROM incoming");
        let incoming = Incoming::open_on(recorder.disk(), &recorder.data()).unwrap();
        recorder.limit_space(3);
        let mut receiving = incoming.receive("one", "x.csv", "owner", 0).unwrap();
        receiving.write(b"a,b\n").unwrap();
        assert!(matches!(receiving.finish(), Err(IncomingError::Failed(e)) if e.kind() == io::ErrorKind::StorageFull));
        assert_eq!(files(folder.path()), Vec::<String>::new());
        assert_eq!(incoming.list().unwrap(), []);
    }

    #[test]
    fn heads_are_remembered_whatever_their_order() {
        let folder = tempfile::tempdir().unwrap();
        let incoming = open(folder.path());
        let names = |list: &[&str]| list.iter().map(|n| (*n).to_owned()).collect::<Vec<_>>();
        incoming.remember(&names(&["名称", "区县"]), "{\"crs\":\"gcj02\"}", 1).unwrap();
        assert_eq!(incoming.remembered(&names(&["区县", "名称"])).unwrap().as_deref(), Some("{\"crs\":\"gcj02\"}"));
        assert_eq!(incoming.remembered(&names(&["名称"])).unwrap(), None);
    }

    /// Whichever copy judges a file first says against what; who finds other data says that it is to be checked again.
    #[test]
    fn a_check_counts_for_all_copies_until_another_is_asked_for() {
        let folder = tempfile::tempdir().unwrap();
        let [a, b] = [0; 2].map(|_| open(folder.path()));
        take(&a, "x", 0);
        assert_eq!(a.get("x").unwrap().unwrap().check, Check::default());
        assert!(!a.found("x", 0, "r1", "{}").unwrap(), "nobody has asked");
        let check = a.ask_for_check("x").unwrap();
        assert_eq!(check, b.get("x").unwrap().unwrap().check);
        assert!(a.found("x", check.number, "r1", "{}").unwrap() && b.found("x", check.number, "r1", "{}").unwrap());
        let found = b.get("x").unwrap().unwrap().check;
        assert_eq!(found.found, Some(("r1".to_owned(), "{}".to_owned())));
        // the data is another since
        assert!(!b.found("x", check.number, "r2", "{}").unwrap());
        let after = a.get("x").unwrap().unwrap().check;
        assert_eq!((after.wanted, after.found), (false, None));
        assert!(!a.found("x", check.number, "r1", "{}").unwrap());
        // asked for again: what comes of the one before counts no more
        let next = b.ask_for_check("x").unwrap();
        assert!(next.number > check.number && !a.found("x", check.number, "r2", "{}").unwrap());
        assert!(b.get("x").unwrap().unwrap().check.wanted && b.found("x", next.number, "r2", "{}").unwrap());
    }
}
