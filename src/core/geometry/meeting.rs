//! What it means when two edges of a geometry meet: crossing, touching, running along each other.

use geo::line_intersection::{LineIntersection, line_intersection};
use geo::{Coord, Kernel, Line, Orientation};

/// What can be wrong with a polygon.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum FaultKind {
    /// A ring crosses itself.
    SelfIntersection,
    /// A ring touches itself.
    SelfTouch,
    /// Two rings of a polygon cross.
    RingsCross,
    /// A hole is not inside its exterior ring, or lies in another.
    StrayHole,
    /// Two parts overlap.
    PartsOverlap,
    /// Two parts share a border.
    PartsShareBorder,
    /// Too complex to be looked through.
    Unchecked,
}

impl FaultKind {
    /// Code, zh, en.
    pub fn words(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::SelfIntersection => ("ring-self-intersection", "自相交,位于", "crosses itself at"),
            Self::SelfTouch => ("ring-touches-itself", "与自身相接于一点,位于", "touches itself at"),
            Self::RingsCross => {
                ("rings-cross", "与同一多边形的另一环相交,位于", "crosses another ring of its polygon at")
            }
            Self::StrayHole => (
                "hole-outside",
                "作为内环不在外环之内,或落在另一内环中,位于",
                "is a hole that is not inside its outer ring, or lies in another hole, at",
            ),
            Self::PartsOverlap => {
                ("parts-overlap", "与同一几何的另一部分重叠,位于", "overlaps another part of its geometry at")
            }
            Self::PartsShareBorder => (
                "parts-share-border",
                "与同一几何的另一部分共用边界,位于",
                "shares a border with another part of its geometry at",
            ),
            Self::Unchecked => (
                "polygon-unchecked",
                "几何过于复杂,未检查完自相交",
                "is too complex: not all crossings were looked for",
            ),
        }
    }
}

/// A ring of a geometry; closed, without repeated vertices.
pub struct Ring<'a> {
    pub points: &'a [Coord<f64>],
    /// Part of the geometry, from 1.
    pub part: usize,
    /// Ring of the part, from 1; the first is the outer one.
    pub number: usize,
}

impl Ring<'_> {
    pub fn edges(&self) -> usize {
        self.points.len().saturating_sub(1)
    }

    pub fn line(&self, edge: usize) -> Line<f64> {
        Line::new(self.points[edge], self.points[edge + 1])
    }

    /// The vertices before and after a place on an edge, along the ring.
    fn strand(&self, edge: usize, at: Coord<f64>) -> (Coord<f64>, Coord<f64>) {
        let n = self.edges();
        let (start, end) = (self.points[edge], self.points[edge + 1]);
        if at == start {
            (self.points[(edge + n - 1) % n], end)
        } else if at == end {
            (start, self.points[(edge + 1) % n + 1])
        } else {
            (start, end)
        }
    }
}

/// What it means that two edges meet, and where they do.
pub fn meeting(a: &Ring, e: usize, b: &Ring, f: usize) -> Option<(FaultKind, Coord<f64>)> {
    let same_ring = (a.part, a.number) == (b.part, b.number);
    let (near, overlap, proper) = match line_intersection(a.line(e), b.line(f))? {
        LineIntersection::SinglePoint { intersection, is_proper } => (intersection, false, is_proper),
        LineIntersection::Collinear { intersection: l } => (l.start, l.start != l.end, false),
    };
    let crossing = overlap || proper || crosses(a.strand(e, near), near, b.strand(f, near));
    if same_ring {
        let adjacent = f == e + 1 || (e == 0 && f == a.edges() - 1);
        return match (adjacent, overlap || (crossing && !adjacent)) {
            (_, true) => Some((FaultKind::SelfIntersection, near)),
            (true, false) => None,
            (false, false) => Some((FaultKind::SelfTouch, near)),
        };
    }
    if a.part == b.part {
        return crossing.then_some((FaultKind::RingsCross, near));
    }
    match (crossing, overlap) {
        (true, true) => Some((FaultKind::PartsShareBorder, near)),
        (true, false) => Some((FaultKind::PartsOverlap, near)),
        _ => None,
    }
}

/// Whether two strands that meet at a vertex change sides there.
fn crosses(a: (Coord<f64>, Coord<f64>), at: Coord<f64>, b: (Coord<f64>, Coord<f64>)) -> bool {
    let turn = |p, q, r| <f64 as geo::GeoNum>::Ker::orient2d(p, q, r);
    let left = |q: Coord<f64>| {
        let before = turn(a.0, at, q) == Orientation::CounterClockwise;
        let after = turn(at, a.1, q) == Orientation::CounterClockwise;
        if turn(a.0, at, a.1) == Orientation::Clockwise { before || after } else { before && after }
    };
    // an arm along an arm of the other strand: the overlap is found with those two edges
    let along =
        |q: Coord<f64>| [a.0, a.1].into_iter().any(|p| turn(at, p, q) == Orientation::Collinear && same_side(at, p, q));
    !along(b.0) && !along(b.1) && left(b.0) != left(b.1)
}

fn same_side(at: Coord<f64>, p: Coord<f64>, q: Coord<f64>) -> bool {
    (p.x - at.x) * (q.x - at.x) + (p.y - at.y) * (q.y - at.y) > 0.0
}
