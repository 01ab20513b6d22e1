//! `/reports`: files of many zones and formats, made one after the other while nobody waits. A job is asked for (`asked`),
//! made (`making`), watched (`events`) and told (`told`); its files lie in the data folder until a week after its end.

mod asked;
mod events;
mod making;
mod told;

pub(crate) use asked::{__path_post, post};
pub(crate) use events::{__path_events, events};
pub(crate) use making::Jobs;

use crate::core::model::Text;
use crate::core::query::Disclosure;
use crate::http::App;
use crate::http::api::report::PAGE_POLICY;
use crate::http::api::summary::blocking;
use crate::http::extract::context::Context;
use crate::http::extract::params::Params;
use crate::http::middleware::cors;
use crate::http::problem::{Problem, ProblemDocument};
use crate::http::response::answer::{Answer, named, to_json};
use crate::http::response::file;
use crate::http::response::links::JSON;
use crate::render::report::Format;
use crate::service::clock;
use crate::service::store::{Job, JobState, Reports, ReportsError};
use axum::extract::Path;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::IntoResponse;
use serde::Serialize;
use told::{JobInfo, JobList, told};

/// The jobs of whoever asks, the latest first.
#[utoipa::path(get, path = "/reports", operation_id = "getReports", tag = "numbers", responses(
    (status = 200, body = JobList),
    (status = 501, description = "the service keeps nothing: it runs without --data-dir", body = ProblemDocument)))]
pub(crate) async fn list(context: Context, params: Params) -> Answer {
    params.finish()?;
    blocking(move || {
        let jobs = reports(&context)?.list(&context.actor(), sees_all(&context)).map_err(ReportsError::from)?;
        json(StatusCode::OK, &JobList { jobs: jobs.into_iter().map(|job| told(&context, job)).collect() })
    })
    .await
}

/// A job: how far it is, and its files.
#[utoipa::path(get, path = "/reports/{id}", operation_id = "getReportJob", tag = "numbers", params(("id" = String, Path)), responses(
    (status = 200, body = JobInfo), (status = 404, description = "no such job of whoever asks", body = ProblemDocument),
    (status = 501, description = "the service keeps nothing", body = ProblemDocument)))]
pub(crate) async fn one(context: Context, Path(id): Path<String>, params: Params) -> Answer {
    params.finish()?;
    blocking(move || json(StatusCode::OK, &told(&context, find(&context, &id)?))).await
}

/// Stops a job that is under way, and keeps the files that are whole; drops one that is at its end, with its files.
#[utoipa::path(delete, path = "/reports/{id}", operation_id = "deleteReportJob", tag = "numbers", params(("id" = String, Path)), responses(
    (status = 200, description = "it is stopped", body = JobInfo), (status = 204, description = "it is gone"),
    (status = 403, description = "asked by a page of another origin", body = ProblemDocument),
    (status = 404, description = "no such job of whoever asks", body = ProblemDocument),
    (status = 501, description = "the service keeps nothing", body = ProblemDocument)))]
pub(crate) async fn delete(context: Context, headers: HeaderMap, Path(id): Path<String>, params: Params) -> Answer {
    params.finish()?;
    cors::may_change(&context, &headers)?;
    blocking(move || {
        let (reports, job) = (reports(&context)?, find(&context, &id)?);
        let stopped = reports.end(&job.id, JobState::Cancelled, None, clock::seconds()).map_err(ReportsError::from)?;
        context.0.jobs.stopped(&job.id);
        if stopped {
            return json(StatusCode::OK, &told(&context, find(&context, &id)?));
        }
        reports.remove(&job.id)?;
        Ok(StatusCode::NO_CONTENT.into_response())
    })
    .await
}

/// A file of a job.
#[utoipa::path(get, path = "/reports/{id}/files/{name}", operation_id = "getReportFile", tag = "numbers",
    params(("id" = String, Path), ("name" = String, Path)), responses(
    (status = 200, description = "the file, as `/report/{zone}` gives it; takes Range", content_type = "application/octet-stream"),
    (status = 404, description = "no such file, or not yet", body = ProblemDocument),
    (status = 501, description = "the service keeps nothing", body = ProblemDocument)))]
