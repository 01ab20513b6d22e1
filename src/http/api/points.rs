//! `/points`: a reader's own points, read from a file or from lines and counted by zone. Nothing of them is kept.

use crate::core::query::Engine;
use crate::data::intake::{Finding, OwnPoints, Refusal, System, Tally, own_points};
use crate::http::extract::body;
use crate::http::extract::change::SameOrigin;
use crate::http::extract::context::Context;
use crate::http::extract::params::Params;
use crate::http::extract::quota::Limited;
use crate::http::ogc::map::paint;
use crate::http::problem::ProblemDocument;
use crate::http::response::answer::{Answer, json};
use crate::service::accounts::Permission;
use axum::body::Bytes;
use axum::http::{HeaderMap, StatusCode};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// How the file is read.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct PointsParams {
    /// System of the positions: `wgs84`, `cgcs2000`, `gcj02`, `bd09` or an EPSG code; what the file says, else `wgs84`, when left out.
    crs: Option<String>,
    /// Worksheet or layer; the first when left out.
    sheet: Option<String>,
}

/// A point that was read.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OwnPoint {
    /// Row of the file, or line.
    row: u32,
    /// What it is called; empty where nothing says it.
    name: String,
    /// Longitude and latitude in WGS 84 degrees.
    at: [f64; 2],
    /// Ids of the zones that hold it, of every kind.
    zones: Vec<String>,
}

/// How many points a zone holds.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PointsOfZone {
    /// Zone id.
    id: String,
    /// Name.
    name: String,
    /// English name.
    name_en: String,
    /// Kind of the zone, as `/dataset` lists it.
    zone_kind: String,
    /// Points in it.
    points: usize,
}

/// How many points no zone of a kind holds.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PointsOutside {
    /// Kind of the zones, as `/dataset` lists it.
    zone_kind: String,
    /// Points in none of them.
    points: usize,
}

/// Points that were read.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OwnPointList {
    /// The points, in the order of the file.
    points: Vec<OwnPoint>,
    /// The system in which the positions were given.
    crs: String,
    /// Worksheets or layers of the file, where it can have several.
    sheets: Vec<String>,
    /// Rows that are no points, and what was done to others; the first of each kind.
    findings: Vec<Finding>,
    /// How many findings there are of each kind, those not listed included.
    tallies: Vec<Tally>,
    /// Zones that hold any, in the order of `/zones`.
    zones: Vec<PointsOfZone>,
    /// By kind of zones, the points in none of them.
    outside: Vec<PointsOutside>,
}

impl OwnPointList {
    fn of(context: &Context, own: &OwnPoints) -> Self {
        let about = context.describe();
        let at: Vec<_> = own.points.iter().map(|point| point.at).collect();
        let around = context.engine().zones_around(&at);
        let mut counts = vec![0; about.zones.len()];
        let mut outside = vec![at.len(); about.zone_kinds.len()];
        for zones in &around {
            let mut kinds: Vec<usize> = zones.iter().map(|zone| about.zones[*zone].kind).collect();
            zones.iter().for_each(|zone| counts[*zone] += 1);
            kinds.sort_unstable();
            kinds.dedup();
            kinds.into_iter().for_each(|kind| outside[kind] -= 1);
        }
        let points = own.points.iter().zip(&around).map(|(point, zones)| OwnPoint {
            row: point.row,
            name: point.name.clone(),
            at: [point.at.x, point.at.y],
            zones: zones.iter().map(|zone| about.zones[*zone].id.clone()).collect(),
        });
        let counted = about.zones.iter().zip(counts).filter(|(_, points)| *points > 0);
        let zones = counted.map(|(zone, points)| PointsOfZone {
            id: zone.id.clone(),
            name: zone.name.clone(),
            name_en: zone.name_en.clone(),
            zone_kind: about.zone_kinds[zone.kind].id.clone(),
            points,
        });
        let outside = about.zone_kinds.iter().zip(outside);
        let outside = outside.map(|(kind, points)| PointsOutside { zone_kind: kind.id.clone(), points });
        Self {
            points: points.collect(),
            crs: own.system.code().into_owned(),
            sheets: own.sheets.clone(),
            findings: own.findings.kept().to_vec(),
            tallies: own.findings.tallies(),
            zones: zones.collect(),
            outside: outside.collect(),
        }
    }
}

/// Reads points and counts them by zone, each zone by the rule by which rows of the register belong to it. A file in any format of an
/// import, or lines such as `120.1, 30.2, name`. Nothing is kept.
#[utoipa::path(post, path = "/points", operation_id = "postPoints", tag = "numbers", params(PointsParams),
    request_body(content = String, content_type = "application/octet-stream", description = "the file or the lines; at most 2 MB and 5,000 points"), responses(
    (status = 200, body = OwnPointList),
    (status = 403, description = "asked by a page of another origin", body = ProblemDocument),
    (status = 413, description = "more than 2 MB", body = ProblemDocument),
    (status = 415, description = "it is not said to be a file", body = ProblemDocument),
    (status = 422, description = "no points can be read from it, or more than 5,000", body = ProblemDocument),
    (status = 429, description = "too many from one address", body = ProblemDocument, headers(("Retry-After" = u64))),
    (status = 503, description = "too many are being read", body = ProblemDocument)))]
pub(crate) async fn post(context: Context, _: SameOrigin, headers: HeaderMap, params: Params, bytes: Bytes) -> Answer {
    context.allow(Permission::Read)?;
    let PointsParams { crs, sheet } = params.only()?;
    body::is_file(&headers)?;
    let system = crs.as_deref().map(System::named).transpose()?;
    let spent = context.spend(Limited::Points)?;
    // files are opened few at a time, as pictures are drawn
    let read = paint(context, move |context| {
        let read = own_points(&bytes, sheet.as_deref(), system, &context.describe().bounds).map_err(one_layer)?;
        json(StatusCode::OK, &OwnPointList::of(context, &read))
    })
    .await;
    spent.ended(read)
}

/// Of several layers one is to be named: the page has no more than the file.
fn one_layer(refusal: Refusal) -> Refusal {
    let sheets = refusal.sheets().to_vec();
    let Some(first) = sheets.first() else { return refusal };
    let remedy = crate::core::model::Text::new(
        format!("把其中一个另存为单独的文件,或在地址里写 sheet={first}"),
        format!("save one of them as a file of its own, or say sheet={first} in the address"),
    );
    refusal.with_remedy(remedy)
}
