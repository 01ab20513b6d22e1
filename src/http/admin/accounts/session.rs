//! `/session`: who one is, logging in and out, one-time links, the own password.

use crate::http::extract::change::Change;
use crate::http::extract::context::Context;
use crate::http::extract::credential::{COOKIE, accounts, actor, cookies, named, reach, set_cookie, token};
use crate::http::extract::params::Params;
use crate::http::middleware::connections::Peer;
use crate::http::problem::ProblemDocument;
use crate::http::response::answer::{Answer, to_json};
use crate::service::accounts::{AccountsError, Permission, Reader, Session};
use axum::Extension;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

const BY_PROVIDER: &str = "shigu_by_provider";

/// Seconds for which a browser keeps a session.
pub(super) const LIFETIME: u32 = 7 * 24 * 3600;

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
    /// What the identity provider is called by which one can log in at `/session/oidc`; null where there is none.
    provider: Option<String>,
    /// Codes of the districts to which the reader is limited; null for the whole city.
    scope: Option<Vec<String>>,
    /// What they may do: `read`, `edit`, `publish`, `administer`.
    #[serde(rename = "rights")]
    permissions: Vec<&'static str>,
}

impl SessionInfo {
    fn of(reader: &Reader, context: &Context) -> Self {
        let account = reader.account();
        Self {
            accounts: context.has_accounts(),
            provider: context.oidc().map(|p| p.title().to_owned()),
            name: account.map(|a| a.name.clone()),
            display: account.map(|a| a.display.clone()),
            role: account.map(|a| a.role.id()),
            scope: reader.scope().map(<[String]>::to_vec),
            permissions: Permission::ALL.iter().filter(|(_, p)| reader.may(*p)).map(|(name, _)| *name).collect(),
        }
    }
}

/// What is left to do after a logout.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LogoutInfo {
    /// Where the browser goes to log out at the identity provider, too.
    logout: String,
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
    info(&SessionInfo::of(context.reader(), &context))
}

/// Logs in. The answer sets the cookie of the session.
#[utoipa::path(post, path = "/session", operation_id = "postSession", tag = "accounts", request_body = LoginBody, responses(
    (status = 200, body = SessionInfo, headers(("Set-Cookie" = String))),
    (status = 401, description = "wrong name or password", body = ProblemDocument),
    (status = 403, description = "asked by a page of another origin", body = ProblemDocument),
    (status = 429, description = "too many wrong passwords", body = ProblemDocument, headers(("Retry-After" = u64))),
    (status = 404, description = "there are no accounts", body = ProblemDocument),
    (status = 503, description = "the data folder failed, or too many log in at once", body = ProblemDocument)))]
pub(crate) async fn log_in(context: Context, peer: Option<Extension<Peer>>, change: Change<LoginBody>) -> Answer {
    let LoginBody { name, password } = change.body()?;
    let session = accounts(&context)?.log_in(named(name, peer.map(|p| p.0)), password).await?;
    begun(&context, &session)
}

/// Logs out.
#[utoipa::path(delete, path = "/session", operation_id = "deleteSession", tag = "accounts", responses(
    (status = 200, description = "logged out here; the session at the identity provider ends at `logout`", body = LogoutInfo),
    (status = 204, description = "logged out"),
    (status = 403, description = "asked by a page of another origin", body = ProblemDocument),
    (status = 404, description = "there are no accounts", body = ProblemDocument)))]
pub(crate) async fn log_out(context: Context, peer: Option<Extension<Peer>>, headers: HeaderMap, _: Change) -> Answer {
    let accounts = accounts(&context)?;
    if let Some(token) = token(&headers) {
        accounts.log_out(token, context.reader(), &actor(&context, peer.map(|p| p.0))).await?;
    }
    let logout = match context.oidc().filter(|_| is_by_provider(&headers)) {
        Some(provider) => provider.logout().await,
        None => None,
    };
    let mut response = match logout {
        Some(logout) => info(&LogoutInfo { logout })?,
        None => StatusCode::NO_CONTENT.into_response(),
    };
    for ended in [cookie(&context, "", 0), by_provider(&context, 0)] {
        set_cookie(&mut response, &ended);
    }
    Ok(response)
}

/// Takes a one-time link: sets a password and logs in.
#[utoipa::path(post, path = "/session/claim", operation_id = "postClaim", tag = "accounts", request_body = ClaimBody, responses(
    (status = 200, body = SessionInfo, headers(("Set-Cookie" = String))),
    (status = 403, description = "used, too old or never given", body = ProblemDocument),
    (status = 409, description = "the name is taken", body = ProblemDocument),
    (status = 422, description = "no name, or no password that will do", body = ProblemDocument),
    (status = 404, description = "there are no accounts", body = ProblemDocument),
    (status = 503, description = "the data folder failed", body = ProblemDocument)))]
pub(crate) async fn claim(context: Context, peer: Option<Extension<Peer>>, change: Change<ClaimBody>) -> Answer {
    let ClaimBody { token, name, password } = change.body()?;
    let by = named(String::new(), peer.map(|p| p.0));
    let session = accounts(&context)?.claim(token, name, password, by).await?;
    begun(&context, &session)
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
    change: Change<PasswordBody>,
) -> Answer {
    let accounts = accounts(&context)?;
    if context.reader().account().is_none() {
        return Err(AccountsError::NotLoggedIn.into());
    }
    let PasswordBody { old, new } = change.body()?;
    let by = actor(&context, peer.map(|p| p.0));
    accounts.change_password(context.reader(), (old, new), token(&headers), &by).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

fn info(info: &impl Serialize) -> Answer {
    let head = [(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, "no-store")];
    Ok((head, to_json(info)?).into_response())
}

/// The answer to a reader who has logged in: who they are, and the cookie.
fn begun(context: &Context, session: &Session) -> Answer {
    let mut response: Response = info(&SessionInfo::of(&session.reader, context))?;
    set_cookie(&mut response, &cookie(context, &session.token, LIFETIME));
    Ok(response)
}

/// Read by no script, sent to no other site, and over TLS only where readers come by it.
pub(super) fn cookie(context: &Context, token: &str, seconds: u32) -> String {
    let (path, secure) = reach(context);
    format!("{COOKIE}={token}; Path={path}/; Max-Age={seconds}; HttpOnly; SameSite=Strict{secure}")
}

/// Marks a session that the identity provider began, so that it can end there, too.
pub(super) fn by_provider(context: &Context, seconds: u32) -> String {
    let (path, secure) = reach(context);
    format!("{BY_PROVIDER}=1; Path={path}/session; Max-Age={seconds}; HttpOnly; SameSite=Strict{secure}")
}

fn is_by_provider(headers: &HeaderMap) -> bool {
    cookies(headers, BY_PROVIDER).any(|value| value == "1")
}
