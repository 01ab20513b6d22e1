//! Point collections: a tile is cut into cells; a cell with one matching row holds the row, at its place and with its
//! attributes; a cell with more holds their number, sums and leading cluster, from *all* rows under the filter.
//!
//! A cell's address is the cell of the world's quadtree at zoom `cz` that holds its point.

use super::grid::Grid;
use super::mvt::{Key, LayerWriter, Words};
use crate::core::cancel;
use crate::core::columns::Value;
use crate::core::geometry::mercator::TileId;
use crate::core::model::{CollectionSpec, Role};
use crate::core::query::{BoundQuestion, Detail, Mark, Share, TWELFTHS, TilePoints, cell_place};
use crate::core::snapshot::{Classes, RowSource};

/// A layer of the register is never larger, in bytes.
const LARGEST_LAYER: usize = 190_000;
/// Attribute values longer than this many bytes stay out of tiles: items have them.
const LONGEST_TEXT: usize = 160;
/// Cells a side of a tile as a power of two, the most and the fewest.
const MOST_BITS: u8 = 6;
const FEWEST_BITS: u8 = 3;

/// The points of a collection.
pub(super) fn write(out: &mut Vec<u8>, bound: &dyn BoundQuestion, tile: TileId, grid: Grid) {
    let about = bound.describe();
    if about.collections[bound.collection()].spec.role == Role::Register {
        register(out, bound, tile, grid);
    } else if let Some(points) = bound.points(tile, Detail::RowsUpTo(Grid::ALL_ROWS, MOST_BITS)) {
        plain(out, &points, tile);
    }
}

/// The register's layer.
fn register(out: &mut Vec<u8>, bound: &dyn BoundQuestion, tile: TileId, grid: Grid) {
    let mut detail = match grid {
        Grid::Cells(side) => Detail::Cells(side.ilog2() as u8),
        Grid::Auto => Detail::RowsUpTo(Grid::ALL_ROWS, MOST_BITS),
    };
    while let Some(points) = bound.points(tile, detail) {
        let classes = points.classes().map_or(&*bound.describe().classes, |classes| classes);
        let source = &**points.source();
        let mut w = RegisterWriter::new(&source.spec().id, source, classes, points.metrics());
        for (i, mark) in points.marks().iter().enumerate() {
            cancel::check();
            match points.bits() {
                Some(bits) if mark.count > 1 => w.cell(mark, points.sums(i), tile, bits),
                _ => w.row(mark, tile),
            }
        }
        // long names: fewer cells, each with more rows in its number
        detail = match points.bits() {
            _ if w.layer.bytes() <= LARGEST_LAYER => return w.layer.finish(out),
            Some(bits) if bits <= FEWEST_BITS => return w.layer.finish(out),
            Some(bits) => Detail::Cells(bits - 1),
            None => Detail::Cells(MOST_BITS),
        };
    }
}

/// Any other point layer: few and named, so cells only where there are too many.
fn plain(out: &mut Vec<u8>, points: &TilePoints, tile: TileId) {
    let source = &**points.source();
    let mut w = LayerWriter::new(&source.spec().id);
    let keys = points.bits().map(|bits| (bits, w.key("n"), w.key("cz")));
    for mark in points.marks() {
        cancel::check();
        match keys {
            Some((bits, n, cz)) if mark.count > 1 => {
                w.tag(n, Value::Integer(mark.count as i64));
                w.tag(cz, Value::Integer((tile.z + bits).into()));
            }
            _ => plain_attributes(&mut w, source, points.columns(), mark.row as usize),
        }
        w.point(tile.local(mark.at));
    }
    w.finish(out);
}

/// Every property that may leave, lists and long texts apart.
pub(super) fn plain_attributes(w: &mut LayerWriter, source: &dyn RowSource, columns: &[usize], row: usize) {
    let (spec, table) = (source.spec(), source.table());
    let fid = w.key("fid");
    w.tag(fid, Value::Text(table.ids.value(row)));
    for &column in columns {
        let value = table.columns[column].value(row);
        // a name that no feature of the tile has a value for is not in the tile either
        let left_out = match value {
            Value::Null | Value::Strings(..) => true,
            Value::Text(t) => t.len() > LONGEST_TEXT,
            _ => false,
        };
        if !left_out {
            let key = w.key(&spec.properties[column].name);
            w.tag(key, value);
        }
    }
}

