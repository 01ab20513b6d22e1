//! Which requests are recorded in the audit log when they succeed: what leaves as a file, rows with restricted values or very
//! many rows whatever the route, and what changes data.

use crate::http::extract::context::Context;
use crate::service::accounts::{AccountsError, AuditAction, AuditActor};
use axum::http::{Method, Uri, header};
use axum::response::Response;

/// Formats that the page and GIS programs read page by page are no files to take away.
const PAGES: [&str; 3] = ["application/geo+json", "application/json", "text/html"];
/// So many rows in one answer are recorded, also without restricted values.
const MANY: u64 = 1_000;
/// Parameters that do not change what is asked for.
const OF_PAGES: [&str; 6] = ["limit", "offset", "f", "lang", "crs", "sortby"];

/// A request that succeeded, for the audit log.
pub(crate) struct Recorded {
    action: Option<AuditAction>,
    detail: String,
    rows: u64,
    tile: bool,
    /// Whether sums are protected in the answer to a question that is another than before.
    protected: bool,
}

/// What a request did, if its answer is a success.
pub(crate) fn recorded(context: &Context, method: &Method, uri: &Uri, answer: &Response) -> Option<Recorded> {
    if !answer.status().is_success() {
        return None;
    }
    let path: Vec<&str> = uri.path().split('/').filter(|p| !p.is_empty()).collect();
    let kind = answer.headers().get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or("");
    let page = PAGES.contains(&kind.split(';').next().unwrap_or("").trim());
    let (rows, question) = context.taken();
    let restricted = context.sees_restricted();
    let action = match (method.as_str(), path.as_slice()) {
        ("GET", ["collections", _, "items"]) if !page => Some(AuditAction::Export),
        (
            "GET",
            ["report", _]
            | ["reports", _, "all.zip"]
            | ["reports", _, "files", _]
            | ["saved", "export" | "briefing"]
            | ["consultations", _, "adoption"]
            | ["plan", "progress"]
            | ["briefings", _, _, _]
            | ["layouts", "paper"]
            | ["rounds", _, "own", "workbook.xlsx"],
        )
        | ("POST", ["report" | "reports"]) => Some(AuditAction::Export),
        ("POST", ["imports" | "drafts", _, "publish"] | ["rounds", _, "merge"] | ["layouts", _, "in-force"]) => {
            Some(AuditAction::Publish)
        }
        ("POST" | "PATCH" | "PUT" | "DELETE", ["rounds" | "consultations", ..]) => Some(AuditAction::Round),
        ("POST", ["plan", "items", _]) => Some(AuditAction::Progress),
        ("POST" | "PUT" | "DELETE", ["briefings", ..]) => Some(AuditAction::Briefing),
        ("POST", ["imports"]) => Some(AuditAction::Import),
        ("POST", ["drafts", _, "submit" | "return"] | ["layouts"])
        | ("PUT", ["layouts", _])
        | ("DELETE", ["drafts" | "layouts", _]) => Some(AuditAction::Draft),
        ("POST", ["saved"] | ["saved", "order"] | ["saved", _, "restore"]) | ("PUT" | "DELETE", ["saved", _]) => {
            Some(AuditAction::Saved)
        }
        ("POST", ["versions", _, "restore"]) => Some(AuditAction::Restore),
        _ if rows >= MANY || (rows > 0 && restricted) => Some(AuditAction::Rows),
        _ => None,
    };
    let whole = || uri.path_and_query().map_or_else(String::new, |p| p.as_str().to_owned());
    let detail = match question {
        Some(question) if method == Method::POST => format!("{}?{question}", uri.path()),
        _ if action == Some(AuditAction::Rows) => without_page(uri),
        _ => whole(),
    };
    let tile = restricted && path.iter().any(|p| matches!(*p, "xyz" | "tiles"));
    Some(Recorded { action, detail, rows, tile, protected: context.asked_protected() })
}

/// Path and query, the same for all pages of a question.
fn without_page(uri: &Uri) -> String {
    let kept = uri.query().unwrap_or("").split('&').filter(|pair| {
        let name = pair.split('=').next().unwrap_or("");
        !name.is_empty() && !OF_PAGES.contains(&name)
    });
    let query = kept.collect::<Vec<_>>().join("&");
    if query.is_empty() { uri.path().to_owned() } else { format!("{}?{query}", uri.path()) }
}

impl Recorded {
    /// Writes it down. What can't be written down does not leave.
    pub(crate) async fn write(self, context: &Context, actor: &AuditActor) -> Result<(), AccountsError> {
        let Some(accounts) = context.accounts() else { return Ok(()) };
        let log = accounts.audit();
        if let Some(action) = self.action {
            log.record_rows(actor, action, self.detail, self.rows).await?;
        }
        if self.rows > 0 {
            log.count(actor, "rows", self.rows).await?;
        }
        if self.protected {
            log.count(actor, "protected-questions", 1).await?;
        }
        if self.tile {
            log.count(actor, "tiles", 1).await?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::without_page;

    #[test]
    fn pages_of_a_question_are_one() {
        let of = |uri: &str| without_page(&uri.parse().unwrap());
        assert_eq!(of("/a?offset=20&zone=1&limit=10"), "/a?zone=1");
        assert_eq!(of("/a?zone=1&f=html"), "/a?zone=1");
        assert_eq!(of("/a?limit=1"), "/a");
        assert_ne!(of("/a?zone=1"), of("/a?zone=2"));
    }
}
