//! Named areas, views and scenarios: who sees and changes which (`Saved`), and what they hold (`body`).

mod body;
mod error;

pub use body::{LARGEST_BODY, SavedView, area_of, checked, checked_folder, view_of};
pub use error::SavedError;

use crate::core::model::Text;
use crate::service::accounts::{Permission, Reader};
use crate::service::clock;
use crate::service::store::{Database, SavedChanged, SavedContent, SavedItem, SavedKind, SavedNew};
use crate::service::task::blocking;
use std::sync::Arc;

/// Under which name an installation without accounts keeps its items. Once there are accounts, administrators have them.
const INSTALLATION: &str = "owner";

/// Who asks, as far as items go.
#[derive(Clone, Debug)]
pub struct SavedReader {
    /// Under which name items are kept; none for who keeps nothing.
    name: Option<String>,
    shares: bool,
    releases: bool,
    administers: bool,
}

impl SavedReader {
    /// The same reader. Who has no account and is not the owner keeps nothing.
    pub fn of(reader: &Reader) -> Self {
        let saves = reader.account().is_some() || reader.may(Permission::Edit);
        Self {
            name: saves.then(|| reader.actor().to_owned()),
            shares: reader.may(Permission::Edit),
            releases: reader.may(Permission::Publish),
            administers: reader.may(Permission::Administer),
        }
    }

    /// Whether the reader keeps items.
    pub fn saves(&self) -> bool {
        self.name.is_some()
    }

    /// Whether the reader may show items to others.
    pub fn shares(&self) -> bool {
        self.shares
    }

    fn owns(&self, item: &SavedItem) -> bool {
        self.name.as_ref().is_some_and(|name| *name == item.owner) || (self.administers && item.owner == INSTALLATION)
    }

    fn sees(&self, item: &SavedItem) -> bool {
        item.content.shared || self.owns(item)
    }

    /// Whether the reader may change an item: the own, and, who may edit, those that are shared.
    pub fn changes(&self, item: &SavedItem) -> bool {
        self.owns(item) || (item.content.shared && self.shares && self.saves())
    }

    /// Whether the reader may remove an item: the own, and, who may publish, those that are shared.
    pub fn removes(&self, item: &SavedItem) -> bool {
        self.owns(item) || (item.content.shared && self.releases)
    }
}

/// The items of a data folder. Clones share everything.
#[derive(Clone, Debug)]
pub struct Saved(Arc<Database>);

impl Saved {
    /// The items of a data folder.
    pub fn new(database: Arc<Database>) -> Self {
        Self(database)
    }

    /// The items that the reader may see.
    pub async fn list(&self, reader: &SavedReader) -> Result<Vec<SavedItem>, SavedError> {
        let also = reader.administers.then_some(INSTALLATION);
        // no account has an empty name
        let name = reader.name.clone().unwrap_or_default();
        self.with(move |d| Ok(d.saved_items(&name, also)?)).await
    }

    /// An item that the reader may see.
    pub async fn one(&self, reader: &SavedReader, id: String) -> Result<SavedItem, SavedError> {
        let reader = reader.clone();
        self.with(move |d| seen(d, &reader, &id)).await
    }

    /// An item that the reader may see, for work that is on a thread of its own.
    pub fn find(&self, reader: &SavedReader, id: &str) -> Result<SavedItem, SavedError> {
        seen(&self.0, reader, id)
    }

    /// Keeps a new item of the reader.
    pub async fn add(&self, reader: &SavedReader, kind: SavedKind, new: SavedContent) -> Result<SavedItem, SavedError> {
        let content = checked(kind, new).map_err(SavedError::Unfit)?;
        let Some(owner) = reader.name.clone() else { return Err(SavedError::Others) };
        if content.shared && !reader.shares {
            return Err(SavedError::Sharing);
        }
        self.with(move |d| match d.add_saved(kind, &content, &owner, clock::seconds())? {
            SavedNew::Kept(item) => Ok(item),
            SavedNew::TooMany => Err(SavedError::TooMany),
            SavedNew::TooLarge => Err(SavedError::TooLarge),
        })
        .await
    }

