//! `/audit`: the audit log, for administrators; as JSON page by page, or all of it as CSV.

use crate::core::formula;
use crate::http::admin::versions::moment;
use crate::http::extract::context::Context;
use crate::http::extract::credential::accounts;
use crate::http::extract::params::Params;
use crate::http::extract::values::{Count, Word, Words};
use crate::http::problem::{Problem, ProblemDocument};
use crate::http::response::answer::{Answer, json, to_json};
use crate::service::accounts::Permission;
use crate::service::clock;
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
    /// `login`, `login-failed`, `logout`, `claim`, `password`, `account`, `export`, `rows`, `import`, `publish` or `restore`.
    what: String,
    /// Path and query, or what happened to which account; `…` for what is counted together.
    detail: String,
    /// How often, where the same happened again within a day.
    times: u64,
    /// When it happened last, RFC 3339.
    last: String,
    /// Rows of the register that left.
    rows: u64,
}

/// What a reader took on a day.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AuditUsage)]
pub(crate) struct UsageInfo {
    /// Name of the account; `anyone` and the address of who has none.
    name: String,
    /// The day in UTC, as `2026-11-27`.
    day: String,
    /// What is counted: `rows` of the register, `tiles` with restricted values, and others.
    kind: String,
    /// How much.
    count: u64,
}

/// What readers took.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AuditUsageList)]
pub(crate) struct UsageList {
    /// The latest day first, on each the most first.
    usage: Vec<UsageInfo>,
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
        let (at, last) = (moment(e.at), moment(e.last));
        let store::AuditEvent { id, actor, peer, what, detail, times, rows, .. } = e;
        Self { id, at, actor, peer, what, detail, times, last, rows }
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
    #[param(style = Form, explode = false, minimum = 1, maximum = 1_000, default = 100, value_type = Option<u32>)]
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
    let head =
        ["时间 at", "帐户 actor", "地址 peer", "操作 what", "内容 detail", "次数 times", "最后 last", "行数 rows"];
    out.write_record(head).map_err(failed)?;
    for e in &events {
        let (times, rows) = (e.times.to_string(), e.rows.to_string());
        let (actor, detail) = (formula::escape(&e.actor), formula::escape(&e.detail));
        out.write_record([&*e.at, &*actor, &*e.peer, &*e.what, &*detail, &times, &*e.last, &rows]).map_err(failed)?;
    }
    let bytes = out.into_inner().map_err(|_| Problem::of_status(StatusCode::INTERNAL_SERVER_ERROR))?;
    let head = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8; header=present"),
        (header::CACHE_CONTROL, "no-store"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"audit.csv\""),
    ];
    Ok((head, bytes).into_response())
}

/// Days of what readers took.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct UsageParams {
    /// How many days back, today included; a larger number is taken for the largest.
    #[param(minimum = 1, maximum = 400, default = 30, value_type = Option<u32>)]
    days: Option<Count>,
}

/// What readers took, by day: rows of the register and whatever else is counted.
#[utoipa::path(get, path = "/audit/usage", operation_id = "getAuditUsage", tag = "accounts", params(UsageParams), responses(
    (status = 200, body = UsageList),
    (status = 401, description = "not logged in", body = ProblemDocument),
    (status = 403, description = "not an administrator", body = ProblemDocument),
    (status = 404, description = "there are no accounts", body = ProblemDocument),
    (status = 503, description = "the data folder failed", body = ProblemDocument)))]
pub(crate) async fn usage(context: Context, params: Params) -> Answer {
    let UsageParams { days } = params.only()?;
    let accounts = accounts(&context)?;
    context.allow(Permission::Administer)?;
    let found = accounts.audit().usage(days.map_or(30, |Count(n)| n.clamp(1, 400) as u32), MOST).await?;
    let row = |u: store::Usage| UsageInfo {
        name: u.name,
        day: moment(u.day.saturating_mul(clock::DAY)).chars().take(10).collect(),
        kind: u.kind,
        count: u.count,
    };
    json(StatusCode::OK, &UsageList { usage: found.into_iter().map(row).collect() })
}
