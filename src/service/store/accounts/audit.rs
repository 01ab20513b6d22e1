//! The audit log: logins, exports, changes; who, from where, when, how often. Events are added and counted, and removed
//! after their time.

use super::AccountError;
use crate::service::clock::{DAY, day_of};
use crate::service::store::Database;
use crate::service::store::database::{StatementError, Transaction, params};
use crate::service::store::retention::confirmed;

/// Days for which an event is kept.
pub const AUDIT_DAYS: i64 = 400;
/// Bytes of a detail that are kept.
const DETAIL: usize = 600;
/// Different events of one kind in a day, by one reader or from one address, and in all. Others are counted together, so
/// that nobody fills the log.
const OF_ONE: i64 = 200;
const OF_ALL: i64 = 5_000;
/// Stands for what is counted together.
const OTHERS: &str = "…";

/// An event of the audit log.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AuditEvent {
    /// Number, ascending.
    pub id: i64,
    /// When it happened first, in seconds since 1970.
    pub at: i64,
    /// When it happened last.
    pub last: i64,
    /// How often.
    pub times: u64,
    /// Name of the account, or what stands for nobody's.
    pub actor: String,
    /// Address that it came from.
    pub peer: String,
    /// `login`, `login-failed`, `logout`, `claim`, `password`, `account`, `export`, `rows`, `import`, `publish`, `restore`.
    pub what: String,
    /// Of what: path and query, name of an account.
    pub detail: String,
    /// Rows of the register that left.
    pub rows: u64,
}

/// What a reader took on a day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Usage {
    /// Name of the account, or what stands for nobody's with the address.
    pub name: String,
    /// Days since 1970-01-01.
    pub day: i64,
    /// What is counted.
    pub kind: String,
    /// How much.
    pub count: u64,
}

impl Database {
    /// Records an event, which gets its number here, and forgets those that are too old. Where `repeats`, the same event
    /// within a day is counted instead.
    pub fn add_audit_event(&self, event: &AuditEvent, repeats: bool) -> Result<(), AccountError> {
        let end = (0..=DETAIL.min(event.detail.len())).rev().find(|&i| event.detail.is_char_boundary(i)).unwrap_or(0);
        let mut event = AuditEvent { detail: event.detail[..end].to_owned(), ..event.clone() };
        self.write(|t| {
            t.execute("DELETE FROM audit WHERE at < ?1", params![confirmed(t, event.at)? - AUDIT_DAYS * DAY])?;
            if repeats {
                if again(t, &event)? {
                    return Ok(());
                }
                let (one, all) = others(t, &event)?;
                if one >= OF_ONE || all >= OF_ALL {
                    OTHERS.clone_into(&mut event.detail);
                    if event.what == "login-failed" {
                        OTHERS.clone_into(&mut event.actor);
                    }
                    if all >= OF_ALL {
                        OTHERS.clone_into(&mut event.peer);
                    }
                    if again(t, &event)? {
                        return Ok(());
                    }
                }
            }
            let AuditEvent { at, actor, peer, what, detail, rows, .. } = &event;
            t.execute(
                "INSERT INTO audit (at, last, actor, peer, what, detail, rows) VALUES (?1, ?1, ?2, ?3, ?4, ?5, ?6)",
                params![at, actor, peer, what, detail, rows.cast_signed()],
            )
            .map(drop)
        })?;
        Ok(())
    }

    /// At most `limit` events before number `before`, the latest first.
    pub fn audit_events(&self, before: i64, limit: usize) -> Result<Vec<AuditEvent>, AccountError> {
        Ok(self.read(|t| {
            let sql = "SELECT id, at, last, times, actor, peer, what, detail, rows FROM audit
                WHERE id < ?1 ORDER BY id DESC LIMIT ?2";
            t.all(sql, params![before, limit as i64], |row| {
                Ok(AuditEvent {
                    id: row.get(0)?,
                    at: row.get(1)?,
                    last: row.get(2)?,
                    times: row.get::<_, i64>(3)?.cast_unsigned(),
                    actor: row.get(4)?,
                    peer: row.get(5)?,
                    what: row.get(6)?,
                    detail: row.get(7)?,
                    rows: row.get::<_, i64>(8)?.cast_unsigned(),
                })
            })
        })?)
    }

