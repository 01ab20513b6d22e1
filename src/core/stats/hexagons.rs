//! Hot and cold hexagons: counts in cells of H3, each compared with what its neighbours would hold by chance; exact.

use super::discoveries::adjusted;
use crate::cancel::{self, Pace};
use h3o::{CellIndex, LatLng, Resolution};
use rustc_hash::FxHashMap;

/// The share of false discoveries among hexagons that are called hot or cold.
pub const FALSE_DISCOVERIES: f64 = 0.05;

/// What a hexagon and its neighbours cost to find, in steps of other loops.
const DISK: usize = 64;

/// What may be said of a hexagon.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Heat {
    /// It and its neighbours hold significantly more than chance would give them.
    Hot,
    /// Significantly less.
    Cold,
    /// Neither.
    Neither,
}

/// How a hexagon and its neighbours stand to the mean: the quadrants of Anselin (1995).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quadrant {
    /// Above the mean among neighbours above it.
    HighHigh,
    /// Below the mean among neighbours above it.
    LowHigh,
    /// Below the mean among neighbours below it.
    LowLow,
    /// Above the mean among neighbours below it.
    HighLow,
}

impl Quadrant {
    /// Of a place that is above the mean or not, among neighbours that are or not.
    pub fn of(own: bool, around: bool) -> Self {
        match (own, around) {
            (true, true) => Self::HighHigh,
            (false, true) => Self::LowHigh,
            (false, false) => Self::LowLow,
            (true, false) => Self::HighLow,
        }
    }
}

/// A hexagon of H3.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Hexagon {
    /// Its index.
    pub cell: u64,
    /// Points in it.
    pub count: u32,
    /// Neighbours of it that are compared, at most 6.
    pub neighbours: u8,
    /// Points in these.
    pub around: u32,
    /// Probability that its neighbours hold as many points or more by chance.
    pub upper: f64,
    /// Probability that they hold as many or fewer.
    pub lower: f64,
    /// Two-sided p-value: twice the smaller tail, at most 1.
    pub p: f64,
    /// The p-value adjusted over all hexagons (Benjamini and Hochberg 1995).
    pub q: f64,
    /// What may be said at a rate of false discoveries of 5 %.
    pub heat: Heat,
    /// Local Moran: how it and its neighbours stand to the mean. Significant where `q` is.
    pub quadrant: Quadrant,
}

impl Hexagon {
    /// The hexagons next to it, by their indexes.
    pub fn near(&self) -> Vec<u64> {
        let Ok(cell) = CellIndex::try_from(self.cell) else { return vec![] };
        cell.grid_disk::<Vec<_>>(1).into_iter().filter(|other| *other != cell).map(u64::from).collect()
    }

    /// Its corners in degrees, longitude and latitude, counter-clockwise.
    pub fn outline(&self) -> Vec<[f64; 2]> {
        let cell = CellIndex::try_from(self.cell);
        cell.map_or_else(|_| vec![], |cell| cell.boundary().iter().map(|corner| [corner.lng(), corner.lat()]).collect())
    }
}

/// Points counted in the hexagons of a resolution that hold any.
#[derive(Debug)]
pub struct Occupied(FxHashMap<CellIndex, u32>);

impl Occupied {
    /// Counts points (longitude, latitude in degrees) in hexagons of a resolution of H3, 0 to 15 (7 is about 5 km2, 8 about 0.7). `None` of an
    /// unknown resolution, and where more than `most` hexagons hold points. Points with no finite position are left out.
    pub fn of(points: &[[f64; 2]], resolution: u8, most: usize) -> Option<Self> {
        let resolution = Resolution::try_from(resolution).ok()?;
        let mut counts: FxHashMap<CellIndex, u32> = FxHashMap::default();
        for points in points.chunks(1 << 12) {
            cancel::check();
            let cells = points.iter().filter_map(|[lng, lat]| Some(LatLng::new(*lat, *lng).ok()?.to_cell(resolution)));
            cells.for_each(|cell| *counts.entry(cell).or_default() += 1);
            // the finest resolutions are refused after a part of the points
            if counts.len() > most {
                return None;
            }
        }
        Some(Self(counts))
    }

