//! Tilesets of the dataset and of each collection, their tiles by row and column, and the tile matrix set (OGC API - Tiles
//! Part 1).

use crate::core::geometry::mercator::TileId;
use crate::core::model::Lang;
use crate::http::extract::context::Context;
use crate::http::extract::filter::FilterParams;
use crate::http::extract::layers::{find, layers};
use crate::http::extract::negotiate;
use crate::http::extract::params::Params;
use crate::http::extract::shared::{
    Binary, ClassParams, CollectionsParams, JsonForm, JsonParams, LangParams, MvtForm, MvtParams, TileParams,
};
use crate::http::extract::values::whole;
use crate::http::ogc::tiles;
use crate::http::problem::Problem;
use crate::http::response::answer::{Answer, Form, Reply, to_json};
use crate::http::response::links::{JSON, Link, TILESET, TILESETS, TILING_SCHEME, TILING_SCHEMES, announce, escaped};
use crate::render::tiles::{
    TileMatrixSet, Tileset, WEB_MERCATOR_QUAD, WEB_MERCATOR_QUAD_URI, tile_matrix_set, tileset, within_limits,
};
use axum::extract::Path;
use axum::http::HeaderMap;
use serde::Serialize;
use tiles::MVT;
use utoipa::{IntoParams, ToSchema};

/// The tile matrix sets.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct TileMatrixSets {
    tile_matrix_sets: Vec<TileMatrixSetItem>,
    links: Vec<Link>,
}

/// A tile matrix set in the list.
#[derive(Serialize, ToSchema)]
struct TileMatrixSetItem {
    id: &'static str,
    title: &'static str,
    uri: &'static str,
    links: Vec<Link>,
}

/// The tilesets of the dataset or of a collection.
#[derive(Serialize, ToSchema)]
pub(crate) struct TilesetList {
    tilesets: Vec<TilesetItem>,
    links: Vec<Link>,
}

/// A tileset in the list.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct TilesetItem {
    title: String,
    data_type: &'static str,
    crs: &'static str,
    #[serde(rename = "tileMatrixSetURI")]
    tile_matrix_set_uri: &'static str,
    links: Vec<Link>,
}

/// A tileset with its links.
#[derive(Serialize, ToSchema)]
pub(crate) struct TilesetDocument {
    #[serde(flatten)]
    tileset: Tileset,
    links: Vec<Link>,
}

/// Names of tile matrix sets.
#[derive(Serialize, ToSchema)]
#[allow(dead_code, reason = "only described")]
pub(crate) enum MatrixSetName {
    WebMercatorQuad,
}

/// Which tile.
#[derive(IntoParams)]
#[into_params(parameter_in = Path)]
#[allow(dead_code, reason = "only described: an address that is no tile is nothing there, whatever it is")]
pub(crate) struct TileAddress {
    /// Level, 0 to 20.
    #[param(rename = "tileMatrix")]
    level: String,
    /// Row from the north.
    #[param(rename = "tileRow", minimum = 0)]
    row: u32,
    /// Column from the west.
    #[param(rename = "tileCol", minimum = 0)]
    column: u32,
}

const OFFERED: [(JsonForm, &str); 1] = [(JsonForm, JSON)];

/// Reads the parameters that all documents here have.
fn language(params: Params, headers: &HeaderMap) -> Result<Lang, Problem> {
    let (JsonParams { f }, lang): (_, LangParams) = params.only()?;
    negotiate::choose(f, headers, &OFFERED)?;
    Ok(lang.lang(headers))
}

fn known(matrix_set: &str) -> Result<(), Problem> {
    if matrix_set == WEB_MERCATOR_QUAD {
        return Ok(());
    }
    Err(Problem::not_found(
        format!("没有瓦片矩阵集 {matrix_set},只有 {WEB_MERCATOR_QUAD}。"),
        format!("There is no tile matrix set {matrix_set}; there is {WEB_MERCATOR_QUAD} only."),
    ))
}

/// The tile matrix sets.
#[utoipa::path(get, path = "/tileMatrixSets", operation_id = "getTileMatrixSets", tag = "map", params(JsonParams, LangParams),
    responses((status = 200, body = TileMatrixSets)))]
pub(crate) async fn matrix_sets(context: Context, headers: HeaderMap, params: Params) -> Answer {
    language(params, &headers)?;
    let own = format!("{}/tileMatrixSets", negotiate::base_url(&context, &headers));
    Reply { context: &context, headers: &headers }.form(Form::plain(JSON), || {
        let links = vec![Link::new(format!("{own}/{WEB_MERCATOR_QUAD}"), "self", JSON)];
        let title = "Google Maps Compatible for the World";
        let item = TileMatrixSetItem { id: WEB_MERCATOR_QUAD, title, uri: WEB_MERCATOR_QUAD_URI, links };
        to_json(&TileMatrixSets { tile_matrix_sets: vec![item], links: vec![Link::new(own.clone(), "self", JSON)] })
    })
}

