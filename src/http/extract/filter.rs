//! `filter`, `filter-lang`, `filter-crs` and `property=value`: read here, and here only, for every resource.

use crate::core::filter::{self, Expr, Syntax};
use crate::core::geometry::Crs;
use crate::core::query::Question;
use crate::core::snapshot::Description;
use crate::http::extract::params::Params;
use crate::http::extract::values::{CrsUri, Word, Words};
use crate::http::problem::Problem;
use serde::Deserialize;
use utoipa::IntoParams;

/// An encoding of `filter`.
#[derive(Clone, Copy, Default)]
pub(crate) enum Language {
    #[default]
    Text,
    Json,
}

impl Words for Language {
    fn words() -> Vec<(&'static str, Self)> {
        // the last is the name that GDAL up to 3.6 sends
        vec![("cql2-text", Self::Text), ("cql2-json", Self::Json), ("cql-text", Self::Text)]
    }
}

// the description does not follow a type with parameters of its own
type LanguageWord = Word<Language>;

/// A condition as an expression.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct FilterParams {
    /// A CQL2 condition (OGC 21-065r2), ANDed with all others; what it can speak of: `/collections/{id}/queryables`.
    filter: Option<String>,
    /// The encoding of `filter`.
    #[serde(rename = "filter-lang")]
    #[param(inline, default = "cql2-text")]
    filter_lang: Option<LanguageWord>,
    /// CRS of the coordinates in `filter`; CRS84 when left out.
    #[serde(rename = "filter-crs")]
    #[param(value_type = Option<String>)]
    filter_crs: Option<CrsUri>,
}

/// The conditions of a request.
#[derive(Clone)]
pub(crate) struct Conditions {
    expr: Option<Expr>,
    /// `property=value`
    pairs: Vec<(String, String)>,
}

impl Conditions {
    /// Takes the filter parameters and all that were not taken before as `property=value`.
    pub(crate) fn read(mut params: Params, about: &Description) -> Result<Self, Problem> {
        let FilterParams { filter, filter_lang, filter_crs } = params.take()?;
        let crs = CrsUri::offered(filter_crs, "filter-crs", about)?;
        let expr = match (filter, filter_lang.map_or_else(Language::default, |Word(language)| language)) {
            (None, _) => None,
            (Some(text), Language::Text) => Some(filter::parse_text(&text).map_err(syntax)?),
            (Some(text), Language::Json) => Some(filter::parse_json(&text).map_err(syntax)?),
        };
        let expr = expr.map(|e| e.in_crs84(crs).ok_or_else(|| beyond(crs))).transpose()?;
        let pairs = params.rest().map(|(n, v)| (n.to_owned(), v.to_owned())).collect();
        Ok(Self { expr, pairs })
    }

    /// A question under these conditions.
    pub(crate) fn of(self, question: Question) -> Question {
        let question = self.pairs.into_iter().fold(question, |q, (name, value)| q.having(name, value));
        match self.expr {
            Some(expr) => question.filtered(expr),
            None => question,
        }
    }
}

fn beyond(crs: Crs) -> Problem {
    let uri = crs.uri();
    Problem::parameter(
        "filter",
        &format!("有坐标超出 {uri} 的范围(注意轴序)"),
        &format!("a position lies beyond {uri}; mind the order of its axes"),
    )
}

fn syntax(e: Syntax) -> Problem {
    Problem::filter(e.into(), Some("filter"))
}
