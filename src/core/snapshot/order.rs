//! Rows brought into another order, on all cores.

use crate::columns::{Bitmap, Column, Text};
use crate::model::{Geometries, Table};
use std::sync::Mutex;

/// Fewer rows are not worth a thread.
const WORTH_A_THREAD: usize = 20_000;

/// How many threads this many rows are worth.
pub fn threads(rows: usize) -> usize {
    let most = std::thread::available_parallelism().map_or(1, usize::from).min(8);
    (rows / WORTH_A_THREAD).clamp(1, most)
}

/// One part of a table; `Column` with its place.
enum Part {
    Ids(Text),
    Lon(Vec<f64>),
    Lat(Vec<f64>),
    Located(Bitmap),
    Column(usize, Column),
}

impl Part {
    fn bytes(&self) -> usize {
        match self {
            Self::Ids(ids) => ids.bytes(),
            Self::Lon(v) | Self::Lat(v) => size_of_val(v.as_slice()),
            Self::Located(b) => b.bytes(),
            Self::Column(_, c) => c.bytes(),
        }
    }

    /// The same in another order; the old one is gone when this returns.
    fn take(self, order: &[u32]) -> Self {
        let numbers = |v: Vec<f64>| order.iter().map(|&i| v[i as usize]).collect();
        match self {
            Self::Ids(ids) => Self::Ids(ids.take(order)),
            Self::Lon(v) => Self::Lon(numbers(v)),
            Self::Lat(v) => Self::Lat(numbers(v)),
            Self::Located(b) => Self::Located(Bitmap::from_fn(order.len(), |i| b.contains(order[i] as usize))),
            Self::Column(i, c) => Self::Column(i, c.take(order)),
        }
    }
}

/// The rows of a table of points in the order given. Each column goes as soon as its copy stands, so that there are
/// never many of both.
pub fn take(table: Table, order: &[u32]) -> Table {
    let Table { ids, geometries, columns } = table;
    let Geometries::Points { lon, lat, located } = geometries else {
        return Table { ids, geometries, columns };
    };
    let count = columns.len();
    let mut parts = vec![Part::Ids(ids), Part::Lon(lon), Part::Lat(lat), Part::Located(located)];
    parts.extend(columns.into_iter().enumerate().map(|(i, c)| Part::Column(i, c)));
    // the largest first
    parts.sort_by_key(Part::bytes);
    let (waiting, taken) = (Mutex::new(parts), Mutex::new(Vec::new()));
    let work = || {
        loop {
            let part = waiting.lock().map(|mut parts| parts.pop());
            let Ok(Some(part)) = part else { return };
            let part = part.take(order);
            if let Ok(mut taken) = taken.lock() {
                taken.push(part);
            }
        }
    };
    std::thread::scope(|scope| {
        (1..threads(order.len())).for_each(|_| drop(scope.spawn(work)));
        work();
    });
    let (mut ids, mut lon, mut lat, mut located) = (Text::default(), vec![], vec![], Bitmap::default());
    let mut columns: Vec<Option<Column>> = (0..count).map(|_| None).collect();
    for part in taken.into_inner().unwrap_or_default() {
        match part {
            Part::Ids(v) => ids = v,
            Part::Lon(v) => lon = v,
            Part::Lat(v) => lat = v,
            Part::Located(b) => located = b,
            Part::Column(i, c) => columns[i] = Some(c),
        }
    }
    let columns = columns.into_iter().flatten().collect();
    Table { ids, geometries: Geometries::Points { lon, lat, located }, columns }
}

/// Sorts, a run of the items on each thread, then merges the runs.
pub fn sort<T: Ord + Copy + Send>(items: &mut [T]) {
    let threads = threads(items.len());
    let run = items.len().div_ceil(threads).max(1);
    std::thread::scope(|scope| {
        let mut runs = items.chunks_mut(run);
        let own = runs.next();
        runs.for_each(|run| drop(scope.spawn(move || run.sort_unstable())));
        own.into_iter().for_each(<[T]>::sort_unstable);
    });
    if threads > 1 {
        // a stable sort finds the runs that there are and merges them
        items.sort();
    }
}

/// The rows in the order of their ids (shorter ones first, so that numbers ascend). `order`: which row of the file each
/// row was, where the rows were brought into another order.
pub fn by_id(ids: &Text, order: Option<&[u32]>) -> Vec<u32> {
    let mut rows: Vec<u32> = (0..ids.len() as u32).collect();
    // most files are written in the order of their ids
    order.into_iter().flatten().zip(0..).for_each(|(&was, row)| rows[was as usize] = row);
    let ascend = |a: &u32, b: &u32| key(ids.value(*a as usize)) <= key(ids.value(*b as usize));
    if rows.is_sorted_by(ascend) {
        return rows;
    }
    let mut keyed: Vec<(usize, u64, u32)> = (0..ids.len())
        .map(|row| {
            let id = ids.value(row);
            let mut first = [0; 8];
            first.iter_mut().zip(id.bytes()).for_each(|(to, b)| *to = b);
            (id.len(), u64::from_be_bytes(first), row as u32)
        })
        .collect();
    keyed.sort_unstable_by(|a, b| {
        (a.0, a.1).cmp(&(b.0, b.1)).then_with(|| ids.value(a.2 as usize).cmp(ids.value(b.2 as usize)))
    });
    keyed.into_iter().map(|k| k.2).collect()
}

/// What ids are ordered by.
pub fn key(id: &str) -> (usize, &str) {
    (id.len(), id)
}
