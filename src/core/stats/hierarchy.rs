//! Dense areas of unlike densities among points: HDBSCAN* (Campello, Moulavi, Zimek and Sander 2015).

use super::dense::Clusters;
use super::plane::Metres;
use super::tree::{Edge, Tree, root};
use crate::cancel::{self, Pace};
use rustc_hash::FxHashMap;

/// No place, node or cluster.
const NONE: u32 = u32::MAX;

/// What HDBSCAN* is asked for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Asked {
    /// How many points must lie within the reach of one, itself counted (`min_samples` of scikit-learn).
    pub least: u32,
    /// Points of a cluster at least (`min_cluster_size`), 2 or more.
    pub smallest: u32,
    /// Distances below are taken for this one, in metres; 0 for the method as it was published. A stack of points at one position
    /// is infinitely dense, and would be a cluster of its own whatever stands around it.
    pub nearest: f64,
}

/// Clusters of points, in metres: groups of at least `smallest` points that persist over the widest range of densities
/// (excess of mass; the whole is no cluster). Two points are as far from each other as the largest of their distance and their
/// two reaches. All that falls apart at one density falls apart at once, so that the order of points decides nothing.
///
/// Points at one place are one with a weight. Clusters are numbered by their first point; `core` is `None`. Where
/// densities are even, small differences decide between one cluster and its parts.
pub fn hdbscan(points: &[Metres], asked: Asked) -> Clusters {
    watched(points, asked, &mut |_| ())
}

/// What is being done, for who waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// How far each point must look.
    Reaches,
    /// The shortest tree.
    Tree,
    /// What comes apart as densities grow.
    Hierarchy,
}

/// [`hdbscan`], telling what is begun.
pub fn watched(points: &[Metres], asked: Asked, tell: &mut dyn FnMut(Stage)) -> Clusters {
    tell(Stage::Reaches);
    let (places, of) = stacks(points);
    let mut weights = vec![0_u32; places.len()];
    of.iter().for_each(|place| weights[*place as usize] += 1);
    let (edges, reaches) = spanning(&places, &weights, asked, tell);
    tell(Stage::Hierarchy);
    let chosen = Condensed::of(&merged(&weights, &reaches, edges), asked.smallest.max(2)).chosen();
    // numbers in the order of the first point
    let (mut number_of, mut number) = (vec![NONE; places.len() + 1], 0);
    let labels = of.iter().map(|place| {
        let cluster = chosen[*place as usize];
        if cluster == NONE {
            return None;
        }
        let of = &mut number_of[cluster as usize];
        if *of == NONE {
            (*of, number) = (number, number + 1);
        }
        Some(*of)
    });
    let labels = labels.collect();
    Clusters { labels, core: None, number }
}

/// The distinct places of points in the order of their first point, and the place of each point.
fn stacks(points: &[Metres]) -> (Vec<Metres>, Vec<u32>) {
    let mut known: FxHashMap<[u64; 2], u32> = FxHashMap::default();
    let mut places = Vec::new();
    let mut pace = Pace::default();
    let of = points.iter().map(|point| {
        pace.step(1);
        // 0 and -0 are one place
        *known.entry(point.map(|v| (v + 0.0).to_bits())).or_insert_with(|| {
            places.push(*point);
            places.len() as u32 - 1
        })
    });
    let of = of.collect();
    (places, of)
}

/// The edges of the shortest tree between places, the shortest first, and the reach of each place; squares all.
fn spanning(places: &[Metres], weights: &[u32], asked: Asked, tell: &mut dyn FnMut(Stage)) -> (Vec<Edge>, Vec<f64>) {
    let tree = Tree::new(places, weights);
    let floor = asked.nearest * asked.nearest;
    let reaches: Vec<f64> = tree.reaches(asked.least).into_iter().map(|reach| reach.max(floor)).collect();
    tell(Stage::Tree);
    let mut edges = tree.spanning(&reaches);
    let shorter = |a: &Edge, b: &Edge| a.square.total_cmp(&b.square).then((a.a, a.b).cmp(&(b.a, b.b)));
    edges.sort_unstable_by(cancel::ordered(shorter));
    (edges, reaches)
}

/// The lengths in metres of the edges of the shortest tree between points, ascending; a stack of points is joined at its reach.
#[cfg(test)]
pub(super) fn lengths(points: &[Metres], asked: Asked) -> Vec<f64> {
    let (places, of) = stacks(points);
    let mut weights = vec![0_u32; places.len()];
    of.iter().for_each(|place| weights[*place as usize] += 1);
    let (edges, reaches) = spanning(&places, &weights, asked, &mut |_| ());
    let within = (0..places.len()).flat_map(|place| (1..weights[place]).map(move |_| place));
    let mut out: Vec<f64> = within.map(|place| reaches[place]).chain(edges.iter().map(|e| e.square)).collect();
    out.sort_by(f64::total_cmp);
    out.into_iter().map(f64::sqrt).collect()
}

