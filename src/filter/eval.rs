//! Tests over whole columns. Only the rows that can still change the answer are looked at.

use super::expr::Op;
use super::plan::{Predicate, Test, holds};
use super::space;
use super::truth::Truth;
use super::value::{At, Literal, Value};
use crate::columns::{Bitmap, Column, Integers, Visit};
use crate::model::Table;
use std::collections::HashMap;

/// What is asked: the table, and two columns of which the second counts like the first (secondary clusters beside the
/// primary one).
#[derive(Clone, Copy)]
pub(super) struct Asked<'a> {
    pub(super) table: &'a Table,
    pub(super) also: Option<(usize, usize)>,
}

impl Asked<'_> {
    /// Decides the rows of `care`; other rows come out false.
    pub(super) fn test(&self, test: &Test, care: &Bitmap) -> Truth {
        match test {
            Test::Known(value) => Truth::known(*value, care),
            Test::All(parts) => {
                let mut out = Truth::of(care.clone());
                for part in parts {
                    let open = out.possible();
                    out.and(&self.test(part, &open));
                }
                out
            }
            Test::Any(parts) => {
                let mut out = Truth::none(care.len());
                for part in parts {
                    let mut open = care.clone();
                    open.and_not(&out.yes);
                    out.or(&self.test(part, &open));
                }
                out
            }
            Test::Not(inner) => self.test(inner, care).negate(care),
            Test::Same(a, others) => {
                let a = self.test(a, care);
                let mut out = Truth::none(care.len());
                for other in others {
                    out.or(&a.same(self.test(other, care), care));
                }
                out
            }
            Test::Unknown(inner) => Truth::of(self.test(inner, care).unknown),
            Test::Row(predicate) => self.row(predicate, care),
            Test::Space(op, other) => space::rows(*op, &self.table.geometries, other, care),
            Test::Itself(op) => {
                let none = self.without_geometry(care);
                let mut out = Truth::known(Some(op.to_itself()), care);
                out.yes.and_not(&none);
                out.unknown = none;
                out
            }
            Test::NoGeometry => Truth::of(self.without_geometry(care)),
        }
    }

    fn without_geometry(&self, care: &Bitmap) -> Bitmap {
        use crate::model::Geometries;
        let mut out = care.clone();
        match &self.table.geometries {
            Geometries::Points { located, .. } => out.and_not(located),
            Geometries::Any(all) => out.and(&Bitmap::from_fn(all.len(), |i| all[i].is_none())),
        }
        out
    }

    fn row(&self, predicate: &Predicate, care: &Bitmap) -> Truth {
        let columns = predicate.columns();
        let [column] = columns[..] else {
            if columns.is_empty() {
                return Truth::known(predicate.decide(At::Word(None)), care);
            }
            return Truth::ask(care, |row| predicate.decide(At::Row(self.table, row)));
        };
        let mut out = match self.table.columns.get(column) {
            Some(Column::Words(words, valid)) => {
                let answers: Vec<Option<bool>> =
                    words.words.iter().map(|w| predicate.decide(At::Word(Some(w)))).collect();
                let null = predicate.decide(At::Word(None));
                words.codes.visit(ByWord { answers, null, valid: valid.as_ref(), care })
            }
            Some(column) => match numbers(predicate, column, care) {
                Some(truth) => truth,
                None => Truth::ask(care, |row| predicate.decide(At::Row(self.table, row))),
            },
            None => Truth::ask(care, |row| predicate.decide(At::Row(self.table, row))),
        };
        if let Some((_, list)) = self.also.filter(|(c, _)| *c == column && !matches!(predicate, Predicate::IsNull(_))) {
            let mut open = care.clone();
            open.and_not(&out.yes);
            out.or(&self.any_of_list(predicate, list, &open));
        }
        out
    }

    /// The rows of which some word in a list passes.
    fn any_of_list(&self, predicate: &Predicate, list: usize, care: &Bitmap) -> Truth {
        let Column::Strings(lists, valid) = &self.table.columns[list] else { return Truth::none(care.len()) };
        let mut answers: HashMap<&str, bool> = HashMap::new();
        Truth::ask(care, |row| {
            let there = valid.as_ref().is_none_or(|v| v.contains(row));
            let mut passes = |w| *answers.entry(w).or_insert_with(|| predicate.decide(At::Word(Some(w))) == Some(true));
            Some(there && lists.row(row).any(&mut passes))
        })
    }
}

/// Asks about every row, 64 answers a word: faster than `ask` when an answer is a look-up.
fn from_fn(care: &Bitmap, answer: impl Fn(usize) -> Option<bool>) -> Truth {
    let n = care.len();
    if care.count() * 8 < n {
        return Truth::ask(care, answer);
    }
    let mut yes = Bitmap::from_fn(n, |row| answer(row) == Some(true));
    let mut unknown = Bitmap::from_fn(n, |row| answer(row).is_none());
    yes.and(care);
    unknown.and(care);
    Truth { yes, unknown }
}

/// The answer about each word, for the rows that hold it.
struct ByWord<'a> {
    answers: Vec<Option<bool>>,
    null: Option<bool>,
    valid: Option<&'a Bitmap>,
    care: &'a Bitmap,
}

impl Visit for ByWord<'_> {
    type Out = Truth;

    fn visit<T: Copy + Into<i64>>(self, codes: &[T]) -> Truth {
        from_fn(self.care, |row| match self.valid {
            Some(v) if !v.contains(row) => self.null,
            _ => self.answers[codes[row].into() as usize],
        })
    }
}

/// A column of numbers against a number: one plain loop.
fn numbers(predicate: &Predicate, column: &Column, care: &Bitmap) -> Option<Truth> {
    let Predicate::Compare(op, Value::Column(_), Value::Literal(literal)) = predicate else { return None };
    let n = care.len();
    let real = match literal {
        Literal::Integer(i) => *i as f64,
        Literal::Number(f) => *f,
        _ => return None,
    };
    let compare = |x: f64| x.partial_cmp(&real).is_some_and(|order| holds(*op, order));
    let mut yes = match (column, literal) {
        (Column::Integer(v, _), Literal::Integer(x)) => whole(v, *op, *x),
        (Column::Integer(v, _), _) => v.rows(|n| compare(n as f64)),
        (Column::Number(v, _), _) => Bitmap::from_fn(n, |row| compare(v[row])),
        (Column::Decimal(d, _), _) => {
            let unit = 10f64.powi(d.decimals.into());
            d.digits.rows(|digits| compare(digits as f64 / unit))
        }
        _ => return None,
    };
    yes.and(care);
    let mut unknown = Bitmap::none(n);
    if let Some(valid) = column.valid() {
        yes.and(valid);
        unknown = care.clone();
        unknown.and_not(valid);
    }
    Some(Truth { yes, unknown })
}

fn whole(numbers: &Integers, op: Op, x: i64) -> Bitmap {
    match op {
        Op::Eq => numbers.rows(|n| n == x),
        Op::Lt => numbers.rows(|n| n < x),
        Op::Le => numbers.rows(|n| n <= x),
        Op::Gt => numbers.rows(|n| n > x),
        Op::Ge => numbers.rows(|n| n >= x),
        _ => numbers.rows(|n| n != x),
    }
}
