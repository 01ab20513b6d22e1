//! A file is sent: its bytes as they are.

use super::imports;
use super::response::ImportInfo;
use crate::http::extract::body;
use crate::http::extract::change::SameOrigin;
use crate::http::extract::context::Context;
use crate::http::extract::negotiate;
use crate::http::extract::params::Params;
use crate::http::extract::quota::Limited;
use crate::http::problem::ProblemDocument;
use crate::http::response::answer::{Answer, json};
use crate::http::response::links::escaped;
use crate::service::accounts::Permission;
use axum::body::Body;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::IntoResponse;
use serde::Deserialize;
use utoipa::IntoParams;

/// What is sent.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct ReceiveParams {
    /// Name of the file.
    file: String,
}

/// Takes a file: its bytes as they are, its name in `file`. Nothing of the data changes.
#[utoipa::path(post, path = "/imports", operation_id = "postImport", tag = "data",
    params(ReceiveParams),
    request_body(content = String, content_type = "application/octet-stream", description = "the file; at most 512 MB"), responses(
    (status = 201, description = "the file is there", body = ImportInfo, headers(("Location" = String))),
    (status = 403, description = "no right to change data, or asked by a page of another origin", body = ProblemDocument),
    (status = 408, description = "nothing came for 30 seconds", body = ProblemDocument),
    (status = 429, description = "too many files from one address", body = ProblemDocument, headers(("Retry-After" = u64))),
    (status = 501, description = "the service keeps nothing: it runs without --data-dir", body = ProblemDocument),
    (status = 503, description = "the data folder failed", body = ProblemDocument),
    (status = 507, description = "too many imports wait", body = ProblemDocument)))]
pub(crate) async fn receive(context: Context, _: SameOrigin, headers: HeaderMap, params: Params, sent: Body) -> Answer {
    context.allow(Permission::Edit)?;
    let ReceiveParams { file } = params.only()?;
    body::is_file(&headers)?;
    let spent = context.spend(Limited::Imports)?;
    let announced = headers.get(header::CONTENT_LENGTH).and_then(|v| v.to_str().ok()).and_then(|v| v.parse().ok());
    let pieces = sent.into_data_stream();
    let received = imports(&context)?.receive(&file, announced, context.actor(), pieces).await;
    let import = ImportInfo::of(spent.ended(received)?);
    let location = format!("{}/imports/{}", negotiate::base_url(&context, &headers), escaped(&import.id));
    let answer = json(StatusCode::CREATED, &import)?;
    Ok(([(header::LOCATION, location)], answer).into_response())
}