pub(crate) async fn file(
    context: Context,
    headers: HeaderMap,
    Path((id, name)): Path<(String, String)>,
    params: Params,
) -> Answer {
    params.finish()?;
    let (path, format) = off_threads(move || {
        let job = find(&context, &id)?;
        let file = job.files.iter().find(|f| f.name == name).ok_or_else(|| absent(&name))?;
        // what is in the table was made by a format of ours
        let format = Format::named(&file.format).ok_or_else(|| absent(&name))?;
        Ok((reports(&context)?.path(&job.id, Some(file)), (format, file.name.clone())))
    })
    .await?;
    let (format, name) = format;
    let mut response = file::file(&headers, path, format.media_type()).await?;
    named(&mut response, "attachment", &name);
    if format == Format::Html {
        response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(PAGE_POLICY));
    }
    Ok(response)
}

/// All files of a finished job and a list of their digests.
#[utoipa::path(get, path = "/reports/{id}/all.zip", operation_id = "getReportArchive", tag = "numbers", params(("id" = String, Path)), responses(
    (status = 200, description = "the archive, the same bytes for the same files; takes Range", content_type = "application/zip"),
    (status = 404, description = "no such job of whoever asks", body = ProblemDocument),
    (status = 409, description = "not all files are there", body = ProblemDocument),
    (status = 501, description = "the service keeps nothing", body = ProblemDocument)))]
pub(crate) async fn archive(context: Context, headers: HeaderMap, Path(id): Path<String>, params: Params) -> Answer {
    params.finish()?;
    let (path, name) = off_threads(move || {
        let job = find(&context, &id)?;
        if job.state != JobState::Finished {
            return Err(Problem::new(
                StatusCode::CONFLICT,
                "unfinished",
                "这批文件没有全部完成,没有压缩包;已完成的文件可以逐个下载。",
                "Not all files of this job are there, so there is no archive; finished files can be had one by one.",
            ));
        }
        Ok((reports(&context)?.path(&job.id, None), told::archive_name(&job)))
    })
    .await?;
    let mut response = file::file(&headers, path, "application/zip").await?;
    named(&mut response, "attachment", &name);
    Ok(response)
}

async fn off_threads<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Problem> + Send + 'static,
) -> Result<T, Problem> {
    let done = tokio::task::spawn_blocking(work).await;
    done.unwrap_or_else(|_| Err(Problem::of_status(StatusCode::INTERNAL_SERVER_ERROR)))
}

fn reports(context: &App) -> Result<&Reports, Problem> {
    context.0.reports.as_ref().ok_or_else(|| {
        Problem::new(
            StatusCode::NOT_IMPLEMENTED,
            "keeps-nothing",
            "本服务没有配置数据文件夹,不能在后台导出;可逐个区域导出,或请管理员用 --data-dir 开启。",
            "This service has no data folder and can't export in the background; export zone by zone, or ask the administrator to add --data-dir.",
        )
    })
}

fn sees_all(context: &Context) -> bool {
    context.disclosure() == Disclosure::Full
}

/// A job of whoever asks; what belongs to others is not there.
fn find(context: &Context, id: &str) -> Result<Job, Problem> {
    let job = reports(context)?.get(id).map_err(ReportsError::from)?;
    job.filter(|job| job.actor == context.actor() && (sees_all(context) || !job.whole)).ok_or_else(|| {
        let shown: String = id.chars().take(40).collect();
        Problem::not_found(
            format!("没有导出任务 {shown}:可能已删除,或已过七天。请重新导出。"),
            format!("There is no export {shown}: it was deleted, or is older than seven days. Export again."),
        )
    })
}

fn absent(name: &str) -> Problem {
    let shown: String = name.chars().take(80).collect();
    Problem::not_found(
        format!("这个导出任务没有文件 {shown},或尚未完成。"),
        format!("This export has no file {shown}, or not yet."),
    )
}

fn json<T: Serialize>(status: StatusCode, value: &T) -> Answer {
    let head = [(header::CONTENT_TYPE, JSON), (header::CACHE_CONTROL, "no-store")];
    Ok((status, head, to_json(value)?).into_response())
}

impl From<ReportsError> for Problem {
    fn from(e: ReportsError) -> Self {
        let (status, code) = match &e {
            ReportsError::NoRoom { .. } | ReportsError::TooLarge => (StatusCode::INSUFFICIENT_STORAGE, "no-room"),
            ReportsError::Database(_) | ReportsError::Failed(_) | ReportsError::Archive(_) => {
                tracing::error!(error = %e, "the folder of reports failed");
                (StatusCode::SERVICE_UNAVAILABLE, "data-dir-failed")
            }
        };
        let Text { zh, en } = e.text();
        Self::new(status, code, zh, en)
    }
}
