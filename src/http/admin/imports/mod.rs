//! `/imports`: a department's file on its way in. It is sent, checked by a worker, looked at row by row, submitted
//! or published as a version of the register. Until then nothing changes.

mod receive;
mod response;
mod steps;

pub(crate) use receive::{__path_receive, receive};
pub(crate) use steps::{__path_check, __path_publish, __path_submit, check, publish, submit};

use crate::core::model::Text;
use crate::data::intake::{Class, Preview, Refusal, template};
use crate::http::extract::context::Context;
use crate::http::extract::negotiate;
use crate::http::extract::params::Params;
use crate::http::middleware::cors;
use crate::http::ogc::items::paging;
use crate::http::problem::{Problem, ProblemDocument};
use crate::http::response::answer::{Answer, attachment, blocking, json};
use crate::render::report::Format;
use crate::service::accounts::Permission;
use crate::service::imports::{ImportWorker, WorkerState};
use crate::service::store::{Arrival, Incoming, IncomingError, Stage};
use axum::extract::Path;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use response::{ImportInfo, describe};
use serde::Serialize;
use std::sync::Arc;
use utoipa::{IntoParams, ToSchema};

/// Classes of rows; `None` are the enterprises that the file does not name.
const CLASSES: [(&str, Option<Class>); 6] = [
    ("new", Some(Class::New)),
    ("changed", Some(Class::Changed)),
    ("moved", Some(Class::Moved)),
    ("problem", Some(Class::Problem)),
    ("unchanged", Some(Class::Unchanged)),
    ("absent", None),
];

/// All files on their way in.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ImportList {
    /// The latest first; without their reports.
    imports: Vec<ImportInfo>,
}

/// Rows of an import.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ImportRows {
    /// Rows of the class in all.
    matched: usize,
    /// A page of them.
    rows: Vec<Preview>,
}

/// Which rows.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[allow(dead_code, reason = "only described; `Params` reads them")]
pub(crate) struct RowsParams {
    /// `new`, `changed`, `moved`, `problem`, `unchanged`, or `absent`: enterprises that the file does not name.
    class: String,
}

/// The files on their way in, the latest first.
#[utoipa::path(get, path = "/imports", operation_id = "getImports", tag = "data", responses(
    (status = 200, body = ImportList), (status = 403, description = "no right to change data", body = ProblemDocument),
    (status = 501, description = "the service keeps nothing: it runs without --data-dir", body = ProblemDocument)))]
pub(crate) async fn list(context: Context, params: Params) -> Answer {
    params.finish()?;
    context.allow(Permission::Edit)?;
    blocking(move || {
        let imports = incoming(&context)?.list()?.into_iter().map(|a| describe(&context, a, false)).collect();
        json(StatusCode::OK, &ImportList { imports })
    })
    .await
}

/// A file on its way in, with what it would do once it is checked.
#[utoipa::path(get, path = "/imports/{id}", operation_id = "getImport", tag = "data", params(("id" = String, Path)), responses(
    (status = 200, body = ImportInfo), (status = 403, description = "no right to change data", body = ProblemDocument),
    (status = 501, description = "the service keeps nothing", body = ProblemDocument)))]
pub(crate) async fn one(context: Context, Path(id): Path<String>, params: Params) -> Answer {
    params.finish()?;
    context.allow(Permission::Edit)?;
    blocking(move || json(StatusCode::OK, &describe(&context, arrival(&context, &id)?, true))).await
}

/// Rows of a class, in the order of the file.
#[utoipa::path(get, path = "/imports/{id}/rows", operation_id = "getImportRows", tag = "data",
    params(("id" = String, Path), RowsParams, crate::http::extract::describe::PageParams), responses(
    (status = 200, body = ImportRows), (status = 403, description = "no right to change data", body = ProblemDocument),
    (status = 409, description = "it is to be checked first", body = ProblemDocument),
    (status = 501, description = "the service keeps nothing", body = ProblemDocument)))]
pub(crate) async fn rows(context: Context, Path(id): Path<String>, mut params: Params) -> Answer {
    context.allow(Permission::Edit)?;
    let class = params
        .choice("class", &CLASSES)?
        .ok_or_else(|| Problem::parameter("class", "必填,如 problem", "is needed, like problem"))?;
    let (offset, limit) = paging(&mut params)?;
    params.finish()?;
    let worker = checked(&context, &id).await?;
    let page = worker.ask(move |work| work.import.page(work.checked, class, offset, limit)).await;
    let (matched, rows) = page.ok_or_else(unchecked)?;
    json(StatusCode::OK, &ImportRows { matched, rows })
}

/// The rows to mend, as a workbook: each as it stands in the file, its cells marked, the reasons beside it.
#[utoipa::path(get, path = "/imports/{id}/faults.xlsx", operation_id = "getImportFaults", tag = "data",
    params(("id" = String, Path), crate::http::extract::describe::LangParams), responses(
    (status = 200, description = "the workbook", content_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    (status = 204, description = "no row is to be mended"),
    (status = 403, description = "no right to change data", body = ProblemDocument),
    (status = 409, description = "it is to be checked first", body = ProblemDocument),
    (status = 501, description = "the service keeps nothing", body = ProblemDocument)))]
pub(crate) async fn faults(context: Context, headers: HeaderMap, Path(id): Path<String>, mut params: Params) -> Answer {
    context.allow(Permission::Edit)?;
    let lang = negotiate::requested_lang(&mut params, &headers)?;
    params.finish()?;
    let worker = checked(&context, &id).await?;
    let made = worker.ask(move |work| work.import.faults(lang)).await.ok_or_else(unchecked)?;
    match made.map_err(|r| refused(&r))? {
        None => Ok(StatusCode::NO_CONTENT.into_response()),
        Some(bytes) => Ok(workbook(bytes, "问题行.xlsx")),
    }
}

