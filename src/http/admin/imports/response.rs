//! An import in an answer: what is kept of the file, and how far its worker is.

use crate::data::intake::{Outcome, Refusal};
use crate::http::admin::versions::moment;
use crate::http::extract::context::Context;
use crate::service::imports::{ImportOptions, WorkerState};
use crate::service::store::{Arrival, Stage};
use serde::Serialize;
use utoipa::ToSchema;

/// How far an import has come.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum ImportState {
    /// The file is there; it is to be checked (again).
    Received,
    /// It is being read and judged.
    Checking,
    /// It is judged; nothing has changed yet.
    Checked,
    /// It can't be imported as it is; `refusal` says why.
    Refused,
    /// It waits for somebody who may publish it.
    Submitted,
    /// It became `version`.
    Published,
}

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
    id: String,
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

/// An import in an answer; with the report where one asks for it alone.
pub(super) fn describe(context: &Context, a: Arrival, whole: bool) -> ImportInfo {
    let worker = context.0.workers.find(&a.id);
    let seen = worker.as_ref().map(|d| d.state());
    let (mut state, mut outcome, mut refusal, mut progress) = (ImportState::Received, None, None, None);
    let mut revision = a.revision;
    let mut options = a.options.as_deref().and_then(|o| serde_json::from_str(o).ok()).unwrap_or_default();
    match seen {
        Some(WorkerState::Checking) => {
            state = ImportState::Checking;
            let (done, total) = worker.map_or((0, 0), |d| d.progress());
            progress = Some(Progress { done, total });
        }
        Some(WorkerState::Refused(why, under)) => {
            (state, refusal, options) = (ImportState::Refused, Some(why), under);
        }
        Some(WorkerState::Failed(text)) => {
            (state, refusal) = (ImportState::Refused, Some(Refusal::new("check-failed", text)));
        }
        Some(WorkerState::Checked(found, base, under)) => {
            (state, options, revision) = (ImportState::Checked, under, Some(base.revision));
            outcome = whole.then(|| Outcome::clone(&found));
        }
        Some(WorkerState::Ended) | None => {}
    }
    match a.stage {
        // that it waits is said unless something goes on
        Stage::Submitted if matches!(state, ImportState::Received | ImportState::Checked) => {
            state = ImportState::Submitted;
        }
        Stage::Received | Stage::Submitted => {}
        Stage::Published => state = ImportState::Published,
    }
    ImportInfo {
        id: a.id,
        file: a.file,
        bytes: a.bytes,
        sha256: a.sha256,
        received: moment(a.received),
        actor: a.actor,
        state,
        progress,
        options,
        outcome,
        refusal,
        revision,
        note: a.note,
        version: a.version,
    }
}
