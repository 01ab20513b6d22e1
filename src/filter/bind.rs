//! An expression is bound to a collection: names become columns, words become codes, types are checked.

use super::error::FilterError;
use super::expr::{Array, Expr, Op};
use super::plan::{At, Cell, Literal, Predicate, Set, Span, Test, Value};
use super::words::Pattern;
use super::{Schema, kind, space};
use crate::columns::Moment;
use crate::geometry::Bounds;
use crate::model::{PropertySpec, PropertyType};
use geo::{CoordsIter, Geometry, Validation};
use kind::Kind;

type Bound<T> = Result<T, FilterError>;

/// What a name stands for.
#[derive(Clone, Copy)]
pub(super) enum Target<'a> {
    Column(usize, &'a PropertySpec),
    Id,
    Geometry,
}

impl<'a> Schema<'a> {
    /// What a name stands for. The collection's own properties come before `id` and `geometry`.
    pub(super) fn target(&self, name: &str) -> Bound<Target<'a>> {
        match self.spec.property(name) {
            Some((i, _)) if !(self.visible)(i) => Err(FilterError::Restricted { name: name.into() }),
            Some((i, p)) => Ok(Target::Column(i, p)),
            None if name == "id" => Ok(Target::Id),
            None if name == "geometry" => Ok(Target::Geometry),
            None => {
                let own = self.spec.properties.iter().enumerate().filter(|(i, _)| (self.visible)(*i));
                let known: Vec<&str> = own.map(|(_, p)| p.name.as_str()).chain(["id", "geometry"]).collect();
                Err(FilterError::UnknownProperty { name: name.into(), known: known.join(", ") })
            }
        }
    }

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
                    Value::Literal(Literal::Text(p)) => {
                        Ok(Test::Row(Predicate::Like(self.value(a)?, Pattern::new(&p))))
                    }
                    _ => Err(kind::wrong(pattern, "不是字面值", "not a literal", "文字字面值", "a text literal")),
                }
            }
            (Op::Spatial(op), [a, b]) => {
                let (a, b) = (self.geometry(a)?, self.geometry(b)?);
                Ok(match (a, b) {
                    (Some(a), Some(b)) => Test::Known(Some(space::lies(op, &a, &b))),
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

    fn need(&self, e: &Expr, kind: Kind) -> Bound<()> {
        let found = self.kind(e)?;
        if found == kind { Ok(()) } else { Err(kind::mismatch(e, found, kind)) }
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
            Test::Same(Box::new(self.test(a)?), Box::new(self.test(b)?))
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

    /// Makes a text literal what the other operand asks for: a code of its codelist, a date.
    fn adapt(&self, op: Op, property: &Expr, literal: &mut Expr) -> Bound<()> {
        let Expr::Text(word) = &*literal else { return Ok(()) };
        if self.kind(property)? == Kind::Moment {
            if let Some(moment) = Moment::parse(word) {
                *literal = Expr::Moment(moment);
            }
            return Ok(());
        }
        let Expr::Property(name) = property else { return Ok(()) };
        let Target::Column(_, p) = self.target(name)? else { return Ok(()) };
        if matches!(op, Op::Eq | Op::Ne | Op::In | Op::Array(_)) {
            *literal = Expr::Text(self.code(p, word)?);
        }
        Ok(())
    }

    /// The code that a word stands for; itself where the property has no codelist.
    pub(super) fn code(&self, p: &PropertySpec, word: &str) -> Bound<String> {
        let Some(list) = p.codelist.as_ref().and_then(|c| self.codelists.get(c)) else { return Ok(word.to_owned()) };
        let codes = || list.entries.iter().map(|e| e.code.as_str()).collect::<Vec<_>>().join(" | ");
        let found = list.find(word).map(|(_, e)| e.code.clone());
        found.ok_or_else(|| FilterError::BadValue { name: p.name.clone(), value: word.into(), expected: codes() })
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
            let same = items.iter_mut().map(|i| Ok(Test::Same(Box::new(self.test(a)?), Box::new(self.test(i)?))));
            return Ok(Test::Any(same.collect::<Bound<_>>()?));
        }
        let values = items.iter().map(|i| self.value(i)).collect::<Bound<_>>()?;
        Ok(Test::Row(Predicate::In(self.value(a)?, values)))
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

    fn set(&self, e: &Expr, words: bool) -> Bound<Set> {
        match e {
            Expr::Property(name) => match self.target(name)? {
                Target::Column(i, _) => Ok(Set::Column(i)),
                _ => Ok(Set::Words(vec![])),
            },
            _ if words => Ok(Set::Words(
                e.parts()
                    .iter()
                    .map(|i| match i {
                        Expr::Text(t) => Ok(t.clone()),
                        other => Err(kind::wrong(other, "不是字面值", "not a literal", "文字字面值", "a text literal")),
                    })
                    .collect::<Bound<_>>()?,
            )),
            // two literals: alike when they are written alike
            _ => Ok(Set::Words(e.parts().iter().map(ToString::to_string).collect())),
        }
    }

    /// A geometry; `None` is the row's own.
    fn geometry(&self, e: &Expr) -> Bound<Option<Geometry<f64>>> {
        self.need(e, Kind::Geometry)?;
        let geometry = match e {
            Expr::Geometry(g) => g.clone(),
            Expr::Bbox(b) => space::of_box(*b),
            _ => return Ok(None),
        };
        if geometry.coords_iter().any(|c| !Bounds::WORLD.contains(c.x, c.y)) {
            let range = ("经度 -180..180、纬度 -90..90", "longitude -180..180, latitude -90..90");
            return Err(kind::wrong(e, "超出范围", "not on Earth", range.0, range.1));
        }
        match geometry.check_validation() {
            Ok(()) => Ok(Some(geometry)),
            Err(why) => Err(kind::wrong(e, &why.to_string(), &why.to_string(), "有效的几何", "a valid geometry")),
        }
    }

    fn span(&self, e: &Expr) -> Bound<Span> {
        match (self.kind(e)?, e) {
            (_, Expr::Interval(ends)) => {
                let end = |e: &Expr| match e {
                    Expr::Open => Ok(None),
                    e => self.need(e, Kind::Moment).and_then(|()| self.value(e)).map(Some),
                };
                Ok(Span(end(&ends[0])?, end(&ends[1])?))
            }
            (Kind::Moment, _) => {
                let value = self.value(e)?;
                Ok(Span(Some(value.clone()), Some(value)))
            }
            (found, _) => Err(kind::mismatch(e, found, Kind::Moment)),
        }
    }

    /// A value; one that reads no column is computed at once.
    fn value(&self, e: &Expr) -> Bound<Value> {
        let value = match e {
            Expr::Property(name) => match self.target(name)? {
                Target::Column(i, p) if matches!(p.ty, PropertyType::Date | PropertyType::Datetime) => {
                    Value::Moments(i)
                }
                Target::Column(i, _) => Value::Column(i),
                Target::Id => Value::Id,
                Target::Geometry => return Err(kind::mismatch(e, Kind::Geometry, Kind::Text)),
            },
            Expr::Text(t) => Value::Literal(Literal::Text(t.clone())),
            Expr::Integer(i) => Value::Literal(Literal::Integer(*i)),
            Expr::Number(f) => Value::Literal(Literal::Number(*f)),
            Expr::Moment(m) => Value::Literal(Literal::Moment(*m)),
            Expr::Call(op, parts) => match (op, parts.as_slice()) {
                (Op::Casei, [a]) => Value::Casei(Box::new(self.value(a)?)),
                (Op::Accenti, [a]) => Value::Accenti(Box::new(self.value(a)?)),
                (op, [a, b]) => Value::Arithmetic(*op, Box::new(self.value(a)?), Box::new(self.value(b)?)),
                _ => return Err(kind::mismatch(e, self.kind(e)?, Kind::Text)),
            },
            _ => return Err(kind::mismatch(e, self.kind(e)?, Kind::Text)),
        };
        let mut columns = Vec::new();
        value.columns(&mut columns);
        if !columns.is_empty() || matches!(value, Value::Literal(_)) {
            return Ok(value);
        }
        let literal = match value.read(At::Word(None)) {
            Cell::Text(t) => Literal::Text(t.into_owned()),
            Cell::Integer(i) => Literal::Integer(i),
            Cell::Number(f) => Literal::Number(f),
            _ => return Ok(value),
        };
        Ok(Value::Literal(literal))
    }
}
