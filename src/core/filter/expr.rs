//! CQL2 (OGC 21-065r2) as a tree: what both encodings say.

use crate::columns::Moment;
use geo::Geometry;

/// Expressions are nested this deep at most, brackets of the text included.
pub const MAX_DEPTH: usize = 56;

/// An expression: a condition or a value.
#[derive(Clone, Debug, PartialEq)]
pub enum Expr {
    /// An operator and its operands, as many as the operator takes. The second operand of `in` and the literal operands
    /// of array operators are a `List`.
    Call(Op, Vec<Expr>),
    /// A function by its name.
    Function(String, Vec<Expr>),
    /// A property by its name.
    Property(String),
    /// Text.
    Text(String),
    /// A whole number.
    Integer(i64),
    /// A number that is not whole or too large for `Integer`.
    Number(f64),
    /// True or false.
    Boolean(bool),
    /// A date or timestamp.
    Moment(Moment),
    /// From, to; each a `Moment`, `Open`, a property or a function.
    Interval(Box<[Expr; 2]>),
    /// The open end of an interval.
    Open,
    /// An array.
    List(Vec<Expr>),
    /// A geometry in CRS84; heights are not kept.
    Geometry(Geometry<f64>),
    /// A box: west, south, east, north; west above east goes over the antimeridian.
    Bbox([f64; 4]),
}

/// An operator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "each is what its name in `OPS` says")]
pub enum Op {
    And,
    Or,
    Not,
    Eq,
    Ne,
    Lt,
    Le,
    Gt,
    Ge,
    Like,
    Between,
    In,
    IsNull,
    Casei,
    Accenti,
    Add,
    Sub,
    Mul,
    Div,
    Rem,
    IntDiv,
    Pow,
    Spatial(Spatial),
    Temporal(Temporal),
    Array(Array),
}

/// How two geometries lie to each other (DE-9IM; borders count as the standard says, unlike the half-open zone rule).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "each is what its name in `OPS` says")]
pub enum Spatial {
    Intersects,
    Equals,
    Disjoint,
    Touches,
    Within,
    Overlaps,
    Crosses,
    Contains,
}

/// How two instants or intervals lie to each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "each is what its name in `OPS` says")]
pub enum Temporal {
    After,
    Before,
    Contains,
    Disjoint,
    During,
    Equals,
    FinishedBy,
    Finishes,
    Intersects,
    Meets,
    MetBy,
    OverlappedBy,
    Overlaps,
    StartedBy,
    Starts,
}

/// How two arrays, taken as sets, lie to each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "each is what its name in `OPS` says")]
pub enum Array {
    Equals,
    Contains,
    ContainedBy,
    Overlaps,
}

/// Every operator with its name in CQL2 JSON and its number of operands (0: two or more). In text, names with `_` and
/// the two folding functions are written like functions.
pub const OPS: [(Op, &str, usize); 49] = [
    (Op::And, "and", 0),
    (Op::Or, "or", 0),
    (Op::Not, "not", 1),
    (Op::Eq, "=", 2),
    (Op::Ne, "<>", 2),
    (Op::Lt, "<", 2),
    (Op::Le, "<=", 2),
    (Op::Gt, ">", 2),
    (Op::Ge, ">=", 2),
    (Op::Like, "like", 2),
    (Op::Between, "between", 3),
    (Op::In, "in", 2),
    (Op::IsNull, "isNull", 1),
    (Op::Casei, "casei", 1),
    (Op::Accenti, "accenti", 1),
    (Op::Add, "+", 2),
    (Op::Sub, "-", 2),
    (Op::Mul, "*", 2),
    (Op::Div, "/", 2),
    (Op::Rem, "%", 2),
    (Op::IntDiv, "div", 2),
    (Op::Pow, "^", 2),
    (Op::Spatial(Spatial::Intersects), "s_intersects", 2),
    (Op::Spatial(Spatial::Equals), "s_equals", 2),
    (Op::Spatial(Spatial::Disjoint), "s_disjoint", 2),
    (Op::Spatial(Spatial::Touches), "s_touches", 2),
    (Op::Spatial(Spatial::Within), "s_within", 2),
    (Op::Spatial(Spatial::Overlaps), "s_overlaps", 2),
    (Op::Spatial(Spatial::Crosses), "s_crosses", 2),
    (Op::Spatial(Spatial::Contains), "s_contains", 2),
    (Op::Temporal(Temporal::After), "t_after", 2),
    (Op::Temporal(Temporal::Before), "t_before", 2),
    (Op::Temporal(Temporal::Contains), "t_contains", 2),
    (Op::Temporal(Temporal::Disjoint), "t_disjoint", 2),
    (Op::Temporal(Temporal::During), "t_during", 2),
    (Op::Temporal(Temporal::Equals), "t_equals", 2),
    (Op::Temporal(Temporal::FinishedBy), "t_finishedBy", 2),
    (Op::Temporal(Temporal::Finishes), "t_finishes", 2),
    (Op::Temporal(Temporal::Intersects), "t_intersects", 2),
    (Op::Temporal(Temporal::Meets), "t_meets", 2),
    (Op::Temporal(Temporal::MetBy), "t_metBy", 2),
    (Op::Temporal(Temporal::OverlappedBy), "t_overlappedBy", 2),
    (Op::Temporal(Temporal::Overlaps), "t_overlaps", 2),
    (Op::Temporal(Temporal::StartedBy), "t_startedBy", 2),
    (Op::Temporal(Temporal::Starts), "t_starts", 2),
    (Op::Array(Array::Equals), "a_equals", 2),
    (Op::Array(Array::Contains), "a_contains", 2),
    (Op::Array(Array::ContainedBy), "a_containedBy", 2),
    (Op::Array(Array::Overlaps), "a_overlaps", 2),
];

