//! `/imports`: a department's file on its way in. It is sent, checked at a desk (`desk`), looked at row by row, submitted
//! or published as a version of the register. Until then nothing changes.

mod desk;
mod options;
mod receive;

pub(super) use desk::Desks;

use super::App;
use super::answer::{Answer, attachment, to_json};
use super::items::paging;
use super::links::JSON;
use super::params::Params;
use super::problem::{Problem, ProblemDocument};
use super::right::Right;
use super::summary::blocking;
use super::versions::{VersionInfo, moment};
use super::{body, cors, negotiate, time};
use crate::intake::{Class, Outcome, Preview, Refusal, template};
use crate::model::Text;
use crate::report::Format;
use crate::store::{Arrival, Incoming, IncomingError, Provenance, Stage};
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use desk::{Desk, Seen};
use options::OptionsBody;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::{IntoParams, ToSchema};

pub(super) use receive::{__path_receive, receive};

/// Characters of a remark.
const LONGEST_NOTE: usize = 500;
/// Classes of rows; `None` are the enterprises that the file does not name.
const CLASSES: [(&str, Option<Class>); 6] = [
    ("new", Some(Class::New)),
    ("changed", Some(Class::Changed)),
    ("moved", Some(Class::Moved)),
    ("problem", Some(Class::Problem)),
    ("unchanged", Some(Class::Unchanged)),
    ("absent", None),
];

/// How far an import has come.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum ImportState {
    /// The file is there; it is to be checked (again).
    Received,
    /// It is being read and judged.
    Checking,
    /// It is judged; nothing has changed yet.
    Checked,
    /// It can't be imported as it is; `refusal` says why.
    Refused,
    /// It waits for somebody who may publish it.
    Submitted,
    /// It became `version`.
    Published,
}

/// Rows that are judged.
#[derive(Debug, Serialize, ToSchema)]
struct Progress {
    /// Of these.
    done: usize,
    /// Rows in all; 0 while the file is being read.
    total: usize,
}

/// A file on its way in.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ImportInfo {
    /// Its id.
    id: String,
    /// Its name where it came from.
    file: String,
    /// Its size.
    bytes: u64,
    /// SHA-256 of its bytes.
    sha256: String,
    /// When it came (RFC 3339, UTC).
    received: String,
    /// Who sent it.
    actor: String,
    /// How far it has come.
    state: ImportState,
    /// While it is being checked.
    progress: Option<Progress>,
    /// What was said about it; what was said of the last file with the same columns where nothing was.
    options: OptionsBody,
    /// What it would do, once it is checked.
    outcome: Option<Outcome>,
    /// Why it can't be imported as it is.
    refusal: Option<Refusal>,
    /// Revision of the data against which it was checked.
    revision: Option<String>,
    /// Remark to whoever publishes it.
    note: String,
    /// The version that it became.
    version: Option<u64>,
}

/// All files on their way in.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ImportList {
    /// The latest first; without their reports.
    imports: Vec<ImportInfo>,
}

/// Rows of an import.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ImportRows {
    /// Rows of the class in all.
    matched: usize,
    /// A page of them.
    rows: Vec<Preview>,
}

/// A remark.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NoteBody {
    /// At most 500 characters.
    #[serde(default)]
    note: String,
}

/// Which rows.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[allow(dead_code, reason = "only described; `Params` reads them")]
pub(super) struct RowsParams {
    /// `new`, `changed`, `moved`, `problem`, `unchanged`, or `absent`: enterprises that the file does not name.
    class: String,
}

/// The files on their way in, the latest first.
#[utoipa::path(get, path = "/imports", operation_id = "getImports", tag = "data", responses(
    (status = 200, body = ImportList), (status = 403, description = "no right to change data", body = ProblemDocument),
    (status = 501, description = "the service keeps nothing: it runs without --data-dir", body = ProblemDocument)))]
