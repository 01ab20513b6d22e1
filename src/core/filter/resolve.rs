//! Names become columns, words become codes, literals become what they are compared with.

use super::error::FilterError;
use super::expr::{Expr, Op};
use super::kind::{self, Kind, Target};
use super::plan::Set;
use super::time::Span;
use super::value::{At, Cell, Literal, Value};
use super::words::Pattern;
use super::{Schema, space};
use crate::columns::Moment;
use crate::geometry::{Bounds, Sound, overlay};
use crate::model::{CodelistEntry, PropertySpec, PropertyType};
use geo::{CoordsIter, Validation};

type Bound<T> = Result<T, FilterError>;

impl Schema<'_> {
    /// Makes a literal what the other operand asks for: a code of its codelist, a date, true or false.
    pub(super) fn adapt(&self, op: Op, property: &Expr, literal: &mut Expr) -> Bound<()> {
        if let Expr::Integer(bit @ (0 | 1)) = *literal
            && matches!(property, Expr::Property(_))
            && self.kind(property)? == Kind::Condition
        {
            // as SQL and GDAL write them
            *literal = Expr::Boolean(bit == 1);
            return Ok(());
        }
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

    /// The codes of a property's codelist whose names are like a pattern.
    pub(super) fn codes_like(&self, a: &Expr, pattern: &Pattern) -> Bound<Vec<String>> {
        let Expr::Property(name) = a else { return Ok(vec![]) };
        let Target::Column(_, p) = self.target(name)? else { return Ok(vec![]) };
        let Some(list) = p.codelist.as_ref().and_then(|c| self.codelists.get(c)) else { return Ok(vec![]) };
        let named = |e: &&CodelistEntry| pattern.matches(&e.name.zh) || pattern.matches(&e.name.en);
        Ok(list.entries.iter().filter(named).map(|e| e.code.clone()).collect())
    }

    pub(super) fn set(&self, e: &Expr, words: bool) -> Bound<Set> {
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
    pub(super) fn geometry(&self, e: &Expr) -> Bound<Option<Sound>> {
        self.need(e, Kind::Geometry)?;
        let geometry = match e {
            Expr::Geometry(g) => Sound::or_empty(g.clone()),
            Expr::Bbox(b) => Sound::new(space::of_box(*b)),
            _ => return Ok(None),
        };
        let geometry = geometry.map_err(|defect| {
            let (zh, en) = defect.words();
            kind::wrong(e, &zh, &en, "有效的几何", "a valid geometry")
        })?;
        if geometry.coords_iter().any(|c| !Bounds::WORLD.contains(c.x, c.y)) {
            let range = ("经度 -180..180、纬度 -90..90", "longitude -180..180, latitude -90..90");
            return Err(kind::wrong(e, "超出范围", "not on Earth", range.0, range.1));
        }
        // validity and relations are found out by splitting edges where they cross, and by comparing rings in pairs
        let rings = space::rings(&geometry);
        if rings > space::MAX_RINGS {
            let (zh, en) = (format!("有 {rings} 个环"), format!("of {rings} rings"));
            let most = space::MAX_RINGS;
            return Err(kind::wrong(e, &zh, &en, &format!("最多 {most} 个环"), &format!("at most {most} rings")));
        }
        if let Err(why) = overlay::relatable(&geometry) {
            let most = overlay::MAX_CROSSINGS;
            let (zh, en) =
                (format!("线段相交最多 {most} 处的几何"), format!("a geometry with at most {most} crossings"));
            return Err(kind::wrong(e, "相交过多或过密的几何", &why.to_string(), &zh, &en));
        }
        match geometry.check_validation() {
            Ok(()) => Ok(Some(geometry)),
            Err(why) => Err(kind::wrong(e, &why.to_string(), &why.to_string(), "有效的几何", "a valid geometry")),
        }
    }

    pub(super) fn span(&self, e: &Expr) -> Bound<Span> {
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
    pub(super) fn value(&self, e: &Expr) -> Bound<Value> {
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
