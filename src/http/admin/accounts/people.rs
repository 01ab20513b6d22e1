//! `/accounts`: made, changed, removed and led in again by administrators.

use super::{Gate, failed, off, seconds};
use crate::http::extract::context::Context;
use crate::http::extract::params::Params;
use crate::http::extract::permission::Permission;
use crate::http::extract::{body, negotiate};
use crate::http::middleware::connections::Peer;
use crate::http::middleware::cors;
use crate::http::problem::{Problem, ProblemDocument};
use crate::http::response::answer::{Answer, to_json};
use crate::service::store::{Account, Change, HOURS_OF_A_CLAIM, Role};
use axum::Extension;
use axum::body::Bytes;
use axum::extract::Path;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::IntoResponse;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
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
pub(crate) struct Accounts {
    /// By name.
    accounts: Vec<AccountInfo>,
}

/// A link that leads in once, to be handed over by the administrator.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OneTimeLink {
    /// The account.
    account: AccountInfo,
    /// The address.
    link: String,
    /// It leads in for so many hours.
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
    (status = 200, body = Accounts),
    (status = 401, description = "not logged in", body = ProblemDocument),
    (status = 403, description = "not an administrator", body = ProblemDocument),
    (status = 404, description = "there are no accounts", body = ProblemDocument),
    (status = 503, description = "the data folder failed", body = ProblemDocument)))]
pub(crate) async fn list(context: Context, params: Params) -> Answer {
    params.finish()?;
    let gate = ruled(&context)?;
    let all = off(move || gate.database.accounts().map_err(failed)).await?;
    json(StatusCode::OK, &Accounts { accounts: all.into_iter().map(AccountInfo::from).collect() })
}

/// Makes an account. The answer has the one-time link with which its owner sets the password.
#[utoipa::path(post, path = "/accounts", operation_id = "postAccount", tag = "accounts", request_body = AccountBody, responses(
    (status = 201, body = OneTimeLink),
    (status = 401, description = "not logged in", body = ProblemDocument),
    (status = 403, description = "not an administrator, or a page of another origin", body = ProblemDocument),
    (status = 409, description = "the name is taken", body = ProblemDocument),
    (status = 422, description = "no such name, role or district", body = ProblemDocument),
    (status = 404, description = "there are no accounts", body = ProblemDocument),
    (status = 503, description = "the data folder failed", body = ProblemDocument),
    (status = 507, description = "too many accounts", body = ProblemDocument)))]
pub(crate) async fn make(
    context: Context,
    peer: Option<Extension<Peer>>,
    headers: HeaderMap,
    params: Params,
    bytes: Bytes,
) -> Answer {
    params.finish()?;
    cors::may_change(&context, &headers)?;
    let gate = ruled(&context)?;
    let AccountBody { name, display, role, scope } = body::json(&headers, &bytes)?;
    let scope = districts(&context, scope.unwrap_or_default())?;
    let scope = (!scope.is_empty()).then_some(scope);
    let display = display.unwrap_or_else(|| name.clone());
    let new = Account { name, display, role: role_of(&role)?, scope, claimed: false, created: 0 };
    let making = gate.clone();
    let account = off(move || making.database.make_account(&new, seconds()).map_err(failed)).await?;
    noted(&context, peer, &account, "new").await?;
    led_in(&context, &headers, &gate, account, StatusCode::CREATED).await
}

/// Changes an account. Where role or scope change, its sessions end.
#[utoipa::path(patch, path = "/accounts/{name}", operation_id = "patchAccount", tag = "accounts", params(("name" = String, Path)), request_body = ChangeBody, responses(
    (status = 200, body = AccountInfo),
    (status = 401, description = "not logged in", body = ProblemDocument),
    (status = 403, description = "not an administrator, or a page of another origin", body = ProblemDocument),
    (status = 404, description = "no such account, or no accounts at all", body = ProblemDocument),
    (status = 409, description = "the last administrator", body = ProblemDocument),
    (status = 422, description = "no such role or district", body = ProblemDocument),
    (status = 503, description = "the data folder failed", body = ProblemDocument)))]
