//! Points in Hilbert order: every tile, and every cell of a tile, is one run of rows.

use super::order;
use crate::columns::{InPieces, Pieces, Taken};
use crate::geometry::mercator::TileId;
use crate::geometry::{Bounds, hilbert, mercator};
use crate::model::Geometries;
use geo::Coord;
use std::ops::Range;

/// Rows between two remembered keys.
const STRIDE: usize = 256;

/// The Web Mercator positions of the located rows, which come first and in Hilbert order.
#[derive(Debug)]
pub struct Points {
    positions: Vec<(u32, u32)>,
    /// The key of every `STRIDE`th row.
    keys: Vec<u64>,
    /// The box of every `STRIDE` rows, in degrees.
    boxes: Vec<Bounds>,
}

impl Points {
    /// The order in which the rows are to be taken, and the index over rows so taken.
    pub(super) fn new(geometries: &Geometries) -> (Vec<u32>, Self) {
        let Geometries::Points { lon, lat, located } = geometries else {
            return ((0..geometries.len() as u32).collect(), Self { positions: vec![], keys: vec![], boxes: vec![] });
        };
        // ties (firms in one building) keep the file's order: the row number is part of the key
        let mut keyed: Vec<(u64, u32, (u32, u32))> = located.iter().map(|i| (0, i as u32, (0, 0))).collect();
        let run = keyed.len().div_ceil(order::threads(keyed.len())).max(1);
        std::thread::scope(|scope| {
            for rows in keyed.chunks_mut(run) {
                scope.spawn(|| {
                    for (key, row, at) in rows {
                        *at = mercator::project(lon[*row as usize], lat[*row as usize]);
                        *key = hilbert::key(at.0, at.1);
                    }
                });
            }
        });
        order::sort(&mut keyed);
        let unlocated = (0..lon.len()).filter(|&i| !located.contains(i)).map(|i| i as u32);
        let boxes = keyed.chunks(STRIDE).map(|rows| {
            let mut b = Bounds::EMPTY;
            rows.iter().for_each(|r| b.extend(Coord { x: lon[r.1 as usize], y: lat[r.1 as usize] }));
            b
        });
        let boxes = boxes.collect();
        let order = keyed.iter().map(|k| k.1).chain(unlocated).collect();
        let keys = keyed.iter().step_by(STRIDE).map(|k| k.0).collect();
        (order, Self { positions: keyed.iter().map(|k| k.2).collect(), keys, boxes })
    }

    /// The boxes as numbers: four each.
    fn corners(&self) -> Vec<f64> {
        self.boxes.iter().flat_map(|b| [b.west, b.south, b.east, b.north]).collect()
    }

    /// Bytes that the index takes.
    pub fn bytes(&self) -> usize {
        size_of_val(self.positions.as_slice()) + size_of_val(self.keys.as_slice()) + size_of_val(self.boxes.as_slice())
    }

    /// How many rows have a position: rows `0..located()`.
    pub fn located(&self) -> usize {
        self.positions.len()
    }

    /// The position of a located row, 2^32 units a side of the world.
    #[inline]
    pub fn position(&self, row: usize) -> (u32, u32) {
        self.positions[row]
    }

    #[inline]
    fn key(&self, row: usize) -> u64 {
        let (x, y) = self.positions[row];
        hilbert::key(x, y)
    }

    /// The first row whose key is `key` or later.
    fn lower_bound(&self, key: u64) -> usize {
        let stride = self.keys.partition_point(|&k| k < key);
        let (mut low, mut high) = (stride.saturating_sub(1) * STRIDE, (stride * STRIDE).min(self.positions.len()));
        while low < high {
            let middle = low.midpoint(high);
            if self.key(middle) < key {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        low
    }

    /// The run of rows in a cell of the world's quadtree (`z` up to 31).
    pub fn cell(&self, z: u8, x: u32, y: u32) -> Range<usize> {
        let (first, last) = hilbert::span(z, x, y);
        let end = last.checked_add(1).map_or(self.positions.len(), |k| self.lower_bound(k));
        self.lower_bound(first)..end
    }

    /// The end of the run of rows that share the cell of `row` at zoom `z`: found by steps that double, because cells of
    /// a crowded tile hold few rows each.
    pub fn cell_end(&self, z: u8, row: usize) -> usize {
        let left = 32 - u32::from(z);
        // rows between two rows of a cell are of that cell: no key is needed to tell
        let cell = |row: usize| (self.positions[row].0 >> left, self.positions[row].1 >> left);
        let of = cell(row);
        let same = |row: usize| cell(row) == of;
        let (mut low, mut step) = (row + 1, 1);
        while low + step < self.positions.len() && same(low + step) {
            low += step;
            step *= 2;
        }
        let (mut low, mut high) = (low, (low + step).min(self.positions.len()));
        while low < high {
            let middle = low.midpoint(high);
            if same(middle) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        low
    }

    /// The run of rows in a tile.
    pub fn tile(&self, t: TileId) -> Range<usize> {
        self.cell(t.z, t.x, t.y)
    }

    /// Runs of rows that stand near each other, with the box around each.
    pub fn blocks(&self) -> impl Iterator<Item = (Range<usize>, &Bounds)> {
        let end = |i: usize| ((i + 1) * STRIDE).min(self.positions.len());
        self.boxes.iter().enumerate().map(move |(i, b)| (i * STRIDE..end(i), b))
    }

    /// Those runs whose box meets a box, and whether all of it lies there.
    pub fn near(&self, bounds: &Bounds) -> impl Iterator<Item = (Range<usize>, bool)> {
        let inside = |b: &Bounds| bounds.contains(b.west, b.south) && bounds.contains(b.east, b.north);
        self.blocks().filter(|(_, b)| b.intersects(bounds)).map(move |(rows, b)| (rows, inside(b)))
    }
}

impl InPieces for Points {
    fn put<'a>(&'a self, to: &mut Pieces<'a>) {
        to.give(self.positions.iter().flat_map(|at| [at.0, at.1]).collect());
        to.lend(&self.keys);
        to.give(self.corners());
    }

    fn take_back(from: &mut Taken) -> Option<Self> {
        let flat: Vec<u32> = from.numbers()?;
        let (positions, rest) = flat.as_chunks::<2>();
        let strides = positions.len().div_ceil(STRIDE);
        let (keys, corners): (Vec<u64>, Vec<f64>) = (from.exactly(strides)?, from.exactly(strides * 4)?);
        let boxes = corners.as_chunks::<4>().0.iter().map(|corners| Bounds::from_array(*corners)).collect();
        let positions = positions.iter().map(|[x, y]| (*x, *y)).collect();
        (rest.is_empty() && keys.is_sorted()).then_some(Self { positions, keys, boxes })
    }
}
