//! Resources that change the service: accounts, briefings, consultations, drafts, imports, layouts, rounds, versions.

pub(crate) mod accounts;
pub(crate) mod briefings;
pub(crate) mod consultations;
pub(crate) mod drafts;
pub(crate) mod imports;
pub(crate) mod layouts;
pub(crate) mod rounds;
pub(crate) mod versions;

use crate::http::problem::Problem;
use axum::http::StatusCode;

/// Characters of a remark.
const LONGEST_NOTE: usize = 500;

/// What is sent does not fit, and why.
fn unfit(zh: String, en: String) -> Problem {
    Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "unfit", zh, en)
}

/// Refuses a remark that is too long.
fn checked_note(note: String) -> Result<String, Problem> {
    if note.chars().count() <= LONGEST_NOTE {
        return Ok(note);
    }
    Err(Problem::new(
        StatusCode::UNPROCESSABLE_ENTITY,
        "note-too-long",
        format!("备注最多 {LONGEST_NOTE} 个字。"),
        format!("The remark may have {LONGEST_NOTE} characters."),
    ))
}
