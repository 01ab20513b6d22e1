//! Which requests are written down when they succeed: what leaves as a file, and what changes data.

use axum::http::{Method, Uri};

/// What a request does, as the audit trail names it.
pub(in crate::http) struct Act {
    pub(in crate::http) what: &'static str,
    pub(in crate::http) detail: String,
}

/// Formats of rows in bulk; the page itself reads its tables as GeoJSON, page by page.
const BULK: [&str; 6] = ["csv", "geojsonseq", "flatgeobuf", "parquet", "gpkg", "geopackage"];

/// What a request does, if it is one to be written down.
pub(in crate::http) fn act(method: &Method, uri: &Uri) -> Option<Act> {
    let path: Vec<&str> = uri.path().split('/').filter(|p| !p.is_empty()).collect();
    let format = |q: &str| q.split('&').find_map(|p| p.strip_prefix("f=")).is_some_and(|f| BULK.contains(&f));
    let what = match (method.as_str(), path.as_slice()) {
        ("GET", ["report", _]) | ("POST", ["report" | "reports"]) => "export",
        ("GET", ["reports", _, "all.zip"] | ["reports", _, "files", _]) => "export",
        ("GET", ["collections", _, "items"]) if uri.query().is_some_and(format) => "export",
        ("POST", ["imports"]) => "import",
        ("POST", ["imports", _, "publish"]) => "publish",
        ("POST", ["versions", _, "restore"]) => "restore",
        _ => return None,
    };
    Some(Act { what, detail: uri.path_and_query().map_or_else(String::new, |p| p.as_str().to_owned()) })
}
