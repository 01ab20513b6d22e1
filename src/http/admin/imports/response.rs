//! An import in an answer.

use crate::data::intake::{Outcome, Refusal};
use crate::http::admin::versions::moment;
use crate::service::imports::{ImportOptions, ImportState, ImportStatus};
use serde::Serialize;
use std::sync::Arc;
use utoipa::ToSchema;

/// Rows that are judged.
#[derive(Debug, Serialize, ToSchema)]
struct Progress {
    /// Of these.
    done: usize,
    /// Rows in all; 0 while the file is being read.
    total: usize,
}

/// A file on its way in.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ImportInfo {
    /// Its id.
    pub(super) id: String,
    /// Its name where it came from.
    file: String,
    /// Its size.
    bytes: u64,
    /// SHA-256 of its bytes.
    sha256: String,
    /// When it came (RFC 3339, UTC).
    received: String,
    /// Who sent it.
    actor: String,
    /// How far it has come.
    state: ImportState,
    /// While it is being checked.
    progress: Option<Progress>,
    /// What was said about it; what was said of the last file with the same columns where nothing was.
    options: ImportOptions,
    /// What it would do, once it is checked.
    outcome: Option<Outcome>,
    /// Why it can't be imported as it is.
    refusal: Option<Refusal>,
    /// Revision of the data against which it was checked.
    revision: Option<String>,
    /// Remark to whoever publishes it.
    note: String,
    /// The version that it became.
    version: Option<u64>,
}

impl ImportInfo {
    /// An import that is asked for alone.
    pub(super) fn of(import: ImportStatus) -> Self {
        let ImportStatus { arrival: a, state, progress, options, outcome, refusal, revision } = import;
        Self {
            id: a.id,
            file: a.file,
            bytes: a.bytes,
            sha256: a.sha256,
            received: moment(a.received),
            actor: a.actor,
            state,
            progress: progress.map(|(done, total)| Progress { done, total }),
            options,
            outcome: outcome.map(Arc::unwrap_or_clone),
            refusal,
            revision,
            note: a.note,
            version: a.version,
        }
    }

    /// An import among others: without its report.
    pub(super) fn in_list(import: ImportStatus) -> Self {
        Self::of(ImportStatus { outcome: None, ..import })
    }
}
