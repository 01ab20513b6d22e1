//! Whether points of one class stand closer together, or further apart, than as many points of all classes would by chance: the
//! K-density of distances (Duranton and Overman 2005) and the function M (Marcon and Puech 2010), with bands that hold at all distances
//! at once.

use super::grid::squared;
use super::plane::Metres;
use crate::cancel;
use oorandom::Rand64;
use std::ops::Range;

/// With fewer points of a class nothing is said.
pub const LEAST_POINTS: usize = 10;
/// Fewer are to be read with caution.
pub const CAUTION_POINTS: usize = 30;
/// Distances at which the functions are known, after 0.
pub const STEPS: usize = 64;
/// The part of simulations that leave a band anywhere, on one side.
pub const OUTSIDE: f64 = 0.05;
/// The range is the median distance of so many points at most, evenly among all.
const MOST_FOR_RANGE: usize = 2000;
/// Simulations that one thread takes at a time.
const PIECE: usize = 2;

/// Points of one class among all.
#[derive(Clone, Debug)]
pub struct Distances<'a> {
    all: &'a [Metres],
    weights: &'a [f64],
    class: Vec<u32>,
    range: f64,
    bandwidth: f64,
    /// Bins to a step.
    fine: usize,
    /// What a pair in each bin adds to the density at each distance.
    kernel: Vec<[f64; STEPS + 1]>,
    /// The step that each bin is in; [`STEPS`] of what is beyond.
    step_of: Vec<u8>,
    /// Weight within each distance of each point, itself not counted; empty where M is not asked for.
    around: Vec<[f64; STEPS + 1]>,
}

/// The two functions of one set of points.
#[derive(Clone, Debug, PartialEq)]
pub struct Curves {
    /// K-density, to a metre: at 0 and at each step.
    pub density: Vec<f64>,
    /// M: at each step; empty where it is not asked for, 0 where no point has a neighbour yet.
    pub relative: Vec<f64>,
}

/// A band around what chance gives.
#[derive(Clone, Debug, PartialEq)]
pub struct Band {
    /// Lower end at each distance.
    pub low: Vec<f64>,
    /// Upper end.
    pub high: Vec<f64>,
}

impl<'a> Distances<'a> {
    /// Points of a class, by their places among `all`. `range` is up to where the functions are known, in metres. `weights` weigh
    /// points for M (1 each where they are counted). `None` of fewer than [`LEAST_POINTS`], of a class that is all there is, and of
    /// points at one place.
    ///
    /// The bandwidth is Silverman's (1986, 3.31) of the class's own distances: `0.9 min(SD, IQR / 1.34) n^(-1/5)` of the n pairs.
    pub fn new(all: &'a [Metres], weights: &'a [f64], class: &[u32], range: f64) -> Option<Self> {
        if class.len() < LEAST_POINTS || class.len() >= all.len() || range <= 0.0 {
            return None;
        }
        let own: Vec<Metres> = class.iter().map(|place| all[*place as usize]).collect();
        let bandwidth = silverman(lengths(&own)).filter(|h| *h > 0.0)?;
        // a tenth of the bandwidth is as good as none: the kernel is flat over it
        let fine = ((range / STEPS as f64) / (bandwidth / 10.0)).ceil().clamp(8.0, 64.0) as usize;
        let class = class.to_vec();
        let mut out =
            Self { all, weights, class, range, bandwidth, fine, kernel: vec![], step_of: vec![], around: vec![] };
        out.kernel = out.kernels();
        out.step_of = (0..out.counters()).map(|bin| (bin / fine).min(STEPS) as u8).collect();
        Some(out)
    }

    /// The bandwidth in metres.
    pub fn bandwidth(&self) -> f64 {
        self.bandwidth
    }

    /// The distance of a step in metres; the functions are known at 0 and at [`STEPS`] of them.
    pub fn step(&self) -> f64 {
        self.range / STEPS as f64
    }

    /// Prepares for M: what stands around each point, by looking at every pair once.
    pub fn count_around(&mut self) {
        let (all, weights, beyond) = (self.all, self.weights, self.counters() as u32 - 1);
        let [east, north] = [0, 1].map(|axis| all.iter().map(|point| point[axis]).collect::<Vec<_>>());
        let count = |points: Range<usize>| {
            let mut bins = vec![0; all.len()];
            let around = |i: usize| {
                cancel::check();
                self.sort_into_bins(all[i], [&east, &north], &mut bins);
                bins[i] = beyond;
                let mut held = [0.0; STEPS + 1];
                bins.iter().zip(weights).for_each(|(bin, w)| held[usize::from(self.step_of[*bin as usize])] += w);
                for step in 1..STEPS {
                    held[step] += held[step - 1];
                }
                held
            };
            points.map(around).collect::<Vec<_>>()
        };
        self.around = cancel::pieces(all.len(), 64, count).concat();
    }

    /// The functions of the class.
    pub fn observed(&self) -> Curves {
        self.curves(&self.class)
    }