/// What joins when distances grow: places first, then a node for each edge.
struct Merged {
    /// The square of the distance at which it comes apart again.
    square: Vec<f64>,
    /// Points in it.
    size: Vec<u32>,
    /// Its first place.
    first: Vec<u32>,
    /// The two that it is made of; of a place none.
    parts: Vec<[u32; 2]>,
}

fn merged(weights: &[u32], reaches: &[f64], edges: Vec<Edge>) -> Merged {
    let n = weights.len();
    let mut out = Merged {
        square: reaches.to_vec(),
        size: weights.to_vec(),
        first: (0..n as u32).collect(),
        parts: vec![[NONE; 2]; n],
    };
    let mut forest: Vec<u32> = (0..n as u32).collect();
    let mut node_of = forest.clone();
    for (i, edge) in edges.into_iter().enumerate() {
        if i % 4096 == 0 {
            cancel::check();
        }
        let (a, b) = (root(&mut forest, edge.a), root(&mut forest, edge.b));
        let parts = [node_of[a as usize], node_of[b as usize]];
        let [x, y] = parts.map(|part| part as usize);
        out.square.push(edge.square);
        out.size.push(out.size[x] + out.size[y]);
        out.first.push(out.first[x].min(out.first[y]));
        out.parts.push(parts);
        forest[b as usize] = a;
        node_of[a as usize] = out.square.len() as u32 - 1;
    }
    out
}

/// Clusters as densities grow: a cluster before those in it.
struct Condensed {
    /// The cluster that it comes from.
    above: Vec<u32>,
    /// How long its points stay with it, by density: excess of mass.
    stability: Vec<f64>,
    /// The cluster that each place leaves last.
    of_place: Vec<u32>,
}

impl Condensed {
    fn of(all: &Merged, smallest: u32) -> Self {
        let places = all.parts.iter().take_while(|parts| parts[0] == NONE).count();
        let mut out = Self { above: vec![NONE], stability: vec![0.0], of_place: vec![0; places] };
        let mut born = vec![0.0];
        let mut open: Vec<(u32, u32)> = all.size.len().checked_sub(1).map(|top| (top as u32, 0)).into_iter().collect();
        let (mut apart, mut large, mut leaving) = (Vec::new(), Vec::new(), Vec::new());
        while let Some((node, cluster)) = open.pop() {
            cancel::check();
            let square = all.square[node as usize];
            let density = 1.0 / square.sqrt();
            // what comes apart at one distance does so at once
            apart.clear();
            large.clear();
            apart.push(node);
            let mut gone = 0;
            let mut pace = Pace::default();
            while let Some(part) = apart.pop() {
                pace.step(1);
                let [a, b] = all.parts[part as usize];
                // of equal height, and a place whose points are as far from each other
                if part == node || all.square[part as usize] >= square {
                    if a == NONE {
                        gone += all.size[part as usize];
                        out.of_place[part as usize] = cluster;
                    } else {
                        apart.extend([a, b]);
                    }
                } else if all.size[part as usize] >= smallest {
                    large.push(part);
                } else {
                    gone += all.size[part as usize];
                    leaving.push(part);
                }
            }
            while let Some(part) = leaving.pop() {
                pace.step(1);
                match all.parts[part as usize] {
                    [NONE, _] => out.of_place[part as usize] = cluster,
                    parts => leaving.extend(parts),
                }
            }
            if let [one] = large[..] {
                open.push((one, cluster));
            } else {
                large.sort_unstable_by_key(|part| all.first[*part as usize]);
                for part in &large {
                    gone += all.size[*part as usize];
                    open.push((*part, out.above.len() as u32));
                    out.above.push(cluster);
                    out.stability.push(0.0);
                    born.push(density);
                }
            }
            if gone > 0 {
                out.stability[cluster as usize] += f64::from(gone) * (density - born[cluster as usize]);
            }
        }
        out
    }

    /// The cluster of each place among those that are chosen: of a cluster and what it comes apart into, what is more stable.
    fn chosen(self) -> Vec<u32> {
        let Self { above, mut stability, of_place } = self;
        let mut below = vec![0.0; above.len()];
        let mut chosen = vec![true; above.len()];
        for cluster in (1..above.len()).rev() {
            // of what is as stable but for rounding, the whole
            if below[cluster] > stability[cluster] * (1.0 + 1e-12) {
                chosen[cluster] = false;
                stability[cluster] = below[cluster];
            }
            below[above[cluster] as usize] += stability[cluster];
        }
        let mut of = vec![NONE; above.len()];
        for cluster in 1..above.len() {
            let over = of[above[cluster] as usize];
            of[cluster] = match over {
                NONE if chosen[cluster] => cluster as u32,
                _ => over,
            };
        }
        of_place.into_iter().map(|cluster| of[cluster as usize]).collect()
    }
}
