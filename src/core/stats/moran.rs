//! Local Moran of real values: which places are, with their neighbours, further above or below the mean than chance would have them.

use super::discoveries::adjusted;
use super::hexagons::Quadrant;
use crate::cancel;
use oorandom::Rand64;
use rstar::primitives::GeomWithData;
use rstar::{PointDistance, RTree};
use std::ops::Range;

/// Draws that a p-value is counted among.
pub const DRAWS: usize = 99_999;
/// Draws that share their random numbers' seed, so that the number of threads does not show.
const PIECE: usize = 1024;
/// Of more places as far as the last neighbour, the index chooses.
const TIES: usize = 64;

/// What is found of a place.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LocalMoran {
    /// Local Moran's I: its deviation from the mean times the sum of its neighbours' (weights 1 / k), over the variance by n - 1.
    pub index: f64,
    /// Mean of its neighbours' values.
    pub around: f64,
    /// Probability that neighbours drawn at random have a sum as large or larger.
    pub upper: f64,
    /// Probability that they have one as small or smaller.
    pub lower: f64,
    /// Two-sided p-value: twice the smaller tail, at most 1.
    pub p: f64,
    /// The p-value adjusted over all places (Benjamini and Hochberg 1995).
    pub q: f64,
    /// How it and its neighbours stand to the mean of all. Significant where `q` is.
    pub quadrant: Quadrant,
}

/// The `k` nearest other points of each, `k` for each after the other, ascending by number: of those as far as the last one the
/// smallest numbers. Points are in any metric of three dimensions: metres with 0 for the third, or directions on a sphere, where chords
/// are in the order of great circles. `None` where there are not more than `k` points.
pub fn nearest(points: &[[f64; 3]], k: usize) -> Option<Vec<u32>> {
    if points.len() <= k {
        return None;
    }
    let tree = RTree::bulk_load(points.iter().zip(0_u32..).map(|(at, i)| GeomWithData::new(*at, i)).collect());
    cancel::check();
    let of = |piece: Range<usize>| {
        let mut out = Vec::with_capacity(piece.len() * k);
        for i in piece {
            let own = points[i];
            let mut found: Vec<(f64, u32)> = Vec::with_capacity(k + 1);
            let others = tree.nearest_neighbor_iter(own).filter(|point| point.data != i as u32);
            for point in others.take(k + TIES) {
                let distance = point.distance_2(&own);
                // positions are rounded: as far is as far but for the last digits
                if found.len() >= k && distance > found[k - 1].0 * (1.0 + 1e-12) {
                    break;
                }
                found.push((distance, point.data));
            }
            let last = found[k - 1].0 * (1.0 - 1e-12);
            found.sort_unstable_by_key(|(distance, number)| (*distance >= last, *number));
            let begin = out.len();
            out.extend(found[..k].iter().map(|(_, number)| *number));
            out[begin..].sort_unstable();
        }
        out
    };
    Some(cancel::pieces(points.len(), 256, of).concat())
}

/// Local Moran (Anselin 1995) of finite values, each with `k` neighbours: `near` has their places, `k` after each other, as [`nearest`]
/// gives them.
///
/// A place's own value is held fixed: would `k` of the other places, drawn without return, rarely have so large or so small a sum? That
/// is counted among random draws. One table of draws serves all places, because all have as many neighbours; of it each leaves out
/// the draws that hold itself, which leaves draws of the others. So many more draws cost less than a few for each place would: with
/// 99,999 a p-value is not below 0.00002. The same seed gives the same figures at any number of threads.
///
/// Cautions: neighbours share neighbours, so tests depend on one another; few places (under 30) have too few different draws to tell
/// chance from pattern; values over areas change with the areas.
pub fn local_moran(values: &[f64], near: &[u32], k: usize, draws: usize, seed: u64) -> Vec<LocalMoran> {
    let n = values.len();
    if k == 0 || n <= k {
        return vec![];
    }
    let table = Table::new(values, k, draws, seed);
    let mean = values.iter().sum::<f64>() / n as f64;
    let squares = values.iter().map(|v| (v - mean).powi(2)).sum::<f64>();
    // sums of the same values in another order differ in their last digits
    let slack = values.iter().fold(0.0_f64, |most, v| most.max(v.abs())) * k as f64 * 1e-12;
    let tails = |piece: Range<usize>| {
        piece
            .map(|i| {
                let sum: f64 = near[i * k..(i + 1) * k].iter().map(|j| values[*j as usize]).sum();
                (sum, table.tails(i, sum, slack))
            })
            .collect::<Vec<_>>()
    };
    let found = cancel::pieces(n, 4096, tails).concat();
    let p: Vec<Option<f64>> =
        found.iter().map(|(_, (lower, upper))| Some((2.0 * lower.min(*upper)).min(1.0))).collect();
    let q = adjusted(&p);
    let place = |(i, (sum, (lower, upper))): (usize, (f64, (f64, f64)))| {
        let around = sum / k as f64;
        let quadrant = Quadrant::of(values[i] > mean, around > mean);
        // where all values are equal, what deviates is rounding
        let varies = squares > n as f64 * slack * slack;
        let index = (values[i] - mean) * (around - mean) * (n - 1) as f64 / squares;
        let index = if varies { index } else { 0.0 };
        LocalMoran { index, around, upper, lower, p: p[i].unwrap_or(1.0), q: q[i].unwrap_or(1.0), quadrant }
    };
    found.into_iter().enumerate().map(place).collect()
}