    /// The functions of as many points drawn from all without return, by the numbers of the simulations. Each has its own random
    /// numbers, so that neither the number of threads nor what was simulated before shows.
    ///
    /// Points are drawn with their places, so a tower of a thousand firms is drawn a thousand times as often as a single firm. Drawn
    /// from distinct places, chance would be spread too evenly: more than a quarter of random classes would be called localised.
    pub fn simulated(&self, seed: u64, numbers: Range<usize>) -> Vec<Curves> {
        let first = numbers.start;
        let simulate = |piece: Range<usize>| {
            let mut pool: Vec<u32> = (0..self.all.len() as u32).collect();
            piece
                .map(|number| self.curves(&draw(&mut pool, self.class.len(), seed, first + number)))
                .collect::<Vec<_>>()
        };
        cancel::pieces(numbers.len(), PIECE, simulate).concat()
    }

    fn curves(&self, class: &[u32]) -> Curves {
        let points: Vec<Metres> = class.iter().map(|place| self.all[*place as usize]).collect();
        let weights: Vec<f64> = class.iter().map(|place| self.weights[*place as usize]).collect();
        let (relative, beyond) = (!self.around.is_empty(), self.counters() as u32 - 1);
        let [east, north] = [0, 1].map(|axis| points.iter().map(|point| point[axis]).collect::<Vec<_>>());
        let mut counts = vec![0_u32; self.counters()];
        let mut near = vec![[0.0; STEPS + 1]; if relative { points.len() } else { 0 }];
        let mut bin_of = vec![0; points.len()];
        for i in 0..points.len() {
            cancel::check();
            // for M all others, for distances each pair once
            let first = if relative { 0 } else { i + 1 };
            self.sort_into_bins(points[i], [&east[first..], &north[first..]], &mut bin_of[first..]);
            bin_of[i + 1..].iter().for_each(|bin| counts[*bin as usize] += 1);
            if let Some(near) = near.get_mut(i) {
                bin_of[i] = beyond;
                let others = bin_of.iter().zip(&weights);
                others.for_each(|(bin, weight)| near[usize::from(self.step_of[*bin as usize])] += weight);
            }
        }
        let pairs = (points.len() * (points.len() - 1) / 2) as f64;
        let mut density = vec![0.0; STEPS + 1];
        for (kernel, count) in self.kernel.iter().zip(&counts).filter(|(_, count)| **count > 0) {
            let count = f64::from(*count);
            density.iter_mut().zip(kernel).for_each(|(sum, kernel)| *sum += kernel * count);
        }
        density.iter_mut().for_each(|sum| *sum /= pairs);
        Curves { density, relative: self.relative(class, &weights, &near) }
    }

    /// The bin of the distance of each point from one, without branches, so that two are worked out at once by what every processor
    /// has. Distances are rounded to a millionth of a bin.
    fn sort_into_bins(&self, [x, y]: Metres, [east, north]: [&[f64]; 2], bins: &mut [u32]) {
        // beside it a number has 20 bits behind the point, and those before it are the bin
        const WHOLE: f64 = (1_u64 << 32) as f64;
        let (scale, last) = (self.fine as f64 / self.step(), (self.counters() - 1) as f64);
        cancel::steps(bins.len());
        for ((bin, east), north) in bins.iter_mut().zip(east).zip(north) {
            let (x, y) = (east - x, north - y);
            let place = (x * x + y * y).sqrt() * scale;
            let place = if place < last { place } else { last };
            *bin = ((place + WHOLE).to_bits() >> 20) as u32;
        }
    }

    /// M: the mean share of the class around its points, over the mean share that it has of all. Points without a neighbour say nothing.
    fn relative(&self, class: &[u32], weights: &[f64], near: &[[f64; STEPS + 1]]) -> Vec<f64> {
        if near.is_empty() {
            return vec![];
        }
        let (all, own) = (self.weights.iter().sum::<f64>(), weights.iter().sum::<f64>());
        let mut sums = [(0.0, 0.0); STEPS];
        for ((place, near), weight) in class.iter().zip(near).zip(weights) {
            let mut same = 0.0;
            for (step, sum) in sums.iter_mut().enumerate() {
                same += near[step];
                let around = self.around[*place as usize][step];
                if around > 0.0 {
                    sum.0 += same / around;
                    sum.1 += (own - weight) / (all - weight);
                }
            }
        }
        sums.iter().map(|(here, everywhere)| if *everywhere > 0.0 { here / everywhere } else { 0.0 }).collect()
    }

    /// Bins of distances: beyond the range so far that the kernel is nothing.
    fn bins(&self) -> usize {
        let beyond = (5.0 * self.bandwidth / self.step()).ceil() as usize;
        (STEPS + beyond) * self.fine
    }

    /// Counters of pairs: as many again for what is beyond, since a counter that every second pair needs has to be waited for.
    fn counters(&self) -> usize {
        2 * self.bins()
    }

