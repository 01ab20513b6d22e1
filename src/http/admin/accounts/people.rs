//! `/accounts`: made, changed, removed and reset by administrators.

use crate::http::extract::change::Change;
use crate::http::extract::context::Context;
use crate::http::extract::credential::{accounts, actor};
use crate::http::extract::negotiate;
use crate::http::extract::params::Params;
use crate::http::middleware::connections::Peer;
use crate::http::problem::{Problem, ProblemDocument};
use crate::http::response::answer::{Answer, json};
use crate::service::accounts::{Accounts, NewAccount, Permission};
use crate::service::store::{Account, Change as AccountChange, HOURS_OF_A_CLAIM};
use axum::Extension;
use axum::extract::Path;
use axum::http::{HeaderMap, StatusCode};
use axum::response::IntoResponse;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// An account.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AccountInfo {
    /// What is typed at the login.
    name: String,
    /// How others call its owner.
    display: String,
    /// `viewer`, `editor`, `reviewer` or `administrator`.
    role: &'static str,
    /// Codes of the districts to which it is limited; null for the whole city.
    scope: Option<Vec<String>>,
    /// Whether it has a password yet.
    claimed: bool,
    /// When it was made, RFC 3339.
    created: String,
}

impl From<Account> for AccountInfo {
    fn from(a: Account) -> Self {
        let created = crate::http::admin::versions::moment(a.created);
        Self { name: a.name, display: a.display, role: a.role.id(), scope: a.scope, claimed: a.claimed, created }
    }
}

/// All accounts.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Accounts)]
pub(crate) struct AccountList {
    /// By name.
    accounts: Vec<AccountInfo>,
}

/// A link that works once, to be handed over by the administrator.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OneTimeLink {
    /// The account.
    account: AccountInfo,
    /// The address.
    link: String,
    /// It works for so many hours.
    hours: i64,
}

/// An account to make.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AccountBody {
    /// What is typed at the login: letters, digits or `._-@`.
    name: String,
    /// How others call its owner; the name when left out.
    display: Option<String>,
    /// `viewer`, `editor`, `reviewer` or `administrator`.
    role: String,
    /// Codes of the districts to which a viewer is limited; the whole city when left out or empty.
    scope: Option<Vec<String>>,
}

/// What is to be different.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ChangeBody {
    /// How others call its owner.
    display: Option<String>,
    /// `viewer`, `editor`, `reviewer` or `administrator`.
    role: Option<String>,
    /// Codes of the districts to which a viewer is limited; an empty list for the whole city.
    scope: Option<Vec<String>>,
}

/// All accounts by name.
#[utoipa::path(get, path = "/accounts", operation_id = "getAccounts", tag = "accounts", responses(
    (status = 200, body = AccountList),
    (status = 401, description = "not logged in", body = ProblemDocument),
    (status = 403, description = "not an administrator", body = ProblemDocument),
    (status = 404, description = "there are no accounts", body = ProblemDocument),
    (status = 503, description = "the data folder failed", body = ProblemDocument)))]
pub(crate) async fn list(context: Context, params: Params) -> Answer {
    params.finish()?;
    let all = administered(&context)?.list().await?;
    json(StatusCode::OK, &AccountList { accounts: all.into_iter().map(AccountInfo::from).collect() })
}

/// Makes an account. The answer has the one-time link with which its owner sets the password.
#[utoipa::path(post, path = "/accounts", operation_id = "postAccount", tag = "accounts", request_body = AccountBody, responses(
    (status = 201, body = OneTimeLink),
    (status = 401, description = "not logged in", body = ProblemDocument),
    (status = 403, description = "not an administrator, or a page of another origin", body = ProblemDocument),
    (status = 409, description = "the name is taken", body = ProblemDocument),
    (status = 422, description = "no such name, role or zone", body = ProblemDocument),
    (status = 404, description = "there are no accounts", body = ProblemDocument),
    (status = 503, description = "the data folder failed", body = ProblemDocument),
    (status = 507, description = "too many accounts", body = ProblemDocument)))]