pub(super) async fn list(State(app): State<App>, params: Params) -> Answer {
    params.finish()?;
    app.allow(Right::Edit)?;
    blocking(move || {
        let imports = incoming(&app)?.list()?.into_iter().map(|a| told(&app, a, false)).collect();
        json(StatusCode::OK, &ImportList { imports })
    })
    .await
}

/// A file on its way in, with what it would do once it is checked.
#[utoipa::path(get, path = "/imports/{id}", operation_id = "getImport", tag = "data", params(("id" = String, Path)), responses(
    (status = 200, body = ImportInfo), (status = 403, description = "no right to change data", body = ProblemDocument),
    (status = 501, description = "the service keeps nothing", body = ProblemDocument)))]
pub(super) async fn one(State(app): State<App>, Path(id): Path<String>, params: Params) -> Answer {
    params.finish()?;
    app.allow(Right::Edit)?;
    blocking(move || json(StatusCode::OK, &told(&app, arrival(&app, &id)?, true))).await
}

/// Reads and judges every row against the register as it is now. Ask for the import to see how far that is. `null` instead
/// of options: what was said of this file before, else of the last file with the same columns.
#[utoipa::path(post, path = "/imports/{id}/check", operation_id = "checkImport", tag = "data", params(("id" = String, Path)),
    request_body = Option<OptionsBody>, responses(
    (status = 202, description = "it is being checked", body = ImportInfo),
    (status = 403, description = "no right to change data, or asked by a page of another origin", body = ProblemDocument),
    (status = 409, description = "it is published already", body = ProblemDocument),
    (status = 501, description = "the service keeps nothing", body = ProblemDocument),
    (status = 503, description = "too many files are being checked", body = ProblemDocument)))]
pub(super) async fn check(
    State(app): State<App>,
    headers: HeaderMap,
    Path(id): Path<String>,
    params: Params,
    bytes: Bytes,
) -> Answer {
    params.finish()?;
    changing(&app, &headers, Right::Edit)?;
    let said: Option<OptionsBody> = body::json(&headers, &bytes)?;
    blocking(move || {
        let incoming = incoming(&app)?;
        let mut arrival = unpublished(&app, &id)?;
        let before = arrival.options.as_deref().and_then(|o| serde_json::from_str(o).ok());
        if said.is_some() && said != before {
            arrival.options = said.as_ref().and_then(|o| serde_json::to_string(o).ok());
            // what was submitted is what was seen; seen otherwise, it is to be submitted again
            arrival.stage = Stage::Received;
            arrival.revision = None;
            incoming.update(&arrival)?;
        }
        let said = said.or(before);
        let opened = app.0.desks.open(app.0.store.clone(), &incoming, &arrival, said);
        if opened.is_none() {
            return Err(Problem::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "busy",
                "正在检查的文件太多,请稍后重试。",
                "Too many files are being checked; try again later.",
            ));
        }
        json(StatusCode::ACCEPTED, &told(&app, arrival, true))
    })
    .await
}

/// Rows of a class, in the order of the file.
#[utoipa::path(get, path = "/imports/{id}/rows", operation_id = "getImportRows", tag = "data",
    params(("id" = String, Path), RowsParams, super::describe::PageParams), responses(
    (status = 200, body = ImportRows), (status = 403, description = "no right to change data", body = ProblemDocument),
    (status = 409, description = "it is to be checked first", body = ProblemDocument),
    (status = 501, description = "the service keeps nothing", body = ProblemDocument)))]
pub(super) async fn rows(State(app): State<App>, Path(id): Path<String>, mut params: Params) -> Answer {
    app.allow(Right::Edit)?;
    let class = params
        .choice("class", &CLASSES)?
        .ok_or_else(|| Problem::parameter("class", "必填,如 problem", "is needed, like problem"))?;
    let (offset, limit) = paging(&mut params)?;
    params.finish()?;
    let desk = at_desk(&app, &id).await?;
    let page = desk.ask(move |work| work.import.page(work.checked, class, offset, limit)).await;
    let (matched, rows) = page.ok_or_else(unchecked)?;
    json(StatusCode::OK, &ImportRows { matched, rows })
}

