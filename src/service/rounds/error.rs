//! Why a round does not go on, in words that say what to do. The data have not changed in any of these cases.

use crate::core::model::Text;
use crate::data::intake::Refusal;
use crate::service::store::{CommitError, DatabaseError, MOST_ROUNDS, OpenError};
use crate::service::task::TaskFailed;
use thiserror::Error;

/// Largest file of a participant, in bytes.
pub const LARGEST_DELIVERY: usize = 16 << 20;
/// Clashes that are named.
const NAMED: usize = 8;

/// Why a round does not go on.
#[derive(Debug, Error)]
pub enum RoundsError {
    /// The program was started without a folder to keep anything in.
    #[error("no data folder")]
    NoFolder,
    /// There is no such round, or no such participant of it.
    #[error("no round or participant {0}")]
    Unknown(String),
    /// The link does not lead in any more.
    #[error("the link has ended")]
    Ended,
    /// Nothing was delivered yet.
    #[error("nothing was delivered")]
    NotDelivered,
    /// What is said of the round does not fit.
    #[error("{}", .0.en)]
    Unfit(Text),
    /// There are too many rounds.
    #[error("too many rounds")]
    Full,
    /// The file is too large.
    #[error("the file is too large")]
    TooLarge,
    /// No delivery is there to be merged.
    #[error("nothing to merge")]
    Nothing,
    /// The data have changed since deliveries were judged; they were judged anew.
    #[error("the data have changed, version {current}")]
    Stale {
        /// The version that is current.
        current: u64,
        /// Deliveries that were judged anew.
        judged: usize,
        /// How many of them are faulty now.
        faulty: usize,
    },
    /// Deliveries that can't be merged with one another, or with what other zones have.
    #[error("deliveries clash")]
    Clash(Vec<Text>),
    /// The file, or the table, can't be used.
    #[error("{}", .0.message.en)]
    Refused(Box<Refusal>),
    /// The data can't be read again.
    #[error(transparent)]
    Data(#[from] OpenError),
    /// No version was made.
    #[error(transparent)]
    Commit(#[from] CommitError),
    /// The round can't be kept.
    #[error(transparent)]
    Database(#[from] DatabaseError),
    /// The work ended without a result.
    #[error(transparent)]
    Failed(#[from] TaskFailed),
}

impl From<Refusal> for RoundsError {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(Box::new(refusal))
    }
}

impl RoundsError {
    /// What, where, what to do; none for what broke inside.
    pub fn text(&self) -> Option<Text> {
        Some(match self {
            Self::NoFolder => Text::new(
                "本服务没有配置数据文件夹,不能组织填报;管理员可用 --data-dir 开启。",
                "This service has no data folder and keeps no rounds; the administrator can add --data-dir.",
            ),
            Self::Unknown(id) => {
                let shown: String = id.chars().take(40).collect();
                Text::new(format!("没有填报或参与单位 {shown}。"), format!("There is no round or participant {shown}."))
            }
            Self::Ended => Text::new(
                "此链接已失效(已过截止与宽限期、已收回,或已结束),没有收下;请向发起人索取新链接。",
                "This link leads in no more (the time is over, it was revoked, or the round is closed) and nothing was taken; ask whoever sent it for another.",
            ),
            Self::NotDelivered => Text::new("还没有交来文件。", "Nothing was delivered yet."),
            Self::Unfit(text) => text.clone(),
            Self::Full => Text::new(
                format!("已有 {MOST_ROUNDS} 次填报,不再增加。"),
                format!("There are {MOST_ROUNDS} rounds and no more are taken."),
            ),
            Self::TooLarge => {
                let megabytes = LARGEST_DELIVERY >> 20;
                Text::new(
                    format!("文件超过 {megabytes} MB,没有收下;请用下发的工作簿填报。"),
                    format!(
                        "The file is larger than {megabytes} MB and was not taken; fill in the workbook that is handed out."
                    ),
                )
            }
            Self::Nothing => Text::new(
                "没有可合并的填报:没有交来、有问题,或已合并。",
                "Nothing can be merged: deliveries are missing, faulty, or merged already.",
            ),
            Self::Stale { current, judged, faulty } => Text::new(
                format!(
                    "数据已有更新的版本 v{current}。{judged} 份填报已按新版本重新检查,其中 {faulty} 份有问题;请看过结果后再合并。"
                ),
                format!(
                    "The data have changed: version {current} is current. {judged} deliveries were judged anew, {faulty} of them are faulty now; look at the board and merge again."
                ),
            ),
            Self::Clash(all) => {
                let (zh, en): (Vec<&str>, Vec<&str>) = all.iter().take(NAMED).map(|t| (&*t.zh, &*t.en)).unzip();
                let (zh, en, n) = (zh.join(";"), en.join("; "), all.len());
                Text::new(
                    format!("有 {n} 处冲突,没有合并:{zh}。请让有关单位改正后重交,或先不合并这些单位。"),
                    format!(
                        "{n} clashes, nothing was merged: {en}. Have it corrected and delivered again, or merge without these participants."
                    ),
                )
            }
            Self::Refused(refusal) => {
                let Refusal { message, remedy, .. } = refusal.as_ref();
                Text::new(format!("{};{}", message.zh, remedy.zh), format!("{}; {}", message.en, remedy.en))
            }
            Self::Commit(e) => e.text(),
            Self::Data(_) | Self::Database(_) | Self::Failed(_) => return None,
        })
    }
}
