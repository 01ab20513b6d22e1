//! Drafts: what an account is changing on the page, step by step. Each step is on the disk before it is answered for, so a
//! draft outlives a restart and a page that is closed.

use super::database::{Database, DatabaseError, Row, StatementError, Transaction, params};

/// Most steps of a draft.
pub const MOST_STEPS: usize = 5_000;

/// Who has a draft next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DraftStage {
    /// Its owner changes it.
    Open,
    /// It waits for somebody who may release it.
    Submitted,
}

/// A draft and its steps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DraftRow {
    /// Whose it is.
    pub owner: String,
    /// Its id, another for each draft of the owner.
    pub id: String,
    /// The version that it began from.
    pub base: u64,
    /// Who has it next.
    pub stage: DraftStage,
    /// Why the owner changes the data; why it was given back.
    pub note: String,
    /// When it was last changed, in seconds since 1970.
    pub changed: i64,
    /// Rises with each change.
    pub serial: u64,
    /// How many of the steps count; the others were undone.
    pub done: usize,
    /// Its steps, in the form in which their maker keeps them.
    pub steps: Vec<String>,
}

/// What is done to a draft.
#[derive(Clone, Debug)]
pub enum DraftChange {
    /// A step is added after those that count; the undone ones are forgotten.
    Step(String),
    /// So many steps count.
    Done(usize),
    /// Another has it next, for this reason.
    Stage(DraftStage, String),
}

/// What became of a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DraftChanged {
    /// It is kept.
    Kept,
    /// The draft is no more what it was when the change was made.
    Stale,
    /// There is no room for another step.
    Full,
}

impl Database {
    /// The draft of an account.
    pub fn draft(&self, owner: &str) -> Result<Option<DraftRow>, DatabaseError> {
        self.read(|t| find(t, owner))
    }

    /// All drafts, the latest first, without their steps.
    pub fn drafts(&self) -> Result<Vec<DraftRow>, DatabaseError> {
        self.read(|t| t.all("SELECT * FROM draft ORDER BY changed DESC, owner", &[], row))
    }

    /// Begins a draft of an account that has none.
    pub fn begin_draft(&self, owner: &str, id: &str, base: u64, now: i64) -> Result<(), DatabaseError> {
        self.write(|t| {
            t.execute(
                "INSERT INTO draft (owner, id, base, state, note, changed, serial, done)
                VALUES (?1, ?2, ?3, 'open', '', ?4, 0, 0) ON CONFLICT DO NOTHING",
                params![owner, id, base.cast_signed(), now],
            )
            .map(drop)
        })
    }

    /// Changes a draft that is still what its owner saw: that of this id and serial.
    pub fn change_draft(
        &self,
        id: &str,
        serial: u64,
        change: &DraftChange,
        now: i64,
    ) -> Result<DraftChanged, DatabaseError> {
        self.write(|t| {
            let one = "SELECT done FROM draft WHERE id = ?1 AND serial = ?2";
            let found = t.first(one, params![id, serial.cast_signed()], |row| row.get::<_, i64>(0))?;
            let Some(done) = found else { return Ok(DraftChanged::Stale) };
            match change {
                DraftChange::Step(step) => {
                    if usize::try_from(done).is_ok_and(|done| done >= MOST_STEPS) {
                        return Ok(DraftChanged::Full);
                    }
                    t.execute("DELETE FROM draft_step WHERE draft = ?1 AND number > ?2", params![id, done])?;
                    t.execute("INSERT INTO draft_step VALUES (?1, ?2, ?3)", params![id, done + 1, step])?;
                    t.execute("UPDATE draft SET done = ?2 WHERE id = ?1", params![id, done + 1])?;
                }
                DraftChange::Done(done) => {
                    t.execute("UPDATE draft SET done = ?2 WHERE id = ?1", params![id, *done as i64])?;
                }
                DraftChange::Stage(stage, note) => {
                    let sql = "UPDATE draft SET state = ?2, note = ?3 WHERE id = ?1";
                    t.execute(sql, params![id, stage.name(), note])?;
                }
            }
            t.execute("UPDATE draft SET serial = serial + 1, changed = ?2 WHERE id = ?1", params![id, now])?;
            Ok(DraftChanged::Kept)
        })
    }

