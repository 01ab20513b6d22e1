//! Places in a k-d tree: how far away enough of them are, and the shortest tree that joins all of them.

use super::grid::squared;
use super::plane::Metres;
use crate::cancel::{self, Pace};

/// Places of a leaf at most.
const LEAF: usize = 8;
/// No component: the places of a node are of several.
const SEVERAL: u32 = u32::MAX;

/// Room for a search: the places found, the farthest last.
#[derive(Default)]
struct Search {
    near: Vec<(f64, u32)>,
    pace: Pace,
}

/// Places with weights, sorted into boxes. All numbers of places are those of the order given.
pub(super) struct Tree {
    /// The places in the order of the leaves: where each is, how much it weighs, which it is.
    at: Vec<Metres>,
    weights: Vec<u32>,
    of: Vec<u32>,
    /// Boxes, a box before those in it: the first of the two stands next to it.
    nodes: Vec<Node>,
}

#[derive(Clone, Copy)]
struct Node {
    low: Metres,
    high: Metres,
    /// Its places.
    from: u32,
    to: u32,
    /// The second of its two boxes; 0 of a leaf.
    second: u32,
}

impl Node {
    /// The square of the distance of a position to the box.
    #[inline]
    fn away(&self, at: Metres) -> f64 {
        let axis = |i: usize| (self.low[i] - at[i]).max(at[i] - self.high[i]).max(0.0);
        let (x, y) = (axis(0), axis(1));
        x * x + y * y
    }
}

/// An edge between two places, and the square of its length.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Edge {
    pub(super) square: f64,
    pub(super) a: u32,
    pub(super) b: u32,
}

impl Tree {
    pub(super) fn new(places: &[Metres], weights: &[u32]) -> Self {
        let mut of: Vec<u32> = (0..places.len() as u32).collect();
        let mut nodes = Vec::with_capacity(places.len() / 2 + 1);
        if !of.is_empty() {
            split(places, &mut of, 0, &mut nodes);
        }
        let at = of.iter().map(|place| places[*place as usize]).collect();
        let weights = of.iter().map(|place| weights[*place as usize]).collect();
        Self { at, weights, of, nodes }
    }

    /// For each place the square of the distance within which there is a weight of `least`, its own among it; that of the farthest
    /// where all together weigh less.
    pub(super) fn reaches(&self, least: u32) -> Vec<f64> {
        let pieces = cancel::pieces(self.at.len(), 1 << 12, |range| {
            let mut search = Search::default();
            range.map(|place| self.reach(place, least, &mut search)).collect::<Vec<_>>()
        });
        let mut out = vec![0.0; self.at.len()];
        for (place, reach) in self.of.iter().zip(pieces.into_iter().flatten()) {
            out[*place as usize] = reach;
        }
        out
    }

    fn reach(&self, place: usize, least: u32, search: &mut Search) -> f64 {
        if self.weights[place] >= least {
            return 0.0;
        }
        let Search { near, pace } = search;
        near.clear();
        let (at, mut held, mut bound) = (self.at[place], 0_u64, f64::INFINITY);
        let mut open = [0_u32; 64];
        let mut number = 1;
        while number > 0 {
            number -= 1;
            let node = &self.nodes[open[number] as usize];
            if node.away(at) >= bound {
                continue;
            }
            if node.second > 0 {
                number += self.order(open[number], at, &mut open[number..]);
                continue;
            }
            for other in node.from as usize..node.to as usize {
                let square = squared(at, self.at[other]);
                if square >= bound {
                    continue;
                }
                let weight = self.weights[other];
                near.insert(near.partition_point(|(s, _)| *s <= square), (square, weight));
                held += u64::from(weight);
                while let Some((_, last)) = near.last().filter(|(_, last)| held - u64::from(*last) >= least.into()) {
                    held -= u64::from(*last);
                    near.pop();
                }
                if held >= least.into() {
                    bound = near.last().map_or(bound, |(square, _)| *square);
                }
            }
            // where many places are looked for, most of the time goes into keeping those found in order
            pace.step(near.len());
        }
        near.last().map_or(0.0, |(square, _)| *square)
    }

    /// The two boxes of a box, the nearer last, so that it is looked into first.
    #[inline]
    fn order(&self, node: u32, at: Metres, open: &mut [u32]) -> usize {
        let (first, second) = (node + 1, self.nodes[node as usize].second);
        let nearer = self.nodes[first as usize].away(at) <= self.nodes[second as usize].away(at);
        (open[0], open[1]) = if nearer { (second, first) } else { (first, second) };
        2
    }

