//! `/links` and `/s/{code}`: the page's address under a short code, kept in the data folder.

use crate::http::extract::change::Change;
use crate::http::extract::context::Context;
use crate::http::extract::negotiate;
use crate::http::extract::params::Params;
use crate::http::extract::quota::Limited;
use crate::http::problem::Problem;
use crate::http::response::answer::{Answer, blocking, lasting, to_json};
use crate::service::clock;
use crate::service::store::{Database, LONGEST_LINK, MOST_LINKS, Saved, is_page_address};
use axum::extract::Path;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::IntoResponse;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::ToSchema;

/// An address to keep.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct LinkBody {
    /// Query and fragment of the page's address, from `?` or `#` on; what stands before is ours.
    target: String,
}

/// An address that is kept.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SavedLink {
    /// The code: digits and small letters.
    code: String,
    /// Address that leads to the page.
    url: String,
}

/// Keeps the query and fragment of the page's address under a short code. The same has the same code.
#[utoipa::path(post, path = "/links", operation_id = "postLink", tag = "service", request_body = LinkBody, responses(
    (status = 200, description = "it was kept before", body = SavedLink), (status = 201, description = "kept", body = SavedLink),
    (status = 403, description = "asked by a page of another origin", body = crate::http::problem::ProblemDocument),
    (status = 422, description = "not the query and fragment of an address, or too long", body = crate::http::problem::ProblemDocument),
    (status = 429, description = "too many from one address", body = crate::http::problem::ProblemDocument, headers(("Retry-After" = u64))),
    (status = 501, description = "the service keeps nothing: it runs without --data-dir", body = crate::http::problem::ProblemDocument),
    (status = 507, description = "too many are kept", body = crate::http::problem::ProblemDocument)))]
pub(crate) async fn save(context: Context, headers: HeaderMap, change: Change<LinkBody>) -> Answer {
    let LinkBody { target } = change.body()?;
    let database = database(&context)?;
    checked(&target)?;
    let spent = context.spend(Limited::Links)?;
    let base = negotiate::base_url(&context, &headers);
    let kept = lasting(move || {
        let (status, code) = match database.save_link(&target, clock::seconds())? {
            Saved::New(code) => (StatusCode::CREATED, code),
            Saved::Known(code) => (StatusCode::OK, code),
            Saved::Full => return Err(full()),
        };
        let url = format!("{base}/s/{code}");
        let body = to_json(&SavedLink { code, url })?;
        Ok((status, [(header::CONTENT_TYPE, "application/json")], body).into_response())
    })
    .await;
    spent.ended(kept)
}

/// Leads to the page as it was when the link was saved.
#[utoipa::path(get, path = "/s/{code}", operation_id = "getLink", tag = "service", params(("code" = String, Path)), responses(
    (status = 302, description = "the page, by a relative address", headers(("Location" = String))),
    (status = 404, description = "no such link", body = crate::http::problem::ProblemDocument)))]
pub(crate) async fn follow(context: Context, Path(code): Path<String>, params: Params) -> Answer {
    params.finish()?;
    let shown: String = code.chars().take(20).collect();
    let missing = move || {
        Problem::not_found(
            format!("没有短链接 {shown}:可能抄错,或保存它的服务器不是这一台。首页在 /。"),
            format!(
                "There is no short link {shown}: it may be miswritten, or kept by another server. The page is at /."
            ),
        )
    };
    let known = database(&context).ok().filter(|_| code.len() <= 32);
    let Some(database) = known else { return Err(missing()) };
    blocking(move || {
        let target = database.follow_link(&code, clock::seconds())?.ok_or_else(missing)?;
        // whatever the file holds: a relative address that begins so stays on this page
        checked(&target)?;
        let to = HeaderValue::try_from(format!("../{target}"))
            .map_err(|_| Problem::of_status(StatusCode::INTERNAL_SERVER_ERROR))?;
        let head = [(header::LOCATION, to), (header::CACHE_CONTROL, HeaderValue::from_static("no-cache"))];
        Ok((StatusCode::FOUND, head).into_response())
    })
    .await
}

fn database(context: &Context) -> Result<Arc<Database>, Problem> {
    context.database().ok_or_else(|| {
        Problem::new(
            StatusCode::NOT_IMPLEMENTED,
            "keeps-nothing",
            "本服务没有配置数据文件夹,不能保存短链接;完整网址同样可以转发。管理员可用 --data-dir 开启。",
            "This service has no data folder and can't keep short links; the full address can be passed on as well. The administrator can add --data-dir.",
        )
    })
}

/// What may stand after the page's own address: a query, a fragment, and nothing that leads elsewhere.
pub(crate) fn checked(target: &str) -> Result<(), Problem> {
    if target.len() > LONGEST_LINK {
        return Err(Problem::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "link-too-long",
            format!("网址有 {} 个字符,最多 {LONGEST_LINK} 个;请简化圈选的边界后再试。", target.len()),
            format!("The address has {} characters, at most {LONGEST_LINK}; simplify the drawn outline.", target.len()),
        ));
    }
    if !is_page_address(target) {
        return Err(Problem::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "no-link",
            "target(或 view)应为本页网址中从 ? 或 # 开始的部分,并已按网址编码。",
            "target (or view) must be the page's address from ? or # on, percent-encoded.",
        ));
    }
    Ok(())
}

fn full() -> Problem {
    Problem::new(
        StatusCode::INSUFFICIENT_STORAGE,
        "links-full",
        format!("已保存 {MOST_LINKS} 个短链接,不再增加;完整网址同样可以转发。"),
        format!("{MOST_LINKS} short links are kept and no more are taken; the full address can be passed on as well."),
    )
}
