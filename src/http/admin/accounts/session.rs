//! `/session`: who one is, logging in and out, one-time links, the own password.

use super::throttle::MINUTES;
use super::{COOKIE, Gate, failed, off, seconds, token};
use crate::http::extract::body;
use crate::http::extract::context::Context;
use crate::http::extract::params::Params;
use crate::http::extract::permission::{Permission, Reader};
use crate::http::middleware::connections::Peer;
use crate::http::middleware::cors;
use crate::http::problem::{Problem, ProblemDocument};
use crate::http::response::answer::{Answer, to_json};
use axum::Extension;
use axum::body::Bytes;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::ToSchema;

/// Who asks, and what they may do.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SessionInfo {
    /// Whether there are accounts at all.
    accounts: bool,
    /// Name of the account; null for who has not logged in.
    name: Option<String>,
    /// How others call its owner.
    display: Option<String>,
    /// `viewer`, `editor`, `reviewer` or `administrator`.
    role: Option<&'static str>,
    /// Codes of the districts to which the reader is limited; null for the whole city.
    scope: Option<Vec<String>>,
    /// What they may do: `read`, `edit`, `publish`, `administer`.
    rights: Vec<&'static str>,
}

impl SessionInfo {
    fn of(reader: &Reader, accounts: bool) -> Self {
        let account = reader.account.as_ref();
        Self {
            accounts,
            name: account.map(|a| a.name.clone()),
            display: account.map(|a| a.display.clone()),
            role: account.map(|a| a.role.id()),
            scope: reader.scope().map(<[String]>::to_vec),
            rights: Permission::ALL.into_iter().filter(|(_, right)| reader.may(*right)).map(|(name, _)| name).collect(),
        }
    }
}

/// A name and its password.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct LoginBody {
    /// Name of the account.
    name: String,
    /// Its password.
    password: String,
}

/// What a one-time link brings.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ClaimBody {
    /// The link's `claim`.
    token: String,
    /// Name of the first administrator; any other link belongs to an account already.
    name: Option<String>,
    /// The password from now on: 10 characters at least.
    password: String,
}

/// The own password, before and after.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PasswordBody {
    /// The one so far.
    old: String,
    /// The one from now on: 10 characters at least.
    new: String,
}

/// Who one is.
#[utoipa::path(get, path = "/session", operation_id = "getSession", tag = "accounts", responses((status = 200, body = SessionInfo)))]
pub(crate) async fn session(context: Context, params: Params) -> Answer {
    params.finish()?;
    info(&SessionInfo::of(context.reader(), context.has_accounts()))
}

/// Logs in. The answer sets the cookie of the session.
#[utoipa::path(post, path = "/session", operation_id = "postSession", tag = "accounts", request_body = LoginBody, responses(
    (status = 200, body = SessionInfo, headers(("Set-Cookie" = String))),
    (status = 401, description = "wrong name or password", body = ProblemDocument),
    (status = 403, description = "asked by a page of another origin", body = ProblemDocument),
    (status = 429, description = "too many wrong passwords", body = ProblemDocument, headers(("Retry-After" = u64))),
    (status = 404, description = "there are no accounts", body = ProblemDocument),
    (status = 503, description = "the data folder failed", body = ProblemDocument)))]
pub(crate) async fn log_in(
    context: Context,
    peer: Option<Extension<Peer>>,
    headers: HeaderMap,
    params: Params,
    bytes: Bytes,
) -> Answer {
    params.finish()?;
    cors::may_change(&context, &headers)?;
    let LoginBody { name, password } = body::json(&headers, &bytes)?;
    let gate = context.guarded()?;
    let peer = peer.map(|p| p.0);
    // a name is no longer than those that there can be, so that the log stays readable
    let name: String = name.chars().take(64).collect();
    admitted(&context, &gate, &name, peer).await?;
    let (asking, asked) = (gate.clone(), name.clone());
    let found = worked(&gate, move || asking.database.login(&asked, &password).map_err(failed)).await?;
    let Some(account) = found else {
        context.note(name, peer, "login-failed", String::new()).await?;
        return Err(Problem::new(
            StatusCode::UNAUTHORIZED,
            "wrong-password",
            "登录名或口令不对。忘记口令请管理员重置。",
            "Wrong name or password. The administrator resets a forgotten password.",
        ));
    };
    gate.throttle.forgive(&name, &from(peer));
    context.note(name.clone(), peer, "login", String::new()).await?;
    entered(&context, &gate, Reader::of(account), name).await
}

/// Logs out.
#[utoipa::path(delete, path = "/session", operation_id = "deleteSession", tag = "accounts", responses(
    (status = 204, description = "logged out"),
    (status = 403, description = "asked by a page of another origin", body = ProblemDocument),
    (status = 404, description = "there are no accounts", body = ProblemDocument)))]
pub(crate) async fn log_out(
    context: Context,
    peer: Option<Extension<Peer>>,
    headers: HeaderMap,
    params: Params,
) -> Answer {
    params.finish()?;
    cors::may_change(&context, &headers)?;
    let gate = context.guarded()?;
    if let Some(token) = token(&headers) {
        let ending = gate.clone();
        off(move || ending.database.end_session(&token).map_err(failed)).await?;
        gate.changed();
        if context.reader().account.is_some() {
            context.note(context.actor(), peer.map(|p| p.0), "logout", String::new()).await?;
        }
    }
    Ok((StatusCode::NO_CONTENT, [(header::SET_COOKIE, cookie(&context, "", 0))]).into_response())
}

