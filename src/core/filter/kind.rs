//! What sort of value an expression has; mixing them up is an error, not a silent FALSE.

use super::Schema;
use super::error::{FilterError, Mismatch};
use super::expr::{Expr, Op};
use crate::model::{PropertySpec, PropertyType, Text};

/// What a name stands for.
#[derive(Clone, Copy)]
pub(super) enum Target<'a> {
    Column(usize, &'a PropertySpec),
    Id,
    Geometry,
}

impl<'a> Schema<'a> {
    /// What a name stands for. The collection's own properties come before `id` and `geometry`.
    pub(super) fn target(&self, name: &str) -> Result<Target<'a>, FilterError> {
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
}

/// A sort of value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Condition,
    Text,
    Number,
    Moment,
    Interval,
    Geometry,
    List,
}

impl Kind {
    fn name(self) -> Text {
        let (zh, en) = match self {
            Self::Condition => ("条件或真假值", "a condition or a boolean"),
            Self::Text => ("文字", "text"),
            Self::Number => ("数", "a number"),
            Self::Moment => ("日期或时刻", "a date or a timestamp"),
            Self::Interval => ("时段", "an interval"),
            Self::Geometry => ("几何", "a geometry"),
            Self::List => ("数组", "an array"),
        };
        Text::new(zh, en)
    }
}

/// An operand of the wrong kind.
pub(super) fn mismatch(part: &Expr, found: Kind, expected: Kind) -> FilterError {
    FilterError::Type(Box::new(Mismatch { part: shown(part), found: found.name(), expected: expected.name() }))
}

/// An operand that is wrong in another way.
pub(super) fn wrong(part: &Expr, zh: &str, en: &str, expected_zh: &str, expected_en: &str) -> FilterError {
    FilterError::Type(Box::new(Mismatch {
        part: shown(part),
        found: Text::new(zh, en),
        expected: Text::new(expected_zh, expected_en),
    }))
}

fn shown(part: &Expr) -> String {
    let text = part.to_string();
    let mut out: String = text.chars().take(60).collect();
    if out.len() < text.len() {
        out.push('…');
    }
    out
}

impl Schema<'_> {
    /// The kind of an expression. Operands of arithmetic and folding are checked on the way.
    pub(super) fn kind(&self, e: &Expr) -> Result<Kind, FilterError> {
        Ok(match e {
            Expr::Call(op, parts) => match op {
                Op::Casei | Op::Accenti => self.all(parts, Kind::Text)?,
                Op::Add | Op::Sub | Op::Mul | Op::Div | Op::Rem | Op::IntDiv | Op::Pow => {
                    self.all(parts, Kind::Number)?
                }
                _ => Kind::Condition,
            },
            Expr::Function(name, _) => return Err(FilterError::UnknownFunction { name: name.clone() }),
            Expr::Property(name) => match self.target(name)? {
                Target::Id => Kind::Text,
                Target::Geometry => Kind::Geometry,
                Target::Column(_, p) => match p.ty {
                    PropertyType::String => Kind::Text,
                    PropertyType::Integer | PropertyType::Number => Kind::Number,
                    PropertyType::Boolean => Kind::Condition,
                    PropertyType::Date | PropertyType::Datetime => Kind::Moment,
                    PropertyType::Strings => Kind::List,
                },
            },
            Expr::Text(_) | Expr::Open => Kind::Text,
            Expr::Integer(_) | Expr::Number(_) => Kind::Number,
            Expr::Boolean(_) => Kind::Condition,
            Expr::Moment(_) => Kind::Moment,
            Expr::Interval(_) => Kind::Interval,
            Expr::Geometry(_) | Expr::Bbox(_) => Kind::Geometry,
            Expr::List(_) => Kind::List,
        })
    }

    fn all(&self, parts: &[Expr], kind: Kind) -> Result<Kind, FilterError> {
        for part in parts {
            let found = self.kind(part)?;
            if found != kind {
                return Err(mismatch(part, found, kind));
            }
        }
        Ok(kind)
    }
}