/// An empty table to fill in, with drop-downs and notes.
#[utoipa::path(get, path = "/imports/template.xlsx", operation_id = "getImportTemplate", tag = "data", responses(
    (status = 200, description = "the workbook", content_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    (status = 422, description = "the dataset has no register", body = ProblemDocument)))]
pub(crate) async fn blank(context: Context, params: Params) -> Answer {
    params.finish()?;
    blocking(move || {
        let (dataset, _) = context.0.store.dataset().map_err(|e| {
            tracing::error!(error = %e.text().en, "the data can't be read again");
            Problem::of_status(StatusCode::SERVICE_UNAVAILABLE)
        })?;
        Ok(workbook(template(&dataset).map_err(|r| refused(&r))?, "企业名录模板.xlsx"))
    })
    .await
}

/// Drops a file. What it became stays.
#[utoipa::path(delete, path = "/imports/{id}", operation_id = "deleteImport", tag = "data", params(("id" = String, Path)), responses(
    (status = 204, description = "it is gone"),
    (status = 403, description = "no right to change data, or asked by a page of another origin", body = ProblemDocument),
    (status = 501, description = "the service keeps nothing", body = ProblemDocument)))]
pub(crate) async fn delete(context: Context, headers: HeaderMap, Path(id): Path<String>, params: Params) -> Answer {
    params.finish()?;
    changing(&context, &headers, Permission::Edit)?;
    blocking(move || {
        let id = arrival(&context, &id)?.id;
        context.0.workers.clear(&id);
        incoming(&context)?.remove(&id)?;
        Ok(StatusCode::NO_CONTENT.into_response())
    })
    .await
}

fn changing(context: &Context, headers: &HeaderMap, permission: Permission) -> Result<(), Problem> {
    cors::may_change(context, headers)?;
    context.allow(permission)
}

fn incoming(context: &Context) -> Result<Incoming, Problem> {
    context.0.incoming.clone().ok_or_else(|| {
        Problem::new(
            StatusCode::NOT_IMPLEMENTED,
            "keeps-nothing",
            "本服务没有配置数据文件夹,不能导入;管理员可用 --data-dir 开启。",
            "This service has no data folder and can't import; the administrator can add --data-dir.",
        )
    })
}

fn arrival(context: &Context, id: &str) -> Result<Arrival, Problem> {
    incoming(context)?.get(id)?.ok_or_else(|| {
        let shown: String = id.chars().take(40).collect();
        Problem::not_found(
            format!("没有导入 {shown}:可能已删除,或一天内没有提交。请重新上传。"),
            format!("There is no import {shown}: it was deleted, or not submitted within a day. Upload it again."),
        )
    })
}

fn unpublished(context: &Context, id: &str) -> Result<Arrival, Problem> {
    let arrival = arrival(context, id)?;
    match arrival.version.filter(|_| arrival.stage == Stage::Published) {
        None => Ok(arrival),
        Some(n) => Err(Problem::new(
            StatusCode::CONFLICT,
            "published",
            format!("这个文件已提交为版本 v{n}。"),
            format!("This file was published as version {n}."),
        )),
    }
}

/// The worker of a checked file.
async fn checked(context: &Context, id: &str) -> Result<Arc<ImportWorker>, Problem> {
    let (owned, key) = (context.clone(), id.to_owned());
    let known = tokio::task::spawn_blocking(move || unpublished(&owned, &key)).await;
    known.map_err(|_| Problem::of_status(StatusCode::INTERNAL_SERVER_ERROR))??;
    let worker = context.0.workers.find(id).filter(|d| matches!(d.state(), WorkerState::Checked(..)));
    worker.ok_or_else(unchecked)
}

fn unchecked() -> Problem {
    Problem::new(
        StatusCode::CONFLICT,
        "unchecked",
        "请先检查这个文件(检查结果只保留 15 分钟)。",
        "Check this file first (what was found is kept for 15 minutes).",
    )
}

fn refused(refusal: &Refusal) -> Problem {
    let Text { zh, en } = &refusal.message;
    let (zh, en) = (format!("{zh};{}", refusal.remedy.zh), format!("{en}; {}", refusal.remedy.en));
    Problem::new(StatusCode::UNPROCESSABLE_ENTITY, refusal.code, zh, en)
}

fn workbook(bytes: Vec<u8>, name: &str) -> Response {
    let head = [(header::CONTENT_TYPE, Format::Xlsx.media_type()), (header::CACHE_CONTROL, "no-store")];
    let mut response = (head, bytes).into_response();
    attachment(&mut response, name);
    response
}

impl From<IncomingError> for Problem {
    fn from(e: IncomingError) -> Self {
        let (status, code) = match &e {
            IncomingError::TooLarge => (StatusCode::PAYLOAD_TOO_LARGE, "file-too-large"),
            IncomingError::Full => (StatusCode::INSUFFICIENT_STORAGE, "imports-full"),
            IncomingError::Database(_) | IncomingError::Failed(_) => {
                tracing::error!(error = %e, "the folder of incoming files failed");
                (StatusCode::SERVICE_UNAVAILABLE, "data-dir-failed")
            }
        };
        let Text { zh, en } = e.text();
        Self::new(status, code, zh, en)
    }
}
