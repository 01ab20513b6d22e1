//! `/rounds/{round}/own/...` of a consultation: a participant, who came by a link or has the account, sees the layouts read-only and
//! comments on them. Nothing of another participant is here.

use super::response::{CommentInfo, OwnConsultation};
use super::{consultations, serial, to_save};
use crate::http::admin::rounds::own::access;
use crate::http::extract::body;
use crate::http::extract::change::{Change, SameOrigin};
use crate::http::extract::context::Context;
use crate::http::extract::params::Params;
use crate::http::extract::quota::Limited;
use crate::http::problem::ProblemDocument;
use crate::http::response::answer::{Answer, json};
use crate::service::consultations::{About, ConsultationsError, Consulted, Content, LARGEST_ATTACHMENT, Said};
use crate::service::store::Access;
use axum::body::{Body, to_bytes};
use axum::extract::Path;
use axum::http::{HeaderMap, StatusCode};
use axum::response::IntoResponse;
use serde::Deserialize;
use serde_json::Value as Json;
use utoipa::{IntoParams, ToSchema};

/// What a participant says.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CommentBody {
    /// What it is about.
    about: About,
    /// Id of the layout; none: all of them, or what is in force.
    #[serde(default)]
    layout: Option<String>,
    /// `collection:id` of a feature or the key of a change, the id of a figure, the number of a paragraph from 1.
    #[serde(default)]
    target: Option<String>,
    /// An outline (GeoJSON, WGS 84): what the comment is about, or, of a feature, what is proposed for it.
    #[serde(default)]
    #[schema(value_type = Option<Object>)]
    geometry: Option<Json>,
    /// What it says: 1 to 4,000 characters.
    text: String,
}

impl From<CommentBody> for Said {
    fn from(CommentBody { about, layout, target, geometry, text }: CommentBody) -> Self {
        Self { about, layout, target, geometry, text }
    }
}

/// Whether a participant has answered in full.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AnsweredBody {
    /// Whether all comments are made; also where there are none.
    answered: bool,
}

/// What is added.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct AttachParams {
    /// Name of the file.
    file: String,
}

fn answer(status: StatusCode, access: &Access, (own, content): (Consulted, Content)) -> Answer {
    json(status, &OwnConsultation::of(&access.round, own, content))
}

/// The consultation as a participant sees it: the layouts as they were when it began, its own comments and what became of them.
#[utoipa::path(get, path = "/rounds/{round}/own/consultation", operation_id = "getOwnConsultation", tag = "plan", params(("round" = String, Path)), responses(
    (status = 200, body = OwnConsultation),
    (status = 401, description = "no link, or one that leads in no more", body = ProblemDocument),
    (status = 403, description = "a link of another round", body = ProblemDocument),
    (status = 404, description = "the round is no consultation", body = ProblemDocument),
    (status = 501, description = "the service keeps nothing", body = ProblemDocument)))]
pub(crate) async fn one(context: Context, Path(round): Path<String>, params: Params) -> Answer {
    params.finish()?;
    let access = access(&context, &round).await?;
    answer(StatusCode::OK, &access, consultations(&context)?.own(&access).await?)
}

/// Makes a comment.
#[utoipa::path(post, path = "/rounds/{round}/own/comments", operation_id = "postComment", tag = "plan", params(("round" = String, Path)),
    request_body = CommentBody, responses(
    (status = 201, body = CommentInfo),
    (status = 401, description = "no link, or one that leads in no more", body = ProblemDocument),
    (status = 403, description = "a link of another round, the time is over, or asked by a page of another origin", body = ProblemDocument),
    (status = 404, description = "the round is no consultation", body = ProblemDocument),
    (status = 409, description = "there are too many comments", body = ProblemDocument),
    (status = 422, description = "it says nothing, or is about nothing that there is", body = ProblemDocument),
    (status = 501, description = "the service keeps nothing", body = ProblemDocument)))]
pub(crate) async fn say(context: Context, Path(round): Path<String>, change: Change<CommentBody>) -> Answer {
    let access = access(&context, &round).await?;
    let (id, own, _) = consultations(&context)?.say(&access, None, change.body()?.into()).await?;
    let made = own.comments.into_iter().find(|row| row.comment.id == id);
    let made = made.ok_or(ConsultationsError::Unknown(id))?;
    json(StatusCode::CREATED, &CommentInfo::own(made, &own.participant))
}

/// Gives an own comment that is not decided another wording.
#[utoipa::path(put, path = "/rounds/{round}/own/comments/{comment}", operation_id = "putComment", tag = "plan",
    params(("round" = String, Path), ("comment" = String, Path), ("If-Match" = String, Header, description = "the tag of the comment")),
    request_body = CommentBody, responses(
    (status = 200, body = OwnConsultation),
    (status = 401, description = "no link, or one that leads in no more", body = ProblemDocument),
    (status = 403, description = "a link of another round, the time is over, or asked by a page of another origin", body = ProblemDocument),
    (status = 404, description = "no such comment of the participant", body = ProblemDocument),
    (status = 409, description = "the comment is decided", body = ProblemDocument),
    (status = 412, description = "the comment was changed since", body = ProblemDocument),
    (status = 422, description = "it says nothing, or is about nothing that there is", body = ProblemDocument),
    (status = 428, description = "no If-Match", body = ProblemDocument),
    (status = 501, description = "the service keeps nothing", body = ProblemDocument)))]
