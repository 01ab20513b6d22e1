//! `/consultations`: layouts are commented on by participants until a day. Who may edit begins consultations, sees the board and decides
//! what becomes of each comment; a participant has what is its own (`own`). Links and deadlines are those of `/rounds`.

pub(crate) mod own;
pub(crate) mod paper;
mod response;

use crate::http::admin::rounds::{ParticipantLink, seconds};
use crate::http::admin::unfit;
use crate::http::extract::change::{Change, seen};
use crate::http::extract::context::Context;
use crate::http::extract::negotiate;
use crate::http::extract::params::Params;
use crate::http::problem::{Problem, ProblemDocument};
use crate::http::response::answer::{Answer, attachment, json};
use crate::service::accounts::Permission;
use crate::service::clock::DAY;
use crate::service::consultations::{Consultations, NewConsultation, PlanFigure};
use crate::service::rounds::RoundsError;
use crate::service::store::{Decision, NewParticipant};
use axum::extract::Path;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use response::{ConsultationInfo, ConsultationList, NewConsultationInfo, Outcome};
use serde::Deserialize;
use utoipa::ToSchema;

/// Who is asked.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AskedBody {
    /// What it is called: 1 to 80 characters, each name once.
    name: String,
    /// Name of an account that answers for it without a link.
    #[serde(default)]
    account: Option<String>,
}

/// A consultation to begin.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ConsultationBody {
    /// Its title: 1 to 120 characters.
    title: String,
    /// What participants are told; at most 2,000 characters.
    #[serde(default)]
    note: String,
    /// Ids of 1 to 5 layouts. Participants see them as they are now, whatever becomes of them.
    layouts: Vec<String>,
    /// The text of the plan, at most 200,000 characters; empty lines divide its paragraphs.
    #[serde(default)]
    text: String,
    /// Whether the figures of the plan (`/indicators`, those that are no actual ones) can be commented on.
    #[serde(default)]
    figures: bool,
    /// When it ends (RFC 3339).
    deadline: String,
    /// Days after it in which comments are still taken, as late ones.
    #[serde(default)]
    grace_days: u16,
    /// Who is asked: 1 to 200.
    participants: Vec<AskedBody>,
}

/// What becomes of a comment.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct DecisionBody {
    /// What becomes of it.
    outcome: Outcome,
    /// Why: at most 2,000 characters, needed where it is not adopted in full.
    #[serde(default)]
    reason: String,
    /// The version that carried it out; when left out the one that puts its layout into force.
    #[serde(default)]
    version: Option<u64>,
}

/// All consultations, the latest first.
#[utoipa::path(get, path = "/consultations", operation_id = "getConsultations", tag = "plan", responses(
    (status = 200, body = ConsultationList),
    (status = 403, description = "no right to change data", body = ProblemDocument),
    (status = 501, description = "the service keeps nothing: it runs without --data-dir", body = ProblemDocument)))]
pub(crate) async fn list(context: Context, params: Params) -> Answer {
    params.finish()?;
    context.allow(Permission::Edit)?;
    let all = consultations(&context)?.list().await?;
    let consultations = all.into_iter().map(ConsultationInfo::in_list).collect();
    json(StatusCode::OK, &ConsultationList { consultations })
}

/// Begins a consultation. The answer has the links of its participants; they are shown this once.
#[utoipa::path(post, path = "/consultations", operation_id = "postConsultation", tag = "plan", request_body = ConsultationBody, responses(
    (status = 201, body = NewConsultationInfo),
    (status = 403, description = "no right to change data, or asked by a page of another origin", body = ProblemDocument),
    (status = 404, description = "no such layout", body = ProblemDocument),
    (status = 409, description = "a layout is in conflict with what others changed since", body = ProblemDocument),
    (status = 422, description = "a layout has errors, or title, text, deadline or participants do not fit", body = ProblemDocument),
    (status = 501, description = "the service keeps nothing", body = ProblemDocument),
    (status = 507, description = "too many rounds", body = ProblemDocument)))]