/// A tile matrix set.
#[utoipa::path(get, path = "/tileMatrixSets/{tileMatrixSetId}", operation_id = "getTileMatrixSet", tag = "map",
    params(("tileMatrixSetId" = inline(MatrixSetName), Path, description = "id of a tile matrix set"), JsonParams, LangParams),
    responses((status = 200, body = TileMatrixSet)))]
pub(crate) async fn matrix_set(context: Context, headers: HeaderMap, Path(id): Path<String>, params: Params) -> Answer {
    language(params, &headers)?;
    known(&id)?;
    Reply { context: &context, headers: &headers }.form(Form::plain(JSON), || to_json(&tile_matrix_set()))
}

/// The tilesets of the dataset.
#[utoipa::path(get, path = "/tiles", operation_id = "dataset.vector.getTileSetsList", tag = "map", params(JsonParams, LangParams),
    responses((status = 200, body = TilesetList)))]
pub(crate) async fn of_dataset(context: Context, headers: HeaderMap, params: Params) -> Answer {
    list(&context, &headers, None, params)
}

/// The tilesets of a collection.
#[utoipa::path(get, path = "/collections/{collectionId}/tiles", operation_id = "collection.vector.getTileSetsList", tag = "map",
    params(("collectionId" = String, Path, description = "id of a collection"), JsonParams, LangParams),
    responses((status = 200, body = TilesetList)))]
pub(crate) async fn of_collection(
    context: Context,
    headers: HeaderMap,
    Path(id): Path<String>,
    params: Params,
) -> Answer {
    list(&context, &headers, Some(&id), params)
}

/// The dataset's tileset.
#[utoipa::path(get, path = "/tiles/{tileMatrixSetId}", operation_id = "dataset.vector.getTileSet", tag = "map",
    params(("tileMatrixSetId" = inline(MatrixSetName), Path, description = "id of a tile matrix set"), JsonParams, LangParams),
    responses((status = 200, body = TilesetDocument)))]
pub(crate) async fn dataset_tileset(
    context: Context,
    headers: HeaderMap,
    Path(matrix_set): Path<String>,
    params: Params,
) -> Answer {
    document(&context, &headers, None, &matrix_set, params)
}

/// A collection's tileset.
#[utoipa::path(get, path = "/collections/{collectionId}/tiles/{tileMatrixSetId}", operation_id = "collection.vector.getTileSet", tag = "map",
    params(("collectionId" = String, Path, description = "id of a collection"),
        ("tileMatrixSetId" = inline(MatrixSetName), Path, description = "id of a tile matrix set"), JsonParams, LangParams),
    responses((status = 200, body = TilesetDocument)))]
pub(crate) async fn collection_tileset(
    context: Context,
    headers: HeaderMap,
    Path((id, matrix_set)): Path<(String, String)>,
    params: Params,
) -> Answer {
    document(&context, &headers, Some(&id), &matrix_set, params)
}

/// A tile of the dataset.
#[utoipa::path(get, path = "/tiles/{tileMatrixSetId}/{tileMatrix}/{tileRow}/{tileCol}", operation_id = "dataset.vector.getTile", tag = "map",
    params(("tileMatrixSetId" = inline(MatrixSetName), Path, description = "id of a tile matrix set"), TileAddress,
        CollectionsParams,
        MvtParams, TileParams, ClassParams, ("property" = Option<String>, Query, description = "any property of the collections = value"), FilterParams),
    responses((status = 200, description = "the tile", content((Binary = "application/vnd.mapbox-vector-tile"))),
        (status = 204, description = "nothing here")))]
pub(crate) async fn dataset_tile(
    context: Context,
    headers: HeaderMap,
    Path((matrix_set, z, row, column)): Path<(String, String, String, String)>,
    mut params: Params,
) -> Answer {
    known(&matrix_set)?;
    let about = context.describe();
    let CollectionsParams { collections } = params.take()?;
    let layers = match collections {
        Some(ids) => layers(&context, &ids)?,
        None => (0..about.collections.len()).collect(),
    };
    tile(context, headers, layers, [&z, &row, &column], params).await
}

/// A tile of a collection.
#[utoipa::path(get, path = "/collections/{collectionId}/tiles/{tileMatrixSetId}/{tileMatrix}/{tileRow}/{tileCol}",
    operation_id = "collection.vector.getTile", tag = "map",
    params(("collectionId" = String, Path, description = "id of a collection"),
        ("tileMatrixSetId" = inline(MatrixSetName), Path, description = "id of a tile matrix set"), TileAddress,
        MvtParams, TileParams, ClassParams, ("property" = Option<String>, Query, description = "any property of the collection = value"), FilterParams),
    responses((status = 200, description = "the tile", content((Binary = "application/vnd.mapbox-vector-tile"))),
        (status = 204, description = "nothing here")))]
