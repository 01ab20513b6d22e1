//! `/collections/{id}/items` and one item (OGC API - Features Part 1).

use super::answer::{Answer, Asked};
use super::collections::{Link, find};
use super::filter::{Conditions, FilterParams};
use super::params::Params;
use super::problem::Problem;
use super::{App, negotiate};
use crate::query::{Query, Selection, select, write_feature};
use crate::snapshot::Snapshot;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use std::io::Write as _;

/// Rows on a page unless asked otherwise.
const DEFAULT_LIMIT: usize = 100;
/// More rows are never on one page; a larger `limit` is cut to this.
const MAX_LIMIT: usize = 10_000;
const GEOJSON: &str = "application/geo+json";

/// A page of features.
#[utoipa::path(get, path = "/collections/{id}/items", tag = "data",
    params(("id" = String, Path), ("bbox" = Option<String>, Query, description = "west,south,east,north in degrees"),
        ("limit" = Option<usize>, Query, description = "1 to 10000, default 100"), ("offset" = Option<usize>, Query),
        ("zone" = Option<String>, Query, description = "zone id; also city, outside, undeclared"),
        ("property" = Option<String>, Query, description = "any property of the collection = value"), FilterParams),
    responses((status = 200, content_type = "application/geo+json", body = serde_json::Value), (status = 400, body = super::problem::ProblemDocument)))]
pub(super) async fn page(
    State(app): State<App>,
    headers: HeaderMap,
    Path(id): Path<String>,
    mut params: Params,
) -> Answer {
    let snapshot = app.snapshot();
    let (layer, _) = find(&snapshot, &id)?;
    let whole = ("非负整数", "a whole number");
    let limit = params.value::<usize>("limit", whole.0, whole.1)?.unwrap_or(DEFAULT_LIMIT).min(MAX_LIMIT);
    if limit == 0 {
        return Err(Problem::parameter("limit", "应至少为 1", "must be at least 1"));
    }
    let offset = params.value::<usize>("offset", whole.0, whole.1)?.unwrap_or(0);
    let query = read(&app, &snapshot, layer, params)?;
    let pairs: Vec<(String, String)> = query.1;
    Asked { app: &app, snapshot: &snapshot, headers: &headers }.bytes(GEOJSON, || {
        let selection = select(&snapshot, &query.0, offset, limit);
        let base = format!("{}/collections/{id}/items", negotiate::base_url(&app, &headers));
        let address = |offset: usize| address(&base, &pairs, limit, offset);
        let mut links = vec![Link::new(address(offset), "self", GEOJSON)];
        if offset + selection.rows.len() < selection.matched {
            links.push(Link::new(address(offset + limit), "next", GEOJSON));
        }
        if offset > 0 {
            links.push(Link::new(address(offset.saturating_sub(limit)), "prev", GEOJSON));
        }
        Ok(write(&selection, &links))
    })
}

/// One feature.
#[utoipa::path(get, path = "/collections/{id}/items/{fid}", tag = "data", params(("id" = String, Path), ("fid" = String, Path)),
    responses((status = 200, content_type = "application/geo+json", body = serde_json::Value), (status = 404, body = super::problem::ProblemDocument)))]
pub(super) async fn one(
    State(app): State<App>,
    headers: HeaderMap,
    Path((id, fid)): Path<(String, String)>,
    params: Params,
) -> Answer {
    params.finish()?;
    let snapshot = app.snapshot();
    let (_, layer) = find(&snapshot, &id)?;
    let row = layer.row(&fid).ok_or_else(|| {
        Problem::not_found(
            format!("集合 {id} 中没有编号为 {fid} 的要素。"),
            format!("Collection {id} has no feature {fid}."),
        )
    })?;
    Asked { app: &app, snapshot: &snapshot, headers: &headers }.bytes(GEOJSON, || {
        let columns = app.disclosure().columns(&layer.spec);
        let selection =
            Selection { spec: &layer.spec, table: &layer.table, rows: vec![row as u32], columns, matched: 1 };
        let mut out = Vec::new();
        write_feature(&mut out, &selection, row as u32);
        Ok(out)
    })
}

/// The question that the parameters ask, and those parameters for the links.
fn read(
    app: &App,
    snapshot: &Snapshot,
    layer: usize,
    mut params: Params,
) -> Result<(Query, Vec<(String, String)>), Problem> {
    let given = params.rest().map(|(n, v)| (n.to_owned(), v.to_owned())).collect();
    let mut query = Query::layer(layer, app.disclosure());
    query.bbox = params.bbox()?;
    if let Some(zone) = params.text("zone") {
        query = query.in_zone(snapshot, &zone)?;
    }
    Ok((Conditions::read(params)?.narrow(query, snapshot)?, given))
}

fn address(base: &str, pairs: &[(String, String)], limit: usize, offset: usize) -> String {
    let mut url = format!("{base}?limit={limit}&offset={offset}");
    for (name, value) in pairs {
        url.push('&');
        escape(&mut url, name);
        url.push('=');
        escape(&mut url, value);
    }
    url
}

/// Percent-encodes everything but unreserved characters (RFC 3986).
pub(super) fn escape(out: &mut String, text: &str) {
    use std::fmt::Write as _;
    for b in text.bytes() {
        if b.is_ascii_alphanumeric() || b"-._~".contains(&b) {
            out.push(b as char);
        } else {
            let _ = write!(out, "%{b:02X}");
        }
    }
}

fn write(selection: &Selection, links: &[Link]) -> Vec<u8> {
    let mut out = Vec::with_capacity(selection.rows.len() * 400 + 512);
    out.extend_from_slice(br#"{"type":"FeatureCollection","features":["#);
    for (i, &row) in selection.rows.iter().enumerate() {
        out.extend_from_slice(if i == 0 { b"\n" } else { b",\n" });
        write_feature(&mut out, selection, row);
    }
    // writing to memory can't fail
    let _ = write!(
        out,
        "\n],\"numberMatched\":{},\"numberReturned\":{},\"links\":",
        selection.matched,
        selection.rows.len()
    );
    let _ = serde_json::to_writer(&mut out, links);
    out.push(b'}');
    out
}