    /// Adds to what readers took, and forgets what is too old.
    pub fn add_usage(&self, more: &[Usage], now: i64) -> Result<(), AccountError> {
        if more.is_empty() {
            return Ok(());
        }
        self.write(|t| {
            let by = day_of(confirmed(t, now)?);
            t.execute("DELETE FROM usage WHERE day < ?1", params![by - AUDIT_DAYS])?;
            let add = "INSERT INTO usage (name, day, kind, count) VALUES (?1, ?2, ?3, ?4)
                ON CONFLICT (day, name, kind) DO UPDATE SET count = usage.count + excluded.count";
            more.iter()
                .try_for_each(|u| t.execute(add, params![u.name, u.day, u.kind, u.count.cast_signed()]).map(drop))
        })?;
        Ok(())
    }

    /// What a reader took of a kind on a day.
    pub fn usage_of(&self, day: i64, name: &str, kind: &str) -> Result<u64, AccountError> {
        let one = "SELECT count FROM usage WHERE day = ?1 AND name = ?2 AND kind = ?3";
        let found: Option<i64> = self.read(|t| t.first(one, params![day, name, kind], |row| row.get(0)))?;
        Ok(found.unwrap_or(0).cast_unsigned())
    }

    /// What readers took since a day: the latest day first, on each the most first; at most `limit`.
    pub fn usage(&self, since: i64, limit: usize) -> Result<Vec<Usage>, AccountError> {
        Ok(self.read(|t| {
            let sql = "SELECT name, day, kind, count FROM usage WHERE day >= ?1
                ORDER BY day DESC, count DESC, name, kind LIMIT ?2";
            t.all(sql, params![since, limit as i64], |row| {
                let count = row.get::<_, i64>(3)?.cast_unsigned();
                Ok(Usage { name: row.get(0)?, day: row.get(1)?, kind: row.get(2)?, count })
            })
        })?)
    }
}

/// Counts an event that happened within a day before; `false` where there is none.
fn again(t: &dyn Transaction, event: &AuditEvent) -> Result<bool, StatementError> {
    let AuditEvent { at, actor, peer, what, detail, rows, .. } = event;
    let counted = t.execute(
        "UPDATE audit SET times = times + 1, last = CASE WHEN last < ?1 THEN ?1 ELSE last END, rows = rows + ?2 WHERE id = (SELECT max(id) FROM audit
            WHERE actor = ?3 AND what = ?4 AND at >= ?5 AND peer = ?6 AND detail = ?7)",
        params![at, rows.cast_signed(), actor, what, at - DAY, peer, detail],
    )?;
    Ok(counted > 0)
}

