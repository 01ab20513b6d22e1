//! Why an item is not kept, changed or shown, in words that say what to do. Nothing has changed in any of these cases.

use crate::core::model::Text;
use crate::service::store::{DatabaseError, MOST_SAVED, MOST_SAVED_BYTES, SavedItem};
use crate::service::task::TaskFailed;
use thiserror::Error;

/// Why an item is not kept, changed or shown.
#[derive(Debug, Error)]
pub enum SavedError {
    /// The program was started without a folder to keep anything in.
    #[error("no data folder")]
    NoFolder,
    /// There is no such item, or it is not for whoever asks.
    #[error("no item {0}")]
    Unknown(String),
    /// Another has changed the item since: this is what it is now.
    #[error("the item was changed since")]
    Changed(Box<SavedItem>),
    /// The reader may see the item and not change it.
    #[error("the item is another's")]
    Others,
    /// The reader may not show items to others.
    #[error("no right to share")]
    Sharing,
    /// The reader has too many items.
    #[error("too many items")]
    TooMany,
    /// The reader's items are too large.
    #[error("the items are too large")]
    TooLarge,
    /// What is said of the item does not fit.
    #[error("{}", .0.en)]
    Unfit(Text),
    /// The item can't be kept.
    #[error(transparent)]
    Database(#[from] DatabaseError),
    /// The work ended without a result.
    #[error(transparent)]
    Failed(#[from] TaskFailed),
}

impl SavedError {
    /// What, where, what to do; none for what broke inside.
    pub fn text(&self) -> Option<Text> {
        Some(match self {
            Self::NoFolder => Text::new(
                "本服务没有配置数据文件夹,不能保存范围与视图;管理员可用 --data-dir 开启。",
                "This service has no data folder and can't keep areas and views; the administrator can add --data-dir.",
            ),
            Self::Unknown(id) => {
                let shown: String = id.chars().take(40).collect();
                Text::new(
                    format!("没有保存的项目 {shown}:可能已删除,或没有共享给您。"),
                    format!("There is no saved item {shown}: it was removed, or it is not shared with you."),
                )
            }
            Self::Changed(_) => Text::new(
                "此项目已被他人或在另一窗口修改,没有保存;请看过现在的内容后再改。",
                "The item was changed by somebody else or in another window and nothing was saved; look at what it is now and change that.",
            ),
            Self::Others => Text::new(
                "此项目是他人保存的,您不能更改;可另存一份。",
                "The item is another's and you can't change it; save a copy instead.",
            ),
            Self::Sharing => Text::new(
                "您的帐户只能保存给自己看;要共享请联系有“编辑”角色的同事。",
                "Your account saves for itself only; ask an editor to share it.",
            ),
            Self::TooMany => Text::new(
                format!("已保存 {MOST_SAVED} 项,不再增加;请先删除不用的。"),
                format!("{MOST_SAVED} items are kept and no more are taken; remove some first."),
            ),
            Self::TooLarge => {
                let megabytes = MOST_SAVED_BYTES / 1_000_000;
                Text::new(
                    format!("您保存的内容合计超过 {megabytes} MB 或 500 项;请先删除不用的,或简化边界。"),
                    format!(
                        "Your items are more than {megabytes} MB or 500 together; remove some or simplify outlines."
                    ),
                )
            }
            Self::Unfit(text) => text.clone(),
            Self::Database(_) | Self::Failed(_) => return None,
        })
    }
}
