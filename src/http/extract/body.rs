//! The one body of questions that don't fit a URL: `POST /summary` and `POST /report` read the same.

use crate::core::json;
use crate::core::query::{Question, SetOp};
use crate::http::problem::Problem;
use crate::http::schemas;
use axum::http::{HeaderMap, StatusCode, header};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// A question about an area. At most one of `zone`, `polygon`, `circle`, `buffer` and `nearest`; none means the whole city.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[allow(dead_code, reason = "read by `Question`, described here")]
#[allow(clippy::struct_excessive_bools, reason = "each is a member of the body that readers write")]
pub(crate) struct QueryBody {
    /// Zone id.
    zone: Option<String>,
    /// GeoJSON Polygon or MultiPolygon in WGS 84 degrees.
    #[schema(value_type = Option<Object>)]
    polygon: Option<Box<RawValue>>,
    /// Circle.
    circle: Option<CircleBody>,
    /// What lies within a distance of a feature or of a geometry.
    buffer: Option<BufferBody>,
    /// The nearest enterprises to a point.
    nearest: Option<NearestBody>,
    /// Name of the area in answers and files, 1 to 120 characters in one line; what it is called otherwise when left out.
    area_title: Option<String>,
    /// Whether a polygon whose border crosses itself is taken by the even-odd rule instead of being refused.
    #[serde(default)]
    repair: bool,
    /// What is done to the area, in this order: at most 16 steps. Rows are put together as sets, each area by its own
    /// rule.
    #[serde(default)]
    combine: Vec<Step>,
    /// Whether the outline of the area is wanted as GeoJSON, repaired and put together.
    #[serde(default)]
    outline: bool,
    /// Only rows whose geometry meets this box: west, south, east, north in degrees.
    bbox: Option<[f64; 4]>,
    /// Only rows of this time, as the parameter `datetime` of features has it.
    datetime: Option<String>,
    /// Year of the figures; the same as `period`.
    year: Option<u16>,
    /// Period of the figures: a year (`2025`), a quarter (`2025Q3`) or a month (`2025-03`); the latest of each figure when
    /// left out.
    period: Option<String>,
    /// CQL2 text, a CQL2 JSON object (with `op`), or an object property of the register -> value.
    #[serde(default)]
    filter: serde_json::Value,
    /// Property of the register -> value, where `filter` is CQL2.
    #[serde(default)]
    #[schema(value_type = Object)]
    conditions: BTreeMap<String, serde_json::Value>,
    /// Order of rows, as the parameter `sortby` of features has it.
    sortby: Option<String>,
    /// Whether mean, quartiles and shares of the largest are wanted beside each sum.
    #[serde(default)]
    statistics: bool,
    /// Whether the change of each sum from the year before is wanted.
    #[serde(default)]
    growth: bool,
    /// Period that changes are counted from, as in `/summary`.
    since: Option<String>,
    /// Whether it is wanted how evenly the values of each sum are spread over the rows.
    #[serde(default)]
    spread: bool,
    /// Whether secondary clusters count too.
    #[serde(default)]
    secondary: bool,
    /// Level of the classes, as in `/summary`.
    class_level: Option<String>,
    /// Class whose parts are in question, as in `/summary`.
    class_parent: Option<String>,
    /// Version of the classification, as in `/summary`.
    class_version: Option<String>,
}

/// An area and what is done with it; exactly one of `zone`, `polygon`, `circle` and `buffer`.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[allow(dead_code, reason = "read by `Question`, described here")]
struct Step {
    /// Union (并), intersection (交) or difference (差).
    #[schema(value_type = schemas::SetOp)]
    op: SetOp,
    /// Zone id.
    zone: Option<String>,
    /// GeoJSON Polygon or MultiPolygon in WGS 84 degrees.
    #[schema(value_type = Option<Object>)]
    polygon: Option<Box<RawValue>>,
    /// Circle.
    circle: Option<CircleBody>,
    /// What lies within a distance of a feature or of a geometry.
    buffer: Option<BufferBody>,
}

/// A circle on the ground.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[allow(dead_code, reason = "read by `Question`, described here")]
struct CircleBody {
    /// Longitude, latitude.
    center: [f64; 2],
    /// Metres, 1 to 500,000.
    radius_m: f64,
}

