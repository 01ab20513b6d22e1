//! The one SQLite file of the data folder: opened, checked and brought to this program's schema, or refused with a reason.

use super::accounts::Passwords;
use super::schema::{STEPS, Step};
use crate::core::model::Text;
use rusqlite::{Connection, ErrorCode, OpenFlags, Transaction, TransactionBehavior};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// The file's name in the data folder.
const FILE: &str = "shigu.sqlite3";
/// The folder of the register's versions, beside it.
pub(super) const VERSIONS: &str = "versions";
/// What names of copies begin with that are made before the schema changes.
const COPIES: &str = "shigu.before-";
/// What the file's header says about whose it is: "Shgu".
const APPLICATION: i32 = 0x5368_6775;
/// How long one program waits for another that writes.
const PATIENCE: Duration = Duration::from_secs(5);

/// What the service itself keeps. Short transactions only: they wait for one another.
#[derive(Debug)]
pub struct Database {
    connection: Mutex<Connection>,
    path: PathBuf,
    passwords: Passwords,
}

/// Why the file can't be used.
#[derive(Debug, thiserror::Error)]
pub enum DatabaseError {
    /// Another program's file.
    #[error("{0} is not a file of this program")]
    Foreign(PathBuf),
    /// A later version of this program has been at work.
    #[error("{path} has schema {found}, this program knows up to {known}")]
    Newer {
        /// The file.
        path: PathBuf,
        /// Its version.
        found: usize,
        /// The latest version that this program knows.
        known: usize,
    },
    /// The file is missing or empty, and what it would tell of is there.
    #[error("{path} is missing or empty, but {beside} is there")]
    Lost {
        /// The file.
        path: PathBuf,
        /// What shows that there was one.
        beside: PathBuf,
    },
    /// The file is damaged.
    #[error("{path} is damaged: {why}")]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What SQLite says.
        why: String,
    },
    /// Anything else: rights, a full disk, a lock that is never given up.
    #[error("{path}: {source}")]
    Failed {
        /// The file.
        path: PathBuf,
        /// What SQLite says.
        source: rusqlite::Error,
    },
}

impl DatabaseError {
    fn of(path: &Path, source: rusqlite::Error) -> Self {
        let path = path.to_owned();
        match source.sqlite_error_code() {
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => {
                Self::Damaged { path, why: source.to_string() }
            }
            _ => Self::Failed { path, source },
        }
    }

    /// What, where, what to do.
    pub fn text(&self) -> Text {
        let (zh, en) = match self {
            Self::Foreign(path) => (
                format!("{} 不是视谷的数据库。请用 --data-dir 指定另一个文件夹。", path.display()),
                format!("{} is no database of this program; name another folder with --data-dir.", path.display()),
            ),
            Self::Newer { path, found, known } => (
                format!(
                    "{} 是较新版本的视谷写的(结构第 {found} 版,本程序只到第 {known} 版)。请使用新版程序;文件没有改动。",
                    path.display()
                ),
                format!(
                    "{} was written by a later version (schema {found}, this program knows up to {known}); use that one. The file is unchanged.",
                    path.display()
                ),
            ),
            Self::Lost { path, beside } => (
                format!(
                    "{0} 缺失或为空,但 {1} 仍在:版本、帐户与短链接都记在该文件里,没有它就无法提供已发布的数据。请从备份恢复该文件;确要从头开始时,先把 {1} 移走。没有任何改动。",
                    path.display(),
                    beside.display()
                ),
                format!(
                    "{0} is missing or empty, but {1} is there: versions, accounts and saved links are recorded in that file, and what was published can't be served without it. Restore it from a backup; to begin anew, move {1} away first. Nothing was changed.",
                    path.display(),
                    beside.display()
                ),
            ),
            Self::Damaged { path, why } => (
                format!(
                    "{} 已损坏({why})。请从备份恢复该文件,或把它移走后重新启动(短链接等将从空开始)。",
                    path.display()
                ),
                format!(
                    "{} is damaged ({why}); restore it from a backup, or move it away and start again (saved links start empty).",
                    path.display()
                ),
            ),
            Self::Failed { path, source } => (
                format!("{} 无法读写({source})。请检查权限与磁盘空间。", path.display()),
                format!("{} can't be used ({source}); check rights and disk space.", path.display()),
            ),
        };
        Text { zh, en }
    }
}

impl Database {
    /// Opens the file of a data folder, made when missing, and brings it to the schema of this program. A file that some
    /// other or later program wrote, or that is damaged, is left as it is.
    pub fn open(folder: &Path) -> Result<Self, DatabaseError> {
        Self::with_steps(folder.join(FILE), STEPS)
    }