/// Writes the register's rows and cells; keys and cluster codes are numbered once.
pub(super) struct RegisterWriter<'a> {
    pub(super) layer: LayerWriter,
    source: &'a dyn RowSource,
    columns: &'a [Option<usize>],
    codes: Vec<&'a str>,
    words: Words,
    name: Option<usize>,
    keys: [Key; 5],
    /// Of the second and third class of a cell, and of the twelfths of all three.
    mix: Option<[Key; 3]>,
    /// Of each metric.
    metrics: Vec<Key>,
}

impl<'a> RegisterWriter<'a> {
    /// A layer of a name for rows of the register, whose classes are read so; per metric the column that may be shown.
    pub(super) fn new(
        name: &str,
        source: &'a dyn RowSource,
        classes: &'a Classes,
        columns: &'a [Option<usize>],
    ) -> Self {
        let spec: &CollectionSpec = source.spec();
        let mut layer = LayerWriter::new(name);
        let metrics = spec.register.iter().flat_map(|r| &r.metrics).map(|m| layer.key(&m.id)).collect();
        let keys = ["fid", "name", "cluster", "n", "cz"].map(|k| layer.key(k));
        let codes: Vec<&str> = classes.list().iter().map(|class| class.code.as_deref().unwrap_or_default()).collect();
        let name = spec.name.as_deref().and_then(|n| spec.property(n)).map(|(i, _)| i);
        Self { words: Words::new(codes.len()), layer, source, columns, codes, name, keys, mix: None, metrics }
    }

    fn cluster(&mut self, place: usize) {
        self.class(self.keys[2], place);
    }

    fn class(&mut self, key: Key, place: usize) {
        if let Some(code) = self.codes.get(place).filter(|code| !code.is_empty()) {
            self.layer.word(key, code, place, &mut self.words);
        }
    }

    /// The classes after the leading one, and the twelfths of each as a number of three digits to the base 13; nothing of a cell
    /// that is all of one class, and no number where all that are named have the same part.
    fn mix(&mut self, mix: [Share; 3]) {
        let parts = mix.map(|share| share.twelfths);
        if parts[0] == TWELFTHS {
            return;
        }
        let layer = &mut self.layer;
        let keys = *self.mix.get_or_insert_with(|| ["second", "third", "mix"].map(|key| layer.key(key)));
        for (key, share) in keys.into_iter().zip(&mix[1..]).filter(|(_, share)| share.twelfths > 0) {
            self.class(key, share.class);
        }
        let named =
            mix.iter().all(|share| share.twelfths == 0 || self.codes.get(share.class).is_some_and(|c| !c.is_empty()));
        if !(named && matches!(parts, [6, 6, 0] | [4, 4, 4])) {
            let [first, second, third] = parts.map(i64::from);
            self.layer.tag(keys[2], Value::Integer(first + 13 * (second + 13 * third)));
        }
    }

    fn row(&mut self, mark: &Mark, tile: TileId) {
        self.attributes(mark.row as usize, mark.cluster);
        self.layer.point(tile.local(mark.at));
    }

    /// What is said of a row of a class; its geometry follows.
    pub(super) fn attributes(&mut self, row: usize, group: usize) {
        let [fid, name, ..] = self.keys;
        let table = self.source.table();
        self.layer.text(fid, table.ids.value(row));
        if let Some(text) = self.name.and_then(|c| table.columns[c].text(row)) {
            self.layer.text(name, text);
        }
        self.cluster(group);
        for (&key, column) in self.metrics.iter().zip(self.columns) {
            if let Some(column) = *column {
                self.layer.tag(key, table.columns[column].value(row));
            }
        }
    }

    fn cell(&mut self, mark: &Mark, sums: &[Option<f64>], tile: TileId, bits: u8) {
        let [_, _, _, n, cz] = self.keys;
        self.layer.tag(n, Value::Integer(mark.count as i64));
        self.layer.tag(cz, Value::Integer((tile.z + bits).into()));
        self.cluster(mark.cluster);
        self.mix(mark.mix);
        for (&key, sum) in self.metrics.iter().zip(sums) {
            if let Some(sum) = *sum {
                self.layer.float(key, sum);
            }
        }
        self.layer.point(cell_place(tile.local(mark.mean), tile.local(mark.at), bits, mark.count));
    }
}
