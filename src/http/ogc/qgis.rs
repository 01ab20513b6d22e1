//! `/qgis/shigu.qgs`: a QGIS project of everything here.

use crate::http::extract::context::Context;
use crate::http::extract::negotiate;
use crate::http::extract::params::Params;
use crate::http::extract::shared::LangParams;
use crate::http::response::answer::{Answer, Form, Reply, attachment};
use crate::render::map::qgis;
use axum::http::HeaderMap;

const PROJECT: &str = "application/x-qgis-project";

/// A QGIS project (3.22 and later): the map as vector tiles, drawn as on the page, and every collection as a layer.
#[utoipa::path(get, path = "/qgis/shigu.qgs", operation_id = "getQgisProject", tag = "map", params(LangParams),
    responses((status = 200, description = "the project", content((String = "application/x-qgis-project")))))]
pub(crate) async fn project(context: Context, headers: HeaderMap, params: Params) -> Answer {
    let lang = params.only::<LangParams>()?.lang(&headers);
    let about = context.describe();
    let base = negotiate::base_url(&context, &headers);
    let all = about.collections.iter().map(|l| l.spec.id.as_str()).collect::<Vec<_>>().join(",");
    let template = format!("{base}/xyz/{all}/{{z}}/{{x}}/{{y}}.mvt");
    let reply = Reply { context: &context, headers: &headers };
    let mut response =
        reply.form(Form::spoken(PROJECT, lang), || Ok(qgis(about, lang, &base, &template).into_bytes()))?;
    attachment(&mut response, &format!("{}.qgs", about.manifest.id));
    Ok(response)
}