/// The rows to mend, as a workbook: each as it stands in the file, its cells marked, the reasons beside it.
#[utoipa::path(get, path = "/imports/{id}/faults.xlsx", operation_id = "getImportFaults", tag = "data",
    params(("id" = String, Path), super::describe::LangParams), responses(
    (status = 200, description = "the workbook", content_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    (status = 204, description = "no row is to be mended"),
    (status = 403, description = "no right to change data", body = ProblemDocument),
    (status = 409, description = "it is to be checked first", body = ProblemDocument),
    (status = 501, description = "the service keeps nothing", body = ProblemDocument)))]
pub(super) async fn faults(
    State(app): State<App>,
    headers: HeaderMap,
    Path(id): Path<String>,
    mut params: Params,
) -> Answer {
    app.allow(Right::Edit)?;
    let lang = negotiate::asked_lang(&mut params, &headers)?;
    params.finish()?;
    let desk = at_desk(&app, &id).await?;
    let made = desk.ask(move |work| work.import.faults(lang)).await.ok_or_else(unchecked)?;
    match made.map_err(|r| refused(&r))? {
        None => Ok(StatusCode::NO_CONTENT.into_response()),
        Some(bytes) => Ok(workbook(bytes, "问题行.xlsx")),
    }
}

/// An empty table to fill in, with drop-downs and notes.
#[utoipa::path(get, path = "/imports/template.xlsx", operation_id = "getImportTemplate", tag = "data", responses(
    (status = 200, description = "the workbook", content_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    (status = 422, description = "the dataset has no register", body = ProblemDocument)))]
pub(super) async fn blank(State(app): State<App>, params: Params) -> Answer {
    params.finish()?;
    blocking(move || {
        let (dataset, _) = app.0.store.dataset().map_err(|e| {
            tracing::error!(error = %e.text().en, "the data can't be read again");
            Problem::of_status(StatusCode::SERVICE_UNAVAILABLE)
        })?;
        Ok(workbook(template(&dataset).map_err(|r| refused(&r))?, "企业名录模板.xlsx"))
    })
    .await
}

/// Leaves a checked import to somebody who may publish it.
#[utoipa::path(post, path = "/imports/{id}/submit", operation_id = "submitImport", tag = "data", params(("id" = String, Path)),
    request_body = NoteBody, responses(
    (status = 200, body = ImportInfo),
    (status = 403, description = "no right to change data, or asked by a page of another origin", body = ProblemDocument),
    (status = 409, description = "it is to be checked first, or published already", body = ProblemDocument),
    (status = 501, description = "the service keeps nothing", body = ProblemDocument)))]
pub(super) async fn submit(
    State(app): State<App>,
    headers: HeaderMap,
    Path(id): Path<String>,
    params: Params,
    bytes: Bytes,
) -> Answer {
    params.finish()?;
    changing(&app, &headers, Right::Edit)?;
    let note = note(&headers, &bytes)?;
    let desk = at_desk(&app, &id).await?;
    let looked = desk.ask(|w| (w.import.undecided(), w.base.revision.clone(), w.options.clone())).await;
    let (undecided, revision, options) = looked.ok_or_else(unchecked)?;
    if let Some(refusal) = undecided {
        return Err(refused(&refusal));
    }
    blocking(move || {
        let mut arrival = unpublished(&app, &id)?;
        arrival.stage = Stage::Submitted;
        arrival.revision = Some(revision);
        arrival.options = serde_json::to_string(&options).ok();
        arrival.note = note;
        incoming(&app)?.update(&arrival)?;
        json(StatusCode::OK, &told(&app, arrival, true))
    })
    .await
}

