//! A tile of cells that were counted before, without a row: of several datasets, say.

use super::mvt::LayerWriter;
use crate::core::columns::Value;
use crate::core::geometry::mercator::{EXTENT, TileId};

/// Rows of a cell, all or those of a class.
#[derive(Clone, Copy, Debug)]
pub struct CountedCell<'a> {
    /// Column and row of the cell in the world.
    pub at: (u32, u32),
    /// How many rows.
    pub rows: u64,
    /// What a row is called in Chinese and English.
    pub row: [&'a str; 2],
    /// Code of the class, and its name in Chinese and English; none for all rows.
    pub class: Option<[&'a str; 3]>,
}

/// A tile with one layer of points in the middle of cells, `2^bits` a side; no bytes when there are none.
pub fn counted<'a>(layer: &str, tile: TileId, bits: u8, cells: impl Iterator<Item = CountedCell<'a>>) -> Vec<u8> {
    let (mut out, mut w) = (Vec::new(), LayerWriter::new(layer));
    let [n, cz, row_zh, row_en, class, class_zh, class_en] =
        ["n", "cz", "row_zh", "row_en", "class", "class_zh", "class_en"].map(|key| w.key(key));
    let side = EXTENT >> bits;
    let middle = |at: u32, first: u32| (at.saturating_sub(first << bits) * side + side / 2) as i32;
    for cell in cells {
        w.tag(n, Value::Integer(cell.rows as i64));
        w.tag(cz, Value::Integer((tile.z + bits).into()));
        w.tag(row_zh, Value::Text(cell.row[0]));
        w.tag(row_en, Value::Text(cell.row[1]));
        if let Some([code, zh, en]) = cell.class {
            w.tag(class, Value::Text(code));
            w.tag(class_zh, Value::Text(zh));
            w.tag(class_en, Value::Text(en));
        }
        w.point((middle(cell.at.0, tile.x), middle(cell.at.1, tile.y)));
    }
    w.finish(&mut out);
    out
}
