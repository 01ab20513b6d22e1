//! Which requests are written down when they succeed: what leaves as a file, and what changes data.

use axum::http::{Method, Uri, header};
use axum::response::Response;

/// What a request does, as the audit trail names it.
pub(crate) struct Act {
    pub(crate) what: &'static str,
    pub(crate) detail: String,
    /// Whether it only counts where the answer is a file of rows.
    of_rows: bool,
}

/// What the page and GIS programs read page by page is no file to take away.
const PAGES: [&str; 3] = ["application/geo+json", "application/json", "text/html"];

/// What a request does, if it is one to be written down.
pub(crate) fn act(method: &Method, uri: &Uri) -> Option<Act> {
    let path: Vec<&str> = uri.path().split('/').filter(|p| !p.is_empty()).collect();
    let (what, of_rows) = match (method.as_str(), path.as_slice()) {
        ("GET", ["collections", _, "items"]) => ("export", true),
        ("GET", ["report", _] | ["reports", _, "all.zip"] | ["reports", _, "files", _])
        | ("POST", ["report" | "reports"]) => ("export", false),
        ("POST", ["imports"]) => ("import", false),
        ("POST", ["imports", _, "publish"]) => ("publish", false),
        ("POST", ["versions", _, "restore"]) => ("restore", false),
        _ => return None,
    };
    let detail = uri.path_and_query().map_or_else(String::new, |p| p.as_str().to_owned());
    Some(Act { what, detail, of_rows })
}

impl Act {
    /// Whether this answer makes it one to be written down.
    pub(crate) fn is_done_by(&self, answer: &Response) -> bool {
        let kind = answer.headers().get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or("");
        let kind = kind.split(';').next().unwrap_or("").trim();
        answer.status().is_success() && !(self.of_rows && PAGES.contains(&kind))
    }
}
