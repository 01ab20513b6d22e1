//! `/healthz` and `/readyz`, for supervisors.

use super::App;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};

const FRESH: [(header::HeaderName, &str); 1] = [(header::CACHE_CONTROL, "no-store")];

/// The process answers.
#[utoipa::path(get, path = "/healthz", tag = "health", responses((status = 200, content_type = "text/plain")))]
pub(super) async fn alive() -> Response {
    (FRESH, "ok\n").into_response()
}

/// The data is loaded; says which revision.
#[utoipa::path(get, path = "/readyz", tag = "health", responses((status = 200, content_type = "text/plain")))]
pub(super) async fn ready(State(app): State<App>) -> Response {
    (FRESH, format!("ready {}\n", app.snapshot().revision)).into_response()
}