pub(crate) async fn make(context: Context, headers: HeaderMap, change: Change<ConsultationBody>) -> Answer {
    context.allow(Permission::Edit)?;
    let consultations = consultations(&context)?;
    let ConsultationBody { title, note, layouts, text, figures, deadline, grace_days, participants } = change.body()?;
    let about = context.describe();
    let stated = about.indicators.iter().filter(|i| figures && i.kind != "actual");
    let new = NewConsultation {
        title,
        note,
        layouts,
        text,
        figures: stated.map(|i| PlanFigure::of(i, &about.manifest.units)).collect(),
        deadline: seconds(&deadline)?,
        grace: i64::from(grace_days) * DAY,
        participants: participants
            .into_iter()
            .map(|p| NewParticipant { name: p.name, zones: vec![], account: p.account })
            .collect(),
    };
    let (board, tokens) = consultations.create(new, context.actor()).await?;
    let base = negotiate::base_url(&context, &headers);
    let links = board.rows.iter().zip(&tokens);
    let links = links.map(|(row, token)| ParticipantLink::of(&base, &row.participant, token)).collect();
    json(StatusCode::CREATED, &NewConsultationInfo { links, consultation: ConsultationInfo::of(board) })
}

/// A consultation with the board of its participants, all comments and what becomes of them.
#[utoipa::path(get, path = "/consultations/{round}", operation_id = "getConsultation", tag = "plan", params(("round" = String, Path)), responses(
    (status = 200, body = ConsultationInfo),
    (status = 403, description = "no right to change data", body = ProblemDocument),
    (status = 404, description = "no such consultation", body = ProblemDocument),
    (status = 501, description = "the service keeps nothing", body = ProblemDocument)))]
pub(crate) async fn one(context: Context, Path(round): Path<String>, params: Params) -> Answer {
    params.finish()?;
    context.allow(Permission::Edit)?;
    json(StatusCode::OK, &ConsultationInfo::of(consultations(&context)?.board(round).await?))
}

/// Says what becomes of a comment: adopted, adopted in part or not, why, and by which version it was carried out.
#[utoipa::path(put, path = "/consultations/{round}/comments/{comment}", operation_id = "putDecision", tag = "plan",
    params(("round" = String, Path), ("comment" = String, Path), ("If-Match" = String, Header, description = "the tag of the comment")),
    request_body = DecisionBody, responses(
    (status = 200, body = ConsultationInfo),
    (status = 403, description = "no right to change data, or asked by a page of another origin", body = ProblemDocument),
    (status = 404, description = "no such consultation or comment", body = ProblemDocument),
    (status = 412, description = "the comment was changed since", body = ProblemDocument),
    (status = 422, description = "no reason, or no such version", body = ProblemDocument),
    (status = 428, description = "no If-Match", body = ProblemDocument),
    (status = 501, description = "the service keeps nothing", body = ProblemDocument)))]
pub(crate) async fn decide(
    context: Context,
    headers: HeaderMap,
    Path((round, comment)): Path<(String, String)>,
    change: Change<DecisionBody>,
) -> Answer {
    context.allow(Permission::Edit)?;
    let consultations = consultations(&context)?;
    let DecisionBody { outcome, reason, version } = change.body()?;
    let by = context.actor();
    let decision = Decision { verdict: outcome.name().to_owned(), reason: reason.trim().to_owned(), version, by };
    let current = context.version().map_or(0, |version| version.number);
    let board = consultations.decide(round, comment, decision, serial(&headers)?, current).await?;
    json(StatusCode::OK, &ConsultationInfo::of(board))
}

/// A file of a comment, to be saved and not shown.
#[utoipa::path(get, path = "/consultations/{round}/attachments/{attachment}", operation_id = "getAttachment", tag = "plan",
    params(("round" = String, Path), ("attachment" = String, Path)), responses(
    (status = 200, description = "the file", content_type = "application/octet-stream"),
    (status = 403, description = "no right to change data", body = ProblemDocument),
    (status = 404, description = "no such file", body = ProblemDocument),
    (status = 501, description = "the service keeps nothing", body = ProblemDocument)))]
pub(crate) async fn file(context: Context, Path((round, id)): Path<(String, String)>, params: Params) -> Answer {
    params.finish()?;
    context.allow(Permission::Edit)?;
    Ok(to_save(consultations(&context)?.file(round, None, id).await?))
}

pub(in crate::http::admin) fn consultations(context: &Context) -> Result<&Consultations, RoundsError> {
    context.0.consultations.as_ref().ok_or(RoundsError::NoFolder)
}

/// The state of a comment that the sender has seen.
fn serial(headers: &HeaderMap) -> Result<u64, Problem> {
    seen(headers)?
        .parse()
        .map_err(|_| unfit("If-Match 应为意见的 tag。".to_owned(), "If-Match is the tag of the comment.".to_owned()))
}

/// A file of a participant: whatever it is, a browser saves it.
fn to_save((name, bytes): (String, Vec<u8>)) -> Response {
    let head = [(header::CONTENT_TYPE, "application/octet-stream"), (header::CACHE_CONTROL, "no-store")];
    let mut response = (head, bytes).into_response();
    attachment(&mut response, &name);
    response
}
