//! A saved item in an answer.

use crate::http::admin::versions::moment;
use crate::service::saved::SavedReader;
use crate::service::store::{MOST_SAVED, SavedItem, SavedKind};
use serde::Serialize;
use serde_json::value::RawValue;
use utoipa::ToSchema;

/// An item.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SavedInfo {
    /// Its id. Where a zone's id stands in a question, `saved:` and the id of an area stands for the area.
    id: String,
    /// What it is.
    kind: SavedKind,
    /// Its name.
    title: String,
    /// Names of folders separated by slashes; empty for none.
    folder: String,
    /// A remark.
    note: String,
    /// What it holds; not in lists.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    body: Option<Box<RawValue>>,
    /// The account whose it is, or `owner` of an installation without accounts.
    owner: String,
    /// Whether everybody who may read sees it.
    shared: bool,
    /// Its place in its folder.
    position: i64,
    /// When it was made (RFC 3339, UTC).
    created: String,
    /// When it was last changed (RFC 3339, UTC).
    changed: String,
    /// What `If-Match` names its state by.
    tag: String,
    /// Whether the reader may change it.
    changes: bool,
    /// Whether the reader may remove it.
    removes: bool,
}

impl SavedInfo {
    /// An item without what it holds.
    fn of(reader: &SavedReader, item: &SavedItem) -> Self {
        Self {
            id: item.id.clone(),
            kind: item.kind,
            title: item.content.title.clone(),
            folder: item.content.folder.clone(),
            note: item.content.note.clone(),
            body: None,
            owner: item.owner.clone(),
            shared: item.content.shared,
            position: item.position,
            created: moment(item.created),
            changed: moment(item.changed),
            tag: item.tag(),
            changes: reader.changes(item),
            removes: reader.removes(item),
        }
    }

    /// An item with what it holds.
    pub(super) fn whole(reader: &SavedReader, item: &SavedItem) -> Self {
        Self { body: RawValue::from_string(item.content.body.clone()).ok(), ..Self::of(reader, item) }
    }
}

/// Items in their order.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SavedList {
    /// Whether the reader may keep items.
    saves: bool,
    /// Whether the reader may show items to others.
    shares: bool,
    /// How many items a reader may keep.
    most: i64,
    /// The items, by folder and place.
    items: Vec<SavedInfo>,
}

impl SavedList {
    pub(super) fn of(reader: &SavedReader, items: &[SavedItem]) -> Self {
        Self {
            saves: reader.saves(),
            shares: reader.shares(),
            most: MOST_SAVED,
            items: items.iter().map(|item| SavedInfo::of(reader, item)).collect(),
        }
    }
}
