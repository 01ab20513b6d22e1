//! The one body of questions that don't fit a URL: `POST /summary` and `POST /report` read the same.

use crate::core::query::{Area, Combined, Drawn, Query, SetOp};
use crate::core::snapshot::Snapshot;
use crate::http::extract::context::Context;
use crate::http::extract::filter::Conditions;
use crate::http::problem::Problem;
use axum::http::{HeaderMap, StatusCode, header};
use geo::{Coord, Geometry, MultiPolygon};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;
use utoipa::ToSchema;

/// A question about an area. At most one of `zone`, `polygon`, `circle` and `nearest`; none means the whole city.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[allow(clippy::struct_excessive_bools, reason = "each is a member of the body that readers write")]
pub(crate) struct QueryBody {
    /// Zone id.
    zone: Option<String>,
    /// GeoJSON Polygon or MultiPolygon in WGS 84 degrees.
    #[schema(value_type = Option<Object>)]
    polygon: Option<Box<RawValue>>,
    /// Circle.
    circle: Option<CircleBody>,
    /// The nearest enterprises to a point.
    nearest: Option<NearestBody>,
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
    /// Year of the figures; the latest when left out.
    year: Option<u16>,
    /// CQL2 text, a CQL2 JSON object (with `op`), or an object property of the register -> value.
    #[serde(default)]
    filter: serde_json::Value,
    /// Whether mean, quartiles and shares of the largest are wanted beside each sum.
    #[serde(default)]
    statistics: bool,
    /// Whether secondary clusters count too.
    #[serde(default)]
    secondary: bool,
}

/// An area and what is done with it; exactly one of `zone`, `polygon` and `circle`.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Step {
    /// Union (并), intersection (交) or difference (差).
    op: SetOp,
    /// Zone id.
    zone: Option<String>,
    /// GeoJSON Polygon or MultiPolygon in WGS 84 degrees.
    #[schema(value_type = Option<Object>)]
    polygon: Option<Box<RawValue>>,
    /// Circle.
    circle: Option<CircleBody>,
}

/// A circle on the ground.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct CircleBody {
    /// Longitude, latitude.
    center: [f64; 2],
    /// Metres, 1 to 500,000.
    radius_m: f64,
}

/// The nearest enterprises to a point, by the great circle.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NearestBody {
    /// Longitude, latitude.
    center: [f64; 2],
    /// How many, 1 to 10,000.
    k: usize,
}

