//! The jobs that a request may see, and their errors as problems.

use crate::core::model::Text;
use crate::core::query::Disclosure;
use crate::http::extract::context::Context;
use crate::http::problem::Problem;
use crate::service::jobs::{FileError, Jobs, JobsError};
use crate::service::store::{Job, Reports, ReportsError};
use axum::http::StatusCode;

pub(super) fn jobs(context: &Context) -> Result<&Jobs, Problem> {
    context.0.jobs.as_ref().ok_or_else(|| {
        Problem::new(
            StatusCode::NOT_IMPLEMENTED,
            "keeps-nothing",
            "本服务没有配置数据文件夹,不能在后台导出;可逐个区域导出,或请管理员用 --data-dir 开启。",
            "This service has no data folder and can't export in the background; export zone by zone, or ask the administrator to add --data-dir.",
        )
    })
}

pub(super) fn reports(context: &Context) -> Result<&Reports, Problem> {
    Ok(jobs(context)?.reports())
}

pub(super) fn sees_all(context: &Context) -> bool {
    context.disclosure() == Disclosure::Full
}

/// A job of whoever asks; what belongs to others is not there.
pub(super) fn find(context: &Context, id: &str) -> Result<Job, Problem> {
    let job = reports(context)?.get(id).map_err(ReportsError::from)?;
    job.filter(|job| job.actor == context.actor() && (sees_all(context) || !job.whole)).ok_or_else(|| {
        let shown: String = id.chars().take(40).collect();
        Problem::not_found(
            format!("没有导出任务 {shown}:可能已删除,或已过七天。请重新导出。"),
            format!("There is no export {shown}: it was deleted, or is older than seven days. Export again."),
        )
    })
}

pub(super) fn absent(name: &str) -> Problem {
    let shown: String = name.chars().take(80).collect();
    Problem::not_found(
        format!("这个导出任务没有文件 {shown},或尚未完成。"),
        format!("This export has no file {shown}, or not yet."),
    )
}

impl From<ReportsError> for Problem {
    fn from(e: ReportsError) -> Self {
        let (status, code) = match &e {
            ReportsError::NoSpace { .. } | ReportsError::TooLarge => (StatusCode::INSUFFICIENT_STORAGE, "no-room"),
            ReportsError::Database(_) | ReportsError::Failed(_) | ReportsError::Archive(_) => {
                tracing::error!(error = %e, "the folder of reports failed");
                (StatusCode::SERVICE_UNAVAILABLE, "data-dir-failed")
            }
        };
        let Text { zh, en } = e.text();
        Self::new(status, code, zh, en)
    }
}

impl From<JobsError> for Problem {
    fn from(e: JobsError) -> Self {
        match e {
            JobsError::Reports(e) => e.into(),
            JobsError::Full => {
                let Text { zh, en } = e.text();
                Self::new(StatusCode::SERVICE_UNAVAILABLE, "busy", zh, en)
            }
        }
    }
}

/// The words for an error of a file of a job: those of the problem that a reader who waits would get.
pub(crate) fn explain(e: FileError) -> Text {
    let problem = match e {
        FileError::Query(e) => Problem::from(e),
        FileError::Bundle(e) => e.into(),
        FileError::Reports(e) => e.into(),
        FileError::Failed(_) => Problem::of_status(StatusCode::INTERNAL_SERVER_ERROR),
    };
    problem.detail
}
