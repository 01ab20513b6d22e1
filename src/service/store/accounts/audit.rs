//! What was done: logins, exports, changes; who, from where, when. Only ever added to, and forgotten after its time.

use super::AccountError;
use crate::service::store::Database;
use rusqlite::params;

/// Days that a deed is remembered.
pub const KEPT_DAYS: i64 = 400;
/// Bytes of a detail that are kept.
const DETAIL: usize = 600;

/// Something that was done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deed {
    /// Number, ascending.
    pub id: i64,
    /// Seconds since 1970.
    pub at: i64,
    /// Name of the account, or what stands for nobody's.
    pub actor: String,
    /// Address that it came from.
    pub peer: String,
    /// `login`, `login-failed`, `logout`, `claim`, `password`, `account`, `export`, `import`, `publish`, `restore`.
    pub what: String,
    /// Of what: path and query, name of an account.
    pub detail: String,
}

impl Database {
    /// Writes a deed down; its number is given by the file.
    pub fn note(&self, deed: &Deed) -> Result<(), AccountError> {
        let end = (0..=DETAIL.min(deed.detail.len())).rev().find(|&i| deed.detail.is_char_boundary(i)).unwrap_or(0);
        self.write(|t| {
            t.execute("DELETE FROM audit WHERE at < ?1", [deed.at - KEPT_DAYS * 24 * 3600])?;
            t.execute(
                "INSERT INTO audit (at, actor, peer, what, detail) VALUES (?1, ?2, ?3, ?4, ?5)",
                params![deed.at, deed.actor, deed.peer, deed.what, &deed.detail[..end]],
            )
        })?;
        Ok(())
    }

    /// At most `limit` deeds before number `before`, the latest first.
    pub fn deeds(&self, before: i64, limit: usize) -> Result<Vec<Deed>, AccountError> {
        Ok(self.read(|t| {
            let sql = "SELECT id, at, actor, peer, what, detail FROM audit WHERE id < ?1 ORDER BY id DESC LIMIT ?2";
            let mut all = t.prepare(sql)?;
            let deeds = all.query_map(params![before, limit as i64], |row| {
                Ok(Deed {
                    id: row.get(0)?,
                    at: row.get(1)?,
                    actor: row.get(2)?,
                    peer: row.get(3)?,
                    what: row.get(4)?,
                    detail: row.get(5)?,
                })
            })?;
            deeds.collect()
        })?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As the README promises, and not for ever.
    #[test]
    fn what_was_done_is_kept_for_400_days() {
        let folder = tempfile::tempdir().unwrap();
        let database = Database::open(folder.path()).unwrap();
        let (day, begin) = (24 * 3600, 1_000_000_000);
        let note = |at: i64| {
            let text = |s: &str| s.to_owned();
            let one = Deed { id: 0, at, actor: text("a"), peer: text("p"), what: text("login"), detail: text("") };
            database.note(&one).unwrap();
            database.deeds(i64::MAX, 100).unwrap().iter().rev().map(|d| (d.at - begin) / day).collect::<Vec<_>>()
        };
        assert_eq!(note(begin), [0]);
        assert_eq!(note(begin + 399 * day), [0, 399]);
        assert_eq!(note(begin + 400 * day), [0, 399, 400], "on the last day it is there");
        assert_eq!(note(begin + 400 * day + 1), [399, 400, 400], "a second later it is not");
        assert_eq!(note(begin + 900 * day), [900]);
    }
}
