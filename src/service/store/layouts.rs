//! Layouts: drafts with a name, which several may change, until one is put into force as a version.

use super::database::{Database, DatabaseError, Row, StatementError, Transaction, params};

/// What stands before the id of a layout where it is the owner of its draft. No account has such a name.
pub const OF_LAYOUT: &str = "layout:";
/// Most layouts.
pub const MOST_LAYOUTS: i64 = 200;

const LAYOUT: &str = "id, title, note, created, created_by, editors, version";

/// A layout; what it changes is in the draft of [`Layout::owner`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layout {
    /// Its id.
    pub id: String,
    /// Its title.
    pub title: String,
    /// What is said of it.
    pub note: String,
    /// When it was made, in seconds since 1970.
    pub created: i64,
    /// Who made it.
    pub created_by: String,
    /// Who changed it.
    pub editors: Vec<String>,
    /// The version that put it into force.
    pub version: Option<u64>,
}

impl Layout {
    /// The owner of its draft.
    pub fn owner(&self) -> String {
        format!("{OF_LAYOUT}{}", self.id)
    }
}

impl Database {
    /// All layouts in the order in which they were made.
    pub fn layouts(&self) -> Result<Vec<Layout>, DatabaseError> {
        self.read(|t| t.all(&format!("SELECT {LAYOUT} FROM layout ORDER BY created, id"), &[], row))
    }

    /// A layout.
    pub fn layout(&self, id: &str) -> Result<Option<Layout>, DatabaseError> {
        self.read(|t| find(t, id))
    }

    /// Keeps a layout; what `like` changes it changes, too, by a draft of the id `draft`. Whether there was room for it.
    pub fn add_layout(&self, new: &Layout, like: Option<&str>, draft: &str) -> Result<bool, DatabaseError> {
        self.write(|t| {
            let there: i64 = t.one("SELECT count(*) FROM layout", &[], |row| row.get(0))?;
            if there >= MOST_LAYOUTS {
                return Ok(false);
            }
            let editors = serde_json::to_string(&new.editors).unwrap_or_default();
            t.execute(
                &format!("INSERT INTO layout ({LAYOUT}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, NULL)"),
                params![new.id, new.title, new.note, new.created, new.created_by, editors],
            )?;
            if let Some(like) = like {
                let from = format!("{OF_LAYOUT}{like}");
                t.execute(
                    "INSERT INTO draft (owner, id, base, state, note, changed, serial, done)
                    SELECT ?1, ?2, base, 'open', '', ?3, 0, done FROM draft WHERE owner = ?4",
                    params![new.owner(), draft, new.created, from],
                )?;
                t.execute(
                    "INSERT INTO draft_step (draft, number, step) SELECT ?1, number, step FROM draft_step
                    WHERE draft = (SELECT id FROM draft WHERE owner = ?2)
                    AND number <= (SELECT done FROM draft WHERE owner = ?2)",
                    params![draft, from],
                )?;
            }
            Ok(true)
        })
    }

    /// Changes title and note of a layout; whether there is one.
    pub fn rename_layout(&self, id: &str, title: &str, note: &str) -> Result<bool, DatabaseError> {
        let sql = "UPDATE layout SET title = ?2, note = ?3 WHERE id = ?1";
        Ok(self.write(|t| t.execute(sql, params![id, title, note]))? > 0)
    }

    /// Gives a layout and its draft up, if it is not in force; whether it was there.
    pub fn drop_layout(&self, id: &str) -> Result<bool, DatabaseError> {
        self.write(|t| {
            let gone = t.execute("DELETE FROM layout WHERE id = ?1 AND version IS NULL", params![id])?;
            if gone > 0 {
                t.execute("DELETE FROM draft WHERE owner = ?1", params![format!("{OF_LAYOUT}{id}")])?;
            }
            Ok(gone > 0)
        })
    }

    /// Writes down that somebody changes a layout that is not in force; whether there is one.
    pub fn edit_layout(&self, id: &str, actor: &str) -> Result<bool, DatabaseError> {
        self.write(|t| {
            let Some(mut layout) = find(t, id)?.filter(|layout| layout.version.is_none()) else { return Ok(false) };
            if !layout.editors.iter().any(|own| own == actor) {
                layout.editors.push(actor.to_owned());
                let editors = serde_json::to_string(&layout.editors).unwrap_or_default();
                t.execute("UPDATE layout SET editors = ?2 WHERE id = ?1", params![id, editors])?;
            }
            Ok(true)
        })
    }
}

/// Writes down which version puts a layout into force, where a draft is that of one, by the same stroke as the version.
pub(super) fn in_force(t: &dyn Transaction, draft: &str, version: u64) -> Result<(), StatementError> {
    let sql = "UPDATE layout SET version = ?2 WHERE ?3 || id = (SELECT owner FROM draft WHERE id = ?1)";
    t.execute(sql, params![draft, version.cast_signed(), OF_LAYOUT]).map(drop)
}

fn find(t: &dyn Transaction, id: &str) -> Result<Option<Layout>, StatementError> {
    t.first(&format!("SELECT {LAYOUT} FROM layout WHERE id = ?1"), params![id], row)
}

fn row(row: &dyn Row) -> Result<Layout, StatementError> {
    let editors: String = row.get("editors")?;
    Ok(Layout {
        id: row.get("id")?,
        title: row.get("title")?,
        note: row.get("note")?,
        created: row.get("created")?,
        created_by: row.get("created_by")?,
        editors: serde_json::from_str(&editors).unwrap_or_default(),
        version: row.get::<_, Option<i64>>("version")?.map(i64::cast_unsigned),
    })
}
