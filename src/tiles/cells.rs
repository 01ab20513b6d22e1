//! Point collections: a tile is cut into cells; a cell with one matching row holds the row, at its place and with its
//! attributes; a cell with more holds their number, sums and leading cluster, from *all* rows under the filter.
//!
//! A cell is its own address: its id is `column * 2^26 + row` in the world's quadtree at zoom `cz`.

use super::Grid;
use super::mvt::{Commands, Kind, LayerWriter};
use crate::columns::{Bitmap, Value};
use crate::geometry::clip::Point;
use crate::geometry::mercator::{EXTENT, TileId};
use crate::query::{Query, Sums};
use crate::snapshot::{Layer, Points, Register, Snapshot};
use std::ops::Range;

/// Attribute values longer than this many bytes stay out of tiles: items have them.
pub(super) const LONGEST_TEXT: usize = 160;

pub(super) fn write(
    out: &mut Vec<u8>,
    snapshot: &Snapshot,
    query: &Query,
    points: &Points,
    set: Option<Bitmap>,
    tile: TileId,
    grid: Grid,
) {
    let layer = &snapshot.layers[query.layer];
    let register = snapshot.register.as_ref().filter(|r| r.layer == query.layer);
    let set = drawable(set, layer, register);
    let run = points.tile(tile);
    let matching = |run: Range<usize>| match &set {
        None => run.len(),
        Some(set) => set.range(run.start, run.end).count(),
    };
    let side = match grid {
        Grid::Cells(side) => Some(side),
        Grid::Auto => (matching(run.clone()) > Grid::ALL_ROWS).then_some(64),
    };
    let mut w = LayerWriter::new(&layer.spec.id);
    let row = |w: &mut LayerWriter, row: usize| {
        attributes(w, layer, query, register, row);
        point(w, None, tile.local(points.position(row)));
    };
    match side {
        None => each(run, set.as_ref(), |i| row(&mut w, i)),
        Some(side) => {
            let bits = side.ilog2() as u8;
            for cell in cells(points, tile, bits, &run) {
                let mut rows = Vec::new();
                each(cell.clone(), set.as_ref(), |i| rows.push(i));
                match rows[..] {
                    [] => {}
                    [only] => row(&mut w, only),
                    _ => counted(&mut w, snapshot, query, points, register, &rows, tile, bits),
                }
            }
        }
    }
    w.finish(out);
}

/// Rows placed too coarsely for a dot are not drawn: they stand in lists and counts.
fn drawable(set: Option<Bitmap>, layer: &Layer, register: Option<&Register>) -> Option<Bitmap> {
    let coarse = register.and_then(|r| r.coarse.as_ref());
    match (set, coarse) {
        (set, None) => set,
        (set, Some(coarse)) => {
            let mut set = set.unwrap_or_else(|| Bitmap::all(layer.len()));
            set.and_not(coarse);
            Some(set)
        }
    }
}

fn each(run: Range<usize>, set: Option<&Bitmap>, f: impl FnMut(usize)) {
    match set {
        None => run.for_each(f),
        Some(set) => set.range(run.start, run.end).for_each(f),
    }
}

/// The runs of the cells that hold rows, in Hilbert order.
fn cells<'a>(
    points: &'a Points,
    tile: TileId,
    bits: u8,
    run: &Range<usize>,
) -> impl Iterator<Item = Range<usize>> + use<'a> {
    let (z, end) = (tile.z + bits, run.end);
    let mut next = run.start;
    std::iter::from_fn(move || {
        if next >= end {
            return None;
        }
        let (x, y) = points.position(next);
        let shift = 32 - u32::from(z);
        let start = next;
        next = points.cell(z, x >> shift, y >> shift).end;
        Some(start..next)
    })
}

fn point(w: &mut LayerWriter, id: Option<u64>, at: Point) {
    let mut commands = Commands::default();
    commands.points(&[at]);
    w.feature(id, Kind::Point, &commands.bytes);
}

fn attributes(w: &mut LayerWriter, layer: &Layer, query: &Query, register: Option<&Register>, row: usize) {
    w.tag("fid", Value::Text(layer.table.ids.value(row)));
    if let Some(register) = register {
        w.tag("name", Value::Text(layer.name(row)));
        w.tag("cluster", layer.table.columns[register.cluster].value(row));
        for metric in &register.metrics {
            let column = metric.columns.get(&query.year).filter(|&&c| query.disclosure.shows(&layer.spec, c));
            if let Some(&column) = column {
                w.tag(&metric.id, layer.table.columns[column].value(row));
            }
        }
    } else {
        plain_attributes(w, layer, query, row);
    }
}

/// Every property that may leave, lists and long texts apart.
pub(super) fn plain_attributes(w: &mut LayerWriter, layer: &Layer, query: &Query, row: usize) {
    for column in query.disclosure.columns(&layer.spec) {
        let value = layer.table.columns[column].value(row);
        if !matches!(value, Value::Text(t) if t.len() > LONGEST_TEXT) {
            w.tag(&layer.spec.properties[column].name, value);
        }
    }
}

#[allow(clippy::too_many_arguments)]
fn counted(
    w: &mut LayerWriter,
    snapshot: &Snapshot,
    query: &Query,
    points: &Points,
    register: Option<&Register>,
    rows: &[usize],
    tile: TileId,
    bits: u8,
) {
    w.tag("n", Value::Integer(rows.len() as i64));
    w.tag("cz", Value::Integer((tile.z + bits).into()));
    if let Some(register) = register {
        let sums = Sums::of_rows(snapshot, register, query, rows.iter().copied());
        let leading = (0..=register.clusters).max_by_key(|&c| (sums.count(c), std::cmp::Reverse(c)));
        let entry = leading.and_then(|c| snapshot.clusters()?.entries.get(c));
        if let Some(entry) = entry {
            w.tag("cluster", Value::Text(&entry.code));
        }
        for metric in &register.metrics {
            let Some(mut amount) = sums.total(&metric.id) else { continue };
            query.disclosure.withhold(&mut amount, &mut [], crate::query::AreaKind::District, rows.len() as u64);
            if let Some(sum) = amount.sum {
                w.tag(&metric.id, Value::Number(sum));
            }
        }
    }
    let shift = 32 - u32::from(tile.z + bits);
    let (x, y) = points.position(rows[0]);
    let id = u64::from(x >> shift) << 26 | u64::from(y >> shift);
    let positions = rows.iter().map(|&r| tile.local(points.position(r)));
    point(w, Some(id), place(positions, rows.len() as i64, bits));
}

/// Where a counted cell stands: two fifths of the way from the cell's middle to the mean of its rows. So it leans to
/// where the rows are, and circles up to three fifths of a cell wide never touch.
fn place(positions: impl Iterator<Item = Point>, n: i64, bits: u8) -> Point {
    let (mut sum, mut any) = ((0i64, 0i64), (0, 0));
    for p in positions {
        sum = (sum.0 + i64::from(p.0), sum.1 + i64::from(p.1));
        any = p;
    }
    let side = i64::from(EXTENT >> bits);
    let lean = |sum: i64, any: i32| {
        let middle = i64::from(any).div_euclid(side) * side + side / 2;
        (middle + (sum / n - middle) * 2 / 5) as i32
    };
    (lean(sum.0, any.0), lean(sum.1, any.1))
}