/// Reads a body of another shape: JSON that says it is JSON, which a form of another page can't send.
pub(crate) fn json<T: DeserializeOwned>(headers: &HeaderMap, bytes: &[u8]) -> Result<T, Problem> {
    of_kind(headers, &["application/json"])?;
    serde_json::from_slice(bytes).map_err(bad)
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

/// Reads a body: the object above, or a bare GeoJSON Polygon, MultiPolygon or Feature.
pub(crate) fn read(headers: &HeaderMap, bytes: &[u8]) -> Result<QueryBody, Problem> {
    of_kind(headers, &["application/json", "application/geo+json"])?;
    let bare: Bare = serde_json::from_slice(bytes).map_err(bad)?;
    let polygon = match bare.kind.as_deref() {
        None => return serde_json::from_slice(bytes).map_err(bad),
        Some("Feature") => bare.geometry.unwrap_or_default(),
        Some(_) => serde_json::from_slice(bytes).map_err(bad)?,
    };
    Ok(QueryBody { polygon: Some(polygon), ..QueryBody::default() })
}

/// What tells a bare geometry or feature from a question. Coordinates are passed over here and read once, in `polygon`.
#[derive(Deserialize)]
struct Bare {
    #[serde(rename = "type")]
    kind: Option<String>,
    geometry: Option<Box<RawValue>>,
}

/// A question under what bodies say of year, secondary clusters and `filter`.
pub(crate) fn under(
    query: Query,
    snapshot: &Snapshot,
    year: Option<u16>,
    secondary: bool,
    filter: &serde_json::Value,
) -> Result<Query, Problem> {
    let mut query = match year {
        Some(year) => query.with_year(snapshot, year)?,
        None => query,
    };
    query.secondary = secondary;
    Conditions::of_body(filter)?.narrow(query, snapshot)
}

impl QueryBody {
    /// The question that the body asks of the register.
    pub(crate) fn query(&self, context: &Context, snapshot: &Snapshot) -> Result<Query, Problem> {
        self.of(Query::register(snapshot, context.disclosure())?, snapshot)
    }

    /// The question that the body asks of a layer.
    pub(crate) fn query_of(&self, context: &Context, snapshot: &Snapshot, layer: usize) -> Result<Query, Problem> {
        self.of(Query::layer(layer, context.disclosure()), snapshot)
    }

    fn of(&self, query: Query, snapshot: &Snapshot) -> Result<Query, Problem> {
        let mut query = under(query, snapshot, self.year, self.secondary, &self.filter)?;
        (query.statistics, query.outline) = (self.statistics, self.outline);
        query.area = self.area(snapshot)?;
        Ok(query)
    }

    fn area(&self, snapshot: &Snapshot) -> Result<Area, Problem> {
        let several =
            || Problem::parameter("zone | polygon | circle | nearest", "只能给其中一个", "give only one of them");
        let named = Named { zone: self.zone.as_ref(), polygon: self.polygon.as_deref(), circle: self.circle.as_ref() };
        let first = match (named.count(), &self.nearest) {
            (0, None) => Area::City,
            (1, None) => named.area(snapshot, self.repair)?,
            (0, Some(n)) => Area::Drawn(Drawn::nearest(at(n.center), n.k)?),
            _ => return Err(several()),
        };
        if self.combine.is_empty() {
            return Ok(first);
        }
        if self.combine.len() > Combined::MAX_STEPS {
            return Err(Problem::parameter("combine", "最多 16 步", "at most 16 steps"));
        }
        let step = |s: &Step| {
            let named = Named { zone: s.zone.as_ref(), polygon: s.polygon.as_deref(), circle: s.circle.as_ref() };
            if named.count() == 1 {
                return Ok((s.op, named.area(snapshot, self.repair)?));
            }
            let zh = "每一步应给 zone、polygon、circle 中的一个";
            Err(Problem::parameter("combine", zh, "each step has exactly one of zone, polygon and circle"))
        };
        let steps = self.combine.iter().map(step).collect::<Result<Vec<_>, Problem>>()?;
        Ok(Area::Combined(Combined::new(snapshot, first, steps)))
    }
}

/// The ways to name an area.
struct Named<'a> {
    zone: Option<&'a String>,
    polygon: Option<&'a RawValue>,
    circle: Option<&'a CircleBody>,
}

impl Named<'_> {
    fn count(&self) -> usize {
        usize::from(self.zone.is_some()) + usize::from(self.polygon.is_some()) + usize::from(self.circle.is_some())
    }

    /// The area named first.
    fn area(&self, snapshot: &Snapshot, repair: bool) -> Result<Area, Problem> {
        Ok(match (self.zone, self.polygon, self.circle) {
            (Some(id), ..) => Area::named(snapshot, id)?,
            (_, Some(json), _) => Area::Drawn(Drawn::polygon(polygon(json)?, repair)?),
            (.., Some(c)) => Area::Drawn(Drawn::circle(at(c.center), c.radius_m)?),
            (None, None, None) => Area::City,
        })
    }
}

fn at([x, y]: [f64; 2]) -> Coord<f64> {
    Coord { x, y }
}

fn polygon(json: &RawValue) -> Result<MultiPolygon<f64>, Problem> {
    let bad = |why: String| {
        Problem::parameter(
            "polygon",
            &format!("应为 GeoJSON Polygon 或 MultiPolygon({why})"),
            &format!("must be a GeoJSON Polygon or MultiPolygon: {why}"),
        )
    };
    let geometry: geojson::Geometry = serde_json::from_str(json.get()).map_err(|e| bad(e.to_string()))?;
    match Geometry::<f64>::try_from(geometry).map_err(|e| bad(e.to_string()))? {
        Geometry::Polygon(p) => Ok(MultiPolygon(vec![p])),
        Geometry::MultiPolygon(m) => Ok(m),
        _ => Err(bad("other geometry".into())),
    }
}
