//! `/rounds`: figures are asked of participants by a day. Who may edit makes rounds, hands out links and sees the board; who may
//! publish merges what is accepted into one version; a participant has what is its own (`own`).

pub(crate) mod own;
mod response;

use crate::core::columns::Moment;
use crate::http::admin::imports::to_mend;
use crate::http::admin::versions::{VersionInfo, created};
use crate::http::admin::{checked_note, unfit};
use crate::http::extract::change::Change;
use crate::http::extract::context::Context;
use crate::http::extract::negotiate;
use crate::http::extract::params::Params;
use crate::http::extract::shared::LangParams;
use crate::http::problem::{Problem, ProblemDocument};
use crate::http::response::answer::{Answer, json};
use crate::service::accounts::Permission;
use crate::service::clock::DAY;
use crate::service::rounds::{NewRound, Rounds, RoundsError};
use crate::service::store::{NewParticipant, RoundChange};
use axum::extract::Path;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::IntoResponse;
pub(in crate::http::admin) use response::ParticipantLink;
use response::{NewRoundInfo, RoundInfo, RoundList};
use serde::Deserialize;
use utoipa::ToSchema;

/// Days of grace where nothing is said.
const GRACE_DAYS: u16 = 7;

/// A participant to ask.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ParticipantBody {
    /// What it is called: 1 to 80 characters, each name once.
    name: String,
    /// Ids of the zones that it answers for.
    zones: Vec<String>,
}

/// A round to make.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RoundBody {
    /// Its title: 1 to 120 characters.
    title: String,
    /// Id of the table that it asks for; the main one when left out.
    #[serde(default)]
    table: Option<String>,
    /// What participants are told; at most 2,000 characters.
    #[serde(default)]
    note: String,
    /// When it ends (RFC 3339).
    deadline: String,
    /// Days after it in which files are still taken, as late ones; 7 when left out.
    #[serde(default = "grace_days")]
    grace_days: u16,
    /// Who is asked: 1 to 200.
    participants: Vec<ParticipantBody>,
}

fn grace_days() -> u16 {
    GRACE_DAYS
}

/// What is to be different about a round.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RoundChangeBody {
    /// When it ends (RFC 3339).
    #[serde(default)]
    deadline: Option<String>,
    /// Days after it in which files are still taken.
    #[serde(default)]
    grace_days: Option<u16>,
    /// Whether it is closed: then no link leads in.
    #[serde(default)]
    closed: Option<bool>,
}

/// What is merged.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct MergeBody {
    /// Remark of the version, at most 500 characters; title and participants when left out.
    #[serde(default)]
    note: String,
    /// Ids of participants whose deliveries are left for later.
    #[serde(default)]
    without: Vec<String>,
}

/// All rounds, the latest first.
#[utoipa::path(get, path = "/rounds", operation_id = "getRounds", tag = "rounds", responses(
    (status = 200, body = RoundList),
    (status = 403, description = "no right to change data", body = ProblemDocument),
    (status = 501, description = "the service keeps nothing: it runs without --data-dir", body = ProblemDocument)))]
pub(crate) async fn list(context: Context, params: Params) -> Answer {
    params.finish()?;
    context.allow(Permission::Edit)?;
    let rounds = rounds(&context)?.list().await?.into_iter().map(RoundInfo::in_list).collect();
    json(StatusCode::OK, &RoundList { rounds })
}

/// Makes a round. The answer has the links of its participants; they are shown this once.
#[utoipa::path(post, path = "/rounds", operation_id = "postRound", tag = "rounds", request_body = RoundBody, responses(
    (status = 201, body = NewRoundInfo, headers(("Location" = String))),
    (status = 403, description = "no right to change data, or asked by a page of another origin", body = ProblemDocument),
    (status = 422, description = "title, deadline, table or participants do not fit", body = ProblemDocument),
    (status = 501, description = "the service keeps nothing", body = ProblemDocument),
    (status = 507, description = "too many rounds", body = ProblemDocument)))]
