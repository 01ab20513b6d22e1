//! Parameters that several resources share, as the API's description has them; read by `negotiate`, `space` and `time`.
#![allow(dead_code, reason = "only described here")]

use serde::Serialize;
use utoipa::{IntoParams, ToSchema};

#[derive(Serialize, ToSchema)]
enum FormName {
    #[serde(rename = "json")]
    Json,
    #[serde(rename = "html")]
    Html,
}

#[derive(Serialize, ToSchema)]
enum LangName {
    #[serde(rename = "zh")]
    Zh,
    #[serde(rename = "en")]
    En,
}

#[derive(Serialize, ToSchema)]
pub(crate) enum CrsName {
    #[serde(rename = "http://www.opengis.net/def/crs/OGC/1.3/CRS84")]
    Crs84,
    #[serde(rename = "http://www.opengis.net/def/crs/EPSG/0/4326")]
    Wgs84,
    #[serde(rename = "http://www.opengis.net/def/crs/EPSG/0/3857")]
    WebMercator,
    #[serde(rename = "http://www.opengis.net/def/crs/EPSG/0/4490")]
    Cgcs2000,
    #[serde(rename = "http://www.opengis.net/def/crs/EPSG/0/4549")]
    GaussKruger120,
}

/// What resources that are both JSON and a page have.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct FormParams {
    /// The form of the answer; without it `Accept` decides.
    #[param(inline)]
    f: Option<FormName>,
    /// The language of titles and pages; without it `Accept-Language` decides.
    #[param(inline)]
    lang: Option<LangName>,
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum ItemsFormName {
    Json,
    GeoJson,
    Html,
    GeoJsonSeq,
    Csv,
    Fgb,
    Parquet,
    Gpkg,
}

#[derive(Serialize, ToSchema)]
enum JsonName {
    #[serde(rename = "json")]
    Json,
}

/// What resources that are JSON only have.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct JsonParams {
    /// The form of the answer.
    #[param(inline)]
    f: Option<JsonName>,
    /// The language of titles; without it `Accept-Language` decides.
    #[param(inline)]
    lang: Option<LangName>,
}

#[derive(Serialize, ToSchema)]
enum MvtName {
    #[serde(rename = "mvt")]
    Mvt,
}

/// Names of tile matrix sets.
#[derive(Serialize, ToSchema)]
pub(crate) enum MatrixSetName {
    WebMercatorQuad,
}

/// How a tile is made.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct TileFormParams {
    /// The form of the answer.
    #[param(inline)]
    f: Option<MvtName>,
    /// Year of the figures.
    year: Option<u16>,
    /// 8, 16, 32 or 64 cells a side in the register's layer.
    cells: Option<u32>,
    /// Revision; makes the answer cacheable for ever.
    v: Option<String>,
}

/// Which tile.
#[derive(IntoParams)]
#[into_params(parameter_in = Path)]
pub(crate) struct TileParams {
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

/// What features can be had as.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct ItemsFormParams {
    /// The form of the answer; without it `Accept` decides. The last five are files (GeoJSON text sequence, CSV, FlatGeobuf,
    /// GeoParquet, GeoPackage) of all features that match, unless `limit` is given.
    #[param(inline)]
    f: Option<ItemsFormName>,
    /// The language of titles and pages; without it `Accept-Language` decides.
    #[param(inline)]
    lang: Option<LangName>,
}

/// Bytes of a file.
#[derive(ToSchema)]
#[schema(value_type = String, format = Binary)]
pub(crate) struct Binary(());

/// What is said in a language.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct LangParams {
    /// The language of titles; without it `Accept-Language` decides.
    #[param(inline)]
    lang: Option<LangName>,
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum FileName {
    Docx,
    Xlsx,
    Pdf,
    Html,
    Csv,
    Geojson,
    Png,
    Svg,
}

/// Which file.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct FileParams {
    /// The sort of file.
    #[param(inline, default = "xlsx")]
    format: Option<FileName>,
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum ThemeName {
    Light,
    Dark,
}

/// Which style.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct ThemeParams {
    /// Its colours.
    #[param(inline, default = "light")]
    theme: Option<ThemeName>,
}

/// In which reference system coordinates are given.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct CrsParams {
    /// Reference system of the coordinates in the answer; CRS84 when left out. Axes as in the EPSG register: 4326 and 4490
    /// are latitude, longitude; 4549 is northing, easting.
    #[param(inline)]
    crs: Option<CrsName>,
}

/// Where and when.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct PlaceParams {
    /// Only features whose geometry meets this box: west,south,east,north in degrees (west above east goes over the
    /// antimeridian), or the two corners in the order of the axes of `bbox-crs`; six numbers have heights, which are not
    /// looked at. Features without geometry always match.
    #[param(style = Form, explode = false, min_items = 4, max_items = 6)]
    bbox: Option<Vec<f64>>,
    /// Reference system of `bbox`; CRS84 when left out.
    #[param(rename = "bbox-crs", inline)]
    bbox_crs: Option<CrsName>,
    /// Only features of this time: a day, an instant (RFC 3339) or an interval `from/to` with `..` for an open end.
    /// Features without a time always match.
    #[param(example = "2021-01-01/..")]
    datetime: Option<String>,
}

/// A page of rows.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct PageParams {
    /// Features on a page; a larger number is taken for the largest. Files have as many as are asked for, all without it.
    #[param(minimum = 1, maximum = 10_000, default = 100)]
    limit: Option<u64>,
    /// Features that come before the page; `next` and `prev` links have it right.
    #[param(minimum = 0, default = 0)]
    offset: Option<u64>,
}

/// In which order.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct SortParams {
    /// Properties to order the features by, separated by commas, each ascending or, after `-`, descending; also `id`.
    /// Codes come in the order of their codelist, texts in that of Unicode. Features without a value come last either
    /// way; features that are alike keep one order, so that no feature is on two pages.
    #[param(example = "-founded,name")]
    sortby: Option<String>,
}

/// GeoJSON (RFC 7946), with the links of OGC API - Features.
#[derive(Serialize, ToSchema)]
pub(crate) struct FeatureCollection {
    #[schema(value_type = FeatureCollectionType)]
    r#type: &'static str,
    features: Vec<Feature>,
    /// Features that match, on all pages.
    #[serde(rename = "numberMatched")]
    number_matched: u64,
    /// Features on this page.
    #[serde(rename = "numberReturned")]
    number_returned: u64,
    /// When the answer was made.
    #[serde(rename = "timeStamp")]
    #[schema(format = DateTime)]
    time_stamp: String,
    /// `self`, `alternate`, `collection`, `next` where there is more, `prev`.
    links: Vec<crate::http::response::links::Link>,
}

#[derive(Serialize, ToSchema)]
enum FeatureCollectionType {
    FeatureCollection,
}

/// A GeoJSON feature.
#[derive(Serialize, ToSchema)]
pub(crate) struct Feature {
    #[schema(value_type = FeatureType)]
    r#type: &'static str,
    id: String,
    /// A GeoJSON geometry in the reference system asked for.
    #[schema(value_type = Option<Object>, required = true)]
    geometry: Option<serde_json::Value>,
    /// What the collection's queryables name.
    #[schema(value_type = Object)]
    properties: serde_json::Value,
    /// `self`, `alternate`, `collection`; on a page of features none.
    #[serde(skip_serializing_if = "Option::is_none")]
    links: Option<Vec<crate::http::response::links::Link>>,
}

#[derive(Serialize, ToSchema)]
enum FeatureType {
    Feature,
}
