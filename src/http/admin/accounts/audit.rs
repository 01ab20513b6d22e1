//! `/audit`: the audit log, for administrators; as JSON page by page, or all of it as CSV.

use crate::http::extract::context::Context;
use crate::http::extract::credential::accounts;
use crate::http::extract::params::Params;
use crate::http::problem::{Problem, ProblemDocument};
use crate::http::response::answer::{Answer, to_json};
use crate::service::accounts::Permission;
use crate::service::store;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use serde::Serialize;
use utoipa::ToSchema;

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

/// What was done: logins, exports, changes of data and accounts.
#[utoipa::path(get, path = "/audit", operation_id = "getAudit", tag = "accounts", params(
    ("before" = Option<i64>, Query, description = "only those before this number"),
    ("limit" = Option<u32>, Query, description = "at most 1000; 100 when left out"),
    ("f" = Option<String>, Query, description = "`json`, or `csv` for all of it in a file")), responses(
    (status = 200, body = AuditLog),
    (status = 401, description = "not logged in", body = ProblemDocument),
    (status = 403, description = "not an administrator", body = ProblemDocument),
    (status = 404, description = "there are no accounts", body = ProblemDocument),
    (status = 503, description = "the data folder failed", body = ProblemDocument)))]
pub(crate) async fn audit(context: Context, mut params: Params) -> Answer {
    let before = params.value("before", "记录号", "the number of an event")?.unwrap_or(i64::MAX);
    let limit = params.value("limit", "条数", "a number of rows")?.unwrap_or(USUAL).clamp(1, MOST);
    let file = params.choice("f", &[("json", false), ("csv", true)])?.unwrap_or(false);
    params.finish()?;
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