    /// Gives a draft up that is still what was seen; whether it was.
    pub fn drop_draft(&self, id: &str, serial: u64) -> Result<bool, DatabaseError> {
        let sql = "DELETE FROM draft WHERE id = ?1 AND serial = ?2";
        Ok(self.write(|t| t.execute(sql, params![id, serial.cast_signed()]))? > 0)
    }
}

/// Gives a draft up that has become a version, by the same stroke as that.
pub(super) fn consume(t: &dyn Transaction, (id, serial): (&str, u64)) -> Result<bool, StatementError> {
    let sql = "DELETE FROM draft WHERE id = ?1 AND serial = ?2";
    Ok(t.execute(sql, params![id, serial.cast_signed()])? > 0)
}

impl DraftStage {
    fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Submitted => "submitted",
        }
    }
}

fn find(t: &dyn Transaction, owner: &str) -> Result<Option<DraftRow>, StatementError> {
    let Some(mut draft) = t.first("SELECT * FROM draft WHERE owner = ?1", params![owner], row)? else {
        return Ok(None);
    };
    let steps = "SELECT step FROM draft_step WHERE draft = ?1 ORDER BY number";
    draft.steps = t.all(steps, params![draft.id], |row| row.get(0))?;
    Ok(Some(draft))
}

fn row(row: &dyn Row) -> Result<DraftRow, StatementError> {
    let state: String = row.get("state")?;
    Ok(DraftRow {
        owner: row.get("owner")?,
        id: row.get("id")?,
        base: row.get::<_, i64>("base")?.cast_unsigned(),
        stage: if state == "submitted" { DraftStage::Submitted } else { DraftStage::Open },
        note: row.get("note")?,
        changed: row.get("changed")?,
        serial: row.get::<_, i64>("serial")?.cast_unsigned(),
        done: usize::try_from(row.get::<_, i64>("done")?).unwrap_or(0),
        steps: Vec::new(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn open() -> (tempfile::TempDir, Database) {
        let folder = tempfile::tempdir().unwrap();
        let database = Database::open(folder.path()).unwrap();
        database.begin_draft("wang", "d1", 3, 5).unwrap();
        (folder, database)
    }

    #[test]
    fn steps_are_undone_and_forgotten_by_the_next() {
        let (_folder, database) = open();
        let step =
            |serial: u64, text: &str| database.change_draft("d1", serial, &DraftChange::Step(text.into()), 9).unwrap();
        assert_eq!(
            (step(0, "a"), step(1, "b"), step(2, "c")),
            (DraftChanged::Kept, DraftChanged::Kept, DraftChanged::Kept)
        );
        assert_eq!(database.change_draft("d1", 3, &DraftChange::Done(1), 9).unwrap(), DraftChanged::Kept);
        let found = database.draft("wang").unwrap().unwrap();
        assert_eq!((found.done, found.steps.len(), found.serial, found.base), (1, 3, 4, 3));
        assert_eq!(step(4, "d"), DraftChanged::Kept);
        let found = database.draft("wang").unwrap().unwrap();
        assert_eq!((found.done, found.steps), (2, vec!["a".to_owned(), "d".to_owned()]));
    }

    #[test]
    fn what_was_seen_before_another_change_is_refused() {
        let (folder, database) = open();
        let step = DraftChange::Step("a".into());
        assert_eq!(database.change_draft("d1", 0, &step, 9).unwrap(), DraftChanged::Kept);
        assert_eq!(database.change_draft("d1", 0, &step, 9).unwrap(), DraftChanged::Stale);
        assert_eq!(database.change_draft("d2", 1, &step, 9).unwrap(), DraftChanged::Stale);
        assert!(!database.drop_draft("d1", 0).unwrap());
        drop(database);
        let again = Database::open(folder.path()).unwrap();
        assert_eq!(again.draft("wang").unwrap().unwrap().steps, ["a"]);
        assert!(again.drop_draft("d1", 1).unwrap());
        assert_eq!(again.draft("wang").unwrap(), None);
        let left: i64 = again.read(|t| t.one("SELECT count(*) FROM draft_step", &[], |row| row.get(0))).unwrap();
        assert_eq!(left, 0, "steps go with their draft");
    }
}
