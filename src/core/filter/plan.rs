//! A filter bound to its columns: tests over all rows, made of predicates over single rows.

use super::expr::{Array, Op, Spatial, Temporal};
use super::time::{self, Span};
use super::value::{At, Cell, Literal, Value};
use super::words::Pattern;
use crate::columns::Column;
use crate::geometry::Sound;
use std::cmp::Ordering;

/// A condition over a table, three-valued.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Test {
    /// The same for every row; `None` is unknown.
    Known(Option<bool>),
    All(Vec<Test>),
    Any(Vec<Test>),
    Not(Box<Test>),
    /// Whether a condition is true or false like any of the others.
    Same(Box<Test>, Vec<Test>),
    /// Whether a condition is unknown.
    Unknown(Box<Test>),
    /// Decided from a row's cells.
    Row(Predicate),
    /// How the row's geometry lies to a geometry.
    Space(Spatial, Sound),
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
            Self::Same(a, others) => a.cost() + others.iter().map(Self::cost).sum::<u32>(),
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
    In(Value, Among),
    Like(Value, Pattern),
    Temporal(Temporal, Span, Span),
    Array(Array, Set, Set),
}

/// An array as a set.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Set {
    Column(usize),
    Words(Vec<String>),
}

/// The list of an IN.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Among {
    values: Vec<Value>,
    /// Whether they are literals of one sort in ascending order: long lists are searched, not read through.
    sorted: bool,
}

impl Among {
    pub(super) fn new(mut values: Vec<Value>) -> Self {
        let sort = |v: &Value| match v {
            Value::Literal(Literal::Text(_)) => Some(0),
            Value::Literal(Literal::Integer(_)) => Some(1),
            Value::Literal(Literal::Number(_)) => Some(2),
            Value::Literal(Literal::Moment(m)) => Some(3 + u8::from(m.is_day())),
            _ => None,
        };
        let first = values.first().and_then(sort);
        let sorted = first.is_some() && values.iter().all(|v| sort(v) == first);
        if sorted {
            let at = At::Word(None);
            values.sort_by(|a, b| a.read(at).compare(&b.read(at)).unwrap_or(Ordering::Equal));
        }
        Self { values, sorted }
    }

    /// The items, where all of them are literals.
    pub(super) fn literals(&self) -> Option<Vec<&Literal>> {
        self.values.iter().map(|v| if let Value::Literal(l) = v { Some(l) } else { None }).collect()
    }

    fn hold(&self, value: &Cell, at: At<'_>) -> Option<bool> {
        let mut known = *value != Cell::Null;
        if self.sorted && known {
            let order = |item: &Value| item.read(at).compare(value).unwrap_or(Ordering::Less);
            return Some(self.values.binary_search_by(order).is_ok());
        }
        for item in &self.values {
            match value.compare(&item.read(at)) {
                Some(Ordering::Equal) => return Some(true),
                Some(_) => {}
                None => known = false,
            }
        }
        known.then_some(false)
    }
}

impl Predicate {
    /// The columns it reads, each once.
    pub(super) fn columns(&self) -> Vec<usize> {
        let mut out = Vec::new();
        match self {
            Self::Is(a) | Self::IsNull(a) | Self::Like(a, _) => a.columns(&mut out),
            Self::Compare(_, a, b) => [a, b].iter().for_each(|v| v.columns(&mut out)),
            Self::In(a, among) => std::iter::once(a).chain(&among.values).for_each(|v| v.columns(&mut out)),
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
            Self::In(a, among) => among.hold(&a.read(at), at),
            Self::Like(a, pattern) => match a.read(at) {
                Cell::Text(t) => Some(pattern.matches(&t)),
                _ => None,
            },
            Self::Temporal(op, a, b) => time::lies(*op, a.read(at)?, b.read(at)?),
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
