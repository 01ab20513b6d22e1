//! Which classes stand beside which: quotients of colocation.

use super::plane::Metres;
use crate::cancel;
use rstar::primitives::GeomWithData;
use rstar::{PointDistance, RTree};

/// Neighbours that are farther than the nearest by less are as near: positions are rounded.
const TIE: f64 = 1e-9;

/// For points of classes, of which class the nearest other points are.
#[derive(Clone, Debug, PartialEq)]
pub struct Colocation {
    /// Points of each class.
    pub points: Vec<u64>,
    /// For each class the nearest neighbours of its points by their class: of several as near each counts in part.
    pub neighbours: Vec<Vec<f64>>,
}

impl Colocation {
    /// The quotient of Leslie and Kronenberg (2011): how much more often the nearest neighbour of a point of class `a` is of
    /// class `b` than if classes were dealt out over the points at random; 1 for as often. Not the same from `b` to `a`. It looks
    /// at the nearest neighbour only, and where classes are told apart by where they are (a park of one class) both are far
    /// below 1 without avoiding each other on purpose. `None` where a class has no point that could be a neighbour.
    pub fn quotient(&self, a: usize, b: usize) -> Option<f64> {
        let all: u64 = self.points.iter().sum();
        let others = self.points[b].checked_sub(u64::from(a == b)).filter(|n| *n > 0)?;
        let expected = others as f64 / (all - 1) as f64;
        (self.points[a] > 0).then(|| self.neighbours[a][b] / self.points[a] as f64 / expected)
    }
}

/// The nearest neighbours of points, by class; `class` has the class of each point, below `classes`. Points at one position are
/// each other's nearest.
pub fn colocation(points: &[Metres], class: &[usize], classes: usize) -> Colocation {
    let mut out = Colocation { points: vec![0; classes], neighbours: vec![vec![0.0; classes]; classes] };
    class.iter().for_each(|class| out.points[*class] += 1);
    // a stack of points at one position is one place, with how many of each class stand there
    let mut order: Vec<usize> = (0..points.len()).collect();
    let by_place =
        |a: &usize, b: &usize| points[*a][0].total_cmp(&points[*b][0]).then(points[*a][1].total_cmp(&points[*b][1]));
    order.sort_unstable_by(cancel::ordered(by_place));
    let same = |a: &usize, b: &usize| points[*a].iter().zip(&points[*b]).all(|(a, b)| a.total_cmp(b).is_eq());
    let places: Vec<(Metres, Vec<u64>)> = order
        .chunk_by(same)
        .map(|stack| {
            let mut held = vec![0; classes];
            stack.iter().for_each(|point| held[class[*point]] += 1);
            (points[stack[0]], held)
        })
        .collect();
    cancel::check();
    let tree = RTree::bulk_load(places.iter().enumerate().map(|(i, (at, _))| GeomWithData::new(*at, i)).collect());
    for (i, (at, held)) in places.iter().enumerate() {
        if i % 1024 == 0 {
            cancel::check();
        }
        let stack: u64 = held.iter().sum();
        let mut near = vec![0; classes];
        if stack > 1 {
            near.clone_from(held);
        } else {
            let mut nearest = None;
            for place in tree.nearest_neighbor_iter(*at).filter(|place| place.data != i) {
                let distance = place.distance_2(at).sqrt();
                if nearest.is_some_and(|nearest: f64| distance > nearest * (1.0 + 1e-12) + TIE) {
                    break;
                }
                nearest.get_or_insert(distance);
                near.iter_mut().zip(&places[place.data].1).for_each(|(near, held)| *near += held);
            }
        }
        let all = near.iter().sum::<u64>().saturating_sub(u64::from(stack > 1));
        if all == 0 {
            continue;
        }
        for (a, own) in held.iter().enumerate().filter(|(_, own)| **own > 0) {
            for (b, near) in near.iter().enumerate() {
                // a point is no neighbour of its own
                let near = near.saturating_sub(u64::from(stack > 1 && a == b));
                out.neighbours[a][b] += *own as f64 * near as f64 / all as f64;
            }
        }
    }
    out
}