    /// The shortest tree that joins all places, where two are as far from each other as the largest of their distance and their
    /// `reaches` (squares all): the algorithm of Boruvka (1926). Each round joins every component with the one nearest to it.
    ///
    /// Components only grow, so that the nearest place of another component never comes nearer: what was found in a round is
    /// kept until its component is joined, and is a bound after that.
    pub(super) fn spanning(&self, reaches: &[f64]) -> Vec<Edge> {
        let n = self.at.len();
        let own: Vec<f64> = self.of.iter().map(|place| reaches[*place as usize]).collect();
        let mut forest: Vec<u32> = (0..n as u32).collect();
        let mut component = forest.clone();
        // the nearest of another component, or a bound for it where it is the place itself
        let mut found: Vec<(f64, u32)> = own.iter().copied().zip(0..).collect();
        let mut same = vec![SEVERAL; self.nodes.len()];
        let mut best = vec![(f64::INFINITY, 0, 0); n];
        let mut out = Vec::with_capacity(n.saturating_sub(1));
        while out.len() + 1 < n {
            cancel::check();
            self.uniform(&component, &mut same);
            cancel::check();
            best.fill((f64::INFINITY, 0, 0));
            let offer = |best: &mut (f64, u32, u32), square: f64, a: u32, b: u32| {
                let ends = (a.min(b), a.max(b));
                if square < best.0 || (square <= best.0 && ends < (best.1, best.2)) {
                    *best = (square, ends.0, ends.1);
                }
            };
            for (place, (square, other)) in (0..).zip(&found) {
                let here = component[place as usize];
                if component[*other as usize] != here {
                    offer(&mut best[here as usize], *square, place, *other);
                }
            }
            cancel::steps(n);
            for place in 0..n {
                if place % 1024 == 0 {
                    cancel::check();
                }
                let here = component[place];
                let (bound, other) = found[place];
                let most = best[here as usize].0;
                if component[other as usize] != here || bound >= most {
                    continue;
                }
                if let Some((square, other)) = self.foreign(place, &own, &component, &same, most) {
                    found[place] = (square, other);
                    offer(&mut best[here as usize], square, place as u32, other);
                } else {
                    found[place] = (most, place as u32);
                }
            }
            for (square, a, b) in best.iter().copied().filter(|(square, ..)| square.is_finite()) {
                let (first, second) = (root(&mut forest, a), root(&mut forest, b));
                if first != second {
                    forest[first.max(second) as usize] = first.min(second);
                    out.push(Edge { square, a: self.of[a as usize], b: self.of[b as usize] });
                }
            }
            cancel::steps(n);
            cancel::check();
            for place in 0..n as u32 {
                component[place as usize] = root(&mut forest, place);
            }
        }
        out
    }

    /// The component of the places of each box, where it is one.
    fn uniform(&self, component: &[u32], same: &mut [u32]) {
        for i in (0..self.nodes.len()).rev() {
            let node = &self.nodes[i];
            same[i] = if node.second > 0 {
                let (first, second) = (same[i + 1], same[node.second as usize]);
                if first == second { first } else { SEVERAL }
            } else {
                let all = &component[node.from as usize..node.to as usize];
                if all.iter().all(|c| *c == all[0]) { all[0] } else { SEVERAL }
            };
        }
    }

    /// The nearest place of another component, if it is nearer than `bound`.
    fn foreign(&self, place: usize, own: &[f64], component: &[u32], same: &[u32], bound: f64) -> Option<(f64, u32)> {
        let (at, here, least) = (self.at[place], component[place], own[place]);
        let (mut bound, mut found) = (bound, None);
        let mut open = [0_u32; 64];
        let mut number = 1;
        // nothing is nearer than the reach of the place itself
        while number > 0 && bound > least {
            number -= 1;
            let i = open[number];
            let node = &self.nodes[i as usize];
            if same[i as usize] == here || node.away(at) >= bound {
                continue;
            }
            if node.second > 0 {
                number += self.order(i, at, &mut open[number..]);
                continue;
            }
            for other in node.from as usize..node.to as usize {
                if component[other] != here {
                    let square = squared(at, self.at[other]).max(own[other]).max(least);
                    if square < bound {
                        (bound, found) = (square, Some((square, other as u32)));
                    }
                }
            }
        }
        found
    }
}

/// Sorts places into boxes of equal numbers, by the middle of the longer side; ties go by their numbers.
fn split(places: &[Metres], of: &mut [u32], from: u32, nodes: &mut Vec<Node>) {
    let (mut low, mut high) = ([f64::INFINITY; 2], [f64::NEG_INFINITY; 2]);
    for place in of.iter() {
        for axis in 0..2 {
            low[axis] = low[axis].min(places[*place as usize][axis]);
            high[axis] = high[axis].max(places[*place as usize][axis]);
        }
    }
    let here = nodes.len();
    nodes.push(Node { low, high, from, to: from + of.len() as u32, second: 0 });
    if of.len() <= LEAF {
        return;
    }
    cancel::check();
    let axis = usize::from(high[1] - low[1] > high[0] - low[0]);
    let middle = of.len() / 2;
    let side = |place: &u32| places[*place as usize][axis];
    of.select_nth_unstable_by(middle, cancel::ordered(|a, b| side(a).total_cmp(&side(b)).then(u32::cmp(a, b))));
    let (first, second) = of.split_at_mut(middle);
    split(places, first, from, nodes);
    nodes[here].second = nodes.len() as u32;
    split(places, second, from + middle as u32, nodes);
}

/// The root of a place in a forest, whose paths are halved on the way.
pub(super) fn root(forest: &mut [u32], mut place: u32) -> u32 {
    while forest[place as usize] != place {
        let above = forest[forest[place as usize] as usize];
        forest[place as usize] = above;
        place = above;
    }
    place
}
