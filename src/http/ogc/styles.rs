//! `/style.json` and TileJSON: how clients find and draw the tiles.

use crate::core::model::Lang;
use crate::http::extract::context::Context;
use crate::http::extract::layers::layers;
use crate::http::extract::negotiate;
use crate::http::extract::params::Params;
use crate::http::response::answer::{Answer, Reply};
use crate::render::map::{Theme, style};
use crate::render::tiles::{TileJson, tilejson as describe};
use axum::extract::Path;
use axum::http::HeaderMap;

/// Into so many cells a side the register's tiles are cut for the map: a counted circle has 64 pixels to itself.
const MAP_CELLS: u32 = 8;

/// The tiles of some collections.
#[utoipa::path(get, path = "/xyz/{collections}/tilejson.json", operation_id = "getTileJson", tag = "map", params(("collections" = String, Path, description = "ids, separated by commas")),
    responses((status = 200, body = TileJson)))]
pub(crate) async fn tilejson(
    context: Context,
    headers: HeaderMap,
    Path(collections): Path<String>,
    params: Params,
) -> Answer {
    params.finish()?;
    let about = context.describe();
    let layers = layers(&context, &collections)?;
    let (base, revision) = (negotiate::base_url(&context, &headers), &about.revision);
    let template = format!("{base}/xyz/{collections}/{{z}}/{{x}}/{{y}}.mvt?v={revision}");
    Reply { context: &context, headers: &headers }.json(|| Ok(describe(about, &layers, context.disclosure(), template)))
}

/// The map's style, for MapLibre.
#[utoipa::path(get, path = "/style.json", operation_id = "getStyle", tag = "map",
    params(crate::http::extract::describe::ThemeParams, crate::http::extract::describe::LangParams),
    responses((status = 200, body = serde_json::Value)))]
pub(crate) async fn style_json(context: Context, headers: HeaderMap, mut params: Params) -> Answer {
    let theme = params.choice("theme", &[("light", Theme::Light), ("dark", Theme::Dark)])?.unwrap_or_default();
    let lang = params.choice("lang", &[("zh", Lang::Zh), ("en", Lang::En)])?.unwrap_or_default();
    params.finish()?;
    let about = context.describe();
    let (base, revision) = (negotiate::base_url(&context, &headers), &about.revision);
    let all = about.collections.iter().map(|l| l.spec.id.as_str()).collect::<Vec<_>>().join(",");
    let template = format!("{base}/xyz/{all}/{{z}}/{{x}}/{{y}}.mvt?v={revision}&cells={MAP_CELLS}");
    Reply { context: &context, headers: &headers }.json(|| Ok(style(about, theme, lang, &template)))
}
