//! `/style.json` and TileJSON: how clients find and draw the tiles.

use crate::core::model::Lang;
use crate::http::extract::context::Context;
use crate::http::extract::layers::layers;
use crate::http::extract::negotiate;
use crate::http::extract::params::Params;
use crate::http::extract::shared::TableParams;
use crate::http::extract::values::{LangWord, Word};
use crate::http::response::answer::{Answer, Reply};
use crate::render::map::{Theme, style};
use crate::render::tiles::{TileJson, tilejson as describe};
use axum::extract::Path;
use axum::http::HeaderMap;
use serde::Deserialize;
use utoipa::IntoParams;

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

// the description does not follow a type with parameters of its own
type ThemeWord = Word<Theme>;

/// Which style. The page names its language; a map of anybody else's is Chinese unless they ask.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct StyleParams {
    /// Its colours.
    #[param(inline, default = "light")]
    theme: Option<ThemeWord>,
    /// The language of titles.
    #[param(inline, default = "zh")]
    lang: Option<LangWord>,
}

/// The map's style, for MapLibre.
#[utoipa::path(get, path = "/style.json", operation_id = "getStyle", tag = "map",
    params(StyleParams, TableParams),
    responses((status = 200, body = serde_json::Value)))]
pub(crate) async fn style_json(context: Context, headers: HeaderMap, params: Params) -> Answer {
    let (StyleParams { theme, lang }, table): (_, TableParams) = params.only()?;
    let context = context.of_table(&table)?;
    let (theme, lang) = (theme.map_or_else(Theme::default, |Word(t)| t), lang.map_or_else(Lang::default, |Word(l)| l));
    let about = context.describe();
    let (base, revision) = (negotiate::base_url(&context, &headers), &about.revision);
    let all = about.collections.iter().map(|l| l.spec.id.as_str()).collect::<Vec<_>>().join(",");
    let template = format!("{base}/xyz/{all}/{{z}}/{{x}}/{{y}}.mvt?v={revision}&cells={MAP_CELLS}");
    Reply { context: &context, headers: &headers }.json(|| Ok(style(about, theme, lang, &template)))
}