pub(crate) async fn collection_tile(
    context: Context,
    headers: HeaderMap,
    Path((id, matrix_set, z, row, column)): Path<(String, String, String, String, String)>,
    params: Params,
) -> Answer {
    known(&matrix_set)?;
    let layer = find(&context, &id)?.0;
    tile(context, headers, vec![layer], [&z, &row, &column], params).await
}

async fn tile(context: Context, headers: HeaderMap, layers: Vec<usize>, at: [&str; 3], mut params: Params) -> Answer {
    let about = context.describe();
    let [z, row, column] = at;
    let id = || TileId::new(whole(z)?, whole(column)?, whole(row)?);
    let within = |t: &TileId| within_limits(about, &layers, *t);
    let id = id().filter(within).ok_or_else(|| {
        Problem::not_found(
            format!("瓦片 {z}/{row}/{column} 在瓦片集的范围之外,见 tileMatrixSetLimits。"),
            format!("The tile {z}/{row}/{column} lies outside the tileset; see its tileMatrixSetLimits."),
        )
    })?;
    let MvtParams { f } = params.take()?;
    negotiate::choose(f, &headers, &[(MvtForm, MVT)])?;
    tiles::answer(context, headers, layers, id, params).await
}

/// Where the tilesets of the dataset, or of a collection, are.
fn address(context: &Context, headers: &HeaderMap, collection: Option<&str>) -> String {
    let base = negotiate::base_url(context, headers);
    collection.map_or_else(|| format!("{base}/tiles"), |id| format!("{base}/collections/{}/tiles", escaped(id)))
}

fn list(context: &Context, headers: &HeaderMap, collection: Option<&str>, params: Params) -> Answer {
    let lang = language(params, headers)?;
    let about = context.describe();
    let layers = match collection {
        Some(id) => vec![find(context, id)?.0],
        None => (0..about.collections.len()).collect(),
    };
    let own = address(context, headers, collection);
    let links = vec![Link::new(own.clone(), "self", JSON)];
    let mut response = Reply { context, headers }.form(Form::spoken(JSON, lang), || {
        let of = tileset(about, &layers, context.disclosure(), lang);
        let item = TilesetItem {
            title: of.title,
            data_type: of.data_type,
            crs: of.crs,
            tile_matrix_set_uri: of.tile_matrix_set_uri,
            links: vec![Link::new(format!("{own}/{WEB_MERCATOR_QUAD}"), TILESET, JSON), scheme(context, headers)],
        };
        to_json(&TilesetList { tilesets: vec![item], links: links.clone() })
    })?;
    announce(&mut response, &links);
    Ok(response)
}

fn document(
    context: &Context,
    headers: &HeaderMap,
    collection: Option<&str>,
    matrix_set: &str,
    params: Params,
) -> Answer {
    let lang = language(params, headers)?;
    known(matrix_set)?;
    let about = context.describe();
    let layers = match collection {
        Some(id) => vec![find(context, id)?.0],
        None => (0..about.collections.len()).collect(),
    };
    let above = address(context, headers, collection);
    let own = format!("{above}/{WEB_MERCATOR_QUAD}");
    let ids = layers.iter().map(|&l| escaped(&about.collections[l].spec.id)).collect::<Vec<_>>().join(",");
    let tilejson = format!("{}/xyz/{ids}/tilejson.json", negotiate::base_url(context, headers));
    let links = vec![
        Link::new(own.clone(), "self", JSON),
        Link::new(format!("{own}/{{tileMatrix}}/{{tileRow}}/{{tileCol}}?f=mvt"), "item", MVT).templated(),
        scheme(context, headers),
        Link::new(above, TILESETS, JSON),
        Link::new(tilejson, "describedby", JSON).titled("TileJSON"),
    ];
    Reply { context, headers }.form(Form::spoken(JSON, lang), || {
        let tileset = tileset(about, &layers, context.disclosure(), lang);
        to_json(&TilesetDocument { tileset, links: links.clone() })
    })
}

fn scheme(context: &Context, headers: &HeaderMap) -> Link {
    let base = negotiate::base_url(context, headers);
    Link::new(format!("{base}/tileMatrixSets/{WEB_MERCATOR_QUAD}"), TILING_SCHEME, JSON)
}

/// The links of the landing page and of collections to all this.
pub(crate) fn ways_in(above: &str, base: Option<&str>) -> Vec<Link> {
    let mut links = vec![Link::new(format!("{above}/tiles"), TILESETS, JSON).titled("矢量瓦片 / Vector tiles")];
    links.extend(base.map(|b| Link::new(format!("{b}/tileMatrixSets"), TILING_SCHEMES, JSON)));
    links
}
