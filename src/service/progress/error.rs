//! Why nothing is written down of an item, in words that say what to do. Nothing has changed in any of these cases.

use crate::core::model::Text;
use crate::service::store::{DatabaseError, MOST_ENTRIES};
use crate::service::task::TaskFailed;
use thiserror::Error;

/// Why nothing is written down of an item.
#[derive(Debug, Error)]
pub enum ProgressError {
    /// The program was started without a folder to keep anything in.
    #[error("no data folder")]
    NoFolder,
    /// What is stated does not fit.
    #[error("{}", .0.en)]
    Unfit(Text),
    /// Another wrote something down since.
    #[error("the item was changed since")]
    Stale,
    /// The item has too many entries.
    #[error("too many entries")]
    Full,
    /// It can't be kept.
    #[error(transparent)]
    Database(#[from] DatabaseError),
    /// The work ended without a result.
    #[error(transparent)]
    Failed(#[from] TaskFailed),
}

impl ProgressError {
    /// What, where, what to do; none for what broke inside.
    pub fn text(&self) -> Option<Text> {
        Some(match self {
            Self::NoFolder => Text::new(
                "本服务没有配置数据文件夹,不能记录规划进展;管理员可用 --data-dir 开启。",
                "This service has no data folder and can't keep the progress of the plan; the administrator can add --data-dir.",
            ),
            Self::Unfit(text) => text.clone(),
            Self::Stale => Text::new(
                "此事项刚有他人更新,没有保存;请看过最新记录后再写。",
                "Somebody else has just written something down about this item and nothing was saved; look at that first.",
            ),
            Self::Full => Text::new(
                format!("此事项已有 {MOST_ENTRIES} 条记录,不再增加。"),
                format!("The item has {MOST_ENTRIES} entries and takes no more."),
            ),
            Self::Database(_) | Self::Failed(_) => return None,
        })
    }
}
