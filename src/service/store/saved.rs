//! Saved items: areas, views and scenarios that readers keep under a name. A change names the state that was seen, so that
//! no change of another is overwritten; a removed item can be restored for a while.

use super::database::{Database, DatabaseError, Row, StatementError, Transaction, params};
use super::random::token;
use super::retention::confirmed;
use crate::service::clock::DAY;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Most items of an owner.
pub const MOST_SAVED: i64 = 500;
/// Most bytes of all bodies of an owner.
pub const MOST_SAVED_BYTES: i64 = 16_000_000;
/// Days for which a removed item can be restored.
pub const REMOVED_DAYS: u32 = 30;
/// Most removed items of an owner that can be restored: the latest.
const MOST_REMOVED: i64 = 100;

/// What an item is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum SavedKind {
    /// A zone, a drawn area, or areas put together.
    Area,
    /// An address of the page with what is written on its map.
    View,
    /// Zones on trial.
    Scenario,
}

/// What its maker says of an item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SavedContent {
    /// Its name.
    pub title: String,
    /// Names separated by slashes; empty for none.
    pub folder: String,
    /// A remark.
    pub note: String,
    /// JSON of the kind.
    pub body: String,
    /// Whether everybody who may read sees it.
    pub shared: bool,
}

/// An item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SavedItem {
    /// Its id.
    pub id: String,
    /// What it is.
    pub kind: SavedKind,
    /// What its maker says of it.
    pub content: SavedContent,
    /// Whose it is.
    pub owner: String,
    /// Its place in its folder.
    pub position: i64,
    /// When it was made, in seconds since 1970.
    pub created: i64,
    /// When it was last changed, in seconds since 1970.
    pub changed: i64,
    /// Rises with each change.
    pub serial: u64,
}

impl SavedItem {
    /// What names this state of the item.
    pub fn tag(&self) -> String {
        format!("{}-{}", self.id, self.serial)
    }
}

/// What became of a new item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SavedNew {
    /// It is kept.
    Kept(SavedItem),
    /// Its owner has too many items.
    TooMany,
    /// Its owner's items are too large.
    TooLarge,
}

/// What became of a change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SavedChanged {
    /// It is kept.
    Kept(SavedItem),
    /// The item is no more what was seen: this is what it is.
    Stale(SavedItem),
    /// Its owner's items are too large.
    TooLarge,
    /// It is not there.
    Missing,
}

impl Database {
    /// The items of an owner and those that are shared, by folder and place. `also`: whose items count as the owner's too.
    pub fn saved_items(&self, owner: &str, also: Option<&str>) -> Result<Vec<SavedItem>, DatabaseError> {
        self.read(|t| {
            t.all(
                "SELECT * FROM saved WHERE removed IS NULL AND (shared = 1 OR owner = ?1 OR owner = ?2)
                ORDER BY folder, position, created, id",
                params![owner, also],
                row,
            )
        })
    }

    /// An item, whoever asks.
    pub fn saved_item(&self, id: &str) -> Result<Option<SavedItem>, DatabaseError> {
        self.read(|t| find(t, id))
    }

    /// An item that was removed and can be restored, whoever asks.
    pub fn removed_item(&self, id: &str) -> Result<Option<SavedItem>, DatabaseError> {
        self.read(|t| t.first("SELECT * FROM saved WHERE id = ?1 AND removed IS NOT NULL", params![id], row))
    }

