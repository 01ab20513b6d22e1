//! Why a draft is not changed or saved, in words that say what to do. The data have not changed in any of these cases.

use crate::core::model::Text;
use crate::data::intake::Refusal;
use crate::service::store::{CommitError, DatabaseError, MOST_STEPS, OpenError};
use crate::service::task::TaskFailed;
use thiserror::Error;

/// Why a draft is not changed or saved.
#[derive(Debug, Error)]
pub enum DraftsError {
    /// The program was started without a folder to keep anything in.
    #[error("no data folder")]
    NoFolder,
    /// There is no such draft, or it is not for whoever asks.
    #[error("no draft of {0}")]
    Unknown(String),
    /// There is no such change in the draft.
    #[error("no change {0}")]
    NoChange(String),
    /// The draft was changed since.
    #[error("the draft was changed since")]
    Changed,
    /// The draft waits for its release.
    #[error("the draft is submitted")]
    Submitted,
    /// Nothing can be undone, or done again.
    #[error("no such step")]
    NoStep,
    /// The draft has too many steps.
    #[error("too many steps")]
    Full,
    /// Nothing is changed.
    #[error("the draft changes nothing")]
    Empty,
    /// No reason is given.
    #[error("no reason")]
    NoReason,
    /// Rows have errors.
    #[error("{0} changes have errors")]
    Problems(usize),
    /// Others have changed the same.
    #[error("{0} changes are in conflict")]
    Conflicts(usize),
    /// Another has to release it.
    #[error("another has to release it")]
    SecondPerson,
    /// The change can't be made.
    #[error("{}", .0.message.en)]
    Refused(Box<Refusal>),
    /// The data can't be read again.
    #[error(transparent)]
    Data(#[from] OpenError),
    /// The draft can't be kept.
    #[error(transparent)]
    Database(#[from] DatabaseError),
    /// No version was made of it.
    #[error(transparent)]
    Commit(#[from] CommitError),
    /// The work ended without a result.
    #[error(transparent)]
    Failed(#[from] TaskFailed),
}

impl From<Refusal> for DraftsError {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(Box::new(refusal))
    }
}

impl DraftsError {
    /// What, where, what to do; none for what broke inside.
    pub fn text(&self) -> Option<Text> {
        Some(match self {
            Self::NoFolder => Text::new(
                "本服务没有配置数据文件夹,不能修改数据;管理员可用 --data-dir 开启。",
                "This service has no data folder and can't change data; the administrator can add --data-dir.",
            ),
            Self::Unknown(owner) => {
                let shown: String = owner.chars().take(40).collect();
                Text::new(
                    format!("没有 {shown} 的草稿,或它尚未提交:可能已发布、已放弃或已退回。"),
                    format!(
                        "There is no draft of {shown}, or it is not submitted: it was published, given up or returned."
                    ),
                )
            }
            Self::NoChange(key) => {
                let shown: String = key.chars().take(60).collect();
                Text::new(format!("草稿里没有修改 {shown}。"), format!("The draft has no change {shown}."))
            }
            Self::Changed => Text::new(
                "草稿已在另一窗口修改;请载入最新的草稿后重做这一步。",
                "The draft was changed in another window; load it again and repeat this step.",
            ),
            Self::Submitted => Text::new(
                "草稿已提交,等待复核;要继续修改请先撤回。",
                "The draft is submitted and waits for its release; withdraw it to go on changing.",
            ),
            Self::NoStep => Text::new("没有可以撤销或重做的步骤。", "There is no step to undo or to do again."),
            Self::Full => Text::new(
                format!("草稿已有 {MOST_STEPS} 步;请先保存为版本。"),
                format!("The draft has {MOST_STEPS} steps; save it as a version first."),
            ),
            Self::Empty => Text::new("草稿里没有修改。", "The draft changes nothing."),
            Self::NoReason => Text::new("请写明修改原因。", "Say why the data are changed."),
            Self::Problems(n) => Text::new(
                format!("{n} 处修改有错误,没有保存;请按提示改正。"),
                format!("{n} changes have errors and nothing was saved; correct them as they say."),
            ),
            Self::Conflicts(n) => Text::new(
                format!("{n} 处修改与他人后来的修改冲突,没有保存;请逐项选择用哪个值。"),
                format!(
                    "{n} changes are in conflict with later ones of others and nothing was saved; choose which value counts."
                ),
            ),
            Self::SecondPerson => Text::new(
                "本服务要求两人复核:请由另一位有“审核”权限的同事发布。",
                "This service wants two persons: another reviewer has to publish it.",
            ),
            Self::Refused(refusal) => {
                let Refusal { message, remedy, .. } = refusal.as_ref();
                Text::new(format!("{};{}", message.zh, remedy.zh), format!("{}; {}", message.en, remedy.en))
            }
            Self::Commit(e) => e.text(),
            Self::Data(_) | Self::Database(_) | Self::Failed(_) => return None,
        })
    }
}