/// Different events of the kind within a day: the most of one reader or address, and all.
fn others(t: &dyn Transaction, event: &AuditEvent) -> Result<(i64, i64), StatementError> {
    let since = event.at - DAY;
    let count = |whose: &str, value: &str| {
        let sql = format!("SELECT count(*) FROM audit WHERE {whose} = ?1 AND what = ?2 AND at >= ?3");
        t.one(&sql, params![value, event.what, since], |row| row.get::<_, i64>(0))
    };
    let one = count("peer", &event.peer)?.max(count("actor", &event.actor)?);
    Ok((one, count("what", &event.what)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    const BEGIN: i64 = 1_000_000_000;

    fn event(at: i64, actor: &str, peer: &str, what: &str, detail: &str) -> AuditEvent {
        let [actor, peer, what, detail] = [actor, peer, what, detail].map(str::to_owned);
        AuditEvent { at, actor, peer, what, detail, rows: 10, ..AuditEvent::default() }
    }

    fn all(database: &Database) -> Vec<AuditEvent> {
        database.audit_events(i64::MAX, 100_000).unwrap()
    }

    /// As the README promises, and not for ever.
    #[test]
    fn events_are_kept_for_400_days() {
        let folder = tempfile::tempdir().unwrap();
        let database = Database::open(folder.path()).unwrap();
        let record = |day: i64, second: i64| {
            database.add_audit_event(&event(BEGIN + day * DAY + second, "a", "p", "login", ""), false).unwrap();
            all(&database).iter().map(|e| (e.at - BEGIN) / DAY).min().unwrap()
        };
        for day in 0..=400 {
            assert_eq!(record(day, 0), 0, "on day {day} the first is there");
        }
        assert_eq!(record(400, 1), 1, "a second later it is not");
        assert_eq!(all(&database).len(), 401);
    }

    /// A clock that jumps ahead, and one that is set right again, erase nothing.
    #[test]
    fn a_clock_400_days_ahead_erases_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let database = Database::open(folder.path()).unwrap();
        let days = [0, 1, 2, 402, 802, 3, 4, -5000, 5];
        for (n, day) in days.into_iter().enumerate() {
            database.add_audit_event(&event(BEGIN + day * DAY, "a", "p", "login", ""), false).unwrap();
            assert_eq!(all(&database).len(), n + 1, "day {day}");
        }
    }

    #[test]
    fn the_same_again_is_counted_for_a_day() {
        let folder = tempfile::tempdir().unwrap();
        let database = Database::open(folder.path()).unwrap();
        for second in [0, 5, 9] {
            database.add_audit_event(&event(BEGIN + second, "a", "p", "rows", "/x"), true).unwrap();
        }
        for other in [
            event(BEGIN, "b", "p", "rows", "/x"),
            event(BEGIN, "a", "q", "rows", "/x"),
            event(BEGIN, "a", "p", "rows", "/y"),
        ] {
            database.add_audit_event(&other, true).unwrap();
        }
        database.add_audit_event(&event(BEGIN + DAY + 1, "a", "p", "rows", "/x"), true).unwrap();
        let found: Vec<(i64, i64, u64, u64)> =
            all(&database).iter().rev().map(|e| (e.at - BEGIN, e.last - BEGIN, e.times, e.rows)).collect();
        assert_eq!(found, [(0, 9, 3, 30), (0, 0, 1, 10), (0, 0, 1, 10), (0, 0, 1, 10), (DAY + 1, DAY + 1, 1, 10)]);
    }

    /// Different each time, from one address and from many.
    #[test]
    fn nobody_fills_the_log() {
        let folder = tempfile::tempdir().unwrap();
        let database = Database::open(folder.path()).unwrap();
        for i in 0..300 {
            database.add_audit_event(&event(BEGIN, "a", "p", "rows", &format!("/{i}")), true).unwrap();
            database.add_audit_event(&event(BEGIN, &format!("n{i}"), "q", "login-failed", ""), true).unwrap();
        }
        let found = all(&database);
        assert_eq!(found.len() as i64, 2 * (OF_ONE + 1));
        assert_eq!(found.iter().map(|e| e.times).sum::<u64>(), 600, "each is counted");
        let fill = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?1)
            INSERT INTO audit (at, last, actor, peer, what, detail) SELECT ?2, ?2, 'x' || i, 'y' || i, 'rows', '' FROM n";
        database.write(|t| t.execute(fill, params![OF_ALL, BEGIN])).unwrap();
        let before = all(&database).len();
        for i in 0..20 {
            database.add_audit_event(&event(BEGIN, "anyone", &format!("2001:db8::{i}"), "rows", "/x"), true).unwrap();
        }
        assert_eq!(all(&database).len(), before + 1);
    }
}
