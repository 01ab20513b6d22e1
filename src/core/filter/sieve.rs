//! A filter made ready for a table: words are judged once each, comparisons of numbers become limits. Rows then go
//! through in windows, and only those that can still change the answer are looked at.

use super::Filter;
use super::expr::{Op, Spatial};
use super::plan::{Predicate, Test, holds};
use super::space::Other;
use super::truth::Truth;
use super::value::{At, Literal, Value};
use crate::cancel;
use crate::columns::{Bitmap, Column, Integers, Strings, Visit};
use crate::model::{Geometries, Table};
use std::cmp::Ordering;
use std::ops::Range;

/// Of so many rows one has to be of interest for all of them to be asked about: look-ups are cheaper 64 at a time.
const DENSE: usize = 8;
/// Longer lists of numbers are searched row by row.
const MOST_LIMITS: usize = 8;

/// A filter over one table.
pub struct Sieve<'a> {
    table: &'a Table,
    parts: Vec<Part<'a>>,
}

/// A condition, prepared.
enum Part<'a> {
    /// The same for every row; `None` is unknown.
    Known(Option<bool>),
    All(Vec<Part<'a>>),
    Any(Vec<Part<'a>>),
    Not(Box<Part<'a>>),
    Same(Box<Part<'a>>, Vec<Part<'a>>),
    Unknown(Box<Part<'a>>),
    /// Decided by the word of a row.
    Word(ByWord<'a>),
    /// Whether some word of a row's list passes.
    List(&'a Strings, Option<&'a Bitmap>, Vec<bool>),
    /// A number from `low` to `high`.
    Within(&'a Integers, Option<&'a Bitmap>, [i64; 2]),
    Real(&'a [f64], Option<&'a Bitmap>, Op, f64),
    Flag(&'a Bitmap, Option<&'a Bitmap>),
    /// Decided row by row.
    Row(&'a Predicate),
    Space(Spatial, Other<'a>),
    /// How the row's geometry lies to itself.
    Itself(bool),
    NoGeometry,
}

/// The answer about each word of a dictionary, and about none.
struct ByWord<'a> {
    codes: &'a Integers,
    valid: Option<&'a Bitmap>,
    yes: Vec<bool>,
    unknown: Option<Vec<bool>>,
    null: Option<bool>,
}

/// The rows of a window that matter: the first of them, and which of those that follow.
#[derive(Clone, Copy)]
struct Window<'b> {
    first: usize,
    care: &'b Bitmap,
}

impl<'a> Sieve<'a> {
    /// Prepares a filter. `also` names a property whose lists count like the property before it (secondary clusters
    /// in addition to the primary one).
    pub fn new(filter: &'a Filter, table: &'a Table, also: Option<(usize, usize)>) -> Self {
        let parts = filter.terms.iter().map(|term| Part::new(&term.test, table, also)).collect();
        Self { table, parts }
    }

    /// Those of the rows `first..` that pass; no others are looked at. `first` is a multiple of 64.
    pub fn rows(&self, first: usize, mut care: Bitmap) -> Bitmap {
        for part in &self.parts {
            if care.words().iter().all(|w| *w == 0) {
                break;
            }
            cancel::check();
            let passed = part.test(self.table, Window { first, care: &care });
            care.and(&passed.yes);
        }
        care
    }
}

impl<'a> Part<'a> {
    fn new(test: &'a Test, table: &'a Table, also: Option<(usize, usize)>) -> Self {
        let all = |tests: &'a [Test]| tests.iter().map(|t| Self::new(t, table, also)).collect();
        let one = |test: &'a Test| Box::new(Self::new(test, table, also));
        match test {
            Test::Known(value) => Self::Known(*value),
            Test::All(parts) => Self::All(all(parts)),
            Test::Any(parts) => Self::Any(all(parts)),
            Test::Not(inner) => Self::Not(one(inner)),
            Test::Same(a, others) => Self::Same(one(a), all(others)),
            Test::Unknown(inner) => Self::Unknown(one(inner)),
            Test::Space(op, geometry) => Self::Space(*op, Other::new(geometry)),
            Test::Itself(op) => Self::Itself(op.to_itself()),
            Test::NoGeometry => Self::NoGeometry,
            Test::Row(predicate) => Self::row(predicate, table, also),
        }
    }

    fn row(predicate: &'a Predicate, table: &'a Table, also: Option<(usize, usize)>) -> Self {
        let column = match predicate.columns()[..] {
            [] => return Self::Known(predicate.decide(At::Word(None))),
            [column] => column,
            _ => return Self::Row(predicate),
        };
        let part = match (table.columns.get(column), predicate) {
            (Some(Column::Words(words, valid)), _) => {
                let answers: Vec<Option<bool>> =
                    words.words.iter().map(|w| predicate.decide(At::Word(Some(w)))).collect();
                let unknown = answers.iter().any(Option::is_none);
                Self::Word(ByWord {
                    codes: &words.codes,
                    valid: valid.as_ref(),
                    unknown: unknown.then(|| answers.iter().map(Option::is_none).collect()),
                    yes: answers.iter().map(|a| *a == Some(true)).collect(),
                    null: predicate.decide(At::Word(None)),
                })
            }
            (Some(column), Predicate::Compare(op, Value::Column(_), Value::Literal(literal))) => {
                limits(*op, column, literal).unwrap_or(Self::Row(predicate))
            }
            (Some(column), Predicate::In(Value::Column(_), among)) => {
                let few = among.literals().filter(|l| l.len() <= MOST_LIMITS);
                let parts = few.and_then(|l| l.into_iter().map(|l| limits(Op::Eq, column, l)).collect());
                parts.map_or(Self::Row(predicate), Self::Any)
            }
            (Some(Column::Boolean(bits, valid)), Predicate::Is(Value::Column(_))) => Self::Flag(bits, valid.as_ref()),
            _ => Self::Row(predicate),
        };
        match also.filter(|(c, _)| *c == column && !matches!(predicate, Predicate::IsNull(_))) {
            Some((_, list)) => match &table.columns[list] {
                Column::Strings(lists, valid) => {
                    let passes = |w: &String| predicate.decide(At::Word(Some(w))) == Some(true);
                    let list = Self::List(lists, valid.as_ref(), lists.words().iter().map(passes).collect());
                    Self::Any(vec![part, list])
                }
                _ => part,
            },
            None => part,
        }
    }

    /// Decides the rows of the window; others come out false.
    fn test(&self, table: &Table, window: Window) -> Truth {
        let Window { first, care } = window;
        let run = first..first + care.len();
        match self {
            Self::Known(value) => Truth::known(*value, care),
            Self::All(parts) => {
                let mut out = Truth::of(care.clone());
                for part in parts {
                    let open = out.possible();
                    out.and(&part.test(table, Window { first, care: &open }));
                }
                out
            }
            Self::Any(parts) => {
                let mut out = Truth::none(care.len());
                for part in parts {
                    let mut open = care.clone();
                    open.and_not(&out.yes);
                    out.or(&part.test(table, Window { first, care: &open }));
                }
                out
            }
            Self::Not(inner) => inner.test(table, window).negate(care),
            Self::Same(a, others) => {
                let a = a.test(table, window);
                let mut out = Truth::none(care.len());
                for other in others {
                    out.or(&a.same(other.test(table, window), care));
                }
                out
            }
            Self::Unknown(inner) => Truth::of(inner.test(table, window).unknown),
            Self::Word(words) => words.test(window),
            Self::List(lists, valid, passes) => Truth::ask(care, |i| {
                let there = valid.is_none_or(|v| v.contains(first + i));
                Some(there && lists.codes(first + i).any(|code| passes[code as usize]))
            }),
            Self::Within(numbers, valid, [low, high]) => window.judged(numbers.within(run, *low, *high), *valid),
            Self::Real(values, valid, op, limit) => {
                let test = |x: f64| x.partial_cmp(limit).is_some_and(|order| holds(*op, order));
                window.judged(Bitmap::of(&values[run], test), *valid)
            }
            Self::Flag(bits, valid) => window.judged(bits.part(first, care.len()), *valid),
            Self::Row(predicate) => Truth::ask(care, |i| predicate.decide(At::Row(table, first + i))),
            Self::Space(op, other) => other.rows(*op, &table.geometries, first, care),
            Self::Itself(answer) => {
                let none = without_geometry(&table.geometries, window);
                let mut out = Truth::known(Some(*answer), care);
                out.yes.and_not(&none);
                out.unknown = none;
                out
            }
            Self::NoGeometry => Truth::of(without_geometry(&table.geometries, window)),
        }
    }
}

impl Window<'_> {
    /// What holds in the rows that have a value; the others are unknown.
    fn judged(self, mut yes: Bitmap, valid: Option<&Bitmap>) -> Truth {
        yes.and(self.care);
        let Some(valid) = valid else { return Truth::of(yes) };
        let valid = valid.part(self.first, self.care.len());
        yes.and(&valid);
        let mut unknown = self.care.clone();
        unknown.and_not(&valid);
        Truth { yes, unknown }
    }
}

impl ByWord<'_> {
    fn test(&self, window: Window) -> Truth {
        let Window { first, care } = window;
        if care.count() * DENSE < care.len() {
            return Truth::ask(care, |i| {
                if self.valid.is_some_and(|v| !v.contains(first + i)) {
                    return self.null;
                }
                let code = self.codes.get(first + i) as usize;
                (!self.unknown.as_ref().is_some_and(|u| u[code])).then(|| self.yes[code])
            });
        }
        let run = first..first + care.len();
        let by_code = |answers| self.codes.visit(ByCode { answers, run: run.clone() });
        let mut out = window.judged(by_code(&self.yes), self.valid);
        let nulls = match self.null {
            None => None,
            Some(answer) => {
                let nulls = std::mem::replace(&mut out.unknown, Bitmap::none(care.len()));
                answer.then_some(nulls)
            }
        };
        if let Some(unknown) = &self.unknown {
            let mut unknown = window.judged(by_code(unknown), self.valid).yes;
            unknown.or(&out.unknown);
            out.unknown = unknown;
        }
        if let Some(nulls) = nulls {
            out.yes.or(&nulls);
        }
        out
    }
}

/// The answers by code, for a run of codes.
struct ByCode<'a> {
    answers: &'a [bool],
    run: Range<usize>,
}

impl Visit for ByCode<'_> {
    type Out = Bitmap;

    fn visit<T: Copy + Into<i64>>(self, codes: &[T]) -> Bitmap {
        Bitmap::of(&codes[self.run], |code| self.answers[code.into() as usize])
    }
}

