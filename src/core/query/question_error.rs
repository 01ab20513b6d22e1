//! Why a text is no question.

use crate::filter::Syntax;
use crate::model::Text;
use thiserror::Error;

/// Why a body or a query string is no question. Nothing of it depends on a dataset.
#[derive(Debug, Error)]
pub enum QuestionError {
    /// It is no JSON object of a question.
    #[error("the body is wrong at line {line}, column {column}: {why}")]
    Json {
        /// Line, from 1.
        line: usize,
        /// Column, from 1.
        column: usize,
        /// What the reader of JSON says.
        why: String,
    },
    /// A member or parameter has a value that it can't have.
    #[error("{name}: {}", .why.en)]
    Parameter {
        /// Its name.
        name: String,
        /// What is wrong, in both languages.
        why: Text,
    },
    /// A member is no geometry that can be computed with.
    #[error("{name}: {}", .why.en)]
    Geometry {
        /// Its name.
        name: String,
        /// What is wrong and where, in both languages.
        why: Text,
    },
    /// The filter is neither CQL2 nor an object.
    #[error("filter must be CQL2 text, CQL2 JSON (with op), or an object property: value")]
    FilterForm,
    /// The filter breaks the rules of CQL2.
    #[error("{0}")]
    Filter(Box<Syntax>),
}

impl QuestionError {
    pub(super) fn parameter(name: &str, why: Text) -> Self {
        Self::Parameter { name: name.into(), why }
    }
}

impl From<serde_json::Error> for QuestionError {
    fn from(e: serde_json::Error) -> Self {
        Self::Json { line: e.line(), column: e.column(), why: e.to_string() }
    }
}

impl From<Syntax> for QuestionError {
    fn from(e: Syntax) -> Self {
        Self::Filter(Box::new(e))
    }
}