    /// Keeps a new item, the last in its folder.
    pub fn add_saved(
        &self,
        kind: SavedKind,
        content: &SavedContent,
        owner: &str,
        now: i64,
    ) -> Result<SavedNew, DatabaseError> {
        let id = token::<8>();
        self.write(|t| {
            let (items, bytes) = held(t, owner, "")?;
            if items >= MOST_SAVED {
                return Ok(SavedNew::TooMany);
            }
            if bytes + content.body.len() as i64 > MOST_SAVED_BYTES {
                return Ok(SavedNew::TooLarge);
            }
            let SavedContent { title, folder, note, body, shared } = content;
            t.execute(
                "INSERT INTO saved (id, kind, title, folder, note, body, owner, shared, position, created, changed, serial)
                VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?10, 0)",
                params![id, kind.name(), title, folder, note, body, owner, shared, last(t, folder)?, now],
            )?;
            Ok(find(t, &id)?.map_or(SavedNew::TooMany, SavedNew::Kept))
        })
    }

    /// Changes an item that is still what was seen.
    pub fn change_saved(
        &self,
        id: &str,
        serial: u64,
        content: &SavedContent,
        now: i64,
    ) -> Result<SavedChanged, DatabaseError> {
        self.write(|t| {
            let Some(item) = find(t, id)? else { return Ok(SavedChanged::Missing) };
            if item.serial != serial {
                return Ok(SavedChanged::Stale(item));
            }
            let (_, bytes) = held(t, &item.owner, id)?;
            if bytes + content.body.len() as i64 > MOST_SAVED_BYTES {
                return Ok(SavedChanged::TooLarge);
            }
            let SavedContent { title, folder, note, body, shared } = content;
            let position = if *folder == item.content.folder { item.position } else { last(t, folder)? };
            t.execute(
                "UPDATE saved SET title = ?2, folder = ?3, note = ?4, body = ?5, shared = ?6, position = ?7, changed = ?8,
                serial = serial + 1 WHERE id = ?1",
                params![id, title, folder, note, body, shared, position, now],
            )?;
            Ok(find(t, id)?.map_or(SavedChanged::Missing, SavedChanged::Kept))
        })
    }

    /// Puts items into a folder, in this order, all at once or none: whether all were there. Those that change are changed.
    pub fn order_saved(&self, folder: &str, ids: &[String], now: i64) -> Result<bool, DatabaseError> {
        self.write(|t| {
            let mut found = Vec::with_capacity(ids.len());
            for id in ids {
                let Some(item) = find(t, id)? else { return Ok(false) };
                found.push(item);
            }
            for (position, item) in (1_i64..).zip(&found) {
                if item.content.folder != folder || item.position != position {
                    t.execute(
                        "UPDATE saved SET folder = ?2, position = ?3, changed = ?4, serial = serial + 1 WHERE id = ?1",
                        params![item.id, folder, position, now],
                    )?;
                }
            }
            Ok(true)
        })
    }

    /// Removes an item that is still what was seen. It can be restored.
    pub fn remove_saved(&self, id: &str, serial: u64, now: i64) -> Result<SavedChanged, DatabaseError> {
        self.write(|t| {
            let Some(item) = find(t, id)? else { return Ok(SavedChanged::Missing) };
            if item.serial != serial {
                return Ok(SavedChanged::Stale(item));
            }
            t.execute("UPDATE saved SET removed = ?2, serial = serial + 1 WHERE id = ?1", params![id, now])?;
            t.execute(
                "DELETE FROM saved WHERE removed IS NOT NULL AND owner = ?1 AND id NOT IN
                (SELECT id FROM saved WHERE removed IS NOT NULL AND owner = ?1 ORDER BY removed DESC, id LIMIT ?2)",
                params![item.owner, MOST_REMOVED],
            )?;
            Ok(SavedChanged::Kept(item))
        })
    }

    /// Restores an item that was removed.
    pub fn restore_saved(&self, id: &str) -> Result<SavedChanged, DatabaseError> {
        self.write(|t| {
            let one = "SELECT owner, octet_length(body) FROM saved WHERE id = ?1 AND removed IS NOT NULL";
            let read = |row: &dyn Row| Ok((row.get::<_, String>(0)?, row.get::<_, i64>(1)?));
            let Some((owner, size)) = t.first(one, params![id], read)? else {
                return Ok(SavedChanged::Missing);
            };
            let (items, bytes) = held(t, &owner, "")?;
            if items >= MOST_SAVED || bytes + size > MOST_SAVED_BYTES {
                return Ok(SavedChanged::TooLarge);
            }
            t.execute("UPDATE saved SET removed = NULL, serial = serial + 1 WHERE id = ?1", params![id])?;
            Ok(find(t, id)?.map_or(SavedChanged::Missing, SavedChanged::Kept))
        })
    }

    /// Forgets items that were removed so many days ago.
    pub fn prune_saved(&self, days: u32, now: i64) -> Result<usize, DatabaseError> {
        self.write(|t| {
            let by = confirmed(t, now)?;
            t.execute("DELETE FROM saved WHERE removed < ?1", params![by - i64::from(days) * DAY])
        })
    }
}

