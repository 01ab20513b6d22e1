//! Conditions on rows, in one language: CQL2 (OGC 21-065r2), bound to a collection's schema, evaluated over its columns.
//!
//! `text` and `json` read an [`Expr`], which prints itself in one spelling; [`Filter::bind`] makes the same of
//! `property=value` pairs (Features Part 1). Logic is three-valued: a comparison with null is unknown, and only true
//! selects. `S_*` predicates have the standard's meaning, borders included; zones count by their own half-open rule.

mod bind;
mod crs;
mod error;
mod expr;
mod geojson;
mod json;
mod kind;
mod lex;
mod locate;
mod operand;
mod plan;
mod print;
mod resolve;
mod sieve;
mod space;
mod text;
mod time;
mod truth;
mod value;
mod wkt;
mod words;

#[cfg(test)]
pub(crate) mod tests;

pub use error::{FilterError, Mismatch, Place, Syntax};
pub use expr::{Array, Expr, MAX_DEPTH, OPS, Op, Spatial, Temporal};
pub use json::{MAX_JSON, from_value as from_json_value, parse as parse_json, to_value as to_json};
pub use sieve::Sieve;
pub use text::{MAX_TEXT, parse as parse_text};

use crate::columns::Moment;
use crate::geometry::Bounds;
use crate::model::{Codelist, CollectionSpec, PropertySpec, PropertyType};
use kind::Target;
use plan::Test;
use std::collections::BTreeMap;

/// Which properties a reader may ask for.
pub type Visible<'a> = &'a dyn Fn(usize) -> bool;

/// What a filter can speak of: a collection's properties, `id` and `geometry`.
#[derive(Clone, Copy)]
pub struct Schema<'a> {
    /// The collection.
    pub spec: &'a CollectionSpec,
    /// The codelists of its properties: names and aliases stand for codes.
    pub codelists: &'a BTreeMap<String, Codelist>,
    /// The properties that may be requested; asking for others row by row would reveal them.
    pub visible: Visible<'a>,
}

/// Conditions that must all hold.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Filter {
    terms: Vec<Term>,
}

/// One condition.
#[derive(Clone, Debug, PartialEq)]
struct Term {
    /// The property and value of a plain `property=value`.
    plain: Option<(String, String)>,
    /// The condition in its normal form.
    expr: Expr,
    test: Test,
    properties: Vec<usize>,
    /// Whether it is on the feature's id.
    id: bool,
    /// Whether it is on the feature's geometry.
    geometry: bool,
}

impl Filter {
    /// Binds conditions `property = value` to a collection; on a list they mean that it holds the value.
    pub fn bind<'a>(
        spec: &CollectionSpec,
        codelists: &BTreeMap<String, Codelist>,
        visible: Visible<'_>,
        conditions: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Result<Self, FilterError> {
        let schema = Schema { spec, codelists, visible };
        let mut terms = Vec::new();
        for (name, value) in conditions {
            let (expr, value) = schema.condition(name, value)?;
            terms.push(Term { plain: Some((name.to_owned(), value)), ..schema.term(expr)? });
        }
        terms.sort_by_cached_key(|t: &Term| (t.properties.clone(), t.expr.to_string()));
        terms.dedup();
        Ok(Self { terms })
    }

    /// Binds a CQL2 expression.
    pub fn of(schema: Schema<'_>, expr: &Expr) -> Result<Self, FilterError> {
        Ok(Self { terms: vec![schema.term(expr.clone())?] })
    }

    /// Both filters at once.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        self.terms.extend(other.terms);
        self.terms.sort_by_key(|t| t.test.cost());
        self
    }

    /// Whether every row passes.
    pub fn is_empty(&self) -> bool {
        self.terms.is_empty()
    }

    /// Whether a condition is on this property.
    pub fn mentions(&self, property: usize) -> bool {
        self.terms.iter().any(|t| t.properties.contains(&property))
    }

    /// The conditions `property = value` in their one spelling.
    pub fn conditions(&self) -> BTreeMap<String, String> {
        self.terms.iter().filter_map(|t| t.plain.clone()).collect()
    }

    /// The CQL2 expressions in their one spelling, as one; with the conditions `property = value` as expressions where
    /// `all`.
    pub fn expression(&self, all: bool) -> Option<Expr> {
        let mut parts: Vec<Expr> =
            self.terms.iter().filter(|t| all || t.plain.is_none()).map(|t| t.expr.clone()).collect();
        if parts.len() > 1 { Some(Expr::Call(Op::And, parts)) } else { parts.pop() }
    }

    /// Whether a condition is on the feature's id.
    pub fn mentions_id(&self) -> bool {
        self.terms.iter().any(|t| t.id)
    }

    /// Whether a condition is on the feature's geometry.
    pub fn mentions_geometry(&self) -> bool {
        self.terms.iter().any(|t| t.geometry)
    }

    /// The properties that conditions are on, by their places; some more than once.
    pub fn properties(&self) -> impl Iterator<Item = usize> + '_ {
        self.terms.iter().flat_map(|t| t.properties.iter().copied())
    }

    /// The plain conditions as property -> value, and CQL2 expressions in their one spelling under `filter`; alike for
    /// filters that mean the same.
    pub fn canonical(&self) -> BTreeMap<String, String> {
        let mut out = BTreeMap::<String, String>::new();
        let mut add = |key: &str, value: String, between: &str| {
            out.entry(key.to_owned()).and_modify(|v| *v = format!("{v}{between}{value}")).or_insert(value);
        };
        for t in &self.terms {
            match &t.plain {
                Some((name, value)) => add(name, value.clone(), " & "),
                None => add("filter", t.expr.to_string(), " AND "),
            }
        }
        out
    }

    /// One text for filters that mean the same.
    pub fn key(&self) -> String {
        let mut all: Vec<String> = self.terms.iter().map(|t| format!("{}\n", t.expr)).collect();
        all.sort_unstable();
        all.concat()
    }

    /// A box that the geometry of every row that passes meets, where the conditions imply one.
    pub fn bounds(&self) -> Option<Bounds> {
        self.terms.iter().filter_map(|t| implied(&t.test)).reduce(smaller)
    }
}

