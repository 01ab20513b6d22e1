//! Dense areas among points: DBSCAN (Ester, Kriegel, Sander and Xu 1996), exact.

use super::grid::{Grid, squared};
use super::plane::Metres;
use super::tree::root;
use crate::core::cancel;
use rustc_hash::FxHashMap;

/// Clusters of points.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Clusters {
    /// The cluster of each point, numbered from 0; `None` for noise.
    pub labels: Vec<Option<u32>>,
    /// Whether each point is a core point; `None` of a method that has none.
    pub core: Option<Vec<bool>>,
    /// How many clusters there are.
    pub number: u32,
}

/// Clusters of points, in metres: a point with at least `least` points within `distance` (itself counts, and so does one at just
/// that distance) is a core point; core points within `distance` of one another are of one cluster; other points within
/// `distance` of a core point are at the border of its cluster, all else is noise.
///
/// Clusters are numbered by their first core point in the order given. A border point that could be of several clusters is of the
/// one with the smallest number; the partition of core points and what is noise do not depend on the order. Points at one place are
/// searched for once, with their number as weight, so a tower of a thousand firms costs no more than one firm. Positions must be
/// finite and `distance` above 0.
///
/// Choose `distance` from what neighbourhood means (walking distance), not from the result: other values give other clusters.
pub fn dbscan(points: &[Metres], distance: f64, least: u32) -> Clusters {
    let (places, of) = stacks(points);
    let mut weights = vec![0_u32; places.len()];
    of.iter().for_each(|place| weights[*place as usize] += 1);
    // any two points of a cell of this side are neighbours; the few below it are for the rounding of the root
    let grid = Grid::new(&places, distance / std::f64::consts::SQRT_2 * (1.0 - 1e-12));
    let reach = distance * distance;
    let core = core_places(&grid, &places, &weights, reach, least);
    let roots = connected(&grid, &places, &core, reach);
    // numbers in the order of the first core point
    let mut number_of: FxHashMap<u32, u32> = FxHashMap::default();
    for place in of.iter().filter(|place| core[**place as usize]) {
        let next = number_of.len() as u32;
        number_of.entry(roots[*place as usize]).or_insert(next);
    }
    let mut labels: Vec<Option<u32>> =
        (0..places.len()).map(|place| core[place].then(|| number_of[&roots[place]])).collect();
    let cores = labels.clone();
    for cell in 0..grid.len() {
        cancel::check();
        for &place in grid.points(cell).iter().filter(|place| !core[**place as usize]) {
            let near = grid.around(cell, 2).flat_map(|cell| grid.points(cell));
            let near = near.filter(|&&other| {
                core[other as usize] && squared(places[place as usize], places[other as usize]) <= reach
            });
            labels[place as usize] = near.filter_map(|other| cores[*other as usize]).min();
        }
    }
    Clusters {
        labels: of.iter().map(|place| labels[*place as usize]).collect(),
        core: Some(of.iter().map(|place| core[*place as usize]).collect()),
        number: number_of.len() as u32,
    }
}

/// The distinct places of points in the order of their first point, and the place of each point.
pub(super) fn stacks(points: &[Metres]) -> (Vec<Metres>, Vec<u32>) {
    let mut known: FxHashMap<[u64; 2], u32> = FxHashMap::default();
    let mut places = Vec::new();
    let of = points.iter().map(|point| {
        // 0 and -0 are one place
        *known.entry(point.map(|v| (v + 0.0).to_bits())).or_insert_with(|| {
            places.push(*point);
            places.len() as u32 - 1
        })
    });
    let of = of.collect();
    (places, of)
}

/// Which places have enough points within the distance.
fn core_places(grid: &Grid, places: &[Metres], weights: &[u32], reach: f64, least: u32) -> Vec<bool> {
    let mut core = vec![false; places.len()];
    for cell in 0..grid.len() {
        cancel::check();
        let here = grid.points(cell);
        let own: u64 = here.iter().map(|place| u64::from(weights[*place as usize])).sum();
        if own >= u64::from(least) {
            here.iter().for_each(|place| core[*place as usize] = true);
            continue;
        }
        let others: Vec<usize> = grid.around(cell, 2).filter(|other| *other != cell).collect();
        for &place in here {
            let mut found = own;
            'search: for &other in &others {
                for &other in grid.points(other) {
                    if squared(places[place as usize], places[other as usize]) <= reach {
                        found += u64::from(weights[other as usize]);
                        if found >= u64::from(least) {
                            break 'search;
                        }
                    }
                }
            }
            core[place as usize] = found >= u64::from(least);
        }
    }
    core
}

/// The root of each core place in the forest of those that are connected; of others themselves.
fn connected(grid: &Grid, places: &[Metres], core: &[bool], reach: f64) -> Vec<u32> {
    let mut forest: Vec<u32> = (0..places.len() as u32).collect();
    // the core places of a cell are neighbours of one another, so one of them stands for all
    let cores: Vec<Vec<u32>> = (0..grid.len())
        .map(|cell| grid.points(cell).iter().copied().filter(|place| core[*place as usize]).collect())
        .collect();
    for here in &cores {
        here.iter().skip(1).for_each(|place| unite(&mut forest, here[0], *place));
    }
    for cell in 0..grid.len() {
        cancel::check();
        let Some(&first) = cores[cell].first() else { continue };
        for other in grid.around(cell, 2).filter(|other| *other > cell) {
            let Some(&second) = cores[other].first() else { continue };
            if root(&mut forest, first) == root(&mut forest, second) {
                continue;
            }
            let close =
                |a: &u32| cores[other].iter().any(|b| squared(places[*a as usize], places[*b as usize]) <= reach);
            if cores[cell].iter().any(close) {
                unite(&mut forest, first, second);
            }
        }
    }
    (0..places.len() as u32).map(|place| root(&mut forest, place)).collect()
}

fn unite(forest: &mut [u32], a: u32, b: u32) {
    let (a, b) = (root(forest, a), root(forest, b));
    forest[a.max(b) as usize] = a.min(b);
}
