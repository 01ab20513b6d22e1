//! `/cities/tiles/{z}/{x}/{y}.mvt`: rows of all cities in the cells of a tile, by class.

use super::Asked;
use super::known::Known;
use crate::core::geometry::mercator::TileId;
use crate::http::extract::negotiate;
use crate::http::extract::params::Params;
use crate::http::extract::shared::MvtParams;
use crate::http::extract::values::Cells;
use crate::http::ogc::tiles::{MVT, address};
use crate::http::problem::{Problem, ProblemDocument};
use crate::http::response::answer::{Answer, Form, blocking, tagged};
use crate::http::response::links::{Link, announce};
use crate::render::tiles::{CountedCell, Grid, counted};
use crate::service::cities::{CELL_BITS, CellSum, CellSums, ClassOf, DEEPEST_TILE, Found};
use axum::extract::Path;
use axum::http::{HeaderMap, StatusCode};
use axum::response::IntoResponse;
use serde::Deserialize;
use utoipa::IntoParams;

/// The layer of the tiles.
const LAYER: &str = "cells";
/// Links of an answer at most.
const LINKS: usize = 16;

/// How a tile over all cities is made.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct CellsParams {
    /// Cells a side: 8, or 16, 32 or 64 where the zoom of these cells (`cz`) is 16 at most.
    #[param(value_type = Option<u32>)]
    cells: Option<Cells>,
}

/// Rows of all cities in the cells of a tile, as the cities' own tiles count them with the same `cells`: of the main tables, of the latest
/// period. Layer `cells`: a point in the middle of each cell, with `n` (rows), `cz` (zoom of the cell), `row_zh` and `row_en` (what a row
/// is called), and for the rows of a class `class`, `class_zh`, `class_en`.
#[utoipa::path(get, path = "/cities/tiles/{z}/{x}/{y}", operation_id = "getCitiesTile", tag = "map",
    params(("z" = u8, Path, description = "0 to 13"), ("x" = u32, Path), ("y" = u32, Path, description = "with .mvt"), CellsParams, MvtParams),
    responses((status = 200, content_type = "application/vnd.mapbox-vector-tile"), (status = 204, description = "nothing here"),
        (status = 404, description = "no such tile, or one of a zoom at which rows are in the cities' own tiles, to which `Link` leads", body = ProblemDocument)))]
pub(super) async fn tile(
    asked: Asked,
    headers: HeaderMap,
    Path((z, x, y)): Path<(String, String, String)>,
    mut params: Params,
) -> Answer {
    asked.may_read()?;
    let tile = address(&z, &x, &y)?;
    let (CellsParams { cells }, _): (_, MvtParams) = params.take()?;
    params.finish()?;
    if !negotiate::accepts(&headers, MVT) {
        return Err(Problem::of_status(StatusCode::NOT_ACCEPTABLE));
    }
    if tile.z > DEEPEST_TILE {
        return blocking(move || deeper(&asked, &headers, tile)).await;
    }
    let bits = match cells {
        Some(Cells(Grid::Cells(side))) => side.ilog2() as u8,
        Some(Cells(Grid::Auto)) | None => CELL_BITS,
    };
    let finest = DEEPEST_TILE + CELL_BITS;
    if tile.z + bits > finest {
        let most = 1_u32 << (finest - tile.z);
        let (zh, en) = (format!("这一级最多 {most}"), format!("at most {most} at this zoom"));
        return Err(Problem::parameter("cells", &zh, &en));
    }
    blocking(move || {
        let known = Known::of(&asked)?;
        let Found { cities, of: CellSums { counted: counts, cells } } =
            asked.app.0.aggregates.cells(tile, bits, |id| known.has(id))?;
        let form = Form::plain(MVT);
        tagged(&headers, form, known.etag(&asked, &headers, &cities, form), || {
            let cell = |CellSum { at, counted, rows }: &CellSum| {
                let of = &counts[*counted];
                let class = of.class.as_ref().map(|ClassOf { code, zh, en }| [code.as_str(), zh, en]);
                CountedCell { at: *at, rows: *rows, row: [&of.row.0, &of.row.1], class }
            };
            Ok(counted(LAYER, tile, bits, cells.iter().map(cell)))
        })
    })
    .await
}

/// Where rows are that a deeper tile would hold.
fn deeper(asked: &Asked, headers: &HeaderMap, tile: TileId) -> Answer {
    let known = Known::of(asked)?;
    let (base, TileId { z, x, y }) = (asked.front().base_url(headers), tile);
    let bounds = tile.bounds(0.0);
    let cities = asked.app.0.aggregates.cities()?;
    let meets = |[west, south, east, north]: [f64; 4]| {
        west <= bounds.east && east >= bounds.west && south <= bounds.north && north >= bounds.south
    };
    let own = cities.iter().filter(|(id, about)| known.has(id) && about.extent.is_some_and(meets));
    let links: Vec<Link> = own
        .take(LINKS)
        .map(|(id, about)| Link::new(format!("{base}/cities/{id}/xyz/{}/{z}/{x}/{y}.mvt", about.table), "item", MVT))
        .collect();
    let mut response = Problem::new(
        StatusCode::NOT_FOUND,
        "rows-in-city-tiles",
        format!("全部城市的瓦片到 {DEEPEST_TILE} 级为止;更深各级的记录在各城市自己的瓦片 /cities/城市标识/xyz/ 中,见 Link 头。"),
        format!("Tiles over all cities go to zoom {DEEPEST_TILE}; deeper, rows are in the cities' own tiles, /cities/{{id}}/xyz/: see the Link header."),
    )
    .into_response();
    announce(&mut response, &links);
    Ok(response)
}