pub(crate) async fn make(
    context: Context,
    peer: Option<Extension<Peer>>,
    headers: HeaderMap,
    change: Change<AccountBody>,
) -> Answer {
    let accounts = administered(&context)?;
    let AccountBody { name, display, role, scope } = change.body()?;
    let scope = districts(&context, scope.unwrap_or_default())?;
    let display = display.unwrap_or_else(|| name.clone());
    let new = NewAccount { name, display, role: Accounts::role(&role)?, scope };
    let made = accounts.create(new, &actor(&context, peer.map(|p| p.0))).await?;
    link(&context, &headers, made, StatusCode::CREATED)
}

/// Changes an account. Where role or scope change, its sessions end.
#[utoipa::path(patch, path = "/accounts/{name}", operation_id = "patchAccount", tag = "accounts", params(("name" = String, Path)), request_body = ChangeBody, responses(
    (status = 200, body = AccountInfo),
    (status = 401, description = "not logged in", body = ProblemDocument),
    (status = 403, description = "not an administrator, or a page of another origin", body = ProblemDocument),
    (status = 404, description = "no such account, or no accounts at all", body = ProblemDocument),
    (status = 409, description = "the last administrator", body = ProblemDocument),
    (status = 422, description = "no such role or zone", body = ProblemDocument),
    (status = 503, description = "the data folder failed", body = ProblemDocument)))]
pub(crate) async fn change(
    context: Context,
    peer: Option<Extension<Peer>>,
    Path(name): Path<String>,
    change: Change<ChangeBody>,
) -> Answer {
    let accounts = administered(&context)?;
    let ChangeBody { display, role, scope } = change.body()?;
    let role = role.as_deref().map(Accounts::role).transpose()?;
    let scope = scope.map(|scope| districts(&context, scope)).transpose()?;
    let wanted = AccountChange { display, role, scope };
    let account = accounts.change(name, wanted, &actor(&context, peer.map(|p| p.0))).await?;
    json(StatusCode::OK, &AccountInfo::from(account))
}

/// Removes an account and ends its sessions. What it did stays in the audit log.
#[utoipa::path(delete, path = "/accounts/{name}", operation_id = "deleteAccount", tag = "accounts", params(("name" = String, Path)), responses(
    (status = 204, description = "removed"),
    (status = 401, description = "not logged in", body = ProblemDocument),
    (status = 403, description = "not an administrator, or a page of another origin", body = ProblemDocument),
    (status = 404, description = "no such account, or no accounts at all", body = ProblemDocument),
    (status = 409, description = "the last administrator", body = ProblemDocument),
    (status = 503, description = "the data folder failed", body = ProblemDocument)))]
pub(crate) async fn remove(
    context: Context,
    peer: Option<Extension<Peer>>,
    Path(name): Path<String>,
    _: Change,
) -> Answer {
    administered(&context)?.remove(name, &actor(&context, peer.map(|p| p.0))).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// A one-time link for another password, for who has forgotten theirs.
#[utoipa::path(post, path = "/accounts/{name}/reset", operation_id = "resetAccount", tag = "accounts", params(("name" = String, Path)), responses(
    (status = 200, body = OneTimeLink),
    (status = 401, description = "not logged in", body = ProblemDocument),
    (status = 403, description = "not an administrator, or a page of another origin", body = ProblemDocument),
    (status = 404, description = "no such account, or no accounts at all", body = ProblemDocument),
    (status = 503, description = "the data folder failed", body = ProblemDocument)))]
pub(crate) async fn reset(
    context: Context,
    peer: Option<Extension<Peer>>,
    Path(name): Path<String>,
    headers: HeaderMap,
    _: Change,
) -> Answer {
    let made = administered(&context)?.reset(name, &actor(&context, peer.map(|p| p.0))).await?;
    link(&context, &headers, made, StatusCode::OK)
}

/// The accounts, for administrators.
fn administered(context: &Context) -> Result<Accounts, Problem> {
    let accounts = accounts(context)?;
    context.allow(Permission::Administer)?;
    Ok(accounts)
}

fn districts(context: &Context, codes: Vec<String>) -> Result<Vec<String>, Problem> {
    let snapshot = context.snapshot();
    Ok(Accounts::scope(codes, |code| snapshot.describe().is_district(code))?)
}

fn link(context: &Context, headers: &HeaderMap, (account, token): (Account, String), status: StatusCode) -> Answer {
    let link = format!("{}/?claim={token}", negotiate::base_url(context, headers));
    json(status, &OneTimeLink { account: account.into(), link, hours: HOURS_OF_A_CLAIM })
}
