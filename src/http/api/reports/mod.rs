//! `/reports`: files of many zones and formats, made in the background. A job is requested (`request`), watched (`events`)
//! and described (`response`); its files are in the data folder until a week after its end.

mod access;
mod events;
mod request;
mod response;

pub(crate) use events::{__path_events, events};
pub(crate) use request::{__path_post, post};

use crate::http::extract::change::Change;
use crate::http::extract::context::Context;
use crate::http::extract::params::Params;
use crate::http::problem::{Problem, ProblemDocument};
use crate::http::response::answer::{Answer, blocking, confined, json, lasting, named};
use crate::http::response::file;
use crate::render::report::Format;
use crate::service::store::JobState;
use access::{absent, find, has_name, jobs, may_see, reports, sees_all};
use axum::extract::Path;
use axum::http::{HeaderMap, StatusCode};
use axum::response::IntoResponse;
use response::{JobInfo, JobList};

/// The jobs of whoever asks, the latest first; none for who has no account, whose jobs are found by their ids alone.
#[utoipa::path(get, path = "/reports", operation_id = "getReports", tag = "numbers", responses(
    (status = 200, body = JobList),
    (status = 501, description = "the service keeps nothing: it runs without --data-dir", body = ProblemDocument)))]
pub(crate) async fn list(context: Context, params: Params) -> Answer {
    params.finish()?;
    blocking(move || {
        let mut jobs = reports(&context)?.list(&context.actor(), sees_all(&context))?;
        jobs.retain(|job| has_name(&context) && may_see(&context, job));
        json(StatusCode::OK, &JobList { jobs: jobs.into_iter().map(|job| JobInfo::of(&context, job)).collect() })
    })
    .await
}

/// A job: how far it is, and its files.
#[utoipa::path(get, path = "/reports/{id}", operation_id = "getReportJob", tag = "numbers", params(("id" = String, Path)), responses(
    (status = 200, body = JobInfo), (status = 404, description = "no such job of whoever asks", body = ProblemDocument),
    (status = 501, description = "the service keeps nothing", body = ProblemDocument)))]
pub(crate) async fn one(context: Context, Path(id): Path<String>, params: Params) -> Answer {
    params.finish()?;
    blocking(move || json(StatusCode::OK, &JobInfo::of(&context, find(&context, &id)?))).await
}

/// Stops a job that is under way, and keeps the files that are whole; drops one that is at its end, with its files.
#[utoipa::path(delete, path = "/reports/{id}", operation_id = "deleteReportJob", tag = "numbers", params(("id" = String, Path)), responses(
    (status = 200, description = "it is stopped", body = JobInfo), (status = 204, description = "it is gone"),
    (status = 403, description = "asked by a page of another origin", body = ProblemDocument),
    (status = 404, description = "no such job of whoever asks", body = ProblemDocument),
    (status = 501, description = "the service keeps nothing", body = ProblemDocument)))]
pub(crate) async fn delete(context: Context, Path(id): Path<String>, _: Change) -> Answer {
    lasting(move || {
        let (jobs, job) = (jobs(&context)?, find(&context, &id)?);
        let stopped = jobs.cancel(&job.id)?;
        if stopped {
            return json(StatusCode::OK, &JobInfo::of(&context, find(&context, &id)?));
        }
        jobs.reports().remove(&job.id)?;
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
    let (path, format) = blocking(move || {
        let job = find(&context, &id)?;
        let file = job.files.iter().find(|f| f.name == name).ok_or_else(|| absent(&name))?;
        // what is in the table was made by a format of ours
        let format = Format::named(&file.format).ok_or_else(|| absent(&name))?;
        Ok((reports(&context)?.path(&job, Some(file))?, (format, file.name.clone())))
    })
    .await?;
    let (format, name) = format;
    let mut response = file::file(&headers, path, format.media_type()).await?;
    named(&mut response, "attachment", &name);
    if format == Format::Html {
        confined(&mut response);
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
    let (path, name) = blocking(move || {
        let job = find(&context, &id)?;
        if job.state != JobState::Finished {
            return Err(Problem::new(
                StatusCode::CONFLICT,
                "unfinished",
                "这批文件没有全部完成,没有压缩包;已完成的文件可以逐个下载。",
                "Not all files of this job are there, so there is no archive; finished files can be had one by one.",
            ));
        }
        Ok((reports(&context)?.path(&job, None)?, response::archive_name(&job)))
    })
    .await?;
    let mut response = file::file(&headers, path, "application/zip").await?;
    named(&mut response, "attachment", &name);
    Ok(response)
}
