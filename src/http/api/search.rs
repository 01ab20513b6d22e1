//! `/search`: features by name, pinyin or pinyin initials.

use crate::core::query::Engine;
use crate::http::extract::context::Context;
use crate::http::extract::params::Params;
use crate::http::extract::shared::TableParams;
use crate::http::extract::values::{PeriodText, Year};
use crate::http::problem::Problem;
use crate::http::response::answer::{Answer, Reply, computed};
use crate::http::schemas::{Role, Text};
use axum::http::HeaderMap;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// Longest text searched for, in characters.
const MAX_QUERY: usize = 64;
/// Results by default, and at most.
const LIMITS: (usize, usize) = (10, 100);

/// What is searched for.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct SearchParams {
    q: String,
    /// 1 to 100, default 10
    #[param(style = Form, explode = false, value_type = Option<usize>)]
    limit: Option<u64>,
    /// Year at whose end features of the register are there; the latest when left out.
    #[param(value_type = Option<u16>)]
    year: Option<Year>,
    /// Period, in the same sense: a year (`2025`), a quarter (`2025Q3`) or a month (`2025-03`).
    #[param(value_type = Option<String>)]
    period: Option<PeriodText>,
}

/// Features whose name holds the text: Chinese, pinyin (`yuhang`), initials (`yhq`) or English. Rows of tables of places
/// come last; where none holds the text, it is read as an address.
#[utoipa::path(get, path = "/search", operation_id = "search", tag = "data", params(SearchParams, TableParams),
    responses((status = 200, body = SearchResults)))]
pub(crate) async fn search(context: Context, headers: HeaderMap, params: Params) -> Answer {
    let (SearchParams { q, limit, year, period }, table): (_, TableParams) = params.only()?;
    let (context, period) = (context.of_table(&table)?, PeriodText::named(year, period)?);
    let limit = limit.map_or(LIMITS.0, |n| n as usize).clamp(1, LIMITS.1);
    if q.chars().count() > MAX_QUERY {
        return Err(Problem::parameter("q", "最多 64 个字", "at most 64 characters"));
    }
    computed(context.cost_of_names(q.len()), move || {
        Reply { context: &context, headers: &headers }.json(|| Ok(context.engine().search(&q, limit, period)))
    })
    .await
}

/// A found feature.
#[derive(Serialize, ToSchema)]
#[allow(dead_code, reason = "only described")]
pub(crate) struct SearchResult {
    /// Collection.
    collection: String,
    /// Feature id.
    id: String,
    /// What the collection is for.
    kind: Role,
    /// Name.
    name: String,
    /// English name.
    name_en: String,
    /// Zone that answers for it, if it is one or has one.
    zone: Option<String>,
    /// Longitude and latitude to go to.
    position: Option<[f64; 2]>,
    /// Primary cluster of an enterprise.
    cluster: Option<String>,
    /// Source of a table of places, where it is a row of one.
    source: Option<Text>,
    /// How the text was found as an address of a table of places; none where the name or address holds it as it is.
    located: Option<Located>,
}

/// How an address was found in a table of places.
#[derive(Serialize, ToSchema)]
#[serde(tag = "how", rename_all = "lowercase")]
#[allow(dead_code, reason = "only described")]
pub(crate) enum Located {
    /// The table has the address, everything that it says included.
    Exact,
    /// The table has the road and the house number; the rest of the address was left out.
    House,
    /// The table has the road and not the number: the nearest number was taken.
    Nearest {
        /// How many numbers it is away.
        off: u32,
        /// The number taken.
        number: u32,
    },
}

/// What a search found.
#[derive(Serialize, ToSchema)]
#[allow(dead_code, reason = "only described")]
pub(crate) struct SearchResults {
    /// The first of them.
    results: Vec<SearchResult>,
    /// How many there are.
    total: usize,
}
