//! Why an import does not go on, in words that say what to do. The register has not changed in any of these cases.

use crate::core::model::Text;
use crate::data::intake::Refusal;
use crate::service::store::{CommitError, IncomingError, OpenError};
use crate::service::task::TaskFailed;
use thiserror::Error;

/// Characters of an unknown id that are shown.
const SHOWN: usize = 40;
/// Characters of a file's name.
pub(super) const LONGEST_NAME: usize = 200;
/// Seconds after which a sender from whom nothing comes has gone.
pub(super) const SILENT: u64 = 30;

/// Why an import does not go on.
#[derive(Debug, Error)]
pub enum ImportsError {
    /// The program was started without a folder to keep anything in.
    #[error("no data folder")]
    NoFolder,
    /// What is sent has no name that a file can have.
    #[error("no name of a file")]
    Name,
    /// Nothing came for a while.
    #[error("nothing came for {SILENT} seconds")]
    Silent,
    /// The sender has gone before the end of the file.
    #[error("the file broke off")]
    BrokenOff,
    /// There is no such import.
    #[error("no import {0}")]
    Unknown(String),
    /// The file became this version already.
    #[error("published as version {0}")]
    Published(u64),
    /// The file is to be checked first.
    #[error("not checked")]
    Unchecked,
    /// Another has to publish it.
    #[error("another has to publish it")]
    SecondPerson,
    /// Too many files are being checked.
    #[error("too many files are being checked")]
    Busy,
    /// The file, or what was said about it, can't be used.
    #[error("{}", .0.message.en)]
    Refused(Box<Refusal>),
    /// The data can't be read again.
    #[error(transparent)]
    Data(#[from] OpenError),
    /// The file can't be kept.
    #[error(transparent)]
    Incoming(#[from] IncomingError),
    /// No version was made of it.
    #[error(transparent)]
    Commit(#[from] CommitError),
    /// The work ended without a result.
    #[error(transparent)]
    Failed(#[from] TaskFailed),
}

impl From<Refusal> for ImportsError {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(Box::new(refusal))
    }
}

impl ImportsError {
    /// What, where, what to do; none for what broke inside, or where nobody listens any more.
    pub fn text(&self) -> Option<Text> {
        Some(match self {
            Self::NoFolder => Text::new(
                "本服务没有配置数据文件夹,不能导入;管理员可用 --data-dir 开启。",
                "This service has no data folder and can't import; the administrator can add --data-dir.",
            ),
            Self::Name => Text::new(
                format!("应为文件名(不含路径,最多 {LONGEST_NAME} 字)"),
                format!("should be the name of the file (without its folder, at most {LONGEST_NAME} characters)"),
            ),
            Self::Silent => Text::new(
                format!("{SILENT} 秒没有收到数据,上传已中止;请重新上传。"),
                format!("Nothing came for {SILENT} seconds and the upload was given up; upload the file again."),
            ),
            Self::Unknown(id) => {
                let shown: String = id.chars().take(SHOWN).collect();
                Text::new(
                    format!("没有导入 {shown}:可能已删除,或一天内没有提交。请重新上传。"),
                    format!(
                        "There is no import {shown}: it was deleted, or not submitted within a day. Upload it again."
                    ),
                )
            }
            Self::Published(version) => Text::new(
                format!("这个文件已提交为版本 v{version}。"),
                format!("This file was published as version {version}."),
            ),
            Self::Unchecked => Text::new(
                "请先检查这个文件;若检查之后数据已有变化,请重新检查。",
                "Check this file first; check it again where the data has changed since.",
            ),
            Self::SecondPerson => Text::new(
                "本服务要求两人复核:请由另一位有“审核”权限的同事发布。",
                "This service wants two persons: another reviewer has to publish it.",
            ),
            Self::Busy => {
                Text::new("正在检查的文件太多,请稍后重试。", "Too many files are being checked; try again later.")
            }
            Self::Refused(refusal) => {
                let Refusal { message, remedy, .. } = refusal.as_ref();
                Text::new(format!("{};{}", message.zh, remedy.zh), format!("{}; {}", message.en, remedy.en))
            }
            Self::Incoming(e) => e.text(),
            Self::Commit(e) => e.text(),
            Self::BrokenOff | Self::Data(_) | Self::Failed(_) => return None,
        })
    }
}
