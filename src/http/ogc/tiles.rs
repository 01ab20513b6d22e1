//! `/xyz/{collections}/{z}/{x}/{y}.mvt`: vector tiles.

use crate::core::geometry::mercator::TileId;
use crate::core::query::Question;
use crate::core::snapshot::ClassSpec;
use crate::http::extract::context::Context;
use crate::http::extract::filter::{Conditions, FilterParams};
use crate::http::extract::layers::layers;
use crate::http::extract::negotiate;
use crate::http::extract::params::Params;
use crate::http::extract::shared::{ClassParams, TileParams};
use crate::http::extract::values::{Cells, PeriodText, whole};
use crate::http::problem::Problem;
use crate::http::response::answer::{Answer, Form, Reply, computed};
use crate::render::tiles::{Grid, encode};
use axum::extract::Path;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::IntoResponse;

/// Media type of vector tiles.
pub(crate) const MVT: &str = "application/vnd.mapbox-vector-tile";

/// A tile with one layer per collection.
#[utoipa::path(get, path = "/xyz/{collections}/{z}/{x}/{y}", operation_id = "getTile", tag = "map",
    params(("collections" = String, Path, description = "ids, separated by commas"), ("z" = u8, Path), ("x" = u32, Path), ("y" = u32, Path),
        TileParams, ClassParams,
        ("property" = Option<String>, Query, description = "any property of the collections = value"), FilterParams),
    responses((status = 200, content_type = "application/vnd.mapbox-vector-tile"), (status = 204, description = "nothing here")))]
pub(crate) async fn tile(
    context: Context,
    headers: HeaderMap,
    Path((collections, z, x, y)): Path<(String, String, String, String)>,
    params: Params,
) -> Answer {
    let tile = address(&z, &x, &y)?;
    let layers = layers(&context, &collections)?;
    if !negotiate::accepts(&headers, MVT) {
        return Err(Problem::of_status(StatusCode::NOT_ACCEPTABLE));
    }
    answer(context, headers, layers, tile, params).await
}

/// Answers with a tile of some layers, under the conditions that the rest of the parameters are.
pub(crate) async fn answer(
    context: Context,
    headers: HeaderMap,
    layers: Vec<usize>,
    tile: TileId,
    params: Params,
) -> Answer {
    computed(context.cost(&layers, params.bytes()), move || made(&context, &headers, &layers, tile, params)).await
}

fn made(context: &Context, headers: &HeaderMap, layers: &[usize], tile: TileId, mut params: Params) -> Answer {
    let about = context.describe();
    let (TileParams { year, period, cells, v: version }, classes): (_, ClassParams) = params.take()?;
    let (period, grid) = (PeriodText::named(year, period)?, cells.map_or(Grid::Auto, |Cells(grid)| grid));
    let read = classes.of(Question::register()).classes().clone();
    let mut queries = Vec::new();
    let conditions = Conditions::read(params, about)?;
    for &layer in layers {
        let collection = about.collections[layer].spec.id.as_str();
        // another table beside this one has periods and classes of its own
        let other = layers.len() > 1 && about.other_tables().any(|table| table.collection == layer);
        let (period, read) = if other { (None, ClassSpec::default()) } else { (period, read.clone()) };
        let question = Question::of(collection).in_period(period).by_classes(read);
        queries.push(context.bind(&conditions.clone().of(question))?);
    }
    let mut response = Reply { context, headers }.form(Form::plain(MVT), || Ok(encode(&queries, tile, grid)))?;
    if version.is_some_and(|v| v == about.revision) {
        let forever = [(header::CACHE_CONTROL, "public, max-age=31536000, immutable")];
        response = (forever, response).into_response();
    }
    Ok(response)
}

/// The tile of an address.
pub(crate) fn address(z: &str, x: &str, y: &str) -> Result<TileId, Problem> {
    let tile = || {
        let y = y.strip_suffix(".mvt").or_else(|| y.strip_suffix(".pbf"))?;
        TileId::new(whole(z)?, whole(x)?, whole(y)?)
    };
    tile().ok_or_else(|| {
        Problem::not_found(
            format!("没有瓦片 {z}/{x}/{y}:应为 z/x/y.mvt,z 最大 20,x 与 y 小于 2^z。"),
            format!("There is no tile {z}/{x}/{y}: z/x/y.mvt with z up to 20, x and y below 2^z."),
        )
    })
}