/// Sums of `k` values drawn at random without return.
struct Table {
    /// Ascending.
    sums: Vec<f64>,
    /// Where the draws of each place begin in `ranks`; one more at the end.
    begin: Vec<u32>,
    /// For each place the draws that hold it, by their place among `sums`, ascending.
    ranks: Vec<u32>,
}

impl Table {
    fn new(values: &[f64], k: usize, draws: usize, seed: u64) -> Self {
        let draw = |piece: Range<usize>| {
            let mut random = Rand64::new(u128::from(seed) << 64 | piece.start as u128);
            piece.map(|_| some(values, k, &mut random)).collect::<Vec<_>>()
        };
        let mut all = cancel::pieces(draws, PIECE, draw).concat();
        // stable: draws of the same sum stay in their order
        all.sort_by(cancel::ordered(|(a, _): &(f64, Vec<u32>), (b, _)| a.total_cmp(b)));
        cancel::check();
        let mut begin = vec![0_u32; values.len() + 1];
        all.iter().flat_map(|(_, drawn)| drawn).for_each(|place| begin[*place as usize + 1] += 1);
        (0..values.len()).for_each(|place| begin[place + 1] += begin[place]);
        let (mut next, mut ranks) = (begin.clone(), vec![0; draws * k]);
        for (rank, (_, drawn)) in (0..).zip(&all) {
            for place in drawn {
                let at = &mut next[*place as usize];
                ranks[*at as usize] = rank;
                *at += 1;
            }
        }
        Self { sums: all.into_iter().map(|(sum, _)| sum).collect(), begin, ranks }
    }

    /// Probabilities of a sum at most and at least as large among the draws that do not hold a place: (at most, at least). The place's own
    /// sum counts as one of the draws, so that no probability is 0.
    fn tails(&self, place: usize, sum: f64, slack: f64) -> (f64, f64) {
        let held = &self.ranks[self.begin[place] as usize..self.begin[place + 1] as usize];
        let until = |end: usize| end - held.partition_point(|rank| (*rank as usize) < end);
        let all = until(self.sums.len());
        let at_most = until(self.sums.partition_point(|s| *s <= sum + slack));
        let below = until(self.sums.partition_point(|s| *s < sum - slack));
        let part = |number: usize| (number + 1) as f64 / (all + 1) as f64;
        (part(at_most), part(all - below))
    }
}

/// The sum of `k` different places' values, and the places; `k` is below their number.
fn some(values: &[f64], k: usize, random: &mut Rand64) -> (f64, Vec<u32>) {
    let n = values.len() as u64;
    let mut drawn: Vec<u32> = Vec::with_capacity(k);
    // Floyd (Bentley 1987): k numbers, none of them twice, by k random numbers
    for last in n - k as u64..n {
        let one = random.rand_range(0..last + 1) as u32;
        drawn.push(if drawn.contains(&one) { last as u32 } else { one });
    }
    drawn.sort_unstable();
    (drawn.iter().map(|place| values[*place as usize]).sum(), drawn)
}
