//! Tilesets and their tile matrix set as documents (OGC API - Tiles Part 1, 20-057; Two Dimensional Tile Matrix Set 2.0,
//! 17-083r4).

use super::tilejson::{MAX_TILE_ZOOM, VectorLayer, bounds, vector_layers};
use crate::core::geometry::Bounds;
use crate::core::geometry::mercator::{TileId, project};
use crate::core::model::{GeometryKind, Lang};
use crate::core::query::Disclosure;
use crate::core::snapshot::Description;
use serde::Serialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// Identifier of the only tile matrix set.
pub const WEB_MERCATOR_QUAD: &str = "WebMercatorQuad";
/// Its URI in the OGC's register.
pub const WEB_MERCATOR_QUAD_URI: &str = "http://www.opengis.net/def/tilematrixset/OGC/1.0/WebMercatorQuad";
const EPSG_3857: &str = "http://www.opengis.net/def/crs/EPSG/0/3857";
const CRS84: &str = "http://www.opengis.net/def/crs/OGC/1.3/CRS84";
/// Half the width of the world in Web Mercator, in metres (17-083r4, D.1).
const HALF_WORLD: f64 = 20_037_508.342_789_2;
/// Metres a pixel at level 0, where the world is one tile of 256 pixels.
const CELL_SIZE: f64 = 156_543.033_928_041;
/// Scale at level 0 with pixels of 0.28 mm.
const SCALE: f64 = 559_082_264.028_717;

/// A tile matrix set.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct TileMatrixSet {
    id: &'static str,
    title: &'static str,
    uri: &'static str,
    crs: &'static str,
    #[schema(value_type = Vec<String>)]
    ordered_axes: [&'static str; 2],
    well_known_scale_set: &'static str,
    tile_matrices: Vec<TileMatrix>,
}

/// One level of it.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct TileMatrix {
    id: String,
    scale_denominator: f64,
    cell_size: f64,
    corner_of_origin: &'static str,
    #[schema(value_type = Vec<f64>)]
    point_of_origin: [f64; 2],
    tile_width: u32,
    tile_height: u32,
    matrix_width: u32,
    matrix_height: u32,
}

/// What a tileset holds; links are added by whoever answers with it.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Tileset {
    /// Title.
    pub title: String,
    /// Always `vector`.
    pub data_type: &'static str,
    /// CRS of the tiles.
    pub crs: &'static str,
    /// The tile matrix set.
    #[serde(rename = "tileMatrixSetURI")]
    pub tile_matrix_set_uri: &'static str,
    /// In which tiles there can be anything.
    pub tile_matrix_set_limits: Vec<Limits>,
    /// Box around all data.
    pub bounding_box: BoundingBox,
    /// The layers.
    pub layers: Vec<TilesetLayer>,
}

/// The tiles of one level in which there can be anything.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Limits {
    /// Level.
    pub tile_matrix: String,
    /// First row from the north.
    pub min_tile_row: u32,
    /// Last row.
    pub max_tile_row: u32,
    /// First column from the west.
    pub min_tile_col: u32,
    /// Last column.
    pub max_tile_col: u32,
}

/// A box in degrees.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct BoundingBox {
    #[schema(value_type = Vec<f64>)]
    lower_left: [f64; 2],
    #[schema(value_type = Vec<f64>)]
    upper_right: [f64; 2],
    crs: &'static str,
}

/// A layer of a tileset.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct TilesetLayer {
    id: String,
    title: String,
    data_type: &'static str,
    /// 0 points, 1 lines, 2 areas; none where there are several.
    #[serde(skip_serializing_if = "Option::is_none")]
    geometry_dimension: Option<u8>,
    properties_schema: PropertiesSchema,
}

/// The attributes of a layer (JSON Schema).
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PropertiesSchema {
    #[serde(rename = "type")]
    ty: &'static str,
    properties: BTreeMap<String, AttributeType>,
}

/// The type of an attribute.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct AttributeType {
    #[serde(rename = "type")]
    ty: &'static str,
}

/// WebMercatorQuad, as far down as there are tiles.
pub fn tile_matrix_set() -> TileMatrixSet {
    let level = |z: u8| {
        let n = 1u32 << z;
        TileMatrix {
            id: z.to_string(),
            scale_denominator: SCALE / f64::from(n),
            cell_size: CELL_SIZE / f64::from(n),
            corner_of_origin: "topLeft",
            point_of_origin: [-HALF_WORLD, HALF_WORLD],
            tile_width: 256,
            tile_height: 256,
            matrix_width: n,
            matrix_height: n,
        }
    };
    TileMatrixSet {
        id: WEB_MERCATOR_QUAD,
        title: "Google Maps Compatible for the World",
        uri: WEB_MERCATOR_QUAD_URI,
        crs: EPSG_3857,
        ordered_axes: ["E", "N"],
        well_known_scale_set: "http://www.opengis.net/def/wkss/OGC/1.0/GoogleMapsCompatible",
        tile_matrices: (0..=MAX_TILE_ZOOM).map(level).collect(),
    }
}

