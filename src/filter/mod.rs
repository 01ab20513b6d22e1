//! Conditions on properties, bound to a collection's schema and evaluated over its columns.
//!
//! Today: equality, joined by AND, as OGC API - Features Part 1 asks (`property=value`). CQL2 will be this room's language.

use crate::columns::{Bitmap, Column};
use crate::model::{Codelist, CollectionSpec, PropertyType, Table};
use std::collections::BTreeMap;
use thiserror::Error;

/// Why a condition can't be used.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum FilterError {
    /// The collection has no such property.
    #[error("unknown property {name}; known: {known}")]
    UnknownProperty {
        /// The name asked for.
        name: String,
        /// The properties that can be asked for.
        known: String,
    },
    /// The value is not of the property's type or not in its codelist.
    #[error("{name}: {value} is not {expected}")]
    BadValue {
        /// The property.
        name: String,
        /// The value as given.
        value: String,
        /// What it should be.
        expected: String,
    },
    /// The property leaves the server only inside sums, so it can't be asked for row by row.
    #[error("{name} is restricted")]
    Restricted {
        /// The property.
        name: String,
    },
}

/// Conditions that must all hold.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Filter {
    terms: Vec<Term>,
}

/// `property = value`.
#[derive(Clone, Debug, PartialEq)]
struct Term {
    property: usize,
    name: String,
    value: Operand,
}

#[derive(Clone, Debug, PartialEq)]
enum Operand {
    Text(String),
    Integer(i64),
    Number(f64),
    Boolean(bool),
}

impl Operand {
    fn canonical(&self) -> String {
        match self {
            Self::Text(t) => t.clone(),
            Self::Integer(i) => i.to_string(),
            Self::Number(f) => f.to_string(),
            Self::Boolean(b) => b.to_string(),
        }
    }
}

/// Which properties a reader may ask for.
pub type Visible<'a> = &'a dyn Fn(usize) -> bool;

impl Filter {
    /// Binds conditions to a collection. A codelist's name or alias becomes its code. A property that is not `visible`
    /// is refused, because asking for it row by row would reveal it.
    pub fn bind<'a>(
        spec: &CollectionSpec,
        codelists: &BTreeMap<String, Codelist>,
        visible: Visible<'_>,
        conditions: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Result<Self, FilterError> {
        let mut terms = Vec::new();
        for (name, value) in conditions {
            let Some((property, p)) = spec.property(name) else {
                let known: Vec<&str> =
                    spec.properties.iter().enumerate().filter(|(i, _)| visible(*i)).map(|(_, p)| &*p.name).collect();
                return Err(FilterError::UnknownProperty { name: name.into(), known: known.join(", ") });
            };
            if !visible(property) {
                return Err(FilterError::Restricted { name: name.into() });
            }
            let bad = |expected: &str| FilterError::BadValue {
                name: name.into(),
                value: value.into(),
                expected: expected.into(),
            };
            let codelist = p.codelist.as_ref().and_then(|c| codelists.get(c));
            let operand = match p.ty {
                PropertyType::Integer => Operand::Integer(value.parse().map_err(|_| bad("integer"))?),
                PropertyType::Number => {
                    let number = value.parse::<f64>().ok().filter(|f| f.is_finite());
                    Operand::Number(number.ok_or_else(|| bad("number"))?)
                }
                PropertyType::Boolean => Operand::Boolean(value.parse().map_err(|_| bad("true | false"))?),
                PropertyType::String | PropertyType::Date | PropertyType::Strings => match codelist {
                    None => Operand::Text(value.into()),
                    Some(list) => {
                        let codes = || list.entries.iter().map(|e| &*e.code).collect::<Vec<_>>().join(" | ");
                        let (_, entry) = list.find(value).ok_or_else(|| bad(&codes()))?;
                        Operand::Text(entry.code.clone())
                    }
                },
            };
            terms.push(Term { property, name: name.into(), value: operand });
        }
        terms.sort_by_cached_key(|t: &Term| (t.property, t.value.canonical()));
        terms.dedup();
        Ok(Self { terms })
    }

    /// Whether every row passes.
    pub fn is_empty(&self) -> bool {
        self.terms.is_empty()
    }

    /// Whether a condition is on this property.
    pub fn mentions(&self, property: usize) -> bool {
        self.terms.iter().any(|t| t.property == property)
    }

    /// The conditions as property -> value, alike for filters that mean the same.
    pub fn canonical(&self) -> BTreeMap<String, String> {
        let mut out = BTreeMap::<String, String>::new();
        for t in &self.terms {
            let value = t.value.canonical();
            out.entry(t.name.clone()).and_modify(|v| *v = format!("{v} & {value}")).or_insert(value);
        }
        out
    }

    /// One text for filters that mean the same.
    pub fn key(&self) -> String {
        self.terms.iter().map(|t| format!("{}={}\n", t.name, t.value.canonical())).collect::<Vec<_>>().concat()
    }

    /// The rows that pass; `None` when every row does. `also` names a property whose lists count like the property
    /// before it (secondary clusters beside the primary one).
    pub fn evaluate(&self, table: &Table, also: Option<(usize, usize)>) -> Option<Bitmap> {
        let mut out: Option<Bitmap> = None;
        for term in &self.terms {
            let mut rows = term.rows(&table.columns[term.property]);
            if let Some((_, list)) = also.filter(|(property, _)| *property == term.property) {
                rows.or(&term.rows(&table.columns[list]));
            }
            match &mut out {
                Some(all) => all.and(&rows),
                None => out = Some(rows),
            }
        }
        out
    }
}

impl Term {
    fn rows(&self, column: &Column) -> Bitmap {
        let n = column.len();
        let mut rows = match (column, &self.value) {
            (Column::Words(w, _), Operand::Text(t)) => match w.code(t) {
                Some(code) => w.codes.rows(|c| c == code),
                None => Bitmap::none(n),
            },
            (Column::Text(c, _), Operand::Text(t)) => Bitmap::from_fn(n, |i| c.value(i) == t),
            (Column::Strings(s, _), Operand::Text(t)) => Bitmap::from_fn(n, |i| s.row(i).any(|w| w == t)),
            (Column::Integer(v, _), Operand::Integer(x)) => v.rows(|n| n == *x),
            // equality of numbers means the same number, as it stands in the file
            #[allow(clippy::float_cmp)]
            (Column::Number(v, _), Operand::Number(x)) => Bitmap::from_fn(n, |i| v[i] == *x),
            (Column::Decimal(d, _), Operand::Number(x)) => {
                let scaled = x * 10f64.powi(d.decimals.into());
                let whole = (scaled - scaled.round()).abs() < 1e-6;
                d.digits.rows(|digits| whole && digits == scaled.round() as i64)
            }
            (Column::Boolean(b, _), Operand::Boolean(x)) => Bitmap::from_fn(n, |i| b.contains(i) == *x),
            _ => Bitmap::none(n),
        };
        if let Some(valid) = column.valid() {
            rows.and(valid);
        }
        rows
    }
}