    fn with_steps(path: PathBuf, steps: &[Step]) -> Result<Self, DatabaseError> {
        // nothing is made where something was lost: an empty file would make all versions look needless
        if std::fs::metadata(&path).map_or(true, |file| file.len() == 0) {
            not_lost(&path)?;
        }
        let opened = Connection::open_with_flags(
            &path,
            OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX,
        );
        let failed = |e| DatabaseError::of(&path, e);
        let mut connection = opened.map_err(failed)?;
        connection.busy_timeout(PATIENCE).map_err(failed)?;
        recognise(&connection, &path, steps.len())?;
        // a commit is on the disk before it is answered for
        let ways = "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA trusted_schema = OFF;";
        connection.execute_batch(ways).map_err(failed)?;
        migrate(&mut connection, &path, steps).map_err(failed)?;
        Ok(Self { connection: Mutex::new(connection), path, passwords: Passwords::default() })
    }

    /// Refuses a data folder whose file was lost.
    pub(super) fn not_lost(folder: &Path) -> Result<(), DatabaseError> {
        not_lost(&folder.join(FILE))
    }

    /// The file's name in the data folder.
    pub(super) const fn file_name() -> &'static str {
        FILE
    }

    /// Copies the file as it is at one moment, while others read and write.
    pub(super) fn copy_to(&self, path: &Path) -> Result<(), DatabaseError> {
        let copied = self.connection().execute("VACUUM INTO ?1", [path.to_string_lossy()]);
        copied.map(drop).map_err(|e| DatabaseError::of(path, e))
    }

    /// Where passwords are hashed.
    pub(super) fn passwords(&self) -> &Passwords {
        &self.passwords
    }

    fn connection(&self) -> MutexGuard<'_, Connection> {
        // a transaction that panicked was rolled back when it was dropped
        self.connection.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Reads, all of one state of the file.
    pub(super) fn read<T>(
        &self,
        work: impl FnOnce(&Transaction) -> Result<T, rusqlite::Error>,
    ) -> Result<T, DatabaseError> {
        let mut connection = self.connection();
        let read = connection.transaction().and_then(|transaction| work(&transaction));
        read.map_err(|e| DatabaseError::of(&self.path, e))
    }

    /// Changes all or nothing.
    pub(super) fn write<T>(
        &self,
        work: impl FnOnce(&Transaction) -> Result<T, rusqlite::Error>,
    ) -> Result<T, DatabaseError> {
        let mut connection = self.connection();
        let written = connection.transaction_with_behavior(TransactionBehavior::Immediate).and_then(|transaction| {
            let done = work(&transaction)?;
            transaction.commit()?;
            Ok(done)
        });
        written.map_err(|e| DatabaseError::of(&self.path, e))
    }
}

/// Refuses a file without content beside versions, or beside a copy of what it was.
fn not_lost(path: &Path) -> Result<(), DatabaseError> {
    let Some(folder) = path.parent() else { return Ok(()) };
    let names = |folder: &Path| {
        let all = std::fs::read_dir(folder).into_iter().flatten().flatten();
        all.filter_map(|entry| entry.file_name().into_string().ok()).collect::<Vec<_>>()
    };
    let versions = folder.join(VERSIONS);
    let is_version = |name: &String| name.len() == 64 && name.bytes().all(|b| b.is_ascii_hexdigit());
    let own = path.file_name().map(|name| name.to_string_lossy().into_owned());
    let copy = |name: &&String| name.starts_with(COPIES) && name.ends_with(".sqlite3") && Some(*name) != own.as_ref();
    let beside = if names(&versions).iter().any(is_version) {
        Some(versions)
    } else {
        names(folder).iter().find(copy).map(|name| folder.join(name))
    };
    beside.map_or(Ok(()), |beside| Err(DatabaseError::Lost { path: path.to_owned(), beside }))
}

/// Refuses what isn't ours, is too new or is damaged, before anything is written.
fn recognise(connection: &Connection, path: &Path, known: usize) -> Result<(), DatabaseError> {
    let failed = |e| DatabaseError::of(path, e);
    let number = |sql: &str| connection.query_row(sql, [], |row| row.get::<_, i64>(0)).map_err(failed);
    let (application, found) = (number("PRAGMA application_id")?, version(connection).map_err(failed)?);
    let empty = number("SELECT count(*) FROM sqlite_schema")? == 0;
    if application != i64::from(APPLICATION) && !empty {
        return Err(DatabaseError::Foreign(path.to_owned()));
    }
    if empty {
        not_lost(path)?;
    }
    if found > known {
        return Err(DatabaseError::Newer { path: path.to_owned(), found, known });
    }
    let says: String = connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0)).map_err(failed)?;
    if says == "ok" { Ok(()) } else { Err(DatabaseError::Damaged { path: path.to_owned(), why: says }) }
}

