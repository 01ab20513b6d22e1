//! An expression is bound to a collection: names become columns, words become codes, types are checked.

use super::error::FilterError;
use super::expr::{Array, Expr, Op, Spatial};
use super::kind::{self, Kind, Target};
use super::plan::{Among, Predicate, Test};
use super::time::Span;
use super::value::{Literal, Value};
use super::words::Pattern;
use super::{Schema, space};
use crate::geometry::Sound;

type Bound<T> = Result<T, FilterError>;

impl Schema<'_> {
    /// Binds a condition. Words of codelists in it become codes.
    pub(super) fn test(&self, e: &mut Expr) -> Bound<Test> {
        let kind = self.kind(e)?;
        if kind != Kind::Condition {
            return Err(kind::mismatch(e, kind, Kind::Condition));
        }
        match e {
            Expr::Boolean(b) => Ok(Test::Known(Some(*b))),
            Expr::Property(_) => Ok(Test::Row(Predicate::Is(self.value(e)?))),
            Expr::Call(op, parts) => self.call(*op, parts),
            _ => Ok(Test::Known(None)),
        }
    }

    fn call(&self, op: Op, parts: &mut [Expr]) -> Bound<Test> {
        match (op, parts) {
            (Op::And | Op::Or, parts) => {
                let mut tests = parts.iter_mut().map(|p| self.test(p)).collect::<Bound<Vec<_>>>()?;
                tests.sort_by_key(Test::cost);
                Ok(if op == Op::And { Test::All(tests) } else { Test::Any(tests) })
            }
            (Op::Not, [a]) => Ok(Test::Not(Box::new(self.test(a)?))),
            (Op::IsNull, [a]) => self.is_null(a),
            (Op::Between, [a, low, high]) => {
                Ok(Test::All(vec![self.compare(Op::Ge, a, low)?, self.compare(Op::Le, a, high)?]))
            }
            (Op::In, [a, Expr::List(items)]) => self.is_in(a, items),
            (Op::Like, [a, pattern]) => {
                self.need(a, Kind::Text)?;
                self.need(pattern, Kind::Text)?;
                match self.value(pattern)? {
                    Value::Literal(Literal::Text(p)) => self.like(a, Pattern::new(&p)),
                    _ => Err(kind::wrong(pattern, "不是字面值", "not a literal", "文字字面值", "a text literal")),
                }
            }
            (Op::Spatial(op), [a, b]) => {
                let (a, b) = (self.operand(op, a)?, self.operand(op, b)?);
                Ok(match (a, b) {
                    (Some(a), Some(b)) => Test::Known(space::lies(op, &a, &b)),
                    (Some(a), None) => Test::Space(op.swapped(), a),
                    (None, Some(b)) => Test::Space(op, b),
                    (None, None) => Test::Itself(op),
                })
            }
            (Op::Temporal(op), [a, b]) => Ok(Test::Row(Predicate::Temporal(op, self.span(a)?, self.span(b)?))),
            (Op::Array(op), [a, b]) => self.arrays(op, a, b),
            (_, [a, b]) => self.compare(op, a, b),
            _ => Ok(Test::Known(None)),
        }
    }

    pub(super) fn need(&self, e: &Expr, kind: Kind) -> Bound<()> {
        let found = self.kind(e)?;
        if found == kind { Ok(()) } else { Err(kind::mismatch(e, found, kind)) }
    }

    /// A text like a pattern; where codes stand for names, a code whose name is like it passes, too.
    fn like(&self, a: &Expr, pattern: Pattern) -> Bound<Test> {
        let named = self.codes_like(a, &pattern)?;
        let like = Test::Row(Predicate::Like(self.value(a)?, pattern));
        if named.is_empty() {
            return Ok(like);
        }
        let codes = named.into_iter().map(|code| Value::Literal(Literal::Text(code))).collect();
        Ok(Test::Any(vec![like, Test::Row(Predicate::In(self.value(a)?, Among::new(codes)))]))
    }

    /// An operand of a spatial predicate; `None` is the row's own geometry.
    fn operand(&self, op: Spatial, e: &Expr) -> Bound<Option<Sound>> {
        let Some(geometry) = self.geometry(e)? else { return Ok(None) };
        if !op.needs_one_sort() {
            return Ok(Some(geometry));
        }
        let one = space::of_one_sort(&geometry).and_then(|one| Sound::or_empty(one.into_owned()).ok());
        one.map(Some).ok_or_else(|| {
            let (found, expected) =
                (("几种几何的集合", "a collection of several sorts"), ("一种几何", "geometry of one sort"));
            kind::wrong(e, found.0, found.1, expected.0, expected.1)
        })
    }

    fn compare(&self, op: Op, a: &mut Expr, b: &mut Expr) -> Bound<Test> {
        self.adapt(op, a, b)?;
        self.adapt(op, b, a)?;
        let kind = self.comparable(a, b)?;
        let negated = op == Op::Ne;
        let test = if kind == Kind::Condition {
            if !matches!(op, Op::Eq | Op::Ne) {
                return Err(kind::mismatch(a, kind, Kind::Number));
            }
            Test::Same(Box::new(self.test(a)?), vec![self.test(b)?])
        } else {
            let op = if negated { Op::Eq } else { op };
            let (a, b) = (self.value(a)?, self.value(b)?);
            Test::Row(match (&a, &b) {
                (Value::Literal(_), Value::Literal(_)) => Predicate::Compare(op, a, b),
                (Value::Literal(_), _) => Predicate::Compare(op.swapped(), b, a),
                _ => Predicate::Compare(op, a, b),
            })
        };
        Ok(if negated { Test::Not(Box::new(test)) } else { test })
    }

    /// The kind of two operands that can be compared.
    fn comparable(&self, a: &Expr, b: &Expr) -> Bound<Kind> {
        let (left, right) = (self.kind(a)?, self.kind(b)?);
        let scalar = |k| matches!(k, Kind::Text | Kind::Number | Kind::Moment | Kind::Condition);
        if !scalar(left) {
            return Err(kind::mismatch(a, left, Kind::Text));
        }
        // the literal is the one that is wrong
        match (left == right, a.is_literal()) {
            (true, _) => Ok(left),
            (false, true) => Err(kind::mismatch(a, left, right)),
            (false, false) => Err(kind::mismatch(b, right, left)),
        }
    }

    fn is_null(&self, a: &mut Expr) -> Bound<Test> {
        Ok(match self.kind(a)? {
            Kind::Condition => Test::Unknown(Box::new(self.test(a)?)),
            Kind::Geometry => match self.geometry(a)? {
                None => Test::NoGeometry,
                Some(_) => Test::Known(Some(false)),
            },
            Kind::Interval => {
                let Span(from, to) = self.span(a)?;
                Test::Any([from, to].into_iter().flatten().map(|v| Test::Row(Predicate::IsNull(v))).collect())
            }
            Kind::List if !matches!(a, Expr::Property(_)) => Test::Known(Some(false)),
            _ => Test::Row(Predicate::IsNull(self.value(a)?)),
        })
    }

    fn is_in(&self, a: &mut Expr, items: &mut [Expr]) -> Bound<Test> {
        for item in items.iter_mut() {
            self.adapt(Op::In, a, item)?;
            self.comparable(a, item)?;
        }
        if self.kind(a)? == Kind::Condition {
            let others = items.iter_mut().map(|i| self.test(i)).collect::<Bound<_>>()?;
            return Ok(Test::Same(Box::new(self.test(a)?), others));
        }
        let values = items.iter().map(|i| self.value(i)).collect::<Bound<_>>()?;
        Ok(Test::Row(Predicate::In(self.value(a)?, Among::new(values))))
    }

    fn arrays(&self, op: Array, a: &mut Expr, b: &mut Expr) -> Bound<Test> {
        let column = |e: &Expr| match e {
            Expr::Property(name) => self.target(name).map(|t| matches!(t, Target::Column(..))),
            _ => Ok(false),
        };
        let against = column(a)? || column(b)?;
        self.items(op, a, b, against)?;
        self.items(op, b, a, against)?;
        Ok(Test::Row(Predicate::Array(op, self.set(a, against)?, self.set(b, against)?)))
    }

    /// Checks an operand of an array predicate; against a column its items are words.
    fn items(&self, op: Array, list: &mut Expr, other: &Expr, against: bool) -> Bound<()> {
        self.need(list, Kind::List)?;
        let Expr::List(items) = list else { return Ok(()) };
        for item in items.iter_mut() {
            self.kind(item)?;
            if against {
                self.adapt(Op::Array(op), other, item)?;
                self.need(item, Kind::Text)?;
            }
        }
        Ok(())
    }
}