    /// Whether no hexagon holds any.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// The mean area of a hexagon of a resolution in square kilometres; `None` of an unknown one.
pub fn area_km2(resolution: u8) -> Option<f64> {
    Resolution::try_from(resolution).ok().map(Resolution::area_km2)
}

/// Counts points (longitude, latitude in degrees) in hexagons of a resolution of H3, 0 to 15 (7 is about 5 km2, 8 about 0.7), and
/// tests each hexagon that holds points or is next to one that does. Ascending by index; `None` of an unknown resolution.
///
/// Gi* (Getis and Ord 1992, Ord and Getis 1995) and local Moran (Anselin 1995) ask the same of a hexagon whose own count is held
/// fixed: is the sum of its k neighbours one that k of the other hexagons, drawn without return, would rarely have? That
/// distribution is found exactly, by counting the draws with each sum, so that p-values have neither a seed nor a floor, and
/// the lower tail is a tail of its own. Points with no finite position are left out.
///
/// Cautions: hexagons far from every point are not among those compared; neighbours share hexagons, so tests depend on one
/// another; another resolution or another grid gives other hexagons. Normal theory is not offered: with counts this skewed it calls
/// three times as many hexagons hot.
pub fn hexagons(points: &[[f64; 2]], resolution: u8) -> Option<Vec<Hexagon>> {
    Occupied::of(points, resolution, usize::MAX).map(|occupied| tested(&occupied))
}

/// The same of points that are counted already.
pub fn tested(Occupied(counts): &Occupied) -> Vec<Hexagon> {
    let mut pace = Pace::default();
    let mut disk = |cell: &CellIndex| {
        pace.step(DISK);
        cell.grid_disk::<Vec<_>>(1)
    };
    let mut cells: Vec<CellIndex> = counts.keys().flat_map(&mut disk).collect();
    cells.sort_unstable_by(cancel::ordered(Ord::cmp));
    cells.dedup();
    let place: FxHashMap<CellIndex, usize> = cells.iter().enumerate().map(|(i, cell)| (*cell, i)).collect();
    let values: Vec<u32> = cells.iter().map(|cell| counts.get(cell).copied().unwrap_or(0)).collect();
    let around: Vec<Vec<usize>> = cells
        .iter()
        .map(|cell| {
            disk(cell).iter().filter(|other| *other != cell).filter_map(|other| place.get(other).copied()).collect()
        })
        .collect();
    let tails = neighbour_sums(&values, &around);
    let p: Vec<Option<f64>> = tails.iter().map(|(lower, upper)| Some((2.0 * lower.min(*upper)).min(1.0))).collect();
    let q = adjusted(&p);
    let mean = values.iter().map(|v| f64::from(*v)).sum::<f64>() / values.len() as f64;
    let hexagon = |i: usize| {
        pace.step(1);
        let (lower, upper) = tails[i];
        let (p, q) = (p[i].unwrap_or(1.0), q[i].unwrap_or(1.0));
        let sum: u32 = around[i].iter().map(|j| values[*j]).sum();
        let heat = match q <= FALSE_DISCOVERIES {
            true if upper < lower => Heat::Hot,
            true => Heat::Cold,
            false => Heat::Neither,
        };
        let quadrant = Quadrant::of(f64::from(values[i]) > mean, f64::from(sum) > mean * around[i].len() as f64);
        let (cell, count, neighbours) = (u64::from(cells[i]), values[i], around[i].len() as u8);
        Hexagon { cell, count, neighbours, around: sum, upper, lower, p, q, heat, quadrant }
    };
    (0..cells.len()).map(hexagon).collect()
}

/// For every place, the probabilities that the sum of as many values as it has neighbours, drawn without return from the values of
/// all other places, is at most and at least that of its neighbours: (at most, at least).
///
/// The number of draws of k values with sum s is the coefficient of `x^k y^s` in the product of `1 + x y^v` over all values v.
/// The product is made once; the factor of a place's own value is divided out.
pub fn neighbour_sums(values: &[u32], around: &[Vec<usize>]) -> Vec<(f64, f64)> {
    let draws = around.iter().map(Vec::len).max().unwrap_or(0);
    let mut number_of: Vec<(u32, u32)> = Vec::new();
    let mut sorted = values.to_vec();
    sorted.sort_unstable();
    for value in sorted {
        match number_of.last_mut() {
            Some((last, number)) if *last == value => *number += 1,
            _ => number_of.push((value, 1)),
        }
    }
    let top = number_of.last().map_or(0, |(largest, _)| *largest as usize) * draws + 1;
    let all = product(&number_of, draws, top);
    let mut out = vec![(1.0, 1.0); values.len()];
    let mut by_value: FxHashMap<u32, Vec<usize>> = FxHashMap::default();
    (0..values.len()).for_each(|place| by_value.entry(values[place]).or_default().push(place));
    for (value, places) in by_value {
        let others = without(&all, value as usize);
        let asked = |place: usize| {
            let sum = around[place].iter().map(|i| values[*i] as usize).sum::<usize>();
            (around[place].len(), sum, place)
        };
        let mut asked: Vec<(usize, usize, usize)> = places.into_iter().map(asked).collect();
        asked.sort_unstable_by(cancel::ordered(Ord::cmp));
        for asked in asked.chunk_by(|one, other| one.0 == other.0) {
            let line = &others[asked[0].0];
            // each tail by itself, from its far end: no small number is left over from the difference of two large ones. One walk
            // along the line passes the sums of all places
            let (mut below, mut at) = (0.0, 0);
            for &(_, sum, place) in asked {
                cancel::check();
                cancel::steps(sum - at);
                line[at..sum].iter().for_each(|number| below += number);
                at = sum;
                out[place].0 = below;
            }
            let (mut above, mut at) = (0.0, line.len());
            for &(_, sum, place) in asked.iter().rev() {
                cancel::check();
                cancel::steps(at - sum);
                line[sum + 1..at].iter().rev().for_each(|number| above += number);
                at = sum + 1;
                let below = out[place].0;
                let whole = below + line[sum] + above;
                out[place] = ((below + line[sum]) / whole, (above + line[sum]) / whole);
            }
        }
    }
    out
}

/// The product of `(1 + x y^v)^c` over values and their numbers, up to `x^draws` and below `y^top`: a line for each power of x.
fn product(number_of: &[(u32, u32)], draws: usize, top: usize) -> Vec<Vec<f64>> {
    let mut lines = vec![vec![0.0; top]; draws + 1];
    lines[0][0] = 1.0;
    let mut filled = 1;
    for (value, number) in number_of {
        let value = *value as usize;
        // from the largest power down, so that each line is still that of the values before
        for power in (1..=draws).rev() {
            let mut ways = 1.0;
            for drawn in 1..=power.min(*number as usize) {
                cancel::check();
                cancel::steps(filled.min(top));
                ways *= f64::from(*number - drawn as u32 + 1) / drawn as f64;
                let (from, to) = lines.split_at_mut(power);
                let shift = drawn * value;
                let target = to[0].iter_mut().skip(shift);
                target.zip(&from[power - drawn][..filled.min(top)]).for_each(|(to, from)| *to += ways * from);
            }
        }
        filled = (draws * value + 1).min(top);
    }
    lines
}

/// The product without one factor `1 + x y^v`.
fn without(all: &[Vec<f64>], value: usize) -> Vec<Vec<f64>> {
    let mut lines: Vec<Vec<f64>> = vec![all[0].clone()];
    for line in &all[1..] {
        cancel::check();
        cancel::steps(line.len());
        let mut next = line.clone();
        if let Some(before) = lines.last() {
            for (to, from) in next.iter_mut().skip(value).zip(before) {
                let rest = *to - from;
                // what is left of a difference of equals is rounding
                *to = if rest > *to * 1e-13 { rest } else { 0.0 };
            }
        }
        lines.push(next);
    }
    lines
}