/// Makes a checked import the register, as a new version. Rows with errors are left out.
#[utoipa::path(post, path = "/imports/{id}/publish", operation_id = "publishImport", tag = "data", params(("id" = String, Path)),
    request_body = NoteBody, responses(
    (status = 201, description = "it is served now", body = VersionInfo, headers(("Location" = String))),
    (status = 403, description = "no right to publish, or asked by a page of another origin", body = ProblemDocument),
    (status = 409, description = "it is to be checked (again): the register has changed, or it is published already", body = ProblemDocument),
    (status = 501, description = "the service keeps nothing", body = ProblemDocument),
    (status = 503, description = "the data folder failed", body = ProblemDocument),
    (status = 507, description = "the disk is full", body = ProblemDocument)))]
pub(super) async fn publish(
    State(app): State<App>,
    headers: HeaderMap,
    Path(id): Path<String>,
    params: Params,
    bytes: Bytes,
) -> Answer {
    params.finish()?;
    changing(&app, &headers, Right::Publish)?;
    let note = note(&headers, &bytes)?;
    let base = negotiate::base_url(&app, &headers);
    let desk = at_desk(&app, &id).await?;
    let published = app.clone();
    let commit = move |work: &desk::Work| -> Result<crate::store::Version, Problem> {
        let mut arrival = unpublished(&published, &id)?;
        if let Some(refusal) = work.import.undecided() {
            return Err(refused(&refusal));
        }
        let now = seconds();
        let from = Provenance {
            actor: published.actor(),
            file: Some(arrival.file.clone()),
            file_sha256: Some(arrival.sha256.clone()),
            note: if note.is_empty() { arrival.note.clone() } else { note },
            now,
            left_out: work.checked.outcome.counts.problem,
        };
        let version = published.0.store.commit(work.base, work.import, &from)?;
        arrival.stage = Stage::Published;
        arrival.version = Some(version.number);
        arrival.note.clone_from(&from.note);
        // the version stands, whatever becomes of the file it came from
        let kept = incoming(&published)?;
        let lasting = serde_json::to_string(&work.options.lasting()).unwrap_or_default();
        let noted = kept.remember(work.columns, &lasting, now).and_then(|()| kept.update(&arrival));
        if let Err(e) = noted {
            tracing::error!(error = %e, "a published import was not noted as such");
        }
        published.0.desks.clear(&arrival.id);
        Ok(version)
    };
    let version = desk.ask(commit).await.ok_or_else(unchecked)??;
    let location = format!("{base}/versions/{}", version.number);
    let answer = json(StatusCode::CREATED, &VersionInfo::of(version, app.disclosure()))?;
    Ok(([(header::LOCATION, location)], answer).into_response())
}

/// Drops a file. What it became stays.
#[utoipa::path(delete, path = "/imports/{id}", operation_id = "deleteImport", tag = "data", params(("id" = String, Path)), responses(
    (status = 204, description = "it is gone"),
    (status = 403, description = "no right to change data, or asked by a page of another origin", body = ProblemDocument),
    (status = 501, description = "the service keeps nothing", body = ProblemDocument)))]
pub(super) async fn delete(
    State(app): State<App>,
    headers: HeaderMap,
    Path(id): Path<String>,
    params: Params,
) -> Answer {
    params.finish()?;
    changing(&app, &headers, Right::Edit)?;
    blocking(move || {
        let id = arrival(&app, &id)?.id;
        app.0.desks.clear(&id);
        incoming(&app)?.remove(&id)?;
        Ok(StatusCode::NO_CONTENT.into_response())
    })
    .await
}

fn changing(app: &App, headers: &HeaderMap, right: Right) -> Result<(), Problem> {
    cors::may_change(app, headers)?;
    app.allow(right)
}

fn incoming(app: &App) -> Result<Incoming, Problem> {
    app.0.incoming.clone().ok_or_else(|| {
        Problem::new(
            StatusCode::NOT_IMPLEMENTED,
            "keeps-nothing",
            "本服务没有配置数据文件夹,不能导入;管理员可用 --data-dir 开启。",
            "This service has no data folder and can't import; the administrator can add --data-dir.",
        )
    })
}

