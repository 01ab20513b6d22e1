//! The jobs that a request may see.

use crate::core::query::Disclosure;
use crate::http::extract::context::Context;
use crate::http::problem::Problem;
use crate::service::accounts::Permission;
use crate::service::jobs::Jobs;
use crate::service::store::{Job, Reports};
use axum::http::StatusCode;

/// Digits of an id that nobody can guess.
const SECRET: usize = 48;

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

/// Whether whoever asks may see a job: they requested it, and may see today what it shows. A job of the whole city is not
/// for an account that was limited meanwhile.
pub(super) fn may_see(context: &Context, job: &Job) -> bool {
    let within = |scope: &[String]| job.scope.as_ref().is_some_and(|s| s.iter().all(|code| scope.contains(code)));
    job.actor == context.actor() && (sees_all(context) || !job.whole) && context.reader().scope().is_none_or(within)
}

/// Whether whoever asks can be distinguished from others. Who can't is known by the ids of their jobs, which nobody can guess, so
/// these are not listed.
pub(super) fn has_name(context: &Context) -> bool {
    context.reader().account().is_some() || context.reader().may(Permission::Edit)
}

/// A job of whoever asks; what belongs to others is not there.
pub(super) fn find(context: &Context, id: &str) -> Result<Job, Problem> {
    let job = reports(context)?.find(id)?;
    // ids of before could be guessed
    let secret = |job: &Job| has_name(context) || job.id.len() >= SECRET;
    job.filter(|job| may_see(context, job) && secret(job)).ok_or_else(|| {
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