/// Describes the tiles of the layers given.
pub fn tileset(about: &Description, layers: &[usize], disclosure: Disclosure, lang: Lang) -> Tileset {
    let bounds = bounds(about, layers);
    let title = match layers {
        [one] => about.collections[*one].spec.title.get(lang),
        _ => about.manifest.title.get(lang),
    };
    Tileset {
        title: title.to_owned(),
        data_type: "vector",
        crs: EPSG_3857,
        tile_matrix_set_uri: WEB_MERCATOR_QUAD_URI,
        tile_matrix_set_limits: (0..=MAX_TILE_ZOOM).map(|z| limits(&bounds, z)).collect(),
        bounding_box: BoundingBox {
            lower_left: [bounds.west, bounds.south],
            upper_right: [bounds.east, bounds.north],
            crs: CRS84,
        },
        layers: vector_layers(about, layers, disclosure).into_iter().map(|l| layer(about, l)).collect(),
    }
}

/// Whether a tile lies in the limits of the tileset of these layers.
pub fn within_limits(about: &Description, layers: &[usize], tile: TileId) -> bool {
    let l = limits(&bounds(about, layers), tile.z);
    tile.z <= MAX_TILE_ZOOM
        && (l.min_tile_row..=l.max_tile_row).contains(&tile.y)
        && (l.min_tile_col..=l.max_tile_col).contains(&tile.x)
}

fn limits(b: &Bounds, z: u8) -> Limits {
    let at = |lon: f64, lat: f64| {
        let (x, y) = project(lon, lat);
        (x.checked_shr(32 - u32::from(z)).unwrap_or(0), y.checked_shr(32 - u32::from(z)).unwrap_or(0))
    };
    let ((min_tile_col, min_tile_row), (max_tile_col, max_tile_row)) = (at(b.west, b.north), at(b.east, b.south));
    Limits { tile_matrix: z.to_string(), min_tile_row, max_tile_row, min_tile_col, max_tile_col }
}

fn layer(about: &Description, described: VectorLayer) -> TilesetLayer {
    let kind = about.collection(&described.id).map(|(_, l)| l.spec.geometry);
    let ty = |name: &str| match name {
        "Number" => "number",
        "Boolean" => "boolean",
        _ => "string",
    };
    let properties = described.fields.iter().map(|(k, t)| (k.clone(), AttributeType { ty: ty(t) })).collect();
    TilesetLayer {
        id: described.id,
        title: described.description,
        data_type: "vector",
        geometry_dimension: match kind {
            // the layer of labels
            None | Some(GeometryKind::Point) => Some(0),
            Some(GeometryKind::Line) => Some(1),
            Some(GeometryKind::Polygon) => Some(2),
            Some(_) => None,
        },
        properties_schema: PropertiesSchema { ty: "object", properties },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_hold_the_corners() {
        let b = Bounds { west: 118.34, south: 29.18, east: 120.72, north: 30.57 };
        assert_eq!(
            limits(&b, 0),
            Limits { tile_matrix: "0".into(), min_tile_row: 0, max_tile_row: 0, min_tile_col: 0, max_tile_col: 0 }
        );
        // by the slippy map formula of the OSM wiki
        let l = limits(&b, 8);
        assert_eq!((l.min_tile_col, l.max_tile_col, l.min_tile_row, l.max_tile_row), (212, 213, 105, 106));
        let world = limits(&Bounds::WORLD, 3);
        assert_eq!((world.max_tile_col, world.max_tile_row), (7, 7));
    }

    #[test]
    fn the_matrix_set_is_the_registered_one() {
        let set = tile_matrix_set();
        // 17-083r4, table D.1: level 18
        let level = &set.tile_matrices[18];
        assert!((level.scale_denominator - 2_132.729_583_849_78).abs() < 1e-6, "{}", level.scale_denominator);
        assert!((level.cell_size - 0.597_164_283_559_817).abs() < 1e-9, "{}", level.cell_size);
        assert_eq!(level.matrix_width, 262_144);
        let side = level.cell_size * 256.0 * f64::from(level.matrix_width);
        assert!((side - 2.0 * HALF_WORLD).abs() < 1e-4, "{side}");
    }
}
