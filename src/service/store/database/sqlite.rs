//! The embedded back end: one SQLite file in the data folder, opened, checked and brought to this program's schema, or refused with a
//! reason.

use super::super::schema::Step;
use super::backend::Backend;
use super::error::DatabaseError;
use super::transaction::{Each, Row, StatementError, Transaction, Work};
use rusqlite::{Connection, OpenFlags, ToSql, TransactionBehavior};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// The file's name in the data folder.
pub const FILE: &str = "shigu.sqlite3";
/// The folder of the register's versions, beside it.
pub const VERSIONS: &str = "versions";
/// What names of copies begin with that are made before the schema changes.
const COPIES: &str = "shigu.before-";
/// What the file's header says about whose it is: "Shgu".
pub const APPLICATION: i32 = 0x5368_6775;
/// How long one program waits for another that writes.
const PATIENCE: Duration = Duration::from_secs(5);

/// The file. Its transactions wait for one another.
#[derive(Debug)]
pub struct SqliteFile {
    connection: Mutex<Connection>,
    path: PathBuf,
}

impl SqliteFile {
    /// Opens a file, made when missing, and takes the steps that it does not have behind it. A file that some other or later
    /// program wrote, or that is damaged, is left as it is.
    pub fn open(path: PathBuf, steps: &[Step]) -> Result<Self, DatabaseError> {
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
        Ok(Self { connection: Mutex::new(connection), path })
    }

    fn transact(&self, behaviour: TransactionBehavior, work: Work) -> Result<(), StatementError> {
        // a transaction that panicked was rolled back when it was dropped
        let mut connection = self.connection.lock().unwrap_or_else(PoisonError::into_inner);
        let transaction = connection.transaction_with_behavior(behaviour)?;
        work(&transaction)?;
        Ok(transaction.commit()?)
    }
}

impl Backend for SqliteFile {
    fn read(&self, work: Work) -> Result<(), StatementError> {
        self.transact(TransactionBehavior::Deferred, work)
    }

    fn write(&self, work: Work) -> Result<(), StatementError> {
        self.transact(TransactionBehavior::Immediate, work)
    }

    fn failed(&self, e: StatementError) -> DatabaseError {
        DatabaseError::of(&self.path, e)
    }

    fn is_shared(&self) -> bool {
        false
    }

    fn copy_to(&self, path: &Path) -> Result<(), DatabaseError> {
        let connection = self.connection.lock().unwrap_or_else(PoisonError::into_inner);
        let copied = connection.execute("VACUUM INTO ?1", [path.to_string_lossy()]);
        copied.map(drop).map_err(|e| DatabaseError::of(path, e))
    }
}

impl Transaction for rusqlite::Transaction<'_> {
    fn execute(&self, sql: &str, given: &[&dyn ToSql]) -> Result<usize, StatementError> {
        Ok(Connection::execute(self, sql, given)?)
    }

    fn query(&self, sql: &str, given: &[&dyn ToSql], each: Each) -> Result<(), StatementError> {
        let mut statement = self.prepare(sql)?;
        let mut rows = statement.query(given)?;
        while let Some(row) = rows.next()? {
            each(row as &dyn Row)?;
        }
        Ok(())
    }
}

/// Refuses a file without content beside versions, or beside a copy of what it was.
pub fn not_lost(path: &Path) -> Result<(), DatabaseError> {
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
        let copy = copy_before(path, known);
        return Err(DatabaseError::Newer { path: path.to_owned(), found, known, copy });
    }
    let says: String = connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0)).map_err(failed)?;
    if says == "ok" { Ok(()) } else { Err(DatabaseError::Damaged { path: path.to_owned(), why: says }) }
}

/// The latest of the copies made before later programs changed the schema that a program of `known` steps can read.
fn copy_before(path: &Path, known: usize) -> Option<PathBuf> {
    (1..=known).rev().map(|steps| copy_of(path, steps)).find(|copy| copy.is_file())
}

/// Where a file with so many steps behind it is copied before the next is taken.
fn copy_of(path: &Path, steps: usize) -> PathBuf {
    path.with_extension(format!("before-{}.sqlite3", steps + 1))
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
    let copy = copy_of(path, before);
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

    fn open(folder: &Path, steps: &[Step]) -> Result<SqliteFile, DatabaseError> {
        SqliteFile::open(folder.join(FILE), steps)
    }

    fn version_of(file: &SqliteFile) -> usize {
        version(&file.connection.lock().unwrap()).unwrap()
    }

    #[test]
    fn steps_are_taken_once_each_and_the_file_before_is_kept() {
        let folder = tempfile::tempdir().unwrap();
        drop(open(folder.path(), &[ONE]).unwrap());
        assert!(!folder.path().join("shigu.before-1.sqlite3").exists(), "nothing was there before");
        for _ in 0..2 {
            let database = open(folder.path(), &[ONE, TWO]).unwrap();
            let rows =
                database.connection.lock().unwrap().query_row("SELECT count(*), min(x), min(y) FROM a", [], |r| {
                    Ok((r.get::<_, i64>(0)?, r.get::<_, i64>(1)?, r.get::<_, String>(2)?))
                });
            assert_eq!(rows.unwrap(), (1, 7, "seven".to_owned()));
        }
        let old = SqliteFile::open(folder.path().join("shigu.before-2.sqlite3"), &[ONE]).unwrap();
        assert_eq!(version_of(&old), 1);
        let refused = open(folder.path(), &[ONE]).unwrap_err();
        let copy = folder.path().join("shigu.before-2.sqlite3");
        assert!(
            matches!(&refused, DatabaseError::Newer { found: 2, known: 1, copy: Some(c), .. } if *c == copy),
            "{refused}"
        );
        // a program that knows nothing that early has nothing to go back to
        assert!(matches!(open(folder.path(), &[]), Err(DatabaseError::Newer { copy: None, .. })));
    }

    #[test]
    fn a_step_that_fails_leaves_the_file_as_it_was() {
        let folder = tempfile::tempdir().unwrap();
        drop(open(folder.path(), &[ONE]).unwrap());
        assert!(matches!(open(folder.path(), &[ONE, BROKEN]), Err(DatabaseError::Failed { .. })));
        let database = open(folder.path(), &[ONE, TWO]).unwrap();
        assert_eq!(version_of(&database), 2);
    }

    #[test]
    fn a_commit_is_on_the_disk_and_half_a_change_is_none() {
        let folder = tempfile::tempdir().unwrap();
        let database = open(folder.path(), &[ONE]).unwrap();
        let ways = |sql: &str| {
            let connection = database.connection.lock().unwrap();
            connection.query_row(sql, [], |r| r.get::<_, rusqlite::types::Value>(0)).unwrap()
        };
        assert_eq!(ways("PRAGMA journal_mode"), String::from("wal").into());
        assert_eq!(ways("PRAGMA synchronous"), 2.into());
        let half = database.write(&mut |t| {
            t.execute("INSERT INTO a VALUES (8)", &[])?;
            t.execute("INSERT INTO a VALUES ('no number')", &[]).map(drop)
        });
        assert!(half.is_err());
        assert_eq!(ways("SELECT count(*) FROM a"), 1.into());
    }
}
