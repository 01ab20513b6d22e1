//! The steps of a file from its being checked to its being a version: each asks for the one before.

use super::imports;
use super::response::ImportInfo;
use crate::http::admin::checked_note;
use crate::http::admin::versions::{VersionInfo, created};
use crate::http::extract::change::Change;
use crate::http::extract::context::Context;
use crate::http::extract::negotiate;
use crate::http::problem::ProblemDocument;
use crate::http::response::answer::{Answer, json};
use crate::service::accounts::Permission;
use crate::service::imports::ImportOptions;
use axum::extract::Path;
use axum::http::{HeaderMap, StatusCode};
use serde::Deserialize;
use utoipa::ToSchema;

/// A remark.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NoteBody {
    /// At most 500 characters.
    #[serde(default)]
    pub(crate) note: String,
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
pub(crate) async fn check(context: Context, Path(id): Path<String>, change: Change<Option<ImportOptions>>) -> Answer {
    context.allow(Permission::Edit)?;
    let import = imports(&context)?.check(id, change.body()?).await?;
    json(StatusCode::ACCEPTED, &ImportInfo::of(import))
}

/// Leaves a checked import to somebody who may publish it.
#[utoipa::path(post, path = "/imports/{id}/submit", operation_id = "submitImport", tag = "data", params(("id" = String, Path)),
    request_body = NoteBody, responses(
    (status = 200, body = ImportInfo),
    (status = 403, description = "no right to change data, or asked by a page of another origin", body = ProblemDocument),
    (status = 409, description = "it is to be checked first, or published already", body = ProblemDocument),
    (status = 501, description = "the service keeps nothing", body = ProblemDocument)))]
pub(crate) async fn submit(context: Context, Path(id): Path<String>, change: Change<NoteBody>) -> Answer {
    context.allow(Permission::Edit)?;
    let note = checked_note(change.body()?.note)?;
    let import = imports(&context)?.submit(id, note).await?;
    json(StatusCode::OK, &ImportInfo::of(import))
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
    change: Change<NoteBody>,
) -> Answer {
    context.allow(Permission::Publish)?;
    let note = checked_note(change.body()?.note)?;
    let version = imports(&context)?.publish(id, note, context.actor()).await?;
    created(&context, &negotiate::base_url(&context, &headers), version)
}
