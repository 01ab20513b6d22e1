//! `/audit`: the audit log, for administrators; as JSON page by page, or all of it as CSV.

use crate::http::extract::context::Context;
use crate::http::extract::credential::accounts;
use crate::http::extract::params::Params;
use crate::http::extract::values::{Count, Word, Words};
use crate::http::problem::{Problem, ProblemDocument};
use crate::http::response::answer::{Answer, to_json};
use crate::service::accounts::Permission;
use crate::service::store;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// Rows of an answer.
const USUAL: usize = 100;
const MOST: usize = 1_000;
/// Rows of the file.
const FILE: usize = 1_000_000;

/// An event of the audit log.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AuditEvent {
    /// Number, ascending in time.
    id: i64,
    /// When, RFC 3339.
    at: String,
    /// Name of the account, or what was typed at a login that failed.
    actor: String,
    /// Address that it came from.
    peer: String,
    /// `login`, `login-failed`, `logout`, `claim`, `password`, `account`, `export`, `import`, `publish` or `restore`.
    what: String,
    /// Path and query, or what happened to which account.
    detail: String,
}

/// A page of the audit log.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AuditLog {
    /// The latest first.
    events: Vec<AuditEvent>,
    /// The `before` of those that follow; null after the first of all.
    next: Option<i64>,
}

impl From<store::AuditEvent> for AuditEvent {
    fn from(e: store::AuditEvent) -> Self {
        let at = crate::http::admin::versions::moment(e.at);
        Self { id: e.id, at, actor: e.actor, peer: e.peer, what: e.what, detail: e.detail }
    }
}

/// The forms of the audit log.
#[derive(Clone, Copy)]
pub(crate) enum AuditForm {
    Json,
    Csv,
}

impl Words for AuditForm {
    fn words() -> Vec<(&'static str, Self)> {
        vec![("json", Self::Json), ("csv", Self::Csv)]
    }
}

// the description does not follow a type with parameters of its own
type AuditFormWord = Word<AuditForm>;

/// Which events.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct AuditParams {
    /// Only those before this number.
    before: Option<i64>,
    /// Events of an answer; a larger number is taken for the largest.
    #[param(minimum = 1, maximum = 1_000, default = 100, value_type = Option<u32>)]
    limit: Option<Count>,
    /// `csv` for all of it in a file.
    #[param(inline, default = "json")]
    f: Option<AuditFormWord>,
}

/// What was done: logins, exports, changes of data and accounts.
#[utoipa::path(get, path = "/audit", operation_id = "getAudit", tag = "accounts", params(AuditParams), responses(
    (status = 200, body = AuditLog),
    (status = 401, description = "not logged in", body = ProblemDocument),
    (status = 403, description = "not an administrator", body = ProblemDocument),
    (status = 404, description = "there are no accounts", body = ProblemDocument),
    (status = 503, description = "the data folder failed", body = ProblemDocument)))]
pub(crate) async fn audit(context: Context, params: Params) -> Answer {
    let AuditParams { before, limit, f } = params.only()?;
    let (before, limit) = (before.unwrap_or(i64::MAX), limit.map_or(USUAL, |Count(n)| n as usize).clamp(1, MOST));
    let file = matches!(f, Some(Word(AuditForm::Csv)));
    let accounts = accounts(&context)?;
    context.allow(Permission::Administer)?;
    let found = accounts.audit().events(before, if file { FILE } else { limit }).await?;
    let next = found.last().map(|e| e.id).filter(|_| found.len() == limit);
    let events: Vec<AuditEvent> = found.into_iter().map(AuditEvent::from).collect();
    if !file {
        let head = [(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, "no-store")];
        return Ok((head, to_json(&AuditLog { events, next })?).into_response());
    }
    let failed = |_| Problem::of_status(StatusCode::INTERNAL_SERVER_ERROR);
    // the mark lets Excel read Chinese
    let mut out = csv::Writer::from_writer("\u{feff}".as_bytes().to_vec());
    out.write_record(["时间 at", "帐户 actor", "地址 peer", "操作 what", "内容 detail"]).map_err(failed)?;
    for e in &events {
        out.write_record([&e.at, &harmless(&e.actor), &e.peer, &e.what, &harmless(&e.detail)]).map_err(failed)?;
    }
    let bytes = out.into_inner().map_err(|_| Problem::of_status(StatusCode::INTERNAL_SERVER_ERROR))?;
    let head = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8; header=present"),
        (header::CACHE_CONTROL, "no-store"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"audit.csv\""),
    ];
    Ok((head, bytes).into_response())
}

/// A text that a spreadsheet takes for no formula.
fn harmless(text: &str) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{text}") } else { text.to_owned() }
}
