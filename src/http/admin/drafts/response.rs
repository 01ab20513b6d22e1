//! A draft in an answer.

use crate::http::admin::versions::moment;
use crate::service::drafts::{JudgedChange, JudgedDraft};
use crate::service::store::{DraftRow, DraftStage};
use serde::Serialize;
use utoipa::ToSchema;

/// Who has a draft next.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum DraftState {
    /// Its owner changes it.
    Open,
    /// It waits for somebody who may publish it.
    Submitted,
}

impl DraftState {
    fn of(stage: DraftStage) -> Self {
        match stage {
            DraftStage::Open => Self::Open,
            DraftStage::Submitted => Self::Submitted,
        }
    }
}

/// A draft with its changes.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DraftInfo {
    /// Whose it is.
    owner: String,
    /// What `If-Match` names it by; another after each change.
    tag: String,
    /// Who has it next.
    state: DraftState,
    /// Number of the version that it began from.
    base: u64,
    /// Number of the version that is current.
    current: u64,
    /// Why the data are changed; why it was given back.
    note: String,
    /// When it was last changed (RFC 3339, UTC); null while nothing is changed.
    changed: Option<String>,
    /// Steps that can be undone.
    undo: usize,
    /// Steps that were undone and can be done again.
    redo: usize,
    /// Changes with errors.
    problems: usize,
    /// Changes that are in conflict with those of others.
    conflicts: usize,
    /// The changes, in the order in which rows were first changed.
    changes: Vec<JudgedChange>,
}

impl DraftInfo {
    pub(super) fn of(judged: JudgedDraft) -> Self {
        let (tag, problems, conflicts) = (judged.tag(), judged.problems(), judged.conflicts());
        let JudgedDraft { row, owner, current, changes } = judged;
        let kept = row.as_ref();
        Self {
            owner,
            tag,
            state: DraftState::of(kept.map_or(DraftStage::Open, |row| row.stage)),
            base: kept.map_or(current, |row| row.base),
            current,
            note: kept.map(|row| row.note.clone()).unwrap_or_default(),
            changed: kept.map(|row| moment(row.changed)),
            undo: kept.map_or(0, |row| row.done),
            redo: kept.map_or(0, |row| row.steps.len().saturating_sub(row.done)),
            problems,
            conflicts,
            changes,
        }
    }
}

/// A draft among others.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DraftSummary {
    /// Whose it is.
    owner: String,
    /// Who has it next.
    state: DraftState,
    /// Number of the version that it began from.
    base: u64,
    /// Why the data are changed.
    note: String,
    /// When it was last changed (RFC 3339, UTC).
    changed: String,
    /// How many rows it changes.
    changes: usize,
}

impl DraftSummary {
    pub(super) fn of(row: DraftRow, changes: usize) -> Self {
        Self {
            state: DraftState::of(row.stage),
            base: row.base,
            changed: moment(row.changed),
            owner: row.owner,
            note: row.note,
            changes,
        }
    }
}

/// The drafts that a reader may see.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DraftList {
    /// The name under which the reader's own draft is.
    pub(super) own: String,
    /// The latest first.
    pub(super) drafts: Vec<DraftSummary>,
}
