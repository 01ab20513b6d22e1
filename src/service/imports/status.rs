//! How far an import has come: what is kept of the file, and what its worker has found.

use super::options::ImportOptions;
use super::worker::{ImportWorkers, WorkerState};
use crate::data::intake::{Outcome, Refusal};
use crate::service::store::{Arrival, Stage};
use serde::Serialize;
use std::sync::Arc;
use utoipa::ToSchema;

/// How far an import has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum ImportState {
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

/// An import as it is now.
#[derive(Clone, Debug)]
pub struct ImportStatus {
    /// What is kept of the file.
    pub arrival: Arrival,
    /// How far it has come.
    pub state: ImportState,
    /// While it is being checked: rows that are judged, and rows in all.
    pub progress: Option<(usize, usize)>,
    /// What was said about it; what was said of the last file with the same columns where nothing was.
    pub options: ImportOptions,
    /// What it would do, once it is checked.
    pub outcome: Option<Arc<Outcome>>,
    /// Why it can't be imported as it is.
    pub refusal: Option<Refusal>,
    /// Revision of the data against which it was checked.
    pub revision: Option<String>,
}

impl ImportStatus {
    pub(super) fn of(arrival: Arrival, workers: &ImportWorkers) -> Self {
        let worker = workers.find(&arrival);
        let mut status = Self {
            state: ImportState::Received,
            progress: None,
            options: said(&arrival).unwrap_or_default(),
            outcome: None,
            refusal: None,
            revision: arrival.revision.clone(),
            arrival,
        };
        match worker.as_ref().map(|w| w.state()) {
            Some(WorkerState::Checking) => {
                status.state = ImportState::Checking;
                status.progress = worker.map(|w| w.progress());
            }
            Some(WorkerState::Refused(why, options)) => {
                (status.state, status.refusal, status.options) = (ImportState::Refused, Some(why), options);
            }
            Some(WorkerState::Failed(text)) => {
                (status.state, status.refusal) = (ImportState::Refused, Some(Refusal::new("check-failed", text)));
            }
            Some(WorkerState::Checked(found, base, options)) => {
                (status.state, status.outcome) = (ImportState::Checked, Some(found));
                (status.options, status.revision) = (options, Some(base.revision));
            }
            Some(WorkerState::Ended) | None => {}
        }
        match status.arrival.stage {
            // that it waits is said unless something goes on
            Stage::Submitted if matches!(status.state, ImportState::Received | ImportState::Checked) => {
                status.state = ImportState::Submitted;
            }
            Stage::Received | Stage::Submitted => {}
            Stage::Published => status.state = ImportState::Published,
        }
        status
    }
}

/// What was said about a file.
pub(super) fn said(arrival: &Arrival) -> Option<ImportOptions> {
    arrival.options.as_deref().and_then(|options| serde_json::from_str(options).ok())
}
