//! The rows of versions in the database.

use super::super::aggregates::{forget, left};
use super::super::database::{Row, StatementError, Transaction, params};
use super::super::drafts::consume;
use super::super::incoming::published;
use super::super::layouts::in_force;
use super::super::rounds::merge;
use super::super::{Database, DatabaseError};
use super::{Provenance, Version, VersionCounts, VersionKind};

const COLUMNS: &str = "number, created, actor, file, file_sha256, note, kind, restored, features, new, changed, moved, \
     removed, unchanged, left_out, revision, sha256, bytes, kept, edited, released, document, decided";

/// The number of the current version; 0 while there is none.
pub fn latest(t: &dyn Transaction) -> Result<u64, StatementError> {
    t.one("SELECT coalesce(max(number), 0) FROM version", &[], |row| row.get::<_, i64>(0)).map(|n| n as u64)
}

/// The seed, for which there is no row.
pub(super) fn seed(current: bool) -> Version {
    Version {
        number: 0,
        created: None,
        actor: String::new(),
        file: None,
        file_sha256: None,
        note: String::new(),
        released: None,
        document: None,
        decided: None,
        kind: VersionKind::Seed,
        of: None,
        counts: VersionCounts::default(),
        revision: String::new(),
        sha256: None,
        bytes: 0,
        kept: true,
        current,
    }
}

fn version(row: &dyn Row, latest: u64) -> Result<Version, StatementError> {
    let count = |i: usize| row.get::<_, i64>(i).map(|n| usize::try_from(n).unwrap_or(0));
    let number = row.get::<_, i64>(0)? as u64;
    let kind = match row.get::<_, String>(6)?.as_str() {
        "restore" => VersionKind::Restore,
        _ if row.get::<_, bool>(19)? => VersionKind::Edit,
        _ => VersionKind::Import,
    };
    Ok(Version {
        number,
        created: row.get(1)?,
        actor: row.get(2)?,
        file: row.get(3)?,
        file_sha256: row.get(4)?,
        note: row.get(5)?,
        released: row.get(20)?,
        document: row.get(21)?,
        decided: row.get(22)?,
        kind,
        of: row.get::<_, Option<i64>>(7)?.map(|n| n as u64),
        counts: VersionCounts {
            features: count(8)?,
            new: count(9)?,
            changed: count(10)?,
            moved: count(11)?,
            removed: count(12)?,
            unchanged: count(13)?,
            left_out: count(14)?,
        },
        revision: row.get(15)?,
        sha256: row.get(16)?,
        bytes: row.get::<_, i64>(17)? as u64,
        kept: row.get(18)?,
        current: number == latest,
    })
}

/// What a new row is made of.
pub struct New<'a> {
    pub base: u64,
    pub from: &'a Provenance,
    pub of: Option<u64>,
    pub counts: VersionCounts,
    pub revision: &'a str,
    pub sha256: Option<&'a str>,
    pub bytes: u64,
    /// How many versions keep their content.
    pub keep: usize,
    /// What it leaves for answers over several cities.
    pub aggregates: &'a [(&'static str, Vec<u8>)],
}

/// What became of a new row.
pub enum Added {
    /// It is the current version.
    Current(Box<Version>),
    /// Another one has come between.
    Stale(u64),
}

impl Database {
    /// The current version.
    pub(in super::super) fn current_version(&self) -> Result<Version, DatabaseError> {
        self.read(|t| Ok(find(t, latest(t)?)?.unwrap_or_else(|| seed(true))))
    }

    /// A version.
    pub(in super::super) fn version(&self, number: u64) -> Result<Option<Version>, DatabaseError> {
        self.read(|t| find(t, number))
    }

    /// All versions, the latest first, the seed last.
    pub(in super::super) fn versions(&self) -> Result<Vec<Version>, DatabaseError> {
        self.read(|t| {
            let latest = latest(t)?;
            let sql = format!("SELECT {COLUMNS} FROM version ORDER BY number DESC");
            let mut all = t.all(&sql, &[], |row| version(row, latest))?;
            all.push(seed(latest == 0));
            Ok(all)
        })
    }

    /// Adds a row, which makes it current, where `base` still is; the oldest give up their content by the same stroke.
    pub(in super::super) fn add_version(&self, new: &New) -> Result<Added, DatabaseError> {
        self.write(|t| {
            let before = latest(t)?;
            if before != new.base {
                return Ok(Added::Stale(before));
            }
            if let Some((id, serial)) = &new.from.draft {
                in_force(t, id, before + 1)?;
                if !consume(t, (id, *serial))? {
                    return Ok(Added::Stale(before));
                }
            }
            if let Some(id) = &new.from.import
                && !published(t, id, &new.from.note, before + 1)?
            {
                return Ok(Added::Stale(before));
            }
            if !merge(t, &new.from.deliveries, before + 1)? {
                return Ok(Added::Stale(before));
            }
            let (number, c) = (before + 1, new.counts);
            let counts = [c.features, c.new, c.changed, c.moved, c.removed, c.unchanged, c.left_out].map(|n| n as i64);
            t.execute(
                &format!(
                    "INSERT INTO version ({COLUMNS}) VALUES (?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13,?14,?15,?16,?17,?18,1,?19,?20,?21,?22)"
                ),
                params![
                    number as i64,
                    new.from.now,
                    new.from.actor,
                    new.from.file,
                    new.from.file_sha256,
                    new.from.note,
                    if new.of.is_some() { "restore" } else { "import" },
                    new.of.map(|n| n as i64),
                    counts[0],
                    counts[1],
                    counts[2],
                    counts[3],
                    counts[4],
                    counts[5],
                    counts[6],
                    new.revision,
                    new.sha256,
                    new.bytes as i64,
                    new.from.draft.is_some(),
                    new.from.released,
                    new.from.document,
                    new.from.decided
                ],
            )?;
            forget(t)?;
            new.aggregates.iter().try_for_each(|(name, content)| left(t, number, name, content))?;
            // the newest, the current one and those that were gone back to stay
            t.execute(
                "UPDATE version SET kept = 0 WHERE kept = 1 AND number <= ?2 \
                 AND number NOT IN (SELECT restored FROM version WHERE restored IS NOT NULL) \
                 AND coalesce(sha256, '') IS DISTINCT FROM (SELECT coalesce(sha256, '') FROM version WHERE number = ?1)",
                params![number as i64, number as i64 - new.keep.max(1) as i64],
            )?;
            Ok(match find(t, number)? {
                Some(version) => Added::Current(Box::new(version)),
                None => Added::Stale(before),
            })
        })
    }

    /// The names of the folders that versions need.
    pub(in super::super) fn contents(&self) -> Result<Vec<String>, DatabaseError> {
        self.read(|t| {
            let needed = "SELECT DISTINCT sha256 FROM version WHERE kept = 1 AND sha256 IS NOT NULL";
            t.all(needed, &[], |row| row.get(0))
        })
    }
}

fn find(t: &dyn Transaction, number: u64) -> Result<Option<Version>, StatementError> {
    let latest = latest(t)?;
    if number == 0 {
        return Ok(Some(seed(latest == 0)));
    }
    let Ok(wanted) = i64::try_from(number) else { return Ok(None) };
    let sql = format!("SELECT {COLUMNS} FROM version WHERE number = ?1");
    t.first(&sql, params![wanted], |row| version(row, latest))
}