impl Op {
    /// The operator of this name, with its number of operands.
    pub fn named(name: &str) -> Option<(Self, usize)> {
        OPS.iter().find(|(_, n, _)| n.eq_ignore_ascii_case(name)).map(|(op, _, n)| (*op, *n))
    }

    /// Its name in CQL2 JSON.
    pub fn name(self) -> &'static str {
        OPS.iter().find(|(op, ..)| *op == self).map_or("", |(_, name, _)| name)
    }

    /// Whether text writes it like a function.
    pub fn is_function(self) -> bool {
        matches!(self, Self::Casei | Self::Accenti | Self::Spatial(_) | Self::Temporal(_) | Self::Array(_))
    }

    /// The comparison that holds when its operands change places.
    pub(super) fn swapped(self) -> Self {
        match self {
            Self::Lt => Self::Gt,
            Self::Le => Self::Ge,
            Self::Gt => Self::Lt,
            Self::Ge => Self::Le,
            other => other,
        }
    }
}

impl Expr {
    /// A number, whole ones as `Integer`, so that 1 and 1.0 are alike.
    pub fn number(f: f64) -> Self {
        if f.fract() == 0.0 && f.abs() < 9e15 { Self::Integer(f as i64) } else { Self::Number(f) }
    }

    /// The parts directly below.
    pub fn parts(&self) -> &[Expr] {
        match self {
            Self::Call(_, parts) | Self::Function(_, parts) | Self::List(parts) => parts,
            Self::Interval(ends) => &ends[..],
            _ => &[],
        }
    }

    /// The parts directly below, to be changed.
    pub(super) fn parts_mut(&mut self) -> &mut [Expr] {
        match self {
            Self::Call(_, parts) | Self::Function(_, parts) | Self::List(parts) => parts,
            Self::Interval(ends) => &mut ends[..],
            _ => &mut [],
        }
    }

    /// How deep it is nested.
    pub fn depth(&self) -> usize {
        1 + self.parts().iter().map(Self::depth).max().unwrap_or(0)
    }

    /// Whether it is a literal value.
    pub(super) fn is_literal(&self) -> bool {
        !matches!(self, Self::Call(..) | Self::Function(..) | Self::Property(_) | Self::Interval(_))
    }

    /// The same condition in the one form that alike filters share: nested AND and OR in one, their parts sorted, each
    /// once, literals to the right of comparisons, `NOT a = b` as `a <> b`.
    #[must_use]
    pub fn normal(mut self) -> Self {
        for part in self.parts_mut() {
            *part = std::mem::replace(part, Self::Open).normal();
        }
        let Self::Call(op, mut parts) = self else { return self };
        match (op, parts.as_mut_slice()) {
            (Op::And | Op::Or, _) => {
                let flat = parts.into_iter().flat_map(|p| match p {
                    Self::Call(inner, parts) if inner == op => parts,
                    other => vec![other],
                });
                let mut parts = sorted(flat.collect());
                if parts.len() == 1 { parts.remove(0) } else { Self::Call(op, parts) }
            }
            (Op::Not, [Self::Call(Op::Not, inner)]) if inner.len() == 1 => inner.remove(0),
            (Op::Not, [Self::Call(Op::Eq, inner)]) => Self::Call(Op::Ne, std::mem::take(inner)),
            (Op::Not, [Self::Call(Op::Ne, inner)]) => Self::Call(Op::Eq, std::mem::take(inner)),
            (Op::Eq | Op::Ne | Op::Lt | Op::Le | Op::Gt | Op::Ge, [a, b]) if a.is_literal() && !b.is_literal() => {
                parts.swap(0, 1);
                Self::Call(op.swapped(), parts)
            }
            (Op::In, [_, Self::List(items)]) => {
                *items = sorted(std::mem::take(items));
                Self::Call(op, parts)
            }
            _ => Self::Call(op, parts),
        }
    }
}

/// The parts sorted as they are written, each once.
fn sorted(mut parts: Vec<Expr>) -> Vec<Expr> {
    parts.sort_by_cached_key(ToString::to_string);
    parts.dedup_by_key(|p| p.to_string());
    parts
}
