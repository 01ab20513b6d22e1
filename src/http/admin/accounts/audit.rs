//! `/audit`: what was done, for administrators; as JSON page by page, or all of it as CSV.

use super::{failed, off};
use crate::http::extract::context::Context;
use crate::http::extract::params::Params;
use crate::http::extract::permission::Permission;
use crate::http::problem::{Problem, ProblemDocument};
use crate::http::response::answer::{Answer, to_json};
use crate::service::store::Deed;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use serde::Serialize;
use utoipa::ToSchema;

/// Rows of an answer.
const USUAL: usize = 100;
const MOST: usize = 1_000;
/// Rows of the file.
const FILE: usize = 1_000_000;

/// Something that was done.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AuditDeed {
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

/// What was done, the latest first.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AuditTrail {
    /// The latest first.
    deeds: Vec<AuditDeed>,
    /// The `before` of those that follow; null after the first of all.
    next: Option<i64>,
}

impl From<Deed> for AuditDeed {
    fn from(d: Deed) -> Self {
        let at = crate::http::admin::versions::moment(d.at);
        Self { id: d.id, at, actor: d.actor, peer: d.peer, what: d.what, detail: d.detail }
    }
}

/// What was done: logins, exports, changes of data and accounts.
#[utoipa::path(get, path = "/audit", operation_id = "getAudit", tag = "accounts", params(
    ("before" = Option<i64>, Query, description = "only those before this number"),
    ("limit" = Option<u32>, Query, description = "at most 1000; 100 when left out"),
    ("f" = Option<String>, Query, description = "`json`, or `csv` for all of it in a file")), responses(
    (status = 200, body = AuditTrail),
    (status = 401, description = "not logged in", body = ProblemDocument),
    (status = 403, description = "not an administrator", body = ProblemDocument),
    (status = 404, description = "there are no accounts", body = ProblemDocument),
    (status = 503, description = "the data folder failed", body = ProblemDocument)))]
pub(crate) async fn audit(context: Context, mut params: Params) -> Answer {
    let before = params.value("before", "记录号", "the number of a deed")?.unwrap_or(i64::MAX);
    let limit = params.value("limit", "条数", "a number of rows")?.unwrap_or(USUAL).clamp(1, MOST);
    let file = params.choice("f", &[("json", false), ("csv", true)])?.unwrap_or(false);
    params.finish()?;
    let gate = context.guarded()?;
    context.allow(Permission::Administer)?;
    let wanted = if file { FILE } else { limit };
    let found = off(move || gate.database.deeds(before, wanted).map_err(failed)).await?;
    let next = found.last().map(|d| d.id).filter(|_| found.len() == limit);
    let deeds: Vec<AuditDeed> = found.into_iter().map(AuditDeed::from).collect();
    if !file {
        let head = [(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, "no-store")];
        return Ok((head, to_json(&AuditTrail { deeds, next })?).into_response());
    }
    let failed = |_| Problem::of_status(StatusCode::INTERNAL_SERVER_ERROR);
    // the mark lets Excel read Chinese
    let mut out = csv::Writer::from_writer("\u{feff}".as_bytes().to_vec());
    out.write_record(["时间 at", "帐户 actor", "地址 peer", "操作 what", "内容 detail"]).map_err(failed)?;
    for d in &deeds {
        out.write_record([&d.at, &harmless(&d.actor), &d.peer, &d.what, &harmless(&d.detail)]).map_err(failed)?;
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
