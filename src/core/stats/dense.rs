//! Dense areas among points: DBSCAN (Ester, Kriegel, Sander and Xu 1996), exact.

use super::grid::{Grid, squared};
use super::plane::Metres;
use super::tree::root;
use crate::cancel;
use std::ops::Range;

/// Cells that one thread takes at a time.
const PIECE: usize = 1 << 11;
/// Of more points of a cell than these, those at one place are looked at once.
const MANY: usize = 64;

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
/// one with the smallest number; the partition of core points and what is noise do not depend on the order. Any two points of a cell
/// are neighbours: a cell with enough points is looked into no further, so a tower of a thousand firms costs no more than `least`.
/// Positions must be finite and `distance` above 0.
///
/// Choose `distance` from what neighbourhood means (walking distance), not from the result: other values give other clusters.
pub fn dbscan(points: &[Metres], distance: f64, least: u32) -> Clusters {
    // the few below the side are for the rounding of the root
    let grid = Grid::new(points, distance / std::f64::consts::SQRT_2 * (1.0 - 1e-12));
    let mut cells = Cells::new(&grid, points, distance * distance);
    cells.find_core(least);
    let (of_cell, number) = cells.clusters();
    let found = cells.labels(&of_cell);
    let (mut labels, mut core) = (vec![None; points.len()], vec![false; points.len()]);
    for ((point, label), is_core) in grid.order().iter().zip(found).zip(&cells.core) {
        labels[*point as usize] = label;
        core[*point as usize] = *is_core;
    }
    Clusters { labels, core: Some(core), number }
}

/// The points cell by cell. Any two of a cell are neighbours.
struct Cells<'a> {
    grid: &'a Grid,
    /// In the order of the grid.
    at: Vec<Metres>,
    core: Vec<bool>,
    /// Around the points of each cell, and around its core points where it has any.
    boxes: Vec<Frame>,
    core_boxes: Vec<Option<Frame>>,
    /// The square of the distance.
    reach: f64,
}

impl<'a> Cells<'a> {
    fn new(grid: &'a Grid, points: &[Metres], reach: f64) -> Self {
        let at: Vec<Metres> = grid.order().iter().map(|point| points[*point as usize]).collect();
        let boxes = (0..grid.len()).filter_map(|cell| Frame::of(at[grid.range(cell)].iter().copied())).collect();
        Self { grid, at, core: vec![], boxes, core_boxes: vec![], reach }
    }

    /// What `work` finds out about each point of each cell, which gets the cells around it, too.
    fn each<T: Send + Clone>(&self, work: impl Fn(usize, &[Range<usize>; 5], &mut Vec<T>) + Sync) -> Vec<T> {
        let piece = |cells: Range<usize>| {
            let mut out = Vec::new();
            self.grid.sweep(cells, |cell, runs| work(cell, runs, &mut out));
            out
        };
        cancel::pieces(self.grid.len(), PIECE, piece).concat()
    }

    /// Which points have enough others within the distance.
    fn find_core(&mut self, least: u32) {
        let least = least as usize;
        self.core = self.each(|cell, runs, out: &mut Vec<bool>| {
            let here = self.grid.range(cell);
            let most: usize = runs.iter().map(|run| self.grid.span(run).len()).sum();
            if here.len() >= least || most < least {
                return out.resize(out.len() + here.len(), here.len() >= least);
            }
            cancel::check();
            out.extend(self.at[here.clone()].iter().map(|at| self.has(*at, cell, here.len(), runs, least)));
        });
        let frame = |cell| {
            let core = self.grid.range(cell).filter(|point| self.core[*point]).map(|point| self.at[point]);
            Frame::of(core)
        };
        self.core_boxes = (0..self.grid.len()).map(frame).collect();
    }

    /// Whether a point of a cell with `own` points has `least` within the distance.
    fn has(&self, at: Metres, cell: usize, own: usize, runs: &[Range<usize>; 5], least: usize) -> bool {
        let mut found = own;
        for other in runs.iter().cloned().flatten() {
            if other != cell && self.boxes[other].away(at) <= self.reach {
                if self.grid.range(other).len() > MANY {
                    cancel::check();
                }
                found += self.at[self.grid.range(other)].iter().filter(|p| squared(at, **p) <= self.reach).count();
                if found >= least {
                    return true;
                }
            }
        }
        false
    }

