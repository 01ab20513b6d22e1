//! The jobs that a request may see.

use crate::core::query::Disclosure;
use crate::http::extract::context::Context;
use crate::http::problem::Problem;
use crate::service::jobs::Jobs;
use crate::service::store::{Job, Reports};
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
    let job = reports(context)?.get(id)?;
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