    /// Changes an item that is still what the reader saw.
    pub async fn change(
        &self,
        reader: &SavedReader,
        id: String,
        tag: String,
        content: SavedContent,
    ) -> Result<SavedItem, SavedError> {
        let reader = reader.clone();
        self.with(move |d| {
            let item = seen(d, &reader, &id)?;
            if !reader.changes(&item) {
                return Err(SavedError::Others);
            }
            if content.shared && !item.content.shared && !reader.shares {
                return Err(SavedError::Sharing);
            }
            // what was shared goes away for others: its owner says so
            if !content.shared && item.content.shared && !reader.removes(&item) {
                return Err(SavedError::Others);
            }
            let content = checked(item.kind, content).map_err(SavedError::Unfit)?;
            let Some(serial) = serial_of(&item, &tag) else { return Err(SavedError::Changed(Box::new(item))) };
            changed(d.change_saved(&id, serial, &content, clock::seconds())?, id)
        })
        .await
    }

    /// Removes an item that is still what the reader saw.
    pub async fn remove(&self, reader: &SavedReader, id: String, tag: String) -> Result<(), SavedError> {
        let reader = reader.clone();
        self.with(move |d| {
            let item = seen(d, &reader, &id)?;
            if !reader.removes(&item) {
                return Err(SavedError::Others);
            }
            let Some(serial) = serial_of(&item, &tag) else { return Err(SavedError::Changed(Box::new(item))) };
            changed(d.remove_saved(&id, serial, clock::seconds())?, id).map(drop)
        })
        .await
    }

    /// Restores an item that was removed.
    pub async fn restore(&self, reader: &SavedReader, id: String) -> Result<SavedItem, SavedError> {
        let reader = reader.clone();
        self.with(move |d| {
            let item = d.removed_item(&id)?.filter(|item| reader.sees(item));
            let item = item.ok_or_else(|| SavedError::Unknown(id.clone()))?;
            if !reader.removes(&item) {
                return Err(SavedError::Others);
            }
            changed(d.restore_saved(&id)?, id)
        })
        .await
    }

    /// Puts items into a folder in an order, all of them or none.
    pub async fn order(&self, reader: &SavedReader, folder: String, ids: Vec<String>) -> Result<(), SavedError> {
        let reader = reader.clone();
        self.with(move |d| {
            let folder = checked_folder(&folder).map_err(SavedError::Unfit)?;
            let mut unlike = ids.clone();
            unlike.sort_unstable();
            unlike.dedup();
            if unlike.len() != ids.len() {
                return Err(SavedError::Unfit(Text::new("ids 中有重复。", "An id is given twice.")));
            }
            for id in &ids {
                if !reader.changes(&seen(d, &reader, id)?) {
                    return Err(SavedError::Others);
                }
            }
            let all = d.order_saved(&folder, &ids, clock::seconds())?;
            if all { Ok(()) } else { Err(SavedError::Unknown(ids.join(","))) }
        })
        .await
    }

    async fn with<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Database) -> Result<T, SavedError> + Send + 'static,
    ) -> Result<T, SavedError> {
        let database = self.0.clone();
        blocking(move || work(&database)).await?
    }
}

fn seen(database: &Database, reader: &SavedReader, id: &str) -> Result<SavedItem, SavedError> {
    let item = database.saved_item(id)?.filter(|item| reader.sees(item));
    item.ok_or_else(|| SavedError::Unknown(id.to_owned()))
}

/// The serial of an item, where the tag is that of its state.
fn serial_of(item: &SavedItem, tag: &str) -> Option<u64> {
    (item.tag() == tag).then_some(item.serial)
}

fn changed(changed: SavedChanged, id: String) -> Result<SavedItem, SavedError> {
    match changed {
        SavedChanged::Kept(item) => Ok(item),
        SavedChanged::Stale(item) => Err(SavedError::Changed(Box::new(item))),
        SavedChanged::TooLarge => Err(SavedError::TooLarge),
        SavedChanged::Missing => Err(SavedError::Unknown(id)),
    }
}
