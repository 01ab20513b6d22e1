//! Why there is no briefing, or no schedule of it.

use crate::core::model::Text;
use crate::core::query::QueryError;
use crate::render::report::ReportError;
use crate::service::store::{CommitError, DatabaseError, MOST_SCHEDULES};
use crate::service::task::TaskFailed;
use thiserror::Error;

/// Why it is not known what happened.
#[derive(Debug, Error)]
pub enum FoundError {
    /// The question has no answer.
    #[error(transparent)]
    Query(#[from] QueryError),
    /// Versions of the data can't be read.
    #[error(transparent)]
    Commit(#[from] CommitError),
}

/// Why something about briefings is not done. Nothing has changed in any of these cases.
#[derive(Debug, Error)]
pub enum BriefingsError {
    /// The program was started without a folder to keep anything in.
    #[error("no data folder")]
    NoFolder,
    /// What is asked for does not fit.
    #[error("{}", .0.en)]
    Unfit(Text),
    /// There are too many schedules.
    #[error("too many schedules")]
    Full,
    /// There is none such.
    #[error("{0} is not there")]
    Unknown(String),
    /// It is not known what happened.
    #[error(transparent)]
    Found(#[from] FoundError),
    /// The paper can't be written.
    #[error(transparent)]
    Report(#[from] ReportError),
    /// It can't be kept.
    #[error(transparent)]
    Database(#[from] DatabaseError),
    /// The work ended without a result.
    #[error(transparent)]
    Failed(#[from] TaskFailed),
}

impl BriefingsError {
    /// What, where, what to do; none for what is said elsewhere or broke inside.
    pub fn text(&self) -> Option<Text> {
        Some(match self {
            Self::NoFolder => Text::new(
                "本服务没有配置数据文件夹,不能定期制作简报;管理员可用 --data-dir 开启。",
                "This service has no data folder and makes no briefings by itself; the administrator can add --data-dir.",
            ),
            Self::Unfit(text) => text.clone(),
            Self::Full => Text::new(
                format!("已有 {MOST_SCHEDULES} 个定期简报,请先删去不用的。"),
                format!("There are {MOST_SCHEDULES} schedules; remove what is not needed."),
            ),
            Self::Unknown(id) => Text::new(format!("没有 {id}。"), format!("There is no {id}.")),
            Self::Found(_) | Self::Report(_) | Self::Database(_) | Self::Failed(_) => return None,
        })
    }
}
