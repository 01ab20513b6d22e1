//! `filter`, `filter-lang`, `filter-crs` and `property=value`: read here, and here only, for every resource.

use crate::core::filter::{self, Expr, Syntax};
use crate::core::geometry::Crs;
use crate::core::query::Question;
use crate::http::extract::describe::CrsName;
use crate::http::extract::params::Params;
use crate::http::extract::space;
use crate::http::problem::Problem;
use serde::Serialize;
use utoipa::ToSchema;

/// The encodings of `filter`, by their names in `filter-lang`; `cql-text` is the name that GDAL up to 3.6 sends.
const LANGUAGES: [(&str, Language); 3] =
    [("cql2-text", Language::Text), ("cql2-json", Language::Json), ("cql-text", Language::Text)];

#[derive(Clone, Copy)]
enum Language {
    Text,
    Json,
}

/// The filter parameters as the API's description has them.
#[derive(utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[allow(dead_code, reason = "read by `Conditions`, described here")]
pub(crate) struct FilterParams {
    /// A CQL2 condition (OGC 21-065r2), ANDed with all others; what it can speak of: `/collections/{id}/queryables`.
    filter: Option<String>,
    /// The encoding of `filter`.
    #[param(rename = "filter-lang", inline, default = "cql2-text")]
    filter_lang: Option<FilterLang>,
    /// CRS of the coordinates in `filter`; CRS84 when left out.
    #[param(rename = "filter-crs", inline)]
    filter_crs: Option<CrsName>,
}

#[derive(Serialize, ToSchema)]
#[allow(dead_code, reason = "read by `Conditions`, described here")]
enum FilterLang {
    #[serde(rename = "cql2-text")]
    Text,
    #[serde(rename = "cql2-json")]
    Json,
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
    pub(crate) fn read(mut params: Params) -> Result<Self, Problem> {
        let language = params.choice("filter-lang", &LANGUAGES)?.unwrap_or(Language::Text);
        let crs = space::crs(&mut params, "filter-crs")?;
        let expr = match (params.text("filter"), language) {
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
