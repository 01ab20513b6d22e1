//! `/healthz` and `/readyz`, for supervisors and monitoring (ADR 93).

use crate::core::model::Text;
use crate::http::App;
use crate::http::extract::context::Context;
use crate::http::extract::params::Params;
use crate::http::response::answer::{Answer, to_json};
use crate::http::response::html::ErrorPage;
use crate::http::schemas;
use crate::service::accounts::Permission;
use crate::service::clock;
use crate::service::health::{Check, Condition, look};
use crate::service::task::blocking;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use moka::future::Cache;
use serde::Serialize;
use std::sync::Arc;
use std::time::Duration;
use utoipa::ToSchema;

pub(crate) const FRESH: [(header::HeaderName, &str); 1] = [(header::CACHE_CONTROL, "no-store")];
/// So long what was found is told to all who ask: many who ask at once write no more to the disk than one.
const KEPT: Duration = Duration::from_secs(5);

/// What was found last.
pub(crate) type Seen = Cache<(), Arc<[Check]>>;

pub(crate) fn seen() -> Seen {
    Cache::builder().max_capacity(1).time_to_live(KEPT).build()
}

/// How the service is.
#[derive(Serialize, ToSchema)]
pub(crate) struct HealthInfo {
    /// The worst of all: `ok`, `degraded` (it works; somebody should look) or `failing` (a part does not work; the status is 503).
    status: &'static str,
    checks: Vec<CheckInfo>,
}

/// What was looked at.
#[derive(Serialize, ToSchema)]
pub(crate) struct CheckInfo {
    /// `dataset`, `reload`, `data-folder`, `disk`, `database` or `certificate`.
    id: &'static str,
    /// `ok`, `degraded` or `failing`.
    status: &'static str,
    /// What was found: for the owner, for administrators, and at the address of `--metrics-listen`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schemas::Text>)]
    detail: Option<Text>,
}

/// How the service is: 200, or 503 where a part of it does not work.
#[utoipa::path(get, path = "/healthz", operation_id = "getHealth", tag = "service",
    responses((status = 200, body = HealthInfo), (status = 503, description = "a part of the service does not work", body = HealthInfo)))]
pub(crate) async fn alive(context: Context, params: Params) -> Answer {
    params.finish()?;
    let app = App::clone(&context);
    let checks = context.0.health.try_get_with((), found(app)).await.map_err(|e| *e)?;
    // a reason may name a folder, or what is wrong with a file
    answered(&checks, context.is_owner() || context.reader().may(Permission::Administer))
}

/// The answer with what was found, in words for who may know.
pub(crate) fn answered(checks: &[Check], told: bool) -> Answer {
    let worst = checks.iter().map(|check| check.condition).max().unwrap_or(Condition::Ok);
    let checks = checks.iter().map(|Check { id, condition, detail }| CheckInfo {
        id,
        status: condition.name(),
        detail: told.then(|| detail.clone()),
    });
    let body = to_json(&HealthInfo { status: worst.name(), checks: checks.collect() })?;
    let mut answer = (FRESH, [(header::CONTENT_TYPE, "application/json")], body).into_response();
    if worst == Condition::Failing {
        *answer.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
        // the answer says more than a problem document would
        answer.extensions_mut().insert(ErrorPage);
    }
    Ok(answer)
}

async fn found(app: App) -> Result<Arc<[Check]>, crate::service::task::TaskFailed> {
    let looking = move || {
        let inner = &app.0;
        let mut checks = look(&inner.store, inner.folder.as_deref(), inner.database.as_deref());
        let ends = app.certificate_ends();
        checks.extend(ends.map(|ends| Check::certificate(ends, clock::seconds())));
        checks
    };
    Ok(blocking(looking).await?.into())
}

/// The data is loaded; says which revision.
#[utoipa::path(get, path = "/readyz", operation_id = "getReadiness", tag = "service", responses((status = 200, content_type = "text/plain")))]
pub(crate) async fn ready(context: Context, params: Params) -> Answer {
    params.finish()?;
    Ok((FRESH, format!("ready {}\n", context.describe().revision)).into_response())
}
