//! `/healthz` and `/readyz`, for supervisors.

use crate::http::extract::context::Context;
use crate::http::extract::params::Params;
use crate::http::response::answer::Answer;
use axum::http::header;
use axum::response::IntoResponse;

const FRESH: [(header::HeaderName, &str); 1] = [(header::CACHE_CONTROL, "no-store")];

/// The process answers.
#[utoipa::path(get, path = "/healthz", operation_id = "getHealth", tag = "service", responses((status = 200, content_type = "text/plain")))]
pub(crate) async fn alive(params: Params) -> Answer {
    params.finish()?;
    Ok((FRESH, "ok\n").into_response())
}

/// The data is loaded; says which revision.
#[utoipa::path(get, path = "/readyz", operation_id = "getReadiness", tag = "service", responses((status = 200, content_type = "text/plain")))]
pub(crate) async fn ready(context: Context, params: Params) -> Answer {
    params.finish()?;
    Ok((FRESH, format!("ready {}\n", context.describe().revision)).into_response())
}