/// What lies within a distance, on the ground, of a feature (`collection` and `id`) or of a `geometry`; one of the two.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[allow(dead_code, reason = "read by `Question`, described here")]
struct BufferBody {
    /// Collection of the feature.
    collection: Option<String>,
    /// Id of the feature.
    id: Option<String>,
    /// GeoJSON geometry in WGS 84 degrees: points, lines or polygons.
    #[schema(value_type = Option<Object>)]
    geometry: Option<Box<RawValue>>,
    /// Metres, 1 to 500,000.
    distance_m: f64,
}

/// The nearest enterprises to a point, by the great circle.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[allow(dead_code, reason = "read by `Question`, described here")]
struct NearestBody {
    /// Longitude, latitude.
    center: [f64; 2],
    /// How many, 1 to 10,000.
    k: usize,
}

/// Reads a body of another shape: JSON that says it is JSON, which a form of another page can't send.
pub(crate) fn json<T: DeserializeOwned>(headers: &HeaderMap, bytes: &[u8]) -> Result<T, Problem> {
    of_kind(headers, &["application/json"])?;
    json::from_slice(bytes).map_err(bad)
}

fn of_kind(headers: &HeaderMap, kinds: &[&str]) -> Result<(), Problem> {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or("");
    let kind = kind.split(';').next().unwrap_or("").trim().to_ascii_lowercase();
    let known = kinds.contains(&kind.as_str());
    if known { Ok(()) } else { Err(Problem::of_status(StatusCode::UNSUPPORTED_MEDIA_TYPE)) }
}

#[allow(clippy::needless_pass_by_value, reason = "made for map_err")]
fn bad(e: serde_json::Error) -> Problem {
    let (line, column, why) = (e.line(), e.column(), e.to_string());
    Problem::new(
        StatusCode::BAD_REQUEST,
        "bad-body",
        format!("请求内容第 {line} 行第 {column} 列有误:{why}"),
        format!("The body is wrong at line {line}, column {column}: {why}"),
    )
}

/// Takes a member that is beside the question out of a body: its value, and the body without it.
pub(crate) fn without<'b, T: DeserializeOwned>(
    headers: &HeaderMap,
    bytes: &'b [u8],
    member: &str,
) -> Result<(Option<T>, Cow<'b, [u8]>), Problem> {
    // most bodies have none, and what is wrong with them is said by whoever reads the question
    let has = bytes.trim_ascii_start().starts_with(b"{") && memchr::memmem::find(bytes, member.as_bytes()).is_some();
    if !has {
        return Ok((None, Cow::Borrowed(bytes)));
    }
    let mut members: BTreeMap<String, Box<RawValue>> = json(headers, bytes)?;
    let Some(value) = members.remove(member) else { return Ok((None, Cow::Borrowed(bytes))) };
    let value = json::from_slice(value.get().as_bytes()).map_err(bad)?;
    let rest = serde_json::to_vec(&members).map_err(bad)?;
    Ok((Some(value), Cow::Owned(rest)))
}

/// A file as it is: whoever sends one says so, which a form of another page can't.
pub(crate) fn is_file(headers: &HeaderMap) -> Result<(), Problem> {
    if headers.get(header::CONTENT_TYPE).is_some_and(|kind| kind == "application/octet-stream") {
        return Ok(());
    }
    Err(Problem::new(
        StatusCode::UNSUPPORTED_MEDIA_TYPE,
        "unsupported-media-type",
        "请用 Content-Type: application/octet-stream 发送文件本身。",
        "Send the file itself as Content-Type: application/octet-stream.",
    ))
}

/// Reads a body: the object above, or a bare GeoJSON Polygon, MultiPolygon or Feature.
pub(crate) fn read(headers: &HeaderMap, bytes: &[u8]) -> Result<Question, Problem> {
    of_kind(headers, &["application/json", "application/geo+json"])?;
    let question = Question::from_json(bytes)?;
    of_register(&question)?;
    Ok(question)
}

/// Refuses what a body does not say: another collection, kinds of zones.
pub(crate) fn of_register(question: &Question) -> Result<(), Problem> {
    let elsewhere = [("collection", question.collection().is_some()), ("kind", question.zone_kind().is_some())];
    match elsewhere.into_iter().find(|(_, given)| *given) {
        Some((member, _)) => Err(Problem::parameter(member, "不在请求内容中给出", "does not belong in the body")),
        None => Ok(()),
    }
}
