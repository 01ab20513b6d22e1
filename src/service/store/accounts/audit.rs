//! The audit log: logins, exports, changes; who, from where, when. Rows are only added, and removed after their time.

use super::AccountError;
use crate::service::store::Database;
use rusqlite::params;

/// Days for which an event is kept.
pub const AUDIT_DAYS: i64 = 400;
/// Bytes of a detail that are kept.
const DETAIL: usize = 600;

/// An event of the audit log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditEvent {
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
    /// Records an event, which gets its number here, and forgets those that are too old.
    pub fn add_audit_event(&self, event: &AuditEvent) -> Result<(), AccountError> {
        let end = (0..=DETAIL.min(event.detail.len())).rev().find(|&i| event.detail.is_char_boundary(i)).unwrap_or(0);
        self.write(|t| {
            t.execute("DELETE FROM audit WHERE at < ?1", [event.at - AUDIT_DAYS * 24 * 3600])?;
            t.execute(
                "INSERT INTO audit (at, actor, peer, what, detail) VALUES (?1, ?2, ?3, ?4, ?5)",
                params![event.at, event.actor, event.peer, event.what, &event.detail[..end]],
            )
        })?;
        Ok(())
    }

    /// At most `limit` events before number `before`, the latest first.
    pub fn audit_events(&self, before: i64, limit: usize) -> Result<Vec<AuditEvent>, AccountError> {
        Ok(self.read(|t| {
            let sql = "SELECT id, at, actor, peer, what, detail FROM audit WHERE id < ?1 ORDER BY id DESC LIMIT ?2";
            let mut all = t.prepare(sql)?;
            let events = all.query_map(params![before, limit as i64], |row| {
                Ok(AuditEvent {
                    id: row.get(0)?,
                    at: row.get(1)?,
                    actor: row.get(2)?,
                    peer: row.get(3)?,
                    what: row.get(4)?,
                    detail: row.get(5)?,
                })
            })?;
            events.collect()
        })?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As the README promises, and not for ever.
    #[test]
    fn events_are_kept_for_400_days() {
        let folder = tempfile::tempdir().unwrap();
        let database = Database::open(folder.path()).unwrap();
        let (day, begin) = (24 * 3600, 1_000_000_000);
        let record = |at: i64| {
            let text = |s: &str| s.to_owned();
            let one =
                AuditEvent { id: 0, at, actor: text("a"), peer: text("p"), what: text("login"), detail: text("") };
            database.add_audit_event(&one).unwrap();
            database.audit_events(i64::MAX, 100).unwrap().iter().rev().map(|d| (d.at - begin) / day).collect::<Vec<_>>()
        };
        assert_eq!(record(begin), [0]);
        assert_eq!(record(begin + 399 * day), [0, 399]);
        assert_eq!(record(begin + 400 * day), [0, 399, 400], "on the last day it is there");
        assert_eq!(record(begin + 400 * day + 1), [399, 400, 400], "a second later it is not");
        assert_eq!(record(begin + 900 * day), [900]);
    }
}
