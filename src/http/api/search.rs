//! `/search`: features by name, pinyin or pinyin initials.

use crate::core::query::{Engine, SearchResults};
use crate::http::extract::context::Context;
use crate::http::extract::params::Params;
use crate::http::problem::Problem;
use crate::http::response::answer::{Answer, Reply};
use axum::http::HeaderMap;

/// Longest text searched for, in characters.
const MAX_QUERY: usize = 64;
/// Results unless asked otherwise, and at most.
const LIMITS: (usize, usize) = (10, 100);

/// Features whose name holds the text: Chinese, pinyin (`yuhang`), initials (`yhq`) or English.
#[utoipa::path(get, path = "/search", operation_id = "search", tag = "data", params(("q" = String, Query), ("limit" = Option<usize>, Query, description = "1 to 100, default 10")),
    responses((status = 200, body = SearchResults)))]
pub(crate) async fn search(context: Context, headers: HeaderMap, mut params: Params) -> Answer {
    let limit = params.value::<usize>("limit", "整数", "a whole number")?.unwrap_or(LIMITS.0).clamp(1, LIMITS.1);
    let q = params.text("q").ok_or_else(|| Problem::parameter("q", "缺少搜索文字", "what to search for is missing"))?;
    params.finish()?;
    if q.chars().count() > MAX_QUERY {
        return Err(Problem::parameter("q", "最多 64 个字", "at most 64 characters"));
    }
    Reply { context: &context, headers: &headers }.json(|| Ok(context.engine().search(&q, limit)))
}
