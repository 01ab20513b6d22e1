//! The page, built by npm into `web/dist` and embedded. `cargo build` never runs npm: without it a plain page says how
//! to build the real one.

use super::answer::{Answer, matches};
use super::negotiate;
use super::problem::Problem;
use axum::http::{HeaderMap, Method, StatusCode, Uri, header};
use axum::response::IntoResponse;
use rust_embed::RustEmbed;

#[derive(RustEmbed)]
#[folder = "web/dist"]
#[allow_missing = true]
struct Dist;

const UNBUILT: &str = "<!doctype html><html lang=\"zh\"><meta charset=\"utf-8\"><title>Shigu 视谷</title>\
<p>网页尚未构建:请运行 <code>make web</code> 后重新编译。数据接口已可用:<a href=\"dataset\">/dataset</a>、<a href=\"collections\">/collections</a>。\
<p>The page has not been built: run <code>make web</code> and compile again. The data is served: <a href=\"dataset\">/dataset</a>, <a href=\"collections\">/collections</a>.";

/// Anything that is no other resource: a file of the page, or the page itself at `/`.
pub(super) async fn page(method: Method, uri: Uri, headers: HeaderMap) -> Answer {
    if method != Method::GET && method != Method::HEAD {
        let known = file(uri.path()).is_some();
        let status = if known { StatusCode::METHOD_NOT_ALLOWED } else { StatusCode::NOT_FOUND };
        let mut response = Problem::of_status(status).into_response();
        if known {
            response.headers_mut().insert(header::ALLOW, header::HeaderValue::from_static("GET, HEAD"));
        }
        return Ok(response);
    }
    let Some((name, content, tag)) = file(uri.path()) else {
        if uri.path() == "/" {
            return Ok(([(header::CONTENT_TYPE, "text/html; charset=utf-8")], UNBUILT).into_response());
        }
        return Err(missing(&uri, &headers));
    };
    // Vite puts a hash of the content into the names of everything below assets/
    let cache = if name.starts_with("assets/") { "public, max-age=31536000, immutable" } else { "no-cache" };
    let known = headers.get(header::IF_NONE_MATCH).and_then(|v| v.to_str().ok());
    let validators = [(header::ETAG, tag.clone()), (header::CACHE_CONTROL, cache.to_owned())];
    if known.is_some_and(|known| matches(known, &tag)) {
        return Ok((StatusCode::NOT_MODIFIED, validators).into_response());
    }
    Ok((validators, [(header::CONTENT_TYPE, media_type(&name))], content).into_response())
}

/// A file of the page: name, content, validator.
fn file(path: &str) -> Option<(String, Vec<u8>, String)> {
    let name = if path == "/" { "index.html" } else { path.trim_start_matches('/') };
    let file = Dist::get(name)?;
    let hash = file.metadata.sha256_hash();
    let tag = hash.iter().take(8).fold(String::from("W/\""), |s, b| format!("{s}{b:02x}")) + "\"";
    Some((name.to_owned(), file.data.into_owned(), tag))
}

fn missing(uri: &Uri, headers: &HeaderMap) -> Problem {
    let path = uri.path().chars().take(80).collect::<String>();
    let hint = if negotiate::wants_html(headers) {
        ("首页在 /。", "The page is at /.")
    } else {
        ("接口说明见 /api。", "/api describes the service.")
    };
    Problem::not_found(format!("没有网址 {path}。{}", hint.0), format!("There is nothing at {path}. {}", hint.1))
}

fn media_type(name: &str) -> &'static str {
    match name.rsplit('.').next().unwrap_or("") {
        "html" => "text/html; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "json" | "map" => "application/json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}
