//! Point collections: a tile is cut into cells; a cell with one matching row holds the row, at its place and with its
//! attributes; a cell with more holds their number, sums and leading cluster, from *all* rows under the filter.
//!
//! A cell's address is the cell of the world's quadtree at zoom `cz` that holds its point.

use super::Grid;
use super::mvt::{Key, LayerWriter, Words};
use crate::core::columns::Value;
use crate::core::geometry::mercator::TileId;
use crate::core::query::{Query, Summing, Sums, cell_place, cells};
use crate::core::snapshot::{Layer, Points, Register, Snapshot};
use std::ops::Range;

/// A layer of the register is never larger, in bytes.
const LARGEST_LAYER: usize = 190_000;
/// Attribute values longer than this many bytes stay out of tiles: items have them.
const LONGEST_TEXT: usize = 160;

/// The register's layer.
pub(super) fn register(
    out: &mut Vec<u8>,
    snapshot: &Snapshot,
    query: &Query,
    (register, points): (&Register, &Points),
    tile: TileId,
    grid: Grid,
) {
    let layer = &snapshot.layers[query.layer];
    let summing = Summing::drawn(snapshot, register, query);
    let mut sums = summing.nothing();
    let run = points.tile(tile);
    let side = match grid {
        Grid::Cells(side) => Some(side),
        Grid::Auto => (summing.count(&run) > Grid::ALL_ROWS).then_some(64),
    };
    let rows_first = side.is_none().then_some(None);
    let coarser = (3..=side.unwrap_or(64).ilog2() as u8).rev().map(Some);
    for bits in rows_first.into_iter().chain(coarser) {
        let mut w = RegisterWriter::new(snapshot, layer, register, query);
        let Some(bits) = bits else {
            summing.rows(run.clone()).for_each(|row| w.row(row, tile.local(points.position(row))));
            if w.layer.bytes() <= LARGEST_LAYER {
                return w.layer.finish(out);
            }
            continue;
        };
        for cell in cells(points, tile, bits, &run) {
            match summing.count(&cell) {
                0 => {}
                1 => summing.rows(cell).for_each(|row| w.row(row, tile.local(points.position(row)))),
                _ => {
                    let inside = points.position(cell.start);
                    sums.run(cell);
                    w.cell(&sums, inside, tile, bits);
                }
            }
        }
        // long names: fewer cells, each with more rows in its number
        if bits == 3 || w.layer.bytes() <= LARGEST_LAYER {
            return w.layer.finish(out);
        }
    }
}

/// Any other point layer: few and named, so a grid only where there are too many.
pub(super) fn plain(out: &mut Vec<u8>, snapshot: &Snapshot, query: &Query, points: &Points, tile: TileId) {
    let layer = &snapshot.layers[query.layer];
    let set = query.matching(snapshot);
    let matching = |run: Range<usize>| run.filter(|&row| set.as_ref().is_none_or(|s| s.contains(row)));
    let run = points.tile(tile);
    let mut w = LayerWriter::new(&layer.spec.id);
    let one = |w: &mut LayerWriter, row: usize| {
        plain_attributes(w, layer, query, row);
        w.point(tile.local(points.position(row)));
    };
    if matching(run.clone()).take(Grid::ALL_ROWS + 1).count() <= Grid::ALL_ROWS {
        matching(run).for_each(|row| one(&mut w, row));
        return w.finish(out);
    }
    let (n, cz) = (w.key("n"), w.key("cz"));
    for cell in cells(points, tile, 6, &run) {
        let first = matching(cell.clone()).next();
        match (first, matching(cell.clone()).count()) {
            (Some(row), 1) => one(&mut w, row),
            (Some(row), count) => {
                w.tag(n, Value::Integer(count as i64));
                w.tag(cz, Value::Integer((tile.z + 6).into()));
                w.point(tile.local(points.position(row)));
            }
            (None, _) => {}
        }
    }
    w.finish(out);
}

/// Every property that may leave, lists and long texts apart.
pub(super) fn plain_attributes(w: &mut LayerWriter, layer: &Layer, query: &Query, row: usize) {
    let fid = w.key("fid");
    w.tag(fid, Value::Text(layer.table.ids.value(row)));
    for column in query.disclosure.columns(&layer.spec) {
        let value = layer.table.columns[column].value(row);
        if !matches!(value, Value::Text(t) if t.len() > LONGEST_TEXT) {
            let key = w.key(&layer.spec.properties[column].name);
            w.tag(key, value);
        }
    }
}

/// Writes the register's rows and cells; keys and cluster codes are numbered once.
struct RegisterWriter<'a> {
    layer: LayerWriter,
    rows: &'a Layer,
    register: &'a Register,
    query: &'a Query,
    codes: Vec<&'a str>,
    words: Words,
    name: Option<usize>,
    keys: [Key; 5],
    /// Per metric: its key, and its column where single rows may show it.
    metrics: Vec<(Key, Option<usize>)>,
}

impl<'a> RegisterWriter<'a> {
    fn new(snapshot: &'a Snapshot, rows: &'a Layer, register: &'a Register, query: &'a Query) -> Self {
        let mut layer = LayerWriter::new(&rows.spec.id);
        let shown = |c: &&usize| query.disclosure.shows(&rows.spec, **c);
        let metric =
            |m: &crate::core::snapshot::Metric| (layer.key(&m.id), m.columns.get(&query.year).filter(shown).copied());
        let metrics = register.metrics.iter().map(metric).collect();
        let keys = ["fid", "name", "cluster", "n", "cz"].map(|k| layer.key(k));
        let codes: Vec<&str> =
            snapshot.clusters().map(|c| c.entries.iter().map(|e| &*e.code).collect()).unwrap_or_default();
        let name = rows.spec.name.as_deref().and_then(|n| rows.spec.property(n)).map(|(i, _)| i);
        Self { words: Words::new(codes.len()), layer, rows, register, query, codes, name, keys, metrics }
    }

    fn cluster(&mut self, place: usize) {
        if let Some(code) = self.codes.get(place) {
            self.layer.word(self.keys[2], code, place, &mut self.words);
        }
    }

    fn row(&mut self, row: usize, at: (i32, i32)) {
        let [fid, name, ..] = self.keys;
        let table = &self.rows.table;
        self.layer.text(fid, table.ids.value(row));
        if let Some(text) = self.name.and_then(|c| table.columns[c].text(row)) {
            self.layer.text(name, text);
        }
        self.cluster(self.register.cluster_of[row].into());
        for &(key, column) in &self.metrics {
            if let Some(column) = column {
                self.layer.tag(key, table.columns[column].value(row));
            }
        }
        self.layer.point(at);
    }

    fn cell(&mut self, sums: &Sums, inside: (u32, u32), tile: TileId, bits: u8) {
        let [_, _, _, n, cz] = self.keys;
        self.layer.tag(n, Value::Integer(sums.matched() as i64));
        self.layer.tag(cz, Value::Integer((tile.z + bits).into()));
        self.cluster(sums.leading());
        for (i, &(key, _)) in self.metrics.iter().enumerate() {
            let (sum, reported) = sums.sum(i);
            if reported > 0 && self.query.disclosure.shows_sum(reported) {
                self.layer.float(key, sum);
            }
        }
        let mean = sums.mean_position().unwrap_or(inside);
        self.layer.point(cell_place(tile.local(mean), tile.local(inside), bits));
    }
}
