//! `/qgis/shigu.qgs`: a QGIS project of everything here.

use super::answer::{Answer, Asked, Form, attachment};
use super::params::Params;
use super::{App, negotiate};
use crate::render::map::qgis;
use axum::extract::State;
use axum::http::HeaderMap;

const PROJECT: &str = "application/x-qgis-project";

/// A QGIS project (3.22 and later): the map as vector tiles, drawn as on the page, and every collection as a layer.
#[utoipa::path(get, path = "/qgis/shigu.qgs", operation_id = "getQgisProject", tag = "map", params(super::describe::LangParams),
    responses((status = 200, description = "the project", content((String = "application/x-qgis-project")))))]
pub(super) async fn project(State(app): State<App>, headers: HeaderMap, mut params: Params) -> Answer {
    let lang = negotiate::asked_lang(&mut params, &headers)?;
    params.finish()?;
    let snapshot = app.snapshot();
    let base = negotiate::base_url(&app, &headers);
    let all = snapshot.layers.iter().map(|l| l.spec.id.as_str()).collect::<Vec<_>>().join(",");
    let template = format!("{base}/xyz/{all}/{{z}}/{{x}}/{{y}}.mvt");
    let asked = Asked { app: &app, snapshot: &snapshot, headers: &headers };
    let mut response =
        asked.form(Form::spoken(PROJECT, lang), || Ok(qgis(&snapshot, lang, &base, &template).into_bytes()))?;
    attachment(&mut response, &format!("{}.qgs", snapshot.manifest.id));
    Ok(response)
}