/// Forgets what only the owner of an account saw, with the account.
pub(super) fn forget_private(t: &dyn Transaction, owner: &str) -> Result<(), StatementError> {
    t.execute("DELETE FROM saved WHERE owner = ?1 AND (shared = 0 OR removed IS NOT NULL)", params![owner]).map(drop)
}

impl SavedKind {
    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Area => "area",
            Self::View => "view",
            Self::Scenario => "scenario",
        }
    }
}

/// How many items an owner has, and the bytes of their bodies, but for one.
fn held(t: &dyn Transaction, owner: &str, but: &str) -> Result<(i64, i64), StatementError> {
    t.one(
        "SELECT count(*), CAST(coalesce(sum(octet_length(body)), 0) AS BIGINT) FROM saved
        WHERE owner = ?1 AND id <> ?2 AND removed IS NULL",
        params![owner, but],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )
}

/// The place after the last in a folder.
fn last(t: &dyn Transaction, folder: &str) -> Result<i64, StatementError> {
    let sql = "SELECT coalesce(max(position), 0) + 1 FROM saved WHERE folder = ?1 AND removed IS NULL";
    t.one(sql, params![folder], |row| row.get(0))
}

fn find(t: &dyn Transaction, id: &str) -> Result<Option<SavedItem>, StatementError> {
    t.first("SELECT * FROM saved WHERE id = ?1 AND removed IS NULL", params![id], row)
}

