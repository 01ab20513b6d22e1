//! Why a consultation does not go on, in words that say what to do.

use crate::core::model::Text;
use crate::data::intake::Refusal;
use crate::service::drafts::DraftsError;
use crate::service::rounds::RoundsError;
use crate::service::store::{DatabaseError, MOST_ATTACHMENTS, MOST_COMMENTS};
use crate::service::task::TaskFailed;
use thiserror::Error;

/// Largest file of a comment, in bytes.
pub const LARGEST_ATTACHMENT: usize = 8 << 20;

/// Why a consultation does not go on.
#[derive(Debug, Error)]
pub enum ConsultationsError {
    /// There is no such consultation, participant, comment or file for whoever asks.
    #[error("not there: {0}")]
    Unknown(String),
    /// What is said does not fit.
    #[error("{}", .0.en)]
    Unfit(Text),
    /// The comment was changed since it was seen.
    #[error("the comment was changed since")]
    Stale,
    /// The comment is decided.
    #[error("the comment is decided")]
    Decided,
    /// There are too many comments or files.
    #[error("too many")]
    Full,
    /// The file is too large.
    #[error("the file is too large")]
    TooLarge,
    /// Files of this kind are not taken.
    #[error("not a kind of file that is taken")]
    Kind,
    /// The round.
    #[error(transparent)]
    Round(#[from] RoundsError),
    /// The layouts.
    #[error(transparent)]
    Drafts(#[from] DraftsError),
    /// It can't be kept.
    #[error(transparent)]
    Database(#[from] DatabaseError),
    /// The work ended without a result.
    #[error(transparent)]
    Failed(#[from] TaskFailed),
}

impl From<Refusal> for ConsultationsError {
    fn from(Refusal { message, remedy, .. }: Refusal) -> Self {
        Self::Unfit(Text::new(format!("{};{}。", message.zh, remedy.zh), format!("{}; {}.", message.en, remedy.en)))
    }
}

impl ConsultationsError {
    /// What, where, what to do; none for what says it by itself, or broke inside.
    pub fn text(&self) -> Option<Text> {
        Some(match self {
            Self::Unknown(id) => {
                let shown: String = id.chars().take(40).collect();
                Text::new(format!("没有 {shown}。"), format!("There is no {shown}."))
            }
            Self::Unfit(text) => text.clone(),
            Self::Stale => Text::new(
                "此意见已有改动(可能是另一位同事刚处理过);请刷新后再决定。",
                "The comment was changed since, perhaps by a colleague; load it again and decide then.",
            ),
            Self::Decided => Text::new(
                "此意见已处理,不能再改;可另提一条。",
                "What becomes of this comment is decided; it can't be changed any more. Make another one.",
            ),
            Self::Full => Text::new(
                format!("每个单位最多 {MOST_COMMENTS} 条意见,每条最多 {MOST_ATTACHMENTS} 个附件,附件合计最多 64 MB。"),
                format!(
                    "A participant has at most {MOST_COMMENTS} comments, each with {MOST_ATTACHMENTS} files, and 64 MB of files in all."
                ),
            ),
            Self::TooLarge => {
                let megabytes = LARGEST_ATTACHMENT >> 20;
                Text::new(
                    format!("附件超过 {megabytes} MB,没有收下。"),
                    format!("The file is larger than {megabytes} MB and was not taken."),
                )
            }
            Self::Kind => Text::new(
                "附件只收 PDF、PNG、JPEG、DOCX、XLSX,且内容须与扩展名相符。",
                "Files are PDF, PNG, JPEG, DOCX or XLSX, and what is in them is what their name says.",
            ),
            Self::Round(e) => return e.text(),
            Self::Drafts(e) => return e.text(),
            Self::Database(_) | Self::Failed(_) => return None,
        })
    }
}
