//! Values of one row: read from its cells, computed, compared.

use super::expr::Op;
use super::words::{accenti, casei};
use crate::columns::{self, Moment};
use crate::model::Table;
use std::borrow::Cow;
use std::cmp::Ordering;

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