pub(crate) async fn change(
    context: Context,
    peer: Option<Extension<Peer>>,
    Path(name): Path<String>,
    headers: HeaderMap,
    params: Params,
    bytes: Bytes,
) -> Answer {
    params.finish()?;
    cors::may_change(&context, &headers)?;
    let gate = ruled(&context)?;
    let ChangeBody { display, role, scope } = body::json(&headers, &bytes)?;
    let role = role.as_deref().map(role_of).transpose()?;
    let scope = scope.map(|scope| districts(&context, scope)).transpose()?;
    let (changing, what) = (gate.clone(), Change { display, role, scope });
    let account = off(move || changing.database.change_account(&name, &what).map_err(failed)).await?;
    gate.changed();
    noted(&context, peer, &account, "changed").await?;
    json(StatusCode::OK, &AccountInfo::from(account))
}

/// Removes an account and ends its sessions. What it did stays in the audit trail.
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
    headers: HeaderMap,
    params: Params,
) -> Answer {
    params.finish()?;
    cors::may_change(&context, &headers)?;
    let gate = ruled(&context)?;
    let (removing, gone) = (gate.clone(), name.clone());
    off(move || removing.database.remove_account(&gone).map_err(failed)).await?;
    gate.changed();
    context.note(context.actor(), peer.map(|p| p.0), "account", format!("{name}: removed")).await?;
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
    params: Params,
) -> Answer {
    params.finish()?;
    cors::may_change(&context, &headers)?;
    let gate = ruled(&context)?;
    let (asking, asked) = (gate.clone(), name.clone());
    let found = off(move || asking.database.account(&asked).map_err(failed)).await?;
    let account = found.ok_or_else(|| failed(crate::service::store::AccountError::Missing(name)))?;
    noted(&context, peer, &account, "reset").await?;
    led_in(&context, &headers, &gate, account, StatusCode::OK).await
}

/// The gate, for administrators.
fn ruled(context: &Context) -> Result<Arc<Gate>, Problem> {
    let gate = context.guarded()?;
    context.allow(Permission::Administer)?;
    Ok(gate)
}

async fn led_in(
    context: &Context,
    headers: &HeaderMap,
    gate: &Arc<Gate>,
    account: Account,
    status: StatusCode,
) -> Answer {
    let (offering, name) = (gate.clone(), account.name.clone());
    let token = off(move || offering.database.offer_claim(Some(&name), seconds()).map_err(failed)).await?;
    let link = format!("{}/?claim={token}", negotiate::base_url(context, headers));
    json(status, &OneTimeLink { account: account.into(), link, hours: HOURS_OF_A_CLAIM })
}

async fn noted(context: &Context, peer: Option<Extension<Peer>>, account: &Account, how: &str) -> Result<(), Problem> {
    let scope = account.scope.as_ref().map_or_else(String::new, |s| format!(" [{}]", s.join(",")));
    let detail = format!("{}: {how}, {}{scope}", account.name, account.role.id());
    context.note(context.actor(), peer.map(|p| p.0), "account", detail).await
}

fn role_of(id: &str) -> Result<Role, Problem> {
    Role::of(id).ok_or_else(|| {
        Problem::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "no-such-role",
            "role 应为 viewer(查看)、editor(编辑)、reviewer(审核)或 administrator(管理)。",
            "role is one of viewer, editor, reviewer, administrator.",
        )
    })
}

/// Codes of districts that there are, each once.
fn districts(context: &Context, mut codes: Vec<String>) -> Result<Vec<String>, Problem> {
    let snapshot = context.snapshot();
    codes.sort_unstable();
    codes.dedup();
    let Some(wrong) = codes.iter().find(|code| !snapshot.is_district(code)) else { return Ok(codes) };
    let wrong: String = wrong.chars().take(40).collect();
    Err(Problem::new(
        StatusCode::UNPROCESSABLE_ENTITY,
        "no-such-district",
        format!("scope 应为区县代码的列表,如 [\"330110\"];“{wrong}”不是。不限区县时用空列表。"),
        format!(
            "scope is a list of codes of districts such as [\"330110\"], which {wrong} is not; an empty list for the whole city."
        ),
    ))
}

fn json<T: Serialize>(status: StatusCode, value: &T) -> Answer {
    let head = [(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, "no-store")];
    Ok((status, head, to_json(value)?).into_response())
}