impl Schema<'_> {
    fn term(&self, mut expr: Expr) -> Result<Term, FilterError> {
        let test = self.test(&mut expr)?;
        let mut properties = Vec::new();
        self.properties(&expr, &mut properties);
        let id = self.mentions(&expr, |target| matches!(target, Target::Id));
        let geometry = self.mentions(&expr, |target| matches!(target, Target::Geometry));
        Ok(Term { plain: None, expr: expr.normal(), test, properties, id, geometry })
    }

    fn mentions(&self, e: &Expr, is: fn(Target) -> bool) -> bool {
        matches!(e, Expr::Property(name) if self.target(name).is_ok_and(is))
            || e.parts().iter().any(|p| self.mentions(p, is))
    }

    fn properties(&self, e: &Expr, out: &mut Vec<usize>) {
        if let Expr::Property(name) = e {
            out.extend(self.spec.property(name).map(|(i, _)| i));
        }
        e.parts().iter().for_each(|p| self.properties(p, out));
    }

    /// `property=value` as an expression, and the value in its one spelling.
    fn condition(&self, name: &str, value: &str) -> Result<(Expr, String), FilterError> {
        let bad = |expected: &str| FilterError::BadValue {
            name: name.into(),
            value: value.into(),
            expected: expected.into(),
        };
        let property = Expr::Property(name.to_owned());
        let equals = |literal: Expr| Expr::Call(Op::Eq, vec![property.clone(), literal]);
        let text = |p: &PropertySpec| self.code(p, value);
        // a class means those below it too
        let codes = |p: &PropertySpec, code: &str| -> Vec<Expr> {
            let list = p.codelist.as_ref().and_then(|name| self.codelists.get(name));
            let below = list.and_then(|list| Some(list.within(list.place(code)?).map(str::to_owned).collect()));
            below.unwrap_or_else(|| vec![code.to_owned()]).into_iter().map(Expr::Text).collect()
        };
        let p = match self.target(name)? {
            Target::Column(_, p) => p,
            Target::Id => return Ok((equals(Expr::Text(value.to_owned())), value.to_owned())),
            Target::Geometry => return Err(bad("filter=S_INTERSECTS(geometry, …)")),
        };
        let moment = |m: Option<Moment>, spelt: &str| m.map(Expr::Moment).ok_or_else(|| bad(spelt));
        let literal = match p.ty {
            PropertyType::Integer => Expr::Integer(value.parse().map_err(|_| bad("integer"))?),
            PropertyType::Number => {
                let number = value.parse::<f64>().ok().filter(|f| f.is_finite());
                Expr::number(number.ok_or_else(|| bad("number"))?)
            }
            PropertyType::Boolean => Expr::Boolean(match value {
                // GDAL asks by numbers
                "true" | "1" => true,
                "false" | "0" => false,
                _ => return Err(bad("true | false")),
            }),
            PropertyType::Date => moment(Moment::date(value), "YYYY-MM-DD")?,
            PropertyType::Datetime => moment(Moment::timestamp(value), "YYYY-MM-DDTHH:MM:SSZ")?,
            PropertyType::String => {
                let code = text(p)?;
                match codes(p, &code) {
                    codes if codes.len() > 1 => {
                        return Ok((Expr::Call(Op::In, vec![property, Expr::List(codes)]), code));
                    }
                    _ => Expr::Text(code),
                }
            }
            PropertyType::Strings => {
                let code = text(p)?;
                let codes = codes(p, &code);
                let op = if codes.len() > 1 { Array::Overlaps } else { Array::Contains };
                return Ok((Expr::Call(Op::Array(op), vec![property, Expr::List(codes)]), code));
            }
        };
        let spelt = match &literal {
            Expr::Text(t) => t.clone(),
            Expr::Moment(m) => m.to_string(),
            Expr::Boolean(b) => b.to_string(),
            other => other.to_string(),
        };
        Ok((equals(literal), spelt))
    }
}

/// Of two boxes that a row must meet, the one that says more; what they have in common says too much of long rows.
fn smaller(a: Bounds, b: Bounds) -> Bounds {
    let area = |b: &Bounds| if b.is_empty() { 0.0 } else { (b.east - b.west) * (b.north - b.south) };
    if area(&b) < area(&a) { b } else { a }
}

fn implied(test: &Test) -> Option<Bounds> {
    match test {
        Test::Space(Spatial::Disjoint, _) => None,
        Test::Space(_, geometry) => Some(Bounds::of(geometry)),
        Test::All(parts) => parts.iter().filter_map(implied).reduce(smaller),
        Test::Any(parts) => {
            let all: Option<Vec<Bounds>> = parts.iter().map(implied).collect();
            all?.into_iter().reduce(|mut a, b| {
                a.join(&b);
                a
            })
        }
        _ => None,
    }
}
