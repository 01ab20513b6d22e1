//! The page, built by npm into `web/dist` and embedded, and the guide below it, built by mdBook. `cargo build` runs neither: without
//! them a plain page says how to build the real ones. Texts are kept in Brotli (`web/pack.mjs`) and go out so to whoever takes it.

use crate::http::extract::negotiate;
use crate::http::problem::Problem;
use crate::http::response::answer::{Answer, vary};
use crate::http::response::links::{Link, announce};
use crate::http::response::{etag, html, range};
use axum::body::Bytes;
use axum::http::{HeaderMap, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use rust_embed::{EmbeddedFile, RustEmbed};
use sha2::{Digest, Sha256};
use std::borrow::Cow;
use std::fmt::Write as _;

#[derive(RustEmbed)]
#[folder = "web/dist"]
#[allow_missing = true]
struct Dist;
/// What `web/pack.mjs` adds to the name of a file.
const PACKED: &str = ".br";

const UNBUILT: &str = "<!doctype html><html lang=\"zh\"><head><meta charset=\"utf-8\"><title>Shigu 视谷</title></head><body>\
<p>网页尚未构建:请运行 <code>make web</code> 后重新编译。数据接口已可用:<a href=\"dataset\">/dataset</a>、<a href=\"collections\">/collections</a>。\
<p>The page has not been built: run <code>make web</code> and compile again. The data is served: <a href=\"dataset\">/dataset</a>, <a href=\"collections\">/collections</a>.\
</body></html>";

const WITHOUT_GUIDE: &str = "<!doctype html><html lang=\"zh\"><head><meta charset=\"utf-8\"><title>使用指南 Guide</title></head><body>\
<p>这份程序未带使用指南:请运行 <code>make docs</code> 后重新编译;指南的源文件在 <code>docs/guide/zh</code>。\
<p lang=\"en\">This program was built without the guide: run <code>make docs</code> and compile again. Its sources are in <code>docs/guide/en</code>.\
</body></html>";

/// Anything that is no other resource: a file of the page.
pub(crate) async fn page(method: Method, uri: Uri, headers: HeaderMap) -> Answer {
    let known = file(uri.path());
    if method != Method::GET {
        let status = if known.is_some() { StatusCode::METHOD_NOT_ALLOWED } else { StatusCode::NOT_FOUND };
        let mut response = Problem::of_status(status).into_response();
        if known.is_some() {
            response.headers_mut().insert(header::ALLOW, header::HeaderValue::from_static("GET, HEAD"));
        }
        return Ok(response);
    }
    let Some(file) = known else { return guide(uri.path(), &headers).ok_or_else(|| missing(&uri)) };
    // Vite puts a hash of the content into the names of everything below assets/
    let cache = if file.name.starts_with("assets/") { "public, max-age=31536000, immutable" } else { "no-cache" };
    let (media_type, tag) = (media_type(&file.name), etag::of(&file.digest));
    // a part of a file is one of its uncoded bytes
    if file.brotli && !headers.contains_key(header::RANGE) && negotiate::accepts_encoding(&headers, "br") {
        let mut response = send(&headers, media_type, cache, &tag, || bytes(file.kept));
        if response.status() == StatusCode::OK {
            response.headers_mut().insert(header::CONTENT_ENCODING, header::HeaderValue::from_static("br"));
            response.headers_mut().remove(header::ACCEPT_RANGES);
        }
        return Ok(response);
    }
    Ok(send(&headers, media_type, cache, &tag, || bytes(file.content())))
}

/// `/` for people: the page, with the links of the landing page in its head, and below it where there are no scripts.
pub(crate) fn index(headers: &HeaderMap, links: &[Link]) -> Response {
    let content = file("/").map_or(UNBUILT.to_owned(), |f| String::from_utf8_lossy(&f.content()).into_owned());
    let (mut head, mut body) = (String::new(), String::from("<noscript><footer><ul>\n"));
    for l in links {
        let (href, rel, ty) = (html::text(&l.href), html::text(l.rel), html::text(l.ty));
        let _ = writeln!(head, "<link rel=\"{rel}\" type=\"{ty}\" href=\"{href}\">");
        let _ = writeln!(body, "<li>{rel}: <a href=\"{href}\">{href}</a></li>");
    }
    body.push_str("</ul></footer></noscript>\n");
    let content = content.replacen("</head>", &(head + "</head>"), 1).replacen("</body>", &(body + "</body>"), 1);
    let mut response = send(headers, html::PAGE, "no-cache", &etag::of(&Sha256::digest(&content)), || content.into());
    vary(response.headers_mut(), "accept");
    announce(&mut response, links);
    response
}

fn send(
    headers: &HeaderMap,
    media_type: &'static str,
    cache: &'static str,
    tag: &str,
    content: impl FnOnce() -> Bytes,
) -> Response {
    let known = etag::known(headers, tag);
    let is_known = known.is_some();
    let validators =
        [(header::ETAG, known.unwrap_or_else(|| tag.to_owned())), (header::CACHE_CONTROL, cache.to_owned())];
    if is_known {
        return (StatusCode::NOT_MODIFIED, validators).into_response();
    }
    let mut response = (validators, range::answer(headers, tag, content())).into_response();
    response.headers_mut().insert(header::CONTENT_TYPE, header::HeaderValue::from_static(media_type));
    response
}

/// What is in the program is not copied.
fn bytes(content: Cow<'static, [u8]>) -> Bytes {
    match content {
        Cow::Borrowed(kept) => Bytes::from_static(kept),
        Cow::Owned(made) => made.into(),
    }
}

/// Whether a path is that of a file of the page, or of the guide.
pub(crate) fn is_file(path: &str) -> bool {
    let name = name_of(path);
    kept(&name).is_some() || path == "/guide" || path.starts_with("/guide/")
}

/// A folder stands for its index.
fn name_of(path: &str) -> String {
    let name = path.trim_start_matches('/');
    if name.is_empty() || name.ends_with('/') { format!("{name}index.html") } else { name.to_owned() }
}

/// A file of the page, as it is kept.
struct File {
    name: String,
    kept: Cow<'static, [u8]>,
    /// Of what is kept, made when the program was compiled.
    digest: [u8; 32],
    brotli: bool,
}

impl File {
    /// The uncoded bytes.
    fn content(self) -> Cow<'static, [u8]> {
        if !self.brotli {
            return self.kept;
        }
        let mut content = Vec::new();
        // only of bytes that `pack.mjs` did not write; a test unpacks every file
        if brotli_decompressor::BrotliDecompress(&mut self.kept.as_ref(), &mut content).is_err() {
            content.clear();
        }
        content.into()
    }
}