    /// The Gaussian kernel, mirrored at 0: no distance is below it.
    fn kernels(&self) -> Vec<[f64; STEPS + 1]> {
        let (h, step) = (self.bandwidth, self.step());
        let gauss = |d: f64| (-0.5 * (d / h).powi(2)).exp() / (h * std::f64::consts::TAU.sqrt());
        let at = |bin: usize| {
            let middle = (bin as f64 + 0.5) * step / self.fine as f64;
            std::array::from_fn(|place| gauss(place as f64 * step - middle) + gauss(place as f64 * step + middle))
        };
        (0..self.bins()).map(at).collect()
    }
}

/// The median distance of points, up to which Duranton and Overman look; `None` of fewer than two places.
pub fn median_distance(points: &[Metres]) -> Option<f64> {
    let every = points.len().div_ceil(MOST_FOR_RANGE).max(1);
    let some: Vec<Metres> = points.iter().step_by(every).copied().collect();
    let mut all = lengths(&some);
    let middle = all.len() / 2;
    if all.is_empty() {
        return None;
    }
    Some(*all.select_nth_unstable_by(middle, cancel::ordered(f64::total_cmp)).1).filter(|d| *d > 0.0)
}

/// So many of the places of `class`, drawn without return by a seed.
pub fn some(class: &[u32], number: usize, seed: u64) -> Vec<u32> {
    let mut pool = class.to_vec();
    let mut drawn = draw(&mut pool, number.min(class.len()), seed, usize::MAX);
    drawn.sort_unstable();
    drawn
}

/// The band that at most [`OUTSIDE`] of the simulations leave anywhere upwards, and as many downwards: at every distance the value of
/// one rank, the same rank at all of them. `None` of fewer than 20 simulations.
pub fn band(curves: &[&[f64]]) -> Option<Band> {
    let (first, number) = (curves.first()?, curves.len());
    if number < 20 {
        return None;
    }
    let columns: Vec<Vec<f64>> = (0..first.len())
        .map(|at| {
            cancel::check();
            let mut column: Vec<f64> = curves.iter().map(|curve| curve[at]).collect();
            column.sort_unstable_by(f64::total_cmp);
            column
        })
        .collect();
    // for each simulation how many lie beyond it where it lies furthest out
    let rank = |beyond: &dyn Fn(&[f64], f64) -> usize| {
        let least = |curve: &&[f64]| {
            cancel::check();
            cancel::steps(curve.len());
            curve.iter().zip(&columns).map(|(value, column)| beyond(column, *value)).min()
        };
        let mut ranks: Vec<usize> = curves.iter().filter_map(least).collect();
        ranks.sort_unstable();
        ranks.get(((number - 1) as f64 * OUTSIDE) as usize).copied()
    };
    let above = rank(&|column, value| number - column.partition_point(|v| *v <= value))?;
    let below = rank(&|column, value| column.partition_point(|v| *v < value))?;
    Some(Band {
        low: columns.iter().map(|column| column[below]).collect(),
        high: columns.iter().map(|column| column[number - 1 - above]).collect(),
    })
}

/// Distances of all pairs.
fn lengths(points: &[Metres]) -> Vec<f64> {
    let mut out = Vec::with_capacity(points.len() * points.len().saturating_sub(1) / 2);
    for (i, one) in points.iter().enumerate() {
        cancel::check();
        out.extend(points[i + 1..].iter().map(|other| squared(*one, *other).sqrt()));
    }
    out
}

/// Silverman's bandwidth of numbers.
fn silverman(mut values: Vec<f64>) -> Option<f64> {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let deviation = (values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / n).sqrt();
    // between two values in proportion, as numpy has it; two of millions are found much sooner than all are sorted
    let mut quantile = |part: f64| {
        cancel::check();
        let place = (n - 1.0) * part;
        if values.is_empty() {
            return None;
        }
        let (_, low, above) = values.select_nth_unstable_by(place as usize, cancel::ordered(f64::total_cmp));
        cancel::check();
        let low = *low;
        let high = above.iter().copied().min_by(f64::total_cmp).unwrap_or(low);
        Some(low + (high - low) * place.fract())
    };
    let middle = (quantile(0.75)? - quantile(0.25)?) / 1.34;
    let spread = if middle > 0.0 { deviation.min(middle) } else { deviation };
    Some(0.9 * spread * n.powf(-0.2))
}

/// Draws places without return, and leaves the pool as it was.
fn draw(pool: &mut [u32], number: usize, seed: u64, simulation: usize) -> Vec<u32> {
    let mixed = (u128::from(seed) << 64 | simulation as u128).wrapping_mul(0x9E37_79B9_7F4A_7C15_F39C_C060_5CED_C835);
    let mut random = Rand64::new(mixed);
    let swaps: Vec<usize> = (0..number).map(|i| random.rand_range(i as u64..pool.len() as u64) as usize).collect();
    swaps.iter().enumerate().for_each(|(i, other)| pool.swap(i, *other));
    let drawn = pool[..number].to_vec();
    swaps.iter().enumerate().rev().for_each(|(i, other)| pool.swap(i, *other));
    drawn
}