pub(crate) async fn make(context: Context, headers: HeaderMap, change: Change<RoundBody>) -> Answer {
    context.allow(Permission::Edit)?;
    let rounds = rounds(&context)?;
    let RoundBody { title, table, note, deadline, grace_days, participants } = change.body()?;
    let new = NewRound {
        title,
        table: table_of(&context, table)?,
        note,
        deadline: seconds(&deadline)?,
        grace: i64::from(grace_days) * DAY,
        participants: participants
            .into_iter()
            .map(|p| NewParticipant { name: p.name, zones: p.zones, account: None })
            .collect(),
    };
    let about = context.snapshot().clone();
    let is_zone = move |id: &str| about.describe().is_district(id);
    let (board, tokens) = rounds.create(new, context.actor(), is_zone).await?;
    let base = negotiate::base_url(&context, &headers);
    let links = board.rows.iter().zip(&tokens);
    let links = links.map(|(row, token)| ParticipantLink::of(&base, &row.participant, token)).collect();
    let location = format!("{base}/rounds/{}", board.round.id);
    let answer = json(StatusCode::CREATED, &NewRoundInfo { round: RoundInfo::of(board), links })?;
    Ok(([(header::LOCATION, location)], answer).into_response())
}

/// A round with the board of its participants: delivered, faulty, missing, late.
#[utoipa::path(get, path = "/rounds/{round}", operation_id = "getRound", tag = "rounds", params(("round" = String, Path)), responses(
    (status = 200, body = RoundInfo),
    (status = 403, description = "no right to change data", body = ProblemDocument),
    (status = 404, description = "no such round", body = ProblemDocument),
    (status = 501, description = "the service keeps nothing", body = ProblemDocument)))]
pub(crate) async fn one(context: Context, Path(round): Path<String>, params: Params) -> Answer {
    params.finish()?;
    context.allow(Permission::Edit)?;
    json(StatusCode::OK, &RoundInfo::of(rounds(&context)?.board(round).await?))
}

/// Moves the deadline of a round, closes it or opens it again.
#[utoipa::path(patch, path = "/rounds/{round}", operation_id = "patchRound", tag = "rounds", params(("round" = String, Path)),
    request_body = RoundChangeBody, responses(
    (status = 200, body = RoundInfo),
    (status = 403, description = "no right to change data, or asked by a page of another origin", body = ProblemDocument),
    (status = 404, description = "no such round", body = ProblemDocument),
    (status = 422, description = "the deadline or the grace does not fit", body = ProblemDocument),
    (status = 501, description = "the service keeps nothing", body = ProblemDocument)))]
pub(crate) async fn change(context: Context, Path(round): Path<String>, change: Change<RoundChangeBody>) -> Answer {
    context.allow(Permission::Edit)?;
    let RoundChangeBody { deadline, grace_days, closed } = change.body()?;
    let wanted = RoundChange {
        deadline: deadline.as_deref().map(seconds).transpose()?,
        grace: grace_days.map(|days| i64::from(days) * DAY),
        closed,
    };
    json(StatusCode::OK, &RoundInfo::of(rounds(&context)?.change(round, wanted).await?))
}

/// Another link for a participant; the one of before leads nowhere from now on.
#[utoipa::path(post, path = "/rounds/{round}/participants/{participant}/link", operation_id = "renewLink", tag = "rounds",
    params(("round" = String, Path), ("participant" = String, Path)), responses(
    (status = 200, body = ParticipantLink),
    (status = 403, description = "no right to change data, or asked by a page of another origin", body = ProblemDocument),
    (status = 404, description = "no such participant", body = ProblemDocument),
    (status = 501, description = "the service keeps nothing", body = ProblemDocument)))]
pub(crate) async fn renew(
    context: Context,
    headers: HeaderMap,
    Path((round, participant)): Path<(String, String)>,
    _: Change,
) -> Answer {
    context.allow(Permission::Edit)?;
    let (participant, token) = rounds(&context)?.renew(round, participant).await?;
    json(StatusCode::OK, &ParticipantLink::of(&negotiate::base_url(&context, &headers), &participant, &token))
}

/// Revokes a participant's link: it leads nowhere from now on. What was delivered stays.
#[utoipa::path(delete, path = "/rounds/{round}/participants/{participant}/link", operation_id = "revokeLink", tag = "rounds",
    params(("round" = String, Path), ("participant" = String, Path)), responses(
    (status = 204, description = "it is revoked"),
    (status = 403, description = "no right to change data, or asked by a page of another origin", body = ProblemDocument),
    (status = 404, description = "no such participant", body = ProblemDocument),
    (status = 501, description = "the service keeps nothing", body = ProblemDocument)))]
