//! A block of the scene as maplibre-rs takes it: a vector tile, and the style that goes with it.

use crate::scene::{EXTENT, Scene};
use geozero::mvt::{Message as _, Tile, tile};
use maplibre::style::Style;
use maplibre::style::layer::StyleLayer;

/// Polygons are cut off so far outside of their block, in units.
const MARGIN: i32 = 64;
/// Commands of a tile's geometry.
const MOVE: u32 = 1;
const LINE: u32 = 2;
const CLOSE: u32 = 7;

type Corner = (i32, i32);

/// The style, topmost layer first and all on one level: maplibre-rs keeps at each sample what it draws first on a level.
/// (By levels from the bottom up, 1, 2, 3 and so on, it draws no more than some 180 layers: its camera's far plane cuts
/// off the others.)
pub fn style(scene: &Scene) -> Style {
    let layer = |(i, layer): (usize, &crate::scene::Layer)| {
        let json = serde_json::json!({
            "id": i.to_string(), "type": "fill", "paint": { "fill-color": layer.color }, "source_layer": i.to_string(),
        });
        StyleLayer { index: 1, ..serde_json::from_value(json).expect("a layer with a checked colour") }
    };
    Style { layers: scene.layers.iter().enumerate().rev().map(layer).collect(), ..Style::default() }
}

/// The block in a column and row: the tile, and the names of the layers that have anything in it.
pub fn tile(scene: &Scene, [column, row]: [u32; 2]) -> (Box<[u8]>, Vec<String>) {
    let origin = (column as i32 * EXTENT, row as i32 * EXTENT);
    let layer = |(i, layer): (usize, &crate::scene::Layer)| {
        let features: Vec<_> = layer.polygons.iter().filter_map(|rings| feature(rings, origin)).collect();
        let (name, extent) = (i.to_string(), Some(EXTENT as u32));
        let some = !features.is_empty();
        some.then(|| tile::Layer { version: 2, name, extent, features, ..tile::Layer::default() })
    };
    let layers: Vec<_> = scene.layers.iter().enumerate().filter_map(layer).collect();
    let names = layers.iter().map(|l| l.name.clone()).collect();
    (Tile { layers }.encode_to_vec().into_boxed_slice(), names)
}

/// What of a polygon is in a block: outer rings turn one way, holes the other.
fn feature(rings: &[Vec<i32>], origin: Corner) -> Option<tile::Feature> {
    let mut geometry = Vec::new();
    let mut pen = (0, 0);
    for (i, ring) in rings.iter().enumerate() {
        let corners = ring.chunks_exact(2).map(|c| (c[0] - origin.0, c[1] - origin.1)).collect();
        let mut corners = clipped(corners);
        let area = area(&corners);
        match (area == 0, i) {
            (true, 0) => return None,
            (true, _) => continue,
            _ => {}
        }
        if (area > 0) == (i > 0) {
            corners.reverse();
        }
        geometry.push(command(MOVE, 1));
        for (n, &(x, y)) in corners.iter().enumerate() {
            if n == 1 {
                geometry.push(command(LINE, corners.len() as u32 - 1));
            }
            geometry.extend([zigzag(x - pen.0), zigzag(y - pen.1)]);
            pen = (x, y);
        }
        geometry.push(command(CLOSE, 1));
    }
    let mut feature = tile::Feature { geometry, ..tile::Feature::default() };
    feature.set_type(tile::GeomType::Polygon);
    Some(feature)
}

/// A ring cut off at the block's margin, edge by edge (Sutherland and Hodgman). What is cut into pieces stays joined
/// along the margin, which nobody sees.
fn clipped(mut ring: Vec<Corner>) -> Vec<Corner> {
    let turned = |(x, y): Corner| (y, x);
    for (across, low) in [(false, true), (false, false), (true, true), (true, false)] {
        let to = |c: Corner| if across { turned(c) } else { c };
        let limit = if low { -MARGIN } else { EXTENT + MARGIN };
        let inside = |c: Corner| if low { to(c).0 >= limit } else { to(c).0 <= limit };
        if ring.iter().all(|&c| inside(c)) {
            continue;
        }
        let mut kept = Vec::with_capacity(ring.len());
        for (i, &to_corner) in ring.iter().enumerate() {
            let from = ring[(i + ring.len() - 1) % ring.len()];
            if inside(from) != inside(to_corner) {
                let (a, b) = (to(from), to(to_corner));
                let share = f64::from(limit - a.0) / f64::from(b.0 - a.0);
                kept.push(to((limit, a.1 + (share * f64::from(b.1 - a.1)).round() as i32)));
            }
            if inside(to_corner) {
                kept.push(to_corner);
            }
        }
        ring = kept;
    }
    ring
}

/// Twice the area, positive where the ring turns as outer rings of tiles do.
fn area(corners: &[Corner]) -> i64 {
    let next = corners.iter().cycle().skip(1);
    corners.iter().zip(next).map(|(a, b)| i64::from(a.0) * i64::from(b.1) - i64::from(b.0) * i64::from(a.1)).sum()
}

fn command(id: u32, count: u32) -> u32 {
    id | (count << 3)
}

fn zigzag(v: i32) -> u32 {
    ((v << 1) ^ (v >> 31)) as u32
}
