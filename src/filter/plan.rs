//! A filter bound to its columns: tests over all rows, made of predicates over single rows.

use super::expr::{Array, Op, Spatial, Temporal};
use super::words::{Pattern, accenti, casei};
use crate::columns::{self, Column, Moment};
use crate::model::Table;
use geo::Geometry;
use std::borrow::Cow;
use std::cmp::Ordering;

/// A condition over a table, three-valued.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Test {
    /// The same for every row; `None` is unknown.
    Known(Option<bool>),
    All(Vec<Test>),
    Any(Vec<Test>),
    Not(Box<Test>),
    /// Whether two conditions are both true or both false.
    Same(Box<Test>, Box<Test>),
    /// Whether a condition is unknown.
    Unknown(Box<Test>),
    /// Decided from a row's cells.
    Row(Predicate),
    /// How the row's geometry lies to a geometry.
    Space(Spatial, Geometry<f64>),
    /// How the row's geometry lies to itself.
    Itself(Spatial),
    /// Whether the row has no geometry.
    NoGeometry,
}

impl Test {
    /// What it costs, roughly: cheaper parts of an AND or OR go first and leave less to the dearer ones.
    pub(super) fn cost(&self) -> u32 {
        match self {
            Self::Known(_) | Self::NoGeometry | Self::Itself(_) => 0,
            Self::All(parts) | Self::Any(parts) => parts.iter().map(Self::cost).sum(),
            Self::Not(inner) | Self::Unknown(inner) => inner.cost(),
            Self::Same(a, b) => a.cost() + b.cost(),
            Self::Row(p) => 1 + p.columns().len() as u32,
            Self::Space(..) => 100,
        }
    }
}

/// A condition over one row.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Predicate {
    Is(Value),
    IsNull(Value),
    Compare(Op, Value, Value),
    In(Value, Vec<Value>),
    Like(Value, Pattern),
    Temporal(Temporal, Span, Span),
    Array(Array, Set, Set),
}

/// A value of one row.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Value {
    Column(usize),
    /// A column of dates or timestamps kept as text.
    Moments(usize),
    Id,
    Literal(Literal),
    Casei(Box<Value>),
    Accenti(Box<Value>),
    Arithmetic(Op, Box<Value>, Box<Value>),
}

/// A literal value.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Literal {
    Text(String),
    Integer(i64),
    Number(f64),
    Moment(Moment),
}

/// From, to; `None` is open.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Span(pub(super) Option<Value>, pub(super) Option<Value>);

/// An array as a set.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Set {
    Column(usize),
    Words(Vec<String>),
}

/// What a value comes out as.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Cell<'a> {
    Null,
    Text(Cow<'a, str>),
    Integer(i64),
    Number(f64),
    Boolean(bool),
    Moment(Moment),
}

/// Where values are read.
#[derive(Clone, Copy)]
pub(super) enum At<'a> {
    Row(&'a Table, usize),
    /// Any column holds this word: a dictionary is decided word by word.
    Word(Option<&'a str>),
}

impl<'a> At<'a> {
    fn cell(self, column: usize) -> Cell<'a> {
        match self {
            Self::Word(word) => word.map_or(Cell::Null, |w| Cell::Text(Cow::Borrowed(w))),
            Self::Row(table, row) => match table.columns[column].value(row) {
                columns::Value::Null | columns::Value::Strings(..) => Cell::Null,
                columns::Value::Text(t) => Cell::Text(Cow::Borrowed(t)),
                columns::Value::Integer(i) => Cell::Integer(i),
                columns::Value::Number(f) => Cell::Number(f),
                columns::Value::Decimal(digits, n) => Cell::Number(digits as f64 / 10f64.powi(n.into())),
                columns::Value::Boolean(b) => Cell::Boolean(b),
            },
        }
    }
}

impl Value {
    pub(super) fn read<'a>(&'a self, at: At<'a>) -> Cell<'a> {
        let text = |inner: &'a Self, change: fn(&str) -> String| match inner.read(at) {
            Cell::Text(t) => Cell::Text(Cow::Owned(change(&t))),
            _ => Cell::Null,
        };
        match self {
            Self::Column(i) => at.cell(*i),
            Self::Moments(i) => match at.cell(*i) {
                Cell::Text(t) => Moment::parse(&t).map_or(Cell::Null, Cell::Moment),
                _ => Cell::Null,
            },
            Self::Id => match at {
                At::Row(table, row) => Cell::Text(Cow::Borrowed(table.ids.value(row))),
                At::Word(_) => Cell::Null,
            },
            Self::Literal(Literal::Text(t)) => Cell::Text(Cow::Borrowed(t)),
            Self::Literal(Literal::Integer(i)) => Cell::Integer(*i),
            Self::Literal(Literal::Number(f)) => Cell::Number(*f),
            Self::Literal(Literal::Moment(m)) => Cell::Moment(*m),
            Self::Casei(inner) => text(inner, casei),
            Self::Accenti(inner) => text(inner, accenti),
            Self::Arithmetic(op, a, b) => arithmetic(*op, &a.read(at), &b.read(at)),
        }
    }

    /// The columns it reads; the id counts as a column beyond all others.
    pub(super) fn columns(&self, out: &mut Vec<usize>) {
        match self {
            Self::Column(i) | Self::Moments(i) => out.push(*i),
            Self::Id => out.push(usize::MAX),
            Self::Literal(_) => {}
            Self::Casei(inner) | Self::Accenti(inner) => inner.columns(out),
            Self::Arithmetic(_, a, b) => {
                a.columns(out);
                b.columns(out);
            }
        }
    }
}

