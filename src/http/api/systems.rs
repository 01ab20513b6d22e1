//! `/systems`: the reference systems in which the data is offered, with the parameters by which a program converts positions itself.

use crate::core::geometry::{Crs, Plane};
use crate::http::extract::context::Context;
use crate::http::extract::params::Params;
use crate::http::problem::Problem;
use crate::http::response::answer::{Answer, Reply};
use axum::http::HeaderMap;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// Which systems.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct SystemParams {
    /// Code of the EPSG register, such as `32650`: this system alone, whether or not the data is offered in it.
    #[param(value_type = Option<u32>)]
    code: Option<String>,
}

/// How positions of a system follow from longitude and latitude.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Projection {
    Degrees,
    PseudoMercator,
    TransverseMercator,
}

/// The parameters of a transverse Mercator plane, on an ellipsoid with a semi-major axis of 6,378,137 m.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PlaneInfo {
    /// Longitude of the central meridian.
    meridian: f64,
    /// Latitude of the origin.
    latitude: f64,
    /// Scale on the central meridian.
    scale: f64,
    /// False easting in metres.
    easting: f64,
    /// False northing in metres.
    northing: f64,
    /// Reciprocal of the flattening of the ellipsoid.
    flattening: f64,
}

impl From<Plane> for PlaneInfo {
    fn from(plane: Plane) -> Self {
        let Plane { datum, meridian, latitude, scale, easting, northing, .. } = plane;
        Self { meridian, latitude, scale, easting, northing, flattening: datum.flattening() }
    }
}

/// A reference system.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SystemInfo {
    /// Its URI, as `crs` takes it.
    uri: String,
    /// Its name in the EPSG register.
    title: String,
    /// Its code there; CRS84 has none.
    code: Option<u16>,
    /// Whether the first axis goes to the north: latitude, or northing, before longitude or easting.
    north_first: bool,
    /// How its positions follow from degrees; `degrees`: they are these.
    projection: Projection,
    /// The parameters of a plane.
    plane: Option<PlaneInfo>,
}

impl From<Crs> for SystemInfo {
    fn from(crs: Crs) -> Self {
        let (projection, plane) = match crs {
            Crs::Crs84 | Crs::Wgs84 | Crs::Cgcs2000 => (Projection::Degrees, None),
            Crs::WebMercator => (Projection::PseudoMercator, None),
            Crs::Plane(plane) => (Projection::TransverseMercator, Some(plane.into())),
        };
        Self {
            uri: crs.uri(),
            title: crs.name(),
            code: crs.code().filter(|_| crs != Crs::Crs84),
            north_first: crs.north_first(),
            projection,
            plane,
        }
    }
}

/// Reference systems.
#[derive(Serialize, ToSchema)]
pub(crate) struct SystemList {
    /// The systems; the first is what everything is kept in, where none was asked for.
    systems: Vec<SystemInfo>,
}

/// The reference systems in which the data is offered, in the order in which collections list them, or the one of a code.
#[utoipa::path(get, path = "/systems", operation_id = "getSystems", tag = "data", params(SystemParams),
    responses((status = 200, body = SystemList)))]
pub(crate) async fn systems(context: Context, headers: HeaderMap, params: Params) -> Answer {
    let SystemParams { code } = params.only()?;
    let wanted = code.map(|code| Crs::of_code("EPSG", &code).map_err(|name| unknown(&name))).transpose()?;
    Reply { context: &context, headers: &headers }.json(|| {
        let all = wanted.map_or_else(|| context.describe().systems(), |crs| vec![crs]);
        Ok(SystemList { systems: all.into_iter().map(SystemInfo::from).collect() })
    })
}

fn unknown(name: &str) -> Problem {
    Problem::parameter(
        "code",
        &format!(
            "不支持坐标系 {name};支持 4326、4490、3857、CGCS2000 高斯-克吕格 4491 至 4554、UTM 32601 至 32660 与 32701 至 32760"
        ),
        &format!(
            "the reference system {name} is not supported, but 4326, 4490, 3857, Gauss-Kruger of CGCS2000 4491 to 4554, UTM 32601 to 32660 and 32701 to 32760"
        ),
    )
}
