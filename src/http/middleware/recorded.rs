//! Which requests are recorded in the audit log when they succeed: what leaves as a file, and what changes data.

use crate::service::accounts::AuditAction;
use axum::http::{Method, Uri, header};
use axum::response::Response;

/// What a request does, for the audit log.
pub(crate) struct Recorded {
    pub(crate) action: AuditAction,
    /// Path and query.
    pub(crate) detail: String,
    /// Whether it only counts where the answer is a file of rows.
    of_rows: bool,
}

/// Formats that the page and GIS programs read page by page are no files to take away.
const PAGES: [&str; 3] = ["application/geo+json", "application/json", "text/html"];

/// What a request does, if it is one to be recorded.
pub(crate) fn recorded(method: &Method, uri: &Uri) -> Option<Recorded> {
    let path: Vec<&str> = uri.path().split('/').filter(|p| !p.is_empty()).collect();
    let (action, of_rows) = match (method.as_str(), path.as_slice()) {
        ("GET", ["collections", _, "items"]) => (AuditAction::Export, true),
        ("GET", ["report", _] | ["reports", _, "all.zip"] | ["reports", _, "files", _])
        | ("POST", ["report" | "reports"]) => (AuditAction::Export, false),
        ("POST", ["imports"]) => (AuditAction::Import, false),
        ("POST", ["imports", _, "publish"]) => (AuditAction::Publish, false),
        ("POST", ["versions", _, "restore"]) => (AuditAction::Restore, false),
        _ => return None,
    };
    let detail = uri.path_and_query().map_or_else(String::new, |p| p.as_str().to_owned());
    Some(Recorded { action, detail, of_rows })
}

impl Recorded {
    /// Whether the request is to be recorded now that this is its answer.
    pub(crate) fn succeeded(&self, answer: &Response) -> bool {
        let kind = answer.headers().get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or("");
        let kind = kind.split(';').next().unwrap_or("").trim();
        answer.status().is_success() && !(self.of_rows && PAGES.contains(&kind))
    }
}