pub(crate) async fn reword(
    context: Context,
    headers: HeaderMap,
    Path((round, comment)): Path<(String, String)>,
    change: Change<CommentBody>,
) -> Answer {
    let access = access(&context, &round).await?;
    let seen = serial(&headers)?;
    let (_, own, content) = consultations(&context)?.say(&access, Some((comment, seen)), change.body()?.into()).await?;
    answer(StatusCode::OK, &access, (own, content))
}

/// Takes an own comment back that is not decided, and its files.
#[utoipa::path(delete, path = "/rounds/{round}/own/comments/{comment}", operation_id = "deleteComment", tag = "plan",
    params(("round" = String, Path), ("comment" = String, Path)), responses(
    (status = 204, description = "it is gone"),
    (status = 401, description = "no link, or one that leads in no more", body = ProblemDocument),
    (status = 403, description = "a link of another round, the time is over, or asked by a page of another origin", body = ProblemDocument),
    (status = 404, description = "no such comment of the participant", body = ProblemDocument),
    (status = 409, description = "the comment is decided", body = ProblemDocument),
    (status = 501, description = "the service keeps nothing", body = ProblemDocument)))]
pub(crate) async fn unsay(context: Context, Path((round, comment)): Path<(String, String)>, _: Change) -> Answer {
    let access = access(&context, &round).await?;
    consultations(&context)?.unsay(&access, comment).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// Adds a file to an own comment: PDF, PNG, JPEG, DOCX or XLSX.
#[utoipa::path(post, path = "/rounds/{round}/own/comments/{comment}/attachments", operation_id = "postAttachment", tag = "plan",
    params(("round" = String, Path), ("comment" = String, Path), AttachParams),
    request_body(content = String, content_type = "application/octet-stream", description = "the file, at most 8 MB"), responses(
    (status = 201, body = OwnConsultation),
    (status = 401, description = "no link, or one that leads in no more", body = ProblemDocument),
    (status = 403, description = "a link of another round, the time is over, or asked by a page of another origin", body = ProblemDocument),
    (status = 404, description = "no such comment of the participant", body = ProblemDocument),
    (status = 409, description = "the comment is decided, or there are too many files", body = ProblemDocument),
    (status = 413, description = "the file is too large", body = ProblemDocument),
    (status = 415, description = "files of this kind are not taken", body = ProblemDocument),
    (status = 429, description = "too many files from one address", body = ProblemDocument, headers(("Retry-After" = u64))),
    (status = 501, description = "the service keeps nothing", body = ProblemDocument)))]
pub(crate) async fn attach(
    context: Context,
    _: SameOrigin,
    headers: HeaderMap,
    Path((round, comment)): Path<(String, String)>,
    params: Params,
    sent: Body,
) -> Answer {
    let AttachParams { file } = params.only()?;
    let access = access(&context, &round).await?;
    body::is_file(&headers)?;
    let consultations = consultations(&context)?;
    let spent = context.spend(Limited::Imports)?;
    let bytes = to_bytes(sent, LARGEST_ATTACHMENT).await.map_err(|_| ConsultationsError::TooLarge)?;
    spent.ended(consultations.attach(&access, comment, file, bytes.into()).await)?;
    answer(StatusCode::CREATED, &access, consultations.own(&access).await?)
}

/// A file of an own comment, to be saved and not shown.
#[utoipa::path(get, path = "/rounds/{round}/own/attachments/{attachment}", operation_id = "getOwnAttachment", tag = "plan",
    params(("round" = String, Path), ("attachment" = String, Path)), responses(
    (status = 200, description = "the file", content_type = "application/octet-stream"),
    (status = 401, description = "no link, or one that leads in no more", body = ProblemDocument),
    (status = 403, description = "a link of another round", body = ProblemDocument),
    (status = 404, description = "no such file of the participant", body = ProblemDocument),
    (status = 501, description = "the service keeps nothing", body = ProblemDocument)))]
pub(crate) async fn file(context: Context, Path((round, id)): Path<(String, String)>, params: Params) -> Answer {
    params.finish()?;
    let access = access(&context, &round).await?;
    Ok(to_save(consultations(&context)?.file(round, Some(access.participant.id), id).await?))
}

/// Says that all comments are made, also where there are none, or takes that back.
#[utoipa::path(put, path = "/rounds/{round}/own/answered", operation_id = "putAnswered", tag = "plan", params(("round" = String, Path)),
    request_body = AnsweredBody, responses(
    (status = 200, body = OwnConsultation),
    (status = 401, description = "no link, or one that leads in no more", body = ProblemDocument),
    (status = 403, description = "a link of another round, the time is over, or asked by a page of another origin", body = ProblemDocument),
    (status = 404, description = "the round is no consultation", body = ProblemDocument),
    (status = 501, description = "the service keeps nothing", body = ProblemDocument)))]
pub(crate) async fn answered(context: Context, Path(round): Path<String>, change: Change<AnsweredBody>) -> Answer {
    let access = access(&context, &round).await?;
    answer(StatusCode::OK, &access, consultations(&context)?.answer(&access, change.body()?.answered).await?)
}