/// Takes a one-time link: sets a password and logs in.
#[utoipa::path(post, path = "/session/claim", operation_id = "postClaim", tag = "accounts", request_body = ClaimBody, responses(
    (status = 200, body = SessionInfo, headers(("Set-Cookie" = String))),
    (status = 403, description = "used, too old or never given", body = ProblemDocument),
    (status = 409, description = "the name is taken", body = ProblemDocument),
    (status = 422, description = "no name, or no password that will do", body = ProblemDocument),
    (status = 429, description = "too many attempts", body = ProblemDocument, headers(("Retry-After" = u64))),
    (status = 404, description = "there are no accounts", body = ProblemDocument),
    (status = 503, description = "the data folder failed", body = ProblemDocument)))]
pub(crate) async fn claim(
    context: Context,
    peer: Option<Extension<Peer>>,
    headers: HeaderMap,
    params: Params,
    bytes: Bytes,
) -> Answer {
    params.finish()?;
    cors::may_change(&context, &headers)?;
    let ClaimBody { token, name, password } = body::json(&headers, &bytes)?;
    let gate = context.guarded()?;
    let peer = peer.map(|p| p.0);
    admitted(&context, &gate, "?claim", peer).await?;
    let asking = gate.clone();
    let account =
        worked(&gate, move || asking.database.claim(&token, name.as_deref(), &password, seconds()).map_err(failed))
            .await?;
    gate.throttle.forgive("?claim", &from(peer));
    let name = account.name.clone();
    context.note(name.clone(), peer, "claim", String::new()).await?;
    entered(&context, &gate, Reader::of(account), name).await
}

/// Changes the own password. Other sessions of the account end.
#[utoipa::path(put, path = "/session/password", operation_id = "putPassword", tag = "accounts", request_body = PasswordBody, responses(
    (status = 204, description = "changed"),
    (status = 401, description = "not logged in, or the old password is wrong", body = ProblemDocument),
    (status = 403, description = "asked by a page of another origin", body = ProblemDocument),
    (status = 422, description = "the new one will not do", body = ProblemDocument),
    (status = 429, description = "too many wrong passwords", body = ProblemDocument, headers(("Retry-After" = u64))),
    (status = 404, description = "there are no accounts", body = ProblemDocument),
    (status = 503, description = "the data folder failed", body = ProblemDocument)))]
pub(crate) async fn password(
    context: Context,
    peer: Option<Extension<Peer>>,
    headers: HeaderMap,
    params: Params,
    bytes: Bytes,
) -> Answer {
    params.finish()?;
    cors::may_change(&context, &headers)?;
    let gate = context.guarded()?;
    let Some(account) = context.reader().account.clone() else {
        return Err(Problem::new(StatusCode::UNAUTHORIZED, "login-needed", "请先登录。", "Log in first."));
    };
    let PasswordBody { old, new } = body::json(&headers, &bytes)?;
    let (peer, name) = (peer.map(|p| p.0), account.name);
    admitted(&context, &gate, &name, peer).await?;
    let (asking, asked, kept) = (gate.clone(), name.clone(), token(&headers));
    worked(&gate, move || {
        if asking.database.login(&asked, &old).map_err(failed)?.is_none() {
            let (zh, en) = ("原口令不对。", "The old password is wrong.");
            return Err(Problem::new(StatusCode::UNAUTHORIZED, "wrong-password", zh, en));
        }
        asking.database.change_password(&asked, &new, kept.as_deref()).map_err(failed)
    })
    .await?;
    gate.throttle.forgive(&name, &from(peer));
    gate.changed();
    context.note(name, peer, "password", String::new()).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

fn info(info: &SessionInfo) -> Answer {
    let head = [(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, "no-store")];
    Ok((head, to_json(info)?).into_response())
}

/// The answer to whoever came in: who they are, and the cookie.
async fn entered(context: &Context, gate: &Arc<Gate>, reader: Reader, name: String) -> Answer {
    let beginning = gate.clone();
    let token = off(move || beginning.database.begin_session(&name, seconds()).map_err(failed)).await?;
    gate.changed();
    let mut response: Response = info(&SessionInfo::of(&reader, true))?;
    if let Ok(value) = cookie(context, &token, 7 * 24 * 3600).parse() {
        response.headers_mut().insert(header::SET_COOKIE, value);
    }
    Ok(response)
}

/// Read by no script, sent to no other site, and over TLS only where readers come by it.
fn cookie(context: &Context, token: &str, seconds: u32) -> String {
    let public = context.public_url().unwrap_or("");
    let path = public.split_once("://").and_then(|(_, rest)| rest.find('/').map(|at| &rest[at..])).unwrap_or("");
    let secure = if public.starts_with("https://") { "; Secure" } else { "" };
    format!("{COOKIE}={token}; Path={path}/; Max-Age={seconds}; HttpOnly; SameSite=Strict{secure}")
}

/// One of few places where passwords are worked on.
async fn worked<T: Send + 'static>(
    gate: &Arc<Gate>,
    work: impl FnOnce() -> Result<T, Problem> + Send + 'static,
) -> Result<T, Problem> {
    let place = gate.work.clone().acquire_owned().await;
    let done = off(work).await;
    drop(place);
    done
}

fn from(peer: Option<Peer>) -> String {
    peer.map_or_else(String::new, |p| p.0.to_string())
}

async fn admitted(context: &Context, gate: &Gate, name: &str, peer: Option<Peer>) -> Result<(), Problem> {
    if gate.throttle.admits(name, &from(peer)) {
        return Ok(());
    }
    context.note(name.to_owned(), peer, "login-failed", "429".to_owned()).await?;
    Err(Problem::new(
        StatusCode::TOO_MANY_REQUESTS,
        "too-many-attempts",
        format!("尝试次数过多,请 {MINUTES} 分钟后再试,或请管理员重置口令。"),
        format!("Too many attempts; try again in {MINUTES} minutes, or have the administrator reset the password."),
    ))
}