pub(crate) async fn revoke(context: Context, Path((round, participant)): Path<(String, String)>, _: Change) -> Answer {
    context.allow(Permission::Edit)?;
    rounds(&context)?.revoke(round, participant).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// The rows to mend of what a participant sent last, as the participant has them.
#[utoipa::path(get, path = "/rounds/{round}/participants/{participant}/faults.xlsx", operation_id = "getParticipantFaults", tag = "rounds",
    params(("round" = String, Path), ("participant" = String, Path), LangParams), responses(
    (status = 200, description = "the workbook", content_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    (status = 204, description = "no row is to be mended"),
    (status = 403, description = "no right to change data", body = ProblemDocument),
    (status = 404, description = "no such participant, or nothing was delivered", body = ProblemDocument),
    (status = 422, description = "the file can't be read", body = ProblemDocument),
    (status = 501, description = "the service keeps nothing", body = ProblemDocument)))]
pub(crate) async fn faults(
    context: Context,
    headers: HeaderMap,
    Path((round, participant)): Path<(String, String)>,
    params: Params,
) -> Answer {
    context.allow(Permission::Edit)?;
    let lang = params.only::<LangParams>()?.lang(&headers);
    Ok(to_mend(rounds(&context)?.faults(round, participant, lang).await?))
}

/// Makes one version of all accepted deliveries that are in none yet. What was judged against other data is judged anew, and then
/// nothing is merged before the board was looked at again.
#[utoipa::path(post, path = "/rounds/{round}/merge", operation_id = "mergeRound", tag = "rounds", params(("round" = String, Path)),
    request_body = MergeBody, responses(
    (status = 201, description = "it is served now", body = VersionInfo, headers(("Location" = String))),
    (status = 403, description = "no right to publish, or asked by a page of another origin", body = ProblemDocument),
    (status = 404, description = "no such round or participant", body = ProblemDocument),
    (status = 409, description = "nothing is accepted, deliveries clash, or the data have changed", body = ProblemDocument),
    (status = 422, description = "the table is not there any more", body = ProblemDocument),
    (status = 501, description = "the service keeps nothing", body = ProblemDocument),
    (status = 503, description = "the data folder failed", body = ProblemDocument),
    (status = 507, description = "the disk is full", body = ProblemDocument)))]
pub(crate) async fn merge(
    context: Context,
    headers: HeaderMap,
    Path(round): Path<String>,
    change: Change<MergeBody>,
) -> Answer {
    context.allow(Permission::Publish)?;
    let MergeBody { note, without } = change.body()?;
    let version = rounds(&context)?.merge(round, without, checked_note(note)?, context.actor()).await?;
    created(&context, &negotiate::base_url(&context, &headers), version)
}

fn rounds(context: &Context) -> Result<&Rounds, RoundsError> {
    context.rounds().ok_or(RoundsError::NoFolder)
}

pub(in crate::http::admin) fn seconds(text: &str) -> Result<i64, Problem> {
    let moment = Moment::timestamp(text).map(|at| at.micros().div_euclid(1_000_000));
    moment.ok_or_else(|| {
        unfit(
            "deadline 应为带时区的时刻,如 2026-12-31T18:00:00+08:00。".to_owned(),
            "deadline is a moment with its time zone, such as 2026-12-31T18:00:00+08:00.".to_owned(),
        )
    })
}

fn table_of(context: &Context, asked: Option<String>) -> Result<String, Problem> {
    let tables: Vec<&str> = context.describe().tables.iter().map(|t| t.id.as_str()).collect();
    let found = match &asked {
        Some(id) => tables.iter().find(|table| *table == id),
        None => tables.first(),
    };
    let found = found.map(|id| (*id).to_owned());
    found.ok_or_else(|| {
        let (asked, known) = (asked.unwrap_or_default(), tables.join(", "));
        unfit(format!("没有统计表 {asked};可用:{known}。"), format!("There is no table {asked}; known: {known}."))
    })
}