fn row(row: &dyn Row) -> Result<SavedItem, StatementError> {
    let kind: String = row.get("kind")?;
    Ok(SavedItem {
        id: row.get("id")?,
        kind: match kind.as_str() {
            "area" => SavedKind::Area,
            "view" => SavedKind::View,
            _ => SavedKind::Scenario,
        },
        content: SavedContent {
            title: row.get("title")?,
            folder: row.get("folder")?,
            note: row.get("note")?,
            body: row.get("body")?,
            shared: row.get("shared")?,
        },
        owner: row.get("owner")?,
        position: row.get("position")?,
        created: row.get("created")?,
        changed: row.get("changed")?,
        serial: row.get::<_, i64>("serial")?.cast_unsigned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn content(title: &str, folder: &str) -> SavedContent {
        let (title, folder, note) = (title.to_owned(), folder.to_owned(), String::new());
        SavedContent { title, folder, note, body: "{}".into(), shared: false }
    }

    fn kept(new: SavedNew) -> SavedItem {
        if let SavedNew::Kept(item) = new { item } else { panic!("{new:?}") }
    }

    #[test]
    fn a_change_of_what_was_seen_before_another_is_refused_with_what_is_kept() {
        let folder = tempfile::tempdir().unwrap();
        let database = Database::open(folder.path()).unwrap();
        let item = kept(database.add_saved(SavedKind::Area, &content("a", ""), "wang", 5).unwrap());
        let SavedChanged::Kept(second) = database.change_saved(&item.id, item.serial, &content("b", ""), 6).unwrap()
        else {
            panic!("nobody changed it before")
        };
        let stale = database.change_saved(&item.id, item.serial, &content("c", ""), 7).unwrap();
        assert_eq!(stale, SavedChanged::Stale(second.clone()));
        assert!(matches!(database.remove_saved(&item.id, item.serial, 7).unwrap(), SavedChanged::Stale(_)));
        drop(database);
        let again = Database::open(folder.path()).unwrap();
        assert_eq!(again.saved_item(&item.id).unwrap(), Some(second));
    }

    #[test]
    fn items_are_ordered_in_folders_and_moved_all_at_once() {
        let folder = tempfile::tempdir().unwrap();
        let database = Database::open(folder.path()).unwrap();
        let add = |title: &str, folder: &str| {
            kept(database.add_saved(SavedKind::View, &content(title, folder), "wang", 5).unwrap()).id
        };
        let (a, b, c) = (add("a", "x"), add("b", "x"), add("c", "y"));
        let titles = || -> Vec<String> {
            let all = database.saved_items("wang", None).unwrap();
            all.into_iter().map(|i| format!("{}/{}", i.content.folder, i.content.title)).collect()
        };
        assert_eq!(titles(), ["x/a", "x/b", "y/c"]);
        assert!(!database.order_saved("x", &[b.clone(), "none".into()], 6).unwrap());
        assert_eq!(titles(), ["x/a", "x/b", "y/c"]);
        assert!(database.order_saved("y", &[c, b, a], 6).unwrap());
        assert_eq!(titles(), ["y/c", "y/b", "y/a"]);
    }

    #[test]
    fn what_was_removed_is_restored_as_it_was_until_it_is_forgotten() {
        let folder = tempfile::tempdir().unwrap();
        let database = Database::open(folder.path()).unwrap();
        let now = 1_000_000_000;
        let item = kept(database.add_saved(SavedKind::Area, &content("a", "x"), "wang", now).unwrap());
        assert!(matches!(database.remove_saved(&item.id, 0, now).unwrap(), SavedChanged::Kept(_)));
        assert_eq!(database.saved_item(&item.id).unwrap(), None);
        assert_eq!(database.saved_items("wang", None).unwrap(), []);
        let SavedChanged::Kept(back) = database.restore_saved(&item.id).unwrap() else { panic!("it can be restored") };
        assert_eq!((back.content, back.position), (item.content, item.position));
        assert!(matches!(database.remove_saved(&item.id, back.serial, now).unwrap(), SavedChanged::Kept(_)));
        for day in 0..=i64::from(REMOVED_DAYS) + 1 {
            database.prune_saved(REMOVED_DAYS, now + day * DAY).unwrap();
        }
        assert_eq!(database.restore_saved(&item.id).unwrap(), SavedChanged::Missing);
    }

    #[test]
    fn there_is_an_end_to_it() {
        let folder = tempfile::tempdir().unwrap();
        let database = Database::open(folder.path()).unwrap();
        let fill = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?1)
                    INSERT INTO saved SELECT 'i' || i, 'view', 't', '', '', '{}', 'wang', 0, i, 0, 0, 0, NULL FROM n";
        database.write(|t| t.execute(fill, params![MOST_SAVED])).unwrap();
        let add = |owner| database.add_saved(SavedKind::View, &content("a", ""), owner, 1).unwrap();
        assert_eq!(add("wang"), SavedNew::TooMany);
        let large = SavedContent { body: "x".repeat(9_000_000), ..content("a", "") };
        assert!(matches!(database.add_saved(SavedKind::View, &large, "li", 1).unwrap(), SavedNew::Kept(_)));
        assert_eq!(database.add_saved(SavedKind::View, &large, "li", 1).unwrap(), SavedNew::TooLarge);
    }

    #[test]
    fn a_removed_account_leaves_what_it_shared() {
        let folder = tempfile::tempdir().unwrap();
        let database = Database::open(folder.path()).unwrap();
        let shared = SavedContent { shared: true, ..content("shared", "") };
        database.add_saved(SavedKind::Area, &shared, "wang", 1).unwrap();
        database.add_saved(SavedKind::Area, &content("private", ""), "wang", 1).unwrap();
        assert_eq!(database.saved_items("li", None).unwrap().len(), 1);
        assert_eq!(database.saved_items("li", Some("wang")).unwrap().len(), 2);
        database.write(|t| forget_private(t, "wang")).unwrap();
        assert_eq!(database.saved_items("wang", None).unwrap().len(), 1);
    }
}
