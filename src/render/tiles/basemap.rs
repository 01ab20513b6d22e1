//! The tiles of a base map as a PMTiles file (version 3), from the first zoom to the last, in the layers of Protomaps.

use super::mvt::LayerWriter;
use super::shapes::{MAX, commands};
use crate::core::basemap::{BaseFeature, BaseLayer, BaseMap};
use crate::core::cancel;
use crate::core::columns::Value;
use crate::core::geometry::Bounds;
use crate::core::geometry::mercator::{EXTENT, TileId};
use crate::core::snapshot::{Path, Shape};
use pmtiles::{PmTilesWriter, PmtResult, TileCoord, TileType};
use std::io::{Seek, Write};
use std::ops::RangeInclusive;

/// The side of the smallest area that is drawn, in tile units: a pixel where a tile is 512 pixels wide.
const SPECK: u32 = EXTENT / 512;
/// Names of the attributes that hold names.
const NAMES: [&str; 3] = ["name", "name:zh", "name:en"];

/// What a file holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Written {
    /// Tiles that are not empty.
    pub tiles: u64,
    /// Features in the deepest zoom, counted once for each tile that they touch.
    pub features: u64,
}

/// Writes a base map. `attribution` says who made the data; a reader's map shows it.
pub fn write<W: Write + Seek>(
    map: &BaseMap,
    zooms: RangeInclusive<u8>,
    attribution: &str,
    out: W,
) -> PmtResult<Written> {
    let Bounds { west, south, east, north } = map.bounds;
    let (first, last) = (*zooms.start(), *zooms.end());
    let mut file = PmTilesWriter::new(TileType::Mvt)
        .bounds(west, south, east, north)
        .center(f64::midpoint(west, east), f64::midpoint(south, north))
        .center_zoom(last.min(first.max(10)))
        .min_zoom(first)
        .max_zoom(last)
        .metadata(metadata(attribution, &zooms))
        .create(out)?;
    let shapes = Shape::simplified(map.features.iter().map(|f| Some(&f.geometry)));
    let extents: Vec<Option<[u32; 4]>> = shapes.iter().map(|parts| extent(parts)).collect();
    let mut written = Written::default();
    for z in zooms {
        let mut places: Vec<(u64, u32)> = Vec::new();
        for (i, feature) in map.features.iter().enumerate() {
            let Some(extent) = extents[i].filter(|_| feature.class.zoom <= z) else { continue };
            touched(&shapes[i], extent, z, |x, y| {
                if let Ok(at) = TileCoord::new(z, x, y) {
                    places.push((pmtiles::TileId::from(at).value(), i as u32));
                }
            });
        }
        // by tile, then in the order of the layers
        places.sort_unstable_by_key(|(tile, i)| (*tile, map.features[*i as usize].class.layer, *i));
        for tile in places.chunk_by(|a, b| a.0 == b.0) {
            cancel::check();
            let Ok(id) = pmtiles::TileId::new(tile[0].0) else { continue };
            let at = TileCoord::from(id);
            let Some(place) = TileId::new(at.z(), at.x(), at.y()) else { continue };
            let features = tile.iter().map(|(_, i)| (&map.features[*i as usize], &shapes[*i as usize][..]));
            let bytes = encode(features, place);
            file.add_tile(at, &bytes)?;
            written.tiles += u64::from(!bytes.is_empty());
            written.features += if z == last { tile.len() as u64 } else { 0 };
        }
    }
    file.finalize()?;
    Ok(written)
}

/// TileJSON's words about the layers, and who made them.
fn metadata(attribution: &str, zooms: &RangeInclusive<u8>) -> String {
    let text = "String";
    let fields = serde_json::json!({"kind": text, "kind_detail": text, "name": text, "name:zh": text, "name:en": text});
    let layer = |l: BaseLayer| serde_json::json!({"id": l.name(), "minzoom": zooms.start(), "maxzoom": zooms.end(), "fields": fields});
    let layers: Vec<_> = BaseLayer::ALL.into_iter().map(layer).collect();
    serde_json::json!({"attribution": attribution, "type": "baselayer", "vector_layers": layers}).to_string()
}

/// The tiles whose square, grown by what is drawn beyond its edge, meets the box of the parts.
fn touched(parts: &[Shape], [west, north, east, south]: [u32; 4], z: u8, mut take: impl FnMut(u32, u32)) {
    let unit = 32 - u32::from(z) - EXTENT.ilog2();
    let area = parts.iter().all(|p| matches!(p, Shape::Polygons(_)));
    if area && (east - west) >> unit < SPECK && (south - north) >> unit < SPECK {
        return;
    }
    let grown = (MAX as u32 - EXTENT) << unit;
    let side = 32 - u32::from(z);
    // at zoom 0 the world is one tile
    let tile = |v: u32| if side == 32 { 0 } else { v >> side };
    let low = |v: u32| tile(v.saturating_sub(grown));
    let high = |v: u32| tile(v.saturating_add(grown));
    for y in low(north)..=high(south) {
        for x in low(west)..=high(east) {
            take(x, y);
        }
    }
}

/// The box of parts in the square of the world.
fn extent(parts: &[Shape]) -> Option<[u32; 4]> {
    let mut out: Option<[u32; 4]> = None;
    let mut add = |(x, y): (u32, u32)| {
        let [w, n, e, s] = out.unwrap_or([x, y, x, y]);
        out = Some([w.min(x), n.min(y), e.max(x), s.max(y)]);
    };
    for part in parts {
        match part {
            Shape::Points(points) => points.iter().for_each(|p| add(*p)),
            Shape::Lines(lines) => lines.iter().flat_map(Path::positions).for_each(|p| add(*p)),
            Shape::Polygons(polygons) => {
                polygons.iter().filter_map(|rings| rings.first()).flat_map(Path::positions).for_each(|p| add(*p));
            }
        }
    }
    out
}

fn encode<'a>(features: impl Iterator<Item = (&'a BaseFeature, &'a [Shape])>, tile: TileId) -> Vec<u8> {
    let (mut out, mut open): (Vec<u8>, Option<(BaseLayer, LayerWriter)>) = (Vec::new(), None);
    for (feature, parts) in features {
        let layer = feature.class.layer;
        if open.as_ref().is_none_or(|(l, _)| *l != layer)
            && let Some((_, done)) = open.take()
        {
            done.finish(&mut out);
        }
        let (_, w) = open.get_or_insert_with(|| (layer, LayerWriter::new(layer.name())));
        for part in parts {
            let Some((kind, commands)) = commands(part, tile) else { continue };
            if let Shape::Points(points) = part {
                // a name stands in one tile only
                let inside = |p: &(u32, u32)| {
                    let (x, y) = tile.local(*p);
                    (0..EXTENT as i32).contains(&x) && (0..EXTENT as i32).contains(&y)
                };
                if !points.iter().any(inside) {
                    continue;
                }
            }
            let key = w.key("kind");
            w.tag(key, Value::Text(feature.class.kind));
            if !feature.class.detail.is_empty() {
                let key = w.key("kind_detail");
                w.tag(key, Value::Text(feature.class.detail));
            }
            for (name, value) in NAMES.iter().zip(&feature.names) {
                if let Some(value) = value {
                    let key = w.key(name);
                    w.tag(key, Value::Text(value));
                }
            }
            w.feature(kind, &commands.bytes);
        }
    }
    if let Some((_, done)) = open {
        done.finish(&mut out);
    }
    out
}
