//! The steps of a file from its being checked to its being a version: each asks for the one before.

use super::response::{ImportInfo, describe};
use super::{changing, checked, incoming, refused, unchecked, unpublished};
use crate::http::admin::checked_note;
use crate::http::admin::versions::VersionInfo;
use crate::http::extract::context::Context;
use crate::http::extract::params::Params;
use crate::http::extract::{body, negotiate};
use crate::http::problem::{Problem, ProblemDocument};
use crate::http::response::answer::{Answer, blocking, json};
use crate::service::accounts::Permission;
use crate::service::clock;
use crate::service::imports::{CheckedImport, ImportOptions};
use crate::service::store::{Provenance, Stage, Version};
use axum::body::Bytes;
use axum::extract::Path;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::IntoResponse;
use serde::Deserialize;
use utoipa::ToSchema;

/// A remark.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NoteBody {
    /// At most 500 characters.
    #[serde(default)]
    note: String,
}

/// Reads and judges every row against the register as it is now. Ask for the import to see how far that is. `null` instead
/// of options: what was said of this file before, else of the last file with the same columns.
#[utoipa::path(post, path = "/imports/{id}/check", operation_id = "checkImport", tag = "data", params(("id" = String, Path)),
    request_body = Option<ImportOptions>, responses(
    (status = 202, description = "it is being checked", body = ImportInfo),
    (status = 403, description = "no right to change data, or asked by a page of another origin", body = ProblemDocument),
    (status = 409, description = "it is published already", body = ProblemDocument),
    (status = 501, description = "the service keeps nothing", body = ProblemDocument),
    (status = 503, description = "too many files are being checked", body = ProblemDocument)))]
pub(crate) async fn check(
    context: Context,
    headers: HeaderMap,
    Path(id): Path<String>,
    params: Params,
    bytes: Bytes,
) -> Answer {
    params.finish()?;
    changing(&context, &headers, Permission::Edit)?;
    let said: Option<ImportOptions> = body::json(&headers, &bytes)?;
    blocking(move || {
        let incoming = incoming(&context)?;
        let mut arrival = unpublished(&context, &id)?;
        let before = arrival.options.as_deref().and_then(|o| serde_json::from_str(o).ok());
        if said.is_some() && said != before {
            arrival.options = said.as_ref().and_then(|o| serde_json::to_string(o).ok());
            // what was submitted is what was seen; seen otherwise, it is to be submitted again
            arrival.stage = Stage::Received;
            arrival.revision = None;
            incoming.update(&arrival)?;
        }
        let said = said.or(before);
        let opened = context.0.workers.open(context.0.store.clone(), &incoming, &arrival, said);
        if opened.is_none() {
            return Err(Problem::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "busy",
                "正在检查的文件太多,请稍后重试。",
                "Too many files are being checked; try again later.",
            ));
        }
        json(StatusCode::ACCEPTED, &describe(&context, arrival, true))
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
pub(crate) async fn submit(
    context: Context,
    headers: HeaderMap,
    Path(id): Path<String>,
    params: Params,
    bytes: Bytes,
) -> Answer {
    params.finish()?;
    changing(&context, &headers, Permission::Edit)?;
    let note = note(&headers, &bytes)?;
    let worker = checked(&context, &id).await?;
    let looked = worker.ask(|w| (w.import.undecided(), w.base.revision.clone(), w.options.clone())).await;
    let (undecided, revision, options) = looked.ok_or_else(unchecked)?;
    if let Some(refusal) = undecided {
        return Err(refused(&refusal));
    }
    blocking(move || {
        let mut arrival = unpublished(&context, &id)?;
        arrival.stage = Stage::Submitted;
        arrival.revision = Some(revision);
        arrival.options = serde_json::to_string(&options).ok();
        arrival.note = note;
        incoming(&context)?.update(&arrival)?;
        json(StatusCode::OK, &describe(&context, arrival, true))
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
pub(crate) async fn publish(
    context: Context,
    headers: HeaderMap,
    Path(id): Path<String>,
    params: Params,
    bytes: Bytes,
) -> Answer {
    params.finish()?;
    changing(&context, &headers, Permission::Publish)?;
    let note = note(&headers, &bytes)?;
    let base = negotiate::base_url(&context, &headers);
    let worker = checked(&context, &id).await?;
    let published = context.clone();
    let commit = move |work: &CheckedImport| -> Result<Version, Problem> {
        let mut arrival = unpublished(&published, &id)?;
        if let Some(refusal) = work.import.undecided() {
            return Err(refused(&refusal));
        }
        let now = clock::seconds();
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
        published.0.workers.clear(&arrival.id);
        Ok(version)
    };
    let version = worker.ask(commit).await.ok_or_else(unchecked)??;
    let location = format!("{base}/versions/{}", version.number);
    let answer = json(StatusCode::CREATED, &VersionInfo::of(version, context.disclosure()))?;
    Ok(([(header::LOCATION, location)], answer).into_response())
}

fn note(headers: &HeaderMap, bytes: &Bytes) -> Result<String, Problem> {
    let NoteBody { note } = body::json(headers, bytes)?;
    checked_note(note)
}