/// Whole numbers stay whole as long as they fit; a result that is no number (division by zero) is null.
fn arithmetic(op: Op, a: &Cell, b: &Cell) -> Cell<'static> {
    if let (Cell::Integer(a), Cell::Integer(b)) = (a, b) {
        let exact = match op {
            Op::Add => a.checked_add(*b),
            Op::Sub => a.checked_sub(*b),
            Op::Mul => a.checked_mul(*b),
            Op::Rem => a.checked_rem(*b),
            Op::IntDiv => a.checked_div(*b),
            Op::Pow => u32::try_from(*b).ok().and_then(|b| a.checked_pow(b)),
            _ => None,
        };
        if let Some(exact) = exact {
            return Cell::Integer(exact);
        }
    }
    let (Some(a), Some(b)) = (a.number(), b.number()) else { return Cell::Null };
    let result = match op {
        Op::Add => a + b,
        Op::Sub => a - b,
        Op::Mul => a * b,
        Op::Div => a / b,
        Op::Rem => a % b,
        Op::IntDiv => (a / b).trunc(),
        _ => a.powf(b),
    };
    if result.is_finite() { Cell::Number(result) } else { Cell::Null }
}

impl Cell<'_> {
    fn number(&self) -> Option<f64> {
        match self {
            Self::Integer(i) => Some(*i as f64),
            Self::Number(f) => Some(*f),
            _ => None,
        }
    }

    pub(super) fn moment(&self) -> Option<Moment> {
        if let Self::Moment(m) = self { Some(*m) } else { None }
    }

    /// How two values compare; `None` when either is null. Text goes by code points.
    pub(super) fn compare(&self, other: &Self) -> Option<Ordering> {
        match (self, other) {
            (Self::Text(a), Self::Text(b)) => Some(a.as_ref().cmp(b.as_ref())),
            (Self::Integer(a), Self::Integer(b)) => Some(a.cmp(b)),
            (Self::Boolean(a), Self::Boolean(b)) => Some(a.cmp(b)),
            (Self::Moment(a), Self::Moment(b)) => Some(a.compare(*b)),
            _ => self.number()?.partial_cmp(&other.number()?),
        }
    }
}

impl Predicate {
    /// The columns it reads, each once.
    pub(super) fn columns(&self) -> Vec<usize> {
        let mut out = Vec::new();
        match self {
            Self::Is(a) | Self::IsNull(a) | Self::Like(a, _) => a.columns(&mut out),
            Self::Compare(_, a, b) => [a, b].iter().for_each(|v| v.columns(&mut out)),
            Self::In(a, items) => std::iter::once(a).chain(items).for_each(|v| v.columns(&mut out)),
            Self::Temporal(_, a, b) => {
                [&a.0, &a.1, &b.0, &b.1].into_iter().flatten().for_each(|v| v.columns(&mut out));
            }
            Self::Array(_, a, b) => out.extend([a, b].iter().filter_map(|s| match s {
                Set::Column(i) => Some(*i),
                Set::Words(_) => None,
            })),
        }
        out.sort_unstable();
        out.dedup();
        out
    }

    /// Whether it holds; `None` is unknown.
    pub(super) fn decide(&self, at: At<'_>) -> Option<bool> {
        match self {
            Self::Is(a) => match a.read(at) {
                Cell::Boolean(b) => Some(b),
                _ => None,
            },
            Self::IsNull(Value::Column(i)) => match at {
                At::Row(table, row) => Some(table.columns[*i].valid().is_some_and(|v| !v.contains(row))),
                At::Word(word) => Some(word.is_none()),
            },
            Self::IsNull(a) => Some(a.read(at) == Cell::Null),
            Self::Compare(op, a, b) => a.read(at).compare(&b.read(at)).map(|order| holds(*op, order)),
            Self::In(a, items) => {
                let value = a.read(at);
                let mut known = value != Cell::Null;
                for item in items {
                    match value.compare(&item.read(at)) {
                        Some(Ordering::Equal) => return Some(true),
                        Some(_) => {}
                        None => known = false,
                    }
                }
                known.then_some(false)
            }
            Self::Like(a, pattern) => match a.read(at) {
                Cell::Text(t) => Some(pattern.matches(&t)),
                _ => None,
            },
            Self::Temporal(op, a, b) => super::time::lies(*op, a.read(at)?, b.read(at)?),
            Self::Array(op, a, b) => Some(array(*op, &a.read(at)?, &b.read(at)?)),
        }
    }
}

/// Whether a comparison holds for this order.
pub(super) fn holds(op: Op, order: Ordering) -> bool {
    match op {
        Op::Eq => order.is_eq(),
        Op::Ne => order.is_ne(),
        Op::Lt => order.is_lt(),
        Op::Le => order.is_le(),
        Op::Gt => order.is_gt(),
        _ => order.is_ge(),
    }
}

impl Set {
    fn read<'a>(&'a self, at: At<'a>) -> Option<Vec<&'a str>> {
        match (self, at) {
            (Self::Words(words), _) => Some(words.iter().map(String::as_str).collect()),
            (Self::Column(i), At::Row(table, row)) => match &table.columns[*i] {
                Column::Strings(s, valid) if valid.as_ref().is_none_or(|v| v.contains(row)) => {
                    Some(s.row(row).collect())
                }
                _ => None,
            },
            (Self::Column(_), At::Word(_)) => None,
        }
    }
}

/// How two arrays lie to each other: as sets, so neither order nor repetition counts.
pub(super) fn array(op: Array, a: &[&str], b: &[&str]) -> bool {
    let within = |a: &[&str], b: &[&str]| a.iter().all(|x| b.contains(x));
    match op {
        Array::Equals => within(a, b) && within(b, a),
        Array::Contains => within(b, a),
        Array::ContainedBy => within(a, b),
        Array::Overlaps => a.iter().any(|x| b.contains(x)),
    }
}
