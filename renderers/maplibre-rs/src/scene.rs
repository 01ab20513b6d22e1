//! What is to be drawn, as Shigu sends it.

use serde::Deserialize;

/// Units of the tile that maplibre-rs draws, on a side.
pub const EXTENT: i32 = 4096;
/// Pixels on a side of the largest block, samples counted, and blocks on a side of the largest picture.
const LARGEST: u32 = 4096;
const MOST_BLOCKS: u32 = 64;

/// A picture, drawn block by block: each is a square of `block` pixels and a tile of its own.
#[derive(Deserialize)]
pub struct Scene {
    /// Pixels.
    pub width: u32,
    /// Pixels.
    pub height: u32,
    /// Pixels on a side of a block.
    pub block: u32,
    /// So many times so many samples become a pixel, beside maplibre-rs's own four.
    pub samples: u32,
    /// Bottom first.
    pub layers: Vec<Layer>,
}

/// Opaque polygons of one colour.
#[derive(Deserialize)]
pub struct Layer {
    /// `#rrggbb`.
    pub color: String,
    /// Polygons of rings, the first the outer one; x and y by turns in 4096ths of a block.
    pub polygons: Vec<Vec<Vec<i32>>>,
}

impl Scene {
    /// Reads and checks.
    pub fn read(text: &str) -> Result<Self, String> {
        let scene: Self = serde_json::from_str(text).map_err(|e| e.to_string())?;
        if [scene.width, scene.height, scene.block, scene.samples].contains(&0) {
            return Err("a size is 0".into());
        }
        let [columns, rows] = scene.blocks();
        if scene.block.saturating_mul(scene.samples) > LARGEST || columns.max(rows) > MOST_BLOCKS {
            return Err(format!("more than {LARGEST} samples a block, or more than {MOST_BLOCKS} blocks on a side"));
        }
        let hex = |c: &str| c.len() == 7 && c.starts_with('#') && c[1..].bytes().all(|b| b.is_ascii_hexdigit());
        if let Some(layer) = scene.layers.iter().find(|l| !hex(&l.color)) {
            return Err(format!("{:?} is no colour like #rrggbb", layer.color));
        }
        let rings = || scene.layers.iter().flat_map(|l| &l.polygons).flatten();
        if rings().any(|r| r.len() < 6 || r.len() % 2 == 1) {
            return Err("a ring has fewer than three corners".into());
        }
        let far = EXTENT * 2 * MOST_BLOCKS as i32;
        if rings().flatten().any(|v| !(-far..=far).contains(v)) {
            return Err("a corner lies far outside of the picture".into());
        }
        Ok(scene)
    }

    /// Columns and rows of blocks.
    pub fn blocks(&self) -> [u32; 2] {
        [self.width.div_ceil(self.block), self.height.div_ceil(self.block)]
    }
}
