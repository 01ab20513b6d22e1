//! Why a version was not made, in words that say what to do. Nothing has changed in any of these cases.

use super::super::{DatabaseError, ObjectsError};
use crate::core::model::{Lang, Text};
use crate::data::load::Report;

/// Why a version was not made. The current one stays in every case.
#[derive(Debug, thiserror::Error)]
pub enum CommitError {
    /// The program was started without a folder to keep anything in.
    #[error("no data folder")]
    NoFolder,
    /// Another version has been made since.
    #[error("the register has changed: version {current} is current")]
    Stale {
        /// The version that is current now.
        current: u64,
    },
    /// There is no version of this number.
    #[error("no version {0}")]
    Unknown(u64),
    /// The content of this version was given up by the retention rule.
    #[error("the content of version {0} is not kept")]
    NotKept(u64),
    /// Files of this version are missing or not what they were.
    #[error("the files of version {0} are damaged")]
    Damaged(u64),
    /// What was written can't be loaded without errors.
    #[error("what was written has errors")]
    Refused(Box<Report>),
    /// The dataset has no register in a manifest.
    #[error("the dataset declares no register")]
    NoRegister,
    /// The disk has not enough space, known beforehand.
    #[error("{free} bytes are free, {needed} are needed")]
    NoSpace {
        /// Bytes that are free.
        free: u64,
        /// Bytes that are needed.
        needed: u64,
    },
    /// The disk: full in the middle, or not to be written to.
    #[error(transparent)]
    Io(#[from] std::io::Error),
    /// The file can't be packed.
    #[error("{0}")]
    Pack(String),
    /// The database.
    #[error(transparent)]
    Database(#[from] DatabaseError),
    /// The object store.
    #[error(transparent)]
    Objects(#[from] ObjectsError),
}

impl CommitError {
    /// A stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NoFolder => "keeps-nothing",
            Self::Stale { .. } => "stale",
            Self::Unknown(_) => "no-version",
            Self::NotKept(_) => "version-not-kept",
            Self::Damaged(_) => "version-damaged",
            Self::Refused(_) => "register-refused",
            Self::NoRegister => "no-register",
            Self::NoSpace { .. } => "no-space",
            Self::Io(e) if e.kind() == std::io::ErrorKind::StorageFull => "no-space",
            Self::Io(_) | Self::Pack(_) | Self::Database(_) => "not-written",
            Self::Objects(_) => "object-store",
        }
    }

    /// What, why, what to do.
    pub fn text(&self) -> Text {
        let failed = |zh: String, en: String| {
            Text::new(
                format!("提交失败,数据没有任何变化。原因:{zh}"),
                format!("The commit failed, nothing has changed: {en}"),
            )
        };
        let mb = |bytes: u64| bytes.div_ceil(1_000_000);
        match self {
            Self::NoFolder => Text::new(
                "启动时没有指定 --data-dir,不能保存版本;请加上 --data-dir 文件夹。",
                "The program was started without --data-dir and can't keep versions; add --data-dir FOLDER.",
            ),
            Self::Stale { current } => failed(
                format!("核对之后名录已有变化(现为版本 v{current}),请重新核对后再提交。"),
                format!("the register has changed since the check (it is version {current} now); check again."),
            ),
            Self::Unknown(n) => Text::new(format!("没有版本 v{n}。"), format!("There is no version {n}.")),
            Self::NotKept(n) => Text::new(
                format!("版本 v{n} 的内容已按保留规则清除,只留有记录;请选择其他版本或从备份恢复。"),
                format!("The content of version {n} was given up by the retention rule; choose another or a backup."),
            ),
            Self::Damaged(n) => Text::new(
                format!(
                    "版本 v{n} 的文件缺失或已损坏。请从备份恢复数据文件夹,或用 shigu versions --restore 退回其他版本。"
                ),
                format!(
                    "Files of version {n} are missing or damaged; restore the data folder from a backup, or go back to another version with shigu versions --restore."
                ),
            ),
            Self::Refused(report) => failed(
                format!("写出的名录有错误。\n{}", report.render(Lang::Zh)),
                format!("the register as written has errors.\n{}", report.render(Lang::En)),
            ),
            Self::NoRegister => {
                failed("dataset.json 没有声明名录。".into(), "dataset.json declares no register.".into())
            }
            Self::NoSpace { free, needed } => {
                let (free, needed) = (free / 1_000_000, mb(*needed));
                failed(
                    format!("磁盘剩余 {free} MB,需要 {needed} MB。"),
                    format!("{free} MB are free on the disk, {needed} MB are needed."),
                )
            }
            Self::Io(e) if e.kind() == std::io::ErrorKind::StorageFull => {
                failed("磁盘已满,请清理后重试。".into(), "the disk is full; make room and try again.".into())
            }
            Self::Io(e) => failed(
                format!("无法写入({e}),请检查权限与磁盘。"),
                format!("can't write ({e}); check rights and the disk."),
            ),
            Self::Pack(why) => {
                failed(format!("无法生成 GeoParquet({why})。"), format!("GeoParquet can't be made ({why})."))
            }
            Self::Database(e) => {
                let text = e.text();
                failed(text.zh, text.en)
            }
            Self::Objects(e) => {
                let text = e.text();
                failed(text.zh, text.en)
            }
        }
    }
}
