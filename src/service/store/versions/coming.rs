//! A version that takes others long to read is read by them before it is current: whoever makes it says so, other copies of the program
//! say that they are there, and are waited for once its content is where they find it. All serve it at once then (ADR 118).

use super::super::database::params;
use super::super::random::token;
use super::super::{Database, DatabaseError, Store};
use super::Version;
use super::retained::{Ahead, Kept, OpenError};
use super::rows::seed;
use crate::core::snapshot::Snapshot;
use crate::data::load::Report;
use crate::service::clock;
use std::sync::{MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

/// Fewer rows are read faster than copies look.
const MANY: usize = if cfg!(test) { 1 } else { 100_000 };
/// A copy that takes longer has died or stands still: it is served what was before for a while.
const LONGEST: Duration = Duration::from_secs(if cfg!(test) { 1 } else { 20 });
/// Seconds after which whoever announced it has died.
const FORGOTTEN: i64 = 600;
const LOOK: Duration = Duration::from_millis(20);

/// A row of `coming`.
pub(super) struct Announced {
    id: String,
    copy: String,
    base: u64,
    sha256: Option<String>,
}

/// A version in the making, which is withdrawn when this is dropped.
#[derive(Debug)]
pub struct Coming<'a> {
    kept: &'a Kept,
    /// None: it is not worth it.
    id: Option<String>,
}

impl Coming<'_> {
    /// The content is where others find it: waits until those that are there have read it.
    pub fn wait(&self, sha256: &str) {
        let Some(id) = &self.id else { return };
        let database = &self.kept.database;
        let until = clock::running() + LONGEST;
        let waited = || -> Result<(), DatabaseError> {
            if database.missing(id)? == 0 {
                return Ok(());
            }
            database.found(id, sha256)?;
            while database.missing(id)? > 0 && clock::running() < until {
                thread::sleep(LOOK);
            }
            Ok(())
        };
        // it saves time only
        if let Err(e) = waited() {
            tracing::debug!(error = %e, "other copies are not waited for");
        }
    }
}

impl Drop for Coming<'_> {
    fn drop(&mut self) {
        if let Some(id) = &self.id {
            let _ = self.kept.database.withdraw(id);
        }
    }
}

impl Kept {
    /// Says that a version of so many rows is being made.
    pub fn announce(&self, rows: usize, base: u64) -> Coming<'_> {
        let id = (rows >= MANY).then(token::<8>);
        let announced = id.filter(|id| self.database.announce(id, &self.copy, base).is_ok());
        Coming { kept: self, id: announced }
    }

    fn ahead(&self) -> MutexGuard<'_, Ahead> {
        self.ahead.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A version that was read before it was current.
    pub fn read_ahead(&self, version: &Version) -> Option<(Snapshot, Report)> {
        let read = self.ahead().read.take_if(|(sha256, ..)| version.sha256.as_ref() == Some(sha256))?;
        Some((read.1, read.2))
    }
}

impl Store {
    /// Answers a copy that makes a version, and reads that once its content is there.
    pub(in super::super) fn look_ahead(&self) -> Result<(), OpenError> {
        let Some(kept) = &self.kept else { return Ok(()) };
        let announced = kept.database.announced()?.filter(|one| one.copy != kept.copy && one.base == self.number());
        let Some(Announced { id, base, sha256, .. }) = announced else {
            *kept.ahead() = Ahead::default();
            return Ok(());
        };
        if kept.ahead().answered.as_ref() != Some(&id) {
            kept.database.reads_coming(&id, &kept.copy, false)?;
            kept.ahead().answered = Some(id.clone());
        }
        let Some(sha256) = sha256 else { return Ok(()) };
        if kept.ahead().read.as_ref().is_some_and(|(own, ..)| *own == sha256) {
            return Ok(());
        }
        let version = Version { number: base + 1, sha256: Some(sha256.clone()), ..seed(false) };
        let (snapshot, report) = kept.read(&self.source, &version, &self.limits)?;
        kept.ahead().read = snapshot.map(|snapshot| (sha256, snapshot, report));
        // also where it is refused: nobody has to wait for that
        Ok(kept.database.reads_coming(&id, &kept.copy, true)?)
    }
}

impl Database {
    /// One version is made at a time: what was announced before has been given up.
    fn announce(&self, id: &str, copy: &str, base: u64) -> Result<(), DatabaseError> {
        self.write(|t| {
            t.execute("DELETE FROM coming_reader", &[])?;
            t.execute("DELETE FROM coming", &[])?;
            let sql = "INSERT INTO coming (id, copy, base, since) VALUES (?1, ?2, ?3, ?4)";
            t.execute(sql, params![id, copy, base as i64, clock::seconds()]).map(drop)
        })
    }

    fn found(&self, id: &str, sha256: &str) -> Result<(), DatabaseError> {
        self.write(|t| t.execute("UPDATE coming SET sha256 = ?2 WHERE id = ?1", params![id, sha256]).map(drop))
    }

    fn withdraw(&self, id: &str) -> Result<(), DatabaseError> {
        self.write(|t| {
            t.execute("DELETE FROM coming_reader WHERE coming = ?1", params![id])?;
            t.execute("DELETE FROM coming WHERE id = ?1", params![id]).map(drop)
        })
    }

    pub(super) fn announced(&self) -> Result<Option<Announced>, DatabaseError> {
        let sql = "SELECT id, copy, base, sha256 FROM coming WHERE since > ?1";
        self.read(|t| {
            t.first(sql, params![clock::seconds() - FORGOTTEN], |row| {
                let base = row.get::<_, i64>(2)? as u64;
                Ok(Announced { id: row.get(0)?, copy: row.get(1)?, base, sha256: row.get(3)? })
            })
        })
    }

    fn reads_coming(&self, id: &str, copy: &str, ready: bool) -> Result<(), DatabaseError> {
        self.write(|t| {
            let sql = "INSERT INTO coming_reader (coming, copy, ready) SELECT id, ?2, ?3 FROM coming WHERE id = ?1 \
                 ON CONFLICT (coming, copy) DO UPDATE SET ready = excluded.ready";
            t.execute(sql, params![id, copy, i64::from(ready)]).map(drop)
        })
    }

    /// How many copies are there that have not read it.
    fn missing(&self, id: &str) -> Result<i64, DatabaseError> {
        let sql = "SELECT count(*) FROM coming_reader WHERE coming = ?1 AND ready = 0";
        self.read(|t| t.one(sql, params![id], |row| row.get(0)))
    }
}
