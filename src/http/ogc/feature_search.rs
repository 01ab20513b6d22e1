//! `POST /collections/{id}/search`: the rows that a question matches which doesn't fit a URL.

use crate::core::geometry::Crs;
use crate::http::extract::body;
use crate::http::extract::body::QueryBody;
use crate::http::extract::context::Context;
use crate::http::extract::layers::find;
use crate::http::extract::negotiate;
use crate::http::extract::params::Params;
use crate::http::extract::shared::{PageParams, SortParams};
use crate::http::ogc::geojson::FeatureCollection;
use crate::http::ogc::items::write;
use crate::http::response::answer::{Answer, Form, Reply, blocking};
use crate::http::response::links::{GEOJSON, JSON, Link, escaped};
use axum::body::Bytes;
use axum::extract::Path;
use axum::http::HeaderMap;

/// A page of the features that a question matches: the one body of `/summary` and `/report`. `year`, `secondary` and
/// `statistics` matter to the register only.
#[utoipa::path(post, path = "/collections/{collectionId}/search", operation_id = "searchFeatures", tag = "data",
    request_body = QueryBody,
    params(("collectionId" = String, Path, description = "id of a collection"), PageParams, SortParams),
    responses((status = 200, description = "a page of features", content((FeatureCollection = "application/geo+json")))))]
pub(crate) async fn search(
    context: Context,
    headers: HeaderMap,
    Path(id): Path<String>,
    params: Params,
    bytes: Bytes,
) -> Answer {
    let (page, sort): (PageParams, SortParams) = params.only()?;
    let (offset, limit) = page.page()?;
    let question = body::read(&headers, &bytes)?;
    blocking(move || {
        find(&context, &id)?;
        let bound = context.bind(&sort.of(question.about(id.as_str())))?;
        let collection = format!("{}/collections/{}", negotiate::base_url(&context, &headers), escaped(&id));
        let links = [Link::new(collection, "collection", JSON)];
        let form = Form { stamped: true, ..Form::plain(GEOJSON) };
        Reply { context: &context, headers: &headers }.form(form, || {
            let selection = bound.select(offset, limit);
            context.took(&id, selection.rows().len(), Some(bound.question()));
            Ok(write(&selection, &links, Crs::Crs84))
        })
    })
    .await
}
