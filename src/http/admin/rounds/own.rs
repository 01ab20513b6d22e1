//! `/rounds/{round}/own`: what a participant who came by a link may do, which is all that the link opens.

use super::response::{DeliveryInfo, OwnRound, OwnZone};
use super::rounds;
use crate::core::model::Text;
use crate::http::admin::imports::{to_mend, workbook};
use crate::http::extract::body;
use crate::http::extract::change::SameOrigin;
use crate::http::extract::context::Context;
use crate::http::extract::params::Params;
use crate::http::extract::quota::Limited;
use crate::http::extract::shared::LangParams;
use crate::http::problem::{Problem, ProblemDocument};
use crate::http::response::answer::{Answer, json};
use crate::service::accounts::Denied;
use crate::service::rounds::{LARGEST_DELIVERY, RoundsError};
use crate::service::store::Access;
use axum::body::{Body, to_bytes};
use axum::extract::Path;
use axum::http::{HeaderMap, StatusCode};
use serde::Deserialize;
use utoipa::IntoParams;

/// What is sent.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct DeliverParams {
    /// Name of the file.
    file: String,
}

/// Who a request of a participant comes from: whoever has the link, else the account that the participant has.
pub(in crate::http::admin) async fn access(context: &Context, round: &str) -> Result<Access, Problem> {
    match context.reader().access(round) {
        Ok(access) => Ok(access.clone()),
        Err(Denied::NoLink) => {
            let Some(account) = context.reader().account() else { return Err(Denied::NoLink.into()) };
            let found = rounds(context)?.access_of(round.to_owned(), account.name.clone()).await?;
            found.ok_or_else(|| Denied::NoLink.into())
        }
        Err(denied) => Err(denied.into()),
    }
}

/// The round as the participant of a link sees it.
#[utoipa::path(get, path = "/rounds/{round}/own", operation_id = "getOwnRound", tag = "rounds", params(("round" = String, Path)), responses(
    (status = 200, body = OwnRound),
    (status = 401, description = "no link, or one that leads in no more", body = ProblemDocument),
    (status = 403, description = "a link of another round", body = ProblemDocument),
    (status = 501, description = "the service keeps nothing", body = ProblemDocument)))]
pub(crate) async fn one(context: Context, Path(round): Path<String>, params: Params) -> Answer {
    params.finish()?;
    let access = access(&context, &round).await?;
    let row = rounds(&context)?.own(&access).await?;
    let about = context.describe();
    let known = about.districts().filter(|zone| access.participant.zones.contains(&zone.id));
    let zones = known.map(|z| OwnZone { id: z.id.clone(), name: Text::new(&z.name, &z.name_en) }).collect();
    let table = about.collection(&access.round.subject).map(|(_, c)| c.spec.title.clone()).unwrap_or_default();
    json(StatusCode::OK, &OwnRound::of(&access.round, row, table, zones))
}

/// The participant's workbook: what the data have of its zones, with drop-downs and notes.
#[utoipa::path(get, path = "/rounds/{round}/own/workbook.xlsx", operation_id = "getOwnWorkbook", tag = "rounds", params(("round" = String, Path)), responses(
    (status = 200, description = "the workbook", content_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    (status = 401, description = "no link, or one that leads in no more", body = ProblemDocument),
    (status = 403, description = "a link of another round", body = ProblemDocument),
    (status = 422, description = "the table is not there any more", body = ProblemDocument),
    (status = 501, description = "the service keeps nothing", body = ProblemDocument)))]
pub(crate) async fn book(context: Context, Path(round): Path<String>, params: Params) -> Answer {
    params.finish()?;
    let access = context.reader().access(&round)?;
    let (bytes, rows) = rounds(&context)?.workbook(access).await?;
    context.took(&access.round.subject, rows, None);
    Ok(workbook(bytes, &format!("{}-{}.xlsx", access.round.title, access.participant.name)))
}

/// Takes a file of the participant and judges it. It takes the place of what the participant sent before.
#[utoipa::path(post, path = "/rounds/{round}/own/deliveries", operation_id = "postDelivery", tag = "rounds",
    params(("round" = String, Path), DeliverParams),
    request_body(content = String, content_type = "application/octet-stream", description = "the file, of any format that tables are read from; at most 16 MB"), responses(
    (status = 201, description = "it is kept, and judged", body = DeliveryInfo),
    (status = 401, description = "no link, or one that leads in no more", body = ProblemDocument),
    (status = 403, description = "a link of another round, or asked by a page of another origin", body = ProblemDocument),
    (status = 413, description = "the file is too large", body = ProblemDocument),
    (status = 422, description = "no name of a file", body = ProblemDocument),
    (status = 429, description = "too many files from one address", body = ProblemDocument, headers(("Retry-After" = u64))),
    (status = 501, description = "the service keeps nothing", body = ProblemDocument),
    (status = 503, description = "the data folder failed", body = ProblemDocument)))]
pub(crate) async fn deliver(
    context: Context,
    _: SameOrigin,
    headers: HeaderMap,
    Path(round): Path<String>,
    params: Params,
    sent: Body,
) -> Answer {
    let DeliverParams { file } = params.only()?;
    let access = context.reader().access(&round)?;
    body::is_file(&headers)?;
    let rounds = rounds(&context)?;
    let spent = context.spend(Limited::Imports)?;
    let bytes = to_bytes(sent, LARGEST_DELIVERY).await.map_err(|_| RoundsError::TooLarge)?;
    let kept = spent.ended(rounds.deliver(access, file, bytes.into()).await)?;
    json(StatusCode::CREATED, &DeliveryInfo::of(kept))
}

/// The rows to mend of what the participant sent last, as a workbook.
#[utoipa::path(get, path = "/rounds/{round}/own/faults.xlsx", operation_id = "getOwnFaults", tag = "rounds",
    params(("round" = String, Path), LangParams), responses(
    (status = 200, description = "the workbook", content_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    (status = 204, description = "no row is to be mended"),
    (status = 401, description = "no link, or one that leads in no more", body = ProblemDocument),
    (status = 403, description = "a link of another round", body = ProblemDocument),
    (status = 404, description = "nothing was delivered yet", body = ProblemDocument),
    (status = 422, description = "the file can't be read", body = ProblemDocument),
    (status = 501, description = "the service keeps nothing", body = ProblemDocument)))]
pub(crate) async fn faults(context: Context, headers: HeaderMap, Path(round): Path<String>, params: Params) -> Answer {
    let lang = params.only::<LangParams>()?.lang(&headers);
    let access = context.reader().access(&round)?;
    Ok(to_mend(rounds(&context)?.faults(round, access.participant.id.clone(), lang).await?))
}
