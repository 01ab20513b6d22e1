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
