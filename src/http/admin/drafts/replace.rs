//! All areas of a collection are replaced by those of a file: official boundaries in the place of schematic ones.

use super::response::DraftInfo;
use super::{answer, drafts, own};
use crate::data::features::{AreaFile, Official};
use crate::http::extract::body::is_file;
use crate::http::extract::change::{SameOrigin, seen};
use crate::http::extract::context::Context;
use crate::http::extract::params::Params;
use crate::http::extract::quota::Limited;
use crate::http::problem::{Problem, ProblemDocument};
use crate::http::response::answer::Answer;
use crate::service::accounts::Permission;
use axum::body::{Body, to_bytes};
use axum::extract::Path;
use axum::http::{HeaderMap, StatusCode};
use serde::Deserialize;
use utoipa::IntoParams;

/// Bytes of a file.
const MOST: usize = 64 << 20;

/// What is sent, and where it comes from.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct ReplaceParams {
    /// Id of the collection, one of those that are `replaceable` in `/dataset`.
    collection: String,
    /// Name of the file.
    file: String,
    /// Who publishes the areas; `中文 / English` gives each language its own.
    source: String,
    /// The number under which they were approved (批准文号, 审图号).
    approval: String,
    /// Day of the approval, `YYYY-MM-DD`.
    dated: String,
    /// System of the positions where the file does not say it: `wgs84`, `gcj02`, `bd09`, `epsg:4549`.
    #[serde(default)]
    crs: Option<String>,
    /// Column of the ids; an empty one for none. Else the likeliest.
    #[serde(default)]
    id_column: Option<String>,
    /// Column of the names. Else the likeliest.
    #[serde(default)]
    name_column: Option<String>,
    /// Layer or worksheet of the file.
    #[serde(default)]
    layer: Option<String>,
}

/// Replaces all areas of a collection by those of a file, as one step of the draft. An area takes the place of the feature with its
/// id, else of that with its name; features that the file does not have go, others are added. The collection is then no more
/// schematic and has the source, the number and the date.
#[utoipa::path(post, path = "/drafts/{owner}/replacements", operation_id = "postDraftReplacement", tag = "data",
    params(("owner" = String, Path), ReplaceParams, ("If-Match" = String, Header, description = "the tag of the draft")),
    request_body(content = String, content_type = "application/octet-stream", description = "the file, of any format that boundaries are read from; at most 64 MB"), responses(
    (status = 200, body = DraftInfo, headers(("ETag" = String))),
    (status = 403, description = "no right to change data, or asked by a page of another origin", body = ProblemDocument),
    (status = 404, description = "no such draft of this reader", body = ProblemDocument),
    (status = 409, description = "the draft is submitted", body = ProblemDocument),
    (status = 412, description = "the draft was changed since", body = ProblemDocument),
    (status = 422, description = "the file can't be read, or something is not said", body = ProblemDocument),
    (status = 428, description = "no If-Match", body = ProblemDocument),
    (status = 429, description = "too many files from one address", body = ProblemDocument, headers(("Retry-After" = u64))),
    (status = 501, description = "the service keeps nothing", body = ProblemDocument)))]
pub(crate) async fn replace(
    context: Context,
    _: SameOrigin,
    headers: HeaderMap,
    Path(owner): Path<String>,
    params: Params,
    body: Body,
) -> Answer {
    context.allow(Permission::Edit)?;
    let ReplaceParams { collection, file, source, approval, dated, crs, id_column, name_column, layer } =
        params.only()?;
    let own = own(&context, owner)?;
    let seen = seen(&headers)?;
    is_file(&headers)?;
    let drafts = drafts(&context)?;
    let spent = context.spend(Limited::Imports)?;
    let bytes = to_bytes(body, MOST).await.map_err(|_| Problem::of_status(StatusCode::PAYLOAD_TOO_LARGE))?;
    let file = AreaFile { name: file, bytes: bytes.into(), layer, crs, id: id_column, names: name_column };
    let official = Official { source, approval, dated, ..Official::default() };
    let judged = spent.ended(drafts.replace(own, collection, file, official, seen).await)?;
    answer(&context, judged)
}
