//! A draft on its way to a version: left to somebody who may publish it, given back, saved.

use super::response::DraftInfo;
use super::{answer, drafts, own};
use crate::http::admin::checked_note;
use crate::http::admin::imports::NoteBody;
use crate::http::admin::versions::{VersionInfo, created};
use crate::http::extract::change::{Change, seen};
use crate::http::extract::context::Context;
use crate::http::extract::negotiate;
use crate::http::problem::ProblemDocument;
use crate::http::response::answer::Answer;
use crate::service::accounts::Permission;
use axum::extract::Path;
use axum::http::HeaderMap;

/// Leaves the own draft to somebody who may publish it. The remark says why the data are changed.
#[utoipa::path(post, path = "/drafts/{owner}/submit", operation_id = "submitDraft", tag = "data",
    params(("owner" = String, Path), ("If-Match" = String, Header, description = "the tag of the draft")),
    request_body = NoteBody, responses(
    (status = 200, body = DraftInfo, headers(("ETag" = String))),
    (status = 403, description = "no right to change data, or asked by a page of another origin", body = ProblemDocument),
    (status = 404, description = "no such draft of this reader", body = ProblemDocument),
    (status = 409, description = "changes are in conflict with those of others, or the draft is submitted", body = ProblemDocument),
    (status = 412, description = "the draft was changed since", body = ProblemDocument),
    (status = 422, description = "changes have errors, or no reason is given", body = ProblemDocument),
    (status = 428, description = "no If-Match", body = ProblemDocument),
    (status = 501, description = "the service keeps nothing", body = ProblemDocument)))]
pub(crate) async fn submit(
    context: Context,
    headers: HeaderMap,
    Path(owner): Path<String>,
    change: Change<NoteBody>,
) -> Answer {
    let own = own(&context, owner)?;
    let note = checked_note(change.body()?.note)?;
    let judged = drafts(&context)?.submit(own, note, seen(&headers)?).await?;
    answer(&context, judged)
}

/// Gives a submitted draft back to its owner: the owner withdraws it, or who may publish it says what is to be mended.
#[utoipa::path(post, path = "/drafts/{owner}/return", operation_id = "returnDraft", tag = "data",
    params(("owner" = String, Path), ("If-Match" = String, Header, description = "the tag of the draft")),
    request_body = NoteBody, responses(
    (status = 200, body = DraftInfo, headers(("ETag" = String))),
    (status = 403, description = "no right to change data, or asked by a page of another origin", body = ProblemDocument),
    (status = 404, description = "no such draft for this reader", body = ProblemDocument),
    (status = 412, description = "the draft was changed since", body = ProblemDocument),
    (status = 428, description = "no If-Match", body = ProblemDocument),
    (status = 501, description = "the service keeps nothing", body = ProblemDocument)))]
pub(crate) async fn give_back(
    context: Context,
    headers: HeaderMap,
    Path(owner): Path<String>,
    change: Change<NoteBody>,
) -> Answer {
    context.allow(Permission::Edit)?;
    let note = checked_note(change.body()?.note)?;
    let releases = context.reader().may(Permission::Publish);
    let judged = drafts(&context)?.give_back(owner, context.actor(), releases, note, seen(&headers)?).await?;
    answer(&context, judged)
}

/// Saves a draft as one version, in the name of its owner. Changes that others have made since are kept where they are of
/// other rows or fields; where they are of the same field, nothing is saved.
#[utoipa::path(post, path = "/drafts/{owner}/publish", operation_id = "publishDraft", tag = "data",
    params(("owner" = String, Path), ("If-Match" = String, Header, description = "the tag of the draft")),
    request_body = NoteBody, responses(
    (status = 201, description = "it is served now", body = VersionInfo, headers(("Location" = String))),
    (status = 403, description = "no right to publish, another has to, or asked by a page of another origin", body = ProblemDocument),
    (status = 404, description = "no such draft for this reader", body = ProblemDocument),
    (status = 409, description = "changes are in conflict with those of others", body = ProblemDocument),
    (status = 412, description = "the draft was changed since", body = ProblemDocument),
    (status = 422, description = "changes have errors, or no reason is given", body = ProblemDocument),
    (status = 428, description = "no If-Match", body = ProblemDocument),
    (status = 501, description = "the service keeps nothing", body = ProblemDocument),
    (status = 507, description = "the disk is full", body = ProblemDocument)))]
pub(crate) async fn publish(
    context: Context,
    headers: HeaderMap,
    Path(owner): Path<String>,
    change: Change<NoteBody>,
) -> Answer {
    context.allow(Permission::Publish)?;
    let note = checked_note(change.body()?.note)?;
    let version = drafts(&context)?.publish(owner, context.actor(), note, seen(&headers)?).await?;
    created(&context, &negotiate::base_url(&context, &headers), version)
}