/// How many steps a file has behind it.
fn version(connection: &Connection) -> Result<usize, rusqlite::Error> {
    let version: i64 = connection.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    Ok(usize::try_from(version).unwrap_or(usize::MAX))
}

/// Takes the steps that the file doesn't have behind it. Before the first of them the file as it was is copied next to it,
/// so that the program of before can be gone back to.
fn migrate(connection: &mut Connection, path: &Path, steps: &[Step]) -> Result<(), rusqlite::Error> {
    let before = version(connection)?;
    let copy = path.with_extension(format!("before-{}.sqlite3", before + 1));
    if before > 0 && before < steps.len() && !copy.exists() {
        connection.execute("VACUUM INTO ?1", [copy.to_string_lossy()])?;
    }
    for (i, step) in steps.iter().enumerate().skip(before) {
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        // another program may have been quicker
        if version(&transaction)? == i {
            transaction.execute_batch(step.sql)?;
            transaction.pragma_update(None, "application_id", APPLICATION)?;
            transaction.pragma_update(None, "user_version", (i + 1) as i64)?;
            transaction.commit()?;
            tracing::info!(step = step.name, file = %path.display(), "schema of the data folder");
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: Step = Step { name: "001-a", sql: "CREATE TABLE a (x INTEGER) STRICT; INSERT INTO a VALUES (7);" };
    const TWO: Step = Step { name: "002-b", sql: "ALTER TABLE a ADD COLUMN y TEXT; UPDATE a SET y = 'seven';" };
    const BROKEN: Step = Step { name: "002-b", sql: "ALTER TABLE a ADD COLUMN y TEXT; UPDATE nowhere SET y = 1;" };

    fn open(folder: &Path, steps: &[Step]) -> Result<Database, DatabaseError> {
        Database::with_steps(folder.join(FILE), steps)
    }

    #[test]
    fn steps_are_taken_once_each_and_the_file_before_is_kept() {
        let folder = tempfile::tempdir().unwrap();
        drop(open(folder.path(), &[ONE]).unwrap());
        assert!(!folder.path().join("shigu.before-1.sqlite3").exists(), "nothing was there before");
        for _ in 0..2 {
            let database = open(folder.path(), &[ONE, TWO]).unwrap();
            let rows = database.read(|t| {
                t.query_row("SELECT count(*), min(x), min(y) FROM a", [], |r| {
                    Ok((r.get::<_, i64>(0)?, r.get::<_, i64>(1)?, r.get::<_, String>(2)?))
                })
            });
            assert_eq!(rows.unwrap(), (1, 7, "seven".to_owned()));
        }
        let old = Database::with_steps(folder.path().join("shigu.before-2.sqlite3"), &[ONE]).unwrap();
        assert_eq!(old.read(|t| version(t)).unwrap(), 1);
        assert!(matches!(open(folder.path(), &[ONE]), Err(DatabaseError::Newer { found: 2, known: 1, .. })));
    }

    #[test]
    fn a_step_that_fails_leaves_the_file_as_it_was() {
        let folder = tempfile::tempdir().unwrap();
        drop(open(folder.path(), &[ONE]).unwrap());
        assert!(matches!(open(folder.path(), &[ONE, BROKEN]), Err(DatabaseError::Failed { .. })));
        let database = open(folder.path(), &[ONE, TWO]).unwrap();
        assert_eq!(database.read(|t| version(t)).unwrap(), 2);
    }

    #[test]
    fn a_commit_is_on_the_disk_and_half_a_change_is_none() {
        let folder = tempfile::tempdir().unwrap();
        let database = open(folder.path(), &[ONE]).unwrap();
        let ways = database.read(|t| {
            let one = |sql: &str| t.query_row(sql, [], |r| r.get::<_, rusqlite::types::Value>(0));
            Ok((one("PRAGMA journal_mode")?, one("PRAGMA synchronous")?))
        });
        assert_eq!(ways.unwrap(), (String::from("wal").into(), 2.into()));
        let half = database.write(|t| {
            t.execute("INSERT INTO a VALUES (8)", [])?;
            t.execute("INSERT INTO a VALUES ('no number')", [])
        });
        assert!(half.is_err());
        let rows = database.read(|t| t.query_row("SELECT count(*) FROM a", [], |r| r.get::<_, i64>(0)));
        assert_eq!(rows.unwrap(), 1);
    }
}
