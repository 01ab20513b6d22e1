//! How far the items of a plan are: entries that are added and never changed. An entry names the one that was seen before it, so that of two
//! editors the second looks again.

use super::database::{Database, DatabaseError, Row, StatementError, Transaction, params};
use crate::core::query::{ItemStatus, ProgressEntry};

/// Most entries of an item.
pub const MOST_ENTRIES: i64 = 1_000;

const ENTRY: &str = "number, item, status, as_of, evidence, department, deadline, made, made_by";

/// What became of a new entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProgressAdded {
    /// It is kept under this number.
    Kept(u64),
    /// Another was written down since.
    Stale,
    /// The item has too many.
    Full,
}

impl Database {
    /// All entries in the order in which they were written down.
    pub fn progress(&self) -> Result<Vec<ProgressEntry>, DatabaseError> {
        self.read(|t| t.all(&format!("SELECT {ENTRY} FROM progress ORDER BY number"), &[], row))
    }

    /// Adds an entry, if the latest of its item is still the one that was seen: 0 where there was none.
    pub fn add_progress(&self, new: &ProgressEntry, seen: u64) -> Result<ProgressAdded, DatabaseError> {
        self.write(|t| {
            let (latest, entries) = held(t, &new.item)?;
            if latest != seen.cast_signed() {
                return Ok(ProgressAdded::Stale);
            }
            if entries >= MOST_ENTRIES {
                return Ok(ProgressAdded::Full);
            }
            let deadline = new.deadline.as_ref().map(ToString::to_string).unwrap_or_default();
            t.execute(
                "INSERT INTO progress (item, status, as_of, evidence, department, deadline, made, made_by)
                VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
                params![
                    new.item,
                    new.status.name(),
                    new.as_of,
                    new.evidence,
                    new.department,
                    deadline,
                    new.made,
                    new.made_by
                ],
            )?;
            Ok(ProgressAdded::Kept(held(t, &new.item)?.0.cast_unsigned()))
        })
    }
}

/// The number of the latest entry of an item, and how many it has.
fn held(t: &dyn Transaction, item: &str) -> Result<(i64, i64), StatementError> {
    let sql = "SELECT coalesce(max(number), 0), count(*) FROM progress WHERE item = ?1";
    t.one(sql, params![item], |row| Ok((row.get(0)?, row.get(1)?)))
}

fn row(row: &dyn Row) -> Result<ProgressEntry, StatementError> {
    let (status, deadline): (String, String) = (row.get("status")?, row.get("deadline")?);
    Ok(ProgressEntry {
        number: row.get::<_, i64>("number")?.cast_unsigned(),
        item: row.get("item")?,
        // the table holds no other
        status: ItemStatus::of(&status).unwrap_or(ItemStatus::NotStarted),
        as_of: row.get("as_of")?,
        evidence: row.get("evidence")?,
        department: row.get("department")?,
        deadline: deadline.parse().ok(),
        made: row.get("made")?,
        made_by: row.get("made_by")?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(item: &str, status: ItemStatus) -> ProgressEntry {
        ProgressEntry {
            number: 0,
            item: item.to_owned(),
            status,
            as_of: "2026-05-01".to_owned(),
            evidence: "e".to_owned(),
            department: String::new(),
            deadline: "2026Q3".parse().ok(),
            made: 7,
            made_by: "wang".to_owned(),
        }
    }

    #[test]
    fn entries_are_kept_in_their_order_and_of_two_editors_the_second_looks_again() {
        let folder = tempfile::tempdir().unwrap();
        let database = Database::open(folder.path()).unwrap();
        let [begun, done] = [ItemStatus::UnderWay, ItemStatus::Done];
        let ProgressAdded::Kept(first) = database.add_progress(&entry("a.b", begun), 0).unwrap() else {
            panic!("nobody came before")
        };
        assert_eq!(database.add_progress(&entry("a.b", done), 0).unwrap(), ProgressAdded::Stale);
        // another item has entries of its own
        assert!(matches!(database.add_progress(&entry("a.c", begun), 0).unwrap(), ProgressAdded::Kept(_)));
        assert!(
            matches!(database.add_progress(&entry("a.b", done), first).unwrap(), ProgressAdded::Kept(n) if n > first)
        );
        drop(database);
        let all = Database::open(folder.path()).unwrap().progress().unwrap();
        let kept: Vec<_> = all.iter().map(|e| (e.item.as_str(), e.status)).collect();
        assert_eq!(kept, [("a.b", begun), ("a.c", begun), ("a.b", done)]);
        assert_eq!(ProgressEntry { number: 0, ..all[0].clone() }, entry("a.b", begun));
    }

    #[test]
    fn there_is_an_end_to_it() {
        let folder = tempfile::tempdir().unwrap();
        let database = Database::open(folder.path()).unwrap();
        let fill = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?1)
                    INSERT INTO progress SELECT i, 'a.b', 'done', '2026-05-01', '', '', '', 0, 'wang' FROM n";
        database.write(|t| t.execute(fill, params![MOST_ENTRIES])).unwrap();
        let latest = MOST_ENTRIES.cast_unsigned();
        assert_eq!(database.add_progress(&entry("a.b", ItemStatus::Done), latest).unwrap(), ProgressAdded::Full);
    }
}