    /// The cluster of each cell that has core points, numbered by their first in the order given, and how many there are.
    fn clusters(&self) -> (Vec<Option<u32>>, u32) {
        let mut forest: Vec<u32> = (0..self.grid.len() as u32).collect();
        self.grid.sweep(0..self.grid.len(), |cell, runs| {
            let Some(frame) = self.core_boxes[cell] else { return };
            for other in runs.iter().cloned().flatten().filter(|other| *other > cell) {
                let Some(beside) = self.core_boxes[other] else { continue };
                let (a, b) = (root(&mut forest, cell as u32), root(&mut forest, other as u32));
                if a != b && self.touch((cell, frame), (other, beside)) {
                    forest[a.max(b) as usize] = a.min(b);
                }
            }
        });
        let mut first = vec![u32::MAX; self.grid.len()];
        for cell in 0..self.grid.len() {
            let core = self.grid.range(cell).filter(|point| self.core[*point]);
            if let Some(point) = core.map(|point| self.grid.order()[point]).min() {
                let first = &mut first[root(&mut forest, cell as u32) as usize];
                *first = point.min(*first);
            }
        }
        let mut roots: Vec<u32> = (0..first.len() as u32).filter(|cell| first[*cell as usize] < u32::MAX).collect();
        roots.sort_unstable_by_key(|cell| first[*cell as usize]);
        let mut number_of = first;
        (0..).zip(&roots).for_each(|(number, cell)| number_of[*cell as usize] = number);
        let of = |cell: usize| self.core_boxes[cell].map(|_| number_of[root(&mut forest, cell as u32) as usize]);
        ((0..self.grid.len()).map(of).collect(), roots.len() as u32)
    }

    /// Whether a core point of one cell has a core point of another within the distance.
    fn touch(&self, (cell, frame): (usize, Frame), (other, beside): (usize, Frame)) -> bool {
        cancel::check();
        // only what is near enough to the other cell's box comes into question
        let near = |cell: usize, beside: &Frame| {
            let points = self.grid.range(cell).filter(|point| self.core[*point]).map(|point| self.at[point]);
            let mut out: Vec<Metres> = points.filter(|at| beside.away(*at) <= self.reach).collect();
            if out.len() > MANY {
                let by_place = |a: &Metres, b: &Metres| a[0].total_cmp(&b[0]).then(a[1].total_cmp(&b[1]));
                out.sort_unstable_by(cancel::ordered(by_place));
                out.dedup();
            }
            out
        };
        if frame.between(&beside) > self.reach {
            return false;
        }
        let (here, there) = (near(cell, &beside), near(other, &frame));
        here.iter().any(|a| {
            if there.len() > MANY {
                cancel::check();
            }
            there.iter().any(|b| squared(*a, *b) <= self.reach)
        })
    }

    /// The cluster of each point: of others than core points the smallest number within the distance.
    fn labels(&self, of_cell: &[Option<u32>]) -> Vec<Option<u32>> {
        self.each(|cell, runs, out| {
            if cell % MANY == 0 {
                cancel::check();
            }
            for point in self.grid.range(cell) {
                if self.core[point] {
                    out.push(of_cell[cell]);
                    continue;
                }
                let (at, mut best) = (self.at[point], None);
                for other in runs.iter().cloned().flatten() {
                    let better = of_cell[other].filter(|number| best.is_none_or(|best| *number < best));
                    let Some((number, frame)) = better.zip(self.core_boxes[other]) else { continue };
                    if frame.away(at) > self.reach {
                        continue;
                    }
                    if self.grid.range(other).len() > MANY {
                        cancel::check();
                    }
                    let mut near = self.grid.range(other).filter(|other| self.core[*other]);
                    if near.any(|other| squared(at, self.at[other]) <= self.reach) {
                        best = Some(number);
                    }
                }
                out.push(best);
            }
        })
    }
}

/// The box around points.
#[derive(Clone, Copy)]
struct Frame {
    low: Metres,
    high: Metres,
}

impl Frame {
    /// `None` of no points.
    fn of(points: impl IntoIterator<Item = Metres>) -> Option<Self> {
        points.into_iter().fold(None, |frame, [x, y]| {
            let Frame { low, high } = frame.unwrap_or(Self { low: [x, y], high: [x, y] });
            Some(Self { low: [low[0].min(x), low[1].min(y)], high: [high[0].max(x), high[1].max(y)] })
        })
    }

    /// The square of the distance of a position: none of its points is nearer, rounding included.
    fn away(&self, at: Metres) -> f64 {
        self.between(&Self { low: at, high: at })
    }

    /// The square of the distance of another.
    fn between(&self, other: &Self) -> f64 {
        let apart = |i: usize| (self.low[i] - other.high[i]).max(other.low[i] - self.high[i]).max(0.0);
        let (x, y) = (apart(0), apart(1));
        x * x + y * y
    }
}