/// A comparison of a column of numbers with a number.
fn limits<'a>(op: Op, column: &'a Column, literal: &Literal) -> Option<Part<'a>> {
    let real = match literal {
        Literal::Integer(i) => *i as f64,
        // no minus zero: it would come before zero
        Literal::Number(f) => *f + 0.0,
        _ => return None,
    };
    let (numbers, valid, order): (_, _, &dyn Fn(i64) -> Ordering) = match (column, literal) {
        (Column::Integer(n, valid), Literal::Integer(x)) => (n, valid, &|n| n.cmp(x)),
        (Column::Integer(n, valid), _) => (n, valid, &|n| (n as f64).total_cmp(&real)),
        (Column::Decimal(d, valid), _) => {
            let unit = 10f64.powi(d.decimals.into());
            (&d.digits, valid, &move |n| (n as f64 / unit).total_cmp(&real))
        }
        (Column::Number(values, valid), _) => return Some(Part::Real(values, valid.as_ref(), op, real)),
        _ => return None,
    };
    // the order grows with the number, so that each comparison is a run of numbers
    let equal = first(|n| order(n).is_ge());
    let above = first(|n| order(n).is_gt());
    let before = |n: i128| (n - 1) as i64;
    let (low, high) = match op {
        Op::Eq => (equal, before(above)),
        Op::Lt => (i128::from(i64::MIN), before(equal)),
        Op::Le => (i128::from(i64::MIN), before(above)),
        Op::Gt => (above, i64::MAX),
        Op::Ge => (equal, i64::MAX),
        _ => return None,
    };
    // no number at all: limits that exclude each other
    let limits = i64::try_from(low).map_or([1, 0], |low| [low, high]);
    Some(Part::Within(numbers, valid.as_ref(), limits))
}

/// The first whole number for which a condition holds that holds for all after it; beyond the last where there is none.
fn first(holds: impl Fn(i64) -> bool) -> i128 {
    let (mut low, mut high) = (i128::from(i64::MIN), i128::from(i64::MAX) + 1);
    while low < high {
        let middle = low + (high - low) / 2;
        if holds(middle as i64) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    low
}

fn without_geometry(geometries: &Geometries, Window { first, care }: Window) -> Bitmap {
    let mut out = care.clone();
    match geometries {
        Geometries::Points { located, .. } => out.and_not(&located.part(first, care.len())),
        Geometries::Any(all) => out.and(&Bitmap::from_fn(care.len(), |i| all[first + i].is_none())),
    }
    out
}
