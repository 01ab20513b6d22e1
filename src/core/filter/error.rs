//! Why a filter can't be used.

use crate::model::Text;
use serde_json::Value;
use std::fmt::{self, Display};
use thiserror::Error;

/// A place in a filter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// A character of its text, counted from 1.
    Character(usize),
    /// A member of its JSON, as `$.args[1]`.
    Member(String),
}

impl Place {
    /// How a message says it.
    pub fn words(&self) -> Text {
        match self {
            Self::Character(at) => Text::new(format!("第 {at} 个字符"), format!("character {at}")),
            Self::Member(path) => Text::new(path.as_str(), path.as_str()),
        }
    }
}

/// Where a filter breaks the rules of its encoding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Syntax {
    /// The place.
    pub place: Place,
    /// What stands there.
    pub found: String,
    /// What should.
    pub expected: Text,
}

impl Syntax {
    /// At a character of the text, counted from 1.
    pub(super) fn new(at: usize, found: impl Display, zh: impl Display, en: impl Display) -> Self {
        Self { place: Place::Character(at), found: short(&found.to_string()), expected: Text::new(zh, en) }
    }

    /// At a member of a JSON filter.
    pub(super) fn at_path(path: &str, found: impl Display, zh: impl Display, en: impl Display) -> Self {
        Self { place: Place::Member(path.into()), found: short(&found.to_string()), expected: Text::new(zh, en) }
    }
}

impl Display for Syntax {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let found = if self.found.is_empty() { "the end" } else { &self.found };
        write!(f, "{}: {found} where {} is expected", self.place.words().en, self.expected.en)
    }
}

fn short(text: &str) -> String {
    let mut out: String = text.chars().take(40).collect();
    if out.len() < text.len() {
        out.push('…');
    }
    out
}

/// An operand of another type than its operator takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mismatch {
    /// The operand, as CQL2 text.
    pub part: String,
    /// What it is.
    pub found: Text,
    /// What it should be.
    pub expected: Text,
}

impl Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {} where {} is expected", self.part, self.found.en, self.expected.en)
    }
}

/// Why a filter can't be used.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum FilterError {
    /// It breaks the rules of its encoding.
    #[error("{0}")]
    Syntax(Box<Syntax>),
    /// The collection has no such property.
    #[error("unknown property {name}; known: {known}")]
    UnknownProperty {
        /// The name requested.
        name: String,
        /// The properties that can be requested.
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
    /// An operand is of another type than its operator takes.
    #[error("{0}")]
    Type(Box<Mismatch>),
    /// There is no such function.
    #[error("there is no function {name}")]
    UnknownFunction {
        /// The name requested.
        name: String,
    },
    /// The property leaves the server only inside sums, so it can't be requested row by row.
    #[error("{name} is restricted")]
    Restricted {
        /// The property.
        name: String,
    },
}

impl From<Syntax> for FilterError {
    fn from(e: Syntax) -> Self {
        Self::Syntax(Box::new(e))
    }
}

/// Where reading of JSON is.
#[derive(Default)]
pub(super) struct Path {
    pub(super) steps: Vec<String>,
    pub(super) depth: usize,
}

impl Path {
    pub(super) fn expected<T>(&self, found: &Value, zh: &str, en: &str) -> Result<T, Syntax> {
        Err(Syntax::at_path(&format!("${}", self.steps.concat()), found, zh, en))
    }

    /// Reads something further down.
    pub(super) fn at<T>(
        &mut self,
        step: String,
        read: impl FnOnce(&mut Self) -> Result<T, Syntax>,
    ) -> Result<T, Syntax> {
        self.steps.push(step);
        let out = read(self);
        self.steps.pop();
        out
    }

    /// Reads every item of an array.
    pub(super) fn each<'v, T>(
        &mut self,
        items: impl IntoIterator<Item = &'v Value>,
        mut read: impl FnMut(&'v Value, &mut Self) -> Result<T, Syntax>,
    ) -> Result<Vec<T>, Syntax> {
        items.into_iter().enumerate().map(|(i, v)| self.at(format!("[{i}]"), |p| read(v, p))).collect()
    }
}