fn arrival(app: &App, id: &str) -> Result<Arrival, Problem> {
    incoming(app)?.get(id)?.ok_or_else(|| {
        let shown: String = id.chars().take(40).collect();
        Problem::not_found(
            format!("没有导入 {shown}:可能已删除,或一天内没有提交。请重新上传。"),
            format!("There is no import {shown}: it was deleted, or not submitted within a day. Upload it again."),
        )
    })
}

fn unpublished(app: &App, id: &str) -> Result<Arrival, Problem> {
    let arrival = arrival(app, id)?;
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

/// The desk at which a file lies checked.
async fn at_desk(app: &App, id: &str) -> Result<Arc<Desk>, Problem> {
    let (asked, key) = (app.clone(), id.to_owned());
    let known = tokio::task::spawn_blocking(move || unpublished(&asked, &key)).await;
    known.map_err(|_| Problem::of_status(StatusCode::INTERNAL_SERVER_ERROR))??;
    let desk = app.0.desks.find(id).filter(|d| matches!(d.seen(), Seen::Checked(..)));
    desk.ok_or_else(unchecked)
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

fn note(headers: &HeaderMap, bytes: &Bytes) -> Result<String, Problem> {
    let NoteBody { note } = body::json(headers, bytes)?;
    if note.chars().count() <= LONGEST_NOTE {
        return Ok(note);
    }
    Err(Problem::new(
        StatusCode::UNPROCESSABLE_ENTITY,
        "note-too-long",
        format!("备注最多 {LONGEST_NOTE} 个字。"),
        format!("The remark may have {LONGEST_NOTE} characters."),
    ))
}

fn seconds() -> i64 {
    time::now().micros().div_euclid(1_000_000)
}

/// An import as it is told; with the report where one asks for it alone.
fn told(app: &App, a: Arrival, whole: bool) -> ImportInfo {
    let desk = app.0.desks.find(&a.id);
    let seen = desk.as_ref().map(|d| d.seen());
    let (mut state, mut outcome, mut refusal, mut progress) = (ImportState::Received, None, None, None);
    let mut revision = a.revision;
    let mut options = a.options.as_deref().and_then(|o| serde_json::from_str(o).ok()).unwrap_or_default();
    match seen {
        Some(Seen::Checking) => {
            state = ImportState::Checking;
            let (done, total) = desk.map_or((0, 0), |d| d.progress());
            progress = Some(Progress { done, total });
        }
        Some(Seen::Refused(why)) => (state, refusal) = (ImportState::Refused, Some(why)),
        Some(Seen::Failed(text)) => {
            (state, refusal) = (ImportState::Refused, Some(Refusal::new("check-failed", text)));
        }
        Some(Seen::Checked(found, base, under)) => {
            (state, options, revision) = (ImportState::Checked, under, Some(base.revision));
            outcome = whole.then(|| Outcome::clone(&found));
        }
        Some(Seen::Cleared) | None => {}
    }
    match a.stage {
        // that it waits is said unless something goes on
        Stage::Submitted if matches!(state, ImportState::Received | ImportState::Checked) => {
            state = ImportState::Submitted;
        }
        Stage::Received | Stage::Submitted => {}
        Stage::Published => state = ImportState::Published,
    }
    ImportInfo {
        id: a.id,
        file: a.file,
        bytes: a.bytes,
        sha256: a.sha256,
        received: moment(a.received),
        actor: a.actor,
        state,
        progress,
        options,
        outcome,
        refusal,
        revision,
        note: a.note,
        version: a.version,
    }
}

fn workbook(bytes: Vec<u8>, name: &str) -> Response {
    let head = [(header::CONTENT_TYPE, Format::Xlsx.media_type()), (header::CACHE_CONTROL, "no-store")];
    let mut response = (head, bytes).into_response();
    attachment(&mut response, name);
    response
}

fn json<T: Serialize>(status: StatusCode, value: &T) -> Answer {
    let head = [(header::CONTENT_TYPE, JSON), (header::CACHE_CONTROL, "no-store")];
    Ok((status, head, to_json(value)?).into_response())
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