/// The embedded file of a name, and whether it is in Brotli. That coding has no address of its own.
fn kept(name: &str) -> Option<(EmbeddedFile, bool)> {
    let plain = || (!name.ends_with(PACKED)).then(|| Dist::get(name)).flatten();
    plain().map(|f| (f, false)).or_else(|| Dist::get(&format!("{name}{PACKED}")).map(|f| (f, true)))
}

fn file(path: &str) -> Option<File> {
    let name = name_of(path);
    let (found, brotli) = kept(&name)?;
    Some(File { name, kept: found.data, digest: found.metadata.sha256_hash(), brotli })
}

/// Addresses of the guide that are no file: the way to the book in the reader's language, and what is said where none was built.
fn guide(path: &str, headers: &HeaderMap) -> Option<Response> {
    let below = path.strip_prefix("/guide").filter(|below| below.is_empty() || below.starts_with('/'))?;
    if !is_built() {
        let head = [(header::CONTENT_TYPE, html::PAGE), (header::CACHE_CONTROL, "no-cache")];
        let mut response = (StatusCode::NOT_FOUND, head, WITHOUT_GUIDE).into_response();
        response.extensions_mut().insert(html::ErrorPage);
        return Some(response);
    }
    let lang = negotiate::lang(headers).pick("zh", "en");
    // from where the address stands, so that it holds below a proxy's prefix, too
    let to = match below {
        "" => format!("guide/{lang}/"),
        "/" => format!("{lang}/"),
        "/zh" | "/en" => format!("{}/", below.trim_start_matches('/')),
        _ => return None,
    };
    let head = [(header::LOCATION, to.as_str()), (header::CACHE_CONTROL, "no-cache")];
    let mut response = (StatusCode::SEE_OTHER, head).into_response();
    vary(response.headers_mut(), "accept-language");
    Some(response)
}

/// Whether the guide was there when this program was compiled.
fn is_built() -> bool {
    kept("guide/zh/index.html").is_some()
}

fn missing(uri: &Uri) -> Problem {
    let path = uri.path().chars().take(80).collect::<String>();
    Problem::not_found(
        format!("没有网址 {path}。首页在 /,接口说明见 /api。"),
        format!("There is nothing at {path}. The page is at /, /api describes the service."),
    )
}

fn media_type(name: &str) -> &'static str {
    match name.rsplit('.').next().unwrap_or("") {
        "html" => html::PAGE,
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "json" | "map" => "application/json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "webp" => "image/webp",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_in_brotli_can_be_read() {
        let packed: Vec<_> = Dist::iter().filter(|name| name.ends_with(PACKED)).collect();
        assert_eq!(packed.is_empty(), Dist::get("index.html").is_none());
        for name in packed {
            let file = file(&format!("/{}", name.trim_end_matches(PACKED))).unwrap();
            let (brotli, kept) = (file.brotli, file.kept.len());
            assert!(brotli && file.content().len() > kept / 2, "{name}");
        }
    }
}
